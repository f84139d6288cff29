/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/iob.h"

/* 1024 (1 - S (1-a) ((t^2 / (tau td (1-a)) - t/tau - 1) exp(-t/tau) + 1)),
 * tau = tp (1 - tp/td) / (1 - 2 tp/td), a = 2 tau/td,
 * S = 1 / (1 - a + (1+a) exp(-td/tau)), tp = 75 min, td = 360 min, t = 5 min
 * times the index, rounded up. */
const uint16_t dg_iob_table[DG_IOB_STEPS] = {
    1024U, 1022U, 1015U, 1004U, 990U, 972U, 952U, 930U, 906U, 881U, 854U,
    827U,  798U,  770U,  741U,  711U, 682U, 653U, 624U, 596U, 568U, 540U,
    513U,  487U,  461U,  436U,  412U, 388U, 366U, 344U, 323U, 303U, 283U,
    265U,  247U,  230U,  214U,  198U, 184U, 170U, 156U, 144U, 132U, 121U,
    111U,  101U,  92U,   83U,   75U,  67U,  60U,  54U,  48U,  42U,  37U,
    33U,   28U,   24U,   21U,   18U,  15U,  12U,  10U,  8U,   6U,   5U,
    4U,    3U,    2U,    1U,    1U,   1U,   0U,
};

uint32_t dg_iob_share(uint32_t steps)
{
    return (steps < DG_IOB_STEPS) ? dg_iob_table[steps] : 0U;
}
