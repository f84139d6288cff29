/* SPDX-License-Identifier: Apache-2.0 */
/* The whole engine: the same bytes for any thread, instruction set, shard and
 * kill; float against double; arms paired; who breaks is named. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "patient/control/controller.h"
#include "patient/trial/trial.h"
#include "trial_plain.h"

#define DIGEST 32U

static struct dg_trial_plan plan_of(const char *controller, uint64_t people)
{
    struct dg_trial_plan plan = {
        .seed = 11U,
        .people = people,
        .days = 1U,
        .model = DG_TRIAL_WILINSKA,
        .precision = DG_TRIAL_FLOAT,
        .controller = dg_controller_find(controller),
    };

    return plan;
}

static void add_scenario(struct dg_trial_plan *plan, const char *name)
{
    assert_int_equal(
        dg_trial_attack_find(name, &plan->scenario[plan->scenarios].attack),
        DG_OK);
    plan->scenarios++;
}

static void add_arm(struct dg_trial_plan *plan, const char *name)
{
    assert_int_equal(dg_trial_arm_find(name, &plan->arm[plan->arms]), DG_OK);
    plan->arms++;
}

/* Two attacks, three arms, a block and a bit. */
static struct dg_trial_plan usual(void)
{
    struct dg_trial_plan plan = plan_of("pid", DG_TRIAL_BLOCK + 20U);

    add_scenario(&plan, "quiet");
    add_scenario(&plan, "overdose");
    plan.scenario[1].start_minute = 600U;
    /* All that may differ between people, too. */
    plan.scenario[1].world = (struct dg_trial_world){
        .fault_permille = {300U, 300U, 300U, 300U, 300U, 300U, 300U},
        .pump = DG_TRIAL_PUMP_SCATTER,
        .has_habits = true,
        .skip_permille = 100U,
        .late_permille = 300U,
        .count_bias_permille = 150U,
        .count_sd_permille = 200U,
        .exercise_minute = 1020U,
        .exercise_minutes = 60U,
        .exercise_percent = 50U};
    add_arm(&plan, "none");
    add_arm(&plan, "sold:aaps");
    add_arm(&plan, "dosegate:medium");
    return plan;
}

static struct dg_trial_result *run(const struct dg_trial_plan *plan,
                                   const struct dg_trial_host *host)
{
    struct dg_trial_result *result = dg_trial_result_new(plan);

    assert_non_null(result);
    assert_int_equal(dg_trial_run(plan, host, result), DG_OK);
    return result;
}

static void assert_same(const struct dg_trial_result *a,
                        const struct dg_trial_result *b)
{
    assert_int_equal(a->done, b->done);
    assert_memory_equal(
        a->bitmap, b->bitmap, (a->blocks + 63U) / 64U * sizeof a->bitmap[0]);
    assert_memory_equal(
        a->cell, b->cell, a->scenarios * a->arms * sizeof a->cell[0]);
}

static void threads_and_instructions_do_not_show(void **state)
{
    const struct dg_trial_plan plan = usual();
    const struct dg_trial_host first = {.threads = 1U};
    struct dg_trial_result *want = run(&plan, &first);

    (void)state;
    assert_int_equal(dg_trial_cell_of(want, 0U, 0U)->people, plan.people);
    for (unsigned threads = 2U; threads <= 4U; threads += 2U) {
        const struct dg_trial_host host = {.threads = threads};
        struct dg_trial_result *have = run(&plan, &host);

        assert_same(want, have);
        dg_trial_result_free(have);
    }
    for (int isa = DG_TRIAL_ISA_SSE2; isa <= DG_TRIAL_ISA_AVX512; isa++) {
        const struct dg_trial_host host = {.threads = 2U,
                                           .isa = (enum dg_trial_isa)isa};
        struct dg_trial_result *have = dg_trial_result_new(&plan);
        const enum dg_status status = dg_trial_run(&plan, &host, have);

        if (status == DG_E_UNSUPPORTED) {
            print_message("skipped: this processor has no %s\n",
                          dg_trial_isa_name((enum dg_trial_isa)isa));
        } else {
            assert_int_equal(status, DG_OK);
            assert_same(want, have);
        }
        dg_trial_result_free(have);
    }
    dg_trial_result_free(want);
}

static void shards_come_together_in_any_order(void **state)
{
    struct dg_trial_plan plan = usual();
    struct dg_trial_result *want = NULL;
    struct dg_trial_result *part[3];
    static const unsigned order[2][3] = {{0U, 1U, 2U}, {2U, 0U, 1U}};

    (void)state;
    plan.people = (3U * DG_TRIAL_BLOCK) + 5U;
    plan.scenarios = 1U;
    want = run(&plan, NULL);
    for (unsigned i = 0U; i < 3U; i++) {
        const struct dg_trial_host host = {.shard = i + 1U, .shards = 3U};

        part[i] = run(&plan, &host);
        assert_true(part[i]->done < want->done);
    }
    for (unsigned i = 0U; i < 2U; i++) {
        struct dg_trial_result *whole = dg_trial_result_new(&plan);

        for (unsigned k = 0U; k < 3U; k++) {
            assert_int_equal(dg_trial_result_merge(whole, part[order[i][k]]),
                             DG_OK);
        }
        assert_same(want, whole);
        assert_int_equal(dg_trial_result_merge(whole, part[0]), DG_E_STATE);
        dg_trial_result_free(whole);
    }
    for (unsigned i = 0U; i < 3U; i++) {
        dg_trial_result_free(part[i]);
    }
    dg_trial_result_free(want);
}

static bool stop_at_once(void *context,
                         const struct dg_trial_progress *progress)
{
    unsigned *calls = context;

    (void)progress;
    (*calls)++;
    return *calls < 3U;
}

/* Killed at any time, begun again until it is through. */
static void a_killed_run_goes_on_and_counts_nobody_twice(void **state)
{
    struct dg_trial_plan plan = usual();
    struct dg_trial_result *want = NULL;
    char path[64];
    unsigned kills = 0U;

    (void)state;
    plan.people = 5U * DG_TRIAL_BLOCK;
    plan.scenarios = 1U;
    want = run(&plan, NULL);
    (void)snprintf(path, sizeof path, "trial-run-%d", (int)getpid());
    (void)remove(path);

    const struct dg_trial_host host = {.threads = 2U, .checkpoint = path};

    for (unsigned wait_ms = 20U; kills < 60U; wait_ms += 13U) {
        const pid_t child = fork();

        assert_true(child >= 0);
        if (child == 0) {
            struct dg_trial_result *result = dg_trial_result_new(&plan);
            const enum dg_status status = dg_trial_run(&plan, &host, result);

            _exit((status == DG_OK) ? 0 : 1);
        }

        int how = 0;

        const struct timespec wait = {.tv_nsec = (long)wait_ms * 1000000L};

        (void)nanosleep(&wait, NULL);
        (void)kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &how, 0), child);
        if (WIFEXITED(how)) {
            assert_int_equal(WEXITSTATUS(how), 0);
            break;
        }
        kills++;
    }
    assert_true(kills > 0U);

    struct dg_trial_result *have = run(&plan, &host);

    assert_same(want, have);
    dg_trial_result_free(have);

    /* Another plan does not take it. */
    plan.seed++;
    have = dg_trial_result_new(&plan);
    assert_int_equal(dg_trial_run(&plan, &host, have), DG_E_CORRUPT);
    assert_int_equal(have->done, 0U);
    dg_trial_result_free(have);
    dg_trial_result_free(want);
    (void)remove(path);
}

static void a_person_at_the_keyboard_ends_it(void **state)
{
    struct dg_trial_plan plan = usual();
    unsigned calls = 0U;
    const struct dg_trial_host host = {
        .threads = 1U, .progress = stop_at_once, .context = &calls};

    (void)state;
    plan.people = 100U * DG_TRIAL_BLOCK;

    struct dg_trial_result *result = dg_trial_result_new(&plan);

    assert_int_equal(dg_trial_run(&plan, &host, result), DG_E_STATE);
    assert_true(result->done < result->blocks);
    /* Whole blocks only. */
    assert_int_equal(dg_trial_cell_of(result, 0U, 0U)->people,
                     result->done * DG_TRIAL_BLOCK);
    dg_trial_result_free(result);
}

/* To three digits, or a thousandth of the scale of a small figure (a minute a
 * day of a time).  What is counted by a line that is crossed differs by the few
 * people who walk along the line: one in a yes or no, and in counts a fiftieth
 * of one a day. */
static bool agree(enum dg_trial_metric which,
                  double a,
                  double b,
                  uint64_t people)
{
    const struct dg_trial_metric_row *row = dg_trial_metric_at(which);
    const double scale = (double)(row->high - row->low) / (double)row->scale;
    double least = scale / 1000.0;

    if (row->is_proportion) {
        least = 1.001 / (double)people;
    } else if (strcmp(row->unit, "a day") == 0) {
        least = scale / 500.0;
    }

    return fabs(a - b) <= fmax(least, 0.001 * fmax(fabs(a), fabs(b)));
}

static void float_tells_what_double_tells(void **state)
{
    const char *controllers[] = {"basal-bolus", "pid", "dual"};

    (void)state;
    for (unsigned i = 0U; i < 3U; i++) {
        struct dg_trial_plan plan = usual();
        struct dg_trial_result *coarse = NULL;
        struct dg_trial_result *fine = NULL;

        plan.controller = dg_controller_find(controllers[i]);
        plan.people = 4U * DG_TRIAL_BLOCK;
        coarse = run(&plan, NULL);
        plan.precision = DG_TRIAL_DOUBLE;
        fine = run(&plan, NULL);
        for (size_t cell = 0U; cell < (plan.scenarios * plan.arms); cell++) {
            for (int m = 0; m < DG_TRIAL_METRICS; m++) {
                const enum dg_trial_metric which = (enum dg_trial_metric)m;
                const double a =
                    dg_trial_mean(&coarse->cell[cell].sum[m], which);
                const double b = dg_trial_mean(&fine->cell[cell].sum[m], which);

                if (!agree(which, a, b, plan.people)) {
                    print_message("%s, cell %zu, %s: float %.6f, double %.6f\n",
                                  controllers[i],
                                  cell,
                                  dg_trial_metric_at(which)->name,
                                  a,
                                  b);
                    fail();
                }
            }
        }
        dg_trial_result_free(coarse);
        dg_trial_result_free(fine);
    }
}

/* The arms share people, meals and noise: where nothing is asked that an arm
 * refuses, the days are the same. */
static void arms_share_their_people(void **state)
{
    struct dg_trial_plan plan = plan_of("basal-bolus", DG_TRIAL_BLOCK);

    (void)state;
    add_scenario(&plan, "quiet");
    add_arm(&plan, "none");
    add_arm(&plan, "none");
    add_arm(&plan, "sold:omnipod5");

    struct dg_trial_result *result = run(&plan, NULL);
    const struct dg_trial_cell *same = dg_trial_cell_of(result, 0U, 1U);
    const struct dg_trial_cell *product = dg_trial_cell_of(result, 0U, 2U);

    assert_int_equal(same->pairs, plan.people);
    for (int m = 0; m < DG_TRIAL_METRICS; m++) {
        assert_int_equal(same->difference[m].sum, 0);
        assert_int_equal(same->difference[m].squares.low, 0U);
    }
    /* Only the pause below 60 differs. */
    assert_true(
        dg_trial_mean(&product->difference[DG_TRIAL_TIR], DG_TRIAL_TIR) < 1.0);
    dg_trial_result_free(result);
}

struct trace {
    unsigned moments;
    uint64_t sum;
    int32_t least;
    uint64_t hash;
};

static void note(void *context, const struct dg_trial_moment *moment)
{
    struct trace *trace = context;

    assert_int_equal(moment->minute, trace->moments * 5U);
    trace->moments++;
    trace->sum += (uint64_t)moment->plasma_tenths;
    trace->least = (moment->plasma_tenths < trace->least)
                       ? moment->plasma_tenths
                       : trace->least;
}

static void the_worst_can_be_seen_again(void **state)
{
    const struct dg_trial_plan plan = usual();
    struct dg_trial_result *result = run(&plan, NULL);
    const struct dg_trial_bad *worst =
        &dg_trial_cell_of(result, 1U, 0U)->worst[DG_TRIAL_RANK_LEAST][0];
    struct trace trace = {.least = INT32_MAX};
    struct dg_trial_tally tally;

    (void)state;
    assert_int_equal(
        dg_trial_trace(&plan, 1U, 0U, worst->person, note, &trace, &tally),
        DG_OK);
    assert_int_equal(trace.moments, 288U);
    assert_int_equal(trace.least, -worst->badness);
    assert_int_equal(tally.glucose[DG_TRIAL_PLASMA].sum, trace.sum);
    assert_int_equal(dg_trial_trace(&plan, 2U, 0U, 0U, note, &trace, NULL),
                     DG_E_RANGE);
    assert_int_equal(
        dg_trial_trace(&plan, 0U, 0U, plan.people, note, &trace, NULL),
        DG_E_RANGE);
    dg_trial_result_free(result);
}

/* The scalar model of one person under what the trace says was given and
 * eaten: the engine adds nothing and loses nothing. */
static void follow(void *context, const struct dg_trial_moment *moment)
{
    unsigned *moments = context;
    const double reading = floor(trial_plain_under_the_skin() + 0.5);

    assert_true(fabs(trial_plain_plasma() -
                     ((double)moment->plasma_tenths / 10.0)) < 0.06);
    assert_int_equal(moment->sensor_mg_dL,
                     (int32_t)fmin(400.0, fmax(39.0, reading)));
    if (moment->meal_g > 0.0) {
        assert_true(trial_plain_meal(moment->meal_g));
    }
    for (unsigned minute = 0U; minute < 5U; minute++) {
        const double mU = ((moment->basal_mU + moment->raised_mU) / 5.0) +
                          ((minute == 0U) ? moment->at_once_mU : 0);

        assert_true(trial_plain_minute((minute == 0U) ? moment->rescue_g : 0.0,
                                       mU / 1000.0));
    }
    (*moments)++;
}

static void an_open_arm_is_a_plain_simulation(void **state)
{
    struct dg_trial_plan plan = plan_of("basal-bolus", 3U);

    (void)state;
    plan.model = DG_TRIAL_S2008;
    plan.precision = DG_TRIAL_DOUBLE;
    plan.sensor = 1U;
    plan.days = 2U;
    add_scenario(&plan, "quiet");
    add_arm(&plan, "none");
    for (unsigned person = 0U; person < 3U; person++) {
        unsigned moments = 0U;
        struct dg_trial_tally tally;

        assert_true(trial_plain_start(person));
        assert_int_equal(
            dg_trial_trace(&plan, 0U, 0U, person, follow, &moments, &tally),
            DG_OK);
        assert_int_equal(moments, 576U);
        assert_int_equal(tally.refusals[DG_TRIAL_RULE_SOLD], 0U);
        assert_int_equal(tally.hostile_pulses, 0U);
        assert_true(tally.carbs_g > 100U);
    }
}

static void a_body_that_breaks_is_named_and_not_averaged(void **state)
{
    struct dg_trial_plan plan = plan_of("basal-bolus", 20U);
    struct dg_trial_result *result = NULL;
    const struct dg_trial_cell *cell = NULL;

    (void)state;
    plan.model = DG_TRIAL_S2008;
    plan.published = trial_plain_broken();
    plan.published_count = 2U;
    add_scenario(&plan, "quiet");
    add_arm(&plan, "none");
    add_arm(&plan, "dosegate:high");
    result = run(&plan, NULL);
    for (size_t arm = 0U; arm < 2U; arm++) {
        cell = dg_trial_cell_of(result, 0U, arm);
        assert_int_equal(cell->people, 10U);
        assert_int_equal(cell->lost, 10U);
        assert_int_equal(cell->pairs, 10U);
        for (unsigned i = 0U; i < DG_TRIAL_WORST; i++) {
            assert_int_equal(cell->broken[i].person, (2U * i) + 1U);
        }
    }
    dg_trial_result_free(result);
}

/* A controller that fails for one person, asks nonsense for another
 * and cannot treat a third. */
static enum dg_status odd_start(void *state,
                                const struct dg_controller_person *person)
{
    *(uint64_t *)state = person->id;
    return (person->id == 7U) ? DG_E_RANGE : DG_OK;
}

static enum dg_status odd_step(void *state,
                               const struct dg_controller_input *input,
                               struct dg_controller_output *output)
{
    const uint64_t id = *(const uint64_t *)state;

    memset(output, 0, sizeof *output);
    if ((id == 3U) && (input->minute > 600U)) {
        return DG_E_PORT;
    }
    output->bolus_mU = (id == 5U) ? UINT32_MAX : 0U;
    return DG_OK;
}

struct told {
    unsigned calls;
    char by_person[40][64];
};

static void hear(void *context, uint64_t person, const char *why)
{
    struct told *told = context;

    told->calls++;
    assert_true(person < 40U);
    (void)snprintf(told->by_person[person], 64U, "%s", why);
}

static const char *odd_fault(const void *state)
{
    return (*(const uint64_t *)state == 3U) ? "ran away" : "";
}

static void who_has_no_controller_is_named_and_not_averaged(void **state)
{
    static const struct dg_controller odd = {.name = "odd",
                                             .title = "odd",
                                             .state_bytes = sizeof(uint64_t),
                                             .start = odd_start,
                                             .step = odd_step,
                                             .fault = odd_fault};
    struct dg_trial_plan plan = plan_of("pid", 40U);
    static struct told told;
    const struct dg_trial_host host = {.dropped = hear, .context = &told};

    (void)state;
    plan.controller = &odd;
    add_scenario(&plan, "quiet");
    add_arm(&plan, "none");

    struct dg_trial_result *result = run(&plan, &host);
    const struct dg_trial_cell *cell = dg_trial_cell_of(result, 0U, 0U);

    assert_int_equal(told.calls, 3U);
    assert_string_equal(told.by_person[3], "controller odd: ran away");
    assert_string_equal(told.by_person[5],
                        "the controller asked for what is no rate or dose");
    assert_string_equal(told.by_person[7],
                        "controller odd: does not treat this person");
    assert_int_equal(cell->people, 37U);
    assert_int_equal(cell->dropped, 3U);
    assert_int_equal(cell->lost, 0U);
    assert_int_equal(cell->broken[0].person, 3U);
    assert_int_equal(cell->broken[1].person, 5U);
    assert_int_equal(cell->broken[2].person, 7U);
    dg_trial_result_free(result);
}

/* Withholds basal from the first step on and remembers what it was told. */
static unsigned told_of_suspension;
static unsigned told_of_basal;

static enum dg_status idle_step(void *state,
                                const struct dg_controller_input *input,
                                struct dg_controller_output *output)
{
    (void)state;
    memset(output, 0, sizeof *output);
    output->temp_set = input->minute == 0U;
    output->temp_minutes = 30U;
    if (input->suspended) {
        assert_true(input->temp_runs);
        told_of_suspension++;
    } else {
        told_of_basal++;
    }
    return DG_OK;
}

static enum dg_status idle_start(void *state,
                                 const struct dg_controller_person *person)
{
    (void)state;
    (void)person;
    return DG_OK;
}

static void a_controller_is_told_that_no_basal_is_given(void **state)
{
    static const struct dg_controller idle = {.name = "idle",
                                              .title = "idle",
                                              .state_bytes = sizeof(uint64_t),
                                              .start = idle_start,
                                              .step = idle_step};
    const struct dg_trial_host host = {.threads = 1U};
    struct dg_trial_plan plan = plan_of("pid", 1U);

    (void)state;
    plan.controller = &idle;
    add_scenario(&plan, "quiet");
    add_arm(&plan, "none");
    dg_trial_result_free(run(&plan, &host));
    assert_true(told_of_suspension > 0U);
    assert_true(told_of_basal > told_of_suspension);
}

static void a_plan_with_a_fault_says_so(void **state)
{
    struct dg_trial_plan plan = usual();
    uint8_t digest[DIGEST];
    uint8_t other[DIGEST];

    (void)state;
    assert_null(dg_trial_fault(&plan));
    dg_trial_digest(&plan, digest);
    plan.seed++;
    dg_trial_digest(&plan, other);
    assert_memory_not_equal(digest, other, DIGEST);
    plan.people = 0U;
    assert_non_null(dg_trial_fault(&plan));
    plan = usual();
    plan.days = 15U;
    assert_non_null(dg_trial_fault(&plan));
    plan = usual();
    plan.scenario[1].start_minute = 1440U;
    assert_non_null(dg_trial_fault(&plan));
    plan = usual();
    plan.scenario[1].start_minute = 602U;
    assert_non_null(dg_trial_fault(&plan));
    plan = usual();
    plan.arm[1].sold = NULL;
    assert_non_null(dg_trial_fault(&plan));
    plan = usual();
    plan.controller = NULL;
    assert_non_null(dg_trial_fault(&plan));
    assert_null(dg_trial_result_new(&plan));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_and_instructions_do_not_show),
        cmocka_unit_test(shards_come_together_in_any_order),
        cmocka_unit_test(a_killed_run_goes_on_and_counts_nobody_twice),
        cmocka_unit_test(a_person_at_the_keyboard_ends_it),
        cmocka_unit_test(float_tells_what_double_tells),
        cmocka_unit_test(arms_share_their_people),
        cmocka_unit_test(the_worst_can_be_seen_again),
        cmocka_unit_test(an_open_arm_is_a_plain_simulation),
        cmocka_unit_test(a_body_that_breaks_is_named_and_not_averaged),
        cmocka_unit_test(who_has_no_controller_is_named_and_not_averaged),
        cmocka_unit_test(a_controller_is_told_that_no_basal_is_given),
        cmocka_unit_test(a_plan_with_a_fault_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
