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
