/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_count.h"

#include <stddef.h>

/*@ lemma dg_ledger_slots: \forall integer bin;
  @   0 <= bin ==> 0 <= dg_bins_slot(bin) < DG_BINS;
  @*/

/* A dose that is spread over time, in the ledger.  Each of its pulses has a
 * record of its own, as those of basal have: so the actuator's count tells
 * after a cut which of the three it was. */

enum dg_status dg_ledger_announce_spread(struct dg_ledger *ledger,
                                         dg_seconds now,
                                         const struct dg_ticket_id *ticket,
                                         enum dg_tier tier,
                                         uint32_t pulses,
                                         uint32_t seconds)
{
    if ((ledger == NULL) || (ticket == NULL) ||
        (ledger->log.hormone != DG_HORMONE_INSULIN)) {
        return DG_E_USAGE;
    }
    if ((pulses == 0U) || (pulses > UINT16_MAX) || (seconds == 0U) ||
        (seconds > UINT16_MAX) || (tier == DG_TIER_NONE) ||
        ((unsigned)tier >= DG_TIERS)) {
        return DG_E_RANGE;
    }
    if (ledger->spread.is_open || dg_ledger_is_worn(ledger)) {
        return DG_E_STATE;
    }

    struct dg_entry entry = {.kind = DG_ENTRY_SPREAD,
                             .tier = tier,
                             .pulses = (uint16_t)pulses,
                             .delivered = (uint16_t)seconds,
                             .ticket = *ticket};
    const enum dg_status status = dg_ledger_append(ledger, now, &entry);

    if (status != DG_OK) {
        return status;
    }

    /*@ assert dg_ledger_counted{Pre, Here}(ledger, ledger->last.s, 0, 0); */
    /*@ ghost Written: ; */
    struct dg_ledger_ticket *made = &ledger->spread.ticket;

    made->id = *ticket;
    made->tier = tier;
    made->outcome = DG_OUTCOME_DELIVERING;
    made->at.s = ledger->last.s;
    made->pulses = (uint16_t)pulses;
    made->delivered = 0U;
    ledger->spread.seconds = (uint16_t)seconds;
    ledger->spread.is_open = true;
    ledger->has_bolus = true;
    ledger->last_bolus.s = ledger->last.s;
    /*@ assert ledger->bins.head == \at(ledger->bins.head, Written); */
    /*@ assert ledger->last.s == \at(ledger->last.s, Written); */
    /*@ assert same: \forall integer bin;
      @   dg_ledger_has(ledger->bins.head, bin) ==>
      @   dg_bins_same{Written, Here}(&ledger->bins, bin); */
    /*@ assert before: \forall integer bin;
      @   dg_ledger_has(ledger->bins.head, bin) ==>
      @   dg_ledger_cell{Pre, Written}(\at(ledger, Pre), bin, 1, 0) &&
      @   dg_ledger_cell{Pre, Written}(\at(ledger, Pre), bin, 2, 0) &&
      @   dg_ledger_cell{Pre, Written}(\at(ledger, Pre), bin, 3, 0); */
    /*@ assert after: \forall integer bin;
      @   dg_ledger_has(ledger->bins.head, bin) ==>
      @   dg_ledger_cell{Pre, Here}(ledger, bin, 1, 0) &&
      @   dg_ledger_cell{Pre, Here}(ledger, bin, 2, 0) &&
      @   dg_ledger_cell{Pre, Here}(ledger, bin, 3, 0); */
    /*@ assert dg_ledger_counted{Pre, Here}(ledger, ledger->last.s, 0, 0); */
    return DG_OK;
}

enum dg_status dg_ledger_announce_drip(struct dg_ledger *ledger, dg_seconds now)
{
    if (ledger == NULL) {
        return DG_E_USAGE;
    }
    if (!ledger->spread.is_open ||
        (ledger->spread.ticket.delivered == ledger->spread.ticket.pulses)) {
        return DG_E_STATE;
    }

    struct dg_entry entry = {.kind = DG_ENTRY_DRIP,
                             .tier = ledger->spread.ticket.tier,
                             .pulses = 1U,
                             .ticket = ledger->spread.ticket.id};

    return dg_ledger_append(ledger, now, &entry);
}

void dg_ledger_drip_pulse(struct dg_ledger *ledger, dg_seconds now)
{
    dg_ledger_drip(ledger, now);
}

enum dg_status dg_ledger_close_spread(struct dg_ledger *ledger,
                                      dg_seconds now,
                                      enum dg_outcome outcome)
{
    if (ledger == NULL) {
        return DG_E_USAGE;
    }
    if (!ledger->spread.is_open) {
        return DG_E_STATE;
    }

    const struct dg_ledger_ticket *ticket = &ledger->spread.ticket;
    struct dg_entry entry = {.kind = DG_ENTRY_SPREAD,
                             .tier = ticket->tier,
                             .outcome = outcome,
                             .pulses = ticket->pulses,
                             .delivered = ticket->delivered,
                             .ticket = ticket->id};
    const enum dg_status status = dg_ledger_append(ledger, now, &entry);

    /* As a reset will find it. */
    if (status != DG_OK) {
        ledger->failed = true;
        outcome = DG_OUTCOME_UNCERTAIN;
    }
    dg_ledger_end_spread(ledger, now, outcome);
    return status;
}
