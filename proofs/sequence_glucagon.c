/* SPDX-License-Identifier: Apache-2.0 */
/* Any sequence of calls of the ledger of glucagon, for T7, as sequence.c is for
 * T1 and T2; of the tiers AUTOMATIC and CONFIRMED.  Rescues may come among them
 * as they like: they are of a wider tier, and bounded by another rule.  Never
 * compiled. */
#include "sequence.h"

#include "dosegate/glucagon.h"

/*@ lemma slots: \forall integer bin;
  @   0 <= bin ==> 0 <= dg_bins_slot(bin) < DG_BINS;
  @
  @ lemma each{L}: \forall struct dg_glucagon_limits *limits,
  @     struct dg_glucagon_view *view, integer amount_ug, tier, window;
  @   0 <= window <= 3 &&
  @   dg_glucagon_fits_one(limits, view, amount_ug, tier) ==>
  @     view->used_ug[tier][window] + amount_ug <=
  @     limits->window_max_ug[tier][window];
  @*/

/* How many steps of glucagon the decision allows; 0: none.  What it is shown of
 * other tiers and windows, and all else, may be anything. */
/*@ requires \valid_read(ledger) && sound(ledger, clock) && 1 <= tier <= 2;
  @ requires 0 <= window <= 3 && clock <= start + dg_window_length(window);
  @ requires touched: DG_BIN_S * first <= start < DG_BIN_S * first + DG_BIN_S;
  @ requires \valid_read(ledger->log.region) &&
  @   dg_ledger_step(ledger->log.hormone, ledger->log.region);
  @ requires \valid_read(limits) && \valid(view) && \valid(decision);
  @ requires \separated(decision, limits, view, ledger);
  @ requires \separated(view, limits, ledger);
  @ requires \separated(ledger->log.region, view, decision);
  @ requires 1 <= of && cap <= UINT16_MAX;
  @ requires limits->window_max_ug[tier][window] <= DG_GLUCAGON_STEP_UG * cap;
  @ assigns  view->used_ug[tier][window], *decision;
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
                    const struct dg_glucagon_limits *limits,
                    struct dg_glucagon_view *view,
                    uint32_t of,
                    dg_glucagon amount,
                    struct dg_glucagon_decision *decision)
{
    const dg_seconds now = {clock};

    shorter(
        ledger, clock, tier, start, first, dg_window_s((enum dg_window)window));

    const int32_t used = dg_ledger_glucagon(ledger,
                                            now,
                                            (enum dg_tier)tier,
                                            dg_window_s((enum dg_window)window))
                             .ug;

    /*@ assert shown: used < INT32_MAX - DG_GLUCAGON_STEP_UG ==>
      @   DG_GLUCAGON_STEP_UG * (sum(ledger, first, tier) +
      @     coming(ledger, tier)) <= used; */
    view->used_ug[tier][window] = used;
    if ((dg_glucagon_decide(limits, view, amount, (enum dg_tier)of, decision) !=
         DG_OK) ||
        (decision->verdict != DG_VERDICT_ALLOW) ||
        ((amount.ug % DG_GLUCAGON_STEP_UG) != 0)) {
        return 0U;
    }
    /*@ assert e2: dg_glucagon_e2(limits, view, amount.ug, of); */
    /*@ assert one: of <= tier && tier == 1 ==>
      @   dg_glucagon_fits_one(limits, view, amount.ug, 1); */
    /*@ assert two: of <= tier && tier == 2 ==>
      @   dg_glucagon_fits_one(limits, view, amount.ug, 2); */
    /*@ assert fits_one: of <= tier ==>
      @   dg_glucagon_fits_one(limits, view, amount.ug, tier); */
    /*@ assert used: view->used_ug[tier][window] == used; */
    /*@ assert room: of <= tier ==>
      @   used + amount.ug <= limits->window_max_ug[tier][window]; */
    /*@ assert fits: of <= tier ==>
      @   used + amount.ug <= DG_GLUCAGON_STEP_UG * cap; */
    return (uint32_t)(amount.ug / DG_GLUCAGON_STEP_UG);
}

/* Tickets, the rest of what the decision is shown, and limits may be
 * others at each call; of the limits only this one is looked at. */
/*@ requires \valid(id) && \valid(view) && \valid(limits);
  @ requires 1 <= tier <= 2 && 0 <= window <= 3;
  @ assigns *id, *view, *limits;
  @ ensures limits->window_max_ug[tier][window] <= DG_GLUCAGON_STEP_UG * cap;
  @*/
void change(struct dg_ticket_id *id,
            struct dg_glucagon_view *view,
            struct dg_glucagon_limits *limits,
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
  @ requires 1 <= tier <= 2 && 0 <= window <= 3 && cap <= UINT16_MAX;
  @ requires touched: DG_BIN_S * first <= start < DG_BIN_S * first + DG_BIN_S;
  @ requires began: inside <= cap &&
  @   (clock <= start + dg_window_length(window) ==>
  @    inside <= sum(ledger, first, tier) &&
  @    sum(ledger, first, tier) + coming(ledger, tier) <= cap);
  @ assigns  *ledger, *limits, *view, *decision, *entry, *id;
  @ ensures  within: \result <= cap;
  @*/
uint32_t any_order(struct dg_ledger *ledger,
                   struct dg_glucagon_limits *limits,
                   struct dg_glucagon_view *view,
                   struct dg_glucagon_decision *decision,
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
        const dg_glucagon amount = {(int32_t)(any() & 0x7FFFFFFFU)};
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
        /* A rescue is of the widest tier and asks another rule. */
        if ((what >= BEGIN) && (of != 3U)) {
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
