/* SPDX-License-Identifier: BSD-2-Clause */

#include "base/sha256.h"

#include "base/encoding.h"


#define SHA256_ROUNDS       64

/* The length in bits ends the last block. */
#define SHA256_LENGTH_BYTES  8


/* The cube roots of the first 64 primes: 32 bits behind the point. */
static const uint32_t  sha256_constants[SHA256_ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5,
    0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc,
    0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
    0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5,
    0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};


static void sha256_block(uint32_t *state, const unsigned char *block);
static void sha256_schedule(uint32_t *w, const unsigned char *block);
static uint32_t sha256_rotate(uint32_t x, unsigned bits);


void
base_sha256_init(base_sha256_t *sha)
{
    /* the square roots of the first eight primes */
    static const uint32_t  state[BASE_SHA256_WORDS] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
    };

    memcpy(sha->state, state, sizeof(state));
    sha->len = 0;
}


void
base_sha256_add(base_sha256_t *sha, base_str_t data)
{
    size_t       n, filled = sha->len % BASE_SHA256_BLOCK_BYTES;
    size_t       left = data.len;
    const char  *p = data.data;

    sha->len += left;

    if (filled > 0 && left > 0) {
        n = BASE_SHA256_BLOCK_BYTES - filled;
        n = left < n ? left : n;
        memcpy(sha->rest + filled, p, n);
        p += n;
        left -= n;

        if (filled + n < BASE_SHA256_BLOCK_BYTES) {
            return;
        }

        sha256_block(sha->state, sha->rest);
    }

    for ( /* void */ ; left >= BASE_SHA256_BLOCK_BYTES;
         left -= BASE_SHA256_BLOCK_BYTES)
    {
        sha256_block(sha->state, (const unsigned char *) p);
        p += BASE_SHA256_BLOCK_BYTES;
    }

    if (left > 0) {
        memcpy(sha->rest, p, left);
    }
}


void
base_sha256_end(base_sha256_t *sha, unsigned char digest[BASE_SHA256_BYTES])
{
    size_t         i, filled = sha->len % BASE_SHA256_BLOCK_BYTES;
    uint64_t       bits = sha->len * 8;
    unsigned char  last[2 * BASE_SHA256_BLOCK_BYTES] = { 0 };

    /* a one bit, zeros, and the length: in one block if there is room */

    memcpy(last, sha->rest, filled);
    last[filled] = 0x80;

    i = filled < BASE_SHA256_BLOCK_BYTES - SHA256_LENGTH_BYTES
        ? BASE_SHA256_BLOCK_BYTES : 2 * BASE_SHA256_BLOCK_BYTES;

    for ( /* void */ ; bits > 0; bits >>= 8) {
        last[--i] = (unsigned char) bits;
    }

    sha256_block(sha->state, last);

    if (filled >= BASE_SHA256_BLOCK_BYTES - SHA256_LENGTH_BYTES) {
        sha256_block(sha->state, last + BASE_SHA256_BLOCK_BYTES);
    }

    for (i = 0; i < BASE_SHA256_BYTES; i++) {
        digest[i] = (unsigned char) (sha->state[i / 4] >> (24 - 8 * (i % 4)));
    }
}


void
base_sha256_hex(base_str_t data, char hex[BASE_SHA256_HEX_BYTES])
{
    base_sha256_t  sha;
    unsigned char  digest[BASE_SHA256_BYTES];

    base_sha256_init(&sha);
    base_sha256_add(&sha, data);
    base_sha256_end(&sha, digest);
    base_hex(digest, sizeof(digest), hex);
}


/* With the names of FIPS 180-4. */
static void
sha256_block(uint32_t *state, const unsigned char *block)
{
    unsigned  i;
    uint32_t  t1, t2, w[SHA256_ROUNDS];
    uint32_t  a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t  e = state[4], f = state[5], g = state[6], h = state[7];

    sha256_schedule(w, block);

    for (i = 0; i < SHA256_ROUNDS; i++) {
        t1 = h + (sha256_rotate(e, 6) ^ sha256_rotate(e, 11)
                  ^ sha256_rotate(e, 25))
             + ((e & f) ^ (~e & g)) + sha256_constants[i] + w[i];

        t2 = (sha256_rotate(a, 2) ^ sha256_rotate(a, 13)
              ^ sha256_rotate(a, 22))
             + ((a & b) ^ (a & c) ^ (b & c));

        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }

    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
    state[4] += e;
    state[5] += f;
    state[6] += g;
    state[7] += h;
}


static void
sha256_schedule(uint32_t *w, const unsigned char *block)
{
    unsigned  i;

    for (i = 0; i < 16; i++) {
        w[i] = (uint32_t) block[4 * i] << 24
               | (uint32_t) block[4 * i + 1] << 16
               | (uint32_t) block[4 * i + 2] << 8
               | (uint32_t) block[4 * i + 3];
    }

    for ( /* void */ ; i < SHA256_ROUNDS; i++) {
        w[i] = w[i - 16] + w[i - 7]
               + (sha256_rotate(w[i - 15], 7) ^ sha256_rotate(w[i - 15], 18)
                  ^ w[i - 15] >> 3)
               + (sha256_rotate(w[i - 2], 17) ^ sha256_rotate(w[i - 2], 19)
                  ^ w[i - 2] >> 10);
    }
}


static uint32_t
sha256_rotate(uint32_t x, unsigned bits)
{
    return x >> bits | x << (32 - bits);
}
