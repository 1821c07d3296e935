# SPDX-License-Identifier: BSD-2-Clause

# Updates and deletions as the worker makes them: which orders may be changed,
# that a change is told, and that it is made once and not lost, whatever else
# happens to the order.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $key = \&OrdersTest::Stack::key;
my $channel = 'orders:replies:test';
my $asked = 0;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


# Waits, then pays, unless the quantity is 7.
sub workflow
{
    my ($stack, $seconds) = @_;

    my $path = "$stack->{dir}/wait.$seconds.json";
    open my $out, '>', $path or die "$path: $!";
    print {$out} <<"END";
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "\$.order", "Next": "Pause" },
    "Pause": { "Type": "Wait", "Seconds": $seconds, "Next": "Check" },
    "Check": { "Type": "Choice", "Default": "ProcessPayment", "Choices": [
        { "Variable": "\$.order.quantity", "NumericEquals": 7,
          "Next": "Cancel" } ] },
    "ProcessPayment": { "Type": "Task", "Resource": "orders:pay",
        "Retry": [ { "ErrorEquals": ["States.ALL"], "IntervalSeconds": 60,
            "MaxAttempts": 1 } ],
        "ResultPath": "\$.payment", "Next": "Complete" },
    "Complete": { "Type": "Task", "Resource": "orders:complete",
        "End": true },
    "Cancel": { "Type": "Task", "Resource": "orders:cancel", "End": true } } }
END
    close $out or die "$path: $!";
    return $path;
}


sub stack
{
    my $stack = OrdersTest::Stack->new;
    $stack->redis;
    $stack->subscribe;
    $stack->{replies_file} = $stack->listen($channel);
    $stack->{orders} = 1;
    return $stack;
}


# Sends a change; its number.
sub change
{
    my ($stack, $kind, $id, %option) = @_;

    $asked++;
    my $to = $option{to} || $channel;
    my $more = ",\"replyTo\":\"$to\",\"requestId\":\"$asked\""
        . ($option{more} || '');
    $stack->ask('RPUSH', $key->('queue'), OrdersTest::Stack::order_message($id,
        kind => $kind, user => $option{user}, more => $more,
        input => $option{input} || '{"quantity":5}'));
    return $asked;
}


# All replies so far, in their order.
sub replies_in_order
{
    my ($stack) = @_;

    return map { JSON::PP::decode_json($_) } grep { /^\{.*\}$/ } split /\n/,
        OrdersTest::Stage::slurp($stack->{replies_file});
}


# By their numbers.
sub replies
{
    my ($stack) = @_;

    my %replies;
    push @{ $replies{ $_->{requestId} } }, $_ for replies_in_order($stack);
    return \%replies;
}


# The outcome of a change: 'ok', or its code and message.
sub outcome
{
    my ($stack, $number, $seconds) = @_;

    my $reply;
    wait_for(sub { $reply = replies($stack)->{$number} }, $seconds || 5)
        or return 'none';
    return 'twice' if @$reply > 1;
    return $reply->[0]{ok} ? 'ok' : "$reply->[0]{code}: $reply->[0]{message}";
}


sub parked
{
    my ($stack, @ids) = @_;

    return wait_for(sub {
        !grep { !defined $stack->ask('ZSCORE', $key->('delayed'), $_) } @ids
    });
}


sub traces
{
    my ($stack, $id) = @_;

    my @traces = grep { defined $stack->ask('ZSCORE', $key->($_), $id) }
        qw(delayed user:u1 status:PENDING status:SUCCESS status:FAILED
        user-status:PENDING:u1 user-status:SUCCESS:u1 user-status:FAILED:u1);
    push @traces, 'order' if $stack->ask('EXISTS', $key->("order:$id"));
    return "@traces";
}


my $paying = 'CONFLICT: the order is being paid';
my $busy = 'CONFLICT: the order is being worked on; try again';
my $absent = 'NOT_FOUND: there is no such order';


# parked, and ended
{
    my $stack = stack();
    my $worker = $stack->worker('workflow ' . workflow($stack, 2)
        . '; simulate_latency 0ms 5ms; simulate_refuse 0%;');
    my ($id, $other) = $stack->push_orders(2);
    ok(parked($stack, $id, $other), 'orders are parked');
    my $before = $stack->order($id);

    is(outcome($stack, change($stack, 'update', $id, user => 'u2')), $absent,
        'another user\'s order is not there');
    is(outcome($stack, change($stack, 'delete', $id, user => 'u2')), $absent,
        '... nor to be deleted');
    is_deeply($stack->order($id), $before, '... and stays as it is');

    my $number = change($stack, 'update', $id,
        input => '{"quantity":7,"note":{"a":[1]}}');
    is(outcome($stack, $number), 'ok', 'a parked order is updated');
    my $reply = replies($stack)->{$number}[0]{order};
    is("$reply->{id} $reply->{name} $reply->{quantity} $reply->{orderStatus}",
        "$id Margherita 7 PENDING", '... and told as it is now');
    is_deeply($reply->{note}, { a => [1] }, '... with what is new');
    is(scalar @{ $reply->{history} }, 1, '... and its history');
    is($stack->order($id)->{input}, '{"name":"Margherita","quantity":7,'
        . '"restaurantId":"r-17","note":{"a":[1]}}', '... and stored');
    cmp_ok($stack->order($id)->{updatedAt}, 'gt', $before->{updatedAt},
        '... with the time');
    is($stack->ask('ZSCORE', $key->('delayed'), $id) > 0, 1,
        '... and parked');

    is(outcome($stack, change($stack, 'update', $id, user => 'staff',
        more => ',"scope":"all"', input => '{"name":"x"}')), 'ok',
        'who may change all orders may change this one');

    is(outcome($stack, $number = change($stack, 'delete', $other)), 'ok',
        'a parked order is deleted');
    is(replies($stack)->{$number}[0]{order}{orderStatus}, 'PENDING',
        '... and told as it was');
    is(traces($stack, $other), '', '... and nothing is left of it');
    is(outcome($stack, change($stack, 'update', $other)), $absent,
        '... it is not there any more');

    ok($stack->all_ended(1), 'the updated order goes on');
    my $order = $stack->order($id);
    is($order->{orderStatus}, 'FAILED', '... as its new quantity wants it');
    is(JSON::PP::decode_json($order->{input})->{name}, 'x',
        '... with all updates');

    is(outcome($stack, change($stack, 'update', $id)), 'CONFLICT: the order is'
        . ' FAILED: it cannot be changed any more',
        'an order that has ended is not updated');
    is(outcome($stack, change($stack, 'delete', $id, user => 'u2')), $absent,
        '... nor deleted for another user');
    is(outcome($stack, change($stack, 'delete', $id)), 'ok', '... but for its');
    is(traces($stack, $id), '', '... and nothing is left of it');

    is(outcome($stack, change($stack, 'delete', $id)), $absent,
        'what is not there is not deleted again');
    wait_for(sub { @{ $stack->events->{$id} || [] } == 5 });
    is("@{ $stack->events->{$id} }", 'PENDING PENDING PENDING FAILED DELETED',
        'each change is an event');
    is("@{ $stack->events->{$other} }", 'PENDING DELETED', '... of each order');
    is($stack->left_over, 0, 'no message is left');
    is($stack->ask('LLEN', $key->('dead')), 0, 'none is a dead letter');

    $number = change($stack, 'delete', $id, to => 'elsewhere');
    ok(wait_for(sub { !$stack->left_over }),
        'a reply that should go elsewhere goes nowhere');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}


# while it is paid, by this worker or another
{
    my $stack = stack();
    my $settings = 'simulate_latency 60s 60s; lease 2s;';
    my $worker = $stack->worker($settings);
    my ($id) = $stack->push_orders(1);
    wait_for(sub { $stack->order($id)->{payment} });

    my @numbers = map { change($stack, $_, $id) } qw(update delete);
    is(outcome($stack, $_), $paying, 'an order that is paid is not changed')
        for @numbers;
    is(outcome($stack, change($stack, 'update', $id, user => 'u2')), $absent,
        'for another user it is not there');

    my $other = $stack->worker($settings, name => 'other');
    $worker->signal('STOP');
    is(outcome($stack, change($stack, 'update', $id)), $paying,
        'another worker says so, too');
    $worker->end('KILL');
    is(outcome($stack, change($stack, 'delete', $id)), $paying,
        '... also when the first has died');
    is(traces($stack, $id), 'user:u1 status:PENDING user-status:PENDING:u1'
        . ' order', '... and the order is there');
    $other->end('KILL');
}


# while the payment waits to be tried again
{
    my $stack = stack();
    my $worker = $stack->worker('workflow ' . workflow($stack, 0)
        . '; simulate_latency 0ms 5ms; simulate_unavailable 100%;');
    my ($id) = $stack->push_orders(1);
    ok(parked($stack, $id), 'a payment waits to be tried again');
    is(outcome($stack, change($stack, $_, $id)), $paying,
        "... the order is paid: no $_") for qw(update delete);
    $worker->end('TERM');
}


# orders that are not there yet
{
    my $stack = stack();
    my $worker = $stack->worker('workflow ' . workflow($stack, 60) . ';');
    my $young = sub {
        my $ms = sprintf '%012x', int(time * 1000);
        return substr($ms, 0, 8) . '-' . substr($ms, 8)
            . sprintf '-7000-8000-%012d', $_[0];
    };

    my $start = time;
    is(outcome($stack, change($stack, 'update',
        OrdersTest::Stack::order_id(99))), $absent, 'an old id is not there');
    cmp_ok(time - $start, '<', 0.9, '... at once');

    $start = time;
    is(outcome($stack, change($stack, 'update', $young->(1))), $absent,
        'a young id is not there');
    cmp_ok(time - $start, '>', 0.9, '... after a while');

    my $id = $young->(2);
    my $number = change($stack, 'update', $id);
    sleep 0.2;
    $stack->ask('RPUSH', $key->('queue'),
        OrdersTest::Stack::order_message($id));
    is(outcome($stack, $number), 'ok', 'an update may overtake its order');
    is(JSON::PP::decode_json($stack->order($id)->{input})->{quantity}, 5,
        '... and is made');

    my @numbers = map { change($stack, 'update', $young->(100 + $_)) } 1 .. 40;
    $start = time;
    my ($other) = $stack->push_orders(1);
    ok(parked($stack, $other), 'those who wait for their orders');
    cmp_ok(time - $start, '<', 0.9, '... delay nobody');
    is(scalar(grep { outcome($stack, $_) ne $absent } @numbers), 0,
        '... and all are told in the end');

    ($id) = $stack->push_orders(1);
    @numbers = map { change($stack, 'update', $id,
        input => qq({"m$_":$_})) } 1 .. 50;
    is(scalar(grep { outcome($stack, $_) ne 'ok' } @numbers), 0,
        'updates right behind their order wait until it is parked');
    my $input = JSON::PP::decode_json($stack->order($id)->{input});
    is(scalar(grep { $input->{"m$_"} } 1 .. 50), 50, '... and none is lost');
    $worker->end('TERM');
}


# Many changes of few orders, by several workers that die, while the orders are
# woken.
{
    my $stack = stack();
    my $settings = 'workflow ' . workflow($stack, 2) . '; lease 600ms;'
        . ' simulate_latency 0ms 10ms; simulate_refuse 0%;';
    my @workers = map { $stack->worker($settings) } 1 .. 3;
    my @ids = $stack->push_orders(60);
    parked($stack, @ids);

    my (%change, %sent);
    my $until = time + 2.5;
    while (time < $until) {
        my $id = $ids[rand @ids];
        my $n = ++$sent{$id};
        my $kind = rand() < 0.02 ? 'delete' : 'update';
        my $quantity = rand() < 0.3 ? ',"quantity":7' : '';
        $change{ change($stack, $kind, $id, input => qq({"m$n":1$quantity})) }
            = [$id, $kind, "m$n", $quantity];
        if (rand() < 0.003) {
            (splice @workers, rand @workers, 1)->end('KILL');
            push @workers, $stack->worker($settings, register => 0);
        }
    }

    my $all = keys %change;
    ok(wait_for(sub { keys %{ replies($stack) } == $all }, 30),
        "each of $all changes is told");
    ok(wait_for(sub { !$stack->left_over }, 20), 'nothing is left');
    my $replies = replies($stack);
    is(scalar(grep { @$_ > 1 } values %$replies), 0, 'none is told twice');
    is($stack->ask('LLEN', $key->('dead')), 0, 'none is a dead letter');

    my ($made, @complaints, %deleted, %cancelled) = (0);
    for my $reply (replies_in_order($stack)) {
        my ($id, $kind, $member, $quantity)
            = @{ $change{ $reply->{requestId} } };
        next if !$reply->{ok};
        $made++;
        push @complaints, "$id: $kind after it was deleted" if $deleted{$id};
        $deleted{$id} = 1 if $kind eq 'delete';
        $cancelled{$id} = 1 if $quantity && $kind eq 'update';
    }
    ok($made, "$made of them are made");

    for my $id (@ids) {
        my $traces = traces($stack, $id);
        my $order = $stack->order($id);
        my $status = $order->{orderStatus} || '';
        my $expected = $deleted{$id} ? ''
            : "user:u1 status:$status user-status:$status:u1 order";
        push @complaints, "$id has $traces, not $expected"
            if $traces ne $expected;
        next if $deleted{$id};

        push @complaints, "$id is $status" if $status
            ne ($cancelled{$id} ? 'FAILED' : 'SUCCESS');
        my $input = JSON::PP::decode_json($order->{input});
        for my $number (keys %change) {
            my ($of, $kind, $member) = @{ $change{$number} };
            next if $of ne $id || $kind ne 'update';
            my $ok = $replies->{$number}[0]{ok} ? 1 : 0;
            push @complaints, "$id: $member was told $ok"
                if $ok != ($input->{$member} ? 1 : 0);
        }
    }

    is(scalar @complaints, 0, 'what was told is what is')
        or diag(join "\n", splice @complaints, 0, 10);

    my %count = @{ $stack->ask('HGETALL', OrdersTest::Stack::key('stats')) };
    is_deeply([grep { /:now$/ && $count{$_} } sort keys %count], [],
        'no execution is counted where none is');
    $_->end('TERM') for @workers;
}

done_testing;
