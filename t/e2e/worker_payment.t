# SPDX-License-Identifier: BSD-2-Clause

# Payments over HTTPS: a provider that is slow, fails, breaks off and forgets to
# answer charges every order once or not at all, and the order's status says
# which; also when workers die in the middle.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Authority;
use OrdersTest::Provider;
use OrdersTest::Proxy;
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
$stack->redis;
my $key = \&OrdersTest::Stack::key;
my $count = $ENV{ORDERS_PAYMENTS} || 5000;


sub write_workflow
{
    my ($name, $text) = @_;

    my $path = "$stack->{dir}/$name.json";
    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
    return $path;
}


# The default workflow, in a hurry.
my $workflow = OrdersTest::Stage::slurp("$FindBin::Bin/../../conf/workflow.json");
$workflow =~ s/"BackoffRate": 2/"BackoffRate": 1/g;
my $path = write_workflow('hurry', $workflow);


# every fault by itself
{
    my $one = OrdersTest::Stack->new;
    $one->redis;
    my @faults = OrdersTest::Provider::fault_names();
    my $provider = OrdersTest::Provider->new($one, faults => \@faults,
        steady => 1);
    my $worker = $one->worker("workflow $path; " . $provider->settings);
    my @ids = $one->push_orders(160);
    ok($one->all_ended(160, 90), 'all orders end');
    is(join('; ', $provider->complaints($one->statuses(@ids), @ids)), '',
        'each charged once');
    is(join(' ', sort keys %{ $provider->ledger->{fault} }), "@faults",
        'in spite of every fault');
    is($one->order($ids[0])->{payment}, 'paid ProcessPayment',
        'the record says how the money stands');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
    unlike($worker->text, qr/s3cret/, 'without telling its secret');
}


# many orders over TLS, all faults, connections that break off in the middle of
# an answer, and workers that are killed
my $provider = OrdersTest::Provider->new($stack, declines => 0.1,
    faults => [OrdersTest::Provider::fault_names()]);
my $authority = OrdersTest::Authority->new($stack->{dir}, 'ca');
my ($cert, $secret) = $authority->issue('provider', 'IP:127.0.0.1');
{
    local $ENV{TEST_NGINX_LOAD_MODULES} = '';
    $stack->nginx("ssl_certificate $cert; ssl_certificate_key $secret;"
        . " location / { proxy_pass http://127.0.0.1:$provider->{port}; }",
        listen => 'ssl http2', connections => 4096);
}

my $proxy = OrdersTest::Proxy->new($stack, $stack->{port}, reset => 1);
$proxy->tell('cut-at down 30000');
my $settings = "workflow $path; max_executions 512; lease 3s;"
    . " payment_ca_file $authority->{file}; "
    . $provider->settings("https://127.0.0.1:$proxy->{port}");
my @workers = map { $stack->worker($settings, register => 0) } 1 .. 2;
my $start = time;
my @ids = $stack->push_orders($count);

for my $round (1 .. 3) {
    OrdersTest::Stage::wait_for(sub {
        $stack->ended_count >= $round * $count / 5
    }, 120);
    (shift @workers)->end('KILL');
    push @workers, $stack->worker($settings, register => 0);
}

ok($stack->all_ended($count, 300), "$count orders end")
    or diag($stack->ended_count . ' have ended');
diag(sprintf '%d orders in %.1f s', $count, time - $start);

my $status = $stack->statuses(@ids);
is(join('; ', $provider->complaints($status, @ids)), '',
    'each is charged once or not at all, and its status says which');
OrdersTest::Stage::wait_for(sub { !$stack->left_over });
is(join('; ', $stack->complaints(\@ids)), '', 'and nothing is left');

my $cuts = $proxy->tell('cuts');
cmp_ok($cuts, '>=', $count / 100, 'connections broke off');
my $log = OrdersTest::Stage::slurp("$stack->{dir}/logs/access.log");
is(join(' ', sort keys %{ { map { $_ => 1 } $log =~ m{ (HTTP/\S+)" }g } }),
    'HTTP/2.0', '... of HTTP/2');
my $ledger = $provider->ledger;
diag("$cuts connections were reset");
diag(join ', ', map { "$_ " . keys %{ $ledger->{$_} } }
    qw(charge decline again));
diag(join ', ', map { "$_ $ledger->{fault}{$_}" }
    sort keys %{ $ledger->{fault} });
ok(keys %{ $ledger->{again} }, 'many were asked for again');
ok(keys %{ $ledger->{decline} }, 'some were declined');
my ($declined) = keys %{ $ledger->{decline} };
is($stack->order($declined)->{errorMessage}, 'no funds',
    'a declined order says why');
$_->end('TERM') for @workers;


# a provider that is not there: nothing was charged, so the order fails
{
    my $gone = OrdersTest::Stack->new;
    $gone->redis;
    my $text = $workflow;
    $text =~ s/"MaxAttempts": 6/"MaxAttempts": 1/;
    my $file = write_workflow('gone', $text);
    my $worker = $gone->worker("workflow $file; payment http;"
        . ' payment_url http://127.0.0.1:1/;');
    my ($id) = $gone->push_orders(1);
    ok($gone->all_ended(1), 'without a provider an order ends');
    is($gone->order($id)->{orderStatus}, 'FAILED', 'it has failed');
    is($gone->order($id)->{payment}, 'none ProcessPayment',
        'and it is certain that nothing was paid');
    $worker->end('TERM');
}


# undecided to the end: the order does not fail, a person has to look
{
    my $never = OrdersTest::Stack->new;
    $never->redis;
    my $text = $workflow;
    $text =~ s/"MaxAttempts": 99999/"MaxAttempts": 1/;
    my $port = OrdersTest::HttpServer::start($never,
        sub { return { status => 500 } });
    my $file = write_workflow('never', $text);
    my $worker = $never->worker("workflow $file; payment http;"
        . " payment_url http://127.0.0.1:$port/;");
    my ($id) = $never->push_orders(1);
    ok(OrdersTest::Stage::wait_for(sub {
        $never->ask('LLEN', $key->('dead'))
    }), 'an order whose payment stays undecided becomes a dead letter');
    like($never->ask('LINDEX', $key->('dead'), 0),
        qr/"error":"Payment.Undecided"/, '... that says so');
    is($never->order($id)->{orderStatus}, 'PENDING', 'it has not failed');
    is($never->order($id)->{payment}, 'asked ProcessPayment',
        'and its record says that it was asked for');
    $worker->end('TERM');
}

done_testing;
