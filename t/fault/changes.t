# SPDX-License-Identifier: BSD-2-Clause

# Orders are updated and deleted while they wait, are paid and end, and while
# everything is killed, as in chaos.t.  What a client was told about a change is
# what has become of it; what nobody could know was told as unknown.  Payments
# go to a provider over HTTP that fails in its own ways.

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/../lib";

use OrdersTest::Changes;
use OrdersTest::Chaos;
use OrdersTest::Provider;
use Test::More;

my $kills = $ENV{CHAOS_KILLS} || 8;


# The payment is asked for a second after the order has come.
sub workflow
{
    my ($dir) = @_;

    my $text = OrdersTest::Stage::slurp(($ENV{ORDERS_TOP} || '.')
        . '/conf/workflow.json');
    $text =~ s/"Next": "ProcessPayment"/"Next": "Pause"/ or die 'no payment';
    $text =~ s/("States": \{)/$1 "Pause": {"Type": "Wait", "Seconds": 1,
        "Next": "ProcessPayment"},/ or die 'no states';
    open my $out, '>', "$dir/wait.json" or die "wait.json: $!";
    print {$out} $text;
    close $out or die "wait.json: $!";
    return "$dir/wait.json";
}


my $chaos = OrdersTest::Chaos->new(kills => $kills, rate => 150,
    pause => 2);
my $provider = OrdersTest::Provider->new($chaos, declines => 0.1,
    faults => [qw(none none slow error_before error_after busy reset_after
        reset_body pending)]);
$chaos->{provider} = $provider;
$chaos->{workflow} = workflow($chaos->{dir});
$chaos->{changes} = sub { OrdersTest::Changes->new($chaos, clients => 12) };

$chaos->run;
my $changes = $chaos->{changes};
my $told = $changes->{told};
my $killed = join ', ', map { "$_ $chaos->{killed}{$_}" }
    sort keys %{ $chaos->{killed} };
ok($told->{done} && $told->{refused}, 'orders are changed while all is killed:'
    . " $killed; and $chaos->{gentle} times otherwise");

my @complaints = $chaos->verdict;
is(scalar @complaints, 0, 'each order that is left ended exactly once, and was'
    . ' charged once')
    or diag(join "\n", splice @complaints, 0, 20);
@complaints = $changes->complaints("$chaos->{dir}/appendonlydir");
is(scalar @complaints, 0, 'clients know what has become of their changes')
    or diag(join "\n", splice @complaints, 0, 20);
my @alarms = $chaos->alarms;
is(scalar @alarms, 0, 'no alarm in any log')
    or diag(join "\n", splice @alarms, 0, 20);

note("seed $chaos->{seed}: orders " . keys(%{ $chaos->{acknowledged} })
    . ' and ' . keys(%{ $changes->{orders} }) . ', changes '
    . join ', ', map { "$_ $told->{$_}" } sort keys %$told);

done_testing;
