/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Any bytes as the address of a Redis server.  An address that is read, written
 * as a URI again, is read as the same one; one that is refused must say why and
 * leave the caller's as it was.
 */

#include "base/buf.h"
#include "redis/link.h"

#include "fuzz.h"


static bool
address_has(base_str_t s, char c)
{
    return s.len > 0 && memchr(s.data, c, s.len) != NULL;
}


/* Strings go to getaddrinfo(3), connect(2) and hiredis as they are. */
static bool
address_ended(base_str_t s)
{
    return s.data == NULL ? s.len == 0 : s.data[s.len] == '\0';
}


static bool
address_equal(const rds_address_t *a, const rds_address_t *b)
{
    return base_str_eq(a->host, b->host)
           && a->port == b->port
           && base_str_eq(a->unix_path, b->unix_path)
           && base_str_eq(a->user, b->user)
           && base_str_eq(a->password, b->password)
           && a->db == b->db;
}


static void
address_encode(base_buf_t *buf, base_str_t s)
{
    size_t  i;

    for (i = 0; i < s.len; i++) {
        base_buf_printf(buf, "%%%02X", (unsigned char) s.data[i]);
    }
}


static void
address_write(base_buf_t *buf, const rds_address_t *address)
{
    bool  bracketed;

    if (address->host.len == 0) {
        base_buf_add_lit(buf, "unix:");
        base_buf_add_str(buf, address->unix_path);
        base_buf_add_lit(buf, "?user=");
        address_encode(buf, address->user);
        base_buf_add_lit(buf, "&password=");
        address_encode(buf, address->password);
        base_buf_printf(buf, "&db=%u", address->db);
        return;
    }

    bracketed = address_has(address->host, ':');

    base_buf_add_lit(buf, "redis://");
    address_encode(buf, address->user);
    base_buf_add_char(buf, ':');
    address_encode(buf, address->password);
    base_buf_add_char(buf, '@');
    base_buf_add_str(buf, bracketed ? BASE_STR("[") : BASE_STR(""));
    base_buf_add_str(buf, address->host);
    base_buf_add_str(buf, bracketed ? BASE_STR("]") : BASE_STR(""));
    base_buf_printf(buf, ":%u/%u", address->port, address->db);
}


static void
check_address(base_arena_t *arena, const rds_address_t *address)
{
    base_buf_t      buf;
    const char     *reason;
    rds_address_t   again;

    check((address->host.len == 0) != (address->unix_path.len == 0));
    check(address->port != 0);
    check(address_ended(address->host) && address_ended(address->unix_path));
    check(!address_has(address->host, '\0'));
    check(!address_has(address->unix_path, '\0'));

    base_buf_init(&buf, arena, SIZE_MAX);
    address_write(&buf, address);
    check(!buf.failed);
    check(rds_address_parse(arena, base_buf_str(&buf), &again, &reason));
    check(address_equal(address, &again));
}


/* The same with the n-th allocation failing: refused, or not needed. */
static void
check_no_memory(base_str_t text, const rds_address_t *address, int64_t n)
{
    const char     *reason = NULL;
    base_arena_t    arena;
    rds_address_t   again;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    base_arena_fail_after(&arena, n);

    if (rds_address_parse(&arena, text, &again, &reason)) {
        check(address_equal(address, &again));
    } else {
        check(reason != NULL);
    }

    base_arena_deinit(&arena);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    base_str_t      text = base_str((const char *) data, size);
    const char     *reason = NULL;
    base_arena_t    arena;
    rds_address_t   address = { .port = 1, .db = 2 };

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);

    if (rds_address_parse(&arena, text, &address, &reason)) {
        check_address(&arena, &address);
        check_no_memory(text, &address, (int64_t) (size % 4 + 1));
    } else {
        check(reason != NULL && reason[0] != '\0');
        check(address.port == 1 && address.db == 2
              && address.host.data == NULL && address.unix_path.data == NULL
              && address.user.data == NULL && address.password.data == NULL);
    }

    base_arena_deinit(&arena);

    return 0;
}
