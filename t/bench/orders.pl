#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause

# Looks at orders from outside.
#
#   orders.pl idle REDIS_PORT DOOR_PORT BODY_FILE ORDERS
#       posts one order after the other and waits for each one's last event;
#       the time runs from the door's answer to the event
#   orders.pl stored REDIS_PORT
#       reads createdAt and updatedAt of up to 5000 orders that have ended
#   orders.pl ended REDIS_PORT ORDERS WORKER_PID
#       waits until so many have ended, with next to no work for Redis
#
# The first two print lines "p50 MS" and "p99 MS".

use strict;
use warnings;

use IO::Socket::INET;
use Time::HiRes qw(sleep time);
use Time::Local qw(timegm);

my $SAMPLE = 5000;
my %modes = (idle => \&idle, stored => \&stored, ended => \&ended);

my ($mode, @rest) = @ARGV;
my $run = $modes{ $mode // '' }
    or die "usage: orders.pl idle|stored|ended ...\n";
$run->(@rest);


sub report {
    my @times = sort { $a <=> $b } @_;

    die "no order was measured\n" if !@times;
    printf "p50 %.3f\np99 %.3f\n", $times[@times / 2],
        $times[@times * 99 / 100];
}


sub idle {
    my ($redis_port, $door_port, $file, $orders) = @_;

    open my $in, '<', $file or die "$file: $!\n";
    my $body = do { local $/; <$in> };
    my $events = dial($redis_port);
    print $events "SUBSCRIBE orders:status\r\n";
    reply($events);

    my $door = dial($door_port);
    my @found;
    for (1 .. $orders) {
        my $id = post($door, $body);
        my $start = time;
        wait_for_end($events, $id);
        push @found, (time - $start) * 1000;
    }
    report(@found);
}


sub stored {
    my ($port) = @_;

    my $redis = dial($port);
    my @found;
    for my $status (qw(SUCCESS FAILED)) {
        print $redis "ZRANGE {orders:0}:status:$status 0 ", $SAMPLE / 2 - 1,
            "\r\n";
        for my $id (@{ reply($redis) }) {
            print $redis "HMGET {orders:0}:order:$id createdAt updatedAt\r\n";
            my ($created, $updated) = @{ reply($redis) };
            push @found, unix_ms($updated) - unix_ms($created);
        }
    }
    report(@found);
}


sub ended {
    my ($port, $orders, $worker) = @_;

    my $redis = dial($port);
    while (1) {
        print $redis map { "ZCARD {orders:0}:status:$_\r\n" }
            qw(SUCCESS FAILED);
        return if reply($redis) + reply($redis) >= $orders;
        kill 0, $worker or die "the worker has ended\n";
        sleep 0.005;
    }
}


sub unix_ms {
    my ($text) = @_;

    my ($y, $mon, $d, $h, $min, $s, $ms) = $text
        =~ /^(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d+)Z$/
        or die "not a time: $text\n";
    return timegm($s, $min, $h, $d, $mon - 1, $y) * 1000 + $ms;
}


sub dial {
    my ($port) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
        PeerPort => $port) or die "port $port: $!\n";
    $socket->autoflush(1);
    return $socket;
}


# One reply of Redis: a string, or an array of strings.
sub reply {
    my ($socket) = @_;

    my $line = <$socket> // die "Redis has closed the connection\n";
    $line =~ s/\r\n$//;
    my ($type, $rest) = (substr($line, 0, 1), substr($line, 1));
    return [ map { reply($socket) } 1 .. $rest ] if $type eq '*';
    die "Redis: $rest\n" if $type eq '-';
    return $rest if $type ne '$';
    return undef if $rest < 0;
    read($socket, my $text, $rest + 2) == $rest + 2 or die "Redis: short\n";
    return substr($text, 0, $rest);
}


# Posts one order; its id.
sub post {
    my ($socket, $body) = @_;

    print $socket "POST /graphql HTTP/1.1\r\nHost: localhost\r\n",
        "Content-Type: application/json\r\nContent-Length: ", length $body,
        "\r\n\r\n$body";
    my $length = 0;
    while (defined(my $line = <$socket>)) {
        $length = $1 if $line =~ /^Content-Length: (\d+)/i;
        last if $line eq "\r\n";
    }
    read($socket, my $answer, $length) == $length or die "short answer\n";
    $answer =~ /"id":"([^"]+)"/ or die "no order: $answer\n";
    return $1;
}


sub wait_for_end {
    my ($events, $id) = @_;

    while (1) {
        my $event = reply($events)->[2];
        return if index($event, $id) >= 0
            && $event =~ /"status":"(?:SUCCESS|FAILED)"/;
    }
}
