/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Error codes (extensions.code): their HTTP statuses for both media types, and
 * which of them an error reply of Redis becomes.
 *
 * A request that is well-formed but whose document or variables are not gets
 * 200 in application/json, as clients of that older format expect, and 400 in
 * application/graphql-response+json (GraphQL over HTTP: Status Codes).
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "nginx/ngx_http_graphql_orders.h"


typedef struct {
    base_str_t   code;
    ngx_uint_t   status[NGX_HTTP_GRAPHQL_MEDIA_COUNT];
} ngx_http_graphql_code_t;


/* application/json, application/graphql-response+json */
static const ngx_http_graphql_code_t  ngx_http_graphql_codes[] = {

    { BASE_STR_INIT("GRAPHQL_PARSE_FAILED"),          { 200, 400 } },
    { BASE_STR_INIT("GRAPHQL_VALIDATION_FAILED"),     { 200, 400 } },
    { BASE_STR_INIT("OPERATION_RESOLUTION_FAILURE"),  { 200, 400 } },
    { BASE_STR_INIT("BAD_USER_INPUT"),                { 200, 400 } },
    { BASE_STR_INIT("CONSTRAINT_VIOLATED"),           { 200, 400 } },
    { BASE_STR_INIT("LIMIT_EXCEEDED"),                { 200, 400 } },
    { BASE_STR_INIT("IDEMPOTENCY_CONFLICT"),          { 200, 400 } },
    { BASE_STR_INIT("FORBIDDEN"),                     { 200, 403 } },
    { BASE_STR_INIT("NOT_FOUND"),                     { 200, 404 } },
    { BASE_STR_INIT("CONFLICT"),                      { 200, 409 } },

    { BASE_STR_INIT("PERSISTED_QUERY_NOT_FOUND"),     { 200, 400 } },
    { BASE_STR_INIT("PERSISTED_QUERY_NOT_SUPPORTED"), { 200, 400 } },

    { BASE_STR_INIT("BAD_REQUEST"),                   { 400, 400 } },
    { BASE_STR_INIT("UNAUTHENTICATED"),               { 401, 401 } },
    { BASE_STR_INIT("SIGNATURE_INVALID"),             { 401, 401 } },
    { BASE_STR_INIT("DOCUMENT_NOT_TRUSTED"),          { 403, 403 } },
    { BASE_STR_INIT("METHOD_NOT_ALLOWED"),            { 405, 405 } },
    { BASE_STR_INIT("NOT_ACCEPTABLE"),                { 406, 406 } },
    { BASE_STR_INIT("PAYLOAD_TOO_LARGE"),             { 413, 413 } },
    { BASE_STR_INIT("UNSUPPORTED_MEDIA_TYPE"),        { 415, 415 } },

    { BASE_STR_INIT("INTERNAL_SERVER_ERROR"),         { 500, 500 } },
    { BASE_STR_INIT("UNAVAILABLE"),                   { 503, 503 } },
    { BASE_STR_INIT("TIMEOUT"),                       { 503, 503 } },
    { BASE_STR_INIT("QUEUE_FULL"),                    { 503, 503 } },
    { BASE_STR_INIT("UNKNOWN_OUTCOME"),               { 503, 503 } },
};

#define NGX_HTTP_GRAPHQL_CODE_COUNT                                           \
    (sizeof(ngx_http_graphql_codes) / sizeof(ngx_http_graphql_codes[0]))


/* By rds_error_kind_t. */
static const ngx_http_graphql_failure_t  ngx_http_graphql_failures[] = {

    [RDS_ERROR_NONE] = {
        BASE_STR_INIT("INTERNAL_SERVER_ERROR"),
        BASE_STR_INIT("the order store gave an answer that makes no sense") },

    [RDS_ERROR_BUSY] = {
        BASE_STR_INIT("UNAVAILABLE"),
        BASE_STR_INIT("the order store is busy or starting; try again") },

    [RDS_ERROR_FULL] = {
        BASE_STR_INIT("QUEUE_FULL"),
        BASE_STR_INIT("the order store is full; try again later") },

    [RDS_ERROR_READONLY] = {
        BASE_STR_INIT("UNAVAILABLE"),
        BASE_STR_INIT("the order store takes no orders now; try again later") },

    [RDS_ERROR_AUTH] = {
        BASE_STR_INIT("UNAVAILABLE"),
        BASE_STR_INIT("the order store cannot be used; try again later") },

    [RDS_ERROR_MOVED] = {
        BASE_STR_INIT("UNAVAILABLE"),
        BASE_STR_INIT("the order store cannot be used; try again later") },

    [RDS_ERROR_ABORTED] = {
        BASE_STR_INIT("UNAVAILABLE"),
        BASE_STR_INIT("the order store gave up; try again") },

    [RDS_ERROR_OTHER] = {
        BASE_STR_INIT("INTERNAL_SERVER_ERROR"),
        BASE_STR_INIT("the order store refused") },
};


static ngx_uint_t ngx_http_graphql_code_status(base_str_t code,
    ngx_http_graphql_media_t media);


/* The most serious one counts; the table's statuses rise with that. */
ngx_uint_t
ngx_http_graphql_status(const gql_errors_t *errors,
    ngx_http_graphql_media_t media)
{
    ngx_uint_t          status, max;
    const gql_error_t  *error;

    max = errors->nomem ? NGX_HTTP_INTERNAL_SERVER_ERROR : NGX_HTTP_OK;

    for (error = errors->first; error != NULL; error = error->next) {
        status = ngx_http_graphql_code_status(error->code, media);

        if (status > max) {
            max = status;
        }
    }

    return max;
}


static ngx_uint_t
ngx_http_graphql_code_status(base_str_t code, ngx_http_graphql_media_t media)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_GRAPHQL_CODE_COUNT; i++) {
        if (base_str_eq(ngx_http_graphql_codes[i].code, code)) {
            return ngx_http_graphql_codes[i].status[media];
        }
    }

    return NGX_HTTP_INTERNAL_SERVER_ERROR;
}


const ngx_http_graphql_failure_t *
ngx_http_graphql_reply_failure(const rds_reply_t *reply)
{
    return &ngx_http_graphql_failures[rds_reply_error_kind(reply)];
}
