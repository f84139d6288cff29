/* SPDX-License-Identifier: Apache-2.0 */
#include "entropy_emulated.h"

#include <mbedtls/hmac_drbg.h>
#include <psa/crypto.h>

static mbedtls_hmac_drbg_context generator;
static bool is_seeded;

bool dg_entropy_seed(dg_span seed)
{
    mbedtls_hmac_drbg_init(&generator);
    is_seeded = (seed.size == DG_ENTROPY_SEED) &&
                (mbedtls_hmac_drbg_seed_buf(
                     &generator,
                     mbedtls_md_info_from_type(MBEDTLS_MD_SHA256),
                     seed.at,
                     seed.size) == 0);
    return is_seeded;
}

psa_status_t mbedtls_psa_external_get_random(
    mbedtls_psa_external_random_context_t *context,
    uint8_t *output,
    size_t output_size,
    size_t *output_length)
{
    (void)context;
    *output_length = 0U;
    while (*output_length < output_size) {
        size_t part = output_size - *output_length;

        part = (part > (size_t)MBEDTLS_HMAC_DRBG_MAX_REQUEST)
                   ? (size_t)MBEDTLS_HMAC_DRBG_MAX_REQUEST
                   : part;
        if (!is_seeded ||
            (mbedtls_hmac_drbg_random(
                 &generator, &output[*output_length], part) != 0)) {
            return PSA_ERROR_INSUFFICIENT_ENTROPY;
        }
        *output_length += part;
    }
    return PSA_SUCCESS;
}
