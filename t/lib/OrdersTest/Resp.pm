# SPDX-License-Identifier: BSD-2-Clause

# A connection to Redis that pipelines: send() as many commands as you like,
# receive() their replies in order.  An array is a reference, nil is undef, an
# error is an object of OrdersTest::Resp::Error.

package OrdersTest::Resp;

use strict;
use warnings;

use Carp qw(croak);
use IO::Select ();
use IO::Socket::INET ();
use Time::HiRes qw(time);


sub new
{
    my ($class, $port) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port")
        or croak "redis at $port: $!";
    binmode $socket;
    return bless { socket => $socket, in => '', out => '' }, $class;
}


# Commands are array references.
sub send
{
    my ($self, @commands) = @_;

    for my $words (@commands) {
        $self->{out} .= '*' . @$words . "\r\n"
            . join '', map { '$' . length() . "\r\n$_\r\n" } @$words;
    }

    $self->flush if length $self->{out} > 65536;
    return;
}


sub flush
{
    my ($self) = @_;

    local $SIG{PIPE} = 'IGNORE';
    while (length $self->{out}) {
        my $n = syswrite $self->{socket}, $self->{out};
        croak "redis: $!" if !defined $n;
        substr $self->{out}, 0, $n, '';
    }

    return;
}


# The replies to so many commands.
sub receive
{
    my ($self, $count) = @_;

    $self->flush;
    return map { $self->reply } 1 .. $count;
}


# One command, its reply.
sub ask
{
    my ($self, @words) = @_;

    $self->send([@words]);
    my ($reply) = $self->receive(1);
    return $reply;
}


# Many commands, sent in portions that do not fill both sockets' buffers.
sub ask_all
{
    my ($self, @commands) = @_;
    my @replies;

    while (my @portion = splice @commands, 0, 500) {
        $self->send(@portion);
        push @replies, $self->receive(scalar @portion);
    }

    return @replies;
}


sub reply
{
    my ($self) = @_;

    my ($type, $value) = $self->line =~ /\A(.)(.*)\z/s
        or croak 'redis: an empty line came';

    return $value if $type eq '+' || $type eq ':';
    return bless { text => $value }, 'OrdersTest::Resp::Error'
        if $type eq '-';
    return if $value < 0;
    return [map { scalar $self->reply } 1 .. $value] if $type eq '*';

    $self->fill($value + 2);
    my $text = substr $self->{in}, 0, $value;
    substr $self->{in}, 0, $value + 2, '';
    return $text;
}


sub line
{
    my ($self) = @_;

    my $end;
    $self->read_more while ($end = index $self->{in}, "\r\n") < 0;
    my $line = substr $self->{in}, 0, $end;
    substr $self->{in}, 0, $end + 2, '';
    return $line;
}


sub fill
{
    my ($self, $bytes) = @_;

    $self->read_more while length $self->{in} < $bytes;
    return;
}


sub read_more
{
    my ($self) = @_;

    my $n = sysread $self->{socket}, $self->{in}, 65536, length $self->{in};
    croak 'redis: the connection ended' if !$n;
    return;
}


# True if something can be read within the seconds.
sub can_read
{
    my ($self, $seconds) = @_;

    return 1 if length $self->{in};
    return IO::Select->new($self->{socket})->can_read($seconds) ? 1 : 0;
}


package OrdersTest::Resp::Error;

use overload '""' => sub { $_[0]{text} }, fallback => 1;

1;
