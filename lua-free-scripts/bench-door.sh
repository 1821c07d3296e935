# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Sourced by bench: the cost of the front door.  One nginx process serves a
# location that says "return 200" and the product; h2load (of Debian's
# nghttp2-client) drives both in turn.

DOOR_CONNECTIONS=64

# Instructions: requests of two runs, orders in a list, functions in ours
DOOR_FEW=2000
DOOR_MANY=6000
DOOR_LIST=20
DOOR_FUNCTIONS=15

DOOR_USER=
DOOR_USERS=0


bench_door()
{
    start_redis no no
    door_body > "$WORK/body.json"
    door_start "$WORK/door"

    for round in $(seq 1 "$rounds"); do
        say "round $round of $rounds"
        door_round return
        door_round graphql
    done

    door_report
    [ "$instructions" -eq 0 ] || door_instructions
}


door_body()
{
    printf '%s' '{"query":"mutation Post($input: OrderInput!) { ' \
        'postOrder(input: $input) { id name quantity orderStatus createdAt } ' \
        '}","variables":{"input":{"name":"Margherita","quantity":2,' \
        '"restaurantId":"r-17"}}}'
}


# door_start DIR [COMMAND...]: nginx with one process, below COMMAND
door_start()
{
    dir=$1
    shift
    door_port=$(free_port)
    mkdir -p "$dir"
    door_conf > "$dir/nginx.conf"
    "$@" nginx -p "$dir" -e "$dir/nginx.log" -c "$dir/nginx.conf" \
        > "$WORK/nginx.log" 2>&1 &
    door_pid=$!
    pids="$door_pid $pids"
    until_true nginx door_answers
}


door_answers()
{
    curl -fs -o /dev/null -H 'Content-Type: application/json' \
        --data-binary "@$WORK/body.json" \
        "http://127.0.0.1:$door_port/graphql"
}


door_conf()
{
    cat << END
load_module $TOP/build/nginx/ngx_http_graphql_orders_module.so;
daemon off;
master_process off;
error_log nginx.log warn;
pid nginx.pid;

events {
    worker_connections 1024;
}

http {
    access_log off;
    keepalive_requests 1000000000;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;

    map \$arg_user \$user {
        "" u0;
        default \$arg_user;
    }

    server {
        listen 127.0.0.1:$door_port;

        location /return {
            default_type application/json;
            return 200 '{"data":{"postOrder":{"id":"019ab3c4-5d6e-7f80-9123-456789abcdef","name":"Margherita","quantity":2,"orderStatus":"PENDING","createdAt":"2026-11-24T06:35:07.123Z"}}}';
        }

        location /graphql {
            graphql_orders redis://127.0.0.1:$redis_port;
            $DOOR_USER
        }
    }
}
END
}


# Drives one location; appends "cpu_us rps p50_us p99_us" of this round.
door_round()
{
    before=$(cpu_us "$door_pid")
    door_load "$1" "$requests" "$WORK/times"
    after=$(cpu_us "$door_pid")

    rate=$(sed -n 's/^finished in .*, \([0-9.]*\) req\/s.*/\1/p' \
        "$WORK/h2load.out")
    cut -f 3 "$WORK/times" | sort -n > "$WORK/sorted"
    p50=$(sed -n "$((requests / 2))p" "$WORK/sorted")
    p99=$(sed -n "$((requests * 99 / 100))p" "$WORK/sorted")

    awk -v cpu=$((after - before)) -v n="$requests" -v rate="$rate" \
        -v p50="$p50" -v p99="$p99" \
        'BEGIN { print cpu / n, rate, p50, p99 }' >> "$WORK/figures.$1"

    redis-cli -p "$redis_port" flushall > /dev/null
}


# door_load LOCATION REQUESTS TIMES [BODY]: with DOOR_USERS, as so many users in
# turn
door_load()
{
    rm -f "$3"
    location=http://127.0.0.1:$door_port/$1
    if [ "$DOOR_USERS" -eq 0 ]; then
        echo "$location"
    else
        seq 0 "$DOOR_USERS" | sed "s,.*,$location?user=u&,"
    fi > "$WORK/uris"

    h2load --h1 -t 1 -c "$DOOR_CONNECTIONS" -n "$2" --log-file="$3" \
        -d "${4:-$WORK/body.json}" -H 'Content-Type: application/json' \
        -i "$WORK/uris" > "$WORK/h2load.out" 2>&1 ||
        die "h2load failed: $(tail -n 3 "$WORK/h2load.out")"

    grep -q "status codes: $2 2xx" "$WORK/h2load.out" ||
        die "not every answer was 200: $(grep 'status codes' \
            "$WORK/h2load.out")"
}


door_figure()
{
    cut -d ' ' -f "$2" "$WORK/figures.$1" | median
}


door_report()
{
    echo
    echo "postOrder beside \"return 200\", medians of $rounds rounds of" \
        "$requests requests, $DOOR_CONNECTIONS connections:"
    echo
    printf '%-26s %12s %12s %8s\n' '' 'return 200' postOrder ratio

    column=0
    for name in 'CPU us for each request' 'requests/s' 'p50 us' 'p99 us'; do
        column=$((column + 1))
        door_row "$name" "$(door_figure return $column)" \
            "$(door_figure graphql $column)"
    done
}


door_row()
{
    awk -v name="$1" -v a="$2" -v b="$3" 'BEGIN {
        printf "%-26s %12.2f %12.2f %8.2f\n", name, a, b, b / a }'
}


# Of postOrder and, where orders have ended, of queries.
door_instructions()
{
    command -v valgrind > /dev/null || {
        say 'there is no valgrind: no instructions are counted'
        return
    }

    say 'counting instructions under callgrind'
    door_counts return return "$WORK/body.json"
    door_counts post graphql "$WORK/body.json"
    door_ended_orders
    door_counts order graphql "$WORK/order.json"
    door_counts orders graphql "$WORK/orders.json"

    echo
    perl "$TOP/t/bench/functions.pl" $((DOOR_MANY - DOOR_FEW)) \
        "$DOOR_FUNCTIONS" \
        "return 200=$WORK/return.few,$WORK/return.many" \
        "postOrder=$WORK/post.few,$WORK/post.many" \
        "order=$WORK/order.few,$WORK/order.many" \
        "orders ($DOOR_LIST of them)=$WORK/orders.few,$WORK/orders.many"
}


# door_counts NAME LOCATION BODY: two runs of different length
door_counts()
{
    door_count "$DOOR_FEW" "$2" "$3" "$WORK/$1.few"
    door_count "$DOOR_MANY" "$2" "$3" "$WORK/$1.many"
}


# door_count REQUESTS LOCATION BODY OUTPUT
door_count()
{
    rm -rf "$WORK/callgrind"
    door_start "$WORK/callgrind" valgrind --tool=callgrind \
        --callgrind-out-file="$4"
    door_load "$2" "$1" "$WORK/times" "$3"
    kill -QUIT "$door_pid"
    wait "$door_pid" || true
}


# Some orders that have ended, and the queries for one and for a list of them.
door_ended_orders()
{
    redis-cli -p "$redis_port" flushall > /dev/null
    rm -rf "$WORK/callgrind"
    door_start "$WORK/callgrind"
    redis-cli -p "$redis_port" flushall > /dev/null
    door_load graphql "$DOOR_CONNECTIONS" "$WORK/times"
    end "$door_pid"

    orders_worker 'simulate_latency 0ms 0ms;'
    perl "$TOP/t/bench/orders.pl" ended "$redis_port" \
        "$DOOR_CONNECTIONS" "$worker_pid" || die 'orders did not end'
    end "$worker_pid"

    id=$(redis-cli -p "$redis_port" zrange '{orders:0}:status:SUCCESS' 0 0)
    fields='{ id name quantity orderStatus createdAt }'
    printf '{"query":"{ order(id: \\"%s\\") %s }"}' "$id" "$fields" \
        > "$WORK/order.json"
    printf '{"query":"{ orders(first: %s) %s }"}' "$DOOR_LIST" "$fields" \
        > "$WORK/orders.json"
}
