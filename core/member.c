/* SPDX-License-Identifier: Apache-2.0 */
#include "member.h"

#include <string.h>

uint32_t dg_member_get(const uint8_t *at, size_t size)
{
    uint16_t half = 0U;
    uint32_t wide = *at;

    if (size == sizeof wide) {
        (void)memcpy((uint8_t *)&wide, at, sizeof wide);
    } else if (size == sizeof half) {
        (void)memcpy((uint8_t *)&half, at, sizeof half);
        wide = half;
    } else {
        /* It is there. */
    }
    return wide;
}

void dg_member_set(uint8_t *at, size_t size, uint32_t value)
{
    const uint16_t half = (uint16_t)value;

    if (size == sizeof value) {
        (void)memcpy(at, (const uint8_t *)&value, sizeof value);
    } else if (size == sizeof half) {
        (void)memcpy(at, (const uint8_t *)&half, sizeof half);
    } else {
        *at = (uint8_t)value;
    }
}
