# SPDX-License-Identifier: BSD-2-Clause

# graphql_orders_durability: an order is answered when replicas have it, or when
# it is on the disk, and not before.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stage;
use Test::More;
use Time::HiRes qw(sleep time);

my $post = '{"query":"mutation { postOrder(input: {name: \"x\", quantity: 1,'
    . ' restaurantId: \"r\"}) { id orderStatus } }"}';
my $both = '{"query":"mutation { a: postOrder(input: {name: \"x\", quantity: 1,'
    . ' restaurantId: \"r\"}) { id } b: postOrder(input: {name: \"y\",'
    . ' quantity: 1, restaurantId: \"r\"}) { id } }"}';
my $list = '{"query":"{ orders { id } }"}';


sub location
{
    my ($redis, $durability, $more) = @_;

    return "location /graphql { graphql_orders redis://$redis;"
        . " graphql_orders_durability $durability; " . ($more || '') . '}';
}


# A replica that follows: the first second after its start it does not yet.
sub replica
{
    my ($stage) = @_;

    my $replica = OrdersTest::Stage->new;
    $replica->redis(args => ['--replicaof', '127.0.0.1',
        $stage->{redis_port}, '--repl-diskless-sync-delay', 0]);
    my $probe = 0;
    OrdersTest::Stage::wait_for(sub {
        $stage->command('SET', 'probe', ++$probe);
        sleep 0.05;
        $replica->command('GET', 'probe') eq $probe
    }, 20) or die 'the replica does not follow';
    return $replica;
}


# How often the server was asked to wait.
sub waits
{
    my ($stage) = @_;

    my ($calls) = $stage->command('INFO', 'commandstats')
        =~ /cmdstat_wait:calls=(\d+)/;
    return $calls || 0;
}


my $stage = OrdersTest::Stage->new;
my $redis = $stage->redis(args => ['--repl-diskless-sync-delay', 0]);
my $replica = replica($stage);

$stage->nginx(location($redis, 'replicas=1 1500ms'));
my $response = $stage->post($post);
is($response->{status}, 200, 'an order that the replica has is answered');
is($replica->command('LLEN', '{orders:0}:queue'), 1, '... and it has it');

$response = $stage->post($both);
is($response->{status}, 200, 'two orders of one request');
is($replica->command('LLEN', '{orders:0}:queue'), 3, '... are there too');


# a replica that hangs
$replica->redis_signal('STOP');
my $before = waits($stage);
my $started = time;
my @sockets = map { $stage->connect } 1 .. 20;
OrdersTest::Stage::send_post($_, $post, Connection => 'close',
    'Idempotency-Key' => "key-$_") for @sockets;

$response = $stage->post($list);
is($response->{status}, 200, 'queries are answered while orders wait');
cmp_ok(time - $started, '<', 1.4, '... at once');

my @late = map { OrdersTest::Stage::response($_) } @sockets;
is_deeply([map { $_->{status} } @late], [(503) x 20],
    'orders that no replica confirms are not');
like($late[0]{body}, qr/accepted, but not confirmed as durable in time.*"code":"UNKNOWN_OUTCOME"/,
    '... and the client is told to repeat them with their keys');
is($late[0]{headers}{'retry-after'}, 1, '... later');
is($stage->command('LLEN', '{orders:0}:queue'), 23, '... they are in the queue');
cmp_ok(waits($stage) - $before, '<=', 4, 'one WAIT is for many orders');
like($stage->log, qr/did not make orders durable in 1500 ms: 0 of 1 confirmed/,
    'the log says what is missing');

$response = $stage->post($post, 'Idempotency-Key' => 'once');
is($response->{status}, 503, 'an order with a key');
$replica->redis_signal('CONT');
$response = $stage->post($post, 'Idempotency-Key' => 'once');
is($response->{status}, 200, '... is confirmed when it is repeated');
like($response->{body}, qr/"orderStatus":"PENDING"/, '... and answered');
is($replica->command('LLEN', '{orders:0}:queue'), 24, '... and there once');


# clients and nginx that do not wait
$replica->redis_signal('STOP');
my $leaves = $stage->connect;
my $stays = $stage->connect;
OrdersTest::Stage::send_post($_, $post) for $leaves, $stays;
sleep 0.1;
close $leaves;
is(OrdersTest::Stage::response($stays)->{status}, 503,
    'a client that leaves takes no other with it');

my $last = $stage->connect;
OrdersTest::Stage::send_post($last, $post);
sleep 0.1;
ok($stage->stop_nginx('QUIT'), 'nginx leaves when the last order is settled');
is(OrdersTest::Stage::response($last)->{status}, 503, '... and it is');
unlike($stage->log, qr/\[alert\]|Sanitizer/, 'nothing is left behind');
$replica->redis_signal('CONT');


# a replica that dies, and another one that comes
$stage->nginx(location($redis, 'replicas=1 1500ms'));
$replica->redis_signal('KILL');
$response = $stage->post($post, 'Idempotency-Key' => 'dies');
is($response->{status}, 503, 'an order after the replica has died');
like($response->{body}, qr/"code":"UNKNOWN_OUTCOME"/,
    '... is not known to be durable');
$replica = replica($stage);
$response = $stage->post($post, 'Idempotency-Key' => 'dies');
is($response->{status}, 200, '... and confirmed when another one has come');
my ($id) = $response->{body} =~ /"id":"([^"]+)"/;
my $queue = $replica->command('LRANGE', '{orders:0}:queue', 0, -1);
is(scalar(() = $queue =~ /"id":"\Q$id\E"/g), 1,
    '... which has it, once');
undef $stage;
undef $replica;


# a connection that ends before the answer
my $lost = OrdersTest::Stage->new;
$redis = $lost->fake_redis(sub { $_[0] eq 'RPUSH' ? ":1\r\n" : undef });
$lost->nginx(location($redis, 'replicas=1'));
$response = $lost->post($post);
is($response->{status}, 503, 'the connection is lost before WAIT is answered');
like($response->{body}, qr/UNKNOWN_OUTCOME/, '... and so the order is not known');
undef $lost;


# WAITAOF, where the server has it
SKIP: {
    my $disk = OrdersTest::Stage->new;
    $redis = $disk->redis(args => ['--appendonly', 'yes', '--appendfsync',
        'everysec', '--auto-aof-rewrite-percentage', 0]);
    skip 'this Redis has no WAITAOF', 6
        if $disk->command('COMMAND', 'INFO', 'WAITAOF') eq '(nil)';
    $disk->nginx(location($redis, 'fsync 3s'));
    $response = $disk->post($post);
    is($response->{status}, 200, 'an order that is on the disk is answered');

    my @sockets = map { $disk->connect } 1 .. 20;
    OrdersTest::Stage::send_post($_, $post, Connection => 'close')
        for @sockets;
    my @ids = map { (OrdersTest::Stage::response($_) || {})->{body}
        =~ /"id":"([^"]+)"/ } @sockets;
    is(scalar @ids, 20, '... and twenty at once');
    $disk->redis_signal('KILL');
    $disk->redis(port => $disk->{redis_port}, args => ['--appendonly', 'yes']);
    OrdersTest::Stage::wait_for(sub { $disk->command('PING') eq 'PONG' });
    $queue = $disk->command('LRANGE', '{orders:0}:queue', 0, -1);
    is(scalar(grep { $queue =~ /\Q$_\E/ } @ids), 20,
        '... which are there when Redis was killed');

    $disk->command('CONFIG', 'SET', 'appendfsync', 'no');
    ok(OrdersTest::Stage::wait_for(sub {
        $response = $disk->post($post);
        $response->{body} !~ /"code":"UNAVAILABLE"/;
    }), 'a Redis that leaves it to the system when it writes');
    is($response->{status}, 503, '... does not confirm');
    like($response->{body}, qr/"code":"UNKNOWN_OUTCOME"/,
        '... and the client is told so');
}


# ... and as it is played
for my $row (
    ["*2\r\n:1\r\n:0\r\n", 200, qr/PENDING/, 'on the disk'],
    ["*2\r\n:0\r\n:0\r\n", 503, qr/UNKNOWN_OUTCOME/, 'not on the disk in time'],
) {
    my ($reply, $status, $body, $name) = @$row;
    my $disk = OrdersTest::Stage->new;
    $redis = $disk->fake_redis(sub {
        return ":1\r\n" if $_[0] eq 'RPUSH';
        return "@_" eq 'WAITAOF 1 0 250' ? $reply : "-ERR what is @_\r\n";
    });
    $disk->nginx(location($redis, 'fsync 250ms'));
    $response = $disk->post($post);
    is($response->{status}, $status, "an order that is $name");
    like($response->{body}, $body, '... is answered so');
}


# ... and as an older one does
my $old = OrdersTest::Stage->new;
$redis = $old->fake_redis(sub {
    return $_[0] eq 'RPUSH' ? ":1\r\n"
        : "-ERR unknown command 'WAITAOF', with args beginning with: '1' \r\n";
});
$old->nginx(location($redis, 'fsync'));
$response = $old->post($post);
like($response->{body}, qr/UNKNOWN_OUTCOME/,
    'the first order of a server without WAITAOF is accepted at most');
$response = $old->post($post);
is($response->{status}, 503, 'the next ones are refused');
like($response->{body}, qr/"code":"UNAVAILABLE"/, '... before they are written');
like($old->log, qr/cannot make orders durable and they are refused: it said "ERR unknown command.*needs Redis 7\.2 with appendonly yes; with an older one set appendfsync always/,
    '... and the log says what to do');
is($old->post('{"query":"{ __typename }"}')->{status}, 200,
    'what needs no order goes on');

done_testing();
