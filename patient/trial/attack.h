/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_ATTACK_H
#define DG_PATIENT_TRIAL_ATTACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"

/* What goes wrong in one scenario of a trial.  Each has its rows in the list
 * of threats and hazards. */
enum dg_trial_attack {
    DG_TRIAL_ATTACK_UNSET = 0,
    DG_TRIAL_QUIET,          /* nothing: what the guard costs               */
    DG_TRIAL_OVERDOSE,       /* one large dose at once                      */
    DG_TRIAL_OVERDOSE_WORST, /* the largest dose that is allowed, each step */
    DG_TRIAL_STRIKE_WORST,   /* saved up for when glucose is falling        */
    DG_TRIAL_SLOW,           /* small doses for a day                       */
    DG_TRIAL_SUSPEND,        /* basal withheld                              */
    DG_TRIAL_SUSPEND_WORST,  /* ... as long as allowed, doses dropped too   */
    DG_TRIAL_STALE,          /* the algorithm sees an old high reading      */
    DG_TRIAL_SHIFTED,        /* the algorithm sees more than there is       */
    DG_TRIAL_REPLAY,         /* recorded doses sent again                   */
    DG_TRIAL_RETRIES,        /* lost answers, each dose sent four times     */
    DG_TRIAL_GLUCAGON,       /* all glucagon at once                        */
    DG_TRIAL_GLUCAGON_WORST, /* ... as much as allowed, each step           */
    DG_TRIAL_DEAD_PHONE,     /* no phone any more                           */
    DG_TRIAL_OS_UPDATE,      /* no phone for part of the night              */
    DG_TRIAL_TENFOLD,        /* a decimal point lost                        */
    DG_TRIAL_NOT_EATEN,      /* a bolus for a meal that stays away          */
    DG_TRIAL_DOUBLED,        /* a bolus taken twice, half an hour apart     */
    DG_TRIAL_MISSED,         /* a bolus forgotten                           */
    DG_TRIAL_SENSOR_JUMP,    /* the sensor itself reads far too high        */
    DG_TRIAL_SENSOR_DRIFT,   /* ... and got there slowly                    */
    DG_TRIAL_SENSOR_FLAT,    /* ... and does not move                       */
    DG_TRIAL_PUMP_OVER,      /* the mechanism moves more than it counts     */
    DG_TRIAL_PUMP_UNDER,     /* ... less                                    */
    DG_TRIAL_GAUGE,          /* the reading of the reservoir lies           */
    DG_TRIAL_BASAL_OVER,     /* the schedule is changed, upwards            */
    DG_TRIAL_BASAL_UNDER,    /* ... downwards                               */
    DG_TRIAL_LOOSEN,         /* tight limits are loosened, then over-dose   */
    DG_TRIAL_ATTACKS,
};

/* Who does it; decides which column of patient/trial/phone.h holds. */
enum dg_trial_culprit {
    DG_TRIAL_NOBODY = 0,
    DG_TRIAL_PHONE,    /* whoever owns the phone            */
    DG_TRIAL_STRANGER, /* by radio, without any key         */
    DG_TRIAL_FAILURE,  /* software, battery, link           */
    DG_TRIAL_PERSON,   /* an honest mistake                 */
};

/* Which way it errs. */
enum dg_trial_harm {
    DG_TRIAL_HARM_NONE = 0,
    DG_TRIAL_HARM_OVER = 1,
    DG_TRIAL_HARM_UNDER = 2,
    DG_TRIAL_HARM_BOTH = 3,
};

struct dg_trial_attack_row {
    const char *name; /* "overdose"                                      */
    const char *title;
    const char *threats; /* rows of facts: threats.md                       */
    const char *what;    /* exactly what is done                            */
    enum dg_trial_culprit culprit;
    enum dg_trial_harm harm;
    bool is_worst;         /* takes the worst allowed action at each step   */
    uint32_t start_minute; /* since midnight of the first day, by default   */
    uint32_t minutes;      /* how long, by default                          */
};

/** The row of an attack; NULL for UNSET or beyond. */
const struct dg_trial_attack_row *dg_trial_attack_at(
    enum dg_trial_attack which);

/**
 * Find an attack by name.
 *
 * @retval DG_OK             @p which is it.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_UNSUPPORTED  None has this name.
 */
DG_NODISCARD enum dg_status dg_trial_attack_find(const char *name,
                                                 enum dg_trial_attack *which);

/* The numbers of the attacks. */
#define DG_TRIAL_OVERDOSE_MU    30000 /* the largest bolus of a patch pump */
#define DG_TRIAL_SLOW_PERMILLE  10    /* of the daily dose ...             */
#define DG_TRIAL_SLOW_S         900   /* ... every quarter of an hour      */
#define DG_TRIAL_STRIKE_MG_DL   120   /* strike below, while it falls      */
#define DG_TRIAL_STALE_MG_DL    300   /* the reading that is shown on      */
#define DG_TRIAL_SHIFT_MG_DL    150   /* DG-A20: ramp of +150 ...          */
#define DG_TRIAL_SHIFT_PER_STEP 10    /* ... at 2 mg/dL a minute           */
#define DG_TRIAL_REPLAYS        3
#define DG_TRIAL_REPLAY_STEPS   2 /* 10 min apart                      */
#define DG_TRIAL_SENDS          4 /* DG-H13                            */
#define DG_TRIAL_GLUCAGON_UG    1000
#define DG_TRIAL_DOUBLED_STEPS  6   /* half an hour later                */
#define DG_TRIAL_SHOWN_MG_DL    130 /* what a phone shows that hides     */
#define DG_TRIAL_JUMP_MG_DL     150 /* too much, at once                 */
#define DG_TRIAL_DRIFT_MG_DL    200 /* too much in the end ...           */
#define DG_TRIAL_DRIFT_PER_STEP 10  /* ... at 2 mg/dL a minute           */
#define DG_TRIAL_FLAT_MG_DL     250 /* it stands there                   */
#define DG_TRIAL_OVER_PERCENT   150 /* of what is counted                */
#define DG_TRIAL_UNDER_PERCENT  30
#define DG_TRIAL_GAUGE_MU       3000 /* too little, by the reading       */
#define DG_TRIAL_TIGHT_PART     2    /* shares as prescribed: a half     */

#endif
