# SPDX-License-Identifier: BSD-2-Clause

# Documents against a front door without limits: what holds then holds by
# itself.  A row is a name, a document, and what the response is like.  Each is
# sent twice, the second time perhaps from the cache; what takes long is told.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::Stage;
use Test::More;
use Time::HiRes qw(time);

my $json = JSON::PP->new->utf8;
my $seconds_max = 5;

my $nesting = qr/"limit":"nesting","max":500/;
my $syntax = qr/GRAPHQL_PARSE_FAILED/;
my $invalid = qr/GRAPHQL_VALIDATION_FAILED/;
my $data = qr/\A\{"data":\{/;


sub each_of
{
    my ($count, $code) = @_;

    return join ' ', map { $code->($_) } 0 .. $count - 1;
}


# Fragments f0, f1 and so on, each with the selections that the code gives.
sub fragments
{
    my ($count, $code) = @_;

    return each_of($count,
        sub { "fragment f$_[0] on Query { " . $code->($_[0]) . ' }' });
}


# 2^50 ways lead to the last fragment.
sub twice
{
    my ($n) = @_;

    return '__typename' if $n == 49;
    return sprintf '...f%d ... on Query { ...f%d }', $n + 1, $n + 1;
}


my @rows = (
    ['selections in each other', '{ a ' x 60_000, $nesting],
    ['the same, closed', '{ a ' x 60_000 . '}' x 60_000, $nesting],
    ['lists in each other', '{ order(id: ' . '[' x 200_000, $nesting],
    ['the same, closed', '{ order(id: ' . '[' x 100_000 . ']' x 100_000
        . ') { id } }', $nesting],
    ['objects in each other', '{ order(id: ' . '{a:' x 100_000, $nesting],
    ['types in each other', 'query($a: ' . '[' x 200_000, $nesting],
    ['inline fragments in each other', '{' . '...{' x 100_000, $nesting],
    ['inline fragments with types', '{' . '...on Query{' x 50_000, $nesting],
    ['parentheses', '{ a' . '(' x 100_000, $syntax],

    ['a fragment in itself', '{ ...f0 } ' . fragments(1, sub { '...f0' }),
        qr/Cannot spread fragment/],
    ['a ring of fragments', '{ ...f0 } '
        . fragments(1000, sub { sprintf '...f%d', ($_[0] + 1) % 1000 }),
        qr/Cannot spread fragment/],
    ['each fragment in all', '{ ...f0 } ' . fragments(100,
        sub { each_of(100, sub { "...f$_[0]" }) }), qr/Cannot spread fragment/],
    ['a chain of fragments', '{ ...f0 } ' . fragments(5000,
        sub { $_[0] == 4999 ? '__typename' : "...f@{[$_[0] + 1]}" }),
        qr/"limit":"depth","max":1000/],
    ['fragments used twice in each other', '{ ...f0 } '
        . fragments(50, \&twice), $data],
    ['a fragment used very often', '{ ' . '...f0 ' x 100_000 . '} '
        . fragments(1, sub { '__typename' }), $data],
    ['a fragment used below itself', '{ __schema { types { ...t } } }'
        . ' fragment t on __Type { fields { type { fields { type { fields {'
        . ' type { ofType { ...n } } } } } } } } fragment n on __Type { name }',
        $invalid],

    ['an introspection that multiplies', '{ __schema { types '
        . '{ fields { type ' x 6 . '{ name } ' . '} } ' x 6 . '} }',
        qr/Maximum introspection depth/],

    ['one field very often', '{ ' . '__typename ' x 80_000 . '}', $data],
    ['very many aliases', '{ ' . each_of(40_000,
        sub { "a$_[0]: __typename" }) . ' }', $data],
    ['one alias very often', '{ ' . 'a: __typename ' x 50_000 . '}', $data],
    ['fields that merge', '{ ' . each_of(3000, sub { 'orders { id ... on Order'
        . ' { name ... on Order { quantity } } }' }) . ' }', $data],
    ['fields that do not merge', '{ ' . each_of(5000,
        sub { "a: order(id: \"$_[0]\") { id }" }) . ' }', $invalid],
    ['pairs that do not merge', '{ ' . each_of(2000,
        sub { "a$_[0]: order(id: 1) { id } a$_[0]: order(id: 2) { id }" })
        . ' }', $invalid],
    ['fields that merge in fragments', '{ ...f0 } ' . fragments(300, sub {
        my ($n) = @_;
        return 'orders { id name quantity } ' . ($n == 299 ? ''
            : '...f' . ($n + 1)) }), $data],

    ['very many directives', '{ __typename ' . '@skip(if: false) ' x 20_000
        . '}', $invalid],
    ['very many unknown directives', '{ __typename ' . '@x ' x 50_000 . '}',
        $invalid],
    ['very many variables', 'query(' . each_of(20_000, sub { "\$a$_[0]: Int" })
        . ') { __typename }', $invalid],
    ['one variable very often', 'query(' . '$a: Int ' x 20_000
        . ') { __typename }', $invalid],
    ['very many operations', each_of(10_000,
        sub { "query q$_[0] { __typename }" }), qr/OPERATION_RESOLUTION/],
    ['one operation very often', 'query q { __typename } ' x 5000, $invalid],
    ['fragments that nobody uses', '{ __typename } '
        . fragments(10_000, sub { '__typename' }), $invalid],
    ['very many arguments', '{ order('
        . each_of(20_000, sub { "a$_[0]: 1" }) . ') { id } }', $invalid],
    ['one argument very often', '{ order(' . 'id: 1 ' x 20_000 . ') { id } }',
        $invalid],
    ['very many input fields', 'mutation { postOrder(input: {'
        . each_of(20_000, sub { "a$_[0]: 1" }) . '}) { id } }', $invalid],
    ['one input field very often', 'mutation { postOrder(input: {'
        . 'name: "x" ' x 20_000 . '}) { id } }', $invalid],
    ['very many unknown fields', '{ '
        . each_of(50_000, sub { "x$_[0]" }) . ' }', $invalid],
    ['very many names that are nearly known', '{ '
        . each_of(20_000, sub { "order$_[0]" }) . ' }', $invalid],
    ['types that are nearly known', 'query('
        . each_of(5000, sub { "\$a$_[0]: Ordr$_[0]" }) . ') { __typename }',
        $invalid],

    ['a long string', '{ order(id: "' . 'x' x 500_000 . '") { id } }', $data],
    ['a long block string', '{ order(id: """' . "\n  x" x 50_000
        . '""") { id } }', $data],
    ['a block string like stairs', '{ order(id: """' . join("\n",
        map { ' ' x $_ . 'x' } 1 .. 800) . '""") { id } }', $data],
    ['very many escapes', '{ order(id: "' . '\\u{1F600}' x 30_000
        . '") { id } }', $data],
    ['a long whole number', '{ order(id: ' . '9' x 200_000 . ') { id } }',
        $data],
    ['a long exponent', '{ order(id: 1e' . '9' x 100_000 . ') { id } }',
        $invalid],
    ['a long name', '{ ' . 'a' x 500_000 . ' }', $invalid],
    ['a long comment', '#' . 'x' x 500_000 . "\n{ __typename }", $data],
    ['very many commas', ',' x 500_000 . '{ __typename }', $data],
    ['very many dots', '{ ' . '... ' x 100_000 . '}', $syntax],
);


my $stage = OrdersTest::Stage->new;
my $redis = $stage->redis;
$stage->nginx("location /graphql { graphql_orders redis://$redis; "
    . join('', map { "graphql_orders_limit $_ 0; " } qw(document_bytes tokens
        depth nesting aliases root_fields directives variables_bytes list_items
        cost)) . '}', http => 'client_body_buffer_size 2m;');
OrdersTest::Stage::wait_for(sub { $stage->log =~ /is up/ });
my ($worker) = $stage->workers;

for my $row (@rows) {
    my ($name, $document, $like) = @$row;
    my $body = $json->encode({ query => $document });

    for my $time (1 .. 2) {
        my $before = time;
        my $response = $stage->post($body) || { body => 'none' };
        my $took = time - $before;

        like($response->{body}, $like, $name);
        diag(sprintf '%s: %.1f s', $name, $took) if $took > $seconds_max;
    }
}

is($stage->command('EXISTS', '{orders:0}:queue'), 0, 'nothing was queued');
is(($stage->workers)[0], $worker, 'the process is the same as at the start');
unlike($stage->log, qr/\[(?:alert|crit|emerg)\]|exited on signal/,
    'nothing bad in the log');
done_testing();
