/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_count.h"

#include "dosegate/iob.h"

#include <stddef.h>
#include <string.h>

/*@ lemma dg_ledger_apart: \forall integer a, b;
  @   0 <= a < b < a + DG_BINS ==> dg_bins_slot(a) != dg_bins_slot(b);
  @
  @ lemma dg_ledger_slots: \forall integer bin;
  @   0 <= bin ==> 0 <= dg_bins_slot(bin) < DG_BINS;
  @*/

/*@ assigns \nothing;
  @ ensures \result == at.s / DG_BIN_S;
  @*/
static uint32_t bin_of(dg_seconds at)
{
    return at.s / DG_BIN_S;
}

void dg_ledger_advance(struct dg_ledger *ledger, dg_seconds now)
{
    if (now.s > ledger->last.s) {
        ledger->last.s = now.s;
    }
    dg_bins_advance(&ledger->bins, bin_of(now));
}

void dg_ledger_count(struct dg_ledger *ledger,
                     dg_seconds now,
                     enum dg_tier tier,
                     uint32_t pulses)
{
    dg_ledger_advance(ledger, now);
    /* A prime reaches nobody. */
    if (tier == DG_TIER_NONE) {
        return;
    }
    /* An earlier clock counts at the head: later than the truth, so it stays
     * in every window for longer. */
    dg_bins_add(&ledger->bins, tier, pulses);
}

void dg_ledger_remember(struct dg_ledger *ledger,
                        const struct dg_ledger_ticket *ticket)
{
    const unsigned at = ledger->is_open ? 1U : 0U;

    memmove(&ledger->ticket[at + 1U],
            &ledger->ticket[at],
            (DG_LEDGER_MEMORY - 1U - at) * sizeof ledger->ticket[0]);
    /*@ assert ticket->tier == \at(ticket->tier, Pre); */
    /*@ assert ticket->pulses == \at(ticket->pulses, Pre); */
    /*@ assert ticket->delivered == \at(ticket->delivered, Pre); */
    ledger->ticket[at] = *ticket;
    /*@ assert copied: ledger->ticket[at].tier == \at(ticket->tier, Pre) &&
      @   ledger->ticket[at].pulses == \at(ticket->pulses, Pre) &&
      @   ledger->ticket[at].delivered == \at(ticket->delivered, Pre); */
    if (ledger->tickets < DG_LEDGER_MEMORY) {
        ledger->tickets++;
    }
}

/* What an outcome means for the counts. */
/*@ requires \valid(ledger) && dg_ledger_sound(ledger);
  @ requires ticket == &ledger->ticket[0] || ticket == &ledger->spread.ticket;
  @ requires dg_ledger_ticket_sound(ticket);
  @ assigns  ledger->last.s, ledger->bins.head,
  @          ledger->bins.pulses[0 .. DG_BINS - 1][0 .. 2],
  @          ledger->uncertain_pulses, ledger->usual.head,
  @          ledger->usual.largest[0 .. DG_USUAL_HOURS - 1], ticket->outcome;
  @ ensures  sound: dg_ledger_sound(ledger);
  @ ensures  counted: outcome == DG_OUTCOME_UNCERTAIN && ticket->tier != 0 ==>
  @   dg_ledger_counted{Pre, Post}(ledger, now.s, ticket->tier,
  @     ticket->pulses - ticket->delivered);
  @ ensures  still: outcome != DG_OUTCOME_UNCERTAIN || ticket->tier == 0 ==>
  @   dg_ledger_counted{Pre, Post}(ledger, 0, 0, 0);
  @*/
static void settle_ticket(struct dg_ledger *ledger,
                          dg_seconds now,
                          struct dg_ledger_ticket *ticket,
                          enum dg_outcome outcome)
{
    const uint32_t rest = (uint32_t)ticket->pulses - ticket->delivered;

    if ((outcome == DG_OUTCOME_UNCERTAIN) && (ticket->tier != DG_TIER_NONE)) {
        ledger->uncertain_pulses += rest;
        dg_ledger_count(ledger, now, ticket->tier, rest);
    }
    /*@ assert counted: outcome == DG_OUTCOME_UNCERTAIN && ticket->tier != 0 ==>
      @   dg_ledger_counted{Pre, Here}(ledger, now.s, ticket->tier,
      @     ticket->pulses - ticket->delivered); */
    /*@ assert still: outcome != DG_OUTCOME_UNCERTAIN || ticket->tier == 0 ==>
      @   dg_ledger_counted{Pre, Here}(ledger, 0, 0, 0); */
    /*@ ghost Counted: ; */
    /* Approved by a person, delivered whole: that is usual. */
    if ((outcome == DG_OUTCOME_DELIVERED) &&
        (ticket->tier >= DG_TIER_CONFIRMED)) {
        dg_usual_note(&ledger->usual, now.s / 3600U, ticket->pulses);
    }
    ticket->outcome = outcome;
    /*@ assert same: \forall integer bin; 0 <= bin ==>
      @   dg_bins_same{Counted, Here}(&ledger->bins, bin); */
    /*@ assert ledger->bins.head == \at(ledger->bins.head, Counted); */
    /*@ assert ledger->last.s == \at(ledger->last.s, Counted); */
    /*@ assert counted: outcome == DG_OUTCOME_UNCERTAIN && ticket->tier != 0 ==>
      @   dg_ledger_counted{Pre, Here}(ledger, now.s, ticket->tier,
      @     ticket->pulses - ticket->delivered); */
    /*@ assert still: outcome != DG_OUTCOME_UNCERTAIN || ticket->tier == 0 ==>
      @   dg_ledger_counted{Pre, Here}(ledger, 0, 0, 0); */
}

void dg_ledger_end(struct dg_ledger *ledger,
                   dg_seconds now,
                   enum dg_outcome outcome)
{
    settle_ticket(ledger, now, &ledger->ticket[0], outcome);
    ledger->is_open = false;
}

void dg_ledger_drip(struct dg_ledger *ledger, dg_seconds now)
{
    struct dg_ledger_spread *spread = &ledger->spread;

    dg_ledger_count(ledger,
                    now,
                    spread->is_open ? spread->ticket.tier : DG_TIER_AUTOMATIC,
                    1U);
    /*@ assert ledger->spread.is_open ==> dg_ledger_counted{Pre, Here}(ledger,
      @   now.s, ledger->spread.ticket.tier, 1); */
    /*@ assert !ledger->spread.is_open ==>
      @   dg_ledger_counted{Pre, Here}(ledger, now.s, 1, 1); */
    /*@ ghost Counted: ; */
    if (spread->is_open) {
        spread->ticket.delivered++;
    }
    /*@ assert \forall integer bin; 0 <= bin ==>
      @   dg_bins_same{Counted, Here}(&ledger->bins, bin); */
    ledger->moved++;
    ledger->bolus_pulses++;
    /*@ assert ledger->bins.head == \at(ledger->bins.head, Counted); */
    /*@ assert ledger->last.s == \at(ledger->last.s, Counted); */
    /*@ assert ledger->spread.is_open ==> dg_ledger_counted{Pre, Here}(ledger,
      @   now.s, ledger->spread.ticket.tier, 1); */
    /*@ assert !ledger->spread.is_open ==>
      @   dg_ledger_counted{Pre, Here}(ledger, now.s, 1, 1); */
}

void dg_ledger_end_spread(struct dg_ledger *ledger,
                          dg_seconds now,
                          enum dg_outcome outcome)
{
    struct dg_ledger_ticket *ticket = &ledger->spread.ticket;

    settle_ticket(ledger, now, ticket, outcome);
    /*@ ghost Settled: ; */
    dg_ledger_remember(ledger, ticket);
    /*@ assert same: \forall integer bin; 0 <= bin ==>
      @   dg_bins_same{Settled, Here}(&ledger->bins, bin); */
    ledger->spread.is_open = false;
}

/*@ requires \valid_read(ticket) && 0 <= tier <= 3;
  @ requires ticket->delivered <= ticket->pulses;
  @ assigns  \nothing;
  @ ensures  \result == dg_ledger_rest(ticket, tier);
  @ ensures  \result <= UINT16_MAX;
  @*/
static uint32_t rest_of(const struct dg_ledger_ticket *ticket,
                        enum dg_tier tier)
{
    if ((ticket->tier == DG_TIER_NONE) || (ticket->tier > tier)) {
        return 0U;
    }
    return (uint32_t)ticket->pulses - ticket->delivered;
}

/* Pulses of open intents that are still to come: counted at once, in full, in
 * every window. */
/*@ requires \valid_read(ledger) && dg_ledger_sound(ledger) && 0 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  \result == dg_ledger_open_pulses(ledger, tier);
  @ ensures  \result <= 2 * UINT16_MAX;
  @*/
static uint32_t open_pulses(const struct dg_ledger *ledger, enum dg_tier tier)
{
    uint32_t sum = 0U;

    if (ledger->is_open) {
        sum += rest_of(&ledger->ticket[0], tier);
    }
    if (ledger->spread.is_open) {
        sum += rest_of(&ledger->spread.ticket, tier);
    }
    return sum;
}

/* What the trailing window holds, in the unit of @p hormone.  INT32_MAX: not
 * known, so that nothing fits. */
/*@ requires \valid_read(ledger) && dg_ledger_sound(ledger);
  @ requires \valid_read(ledger->log.region) &&
  @   dg_ledger_step(ledger->log.hormone, ledger->log.region);
  @ requires hormone == DG_HORMONE_INSULIN || hormone == DG_HORMONE_GLUCAGON;
  @ requires 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  0 <= \result;
  @ ensures  insulin: hormone == DG_HORMONE_INSULIN ==>
  @   \result == INT32_MAX || dg_ledger_shows(ledger, now.s, tier, length_s,
  @                                            DG_PULSE_MU, \result);
  @ ensures  glucagon: hormone == DG_HORMONE_GLUCAGON ==>
  @   \result == INT32_MAX || dg_ledger_shows(ledger, now.s, tier, length_s,
  @     DG_GLUCAGON_STEP_UG, \result);
  @*/
static int32_t amount_in(const struct dg_ledger *ledger,
                         enum dg_hormone hormone,
                         dg_seconds now,
                         enum dg_tier tier,
                         uint32_t length_s)
{
    /* What is not known is never small. */
    if ((ledger == NULL) || ledger->is_lost ||
        (ledger->log.hormone != hormone) || (tier == DG_TIER_NONE) ||
        ((unsigned)tier >= DG_TIERS)) {
        return INT32_MAX;
    }

    const uint32_t first =
        (now.s > length_s) ? ((now.s - length_s) / DG_BIN_S) : 0U;
    const uint32_t sum =
        open_pulses(ledger, tier) + dg_bins_since(&ledger->bins, first, tier);

    /* At most 289 bins x 3 x 65535 pulses: fits.  Saturated so that the amount
     * cannot overflow. */
    /*@ assert whole: sum == dg_ledger_used(ledger, now.s, tier, length_s); */
    const uint32_t step = (uint32_t)ledger->log.region->step;
    /*@ assert step == (hormone == DG_HORMONE_INSULIN
      @   ? DG_PULSE_MU : DG_GLUCAGON_STEP_UG); */
    const uint32_t most = (uint32_t)INT32_MAX / step;
    const uint32_t pulses = (sum > most) ? most : sum;

    /*@ assert step == DG_PULSE_MU || step == DG_GLUCAGON_STEP_UG; */
    /*@ assert step == DG_PULSE_MU ==> pulses <= INT32_MAX / DG_PULSE_MU; */
    /*@ assert step == DG_GLUCAGON_STEP_UG ==>
      @   pulses <= INT32_MAX / DG_GLUCAGON_STEP_UG; */
    /*@ assert step == DG_PULSE_MU ==>
      @   pulses * step == pulses * DG_PULSE_MU; */
    /*@ assert step == DG_GLUCAGON_STEP_UG ==>
      @   pulses * step == pulses * DG_GLUCAGON_STEP_UG; */
    /*@ assert pulses * step <= INT32_MAX; */
    return (int32_t)(pulses * step);
}

dg_dose dg_ledger_window(const struct dg_ledger *ledger,
                         dg_seconds now,
                         enum dg_tier tier,
                         enum dg_window window)
{
    return (dg_dose){
        amount_in(ledger, DG_HORMONE_INSULIN, now, tier, dg_window_s(window))};
}

dg_glucagon dg_ledger_glucagon(const struct dg_ledger *ledger,
                               dg_seconds now,
                               enum dg_tier tier,
                               uint32_t length_s)
{
    return (dg_glucagon){
        amount_in(ledger, DG_HORMONE_GLUCAGON, now, tier, length_s)};
}

dg_dose dg_ledger_iob(const struct dg_ledger *ledger, dg_seconds now)
{
    if ((ledger == NULL) || ledger->is_lost ||
        (ledger->log.hormone != DG_HORMONE_INSULIN)) {
        return (dg_dose){INT32_MAX};
    }

    const uint64_t sum =
        ((uint64_t)open_pulses(ledger, DG_TIER_PRESENT) * DG_IOB_ONE) +
        dg_bins_weighted(&ledger->bins, bin_of(now));
    const uint64_t mU = ((sum * DG_PULSE_MU) + DG_IOB_ONE - 1U) / DG_IOB_ONE;

    return (dg_dose){(mU > INT32_MAX) ? INT32_MAX : (int32_t)mU};
}

const struct dg_ledger_ticket *dg_ledger_find(const struct dg_ledger *ledger,
                                              const struct dg_ticket_id *ticket)
{
    if ((ledger == NULL) || (ticket == NULL)) {
        return NULL;
    }
    if (ledger->spread.is_open &&
        (memcmp(ledger->spread.ticket.id.byte, ticket->byte, DG_TICKET_SIZE) ==
         0)) {
        return &ledger->spread.ticket;
    }
    for (unsigned i = 0U; i < ledger->tickets; i++) {
        if (memcmp(ledger->ticket[i].id.byte, ticket->byte, DG_TICKET_SIZE) ==
            0) {
            return &ledger->ticket[i];
        }
    }
    return NULL;
}
