/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/decide.h"

#include "patient/control/oref0/number.h"
#include "patient/control/oref0/parts.h"

/* Readings that mean that the sensor cannot be used. */
#define UNUSABLE_MG_DL   10.0
#define FAILURE_MG_DL    38.0
#define NOISE_UNUSABLE   3.0
#define NOISE_HIGH       2.0
#define AGE_MIN_MAX      12.0
#define AGE_MIN_MIN      (-5.0)
#define FLAT_ABOVE_MG_DL 60.0

/* What to run then. */
#define UNUSABLE_TEMP_MIN 30.0

#define NORMAL_TARGET     100.0
#define HALF_BASAL_TARGET 160.0
#define TARGET_MIN        80.0
#define NOISY_TARGET_MAX  200.0
#define NOISY_FACTOR_MIN  1.1
#define TEMP_AGE_MIN      10.0
#define TEMP_ENDED_MIN    5.0
#define BLOCKS_TO_TARGET  24.0 /* five minutes each: two hours            */
#define MS_PER_MINUTE     60000.0

static bool is_usable(const struct dg_oref0_situation *situation)
{
    const struct dg_oref0_glucose *const glucose = &situation->glucose;
    const double age =
        dg_oref0_round1((situation->now_ms - glucose->date_ms) / 60.0 / 1000.0);
    const bool is_flat = glucose->mg_dL > FLAT_ABOVE_MG_DL &&
                         glucose->delta == 0.0 && glucose->short_avg > -1.0 &&
                         glucose->short_avg < 1.0 && glucose->long_avg > -1.0 &&
                         glucose->long_avg < 1.0;

    return !(glucose->mg_dL <= UNUSABLE_MG_DL ||
             glucose->mg_dL == FAILURE_MG_DL ||
             glucose->noise >= NOISE_UNUSABLE || age > AGE_MIN_MAX ||
             age < AGE_MIN_MIN || (is_flat && !glucose->fake_cgm));
}

/* Without a usable sensor a high temp ends and a long zero temp is shortened;
 * nothing else happens. */
static void decide_blind(const struct dg_oref0_now *now,
                         struct dg_oref0_decision *decision)
{
    const struct dg_oref0_temp *const running = &now->situation->running;

    if (running->rate > now->basal) {
        decision->has_temp = true;
        decision->temp.rate = now->basal;
        decision->temp.minutes = UNUSABLE_TEMP_MIN;
    } else if (running->rate == 0.0 && running->minutes > UNUSABLE_TEMP_MIN) {
        decision->has_temp = true;
        decision->temp.rate = 0.0;
        decision->temp.minutes = UNUSABLE_TEMP_MIN;
    }
}

/* The sensitivity ratio that a temporary target asks for, else autosens'. */
static double ratio_of(const struct dg_oref0_now *now)
{
    const struct dg_oref0_profile *const profile = now->profile;
    const double half = dg_oref0_unless_set(profile->half_basal_exercise_target,
                                            HALF_BASAL_TARGET) -
                        NORMAL_TARGET;
    const bool raises = (profile->exercise_mode ||
                         profile->high_temptarget_raises_sensitivity) &&
                        now->target > NORMAL_TARGET;
    const bool lowers = profile->low_temptarget_lowers_sensitivity &&
                        now->target < NORMAL_TARGET;

    if (!(profile->temptarget_set && (raises || lowers))) {
        return now->situation->has_autosens ? now->situation->autosens_ratio
                                            : DG_OREF0_ABSENT;
    }

    const double sum = half + now->target - NORMAL_TARGET;
    const double ratio = half * sum <= 0.0 ? profile->autosens_max : half / sum;

    return dg_oref0_round2(dg_oref0_min(ratio, profile->autosens_max));
}

static double shifted(double mg_dL, double ratio)
{
    return dg_oref0_round((mg_dL - 60.0) / ratio) + 60.0;
}

static double noisy(double mg_dL, double factor)
{
    return dg_oref0_round(dg_oref0_min(NOISY_TARGET_MAX, mg_dL * factor));
}

static void move_targets(struct dg_oref0_now *now)
{
    const struct dg_oref0_profile *const profile = now->profile;
    const double ratio = now->situation->has_autosens
                             ? now->situation->autosens_ratio
                             : DG_OREF0_ABSENT;
    const bool moves = !profile->temptarget_set &&
                       ((profile->sensitivity_raises_target && ratio < 1.0) ||
                        (profile->resistance_lowers_target && ratio > 1.0));

    if (moves) {
        now->target_low = shifted(now->target_low, ratio);
        now->target_high = shifted(now->target_high, ratio);
        now->target = dg_oref0_max(TARGET_MIN, shifted(now->target, ratio));
    }
    if (now->situation->glucose.noise >= NOISE_HIGH) {
        const double factor = dg_oref0_max(
            NOISY_FACTOR_MIN, profile->noisy_cgm_target_multiplier);

        now->target_low = noisy(now->target_low, factor);
        now->target = noisy(now->target, factor);
        now->target_high = noisy(now->target_high, factor);
    }
}

/* Part one, behind the sensor: false with an error set. */
static bool settle(struct dg_oref0_now *now, struct dg_oref0_decision *decision)
{
    const struct dg_oref0_profile *const profile = now->profile;
    const struct dg_oref0_outlook *const outlook = &now->situation->outlook;

    if (!dg_oref0_is_there(profile->min_bg) ||
        !dg_oref0_is_there(profile->max_bg)) {
        decision->error = DG_OREF0_NO_TARGET;
        return false;
    }
    now->target_low = profile->min_bg;
    now->target_high = profile->max_bg;
    now->target = (profile->min_bg + profile->max_bg) / 2.0;
    now->ratio = ratio_of(now);
    if (dg_oref0_is_set(now->ratio)) {
        now->basal =
            dg_oref0_pump_rate(profile, profile->current_basal * now->ratio);
    }
    move_targets(now);
    now->threshold = now->target_low - 0.5 * (now->target_low - 40.0);
    now->isf = now->situation->has_autosens
                   ? dg_oref0_round1(profile->sens / now->ratio)
                   : profile->sens;

    if (outlook->count == 0) {
        decision->error = DG_OREF0_NO_IOB;
        return false;
    }
    if ((outlook->is_list && outlook->count == 1) ||
        !dg_oref0_is_there(outlook->iob) ||
        !dg_oref0_is_there(outlook->activity[0])) {
        decision->error = DG_OREF0_IOB_INCOMPLETE;
        return false;
    }
    return true;
}

/* The pump's history and the running temp contradict each other. */
static bool is_inconsistent(const struct dg_oref0_situation *situation)
{
    const struct dg_oref0_last_temp *const last = &situation->outlook.last_temp;
    const struct dg_oref0_temp *const running = &situation->running;

    if (!last->is_there) {
        return false;
    }

    const double age =
        dg_oref0_round((situation->now_ms - last->date_ms) / MS_PER_MINUTE);

    /* Also if the history knows of no temp: its rate is absent then. */
    if (situation->micro_bolus_allowed && running->rate != last->rate &&
        age > TEMP_AGE_MIN && dg_oref0_is_set(running->minutes)) {
        return true;
    }
    return running->minutes > 0.0 && age - last->minutes > TEMP_ENDED_MIN &&
           age > TEMP_AGE_MIN;
}

/* Are micro-boluses permitted?  The first rule that fits. */
static bool permits_smb(const struct dg_oref0_now *now)
{
    const struct dg_oref0_profile *const profile = now->profile;
    const struct dg_oref0_situation *const situation = now->situation;
    const struct dg_oref0_meal *const meal = &situation->meal;

    if (!situation->micro_bolus_allowed) {
        return false;
    }
    if (!profile->allow_smb_with_high_temptarget && profile->temptarget_set &&
        now->target > NORMAL_TARGET) {
        return false;
    }
    if (meal->bw_found && profile->a52_risk_enable == DG_OREF0_NO) {
        return false;
    }
    return profile->enable_smb_always ||
           (profile->enable_smb_with_cob && dg_oref0_is_set(meal->cob)) ||
           (profile->enable_smb_after_carbs && dg_oref0_is_set(meal->carbs)) ||
           (profile->enable_smb_with_temptarget && profile->temptarget_set &&
            now->target < NORMAL_TARGET) ||
           (profile->enable_smb_high_bg &&
            situation->glucose.mg_dL >= profile->enable_smb_high_bg_target);
}

/* Part two: what insulin does now, and what nobody explains. */
static void weigh(struct dg_oref0_now *now, struct dg_oref0_decision *decision)
{
    const struct dg_oref0_glucose *const glucose = &now->situation->glucose;
    const struct dg_oref0_outlook *const outlook = &now->situation->outlook;
    const double min_avg = dg_oref0_min(glucose->short_avg, glucose->long_avg);

    now->min_delta = dg_oref0_min(glucose->delta, glucose->short_avg);
    now->max_delta = dg_oref0_max(
        dg_oref0_max(glucose->delta, glucose->short_avg), glucose->long_avg);
    now->bgi = dg_oref0_round2(-outlook->activity[0] * now->isf * 5.0);

    double deviation = dg_oref0_round(6.0 * (now->min_delta - now->bgi));

    if (deviation < 0.0) {
        deviation = dg_oref0_round(6.0 * (min_avg - now->bgi));
        if (deviation < 0.0) {
            deviation = dg_oref0_round(6.0 * (glucose->long_avg - now->bgi));
        }
    }

    const double isf = outlook->iob > 0.0
                           ? now->isf
                           : dg_oref0_min(now->isf, now->profile->sens);

    now->naive = dg_oref0_round(glucose->mg_dL - outlook->iob * isf);
    now->eventual = now->naive + deviation;
    now->expected = dg_oref0_round1(now->bgi + (now->target - now->eventual) /
                                                   BLOCKS_TO_TARGET);
    now->smb = permits_smb(now);

    decision->deviation = deviation;
    decision->tick = dg_oref0_round(glucose->delta);
    decision->eventual_bg = now->eventual;
    decision->sensitivity_ratio = now->ratio;
    decision->bgi = now->bgi;
    decision->isf = now->isf;
    decision->target_bg = now->target;
    decision->cob = now->situation->meal.cob;
    decision->iob = outlook->iob;
    decision->cr = dg_oref0_round2(now->profile->carb_ratio);
}

void dg_oref0_decide(const struct dg_oref0_profile *profile,
                     const struct dg_oref0_situation *situation,
                     struct dg_oref0_decision *decision)
{
    struct dg_oref0_now now = {.profile = profile, .situation = situation};

    decision->error = DG_OREF0_FINE;
    decision->has_temp = false;
    decision->units = DG_OREF0_ABSENT;
    decision->is_full = false;
    decision->carbs_req = DG_OREF0_ABSENT;
    decision->insulin_req = 0.0;
    for (size_t i = 0; i < DG_OREF0_SERIES_KINDS; i++) {
        decision->series[i].count = 0;
    }

    if (!dg_oref0_is_there(profile->current_basal)) {
        decision->error = DG_OREF0_NO_CURRENT_BASAL;
        return;
    }
    now.basal = dg_oref0_pump_rate(profile, profile->current_basal);
    if (!is_usable(situation)) {
        decide_blind(&now, decision);
        return;
    }
    if (!settle(&now, decision)) {
        return;
    }
    if (is_inconsistent(situation)) {
        const struct dg_oref0_temp cancel = {.rate = 0.0, .minutes = 0.0};

        decision->has_temp = dg_oref0_set_temp(
            profile, &situation->running, cancel, &decision->temp);
        return;
    }
    weigh(&now, decision);
    if (!dg_oref0_is_there(now.eventual)) {
        decision->error = DG_OREF0_NO_EVENTUAL_BG;
        return;
    }
    decision->is_full = true;
    dg_oref0_predict(&now, decision);
    dg_oref0_dose(&now, decision);
}
