/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_LOOP_H
#define DG_LOOP_H

#include <stdint.h>

#include "dosegate/quantity.h"
#include "dosegate/sensor.h"
#include "dosegate/status.h"

/* The simple closed loop: micro-boluses toward a target.  Pure integers, and
 * only a suggestion: the device's envelope decides.  Where it is not sure it
 * gives nothing. */
#define DG_LOOP_READINGS        3U
#define DG_LOOP_GAP_S_MAX       900U  /* readings further apart say no trend */
#define DG_LOOP_HORIZON_S       1800  /* how far ahead it looks              */
#define DG_LOOP_TREND_MG_DL_MAX 60    /* 2 mg/dL a minute over the horizon   */
#define DG_LOOP_FALLING_MG_DL   (-30) /* 1 mg/dL a minute: falling fast      */

struct dg_loop_settings {
    dg_glucose target;       /* 80 .. 250   */
    int32_t isf_mg_dL_per_U; /* 2 .. 1000   */
};

/* The last readings that the device accepted, oldest first. */
struct dg_loop {
    uint8_t count;
    struct dg_reading reading[DG_LOOP_READINGS];
};

/** Remember one; a gap or a step back in time starts anew. */
void dg_loop_add(struct dg_loop *loop, const struct dg_reading *reading);

/**
 * Decide on one automatic dose.
 *
 * @param      iob       The device's figure, 0 mU or more.
 * @param      headroom  What the device would allow, 0 mU or more.
 * @param[out] dose      Whole pulses, 0 .. headroom; 0 whenever not DG_OK.
 *
 * @retval DG_OK       A decision was taken.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_RANGE  A setting or a quantity is out of range.
 * @retval DG_E_STATE  Too few readings to know a trend.
 */
DG_NODISCARD enum dg_status dg_loop_decide(
    const struct dg_loop *loop,
    const struct dg_loop_settings *settings,
    dg_dose iob,
    dg_dose headroom,
    dg_dose *dose);

#endif
