/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_GATE_H
#define DG_GATE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/span.h"
#include "dosegate/status.h"
#include "internal.h"

enum dg_gate_phase {
    DG_GATE_NO_PHASE = 0,
    DG_GATE_START = 1, /* before the peer's first word of its own kind */
    DG_GATE_RUN = 2,
    DG_GATE_ASKED = 4, /* the peer owes one answer */
};

/* The reading end of one channel.  All zero refuses everything. */
struct dg_gate {
    enum dg_role_id self;
    enum dg_role_id peer;
    enum dg_gate_phase phase;
    uint8_t used[DG_INTERNAL_TYPES];
};

/* One rule of spec/topology.toml. */
struct dg_gate_rule {
    const char *name;
    enum dg_role_id from;
    enum dg_role_id to;
    uint16_t size;           /* exact, type byte and body               */
    uint8_t phases;          /* in which it may come; none: never       */
    uint8_t at_most;         /* times per process; 0 is no limit        */
    enum dg_gate_phase then; /* phase after it; NO_PHASE: stay          */
    bool may_drop;           /* a full channel drops it; else it ends us */
};

/** Begin to read from @p peer, in START. */
void dg_gate_open(struct dg_gate *gate,
                  enum dg_role_id self,
                  enum dg_role_id peer);

/**
 * May this message come now?
 *
 * @param[in,out] gate  Phase and counts; only a message that passes moves them.
 *
 * @retval DG_OK       It may; decode it.
 * @retval DG_E_USAGE  @p gate is NULL.
 * @retval DG_E_PEER   Unknown, of wrong size, out of phase, too many, or not
 *                     this peer's to say: end this process, naming the peer.
 */
DG_NODISCARD enum dg_status dg_gate_pass(struct dg_gate *gate, dg_span bytes);

/** The peer was asked: it owes an answer now. */
void dg_gate_ask(struct dg_gate *gate);

/** The rule of a type; that of type 0 for an unknown one, which has no
 * phase. */
const struct dg_gate_rule *dg_gate_rule_of(unsigned type);

/** "link", "keys" ...; "nobody" for anything else. */
const char *dg_role_id_name(enum dg_role_id role);

#endif
