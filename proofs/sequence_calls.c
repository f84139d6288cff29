/* SPDX-License-Identifier: Apache-2.0 */
/* Each call of the ledger, in the words of sequence.h.  Never compiled:
 * tools/prove reads it, and takes the contracts that the rows `ledger`, `intent`
 * and `spread` prove. */
#include "sequence.h"

/*@ lemma slots: \forall integer bin;
  @   0 <= bin ==> 0 <= dg_bins_slot(bin) < DG_BINS;
  @*/

/* Each call, with what it moved of the tier and narrower ones: delivered, or
 * possibly so. */

/*@ requires \valid(entry);
  @ assigns  *entry;
  @*/
void fill(struct dg_entry *entry);

/* A record is written, of whatever kind, or flash refuses it; time goes on. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires \valid(entry) && \separated(entry, ledger);
  @ assigns  *ledger, *entry;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  moved: moved{Pre, Post}(ledger, tier, \result);
  @ ensures  coming: coming(ledger, tier) <= \old(coming(ledger, tier));
  @ ensures  none: \result == 0;
  @*/
static uint32_t record(struct dg_ledger *ledger,
                       uint32_t clock,
                       uint32_t tier,
                       struct dg_entry *entry)
{
    const dg_seconds now = {clock};

    fill(entry);
    (void)dg_ledger_append(ledger, now, entry);
    /*@ assert \at(ledger->bins.head, Pre) <= ledger->bins.head; */
    /*@ assert newest: dg_ledger_has(ledger->bins.head, ledger->bins.head); */
    /*@ assert kept{Pre, Here}(ledger, tier); */
    return 0U;
}

/* A pulse of the dose that runs; a prime reaches nobody. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires ledger->is_open && ledger->ticket[0].delivered < ledger->ticket[0].pulses;
  @ assigns  *ledger;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  moved: moved{Pre, Post}(ledger, tier, \result);
  @ ensures  coming: 0 <= \result && coming(ledger, tier) + \result <=
  @   \old(coming(ledger, tier));
  @ ensures  late: 0 < \result ==> ledger->last.s == clock;
  @*/
static uint32_t pulse(struct dg_ledger *ledger, uint32_t clock, uint32_t tier)
{
    const dg_seconds now = {clock};
    const uint32_t of = ledger->ticket[0].tier;

    dg_ledger_bolus_pulse(ledger, now);
    /*@ assert \at(ledger->bins.head, Pre) <= ledger->bins.head; */
    /*@ assert newest: dg_ledger_has(ledger->bins.head, ledger->bins.head); */
    /*@ assert kept{Pre, Here}(ledger, tier); */
    return ((of != 0U) && (of <= tier)) ? 1U : 0U;
}

/* A pulse of the dose that is spread over time. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires ledger->spread.is_open && ledger->spread.ticket.delivered <
  @   ledger->spread.ticket.pulses;
  @ assigns  *ledger;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  moved: moved{Pre, Post}(ledger, tier, \result);
  @ ensures  coming: 0 <= \result && coming(ledger, tier) + \result <=
  @   \old(coming(ledger, tier));
  @ ensures  late: 0 < \result ==> ledger->last.s == clock;
  @*/
static uint32_t drip(struct dg_ledger *ledger, uint32_t clock, uint32_t tier)
{
    const dg_seconds now = {clock};
    const uint32_t of = ledger->spread.ticket.tier;

    dg_ledger_drip(ledger, now);
    /*@ assert \at(ledger->bins.head, Pre) <= ledger->bins.head; */
    /*@ assert newest: dg_ledger_has(ledger->bins.head, ledger->bins.head); */
    /*@ assert kept{Pre, Here}(ledger, tier); */
    return (of <= tier) ? 1U : 0U;
}

/* The dose that runs ends; UNCERTAIN counts what is left of it. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires ledger->is_open;
  @ assigns  *ledger;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  moved: moved{Pre, Post}(ledger, tier, \result);
  @ ensures  coming: 0 <= \result && coming(ledger, tier) + \result <=
  @   \old(coming(ledger, tier));
  @ ensures  late: 0 < \result ==> ledger->last.s == clock;
  @*/
static uint32_t end(struct dg_ledger *ledger,
                    uint32_t clock,
                    uint32_t tier,
                    enum dg_outcome outcome)
{
    const dg_seconds now = {clock};
    const struct dg_ledger_ticket *ticket = &ledger->ticket[0];
    const uint32_t of = ticket->tier;
    const uint32_t rest = (uint32_t)ticket->pulses - ticket->delivered;

    dg_ledger_end(ledger, now, outcome);
    /*@ assert \at(ledger->bins.head, Pre) <= ledger->bins.head; */
    /*@ assert newest: dg_ledger_has(ledger->bins.head, ledger->bins.head); */
    /*@ assert kept{Pre, Here}(ledger, tier); */
    return ((outcome == DG_OUTCOME_UNCERTAIN) && (of != 0U) && (of <= tier))
               ? rest
               : 0U;
}

/* The same of the dose that is spread. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires ledger->spread.is_open;
  @ assigns  *ledger;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  moved: moved{Pre, Post}(ledger, tier, \result);
  @ ensures  coming: 0 <= \result && coming(ledger, tier) + \result <=
  @   \old(coming(ledger, tier));
  @ ensures  late: 0 < \result ==> ledger->last.s == clock;
  @*/
static uint32_t end_spread(struct dg_ledger *ledger,
                           uint32_t clock,
                           uint32_t tier,
                           enum dg_outcome outcome)
{
    const dg_seconds now = {clock};
    const struct dg_ledger_ticket *ticket = &ledger->spread.ticket;
    const uint32_t of = ticket->tier;
    const uint32_t rest = (uint32_t)ticket->pulses - ticket->delivered;

    dg_ledger_end_spread(ledger, now, outcome);
    /*@ assert outcome == DG_OUTCOME_UNCERTAIN ==>
      @   dg_ledger_counted{Pre, Here}(ledger, now.s, of, rest); */
    /*@ assert outcome != DG_OUTCOME_UNCERTAIN ==>
      @   dg_ledger_counted{Pre, Here}(ledger, 0, 0, 0); */
    /*@ assert \at(ledger->bins.head, Pre) <= ledger->bins.head; */
    /*@ assert newest: dg_ledger_has(ledger->bins.head, ledger->bins.head); */
    /*@ assert kept{Pre, Here}(ledger, tier); */
    return ((outcome == DG_OUTCOME_UNCERTAIN) && (of <= tier)) ? rest : 0U;
}

/* An intent is written, or not. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires \valid_read(id) && \separated(id, ledger) && 1 <= of <= 3;
  @ assigns  *ledger;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  moved: moved{Pre, Post}(ledger, tier, \result);
  @ ensures  coming: coming(ledger, tier) <= \old(coming(ledger, tier)) +
  @   (of <= tier ? pulses : 0);
  @ ensures  none: \result == 0;
  @*/
static uint32_t begin(struct dg_ledger *ledger,
                      uint32_t clock,
                      uint32_t tier,
                      const struct dg_ticket_id *id,
                      uint32_t of,
                      uint32_t pulses)
{
    const dg_seconds now = {clock};

    (void)dg_ledger_announce_bolus(ledger, now, id, (enum dg_tier)of, pulses);
    /*@ assert \at(ledger->bins.head, Pre) <= ledger->bins.head; */
    /*@ assert newest: dg_ledger_has(ledger->bins.head, ledger->bins.head); */
    /*@ assert kept{Pre, Here}(ledger, tier); */
    return 0U;
}

/* An intent of a dose that is spread is written, or not. */
/*@ requires \valid(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires \valid_read(id) && \separated(id, ledger) && 1 <= of <= 3;
  @ assigns  *ledger;
  @ ensures  sound: sound(ledger, clock) && same_log{Pre, Post}(ledger);
  @ ensures  moved: moved{Pre, Post}(ledger, tier, \result);
  @ ensures  coming: coming(ledger, tier) <= \old(coming(ledger, tier)) +
  @   (of <= tier ? pulses : 0);
  @ ensures  none: \result == 0;
  @*/
static uint32_t begin_spread(struct dg_ledger *ledger,
                             uint32_t clock,
                             uint32_t tier,
                             const struct dg_ticket_id *id,
                             uint32_t of,
                             uint32_t pulses,
                             uint32_t seconds)
{
    const dg_seconds now = {clock};

    (void)dg_ledger_announce_spread(
        ledger, now, id, (enum dg_tier)of, pulses, seconds);
    /*@ assert \at(ledger->bins.head, Pre) <= ledger->bins.head; */
    /*@ assert newest: dg_ledger_has(ledger->bins.head, ledger->bins.head); */
    /*@ assert kept{Pre, Here}(ledger, tier); */
    return 0U;
}

/* Any call. */
uint32_t call(struct dg_ledger *ledger,
              uint32_t clock,
              uint32_t tier,
              enum what what,
              enum dg_outcome outcome,
              struct dg_entry *entry,
              const struct dg_ticket_id *id,
              uint32_t of,
              uint32_t pulses,
              uint32_t seconds)
{
    if (what == BEGIN) {
        return begin(ledger, clock, tier, id, of, pulses);
    }
    if (what == BEGIN_SPREAD) {
        return begin_spread(ledger, clock, tier, id, of, pulses, seconds);
    }
    if ((what == PULSE) && ledger->is_open &&
        (ledger->ticket[0].delivered < ledger->ticket[0].pulses)) {
        return pulse(ledger, clock, tier);
    }
    if ((what == DRIP) && ledger->spread.is_open &&
        (ledger->spread.ticket.delivered < ledger->spread.ticket.pulses)) {
        return drip(ledger, clock, tier);
    }
    if ((what == END) && ledger->is_open) {
        return end(ledger, clock, tier, outcome);
    }
    if ((what == END_SPREAD) && ledger->spread.is_open) {
        return end_spread(ledger, clock, tier, outcome);
    }
    return record(ledger, clock, tier, entry);
}
