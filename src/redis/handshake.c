/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * What is said on a new connection, in one write, before the first command:
 *
 *   AUTH [user] password      if the address has a user or a password
 *   SELECT db                 if it is not 0
 *   CLIENT SETNAME name       if there is one; a refusal does no harm
 *   PING                      always
 *
 * PING tells whether commands are obeyed at all: a server that is loading its
 * data, wants a password or is a replica without its master accepts some of
 * the others, but not PING.  A user who may do other things, though not PING
 * (NOPERM), is past all that.
 *
 * The reason of a refusal is for the log: it says what to configure.  The text
 * of AUTH's errors is left out, because an old server repeats the arguments.
 */

#include "redis/link_internal.h"


#define RDS_STEP_ARGS_MAX  3


typedef struct {
    const char  *name;
    size_t     (*args)(const rds_link_t *link, base_str_t *argv);
    const char  *advice;            /* NULL: a refusal does no harm */
    bool         secret;            /* the error's text is not shown */
} rds_step_t;


typedef struct {
    const char  *code;
    const char  *advice;
} rds_advice_t;


static size_t rds_step_auth(const rds_link_t *link, base_str_t *argv);
static size_t rds_step_select(const rds_link_t *link, base_str_t *argv);
static size_t rds_step_name(const rds_link_t *link, base_str_t *argv);
static size_t rds_step_ping(const rds_link_t *link, base_str_t *argv);
static bool rds_step_failed(const rds_step_t *step, const rds_reply_t *reply);
static const char *rds_advice_find(const rds_step_t *step,
    const rds_reply_t *reply);


static const rds_step_t  rds_steps[RDS_HANDSHAKE_STEPS_MAX] = {
    { "AUTH", rds_step_auth,
      "check the user and the password in the server's address", true },
    { "SELECT", rds_step_select,
      "check the database in the server's address", false },
    { "CLIENT SETNAME", rds_step_name, NULL, false },
    { "PING", rds_step_ping, "is it a Redis server?", false }
};


/* What is better than a step's own advice. */
static const rds_advice_t  rds_advices[] = {
    { "NOAUTH", "put its password into the server's address,"
                " redis://user:password@host" },
    { "WRONGPASS", "check the user and the password in the server's address" },
    { "ERR", NULL },
    { "NOPERM", "give the user the permission (ACL SETUSER)" },
    { "DENIED", "set a password at the server, or bind it to this host" },
    { "LOADING", "waiting until it has read its data" },
    { "MASTERDOWN", "waiting for its master" },
    { "BUSY", "a script is running there; waiting" }
};


void
rds_handshake_begin(rds_link_t *link)
{
    size_t      argc, from;
    uint8_t     i;
    base_str_t  argv[RDS_STEP_ARGS_MAX];

    link->step_count = 0;
    link->step_next = 0;

    for (i = 0; i < RDS_HANDSHAKE_STEPS_MAX; i++) {

        argc = rds_steps[i].args(link, argv);
        if (argc == 0) {
            continue;
        }

        from = link->output.len;
        if (!rds_command_encode(&link->output, argv, argc)) {
            rds_link_break(link, "out of memory");
            return;
        }

        rds_wire_appended(link, link->output.len - from);
        link->steps[link->step_count++] = i;
    }
}


void
rds_handshake_reply(rds_link_t *link, const rds_reply_t *reply)
{
    base_str_t         text;
    const char        *advice;
    const rds_step_t  *step = &rds_steps[link->steps[link->step_next++]];

    if (link->broken) {
        return;
    }

    if (rds_step_failed(step, reply)) {
        text = step->secret ? rds_reply_error_code(reply)
                            : rds_reply_str(reply);
        advice = rds_advice_find(step, reply);

        rds_link_break(link, "the server refused %s: %.*s%s%s", step->name,
                       BASE_STR_ARG(text), advice != NULL ? "; " : "",
                       advice != NULL ? advice : "");
        return;
    }

    link->greeted = !rds_handshake_waits(link);
}


static bool
rds_step_failed(const rds_step_t *step, const rds_reply_t *reply)
{
    rds_error_kind_t  kind = rds_reply_error_kind(reply);

    if (kind == RDS_ERROR_NONE) {
        return false;
    }

    if (base_str_eq_c(rds_reply_error_code(reply), "NOPERM")) {
        return step->args == rds_step_auth || step->args == rds_step_select;
    }

    if (step->advice == NULL) {
        /* "max number of clients" answers whatever comes first */
        return kind == RDS_ERROR_BUSY || kind == RDS_ERROR_AUTH;
    }

    return true;
}


static const char *
rds_advice_find(const rds_step_t *step, const rds_reply_t *reply)
{
    size_t      i;
    base_str_t  code = rds_reply_error_code(reply);

    if (!step->secret && rds_reply_error_kind(reply) == RDS_ERROR_BUSY
        && base_str_eq_c(code, "ERR"))
    {
        return "raise its maxclients";
    }

    for (i = 0; i < sizeof(rds_advices) / sizeof(rds_advices[0]); i++) {
        if (base_str_eq_c(code, rds_advices[i].code)
            && rds_advices[i].advice != NULL)
        {
            return rds_advices[i].advice;
        }
    }

    return step->advice;
}


static size_t
rds_step_auth(const rds_link_t *link, base_str_t *argv)
{
    const rds_address_t  *address = &link->options.address;

    if (address->user.len == 0 && address->password.len == 0) {
        return 0;
    }

    argv[0] = BASE_STR("AUTH");

    if (address->user.len == 0) {
        argv[1] = address->password;
        return 2;
    }

    argv[1] = address->user;
    argv[2] = address->password;
    return 3;
}


static size_t
rds_step_select(const rds_link_t *link, base_str_t *argv)
{
    if (link->options.address.db == 0) {
        return 0;
    }

    argv[0] = BASE_STR("SELECT");
    argv[1] = base_str(link->db_text, link->db_text_len);
    return 2;
}


static size_t
rds_step_name(const rds_link_t *link, base_str_t *argv)
{
    if (link->options.name.len == 0) {
        return 0;
    }

    argv[0] = BASE_STR("CLIENT");
    argv[1] = BASE_STR("SETNAME");
    argv[2] = link->options.name;
    return 3;
}


static size_t
rds_step_ping(const rds_link_t *link, base_str_t *argv)
{
    (void) link;
    argv[0] = BASE_STR("PING");
    return 1;
}
