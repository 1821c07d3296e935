# SPDX-License-Identifier: BSD-2-Clause

# conf/workflow-callback.json: the connection is all that `check` asks for; what
# the provider's webhook says becomes of the order, and without one the request
# for payment is withdrawn.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::HttpServer;
use OrdersTest::Stack;
use POSIX ();
use Test::More;

my $file = "$FindBin::Bin/../../conf/workflow-callback.json";
my $build = OrdersTest::Stack::build_dir();
my $stack = OrdersTest::Stack->new;
$stack->redis;
my $dir = $stack->{dir};
my $key = \&OrdersTest::Stack::key;
my $json = JSON::PP->new->canonical;


sub run
{
    my (@words) = @_;

    open my $in, '-|', "$build/orders-worker", @words or die "worker: $!";
    local $/;
    my $text = <$in>;
    close $in;
    return wantarray ? ($text, $? >> 8) : $text;
}


sub write_file
{
    my ($path, $text) = @_;

    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
    return $path;
}


# check, and a look without a shop
my $said = qx{$build/orders-worker -g 'workflow $file;' check 2>&1};
is($? >> 8, 3, 'without its connection the workflow is not complete');
like($said, qr{/States/AskForPayment/Resource: .* no connection "payments"},
    'which is asked for, with its place');
like(scalar run('-g', "workflow $file; connection payments"
    . ' https://payments.example.com "X-Key: k";', 'check'),
    qr/^configuration and workflow \w+ are good$/m, 'with it it is good');

my %ends = ('{"Return":{"status":"paid"},"Seconds":3599}' => 'CompleteOrder',
    '{"Return":{"status":"open"},"Seconds":5}' => 'CancelOrder',
    '{"Throw":{"Error":"Payment.Declined"}}' => 'CancelOrder',
    '{"Return":{"status":"paid"},"Seconds":3601}' => 'VoidPayment CancelOrder');
for my $answer (sort keys %ends) {
    my $mocks = write_file("$dir/mocks.json",
        qq({"InitializeOrder":{"Return":{"id":"1"}},"AskForPayment":$answer,)
        . qq("VoidPayment":{"Return":{}},"CompleteOrder":{"Return":{}},)
        . qq("CancelOrder":{"Return":{}}}));
    my ($out, $code) = run('simulate', $file, '--json', '--mocks', $mocks);
    is($code, 0, "simulate answers as the webhook would: $answer");
    my @states = map { $_->{state} } grep { $_->{type} eq 'StateEntered' }
        @{ $json->decode($out)->{history} };
    like("@states", qr/\AInitializeOrder AskForPayment (CheckPayment )?\Q$ends{$answer}\E\z/,
        "... which leads to $ends{$answer}");
}


# the provider: busy at first, and then content with everything
my $port = OrdersTest::HttpServer::start($stack, sub {
    my ($request) = @_;

    my $asked = $json->decode($request->{body});
    my $seen = -e "$dir/$asked->{reference}";
    open my $out, '>>', "$dir/$asked->{reference}";
    syswrite $out, $json->encode({ path => $request->{path},
        secret => $request->{headers}{'x-key'},
        token => $asked->{metadata}{taskToken} }) . "\n";
    return { status => 503 } if !$seen;
    return { status => 200, body => '{}' };
});


# What it was asked about an order.
sub asked
{
    my ($id) = @_;

    return () if !-e "$dir/$id";
    return map { $json->decode($_) } split /\n/,
        OrdersTest::Stage::slurp("$dir/$id");
}


sub call_back
{
    my ($token, %said) = @_;

    my ($id) = split /[.]/, $token;
    my $input = $json->encode({ taskToken => $token, %said });
    my $at = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime);
    $stack->ask('RPUSH', $key->('queue'), qq({"v":1,"kind":"callback",)
        . qq("id":"$id","createdAt":"$at","input":$input}));
    return;
}


my $text = OrdersTest::Stage::slurp($file);
$text =~ s{https://payments\.example\.com}{http://127.0.0.1:$port}g;
$text =~ s/"TimeoutSeconds": 3600/"TimeoutSeconds": 4/ or die 'no timeout';
my $workflow = write_file("$dir/workflow.json", $text);
my $worker = $stack->worker("workflow $workflow; connection payments"
    . qq( http://127.0.0.1:$port "X-Key: k";));
my ($paid, $declined, $late) = $stack->push_orders(3);
for my $id ($paid, $declined, $late) {
    ok(OrdersTest::Stage::wait_for(sub { @{[asked($id)]} >= 2 }),
        'the provider is busy, and asked again');
}

call_back((asked($paid))[1]{token}, outcome => 'success',
    output => { status => 'paid' });
call_back((asked($declined))[1]{token}, outcome => 'failure',
    error => 'Payment.Declined', cause => 'no funds');
ok($stack->all_ended(3), 'all orders end');
is_deeply($stack->statuses($paid, $declined, $late), { $paid => 'SUCCESS',
    $declined => 'FAILED', $late => 'FAILED' }, 'as the provider says');
is($stack->order($declined)->{errorMessage}, 'no funds', 'with its reason');
is($stack->order($late)->{errorMessage}, 'the callback did not come in time',
    'or with ours');
is(join(' ', map { $_->{path} } asked($late)),
    '/v1/payments /v1/payments /v1/voids', 'of which the provider is told');
is(join(' ', map { $_->{path} } asked($paid)), '/v1/payments /v1/payments',
    'who is paid is not');
is(scalar(grep { $_->{secret} ne 'k' } map { asked($_) } $paid, $declined,
    $late), 0, 'each time with the secret of the connection');
is($worker->end('TERM'), 0, 'the worker leaves');

done_testing();
