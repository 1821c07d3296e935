# SPDX-License-Identifier: BSD-2-Clause

# HTTP/2 as frames: streams that are reset at each stage of a request, responses
# that find no window, lengths that lie.  A stream that goes takes nothing with
# it: those beside it are answered, and what Redis was told stands.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use IO::Select ();
use OrdersTest::Stage;
use Test::More;
use Time::HiRes qw(sleep time);

my %type = (DATA => 0, HEADERS => 1, RST_STREAM => 3, SETTINGS => 4,
    GOAWAY => 7, WINDOW_UPDATE => 8);
my ($end_stream, $end_headers) = (1, 4);
my $cancel = pack 'N', 8;

my $post = '{"query":"mutation { postOrder(input: {name: \"x\", quantity: 1,'
    . ' restaurantId: \"r\"}) { id } }"}';
my $change = '{"query":"mutation { deleteOrder('
    . 'id: \"019320c0-0000-7000-8000-000000000001\") { id } }"}';
my $schema = '{"query":"{ __schema { types { name fields { name } } } }"}';


sub frame
{
    my ($type, $flags, $stream, $payload) = @_;

    return pack('NCNa*', (length $payload) << 8 | $type{$type}, $flags, $stream,
        $payload);
}


# A literal header field without indexing; no length here needs a second byte.
sub field
{
    my ($name, $value) = @_;

    return pack 'CC/a*C/a*', 0, $name, $value;
}


sub headers
{
    my ($stream, $length, %more) = @_;

    my %field = ('content-type' => 'application/json',
        'content-length' => $length, %more);
    my $block = field(':method', 'POST') . field(':scheme', 'http')
        . field(':path', '/graphql') . field(':authority', 'x')
        . join '', map { field($_, $field{$_}) } sort keys %field;

    return frame(HEADERS => $end_headers, $stream, $block);
}


sub request
{
    my ($stream, $body) = @_;

    return headers($stream, length $body)
        . frame(DATA => $end_stream, $stream, $body);
}


# A connection, its settings sent; "window" is the room for each response.
sub http2
{
    my ($stage, $window) = @_;

    my $socket = $stage->connect;
    say_to($socket, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        . frame(SETTINGS => 0, 0,
            defined $window ? pack('nN', 4, $window) : ''));
    return { socket => $socket, bytes => '', body => {}, ended => {},
        reset => {} };
}


sub say_to
{
    my ($socket, $bytes) = @_;

    local $SIG{PIPE} = 'IGNORE';
    return syswrite $socket, $bytes;
}


# Reads frames until the streams have ended, or the time is over.
sub hear
{
    my ($c, $seconds, @streams) = @_;

    my $until = time + $seconds;
    while (grep { !$c->{ended}{$_} } @streams or !@streams) {
        my $left = $until - time;
        last if $left <= 0 || !IO::Select->new($c->{socket})->can_read($left);
        last if !sysread $c->{socket}, $c->{bytes}, 65536, length $c->{bytes};
        1 while take_frame($c);
    }

    return;
}


sub take_frame
{
    my ($c) = @_;

    return 0 if length $c->{bytes} < 9;
    my ($head, $flags, $stream) = unpack 'NCN', $c->{bytes};
    my ($length, $type) = ($head >> 8, $head & 255);
    return 0 if length $c->{bytes} < 9 + $length;

    my $payload = substr $c->{bytes}, 9, $length;
    substr $c->{bytes}, 0, 9 + $length, '';
    $c->{body}{$stream} .= $payload if $type == $type{DATA};
    $c->{reset}{$stream} = 1 if $type == $type{RST_STREAM};
    $c->{ended}{$stream} = 1 if $type == $type{RST_STREAM}
        || $type <= $type{HEADERS} && $flags & $end_stream;
    return 1;
}


sub scene
{
    my (%option) = @_;

    my $stage = OrdersTest::Stage->new;
    my $redis = $stage->redis;
    my $more = $option{more} || '';
    $stage->nginx("location /graphql { graphql_orders redis://$redis;"
        . " graphql_orders_timeout 10s; $more }", listen => 'http2');
    ok(OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ }), 'a scene');
    return $stage;
}


# The connection still serves, and the log is calm.
sub goes_on
{
    my ($stage, $c, $name) = @_;

    say_to($c->{socket}, request(101, $post));
    hear($c, 5, 101);
    like($c->{body}{101}, qr/"postOrder":\{"id"/, "$name: the next is served");
    close $c->{socket};

    ok($stage->stop_nginx('QUIT'), '... and nginx can quit');
    my @bad = $stage->log =~ /^.*(?:\[(?:alert|crit|emerg)\]|exited\ on\ signal
        |open\ socket|request\ count\ is\ zero|AddressSanitizer).*$/xmg;
    is_deeply(\@bad, [], '... with nothing bad in the log');
    return;
}


sub queued
{
    my ($stage, $count) = @_;

    return OrdersTest::Stage::wait_for(sub {
        $stage->command('LLEN', '{orders:0}:queue') == $count
    }, 5);
}


# Before the body, inside of it, and with the first byte missing.
{
    my $stage = scene();
    my $c = http2($stage);

    my $stream = 1;
    for my $sent (0, 1, 20, length($post) - 1) {
        say_to($c->{socket}, headers($stream, length $post)
            . ($sent ? frame(DATA => 0, $stream, substr $post, 0, $sent) : '')
            . frame(RST_STREAM => 0, $stream, $cancel));
        $stream += 2;
    }

    say_to($c->{socket}, headers($stream, 1000)
        . frame(DATA => $end_stream, $stream, $post));
    hear($c, 5, $stream);
    unlike($c->{body}{$stream} || '', qr/"data"/,
        'a length that lies is no order');

    ok(queued($stage, 0), 'half requests are no orders');
    goes_on($stage, $c, 'half requests');
}


# While Redis is asked: every other stream of forty.
{
    my $stage = scene();
    my $c = http2($stage);

    $stage->redis_signal('STOP');
    my @streams = map { 2 * $_ + 1 } 0 .. 39;
    say_to($c->{socket}, join '', map { request($_, $post) } @streams);
    sleep 0.2;
    my @left = grep { $_ % 4 == 1 } @streams;
    say_to($c->{socket}, frame(RST_STREAM => 0, $_, $cancel))
        for grep { $_ % 4 == 3 } @streams;
    sleep 0.2;
    $stage->redis_signal('CONT');

    hear($c, 10, @left);
    is(scalar(grep { ($c->{body}{$_} || '') =~ /"id"/ } @left), 20,
        'those beside are answered');
    is(scalar(grep { $_ % 4 == 3 && $c->{body}{$_} } @streams), 0,
        '... and those that were reset are not');
    ok(queued($stage, 40), '... but their orders stand');
    goes_on($stage, $c, 'reset while Redis is asked');
}


# While a worker is waited for, and while replicas are.
for my $case ([$change, '', 'a worker'],
    [$post, 'graphql_orders_durability replicas=1 9s;', 'replicas'])
{
    my ($body, $more, $name) = @$case;
    my $stage = scene(more => $more);
    my $c = http2($stage);
    OrdersTest::Stage::wait_for(sub {
        $stage->command('PUBSUB', 'CHANNELS') =~ /replies/
    });

    say_to($c->{socket}, join '', map { request($_, $body) } 1, 3, 5);
    ok(queued($stage, 3), "$name: the queue has it");
    sleep 0.1;
    say_to($c->{socket}, join '',
        map { frame(RST_STREAM => 0, $_, $cancel) } 1, 3, 5);
    say_to($c->{socket}, request(7, '{"query":"{ orders { id } }"}'));
    hear($c, 5, 7);
    like($c->{body}{7}, qr/"orders":\[\]/, '... queries are answered meanwhile');
    is_deeply([grep { $c->{body}{$_} } 1, 3, 5], [], '... and those are not');

    my @bad = $stage->log =~ /^.*(?:\[(?:alert|crit|emerg)\]|Sanitizer).*$/mg;
    is_deeply(\@bad, [], '... with nothing bad in the log');
}


# The response has no room, gets it byte by byte, or never.
{
    my $stage = scene();
    my $c = http2($stage, 0);

    say_to($c->{socket}, join '', map { request($_, $schema) } 1, 3);
    hear($c, 0.5);
    is_deeply([map { length($c->{body}{$_} || '') } 1, 3], [0, 0],
        'without a window nothing is sent');

    for (1 .. 30) {
        say_to($c->{socket}, frame(WINDOW_UPDATE => 0, 1, pack 'N', 7));
        hear($c, 0.01);
    }
    is(length $c->{body}{1}, 210, '... with a little one a little');

    say_to($c->{socket}, frame(RST_STREAM => 0, 3, $cancel)
        . frame(WINDOW_UPDATE => 0, 1, pack 'N', 1_000_000));
    hear($c, 5, 1);
    like($c->{body}{1}, qr/\A\{"data":\{"__schema".*\}\z/, '... then all of it');

    say_to($c->{socket}, frame(SETTINGS => 0, 0, pack 'nN', 4, 65535));
    goes_on($stage, $c, 'small windows');
}


# The connection ends with streams on it; a reload finds others waiting.
{
    my $stage = scene();
    my $c = http2($stage);
    my ($worker) = $stage->workers;

    $stage->redis_signal('STOP');
    say_to($c->{socket}, join '', map { request($_, $post) } 1, 3, 5);
    sleep 0.2;
    close $c->{socket};

    $c = http2($stage);
    say_to($c->{socket}, join '', map { request($_, $post) } 1, 3, 5);
    sleep 0.2;
    $stage->nginx_signal('HUP');
    OrdersTest::Stage::wait_for(sub { $stage->log =~ /gracefully shutting/ });
    $stage->redis_signal('CONT');
    hear($c, 10, 1, 3, 5);
    is(scalar(grep { ($c->{body}{$_} || '') =~ /"id"/ } 1, 3, 5), 3,
        'a reload lets streams end');
    ok(queued($stage, 6), '... and the orders of a lost connection stand');
    close $c->{socket};
    ok(OrdersTest::Stage::has_ended($worker, 10), '... then the process goes');

    goes_on($stage, http2($stage), 'after a reload');
}

done_testing();
