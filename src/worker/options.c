/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/options.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>


typedef enum {
    WORKER_OPTION_FLAG = 0,         /* a bool */
    WORKER_OPTION_CSTR,             /* a const char * */
    WORKER_OPTION_STR,              /* a base_str_t */
    WORKER_OPTION_NUMBER            /* a uint32_t */
} worker_option_kind_t;

typedef struct {
    char                  letter;   /* 0: none */
    const char           *name;
    const char           *value;    /* for people; NULL: takes none */
    worker_option_kind_t  kind;
    size_t                offset;
    const char           *summary;
} worker_option_t;


#define OFFSET(field)  offsetof(worker_options_t, field)

static const worker_option_t  worker_option_rows[] = {
    { 'c', "config", "FILE", WORKER_OPTION_CSTR, OFFSET(config_path),
      "the configuration file; without it the defaults hold" },
    { 'g', "set", "TEXT", WORKER_OPTION_STR, OFFSET(overrides),
      "settings that win over the file, in its syntax: \"name value;\"" },
    { 'r', "redis", "URL", WORKER_OPTION_STR, OFFSET(redis),
      "the setting \"redis\", which wins over the file" },
    { 0, "json", NULL, WORKER_OPTION_FLAG, OFFSET(json),
      "output for programs" },
    { 0, "error", "NAME", WORKER_OPTION_STR, OFFSET(error),
      "dead: only those with this error" },
    { 0, "id", "ID", WORKER_OPTION_STR, OFFSET(id),
      "dead: only those of this order" },
    { 0, "limit", "N", WORKER_OPTION_NUMBER, OFFSET(limit),
      "dead: at most so many" },
    { 0, "all", NULL, WORKER_OPTION_FLAG, OFFSET(all),
      "dead redrive, drop: all there are" },
    { 'n', "dry-run", NULL, WORKER_OPTION_FLAG, OFFSET(dry_run),
      "only says what would be done" },
    { 'y', "yes", NULL, WORKER_OPTION_FLAG, OFFSET(yes),
      "does it without asking" },
    { 0, "print", NULL, WORKER_OPTION_FLAG, OFFSET(print),
      "check: also writes all settings as they are in force" },
    { 0, "input", "JSON", WORKER_OPTION_STR, OFFSET(input),
      "simulate: the input, or @FILE" },
    { 0, "mocks", "FILE", WORKER_OPTION_CSTR, OFFSET(mocks),
      "simulate: what the tasks answer" },
    { 0, "speed", "N", WORKER_OPTION_NUMBER, OFFSET(speed),
      "simulate: waits take an N-th of their time, not none" },
    { 0, "format", "NAME", WORKER_OPTION_STR, OFFSET(format),
      "graph: dot (the default) or mermaid" },
    { 0, "counts", NULL, WORKER_OPTION_FLAG, OFFSET(counts),
      "graph: with the numbers of executions, from redis" },
    { 'h', "help", NULL, WORKER_OPTION_FLAG, OFFSET(help), "this text" },
    { 'V', "version", NULL, WORKER_OPTION_FLAG, OFFSET(version),
      "the program's version" },
};

static const worker_command_t  worker_commands[] = {
    { BASE_STR_INIT("run"), "", "takes and executes orders (the default)",
      true, worker_command_run },
    { BASE_STR_INIT("check"), "[FILE]",
      "reports all mistakes of configuration and workflow, or of FILE", false,
      worker_command_check },
    { BASE_STR_INIT("status"), "", "lists, workers and orders in numbers",
      true, worker_command_status },
    { BASE_STR_INIT("pause"), "", "lets no worker take orders", true,
      worker_command_pause },
    { BASE_STR_INIT("resume"), "", "lets them take orders again", true,
      worker_command_resume },
    { BASE_STR_INIT("order"), "show ID", "all that is known of an order", true,
      worker_command_order },
    { BASE_STR_INIT("dead"), "list|show N", "shows dead letters", true,
      worker_command_dead },
    { BASE_STR_INIT("dead"), "redrive|drop",
      "sends them back to work, or deletes them", true, worker_command_dead },
    { BASE_STR_INIT("purge"), "queue|dead|ended|counts",
      "deletes what waits or is dead, orders that ended, or counters", true,
      worker_command_purge },
    { BASE_STR_INIT("simulate"), "FILE",
      "runs a definition by itself and shows what happens", false,
      worker_command_simulate },
    { BASE_STR_INIT("graph"), "FILE", "draws a definition", false,
      worker_command_graph },
};

#define WORKER_OPTIONS                                                        \
    (sizeof(worker_option_rows) / sizeof(worker_option_rows[0]))
#define WORKER_COMMANDS  (sizeof(worker_commands) / sizeof(worker_commands[0]))


static int worker_option_read(worker_options_t *options, int argc, char **argv,
    int i);
static const worker_option_t *worker_option_find(const char *text,
    const char **value);
static bool worker_option_set(worker_options_t *options,
    const worker_option_t *option, const char *value);


bool
worker_options_read(worker_options_t *options, int argc, char **argv)
{
    int   i, used;
    int   kept = 1;
    bool  only_words = false;

    *options = (worker_options_t) { .argv = argv };

    for (i = 1; i < argc; i += used) {
        used = 1;

        if (!only_words && strcmp(argv[i], "--") == 0) {
            only_words = true;

        } else if (!only_words && argv[i][0] == '-' && argv[i][1] != '\0') {
            used = worker_option_read(options, argc, argv, i);
            if (used == 0) {
                return false;
            }

        } else if (options->command == NULL) {
            options->command = worker_command_find(base_str_c(argv[i]));
            if (options->command == NULL) {
                fprintf(stderr, "orders-worker: there is no command \"%s\"; "
                        "--help lists them\n", argv[i]);
                return false;
            }

        } else {
            argv[kept++] = argv[i];     /* never behind i */
        }
    }

    options->argv = argv + 1;
    options->argc = kept - 1;
    if (options->command == NULL) {
        options->command = &worker_commands[0];
    }

    if (options->argc > 0 && options->command->arguments[0] == '\0') {
        fprintf(stderr, "orders-worker: \"%.*s\" takes no argument, but there "
                "is \"%s\"; a configuration file comes with --config\n",
                BASE_STR_ARG(options->command->name), options->argv[0]);
        return false;
    }

    return true;
}


/* The number of words used; 0 with a message if it is wrong. */
static int
worker_option_read(worker_options_t *options, int argc, char **argv, int i)
{
    const char             *value = NULL;
    const worker_option_t  *option;

    option = worker_option_find(argv[i], &value);
    if (option == NULL) {
        fprintf(stderr, "orders-worker: there is no option \"%s\"; --help "
                "lists them\n", argv[i]);
        return 0;
    }

    if (option->value == NULL && value != NULL) {
        fprintf(stderr, "orders-worker: --%s takes no value\n", option->name);
        return 0;
    }

    if (option->value == NULL || value != NULL) {
        return worker_option_set(options, option, value) ? 1 : 0;
    }

    if (i + 1 >= argc) {
        fprintf(stderr, "orders-worker: --%s needs %s\n", option->name,
                option->value);
        return 0;
    }

    return worker_option_set(options, option, argv[i + 1]) ? 2 : 0;
}


/* -c, --config, --config=FILE */
static const worker_option_t *
worker_option_find(const char *text, const char **value)
{
    size_t       i, len;
    const char  *equals = strchr(text, '=');

    for (i = 0; i < WORKER_OPTIONS; i++) {
        const worker_option_t  *option = &worker_option_rows[i];

        if (text[1] != '-') {
            if (text[1] == option->letter && text[2] == '\0') {
                return option;
            }
            continue;
        }

        len = equals != NULL ? (size_t) (equals - text) - 2 : strlen(text + 2);
        if (strlen(option->name) == len
            && memcmp(option->name, text + 2, len) == 0)
        {
            *value = equals != NULL ? equals + 1 : NULL;
            return option;
        }
    }

    return NULL;
}


/* False with a message if the value is wrong. */
static bool
worker_option_set(worker_options_t *options, const worker_option_t *option,
    const char *value)
{
    void           *field = (char *) options + option->offset;
    char           *end;
    unsigned long   number;

    switch (option->kind) {
    case WORKER_OPTION_FLAG:
        *(bool *) field = true;
        break;
    case WORKER_OPTION_CSTR:
        *(const char **) field = value;
        break;
    case WORKER_OPTION_STR:
        *(base_str_t *) field = base_str_c(value);
        break;
    case WORKER_OPTION_NUMBER:
        number = strtoul(value, &end, 10);
        if (value[0] < '0' || value[0] > '9' || *end != '\0'
            || number > UINT32_MAX)
        {
            fprintf(stderr, "orders-worker: --%s needs a number, not \"%s\"\n",
                    option->name, value);
            return false;
        }
        *(uint32_t *) field = (uint32_t) number;
        break;
    }

    return true;
}


void
worker_options_help(FILE *out)
{
    char    left[64];
    size_t  i;

    fprintf(out, "Usage: orders-worker [option...] [command [argument...]]\n\n"
            "Takes orders from the queue in Redis and executes their "
            "workflow.\n\nCommands:\n");

    for (i = 0; i < WORKER_COMMANDS; i++) {
        (void) snprintf(left, sizeof(left), "%s %s",
                        worker_commands[i].name.data,
                        worker_commands[i].arguments);
        fprintf(out, "  %-22s %s\n", left, worker_commands[i].summary);
    }

    fprintf(out, "\nOptions:\n");

    for (i = 0; i < WORKER_OPTIONS; i++) {
        const worker_option_t  *option = &worker_option_rows[i];

        (void) snprintf(left, sizeof(left), "%c%c%c --%s %s",
                        option->letter != 0 ? '-' : ' ',
                        option->letter != 0 ? option->letter : ' ',
                        option->letter != 0 ? ',' : ' ', option->name,
                        option->value != NULL ? option->value : "");
        fprintf(out, "  %-22s %s\n", left, option->summary);
    }

    fprintf(out, "\nSignals: TERM and INT finish what is held and leave, a "
            "second one leaves at once;\nHUP reads the workflow again.\n\n"
            "Exit codes: 0 done, 1 failed, %d wrong command line, %d wrong "
            "configuration.\n", WORKER_EXIT_USAGE, WORKER_EXIT_CONFIG);
}


const worker_command_t *
worker_command_find(base_str_t name)
{
    size_t  i;

    for (i = 0; i < WORKER_COMMANDS; i++) {
        if (base_str_eq(worker_commands[i].name, name)) {
            return &worker_commands[i];
        }
    }

    return NULL;
}


void
worker_problems_print(FILE *out, const worker_problems_t *problems)
{
    const worker_problem_t  *problem;

    for (problem = problems->first; problem != NULL; problem = problem->next) {
        fprintf(out, "orders-worker: %s%.*s\n",
                problem->warning ? "warning: " : "",
                BASE_STR_ARG(problem->text));
    }

    if (problems->nomem) {
        fprintf(out, "orders-worker: out of memory\n");
    }
}
