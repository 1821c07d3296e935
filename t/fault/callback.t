# SPDX-License-Identifier: BSD-2-Clause

# Workers are killed while orders wait for callbacks, which come before the call
# has returned or later, and twice, and at whichever worker: every order is
# asked for under one token, and ends by its callback.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::HttpServer;
use OrdersTest::Resp;
use OrdersTest::Stack;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
$stack->redis;
my $dir = $stack->{dir};
my $key = \&OrdersTest::Stack::key;
my $json = JSON::PP->new->canonical;
my $kills = $ENV{CALLBACK_KILLS} || 12;
my $count = 50 * $kills;
my $seed = $ENV{CALLBACK_SEED} || 1;
srand $seed;
note("CALLBACK_SEED=$seed CALLBACK_KILLS=$kills");


sub call_back
{
    my ($resp, $token) = @_;

    my ($id) = split /[.]/, $token;
    my $at = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);
    $resp->ask('RPUSH', $key->('queue'), qq({"v":1,"kind":"callback",)
        . qq("id":"$id","createdAt":"$at","input":{"taskToken":"$token",)
        . q("outcome":"success","output":"done"}}));
    return;
}


# Some it answers before it answers the call.
my $resp;
my $port = OrdersTest::HttpServer::start($stack, sub {
    my ($request) = @_;

    my $asked = $json->decode($request->{body});
    open my $out, '>>', "$dir/asked";
    syswrite $out, "$asked->{id} $asked->{token}\n";
    close $out;

    $resp ||= OrdersTest::Resp->new($stack->{redis_port});
    call_back($resp, $asked->{token}) if rand > 0.5;
    return { status => 200, body => '{}', delay => rand 0.3 };
}, processes => 2);


my $task = '"Type": "Task", "Resource": "ask.waitForTaskToken", "Parameters": '
    . '{ "token.$": "$$.Task.Token", "id.$": "$.order.id" }';
open my $out, '>', "$dir/workflow.json" or die "workflow: $!";
print {$out} <<"END";
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "\$.order", "Next": "Both" },
    "Both": { "Type": "Parallel", "ResultPath": "\$.both", "Branches": [
        { "StartAt": "A", "States": { "A": { $task, "End": true } } },
        { "StartAt": "B", "States": { "B": { $task, "End": true } } }],
        "Next": "Then" },
    "Then": { $task, "ResultPath": "\$.then", "Next": "Complete" },
    "Complete": { "Type": "Task", "Resource": "orders:complete",
        "End": true } } }
END
close $out or die "workflow: $!";

my $settings = "function ask http://127.0.0.1:$port/ask; lease 500ms;"
    . " park_after 50ms; max_executions 64; max_deliveries 1000;"
    . " workflow $dir/workflow.json;";
my @workers = map { $stack->worker($settings) } 1 .. 3;
my (%tokens, %told, $read);


# What the provider has been asked; each token is answered, twice.
sub answer
{
    open my $in, '<', "$dir/asked" or return;
    seek $in, $read || 0, 0;
    while (defined(my $line = <$in>)) {
        last if $line !~ /\n\z/;
        $read = tell $in;
        chomp $line;
        my ($id, $token) = split / /, $line;
        $tokens{$id}{$token}++;
    }

    for my $token (map { keys %$_ } values %tokens) {
        next if ($told{$token} || 0) == 2 || rand > 0.3;
        $told{$token}++;
        call_back($stack->resp, $token);
    }

    return;
}


my @ids;
for my $kill (1 .. $kills) {
    push @ids, $stack->push_orders($count / $kills);
    my $until = time + rand 0.6;
    while (time < $until) {
        answer();
        sleep 0.01;
    }

    my $i = int rand @workers;
    $workers[$i]->end('KILL');
    $workers[$i] = $stack->worker($settings);
}

ok(OrdersTest::Stage::wait_for(sub {
    answer();
    return $stack->ended_count >= $count;
}, 60), 'all orders end');
is($stack->ask('ZCARD', $key->('status:SUCCESS')), $count, 'as they should');
is(scalar(grep { keys %{ $tokens{$_} || {} } != 3 } @ids), 0,
    'each task had one token, however often it was asked');
ok(OrdersTest::Stage::wait_for(sub { answer(); !$stack->left_over }),
    'no message is left');
is($stack->ask('LLEN', $key->('dead')), 0, 'nor a dead letter');
my $again = grep { $_ > 1 } map { values %$_ } values %tokens;
diag(sprintf '%d orders, %d calls, %d of them were made again, '
    . '%d callbacks dropped', $count, 3 * $count, $again,
    $stack->ask('HGET', $key->('stats'), 'callbacksDropped') || 0);
is($_->end('TERM'), 0, 'a worker leaves') for @workers;

done_testing();
