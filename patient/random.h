/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_RANDOM_H
#define DG_PATIENT_RANDOM_H

#include <stdint.h>

/* Counter-based random numbers: the value number `index` of a stream is a
 * function of (seed, stream, index) alone.  There is no state, so a result
 * never depends on the order of calls, on threads or on what else was drawn,
 * and two arms of a trial share meals and sensor noise by sharing a seed. */

/* One stream per purpose, so that drawing more of one leaves the others. */
enum dg_random_stream {
    DG_STREAM_SENSOR_START = 1,
    DG_STREAM_SENSOR_NOISE = 2,
    DG_STREAM_MEALS = 3,
    DG_STREAM_ATTACK = 4, /* for the evaluator */
};

/**
 * Compute one block of Philox4x32-10 (Salmon et al., SC11, "Parallel random
 * numbers: as easy as 1, 2, 3").
 *
 * @param[in]  counter  128 bits, least significant word first.
 * @param[in]  key      64 bits, least significant word first.
 * @param[out] block    128 random bits.
 */
void dg_philox4x32(const uint32_t counter[4],
                   const uint32_t key[2],
                   uint32_t block[4]);

/**
 * Give the uniform variate number @p index of a stream.
 *
 * @param seed    Any value: the run.
 * @param stream  Any value: the purpose, see enum dg_random_stream.
 * @param index   Any value: which draw.
 *
 * @return A value strictly between 0 and 1, on a grid of 2^-52.
 */
double dg_random_uniform(uint64_t seed, uint32_t stream, uint64_t index);

/**
 * Give the standard normal variate number @p index of a stream.
 *
 * Independent of dg_random_uniform() of the same numbers only if the stream
 * differs: both read the same block.  The last bit may differ between
 * mathematical libraries (log, cos).
 *
 * @param seed    Any value: the run.
 * @param stream  Any value: the purpose, see enum dg_random_stream.
 * @param index   Any value: which draw.
 *
 * @return A value of mean 0 and variance 1, |value| < 8.6.
 */
double dg_random_normal(uint64_t seed, uint32_t stream, uint64_t index);

#endif
