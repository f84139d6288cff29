/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_tpm_split, dg_tpm_attest_read, dg_tpm_signature_read and
 * dg_tpm_public_read.  Oracle: the lengths that stand in the bytes, added up
 * here, come to the size; a key has coordinates or a modulus of its kind. */
#include "attest/tpm_wire.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static size_t u16(const uint8_t *at)
{
    return ((size_t)at[0] << 8) | at[1];
}

static void check_attest(dg_span bytes, const struct dg_tpm_attest *attest)
{
    const size_t signer = u16(&bytes.at[6]);
    const size_t extra = u16(&bytes.at[8U + signer]);
    size_t sum = 10U + signer + extra + 25U;

    need(attest->extra_data.size == extra);
    need((extra == 0U) || (attest->extra_data.at == &bytes.at[10U + signer]));
    if (attest->type != DG_TPM_QUOTE) {
        return;
    }
    sum += 4U;
    need(attest->selections <= DG_TPM_SELECTION_MAX);
    for (size_t i = 0; i < attest->selections; i++) {
        uint32_t pcrs = 0U;
        const size_t map = bytes.at[sum + 2U];

        need(u16(&bytes.at[sum]) == attest->selection[i].hash);
        for (size_t pcr = 0; pcr < (8U * map); pcr++) {
            if (((bytes.at[sum + 3U + (pcr / 8U)] >> (pcr % 8U)) & 1U) != 0U) {
                pcrs |= 1U << pcr;
            }
        }
        need(pcrs == attest->selection[i].pcrs);
        sum += 3U + map;
    }
    need((sum + 2U + u16(&bytes.at[sum])) == bytes.size);
    need(attest->pcr_digest.size == u16(&bytes.at[sum]));
}

static void check_key(const struct dg_tpm_public *key)
{
    static const size_t size_of[] = {0U, 65U, 97U, 133U};

    if (key->key.kind == DG_KEY_KIND_RSA) {
        need((key->key.modulus.size >= 256U) &&
             (key->key.modulus.size <= 512U));
        need(key->key.exponent.size == 4U);
    } else {
        need(key->key.point.size == size_of[key->key.kind]);
        need((key->key.point.size == 0U) || (key->key.point.at[0] == 4U));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_tpm_attest attest;
    struct dg_tpm_signature signature;
    struct dg_tpm_public key;
    const dg_span bytes = {data, size};
    dg_span first;
    dg_span second;

    if (dg_tpm_attest_read(bytes, &attest)) {
        check_attest(bytes, &attest);
    }
    if (dg_tpm_signature_read(bytes, &signature) &&
        (signature.first.size != 0U)) {
        need((6U + signature.first.size +
              ((signature.scheme == 0x18U) ? 2U + signature.second.size
                                           : 0U)) == size);
    }
    if (dg_tpm_public_read(bytes, &key)) {
        need((2U + u16(data)) == size);
        check_key(&key);
    }
    if (dg_tpm_split(bytes, &first, &second)) {
        need((2U + first.size + second.size) == size);
        if (dg_tpm_attest_read(first, &attest)) {
            check_attest(first, &attest);
        }
        (void)dg_tpm_signature_read(second, &signature);
    }
    return 0;
}
