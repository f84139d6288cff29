/* SPDX-License-Identifier: Apache-2.0 */
#include "ports/host/crypto_openssl.h"

#include <string.h>

/* Stands where the crypto of the host would: the same shape, a thousand times
 * as quick, and no security at all.  What is tested here is what the device
 * does with messages, not who can read them; that has tests of its own, with
 * real keys. */

struct state {
    uint64_t word[4];
};

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31);
}

static void absorb(struct state *state, dg_span bytes)
{
    for (size_t i = 0U; i < bytes.size; i += 8U) {
        const size_t left = bytes.size - i;
        uint64_t word = 0U;

        memcpy(&word, &bytes.at[i], (left < 8U) ? left : 8U);
        state->word[0] = mix(state->word[0] + word + 0x9E3779B97F4A7C15ULL);
        state->word[1] = mix(state->word[1] ^ state->word[0]);
    }
    state->word[1] ^= bytes.size;
}

/* Nothing may lie nowhere. */
static void copy(uint8_t *to, dg_span from)
{
    if (from.size > 0U) {
        memmove(to, from.at, from.size);
    }
}

static void finish(struct state *state, struct dg_hash *hash)
{
    for (unsigned i = 0U; i < 4U; i++) {
        state->word[0] = mix(state->word[0] + state->word[1] + i);
        memcpy(&hash->byte[8U * i], &state->word[0], 8U);
    }
}

static enum dg_status do_random(void *context, dg_buf out)
{
    static uint64_t counter;

    (void)context;
    for (size_t i = 0U; i < out.capacity; i++) {
        counter++;
        out.at[i] = (uint8_t)mix(counter * 0x9E3779B97F4A7C15ULL);
    }
    return DG_OK;
}

static enum dg_status do_sha256(void *context,
                                const dg_span *parts,
                                size_t count,
                                struct dg_hash *hash)
{
    struct state state = {{1U}};

    (void)context;
    for (size_t i = 0U; i < count; i++) {
        absorb(&state, parts[i]);
    }
    finish(&state, hash);
    return DG_OK;
}

static enum dg_status do_hmac(void *context,
                              dg_span key,
                              const dg_span *parts,
                              size_t count,
                              struct dg_hash *mac)
{
    struct state state = {{2U}};

    (void)context;
    absorb(&state, key);
    for (size_t i = 0U; i < count; i++) {
        absorb(&state, parts[i]);
    }
    finish(&state, mac);
    return DG_OK;
}

static void tag_of(const struct dg_aead_key *key,
                   dg_span aad,
                   dg_span plain,
                   struct dg_hash *tag)
{
    struct state state = {{3U}};

    absorb(&state, (dg_span){key->key, sizeof key->key});
    absorb(&state, (dg_span){key->nonce, sizeof key->nonce});
    absorb(&state, aad);
    absorb(&state, plain);
    finish(&state, tag);
}

static enum dg_status do_seal(void *context,
                              const struct dg_aead_key *key,
                              size_t tag_size,
                              dg_span aad,
                              dg_span plain,
                              dg_buf out)
{
    struct dg_hash tag;

    (void)context;
    if (out.capacity < (plain.size + tag_size)) {
        return DG_E_NO_SPACE;
    }
    tag_of(key, aad, plain, &tag);
    copy(out.at, plain);
    memcpy(&out.at[plain.size], tag.byte, tag_size);
    return DG_OK;
}

static enum dg_status do_open(void *context,
                              const struct dg_aead_key *key,
                              size_t tag_size,
                              dg_span aad,
                              dg_span sealed,
                              dg_buf out)
{
    struct dg_hash tag;

    (void)context;
    if (sealed.size < tag_size) {
        return DG_E_AUTH;
    }

    const dg_span plain = {sealed.at, sealed.size - tag_size};

    tag_of(key, aad, plain, &tag);
    if (memcmp(&sealed.at[plain.size], tag.byte, tag_size) != 0) {
        return DG_E_AUTH;
    }
    copy(out.at, plain);
    return DG_OK;
}

static enum dg_status do_public(void *context,
                                const struct dg_secret *private_key,
                                struct dg_public_key *public_key)
{
    (void)context;
    for (size_t i = 0U; i < DG_P256_SIZE; i++) {
        public_key->x[i] = private_key->byte[i];
        public_key->y[i] = (uint8_t)~private_key->byte[i];
    }
    return DG_OK;
}

static enum dg_status do_generate(void *context,
                                  struct dg_secret *private_key,
                                  struct dg_public_key *public_key)
{
    (void)do_random(context,
                    (dg_buf){private_key->byte, sizeof private_key->byte});
    return do_public(context, private_key, public_key);
}

static enum dg_status do_ecdh(void *context,
                              const struct dg_secret *private_key,
                              const uint8_t peer_x[DG_P256_SIZE],
                              struct dg_secret *shared)
{
    (void)context;
    for (size_t i = 0U; i < DG_P256_SIZE; i++) {
        shared->byte[i] = private_key->byte[i] ^ peer_x[i];
    }
    return DG_OK;
}

static enum dg_status do_multiply(void *context,
                                  const struct dg_secret *scalar,
                                  const struct dg_public_key *point,
                                  struct dg_public_key *product)
{
    (void)context;
    (void)scalar;
    (void)point;
    (void)product;
    return DG_E_PORT;
}

static enum dg_status do_add(void *context,
                             const struct dg_public_key *a,
                             const struct dg_public_key *b,
                             struct dg_public_key *sum)
{
    (void)context;
    (void)a;
    (void)b;
    (void)sum;
    return DG_E_PORT;
}

static void sign(const uint8_t x[DG_P256_SIZE],
                 const struct dg_hash *hash,
                 struct dg_signature *signature)
{
    struct state state = {{4U}};
    struct dg_hash half;

    absorb(&state, (dg_span){x, DG_P256_SIZE});
    absorb(&state, (dg_span){hash->byte, sizeof hash->byte});
    finish(&state, &half);
    memcpy(signature->byte, half.byte, sizeof half.byte);
    memcpy(&signature->byte[sizeof half.byte], half.byte, sizeof half.byte);
}

static enum dg_status do_sign(void *context,
                              const struct dg_secret *private_key,
                              const struct dg_hash *hash,
                              struct dg_signature *signature)
{
    (void)context;
    sign(private_key->byte, hash, signature);
    return DG_OK;
}

static enum dg_status do_verify(void *context,
                                const struct dg_public_key *public_key,
                                const struct dg_hash *hash,
                                const struct dg_signature *signature)
{
    struct dg_signature right;

    (void)context;
    sign(public_key->x, hash, &right);
    return (memcmp(right.byte, signature->byte, sizeof right.byte) == 0)
               ? DG_OK
               : DG_E_AUTH;
}

static enum dg_status do_sha256_flash(void *context,
                                      const struct dg_flash *flash,
                                      uint32_t offset,
                                      uint32_t size,
                                      struct dg_hash *hash)
{
    (void)context;
    (void)flash;
    (void)offset;
    (void)size;
    (void)hash;
    return DG_E_PORT;
}

enum dg_status dg_crypto_openssl_init(struct dg_crypto *crypto)
{
    *crypto = (struct dg_crypto){NULL,
                                 do_random,
                                 do_sha256,
                                 do_hmac,
                                 do_seal,
                                 do_open,
                                 do_generate,
                                 do_public,
                                 do_ecdh,
                                 do_multiply,
                                 do_add,
                                 do_sign,
                                 do_verify,
                                 do_sha256_flash};
    return DG_OK;
}
