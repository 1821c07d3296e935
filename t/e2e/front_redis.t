# SPDX-License-Identifier: BSD-2-Clause

# The front door when Redis refuses, is slow, talks nonsense, goes and comes.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stage;
use Test::More;
use Time::HiRes qw(sleep time);

my $post = '{"query":"mutation { postOrder(input: {name: \"x\", quantity: 1,'
    . ' restaurantId: \"r\"}) { id orderStatus } }"}';
my $list = '{"query":"{ orders { id } }"}';


# What Redis says to a push, and what the client gets.
my @refusals = (
    ['-LOADING Redis is loading the dataset in memory', 503, 'UNAVAILABLE'],
    ['-BUSY Redis is busy running a script', 503, 'UNAVAILABLE'],
    ['-MISCONF Redis is configured to save RDB snapshots', 503, 'UNAVAILABLE'],
    ['-READONLY You can\'t write against a read only replica.', 503,
        'UNAVAILABLE'],
    ['-NOREPLICAS Not enough good replicas to write.', 503, 'UNAVAILABLE'],
    ['-MASTERDOWN Link with MASTER is down', 503, 'UNAVAILABLE'],
    ['-OOM command not allowed when used memory > \'maxmemory\'.', 503,
        'QUEUE_FULL'],
    ['-CLUSTERDOWN The cluster is down', 503, 'UNAVAILABLE'],
    ['-MOVED 3999 127.0.0.1:6381', 503, 'UNAVAILABLE'],
    ['-ASK 3999 127.0.0.1:6381', 503, 'UNAVAILABLE'],
    ['-TRYAGAIN Multiple keys request during rehashing of slot', 503,
        'UNAVAILABLE'],
    ['-NOAUTH Authentication required.', 503, 'UNAVAILABLE'],
    ['-NOPERM this user has no permissions to run the command', 503,
        'UNAVAILABLE'],
    ['-WRONGTYPE Operation against a key holding the wrong kind of value', 500,
        'INTERNAL_SERVER_ERROR'],
    ['+OK', 500, 'INTERNAL_SERVER_ERROR'],
    ['$-1', 500, 'INTERNAL_SERVER_ERROR'],
    ['*0', 500, 'INTERNAL_SERVER_ERROR'],
);

for my $row (@refusals) {
    my ($reply, $status, $code) = @$row;
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->fake_redis(sub { "$reply\r\n" });

    $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
    OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
    my $response = $stage->post($post);

    is($response->{status}, $status, "a push that gets $reply: the status");
    like($response->{body}, qr/"code":"$code"/, '... the code');
    is($response->{headers}{'retry-after'}, $status == 503 ? 1 : undef,
        '... and Retry-After');
    unlike($response->{body}, qr/Redis|redis|slot|maxmemory|permissions/,
        '... and no internals');
    like($stage->log, qr/said: \Q@{[substr $reply, 1]}/, '... which are logged')
        if $reply =~ /^-/;
}


# The second of three orders is not confirmed: nobody would learn of the third.
{
    my $stage = OrdersTest::Stage->new;
    my $pushes = "$stage->{dir}/pushes";
    my $redis = $stage->fake_redis(sub {
        my @words = @_;
        return "*0\r\n" if $words[0] ne 'RPUSH';
        open my $out, '>>', $pushes or die "$pushes: $!";
        print {$out} "x";
        close $out;
        return -s $pushes == 2 ? undef : ":1\r\n";
    });

    $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
    OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
    my $three = join ' ', map {
        qq[$_: postOrder(input: {name: \\"x\\", quantity: 1,]
            . qq[ restaurantId: \\"r\\"}) { id }]
    } qw(a b c);
    my $response = $stage->post(qq({"query":"mutation { $three }"}));

    is($response->{status}, 503, 'an order of several is not confirmed: 503');
    like($response->{body}, qr/"path":\["b"\].*"data":null/,
        '... and the data is null');
    is(OrdersTest::Stage::slurp($pushes), 'xx',
        '... so the orders behind it are not posted');
}


# Nothing there from the start.
{
    my $stage = OrdersTest::Stage->new;
    my $port = OrdersTest::Stage::free_port();

    $stage->nginx("location /graphql { graphql_orders"
        . " redis://127.0.0.1:$port; }");
    ok(OrdersTest::Stage::wait_for(sub { $stage->log =~ /is down/ }),
        'a Redis that is not there is reported');

    my $before = time;
    my $response = $stage->post($post);
    is($response->{status}, 503, 'an order without Redis: 503');
    cmp_ok(time - $before, '<', 1, '... at once');
    like($response->{body}, qr/"code":"UNAVAILABLE"/, '... with a code');
    is($response->{headers}{'retry-after'}, 1, '... and Retry-After');

    $stage->post($post) for 1 .. 20;
    is(() = $stage->log =~ /\[(?:error|crit|alert|emerg)\]/g, 1,
        'the outage is one line at level error, however many requests feel it');

    is($stage->post('{"query":"{ __typename }"}')->{status}, 200,
        'what needs no Redis is answered');

    $stage->redis(port => $port);
    ok(OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ }),
        'Redis comes and is found');
    is($stage->post($post)->{status}, 200, '... and orders are taken');
    is($stage->command('LLEN', '{orders:0}:queue'), 1,
        '... none of those that were refused');
}


# Gone and back, and an order in the air.
{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->redis;

    $stage->nginx("location /graphql { graphql_orders redis://$redis;"
        . " graphql_orders_timeout 700ms; }");
    is($stage->post($post)->{status}, 200, 'Redis is there');

    $stage->redis_signal('STOP');
    my $before = time;
    my $response = $stage->post($post);
    my $took = time - $before;
    is($response->{status}, 503, 'Redis is stopped: 503');
    like($response->{body}, qr/"code":"UNKNOWN_OUTCOME"/,
        '... and nobody knows what became of the order');
    cmp_ok($took, '>', 0.6, '... after the timeout');
    cmp_ok($took, '<', 2, '... and not long after');
    like($stage->log, qr/was lost: no reply within 700 ms/,
        '... and the connection is given up');

    $response = $stage->post($list);
    like($response->{body}, qr/"code":"(?:TIMEOUT|UNAVAILABLE)"/,
        'a list is known not to have come');

    $stage->redis_signal('CONT');
    ok(OrdersTest::Stage::wait_for(sub { $stage->post($list)->{status} == 200 }),
        'Redis goes on, and so do we');

    $stage->redis_signal('KILL');
    ok(OrdersTest::Stage::wait_for(sub { $stage->post($post)->{status} == 503 }),
        'Redis is killed: 503');
    $stage->redis(port => $stage->{redis_port});
    ok(OrdersTest::Stage::wait_for(sub { $stage->post($post)->{status} == 200 }),
        'a new one is found');
    unlike($stage->log, qr/\[(?:alert|emerg)\]/, 'no alert');
}


# The reply comes in single bytes, or the connection ends inside of it.
{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->fake_redis(sub { "*1\r\n\$3\r\nab" });

    $stage->nginx("location /graphql { graphql_orders redis://$redis;"
        . " graphql_orders_timeout 500ms; }");
    is($stage->post($list)->{status}, 503, 'half a reply is none');
}

{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->fake_redis(sub { undef });

    $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
    my $response = $stage->post($post);
    is($response->{status}, 503, 'a connection that ends instead of a reply');
    like($response->{body}, qr/"code":"UNKNOWN_OUTCOME"/, '... is not known');
}

# The same with a transaction, refused at its beginning and at its end.
for my $row (
    [MULTI => undef, 503, 'UNKNOWN_OUTCOME'],
    [EXEC => undef, 503, 'UNKNOWN_OUTCOME'],
    [EXEC => "-EXECABORT Transaction discarded.\r\n", 503, 'UNAVAILABLE'],
    [EXEC => "*-1\r\n", 500, 'INTERNAL_SERVER_ERROR'],
    [EXEC => "*1\r\n:1\r\n", 500, 'INTERNAL_SERVER_ERROR'],
    [EXEC => "*2\r\n\$-1\r\n-OOM x\r\n", 503, 'QUEUE_FULL'],
    [EXEC => "*2\r\n-ERR syntax error\r\n:1\r\n", 500,
        'INTERNAL_SERVER_ERROR'],
    [EXEC => "*2\r\n\$3\r\nabc\r\n:1\r\n", 200, 'IDEMPOTENCY_CONFLICT'],
    [EXEC => "*2\r\n\$-1\r\n:1\r\n", 200, undef])
{
    my ($at, $bytes, $status, $code) = @$row;
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->fake_redis(sub {
        $_[0] eq $at ? $bytes : $_[0] eq 'MULTI' ? "+OK\r\n" : "+QUEUED\r\n"
    });

    $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
    OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
    my $response = $stage->post($post, 'Idempotency-Key' => 'k');
    my $name = defined $bytes ? $bytes =~ s/\r\n/ /gr : 'the end';
    is($response->{status}, $status, "$at is answered with $name: the status");
    like($response->{body}, defined $code ? qr/"code":"$code"/ : qr/PENDING/,
        '... and the code');
}

for my $nonsense ("!?\r\n", "*2147483647\r\n", "\$99999999999\r\n",
    '*1' x 200 . "\r\n")
{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->fake_redis(sub { $nonsense });

    $stage->nginx("location /graphql { graphql_orders redis://$redis;"
        . " graphql_orders_timeout 500ms; }");
    my $name = substr $nonsense, 0, 12;
    $name =~ s/\s+//;
    is($stage->post($list)->{status}, 503, "nonsense of Redis ($name): 503");
    unlike($stage->log, qr/exited on signal|\[alert\]/, '... and no harm');
}


# A password that Redis does not know.
{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->redis(args => ['--requirepass', 'right']);

    $stage->nginx("location /graphql { graphql_orders redis://:wrong\@$redis; }");
    ok(OrdersTest::Stage::wait_for(sub { $stage->log =~ /is down: .*password/i }),
        'a wrong password is reported');
    unlike($stage->log, qr/wrong\@/, '... without the password');
    is($stage->post($post)->{status}, 503, '... and orders are refused');
}

{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->redis(args => ['--requirepass', 'right',
        '--unixsocket', "$stage->{dir}/redis.sock"]);

    $stage->nginx("location /graphql { graphql_orders redis://:right\@$redis/3;"
        . " }");
    OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
    is($stage->post($post)->{status}, 200, 'the right password and a database');
}

{
    my $stage = OrdersTest::Stage->new;
    $stage->redis(args => ['--unixsocket', "$stage->{dir}/redis.sock"]);

    $stage->nginx("location /graphql { graphql_orders"
        . " unix:$stage->{dir}/redis.sock; }");
    OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
    is($stage->post($post)->{status}, 200, 'a Redis behind a unix socket');
}

done_testing();
