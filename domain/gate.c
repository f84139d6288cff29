/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include <stddef.h>
#include <string.h>

#include "topology.h"

/* Who may say what to whom, how long, when and how often is spec/topology.toml.
 * The rules are constant; what was used up is in the gate.  A type without a
 * rule has no phase, so it is refused.  DG_E_PEER ends whoever said it: our own
 * code does not send malformed messages. */

const struct dg_gate_rule *dg_gate_rule_of(unsigned type)
{
    return &dg_topology_rules[(type < DG_INTERNAL_TYPES) ? type : 0U];
}

const char *dg_role_id_name(enum dg_role_id role)
{
    return dg_topology_roles[((unsigned)role < DG_ROLE_IDS) ? (unsigned)role
                                                            : 0U]
        .name;
}

void dg_gate_open(struct dg_gate *gate,
                  enum dg_role_id self,
                  enum dg_role_id peer)
{
    memset(gate, 0, sizeof(*gate));
    gate->self = self;
    gate->peer = peer;
    gate->phase = DG_GATE_START;
}

/* @satisfies{FPT_SEP.2@2} */
enum dg_status dg_gate_pass(struct dg_gate *gate, dg_span bytes)
{
    if (gate == NULL) {
        return DG_E_USAGE;
    }
    if ((bytes.at == NULL) || (bytes.size == 0U) ||
        (bytes.at[0] >= DG_INTERNAL_TYPES)) {
        return DG_E_PEER;
    }

    const struct dg_gate_rule *rule = &dg_topology_rules[bytes.at[0]];
    uint8_t *used = &gate->used[bytes.at[0]];

    if (((rule->phases & (unsigned)gate->phase) == 0U) ||
        (rule->from != gate->peer) || (rule->to != gate->self) ||
        (bytes.size != rule->size) ||
        ((rule->at_most != 0U) && (*used >= rule->at_most))) {
        return DG_E_PEER;
    }
    if (rule->at_most != 0U) {
        *used = (uint8_t)(*used + 1U);
    }
    if (rule->then != DG_GATE_NO_PHASE) {
        gate->phase = rule->then;
    }
    return DG_OK;
}

void dg_gate_ask(struct dg_gate *gate)
{
    if (gate->phase == DG_GATE_RUN) {
        gate->phase = DG_GATE_ASKED;
    }
}
