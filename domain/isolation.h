/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ISOLATION_H
#define DG_ISOLATION_H

#include <stdbool.h>

#include "acts.h"

/* What each way of keeping roles apart is said to hold against a role that was
 * captured, and the most that may be claimed with it.  dosegate domain
 * --measure tries the ones that are here and fails where a claim is not true. */
struct dg_isolation_claim {
    const char *name;
    const char *words;
    bool holds[DG_OBJECTIVES];
    const char *at_most; /* without verification by the device */
    const char *beyond;  /* what it does not hold              */
};

extern const struct dg_isolation_claim dg_isolation_claims[];
extern const unsigned dg_isolation_claims_count;

/** How a role fared: one row of the measurement. */
struct dg_measured {
    unsigned tried[DG_OBJECTIVES];   /* acts that no promise allows  */
    unsigned reached[DG_OBJECTIVES]; /* ... of these, done           */
    unsigned kept_from;              /* promised acts that failed    */
    unsigned untried;                /* acts that could not be tried */
};

/**
 * Try every act as @p role behind @p backend; dg_acts_open() came first.
 *
 * @param tell  Called with each act that was reached though no promise allows
 *              it, or refused though one does; NULL: nobody wants to know.
 */
void dg_isolation_measure(const struct dg_backend *backend,
                          enum dg_role_id role,
                          void (*tell)(enum dg_role_id role,
                                       const struct dg_act *act,
                                       enum dg_act_end end),
                          struct dg_measured *measured);

#endif
