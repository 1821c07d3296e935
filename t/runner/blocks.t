# SPDX-License-Identifier: BSD-2-Clause

# The block format, and that our parser reads it as Test::Base does.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use OrdersTest::Inner qw(dump_blocks);
use Test::More;

my %case = (
    'a value ends with one newline, blank lines around it go' => [
        "=== one\n--- a\n\n\n  x\n\ny\n\n\n--- b\nz",
        "# one|a=  x<n><n>y<n>|b=z<n>\n",
    ],
    'a value in the line of its section is trimmed' => [
        "=== one\n--- a: x: y \n--- b chomp:   z\n--- c:\n",
        "# one|a=x: y|b=z|c=\n",
    ],
    'chomp, chop and eval' => [
        qq{=== one\n--- a chomp\nx\n--- b chop\nxy\n--- c eval\n"1" . 2\n}
            . qq{--- d eval chop: "a\\tb"\n},
        "# one|a=x|b=xy|c=12|d=a\t\n",
    ],
    'lists are reversed and joined' => [
        qq{=== one\n--- a lines reverse join\nx\ny\n}
            . qq{--- b eval reverse join=+\n(1, 2)\n},
        "# one|a=y<n>x<n>|b=2+1\n",
    ],
    'a filter with a minus takes a default one away' => [
        "=== one\n--- a -trim\n\nx\n\n",
        "# one|a=<n>x<n><n><n>\n",
    ],
    'an eval that dies gives its message' => [
        "=== one\n--- a eval\ndie qq{no\\n}\n",
        "# one|a=no<n>\n",
    ],
    'a description stands between the name and the sections' => [
        "=== one\nsome words\nmore\n--- a\nx\n",
        "# one|a=x<n>\n",
    ],
    'text before the first block is nothing' => [
        "words\n=== one\n--- a: 1\n=== two\n--- a: 2\n",
        "# one|a=1\n# two|a=2\n",
    ],
    'SKIP leaves a block out, LAST ends the list' => [
        "=== one\n--- SKIP\n--- a: 1\n=== two\n--- LAST\n--- a: 2\n"
            . "=== three\n--- a: 3\n",
        "# two|a=2|LAST=\n",
    ],
    'ONLY chooses one block and says so' => [
        "=== one\n--- a: 1\n=== two\n--- ONLY\n--- a: 2\n",
        "# two|a=2|ONLY=\n",
    ],
    'line ends are normalized' => [
        "=== one\n--- a\nx\r\ny\rz\n",
        "# one|a=x<n>y<n>z<n>\n",
    ],
    'dashes inside a value are a section only with a space and a word' => [
        "=== one\n--- a\n---\n---x\n - - -\n",
        "# one|a=---<n>---x<n> - - -<n>\n",
    ],
);

my $has_real = eval { require Test::Base; 1 };

for my $name (sort keys %case) {
    my ($blocks, $expected) = @{ $case{$name} };

    my ($output) = dump_blocks('Test::Nginx::Socket', $blocks);
    is(lines_of_blocks($output), $expected, $name);

  SKIP: {
        skip 'Test::Base is not installed', 1 if !$has_real;
        my ($real) = dump_blocks('Test::Base', $blocks);
        is(lines_of_blocks($real), $expected, "$name, with Test::Base too");
    }
}

my ($output) = dump_blocks('Test::Nginx::Socket',
    "=== one\n--- ONLY\n--- a: 1\n");
like($output, qr/I found ONLY/, 'a forgotten ONLY is said');

($output) = dump_blocks('Test::Nginx::Socket', "=== one\n--- a: 1\nx\n");
like($output, qr/Extra lines not allowed in 'a' section/,
    'a value in the line and lines below it are an error');

($output) = dump_blocks('Test::Nginx::Socket',
    "=== one\n--- a eval: join('', 'x', 'y')\n");
like($output, qr/^Ambiguous call.*^# one\|a=xy/ms,
    'a join that is not said to be CORE::join is warned of');

($output) = dump_blocks('Test::Nginx::Socket',
    "=== one\n--- description: x\n");
like($output, qr/'description' is a reserved name/, 'so is a reserved name');

($output) = dump_blocks('Test::Nginx::Socket', "=== one\n--- a blurb\nx\n");
like($output, qr/the filter 'blurb' is not known/, 'an unknown filter is named');

done_testing();


sub lines_of_blocks
{
    my ($text) = @_;

    return join '', grep { /^# .*\|/ } split /^/, $text;
}
