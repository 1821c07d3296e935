# SPDX-License-Identifier: BSD-2-Clause

# Mistakes in the configuration, as nginx -t reports them.  Needs
# TEST_NGINX_REDIS_PORT.  CPAN's Test::Nginx also needs a TEST_NGINX_BINARY that
# runs "nginx -e logs/error.log" where nginx was compiled, as Debian's was, to
# log such mistakes elsewhere.

use Test::Nginx::Socket 'no_plan';

repeat_each(1);
no_long_string();
run_tests();

__DATA__

=== TEST 1: an address that is none is reported, and not shown
--- config
    location /graphql {
        graphql_orders http://user:secret@127.0.0.1:6379;
    }
--- must_die
--- error_log
[emerg]
invalid Redis address in "graphql_orders"
redis://[user:password@]host[:port][/db]
--- no_error_log
secret



=== TEST 2: a host name that does not resolve is reported
--- config
    location /graphql {
        graphql_orders redis://no-such-host.invalid:6379;
    }
--- must_die
--- error_log
[emerg]
host not found in the Redis address of host "no-such-host.invalid"



=== TEST 3: graphql_orders twice in a location is a mistake
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders redis://127.0.0.1:6380;
    }
--- must_die
--- error_log
[emerg]
"graphql_orders" directive is duplicate



=== TEST 4: a prefix with braces would break the keys
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_prefix "a{b}";
    }
--- must_die
--- error_log
[emerg]
invalid "graphql_orders_prefix" "a{b}"



=== TEST 5: a timeout of 0 is a mistake
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_timeout 0;
    }
--- must_die
--- error_log
[emerg]
invalid value "0" in "graphql_orders_timeout": it is a time from 1ms to 1d in



=== TEST 6: an unknown limit is a mistake
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_limit height 3;
    }
--- must_die
--- error_log
[emerg]
"height" is no limit that "graphql_orders_limit" knows: document_bytes tokens depth



=== TEST 7: a limit twice is a mistake
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_limit depth 3;
        graphql_orders_limit depth 4;
    }
--- must_die
--- error_log
[emerg]
"graphql_orders_limit" directive is duplicate



=== TEST 8: a limit is a number
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_limit depth deep;
    }
--- must_die
--- error_log
[emerg]
invalid value "deep" of the limit "depth"



=== TEST 9: a schema file that is not there is reported
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_schema no-such.graphql;
    }
--- must_die
--- error_log
[emerg]
no-such.graphql" failed (2: No such file or directory)



=== TEST 10: a syntax error in the schema is reported with line and column
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_schema $TEST_NGINX_SERVER_ROOT/html/bad.graphql;
    }
--- user_files
>>> bad.graphql
type Query {
  orders: [Order!
}
--- must_die
--- error_log eval
qr/bad\.graphql:3:1: /



=== TEST 11: every unknown type in the schema is reported
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_schema $TEST_NGINX_SERVER_ROOT/html/bad.graphql;
    }
--- user_files
>>> bad.graphql
type Query {
  orders: [Ordr!]!
  order(id: IDD!): Ordr
}
type Mutation {
  postOrder(input: String): String
}
--- must_die
--- error_log eval
[qr/bad\.graphql:2:\d+: .*Ordr/, qr/bad\.graphql:3:\d+: .*IDD/]



=== TEST 12: a schema without the fields that the front door answers is reported
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_schema $TEST_NGINX_SERVER_ROOT/html/bad.graphql;
    }
--- user_files
>>> bad.graphql
enum ORDER_STATUS { PENDING SUCCESS }
type Order { id: ID! orderStatus: ORDER_STATUS! }
type Query {
  order(key: ID!): [Order]
  weather: String
}
--- must_die
--- error_log
[emerg]
bad.graphql: the query type has no field orders
bad.graphql: Query.order has no argument "id"
bad.graphql: Query.order must be one object, but its type is [Order]
bad.graphql: Query.weather is no field that graphql_orders can answer
bad.graphql: the mutation type has no field postOrder
bad.graphql: the enum ORDER_STATUS has no value FAILED



=== TEST 13: a cache that could hold nothing is a mistake
--- http_config
    graphql_orders_document_cache 100;
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
    }
--- must_die
--- error_log
[emerg]
invalid size "100" in "graphql_orders_document_cache"



=== TEST 14: an empty default user is a mistake
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_default_user "";
    }
--- must_die
--- error_log
[emerg]
invalid value "" in "graphql_orders_default_user": it is a name of 1 to 256 bytes



=== TEST 15: all directives at their places make a front door
--- http_config
    graphql_orders_document_cache 1m entries=100;
    graphql_orders_timeout 3s;
    graphql_orders_limit tokens 2k;
--- config
    graphql_orders_connect_timeout 500ms;
    graphql_orders_default_user guest;
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT/0;
        graphql_orders_prefix shop.1;
        graphql_orders_max_body 64k;
        graphql_orders_list_max 10;
        graphql_orders_introspection off;
        graphql_orders_suggestions off;
        graphql_orders_limit depth 5;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 16: a host name is resolved when the configuration is read
--- config
    location /graphql {
        graphql_orders redis://localhost:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ orders { id } }"}
--- response_body_like: "orders":\[



=== TEST 17: a location without graphql_orders may be anything else
--- http_config
    graphql_orders_timeout 3s;
--- config
    location /t {
        return 200 "t\n";
    }
--- request
GET /t
--- response_body
t



=== TEST 18: a limit has no other mode than to warn
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_limit depth 4 shout;
    }
--- must_die
--- error_log
[emerg]
invalid parameter "shout" of the limit "depth"



=== TEST 19: a default user that is not UTF-8 is a mistake
--- config eval
"location /graphql {
    graphql_orders redis://127.0.0.1:6379;
    graphql_orders_default_user caf\xe9;
}"
--- must_die
--- error_log
[emerg]
" in "graphql_orders_default_user": it is a name of 1 to 256 bytes of UTF-8



=== TEST 20: a cache that is off has no entries
--- http_config
    graphql_orders_document_cache off entries=5;
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
    }
--- must_die
--- error_log
[emerg]
"graphql_orders_document_cache" directive takes nothing after "off"



=== TEST 21: durability has three kinds
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_durability disk;
    }
--- must_die
--- error_log
[emerg]
invalid parameters in "graphql_orders_durability": it is memory, replicas=number [time], or fsync [time]



=== TEST 22: replicas are at least one
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_durability replicas=0 1s;
    }
--- must_die
--- error_log
invalid parameters in "graphql_orders_durability"



=== TEST 23: WAIT without a timeout would wait for good
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_durability fsync 0;
    }
--- must_die
--- error_log
invalid parameters in "graphql_orders_durability"



=== TEST 24: memory waits for nothing
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_durability memory 1s;
    }
--- must_die
--- error_log
invalid parameters in "graphql_orders_durability"



=== TEST 25: a timeout that only a slip of the pen can have made
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_timeout 9999999999;
    }
--- must_die
--- error_log
[emerg]
invalid value "9999999999" in "graphql_orders_timeout": it is a time from 1ms to 1d in



=== TEST 26: a time to connect of 0
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_connect_timeout 0s;
    }
--- must_die
--- error_log
[emerg]
invalid value "0s" in "graphql_orders_connect_timeout": it is a time from 1ms to 1d in



=== TEST 27: a key that is forgotten at once
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_idempotency_ttl 0;
    }
--- must_die
--- error_log
[emerg]
invalid value "0" in "graphql_orders_idempotency_ttl": it is a time from 1s on in



=== TEST 28: a header that nobody can send
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_idempotency_header "Idempotency Key";
    }
--- must_die
--- error_log
[emerg]
invalid value "Idempotency Key" in "graphql_orders_idempotency_header": it is the name of a header, or "" in



=== TEST 29: a body without room
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_max_body 0;
    }
--- must_die
--- error_log
[emerg]
invalid value "0" in "graphql_orders_max_body": it is a size from 1 on in



=== TEST 30: a scope has two kinds
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_scope mine;
    }
--- must_die
--- error_log
[emerg]
invalid value "mine" in "graphql_orders_scope": it is "own" or "all" in



=== TEST 31: the length of lists has its bounds
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_list_max 1001;
    }
--- must_die
--- error_log
[emerg]
value must be between 1 and 1000 in



=== TEST 32: a limit may only "warn"
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_limit list_items 5 log;
    }
--- must_die
--- error_log
[emerg]
invalid parameter "log" of the limit "list_items": it is "warn" in



=== TEST 33: a folder is no schema
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_schema ..;
    }
--- must_die
--- error_log
[emerg]
" is not a file in



=== TEST 34: an argument that would be left out without a word is reported
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_schema $TEST_NGINX_SERVER_ROOT/html/bad.graphql;
    }
--- user_files
>>> bad.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { name: String! }
type Order { id: ID! name: String! orderStatus: ORDER_STATUS! }
type Query {
  orders(first: [Int], status: ID, sort: String): [Order!]!
  order(id: Int!): Order
}
type Mutation { postOrder(input: [OrderInput!]!, idempotencyKey: Int): Order! }
--- must_die
--- error_log
Query.orders has the argument "first" of type [Int]: it must be Int in
Query.orders has the argument "status" of type ID: it must be ORDER_STATUS in
Query.orders has an argument "sort" that graphql_orders does not know in
Query.order has the argument "id" of type Int!: it must be ID in
Mutation.postOrder has the argument "input" of type [OrderInput!]!: it must be an input object in
Mutation.postOrder has the argument "idempotencyKey" of type Int: it must be ID in



=== TEST 35: an order that could be accepted, but not shown, is reported
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:6379;
        graphql_orders_schema $TEST_NGINX_SERVER_ROOT/html/bad.graphql;
    }
--- user_files
>>> bad.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { name: String, note: String = "none" }
type Order {
  id: ID! userId: ID! orderStatus: ORDER_STATUS! createdAt: String!
  updatedAt: String! errorMessage: String name: String! note: String! other: Int!
}
union Any = Order
type Query { orders: [Any!]! order(id: ID!): ORDER_STATUS }
type Mutation { postOrder(input: OrderInput!): Order! }
--- must_die
--- error_log
Query.orders must be a list of objects, but its type is [Any!]! in
Query.order must be one object, but its type is ORDER_STATUS in
Order.name must not be null, so OrderInput.name must be there and of a type with "!" in
Order.note must not be null, so OrderInput.note must be there and of a type with "!" in
Order.other must not be null, so OrderInput.other must be there and of a type with "!" in
--- no_error_log
Order.userId
Order.updatedAt
