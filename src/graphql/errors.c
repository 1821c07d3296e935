/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The list of errors that every stage adds to, and the places in the text
 * that an error names.
 */

#include "graphql/report.h"

#include <stdarg.h>
#include <stdio.h>


#define GQL_ERRORS_MAX_DEFAULT    100
#define GQL_ERROR_MESSAGE_BYTES   512   /* longer ones are formatted twice */
#define GQL_ERROR_LOCATIONS_MAX   8


static gql_error_t *gql_errors_vaddf(gql_errors_t *errors, base_str_t code,
    const char *fmt, va_list args) __attribute__((format(printf, 3, 0)));


void
gql_errors_init(gql_errors_t *errors, base_arena_t *arena)
{
    *errors = (gql_errors_t) {
        .arena = arena,
        .max = GQL_ERRORS_MAX_DEFAULT
    };
}


gql_error_t *
gql_errors_add(gql_errors_t *errors, base_str_t code, base_str_t message)
{
    gql_error_t  *error;

    errors->count++;

    if (errors->count > errors->max) {
        return NULL;
    }

    error = base_arena_zalloc(errors->arena, sizeof(gql_error_t));
    if (error == NULL) {
        errors->nomem = true;
        return NULL;
    }

    error->code = code;
    error->message = message;

    if (errors->last == NULL) {
        errors->first = error;

    } else {
        errors->last->next = error;
    }

    errors->last = error;
    return error;
}


gql_error_t *
gql_errors_addf(gql_errors_t *errors, base_str_t code, const char *fmt, ...)
{
    va_list       args;
    gql_error_t  *error;

    va_start(args, fmt);
    error = gql_errors_vaddf(errors, code, fmt, args);
    va_end(args);

    return error;
}


static gql_error_t *
gql_errors_vaddf(gql_errors_t *errors, base_str_t code, const char *fmt,
    va_list args)
{
    int      len;
    char    *text;
    char     buf[GQL_ERROR_MESSAGE_BYTES];
    va_list  again;

    if (errors->count >= errors->max) {
        errors->count++;
        return NULL;
    }

    va_copy(again, args);
    len = vsnprintf(buf, sizeof(buf), fmt, args);
    text = len < 0 ? NULL : base_arena_alloc(errors->arena, (size_t) len + 1);

    if (text == NULL) {
        va_end(again);
        errors->count++;
        errors->nomem = true;
        return NULL;
    }

    if ((size_t) len < sizeof(buf)) {
        memcpy(text, buf, (size_t) len + 1);

    } else {
        (void) vsnprintf(text, (size_t) len + 1, fmt, again);
    }

    va_end(again);
    return gql_errors_add(errors, code, base_str(text, (size_t) len));
}


gql_location_t
gql_source_location(base_str_t source, uint32_t offset)
{
    size_t          i, end;
    gql_location_t  at = { .line = 1, .column = 1 };

    end = offset < source.len ? offset : source.len;

    for (i = 0; i < end; i++) {
        unsigned char  c = (unsigned char) source.data[i];

        if (c == '\n'
            || (c == '\r'
                && !(i + 1 < source.len && source.data[i + 1] == '\n')))
        {
            at.line++;
            at.column = 1;
            continue;
        }

        if (c != '\r' && (c & 0xc0) != 0x80) {
            at.column++;
        }
    }

    return at;
}


gql_error_t *
gql_errors_at(gql_errors_t *errors, base_str_t code, base_str_t source,
    uint32_t offset, const char *fmt, ...)
{
    va_list       args;
    gql_error_t  *error;

    va_start(args, fmt);
    error = gql_errors_vaddf(errors, code, fmt, args);
    va_end(args);

    gql_error_locate(errors, error, source, offset);
    return error;
}


void
gql_error_locate(gql_errors_t *errors, gql_error_t *error, base_str_t source,
    uint32_t offset)
{
    uint32_t         count;
    gql_location_t  *locations;

    if (error == NULL || error->location_count >= GQL_ERROR_LOCATIONS_MAX) {
        return;
    }

    count = error->location_count;
    locations = base_arena_grow(errors->arena, error->locations,
                                count * sizeof(gql_location_t),
                                (count + 1) * sizeof(gql_location_t));
    if (locations == NULL) {
        errors->nomem = true;
        return;
    }

    locations[count] = gql_source_location(source, offset);
    error->locations = locations;
    error->location_count = count + 1;
}


gql_error_t *
gql_report(const gql_report_t *report, uint32_t offset, const char *fmt, ...)
{
    va_list       args;
    gql_error_t  *error;

    va_start(args, fmt);
    error = gql_errors_vaddf(report->errors, report->code, fmt, args);
    va_end(args);

    if (error != NULL) {
        error->file = report->file;
    }

    gql_report_also(report, error, offset);
    return error;
}


void
gql_report_also(const gql_report_t *report, gql_error_t *error,
    uint32_t offset)
{
    gql_error_locate(report->errors, error, report->source, offset);
}


bool
gql_report_full(const gql_report_t *report)
{
    return report->errors->count >= report->errors->max;
}
