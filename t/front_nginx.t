# SPDX-License-Identifier: BSD-2-Clause

# The front door among nginx's other modules: subrequests, redirects, filters,
# preconditions.  Needs TEST_NGINX_REDIS_PORT.

use Test::Nginx::Socket 'no_plan';

our $graphql = <<'END';
location /graphql {
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_get on;
}
END

repeat_each(1);
no_long_string();
run_tests();

__DATA__

=== TEST 1: a query as auth_request lets a request pass
--- config eval
'location /t {
    auth_request /may;
    try_files /none =204;
}
location = /may {
    internal;
    set $args "query={orders{id}}";
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_get on;
}'
--- more_headers
GraphQL-Require-Preflight: 1
--- request
GET /t
--- error_code: 204
--- response_body:
--- no_error_log
[error]
[alert]



=== TEST 2: a refusal as auth_request keeps a request out
--- config eval
'location /t {
    auth_request /may;
    try_files /none =204;
}
location = /may {
    internal;
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_get on;
    graphql_orders_user $http_x_user;
}'
--- more_headers
GraphQL-Require-Preflight: 1
--- request
GET /t
--- error_code: 401
--- no_error_log
[error]
[alert]



=== TEST 3: auth_request keeps the body for the front door
--- config
    location /graphql {
        auth_request /may;
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
    location = /may {
        internal;
        return 204;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ orders { __typename } }"}
--- response_body_like: "orders":\[



=== TEST 4: answers before and after a page, both from Redis
--- config eval
$main::graphql . 'location /page {
    add_before_body /graphql/before;
    add_after_body /graphql/after;
    addition_types *;
    root html;
}
location /graphql/before {
    set $args "query={a:orders{id}}";
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_get on;
}
location /graphql/after {
    set $args "query={b:orders{id}}";
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_get on;
}'
--- user_files
>>> page
(page)
--- more_headers
GraphQL-Require-Preflight: 1
--- request
GET /page
--- response_body_like: ^\{"data":\{"a":\[.*\]\}\}\(page\)\n\{"data":\{"b":\[.*\]\}\}$
--- no_error_log
[error]
[alert]



=== TEST 5: try_files ends at the front door
--- config eval
$main::graphql . 'location /shop { try_files /none /graphql; }'
--- more_headers
Content-Type: application/json
--- request
POST /shop
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 6: what nginx refuses may be told by the front door
--- config
    error_page 403 = @graphql;
    location /graphql {
        deny all;
    }
    location @graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ orders { __typename } }"}
--- response_body_like: "orders":\[



=== TEST 7: a body that nginx refuses is too large for the front door, too
--- config
    error_page 413 @graphql;
    location /graphql {
        client_max_body_size 10;
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
    location @graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ orders { __typename } }"}
--- error_code: 413
--- response_body_like: larger than nginx's client_max_body_size.*"code":"PAYLOAD_TOO_LARGE"
--- error_log
"client_max_body_size" is less than "graphql_orders_max_body" of 1048576
--- no_error_log
[alert]



=== TEST 8: the response is compressed where nginx does so
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        gzip on;
        gzip_types application/json;
        gzip_min_length 1;
    }
--- more_headers
Content-Type: application/json
Accept-Encoding: gzip
--- request
POST /graphql
{"query":"{ orders { __typename } }"}
--- response_headers
Content-Encoding: gzip
--- response_body_like: ^\x1f\x8b



=== TEST 9: a precondition does not hide what has been done
--- config eval
$main::graphql
--- more_headers
Content-Type: application/json
If-Match: "x"
If-Unmodified-Since: Sat, 29 Oct 1994 19:43:31 GMT
--- request
POST /graphql
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 10: a range of a response is all of it
--- config eval
$main::graphql
--- more_headers
GraphQL-Require-Preflight: 1
Range: bytes=0-4
--- request
GET /graphql?query={__typename}
--- error_code: 200
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 11: a response that is sent slowly comes to its end
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        limit_rate 200;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ orders { __typename } a: __typename b: __typename c: __typename }"}
--- response_body_like: "c":"Query"\}\}$



=== TEST 12: the user may be a part of the address
--- config
    location ~ ^/shop/(?<who>\w*)/graphql$ {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_user $who;
    }
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json"]
--- request eval
["POST /shop/ann/graphql\n{\"query\":\"{ orders { __typename } }\"}",
 "POST /shop/%2E/graphql\n{\"query\":\"{ orders { __typename } }\"}"]
--- error_code eval
[200, 404]



=== TEST 13: a location inside of another has a front door only of its own
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        location /graphql/deeper {
        }
        location /graphql/deep {
            graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT/1;
            graphql_orders_user $http_x_user;
        }
    }
--- more_headers eval
[map { "Content-Type: application/json" } 1 .. 3]
--- request eval
[map { "POST $_\n{\"query\":\"{ orders { __typename } }\"}" }
    '/graphql', '/graphql/deep', '/graphql/deeper']
--- error_code eval
[200, 401, 404]
