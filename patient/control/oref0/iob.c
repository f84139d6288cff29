/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/iob.h"

#include <string.h>

#include "patient/control/oref0/doses.h"
#include "patient/control/oref0/number.h"
#include "patient/control/oref0/pieces.h"
#include "patient/control/oref0/suspend.h"

#define MS_PER_HOUR 3600000.0

#define RECORDS_MAX 512U

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
    const struct records *records;
    struct dg_oref0_adder adder;
};

static void add_to(struct walk *walk, struct sums *sums)
{
    walk->adder.iob = sums->iob;
    walk->adder.activity = sums->activity;
}

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
                                : dg_oref0_closing(clock_ms, 0.0).at_ms;

        if (temp->at_ms + temp->minutes * DG_OREF0_MS_PER_MINUTE > next) {
            temp->minutes = (next - temp->at_ms) / DG_OREF0_MS_PER_MINUTE;
        }
    }
}

/* The history is the same for both arrays: add it once, then the four hours of
 * zero rate to a copy. */
static bool add_history(struct walk *walk,
                        const struct sums *sums,
                        struct sums *zero)
{
    struct dg_oref0_adder *const adder = &walk->adder;

    for (size_t i = 0; i < walk->records->temps; i++) {
        if (!dg_oref0_add_temp(adder, walk->records->temp[i])) {
            return false;
        }
    }
    dg_oref0_add_boluses(adder, INFINITY);
    *zero = *sums;
    if (!walk->records->any) {
        return true;
    }
    add_to(walk, zero);
    adder->parts = NULL;
    return dg_oref0_add_temp(
        adder, dg_oref0_closing(adder->clock_ms, DG_OREF0_CLOSING_MIN));
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
        if (!dg_oref0_pieces_add(walk->adder.profile, temp, &pieces)) {
            return false;
        }
    }
    if (records->any &&
        !dg_oref0_pieces_add(
            walk->adder.profile,
            dg_oref0_closing(walk->adder.clock_ms, closing_minutes),
            &pieces)) {
        return false;
    }
    if (!dg_oref0_suspend(
            walk->adder.profile, pauses, walk->adder.clock_ms, &pieces)) {
        return false;
    }
    walk->adder.next_bolus = 0;
    for (size_t i = 0; i < pieces.count; i++) {
        dg_oref0_add_piece(&walk->adder, &pieces.piece[i]);
        /* A temp that was not cut shows what the suspension left of it. */
        if (moved != NULL && pieces.piece[i].origin > 0) {
            moved[pieces.piece[i].origin - 1] = pieces.piece[i];
        }
    }
    dg_oref0_add_boluses(&walk->adder, INFINITY);
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
    add_to(walk, zero);
    walk->adder.parts = NULL;
    return add_suspended(walk, pauses, DG_OREF0_CLOSING_MIN, NULL);
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
        .records = &records,
        .adder = {.profile = profile,
                  .table = table,
                  .ratio = dg_oref0_ratio_in_force(profile, autosens_ratio),
                  .clock_ms = clock_ms,
                  .since_ms = since_ms,
                  .length = DG_OREF0_AHEAD,
                  .parts = parts},
    };

    add_to(&walk, &sums);
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
    walk.adder.bolus = records.bolus;
    walk.adder.boluses = records.boluses;
    end_at_next(&records, clock_ms);
    iob->last_bolus_ms = records.last_bolus_ms;

    const bool is_paused =
        profile->suspend_zeros_iob &&
        (pauses.count > 0 || dg_oref0_is_there(pauses.before_ms) ||
         dg_oref0_is_there(pauses.open_ms));

    if (!is_paused) {
        find_last_temp(records.temp, records.temps, &iob->last_temp);
        if (!add_history(&walk, &sums, &zero)) {
            return false;
        }
    } else if (!add_both(&walk, &pauses, &zero, &iob->last_temp)) {
        return false;
    }
    finish(iob, &sums, &zero, parts);
    return true;
}
