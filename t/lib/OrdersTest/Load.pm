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
#
#   rate => 500           orders a second at most
#   key => 'k'            each order has an Idempotency-Key, and is repeated with
#                         it until it is acknowledged
#   on_acknowledged => sub { ($id, $order) = @_ }
#
# stop() ends it before its time, once what is in flight is answered.

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
        repeat       => [],     # orders that have to be posted again
        clients      => {},
        idle         => [],
        select       => IO::Select->new,
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
    my $until = time + $self->{seconds};
    $self->{began} = time;
    $self->{posted} = 0;

    while (time < $until) {
        $self->connect;
        $self->post while $self->may_post;
        return 1 if !$self->to_do && @{ $self->{idle} } == $self->clients;

        my $wait = $self->{rate} ? 0.5 / $self->{rate} : 0.05;
        for my $socket ($self->{select}->can_read($wait)) {
            my $client = $self->{clients}{$socket};
            $self->leave($client) if !$self->answer($client);
        }

        $meanwhile->($self->answers) if $meanwhile;
    }

    return 0;
}


sub stop
{
    my ($self) = @_;

    $self->{left} = 0;
    return;
}


sub answers
{
    my ($self) = @_;

    return @{ $self->{acknowledged} } + @{ $self->{refused} }
        + $self->{unknown};
}


sub clients { return scalar keys %{ $_[0]{clients} } }


sub to_do { return $_[0]{left} > 0 || @{ $_[0]{repeat} } }


sub connect
{
    my ($self) = @_;

    while ($self->to_do && $self->clients < $self->{connections}) {
        my $socket = IO::Socket::INET->new(
            PeerAddr => "127.0.0.1:$self->{port}");
        if (!$socket) {
            sleep 0.01;
            last;
        }

        my $client = { socket => $socket, in => '' };
        $self->{select}->add($socket);
        $self->{clients}{$socket} = $client;
        push @{ $self->{idle} }, $client;
    }

    return;
}


sub may_post
{
    my ($self) = @_;

    return @{ $self->{idle} } && $self->to_do
        && (!$self->{rate}
            || $self->{posted} < $self->{rate} * (time - $self->{began}));
}


sub post
{
    my ($self) = @_;

    my $client = shift @{ $self->{idle} };
    my $n = @{ $self->{repeat} } ? shift @{ $self->{repeat} }
        : $self->{left}--;
    my $body = body($n);
    my $key = $self->{key} ? "Idempotency-Key: $self->{key}-$n\r\n" : '';

    $client->{order} = $n;
    $self->{posted}++;
    syswrite $client->{socket}, "POST /graphql HTTP/1.1\r\nHost: localhost\r\n"
        . "Content-Type: application/json\r\n$self->{headers}$key"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body";
    return;
}


# False when the connection is done with.
sub answer
{
    my ($self, $client) = @_;

    my $in = \$client->{in};
    return 0 if !sysread $client->{socket}, $$in, 65536, length $$in;

    $$in =~ /\A(HTTP.*?\r\n\r\n)/s or return 1;
    my $head = $1;
    my ($length) = $head =~ /^Content-Length:\s*(\d+)/mi;
    return 1 if !defined $length || length($$in) < length($head) + $length;

    $self->answered($client, substr $$in, length $head, $length);
    substr $$in, 0, length($head) + $length, '';
    push @{ $self->{idle} }, $client;
    return $head !~ /^Connection:\s*close/mi;
}


sub answered
{
    my ($self, $client, $body) = @_;

    my $order = delete $client->{order};

    if ($body =~ /\A\{"data":\{"postOrder":\{"id":"([^"]+)"/) {
        push @{ $self->{acknowledged} }, $1;
        $self->{on_acknowledged}->($1, $order) if $self->{on_acknowledged};
        return;
    }

    push @{ $self->{refused} }, $body;
    push @{ $self->{repeat} }, $order if $self->{key};
    return;
}


sub leave
{
    my ($self, $client) = @_;

    if (defined $client->{order}) {
        $self->{unknown}++;
        push @{ $self->{repeat} }, $client->{order} if $self->{key};
    }

    @{ $self->{idle} } = grep { $_ != $client } @{ $self->{idle} };
    $self->{select}->remove($client->{socket});
    delete $self->{clients}{ $client->{socket} };
    close $client->{socket};
    return;
}

1;
