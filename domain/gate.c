/* SPDX-License-Identifier: Apache-2.0 */
#include "gate.h"

#include <stddef.h>
#include <string.h>

#define START ((unsigned)DG_GATE_START)
#define RUN   ((unsigned)DG_GATE_RUN)
#define ASKED ((unsigned)DG_GATE_ASKED)
#define ANY   (START | RUN | ASKED)

#define LINK    DG_ROLE_ID_LINK
#define KEYS    DG_ROLE_ID_KEYS
#define THERAPY DG_ROLE_ID_THERAPY
#define CONFIRM DG_ROLE_ID_CONFIRM
#define GATEWAY DG_ROLE_ID_GATEWAY
#define STAY    DG_GATE_NO_PHASE

/* Who may say what to whom, how long, when and how often: all of it.  The
 * rules are constant; what was used up is in the gate.  A type without a rule
 * has no phase, so it is refused.  DG_E_PEER ends the reader: our own code
 * does not send malformed messages.
 *
 * confirm introduces itself once (presence; enroll tells keys, so that no other
 * role can put a key of its own in its place), then speaks only when asked, and
 * answers each question once.  keys gives an answer only after a session was
 * announced.  Stop is open in every phase. */
/* clang-format off */
static const struct dg_gate_rule rules[DG_INTERNAL_TYPES] = {
    [DG_INTERNAL_NONE]         = { "none",         DG_ROLE_ID_NONE, DG_ROLE_ID_NONE, 0, 0, 0, STAY, false },
    [DG_INTERNAL_DATAGRAM_OUT] = { "datagram-out", KEYS,    LINK,    1027, ANY,         0, STAY,          true  },
    [DG_INTERNAL_DATAGRAM_IN]  = { "datagram-in",  LINK,    KEYS,    1027, ANY,         0, STAY,          true  },
    [DG_INTERNAL_FRAME_IN]     = { "frame-in",     LINK,    KEYS,     483, ANY,         0, STAY,          true  },
    [DG_INTERNAL_FRAME]        = { "frame",        KEYS,    THERAPY,  483, ANY,         0, STAY,          true  },
    [DG_INTERNAL_REQUEST]      = { "request",      THERAPY, KEYS,     499, ANY,         0, STAY,          false },
    [DG_INTERNAL_ANSWER]       = { "answer",       KEYS,    THERAPY,  499, RUN,         0, STAY,          false },
    [DG_INTERNAL_SESSION]      = { "session",      KEYS,    THERAPY,   89, START | RUN, 0, DG_GATE_RUN,   false },
    [DG_INTERNAL_UNANSWERED]   = { "unanswered",   KEYS,    THERAPY,    2, START | RUN, 0, STAY,          false },
    [DG_INTERNAL_PAIR]         = { "pair",         THERAPY, KEYS,     509, ANY,         0, STAY,          false },
    [DG_INTERNAL_PAIRED]       = { "paired",       KEYS,    THERAPY,    4, START | RUN, 0, STAY,          false },
    [DG_INTERNAL_PRESENCE]     = { "presence",     CONFIRM, THERAPY,   65, START,       1, DG_GATE_RUN,   false },
    [DG_INTERNAL_ENROLL]       = { "enroll",       CONFIRM, KEYS,      65, START,       1, DG_GATE_RUN,   false },
    [DG_INTERNAL_ASK]          = { "ask",          THERAPY, CONFIRM,   57, ANY,         0, STAY,          false },
    [DG_INTERNAL_WITHDRAW]     = { "withdraw",     THERAPY, CONFIRM,    9, ANY,         0, STAY,          false },
    [DG_INTERNAL_APPROVED]     = { "approved",     CONFIRM, THERAPY,   73, ASKED,       0, DG_GATE_RUN,   false },
    [DG_INTERNAL_DECLINED]     = { "declined",     CONFIRM, THERAPY,   10, ASKED,       0, DG_GATE_RUN,   false },
    [DG_INTERNAL_APP_STATUS]   = { "app-status",   GATEWAY, THERAPY,    5, ANY,         0, STAY,          false },
    [DG_INTERNAL_APP_DOSE]     = { "app-dose",     GATEWAY, THERAPY,   23, ANY,         0, STAY,          false },
    [DG_INTERNAL_APP_STOP]     = { "app-stop",     GATEWAY, THERAPY,    5, ANY,         0, STAY,          false },
    [DG_INTERNAL_APP_PAIR]     = { "app-pair",     GATEWAY, THERAPY,  513, ANY,         0, STAY,          false },
    [DG_INTERNAL_APP_JOURNAL]  = { "app-journal",  GATEWAY, THERAPY,  493, ANY,         0, STAY,          false },
    [DG_INTERNAL_JOURNAL]      = { "journal",      THERAPY, GATEWAY,  496, ANY,         0, STAY,          false },
    [DG_INTERNAL_REPLY]        = { "reply",        THERAPY, GATEWAY,  103, ANY,         0, STAY,          false },
    [DG_INTERNAL_APP_ORDER]    = { "app-order",    GATEWAY, THERAPY,    7, ANY,         0, STAY,          false },
    [DG_INTERNAL_APP_CARRY]    = { "app-carry",    GATEWAY, THERAPY,  268, ANY,         0, STAY,          false },
    [DG_INTERNAL_PHONES]       = { "phones",       THERAPY, GATEWAY,  113, ANY,         0, STAY,          false },
    [DG_INTERNAL_PROGRESS]     = { "progress",     THERAPY, GATEWAY,   15, ANY,         0, STAY,          false },
    [DG_INTERNAL_APP_ATTEST]   = { "app-attest",   GATEWAY, THERAPY,  263, ANY,         0, STAY,          false },
    [DG_INTERNAL_NONCE]        = { "nonce",        THERAPY, GATEWAY,  149, ANY,         0, STAY,          false },
    [DG_INTERNAL_EVENT]        = { "event",        THERAPY, GATEWAY,   25, ANY,         0, STAY,          true  },
};
/* clang-format on */

const struct dg_gate_rule *dg_gate_rule_of(unsigned type)
{
    return &rules[(type < DG_INTERNAL_TYPES) ? type : 0U];
}

const char *dg_role_id_name(enum dg_role_id role)
{
    static const char *const names[DG_ROLE_IDS] = {
        "nobody", "link", "keys", "therapy", "confirm", "gateway"};

    return ((unsigned)role < DG_ROLE_IDS) ? names[role] : names[0];
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

/* @satisfies{FPT_SEP.2@1} */
enum dg_status dg_gate_pass(struct dg_gate *gate, dg_span bytes)
{
    if (gate == NULL) {
        return DG_E_USAGE;
    }
    if ((bytes.at == NULL) || (bytes.size == 0U) ||
        (bytes.at[0] >= DG_INTERNAL_TYPES)) {
        return DG_E_PEER;
    }

    const struct dg_gate_rule *rule = &rules[bytes.at[0]];
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
