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
my $build = OrdersTest::Stack::build_dir();
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
    return { status => 200, body => '{}', hold => "$dir/go" }
        if $name eq 'held';
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


sub touch
{
    open my $out, '>', "$dir/$_[0]" or die "$_[0]: $!";
    close $out or die "$_[0]: $!";
    return;
}


sub show
{
    my ($id, @option) = @_;

    open my $in, '-|', "$build/orders-worker", @option, '--redis',
        "redis://127.0.0.1:$stack->{redis_port}", 'order', 'show', $id
        or die "orders-worker: $!";
    local $/;
    return scalar <$in>;
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
my $shown = show($id);
like($shown, qr/^waits for +a callback, in Ask$/m, 'order show says so');
like($shown, qr/^parked until +\d/m, 'and until when');
unlike($shown, qr/\Q$token\E/, 'but not the token');
like($shown, qr/"token": "\Q$id\E\.\*{32}"/, 'only its beginning');
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

# among doubles of the first message, which are dropped
my @ids = map { order('plain') } 1 .. 20;
ok(!(grep { !parked($_) } @ids), 'orders wait');
my %token = map { $_ => token($_) } @ids;
for my $order (@ids) {
    $stack->resp->ask_all(map { ['RPUSH', $key->('queue'),
        OrdersTest::Stack::order_message($_)] } (@ids) x 10);
    paid($token{$order});
}
is(scalar(grep { !becomes($_, 'SUCCESS') } @ids), 0,
    'callbacks among doubles of the order find it');
all_quiet('duplicates');
like($worker->text, qr/a callback message is dropped: nothing waits/,
    'the log says so');
unlike($worker->text, qr/\Q$token\E/, 'and has no token');

# before the call has returned
$id = order('held');
$token = token($id);
paid($token);
ok(becomes($id, 'SUCCESS'), 'a callback may come before the call has returned');
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
touch('calm');
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

my $beats = workflow('beats', '"HeartbeatSeconds": 3, ');
$worker = $stack->worker("$settings workflow $beats;");
my $silent = order('plain');
my $alive = order('plain');
token($silent);
$token = token($alive);
my $start = time;
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

# several in one order: a branch that waits beside one that is at work, and
# items of a Map, in any order and on any worker
my $path = "$dir/many.json";
open my $out, '>', $path or die "$path: $!";
print {$out} <<"END";
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "\$.order", "Next": "Both" },
    "Both": { "Type": "Parallel", "ResultPath": "\$.both", "Branches": [
        { "StartAt": "Ask", "States": { "Ask": { "Type": "Task",
            "Resource": "ask.waitForTaskToken",
            "Parameters": { "token.\$": "\$\$.Task.Token",
                "id.\$": "\$.order.id", "name": "plain", "part": "ask" },
            "End": true } } },
        { "StartAt": "Work", "States": { "Work": { "Type": "Task",
            "Resource": "ask", "Parameters": { "id.\$": "\$.order.id",
                "name": "held", "part": "work" }, "End": true } } },
        { "StartAt": "Items", "States": { "Items": { "Type": "Map",
            "Parameters": { "id.\$": "\$.order.id",
                "item.\$": "\$\$.Map.Item.Value" },
            "ItemsPath": "\$.order.items", "ItemProcessor": {
                "StartAt": "Item", "States": { "Item": { "Type": "Task",
                    "Resource": "ask.waitForTaskToken",
                    "Parameters": { "token.\$": "\$\$.Task.Token",
                        "id.\$": "\$.id", "name": "plain",
                        "part.\$": "\$.item" }, "End": true } } },
            "End": true } } }],
        "Next": "Sum" },
    "Sum": { "Type": "Pass", "Parameters": {
            "status.\$": "States.JsonToString(\$.both[2])",
            "ask.\$": "\$.both[0]" },
        "ResultPath": "\$.payment", "Next": "Check" },
    "Check": { "Type": "Choice", "Choices": [{ "And": [
        { "Variable": "\$.payment.status",
          "StringEquals": "[\\"A\\",\\"B\\",\\"C\\"]" },
        { "Variable": "\$.payment.ask", "NumericEquals": 7 }],
        "Next": "Complete" }], "Default": "Cancel" },
    "Complete": { "Type": "Task", "Resource": "orders:complete",
        "End": true },
    "Cancel": { "Type": "Task", "Resource": "orders:cancel", "End": true } } }
END
close $out or die "$path: $!";

my @workers = map { $worker = $stack->worker("$settings workflow $path;") }
    1 .. 3;
my $items = '{"name":"x","quantity":1,"restaurantId":"r",'
    . '"items":["a","b","c"]}';
@ids = $stack->push_orders(20, input => $items);
my %tokens;
ok(wait_for(sub {
    %tokens = map { $_ => { map { $_->{part} => $_->{token} } asked($_) } }
        @ids;
    !grep { keys %{ $tokens{$_} } < 5 } @ids;
}), 'tasks of branches and items are called');
is(scalar(keys %{ { map { ($_ => 1) } map { @{ $tokens{$_} }{qw(ask a b c)} }
    @ids } }), 80, 'each with a token of its own');

# of some one worker has the order, as its other branch is at work; others are
# parked, and callbacks meet at three workers
my @late = splice @ids, 10;
for (@ids, @late) {
    touch('go') if $_ eq $late[0];
    parked($_) if $_ eq $late[0];
    call_back($tokens{$_}{c}, 'success', output => 'C');
    call_back($tokens{$_}{a}, 'success', output => 'A');
    call_back($tokens{$_}{ask}, 'success', output => 7);
}
push @ids, @late;
unlink "$dir/go";
ok(wait_for(sub { !grep { !defined $stack->ask('ZSCORE', $key->('delayed'),
    $_) } @ids }), 'those that wait for one more are parked');
ok(wait_for(sub {
    $shown = $json->decode(show($ids[0], '--json'));
    return "@{ $shown->{callbacks} }" eq 'Item';
}), 'order show names the state');
call_back($tokens{$_}{b}, 'success', output => 'B') for @ids;
is(scalar(grep { !becomes($_, 'SUCCESS') } @ids), 0,
    'each callback went to its place');
all_quiet('several');
$_->end('TERM') for @workers;


# two workers: the callback comes to the one, the call is under way in the other
(my $few = $settings) =~ s/max_executions 64/max_executions 30/;
@workers = map { $stack->worker("$few workflow $plain;") } 1 .. 2;
@ids = map { order('held') } 1 .. 40;
paid(token($_)) for @ids;
ok(wait_for(sub {
    grep { /\A\{/ } @{ $stack->ask('ZRANGE', $key->('delayed'), 0, -1) }
}), 'two workers: what comes to the wrong one comes again');
touch('go');
is(scalar(grep { !becomes($_, 'SUCCESS') } @ids), 0,
    'no early callback is lost');
is(scalar(grep { asked($_) != 1 } @ids), 0, 'and nothing was asked twice');
all_quiet('two workers');
$_->end('TERM') for @workers;


# the end of the worker while it waits, and between the call and its record
@ids = map { order('plain') } 1 .. 5;
$worker = $stack->worker("$settings workflow $plain;");
parked($_) for @ids;
unlink "$dir/go";
my ($asking) = order('held');
$token = token($asking);
$worker->end('KILL');
is(scalar(grep { !defined $stack->ask('ZSCORE', $key->('delayed'), $_) }
    @ids), 0, 'a worker is killed: who waits is parked');
my $record = $stack->order($asking);
ok($record->{consumer}, 'of a call under way it cannot be known');
paid(token($_)) for @ids;
$worker = $stack->worker("$settings workflow $plain;");
is(scalar(grep { !becomes($_, 'SUCCESS') } @ids), 0,
    'callbacks that came meanwhile are found');
is(scalar(grep { asked($_) != 1 } @ids), 0, 'nobody is asked again');
ok(wait_for(sub { asked($asking) == 2 }), 'but for the call under way');
my @asked = asked($asking);
is($asked[1]{token}, $token, 'with the same token');
is($asked[1]{key}, $asked[0]{key}, 'and the same key');
paid($token);
ok(becomes($asking, 'SUCCESS'), 'which is good');

# the same, of a task that may be silent for three seconds only
unlink "$dir/go";
$worker->end('TERM');
$worker = $stack->worker("$settings workflow $beats;");
$asking = order('held');
$token = token($asking);
$worker->end('KILL');
sleep 3.2;
$worker = $stack->worker("$settings workflow $beats;");
ok(wait_for(sub { asked($asking) == 2 }), 'a silence that nobody could break');
touch('go');
ok(parked($asking), 'is none: the call has its time');
paid($token);
ok(becomes($asking, 'SUCCESS'), 'and the callback counts');
$worker->end('TERM');
$worker = $stack->worker("$settings workflow $plain;");

# killed just after it has taken the callbacks
for my $ms (0, 1, 2, 4, 8) {
    @ids = map { order('plain') } 1 .. 30;
    ok(!(grep { !parked($_) } @ids), 'orders wait');
    my @tokens = map { token($_) } @ids;
    paid($_) for @tokens;
    sleep $ms / 1000;
    $worker->end('KILL');
    $worker = $stack->worker("$settings workflow $plain;");
    is(scalar(grep { !becomes($_, 'SUCCESS') } @ids), 0,
        "killed $ms ms later: no callback ends with who has taken it");
    is(scalar(grep { asked($_) != 1 } @ids), 0, 'nor is anybody asked again');
}
all_quiet('killed');


# killed at work on what comes after the callback
unlink "$dir/go";
my $then = OrdersTest::Stage::slurp($plain);
$then =~ s/"Next": "Complete"/"Next": "Ship"/ or die 'no Complete';
$then =~ s/("Complete": \{)/"Ship": { "Type": "Task", "Resource": "ask",
    "Parameters": { "id.\$": "\$.order.id", "name": "held" },
    "ResultPath": null, "Next": "Complete" }, $1/ or die 'no Complete';
open $out, '>', "$dir/then.json" or die $!;
print {$out} $then;
close $out or die $!;
$worker->end('TERM');
$worker = $stack->worker("$settings workflow $dir/then.json;");
$id = order('plain');
$token = token($id);
parked($id);
paid($token);
ok(wait_for(sub { asked($id) == 2 }), 'an order goes on after its callback');
is($stack->order($id)->{consumer}, $worker->id, 'in a worker');
my ($held) = map { @{ $stack->ask('LRANGE', $_, 0, -1) } }
    $stack->processing_lists;
like($held, qr/"kind":"resume","id":"\Q$id\E"/,
    'which holds a message for it, and not the callback any more');
paid($token);
ok(wait_for(sub { !$stack->ask('LLEN', $key->('queue')) }), 'once more');
$worker->end('KILL');
$worker = $stack->worker("$settings workflow $dir/then.json;");
ok(wait_for(sub { asked($id) == 3 }), 'the next worker goes on with it');
touch('go');
ok(becomes($id, 'SUCCESS'), 'to its end');
all_quiet('killed later');


# an order that waits for its payment cannot be changed
$id = order('plain');
$token = token($id);
parked($id);
$stack->ask('RPUSH', $key->('queue'), OrdersTest::Stack::order_message($id,
    kind => $_)) for qw(update delete);
ok(wait_for(sub { !$stack->ask('LLEN', $key->('queue'))
    && !$stack->processing_lists }), 'somebody wants to change an order');
ok(defined $stack->ask('ZSCORE', $key->('delayed'), $id), 'it waits on');
paid($token);
ok(becomes($id, 'SUCCESS'), 'until it is called back');


# nobody is there when the time is up: what came meanwhile counts
$worker->end('TERM');
$worker = $stack->worker("$settings workflow $short;");
my ($lucky, $lost) = map { order('plain') } 1 .. 2;
$token = token($lucky);
token($lost);
parked($_) for $lucky, $lost;
$worker->end('KILL');
$stack->resp->ask_all(map { ['RPUSH', $key->('queue'),
    OrdersTest::Stack::order_message($lost)] } 1 .. 5000);
paid($token);
sleep 2.5;
$worker = $stack->worker("$settings workflow $short;");
ok(becomes($lucky, 'SUCCESS'), 'a callback that had to wait for a worker counts');
ok(becomes($lost, 'FAILED'), 'an order without one fails');
is($stack->order($lost)->{errorMessage}, 'the callback did not come in time',
    'by its timeout');
all_quiet('late');


# a worker that does not know the order's workflow any more
$worker->end('TERM');
$worker = $stack->worker("$settings workflow $plain;");
$id = order('plain');
$token = token($id);
parked($id);
$worker->end('TERM');
open $out, '>', "$dir/foreign.json" or die $!;
print {$out} '{"StartAt":"X","States":{"X":{"Type":"Succeed"}}}';
close $out or die $!;
$worker = $stack->worker("$settings workflow $dir/foreign.json;");
paid($token);
ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) == 1 }),
    'a callback that cannot be used is a dead letter');
like($stack->ask('LINDEX', $key->('dead'), 0),
    qr/"error":"Workflow.Incompatible".*\\"kind\\":\\"callback\\"/,
    'and says why');
ok(defined $stack->ask('ZSCORE', $key->('delayed'), $id), 'its order waits on');
$worker->end('TERM');
$worker = $stack->worker("$settings workflow $plain;");
system "$build/orders-worker", '--redis',
    "redis://127.0.0.1:$stack->{redis_port}", 'dead', 'redrive', '--all',
    '--yes';
ok(becomes($id, 'SUCCESS'), 'sent back, it counts');
all_quiet('dead');


# what is no callback
my $bad = call_back($token, 'maybe');
ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) == 1 }),
    'what is malformed is a dead letter');
like($stack->ask('LPOP', $key->('dead')), qr/"error":"Message.Invalid"/,
    'and says so');
$worker->end('TERM');

# a thousand
my $count = 1000;
$stack->ask('FLUSHALL');
$worker = $stack->worker("$settings workflow $plain;");
@ids = $stack->push_orders($count, input =>
    '{"name":"plain","quantity":1,"restaurantId":"r"}');
ok(wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == $count }, 60),
    "$count orders wait at once, in a worker of 64");
is(scalar($stack->processing_lists), 0, 'which holds none of them');
%token = map { $_->{id} => $_->{token} } map { $json->decode($_) }
    split /\n/, OrdersTest::Stage::slurp("$dir/asked");
$start = time;
paid($token{$_}) for @ids;
ok($stack->all_ended($count, 60), 'and are called back');
diag(sprintf '%d callbacks: %.2f s', $count, time - $start);
is($stack->ask('ZCARD', $key->('status:SUCCESS')), $count, 'all of them');
all_quiet('many');
is($worker->end('TERM'), 0, 'the worker leaves');

done_testing();
