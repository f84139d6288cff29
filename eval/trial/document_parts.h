/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_DOCUMENT_PARTS_H
#define DG_EVAL_TRIAL_DOCUMENT_PARTS_H

#include "eval/trial/document.h"

/* What a page and a sheet of paper do differently. */
struct dg_document_backend {
    void (*begin)(struct dg_document *document, const char *title);
    void (*heading)(struct dg_document *document, const char *text);
    void (*paragraph)(struct dg_document *document,
                      bool small,
                      const char *text);
    void (*table)(struct dg_document *document);
    void (*row)(struct dg_document *document, const char *const *cells);
    void (*table_end)(struct dg_document *document);
    void (*figure)(struct dg_document *document,
                   double height,
                   dg_draw draw,
                   const void *what,
                   const char *caption);
    void (*end)(struct dg_document *document);
};

extern const struct dg_document_backend dg_document_html;
extern const struct dg_document_backend dg_document_pdf;

#endif
