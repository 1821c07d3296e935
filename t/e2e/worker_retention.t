# SPDX-License-Identifier: BSD-2-Clause

# Orders that ended long ago are deleted with their index entries; younger ones
# and those that have not ended stay.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
$stack->redis;
my $key = \&OrdersTest::Stack::key;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

my $worker = $stack->worker('simulate_latency 0ms 1ms; simulate_refuse 30%;');
my @ids = $stack->push_orders(300);
ok($stack->all_ended(300), 'orders have ended');
$worker->end('TERM');

# some are of another time, one has lost its record
my @young = @ids[0, 1, 150, 299];
$stack->ask('HSET', $key->("order:$_"), 'updatedAt',
    '2999-01-01T00:00:00.000Z') for @young;
my $bare = $ids[7];
$stack->ask('DEL', $key->("order:$bare"));

$worker = $stack->worker('retention 2s; simulate_latency 60s 60s;');
my ($pending) = $stack->push_orders(1);
my $start = time;
ok(wait_for(sub { $stack->ended_count == @young }, 20),
    'what ended longer ago than the retention is deleted');
ok(wait_for(sub { $stack->order($pending)->{orderStatus} }),
    'an order that has not ended');
sleep 1.5;

is($stack->ended_count, scalar @young, 'younger ones stay');
my $left = grep { $stack->ask('EXISTS', $key->("order:$_")) } @ids;
is($left, scalar @young, 'no other record is left');
is($stack->ask('ZCARD', $key->('user:u1')), @young + 2,
    'nor an entry of the user, but of the one without a record');
is($stack->order($pending)->{orderStatus}, 'PENDING',
    'what has not ended stays');
like($worker->text, qr/deleted \d+ orders that ended long ago/,
    'the log says so');
$worker->end('KILL');

done_testing;
