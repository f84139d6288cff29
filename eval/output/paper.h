/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_PAPER_H
#define DG_EVAL_OUTPUT_PAPER_H

#include <cairo.h>
#include <stdbool.h>

#include "dosegate/status.h"
#include "eval/html.h"

/* Text on sheets of A4, as a PDF: lines broken at spaces, sheets at lines, a
 * bookmark for each heading, the same foot on each sheet.  The same text gives
 * the same bytes with the same cairo and fonts.  A failure sticks. */
struct dg_paper {
    struct dg_html *out;
    cairo_surface_t *surface;
    cairo_t *cairo;
    double y; /* where the next line begins, points */
    unsigned sheet;
    const char *foot;
    int chapter; /* bookmark of the last heading of the first level */
};

enum dg_paper_style {
    DG_PAPER_NONE = 0,
    DG_PAPER_TITLE,
    DG_PAPER_HEADING,    /* of a chapter  */
    DG_PAPER_SUBHEADING, /* in a chapter  */
    DG_PAPER_STRONG,
    DG_PAPER_TEXT,
    DG_PAPER_SMALL,
    DG_PAPER_STYLES,
};

/**
 * Begin.
 *
 * @param title  Of the document.
 * @param made   When, YYYY-MM-DDThh:mm:ssZ; no clock is asked.
 * @param foot   On each sheet; must live until the end.
 */
void dg_paper_begin(struct dg_paper *paper,
                    struct dg_html *out,
                    const char *title,
                    const char *made,
                    const char *foot);

/** A paragraph; nothing for an empty text.  Control characters and marks that
 * turn the direction of writing become blanks. */
void dg_paper_put(struct dg_paper *paper,
                  enum dg_paper_style style,
                  const char *text);

/** A name and what belongs to it, beside each other; nothing when the value is
 * empty. */
void dg_paper_pair(struct dg_paper *paper, const char *name, const char *value);

/** End.  DG_E_PORT: memory is out, or cairo failed. */
DG_NODISCARD enum dg_status dg_paper_end(struct dg_paper *paper);

#endif
