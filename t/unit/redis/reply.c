/* SPDX-License-Identifier: BSD-2-Clause */

#include "redis/link.h"
#include "tap.h"


/* Every row of the table of error codes, and what only looks like one. */
static const struct {
    const char        *text;
    const char        *code;
    rds_error_kind_t   kind;
} errors[] = {
    { "LOADING Redis is loading the dataset in memory", "LOADING",
      RDS_ERROR_BUSY },
    { "BUSY Redis is busy running a script.", "BUSY", RDS_ERROR_BUSY },
    { "MASTERDOWN Link with MASTER is down", "MASTERDOWN", RDS_ERROR_BUSY },
    { "TRYAGAIN Multiple keys request during rehashing of slot", "TRYAGAIN",
      RDS_ERROR_BUSY },
    { "UNBLOCKED force unblock from blocking operation", "UNBLOCKED",
      RDS_ERROR_BUSY },
    { "ERR max number of clients reached", "ERR", RDS_ERROR_BUSY },
    { "OOM command not allowed when used memory > 'maxmemory'.", "OOM",
      RDS_ERROR_FULL },
    { "READONLY You can't write against a read only replica.", "READONLY",
      RDS_ERROR_READONLY },
    { "MISCONF Redis is configured to save RDB snapshots", "MISCONF",
      RDS_ERROR_READONLY },
    { "NOREPLICAS Not enough good replicas to write.", "NOREPLICAS",
      RDS_ERROR_READONLY },
    { "NOAUTH Authentication required.", "NOAUTH", RDS_ERROR_AUTH },
    { "WRONGPASS invalid username-password pair", "WRONGPASS",
      RDS_ERROR_AUTH },
    { "NOPERM this user has no permissions", "NOPERM", RDS_ERROR_AUTH },
    { "DENIED Redis is running in protected mode", "DENIED", RDS_ERROR_AUTH },
    { "ERR invalid password", "ERR", RDS_ERROR_AUTH },
    { "ERR operation not permitted", "ERR", RDS_ERROR_AUTH },
    { "ERR Client sent AUTH, but no password is set", "ERR", RDS_ERROR_AUTH },
    { "ERR AUTH <password> called without any password configured", "ERR",
      RDS_ERROR_AUTH },
    { "MOVED 3999 127.0.0.1:6381", "MOVED", RDS_ERROR_MOVED },
    { "ASK 3999 127.0.0.1:6381", "ASK", RDS_ERROR_MOVED },
    { "CLUSTERDOWN The cluster is down", "CLUSTERDOWN", RDS_ERROR_MOVED },
    { "CROSSSLOT Keys in request don't hash to the same slot", "CROSSSLOT",
      RDS_ERROR_MOVED },
    { "EXECABORT Transaction discarded because of previous errors.",
      "EXECABORT", RDS_ERROR_ABORTED },
    { "WRONGTYPE Operation against a key", "WRONGTYPE", RDS_ERROR_OTHER },
    { "ERR unknown command 'X'", "ERR", RDS_ERROR_OTHER },
    { "BUSYKEY Target key name already exists.", "BUSYKEY", RDS_ERROR_OTHER },
    { "BUSYGROUP Consumer Group name already exists", "BUSYGROUP",
      RDS_ERROR_OTHER },
    { "OOM", "OOM", RDS_ERROR_FULL },
    { "OO", "OO", RDS_ERROR_OTHER },
    { "", "", RDS_ERROR_OTHER }
};


static rds_reply_t
reply_text(int type, const char *text)
{
    rds_reply_t  reply = { 0 };

    reply.type = type;
    reply.str = (char *) (uintptr_t) text;
    reply.len = strlen(text);

    return reply;
}


static void
test_errors(void)
{
    size_t       i;
    rds_reply_t  reply;

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        reply = reply_text(REDIS_REPLY_ERROR, errors[i].text);
        ok(rds_reply_is_error(&reply), "\"%s\" is an error", errors[i].text);
        is_str(rds_reply_error_code(&reply), base_str_c(errors[i].code),
               "its code");
        is_int(rds_reply_error_kind(&reply), errors[i].kind, "its kind");
        is_str(rds_reply_str(&reply), base_str_c(errors[i].text), "its text");
    }

    reply = reply_text(REDIS_REPLY_STATUS, "OOM not an error");
    ok(!rds_reply_is_error(&reply), "a status is no error");
    is_int(rds_reply_error_kind(&reply), RDS_ERROR_NONE, "of no kind");
    is_int((int64_t) rds_reply_error_code(&reply).len, 0, "without a code");
}


static void
test_types(void)
{
    int64_t       n = 5;
    rds_reply_t   text = reply_text(REDIS_REPLY_STRING, "text");
    rds_reply_t   nil = { .type = REDIS_REPLY_NIL };
    rds_reply_t   integer = { .type = REDIS_REPLY_INTEGER, .integer = -7 };
    rds_reply_t  *elements[] = { &text, &nil };
    rds_reply_t   array = { .type = REDIS_REPLY_ARRAY, .elements = 2,
                            .element = elements };

    is_str(rds_reply_str(&text), BASE_STR("text"), "the text of a string");
    is_int((int64_t) rds_reply_str(&nil).len, 0, "nil has no text");
    is_int((int64_t) rds_reply_str(&integer).len, 0, "an integer has none");
    is_int((int64_t) rds_reply_str(NULL).len, 0, "no reply has none");

    ok(!rds_reply_int(&text, &n) && !rds_reply_int(NULL, &n) && n == 5,
       "text is no integer, and what is not there neither");
    ok(rds_reply_int(&integer, &n) && n == -7, "an integer is");

    ok(rds_reply_at(&array, 0) == &text && rds_reply_at(&array, 1) == &nil,
       "the elements of an array");
    ok(rds_reply_at(&array, 2) == NULL, "there is none behind the last");
    ok(rds_reply_at(&text, 0) == NULL && rds_reply_at(NULL, 0) == NULL,
       "what is no array has none");
    ok(!rds_reply_is_error(NULL), "no reply is no error");
}


int
main(void)
{
    test_errors();
    test_types();

    return done_testing();
}
