/* SPDX-License-Identifier: Apache-2.0 */
#include <cairo-pdf.h>
#include <stdio.h>

#include "eval/trial/chart.h"
#include "eval/trial/document_parts.h"

/* A4, in points. */
#define SHEET_WIDTH  595.0
#define SHEET_HEIGHT 842.0
#define MARGIN       42.5 /* (SHEET_WIDTH - DG_CHART_WIDTH) / 2 */
#define BOTTOM       (SHEET_HEIGHT - 54.0)

#define TEXT_SIZE  9.0
#define SMALL_SIZE 7.5
#define CELL_SIZE  7.2
#define CELL_ROW   12.5

/* The same trial gives the same bytes: no date of today in the file. */
#define NO_DATE "2000-01-01T00:00:00Z"

static cairo_status_t append(void *closure,
                             const unsigned char *bytes,
                             unsigned size)
{
    struct dg_html *out = closure;

    dg_html_raw_span(out, (dg_span){bytes, size});
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

static void put_foot(struct dg_document *document)
{
    char number[16];

    (void)snprintf(number, sizeof(number), "%u", document->sheet);
    dg_canvas_text(document->cairo,
                   (struct dg_point){MARGIN, SHEET_HEIGHT - 28.0},
                   DG_ALIGN_LEFT,
                   6.5,
                   false,
                   DG_INK_MUTED,
                   document->foot);
    dg_canvas_text(document->cairo,
                   (struct dg_point){SHEET_WIDTH - MARGIN, SHEET_HEIGHT - 28.0},
                   DG_ALIGN_RIGHT,
                   6.5,
                   false,
                   DG_INK_MUTED,
                   number);
}

static void next_sheet(struct dg_document *document)
{
    put_foot(document);
    cairo_show_page(document->cairo);
    document->sheet++;
    document->y = MARGIN;
}

static void need(struct dg_document *document, double height)
{
    if ((document->y + height) > BOTTOM) {
        next_sheet(document);
    }
}

static void begin(struct dg_document *document, const char *title)
{
    document->surface = cairo_pdf_surface_create_for_stream(
        append, &document->out, SHEET_WIDTH, SHEET_HEIGHT);
    cairo_pdf_surface_set_metadata(
        document->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(
        document->surface, CAIRO_PDF_METADATA_CREATE_DATE, NO_DATE);
    document->cairo = cairo_create(document->surface);
    document->sheet = 1U;
    document->y = dg_canvas_paragraph(document->cairo,
                                      (struct dg_point){MARGIN, MARGIN + 14.0},
                                      DG_CHART_WIDTH,
                                      17.0,
                                      DG_INK_TEXT,
                                      title);
}

static void heading(struct dg_document *document, const char *text)
{
    need(document, 90.0); /* not alone at the foot of a sheet */
    document->y += 18.0;
    dg_canvas_text(document->cairo,
                   (struct dg_point){MARGIN, document->y},
                   DG_ALIGN_LEFT,
                   12.5,
                   true,
                   DG_INK_TEXT,
                   text);
    document->y += 16.0;
}

static void paragraph(struct dg_document *document,
                      bool small,
                      const char *text)
{
    const double size = small ? SMALL_SIZE : TEXT_SIZE;

    need(document, 4.0 * size * 1.4);
    document->y = dg_canvas_paragraph(document->cairo,
                                      (struct dg_point){MARGIN, document->y},
                                      DG_CHART_WIDTH,
                                      size,
                                      small ? DG_INK_MUTED : DG_INK_TEXT,
                                      text) +
                  4.0;
}

/* The right edge of a column of figures. */
static double edge_of(const struct dg_document *document, size_t column)
{
    const double rest = DG_CHART_WIDTH * (1.0 - document->first_share);

    return MARGIN + (DG_CHART_WIDTH * document->first_share) +
           ((rest * (double)column) / (double)(document->columns - 1U));
}

static void put_cells(struct dg_document *document,
                      const char *const *cells,
                      bool bold)
{
    for (size_t i = 0; i < document->columns; i++) {
        const bool is_name = (i == 0U);

        dg_canvas_text(
            document->cairo,
            (struct dg_point){is_name ? MARGIN : edge_of(document, i),
                              document->y},
            is_name ? DG_ALIGN_LEFT : DG_ALIGN_RIGHT,
            CELL_SIZE,
            bold,
            bold ? DG_INK_MUTED : DG_INK_TEXT,
            cells[i]);
    }
}

static void put_heads(struct dg_document *document)
{
    document->y += 4.0;
    put_cells(document, document->heads, true);
    dg_canvas_line(
        document->cairo,
        (struct dg_point){MARGIN, document->y + 3.5},
        (struct dg_point){MARGIN + DG_CHART_WIDTH, document->y + 3.5},
        0.6,
        DG_INK_MUTED);
    document->y += CELL_ROW;
}

static void table(struct dg_document *document)
{
    document->first_share = (document->columns > 7U) ? 0.26 : 0.36;
    need(document, 4.0 * CELL_ROW);
    put_heads(document);
}

static void row(struct dg_document *document, const char *const *cells)
{
    if ((document->y + CELL_ROW) > BOTTOM) {
        next_sheet(document);
        put_heads(document);
    }
    if ((document->row % 2U) == 1U) {
        dg_canvas_fill(document->cairo,
                       (struct dg_box){
                           MARGIN, document->y - 8.8, DG_CHART_WIDTH, CELL_ROW},
                       DG_INK_GRID,
                       0.3);
    }
    put_cells(document, cells, false);
    document->y += CELL_ROW;
}

static void table_end(struct dg_document *document)
{
    document->y += 6.0;
}

static void figure(struct dg_document *document,
                   double height,
                   dg_draw draw,
                   const void *what,
                   const char *caption)
{
    need(document, height + 26.0);
    cairo_save(document->cairo);
    cairo_translate(document->cairo, MARGIN, document->y);
    draw(document->cairo, what);
    cairo_restore(document->cairo);
    document->y += height + 10.0;
    paragraph(document, true, caption);
    document->y += 6.0;
}

static void end(struct dg_document *document)
{
    put_foot(document);
    cairo_show_page(document->cairo);
    document->failed = document->failed ||
                       (cairo_status(document->cairo) != CAIRO_STATUS_SUCCESS);
    cairo_surface_finish(document->surface);
    document->failed =
        document->failed ||
        (cairo_surface_status(document->surface) != CAIRO_STATUS_SUCCESS);
}

const struct dg_document_backend dg_document_pdf = {
    .begin = begin,
    .heading = heading,
    .paragraph = paragraph,
    .table = table,
    .row = row,
    .table_end = table_end,
    .figure = figure,
    .end = end,
};
