/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/resource.h"

#include "worker/config/secret.h"
#include "worker/task/program.h"
#include "worker/task/task_command.h"
#include "worker/task/task_http.h"
#include "worker/task/task_publish.h"


#define WORKER_TOKEN_SUFFIX  BASE_STR(".waitForTaskToken")


/* A task's parameters: those of an execution, or what a definition says of
 * them. */
typedef struct {
    const worker_config_t  *config;
    base_arena_t           *arena;
    const base_json_t      *input;          /* NULL: only info is known */
    const asl_task_info_t  *info;
} worker_named_t;

/* Sets task, target, input and so on; false if that cannot be known yet. */
typedef bool (*worker_resolve_fn)(const worker_named_t *named, base_str_t rest,
    worker_job_t *job);

typedef struct {
    base_str_t         name;                /* with ":" at its end: a prefix */
    worker_resolve_fn  resolve;
} worker_resource_row_t;


static bool worker_resource_resolve(const worker_named_t *named,
    base_str_t resource, worker_job_t *job);
static bool worker_resource_named(const worker_named_t *named,
    base_str_t name, worker_job_t *job);
static bool worker_resource_waits(base_str_t resource);
static base_str_t worker_resource_strip(base_str_t resource);
static void worker_resource_unknown(const worker_named_t *named,
    base_str_t what, worker_job_t *job);
static bool worker_resource_lambda(const worker_named_t *named,
    base_str_t rest, worker_job_t *job);
static bool worker_resource_http(const worker_named_t *named, base_str_t rest,
    worker_job_t *job);
static bool worker_resource_publish(const worker_named_t *named,
    base_str_t rest, worker_job_t *job);
static bool worker_resource_push(const worker_named_t *named, base_str_t rest,
    worker_job_t *job);
static bool worker_resource_mapped(const worker_named_t *named,
    const char *parameter, char separator, const worker_entries_t *entries,
    worker_job_t *job);
static bool worker_resource_command(const worker_named_t *named,
    base_str_t rest, worker_job_t *job);
static bool worker_resource_function(const worker_named_t *named,
    base_str_t name, worker_job_t *job);
static void worker_target_resolve(const worker_named_t *named,
    base_str_t target, worker_job_t *job);
static bool worker_target_url(const worker_named_t *named, base_str_t rest,
    worker_job_t *job);
static bool worker_target_command(const worker_named_t *named, base_str_t rest,
    worker_job_t *job);
static bool worker_target_builtin(const worker_named_t *named, base_str_t rest,
    worker_job_t *job);
static const worker_entry_t *worker_function_find(
    const worker_config_t *config, base_str_t name);
static base_str_t worker_function_short(base_str_t name);
static const base_json_t *worker_named_get(const worker_named_t *named,
    base_str_t key, bool *given);


/* What stands behind "arn:aws:states:::". */
static const worker_resource_row_t  worker_resources[] = {
    { BASE_STR_INIT("lambda:invoke"), worker_resource_lambda },
    { BASE_STR_INIT("http:invoke"), worker_resource_http },
    { BASE_STR_INIT("sns:publish"), worker_resource_publish },
    { BASE_STR_INIT("sqs:sendMessage"), worker_resource_push },
    { BASE_STR_INIT("command:"), worker_resource_command },
};

#define WORKER_RESOURCES                                                      \
    (sizeof(worker_resources) / sizeof(worker_resources[0]))

/* What a function may be. */
static const worker_resource_row_t  worker_targets[] = {
    { BASE_STR_INIT("builtin:"), worker_target_builtin },
    { BASE_STR_INIT("http:"), worker_target_url },
    { BASE_STR_INIT("https:"), worker_target_url },
    { BASE_STR_INIT("command:"), worker_target_command },
};

#define WORKER_TARGETS  (sizeof(worker_targets) / sizeof(worker_targets[0]))


void
worker_resource_job(const worker_config_t *config, base_arena_t *arena,
    const asl_action_t *action, worker_job_t *job)
{
    worker_named_t  named = {
        .config = config, .arena = arena, .input = action->input
    };

    *job = (worker_job_t) { .action = action, .input = action->input };
    (void) worker_resource_resolve(&named, action->resource, job);
}


bool
worker_resource_check(const worker_config_t *config, base_arena_t *arena,
    const asl_task_info_t *info, base_str_t *problem)
{
    worker_job_t    job = { .task = NULL };
    worker_named_t  named = {
        .config = config, .arena = arena, .info = info
    };

    if (!worker_resource_resolve(&named, info->resource, &job)) {
        return true;
    }

    *problem = job.problem;
    if (job.task == &worker_task_refund
        && base_str_eq_c(config->payment, "http")
        && config->payment_refund_url.len == 0)
    {
        *problem = BASE_STR("gives money back, and \"payment_refund_url\" "
                            "does not say where to ask for it");
        return false;
    }

    return job.task != &worker_task_unknown;
}


void
worker_resource_check_functions(const worker_config_t *config,
    base_arena_t *arena, worker_problems_t *problems)
{
    const worker_entry_t  *entry;

    for (entry = config->functions.first; entry != NULL; entry = entry->next) {
        worker_job_t    job = { .task = NULL };
        worker_named_t  named = { .config = config, .arena = arena };

        (void) worker_resource_function(&named, entry->words[0], &job);
        if (job.task == &worker_task_unknown) {
            worker_problems_add(problems, arena, false,
                                "\"function\" %.*s: %.*s",
                                BASE_STR_ARG(entry->words[0]),
                                BASE_STR_ARG(job.problem));
        }
    }
}


static bool
worker_resource_resolve(const worker_named_t *named, base_str_t resource,
    worker_job_t *job)
{
    bool        known;
    base_str_t  name;

    job->task = worker_task_find(resource);
    if (job->task != NULL) {
        return true;
    }

    name = worker_resource_strip(resource);
    known = worker_resource_named(named, name, job);

    /* what is built in is over when it has been done */
    if (known && worker_resource_waits(resource)
        && job->task->resource.len > 0)
    {
        job->problem = base_arena_printf(named->arena, "%.*s cannot wait for a "
            "callback: it is built in; take it without \"%.*s\"",
            BASE_STR_ARG(job->task->resource),
            BASE_STR_ARG(WORKER_TOKEN_SUFFIX));
        job->task = &worker_task_unknown;
    }

    return known;
}


static bool
worker_resource_named(const worker_named_t *named, base_str_t name,
    worker_job_t *job)
{
    size_t                        i;
    const worker_resource_row_t  *row;

    for (i = 0; i < WORKER_RESOURCES; i++) {
        row = &worker_resources[i];
        if (base_str_eq(name, row->name)) {
            return row->resolve(named, BASE_STR(""), job);
        }

        if (row->name.data[row->name.len - 1] == ':'
            && base_str_starts(name, row->name))
        {
            return row->resolve(named,
                                base_str(name.data + row->name.len,
                                         name.len - row->name.len), job);
        }
    }

    return worker_resource_function(named, name, job);
}


static bool
worker_resource_waits(base_str_t resource)
{
    base_str_t  suffix = WORKER_TOKEN_SUFFIX;

    return resource.len > suffix.len
           && memcmp(resource.data + resource.len - suffix.len, suffix.data,
                     suffix.len) == 0;
}


/* Without the suffix of a callback, and without "arn:<partition>:states:::". */
static base_str_t
worker_resource_strip(base_str_t resource)
{
    const char  *states;
    base_str_t   suffix = WORKER_TOKEN_SUFFIX;
    base_str_t   marker = BASE_STR(":states:::");

    if (worker_resource_waits(resource)) {
        resource.len -= suffix.len;
    }

    if (!base_str_starts(resource, BASE_STR("arn:"))) {
        return resource;
    }

    states = memmem(resource.data, resource.len, marker.data, marker.len);
    if (states == NULL) {
        return resource;
    }

    states += marker.len;
    return base_str(states, resource.len - (size_t) (states - resource.data));
}


static void
worker_resource_unknown(const worker_named_t *named, base_str_t what,
    worker_job_t *job)
{
    base_str_t  name = worker_function_short(what);
    base_buf_t  names;

    job->task = &worker_task_unknown;
    base_buf_init(&names, named->arena, SIZE_MAX);
    worker_task_names(&names);
    job->problem = base_arena_printf(named->arena,
        "there is no task \"%.*s\"; say in worker.conf what it is (\"function "
        "%.*s https://...;\"), or take one of %.*s", BASE_STR_ARG(what),
        BASE_STR_ARG(name),
        BASE_STR_ARG(base_buf_str(&names)));
}


static bool
worker_resource_lambda(const worker_named_t *named, base_str_t rest,
    worker_job_t *job)
{
    bool                given;
    const base_json_t  *name, *payload;

    (void) rest;

    name = worker_named_get(named, BASE_STR("FunctionName"), &given);
    if (name == NULL && given) {
        return false;
    }

    if (name == NULL || name->type != BASE_JSON_STRING) {
        job->task = &worker_task_unknown;
        job->problem = BASE_STR("the parameter \"FunctionName\" must be a "
                                "string");
        return true;
    }

    payload = worker_named_get(named, BASE_STR("Payload"), &given);
    if (payload == NULL) {
        payload = base_json_object(named->arena);
    }

    job->input = payload;
    job->wrapped = true;

    return worker_resource_function(named, name->text, job);
}


static bool
worker_resource_function(const worker_named_t *named, base_str_t name,
    worker_job_t *job)
{
    const worker_entry_t  *entry;

    entry = worker_function_find(named->config, name);
    if (entry == NULL) {
        job->task = worker_task_find(name);
        if (job->task == NULL) {
            worker_resource_unknown(named, name, job);
        }

        return true;
    }

    job->name = entry->words[0];
    worker_target_resolve(named, entry->words[1], job);
    return true;
}


static void
worker_target_resolve(const worker_named_t *named, base_str_t target,
    worker_job_t *job)
{
    size_t                        i;
    const worker_resource_row_t  *row;

    job->target = target;
    for (i = 0; i < WORKER_TARGETS; i++) {
        row = &worker_targets[i];
        if (base_str_starts(target, row->name)) {
            (void) row->resolve(named,
                                base_str(target.data + row->name.len,
                                         target.len - row->name.len), job);
            return;
        }
    }

    job->task = &worker_task_unknown;
    job->problem = base_arena_printf(named->arena, "\"%.*s\" is none of "
        "builtin:TASK, http://..., https://... and command:/PROGRAM",
        BASE_STR_ARG(target));
}


static bool
worker_target_url(const worker_named_t *named, base_str_t rest,
    worker_job_t *job)
{
    (void) named;
    (void) rest;

    job->task = &worker_task_url;
    if (worker_url_origin(job->target).len == 0) {
        job->task = &worker_task_unknown;
        job->problem = BASE_STR("expected a URL without a user");
    }

    return true;
}


static bool
worker_target_command(const worker_named_t *named, base_str_t rest,
    worker_job_t *job)
{
    const char  *problem;

    job->task = &worker_task_command;
    job->target = rest;

    /* whether it is there is looked at once, by check */
    if (named->input == NULL && !worker_program_check(rest, &problem)) {
        job->task = &worker_task_unknown;
        job->problem = base_arena_printf(named->arena, "%.*s: %s",
                                         BASE_STR_ARG(rest), problem);
    }

    return true;
}


static bool
worker_resource_http(const worker_named_t *named, base_str_t rest,
    worker_job_t *job)
{
    bool                given;
    base_str_t          name;
    const base_json_t  *connection;

    (void) rest;

    job->task = &worker_task_http_invoke;
    connection = worker_named_get(named, BASE_STR("Connection"), &given);
    name = connection != NULL && connection->type == BASE_JSON_STRING
               ? connection->text : BASE_STR("");

    if (name.len > 0 && !worker_connection_known(named->config, name)) {
        job->task = &worker_task_unknown;
        job->problem = base_arena_printf(named->arena, "worker.conf has no "
                                         "connection \"%.*s\"",
                                         BASE_STR_ARG(name));
    }

    return true;
}


static bool
worker_resource_publish(const worker_named_t *named, base_str_t rest,
    worker_job_t *job)
{
    (void) rest;

    job->task = &worker_task_publish;
    return worker_resource_mapped(named, "TopicArn", ':',
                                  &named->config->topics, job);
}


static bool
worker_resource_push(const worker_named_t *named, base_str_t rest,
    worker_job_t *job)
{
    (void) rest;

    job->task = &worker_task_push;
    return worker_resource_mapped(named, "QueueUrl", '/',
                                  &named->config->lists, job);
}


/* By the whole parameter, or by what stands behind its last separator. */
static bool
worker_resource_mapped(const worker_named_t *named, const char *parameter,
    char separator, const worker_entries_t *entries, worker_job_t *job)
{
    bool                   given;
    base_str_t             brief;
    const char            *last;
    const base_json_t     *value;
    const worker_entry_t  *entry = NULL;

    value = worker_named_get(named, base_str_c(parameter), &given);
    if (value == NULL && given) {
        return false;
    }

    if (value != NULL && value->type == BASE_JSON_STRING) {
        brief = worker_function_short(value->text);
        last = brief.len == 0 ? NULL : memrchr(brief.data, separator,
                                               brief.len);
        if (last != NULL) {
            last++;
            brief = base_str(last, brief.len - (size_t) (last - brief.data));
        }

        entry = worker_entries_find(entries, value->text);
        entry = entry != NULL ? entry : worker_entries_find(entries, brief);
    }

    if (entry != NULL) {
        job->target = entry->words[1];
        return true;
    }

    job->task = &worker_task_unknown;
    job->problem = base_arena_printf(named->arena, "worker.conf has no \"%s\" "
        "for the parameter \"%s\": \"%.*s\"",
        entries == &named->config->topics ? "topic" : "list", parameter,
        BASE_STR_ARG(value != NULL && value->type == BASE_JSON_STRING
                         ? value->text : BASE_STR("")));
    return true;
}


/* Named in a definition: only what lies in a folder that worker.conf names, and
 * without arguments. */
static bool
worker_resource_command(const worker_named_t *named, base_str_t rest,
    worker_job_t *job)
{
    base_str_t  folder = named->config->command_folder;

    while (folder.len > 1 && folder.data[folder.len - 1] == '/') {
        folder.len--;
    }

    if (folder.len == 0 || !base_str_starts(rest, folder)
        || rest.len <= folder.len || rest.data[folder.len] != '/'
        || memmem(rest.data, rest.len, "/../", 4) != NULL
        || memchr(rest.data, ' ', rest.len) != NULL)
    {
        job->task = &worker_task_unknown;
        job->problem = base_arena_printf(named->arena, "\"%.*s\" does not lie "
            "in the \"command_folder\" of worker.conf", BASE_STR_ARG(rest));
        return true;
    }

    return worker_target_command(named, rest, job);
}


static bool
worker_target_builtin(const worker_named_t *named, base_str_t rest,
    worker_job_t *job)
{
    job->task = worker_task_find(rest);
    if (job->task == NULL) {
        worker_resource_unknown(named, rest, job);
    }

    return true;
}


/* By the very name, or by what is left of both without ARN and qualifier. */
static const worker_entry_t *
worker_function_find(const worker_config_t *config, base_str_t name)
{
    base_str_t             brief = worker_function_short(name);
    const worker_entry_t  *entry;

    entry = worker_entries_find(&config->functions, name);
    if (entry != NULL) {
        return entry;
    }

    for (entry = config->functions.first; entry != NULL; entry = entry->next) {
        if (base_str_eq(worker_function_short(entry->words[0]), brief)) {
            break;
        }
    }

    return entry;
}


/* arn:aws:lambda:eu-west-1:123:function:f:PROD -> f; ${f} -> f */
static base_str_t
worker_function_short(base_str_t name)
{
    const char  *p;
    base_str_t   marker = BASE_STR(":function:");

    if (base_str_starts(name, BASE_STR("arn:"))) {
        p = memmem(name.data, name.len, marker.data, marker.len);
        if (p != NULL) {
            p += marker.len;
            name = base_str(p, name.len - (size_t) (p - name.data));
            p = memchr(name.data, ':', name.len);
            name.len = p == NULL ? name.len : (size_t) (p - name.data);
        }
    }

    if (name.len > 3 && base_str_starts(name, BASE_STR("${"))
        && name.data[name.len - 1] == '}')
    {
        name = base_str(name.data + 2, name.len - 3);
    }

    return name;
}


static const base_json_t *
worker_named_get(const worker_named_t *named, base_str_t key, bool *given)
{
    const base_json_t  *value;

    if (named->info != NULL) {
        return asl_task_parameter(named->info, key, given);
    }

    value = base_json_get(named->input, key);
    *given = value != NULL;
    return value;
}
