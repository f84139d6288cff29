/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_call.h"
#include "wire.h"

/* For tools/firmware-report. */
json_t *dg_bench_gauge(const struct bench_call *call)
{
    const struct dg_hands *hands = call->hands;
    const bool is_new = json_is_true(json_object_get(call->request, "repaint"));
    struct dg_wire_gauge gauge;

    if ((hands->gauge == NULL) ||
        (hands->gauge(hands->context, is_new, &gauge) != DG_OK)) {
        return json_pack(
            "{s:b, s:s}", "ok", 0, "error", "this pump is no board");
    }
    return json_pack("{s:b, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:i}",
                     "ok",
                     1,
                     "stack",
                     (int)gauge.stack_used,
                     "stack_size",
                     (int)gauge.stack_size,
                     "heap",
                     (int)gauge.heap_used,
                     "heap_size",
                     (int)gauge.heap_size,
                     "device",
                     (int)gauge.device_size,
                     "chamber",
                     (int)gauge.chamber_size,
                     "ticks",
                     (int)gauge.link_ticks,
                     "crypto_ticks",
                     (int)gauge.crypto_ticks,
                     "crypto_calls",
                     (int)gauge.crypto_calls);
}
