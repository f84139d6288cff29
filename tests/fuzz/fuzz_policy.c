/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_policy_verify.  Oracle: what is accepted is in range, and signed
 * again reads the same. */
#include "dosegate/policy.h"

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
    struct dg_policy policy;
    struct dg_policy again;
    uint8_t room[DG_POLICY_MAX];
    dg_span bytes;

    memset(&policy, 0, sizeof policy);
    memset(&again, 0, sizeof again);
    if (dg_policy_verify(&crypto, &key, (dg_span){data, size}, &policy) !=
        DG_OK) {
        return 0;
    }
    if ((size > DG_POLICY_MAX) || (policy.version == 0U) ||
        (policy.epoch == 0U) || (policy.life_s < 86400U) ||
        (policy.life_s > 31622400U)) {
        abort();
    }
    if ((dg_policy_sign(&crypto, &secret, &policy, DG_BUF_OF(room), &bytes) !=
         DG_OK) ||
        (dg_policy_verify(&crypto, &key, bytes, &again) != DG_OK) ||
        (memcmp(&policy, &again, sizeof policy) != 0)) {
        abort();
    }
    return 0;
}
