# SPDX-License-Identifier: BSD-2-Clause

# Responses that do not fit into the socket's buffer: whoever reads slowly gets
# all of it, and whoever stops reading keeps nothing.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Stage;
use Socket qw(SOL_SOCKET SO_RCVBUF pack_sockaddr_in inet_aton);
use Test::More;
use Time::HiRes qw(sleep);

my $orders = 100;
my $name = 'x' x 20_000;
my $schema = '{"query":"{ __schema { types { name description fields { name'
    . ' description args { name type { name kind } } type { name kind } }'
    . ' inputFields { name description type { name kind } } } } }"}';
my $list = '{"query":"{ orders { id name } }"}';

my $stage = OrdersTest::Stage->new;
my $redis = $stage->redis;
store() for 1 .. $orders;
$stage->nginx("send_timeout 1s; location /graphql { graphql_orders"
    . " redis://$redis; }", listen => 'sndbuf=4k');
OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
my ($worker) = $stage->workers;


{
    my $response = read_slowly($schema, 4096);
    like($response->{body}, qr/\A\{"data":\{"__schema":.*\}\]\}\}\}\z/s,
        'a schema that is read slowly comes to its end');
}


{
    my $response = read_slowly($list, 65536);
    my $names = () = $response->{body} =~ /"name":"$name"/g;
    is($names, $orders, 'a list of orders that is read slowly is whole');
}


# Two megabytes are in the way when the second request comes.
{
    my $socket = small_socket();
    OrdersTest::Stage::send_post($socket, $list);
    OrdersTest::Stage::send_post($socket, '{"query":"{ __typename }"}',
        Connection => 'close');
    sleep 0.3;
    my $text = slurp($socket, 65536);
    like($text, qr/"orders":\[.*\}\r?\n?HTTP.*\{"data":\{"__typename"/s,
        'a request behind a large response is answered after it');
}


{
    my @sockets = map { small_socket() } 1 .. 10;
    OrdersTest::Stage::send_post($_, $list) for @sockets;
    ok(OrdersTest::Stage::wait_for(sub {
        my $gone = () = $stage->log =~ /client timed out/g;
        $gone == 10;
    }), 'clients that do not read are given up');
    close $_ for @sockets;
}


{
    my @sockets = map { small_socket() } 1 .. 10;
    OrdersTest::Stage::send_post($_, $list) for @sockets;
    sleep 0.2;
    close $_ for @sockets;
    is($stage->post('{"query":"{ __typename }"}')->{status}, 200,
        'clients that leave within a response are no trouble');
}


is(($stage->workers)[0], $worker, 'it is the same process');
ok($stage->stop_nginx('QUIT'), 'nothing keeps it from leaving');
unlike($stage->log, qr/\[(?:alert|crit|emerg)\]|open socket|exited on signal/,
    'nothing bad in the log');
done_testing();


sub store
{
    my $id = sprintf '019320c0-0000-7000-8000-%012x', ++$stage->{stored};
    my $at = '2026-11-24T06:35:07.123Z';

    $stage->command('HSET', "{orders:0}:order:$id", 'v', 1, 'userId',
        'anonymous', 'orderStatus', 'SUCCESS', 'createdAt', $at, 'updatedAt',
        $at, 'input', qq({"name":"$name","quantity":1,"restaurantId":"r"}));
    $stage->command('ZADD', '{orders:0}:user:anonymous', 0, $id);
    return;
}


# Its receive buffer must be small before it connects.
sub small_socket
{
    my $socket = IO::Socket::INET->new(Proto => 'tcp');

    setsockopt $socket, SOL_SOCKET, SO_RCVBUF, 4096;
    connect $socket, pack_sockaddr_in($stage->{port}, inet_aton('127.0.0.1'))
        or die "nginx: $!";
    return $socket;
}


sub read_slowly
{
    my ($body, $step) = @_;

    my $socket = small_socket();
    OrdersTest::Stage::send_post($socket, $body, Connection => 'close');

    sleep 0.2;
    my ($head, $rest) = split /\r\n\r\n/, slurp($socket, $step), 2;
    my ($length) = $head =~ /^Content-Length: (\d+)/m;
    is(length $rest, $length, 'as many bytes as were announced');
    return { body => $rest };
}


sub slurp
{
    my ($socket, $step) = @_;

    my $text = '';
    my $select = IO::Select->new($socket);
    while ($select->can_read(5)) {
        last if !sysread $socket, $text, $step, length $text;
        sleep 0.001;
    }

    return $text;
}
