/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BENCH_MEASURE_H
#define DG_BENCH_MEASURE_H

#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"

/* Medians of several repetitions; two things that are compared take turns
 * inside one repetition, so that a busy machine slows both. */
#define DG_BENCH_REPETITIONS 9U

/** One piece of work; it ends the program when it fails. */
typedef void (*dg_bench_work)(void *context);

/** Monotonic time in nanoseconds. */
uint64_t dg_bench_now_ns(void);

/** End the program with a message unless @p status is DG_OK. */
void dg_bench_expect(enum dg_status status, const char *what);

/**
 * Time works in turns by the time that this process had of the processor: for
 * work that waits for nobody, whatever else the machine does.  Else as
 * dg_bench_compare().
 */
void dg_bench_compare_own(const dg_bench_work *works,
                          void *context,
                          size_t count,
                          unsigned rounds,
                          double *ns);

/**
 * Time works in turns.
 *
 * @param      count   Number of works, 1 .. 4.
 * @param      rounds  How often each runs in one repetition, at least 1.
 * @param[out] ns      Median time of one run of each work.
 */
void dg_bench_compare(const dg_bench_work *works,
                      void *context,
                      size_t count,
                      unsigned rounds,
                      double *ns);

/** Print one line: what, figure, unit, note. */
void dg_bench_tell(const char *what,
                   double figure,
                   const char *unit,
                   const char *note);

#endif
