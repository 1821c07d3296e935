/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The front door: what its files share (the other headers have what concerns
 * few of them).
 *
 *   ..._orders_module.c  directives, configuration, start and end of a process
 *   ..._conf.c           the directive graphql_orders, and what it needs
 *   ..._setting.c        what single directives may be set to
 *   ..._schema.c         the schema: embedded or from a file, and its checks
 *   ..._file.c           files that the configuration names, and their mistakes
 *   ..._process.c        what lives as long as a process
 *   ..._loop.c           nginx's events as a link's loop (redis/loop.h)
 *   ..._link.c           the process's links to Redis
 *   ..._durable.c        orders that are answered when they are durable
 *   ..._request.[ch]     a request from its headers to its end
 *   ..._negotiate.c      Content-Type and Accept
 *   ..._check.c          what can be said before the body is read
 *   ..._body.c           the GraphQL request in the body
 *   ..._get.c            the same in the arguments of a GET request
 *   ..._document.c       parsed documents, kept for the next request
 *   ..._trusted.c        documents that the operator trusts
 *   ..._persisted.c      which document a request means
 *   ..._resolve.c        root fields: the table, and commands to Redis
 *   ..._resolve_*.c      one kind of root field each
 *   ..._resolve.h        what those of orders share, with files of its own
 *   ..._idempotency.c    orders that are posted once
 *   ..._replies.c        what workers say of changes
 *   ..._callback*.[ch]   webhooks that end tasks
 *   ..._errors.c         error codes and their statuses
 *   ..._response.c       the response
 *   ..._variables.c      variables, for logs
 *
 * Three lifetimes: the configuration's (cf->pool, read-only once the cycle
 * runs), the process's (ngx_http_graphql_process_t) and the request's, whose
 * values live in ctx->arena until the request's pool is destroyed.
 */

#ifndef _NGX_HTTP_GRAPHQL_ORDERS_H_INCLUDED_
#define _NGX_HTTP_GRAPHQL_ORDERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"
#include "base/time.h"
#include "base/uuid.h"
#include "graphql/graphql.h"
#include "orders/keys.h"
#include "orders/record.h"
#include "redis/link.h"
#include "redis/loop.h"

#include "nginx/ngx_http_graphql_callback.h"


#define NGX_HTTP_GRAPHQL_RANDOM_BYTES  1024

/* Commands that may wait while a link connects. */
#define NGX_HTTP_GRAPHQL_PENDING_MAX  8192


/* The process's. */

typedef struct ngx_http_graphql_cache_s     ngx_http_graphql_cache_t;
typedef struct ngx_http_graphql_document_s  ngx_http_graphql_document_t;
typedef struct ngx_http_graphql_memory_s    ngx_http_graphql_memory_t;
typedef struct ngx_http_graphql_trusted_s   ngx_http_graphql_trusted_t;
typedef struct ngx_http_graphql_durable_s   ngx_http_graphql_durable_t;
typedef struct ngx_http_graphql_replies_s   ngx_http_graphql_replies_t;
typedef struct ngx_http_graphql_waiter_s    ngx_http_graphql_waiter_t;
typedef struct ngx_http_graphql_ctx_s       ngx_http_graphql_ctx_t;
typedef struct ngx_http_graphql_way_s       ngx_http_graphql_way_t;


typedef struct {
    rds_loop_t                    loop;
    ngx_connection_t              ident;    /* data of bare events */
    unsigned                      turning:1;    /* nginx is in its loop */
} ngx_http_graphql_loop_t;


/* An arena for one request at a time. */
struct ngx_http_graphql_memory_s {
    base_arena_t                  arena;
    ngx_http_graphql_memory_t    *next;
};


/* How full a queue and its Redis were when they were last seen. */
typedef struct {
    int64_t                       length;
    ngx_msec_t                    seen;     /* that was */
    int64_t                       used;     /* bytes */
    int64_t                       max;      /* bytes; 0: not known, or no
                                               bound */
    ngx_msec_t                    looked_at;
    unsigned                      looked:1;
} ngx_http_graphql_fill_t;


/* How a request's document was found. */
typedef enum {
    NGX_HTTP_GRAPHQL_CACHE_NONE = 0,    /* not at all */
    NGX_HTTP_GRAPHQL_CACHE_HIT,
    NGX_HTTP_GRAPHQL_CACHE_MISS,
    NGX_HTTP_GRAPHQL_CACHE_TRUSTED,
    NGX_HTTP_GRAPHQL_CACHE_COUNT
} ngx_http_graphql_found_t;


typedef struct {
    ngx_http_graphql_loop_t       loop;
    rds_link_t                  **links;    /* by store->index; NULL: none */
    ngx_uint_t                    nlinks;

    /* by store->index; NULL where memory will do */
    ngx_http_graphql_durable_t  **durables;

    ngx_http_graphql_fill_t      *fills;    /* by queue->index */

    /* by queue->index; NULL where no order is changed */
    ngx_http_graphql_replies_t  **replies;
    ngx_uint_t                    nreplies;

    ngx_http_graphql_cache_t     *cache;    /* NULL: off */
    ngx_uint_t                    found[NGX_HTTP_GRAPHQL_CACHE_COUNT];
    ngx_http_graphql_memory_t    *spare;
    ngx_uint_t                    nspare;
    base_uuid_gen_t               ids;
    int64_t                       now_ms;   /* of now */
    u_char                        now[BASE_TIME_TEXT_BYTES];
    size_t                        random_left;
    u_char                        random[NGX_HTTP_GRAPHQL_RANDOM_BYTES];
} ngx_http_graphql_process_t;


/* The configuration's. */

/* Whose orders may be seen and changed. */
typedef enum {
    NGX_HTTP_GRAPHQL_SCOPE_OWN = 0,
    NGX_HTTP_GRAPHQL_SCOPE_ALL
} ngx_http_graphql_scope_t;


/* When an order counts as accepted. */
typedef enum {
    NGX_HTTP_GRAPHQL_DURABLE_MEMORY = 0,    /* when Redis says so */
    NGX_HTTP_GRAPHQL_DURABLE_REPLICAS,      /* when replicas have it */
    NGX_HTTP_GRAPHQL_DURABLE_FSYNC,         /* when it is on the disk */
    NGX_HTTP_GRAPHQL_DURABLE_COUNT
} ngx_http_graphql_durability_kind_t;

typedef struct {
    ngx_uint_t                    kind;
    ngx_uint_t                    number;   /* of replicas or disks */
    ngx_msec_t                    wait;
} ngx_http_graphql_durability_t;


/* A Redis server with all that makes its link differ from others. */
typedef struct {
    ngx_str_t                     name;     /* for logs: without a password */
    rds_address_t                 address;
    ngx_msec_t                    timeout;
    ngx_msec_t                    connect_timeout;
    ngx_http_graphql_durability_t  durability;
    ngx_uint_t                    index;
} ngx_http_graphql_store_t;


/* The queue of a store and a prefix. */
typedef struct {
    ngx_http_graphql_store_t     *store;
    orders_keys_t                 keys;
    ngx_uint_t                    index;
    unsigned                      changes:1;    /* gets updates, deletes */
} ngx_http_graphql_queue_t;


typedef struct {
    ngx_str_t                     file;     /* empty: the embedded one */
    gql_schema_t                 *schema;
} ngx_http_graphql_schema_t;


typedef struct {
    ngx_array_t                   stores;   /* ngx_http_graphql_store_t * */
    ngx_array_t                   queues;   /* ngx_http_graphql_queue_t * */
    ngx_array_t                   schemas;  /* ngx_http_graphql_schema_t */
    ngx_array_t                   trusted;  /* ngx_http_graphql_trusted_t * */
    base_arena_t                  arena;    /* goes with the cycle's pool */
    size_t                        cache_bytes;
    ngx_uint_t                    cache_entries;

    /* of this process; set when it starts, not a matter of configuration */
    ngx_http_graphql_process_t   *process;
} ngx_http_graphql_main_conf_t;


typedef struct {
    rds_address_t                *address;  /* NULL: nothing of ours here */
    ngx_http_graphql_store_t     *store;    /* the same, with its timeouts */
    gql_schema_t                 *schema;
    ngx_str_t                     schema_file;
    ngx_str_t                     documents;    /* file or directory */
    ngx_http_graphql_trusted_t   *trusted;  /* what is in it; NULL: none */
    ngx_http_complex_value_t     *user;     /* NULL: default_user */
    ngx_str_t                     default_user;
    ngx_str_t                     prefix;
    ngx_http_graphql_queue_t     *queue;    /* with the keys of the prefix */
    ngx_msec_t                    timeout;
    ngx_msec_t                    connect_timeout;
    size_t                        max_body;
    time_t                        idempotency_ttl;
    ngx_str_t                     idempotency_header;
    ngx_uint_t                    list_max;
    ngx_uint_t                    max_queue;    /* 0: no bound */
    ngx_http_graphql_durability_t  durability;
    ngx_flag_t                    documents_only;
    ngx_uint_t                    scope;    /* ngx_http_graphql_scope_t */
    ngx_flag_t                    get;
    ngx_flag_t                    introspection;
    ngx_flag_t                    suggestions;
    gql_limits_t                  limits;   /* UINT32_MAX: not set yet */
    gql_limits_t                  warnings; /* the same, to be logged only */
    ngx_http_graphql_callback_t   callback;
} ngx_http_graphql_loc_conf_t;


/* The request's. */

typedef enum {
    NGX_HTTP_GRAPHQL_JSON = 0,          /* application/json */
    NGX_HTTP_GRAPHQL_RESPONSE_JSON,     /* application/graphql-response+json */
    NGX_HTTP_GRAPHQL_MEDIA_COUNT
} ngx_http_graphql_media_t;


struct ngx_http_graphql_ctx_s {
    ngx_http_request_t           *request;
    ngx_http_graphql_loc_conf_t  *conf;
    const ngx_http_graphql_way_t  *way;
    ngx_http_graphql_process_t   *process;
    ngx_http_graphql_memory_t    *memory;
    base_arena_t                 *arena;    /* memory's */
    ngx_http_graphql_document_t  *document; /* one reference; may be NULL */
    const gql_document_t         *parsed;   /* it, or a trusted one */
    ngx_http_graphql_found_t      cache;
    const gql_operation_t        *operation;    /* NULL: not known */
    base_str_t                    posted;   /* the id of the last order */
    base_str_t                    outcome;  /* of a webhook; empty: none */
    gql_plan_t                   *plan;     /* NULL: nothing is executed */
    gql_errors_t                  errors;
    base_str_t                    user;
    ngx_http_graphql_media_t      media;
    ngx_queue_t                   calls;    /* commands without an answer */
    ngx_queue_t                   waiters;  /* orders not durable yet */
    ngx_queue_t                   waits;    /* for replies of workers */
    ngx_uint_t                    waiting;  /* number of both */
    size_t                        next;     /* root field to start */
    unsigned                      writes:1; /* what it sends is to be durable */
};


/*
 * One command to Redis for a root field.  The record that the link keeps knows
 * the call until the reply has come or the request has ended.
 */
typedef struct ngx_http_graphql_call_s  ngx_http_graphql_call_t;

/* reply is NULL unless outcome is RDS_REPLIED. */
typedef void (*ngx_http_graphql_reply_pt)(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);

struct ngx_http_graphql_call_s {
    ngx_queue_t                   queue;
    ngx_http_graphql_ctx_t       *ctx;
    rds_pending_t                *pending;
    gql_root_field_t             *field;
    ngx_msec_t                    sent;
    ngx_http_graphql_reply_pt     handler;
    void                         *data;     /* the resolver's */
};


/* An order on its way to the queue. */
typedef struct {
    orders_record_t               record;   /* of the strings below, and more */
    char                          id[BASE_UUID_TEXT_BYTES];
    char                          created_at[BASE_TIME_TEXT_BYTES];
} ngx_http_graphql_post_t;


typedef struct {
    const base_str_t             *argv;
    size_t                        argc;
} ngx_http_graphql_command_t;


/* Starts a root field: sets its value or its error, or makes calls. */
typedef void (*ngx_http_graphql_resolve_pt)(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field);

/* What a resolver makes of an argument. */
typedef struct {
    base_str_t                    name;     /* empty ends a list of them */
    base_str_t                    types[2]; /* one of; empty: an input object */
    unsigned                      needed:1;
} ngx_http_graphql_parameter_t;

typedef struct {
    gql_operation_kind_t          kind;
    base_str_t                    name;
    const ngx_http_graphql_parameter_t  *parameters;
    unsigned                      list:1;   /* gives a list */
    unsigned                      optional:1;   /* in the schema */
    ngx_http_graphql_resolve_pt   handler;
} ngx_http_graphql_resolver_t;


/* Codes of the front door; the engine's are in graphql/graphql.h. */
#define NGX_HTTP_GRAPHQL_BAD_REQUEST         BASE_STR("BAD_REQUEST")
#define NGX_HTTP_GRAPHQL_METHOD              BASE_STR("METHOD_NOT_ALLOWED")
#define NGX_HTTP_GRAPHQL_MEDIA_TYPE          BASE_STR("UNSUPPORTED_MEDIA_TYPE")
#define NGX_HTTP_GRAPHQL_NOT_ACCEPTABLE      BASE_STR("NOT_ACCEPTABLE")
#define NGX_HTTP_GRAPHQL_TOO_LARGE           BASE_STR("PAYLOAD_TOO_LARGE")
#define NGX_HTTP_GRAPHQL_UNAUTHENTICATED     BASE_STR("UNAUTHENTICATED")
#define NGX_HTTP_GRAPHQL_SIGNATURE           BASE_STR("SIGNATURE_INVALID")
#define NGX_HTTP_GRAPHQL_FORBIDDEN           BASE_STR("FORBIDDEN")
#define NGX_HTTP_GRAPHQL_NO_ORDER            BASE_STR("NOT_FOUND")
#define NGX_HTTP_GRAPHQL_UNAVAILABLE         BASE_STR("UNAVAILABLE")
#define NGX_HTTP_GRAPHQL_TIMEOUT             BASE_STR("TIMEOUT")
#define NGX_HTTP_GRAPHQL_QUEUE_FULL          BASE_STR("QUEUE_FULL")
#define NGX_HTTP_GRAPHQL_UNKNOWN_OUTCOME     BASE_STR("UNKNOWN_OUTCOME")
#define NGX_HTTP_GRAPHQL_IDEMPOTENCY         BASE_STR("IDEMPOTENCY_CONFLICT")
#define NGX_HTTP_GRAPHQL_NOT_FOUND                                            \
    BASE_STR("PERSISTED_QUERY_NOT_FOUND")
#define NGX_HTTP_GRAPHQL_NOT_SUPPORTED                                        \
    BASE_STR("PERSISTED_QUERY_NOT_SUPPORTED")
#define NGX_HTTP_GRAPHQL_NOT_TRUSTED         BASE_STR("DOCUMENT_NOT_TRUSTED")


extern ngx_module_t  ngx_http_graphql_orders_module;


/* ngx_http_graphql_conf.c */

char *ngx_http_graphql_set_orders(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_graphql_set_limit(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_graphql_set_cache(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_graphql_set_documents(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* What a location needs once all its values are known: store, keys, and schema
 * or secrets. */
char *ngx_http_graphql_complete_conf(ngx_conf_t *cf,
    ngx_http_graphql_loc_conf_t *conf);


/* ngx_http_graphql_setting.c */

/* For the slots of times, sizes and texts. */
extern ngx_conf_post_t  ngx_http_graphql_msec;
extern ngx_conf_post_t  ngx_http_graphql_sec;
extern ngx_conf_post_t  ngx_http_graphql_size;
extern ngx_conf_post_t  ngx_http_graphql_user_name;
extern ngx_conf_post_t  ngx_http_graphql_header;

/* Reports the value of a directive that has one; NGX_CONF_ERROR. */
char *ngx_http_graphql_invalid(ngx_conf_t *cf, const char *expected);

char *ngx_http_graphql_set_scope(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


/* ngx_http_graphql_schema.c */

/* The schema of file (empty: the embedded one), loaded once in a cycle.  NULL
 * after everything that is wrong with it has been logged. */
gql_schema_t *ngx_http_graphql_schema(ngx_conf_t *cf, ngx_str_t *file);


/* ngx_http_graphql_variables.c */

ngx_int_t ngx_http_graphql_add_variables(ngx_conf_t *cf);


/* ngx_http_graphql_process.c */

ngx_int_t ngx_http_graphql_process_start(ngx_cycle_t *cycle,
    ngx_http_graphql_main_conf_t *mcf);
void ngx_http_graphql_process_end(ngx_http_graphql_main_conf_t *mcf);

/* An empty arena, to be given back; NULL when out of memory. */
ngx_http_graphql_memory_t *ngx_http_graphql_memory_take(
    ngx_http_graphql_process_t *process);
void ngx_http_graphql_memory_give(ngx_http_graphql_process_t *process,
    ngx_http_graphql_memory_t *memory);

/* Unix milliseconds, and the same as RFC 3339 text of BASE_TIME_TEXT_BYTES;
 * once for each turn of the loop. */
int64_t ngx_http_graphql_now(ngx_http_graphql_process_t *process, char *text);

/* A new order's id (UUID version 7) of BASE_UUID_TEXT_BYTES. */
ngx_int_t ngx_http_graphql_new_id(ngx_http_graphql_process_t *process,
    int64_t now_ms, char *id);


/* ngx_http_graphql_loop.c */

void ngx_http_graphql_loop_init(ngx_http_graphql_loop_t *loop);


/* ngx_http_graphql_link.c */

/* Opens a link for each store. */
ngx_int_t ngx_http_graphql_links_open(ngx_cycle_t *cycle,
    ngx_http_graphql_process_t *process, ngx_array_t *stores);

/* Closes them; requests that wait get their outcome from within. */
void ngx_http_graphql_links_close(ngx_http_graphql_process_t *process);

/* A link to a store. */
rds_link_t *ngx_http_graphql_link_new(ngx_http_graphql_process_t *process,
    ngx_http_graphql_store_t *store, rds_link_state_fn on_state, void *data);


/* ngx_http_graphql_request.c */

ngx_int_t ngx_http_graphql_handler(ngx_http_request_t *r);

/*
 * Goes on with a request after a call of it has ended: starts what is next or
 * sends the response and finalizes.  The request may be gone afterwards.
 */
void ngx_http_graphql_continue(ngx_http_graphql_ctx_t *ctx);


/* ngx_http_graphql_document.c */

/* Sets ctx->parsed to the valid document of query, from the cache or new, and
 * ctx->document to a reference of it; NGX_ERROR with errors in ctx->errors. */
ngx_int_t ngx_http_graphql_document_take(ngx_http_graphql_ctx_t *ctx,
    base_str_t query);
void ngx_http_graphql_document_give(ngx_http_graphql_document_t *document);

/* A cache bounded in bytes and entries; NULL when out of memory. */
ngx_http_graphql_cache_t *ngx_http_graphql_cache_new(size_t bytes,
    ngx_uint_t entries);
void ngx_http_graphql_cache_free(ngx_http_graphql_cache_t *cache);


/* ngx_http_graphql_resolve.c */

/* All root fields that the front door knows; the last one has no handler. */
extern const ngx_http_graphql_resolver_t  ngx_http_graphql_resolvers[];

/* Starts a root field. */
void ngx_http_graphql_resolve(ngx_http_graphql_ctx_t *ctx,
    gql_operation_kind_t kind, gql_root_field_t *field);

/*
 * Sends a command for a root field; handler gets its outcome, unless the
 * request ends first.  NGX_ERROR after the field has been failed.
 */
ngx_int_t ngx_http_graphql_call(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, const base_str_t *argv, size_t argc,
    ngx_http_graphql_reply_pt handler, void *data);

/* The same for commands in MULTI and EXEC; handler gets what EXEC gives, unless
 * one of them was refused when it was queued. */
ngx_int_t ngx_http_graphql_transaction(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, const ngx_http_graphql_command_t *inner,
    ngx_uint_t count, ngx_http_graphql_reply_pt handler, void *data);

/* No handler of a call that is still out will be called. */
void ngx_http_graphql_cancel_calls(ngx_http_graphql_ctx_t *ctx);

/* Fails a root field for what happened to a call of it, and logs why. */
void ngx_http_graphql_call_failed(ngx_http_graphql_call_t *call,
    rds_outcome_t outcome, const rds_reply_t *reply);

/* Fails a root field, or, where there is no plan, what stands for one. */
void ngx_http_graphql_fail(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, base_str_t code, base_str_t message);

/* The same for want of memory. */
void ngx_http_graphql_no_memory(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field);


/* ngx_http_graphql_resolve_order.c, ngx_http_graphql_resolve_post.c,
   ngx_http_graphql_resolve_change.c */

void ngx_http_graphql_resolve_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field);
void ngx_http_graphql_resolve_orders(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field);
void ngx_http_graphql_resolve_orders_connection(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field);
void ngx_http_graphql_resolve_post_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field);
void ngx_http_graphql_resolve_update_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field);
void ngx_http_graphql_resolve_delete_order(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field);

/* Redis has acknowledged the order; length is the queue's now. */
void ngx_http_graphql_posted(ngx_http_graphql_call_t *call,
    ngx_http_graphql_post_t *post, int64_t length);


/* ngx_http_graphql_fill.c */

/* NULL while there is room for an order; else why there is none, for the
 * client. */
const base_str_t *ngx_http_graphql_full(ngx_http_graphql_ctx_t *ctx);

/* The same for a message of so many bytes that ends an order. */
const base_str_t *ngx_http_graphql_full_for_end(ngx_http_graphql_ctx_t *ctx,
    size_t bytes);

/* A message was let in, and the queue is so long now. */
void ngx_http_graphql_filled(ngx_http_graphql_ctx_t *ctx, int64_t length);


/* ngx_http_graphql_idempotency.c */

/* The key that the client gave an order; empty when it gave none.  NGX_ERROR
 * after the field has been failed. */
ngx_int_t ngx_http_graphql_idempotency_key(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, base_str_t *key);

/* Pushes the message unless the key has an order already, and gives that one
 * if so. */
void ngx_http_graphql_post_once(ngx_http_graphql_ctx_t *ctx,
    gql_root_field_t *field, ngx_http_graphql_post_t *post, base_str_t key,
    base_str_t message);


/* ngx_http_graphql_errors.c */

/* The HTTP status of a response with these errors and, where executed is true,
 * with data beside them. */
ngx_uint_t ngx_http_graphql_status(const gql_errors_t *errors,
    ngx_http_graphql_media_t media);

/* What an error reply means to the client. */
typedef struct {
    base_str_t                    code;
    base_str_t                    message;
} ngx_http_graphql_failure_t;

const ngx_http_graphql_failure_t *ngx_http_graphql_reply_failure(
    const rds_reply_t *reply);


/* ngx_http_graphql_response.c */

/*
 * Sends the response: what the plan gives, or the errors.  What it returns is
 * for ngx_http_finalize_request().
 */
ngx_int_t ngx_http_graphql_respond(ngx_http_graphql_ctx_t *ctx);

/* The answer to OPTIONS: the methods. */
ngx_int_t ngx_http_graphql_options(ngx_http_request_t *r);


#endif /* _NGX_HTTP_GRAPHQL_ORDERS_H_INCLUDED_ */
