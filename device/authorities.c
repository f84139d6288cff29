/* SPDX-License-Identifier: Apache-2.0 */
#include "authorities.h"

#include <stddef.h>
#include <string.h>

#define POLICY_LIFE_S 31536000U /* 365 days */

enum dg_status dg_authority_secret(const struct dg_crypto *crypto,
                                   enum dg_authority_of which,
                                   const uint8_t seed[DG_HASH_SIZE],
                                   struct dg_secret *secret)
{
    static const uint8_t text[] = "dosegate bench authority 1";
    const uint8_t number[1] = {(uint8_t)which};
    const dg_span parts[] = {
        DG_SPAN_OF(text), DG_SPAN_OF(number), {seed, DG_HASH_SIZE}};
    struct dg_hash hash;
    const enum dg_status status =
        crypto->sha256(crypto->context, parts, 3U, &hash);

    if (status == DG_OK) {
        memcpy(secret->byte, hash.byte, sizeof secret->byte);
    }
    return status;
}

static enum dg_status public_of(const struct dg_crypto *crypto,
                                enum dg_authority_of which,
                                const uint8_t seed[DG_HASH_SIZE],
                                struct dg_public_key *key)
{
    struct dg_secret secret;
    const enum dg_status status =
        dg_authority_secret(crypto, which, seed, &secret);

    return (status == DG_OK)
               ? crypto->p256_public(crypto->context, &secret, key)
               : status;
}

enum dg_status dg_authority_trust(const struct dg_crypto *crypto,
                                  const uint8_t seed[DG_HASH_SIZE],
                                  dg_seconds now,
                                  struct dg_trust *trust)
{
    memset(trust, 0, sizeof *trust);
    trust->policy.version = 1U;
    trust->policy.life_s = POLICY_LIFE_S;
    trust->policy.epoch = 1U;
    trust->policy_at = now;

    enum dg_status status =
        public_of(crypto, DG_OF_VERIFIER, seed, &trust->policy.verifier);

    if (status == DG_OK) {
        status = public_of(crypto, DG_OF_MAKER, seed, &trust->policy_key);
    }
    if (status == DG_OK) {
        status =
            public_of(crypto, DG_OF_PRESCRIBER, seed, &trust->prescriber_key);
    }
    return status;
}

enum dg_status dg_authority_ticket(const struct dg_crypto *crypto,
                                   const uint8_t seed[DG_HASH_SIZE],
                                   const struct dg_device_id *device,
                                   const struct dg_attest_nonce *nonce,
                                   const struct dg_public_key *key,
                                   const struct dg_public_key *presence,
                                   dg_buf room,
                                   dg_span *ticket)
{
    struct dg_attestation attestation = {.nonce = *nonce,
                                         .level = DG_PACKAGE_HIGH,
                                         .policy = 1U,
                                         .life_s = DG_ATTEST_LIFE_S_MAX,
                                         .epoch = 1U};
    struct dg_secret secret;

    for (unsigned claim = 0U; claim < DG_CLAIMS; claim++) {
        attestation.claims = dg_attestation_state(
            attestation.claims, (enum dg_claim)claim, DG_CLAIM_YES);
    }

    enum dg_status status = dg_attestation_subject(
        crypto, device, key, presence, &attestation.subject);

    if (status == DG_OK) {
        status = dg_authority_secret(crypto, DG_OF_VERIFIER, seed, &secret);
    }
    if (status == DG_OK) {
        status =
            dg_attestation_sign(crypto, &secret, &attestation, room, ticket);
    }
    return status;
}
