/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "eval/trial/chart.h"
#include "eval/trial/document_parts.h"

/* web/trial.css, by embed.cmake. */
extern const unsigned char dg_trial_css[];

static void begin(struct dg_document *document, const char *title)
{
    struct dg_html *out = &document->out;

    dg_html_raw(out,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n"
                "<meta charset=\"utf-8\">\n"
                "<meta name=\"viewport\" content=\"width=device-width\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\""
                "default-src 'none'; img-src data:; style-src "
                "'unsafe-inline'\">\n");
    dg_html_put(out, "<title>%s</title>\n<style>\n", title);
    dg_html_raw(out, (const char *)dg_trial_css);
    dg_html_put(out, "</style>\n</head>\n<body>\n<main>\n<h1>%s</h1>\n", title);
}

static void heading(struct dg_document *document, const char *text)
{
    dg_html_put(&document->out, "<h2>%s</h2>\n", text);
}

static void paragraph(struct dg_document *document,
                      bool small,
                      const char *text)
{
    dg_html_put(&document->out,
                small ? "<p class=\"note\">%s</p>\n" : "<p>%s</p>\n",
                text);
}

static void table(struct dg_document *document)
{
    struct dg_html *out = &document->out;

    dg_html_raw(out, "<div class=\"wide\"><table>\n<thead><tr>");
    for (size_t i = 0; i < document->columns; i++) {
        dg_html_put(out, "<th scope=\"col\">%s</th>", document->heads[i]);
    }
    dg_html_raw(out, "</tr></thead>\n<tbody>\n");
}

static void row(struct dg_document *document, const char *const *cells)
{
    struct dg_html *out = &document->out;

    dg_html_put(out, "<tr><th scope=\"row\">%s</th>", cells[0]);
    for (size_t i = 1U; i < document->columns; i++) {
        dg_html_put(out, "<td>%s</td>", cells[i]);
    }
    dg_html_raw(out, "</tr>\n");
}

static void table_end(struct dg_document *document)
{
    dg_html_raw(&document->out, "</tbody>\n</table></div>\n");
}

/* source: RFC 4648, section 4. */
static void put_base64(struct dg_html *out, dg_span bytes)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    uint8_t text[4];

    for (size_t i = 0; i < bytes.size; i += 3U) {
        const size_t left = bytes.size - i;
        const uint32_t three =
            ((uint32_t)bytes.at[i] << 16U) |
            ((left > 1U) ? ((uint32_t)bytes.at[i + 1U] << 8U) : 0U) |
            ((left > 2U) ? (uint32_t)bytes.at[i + 2U] : 0U);

        for (unsigned digit = 0U; digit < 4U; digit++) {
            text[digit] =
                (uint8_t)digits[(three >> (18U - (6U * digit))) & 0x3FU];
        }
        if (left < 3U) {
            text[3] = (uint8_t)'=';
        }
        if (left < 2U) {
            text[2] = (uint8_t)'=';
        }
        dg_html_raw_span(out, (dg_span){text, sizeof(text)});
    }
}

/* A picture of its own: names inside two drawings on one page would clash. */
static void figure(struct dg_document *document,
                   double height,
                   dg_draw draw,
                   const void *what,
                   const char *caption)
{
    struct dg_html svg;

    dg_html_init(&svg);
    if (dg_canvas_svg(DG_CHART_WIDTH, height, draw, what, &svg) != DG_OK) {
        document->failed = true;
    } else {
        dg_html_put(&document->out, "<figure><img alt=\"%s\" src=\"", caption);
        dg_html_raw(&document->out, "data:image/svg+xml;base64,");
        put_base64(&document->out, dg_html_span(&svg));
        dg_html_put(&document->out,
                    "\">\n<figcaption>%s</figcaption></figure>\n",
                    caption);
    }
    dg_html_free(&svg);
}

static void end(struct dg_document *document)
{
    dg_html_put(&document->out,
                "<p class=\"note\">%s</p>\n</main>\n</body>\n</html>\n",
                document->foot);
}

const struct dg_document_backend dg_document_html = {
    .begin = begin,
    .heading = heading,
    .paragraph = paragraph,
    .table = table,
    .row = row,
    .table_end = table_end,
    .figure = figure,
    .end = end,
};
