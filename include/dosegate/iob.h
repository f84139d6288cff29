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

/** Share left at an age of @p steps five-minute steps; 0 from six hours on. */
uint32_t dg_iob_share(uint32_t steps);

#endif
