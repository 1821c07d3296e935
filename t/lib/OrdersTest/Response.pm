# SPDX-License-Identifier: BSD-2-Clause

# A parsed HTTP response, as much of it as the checks look at.

package OrdersTest::Response;

use strict;
use warnings;

use Test::More ();


# Parses one response off the front of the bytes; returns it and what is left
# behind it.  Nothing at all, and a failed test, if its chunks are broken.
sub parse
{
    my ($class, $name, $raw, $is_head) = @_;

    my $self = bless { raw_headers => '', header => {}, content => '' },
        $class;

    my ($head, $body) = split /\r?\n\r?\n/, $raw, 2;
    $head = '' if !defined $head;
    $body = '' if !defined $body;
    $self->{raw_headers} = $1 if $raw =~ /\A(.*?\r\n)\r\n/s;

    my ($line, @lines) = split /\r?\n/, $head;
    my (undef, $code) = split ' ', defined $line ? $line : '';
    $self->{code} = $code if defined $code && $code =~ /^\d+$/;

    for my $header (@lines) {
        # one space is left out; any other would be the server's mistake
        my ($key, $value) = $header =~ /^([^\s:]+)[ \t]*: ?(.*)/ or next;
        push @{ $self->{header}{lc $key} }, $value;
    }

    $self->{content} = $body;
    return ($self) if defined $code && $code =~ /^(?:304|101)$/;

    my $encoding = $self->header('Transfer-Encoding');
    return $self->chunked($name) if defined $encoding
        && $encoding eq 'chunked';
    return $self->sized($name, $is_head);
}


# The values of all headers of the name, with commas between them.
sub header
{
    my ($self, $key) = @_;

    my $values = $self->{header}{lc $key} or return;
    return join ', ', @$values;
}


sub code
{
    my ($self) = @_;

    return defined $self->{code} ? $self->{code} : '';
}


sub sized
{
    my ($self, $name, $is_head) = @_;

    my $length = $self->header('Content-Length');
    return ($self) if !defined $length || $length !~ /^\d+$/;

    my $got = length $self->{content};
    if ($got < $length) {
        warn "WARNING: $name - response body truncated: $length expected,"
            . " but got $got\n" if !$is_head;
        return ($self);
    }

    my $left = substr $self->{content}, $length, $got - $length, '';
    return ($self, $left);
}


sub chunked
{
    my ($self, $name) = @_;

    my $raw = $self->{content};
    my $content = '';

    while ($raw =~ /\G[ \t]*([0-9A-Fa-f]+)[ \t]*\r\n/gc) {
        my $size = hex $1;

        if ($size == 0) {
            last if $raw !~ /\G\r\n/gc;
            $self->{content} = $content;
            return ($self, substr $raw, pos $raw);
        }

        my $from = pos $raw;
        last if length $raw < $from + $size + 2;
        $content .= substr $raw, $from, $size;
        pos($raw) = $from + $size;
        last if $raw !~ /\G\r\n/gc;
    }

    my $at = defined pos $raw ? pos $raw : 0;
    Test::More::fail("$name - invalid chunked body received: "
        . substr $raw, $at, 100);
    return;
}

1;
