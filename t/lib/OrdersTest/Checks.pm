# SPDX-License-Identifier: BSD-2-Clause

# What is tested of a response and of the logs.  The number of tests follows
# from the sections, so that a plan can be counted: for each request
#
#   status code              1 (error_code, error_code_like, or 200)
#   raw_response_headers_*   1 each
#   response_headers(_like)  1 for each header
#   response_body(_like...)  1
#   grep_error_log           1
#   error_log, no_error_log, access_log, no_access_log   1 for each pattern
#
# and none of the response's with ignore_response.

package OrdersTest::Checks;

use strict;
use warnings;

use Digest::MD5 ();
use Digest::SHA ();
use Encode ();
use Test::More ();

use OrdersTest::Server;
use OrdersTest::Settings qw(%set);

my %body_filter = (
    md5_hex  => \&Digest::MD5::md5_hex,
    sha1_hex => \&Digest::SHA::sha1_hex,
    uc       => sub { uc $_[0] },
    lc       => sub { lc $_[0] },
    ucfirst  => sub { ucfirst $_[0] },
    lcfirst  => sub { lcfirst $_[0] },
    length   => sub { length $_[0] },
);


# at: { request => which of the block's requests, repeat => which repetition,
#       many => the block has several, so that sections are arrays }
sub response
{
    my ($block, $response, $at) = @_;

    status($block, $response, $at);
    raw_headers($block, $response, $at);
    headers($block, $response, $at);
    body($block, $response, $at);
    return;
}


# The element of an array section that belongs to this request.
sub expected
{
    my ($block, $section, $at) = @_;

    my $value = $block->$section;
    return ref $value eq 'ARRAY' ? $value->[$at->{request}] : $value
        if !$at->{many} || ref $value eq 'ARRAY';

    OrdersTest::Server::bail_out($block->name, ' - You asked for many'
        . " requests, the expected results ($section) should be arrays as"
        . ' well.');
    return;
}


sub status
{
    my ($block, $response, $at) = @_;

    my $code = $response ? $response->code : '';
    my $name = $block->name . ' - status code ok';

    if (defined $block->error_code_like) {
        my $pattern = expected($block, 'error_code_like', $at);
        Test::More::like($code, qr/$pattern/sm, $name);
        return;
    }

    my $wanted = defined $block->error_code
        ? expected($block, 'error_code', $at) : 200;
    Test::More::is($code, $wanted, $name);
    return;
}


sub raw_headers
{
    my ($block, $response, $at) = @_;

    my $raw = $response ? $response->{raw_headers} : '';

    if (defined $block->raw_response_headers_like) {
        my $pattern = expected($block, 'raw_response_headers_like', $at);
        Test::More::like($raw, qr/$pattern/s,
            $block->name . ' - raw resp headers like');
    }

    if (defined $block->raw_response_headers_unlike) {
        my $pattern = expected($block, 'raw_response_headers_unlike', $at);
        Test::More::unlike($raw, qr/$pattern/s,
            $block->name . ' - raw resp headers unlike');
    }

    return;
}


sub headers
{
    my ($block, $response, $at) = @_;

    my $section = defined $block->response_headers ? 'response_headers'
        : defined $block->response_headers_like ? 'response_headers_like'
        : return;
    my $is_like = $section =~ /like/;

    for my $line (split /\n/, expected($block, $section, $at)) {
        $line =~ s/^\s+|\s+$//g;

        if (!$is_like && $line =~ s/^!\s*//) {
            Test::More::unlike($response ? $response->{raw_headers} : '',
                qr/^\s*\Q$line\E\s*:/mi, $block->name
                . " - header $line not present in the raw headers");
            next;
        }

        my ($key, $value) = split /\s*:\s*/, $line, 2;
        next if !defined $key;
        my $got = $response ? $response->header($key) : undef;
        $got = '' if !defined $got;
        $value = '' if !defined $value;

        if ($is_like) {
            Test::More::like($got, qr/^$value$/,
                $block->name . " - header $key like ok");
        } else {
            Test::More::is($got, with_port($value),
                $block->name . " - header $key ok");
        }
    }

    return;
}


sub with_port
{
    my ($text) = @_;

    $text =~ s/\$ServerPortForClient\b/$set{client_port}/g;
    $text =~ s/\$ServerPort\b/$set{server_port}/g;
    return $text;
}


sub body
{
    my ($block, $response, $at) = @_;

    my $content = filtered_body($block, $response, $at);
    my $which = "repeated req $at->{repeat}, req $at->{request}";

    if (defined $block->response_body) {
        my $wanted = expected($block, 'response_body', $at);

        if (ref $wanted) {
            Test::More::like($content, $wanted,
                $block->name . " - response_body - like ($which)");
        } else {
            Encode::from_to($wanted, 'UTF-8', $block->charset)
                if $block->charset;
            $wanted = with_port($wanted) if defined $wanted;
            Test::More::is($content, $wanted, $block->name
                . " - response_body - response is expected ($which)");
        }

    } elsif (defined $block->response_body_like) {
        my $wanted = with_port(expected($block, 'response_body_like', $at));
        Test::More::like($content, qr/$wanted/s,
            $block->name . ' - response_body_like');

    } elsif (defined $block->response_body_unlike) {
        my $wanted = with_port(expected($block, 'response_body_unlike', $at));
        Test::More::unlike($content, qr/$wanted/s,
            $block->name . ' - response_body_unlike');
    }

    $_->($block, $content, $at->{request}, $at->{repeat}, 0)
        for @{ $set{body_checks} };
    return;
}


# --- response_body_filters: names, functions, or an array of arrays.
sub filtered_body
{
    my ($block, $response, $at) = @_;

    my $content = $response ? $response->{content} : undef;
    my $filters = $block->response_body_filters;
    return $content if !defined $content || !defined $filters;

    $filters = ref $filters eq 'ARRAY' ? $filters
        : ref $filters ? [$filters] : [split ' ', $filters];
    $filters = $filters->[$at->{request}] if ref $filters->[0] eq 'ARRAY';
    OrdersTest::Server::bail_out($block->name, ' - response_body_filters lacks'
        . " an array for request $at->{request}") if ref $filters ne 'ARRAY';

    for my $filter (@$filters) {
        my $code = ref $filter ? $filter : $body_filter{$filter};
        OrdersTest::Server::bail_out($block->name,
            qq{ - unknown filter "$filter"}) if !$code;
        $content = $code->($content);
    }

    return $content;
}


# The patterns of a section: lines, a regexp, or an array of both.
sub patterns
{
    my ($value) = @_;

    return ref $value eq 'ARRAY' ? grep { defined } @$value
        : ref $value ? ($value)
        : grep { $_ ne '' } split /\n+/, $value;
}


sub matches
{
    my ($line, $pattern) = @_;

    return ref $pattern ? $line =~ $pattern : index($line, $pattern) >= 0;
}


sub has_lines
{
    my ($block, $section, $lines, $at, $file) = @_;

    return if !defined $block->$section;

    for my $pattern (patterns($block->$section)) {
        my $found = grep { matches($_, $pattern) } @$lines;

        Test::More::ok($found, $block->name . qq{ - pattern "$pattern" }
            . ($found ? 'matches' : 'should match')
            . " a line in $file (req $at->{repeat})");
    }

    return;
}


sub has_no_lines
{
    my ($block, $section, $lines, $at, $file) = @_;

    return if !defined $block->$section;

    for my $pattern (patterns($block->$section)) {
        my ($found) = grep { matches($_, $pattern) } @$lines;

        Test::More::ok(!defined $found,
            $block->name . qq{ - pattern "$pattern" }
            . (defined $found ? 'should not match any' : 'does not match a')
            . " line in $file (req $at->{repeat})");
        Test::More::diag("the line is: $found") if defined $found;
    }

    return;
}


sub error_log
{
    my ($block, $at) = @_;

    my $lines = OrdersTest::Server::error_log_lines();

    grep_lines($block, $lines, $at);
    has_lines($block, 'error_log', $lines, $at, 'error.log');
    has_no_lines($block, 'no_error_log', $lines, $at, 'error.log');

    # what a block does not speak of is shown, and a crash always fails
    for my $level (qw(alert crit emerg)) {
        next if grep { defined && names_level($_, $level) }
            $block->error_log, $block->no_error_log;
        for my $line (grep { /\[$level\]/ } @$lines) {
            warn 'WARNING: ', $block->name, " - $line";
        }
    }

    for my $line (@$lines) {
        Test::More::fail($block->name . " - $line")
            if $line =~ /\bAssertion .*?failed\b/;
    }

    return;
}


sub names_level
{
    my ($value, $level) = @_;

    return grep { index($_, "[$level") >= 0 } patterns($value);
}


# --- grep_error_log, --- grep_error_log_out: what matches, a line for each.
sub grep_lines
{
    my ($block, $lines, $at) = @_;

    my $pattern = $block->grep_error_log;
    my $wanted = $block->grep_error_log_out;
    OrdersTest::Server::bail_out($block->name, ' - grep_error_log and'
        . ' grep_error_log_out come together or not at all')
        if defined $pattern != defined $wanted;

    $pattern = $pattern->[$at->{repeat}] if ref $pattern eq 'ARRAY';
    return if !defined $pattern;
    $wanted = $wanted->[$at->{repeat}] if ref $wanted eq 'ARRAY';

    my $regexp = ref $pattern ? $pattern : qr/\Q$pattern\E/;
    my $got = '';
    for my $line (@$lines) {
        next if $line !~ $regexp;
        my $match = substr $line, $-[0], $+[0] - $-[0];
        $got .= "$match\n" if $match !~ /\n/;
    }

    my $name = $block->name . " - grep_error_log_out (req $at->{repeat})";
    if (ref $wanted) {
        Test::More::like($got, $wanted, $name);
    } else {
        Test::More::is($got, $wanted, $name);
    }

    return;
}


sub access_log
{
    my ($block, $at) = @_;

    return if !defined $block->access_log && !defined $block->no_access_log;

    my $lines = OrdersTest::Server::access_log_lines();
    has_lines($block, 'access_log', $lines, $at, 'access.log');
    has_no_lines($block, 'no_access_log', $lines, $at, 'access.log');
    return;
}


# After nginx has left: what it said on its way out.
sub shutdown_log
{
    my ($block) = @_;

    return if !defined $block->shutdown_error_log;

    my $lines = OrdersTest::Server::error_log_lines();
    my $at = { repeat => 0 };
    has_lines($block, 'shutdown_error_log', $lines, $at, 'error.log');
    has_no_lines($block, 'no_shutdown_error_log', $lines, $at, 'error.log');
    return;
}

1;
