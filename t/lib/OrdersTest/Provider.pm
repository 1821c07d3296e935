# SPDX-License-Identifier: BSD-2-Clause

# A payment provider for suites, with faults.  It charges once for each
# idempotency key, whatever else happens, and keeps a ledger outside of Redis:
#
#   charge KEY ORDER     money was taken
#   decline KEY ORDER    and was not
#   refund KEY OF        and was given back; OF is the key of the charge
#   again KEY            it was asked again and answered as before
#   differs KEY          ... with another body: our bug
#   fault KEY NAME       what it did to a request
#
#   my $provider = OrdersTest::Provider->new($stage, faults => [...]);
#   $stage->worker($provider->settings);

package OrdersTest::Provider;

use strict;
use warnings;

use Carp qw(croak);
use JSON::PP ();

use OrdersTest::HttpServer;
use OrdersTest::Stage;


# Each is done to a key's first requests; charged: before it goes wrong.
my %faults = (
    slow => { charged => 1, delay => 0.05 },
    late => { charged => 1, delay => 3 },           # than payment_timeout
    error_before => { status => 500 },
    error_after => { charged => 1, status => 500 },
    gateway => { charged => 1, status => 502, body => '<html>' },
    busy => { status => 503 },
    later => { status => 429, headers => { 'Retry-After' => 1 } },
    reset_before => { cut => 0 },
    reset_after => { charged => 1, cut => 0 },
    reset_head => { charged => 1, cut => 30 },
    reset_body => { charged => 1, cut => 110 },
    nonsense => { charged => 1, status => 200, body => '{"status":"SUC' },
    pending => { charged => 1, status => 202, body => '{"status":"PENDING"}' },
    conflict => { charged => 1, status => 409, body => '{}' },
    none => {},
);


sub fault_names { return sort grep { $_ ne 'none' } keys %faults }


# Options: faults => [names], of which each key gets up to three, all the same
# with steady => 1; declines => share of charges; delay => seconds of each
# answer; hold => a file without which it does not answer; processes; port.
sub new
{
    my ($class, $stage, %option) = @_;

    my $self = bless { %option, ledger => "$stage->{dir}/ledger",
        made => {}, requests => {} }, $class;
    open $self->{out}, '>>', $self->{ledger} or croak "ledger: $!";
    $self->{port} = OrdersTest::HttpServer::start($stage,
        sub { $self->request(@_) }, processes => $option{processes},
        port => $option{port});
    return $self;
}


sub settings
{
    my ($self, $url) = @_;

    $url ||= "http://127.0.0.1:$self->{port}";
    return "payment http; payment_url $url/charges;"
        . " payment_refund_url $url/refunds; payment_timeout 2s;"
        . " payment_header 'Authorization: Bearer s3cret';";
}


sub note
{
    my ($self, @words) = @_;

    syswrite $self->{out}, "@words\n";
    return;
}


# FNV-1a in 32 bits.
sub draw
{
    my ($text) = @_;

    my $h = 2166136261;
    for (unpack 'C*', $text) {
        $h = (($h ^ $_) * 16777619) & 0xffffffff;
    }
    return ($h ^ ($h >> 15)) & 0x7fffffff;
}


# In the child process.
sub request
{
    my ($self, $request) = @_;

    return { status => 401, body => '{}' }
        if ($request->{headers}{authorization} || '') ne 'Bearer s3cret';
    my $key = $request->{headers}{'idempotency-key'};
    my $json = eval { JSON::PP::decode_json($request->{body}) };
    return { status => 400, body => '{}' } if !$key || !$json;

    my $fault = $self->fault($key);
    my $answer = { %{ $faults{$fault} } };
    $self->note('fault', $key, $fault) if $fault ne 'none';
    if (!$answer->{charged} && $fault ne 'none') {
        return { status => 500, %$answer };
    }

    my $made = $self->make($request, $key, $json);
    return { delay => $self->{delay}, hold => $self->{hold}, %$made,
        %$answer };
}


sub fault
{
    my ($self, $key) = @_;

    my @names = @{ $self->{faults} || [] } or return 'none';
    my $n = $self->{requests}{$key}++;
    return 'none' if $n >= draw("$key times") % 4;
    return $names[draw($self->{steady} ? $key : "$key $n") % @names];
}


# Does it, or finds that it was done.
sub make
{
    my ($self, $request, $key, $json) = @_;

    my $made = $self->{made}{$key};
    if ($made) {
        $self->note($made->{asked} eq $request->{body} ? 'again' : 'differs',
            $key);
        return $made->{answer};
    }

    my ($word, $what, $answer);
    if ($request->{path} eq '/refunds') {
        ($word, $what) = ('refund', $json->{refundOf});
        $answer = { status => 200,
            body => qq({"status":"REFUNDED","transactionId":"r-$key"}) };
    } elsif (draw("$key declined") % 10000
        < 10000 * ($self->{declines} || 0))
    {
        ($word, $what) = ('decline', $json->{orderId});
        $answer = draw("$key how") % 2
            ? { status => 402, body => '{"reason":"no funds"}' }
            : { status => 200,
                body => '{"status":"DECLINED","reason":"no funds"}' };
    } else {
        ($word, $what) = ('charge', $json->{orderId});
        $answer = { status => 201,
            body => qq({"status":"SUCCESS","transactionId":"t-$key"}) };
    }

    $self->note($word, $key, $what);
    $self->{made}{$key} = { asked => $request->{body}, answer => $answer };
    return $answer;
}


# word => { key or order => count } of the ledger; charges and declines by
# order.
sub ledger
{
    my ($self) = @_;

    my %ledger = map { $_ => {} }
        qw(charge decline refund again differs fault);
    for (split /\n/, OrdersTest::Stage::slurp($self->{ledger})) {
        my ($word, $key, $what) = split / /;
        $what = $key if $word eq 'again' || $word eq 'differs';
        $ledger{$word}{$what}++;
    }

    return \%ledger;
}


# What is not right about orders: each charged once or not at all, and their
# statuses say which.  An empty list is good.
sub complaints
{
    my ($self, $status, @ids) = @_;

    my ($ledger, @complaints) = ($self->ledger);
    my %given = map { substr($_, 0, 36) => 1 } keys %{ $ledger->{refund} };

    for my $id (@ids) {
        my $charges = $ledger->{charge}{$id} || 0;
        my $is = $status->{$id} || 'absent';
        my $want = $charges && !$given{$id} ? 'SUCCESS' : 'FAILED';
        push @complaints, "$id is charged $charges times" if $charges > 1;
        push @complaints, "$id is $is, not $want" if $is ne $want;
    }

    push @complaints, map { "$_ was asked for with another body" }
        sort keys %{ $ledger->{differs} };
    return @complaints;
}

1;
