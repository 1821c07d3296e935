# SPDX-License-Identifier: BSD-2-Clause

# What a Redis has done and not forgotten: the commands in its append-only
# files, as long as none of them was rewritten.
#
#   OrdersTest::Aof::each_command("$dir/appendonlydir", sub { my @words = @_ });

package OrdersTest::Aof;

use strict;
use warnings;

use Carp qw(croak);


sub each_command
{
    my ($dir, $code) = @_;

    my @files = glob "$dir/*.incr.aof";
    croak "$dir has no incremental files" if !@files;

    for my $file (sort { number($a) <=> number($b) } @files) {
        open my $in, '<:raw', $file or croak "$file: $!";
        local $/ = "\r\n";

        while (defined(my $line = <$in>)) {
            my ($count) = $line =~ /\A\*(\d+)\r\n\z/ or last;
            my @words = map { word($in) } 1 .. $count;
            last if grep { !defined } @words;   # cut off by a crash
            $code->(@words);
        }
    }

    return;
}


sub word
{
    my ($in) = @_;

    my $line = <$in>;
    return if !defined $line || $line !~ /\A\$(\d+)\r\n\z/;
    my ($text, $length) = ('', $1 + 2);
    my $read = read $in, $text, $length;
    return if !defined $read || $read != $length;
    return substr $text, 0, $length - 2;
}


sub number
{
    my ($file) = @_;

    return $file =~ /\.(\d+)\.incr\.aof\z/ ? $1 : 0;
}

1;
