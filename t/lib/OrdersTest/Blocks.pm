# SPDX-License-Identifier: BSD-2-Clause

# The block format of Test::Base, on which Test::Nginx stands:
#
#   === name
#   --- section filter filter
#   value, any number of lines
#   --- section filter: value
#
# A value passes the filters norm and trim (line ends, blank lines around it),
# then those named in its line.  ONLY, SKIP and LAST choose the blocks.

package OrdersTest::Blocks;

use strict;
use warnings;

use Carp qw(croak);
use Test::More ();

my %filters_for;
my $list;
my @next;


# All blocks, or those that have a section; their number in scalar context.
sub all
{
    my ($section) = @_;

    $list ||= choose(parse(read_data()));

    my @blocks = grep { !$section || exists $_->{value}{$section} } @$list;
    return scalar @blocks if !wantarray;

    $_->filter for @blocks;
    return @blocks;
}


sub first_block
{
    @next = ();
    return next_block();
}


# After the last block comes undef, and then the first one again.
sub next_block
{
    @next = (all(), undef) if !@next;
    return shift @next;
}


# filters { section => 'chomp eval', ... }
sub filters
{
    my ($map) = @_;

    croak 'filters takes a hash reference' if ref $map ne 'HASH';
    %filters_for = (%filters_for, %$map);
    return;
}


sub read_data
{
    local $/;
    no warnings 'once';
    my $text = <main::DATA>;
    return defined $text ? $text : '';
}


sub parse
{
    my ($text) = @_;

    return map { OrdersTest::Block->parse($_) }
        $text =~ /^(===.*?(?=^===|\z))/msg;
}


sub choose
{
    my @blocks = @_;
    my @chosen;

    for my $block (@blocks) {
        if (exists $block->{value}{ONLY}) {
            Test::More::diag("I found ONLY: maybe you're debugging?");
            return [$block];
        }

        next if exists $block->{value}{SKIP};
        push @chosen, $block;
        last if exists $block->{value}{LAST};
    }

    return \@chosen;
}


sub filters_of
{
    my ($section, $named) = @_;

    my $map = $filters_for{$section};
    my @map = ref $map ? @$map : split ' ', defined $map ? $map : '';
    my (@filters, @last);

    for my $word (qw(norm trim), @map, split ' ', $named) {
        my $filter = $word;
        if ($filter =~ s/^-//) {
            @filters = grep { $_ ne $filter } @filters;
        } elsif ($filter =~ s/^\+//) {
            push @last, $filter;
        } else {
            push @filters, $filter;
        }
    }

    return (@filters, @last);
}


# One block; $block->section is the value of a section, undef if it has none.

package OrdersTest::Block;

use strict;
use warnings;

use Carp qw(croak);

our $AUTOLOAD;

# What Test::Base keeps for itself.
my %is_reserved = map { $_ => 1 } qw(name description seq_num is_filtered
    blocks_object original_values block_accessor set_value run_filters new
    DESTROY AUTOLOAD BEGIN EXPORT ISA);


sub parse
{
    my ($class, $text) = @_;

    my $self = bless { value => {}, order => [], filters => {} }, $class;

    $text =~ s/\A===[ \t]*(.*)\s+//;
    my $name = $1;
    my ($description, @parts) = split /^--- +\(?(\w+)\)? *(.*)?\n/m, $text;

    while (@parts) {
        my ($section, $filters, $value) = splice @parts, 0, 3;
        croak "'$section' is a reserved name. Use something else."
            if $is_reserved{$section} || $section =~ /^_/;
        $value = '' if !defined $value;
        $filters = '' if !defined $filters;

        if ($filters =~ /:(?:\s|\z)/) {
            croak "Extra lines not allowed in '$section' section"
                if $value =~ /\S/;
            ($filters, $value) = split /\s*:(?:\s+|\z)/, $filters, 2;
            $value = '' if !defined $value;
            $value =~ s/^\s+|\s+$//g;
        }

        push @{ $self->{order} }, $section;
        $self->{filters}{$section} = $filters;
        $self->set_value($section, $value);
    }

    $description = '' if !defined $description;
    $description =~ s/\s*\z//;
    $self->set_value(description => $description =~ /\S/
        ? $description : $name);
    $self->set_value(name => $name);
    return $self;
}


sub set_value
{
    my ($self, $section, @values) = @_;

    $self->{value}{$section} = [@values];
    return;
}


sub AUTOLOAD
{
    my ($self) = @_;
    my $section = $AUTOLOAD =~ s/.*:://r;

    return if $section eq 'DESTROY';
    my $values = $self->{value}{$section} || [];
    return wantarray ? @$values : $values->[0];
}


sub filter
{
    my ($self) = @_;

    return if $self->{is_filtered};
    $self->{is_filtered} = 1;

    for my $section (@{ $self->{order} }) {
        my @values = @{ $self->{value}{$section} };

        for my $filter (OrdersTest::Blocks::filters_of($section,
                            $self->{filters}{$section}))
        {
            @values = OrdersTest::Filter::apply($filter, @values);
        }

        $self->set_value($section, @values);
    }

    return;
}


# The filters.  Code of an eval filter runs in this package, under strict: a
# variable of the .t file is $main::name there, as with Test::Base.

package OrdersTest::Filter;

use strict;
use warnings;

use Carp qw(croak);
use MIME::Base64 ();

# They have the names that they have in Test::Base, so that Perl warns here
# too when an eval filter's code calls its own join without CORE:: before it.

sub join
{
    my ($by, @values) = @_;

    return CORE::join($by, @values);
}


sub reverse
{
    return CORE::reverse(@_);
}


my %filter = (
    norm          => sub { map { s/\r\n|\r/\n/gr } @_ },
    trim          => sub {
        map { s/\A(?:[ \t]*\n)+//r =~ s/(?<=\n)\s*\z//r } @_
    },
    chomp         => sub { map { s/\n\z//r } @_ },
    unchomp       => sub { map { "$_\n" } @_ },
    chop          => sub { map { s/.\z//sr } @_ },
    lines         => sub { map { split /^/ } @_ },
    join          => \&join,
    reverse       => \&reverse,
    split         => sub { my $by = shift; map { split /$by/ } @_ },
    append        => sub { my $end = shift; map { $_ . $end } @_ },
    array         => sub { [@_] },
    eval          => sub { evaluate($_[0]) },
    escape        => sub { map { s/(\\.)/evaluate(qq{"$1"})/ger } @_ },
    base64_encode => sub { MIME::Base64::encode_base64($_[0]) },
    base64_decode => sub { MIME::Base64::decode_base64($_[0]) },
);

my %argument = (join => '', split => '\s+', append => '');


sub apply
{
    my ($filter, @values) = @_;

    my ($name, $argument) = split /=/, $filter, 2;

    # a function of the .t file comes first
    if (defined &{"main::$name"}) {
        local $_ = CORE::join('', @values);
        no strict 'refs';
        return &{"main::$name"}($_);
    }

    my $code = $filter{$name}
        or croak "the filter '$name' is not known to this runner";

    return $code->(@values) if !exists $argument{$name};

    $argument = defined $argument
        ? evaluate(qq{"$argument"}) : $argument{$name};
    return $code->($argument, @values);
}


sub evaluate
{
    my @values = eval $_[0];    ## no critic: that is the filter's purpose
    return $@ if $@;
    return wantarray ? @values : $values[0];
}

1;
