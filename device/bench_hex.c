/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_hex.h"

#include <string.h>

#include "dosegate/attestation.h"

#define HEX_MAX DG_ATTEST_TICKET_MAX

void dg_bench_set_hex(json_t *object, const char *key, dg_span bytes)
{
    static const char digit[] = "0123456789abcdef";
    char text[2U * HEX_MAX + 1U];
    size_t at = 0U;

    for (size_t i = 0U; (i < bytes.size) && (i < HEX_MAX); i++) {
        text[at++] = digit[bytes.at[i] >> 4];
        text[at++] = digit[bytes.at[i] & 15U];
    }
    text[at] = '\0';
    json_object_set_new(object, key, json_string(text));
}

static int digit_of(char hex)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = (hex == '\0') ? NULL : strchr(digits, hex);

    return (at == NULL) ? -1 : (int)(at - digits);
}

bool dg_bench_get_hex(const json_t *request, const char *key, dg_buf out)
{
    const char *text = json_string_value(json_object_get(request, key));

    if ((text == NULL) || (strlen(text) != (2U * out.capacity))) {
        return false;
    }
    for (size_t i = 0U; i < out.capacity; i++) {
        const int high = digit_of(text[2U * i]);
        const int low = digit_of(text[2U * i + 1U]);

        if ((high < 0) || (low < 0)) {
            return false;
        }
        out.at[i] = (uint8_t)((high * 16) + low);
    }
    return true;
}

bool dg_bench_get_key(const json_t *request,
                      const char *name,
                      struct dg_public_key *key)
{
    uint8_t both[2U * DG_P256_SIZE];

    if (!dg_bench_get_hex(request, name, DG_BUF_OF(both))) {
        return false;
    }
    memcpy(key->x, both, DG_P256_SIZE);
    memcpy(key->y, &both[DG_P256_SIZE], DG_P256_SIZE);
    return true;
}
