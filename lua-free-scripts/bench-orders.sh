# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Sourced by bench: whole orders, from the door to their end.  The payment is
# the simulated one, without latency: what is left is ours and Redis'.  The
# ceiling (t/bench/ceiling.c) is measured in the same run on the same server.

ORDERS_IN_FLIGHT=10000


bench_orders()
{
    case $aof in
        all) modes='no everysec always' ;;
        no | everysec | always) modes=$aof ;;
        *) die "--aof is no, everysec, always or all, not '$aof'" ;;
    esac

    cc -O2 -D_GNU_SOURCE -o "$WORK/ceiling" "$TOP/t/bench/ceiling.c" -lhiredis
    door_body > "$WORK/body.json"
    # shellcheck disable=SC2016,SC2034
    DOOR_USER='graphql_orders_user $user;' DOOR_USERS=999
    requests=$orders

    for mode in $modes; do
        say "AOF $mode"
        orders_mode "$mode"
    done
    orders_in_flight
    [ "$instructions" -eq 0 ] || orders_instructions
}


orders_mode()
{
    case $1 in
        no) start_redis no everysec ;;
        *)  start_redis yes "$1" ;;
    esac

    echo
    echo "AOF $1, $orders orders:"
    orders_ceiling 1
    orders_ceiling 16

    door_start "$WORK/door.$1"
    redis-cli -p "$redis_port" flushall > /dev/null

    orders_drain
    orders_both
    orders_latency

    end "$door_pid"
    end "$redis_pid"
}


# The least commands, on so many connections.  That of one connection is what the
# worker is compared with; in "always" it is the disk's (see ceiling.c).
orders_ceiling()
{
    used=$(cpu_us "$redis_pid")
    rate=$("$WORK/ceiling" "$redis_port" "$orders" "$1" | cut -d ' ' -f 1)
    used=$(($(cpu_us "$redis_pid") - used))
    redis-cli -p "$redis_port" flushall > /dev/null
    orders_line "ceiling, orders/s ($1 connections)" "$rate"
    orders_figure "Redis CPU us for each order" "$used"
    eval "ceiling_$1=$rate"
}


# All orders wait in the queue; one worker brings them to their end.
orders_drain()
{
    orders_post
    orders_line 'accepted, orders/s (no worker)' "$accept_rate"

    used=$(cpu_us "$redis_pid")
    begin=$(now_ms)
    orders_worker 'simulate_latency 0ms 0ms;'
    orders_wait
    spent=$(($(now_ms) - begin))
    used=$(($(cpu_us "$redis_pid") - used))
    spent_by_worker=$(cpu_us "$worker_pid")

    # shellcheck disable=SC2154
    awk -v n="$orders" -v ms="$spent" -v one="$ceiling_1" -v all="$ceiling_16" \
        'BEGIN {
            rate = n * 1000 / ms
            printf "  %-42s %10.0f   %.2f and %.2f of the ceilings\n",
                "completed, orders/s (queue filled before)", rate,
                rate / one, rate / all
        }'
    orders_figure 'Redis CPU us for each order' "$used"
    orders_figure 'worker CPU us for each order' "$spent_by_worker"
    awk -v n="$orders" -v a="$used" -v b="$spent_by_worker" 'BEGIN {
        printf "  %-42s %10.0f\n", "if each had a processor, orders/s",
            n * 1000000 / (a > b ? a : b) }'

    id=$(redis-cli -p "$redis_port" zrange '{orders:0}:status:SUCCESS' 0 0)
    orders_line 'bytes of one order hash' \
        "$(redis-cli -p "$redis_port" memory usage "{orders:0}:order:$id")"
    redis-cli -p "$redis_port" info memory | tr -d '\r' |
        sed -n 's/^used_memory:\(.*\)/\1/p' | awk -v n="$orders" '{
            printf "  %-42s %10.0f\n", "bytes in Redis for each order", $1 / n }'

    end "$worker_pid"
    redis-cli -p "$redis_port" flushall > /dev/null
}


# Door and worker at once.
orders_both()
{
    orders_worker 'simulate_latency 0ms 0ms;'
    begin=$(now_ms)
    orders_post
    orders_wait
    spent=$(($(now_ms) - begin))

    orders_line 'accepted, orders/s (worker busy too)' "$accept_rate"
    awk -v n="$orders" -v ms="$spent" 'BEGIN {
        printf "  %-42s %10.0f\n", "completed, orders/s (from the door)",
            n * 1000 / ms }'
    perl "$TOP/t/bench/orders.pl" stored "$redis_port" > "$WORK/latency"
    orders_latency_lines 'at saturation'
    end "$worker_pid"
    redis-cli -p "$redis_port" flushall > /dev/null
}


# One order after the other, the machine idle in between.
orders_latency()
{
    orders_worker 'simulate_latency 0ms 0ms;'
    perl "$TOP/t/bench/orders.pl" idle "$redis_port" "$door_port" \
        "$WORK/body.json" 500 > "$WORK/latency"
    orders_latency_lines 'when idle'
    end "$worker_pid"
    redis-cli -p "$redis_port" flushall > /dev/null
}


# What one execution costs the worker while its payment is under way.
orders_in_flight()
{
    start_redis no everysec
    door_start "$WORK/door.flight"
    redis-cli -p "$redis_port" flushall > /dev/null

    orders_worker "max_executions $ORDERS_IN_FLIGHT;
        simulate_latency 60s 60s;"
    idle=$(rss_bytes "$worker_pid")

    requests=$ORDERS_IN_FLIGHT
    door_load graphql "$ORDERS_IN_FLIGHT" "$WORK/times"
    until_true 'the executions' orders_pending_are "$ORDERS_IN_FLIGHT"
    sleep 1
    busy=$(rss_bytes "$worker_pid")

    echo
    echo "$ORDERS_IN_FLIGHT executions that wait for their payment:"
    orders_line 'worker bytes for each' \
        $(((busy - idle) / ORDERS_IN_FLIGHT))
    kill -KILL "$worker_pid"
}


# The difference of two runs of different length, so that start and end of the
# process do not count.
orders_instructions()
{
    say 'counting instructions under callgrind'
    echo
    echo 'Instructions for each order, AOF no:'

    for what in 'Redis, ceiling' 'ceiling itself' Redis worker; do
        few=$(orders_count "$what" 2000)
        many=$(orders_count "$what" 6000)
        orders_line "$what" $(((many - few) / 4000))
    done
}


# orders_count WHAT ORDERS: only WHAT runs under callgrind
orders_count()
{
    orders=$2 requests=$2
    out=$WORK/callgrind
    under="valgrind --tool=callgrind --callgrind-out-file=$out"
    worker_under=
    rm -f "$out"

    case $1 in
        Redis*)
            # shellcheck disable=SC2086
            start_redis no everysec $under
            ;;
        *) start_redis no everysec ;;
    esac

    case $1 in
        'Redis, ceiling') "$WORK/ceiling" "$redis_port" "$2" ;;
        'ceiling itself') $under "$WORK/ceiling" "$redis_port" "$2" 2>&1 ;;
        *)
            [ "$1" = Redis ] || worker_under=$under
            door_start "$WORK/door.count"
            redis-cli -p "$redis_port" flushall
            orders_post
            orders_worker 'simulate_latency 0ms 0ms; redis_timeout 20s;'
            orders_wait
            end "$worker_pid"
            end "$door_pid"
            ;;
    esac > /dev/null

    end "$redis_pid"
    worker_under=
    sed -n 's/^summary: \([0-9]*\).*/\1/p' "$out"
}


orders_pending_are()
{
    [ "$(redis-cli -p "$redis_port" zcard '{orders:0}:status:PENDING')" \
        -eq "$1" ]
}


orders_post()
{
    door_load graphql "$orders" "$WORK/times"
    accept_rate=$(sed -n 's/^finished in .*, \([0-9.]*\) req\/s.*/\1/p' \
        "$WORK/h2load.out")
}


# orders_worker SETTINGS
orders_worker()
{
    # shellcheck disable=SC2086
    ${worker_under:-} "$TOP/build/orders-worker" -c "$TOP/conf/worker.conf" \
        --redis "redis://127.0.0.1:$redis_port" -g "$1" \
        > "$WORK/worker.log" 2>&1 &
    worker_pid=$!
    pids="$worker_pid $pids"
}


# Until all have ended.
orders_wait()
{
    perl "$TOP/t/bench/orders.pl" ended "$redis_port" "$orders" "$worker_pid" ||
        { cat "$WORK/worker.log" >&2; die 'orders did not end'; }
}


orders_line()
{
    printf '  %-42s %10.0f\n' "$1" "$2"
}


# A sum over all orders, for each of them.
orders_figure()
{
    awk -v name="$1" -v sum="$2" -v n="$orders" 'BEGIN {
        printf "  %-42s %10.1f\n", name, sum / n }'
}


orders_latency_lines()
{
    while read -r name value; do
        printf '  %-42s %10.2f\n' "accept to end, $name ms $1" "$value"
    done < "$WORK/latency"
}


now_ms()
{
    date +%s%3N
}


rss_bytes()
{
    awk '/^VmRSS:/ { print $2 * 1024 }' "/proc/$1/status"
}


# end PID: a process that we started
end()
{
    kill "$1" 2> /dev/null || true
    wait "$1" 2> /dev/null || true
    pids=$(printf '%s' "$pids" | sed "s/\b$1\b//")
}
