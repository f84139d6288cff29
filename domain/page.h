/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PAGE_H
#define DG_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The trusted display as a page for a browser of this machine: what an HTTP
 * request may have, sans-I/O.  A link with a token of 128 bits opens it once;
 * from then on a cookie does, in that browser alone.  A request has to name our
 * own address as its host and, where it says one, as its origin: no page of
 * another site, no name that points here and no frame reaches it. */
#define DG_PAGE_REQUEST_MAX 2048U
#define DG_PAGE_HEAD_MAX    1024U
#define DG_PAGE_SECRET_HEX  33U /* 16 bytes as hex digits, and the end */
#define DG_PAGE_LINE_MAX    96U /* an act: as confirm.sock takes it */

struct dg_page {
    uint16_t port;
    bool is_open;                   /* somebody has the cookie */
    char token[DG_PAGE_SECRET_HEX]; /* "": none waits to be used */
    char cookie[DG_PAGE_SECRET_HEX];
};

enum dg_page_answer {
    DG_PAGE_MORE = 0, /* not a whole request yet */
    DG_PAGE_REFUSED,  /* see status */
    DG_PAGE_ENTER,    /* the token was right: the cookie is set */
    DG_PAGE_FILE,     /* one of the page's own files */
    DG_PAGE_STATE,    /* what is asked now */
    DG_PAGE_ACT,      /* a line for the display */
};

struct dg_page_file {
    const char *path;
    const char *type;
    const unsigned char *text; /* ends with a zero byte */
};

struct dg_page_result {
    enum dg_page_answer answer;
    unsigned status; /* of HTTP */
    const struct dg_page_file *file;
    char line[DG_PAGE_LINE_MAX]; /* ACT */
};

/** A fresh link: what was open before is closed.
 * @retval DG_OK, DG_E_PORT (no randomness). */
DG_NODISCARD enum dg_status dg_page_invite(struct dg_page *page,
                                           const struct dg_crypto *crypto);

/**
 * Judge what has arrived on one connection.
 *
 * @param request  At most DG_PAGE_REQUEST_MAX bytes, whoever sent them.
 * @satisfies{FTA_PAGE.1@1}
 */
void dg_page_take(struct dg_page *page,
                  dg_span request,
                  struct dg_page_result *result);

/** The head of an answer.
 * @param size  Of the body that follows.
 * @return Its length. */
size_t dg_page_head(const struct dg_page *page,
                    const struct dg_page_result *result,
                    size_t size,
                    char head[DG_PAGE_HEAD_MAX]);

#endif
