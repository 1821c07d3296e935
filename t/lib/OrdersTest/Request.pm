# SPDX-License-Identifier: BSD-2-Clause

# From the sections of a block to the bytes on the wire.  A request is a list
# of packets, each { value => bytes, delay_before => seconds }.
#
#   --- request            METHOD [path [version]], then the body; an array of
#                          requests; a request may be an array of packets
#   --- pipelined_requests an array, sent at once over one connection
#   --- raw_request        the bytes, or an array of packets
#   --- more_headers       lines, or an array with one string for each request

package OrdersTest::Request;

use strict;
use warnings;

use OrdersTest::Server;
use OrdersTest::Settings qw(%set);


# Array of requests.
sub from_block
{
    my ($block) = @_;

    my $raw = $block->raw_request;
    if (defined $raw) {
        return [[map { { value => $_ } } ref $raw ? @$raw : $raw]];
    }

    return [pipelined($block)] if $block->pipelined_requests;

    my $request = $block->request;
    if (!ref $request) {
        $request = '' if !defined $request;
        1 while $request =~ s/\A\s*#[^\n]+\s+|\A\s+//;    # comments
        $request = [$request];
    }

    my $index = 0;
    return [map { [packets($block, $_, $index++, 'close')] } @$request];
}


sub pipelined
{
    my ($block) = @_;

    my $requests = $block->pipelined_requests;
    OrdersTest::Server::bail_out($block->name,
        ' - invalid entries in --- pipelined_requests')
        if ref $requests ne 'ARRAY';

    my $bytes = '';
    for my $i (0 .. $#$requests) {
        my $connection = $i == $#$requests ? 'close' : 'keep-alive';
        my ($packet) = packets($block, $requests->[$i], $i, $connection);
        $bytes .= $packet->{value};
    }

    return [{ value => $bytes }];
}


# The packets of one request, the request line and headers completed.
sub packets
{
    my ($block, $request, $index, $connection) = @_;

    my @packets = map { ref $_ ? { %$_ } : { value => $_ } }
        ref $request ? @$request : $request;

    my $whole = join '', map { $_->{value} } @packets;
    my ($line, $body) = $whole =~ /\A([^\n]*\n?)(.*)\z/s;
    my ($full_line, @words) = request_line($block, $line);
    my ($headers, $wire_body) = headers($block, $index, $connection, $body);

    # the line leaves the packets, and comes back completed, cut as it was
    my ($seen, $done) = (0, 0);
    my @heads;
    for my $packet (@packets) {
        my $left = length($line) - $seen;
        my $size = length $packet->{value};
        $size = $left if $size > $left;
        substr($packet->{value}, 0, $size) = '';
        $seen += $size;

        my $end = $size < $left ? place($seen, @words) : undef;
        $end = length $full_line if !defined $end;
        push @heads, substr $full_line, $done, $end - $done;
        $done = $end;
        last if $size == $left;
    }
    $heads[-1] .= "$headers\r\n";

    trim_body(\@packets, $body, $wire_body);
    $packets[$_]{value} = $heads[$_] . $packets[$_]{value} for 0 .. $#heads;
    return @packets;
}


# The completed line, and the words that were given: [offset, text].
sub request_line
{
    my ($block, $line) = @_;

    OrdersTest::Server::bail_out($block->name, " - Request line is not valid."
        . " Should be 'meth [url [version]]' but got \"$line\".")
        if $line !~ /\A\s*\S+(?: +\S+){0,2}\s*\z/;

    my @words;
    push @words, [$-[0], $1] while $line =~ /(\S+)/g;

    my @full = map { $_->[1] } @words;
    push @full, '/' if @full == 1;
    push @full, 'HTTP/1.1' if @full == 2;
    return ("@full\r\n", @words);
}


# Where an offset of the given line is in the completed one: in a word as it
# was, between words before the next one; undef behind the last word.
sub place
{
    my ($offset, @words) = @_;
    my $at = 0;

    for my $word (@words) {
        my ($start, $text) = @$word;
        return $at if $offset <= $start;
        return $at + $offset - $start if $offset < $start + length $text;
        $at += length($text) + 1;
    }

    return;
}


# The body may have lost white space at its ends.
sub trim_body
{
    my ($packets, $body, $wire_body) = @_;

    return if $body eq $wire_body;

    my $left = length($body) - length($body =~ s/\A\s+//r);
    my $right = length($body) - $left - length $wire_body;

    for my $packet (@$packets) {
        my $cut = length $packet->{value} < $left
            ? length $packet->{value} : $left;
        substr($packet->{value}, 0, $cut) = '';
        $left -= $cut;
    }

    for my $packet (reverse @$packets) {
        my $cut = length $packet->{value} < $right
            ? length $packet->{value} : $right;
        substr($packet->{value}, -$cut) = '' if $cut > 0;
        $right -= $cut;
    }

    return;
}


# Host and Connection unless given, --- more_headers, Content-Length unless
# given or chunked.  With our Content-Length the body's ends are trimmed.
sub headers
{
    my ($block, $index, $connection, $body) = @_;

    my $more = more_headers($block, $index);
    my $chunked = $more =~ /^(?i:transfer-encoding): chunked\r$/m;

    my $text = '';
    $text .= "Host: $set{server_name}\r\n" if $more !~ /^Host:/mi;
    $text .= "Connection: $connection\r\n" if $more !~ /^Connection/mi;
    $text .= $more;

    if (!$chunked && $body ne '' && $more !~ /^Content-Length:/m) {
        $body =~ s/^\s+|\s+$//g;
        $text .= 'Content-Length: ' . length($body) . "\r\n";
    }

    return ($text, $body);
}


sub more_headers
{
    my ($block, $index) = @_;

    my $more = $block->more_headers;
    if (ref $more) {
        $more = $more->[$index];
        OrdersTest::Server::bail_out($block->name,
            " - more_headers lacks data for request $index")
            if !defined $more;
    }

    my $text = '';
    for my $line (split /\n+/, defined $more ? $more : '') {
        next if $line =~ /^\s*#/;
        my ($name, $value) = split /:\s*/, $line, 2;
        $value = '' if !defined $value;
        $text .= "$name: $value\r\n";
    }

    return $text;
}

1;
