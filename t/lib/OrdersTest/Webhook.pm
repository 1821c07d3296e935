# SPDX-License-Identifier: BSD-2-Clause

# A provider's side of webhooks (Standard Webhooks): signs them, and sends each
# until it is answered with 2xx, as providers do.
#
#   my %headers = OrdersTest::Webhook::headers($secret, $body, id => 'msg_1');
#   my $response = OrdersTest::Webhook::post($port, '/hook', $body, %headers);
#   OrdersTest::Webhook::deliver($port, '/hook', $secret, $body);

package OrdersTest::Webhook;

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256);
use IO::Socket::INET ();
use MIME::Base64 qw(decode_base64 encode_base64);
use Time::HiRes qw(sleep time);

use OrdersTest::Stage;

my $sent = 0;


# Options: id, and how much later it is signed than now (seconds).
sub headers
{
    my ($secret, $body, %option) = @_;

    my $id = $option{id} || "msg_$$-" . ++$sent;
    my $time = int(time + ($option{later} || 0));
    my $code = encode_base64(hmac_sha256("$id.$time.$body",
        decode_base64($secret =~ s/\Awhsec_//r)), '');

    return ('Content-Type' => 'application/json', 'webhook-id' => $id,
        'webhook-timestamp' => $time, 'webhook-signature' => "v1,$code");
}


# { status, headers, body }, or undef if there is no answer.
sub post
{
    my ($port, $path, $body, %header) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port")
        or return;
    %header = (Host => 'shop.example', Connection => 'close',
        'Content-Length' => length $body, %header);

    local $SIG{PIPE} = 'IGNORE';
    syswrite $socket, "POST $path HTTP/1.1\r\n"
        . join('', map { "$_: $header{$_}\r\n" } sort keys %header)
        . "\r\n$body" or return;

    return OrdersTest::Stage::response($socket, 10);
}


# The statuses in their order, 0 for none; signed anew each time, with one id.
sub deliver
{
    my ($port, $path, $secret, $body) = @_;

    my @statuses;
    my $id = "msg_$$-" . ++$sent;

    for (1 .. 200) {
        my $response = post($port, $path, $body,
            headers($secret, $body, id => $id));
        push @statuses, $response ? $response->{status} : 0;
        last if $statuses[-1] =~ /\A2/;
        sleep 0.1;
    }

    return @statuses;
}

1;
