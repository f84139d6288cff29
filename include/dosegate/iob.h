/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_IOB_H
#define DG_IOB_H

#include <stdint.h>

/* The share of a dose that has not acted yet, by age, in steps of five
 * minutes and in parts per 1024, never below the curve at the start of the
 * step (T6: rounds up).
 *
 * source: exponential insulin model of LoopKit, peak 75 min, duration 6 h
 * (facts: models.md, section 9); tests/unit/test_iob.c recomputes the table. */
#define DG_IOB_STEPS 73U
#define DG_IOB_ONE   1024U

extern const uint16_t dg_iob_table[DG_IOB_STEPS];

/*@ logic integer dg_iob_share_at{L}(integer steps) =
  @   steps < DG_IOB_STEPS ? dg_iob_table[steps] : 0;
  @
  @ predicate dg_iob_falls{L} = \forall integer i; 0 <= i < DG_IOB_STEPS - 1 ==>
  @   dg_iob_table[i] >= dg_iob_table[i + 1];
  @*/

/** Share left at an age of @p steps five-minute steps; 0 from six hours on. */
/*@ assigns \nothing;
  @ ensures bounded: \result <= DG_IOB_ONE;
  @ ensures spent: steps >= DG_IOB_STEPS - 1 ==> \result == 0;
  @ ensures table: \result == dg_iob_share_at(steps);
  @ ensures falls: dg_iob_falls;
  @*/
uint32_t dg_iob_share(uint32_t steps);

#endif
