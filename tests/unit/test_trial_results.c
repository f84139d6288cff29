/* SPDX-License-Identifier: Apache-2.0 */
/* From samples to figures, from people to aggregates, from parts to a whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "patient/day_metrics.h"
#include "patient/random.h"
#include "patient/trial/digest.h"
#include "patient/trial/measure.h"

#define STEPS 864U
#define LANES 16U

static uint16_t samples[STEPS * LANES];

/* Wanders from lethal lows to far highs. */
static void fill(uint64_t seed)
{
    for (unsigned lane = 0U; lane < LANES; lane++) {
        double at = 40.0 + (20.0 * lane);

        for (unsigned step = 0U; step < STEPS; step++) {
            at += 8.0 * dg_random_normal(seed, lane, step);
            at = (at < 5.0) ? 5.0 : ((at > 420.0) ? 420.0 : at);
            samples[(step * LANES) + lane] = (uint16_t)(at * 10.0);
        }
    }
}

static double value(const int64_t *values, enum dg_trial_metric which)
{
    return (double)values[which] / (double)dg_trial_metric_at(which)->scale;
}

/* The older code counts in doubles, one person at a time. */
static void figures_agree_with_the_metrics_of_a_day(void **state)
{
    struct dg_trial_tally tally[LANES];

    (void)state;
    memset(tally, 0, sizeof tally);
    fill(3U);
    struct dg_trial_glucose glucose[LANES];

    dg_trial_measure(samples, STEPS, glucose);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        double mg_dL[STEPS];
        int64_t values[DG_TRIAL_METRICS];
        struct dg_day_metrics day;

        for (unsigned step = 0U; step < STEPS; step++) {
            mg_dL[step] = samples[(step * LANES) + lane] / 10.0;
        }
        assert_int_equal(dg_day_metrics_compute(mg_dL, STEPS, 5U, &day), DG_OK);
        tally[lane].glucose[DG_TRIAL_PLASMA] = glucose[lane];
        dg_trial_values(&tally[lane], values);
        assert_true(fabs(value(values, DG_TRIAL_TIR) - day.in_range_percent) <
                    1e-3);
        assert_true(
            fabs(value(values, DG_TRIAL_TBR_70) - day.below_70_percent) < 1e-3);
        assert_true(
            fabs(value(values, DG_TRIAL_TBR_54) - day.below_54_percent) < 1e-3);
        assert_true(fabs(value(values, DG_TRIAL_TAR_180) -
                         day.above_180_percent) < 1e-3);
        assert_true(fabs(value(values, DG_TRIAL_TAR_250) -
                         day.above_250_percent) < 1e-3);
        assert_true(fabs(value(values, DG_TRIAL_MEAN) - day.mean_mg_dL) < 1e-2);
        assert_true(fabs(value(values, DG_TRIAL_SD) - day.sd_mg_dL) < 1e-2);
        assert_true(fabs(value(values, DG_TRIAL_CV) - day.cv_percent) < 1e-2);
        assert_true(fabs(value(values, DG_TRIAL_GMI) - day.gmi_percent) < 1e-3);
        assert_true(fabs(value(values, DG_TRIAL_LBGI) - day.lbgi) < 1e-4);
        assert_true(fabs(value(values, DG_TRIAL_HBGI) - day.hbgi) < 1e-4);
        assert_true(fabs(value(values, DG_TRIAL_LEAST) - day.min_mg_dL) < 1e-6);
        assert_int_equal(glucose[lane].episodes_70, day.episodes_below_70);
        assert_int_equal(glucose[lane].episodes_54, day.episodes_below_54);
        assert_int_equal(glucose[lane].prolonged_54 > 0U,
                         day.longest_below_54_min > 120.0);
    }
}

static void missing_samples_count_for_nothing(void **state)
{
    struct dg_trial_glucose glucose[LANES];

    (void)state;
    for (unsigned i = 0U; i < (STEPS * LANES); i++) {
        samples[i] = DG_TRIAL_NO_SAMPLE;
    }
    samples[5] = 1000U;
    dg_trial_measure(samples, STEPS, glucose);
    assert_int_equal(glucose[4].samples, 0U);
    assert_int_equal(glucose[5].samples, 1U);
    assert_int_equal(glucose[5].range, 1U);

    struct dg_trial_tally tally = {.glucose = {glucose[5], glucose[4]}};
    int64_t values[DG_TRIAL_METRICS];

    dg_trial_values(&tally, values);
    assert_int_equal(values[DG_TRIAL_CGM_TIR], 0);
    assert_int_equal(values[DG_TRIAL_TIR], 1000000);
}

static void harm_is_seen_from_the_start_of_the_attack(void **state)
{
    struct dg_trial_tally tally[LANES];

    (void)state;
    memset(tally, 0, sizeof tally);
    for (unsigned i = 0U; i < (STEPS * LANES); i++) {
        samples[i] = 1000U;
    }
    /* Before, at and after step 100. */
    samples[(10U * LANES) + 2U] = 500U;
    samples[(100U * LANES) + 3U] = 539U;
    for (unsigned step = 150U; step < 153U; step++) {
        samples[(step * LANES) + 4U] = 150U;
    }
    struct dg_trial_glucose glucose[LANES];

    dg_trial_measure(samples, STEPS, glucose);
    for (unsigned lane = 0U; lane < LANES; lane++) {
        tally[lane].glucose[DG_TRIAL_PLASMA] = glucose[lane];
    }
    dg_trial_measure_harm(samples, STEPS, 100U, tally);
    assert_int_equal(tally[2].event_minute, 0U);
    assert_int_equal(tally[3].event_minute, 1U);
    assert_int_equal(tally[3].severe_proxy, 0U);
    assert_int_equal(tally[4].event_minute, 251U);
    assert_int_equal(tally[4].severe_proxy, 1U);
    assert_int_equal(tally[4].lethal_proxy, 3U);
}

static void risk_is_kovatchevs(void **state)
{
    (void)state;
    for (uint32_t tenths = 10U; tenths < 6000U; tenths += 7U) {
        const double f = 1.509 * (pow(log(tenths / 10.0), 1.084) - 5.381);
        const double want = 10.0 * f * f * ((f < 0.0) ? -1.0 : 1.0);

        assert_true(fabs((dg_trial_risk(tenths) / 1e6) - want) < 1e-6);
    }
    assert_int_equal(dg_trial_risk(0U), dg_trial_risk(10U));
}

/* Aggregates ---------------------------------------------------------------- */

#define PEOPLE 97U

static struct dg_trial_tally people[PEOPLE][2];
static struct dg_trial_cell cells[6];

static void make_people(void)
{
    struct dg_trial_glucose glucose[LANES];

    for (unsigned i = 0U; i < PEOPLE; i++) {
        for (unsigned arm = 0U; arm < 2U; arm++) {
            if ((i % LANES) == 0U) {
                fill((i * 2U) + arm);
            }
            if (((i % LANES) == 0U) || (arm == 1U)) {
                dg_trial_measure(samples, STEPS, glucose);
            }
            memset(&people[i][arm], 0, sizeof people[i][arm]);
            people[i][arm].glucose[DG_TRIAL_PLASMA] =
                glucose[(i + arm) % LANES];
            people[i][arm].starved = i % 7U;
        }
    }
    people[11][0].is_lost = true;
    people[12][1].is_lost = true;
    people[13][1].is_dropped = true;
}

static void count_some(struct dg_trial_cell *cell, unsigned from, unsigned step)
{
    memset(cell, 0, sizeof *cell);
    for (unsigned i = from; i < PEOPLE; i += step) {
        dg_trial_count(cell, i, &people[i][1], &people[i][0]);
    }
}

static void sums_do_not_depend_on_the_order(void **state)
{
    (void)state;
    make_people();
    count_some(&cells[0], 0U, 1U);
    for (unsigned part = 0U; part < 3U; part++) {
        count_some(&cells[1U + part], part, 3U);
    }
    memset(&cells[4], 0, sizeof cells[4]);
    dg_trial_cell_merge(&cells[4], &cells[3]);
    dg_trial_cell_merge(&cells[4], &cells[1]);
    dg_trial_cell_merge(&cells[4], &cells[2]);
    assert_memory_equal(&cells[4], &cells[0], sizeof cells[0]);

    memset(&cells[5], 0, sizeof cells[5]);
    for (unsigned i = PEOPLE; i > 0U; i--) {
        dg_trial_count(
            &cells[5], i - 1U, &people[i - 1U][1], &people[i - 1U][0]);
    }
    assert_memory_equal(&cells[5], &cells[0], sizeof cells[0]);
}

static void the_lost_are_named_and_in_no_average(void **state)
{
    (void)state;
    assert_int_equal(cells[0].people, PEOPLE - 2U);
    assert_int_equal(cells[0].lost, 1U);
    assert_int_equal(cells[0].dropped, 1U);
    /* Without the one whom arm 0 lost, too. */
    assert_int_equal(cells[0].pairs, PEOPLE - 3U);
    assert_int_equal(cells[0].broken[0].person, 12U);
    assert_int_equal(cells[0].broken[1].person, 13U);
    assert_int_equal(cells[0].broken[2].is_used, 0U);
    assert_int_equal(cells[0].sum[DG_TRIAL_TIR].count, PEOPLE - 2U);
    assert_int_equal(cells[0].difference[DG_TRIAL_TIR].count, PEOPLE - 3U);
}

static void means_and_deviations_are_those_of_the_people(void **state)
{
    double sum = 0.0;
    double squares = 0.0;
    double least = 1e9;
    unsigned count = 0U;

    (void)state;
    for (unsigned i = 0U; i < PEOPLE; i++) {
        int64_t values[DG_TRIAL_METRICS];

        if (people[i][1].is_lost || people[i][1].is_dropped) {
            continue;
        }
        dg_trial_values(&people[i][1], values);
        sum += value(values, DG_TRIAL_MEAN);
        squares += value(values, DG_TRIAL_MEAN) * value(values, DG_TRIAL_MEAN);
        least = fmin(least, value(values, DG_TRIAL_LEAST));
        count++;
    }

    const double mean = sum / count;
    const double sd = sqrt((squares - (count * mean * mean)) / (count - 1.0));

    assert_true(
        fabs(dg_trial_mean(&cells[0].sum[DG_TRIAL_MEAN], DG_TRIAL_MEAN) -
             mean) < 1e-6);
    assert_true(fabs(dg_trial_sd(&cells[0].sum[DG_TRIAL_MEAN], DG_TRIAL_MEAN) -
                     sd) < 1e-6);
    assert_true(
        fabs(((double)-cells[0].worst[DG_TRIAL_RANK_LEAST][0].badness / 10.0) -
             least) < 1e-9);
    for (unsigned i = 1U; i < DG_TRIAL_WORST; i++) {
        assert_true(cells[0].worst[DG_TRIAL_RANK_LOW][i - 1U].badness >=
                    cells[0].worst[DG_TRIAL_RANK_LOW][i].badness);
    }
}

static void days_lie_over_each_other(void **state)
{
    static struct dg_trial_cell cell;

    (void)state;
    for (unsigned i = 0U; i < (STEPS * LANES); i++) {
        samples[i] = 1025U;
    }
    memset(&cell, 0, sizeof cell);
    dg_trial_measure_day(samples, STEPS, 3U, DG_TRIAL_PLASMA, &cell);
    for (unsigned part = 0U; part < DG_TRIAL_DAY_PARTS; part++) {
        assert_int_equal(cell.day[DG_TRIAL_PLASMA][part][20], 18U);
        assert_true(
            fabs(dg_trial_percentile(&cell, DG_TRIAL_PLASMA, part, 500U) -
                 102.5) < 1e-9);
    }
}

/* Parts ---------------------------------------------------------------------- */

static uint64_t bitmap[2][1];
static struct dg_trial_result results[2];
static const uint8_t plan[32] = {1U, 2U, 3U};
static char path[64];

static void make_results(void)
{
    make_people();
    count_some(&cells[0], 0U, 2U);
    count_some(&cells[1], 1U, 2U);
    for (unsigned i = 0U; i < 2U; i++) {
        bitmap[i][0] = 1U << i;
        results[i] = (struct dg_trial_result){.scenarios = 1U,
                                              .arms = 1U,
                                              .people = PEOPLE,
                                              .blocks = 2U,
                                              .done = 1U,
                                              .bitmap = bitmap[i],
                                              .cell = &cells[i]};
    }
    (void)snprintf(path, sizeof path, "trial-part-%d", (int)getpid());
}

static void parts_come_back_as_they_were(void **state)
{
    static struct dg_trial_cell cell;
    uint64_t bits = 0U;
    struct dg_trial_result back;

    (void)state;
    make_results();
    back = results[0];
    back.bitmap = &bits;
    back.cell = &cell;
    back.done = 0U;
    assert_int_equal(dg_trial_part_read("no such part", plan, &back),
                     DG_E_STATE);
    assert_int_equal(dg_trial_part_write(path, plan, &results[0]), DG_OK);
    assert_int_equal(dg_trial_part_read(path, plan, &back), DG_OK);
    assert_int_equal(bits, bitmap[0][0]);
    assert_int_equal(back.done, 1U);
    assert_memory_equal(&cell, &cells[0], sizeof cell);
    (void)remove(path);
}

static void damaged_short_and_foreign_parts_are_refused(void **state)
{
    static struct dg_trial_cell cell;
    static struct dg_trial_cell empty;
    uint64_t bits = 0U;
    const uint8_t other[32] = {9U};
    struct dg_trial_result back;

    (void)state;
    make_results();
    back = results[0];
    back.bitmap = &bits;
    back.cell = &cell;
    assert_int_equal(dg_trial_part_write(path, plan, &results[0]), DG_OK);
    assert_int_equal(dg_trial_part_read(path, other, &back), DG_E_UNSUPPORTED);
    back.people++;
    assert_int_equal(dg_trial_part_read(path, plan, &back), DG_E_UNSUPPORTED);
    back.people--;

    FILE *file = fopen(path, "r+b");

    assert_non_null(file);
    assert_int_equal(fseek(file, 0L, SEEK_END), 0);

    const long size = ftell(file);

    /* One bit, anywhere. */
    for (long at = 0L; at < size; at += (size / 23L)) {
        assert_int_equal(fseek(file, at, SEEK_SET), 0);

        const int byte = fgetc(file);

        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        (void)fputc(byte ^ 4, file);
        (void)fflush(file);
        assert_int_not_equal(dg_trial_part_read(path, plan, &back), DG_OK);
        assert_int_equal(fseek(file, at, SEEK_SET), 0);
        (void)fputc(byte, file);
        (void)fflush(file);
    }
    assert_int_equal(ftruncate(fileno(file), size - 1L), 0);
    assert_int_equal(dg_trial_part_read(path, plan, &back), DG_E_CORRUPT);
    (void)fclose(file);
    assert_int_equal(bits, 0U);
    assert_memory_equal(&cell, &empty, sizeof cell);
    (void)remove(path);
}

static void a_block_is_never_counted_twice(void **state)
{
    static struct dg_trial_cell before;

    (void)state;
    make_results();
    assert_int_equal(dg_trial_result_merge(&results[0], &results[1]), DG_OK);
    assert_int_equal(results[0].done, 2U);
    assert_int_equal(bitmap[0][0], 3U);
    before = cells[0];
    assert_int_equal(dg_trial_result_merge(&results[0], &results[1]),
                     DG_E_STATE);
    assert_memory_equal(&before, &cells[0], sizeof before);
    results[1].people++;
    assert_int_equal(dg_trial_result_merge(&results[0], &results[1]),
                     DG_E_RANGE);
}

/* source: FIPS 180-4 examples of NIST (abc, two blocks). */
static void digest_knows_its_answers(void **state)
{
    const char *text[2] = {
        "abc", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"};
    const uint8_t want[2][4] = {{0xBAU, 0x78U, 0x16U, 0xBFU},
                                {0x24U, 0x8DU, 0x6AU, 0x61U}};
    const uint8_t last[2] = {0xADU, 0xC1U};

    (void)state;
    for (unsigned i = 0U; i < 2U; i++) {
        struct dg_trial_digest digest;
        uint8_t out[32];

        dg_trial_digest_start(&digest);
        dg_trial_digest_add(&digest, text[i], strlen(text[i]));
        dg_trial_digest_end(&digest, out);
        assert_memory_equal(out, want[i], 4U);
        assert_int_equal(out[31], last[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(figures_agree_with_the_metrics_of_a_day),
        cmocka_unit_test(missing_samples_count_for_nothing),
        cmocka_unit_test(harm_is_seen_from_the_start_of_the_attack),
        cmocka_unit_test(risk_is_kovatchevs),
        cmocka_unit_test(sums_do_not_depend_on_the_order),
        cmocka_unit_test(the_lost_are_named_and_in_no_average),
        cmocka_unit_test(means_and_deviations_are_those_of_the_people),
        cmocka_unit_test(days_lie_over_each_other),
        cmocka_unit_test(parts_come_back_as_they_were),
        cmocka_unit_test(damaged_short_and_foreign_parts_are_refused),
        cmocka_unit_test(a_block_is_never_counted_twice),
        cmocka_unit_test(digest_knows_its_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
