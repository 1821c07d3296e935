# SPDX-License-Identifier: BSD-2-Clause

# Sends a request and reads what comes until the server closes, the timeout
# between two events passes, or all is said (--- abort, --- shutdown).  HTTP/2
# goes through curl.

package OrdersTest::Client;

use strict;
use warnings;

use Errno qw(EAGAIN EINTR EINPROGRESS);
use IO::Select ();
use IO::Socket::INET ();
use Test::More ();
use Time::HiRes qw(sleep time);

use OrdersTest::Server;
use OrdersTest::Settings qw(%set parse_time);


# The raw bytes of the response; a timeout without --- abort is a failed test.
sub exchange
{
    my ($block, $packets) = @_;

    my $timeout = parse_time($block->timeout);
    $timeout = $set{timeout_sec} if !defined $timeout;

    return curl($block, $packets, $timeout)
        if OrdersTest::Server::uses_http2($block);

    my $socket = connect_to($block, $timeout) or return '';
    my $state = {
        socket  => $socket,
        packets => [@$packets],
        out     => '',
        in      => '',
        delay   => scalar $block->raw_request_middle_delay,
        name    => $block->name,
    };
    $state->{out} = (shift @{ $state->{packets} })->{value};

    local $SIG{PIPE} = 'IGNORE';
    transfer($block, $state, $timeout);
    close $socket;
    return $state->{in};
}


sub connect_to
{
    my ($block, $timeout) = @_;

    my $addr = $block->server_addr_for_client || $set{server_addr};
    my $error;

    for my $try (1 .. 20) {
        my $socket = IO::Socket::INET->new(
            PeerAddr => $addr,
            PeerPort => $set{client_port},
            Proto    => 'tcp',
            Timeout  => $timeout,
        );
        if ($socket) {
            $socket->blocking(0);
            return $socket;
        }

        $error = $@ || $!;
        sleep 0.02 * $try;
    }

    Test::More::fail($block->name
        . " - Can't connect to $addr:$set{client_port}: $error");
    return;
}


sub transfer
{
    my ($block, $state, $timeout) = @_;

    my $socket = $state->{socket};
    my $readable = IO::Select->new($socket);
    my $writable = IO::Select->new($socket);

    while (1) {
        my ($in, $out) = IO::Select->select($readable,
            $writable->count ? $writable : undef, undef, $timeout);

        if (!$in) {
            next if $!{EINTR};
            Test::More::fail("ERROR: client socket timed out - "
                . $block->name) if !defined $block->abort;
            return;
        }

        return if @$in && !receive($state);

        if (@$out && write_some($state) eq 'done') {
            $writable->remove($socket);

            if (defined $block->shutdown) {
                my $how = $block->shutdown;
                shutdown $socket, $how eq '' ? 1 : $how;
            }
        }
    }
}


# False at the end of the response.
sub receive
{
    my ($state) = @_;

    while (1) {
        my $bytes = sysread $state->{socket}, $state->{in}, 65536,
            length $state->{in};

        if (!defined $bytes) {
            return 1 if $!{EAGAIN} || $!{EINTR};
            warn "WARNING: $state->{name} - HTTP response read failure: $!\n";
            return 0;
        }

        return 0 if $bytes == 0;
    }
}


sub write_some
{
    my ($state) = @_;

    while (1) {
        if ($state->{out} eq '') {
            my $packet = shift @{ $state->{packets} } or return 'done';

            my $delay = defined $packet->{delay_before}
                ? $packet->{delay_before} : $state->{delay};
            sleep $delay if $delay;
            $state->{out} = $packet->{value};
            next;
        }

        my $bytes = syswrite $state->{socket}, $state->{out};
        if (!defined $bytes) {
            return 'again' if $!{EAGAIN} || $!{EINTR};

            # the server has closed: its answer may still be there to read
            warn "write failed: $!\n";
            return 'done';
        }

        substr($state->{out}, 0, $bytes) = '';
    }
}


sub curl
{
    my ($block, $packets, $timeout) = @_;

    my @command = curl_command($block, $packets, $timeout);
    warn "running @command\n" if $set{verbose};

    my $errors = "$set{server_root}/logs/curl.err";
    my $pid = open my $in, '-|';
    OrdersTest::Server::bail_out("fork failed: $!") if !defined $pid;

    if ($pid == 0) {
        open STDERR, '>', $errors;
        exec @command or POSIX::_exit(127);
    }

    local $/;
    my $response = <$in>;
    close $in;
    return $response if defined $response && $response ne '';

    open my $err, '<', $errors or return '';
    my $text = <$err>;
    my $expected = $block->curl_error;
    return '' if defined $expected
        && $text =~ (ref $expected ? $expected : qr/\Q$expected\E/);

    Test::More::fail($block->name . " - curl: $text");
    return '';
}


sub curl_command
{
    my ($block, $packets, $timeout) = @_;

    my $bytes = join '', map { $_->{value} } @$packets;
    my ($head, $body) = split /\r\n\r\n/, $bytes, 2;
    my ($line, @headers) = split /\r\n/, $head;
    my ($method, $path) = split ' ', $line;

    # curl says no more than the block does
    my @command = ('curl', '-i', '-sS', '-H', 'User-Agent:', '-H', 'Accept:',
        '-H', 'Host:', '--http2', '--http2-prior-knowledge');
    push @command, $method eq 'HEAD' ? '-I' : ('-X', $method);
    push @command, map { ('-H', $_) } grep { !/^Connection\s*:/i } @headers;

    if (defined $body && $body ne '') {
        push @command, '-H', 'Content-Type: '
            if !grep { /^Content-Type\s*:/i } @headers;

        my $file = OrdersTest::Server::html_dir() . '/curl.data.bin';
        OrdersTest::Server::write_file($file, $body);
        push @command, '--data-binary', "\@$file";
    }

    push @command, '--connect-timeout', $timeout, '--max-time', $timeout;
    push @command, split ' ', $block->curl_options
        if defined $block->curl_options;

    my $protocol = $block->curl_protocol || 'http';
    my $addr = $block->server_addr_for_client || $set{server_addr};
    return (@command, "$protocol://$addr:$set{client_port}$path");
}

1;
