/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_LIMITS_H
#define DG_LIMITS_H

#include <stdint.h>

#include "dosegate/effect.h"
#include "dosegate/quantity.h"
#include "dosegate/status.h"

enum dg_age_class {
    DG_AGE_NONE = 0,
    DG_AGE_CHILD = 1, /* under 14 years */
    DG_AGE_TEEN = 2,  /* 14 to 18       */
    DG_AGE_ADULT = 3,
};

enum dg_window {
    DG_WINDOW_5_MIN = 0,
    DG_WINDOW_1_H = 1,
    DG_WINDOW_4_H = 2,
    DG_WINDOW_24_H = 3,
};

#define DG_WINDOWS 4U

/*@ logic integer dg_window_length(integer window) =
  @   window == 0 ? 300 : window == 1 ? 3600 :
  @   window == 2 ? 14400 : window == 3 ? 86400 : 0;
  @*/

/** Length of a window in seconds. */
/*@ assigns \nothing;
  @ ensures length: \result == dg_window_length(window);
  @*/
uint32_t dg_window_s(enum dg_window window);

/* What the phone must be able to show, by evaluation package; it sets how far
 * a confirmation at the phone reaches (SAFETY: approval tiers). */
enum dg_package {
    DG_PACKAGE_NONE = 0,
    DG_PACKAGE_LOW = 1,    /* app-level isolation: confirm reaches no further
                              than automatic; above it, the button          */
    DG_PACKAGE_MEDIUM = 2, /* presence key in hardware: the confirmed caps   */
    DG_PACKAGE_HIGH = 3,
};

/* Glucagon as a prescriber writes it down; all zero: none was prescribed, and
 * none is given.  Ceilings by age class in core/limits_glucagon.c. */
struct dg_glucagon_therapy {
    dg_glucagon dose;        /* one micro-dose: 0, or 10 .. the ceiling      */
    dg_glucagon day;         /* all micro-doses in 24 h: dose .. the ceiling */
    dg_glucagon rescue;      /* one rescue dose: 0 (none), or 100 .. 1000    */
    dg_glucose rescue_below; /* the device rescues by itself below: 0 (never),
                                 or 40 .. 54                                  */
    dg_glucose below;        /* automatic micro-doses below: 0 (with dose 0), or
                                 60 .. 80 and not above the floor of insulin  */
};

/* Personal limits as shares of the daily dose, in permille: insulin on board,
 * then of each tier one dose, 5 min, 1 h, 4 h and 24 h. */
#define DG_SHARES             16U
#define DG_SHARE_IOB          0U
#define DG_SHARE_DOSE(t)      ((((unsigned)(t)-1U) * 5U) + 1U)
#define DG_SHARE_WINDOW(t, w) (DG_SHARE_DOSE(t) + 1U + (unsigned)(w))

/* The most that a prescriber can write down of it, by age class, in ug. */
struct dg_glucagon_ceiling {
    int32_t dose_ug;
    int32_t day_ug;
    int32_t rescue_ug;
};

/** NULL for an age class that is none. */
/*@ assigns \nothing;
  @ ensures \result == \null || \valid_read(\result);
  @*/
const struct dg_glucagon_ceiling *dg_glucagon_ceiling(
    enum dg_age_class age_class);

/* What a prescriber writes down for one person. */
struct dg_therapy {
    enum dg_age_class age_class;
    enum dg_package package;
    dg_dose total_daily_dose; /* 2000 .. 300000 mU                        */
    int32_t isf_mg_dL_per_U;  /* insulin sensitivity factor, 2 .. 1000     */
    dg_glucose floor;         /* no automatic dose below, 60 .. 120        */
    dg_rate basal[24];        /* by hour of the day, 0 .. DG_BASAL_MAX     */
    struct dg_glucagon_therapy glucagon;
    uint16_t
        share[DG_SHARES]; /* 1 .. dg_limits_share_max(); 0: nobody decided */
};

/* Above it the 24 h ledger could not hold one record per pulse; adult hard
 * limit of the common open-source controller is 10 U/h. */
#define DG_BASAL_MU_PER_H_MAX 10000

/* The personal envelope, in mU, worked out once from the therapy.  A zero cap
 * allows nothing. */
struct dg_limits {
    int32_t dose_max_mU[DG_TIERS];               /* E1 */
    int32_t window_max_mU[DG_TIERS][DG_WINDOWS]; /* E2; PRESENT is the total */
    int32_t iob_max_mU;                          /* E3 */
    int32_t isf_mg_dL_per_U;                     /* E4 */
    int32_t floor_mg_dL;                         /* E4 */
    int32_t glucose_age_s_max;                   /* E4 */
    int32_t interval_s_min;                      /* E7 */
};

/** The largest share of the daily dose that anybody can write down, permille;
 * 0 for an @p index that is none.  No message changes it.
 *
 * source: docs/adr/0005-limits.md. */
/*@ assigns \nothing; */
int32_t dg_limits_share_max(unsigned index);

/** The widest shares, for a person of whom nothing narrower is known. */
void dg_limits_widest(struct dg_therapy *therapy);

/**
 * Work out the personal limits.
 *
 * @retval DG_OK       @p limits is filled.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_RANGE  A field of @p therapy is outside its range.
 */
DG_NODISCARD enum dg_status dg_limits_derive(const struct dg_therapy *therapy,
                                             struct dg_limits *limits);

#endif
