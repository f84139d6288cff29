/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/aggregate.h"

#include <math.h>
#include <stdbool.h>

__extension__ typedef unsigned __int128 wide;
__extension__ typedef __int128 wide_int;

_Static_assert(sizeof(struct dg_trial_cell) % sizeof(uint64_t) == 0U,
               "a cell is written word by word");

static void wide_add(struct dg_trial_wide *to, wide more)
{
    const wide sum = (((wide)to->high << 64) | to->low) + more;

    to->low = (uint64_t)sum;
    to->high = (uint64_t)(sum >> 64);
}

static wide wide_of(const struct dg_trial_wide *from)
{
    return ((wide)from->high << 64) | from->low;
}

static void add_value(struct dg_trial_sum *sum, int64_t value)
{
    sum->count++;
    sum->sum += value;
    wide_add(&sum->squares, (wide)((wide_int)value * value));
}

static void add_sum(struct dg_trial_sum *to, const struct dg_trial_sum *from)
{
    to->count += from->count;
    to->sum += from->sum;
    wide_add(&to->squares, wide_of(&from->squares));
}

/* 0: below, then the bins, then above; the upper end is in the last bin. */
static unsigned bin_of(const struct dg_trial_metric_row *row, int64_t value)
{
    if (value < row->low) {
        return 0U;
    }
    if (value > row->high) {
        return DG_TRIAL_BINS + 1U;
    }

    const int64_t at =
        ((value - row->low) * (int64_t)DG_TRIAL_BINS) / (row->high - row->low);

    return 1U + (unsigned)((at >= (int64_t)DG_TRIAL_BINS)
                               ? ((int64_t)DG_TRIAL_BINS - 1)
                               : at);
}

/* Worst people ------------------------------------------------------------- */

/* Total order, so that which of two stays does not hang on who came first. */
static bool is_worse(const struct dg_trial_bad *a, const struct dg_trial_bad *b)
{
    if (b->is_used == 0U) {
        return a->is_used != 0U;
    }
    if (a->is_used == 0U) {
        return false;
    }
    if (a->badness != b->badness) {
        return a->badness > b->badness;
    }
    return a->person < b->person;
}

static void insert(struct dg_trial_bad list[DG_TRIAL_WORST],
                   struct dg_trial_bad who)
{
    for (unsigned i = 0U; i < DG_TRIAL_WORST; i++) {
        if (is_worse(&who, &list[i])) {
            const struct dg_trial_bad pushed = list[i];

            list[i] = who;
            who = pushed;
        }
    }
}

static void insert_all(struct dg_trial_bad to[DG_TRIAL_WORST],
                       const struct dg_trial_bad from[DG_TRIAL_WORST])
{
    for (unsigned i = 0U; i < DG_TRIAL_WORST; i++) {
        insert(to, from[i]);
    }
}

static void rank(struct dg_trial_cell *cell,
                 uint64_t person,
                 const struct dg_trial_tally *tally)
{
    const struct dg_trial_glucose *plasma = &tally->glucose[DG_TRIAL_PLASMA];
    const int64_t badness[DG_TRIAL_RANKS] = {
        [DG_TRIAL_RANK_LEAST] = -(int64_t)plasma->least,
        [DG_TRIAL_RANK_LOW] = plasma->below_54,
        [DG_TRIAL_RANK_DKA] = tally->starved,
        [DG_TRIAL_RANK_HIGH] = plasma->above_250,
    };

    for (unsigned i = 0U; i < DG_TRIAL_RANKS; i++) {
        insert(cell->worst[i], (struct dg_trial_bad){1U, badness[i], person});
    }
}

/* People ------------------------------------------------------------------- */

static bool is_whole(const struct dg_trial_tally *tally)
{
    return !tally->is_lost && !tally->is_dropped &&
           (tally->glucose[DG_TRIAL_PLASMA].samples > 0U);
}

static void count_whole(struct dg_trial_cell *cell,
                        uint64_t person,
                        const struct dg_trial_tally *tally,
                        const struct dg_trial_tally *first)
{
    int64_t values[DG_TRIAL_METRICS];
    int64_t others[DG_TRIAL_METRICS] = {0};
    const bool is_pair = is_whole(first);

    dg_trial_values(tally, values);
    if (is_pair) {
        dg_trial_values(first, others);
        cell->pairs++;
    }
    cell->people++;
    for (unsigned i = 0U; i < DG_TRIAL_METRICS; i++) {
        const struct dg_trial_metric_row *row =
            dg_trial_metric_at((enum dg_trial_metric)i);

        add_value(&cell->sum[i], values[i]);
        cell->histogram[i][bin_of(row, values[i])]++;
        if (is_pair) {
            add_value(&cell->difference[i], values[i] - others[i]);
        }
    }
    for (unsigned i = 0U; i < DG_TRIAL_RULES; i++) {
        cell->blocked_pulses[i] += tally->blocked_pulses[i];
        cell->refusals[i] += tally->refusals[i];
    }
    rank(cell, person, tally);
}

void dg_trial_count(struct dg_trial_cell *cell,
                    uint64_t person,
                    const struct dg_trial_tally *tally,
                    const struct dg_trial_tally *first)
{
    if (is_whole(tally)) {
        count_whole(cell, person, tally, first);
        return;
    }
    cell->dropped += tally->is_dropped ? 1U : 0U;
    cell->lost += tally->is_dropped ? 0U : 1U;
    insert(cell->broken, (struct dg_trial_bad){1U, 0, person});
}

static void add_words(uint64_t *to, const uint64_t *from, size_t count)
{
    for (size_t i = 0U; i < count; i++) {
        to[i] += from[i];
    }
}

#define WORDS(member) (sizeof(member) / sizeof(uint64_t))

void dg_trial_cell_merge(struct dg_trial_cell *to,
                         const struct dg_trial_cell *from)
{
    to->people += from->people;
    to->lost += from->lost;
    to->dropped += from->dropped;
    to->pairs += from->pairs;
    for (unsigned i = 0U; i < DG_TRIAL_METRICS; i++) {
        add_sum(&to->sum[i], &from->sum[i]);
        add_sum(&to->difference[i], &from->difference[i]);
    }
    add_words(
        &to->histogram[0][0], &from->histogram[0][0], WORDS(to->histogram));
    add_words(&to->day[0][0][0], &from->day[0][0][0], WORDS(to->day));
    add_words(
        to->blocked_pulses, from->blocked_pulses, WORDS(to->blocked_pulses));
    add_words(to->refusals, from->refusals, WORDS(to->refusals));
    for (unsigned i = 0U; i < DG_TRIAL_RANKS; i++) {
        insert_all(to->worst[i], from->worst[i]);
    }
    insert_all(to->broken, from->broken);
}

/* What reports read --------------------------------------------------------- */

static double scale_of(enum dg_trial_metric which)
{
    return (double)dg_trial_metric_at(which)->scale;
}

double dg_trial_mean(const struct dg_trial_sum *sum, enum dg_trial_metric which)
{
    return (sum->count == 0U)
               ? 0.0
               : (((double)sum->sum / (double)sum->count) / scale_of(which));
}

double dg_trial_sd(const struct dg_trial_sum *sum, enum dg_trial_metric which)
{
    const wide n = sum->count;

    if (n < 2U) {
        return 0.0;
    }

    /* Exact: |sum| < 2^40 x 2^30, and so is what is subtracted. */
    const wide square = (wide)((wide_int)sum->sum * sum->sum);
    const wide squares = wide_of(&sum->squares);
    /* n x squares may pass 128 bits: whole and rest of the mean apart. */
    const wide mean_part = square / n;
    const wide rest = square % n;
    const double spread =
        (double)(squares - mean_part) - ((double)rest / (double)sum->count);

    return sqrt((spread < 0.0 ? 0.0 : spread) / ((double)sum->count - 1.0)) /
           scale_of(which);
}

double dg_trial_percentile(const struct dg_trial_cell *cell,
                           enum dg_trial_signal signal,
                           unsigned part,
                           unsigned permille)
{
    const uint64_t *bins = cell->day[signal][part];
    uint64_t all = 0U;

    for (unsigned i = 0U; i < DG_TRIAL_GLUCOSE_BINS; i++) {
        all += bins[i];
    }
    if (all == 0U) {
        return 0.0;
    }

    const double want = ((double)all * (double)permille) / 1000.0;
    double below = 0.0;

    for (unsigned i = 0U; i < DG_TRIAL_GLUCOSE_BINS; i++) {
        const double here = (double)bins[i];

        if ((here > 0.0) && ((below + here) >= want)) {
            return ((double)i + ((want - below) / here)) *
                   (double)DG_TRIAL_GLUCOSE_WIDTH;
        }
        below += here;
    }
    return (double)(DG_TRIAL_GLUCOSE_BINS * DG_TRIAL_GLUCOSE_WIDTH);
}

enum dg_status dg_trial_result_merge(struct dg_trial_result *to,
                                     const struct dg_trial_result *from)
{
    if ((to == NULL) || (from == NULL)) {
        return DG_E_USAGE;
    }
    if ((to->scenarios != from->scenarios) || (to->arms != from->arms) ||
        (to->people != from->people) || (to->blocks != from->blocks)) {
        return DG_E_RANGE;
    }

    const size_t words = (size_t)((to->blocks + 63U) / 64U);

    for (size_t i = 0U; i < words; i++) {
        if ((to->bitmap[i] & from->bitmap[i]) != 0U) {
            return DG_E_STATE;
        }
    }
    for (size_t i = 0U; i < words; i++) {
        to->bitmap[i] |= from->bitmap[i];
    }
    to->done += from->done;
    for (size_t i = 0U; i < (to->scenarios * to->arms); i++) {
        dg_trial_cell_merge(&to->cell[i], &from->cell[i]);
    }
    return DG_OK;
}
