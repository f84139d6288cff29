/* SPDX-License-Identifier: Apache-2.0 */
#include "port.h"

#include <string.h>
#include <valgrind/memcheck.h>

/* A crypto port that mixes bytes by arithmetic alone: what goes in as a secret
 * comes out as one, and nothing in here branches or indexes on it.  It stands
 * for the library, whose own time is the library's (OpenSSL, Mbed TLS). */

static uint64_t mix(uint64_t word)
{
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9ULL;
    word = (word ^ (word >> 27)) * 0x94D049BB133111EBULL;
    return word ^ (word >> 31);
}

static void absorb(uint64_t *state, dg_span bytes)
{
    for (size_t i = 0U; i < bytes.size; i++) {
        *state = mix(*state + bytes.at[i] + 0x9E3779B97F4A7C15ULL);
    }
}

static void fill(uint64_t state, uint8_t *out, size_t size)
{
    for (size_t i = 0U; i < size; i++) {
        state = mix(state + i + 1U);
        out[i] = (uint8_t)state;
    }
}

static enum dg_status do_random(void *context, dg_buf out)
{
    static uint64_t counter;

    (void)context;
    counter++;
    fill(mix(counter), out.at, out.capacity);
    return DG_OK;
}

static enum dg_status do_sha256(void *context,
                                const dg_span *parts,
                                size_t count,
                                struct dg_hash *hash)
{
    uint64_t state = 1U;

    (void)context;
    for (size_t i = 0U; i < count; i++) {
        absorb(&state, parts[i]);
    }
    fill(state, hash->byte, sizeof hash->byte);
    return DG_OK;
}

static enum dg_status do_hmac(void *context,
                              dg_span key,
                              const dg_span *parts,
                              size_t count,
                              struct dg_hash *mac)
{
    uint64_t state = 2U;

    (void)context;
    absorb(&state, key);
    for (size_t i = 0U; i < count; i++) {
        absorb(&state, parts[i]);
    }
    fill(state, mac->byte, sizeof mac->byte);
    return DG_OK;
}

static void tag_of(const struct dg_aead_key *key,
                   dg_span aad,
                   dg_span plain,
                   uint8_t tag[DG_TAG_SIZE])
{
    uint64_t state = 3U;

    absorb(&state, (dg_span){key->key, sizeof key->key});
    absorb(&state, (dg_span){key->nonce, sizeof key->nonce});
    absorb(&state, aad);
    absorb(&state, plain);
    fill(state, tag, DG_TAG_SIZE);
}

/* What is sealed is not encrypted: the message itself is not what this test
 * is about, and a tag in the open is no secret. */
static enum dg_status do_seal(void *context,
                              const struct dg_aead_key *key,
                              size_t tag_size,
                              dg_span aad,
                              dg_span plain,
                              dg_buf out)
{
    uint8_t tag[DG_TAG_SIZE];

    (void)context;
    if (out.capacity < (plain.size + tag_size)) {
        return DG_E_NO_SPACE;
    }
    tag_of(key, aad, plain, tag);
    if (plain.size > 0U) {
        memmove(out.at, plain.at, plain.size);
    }
    memcpy(&out.at[plain.size], tag, tag_size);
    (void)VALGRIND_MAKE_MEM_DEFINED(&out.at[plain.size], tag_size);
    return DG_OK;
}

static enum dg_status do_open(void *context,
                              const struct dg_aead_key *key,
                              size_t tag_size,
                              dg_span aad,
                              dg_span sealed,
                              dg_buf out)
{
    uint8_t tag[DG_TAG_SIZE];
    uint8_t difference = 0U;

    (void)context;
    if (sealed.size < tag_size) {
        return DG_E_AUTH;
    }

    const dg_span plain = {sealed.at, sealed.size - tag_size};

    tag_of(key, aad, plain, tag);
    for (size_t i = 0U; i < tag_size; i++) {
        difference |= (uint8_t)(tag[i] ^ sealed.at[plain.size + i]);
    }
    /* Whether it held is for everybody to see. */
    (void)VALGRIND_MAKE_MEM_DEFINED(&difference, sizeof difference);
    if (difference != 0U) {
        return DG_E_AUTH;
    }
    if (plain.size > 0U) {
        memmove(out.at, plain.at, plain.size);
    }
    return DG_OK;
}

static void point_of(uint64_t state, struct dg_public_key *point)
{
    fill(state, point->x, sizeof point->x);
    fill(state + 1U, point->y, sizeof point->y);
}

static enum dg_status do_public(void *context,
                                const struct dg_secret *private_key,
                                struct dg_public_key *public_key)
{
    uint64_t state = 4U;

    (void)context;
    absorb(&state, DG_SPAN_OF(private_key->byte));
    point_of(state, public_key);
    (void)VALGRIND_MAKE_MEM_DEFINED(public_key, sizeof *public_key);
    return DG_OK;
}

static enum dg_status do_generate(void *context,
                                  struct dg_secret *private_key,
                                  struct dg_public_key *public_key)
{
    (void)do_random(context, DG_BUF_OF(private_key->byte));
    (void)VALGRIND_MAKE_MEM_UNDEFINED(private_key, sizeof *private_key);
    return do_public(context, private_key, public_key);
}

static enum dg_status do_ecdh(void *context,
                              const struct dg_secret *private_key,
                              const uint8_t peer_x[DG_P256_SIZE],
                              struct dg_secret *shared)
{
    uint64_t state = 5U;

    (void)context;
    absorb(&state, DG_SPAN_OF(private_key->byte));
    absorb(&state, (dg_span){peer_x, DG_P256_SIZE});
    fill(state, shared->byte, sizeof shared->byte);
    return DG_OK;
}

static enum dg_status do_multiply(void *context,
                                  const struct dg_secret *scalar,
                                  const struct dg_public_key *point,
                                  struct dg_public_key *product)
{
    uint64_t state = 6U;

    (void)context;
    absorb(&state, DG_SPAN_OF(scalar->byte));
    absorb(&state, DG_SPAN_OF(point->x));
    point_of(state, product);
    return DG_OK;
}

static enum dg_status do_add(void *context,
                             const struct dg_public_key *a,
                             const struct dg_public_key *b,
                             struct dg_public_key *sum)
{
    uint64_t state = 7U;

    (void)context;
    absorb(&state, DG_SPAN_OF(a->x));
    absorb(&state, DG_SPAN_OF(b->x));
    point_of(state, sum);
    return DG_OK;
}

void ct_port(struct dg_crypto *crypto)
{
    memset(crypto, 0, sizeof *crypto);
    crypto->random = do_random;
    crypto->sha256 = do_sha256;
    crypto->hmac_sha256 = do_hmac;
    crypto->ccm_seal = do_seal;
    crypto->ccm_open = do_open;
    crypto->p256_generate = do_generate;
    crypto->p256_public = do_public;
    crypto->p256_ecdh = do_ecdh;
    crypto->p256_multiply = do_multiply;
    crypto->p256_add = do_add;
}
