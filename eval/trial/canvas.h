/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_CANVAS_H
#define DG_EVAL_TRIAL_CANVAS_H

#include <cairo.h>
#include <stddef.h>

#include "dosegate/status.h"
#include "eval/html.h"
#include "eval/problem.h"

/* One drawing for page, SVG and PDF: a figure draws onto a cairo context and
 * does not know what is behind it.  Lengths are points (1/72 inch), y points
 * down, colours are named here and nowhere else. */

enum dg_ink {
    DG_INK_NONE = 0,
    DG_INK_PAPER,
    DG_INK_TEXT,
    DG_INK_MUTED,
    DG_INK_GRID,
    DG_INK_TARGET, /* the band 70 to 180 mg/dL */
    DG_INK_LOW,    /* what harms */
    DG_INK_GLUCOSE,
    DG_INK_INSULIN,
    /* Ranges of glucose, lowest first, in the order of the consensus on time
     * in range (Battelino 2019). */
    DG_INK_BELOW_54,
    DG_INK_BELOW_70,
    DG_INK_IN_RANGE,
    DG_INK_ABOVE_180,
    DG_INK_ABOVE_250,
    /* Arms of a trial, told apart by shape as well. */
    DG_INK_ARM_1,
    DG_INK_ARM_2,
    DG_INK_ARM_3,
    DG_INK_ARM_4,
    DG_INK_ARM_5,
    DG_INK_ARM_6,
    DG_INKS,
};

enum dg_align {
    DG_ALIGN_NONE = 0,
    DG_ALIGN_LEFT,
    DG_ALIGN_MIDDLE,
    DG_ALIGN_RIGHT,
};

struct dg_point {
    double x; /* points */
    double y; /* points, down */
};

struct dg_box {
    double x;
    double y;
    double width;  /* points, above 0 */
    double height; /* points, above 0 */
};

/** Draw a figure from the origin; its size was given with it. */
typedef void (*dg_draw)(cairo_t *cairo, const void *what);

/** Draw with this colour from now on; @p alpha 0 (clear) .. 1 (full). */
void dg_canvas_ink(cairo_t *cairo, enum dg_ink ink, double alpha);

/** Fill a rectangle. */
void dg_canvas_fill(cairo_t *cairo,
                    struct dg_box box,
                    enum dg_ink ink,
                    double alpha);

/** A straight line, @p width points wide. */
void dg_canvas_line(cairo_t *cairo,
                    struct dg_point from,
                    struct dg_point to,
                    double width,
                    enum dg_ink ink);

/**
 * One line of text on its base line.
 *
 * @param size   points, 4 .. 40
 * @param bold   whether to write it bold
 * @param text   UTF-8; anything else draws nothing
 */
void dg_canvas_text(cairo_t *cairo,
                    struct dg_point at,
                    enum dg_align align,
                    double size,
                    bool bold,
                    enum dg_ink ink,
                    const char *text);

/** The title of a figure, at its upper left corner. */
void dg_canvas_title(cairo_t *cairo, const char *title);

/** Width of a line of text in points. */
double dg_canvas_width(cairo_t *cairo,
                       double size,
                       bool bold,
                       const char *text);

/**
 * How many bytes of a text, from its begin, make a line of at most @p width
 * points: up to the last space that still fits.  Of a word that is longer than
 * the line, as many characters as fit, one at least.
 *
 * @param text  UTF-8, at least one byte.
 */
size_t dg_canvas_fit(
    cairo_t *cairo, double width, double size, bool bold, const char *text);

/**
 * Text in lines of at most @p width points, broken at spaces.
 *
 * @return y of the base line that would come next.
 */
double dg_canvas_paragraph(cairo_t *cairo,
                           struct dg_point at,
                           double width,
                           double size,
                           enum dg_ink ink,
                           const char *text);

/** A filled mark with its own shape for each @p shape (0 .. 5), so that no
 * colour is needed to tell two arms apart. */
void dg_canvas_mark(cairo_t *cairo,
                    struct dg_point at,
                    unsigned shape,
                    double radius,
                    enum dg_ink ink);

/**
 * Draw into a self-contained SVG document.
 *
 * The same drawing gives the same bytes with the same cairo and fonts.
 *
 * @param      width,height  points, above 0
 * @param[out] svg           The document is appended.
 *
 * @retval DG_OK      Drawn.
 * @retval DG_E_PORT  Memory is out, or cairo failed; @p svg has failed too.
 */
DG_NODISCARD enum dg_status dg_canvas_svg(double width,
                                          double height,
                                          dg_draw draw,
                                          const void *what,
                                          struct dg_html *svg);

/** Give back the fonts that were loaded, once all drawing is done. */
void dg_canvas_release(void);

#endif
