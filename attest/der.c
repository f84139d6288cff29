/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/der.h"

#include <string.h>

struct dg_der dg_der_over(dg_span bytes)
{
    return (struct dg_der){.rest = bytes};
}

static bool take_byte(dg_span *rest, uint8_t *byte)
{
    if (rest->size == 0U) {
        return false;
    }
    *byte = rest->at[0];
    rest->at++;
    rest->size--;
    return true;
}

/* X.690, 8.1.2: numbers from 31 on take further bytes of seven bits. */
static bool take_id(dg_span *rest, uint32_t *id)
{
    uint8_t first = 0U;
    uint8_t high = 0U;
    uint8_t low = 0U;

    if (!take_byte(rest, &first)) {
        return false;
    }
    if ((first & 0x1fU) != 0x1fU) {
        *id = DG_DER_ID(first & 0xe0U, first & 0x1fU);
        return true;
    }
    if (!take_byte(rest, &high)) {
        return false;
    }
    if ((high & 0x80U) == 0U) {
        *id = DG_DER_ID(first & 0xe0U, high);
        return high >= 31U;
    }
    if ((high == 0x80U) || !take_byte(rest, &low) || ((low & 0x80U) != 0U)) {
        return false;
    }
    *id = DG_DER_ID(first & 0xe0U, ((high & 0x7fU) << 7) | low);
    return true;
}

/* X.690, 10.1: the shortest definite form; four bytes are enough for all that
 * fits into memory here. */
static bool take_length(dg_span *rest, size_t *length)
{
    uint8_t first = 0U;
    uint32_t value = 0U;

    if (!take_byte(rest, &first)) {
        return false;
    }
    if (first < 0x80U) {
        *length = first;
        return *length <= rest->size;
    }
    const unsigned count = first & 0x7fU;

    if ((count == 0U) || (count > 4U)) {
        return false;
    }
    for (unsigned i = 0U; i < count; i++) {
        uint8_t byte = 0U;

        if (!take_byte(rest, &byte)) {
            return false;
        }
        value = (value << 8) | byte;
    }
    const bool is_short =
        (value >= 0x80U) && ((value >> (8U * (count - 1U))) != 0U);

    *length = value;
    return is_short && (value <= rest->size);
}

uint32_t dg_der_peek(const struct dg_der *der)
{
    dg_span rest = der->rest;
    uint32_t id = 0U;

    return (!der->is_bad && take_id(&rest, &id)) ? id : 0U;
}

dg_span dg_der_any(struct dg_der *der, uint32_t *id)
{
    dg_span rest = der->rest;
    size_t length = 0U;

    *id = 0U;
    if (der->is_bad || !take_id(&rest, id) || !take_length(&rest, &length)) {
        der->is_bad = true;
        der->rest = (dg_span){NULL, 0U};
        *id = 0U;
        return (dg_span){NULL, 0U};
    }
    der->rest = (dg_span){&rest.at[length], rest.size - length};
    return (dg_span){rest.at, length};
}

dg_span dg_der_take(struct dg_der *der, uint32_t id)
{
    uint32_t found = 0U;
    const dg_span contents = dg_der_any(der, &found);

    if (found != id) {
        der->is_bad = true;
        der->rest = (dg_span){NULL, 0U};
        return (dg_span){NULL, 0U};
    }
    return contents;
}

dg_span dg_der_whole(struct dg_der *der, uint32_t id)
{
    const uint8_t *from = der->rest.at;
    const dg_span contents = dg_der_take(der, id);

    if (der->is_bad) {
        return (dg_span){NULL, 0U};
    }
    return (dg_span){from, (size_t)(&contents.at[contents.size] - from)};
}

struct dg_der dg_der_enter(struct dg_der *der, uint32_t id)
{
    struct dg_der inner = dg_der_over(dg_der_take(der, id));

    inner.is_bad = der->is_bad;
    return inner;
}

uint64_t dg_der_number(struct dg_der *der, uint32_t id)
{
    const dg_span bytes = dg_der_take(der, id);
    uint64_t value = 0U;

    /* Not negative, no idle zero, and at most 64 bits after the sign. */
    if ((bytes.size == 0U) || ((bytes.at[0] & 0x80U) != 0U) ||
        ((bytes.size > 1U) && (bytes.at[0] == 0U) &&
         ((bytes.at[1] & 0x80U) == 0U)) ||
        (bytes.size > 9U) || ((bytes.size == 9U) && (bytes.at[0] != 0U))) {
        der->is_bad = true;
        der->rest = (dg_span){NULL, 0U};
        return 0U;
    }
    for (size_t i = 0; i < bytes.size; i++) {
        value = (value << 8) | bytes.at[i];
    }
    return value;
}

bool dg_der_is_done(const struct dg_der *der)
{
    return !der->is_bad && (der->rest.size == 0U);
}

bool dg_span_equal(dg_span a, dg_span b)
{
    return (a.size == b.size) &&
           ((a.size == 0U) || (memcmp(a.at, b.at, a.size) == 0));
}
