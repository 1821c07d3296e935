/* SPDX-License-Identifier: BSD-2-Clause */

#include "redis/link_internal.h"
#include "tap.h"


static const struct {
    const char  *args[5];
    const char  *bytes;
} cases[] = {
    { { "PING" }, "*1\r\n$4\r\nPING\r\n" },
    { { "GET", "" }, "*2\r\n$3\r\nGET\r\n$0\r\n\r\n" },
    { { "SET", "a b", "\r\n" },
      "*3\r\n$3\r\nSET\r\n$3\r\na b\r\n$2\r\n\r\n\r\n" },
    { { "ECHO", "123456789" }, "*2\r\n$4\r\nECHO\r\n$9\r\n123456789\r\n" },
    { { "ECHO", "1234567890" }, "*2\r\n$4\r\nECHO\r\n$10\r\n1234567890\r\n" }
};

static const struct {
    const char  *name;
    bool         pushes;
} names[] = {
    { "SUBSCRIBE", true },     { "subscribe", true },
    { "PSUBSCRIBE", true },    { "SSUBSCRIBE", true },
    { "UNSUBSCRIBE", true },   { "PUNSUBSCRIBE", true },
    { "SUNSUBSCRIBE", true },  { "Monitor", true },
    { "PUBLISH", false },      { "HGETALL", false },
    { "GET", false },          { "", false },
    { "SUBSCRIBER", false },   { "MONITORS", false }
};


static void
test_encode(size_t i)
{
    size_t      argc;
    base_buf_t  buf;
    base_str_t  argv[5];

    for (argc = 0; cases[i].args[argc] != NULL; argc++) {
        argv[argc] = base_str_c(cases[i].args[argc]);
    }

    base_buf_init(&buf, NULL, SIZE_MAX);
    base_buf_add_lit(&buf, "before ");
    ok(rds_command_encode(&buf, argv, argc), "%s is encoded",
       cases[i].args[0]);
    is_str(base_str(buf.data + 7, buf.len - 7), base_str_c(cases[i].bytes),
           "behind what was there");
    base_buf_deinit(&buf);
}


static void
test_many_arguments(void)
{
    enum { MANY = 12345 };

    size_t             i;
    base_buf_t         buf;
    static base_str_t  argv[MANY];

    for (i = 0; i < MANY; i++) {
        argv[i] = BASE_STR("x");
    }

    base_buf_init(&buf, NULL, SIZE_MAX);
    ok(rds_command_encode(&buf, argv, MANY), "many arguments are encoded");
    ok(base_str_starts(base_buf_str(&buf), BASE_STR("*12345\r\n$1\r\nx\r\n")),
       "their number in decimals");
    is_int((int64_t) buf.len, 8 + 7 * MANY, "and all of them");
    base_buf_deinit(&buf);
}


static void
test_limits(void)
{
    /* what a command of these two arguments takes at most */
    const size_t  frame = 25 * 3 + 4;
    char         *bytes;
    base_buf_t    buf;
    base_str_t    argv[] = { BASE_STR_INIT("ECHO"), { NULL, 0 } };

    bytes = calloc(1, RDS_COMMAND_BYTES_MAX);
    base_buf_init(&buf, NULL, SIZE_MAX);

    argv[1] = base_str(bytes, RDS_COMMAND_BYTES_MAX - frame);
    ok(rds_command_encode(&buf, argv, 2), "a command at the limit");
    base_buf_clear(&buf);

    argv[1].len++;
    ok(!rds_command_encode(&buf, argv, 2) && buf.len == 0,
       "a command one byte longer is refused, and nothing is written");

    argv[1].len = SIZE_MAX - 10;
    ok(!rds_command_encode(&buf, argv, 2), "a length that would wrap, too");
    base_buf_deinit(&buf);

    base_buf_init(&buf, NULL, 16);
    argv[1].len = 100;
    ok(!rds_command_encode(&buf, argv, 2), "and one that finds no memory");
    base_buf_deinit(&buf);
    free(bytes);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_encode(i);
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        ok(rds_command_pushes(base_str_c(names[i].name)) == names[i].pushes,
           "\"%s\" is known for what it is", names[i].name);
    }

    test_many_arguments();
    test_limits();

    return done_testing();
}
