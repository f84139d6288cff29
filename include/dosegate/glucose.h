/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_GLUCOSE_H
#define DG_GLUCOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/quantity.h"
#include "dosegate/sensor.h"

/* What the device believes about glucose.
 *
 * A reading that comes here is authentic, newer than the last and not too old.
 * It is judged against the readings before it and the insulin given, and
 * carries one of three weights:
 *
 *   suspect   it may not be true.  Nothing automatic may rest on it; if it is
 *             low it still counts as low, and a low before it still counts.
 *   settling  nothing speaks against it, but too few readings agree yet.
 *   trusted   a basis for automatic doses.
 *
 * A phone cannot forge readings, but it chooses which to relay.  So a reading
 * that follows an omission is never trusted itself, a gap starts the count
 * anew, and a reading that a newer one should have replaced loses value with
 * its age (dg_glucose_bound). */

/* What speaks against the last reading; one bit each. */
enum dg_glucose_finding {
    DG_GLUCOSE_CODE = 0,     /* 39 "low" or 401 "high": no number        */
    DG_GLUCOSE_WARM_UP = 1,  /* the sensor is too young                   */
    DG_GLUCOSE_SPENT = 2,    /* sequence beyond DG_GLUCOSE_SEQUENCE_MAX   */
    DG_GLUCOSE_FLAT = 3,     /* the same number for too long              */
    DG_GLUCOSE_JUMP = 4,     /* faster than glucose moves                 */
    DG_GLUCOSE_DROP_OUT = 5, /* down and up again: pressure on the sensor */
    DG_GLUCOSE_FALL = 6,     /* a fall that the insulin given cannot make */
    DG_GLUCOSE_RISE = 7,     /* a rise against the insulin given          */
    DG_GLUCOSE_SETTLING = 8, /* not suspect; too few readings agree yet   */
    DG_GLUCOSE_UNTIMED = 9,  /* how old it is cannot be known             */
};

#define DG_GLUCOSE_FINDINGS 10U

/* One reading on its own may move this far, and this fast beyond it: 40 mg/dL
 * in five minutes, 4 mg/dL a minute.
 * source: LoopKit, limits of a gradual transition and of momentum (facts:
 * models.md, sections 6 and 9). */
#define DG_GLUCOSE_NOISE_MG_DL 20
#define DG_GLUCOSE_CONE_S      15 /* seconds for each further mg/dL */
#define DG_GLUCOSE_NEAR_S      900U

/* Over DG_GLUCOSE_NEAR_S to an hour, without insulin acting: a fall of 2 mg/dL
 * a minute, a rise of 4; insulin that acted allows twice its effect more for
 * the fall and asks for half of it from the rise, which keeps 1 mg/dL a
 * minute.  Ours, wide on purpose: meals, exercise and a sensitivity that is
 * written down wrong are no faults of a sensor (docs/adr/0024). */
#define DG_GLUCOSE_FALL_PER_MIN 2
#define DG_GLUCOSE_RISE_PER_MIN 4

/* Down by this much and up again, each within DG_GLUCOSE_NEAR_S, back to
 * within DG_GLUCOSE_RETURN_MG_DL of where it was. */
#define DG_GLUCOSE_DIP_MG_DL    25
#define DG_GLUCOSE_RETURN_MG_DL 15

/* The same number for as long as the long average of oref0 (facts: oref0.md,
 * 6.2), in at least so many readings. */
#define DG_GLUCOSE_FLAT_S        2700U
#define DG_GLUCOSE_FLAT_READINGS 4U

/* Three readings that agree (LoopKit asks for as many before it sees a trend)
 * over ten minutes less what two clocks may drift. */
#define DG_GLUCOSE_STREAK   3U
#define DG_GLUCOSE_SETTLE_S 540U

/* A reading every five minutes; beyond two periods something was left out. */
#define DG_GLUCOSE_PERIOD_S 300U
#define DG_GLUCOSE_GAP_S    660U

/* Clocks of sensor and device: a minute, and 100 ppm of the sensor's age. */
#define DG_GLUCOSE_AHEAD_S     60U
#define DG_GLUCOSE_AHEAD_PARTS 10000U

/* A reading a minute for two years; no sensor lives a tenth of it. */
#define DG_GLUCOSE_SEQUENCE_MAX 0x000FFFFFU

#define DG_GLUCOSE_WARM_S_MAX 14400U

#define DG_GLUCOSE_KEPT 13U /* an hour */

struct dg_glucose_point {
    dg_seconds at;
    int32_t mg_dL;
    int32_t iob_mU;       /* insulin on board then             */
    uint32_t bolus_steps; /* delivered since manufacture then  */
};

struct dg_glucose_state {
    bool has;         /* any reading since the reset or the sensor's start */
    dg_glucose value; /* the last authentic one, whatever its weight       */
    dg_seconds at;    /* device clock, when the sensor measured; before the
                         first reading the time of the reset */
    uint32_t sequence;
    dg_seconds sensor_start; /* which sensor this is about */
    uint16_t findings;       /* against the last reading, bits */
    uint8_t streak;          /* readings in order that agree   */
    uint8_t run;             /* newest points that agree       */
    uint8_t kept;
    uint8_t same; /* readings with the last number  */
    dg_seconds run_since;
    dg_seconds same_since;
    dg_seconds trusted_at; /* of the last one that was; 0: none yet */
    struct dg_glucose_point point[DG_GLUCOSE_KEPT]; /* newest first */
};

/* What else the device knows at the time of a reading. */
struct dg_glucose_context {
    dg_seconds at;           /* of the reading, device clock, not ahead of it */
    uint32_t warm_s;         /* readings of a younger sensor do not count;
                                0 .. DG_GLUCOSE_WARM_S_MAX, 0: this sensor is
                                silent until it is warm */
    bool is_untimed;         /* our clock was lost since the sensor began */
    int32_t isf_mg_dL_per_U; /* 2 .. 1000 */
    int32_t iob_mU;          /* >= 0 */
    uint32_t bolus_steps;
};

/** Forget all readings: power on.  Which came before is unknown, so none that
 * is older than @p now comes again. */
void dg_glucose_start(struct dg_glucose_state *state, dg_seconds now);

/** Meet the sensor that was started at @p sensor_start: when it is another one
 * than before, forget the old one's readings and numbers. */
void dg_glucose_meet(struct dg_glucose_state *state, dg_seconds sensor_start);

/** How far the sensor's clock may be ahead of ours, @p age seconds after its
 * start. */
uint32_t dg_glucose_ahead_s(dg_seconds age);

/**
 * Take a reading that is authentic, of a higher sequence, not older than the
 * last, and judge it.
 *
 * @param[in,out] state    findings tell the judgement.
 * @param         reading  From dg_reading_verify().
 */
void dg_glucose_take(struct dg_glucose_state *state,
                     const struct dg_reading *reading,
                     const struct dg_glucose_context *context);

/** The last reading may not be true. */
bool dg_glucose_is_suspect(const struct dg_glucose_state *state);

/** The last reading may carry automatic doses while it is fresh; how fresh is
 * for authority and envelope to say. */
bool dg_glucose_is_trusted(const struct dg_glucose_state *state);

/** Glucose is low, or may be: the last reading is below @p floor and no older
 * than @p age_s_max, or one as fresh before it is and the last is not yet
 * trusted.  Suspicion never hides a low. */
bool dg_glucose_is_low(const struct dg_glucose_state *state,
                       dg_seconds now,
                       uint32_t age_s_max,
                       dg_glucose floor);

/** The last reading less what glucose may have fallen since the next one was
 * due: what a phone gains by holding readings back is nothing. */
dg_glucose dg_glucose_bound(const struct dg_glucose_state *state,
                            dg_seconds now);

#endif
