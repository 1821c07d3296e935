# SPDX-License-Identifier: BSD-2-Clause

# The life of requests and processes: clients that leave, reload, quit and
# upgrade under load, keepalive, pipelining, HTTP/2, slow bodies.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stage;
use Test::More;
use Time::HiRes qw(sleep time);

my $post = '{"query":"mutation { postOrder(input: {name: \"x\", quantity: 1,'
    . ' restaurantId: \"r\"}) { id orderStatus } }"}';
my $location = 'location /graphql { graphql_orders redis://%s;'
    . ' graphql_orders_timeout 10s; }';


# What a log must never show, at the end of each scene.
sub is_calm
{
    my ($stage, $name) = @_;

    my @bad = $stage->log =~ /^.*(?:\[(?:alert|crit|emerg)\]|exited on signal
        |open socket|request count is zero|AddressSanitizer).*$/xmg;
    is_deeply(\@bad, [], "$name: nothing bad in the log");
    return;
}


sub wait_for
{
    return OrdersTest::Stage::wait_for(@_);
}


sub scene
{
    my (%option) = @_;

    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->redis;
    $stage->nginx(sprintf($location, $redis), %option);
    wait_for(sub { $stage->log =~ /is up/ });
    return $stage;
}


# The client leaves while Redis is asked.
{
    my $stage = scene();

    $stage->redis_signal('STOP');
    for (1 .. 20) {
        my $socket = $stage->connect;
        OrdersTest::Stage::send_post($socket, $post);
        sleep 0.005 if $_ % 2;
        close $socket;
    }
    ok(wait_for(sub {
        my $gone = () = $stage->log =~ /client prematurely closed/g;
        $gone == 20;
    }), 'clients that leave are noticed');

    $stage->redis_signal('CONT');
    ok(wait_for(sub { $stage->command('LLEN', '{orders:0}:queue') == 20 }),
        '... their orders stand');
    is($stage->post($post)->{status}, 200, '... and the next client is served');
    is_calm($stage, 'clients that leave');
}


# The client leaves in the middle of its body, or never sends it.
{
    my $stage = scene(http => 'client_body_timeout 1s;');

    for my $length (0, 1, 10, length($post) - 1) {
        my $socket = $stage->connect;
        OrdersTest::Stage::send_post($socket, substr($post, 0, $length),
            'Content-Length' => length $post);
        sleep 0.02;
        close $socket;
    }

    my $slow = $stage->connect;
    OrdersTest::Stage::send_post($slow, substr($post, 0, 20),
        'Content-Length' => length $post);
    my $response = OrdersTest::Stage::response($slow, 5);
    ok(!$response || $response->{status} == 408, 'a slow body is given up');

    is($stage->command('LLEN', '{orders:0}:queue'), 0,
        'half a body is no order');

    my $bytes = $stage->connect;
    OrdersTest::Stage::send_post($bytes, '', 'Content-Length' => length $post);
    for my $byte (split //, $post) {
        syswrite $bytes, $byte;
        sleep 0.001;
    }
    is(OrdersTest::Stage::response($bytes)->{status}, 200,
        'a body in single bytes is an order');
    is_calm($stage, 'half bodies');
}


# Keepalive and pipelining, with other requests between.
{
    my $stage = scene();
    my $socket = $stage->connect;

    my $bad = 0;
    for (1 .. 200) {
        OrdersTest::Stage::send_post($socket, $post);
        my $response = OrdersTest::Stage::response($socket);
        $bad++ if !$response || $response->{status} != 200;
    }
    is($bad, 0, '200 orders over one connection');
    is($stage->command('LLEN', '{orders:0}:queue'), 200, '... all in the queue');

    $socket = $stage->connect;
    OrdersTest::Stage::send_post($socket, $post) for 1 .. 20;
    my $text = '';
    wait_for(sub {
        sysread $socket, $text, 65536, length $text;
        (() = $text =~ /"orderStatus":"PENDING"/g) == 20;
    });
    is(() = $text =~ /"orderStatus":"PENDING"/g, 20,
        '20 pipelined orders are answered');
    my @ids = $text =~ /"id":"([^"]+)"/g;
    my %seen = map { $_ => 1 } @ids;
    is(keys %seen, 20, '... with 20 ids');
    is_deeply([sort @ids], \@ids, '... in the order of time');
    is_calm($stage, 'keepalive');
}


# Many clients send the same order with the same key, at once.
{
    my $stage = scene(workers => 2);
    my @sockets = map { $stage->connect } 1 .. 30;

    OrdersTest::Stage::send_post($_, $post, 'Idempotency-Key' => 'same')
        for @sockets;
    my %ids;
    for my $socket (@sockets) {
        my $response = OrdersTest::Stage::response($socket);
        $ids{$1}++ if $response->{body} =~ /"id":"([^"]+)"/;
    }
    is_deeply([values %ids], [30], 'thirty at once get one order');
    is_calm($stage, 'the same key');
}


# Quit with requests in the air: they are answered, then the process goes.
{
    my $stage = scene();
    my ($worker) = $stage->workers;

    $stage->redis_signal('STOP');
    my @sockets = map { $stage->connect } 1 .. 5;
    OrdersTest::Stage::send_post($_, $post) for @sockets;
    sleep 0.1;

    $stage->nginx_signal('QUIT');
    ok(wait_for(sub { $stage->log =~ /gracefully shutting down/ }),
        'nginx is told to quit');
    sleep 0.2;
    ok(OrdersTest::Stage::is_running($worker), '... and waits for Redis');

    $stage->redis_signal('CONT');
    my @status = map { OrdersTest::Stage::response($_)->{status} } @sockets;
    is_deeply(\@status, [(200) x 5], '... all requests are answered');
    close $_ for @sockets;
    ok(OrdersTest::Stage::has_ended($worker, 5), '... and the process goes');
    is($stage->command('CLIENT', 'LIST') =~ /nginx-graphql/, '',
        '... with its link');
    is_calm($stage, 'quit');
}


# Quit while Redis is away: nothing keeps the process.
{
    my $stage = scene();
    my ($worker) = $stage->workers;

    $stage->redis_signal('KILL');
    wait_for(sub { $stage->log =~ /is down/ });
    $stage->nginx_signal('QUIT');
    ok(OrdersTest::Stage::has_ended($worker, 5),
        'no attempt to connect keeps a process that quits');
    is_calm($stage, 'quit without Redis');
}


# A fast stop with requests in the air.
{
    my $stage = scene();
    my ($worker) = $stage->workers;

    $stage->redis_signal('STOP');
    my @sockets = map { $stage->connect } 1 .. 5;
    OrdersTest::Stage::send_post($_, $post) for @sockets;
    sleep 0.1;

    $stage->nginx_signal('TERM');
    my @status = map { my $r = OrdersTest::Stage::response($_);
                       $r ? $r->{status} : 0 } @sockets;
    is_deeply(\@status, [(503) x 5], 'a fast stop says that it does not know');
    ok(OrdersTest::Stage::has_ended($worker, 5), '... and goes');
    $stage->redis_signal('CONT');
    is_calm($stage, 'fast stop');
}


# Reload again and again under load.
{
    my $stage = scene(workers => 2);
    my @clients;

    for my $n (1 .. 4) {
        pipe my $in, my $out;
        my $pid = $stage->child(sub {
            my ($sent, $bad) = (0, 0);
            my $until = time + 4;
            while (time < $until) {
                my $response = $stage->post($post);
                $sent++;
                $bad++ if !$response || $response->{status} != 200;
            }
            syswrite $out, "$sent $bad\n";
            POSIX::_exit(0);
        });
        close $out;
        push @clients, [$pid, $in];
    }

    my %workers;
    for (1 .. 6) {
        sleep 0.5;
        $workers{$_} = 1 for $stage->workers;
        $stage->nginx_signal('HUP');
    }

    my ($sent, $bad) = (0, 0);
    for my $client (@clients) {
        my ($pid, $in) = @$client;
        my ($n, $b) = split ' ', scalar <$in>;
        $sent += $n;
        $bad += $b;
        $stage->reap($pid);
    }

    cmp_ok(scalar(keys %workers), '>', 4, 'processes come and go');
    cmp_ok($sent, '>', 50, 'orders are posted meanwhile');
    is($bad, 0, '... and all are answered with 200');
    is($stage->command('LLEN', '{orders:0}:queue'), $sent,
        '... and all are in the queue, once');

    ok(wait_for(sub { $stage->workers == 2 }), 'the old processes go');
    my $links = () = $stage->command('CLIENT', 'LIST') =~ /name=nginx-graphql-orders /g;
    is($links, 2, '... and their links with them');
    is_calm($stage, 'reload');
}


# Reload with another Redis: the old process finishes with the old one.
{
    my $stage = scene();
    my ($worker) = $stage->workers;
    my $other = $stage->fake_redis(sub { ":1\r\n" });

    $stage->redis_signal('STOP');
    my $socket = $stage->connect;
    OrdersTest::Stage::send_post($socket, $post);
    sleep 0.1;

    $stage->write_conf(sprintf $location, $other);
    $stage->nginx_signal('HUP');
    ok(wait_for(sub {
        $stage->log =~ /redis \Q$other\E is up/
            && $stage->log =~ /gracefully shutting down/
    }), 'a new address after a reload');
    is($stage->post($post)->{status}, 200, '... serves new requests');

    $stage->redis_signal('CONT');
    is(OrdersTest::Stage::response($socket)->{status}, 200,
        '... and the request of before is answered by the old one');
    is($stage->command('LLEN', '{orders:0}:queue'), 1, '... who has its order');
    close $socket;
    ok(OrdersTest::Stage::has_ended($worker, 5), '... and leaves');
    is_calm($stage, 'reload with another Redis');
}


# One connection for each process, however many locations; two for two.
{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->redis;
    $stage->nginx("location /graphql { graphql_orders redis://$redis; }"
        . " location /b { graphql_orders redis://$redis/;"
        . " graphql_orders_prefix other; }"
        . " location /c { graphql_orders redis://localhost:$stage->{redis_port}; }"
        . " location /d { graphql_orders redis://$redis/1; }");
    $stage->post($post) for 1 .. 3;
    ok(wait_for(sub {
        my $n = () = $stage->command('CLIENT', 'LIST') =~ /name=nginx-graphql-orders /g;
        $n == 2;
    }), 'locations share a link, another database has its own');
}


# HTTP/2: streams side by side, and streams that are reset.
SKIP: {
    skip 'no h2load', 3 if system 'h2load --version > /dev/null 2>&1';
    my $stage = scene(listen => 'http2');

    open my $out, '>', "$stage->{dir}/post.json";
    print {$out} $post;
    close $out;

    my $url = "http://127.0.0.1:$stage->{port}/graphql";
    my $report = `h2load -n 500 -c 5 -m 20 -H 'content-type: application/json' -d $stage->{dir}/post.json $url 2>&1`;
    like($report, qr/500 succeeded, 0 failed/, '500 orders over HTTP/2');
    is($stage->command('LLEN', '{orders:0}:queue'), 500, '... in the queue');

    $stage->redis_signal('STOP');
    my $pid = $stage->child(sub {
        open STDOUT, '>', '/dev/null';
        exec 'h2load', '-n', 100, '-c', 5, '-m', 20, '-d',
            "$stage->{dir}/post.json", '-H', 'content-type: application/json',
            $url;
    });
    sleep 0.5;
    kill 'KILL', $pid;
    $stage->reap($pid);
    sleep 0.2;
    $stage->redis_signal('CONT');
    wait_for(sub { $stage->command('LLEN', '{orders:0}:queue') >= 500 });

    $report = `h2load -n 50 -c 1 -m 10 -H 'content-type: application/json' -d $stage->{dir}/post.json $url 2>&1`;
    like($report, qr/50 succeeded, 0 failed/, '... and after a broken one');
    is_calm($stage, 'HTTP/2');
}


# Too few connections for the link: requests are refused, nothing breaks.
{
    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->redis;
    $stage->nginx(sprintf $location, $redis);
    is($stage->post($post)->{status}, 200, 'there is room for the link');
    my @held = map { $stage->connect } 1 .. 480;
    is($stage->post($post)->{status}, 200, '... and among many clients');
    is_calm($stage, 'many connections');
}

done_testing();
