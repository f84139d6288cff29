/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PAUSES_H
#define DG_PAUSES_H

#include <stdint.h>

/* Basal that was withheld in the last day, in bins of fifteen minutes; what E5
 * is counted from.  The unit is the second of a whole suspension: a basal that
 * was lowered to a quarter for 100 s counts 75 s.  Bin n holds the seconds
 * 900 n .. 900 n + 899 of the device's clock.  Pure: no clock, no flash.
 * @satisfies{FDP_PAUSE.1@2} */
#define DG_PAUSE_BIN_S 900U
#define DG_PAUSE_BINS  97U /* 24 h touches 97 bins */
#define DG_PERMILLE    1000U

struct dg_pauses {
    uint32_t head;             /* number of the newest bin          */
    uint16_t s[DG_PAUSE_BINS]; /* bin n is at n % DG_PAUSE_BINS      */
};

/* E5: longest pause, and the most in a trailing 4 h and 24 h, in seconds of
 * whole suspension (docs/adr/0012; of a day docs/adr/0031). */
#define DG_PAUSE_S_MAX         7200U
#define DG_PAUSE_WINDOWS       2U
#define DG_PAUSE_WINDOW_4_H    14400U
#define DG_PAUSE_WINDOW_24_H   86400U
#define DG_PAUSE_S_MAX_IN_4_H  7200U
#define DG_PAUSE_S_MAX_IN_24_H 28800U

/**
 * E5: the longest pause that may begin now.
 *
 * @param used_4_h_s   Sum over the trailing 4 h, what was granted in full.
 * @param used_24_h_s  The same over 24 h.
 * @param permille     Part of the schedule to be withheld, 1 .. 1000.
 *
 * @return 0 .. DG_PAUSE_S_MAX s; 0 also for a @p permille out of range.
 */
uint32_t dg_pauses_room(uint32_t used_4_h_s,
                        uint32_t used_24_h_s,
                        uint32_t permille);

/** Seconds of whole suspension that @p seconds at @p permille come to, rounded
 * up.
 * @param permille  Part of the schedule that is withheld, 0 .. 1000. */
uint32_t dg_pauses_weigh(uint32_t seconds, uint32_t permille);

/** Bring the bins up to number @p to; an earlier one changes nothing. */
void dg_pauses_advance(struct dg_pauses *pauses, uint32_t to);

/** Count the time from @p from_s until before @p to_s, each bin rounded up.
 * What lies before the oldest bin is gone; what lies after the newest brings
 * the bins forward. */
void dg_pauses_add(struct dg_pauses *pauses,
                   uint32_t from_s,
                   uint32_t to_s,
                   uint32_t permille);

/** Sum of all bins that the trailing @p window_s at @p now_s touches. */
uint32_t dg_pauses_within(const struct dg_pauses *pauses,
                          uint32_t now_s,
                          uint32_t window_s);

#endif
