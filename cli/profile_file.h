/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_PROFILE_FILE_H
#define DG_CLI_PROFILE_FILE_H

#include "dosegate/prescription.h"
#include "eval/problem.h"

/* What a prescriber writes: one line for each number, "name = number unit".
 *
 *   device = 0011223344556677     # for this pump and no other
 *   counter = 3                   # above that of the profile before
 *   age = adult                   # child, teen or adult
 *   daily = 50.40 U
 *   automatic-dose = 2.5 %        # of the daily dose
 *   ...                           # all of domain/bounds_text.c, once each
 *
 * "#" begins a comment.  Nothing has a default. */
#define DG_PROFILE_FILE_MAX  16384U
#define DG_PROFILE_TEXT_SIZE 4096U

/**
 * Read such a file.  What lies outside of what the age class may have is
 * refused here already, by name; the device asks again.
 *
 * @param      name     For messages, "FILE:LINE: what, and what to do".
 * @param[out] profile  Untouched unless DG_OK.
 *
 * @retval DG_OK, DG_E_MALFORMED (see @p problem), DG_E_RANGE (see @p problem).
 */
DG_NODISCARD enum dg_status dg_profile_file_read(
    const char *name,
    dg_span bytes,
    struct dg_prescription *profile,
    struct dg_problem *problem);

/** Write one to begin with; with DG_AGE_NONE the age is left open, and the file
 * is refused until a person wrote it.  Amounts of insulin are rounded down to
 * 0.01 U, which is tighter. */
void dg_profile_file_write(const struct dg_prescription *profile,
                           char text[DG_PROFILE_TEXT_SIZE]);

/** "child", "teen" or "adult". */
const char *dg_age_words(enum dg_age_class age_class);

#endif
