# SPDX-License-Identifier: BSD-2-Clause

package OrdersTest::Oracle;

# Other implementations as the oracles of our engines, graphql-js unless said
# otherwise: finds or installs one, builds our side and runs the script that
# compares both.
#
#   GRAPHQL_JS      a folder that has node_modules/graphql; otherwise it is
#                   installed under build/oracle, once for each version
#   STEPFUNCTIONS   the same for aws-local-stepfunctions
#   ORACLE_COUNT    how many documents, requests or runs, in place of the few
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

# npm's name of a package: the variable and the folder
my %packages = (
    'graphql' => ['GRAPHQL_JS', 'build/oracle'],
    'aws-local-stepfunctions' => ['STEPFUNCTIONS', 'build/oracle-workflow'],
);

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


# The folder of a package, or nothing and why not.
sub installed {
    my ($package, $version) = @_;
    my ($variable, $name) = @{ $packages{$package} };
    my $folder = $ENV{$variable} // "$top/$name"
        . ($package ne 'graphql' || $version eq $default_version
           ? '' : "-$version");

    for my $program (qw(node npm)) {
        return (undef, "$program is not installed")
            if system("command -v $program > /dev/null 2>&1") != 0;
    }

    return $folder if -d "$folder/node_modules/$package";

    make_path($folder);
    system("cd '$folder' && npm install --silent --no-audit --no-fund"
           . " --prefix . $package\@$version > npm.log 2>&1");

    return $folder if -d "$folder/node_modules/$package";
    return (undef, "$package cannot be installed, see npm.log in $name");
}


# Our side, as one program.
sub build_tool {
    my ($name, $library) = @_;
    my $tool = "$build/oracle/$name";

    make_path("$build/oracle");
    system("make -s -C '$top/src' BUILD='$build' SAN=1 lib/$library lib/base"
           . ' > /dev/null') == 0 or die "the libraries cannot be built\n";

    my @command = (
        $ENV{CC} // 'cc', qw(-std=c11 -D_GNU_SOURCE -O1 -g -Wall -Wextra -Werror
        -fno-omit-frame-pointer -fno-sanitize-recover=all),
        '-fsanitize=address,undefined', "-I$top/src", "-I$top/t/unit",
        "-I$top/t/unit/graphql", '-o', "$tool.new", "$top/t/oracle/$name.c",
        "$build/lib/lib$library.a", "$build/lib/libbase.a", qw(-lcrypto -lyajl
        -lm)
    );
    system(@command) == 0 or die "$name cannot be built\n";

    # another suite may be running it: it keeps the one that it has
    rename "$tool.new", $tool or die "$tool: $!\n";
    return $tool;
}


# Runs t/oracle/$script for each schema, or once where there are none; one
# test for each.
sub compare {
    my (%with) = @_;
    my $lock = lock_build();
    my ($folder, $reason) = installed($with{package} // 'graphql',
                                      $with{version} // $default_version);

    if (!defined $folder) {
        print "1..0 # SKIP $reason\n";
        exit 0;
    }

    my $tool = build_tool($with{tool}, $with{library} // 'graphql');
    close $lock;

    my $count = $ENV{ORACLE_COUNT} // $with{count};
    my $seed = $ENV{ORACLE_SEED} // 1;
    my $failed = 0;
    my $number = 0;

    for my $schema (@{ $with{schemas} // [''] }) {
        my @command = ('node', "$top/t/oracle/$with{script}", $folder, $tool,
                       $schema ne '' ? "$top/$schema" : (), $count, $seed);

        my $label = $schema ne '' ? "$schema: " : '';

        $number++;
        print "# seed $seed\n";

        open(my $output, '-|', @command) or die "node: $!\n";
        while (my $line = <$output>) {
            # the script numbers its tests from 1
            next if $line =~ /^1\.\.\d+$/;
            $line =~ s/^((?:not )?ok) \d+ - (.*)/$1 $number - $label$2/;
            print $line;
        }

        $failed++ if !close($output);
    }

    print "1..$number\n";
    exit($failed == 0 ? 0 : 1);
}

1;
