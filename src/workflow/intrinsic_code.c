/* SPDX-License-Identifier: BSD-2-Clause */

/* Intrinsic functions that encode: Base64Encode, Base64Decode, Hash.  The
 * hashes are libcrypto's; it computes only, so the library stays sans-I/O. */

#include "workflow/intrinsic.h"

#include <openssl/evp.h>

#include "base/utf8.h"


static const char  asl_base64[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


static bool
asl_code_text(asl_view_t *view, const char *name, base_str_t text)
{
    if (base_utf8_length(text) <= ASL_CHARACTERS_MAX) {
        return true;
    }

    asl_intrinsic_fail(view, "States.%s expected at most %d characters", name,
                       ASL_CHARACTERS_MAX);
    return false;
}


base_json_t *
asl_intrinsic_base64_encode(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    char                 *out;
    size_t                i, j, n = 0, take;
    base_str_t            text = args[0]->text;
    const unsigned char  *in;
    uint32_t              bits;

    (void) count;
    if (!asl_intrinsic_arg(view, "Base64Encode", args[0], BASE_JSON_STRING)
        || !asl_code_text(view, "Base64Encode", text))
    {
        return NULL;
    }

    out = base_arena_alloc(view->arena, (text.len + 2) / 3 * 4 + 1);
    if (out == NULL) {
        return asl_intrinsic_done(view, NULL);
    }

    in = (const unsigned char *) text.data;
    for (i = 0; i < text.len; i += 3) {
        take = text.len - i < 3 ? text.len - i : 3;
        bits = (uint32_t) in[i] << 16
               | (take > 1 ? (uint32_t) in[i + 1] << 8 : 0)
               | (take > 2 ? (uint32_t) in[i + 2] : 0);
        for (j = 0; j < 4; j++) {
            out[n++] = j <= take ? asl_base64[bits >> (18 - 6 * j) & 63] : '=';
        }
    }

    return asl_intrinsic_done(view, base_json_string(view->arena,
                                                     base_str(out, n)));
}


/* The bytes of text into out; SIZE_MAX if it is not Base64.  Line ends are
 * passed over and the padding may be missing, as MIME's decoders have it. */
static size_t
asl_base64_decode(base_str_t text, char *out)
{
    size_t       i, n = 0, digits = 0, padding = 0;
    uint32_t     bits = 0;
    const char  *digit;

    for (i = 0; i < text.len; i++) {
        char  c = text.data[i];

        if (c == '\r' || c == '\n') {
            continue;
        }

        if (c == '=') {
            padding++;
            continue;
        }

        digit = c == '\0' ? NULL : strchr(asl_base64, c);
        if (digit == NULL || padding > 0) {
            return SIZE_MAX;
        }

        bits = bits << 6 | (uint32_t) (digit - asl_base64);
        if (digits++ % 4 > 0) {
            out[n++] = (char) (bits >> (6 - 2 * ((digits - 1) % 4)));
        }
    }

    if (padding > 0 && (padding > 2 || (digits + padding) % 4 != 0)) {
        return SIZE_MAX;
    }

    return digits % 4 == 1 ? SIZE_MAX : n;
}


base_json_t *
asl_intrinsic_base64_decode(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    char        *out;
    size_t       n;
    base_str_t   text = args[0]->text;

    (void) count;
    if (!asl_intrinsic_arg(view, "Base64Decode", args[0], BASE_JSON_STRING)
        || !asl_code_text(view, "Base64Decode", text))
    {
        return NULL;
    }

    out = base_arena_alloc(view->arena, text.len + 1);
    if (out == NULL) {
        return asl_intrinsic_done(view, NULL);
    }

    n = asl_base64_decode(text, out);
    if (n == SIZE_MAX || !base_utf8_valid(base_str(out, n), NULL)) {
        return asl_intrinsic_fail(view, "States.Base64Decode expected Base64 "
                                  "of UTF-8 text");
    }

    return asl_intrinsic_done(view, base_json_string(view->arena,
                                                     base_str(out, n)));
}


static const struct {
    base_str_t      name;
    const EVP_MD *(*md)(void);
} asl_hashes[] = {
    { BASE_STR_INIT("MD5"), EVP_md5 },
    { BASE_STR_INIT("SHA-1"), EVP_sha1 },
    { BASE_STR_INIT("SHA-256"), EVP_sha256 },
    { BASE_STR_INIT("SHA-384"), EVP_sha384 },
    { BASE_STR_INIT("SHA-512"), EVP_sha512 },
};

#define ASL_HASHES  (sizeof(asl_hashes) / sizeof(asl_hashes[0]))


static base_json_t *
asl_hash_text(asl_view_t *view, base_str_t data, const EVP_MD *md)
{
    char           *out;
    unsigned        i, n = 0;
    unsigned char   digest[EVP_MAX_MD_SIZE];

    out = base_arena_alloc(view->arena, 2 * sizeof(digest));
    if (out == NULL) {
        return asl_intrinsic_done(view, NULL);
    }

    if (!EVP_Digest(data.data, data.len, digest, &n, md, NULL)) {
        return asl_intrinsic_fail(view, "States.Hash: the algorithm is not "
                                  "available");
    }

    for (i = 0; i < n; i++) {
        out[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }

    return asl_intrinsic_done(view,
                              base_json_string(view->arena,
                                               base_str(out, 2 * n)));
}


/* A string as it is, anything else as JSON. */
base_json_t *
asl_intrinsic_hash(asl_view_t *view, const base_json_t *const *args,
    uint32_t count)
{
    size_t      i;
    base_buf_t  buf;
    base_str_t  data;

    (void) count;
    if (!asl_intrinsic_arg(view, "Hash", args[1], BASE_JSON_STRING)) {
        return NULL;
    }

    base_buf_init(&buf, view->arena, SIZE_MAX);
    if (args[0]->type == BASE_JSON_STRING) {
        data = args[0]->text;
    } else {
        base_json_write(&buf, args[0]);
        data = base_buf_str(&buf);
    }

    if (buf.failed) {
        return asl_intrinsic_done(view, NULL);
    }

    if (!asl_code_text(view, "Hash", data)) {
        return NULL;
    }

    for (i = 0; i < ASL_HASHES; i++) {
        if (base_str_eq(args[1]->text, asl_hashes[i].name)) {
            return asl_hash_text(view, data, asl_hashes[i].md());
        }
    }

    return asl_intrinsic_fail(view, "States.Hash expected MD5, SHA-1, SHA-256, "
                              "SHA-384 or SHA-512");
}
