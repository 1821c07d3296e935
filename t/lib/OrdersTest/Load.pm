# SPDX-License-Identifier: BSD-2-Clause

# Posts orders to the front door over many keepalive connections at once, in
# one process:
#
#   my $load = OrdersTest::Load->new(port => $port, connections => 32,
#       orders => 10_000);
#   $load->run(sub { ... });    # called all the time, with the number of answers
#   $load->{acknowledged};      # ids, in the order of the answers
#
# An answer other than an id is kept in {refused}; a connection that ends with
# a request in flight is opened anew and the request counted in {unknown}.

package OrdersTest::Load;

use strict;
use warnings;

use IO::Select ();
use IO::Socket::INET ();
use Time::HiRes qw(sleep time);


sub new
{
    my ($class, %option) = @_;

    return bless {
        connections  => 32,
        headers      => '',
        seconds      => 120,
        left         => $option{orders},
        acknowledged => [],
        refused      => [],
        unknown      => 0,
        %option,
    }, $class;
}


sub body
{
    my ($n) = @_;

    my $quantity = 1 + $n % 9;
    return '{"query":"mutation($i: OrderInput!) { postOrder(input: $i) { id'
        . ' orderStatus } }","variables":{"i":{"name":"Margherita",'
        . qq("quantity":$quantity,"restaurantId":"r-17"}}});
}


sub run
{
    my ($self, $meanwhile) = @_;

    local $SIG{PIPE} = 'IGNORE';
    my $select = IO::Select->new;
    my %client;
    my $until = time + $self->{seconds};

    while (time < $until) {
        while (keys %client < $self->{connections} && $self->{left} > 0) {
            my $socket = IO::Socket::INET->new(
                PeerAddr => "127.0.0.1:$self->{port}");
            if (!$socket) {
                sleep 0.01;
                last;
            }

            $select->add($socket);
            $client{$socket} = '';
            $self->post($socket);
        }

        last if !keys %client && $self->{left} <= 0;

        for my $socket ($select->can_read(0.05)) {
            next if $self->answer($socket, \$client{$socket});
            $select->remove($socket);
            delete $client{$socket};
            close $socket;
        }

        $meanwhile->($self->answers) if $meanwhile;
    }

    return $self->{left} <= 0 && !keys %client;
}


sub answers
{
    my ($self) = @_;

    return @{ $self->{acknowledged} } + @{ $self->{refused} }
        + $self->{unknown};
}


sub post
{
    my ($self, $socket) = @_;

    my $body = body($self->{left}--);
    syswrite $socket, "POST /graphql HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Type: application/json\r\n$self->{headers}"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    return;
}


# False when the connection is done with.
sub answer
{
    my ($self, $socket, $in) = @_;

    my $n = sysread $socket, $$in, 65536, length $$in;
    if (!$n) {
        $self->{unknown}++;
        return 0;
    }

    while ($$in =~ /\A(HTTP.*?\r\n\r\n)/s) {
        my $head = $1;
        my ($length) = $head =~ /^Content-Length:\s*(\d+)/mi;
        return 1 if !defined $length
            || length($$in) < length($head) + $length;

        my $body = substr $$in, length $head, $length;
        substr $$in, 0, length($head) + $length, '';

        if ($body =~ /\A\{"data":\{"postOrder":\{"id":"([^"]+)"/) {
            push @{ $self->{acknowledged} }, $1;
        } else {
            push @{ $self->{refused} }, $body;
        }

        return 0 if $self->{left} <= 0 || $head =~ /^Connection:\s*close/mi;
        $self->post($socket);
    }

    return 1;
}

1;
