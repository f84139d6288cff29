/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hex.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

void dg_hex_put(dg_span bytes, char *out)
{
    for (size_t i = 0; i < bytes.size; i++) {
        out[2U * i] = digits[bytes.at[i] >> 4];
        out[(2U * i) + 1U] = digits[bytes.at[i] & 0x0FU];
    }
    out[2U * bytes.size] = '\0';
}

static bool digit_of(char c, uint8_t *value)
{
    const char *at = (c == '\0') ? NULL : strchr(digits, c);

    if (at == NULL) {
        return false;
    }
    *value = (uint8_t)(at - digits);
    return true;
}

bool dg_hex_get(const char *text, dg_buf out)
{
    if (strlen(text) != (2U * out.capacity)) {
        return false;
    }
    for (size_t i = 0; i < out.capacity; i++) {
        uint8_t high = 0;
        uint8_t low = 0;

        if (!digit_of(text[2U * i], &high) ||
            !digit_of(text[(2U * i) + 1U], &low)) {
            return false;
        }
        out.at[i] = (uint8_t)((high << 4) | low);
    }
    return true;
}
