# SPDX-License-Identifier: BSD-2-Clause

# Executions that wait are parked in Redis, and woken once, by any worker;
# messages that end their workers become dead letters and nothing else does.

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
my $seconds = 2;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

my $workflow = "$stack->{dir}/wait.json";
open my $out, '>', $workflow or die "$workflow: $!";
print {$out} <<"END";
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "\$.order", "Next": "Pause" },
    "Pause": { "Type": "Wait", "Seconds": $seconds, "Next": "ProcessPayment" },
    "ProcessPayment": { "Type": "Task", "Resource": "orders:pay",
        "ResultPath": "\$.payment", "Next": "Complete" },
    "Complete": { "Type": "Task", "Resource": "orders:complete",
        "End": true } } }
END
close $out or die "$workflow: $!";


# parked and woken
my $journal = "$stack->{dir}/journal";
my $settings = "workflow $workflow; lease 600ms; simulate_refuse 0%;"
    . " simulate_latency 0ms 10ms; simulate_journal $journal;"
    . ' max_executions 64;';
my $worker = $stack->worker($settings);
my $start = time;
my @ids = $stack->push_orders(500);
ok(wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == 500 }),
    'orders that wait are parked, more than fit into the worker');
is(scalar($stack->processing_lists), 0, 'no processing list holds them');
is($stack->ask('LLEN', $key->('queue')), 0, 'nor does the queue');
my $order = $stack->order($ids[0]);
ok($order->{execution}, 'the record holds the execution');
ok(!exists $order->{consumer}, 'and nobody runs it');
is($order->{orderStatus}, 'PENDING', 'the status is what it was');
my $due = $stack->ask('ZSCORE', $key->('delayed'), $ids[0]);
ok($due > ($start + $seconds - 1) * 1000 && $due < (time + $seconds) * 1000,
    'its due time is as the workflow says');

$stack->ask('RPUSH', $key->('queue'),
    OrdersTest::Stack::order_message($ids[0]));
ok(wait_for(sub { !$stack->ask('LLEN', $key->('queue')) }),
    'the order\'s message comes once more');

my @others = map { $stack->worker($settings) } 1 .. 2;
$worker->end('KILL');
ok($stack->all_ended(scalar @ids), 'they are woken, whoever parked them');
ok(time >= $start + $seconds, 'when it is time');
wait_for(sub { !$stack->left_over }, 5);
my @complaints = $stack->complaints(\@ids, journal => $journal);
is(scalar @complaints, 0, 'each once')
    or diag(join "\n", splice @complaints, 0, 10);


# woken while doubles of its first message come
@ids = $stack->push_orders(30);
ok(wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == 30 }),
    'others are parked');
my @doubles = map { ['RPUSH', $key->('queue'),
    OrdersTest::Stack::order_message($_)] } (@ids) x 40;
ok(wait_for(sub {
    $stack->resp->ask_all(@doubles);
    return $stack->ended_count >= 530;
}, 20), 'they are woken, however often they are posted again');
ok(wait_for(sub { !$stack->left_over }), 'and nothing is left');
$_->end('TERM') for @others;


# Retry
$stack->ask('FLUSHALL');
unlink $journal;
$workflow = "$stack->{dir}/retry.json";
my $default = OrdersTest::Stage::slurp(
    ($ENV{ORDERS_TOP} || '.') . '/conf/workflow.json');
$default =~ s/"MaxAttempts": 6/"MaxAttempts": 2/ or die 'no MaxAttempts';
open $out, '>', $workflow or die "$workflow: $!";
print {$out} $default;
close $out or die "$workflow: $!";

$worker = $stack->worker("workflow $workflow; simulate_unavailable 100%;"
    . ' simulate_latency 0ms 10ms;');
my ($id) = $stack->push_orders(1);
ok(wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == 1 }),
    'an order whose payment is to be tried again is parked');
ok($stack->all_ended(1), 'and tried again, until that is enough');
$order = $stack->order($id);
is($order->{orderStatus}, 'FAILED', 'then it fails');
is($order->{errorMessage}, 'the simulated payment processor is away',
    'and says why');
$worker->end('TERM');


# what ends its worker
$stack->ask('FLUSHALL');
$settings = 'simulate_latency 60s 60s; max_deliveries 4; max_executions 64;';
my ($poison) = $stack->push_orders(1);
my @innocent = $stack->push_orders(20);

for my $round (1 .. 2) {
    $worker = $stack->worker($settings, name => 'w');
    ok(wait_for(sub {
        $stack->ask('LLEN', $key->('processing:' . $worker->id)) == 21
    }), "round $round: a worker holds them all");
    $worker->end('KILL');
}

my $runner = $stack->worker('simulate_latency 60s 60s; max_deliveries 4;',
    name => 'w');
ok(wait_for(sub { $stack->ask('LLEN', $key->('suspects')) == 20 }),
    'what was held twice is suspect, and one of them is run at a time');
my ($held) = @{ $stack->ask('LRANGE', $key->('processing:' . $runner->id),
    0, -1) };
like($held, qr/,"deliveries":2}\z/, 'the message says how often');
push @innocent, $stack->push_orders(5);
ok(wait_for(sub {
    $stack->ask('LLEN', $key->('processing:' . $runner->id)) == 6
}), 'suspects delay nobody');

$runner->end('KILL');
$runner = $stack->worker('simulate_latency 0ms 5ms; max_deliveries 4;',
    name => 'w');
ok($stack->all_ended(26), 'with a good worker all of them end');
wait_for(sub { !$stack->left_over }, 5);
@complaints = $stack->complaints([$poison, @innocent]);
is(scalar @complaints, 0, 'none became a dead letter')
    or diag(join "\n", splice @complaints, 0, 10);
$runner->end('TERM');

$stack->ask('FLUSHALL');
($poison) = $stack->push_orders(1);
for my $round (1 .. 4) {
    $worker = $stack->worker($settings, name => 'w');
    wait_for(sub {
        ($stack->ask('HGET', $key->("order:$poison"), 'consumer') || '')
            eq $worker->id
    });
    $worker->end('KILL');
}

$worker = $stack->worker($settings, name => 'w');
ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) == 1 }),
    'a message that ends its worker time and again is given up');
my $dead = $stack->ask('LINDEX', $key->('dead'), 0);
like($dead, qr/"error":"Worker.Lost","cause":"4 times /, '... with the cause');
like($dead, qr/"deliveries":4,/, '... and the count');
like($dead, qr/\Q$poison\E/, '... and the message');
is($stack->left_over, 0, 'no list holds it any more');
$worker->end('KILL');

done_testing;
