/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_CONFORM_H
#define DG_EVAL_CONFORM_H

#include <stdio.h>

#include "eval/contract.h"

/* `dosegate adapter check`: asks an adapter for everything that docs/adapter.md
 * promises in its name, one requirement at a time, and says of each whether it
 * holds.  It judges the adapter and not the product: a product that passes is
 * still to be evaluated. */
struct dg_conform_options {
    const char *program;
    char *const *arguments; /* of the program; NULL-terminated, may be NULL */
    int patience_ms;        /* for one answer */
    FILE *out;
};

/* How long a whole check may take, whatever the adapter does. */
#define DG_CONFORM_ALL_MS 600000

/** Run it.
 * @return 0: every requirement holds; 2: one does not; 1: could not run. */
int dg_conform(const struct dg_conform_options *options);

/* The table of requirements: conform_steps.c ----------------------------- */

enum dg_conform_expect {
    DG_EXPECT_UNDECIDED = 0,
    DG_EXPECT_OK,     /* an answer with "ok" true, of the right form */
    DG_EXPECT_FALSE,  /* "ok" false with an "error" */
    DG_EXPECT_ANSWER, /* either */
    DG_EXPECT_OPTION, /* as OK; "ok" false means that it is not offered */
};

/* What else must be true of the answer. */
enum dg_conform_look {
    DG_LOOK_NOTHING = 0,
    DG_LOOK_SAME_HELLO, /* as the first one */
    DG_LOOK_LINK,       /* the relay can reach it; kept as the unit's */
    DG_LOOK_SAME_LINK,  /* as start's */
    DG_LOOK_OTHER_LINK, /* not that of unit x */
    DG_LOOK_MOVED,      /* "mU" has not fallen; kept */
    DG_LOOK_DOSED,      /* "mU" has grown by the last dose, and basal */
    DG_LOOK_ALIVE,      /* "alive" is true */
    DG_LOOK_PAIRED,     /* "result" is paired */
    DG_LOOK_REFUSED,    /* "result" is refused */
    DG_LOOK_STATUS,     /* "result" is status */
    DG_LOOK_OPENED,     /* as STATUS, and frames went through the relay */
    DG_LOOK_TICKET,     /* "result" is ticket or refused */
    DG_LOOK_ACCEPTED,   /* "result" is accepted */
    DG_LOOK_DECIDED,    /* "result" is accepted or refused */
    DG_LOOK_NOT_PAIRED, /* "result" is not paired */
    DG_LOOK_NOT_TAKEN,  /* "result" is not accepted */
};

struct dg_conform_step {
    const char *id;
    const char *title; /* what must be so */
    const char *send;  /* one line; "@a", "@b", "@s", "@l" stand for doors of
                        * the relay */
    enum dg_conform_expect expect;
    enum dg_conform_look look;
    const char *remedy; /* what to do when it is not */
};

extern const struct dg_conform_step dg_conform_steps[];
extern const size_t dg_conform_step_count;

/* Insulin that the check asks for in one dose. */
#define DG_CONFORM_DOSE_MU 500

#endif
