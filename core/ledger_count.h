/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_LEDGER_COUNT_H
#define DG_CORE_LEDGER_COUNT_H

#include "dosegate/ledger.h"
#include "ledger_log.h"

/* Counting in RAM, shared by delivery and by the replay after a reset. */

/** Bring the bins up to @p now; time never runs back. */
void dg_ledger_advance(struct dg_ledger *ledger, dg_seconds now);

/** Count @p pulses of @p tier as delivered at @p now. */
void dg_ledger_count(struct dg_ledger *ledger,
                     dg_seconds now,
                     enum dg_tier tier,
                     uint32_t pulses);

/** Write one record with the counts of now; the ledger has failed when flash
 * does.  DG_E_STATE: it had failed, or the ring has no room yet. */
DG_NODISCARD enum dg_status dg_ledger_append(struct dg_ledger *ledger,
                                             dg_seconds now,
                                             struct dg_entry *entry);

/** Put a ticket in front of the remembered ones, behind that of an open
 * bolus. */
void dg_ledger_remember(struct dg_ledger *ledger,
                        const struct dg_ledger_ticket *ticket);

/** The bolus that is open becomes closed: what the outcome means for the
 * counts.  UNCERTAIN counts the rest as delivered. */
void dg_ledger_end(struct dg_ledger *ledger,
                   dg_seconds now,
                   enum dg_outcome outcome);

/** A pulse of the spread dose went out; of no known one where the ring began in
 * the middle: then it counts in the windows of every tier. */
void dg_ledger_drip(struct dg_ledger *ledger, dg_seconds now);

/** As dg_ledger_end(), for the spread dose. */
void dg_ledger_end_spread(struct dg_ledger *ledger,
                          dg_seconds now,
                          enum dg_outcome outcome);

/** A pause begins or ends: what E5 counts of it. */
void dg_ledger_begin_pause(struct dg_ledger *ledger,
                           dg_seconds since,
                           enum dg_tier tier,
                           uint16_t permille,
                           uint16_t granted_s);
void dg_ledger_end_pause(struct dg_ledger *ledger, dg_seconds now);

#endif
