# SPDX-License-Identifier: BSD-2-Clause

# The worker when Redis refuses, stands still, cuts connections, dies and comes
# back.  Nothing that was taken is dropped, nothing is done twice.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
my @aof = ('--appendonly', 'yes', '--appendfsync', 'always');
my $redis = $stack->redis(args => \@aof);
my $journal = "$stack->{dir}/journal";
my $key = \&OrdersTest::Stack::key;
my @ids;
my $worker = $stack->worker('redis_timeout 500ms; simulate_latency 0ms 50ms;'
    . " simulate_journal $journal;");

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

sub all_is_well
{
    my ($name) = @_;

    ok($stack->all_ended(scalar @ids), "$name: all orders end");
    wait_for(sub { !$stack->left_over }, 5);
    my @complaints = $stack->complaints(\@ids, journal => $journal);
    is(scalar @complaints, 0, '... each once')
        or diag(join "\n", splice @complaints, 0, 10);
    return;
}


# refusals: what is set, how it is undone, what the log says
my @refusals = (
    ['OOM', ['CONFIG', 'SET', 'maxmemory', '1'],
        ['CONFIG', 'SET', 'maxmemory', '0'], qr/maxmemory.*OOM/],
    ['READONLY', ['REPLICAOF', '127.0.0.1', '1'],
        ['REPLICAOF', 'NO', 'ONE'], qr/replica.*READONLY/],
    ['NOREPLICAS', ['CONFIG', 'SET', 'min-replicas-to-write', '1'],
        ['CONFIG', 'SET', 'min-replicas-to-write', '0'], qr/NOREPLICAS/],
    ['NOPERM', ['ACL', 'SETUSER', 'default', '-hset'],
        ['ACL', 'SETUSER', 'default', '+@all'], qr/rights.*NOPERM/],
);

for my $row (@refusals) {
    my ($name, $set, $unset, $line) = @$row;
    my $before = length $worker->text;

    push @ids, $stack->push_orders(200);
    $stack->ask(@$set);
    ok(wait_for(sub { substr($worker->text, $before) =~ /refuses to commit/ }),
        "$name: the worker notices");
    sleep 0.7;
    my @lines = grep { /refuse|redis answers/ }
        split /\n/, substr $worker->text, $before;
    is(scalar @lines, 1, '... and says so once');
    like($lines[0], $line, '... with what can be done');
    my $id = $worker->id;
    $stack->ask(@$unset);
    all_is_well($name);
    is($worker->id, $id, '... and the registration lives on');
}


# foreign data where an order should be
my ($foreign, $neighbor) = map { OrdersTest::Stack::order_id($_) } 5000, 5001;
$stack->ask('SADD', $key->('user:stranger'), 'x');
$stack->ask('RPUSH', $key->('queue'),
    OrdersTest::Stack::order_message($foreign, user => 'stranger'),
    OrdersTest::Stack::order_message($neighbor, user => 'neighbor'));
ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) }),
    'a refused command makes a dead letter');
like($stack->ask('LPOP', $key->('dead')),
    qr/"error":"Redis.Refused","cause":"WRONGTYPE/, '... that says so');
is($stack->ask('EXISTS', $key->("order:$foreign")), 1,
    '... and the record stays for the operator');
ok(wait_for(sub {
    ($stack->order($neighbor)->{orderStatus} // '') =~ /SUCCESS|FAILED/
}),
    '... and who shared its transaction goes on');
is($stack->ask('LLEN', $key->('dead')), 0, '... unharmed');
$stack->ask('DEL', map { $key->("order:$_") } $foreign, $neighbor);
$stack->ask('ZREM', $key->("status:$_"), $foreign, $neighbor)
    for qw(PENDING SUCCESS FAILED);


# something foreign under a key that all share
$worker->end('TERM');
$stack->ask('SET', $key->('resume'), 'x');
my $careful = $stack->worker('', register => 0);
ok(wait_for(sub {
    $careful->text =~ /\Q{orders:0}:resume\E is a string, not a list/
}), 'a worker does not begin with foreign data under its keys');
$stack->ask('DEL', $key->('resume'));
ok(wait_for(sub { $careful->id }), '... and does without them');
$careful->end('TERM');
$worker = $stack->worker('redis_timeout 500ms; simulate_latency 0ms 50ms;'
    . " simulate_journal $journal;");


# connections that are cut
for my $round (1 .. 10) {
    push @ids, $stack->push_orders(100);
    sleep 0.01 * $round;
    for my $client (split /\n/, $stack->ask('CLIENT', 'LIST')) {
        my ($id) = $client =~ /\bid=(\d+).*name=orders-worker/ or next;
        $stack->ask('CLIENT', 'KILL', 'ID', $id) if rand() < 0.5;
    }
}
all_is_well('connections are cut');


# a stop that is longer than the timeout
push @ids, $stack->push_orders(300);
$stack->redis_signal('STOP');
sleep 1.2;
$stack->redis_signal('CONT');
all_is_well('redis stands still');


# death and return, with an AOF that is synced always
for my $round (1 .. 4) {
    push @ids, $stack->push_orders(300);
    sleep 0.02 * $round;
    $stack->redis_signal('KILL');
    sleep 0.3 if $round == 2;
    $stack->redis(port => $stack->{redis_port}, args => \@aof);
}
all_is_well('redis is killed');


# gone for a while
$stack->redis_signal('KILL');
ok(wait_for(sub { $worker->text =~ /no connection to redis/ }),
    'redis is away');
my $before = length $worker->text;
sleep 2;
my @lines = split /\n/, substr $worker->text, $before;
ok(@lines <= 3, 'the worker does not fill its log')
    or diag(join "\n", @lines);
$stack->redis(port => $stack->{redis_port}, args => \@aof);
push @ids, $stack->push_orders(50);
all_is_well('redis is back');

is($worker->end('TERM'), 0, 'the worker leaves in order');


# leaving while redis is away
$worker = $stack->worker('redis_timeout 300ms;');
$stack->redis_signal('KILL');
is($worker->end('TERM', 10), 0, 'a worker can leave without redis');

done_testing;
