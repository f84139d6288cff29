/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_LEDGER_COUNT_H
#define DG_CORE_LEDGER_COUNT_H

#include "dosegate/ledger.h"

/* Counting in RAM, shared by delivery and by the replay after a reset. */

/** Bring the bins up to @p now; time never runs back. */
void dg_ledger_advance(struct dg_ledger *ledger, dg_seconds now);

/** Count @p pulses of @p tier as delivered at @p now. */
void dg_ledger_count(struct dg_ledger *ledger,
                     dg_seconds now,
                     enum dg_tier tier,
                     uint32_t pulses);

/** Put a ticket in front of the remembered ones. */
void dg_ledger_remember(struct dg_ledger *ledger,
                        const struct dg_ledger_ticket *ticket);

/** The bolus that is open becomes closed: what the outcome means for the
 * counts.  UNCERTAIN counts the rest as delivered. */
void dg_ledger_end(struct dg_ledger *ledger,
                   dg_seconds now,
                   enum dg_outcome outcome);

#endif
