# SPDX-License-Identifier: BSD-2-Clause

# The commands for operators, their output for programs and their exit codes.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stack;
use Test::More;

my $stack = OrdersTest::Stack->new;
my $program = OrdersTest::Stack::build_dir() . '/orders-worker';
my $redis = 'redis://' . $stack->redis;
my $key = \&OrdersTest::Stack::key;

sub wait_for { return OrdersTest::Stage::wait_for(@_) }

# The output, the messages and the exit code of a command.
sub run
{
    my (@words) = @_;

    my $file = "$stack->{dir}/stderr";
    my @quoted = map { s/'/'\\''/gr } $program, '--redis', $redis, @words;
    my $out = join '', `@{[ join ' ', map { "'$_'" } @quoted ]} 2> $file < /dev/null`;
    return ($out, OrdersTest::Stage::slurp($file), $? >> 8);
}

sub json
{
    my ($out, $err, $code) = run(@_, '--json');
    is($code, 0, "@_ --json") or diag($err);
    return JSON::PP::decode_json($out);
}


# the command line
my ($out, $err, $code) = run('--help');
is($code, 0, '--help');
like($out, qr/\b$_\b/, "... names $_")
    for qw(run check status pause resume order dead purge config dry-run);
($out, $err, $code) = run('--version');
like($out, qr/\Aorders-worker \d+\.\d+\.\d+\n\z/, '--version');

my @wrong = (
    [['fly'], qr/there is no command "fly"/],
    [['--fly'], qr/there is no option "--fly"/],
    [['-x'], qr/there is no option "-x"/],
    [['--config'], qr/--config needs FILE/],
    [['--json=1', 'status'], qr/--json takes no value/],
    [['dead'], qr/dead list/],
    [['dead', 'fly'], qr/dead list/],
    [['dead', 'show', 'x'], qr/"x" is no number/],
    [['dead', 'redrive'], qr/which ones\?/],
    [['dead', 'list', '--limit', 'x'], qr/--limit needs a number/],
    [['order', 'show', 'x'], qr/"x" is no order's id/],
    [['order'], qr/order show ID/],
    [['purge', 'all'], qr/purge queue/],
    [['graph', '--counts'], qr/graph FILE/],
);
for my $row (@wrong) {
    my ($words, $text) = @$row;
    ($out, $err, $code) = run(@$words);
    is($code, 2, "@$words: a wrong command line");
    like($err, $text, '... is explained');
}


# check
($out, $err, $code) = run('check');
is($code, 0, 'check: the built-in configuration and workflow');
like($out, qr/are good/, '... are good');
my $workflow = "$stack->{dir}/bad.json";
open my $file, '>', $workflow or die "$workflow: $!";
print {$file} '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":'
    . '"orders:fly","Next":"B"},"C":{"Type":"Fly"}}}';
close $file or die "$workflow: $!";
($out, $err, $code) = run('check', '-g', "workflow $workflow; lease 1ms; x;");
is($code, 3, 'check: mistakes');
like($err, $_, "... all are named: $_") for qr/-g:1: "1ms" of "lease"/,
    qr/no setting "x"/, qr{/States/A/Next}, qr{/States/C/Type};
($out, $err, $code) = run('-g', "workflow $workflow;");
is($code, 3, 'a worker does not start with them');
($out, $err, $code) = run('check', '--print');
like($out, qr/^max_executions +256;$/m, 'check --print shows the settings');


# status
is_deeply(json('status'), {
    paused => JSON::PP::false, queue => 0, resume => 0, suspects => 0,
    delayed => 0, dead => 0, oldestMs => undef, dueMs => undef,
    callbacksDropped => 0,
    counts => { map { $_ => 0 } qw(accepted succeeded failed deleted dead
        retried) },
    orders => { PENDING => 0, SUCCESS => 0, FAILED => 0 }, consumers => [],
}, 'nothing is there');

($out, $err, $code) = run('pause');
is($code, 0, 'pause');
like($out, qr/^paused: /, '... says so');
is_deeply(json('pause'), { paused => JSON::PP::true }, '... also once more');
my $worker = $stack->worker('simulate_latency 60s 60s; lease 1s; steps on;');
ok(wait_for(sub { $worker->text =~ /paused/ }), 'the worker sees it');
my ($id) = $stack->push_orders(3);
my $status = json('status');
ok($status->{paused}, 'paused');
is($status->{queue}, 3, 'orders wait');
ok($status->{oldestMs} > 0, 'and how long is known');
is($status->{consumers}[0]{id}, $worker->id, 'the worker is known');
ok($status->{consumers}[0]{leaseMs} > 0, 'and its lease');
is_deeply(json('resume'), { paused => JSON::PP::false }, 'resume');
ok(wait_for(sub { $stack->ask('ZCARD', $key->('status:PENDING')) == 3 }),
    'the worker takes them');
$status = json('status');
is($status->{consumers}[0]{holds}, 3, 'it holds them');
is($status->{orders}{PENDING}, 3, 'they are pending');
is($status->{counts}{accepted}, 3, '... and counted');
like((run('status'))[0], qr/^PENDING +3\n.*^counted +accepted 3, succeeded 0, /ms,
    'people can read it, too');


# order show
my $order = json('order', 'show', $id);
is($order->{record}{orderStatus}, 'PENDING', 'order show: the record');
is($order->{record}{input}{quantity}, 2, '... and its input');
is($order->{record}{consumer}, $worker->id, '... and who runs it');
ok($order->{execution}, '... and the execution');
is_deeply([map { $_->{state} } @{ $order->{steps} }],
    ['InitializeOrder', 'ProcessPayment'], '... and what it went through');
is_deeply([map { $_->{status} } @{ $order->{history} }], ['PENDING'],
    '... and its history');
like((run('order', 'show', $id))[0],
    qr/^\S+Z  status PENDING\n.*^\S+Z  state ProcessPayment\n/ms,
    '... for people');
is((run('order', 'show', OrdersTest::Stack::order_id(9999)))[2], 1,
    'an order that is not there');
$worker->end('KILL');


# graph with counts
my $shop = "$FindBin::Bin/../../conf/workflow.json";
($out, $err, $code) = run('graph', $shop, '--counts');
is($code, 0, 'graph --counts') or diag($err);
like($out, qr/"InitializeOrder\\norders:initialize\\n3 passed, 0 now"/,
    '... tells what has passed a state');
like($out, qr/"ProcessPayment\\norders:pay\\n0 passed, 3 now"/,
    '... and what is in it');
like($out, qr/"CompleteOrder\\norders:complete\\n0 passed, 0 now"/,
    '... and where nothing was');
like((run('graph', $shop, '--counts', '--format', 'mermaid'))[0],
    qr/\["ProcessPayment<br\/>orders:pay<br\/>0 passed, 3 now"\]/,
    '... in Mermaid, too');
is((run('graph', $shop, '--counts', '-g', 'x;'))[2], 3,
    '... but not with mistakes in the settings');

is((run('purge', 'counts', '--yes'))[0], "deleted 4 counters\n",
    'purge counts');
is_deeply($stack->ask('HGETALL', $key->('stats')), ['ProcessPayment:now', 3],
    '... but not of where executions are');


# a task that fails is retried, then caught; what cannot be read is dead
$stack->ask('FLUSHALL');
$worker = $stack->worker('simulate_unavailable 100%; park_after 1ms;'
    . " workflow $FindBin::Bin/../../conf/workflow.json;");
$stack->push_orders(2);
$stack->ask('RPUSH', $key->('queue'), 'broken');
ok(wait_for(sub { $stack->ask('ZCARD', $key->('delayed')) == 2 }),
    'payments that are tried again are parked');
ok(wait_for(sub { json('status')->{counts}{dead} == 1 }),
    'a dead letter is counted');
$status = json('status');
ok($status->{counts}{retried} >= 2, '... and what is tried again');
ok($status->{dueMs} < 20_000, '... and when is known');
ok($status->{dueMs} > -5000, '... and is near');
like((run('graph', $shop, '--counts'))[0],
    qr/orders:pay\\n0 passed, 2 now\\n(\d+) failed\\n\1 retried"/,
    'they are in their states');
$worker->end('KILL');


# dead letters
$stack->ask('FLUSHALL');
$worker = $stack->worker('simulate_latency 0ms 1ms; simulate_refuse 0%;');
my @ids = map { OrdersTest::Stack::order_id($_) } 500 .. 502;
$stack->ask('RPUSH', $key->('queue'), "broken $_") for 1 .. 250;
for (@ids) {
    $stack->ask('HSET', $key->("order:$_"), 'v', 99);
    $stack->ask('RPUSH', $key->('queue'),
        OrdersTest::Stack::order_message($_));
}

ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) == 253 }),
    'dead letters');
$worker->end('TERM');

my @lines = split /\n/, (run('dead', 'list'))[0];
is(scalar @lines, 253, 'dead list shows all');
like($lines[0], qr/^\s+0  2\S+Z  -\s+Message\.Invalid: /, '... a line each');
@lines = split /\n/, (run('dead', 'list', '--error', 'Order.Unreadable',
    '--json'))[0];
is(scalar @lines, 3, '... or those with an error');
is(JSON::PP::decode_json($lines[0])->{error}, 'Order.Unreadable',
    '... as JSON');
@lines = split /\n/, (run('dead', 'list', '--id', $ids[1]))[0];
is(scalar @lines, 1, '... or those of an order');
@lines = split /\n/, (run('dead', 'list', '--limit', 7))[0];
is(scalar @lines, 7, '... or some');
like((run('dead', 'show', 0))[0], qr/"message": "broken 1"/, 'dead show');
$stack->ask('RPUSH', $key->('dead'), 'what is this');
@lines = split /\n/, (run('dead', 'list', '--json'))[0];
is_deeply([map { JSON::PP::decode_json($_)->{n} } @lines], [0 .. 253],
    'dead list --json tells the places');
is(JSON::PP::decode_json($lines[253])->{message}, 'what is this',
    '... and what is no letter');
is($stack->ask('RPOP', $key->('dead')), 'what is this', 'a foreign one');
is((run('dead', 'show', 253))[2], 1, 'one that is not there');

is_deeply(json('dead', 'redrive', '--error', 'Order.Unreadable',
    '--dry-run'), { redriven => 3, dryRun => JSON::PP::true },
    'a dry run says what would be done');
is($stack->ask('LLEN', $key->('dead')), 253, '... and does nothing');
is_deeply(json('dead', 'redrive', '--error', 'Order.Unreadable'),
    { redriven => 3, dryRun => JSON::PP::false }, 'redrive');
is($stack->ask('LLEN', $key->('dead')), 250, 'they are no dead letters');
is($stack->ask('LLEN', $key->('queue')), 3, 'but wait');

($out, $err, $code) = run('dead', 'drop', '--all');
is($code, 1, 'drop asks first');
like($err, qr/deletes 250 dead letters for good/, '... for how many');
is($stack->ask('LLEN', $key->('dead')), 250, '... and did nothing');
is_deeply(json('dead', 'drop', '--all', '--limit', 120, '--yes'),
    { dropped => 120, dryRun => JSON::PP::false }, 'drop, some');
is_deeply(json('dead', 'drop', '--all', '--yes'),
    { dropped => 130, dryRun => JSON::PP::false }, 'drop, all');
is($stack->ask('LLEN', $key->('dead')), 0, 'none is left');

# every third of a thousand, in the places between others that stay
my @letters = map { JSON::PP::encode_json({ v => 1, n => $_, at => '-',
    error => $_ % 3 ? 'Kept' : 'Chosen', message => qq({"number":$_}) })
    } 1 .. 1000;
$stack->ask('DEL', $key->('queue'));
$stack->ask('RPUSH', $key->('dead'), @letters, '{"v":1,"error":"Chosen"}');
is_deeply(json('dead', 'redrive', '--error', 'Chosen', '--limit', 100),
    { redriven => 100, dryRun => JSON::PP::false }, 'redrive, some of many');
is_deeply(json('dead', 'redrive', '--error', 'Chosen'),
    { redriven => 233, dryRun => JSON::PP::false }, '... and the others');
is_deeply([map { /"number":(\d+)/ } @{ $stack->ask('LRANGE', $key->('queue'),
    0, -1) }], [grep { $_ % 3 == 0 } 1 .. 1000], '... in their order');
is_deeply($stack->ask('LRANGE', $key->('dead'), 0, -1),
    [@letters[grep { ($_ + 1) % 3 } 0 .. 999], '{"v":1,"error":"Chosen"}'],
    'the others stay where they were, and what has no message');
is_deeply(json('dead', 'drop', '--error', 'Kept', '--yes'),
    { dropped => 667, dryRun => JSON::PP::false }, 'drop by error');
is($stack->ask('LLEN', $key->('dead')), 1, '... leaves the others');

$code = system("exec '$program' --redis '$redis' dead list > /dev/full 2>&1");
is($code >> 8, 1, 'output that cannot be written is a failure');


# an order that became a dead letter goes on where it was
$stack->ask('FLUSHALL');
my ($lost) = $stack->push_orders(1);
$worker = $stack->worker('simulate_latency 60s 60s; max_deliveries 1; steps on;',
    name => 'w');
wait_for(sub { $stack->order($lost)->{consumer} });
$worker->end('KILL');
$worker = $stack->worker('simulate_latency 0ms 1ms; max_deliveries 1; steps on;',
    name => 'w');
ok(wait_for(sub { $stack->ask('LLEN', $key->('dead')) == 1 }),
    'an order is given up');
is((run('dead', 'redrive', '--id', $lost))[2], 0, 'and redriven');
ok($stack->all_ended(1), 'and ends');
$order = json('order', 'show', $lost);
is(join(' ', map { $_->{state} || $_->{error} || '.' }
    @{ $order->{steps} }), 'InitializeOrder ProcessPayment CheckPayment '
    . ($order->{record}{orderStatus} eq 'SUCCESS' ? 'CompleteOrder'
        : 'CancelFailedOrder') . ' .', 'its steps are all there');


# purge
push @ids, $stack->push_orders(250);
$stack->all_ended(251);
$worker->end('TERM');
$stack->push_orders(5);
is((run('purge', 'queue'))[2], 1, 'purge asks first');
is((run('purge', 'queue', '--dry-run'))[0], "5 orders that wait\n",
    '... and can say what it would do');
is($stack->ask('LLEN', $key->('queue')), 5, '... and did nothing');
is_deeply(json('purge', 'queue', '--yes'),
    { purged => 5, dryRun => JSON::PP::false }, 'purge queue');
is($stack->ask('LLEN', $key->('queue')), 0, '... deletes what waits');
is((run('purge', 'ended', '--yes'))[0], "deleted 251 orders that have ended\n",
    'purge ended');
is_deeply($stack->ask('KEYS', '*order:*'), [], '... deletes the records');
is($stack->ask('EXISTS', $key->('user:u1'), $key->('status:SUCCESS')), 0,
    '... and the index entries');


# without redis
$stack->redis_signal('KILL');
($out, $err, $code) = run('status');
is($code, 1, 'no redis: the command fails');
like($err, qr/no connection to redis/, '... and says so');

done_testing;
