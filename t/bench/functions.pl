#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause

# Where instructions go, from pairs of callgrind's files.
#
#   functions.pl REQUESTS ROWS NAME=FEW,MANY...
#
# Of a pair, MANY is of a run with so many requests more than FEW: what starting
# and ending took is in both, and the difference belongs to the requests.  Prints
# what each name takes for a request and, of the second name, the functions that
# take most beside the first.  Functions without a name (nginx is stripped) are
# told by their addresses.

use strict;
use warnings;

my ($requests, $rows, @pairs) = @ARGV;
@pairs or die "usage: functions.pl REQUESTS ROWS NAME=FEW,MANY...\n";

my (@names, %cost);

for (@pairs) {
    my ($name, $few, $many) = /^(.*?)=(.*?),(.*)$/
        or die "not NAME=FEW,MANY: $_\n";

    push @names, $name;
    $cost{$name} = difference(costs($few), costs($many));
}

totals();
beside(@names[0, 1]) if @names > 1;


# Instructions by function, without those of the functions that it calls.
sub costs {
    my ($file) = @_;
    my (%name_of, %self, $object, $function, $called);

    open my $in, '<', $file or die "$file: $!\n";

    while (<$in>) {
        if (/^c?(ob|fn)=\((\d+)\)(?: (.*))?/) {
            my ($kind, $id) = ($1, $2);

            # a name is written out where it comes first
            $name_of{"$kind$id"} = $3 if defined $3;
            next if /^c/;

            $object = short_object($name_of{"ob$id"}) if $kind eq 'ob';
            $function = short_name($name_of{"fn$id"}) . " ($object)"
                if $kind eq 'fn';

        } elsif (/^calls=/) {
            $called = 1;        # the next line counts what it called

        } elsif (/^[-+*\d]\S* (\d+)$/) {
            $self{$function} += $1 if !$called;
            $called = 0;
        }
    }

    return \%self;
}


sub short_object {
    my ($object) = $_[0] =~ m{([^/]*)$};

    $object =~ s/^ngx_http_graphql_orders_module\.so$/ours/;

    return $object;
}


# Without what a compiler adds, and without the depth of a recursion.
sub short_name {
    my ($name) = @_;

    $name =~ s/'\d+$//;
    $name =~ s/\.(?:lto_priv|constprop|isra|part|cold)\b(?:\.\d+)?//g;
    $name =~ s/^0x0*/0x/;

    return $name;
}


sub difference {
    my ($few, $many) = @_;
    my %each;

    for my $function (keys %$many) {
        $each{$function} =
            ($many->{$function} - ($few->{$function} // 0)) / $requests;
    }

    return \%each;
}


sub totals {
    my $first;

    printf "%-26s %12s %12s\n", 'instructions for each', '', 'ratio';

    for my $name (@names) {
        my $total = 0;

        $total += $_ for values %{ $cost{$name} };
        $first //= $total;
        printf "%-26s %12.0f %12.2f\n", $name, $total, $total / $first;
    }
}


sub beside {
    my ($first, $second) = @_;
    my %more;

    for my $function (keys %{ $cost{$second} }) {
        $more{$function} = $cost{$second}{$function}
            - ($cost{$first}{$function} // 0);
    }

    my @functions = sort { $more{$b} <=> $more{$a} || $a cmp $b } keys %more;

    print "\n$second beside $first, the $rows functions that take most:\n";
    printf "%12.0f  %s\n", $more{$_}, $_
        for grep { defined } @functions[0 .. $rows - 1];
}
