/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_PROFILE_H
#define DG_EVAL_PROFILE_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* What a product is evaluated against: spec/profiles/<id>.yaml.  Data, so that
 * a normative text takes its place without a change of code. */
struct dg_profile_requirement {
    const char *id;
    int64_t rev;
    const char *plain; /* one line that anyone can read */
};

/* One dose, 5 min, 1 h, 4 h, 24 h. */
#define DG_PROFILE_CAPS 5U

struct dg_profile {
    struct dg_arena arena;
    const char *id;
    const char *version;
    const char *title;
    const char *package_id;
    const char *package_title;
    unsigned van; /* AVA_VAN of the package, 1 .. 5 */
    /* The most that a product may declare, permille of the daily dose. */
    int64_t automatic_permille[DG_PROFILE_CAPS];
    int64_t total_permille[DG_PROFILE_CAPS];
    /* Features that every product of this profile must claim. */
    const char **mandatory;
    size_t mandatory_count;
    struct dg_profile_requirement *requirements;
    size_t count;
};

/**
 * Read a profile.
 *
 * @param[out] profile  Free it with dg_profile_free() in any case.
 *
 * @retval DG_OK, DG_E_MALFORMED (@p problem says file and line), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_profile_open(const char *path,
                                            struct dg_profile *profile,
                                            struct dg_problem *problem);

void dg_profile_free(struct dg_profile *profile);

#endif
