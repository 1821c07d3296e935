# SPDX-License-Identifier: BSD-2-Clause

# Lists of orders: their pages, their filters, and who may see them.  Needs
# TEST_NGINX_REDIS_PORT; the keys have a prefix of their own.

use Test::Nginx::Socket 'no_plan';
use FindBin ();

require "$FindBin::Bin/lib/OrdersTest/Resp.pm";

our $prefix = $ENV{TEST_NGINX_PREFIX} = "lists$$";
our $resp = OrdersTest::Resp->new($ENV{TEST_NGINX_REDIS_PORT});

sub id { return sprintf '019320c0-0000-7000-8000-%012d', $_[0] }


# ann has 1 to 7, ben 8 to 10 and one that is gone, cy none.
for my $n (1 .. 10) {
    my $user = $n < 8 ? 'ann' : 'ben';
    my $status = $n % 3 == 0 ? 'FAILED' : $n == 7 || $n == 10 ? 'PENDING'
        : 'SUCCESS';
    $resp->ask('HSET', "{$prefix:0}:order:" . id($n), v => 1, userId => $user,
        orderStatus => $status, createdAt => '2026-11-24T06:35:07.123Z',
        updatedAt => '2026-11-24T06:35:08.000Z',
        input => qq({"name":"n$n","quantity":2,"restaurantId":"r1"}));
    $resp->ask('ZADD', "{$prefix:0}:$_", 0, id($n)) for "user:$user",
        "status:$status", "user-status:$status:$user";
}
$resp->ask('ZADD', "{$prefix:0}:user:ben", 0, id(11));
$resp->ask('ZADD', "{$prefix:0}:user-status:FAILED:ann", 0, id(1));

add_cleanup_handler(sub {
    $resp->ask('DEL', $_) for @{ $resp->ask('KEYS', "{$prefix*") };
});


# Requests for a field with each of the arguments, and the responses in short:
# numbers for ids.
our $ask = sub {
    my ($field, @arguments) = @_;

    my ($name, $selection) = $field =~ /\A(\w+) (.*)\z/s;
    return [map { 'POST /graphql' . "\n" . '{"query":"{ ' . $name
        . ($_ eq '' ? '' : '(' . s/\b(\d+)#/'\\"' . id($1) . '\\"'/ger . ')')
        . " $selection }\"}" } @arguments];
};

our $short = sub {
    my ($body) = @_;

    $body =~ s/"019320c0-0000-7000-8000-0*(\d+)"/$1/g;
    $body =~ s/\A\{"data":\{"\w+":(.*)\}\}\z/$1/s;
    $body =~ s/\{"id":(\d+)\}/$1/g;
    $body = "$2 $1" =~ s/\\"/"/gr if $body =~
        /"message":"((?:[^"\\]|\\.)*)".*"path":\["\w+"\].*"code":"(\w+)"/;
    return $body;
};

our $location = <<'END';
location /graphql {
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_prefix $TEST_NGINX_PREFIX;
    graphql_orders_user $http_x_user;
}
END

our $all = $location =~ s/\}/graphql_orders_scope all;\n}/r;

repeat_each(1);
no_long_string();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: first and after, last and before
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('orders { id }', '', 'first: 3', 'first: 3, after: 5#',
    'first: 3, after: 2#', 'first: 3, after: 1#', 'last: 2', 'last: 2, before: 3#',
    'last: 2, before: 6#', 'last: 9, before: 7#', 'first: 0', 'last: 0',
    'first: 9, after: 6#, before: 2#', 'last: 2, after: 6#, before: 2#',
    'first: 2, after: 6#, before: 2#', 'after: 3#', 'before: 5#',
    'first: null, after: null, last: null, before: null, status: null')
--- response_body_filters eval
$main::short
--- response_body eval
['[7,6,5,4,3,2,1]', '[7,6,5]', '[4,3,2]', '[1]', '[]', '[2,1]', '[5,4]',
 '[7]', '[]', '[]', '[]', '[5,4,3]', '[4,3]', '[5,4]', '[2,1]', '[7,6]',
 '[7,6,5,4,3,2,1]']
--- no_error_log
[error]
[alert]



=== TEST 2: by status, exactly and with cursors
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('orders { id }', 'status: SUCCESS', 'status: PENDING',
    'status: FAILED', 'status: SUCCESS, first: 2', 'status: SUCCESS, first: 2, after: 4#',
    'status: SUCCESS, last: 2', 'status: SUCCESS, first: 9, after: 3#')
--- response_body_filters eval
$main::short
--- response_body eval
['[5,4,2,1]', '[7]', '[6,3]', '[5,4]', '[2,1]', '[2,1]', '[2,1]']



=== TEST 3: a cursor in capital letters, and one that is in no list
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('orders { id }',
    'after: \"019320C0-0000-7000-8000-000000000003\"', 'after: 99#', 'before: 99#')
--- response_body_filters eval
$main::short
--- response_body eval
['[2,1]', '[7,6,5,4,3,2,1]', '[]']



=== TEST 4: arguments that make no sense
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('orders { id }', 'first: -1', 'last: -1', 'first: 1, last: 1',
    'after: \"x\"', 'before: 5')
--- response_body_filters eval
$main::short
--- response_body eval
['BAD_USER_INPUT "first" and "last" are numbers from 0',
 'BAD_USER_INPUT "first" and "last" are numbers from 0',
 'BAD_USER_INPUT "first" and "last" cannot both be given',
 'BAD_USER_INPUT "after" and "before" are cursors: the ids of orders',
 'BAD_USER_INPUT "after" and "before" are cursors: the ids of orders']



=== TEST 5: a list is no longer than allowed, and says so when it should be
--- config eval
$main::location =~ s/\}/graphql_orders_list_max 3; }/r
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('orders { id }', '', 'first: 3', 'first: 4', 'last: 4')
--- response_body_like eval
['(?:.*?"id"){3}(?!.*"id")', '(?:.*?"id"){3}(?!.*"id")',
 ('"message":"The limit of 3 is exceeded.*"extensions":\{"code":"LIMIT_EXCEEDED","limit":"list_max","max":3\}') x 2]



=== TEST 6: a connection has edges, nodes, cursors and counts
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('ordersConnection { edges { cursor node { id name } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount }',
    'first: 2', 'first: 2, after: 6#', 'first: 2, after: 3#', 'last: 2, before: 5#', 'last: 2', 'first: 5, after: 1#',
    'first: 0')
--- response_body_filters eval
sub { $main::short->($_[0]) =~ s/\{"cursor":(\d+),"node":\{"id":\1,"name":"n\1"\}\}/$1/gr }
--- response_body eval
['{"edges":[7,6],"nodes":[7,6],"pageInfo":{"hasNextPage":true,"hasPreviousPage":false,"startCursor":7,"endCursor":6},"totalCount":7}',
 '{"edges":[5,4],"nodes":[5,4],"pageInfo":{"hasNextPage":true,"hasPreviousPage":true,"startCursor":5,"endCursor":4},"totalCount":7}',
 '{"edges":[2,1],"nodes":[2,1],"pageInfo":{"hasNextPage":false,"hasPreviousPage":true,"startCursor":2,"endCursor":1},"totalCount":7}',
 '{"edges":[7,6],"nodes":[7,6],"pageInfo":{"hasNextPage":true,"hasPreviousPage":false,"startCursor":7,"endCursor":6},"totalCount":7}',
 '{"edges":[2,1],"nodes":[2,1],"pageInfo":{"hasNextPage":false,"hasPreviousPage":true,"startCursor":2,"endCursor":1},"totalCount":7}',
 '{"edges":[],"nodes":[],"pageInfo":{"hasNextPage":false,"hasPreviousPage":true,"startCursor":null,"endCursor":null},"totalCount":7}',
 '{"edges":[],"nodes":[],"pageInfo":{"hasNextPage":true,"hasPreviousPage":false,"startCursor":null,"endCursor":null},"totalCount":7}']
--- no_error_log
[error]
[alert]



=== TEST 7: a connection by status counts that status
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('ordersConnection { nodes { id } pageInfo { hasNextPage } totalCount }',
    'status: SUCCESS, first: 3', 'status: PENDING')
--- response_body_filters eval
$main::short
--- response_body eval
['{"nodes":[5,4,2],"pageInfo":{"hasNextPage":true},"totalCount":4}',
 '{"nodes":[7],"pageInfo":{"hasNextPage":false},"totalCount":1}']



=== TEST 8: what is not asked for is not fetched
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- init
$main::resp->ask('CONFIG', 'RESETSTAT');
--- request eval
[$main::ask->('ordersConnection { totalCount }', 'first: 0')->[0],
 $main::ask->('ordersConnection { edges { cursor } }', '')->[0],
 $main::ask->('ordersConnection { ...all } } fragment all on OrderConnection { list: edges { one: node { id } }', '')->[0]]
--- response_body_filters eval
sub {
    my ($stats) = $main::resp->ask('INFO', 'commandstats');
    my @calls = $stats =~ /cmdstat_(zcard|zrange|hmget|multi):calls=(\d+)/g;
    my %calls = @calls;
    return CORE::join ' ', map { "$_=$calls{$_}" } sort keys %calls;
}
--- response_body eval
['multi=1 zcard=1 zrange=1', 'multi=1 zcard=1 zrange=2',
 'hmget=7 multi=1 zcard=1 zrange=3']



=== TEST 9: an order that is gone is passed over, but its cursor counts
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ben
--- request eval
$main::ask->('ordersConnection { nodes { id } pageInfo { hasNextPage startCursor endCursor } }',
    'first: 2', 'first: 1', 'status: FAILED')
--- response_body_filters eval
$main::short
--- response_body eval
['{"nodes":[10],"pageInfo":{"hasNextPage":true,"startCursor":11,"endCursor":10}}',
 '{"nodes":[],"pageInfo":{"hasNextPage":true,"startCursor":11,"endCursor":11}}',
 '{"nodes":[9],"pageInfo":{"hasNextPage":false,"startCursor":9,"endCursor":9}}']



=== TEST 10: an order whose status has changed meanwhile is in no list of the old one
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('orders { id orderStatus }', 'status: FAILED, last: 1')
--- response_body_filters eval
$main::short
--- response_body eval
['[]']



=== TEST 11: the own name is no other user's, and another's is forbidden
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ben
--- request eval
[@{$main::ask->('orders { id }', 'userId: \"ben\", first: 2', 'userId: \"ann\"', 'userId: \"\"')},
 @{$main::ask->('ordersConnection { totalCount }', 'userId: \"ann\"')}]
--- response_body_filters eval
$main::short
--- response_body eval
['[10]', ('FORBIDDEN you may not see the orders of another user') x 3]



=== TEST 12: its status in the newer media type is 403
--- config eval
$main::location
--- more_headers
Content-Type: application/json
Accept: application/graphql-response+json
X-User: ben
--- request eval
$main::ask->('orders { id }', 'userId: \"ann\"')
--- error_code eval
[403]



=== TEST 13: staff sees the orders of all, newest first
--- config eval
$main::all
--- more_headers
Content-Type: application/json
X-User: boss
--- request eval
$main::ask->('orders { id }', '', 'first: 4', 'first: 3, after: 7#', 'last: 3', 'last: 3, before: 7#', 'status: FAILED', 'status: PENDING, first: 1',
    'userId: \"ann\", first: 2', 'userId: \"ben\"', 'userId: \"ann\", status: PENDING', 'userId: \"boss\"', 'userId: \"' . 'u' x 256 . '\"')
--- response_body_filters eval
$main::short
--- response_body eval
['[10,9,8,7,6,5,4,3,2,1]', '[10,9,8,7]', '[6,5,4]', '[3,2,1]', '[10,9,8]', '[9,6,3]', '[10]',
 '[7,6]', '[10,9,8]', '[7]', '[]', '[]']
--- no_error_log
[error]
[alert]



=== TEST 14: ... also by pages, and one by one
--- config eval
$main::all
--- more_headers
Content-Type: application/json
X-User: boss
--- request eval
[@{$main::ask->('ordersConnection { nodes { id } pageInfo { hasNextPage hasPreviousPage } totalCount }',
    'first: 3', 'first: 9, after: 9#', 'last: 2, before: 2#', 'status: SUCCESS, first: 1', 'userId: \"ann\", first: 1')},
 @{$main::ask->('order { id userId }', 'id: 8#', 'id: 2#', 'id: 11#')}]
--- response_body_filters eval
$main::short
--- response_body eval
['{"nodes":[10,9,8],"pageInfo":{"hasNextPage":true,"hasPreviousPage":false},"totalCount":10}',
 '{"nodes":[8,7,6,5,4,3,2,1],"pageInfo":{"hasNextPage":false,"hasPreviousPage":true},"totalCount":10}',
 '{"nodes":[4,3],"pageInfo":{"hasNextPage":true,"hasPreviousPage":true},"totalCount":10}',
 '{"nodes":[8],"pageInfo":{"hasNextPage":true,"hasPreviousPage":false},"totalCount":5}',
 '{"nodes":[7],"pageInfo":{"hasNextPage":true,"hasPreviousPage":false},"totalCount":7}',
 '{"id":8,"userId":"ben"}', '{"id":2,"userId":"ann"}', 'null']



=== TEST 15: a name that is too long is nobody's
--- config eval
$main::all
--- more_headers
Content-Type: application/json
X-User: boss
--- request eval
$main::ask->('orders { id }', 'userId: \"' . 'u' x 257 . '\"')
--- response_body_filters eval
$main::short
--- response_body eval
['BAD_USER_INPUT "userId" is too long for a user\'s name']



=== TEST 16: an operator's schema may offer less
--- config eval
$main::location =~ s/\}/graphql_orders_schema $ENV{TEST_NGINX_SERVER_ROOT}\/html\/own.graphql; }/r
--- user_files
>>> own.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED REFUNDED }
input OrderInput { name: String! }
type Order { id: ID! name: String! orderStatus: ORDER_STATUS! }
type Query { orders(first: Int = 2, status: ORDER_STATUS): [Order!]! order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!): Order! }
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::ask->('orders { id }', '', 'status: REFUNDED')
--- response_body_filters eval
$main::short
--- response_body eval
['[7,6]', 'BAD_USER_INPUT no order ever has this "status"']



=== TEST 17: an index that is none is our trouble
--- config eval
$main::all
--- more_headers
Content-Type: application/json
X-User: boss
--- init
$main::resp->ask('DEL', "{$main::prefix:0}:status:PENDING");
$main::resp->ask('SET', "{$main::prefix:0}:status:PENDING", 'x');
--- request eval
$main::ask->('orders { id }', '')
--- error_code eval
[500]
--- response_body_like eval
['INTERNAL_SERVER_ERROR']
--- error_log
said: WRONGTYPE



=== TEST 18: a connection is one object
--- config eval
$main::location =~ s/\}/graphql_orders_schema $ENV{TEST_NGINX_SERVER_ROOT}\/html\/bad.graphql; }/r
--- user_files
>>> bad.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { name: String! }
type Order { id: ID! }
type Query { orders: [Order] order(id: ID!): Order ordersConnection: [Order] }
type Mutation { postOrder(input: OrderInput!): Order! }
--- must_die
--- error_log
Query.ordersConnection must be one object, but its type is [Order]



=== TEST 19: what is no id in an index is left out
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: dee
--- init
$main::resp->ask('ZADD', "{$main::prefix:0}:user:dee", 0, $_) for 'no id', 'x', '', main::id(1);
--- request eval
$main::ask->('orders { id }', '', 'first: 1')
--- response_body_filters eval
$main::short
--- response_body eval
['[]', '[]']
