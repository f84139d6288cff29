/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_METRICS_H
#define DG_ATTEST_METRICS_H

#include "attest/service/issuer.h"

/* What one instance counted since its start, in Prometheus' text form. */
#define DG_METRICS_TEXT_MAX 6144U

struct dg_metrics {
    uint64_t result[DG_ISSUE_RESULTS]; /* of requests that were judged       */
    uint64_t kind[DG_KINDS];           /* evidence that was judged           */
    uint64_t level[DG_PACKAGE_HIGH + 1];
    uint64_t refused_rate;    /* by the limit of a peer                      */
    uint64_t refused_size;    /* larger than a request can be                */
    uint64_t refused_slow;    /* took longer than it may                     */
    uint64_t refused_request; /* not of the form                             */
    uint64_t judged_us;       /* time spent on judging                       */
    uint64_t open;            /* connections now                             */
};

struct dg_metrics_now {
    uint32_t policy_version;
    int64_t policy_left_s;  /* until the policy ends, 0 when it has          */
    int64_t anchors_left_s; /* likewise; -1: none                            */
    uint64_t up_s;
};

/** Write them; gives the size without the final zero. */
size_t dg_metrics_write(const struct dg_metrics *metrics,
                        const struct dg_metrics_now *now,
                        char text[DG_METRICS_TEXT_MAX]);

#endif
