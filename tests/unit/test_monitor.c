/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "domain/monitor.h"

/* What follows from each finding, from the page docs/isolation.md: "end" the
 * domain, "retire" (lease back, no dose), "hold" (no dose without a person),
 * "say" only; and for how many minutes after it was last found. */
static const struct {
    enum dg_finding finding;
    const char *name;
    const char *then;
    int minutes; /* 0: until the domain is started anew */
} page[DG_FINDINGS] = {{DG_FINDING_PROGRAM, "program", "retire", 0},
                       {DG_FINDING_DEBUGGER, "debugger", "end", 0},
                       {DG_FINDING_PRELOAD, "preload", "end", 0},
                       {DG_FINDING_MEMORY, "memory", "end", 0},
                       {DG_FINDING_CLOCK, "clock", "hold", 10},
                       {DG_FINDING_SILENT, "silent", "hold", 5},
                       {DG_FINDING_STARVED, "starved", "say", 5},
                       {DG_FINDING_STORAGE, "storage", "say", 1},
                       {DG_FINDING_BATTERY, "battery", "retire", 0},
                       {DG_FINDING_NO_MEMORY, "no-memory", "say", 1}};

static struct dg_monitor monitor;
static struct dg_health_note note;

static const char *then_of(const struct dg_monitor *of)
{
    dg_monitor_note(of, 1000, &note);
    if (dg_monitor_must_end(of)) {
        return "end";
    }
    return (note.fitness == DG_FITNESS_RETIRE) ? "retire"
           : (note.fitness == DG_FITNESS_HOLD) ? "hold"
           : (note.fitness == DG_FITNESS_FIT)  ? "say"
                                               : "none";
}

/* @verifies{FPT_WATCH.1@1} */
static void test_monitor__each_finding__as_the_page_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < DG_FINDINGS; i++) {
        dg_monitor_init(&monitor);
        assert_string_equal(then_of(&monitor), "say");
        dg_monitor_find(&monitor, page[i].finding, 1000);
        assert_string_equal(then_of(&monitor), page[i].then);
        assert_int_equal(note.findings, 1U << (unsigned)page[i].finding);
        assert_string_equal(dg_monitor_name(page[i].finding), page[i].name);
        assert_true(strlen(dg_monitor_text(page[i].finding)) > 10U);

        const int64_t lasts_ms = (int64_t)page[i].minutes * 60000;

        assert_false(dg_monitor_age(&monitor, 1000 + lasts_ms));
        assert_int_equal(dg_monitor_age(&monitor, 1001 + lasts_ms),
                         page[i].minutes != 0);
        if (page[i].minutes == 0) {
            assert_false(dg_monitor_age(&monitor, INT64_MAX));
        }
    }
}

static void test_monitor__found_again__keeps_its_age(void **state)
{
    (void)state;
    dg_monitor_init(&monitor);
    dg_monitor_find(&monitor, DG_FINDING_STORAGE, 1000);
    dg_monitor_find(&monitor, DG_FINDING_STORAGE, 50000);
    dg_monitor_find(&monitor, DG_FINDING_CLOCK, 59000);
    dg_monitor_note(&monitor, 61000, &note);
    assert_int_equal(note.age_s, 60);
    assert_false(dg_monitor_age(&monitor, 110000));
    assert_true(dg_monitor_age(&monitor, 110001));
    dg_monitor_note(&monitor, 111000, &note);
    assert_int_equal(note.age_s, 52);
}

static void test_monitor__all_of_them__the_worst_counts(void **state)
{
    (void)state;
    dg_monitor_init(&monitor);
    dg_monitor_find(&monitor, DG_FINDING_STARVED, 0);
    dg_monitor_find(&monitor, DG_FINDING_CLOCK, 0);
    assert_string_equal(then_of(&monitor), "hold");
    dg_monitor_find(&monitor, DG_FINDING_PROGRAM, 0);
    assert_string_equal(then_of(&monitor), "retire");
}

/* Down to 14, up to 19, up to 20: neither edge flutters. */
static void test_monitor__battery__hands_over_before_it_is_empty(void **state)
{
    static const struct {
        uint8_t percent;
        bool is_low;
    } steps[] = {{100, false},
                 {16, false},
                 {15, false},
                 {14, true},
                 {15, true},
                 {19, true},
                 {20, false},
                 {15, false},
                 {0, true},
                 {100, false}};

    (void)state;
    dg_monitor_init(&monitor);
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        dg_monitor_battery(&monitor, steps[i].percent, (int64_t)i);
        dg_monitor_note(&monitor, (int64_t)i, &note);
        assert_int_equal(note.phone_battery, steps[i].percent);
        assert_int_equal(note.findings != 0U, steps[i].is_low);
        assert_int_equal(note.fitness == DG_FITNESS_RETIRE, steps[i].is_low);
    }
}

static void test_monitor__no_such_finding__has_no_words(void **state)
{
    (void)state;
    assert_string_equal(dg_monitor_name((enum dg_finding)DG_FINDINGS), "none");
    assert_string_equal(dg_monitor_text((enum dg_finding)DG_FINDINGS), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_monitor__each_finding__as_the_page_says),
        cmocka_unit_test(test_monitor__found_again__keeps_its_age),
        cmocka_unit_test(test_monitor__all_of_them__the_worst_counts),
        cmocka_unit_test(test_monitor__battery__hands_over_before_it_is_empty),
        cmocka_unit_test(test_monitor__no_such_finding__has_no_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
