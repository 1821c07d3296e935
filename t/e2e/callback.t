# SPDX-License-Identifier: BSD-2-Clause

# Payments that are completed by a webhook: an order is posted, the provider is
# asked and given a token, and says later what became of it, signed.  What is
# forged or repeated changes nothing, and neither does a Redis that is gone for
# a while.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256_hex);
use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use MIME::Base64 qw(encode_base64);
use OrdersTest::HttpServer;
use OrdersTest::Stack;
use OrdersTest::Webhook;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
my $dir = $stack->{dir};
my $key = \&OrdersTest::Stack::key;
my $json = JSON::PP->new->canonical;
my $secret = 'whsec_' . encode_base64(join('', map { chr int rand 256 }
    1 .. 32), '');

sub wait_for { return OrdersTest::Stage::wait_for(@_) }


sub write_file
{
    my ($name, $text, $mode) = @_;

    open my $out, $mode || '>', "$dir/$name" or die "$name: $!";
    syswrite $out, $text;
    close $out or die "$name: $!";
    return "$dir/$name";
}


# The provider: remembers what it was asked, and tells what became of it a
# moment later; of an order that is held it tells nothing by itself.
$stack->redis(args => ['--appendonly', 'yes', '--appendfsync', 'always']);
$stack->{port} = OrdersTest::Stage::free_port();

sub webhook
{
    my ($asked) = @_;

    my ($event, %more) = $asked->{name} =~ /declined/
        ? ('charge.refused', reason => 'no funds') : 'charge.paid';
    return $json->encode({ type => $event, data => { status => 'PAID', %more,
        metadata => { token => $asked->{token} } } });
}

my $provider = OrdersTest::HttpServer::start($stack, sub {
    my ($request) = @_;

    local $SIG{CHLD} = 'IGNORE';
    my $asked = $json->decode($request->{body});
    write_file('asked', $json->encode($asked) . "\n", '>>');
    return { status => 202 } if $asked->{name} =~ /held/;

    if (fork == 0) {
        sleep 0.05 + rand 0.3;
        my @statuses = OrdersTest::Webhook::deliver($stack->{port}, '/hook',
            $secret, webhook($asked));
        write_file('delivered', "$asked->{id} @statuses\n", '>>');
        POSIX::_exit(0);
    }

    return { status => 202 };
});

my $workflow = write_file('workflow.json', <<'END');
{ "StartAt": "Initialize", "States": {
    "Initialize": { "Type": "Task", "Resource": "orders:initialize",
        "ResultPath": "$.order", "Next": "Charge" },
    "Charge": { "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Parameters": { "FunctionName": "charge", "Payload": {
            "token.$": "$$.Task.Token", "id.$": "$.order.id",
            "name.$": "$.order.name" } },
        "ResultPath": "$.payment",
        "Catch": [{ "ErrorEquals": ["charge.refused"],
                    "ResultPath": "$.error", "Next": "Cancel" }],
        "Next": "Paid" },
    "Paid": { "Type": "Choice", "Choices": [
        { "Variable": "$.payment.data.status", "StringEquals": "PAID",
          "Next": "Complete" }], "Default": "Cancel" },
    "Complete": { "Type": "Task", "Resource": "orders:complete",
        "End": true },
    "Cancel": { "Type": "Task", "Resource": "orders:cancel", "End": true } } }
END

my $settings = "workflow $workflow; lease 1s; park_after 100ms;"
    . " function charge http://127.0.0.1:$provider/charges;";
my $location = "
    location /graphql { graphql_orders redis://127.0.0.1:$stack->{redis_port}; }
    location = /hook {
        graphql_orders_callback redis://127.0.0.1:$stack->{redis_port};
        graphql_orders_callback_secret file=$dir/secret;
        graphql_orders_callback_token /data/metadata/token;
        graphql_orders_callback_outcome /type success=charge.paid
            failure=charge.refused;
        graphql_orders_callback_cause /data/reason;
    }";

write_file('secret', "$secret\n");
$stack->nginx($location, workers => 2);
my $worker = $stack->worker($settings);


# Posts an order; its id.
sub order
{
    my ($name) = @_;

    my $response = $stack->post('{"query":"mutation { postOrder(input: '
        . '{name: \"' . $name . '\", quantity: 1, restaurantId: \"r\"}) '
        . '{ id } }"}');
    my ($id) = $response->{body} =~ /"id":"([-0-9a-f]{36})"/
        or diag($response->{body});
    return $id;
}


sub asked
{
    my ($id) = @_;

    my @asked;
    wait_for(sub {
        @asked = grep { $_->{id} eq $id } map { $json->decode($_) }
            split /\n/, OrdersTest::Stage::slurp("$dir/asked");
    }) or BAIL_OUT("the provider was not asked for $id");
    return $asked[0];
}


sub becomes
{
    my ($id, $status) = @_;

    return wait_for(sub {
        ($stack->statuses($id)->{$id} || '') eq $status
            && !defined $stack->ask('HGET', $key->("order:$id"), 'execution')
    }, 20);
}


sub send_hook
{
    my ($body, %headers) = @_;

    my $response = OrdersTest::Webhook::post($stack->{port}, '/hook', $body,
        %headers);
    return "$response->{status} $response->{body}";
}


sub info
{
    my ($name) = @_;

    my ($value) = $stack->ask('INFO', 'memory') =~ /^$name:(\d+)/m;
    return $value;
}


# many orders, and a reload in the middle
my @names = map { $_ % 5 ? 'pizza' : 'declined' } 1 .. 40;
my @ids;
for my $i (0 .. $#names) {
    push @ids, order($names[$i]);
    $stack->nginx_signal('HUP') if $i == 20;
}

ok($stack->all_ended(scalar @ids), 'orders end by webhooks');
my $status = $stack->statuses(@ids);
is(join(' ', map { $status->{ $ids[$_] } } 0 .. $#ids),
    join(' ', map { $_ eq 'pizza' ? 'SUCCESS' : 'FAILED' } @names),
    'each as its provider says');
is($stack->order($ids[4])->{errorMessage}, 'no funds',
    'one that was declined says why');
is(scalar(split /\n/, OrdersTest::Stage::slurp("$dir/asked")), scalar @ids,
    'the provider was asked once for each');
ok(wait_for(sub { !$stack->left_over }), 'and nothing is left');


# forged and repeated
my $id = order('held');
my $asked = asked($id);
my $body = webhook($asked);
my $other = 'whsec_' . 'A' x 32;

like(send_hook($body, 'Content-Type' => 'application/json'),
    qr/^401 .*SIGNATURE_INVALID/, 'a webhook without a signature is refused');
like(send_hook($body, OrdersTest::Webhook::headers($other, $body)),
    qr/^401 .*SIGNATURE_INVALID/, 'so is one that somebody else has signed');
like(send_hook($body, OrdersTest::Webhook::headers($secret, "$body ")),
    qr/^401 .*SIGNATURE_INVALID/, 'and one that was changed on its way');
like(send_hook($body, OrdersTest::Webhook::headers($secret, $body,
    later => -400)), qr/^401 .*too old/, 'and an old one');
is($stack->ask('LLEN', $key->('queue')), 0, 'none of them is in the queue');
is($stack->statuses($id)->{$id}, 'PENDING', 'the order waits on');

my %headers = OrdersTest::Webhook::headers($secret, $body);
is(send_hook($body, %headers), '200 {"outcome":"success"}',
    'the right one is taken');
ok(becomes($id, 'SUCCESS'), '... and ends the order');
my $dropped = $stack->ask('HGET', $key->('stats'), 'callbacksDropped');
is(send_hook($body, %headers), '200 {"outcome":"duplicate"}',
    'the same once more is known');
is(send_hook($body, OrdersTest::Webhook::headers($secret, $body,
    id => $headers{'webhook-id'})), '200 {"outcome":"duplicate"}',
    '... also when it is signed anew');
like(send_hook($body, %headers, 'webhook-id' => 'msg_other'), qr/^401/,
    '... and not under another name');
is($stack->ask('HGET', $key->('stats'), 'callbacksDropped'), $dropped,
    'nothing of that comes to a worker');
is(send_hook($body, OrdersTest::Webhook::headers($secret, $body)),
    '200 {"outcome":"success"}', 'another webhook with the same token');
ok(wait_for(sub {
    ($stack->ask('HGET', $key->('stats'), 'callbacksDropped') || 0)
        == ($dropped || 0) + 1
}), '... is dropped by the worker, for the token is used');


# the same webhook from twenty senders at once
$id = order('held for many');
$body = webhook(asked($id));
$dropped = $stack->ask('HGET', $key->('stats'), 'callbacksDropped');
%headers = OrdersTest::Webhook::headers($secret, $body);
my $go = time + 1;
my @senders = map {
    $stack->child(sub {
        sleep $go - time if $go > time;
        write_file('many', send_hook($body, %headers) . "\n", '>>');
        POSIX::_exit(0);
    })
} 1 .. 20;
$stack->reap($_) for @senders;
my $answers = OrdersTest::Stage::slurp("$dir/many");
my $taken = () = $answers =~ /^200 \{"outcome":"success"\}$/mg;
my $known = () = $answers =~ /^200 \{"outcome":"duplicate"\}$/mg;
is($taken + $known, 20, 'twenty at once are all answered');
ok($taken >= 1, '... and taken');
ok(becomes($id, 'SUCCESS'), 'the order ends');
ok(wait_for(sub {
    $stack->ask('HGET', $key->('stats'), 'callbacksDropped')
        == $dropped + $taken - 1
}), '... by one of them, and the others are dropped');


# Redis is gone when the provider calls
$id = order('held later');
$body = webhook(asked($id));
ok(wait_for(sub {
    defined $stack->ask('ZSCORE', $key->('delayed'), $id)
}), 'an order waits');
$stack->redis_signal('KILL');

my $pid = $stack->child(sub {
    my @statuses = OrdersTest::Webhook::deliver($stack->{port}, '/hook',
        $secret, $body);
    write_file('retried', "@statuses");
    POSIX::_exit(0);
});
my $refused;
ok(wait_for(sub {
    $refused = OrdersTest::Webhook::post($stack->{port}, '/hook', $body,
        OrdersTest::Webhook::headers($secret, $body));
    $refused->{status} == 503
}), 'without Redis a webhook is not accepted');
is($refused->{headers}{'retry-after'}, '1', '... and shall come again');
$stack->redis(port => $stack->{redis_port},
    args => ['--appendonly', 'yes', '--appendfsync', 'always']);
ok(becomes($id, 'SUCCESS'), 'the provider repeats it until Redis is back');
$stack->reap($pid);
like(OrdersTest::Stage::slurp("$dir/retried"), qr/\A503 .*200\z/,
    '... as its answers said');


# little memory: what ends an order is taken when new ones are not
$id = order('held while it is full');
$body = webhook(asked($id));
$worker->end('TERM');
$stack->ask('SETRANGE', 'ballast', 64 << 20, 'x');  # a percent is something
$stack->ask('CONFIG', 'SET', 'maxmemory', int(info('used_memory') / 0.93));
ok(wait_for(sub {
    $stack->post('{"query":"mutation { postOrder(input: {name: \"x\", '
        . 'quantity: 1, restaurantId: \"r\"}) { id } }"}')->{body}
        =~ /QUEUE_FULL/
}), 'a Redis that is nearly full takes no more orders');
is(send_hook($body, OrdersTest::Webhook::headers($secret, $body)),
    '200 {"outcome":"success"}', 'but a webhook');
$stack->ask('CONFIG', 'SET', 'maxmemory', int(info('used_memory') / 0.98));
ok(wait_for(sub {
    send_hook($body, OrdersTest::Webhook::headers($secret, $body))
        =~ /^503 .*QUEUE_FULL/
}), 'until the last room is the workers\'');
$stack->ask('CONFIG', 'SET', 'maxmemory', 0);
$worker = $stack->worker($settings);
ok(becomes($id, 'SUCCESS'), 'and the order ends');
$worker->end('TERM');


# a new secret comes with a reload
my $new = 'whsec_' . encode_base64('n' x 32, '');
write_file('secret', $new);
$stack->nginx_signal('HUP');
my $hook = webhook({ %$asked, name => 'declined' });
ok(wait_for(sub {
    send_hook($hook, OrdersTest::Webhook::headers($new, $hook)) =~ /^200 /
}), 'after a reload the new secret is good');
ok(wait_for(sub {
    send_hook($hook, OrdersTest::Webhook::headers($secret, $hook)) =~ /^401 /
}), '... and the old one is not');
write_file('secret', $secret);


# the example in conf/nginx.conf
{
    my ($example) = OrdersTest::Stage::slurp(
        "$FindBin::Bin/../../conf/nginx.conf")
        =~ m{^(\s+#\s+location = /hooks/payment \{.*?^\s+#\s+\}\n)}ms;
    $example =~ s/^\s+#//mg;
    $example =~ s{/etc/nginx/payment.secret}{$dir/stripe};
    $example =~ s{127.0.0.1:6380}{127.0.0.1:$stack->{redis_port}};
    write_file('stripe', "whsec_0123456789abcdef\n");

    my $shop = OrdersTest::Stage->new;
    $shop->nginx($example);
    my $event = $json->encode({ id => 'evt_1', data => { object => {
        metadata => { taskToken => $asked->{token} } } },
        type => 'payment_intent.succeeded' });
    my $time = time;
    $time =~ s/[.].*//;
    my $code = hmac_sha256_hex("$time.$event", 'whsec_0123456789abcdef');
    my $response = OrdersTest::Webhook::post($shop->{port}, '/hooks/payment',
        $event, 'Content-Type' => 'application/json; charset=utf-8',
        'Stripe-Signature' => "t=$time,v1=$code,v0=00");
    is("$response->{status} $response->{body}", '200 {"outcome":"success"}',
        'the example of the configuration takes a webhook');
}


# a Redis that breaks off at each step, and one that is waited for
{
    my $fake = OrdersTest::Stage->new;
    my $redis = $fake->fake_redis(sub {
        my (@words) = @_;

        open my $out, '>>', "$fake->{dir}/commands";
        syswrite $out, "$words[0]\n";
        my $break = OrdersTest::Stage::slurp("$fake->{dir}/break");
        return if $words[0] eq $break;
        sleep 1 if $break eq 'sleep' && $words[0] eq 'EXISTS';
        return ":0\r\n" if $words[0] eq 'EXISTS';
        return "*2\r\n+OK\r\n:1\r\n" if $words[0] eq 'EXEC';
        return $words[0] eq 'MULTI' ? "+OK\r\n" : "+QUEUED\r\n";
    });
    my $at = sub {
        my ($break) = @_;

        open my $out, '>', "$fake->{dir}/break" or die $!;
        syswrite $out, $break;
        close $out;
        my $response = OrdersTest::Webhook::post($fake->{port}, '/hook', $body,
            OrdersTest::Webhook::headers($secret, $body));
        return "$response->{status} $response->{body}";
    };

    $fake->nginx("location /hook {
        graphql_orders_callback redis://$redis;
        graphql_orders_callback_secret file=$dir/secret;
        graphql_orders_callback_token /data/metadata/token;
        graphql_orders_callback_outcome /type success=charge.paid;
    }");
    like($at->('EXISTS'), qr/^503 .*"UNAVAILABLE"/,
        'a link that is lost at the question: nothing was done');
    for my $break ('MULTI', 'SET', 'RPUSH', 'EXEC') {
        like($at->($break), qr/^503 .*send it again.*"UNKNOWN_OUTCOME"/,
            "at $break: nobody knows");
    }
    is($at->('none'), '200 {"outcome":"success"}', 'then it is there again');

    $at->('none');
    open my $out, '>', "$fake->{dir}/break" or die $!;
    syswrite $out, 'sleep';
    close $out;
    unlink "$fake->{dir}/commands";
    my $socket = $fake->connect;
    my %hook = OrdersTest::Webhook::headers($secret, $body);
    print {$socket} "POST /hook HTTP/1.1\r\nHost: x\r\nContent-Length: "
        . length($body) . "\r\n" . join('', map { "$_: $hook{$_}\r\n" }
            sort keys %hook) . "\r\n$body";
    ok(wait_for(sub { -s "$fake->{dir}/commands" }), 'a sender waits');
    close $socket;
    ok(wait_for(sub { $fake->log =~ /prematurely closed connection/ }),
        'and leaves');
    is($at->('none'), '200 {"outcome":"success"}', 'others go on');
    is(join(' ', grep { !/LLEN|INFO/ } split /\n/,
            OrdersTest::Stage::slurp("$fake->{dir}/commands")),
        'EXISTS EXISTS MULTI SET RPUSH EXEC', 'what it sent is not pushed');
    unlike($fake->log, qr/\[alert\]/, 'nobody is alarmed');
}


my $log = $stack->log . OrdersTest::Stage::slurp("$dir/logs/access.log");
unlike($log, qr/\Q@{[substr $secret, 6]}\E/, 'no log has the secret');
unlike($log, qr/\Q$asked->{token}\E/, 'or a token');
unlike($log, qr/\[alert\]|\[crit\]/, 'and none is alarmed');

done_testing();
