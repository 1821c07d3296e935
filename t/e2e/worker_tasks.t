# SPDX-License-Identifier: BSD-2-Clause

# What a Task can name: functions by URL, program and built-in, requests with
# the secrets of a connection, messages to topics and queues; their failures,
# their timeouts, and what `check` says of them.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use JSON::PP ();
use OrdersTest::HttpServer;
use OrdersTest::Stack;
use Test::More;
use Time::HiRes qw(sleep time);

my $stack = OrdersTest::Stack->new;
$stack->redis;
my $dir = $stack->{dir};
my $key = \&OrdersTest::Stack::key;
my $json = JSON::PP->new->canonical;
my $made = 0;


sub write_file
{
    my ($path, $text, $mode) = @_;

    open my $out, '>', $path or die "$path: $!";
    print {$out} $text;
    close $out or die "$path: $!";
    chmod $mode, $path if $mode;
    return $path;
}


# What the world does: what it is asked is noted.
my $port = OrdersTest::HttpServer::start($stack, sub {
    my ($request) = @_;

    my %seen = map { $_ => $request->{headers}{$_} }
        grep { defined $request->{headers}{$_} }
        qw(authorization x-team idempotency-key content-type x-trace);
    my $note = $json->encode({ %seen, method => $request->{method},
        path => $request->{path}, body => $request->{body} });
    open my $out, '>>', "$dir/asked";
    syswrite $out, "$note\n";
    my ($name) = $request->{path} =~ m{^/(\w+)};

    return { status => 200, body => qq({"echo":$request->{body}}) }
        if $name eq 'echo';
    return { status => 200, body => '' } if $name eq 'empty';
    return { status => 200, body => 'hello' } if $name eq 'text';
    return { status => 429, body => '{}' } if $name eq 'busy';
    return { status => 500, body => 'broken' } if $name eq 'broken';
    return { status => 400, body =>
        '{"errorType":"OutOfStock","errorMessage":"no more"}' }
        if $name eq 'stock';
    return { status => 302, headers => { Location => '/echo' } }
        if $name eq 'moved';
    return { status => 200, headers => { 'X-A' => 'b' },
        body => '{"id":7}' } if $name eq 'api';
    return { status => 200, body => 'a' x 300000 } if $name eq 'long';
    return { status => 200, cut => 10 } if $name eq 'cut';
    return;     # silent
});


sub asked
{
    return map { $json->decode($_) }
        split /\n/, OrdersTest::Stage::slurp("$dir/asked");
}


write_file("$dir/secret", "k3y-of-the-api\n");
write_file("$dir/price", <<'END', 0755);
#!/bin/sh
read -r input
echo "pricing for $ORDERS_ID in $ORDERS_STATE" >&2
printf '{"price":42,"key":"%s","input":%s,"secret":"%s","fds":"%s"}' \
    "$ORDERS_KEY" "$input" "$TEAM_SECRET" "$(ls -l /proc/$$/fd | grep -c socket)"
END
write_file("$dir/fails", <<'END', 0755);
#!/bin/sh
echo 'no such thing' >&2
exit 7
END
write_file("$dir/named", <<'END', 0755);
#!/bin/sh
echo '{"errorType":"Price.Unknown","errorMessage":"who knows"}'
exit 1
END
write_file("$dir/ticks", <<'END', 0755);
#!/bin/sh
for i in 1 2 3 4 5; do sleep 0.5; echo "tick $i" >&2; done
echo '"done"'
END
write_file("$dir/hangs", "#!/bin/sh\necho \$\$ > $dir/hangs.pid\nsleep 60\n",
    0755);

my $settings = <<"END";
function echo http://127.0.0.1:$port/echo;
function empty http://127.0.0.1:$port/empty;
function text http://127.0.0.1:$port/text;
function busy http://127.0.0.1:$port/busy;
function broken http://127.0.0.1:$port/broken;
function stock http://127.0.0.1:$port/stock;
function moved http://127.0.0.1:$port/moved;
function long http://127.0.0.1:$port/long;
function cut http://127.0.0.1:$port/cut;
function silent http://127.0.0.1:$port/silent;
function gone http://127.0.0.1:1/;
function team http://127.0.0.1:$port/echo/team;
function wrongteam http://127.0.0.1:$port/echo;
function price command:$dir/price;
function fails command:$dir/fails;
function named command:$dir/named;
function ticks command:$dir/ticks;
function finish builtin:orders:complete;
connection team http://127.0.0.1:$port "X-Team: \${env:TEAM_SECRET}";
connection wrongteam http://127.0.0.2:$port "X-Team: \${env:TEAM_SECRET}";
connection api http://127.0.0.1:$port
    "Authorization: Bearer \${file:$dir/secret}";
topic shipped parcels:shipped;
list parcels parcels;
command_folder $dir;
simulate_refuse 0%; simulate_latency 0ms 0ms;
END
$settings =~ s/\n/ /g;
$ENV{TEAM_SECRET} = 'te4m';


# Runs one Task state; its result, or { Error, Cause }.
sub task
{
    my (%state) = @_;

    my $n = ++$made;
    my $workflow = $json->encode({ StartAt => 'Do', States => {
        Do => { Type => 'Task', TimeoutSeconds => 20, %state, Next => 'Tell',
            ResultPath => '$.result', Catch => [map {
                { ErrorEquals => [$_], ResultPath => '$.result',
                    Next => 'Tell' }
            } 'States.DataLimitExceeded', 'States.ALL'] },
        Tell => { Type => 'Task', Resource => 'sqs:sendMessage',
            Parameters => { QueueUrl => 'https://q/1/parcels',
                'MessageBody.$' => '$.result' },
            ResultPath => undef, Next => 'Finish' },
        Finish => { Type => 'Task', End => JSON::PP::true,
            Resource => 'arn:aws:lambda:us-east-1:1:function:finish' } } });
    my $path = write_file("$dir/task.$n.json", $workflow);
    my $worker = $stack->worker("workflow $path; $settings");
    my ($id) = $stack->push_orders(1);

    my $reply = $stack->ask('BLPOP', 'parcels', 30);
    $worker->end('TERM');
    # a string is pushed as it is
    my $result = $reply ? $reply->[1] : undef;
    $result = eval { $json->allow_nonref->decode($result) } || $result
        if defined $result && $result ne 'null';
    undef $result if ($result || '') eq 'null';
    return wantarray ? ($result, $id, $worker) : $result;
}


# functions by URL
my $invoke = 'arn:aws:states:::lambda:invoke';
my ($result, $id, $worker) = task(Resource => $invoke, Parameters =>
    { FunctionName => 'arn:aws:lambda:us-east-1:1:function:echo:PROD',
        Payload => { a => 1 } });
is_deeply($result, { StatusCode => 200, Payload => { echo => { a => 1 } } },
    'a function gets its payload, its result is wrapped');
my ($asked) = asked();
is($asked->{'idempotency-key'}, "$id:Do", 'it is asked with a key');
is($asked->{method}, 'POST', 'by POST');

is_deeply(scalar task(Resource => '${echo}', Parameters => { b => 2 }),
    { echo => { b => 2 } }, 'the result of a plain function is as it is');
is(scalar task(Resource => 'empty'), undef, 'no answer is null');
is_deeply(scalar task(Resource => 'team', Parameters => {}), { echo => {} },
    'a function may have a connection');
is((asked())[-1]{'x-team'}, 'te4m', '... whose header it gets');
my $before = asked();
is(scalar(task(Resource => 'wrongteam'))->{Error}, 'Worker.ConnectionMismatch',
    'but not if that belongs to another origin');
is(scalar(asked()), $before, '... it is not asked at all');

for my $row (['text', 'Lambda.Unknown', qr/^HTTP 200: hello/],
    ['busy', 'Lambda.TooManyRequestsException', qr/^HTTP 429/],
    ['broken', 'Lambda.ServiceException', qr/^HTTP 500: broken/],
    ['stock', 'OutOfStock', qr/no more/],
    ['moved', 'Lambda.Unknown', qr/^HTTP 302/],
    ['long', 'States.DataLimitExceeded', qr/too long/],
    ['cut', 'Lambda.SdkClientException', qr/./],
    ['gone', 'Lambda.SdkClientException', qr/./])
{
    my ($name, $error, $cause) = @$row;
    my $failed = task(Resource => $name);
    is($failed->{Error}, $error, "the function $name fails with $error");
    like($failed->{Cause}, $cause, '... and says why');
}

my $start = time;
is(scalar(task(Resource => 'silent', TimeoutSeconds => 1))->{Error},
    'States.Timeout', 'a function that is silent has a timeout');
ok(time - $start < 10, '... which is its own');
is(scalar(task(Resource => 'silent', TimeoutSeconds => 20,
    HeartbeatSeconds => 1))->{Error}, 'States.HeartbeatTimeout',
    'and a time to give a sign of life');


# http:invoke
$result = task(Resource => 'arn:aws:states:::http:invoke', Parameters => {
    Method => 'POST', ApiEndpoint => "http://127.0.0.1:$port/api/v1?x=1",
    QueryParameters => { q => 'a b' }, Headers => { 'X-Trace' => '7',
        authorization => 'mine' },
    RequestBody => { amount => 3 }, Connection => 'api' });
is($result->{StatusCode}, 200, 'a request has a status');
is_deeply($result->{ResponseBody}, { id => 7 }, '... a body');
is_deeply($result->{Headers}{'x-a'}, ['b'], '... and headers');
$asked = (asked())[-1];
is($asked->{path}, '/api/v1?x=1&q=a%20b', 'it is made as it says');
is($asked->{body}, '{"amount":3}', '... its body too');
is($asked->{'x-trace'}, '7', '... and its headers');
is($asked->{authorization}, 'Bearer k3y-of-the-api',
    'the connection wins over the definition');

task(Resource => 'http:invoke', Parameters => { Method => 'POST',
    ApiEndpoint => "http://127.0.0.1:$port/api", RequestBody =>
        { amount => 3, meta => { a => [1] } },
    Transform => { RequestBodyEncoding => 'URL_ENCODED' },
    Authentication => { ConnectionArn =>
        'arn:aws:events:us-east-1:1:connection/api/1-2-3' } });
$asked = (asked())[-1];
is($asked->{body}, 'amount=3&meta%5Ba%5D%5B0%5D=1', 'a body may be a form');
is($asked->{'content-type'}, 'application/x-www-form-urlencoded',
    '... and says so');
is($asked->{authorization}, 'Bearer k3y-of-the-api',
    'a connection may be named by its ARN');

$before = asked();
for my $row (
    [{ ApiEndpoint => "http://127.0.0.2:$port/api", Connection => 'api' },
        'Worker.InvalidParameters', qr/another origin/],
    [{ ApiEndpoint => "http://api\@127.0.0.1:$port/" },
        'Worker.InvalidParameters', qr/without a user/],
    [{ ApiEndpoint => 'file:///etc/passwd' }, 'Worker.InvalidParameters',
        qr/http or https/],
    [{ ApiEndpoint => "http://127.0.0.1:$port/api", Method => 'STEAL' },
        'Worker.InvalidParameters', qr/"Method"/],
    [{ ApiEndpoint => "http://127.0.0.1:$port/api",
        Headers => { Host => 'x' } }, 'Worker.InvalidParameters',
        qr/not to be set/],
    [{ ApiEndpoint => "http://127.0.0.1:$port/api",
        Headers => { 'X' => "a\r\nY: b" } }, 'Worker.InvalidRequest',
        qr/line break/],
    [{ ApiEndpoint => "http://127.0.0.1:$port/api", Method => 'GET',
        RequestBody => {} }, 'Worker.InvalidParameters', qr/"RequestBody"/],
    [{ ApiEndpoint => "http://127.0.0.1:1/" }, 'States.Http.Socket', qr/./])
{
    my ($parameters, $error, $cause) = @$row;
    my $failed = task(Resource => 'http:invoke',
        Parameters => { Method => 'POST', %$parameters });
    is($failed->{Error}, $error, "refused: $failed->{Cause}");
    like($failed->{Cause}, $cause, '... which says why');
}
is(scalar(asked()), $before, 'none of these was sent');
is(scalar(task(Resource => 'http:invoke', Parameters => { Method => 'GET',
    ApiEndpoint => "http://127.0.0.1:$port/broken" }))->{Error},
    'States.Http.StatusCode.500', 'a status may be an error');


# programs
($result, $id, $worker) = task(Resource => 'price', Parameters => { n => 2 });
is($result->{price}, 42, 'a program answers in JSON');
is_deeply($result->{input}, { n => 2 }, '... it reads its input');
is($result->{key}, "$id:Do", '... it has a key that stays');
is($result->{secret}, '', '... it does not see our environment');
is($result->{fds}, 3, '... nor our connections');
like($worker->text, qr{/price: pricing for $id in Do},
    '... what it says on stderr is logged');

my $failed = task(Resource => "command:$dir/fails");
is($failed->{Error}, 'Command.Failed', 'an exit code is a failure');
is($failed->{Cause}, 'exit code 7: no such thing', '... which is told');
is(scalar(task(Resource => 'named'))->{Error}, 'Price.Unknown',
    'a program may name its error');
is(scalar(task(Resource => 'ticks', HeartbeatSeconds => 2)), 'done',
    'a program that says something is alive');

is(scalar(task(Resource => "command:$dir/hangs", TimeoutSeconds => 2))->{Error},
    'States.Timeout', 'a program has a timeout');
my ($pid) = OrdersTest::Stage::slurp("$dir/hangs.pid") =~ /(\d+)/;
ok(OrdersTest::Stage::has_ended($pid, 5), '... and is ended');


# topics
my $events = OrdersTest::Resp->new($stack->{redis_port});
$events->ask('SUBSCRIBE', 'parcels:shipped');
$result = task(Resource => 'arn:aws:states:::sns:publish', Parameters => {
    TopicArn => 'arn:aws:sns:eu-west-1:1:shipped', Message => { to => 'you' } });
is($result->{Receivers}, 1, 'a message has receivers');
is_deeply($events->reply, ['message', 'parcels:shipped', '{"to":"you"}'],
    '... and comes');


# what fails beside others takes them along
{
    my $path = write_file("$dir/parallel.json", $json->encode({
        StartAt => 'Both', States => {
            Both => { Type => 'Parallel', Branches => [
                { StartAt => 'A', States => { A => { Type => 'Task',
                    Resource => "command:$dir/hangs", End => JSON::PP::true } } },
                { StartAt => 'W', States => { W => { Type => 'Wait',
                    Seconds => 2, Next => 'B' }, B => { Type => 'Fail',
                    Error => 'Enough' } } } ], End => JSON::PP::true } } }));
    unlink "$dir/hangs.pid";
    $worker = $stack->worker("workflow $path; $settings");
    ($id) = $stack->push_orders(1);
    ok(OrdersTest::Stage::wait_for(sub {
        ($stack->statuses($id)->{$id} || '') eq 'FAILED'
    }, 15), 'a branch that fails ends the order');
    ($pid) = OrdersTest::Stage::slurp("$dir/hangs.pid") =~ /(\d+)/;
    ok($pid && OrdersTest::Stage::has_ended($pid, 5),
        '... and the program of the other branch');
    is($worker->end('TERM'), 0, 'the worker leaves in order');
}


# check
my $binary = OrdersTest::Stack::build_dir() . '/orders-worker';
my $bad = write_file("$dir/bad.json", $json->encode({ StartAt => 'A', States => {
    A => { Type => 'Task', Resource => 'nobody', Next => 'B' },
    B => { Type => 'Task', Resource => $invoke, Parameters =>
        { FunctionName => 'noone' }, Next => 'C' },
    C => { Type => 'Task', Resource => $invoke, Parameters =>
        { 'FunctionName.$' => '$.f' }, Next => 'D' },
    D => { Type => 'Task', Resource => 'sns:publish', Parameters =>
        { TopicArn => 'nowhere' }, Next => 'E' },
    E => { Type => 'Task', Resource => 'command:/bin/sh',
        End => JSON::PP::true } } }));
my $said = qx{$binary -g 'workflow $bad; function f command:/none; $settings' check 2>&1};
is($? >> 8, 3, 'check finds mistakes');
for my $what ('state "A": there is no task "nobody"',
    'state "B": there is no task "noone"',
    'state "D": worker.conf has no "topic" for the parameter "TopicArn"',
    'state "E": "/bin/sh" does not lie in the "command_folder"',
    '"function" f: /none: No such file or directory')
{
    like($said, qr/\Q$what\E/, "... $what");
}
unlike($said, qr/state "C"/, '... but not what only an execution knows');

delete $ENV{TEAM_SECRET};
$said = qx{$binary -g '$settings' check 2>&1};
like($said, qr/"team": the environment has no TEAM_SECRET/,
    'check looks for the secrets');
$ENV{TEAM_SECRET} = 'te4m';
$said = qx{$binary -g '$settings' check --print 2>&1};
is($?, 0, 'check is content otherwise');
unlike($said, qr/te4m|k3y-of/, '... and prints no secret');

done_testing;
