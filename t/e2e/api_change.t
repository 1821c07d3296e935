# SPDX-License-Identifier: BSD-2-Clause

# updateOrder and deleteOrder from the client to the worker and back: the
# client gets the true outcome, or is told that there is none.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $key = \&OrdersTest::Stack::key;
my $locations = sub {
    my ($redis, $more) = @_;

    $more ||= '';
    return "location /graphql { graphql_orders redis://$redis; $more"
        . ' graphql_orders_user $http_x_user;'
        . ' if ($http_x_staff) { graphql_orders_scope all; } }';
};

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


sub workflow
{
    my ($stack, $seconds) = @_;

    my $path = "$stack->{dir}/wait.json";
    my $text = OrdersTest::Stage::slurp(($ENV{ORDERS_TOP} || '.')
        . '/conf/workflow.json');
    $text =~ s/"Next": "ProcessPayment"/"Next": "Pause"/ or die;
    $text =~ s/("States": \{)/$1 "Pause": {"Type": "Wait", "Seconds": $seconds,
        "Next": "ProcessPayment"},/ or die;
    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
    return $path;
}


# The body of a request.
sub request
{
    my ($query, $variables) = @_;

    return JSON::PP::encode_json({ query => $query,
        variables => $variables || {} });
}


# Asks as a user; the response in short: JSON of the data, or code and message
# of the first error.
sub ask
{
    my ($stack, $user, $query, $variables, %header) = @_;

    my $response = $stack->post(request($query, $variables),
        'X-User' => $user, %header);
    my $json = JSON::PP::decode_json($response->{body});
    return JSON::PP->new->canonical->encode($json->{data})
        if !$json->{errors};
    my $error = $json->{errors}[0];
    return "$error->{extensions}{code}: $error->{message}";
}


sub post_order
{
    my ($stack, $user) = @_;

    my $text = ask($stack, $user, 'mutation { postOrder(input: {name: "x",'
        . ' quantity: 1, restaurantId: "r"}) { id } }');
    return $1 if $text =~ /"id":"([-0-9a-f]{36})"/;
    die $text;
}


sub parked
{
    my ($stack, $id) = @_;

    return wait_for(sub {
        defined $stack->ask('ZSCORE', $key->('delayed'), $id)
    });
}


my $update = 'mutation($id: ID!, $input: OrderUpdateInput!) {'
    . ' updateOrder(id: $id, input: $input) { quantity name orderStatus } }';
my $delete = 'mutation($id: ID!) { deleteOrder(id: $id) { id orderStatus } }';
my $read = 'query($id: ID!) { order(id: $id) { name quantity } }';
my $absent = 'NOT_FOUND: there is no such order';


# what a worker makes of changes
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    $stack->nginx($locations->($redis), workers => 2);
    wait_for(sub {
        (() = $stack->log =~ /replies of workers are heard/g) == 2
    });
    my $worker = $stack->worker('workflow ' . workflow($stack, 60)
        . '; simulate_latency 60s 60s;');
    my $id = post_order($stack, 'ann');
    ok(parked($stack, $id), 'an order is parked');

    is(ask($stack, 'ann', $update, { id => $id, input => { quantity => 3 } }),
        '{"updateOrder":{"name":"x","orderStatus":"PENDING","quantity":3}}',
        'it is updated');
    is(ask($stack, 'ann', $read, { id => $id }),
        '{"order":{"name":"x","quantity":3}}', '... and is what it was told');
    is(ask($stack, 'ann', $update, { id => uc $id, input => {} }),
        '{"updateOrder":{"name":"x","orderStatus":"PENDING","quantity":3}}',
        'an update of nothing, by the id in capitals');
    is(ask($stack, 'ann', 'mutation($id: ID!) { updateOrder(id: $id, input:'
        . ' {name: "y"}) { history { status } } }', { id => $id }),
        '{"updateOrder":{"history":[{"status":"PENDING"}]}}',
        'its history is told, too');

    for my $row (
        [{ quantity => 0 }, 'CONSTRAINT_VIOLATED'],
        [{ quantity => 'two' }, 'BAD_USER_INPUT'],
        [{ orderStatus => 'SUCCESS' }, 'BAD_USER_INPUT'],
    ) {
        my ($input, $code) = @$row;
        like(ask($stack, 'ann', $update, { id => $id, input => $input }),
            qr/\A$code: /, 'not updated: ' . JSON::PP::encode_json($input));
    }
    is(ask($stack, 'ann', $update, { id => $id, input => { name => undef } }),
        'BAD_USER_INPUT: "name" cannot be null', 'not updated: no name');

    is(ask($stack, 'ben', $update, { id => $id, input => { quantity => 4 } }),
        $absent, 'another user cannot update it');
    is(ask($stack, 'ben', $delete, { id => $id }), $absent, '... nor delete');
    is(ask($stack, 'boss', $update, { id => $id, input => { quantity => 5 } },
        'X-Staff' => 1),
        '{"updateOrder":{"name":"y","orderStatus":"PENDING","quantity":5}}',
        '... but staff can');

    is(ask($stack, 'ann', 'mutation($id: ID!) { a: updateOrder(id: $id, input:'
        . ' {quantity: 6}) { quantity } b: updateOrder(id: $id, input: {name:'
        . ' "z"}) { name quantity } c: deleteOrder(id: $id) { name quantity }'
        . ' d: postOrder(input: {name: "w", quantity: 1, restaurantId: "r"})'
        . ' { name } }', { id => $id }),
        '{"a":{"quantity":6},"b":{"name":"z","quantity":6},'
        . '"c":{"name":"z","quantity":6},"d":{"name":"w"}}',
        'several changes of one mutation are made one after the other');
    is(ask($stack, 'ann', $read, { id => $id }), '{"order":null}',
        'the order is gone');
    is(ask($stack, 'ann', $delete, { id => $id }), $absent, 'once');
    is(ask($stack, 'ann', $delete, { id => $_ }), $absent,
        "no order has the id $_") for 'x', '';

    my $response = $stack->post(request($delete, { id => $id }),
        'X-User' => 'ann', Accept => 'application/graphql-response+json');
    is($response->{status}, 404, 'NOT_FOUND in the newer media type: 404');
    $worker->end('TERM');
    unlike($stack->log, qr/\[(?:alert|crit|emerg|error)\]/, 'all in order');
}


# an order that is paid, and one that has ended
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    $stack->nginx($locations->($redis));
    wait_for(sub { $stack->log =~ /replies of workers are heard/ });
    my $worker = $stack->worker('simulate_latency 60s 60s;');
    my $id = post_order($stack, 'ann');
    wait_for(sub { $stack->order($id)->{payment} });

    my $paying = 'CONFLICT: the order is being paid';
    is(ask($stack, 'ann', $update, { id => $id, input => { quantity => 3 } }),
        $paying, 'an order that is paid is not updated');
    is(ask($stack, 'ann', $delete, { id => $id }), $paying, '... nor deleted');
    my $response = $stack->post(request($delete, { id => $id }),
        'X-User' => 'ann', Accept => 'application/graphql-response+json');
    is($response->{status}, 409, 'CONFLICT in the newer media type: 409');

    $worker->end('KILL');
    $worker = $stack->worker('simulate_latency 0ms 1ms; simulate_refuse 0%;',
        name => $worker->{name});
    ok($stack->all_ended(1), 'it ends');
    is(ask($stack, 'ann', $update, { id => $id, input => { quantity => 3 } }),
        'CONFLICT: the order is SUCCESS: it cannot be changed any more',
        '... and is not updated');
    is(ask($stack, 'ann', $delete, { id => $id }),
        qq({"deleteOrder":{"id":"$id","orderStatus":"SUCCESS"}}),
        '... but deleted');
    $worker->end('TERM');
}


# nobody replies
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    $stack->nginx($locations->($redis, 'graphql_orders_timeout 500ms;'));
    wait_for(sub { $stack->log =~ /replies of workers are heard/ });
    my $id = OrdersTest::Stack::order_id(1);

    my $start = time;
    is(ask($stack, 'ann', $delete, { id => $id }), 'TIMEOUT: the change was not'
        . ' made in time; it may still be made', 'no worker is there');
    cmp_ok(time - $start, '<', 2, '... and the client is told in time');
    is($stack->ask('LLEN', $key->('queue')), 1, '... the message waits');

    my @sockets = map { $stack->connect } 1 .. 20;
    OrdersTest::Stage::send_post($_, request($delete, { id => $id }),
        'X-User' => 'ann') for @sockets;
    wait_for(sub { $stack->ask('LLEN', $key->('queue')) == 21 });
    close $_ for @sockets[0 .. 9];
    my $worker = $stack->worker;
    my %bodies = map { OrdersTest::Stage::response($_)->{body} => 1 }
        @sockets[10 .. 19];
    is(keys %bodies, 1, 'half of the clients leave before the replies');
    like((keys %bodies)[0], qr/NOT_FOUND/, '... the others get theirs');
    is(ask($stack, 'ann', $delete, { id => $id }), $absent,
        '... and all goes on');
    $worker->end('TERM');
    unlike($stack->log, qr/\[(?:alert|crit|emerg)\]/, 'all in order');
}


# Redis goes while it is waited for, and comes back.
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    $stack->nginx($locations->($redis));
    ok(wait_for(sub { $stack->log =~ /replies of workers are heard/ }),
        'the log says that replies are heard');

    my $socket = $stack->connect;
    OrdersTest::Stage::send_post($socket, request($delete,
        { id => OrdersTest::Stack::order_id(1) }), 'X-User' => 'ann');
    wait_for(sub { $stack->ask('LLEN', $key->('queue')) == 1 });
    $stack->redis_signal('KILL');
    like(OrdersTest::Stage::response($socket)->{body}, qr/"code":"TIMEOUT"/,
        'a reply that cannot come any more');
    ok(wait_for(sub { $stack->log =~ /replies of workers cannot be heard/ }),
        'the log says so');
    like(ask($stack, 'ann', $delete,
        { id => OrdersTest::Stack::order_id(1) }), qr/\AUNAVAILABLE: /,
        'without Redis no change is taken');

    my ($port) = $redis =~ /(\d+)\z/;
    $stack->redis(port => $port);
    wait_for(sub {
        (() = $stack->log =~ /replies of workers are heard/g) == 2
            && (() = $stack->log =~ /is up/g) == 2
    });
    my $worker = $stack->worker;
    is(ask($stack, 'ann', $delete, { id => OrdersTest::Stack::order_id(1) }),
        $absent, 'with it they are, again');
    $worker->end('TERM');
}


# A Redis whose subscriptions are refused.
{
    my $stage = OrdersTest::Stage->new;
    my $pushed = "$stage->{dir}/pushed";
    my $redis = $stage->fake_redis(sub {
        return "-NOPERM this user has no permissions to access one of the"
            . " channels\r\n" if $_[0] eq 'SUBSCRIBE';
        open my $out, '>', $pushed;
        return ":1\r\n";
    });
    $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
    ok(wait_for(sub { $stage->log =~ /cannot be heard.*NOPERM/ }),
        'the log says why replies are not heard');
    like($stage->post(request($delete,
        { id => OrdersTest::Stack::order_id(1) }))->{body},
        qr/"code":"UNAVAILABLE"/, 'then no change is taken');
    ok(!-e $pushed, '... and none was sent');
    like($stage->post(request('mutation { postOrder(input: {name: "x",'
        . ' quantity: 1, restaurantId: "r"}) { orderStatus } }'))->{body},
        qr/PENDING/, '... but orders are');
}


# Reload and quit with changes in the air.
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis;
    $stack->nginx($locations->($redis, 'graphql_orders_timeout 5s;'));
    wait_for(sub { $stack->log =~ /replies of workers are heard/ });
    my $id = OrdersTest::Stack::order_id(1);

    my $socket = $stack->connect;
    OrdersTest::Stage::send_post($socket, request($delete, { id => $id }),
        'X-User' => 'ann', Connection => 'close');
    wait_for(sub { $stack->ask('LLEN', $key->('queue')) == 1 });
    my ($old) = $stack->workers;
    $stack->nginx_signal('HUP');
    wait_for(sub { (() = $stack->log =~ /replies of workers are heard/g) == 2 });
    my $worker = $stack->worker;
    like(OrdersTest::Stage::response($socket)->{body}, qr/NOT_FOUND/,
        'a reload: the old process hears its reply');
    ok(OrdersTest::Stage::has_ended($old, 10), '... and goes');
    is(ask($stack, 'ann', $delete, { id => $id }), $absent,
        '... and the new one hears its own');
    $worker->end('TERM');

    $socket = $stack->connect;
    OrdersTest::Stage::send_post($socket, request($delete, { id => $id }),
        'X-User' => 'ann');
    wait_for(sub { $stack->ask('LLEN', $key->('queue')) == 1 });
    ok($stack->stop_nginx('TERM'), 'a quick end with a change in the air');
    unlike($stack->log, qr/\[(?:alert|crit|emerg)\]|zero/, '... in order');
}

done_testing;
