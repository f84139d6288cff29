/* SPDX-License-Identifier: Apache-2.0 */
#include "amount.h"

#include <stdbool.h>
#include <stdio.h>

#include "decimal.h"
#include "dosegate/effect.h"

#define DIGITS_MAX 4U /* of hours or minutes; the range check does the rest */

static bool is_digit(char c)
{
    return (c >= '0') && (c <= '9');
}

enum dg_status dg_cli_amount_read(const char *text,
                                  dg_dose *dose,
                                  const char **why)
{
    int32_t mU = 0;
    const enum dg_status status = dg_decimal_read(text, &mU, why);

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

enum dg_status dg_cli_glucagon_read(const char *text,
                                    dg_glucagon *glucagon,
                                    const char **why)
{
    int32_t thousandths_mg = 0;
    const enum dg_status status = dg_decimal_read(text, &thousandths_mg, why);

    if (status != DG_OK) {
        return status;
    }
    if ((thousandths_mg < DG_GLUCAGON_STEP_UG) ||
        (thousandths_mg > DG_EFFECT_UG_MAX)) {
        *why = "write 0.01 to 1 milligram; 0.10 is a usual small dose";
        return DG_E_RANGE;
    }
    glucagon->ug = thousandths_mg;
    return DG_OK;
}

enum dg_status dg_cli_rate_read(const char *text,
                                dg_rate *rate,
                                const char **why)
{
    int32_t mU_per_h = 0;
    const enum dg_status status = dg_decimal_read(text, &mU_per_h, why);

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
