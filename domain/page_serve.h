/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PAGE_SERVE_H
#define DG_PAGE_SERVE_H

#include <poll.h>

#include "page.h"

/* The sockets behind page.h: a bounded number of connections, one request each,
 * never blocking.  The listening socket was bound to this machine's own address
 * by the supervisor. */
#define DG_PAGE_CLIENTS_MAX 6U
#define DG_PAGE_POLL_MAX    (DG_PAGE_CLIENTS_MAX + 1U)
#define DG_PAGE_BODY_MAX    16384U

struct dg_page_client {
    int fd; /* -1: free */
    uint32_t number;
    size_t have;
    uint8_t in[DG_PAGE_REQUEST_MAX];
};

struct dg_page_server {
    int fd; /* -1: there is no page */
    uint32_t accepted;
    struct dg_page page;
    struct dg_page_client client[DG_PAGE_CLIENTS_MAX];
};

/** What a request gets back, for STATE and ACT: at most DG_PAGE_BODY_MAX
 * bytes, terminated. */
typedef void (*dg_page_answerer)(struct dg_page_result *result,
                                 char body[DG_PAGE_BODY_MAX]);

/** Take over a socket that listens; -1: no page.
 * @retval DG_OK, DG_E_PORT (it has no address here). */
DG_NODISCARD enum dg_status dg_page_open(struct dg_page_server *server, int fd);

/** What to wait for; at most DG_PAGE_POLL_MAX entries. */
size_t dg_page_poll(const struct dg_page_server *server,
                    struct pollfd *entries);

/** Accept, read, answer. */
void dg_page_work(struct dg_page_server *server, dg_page_answerer answer);

#endif
