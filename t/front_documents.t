# SPDX-License-Identifier: BSD-2-Clause

# Documents: kept parsed, limited, and what introspection shows.  Needs
# TEST_NGINX_REDIS_PORT.

use Test::Nginx::Socket 'no_plan';

our $post = sub {
    my ($query) = @_;
    return "POST /graphql\n{\"query\":\"$query\"}";
};

# many requests of a kind
our $headers = sub {
    my ($count) = @_;
    return [map { "Content-Type: application/json" } 1 .. $count];
};

repeat_each(2);
no_long_string();
run_tests();

__DATA__

=== TEST 1: a document that is kept answers as at first
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
$main::headers->(3)
--- request eval
[map { $main::post->('{ ' . $_ . ': __typename }') } 'a', 'b', 'a']
--- response_body eval
['{"data":{"a":"Query"}}', '{"data":{"b":"Query"}}', '{"data":{"a":"Query"}}']



=== TEST 2: variables do not stay with it
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
$main::headers->(3)
--- request eval
[map { "POST /graphql\n" . '{"query":"query($s: Boolean = true) { __typename @skip(if: $s) a: __typename }"'
       . "$_}" } '', ',"variables":{"s":false}', '']
--- response_body eval
['{"data":{"a":"Query"}}', '{"data":{"__typename":"Query","a":"Query"}}',
 '{"data":{"a":"Query"}}']



=== TEST 3: more documents than may be kept
--- http_config
    graphql_orders_document_cache 64k entries=2;
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
$main::headers->(12)
--- request eval
[map { $main::post->('{ ' . $_ . ': __typename }') } ('a' .. 'd') x 3]
--- response_body eval
[map { '{"data":{"' . $_ . '":"Query"}}' } ('a' .. 'd') x 3]
--- error_code eval
[map { 200 } 1 .. 12]



=== TEST 4: documents with more bytes than may be kept
--- http_config
    graphql_orders_document_cache 32k entries=1000;
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
$main::headers->(20)
--- request eval
[map { $main::post->('{ a' . $_ . ': __typename' . ' ' x 1000 . '}') } (1 .. 10) x 2]
--- response_body eval
[map { '{"data":{"a' . $_ . '":"Query"}}' } (1 .. 10) x 2]
--- error_code eval
[map { 200 } 1 .. 20]



=== TEST 5: no document is kept
--- http_config
    graphql_orders_document_cache off;
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
$main::headers->(2)
--- request eval
[map { $main::post->('{ orders { id } }') } 1, 2]
--- response_body_like eval
['"orders"', '"orders"']



=== TEST 6: a document that is kept for one location is no other's
--- config
    location = /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
    location = /strict {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_introspection off;
    }
--- more_headers eval
$main::headers->(3)
--- request eval
my $query = "{\"query\":\"{ __schema { queryType { name } } }\"}";
["POST /graphql\n$query", "POST /strict\n$query", "POST /graphql\n$query"]
--- response_body_like eval
['"queryType":\{"name":"Query"\}', '"code":"GRAPHQL_VALIDATION_FAILED"',
 '"queryType":\{"name":"Query"\}']



=== TEST 7: a document at a limit passes, one above does not
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_limit aliases 2;
        graphql_orders_limit document_bytes 60;
        graphql_orders_limit tokens 14;
        graphql_orders_limit depth 2;
    }
--- more_headers eval
$main::headers->(7)
--- request eval
[map { $main::post->($_) }
    '{ a: __typename b: __typename }',
    '{ a: __typename b: __typename c: __typename }',
    '{ __typename' . ' ' x 46 . '}',
    '{ __typename' . ' ' x 48 . '}',
    '{ ' . '__typename ' x 4 . '}',
    '{ ' . 'id ' x 14 . '}',
    '{ __schema { types { name } } }']
--- response_body_like eval
['"data"', 'LIMIT_EXCEEDED.*aliases|aliases.*LIMIT_EXCEEDED', '"data"',
 'LIMIT_EXCEEDED', '"data"', 'LIMIT_EXCEEDED', 'LIMIT_EXCEEDED']



=== TEST 8: a limit of 0 is none
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_limit aliases 0;
        graphql_orders_limit root_fields 0;
    }
--- more_headers eval
$main::headers->(1)
--- request eval
[$main::post->('{ ' . CORE::join(' ', map { "a$_: __typename" } 1 .. 500) . ' }')]
--- response_body_like eval
['"a500":"Query"']



=== TEST 9: a mistyped field is suggested, or not
--- config
    location = /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
    location = /mute {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_suggestions off;
    }
--- more_headers eval
$main::headers->(2)
--- request eval
my $query = "{\"query\":\"{ order(id: 1) { nam } }\"}";
["POST /graphql\n$query", "POST /mute\n$query"]
--- response_body_like eval
['Did you mean \\\\"name\\\\"', '\A(?!.*Did you mean).*"nam\\\\"']



=== TEST 10: an unknown field is named with its type, line and column
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ orders { idd } }"}
--- response_body_like: "idd\\".*\\"Order\\".*"line":1,"column":12
--- no_error_log
[alert]



=== TEST 11: a limit that only warns is logged, once for a document
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_limit aliases 1 warn;
        graphql_orders_limit root_fields 3 warn;
        graphql_orders_limit root_fields 5;
    }
--- more_headers eval
$main::headers->(1)
--- request eval
[$main::post->('{ ' . CORE::join(' ', map { "a$_: __typename" } 1 .. 5) . ' }')]
--- response_body_like eval
['"a5":"Query"']
--- grep_error_log eval
qr/beyond a limit that only warns: The limit of \d is exceeded: [a-z ]+/
--- grep_error_log_out eval
["beyond a limit that only warns: The limit of 1 is exceeded: aliases
beyond a limit that only warns: The limit of 3 is exceeded: root fields
", ""]



=== TEST 12: a limit beside one that warns refuses
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_limit root_fields 3 warn;
        graphql_orders_limit root_fields 5;
    }
--- more_headers eval
$main::headers->(1)
--- request eval
[$main::post->('{ ' . CORE::join(' ', map { "a$_: __typename" } 1 .. 6) . ' }')]
--- response_body_like eval
['"code":"LIMIT_EXCEEDED","limit":"root_fields","max":5']



=== TEST 13: a limit that only warns hides the one of the level above
--- http_config
    graphql_orders_limit aliases 1;
--- config
    location = /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_limit aliases 1 warn;
    }
    location = /strict {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
$main::headers->(2)
--- request eval
my $query = "{\"query\":\"{ a: __typename b: __typename }\"}";
["POST /graphql\n$query", "POST /strict\n$query"]
--- response_body_like eval
['"b":"Query"', '"code":"LIMIT_EXCEEDED","limit":"aliases","max":1']



=== TEST 14: variables have a limit of their own
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_limit variables_bytes 20;
    }
--- more_headers eval
$main::headers->(3)
--- request eval
my $query = 'query($i: ID!) { order(id: $i) { id } }';
["POST /graphql\n{\"query\":\"$query\",\"variables\":{ \"i\" : \"123456789012\" }}",
 "POST /graphql\n{\"query\":\"$query\",\"variables\":{ \"i\" : \"1234567890123\" }}",
 "POST /graphql\n{\"query\":\"{ __typename }\",\"extensions\":{\"x\":\"1234567890123\"}}"]
--- response_body eval
['{"data":{"order":null}}',
 '{"errors":[{"message":"The limit of 20 is exceeded: bytes of variables.","extensions":{"code":"LIMIT_EXCEEDED","limit":"variables_bytes","max":20}}]}',
 '{"data":{"__typename":"Query"}}']



=== TEST 15: and may only warn
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_limit variables_bytes 20 warn;
    }
--- more_headers eval
$main::headers->(1)
--- request eval
my $query = 'query($i: ID!) { order(id: $i) { id } }';
["POST /graphql\n{\"query\":\"$query\",\"variables\":{\"i\":\"1234567890123\"}}"]
--- response_body eval
['{"data":{"order":null}}']
--- error_log
graphql limit variables_bytes of 20 is exceeded by 21 bytes of variables



=== TEST 16: so may the limit of lists, in variables and in the document
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_schema $TEST_NGINX_SERVER_ROOT/html/lists.graphql;
        graphql_orders_prefix lists;
        graphql_orders_limit list_items 2 warn;
    }
--- user_files
>>> lists.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { tags: [String!]! }
type Order { id: ID! tags: [String!]! }
type Query { orders: [Order!]! order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!, idempotencyKey: String): Order! }
--- more_headers eval
$main::headers->(1)
--- request eval
my $mutation = 'mutation($t: [String!]!) {'
    . ' a: postOrder(input: {tags: $t}) { tags }'
    . ' b: postOrder(input: {tags: [\"1\", \"2\", \"3\", \"4\"]}) { tags } }';
["POST /graphql\n{\"query\":\"$mutation\",\"variables\":{\"t\":[\"1\",\"2\",\"3\"]}}"]
--- response_body eval
['{"data":{"a":{"tags":["1","2","3"]},"b":{"tags":["1","2","3","4"]}}}']
--- error_log
graphql limit list_items of 2 is exceeded by a list of 4 items



=== TEST 17: a list at that limit is not logged, and without "warn" one above is refused
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_schema $TEST_NGINX_SERVER_ROOT/html/lists.graphql;
        graphql_orders_prefix lists;
        graphql_orders_limit list_items 2 warn;
    }
    location /refuse/graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_schema $TEST_NGINX_SERVER_ROOT/html/lists.graphql;
        graphql_orders_prefix lists;
        graphql_orders_limit list_items 2;
    }
--- user_files
>>> lists.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { tags: [String!]! }
type Order { id: ID! tags: [String!]! }
type Query { orders: [Order!]! order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!): Order! }
--- more_headers eval
$main::headers->(2)
--- request eval
my $post = 'mutation($t: [String!]!) { postOrder(input: {tags: $t}) { tags } }';
["POST /graphql\n{\"query\":\"$post\",\"variables\":{\"t\":[\"1\",\"2\"]}}",
 "POST /refuse/graphql\n{\"query\":\"$post\",\"variables\":{\"t\":[\"1\",\"2\",\"3\"]}}"]
--- response_body_like eval
['"tags":\["1","2"\]', 'LIMIT_EXCEEDED","limit":"list_items","max":2']
--- no_error_log
graphql limit list_items
