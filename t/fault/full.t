# SPDX-License-Identifier: BSD-2-Clause

# A Redis that runs full.  The door closes before it is, so that the worker can
# bring to their ends all orders that were let in; then it opens by itself.  And
# what happens when something else has filled the memory, or the disk.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Aof;
use OrdersTest::Load;
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $key = \&OrdersTest::Stack::key;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


sub memory
{
    my ($stack, $what) = @_;

    return $stack->ask('INFO', 'memory') =~ /^$what:(\d+)/m ? $1 : 0;
}


# Posts until an order is refused; how many were acknowledged, and the refusal.
sub post_until_refused
{
    my ($stack, $ids, $most) = @_;

    my $load = OrdersTest::Load->new(port => $stack->{port}, connections => 8,
        orders => $most, seconds => 120);
    $load->run(sub { $load->stop if @{ $load->{refused} } });
    push @$ids, @{ $load->{acknowledged} };
    return (scalar @{ $load->{acknowledged} }, $load->{refused}[0] || '');
}


sub post_one
{
    my ($stack) = @_;

    my $response = $stack->post(OrdersTest::Load::body(1));
    my ($id) = $response->{body} =~ /"postOrder":\{"id":"([^"]+)"/;
    return ($id, $response);
}


# more orders than the memory has room for
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis(args => ['--hash-max-listpack-value', 4096]);
    my $settings = 'simulate_latency 0ms 5ms; lease 2s;';
    my @ids;

    $stack->nginx("location /graphql { graphql_orders redis://$redis; }");
    my $limit = memory($stack, 'used_memory') + 12_000_000;
    $stack->ask('CONFIG', 'SET', 'maxmemory', $limit);

    my ($count, $refusal) = post_until_refused($stack, \@ids, 100_000);
    cmp_ok($count, '>', 1000, "$count orders are let in without a worker");
    like($refusal, qr/"code":"QUEUE_FULL"/, 'then the door closes');
    cmp_ok(memory($stack, 'used_memory'), '<', 0.6 * $limit,
        '... long before Redis is full');

    my ($id, $response) = post_one($stack);
    is($response->{status}, 503, '... with 503');
    like($response->{headers}{'retry-after'}, qr/\A\d+\z/,
        '... and Retry-After');

    my $worker = $stack->worker($settings);
    ok($stack->all_ended(scalar @ids, 120), 'a worker brings all to their ends');
    unlike($worker->text, qr/redis refuses/, '... and Redis refuses it nothing');
    cmp_ok(memory($stack, 'used_memory'), '<', $limit,
        '... with room to spare');

    ok(wait_for(sub {
        ($id) = post_one($stack);
        push @ids, $id if $id;
        return $id;
    }), 'the door opens by itself');

    # until ended orders alone fill it; each time there is less room
    my ($rounds, $refused_at) = (0, 0);
    while ($count > 50 && $rounds++ < 40) {
        ($count, $refusal) = post_until_refused($stack, \@ids, 100_000);
        last if !$stack->all_ended(scalar @ids, 60);
    }
    ok($stack->all_ended(scalar @ids), scalar(@ids) . ' orders have ended, and'
        . ' the door stays closed');

    # retention makes room
    $worker->end('TERM');
    $worker = $stack->worker("$settings retention 1s;");
    ok(wait_for(sub { (post_one($stack))[0] }, 60),
        'old orders go, and the door opens by itself');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}


# something else has filled the memory: Redis refuses even DEL inside of MULTI
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis(args => \@OrdersTest::Aof::AOF_ARGS);
    my $journal = "$stack->{dir}/journal";
    my $worker = $stack->worker('simulate_latency 100ms 300ms; lease 2s;'
        . " retention 3s; simulate_journal $journal;");

    $stack->nginx("location /graphql { graphql_orders redis://$redis; }");
    my @old = $stack->push_orders(50);
    ok($stack->all_ended(50), 'orders have ended');
    my @ids = $stack->push_orders(100);
    $stack->ask('CONFIG', 'SET', 'maxmemory', '1');
    ok(wait_for(sub { $worker->text =~ /refuses to commit/ }),
        'the memory is full: the worker waits');

    my ($id, $response) = post_one($stack);
    is($response->{status}, 503, '... and so do clients');
    like($response->{body}, qr/"code":"QUEUE_FULL"/, '... told why');

    ok(wait_for(sub { !$stack->ask('EXISTS',
        map { $key->("order:$_") } @old) }, 30),
        '... but old orders are deleted, which makes room');
    is(scalar(grep { defined $stack->ask('ZSCORE', $key->('user:u1'), $_) }
        @old), 0,
        '... with their index entries');
    my @lines = grep { /redis refuses|redis answers/ } split /\n/, $worker->text;
    is(scalar @lines, 1, '... and the log says it once') or diag(@lines);

    $stack->ask('CONFIG', 'SET', 'maxmemory', '0');
    ok(wait_for(sub { !$stack->left_over }, 30), 'there is room: all go on');
    my $history = OrdersTest::Aof::orders("$stack->{dir}/appendonlydir");
    is(scalar(grep { $history->{$_} ne '1 1 1' } @ids), 0, '... each ends once');
    my $charges = $stack->journal($journal);
    is(scalar(grep { $_->[0] != 1 } values %$charges), 0,
        '... and is charged once');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}


# so little room that the transactions have to be small, and that orders which
# have begun have to end before others begin
{
    my $stack = OrdersTest::Stack->new;
    $stack->redis(args => ['--hash-max-listpack-value', 4096]);
    my @ids = $stack->push_orders(600);
    my $worker = $stack->worker('simulate_latency 60s 60s;', name => 'w');
    ok(wait_for(sub { $stack->ask('ZCARD', $key->('status:PENDING')) >= 256 }),
        'a worker is full of orders');
    $worker->end('KILL');

    my $limit = memory($stack, 'used_memory') + 450_000;
    $stack->ask('CONFIG', 'SET', 'maxmemory', $limit);
    $worker = $stack->worker('simulate_latency 0ms 5ms;', name => 'w');
    ok($stack->all_ended(400, 60), 'there is little room, and they end')
        or diag($stack->ended_count);
    my @lines = grep { /redis refuses|commits again/ } split /\n/, $worker->text;
    cmp_ok(scalar @lines, '<=', 2, '... with few words') or diag(@lines);
}

# all at once: orders wait, are parked, are dead letters, the append-only file
# is rewritten, and another program's keys take what memory there is
{
    my $stack = OrdersTest::Stack->new;
    my $redis = $stack->redis(args => \@OrdersTest::Aof::AOF_ARGS);
    my $workflow = "$stack->{dir}/wait.json";
    my $text = OrdersTest::Stage::slurp(($ENV{ORDERS_TOP} || '.')
        . '/conf/workflow.json');
    $text =~ s/"Next": "ProcessPayment"/"Next": "Pause"/ or die 'no payment';
    $text =~ s/("States": \{)/$1 "Pause": {"Type": "Wait", "Seconds": 6,
        "Next": "ProcessPayment"},/ or die 'no states';
    open my $out, '>', $workflow or die "$workflow: $!";
    print {$out} $text;
    close $out or die "$workflow: $!";

    $stack->nginx("location /graphql { graphql_orders redis://$redis; }");
    my $worker = $stack->worker("workflow $workflow; simulate_latency 0ms"
        . ' 20ms; lease 2s;');
    $stack->ask('RPUSH', $key->('queue'), map { "no message $_" } 1 .. 500);
    ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) == 500 }),
        'there are dead letters');
    my @ids = $stack->push_orders(300);
    my $due = time + 7;
    ok(wait_for(sub { $stack->ended_count
        || $stack->ask('ZCARD', $key->('delayed')) == 300 }),
        '... and orders are parked');

    my $limit = memory($stack, 'used_memory') + 8_000_000;
    $stack->ask('CONFIG', 'SET', 'maxmemory', $limit);
    push @ids, $stack->push_orders(300);
    my ($n, $reply) = (0, '');
    while ($reply !~ /OOM/) {
        $stack->ask('BGREWRITEAOF') if $n % 20 == 5;
        $reply = eval { $stack->ask('SET', 'foreign:' . $n++, 'x' x 100_000) }
            || $@;
    }
    ok(wait_for(sub {
        my ($id, $response) = post_one($stack);
        push @ids, $id if $id;
        $response->{body} =~ /"code":"QUEUE_FULL"/;
    }), 'foreign keys fill the memory: the door refuses');
    sleep 0.1 while time < $due;
    is($stack->ask('LLEN', $key->('dead')), 500, 'nothing more is given up');

    $stack->ask('DEL', "foreign:$_") for 0 .. $n - 1;
    $stack->ask('BGREWRITEAOF');
    ok($stack->all_ended(scalar @ids, 60), 'they go: all orders end');
    wait_for(sub { !$stack->left_over }, 10);
    my $status = $stack->statuses(@ids);
    is(scalar(grep { ($status->{$_} || '') !~ /SUCCESS|FAILED/ } @ids), 0,
        '... each of them');
    ok(wait_for(sub { (post_one($stack))[0] }), '... and the door opens by'
        . ' itself');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}

done_testing;
