/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/paper.h"

#include <cairo-pdf.h>
#include <stdio.h>
#include <string.h>

#include "eval/trial/canvas.h"
#include "eval/utf8.h"

/* A4, in points. */
#define SHEET_WIDTH  595.276
#define SHEET_HEIGHT 841.89
#define MARGIN       51.0 /* 18 mm */
#define BOTTOM       (SHEET_HEIGHT - 62.0)
#define TEXT_WIDTH   (SHEET_WIDTH - (2.0 * MARGIN))
#define PAIR_AT      140.0
#define LINE_BYTES   512U

static const struct style {
    double size;
    double above; /* before the first line */
    double need;  /* of the sheet, not to stand alone at its foot */
    bool bold;
    enum dg_ink ink;
} styles[DG_PAPER_STYLES] = {
    [DG_PAPER_TITLE] = {20.0, 0.0, 60.0, true, DG_INK_TEXT},
    [DG_PAPER_HEADING] = {13.5, 20.0, 90.0, true, DG_INK_TEXT},
    [DG_PAPER_SUBHEADING] = {10.5, 11.0, 60.0, true, DG_INK_TEXT},
    [DG_PAPER_STRONG] = {9.0, 3.0, 24.0, true, DG_INK_TEXT},
    [DG_PAPER_TEXT] = {9.0, 3.0, 24.0, false, DG_INK_TEXT},
    [DG_PAPER_SMALL] = {7.5, 2.0, 20.0, false, DG_INK_MUTED},
};

static cairo_status_t append(void *closure,
                             const unsigned char *bytes,
                             unsigned size)
{
    struct dg_html *out = closure;

    dg_html_raw_span(out, (dg_span){bytes, size});
    return out->failed ? CAIRO_STATUS_WRITE_ERROR : CAIRO_STATUS_SUCCESS;
}

void dg_paper_begin(struct dg_paper *paper,
                    struct dg_html *out,
                    const char *title,
                    const char *made,
                    const char *foot)
{
    dg_html_init(out);
    *paper = (struct dg_paper){.out = out, .foot = foot, .sheet = 1U};
    paper->surface = cairo_pdf_surface_create_for_stream(
        append, out, SHEET_WIDTH, SHEET_HEIGHT);
    cairo_pdf_surface_set_metadata(
        paper->surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(
        paper->surface, CAIRO_PDF_METADATA_CREATE_DATE, made);
    paper->cairo = cairo_create(paper->surface);
    paper->y = MARGIN;
}

static void put_foot(struct dg_paper *paper)
{
    char number[16];

    (void)snprintf(number, sizeof(number), "%u", paper->sheet);
    dg_canvas_text(paper->cairo,
                   (struct dg_point){MARGIN, SHEET_HEIGHT - 34.0},
                   DG_ALIGN_LEFT,
                   6.5,
                   false,
                   DG_INK_MUTED,
                   paper->foot);
    dg_canvas_text(paper->cairo,
                   (struct dg_point){SHEET_WIDTH - MARGIN, SHEET_HEIGHT - 34.0},
                   DG_ALIGN_RIGHT,
                   6.5,
                   false,
                   DG_INK_MUTED,
                   number);
}

static void need(struct dg_paper *paper, double height)
{
    if ((paper->y + height) <= BOTTOM) {
        return;
    }
    put_foot(paper);
    cairo_show_page(paper->cairo);
    paper->sheet++;
    paper->y = MARGIN;
}

/* Characters that paper has no place for become a blank. */
static void clean(struct dg_html *out, const char *text)
{
    size_t size = strlen(text);

    while (size > 0U) {
        uint32_t character = 0;
        char bytes[4];
        const size_t used = dg_utf8_next(text, size, &character);
        const bool is_bad =
            (character < 0x20U) ||
            ((character >= 0x7FU) && (character <= 0x9FU)) ||
            ((character >= 0x200EU) && (character <= 0x200FU)) ||
            ((character >= 0x2028U) && (character <= 0x202EU)) ||
            ((character >= 0x2066U) && (character <= 0x2069U));

        dg_html_raw_span(
            out,
            (dg_span){(const uint8_t *)bytes,
                      dg_utf8_put(is_bad ? ' ' : character, bytes)});
        text += used;
        size -= used;
    }
    dg_html_raw(out, "");
}

static void put_lines(struct dg_paper *paper,
                      const struct style *style,
                      double x,
                      const char *text)
{
    char line[LINE_BYTES];
    const double width = SHEET_WIDTH - MARGIN - x;

    while (*text != '\0') {
        size_t bytes =
            dg_canvas_fit(paper->cairo, width, style->size, style->bold, text);

        bytes = (bytes < sizeof(line)) ? bytes : (sizeof(line) - 1U);
        memcpy(line, text, bytes);
        line[bytes] = '\0';
        need(paper, style->size * 1.4);
        dg_canvas_text(paper->cairo,
                       (struct dg_point){x, paper->y + style->size},
                       DG_ALIGN_LEFT,
                       style->size,
                       style->bold,
                       style->ink,
                       line);
        paper->y += style->size * 1.4;
        text += bytes;
        text += (*text == ' ') ? 1U : 0U;
    }
}

static void put_bookmark(struct dg_paper *paper,
                         enum dg_paper_style style,
                         const char *text)
{
    char at[64];

    (void)snprintf(at,
                   sizeof(at),
                   "page=%u pos=[%d %d]",
                   paper->sheet,
                   (int)MARGIN,
                   (int)paper->y);
    if (style == DG_PAPER_HEADING) {
        paper->chapter = cairo_pdf_surface_add_outline(
            paper->surface, CAIRO_PDF_OUTLINE_ROOT, text, at, 0);
    } else if ((style == DG_PAPER_SUBHEADING) && (paper->chapter > 0)) {
        (void)cairo_pdf_surface_add_outline(
            paper->surface, paper->chapter, text, at, 0);
    }
}

void dg_paper_put(struct dg_paper *paper,
                  enum dg_paper_style style,
                  const char *text)
{
    const struct style *look = &styles[style];
    struct dg_html plain;

    if (text[0] == '\0') {
        return;
    }
    dg_html_init(&plain);
    clean(&plain, text);
    if (plain.failed) {
        paper->out->failed = true;
    } else {
        need(paper, look->above + look->need);
        paper->y += look->above;
        put_bookmark(paper, style, plain.at);
        put_lines(paper, look, MARGIN, plain.at);
    }
    dg_html_free(&plain);
}

void dg_paper_pair(struct dg_paper *paper, const char *name, const char *value)
{
    const struct style *look = &styles[DG_PAPER_TEXT];
    struct dg_html plain;

    if (value[0] == '\0') {
        return;
    }
    dg_html_init(&plain);
    clean(&plain, value);
    if (plain.failed) {
        paper->out->failed = true;
    } else {
        need(paper, look->above + look->need);
        paper->y += look->above;
        dg_canvas_text(paper->cairo,
                       (struct dg_point){MARGIN, paper->y + look->size},
                       DG_ALIGN_LEFT,
                       8.0,
                       false,
                       DG_INK_MUTED,
                       name);
        put_lines(paper, look, MARGIN + PAIR_AT, plain.at);
    }
    dg_html_free(&plain);
}

enum dg_status dg_paper_end(struct dg_paper *paper)
{
    bool is_good = false;

    put_foot(paper);
    cairo_show_page(paper->cairo);
    is_good = cairo_status(paper->cairo) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(paper->cairo);
    cairo_surface_finish(paper->surface);
    is_good = is_good &&
              (cairo_surface_status(paper->surface) == CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(paper->surface);
    dg_canvas_release();
    return (is_good && !paper->out->failed) ? DG_OK : DG_E_PORT;
}
