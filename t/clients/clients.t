#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause

# Real clients and npm's graphql-http audits against the real door, worker and
# Redis: see audit.mjs and clients.mjs.  The packages, of the versions in
# package-lock.json, are installed under build/clients, once.

use strict;
use warnings;

use Cwd qw(abs_path);
use File::Compare qw(compare);
use File::Copy qw(copy);
use File::Path qw(make_path);
use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Stack;
use Test::More;

my $top = abs_path("$FindBin::Bin/../..");
my $place = "$top/build/clients";

my $reason = missing();
plan(skip_all => $reason) if $reason;

my $stack = OrdersTest::Stack->new;
my $redis = $stack->redis;
my $worker = $stack->worker('simulate_latency 0ms 30ms; simulate_refuse 30%;');
$stack->nginx("location /graphql {
    graphql_orders redis://$redis;
    graphql_orders_get on;
}");
my $port = $stack->{port};

for my $script (qw(audit.mjs clients.mjs)) {
    subtest $script => sub { run($script) };
}

done_testing();


# Why the clients cannot be had; empty when they are there.
sub missing {
    for my $program (qw(node npm)) {
        return "$program is not installed"
            if system("command -v $program > /dev/null 2>&1") != 0;
    }

    make_path($place);
    my $same = -d "$place/node_modules"
        && compare("$FindBin::Bin/package-lock.json",
                   "$place/package-lock.json") == 0;
    copy("$FindBin::Bin/$_", $place)
        for qw(package.json package-lock.json audit.mjs clients.mjs tap.mjs);
    return '' if $same;

    system("cd '$place' && npm ci --silent --no-audit --no-fund"
           . " > npm.log 2>&1") == 0
        or return 'the clients cannot be installed, see build/clients/npm.log';
    return '';
}


# The script's TAP, one test of ours for each line of it.
sub run {
    my ($script) = @_;

    open my $out, '-|', 'node', "$place/$script",
        "http://127.0.0.1:$port/graphql" or die "node: $!\n";
    my $planned;
    while (my $line = <$out>) {
        if ($line =~ /^(not )?ok \d+ - (.*)/) {
            ok(!$1, $2);
        } elsif ($line =~ /^1\.\.(\d+)/) {
            $planned = $1;
        } else {
            diag($line =~ s/\n//r);
        }
    }
    close $out;
    ok($planned, 'the script came to its end');
}
