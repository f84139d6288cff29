/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/spake2plus.h"

#include <stdbool.h>
#include <string.h>

#include "bytes.h"
#include "p256_scalar.h"

/* From a code that a person can type to w0 and w1 (RFC 9383, 3.2). */

#define LENGTH_SIZE  8U
#define INPUT_MAX    (DG_SPAKE2PLUS_INPUT_MAX + (3U * LENGTH_SIZE))
#define OUTPUT_SIZE  (2U * DG_P256_WIDE_SIZE)
#define BLOCKS       3U /* of 32 bytes, the last one cut */
#define SALT_MAX     64U
#define HMAC_KEY_MAX 64U /* a longer key counts as its hash (RFC 2104) */

/* len(item) | item, the length in 8 bytes, little endian. */
static size_t put(uint8_t *at, dg_span item)
{
    memset(at, 0, LENGTH_SIZE);
    at[0] = (uint8_t)item.size;
    memcpy(&at[LENGTH_SIZE], item.at, item.size);
    return LENGTH_SIZE + item.size;
}

/* One block of PBKDF2 (RFC 8018, 5.2): U1 ^ U2 ^ ... */
static enum dg_status stretch_block(const struct dg_crypto *crypto,
                                    dg_span key,
                                    dg_span salt,
                                    uint32_t iterations,
                                    uint8_t number,
                                    struct dg_hash *block)
{
    const uint8_t index[4] = {0U, 0U, 0U, number};
    const dg_span first[] = {salt, DG_SPAN_OF(index)};
    struct dg_hash u;
    enum dg_status status =
        crypto->hmac_sha256(crypto->context, key, first, 2U, &u);

    if (status == DG_OK) {
        *block = u;
    }
    for (uint32_t i = 1U; (i < iterations) && (status == DG_OK); i++) {
        const struct dg_hash last = u;
        const dg_span again = DG_SPAN_OF(last.byte);

        status = crypto->hmac_sha256(crypto->context, key, &again, 1U, &u);
        for (size_t k = 0U; (k < DG_HASH_SIZE) && (status == DG_OK); k++) {
            block->byte[k] ^= u.byte[k];
        }
    }
    dg_bytes_wipe(&u, sizeof u);
    return status;
}

static enum dg_status stretch(const struct dg_crypto *crypto,
                              dg_span key,
                              dg_span salt,
                              uint32_t iterations,
                              struct dg_spake2plus_secrets *secrets)
{
    uint8_t output[BLOCKS * DG_HASH_SIZE];
    enum dg_status status = DG_OK;

    for (uint8_t i = 0U; (i < BLOCKS) && (status == DG_OK); i++) {
        struct dg_hash block;

        status = stretch_block(
            crypto, key, salt, iterations, (uint8_t)(i + 1U), &block);
        if (status == DG_OK) {
            memcpy(&output[(size_t)i * DG_HASH_SIZE],
                   block.byte,
                   sizeof block.byte);
        }
        dg_bytes_wipe(&block, sizeof block);
    }
    if (status == DG_OK) {
        dg_p256_reduce(output, &secrets->w0);
        dg_p256_reduce(&output[DG_P256_WIDE_SIZE], &secrets->w1);
    }
    dg_bytes_wipe(output, sizeof output);
    return status;
}

static bool is_input(dg_span password,
                     const struct dg_spake2plus_names *names,
                     dg_span salt)
{
    return (password.at != NULL) && (names->prover.at != NULL) &&
           (names->verifier.at != NULL) && (salt.at != NULL) &&
           (salt.size != 0U) && (salt.size <= SALT_MAX) &&
           (password.size <= DG_SPAKE2PLUS_INPUT_MAX) &&
           (names->prover.size <= DG_SPAKE2PLUS_INPUT_MAX) &&
           (names->verifier.size <= DG_SPAKE2PLUS_INPUT_MAX) &&
           ((password.size + names->prover.size + names->verifier.size) <=
            DG_SPAKE2PLUS_INPUT_MAX);
}

enum dg_status dg_spake2plus_stretch(const struct dg_crypto *crypto,
                                     dg_span password,
                                     const struct dg_spake2plus_names *names,
                                     dg_span salt,
                                     uint32_t iterations,
                                     struct dg_spake2plus_secrets *secrets)
{
    uint8_t input[INPUT_MAX];
    struct dg_hash hashed;
    dg_span key = {input, 0U};
    enum dg_status status = DG_OK;

    if ((crypto == NULL) || (names == NULL) || (secrets == NULL) ||
        (iterations == 0U) || !is_input(password, names, salt)) {
        return DG_E_USAGE;
    }
    key.size = put(input, password);
    key.size += put(&input[key.size], names->prover);
    key.size += put(&input[key.size], names->verifier);
    if (key.size > HMAC_KEY_MAX) {
        status = crypto->sha256(crypto->context, &key, 1U, &hashed);
        key = DG_SPAN_OF(hashed.byte);
    }
    if (status == DG_OK) {
        status = stretch(crypto, key, salt, iterations, secrets);
    }
    dg_bytes_wipe(input, sizeof input);
    dg_bytes_wipe(&hashed, sizeof hashed);
    return status;
}
