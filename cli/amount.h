/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_AMOUNT_H
#define DG_CLI_AMOUNT_H

#include "dosegate/quantity.h"
#include "dosegate/status.h"

/**
 * Read an amount of insulin as a person writes it: digits, at most one point
 * with one or two decimals behind it, nothing else.
 *
 * @param[out] dose  DG_PULSE_MU .. DG_EFFECT_MU_MAX mU.
 * @param[out] why   What to write instead; unset on DG_OK.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_MALFORMED  Not such a number.
 * @retval DG_E_RANGE      Too small or too large.
 */
DG_NODISCARD enum dg_status dg_cli_amount_read(const char *text,
                                               dg_dose *dose,
                                               const char **why);

/** "2.00 U", or "2.05 U": always two decimals. */
#define DG_CLI_AMOUNT_MAX 24U
void dg_cli_amount_write(int64_t mU, char text[DG_CLI_AMOUNT_MAX]);

#endif
