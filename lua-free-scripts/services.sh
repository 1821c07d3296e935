# SPDX-License-Identifier: BSD-2-Clause
# shellcheck shell=sh
#
# Sourced by run, which sets TOP, RUN_DIR, PORT, REDIS_PORT and $stopping: the
# three services, how each is started, asked whether it answers, and ended.
#
# Each runs in a session of its own, so that Ctrl-C reaches run alone and the
# order of ending is run's.  Its pid is in $pid_NAME and RUN_DIR/NAME.pid.

MODULE=$TOP/build/nginx/ngx_http_graphql_orders_module.so
WORKER=$TOP/build/orders-worker

pid_redis= pid_worker= pid_nginx=
started_redis=0 started_worker=0 started_nginx=0
nginx_children=


command_redis()
{
    exec setsid redis-server "$TOP/conf/redis.conf" --port "$REDIS_PORT" \
        --dir "$RUN_DIR/redis" --pidfile ''
}


command_worker()
{
    exec setsid "$WORKER" -c "$TOP/conf/worker.conf" \
        --redis "redis://127.0.0.1:$REDIS_PORT"
}


command_nginx()
{
    exec setsid nginx -p "$RUN_DIR" -e "$RUN_DIR/log/nginx.log" \
        -c "$RUN_DIR/nginx.conf" -g 'daemon off;'
}


# True when the service does its work, not only when it has a process.
answers_redis()
{
    [ "$(redis-cli -p "$REDIS_PORT" ping 2> /dev/null)" = PONG ]
}


answers_worker()
{
    members=$(redis-cli -p "$REDIS_PORT" zcard '{orders:0}:consumers' \
        2> /dev/null) && [ "${members:-0}" -gt 0 ]
}


answers_nginx()
{
    curl -fs --max-time 2 -o /dev/null -H 'Content-Type: application/json' \
        -d '{"query":"{ orders { id } }"}' "http://127.0.0.1:$PORT/graphql"
}


pid_of()
{
    eval "printf '%s' \"\$pid_$1\""
}


start()
{
    [ -z "$stopping" ] || return 0

    [ "$1" != nginx ] || end_nginx_children

    (
        exec 9>&- >> "$RUN_DIR/log/$1.log" 2>&1 < /dev/null
        cd "$RUN_DIR"
        "command_$1"
    ) &

    eval "pid_$1=\$! started_$1=\$(date +%s)"
    pid_of "$1" > "$RUN_DIR/$1.pid"
}


is_alive()
{
    is_running "$(pid_of "$1")"
}


# A zombie has a pid but runs no more.
is_running()
{
    kill -0 "$1" 2> /dev/null &&
        ! grep -q "^State:[[:space:]]*Z" "/proc/$1/status" 2> /dev/null
}


# Something that cannot run is tried again once a second, not faster.
revive()
{
    [ -z "$stopping" ] || return 0

    eval "age=\$((\$(date +%s) - started_$1))"
    [ "$age" -ge 1 ] || return 0

    say "$1 has ended, starting it again"
    start "$1"
}


# Until it answers for the first time; then it is supervise's business.
await()
{
    tries=150

    until [ -n "$stopping" ] || "answers_$1"; do
        tries=$((tries - 1))

        if ! is_alive "$1" || [ $tries -eq 0 ]; then
            tail -n 20 "$RUN_DIR/log/$1.log" >&2
            say "$1 did not start; the end of $RUN_DIR/log/$1.log is above"
            exit 1
        fi

        sleep 0.2 || true
    done
}


# The worker processes of a master that is killed live on and keep the port:
# their pids are known from when it was alive.
remember_nginx_children()
{
    found=$(pgrep -P "$pid_nginx" 2> /dev/null | tr '\n' ' ') || return 0
    [ -z "$found" ] || nginx_children=$found
}


# QUIT frees the port at once and lets requests end.
end_nginx_children()
{
    for child in $nginx_children; do
        is_ours "$child" nginx || continue
        kill -QUIT "$child" 2> /dev/null || true
    done

    nginx_children=
}


# Whether a remembered pid still is what it was: the name of its program, and
# a working directory within RUN_DIR.
is_ours()
{
    name=$(cat "/proc/$1/comm" 2> /dev/null) || return 1
    place=$(readlink "/proc/$1/cwd" 2> /dev/null) || return 1

    case $place in
        "$RUN_DIR" | "$RUN_DIR"/*) [ "$name" = "$2" ] ;;
        *) return 1 ;;
    esac
}


# What a run that was killed has left behind.
end_leftovers()
{
    for pair in nginx:nginx worker:orders-worker redis:redis-server; do
        file=$RUN_DIR/${pair%%:*}.pid
        [ -s "$file" ] || continue

        old=$(cat "$file")
        if is_ours "$old" "${pair##*:}"; then
            say "ending ${pair%%:*}, left by an earlier run"
            end_process "$old" TERM 10
        fi
        rm -f "$file"
    done

    # and the workers of a master that was killed with it
    for child in $(pgrep -x nginx 2> /dev/null); do
        is_ours "$child" nginx && end_process "$child" TERM 5
    done

    return 0
}


# end_process PID SIGNAL SECONDS: asks, waits that long, then kills.
end_process()
{
    kill "-$2" "$1" 2> /dev/null || return 0

    turns=$(($3 * 10))
    while [ $turns -gt 0 ] && is_running "$1"; do
        turns=$((turns - 1))
        sleep 0.1
    done

    kill -KILL "$1" 2> /dev/null || true
}


# First no new work, then what is in flight, the store last.  The exit code is
# 0 when a signal asked for the end.
stop_all()
{
    code=$?
    set +e
    trap '' INT TERM HUP
    trap - EXIT
    [ -z "$stopping" ] || code=0
    stopping=yes

    [ -z "$pid_nginx" ] || remember_nginx_children
    [ -z "$pid_nginx" ] || end_process "$pid_nginx" QUIT 10
    end_nginx_children
    [ -z "$pid_worker" ] || end_process "$pid_worker" TERM 20
    [ -z "$pid_redis" ] || end_process "$pid_redis" TERM 20

    rm -f "$RUN_DIR/nginx.pid" "$RUN_DIR/worker.pid" "$RUN_DIR/redis.pid"
    wait
    say 'stopped'
    exit $code
}
