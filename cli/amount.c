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

enum dg_status dg_cli_amount_read(const char *text,
                                  dg_dose *dose,
                                  const char **why)
{
    int32_t mU = 0;
    size_t at = 0;
    size_t decimals = 0;

    *why = explain(text);
    while ((at <= DIGITS_MAX) && is_digit(text[at])) {
        mU = (mU * 10) + ((text[at] - '0') * 1000);
        at++;
    }
    if ((at == 0U) || (at > DIGITS_MAX)) {
        return DG_E_MALFORMED;
    }
    if (text[at] == '.') {
        for (int32_t place = 100; is_digit(text[at + 1U + decimals]);
             place /= 10) {
            mU += (text[at + 1U + decimals] - '0') * place;
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
    if (text[at] != '\0') {
        return DG_E_MALFORMED;
    }
    if ((mU < DG_PULSE_MU) || (mU > DG_EFFECT_MU_MAX)) {
        *why = "write 0.05 to 300 units";
        return DG_E_RANGE;
    }
    dose->mU = mU;
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
