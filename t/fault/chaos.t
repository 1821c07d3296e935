# SPDX-License-Identifier: BSD-2-Clause

# Worker, nginx worker, nginx master and Redis are killed with -9 in turn while
# 16 connections post orders; in between nginx is reloaded, workers leave and
# others come, Redis stands still.  Every order that was acknowledged comes to
# its end exactly once, and is charged once.  CHAOS_KILLS=100 is the full run,
# CHAOS_SEED another one.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Chaos;
use Test::More;

my $kills = $ENV{CHAOS_KILLS} || 20;

for my $fsync ('always', 'everysec') {
    my $chaos = OrdersTest::Chaos->new(fsync => $fsync,
        kills => $fsync eq 'always' ? $kills : int($kills / 4));

    $chaos->run;
    my $acknowledged = keys %{ $chaos->{acknowledged} };
    my $killed = join ', ', map { "$_ $chaos->{killed}{$_}" }
        sort keys %{ $chaos->{killed} };
    ok($acknowledged > 100, "$fsync: orders are acknowledged while all is"
        . " killed: $killed; and $chaos->{gentle} times otherwise");

    my @complaints = $chaos->verdict;
    is(scalar @complaints, 0, "$fsync: each of them ended exactly once and was"
        . ' charged once, nothing is left')
        or diag(join "\n", splice @complaints, 0, 20);
    my @alarms = $chaos->alarms;
    is(scalar @alarms, 0, "$fsync: no alarm in any log")
        or diag(join "\n", splice @alarms, 0, 20);

    note("seed $chaos->{seed}: acknowledged $acknowledged, stored"
        . " $chaos->{stored}, refused $chaos->{refused}, without an answer"
        . " $chaos->{unknown}, lost $chaos->{lost}, duplicated"
        . " $chaos->{duplicated}");
}

done_testing;
