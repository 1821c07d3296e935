/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What the client sends and what it takes (HTTP Semantics: Content-Type,
 * Content-Encoding, Accept; GraphQL over HTTP: Media Types).
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"
#include "nginx/ngx_http_graphql_request.h"


/* How precise a range is. */
#define NGX_HTTP_GRAPHQL_ANY       1    /* all types */
#define NGX_HTTP_GRAPHQL_SUBTYPES  2    /* all of one kind */
#define NGX_HTTP_GRAPHQL_NAMED     3


/* A media type or range with its parameters, of a list of them. */
typedef struct {
    ngx_str_t    type;
    ngx_str_t    charset;               /* len 0: none */
    ngx_uint_t   quality;               /* of q, in thousandths */
} ngx_http_graphql_range_t;


typedef struct {
    ngx_str_t                 text;
    ngx_http_graphql_media_t  media;
    ngx_uint_t                precise;
} ngx_http_graphql_pattern_t;


/* The ranges that meet our types; a less precise one gives way. */
static const ngx_http_graphql_pattern_t  ngx_http_graphql_patterns[] = {

    { ngx_string("application/json"),
      NGX_HTTP_GRAPHQL_JSON, NGX_HTTP_GRAPHQL_NAMED },

    { ngx_string("application/*"),
      NGX_HTTP_GRAPHQL_JSON, NGX_HTTP_GRAPHQL_SUBTYPES },

    { ngx_string("*/*"),
      NGX_HTTP_GRAPHQL_JSON, NGX_HTTP_GRAPHQL_ANY },

    { ngx_string("application/graphql-response+json"),
      NGX_HTTP_GRAPHQL_RESPONSE_JSON, NGX_HTTP_GRAPHQL_NAMED },

    { ngx_string("application/*"),
      NGX_HTTP_GRAPHQL_RESPONSE_JSON, NGX_HTTP_GRAPHQL_SUBTYPES },

    { ngx_string("*/*"),
      NGX_HTTP_GRAPHQL_RESPONSE_JSON, NGX_HTTP_GRAPHQL_ANY },
};

#define NGX_HTTP_GRAPHQL_PATTERN_COUNT                                        \
    (sizeof(ngx_http_graphql_patterns) / sizeof(ngx_http_graphql_patterns[0]))


/* How much the client wants a type. */
typedef struct {
    ngx_uint_t   quality;
    ngx_uint_t   precise;
} ngx_http_graphql_wish_t;


static const ngx_str_t  ngx_http_graphql_accept = ngx_string("accept");
static const ngx_str_t  ngx_http_graphql_encoding =
    ngx_string("content-encoding");
static const ngx_str_t  ngx_http_graphql_identity = ngx_string("identity");


static void ngx_http_graphql_choose(ngx_http_graphql_terms_t *terms,
    const ngx_http_graphql_wish_t *wishes);
static void ngx_http_graphql_content_type(ngx_http_request_t *r,
    ngx_http_graphql_terms_t *terms);
static ngx_flag_t ngx_http_graphql_accept_value(ngx_str_t *value,
    ngx_http_graphql_wish_t *wishes);
static u_char *ngx_http_graphql_range(u_char *p, u_char *last,
    ngx_http_graphql_range_t *range);
static void ngx_http_graphql_parameter(ngx_str_t *text,
    ngx_http_graphql_range_t *range);
static ngx_uint_t ngx_http_graphql_quality(ngx_str_t *text);
static void ngx_http_graphql_trim(ngx_str_t *text);
static ngx_flag_t ngx_http_graphql_is(const ngx_str_t *text,
    const ngx_str_t *name);


/*
 * The headers are looked for in the list, because not every build of nginx
 * keeps Accept apart, and because there may be several.
 */
void
ngx_http_graphql_negotiate(ngx_http_request_t *r,
    ngx_http_graphql_terms_t *terms)
{
    ngx_uint_t                i;
    ngx_list_part_t          *part;
    ngx_table_elt_t          *header;
    ngx_http_graphql_wish_t   wishes[NGX_HTTP_GRAPHQL_MEDIA_COUNT];

    ngx_memzero(wishes, sizeof(wishes));

    terms->accepts = 0;
    terms->encoded = 0;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (header[i].key.len == ngx_http_graphql_accept.len
                && ngx_memcmp(header[i].lowcase_key,
                              ngx_http_graphql_accept.data,
                              ngx_http_graphql_accept.len)
                   == 0)
            {
                terms->accepts |= ngx_http_graphql_accept_value(
                                      &header[i].value, wishes);

            } else if (header[i].key.len == ngx_http_graphql_encoding.len
                       && ngx_memcmp(header[i].lowcase_key,
                                     ngx_http_graphql_encoding.data,
                                     ngx_http_graphql_encoding.len)
                          == 0
                       && !ngx_http_graphql_is(&header[i].value,
                                               &ngx_http_graphql_identity))
            {
                terms->encoded = 1;
            }
        }
    }

    ngx_http_graphql_content_type(r, terms);

    ngx_http_graphql_choose(terms, wishes);
}


static void
ngx_http_graphql_choose(ngx_http_graphql_terms_t *terms,
    const ngx_http_graphql_wish_t *wishes)
{
    const ngx_http_graphql_wish_t  *json = &wishes[NGX_HTTP_GRAPHQL_JSON];
    const ngx_http_graphql_wish_t  *response;

    terms->media = NGX_HTTP_GRAPHQL_JSON;

    if (!terms->accepts) {
        terms->accepts = 1;             /* no Accept: anything */
        return;
    }

    response = &wishes[NGX_HTTP_GRAPHQL_RESPONSE_JSON];
    terms->accepts = json->quality > 0 || response->quality > 0;

    /* equally wanted: the newer one only where the client names it */

    if (response->quality > json->quality
        || (response->quality > 0 && response->quality == json->quality
            && response->precise == NGX_HTTP_GRAPHQL_NAMED))
    {
        terms->media = NGX_HTTP_GRAPHQL_RESPONSE_JSON;
    }
}


/* False if it names nothing: as good as no Accept. */
static ngx_flag_t
ngx_http_graphql_accept_value(ngx_str_t *value,
    ngx_http_graphql_wish_t *wishes)
{
    u_char                            *p, *last;
    ngx_uint_t                         i, named;
    ngx_http_graphql_wish_t           *wish;
    ngx_http_graphql_range_t           range;
    const ngx_http_graphql_pattern_t  *pattern;

    p = value->data;
    last = value->data + value->len;
    named = 0;

    while (p < last) {
        p = ngx_http_graphql_range(p, last, &range);
        named |= range.type.len > 0;

        for (i = 0; i < NGX_HTTP_GRAPHQL_PATTERN_COUNT; i++) {
            pattern = &ngx_http_graphql_patterns[i];
            wish = &wishes[pattern->media];

            if (pattern->precise >= wish->precise
                && ngx_http_graphql_is(&range.type, &pattern->text))
            {
                wish->precise = pattern->precise;
                wish->quality = range.quality;
            }
        }
    }

    return named;
}


static void
ngx_http_graphql_content_type(ngx_http_request_t *r,
    ngx_http_graphql_terms_t *terms)
{
    static const ngx_str_t  json = ngx_string("application/json");
    static const ngx_str_t  suffix = ngx_string("+json");
    static const ngx_str_t  utf8 = ngx_string("utf-8");

    u_char                    *last;
    ngx_str_t                 *value, end;
    ngx_http_graphql_range_t   range;

    terms->json = 0;
    terms->some_json = 0;

    if (r->headers_in.content_type == NULL) {
        return;
    }

    value = &r->headers_in.content_type->value;

    if (value->len == json.len
        && ngx_memcmp(value->data, json.data, json.len) == 0)
    {
        terms->json = 1;                /* what nearly all clients send */
        terms->some_json = 1;
        return;
    }

    last = value->data + value->len;

    if (ngx_http_graphql_range(value->data, last, &range) != last
        || (range.charset.len > 0
            && !ngx_http_graphql_is(&range.charset, &utf8)))
    {
        return;
    }

    end.len = ngx_min(range.type.len, suffix.len);
    end.data = range.type.data + range.type.len - end.len;

    terms->json = ngx_http_graphql_is(&range.type, &json);
    terms->some_json = terms->json || ngx_http_graphql_is(&end, &suffix);
}


/*
 * Reads one element of a list, up to and with the comma: type and parameters.
 * Returns where the next one begins.
 */
static u_char *
ngx_http_graphql_range(u_char *p, u_char *last, ngx_http_graphql_range_t *range)
{
    u_char      *start;
    ngx_str_t    part;
    ngx_uint_t   first, quoted;

    ngx_memzero(range, sizeof(ngx_http_graphql_range_t));

    range->quality = 1000;
    first = 1;
    quoted = 0;

    for (start = p; /* void */ ; p++) {

        if (p < last && (quoted || (*p != ';' && *p != ','))) {
            if (*p == '"') {
                quoted = !quoted;
            }

            continue;
        }

        part.data = start;
        part.len = p - start;
        ngx_http_graphql_trim(&part);

        if (first) {
            range->type = part;

        } else {
            ngx_http_graphql_parameter(&part, range);
        }

        if (p == last) {
            return last;
        }

        start = p + 1;
        first = 0;

        if (*p == ',') {
            return p + 1;
        }
    }
}


static void
ngx_http_graphql_parameter(ngx_str_t *text, ngx_http_graphql_range_t *range)
{
    static const ngx_str_t  charset = ngx_string("charset");
    static const ngx_str_t  q = ngx_string("q");

    u_char     *equals;
    ngx_str_t   name, value;

    equals = ngx_strlchr(text->data, text->data + text->len, '=');
    if (equals == NULL) {
        return;
    }

    name.data = text->data;
    name.len = equals - text->data;

    value.data = equals + 1;
    value.len = text->data + text->len - value.data;

    if (value.len >= 2 && value.data[0] == '"'
        && value.data[value.len - 1] == '"')
    {
        value.data++;
        value.len -= 2;
    }

    if (ngx_http_graphql_is(&name, &charset)) {
        range->charset = value;

    } else if (ngx_http_graphql_is(&name, &q)) {
        range->quality = ngx_http_graphql_quality(&value);
    }
}


/* 0 to 1 with up to three digits behind the point; what is none counts as 1. */
static ngx_uint_t
ngx_http_graphql_quality(ngx_str_t *text)
{
    ngx_int_t  quality = ngx_atofp(text->data, text->len, 3);

    return (quality == NGX_ERROR || quality > 1000) ? 1000
                                                    : (ngx_uint_t) quality;
}


static void
ngx_http_graphql_trim(ngx_str_t *text)
{
    while (text->len > 0 && (text->data[0] == ' ' || text->data[0] == '\t')) {
        text->data++;
        text->len--;
    }

    while (text->len > 0
           && (text->data[text->len - 1] == ' '
               || text->data[text->len - 1] == '\t'))
    {
        text->len--;
    }
}


static ngx_flag_t
ngx_http_graphql_is(const ngx_str_t *text, const ngx_str_t *name)
{
    return text->len == name->len
           && ngx_strncasecmp(text->data, name->data, name->len) == 0;
}


ngx_int_t
ngx_http_graphql_find_header(ngx_http_request_t *r, base_str_t name,
    base_str_t *value)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *header;

    *value = base_str(NULL, 0);

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next) {
        header = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (header[i].key.len != name.len
                || ngx_strncasecmp(header[i].key.data, (u_char *) name.data,
                                   name.len)
                   != 0)
            {
                continue;
            }

            if (value->data != NULL) {
                return NGX_ERROR;
            }

            *value = base_str((char *) header[i].value.data,
                              header[i].value.len);
        }
    }

    return value->data == NULL ? NGX_DECLINED : NGX_OK;
}
