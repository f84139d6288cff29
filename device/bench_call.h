/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BENCH_CALL_H
#define DG_BENCH_CALL_H

#include <jansson.h>

#include "bench.h"

/* One request, and what was to be seen when it came. */
struct bench_call {
    const struct dg_hands *hands;
    struct dg_images *images; /* NULL: this pump cannot be updated */
    const struct dg_crypto *crypto;
    const json_t *request;
    struct dg_hands_view view;
};

/** Stack, heap and time of the last datagram; only a board knows them. */
json_t *dg_bench_gauge(const struct bench_call *call);

/** Simulation of the attestation service and of the maker: a ticket for whoever
 * asks, and a head of the platform policy that names another verifier
 * (authorities.h). */
json_t *dg_bench_attest(const struct bench_call *call);
json_t *dg_bench_policy(const struct bench_call *call);

/** Simulation of the prescriber: the key that a virtual pump trusts. */
json_t *dg_bench_prescriber(const struct bench_call *call);

#endif
