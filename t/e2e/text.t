# SPDX-License-Identifier: BSD-2-Clause

# Odd text goes all the way: from a variable through queue, workflow, hash and
# event back into a query, for users of odd names too.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stack;
use Test::More;

my $json = JSON::PP->new->utf8->canonical;

my @texts = (
    ['nothing', ''], ['a space', ' '], ['a NUL', "a\0b"],
    ['control characters', join '', map { chr } 1 .. 31, 127],
    ['quotes and backslashes', "\"\\\"\\u0041\\n'`"],
    ['slashes', '</script>/*//\\/'], ['line separators', "\x{2028}\x{2029}"],
    ['beyond the first plane', "\x{1f355}\x{10ffff}"],
    ['ends of the UTF-8 lengths', "\x{7f}\x{80}\x{7ff}\x{800}\x{ffff}"],
    ['what is no character', "\x{fdd0}\x{fffe}"],
    ['a byte order mark', "\x{feff}"], ['Redis\' own', "\$5\r\n*1\r\n"],
    ['braces', '{orders:1}:queue'], ['a path', '$.payment.status'],
    ['an intrinsic', "States.Format('{}', 1)"], ['a format', '%s%n%5$s'],
    ['an SSI command', '<!--# echo var="request" -->'],
    ['a long line', 'x' x 100_000],
);

# What nginx passes on in a header; it refuses some bytes by itself.
my @users = ('ann', "Zo\xc3\xab", 'a b', '{orders:0}', '*', '../..', '"', '\\',
    '%00', "\x7f", 'u' x 256);


my $stack = OrdersTest::Stack->new;
my $redis = $stack->redis;
my $worker = $stack->worker('simulate_refuse 0%; simulate_latency 1ms 2ms;');

# the schema that is compiled in, without its constraints
my $top = $ENV{ORDERS_TOP} || "$FindBin::Bin/../..";
my $schema = OrdersTest::Stage::slurp("$top/conf/schema.graphql")
    =~ s{[@]constraint\(.*?\)}{}gr;
open my $out, '>', "$stack->{dir}/schema.graphql" or die "a schema: $!";
print {$out} $schema;
close $out or die "a schema: $!";

$stack->nginx("location /graphql { graphql_orders redis://$redis;"
    . " graphql_orders_schema $stack->{dir}/schema.graphql;"
    . ' graphql_orders_user $http_x_user; }');
OrdersTest::Stage::wait_for(sub { $stack->log =~ /is up/ });

my $events = events();

for my $row (@texts) {
    my ($what, $text) = @$row;
    my ($order, $later) = round('ann', $text);

    is($order->{name}, $text, "$what: in the answer");
    is($later->{name}, $text, '... and in the order');
    is($later->{orderStatus}, 'SUCCESS', '... which is paid');
}

my %seen = map { $_->{order}{name} => 1 } $events->();
is_deeply([grep { !$seen{ $_->[1] } } @texts], [],
    'events say the same of all of them');

for my $user (@users) {
    my ($order, $later) = round($user, 'pizza');
    utf8::decode(my $name = $user);

    is($later->{userId}, $name, "a user called " . $json->encode([$name]));
    my $list = graphql($user, '{ orders { id } }')->{orders};
    ok((grep { $_->{id} eq $order->{id} } @$list), '... finds the order');
}

is($stack->ask('LLEN', OrdersTest::Stack::key('dead')), 0, 'no dead letters');
unlike($worker->text, qr/[^\t\n\x20-\x7e\x80-\xff]/,
    'the log has no control characters');
unlike($stack->log, qr/[^\t\n\x20-\x7e\x80-\xff]/, '... and that of nginx');
is($worker->end('TERM'), 0, 'the worker leaves');
done_testing();


# What postOrder answers, and what order() says when the order has ended.
sub round
{
    my ($user, $text) = @_;

    my $order = graphql($user, 'mutation($o: OrderInput!) { postOrder('
        . 'input: $o) { id name userId orderStatus } }',
        { o => { name => $text, quantity => 1, restaurantId => 'r' } })
        ->{postOrder};
    my $later;

    OrdersTest::Stage::wait_for(sub {
        $later = graphql($user, 'query($id: ID!) { order(id: $id) { name userId'
            . ' orderStatus } }', { id => $order->{id} })->{order};
        $later && $later->{orderStatus} ne 'PENDING';
    });
    return ($order, $later);
}


sub graphql
{
    my ($user, $query, $variables) = @_;

    my $body = $json->encode({ query => $query, variables => $variables });
    my $response = $stack->post($body, 'X-User' => $user);
    my $data = $json->decode($response->{body});

    diag($response->{body}) if $data->{errors};
    return $data->{data};
}


# Listens; the code returned gives the events so far, decoded.
sub events
{
    my $socket = IO::Socket::INET->new(
        PeerAddr => "127.0.0.1:$stack->{redis_port}") or die "redis: $!";
    print {$socket} "SUBSCRIBE orders:status\r\n";

    return sub {
        my $text = '';
        my $select = IO::Select->new($socket);
        while ($select->can_read(0.5)) {
            last if !sysread $socket, $text, 65536, length $text;
        }

        my @events;
        while ($text =~ /\$(\d+)\r\n(?=\{)/g) {
            push @events, $json->decode(substr $text, pos $text, $1);
        }
        return @events;
    };
}
