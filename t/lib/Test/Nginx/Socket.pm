# SPDX-License-Identifier: BSD-2-Clause

# Runs .t files in the block format that CPAN's Test::Nginx::Socket documents,
# where that one is not installed (the test command adds this folder only
# then).  Written against its documentation; the sections and functions that
# it knows are those that this project's files use, and their meaning is the
# documented one, so that the same files pass with either.
#
#   use Test::Nginx::Socket 'no_plan';
#   run_tests();
#
#   __DATA__
#
#   === TEST 1: an answer comes
#   --- config
#       location /t { return 200 "hello\n"; }
#   --- request
#       GET /t
#   --- response_body
#   hello
#
# OrdersTest::Blocks reads the blocks, ::Server runs nginx, ::Request and
# ::Client ask, ::Response and ::Checks look at the answer, ::Mock answers in
# place of a backend, ::Settings holds what a file or the environment sets.
# Not here: HUP and leak modes, valgrind, systemtap, HTTP/3, UDP mocks.

package Test::Nginx::Socket;

use strict;
use warnings;

use Carp qw(carp cluck confess croak);
use List::Util ();
use Test::More ();
use Time::HiRes qw(sleep);

use OrdersTest::Blocks;
use OrdersTest::Checks;
use OrdersTest::Client;
use OrdersTest::Mock;
use OrdersTest::Request;
use OrdersTest::Response;
use OrdersTest::Server;
use OrdersTest::Settings qw(%set);

our $VERSION = '0.30';

my @from_test_more = qw(ok is isnt like unlike is_deeply cmp_ok skip todo_skip
    pass fail plan can_ok isa_ok diag use_ok);

my @own = qw(blocks first_block next_block filters no_diff
    carp croak cluck confess
    run_tests run_test repeat_each worker_connections workers
    master_on master_off master_process_enabled log_level no_shuffle
    no_long_string no_root_location check_accum_error_log config_preamble
    env_to_nginx server_name server_addr server_root html_dir server_port
    server_port_for_client timeout is_str bail_out add_cleanup_handler
    add_block_preprocessor add_response_body_check use_hup no_nginx_manager);

# Sections that would change what a block means.
my @not_here = qw(http3 http09 udp_listen stap reload_fails todo todo_nginx
    skip_nginx2 skip_openssl skip_slave request_eval response_body_eval);

my $main_pid = $$;


sub import
{
    my ($class, @args) = @_;
    my $caller = caller;

    croak "this runner cannot be subclassed: install Test::Nginx from CPAN"
        if grep { /^-base$/i } @args;
    Test::More::plan(@args) if @args;

    strict->import;
    warnings->import;

    no strict 'refs';
    for my $name (@from_test_more) {
        *{"${caller}::$name"} = \&{"Test::More::$name"}
            if defined &{"Test::More::$name"};
    }
    for my $name (@own) {
        *{"${caller}::$name"} = \&{$name} if defined &{$name};
    }
    return;
}


# What a file sets before run_tests; without an argument, what is set.

sub setting
{
    my ($name, @value) = @_;

    $set{$name} = $value[0] if @value;
    return $set{$name};
}

sub repeat_each            { return setting('repeat_each', @_) }
sub worker_connections     { return setting('worker_connections', @_) }
sub workers                { return setting('workers', @_) }
sub log_level              { return setting('log_level', @_) }
sub timeout                { return setting('timeout_sec', @_) }
sub server_name            { return setting('server_name', @_) }
sub server_addr            { return setting('server_addr', @_) }
sub server_port            { return setting('server_port', @_) }
sub server_port_for_client { return setting('client_port', @_) }
sub config_preamble($)     { return setting('config_preamble', @_) }
sub no_shuffle()           { return setting('no_shuffle', 1) }
sub no_root_location()     { return setting('no_root_location', 1) }
sub check_accum_error_log() { return setting('check_accumulated', 1) }
sub master_on()            { return setting('master_process', 'on') }
sub master_off()           { return setting('master_process', 'off') }
sub server_root()          { return $set{server_root} }
sub html_dir()             { return OrdersTest::Server::html_dir() }
sub blocks                 { return OrdersTest::Blocks::all(@_) }
sub first_block            { return OrdersTest::Blocks::first_block() }
sub next_block             { return OrdersTest::Blocks::next_block() }
sub filters                { return OrdersTest::Blocks::filters(@_) }
sub bail_out               { return OrdersTest::Server::bail_out(@_) }

# Differences are always shown whole here.
sub no_long_string()       { return 1 }
sub no_diff                { return 1 }


sub master_process_enabled
{
    return setting('master_process', map { $_ ? 'on' : 'off' } @_);
}


sub env_to_nginx
{
    my @names = @_;

    croak 'env_to_nginx: no arguments specified' if !@names;
    push @{ $set{env_to_nginx} }, @names;
    return;
}


sub add_block_preprocessor(&)
{
    unshift @{ $set{preprocessors} }, @_;
    return;
}


sub add_cleanup_handler($)
{
    unshift @{ $set{cleanup_handlers} }, @_;
    return;
}


sub add_response_body_check($)
{
    push @{ $set{body_checks} }, @_;
    return;
}


sub is_str
{
    my ($got, $expected, $name) = @_;

    local $Test::Builder::Level = $Test::Builder::Level + 1;
    return ref $expected ? Test::More::like($got, $expected, $name)
        : Test::More::is($got, $expected, $name);
}


sub use_hup()
{
    croak 'this runner has no HUP mode: install Test::Nginx from CPAN';
}


sub no_nginx_manager()
{
    croak 'this runner always starts nginx: install Test::Nginx from CPAN';
}


sub run_tests()
{
    $ENV{TEST_NGINX_SERVER_PORT} = $set{server_port}
        if !defined $ENV{TEST_NGINX_SERVER_PORT};

    my @blocks = blocks();
    @blocks = List::Util::shuffle(@blocks) if !$set{no_shuffle};

    for my $block (@blocks) {
        $_->($block) for @{ $set{preprocessors} };
        $block->set_value(name => "$0 " . $block->name);
        run_test($block);
    }

    return;
}


sub run_test
{
    my ($block) = @_;

    return if defined $block->SKIP;

    for my $section (@not_here) {
        bail_out($block->name, " - this runner has no --- $section:"
            . ' install Test::Nginx from CPAN') if defined $block->$section;
    }

    my ($skip, $reason) = skipped($block);
    if ($skip) {
        for (1 .. $set{repeat_each}) {
            SKIP: { Test::More::skip($block->name . " - $reason", $skip) }
        }
        return;
    }

    if (OrdersTest::Server::prepare($block)) {
        return must_die($block) if defined $block->must_die;
        OrdersTest::Server::start($block);
    }
    run_init($block);
    OrdersTest::Server::rewind_error_log();

    for my $repeat (0 .. $set{repeat_each} - 1) {
        OrdersTest::Server::write_user_files($block) if $repeat > 0;

        my $mock = OrdersTest::Mock::start($block);
        repetition($block, $repeat);
        $mock->check if $mock;
        $mock->stop if $mock;
    }

    if (defined $block->shutdown_error_log && !$set{no_clean}) {
        OrdersTest::Server::stop();
        OrdersTest::Checks::shutdown_log($block);
    }
    return;
}


# --- skip_eval and --- skip_nginx: "count: condition".
sub skipped
{
    my ($block) = @_;

    if (defined $block->skip_eval) {
        my ($count, $code) = $block->skip_eval =~ /^\s*(\d+)\s*:\s*(.*)/s;
        bail_out($block->name, ' - bad --- skip_eval') if !defined $code;

        my $skip = eval $code;    ## no critic: that is its purpose
        bail_out($block->name, " - skip_eval: $@") if $@;
        return ($count, 'skip_eval') if $skip;
    }

    if (defined $block->skip_nginx) {
        my ($count, $op, @version) = $block->skip_nginx
            =~ /^\s*(\d+)\s*:\s*([<>]=?)\s*(\d+)\.(\d+)\.(\d+)/
            or bail_out($block->name, ' - Invalid --- skip_nginx spec');

        my $order = OrdersTest::Server::version()
            <=> sprintf '%d.%03d%03d', @version;
        my $holds = $op =~ /^</ ? $order < 0 : $order > 0;
        $holds ||= $order == 0 if $op =~ /=/;
        return ($count, "nginx version $op " . join '.', @version)
            if $holds;
    }

    return;
}


# --- must_die: nginx ends by itself, with the given exit code if there is one.
sub must_die
{
    my ($block) = @_;
    my $wanted = $block->must_die;

    for my $repeat (0 .. $set{repeat_each} - 1) {
        my $status = OrdersTest::Server::launch();

        if ($status & 128) {
            Test::More::fail($block->name . ' - nginx core dumped');
        } elsif ($wanted =~ /^\d+$/) {
            Test::More::is($status >> 8, $wanted,
                $block->name . ' - die with the expected exit code');
        } else {
            Test::More::isnt($status, 0, $block->name . ' - die as expected');
        }

        OrdersTest::Checks::error_log($block,
            { request => 0, repeat => $repeat });
        OrdersTest::Server::stop() if $status == 0;
    }

    return;
}


sub run_init
{
    my ($block) = @_;
    my $code = $block->init;

    return if !$code;
    eval $code;    ## no critic: that is the section's purpose
    bail_out($block->name, " - init failed: $@") if $@;
    return;
}


# All requests of the block, once.  Pipelined ones are one exchange with
# several responses; the logs are looked at after each response.
sub repetition
{
    my ($block, $repeat) = @_;

    my $requests = OrdersTest::Request::from_block($block);
    my $pipelined = $block->pipelined_requests;
    my $count = $pipelined ? @$pipelined : @$requests;
    my $many = $pipelined || $count > 1;
    my $left;

    for my $index (0 .. $count - 1) {
        my $at = { request => $index, repeat => $repeat, many => $many };

        if (!$pipelined || $index == 0) {
            my $request = $requests->[$index];
            $left = OrdersTest::Client::exchange($block, $request);
            $at->{is_head} = $request->[0]{value} =~ /^\s*HEAD\s/;
        }

        $left = look_at($block, $left, $at) if !defined $block->ignore_response;
        if (defined $left && $left ne '' && !$pipelined
            && !defined $block->ignore_response)
        {
            warn 'WARNING: ', $block->name, ' - unexpected extra bytes after',
                " the response: \"$left\"\n";
        }

        sleep $block->wait if $block->wait;
        OrdersTest::Checks::error_log($block, $at);
        OrdersTest::Checks::access_log($block, $at)
            if !defined $block->ignore_response;
    }

    return;
}


# Checks the response at the front; returns the bytes behind it.
sub look_at
{
    my ($block, $raw, $at) = @_;

    my ($response, $left) = OrdersTest::Response->parse($block->name,
        defined $raw ? $raw : '', $at->{is_head});
    OrdersTest::Checks::response($block, $response, $at);
    return $left;
}


END {
    if ($$ == $main_pid) {
        local $?;
        $_->() for splice @{ $set{cleanup_handlers} };

        if (!$set{no_clean}) {
            OrdersTest::Server::stop();
            OrdersTest::Server::keep_error_log();
            OrdersTest::Server::remove_root();
        }
    }
}

1;
