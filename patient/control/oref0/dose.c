/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/number.h"
#include "patient/control/oref0/parts.h"

#define TEMP_MIN            30.0 /* the usual length of a temp               */
#define ZERO_TEMP_MIN_MAX   120.0
#define SMB_ZERO_MIN_MAX    60.0
#define SMB_MINUTES         30.0 /* of basal that a micro-bolus may be       */
#define SMB_INTERVAL_MIN    3.0
#define SMB_INCREMENT_U     0.1
#define MAX_DELTA_SHARE     0.2
#define MAX_DELTA_SHARE_MAX 0.3
#define NEUTRAL_LEFT_MIN    15.0
#define HOUR_ENDS_AT_MIN    55.0
#define MS_PER_MINUTE       60000.0

static void set(const struct dg_oref0_now *now,
                double rate,
                double minutes,
                struct dg_oref0_decision *decision)
{
    const struct dg_oref0_temp wanted = {.rate = rate, .minutes = minutes};

    decision->has_temp = dg_oref0_set_temp(
        now->profile, &now->situation->running, wanted, &decision->temp);
}

/* The basal rate, unless it runs already. */
static void neutral(const struct dg_oref0_now *now,
                    struct dg_oref0_decision *decision)
{
    const struct dg_oref0_temp *const running = &now->situation->running;

    if (running->minutes > NEUTRAL_LEFT_MIN &&
        dg_oref0_pump_rate(now->profile, running->rate) ==
            dg_oref0_pump_rate(now->profile, now->basal)) {
        return;
    }
    set(now, now->basal, TEMP_MIN, decision);
}

/* Minutes without basal that make up for units too many. */
static double minutes_for(const struct dg_oref0_now *now, double units)
{
    return dg_oref0_round(60.0 * units / now->profile->current_basal);
}

static double half_hours(double minutes)
{
    return dg_oref0_round(minutes / TEMP_MIN) * TEMP_MIN;
}

/* Insulin that the running temp will give beyond the basal rate, U. */
static double scheduled_by_temp(const struct dg_oref0_now *now)
{
    const struct dg_oref0_temp *const running = &now->situation->running;

    return running->minutes * (running->rate - now->basal) / 60.0;
}

static bool is_low(const struct dg_oref0_now *now)
{
    const double mg_dL = now->situation->glucose.mg_dL;

    if (mg_dL < now->threshold &&
        now->situation->outlook.iob <
            -now->profile->current_basal * 20.0 / 60.0 &&
        now->min_delta > 0.0 && now->min_delta > now->expected) {
        return false; /* much too little insulin, and rising                 */
    }
    return mg_dL < now->threshold || now->min_guard < now->threshold;
}

static void suspend(const struct dg_oref0_now *now,
                    struct dg_oref0_decision *decision)
{
    const double units = (now->target - now->min_guard) / now->isf;
    const double minutes = half_hours(minutes_for(now, units));

    set(now,
        0.0,
        dg_oref0_min(ZERO_TEMP_MIN_MAX, dg_oref0_max(TEMP_MIN, minutes)),
        decision);
}

/* It will end below the lower limit. */
static void lower(const struct dg_oref0_now *now,
                  struct dg_oref0_decision *decision)
{
    const struct dg_oref0_temp *const running = &now->situation->running;

    /* The original wants "no carbs required", which it seldom finds: a
     * negative number does not count. */
    if (now->min_delta > now->expected && now->min_delta > 0.0 &&
        !dg_oref0_is_set(now->carbs_req)) {
        if (now->naive < 40.0) {
            set(now, 0.0, TEMP_MIN, decision);
        } else {
            neutral(now, decision);
        }
        return;
    }

    double required = dg_oref0_round2(
        2.0 * dg_oref0_min(0.0, (now->eventual - now->target) / now->isf));
    const double naive_required = dg_oref0_round2(
        dg_oref0_min(0.0, (now->naive - now->target) / now->isf));

    if (now->min_delta < 0.0 && now->min_delta > now->expected) {
        required = dg_oref0_round2(required * (now->min_delta / now->expected));
    }

    const double rate =
        dg_oref0_pump_rate(now->profile, now->basal + 2.0 * required);
    const double least = dg_oref0_min(required, naive_required);

    if (scheduled_by_temp(now) < least - now->basal * 0.3) {
        set(now, rate, TEMP_MIN, decision);
        return;
    }
    if (running->minutes > 5.0 && rate >= running->rate * 0.8) {
        return;
    }
    if (rate <= 0.0) {
        double minutes =
            minutes_for(now, (now->target - now->naive) / now->isf);

        if (minutes < 0.0) {
            minutes = 0.0;
        } else {
            minutes = dg_oref0_min(ZERO_TEMP_MIN_MAX, half_hours(minutes));
        }
        if (minutes > 0.0) {
            set(now, rate, minutes, decision);
            return;
        }
    }
    set(now, rate, TEMP_MIN, decision);
}

static double largest_smb(const struct dg_oref0_now *now)
{
    const struct dg_oref0_profile *const profile = now->profile;
    const double iob = now->situation->outlook.iob;
    const double for_carbs =
        dg_oref0_round3(now->situation->meal.cob / profile->carb_ratio);
    double minutes = profile->max_smb_basal_minutes;

    if (!dg_oref0_is_there(minutes)) {
        minutes = SMB_MINUTES;
    } else if (iob > 0.0 && iob > for_carbs) {
        minutes = dg_oref0_unless_set(profile->max_uam_smb_basal_minutes,
                                      SMB_MINUTES);
    }
    return dg_oref0_round1(profile->current_basal * minutes / 60.0);
}

static double interval(const struct dg_oref0_profile *profile)
{
    const double minutes =
        dg_oref0_unless_set(profile->smb_interval, SMB_INTERVAL_MIN);

    return dg_oref0_min(10.0, dg_oref0_max(1.0, minutes));
}

/* A micro-bolus, and the low temp that covers the time that it takes to know
 * whether it was right.  True if that temp ends the ladder. */
static bool micro_bolus(const struct dg_oref0_now *now,
                        double required,
                        struct dg_oref0_decision *decision)
{
    const double increment =
        dg_oref0_unless_set(now->profile->bolus_increment, SMB_INCREMENT_U);
    const double per_unit = 1.0 / increment;
    const double bolus =
        dg_oref0_floor(dg_oref0_min(required / 2.0, largest_smb(now)) *
                       per_unit) /
        per_unit;
    const double worst =
        (now->target - (now->naive + now->min_iob_pred) / 2.0) / now->isf;
    double minutes = minutes_for(now, worst);
    double rate = 0.0;

    if (required > 0.0 && bolus < increment) {
        minutes = 0.0;
    }
    if (minutes >= TEMP_MIN) {
        minutes = dg_oref0_min(SMB_ZERO_MIN_MAX, half_hours(minutes));
    } else if (minutes > 0.0) {
        rate = dg_oref0_round2(now->basal * minutes / TEMP_MIN);
        minutes = TEMP_MIN;
    }

    const double since = dg_oref0_round1(
        (now->situation->now_ms - now->situation->outlook.last_bolus_ms) /
        MS_PER_MINUTE);

    if (since > interval(now->profile) && bolus > 0.0) {
        decision->units = bolus;
    }
    if (!(minutes > 0.0)) {
        return false;
    }
    decision->has_temp = true;
    decision->temp = (struct dg_oref0_temp){.rate = rate, .minutes = minutes};
    return true;
}

static void raise(const struct dg_oref0_now *now,
                  bool smb_mode,
                  struct dg_oref0_decision *decision)
{
    const struct dg_oref0_profile *const profile = now->profile;
    const struct dg_oref0_temp *const running = &now->situation->running;
    const double room = profile->max_iob - now->situation->outlook.iob;
    double required = dg_oref0_round2(
        (dg_oref0_min(now->min_pred, now->eventual) - now->target) / now->isf);

    if (required > room) {
        required = room;
    }

    double rate = dg_oref0_pump_rate(profile, now->basal + 2.0 * required);

    required = dg_oref0_round3(required);
    decision->insulin_req = required;
    if (smb_mode && now->situation->glucose.mg_dL > now->threshold &&
        micro_bolus(now, required, decision)) {
        return;
    }

    const double most = dg_oref0_safe_rate(profile);

    if (rate > most) {
        rate = dg_oref0_pump_rate(profile, most);
    }
    if (!(scheduled_by_temp(now) >= 2.0 * required) &&
        dg_oref0_is_set(running->minutes) && running->minutes > 5.0 &&
        dg_oref0_pump_rate(profile, rate) <=
            dg_oref0_pump_rate(profile, running->rate)) {
        return;
    }
    set(now, rate, TEMP_MIN, decision);
}

void dg_oref0_dose(const struct dg_oref0_now *now,
                   struct dg_oref0_decision *decision)
{
    const struct dg_oref0_profile *const profile = now->profile;
    const double mg_dL = now->situation->glucose.mg_dL;
    const double share =
        dg_oref0_is_there(profile->max_delta_bg_threshold)
            ? dg_oref0_min(profile->max_delta_bg_threshold, MAX_DELTA_SHARE_MAX)
            : MAX_DELTA_SHARE;
    const bool smb_mode = now->situation->micro_bolus_allowed && now->smb &&
                          !(now->min_guard < now->threshold) &&
                          !(now->max_delta > mg_dL * share);
    const double minute_of_hour =
        dg_oref0_floor(now->situation->now_ms / MS_PER_MINUTE) -
        dg_oref0_floor(now->situation->now_ms / MS_PER_MINUTE / 60.0) * 60.0;

    if (is_low(now)) {
        suspend(now, decision);
    } else if (profile->skip_neutral_temps &&
               minute_of_hour >= HOUR_ENDS_AT_MIN) {
        set(now, 0.0, 0.0, decision);
    } else if (now->eventual < now->target_low) {
        lower(now, decision);
    } else if (!smb_mode && (now->min_delta < now->expected ||
                             dg_oref0_min(now->eventual, now->min_pred) <
                                 now->target_high)) {
        neutral(now, decision);
    } else if (now->situation->outlook.iob > profile->max_iob) {
        neutral(now, decision);
    } else {
        raise(now, smb_mode, decision);
    }
}
