# SPDX-License-Identifier: BSD-2-Clause

package OrdersTest::Oracle;

# graphql-js as the oracle of our engine: finds or installs it, builds our side
# and runs the script that compares both.
#
#   GRAPHQL_JS      a folder that has node_modules/graphql; otherwise it is
#                   installed under build/oracle, once for each version
#   ORACLE_COUNT    how many documents or requests; more than the suite's few
#   ORACLE_SEED     another run than the usual one (1)

use strict;
use warnings;

use Cwd qw(abs_path);
use Exporter qw(import);
use Fcntl qw(LOCK_EX);
use File::Basename qw(dirname);
use File::Path qw(make_path);

our @EXPORT_OK = qw(compare);

my $default_version = '16.15.0';
my $top = $ENV{ORDERS_TOP} // abs_path(dirname(__FILE__) . '/../../..');
my $build = $ENV{ORDERS_BUILD} // "$top/build/oracle-san";


# One suite installs and builds, the others wait for it: held until the handle
# goes.
sub lock_build {
    make_path("$top/build/oracle");
    open my $lock, '>', "$top/build/oracle/lock"
        or die "build/oracle/lock: $!\n";
    flock $lock, LOCK_EX or die "build/oracle/lock: $!\n";
    return $lock;
}


# The folder of graphql-js, or nothing and why not.
sub graphql_js {
    my ($version) = @_;
    my $folder = $ENV{GRAPHQL_JS} // "$top/build/oracle"
        . ($version eq $default_version ? '' : "-$version");

    for my $program (qw(node npm)) {
        return (undef, "$program is not installed")
            if system("command -v $program > /dev/null 2>&1") != 0;
    }

    return $folder if -d "$folder/node_modules/graphql";

    make_path($folder);
    system("cd '$folder' && npm install --silent --no-audit --no-fund"
           . " --prefix . graphql\@$version > npm.log 2>&1");

    return $folder if -d "$folder/node_modules/graphql";
    return (undef, 'graphql-js cannot be installed, see npm.log in build/oracle');
}


# Our side, as one program.
sub build_tool {
    my ($name) = @_;
    my $tool = "$build/oracle/$name";

    make_path("$build/oracle");
    system("make -s -C '$top/src' BUILD='$build' SAN=1 lib/graphql lib/base"
           . ' > /dev/null') == 0 or die "the libraries cannot be built\n";

    my @command = (
        $ENV{CC} // 'cc', qw(-std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror
        -fno-omit-frame-pointer -fno-sanitize-recover=all),
        '-fsanitize=address,undefined', "-I$top/src", "-I$top/t/unit",
        "-I$top/t/unit/graphql", '-o', $tool, "$top/t/oracle/$name.c",
        "$build/lib/libgraphql.a", "$build/lib/libbase.a", '-lyajl', '-lm'
    );
    system(@command) == 0 or die "$name cannot be built\n";

    return $tool;
}


# Runs t/oracle/$script for each schema; one test for each.
sub compare {
    my (%with) = @_;
    my $lock = lock_build();
    my ($folder, $reason) = graphql_js($with{version} // $default_version);

    if (!defined $folder) {
        print "1..0 # SKIP $reason\n";
        exit 0;
    }

    my $tool = build_tool($with{tool});
    close $lock;

    my $count = $ENV{ORACLE_COUNT} // $with{count};
    my $seed = $ENV{ORACLE_SEED} // 1;
    my $failed = 0;
    my $number = 0;

    for my $schema (@{ $with{schemas} }) {
        my @command = ('node', "$top/t/oracle/$with{script}", $folder, $tool,
                       "$top/$schema", $count, $seed);

        $number++;
        print "# seed $seed\n";

        open(my $output, '-|', @command) or die "node: $!\n";
        while (my $line = <$output>) {
            # the script numbers its tests from 1
            next if $line =~ /^1\.\.\d+$/;
            $line =~ s/^((?:not )?ok) \d+ - (.*)/$1 $number - $schema: $2/;
            print $line;
        }

        $failed++ if !close($output);
    }

    print "1..$number\n";
    exit($failed == 0 ? 0 : 1);
}

1;
