/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_USUAL_H
#define DG_USUAL_H

#include <stdint.h>

/* The largest dose of each hour of the last day that a person approved and that
 * was delivered whole: what is usual for this person, as the device itself saw
 * it.  Rebuilt from the ledger after a reset.  Pure: no clock, no flash.
 * @satisfies{FDP_DOSE.9@1} */
#define DG_USUAL_HOURS 25U /* 24 h touches 25 hours */

struct dg_usual {
    uint32_t head;                    /* number of the newest hour     */
    uint16_t largest[DG_USUAL_HOURS]; /* pulses; hour n at n % HOURS   */
};

/** Remember a dose of @p pulses in hour @p hour, which may be the newest or a
 * later one; an earlier one counts as the newest. */
/*@ requires \valid(usual) && usual->head <= UINT32_MAX / 3600;
  @ requires hour <= UINT32_MAX / 3600;
  @ assigns  usual->head, usual->largest[0 .. DG_USUAL_HOURS - 1];
  @ ensures  usual->head == \max(\old(usual->head), hour);
  @ ensures  usual->largest[usual->head % DG_USUAL_HOURS] >= pulses;
  @*/
void dg_usual_note(struct dg_usual *usual, uint32_t hour, uint16_t pulses);

/** The largest dose from the hour 24 before @p hour on, pulses; 0: none. */
uint16_t dg_usual_largest(const struct dg_usual *usual, uint32_t hour);

#endif
