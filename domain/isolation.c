/* SPDX-License-Identifier: Apache-2.0 */
#include "isolation.h"

#include <stddef.h>
#include <string.h>

#define O1 [DG_OBJECTIVE_CHANNEL]
#define O2 [DG_OBJECTIVE_CONFIG]
#define O3 [DG_OBJECTIVE_USER]
#define O4 [DG_OBJECTIVE_INTEGRITY]
#define O5 [DG_OBJECTIVE_ISOLATION]
#define T6 [DG_OBJECTIVE_STARVATION]

/* The ceilings are our proposal (docs/isolation.md).  With the command verified
 * and confirmed at the pump, the pump's own evaluation carries the claim. */
const struct dg_isolation_claim dg_isolation_claims[] = {
    {.name = "process",
     .words = "one process per role, resource limits",
     .holds = {T6 = true},
     .at_most = "below VAN.3",
     .beyond = "a captured role has all the rights of the user"},
    {.name = "linux",
     .words = "seccomp, Landlock, limits; namespaces for parsers",
     .holds =
         {O1 = true, O2 = true, O3 = true, O4 = true, O5 = true, T6 = true},
     .at_most = "VAN.3",
     .beyond = "the kernel, root, and other processes of the same user; "
               "processor time is shared, not bounded"},
    {.name = "guest",
     .words = "the linux way inside a virtual machine: tools/domain-guest, "
              "measured by test_guest",
     .holds =
         {O1 = true, O2 = true, O3 = true, O4 = true, O5 = true, T6 = true},
     .at_most = "VAN.4, if the machine's monitor is evaluated",
     .beyond = "the monitor (KVM, QEMU), root of the host, and whoever of the "
               "same user opens the lines of app and display"},
};

const unsigned dg_isolation_claims_count =
    sizeof(dg_isolation_claims) / sizeof(dg_isolation_claims[0]);

void dg_isolation_measure(const struct dg_backend *backend,
                          enum dg_role_id role,
                          void (*tell)(enum dg_role_id role,
                                       const struct dg_act *act,
                                       enum dg_act_end end),
                          struct dg_measured *measured)
{
    const unsigned granted = dg_topology_roles[role].promises;

    memset(measured, 0, sizeof(*measured));
    for (size_t i = 0; i < dg_acts_count; i++) {
        const struct dg_act *act = &dg_acts[i];
        const bool is_promised = (act->promises & granted) != 0U;
        const enum dg_act_end end = dg_act_try(backend, role, act);

        measured->untried += (end == DG_ACT_UNTRIED) ? 1U : 0U;
        if (is_promised) {
            measured->kept_from += (end == DG_ACT_DONE) ? 0U : 1U;
        } else {
            measured->tried[act->objective]++;
            measured->reached[act->objective] += (end == DG_ACT_DONE) ? 1U : 0U;
        }
        if ((tell != NULL) && (is_promised != (end == DG_ACT_DONE))) {
            tell(role, act, end);
        }
    }
}
