# SPDX-License-Identifier: BSD-2-Clause

# Idempotency keys from end to end: repeated posts make one order, also when
# they come at once, when Redis refuses, and when the answer was lost.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stack;
use Test::More;

my $key = \&OrdersTest::Stack::key;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

sub post_text
{
    my ($name) = @_;

    return JSON::PP::encode_json({ query => 'mutation($o: OrderInput!)'
        . ' { postOrder(input: $o) { id orderStatus } }', variables => { o =>
        { name => $name, quantity => 1, restaurantId => 'r' } } });
}

sub order_of { return JSON::PP::decode_json($_[0]{body})->{data}{postOrder} }

sub code_of
{
    return JSON::PP::decode_json($_[0]{body})->{errors}[0]{extensions}{code};
}


# Many at once, through several processes, while workers take them.
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    $stack->nginx("location /graphql { graphql_orders redis://$redis;"
        . ' graphql_orders_user $http_x_user; }', workers => 3);
    my @workers = map { $stack->worker('simulate_latency 0ms 5ms;') } 1 .. 2;

    my %orders;
    my $clean = 1;
    for my $round (1 .. 30) {
        my @sockets = map { $stack->connect } 1 .. 12;
        for (@sockets) {
            OrdersTest::Stage::send_post($_, post_text('x'), 'X-User' => 'ann',
                'Idempotency-Key' => "round $round", Connection => 'close');
        }

        my %ids;
        for (@sockets) {
            my $response = OrdersTest::Stage::response($_);
            $ids{ order_of($response)->{id} }++;
        }
        $clean = 0 if keys %ids != 1;
        %orders = (%orders, %ids);
    }

    ok($clean, 'each of 12 posts at once with one key gets the same order');
    is(scalar keys %orders, 30, 'another key makes another order');
    ok($stack->all_ended(30), 'the orders come to their ends');
    ok(wait_for(sub { !$stack->left_over }), 'nothing is left');
    is($stack->ended_count, 30, 'and there are no others');
    is($stack->ask('ZCARD', $key->('user:ann')), 30, 'of that user');
    is($stack->ask('LLEN', $key->('dead')), 0, 'none is a dead letter');

    my $again = $stack->post(post_text('x'), 'X-User' => 'ann',
        'Idempotency-Key' => 'round 7');
    like(order_of($again)->{orderStatus}, qr/\A(?:SUCCESS|FAILED)\z/,
        'repeated later, the order is as it has become');
    ok($orders{ order_of($again)->{id} }, '... the same one');

    $_->end('TERM') for @workers;
}


# A message that lost is dropped by the worker, also if its key is gone since;
# one that waited for longer than its key is not.  What is older is told by the
# clocks of front doors, which may be wrong.
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    $stack->nginx("location /graphql { graphql_orders redis://$redis;"
        . ' graphql_orders_idempotency_ttl 2m; }');

    my $first = order_of($stack->post(post_text('x'),
        'Idempotency-Key' => 'k'));
    $stack->post(post_text($_), 'Idempotency-Key' => 'k') for qw(x y x);
    ok(wait_for(sub { $stack->ask('LLEN', $key->('queue')) == 1 }),
        'what lost is taken off the queue');

    my $younger = sprintf '%08x%s', hex(substr $first->{id}, 0, 8) + 2,
        substr $first->{id}, 8;
    $stack->ask('SET', $key->('idempotency:anonymous:k'), "$younger x");
    my $worker = $stack->worker('simulate_latency 0ms 5ms;');
    ok($stack->all_ended(1), 'an order whose key has expired and has been'
        . ' used again since is run all the same');
    ok($stack->order($first->{id})->{orderStatus}, '... it, not the other');
    $worker->end('TERM');
}

{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    $stack->nginx("location /graphql { graphql_orders redis://$redis; }");

    my $first = order_of($stack->post(post_text('x'),
        'Idempotency-Key' => 'k'));
    my $message = $stack->ask('LINDEX', $key->('queue'), 0);
    for my $hours (-1, 1) {
        my $leapt = sprintf '%08x%s', hex(substr $first->{id}, 0, 8)
            + $hours * 55, substr $first->{id}, 8;
        $stack->ask('RPUSH', $key->('queue'),
            $message =~ s/\Q$first->{id}\E/$leapt/r);
    }

    my $worker = $stack->worker('simulate_latency 0ms 5ms;');
    ok(wait_for(sub { !$stack->left_over && $stack->all_ended(1) }),
        'messages that lost, of front doors whose clocks are wrong by an hour');
    is($stack->ended_count, 1, '... are dropped');
    ok($stack->order($first->{id})->{orderStatus}, '... and the first is run');
    $worker->end('TERM');
}


# Redis refuses within the transaction.
for my $row (
    ['-OOM command not allowed when used memory > \'maxmemory\'.',
        'QUEUE_FULL'],
    ['-MISCONF Redis is configured to save RDB snapshots', 'UNAVAILABLE'],
    ['-NOPERM this user has no permissions to run the command', 'UNAVAILABLE'],
) {
    my ($error, $code) = @$row;
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->fake_redis(sub {
        return "+OK\r\n" if $_[0] eq 'MULTI';
        return "-EXECABORT Transaction discarded because of previous errors."
            . "\r\n" if $_[0] eq 'EXEC';
        return "$error\r\n";
    });

    $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
    my $response = $stage->post(post_text('x'), 'Idempotency-Key' => 'k');
    is($response->{status}, 503, "a transaction that gets $error: the status");
    is(code_of($response), $code, '... and the code');
}


# Redis ends before it answers EXEC: what became of it shows when the post is
# repeated.
{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->fake_redis(sub {
        return "+OK\r\n" if $_[0] eq 'MULTI';
        return if $_[0] eq 'EXEC';
        return "+QUEUED\r\n";
    });

    $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
    my $response = $stage->post(post_text('x'), 'Idempotency-Key' => 'k');
    is($response->{status}, 503, 'a connection that ends before EXEC answers');
    is(code_of($response), 'UNKNOWN_OUTCOME', '... leaves it open');
    like($response->{body}, qr/Idempotency-Key/,
        '... and the client is told what to do');
}


# Clients that leave in the middle.
{
    my $stage = OrdersTest::Stack->new;
    my $redis = $stage->redis;
    $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
    $stage->post(post_text('x'));
    $stage->redis_signal('STOP');

    for (1 .. 5) {
        my $socket = $stage->connect;
        OrdersTest::Stage::send_post($socket, post_text('x'),
            'Idempotency-Key' => 'k');
        close $socket;
    }

    my $socket = $stage->connect;
    OrdersTest::Stage::send_post($socket, post_text('x'),
        'Idempotency-Key' => 'k');
    $stage->redis_signal('CONT');
    my $response = OrdersTest::Stage::response($socket);
    is($response->{status}, 200, 'clients leave while Redis is asked');
    my $worker = $stage->worker('simulate_latency 0ms 5ms;');
    ok(wait_for(sub { $stage->ended_count == 2 && !$stage->left_over }),
        '... and their repetitions are one order');
    $worker->end('TERM');
    unlike($stage->log, qr/\[(?:alert|crit|emerg)\]/, '... in order');
}

done_testing;
