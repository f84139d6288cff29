/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/doses.h"

#include "patient/control/oref0/number.h"

#define STEP_MS (5.0 * DG_OREF0_MS_PER_MINUTE)

/* Doses that a temp is taken for, and below which a dose counts as basal. */
#define QUANTUM_U     0.05
#define BASAL_BELOW_U 0.1

/* The closing temp begins so long after the clock. */
#define CLOSING_AFTER_MS 60000.0

/* The exercise target from which the schedule is scaled, mg/dL. */
#define EXERCISE_TARGET_MIN 105.0
#define NORMAL_TARGET       100.0
#define HALF_BASAL_TARGET   160.0

double dg_oref0_ratio_in_force(const struct dg_oref0_profile *profile,
                               double autosens_ratio)
{
    const double target = (profile->min_bg + profile->max_bg) / 2.0;

    if (profile->exercise_mode && profile->temptarget_set &&
        target >= EXERCISE_TARGET_MIN) {
        const double half =
            dg_oref0_unless_set(profile->half_basal_exercise_target,
                                HALF_BASAL_TARGET) -
            NORMAL_TARGET;

        return half / (half + target - NORMAL_TARGET);
    }
    return dg_oref0_is_set(autosens_ratio) ? autosens_ratio : DG_OREF0_ABSENT;
}

/* `on_board` is of entry `from`. */
static void add_parts(struct dg_oref0_iob_parts *parts,
                      double units,
                      const double *on_board,
                      size_t from)
{
    const bool is_basal = units < BASAL_BELOW_U;
    double *const iob = is_basal ? parts->basal_iob : parts->bolus_iob;
    double *const insulin =
        is_basal ? parts->basal_insulin : parts->bolus_insulin;

    for (size_t k = from; k < DG_OREF0_AHEAD; k++) {
        iob[k] += units * on_board[k - from];
        insulin[k] += dg_oref0_is_set(on_board[k - from]) ? units : 0.0;
    }
}

static void add_row(double *restrict sum,
                    double units,
                    const double *restrict row,
                    size_t length)
{
    for (size_t k = 0; k < length; k++) {
        sum[k] += units * row[k];
    }
}

/* The first entry of the array that is not before a time. */
static size_t first_entry(const struct dg_oref0_adder *adder, double at_ms)
{
    const double ahead = (at_ms - adder->clock_ms) / STEP_MS;
    size_t from = 0;

    if (!(ahead > 0.0)) {
        return 0;
    }
    if (ahead > (double)adder->length) {
        return adder->length;
    }
    /* A quotient may be rounded to the wrong side of a whole number. */
    from = (size_t)ahead;
    while (at_ms > adder->clock_ms + (double)from * STEP_MS) {
        from++;
    }
    while (from > 0 &&
           !(at_ms > adder->clock_ms + (double)(from - 1) * STEP_MS)) {
        from--;
    }
    return from;
}

/* One dose, for all entries of the array from the first that it precedes. */
static void add_dose(struct dg_oref0_adder *adder, double at_ms, double units)
{
    if (!(at_ms > adder->since_ms)) {
        return;
    }

    /* Whole milliseconds, towards zero; whole minutes, halves upwards. */
    const double age_ms = adder->clock_ms - (double)(int64_t)at_ms;
    const int64_t age =
        (int64_t)dg_oref0_round(age_ms / DG_OREF0_MS_PER_MINUTE);
    int64_t fives = age / (int64_t)DG_OREF0_AHEAD_MIN;

    if (age < fives * (int64_t)DG_OREF0_AHEAD_MIN) {
        fives--;
    }

    const size_t row = (size_t)(age - fives * (int64_t)DG_OREF0_AHEAD_MIN);
    const size_t from = first_entry(adder, at_ms);

    if (from >= adder->length) {
        return;
    }

    /* Not below 0: the dose is not later than entry `from`. */
    const size_t first = (size_t)(fives + (int64_t)from);
    const double *const on_board = &adder->table->on_board[row][first];
    const double *const activity = &adder->table->activity[row][first];
    size_t length = adder->length - from;

    /* Behind the end of its action there is nothing to add. */
    if (first >= adder->table->fives) {
        length = 0;
    } else if (length > adder->table->fives - first) {
        length = adder->table->fives - first;
    }
    if (adder->iob != NULL) {
        add_row(adder->iob + from, units, on_board, length);
    }
    add_row(adder->activity + from, units, activity, length);
    if (adder->parts != NULL) {
        add_parts(adder->parts, units, on_board, from);
    }
}

void dg_oref0_add_boluses(struct dg_oref0_adder *adder, double before_ms)
{
    while (adder->next_bolus < adder->boluses &&
           adder->bolus[adder->next_bolus]->at_ms < before_ms) {
        const struct dg_oref0_event *const bolus =
            adder->bolus[adder->next_bolus];

        add_dose(adder, bolus->at_ms, bolus->amount);
        adder->next_bolus++;
    }
}

void dg_oref0_add_piece(struct dg_oref0_adder *adder,
                        const struct dg_oref0_piece *piece)
{
    if (!(piece->minutes > 0.0)) {
        return;
    }

    double scheduled = dg_oref0_scheduled_rate(
        adder->profile,
        piece->is_stamped ? dg_oref0_minute_of_day(piece->at_ms)
                          : DG_OREF0_ABSENT);

    if (dg_oref0_is_there(adder->ratio)) {
        scheduled *= adder->ratio;
    }

    const double net = piece->rate - scheduled;
    const double amount =
        dg_oref0_round(net * piece->minutes * 10.0 / 6.0) / 100.0;
    const double quantum = net < 0.0 ? -QUANTUM_U : QUANTUM_U;
    const double count = dg_oref0_round(amount / quantum);
    const double apart = piece->minutes / count;

    for (double j = 0.0; j < count; j += 1.0) {
        const double at_ms = piece->at_ms + j * apart * 60.0 * 1000.0;

        dg_oref0_add_boluses(adder, at_ms);
        add_dose(adder, at_ms, quantum);
    }
}

bool dg_oref0_add_temp(struct dg_oref0_adder *adder, struct dg_oref0_piece temp)
{
    struct dg_oref0_piece cut[DG_OREF0_CUT_MAX];

    if (!(temp.minutes > 0.0) ||
        !(temp.at_ms + temp.minutes * DG_OREF0_MS_PER_MINUTE >
          adder->since_ms)) {
        return true;
    }

    const size_t count = dg_oref0_cut(adder->profile, temp, cut);

    for (size_t i = 0; i < count; i++) {
        dg_oref0_add_piece(adder, &cut[i]);
    }
    return count > 0;
}

struct dg_oref0_piece dg_oref0_closing(double clock_ms, double minutes)
{
    return (struct dg_oref0_piece){
        .at_ms = clock_ms + CLOSING_AFTER_MS,
        .minutes = minutes,
    };
}
