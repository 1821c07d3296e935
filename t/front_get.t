# SPDX-License-Identifier: BSD-2-Clause

# Queries over GET, and OPTIONS.  Needs TEST_NGINX_REDIS_PORT.

use Test::Nginx::Socket 'no_plan';

our $location = <<'END';
location /graphql {
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_get on;
}
END

repeat_each(1);
no_long_string();
run_tests();

__DATA__

=== TEST 1: a query may come in the arguments
--- config eval
$main::location
--- more_headers
GraphQL-Require-Preflight: 1
--- request
GET /graphql?query=%7B+__typename%20%7D
--- response_headers
Content-Type: application/json; charset=utf-8
Cache-Control: no-store
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 2: variables and the operation's name come beside it
--- config eval
$main::location
--- more_headers
Apollo-Require-Preflight: true
--- request
GET /graphql?operationName=b&other=1&variables=%7B%22id%22:%22x%22%7D&extensions=&query=query+a{__typename}query+b($id:ID!){order(id:$id){id}}
--- response_body chomp
{"data":{"order":null}}



=== TEST 3: variables and extensions may be null
--- config eval
$main::location
--- more_headers
X-Apollo-Operation-Name: x
--- request
GET /graphql?query={__typename}&variables=null&extensions=null&operationName=
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 4: a request that any web page could send is refused
--- config eval
$main::location
--- more_headers
Content-Type: text/plain
--- request
GET /graphql?query={__typename}
--- error_code: 400
--- response_body_like: GraphQL-Require-Preflight.*"code":"BAD_REQUEST"



=== TEST 5: a mutation over GET is refused, and POST is named
--- config eval
$main::location
--- more_headers
GraphQL-Require-Preflight: 1
--- request
GET /graphql?query=mutation{postOrder(input:{name:"x",quantity:1,restaurantId:"r"}){id}}
--- error_code: 405
--- response_headers
Allow: POST
--- response_body_like: "message":"send a mutation with POST".*"code":"METHOD_NOT_ALLOWED"



=== TEST 6: arguments that are missing, twice, or not what they must be
--- config eval
$main::location
--- more_headers eval
[map { "GraphQL-Require-Preflight: 1" } 1 .. 9]
--- request eval
["GET /graphql", "GET /graphql?", "GET /graphql?query",
 "GET /graphql?query={__typename}&query={__typename}",
 "GET /graphql?query={__typename}&variables=[]",
 "GET /graphql?query={__typename}&variables={",
 "GET /graphql?query={__typename}&extensions=1",
 "GET /graphql?query=%7",
 "GET /graphql?query=%zz"]
--- error_code eval
[map { 400 } 1 .. 9]
--- response_body_like eval
['"query\\\\" must be a string', '"query\\\\" must be a string',
 '"query\\\\" must be a string', '"query\\\\" is there twice',
 '"variables\\\\" must be an object', '"variables\\\\" is not good JSON',
 '"extensions\\\\" must be an object', 'percent-encoded', 'percent-encoded']



=== TEST 7: bytes that are not UTF-8 are refused
--- config eval
$main::location
--- more_headers
GraphQL-Require-Preflight: 1
Accept: application/graphql-response+json
--- request
GET /graphql?query={__typename%ff}
--- error_code: 400
--- response_body_like: "code":"GRAPHQL_PARSE_FAILED"



=== TEST 8: HEAD is GET without the body
--- config eval
$main::location
--- more_headers
GraphQL-Require-Preflight: 1
--- request
HEAD /graphql?query={orders{id}}
--- response_headers
Content-Type: application/json; charset=utf-8
--- response_body:



=== TEST 9: POST works beside it, and its arguments are not read
--- config eval
$main::location
--- more_headers
Content-Type: application/json
--- request
POST /graphql?query={x}
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 10: another method is told of all three
--- config eval
$main::location
--- request
PUT /graphql
{}
--- error_code: 405
--- response_headers
Allow: GET, HEAD, POST



=== TEST 11: OPTIONS names the methods, and CORS headers may be added to it
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        add_header Access-Control-Allow-Origin https://shop.example always;
    }
--- more_headers
Origin: https://shop.example
Access-Control-Request-Method: POST
--- request
OPTIONS /graphql
--- error_code: 204
--- response_headers
Allow: POST
Access-Control-Allow-Origin: https://shop.example
--- response_body:



=== TEST 12: the body of a GET request is thrown away
--- config eval
$main::location
--- more_headers
GraphQL-Require-Preflight: 1
--- pipelined_requests eval
["GET /graphql?query={orders{id}}\n{\"query\":\"{ x }\"}",
 "GET /graphql?query={second:__typename}"]
--- response_body_like eval
['"orders"', '"second":"Query"']
--- no_error_log
[error]
[alert]



=== TEST 13: a name that is not UTF-8 is refused, and not sent back
--- config eval
$main::location
--- more_headers
GraphQL-Require-Preflight: 1
--- request
GET /graphql?query={__typename}&operationName=%ff
--- error_code: 400
--- response_body_unlike: \xff
--- response_body_like: "code":"BAD_REQUEST"
