/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_AGGREGATE_H
#define DG_PATIENT_TRIAL_AGGREGATE_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"
#include "patient/trial/tally.h"

/* What a trial keeps of its people: sums, so that memory does not grow with
 * their number, of whole numbers, so that the order does not matter.  All
 * members are 64-bit words: a cell is written to a file word by word. */

#define DG_TRIAL_BINS 50U /* of a histogram, and one each below and above */

/* 128 bits, two's complement. */
struct dg_trial_wide {
    uint64_t low;
    uint64_t high;
};

struct dg_trial_sum {
    uint64_t count;
    int64_t sum;                  /* of values, see tally.h       */
    struct dg_trial_wide squares; /* of values squared            */
};

/* Days are laid over each other: percentiles by time of day. */
#define DG_TRIAL_DAY_PARTS     48U /* half hours */
#define DG_TRIAL_GLUCOSE_WIDTH 5U  /* mg/dL of one bin */
#define DG_TRIAL_GLUCOSE_BINS  81U /* 0 .. 400, the last one and above */

/* The worst people by one figure; equal ones by number. */
#define DG_TRIAL_WORST 8U

enum dg_trial_rank {
    DG_TRIAL_RANK_LEAST = 0, /* lowest plasma glucose           */
    DG_TRIAL_RANK_LOW = 1,   /* longest below 54                */
    DG_TRIAL_RANK_DKA = 2,   /* longest without enough insulin  */
    DG_TRIAL_RANK_HIGH = 3,  /* longest above 250               */
    DG_TRIAL_RANKS = 4,
};

struct dg_trial_bad {
    uint64_t is_used;
    int64_t badness; /* higher is worse */
    uint64_t person;
};

/* One scenario in one arm. */
struct dg_trial_cell {
    uint64_t people;  /* whose figures are in the sums               */
    uint64_t lost;    /* numerical blow-ups: in no sum               */
    uint64_t dropped; /* whose controller failed: in no sum          */
    uint64_t pairs;   /* people that this arm and arm 0 have both    */
    struct dg_trial_sum sum[DG_TRIAL_METRICS];
    struct dg_trial_sum difference[DG_TRIAL_METRICS]; /* this less arm 0 */
    uint64_t histogram[DG_TRIAL_METRICS][DG_TRIAL_BINS + 2U];
    uint64_t day[DG_TRIAL_SIGNALS][DG_TRIAL_DAY_PARTS][DG_TRIAL_GLUCOSE_BINS];
    uint64_t blocked_pulses[DG_TRIAL_RULES];
    uint64_t refusals[DG_TRIAL_RULES];
    struct dg_trial_bad worst[DG_TRIAL_RANKS][DG_TRIAL_WORST];
    struct dg_trial_bad broken[DG_TRIAL_WORST]; /* lost or dropped, lowest
                                                   numbers first */
};

struct dg_trial_result {
    size_t scenarios;
    size_t arms;
    uint64_t people; /* of the plan */
    uint64_t blocks;
    uint64_t done;              /* blocks                               */
    uint64_t *bitmap;           /* of blocks done                       */
    struct dg_trial_cell *cell; /* scenario * arms + arm             */
};

/** The cell of a scenario and an arm. */
static inline struct dg_trial_cell *dg_trial_cell_of(
    const struct dg_trial_result *result, size_t scenario, size_t arm)
{
    return &result->cell[(scenario * result->arms) + arm];
}

/** Count a person in. @p first: the same person in arm 0 (the same pointer
 * when this is arm 0). */
void dg_trial_count(struct dg_trial_cell *cell,
                    uint64_t person,
                    const struct dg_trial_tally *tally,
                    const struct dg_trial_tally *first);

/** Add @p from to @p to. */
void dg_trial_cell_merge(struct dg_trial_cell *to,
                         const struct dg_trial_cell *from);

/** Mean and standard deviation (n - 1) in units of the metric; what the
 * reports print, computed from the exact sums. */
double dg_trial_mean(const struct dg_trial_sum *sum,
                     enum dg_trial_metric which);
double dg_trial_sd(const struct dg_trial_sum *sum, enum dg_trial_metric which);

/** Share of people, 0 .. 1000 permille, whose reading in this part of the day
 * is below the returned glucose, mg/dL, interpolated; 0 where nobody is. */
double dg_trial_percentile(const struct dg_trial_cell *cell,
                           enum dg_trial_signal signal,
                           unsigned part,
                           unsigned permille);

/**
 * Add the results of other blocks of the same plan.
 *
 * @retval DG_OK       Added.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_RANGE  Of another plan.
 * @retval DG_E_STATE  A block is in both: nothing is added.
 */
DG_NODISCARD enum dg_status dg_trial_result_merge(
    struct dg_trial_result *to, const struct dg_trial_result *from);

/* Parts: results in a file, with the digest of the plan, the bitmap of blocks
 * and a digest over all of it. */

/**
 * Write to a temporary file beside @p path, sync, rename.
 *
 * @retval DG_OK      The file is there whole.
 * @retval DG_E_PORT  It could not be written; what was there before still is.
 */
DG_NODISCARD enum dg_status dg_trial_part_write(
    const char *path,
    const uint8_t digest[32],
    const struct dg_trial_result *result);

/**
 * Read a part.
 *
 * @param[in,out] result  Empty, of the plan; unchanged on failure.
 *
 * @retval DG_OK             Read.
 * @retval DG_E_STATE        There is no such file.
 * @retval DG_E_PORT         It could not be read.
 * @retval DG_E_CORRUPT      It is damaged or short.
 * @retval DG_E_UNSUPPORTED  It is of another plan or version.
 */
DG_NODISCARD enum dg_status dg_trial_part_read(const char *path,
                                               const uint8_t digest[32],
                                               struct dg_trial_result *result);

#endif
