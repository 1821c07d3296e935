# SPDX-License-Identifier: BSD-2-Clause

# conf/nginx.conf as it is, and with the lines that stand in its comments: what
# nginx refuses by itself is answered in JSON, and pages of one other origin may
# use the front door, logged in.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use MIME::Base64 qw(encode_base64);
use OrdersTest::Stage;
use Test::More;

my $query = '{"query":"{ orders { id } }"}';
my $source = OrdersTest::Stage::slurp("$FindBin::Bin/../../conf/nginx.conf");


# An nginx with that configuration, the paths and ports being those of a stage.
sub scene
{
    my ($text) = @_;

    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->redis;
    $stage->{port} = OrdersTest::Stage::free_port();
    my $modules = join '', map { "load_module $_;\n" }
        split ' ', $ENV{TEST_NGINX_LOAD_MODULES} || '';
    my $temporary = join ' ', map { "${_}_temp_path $stage->{dir}/$_;" }
        qw(client_body proxy fastcgi uwsgi scgi);

    for ($text) {
        s/^load_module .*/$modules/m;
        s/^user .*/$> == 0 ? 'user root;' : ''/me;
        s{^pid .*}{pid $stage->{dir}/nginx.pid;}m;
        s{^error_log .*}{error_log $stage->{dir}/logs/error.log info;}m;
        s{/var/log/nginx/}{$stage->{dir}/logs/};
        s{/etc/nginx/orders.htpasswd}{$stage->{dir}/htpasswd};
        s/^worker_processes .*/worker_processes 1;/m;
        s/127\.0\.0\.1:8080/127.0.0.1:$stage->{port}/;
        s/redis:\/\/127\.0\.0\.1:6380/redis:\/\/$redis/g;
        s/^http \{/http { $temporary/m;
    }

    write_file($stage, 'nginx.conf', $text);
    write_file($stage, 'htpasswd', "ann:{PLAIN}secret\n");

    my $binary = $ENV{TEST_NGINX_BINARY} || 'nginx -e logs/error.log';
    is(system("$binary -p $stage->{dir}/ -c $stage->{dir}/nginx.conf"
        . " > $stage->{dir}/stderr 2>&1"), 0, 'nginx starts with it')
        or diag(OrdersTest::Stage::slurp("$stage->{dir}/stderr"));
    ok(OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ }),
        '... and finds Redis');
    return $stage;
}


sub write_file
{
    my ($stage, $name, $text) = @_;

    open my $out, '>', "$stage->{dir}/$name" or die "$name: $!";
    print {$out} $text;
    close $out or die "$name: $!";
    return;
}


# A preflight request of a page.
sub preflight
{
    my ($stage, $origin) = @_;

    my $socket = $stage->connect;
    syswrite $socket, "OPTIONS /graphql HTTP/1.1\r\nHost: x\r\n"
        . "Origin: $origin\r\nAccess-Control-Request-Method: POST\r\n"
        . "Access-Control-Request-Headers: content-type\r\n"
        . "Connection: close\r\n\r\n";
    local $/;
    return scalar <$socket>;
}


# As it is.
{
    my $stage = scene($source);

    is($stage->post($query)->{body}, '{"data":{"orders":[]}}', 'it serves');

    my $response = $stage->post(' ' x 1_100_000 . $query);
    is($response->{status}, 413, 'a body that nginx itself finds too large');
    like($response->{headers}{'content-type'}, qr{^application/json},
        '... is refused in JSON');
    is($response->{body}, '{"errors":[{"message":"too large",'
        . '"extensions":{"code":"PAYLOAD_TOO_LARGE"}}]}' . "\n",
        '... as by the front door');

    my $socket = $stage->connect;
    syswrite $socket, "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
    $response = OrdersTest::Stage::response($socket);
    is($response->{status}, 404, 'another address');
    like($response->{body}, qr/"GraphQL is at \/graphql"/, '... says where');
}


# Who comes too often.
{
    my $often = $source;
    $often =~ s/^\s*127\.0\.0\.1\s+"";//m;
    $often =~ s/rate=200r/rate=1r/;
    $often =~ s/burst=400/burst=1/;
    my $stage = scene($often);

    $stage->post($query) for 1 .. 3;
    my $response = $stage->post($query);
    is($response->{status}, 429, 'who comes too often');
    is($response->{headers}{'retry-after'}, 1, '... is told when to come again');
    like($response->{body}, qr/"code":"TOO_MANY_REQUESTS"/, '... in JSON');
}


# With the lines for other origins and for users.
{
    my $open = $source;
    $open =~ s{^(\ +)\#\ \ \ (?=add_header|"Content-Type|if\ \(\$request_method
        |auth_basic|graphql_orders_user)}{$1}xmg;
    $open =~ s/^(\s+)#       (return 204;|"Content-Type)/$1$2/mg;
    $open =~ s/(return 204;\n\s+)#   \}/$1}/;
    my $stage = scene($open);

    my $text = preflight($stage, 'https://shop.example');
    like($text, qr/\AHTTP\/1\.1 204 /, 'a page may ask without logging in');
    like($text, qr/^Access-Control-Allow-Origin: https:\/\/shop\.example\r$/m,
        '... its origin is allowed');
    like($text, qr/^Access-Control-Allow-Headers: Content-Type, Auth.*\r$/m,
        '... and headers are');
    unlike(preflight($stage, 'https://evil.example'), qr/Allow-Origin/,
        'another origin is not');

    my $login = 'Basic ' . encode_base64('ann:secret', '');
    my $response = $stage->post($query, Authorization => $login,
        Origin => 'https://shop.example');
    is($response->{status}, 200, 'a user of that page is served');
    is($response->{headers}{'access-control-allow-origin'},
        'https://shop.example', '... and the page may read it');

    $response = $stage->post($query, Origin => 'https://shop.example');
    is($response->{status}, 401, 'who is not logged in is not');
    is($response->{headers}{'access-control-allow-origin'},
        'https://shop.example', '... which the page may read, too');
}

done_testing();
