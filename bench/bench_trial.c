/* SPDX-License-Identifier: Apache-2.0 */
/* Patient-days per second: bodies alone against what the arithmetic of this
 * machine allows, and the closed loop against the published cluster record. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/measure.h"
#include "patient/control/controller.h"
#include "patient/trial/bench.h"
#include "patient/trial/dispatch.h"

/* Additions, multiplications and divisions of a minute of the default model in
 * float, counted in patient/lane/cambridge.h and elementary.h: insulin 90,
 * chains 48, drive 24, two exponentials 48, four slopes 72, Runge-Kutta 42,
 * exercise and choice of step 20.  A division counts as one. */
#define FLOPS_A_MINUTE 344.0
#define MINUTES        1440.0

/* Sixteen chains of a multiplication and an addition hide their latency; each
 * is a variable of its own, so that none goes through memory. */
#define CHAINS 16
#define TURNS  500000U
#define TRIES  20

/* source: facts, models.md section 12: 94,000 on a cluster, 74,000 before. */
#define FLOOR_RATE 20000.0
#define AIM_RATE   74000.0

#if defined(__x86_64__)
#define EACH(what)                                                          \
    what(0) what(1) what(2) what(3) what(4) what(5) what(6) what(7) what(8) \
        what(9) what(10) what(11) what(12) what(13) what(14) what(15)
#define BEGIN(i) one at_##i = none + (float)((i) + 1);
#define TURN(i)  at_##i = (at_##i * times) + more;
#define SUM(i)   sum += at_##i;

#define PEAK(name, bytes, set)                                            \
    __attribute__((target(set))) static double name(void)                 \
    {                                                                     \
        typedef float one __attribute__((vector_size(bytes)));            \
        const one none = {0};                                             \
        const one times = none + 0.999F;                                  \
        const one more = none + 0.001F;                                   \
        one sum = none;                                                   \
        EACH(BEGIN)                                                       \
        const uint64_t begin = dg_bench_now_ns();                         \
        for (unsigned turn = 0U; turn < TURNS; turn++) {                  \
            EACH(TURN)                                                    \
        }                                                                 \
        const uint64_t end = dg_bench_now_ns();                           \
        EACH(SUM)                                                         \
        if (!(sum[0] > 0.0F)) {                                           \
            abort();                                                      \
        }                                                                 \
        return (2.0 * CHAINS * TURNS * (double)(bytes) / sizeof(float)) / \
               (double)(end - begin);                                     \
    }

PEAK(peak_sse2, 16, "sse2")
PEAK(peak_avx2, 32, "avx2")
PEAK(peak_avx512, 64, "avx512f")

/* Best of several: a bound that a busy machine lowers is none. */
static double peak(enum dg_trial_isa isa)
{
    double best = 0.0;

    for (int i = 0; i < TRIES; i++) {
        const double here =
            (isa == DG_TRIAL_ISA_AVX512)
                ? peak_avx512()
                : ((isa == DG_TRIAL_ISA_AVX2) ? peak_avx2() : peak_sse2());

        best = (here > best) ? here : best;
    }
    return best;
}
#else
static double peak(enum dg_trial_isa isa)
{
    (void)isa;
    return 0.0;
}
#endif

static struct dg_trial_plan plan_of(const char *controller, const char *arm)
{
    struct dg_trial_plan plan = {
        .seed = 1U,
        .people = 2048U,
        .days = 1U,
        .model = DG_TRIAL_WILINSKA,
        .precision = DG_TRIAL_FLOAT,
        .controller = dg_controller_find(controller),
        .scenarios = 1U,
        .scenario = {{.attack = DG_TRIAL_QUIET}},
        .arms = 1U,
    };

    dg_bench_expect(dg_trial_arm_find(arm, &plan.arm[0]), "arm");
    return plan;
}

/* Best of several: other programs only make it slower. */
static double open_rate(enum dg_trial_isa isa)
{
    struct dg_trial_plan plan = plan_of("basal-bolus", "none");
    struct dg_trial_bench *bench = dg_trial_bench_new(&plan);
    const dg_trial_tile_run run = dg_trial_tile_open_of(isa, DG_TRIAL_FLOAT);
    double best = 0.0;

    dg_bench_expect((bench != NULL) ? DG_OK : DG_E_PORT, "memory");
    for (unsigned i = 0U; i < 20U; i++) {
        struct dg_trial_tile tile = {.plan = &plan,
                                     .seed = 1U,
                                     .days = 14U,
                                     .model = DG_TRIAL_WILINSKA,
                                     .people = bench->people,
                                     .has_people = i > 0U,
                                     .plasma_tenths = bench->plasma};
        const uint64_t begin = dg_bench_now_ns();

        run(&tile);

        const double rate =
            14.0 * DG_TRIAL_LANES * 1e9 / (double)(dg_bench_now_ns() - begin);

        best = (rate > best) ? rate : best;
    }
    dg_trial_bench_free(bench);
    return best;
}

static bool note(void *context, const struct dg_trial_progress *progress)
{
    *(struct dg_trial_progress *)context = *progress;
    return true;
}

static double closed_rate(const char *controller,
                          const char *arm,
                          unsigned threads,
                          enum dg_trial_isa isa)
{
    const struct dg_trial_plan plan = plan_of(controller, arm);
    double best = 0.0;

    for (unsigned i = 0U; i < 5U; i++) {
        struct dg_trial_progress progress = {0};
        const struct dg_trial_host host = {.threads = threads,
                                           .isa = isa,
                                           .progress = note,
                                           .context = &progress};
        struct dg_trial_result *result = dg_trial_result_new(&plan);

        dg_bench_expect((result != NULL) ? DG_OK : DG_E_PORT, "memory");
        dg_bench_expect(dg_trial_run(&plan, &host, result), "trial");
        dg_trial_result_free(result);
        best = (progress.rate > best) ? progress.rate : best;
    }
    return best;
}

static void tell_open(enum dg_trial_isa isa)
{
    const double giga = peak(isa);
    const double bound = giga * 1e9 / (FLOPS_A_MINUTE * MINUTES);
    const double rate = open_rate(isa);
    char text[128];

    (void)snprintf(text,
                   sizeof text,
                   "of a bound of %.0f (%.1f GFLOP/s): %.2f x away",
                   bound,
                   giga,
                   bound / rate);
    dg_bench_tell(dg_trial_isa_name(isa), rate, "days/s", text);
}

int main(void)
{
    static const char *const arms[] = {
        "none", "sold:aaps", "dosegate:low", "dosegate:medium"};
    static const char *const controllers[] = {"basal-bolus", "pid", "oref0"};

    (void)printf("trial, bodies alone, one thread, float (aim: within 2 x)\n");
    for (int isa = DG_TRIAL_ISA_SSE2; isa <= DG_TRIAL_ISA_AVX512; isa++) {
        if (dg_trial_tile_open_of((enum dg_trial_isa)isa, DG_TRIAL_FLOAT) !=
            NULL) {
            tell_open((enum dg_trial_isa)isa);
        }
    }
    (void)printf("trial, closed loop, all processors, float, %s "
                 "(floor %.0f, aim %.0f)\n",
                 dg_trial_isa_name(DG_TRIAL_ISA_BEST),
                 FLOOR_RATE,
                 AIM_RATE);
    for (unsigned c = 0U; c < 3U; c++) {
        if (dg_controller_find(controllers[c]) == NULL) {
            continue;
        }
        for (unsigned i = 0U; i < (sizeof arms / sizeof arms[0]); i++) {
            const double rate =
                closed_rate(controllers[c], arms[i], 0U, DG_TRIAL_ISA_BEST);
            char name[64];
            char text[64];

            (void)snprintf(
                name, sizeof name, "%s, %s", controllers[c], arms[i]);
            (void)snprintf(
                text, sizeof text, "%.2f of the floor", rate / FLOOR_RATE);
            dg_bench_tell(name, rate, "days/s", text);
        }
    }
    return 0;
}
