# SPDX-License-Identifier: BSD-2-Clause

# conf/workflow-full.json: what it needs is all that `check` asks for, and it
# pays, reserves, ships, and undoes what was done when one of them fails.

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
my %ids;


# check
my $said = qx{$binary -g 'workflow $file;' check 2>&1};
is($? >> 8, 3, 'without its functions the workflow is not complete');
like($said, qr/"$_"/, "$_ is asked for")
    for qw(fraud-check reserve-stock release-stock parcels);

my $provider = OrdersTest::Provider->new($stack, declines => 0.2,
    faults => ['error_after', 'reset_body', 'busy']);
my $port = OrdersTest::HttpServer::start($stack, sub {
    my ($request) = @_;

    my $order = JSON::PP::decode_json($request->{body});
    my $draw = OrdersTest::Provider::draw($order->{id});
    open my $out, '>>', "$stack->{dir}/stock";
    syswrite $out, "$request->{path} $order->{id}\n";

    return { status => 200, body => sprintf '{"score":%d}',
        $draw % 5 ? 10 : 90 } if $request->{path} eq '/fraud';
    return { status => 200, body => '{}' } if $request->{path} eq '/release';
    return { status => 500, body => '' } if $draw % 4 == 2 && rand > 0.5;
    return { status => 200, body => $draw % 4 ? '{"reserved":true}'
        : '{"reserved":false}' };
});
my $functions = join ' ', map { "function $_->[0] http://127.0.0.1:$port$_->[1];" }
    ['fraud-check', '/fraud'], ['reserve-stock', '/reserve'],
    ['release-stock', '/release'];
my $settings = "workflow $file; $functions list parcels parcels; "
    . $provider->settings;
open my $check, '-|', $binary, '-g', $settings, 'check' or die "check: $!";
like(join('', <$check>), qr/^configuration and workflow \w+ are good$/m,
    'with them it is');


# orders
my $worker = $stack->worker($settings);
my @ids = $stack->push_orders(200);
ok($stack->all_ended(200, 120), 'all orders end');
is(join('; ', $provider->complaints($stack->statuses(@ids), @ids)), '',
    'those that failed have their money back, the others have paid once');

my %stock;
for (split /\n/, OrdersTest::Stage::slurp("$stack->{dir}/stock")) {
    my ($path, $id) = split / /;
    $stock{$id}{$path}++;
}

my (%count, @wrong);
my $shipped = join ' ', @{ $stack->ask('LRANGE', 'parcels', 0, -1) };
for my $id (@ids) {
    my $order = $stack->order($id);
    my $message = $order->{errorMessage} || 'none';
    my $sent = $shipped =~ /"id":"\Q$id\E"/ ? 1 : 0;
    $count{$message}++;
    push @wrong, "$id: $order->{orderStatus} and shipped: $sent"
        if $sent != ($order->{orderStatus} eq 'SUCCESS');
    push @wrong, "$id was reserved and is not released"
        if $stock{$id}{'/reserve'} && !$sent && !$stock{$id}{'/release'};
    push @wrong, "$id: $message and money: $order->{payment}"
        if $order->{orderStatus} eq 'FAILED'
        && ($order->{payment} || 'none') !~ /^(?:refunded|refused|none)/;
}

is(join('; ', @wrong), '', 'what was paid and reserved was shipped or undone');
ok($count{$_}, "some orders: $_") for ('none', 'no funds',
    'The order was not accepted', 'Sold out: your money is returned');
my $ledger = $provider->ledger;
ok(keys %{ $ledger->{refund} }, 'money was given back');
is($worker->end('TERM'), 0, 'the worker leaves in order');

done_testing;
