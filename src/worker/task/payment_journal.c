/* SPDX-License-Identifier: BSD-2-Clause */

/*
 * The file is locked while a charge is made; what other workers have appended
 * since the last time is read first.  The keys that have been charged are kept
 * as a set of 64-bit hashes.
 */

#include "worker/task/payment_journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/buf.h"


#define WORKER_JOURNAL_READ_BYTES  65536
#define WORKER_JOURNAL_SLOTS_MIN   1024

struct worker_journal_s {
    int                  fd;
    const worker_log_t  *log;
    off_t                seen;          /* bytes of the file in the set */
    base_buf_t           unread;        /* the rest of an incomplete line */
    uint64_t            *slots;         /* 0: free */
    size_t               slot_count;    /* a power of two */
    size_t               used;
};


static bool worker_journal_catch_up(worker_journal_t *journal);
static bool worker_journal_lines(worker_journal_t *journal);
static bool worker_journal_append(worker_journal_t *journal, const char *data,
    size_t len);
static uint64_t worker_journal_hash(base_str_t key);
static uint64_t *worker_journal_slot(const worker_journal_t *journal,
    uint64_t hash);
static bool worker_journal_add(worker_journal_t *journal, uint64_t hash);


worker_journal_t *
worker_journal_new(const char *path, const worker_log_t *log)
{
    worker_journal_t  *journal;

    journal = calloc(1, sizeof(worker_journal_t));
    if (journal == NULL) {
        worker_log(log, WORKER_LOG_ERROR, "out of memory");
        return NULL;
    }

    base_buf_init(&journal->unread, NULL, SIZE_MAX);
    journal->log = log;
    journal->slot_count = WORKER_JOURNAL_SLOTS_MIN;
    journal->slots = calloc(journal->slot_count, sizeof(uint64_t));
    journal->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    if (journal->fd < 0 || journal->slots == NULL) {
        worker_log(log, WORKER_LOG_ERROR, "cannot open the journal %s: %s",
                   path, journal->fd < 0 ? strerror(errno) : "out of memory");
        worker_journal_free(journal);
        return NULL;
    }

    return journal;
}


void
worker_journal_free(worker_journal_t *journal)
{
    if (journal == NULL) {
        return;
    }

    if (journal->fd >= 0) {
        (void) close(journal->fd);
    }

    base_buf_deinit(&journal->unread);
    free(journal->slots);
    free(journal);
}


bool
worker_journal_charge(worker_journal_t *journal, base_str_t key,
    const char *outcome)
{
    bool        done, known;
    uint64_t    hash = worker_journal_hash(key);
    base_buf_t  line;

    base_buf_init(&line, NULL, SIZE_MAX);
    done = flock(journal->fd, LOCK_EX) == 0 && worker_journal_catch_up(journal);

    if (done) {
        known = *worker_journal_slot(journal, hash) != 0;
        base_buf_printf(&line, "%s %.*s%s%s\n", known ? "again" : "charge",
                        BASE_STR_ARG(key), known ? "" : " ",
                        known ? "" : outcome);
        done = !line.failed
               && worker_journal_append(journal, line.data, line.len);
    }

    if (!done) {
        worker_log(journal->log, WORKER_LOG_ERROR,
                   "the payment journal cannot be written: %s",
                   strerror(errno));
    }

    (void) flock(journal->fd, LOCK_UN);
    base_buf_deinit(&line);

    return done;
}


bool
worker_journal_sync(worker_journal_t *journal)
{
    if (fdatasync(journal->fd) == 0) {
        return true;
    }

    worker_log(journal->log, WORKER_LOG_ERROR,
               "the payment journal cannot be synced: %s", strerror(errno));
    return false;
}


/* Reads what has been appended, by us or others, since the last time. */
static bool
worker_journal_catch_up(worker_journal_t *journal)
{
    char     *room;
    ssize_t   n;

    for ( ;; ) {
        room = base_buf_reserve(&journal->unread, WORKER_JOURNAL_READ_BYTES);
        if (room == NULL) {
            errno = ENOMEM;
            return false;
        }

        n = pread(journal->fd, room, WORKER_JOURNAL_READ_BYTES, journal->seen);
        if (n < 0 && errno == EINTR) {
            continue;
        }

        if (n <= 0) {
            return n == 0;
        }

        journal->seen += n;
        journal->unread.len += (size_t) n;
        if (!worker_journal_lines(journal)) {
            errno = ENOMEM;
            return false;
        }
    }
}


/* Takes the complete lines out of the buffer. */
static bool
worker_journal_lines(worker_journal_t *journal)
{
    char        *line = journal->unread.data;
    char        *end = line + journal->unread.len;
    char        *newline;
    const char  *key, *space;
    base_str_t   text;

    for ( ;; ) {
        newline = memchr(line, '\n', (size_t) (end - line));
        if (newline == NULL) {
            break;
        }

        text = base_str(line, (size_t) (newline - line));
        line = newline + 1;

        if (!base_str_starts(text, BASE_STR("charge "))) {
            continue;
        }

        key = memchr(text.data, ' ', text.len);
        key++;
        space = memchr(key, ' ', (size_t) (newline - key));
        if (space != NULL
            && !worker_journal_add(journal,
                                   worker_journal_hash(
                                       base_str(key, (size_t) (space - key)))))
        {
            return false;
        }
    }

    journal->unread.len = (size_t) (end - line);
    memmove(journal->unread.data, line, journal->unread.len);

    return true;
}


static bool
worker_journal_append(worker_journal_t *journal, const char *data, size_t len)
{
    ssize_t  n;

    while (len > 0) {
        n = write(journal->fd, data, len);
        if (n < 0 && errno == EINTR) {
            continue;
        }

        if (n < 0) {
            return false;
        }

        data += n;
        len -= (size_t) n;
    }

    return true;
}


/* FNV-1a; never 0. */
static uint64_t
worker_journal_hash(base_str_t key)
{
    size_t    i;
    uint64_t  h = 14695981039346656037u;

    for (i = 0; i < key.len; i++) {
        h ^= (unsigned char) key.data[i];
        h *= 1099511628211u;
    }

    return h == 0 ? 1 : h;
}


/* Where hash is, or the free slot where it belongs. */
static uint64_t *
worker_journal_slot(const worker_journal_t *journal, uint64_t hash)
{
    size_t  i = (size_t) (hash >> 7) & (journal->slot_count - 1);

    while (journal->slots[i] != 0 && journal->slots[i] != hash) {
        i = (i + 1) & (journal->slot_count - 1);
    }

    return &journal->slots[i];
}


static bool
worker_journal_add(worker_journal_t *journal, uint64_t hash)
{
    size_t     i, old_count = journal->slot_count;
    uint64_t  *slot, *old = journal->slots;

    if (2 * journal->used >= journal->slot_count) {
        journal->slots = calloc(2 * old_count, sizeof(uint64_t));
        if (journal->slots == NULL) {
            journal->slots = old;
            return false;
        }

        journal->slot_count = 2 * old_count;
        for (i = 0; i < old_count; i++) {
            if (old[i] != 0) {
                *worker_journal_slot(journal, old[i]) = old[i];
            }
        }

        free(old);
    }

    slot = worker_journal_slot(journal, hash);
    journal->used += *slot == 0;
    *slot = hash;

    return true;
}
