/* SPDX-License-Identifier: BSD-2-Clause */

#include "worker/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "orders/keys.h"
#include "worker/config/config_value.h"


#define WORKER_FILE_READ_BYTES  16384



/* One text that is being read. */
typedef struct {
    worker_config_t    *config;
    base_arena_t       *arena;
    worker_problems_t  *problems;
    const char         *source;         /* for messages */
    base_str_t          folder;         /* of relative paths; may be empty */
    const char         *pos;
    const char         *end;
    unsigned            line;
    base_str_t          words[WORKER_CONFIG_WORDS_MAX + 1];
    unsigned            word_count;     /* may be more than fit */
    unsigned            word_line;      /* of words[0] */
    uint8_t             seen[WORKER_SETTINGS_MAX];
} worker_reader_t;

typedef enum {
    WORKER_TOKEN_WORD = 0,
    WORKER_TOKEN_SEMICOLON,
    WORKER_TOKEN_END,
    WORKER_TOKEN_INVALID
} worker_token_t;


static void worker_config_defaults(worker_config_t *config,
    base_arena_t *arena, worker_problems_t *problems);
static void worker_config_read(worker_reader_t *reader);
static worker_token_t worker_reader_token(worker_reader_t *reader);
static worker_token_t worker_reader_word(worker_reader_t *reader);
static bool worker_word_escaped(char quote, const char *p, const char *end);
static void worker_reader_keep(worker_reader_t *reader, base_str_t word);
static void worker_config_set(worker_reader_t *reader);
static void worker_config_expected(worker_reader_t *reader,
    const worker_setting_t *setting, const char *expected);
static void worker_config_place(worker_reader_t *reader, base_str_t *path);
static void worker_config_file(worker_reader_t *reader, const base_str_t *path);
static void worker_config_finish(worker_config_t *config, base_arena_t *arena,
    const char *source, worker_problems_t *problems);
static base_str_t worker_address_shown(base_arena_t *arena, base_str_t text);


void
worker_problems_init(worker_problems_t *problems)
{
    *problems = (worker_problems_t) { .end = &problems->first };
}


void
worker_problems_add(worker_problems_t *problems, base_arena_t *arena,
    bool warning, const char *fmt, ...)
{
    char               text[2048];
    va_list            args;
    worker_problem_t  *problem;

    va_start(args, fmt);
    (void) vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);

    problem = base_arena_zalloc(arena, sizeof(worker_problem_t));
    if (problem == NULL
        || !base_arena_str(arena, base_str_c(text), &problem->text))
    {
        problems->nomem = true;
        return;
    }

    problem->warning = warning;
    problems->errors += !warning;
    *problems->end = problem;
    problems->end = &problem->next;
}


void
worker_config_load(worker_config_t *config, base_arena_t *arena,
    const char *path, base_str_t overrides, base_str_t redis,
    worker_problems_t *problems)
{
    const char       *slash;
    base_str_t        text;
    worker_reader_t   reader;

    worker_config_defaults(config, arena, problems);

    reader = (worker_reader_t) {
        .config = config, .arena = arena, .problems = problems, .line = 1
    };

    if (path != NULL) {
        if (!worker_file_read(arena, path, WORKER_CONFIG_BYTES_MAX, &text)) {
            worker_problems_add(problems, arena, false, "%s: cannot read: %s",
                                path, strerror(errno));
            text = BASE_STR("");
        }

        slash = strrchr(path, '/');
        reader.source = path;
        reader.folder = slash == NULL ? BASE_STR("")
                                      : base_str(path, (size_t) (slash - path)
                                                       + 1);
        reader.pos = text.data;
        reader.end = text.data + text.len;
        worker_config_read(&reader);
    }

    if (overrides.len > 0) {
        memset(reader.seen, 0, sizeof(reader.seen));
        reader.source = "-g";
        reader.folder = BASE_STR("");
        reader.line = 1;
        reader.pos = overrides.data;
        reader.end = overrides.data + overrides.len;
        worker_config_read(&reader);
    }

    if (redis.len > 0) {
        problems->nomem |= !base_arena_str(arena, redis, &config->redis_text);
    }

    worker_config_finish(config, arena, path == NULL ? "-g" : path, problems);
}


void
worker_config_write(base_buf_t *buf, const worker_config_t *config)
{
    size_t                   i;
    const void              *field;
    const worker_setting_t  *setting;

    for (i = 0; i < worker_setting_count; i++) {
        setting = &worker_settings[i];
        field = (const char *) config + setting->offset;
        if (setting->kind->write_lines != NULL) {
            setting->kind->write_lines(buf, setting, field);
            continue;
        }

        base_buf_printf(buf, "%-22.*s ", BASE_STR_ARG(setting->name));
        setting->kind->write(buf, field);
        base_buf_add_lit(buf, ";\n");
    }
}


bool
worker_file_read(base_arena_t *arena, const char *path, size_t bytes_max,
    base_str_t *text)
{
    int          fd, error;
    char        *room;
    ssize_t      n;
    base_buf_t   buf;

    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }

    base_buf_init(&buf, arena, bytes_max + WORKER_FILE_READ_BYTES);
    error = 0;

    do {
        room = base_buf_reserve(&buf, WORKER_FILE_READ_BYTES);
        n = room == NULL ? 0 : read(fd, room, WORKER_FILE_READ_BYTES);
        if (n > 0) {
            buf.len += (size_t) n;
        } else if (n < 0 && errno != EINTR) {
            error = errno;
        }
    } while (n != 0 && error == 0 && buf.len <= bytes_max);

    (void) close(fd);

    if (error == 0 && buf.len > bytes_max) {
        error = EFBIG;
    } else if (error == 0 && buf.failed) {
        error = ENOMEM;
    }

    errno = error;
    *text = base_buf_str(&buf);
    return error == 0;
}


/* The defaults pass through the same readers as everybody's values. */
static void
worker_config_defaults(worker_config_t *config, base_arena_t *arena,
    worker_problems_t *problems)
{
    size_t                   i;
    const char              *space;
    base_str_t               words[2];
    const worker_setting_t  *setting;

    memset(config, 0, sizeof(*config));

    for (i = 0; i < worker_setting_count; i++) {
        setting = &worker_settings[i];
        if (setting->kind->write_lines != NULL) {
            continue;               /* of these there is none at first */
        }

        words[0] = base_str_c(setting->value);
        words[1] = BASE_STR("");

        space = strchr(setting->value, ' ');
        if (setting->kind->words == 2 && space != NULL) {
            words[0].len = (size_t) (space - setting->value);
            words[1] = base_str_c(space + 1);
        }

        if (setting->kind->read(setting, arena, words,
                                (char *) config + setting->offset) != NULL)
        {
            problems->nomem = true;
        }
    }
}


static void
worker_config_read(worker_reader_t *reader)
{
    worker_token_t  token;

    reader->word_count = 0;

    for ( ;; ) {
        token = worker_reader_token(reader);

        if (token == WORKER_TOKEN_SEMICOLON && reader->word_count > 0) {
            worker_config_set(reader);
            reader->word_count = 0;

        } else if (token == WORKER_TOKEN_SEMICOLON) {
            worker_problems_add(reader->problems, reader->arena, false,
                                "%s:%u: unexpected \";\"", reader->source,
                                reader->line);

        } else if (token != WORKER_TOKEN_WORD) {
            break;
        }
    }

    if (token == WORKER_TOKEN_END && reader->word_count > 0) {
        worker_problems_add(reader->problems, reader->arena, false,
                            "%s:%u: \"%.*s\" has no \";\" at its end",
                            reader->source, reader->word_line,
                            BASE_STR_ARG(reader->words[0]));
    }
}


static worker_token_t
worker_reader_token(worker_reader_t *reader)
{
    while (reader->pos < reader->end) {
        switch (*reader->pos) {
        case '\n':
            reader->line++;
            /* fall through */
        case ' ':
        case '\t':
        case '\r':
            reader->pos++;
            break;

        case '#':
            while (reader->pos < reader->end && *reader->pos != '\n') {
                reader->pos++;
            }
            break;

        case ';':
            reader->pos++;
            return WORKER_TOKEN_SEMICOLON;

        default:
            return worker_reader_word(reader);
        }
    }

    return WORKER_TOKEN_END;
}


/* A bare word ends before a blank or ";", a quoted one at its quote. */
static worker_token_t
worker_reader_word(worker_reader_t *reader)
{
    char        c, quote = *reader->pos;
    bool        closed;
    unsigned    line = reader->line;
    base_buf_t  word;

    quote = quote == '"' || quote == '\'' ? quote : '\0';
    closed = quote == '\0';
    reader->pos += quote != '\0';
    base_buf_init(&word, reader->arena, SIZE_MAX);
    (void) base_buf_reserve(&word, 1);

    for (; reader->pos < reader->end; reader->pos++) {
        c = *reader->pos;

        if (quote == '\0' && memchr(" \t\r\n;", c, 5) != NULL) {
            break;
        }

        if (quote != '\0' && c == quote) {
            reader->pos++;
            closed = true;
            break;
        }

        if (worker_word_escaped(quote, reader->pos, reader->end)) {
            reader->pos++;
            c = *reader->pos;
        }

        reader->line += c == '\n';
        base_buf_add_char(&word, c);
    }

    reader->problems->nomem |= word.failed;
    if (!closed) {
        worker_problems_add(reader->problems, reader->arena, false,
                            "%s:%u: the quote is not closed", reader->source,
                            line);
        return WORKER_TOKEN_INVALID;
    }

    if (reader->word_count == 0) {
        reader->word_line = line;
    }

    worker_reader_keep(reader, base_buf_str(&word));
    return WORKER_TOKEN_WORD;
}


/* As nginx: only what would end or begin something can be escaped. */
static bool
worker_word_escaped(char quote, const char *p, const char *end)
{
    if (*p != '\\' || p + 1 == end) {
        return false;
    }

    return quote == '\0' ? memchr("\"'\\; #", p[1], 6) != NULL
                         : p[1] == quote || p[1] == '\\';
}


static void
worker_reader_keep(worker_reader_t *reader, base_str_t word)
{
    if (reader->word_count <= WORKER_CONFIG_WORDS_MAX) {
        reader->words[reader->word_count] = word;
    }

    reader->word_count++;
}


/* One "name value ...;" */
static void
worker_config_set(worker_reader_t *reader)
{
    void                    *field;
    size_t                   i;
    const char              *expected;
    const worker_setting_t  *setting;

    for (i = 0; i < worker_setting_count; i++) {
        if (base_str_eq(worker_settings[i].name, reader->words[0])) {
            break;
        }
    }

    if (i == worker_setting_count) {
        worker_problems_add(reader->problems, reader->arena, false,
                            "%s:%u: there is no setting \"%.*s\"",
                            reader->source, reader->word_line,
                            BASE_STR_ARG(reader->words[0]));
        return;
    }

    setting = &worker_settings[i];
    if (reader->seen[i] && setting->kind->write_lines == NULL) {
        worker_problems_add(reader->problems, reader->arena, false,
                            "%s:%u: \"%.*s\" is set twice", reader->source,
                            reader->word_line, BASE_STR_ARG(setting->name));
        return;
    }

    reader->seen[i] = 1;
    if (reader->word_count - 1 != setting->kind->words) {
        worker_problems_add(reader->problems, reader->arena, false,
                            "%s:%u: \"%.*s\" takes %u value%s, %u came",
                            reader->source, reader->word_line,
                            BASE_STR_ARG(setting->name), setting->kind->words,
                            setting->kind->words == 1 ? "" : "s",
                            reader->word_count - 1);
        return;
    }

    field = (char *) reader->config + setting->offset;
    expected = setting->kind->read(setting, reader->arena, &reader->words[1],
                                   field);
    if (expected != NULL) {
        worker_config_expected(reader, setting, expected);

    } else if (setting->kind == &worker_value_path) {
        worker_config_place(reader, field);

    } else if (setting->kind == &worker_value_file) {
        worker_config_place(reader, field);
        worker_config_file(reader, field);
    }
}


/* expected is empty for a number out of its bounds. */
static void
worker_config_expected(worker_reader_t *reader, const worker_setting_t *setting,
    const char *expected)
{
    base_buf_t  bounds;

    base_buf_init(&bounds, reader->arena, SIZE_MAX);
    if (expected[0] == '\0') {
        bool  times = setting->kind == &worker_value_times;

        const worker_value_kind_t  *kind = times ? &worker_value_time
                                                 : setting->kind;

        base_buf_add_lit(&bounds, "from ");
        kind->write(&bounds, &setting->min);
        base_buf_add_lit(&bounds, " to ");
        kind->write(&bounds, &setting->max);

    } else {
        base_buf_add_str(&bounds, base_str_c(expected));
    }

    reader->problems->nomem |= bounds.failed;
    worker_problems_add(reader->problems, reader->arena, false,
                        "%s:%u: \"%.*s\" of \"%.*s\": expected %.*s",
                        reader->source, reader->word_line,
                        BASE_STR_ARG(reader->words[1]),
                        BASE_STR_ARG(setting->name),
                        BASE_STR_ARG(base_buf_str(&bounds)));
}


static void
worker_config_place(worker_reader_t *reader, base_str_t *path)
{
    if (path->len == 0 || path->data[0] == '/' || reader->folder.len == 0) {
        return;
    }

    *path = base_arena_printf(reader->arena, "%.*s%.*s",
                              BASE_STR_ARG(reader->folder),
                              BASE_STR_ARG(*path));
    reader->problems->nomem |= path->data == NULL;
}


/* What is to be read later must be there now. */
static void
worker_config_file(worker_reader_t *reader, const base_str_t *path)
{
    if (path->len == 0 || path->data == NULL
        || access(path->data, R_OK) == 0)
    {
        return;
    }

    worker_problems_add(reader->problems, reader->arena, false,
                        "%s:%u: \"%.*s\" of \"%.*s\": cannot read: %s",
                        reader->source, reader->word_line,
                        BASE_STR_ARG(*path), BASE_STR_ARG(reader->words[0]),
                        strerror(errno));
}


/* What needs more than one value's own reader. */
static void
worker_config_finish(worker_config_t *config, base_arena_t *arena,
    const char *source, worker_problems_t *problems)
{
    char            host[256];
    const char     *reason;
    orders_keys_t   keys;

    if (!rds_address_parse(arena, config->redis_text, &config->redis, &reason))
    {
        worker_problems_add(problems, arena, false, "%s: \"redis\": %s",
                            source, reason);
    }

    config->redis_text = worker_address_shown(arena, config->redis_text);
    problems->nomem |= config->redis_text.data == NULL;

    if (!orders_keys_init(&keys, arena, config->prefix, config->partition,
                          &reason))
    {
        worker_problems_add(problems, arena, false, "%s: \"prefix\" %s",
                            source, reason);
    }

    if (config->name.len == 0) {
        if (gethostname(host, sizeof(host)) != 0) {
            (void) snprintf(host, sizeof(host), "worker");
        }

        host[WORKER_NAME_BYTES_MAX] = '\0';
        problems->nomem |= !base_arena_str(arena, base_str_c(host),
                                           &config->name);
    }
}


/* User and password become "***"; a unix address goes without parameters. */
static base_str_t
worker_address_shown(base_arena_t *arena, base_str_t text)
{
    const char  *at, *slashes;

    if (base_str_starts(text, BASE_STR("unix:"))) {
        at = memchr(text.data, '?', text.len);
        return at == NULL ? text
                          : base_str(text.data, (size_t) (at - text.data));
    }

    at = memrchr(text.data, '@', text.len);
    slashes = memmem(text.data, text.len, "//", 2);
    if (at == NULL || slashes == NULL || at < slashes) {
        return text;
    }

    return base_arena_printf(arena, "%.*s***%.*s",
                             (int) (slashes + 2 - text.data), text.data,
                             (int) (text.data + text.len - at), at);
}
