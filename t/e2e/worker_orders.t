# SPDX-License-Identifier: BSD-2-Clause

# Orders from the queue to their end, with a real worker and a real Redis.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stack;
use Test::More;

my $stack = OrdersTest::Stack->new;
$stack->redis;
$stack->subscribe;
my $worker = $stack->worker('simulate_latency 0ms 30ms; simulate_refuse 50%;');
my $key = \&OrdersTest::Stack::key;


# one order
my ($id) = $stack->push_orders(1);
ok($stack->all_ended(1), 'an order comes to its end');
my $order = $stack->order($id);
like($order->{orderStatus}, qr/\A(?:SUCCESS|FAILED)\z/, 'its status says so');
is($order->{v}, 1, 'the record has a version');
is($order->{userId}, 'u1', 'the order is its user\'s');
is($order->{createdAt}, '2026-11-24T06:35:07.123Z',
    'it was created when the door said');
like($order->{updatedAt}, qr/\A20\d\d-\d\d-\d\dT[\d:.]+Z\z/,
    'and was updated since');
is($order->{input}, '{"name":"Margherita","quantity":2,"restaurantId":"r-17"}',
    'its input is as it came');
ok(!exists $order->{execution}, 'no execution is left of it');
ok(!exists $order->{consumer}, 'and nobody runs it');
like($order->{workflow}, qr/\A[0-9a-f]{16}\z/, 'it names its workflow');
is($stack->ask('ZSCORE', $key->('user:u1'), $id), 0,
    'it is among its user\'s orders');


# many orders
my @ids = ($id, $stack->push_orders(400));
ok($stack->all_ended(scalar @ids), 'many orders come to their ends');
is(join('; ', $stack->complaints(\@ids, events => 1)), '',
    'each once, with one event for each change, and nothing is left');

my $status = $stack->statuses(@ids);
my ($failed) = grep { $status->{$_} eq 'FAILED' } @ids;
ok($failed, 'some are refused');
like($stack->order($failed)->{errorMessage}, qr/^Payment refused: /,
    'with a reason');
my ($paid) = grep { $status->{$_} eq 'SUCCESS' } @ids;
ok(!exists $stack->order($paid)->{errorMessage}, 'a paid order has none');


# what must not be run
my $message = OrdersTest::Stack::order_message($id);
$stack->ask('RPUSH', $key->('queue'), $message) for 1 .. 3;
my ($new) = $stack->push_orders(1);
$stack->ask('RPUSH', $key->('queue'), OrdersTest::Stack::order_message($new))
    for 1 .. 5;
push @ids, $new;
ok($stack->all_ended(scalar @ids), 'an order that was pushed often ends');
OrdersTest::Stage::wait_for(sub { !$stack->left_over });
is(join('; ', $stack->complaints(\@ids, events => 1)), '',
    'once, and one that has ended is not run again');


# idempotency keys
my $owner = OrdersTest::Stack::order_id(900);
my $loser = OrdersTest::Stack::order_id(901);
$stack->ask('SET', $key->('idempotency:u1:k1'), "$owner fingerprint");
for ($owner, $loser) {
    $stack->ask('RPUSH', $key->('queue'), OrdersTest::Stack::order_message($_,
        more => ',"idempotencyKey":"k1"'));
}
push @ids, $owner;
ok($stack->all_ended(scalar @ids), 'the order that has the key is run');
OrdersTest::Stage::wait_for(sub { !$stack->left_over });
is($stack->ask('EXISTS', $key->("order:$loser")), 0,
    'the order whose id lost is not');


# what cannot be read
my @unreadable = (
    ['', 'Message.Invalid'],
    ['{', 'Message.Invalid'],
    ["\xff\x00", 'Message.Invalid'],
    ['[' x 5000, 'Message.Invalid'],
    ['{"v":2,"kind":"post"}', 'Message.Invalid'],
    ['{"v":1,"kind":"post","id":"x","createdAt":"2026-11-24T06:35:07Z",'
        . '"input":{}}', 'Message.Invalid'],
    [OrdersTest::Stack::order_message(OrdersTest::Stack::order_id(902),
        kind => 'callback'), 'Message.Invalid'],
);

for my $row (@unreadable) {
    my ($text, $error) = @$row;
    $stack->ask('RPUSH', $key->('queue'), $text);
    ok(OrdersTest::Stage::wait_for(sub {
        $stack->ask('LLEN', $key->('dead'))
    }), 'a message that is no order is given up: ' . substr $text, 0, 20);
    my $dead = $stack->ask('LPOP', $key->('dead'));
    like($dead, qr/"error":"\Q$error\E","cause":"[^"].*"deliveries":0,/,
        '... with error, cause and deliveries');
    like($dead, qr/"message(?:Base64)?":"/, '... and the message');
}

$stack->ask('SET', $key->('order:' . OrdersTest::Stack::order_id(903)), 'x');
$stack->ask('RPUSH', $key->('queue'),
    OrdersTest::Stack::order_message(OrdersTest::Stack::order_id(903)));
ok(OrdersTest::Stage::wait_for(sub { $stack->ask('LLEN', $key->('dead')) }),
    'an order whose key holds something foreign is given up');
like($stack->ask('LPOP', $key->('dead')), qr/"error":"Order.Unreadable"/,
    '... and says so');
is($stack->left_over, 0, 'none of them is left on a list');


# leaving
is($worker->end('TERM'), 0, 'SIGTERM ends the worker in order');
is($stack->ask('ZCARD', $key->('consumers')), 0, 'it is registered no more');
is(scalar($stack->ask('KEYS', '*epoch*')->@*), 0, 'its epoch is gone');
like($worker->text, qr/payments are a simulation/,
    'the log says that payments are a simulation');

done_testing;
