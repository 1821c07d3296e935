# SPDX-License-Identifier: BSD-2-Clause

# Tasks that wait for a callback: what is asked, what answers, and that neither
# the worker's death, nor the callback's haste, nor what is sent twice or made
# up changes what becomes of an order.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::HttpServer;
use OrdersTest::Stack;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
$stack->redis;
my $dir = $stack->{dir};
my $key = \&OrdersTest::Stack::key;
my $json = JSON::PP->new->canonical->allow_nonref;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


# The provider: takes what it is asked, and how it answers says the order.
my $port = OrdersTest::HttpServer::start($stack, sub {
    my ($request) = @_;

    my $asked = $json->decode($request->{body});
    $asked->{key} = $request->{headers}{'idempotency-key'};
    open my $out, '>>', "$dir/asked";
    syswrite $out, $json->encode($asked) . "\n";

    my $name = $asked->{name};
    return if $name eq 'silent';
    return { status => 200, body => '{}', delay => 1.5 } if $name eq 'slow';
    return { status => 500, body => 'no' } if $name eq 'broken';
    return { status => 429, body => '{}' }
        if $name eq 'busy' && !-e "$dir/calm";
    return { status => 202, body => 'no JSON' } if $name eq 'odd';
    return { status => 200, body => '{"result":"does not count"}' };
});


# What the provider was asked for an order.
sub asked
{
    my ($id) = @_;

    return grep { $_->{id} eq $id } map { $json->decode($_) }
        split /\n/, OrdersTest::Stage::slurp("$dir/asked");
}


sub token
{
    my ($id, $n) = @_;

    my @asked;
    wait_for(sub { @asked = asked($id); @asked > ($n || 0) })
        or BAIL_OUT("the provider was not asked for $id");
    return $asked[-1]{token};
}


# As the front door would.
sub call_back
{
    my ($token, $outcome, %more) = @_;

    my ($id) = split /[.]/, $token;
    my $ms = int(1000 * time);
    my $at = POSIX::strftime('%Y-%m-%dT%H:%M:%S', gmtime($ms / 1000))
        . sprintf '.%03dZ', $ms % 1000;
    my $text = $json->encode({ v => 1, kind => 'callback', id => $id,
        createdAt => $at, input => { taskToken => $token,
            outcome => $outcome, %more } });
    $text =~ s/"v":"1"/"v":1/;
    $stack->ask('RPUSH', $key->('queue'), $text);
    return $text;
}


sub paid { return call_back($_[0], 'success', output => { status => 'PAID' }) }


sub workflow
{
    my ($name, $more) = @_;

    my $path = "$dir/$name.json";
    open my $out, '>', $path or die "$path: $!";
    print {$out} <<"END";
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "\$.order", "Next": "Ask" },
    "Ask": { "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": { "FunctionName": "ask", "Payload": {
            "token.\$": "\$\$.Task.Token", "id.\$": "\$.order.id",
            "name.\$": "\$.order.name" } },
        "ResultPath": "\$.payment", $more
        "Catch": [{ "ErrorEquals": ["Payment.Declined", "States.Timeout",
                                    "Lambda.ServiceException"],
                    "ResultPath": "\$.error", "Next": "Cancel" }],
        "Next": "Paid" },
    "Paid": { "Type": "Choice", "Choices": [
        { "Variable": "\$.payment.status", "StringEquals": "PAID",
          "Next": "Complete" }], "Default": "Cancel" },
    "Complete": { "Type": "Task", "Resource": "orders:complete",
        "End": true },
    "Cancel": { "Type": "Task", "Resource": "orders:cancel", "End": true } } }
END
    close $out or die "$path: $!";
    return $path;
}


my $plain = workflow('plain', '');
my $settings = "function ask http://127.0.0.1:$port/ask; lease 1s;"
    . ' park_after 100ms; max_executions 64;';


sub order
{
    my ($name) = @_;

    my ($id) = $stack->push_orders(1,
        input => qq({"name":"$name","quantity":1,"restaurantId":"r"}));
    return $id;
}


sub parked
{
    my ($id) = @_;

    return wait_for(sub {
        defined $stack->ask('ZSCORE', $key->('delayed'), $id)
    });
}


sub becomes
{
    my ($id, $status) = @_;

    return wait_for(sub {
        ($stack->ask('HGET', $key->("order:$id"), 'orderStatus') || '')
            eq $status && !defined $stack->ask('HGET', $key->("order:$id"),
                'execution')
    });
}


sub dropped
{
    my ($count) = @_;

    return wait_for(sub {
        ($stack->ask('HGET', $key->('stats'), 'callbacksDropped') || 0)
            == $count
    });
}


sub all_quiet
{
    my ($why) = @_;

    ok(wait_for(sub { !$stack->left_over }), "$why: no message is left");
    is($stack->ask('LLEN', $key->('dead')), 0, 'nor a dead letter');
    return;
}


# success
my $worker = $stack->worker("$settings workflow $plain;");
my $id = order('plain');
my $token = token($id);
like($token, qr/\A\Q$id\E\.[A-Za-z0-9_-]{32}\z/, 'the provider gets a token');
ok(parked($id), 'then the order is parked');
ok(!defined $stack->order($id)->{consumer}, 'and in no worker');
is(scalar($stack->processing_lists), 0, 'nor on any list');
my $due = $stack->ask('ZSCORE', $key->('delayed'), $id);
ok(abs($due / 1000 - time - 86400) < 60, 'for a day, as nothing else is said');
paid($token);
ok(becomes($id, 'SUCCESS'), 'the callback\'s output is the task\'s result');
is(scalar(asked($id)), 1, 'the provider was asked once');
is((asked($id))[0]{key}, "$id:Ask", 'with its key');
all_quiet('success');

$id = order('odd');
$token = token($id);
ok(parked($id), 'what the call is answered does not count');
paid($token);
ok(becomes($id, 'SUCCESS'), 'the callback does');

# failure
$id = order('plain');
$token = token($id);
call_back($token, 'failure', error => 'Payment.Declined',
    cause => 'no funds');
ok(becomes($id, 'FAILED'), 'a failure is caught by its name');
is($stack->order($id)->{errorMessage}, 'no funds', 'with its cause');
$id = order('plain');
call_back(token($id), 'failure');
ok(becomes($id, 'FAILED'), 'one without a name fails the execution');

# duplicates, forgeries, and what comes too late
paid($token);
ok(dropped(1), 'a callback of an order that has ended is dropped, and counted');
$id = order('plain');
$token = token($id);
ok(parked($id), 'an order waits');
my $forged = $token;
tr/A-Za-z0-9/B-ZAb-za1-90/ for substr $forged, 37;
isnt($forged, $token, 'somebody makes up a token');
paid($forged);
paid(OrdersTest::Stack::order_id(999999) . substr $token, 36);
ok(dropped(3), 'what is not its token, or of no order, is dropped');
is($stack->order($id)->{orderStatus}, 'PENDING', 'the order waits on');
ok(defined $stack->ask('ZSCORE', $key->('delayed'), $id), 'where it was');
paid($token) for 1 .. 20;
ok(becomes($id, 'SUCCESS'), 'twenty times the right one is one');
ok(dropped(22), 'and nineteen to drop');
all_quiet('duplicates');
like($worker->text, qr/a callback message is dropped: nothing waits/,
    'the log says so');
unlike($worker->text, qr/\Q$token\E/, 'and has no token');

# before the call has returned
$id = order('slow');
$token = token($id);
my $start = time;
paid($token);
ok(becomes($id, 'SUCCESS'), 'a callback may come before the call has returned');
ok(time - $start < 1.4, 'and does not wait for that');
all_quiet('early');

# the call fails
$id = order('broken');
ok(becomes($id, 'FAILED'), 'a call that fails is the task\'s failure');
is($worker->end('TERM'), 0, 'the worker leaves');

my $retry = workflow('retry', '"Retry": [{ "ErrorEquals": '
    . '["Lambda.TooManyRequestsException"], "IntervalSeconds": 1, '
    . '"MaxAttempts": 9, "BackoffRate": 1 }], "TimeoutSeconds": 100, ');
$worker = $stack->worker("$settings workflow $retry;");
$id = order('busy');
my $first = token($id);
open my $calm, '>', "$dir/calm" or die $!;
$token = token($id, 1);
isnt($token, $first, 'a retry has a token of its own');
ok(parked($id), 'with which the order waits');
paid($first);
ok(dropped(23), 'the first one is void');
paid($token);
ok(becomes($id, 'SUCCESS'), 'the second one counts');
$worker->end('TERM');

# timeout and heartbeat
my $short = workflow('short', '"TimeoutSeconds": 1, ');
$worker = $stack->worker("$settings workflow $short;");
$id = order('plain');
token($id);
ok(becomes($id, 'FAILED'), 'what is not called back in time fails');
is($stack->order($id)->{errorMessage}, 'the callback did not come in time',
    'and says why');
$worker->end('TERM');

my $beats = workflow('beats', '"HeartbeatSeconds": 2, ');
$worker = $stack->worker("$settings workflow $beats;");
my $silent = order('plain');
my $alive = order('plain');
token($silent);
$token = token($alive);
$start = time;
for (1 .. 4) {
    sleep 1;
    call_back($token, 'heartbeat');
}
paid($token);
ok(becomes($alive, 'SUCCESS'), 'heartbeats keep a task alive');
ok(time - $start > 3.5, 'for longer than it may be silent');
ok(becomes($silent, 'FAILED'), 'one without them fails');
is($stack->order($silent)->{errorMessage},
    'the task was silent for too long', 'and says why');
$worker->end('TERM');
all_quiet('times');

done_testing();
