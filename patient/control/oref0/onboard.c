/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/onboard.h"

#include <string.h>

#include "patient/control/oref0/doses.h"
#include "patient/control/oref0/number.h"

#define MS_PER_HOUR 3600000.0
#define STEP_MS     (5.0 * DG_OREF0_MS_PER_MINUTE)

#define MINUTES_PER_DAY 1440.0

void dg_oref0_board_begin(struct dg_oref0_board *board, double clock_ms)
{
    *board = (struct dg_oref0_board){
        .clock_ms = clock_ms,
        .last_temp = {.is_there = true,
                      .rate = DG_OREF0_ABSENT,
                      .minutes = DG_OREF0_ABSENT},
    };
}

bool dg_oref0_board_add(struct dg_oref0_board *board,
                        struct dg_oref0_event event)
{
    if (board->count == DG_OREF0_BOARD_OPEN) {
        return false;
    }
    board->open[board->count] = event;
    board->count++;
    board->any = true;
    if (event.kind == DG_OREF0_BOLUS) {
        board->last_bolus_ms = event.at_ms;
    }
    return true;
}

/* Behind the end of the insulin's action there are zeros. */
static void forward(struct dg_oref0_board *board, size_t steps, size_t reach)
{
    const size_t gone = steps < reach ? steps : reach;
    const size_t left = reach - gone;

    board->clock_ms += (double)steps * STEP_MS;
    memmove(board->iob, board->iob + gone, left * sizeof board->iob[0]);
    memmove(board->activity,
            board->activity + gone,
            left * sizeof board->activity[0]);
    for (size_t i = left; i < reach; i++) {
        board->iob[i] = 0.0;
        board->activity[i] = 0.0;
    }
}

/* The first temp behind a place; `count` if none. */
static size_t next_temp(const struct dg_oref0_board *board, size_t from)
{
    while (from < board->count && board->open[from].kind != DG_OREF0_TEMP) {
        from++;
    }
    return from;
}

static double end_of(const struct dg_oref0_event *temp)
{
    return temp->at_ms + temp->minutes * DG_OREF0_MS_PER_MINUTE;
}

/* A temp as it is cut by what follows. */
static struct dg_oref0_piece cut_at(const struct dg_oref0_event *temp,
                                    double next_ms)
{
    return (struct dg_oref0_piece){
        .at_ms = temp->at_ms,
        .minutes = end_of(temp) > next_ms
                       ? (next_ms - temp->at_ms) / DG_OREF0_MS_PER_MINUTE
                       : temp->minutes,
        .rate = temp->amount,
        .is_stamped = true,
    };
}

static void note_temp(struct dg_oref0_last_temp *last,
                      const struct dg_oref0_piece *temp)
{
    if (dg_oref0_is_set(temp->minutes) && temp->at_ms > last->date_ms) {
        last->date_ms = temp->at_ms;
        last->rate = temp->rate;
        last->minutes = dg_oref0_round2(temp->minutes);
    }
}

static void drop(struct dg_oref0_board *board, size_t count)
{
    memmove(board->open,
            board->open + count,
            (board->count - count) * sizeof board->open[0]);
    board->count -= count;
}

/* Pointers to the boluses among the open events. */
static size_t list_boluses(const struct dg_oref0_board *board,
                           const struct dg_oref0_event **bolus)
{
    size_t count = 0;

    for (size_t i = 0; i < board->count; i++) {
        if (board->open[i].kind == DG_OREF0_BOLUS) {
            bolus[count] = &board->open[i];
            count++;
        }
    }
    return count;
}

/* Add the oldest temp, if it is over: cut by another, or at its end.  With it
 * go the boluses up to the next temp; those behind an end stay. */
static bool settle_one(struct dg_oref0_board *board,
                       struct dg_oref0_adder *adder,
                       bool *settled)
{
    const struct dg_oref0_event *bolus[DG_OREF0_BOARD_OPEN];
    const size_t first = next_temp(board, 0);
    const size_t second = next_temp(board, first + 1);
    struct dg_oref0_piece temp;
    size_t gone = 0;
    double next_ms = 0.0;

    *settled = false;
    if (first >= board->count ||
        (second >= board->count &&
         end_of(&board->open[first]) > board->clock_ms)) {
        return true;
    }
    next_ms = second < board->count ? board->open[second].at_ms
                                    : end_of(&board->open[first]);
    temp = cut_at(&board->open[first], next_ms);
    adder->bolus = bolus;
    adder->boluses = list_boluses(board, bolus);
    adder->next_bolus = 0;
    if (!dg_oref0_add_temp(adder, temp)) {
        return false;
    }
    dg_oref0_add_boluses(adder, next_ms);
    note_temp(&board->last_temp, &temp);
    /* What is left: later temps, and boluses not before the next. */
    for (size_t i = 0; i < board->count; i++) {
        if (i != first && !(board->open[i].kind == DG_OREF0_BOLUS &&
                            board->open[i].at_ms < next_ms)) {
            board->open[gone] = board->open[i];
            gone++;
        }
    }
    board->count = gone;
    *settled = true;
    return true;
}

/* What runs, and what came while it ran, as far as it goes. */
static bool add_open(const struct dg_oref0_board *board,
                     struct dg_oref0_adder *adder,
                     struct dg_oref0_iob *iob)
{
    const struct dg_oref0_event *bolus[DG_OREF0_BOARD_OPEN];
    const size_t first = next_temp(board, 0);

    adder->bolus = bolus;
    adder->boluses = list_boluses(board, bolus);
    adder->next_bolus = 0;
    if (first < board->count) {
        const struct dg_oref0_piece temp = cut_at(
            &board->open[first], dg_oref0_closing(board->clock_ms, 0.0).at_ms);

        note_temp(&iob->last_temp, &temp);
        if (!dg_oref0_add_temp(adder, temp)) {
            return false;
        }
    }
    dg_oref0_add_boluses(adder, INFINITY);
    return true;
}

/* Part of both variants below. */
static inline __attribute__((always_inline)) void round_entries(
    struct dg_oref0_iob *iob, enum dg_oref0_wanted wanted)
{
    const size_t iobs = wanted == DG_OREF0_WANT_ALL ? DG_OREF0_AHEAD : 1;

    for (size_t k = 0; k < iobs; k++) {
        iob->iob[k] = dg_oref0_round3(iob->iob[k]);
        iob->zt_iob[k] = dg_oref0_round3(iob->zt_iob[k]);
    }
    for (size_t k = 0; k < DG_OREF0_AHEAD; k++) {
        iob->activity[k] = dg_oref0_round4(iob->activity[k]);
        iob->zt_activity[k] = dg_oref0_round4(iob->zt_activity[k]);
    }
}

#if defined(__x86_64__)
__attribute__((target("avx2"))) static void round_avx2(
    struct dg_oref0_iob *iob, enum dg_oref0_wanted wanted)
{
    round_entries(iob, wanted);
}
#endif

static void round_all(struct dg_oref0_iob *iob, enum dg_oref0_wanted wanted)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2") != 0) {
        round_avx2(iob, wanted);
        return;
    }
#endif
    round_entries(iob, wanted);
}

/* One rate is scheduled all the time that zero would run, of one day: then the
 * doses it is taken for lie the same way to any clock. */
static bool is_steady(const struct dg_oref0_profile *profile,
                      double clock_ms,
                      double *rate)
{
    const double at_ms = dg_oref0_closing(clock_ms, 0.0).at_ms;
    const double start = dg_oref0_minute_of_day(at_ms);
    const double end = start + DG_OREF0_CLOSING_MIN;

    if (end > MINUTES_PER_DAY ||
        dg_oref0_floor(at_ms / STEP_MS) * STEP_MS + DG_OREF0_MS_PER_MINUTE !=
            at_ms) {
        return false;
    }
    for (size_t i = 0; i < profile->basal.count; i++) {
        const double minute = profile->basal.entry[i].minute;

        if (start < minute && minute < end) {
            return false;
        }
    }
    *rate = dg_oref0_scheduled_rate(profile, start);
    return true;
}

/* The arrays with zero rate, on what is there without it. */
static bool add_zero(struct dg_oref0_board *board,
                     struct dg_oref0_adder *adder,
                     enum dg_oref0_wanted wanted,
                     struct dg_oref0_iob *iob)
{
    const struct dg_oref0_piece closing =
        dg_oref0_closing(board->clock_ms, DG_OREF0_CLOSING_MIN);
    struct dg_oref0_zero *const zero = &board->zero;
    double rate = 0.0;

    memcpy(iob->zt_iob, iob->iob, sizeof iob->zt_iob);
    memcpy(iob->zt_activity, iob->activity, sizeof iob->zt_activity);
    if (!board->any) {
        return true;
    }
    if (!is_steady(adder->profile, board->clock_ms, &rate)) {
        adder->iob = wanted == DG_OREF0_WANT_ALL ? iob->zt_iob : NULL;
        adder->activity = iob->zt_activity;
        return dg_oref0_add_temp(adder, closing);
    }
    if (dg_oref0_is_there(adder->ratio)) {
        rate *= adder->ratio;
    }
    if (!zero->is_there || zero->rate != rate) {
        *zero = (struct dg_oref0_zero){.is_there = true, .rate = rate};
        adder->iob = zero->iob;
        adder->activity = zero->activity;
        zero->is_there = dg_oref0_add_temp(adder, closing);
    }
    for (size_t k = 0; k < DG_OREF0_AHEAD; k++) {
        iob->zt_iob[k] += zero->iob[k];
        iob->zt_activity[k] += zero->activity[k];
    }
    return zero->is_there;
}

/* Nobody sets temps: of what came before the clock nothing can be cut any
 * more, so that boluses need not wait for one. */
static void make_room(struct dg_oref0_board *board,
                      struct dg_oref0_adder *adder)
{
    const struct dg_oref0_event *bolus[DG_OREF0_BOARD_OPEN];

    if (next_temp(board, 0) < board->count) {
        return;
    }
    adder->bolus = bolus;
    adder->boluses = list_boluses(board, bolus);
    adder->next_bolus = 0;
    dg_oref0_add_boluses(adder, board->clock_ms);
    drop(board, adder->next_bolus);
}

bool dg_oref0_board_step(struct dg_oref0_board *board,
                         const struct dg_oref0_profile *profile,
                         const struct dg_oref0_curve_table *table,
                         double autosens_ratio,
                         size_t steps,
                         enum dg_oref0_wanted wanted,
                         struct dg_oref0_iob *iob)
{
    const size_t reach = table->fives < DG_OREF0_CURVE_FIVES
                             ? table->fives
                             : DG_OREF0_CURVE_FIVES;
    bool settled = true;

    forward(board, steps, reach);

    struct dg_oref0_adder adder = {
        .profile = profile,
        .table = table,
        .ratio = dg_oref0_ratio_in_force(profile, autosens_ratio),
        .clock_ms = board->clock_ms,
        .since_ms = board->clock_ms - table->hours * MS_PER_HOUR,
        .length = reach,
        .iob = board->iob,
        .activity = board->activity,
    };

    while (settled) {
        if (!settle_one(board, &adder, &settled)) {
            return false;
        }
    }
    make_room(board, &adder);
    memcpy(iob->iob, board->iob, sizeof iob->iob);
    memcpy(iob->activity, board->activity, sizeof iob->activity);
    iob->last_bolus_ms = board->last_bolus_ms;
    iob->last_temp = board->last_temp;
    adder.length = DG_OREF0_AHEAD;
    adder.iob = iob->iob;
    adder.activity = iob->activity;
    if (!add_open(board, &adder, iob)) {
        return false;
    }
    if (!add_zero(board, &adder, wanted, iob)) {
        return false;
    }
    round_all(iob, wanted);
    return true;
}
