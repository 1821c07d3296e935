# SPDX-License-Identifier: BSD-2-Clause

# The history of an order, from the worker to the client.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stack;
use Test::More;

my $key = \&OrdersTest::Stack::key;
my $stack = OrdersTest::Stack->new;
my $redis = $stack->redis;
$stack->subscribe;
$stack->nginx("location /graphql { graphql_orders redis://$redis; }");

sub ask
{
    my ($query) = @_;

    my $response = $stack->post(JSON::PP::encode_json({ query => $query }));
    my $json = JSON::PP::decode_json($response->{body});
    diag($response->{body}) if !$json->{data};
    return $json->{data};
}

my $history = 'history { status at reason }';
my $time = qr/\A20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\z/;

my $order = ask('mutation { postOrder(input: {name: "x", quantity: 1,'
    . " restaurantId: \"r\"}) { id $history } }")->{postOrder};
is_deeply($order->{history}, [], 'an order that waits has no history');

my $worker = $stack->worker('simulate_refuse 100%; simulate_latency 5ms 5ms;');
ok($stack->all_ended(1), 'it is run');

my $read = ask("{ order(id: \"$order->{id}\") { updatedAt errorMessage"
    . " $history } }")->{order};
is(scalar @{ $read->{history} }, 2, 'it has come to two statuses');
my ($first, $last) = @{ $read->{history} };
is($first->{status}, 'PENDING', 'it was begun');
is($first->{reason}, undef, '... for no reason');
like($first->{at}, $time, '... at a time');
is($last->{status}, 'FAILED', 'it has failed');
is($last->{reason}, $read->{errorMessage}, '... for the reason in the order');
is($last->{at}, $read->{updatedAt}, '... when it was updated last');
ok($first->{at} le $last->{at}, 'one after the other');

my $list = ask("{ orders { $history } }")->{orders};
is_deeply($list, [{ history => $read->{history} }], 'a list has it');
my $pages = ask("{ ordersConnection { nodes { $history } edges { node {"
    . ' history { at } } } } }')->{ordersConnection};
is_deeply($pages, { nodes => $list, edges => [{ node => { history =>
    [map { { at => $_->{at} } } @{ $read->{history} }] } }] }, 'so do pages');

ok(OrdersTest::Stage::wait_for(sub {
    OrdersTest::Stage::slurp($stack->{events_file}) =~ /FAILED/
}), 'events are published');
my @events = map { JSON::PP::decode_json($_) } grep { /^\{/ } split /\n/,
    OrdersTest::Stage::slurp($stack->{events_file});
is_deeply([map { $_->{order}{history} } @events],
    [[$first], $read->{history}], '... each with the history so far');

$stack->ask('CONFIG', 'RESETSTAT');
ask("{ order(id: \"$order->{id}\") { name } }");
$stack->ask('HSET', $key->("order:$order->{id}"), history => 'x' x 100_000);
my $before = ($stack->ask('INFO', 'stats') =~ /total_net_output_bytes:(\d+)/)[0];
is(ask("{ order(id: \"$order->{id}\") { name } }")->{order}{name}, 'x',
    'who does not ask for it');
my $after = ($stack->ask('INFO', 'stats') =~ /total_net_output_bytes:(\d+)/)[0];
cmp_ok($after - $before, '<', 50_000, '... does not read it');
is_deeply(ask("{ order(id: \"$order->{id}\") { $history } }")->{order},
    { history => [] }, 'what cannot be read is no history');

$worker->end('TERM');
done_testing;
