# SPDX-License-Identifier: BSD-2-Clause

# The front door as HTTP sees it: methods, media types, sizes, and the ways in
# which a body comes.  Needs TEST_NGINX_REDIS_PORT.

use Test::Nginx::Socket 'no_plan';

repeat_each(1);
no_long_string();
run_tests();

__DATA__

=== TEST 1: a query over POST is answered in application/json and UTF-8
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ __typename }"}
--- response_headers
Content-Type: application/json; charset=utf-8
--- response_body chomp
{"data":{"__typename":"Query"}}
--- no_error_log
[error]
[alert]



=== TEST 2: a charset parameter of utf-8 is fine in either case and quoted
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: Application/JSON ; Charset="UTF-8"
--- request
POST /graphql
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 3: another charset is refused
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json; charset=iso-8859-1
--- request
POST /graphql
{"query":"{ __typename }"}
--- error_code: 415
--- response_body_like: "code":"UNSUPPORTED_MEDIA_TYPE"



=== TEST 4: a request without Content-Type is refused
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- request
POST /graphql
{"query":"{ __typename }"}
--- error_code: 415
--- response_headers
Content-Type: application/json; charset=utf-8
--- response_body_like: "code":"UNSUPPORTED_MEDIA_TYPE"



=== TEST 5: the media types of forms, which need no preflight, are refused
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
["Content-Type: text/plain", "Content-Type: application/x-www-form-urlencoded",
 "Content-Type: multipart/form-data; boundary=x",
 "Content-Type: text/plain, application/json",
 "Content-Type: text/plain; application/json"]
--- request eval
[map { "POST /graphql\n{\"query\":\"{ __typename }\"}" } 1 .. 5]
--- error_code eval
[415, 415, 415, 415, 415]



=== TEST 6: a compressed body is refused
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
Content-Encoding: gzip
--- request
POST /graphql
{"query":"{ __typename }"}
--- error_code: 415
--- response_body_like: Content-Encoding



=== TEST 7: another method than POST is told which one to use
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- request eval
["GET /graphql?query={__typename}", "PUT /graphql\n{}", "DELETE /graphql"]
--- error_code eval
[405, 405, 405]
--- response_headers eval
["Allow: POST", "Allow: POST", "Allow: POST"]
--- response_body_like eval
['"code":"METHOD_NOT_ALLOWED"', 'METHOD_NOT_ALLOWED', 'METHOD_NOT_ALLOWED']



=== TEST 8: HEAD gets the headers of the refusal and no body
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- request
HEAD /graphql
--- error_code: 405
--- response_headers
Allow: POST
--- response_body:



=== TEST 9: who names application/graphql-response+json gets it
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
["Content-Type: application/json\nAccept: application/graphql-response+json",
 "Content-Type: application/json\nAccept: application/graphql-response+json, application/json;q=0.9",
 "Content-Type: application/json\nAccept: application/json, application/graphql-response+json",
 "Content-Type: application/json\nAccept: text/html, application/graphql-response+json; charset=utf-8; q=0.5"]
--- request eval
[map { "POST /graphql\n{\"query\":\"{ __typename }\"}" } 1 .. 4]
--- response_headers eval
[map { "Content-Type: application/graphql-response+json; charset=utf-8" } 1 .. 4]



=== TEST 10: who does not gets application/json
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
["Content-Type: application/json\nAccept: */*",
 "Content-Type: application/json\nAccept: application/*",
 "Content-Type: application/json\nAccept: text/html, */*;q=0.1",
 "Content-Type: application/json\nAccept: application/json, application/graphql-response+json;q=0.5",
 "Content-Type: application/json\nAccept: application/graphql-response+json;q=0, */*"]
--- request eval
[map { "POST /graphql\n{\"query\":\"{ __typename }\"}" } 1 .. 5]
--- response_headers eval
[map { "Content-Type: application/json; charset=utf-8" } 1 .. 5]



=== TEST 11: who takes neither is told so
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
["Content-Type: application/json\nAccept: text/html",
 "Content-Type: application/json\nAccept: application/json;q=0"]
--- request eval
[map { "POST /graphql\n{\"query\":\"{ __typename }\"}" } 1 .. 2]
--- error_code eval
[406, 406]
--- response_body_like eval
['"code":"NOT_ACCEPTABLE"', '"code":"NOT_ACCEPTABLE"']



=== TEST 12: a body that is announced as too large is not read
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_max_body 100;
    }
--- more_headers
Content-Type: application/json
--- request eval
"POST /graphql\n" . '{"query":"{ __typename }"}' . (' ' x 74) . '{'
--- error_code: 413
--- response_body_like: "message":"[^"]*100 bytes".*"code":"PAYLOAD_TOO_LARGE"



=== TEST 13: a body of the largest size is taken
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_max_body 100;
    }
--- more_headers
Content-Type: application/json
--- request eval
"POST /graphql\n" . '{"query":"{ __typename ' . (' ' x 73) . ' }"}'
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 14: a chunked body that grows too large is refused
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_max_body 100;
    }
--- more_headers
Content-Type: application/json
Transfer-Encoding: chunked
--- request eval
my $body = '{"query":"{ __typename ' . (' ' x 74) . ' }"}';
"POST /graphql\n" . sprintf("%x\r\n%s\r\n0\r\n\r\n", length $body, $body)
--- error_code: 413
--- response_body_like: "code":"PAYLOAD_TOO_LARGE"



=== TEST 15: a chunked body in odd chunks is put together
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
Transfer-Encoding: chunked
--- request eval
"POST /graphql\n"
. CORE::join('', map { sprintf "%x;name=value\r\n%s\r\n", length $_, $_ }
             '{"qu', 'e', 'ry":', '"{ __type', 'name }"}')
. "0\r\nTrailer: x\r\n\r\n"
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 16: a body in a temporary file is read from there
--- config
    location /graphql {
        client_body_in_file_only clean;
        client_body_temp_path $TEST_NGINX_SERVER_ROOT/body_temp;
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 17: a body larger than nginx's buffer is put together
--- config
    location /graphql {
        client_body_buffer_size 1k;
        client_body_temp_path $TEST_NGINX_SERVER_ROOT/body_temp;
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request eval
"POST /graphql\n" . '{"query":"{ __typename }", "x":"' . ('y' x 300000) . '"}'
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 18: a body in several buffers of memory is put together
--- config
    location /graphql {
        client_body_buffer_size 32k;
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request eval
[["POST /graphql\n" . '{"query":"{ __type', 'name }", "x":"' . ('y' x 5000),
 '"}']]
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 19: a request without a body is told so
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
--- error_code: 400
--- response_body_like: "message":"the request has no body".*"code":"BAD_REQUEST"



=== TEST 20: HTTP/1.0 is served
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql HTTP/1.0
{"query":"{ __typename }"}
--- response_headers
Content-Length: 31
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 21: pipelined requests are answered in their order
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- pipelined_requests eval
['POST /graphql
{"query":"{ orders { id } }"}',
 'POST /graphql
{"query":"{ first: __typename }"}',
 'POST /graphql
{"query":"{ second: __typename }"}']
--- response_body_like eval
['"orders":\[', '"first":"Query"', '"second":"Query"']



=== TEST 22: a refusal leaves the connection usable, its body is thrown away
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
["Content-Type: text/plain", "Content-Type: application/json"]
--- pipelined_requests eval
['POST /graphql
{"query":"{ first: __typename }"}',
 'POST /graphql
{"query":"{ second: __typename }"}']
--- error_code eval
[415, 200]
--- response_body_like eval
['UNSUPPORTED_MEDIA_TYPE', '"second":"Query"']



=== TEST 23: Expect: 100-continue is answered
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- raw_request eval
["POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
 . "Content-Type: application/json\r\nExpect: 100-continue\r\n"
 . "Content-Length: 26\r\n\r\n",
 '{"query":"{ __typename }"}']
--- error_code: 100
--- ignore_response
--- no_error_log
[error]



=== TEST 24: a rewritten request finds the front door
--- config
    location /old {
        rewrite ^ /graphql last;
    }
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /old
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 25: error_page does not replace an answer of the front door
--- config
    error_page 415 /sorry;
    location /sorry {
        return 200 "sorry\n";
    }
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- request
POST /graphql
{"query":"{ __typename }"}
--- error_code: 415
--- response_body_like: UNSUPPORTED_MEDIA_TYPE



=== TEST 26: the front door may be the error_page of another location
--- config
    location /broken {
        error_page 502 = @graphql;
        proxy_pass http://127.0.0.1:1;
    }
    location @graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /broken
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 27: a subrequest is answered and its request goes on
--- config
    location /page {
        ssi on;
        ssi_types text/plain;
        root html;
        index page.txt;
    }
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- user_files
>>> page/page.txt
before <!--# include virtual="/graphql" --> after
--- request
GET /page/
--- response_body_like: ^before \{"errors":.*METHOD_NOT_ALLOWED.*\} after



=== TEST 28: a mirrored request is answered like another
--- config
    location /main {
        mirror /graphql;
        return 200 "main\n";
    }
    location /graphql {
        internal;
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers
Content-Type: application/json
--- request
POST /main
{"query":"{ orders { id } }"}
--- ignore_response
--- no_error_log
[error]
[alert]



=== TEST 29: "if" keeps the front door
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        if ($http_x_short) {
            graphql_orders_introspection off;
        }
        if ($http_x_none) {
            add_header X-None 1;
        }
    }
--- more_headers
Content-Type: application/json
X-None: 1
--- request
POST /graphql
{"query":"{ __typename }"}
--- response_headers
X-None: 1
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 30: limit_except keeps the front door
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        limit_except GET {
            allow all;
        }
    }
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"query":"{ __typename }"}
--- response_body chomp
{"data":{"__typename":"Query"}}



=== TEST 31: an Accept that names nothing is as good as none
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
--- more_headers eval
["Content-Type: application/json\nAccept:",
 "Content-Type: application/json\nAccept: , ,"]
--- request eval
[map { "POST /graphql\n{\"query\":\"{ __typename }\"}" } 1 .. 2]
--- error_code eval
[200, 200]
