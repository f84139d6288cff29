/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BOUNDS_TEXT_H
#define DG_BOUNDS_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/bounds.h"

/* The numbers of a profile as a person reads and writes them, one table for the
 * prescriber's tool, the front door and the trusted display. */
#define DG_BOUND_TEXT_MAX 64U

/** "automatic-hour": its name in a prescriber's file.  "none" for a bound that
 * is none. */
const char *dg_bound_key(unsigned bound);

/** "automatic insulin in 1 h". */
const char *dg_bound_words(unsigned bound);

/** Its unit in a prescriber's file: "U", "mg/dL/U", "mg/dL", "ug", "%". */
const char *dg_bound_unit(unsigned bound);

/** Thousandths of that unit in one of the number: 1 for mU of U, 100 for
 * permille of %, 1000 for the rest. */
int32_t dg_bound_scale(unsigned bound);

/**
 * "50.40 U", "36 mg/dL/U", "none", or a share with what it comes to: "2.5 % =
 * 1.26 U".  One dose and the insulin on board end at the ceiling of the age
 * class besides (docs/adr/0005-limits.md), which is not reckoned here; units
 * are rounded down to 0.01 U, a fifth of the pump's smallest step.
 */
void dg_bound_write(unsigned bound,
                    const struct dg_bounds *bounds,
                    char text[DG_BOUND_TEXT_MAX]);

/** Does @p after allow more than @p before by this number?  A share does as
 * well when the daily dose that it is a share of rises. */
bool dg_bound_grows(unsigned bound,
                    const struct dg_bounds *before,
                    const struct dg_bounds *after);

#endif
