# SPDX-License-Identifier: BSD-2-Clause

# What a Redis has done and not forgotten: the commands in its append-only
# files, as long as none of them was rewritten.  @AOF_ARGS makes such a Redis.
#
#   OrdersTest::Aof::each_command("$dir/appendonlydir", sub { my @words = @_ });
#   OrdersTest::Aof::orders("$dir/appendonlydir");
#   OrdersTest::Aof::all_is_well($stack, $name, \@ids, $journal);

package OrdersTest::Aof;

use strict;
use warnings;

use Carp qw(croak);
use Test::More;

# Each write is kept before it is acknowledged, and all of them.
our @AOF_ARGS = ('--appendonly', 'yes', '--appendfsync', 'always',
    '--auto-aof-rewrite-percentage', '0');


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
            last if @words < $count;   # cut off by a crash
            $code->(@words);
        }
    }

    return;
}


# id => "pushed stored ended", how often each; 1 1 1 is what an order wants.
# What is looked at are commands that are always in the file: a ZADD that changes
# nothing is not.
sub orders
{
    my ($dir) = @_;

    my %count;
    each_command($dir, sub {
        my ($command, $key, @rest) = @_;
        if ($command eq 'RPUSH' && $key =~ /:queue\z/
            && $rest[0] =~ /"kind":"post"/)
        {
            my ($id) = $rest[0] =~ /"id":"([^"]+)"/;
            $count{$id}[0]++;
        } elsif ($command eq 'HSET' && $key =~ /:order:(.*)\z/) {
            my $id = $1;
            my %field = @rest;
            $count{$id}[1]++ if defined $field{userId};
            $count{$id}[2]++ if ($field{orderStatus} || '') =~ /\A(?:SUCCESS|FAILED)\z/;
        }
    });

    return { map { my $row = $count{$_};
        $_ => join ' ', map { $row->[$_] || 0 } 0 .. 2 } keys %count };
}


# A test of a stack whose Redis has @AOF_ARGS: all of the orders end, each once,
# and each was charged once.
sub all_is_well
{
    my ($stack, $name, $ids, $journal) = @_;

    ok($stack->all_ended(scalar @$ids, 60), "$name: all orders end");
    OrdersTest::Stage::wait_for(sub { !$stack->left_over }, 10);
    my @complaints = $stack->complaints($ids, journal => $journal);
    my $history = orders("$stack->{dir}/appendonlydir");
    push @complaints, map { "$_: pushed, stored, ended $history->{$_}" }
        grep { $history->{$_} ne '1 1 1' } @$ids;
    is(scalar @complaints, 0, '... each once, and charged once')
        or diag(join "\n", splice @complaints, 0, 10);
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
