# SPDX-License-Identifier: BSD-2-Clause

# Clients that post orders and then update and delete them, one thing after the
# other, in processes of their own, and write down what they were told:
#
#   my $changes = OrdersTest::Changes->new($stack, clients => 4);
#   $changes->stop;
#   $changes->{told};           # outcome => how often
#   my @complaints = $changes->complaints("$dir/appendonlydir");
#
# An outcome is "done", "refused" or "unknown".  Each update has a name of its
# own, so that the append-only file tells whether, and how often, it was made.

package OrdersTest::Changes;

use strict;
use warnings;

use IO::Socket::INET ();
use JSON::PP ();
use POSIX ();
use Time::HiRes qw(sleep);

use OrdersTest::Aof;
use OrdersTest::Stage;

my $post = 'mutation { postOrder(input: {name: "first", quantity: 1,'
    . ' restaurantId: "r"}) { id } }';
my $update = 'mutation($id: ID!, $name: String) { updateOrder(id: $id,'
    . ' input: {name: $name}) { name } }';
my $delete = 'mutation($id: ID!) { deleteOrder(id: $id) { id } }';

# What means that nothing was done and nothing will be.
my %refusals = map { $_ => 1 }
    qw(CONFLICT NOT_FOUND UNAVAILABLE QUEUE_FULL);


sub new
{
    my ($class, $stack, %option) = @_;

    my $self = bless { stack => $stack, clients => 4, pids => [], told => {},
        %option }, $class;

    for my $client (1 .. $self->{clients}) {
        push @{ $self->{pids} }, $stack->child(sub {
            srand $client;
            open my $out, '>', "$stack->{dir}/changes.$client" or die;
            $out->autoflush(1);
            my $stop;
            local $SIG{TERM} = sub { $stop = 1 };
            for (my $n = 1; !$stop; $n++) {
                $self->live($out, "$client.$n");
            }
            print {$out} "end\n";
            POSIX::_exit(0);
        });
    }

    return $self;
}


# One order's life.
sub live
{
    my ($self, $out, $name) = @_;

    my $id;
    while (!$id) {
        my $data = $self->ask($post, {}, 'Idempotency-Key' => "c-$name");
        $id = $data->{data}{postOrder}{id} if $data->{data};
        sleep 0.05 if !$id;
    }
    print {$out} "post $id\n";

    for my $step (1 .. 1 + int rand 4) {
        sleep rand 0.6;
        my $deletes = rand() < 0.3;
        my $value = $deletes ? '-' : "$name.$step";
        my $answer = $self->ask($deletes ? $delete : $update,
            { id => $id, name => $value });
        my $code = $answer->{errors}
            ? $answer->{errors}[0]{extensions}{code} || 'none' : '';
        my $outcome = $answer->{lost} ? 'unknown'
            : !$code ? 'done' : $refusals{$code} ? 'refused' : 'unknown';
        print {$out} "told $id $value $outcome\n";
        return if $deletes && rand() < 0.8;
    }

    return;
}


# { data, errors } of the response; { lost } when there is none.
sub ask
{
    my ($self, $query, $variables, %header) = @_;

    my $socket = IO::Socket::INET->new(
        PeerAddr => "127.0.0.1:$self->{stack}{port}")
        or return { errors => [{ extensions => { code => 'UNAVAILABLE' } }] };
    delete $variables->{name} if $query eq $delete;
    OrdersTest::Stage::send_post($socket, JSON::PP::encode_json({
        query => $query, variables => $variables }), Connection => 'close',
        %header);
    my $response = OrdersTest::Stage::response($socket);
    return { lost => 1 } if !$response;
    return eval { JSON::PP::decode_json($response->{body}) } || { lost => 1 };
}


sub stop
{
    my ($self) = @_;

    kill 'TERM', @{ $self->{pids} };
    $self->{stack}->reap($_) for @{ $self->{pids} };

    $self->{orders} = {};
    for my $client (1 .. $self->{clients}) {
        for (split /\n/, OrdersTest::Stage::slurp(
            "$self->{stack}{dir}/changes.$client"))
        {
            my ($word, $id, $value, $outcome) = split / /;
            $self->{ended}++ if $word eq 'end';
            $self->{orders}{$id} = [] if $word eq 'post';
            next if $word ne 'told';
            push @{ $self->{orders}{$id} }, [$value, $outcome];
            $self->{told}{$outcome}++;
        }
    }

    return;
}


sub complaints
{
    my ($self, $dir) = @_;

    my @complaints;
    push @complaints, 'a client of changes did not come to its end'
        if ($self->{ended} || 0) != $self->{clients};

    my $made = made($dir);
    for my $id (sort keys %{ $self->{orders} }) {
        push @complaints, map { "$id: $_" } $self->wrong($id,
            $self->{orders}{$id}, $made->{$id} || []);
    }

    return @complaints;
}


# id => [names of its updates in the order in which they were made, "-" for
# that it was deleted]
sub made
{
    my ($dir) = @_;

    my %made;
    OrdersTest::Aof::each_command($dir, sub {
        my ($command, $key, @rest) = @_;
        my ($id) = ($key || '') =~ /:order:(.*)\z/ or return;
        my %field = $command eq 'HSET' ? @rest : ();
        push @{ $made{$id} }, '-' if $command eq 'DEL';
        push @{ $made{$id} }, $field{input} =~ /"name":"([^"]*)"/
            if defined $field{input} && !defined $field{userId};
    });

    return \%made;
}


sub wrong
{
    my ($self, $id, $told, $made) = @_;

    my (@wrong, %count, %may, @done);
    $count{$_}++ for @$made;

    for (@$told) {
        my ($value, $outcome) = @$_;
        $may{$value}++ if $outcome ne 'refused';
        push @done, $value if $outcome eq 'done';
    }

    my %done = map { $_ => 1 } @done;
    push @wrong, map { "$_ was made, and nobody was told" }
        grep { !$may{$_} } @$made;
    push @wrong, map { "$_ was made $count{$_} times" }
        grep { $count{$_} > 1 } keys %count;
    my @seen = grep { $done{$_} } @$made;
    push @wrong, "told that done was @done, but it was @seen"
        if "@seen" ne "@done";

    my $order = $self->{stack}->order($id);
    my ($name) = ($order->{input} || '') =~ /"name":"([^"]*)"/;
    my $last = @$made ? $made->[-1] : 'first';
    push @wrong, 'it is ' . (defined $name ? $name : 'absent') . ", not $last"
        if (defined $name ? $name : '-') ne $last;
    return @wrong;
}

1;
