# SPDX-License-Identifier: BSD-2-Clause

# An HTTP server of a suite's own, in a child process of its stage: many
# connections at once, answers that take their time or break off.
#
#   my $port = OrdersTest::HttpServer::start($stage, sub {
#       my ($request) = @_;     # { method, path, headers, body, peer }
#       return { status => 200, body => '{}' };
#   });
#
# What the code returns, besides: headers => { ... }, delay => seconds, cut =>
# bytes of the answer after which the connection is reset, hold => a file that
# has to be there before the delay begins.  undef: never answers.  Option
# processes => how many share the port.

package OrdersTest::HttpServer;

use strict;
use warnings;

use Carp qw(croak);
use IO::Select ();
use IO::Socket::INET ();
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time);


# Connections of one process: select() takes no socket beyond 1023.
my $connections_max = 900;


sub start
{
    my ($stage, $code, %option) = @_;

    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $option{port} || 0, Listen => 4096, ReuseAddr => 1)
        or croak "listen: $!";
    my $port = $listener->sockport;
    $listener->blocking(0);

    for (1 .. $option{processes} || 1) {
        $stage->child(sub {
            my $server = bless { listener => $listener, code => $code,
                peers => {}, later => [], held => [] }, __PACKAGE__;
            $server->{readers} = IO::Select->new($listener);
            $server->serve;
            POSIX::_exit(0);
        });
    }

    return $port;
}


sub serve
{
    my ($self) = @_;

    local $SIG{PIPE} = 'IGNORE';
    while (1) {
        $self->fire;
        my $wait = @{ $self->{later} } ? $self->{later}[0]{at} - time
            : @{ $self->{held} } ? 0.05 : 1;
        $wait = 0 if $wait < 0;

        for my $socket ($self->{readers}->can_read($wait)) {
            if ($socket == $self->{listener}) {
                $self->take;
            } else {
                $self->read($self->{peers}{ fileno $socket });
            }
        }
    }
}


sub take
{
    my ($self) = @_;

    while (keys %{ $self->{peers} } < $connections_max) {
        my $socket = $self->{listener}->accept or return;
        $socket->blocking(0);
        $self->{peers}{ fileno $socket } = { socket => $socket, in => '' };
        $self->{readers}->add($socket);
    }

    $self->{readers}->remove($self->{listener});    # until one has left
    return;
}


sub drop
{
    my ($self, $peer, %option) = @_;

    return if $peer->{gone}++;
    $self->{readers}->remove($peer->{socket});
    $self->{readers}->add($self->{listener});
    delete $self->{peers}{ fileno $peer->{socket} };
    setsockopt $peer->{socket}, SOL_SOCKET, SO_LINGER, pack 'll', 1, 0
        if $option{reset};
    close $peer->{socket};
    return;
}


sub read
{
    my ($self, $peer) = @_;

    my $n = sysread $peer->{socket}, $peer->{in}, 65536, length $peer->{in};
    return if !defined $n && $!{EAGAIN};
    return $self->drop($peer) if !$n;

    while ($peer->{in} =~ /\A(.*?\r\n)\r\n/s) {
        my $head = $1;
        my ($length) = $head =~ /^Content-Length:\s*(\d+)/mi;
        $length ||= 0;
        my $start = 2 + length $head;
        return if length $peer->{in} < $start + $length;

        my ($method, $path) = $head =~ m{\A(\S+) (\S+) HTTP/1};
        my %headers = map { lc $_->[0] => $_->[1] }
            map { [split /:\s*/, $_, 2] } grep { /:/ } split /\r\n/, $head;
        my $request = { method => $method, path => $path,
            headers => \%headers, peer => $peer,
            body => substr($peer->{in}, $start, $length) };
        substr $peer->{in}, 0, $start + $length, '';

        my $answer = $self->{code}->($request);
        $self->answer($peer, $answer) if $answer;
    }

    return;
}


sub answer
{
    my ($self, $peer, $answer) = @_;

    my $body = defined $answer->{body} ? $answer->{body} : '';
    my %headers = ('Content-Type' => 'application/json',
        'Content-Length' => length $body, %{ $answer->{headers} || {} });
    my $text = "HTTP/1.1 $answer->{status} Status\r\n"
        . join('', map { "$_: $headers{$_}\r\n" } sort keys %headers)
        . "\r\n$body";

    my $job = { delay => $answer->{delay} || 0, peer => $peer,
        text => $text, cut => $answer->{cut}, hold => $answer->{hold} };
    return push @{ $self->{held} }, $job if $job->{hold};
    return $self->send($job) if !$job->{delay};
    return $self->delay($job);
}


sub delay
{
    my ($self, $job) = @_;

    $job->{at} = time + $job->{delay};

    # most delays are equal: the place is at the end, or near it
    my $later = $self->{later};
    my $i = @$later;
    $i-- while $i > 0 && $later->[$i - 1]{at} > $job->{at};
    splice @$later, $i, 0, $job;
    return;
}


sub fire
{
    my ($self) = @_;

    if (@{ $self->{held} } && -e $self->{held}[0]{hold}) {
        $self->delay($_) for splice @{ $self->{held} };
    }

    while (@{ $self->{later} } && $self->{later}[0]{at} <= time) {
        $self->send(shift @{ $self->{later} });
    }

    return;
}


# Answers are short: they fit into the socket's buffer.
sub send
{
    my ($self, $job) = @_;

    return if $job->{peer}{gone};
    my $text = $job->{text};
    $text = substr $text, 0, $job->{cut} if defined $job->{cut};
    syswrite $job->{peer}{socket}, $text if length $text;
    $self->drop($job->{peer}, reset => 1) if defined $job->{cut};
    return;
}

1;
