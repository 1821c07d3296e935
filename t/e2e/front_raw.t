# SPDX-License-Identifier: BSD-2-Clause

# HTTP as bytes: lengths that lie, odd chunks, other methods and versions, long
# addresses and headers.  A row is a name, the bytes (in pieces with a pause
# between), the statuses that come back, and what their text is like.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stage;
use Test::More;
use Time::HiRes qw(sleep time);

my $query = '{"query":"{ __typename }"}';
my $order = '{"query":"mutation { postOrder(input: {name: \"x\", quantity: 1,'
    . ' restaurantId: \"r\"}) { id } }"}';
my $good = qr/\{"data":\{"__typename":"Query"\}\}\z/;


sub head
{
    my ($line, %header) = @_;

    %header = (Host => 'x', Connection => 'close',
        'Content-Type' => 'application/json', %header);
    return "$line\r\n" . join('', map { "$_: $header{$_}\r\n" }
        grep { defined $header{$_} } sort keys %header) . "\r\n";
}


sub with_length
{
    my ($length, $body, %header) = @_;

    return head('POST /graphql HTTP/1.1', 'Content-Length' => $length, %header)
        . $body;
}


# The pieces as chunks, without an end.
sub chunks
{
    return head('POST /graphql HTTP/1.1', 'Transfer-Encoding' => 'chunked')
        . join '', map { sprintf "%x\r\n%s\r\n", length, $_ } @_;
}


sub get
{
    my ($arguments) = @_;

    return head("GET /get?$arguments HTTP/1.1", 'Content-Type' => undef,
        'GraphQL-Require-Preflight' => 1);
}


my $n = length $query;
my $singles = chunks(split //, $query) . "0\r\n\r\n";

my @rows = (
    ['a body of its length', with_length($n, $query), [200], $good],
    ['a body in two pieces',
        [with_length($n, substr $query, 0, 5), substr $query, 5], [200], $good],
    ['a header in single bytes', [split //, with_length($n, $query)], [200],
        $good],
    ['line feeds alone', with_length($n, $query) =~ s/\r//gr, [200], $good],
    ['empty lines before the request', "\r\n\r\n" . with_length($n, $query),
        [200], $good],

    ['a length that is too small',
        with_length(10, $query, Connection => 'keep-alive'), [400, 400],
        qr/not good JSON.*400 Bad Request/s],
    ['a length of 0', with_length(0, ''), [400], qr/no body/],
    ['a length that is none', with_length('ten', $query), [400]],
    ['a length below 0', with_length(-1, $query), [400]],
    ['a length beyond all', with_length('9' x 30, $query), [400]],
    ['two lengths', with_length($n, $query, 'Content-length' => $n), [400]],
    ['a length and chunks', with_length($n, "1a\r\n$query\r\n0\r\n\r\n",
        'Transfer-Encoding' => 'chunked'), [400]],
    ['a body without a length', head('POST /graphql HTTP/1.0') . $query, [400],
        qr/no body/],

    ['chunks of a byte', $singles, [200], $good],
    ['chunks that come slowly', [split /(?<=\n)/, $singles], [200], $good],
    ['a chunk with extensions', head('POST /graphql HTTP/1.1',
        'Transfer-Encoding' => 'chunked')
        . "1A;a=b;c=\"d\"\r\n$query\r\n0;e\r\n\r\n", [200], $good],
    ['chunks with trailers',
        chunks($query) . "0\r\n" . ("X-A: b\r\n" x 5000) . "\r\n", [200], $good],
    ['no chunk at all', chunks() . "0\r\n\r\n", [400], qr/no body/],
    ['a chunk whose size is none', head('POST /graphql HTTP/1.1',
        'Transfer-Encoding' => 'chunked') . "zz\r\n$query\r\n0\r\n\r\n", [400]],
    ['a chunk whose size is beyond all', head('POST /graphql HTTP/1.1',
        'Transfer-Encoding' => 'chunked') . ('f' x 17) . "\r\n$query", [400]],
    ['chunks in HTTP/1.0', head('POST /graphql HTTP/1.0',
        'Transfer-Encoding' => 'chunked') . "1a\r\n$query\r\n0\r\n\r\n", [400]],
    ['another transfer coding', with_length($n, $query,
        'Transfer-Encoding' => 'gzip'), [501]],
    ['a transfer coding before chunks', with_length($n, $query,
        'Transfer-Encoding' => 'gzip, chunked'), [501]],
    ['chunks of many megabytes', chunks((' ' x 1_000_000) x 40)
        . "0\r\n\r\n", [413]],

    ['a body that is waited for', [with_length($n, '',
        Expect => '100-continue'), $query], [100, 200], $good],
    ['a body that is refused before it comes', with_length(5_000_000, '',
        Expect => '100-continue'), [413], qr/PAYLOAD_TOO_LARGE/],
    ['a body that comes although it was refused',
        with_length($n, $query . $query,
        Expect => '100-continue', 'Content-Type' => 'text/plain',
        Connection => 'keep-alive'), [415], qr/^Connection: close\r$/m],
    ['an expectation that nobody knows',
        with_length($n, $query, Expect => 'banana'), [200], $good],

    ['HTTP/0.9', "GET /graphql\r\n", [], qr/METHOD_NOT_ALLOWED/],
    ['HTTP/2.0 without asking', "POST /graphql HTTP/2.0\r\n\r\n", [505]],
    ['the preface of HTTP/2', "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [400]],
    ['an upgrade to HTTP/2', with_length($n, $query, Upgrade => 'h2c',
        Connection => 'close, Upgrade'), [200], $good],
    ['the hello of TLS', "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        [400]],

    (map {
        [$_, head("$_ /graphql HTTP/1.1", 'Content-Length' => $n) . $query,
            [405], qr/^Allow: POST\r$/m]
    } qw(GET PUT DELETE PATCH PROPFIND MKCOL LOCK PURGE)),
    ['TRACE', head('TRACE /graphql HTTP/1.1'), [405]],
    ['CONNECT', head('CONNECT /graphql HTTP/1.1'), undef,   # newer: 400
        qr{\AHTTP/1\.1 40[05] }],
    ['HEAD', head('HEAD /graphql HTTP/1.1'), [405], qr/\r\n\r\n\z/],
    ['OPTIONS', head('OPTIONS /graphql HTTP/1.1', 'Content-Length' => $n)
        . $query, [204], qr/^Allow: POST\r$/m],
    ['a method in small letters', head('post /graphql HTTP/1.1'), [400]],

    ['a long argument', get('x=' . 'a' x 60_000 . '&query={__typename}'), [200],
        $good],
    ['many arguments', get('a=b&' x 15_000 . 'query={__typename}'), [200],
        $good],
    ['many ampersands', get('&' x 60_000 . 'query={__typename}'), [200], $good],
    ['a long query', get('query=' . 'a' x 60_000), [200], qr/PARSE_FAILED/],
    ['a query longer than the buffer', get('query=' . 'a' x 70_000), [414]],
    ['nested variables', get('query={__typename}&variables=' . '%5B' x 15_000),
        [400], qr/nested too deeply/],
    ['a NUL in the query', get('query=%00'), [200], qr/U\+0000/],
    ['a NUL in the address', head('POST /graphql%00 HTTP/1.1'), [400]],

    ['many headers', with_length($n, $query, map { ("X-$_" => 1) } 1 .. 900),
        [200], $good],
    ['many Accept headers', with_length($n, $query) =~
        s{(?=Conn)}{"Accept: text/html;q=0.1, */*\r\n" x 900}er, [200], $good],
    ['a long Accept', with_length($n, $query,
        Accept => 'a/b;q=0.1,' x 5000 . '*/*'), [200], $good],
    ['quotes without end', with_length($n, $query, Accept => '"' x 1001), [406],
        qr/NOT_ACCEPTABLE/],
    ['parameters without end', with_length($n, $query,
        'Content-Type' => 'application/json' . ';a="b"' x 5000), [200], $good],
);


my $stage = OrdersTest::Stage->new;
my $redis = $stage->redis;
$stage->nginx("location /graphql { graphql_orders redis://$redis; }"
    . " location /get { graphql_orders redis://$redis; graphql_orders_get on; }",
    http => 'large_client_header_buffers 8 64k; client_body_timeout 5s;');
OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
my ($worker) = $stage->workers;

for my $row (@rows) {
    my ($name, $bytes, $statuses, $like) = @$row;
    my $text = exchange(ref $bytes ? @$bytes : $bytes);
    my @got = $text =~ m{HTTP/1\.\d (\d+)}g;

    is_deeply(\@got, $statuses, "$name: @$statuses") if $statuses;
    like($text, $like, "$name: what it says") if $like;
}


# Broken off, the connection being closed on one side or on both.
for my $bytes (with_length(length $order, substr $order, 0, 60),
    chunks(substr $order, 0, 60), chunks($order), chunks($order) . "0\r\n",
    head('POST /graphql HTTP/1.1', 'Content-Length' => 200),
    "POST /graphql HTTP/1.1\r\nHost: x\r\n", 'POST /gra')
{
    my $socket = $stage->connect;
    syswrite $socket, $bytes;
    shutdown $socket, 1;
    my $text = slurp($socket);
    unlike($text, qr/"data"/, 'what is broken off is not executed');

    $socket = $stage->connect;
    syswrite $socket, $bytes;
    close $socket;
}

is($stage->command('EXISTS', '{orders:0}:queue'), 0, 'nothing was queued');
is(($stage->workers)[0], $worker, 'the process is the same as at the start');
unlike($stage->log, qr/\[(?:alert|crit|emerg)\]|exited on signal/,
    'nothing bad in the log');
done_testing();


sub exchange
{
    my @pieces = @_;

    local $SIG{PIPE} = 'IGNORE';
    my $socket = $stage->connect;
    $socket->sockopt(Socket::TCP_NODELAY(), 1) if @pieces > 1;
    for my $i (0 .. $#pieces) {
        sleep 0.002 if $i > 0;
        my $bytes = $pieces[$i];
        while (length $bytes) {
            my $sent = syswrite $socket, $bytes or last;
            substr $bytes, 0, $sent, '';
        }
    }

    return slurp($socket);
}


sub slurp
{
    my ($socket) = @_;

    my $text = '';
    my $select = IO::Select->new($socket);
    while ($select->can_read(6)) {
        last if !sysread $socket, $text, 65536, length $text;
    }

    return $text;
}
