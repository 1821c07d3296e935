# SPDX-License-Identifier: BSD-2-Clause

# Several workers: one that dies is taken over, one that was stopped for longer
# than its lease commits nothing any more and registers anew, one that leaves
# hands back what it holds.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
$stack->redis;
$stack->subscribe;
my $journal = "$stack->{dir}/journal";
my $key = \&OrdersTest::Stack::key;
my @ids;

sub settings { return "lease 600ms; simulate_journal $journal; $_[0]" }

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

sub held { return $stack->ask('LLEN', $key->('processing:' . $_[0]->id)) }

sub holds_nothing_wrong
{
    my ($name) = @_;

    wait_for(sub { !$stack->left_over }, 5);
    my @complaints = $stack->complaints(\@ids, events => 1,
        journal => $journal);
    is(scalar @complaints, 0, $name)
        or diag(join "\n", splice @complaints, 0, 10);
    return;
}


# a worker that dies is taken over by another
my $slow = $stack->worker(settings('simulate_latency 60s 60s;'));
push @ids, $stack->push_orders(40);
ok(wait_for(sub { held($slow) == 40 }), 'a worker holds orders');
my $fast = $stack->worker(settings('simulate_latency 0ms 5ms;'));
$slow->end('KILL');
ok($stack->all_ended(scalar @ids), 'it dies, and another one ends them');
like($fast->text, qr/has been silent for \d+ ms: taking over/,
    'having noticed the silence');
holds_nothing_wrong('each order ended once and was charged once');


# a worker that was stopped
for my $round (1 .. 20) {
    my $worker = $stack->worker(settings('simulate_latency 100ms 100ms;'
        . ' max_executions 8;'), name => "stopped$round");
    $fast->signal('STOP');
    my $first = $worker->id;
    push @ids, $stack->push_orders(24);
    wait_for(sub { held($worker) == 8 });

    # somewhere between taking and committing
    sleep 0.005 * $round;
    $worker->stand_still($journal);
    $fast->signal('CONT');
    my $ended = $stack->all_ended(scalar @ids, 20);
    $worker->signal('CONT');
    my $renewed = wait_for(sub { $worker->id ne $first }, 10);
    my $list = $stack->ask('EXISTS', $key->("processing:$first"));

    ok($ended && $renewed && !$list, "round $round: stopped for longer than"
        . ' its lease, its orders end, and it registers anew')
        or diag($worker->text);
    is($worker->end('TERM'), 0, '... and leaves in order');
}

holds_nothing_wrong('nothing was committed twice');


# many at once, added and removed
my @workers = map {
    $stack->worker(settings('simulate_latency 0ms 20ms; max_executions 16;'))
} 1 .. 3;
for my $round (1 .. 6) {
    push @ids, $stack->push_orders(300);
    (shift @workers)->end($round % 2 ? 'KILL' : 'TERM');
    push @workers, $stack->worker(settings('simulate_latency 0ms 20ms;'
        . ' max_executions 16;'));
}
ok($stack->all_ended(scalar @ids), 'workers come and go, all orders end');
holds_nothing_wrong('each once');
$_->end('TERM') for @workers;


# the same orders from two queues' worth of duplicates
@workers = map {
    $stack->worker(settings('simulate_latency 0ms 20ms; max_executions 4;'))
} 1 .. 2;
my @twice = map { OrdersTest::Stack::order_id($stack->{orders}++) } 1 .. 300;
$stack->resp->ask_all(map {
    my $message = OrdersTest::Stack::order_message($_);
    (['RPUSH', $key->('queue'), $message]) x 3
} @twice);
push @ids, @twice;
ok($stack->all_ended(scalar @ids), 'messages that come three times');
holds_nothing_wrong('are run once, by whichever worker');
$_->end('TERM') for @workers, $fast;


# two workers of one name
my $elder = $stack->worker(settings('simulate_latency 300ms 300ms;'),
    name => 'twin');
my $elder_id = $elder->id;
push @ids, $stack->push_orders(20);
wait_for(sub { held($elder) == 20 });
my $younger = $stack->worker(settings('simulate_latency 0ms 5ms;'),
    name => 'twin');
ok($stack->all_ended(scalar @ids), 'two workers of one name do their work');
sleep 2;
my @registrations = map { scalar(() = $_->text =~ /registered as/g) }
    $elder, $younger;
is("@registrations", '2 1', 'the elder registers anew, and that is all');
holds_nothing_wrong('each order ended once');
$_->end('TERM') for $elder, $younger;


# leaving with work in hand
my $leaving = $stack->worker(settings('simulate_latency 60s 60s;'
    . ' drain_timeout 100ms;'));
push @ids, $stack->push_orders(10);
wait_for(sub { held($leaving) == 10 });
is($leaving->end('TERM'), 0, 'a worker leaves while payments are under way');
is($stack->ask('LLEN', $key->('resume')), 10, 'its orders go back');
is($stack->ask('ZCARD', $key->('consumers')), 0, 'it is not registered');
like($stack->ask('LINDEX', $key->('resume'), 0), qr/"restaurantId":"r-17"}}\z/,
    'that does not count as a delivery');
my $next = $stack->worker(settings('simulate_latency 0ms 5ms;'));
ok($stack->all_ended(scalar @ids), 'and end with the next worker');
holds_nothing_wrong('once');
is($next->end('TERM'), 0, 'which leaves');

$leaving = $stack->worker(settings('simulate_latency 300ms 400ms;'));
push @ids, $stack->push_orders(10);
wait_for(sub { held($leaving) == 10 });
is($leaving->end('TERM'), 0, 'a worker finishes what it holds');
holds_nothing_wrong('before it leaves');

$leaving = $stack->worker(settings('simulate_latency 60s 60s;'));
my @last = $stack->push_orders(1);
wait_for(sub { held($leaving) == 1 });
$leaving->signal('TERM');
wait_for(sub { $leaving->text =~ /taking no more/ });
ok(defined $leaving->end('TERM', 2), 'a second signal ends it at once');

done_testing;
