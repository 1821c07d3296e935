# SPDX-License-Identifier: BSD-2-Clause

# Trying a definition out and drawing it; neither needs a Redis.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use File::Temp ();
use JSON::PP ();
use OrdersTest::Stack;
use Test::More;
use Time::HiRes ();

my $top = $ENV{ORDERS_TOP} || "$FindBin::Bin/../..";
my $program = OrdersTest::Stack::build_dir() . '/orders-worker';
my $dir = File::Temp->newdir;

# The output, the messages and the exit code of a command.
sub run
{
    my @quoted = map { "'" . s/'/'\\''/gr . "'" } $program, @_;
    my $out = join '', `@quoted 2> $dir/stderr < /dev/null`;
    my $code = $? >> 8;
    return ($out, OrdersTest::Stage::slurp("$dir/stderr"), $code);
}

# A file with this text; its path.
sub file
{
    my ($name, $text) = @_;

    open my $file, '>', "$dir/$name" or die "$dir/$name: $!";
    print {$file} $text;
    close $file or die "$dir/$name: $!";
    return "$dir/$name";
}

my @shop = ("$top/conf/workflow.json", '--mocks', "$top/conf/mocks.json");


# simulate
my ($out, $err, $code) = run('simulate', @shop, '--input', '{"id":"o-1"}');
is($code, 0, 'simulate: an order that is paid for in the end') or diag($err);
is($err, '', '... with nothing to complain about');
my @lines = split /\n/, $out;
like($lines[0], qr/^ +0\.000  ExecutionStarted +\{"id":"o-1"\}$/,
     '... the history begins with the input');
like($out, qr/^ +3\.000  TaskFailed +ProcessPayment  Payment\.Unavailable: no answer$/m,
     '... a task takes its seconds and fails as the table says');
like($out, qr/^ +\d+\.\d+  TaskSucceeded +ProcessPayment \(attempt 2\)  \{"status":"SUCCESS"\}$/m,
     '... and has the next answer when it is tried again');
like($lines[-1], qr/ExecutionSucceeded +\{"id":"o-1","order":\{"orderStatus":"SUCCESS"\}/,
     '... the last line is the output');

($out, $err, $code) = run('simulate', @shop, '--json');
is($code, 0, 'simulate --json');
my $report = JSON::PP::decode_json($out);
is($report->{status}, 'SUCCEEDED', '... says how it ended');
cmp_ok($report->{ms}, '>=', 4000, '... and how long it would have taken');
is_deeply($report->{output}{payment}, { status => 'SUCCESS' },
          '... with the output');
is_deeply([map { $_->{state} } grep { $_->{type} eq 'StateEntered' }
               @{ $report->{history} }],
          [qw(InitializeOrder ProcessPayment CheckPayment CompleteOrder)],
          '... and the states in their order');
is_deeply([grep { $_->{type} eq 'TaskFailed' } @{ $report->{history} }],
          [{ ms => 3000, type => 'TaskFailed', state => 'ProcessPayment',
             error => 'Payment.Unavailable', cause => 'no answer' }],
          '... failures name error and cause');

my $input = file('input.json', '{"id":"from a file"}');
($out, $err, $code) = run('simulate', @shop, '--json', "--input=\@$input");
is($code, 0, 'simulate --input @FILE');
is(JSON::PP::decode_json($out)->{output}{id}, 'from a file', '... is read');

my $lambda = file('lambda.json', '{"StartAt":"A","States":{"A":{"Type":"Task",'
    . '"Resource":"arn:aws:lambda:us-east-1:1:function:any","End":true}}}');
my $mock = file('mock.json', '{"A":{"Throw":{"Error":"E.x","Cause":"why"}}}');
($out, $err, $code) = run('simulate', $lambda, '--mocks', $mock, '--json');
is($code, 1, 'simulate: an execution that fails has the exit code 1');
$report = JSON::PP::decode_json($out);
is("$report->{status} $report->{error} $report->{cause}", 'FAILED E.x why',
   '... and names error and cause; the task need not be known here');
ok(!exists $report->{output}, '... there is no output');
($out, $err, $code) = run('simulate', $lambda);
is($code, 1, 'simulate: a task without an answer fails');
like($out, qr/ExecutionFailed +Simulation\.NoAnswer: /, '... and says so');

# two hours of waiting in no time, or in 0.2 seconds
my $wait = file('wait.json', '{"StartAt":"W","States":{"W":{"Type":"Wait",'
    . '"Seconds":7200,"Next":"S"},"S":{"Type":"Succeed"}}}');
($out, $err, $code) = run('simulate', $wait);
is($code, 0, 'simulate: a wait of two hours');
like($out, qr/^ +7200\.000  ExecutionSucceeded +\{\}$/m, '... passes at once');
my $began = Time::HiRes::time();
($out, $err, $code) = run('simulate', $wait, '--speed', '36000');
cmp_ok(Time::HiRes::time() - $began, '>=', 0.2,
       'simulate --speed N: it takes an N-th of the time');
like($out, qr/^ +7200\.000  ExecutionSucceeded/m, '... and the same is shown');


# graph
($out, $err, $code) = run('graph', $shop[0]);
is($code, 0, 'graph');
like($out, qr/\Adigraph .*label="ProcessPayment\\norders:pay".*\}\n\z/s,
     '... is DOT');
($out, $err, $code) = run('graph', '--format', 'dot', $shop[0]);
like($out, qr/\Adigraph /, 'graph --format dot');
($out, $err, $code) = run('graph', '--format=mermaid', $shop[0]);
is($code, 0, 'graph --format mermaid');
like($out, qr/\Aflowchart .*\["ProcessPayment<br\/>orders:pay"\]/s,
     '... is Mermaid');


# mistakes
my $bad = file('bad.json', '{"StartAt":"A","States":{"A":{"Type":"Fly"},'
    . '"B":{"Type":"Task","End":true}}}');
my $other = file('other.json', '{"Nobody":{"Return":1}}');
my @wrong = (
    [2, qr/expected simulate FILE/, 'simulate'],
    [2, qr/expected graph FILE/, 'graph', 'a', 'b'],
    [2, qr/--format is dot or mermaid, not "png"/, 'graph', $lambda,
     '--format', 'png'],
    [2, qr/--input: no JSON, at byte \d+: /, 'simulate', $lambda, '--input',
     '{]'],
    [2, qr/--input: no JSON/, 'simulate', $lambda, '--input', ''],
    [2, qr/none: cannot read: No such file/, 'simulate', $lambda, '--input',
     "\@$dir/none"],
    [2, qr/other\.json: "Nobody": expected the name of a Task/, 'simulate',
     $lambda, '--mocks', $other],
    [2, qr/bad\.json: "StartAt": expected /, 'simulate', $lambda, '--mocks',
     $bad],
    [2, qr/--speed needs a number/, 'simulate', $lambda, '--speed', 'fast'],
    [3, qr/none: cannot read: No such file/, 'graph', "$dir/none"],
    [3, qr{bad\.json: /States/A/Type: .*bad\.json: /States/B}s, 'simulate',
     $bad],
    [3, qr{bad\.json: /States/A/Type: }, 'graph', $bad],
);
for my $row (@wrong) {
    my ($expected, $text, @words) = @$row;

    ($out, $err, $code) = run(@words);
    is($code, $expected, "$words[0]: a mistake") or diag("@words");
    like($err, $text, '... is explained');
    is($out, '', '... and nothing else is written');
}

# A definition by itself
($out, $err, $code) = run('check', "$top/conf/workflow.json");
is($code, 0, 'check takes a definition');
like($out, qr/^configuration and workflow \w+ are good$/m, '... that is good');
($out, $err, $code) = run('check', $bad);
is($code, 3, '... or not');
like($err, qr{bad\.json: /States/A/Type: }, '... with the place');
($out, $err, $code) = run('check', $lambda);
is($code, 3, '... or names a function that is not mapped');
like($err, qr/say in worker\.conf what it is \("function/, '... which can be');

# A command that takes nothing
($out, $err, $code) = run('status', "$top/conf/worker.conf");
is($code, 2, 'status: a file without --config is a wrong command line');
like($err, qr/"status" takes no argument.*--config/, '... which says what is meant');

done_testing();
