# SPDX-License-Identifier: BSD-2-Clause

# Updates and deletions as they go to the queue; what becomes of them is in
# t/e2e/api_change.t.  Needs TEST_NGINX_REDIS_PORT; the keys have a prefix of
# their own.

use Test::Nginx::Socket 'no_plan';
use FindBin ();

require "$FindBin::Bin/lib/OrdersTest/Resp.pm";

our $prefix = $ENV{TEST_NGINX_PREFIX} = "changes$$";
our $resp = OrdersTest::Resp->new($ENV{TEST_NGINX_REDIS_PORT});
our $id = '019320c0-0000-7000-8000-00000000000a';

add_cleanup_handler(sub {
    $resp->ask('DEL', $_) for @{ $resp->ask('KEYS', "{$prefix*") };
});


# Is asked again until the process listens to replies; then nobody replies, and
# what is in the queue stands behind the response.
our $queue = sub {
    my ($body) = @_;

    my $text = CORE::join "\n", $body,
        @{ $resp->ask('LRANGE', "{$prefix:0}:queue", 0, -1) };
    $resp->ask('DEL', "{$prefix:0}:queue");
    return $text;
};

our $wait = sub {
    for (1 .. 200) {
        my $channels = $resp->ask('PUBSUB', 'CHANNELS', "$prefix:replies:*");
        last if @$channels;
        select undef, undef, undef, 0.01;
    }
    return 'x';
};

our $location = <<'END';
location /graphql {
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_prefix $TEST_NGINX_PREFIX;
    graphql_orders_user $http_x_user;
    graphql_orders_timeout 300ms;
}
location /heard {
    return 200;
}
END

# The first request of a block gives the process time to listen.
our $after = sub {
    my @requests = @_;
    return ["GET /heard", map { "POST /graphql\n" . '{"query":"' . $_ . '"}' }
        @requests];
};

repeat_each(1);
no_long_string();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: an update goes to the queue and asks for a reply
--- config eval
$main::location
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::after->('mutation { updateOrder(id: \"019320C0-0000-7000-8000-00000000000A\", input: {quantity: 3}) { id } }')
--- response_body_filters eval
sub { $_[0] eq '' ? $main::wait->() : $main::queue->($_[0]) }
--- error_code eval
[200, 503]
--- response_body_like eval
['x', qr/\A\{"errors":\[.*"code":"TIMEOUT"\}\}\],"data":null\}
\{"v":1,"kind":"update","id":"$main::id","userId":"ann","createdAt":"[^"]+","input":\{"quantity":3\},"replyTo":"$main::prefix:replies:[-0-9a-f]{36}","requestId":"1"\}\z/]



=== TEST 2: a deletion does, too; staff's says whose orders it is for
--- config eval
$main::location =~ s/\}/graphql_orders_scope all;\n}/r
--- more_headers
Content-Type: application/json
X-User: boss
--- request eval
$main::after->("mutation { deleteOrder(id: \\\"$main::id\\\") { id } }")
--- response_body_filters eval
sub { $_[0] eq '' ? $main::wait->() : $main::queue->($_[0]) }
--- error_code eval
[200, 503]
--- response_body_like eval
['x', qr/"code":"TIMEOUT".*
\{"v":1,"kind":"delete","id":"$main::id","userId":"boss","createdAt":"[^"]+","scope":"all","replyTo":"$main::prefix:replies:[-0-9a-f]{36}","requestId":"1"\}\z/]



=== TEST 3: what the schema does not allow to be null is not set to null
--- config eval
$main::location =~ s/\}/graphql_orders_schema $ENV{TEST_NGINX_SERVER_ROOT}\/html\/own.graphql; }/r
--- user_files
>>> own.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { name: String! note: String }
input Change { name: String note: String extra: Int }
type Order { id: ID! name: String! note: String orderStatus: ORDER_STATUS! }
type Query { orders: [Order!]! order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!): Order! updateOrder(id: ID!, input: Change!): Order }
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::after->(map { "mutation { updateOrder(id: \\\"$main::id\\\", input: {$_}) { id } }" } 'name: null', 'note: null, extra: null')
--- response_body_filters eval
sub { $_[0] eq '' ? $main::wait->() : $main::queue->($_[0]) }
--- error_code eval
[200, 200, 503]
--- response_body_like eval
['x', qr/"name\\" cannot be null".*"code":"BAD_USER_INPUT"[^\n]*\z/, qr/"TIMEOUT".*\n.*"input":\{"note":null,"extra":null\}/]



=== TEST 4: an update without input is a mistake in the schema
--- config eval
$main::location =~ s/\}/graphql_orders_schema $ENV{TEST_NGINX_SERVER_ROOT}\/html\/bad.graphql; }/r
--- user_files
>>> bad.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { name: String! }
type Order { id: ID! }
type Query { orders: [Order] order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!): Order! updateOrder(id: ID!): Order deleteOrder(order: ID!): [Order] }
--- must_die
--- error_log
Mutation.updateOrder has no argument "input"
Mutation.deleteOrder has no argument "id"
Mutation.deleteOrder must be one object, but its type is [Order]



=== TEST 5: where no order is changed nobody listens
--- config eval
$main::location =~ s/\}/graphql_orders_schema $ENV{TEST_NGINX_SERVER_ROOT}\/html\/own.graphql; }/r
--- user_files
>>> own.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { name: String! }
type Order { id: ID! }
type Query { orders: [Order] order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!): Order! }
--- more_headers
Content-Type: application/json
X-User: ann
--- request
POST /graphql
{"query":"{ orders { id } }"}
--- response_body chomp
{"data":{"orders":[]}}
--- no_error_log
replies of workers



=== TEST 6: changes are refused while the queue is too long
--- config eval
$main::location =~ s/\}/graphql_orders_max_queue 1;\n}/r
--- more_headers
Content-Type: application/json
X-User: ann
--- request eval
$main::after->('mutation { postOrder(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) { name } }', "mutation { deleteOrder(id: \\\"$main::id\\\") { id } }")
--- response_body_filters eval
sub { $_[0] eq '' ? $main::wait->() : $_[0] }
--- error_code eval
[200, 200, 503]
--- response_body_like eval
['x', '"name":"x"', '"code":"QUEUE_FULL"']
