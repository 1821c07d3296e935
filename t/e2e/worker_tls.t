# SPDX-License-Identifier: BSD-2-Clause

# A payment provider over TLS, with nginx before it: who is not the one that the
# settings name gets nothing, and the log says what to do; one connection of
# HTTP/2 takes many payments at once.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Authority;
use OrdersTest::Provider;
use OrdersTest::Stack;
use Test::More;

my $stack = OrdersTest::Stack->new;
my $dir = $stack->{dir};
$stack->redis;

my $ours = OrdersTest::Authority->new($dir, 'ca');
my $other = OrdersTest::Authority->new($dir, 'other');
my %port = map { $_ => OrdersTest::Stage::free_port() }
    qw(plain name expired foreign old mutual);
my $hold = "$dir/hold";
touch($hold);
my $provider = OrdersTest::Provider->new($stack, hold => $hold);


sub touch
{
    my ($path) = @_;

    open my $out, '>', $path or die "$path: $!";
    close $out;
    return;
}


# "ssl_certificate ..." of a fresh certificate.
sub certificate
{
    my ($authority, $name, $alt, %option) = @_;

    my ($cert, $key) = $authority->issue($name, $alt, %option);
    return "ssl_certificate $cert; ssl_certificate_key $key;";
}


sub server
{
    my ($name, $text) = @_;

    return "server { listen 127.0.0.1:$port{$name} ssl; $text"
        . ' location /function { return 200 "{}"; }'
        . " location / { proxy_pass http://127.0.0.1:$provider->{port}; } }";
}


my $good = certificate($ours, 'good', 'IP:127.0.0.1');
local $ENV{TEST_NGINX_LOAD_MODULES} = '';
$stack->nginx("$good access_log $dir/logs/tls.log tls;"
    . " location / { proxy_pass http://127.0.0.1:$provider->{port}; }",
    listen => 'ssl http2', connections => 2048, http => join "\n",
    'log_format tls "$server_port $connection $server_protocol $status'
        . ' $ssl_client_verify";',
    "access_log $dir/logs/tls.log tls;",
    server('plain', $good),
    server('name', certificate($ours, 'name', 'DNS:pay.example.com')),
    server('expired', certificate($ours, 'expired', 'IP:127.0.0.1',
        days => -1)),
    server('foreign', certificate($other, 'foreign', 'IP:127.0.0.1')),
    server('old', "$good ssl_protocols TLSv1;"
        . ' ssl_ciphers DEFAULT@SECLEVEL=0;'),
    server('mutual', "$good ssl_verify_client on;"
        . " ssl_client_certificate $ours->{file};"));
$port{http2} = $stack->{port};


# What nginx saw at a port: [connection, protocol, status, client's verdict].
sub seen
{
    my ($name) = @_;

    return map { [(split)[1 .. 4]] } grep { /^$port{$name} / }
        split /\n/, OrdersTest::Stage::slurp("$dir/logs/tls.log");
}


sub connections
{
    my ($name) = @_;

    my %seen = map { $_->[0] => 1 } seen($name);
    return scalar keys %seen;
}


# Established TCP connections to a port of this machine.
sub established
{
    my ($number) = @_;

    return scalar grep { (split)[2] =~ sprintf(':%04X$', $number)
        && (split)[3] eq '01' }
        split /\n/, OrdersTest::Stage::slurp('/proc/net/tcp');
}


sub settings
{
    my ($name, $text) = @_;

    my $settings = $provider->settings("https://127.0.0.1:$port{$name}");
    $settings =~ s/payment_timeout 2s/payment_timeout 60s/;
    return "$settings payment_ca_file $ours->{file}; $text";
}


# many at once over a connection or a few
{
    my $worker = $stack->worker(settings('http2', 'max_executions 250;'));
    my ($first) = $stack->push_orders(1);
    ok($stack->all_ended(1), 'an order is paid over TLS');

    unlink $hold;
    my @ids = ($first, $stack->push_orders(250));
    ok(OrdersTest::Stage::wait_for(sub {
        established($provider->{port}) >= 250
    }, 60), '250 payments are under way at once');
    cmp_ok(established($port{http2}), '<=', 5,
        '... over connections of a hundred streams each');
    touch($hold);

    ok($stack->all_ended(251, 60), 'all end');
    is(join('; ', $provider->complaints($stack->statuses(@ids), @ids)), '',
        'each is charged once');
    is(join(' ', sort keys %{ { map { $_->[1] => 1 } seen('http2') } }),
        'HTTP/2.0', 'by HTTP/2');
    cmp_ok(connections('http2'), '<=', 5, 'connections were kept');
    $worker->end('TERM');
}


# a server without HTTP/2
{
    my $worker = $stack->worker(settings('plain', 'max_executions 8;'));
    my @ids = $stack->push_orders(200);
    ok($stack->all_ended(451, 60), 'a server without HTTP/2 is paid at, too');
    is(join('; ', $provider->complaints($stack->statuses(@ids), @ids)), '',
        'each is charged once');
    is(join(' ', sort keys %{ { map { $_->[1] => 1 } seen('plain') } }),
        'HTTP/1.1', 'by HTTP/1.1');
    cmp_ok(connections('plain'), '<=', 16, 'connections were kept');
    $worker->end('TERM');
}


# who is not to be trusted
my $text = OrdersTest::Stage::slurp("$FindBin::Bin/../../conf/workflow.json");
$text =~ s/"MaxAttempts": 6/"MaxAttempts": 2/;
$text =~ s/"BackoffRate": 2/"BackoffRate": 1/g;
open my $out, '>', "$dir/twice.json" or die "twice.json: $!";
print {$out} $text;
close $out;

my $empty = "$dir/empty.pem";
touch($empty);
my $count = 451;

for my $row (
    ['name', '', 'a certificate of another name',
        qr/made out to another name: correct the URL/],
    ['expired', '', 'an expired certificate', qr/has to be renewed/],
    ['foreign', '', 'a certificate of an unknown authority',
        qr/does not lead to an authority.*http_ca_file or payment_ca_file/],
    ['old', '', 'TLS 1.0', qr/has to speak TLS 1\.2 or a later one/],
    ['http2', "payment_ca_file '';", 'an authority that the system has not',
        qr/does not lead to an authority/],
    ['http2', "payment_ca_file $empty;", 'a file without authorities',
        qr/correct http_ca_file or payment_ca_file/],
    ['http2', "payment_certificate $ours->{file};"
        . " payment_certificate_key $empty;", 'a key that is none',
        qr/correct payment_certificate and payment_certificate_key/],
) {
    my ($name, $more, $what, $line) = @$row;
    my $before = seen($name);
    my $settings = settings($name, "workflow $dir/twice.json;");
    $settings =~ s/payment_ca_file \S+// if $more =~ /payment_ca_file/;

    my $worker = $stack->worker("$settings $more");
    my ($id) = $stack->push_orders(1);
    ok($stack->all_ended(++$count), "$what: the order ends");
    is($stack->order($id)->{payment}, 'none ProcessPayment',
        '... nothing is paid');
    is(seen($name) - $before, 0, '... nor sent');
    my @lines = $worker->text =~ /^(.* is not reached, .*)$/mg;
    is(scalar @lines, 1, '... one line in the log for three attempts');
    like($lines[0], $line, '... says what to do');
    $worker->end('TERM');
}

is($stack->ask('LLEN', OrdersTest::Stack::key('dead')), 0,
    'no person has to decide');


# a provider that wants to know who asks
{
    my $settings = settings('mutual', "workflow $dir/twice.json;");
    my $worker = $stack->worker($settings);
    my ($id) = $stack->push_orders(1);
    ok($stack->all_ended(++$count), 'without a certificate of ours');
    is($stack->order($id)->{payment}, 'none ProcessPayment',
        '... nothing is paid');
    $worker->end('TERM');

    my ($cert, $key) = $ours->issue('shop', 'DNS:shop.example.com');
    $worker = $stack->worker("$settings payment_certificate $cert;"
        . " payment_certificate_key $key;");
    ($id) = $stack->push_orders(1);
    ok($stack->all_ended(++$count), 'with one');
    is($stack->order($id)->{payment}, 'paid ProcessPayment', '... it is');
    is((seen('mutual'))[-1][3], 'SUCCESS', '... because nginx knows us');
    $worker->end('TERM');
}


# functions, which have the authorities of all that goes out
open $out, '>', "$dir/function.json" or die "function.json: $!";
print {$out} '{"StartAt":"I","States":{'
    . '"I":{"Type":"Task","Resource":"orders:initialize","Next":"F"},'
    . '"F":{"Type":"Task","Resource":"${f}","Catch":[{"ErrorEquals":'
    . '["States.ALL"],"Next":"X","ResultPath":"$.error"}],"Next":"C"},'
    . '"C":{"Type":"Task","Resource":"orders:complete","End":true},'
    . '"X":{"Type":"Task","Resource":"orders:cancel","End":true}}}';
close $out;

for my $row (["http_ca_file $ours->{file};", 'SUCCESS'],
    ["http_ca_file $other->{file};", 'FAILED'], ['', 'FAILED'])
{
    my ($authorities, $status) = @$row;
    my $before = seen('plain');
    my $worker = $stack->worker("workflow $dir/function.json; $authorities"
        . " function f https://127.0.0.1:$port{plain}/function;");
    my ($id) = $stack->push_orders(1);
    ok($stack->all_ended(++$count), 'a function over TLS');
    is($stack->statuses($id)->{$id}, $status, '... is trusted, or not');
    is(seen('plain') - $before, $status eq 'SUCCESS' ? 1 : 0,
        '... and asked, or not');
    $worker->end('TERM');
}


# an outage
{
    my $port = OrdersTest::Stage::free_port();
    my $settings = $provider->settings("http://127.0.0.1:$port");
    my $worker = $stack->worker($settings);
    my ($id) = $stack->push_orders(1);
    ok(OrdersTest::Stage::wait_for(sub {
        $worker->text =~ /127\.0\.0\.1:$port is not reached, and nothing/
    }), 'a provider that is not there is in the log');
    OrdersTest::HttpServer::start($stack, sub {
        return { status => 200, body => '{"status":"SUCCESS"}' };
    }, port => $port);
    ok($stack->all_ended(++$count, 60), 'when it is back the order ends');
    is($stack->statuses($id)->{$id}, 'SUCCESS', '... well');
    is(scalar(() = $worker->text =~ /is not reached/g), 1, 'one line');
    is(scalar(() = $worker->text =~ /is reached again/g), 1, '... and another');
    $worker->end('TERM');
}

done_testing;
