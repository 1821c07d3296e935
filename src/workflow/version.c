/* SPDX-License-Identifier: BSD-2-Clause */

/* The version of a definition: a hash of what its JSON means. */

#include "workflow/def.h"


/* The finalizer of MurmurHash3: every bit of the result depends on every bit
 * of x. */
static uint64_t
asl_mix(uint64_t x)
{
    x ^= x >> 33;
    x *= 0xff51afd7ed558ccdu;
    x ^= x >> 33;
    x *= 0xc4ceb9fe1a85ec53u;
    return x ^ x >> 33;
}


static uint64_t
asl_hash_bytes(uint64_t hash, const void *bytes, size_t len)
{
    size_t                i;
    const unsigned char  *p = bytes;

    for (i = 0; i < len; i++) {
        hash = (hash ^ p[i]) * 0x100000001b3u;
    }

    return asl_mix(hash);
}


static uint64_t
asl_hash_number(uint64_t hash, const base_json_t *value)
{
    double   number;
    int64_t  integer;

    if (base_json_to_int(value, &integer)) {
        return asl_hash_bytes(hash, &integer, sizeof(integer));
    }

    if (base_json_to_double(value, &number)) {
        return asl_hash_bytes(hash, &number, sizeof(number));
    }

    return asl_hash_bytes(hash, value->text.data, value->text.len);
}


/* The recursion is bounded by the nesting of the text. */
uint64_t
asl_json_hash(const base_json_t *value)
{
    uint64_t            hash = asl_mix(value->type + 0x9e3779b97f4a7c15u), sum;
    const base_json_t  *member;

    switch (value->type) {

    case BASE_JSON_NULL:
        return hash;

    case BASE_JSON_BOOLEAN:
        return asl_mix(hash + value->boolean);

    case BASE_JSON_NUMBER:
        return asl_hash_number(hash, value);

    case BASE_JSON_STRING:
        return asl_hash_bytes(hash, value->text.data, value->text.len);

    case BASE_JSON_ARRAY:
        base_json_each(member, value) {
            hash = asl_mix(hash * 31 + asl_json_hash(member));
        }

        return hash;

    default:
        sum = 0;                        /* the order of members is no matter */
        base_json_each(member, value) {
            sum += asl_mix(asl_hash_bytes(hash, member->key.data,
                                          member->key.len)
                           + asl_json_hash(member));
        }

        return asl_mix(hash + sum);
    }
}


void
asl_version_write(uint64_t hash, char version[16])
{
    int  i;

    for (i = 15; i >= 0; i--) {
        version[i] = "0123456789abcdef"[hash & 15];
        hash >>= 4;
    }
}
