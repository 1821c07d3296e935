# SPDX-License-Identifier: BSD-2-Clause

# --- tcp_listen: a server that takes one connection, reads a query, sends
# --- tcp_reply and closes, in a process of its own for each repetition.

package OrdersTest::Mock;

use strict;
use warnings;

use File::Temp ();
use IO::Socket::INET ();
use IO::Socket::UNIX ();
use POSIX ();
use Socket qw(SOCK_STREAM);
use Test::More ();
use Time::HiRes qw(sleep);

use OrdersTest::Server;
use OrdersTest::Settings qw(%set parse_time);


# The running mock, or nothing when the block has none.
sub start
{
    my ($block) = @_;

    my $target = $block->tcp_listen;
    return if !defined $target;

    OrdersTest::Server::bail_out($block->name,
        ' - no --- tcp_reply specified but --- tcp_listen is specified')
        if !defined $block->tcp_reply && !defined $block->tcp_shutdown;

    my $socket = listen_at($target)
        or OrdersTest::Server::bail_out($block->name,
               " - failed to create the tcp listening socket: $!");

    my $self = bless { block => $block, target => $target }, __PACKAGE__;
    $self->{query_length} = $block->tcp_query_len;
    if (defined $block->tcp_query) {
        $self->{query_length} = length $block->tcp_query
            if !defined $self->{query_length};
    }

    my ($out, $file) = File::Temp::tempfile(UNLINK => 1);
    $self->{query_file} = $file;

    $self->{pid} = fork;
    OrdersTest::Server::bail_out("fork failed: $!") if !defined $self->{pid};

    if ($self->{pid} == 0) {
        $self->serve($socket, $out);
        POSIX::_exit(0);
    }

    close $socket;
    return $self;
}


sub listen_at
{
    my ($target) = @_;

    if ($target =~ /\.sock$/) {
        unlink $target;
        return IO::Socket::UNIX->new(Local => $target, Type => SOCK_STREAM,
            Listen => 5);
    }

    return IO::Socket::INET->new(LocalAddr => '127.0.0.1',
        LocalPort => $target, Proto => 'tcp', ReuseAddr => 1, Listen => 5);
}


sub serve
{
    my ($self, $socket, $out) = @_;

    my $block = $self->{block};
    local $SIG{PIPE} = 'IGNORE';

    my $client;
    $client = $socket->accept while !$client;

    my $how = $block->tcp_shutdown;
    if (defined $how) {
        sleep $block->tcp_shutdown_delay if $block->tcp_shutdown_delay;
        shutdown $client, $how;
    }

    my $query = '';
    if (!defined $how || $how == 1) {
        while (sysread $client, my $bytes, 4096) {
            $query .= $bytes;
            syswrite $out, $bytes;
            last if !$self->{query_length}
                || length $query >= $self->{query_length};
        }
    }

    my $delay = parse_time($block->tcp_reply_delay);
    sleep $delay if $delay;

    if (!defined $how || $how == 0) {
        my $reply = $block->tcp_reply;
        $reply = $reply->($query) if ref $reply eq 'CODE';
        syswrite $client, $_ for ref $reply ? @$reply : $reply;
    }

    sleep 1 while defined $block->tcp_no_close;
    close $client;
    return;
}


# --- tcp_query and --- tcp_query_len: one test each.
sub check
{
    my ($self) = @_;

    my $block = $self->{block};
    open my $in, '<', $self->{query_file};
    local $/;
    my $query = <$in>;
    $query = '' if !defined $query;

    Test::More::is($query, $block->tcp_query, $block->name . ' - tcp_query ok')
        if defined $block->tcp_query;
    Test::More::is(length $query, $block->tcp_query_len,
        $block->name . ' - TCP query length ok')
        if defined $block->tcp_query_len;
    return;
}


sub stop
{
    my ($self) = @_;

    kill 'KILL', $self->{pid};
    waitpid $self->{pid}, 0;
    unlink $self->{query_file};
    unlink $self->{target} if $self->{target} =~ /\.sock$/;
    return;
}

1;
