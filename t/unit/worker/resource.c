/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/task/resource.h"

#include "tap.h"
#include "worker/task/task_command.h"
#include "worker/task/task_http.h"
#include "worker/task/task_publish.h"


#define UNKNOWN  (&worker_task_unknown)


typedef struct {
    const char           *resource;
    const char           *input;
    const worker_task_t  *task;
    const char           *expected;     /* of the input, or of the problem */
    const char           *target;       /* NULL: any */
    bool                  wrapped;
} case_t;


static const char  settings[] =
    "function charge builtin:orders:pay;"
    "function 'arn:aws:lambda:us-east-1:1:function:ship' https://f.example/s;"
    "function 'print it' 'command:/bin/cat -u';"
    "function bad telnet://h;"
    "function lost builtin:orders:fly;"
    "connection api https://api.example 'A: b';"
    "topic done orders:done; list parcels p;"
    "command_folder /bin/;";

static const case_t  cases[] = {
    { "orders:pay", "{\"a\":1}", &worker_task_pay, "{\"a\":1}", NULL, false },
    { "orders:fly", "{}", UNKNOWN, "there is no task \"orders:fly\"; say in "
      "worker.conf what it is (\"function orders:fly https://...;\"), or take "
      "one of ", NULL, false },

    /* functions by name */
    { "charge", "{}", &worker_task_pay, "{}", NULL, false },
    { "${charge}", "{}", &worker_task_pay, "{}", NULL, false },
    { "arn:aws:lambda:eu-west-1:123456789012:function:charge", "{}",
      &worker_task_pay, "{}", NULL, false },
    { "arn:aws:lambda:eu-west-1:123456789012:function:charge:PROD", "{}",
      &worker_task_pay, "{}", NULL, false },
    { "arn:aws:lambda:us-east-1:1:function:ship", "{}", &worker_task_url,
      "{}", "https://f.example/s", false },
    { "ship", "{}", &worker_task_url, "{}", "https://f.example/s", false },
    { "print it", "{}", &worker_task_command, "{}", "/bin/cat -u", false },
    { "bad", "{}", UNKNOWN, "\"telnet://h\" is none of builtin:TASK", NULL,
      false },
    { "lost", "{}", UNKNOWN, "there is no task \"orders:fly\"", NULL, false },

    /* lambda:invoke */
    { "arn:aws:states:::lambda:invoke",
      "{\"FunctionName\":\"charge\",\"Payload\":{\"b\":2}}", &worker_task_pay,
      "{\"b\":2}", NULL, true },
    { "lambda:invoke", "{\"FunctionName\":\"${charge}\"}", &worker_task_pay,
      "{}", NULL, true },
    { "arn:aws-cn:states:::lambda:invoke", "{\"FunctionName\":"
      "\"arn:aws-cn:lambda:cn-north-1:1:function:charge:$LATEST\","
      "\"Payload\":[1]}", &worker_task_pay, "[1]", NULL, true },
    { "arn:aws:states:::lambda:invoke.waitForTaskToken",
      "{\"FunctionName\":\"ship\",\"Payload\":3}", &worker_task_url, "3",
      "https://f.example/s", true },
    { "arn:aws:states:::lambda:invoke.waitForTaskToken",
      "{\"FunctionName\":\"charge\"}", UNKNOWN,
      "orders:pay cannot wait for a callback", NULL, true },
    { "charge.waitForTaskToken", "{}", UNKNOWN,
      "orders:pay cannot wait for a callback", NULL, false },
    { "orders:complete.waitForTaskToken", "{}", UNKNOWN,
      "orders:complete cannot wait for a callback: it is built in; take it "
      "without \".waitForTaskToken\"", NULL, false },
    { "ship.waitForTaskToken", "{}", &worker_task_url, "{}",
      "https://f.example/s", false },
    { "print it.waitForTaskToken", "{}", &worker_task_command, "{}",
      "/bin/cat -u", false },
    { "lambda:invoke", "{\"FunctionName\":\"orders:complete\"}",
      NULL, "{}", NULL, true },
    { "lambda:invoke", "{\"FunctionName\":\"no\"}", UNKNOWN,
      "there is no task \"no\"", NULL, true },
    { "lambda:invoke", "{\"FunctionName\":7}", UNKNOWN,
      "the parameter \"FunctionName\" must be a string", NULL, false },
    { "lambda:invoke", "{}", UNKNOWN,
      "the parameter \"FunctionName\" must be a string", NULL, false },

    /* the rest */
    { "arn:aws:states:::http:invoke", "{\"Method\":\"GET\"}",
      &worker_task_http_invoke, "{\"Method\":\"GET\"}", NULL, false },
    { "http:invoke", "{\"Connection\":\"api\"}", &worker_task_http_invoke,
      "{\"Connection\":\"api\"}", NULL, false },
    { "http:invoke", "{\"Connection\":\"no\"}", UNKNOWN,
      "worker.conf has no connection \"no\"", NULL, false },
    { "arn:aws:states:::sns:publish",
      "{\"TopicArn\":\"arn:aws:sns:eu-west-1:1:done\"}", &worker_task_publish,
      "{\"TopicArn\":\"arn:aws:sns:eu-west-1:1:done\"}", "orders:done",
      false },
    { "sns:publish", "{\"TopicArn\":\"gone\"}", UNKNOWN,
      "worker.conf has no \"topic\" for the parameter \"TopicArn\": \"gone\"",
      NULL, false },
    { "arn:aws:states:::sqs:sendMessage",
      "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/1/parcels\"}",
      &worker_task_push,
      "{\"QueueUrl\":\"https://sqs.eu-west-1.amazonaws.com/1/parcels\"}", "p",
      false },
    { "sqs:sendMessage", "{}", UNKNOWN, "worker.conf has no \"list\" for the "
      "parameter \"QueueUrl\": \"\"", NULL, false },
    { "command:/bin/cat", "{}", &worker_task_command, "{}", "/bin/cat",
      false },
    { "command:/binary", "{}", UNKNOWN, "\"/binary\" does not lie in the "
      "\"command_folder\" of worker.conf", NULL, false },
    { "command:/bin/../sbin/x", "{}", UNKNOWN, "\"/bin/../sbin/x\" does not",
      NULL, false },
    { "command:/bin/sh -c x", "{}", UNKNOWN, "\"/bin/sh -c x\" does not", NULL,
      false },
    { "arn:aws:states:::ecs:runTask.sync", "{}", UNKNOWN,
      "there is no task \"ecs:runTask.sync\"", NULL, false },
};


static base_arena_t  arena;


static void
test_case(const worker_config_t *config, const case_t *c)
{
    base_buf_t    buf;
    asl_action_t  action = { .resource = base_str_c(c->resource) };
    worker_job_t  job;

    action.input = base_json_parse(&arena, base_str_c(c->input), NULL, NULL);
    worker_resource_job(config, &arena, &action, &job);
    ok(c->task == NULL ? job.task != UNKNOWN : job.task == c->task, "%s %s",
       c->resource, c->input);
    is_int(job.wrapped, c->wrapped, "... wrapped or not");

    if (job.task == UNKNOWN) {
        ok(base_str_starts(job.problem, base_str_c(c->expected)), "... %.*s",
           BASE_STR_ARG(job.problem));
        return;
    }

    base_buf_init(&buf, &arena, SIZE_MAX);
    base_json_write(&buf, job.input);
    is_str(base_buf_str(&buf), base_str_c(c->expected), "... with its input");
    if (c->target != NULL) {
        is_str(job.target, base_str_c(c->target), "... and its target");
    }
}


static bool
first_task(void *data, const asl_task_info_t *info)
{
    *(asl_task_info_t *) data = *info;
    return false;
}


/* What a definition says for certain is checked when it is loaded. */
static void
test_check(const worker_config_t *config)
{
    static const struct {
        const char  *parameters;
        const char  *problem;       /* NULL: none */
    }  rows[] = {
        { "{\"FunctionName\":\"charge\"}", NULL },
        { "{\"FunctionName.$\":\"$.f\"}", NULL },
        { "{\"FunctionName\":\"no\",\"Payload.$\":\"$\"}",
          "there is no task \"no\"" },
        { "{\"Payload.$\":\"$\"}", "the parameter \"FunctionName\"" },
    };

    size_t           i;
    asl_def_t       *def;
    base_str_t       text, problem;
    asl_problem_t   *problems = NULL;
    asl_task_info_t  info;


    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        text = base_arena_printf(&arena, "{\"StartAt\":\"X\",\"States\":{"
            "\"X\":{\"Type\":\"Task\",\"Resource\":\"lambda:invoke\","
            "\"Parameters\":%s,\"End\":true}}}", rows[i].parameters);
        def = asl_def_load(text, NULL, &arena, &problems);
        (void) asl_def_each_task(def, first_task, &info);
        problem = BASE_STR("");
        ok(worker_resource_check(config, &arena, &info, &problem)
           == (rows[i].problem == NULL), "%s", rows[i].parameters);
        ok(base_str_starts(problem, base_str_c(rows[i].problem)),
           "... says why");
        asl_def_free(def);
    }
}


int
main(void)
{
    size_t              i;
    worker_config_t     config;
    worker_problem_t   *problem;
    worker_problems_t   problems;

    base_arena_init(&arena, BASE_ARENA_BLOCK_BYTES, BASE_ARENA_UNLIMITED);
    worker_problems_init(&problems);
    worker_config_load(&config, &arena, NULL, base_str_c(settings),
                       BASE_STR("redis://h"), &problems);
    is_int(problems.errors, 0, "the settings are good");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_case(&config, &cases[i]);
    }

    test_check(&config);

    worker_resource_check_functions(&config, &arena, &problems);
    is_int(problems.errors, 2, "functions that are nothing are mistakes");
    problem = problems.first;
    ok(base_str_starts(problem->text, BASE_STR("\"function\" bad: ")),
       "... which are named");

    base_arena_deinit(&arena);
    return done_testing();
}
