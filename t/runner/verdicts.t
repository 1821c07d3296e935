# SPDX-License-Identifier: BSD-2-Clause

# A block that does not hold is reported as failed, each section by itself; one
# that holds passes; and the plan is counted as documented.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Inner qw(run_inner);
use Test::More;

my $config = <<'END';
--- config
    location /t {
        default_type text/plain;
        add_header X-A one;
        return 200 "hello\n";
    }
--- request
GET /t
END

# sections -> how many tests pass, what the failed one is called
my %case = (
    'nothing more'            => ['', 1],
    'the status'              => ["--- error_code: 404\n", 0, 'status code'],
    'the right status'        => ["--- error_code: 200\n", 1],
    'a pattern of the status' => ["--- error_code_like: ^4\n", 0, 'status'],
    'the body'                => ["--- response_body\nhello\n", 2],
    'another body'            => ["--- response_body\nbye\n", 1, 'response_body'],
    'a body without newline'  => ["--- response_body: hello\n", 1, 'response_b'],
    'a pattern of the body'   => ["--- response_body_like: ^h.l+o\$\n", 2],
    'another pattern'         => ["--- response_body_like: bye\n", 1, 'body_like'],
    'not a pattern'           => ["--- response_body_unlike: hel\n", 1, 'unlike'],
    'filtered'                => ["--- response_body_filters: uc\n"
                                  . "--- response_body\nHELLO\n", 2],
    'headers'                 => ["--- response_headers\nX-A: one\n! X-B\n", 3],
    'another value'           => ["--- response_headers\nX-A: two\n", 1, 'X-A'],
    'an absent header'        => ["--- response_headers\nX-B: 1\n", 1, 'X-B'],
    'a header that must not be' => ["--- response_headers\n! X-A\n", 1, 'X-A'],
    'a pattern of a header'   => ["--- response_headers_like\nX-A: o.e\n", 2],
    'the whole of a header'   => ["--- response_headers_like\nX-A: o\n", 1, 'X-A'],
    'raw headers'             => ["--- raw_response_headers_like: X-A: one\n", 2],
    'other raw headers'       => ["--- raw_response_headers_unlike: X-A\n", 1,
                                  'raw resp headers unlike'],
    'lines of the log'        => ["--- error_log\nhttp request line\n"
                                  . "http finalize\n", 3],
    'an absent line'          => ["--- error_log eval: qr/no such/\n", 1,
                                  'should match a line in error.log'],
    'a line that must not be' => ["--- no_error_log\nhttp finalize\n[error]\n",
                                  2, 'should not match any line in error.log'],
    'a grep of the log'       => ["--- grep_error_log eval: qr/request line:"
                                  . ' "GET .t/' . "\n--- grep_error_log_out\n"
                                  . "request line: \"GET /t\n", 2],
    'another grep'            => ["--- grep_error_log: request line:\n"
                                  . "--- grep_error_log_out\n", 1, 'grep_error'],
    'the access log'          => ["--- access_log\nGET /t\n", 2],
    'not in the access log'   => ["--- no_access_log\nGET /t\n", 1,
                                  'should not match any line in access.log'],
    'the response is ignored' => ["--- ignore_response\n"
                                  . "--- no_error_log\n[error]\n", 1],
);

for my $name (sort keys %case) {
    my ($sections, $passed, $failed) = @{ $case{$name} };

    my ($output, $code) = run_inner("'no_plan';", "=== one\n$config$sections");
    my @ok = $output =~ /^ok \d+/mg;
    my @not_ok = $output =~ /^not ok \d+ - (.*)/mg;

    is(scalar @ok, $passed, "$name: $passed pass");
    if (defined $failed) {
        is(scalar @not_ok, 1, "$name: one fails");
        like($not_ok[0] || '', qr/one - .*\Q$failed\E/, "$name: it is named");
        isnt($code, 0, "$name: so does the file");
    } else {
        is("@not_ok", '', "$name: none fails");
        is($code, 0, "$name: the file passes");
    }
    diag($output) if @ok != $passed;
}

my ($output, $code) = run_inner(
    "tests => 4; repeat_each(2);", "=== one\n$config--- no_error_log: [error]\n");
is($code, 0, 'repeat_each(2) runs each test twice');

($output, $code) = run_inner("tests => 3;", "=== one\n$config");
isnt($code, 0, 'a wrong plan fails');
like($output, qr/planned 3 tests but ran 1/, 'and says by how much');

my $two = join "\n", map { "=== $_\n$config" } 'one', 'two';
($output, $code) = run_inner(";\nplan tests => 1 * blocks();", $two);
is($code, 0, 'blocks() counts the blocks');
like($output, qr/^1\.\.2$/m, 'for the plan');

($output, $code) = run_inner(
    "'no_plan';\nadd_block_preprocessor(sub { \$_[0]->set_value("
    . "'error_code', 201) });", "=== one\n$config");
like($output, qr/^not ok 1/m, 'a preprocessor may set a section');

($output, $code) = run_inner("'no_plan';", <<'END');
=== many
--- config
location /a { return 200 "a"; }
location /b { return 201 "b"; }
--- request eval
["GET /a", "GET /b"]
--- error_code eval
[200, 202]
--- response_body eval
["a", "b"]
END
is(join(' ', $output =~ /^((?:not )?ok)/mg), 'ok ok not ok ok',
    'each request of several is checked against its own element');

($output, $code) = run_inner("'no_plan';", <<'END');
=== many
--- config
location /a { return 200; }
--- request eval
["GET /a", "GET /a"]
--- error_code: 200
END
like($output, qr/^Bail out!.*should be arrays/m,
    'several requests need arrays');

($output, $code) = run_inner("'no_plan';",
    "=== one\n$config--- grep_error_log_out\n");
like($output, qr/^Bail out!.*grep_error_log/m,
    'what is expected of a grep needs the grep');

($output, $code) = run_inner("'no_plan';", <<'END');
=== many
--- config
location /a { return 200 "a"; }
--- request eval
["GET /a", "GET /a"]
--- error_code eval
[200, 200]
--- response_body_filters eval
[['uc']]
END
like($output, qr/^Bail out!.*response_body_filters/m,
    'filters for each request are there for all of them');

done_testing();
