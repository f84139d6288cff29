/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "patient/control/oref0/number.h"
#include "patient/control/oref0/onboard.h"
#include "patient/random.h"

/* What is kept from step to step equals what is worked out from the whole
 * history, to the last bit. */

#define STEPS      864U /* three days                                        */
#define STEP_MS    300000.0
#define START_MS   (10000.0 * 86400000.0)
#define EVENTS_MAX (3U * STEPS)
#define KEPT       400U /* events that the other way looks at                */

static struct dg_oref0_profile profile;
static struct dg_oref0_curve_table table;
static struct dg_oref0_event events[EVENTS_MAX];
static struct dg_oref0_board board;
static size_t count;

static double draw(uint64_t seed, uint64_t *index)
{
    (*index)++;
    return dg_random_uniform(seed, 77, *index);
}

static void settings(uint64_t seed, uint64_t *index)
{
    dg_oref0_profile_defaults(&profile);
    profile.dia = 3.0 + 5.0 * draw(seed, index);
    profile.curve = (enum dg_oref0_curve)(int)(3.0 * draw(seed, index));
    profile.basal.count = 1U + (size_t)(6.0 * draw(seed, index));
    for (size_t i = 0; i < profile.basal.count; i++) {
        profile.basal.entry[i].minute =
            dg_oref0_floor(1440.0 * (double)i / (double)profile.basal.count);
        profile.basal.entry[i].rate = 0.3 + 2.0 * draw(seed, index);
    }
    assert_true(dg_oref0_curve_table(&table, &profile));
}

static void add(struct dg_oref0_event event)
{
    assert_true(count < EVENTS_MAX);
    events[count] = event;
    count++;
    assert_true(dg_oref0_board_add(&board, event));
}

/* At any moment of the last five minutes, in order. */
static void live(uint64_t seed, uint64_t *index, double clock_ms, double often)
{
    const double at_ms =
        clock_ms - dg_oref0_floor(300000.0 * draw(seed, index)) + 1.0;

    if (clock_ms == START_MS) {
        return;
    }
    if (draw(seed, index) < 0.3) {
        add((struct dg_oref0_event){
            .at_ms = at_ms,
            .kind = DG_OREF0_BOLUS,
            .amount = 0.05 + 0.05 * dg_oref0_floor(40.0 * draw(seed, index)),
        });
    }
    if (draw(seed, index) < often) {
        add((struct dg_oref0_event){
            .at_ms = at_ms > clock_ms ? clock_ms : at_ms,
            .kind = DG_OREF0_TEMP,
            .amount = 0.05 * dg_oref0_floor(80.0 * draw(seed, index)),
            .minutes = 30.0 * dg_oref0_floor(5.0 * draw(seed, index)),
        });
    }
}

static bool is_same(double a, double b)
{
    return a == b || (a != a && b != b);
}

static void compare(const struct dg_oref0_iob *one,
                    const struct dg_oref0_iob *other)
{
    for (size_t k = 0; k < DG_OREF0_AHEAD; k++) {
        assert_true(one->iob[k] == other->iob[k]);
        assert_true(one->activity[k] == other->activity[k]);
        assert_true(one->zt_iob[k] == other->zt_iob[k]);
        assert_true(one->zt_activity[k] == other->zt_activity[k]);
    }
    assert_true(one->last_bolus_ms == other->last_bolus_ms);
    assert_true(one->last_temp.date_ms == other->last_temp.date_ms);
    assert_true(is_same(one->last_temp.rate, other->last_temp.rate));
    assert_true(is_same(one->last_temp.minutes, other->last_temp.minutes));
}

static void run(uint64_t seed, double often)
{
    uint64_t index = 0;

    settings(seed, &index);
    count = 0;
    dg_oref0_board_begin(&board, START_MS);
    for (size_t step = 0; step < STEPS; step++) {
        const double clock_ms = START_MS + (double)step * STEP_MS;
        const size_t old = count > KEPT ? count - KEPT : 0;
        struct dg_oref0_iob kept;
        struct dg_oref0_iob whole;

        live(seed, &index, clock_ms, often);
        assert_true(dg_oref0_board_step(&board,
                                        &profile,
                                        &table,
                                        0.9,
                                        step > 0 ? 1 : 0,
                                        DG_OREF0_WANT_ALL,
                                        &kept));
        /* Now and then, for the other way is slow. */
        if (step < 100 || step % 7 == 0) {
            assert_true(dg_oref0_iob(&profile,
                                     &table,
                                     0.9,
                                     events + old,
                                     count - old,
                                     clock_ms,
                                     &whole,
                                     NULL));
            compare(&kept, &whole);
        }
    }
}

static void test_oref0_board__kept_sums__are_those_of_the_history(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        run(seed, 0.7);
        run(seed, 0.1); /* temps end by themselves */
    }
    run(99, 0.0); /* none at all */
}

static void test_oref0_board__too_much_open__is_refused(void **state)
{
    const struct dg_oref0_event temp = {
        START_MS, DG_OREF0_TEMP, 1.0, DG_OREF0_TEMP_MIN_MAX};
    const struct dg_oref0_event bolus = {START_MS, DG_OREF0_BOLUS, 0.1, 0.0};

    (void)state;
    dg_oref0_board_begin(&board, START_MS);
    assert_true(dg_oref0_board_add(&board, temp));
    for (size_t i = 1; i < DG_OREF0_BOARD_OPEN; i++) {
        assert_true(dg_oref0_board_add(&board, bolus));
    }
    assert_false(dg_oref0_board_add(&board, bolus));
    assert_int_equal(board.count, DG_OREF0_BOARD_OPEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_oref0_board__kept_sums__are_those_of_the_history),
        cmocka_unit_test(test_oref0_board__too_much_open__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
