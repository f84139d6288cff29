/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/iob.h"

#include <string.h>

#include "patient/control/oref0/number.h"
#include "patient/control/oref0/pieces.h"
#include "patient/control/oref0/suspend.h"

#define MS_PER_HOUR 3600000.0
#define STEP_MS     (5.0 * DG_OREF0_MS_PER_MINUTE)

/* Doses that a temp is taken for, and below which a dose counts as basal. */
#define QUANTUM_U     0.05
#define BASAL_BELOW_U 0.1

/* The rate zero that closes the history, from one minute after the clock. */
#define CLOSING_AFTER_MS 60000.0
#define CLOSING_MIN      240.0

#define RECORDS_MAX 512U

/* The exercise target from which the schedule is scaled, mg/dL. */
#define EXERCISE_TARGET_MIN 105.0
#define NORMAL_TARGET       100.0
#define HALF_BASAL_TARGET   160.0

/* What was accepted of the history, in time order. */
struct records {
    size_t temps;
    size_t boluses;
    bool any;
    double last_bolus_ms;
    struct dg_oref0_piece temp[RECORDS_MAX];
    const struct dg_oref0_event *bolus[RECORDS_MAX];
};

struct sums {
    double iob[DG_OREF0_AHEAD];
    double activity[DG_OREF0_AHEAD];
};

struct walk {
    const struct dg_oref0_profile *profile;
    const struct dg_oref0_curve_table *table;
    const struct records *records;
    double clock_ms;
    double ratio; /* absent if the schedule is not scaled                    */
    double since_ms;
    size_t next_bolus;
    struct sums *sums;
    struct dg_oref0_iob_parts *parts;
};

static void swap_ends(struct records *records)
{
    for (size_t i = 0; i < records->boluses / 2; i++) {
        const size_t other = records->boluses - 1 - i;
        const struct dg_oref0_event *const one = records->bolus[i];

        records->bolus[i] = records->bolus[other];
        records->bolus[other] = one;
    }
    /* Temps of one instant keep the order in which they were read. */
    for (size_t i = 0; i < records->temps / 2; i++) {
        const size_t other = records->temps - 1 - i;
        const struct dg_oref0_piece one = records->temp[i];

        records->temp[i] = records->temp[other];
        records->temp[other] = one;
    }
    for (size_t from = 0; from < records->temps;) {
        size_t to = from + 1;

        while (to < records->temps &&
               records->temp[to].at_ms == records->temp[from].at_ms) {
            to++;
        }
        for (size_t i = from, j = to - 1; i < j; i++, j--) {
            const struct dg_oref0_piece one = records->temp[i];

            records->temp[i] = records->temp[j];
            records->temp[j] = one;
        }
        from = to;
    }
}

/* Read newest first; leave out what is later than the clock or than a record
 * read before.  What began before `far_ms` is over: of that, only the latest
 * bolus and the latest temp are of interest. */
static bool read_records(const struct dg_oref0_event *events,
                         size_t count,
                         double clock_ms,
                         double far_ms,
                         struct records *records)
{
    double latest = clock_ms;

    records->temps = 0;
    records->boluses = 0;
    records->any = false;
    records->last_bolus_ms = 0.0;
    for (size_t i = count; i > 0; i--) {
        const struct dg_oref0_event *const event = &events[i - 1];

        if (event->at_ms < far_ms && records->temps > 0 &&
            records->last_bolus_ms > 0.0) {
            break;
        }
        if (event->at_ms > latest) {
            continue;
        }
        latest = event->at_ms;
        records->any = true;
        if (event->kind == DG_OREF0_BOLUS) {
            if (event->at_ms > records->last_bolus_ms) {
                records->last_bolus_ms = event->at_ms;
            }
            if (records->boluses == RECORDS_MAX) {
                return false;
            }
            records->bolus[records->boluses] = event;
            records->boluses++;
        } else if (event->kind == DG_OREF0_TEMP) {
            if (!(event->minutes <= DG_OREF0_TEMP_MIN_MAX) ||
                records->temps == RECORDS_MAX) {
                return false;
            }
            records->temp[records->temps] = (struct dg_oref0_piece){
                .at_ms = event->at_ms,
                .minutes = event->minutes,
                .rate = event->amount,
                .is_stamped = true,
            };
            records->temps++;
        }
    }
    swap_ends(records);
    return true;
}

/* A temp ends where the next begins; the closing one is the last. */
static void end_at_next(struct records *records, double clock_ms)
{
    for (size_t i = 0; i < records->temps; i++) {
        struct dg_oref0_piece *const temp = &records->temp[i];
        const double next = i + 1 < records->temps
                                ? records->temp[i + 1].at_ms
                                : clock_ms + CLOSING_AFTER_MS;

        if (temp->at_ms + temp->minutes * DG_OREF0_MS_PER_MINUTE > next) {
            temp->minutes = (next - temp->at_ms) / DG_OREF0_MS_PER_MINUTE;
        }
    }
}

static double ratio_in_force(const struct dg_oref0_profile *profile,
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

static void add_whole(struct sums *restrict sums,
                      double units,
                      const double *restrict on_board,
                      const double *restrict activity)
{
    for (size_t k = 0; k < DG_OREF0_AHEAD; k++) {
        sums->iob[k] += units * on_board[k];
        sums->activity[k] += units * activity[k];
    }
}

/* One dose, for all entries of the array from the first that it precedes. */
static void add_dose(struct walk *walk, double at_ms, double units)
{
    if (!(at_ms > walk->since_ms)) {
        return;
    }

    /* Whole milliseconds, towards zero; whole minutes, halves upwards. */
    const double age_ms = walk->clock_ms - (double)(int64_t)at_ms;
    const int64_t age =
        (int64_t)dg_oref0_round(age_ms / DG_OREF0_MS_PER_MINUTE);
    int64_t fives = age / (int64_t)DG_OREF0_AHEAD_MIN;

    if (age < fives * (int64_t)DG_OREF0_AHEAD_MIN) {
        fives--;
    }

    const size_t row = (size_t)(age - fives * (int64_t)DG_OREF0_AHEAD_MIN);
    size_t from = 0;

    while (from < DG_OREF0_AHEAD &&
           at_ms > walk->clock_ms + (double)from * STEP_MS) {
        from++;
    }
    if (from == DG_OREF0_AHEAD) {
        return;
    }

    /* Not below 0: the dose is not later than entry `from`. */
    const size_t first = (size_t)(fives + (int64_t)from);
    const double *const on_board = &walk->table->on_board[row][first];
    const double *const activity = &walk->table->activity[row][first];

    if (from == 0) {
        add_whole(walk->sums, units, on_board, activity);
    } else {
        for (size_t k = from; k < DG_OREF0_AHEAD; k++) {
            walk->sums->iob[k] += units * on_board[k - from];
            walk->sums->activity[k] += units * activity[k - from];
        }
    }
    if (walk->parts != NULL) {
        add_parts(walk->parts, units, on_board, from);
    }
}

static void add_boluses_before(struct walk *walk, double before_ms)
{
    while (walk->next_bolus < walk->records->boluses &&
           walk->records->bolus[walk->next_bolus]->at_ms < before_ms) {
        const struct dg_oref0_event *const bolus =
            walk->records->bolus[walk->next_bolus];

        add_dose(walk, bolus->at_ms, bolus->amount);
        walk->next_bolus++;
    }
}

/* What a piece gives above or below the schedule, in quanta. */
static void add_piece(struct walk *walk, const struct dg_oref0_piece *piece)
{
    if (!(piece->minutes > 0.0)) {
        return;
    }

    double scheduled = dg_oref0_scheduled_rate(
        walk->profile,
        piece->is_stamped ? dg_oref0_minute_of_day(piece->at_ms)
                          : DG_OREF0_ABSENT);

    if (dg_oref0_is_there(walk->ratio)) {
        scheduled *= walk->ratio;
    }

    const double net = piece->rate - scheduled;
    const double amount =
        dg_oref0_round(net * piece->minutes * 10.0 / 6.0) / 100.0;
    const double quantum = net < 0.0 ? -QUANTUM_U : QUANTUM_U;
    const double count = dg_oref0_round(amount / quantum);
    const double apart = piece->minutes / count;

    for (double j = 0.0; j < count; j += 1.0) {
        const double at_ms = piece->at_ms + j * apart * 60.0 * 1000.0;

        add_boluses_before(walk, at_ms);
        add_dose(walk, at_ms, quantum);
    }
}

static bool add_temp(struct walk *walk, struct dg_oref0_piece temp)
{
    struct dg_oref0_piece cut[DG_OREF0_CUT_MAX];

    if (!(temp.minutes > 0.0) ||
        !(temp.at_ms + temp.minutes * DG_OREF0_MS_PER_MINUTE >
          walk->since_ms)) {
        return true;
    }

    const size_t count = dg_oref0_cut(walk->profile, temp, cut);

    for (size_t i = 0; i < count; i++) {
        add_piece(walk, &cut[i]);
    }
    return count > 0;
}

static struct dg_oref0_piece closing(double clock_ms, double minutes)
{
    return (struct dg_oref0_piece){
        .at_ms = clock_ms + CLOSING_AFTER_MS,
        .minutes = minutes,
    };
}

/* The history is the same for both arrays: add it once, then the four hours of
 * zero rate to a copy. */
static bool add_history(struct walk *walk, struct sums *zero)
{
    for (size_t i = 0; i < walk->records->temps; i++) {
        if (!add_temp(walk, walk->records->temp[i])) {
            return false;
        }
    }
    add_boluses_before(walk, INFINITY);
    *zero = *walk->sums;
    if (!walk->records->any) {
        return true;
    }
    walk->sums = zero;
    walk->parts = NULL;
    return add_temp(walk, closing(walk->clock_ms, CLOSING_MIN));
}

/* The temp with the latest start that has a length; the first of equals. */
static void find_last_temp(const struct dg_oref0_piece *temps,
                           size_t count,
                           struct dg_oref0_last_temp *last)
{
    *last = (struct dg_oref0_last_temp){
        .is_there = true,
        .date_ms = 0.0,
        .rate = DG_OREF0_ABSENT,
        .minutes = DG_OREF0_ABSENT,
    };
    for (size_t i = 0; i < count; i++) {
        if (dg_oref0_is_set(temps[i].minutes) &&
            temps[i].at_ms > last->date_ms) {
            last->date_ms = temps[i].at_ms;
            last->rate = temps[i].rate;
            last->minutes = dg_oref0_round2(temps[i].minutes);
        }
    }
}

/* Suspensions move and cut what comes before and after: each array anew. */
static bool add_suspended(struct walk *walk,
                          const struct dg_oref0_pauses *pauses,
                          double closing_minutes,
                          struct dg_oref0_piece *moved)
{
    struct dg_oref0_pieces pieces = {.count = 0};
    const struct records *const records = walk->records;

    for (size_t i = 0; i < records->temps; i++) {
        struct dg_oref0_piece temp = records->temp[i];

        temp.origin = i + 1;
        if (!dg_oref0_pieces_add(walk->profile, temp, &pieces)) {
            return false;
        }
    }
    if (records->any &&
        !dg_oref0_pieces_add(
            walk->profile, closing(walk->clock_ms, closing_minutes), &pieces)) {
        return false;
    }
    if (!dg_oref0_suspend(walk->profile, pauses, walk->clock_ms, &pieces)) {
        return false;
    }
    walk->next_bolus = 0;
    for (size_t i = 0; i < pieces.count; i++) {
        add_piece(walk, &pieces.piece[i]);
        /* A temp that was not cut shows what the suspension left of it. */
        if (moved != NULL && pieces.piece[i].origin > 0) {
            moved[pieces.piece[i].origin - 1] = pieces.piece[i];
        }
    }
    add_boluses_before(walk, INFINITY);
    return true;
}

static bool add_both(struct walk *walk,
                     const struct dg_oref0_pauses *pauses,
                     struct sums *zero,
                     struct dg_oref0_last_temp *last)
{
    struct dg_oref0_piece moved[RECORDS_MAX];

    memcpy(moved,
           walk->records->temp,
           walk->records->temps * sizeof walk->records->temp[0]);
    if (!add_suspended(walk, pauses, 0.0, moved)) {
        return false;
    }
    find_last_temp(moved, walk->records->temps, last);
    walk->sums = zero;
    walk->parts = NULL;
    return add_suspended(walk, pauses, CLOSING_MIN, NULL);
}

static void finish(struct dg_oref0_iob *iob,
                   const struct sums *sums,
                   const struct sums *zero,
                   struct dg_oref0_iob_parts *parts)
{
    for (size_t k = 0; k < DG_OREF0_AHEAD; k++) {
        iob->iob[k] = dg_oref0_round3(sums->iob[k]);
        iob->activity[k] = dg_oref0_round4(sums->activity[k]);
        iob->zt_iob[k] = dg_oref0_round3(zero->iob[k]);
        iob->zt_activity[k] = dg_oref0_round4(zero->activity[k]);
    }
    if (parts == NULL) {
        return;
    }
    for (size_t k = 0; k < DG_OREF0_AHEAD; k++) {
        parts->basal_iob[k] = dg_oref0_round3(parts->basal_iob[k]);
        parts->bolus_iob[k] = dg_oref0_round3(parts->bolus_iob[k]);
        parts->basal_insulin[k] = dg_oref0_round3(parts->basal_insulin[k]);
        parts->bolus_insulin[k] = dg_oref0_round3(parts->bolus_insulin[k]);
    }
}

bool dg_oref0_iob(const struct dg_oref0_profile *profile,
                  const struct dg_oref0_curve_table *table,
                  double autosens_ratio,
                  const struct dg_oref0_event *events,
                  size_t count,
                  double clock_ms,
                  struct dg_oref0_iob *iob,
                  struct dg_oref0_iob_parts *parts)
{
    struct records records;
    struct dg_oref0_pauses pauses = {.count = 0};
    struct sums sums = {.iob = {0.0}};
    struct sums zero = {.iob = {0.0}};
    const double since_ms = clock_ms - table->hours * MS_PER_HOUR;
    struct walk walk = {
        .profile = profile,
        .table = table,
        .records = &records,
        .clock_ms = clock_ms,
        .ratio = ratio_in_force(profile, autosens_ratio),
        .since_ms = since_ms,
        .sums = &sums,
        .parts = parts,
    };

    if (parts != NULL) {
        *parts = (struct dg_oref0_iob_parts){.basal_iob = {0.0}};
    }
    if (!read_records(events,
                      count,
                      clock_ms,
                      since_ms - DG_OREF0_TEMP_MIN_MAX * DG_OREF0_MS_PER_MINUTE,
                      &records) ||
        (profile->suspend_zeros_iob &&
         !dg_oref0_pauses(events, count, &pauses))) {
        return false;
    }
    end_at_next(&records, clock_ms);
    iob->last_bolus_ms = records.last_bolus_ms;

    const bool is_paused =
        profile->suspend_zeros_iob &&
        (pauses.count > 0 || dg_oref0_is_there(pauses.before_ms) ||
         dg_oref0_is_there(pauses.open_ms));

    if (!is_paused) {
        find_last_temp(records.temp, records.temps, &iob->last_temp);
        if (!add_history(&walk, &zero)) {
            return false;
        }
    } else if (!add_both(&walk, &pauses, &zero, &iob->last_temp)) {
        return false;
    }
    finish(iob, &sums, &zero, parts);
    return true;
}
