/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_LINES_H
#define DG_LINES_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"

/* A local socket (AF_UNIX, mode 0600) that speaks lines: a bounded number of
 * clients, bounded lines both ways.  A client that sends too long a line, or
 * does not read, is told why and closed. */
#define DG_LINES_CLIENTS_MAX 8U
#define DG_LINES_POLL_MAX    (DG_LINES_CLIENTS_MAX + 1U)
#define DG_LINES_IN_MAX      1024U /* one request with its newline */
#define DG_LINES_OUT_MAX     8192U /* what waits for a slow reader */
#define DG_LINES_WHY_MAX     256U

struct dg_lines_client {
    int fd; /* -1: free */
    uint32_t generation;
    bool closing; /* after what waits was written */
    size_t in_have;
    size_t out_have;
    char in[DG_LINES_IN_MAX];
    char out[DG_LINES_OUT_MAX];
};

struct dg_lines {
    int fd;
    uint32_t generations;
    const char *too_long; /* what a client is told, with its newline */
    const char *full;
    struct dg_lines_client client[DG_LINES_CLIENTS_MAX];
};

/* One whole line, without its newline and terminated; may not hold a NUL. */
typedef void (*dg_lines_take)(struct dg_lines *lines, size_t slot, char *line);

/** Bind and listen; a stale socket file of ours is replaced.
 * @retval DG_OK
 * @retval DG_E_RANGE  The path does not fit a socket address; see @p why.
 * @retval DG_E_PORT   The system refused; see @p why. */
DG_NODISCARD enum dg_status dg_lines_open(struct dg_lines *lines,
                                          const char *path,
                                          char why[DG_LINES_WHY_MAX]);

/** What to wait for; at most DG_LINES_POLL_MAX entries. */
size_t dg_lines_poll(const struct dg_lines *lines, struct pollfd *entries);

/** Accept, read, hand out whole lines, write on; never blocks.
 * @return The slot of a client that has just come, or DG_LINES_CLIENTS_MAX. */
size_t dg_lines_work(struct dg_lines *lines, dg_lines_take take);

/** Queue text (with its newline) for a client; one that does not read is
 * closed. */
void dg_lines_put(struct dg_lines *lines, size_t slot, const char *text);

#endif
