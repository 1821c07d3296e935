# SPDX-License-Identifier: BSD-2-Clause

# A stage (OrdersTest::Stage) with workers on it, and what suites ask about
# orders:
#
#   my $stack = OrdersTest::Stack->new;
#   $stack->redis;
#   my $worker = $stack->worker('simulate_latency 5ms 10ms;');
#   my @ids = $stack->push_orders(100);
#   ok($stack->all_ended(@ids));
#   $worker->end('TERM');

package OrdersTest::Stack;

use strict;
use warnings;

use Carp qw(croak);
use POSIX ();
use Time::HiRes qw(sleep time);

use OrdersTest::Resp;
use OrdersTest::Stage;

our @ISA = ('OrdersTest::Stage');

my $made = 0;


sub build_dir
{
    return $ENV{ORDERS_BUILD} if $ENV{ORDERS_BUILD};
    my $top = $ENV{ORDERS_TOP} || '.';
    return -x "$top/build/san/orders-worker" ? "$top/build/san" : "$top/build";
}


sub key { return "{orders:0}:$_[0]" }


# The connection of the suite; a new one after Redis was restarted.
sub resp
{
    my ($self) = @_;

    return $self->{resp} ||= OrdersTest::Resp->new($self->{redis_port});
}


sub redis
{
    my ($self, %option) = @_;

    delete $self->{resp};
    my $address = $self->SUPER::redis(%option);
    OrdersTest::Stage::wait_for(sub { $self->ask('PING') eq 'PONG' }, 60)
        or croak 'redis does not load';
    return $address;
}


sub ask
{
    my ($self, @words) = @_;

    return $self->resp->ask(@words);
}


# Starts a worker that has registered when this returns.  Settings are text;
# options: name => of the worker, config => a file, register => 0.
sub worker
{
    my ($self, $settings, %option) = @_;

    $made++;
    my $name = $option{name} || "w$made";
    my $log = "$self->{dir}/worker.$made.log";
    my @config = $option{config} ? ('-c', $option{config}) : ();
    my $port = $option{port} || $self->{redis_port};
    $settings = '' if !defined $settings;

    my $pid = $self->child(sub {
        open STDERR, '>>', $log;
        open STDOUT, '>>', $log;
        exec build_dir() . '/orders-worker', @config,
            '--redis', "redis://127.0.0.1:$port",
            '-g', "name $name; log_level info; $settings";
    });

    my $worker = bless { stack => $self, pid => $pid, name => $name,
        log => $log }, 'OrdersTest::Stack::Worker';
    return $worker if defined $option{register} && !$option{register};

    OrdersTest::Stage::wait_for(sub { $worker->id }, 20)
        or croak "the worker does not register: " . $worker->text;
    return $worker;
}


# "019ac0de-0000-7000-8000-..." of a number.
sub order_id
{
    my ($n) = @_;

    return sprintf '019ac0de-0000-7000-8000-%012x', $n;
}


sub order_message
{
    my ($id, %option) = @_;

    my $user = $option{user} || 'u1';
    my $kind = $option{kind} || 'post';
    my $input = $option{input}
        || '{"name":"Margherita","quantity":2,"restaurantId":"r-17"}';
    my $more = $option{more} || '';
    return qq({"v":1,"kind":"$kind","id":"$id","userId":"$user",)
        . qq("createdAt":"2026-11-24T06:35:07.123Z","input":$input$more});
}


# Pushes so many orders, as the front door would; their ids.
sub push_orders
{
    my ($self, $count, %option) = @_;

    my @ids = map { order_id($self->{orders}++) } 1 .. $count;
    my @replies = $self->resp->ask_all(map {
        ['RPUSH', key('queue'), order_message($_, %option)]
    } @ids);
    for (@replies) {
        croak "an order was not pushed: $_" if !/\A\d+\z/;
    }
    return @ids;
}


# id => status of those that have one.
sub statuses
{
    my ($self, @ids) = @_;

    my @replies = $self->resp->ask_all(
        map { ['HGET', key("order:$_"), 'orderStatus'] } @ids);
    my %status;
    for my $i (0 .. $#ids) {
        $status{ $ids[$i] } = $replies[$i] if defined $replies[$i];
    }

    return \%status;
}


sub order
{
    my ($self, $id) = @_;

    return { @{ $self->ask('HGETALL', key("order:$id")) } };
}


# Orders that have ended, by the index.
sub ended_count
{
    my ($self) = @_;

    return $self->ask('ZCARD', key('status:SUCCESS'))
        + $self->ask('ZCARD', key('status:FAILED'));
}


sub all_ended
{
    my ($self, $count, $seconds) = @_;

    return OrdersTest::Stage::wait_for(
        sub { $self->ended_count >= $count }, $seconds || 30);
}


# What is on a way that leads nowhere yet: queue, resume, suspects, parked and
# all processing lists.
sub left_over
{
    my ($self) = @_;

    my $left = 0;
    $left += $self->ask('LLEN', key($_)) for qw(queue resume suspects);
    $left += $self->ask('ZCARD', key('delayed'));
    $left += $self->ask('LLEN', $_) for $self->processing_lists;
    return $left;
}


# What is wrong with the workers' counters when all orders have ended.
sub count_complaints
{
    my ($self, $orders) = @_;

    my %count = @{ $self->ask('HGETALL', key('stats')) };
    my %expected = (accepted => $orders,
        succeeded => $self->ask('ZCARD', key('status:SUCCESS')),
        failed => $self->ask('ZCARD', key('status:FAILED')));
    my @complaints = map { "$_: " . ($count{$_} // 'none')
        . ", not $expected{$_}" }
        grep { ($count{$_} // 0) != $expected{$_} } sort keys %expected;

    for my $state (map { /(.*):entered$/ ? $1 : () } sort keys %count) {
        my ($in, $out, $now) = map { $count{"$state:$_"} // 0 }
            qw(entered passed now);
        push @complaints, "$state: $in entered, $out passed, $now are there"
            if $in != $out || $now != 0;
    }

    return @complaints;
}


sub processing_lists
{
    my ($self) = @_;

    my ($cursor, @keys) = (0);
    do {
        my $reply = $self->ask('SCAN', $cursor, 'MATCH',
            '{orders:0\}:processing:*', 'COUNT', 1000);
        $cursor = $reply->[0];
        push @keys, @{ $reply->[1] };
    } while ($cursor);

    return @keys;
}


# A subscriber to orders:status; call events() when all is over.
sub subscribe
{
    my ($self) = @_;

    $self->{events_file} = $self->listen('orders:status');
    return;
}


# A subscriber in a process of its own, which writes each message to a file; the
# file's name.
sub listen
{
    my ($self, $channel) = @_;

    my $file = "$self->{dir}/events." . ++$made;
    my $port = $self->{redis_port};

    $self->child(sub {
        my $resp = OrdersTest::Resp->new($port);
        open my $out, '>', $file or die;
        $out->autoflush(1);
        $resp->ask('SUBSCRIBE', $channel);
        print {$out} "ready\n";
        while (my $message = eval { $resp->reply }) {
            print {$out} "$message->[2]\n";
        }
        POSIX::_exit(0);    # Redis has ended
    });

    croak 'the subscriber does not come up' if !OrdersTest::Stage::wait_for(
        sub { OrdersTest::Stage::slurp($file) =~ /^ready/ });
    return $file;
}


# id => [statuses in the order of the events]
sub events
{
    my ($self) = @_;

    my %events;
    for (split /\n/, OrdersTest::Stage::slurp($self->{events_file})) {
        push @{ $events{$1} }, $2
            if /\A\{"v":1,"id":"([^"]+)","userId":"[^"]*","status":"(\w+)"/;
    }

    return \%events;
}


# Lines of the simulated processor's journal: key => [charges, repetitions,
# outcome].
sub journal
{
    my ($self, $path) = @_;

    my %charges;
    for (split /\n/, OrdersTest::Stage::slurp($path)) {
        my ($what, $key, $outcome) = split / /;
        $charges{$key} ||= [0, 0, ''];
        if ($what eq 'charge') {
            $charges{$key}[0]++;
            $charges{$key}[2] = $outcome;
        } else {
            $charges{$key}[1]++;
        }
    }

    return \%charges;
}


# What must hold when all orders have ended, as a list of complaints.
#
#   journal => path     events => 1
sub complaints
{
    my ($self, $ids, %option) = @_;

    my @complaints;
    my $status = $self->statuses(@$ids);
    my $events = $option{events} ? $self->events : {};
    my $journal = $option{journal} ? $self->journal($option{journal}) : {};

    for my $id (@$ids) {
        my $is = defined $status->{$id} ? $status->{$id} : 'absent';
        push @complaints, "$id is $is" if $is !~ /\A(?:SUCCESS|FAILED)\z/;

        if ($option{events}) {
            my $seen = join ' ', @{ $events->{$id} || [] };
            push @complaints, "$id: events $seen" if $seen ne "PENDING $is";
        }

        if ($option{journal}) {
            my $charge = $journal->{"$id:ProcessPayment"} || [0, 0, ''];
            my $outcome = $is eq 'SUCCESS' ? 'paid' : 'refused';
            push @complaints, "$id: $charge->[0] charges, $charge->[2]"
                if $charge->[0] != 1 || $charge->[2] ne $outcome;
        }
    }

    my $left = $self->left_over;
    push @complaints, "$left messages are left" if $left;
    my $dead = $self->ask('LLEN', key('dead'));
    push @complaints, "$dead dead letters" if $dead;
    my $ended = $self->ended_count;
    push @complaints, "$ended in the indexes, not " . @$ids
        if $ended != @$ids;
    my $pending = $self->ask('ZCARD', key('status:PENDING'));
    push @complaints, "$pending still in the index PENDING" if $pending;

    return @complaints;
}


package OrdersTest::Stack::Worker;

use strict;
use warnings;

use Carp qw(croak);
use Fcntl qw(:flock);
use Time::HiRes qw(sleep);


sub text
{
    my ($self) = @_;

    return OrdersTest::Stage::slurp($self->{log});
}


# Its present registration.
sub id
{
    my ($self) = @_;

    my @ids = $self->text =~ /registered as "([^"]+)"/g;
    return $ids[-1];
}


sub signal
{
    my ($self, $signal) = @_;

    kill $signal, $self->{pid};
    return;
}


# Stops it at a moment when it does not hold the lock of that payment journal,
# for which the other workers would wait.
sub stand_still
{
    my ($self, $journal) = @_;

    open my $file, '<', $journal or croak "$journal: $!";
    kill 'STOP', $self->{pid};
    until (OrdersTest::Stage::wait_for(sub { flock $file, LOCK_EX | LOCK_NB }, 1)) {
        kill 'CONT', $self->{pid};
        sleep 0.01;
        kill 'STOP', $self->{pid};
    }

    return;
}


# Sends a signal and waits for its end; the status that wait gave, or undef
# when it lives on.
sub end
{
    my ($self, $signal, $seconds) = @_;

    kill $signal, $self->{pid} if $signal;
    my $status;
    my $ended = OrdersTest::Stage::wait_for(sub {
        return 0 if waitpid($self->{pid}, POSIX::WNOHANG()) != $self->{pid};
        $status = $?;
        return 1;
    }, $seconds || 20);

    return if !$ended;
    delete $self->{stack}{pids}{ $self->{pid} };
    return $status;
}

1;
