/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_DERIVED_H
#define DG_EVAL_DERIVED_H

#include "eval/html.h"
#include "eval/problem.h"
#include "eval/run.h"
#include "eval/run_file.h"

/* Files that are made from a run file and can be made again. */
enum dg_derived_kind {
    DG_DERIVED_NONE = 0,
    DG_DERIVED_HTML,  /* report.html */
    DG_DERIVED_JUNIT, /* junit.xml */
    DG_DERIVED_LABEL, /* label.svg */
};

/* Stands in the second line of every derived file, before 64 hex digits. */
#define DG_DERIVED_MARK "dosegate-run:sha256:"

/** Make one; `html` is initialised here.  DG_E_USAGE: no such kind.
 * DG_E_PORT: memory is out. */
DG_NODISCARD enum dg_status dg_derived_render(
    enum dg_derived_kind kind,
    const struct dg_run *run,
    const struct dg_run_origin *origin,
    struct dg_html *html);

/** Make one and write it atomically.  Results also as dg_file_write(). */
DG_NODISCARD enum dg_status dg_derived_write(enum dg_derived_kind kind,
                                             const struct dg_run *run,
                                             const struct dg_run_origin *origin,
                                             const char *path,
                                             struct dg_problem *problem);

#endif
