# SPDX-License-Identifier: BSD-2-Clause

# Thousands of executions wait for a slow provider at once, in one worker
# process: each is a little memory, a connection or a hundredth of one, and none
# a thread.  The provider is nginx, whose answers trickle.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Authority;
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

# A sanitizer multiplies the memory: fewer then.
my $build = OrdersTest::Stack::build_dir();
my $sanitized = qx{grep -c __asan_init '$build/orders-worker'} > 0;
my $count = $ENV{ORDERS_WAITING} || ($sanitized ? 2000 : 10000);
my $files = qx{sh -c 'ulimit -Hn'};
$count = $files - 1000 if $files =~ /^\d+$/ && $files < $count + 1000;

my $text = OrdersTest::Stage::slurp("$FindBin::Bin/../../conf/workflow.json");
$text =~ s/("TimeoutSeconds"): \d+/$1: 600/g;


sub status
{
    my ($pid, $name) = @_;

    my ($value) = OrdersTest::Stage::slurp("/proc/$pid/status")
        =~ /^$name:\s+(\d+)/m;
    return $value || 0;
}


# A stage with nginx as the provider: it reads the request, and behind so many
# bytes of head its answer comes ten bytes a second.
sub provider
{
    my ($seconds, $head, %option) = @_;

    my $stack = OrdersTest::Stack->new;
    my $body = '{"status":"SUCCESS","transactionId":"t","note":"'
        . 'x' x (10 * $seconds) . '"}';
    $stack->redis;
    local $ENV{TEST_NGINX_LOAD_MODULES} = '';
    $stack->nginx('keepalive_timeout 600s; keepalive_requests 1000000;'
        . " limit_rate 10; limit_rate_after $head;"
        . " access_log $stack->{dir}/logs/paid.log paid; $option{server}"
        . " location / { proxy_pass http://unix:$stack->{dir}/inner; }",
        listen => $option{listen}, connections => 2 * $count + 200,
        http => 'log_format paid "$http_idempotency_key $status'
        . ' $request_time"; server {'
        . " listen unix:$stack->{dir}/inner;"
        . " location / { return 201 '$body'; } }");
    return $stack;
}


# Pays $count orders there; what it took.
sub pay
{
    my ($name, $stack, $url, $settings) = @_;

    open my $out, '>', "$stack->{dir}/workflow.json" or die "workflow: $!";
    print {$out} $text;
    close $out;
    my $worker = $stack->worker("workflow $stack->{dir}/workflow.json;"
        . " payment http; payment_url $url/charges; payment_timeout 300s;"
        . " max_executions $count; http_connections $count; lease 30s;"
        . " $settings");

    # a first one, so that what is needed once is there
    $stack->push_orders(1);
    ok($stack->all_ended(1, 120), "$name: one order is paid");
    my $before = status($worker->{pid}, 'VmRSS');

    my $start = time;
    my @ids = $stack->push_orders($count);
    my ($most, $waiting, $sockets, $threads) = (0, 0, 0, 0);
    OrdersTest::Stage::wait_for(sub {
        my $rss = status($worker->{pid}, 'VmRSS');
        my $n = () = glob "/proc/$worker->{pid}/fd/*";
        my $tasks = status($worker->{pid}, 'Threads');
        my $ended = $stack->ended_count;
        $most = $rss if $rss > $most;
        $waiting = $rss if $ended == 1;
        $sockets = $n if $n > $sockets;
        $threads = $tasks if $tasks > $threads;
        sleep 0.1;
        return $ended >= $count + 1;
    }, 300);

    is($stack->ended_count, $count + 1, "$name: $count orders end");
    diag(sprintf '%s: %d orders in %.1f s, %d sockets, %d threads; %d bytes'
        . ' for each while they wait, %d at most%s', $name, $count,
        time - $start, $sockets, $threads, ($waiting - $before) * 1024 / $count,
        ($most - $before) * 1024 / $count,
        $sanitized ? '; with sanitizers' : '');
    ok($threads <= 8, '... without a thread for each');
    is(join(' ', map { "$_" } sort { $a cmp $b } keys %{ { map { $_ => 1 }
        values %{ $stack->statuses(@ids) } } }), 'SUCCESS', '... well');

    my %asked;
    my $least = 1e9;
    for (split /\n/, OrdersTest::Stage::slurp("$stack->{dir}/logs/paid.log")) {
        my ($key, $status, $took) = split / /;
        $asked{$key}++;
        $least = $took if $took < $least;
    }

    is(keys %asked, $count + 1, '... each was paid');
    my @again = grep { $asked{$_} > 1 } sort keys %asked;
    diag(sprintf 'the provider took %.1f s for the quickest, %d were asked for'
        . ' again', $least, scalar @again);

    # libcurl may lose an answer over HTTP/2: that one is asked for by its key
    is("@again", '', '... once') if $name eq 'HTTP/1.1';
    is($worker->end('TERM'), 0, '... the worker leaves in order');
    return $sockets;
}


# each its connection: all of them have to come before the first is answered
{
    my $stack = provider(5 + $count / 250, 200, server => '', listen => '');
    my $sockets = pay('HTTP/1.1', $stack, "http://127.0.0.1:$stack->{port}",
        '');
    cmp_ok($sockets, '>', $count, 'all waited at the same time');
}


# a hundred on each connection
{
    my $home = OrdersTest::Stack->new;
    my $authority = OrdersTest::Authority->new($home->{dir}, 'ca');
    my ($cert, $key) = $authority->issue('provider', 'IP:127.0.0.1');
    my $stack = provider(4 + $count / 1000, 100, listen => 'ssl http2',
        server => "ssl_certificate $cert; ssl_certificate_key $key;");
    my $sockets = pay('HTTP/2', $stack, "https://127.0.0.1:$stack->{port}",
        "payment_ca_file $authority->{file};");
    cmp_ok($sockets, '<', $count / 10, 'they share connections');
}

done_testing;
