/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The schema: conf/schema.graphql is in the binary, graphql_orders_schema names
 * another.  Whatever is wrong with it is reported when the configuration is
 * read, with file, line and column; and so is a root field that nobody would
 * answer, or whose shape is not what its resolver gives.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "orders/status.h"

#include "nginx/ngx_http_graphql_documents.h"
#include "nginx/ngx_http_graphql_orders.h"


#define NGX_HTTP_GRAPHQL_SCHEMA_BYTES_MAX  (4 * 1024 * 1024)


/* The assembler finds the file through the include path. */
__asm__(
    ".pushsection .rodata\n"
    ".global ngx_http_graphql_schema_text\n"
    ".hidden ngx_http_graphql_schema_text\n"
    ".global ngx_http_graphql_schema_text_end\n"
    ".hidden ngx_http_graphql_schema_text_end\n"
    "ngx_http_graphql_schema_text:\n"
    ".incbin \"schema.graphql\"\n"
    "ngx_http_graphql_schema_text_end:\n"
    ".byte 0\n"
    ".popsection\n"
);

extern const char  ngx_http_graphql_schema_text[];
extern const char  ngx_http_graphql_schema_text_end[];


typedef struct {
    ngx_conf_t           *cf;
    gql_schema_t         *schema;
    base_arena_t          arena;
    gql_source_t          source;
    gql_operation_kind_t  kind;         /* of the root fields being looked at */
    base_str_t            type;         /* their type */
    const ngx_http_graphql_resolver_t  *resolver;   /* of one of them */
    ngx_uint_t            seen;         /* bits: its arguments */
    base_str_t            input;        /* type of postOrder's input */
    base_str_t            order;        /* type of postOrder */
    ngx_uint_t            bad;          /* mistakes found by us */
    ngx_uint_t            statuses;     /* bits: values of ORDER_STATUS found */
} ngx_http_graphql_schema_load_t;


static ngx_int_t ngx_http_graphql_schema_read(
    ngx_http_graphql_schema_load_t *load, ngx_str_t *file);
static void ngx_http_graphql_schema_check(
    ngx_http_graphql_schema_load_t *load);
static void ngx_http_graphql_schema_check_resolver(
    ngx_http_graphql_schema_load_t *load,
    const ngx_http_graphql_resolver_t *resolver);
static void ngx_http_graphql_schema_check_arguments(
    ngx_http_graphql_schema_load_t *load, const gql_field_t *field);
static void ngx_http_graphql_schema_check_argument(void *data, base_str_t name,
    base_str_t type);
static ngx_flag_t ngx_http_graphql_schema_fits(
    const ngx_http_graphql_schema_load_t *load,
    const ngx_http_graphql_parameter_t *parameter, base_str_t type);
static base_str_t ngx_http_graphql_schema_nullable(base_str_t type);
static void ngx_http_graphql_schema_check_order(void *data, base_str_t name);
static void ngx_http_graphql_schema_check_field(void *data, base_str_t name);
static void ngx_http_graphql_schema_check_status(void *data, base_str_t name);
static void ngx_http_graphql_schema_bad(ngx_http_graphql_schema_load_t *load,
    const char *fmt, ...);
static ngx_int_t ngx_http_graphql_schema_keep(
    ngx_http_graphql_schema_load_t *load, ngx_str_t *file);
static void ngx_http_graphql_schema_cleanup(void *data);


static const struct {
    gql_operation_kind_t  kind;
    base_str_t            name;
} ngx_http_graphql_operations[] = {
    { GQL_QUERY,        BASE_STR_INIT("query") },
    { GQL_MUTATION,     BASE_STR_INIT("mutation") },
    { GQL_SUBSCRIPTION, BASE_STR_INIT("subscription") }
};


gql_schema_t *
ngx_http_graphql_schema(ngx_conf_t *cf, ngx_str_t *file)
{
    ngx_uint_t                       i;
    gql_errors_t                     errors;
    ngx_http_graphql_schema_t       *schemas;
    ngx_http_graphql_main_conf_t    *mcf;
    ngx_http_graphql_schema_load_t   load;

    mcf = ngx_http_conf_get_module_main_conf(cf,
                                             ngx_http_graphql_orders_module);
    schemas = mcf->schemas.elts;

    for (i = 0; i < mcf->schemas.nelts; i++) {
        if (schemas[i].file.len == file->len
            && ngx_strncmp(schemas[i].file.data, file->data, file->len) == 0)
        {
            return schemas[i].schema;
        }
    }

    ngx_memzero(&load, sizeof(ngx_http_graphql_schema_load_t));

    load.cf = cf;
    base_arena_init(&load.arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    gql_errors_init(&errors, &load.arena);

    if (ngx_http_graphql_schema_read(&load, file) != NGX_OK) {
        goto done;
    }

    load.schema = gql_schema_load(&load.source, 1, &errors);

    if (load.schema == NULL) {
        ngx_http_graphql_log_errors(cf, load.source.name, &errors);
        goto done;
    }

    ngx_http_graphql_schema_check(&load);

    if (load.bad > 0 || ngx_http_graphql_schema_keep(&load, file) != NGX_OK) {
        gql_schema_free(load.schema);
        load.schema = NULL;
    }

done:

    base_arena_deinit(&load.arena);

    return load.schema;
}


static ngx_int_t
ngx_http_graphql_schema_read(ngx_http_graphql_schema_load_t *load,
    ngx_str_t *file)
{
    ngx_str_t  name;

    if (file->len == 0) {
        load->source.name = BASE_STR("schema.graphql");
        load->source.text = base_str(ngx_http_graphql_schema_text,
                                     ngx_http_graphql_schema_text_end
                                     - ngx_http_graphql_schema_text);
        return NGX_OK;
    }

    name = *file;

    if (ngx_conf_full_name(load->cf->cycle, &name, 1) != NGX_OK) {
        return NGX_ERROR;
    }

    load->source.name = base_str((char *) name.data, name.len);

    return ngx_http_graphql_read_file(load->cf, &load->arena, &name,
                                      NGX_HTTP_GRAPHQL_SCHEMA_BYTES_MAX,
                                      &load->source.text);
}


/* The schema against the resolvers, in both directions. */
static void
ngx_http_graphql_schema_check(ngx_http_graphql_schema_load_t *load)
{
    ngx_uint_t                          i;
    const ngx_http_graphql_resolver_t  *resolver;

    for (i = 0; i < 3; i++) {
        load->kind = ngx_http_graphql_operations[i].kind;
        load->type = gql_schema_root(load->schema,
                                     ngx_http_graphql_operations[i].name);

        if (load->type.len > 0) {
            (void) gql_schema_each_member(load->schema, load->type,
                                          ngx_http_graphql_schema_check_field,
                                          load);
        }

        for (resolver = ngx_http_graphql_resolvers;
             resolver->handler != NULL;
             resolver++)
        {
            if (resolver->kind == load->kind) {
                ngx_http_graphql_schema_check_resolver(load, resolver);
            }
        }
    }

    (void) gql_schema_each_member(load->schema, load->order,
                                  ngx_http_graphql_schema_check_order, load);

    (void) gql_schema_each_member(load->schema, BASE_STR("ORDER_STATUS"),
                                  ngx_http_graphql_schema_check_status, load);

    for (i = 0; i < ORDERS_STATUS_COUNT; i++) {
        if ((load->statuses & ((ngx_uint_t) 1 << i)) == 0) {
            ngx_http_graphql_schema_bad(load,
                "the enum ORDER_STATUS has no value %.*s",
                BASE_STR_ARG(orders_status_name((orders_status_t) i)));
        }
    }
}


static void
ngx_http_graphql_schema_check_resolver(ngx_http_graphql_schema_load_t *load,
    const ngx_http_graphql_resolver_t *resolver)
{
    base_str_t          text;
    ngx_flag_t          list;
    const gql_field_t  *field;

    load->resolver = resolver;
    field = gql_schema_field(load->schema, load->type, resolver->name);

    if (field == NULL && resolver->optional) {
        return;
    }

    if (field == NULL) {
        ngx_http_graphql_schema_bad(load, "the %.*s type has no field %.*s",
            BASE_STR_ARG(ngx_http_graphql_operations[load->kind].name),
            BASE_STR_ARG(resolver->name));
        return;
    }

    ngx_http_graphql_schema_check_arguments(load, field);

    text = gql_field_type_text(field, &load->arena);
    list = text.len > 0 && text.data[0] == '[';

    if (list != resolver->list
        || !base_str_eq(gql_schema_kind(load->schema,
                                        gql_field_type_name(field)),
                        BASE_STR("OBJECT")))
    {
        ngx_http_graphql_schema_bad(load,
            "%.*s.%.*s must be %s, but its type is %.*s",
            BASE_STR_ARG(load->type), BASE_STR_ARG(resolver->name),
            resolver->list ? "a list of objects" : "one object",
            BASE_STR_ARG(text));
    }

    if (base_str_eq(resolver->name, BASE_STR("postOrder"))) {
        load->order = gql_field_type_name(field);
    }
}


/* What a resolver needs, it has to get; what it does not know, it would leave
 * out without a word. */
static void
ngx_http_graphql_schema_check_arguments(ngx_http_graphql_schema_load_t *load,
    const gql_field_t *field)
{
    ngx_uint_t                           i;
    const ngx_http_graphql_parameter_t  *parameter;

    load->seen = 0;

    if (!gql_field_each_argument(field, &load->arena,
                                 ngx_http_graphql_schema_check_argument, load))
    {
        ngx_http_graphql_schema_bad(load, "out of memory");
    }

    parameter = load->resolver->parameters;

    for (i = 0; parameter[i].name.len > 0; i++) {

        if (parameter[i].needed && (load->seen & ((ngx_uint_t) 1 << i)) == 0) {
            ngx_http_graphql_schema_bad(load,
                "%.*s.%.*s has no argument \"%.*s\"",
                BASE_STR_ARG(load->type), BASE_STR_ARG(load->resolver->name),
                BASE_STR_ARG(parameter[i].name));
        }
    }
}


static void
ngx_http_graphql_schema_check_argument(void *data, base_str_t name,
    base_str_t type)
{
    ngx_http_graphql_schema_load_t *load = data;

    ngx_uint_t                           i;
    const ngx_http_graphql_parameter_t  *parameter;

    parameter = load->resolver->parameters;

    for (i = 0; parameter[i].name.len > 0; i++) {

        if (!base_str_eq(parameter[i].name, name)) {
            continue;
        }

        load->seen |= (ngx_uint_t) 1 << i;

        if (base_str_eq(load->resolver->name, BASE_STR("postOrder"))
            && parameter[i].types[0].len == 0)
        {
            load->input = ngx_http_graphql_schema_nullable(type);
        }

        if (!ngx_http_graphql_schema_fits(load, &parameter[i], type)) {
            ngx_http_graphql_schema_bad(load,
                "%.*s.%.*s has the argument \"%.*s\" of type %.*s: it must "
                "be %.*s", BASE_STR_ARG(load->type),
                BASE_STR_ARG(load->resolver->name), BASE_STR_ARG(name),
                BASE_STR_ARG(type),
                BASE_STR_ARG(parameter[i].types[0].len > 0
                             ? parameter[i].types[0]
                             : BASE_STR("an input object")));
        }

        return;
    }

    ngx_http_graphql_schema_bad(load,
        "%.*s.%.*s has an argument \"%.*s\" that graphql_orders does not know",
        BASE_STR_ARG(load->type), BASE_STR_ARG(load->resolver->name),
        BASE_STR_ARG(name));
}


static ngx_flag_t
ngx_http_graphql_schema_fits(const ngx_http_graphql_schema_load_t *load,
    const ngx_http_graphql_parameter_t *parameter, base_str_t type)
{
    type = ngx_http_graphql_schema_nullable(type);

    if (parameter->types[0].len == 0) {
        return base_str_eq(gql_schema_kind(load->schema, type),
                           BASE_STR("INPUT_OBJECT"));
    }

    return base_str_eq(type, parameter->types[0])
           || base_str_eq(type, parameter->types[1]);
}


/* The type without its exclamation mark. */
static base_str_t
ngx_http_graphql_schema_nullable(base_str_t type)
{
    if (type.len > 0 && type.data[type.len - 1] == '!') {
        type.len--;
    }

    return type;
}


/* A field that must not be null is in each order, or orders would be accepted
 * that nobody can read. */
static void
ngx_http_graphql_schema_check_order(void *data, base_str_t name)
{
    ngx_http_graphql_schema_load_t *load = data;

    size_t       i;
    base_str_t   type;

    static const base_str_t  always[] = {
        BASE_STR_INIT("id"), BASE_STR_INIT("userId"),
        BASE_STR_INIT("orderStatus"), BASE_STR_INIT("createdAt"),
        BASE_STR_INIT("updatedAt"), BASE_STR_INIT("history")
    };

    type = gql_field_type_text(gql_schema_field(load->schema, load->order,
                                                name), &load->arena);

    if (type.len == ngx_http_graphql_schema_nullable(type).len
        || gql_schema_always_has(load->schema, load->input, name))
    {
        return;
    }

    for (i = 0; i < sizeof(always) / sizeof(always[0]); i++) {
        if (base_str_eq(always[i], name)) {
            return;
        }
    }

    ngx_http_graphql_schema_bad(load,
        "%.*s.%.*s must not be null, so %.*s.%.*s must be there and of a type "
        "with \"!\"", BASE_STR_ARG(load->order), BASE_STR_ARG(name),
        BASE_STR_ARG(load->input), BASE_STR_ARG(name));
}




static void
ngx_http_graphql_schema_check_field(void *data, base_str_t name)
{
    ngx_http_graphql_schema_load_t *load = data;

    const ngx_http_graphql_resolver_t  *resolver;

    for (resolver = ngx_http_graphql_resolvers;
         resolver->handler != NULL;
         resolver++)
    {
        if (resolver->kind == load->kind && base_str_eq(resolver->name, name))
        {
            return;
        }
    }

    ngx_http_graphql_schema_bad(load,
        "%.*s.%.*s is no field that graphql_orders can answer",
        BASE_STR_ARG(load->type), BASE_STR_ARG(name));
}


static void
ngx_http_graphql_schema_check_status(void *data, base_str_t name)
{
    ngx_http_graphql_schema_load_t *load = data;

    orders_status_t  status;

    if (orders_status_find(name, &status)) {
        load->statuses |= (ngx_uint_t) 1 << status;
    }
}


/* fmt is printf's. */
static void
ngx_http_graphql_schema_bad(ngx_http_graphql_schema_load_t *load,
    const char *fmt, ...)
{
    int      n;
    char     text[NGX_MAX_CONF_ERRSTR];
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    load->bad++;

    ngx_conf_log_error(NGX_LOG_EMERG, load->cf, 0, "%*s: %s",
                       load->source.name.len, load->source.name.data,
                       n < 0 ? "invalid schema" : text);
}


static ngx_int_t
ngx_http_graphql_schema_keep(ngx_http_graphql_schema_load_t *load,
    ngx_str_t *file)
{
    ngx_pool_cleanup_t            *cln;
    ngx_http_graphql_schema_t     *schema;
    ngx_http_graphql_main_conf_t  *mcf;

    mcf = ngx_http_conf_get_module_main_conf(load->cf,
                                             ngx_http_graphql_orders_module);

    cln = ngx_pool_cleanup_add(load->cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    schema = ngx_array_push(&mcf->schemas);
    if (schema == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_graphql_schema_cleanup;
    cln->data = load->schema;

    schema->file = *file;
    schema->schema = load->schema;

    return NGX_OK;
}


static void
ngx_http_graphql_schema_cleanup(void *data)
{
    gql_schema_free(data);
}
