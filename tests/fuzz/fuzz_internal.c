/* SPDX-License-Identifier: Apache-2.0 */
/* Target: what a role reads from a captured peer (dg_gate_pass, then
 * dg_internal_decode), in every phase.  Oracle: what is let through encodes
 * back to the very same bytes, is the peer's to say, and has the rule's size;
 * what is refused leaves no message behind. */
#include <stdlib.h>
#include <string.h>

#include "domain/gate.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct dg_gate *gate, dg_span bytes)
{
    const struct dg_gate_rule *rule = dg_gate_rule_of(bytes.at[0]);
    struct dg_internal message;
    uint8_t room[DG_INTERNAL_MAX];
    dg_span again;

    if ((rule->from != gate->peer) || (rule->to != gate->self) ||
        (rule->size != bytes.size)) {
        abort();
    }
    if (dg_internal_decode(bytes, &message) != DG_OK) {
        if (message.type != DG_INTERNAL_NONE) {
            abort();
        }
        return;
    }
    if ((dg_internal_encode(&message, DG_BUF_OF(room), &again) != DG_OK) ||
        (again.size != bytes.size) ||
        (memcmp(again.at, bytes.at, again.size) != 0)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dg_gate_phase phases[] = {
        DG_GATE_NO_PHASE, DG_GATE_START, DG_GATE_RUN, DG_GATE_ASKED};
    struct dg_gate gate;

    if (size < 3U) {
        return 0;
    }
    dg_gate_open(&gate,
                 (enum dg_role_id)(data[0] % DG_ROLE_IDS),
                 (enum dg_role_id)(data[1] % DG_ROLE_IDS));
    gate.phase = phases[data[0] / 64U];

    /* Sizes are exact, so the fuzzer only has to find the bytes. */
    uint8_t bytes[DG_INTERNAL_MAX] = {0};
    const size_t want = dg_gate_rule_of(data[2])->size;
    const size_t have = (size - 2U < want) ? size - 2U : want;

    memcpy(bytes, &data[2], have);
    if ((want > 0U) && (dg_gate_pass(&gate, (dg_span){bytes, want}) == DG_OK)) {
        check(&gate, (dg_span){bytes, want});
    }
    return 0;
}
