/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Addresses of servers:
 *
 *   redis://[user[:password]@]host[:port][/db]
 *   redis://:password@host
 *   unix:path[?db=N][&user=...][&password=...]
 *
 * The first is a URI (RFC 3986); "redis://secret@host" has a user and no
 * password, as the registered scheme says.
 */

#include "redis/link.h"

#include <sys/un.h>


#define RDS_PORT_DEFAULT     6379
#define RDS_HOST_BYTES_MAX   255
#define RDS_DB_MAX           INT32_MAX
/* hiredis 0.14 does not end a longer path (redisContextConnectUnix). */
#define RDS_PATH_BYTES_MAX   (sizeof(((struct sockaddr_un *) 0)->sun_path) - 2)


typedef struct {
    base_str_t  name;
    bool      (*set)(base_arena_t *arena, base_str_t value,
                    rds_address_t *address, const char **reason);
} rds_parameter_t;


static bool rds_address_uri(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_unix(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_query(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_userinfo(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_host(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_bracketed(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_copy_host(base_arena_t *arena, base_str_t host,
    const char *allowed, rds_address_t *address, const char **reason);
static bool rds_address_port(base_str_t text, rds_address_t *address,
    const char **reason);
static bool rds_address_db(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_user(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_password(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason);
static bool rds_address_decode(base_arena_t *arena, base_str_t text,
    base_str_t *decoded, const char **reason);
static bool rds_address_number(base_str_t text, uint32_t max, uint32_t *value);
static int rds_address_hex(char c);
static bool rds_address_split(base_str_t text, char c, base_str_t *before,
    base_str_t *after);
static bool rds_address_fail(const char **reason, const char *text);


static const rds_parameter_t  rds_parameters[] = {
    { BASE_STR_INIT("db"),        rds_address_db },
    { BASE_STR_INIT("user"),      rds_address_user },
    { BASE_STR_INIT("password"),  rds_address_password }
};

static const char  rds_reg_name[] =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";
static const char  rds_ipv6[] = "0123456789abcdefABCDEF:.";


bool
rds_address_parse(base_arena_t *arena, base_str_t text, rds_address_t *address,
    const char **reason)
{
    rds_address_t     parsed = { .port = RDS_PORT_DEFAULT };
    const base_str_t  uri = BASE_STR_INIT("redis://");
    const base_str_t  unix_prefix = BASE_STR_INIT("unix:");
    bool              fine;

    if (base_str_starts(text, uri)) {
        fine = rds_address_uri(arena, base_str(text.data + uri.len,
                                               text.len - uri.len),
                               &parsed, reason);

    } else if (base_str_starts(text, unix_prefix)) {
        fine = rds_address_unix(arena, base_str(text.data + unix_prefix.len,
                                                text.len - unix_prefix.len),
                                &parsed, reason);

    } else if (base_str_starts(text, BASE_STR("rediss:"))) {
        return rds_address_fail(reason, "TLS to Redis (rediss://) is not"
                                " supported; use a tunnel");

    } else {
        return rds_address_fail(reason, "expected redis://host[:port][/db] or"
                                " unix:path");
    }

    if (fine) {
        *address = parsed;
    }

    return fine;
}


static bool
rds_address_uri(base_arena_t *arena, base_str_t text, rds_address_t *address,
    const char **reason)
{
    size_t      i;
    base_str_t  authority, path, userinfo;

    if (memchr(text.data, '?', text.len) != NULL
        || memchr(text.data, '#', text.len) != NULL)
    {
        return rds_address_fail(reason, "a query or fragment is not expected:"
                                " the database comes after a slash");
    }

    if (rds_address_split(text, '/', &authority, &path)
        && path.len > 0
        && !rds_address_db(arena, path, address, reason))
    {
        return false;
    }

    /* A password may hold an '@' though it should be %40: the last counts. */
    for (i = authority.len; i > 0; i--) {
        if (authority.data[i - 1] != '@') {
            continue;
        }

        userinfo = base_str(authority.data, i - 1);
        if (!rds_address_userinfo(arena, userinfo, address, reason)) {
            return false;
        }

        authority = base_str(authority.data + i, authority.len - i);
        break;
    }

    return rds_address_host(arena, authority, address, reason);
}


static bool
rds_address_unix(base_arena_t *arena, base_str_t text, rds_address_t *address,
    const char **reason)
{
    base_str_t  path, query;

    if (rds_address_split(text, '?', &path, &query)
        && !rds_address_query(arena, query, address, reason))
    {
        return false;
    }

    if (path.len == 0) {
        return rds_address_fail(reason, "the path of the socket is missing");
    }

    if (path.len > RDS_PATH_BYTES_MAX) {
        return rds_address_fail(reason, "the path of the socket is too long");
    }

    if (memchr(path.data, '\0', path.len) != NULL) {
        return rds_address_fail(reason, "there is a NUL in the path");
    }

    if (!base_arena_str(arena, path, &address->unix_path)) {
        return rds_address_fail(reason, "out of memory");
    }

    return true;
}


static bool
rds_address_query(base_arena_t *arena, base_str_t text, rds_address_t *address,
    const char **reason)
{
    size_t      i;
    base_str_t  parameter, name, value;
    const size_t  count = sizeof(rds_parameters) / sizeof(rds_parameters[0]);

    do {
        (void) rds_address_split(text, '&', &parameter, &text);
        (void) rds_address_split(parameter, '=', &name, &value);

        for (i = 0; i < count; i++) {
            if (base_str_eq(name, rds_parameters[i].name)) {
                break;
            }
        }

        if (i == count) {
            return rds_address_fail(reason, "the parameters of a socket's path"
                                    " are db, user and password");
        }

        if (!rds_parameters[i].set(arena, value, address, reason)) {
            return false;
        }
    } while (text.len > 0);

    return true;
}


static bool
rds_address_userinfo(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason)
{
    base_str_t  user, password;

    (void) rds_address_split(text, ':', &user, &password);

    return rds_address_user(arena, user, address, reason)
           && rds_address_password(arena, password, address, reason);
}


static bool
rds_address_host(base_arena_t *arena, base_str_t text, rds_address_t *address,
    const char **reason)
{
    base_str_t  host, port;

    if (text.len > 0 && text.data[0] == '[') {
        return rds_address_bracketed(arena, text, address, reason);
    }

    if (rds_address_split(text, ':', &host, &port)
        && !rds_address_port(port, address, reason))
    {
        return false;
    }

    return rds_address_copy_host(arena, host, rds_reg_name, address, reason);
}


static bool
rds_address_bracketed(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason)
{
    base_str_t  host, port;

    text = base_str(text.data + 1, text.len - 1);

    if (!rds_address_split(text, ']', &host, &port)) {
        return rds_address_fail(reason, "the closing bracket is missing");
    }

    if (port.len > 0) {
        if (port.data[0] != ':') {
            return rds_address_fail(reason, "after the bracket a colon and the"
                                    " port are expected");
        }

        port = base_str(port.data + 1, port.len - 1);
        if (!rds_address_port(port, address, reason)) {
            return false;
        }
    }

    return rds_address_copy_host(arena, host, rds_ipv6, address, reason);
}


static bool
rds_address_copy_host(base_arena_t *arena, base_str_t host,
    const char *allowed, rds_address_t *address, const char **reason)
{
    size_t  i;

    if (host.len == 0) {
        return rds_address_fail(reason, "the host is missing");
    }

    if (host.len > RDS_HOST_BYTES_MAX) {
        return rds_address_fail(reason, "the host is too long");
    }

    for (i = 0; i < host.len; i++) {
        if (host.data[i] == '\0' || strchr(allowed, host.data[i]) == NULL) {
            return rds_address_fail(reason, "the host is no name, IPv4 or"
                                    " [IPv6] address");
        }
    }

    if (!base_arena_str(arena, host, &address->host)) {
        return rds_address_fail(reason, "out of memory");
    }

    return true;
}


static bool
rds_address_port(base_str_t text, rds_address_t *address, const char **reason)
{
    uint32_t  port;

    if (!rds_address_number(text, UINT16_MAX, &port) || port == 0) {
        return rds_address_fail(reason, "the port is no number from 1 to"
                                " 65535");
    }

    address->port = (uint16_t) port;
    return true;
}


static bool
rds_address_db(base_arena_t *arena, base_str_t text, rds_address_t *address,
    const char **reason)
{
    (void) arena;

    if (!rds_address_number(text, RDS_DB_MAX, &address->db)) {
        return rds_address_fail(reason, "the database is no number");
    }

    return true;
}


static bool
rds_address_user(base_arena_t *arena, base_str_t text, rds_address_t *address,
    const char **reason)
{
    return rds_address_decode(arena, text, &address->user, reason);
}


static bool
rds_address_password(base_arena_t *arena, base_str_t text,
    rds_address_t *address, const char **reason)
{
    return rds_address_decode(arena, text, &address->password, reason);
}


/* Percent-Encoding of RFC 3986. */
static bool
rds_address_decode(base_arena_t *arena, base_str_t text, base_str_t *decoded,
    const char **reason)
{
    int     high, low;
    char   *out;
    size_t  i, n = 0;

    out = base_arena_alloc(arena, text.len + 1);
    if (out == NULL) {
        return rds_address_fail(reason, "out of memory");
    }

    for (i = 0; i < text.len; i++) {
        if (text.data[i] != '%') {
            out[n++] = text.data[i];
            continue;
        }

        high = i + 2 < text.len ? rds_address_hex(text.data[i + 1]) : -1;
        low = i + 2 < text.len ? rds_address_hex(text.data[i + 2]) : -1;
        if (high < 0 || low < 0) {
            return rds_address_fail(reason, "after % two hexadecimal digits"
                                    " are expected");
        }

        out[n++] = (char) (high * 16 + low);
        i += 2;
    }

    out[n] = '\0';
    *decoded = base_str(out, n);
    return true;
}


static bool
rds_address_number(base_str_t text, uint32_t max, uint32_t *value)
{
    size_t    i;
    uint64_t  n = 0;

    if (text.len == 0) {
        return false;
    }

    for (i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }

        n = n * 10 + (uint64_t) (text.data[i] - '0');
        if (n > max) {
            return false;
        }
    }

    *value = (uint32_t) n;
    return true;
}


static int
rds_address_hex(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


/* Splits at the first c; without one, before is all and after is empty. */
static bool
rds_address_split(base_str_t text, char c, base_str_t *before,
    base_str_t *after)
{
    const char  *p = NULL;
    base_str_t   whole = text;

    if (whole.len > 0) {
        p = memchr(whole.data, c, whole.len);
    }

    if (p == NULL) {
        *before = whole;
        *after = base_str(NULL, 0);
        return false;
    }

    *before = base_str(whole.data, (size_t) (p - whole.data));
    *after = base_str(p + 1, whole.len - before->len - 1);
    return true;
}


static bool
rds_address_fail(const char **reason, const char *text)
{
    *reason = text;
    return false;
}
