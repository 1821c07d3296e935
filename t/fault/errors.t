# SPDX-License-Identifier: BSD-2-Clause

# Redis answers, but not what one hoped for.  The door says 503 with a code and
# Retry-After and has pushed nothing; the worker waits, says once what can be
# done, drops nothing and goes on.

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

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


# what Redis says, the door's code, what the worker's log says
my @errors = (
    ['LOADING Redis is loading the dataset in memory', 'UNAVAILABLE',
        qr/LOADING/],
    ['BUSY Redis is busy running a script.', 'UNAVAILABLE', qr/BUSY/],
    ['OOM command not allowed when used memory > \'maxmemory\'.', 'QUEUE_FULL',
        qr/raise its maxmemory or remove data.*OOM/],
    ['READONLY You can\'t write against a read only replica.', 'UNAVAILABLE',
        qr/it is a replica, or cannot save.*READONLY/],
    ['MISCONF Errors writing to the AOF file: No space left on device',
        'UNAVAILABLE', qr/cannot save to disk.*MISCONF/],
    ['NOREPLICAS Not enough good replicas to write.', 'UNAVAILABLE',
        qr/NOREPLICAS/],
    ['MASTERDOWN Link with MASTER is down', 'UNAVAILABLE', qr/MASTERDOWN/],
    ['NOAUTH Authentication required.', 'UNAVAILABLE',
        qr/check user, password.*NOAUTH/],
    ['NOPERM this user has no permissions', 'UNAVAILABLE',
        qr/check user, password and rights.*NOPERM/],
    ['CLUSTERDOWN The cluster is down', 'UNAVAILABLE', qr/CLUSTERDOWN/],
);

my $stack = OrdersTest::Stack->new;
$stack->redis(args => \@OrdersTest::Aof::AOF_ARGS);
my $proxy = OrdersTest::Proxy->new($stack, $stack->{redis_port});
my $journal = "$stack->{dir}/journal";
my @ids;


sub all_is_well
{
    my ($name) = @_;

    return OrdersTest::Aof::all_is_well($stack, $name, \@ids, $journal);
}


# Lines of a log since then that tell of trouble.
sub troubles
{
    my ($worker, $from) = @_;

    return grep { /\b(?:warn|error)\b/ }
        split /\n/, substr $worker->text, $from;
}


# the door
{
    $stack->nginx('location /graphql { graphql_orders redis://127.0.0.1:'
        . "$proxy->{port}; graphql_orders_timeout 1s; }");
    ok(wait_for(sub { $stack->post(OrdersTest::Load::body(1))->{status} == 200
    }), 'the door is open');
    $stack->ask('DEL', $key->('queue'));

    for my $row (@errors) {
        my ($text, $code) = @$row;
        my ($name) = split ' ', $text;

        $proxy->tell("refuse $text");
        sleep 0.1;
        for my $with ('', 'an Idempotency-Key') {
            my %header = $with ? ('Idempotency-Key' => "k-$name") : ();
            my $response = $stack->post(OrdersTest::Load::body(1), %header);
            my $how = "$name" . ($with ? " with $with" : '');
            is($response->{status}, 503, "the door, $how: 503");
            like($response->{headers}{'retry-after'}, qr/\A\d+\z/,
                '... Retry-After');
            like($response->{body}, qr/"code":"$code"/, "... $code");
        }

        $proxy->tell('pass');
        is($stack->ask('LLEN', $key->('queue')), 0, '... nothing was pushed');
        ok(wait_for(sub {
            $stack->post(OrdersTest::Load::body(1))->{status} == 200
        }), '... and the door opens again by itself');
        $stack->ask('DEL', $key->('queue'));
    }

    # slow: the client is told in time what is known
    $stack->ask('CLIENT', 'PAUSE', '2500', 'ALL');
    my $before = time;
    my $response = $stack->post(OrdersTest::Load::body(1));
    is($response->{status}, 503, 'the door, a slow Redis: 503');
    cmp_ok(time - $before, '<', 2.4, '... in time');
    like($response->{body}, qr/"code":"UNKNOWN_OUTCOME"/,
        '... the order may have come');
    ok(wait_for(sub { $stack->post(OrdersTest::Load::body(1))->{status} == 200
    }), '... and the door opens again');
    unlike($stack->log, qr/\[(?:alert|emerg)\]/, 'no alert');
    $stack->stop_nginx;
    $stack->ask('DEL', $key->('queue'));
}


# the worker
{
    my $worker = $stack->worker('simulate_latency 20ms 300ms; lease 2s;'
        . " redis_timeout 1s; simulate_journal $journal;",
        port => $proxy->{port});

    for my $row (@errors) {
        my ($text, undef, $line) = @$row;
        my ($name) = split ' ', $text;
        next if $name =~ /\A(?:NOREPLICAS|MASTERDOWN|CLUSTERDOWN)\z/;
        my $from = length $worker->text;

        push @ids, $stack->push_orders(60);
        sleep 0.15;
        $proxy->tell("refuse $text");
        ok(wait_for(sub { substr($worker->text, $from) =~ $line }),
            "the worker, $name: it says what can be done")
            or diag(substr $worker->text, $from);
        sleep 0.3;
        my $soon = troubles($worker, $from);
        sleep 1;
        my @later = troubles($worker, $from);
        ok(@later <= $soon + 2 && @later <= 6, '... and not again and again')
            or diag(join "\n", @later);
        $proxy->tell('pass');
        all_is_well($name);
    }

    is($worker->end('TERM'), 0, 'the worker leaves in order');
}


# a user without the right to WATCH: nothing may rest on it
{
    my $holder = $stack->worker('simulate_latency 60s 60s; lease 1s;'
        . " simulate_journal $journal;", name => 'holder');
    push @ids, $stack->push_orders(80);
    wait_for(sub { $stack->ask('LLEN', $key->('processing:' . $holder->id))
        == 80 });
    $holder->end('KILL');

    $stack->ask('ACL', 'SETUSER', 'default', '-watch');
    my @workers = map { $stack->worker('simulate_latency 0ms 5ms; lease 1s;'
        . " simulate_journal $journal;", name => "unguarded$_") } 1 .. 2;
    ok(wait_for(sub { $workers[0]->text =~ /check user.*NOPERM/ }),
        'without WATCH the worker says that a right is missing');
    sleep 2;
    is($stack->ask('LLEN', $key->('processing:' . $holder->id)), 80,
        '... moves nothing that it cannot guard');
    is($stack->ask('LLEN', $key->('resume')), 0, '... nowhere');
    cmp_ok(scalar(troubles($workers[0], 0)), '<=', 5, '... with few words')
        or diag($workers[0]->text);

    $stack->ask('ACL', 'SETUSER', 'default', '+@all');
    all_is_well('with it');
    $_->end('TERM') for @workers;
}


# the disk is full: Redis cannot write its append-only file
SKIP: {
    skip 'there is no prlimit', 6 if system 'prlimit --version > /dev/null 2>&1';

    my $small = OrdersTest::Stack->new;
    local $SIG{XFSZ} = 'IGNORE';        # Redis gets EFBIG instead
    $small->redis(args => ['--appendonly', 'yes', '--appendfsync', 'everysec',
        '--auto-aof-rewrite-percentage', '0']);
    $small->nginx('location /graphql { graphql_orders redis://127.0.0.1:'
        . "$small->{redis_port}; }");
    my $worker = $small->worker('simulate_latency 0ms 50ms;');
    my $load = OrdersTest::Load->new(port => $small->{port}, connections => 8,
        orders => 1_000_000, rate => 800, seconds => 60);

    system "prlimit --pid $small->{redis_pid} --fsize=400000:";
    $load->run(sub { $load->stop if @{ $load->{refused} } });
    like($load->{refused}[0], qr/"code":"UNAVAILABLE"/,
        'the disk is full: the door refuses');
    my $response = $small->post(OrdersTest::Load::body(1));
    is($response->{status}, 503, '... with 503');
    ok(wait_for(sub { $worker->text =~ /cannot save to disk.*MISCONF/ }),
        '... and the worker says why it waits');

    system "prlimit --pid $small->{redis_pid} --fsize=unlimited:";
    my $id;
    ok(wait_for(sub {
        ($id) = $small->post(OrdersTest::Load::body(1))->{body}
            =~ /"id":"([^"]+)"/;
    }, 20), 'there is room: the door opens');
    my @all = (@{ $load->{acknowledged} }, $id);
    ok($small->all_ended(scalar @all, 60), '... and all orders end');
    my @complaints = $small->complaints(\@all);
    is(scalar @complaints, 0, '... each once') or diag(@complaints);
}

done_testing;
