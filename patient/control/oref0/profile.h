/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_PROFILE_H
#define DG_PATIENT_CONTROL_OREF0_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The settings of an oref0-compatible controller.  Numbers may be absent
 * (number.h); what an absent one means stands with the rule that reads it and
 * is not always the default of dg_oref0_profile_defaults().
 *
 * Behaviour of openaps/oref0 0.7.1 (commit
 * 88cf032aa74ff25f69464a7d9cd601ee3940c0b3), written from a description of
 * its behaviour and tested against decisions that the original made. */

#define DG_OREF0_SCHEDULE_MAX 48U

struct dg_oref0_basal {
    double minute; /* of the day, 0 .. 1439                                  */
    double rate;   /* U/h                                                    */
};

/* In the order of the entries' index `i`. */
struct dg_oref0_schedule {
    size_t count; /* 0: no schedule, current_basal holds all day             */
    struct dg_oref0_basal entry[DG_OREF0_SCHEDULE_MAX];
};

enum dg_oref0_curve {
    DG_OREF0_BILINEAR, /* also when none is named                         */
    DG_OREF0_RAPID,    /* also when an unknown one is named               */
    DG_OREF0_ULTRA_RAPID,
};

enum dg_oref0_choice { /* where false and absent differ                      */
                       DG_OREF0_UNSAID,
                       DG_OREF0_NO,
                       DG_OREF0_YES,
};

struct dg_oref0_profile {
    /* Insulin action. */
    double dia; /* h                                     */
    enum dg_oref0_curve curve;
    bool curve_is_exact; /* spelt in lower case: a peak may move  */
    bool use_custom_peak_time;
    double insulin_peak_time; /* min                                   */
    bool suspend_zeros_iob;
    struct dg_oref0_schedule basal;

    /* The person. */
    double current_basal;   /* U/h, as scheduled now                 */
    double max_daily_basal; /* U/h, the highest of the schedule      */
    double sens;            /* mg/dL per U                           */
    double carb_ratio;      /* g/U                                   */
    double min_bg;          /* mg/dL                                 */
    double max_bg;          /* mg/dL                                 */
    bool temptarget_set;

    /* Safety. */
    double max_iob;   /* U                                     */
    double max_basal; /* U/h                                   */
    double max_daily_safety_multiplier;
    double current_basal_safety_multiplier;
    bool fine_steps; /* pump model ends in 23 or 54: 0.025 U/h below 1     */
    bool skip_neutral_temps;
    double autosens_max;
    double noisy_cgm_target_multiplier;

    /* Targets and sensitivity. */
    bool exercise_mode;
    bool high_temptarget_raises_sensitivity;
    bool low_temptarget_lowers_sensitivity;
    bool sensitivity_raises_target;
    bool resistance_lowers_target;
    double half_basal_exercise_target; /* mg/dL                              */

    /* Carbohydrate. */
    double max_cob;             /* g                                     */
    double min_5m_carbimpact;   /* mg/dL per 5 min                       */
    double remaining_carbs_cap; /* g                                     */
    double remaining_carbs_fraction;
    double carbs_req_threshold; /* g                                     */
    bool enable_uam;

    /* Micro-boluses. */
    enum dg_oref0_choice a52_risk_enable;
    bool enable_smb_always;
    bool enable_smb_with_cob;
    bool enable_smb_after_carbs;
    bool enable_smb_with_temptarget;
    bool enable_smb_high_bg;
    double enable_smb_high_bg_target; /* mg/dL                               */
    bool allow_smb_with_high_temptarget;
    double max_smb_basal_minutes;
    double max_uam_smb_basal_minutes;
    double smb_interval;    /* min                                   */
    double bolus_increment; /* U                                     */
    double max_delta_bg_threshold;
};

/**
 * Give the preferences with which oref0 is delivered (max_iob 0: it does not
 * raise the basal rate until a clinician sets one).
 *
 * @param[out] profile  Preferences set, everything about a person absent.
 */
void dg_oref0_profile_defaults(struct dg_oref0_profile *profile);

/**
 * Look a rate up in a schedule.
 *
 * @param[in] profile  With a schedule, or with current_basal.
 * @param     minute   Of the day, 0 .. 1439; absent gives the last entry, as
 *                     the original does for a piece without a time stamp.
 *
 * @return U/h, to three decimals.
 */
double dg_oref0_scheduled_rate(const struct dg_oref0_profile *profile,
                               double minute);

#endif
