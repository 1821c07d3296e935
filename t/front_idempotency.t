# SPDX-License-Identifier: BSD-2-Clause

# Orders that are posted once, however often they are sent.  Needs
# TEST_NGINX_REDIS_PORT; the keys have a prefix of their own.

use Test::Nginx::Socket 'no_plan';
use IO::Socket::INET;

our $prefix = $ENV{TEST_NGINX_PREFIX} = "once$$";


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
    return join "\n", map { reply($socket) } 1 .. $value if $type eq '*';

    read $socket, my $text, $value + 2;
    return substr $text, 0, $value;
}


sub clear
{
    redis('DEL', $_) for split /\n/, redis('KEYS', "{$prefix*");
    return;
}

add_cleanup_handler(\&clear);


# The queue, once it has but one message: what lost is withdrawn while its
# request is answered, and that may be seen a moment later.
sub queue_of_one
{
    my $queue = "{$prefix:0}:queue";

    for (1 .. 500) {
        last if redis('LLEN', $queue) == 1;
        select undef, undef, undef, 0.01;
    }

    return redis('LRANGE', $queue, 0, -1);
}


our $location = <<'END';
location /graphql {
    graphql_orders redis://127.0.0.1:$TEST_NGINX_REDIS_PORT;
    graphql_orders_prefix $TEST_NGINX_PREFIX;
    graphql_orders_user $http_x_user;
}
END


# A request for an order of a name; and its headers.
our $post = sub {
    my ($name, $fields) = @_;

    $fields = 'id name createdAt orderStatus' if !defined $fields;
    return "POST /graphql\n"
        . '{"query":"mutation($i: OrderInput!) { postOrder(input: $i) { '
        . $fields . ' } }","variables":{"i":{"name":"' . $name
        . '","quantity":1,"restaurantId":"r"}}}';
};

our $headers = sub {
    my ($key, $user) = @_;

    $user = 'ann' if !defined $user;
    return "Content-Type: application/json\nX-User: $user\n"
        . "Idempotency-Key: $key";
};


# Puts the first order of the queue where a worker stores it.
sub store_first
{
    my ($status) = @_;

    my ($id, $user, $at) = redis('LINDEX', "{$prefix:0}:queue", 0)
        =~ /"id":"(.*?)","userId":"(.*?)","createdAt":"(.*?)"/;
    redis('HSET', "{$prefix:0}:order:$id", v => 1, userId => $user,
        orderStatus => $status, createdAt => $at, updatedAt => $at,
        input => '{"name":"stored","quantity":1,"restaurantId":"r"}');
    return;
}


# The answers of a block, in their order, and what they left.
our @bodies;

add_response_body_check(sub {
    my ($block, $body) = @_;
    push @bodies, $body;
});

repeat_each(1);
no_long_string();
no_shuffle();
run_tests();

__DATA__

=== TEST 1: an order that is sent again is the same order
--- init
main::clear(); @main::bodies = ();
--- config eval
$main::location
--- more_headers eval
[$main::headers->('k-1'), $main::headers->('k-1')]
--- request eval
[$main::post->('pizza'), $main::post->('pizza')]
--- response_body_like eval
['"orderStatus":"PENDING"',
 '\A\{"data":\{"postOrder":\{"id":"[-0-9a-f]{36}","name":"pizza",']
--- error_code eval
[200, 200]
--- no_error_log
[error]
[alert]



=== TEST 2: its id and its time are those of the first answer
--- config eval
$main::location
--- more_headers eval
$main::headers->('k-1')
--- request eval
$main::post->('pizza')
--- response_body eval
$main::bodies[0]



=== TEST 3: the key and its id are in Redis for a day, the message has the key
--- config eval
$main::location
--- more_headers eval
$main::headers->('k-1')
--- request eval
$main::post->('pizza')
--- response_body_filters eval
sub {
    my ($id) = $_[0] =~ /"id":"(.*?)"/;
    my $key = "{$main::prefix:0}:idempotency:ann:k-1";
    my $message = main::redis('LINDEX', "{$main::prefix:0}:queue", 0);
    my ($owner) = split ' ', main::redis('GET', $key);
    my $ttl = main::redis('TTL', $key);
    return CORE::join ' ', $owner eq $id ? 'same' : 'other',
        $ttl > 86300 && $ttl <= 86400 ? 'day' : $ttl,
        $message =~ /"id":"$id".*"idempotencyKey":"k-1"/ ? 'message' : $message;
}
--- response_body chomp
same day message



=== TEST 4: when the worker has stored it, the answer is what is stored
--- init
main::store_first('SUCCESS');
--- config eval
$main::location
--- more_headers eval
$main::headers->('k-1')
--- request eval
$main::post->('pizza', 'name orderStatus')
--- response_body chomp
{"data":{"postOrder":{"name":"stored","orderStatus":"SUCCESS"}}}



=== TEST 5: the same key with another input is an error
--- config eval
$main::location
--- more_headers eval
[$main::headers->('k-1'),
 $main::headers->('k-1') . "\nAccept: application/graphql-response+json"]
--- request eval
[$main::post->('ramen'), $main::post->('ramen')]
--- error_code eval
[200, 400]
--- response_body_like eval
['used for another order.*"path":\["postOrder"\].*"code":"IDEMPOTENCY_CONFLICT".*"data":null',
 'IDEMPOTENCY_CONFLICT']



=== TEST 6: the same input with its keys in another order is the same
--- init
main::clear();
--- config eval
$main::location
--- more_headers eval
[$main::headers->('k-2'), $main::headers->('k-2')]
--- request eval
my $query = '"query":"mutation($i: OrderInput!) { postOrder(input: $i) { name } }"';
["POST /graphql\n{$query,\"variables\":{\"i\":{\"name\":\"x\",\"quantity\":1,\"restaurantId\":\"r\"}}}",
 "POST /graphql\n{$query,\"variables\":{\"i\":{\"restaurantId\":\"r\",\"quantity\":1,\"name\":\"x\"}}}"]
--- response_body eval
['{"data":{"postOrder":{"name":"x"}}}', '{"data":{"postOrder":{"name":"x"}}}']



=== TEST 7: the key of one user is not another's
--- config eval
$main::location
--- more_headers eval
[$main::headers->('k-3', 'ann'), $main::headers->('k-3', 'ben')]
--- request eval
[$main::post->('x', 'name userId'), $main::post->('y', 'name userId')]
--- response_body eval
['{"data":{"postOrder":{"name":"x","userId":"ann"}}}',
 '{"data":{"postOrder":{"name":"y","userId":"ben"}}}']



=== TEST 8: quotes around a key do not belong to it
--- config eval
$main::location
--- more_headers eval
[$main::headers->('k-4'), $main::headers->('"k-4"')]
--- request eval
[$main::post->('x', 'name'), $main::post->('y', 'name')]
--- response_body_like eval
['"name":"x"', 'IDEMPOTENCY_CONFLICT']



=== TEST 9: several orders of one request have a key each
--- init
main::clear();
--- config eval
$main::location
--- more_headers eval
[$main::headers->('k-5'), $main::headers->('k-5')]
--- request eval
my $order = '(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) { id }';
my $text = "POST /graphql\n{\"query\":\"mutation { a: postOrder$order b: postOrder$order }\"}";
[$text, $text]
--- response_body_filters eval
sub {
    my ($first, $second) = $_[0] =~ /"id":"(.*?)"/g;
    $main::seen{$first}++;
    $main::seen{$second}++;
    return CORE::join ' ', sort values %main::seen;
}
--- response_body eval
['1 1', '2 2']



=== TEST 10: a key of a bad kind is refused, and nothing is queued
--- init
main::clear();
--- config eval
$main::location
--- more_headers eval
[$main::headers->(''), $main::headers->('x' x 256), $main::headers->("\xc3\xa9")]
--- request eval
[map { $main::post->('x') } 1 .. 3]
--- response_body_filters eval
sub { $_[0] . main::redis('EXISTS', "{$main::prefix:0}:queue") }
--- response_body_like eval
['"code":"BAD_USER_INPUT".*0\z', '"code":"BAD_USER_INPUT".*0\z',
 '"code":"BAD_USER_INPUT".*0\z']



=== TEST 11: the header may have another name, and the key another time
--- init
main::clear();
--- config eval
$main::location =~ s/\}/graphql_orders_idempotency_header X-Once; graphql_orders_idempotency_ttl 1h; }/r
--- more_headers
Content-Type: application/json
X-User: ann
X-Once: k-6
--- request eval
$main::post->('x', 'name')
--- response_body_filters eval
sub { main::redis('TTL', "{$main::prefix:0}:idempotency:ann:k-6") > 3500 ? 'hour' : 'no' }
--- response_body chomp
hour



=== TEST 12: clients that cannot set headers use an argument
--- init
main::clear();
--- config eval
$main::location =~ s/\}/graphql_orders_schema $ENV{TEST_NGINX_SERVER_ROOT}\/html\/own.graphql; }/r
--- user_files
>>> own.graphql
enum ORDER_STATUS { PENDING SUCCESS FAILED }
input OrderInput { name: String! }
type Order { id: ID! name: String! orderStatus: ORDER_STATUS! }
type Query { orders: [Order!]! order(id: ID!): Order }
type Mutation { postOrder(input: OrderInput!, idempotencyKey: String): Order! }
--- more_headers eval
["Content-Type: application/json\nX-User: ann",
 "Content-Type: application/json\nX-User: ann",
 "Content-Type: application/json\nX-User: ann\nIdempotency-Key: a",
 "Content-Type: application/json\nX-User: ann\nIdempotency-Key: b"]
--- request eval
my $text = sub {
    "POST /graphql\n{\"query\":\"mutation { postOrder(input: {name: \\\"$_[0]\\\"},"
    . " idempotencyKey: \\\"a\\\") { name } }\"}"
};
[$text->('x'), $text->('y'), $text->('x'), $text->('x')]
--- response_body_like eval
['"name":"x"', 'IDEMPOTENCY_CONFLICT', '"name":"x"', 'different idempotency keys']



=== TEST 13: a transaction leaves the connection as it was
--- init
main::clear(); main::redis('SET', "{$main::prefix:0}:queue", 'no list');
--- config eval
$main::location
--- more_headers eval
[$main::headers->('k-7'), "Content-Type: application/json\nX-User: ann"]
--- request eval
[$main::post->('x'), "POST /graphql\n{\"query\":\"{ orders { id } }\"}"]
--- error_code eval
[500, 200]
--- response_body_like eval
['"code":"INTERNAL_SERVER_ERROR"', '"orders":\[\]']



=== TEST 14: a key whose order was not taken is free again
--- init
main::redis('DEL', "{$main::prefix:0}:queue");
--- config eval
$main::location
--- more_headers eval
$main::headers->('k-7')
--- request eval
$main::post->('another', 'name')
--- response_body chomp
{"data":{"postOrder":{"name":"another"}}}



=== TEST 15: what lost does not stay in the queue
--- init
main::clear();
--- config eval
$main::location
--- more_headers eval
[($main::headers->('k-8')) x 4]
--- request eval
[$main::post->('x'), $main::post->('x'), $main::post->('y'), $main::post->('x')]
--- response_body_filters eval
sub { main::queue_of_one() }
--- response_body_like eval
[('\A[^\n]*"name":"x"[^\n]*\z') x 4]



=== TEST 16: the fields of a request have their keys by their places
--- init
main::clear();
--- config eval
$main::location
--- more_headers eval
$main::headers->('k 9~')
--- request eval
my $order = '(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) { id }';
"POST /graphql\n{\"query\":\"mutation { a: postOrder$order __typename b: postOrder$order }\"}"
--- response_body_filters eval
sub { CORE::join '|', sort split /\n/, main::redis('KEYS', "{$main::prefix:0}:idempotency:*") }
--- response_body eval
CORE::join '|', map { "{$main::prefix:0}:idempotency:ann:$_" } "k 9~", "k 9~\t2"



=== TEST 17: two headers, or an empty one, are no key
--- init
main::clear();
--- config eval
$main::location
--- more_headers eval
[$main::headers->("1\nIdempotency-Key: 1"), $main::headers->('')]
--- request eval
[($main::post->('x')) x 2]
--- response_body_filters eval
sub { $_[0] . main::redis('EXISTS', "{$main::prefix:0}:queue") }
--- response_body_like eval
['two headers with an idempotency key.*"code":"BAD_USER_INPUT".*0\z',
 '"code":"BAD_USER_INPUT".*0\z']
