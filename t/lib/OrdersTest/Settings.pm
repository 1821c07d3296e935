# SPDX-License-Identifier: BSD-2-Clause

# What a .t file and the environment may set, in one place.  The names of the
# variables and their defaults are those that Test::Nginx documents.

package OrdersTest::Settings;

use strict;
use warnings;

use Cwd ();
use Exporter 'import';
use IO::Socket::INET ();

our @EXPORT_OK = qw(%set parse_time free_port);

our %set = (
    binary             => $ENV{TEST_NGINX_BINARY} || 'nginx',
    load_modules       => $ENV{TEST_NGINX_LOAD_MODULES} || '',
    log_level          => $ENV{TEST_NGINX_LOG_LEVEL} || 'debug',
    master_process     => $ENV{TEST_NGINX_MASTER_PROCESS} || 'off',
    event_type         => $ENV{TEST_NGINX_EVENT_TYPE} || '',
    postpone_output    => $ENV{TEST_NGINX_POSTPONE_OUTPUT},
    worker_user        => $ENV{TEST_NGINX_WORKER_USER},
    http2              => $ENV{TEST_NGINX_USE_HTTP2},
    verbose            => $ENV{TEST_NGINX_VERBOSE},
    no_shuffle         => $ENV{TEST_NGINX_NO_SHUFFLE},
    no_clean           => $ENV{TEST_NGINX_NO_CLEAN},
    total_error_log    => $ENV{TEST_NGINX_ERROR_LOG},
    check_accumulated  => $ENV{TEST_NGINX_CHECK_ACCUM_ERR_LOG},
    timeout_sec        => $ENV{TEST_NGINX_TIMEOUT} || 3,
    sleep_sec          => $ENV{TEST_NGINX_SLEEP} || 0.015,
    workers            => 1,
    worker_connections => 64,
    repeat_each        => 1,
    server_addr        => '127.0.0.1',
    server_name        => 'localhost',
    no_root_location   => 0,
    config_preamble    => '',
    env_to_nginx       => [],
    preprocessors      => [],
    cleanup_handlers   => [],
    body_checks        => [],
);


# Seconds of a value such as 50ms, 1.5s or 2.
sub parse_time
{
    my ($text) = @_;

    return $text if !defined $text;
    return $1 / 1000 if $text =~ /^\s*([\d.]+)\s*ms\s*$/;
    return $1 if $text =~ /^\s*([\d.]+)\s*s?\s*$/;
    return $text;
}


# A port nobody listens on, below those that the kernel gives to clients.
sub free_port
{
    my ($used) = @_;

    for (1 .. 1000) {
        my $port = 10000 + int rand 22000;
        next if $used->{$port};

        my $socket = IO::Socket::INET->new(
            LocalAddr => $set{server_addr},
            LocalPort => $port,
            Proto     => 'tcp',
            Listen    => 1,
        ) or next;

        close $socket;
        return $port;
    }

    return;
}


# Each process has its own port and server root with TEST_NGINX_RANDOMIZE, so
# that files may run side by side.
sub choose_place
{
    srand $$;

    if ($ENV{TEST_NGINX_RANDOMIZE}) {
        $set{server_port} = free_port({}) or die "no free port";
        $set{client_port} = $set{server_port};
        $set{server_root} = Cwd::getcwd() . "/t/servroot_$set{server_port}";

    } else {
        $set{server_port} = $ENV{TEST_NGINX_SERVER_PORT}
            || $ENV{TEST_NGINX_PORT} || 1984;
        $set{client_port} = $ENV{TEST_NGINX_CLIENT_PORT}
            || $set{server_port};
        $set{server_root} = $ENV{TEST_NGINX_SERVROOT}
            || Cwd::getcwd() . '/t/servroot';
    }

    $ENV{TEST_NGINX_SERVER_ROOT} = $set{server_root};
    return;
}

choose_place();

1;
