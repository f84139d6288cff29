/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_DOCUMENT_H
#define DG_EVAL_TRIAL_DOCUMENT_H

#include <cairo.h>
#include <stdbool.h>
#include <stddef.h>

#include "dosegate/status.h"
#include "eval/html.h"
#include "eval/trial/canvas.h"

/* A report is written once and comes out as a page or as paper: headings,
 * paragraphs, tables and figures, one after the other.  A failure sticks;
 * dg_document_end() tells. */

#define DG_DOCUMENT_COLUMNS 12U

enum dg_document_kind {
    DG_DOCUMENT_NONE = 0,
    DG_DOCUMENT_HTML,
    DG_DOCUMENT_PDF,
};

struct dg_document {
    enum dg_document_kind kind;
    struct dg_html out; /* the bytes of either kind */
    bool failed;
    cairo_surface_t *surface; /* of paper */
    cairo_t *cairo;
    double y; /* where the next thing begins on this sheet, points */
    unsigned sheet;
    const char *foot;   /* at the foot of each sheet */
    size_t columns;     /* of the table that is open */
    double first_share; /* of its width for the first column */
    const char *const *heads;
    unsigned row;
};

/**
 * Begin a report.
 *
 * @param title  of the report; @p foot stands below each sheet of paper.  Both
 *               must live until the end.
 */
void dg_document_begin(struct dg_document *document,
                       enum dg_document_kind kind,
                       const char *title,
                       const char *foot);

void dg_document_heading(struct dg_document *document, const char *text);

/** A paragraph; @p small for what is said beside. */
void dg_document_paragraph(struct dg_document *document,
                           bool small,
                           const char *text);

/** A table of @p columns (1 .. DG_DOCUMENT_COLUMNS); the first holds names, the
 * others figures.  @p heads must live until dg_document_table_end(). */
void dg_document_table(struct dg_document *document,
                       const char *const *heads,
                       size_t columns);

/** As many cells as the table has columns. */
void dg_document_row(struct dg_document *document, const char *const *cells);

void dg_document_table_end(struct dg_document *document);

/** A figure DG_CHART_WIDTH wide and @p height points high. */
void dg_document_figure(struct dg_document *document,
                        double height,
                        dg_draw draw,
                        const void *what,
                        const char *caption);

/**
 * End the report.
 *
 * @retval DG_OK      dg_html_span(&document->out) holds it; free it with
 *                    dg_document_free().
 * @retval DG_E_PORT  Memory is out, or cairo failed.
 */
DG_NODISCARD enum dg_status dg_document_end(struct dg_document *document);

void dg_document_free(struct dg_document *document);

#endif
