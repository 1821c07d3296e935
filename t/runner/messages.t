# SPDX-License-Identifier: BSD-2-Clause

# The bytes of requests, and how responses are read.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Blocks;
use OrdersTest::Request;
use OrdersTest::Response;
use Test::More;


sub packets
{
    my ($text) = @_;

    my $block = OrdersTest::Block->parse("=== a block\n$text");
    $block->filter;
    return OrdersTest::Request::from_block($block);
}


sub bytes
{
    my $requests = packets(@_);

    return join "\n--\n", map { join '', map { $_->{value} } @$_ } @$requests;
}

my $own = "Host: localhost\r\nConnection: close\r\n";

my %request = (
    'a path alone' => ["--- request\nGET /t\n",
        "GET /t HTTP/1.1\r\n$own\r\n"],
    'a method alone' => ["--- request\nGET\n", "GET / HTTP/1.1\r\n$own\r\n"],
    'another version' => ["--- request\n  GET /t HTTP/1.0\n",
        "GET /t HTTP/1.0\r\n$own\r\n"],
    'comments before it' => ["--- request\n# what\n# why\nGET /t\n",
        "GET /t HTTP/1.1\r\n$own\r\n"],
    'a body, its ends trimmed' => ["--- request\nPOST /t\n{\n  1 }\n\n",
        "POST /t HTTP/1.1\r\n${own}Content-Length: 7\r\n\r\n{\n  1 }"],
    'a given length leaves the body alone' => [
        "--- request\nPOST /t\n{}\n--- more_headers\nContent-Length: 9\n",
        "POST /t HTTP/1.1\r\n${own}Content-Length: 9\r\n\r\n{}\n"],
    'a chunked body goes out as it is' => [
        qq{--- request eval\n"POST /t\n1\\r\na\\r\n0\\r\n\\r\n"\n}
            . "--- more_headers\nTransfer-Encoding: chunked\n",
        "POST /t HTTP/1.1\r\n${own}Transfer-Encoding: chunked\r\n\r\n"
            . "1\r\na\r\n0\r\n\r\n"],
    'the coding is named as the server needs it' => [
        "--- request\nPOST /t\n{}\n--- more_headers\n"
            . "transfer-encoding: Chunked\n",
        "POST /t HTTP/1.1\r\n${own}transfer-encoding: Chunked\r\n"
            . "Content-Length: 2\r\n\r\n{}"],
    'headers replace our own' => [
        "--- request\nGET /t\n--- more_headers\nHost: h\nConnection: x\nA:b\n",
        "GET /t HTTP/1.1\r\nHost: h\r\nConnection: x\r\nA: b\r\n\r\n"],
    'several requests with headers for each' => [
        qq{--- request eval\n["GET /a", "POST /b\nx"]\n}
            . qq{--- more_headers eval\n["A: 1", "A: 2"]\n},
        "GET /a HTTP/1.1\r\n${own}A: 1\r\n\r\n\n--\n"
            . "POST /b HTTP/1.1\r\n${own}A: 2\r\nContent-Length: 1\r\n\r\nx"],
    'pipelined ones keep the connection' => [
        qq{--- pipelined_requests eval\n["GET /a", "GET /b"]\n},
        "GET /a HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive\r\n\r\n"
            . "GET /b HTTP/1.1\r\n$own\r\n"],
    'a raw request is not touched' => [
        qq{--- raw_request eval\n["GE", "T /\\r\\n"]\n}, "GET /\r\n"],
);

for my $name (sort keys %request) {
    my ($text, $expected) = @{ $request{$name} };
    is(bytes($text), $expected, "request: $name");
}

my $packets = packets('--- request eval' . "\n"
    . qq{[["POST /t\\nna", {value => "me=", delay_before => 2}, " foo "]]\n});
is_deeply([map { $_->{value} } @{ $packets->[0] }],
    ["POST /t HTTP/1.1\r\n${own}Content-Length: 9\r\n\r\nna", 'me=', ' foo'],
    'packets are sent one by one, the head completed in the first');
is($packets->[0][1]{delay_before}, 2, 'a packet keeps its delay');

$packets = packets('--- request eval' . "\n"
    . qq{[["PO", "ST /", "t\\n", "{}"], ["GET ", "/t", "\\n"]]\n});
is_deeply([map { [map { $_->{value} } @$_] } @$packets],
    [['PO', 'ST /', "t HTTP/1.1\r\n${own}Content-Length: 2\r\n\r\n", '{}'],
     ['GET ', "/t HTTP/1.1\r\n", "$own\r\n"]],
    'a request line in packets is completed, and stays cut');

for my $line ('GET /t HTTP/1.1 more', "GET\t/t") {
    no warnings 'redefine';
    local *OrdersTest::Server::bail_out = sub { die @_ };
    eval { packets("--- request\n$line\n") };
    like($@, qr/Request line is not valid/, "no request line: $line");
}


sub response
{
    return OrdersTest::Response->parse('a block', @_);
}

my ($response, $left) = response("HTTP/1.1 201 Created\r\nA: 1\r\na:2\r\n"
    . "Content-Length: 2\r\n\r\nxyHTTP/1.1 200 OK\r\n\r\nz");
is($response->code, 201, 'the status code');
is($response->header('A'), '1, 2', 'a header that comes twice is joined');
is($response->header('none'), undef, 'a header that is not there');
is($response->{content}, 'xy', 'the body ends where its length says');
($response, $left) = response($left);
is($response->{content}, 'z', 'the next response follows; without a length the'
    . ' body goes to the end');

($response, $left) = response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"
    . "\r\n\r\n3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\nmore");
is($response->{content}, 'abc0123456789', 'chunks are put together');
is($left, 'more', 'what follows the last chunk is left');

($response) = response("HTTP/1.1 200 OK\r\nA:  b \r\nC:d\r\n\r\n");
is($response->header('A') . '|' . $response->header('C'), ' b |d',
    'spaces that a server put too many are seen');

($response) = response('');
is($response->code, '', 'nothing at all has no status');

($response) = response("HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n");
is($response->{content}, '', 'a response without a body may name a length');

done_testing();
