/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_VARIATES_H
#define DG_PATIENT_VARIATES_H

#include <stdint.h>

/* One person's row of random numbers for things that are drawn seldom: who the
 * person is, which sensor is worn.  The same blocks as the lanes draw
 * (patient/lane/draw.h) and the same functions, so the same bits everywhere. */

struct dg_variates {
    uint64_t seed;
    uint64_t person; /* 0 .. 2^56 - 1                                        */
    uint32_t stream; /* enum dg_lane_stream                                  */
    uint32_t day;
    uint32_t index; /* of the next block                                     */
    double normal[4];
    unsigned int left;
};

/** Begin a row at its first number. */
struct dg_variates dg_variates_begin(uint64_t seed,
                                     uint64_t person,
                                     uint32_t stream,
                                     uint32_t day);

/** The next uniform variate, strictly between 0 and 1. */
double dg_variates_uniform(struct dg_variates *from);

/** The next standard normal variate. */
double dg_variates_normal(struct dg_variates *from);

/** A variate whose logarithm is normal: median exp(sd N). */
double dg_variates_log_normal(struct dg_variates *from,
                              double median,
                              double sd);

/** The functions of the lanes for one number: see patient/lane/elementary.h. */
double dg_plain_exp(double value);
double dg_plain_sqrt(double value);

#endif
