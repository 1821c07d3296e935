# SPDX-License-Identifier: BSD-2-Clause

# lua-free-scripts/run as a newcomer uses it: it serves, it says what is in the
# way, what is killed comes back within two seconds, and it ends clean.

use strict;
use warnings;

use File::Temp ();
use FindBin ();
use HTTP::Tiny ();
use IO::Socket::INET ();
use JSON::PP ();
use Test::More;
use Time::HiRes qw(sleep time);

my $top = "$FindBin::Bin/../..";
my $run = "$top/lua-free-scripts/run";
my $http = HTTP::Tiny->new(timeout => 5);

# the runtime of a sanitizer has no place in what ordinary users build
delete @ENV{qw(ASAN_OPTIONS UBSAN_OPTIONS)};

is(system("$top/lua-free-scripts/build", '--no-install'), 0, 'it builds')
    or BAIL_OUT('there is nothing to run');

my $dir = File::Temp::tempdir('orders-run-XXXXXXXX', TMPDIR => 1, CLEANUP => 1);
my ($port, $redis_port) = (free_port(), free_port());
local $ENV{ORDERS_RUN_DIR} = $dir;
local $ENV{ORDERS_PORT} = $port;
local $ENV{ORDERS_REDIS_PORT} = $redis_port;

said_at_once('--wrong', 2, qr/^Usage:/m, 'a wrong option shows the usage');
said_at_once('--help', 0, qr/ORDERS_RUN_DIR/, '--help names the variables');

{
    local $ENV{ORDERS_PORT} = 'http';
    said_at_once('--no-build', 1, qr/ORDERS_PORT is not a port number: http/,
        'a port that is none is named with its variable');
}

for my $taken ([$port, 'ORDERS_PORT'], [$redis_port, 'ORDERS_REDIS_PORT']) {
    my ($number, $variable) = @$taken;
    my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $number, Listen => 1, ReuseAddr => 1) or die $@;
    said_at_once('--no-build', 1, qr/port $number .* in use.*$variable/s,
        "a taken port is named with its variable, $variable");
    ok(!-e "$dir/redis.pid", '... before anything is started');
}

my $pid = start();
my $output = output();
like($output, qr{^ready: http://127\.0\.0\.1:$port/graphql$}m,
    'it says where it serves');

my ($try) = $output =~ /^try: (.*)/m;
my $answer = JSON::PP::decode_json(`$try`);
is($answer->{data}{postOrder}{orderStatus}, 'PENDING',
    'the printed line posts an order');
my $first = $answer->{data}{postOrder}{id};
like(ends($first), qr/^(?:SUCCESS|FAILED)$/, 'which comes to its end');

said_at_once('--no-build', 1, qr/runs already.*ORDERS_RUN_DIR/s,
    'a second one in the same place says so');

for my $service (qw(redis worker nginx)) {
    my $old = pid_of($service);
    my $before = time;
    kill 'KILL', $old;

    ok(within(2, sub {
        my $now = pid_of($service);
        $now && $now != $old && kill(0, $now) && eval { posted() };
    }), "$service is killed and works again within 2 s")
        or diag(output());
    like(ends(posted()), qr/^(?:SUCCESS|FAILED)$/,
        '... and orders come to their end');
}

is(status($first), ends($first), 'the first order is still there');

is(end_with('TERM'), 0, 'SIGTERM ends it with exit code 0');
ok(nothing_left(), '... and leaves nothing that listens');

# What a run that is itself killed leaves behind does not stop the next one.
$pid = start();
kill 'KILL', $pid;
waitpid $pid, 0;
$pid = start();
like(output(), qr/^ready: /m, 'a killed run does not stop the next one');
like(status($first), qr/^(?:SUCCESS|FAILED)$/, '... and its orders are there');

is(end_with('INT'), 0, 'Ctrl-C ends it with exit code 0');
ok(nothing_left(), '... and leaves nothing that listens');

done_testing();


sub free_port
{
    return IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1)
        ->sockport;
}


# Runs it to its own end.
sub said_at_once
{
    my ($option, $code, $pattern, $name) = @_;

    my $text = `$run --no-install $option 2>&1`;
    ok($? >> 8 == $code && $text =~ $pattern, $name) or diag($text);
    return;
}


# In a process group of its own, as a terminal would have it; returns when it
# is ready or has ended.
sub start
{
    unlink "$dir/output";
    my $child = fork;
    die "fork: $!" if !defined $child;

    if ($child == 0) {
        setpgrp;
        $SIG{INT} = 'DEFAULT';
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$dir/output";
        open STDERR, '>&', \*STDOUT;
        exec $run, '--no-install', '--no-build';
    }

    within(30, sub { output() =~ /^try: /m || waitpid($child, 1) == $child });
    return $child;
}


sub output
{
    open my $in, '<', "$dir/output" or return '';
    local $/;
    my $text = <$in>;
    return defined $text ? $text : '';
}


sub within
{
    my ($seconds, $code) = @_;

    my $until = time + $seconds;
    while (time < $until) {
        return 1 if $code->();
        sleep 0.05;
    }

    return 0;
}


sub pid_of
{
    my ($service) = @_;

    open my $in, '<', "$dir/$service.pid" or return 0;
    my $number = <$in>;
    return $number ? int $number : 0;
}


sub ask
{
    my ($query) = @_;

    my $response = $http->post("http://127.0.0.1:$port/graphql", {
        headers => { 'Content-Type' => 'application/json' },
        content => JSON::PP::encode_json({ query => $query }),
    });
    my $body = JSON::PP::decode_json($response->{content});
    die $response->{content} if $body->{errors};
    return $body->{data};
}


sub posted
{
    return ask('mutation { postOrder(input: { name: "n", quantity: 1,'
        . ' restaurantId: "r" }) { id } }')->{postOrder}{id};
}


# Empty while there is no such order yet.
sub status
{
    my ($id) = @_;

    my $order = eval { ask("{ order(id: \"$id\") { orderStatus } }") } || {};
    return $order->{order} ? $order->{order}{orderStatus} : '';
}


# The status that it ends with.
sub ends
{
    my ($id) = @_;

    my $status;
    within(20, sub {
        $status = status($id);
        return $status =~ /^(?:SUCCESS|FAILED)$/;
    });
    return $status;
}


# To the whole group, as a terminal does it.
sub end_with
{
    my ($signal) = @_;

    kill $signal, $signal eq 'INT' ? -$pid : $pid;
    my $code;
    within(30, sub {
        return 0 if waitpid($pid, 1) != $pid;
        $code = $?;
        return 1;
    }) or kill 'KILL', $pid;
    return $code;
}


sub nothing_left
{
    return !grep {
        IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $_)
    } $port, $redis_port;
}
