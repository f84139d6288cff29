/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CONFIRM_LIMITS_H
#define DG_CONFIRM_LIMITS_H

#include <stddef.h>

#include "dosegate/status.h"
#include "internal.h"

#define DG_CONFIRM_LIMITS_MAX 4096U

/**
 * What the trusted display shows of a profile, one line of JSON: every number
 * that allows more than what holds now, before and after, and how many allow
 * less.  Made from the very bytes that will leave.
 *
 * @retval DG_OK      @p text is a line with its newline.
 * @retval DG_E_PEER  Not a profile, or nothing of it allows more: nobody is
 *                    asked about that.
 */
DG_NODISCARD enum dg_status dg_confirm_limits(
    const struct dg_limits_question *question,
    unsigned lapses_s,
    char text[DG_CONFIRM_LIMITS_MAX]);

#endif
