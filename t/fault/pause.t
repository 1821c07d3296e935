# SPDX-License-Identifier: BSD-2-Clause

# Workers that stand still for longer than their lease, and a Redis that does.
# A worker that goes on commits nothing that another has taken over, which the
# append-only file shows; and while Redis takes no heartbeats from anybody,
# nobody is taken for dead.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Aof;
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep);

my $rounds = $ENV{PAUSE_ROUNDS} || 20;
my $key = \&OrdersTest::Stack::key;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


# two workers under load, one of them stopped at any moment
{
    my $stack = OrdersTest::Stack->new;
    $stack->redis(args => \@OrdersTest::Aof::AOF_ARGS);
    my $journal = "$stack->{dir}/journal";
    my @workers = map {
        $stack->worker('lease 600ms; simulate_latency 0ms 120ms;'
            . ' max_executions 24; max_deliveries 1000;'
            . " simulate_journal $journal;")
    } 1 .. 2;
    my (@ids, $renewed);
    srand 1;

    for my $round (1 .. $rounds) {
        my ($stopped, $other) = @workers[$round % 2, 1 - $round % 2];
        my $before = $stopped->id;

        push @ids, $stack->push_orders(60);
        sleep rand 0.1;
        $stopped->stand_still($journal);
        push @ids, $stack->push_orders(20);
        my $ended = $stack->all_ended(scalar @ids, 30);
        wait_for(sub {    # also where it held nothing
            !defined $stack->ask('ZSCORE', $key->('consumers'), $before)
        }, 20);
        $stopped->signal('CONT');
        my $again = wait_for(sub { $stopped->id ne $before }, 20);
        $renewed += $again;

        ok($ended && $again, "round $round: what the stopped worker held was"
            . ' ended by the other one, and it registers anew')
            or diag($stopped->text);
    }

    like($workers[0]->text, qr/has been silent for \d+ ms: taking over/,
        'each noticed the silence of the other');
    wait_for(sub { !$stack->left_over }, 10);
    my @complaints = $stack->complaints(\@ids, journal => $journal);
    is(scalar @complaints, 0, 'each order ended, and was charged once')
        or diag(join "\n", splice @complaints, 0, 10);

    my $history = OrdersTest::Aof::orders("$stack->{dir}/appendonlydir");
    my @twice = grep { $history->{$_} ne '1 1 1' } @ids;
    is(scalar @twice, 0, scalar(@ids) . " orders, $renewed fenced workers, and"
        . ' nothing was committed twice')
        or diag(map { "$_: $history->{$_}\n" } splice @twice, 0, 10);
}


# redis takes no heartbeats: what happens to it, and how that ends
my @outages = (
    ['OOM', ['CONFIG', 'SET', 'maxmemory', '1'],
        ['CONFIG', 'SET', 'maxmemory', '0']],
    ['READONLY', ['REPLICAOF', '127.0.0.1', '1'], ['REPLICAOF', 'NO', 'ONE']],
    ['a pause of all writes', ['CLIENT', 'PAUSE', '4000', 'WRITE'],
        ['CLIENT', 'UNPAUSE']],
    ['a stop', 'STOP', 'CONT'],
    ['a death', 'KILL', ''],
);

{
    my $stack = OrdersTest::Stack->new;
    $stack->redis(args => \@OrdersTest::Aof::AOF_ARGS);
    my @workers = map {
        $stack->worker('lease 1500ms; redis_timeout 500ms;'
            . ' max_executions 20; simulate_latency 60s 60s;')
    } 1 .. 2;

    my @ids = $stack->push_orders(40);
    ok(wait_for(sub { held($stack) == 40 }), 'two workers hold orders');

    for my $row (@outages) {
        my ($name, $begin, $end) = @$row;
        my @before = map { length $_->text } @workers;

        outage($stack, $begin, $end);
        my $kept = wait_for(sub { held($stack) == 40 && $stack->ask('ZCARD',
            $key->('consumers')) == 2 }, 20);
        sleep 1;
        my $text = join '', map { substr $workers[$_]->text, $before[$_] } 0, 1;

        ok($kept, "$name, longer than the lease: the workers keep their orders");
        unlike($text, qr/has been silent/, '... neither is taken for dead');
        is(scalar(grep { /"deliveries"/ } messages($stack)), 0,
            '... and no order counts as delivered again');
        my @complaints = grep { /refuse|redis answers/ } split /\n/, $text;
        cmp_ok(scalar @complaints, '<=', 2, '... each says so once at most')
            or diag($text);
    }
}


sub held { return scalar messages($_[0]) }


sub messages
{
    my ($stack) = @_;

    return map { @{ $stack->ask('LRANGE', $_, 0, -1) } }
        $stack->processing_lists;
}


# Much longer than the lease.
sub outage
{
    my ($stack, $begin, $end) = @_;

    if (ref $begin) {
        $stack->ask(@$begin);
        sleep 4;
        $stack->ask(@$end);
        return;
    }

    $stack->redis_signal($begin);
    sleep 4;
    if ($end) {
        $stack->redis_signal($end);
    } else {
        $stack->redis(port => $stack->{redis_port},
            args => \@OrdersTest::Aof::AOF_ARGS);
    }

    return;
}

done_testing;
