# SPDX-License-Identifier: BSD-2-Clause

# A TCP proxy before a Redis, or another server, that does what networks do, in
# a process of its own:
#
#   my $proxy = OrdersTest::Proxy->new($stack, $redis_port);
#   $stack->worker('', port => $proxy->{port});
#   $proxy->tell('cut up 0.1 after EXEC');
#
# What it is told holds from then on, until it is told "pass":
#
#   pass                        nothing happens to new bytes
#   cut SIDE SHARE WHEN WORD    where a piece of bytes of that side (up: to
#                               Redis, down) has the word, the connection is cut
#                               with that probability, before or after the piece
#                               is passed on
#   cut-at SIDE BYTES           each connection is cut after at most so many more
#   hold                        what comes from the clients is kept, and that
#                               they leave is not passed on: half-open.  New
#                               connections are not held
#   release                     what was kept goes to Redis, late
#   slow BYTES                  one byte at a time, so many a second
#   refuse TEXT                 every command is answered with this error
#   drop                        all connections are cut now
#   cuts                        answers how many there were
#
# Made with reset => 1 it cuts as a crash does: the client gets a RST.

package OrdersTest::Proxy;

use strict;
use warnings;

use Carp qw(croak);
use Errno qw(EAGAIN EWOULDBLOCK EINTR);
use IO::Select ();
use IO::Socket::INET ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(AF_UNIX PF_UNSPEC SOCK_STREAM SOL_SOCKET SO_LINGER);
use Time::HiRes qw(time);

use constant CHUNK => 65536;


sub new
{
    my ($class, $stage, $port, %option) = @_;

    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => 0, Listen => 128, ReuseAddr => 1) or croak "listen: $!";
    my ($mine, $its) = IO::Socket::UNIX->socketpair(AF_UNIX, SOCK_STREAM,
        PF_UNSPEC) or croak "socketpair: $!";

    my $pid = $stage->child(sub {
        close $mine;
        my $self = bless { listener => $listener, control => $its,
            redis => $port, rules => {}, connections => {}, cuts => 0,
            reset => $option{reset},
            select => IO::Select->new($listener, $its) }, $class;
        local $SIG{PIPE} = 'IGNORE';
        $self->serve;
        POSIX::_exit(0);
    });

    close $its;
    return bless { port => $listener->sockport, control => $mine, pid => $pid },
        $class;
}


# Says something and waits until it holds; the answer.
sub tell
{
    my ($self, $text) = @_;

    syswrite $self->{control}, "$text\n";
    my $line = readline $self->{control};
    croak 'the proxy is gone' if !defined $line;
    chomp $line;
    croak "the proxy does not know \"$text\"" if $line eq '?';
    return $line;
}


sub serve
{
    my ($self) = @_;

    while (1) {
        for my $socket ($self->{select}->can_read($self->patience)) {
            if ($socket == $self->{listener}) {
                $self->admit;
            } elsif ($socket == $self->{control}) {
                $self->obey or return;
            } else {
                my $side = $self->{connections}{$socket} or next;
                $self->fetch(@$side);
            }
        }

        $self->pass_on($_) for $self->open_connections;
    }
}


sub patience
{
    my ($self) = @_;

    return $self->{rules}{slow} ? 0.001
        : grep({ length $_->{up} || length $_->{down} }
            $self->open_connections) ? 0.01 : 1;
}


sub open_connections
{
    my ($self) = @_;

    my %seen;
    return grep { !$seen{$_}++ } map { $_->[0] }
        values %{ $self->{connections} };
}


my %orders = (
    'pass'    => sub {
        my ($self) = @_;
        $self->{rules} = {};
        delete $_->{at} for $self->open_connections;
    },
    'cut'     => sub { my ($self, @rule) = @_; $self->{rules}{cut} = \@rule },
    'cut-at'  => sub {
        my ($self, @rule) = @_;
        $self->{rules}{at} = \@rule;
        $self->fuse($_) for $self->open_connections;
    },
    'slow'    => sub { $_[0]{rules}{slow} = $_[1] },
    'refuse'  => sub {
        my ($self, @words) = @_;
        $self->{rules}{refuse} = "-@words\r\n";
        $self->{refuse_from} = time + 0.05;     # what is due comes first
    },
    'hold'    => sub { $_->{held} = 1 for $_[0]->open_connections },
    'release' => sub { $_->{held} = 0 for $_[0]->open_connections },
    'drop'    => sub { $_[0]->cut($_) for $_[0]->open_connections },
    'cuts'    => sub { },
);


sub obey
{
    my ($self) = @_;

    my $n = sysread $self->{control}, my $text, 4096;
    return 0 if !$n;

    my ($name, @words) = split ' ', $text;
    my $answer = '?';
    if ($orders{$name}) {
        $orders{$name}->($self, @words);
        $answer = $name eq 'cuts' ? $self->{cuts} : 'ok';
    }

    syswrite $self->{control}, "$answer\n";
    return 1;
}


sub admit
{
    my ($self) = @_;

    my $client = $self->{listener}->accept or return;
    my $server = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $self->{redis});
    if (!$server) {
        close $client;
        return;
    }

    my $connection = { client => $client, server => $server, up => '',
        down => '', passed => { up => 0, down => 0 }, due => time };
    $self->fuse($connection) if $self->{rules}{at};

    for my $side (['client', 'up'], ['server', 'down']) {
        my $socket = $connection->{ $side->[0] };
        $socket->blocking(0);
        $self->{select}->add($socket);
        $self->{connections}{$socket} = [$connection, @$side];
    }

    return;
}


# So many bytes it has left.
sub fuse
{
    my ($self, $connection) = @_;

    my ($side, $bytes) = @{ $self->{rules}{at} };
    $connection->{at} = [$side,
        $connection->{passed}{$side} + int rand $bytes];
    return;
}


# Reads what has come from one side.
sub fetch
{
    my ($self, $connection, $from, $way) = @_;

    my $n = sysread $connection->{$from}, my $bytes, CHUNK;
    return if !defined $n && ($!{EAGAIN} || $!{EWOULDBLOCK} || $!{EINTR});

    if (!$n) {
        if ($from eq 'client' && $connection->{held}) {
            $self->forget($connection->{client});
            $connection->{orphan} = 1;
        } else {
            $connection->{ended} = $way;
        }
        return;
    }

    $connection->{$way} .= $bytes;
    return;
}


sub pass_on
{
    my ($self, $connection) = @_;

    $self->refuse($connection) if $self->{rules}{refuse}
        || $connection->{refused};
    $connection->{down} = '' if $connection->{orphan};

    for my $way ('up', 'down') {
        next if $way eq 'up' && ($connection->{held}
            || $self->{rules}{refuse} || $connection->{refused});
        $self->pass_way($connection, $way) or return;
    }

    my $ended = $connection->{ended};
    $ended = 'up' if $connection->{orphan} && !$connection->{held};
    $self->close($connection) if $ended && !length $connection->{$ended};
    return;
}


# False when the connection was cut.
sub pass_way
{
    my ($self, $connection, $way) = @_;

    my $to = $connection->{ $way eq 'up' ? 'server' : 'client' };
    my $length = length $connection->{$way} or return 1;
    my $cut = $self->cuts_here($connection, $way);

    if ($cut && $cut eq 'before') {
        $self->cut($connection);
        return 0;
    }

    $length = $cut if $cut && $cut =~ /\A\d+\z/;

    my $n = $self->{rules}{slow} ? $self->trickle($connection, $way, $to)
        : syswrite $to, $connection->{$way}, $length;
    if (defined $n) {
        substr $connection->{$way}, 0, $n, '';
        $connection->{passed}{$way} += $n;
    } elsif (!$!{EAGAIN} && !$!{EWOULDBLOCK} && !$!{EINTR}) {
        $self->close($connection);
        return 0;
    }

    return 1 if !$cut;
    $self->cut($connection);
    return 0;
}


# Writes single bytes, as many as are due; their number.
sub trickle
{
    my ($self, $connection, $way, $to) = @_;

    my $rate = $self->{rules}{slow};
    my $now = time;
    $connection->{due} = $now - 0.01 if $connection->{due} < $now - 0.01;

    my $n = 0;
    while ($connection->{due} < $now && $n < length $connection->{$way}) {
        my $one = syswrite $to, substr($connection->{$way}, $n, 1);
        return $n || undef if !defined $one;
        $connection->{due} += 1 / $rate;
        $n++;
    }

    return $n;
}


# "before", "after", or so many bytes more; undef: not.
sub cuts_here
{
    my ($self, $connection, $way) = @_;

    if (my $at = $connection->{at}) {
        my $left = $at->[1] - $connection->{passed}{$way};
        return $left if $at->[0] eq $way
            && $left <= length $connection->{$way};
    }

    my ($side, $share, $when, $word) = @{ $self->{rules}{cut} || [] };
    return $when if $side && $side eq $way && rand() < $share
        && index($connection->{$way}, $word) >= 0;
    return;
}


# Answers complete commands itself.  What is in a transaction is refused as
# Redis does it: each command, and then EXEC.
sub refuse
{
    my ($self, $connection) = @_;

    my $refusal = $self->{rules}{refuse} || $connection->{refused};
    return if time < $self->{refuse_from};

    while ($connection->{up} =~ /\A\*(\d+)\r\n/) {
        my ($count, $at) = ($1, $+[0]);
        my @words;
        for (1 .. $count) {
            pos($connection->{up}) = $at;
            $connection->{up} =~ /\G\$(\d+)\r\n/ or return;
            $at = $+[0] + $1 + 2;
            return if length $connection->{up} < $at;
            push @words, substr $connection->{up}, $+[0], $1;
        }

        my $name = uc $words[0];
        $connection->{refused} = $refusal if $name eq 'MULTI';
        substr $connection->{up}, 0, $at, '';
        $connection->{down} .=
            $name =~ /\A(?:MULTI|WATCH|UNWATCH|CLIENT|AUTH|SELECT)\z/
                ? "+OK\r\n"
            : $name eq 'EXEC' && $connection->{refused} ? '-EXECABORT'
                . " Transaction discarded because of previous errors.\r\n"
            : $refusal;
        if ($name eq 'EXEC') {
            delete $connection->{refused};
            return if !$self->{rules}{refuse};
        }
    }

    return;
}


sub cut
{
    my ($self, $connection) = @_;

    $self->{cuts}++;
    setsockopt $connection->{client}, SOL_SOCKET, SO_LINGER, pack 'll', 1, 0
        if $self->{reset};
    $self->close($connection);
    return;
}


sub close
{
    my ($self, $connection) = @_;

    for my $side ('client', 'server') {
        $self->forget($connection->{$side});
    }

    return;
}


sub forget
{
    my ($self, $socket) = @_;

    return if !$self->{connections}{$socket};
    delete $self->{connections}{$socket};
    $self->{select}->remove($socket);
    CORE::close $socket;
    return;
}

1;
