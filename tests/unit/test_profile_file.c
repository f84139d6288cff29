/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <stdio.h>
#include <string.h>

#include "cli/profile_file.h"
#include "domain/bounds_text.h"

/* The prescriber's file: what is written once, whole and in range is read, and
 * everything else is refused with file and line. */
static struct dg_prescription made;
static char text[DG_PROFILE_TEXT_SIZE];

static const struct dg_prescription good = {
    .device = {{0, 0x11, 0x22, 0x33, 0x44, 0x55, 0x66, 0x77}},
    .counter = 3,
    .age_class = DG_AGE_ADULT,
    .bounds = {{50420, 36,  80,  150, 1000, 1000, 54,  80,
                300,   25,  25,  60,  120,  480,  150, 150,
                200,   300, 800, 200, 200,  250,  400, 1000}}};

static int setup(void **state)
{
    (void)state;
    memset(&made, 0, sizeof(made));
    dg_profile_file_write(&good, text);
    return 0;
}

static enum dg_status take(struct dg_problem *problem)
{
    problem->text[0] = '\0';
    return dg_profile_file_read("p.txt",
                                (dg_span){(const uint8_t *)text, strlen(text)},
                                &made,
                                problem);
}

/* Put @p to where @p from stands. */
static void change(const char *from, const char *to)
{
    char rest[DG_PROFILE_TEXT_SIZE];
    char *at = strstr(text, from);

    assert_non_null(at);
    (void)snprintf(rest, sizeof(rest), "%s", at + strlen(from));
    (void)snprintf(at, sizeof(text) - (size_t)(at - text), "%s%s", to, rest);
}

static void test_profile_file__what_was_written__read_back(void **state)
{
    struct dg_problem problem;

    (void)state;
    assert_int_equal(take(&problem), DG_OK);
    assert_memory_equal(&made.device, &good.device, sizeof(made.device));
    assert_int_equal(made.counter, 3);
    assert_int_equal(made.age_class, DG_AGE_ADULT);
    assert_memory_equal(&made.bounds, &good.bounds, sizeof(made.bounds));
}

static void test_profile_file__each_mistake__file_line_and_remedy(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *says;
    } bad[] = {
        {"daily = 50.42 U", "daily = 50.42", "p.txt:4: 'daily' needs its unit"},
        {"daily = 50.42 U", "daily = 50.42 mU", "the unit is U, not 'mU'"},
        {"daily = 50.42 U", "daily 50.42 U", "write name = number unit"},
        {"daily = 50.42 U", "daily = .42 U", "0.5, not .5"},
        {"daily = 50.42 U", "daily = 50.42 U U", "a word too much"},
        {"daily = 50.42 U", "", "'daily' is missing"},
        {"floor = 80 mg/dL", "floor = 80.5 mg/dL", "write a whole number"},
        {"automatic-dose = 2.5 %", "automatic-dose = 2.55 %", "one decimal"},
        {"automatic-dose = 2.5 %", "automatic-dose = 2.5 U", "the unit is %"},
        {"sensitivity", "sensitivty", "p.txt:5: there is no limit"},
        {"sensitivity", "daily", "p.txt:5: 'daily' is there a second time"},
        {"counter = 3", "counter = 0", "p.txt:2: counter is '0'"},
        {"counter = 3", "counter = -3", "p.txt:2: counter"},
        {"counter = 3", "counter = 3\ncounter = 4", "p.txt:3: 'counter' is "},
        {"age = adult", "age = ", "write name = number unit"},
        {"age = adult", "age = old", "write child, teen or adult"},
        {"device = 0011", "device = 11", "the 16 hex digits"},
        {"automatic-dose = 2.5 %",
         "automatic-dose = 2.6 %",
         "p.txt:13: automatic-dose: 2.6 % = 1.31 U is above what the age class "
         "'adult' may have, at most 2.5 %"},
        {"daily = 50.42 U", "daily = 1 U", "below what the age class"},
        {"automatic-1h = 6.0 %", "automatic-1h = 2.0 %", "in a shorter time"},
        {"glucagon-below = 80", "glucagon-below = 0", "goes with a micro-dose"},
        {"age = adult",
         "age = child",
         "glucagon-dose: 150 ug is above what the age class 'child' may have, "
         "at most 130 ug"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct dg_problem problem;

        dg_profile_file_write(&good, text);
        change(bad[i].from, bad[i].to);
        if (take(&problem) == DG_OK) {
            fail_msg("taken: %s", bad[i].to);
        }
        if (strstr(problem.text, bad[i].says) == NULL) {
            fail_msg("'%s' does not say '%s'", problem.text, bad[i].says);
        }
        assert_int_equal(made.counter, 0);
    }
}

/* Bytes that are no text, a line without an end, nothing at all. */
static void test_profile_file__no_text__refused(void **state)
{
    struct dg_problem problem;

    (void)state;
    memset(text, 'x', 200);
    text[200] = '\0';
    assert_int_equal(take(&problem), DG_E_MALFORMED);
    assert_int_equal(
        dg_profile_file_read(
            "p.txt", (dg_span){(const uint8_t *)"a\0b", 3}, &made, &problem),
        DG_E_MALFORMED);
    text[0] = '\0';
    assert_int_equal(take(&problem), DG_E_MALFORMED);
    assert_string_equal(
        problem.text,
        "p.txt: 'device' is missing: every limit has to be written down");
}

/* A share grows with the dose that it is a share of. */
static void test_bounds_text__a_larger_daily_dose__all_shares_grow(void **state)
{
    struct dg_bounds after = good.bounds;
    char words[DG_BOUND_TEXT_MAX];

    (void)state;
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        assert_false(dg_bound_grows(i, &good.bounds, &after));
    }
    after.value[DG_BOUND_DAILY] = 60000;
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        assert_int_equal(dg_bound_grows(i, &good.bounds, &after),
                         (i == DG_BOUND_DAILY) || (i >= DG_BOUND_SHARE));
        assert_false(dg_bound_grows(i, &after, &good.bounds));
    }
    assert_false(dg_bound_grows(DG_BOUNDS, &good.bounds, &after));
    dg_bound_write(DG_BOUND_SHARE + 1U, &after, words);
    assert_string_equal(words, "2.5 % = 1.50 U");
    after.value[DG_BOUND_DAILY] = 50417;
    dg_bound_write(DG_BOUND_SHARE + 3U, &after, words);
    assert_string_equal(words, "6.0 % = 3.02 U");
    after.value[DG_BOUND_DAILY] = 50420;
    after.value[DG_BOUND_FLOOR] = 79; /* less is looser */
    assert_true(dg_bound_grows(DG_BOUND_FLOOR, &good.bounds, &after));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_profile_file__what_was_written__read_back,
                               setup),
        cmocka_unit_test_setup(
            test_profile_file__each_mistake__file_line_and_remedy, setup),
        cmocka_unit_test_setup(test_profile_file__no_text__refused, setup),
        cmocka_unit_test(
            test_bounds_text__a_larger_daily_dose__all_shares_grow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
