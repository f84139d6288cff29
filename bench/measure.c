/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define WORKS_MAX 4U

static uint64_t ns_of(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return ((uint64_t)now.tv_sec * 1000000000U) + (uint64_t)now.tv_nsec;
}

uint64_t dg_bench_now_ns(void)
{
    return ns_of(CLOCK_MONOTONIC);
}

void dg_bench_expect(enum dg_status status, const char *what)
{
    if (status != DG_OK) {
        (void)fprintf(stderr, "bench: %s: %s\n", what, dg_status_name(status));
        exit(1);
    }
}

static int by_size(const void *a, const void *b)
{
    const double left = *(const double *)a;
    const double right = *(const double *)b;

    return (left > right) - (left < right);
}

static double run_ns(clockid_t clock,
                     dg_bench_work work,
                     void *context,
                     unsigned rounds)
{
    const uint64_t start = ns_of(clock);

    for (unsigned i = 0U; i < rounds; i++) {
        work(context);
    }
    return (double)(ns_of(clock) - start) / rounds;
}

static void compare(clockid_t clock,
                    const dg_bench_work *works,
                    void *context,
                    size_t count,
                    unsigned rounds,
                    double *ns)
{
    double seen[WORKS_MAX][DG_BENCH_REPETITIONS];

    /* Once unmeasured: caches, and what a library does the first time. */
    for (size_t i = 0U; i < count; i++) {
        works[i](context);
    }
    for (size_t repetition = 0U; repetition < DG_BENCH_REPETITIONS;
         repetition++) {
        for (size_t i = 0U; i < count; i++) {
            seen[i][repetition] = run_ns(clock, works[i], context, rounds);
        }
    }
    for (size_t i = 0U; i < count; i++) {
        qsort(seen[i], DG_BENCH_REPETITIONS, sizeof seen[i][0], by_size);
        ns[i] = seen[i][DG_BENCH_REPETITIONS / 2U];
    }
}

void dg_bench_compare(const dg_bench_work *works,
                      void *context,
                      size_t count,
                      unsigned rounds,
                      double *ns)
{
    compare(CLOCK_MONOTONIC, works, context, count, rounds, ns);
}

void dg_bench_compare_own(const dg_bench_work *works,
                          void *context,
                          size_t count,
                          unsigned rounds,
                          double *ns)
{
    compare(CLOCK_PROCESS_CPUTIME_ID, works, context, count, rounds, ns);
}

void dg_bench_tell(const char *what,
                   double figure,
                   const char *unit,
                   const char *note)
{
    (void)printf((figure < 100.0) ? "  %-42s %10.2f %-5s %s\n"
                                  : "  %-42s %10.0f %-5s %s\n",
                 what,
                 figure,
                 unit,
                 note);
}
