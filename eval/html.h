/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_HTML_H
#define DG_EVAL_HTML_H

#include <stdbool.h>
#include <stddef.h>

#include "dosegate/span.h"

/* A growing text for HTML, XML and SVG.  Text that did not come from our own
 * source goes through dg_html_put() or dg_html_text() and is escaped there:
 * nobody has to remember it.  A failure (memory) sticks. */
struct dg_html {
    char *at; /* ended with a zero byte once something was written */
    size_t used;
    size_t capacity;
    bool failed;
};

/** Start empty. */
void dg_html_init(struct dg_html *html);

/** Free the text. */
void dg_html_free(struct dg_html *html);

/** Append markup of our own as it is. */
void dg_html_raw(struct dg_html *html, const char *markup);

/** Append bytes of markup that somebody checked. */
void dg_html_raw_span(struct dg_html *html, dg_span markup);

/**
 * Append text of any origin.
 *
 * `& < > " '` become entities.  What a page or an XML parser must not meet
 * (control characters other than tab and line feed, bytes that are not UTF-8,
 * noncharacters, and the invisible marks that reverse the direction of
 * writing and so can make a page lie) becomes U+FFFD.
 */
void dg_html_text(struct dg_html *html, const char *text);

/**
 * Append markup with values in it.
 *
 * @param format  Markup of our own.  Understands %s (escaped as by
 *                dg_html_text()), %u, %d, %zu, %llu, %lld, %% and nothing
 *                else; anything else makes the writing fail.
 */
void dg_html_put(struct dg_html *html, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** The text so far; {NULL, 0} after a failure. */
dg_span dg_html_span(const struct dg_html *html);

#endif
