/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * Reading replies.  Redis' error replies are "-CODE text"; the code is the
 * first word in capitals, and "ERR" where there is no better one.  A few
 * errors that matter have only ever had the code ERR: those are known by their
 * text.
 */

#include "redis/link.h"


typedef struct {
    base_str_t        prefix;       /* whole words */
    rds_error_kind_t  kind;
} rds_error_row_t;


static const rds_error_row_t  rds_errors[] = {
    { BASE_STR_INIT("LOADING"),      RDS_ERROR_BUSY },
    { BASE_STR_INIT("BUSY"),         RDS_ERROR_BUSY },
    { BASE_STR_INIT("MASTERDOWN"),   RDS_ERROR_BUSY },
    { BASE_STR_INIT("TRYAGAIN"),     RDS_ERROR_BUSY },
    { BASE_STR_INIT("UNBLOCKED"),    RDS_ERROR_BUSY },
    { BASE_STR_INIT("ERR max number of clients"), RDS_ERROR_BUSY },

    { BASE_STR_INIT("OOM"),          RDS_ERROR_FULL },

    { BASE_STR_INIT("READONLY"),     RDS_ERROR_READONLY },
    { BASE_STR_INIT("MISCONF"),      RDS_ERROR_READONLY },
    { BASE_STR_INIT("NOREPLICAS"),   RDS_ERROR_READONLY },

    { BASE_STR_INIT("NOAUTH"),       RDS_ERROR_AUTH },
    { BASE_STR_INIT("WRONGPASS"),    RDS_ERROR_AUTH },
    { BASE_STR_INIT("NOPERM"),       RDS_ERROR_AUTH },
    { BASE_STR_INIT("DENIED"),       RDS_ERROR_AUTH },
    { BASE_STR_INIT("ERR invalid password"), RDS_ERROR_AUTH },
    { BASE_STR_INIT("ERR operation not permitted"), RDS_ERROR_AUTH },
    { BASE_STR_INIT("ERR Client sent AUTH,"), RDS_ERROR_AUTH },
    { BASE_STR_INIT("ERR AUTH"),     RDS_ERROR_AUTH },

    { BASE_STR_INIT("MOVED"),        RDS_ERROR_MOVED },
    { BASE_STR_INIT("ASK"),          RDS_ERROR_MOVED },
    { BASE_STR_INIT("CLUSTERDOWN"),  RDS_ERROR_MOVED },
    { BASE_STR_INIT("CROSSSLOT"),    RDS_ERROR_MOVED },

    { BASE_STR_INIT("EXECABORT"),    RDS_ERROR_ABORTED }
};


bool
rds_reply_is_error(const rds_reply_t *reply)
{
    return reply != NULL && reply->type == REDIS_REPLY_ERROR;
}


base_str_t
rds_reply_error_code(const rds_reply_t *reply)
{
    size_t  n = 0;

    if (!rds_reply_is_error(reply)) {
        return base_str(NULL, 0);
    }

    while (n < reply->len && reply->str[n] != ' ') {
        n++;
    }

    return base_str(reply->str, n);
}


base_str_t
rds_reply_str(const rds_reply_t *reply)
{
    if (reply == NULL
        || (reply->type != REDIS_REPLY_STRING
            && reply->type != REDIS_REPLY_STATUS
            && reply->type != REDIS_REPLY_ERROR))
    {
        return base_str(NULL, 0);
    }

    return base_str(reply->str, reply->len);
}


bool
rds_reply_int(const rds_reply_t *reply, int64_t *value)
{
    if (reply == NULL || reply->type != REDIS_REPLY_INTEGER) {
        return false;
    }

    *value = reply->integer;
    return true;
}


const rds_reply_t *
rds_reply_at(const rds_reply_t *reply, size_t i)
{
    if (reply == NULL || reply->type != REDIS_REPLY_ARRAY
        || i >= reply->elements)
    {
        return NULL;
    }

    return reply->element[i];
}


rds_error_kind_t
rds_reply_error_kind(const rds_reply_t *reply)
{
    size_t      i;
    base_str_t  text, prefix;

    if (!rds_reply_is_error(reply)) {
        return RDS_ERROR_NONE;
    }

    text = rds_reply_str(reply);

    for (i = 0; i < sizeof(rds_errors) / sizeof(rds_errors[0]); i++) {
        prefix = rds_errors[i].prefix;

        if (base_str_starts(text, prefix)
            && (text.len == prefix.len || text.data[prefix.len] == ' '))
        {
            return rds_errors[i].kind;
        }
    }

    return RDS_ERROR_OTHER;
}
