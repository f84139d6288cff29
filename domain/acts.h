/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ACTS_H
#define DG_ACTS_H

#include <stdbool.h>
#include <stddef.h>

#include "backend.h"

/* What a captured role would try.  Each act is really tried, by a process that
 * a back-end has confined as that role; nothing is concluded from settings. */

/* Whose failure it would be: objectives O1 .. O5 and threat T6 of the
 * standard's founding text. */
enum dg_objective {
    DG_OBJECTIVE_NONE = 0,
    DG_OBJECTIVE_CHANNEL,    /* O1: keys of the secure channel stay secret  */
    DG_OBJECTIVE_CONFIG,     /* O2: nobody else changes what is configured  */
    DG_OBJECTIVE_USER,       /* O3: nobody else answers for the person      */
    DG_OBJECTIVE_INTEGRITY,  /* O4: code and memory stay what they were     */
    DG_OBJECTIVE_ISOLATION,  /* O5: apart from the rest of the device       */
    DG_OBJECTIVE_STARVATION, /* T6: no share of the device without a bound  */
};

#define DG_OBJECTIVES 7U /* array size, index 0 unused */

struct dg_act {
    const char *name; /* as in "a captured role can ..." */
    enum dg_objective objective;
    unsigned promises; /* bits that allow it; 0: nobody may */
    bool (*act)(void); /* true: it was done */
};

enum dg_act_end {
    DG_ACT_NONE = 0,
    DG_ACT_DONE,
    DG_ACT_REFUSED, /* by the kernel, or the process was ended */
    DG_ACT_UNTRIED, /* the process could not be confined       */
};

extern const struct dg_act dg_acts[];
extern const size_t dg_acts_count;

/** "O1" .. "O5", "T6"; "-" for none. */
const char *dg_objective_name(enum dg_objective objective);

/**
 * Make what the acts need: a scratch directory, sockets, a victim.
 *
 * @return false: the system refused one of them.
 */
bool dg_acts_open(void);

/** Take it all away again. */
void dg_acts_close(void);

/** Try one act as @p role behind @p backend; NULL: behind nothing, which shows
 * that the act is real. */
enum dg_act_end dg_act_try(const struct dg_backend *backend,
                           enum dg_role_id role,
                           const struct dg_act *act);

#endif
