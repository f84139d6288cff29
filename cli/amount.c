/* SPDX-License-Identifier: Apache-2.0 */
#include "amount.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "dosegate/effect.h"

#define DIGITS_MAX 4U /* before the point; the range check does the rest */

static bool is_digit(char c)
{
    return (c >= '0') && (c <= '9');
}

/* The commonest mistakes get an answer of their own. */
static const char *explain(const char *text)
{
    if (strchr(text, ',') != NULL) {
        return "write 2.0, not 2,0: the decimal sign is a point";
    }
    if ((text[0] == '-') || (text[0] == '+')) {
        return "write the amount without a sign: 2.0";
    }
    if (text[0] == '.') {
        return "write a digit before the point: 0.5, not .5";
    }
    return "write an amount in units with digits and at most one point: 2 or "
           "2.0 or 2.05";
}

/* Digits, and at most one point with one or two decimals; thousandths. */
static enum dg_status read_thousandths(const char *text,
                                       int32_t *value,
                                       const char **why)
{
    size_t at = 0;
    size_t decimals = 0;

    *value = 0;
    *why = explain(text);
    while ((at <= DIGITS_MAX) && is_digit(text[at])) {
        *value = (*value * 10) + ((text[at] - '0') * 1000);
        at++;
    }
    if ((at == 0U) || (at > DIGITS_MAX)) {
        return DG_E_MALFORMED;
    }
    if (text[at] == '.') {
        for (int32_t place = 100; is_digit(text[at + 1U + decimals]);
             place /= 10) {
            *value += (text[at + 1U + decimals] - '0') * place;
            decimals++;
            if (decimals > 2U) {
                *why = "write at most two decimals: 2.05";
                return DG_E_MALFORMED;
            }
        }
        if (decimals == 0U) {
            *why = "write a digit behind the point, or no point: 2.0 or 2";
            return DG_E_MALFORMED;
        }
        at += 1U + decimals;
    }
    return (text[at] == '\0') ? DG_OK : DG_E_MALFORMED;
}

enum dg_status dg_cli_amount_read(const char *text,
                                  dg_dose *dose,
                                  const char **why)
{
    int32_t mU = 0;
    const enum dg_status status = read_thousandths(text, &mU, why);

    if (status != DG_OK) {
        return status;
    }
    if ((mU < DG_PULSE_MU) || (mU > DG_EFFECT_MU_MAX)) {
        *why = "write 0.05 to 300 units";
        return DG_E_RANGE;
    }
    dose->mU = mU;
    return DG_OK;
}

enum dg_status dg_cli_rate_read(const char *text,
                                dg_rate *rate,
                                const char **why)
{
    int32_t mU_per_h = 0;
    const enum dg_status status = read_thousandths(text, &mU_per_h, why);

    if (status != DG_OK) {
        return status;
    }
    if ((mU_per_h < 10) || (mU_per_h > DG_EFFECT_MU_PER_H_MAX)) {
        *why = "write 0.01 to 30 units an hour; none at all is a suspension";
        return DG_E_RANGE;
    }
    rate->mU_per_h = mU_per_h;
    return DG_OK;
}

/* Digits and a letter; false where it is not so. */
static bool read_part(const char **text, char unit, uint32_t *value)
{
    const char *at = *text;
    uint32_t number = 0;
    size_t digits = 0;

    while ((digits < DIGITS_MAX) && is_digit(at[digits])) {
        number = (number * 10U) + (uint32_t)(at[digits] - '0');
        digits++;
    }
    if ((digits == 0U) || (at[digits] != unit)) {
        return false;
    }
    *text = &at[digits + 1U];
    *value = number;
    return true;
}

enum dg_status dg_cli_span_read(const char *text,
                                uint32_t s_min,
                                uint32_t s_max,
                                dg_seconds *span,
                                const char **why)
{
    const char *at = text;
    uint32_t hours = 0;
    uint32_t minutes = 0;
    const bool has_hours = read_part(&at, 'h', &hours);
    const bool has_minutes = read_part(&at, 'm', &minutes);
    const uint32_t s = (hours * 3600U) + (minutes * 60U);

    if ((!has_hours && !has_minutes) || (*at != '\0')) {
        *why = "write hours and minutes: 2h or 90m or 1h30m";
        return DG_E_MALFORMED;
    }
    if ((s < s_min) || (s > s_max)) {
        *why = (s_max == DG_EXTENDED_S_MAX) ? "write 30m to 8h"
                                            : "write 1m to 24h";
        return DG_E_RANGE;
    }
    span->s = s;
    return DG_OK;
}

void dg_cli_amount_write(int64_t mU, char text[DG_CLI_AMOUNT_MAX])
{
    (void)snprintf(text,
                   DG_CLI_AMOUNT_MAX,
                   "%lld.%02lld U",
                   (long long)(mU / 1000),
                   (long long)((mU % 1000) / 10));
}
