# SPDX-License-Identifier: BSD-2-Clause

# For the tests of the runner: runs the text of a .t file in a process of its
# own and returns what it printed, so that a failure inside is data outside.

package OrdersTest::Inner;

use strict;
use warnings;

use Cwd ();
use Exporter 'import';
use File::Temp ();

our @EXPORT_OK = qw(run_inner dump_blocks);

my $lib = Cwd::abs_path(__FILE__) =~ s{/OrdersTest/Inner\.pm$}{}r;


# Output of stdout and stderr, and the exit code.
sub run_inner
{
    my ($head, $blocks) = @_;

    return run_perl(<<"END");
use Test::Nginx::Socket $head
run_tests();

__DATA__

$blocks
END
}


# Each block as "name|section=value|..." with the module's own parser.
sub dump_blocks
{
    my ($module, $blocks) = @_;

    return run_perl(<<"END");
use $module;
plan(tests => 1);
for my \$block (blocks()) {
    my \@sections = grep { defined \$block->\$_ } qw(a b c d e ONLY LAST);
    my \$line = join '|', \$block->name, map { "\$_=" . \$block->\$_ } \@sections;
    print '# ', \$line =~ s/\\n/<n>/gr, "\\n";
}
pass();
__DATA__
$blocks
END
}


sub run_perl
{
    my ($text) = @_;

    my $dir = File::Temp::tempdir(CLEANUP => 1);
    mkdir "$dir/t";
    open my $out, '>', "$dir/t/inner.t" or die $!;
    print {$out} $text;
    close $out;

    # expected alerts stay out of the collected log
    local $ENV{TEST_NGINX_ERROR_LOG};
    local $ENV{TEST_NGINX_RANDOMIZE} = 1;
    local $ENV{TEST_NGINX_LOAD_MODULES} = '';
    local $ENV{HARNESS_ACTIVE} = 0;

    my $output = `cd $dir && $^X -I$lib t/inner.t 2>&1`;
    return ($output, $? >> 8);
}

1;
