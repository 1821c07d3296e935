/* SPDX-License-Identifier: BSD-2-Clause */

/* A program and its arguments, as worker.conf names them. */

#include "worker/task/program.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>


#define WORKER_PROGRAM_PATH_BYTES  4096


bool
worker_program_split(base_str_t command, char *text, char **argv)
{
    char    *word, *rest = NULL;
    size_t   n = 0;

    memcpy(text, command.data, command.len);
    text[command.len] = '\0';

    for (word = strtok_r(text, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest))
    {
        if (n == WORKER_PROGRAM_ARGS_MAX) {
            return false;
        }

        argv[n++] = word;
    }

    argv[n] = NULL;
    return n > 0;
}


bool
worker_program_check(base_str_t command, const char **problem)
{
    char  text[WORKER_PROGRAM_PATH_BYTES];
    char *argv[WORKER_PROGRAM_ARGS_MAX + 1];

    *problem = "expected the absolute path of a program, and up to 15 "
               "arguments";
    if (command.len >= sizeof(text)
        || !worker_program_split(command, text, argv) || argv[0][0] != '/')
    {
        return false;
    }

    if (access(argv[0], X_OK) != 0) {
        *problem = strerror(errno);
        return false;
    }

    return true;
}
