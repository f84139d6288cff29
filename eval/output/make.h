/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_MAKE_H
#define DG_EVAL_OUTPUT_MAKE_H

#include <stdbool.h>

#include "dosegate/crypto.h"
#include "eval/catalogue.h"
#include "eval/lab_key.h"
#include "eval/output/sbom.h"
#include "eval/problem.h"
#include "eval/profile/profile.h"
#include "eval/run.h"
#include "eval/run_file.h"

/* The outputs of a run, by the names that dosegate report takes. */
struct dg_make_order {
    const struct dg_crypto *crypto;
    const struct dg_run *run;
    const struct dg_run_origin *origin;
    const struct dg_lab_key *key; /* that signed the run; NULL: cannot sign */
    const char *out;              /* a folder that is there */
    /* Of the bundle; each may be NULL: not here. */
    const struct dg_profile *profile; /* that of the run */
    const struct dg_catalogue *catalogue;
    const struct dg_sbom *sbom;
};

/** Whether there is such a format; "all" is one. */
bool dg_make_knows(const char *format);

/**
 * Make one format, or all, below the folder; tells each file on @p tell.
 *
 * With "all", a format that this run or this machine cannot give is left out
 * with its reason on @p tell.
 *
 * @param format  A name that dg_make_knows().
 * @param tell    Gets one line for each file; may be NULL.
 *
 * @retval DG_OK       Written.
 * @retval DG_E_USAGE  The run lacks what the format asks for.
 * @retval DG_E_AUTH   The format is signed, and the key that signed the run is
 *                     not here.
 * @retval DG_E_PORT   Disk, memory or crypto failed.
 */
DG_NODISCARD enum dg_status dg_make_outputs(const struct dg_make_order *order,
                                            const char *format,
                                            void (*tell)(const char *line),
                                            struct dg_problem *problem);

#endif
