/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BACKEND_H
#define DG_BACKEND_H

#include <stdbool.h>
#include <sys/types.h>

#include "sandbox.h"

#define DG_BACKEND_WHY_MAX 256U

/* What keeps the roles apart: this half makes the process of a role, and only
 * the supervisor has it; confine.h is the half that the role itself calls when
 * it has opened what it needs.  A back-end for another platform fills one of
 * these (docs/isolation.md). */
struct dg_backend {
    const char *name;  /* as --isolation takes it */
    const char *words; /* what does the keeping apart */

    /**
     * Can it be had here?
     *
     * @param[out] why  DG_BACKEND_WHY_MAX bytes: what is missing, and what to
     *                  do; empty when it is there.
     */
    bool (*is_there)(char why[DG_BACKEND_WHY_MAX]);

    /**
     * Like fork(): the child goes on to become the role.
     *
     * @param[out] apart  Bits of dg_apart that are in force; 0: none.
     *
     * @return 0 in the child, its process number in the parent, -1 on failure.
     */
    pid_t (*spawn)(enum dg_role_id role, unsigned *apart);
};

#define DG_BACKENDS 2U

extern const struct dg_backend dg_backend_process;
extern const struct dg_backend dg_backend_linux;

/** By number, 0 .. DG_BACKENDS - 1. */
const struct dg_backend *dg_backend_at(unsigned index);

/** By name; NULL: there is none of that name. */
const struct dg_backend *dg_backend_named(const char *name);

#endif
