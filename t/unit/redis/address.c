/* SPDX-License-Identifier: BSD-2-Clause */

#include "redis/link.h"
#include "tap.h"


static const struct {
    const char  *text;
    const char  *host;
    const char  *path;
    const char  *user;
    const char  *password;
    uint16_t     port;
    uint32_t     db;
} good[] = {
    { "redis://127.0.0.1", "127.0.0.1", "", "", "", 6379, 0 },
    { "redis://localhost/", "localhost", "", "", "", 6379, 0 },
    { "redis://cache-1.example.org:6380/3", "cache-1.example.org", "", "", "",
      6380, 3 },
    { "redis://h:65535", "h", "", "", "", 65535, 0 },
    { "redis://h:1/2147483647", "h", "", "", "", 1, 2147483647 },
    { "redis://:secret@h", "h", "", "", "secret", 6379, 0 },
    { "redis://me@h", "h", "", "me", "", 6379, 0 },
    { "redis://me:secret@h:7/1", "h", "", "me", "secret", 7, 1 },
    { "redis://me:a%40b%3A%2F%25@h", "h", "", "me", "a@b:/%", 6379, 0 },
    { "redis://m%65:%7e@h", "h", "", "me", "~", 6379, 0 },
    { "redis://me:a@b:c@h", "h", "", "me", "a@b:c", 6379, 0 },
    { "redis://@h", "h", "", "", "", 6379, 0 },
    { "redis://:@h", "h", "", "", "", 6379, 0 },
    { "redis://[::1]", "::1", "", "", "", 6379, 0 },
    { "redis://:x@[fe80::1]:7000/2", "fe80::1", "", "", "x", 7000, 2 },
    { "unix:/run/redis.sock", "", "/run/redis.sock", "", "", 6379, 0 },
    { "unix:relative.sock", "", "relative.sock", "", "", 6379, 0 },
    { "unix:/r?db=5", "", "/r", "", "", 6379, 5 },
    { "unix:/r?user=me&password=a%26b&db=1", "", "/r", "me", "a&b", 6379, 1 }
};

static const struct {
    const char  *text;
    const char  *reason;
} bad[] = {
    { "", "expected redis://host[:port][/db] or unix:path" },
    { "127.0.0.1:6379", "expected redis://host[:port][/db] or unix:path" },
    { "http://h", "expected redis://host[:port][/db] or unix:path" },
    { "REDIS://h", "expected redis://host[:port][/db] or unix:path" },
    { "rediss://h",
      "TLS to Redis (rediss://) is not supported; use a tunnel" },
    { "redis://", "the host is missing" },
    { "redis:///0", "the host is missing" },
    { "redis://:secret@", "the host is missing" },
    { "redis://[]", "the host is missing" },
    { "redis://[::1", "the closing bracket is missing" },
    { "redis://[::1]x",
      "after the bracket a colon and the port are expected" },
    { "redis://[::1]:", "the port is no number from 1 to 65535" },
    { "redis://h:", "the port is no number from 1 to 65535" },
    { "redis://h:0", "the port is no number from 1 to 65535" },
    { "redis://h:65536", "the port is no number from 1 to 65535" },
    { "redis://h:99999999999999999999", "the port is no number from 1 to"
      " 65535" },
    { "redis://h:6379x", "the port is no number from 1 to 65535" },
    { "redis://::1", "the port is no number from 1 to 65535" },
    { "redis://a b", "the host is no name, IPv4 or [IPv6] address" },
    { "redis://h%41", "the host is no name, IPv4 or [IPv6] address" },
    { "redis://[::g]", "the host is no name, IPv4 or [IPv6] address" },
    { "redis://h/x", "the database is no number" },
    { "redis://h/-1", "the database is no number" },
    { "redis://h/1/2", "the database is no number" },
    { "redis://h/2147483648", "the database is no number" },
    { "redis://h?db=1",
      "a query or fragment is not expected: the database comes after a"
      " slash" },
    { "redis://h/1#x",
      "a query or fragment is not expected: the database comes after a"
      " slash" },
    { "redis://a%4@h", "after % two hexadecimal digits are expected" },
    { "redis://a%4g@h", "after % two hexadecimal digits are expected" },
    { "redis://:%@h", "after % two hexadecimal digits are expected" },
    { "unix:", "the path of the socket is missing" },
    { "unix:?db=1", "the path of the socket is missing" },
    { "unix:/r?", "the parameters of a socket's path are db, user and"
      " password" },
    { "unix:/r?dbx=1", "the parameters of a socket's path are db, user and"
      " password" },
    { "unix:/r?db=", "the database is no number" },
    { "unix:/r?db", "the database is no number" }
};


static void
test_good(size_t i)
{
    const char     *reason = NULL;
    base_arena_t    arena;
    rds_address_t   address = { 0 };

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    ok(rds_address_parse(&arena, base_str_c(good[i].text), &address, &reason),
       "%s is an address", good[i].text);
    is_str(address.host, base_str_c(good[i].host), "its host");
    is_str(address.unix_path, base_str_c(good[i].path), "its path");
    is_str(address.user, base_str_c(good[i].user), "its user");
    is_str(address.password, base_str_c(good[i].password), "its password");
    is_int(address.port, good[i].port, "its port");
    is_int(address.db, good[i].db, "its database");
    base_arena_deinit(&arena);
}


static void
test_bad(const char *text, size_t len, const char *expected)
{
    const char     *reason = NULL;
    base_arena_t    arena;
    rds_address_t   address = { .port = 7 };

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    ok(!rds_address_parse(&arena, base_str(text, len), &address, &reason),
       "%.*s is no address", (int) len, text);
    is_str(base_str_c(reason), base_str_c(expected), "and it is told why");
    is_int(address.port, 7, "the caller's address is untouched");
    base_arena_deinit(&arena);
}


static void
test_limits(void)
{
    char            text[512] = "unix:";
    const char     *reason = NULL;
    base_arena_t    arena;
    rds_address_t   address;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    memset(text + 5, 'p', sizeof(text) - 5);
    ok(rds_address_parse(&arena, base_str(text, 5 + 106), &address, &reason),
       "a path of 106 bytes fits a socket's address");
    test_bad(text, 5 + 107, "the path of the socket is too long");

    memcpy(text, "redis://", 8);
    ok(rds_address_parse(&arena, base_str(text, 8 + 255), &address, &reason),
       "a host has up to 255 bytes");
    test_bad(text, 8 + 256, "the host is too long");
    test_bad("redis://a\0b", 11, "the host is no name, IPv4 or [IPv6] address");
    test_bad("unix:a\0b", 8, "there is a NUL in the path");
    base_arena_deinit(&arena);
}


/* The n-th allocation fails, for n = 1 until it passes. */
static void
test_out_of_memory(void)
{
    bool             passed = false;
    int64_t          n;
    const char      *reason;
    base_arena_t     arena;
    rds_address_t    address;
    const base_str_t text = BASE_STR_INIT("redis://me:secret@host");

    for (n = 1; !passed; n++) {
        reason = NULL;
        base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
        base_arena_fail_after(&arena, n);
        passed = rds_address_parse(&arena, text, &address, &reason);
        if (!passed) {
            is_str(base_str_c(reason), BASE_STR("out of memory"),
                   "no memory is a reason");
        }
        base_arena_deinit(&arena);
    }

    is_int(n, 5, "user, password and host take memory");
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        test_good(i);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        test_bad(bad[i].text, strlen(bad[i].text), bad[i].reason);
    }

    test_limits();
    test_out_of_memory();

    return done_testing();
}
