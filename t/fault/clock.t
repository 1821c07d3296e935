# SPDX-License-Identifier: BSD-2-Clause

# The time of day leaps by an hour, forwards and backwards, under workers and
# under Redis.  No lease is measured with it (src/worker/queue/reaper.h): nobody
# is taken for dead who lives, and who is dead is taken over.  What waits for a
# time of day goes by Redis' clock (src/worker/clock.h).

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Aof;
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $key = \&OrdersTest::Stack::key;
my $hour = 3600;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

my $stack = OrdersTest::Stack->new;
my $shim = "$stack->{dir}/clock.so";
my $compiler = $ENV{CC} || 'cc';
plan skip_all => "there is no $compiler" if system "$compiler -shared -fPIC"
    . " -O2 -o $shim $FindBin::Bin/../lib/clock.c > /dev/null 2>&1";

my $journal = "$stack->{dir}/journal";
my (@ids, %clock);

with_clock('redis', sub {
    $stack->redis(args => \@OrdersTest::Aof::AOF_ARGS)
});


# What the code starts has a clock of its own.
sub with_clock
{
    my ($name, $code) = @_;

    $clock{$name} = "$stack->{dir}/clock.$name";
    leap($name, 0) if !-e $clock{$name};
    local $ENV{CLOCK_FILE} = $clock{$name};
    local $ENV{LD_PRELOAD} = $shim;
    local $ENV{ASAN_OPTIONS} = join ':', $ENV{ASAN_OPTIONS} || (),
        'verify_asan_link_order=0';
    return $code->();
}


sub worker
{
    my ($name, $settings) = @_;

    return with_clock($name, sub {
        $stack->worker('lease 1s; simulate_refuse 0%;'
            . " simulate_journal $journal; $settings", name => $name)
    });
}


sub leap
{
    my ($name, $seconds) = @_;

    open my $out, '+>>', $clock{$name} or die "$clock{$name}: $!";
    close $out;
    open $out, '+<', $clock{$name} or die "$clock{$name}: $!";
    syswrite $out, pack 'q', $seconds;
    return;
}


sub all_is_well
{
    my ($name) = @_;

    return OrdersTest::Aof::all_is_well($stack, $name, \@ids, $journal);
}


# leases
{
    my @workers = map { worker($_, 'simulate_latency 0ms 300ms;'
        . ' simulate_unavailable 5%; max_executions 32;') } qw(a b);
    srand 1;
    for my $round (1 .. 24) {
        push @ids, $stack->push_orders(25);
        leap($round % 3 ? 'a' : 'b', $hour * (-1, 0, 1)[rand 3]);
        sleep 0.2;
    }

    all_is_well('clocks of workers leap all the time');
    my $texts = join '', map { $_->text } @workers;
    unlike($texts, qr/has been silent/, '... and no worker is taken for dead');
    my @registered = $texts =~ /registered as/g;
    is(scalar @registered, 2, '... none has to register anew');

    # the dead one's clock was ahead, the other's is behind
    leap('a', $hour);
    push @ids, $stack->push_orders(60);
    sleep 0.3;
    leap('b', -$hour);
    leap('redis', $hour);
    $workers[0]->end('KILL');
    all_is_well('a worker dies whose clock was ahead by two hours');
    is($workers[1]->end('TERM'), 0, 'the other one leaves in order');
    leap($_, 0) for qw(a b);
}


# what is parked
{
    my $workflow = "$stack->{dir}/wait.json";
    open my $out, '>', $workflow or die "$workflow: $!";
    print {$out} <<'END';
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "$.order", "Next": "Pause" },
    "Pause": { "Type": "Wait", "Seconds": 1800, "Next": "ProcessPayment" },
    "ProcessPayment": { "Type": "Task", "Resource": "orders:pay",
        "ResultPath": "$.payment", "Next": "Complete" },
    "Complete": { "Type": "Task", "Resource": "orders:complete",
        "End": true } } }
END
    close $out or die "$workflow: $!";

    my @workers = map { worker($_, "workflow $workflow; simulate_latency 0ms"
        . ' 50ms; max_executions 32;') } qw(a b);
    push @ids, $stack->push_orders(200);
    ok(wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == 200 }),
        'orders wait for half an hour');
    leap('a', $hour);
    leap('b', -$hour);
    sleep 1.5;
    is($stack->ask('ZCARD', $key->('delayed')), 200,
        'the clocks of workers leap: they wait');
    leap('redis', 2 * $hour);
    all_is_well('that of Redis leaps: it is time');
    unlike($_->text, qr/has been silent/, '... and nobody is taken for dead')
        for @workers;
    is($_->end('TERM'), 0, 'a worker leaves in order') for @workers;
}

done_testing;
