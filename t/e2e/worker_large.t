# SPDX-License-Identifier: BSD-2-Clause

# Orders so large that not as many as usual fit into one answer of Redis, into
# one transaction, or into the worker's memory.  They come to their ends like
# others, and hold up nothing.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stack;
use Test::More;

my $key = \&OrdersTest::Stack::key;
my $settings = 'simulate_latency 0ms 5ms; simulate_refuse 0%; lease 1s;'
    . ' redis_timeout 20s;';

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


sub push_large
{
    my ($stack, $count, $bytes) = @_;

    my $name = 'x' x $bytes;
    return $stack->push_orders($count, input =>
        qq({"name":"$name","quantity":2,"restaurantId":"r-17"}));
}


sub all_is_well
{
    my ($stack, $name, @ids) = @_;

    ok($stack->all_ended(scalar @ids, 90), $name);
    wait_for(sub { !$stack->left_over }, 10);
    my @complaints = $stack->complaints(\@ids);
    is(scalar @complaints, 0, '... each once')
        or diag(join "\n", splice @complaints, 0, 10);
    return;
}


# The worker takes more and more at once.
{
    my $stack = OrdersTest::Stack->new;
    $stack->redis;
    my @ids = (push_large($stack, 160, 1_050_000), $stack->push_orders(10));
    my $worker = $stack->worker($settings);
    all_is_well($stack, 'an answer that is too large is asked for in parts',
        @ids);
    is($stack->statuses($ids[-1])->{$ids[-1]}, 'SUCCESS',
        'an order behind them is brought to its end');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}


# What they write is larger than they are.
{
    my $stack = OrdersTest::Stack->new;
    $stack->redis;
    my @ids = ($stack->push_orders(600), push_large($stack, 64, 240_000));
    my $worker = $stack->worker($settings);
    all_is_well($stack, 'what does not fit into a transaction goes into the next',
        @ids);
    is(scalar(grep { $_ ne 'SUCCESS' } values %{ $stack->statuses(@ids) }), 0,
        '... all with success');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}


# A worker has died with them in its hands.
{
    my $stack = OrdersTest::Stack->new;
    $stack->redis;
    my @ids = push_large($stack, 66, 1_050_000);
    $stack->ask('RENAME', $key->('queue'), $key->('processing:gone.0'));
    $stack->ask('ZADD', $key->('consumers'), 1, 'gone.0');
    my $worker = $stack->worker($settings);
    all_is_well($stack, 'what is taken over is taken in parts', @ids);
    ok($worker->text =~ /took over 66 messages of "gone\.0"/, '... all of it');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}

# What no answer could hold is not let in, however far the limits are raised.
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    my $schema = "$stack->{dir}/own.graphql";
    open my $out, '>', $schema or die "$schema: $!";
    print {$out} 'enum ORDER_STATUS { PENDING SUCCESS FAILED }'
        . ' input OrderInput { name: String }'
        . ' type Order { id: ID! name: String orderStatus: ORDER_STATUS! }'
        . ' type Query { orders: [Order!]! order(id: ID!): Order }'
        . ' type Mutation { postOrder(input: OrderInput!): Order! }';
    close $out or die "$schema: $!";
    $stack->nginx("client_body_buffer_size 16m; location /graphql {"
        . " graphql_orders redis://$redis; graphql_orders_schema $schema;"
        . ' graphql_orders_max_body 16m;'
        . ' graphql_orders_limit variables_bytes 16m; }');

    for my $row ([4_000_000, 1], [4_300_000, 0]) {
        my ($bytes, $fits) = @$row;
        my $name = 'x' x $bytes;
        my $body = $stack->post('{"query":"mutation($i: OrderInput!) {'
            . ' postOrder(input: $i) { orderStatus } }","variables":{"i":'
            . qq({"name":"$name"}}}))->{body};
        is($stack->ask('LLEN', $key->('queue')), $fits,
            "an order of $bytes bytes is " . ($fits ? 'let in' : 'refused'));
        like($body, $fits ? qr/PENDING/ : qr/too large.*"code":"LIMIT_EXCEEDED"/,
            '... and its client told so');
        $stack->ask('DEL', $key->('queue'));
    }
}

done_testing;
