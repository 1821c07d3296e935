# SPDX-License-Identifier: BSD-2-Clause

# The variables of the front door.  Needs TEST_NGINX_REDIS_PORT.

use Test::Nginx::Socket 'no_plan';

our $location = <<'END';
location /graphql {
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_documents $TEST_NGINX_SERVER_ROOT/html/known.json;
    add_header X-Operation "$graphql_orders_operation_type/$graphql_orders_operation" always;
    add_header X-Code $graphql_orders_code always;
    add_header X-Cache $graphql_orders_cache always;
    add_header X-Id $graphql_orders_id always;
}
END

our $known = <<'END';
>>> known.json
{"known":"{ __typename }"}
END

our $post = 'mutation Post { postOrder(input: {name: \"x\", quantity: 1,'
    . ' restaurantId: \"r\"}) { id } }';

repeat_each(1);
no_long_string();
run_tests();

__DATA__

=== TEST 1: an operation's name and type
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"query Mine { __typename } query Other { __typename }","operationName":"Mine"}
--- response_headers
X-Operation: query/Mine
! X-Code
! X-Id



=== TEST 2: an anonymous operation has a type alone
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ __typename }"}
--- response_headers
X-Operation: query/



=== TEST 3: an order that was posted has its id
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers
Content-Type: application/json
--- request eval
"POST /graphql\n{\"query\":\"$main::post\"}"
--- response_headers
X-Operation: mutation/Post
--- raw_response_headers_like eval
qr/X-Id: [0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/



=== TEST 4: a document is new, then kept, or trusted
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers eval
[("Content-Type: application/json") x 3]
--- request eval
["POST /graphql\n{\"query\":\"{ x: __typename }\"}",
 "POST /graphql\n{\"query\":\"{ x: __typename }\"}",
 "POST /graphql\n{\"documentId\":\"known\"}"]
--- response_headers eval
["X-Cache: MISS", "X-Cache: HIT", "X-Cache: TRUSTED"]



=== TEST 5: the code of the first error, and a document that is none is a miss
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json",
 "Content-Type: text/plain"]
--- request eval
["POST /graphql\n{\"query\":\"{ nothing }\"}",
 "POST /graphql\n{\"documentId\":\"none\"}", "POST /graphql\n{}"]
--- error_code eval
[200, 200, 415]
--- response_headers eval
["X-Code: GRAPHQL_VALIDATION_FAILED\nX-Cache: MISS",
 "X-Code: PERSISTED_QUERY_NOT_FOUND\n! X-Cache",
 "X-Code: UNSUPPORTED_MEDIA_TYPE\n! X-Cache\nX-Operation: /"]



=== TEST 6: hits and misses are counted
--- config eval
$main::location . <<'END'
location /counts {
    return 200 "$graphql_orders_cache_hits $graphql_orders_cache_misses";
}
END
--- user_files eval
$main::known
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json",
 "Content-Type: application/json", ""]
--- request eval
["POST /graphql\n{\"query\":\"{ y: __typename }\"}",
 "POST /graphql\n{\"query\":\"{ y: __typename }\"}",
 "POST /graphql\n{\"query\":\"{ y: __typename }\"}",
 "GET /counts"]
--- response_body_like eval
[('Query') x 3, '^2 1$']



=== TEST 7: they stand in a log
--- http_config
    log_format graphql '[$graphql_orders_operation_type '
        '$graphql_orders_operation $graphql_orders_code $graphql_orders_cache '
        '$graphql_orders_id]';
--- config eval
$main::location . 'access_log $TEST_NGINX_SERVER_ROOT/logs/access.log graphql;'
--- user_files eval
$main::known
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"query Logged { nothing }"}
--- access_log
[- - GRAPHQL_VALIDATION_FAILED MISS -]



=== TEST 8: another location's request has none
--- config
    location /other {
        return 200 "[$graphql_orders_operation$graphql_orders_code]";
    }
--- request
GET /other
--- response_body chomp
[]
