# SPDX-License-Identifier: BSD-2-Clause

# A schema of an operator's own, with nested input objects, lists and enums,
# works from end to end without a line of C: an order with items, an address
# and a price, from the client through the queue, the workflow and the payment
# to the store, lists, pages, changes and back.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stack;
use Test::More;

my $key = \&OrdersTest::Stack::key;
my $json = JSON::PP->new->canonical;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

sub write_file
{
    my ($path, $text) = @_;

    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
    return $path;
}


my $stack = OrdersTest::Stack->new;
my $redis = $stack->redis;

my $schema = write_file("$stack->{dir}/shop.graphql", <<'END');
scalar DateTime
enum ORDER_STATUS { PENDING SUCCESS FAILED }
enum Currency { EUR USD }
enum Size { SMALL LARGE }

input PriceInput {
  amount: Float! @constraint(exclusiveMin: 0, multipleOf: 0.01)
  currency: Currency! = EUR
}
input ItemInput {
  sku: ID! @constraint(pattern: "^[A-Z]{2}-[0-9]+$")
  quantity: Int! = 1 @constraint(min: 1, max: 99)
  size: Size
  extras: [String!] @constraint(maxItems: 3, uniqueItems: true)
}
input AddressInput { street: String! city: String! zip: String @constraint(minLength: 4) floors: [[Int!]!] }
input OrderInput {
  items: [ItemInput!]! @constraint(minItems: 1, maxItems: 50)
  address: AddressInput!
  price: PriceInput!
  gift: Boolean! = false
}
input OrderChange { items: [ItemInput!] address: AddressInput gift: Boolean }

type Price { amount: Float! currency: Currency! }
type Item { sku: ID! quantity: Int! size: Size extras: [String!] }
type Address { street: String! city: String! zip: String floors: [[Int!]!] }
type Order {
  id: ID!
  orderStatus: ORDER_STATUS!
  items: [Item!]!
  address: Address!
  price: Price!
  gift: Boolean!
  createdAt: DateTime!
  errorMessage: String
}
type Edge { cursor: ID! node: Order! }
type PageInfo { hasNextPage: Boolean! endCursor: ID }
type Orders { edges: [Edge!]! pageInfo: PageInfo! totalCount: Int! }
type Query {
  orders(first: Int, status: ORDER_STATUS): [Order!]!
  ordersConnection(first: Int, after: ID): Orders!
  order(id: ID!): Order
}
type Mutation {
  postOrder(input: OrderInput!): Order!
  updateOrder(id: ID!, input: OrderChange!): Order!
}
END

# Pays what costs less than 100, and only that.
my $workflow = write_file("$stack->{dir}/shop.json", <<'END');
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "$.order", "Next": "Pause" },
    "Pause": { "Type": "Wait", "Seconds": 1, "Next": "Expensive" },
    "Expensive": { "Type": "Choice", "Default": "Pay", "Choices": [
        { "Variable": "$.order.price.amount", "NumericGreaterThanEquals": 100,
          "Next": "Refuse" } ] },
    "Refuse": { "Type": "Pass", "ResultPath": "$.payment",
        "Parameters": { "reason.$":
            "States.Format('{} {} is too much', $.order.price.amount, $.order.price.currency)" },
        "Next": "Cancel" },
    "Pay": { "Type": "Task", "Resource": "orders:pay",
        "ResultPath": "$.payment", "Next": "Complete" },
    "Complete": { "Type": "Task", "Resource": "orders:complete",
        "End": true },
    "Cancel": { "Type": "Task", "Resource": "orders:cancel", "End": true } } }
END

$stack->nginx("location /graphql { graphql_orders redis://$redis;"
    . " graphql_orders_schema $schema; }");
wait_for(sub { $stack->log =~ /replies of workers are heard/ });
my $worker = $stack->worker("workflow $workflow; simulate_refuse 0%;"
    . ' simulate_latency 0ms 5ms;');

my $fields = 'items { sku quantity size extras } address { street city zip'
    . ' floors } price { amount currency } gift';

sub ask
{
    my ($query, $variables) = @_;

    my $response = $stack->post(JSON::PP::encode_json({ query => $query,
        variables => $variables || {} }));
    return JSON::PP::decode_json($response->{body});
}

my $input = {
    items => [
        { sku => 'PZ-1', quantity => 2, size => 'LARGE',
          extras => ['cheese', "\x{e9}\x{1f355}"] },
        { sku => 'WN-22' },
    ],
    address => { street => 'Main "St" 1', city => 'X', floors => [[1, 2], []] },
    price => { amount => 19.9 },
};

my $expected = {
    items => [
        { sku => 'PZ-1', quantity => 2, size => 'LARGE',
          extras => ['cheese', "\x{e9}\x{1f355}"] },
        { sku => 'WN-22', quantity => 1, size => undef, extras => undef },
    ],
    address => { street => 'Main "St" 1', city => 'X', zip => undef,
        floors => [[1, 2], []] },
    price => { amount => 19.9, currency => 'EUR' },
    gift => JSON::PP::false,
};

my $post = "mutation(\$o: OrderInput!) { postOrder(input: \$o)"
    . " { id orderStatus $fields } }";
my $order = ask($post, { o => $input })->{data}{postOrder};
my $id = delete $order->{id};
is(delete $order->{orderStatus}, 'PENDING', 'an order with nested input');
is($json->encode($order), $json->encode($expected),
    '... is answered with all of it, defaults too');

# written out, nothing in a variable
my $literal = ask('mutation { postOrder(input: { items: [{sku: "PZ-1",'
    . ' size: SMALL, extras: []}], address: {street: "s", city: "c",'
    . ' zip: "1234"}, price: {amount: 120, currency: USD}, gift: true })'
    . " { id $fields } }")->{data}{postOrder};
my $expensive = delete $literal->{id};
is($json->encode($literal), $json->encode({
    items => [{ sku => 'PZ-1', quantity => 1, size => 'SMALL', extras => [] }],
    address => { street => 's', city => 'c', zip => '1234', floors => undef },
    price => { amount => 120, currency => 'USD' }, gift => JSON::PP::true,
}), 'the same as a literal');

# what is wrong deep inside
for my $row (
    ['CONSTRAINT_VIOLATED', qr/items\.1\.quantity|items\[1\]\.quantity/,
        { items => [{ sku => 'AB-1' }, { sku => 'AB-2', quantity => 0 }] }],
    ['CONSTRAINT_VIOLATED', qr/sku/, { items => [{ sku => 'ab-1' }] }],
    ['CONSTRAINT_VIOLATED', qr/items/, { items => [] }],
    ['CONSTRAINT_VIOLATED', qr/extras/,
        { items => [{ sku => 'AB-1', extras => ['a', 'a'] }] }],
    ['CONSTRAINT_VIOLATED', qr/amount/, { price => { amount => 0.001 } }],
    ['BAD_USER_INPUT', qr/currency/,
        { price => { amount => 1, currency => 'GBP' } }],
    ['BAD_USER_INPUT', qr/city/, { address => { street => 's' } }],
    ['BAD_USER_INPUT', qr/colour/,
        { items => [{ sku => 'AB-1', colour => 'red' }] }],
    ['BAD_USER_INPUT', qr/floors/,
        { address => { street => 's', city => 'c', floors => [[1, undef]] } }],
) {
    my ($code, $about, $change) = @$row;
    my $error = ask($post, { o => { %$input, %$change } })->{errors}[0];
    is($error->{extensions}{code}, $code,
        'refused: ' . JSON::PP::encode_json($change));
    like($error->{message}, $about, '... and told where');
}
is($stack->ask('ZCARD', $key->('user:anonymous')), 2, 'none of them is there');

# changed while it waits
ok(wait_for(sub { defined $stack->ask('ZSCORE', $key->('delayed'), $id) }),
    'the order waits');
my $updated = ask("mutation(\$id: ID!, \$c: OrderChange!) {"
    . " updateOrder(id: \$id, input: \$c) { $fields } }", { id => $id, c => {
        items => [{ sku => 'AB-3', quantity => 7 }],
        gift => JSON::PP::true } })->{data}{updateOrder};
$expected->{items} = [{ sku => 'AB-3', quantity => 7, size => undef,
    extras => undef }];
$expected->{gift} = JSON::PP::true;
is($json->encode($updated), $json->encode($expected),
    'a nested member is replaced as a whole, the others stay');

# run
ok($stack->all_ended(2), 'both orders end');
my $read = ask("query(\$id: ID!) { order(id: \$id) { orderStatus $fields } }",
    { id => $id })->{data}{order};
is(delete $read->{orderStatus}, 'SUCCESS', 'the cheap one is paid');
is($json->encode($read), $json->encode($expected), '... and is as it was');
$read = ask("query(\$id: ID!) { order(id: \$id) { orderStatus errorMessage } }",
    { id => $expensive })->{data}{order};
is($json->encode($read), '{"errorMessage":"120 USD is too much",'
    . '"orderStatus":"FAILED"}', 'the workflow has decided by a nested field');

my $list = ask('{ orders(status: SUCCESS) { items { sku } } }')->{data}{orders};
is($json->encode($list), '[{"items":[{"sku":"AB-3"}]}]', 'a list has it');
my $pages = ask('{ ordersConnection(first: 1) { totalCount pageInfo {'
    . ' hasNextPage } edges { node { price { currency } } } } }')->{data};
is($json->encode($pages), '{"ordersConnection":{"edges":[{"node":{"price":'
    . '{"currency":"USD"}}}],"pageInfo":{"hasNextPage":true},"totalCount":2}}',
    'so have pages');

is($worker->end('TERM'), 0, 'the worker leaves in order');
unlike($stack->log, qr/\[(?:error|alert|crit|emerg)\]/, 'nothing went wrong');
done_testing;
