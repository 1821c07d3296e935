# SPDX-License-Identifier: BSD-2-Clause

# How blocks reach nginx: configuration, files, mocks, timeouts, ends.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Inner qw(run_inner);
use Test::More;

$ENV{TEST_NGINX_WORD} = 'seen';


# holds($name, $sections, $head): every test of the block passes.
sub holds
{
    my ($name, $sections, $head) = @_;

    my ($output, $code) = run_inner($head || "'no_plan';", "=== $sections");
    ok($code == 0 && $output =~ /^ok 1/m, $name) or diag($output);
    return;
}


# fails_with($name, $pattern, $sections): it does not, and says why.
sub fails_with
{
    my ($name, $pattern, $sections) = @_;

    my ($output, $code) = run_inner("'no_plan';", "=== $sections");
    ok($code != 0 && $output =~ $pattern, $name) or diag($output);
    return;
}

holds('variables are expanded in all parts of the configuration', <<'END');
one
--- main_config
env X=$TEST_NGINX_WORD;
--- http_config
map $uri $word { default $TEST_NGINX_WORD; }
--- config
location /t { return 200 "$word $TEST_NGINX_WORD"; }
--- request
GET /t
--- response_body: seen seen
END

holds('a random port stays the same within a block', <<'END');
one
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    return 200 "other";
}
--- config
location /t { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- request
GET /t
--- response_body: other
END

fails_with('an unset variable ends the run', qr/^Bail out!.*TEST_NGINX_NONE/m,
    "one\n--- config\n\$TEST_NGINX_NONE\n--- request\nGET /t\n");

fails_with('nginx that does not start ends the run at once',
    qr/^Bail out!.*Cannot start nginx.*unknown directive/ms,
    "one\n--- config\nblah;\n--- request\nGET /t\n");

holds('a block without config takes the one before', <<'END', "'no_plan';\nno_shuffle();");
one
--- config
location /t { return 200 "x"; }
--- request
GET /t

=== two
--- request
GET /t
--- response_body: x
END

holds('and its nginx goes on as it is', <<'END', "'no_plan';\nno_shuffle();");
one
--- config
location /t { return 200 "$word"; }
--- http_config
map $uri $word { default one; }
--- request
GET /t

=== two
--- http_config
map $uri $word { default two; }
--- user_files
>>> a.txt
x
--- request eval
["GET /t", "GET /a.txt"]
--- error_code eval
[200, 404]
--- response_body_like eval
["one", "Not Found"]
END

holds('files of the user are served', <<'END');
one
--- config
--- user_files
>>> a.txt
hello
>>> b/c.txt 199801171935.33
there
--- request eval
["GET /a.txt", "GET /b/c.txt"]
--- error_code eval
[200, 200]
--- response_body eval
["hello\n", "there\n"]
--- response_headers eval
["", "Last-Modified: Sat, 17 Jan 1998 19:35:33 GMT"]
END

holds('must_die, with its message', <<'END');
one
--- config
location /t { return a b c; }
--- request
GET /t
--- must_die
--- error_log
invalid number of arguments in "return" directive
--- no_error_log
[crit]
END

holds('must_die with an exit code', <<'END');
one
--- config
blah;
--- must_die: 1
END

fails_with('must_die of a good configuration', qr/^not ok 1.*die as expected/m,
    "one\n--- config\n--- must_die\n");

fails_with('a timeout is a failure', qr/^not ok \d+ - ERROR: client socket timed/m,
    <<'END');
one
--- http_config
limit_req_zone $uri zone=z:1m rate=1r/m;
--- config
location /t { limit_req zone=z burst=9; }
--- request eval
["GET /t", "GET /t"]
--- error_code eval
[404, 404]
--- timeout: 200ms
END

holds('abort makes a timeout none', <<'END');
one
--- config
location /t { proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1; }
--- http_config
server { listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1; return 200 ok; }
--- raw_request eval
"GET /t HTTP/1.1\r\nHost: a\r\n"
--- timeout: 100ms
--- abort
--- ignore_response
--- no_error_log
[error]
END

holds('shutdown ends the sending side', <<'END');
one
--- config
--- raw_request eval
"GET / HTTP/1.1\r\nHost: a\r\n"
--- shutdown
--- error_code:
--- error_log
client prematurely closed connection
END

holds('a mocked backend answers, and its query is checked', <<'END');
one
--- config
location /t {
    proxy_http_version 1.1;
    proxy_pass http://unix:$TEST_NGINX_SERVER_ROOT/html/mock.sock;
}
--- tcp_listen eval
"$ENV{TEST_NGINX_SERVER_ROOT}/html/mock.sock"
--- tcp_query_len: 55
--- tcp_reply eval
sub { "HTTP/1.0 200 OK\r\n\r\n" . (split ' ', $_[0])[1] }
--- request
GET /t
--- response_body_like: /t
END

holds('HTTP/2, by section', <<'END');
one
--- http_config
server {
    listen 127.0.0.1:$TEST_NGINX_RAND_PORT_1;
    return 200 "$http_a $http_p $content_length";
}
--- config
location /t {
    proxy_set_header P $server_protocol;
    proxy_pass http://127.0.0.1:$TEST_NGINX_RAND_PORT_1;
}
--- http2
--- request
POST /t
some body
--- more_headers
A: b
--- response_body: b HTTP/2.0 9
END

holds('the log at shutdown can be checked', <<'END');
one
--- config
--- request
GET /
--- shutdown_error_log
exit
END

holds('processes, connections and levels are set by functions', <<'END', "'no_plan';
one
--- config
location /t { return 200 "$nginx_version"; }
--- request
GET /t
--- no_error_log
[debug]
END
workers(2); master_on(); worker_connections(99); log_level('info');");

holds('a root location of one\'s own', <<'END', "'no_plan';\nno_root_location();");
one
--- config
location / { return 200 "mine"; }
--- request
GET /
--- response_body: mine
END

holds('skip_nginx and skip_eval skip a number of tests', <<'END', 'tests => 3;');
one
--- config
--- request
GET /
--- skip_nginx: 2: >= 0.1.0

=== two
--- config
--- request
GET /
--- skip_eval: 1: 1 == 1
END

holds('init runs before the request', <<'END');
one
--- config
--- init
open my $out, '>', "$ENV{TEST_NGINX_SERVER_ROOT}/html/a" or die; print $out "x";
--- request
GET /a
--- response_body: x
END

fails_with('a section that is not here is not passed over',
    qr/^Bail out!.*no --- udp_listen: install Test::Nginx from CPAN/m,
    "one\n--- config\n--- udp_listen: 1234\n--- udp_reply: x\n--- request\n"
    . "GET /\n");

fails_with('use_hup says that it is not here', qr/install Test::Nginx from CPAN/,
    "one\n--- config\n--- init\nTest::Nginx::Socket::use_hup();\n--- request\n"
    . "GET /\n");

done_testing();
