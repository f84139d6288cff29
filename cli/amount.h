/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_AMOUNT_H
#define DG_CLI_AMOUNT_H

#include "dosegate/quantity.h"
#include "dosegate/status.h"

/**
 * Read an amount of insulin as a person writes it; domain/decimal.h says how.
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

/** The same of glucagon, in milligrams.
 * @param[out] glucagon  DG_GLUCAGON_STEP_UG .. DG_EFFECT_UG_MAX, whole steps. */
DG_NODISCARD enum dg_status dg_cli_glucagon_read(const char *text,
                                                 dg_glucagon *glucagon,
                                                 const char **why);

/** The same of a rate.
 * @param[out] rate  10 .. DG_EFFECT_MU_PER_H_MAX mU/h. */
DG_NODISCARD enum dg_status dg_cli_rate_read(const char *text,
                                             dg_rate *rate,
                                             const char **why);

/**
 * Read a length of time: "2h", "90m", "1h30m".
 *
 * @param      s_min,s_max  Seconds; those of an extended bolus or of a
 *                          temporary basal (dosegate/effect.h).
 * @param[out] span         Within them.
 *
 * @retval As dg_cli_amount_read().
 */
DG_NODISCARD enum dg_status dg_cli_span_read(const char *text,
                                             uint32_t s_min,
                                             uint32_t s_max,
                                             dg_seconds *span,
                                             const char **why);

/** "2.00 U", or "2.05 U": always two decimals. */
#define DG_CLI_AMOUNT_MAX 24U
void dg_cli_amount_write(int64_t mU, char text[DG_CLI_AMOUNT_MAX]);

#endif
