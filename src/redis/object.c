/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The functions by which hiredis' reader builds a reply.  The objects are
 * redisReply, but they lie in the link's arena: one reply is alive at a time,
 * so it costs no malloc, and it is forgotten in one step after its function
 * has seen it.
 *
 * Here is also where a reply is refused, before hiredis sees it: a function
 * that returns NULL ends the connection.  That bounds what a server can make us
 * allocate (hiredis' CVE-2021-32765), keeps out RESP3, which was never asked
 * for, and a reply to no command.
 */

#include "redis/link_internal.h"


#if HIREDIS_MAJOR >= 1
typedef size_t  rds_elements_t;
#else
typedef int     rds_elements_t;
#endif


static void *rds_object_string(const redisReadTask *task, char *str,
    size_t len);
static void *rds_object_array(const redisReadTask *task,
    rds_elements_t elements);
static void *rds_object_integer(const redisReadTask *task, long long value);
static void *rds_object_nil(const redisReadTask *task);
static void rds_object_free(void *object);
static redisReply *rds_object_new(const redisReadTask *task);
static void *rds_object_refuse(const redisReadTask *task, const char *reason);

#if HIREDIS_MAJOR >= 1
static void *rds_object_double(const redisReadTask *task, double value,
    char *str, size_t len);
static void *rds_object_bool(const redisReadTask *task, int value);
#endif


redisReplyObjectFunctions  rds_object_functions = {
    .createString = rds_object_string,
    .createArray = rds_object_array,
    .createInteger = rds_object_integer,
    .createNil = rds_object_nil,
#if HIREDIS_MAJOR >= 1
    .createDouble = rds_object_double,
    .createBool = rds_object_bool,
#endif
    .freeObject = rds_object_free
};


static void *
rds_object_string(const redisReadTask *task, char *str, size_t len)
{
    rds_link_t  *link = task->privdata;
    redisReply  *object;

    if (task->type != REDIS_REPLY_STRING && task->type != REDIS_REPLY_STATUS
        && task->type != REDIS_REPLY_ERROR)
    {
        return rds_object_refuse(task, "a reply of an unknown type came");
    }

    if (len > RDS_STRING_BYTES_MAX) {
        return rds_object_refuse(task, "a string that is too long came");
    }

    if (link->subscribed && !rds_push_admits(link, task, base_str(str, len))) {
        return rds_object_refuse(task, "no message of a channel came");
    }

    object = rds_object_new(task);
    if (object == NULL) {
        return NULL;
    }

    object->str = base_arena_alloc(&link->replies, len + 1);
    if (object->str == NULL) {
        return rds_object_refuse(task, "a reply that is too large came");
    }

    memcpy(object->str, str, len);
    object->str[len] = '\0';
    object->len = len;

    return object;
}


static void *
rds_object_array(const redisReadTask *task, rds_elements_t elements)
{
    size_t                count = (size_t) elements, depth = 1;
    rds_link_t           *link = task->privdata;
    redisReply           *object;
    const redisReadTask  *outer;

    if (task->type != REDIS_REPLY_ARRAY) {
        return rds_object_refuse(task, "a reply of an unknown type came");
    }

    for (outer = task->parent; outer != NULL; outer = outer->parent) {
        depth++;
    }

    if (depth > RDS_DEPTH_MAX) {
        return rds_object_refuse(task, "a reply came that is too deep");
    }

    if (link->subscribed && !rds_push_admits_array(task, count)) {
        return rds_object_refuse(task, "no message of a channel came");
    }

    if (count > RDS_ELEMENTS_MAX) {
        return rds_object_refuse(task, "an array that is too long came");
    }

    object = rds_object_new(task);
    if (object == NULL || count == 0) {
        return object;
    }

    object->element = base_arena_calloc(&link->replies, count,
                                        sizeof(object->element[0]));
    if (object->element == NULL) {
        return rds_object_refuse(task, "a reply that is too large came");
    }

    object->elements = count;

    return object;
}


static void *
rds_object_integer(const redisReadTask *task, long long value)
{
    rds_link_t  *link = task->privdata;
    redisReply  *object;

    if (link->subscribed && !rds_push_admits(link, task, base_str(NULL, 0))) {
        return rds_object_refuse(task, "no message of a channel came");
    }

    object = rds_object_new(task);
    if (object != NULL) {
        object->integer = value;
    }

    return object;
}


/* "$-1" and "*-1": the task's type is that of what is missing. */
static void *
rds_object_nil(const redisReadTask *task)
{
    rds_link_t  *link = task->privdata;
    redisReply  *object;

    if (link->subscribed) {
        return rds_object_refuse(task, "no message of a channel came");
    }

    object = rds_object_new(task);
    if (object != NULL) {
        object->type = REDIS_REPLY_NIL;
    }

    return object;
}


/* The arena frees. */
static void
rds_object_free(void *object)
{
    (void) object;
}


static redisReply *
rds_object_new(const redisReadTask *task)
{
    rds_link_t  *link = task->privdata;
    redisReply  *object, *parent;

    /* wire.c handles one case: an error that comes unasked, such as "max
     * number of clients reached", ends the connection. */
    if (task->parent == NULL && link->expected == 0 && !link->subscribed
        && task->type != REDIS_REPLY_ERROR)
    {
        return rds_object_refuse(task, "a reply came that nothing asked for");
    }

    object = base_arena_zalloc(&link->replies, sizeof(redisReply));
    if (object == NULL) {
        return rds_object_refuse(task, "a reply that is too large came");
    }

    object->type = task->type;

    if (task->parent != NULL) {
        parent = task->parent->obj;
        parent->element[task->idx] = object;
    }

    return object;
}


static void *
rds_object_refuse(const redisReadTask *task, const char *reason)
{
    rds_link_break(task->privdata, "protocol error: %s", reason);
    return NULL;
}


#if HIREDIS_MAJOR >= 1

static void *
rds_object_double(const redisReadTask *task, double value, char *str,
    size_t len)
{
    (void) value;
    (void) str;
    (void) len;
    return rds_object_refuse(task, "a reply of an unknown type came");
}


static void *
rds_object_bool(const redisReadTask *task, int value)
{
    (void) value;
    return rds_object_refuse(task, "a reply of an unknown type came");
}

#endif
