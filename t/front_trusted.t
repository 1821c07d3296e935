# SPDX-License-Identifier: BSD-2-Clause

# Trusted documents: named by requests, checked by nginx -t.  Needs
# TEST_NGINX_REDIS_PORT.

use Test::Nginx::Socket 'no_plan';

our $location = <<'END';
location /graphql {
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_documents $TEST_NGINX_SERVER_ROOT/html/known.json;
    graphql_orders_get on;
    graphql_orders_introspection off;
}
END
our $only = $location =~ s/known\.json/known.json only/r;

our $known = <<'END';
>>> known.json
{"known":"query Known { __typename }",
 "post":"mutation Post($name: String!) { postOrder(input: {name: $name, quantity: 1, restaurantId: \"r\"}) { name } }"}
END

# by the hash of its text
our $hash = '21be5f0d97c8b8091a51f92f2272ce45529ef25553df9f8d6fe3e903b6738716';

our $apollo = sub {
    my ($hash, $more) = @_;
    return "POST /graphql\n{" . ($more // '') . '"extensions":'
        . '{"persistedQuery":{"version":1,"sha256Hash":"' . $hash . '"}}}';
};

repeat_each(1);
no_long_string();
run_tests();

__DATA__

=== TEST 1: a document is named by its id, by its hash, and in Apollo's way
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json",
 "Content-Type: application/json", "Content-Type: application/json"]
--- request eval
["POST /graphql\n{\"documentId\":\"known\"}",
 "POST /graphql\n{\"documentId\":\"$main::hash\"}",
 "POST /graphql\n{\"documentId\":\"sha256:$main::hash\"}",
 $main::apollo->($main::hash)]
--- response_body eval
[('{"data":{"__typename":"Query"}}') x 4]
--- error_code eval
[200, 200, 200, 200]



=== TEST 2: so it is in the arguments of a GET request
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers eval
["GraphQL-Require-Preflight: 1", "GraphQL-Require-Preflight: 1"]
--- request eval
["GET /graphql?documentId=known",
 "GET /graphql?extensions=%7B%22persistedQuery%22:%7B%22version%22:1,%22sha256Hash%22:%22$main::hash%22%7D%7D"]
--- response_body eval
[('{"data":{"__typename":"Query"}}') x 2]



=== TEST 3: a trusted mutation over GET is refused like any other
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers
GraphQL-Require-Preflight: 1
--- request
GET /graphql?documentId=post&variables=%7B%22name%22:%22x%22%7D
--- error_code: 405
--- response_body_like: "code":"METHOD_NOT_ALLOWED"



=== TEST 4: variables go with a trusted document
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"documentId":"post","variables":{"name":"pizza"}}
--- response_body chomp
{"data":{"postOrder":{"name":"pizza"}}}



=== TEST 5: a document that is not known is answered as Apollo's client expects
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json",
 "Content-Type: application/json\nAccept: application/graphql-response+json"]
--- request eval
["POST /graphql\n{\"documentId\":\"Known\"}", $main::apollo->('0' x 64),
 $main::apollo->('0' x 64)]
--- response_body eval
[('{"errors":[{"message":"PersistedQueryNotFound","extensions":{"code":"PERSISTED_QUERY_NOT_FOUND"}}]}') x 3]
--- error_code eval
[200, 200, 400]



=== TEST 6: where there are none, the client is told not to ask again
--- config eval
$main::location =~ s/graphql_orders_documents [^;]*;//r
--- more_headers
Content-Type: application/json
--- request eval
$main::apollo->($main::hash)
--- response_body chomp
{"errors":[{"message":"PersistedQueryNotSupported","extensions":{"code":"PERSISTED_QUERY_NOT_SUPPORTED"}}]}



=== TEST 7: other documents are executed too, with a hash or without
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json"]
--- request eval
["POST /graphql\n{\"query\":\"{ b: __typename }\"}",
 $main::apollo->('4ca8b6038486595315ed491a3cf3d3a2cf017c5cb744cb4ed32e629edceb1793',
    '"query":"{ b: __typename }",')]
--- response_body eval
[('{"data":{"b":"Query"}}') x 2]



=== TEST 8: a text that is not the hash's is refused
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers
Content-Type: application/json
--- request eval
$main::apollo->($main::hash, '"query":"{ b: __typename }",')
--- error_code: 400
--- response_body chomp
{"errors":[{"message":"provided sha does not match query","extensions":{"code":"BAD_REQUEST"}}]}



=== TEST 9: with "only", nothing else is executed
--- config eval
$main::only
--- user_files eval
$main::known
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json",
 "Content-Type: application/json"]
--- request eval
["POST /graphql\n{\"query\":\"{ b: __typename }\"}",
 "POST /graphql\n{\"query\":\"{ not valid\"}",
 $main::apollo->('4ca8b6038486595315ed491a3cf3d3a2cf017c5cb744cb4ed32e629edceb1793',
    '"query":"{ b: __typename }",')]
--- error_code eval
[403, 403, 403]
--- response_body_like eval
[(qr/"code":"DOCUMENT_NOT_TRUSTED"/) x 3]



=== TEST 10: with "only", a trusted document may be named or sent
--- config eval
$main::only
--- user_files eval
$main::known
--- more_headers eval
["Content-Type: application/json", "Content-Type: application/json",
 "Content-Type: application/json"]
--- request eval
["POST /graphql\n{\"query\":\"query Known { __typename }\"}",
 "POST /graphql\n{\"documentId\":\"known\"}",
 $main::apollo->($main::hash, '"query":"query Known { __typename }",')]
--- error_code eval
[200, 200, 200]
--- response_body eval
[('{"data":{"__typename":"Query"}}') x 3]



=== TEST 11: a request has one document, and names it properly
--- config eval
$main::location
--- user_files eval
$main::known
--- more_headers eval
[("Content-Type: application/json") x 7]
--- request eval
[map { "POST /graphql\n$_" } '{}', '{"documentId":null}', '{"documentId":1}',
 '{"query":"{ __typename }","documentId":"known"}',
 '{"extensions":{"persistedQuery":{"version":2,"sha256Hash":"' . $main::hash . '"}}}',
 '{"extensions":{"persistedQuery":{"version":1}}}',
 '{"extensions":{"persistedQuery":[]}}']
--- error_code eval
[(400) x 7]
--- response_body_like eval
[(qr/"query\\" must be a string.*"BAD_REQUEST"/) x 2, qr/"BAD_REQUEST"/,
 qr/there must be no other document.*"BAD_REQUEST"/,
 (qr/sha256Hash.*"BAD_REQUEST"/) x 3]



=== TEST 12: a directory has a document in each *.graphql file
--- config eval
$main::location =~ s/known\.json//r
--- user_files
>>> a.graphql
{ a: __typename }
>>> notes.txt
no document
--- more_headers
Content-Type: application/json
--- request
POST /graphql
{"documentId":"a2d48a80486e73b91f8a3cf699be4ea7ff3eb6d5232f992da9ee3b27e689df3f"}
--- response_body chomp
{"data":{"a":"Query"}}



=== TEST 13: nginx -t names file, line, column and reason of each mistake
--- config eval
$main::location =~ s/known\.json//r
--- user_files
>>> a.graphql
query A {
  order { id }
}
>>> b.graphql
query B {
  orders { idd }
--- must_die
--- error_log eval
[qr/\[emerg\].*html\/+a\.graphql:2:3: .*"id"/,
 qr/\[emerg\].*html\/+b\.graphql:[23]:\d+: /]



=== TEST 14: so it does for those in a JSON file, by their ids
--- config eval
$main::location
--- user_files
>>> known.json
{"good":"{ orders { id } }","bad":"{\n  orders { idd }\n}","number":5}
--- must_die
--- error_log eval
[qr/\[emerg\].*known\.json: "bad":2:12: .*"idd"/,
 qr/\[emerg\].*known\.json: "number" must have an id and be the text of a document/]



=== TEST 15: a JSON file that is none, and one that is not there
--- config eval
$main::location
--- user_files
>>> known.json
{"a":
--- must_die
--- error_log eval
qr/\[emerg\].*known\.json: not good JSON/



=== TEST 16: a file that is not there
--- config eval
$main::location
--- must_die
--- error_log eval
qr/\[emerg\].*known\.json" failed \(2: No such file/



=== TEST 17: an id that is the hash of another document
--- config eval
$main::location
--- user_files eval
">>> known.json\n{\"a\":\"query Known { __typename }\",\"$main::hash\":\"{ __typename }\"}"
--- must_die
--- error_log eval
qr/\[emerg\].*the id "[0-9a-f]{64}" is another document's hash/



=== TEST 18: a word that is not "only"
--- config eval
$main::location =~ s/known\.json/known.json always/r
--- user_files eval
$main::known
--- must_die
--- error_log
invalid parameter "always" in "graphql_orders_documents"



=== TEST 19: a location inherits them, and may have its own
--- http_config
    graphql_orders_documents $TEST_NGINX_SERVER_ROOT/html/known.json only;
--- config
    location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    }
    location /own {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_documents $TEST_NGINX_SERVER_ROOT/html/own.json;
    }
--- user_files
>>> known.json
{"known":"query Known { __typename }"}
>>> own.json
{"own":"{ own: __typename }"}
--- more_headers eval
[("Content-Type: application/json") x 4]
--- request eval
["POST /graphql\n{\"documentId\":\"known\"}",
 "POST /graphql\n{\"query\":\"{ x: __typename }\"}",
 "POST /own\n{\"documentId\":\"own\"}",
 "POST /own\n{\"query\":\"{ x: __typename }\"}"]
--- error_code eval
[200, 403, 200, 200]
--- response_body_like eval
['"Query"', 'DOCUMENT_NOT_TRUSTED', '"own":"Query"', '"x":"Query"']
