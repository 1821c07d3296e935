/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The main of <target>.t: every file of corpus/<target>/ and crashes/<target>/
 * is one test.  Each runs in a process of its own, so that one that dies or
 * hangs does not hide the others.
 *
 *   json.t          the target is the name of the program
 *   json.t FILE...  these files instead
 */

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"
#include "tap.h"


#define REPLAY_SECONDS_MAX  60


typedef struct {
    uint8_t  *data;                 /* on the heap, not a byte longer */
    size_t    size;
} replay_input_t;


static bool
replay_read(const char *path, replay_input_t *input)
{
    bool   read = false;
    long   size;
    FILE  *file;

    input->data = NULL;
    file = fopen(path, "rb");
    if (file == NULL) {
        return false;
    }

    if (fseek(file, 0, SEEK_END) == 0) {
        size = ftell(file);
        rewind(file);
        input->size = size > 0 ? (size_t) size : 0;
        input->data = malloc(input->size);
        read = size >= 0 && (size == 0 || input->data != NULL)
               && fread(input->data, 1, input->size, file) == input->size;
    }

    fclose(file);
    return read;
}


/* The exit code of the process that ran the input, or minus its signal. */
static int
replay_run(const replay_input_t *input)
{
    int    status;
    pid_t  pid;

    pid = fork();
    if (pid == 0) {
        alarm(REPLAY_SECONDS_MAX);
        exit(LLVMFuzzerTestOneInput(input->data, input->size));
    }

    if (pid == -1 || waitpid(pid, &status, 0) != pid) {
        return EXIT_FAILURE;
    }

    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}


static void
replay_file(const char *name)
{
    int             code;
    replay_input_t  input;

    if (!replay_read(name, &input)) {
        ok(false, "%s is read", name);
        free(input.data);
        return;
    }

    code = replay_run(&input);
    if (!ok(code == 0, "%s", name)) {
        printf("# ended with %s %d\n",
               code < 0 ? "signal" : "code", abs(code));
    }

    free(input.data);
}


static int
replay_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}


/* Returns the number of files; a folder that is not there has none. */
static int
replay_folder(const char *kind, const char *target)
{
    int              i, count;
    char             folder[NAME_MAX * 2], name[PATH_MAX];
    struct dirent  **entries;

    snprintf(folder, sizeof(folder), "%s/%s", kind, target);
    count = scandir(folder, &entries, replay_visible, alphasort);
    if (count < 0) {
        return 0;
    }

    for (i = 0; i < count; i++) {
        snprintf(name, sizeof(name), "%s/%s", folder, entries[i]->d_name);
        replay_file(name);
        free(entries[i]);
    }

    free(entries);
    return count;
}


int
main(int argc, char **argv)
{
    int   i, count;
    char  target[NAME_MAX + 1];

    for (i = 1; i < argc; i++) {
        replay_file(argv[i]);
    }

    if (argc == 1) {
        ok(chdir(TEST_TOP "/t/fuzz") == 0, "the inputs' folder is there");
        snprintf(target, sizeof(target), "%s", program_invocation_short_name);
        target[strcspn(target, ".")] = '\0';
        count = replay_folder("corpus", target);
        count += replay_folder("crashes", target);
        ok(count > 0, "there are inputs for the target %s", target);
    }

    return done_testing();
}
