/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * A link's event loop (redis/loop.h) on nginx's events.
 *
 * A watch is a connection of nginx's own table around a socket that belongs to
 * hiredis: it counts among worker_connections, and its events are added
 * level-triggered, because hiredis reads one buffer at a time.
 *
 * A timer is a bare event.  Debug logs read the data of an event as a
 * connection (ngx_event_ident), so it points to one without a socket; the timer
 * itself is found from its event, which comes first in it.  "defer" posts the
 * same event to the queue that nginx empties before it sleeps.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


struct rds_watch_s {
    void                     *data;
    rds_watch_fn              fn;
    ngx_connection_t         *connection;
};


struct rds_timer_s {
    ngx_event_t               event;        /* must be first */
    void                     *data;
    rds_timer_fn              fn;
    ngx_http_graphql_loop_t  *loop;
};


static rds_watch_t *ngx_http_graphql_watch_new(const rds_loop_t *loop, int fd,
    rds_watch_fn fn, void *data);
static void ngx_http_graphql_watch_set(rds_watch_t *watch, bool read,
    bool write);
static void ngx_http_graphql_watch_event(ngx_event_t *ev, ngx_int_t event,
    bool wanted);
static void ngx_http_graphql_watch_close(rds_watch_t *watch);
static void ngx_http_graphql_watch_read_handler(ngx_event_t *rev);
static void ngx_http_graphql_watch_write_handler(ngx_event_t *wev);
static rds_timer_t *ngx_http_graphql_timer_new(const rds_loop_t *loop,
    rds_timer_fn fn, void *data);
static void ngx_http_graphql_timer_set(rds_timer_t *timer, uint32_t after_ms,
    bool vital);
static void ngx_http_graphql_timer_clear(rds_timer_t *timer);
static void ngx_http_graphql_timer_close(rds_timer_t *timer);
static void ngx_http_graphql_timer_handler(ngx_event_t *ev);
static void ngx_http_graphql_defer(rds_timer_t *timer);
static uint64_t ngx_http_graphql_now_ms(const rds_loop_t *loop);


void
ngx_http_graphql_loop_init(ngx_http_graphql_loop_t *loop)
{
    ngx_memzero(loop, sizeof(ngx_http_graphql_loop_t));

    loop->ident.fd = (ngx_socket_t) -1;

    loop->loop.data = loop;
    loop->loop.watch_new = ngx_http_graphql_watch_new;
    loop->loop.watch_set = ngx_http_graphql_watch_set;
    loop->loop.watch_close = ngx_http_graphql_watch_close;
    loop->loop.timer_new = ngx_http_graphql_timer_new;
    loop->loop.timer_set = ngx_http_graphql_timer_set;
    loop->loop.timer_clear = ngx_http_graphql_timer_clear;
    loop->loop.timer_close = ngx_http_graphql_timer_close;
    loop->loop.defer = ngx_http_graphql_defer;
    loop->loop.now_ms = ngx_http_graphql_now_ms;
}


static rds_watch_t *
ngx_http_graphql_watch_new(const rds_loop_t *loop, int fd, rds_watch_fn fn,
    void *data)
{
    rds_watch_t       *watch;
    ngx_connection_t  *c;

    watch = ngx_alloc(sizeof(rds_watch_t), ngx_cycle->log);
    if (watch == NULL) {
        return NULL;
    }

    /* an error is logged there: too few worker_connections */
    c = ngx_get_connection(fd, ngx_cycle->log);
    if (c == NULL) {
        ngx_free(watch);
        return NULL;
    }

    c->data = watch;
    c->read->log = c->log;
    c->read->handler = ngx_http_graphql_watch_read_handler;
    c->write->log = c->log;
    c->write->handler = ngx_http_graphql_watch_write_handler;

    watch->data = data;
    watch->fn = fn;
    watch->connection = c;

    return watch;
}


static void
ngx_http_graphql_watch_set(rds_watch_t *watch, bool read, bool write)
{
    ngx_connection_t  *c = watch->connection;

    ngx_http_graphql_watch_event(c->read, NGX_READ_EVENT, read);
    ngx_http_graphql_watch_event(c->write, NGX_WRITE_EVENT, write);
}


/* nginx logs a failure; the deadline of the link's commands then ends it. */
static void
ngx_http_graphql_watch_event(ngx_event_t *ev, ngx_int_t event, bool wanted)
{
    if (wanted && !ev->active) {
        (void) ngx_add_event(ev, event, NGX_LEVEL_EVENT);

    } else if (!wanted && ev->active) {
        (void) ngx_del_event(ev, event, 0);
    }
}


/* As ngx_close_connection(), but the socket stays open: hiredis closes it. */
static void
ngx_http_graphql_watch_close(rds_watch_t *watch)
{
    ngx_connection_t  *c = watch->connection;

    ngx_http_graphql_watch_set(watch, false, false);

    if (c->read->posted) {
        ngx_delete_posted_event(c->read);
    }

    if (c->write->posted) {
        ngx_delete_posted_event(c->write);
    }

    c->read->closed = 1;
    c->write->closed = 1;

    ngx_free_connection(c);
    c->fd = (ngx_socket_t) -1;

    ngx_free(watch);
}


static void
ngx_http_graphql_watch_read_handler(ngx_event_t *rev)
{
    ngx_connection_t  *c = rev->data;
    rds_watch_t       *watch = c->data;

    watch->fn(watch->data, true, false);
}


static void
ngx_http_graphql_watch_write_handler(ngx_event_t *wev)
{
    ngx_connection_t  *c = wev->data;
    rds_watch_t       *watch = c->data;

    watch->fn(watch->data, false, true);
}


static rds_timer_t *
ngx_http_graphql_timer_new(const rds_loop_t *loop, rds_timer_fn fn, void *data)
{
    rds_timer_t              *timer;
    ngx_http_graphql_loop_t  *own = loop->data;

    timer = ngx_calloc(sizeof(rds_timer_t), ngx_cycle->log);
    if (timer == NULL) {
        return NULL;
    }

    timer->event.data = &own->ident;
    timer->event.handler = ngx_http_graphql_timer_handler;
    timer->event.log = ngx_cycle->log;

    timer->data = data;
    timer->fn = fn;
    timer->loop = own;

    return timer;
}


static void
ngx_http_graphql_timer_set(rds_timer_t *timer, uint32_t after_ms, bool vital)
{
    ngx_http_graphql_timer_clear(timer);

    timer->event.cancelable = !vital;
    ngx_add_timer(&timer->event, after_ms);
}


static void
ngx_http_graphql_timer_clear(rds_timer_t *timer)
{
    if (timer->event.timer_set) {
        ngx_del_timer(&timer->event);
    }
}


static void
ngx_http_graphql_timer_close(rds_timer_t *timer)
{
    ngx_http_graphql_timer_clear(timer);

    if (timer->event.posted) {
        ngx_delete_posted_event(&timer->event);
    }

    ngx_free(timer);
}


static void
ngx_http_graphql_timer_handler(ngx_event_t *ev)
{
    rds_timer_t  *timer = (rds_timer_t *) ev;

    timer->fn(timer->data);
}


/*
 * Before the first turn nginx sleeps without a look at its posted events; what
 * is posted for the next turn keeps it from sleeping.
 */
static void
ngx_http_graphql_defer(rds_timer_t *timer)
{
    if (timer->loop->turning) {
        ngx_post_event(&timer->event, &ngx_posted_events);

    } else {
        ngx_post_event(&timer->event, &ngx_posted_next_events);
    }
}


static uint64_t
ngx_http_graphql_now_ms(const rds_loop_t *loop)
{
    (void) loop;

    return ngx_current_msec;
}
