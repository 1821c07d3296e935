# SPDX-License-Identifier: BSD-2-Clause

# Kills everything, again and again, while orders are posted; and between that
# does what operators do: reloads nginx, lets workers leave, stops Redis:
#
#   my $chaos = OrdersTest::Chaos->new(kills => 20, fsync => 'always');
#   $chaos->run;
#   $chaos->{killed};                   # role => how often
#   my @complaints = $chaos->verdict;   # after it has settled
#
# Option workflow => a file; provider => an OrdersTest::Provider in place of the
# simulation; changes => code that starts OrdersTest::Changes when all is up.
#
# Two workers, two nginx workers, one Redis.  The load has a process of its own
# and goes on through all of it; what it had acknowledged it wrote down, with
# the time, outside of everything that is killed.

package OrdersTest::Chaos;

use strict;
use warnings;

use Carp qw(croak);
use POSIX ();
use Time::HiRes qw(sleep time);

use OrdersTest::Aof;
use OrdersTest::Load;
use OrdersTest::Stack;

our @ISA = ('OrdersTest::Stack');

# A Redis that syncs each second does not write while it syncs: of what it has
# acknowledged it may lose so many seconds also when only its process is killed.
use constant EVERYSEC_LOSS => 2;

my %roles = (
    'worker'       => \&kill_worker,
    'nginx worker' => \&kill_nginx_worker,
    'nginx master' => \&kill_nginx_master,
    'redis'        => \&kill_redis,
);

my @gentle = (\&reload_nginx, \&dismiss_worker, \&stop_redis);


sub new
{
    my ($class, %option) = @_;

    my $self = $class->SUPER::new;
    %$self = (%$self,
        kills => 20, fsync => 'always', connections => 16, rate => 400,
        key => 'k', pause => 0.4,
        roles => [sort keys %roles], killed => {}, complaints => [],
        later => [], redis_deaths => [], gentle => 0,
        seed => $ENV{CHAOS_SEED} || 1, %option);
    return $self;
}


sub run
{
    my ($self) = @_;

    srand $self->{seed};
    $self->start_redis;
    $self->start_nginx;
    $self->{journal_path} = "$self->{dir}/journal";
    $self->{workers} = { map { $_ => $self->start_worker($_) } qw(a b) };
    $self->start_load;
    $self->{changes} = $self->{changes}->() if $self->{changes};

    my @next;
    for my $number (1 .. $self->{kills}) {
        @next = shuffled(@{ $self->{roles} }) if !@next;
        my $role = shift @next;
        $self->progress;
        $self->pass(rand $self->{pause});
        $roles{$role}->($self);
        $self->{killed}{$role}++;

        next if rand() < 0.6;
        $self->pass(rand 0.3);
        $gentle[rand @gentle]->($self);
        $self->{gentle}++;
    }

    $self->pass(1);
    $self->pass(0.05) while @{ $self->{later} };
    $self->progress;
    $self->stop_load;
    $self->{changes}->stop if $self->{changes};
    return;
}


sub shuffled
{
    my @from = @_;

    return map { splice @from, rand @from, 1 } 1 .. @from;
}


# So long the world goes on, and what was put off is done.
sub pass
{
    my ($self, $seconds) = @_;

    my $until = time + $seconds;
    do {
        my ($due) = grep { $_->[0] <= time } @{ $self->{later} };
        if ($due) {
            @{ $self->{later} } = grep { $_ != $due } @{ $self->{later} };
            $due->[1]->();
        }
        sleep 0.01;
    } while (time < $until);

    return;
}


sub later
{
    my ($self, $seconds, $code) = @_;

    push @{ $self->{later} }, [time + $seconds, $code];
    return;
}


# Some orders get through before the next kill: between two of them the
# service has to come back.
sub progress
{
    my ($self) = @_;

    my $size = -s $self->{acknowledged_path} || 0;
    my $until = time + 30;
    while ((-s $self->{acknowledged_path} || 0) < $size + 2000) {
        if (time > $until) {
            push @{ $self->{complaints} }, 'nothing was acknowledged for 30 s';
            return;
        }

        $self->pass(0.02);
    }

    return;
}


sub start_redis
{
    my ($self) = @_;

    $self->{redis_up} = 1;
    $self->redis(port => $self->{redis_port}, args => ['--appendonly', 'yes',
        '--appendfsync', $self->{fsync}, '--auto-aof-rewrite-percentage', 0,
        @{ $self->{redis_args} || [] }]);
    return;
}


sub kill_redis
{
    my ($self) = @_;

    return $self->pass(0.1) if !$self->{redis_up};
    $self->{redis_up} = 0;
    $self->redis_signal('KILL');
    push @{ $self->{redis_deaths} }, time;
    $self->later(rand 0.5, sub { $self->start_redis });
    return;
}


sub start_nginx
{
    my ($self) = @_;

    unlink "$self->{dir}/nginx.pid";
    $self->nginx("location /graphql { graphql_orders redis://127.0.0.1:"
        . "$self->{redis_port}; graphql_orders_timeout 1s; }", workers => 2);
    return;
}


sub kill_nginx_worker
{
    my ($self) = @_;

    my @pids = $self->workers;
    kill 'KILL', $pids[rand @pids] if @pids;
    return;
}


# Its workers live on without it and serve; then they go too, in order or not.
sub kill_nginx_master
{
    my ($self) = @_;

    my $master = $self->master;
    my @orphans = $self->workers;
    kill 'KILL', $master;
    OrdersTest::Stage::has_ended($master) or croak 'nginx cannot be killed';
    $self->pass(rand 0.2);
    kill rand() < 0.5 ? 'KILL' : 'QUIT', @orphans;
    for my $pid (@orphans) {
        OrdersTest::Stage::has_ended($pid, 25)
            or croak 'an orphan of nginx stays';
    }

    $self->start_nginx;
    return;
}


sub start_worker
{
    my ($self, $name) = @_;

    my $settings = 'lease 2s; redis_timeout 1s; max_deliveries 50;';
    $settings .= " workflow $self->{workflow};" if $self->{workflow};
    $settings .= $self->{provider} ? $self->{provider}->settings
        : ' simulate_latency 0ms 40ms; simulate_unavailable 1%;'
        . " simulate_journal $self->{journal_path};";
    return $self->worker($settings, name => $name, register => 0);
}


# It comes back at once, or so late that the other one notices.
sub kill_worker
{
    my ($self) = @_;

    $self->end_worker('KILL', 9, rand() < 0.5 ? 0 : rand 4);
    return;
}


# It takes no more and finishes what it has.
sub dismiss_worker
{
    my ($self) = @_;

    $self->end_worker('TERM', 0, 0);
    return;
}


sub end_worker
{
    my ($self, $signal, $expected, $pause) = @_;

    $self->pass(0.05) while !%{ $self->{workers} };
    my ($name) = shuffled(sort keys %{ $self->{workers} });
    my $worker = delete $self->{workers}{$name};
    $self->pass(0.02) while $worker->text !~ /orders-worker starts/;
    $worker->signal($signal);

    my $status;
    my $until = time + 60;
    while (time < $until && !defined $status) {
        $self->pass(0.02);
        $status = $worker->end(undef, 0.01);
    }

    push @{ $self->{complaints} }, "worker $name has ended with "
        . (defined $status ? $status : 'nothing')
        if !defined $status || $status != $expected;
    $self->later($pause, sub {
        $self->{workers}{$name} = $self->start_worker($name);
    });
    return;
}


sub reload_nginx
{
    my ($self) = @_;

    $self->nginx_signal('HUP');
    return;
}


# For as long as its clients wait, and longer.
sub stop_redis
{
    my ($self) = @_;

    return if !$self->{redis_up};
    $self->redis_signal('STOP');
    $self->pass(rand 2.5);
    $self->redis_signal('CONT');
    return;
}


sub start_load
{
    my ($self) = @_;

    $self->{acknowledged_path} = "$self->{dir}/acknowledged";
    $self->{load_pid} = $self->child(sub {
        open my $out, '>', $self->{acknowledged_path} or die;
        $out->autoflush(1);
        my $load = OrdersTest::Load->new(port => $self->{port},
            connections => $self->{connections}, orders => 1_000_000_000,
            rate => $self->{rate}, seconds => 3600,
            key => $self->{key}, on_acknowledged => sub {
                printf {$out} "%s %.3f %d\n", $_[0], time, $_[1];
            });
        local $SIG{TERM} = sub { $load->stop };
        my $done = $load->run;
        printf {$out} "end %d %d %d\n", $done, scalar @{ $load->{refused} },
            $load->{unknown};
        POSIX::_exit(0);
    });
    return;
}


# Then {acknowledged} is id => time, {refused} and {unknown} are counts.
sub stop_load
{
    my ($self) = @_;

    kill 'TERM', $self->{load_pid};
    $self->reap($self->{load_pid});

    my %order;
    $self->{acknowledged} = {};
    for (split /\n/, OrdersTest::Stage::slurp($self->{acknowledged_path})) {
        my @words = split / /;
        if ($words[0] eq 'end') {
            @$self{qw(load_done refused unknown)} = @words[1 .. 3];
        } else {
            my ($id, $at, $order) = @words;
            push @{ $self->{complaints} }, "$id was acknowledged twice"
                if $self->{acknowledged}{$id};
            push @{ $self->{complaints} }, "$id is not the only one of its key"
                if $order{$order}++;
            $self->{acknowledged}{$id} = $at;
        }
    }

    push @{ $self->{complaints} }, 'the load did not come to its end'
        if !$self->{load_done};
    return;
}


# Waits until nothing is left to do, and says what is wrong.
sub verdict
{
    my ($self, $seconds) = @_;

    OrdersTest::Stage::wait_for(sub { !$self->left_over }, $seconds || 60);
    my @stored = @{ $self->ask('ZRANGE', OrdersTest::Stack::key(
        'user:anonymous'), 0, -1) };
    my %stored = map { $_ => 1 } @stored;
    $self->{stored} = @stored;

    my @lost = grep { !$stored{$_} } sort keys %{ $self->{acknowledged} };
    $self->{lost} = @lost;
    my @unexplained = grep { !$self->forgotten($_) } @lost;
    my $changed = $self->{changes} ? $self->{changes}{orders} : {};
    my @untold = grep { !$self->{acknowledged}{$_} && !$changed->{$_} }
        @stored;
    my $provider = $self->{provider};

    return (@{ $self->{complaints} },
        (map { "$_ was acknowledged and is lost" } @unexplained),
        (map { "$_ is there and nobody was told" } @untold),
        $self->complaints(\@stored,
            $provider ? () : (journal => $self->{journal_path})),
        ($provider ? $provider->complaints($self->statuses(@stored), @stored)
            : ()),
        $self->history_complaints(@stored));
}


# Whether Redis says of itself that it may have forgotten the order.
sub forgotten
{
    my ($self, $id) = @_;

    my $at = $self->{acknowledged}{$id};
    return $self->{fsync} eq 'everysec'
        && grep { $_ >= $at - 0.1 && $_ <= $at + EVERYSEC_LOSS }
            @{ $self->{redis_deaths} };
}


# The append-only file has every commit there ever was.
sub history_complaints
{
    my ($self, @ids) = @_;

    my @complaints;
    my $counts = OrdersTest::Aof::orders("$self->{dir}/appendonlydir");
    for my $id (@ids) {
        push @complaints, "$id was pushed, stored, ended so often:"
            . " $counts->{$id}" if $counts->{$id} ne '1 1 1';
    }

    $self->{duplicated} = @complaints;
    return @complaints;
}


# All that was logged and should not have been.
sub alarms
{
    my ($self) = @_;

    my @alarms = grep { /\[(?:alert|emerg)\]|http request count is zero/
        && !/exited on signal 9/ && !/kill\(\d+, \d+\) failed/ }
        split /\n/, $self->log;
    for my $file (glob "$self->{dir}/worker.*.log") {
        push @alarms, grep { /AddressSanitizer|runtime error/ }
            split /\n/, OrdersTest::Stage::slurp($file);
    }

    return @alarms;
}

1;
