/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_attestation_peek and dg_attestation_verify.  Oracle: both accept
 * the same bytes and read the same; what is accepted is in range, states no
 * claim twice, and signed again reads the same. */
#include "dosegate/attestation.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The signature is not under test: every one holds. */
static enum dg_status any_hash(void *context,
                               const dg_span *parts,
                               size_t count,
                               struct dg_hash *hash)
{
    (void)context;
    (void)parts;
    (void)count;
    memset(hash, 0, sizeof *hash);
    return DG_OK;
}

static enum dg_status any_verify(void *context,
                                 const struct dg_public_key *public_key,
                                 const struct dg_hash *hash,
                                 const struct dg_signature *signature)
{
    (void)context;
    (void)public_key;
    (void)hash;
    (void)signature;
    return DG_OK;
}

static enum dg_status any_sign(void *context,
                               const struct dg_secret *private_key,
                               const struct dg_hash *hash,
                               struct dg_signature *signature)
{
    (void)context;
    (void)private_key;
    (void)hash;
    memset(signature, 0x5A, sizeof *signature);
    return DG_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct dg_crypto crypto = {
        .sha256 = any_hash, .es256_sign = any_sign, .es256_verify = any_verify};
    const struct dg_public_key key = {{0U}, {0U}};
    const struct dg_secret secret = {{0U}};
    const dg_span ticket = {data, size};
    struct dg_attestation peeked;
    struct dg_attestation verified;
    struct dg_attestation again;
    uint8_t room[DG_ATTEST_TICKET_MAX];
    dg_span bytes;

    memset(&peeked, 0, sizeof peeked);
    memset(&verified, 0, sizeof verified);
    memset(&again, 0, sizeof again);

    const enum dg_status first = dg_attestation_peek(ticket, &peeked);
    const enum dg_status second =
        dg_attestation_verify(&crypto, &key, ticket, &verified);

    if ((first != second) || (memcmp(&peeked, &verified, sizeof peeked) != 0)) {
        abort();
    }
    if (first != DG_OK) {
        return 0;
    }
    if ((size > DG_ATTEST_TICKET_MAX) || (peeked.life_s == 0U) ||
        (peeked.life_s > DG_ATTEST_LIFE_S_MAX) || (peeked.epoch == 0U) ||
        (peeked.level < DG_PACKAGE_LOW) || (peeked.level > DG_PACKAGE_HIGH) ||
        ((peeked.claims & (peeked.claims >> 1U) & 0x55555555U) != 0U)) {
        abort();
    }
    if ((dg_attestation_sign(
             &crypto, &secret, &peeked, DG_BUF_OF(room), &bytes) != DG_OK) ||
        (dg_attestation_peek(bytes, &again) != DG_OK) ||
        (memcmp(&peeked, &again, sizeof peeked) != 0)) {
        abort();
    }
    return 0;
}
