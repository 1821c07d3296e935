# SPDX-License-Identifier: BSD-2-Clause

# One nginx for each block: makes the server root and nginx.conf, starts and
# stops nginx, reads its logs.

package OrdersTest::Server;

use strict;
use warnings;

use File::Path qw(make_path remove_tree);
use POSIX ();
use Test::More ();
use Time::HiRes qw(sleep time);

use OrdersTest::Settings qw(%set free_port);

my $has_config;
my $remembered;
my $log_offset = 0;
my %random_port;


sub html_dir   { return "$set{server_root}/html" }
sub error_log  { return "$set{server_root}/logs/error.log" }
sub access_log { return "$set{server_root}/logs/access.log" }
sub pid_file   { return "$set{server_root}/logs/nginx.pid" }
sub conf_file  { return "$set{server_root}/conf/nginx.conf" }


# Ends the whole run, after the cleanup.
sub bail_out
{
    my @text = @_;

    stop();
    $_->() for splice @{ $set{cleanup_handlers} };
    Test::More::BAIL_OUT(join '', @text);
    return;
}


# Stops the nginx of the block before and makes all ready for this one.  False
# when the block has no configuration: nginx keeps running as it is.
sub prepare
{
    my ($block) = @_;

    %random_port = ();
    my $config = $block->config;

    if (!defined $config) {
        bail_out($block->name, " - No '--- config' section specified and"
            . ' could not get previous one.') if !$has_config;
        return 0;
    }

    $has_config = 1;
    stop();
    keep_error_log();
    make_root();
    write_user_files($block);
    write_config($block, $config);
    $log_offset = 0;
    $remembered = $block;
    return 1;
}


# Runs nginx; returns wait()'s status.
sub launch
{
    # errors of the configuration go where -e says, whatever was compiled in
    my $log = version() >= 1.019005 ? "-e " . error_log() : "";
    my $command = "$set{binary} -p $set{server_root}/ $log -c "
        . conf_file() . " > /dev/null";

    warn "running $command\n" if $set{verbose};
    system $command;
    return $?;
}


# A port of the block before may still be taken for a moment; anything else
# does not get better by waiting.
sub start
{
    my ($block) = @_;
    my $until = time + 30;

    while (1) {
        my $status = launch();
        last if $status == 0;

        my $log = join '', tail(error_log(), 5);
        bail_out($block->name, " - Cannot start nginx (status $status)\n",
            $log) if $log !~ /Address already in use/ || time > $until;
        sleep 0.1;
    }

    sleep $set{sleep_sec};
    return;
}


sub pid
{
    open my $in, '<', pid_file() or return;
    my $pid = <$in>;
    return defined $pid && $pid =~ /^(\d+)/ ? $1 : undef;
}


# A zombie whose parent has not looked yet no longer runs.
sub is_running
{
    my ($pid) = @_;

    kill(0, $pid) or return 0;
    open my $in, '<', "/proc/$pid/stat" or return kill 0, $pid;
    my $stat = <$in>;
    return defined $stat && $stat !~ /\)\s+Z/;
}


sub stop
{
    my $pid = pid() or return;

    end_process($pid, 'QUIT', "nginx $pid");
    unlink pid_file();
    return;
}


# Asks first, then insists.
sub end_process
{
    my ($pid, $signal, $name) = @_;

    kill $signal, $pid;
    return if has_ended($pid, $set{timeout_sec});

    warn "$name - timeout when waiting for the process $pid to exit\n";
    kill 'TERM', $pid;
    return if has_ended($pid, 0.5);

    kill 'KILL', $pid;
    has_ended($pid, 2);
    return;
}


sub has_ended
{
    my ($pid, $limit_sec) = @_;
    my $until = time + $limit_sec;

    while (1) {
        waitpid $pid, POSIX::WNOHANG();
        return 1 if !is_running($pid);
        return 0 if time > $until;
        sleep 0.01;
    }
}


# Only the parts of a server root are removed: the path comes from outside.
sub make_root
{
    my $root = $set{server_root};

    if (-d $root) {
        remove_tree(map { "$root/$_" } qw(html logs conf));
        remove_tree(glob("$root/*_temp"), glob("$root/*_cache"));
        rmdir $root or bail_out("Can't remove $root (not empty?): $!");
    }

    make_path("$root/html", "$root/logs", "$root/conf");
    write_file(html_dir() . '/index.html', '<html><head><title>It works!'
        . '</title></head><body>It works!</body></html>');
    return;
}


# At the end of a parallel run nothing of its own place remains.
sub remove_root
{
    remove_tree($set{server_root})
        if $ENV{TEST_NGINX_RANDOMIZE} && !$set{no_clean}
           && $set{server_root} =~ m{/t/servroot_\d+$};
    return;
}


sub write_file
{
    my ($path, $text) = @_;

    open my $out, '>', $path or bail_out("Can't open $path for writing: $!");
    binmode $out;
    print {$out} $text;
    close $out or bail_out("Can't write $path: $!");
    return;
}


# --- user_files: ">>> name [time]" lines, or an array of arrays.
sub write_user_files
{
    my ($block) = @_;
    my $files = $block->user_files;

    return if !defined $files;

    if (!ref $files) {
        my (undef, @parts) = split /^>>> (\S+)(?:[ \t]+(.+))?\n/m, $files;
        $files = [];
        while (@parts) {
            my ($name, $date, $text) = splice @parts, 0, 3;
            push @$files, [$name, $text, $date];
        }
    }

    for my $file (@$files) {
        my ($name, $text, $date) = @$file;
        my $path = $name =~ m{^/} ? $name : html_dir() . "/$name";

        make_path($path =~ s{/[^/]*$}{}r);
        write_file($path, expand($block, defined $text ? $text : ''));
        system('env', 'TZ=GMT', 'touch', '-t', $date, $path) if $date;
    }

    return;
}


# $TEST_NGINX_NAME in the text: the environment, or a free port that stays the
# same within the block.
sub expand
{
    my ($block, $text) = @_;

    return '' if !defined $text;
    $text =~ s/\$(TEST_NGINX_[_A-Z0-9]+)/value_of($block, $1)/ge;
    return $text;
}


sub value_of
{
    my ($block, $name) = @_;

    if ($name =~ /^TEST_NGINX_RAND_PORT_[0-9]+$/) {
        my %used = map { $_ => 1 } $set{server_port}, values %random_port;
        return $random_port{$name} ||= free_port(\%used);
    }

    return $ENV{$name} if defined $ENV{$name};
    bail_out($block->name, " - No environment $name defined.");
    return;
}


sub write_config
{
    my ($block, $config) = @_;

    my $main = expand($block, $block->main_config);
    $main .= join ' ', map { "load_module $_;" } split ' ',
        $set{load_modules};
    my $http = http_part($block, expand($block, $block->http_config),
                         expand($block, $config));
    my $after = expand($block, $block->post_main_config);

    my $level = $block->log_level || $set{log_level};
    my $log = $block->error_log_file || error_log();
    my $pid_file = pid_file();
    my $env = join '', map { "env $_;\n" }
        qw(LD_PRELOAD LD_LIBRARY_PATH ASAN_OPTIONS),
        map { /\s/ ? "'$_'" : $_ } @{ $set{env_to_nginx} };
    my $user = defined $set{worker_user} ? "user $set{worker_user};"
        : $> == 0 ? 'user root;' : '';
    my $event = $set{event_type} ? "use $set{event_type};" : '';

    write_file(conf_file(), <<"END");
worker_processes  $set{workers};
daemon on;
master_process $set{master_process};
error_log $log $level;
pid $pid_file;
$env

$main

$http

$after

events {
    accept_mutex off;

    worker_connections  $set{worker_connections};
    $event
}

$user
END
    return;
}


sub http_part
{
    my ($block, $http, $server) = @_;

    my $access_log = access_log();
    my $name = defined $block->server_name
        ? $block->server_name : $set{server_name};
    $name =~ s/([\\'])/\\$1/g;
    my $options = uses_http2($block) ? ' http2' : '';

    my $extra = '';
    $extra .= "    postpone_output $set{postpone_output};\n"
        if defined $set{postpone_output} && $http !~ /\bpostpone_output\b/;

    my $html_dir = html_dir();
    my $root = $set{no_root_location} ? '' : <<"END";
        location / {
            root $html_dir;
            index index.html index.htm;
        }
END

    return <<"END";
http {
    access_log $access_log;

    default_type text/plain;
    keepalive_timeout  68;
$extra
$http

    server {
        listen          $set{server_port}$options;
        server_name     '$name';

        client_max_body_size 30M;

$set{config_preamble}
$server

$root
    }
}
END
}


sub uses_http2
{
    my ($block) = @_;

    return 1 if defined $block->http2;
    return 0 if !$set{http2} || defined $block->raw_request
                || $block->pipelined_requests;

    my $request = $block->request;
    return defined $request && (ref $request || $request !~ m{HTTP/1\.0});
}


# The lines that came since the last call for this block; all of them when the
# file has called check_accum_error_log.
sub error_log_lines
{
    sleep $set{sleep_sec} * 3;    # the log phase follows the response

    open my $in, '<', error_log() or return [];
    seek $in, $log_offset, 0 if !$set{check_accumulated};
    my @lines = <$in>;
    $log_offset = tell $in if !$set{check_accumulated};
    return \@lines;
}


sub rewind_error_log
{
    $log_offset = 0;
    return;
}


sub access_log_lines
{
    sleep $set{sleep_sec} * 3;

    open my $in, '<', access_log() or return [];
    return [<$in>];
}


sub tail
{
    my ($path, $count) = @_;

    open my $in, '<', $path or return ();
    my @lines = <$in>;
    splice @lines, 0, -$count if @lines > $count;
    return @lines;
}


# TEST_NGINX_ERROR_LOG: one file that keeps the logs of all blocks, with what
# nginx says on its way out.
sub keep_error_log
{
    my $block = $remembered;

    undef $remembered;
    return if !$block || !$set{total_error_log} || !-s error_log();

    open my $in, '<', error_log() or return;
    open my $out, '>>', $set{total_error_log}
        or bail_out("Failed to append to $set{total_error_log}: $!");
    print {$out} "\n=== ", $block->name, "\n", <$in>;
    return;
}


my $version;

sub version
{
    return $version if defined $version;
    my $text = `$set{binary} -V 2>&1`;

    return $version = sprintf "%d.%03d%03d", $1, $2, $3
        if defined $text && $text =~ m{/(\d+)\.(\d+)\.(\d+)};
    bail_out("Failed to get the version of $set{binary}");
    return;
}

1;
