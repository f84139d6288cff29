/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_PLATFORM_H
#define DG_EVAL_PROFILE_PLATFORM_H

#include "eval/profile/profile.h"

/* What an evaluation of the phone says about a threat of ours: the platform
 * claim.  Mechanical: of the requirements that the phone's profile lets address
 * the threat, which the phone's own security target has. */
struct dg_platform_row {
    const struct dg_spd *ours;
    const struct dg_spd *theirs; /* of the same id; NULL: their profile does not
                                    know it, so it has to be met elsewhere */
    struct dg_words held;
    struct dg_words missing;
    struct dg_words outside; /* that another document defines */
};

/**
 * Lay a phone's profile beside ours, a row for each threat of ours.
 *
 * @param      theirs   The profile that the phone was evaluated against.
 * @param      claimed  Ids of the SFRs of the phone's security target,
 *                      capitals or not; NULL: those that are mandatory.
 * @param      arena    Owns the rows, which point into both profiles.
 * @param[out] rows     NULL when memory is out, and then the arena has failed.
 *
 * @return How many rows.
 */
size_t dg_profile_platform(const struct dg_profile *ours,
                           const struct dg_profile *theirs,
                           const struct dg_words *claimed,
                           struct dg_arena *arena,
                           struct dg_platform_row **rows);

/** The first word of @p claimed that is no SFR of @p theirs; NULL: all are. */
const char *dg_profile_platform_stranger(const struct dg_profile *theirs,
                                         const struct dg_words *claimed);

#endif
