/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_BUNDLE_H
#define DG_EVAL_OUTPUT_BUNDLE_H

#include <jansson.h>

#include "eval/catalogue.h"
#include "eval/output/sbom.h"
#include "eval/problem.h"
#include "eval/profile/profile.h"
#include "eval/run.h"
#include "eval/run_file.h"

/* What a regulator asks for of cybersecurity, as far as a run, its profile and
 * a list of components give it: the elements of FDA's guidance of 2025-06-27,
 * Appendix 4, Table 1, that a tool can make.  One folder of pages and one JSON
 * file with all of them.
 *
 * Every row has one name, which is the same everywhere: T.* threats, O.* and
 * OE.* objectives, SFR:, REQ:, TEST:, RISK:, IF:, VIEW:, COMPONENT:, FINDING:.
 * A name that is written is the name of a row of the bundle, or dg_bundle_make()
 * fails: a reference that leads nowhere is not handed out. */
struct dg_bundle_source {
    const struct dg_run *run;
    const struct dg_run_origin *origin;
    const struct dg_profile *profile;     /* that of the run; NULL: not here */
    const struct dg_catalogue *catalogue; /* NULL: not here */
    const struct dg_sbom *sbom;           /* NULL: none was given */
};

/**
 * Write the bundle below a folder, which is made.
 *
 * @param tell  Gets one line for each file; may be NULL.
 *
 * @retval DG_OK           Written.
 * @retval DG_E_USAGE      The run has no test.
 * @retval DG_E_MALFORMED  A name would have led nowhere: our mistake, and
 *                         @p problem says which.
 * @retval DG_E_PORT       Disk or memory failed.
 */
DG_NODISCARD enum dg_status dg_bundle_make(
    const struct dg_bundle_source *source,
    const char *folder,
    void (*tell)(const char *line),
    struct dg_problem *problem);

#endif
