/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_RESERVOIR_H
#define DG_RESERVOIR_H

#include <stdbool.h>
#include <stdint.h>

/**
 * Whether what left a reservoir is what the mechanism says it moved (E10).
 *
 * Pure.  The tolerance, for the reading and for what a step moves, is 1 U and
 * 5 % of what was used (docs/limits.md, E10).
 *
 * @param filled  Pulses that were in it at the fill, 0 .. 2^31.
 * @param used    Pulses that the mechanism counted since, 0 .. 2^31.
 * @param left    Pulses that are in it by its own reading, 0 .. 2^31.
 */
bool dg_reservoir_is_within(uint32_t filled, uint32_t used, uint32_t left);

#endif
