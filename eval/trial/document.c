/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/document.h"

#include "eval/trial/document_parts.h"

/* Which backend draws: one row for each kind. */
static const struct dg_document_backend *backend_of(
    const struct dg_document *document)
{
    return (document->kind == DG_DOCUMENT_PDF) ? &dg_document_pdf
                                               : &dg_document_html;
}

void dg_document_begin(struct dg_document *document,
                       enum dg_document_kind kind,
                       const char *title,
                       const char *foot)
{
    *document = (struct dg_document){.kind = kind, .foot = foot};
    dg_html_init(&document->out);
    backend_of(document)->begin(document, title);
}

void dg_document_heading(struct dg_document *document, const char *text)
{
    backend_of(document)->heading(document, text);
}

void dg_document_paragraph(struct dg_document *document,
                           bool small,
                           const char *text)
{
    backend_of(document)->paragraph(document, small, text);
}

void dg_document_table(struct dg_document *document,
                       const char *const *heads,
                       size_t columns)
{
    if ((columns == 0U) || (columns > DG_DOCUMENT_COLUMNS)) {
        document->failed = true;
        return;
    }
    document->heads = heads;
    document->columns = columns;
    document->row = 0U;
    backend_of(document)->table(document);
}

void dg_document_row(struct dg_document *document, const char *const *cells)
{
    backend_of(document)->row(document, cells);
    document->row++;
}

void dg_document_table_end(struct dg_document *document)
{
    backend_of(document)->table_end(document);
}

void dg_document_figure(struct dg_document *document,
                        double height,
                        dg_draw draw,
                        const void *what,
                        const char *caption)
{
    backend_of(document)->figure(document, height, draw, what, caption);
}

enum dg_status dg_document_end(struct dg_document *document)
{
    backend_of(document)->end(document);
    return (document->failed || document->out.failed) ? DG_E_PORT : DG_OK;
}

void dg_document_free(struct dg_document *document)
{
    if (document->cairo != NULL) {
        cairo_destroy(document->cairo);
    }
    if (document->surface != NULL) {
        cairo_surface_destroy(document->surface);
    }
    document->cairo = NULL;
    document->surface = NULL;
    dg_html_free(&document->out);
}
