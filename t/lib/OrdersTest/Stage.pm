# SPDX-License-Identifier: BSD-2-Clause

# A stage for suites that need more of nginx than one request: a Redis, real or
# played by a function, an nginx with the front door, and a small HTTP client.
#
#   my $stage = OrdersTest::Stage->new;
#   my $redis = $stage->redis;
#   $stage->nginx("location /graphql { graphql_orders redis://$redis; }");
#   my $response = $stage->post('{"query":"{ __typename }"}');
#   is($response->{status}, 200);
#
# All that it started ends with it.

package OrdersTest::Stage;

use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(make_path remove_tree);
use File::Temp ();
use IO::Select ();
use IO::Socket::INET ();
use POSIX ();
use Time::HiRes qw(sleep time);

use OrdersTest::Resp;


sub new
{
    my ($class) = @_;

    my $dir = File::Temp::tempdir('orders-XXXXXXXX', TMPDIR => 1);
    make_path("$dir/logs");
    return bless { dir => $dir, owner => $$, pids => {} }, $class;
}


sub free_port
{
    for (1 .. 1000) {
        my $port = 20000 + int rand 12000;
        my $socket = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
            LocalPort => $port, Listen => 1, ReuseAddr => 1);
        return $port if $socket;
    }

    croak 'no free port';
}


# True as soon as the code is; false when it is not within the seconds.
sub wait_for
{
    my ($code, $seconds) = @_;

    my $until = time + ($seconds || 10);
    while (time < $until) {
        return 1 if $code->();
        sleep 0.01;
    }

    return 0;
}


# A real Redis; "host:port" of it.  The same port again with port => $port.
sub redis
{
    my ($self, %option) = @_;

    my $port = $option{port} || free_port();
    my $pid = $self->child(sub {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        exec $ENV{ORDERS_TEST_REDIS_SERVER} || 'redis-server',
            '--port', $port, '--bind', '127.0.0.1', '--save', '',
            '--dir', $self->{dir}, @{ $option{args} || [] };
    });

    $self->{redis_pid} = $pid;
    $self->{redis_port} = $port;
    croak 'redis-server does not start' if !wait_for(sub {
        IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port")
    });
    return "127.0.0.1:$port";
}


# Ends or pauses the Redis: KILL, STOP, CONT.
sub redis_signal
{
    my ($self, $signal) = @_;

    kill $signal, $self->{redis_pid};
    $self->reap($self->{redis_pid}) if $signal eq 'KILL';
    return;
}


# One command to the real Redis; its reply as text, a line for each element.
sub command
{
    my ($self, @words) = @_;

    return as_text(OrdersTest::Resp->new($self->{redis_port})->ask(@words));
}


sub as_text
{
    my ($reply) = @_;

    return '(nil)' if !defined $reply;
    return "$reply" if ref $reply ne 'ARRAY';
    return join "\n", map { as_text($_) } @$reply;
}


# A Redis that is played: the code gets the words of each command and returns
# the bytes to send, or undef to close the connection.  The handshake is
# answered for it.
sub fake_redis
{
    my ($self, $code) = @_;

    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => 0, Listen => 16, ReuseAddr => 1) or croak "listen: $!";
    my $port = $listener->sockport;

    $self->child(sub {
        while (my $socket = $listener->accept) {
            next if fork;
            play($socket, $code);
            POSIX::_exit(0);
        }
    });

    return "127.0.0.1:$port";
}


sub play
{
    my ($socket, $code) = @_;

    local $/ = "\r\n";
    while (defined(my $line = <$socket>)) {
        my ($count) = $line =~ /\A\*(\d+)/ or return;
        my @words;

        for (1 .. $count) {
            my ($length) = <$socket> =~ /\A\$(\d+)/ or return;
            read $socket, my $word, $length + 2;
            push @words, substr $word, 0, $length;
        }

        my $bytes = $words[0] eq 'PING' ? "+PONG\r\n"
            : $words[0] =~ /^(?:CLIENT|AUTH|SELECT|HELLO)$/ ? "+OK\r\n"
            : $code->(@words);
        return if !defined $bytes;
        syswrite $socket, $bytes;
    }

    return;
}


# Starts nginx with the given text inside of server {}.
#
#   http => text inside of http {}     main => text at the top
#   listen => options of listen        workers => 1
#   connections => of one process
sub nginx
{
    my ($self, $server, %option) = @_;

    $self->{port} ||= free_port();
    $self->write_conf($server, %option);

    my $status = system "$self->{binary} -p $self->{dir}/"
        . " -c $self->{dir}/nginx.conf > $self->{dir}/stderr 2>&1";
    croak 'nginx does not start: ' . slurp("$self->{dir}/stderr") if $status;
    croak 'nginx has no pid' if !wait_for(sub { $self->master });
    return;
}


sub write_conf
{
    my ($self, $server, %option) = @_;

    $self->{binary} = $ENV{TEST_NGINX_BINARY} || 'nginx -e logs/error.log';
    my $modules = join '', map { "load_module $_;\n" }
        split ' ', $ENV{TEST_NGINX_LOAD_MODULES} || '';
    my $workers = $option{workers} || 1;
    my $connections = $option{connections} || 512;
    my $user = $> == 0 ? 'user root;' : '';
    my ($main, $http, $listen) = map { defined $_ ? $_ : '' }
        @option{qw(main http listen)};

    open my $out, '>', "$self->{dir}/nginx.conf" or croak "nginx.conf: $!";
    print {$out} <<"END";
$modules
$user
error_log $self->{dir}/logs/error.log info;
pid $self->{dir}/nginx.pid;
worker_processes $workers;
worker_shutdown_timeout 20s;
env ASAN_OPTIONS;
env UBSAN_OPTIONS;
$main
events { worker_connections $connections; }
http {
    access_log $self->{dir}/logs/access.log;
    client_body_temp_path $self->{dir}/body;
    client_max_body_size 30m;
    $http
    server {
        listen 127.0.0.1:$self->{port} $listen;
        $server
    }
}
END
    close $out or croak "nginx.conf: $!";
    return;
}


sub master
{
    my ($self) = @_;

    return if !-s "$self->{dir}/nginx.pid";
    my ($pid) = slurp("$self->{dir}/nginx.pid") =~ /(\d+)/;
    return $pid;
}


# The pids of the worker processes; those that are leaving count too.
sub workers
{
    my ($self) = @_;

    my $master = $self->master or return;
    open my $ps, '-|', 'ps', '-o', 'pid=', '--ppid', $master or croak "ps: $!";
    return map { /(\d+)/ } <$ps>;
}


sub nginx_signal
{
    my ($self, $signal) = @_;

    kill $signal, $self->master;
    return;
}


# Waits for the end of a worker, or of all of nginx.
sub has_ended
{
    my ($pid, $seconds) = @_;

    return wait_for(sub { !is_running($pid) }, $seconds);
}


# A zombie whose parent has not looked yet no longer runs.
sub is_running
{
    my ($pid) = @_;

    return slurp("/proc/$pid/stat") =~ /\)\s+[^Z\s]/;
}


sub log
{
    my ($self) = @_;

    return slurp("$self->{dir}/logs/error.log");
}


sub slurp
{
    my ($path) = @_;

    open my $in, '<', $path or return '';
    local $/;
    my $text = <$in>;
    return defined $text ? $text : '';
}


# A connection to nginx.
sub connect
{
    my ($self) = @_;

    return IO::Socket::INET->new(PeerAddr => "127.0.0.1:$self->{port}")
        || croak "nginx: $!";
}


# Posts a body, and gives { status, headers, body }.
sub post
{
    my ($self, $body, %header) = @_;

    my $socket = $self->connect;
    send_post($socket, $body, Connection => 'close', %header);
    return response($socket);
}


sub send_post
{
    my ($socket, $body, %header) = @_;

    %header = ('Content-Type' => 'application/json', Host => 'localhost',
        'Content-Length' => length $body, %header);
    my $head = join '', map { "$_: $header{$_}\r\n" }
        grep { defined $header{$_} } sort keys %header;

    local $SIG{PIPE} = 'IGNORE';
    my $bytes = "POST /graphql HTTP/1.1\r\n$head\r\n$body";
    while (length $bytes) {
        my $n = syswrite $socket, $bytes;
        last if !$n;
        substr $bytes, 0, $n, '';
    }
    return;
}


# Reads one response; undef when the connection ends before.
sub response
{
    my ($socket, $seconds) = @_;

    my $until = time + ($seconds || 20);
    my $text = '';

    while (1) {
        if ($text =~ /\A(.*?\r\n)\r\n(.*)\z/s) {
            my ($head, $body) = ($1, $2);
            my ($length) = $head =~ /^Content-Length:\s*(\d+)/mi;

            if (defined $length && length $body >= $length) {
                my ($status) = $head =~ m{\AHTTP/1\.\d (\d+)};
                my %headers = map { lc $_->[0] => $_->[1] }
                    map { [split /:\s*/, $_, 2] } split /\r\n/, $head;
                return { status => $status, headers => \%headers,
                    body => substr $body, 0, $length };
            }
        }

        my $left = $until - time;
        return if $left <= 0 || !IO::Select->new($socket)->can_read($left);
        return if !sysread $socket, $text, 65536, length $text;
    }
}


# A child process, ended with the stage.
sub child
{
    my ($self, $code) = @_;

    my $pid = fork;
    croak "fork: $!" if !defined $pid;

    if ($pid == 0) {
        setpgrp;
        $code->();
        POSIX::_exit(1);
    }

    $self->{pids}{$pid} = 1;
    return $pid;
}


sub reap
{
    my ($self, $pid) = @_;

    waitpid $pid, 0;
    delete $self->{pids}{$pid};
    return;
}


# Ends nginx with a signal and waits for it; true if it went by itself.
sub stop_nginx
{
    my ($self, $signal) = @_;

    my $pid = $self->master or return 1;
    kill $signal || 'QUIT', $pid;
    return 1 if has_ended($pid, 15);

    kill 'KILL', $pid, $self->workers;
    return 0;
}


sub DESTROY
{
    my ($self) = @_;

    return if $$ != $self->{owner};
    local $?;

    $self->stop_nginx('TERM');
    for my $pid (keys %{ $self->{pids} }) {
        kill 'CONT', $pid;
        kill 'KILL', -$pid, $pid;
        waitpid $pid, 0;
    }
    remove_tree($self->{dir});
    return;
}

1;
