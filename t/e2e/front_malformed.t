# SPDX-License-Identifier: BSD-2-Clause

# Malformed requests: each gets a clear error with its status and code within a
# second, nothing is queued, and the process that answers is the same at the
# end.  A row is a name, a body, a status (in graphql-response+json and in
# json) and a code.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stage;
use Test::More;
use Time::HiRes qw(time);

my $json = JSON::PP->new->utf8->allow_nonref;
my @rows;


sub rows
{
    my ($statuses, $code, @list) = @_;

    while (@list) {
        my ($name, $body) = splice @list, 0, 2;
        push @rows, [$name, $body, @$statuses, $code];
    }
    return;
}


# a GraphQL document, and one with variables, in their JSON
sub doc
{
    my ($query, $variables) = @_;

    my %request = (query => $query);
    $request{variables} = $variables if defined $variables;
    return $json->encode(\%request);
}


my $q = '{"query":"{ __typename }"';

# The body is no JSON.
rows([400, 400], 'BAD_REQUEST',
    'only white space'              => " \r\n\t ",
    'a NUL byte'                    => "\0",
    'plain text'                    => 'hello',
    'GraphQL without JSON'          => '{ orders { id } }',
    'an open object'                => '{',
    'an object cut in a key'        => '{"que',
    'an object cut in a value'      => '{"query":"{ __type',
    'an object cut before its end'  => '{"query":"{ __typename }"',
    'a trailing comma'              => "$q,}",
    'two objects'                   => "$q}$q}",
    'text behind the object'        => "$q} x",
    'a NUL behind the object'       => "$q}\0",
    'single quotes'                 => "{'query':'{ __typename }'}",
    'a key without quotes'          => '{query:"{ __typename }"}',
    'a value without quotes'        => '{"query":__typename}',
    'a comment'                     => "/* x */ $q}",
    'a line comment'                => "// x\n$q}",
    'no colon'                      => '{"query" "{ __typename }"}',
    'two colons'                    => '{"query"::"{ __typename }"}',
    'two commas'                    => "$q,,\"x\":1}",
    'a newline in a string'         => "{\"query\":\"{\n__typename }\"}",
    'a tab in a string'             => "{\"query\":\"{\t__typename }\"}",
    'a NUL in a string'             => "{\"query\":\"{\0__typename }\"}",
    'an unknown escape'             => '{"query":"\\x"}',
    'half an escape'                => '{"query":"\\',
    'a short \\u escape'            => '{"query":"\\u12"}',
    'letters in a \\u escape'       => '{"query":"\\uZZZZ"}',
    'a lone high surrogate'         => '{"query":"\\ud800"}',
    'a lone low surrogate'          => '{"query":"\\udc00"}',
    'two high surrogates'           => '{"query":"\\ud800\\ud800"}',
    'a high surrogate, then text'   => '{"query":"\\ud800x"}',
    'surrogates in a key'           => "$q,\"\\ud800\":1}",
    'surrogates in a variable'      => "$q,\"variables\":{\"a\":\"\\udfff\"}}",
    'NaN'                           => "$q,\"variables\":{\"a\":NaN}}",
    'Infinity'                      => "$q,\"variables\":{\"a\":Infinity}}",
    'undefined'                     => "$q,\"variables\":undefined}",
    'True'                          => "$q,\"variables\":True}",
    'a number with a leading zero'  => "$q,\"x\":01}",
    'a number with a plus'          => "$q,\"x\":+1}",
    'a number that ends in a point' => "$q,\"x\":1.}",
    'a number that begins with one' => "$q,\"x\":.1}",
    'an empty exponent'             => "$q,\"x\":1e}",
    'a hexadecimal number'          => "$q,\"x\":0x10}",
    'a minus alone'                 => "$q,\"x\":-}",
    'a bracket that does not fit'   => "$q,\"x\":[1}}",
    'a bracket too many'            => "$q,\"x\":[1]]}",
    'a byte order mark'             => "\xef\xbb\xbf$q}",
    'UTF-16'                        => join('', map { "\0$_" } split //, "$q}"),
    'a form'                        => 'query=%7B__typename%7D',
    'compressed bytes'              => "\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x56",
    'a form-feed as white space'    => "\f$q}",
);

# The body is no UTF-8.
for my $pair (
    ['a lone continuation byte', "\x80"], ['a byte FF', "\xff"],
    ['a byte FE', "\xfe"], ['half of two bytes', "\xc3"],
    ['half of three bytes', "\xe2\x82"], ['half of four bytes', "\xf0\x9f\x98"],
    ['an overlong slash of two', "\xc0\xaf"],
    ['an overlong slash of three', "\xe0\x80\xaf"],
    ['an overlong slash of four', "\xf0\x80\x80\xaf"],
    ['an overlong NUL', "\xc0\x80"], ['an encoded surrogate', "\xed\xa0\x80"],
    ['a pair of encoded surrogates', "\xed\xa0\x80\xed\xb0\x80"],
    ['beyond U+10FFFF', "\xf4\x90\x80\x80"], ['five bytes', "\xf8\x88\x80\x80\x80"],
    ['six bytes', "\xfc\x84\x80\x80\x80\x80"], ['Latin-1', "caf\xe9"])
{
    my ($name, $bytes) = @$pair;
    rows([400, 400], 'BAD_REQUEST',
        "UTF-8: $name in the query"   => "{\"query\":\"{ a$bytes }\"}",
        "UTF-8: $name in a variable"  => "$q,\"variables\":{\"a\":\"$bytes\"}}",
        "UTF-8: $name in a key"       => "$q,\"x$bytes\":1}");
}

# The JSON is no GraphQL request.
rows([400, 400], 'BAD_REQUEST',
    'null'                       => 'null',
    'true'                       => 'true',
    'a number'                   => '5',
    'a string'                   => '"{ __typename }"',
    'an empty array'             => '[]',
    'a batch of one'             => "[$q}]",
    'a batch of two'             => "[$q},$q}]",
    'an empty object'            => '{}',
    'no query'                   => '{"variables":{}}',
    'a query in capitals'        => '{"QUERY":"{ __typename }"}',
    'query null'                 => '{"query":null}',
    'query a number'             => '{"query":1}',
    'query a boolean'            => '{"query":true}',
    'query an array'             => '{"query":["{ __typename }"]}',
    'query an object'            => '{"query":{}}',
    'variables a string'         => "$q,\"variables\":\"{}\"}",
    'variables a number'         => "$q,\"variables\":0}",
    'variables a boolean'        => "$q,\"variables\":false}",
    'variables an array'         => "$q,\"variables\":[]}",
    'operationName a number'     => "$q,\"operationName\":7}",
    'operationName a boolean'    => "$q,\"operationName\":false}",
    'operationName an array'     => "$q,\"operationName\":[\"a\"]}",
    'operationName an object'    => "$q,\"operationName\":{}}",
    'extensions a string'        => "$q,\"extensions\":\"x\"}",
    'extensions a number'        => "$q,\"extensions\":0}",
    'extensions an array'        => "$q,\"extensions\":[]}",
    'two queries'                => "$q,\"query\":\"{ orders { id } }\"}",
    'two queries, one escaped'   => "$q,\"qu\\u0065ry\":\"{ orders { id } }\"}",
    'two variables'              => "$q,\"variables\":{},\"variables\":{}}",
    'two operation names'        => "$q,\"operationName\":\"a\",\"operationName\":\"b\"}",
    'a variable twice'           => "$q,\"variables\":{\"a\":1,\"a\":2}}",
    'a key twice, far below'     => "$q,\"variables\":{\"a\":{\"b\":[{\"c\":1,\"c\":1}]}}}",
);

# The document is no GraphQL.
rows([400, 200], 'GRAPHQL_PARSE_FAILED',
    'an empty document'          => doc(''),
    'white space and commas'     => doc(" ,\n,"),
    'a comment alone'            => doc('# nothing'),
    'an open brace'              => doc('{'),
    'a closing brace'            => doc('}'),
    'an empty selection'         => doc('{ }'),
    'an empty sub-selection'     => doc('{ orders { } }'),
    'a brace too few'            => doc('{ orders { id }'),
    'a brace too many'           => doc('{ orders { id } } }'),
    'a bracket that does not fit' => doc('{ order(id: [1) { id } }'),
    'an argument without value'  => doc('{ order(id:) { id } }'),
    'empty arguments'            => doc('{ orders() { id } }'),
    'an alias without field'     => doc('{ a: { id } }'),
    'a spread without name'      => doc('{ ... }'),
    'a fragment without type'    => doc('fragment f { id }'),
    'a fragment named on'        => doc('fragment on on Order { id }'),
    'an unknown operation'       => doc('get { orders { id } }'),
    'a variable without type'    => doc('query($a) { __typename }'),
    'a variable without name'    => doc('query($: Int) { __typename }'),
    'a variable in a default'    => doc('query($a: Int = $b) { __typename }'),
    'an open string'             => doc('{ order(id: "x) { id } }'),
    'an open block string'       => doc('{ order(id: """x) { id } }'),
    'a newline in a string'      => doc("{ order(id: \"\n\") { id } }"),
    'an unknown escape'          => doc('{ order(id: "\\q") { id } }'),
    'a lone surrogate escape'    => doc('{ order(id: "\\uD800") { id } }'),
    'an escape out of range'     => doc('{ order(id: "\\u{110000}") { id } }'),
    'an endless escape'          => doc('{ order(id: "\\u{FFFFFFFFFFFFFFFF}") { id } }'),
    'a number with a letter'     => doc('{ order(id: 1x) { id } }'),
    'a number with a leading zero' => doc('{ order(id: 01) { id } }'),
    'a number that ends in a point' => doc('{ order(id: 1.) { id } }'),
    'two dots'                   => doc('{ ..f }'),
    'a question mark'            => doc('{ orders? { id } }'),
    'a control character'        => doc("{ \x01orders { id } }"),
    'a NUL character'            => doc("{ orders\0 { id } }"),
    'a letter that is not ASCII' => doc("{ \x{e9}t\x{e9} }"),
    'an emoji'                   => doc("{ \x{1f600} }"),
    'a directive without name'   => doc('{ orders @ { id } }'),
    'JSON in place of GraphQL'   => doc('{"orders": {"id": 1}}'),
    'SQL'                        => doc('SELECT * FROM orders'),
    'HTML'                       => doc('<html></html>'),
);

# The document is not valid.
rows([400, 200], 'GRAPHQL_VALIDATION_FAILED',
    'an unknown field'           => doc('{ weather }'),
    'an unknown sub-field'       => doc('{ orders { idd } }'),
    'a leaf with a selection'    => doc('{ orders { id { x } } }'),
    'an object without selection' => doc('{ orders }'),
    'an unknown argument'        => doc('{ order(id: "x", x: 1) { id } }'),
    'a missing argument'         => doc('{ order { id } }'),
    'an argument twice'          => doc('{ order(id: "x", id: "y") { id } }'),
    'an unknown directive'       => doc('{ orders @weather { id } }'),
    'a directive at a wrong place' => doc('query @skip(if: true) { __typename }'),
    'a directive twice'          => doc('{ orders @skip(if: true) @skip(if: true) { id } }'),
    'an unknown fragment'        => doc('{ ...f }'),
    'an unused fragment'         => doc('{ __typename } fragment f on Query { __typename }'),
    'a fragment in itself'       => doc('{ ...f } fragment f on Query { ...f }'),
    'fragments in each other'    => doc('{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }'),
    'a fragment twice'           => doc('{ ...f } fragment f on Query { __typename } fragment f on Query { __typename }'),
    'a fragment on a scalar'     => doc('{ ...f } fragment f on Int { x }'),
    'a fragment that cannot match' => doc('{ ... on Order { id } }'),
    'two anonymous operations'   => doc('{ __typename } { __typename }'),
    'two operations of a name'   => doc('query a { __typename } query a { __typename }'),
    'fields that conflict'       => doc('{ a: __typename a: orders { id } }'),
    'an unknown variable'        => doc('{ order(id: $a) { id } }'),
    'an unused variable'         => doc('query($a: Int) { __typename }'),
    'a variable twice'           => doc('query($a: ID!, $a: ID!) { order(id: $a) { id } }'),
    'a variable of unknown type' => doc('query($a: Weather) { order(id: $a) { id } }'),
    'a variable of output type'  => doc('query($a: Order) { order(id: $a) { id } }'),
    'a variable of another type' => doc('query($a: Int!) { order(id: $a) { id } }'),
    'a nullable variable'        => doc('query($a: ID) { order(id: $a) { id } }'),
    'a subscription'             => doc('subscription { orders { id } }'),
    'a type definition'          => doc('type Query { x: Int }'),
    'a literal of a wrong type'  => doc('mutation { postOrder(input: 5) { id } }'),
    'a literal with a missing field' => doc('mutation { postOrder(input: {name: "x"}) { id } }'),
    'a literal with an unknown field' => doc('mutation { postOrder(input: {name: "x", quantity: 1, restaurantId: "r", x: 1}) { id } }'),
    'a literal with a field twice' => doc('mutation { postOrder(input: {name: "x", name: "y", quantity: 1, restaurantId: "r"}) { id } }'),
    'a literal out of range'     => doc('mutation { postOrder(input: {name: "x", quantity: 2147483648, restaurantId: "r"}) { id } }'),
    'a float for an Int'         => doc('mutation { postOrder(input: {name: "x", quantity: 1.5, restaurantId: "r"}) { id } }'),
    'an enum for a String'       => doc('mutation { postOrder(input: {name: X, quantity: 1, restaurantId: "r"}) { id } }'),
    'null for a non-null'        => doc('mutation { postOrder(input: null) { id } }'),
    'no fragment name'           => doc('fragment f on Query { __typename }'),
);

# The operation cannot be told.
rows([400, 200], 'OPERATION_RESOLUTION_FAILURE',
    'two operations, no name'    => doc('query a { __typename } query b { __typename }'),
    'an operation that is not there' => '{"query":"query a { __typename }","operationName":"b"}',
);

# The variables do not fit.
my $m = 'mutation($o: OrderInput!) { postOrder(input: $o) { id } }';
my %good = (name => 'x', quantity => 1, restaurantId => 'r');

rows([400, 200], 'BAD_USER_INPUT',
    'no variables'               => doc($m),
    'an empty object of them'    => doc($m, {}),
    'null'                       => doc($m, { o => undef }),
    'a string'                   => doc($m, { o => 'x' }),
    'a number'                   => doc($m, { o => 1 }),
    'an array'                   => doc($m, { o => [1] }),
    'an empty order'             => doc($m, { o => {} }),
    'a missing field'            => doc($m, { o => { name => 'x', quantity => 1 } }),
    'a null field'               => doc($m, { o => { %good, name => undef } }),
    'an unknown field'           => doc($m, { o => { %good, x => 1 } }),
    'a string for an Int'        => doc($m, { o => { %good, quantity => '1' } }),
    'a float for an Int'         => doc($m, { o => { %good, quantity => 1.5 } }),
    'a boolean for an Int'       => doc($m, { o => { %good, quantity => JSON::PP::true } }),
    'an object for an Int'       => doc($m, { o => { %good, quantity => {} } }),
    'an Int of 2^31'             => doc($m, { o => { %good, quantity => 2147483648 } }),
    'an Int of -2^31-1'          => doc($m, { o => { %good, quantity => -2147483649 } }),
    'an Int of 2^63'             => '{"query":"' . $m . '","variables":{"o":{"name":"x","quantity":9223372036854775808,"restaurantId":"r"}}}',
    'an Int of 10^400'           => '{"query":"' . $m . '","variables":{"o":{"name":"x","quantity":1e400,"restaurantId":"r"}}}',
    'a number for a String'      => doc($m, { o => { %good, name => 5 } }),
    'an array for a String'      => doc($m, { o => { %good, name => ['x'] } }),
    'an object for a String'     => doc($m, { o => { %good, name => {} } }),
    'a boolean for an ID'        => doc('query($i: ID!) { order(id: $i) { id } }', { i => JSON::PP::true }),
    'a float for an ID'          => doc('query($i: ID!) { order(id: $i) { id } }', { i => 1.5 }),
    'a string for a Boolean'     => doc('query($b: Boolean!) { orders @skip(if: $b) { id } }', { b => 'true' }),
);

# Too large, too deep, too many.
my $deep = 100_000;

rows([413, 413], 'PAYLOAD_TOO_LARGE',
    'a body of 10 MB'            => '{"query":"' . ('x' x 10_000_000) . '"}',
    'a body of a byte too many'  => $q . (' ' x (1024 * 1024 - length $q)) . '}',
);

rows([400, 400], 'BAD_REQUEST',
    'JSON arrays, nested deeply' => '[' x $deep,
    'the same, closed'           => '[' x $deep . ']' x $deep,
    'JSON objects, nested deeply' => '{"a":' x $deep,
    'variables, nested deeply'   => "$q,\"variables\":{\"a\":" . '[' x $deep . ']' x $deep . '}}',
    'very many values'           => "$q,\"variables\":{\"a\":[" . '1,' x 200_000 . '1]}}',
);

rows([400, 200], 'LIMIT_EXCEEDED',
    'a document of 100 KB'       => doc('{ ' . ('a' x 100_000) . ' }'),
    'selections, nested deeply'  => doc('{ a ' x 15_000),
    'the same, closed'           => doc('{ a ' x 15_000 . '}' x 15_000),
    'lists, nested deeply'       => doc('{ order(id: ' . '[' x 60_000),
    'the same, closed'           => doc('{ order(id: ' . '[' x 30_000 . ']' x 30_000 . ') { id } }'),
    'objects, nested deeply'     => doc('{ order(id: ' . '{a:' x 20_000),
    'list types, nested deeply'  => doc('query($a: ' . '[' x 60_000),
    'inline fragments, nested deeply' => doc('{ ' . '... { ' x 10_000),
    'many tokens'                => doc('{ ' . '__typename ' x 5_000 . '}'),
    'many aliases'               => doc('{ ' . join(' ', map { "a$_: __typename" } 1 .. 1_000) . ' }'),
    'many root fields'           => doc('{ ' . join(' ', map { "a$_: orders { id }" } 1 .. 60) . ' }'),
    'many directives'            => doc('{ orders ' . '@skip(if: false) ' x 500 . '{ id } }'),
    'many mutations'             => doc('mutation { ' . join(' ', map { "a$_: postOrder(input: {name: \"x\", quantity: 1, restaurantId: \"r\"}) { id }" } 1 .. 40) . ' }'),
);


my $stage = OrdersTest::Stage->new;
my $redis = $stage->redis;
$stage->nginx("location /graphql { graphql_orders redis://$redis; }");
OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
my ($worker) = $stage->workers;

my @media = (['application/graphql-response+json', 2], ['application/json', 3]);

cmp_ok(scalar @rows, '>=', 200, 'there are many cases');

for my $row (@rows) {
    my ($name, $body) = @$row;
    my @wrong;

    for my $pair (@media) {
        my ($media, $column) = @$pair;
        my $before = time;
        my $response = $stage->post($body, Accept => $media);
        my $took = time - $before;

        if (!$response) {
            push @wrong, 'no response';
            next;
        }

        my $data = eval { $json->decode($response->{body}) } || {};
        my $errors = ref $data eq 'HASH' ? $data->{errors} : undef;
        my $first = ref $errors eq 'ARRAY' && @$errors ? $errors->[0] : {};

        push @wrong, "status $response->{status} in $media"
            if $response->{status} != $row->[$column];
        push @wrong, "code " . ($first->{extensions}{code} || 'none')
            if ($first->{extensions}{code} || '') ne $row->[4];
        push @wrong, 'no message' if !length($first->{message} || '');
        push @wrong, 'data' if exists $data->{data};
        push @wrong, 'a syntax error without a place'
            if $row->[4] =~ /PARSE/ && !$first->{locations};
        push @wrong, sprintf '%.1f s', $took if $took > 5;
        push @wrong, substr $response->{body}, 0, 200 if @wrong;
    }

    is_deeply(\@wrong, [], "$row->[4]: $name");
}

is($stage->command('EXISTS', '{orders:0}:queue'), 0, 'nothing was queued');
is(($stage->workers)[0], $worker, 'the process is the same as at the start');
unlike($stage->log, qr/\[(?:alert|crit|emerg)\]|exited on signal/,
    'nothing bad in the log');
is($stage->post(doc($m, { o => \%good }))->{status}, 200,
    'a good request is served');

done_testing();
