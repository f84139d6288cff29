/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_DECIMAL_H
#define DG_DECIMAL_H

#include <stdint.h>

#include "dosegate/status.h"

#define DG_DECIMAL_DIGITS_MAX 4U /* before the decimal sign */

/**
 * Read a number as a person types it, whatever the language of the keyboard:
 * one to four digits 0 to 9, and at most one decimal sign, a point or a comma,
 * with one or two digits behind it.  Everything that could be off by ten is
 * refused: a decimal sign in front (when the sign is lost, .5 is 5), a zero in
 * front (05), three digits behind (1,500), a gap, a group sign.  The same table,
 * spec/decimal-entry.json, holds this and web/confirm/decimal.mjs.
 * source: the recall of 2024 of an app that lost the decimal sign (DG-H02).
 *
 * @param      text        Terminated UTF-8.
 * @param[out] thousandths 0 .. 9999990; unchanged unless DG_OK.
 * @param[out] why         What to write instead; unset on DG_OK.
 *
 * @retval DG_OK           Read exactly.
 * @retval DG_E_USAGE      A NULL.
 * @retval DG_E_MALFORMED  Not such a number.
 * @satisfies{FDP_ENTRY.1@1}
 */
DG_NODISCARD enum dg_status dg_decimal_read(const char *text,
                                            int32_t *thousandths,
                                            const char **why);

#endif
