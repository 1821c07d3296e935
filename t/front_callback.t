# SPDX-License-Identifier: BSD-2-Clause

# Webhooks that end tasks: signatures, the window, replays, and what goes to the
# queue.  Needs TEST_NGINX_REDIS_PORT; the keys have a prefix of their own.

use Test::Nginx::Socket 'no_plan';
use Digest::SHA qw(hmac_sha256 hmac_sha256_hex);
use IO::Socket::INET;
use MIME::Base64 qw(decode_base64 encode_base64);

our $prefix = $ENV{TEST_NGINX_PREFIX} = "hook$$";
our $order = '019ab3c4-5d6e-7f80-9123-456789abcdef';
our $token = "$order.Vx0pUo8nKQd1yHn2bGm4wLtR5sEjZ_-c";
our $ids = 0;
our $secret = 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
our $raw = 'whsec_raw_0123456789abcdef';

$ENV{TEST_NGINX_HOOK_SECRET} = "$raw\n";


# One command, and its reply as text: a line for each element.
sub redis
{
    my @words = @_;

    my $socket = IO::Socket::INET->new(
        PeerAddr => "127.0.0.1:$ENV{TEST_NGINX_REDIS_PORT}") or die "redis: $!";
    print {$socket} '*' . @words . "\r\n",
        map { '$' . length() . "\r\n$_\r\n" } @words;
    return reply($socket);
}


sub reply
{
    my ($socket) = @_;

    local $/ = "\r\n";
    my ($type, $value) = <$socket> =~ /\A(.)(.*)\r\n/;
    return $value if $type =~ /[-+:]/;
    return '(nil)' if $value < 0;
    return CORE::join "\n", map { reply($socket) } 1 .. $value if $type eq '*';

    read $socket, my $text, $value + 2;
    return substr $text, 0, $value;
}


sub clear
{
    redis('DEL', $_) for split /\n/, redis('KEYS', "{$prefix*");
    return;
}

add_cleanup_handler(\&clear);
clear();


# What is in the queue, which is empty then; ids and times by name.
sub queue
{
    my $text = redis('LRANGE', "{$prefix:0}:queue", 0, -1);
    redis('DEL', "{$prefix:0}:queue");
    $text =~ s/\Q$token\E/TOKEN/g;
    $text =~ s/\Q$order\E/ORDER/g;
    $text =~ s/"createdAt":"[-0-9T:.]+Z"/"createdAt":NOW/g;
    return $text eq '' ? 'empty' : $text;
}


# The answer, and what is in the queue.
our $with_queue = sub { return $_[0] . "\n" . main::queue() . "\n" };


# Headers of Standard Webhooks; what is wrong with them by name.
our $signed = sub {
    my ($body, %with) = @_;

    my $id = $with{id} || 'msg_' . ++$main::ids;
    my $time = time + ($with{later} || 0);
    my $key = decode_base64($with{secret} || $main::secret);
    my $code = encode_base64(hmac_sha256("$id.$time.$body", $key), '');
    return 'Content-Type: ' . ($with{type} || 'application/json')
        . "\nwebhook-id: $id\nwebhook-timestamp: $time"
        . "\nwebhook-signature: v1,$code";
};

our $success = '{"taskToken":"' . $token
    . '","outcome":"success","output":{"paid":2.50}}';
our $failure = '{"taskToken":"' . $token
    . '","outcome":"failure","error":"Declined","cause":"no \"funds\""}';
our $heartbeat = '{"taskToken":"' . $token . '","outcome":"heartbeat"}';

our $again = $signed->($success);

our @bad = ('{', '[]', '{"outcome":"success","outcome":"failure"}',
    '{"outcome":"success","output":1}', '{"outcome":"done"}',
    '{"outcome":"success","output":1,"taskToken":"' . $order . '"}',
    '{"outcome":"success","taskToken":"' . $token . '"}',
    '{"outcome":"heartbeat","taskToken":"' . $token . '","a":'
        . '[' x 80 . ']' x 80 . '}');

our $stripe = '{"id":"evt_1","type":"payment_intent.succeeded","data":'
    . '{"object":{"amount":250,"metadata":{"token":"' . $token . '"}}}}';
(our $refused = $stripe) =~ s/succeeded/payment_failed/;
(our $created = $stripe) =~ s/succeeded/created/;
(our $nowhere = $stripe) =~ s/"token":".*?"//;


# Lines of a location beside the directive itself.
our $location = sub {
    my ($more) = @_;

    $more = "graphql_orders_callback_secret whsec_$main::secret;"
        if !defined $more;
    return 'location /hook {
        graphql_orders_callback redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_prefix $TEST_NGINX_PREFIX;
        ' . $more . '
    }';
};

our $stripe_location = $location->('
    graphql_orders_callback_secret env=TEST_NGINX_HOOK_SECRET;
    graphql_orders_callback_signature stripe;
    graphql_orders_callback_token /data/object/metadata/token;
    graphql_orders_callback_outcome /type success=payment_intent.succeeded
        failure=payment_intent.payment_failed,payment_intent.canceled;
    graphql_orders_callback_id /id;
    graphql_orders_callback_output /data/object;');

our $stripe_signed = sub {
    my ($body, $key) = @_;

    my $time = time;
    return "Content-Type: application/json; charset=utf-8\n"
        . "Stripe-Signature: t=$time,v1="
        . hmac_sha256_hex("$time.$body", $key || $main::raw) . ',v0=00';
};

repeat_each(1);
no_long_string();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: success, failure and heartbeat go to the queue
--- config eval
$main::location->()
--- more_headers eval
[map { $main::signed->($_, id => 'm-1-' . length) }
    $main::success, $main::failure, $main::heartbeat]
--- request eval
[map { "POST /hook\n$_" } $main::success, $main::failure, $main::heartbeat]
--- response_body_filters eval
$main::with_queue
--- response_body eval
my $head = '{"v":1,"kind":"callback","id":"ORDER","createdAt":NOW,'
    . '"input":{"taskToken":"TOKEN","outcome":';
['{"outcome":"success"}' . "\n$head" . '"success","webhookId":"m-1-'
    . length($main::success) . '","output":{"paid":2.50}}}' . "\n",
 '{"outcome":"failure"}' . "\n$head" . '"failure","error":"Declined",'
    . '"cause":"no \"funds\"","webhookId":"m-1-' . length($main::failure)
    . '"}}' . "\n",
 '{"outcome":"heartbeat"}' . "\n$head" . '"heartbeat","webhookId":"m-1-'
    . length($main::heartbeat) . '"}}' . "\n"]
--- error_code eval
[200, 200, 200]
--- no_error_log
[error]
[alert]



=== TEST 2: a webhook that comes again is answered, and pushed no more
--- config eval
$main::location->()
--- more_headers eval
[$main::again, $main::again]
--- request eval
["POST /hook\n$main::success", "POST /hook\n$main::success"]
--- response_body_filters eval
$main::with_queue
--- response_body_like eval
['"success"\}\n.*"kind":"callback"', '"duplicate"\}\nempty']
--- error_code eval
[200, 200]



=== TEST 3: and that is in the log
--- config eval
$main::location->()
--- more_headers eval
$main::again
--- request eval
"POST /hook\n$main::success"
--- response_body_like: "duplicate"
--- error_log
graphql webhook was seen before and is not taken again: order 019ab3c4-5d6e-7f80-9123-456789abcdef
--- no_error_log
[error]



=== TEST 4: its sender may sign it anew, for it is known by its id
--- config eval
$main::location->()
--- more_headers eval
[$main::signed->($main::success, id => 'm-3', later => -100),
 $main::signed->($main::success, id => 'm-3')]
--- request eval
["POST /hook\n$main::success", "POST /hook\n$main::success"]
--- response_body_filters eval
$main::with_queue
--- response_body_like eval
['"success"\}\n.*"kind":"callback"', '"duplicate"\}\nempty']



=== TEST 5: it is known for as long as its time can be good
--- init
main::clear();
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    graphql_orders_callback_window 40s;")
--- more_headers eval
$main::signed->($main::success)
--- request eval
"POST /hook\n$main::success"
--- response_body_filters eval
sub {
    my ($key) = grep { /:webhook:/ } split /\n/,
        main::redis('KEYS', "{$main::prefix:0}:*");
    my $ttl = main::redis('TTL', $key);
    return CORE::join ' ', $key =~ /\A\Q{$main::prefix:0}:webhook:\E\w{32}\z/,
        $ttl > 130 && $ttl <= 140 ? 'in time' : $ttl,
        main::redis('GET', $key) eq $main::order ? 'order' : '';
}
--- response_body chomp
1 in time order



=== TEST 6: a forged webhook is refused, and says so
--- init
main::clear();
--- config eval
$main::location->()
--- more_headers eval
[$main::signed->($main::failure), $main::signed->("$main::success "),
 $main::signed->($main::success, secret => 'A' x 32),
 $main::signed->($main::success) . "\nwebhook-id: msg_other",
 $main::signed->($main::success) =~ s/v1,/v2,/r]
--- request eval
[("POST /hook\n$main::success") x 5]
--- response_body_filters eval
$main::with_queue
--- response_body eval
my $start = '{"errors":[{"message":"';
my $end = '","extensions":{"code":"SIGNATURE_INVALID"}}]}' . "\nempty\n";
my $form = 'a header of the signature has not the form that is expected';
[("${start}the signature does not fit the webhook$end") x 3,
 ("$start$form$end") x 2]
--- error_code eval
[401, 401, 401, 401, 401]
--- no_error_log eval
['[error]', $main::secret, $main::token]



=== TEST 7: one without its headers is refused
--- config eval
$main::location->()
--- more_headers eval
my $good = $main::signed->($main::success);
[map { $good =~ s/^webhook-$_: .*\n?//mr } qw(id timestamp signature)]
--- request eval
[("POST /hook\n$main::success") x 3]
--- response_body_filters eval
$main::with_queue
--- response_body_like eval
[('not signed: a header is missing.*"SIGNATURE_INVALID".*\nempty') x 3]
--- error_code eval
[401, 401, 401]



=== TEST 8: one that is too old or too new is refused
--- config eval
$main::location->()
--- more_headers eval
[map { $main::signed->($main::success, later => $_) } -400, 400, -150, 150]
--- request eval
[("POST /hook\n$main::success") x 4]
--- response_body_filters eval
$main::with_queue
--- response_body_like eval
['timestamp is too old.*\nempty', 'timestamp is in the future.*\nempty',
 '"success"', '"success"']
--- error_code eval
[401, 401, 200, 200]



=== TEST 9: any of several secrets is good
--- config eval
$main::location->("graphql_orders_callback_secret whsec_" . 'A' x 32 . ";
    graphql_orders_callback_secret \$TEST_NGINX_FILE;
    graphql_orders_callback_secret whsec_" . 'B' x 32 . ';')
    =~ s/\$TEST_NGINX_FILE/file=\$TEST_NGINX_SERVER_ROOT\/html\/secret/r
--- user_files eval
">>> secret\n$main::secret\n"
--- more_headers eval
[map { $main::signed->($main::success, secret => $_) }
    'A' x 32, $main::secret, 'B' x 32, 'C' x 32]
--- request eval
[("POST /hook\n$main::success") x 4]
--- error_code eval
[200, 200, 200, 401]



=== TEST 10: what is signed and is no callback is malformed
--- init
main::clear();
--- config eval
$main::location->()
--- request eval
[map { "POST /hook\n$_" } @main::bad]
--- more_headers eval
[map { $main::signed->($_) } @main::bad]
--- response_body_filters eval
sub { return main::queue() . " $_[0]" }
--- response_body_like eval
['^empty .*not good JSON.*BAD_REQUEST', 'no outcome at \\\\"/outcome',
 'the key \\\\"outcome\\\\" twice', 'no task token at \\\\"/taskToken',
 'not success, failure or heartbeat', 'has not the form of one',
 'no output at \\\\"/output', '^empty .*not good JSON']
--- error_code eval
[(400) x 8]
--- no_error_log eval
['[error]', $main::token]



=== TEST 11: a webhook is sent with POST
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    graphql_orders_get on;")
--- request eval
["GET /hook", "OPTIONS /hook", "PUT /hook\n{}"]
--- response_headers eval
["Allow: POST", "Allow: POST", "Allow: POST"]
--- response_body_like eval
[('METHOD_NOT_ALLOWED') x 3]
--- error_code eval
[405, 405, 405]



=== TEST 12: and is JSON
--- config eval
$main::location->()
--- request eval
[("POST /hook\n$main::success") x 5]
--- more_headers eval
[$main::signed->($main::success, type => 'text/plain'),
 $main::signed->($main::success, type => 'application/json; charset=latin1'),
 $main::signed->($main::success) . "\nContent-Encoding: gzip",
 $main::signed->($main::success, type => 'application/cloudevents+json'),
 $main::signed->($main::success, type => 'application/JSON; charset=UTF-8')]
--- response_body_like eval
[('UNSUPPORTED_MEDIA_TYPE') x 3, 'success', 'success']
--- error_code eval
[415, 415, 415, 200, 200]



=== TEST 13: one that is too large is refused, whatever it says of itself
--- init
main::clear();
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    graphql_orders_max_body " . length($main::success) . ";")
--- request eval
my $long = $main::success =~ s/\{/{ /r;
["POST /hook\n$long", "POST /hook\n" . sprintf("%x\r\n%s\r\n0\r\n\r\n",
    length $long, $long), "POST /hook\n$main::success", "POST /hook"]
--- more_headers eval
my $good = $main::signed->($main::success =~ s/\{/{ /r);
[$good, "$good\nTransfer-Encoding: chunked", $main::signed->($main::success),
 $main::signed->('')]
--- response_body_like eval
[('PAYLOAD_TOO_LARGE') x 2, 'success', 'the request has no body']
--- error_code eval
[413, 413, 200, 400]



=== TEST 14: one that no worker could read is refused
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    graphql_orders_max_body 8m;
    client_body_temp_path \$TEST_NGINX_SERVER_ROOT/body_temp;")
--- request eval
"POST /hook\n" . $main::success =~ s/2.50/'"' . 'x' x (4 << 20) . '"'/er
--- more_headers eval
$main::signed->($main::success =~ s/2.50/'"' . 'x' x (4 << 20) . '"'/er)
--- response_body_like: the webhook is too large.*PAYLOAD_TOO_LARGE
--- error_code: 413



=== TEST 15: a body in a file is a body
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    client_body_in_file_only clean;
    client_body_temp_path \$TEST_NGINX_SERVER_ROOT/body_temp;")
--- request eval
main::clear();
"POST /hook\n$main::success"
--- more_headers eval
$main::signed->($main::success)
--- response_body_filters eval
$main::with_queue
--- response_body_like: "success"\}\n.*"paid":2.50



=== TEST 16: the provider's own events, by pointers
--- init
main::clear();
--- config eval
$main::stripe_location
--- request eval
[map { "POST /hook\n$_" } $main::stripe,
    map { s/evt_1/evt_2/r } $main::refused]
--- more_headers eval
[map { $main::stripe_signed->($_) } $main::stripe,
    map { s/evt_1/evt_2/r } $main::refused]
--- response_body_filters eval
$main::with_queue
--- response_body_like eval
['^\{"outcome":"success"\}\n.*"input":\{"taskToken":"TOKEN","outcome":"success","webhookId":"evt_1","output":\{"amount":250,"metadata":\{"token":"TOKEN"\}\}\}\}',
 '^\{"outcome":"failure"\}\n.*"outcome":"failure","error":"payment_intent.payment_failed","webhookId":"evt_2"\}\}']
--- error_code eval
[200, 200]



=== TEST 17: an event that nobody waits for is ignored
--- config eval
$main::stripe_location
--- request eval
"POST /hook\n$main::created"
--- more_headers eval
$main::stripe_signed->($main::created)
--- response_body_filters eval
$main::with_queue
--- response_body
{"outcome":"ignored"}
empty
--- error_log
graphql webhook is ignored: its event is none of "graphql_orders_callback_outcome"
--- no_error_log
[error]



=== TEST 18: one without a token is not, nor is a forged one
--- config eval
$main::stripe_location
--- request eval
["POST /hook\n$main::nowhere", "POST /hook\n$main::created"]
--- more_headers eval
[$main::stripe_signed->($main::nowhere),
 $main::stripe_signed->($main::created, 'x' x 20)]
--- response_body_like eval
['no task token at \\\\"/data/object/metadata/token', 'SIGNATURE_INVALID']
--- error_code eval
[400, 401]



=== TEST 19: GitHub's form, without a time: one body is one webhook for a day
--- init
main::clear();
--- config eval
$main::location->('graphql_orders_callback_secret env=TEST_NGINX_HOOK_SECRET;
    graphql_orders_callback_signature github;')
--- request eval
["POST /hook\n$main::heartbeat", "POST /hook\n$main::heartbeat",
 "POST /hook\n$main::success"]
--- more_headers eval
[map { "Content-Type: application/json\nX-Hub-Signature-256: sha256="
    . Digest::SHA::hmac_sha256_hex($_, $main::raw) }
    $main::heartbeat, $main::heartbeat, $main::heartbeat]
--- response_body_filters eval
sub {
    my ($key) = split /\n/, main::redis('KEYS', "{$main::prefix:0}:webhook:*");
    return "$_[0] " . int((main::redis('TTL', $key) + 60) / 3600) . ' '
        . main::queue();
}
--- response_body_like eval
['"heartbeat"\} 24 \{', '"duplicate"\} 24 empty', 'SIGNATURE_INVALID']
--- error_code eval
[200, 200, 401]



=== TEST 20: a form in words
--- config eval
$main::location->('graphql_orders_callback_secret env=TEST_NGINX_HOOK_SECRET;
    graphql_orders_callback_signature header=X-Square-Hmacsha256-Signature
        "form={base64}" "payload=https://shop.example/hook{body}";')
--- request eval
["POST /hook\n$main::success", "POST /hook\n$main::failure"]
--- more_headers eval
my $code = MIME::Base64::encode_base64(Digest::SHA::hmac_sha256(
    "https://shop.example/hook$main::success", $main::raw), '');
["Content-Type: application/json\nx-square-hmacsha256-signature: $code",
 "Content-Type: application/json\nx-square-hmacsha256-signature: $code"]
--- error_code eval
[200, 401]



=== TEST 21: without a signature, where the operator says so
--- init
main::clear();
--- config eval
$main::location->('graphql_orders_callback_signature none;')
    . $main::location->('graphql_orders_callback_signature none;
        graphql_orders_callback_id /id;') =~ s/hook/known/r
--- request eval
my $known = $main::heartbeat =~ s/\{/{"id":1,/r;
["POST /hook\n$main::heartbeat", "POST /hook\n$main::heartbeat",
 "POST /known\n$known", "POST /known\n$known", "POST /known\n$main::heartbeat"]
--- more_headers
Content-Type: application/json
--- response_body_like eval
['heartbeat', 'heartbeat', 'heartbeat', 'duplicate', 'no id at']
--- error_code eval
[200, 200, 200, 200, 400]



=== TEST 22: a full queue is no reason to refuse what ends an order
--- init
main::clear();
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    graphql_orders_max_queue 1;")
    . 'location /graphql {
        graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_prefix $TEST_NGINX_PREFIX;
        graphql_orders_max_queue 1;
    }'
--- request eval
my $post = "POST /graphql\n" . '{"query":"mutation { postOrder(input: '
    . '{name: \"a\", quantity: 1, restaurantId: \"r\"}) { name } }"}';
[$post, $post, "POST /hook\n$main::success"]
--- more_headers eval
my $json = 'Content-Type: application/json';
[$json, $json, $main::signed->($main::success)]
--- response_body_like eval
['"name":"a"', 'QUEUE_FULL', '"outcome":"success"']
--- error_code eval
[200, 503, 200]



=== TEST 23: without Redis the sender is told to come again
--- config eval
$main::location->() =~ s/:\$TEST_NGINX_REDIS_PORT/:1/r
--- request eval
"POST /hook\n$main::success"
--- more_headers eval
$main::signed->($main::success)
--- error_code: 503
--- response_headers
Retry-After: 1
--- response_body_like: "code":"UNAVAILABLE"



=== TEST 24: what cannot be pushed is not remembered either
--- init
main::clear();
main::redis('SET', "{$main::prefix:0}:queue", 'no list');
--- config eval
$main::location->()
--- request eval
my $request = "POST /hook\n$main::success";
[$request, $request]
--- more_headers eval
my $headers = $main::signed->($main::success);
[$headers, $headers]
--- response_body_filters eval
sub { return $_[0] . main::redis('DEL', "{$main::prefix:0}:queue") }
--- response_body_like eval
['INTERNAL_SERVER_ERROR', '"outcome":"success"']
--- error_code eval
[500, 200]
--- no_error_log
[alert]



=== TEST 25: it is answered when it is durable, as orders are
--- init
main::clear();
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    graphql_orders_durability replicas=1 100ms;")
--- request eval
my $request = "POST /hook\n$main::success";
[$request, $request]
--- more_headers eval
my $headers = $main::signed->($main::success);
[$headers, $headers]
--- response_body_like eval
[('not confirmed as durable in time; send it again.*"UNKNOWN_OUTCOME"') x 2]
--- error_code eval
[503, 503]



=== TEST 26: variables tell of it
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    add_header X-Hook '(\$graphql_orders_callback_outcome) "
    . "(\$graphql_orders_id) (\$graphql_orders_code)' always;")
--- request eval
["POST /hook\n$main::success", "POST /hook\n$main::success"]
--- more_headers eval
[$main::signed->($main::success), $main::signed->($main::failure)]
--- response_headers eval
["X-Hook: (success) ($main::order) ()", "X-Hook: () () (SIGNATURE_INVALID)"]
--- error_code eval
[200, 401]



=== TEST 27: settings are inherited, and blocks inside of a location have them
--- http_config eval
"graphql_orders_callback_secret whsec_$main::secret;
graphql_orders_callback_outcome /event success=paid;"
--- config
    location /hook {
        graphql_orders_callback redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
        graphql_orders_prefix $TEST_NGINX_PREFIX;
        if ($http_x_if) {
            add_header X-If yes;
        }
        limit_except POST {
            deny all;
        }
    }
--- request eval
my $body = '{"event":"paid","taskToken":"' . $main::token . '"}';
["POST /hook\n$body", "POST /hook\n$body"]
--- more_headers eval
my $body = '{"event":"paid","taskToken":"' . $main::token . '"}';
[$main::signed->($body), $main::signed->($body) . "\nX-If: 1"]
--- response_body_like eval
['"success"', '"success"']
--- response_headers eval
["X-If: ", "X-If: yes"]



=== TEST 28: a callback without a secret is a mistake
--- config eval
$main::location->('')
--- must_die
--- error_log
"graphql_orders_callback" needs "graphql_orders_callback_secret", or else "graphql_orders_callback_signature none"



=== TEST 29: a secret where nothing is signed is a mistake too
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    graphql_orders_callback_signature none;")
--- must_die
--- error_log
"graphql_orders_callback" needs "graphql_orders_callback_secret", or else "graphql_orders_callback_signature none"



=== TEST 30: a secret that is no base64 is reported, and not shown
--- config eval
$main::location->('graphql_orders_callback_secret whsec_not.base64.at.all;')
--- must_die
--- error_log
the secret of "graphql_orders_callback_secret whsec_..." cannot be used: it is not base64 of at least 24 bytes
--- no_error_log
not.base64



=== TEST 31: one that is too short is reported
--- config eval
$main::location->('graphql_orders_callback_secret whsec_c2hvcnQ=;')
--- must_die
--- error_log
it is not base64 of at least 24 bytes, with or without "whsec_"
--- no_error_log
c2hvcnQ



=== TEST 32: one that is in no file is reported
--- config eval
$main::location->('graphql_orders_callback_secret file=/no/such/file;')
--- must_die
--- error_log
"/no/such/file" failed



=== TEST 33: one that the environment has not is reported
--- config eval
$main::location->('graphql_orders_callback_secret env=NO_SUCH_NAME;')
--- must_die
--- error_log
the environment has no variable "NO_SUCH_NAME" for a secret



=== TEST 34: what may be a secret is not shown
--- config eval
$main::location->('graphql_orders_callback_secret plain_text;')
--- must_die
--- error_log
invalid parameter in "graphql_orders_callback_secret": it is file=PATH, env=NAME or whsec_...
--- no_error_log
plain_text



=== TEST 35: two secrets in a file are a mistake
--- config eval
$main::location->('graphql_orders_callback_secret file=$TEST_NGINX_SERVER_ROOT/html/secrets;
    graphql_orders_callback_signature github;')
--- user_files
>>> secrets
one secret of sixteen bytes
another one of sixteen bytes
--- must_die
--- error_log
has a line break or a control character in it
--- no_error_log
sixteen



=== TEST 36: a form that is not known is reported
--- config eval
$main::location->('graphql_orders_callback_signature strip;')
--- must_die
--- error_log
invalid "graphql_orders_callback_signature": it is standard, stripe, github, shopify, slack, paddle or svix, or header=



=== TEST 37: a time that is not signed is reported
--- config eval
$main::location->('graphql_orders_callback_signature header=S "form={hex}"
    "payload={body}" timestamp=T;')
--- must_die
--- error_log
a timestamp or an id is believed only where it is signed



=== TEST 38: a window without an end is a mistake
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;
    graphql_orders_callback_window 0;")
--- must_die
--- error_log
invalid value "0" in "graphql_orders_callback_window": it is a time from 1s to 1d



=== TEST 39: a pointer that is none is reported
--- config eval
$main::location->('graphql_orders_callback_token data.token;')
--- must_die
--- error_log
invalid value "data.token" in "graphql_orders_callback_token": it is a JSON pointer such as /data/id



=== TEST 40: so is that of the outcome
--- config eval
$main::location->('graphql_orders_callback_outcome type success=paid;')
--- must_die
--- error_log
invalid value "type" in "graphql_orders_callback_outcome": it is a JSON pointer such as /data/id



=== TEST 41: an outcome is one of three
--- config eval
$main::location->('graphql_orders_callback_outcome /type done=paid;')
--- must_die
--- error_log
invalid parameter "done=paid": it is success=, failure= or heartbeat=



=== TEST 42: an event has a name
--- config eval
$main::location->('graphql_orders_callback_outcome /type success=paid,;')
--- must_die
--- error_log
invalid parameter "success=paid,": it is success=, failure= or heartbeat=



=== TEST 43: an event stands for one outcome
--- config eval
$main::location->('graphql_orders_callback_outcome /type success=a,b failure=b;')
--- must_die
--- error_log
"graphql_orders_callback_outcome" directive has an event that stands for two outcomes



=== TEST 44: a location answers GraphQL or webhooks
--- config eval
$main::location->('graphql_orders redis://127.0.0.1:1;')
--- must_die
--- error_log
"graphql_orders" directive cannot be beside "graphql_orders_callback" in one location



=== TEST 45: nine secrets are one too many
--- config eval
$main::location->("graphql_orders_callback_secret whsec_$main::secret;" x 9)
--- must_die
--- error_log
"graphql_orders_callback_secret" directive is there too often
