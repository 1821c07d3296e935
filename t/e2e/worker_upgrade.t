# SPDX-License-Identifier: BSD-2-Clause

# Workflows that change under running executions, workers that are replaced one
# by one, and messages and records of programs that do not exist yet.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
$stack->redis;
my $key = \&OrdersTest::Stack::key;
my $file = "$stack->{dir}/workflow.json";

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

# Initialize, wait in the named state, then the task.
sub write_workflow
{
    my ($wait, $resource, $seconds) = @_;

    open my $out, '>', "$file.new" or die "$file: $!";
    print {$out} <<"END";
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "\$.order", "Next": "$wait" },
    "$wait": { "Type": "Wait", "Seconds": $seconds, "Next": "Last" },
    "Last": { "Type": "Task", "Resource": "$resource", "End": true } } }
END
    close $out or die "$file: $!";
    rename "$file.new", $file or die "$file: $!";
    return;
}

sub status { return $stack->order($_[0])->{orderStatus} || '' }


# SIGHUP
write_workflow('Pause', 'orders:complete', 2);
my $worker = $stack->worker("workflow $file;");
my ($old) = $stack->push_orders(1);
ok(wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == 1 }),
    'an order is parked');

open my $out, '>', $file or die "$file: $!";
print {$out} '{ "StartAt": "Nowhere", "States": {} }';
close $out or die "$file: $!";
$worker->signal('HUP');
ok(wait_for(sub { $worker->text =~ /the workflow stays as it was/ }),
    'a workflow with mistakes changes nothing');
like($worker->text, qr{workflow\.json: /States: expected}, '... and they are named');

write_workflow('Other', 'orders:cancel', 0);
$worker->signal('HUP');
ok(wait_for(sub { $worker->text =~ /new executions run workflow/ }),
    'a good one is taken');
my ($new) = $stack->push_orders(1);
ok(wait_for(sub { status($new) eq 'FAILED' }), 'new orders run it');
is(status($old), 'PENDING', 'the old one waits');
ok(wait_for(sub { status($old) eq 'SUCCESS' }),
    '... and ends in the workflow it began with');
isnt($stack->order($old)->{workflow}, $stack->order($new)->{workflow},
    'the records name the workflows');
$worker->end('TERM');


# a new program with another workflow
$stack->ask('FLUSHALL');
write_workflow('Pause', 'orders:complete', 1);
$worker = $stack->worker("workflow $file;");
($old) = $stack->push_orders(1);
wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == 1 });
$worker->end('TERM');
write_workflow('Pause', 'orders:cancel', 1);
$worker = $stack->worker("workflow $file;");
ok(wait_for(sub { status($old) eq 'FAILED' }),
    'an execution goes on in another workflow that has its states');
$worker->end('TERM');

$stack->ask('FLUSHALL');
write_workflow('Pause', 'orders:complete', 1);
$worker = $stack->worker("workflow $file;");
($old) = $stack->push_orders(1);
wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == 1 });
$worker->end('TERM');
write_workflow('Other', 'orders:complete', 1);
$worker = $stack->worker("workflow $file;");
ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) == 1 }),
    'one whose state is gone is a dead letter');
like($stack->ask('LINDEX', $key->('dead'), 0),
    qr/"error":"Workflow.Incompatible","cause":".*no state \\"Pause\\"/,
    '... that names the state');
ok($stack->order($old)->{execution}, '... and keeps its execution');
is($stack->left_over, 0, '... and is on no other list');
$worker->end('TERM');


# what another program wrote
$stack->ask('FLUSHALL');
$worker = $stack->worker('simulate_latency 0ms 1ms;');
my @strange = map { OrdersTest::Stack::order_id($_) } 700 .. 702;
$stack->ask('HSET', $key->("order:$strange[0]"), 'v', 2, 'orderStatus', 'X');
$stack->ask('RPUSH', $key->('queue'),
    OrdersTest::Stack::order_message($strange[0]),
    OrdersTest::Stack::order_message($strange[1]) =~ s/"v":1/"v":2/r,
    OrdersTest::Stack::order_message($strange[2], more => ',"future":[1]'));
ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) == 2 }),
    'messages and records of newer programs are dead letters');
ok(wait_for(sub { status($strange[2]) =~ /SUCCESS|FAILED/ }),
    'what is only unknown is passed over');
$worker->end('TERM');


# one worker after the other, under load
$stack->ask('FLUSHALL');
my $journal = "$stack->{dir}/journal";
my $settings = "simulate_latency 0ms 60ms; simulate_journal $journal;"
    . ' lease 1s;';
my @workers = map { $stack->worker($settings) } 1 .. 2;
my @ids;
my $clean = 0;
for my $round (1 .. 6) {
    push @ids, $stack->push_orders(150);
    my $leaving = shift @workers;
    push @workers, $stack->worker($settings);
    my $status = $leaving->end('TERM');
    $clean++ if defined $status && $status == 0;
}
is($clean, 6, 'workers are replaced one by one');
ok($stack->all_ended(scalar @ids), 'and all orders end');
wait_for(sub { !$stack->left_over }, 5);
my @complaints = $stack->complaints(\@ids, journal => $journal);
is(scalar @complaints, 0, 'each once')
    or diag(join "\n", splice @complaints, 0, 10);
is((grep { $_->[1] > 0 } values %{ $stack->journal($journal) }), 0,
    'and no payment was asked for twice');
$_->end('TERM') for @workers;

done_testing;
