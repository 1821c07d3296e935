# SPDX-License-Identifier: BSD-2-Clause

# Orders: what is pushed, what is answered, and whose orders are seen.  Needs
# TEST_NGINX_REDIS_PORT; the keys have a prefix of their own.

use Test::Nginx::Socket 'no_plan';
use IO::Socket::INET;

our $prefix = $ENV{TEST_NGINX_PREFIX} = "front$$";


# One command, and its reply as text: a line for each element.
sub redis
{
    my @words = @_;

    my $socket = IO::Socket::INET->new(
        PeerAddr => "127.0.0.1:$ENV{TEST_NGINX_REDIS_PORT}") or die "redis: $!";
    print {$socket} '*' . @words . "\r\n",
        map { '$' . length() . "\r\n$_\r\n" } @words;
    return reply($socket);
}


sub reply
{
    my ($socket) = @_;

    local $/ = "\r\n";
    my ($type, $value) = <$socket> =~ /\A(.)(.*)\r\n/;
    return $value if $type =~ /[-+:]/;
    return '(nil)' if $value < 0;
    return join "\n", map { reply($socket) } 1 .. $value if $type eq '*';

    read $socket, my $text, $value + 2;
    return substr $text, 0, $value;
}


sub store
{
    my ($id, $user, @fields) = @_;

    redis('HSET', "{$prefix:0}:order:$id", v => 1, userId => $user,
        orderStatus => 'SUCCESS', createdAt => '2026-11-24T06:35:07.123Z',
        updatedAt => '2026-11-24T06:35:08.000Z',
        input => '{"name":"pizza","quantity":2,"restaurantId":"r1"}', @fields);
    redis('ZADD', "{$prefix:0}:user:$user", 0, $id);
    return;
}


store('019320c0-0000-7000-8000-000000000001', 'ann');
store('019320c0-0000-7000-8000-000000000002', 'ann', orderStatus => 'FAILED',
    errorMessage => "card \"declined\"\n\x{c3}\x{a9}");
store('019320c0-0000-7000-8000-000000000003', 'ann', orderStatus => 'PENDING');
store('019320c0-0000-7000-8000-000000000004', 'ben');
store('019320c0-0000-7000-8000-000000000005', 'eve', v => 99);
store('019320c0-0000-7000-8000-000000000006', 'dan');
redis('ZADD', "{$prefix:0}:user:dan", 0, "\xff", 0, '', 0, "\r\n}",
    0, '019320c0-0000-7000-8000-000000000006 ');
store('019320c0-0000-7000-8000-000000000007', 'fay', errorMessage => "\xff");
redis('ZADD', "{$prefix:0}:user:cy", 0, '019320c0-0000-7000-8000-00000000dead',
    0, '019320c0-0000-7000-8000-000000000001');
redis('SET', "{$prefix:0}:user:odd", 'no sorted set');

add_cleanup_handler(sub {
    redis('DEL', $_) for split /\n/, redis('KEYS', "{$prefix*");
});

# what the block left in the queue stands behind the response
our $queue = sub {
    my ($body) = @_;

    my $text = $body . "\n" . redis('LRANGE', "{$prefix:0}:queue", 0, -1);
    redis('DEL', "{$prefix:0}:queue");
    return $text;
};

our $location = <<'END';
location /graphql {
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_prefix $TEST_NGINX_PREFIX;
    graphql_orders_user $http_x_user;
}
END

repeat_each(1);
no_long_string();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: an order is answered as PENDING and stands in the queue
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation { postOrder(input: {name: \"pizza\", quantity: 2, restaurantId: \"r1\"}) { id name quantity restaurantId orderStatus userId createdAt updatedAt errorMessage } }"}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"data":\{"postOrder":\{"id":"([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})","name":"pizza","quantity":2,"restaurantId":"r1","orderStatus":"PENDING","userId":"ann","createdAt":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","updatedAt":"\2","errorMessage":null\}\}\}
\{"v":1,"kind":"post","id":"\1","userId":"ann","createdAt":"\2","input":\{"name":"pizza","quantity":2,"restaurantId":"r1"\}\}\z/
--- no_error_log
[error]
[alert]



=== TEST 2: the input may come in a variable
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation Post($order: OrderInput!) { postOrder(input: $order) { name } }","variables":{"order":{"name":"ramen \u00e9 \"1\"","quantity":1,"restaurantId":"r2"}}}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"data":\{"postOrder":\{"name":"ramen \xc3\xa9 \\"1\\""\}\}\}
.*"input":\{"name":"ramen \xc3\xa9 \\"1\\"","quantity":1,"restaurantId":"r2"\}\}\z/



=== TEST 3: two orders of one mutation go out in their order, under two ids
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation { b: postOrder(input: {name: \"first\", quantity: 1, restaurantId: \"r\"}) { name } a: postOrder(input: {name: \"second\", quantity: 1, restaurantId: \"r\"}) { name } }"}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"data":\{"b":\{"name":"first"\},"a":\{"name":"second"\}\}\}
.*"id":"([-0-9a-f]+)".*"name":"first".*
.*"id":"(?!\1)[-0-9a-f]+".*"name":"second".*\z/



=== TEST 4: input of a wrong type is an error, and nothing is queued
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation($order: OrderInput!) { postOrder(input: $order) { id } }","variables":{"order":{"name":"pizza","quantity":"two","restaurantId":"r1"}}}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"errors":\[\{"message":"[^}]*quantity.*"code":"BAD_USER_INPUT".*\n\z/



=== TEST 5: one bad order of two, and neither is queued
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation { a: postOrder(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) { id } b: postOrder(input: {name: \"y\", restaurantId: \"r\"}) { id } }"}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"errors":\[.*"code":"GRAPHQL_VALIDATION_FAILED".*\n\z/



=== TEST 6: @skip keeps an order from being posted
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation($not: Boolean!) { postOrder(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) @skip(if: $not) { id } __typename }","variables":{"not":true}}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"data":\{"__typename":"Mutation"\}\}\n\z/



=== TEST 7: the caller's orders come newest first, and no one else's
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"{ orders { id orderStatus errorMessage } }"}
--- response_body chomp
{"data":{"orders":[{"id":"019320c0-0000-7000-8000-000000000003","orderStatus":"PENDING","errorMessage":null},{"id":"019320c0-0000-7000-8000-000000000002","orderStatus":"FAILED","errorMessage":"card \"declined\"\né"},{"id":"019320c0-0000-7000-8000-000000000001","orderStatus":"SUCCESS","errorMessage":null}]}}



=== TEST 8: a list ends at its longest length
--- config eval
$main::location =~ s/\}/graphql_orders_list_max 2; }/r
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"{ orders { id } }"}
--- response_body chomp
{"data":{"orders":[{"id":"019320c0-0000-7000-8000-000000000003"},{"id":"019320c0-0000-7000-8000-000000000002"}]}}



=== TEST 9: who has no orders gets an empty list
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: nobody
--- request
POST /graphql
{"query":"{ orders { id } }"}
--- response_body chomp
{"data":{"orders":[]}}



=== TEST 10: an id in the index without an order, or with another's, is left out
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: cy
--- request
POST /graphql
{"query":"{ orders { id } }"}
--- response_body chomp
{"data":{"orders":[]}}



=== TEST 11: one order is read by its id, under an alias and twice
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"query($id: ID!) { mine: order(id: $id) { name quantity } again: order(id: $id) { restaurantId __typename } }","variables":{"id":"019320c0-0000-7000-8000-000000000001"}}
--- response_body chomp
{"data":{"mine":{"name":"pizza","quantity":2},"again":{"restaurantId":"r1","__typename":"Order"}}}



=== TEST 12: another user's order is null, like one that is not there
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"{ bens: order(id: \"019320c0-0000-7000-8000-000000000004\") { id } none: order(id: \"019320c0-0000-7000-8000-00000000dead\") { id } text: order(id: \"a b:{}\\r\\n\") { id } int: order(id: 5) { id } }"}
--- response_body chomp
{"data":{"bens":null,"none":null,"text":null,"int":null}}



=== TEST 13: an order of a format that is not known is an error and is logged
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: eve
--- request
POST /graphql
{"query":"{ order(id: \"019320c0-0000-7000-8000-000000000005\") { id } }"}
--- error_code: 500
--- response_body_like: "path":\["order"\].*"code":"INTERNAL_SERVER_ERROR".*"data":\{"order":null\}
--- error_log
the hash of order 019320c0-0000-7000-8000-000000000005 in redis 127.0.0.1:



=== TEST 14: a key of another type is our trouble, not shown to the client
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: odd
--- request
POST /graphql
{"query":"{ orders { id } }"}
--- error_code: 500
--- response_body_unlike: WRONGTYPE
--- error_log
said: WRONGTYPE



=== TEST 15: some of a query is answered although a part failed
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: eve
--- request
POST /graphql
{"query":"{ good: order(id: \"019320c0-0000-7000-8000-000000000001\") { id } bad: order(id: \"019320c0-0000-7000-8000-000000000005\") { id } }"}
--- error_code: 200
--- response_body_like: "path":\["bad"\].*"data":\{"good":null,"bad":null\}



=== TEST 16: who is not logged in is told so
--- config eval
$main::location
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ orders { id } }"}
--- error_code: 401
--- response_body_like: "code":"UNAUTHENTICATED"



=== TEST 17: a user name that is too long, or not UTF-8, is refused
--- config eval
$main::location
--- more_headers eval
["Content-Type: application/json\nX-User: " . ('u' x 257),
 "Content-Type: application/json\nX-User: \xff"]
--- request eval
["POST /graphql\n{\"query\":\"{ orders { id } }\"}",
 "POST /graphql\n{\"query\":\"{ orders { id } }\"}"]
--- error_code eval
[401, 401]



=== TEST 18: without graphql_orders_user all orders are the default user's
--- config eval
$main::location =~ s/graphql_orders_user .*?;/graphql_orders_default_user ben;/r
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ orders { id userId } }"}
--- response_body chomp
{"data":{"orders":[{"id":"019320c0-0000-7000-8000-000000000004","userId":"ben"}]}}



=== TEST 19: fields that the operator adds travel to the queue and back
--- config eval
$main::location =~ s/\}/graphql_orders_schema html\/own.graphql; }/r =~ s/html/$ENV{TEST_NGINX_SERVER_ROOT}\/html/r
--- user_files
>>> own.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
enum Size { S L }
input AddressInput { street: String! floors: [Int!] }
input OrderInput { name: String! size: Size! = L address: AddressInput note: String }
type Address { street: String! floors: [Int!] }
type Order { id: ID! name: String! size: Size! address: Address note: String orderStatus: ORDER_STATUS! }
type Query { orders: [Order!]! order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!): Order! }
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation { postOrder(input: {name: \"x\", address: {street: \"Main\", floors: [1, 2]}}) { size address { floors } note orderStatus } }"}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"data":\{"postOrder":\{"size":"L","address":\{"floors":\[1,2\]\},"note":null,"orderStatus":"PENDING"\}\}\}
.*"input":\{(?=.*"size":"L")(?=.*"address":\{"street":"Main","floors":\[1,2\]\}).*"name":"x".*\}\z/



=== TEST 20: orders are refused while the queue is as long as it may be
--- config eval
$main::location =~ s/\}/graphql_orders_max_queue 2; }/r
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation { a: postOrder(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) { id } b: postOrder(input: {name: \"y\", quantity: 1, restaurantId: \"r\"}) { id } c: postOrder(input: {name: \"z\", quantity: 1, restaurantId: \"r\"}) { id } }"}
--- error_code: 503
--- response_headers
Retry-After: 1
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"errors":\[\{"message":"too many orders are waiting; try again later",.*"path":\["c"\],"extensions":\{"code":"QUEUE_FULL","done":\{"a":"[^"]*","b":"[^"]*"\}\}\}\],"data":null\}
.*"name":"x".*
.*"name":"y".*\z/
--- wait: 1.1



=== TEST 21: a queue that has become shorter takes orders again
--- config eval
$main::location =~ s/\}/graphql_orders_max_queue 1; }/r
--- more_headers eval
["Content-Type: application/json\nX-User: ann",
 "Content-Type: application/json\nX-User: ann"]
--- request eval
my $post = 'postOrder(input: {name: \"x\", quantity: 1, restaurantId: \"r\"})'
    . ' { orderStatus }';
["POST /graphql\n{\"query\":\"mutation { a: $post b: $post }\"}",
 ["POST /graphql\n", "{\"query\":\"mutation { $post }\"}"]]
--- raw_request_middle_delay: 1.1
--- error_code eval
[503, 200]
--- response_body_filters eval
$main::queue
--- response_body_like eval
["QUEUE_FULL", "PENDING"]



=== TEST 22: what breaks a constraint of the schema is no order
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
[map { "POST /graphql\n" . '{"query":"mutation($o: OrderInput!) { postOrder(input: $o) { id } }","variables":{"o":' . $_ . '}}' }
    '{"name":"x","quantity":0,"restaurantId":"r"}',
    '{"name":"x","quantity":-3,"restaurantId":"r"}',
    '{"name":"x","quantity":10001,"restaurantId":"r"}',
    '{"name":"","quantity":1,"restaurantId":"r"}',
    '{"name":"x","quantity":1,"restaurantId":""}',
    '{"name":"' . 'x' x 201 . '","quantity":1,"restaurantId":"r"}',
    '{"name":"x","quantity":1,"restaurantId":"' . 'r' x 101 . '"}']
--- response_body_filters eval
$main::queue
--- response_body_like eval
[(qr/\A\{"errors":\[\{"message":[^\n]*"code":"CONSTRAINT_VIOLATED"\}\}\]\}\n\z/) x 7]



=== TEST 23: what is at the bounds of the constraints is an order
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
[map { "POST /graphql\n" . '{"query":"mutation($o: OrderInput!) { postOrder(input: $o) { orderStatus } }","variables":{"o":' . $_ . '}}' }
    '{"name":"x","quantity":1,"restaurantId":"r"}',
    '{"name":"' . "\xc3\xa9" x 200 . '","quantity":10000,"restaurantId":"' . 'r' x 100 . '"}']
--- response_body_filters eval
$main::queue
--- response_body_like eval
[(qr/PENDING.*\n.*"kind":"post"/) x 2]



=== TEST 24: what is no id in the index is left out
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: dan
--- request
POST /graphql
{"query":"{ orders { id } }"}
--- response_body chomp
{"data":{"orders":[{"id":"019320c0-0000-7000-8000-000000000006"}]}}



=== TEST 25: an order with bytes that are not UTF-8 cannot be read
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: fay
--- request
POST /graphql
{"query":"{ orders { id errorMessage } }"}
--- error_code: 500
--- response_body_like: "code":"INTERNAL_SERVER_ERROR"
--- response_body_unlike: \xff
--- error_log
the hash of order 019320c0-0000-7000-8000-000000000007 in redis 127.0.0.1:



=== TEST 26: an order that no worker could read is not accepted
--- config eval
$main::location =~ s/\}/graphql_orders_schema html\/own.graphql; }/r =~ s/html/$ENV{TEST_NGINX_SERVER_ROOT}\/html/r
--- user_files
>>> own.graphql
scalar Any
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { any: Any }
type Order { id: ID! any: Any orderStatus: ORDER_STATUS! }
type Query { orders: [Order!]! order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!): Order! }
--- more_headers eval
["Content-Type: application/json\nX-User: ann",
 "Content-Type: application/json\nX-User: ann"]
--- request eval
[map { "POST /graphql\n{\"query\":\"mutation { postOrder(input: {any: "
       . '[' x $_ . ']' x $_ . "}) { orderStatus } }\"}" } 63, 62]
--- response_body_filters eval
$main::queue
--- response_body_like eval
[qr/nested too deeply.*LIMIT_EXCEEDED/, qr/PENDING.*"any":\[\[/s]



=== TEST 27: an argument that is known to be bad keeps the orders before it back
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation { a: postOrder(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) { id } b: postOrder(input: {name: \"y\", quantity: 0, restaurantId: \"r\"}) { id } }"}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"errors":\[.*"path":\["b"\],"extensions":\{"code":"CONSTRAINT_VIOLATED"\}\}\],"data":null\}\n\z/



=== TEST 28: the orders before an error that ends a mutation are told
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation { a: postOrder(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) { name } __typename b: deleteOrder(id: \"none\") { id } c: postOrder(input: {name: \"z\", quantity: 1, restaurantId: \"r\"}) { id } }"}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/"path":\["b"\],"extensions":\{"code":"NOT_FOUND","done":\{"a":"([-0-9a-f]{36})"\}\}\}\],"data":null\}\n\{"v":1,"kind":"post","id":"\1"[^\n]*\z/



=== TEST 29: where nothing was done, nothing is told
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"mutation { b: deleteOrder(id: \"none\") { id } c: postOrder(input: {name: \"z\", quantity: 1, restaurantId: \"r\"}) { id } }"}
--- response_body_filters eval
$main::queue
--- response_body_like eval
qr/\A\{"errors":\[.*"code":"NOT_FOUND"\}\}\],"data":null\}\n\z/
