/* SPDX-License-Identifier: Apache-2.0 */
/* Any sequence of calls of the ledger, for T1 and T2.  Never compiled:
 * tools/prove reads it, and takes the contracts that the rows `calls`, `ledger`,
 * `window` and `envelope` prove.
 *
 * Choose any tier, and any stretch of the device's clock as long as one of the
 * four windows.  Let anything happen, in any order and as often as it likes:
 * time passes, records are written, doses of any tier and amount are asked for,
 * pulses go out, doses end early, or are counted in full because nobody knows.
 * What left of that tier and of narrower ones in that stretch is never more than
 * the cap, as long as each intent was allowed by the decision (any_order()). */
#include "sequence.h"

#include "dosegate/envelope.h"

/*@ lemma slots: \forall integer bin;
  @   0 <= bin ==> 0 <= dg_bins_slot(bin) < DG_BINS;
  @
  @ lemma each{L}: \forall struct dg_limits *limits,
  @     struct dg_envelope_view *view, integer mU, tier, window;
  @   0 <= window <= 3 && dg_envelope_fits_one(limits, view, mU, tier) ==>
  @     view->used_mU[tier][window] + mU <= limits->window_max_mU[tier][window];
  @*/

/* A sum is never less than any part of it. */
/*@ requires \valid_read(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ assigns  \nothing;
  @ ensures  some: 0 <= sum(ledger, first, tier);
  @ ensures  newest: first <= ledger->bins.head ==>
  @   0 <= newest(ledger, tier) <= sum(ledger, first, tier);
  @*/
static void sums(const struct dg_ledger *ledger,
                 uint32_t clock,
                 uint32_t tier,
                 uint32_t first)
{
    /*@ loop invariant first <= bin;
      @ loop invariant bin <= ledger->bins.head || bin == first;
      @ loop invariant 0 <= dg_bins_sum(&ledger->bins, first, bin - 1, tier);
      @ loop assigns bin;
      @ loop variant ledger->bins.head - bin;
      @*/
    for (uint32_t bin = first; bin < ledger->bins.head; bin++) {
        /*@ assert 0 <= dg_bins_row(&ledger->bins, bin, tier); */
        /*@ assert dg_bins_sum(&ledger->bins, first, bin, tier) ==
          @   dg_bins_sum(&ledger->bins, first, bin - 1, tier) +
          @   dg_bins_row(&ledger->bins, bin, tier); */
    }
    /*@ assert 0 <= newest(ledger, tier); */
}

/* Any call, and what it does to the sum over the bins from one of the last day
 * on: that changes by what was moved, and by nothing else. */
uint32_t call_summed(struct dg_ledger *ledger,
                     uint32_t clock,
                     uint32_t tier,
                     uint32_t first,
                     enum what what,
                     enum dg_outcome outcome,
                     struct dg_entry *entry,
                     const struct dg_ticket_id *id,
                     uint32_t of,
                     uint32_t pulses,
                     uint32_t seconds)
{
    const uint32_t head = ledger->bins.head;

    sums(ledger, clock, tier, first);

    const uint32_t gone = call(
        ledger, clock, tier, what, outcome, entry, id, of, pulses, seconds);

    /*@ assert most: 0 <= coming(ledger, tier); */
    /*@ assert most: gone <= \at(coming(ledger, tier), Pre); */
    /*@ assert ledger->bins.head <= first + DG_BINS - 1; */
    uint32_t bin = first;

    /*@ loop invariant first <= bin;
      @ loop invariant bin <= ledger->bins.head || bin == first;
      @ loop invariant same: dg_bins_sum(&ledger->bins, first, bin - 1, tier)
      @   == dg_bins_sum{Pre}(&\at(ledger, Pre)->bins, first,
      @     \min(bin - 1, head), \at(tier, Pre));
      @ loop assigns bin;
      @ loop variant ledger->bins.head - bin;
      @*/
    for (; bin < ledger->bins.head; bin++) {
        /*@ assert dg_ledger_has(ledger->bins.head, bin); */
        /*@ assert dg_bins_row(&ledger->bins, bin, tier) ==
          @   before{Pre}(\at(ledger, Pre), bin, \at(tier, Pre)); */
        /*@ assert dg_bins_sum(&ledger->bins, first, bin, tier) ==
          @   dg_bins_sum(&ledger->bins, first, bin - 1, tier) +
          @   dg_bins_row(&ledger->bins, bin, tier); */
        /*@ assert held: bin <= head ==>
          @   dg_bins_sum{Pre}(&\at(ledger, Pre)->bins, first, bin,
          @     \at(tier, Pre)) ==
          @   dg_bins_sum{Pre}(&\at(ledger, Pre)->bins, first, bin - 1,
          @     \at(tier, Pre)) + before{Pre}(\at(ledger, Pre), bin,
          @     \at(tier, Pre)); */
        /*@ assert fresh: head < bin ==> before{Pre}(\at(ledger, Pre), bin,
          @     \at(tier, Pre)) == 0; */
        /*@ assert held: bin <= head ==> \min(bin, head) == bin &&
          @   \min(bin - 1, head) == bin - 1; */
        /*@ assert fresh: head < bin ==> \min(bin, head) == head &&
          @   \min(bin - 1, head) == head; */
    }
    /*@ assert end: first <= ledger->bins.head ==> bin == ledger->bins.head; */
    /*@ assert last: first <= ledger->bins.head ==>
      @   sum(ledger, first, tier) == newest(ledger, tier) +
      @   dg_bins_sum(&ledger->bins, first, ledger->bins.head - 1, tier); */
    /*@ assert none: ledger->bins.head < first ==>
      @   sum(ledger, first, tier) == 0; */
    /*@ assert none: head < first ==>
      @   dg_bins_sum{Pre}(&\at(ledger, Pre)->bins, first, head, \at(tier, Pre))
      @   == 0; */
    /*@ assert was: first <= head && head == ledger->bins.head ==>
      @   dg_bins_sum{Pre}(&\at(ledger, Pre)->bins, first, head, \at(tier, Pre))
      @   == dg_bins_sum{Pre}(&\at(ledger, Pre)->bins, first, head - 1,
      @        \at(tier, Pre)) +
      @      before{Pre}(\at(ledger, Pre), head, \at(tier, Pre)); */
    /*@ assert was: head < ledger->bins.head ==>
      @   \min(ledger->bins.head - 1, head) == head &&
      @   before{Pre}(\at(ledger, Pre), \at(ledger->bins.head, Here),
      @               \at(tier, Pre)) == 0; */
    /*@ assert was: head == ledger->bins.head ==>
      @   \min(ledger->bins.head - 1, head) == head - 1; */
    /*@ assert was: first <= ledger->bins.head ==>
      @   dg_bins_sum{Pre}(&\at(ledger, Pre)->bins, first, head, \at(tier, Pre))
      @   == dg_bins_sum(&ledger->bins, first, ledger->bins.head - 1, tier) +
      @      before{Pre}(\at(ledger, Pre), \at(ledger->bins.head, Here),
      @                  \at(tier, Pre)); */
    /*@ assert fits: first <= ledger->bins.head ==> gone +
      @   before{Pre}(\at(ledger, Pre), \at(ledger->bins.head, Here),
      @               \at(tier, Pre)) <= UINT16_MAX; */
    return gone;
}

/* What a dose leaves room for: the decision looks at a window that holds no
 * less than the stretch that is looked at here. */
void shorter(const struct dg_ledger *ledger,
             uint32_t clock,
             uint32_t tier,
             uint32_t start,
             uint32_t first,
             uint32_t length)
{
    const uint32_t then = (clock > length) ? ((clock - length) / DG_BIN_S) : 0U;
    const uint32_t head = ledger->bins.head;
    const uint32_t low = (head >= DG_BINS) ? (head - (DG_BINS - 1U)) : 0U;
    const uint32_t seen = (then > low) ? then : low;

    /*@ assert then == dg_ledger_first(clock, length); */
    /*@ assert seen == dg_bins_oldest(&ledger->bins, then); */
    /*@ assert seen <= first; */
    /*@ loop invariant seen <= bin;
      @ loop invariant bin <= head + 1 || bin == seen;
      @ loop invariant 0 <= dg_bins_sum(&ledger->bins, seen, bin - 1, tier);
      @ loop invariant 0 <= dg_bins_sum(&ledger->bins, first, bin - 1, tier) <=
      @   dg_bins_sum(&ledger->bins, seen, bin - 1, tier);
      @ loop assigns bin;
      @ loop variant head + 1 - bin;
      @*/
    for (uint32_t bin = seen; bin <= head; bin++) {
        /*@ assert 0 <= dg_bins_row(&ledger->bins, bin, tier); */
        /*@ assert dg_bins_sum(&ledger->bins, seen, bin, tier) ==
          @   dg_bins_sum(&ledger->bins, seen, bin - 1, tier) +
          @   dg_bins_row(&ledger->bins, bin, tier); */
        /*@ assert first <= bin ==>
          @   dg_bins_sum(&ledger->bins, first, bin, tier) ==
          @   dg_bins_sum(&ledger->bins, first, bin - 1, tier) +
          @   dg_bins_row(&ledger->bins, bin, tier); */
        /*@ assert bin < first ==>
          @   dg_bins_sum(&ledger->bins, first, bin, tier) == 0; */
    }
    /*@ assert 0 <= dg_bins_sum(&ledger->bins, seen, head, tier); */
    /*@ assert sum(ledger, first, tier) <=
      @   dg_bins_sum(&ledger->bins, seen, head, tier); */
}

/* How many pulses of insulin the decision allows; 0: none.  What it is shown of
 * other tiers and windows, and all else, may be anything. */
/*@ requires \valid_read(ledger) && sound(ledger, clock) && 1 <= tier <= 3;
  @ requires 0 <= window <= 3 && clock <= start + dg_window_length(window);
  @ requires touched: DG_BIN_S * first <= start < DG_BIN_S * first + DG_BIN_S;
  @ requires \valid_read(ledger->log.region) &&
  @   dg_ledger_step(ledger->log.hormone, ledger->log.region);
  @ requires \valid_read(limits) && \valid(view) && \valid(decision);
  @ requires \separated(decision, limits, view, ledger);
  @ requires \separated(view, limits, ledger);
  @ requires \separated(ledger->log.region, view, decision);
  @ requires 1 <= of && cap <= UINT16_MAX;
  @ requires limits->window_max_mU[tier][window] <= DG_PULSE_MU * cap;
  @ assigns  view->used_mU[tier][window], *decision;
  @ ensures  fits: 0 < \result && of <= tier ==>
  @   sum(ledger, first, tier) + coming(ledger, tier) + \result <= cap;
  @ ensures  of: 0 < \result ==> of <= 3;
  @*/
static uint32_t ask(const struct dg_ledger *ledger,
                    uint32_t clock,
                    uint32_t tier,
                    uint32_t start,
                    uint32_t first,
                    uint32_t window,
                    uint32_t cap,
                    const struct dg_limits *limits,
                    struct dg_envelope_view *view,
                    uint32_t of,
                    dg_dose amount,
                    struct dg_decision *decision)
{
    const dg_seconds now = {clock};

    shorter(
        ledger, clock, tier, start, first, dg_window_s((enum dg_window)window));

    const int32_t used =
        dg_ledger_window(
            ledger, now, (enum dg_tier)tier, (enum dg_window)window)
            .mU;

    /*@ assert shown: used < INT32_MAX - DG_PULSE_MU ==>
      @   DG_PULSE_MU * (sum(ledger, first, tier) + coming(ledger, tier)) <=
      @   used; */
    view->used_mU[tier][window] = used;
    if ((dg_envelope_decide(limits, view, amount, (enum dg_tier)of, decision) !=
         DG_OK) ||
        (decision->verdict != DG_VERDICT_ALLOW) ||
        ((amount.mU % DG_PULSE_MU) != 0)) {
        return 0U;
    }
    /*@ assert e2: dg_envelope_e2(limits, view, amount.mU, of); */
    /*@ assert one: of <= tier && tier == 1 ==>
      @   dg_envelope_fits_one(limits, view, amount.mU, 1); */
    /*@ assert two: of <= tier && tier == 2 ==>
      @   dg_envelope_fits_one(limits, view, amount.mU, 2); */
    /*@ assert three: of <= tier && tier == 3 ==>
      @   dg_envelope_fits_one(limits, view, amount.mU, 3); */
    /*@ assert fits_one: of <= tier ==>
      @   dg_envelope_fits_one(limits, view, amount.mU, tier); */
    /*@ assert used: view->used_mU[tier][window] == used; */
    /*@ assert room: of <= tier ==>
      @   used + amount.mU <= limits->window_max_mU[tier][window]; */
    /*@ assert fits: of <= tier ==> used + amount.mU <= DG_PULSE_MU * cap; */
    return (uint32_t)(amount.mU / DG_PULSE_MU);
}

/* Tickets, the rest of what the decision is shown, and limits may be
 * others at each call; of the limits only this one is looked at. */
/*@ requires \valid(id) && \valid(view) && \valid(limits);
  @ requires 1 <= tier <= 3 && 0 <= window <= 3;
  @ assigns *id, *view, *limits;
  @ ensures limits->window_max_mU[tier][window] <= DG_PULSE_MU * cap;
  @*/
void change(struct dg_ticket_id *id,
            struct dg_envelope_view *view,
            struct dg_limits *limits,
            uint32_t tier,
            uint32_t window,
            uint32_t cap);

/* Gives what left of the tier and of narrower ones from the second `start` to
 * the end of the window that begins there, delivered or possibly so; `inside`
 * of it had left before. */
/*@ requires \valid(ledger) && sound(ledger, clock);
  @ requires \valid_read(ledger->log.region) &&
  @   dg_ledger_step(ledger->log.hormone, ledger->log.region);
  @ requires \valid(limits) && \valid(view) && \valid(decision);
  @ requires \valid(entry) && \valid(id);
  @ requires \separated(ledger, ledger->log.region, limits, view, decision,
  @                     entry, id);
  @ requires 1 <= tier <= 3 && 0 <= window <= 3 && cap <= UINT16_MAX;
  @ requires touched: DG_BIN_S * first <= start < DG_BIN_S * first + DG_BIN_S;
  @ requires began: inside <= cap &&
  @   (clock <= start + dg_window_length(window) ==>
  @    inside <= sum(ledger, first, tier) &&
  @    sum(ledger, first, tier) + coming(ledger, tier) <= cap);
  @ assigns  *ledger, *limits, *view, *decision, *entry, *id;
  @ ensures  within: \result <= cap;
  @*/
uint32_t any_order(struct dg_ledger *ledger,
                   struct dg_limits *limits,
                   struct dg_envelope_view *view,
                   struct dg_decision *decision,
                   struct dg_entry *entry,
                   struct dg_ticket_id *id,
                   uint32_t clock,
                   uint32_t tier,
                   uint32_t window,
                   uint32_t start,
                   uint32_t first,
                   uint32_t cap,
                   uint32_t inside)
{
    const uint32_t length = dg_window_s((enum dg_window)window);

    /*@ loop invariant sound: sound(ledger, clock) &&
      @   same_log{Pre, Here}(ledger) &&
      @   dg_ledger_step(ledger->log.hormone, ledger->log.region);
      @ loop invariant counted: clock <= start + dg_window_length(window) ==>
      @   inside <= sum(ledger, first, tier) &&
      @   sum(ledger, first, tier) + coming(ledger, tier) <= cap;
      @ loop invariant within: inside <= cap;
      @ loop assigns clock, inside, *ledger, *limits, *view, *decision, *entry,
      @   *id;
      @*/
    while (any() != 0U) {
        const uint32_t later = any();
        const uint32_t of = 1U + (any() % 3U);
        const enum dg_outcome outcome = (enum dg_outcome)any();
        const dg_dose amount = {(int32_t)(any() & 0x7FFFFFFFU)};
        enum what what = (enum what)any();
        uint32_t pulses = any();

        if (later > clock) {
            clock = later;
        }
        change(id, view, limits, tier, window, cap);
        if ((clock > start) && ((clock - start) > length)) {
            (void)call(ledger,
                       clock,
                       tier,
                       what,
                       outcome,
                       entry,
                       id,
                       of,
                       pulses,
                       any());
            /*@ assert over: start + length < clock; */
            continue;
        }
        if (what >= BEGIN) {
            pulses = ask(ledger,
                         clock,
                         tier,
                         start,
                         first,
                         window,
                         cap,
                         limits,
                         view,
                         of,
                         amount,
                         decision);
            if (pulses == 0U) {
                what = RECORD;
            }
        }

        /*@ assert room: sum(ledger, first, tier) + coming(ledger, tier) +
          @   (what >= BEGIN && of <= tier ? pulses : 0) <= cap; */
        /*@ assert before: inside <= sum(ledger, first, tier); */
        const uint32_t gone = call_summed(ledger,
                                          clock,
                                          tier,
                                          first,
                                          what,
                                          outcome,
                                          entry,
                                          id,
                                          of,
                                          pulses,
                                          any());
        /*@ assert after: sum(ledger, first, tier) + coming(ledger, tier) <=
          @   cap; */
        /*@ assert here: inside <= sum(ledger, first, tier); */
        /*@ assert with: start <= clock ==>
          @   inside + gone <= sum(ledger, first, tier); */

        if (clock >= start) {
            inside += gone;
        }
    }
    return inside;
}
