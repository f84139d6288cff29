/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_DERIVED_H
#define DG_EVAL_DERIVED_H

#include "dosegate/span.h"
#include "eval/html.h"
#include "eval/problem.h"
#include "eval/run.h"
#include "eval/run_file.h"

/* Files that are made from a run file and can be made again. */
enum dg_derived_kind {
    DG_DERIVED_NONE = 0,
    DG_DERIVED_ETR,   /* etr.html: before the report, which is a page too */
    DG_DERIVED_HTML,  /* report.html */
    DG_DERIVED_JUNIT, /* junit.xml */
    DG_DERIVED_LABEL, /* label.svg */
    DG_DERIVED_LABEL_JSON,
    DG_DERIVED_LABEL_TEXT,
    DG_DERIVED_ETR_JSON,
    DG_DERIVED_SARIF,
    DG_DERIVED_OSCAL,
    DG_DERIVED_TEST_RESULT, /* in-toto statements, not signed */
    DG_DERIVED_SUMMARY,
    DG_DERIVED_SEQUENCES, /* what was enough to fail: sequence.h */
    DG_DERIVED_CSAF,      /* last: any other .json is taken for it */
    DG_DERIVED_KINDS,
};

/* Stands near the beginning of every derived file, before 64 hex digits. */
#define DG_DERIVED_MARK   "dosegate-run:sha256:"
#define DG_DERIVED_WITHIN 4096U

#define DG_DERIVED_NAME_SIZE 64U

/** Make one; `html` is initialised here.  DG_E_USAGE: no such kind, or the run
 * lacks what the format asks for (eval/output/formats.h).  DG_E_PORT: memory is
 * out. */
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

/** The name that a kind has in its folder.  CSAF 2.0, 5.1, asks for a name made
 * from the document's id. */
void dg_derived_name(enum dg_derived_kind kind,
                     const struct dg_run_origin *origin,
                     char name[DG_DERIVED_NAME_SIZE]);

/** Tell what a file of somebody is, by its content, and by its name where that
 * was damaged; DG_DERIVED_NONE: nothing of ours. */
enum dg_derived_kind dg_derived_kind_of(const char *path, dg_span bytes);

/** Whether it is of a kind that the report verb makes and that nobody can make
 * again from the run file alone, byte for byte, to compare: a PDF, a page of a
 * bundle, a signed envelope.  Of a PDF no more than that it is one is known. */
bool dg_derived_is_apart(dg_span bytes);

#endif
