# SPDX-License-Identifier: BSD-2-Clause

# conf/workflow-full.json: what it needs is all that `check` asks for, and it
# pays, reserves, ships, and undoes what was done when one of them fails; also
# when its workers are killed in the middle.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::HttpServer;
use OrdersTest::Provider;
use OrdersTest::Stack;
use Test::More;

my $file = "$FindBin::Bin/../../conf/workflow-full.json";
my $binary = OrdersTest::Stack::build_dir() . '/orders-worker';
my $stack = OrdersTest::Stack->new;
$stack->redis;
my $key = \&OrdersTest::Stack::key;
my $count = 300;


# check
my $said = qx{$binary -g 'workflow $file;' check 2>&1};
is($? >> 8, 3, 'without its functions the workflow is not complete');
like($said, qr/"$_"/, "$_ is asked for")
    for qw(fraud-check reserve-stock release-stock parcels);

$said = qx{$binary -g 'workflow $file; payment http;' check 2>&1};
like($said, qr/"RefundPayment".*"payment_refund_url"/,
    'so is where money comes back from');


# Path, order and idempotency key of what the warehouse and the others did.
sub note_stock
{
    my ($line) = @_;

    open my $out, '>>', "$stack->{dir}/stock" or die "stock: $!";
    syswrite $out, "$line\n";
    return;
}


my $provider = OrdersTest::Provider->new($stack, declines => 0.2,
    faults => ['error_after', 'reset_body', 'busy']);
my $port = OrdersTest::HttpServer::start($stack, sub {
    my ($request) = @_;

    my $order = JSON::PP::decode_json($request->{body});
    my $draw = OrdersTest::Provider::draw($order->{id});
    note_stock("$request->{path} $order->{id} "
        . $request->{headers}{'idempotency-key'});

    return { status => 200, body => sprintf '{"score":%d}',
        $draw % 5 ? 10 : 90 } if $request->{path} eq '/fraud';
    return { status => 500, body => '' } if $draw % 4 == 2 && rand > 0.5;
    return { status => 200, body => $draw % 4 ? '{"reserved":true}'
        : '{"reserved":false}' };
});

# the warehouse's own program; a worker that is killed may have begun it
# without saying what for
my $release = "$stack->{dir}/release";
open my $out, '>', $release or die "release: $!";
print {$out} <<"END";
#!/bin/sh
id=\$(sed 's/.*"id":"\\([^"]*\\)".*/\\1/')
[ -n "\$id" ] || exit 1
echo "\$1 \$id \$ORDERS_KEY" >> $stack->{dir}/stock
echo '{}'
END
close $out or die "release: $!";
chmod 0755, $release;

my $settings = "workflow $file; lease 2s; list parcels parcels;"
    . " function fraud-check http://127.0.0.1:$port/fraud;"
    . " function reserve-stock http://127.0.0.1:$port/reserve;"
    . " function release-stock 'command:$release /release'; "
    . $provider->settings;
open my $check, '-|', $binary, '-g', $settings, 'check' or die "check: $!";
like(join('', <$check>), qr/^configuration and workflow \w+ are good$/m,
    'with them it is');


# orders, on all ways, and workers that die under them
my @workers = map { $stack->worker($settings, register => 0) } 1 .. 2;
my @ids = $stack->push_orders($count);
for my $round (1 .. 5) {
    OrdersTest::Stage::wait_for(sub {
        $stack->ended_count >= $round * $count / 6
    }, 60);
    (shift @workers)->end('KILL');
    push @workers, $stack->worker($settings, register => 0);
}

ok($stack->all_ended($count, 120), 'all orders end');
OrdersTest::Stage::wait_for(sub { !$stack->left_over });
is($stack->left_over, 0, 'nothing is left');
is($stack->ask('LLEN', $key->('dead')), 0, '... nor dead');
is(join('; ', $provider->complaints($stack->statuses(@ids), @ids)), '',
    'those that failed have their money back, the others have paid once');

my (%stock, %keys);
for (split /\n/, OrdersTest::Stage::slurp("$stack->{dir}/stock")) {
    my ($path, $id, $its) = split / /;
    $stock{$id}{$path}++;
    $keys{"$path $id"}{$its}++;
}

is(join('; ', grep { keys %{ $keys{$_} } != 1 } sort keys %keys), '',
    'whatever is asked again has the key of the first time');

my (%ways, @wrong);
my $shipped = join ' ', @{ $stack->ask('LRANGE', 'parcels', 0, -1) };
for my $id (@ids) {
    my $order = $stack->order($id);
    my $message = $order->{errorMessage} || 'none';
    my $sent = $shipped =~ /"id":"\Q$id\E"/ ? 1 : 0;
    $ways{$message}++;
    push @wrong, "$id: $order->{orderStatus} and shipped: $sent"
        if $sent != ($order->{orderStatus} eq 'SUCCESS');
    push @wrong, "$id was reserved and is not released"
        if $stock{$id}{'/reserve'} && !$sent && !$stock{$id}{'/release'};
    push @wrong, "$id: $message and money: $order->{payment}"
        if $order->{orderStatus} eq 'FAILED'
        && ($order->{payment} || 'none') !~ /^(?:refunded|refused|none)/;
}

is(join('; ', @wrong), '', 'what was paid and reserved was shipped or undone');
ok($ways{$_}, "some orders: $_") for ('none', 'no funds',
    'The order was not accepted', 'Sold out: your money is returned');


# compensation
my $ledger = $provider->ledger;
my @again = grep { /:RefundPayment$/ } keys %{ $ledger->{again} };
ok(keys %{ $ledger->{refund} }, 'money was given back');
is(join('; ', grep { $ledger->{refund}{$_} != 1 }
    sort keys %{ $ledger->{refund} }), '', '... once for each charge');
ok(@again, '... also where the provider failed when it had done so');
is(keys %{ $ledger->{differs} }, 0, '... and was asked the very same again');
diag(sprintf '%d charges, %d refunds, %d of them asked for again; %s',
    scalar keys %{ $ledger->{charge} }, scalar keys %{ $ledger->{refund} },
    scalar @again, join ', ', map { "$_: $ways{$_}" } sort keys %ways);
is($_->end('TERM'), 0, 'a worker leaves in order') for @workers;

done_testing;
