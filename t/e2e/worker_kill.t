# SPDX-License-Identifier: BSD-2-Clause

# 10,000 orders posted to the front door from 32 connections, and the worker is
# killed with -9 five times on the way.  Every order that was acknowledged comes
# to its end exactly once, and is charged once.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Load;
use OrdersTest::Stack;
use Test::More;

my $orders = 10_000;
my $kills = 5;

my $stack = OrdersTest::Stack->new;
my $redis = $stack->redis;
$stack->subscribe;
$stack->nginx("location /graphql { graphql_orders redis://$redis; }");

my $journal = "$stack->{dir}/journal";
my $settings = "simulate_latency 0ms 40ms; simulate_journal $journal;"
    . '';
my $worker = $stack->worker($settings, name => 'w');
my $killed = 0;
my $held = 0;

my $load = OrdersTest::Load->new(port => $stack->{port}, orders => $orders);
ok($load->run(sub {
    my ($answers) = @_;

    return if $killed >= $kills
        || $answers < ($killed + 1) * $orders / ($kills + 1);

    $killed++;
    $worker->end('KILL');
    $held += $stack->ask('LLEN', $_) for $stack->processing_lists;
    $worker = $stack->worker($settings, name => 'w');
}), 'all orders are answered');

my @ids = @{ $load->{acknowledged} };
is(scalar @ids, $orders, 'and acknowledged');
is($killed, $kills, "the worker was killed $kills times");
ok($held > 0, "it held $held orders then");
ok($stack->all_ended($orders, 90), 'all orders come to their ends');
OrdersTest::Stage::wait_for(sub { !$stack->left_over }, 5);

my @complaints = $stack->complaints(\@ids, events => 1, journal => $journal);
is(scalar @complaints, 0, 'each once, with its events in order, charged once')
    or diag(join "\n", splice @complaints, 0, 20);

@complaints = $stack->count_complaints($orders);
is(scalar @complaints, 0, '... and counted once')
    or diag(join "\n", @complaints);

is($worker->end('TERM'), 0, 'the worker leaves in order');
is($stack->ask('ZCARD', '{orders:0}:consumers'), 0,
    'no registration is left behind');

done_testing;
