/* SPDX-License-Identifier: Apache-2.0 */
#include "decimal.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define DECIMALS_MAX 2U

static bool is_digit(char c)
{
    return (c >= '0') && (c <= '9');
}

static bool is_sign(char c)
{
    return (c == '.') || (c == ',');
}

/* The commonest mistakes get an answer of their own. */
static const char *explain(const char *text)
{
    const size_t front = strspn(text, "0123456789");
    const bool has_sign = is_sign(text[front]);
    const size_t behind =
        has_sign ? strspn(&text[front + 1U], "0123456789") : 0U;

    if ((text[0] == '-') || (text[0] == '+')) {
        return "write the amount without a sign: 2.0";
    }
    if (has_sign && (front == 0U)) {
        return "write a digit before the point: 0.5, not .5";
    }
    if ((front > 1U) && (text[0] == '0')) {
        return "a zero in front: is a point missing?  write 0.5 or 5";
    }
    if (has_sign && (behind == 0U)) {
        return "write a digit behind the point, or no point: 2.0 or 2";
    }
    if (behind > DECIMALS_MAX) {
        return "write at most two decimals, and no sign between thousands: "
               "2.05";
    }
    return "write an amount in units with digits 0 to 9 and at most one point: "
           "2 or 2.0 or 2.05";
}

/* @satisfies{FDP_ENTRY.1@1} */
enum dg_status dg_decimal_read(const char *text,
                               int32_t *thousandths,
                               const char **why)
{
    if ((text == NULL) || (thousandths == NULL) || (why == NULL)) {
        return DG_E_USAGE;
    }

    int32_t value = 0;
    size_t front = 0;
    size_t behind = 0;

    for (; (front <= DG_DECIMAL_DIGITS_MAX) && is_digit(text[front]); front++) {
        value = (value * 10) + (text[front] - '0');
    }
    value *= 1000;
    *why = explain(text);
    if ((front == 0U) || (front > DG_DECIMAL_DIGITS_MAX) ||
        ((front > 1U) && (text[0] == '0'))) {
        return DG_E_MALFORMED;
    }
    if (is_sign(text[front])) {
        int32_t place = 100;

        for (; (behind <= DECIMALS_MAX) && is_digit(text[front + 1U + behind]);
             behind++) {
            value += (text[front + 1U + behind] - '0') * place;
            place /= 10;
        }
        if ((behind == 0U) || (behind > DECIMALS_MAX)) {
            return DG_E_MALFORMED;
        }
        front += 1U + behind;
    }
    if (text[front] != '\0') {
        return DG_E_MALFORMED;
    }
    *thousandths = value;
    return DG_OK;
}
