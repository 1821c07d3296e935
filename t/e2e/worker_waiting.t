# SPDX-License-Identifier: BSD-2-Clause

# Thousands of executions wait for a slow provider at once, in one worker
# process: each is a connection and a little memory, and none a thread.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Provider;
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

# A sanitizer multiplies the memory: fewer then.
my $build = OrdersTest::Stack::build_dir();
my $sanitized = qx{grep -c __asan_init '$build/orders-worker'} > 0;
my $count = $ENV{ORDERS_WAITING} || ($sanitized ? 2000 : 10000);
my $files = qx{sh -c 'ulimit -Hn'};
$count = $files - 1000 if $files =~ /^\d+$/ && $files < $count + 1000;
my $seconds = 2;


sub status
{
    my ($pid, $name) = @_;

    my ($value) = OrdersTest::Stage::slurp("/proc/$pid/status")
        =~ /^$name:\s+(\d+)/m;
    return $value || 0;
}


my $stack = OrdersTest::Stack->new;
$stack->redis;

# it answers two seconds after all have come
my $hold = "$stack->{dir}/hold";
open my $out, '>', $hold or die "$hold: $!";
my $provider = OrdersTest::Provider->new($stack, delay => $seconds,
    hold => $hold, processes => 1 + int($count / 800));
my $settings = $provider->settings;
$settings =~ s/payment_timeout 2s/payment_timeout 200s/;
my $worker = $stack->worker("$settings max_executions $count;"
    . " http_connections $count; lease 30s;");

# a first one, so that what is needed once is there
$stack->push_orders(1);
ok($stack->all_ended(1), 'one order is paid');
unlink $hold;
my $before = status($worker->{pid}, 'VmRSS');

my $start = time;
$stack->push_orders($count);
my ($most, $waiting, $threads) = (0, 0, 0);
my $key = \&OrdersTest::Stack::key;
OrdersTest::Stage::wait_for(sub {
    my $rss = status($worker->{pid}, 'VmRSS');
    my $sockets = () = glob "/proc/$worker->{pid}/fd/*";
    my $n = status($worker->{pid}, 'Threads');
    $most = $rss if $rss > $most;
    $waiting = $sockets if $sockets > $waiting;
    $threads = $n if $n > $threads;
    open $out, '>', $hold if $sockets > $count || time > $start + 90;
    sleep 0.05;
    return $stack->ended_count >= $count + 1;
}, 200);

is($stack->ended_count, $count + 1, "$count orders wait and end");
my $took = time - $start;
diag(sprintf '%d orders that wait %.1f s each: %.1f s; %d sockets at once; '
    . '%d bytes for each (%d KB more at most); %d threads%s', $count, $seconds,
    $took, $waiting, ($most - $before) * 1024 / ($waiting || 1),
    $most - $before, $threads, $sanitized ? '; with sanitizers' : '');
ok($waiting > $count, 'all of them at the same time');
ok($threads <= 8, 'without a thread for each');
is(join('; ', $provider->complaints({ map { $_ => 'SUCCESS' }
    map { OrdersTest::Stack::order_id($_) } 0 .. $count },
    map { OrdersTest::Stack::order_id($_) } 0 .. $count)), '',
    'each is paid once');
is($worker->end('TERM'), 0, 'the worker leaves in order');

done_testing;
