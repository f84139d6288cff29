/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/formats.h"

#include <string.h>

bool dg_format_is_moment(const char *text)
{
    static const char shape[] = "0000-00-00T00:00:00Z";

    if (strlen(text) != (sizeof(shape) - 1U)) {
        return false;
    }
    for (size_t i = 0; shape[i] != '\0'; i++) {
        const bool is_digit = (text[i] >= '0') && (text[i] <= '9');

        if ((shape[i] == '0') ? !is_digit : (text[i] != shape[i])) {
            return false;
        }
    }
    return true;
}

bool dg_format_is_digest(const char *text)
{
    return (strlen(text) == (2U * DG_HASH_SIZE)) &&
           (strspn(text, "0123456789abcdef") == (2U * DG_HASH_SIZE));
}
