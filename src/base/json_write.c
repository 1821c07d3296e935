/* SPDX-License-Identifier: BSD-2-Clause */

/* From values to text.  The buffer keeps the failure, so nothing here looks
 * for one. */

#include "base/json.h"

#include "base/json_internal.h"


#define WRITE_INDENT_SPACES  2


typedef struct {
    base_buf_t  *buf;
    bool         pretty;
} json_writer_t;

typedef void (*json_write_fn)(const json_writer_t *writer,
    const base_json_t *value, unsigned depth);


static void json_write_null(const json_writer_t *writer,
    const base_json_t *value, unsigned depth);
static void json_write_boolean(const json_writer_t *writer,
    const base_json_t *value, unsigned depth);
static void json_write_number(const json_writer_t *writer,
    const base_json_t *value, unsigned depth);
static void json_write_string(const json_writer_t *writer,
    const base_json_t *value, unsigned depth);
static void json_write_container(const json_writer_t *writer,
    const base_json_t *value, unsigned depth);
static void json_write_break(const json_writer_t *writer, unsigned depth);
static size_t json_plain(char *text, size_t len);
static bool json_is_special(unsigned char c);
static void json_write_rest(base_buf_t *buf, base_str_t s)
    __attribute__((noinline));          /* rare, and needs many registers */
static void json_write_escape(base_buf_t *buf, unsigned char c);


static const json_write_fn  json_writers[] = {
    [BASE_JSON_NULL] = json_write_null,
    [BASE_JSON_BOOLEAN] = json_write_boolean,
    [BASE_JSON_NUMBER] = json_write_number,
    [BASE_JSON_STRING] = json_write_string,
    [BASE_JSON_ARRAY] = json_write_container,
    [BASE_JSON_OBJECT] = json_write_container,
};

/* The letter of a two-character escape; 0 where there is none. */
static const char  json_escapes[256] = {
    ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r',
    ['"'] = '"', ['\\'] = '\\',
};


void
base_json_write(base_buf_t *buf, const base_json_t *value)
{
    json_writer_t  writer = { .buf = buf, .pretty = false };

    json_writers[value->type](&writer, value, 0);
}


void
base_json_write_pretty(base_buf_t *buf, const base_json_t *value)
{
    json_writer_t  writer = { .buf = buf, .pretty = true };

    json_writers[value->type](&writer, value, 0);
}


void
base_json_write_str(base_buf_t *buf, base_str_t s)
{
    char    *p;
    size_t   plain;

    if (s.len > SIZE_MAX - 2) {
        base_buf_fail(buf);
        return;
    }

    p = base_buf_reserve(buf, s.len + 2);
    if (p == NULL) {
        return;
    }

    *p++ = '"';
    if (s.len > 0) {
        memcpy(p, s.data, s.len);
    }

    plain = json_plain(p, s.len);
    buf->len += plain + 1;

    if (plain < s.len) {
        json_write_rest(buf, base_str(s.data + plain, s.len - plain));
        return;
    }

    p[plain] = '"';
    buf->len++;
}


static void
json_write_null(const json_writer_t *writer, const base_json_t *value,
    unsigned depth)
{
    (void) value;
    (void) depth;

    base_buf_add_lit(writer->buf, "null");
}


static void
json_write_boolean(const json_writer_t *writer, const base_json_t *value,
    unsigned depth)
{
    (void) depth;

    base_buf_add_str(writer->buf,
        value->boolean ? BASE_STR("true") : BASE_STR("false"));
}


static void
json_write_number(const json_writer_t *writer, const base_json_t *value,
    unsigned depth)
{
    (void) depth;

    base_buf_add_str(writer->buf, value->text);
}


static void
json_write_string(const json_writer_t *writer, const base_json_t *value,
    unsigned depth)
{
    (void) depth;

    base_json_write_str(writer->buf, value->text);
}


static void
json_write_container(const json_writer_t *writer, const base_json_t *value,
    unsigned depth)
{
    bool                object = value->type == BASE_JSON_OBJECT;
    base_buf_t         *buf = writer->buf;
    const base_json_t  *item;

    if (depth == BASE_JSON_DEPTH_CEILING) {
        base_buf_fail(buf);
        return;
    }

    base_buf_add_char(buf, object ? '{' : '[');

    base_json_each(item, value) {
        if (item != value->members.first) {
            base_buf_add_char(buf, ',');
        }

        json_write_break(writer, depth + 1);

        if (object) {
            base_json_write_str(buf, item->key);
            base_buf_add_char(buf, ':');

            if (writer->pretty) {
                base_buf_add_char(buf, ' ');
            }
        }

        json_writers[item->type](writer, item, depth + 1);
    }

    if (value->count != 0) {
        json_write_break(writer, depth);
    }

    base_buf_add_char(buf, object ? '}' : ']');
}


/* A new line in pretty text. */
static void
json_write_break(const json_writer_t *writer, unsigned depth)
{
    char    *p;
    size_t   spaces = (size_t) depth * WRITE_INDENT_SPACES;

    if (!writer->pretty) {
        return;
    }

    p = base_buf_reserve(writer->buf, spaces + 1);
    if (p == NULL) {
        return;
    }

    p[0] = '\n';
    memset(p + 1, ' ', spaces);
    writer->buf->len += spaces + 1;
}


/*
 * The number of bytes before the first that needs an escape.  text is in a
 * buffer: what is spare behind it is made plain, so that there are whole blocks
 * only.
 */
static size_t
json_plain(char *text, size_t len)
{
    size_t                      i;
    base_json_unsigned_block_t  block;

    _Static_assert(sizeof(block) <= BASE_BUF_SPARE_BYTES, "room for a block");

    memset(text + len, ' ', sizeof(block));

    for (i = 0; i < len; i += sizeof(block)) {
        memcpy(&block, text + i, sizeof(block));

        if (base_json_block_any((block < 0x20) | (block == '"')
                                | (block == '\\')))
        {
            break;
        }
    }

    while (i < len && !json_is_special((unsigned char) text[i])) {
        i++;
    }

    return i < len ? i : len;
}


static bool
json_is_special(unsigned char c)
{
    return c < 0x20 || c == '"' || c == '\\';
}


/* What begins with a byte that needs an escape, and the quote behind it. */
static void
json_write_rest(base_buf_t *buf, base_str_t s)
{
    size_t  i, from = 0;

    for (i = 0; i < s.len; i++) {
        if (json_is_special((unsigned char) s.data[i])) {
            base_buf_add(buf, s.data + from, i - from);
            json_write_escape(buf, (unsigned char) s.data[i]);
            from = i + 1;
        }
    }

    base_buf_add(buf, s.data + from, i - from);
    base_buf_add_char(buf, '"');
}


static void
json_write_escape(base_buf_t *buf, unsigned char c)
{
    static const char  hex[] = "0123456789abcdef";

    char  letter = json_escapes[c];

    if (letter != 0) {
        base_buf_add_char(buf, '\\');
        base_buf_add_char(buf, letter);
        return;
    }

    base_buf_add_lit(buf, "\\u00");
    base_buf_add_char(buf, hex[c >> 4]);
    base_buf_add_char(buf, hex[c & 15]);
}
