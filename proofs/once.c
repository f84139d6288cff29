/* SPDX-License-Identifier: Apache-2.0 */
/* Any sequence of calls of the interlock, for T3.  Never compiled: tools/prove
 * reads it, and takes the contracts of core/interlock.h that the row `interlock`
 * proves.  What is approved, opened and spent is counted beside it. */
#include "interlock.h"

struct tally {
    uint64_t approved; /* times that a ticket was approved              */
    uint64_t opened;   /* times that the mechanism was opened           */
    uint64_t granted;  /* pulses, of all times that it was opened       */
    uint64_t moved;    /* pulses that were let through to the mechanism */
};

/*@ logic integer left{L}(struct dg_interlock *interlock) =
  @   interlock->pulses.inverse == (uint32_t)(~interlock->pulses.value)
  @     ? interlock->pulses.value : 0;
  @
  @ predicate once{L}(struct tally *tally, struct dg_interlock *interlock) =
  @   tally->opened <= tally->approved &&
  @   (dg_interlock_is_approved(interlock) ==>
  @    tally->opened + 1 <= tally->approved);
  @
  @ predicate most{L}(struct tally *tally, struct dg_interlock *interlock) =
  @   tally->moved + left(interlock) <= tally->granted;
  @*/

/* Nobody knows what comes. */
/*@ assigns \nothing; */
uint32_t any(void);

/* Tickets, commits and the ledger's word may be others at each call. */
/*@ assigns *ticket, *commit, *intent; */
void change(struct dg_ticket *ticket,
            struct dg_request *commit,
            struct dg_ledger_ticket *intent);

/*@ requires \valid_read(device) && \valid(interlock) && \valid(ticket);
  @ requires \valid(commit) && \valid(intent) && \valid(tally);
  @ requires \separated(device, interlock, ticket, commit, intent, tally);
  @ requires dg_interlock_is_closed(interlock);
  @ requires tally->approved == 0 && tally->opened == 0;
  @ requires tally->granted == 0 && tally->moved == 0;
  @ assigns  *interlock, *ticket, *commit, *intent, *tally;
  @ ensures  once: tally->opened <= tally->approved;
  @ ensures  most: tally->moved <= tally->granted;
  @*/
void any_order(const struct dg_device *device,
               struct dg_interlock *interlock,
               struct dg_ticket *ticket,
               struct dg_request *commit,
               struct dg_ledger_ticket *intent,
               struct tally *tally)
{
    /*@ loop invariant once: once(tally, interlock);
      @ loop invariant most: most(tally, interlock);
      @ loop assigns *interlock, *ticket, *commit, *intent, *tally;
      @*/
    while ((any() != 0U) && (tally->approved < UINT64_MAX) &&
           (tally->granted < (UINT64_MAX - UINT32_MAX))) {
        const uint32_t what = any();
        const uint32_t pulses = any();

        change(ticket, commit, intent);
        if (what == 0U) {
            if (dg_interlock_approve(device, interlock, ticket, commit) ==
                DG_OK) {
                tally->approved++;
            }
        } else if (what == 1U) {
            dg_interlock_press(interlock);
        } else if (what == 2U) {
            if (dg_interlock_open(interlock, ticket, pulses) == DG_OK) {
                tally->opened++;
                tally->granted += pulses;
            }
        } else if (what == 3U) {
            if (dg_interlock_spend(interlock, intent, true) == DG_OK) {
                tally->moved++;
            }
        } else {
            dg_interlock_close(interlock);
        }
    }
}
