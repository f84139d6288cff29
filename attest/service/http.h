/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_HTTP_H
#define DG_ATTEST_HTTP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>

#include "attest/service/issuer.h"
#include "attest/service/metrics.h"

/* The service over HTTP/1.1, in one thread: whoever needs more starts more
 * instances.  docs/attestd.md has the paths. */
struct dg_http_limits {
    uint32_t peer_per_min; /* requests of one address, 1 ..               */
    uint32_t connections;  /* open at once, 1 ..                          */
    uint32_t per_address;  /* of them from one address; 0: no limit       */
    uint32_t request_s;    /* for one whole request, 1 ..                 */
    struct in_addr proxy;  /* believed about X-Forwarded-For; 0: nobody   */
};

struct dg_http {
    struct dg_issuer issuer;
    struct dg_http_limits limits;
    struct dg_metrics metrics;
    int64_t anchors_expire_s; /* 0: none                                     */
    int64_t started_s;
    bool tells_subjects; /* in the log: who asked, as a hash                 */
    FILE *log;
    void *daemon;
};

/**
 * Begin to listen.
 *
 * @param address  127.0.0.1, or what the operator named.
 * @param port     0 picks one.
 * @param[out] why  160 bytes.
 *
 * @retval DG_OK, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_http_start(struct dg_http *http,
                                          struct in_addr address,
                                          uint16_t port,
                                          uint16_t *bound,
                                          char *why);

/** Serve what is there, wait at most @p ms; false when HTTP broke down. */
bool dg_http_step(struct dg_http *http, int32_t ms);

/** Take no more connections, finish those under way for at most @p ms, end. */
void dg_http_stop(struct dg_http *http, int32_t ms);

#endif
