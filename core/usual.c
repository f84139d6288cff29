/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/usual.h"

void dg_usual_note(struct dg_usual *usual, uint32_t hour, uint16_t pulses)
{
    if (hour > usual->head) {
        const uint32_t steps = hour - usual->head;
        const uint32_t stale =
            (steps < DG_USUAL_HOURS) ? steps : DG_USUAL_HOURS;

        /*@ loop invariant 1 <= i <= stale + 1;
          @ loop assigns i, usual->largest[0 .. DG_USUAL_HOURS - 1];
          @ loop variant stale - i;
          @*/
        for (uint32_t i = 1U; i <= stale; i++) {
            usual->largest[(usual->head + i) % DG_USUAL_HOURS] = 0U;
        }
        usual->head = hour;
    }

    uint16_t *here = &usual->largest[usual->head % DG_USUAL_HOURS];

    *here = (pulses > *here) ? pulses : *here;
}

uint16_t dg_usual_largest(const struct dg_usual *usual, uint32_t hour)
{
    uint16_t largest = 0U;

    for (uint32_t back = 0U; back < DG_USUAL_HOURS; back++) {
        if (back > usual->head) {
            break;
        }

        const uint32_t here = usual->head - back;

        if (((uint64_t)here + DG_USUAL_HOURS) <= hour) {
            break;
        }
        largest = (usual->largest[here % DG_USUAL_HOURS] > largest)
                      ? usual->largest[here % DG_USUAL_HOURS]
                      : largest;
    }
    return largest;
}
