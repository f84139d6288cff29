/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_PAGES_H
#define DG_ATTEST_PAGES_H

#include <jansson.h>

#include "attest/service/issuer.h"

#define DG_PAGE_OK 200U

/* What goes back over HTTP. */
struct dg_page {
    unsigned code; /* of HTTP                         */
    const char *type;
    char *text; /* of malloc(); NULL: out of memory   */
    size_t size;
    unsigned retry_s; /* for the header; 0: none      */
};

/** One line of JSON; takes @p object. */
struct dg_page dg_page_json(unsigned code, json_t *object);

/** What every error looks like: field, problem, remedy. */
struct dg_page dg_page_refusal(unsigned code,
                               const char *field,
                               const char *problem,
                               const char *remedy);

/** A ticket, and what it says in words. */
struct dg_page dg_page_ticket(const struct dg_issue *issue);

#endif
