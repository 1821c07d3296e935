# SPDX-License-Identifier: BSD-2-Clause

# What networks do, between worker and Redis and between nginx and Redis:
# connections are cut at any byte, before and after a transaction was passed
# on, stay open on one side alone, deliver late, or one byte at a time.  Nothing
# is lost, nothing is done twice, nothing is stranded.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Aof;
use OrdersTest::Load;
use OrdersTest::Proxy;
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $key = \&OrdersTest::Stack::key;
my $stack = OrdersTest::Stack->new;
$stack->redis(args => \@OrdersTest::Aof::AOF_ARGS);
my $proxy = OrdersTest::Proxy->new($stack, $stack->{redis_port});
my $journal = "$stack->{dir}/journal";
my @ids;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


# Behind the proxy unless a port is given.
sub worker
{
    my ($settings, %option) = @_;

    my $timeout = $settings =~ /redis_timeout/ ? '' : 'redis_timeout 500ms;';
    return $stack->worker("lease 1s; max_deliveries 1000; $timeout"
        . " simulate_journal $journal; $settings", port => $proxy->{port},
        %option);
}


sub all_is_well
{
    my ($name) = @_;

    return OrdersTest::Aof::all_is_well($stack, $name, \@ids, $journal);
}


# Orders come until so many connections were cut.
sub under_cuts
{
    my ($name, $rule, $cuts) = @_;

    my $until = time + 60;
    my $before = $proxy->tell('cuts');
    $proxy->tell($rule);
    while ($proxy->tell('cuts') < $before + $cuts && time < $until) {
        push @ids, $stack->push_orders(20);
        sleep 0.05;
    }

    $proxy->tell('pass');
    cmp_ok($proxy->tell('cuts'), '>=', $before + $cuts,
        "$name, $cuts connections at least");
    all_is_well('then');
    return;
}


# the worker's connections are cut
{
    my @workers = map { worker('simulate_latency 0ms 20ms;') } 1 .. 2;

    under_cuts('cut at any byte to Redis', 'cut-at up 30000', 24);
    under_cuts('cut at any byte from Redis', 'cut-at down 20000', 24);
    under_cuts('cut before a transaction comes to Redis',
        'cut up 0.1 before EXEC', 20);
    under_cuts('cut after a transaction went to Redis, before its answer',
        'cut up 0.1 after EXEC', 20);

    # whatever is under way
    for my $round (1 .. 10) {
        push @ids, $stack->push_orders(40);
        sleep 0.01 * $round;
        $proxy->tell('drop');
    }
    all_is_well('all connections cut at once, 10 times');

    $_->end('TERM') for @workers;
}


# what a worker has sent comes to Redis long after it has been taken over
for my $round (1 .. 6) {
    my $late = worker('simulate_latency 0ms 20ms;', name => "late$round");
    my $first = $late->id;

    push @ids, $stack->push_orders(150);
    sleep 0.01 * $round;
    $proxy->tell('hold');
    push @ids, $stack->push_orders(20);
    my $renewed = wait_for(sub { $late->id ne $first }, 20);
    my $ended = $stack->all_ended(scalar @ids);
    $proxy->tell('release');
    sleep 0.2;

    ok($renewed && $ended && !$stack->ask('LLEN', $key->("processing:$first")),
        "late commands $round: the worker has registered anew, and they put"
        . ' nothing onto its old list') or diag($late->text);
    $late->end('KILL') if $round % 2;
    $late->end('TERM') if $round % 2 == 0;
    $proxy->tell('drop');
}

{
    my $heir = worker('simulate_latency 0ms 5ms;');
    all_is_well('after commands that came late');
    $heir->end('TERM');
}


# an idle worker waits in a BLMOVE, and dies without Redis hearing of it
{
    my $ghost = worker('simulate_latency 0ms 5ms;', name => 'ghost');
    ok(wait_for(sub { $stack->ask('CLIENT', 'LIST') =~ /cmd=blmove/ }),
        'an idle worker waits for the queue');
    $proxy->tell('hold');
    $ghost->end('KILL');

    push @ids, $stack->push_orders(1);
    is($stack->ask('LLEN', $key->('queue')), 1,
        'it is gone, its BLMOVE gets the order, and the order stays');
    is($stack->ask('LINDEX', $key->('queue'), 0),
        OrdersTest::Stack::order_message($ids[-1]), '... as it was');

    my $next = worker('simulate_latency 0ms 5ms;', name => 'next',
        port => $stack->{redis_port});
    all_is_well('another worker comes');
    $next->end('TERM');
    $proxy->tell('drop');
}


# the worker lives, but its connections are dead
{
    my $worker = worker('simulate_latency 0ms 5ms;');
    wait_for(sub { $stack->ask('CLIENT', 'LIST') =~ /cmd=blmove/ });
    $proxy->tell('hold');
    push @ids, $stack->push_orders(10);
    all_is_well('a worker whose connections died in silence finds new ones');
    $proxy->tell('drop');
    is($worker->end('TERM'), 0, '... and leaves in order');

    $worker = worker('redis_timeout 10s; simulate_latency 0ms 5ms;');
    $proxy->tell('slow 20000');
    push @ids, $stack->push_orders(10);
    all_is_well('one byte at a time');
    $proxy->tell('pass');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}


# nginx behind the proxy: what it does not know it says so, and a client that
# repeats with its key has one order in the end
{
    my $worker = worker('simulate_latency 0ms 5ms;',
        port => $stack->{redis_port});
    $stack->nginx("location /graphql { graphql_orders redis://127.0.0.1:"
        . "$proxy->{port}; graphql_orders_timeout 500ms; }");

    my @rules = (
        ['cut at any byte to Redis', 'cut-at up 60000'],
        ['cut at any byte from Redis', 'cut-at down 9000'],
        ['cut before the order comes to Redis', 'cut up 0.1 before EXEC'],
        ['cut after the order went to Redis', 'cut up 0.1 after EXEC'],
        ['half-open', 'hold'],
        ['one byte at a time', 'slow 40000'],
    );

    for my $row (@rules) {
        my ($name, $rule) = @$row;
        my $load = OrdersTest::Load->new(port => $stack->{port}, seconds => 60,
            connections => 16, orders => 150, key => $name =~ tr/ /-/r);

        $proxy->tell($rule) if $rule ne 'hold';
        my $held = $rule eq 'hold' ? 0 : 3;
        ok($load->run(sub {
            my ($answers) = @_;
            return if $held >= 3 || $answers < 30 * ($held + 1);
            $held++;
            $proxy->tell('hold');
        }), "nginx, $name: every order is acknowledged at last");
        $proxy->tell('release') if $rule eq 'hold';
        $proxy->tell('pass');

        is(scalar @{ $load->{acknowledged} }, 150, '... all of them');
        cmp_ok($load->{unknown}, '==', 0, '... and nginx answers always');
        my @wrong = grep { !/"code":"(?:UNKNOWN_OUTCOME|UNAVAILABLE|TIMEOUT)"/ }
            @{ $load->{refused} };
        is(scalar @wrong, 0, '... with what it knows') or diag($wrong[0]);
        push @ids, @{ $load->{acknowledged} };
    }

    all_is_well('all orders that came through nginx');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
    unlike($stack->log, qr/\[(?:alert|emerg)\]/, 'no alert');
}

done_testing;
