/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "patient/people.h"
#include "patient/s2008.h"

#define ROWS 1441

/* Wanted is 0.02 mg/dL; what a quarter-minute step reaches is asked for, so
 * that a longer step is noticed. */
#define MEAL_TOLERANCE 0.0005

static void begin(struct dg_s2008 *patient, const char *name)
{
    const struct dg_published_person *person;

    assert_int_equal(dg_people_find(name, &person), DG_OK);
    assert_int_equal(dg_s2008_init(patient, &person->parameters), DG_OK);
}

static double basal_U_per_min(const struct dg_s2008 *patient)
{
    return dg_s2008_basal_U_per_h(&patient->parameters) / 60.0;
}

/* Drive a person with the inputs of a reference trajectory and compare every
 * row.  source: the trajectories of simglucose a6f6777, computed with an
 * adaptive method; off by at most 1.9e-5 mg/dL. */
static void follow(const char *person, const char *file, double tolerance)
{
    char path[512];
    char line[256];
    struct dg_s2008 patient;
    double worst = 0.0;
    int rows = 0;

    (void)snprintf(path, sizeof path, "%s/trial/s2008/%s", DG_VECTORS, file);
    FILE *in = fopen(path, "r");

    if (in == NULL) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    begin(&patient, person);
    assert_non_null(fgets(line, sizeof line, in));
    while (fgets(line, sizeof line, in) != NULL) {
        double row[5];

        assert_int_equal(sscanf(line,
                                "%lf,%lf,%lf,%lf,%lf",
                                &row[0],
                                &row[1],
                                &row[2],
                                &row[3],
                                &row[4]),
                         5);
        assert_int_equal((int)row[0], rows);

        const double subcutaneous =
            fabs(dg_s2008_subcutaneous_mg_dL(&patient) - row[3]);
        const double plasma = fabs(dg_s2008_plasma_mg_dL(&patient) - row[4]);

        worst = fmax(worst, fmax(subcutaneous, plasma));
        assert_true(subcutaneous <= tolerance);
        assert_true(plasma <= tolerance);
        assert_int_equal(dg_s2008_minute(&patient, row[1], row[2]), DG_OK);
        rows++;
    }
    (void)fclose(in);
    assert_int_equal(rows, ROWS);
    print_message("%s: worst error %.2e mg/dL in %d rows\n", file, worst, rows);
}

static void test_s2008__adult_meal__follows_the_reference(void **state)
{
    (void)state;
    follow("adult#001", "adult_001_meal.csv", MEAL_TOLERANCE);
}

static void test_s2008__adolescent_meal__follows_the_reference(void **state)
{
    (void)state;
    follow("adolescent#001", "adolescent_001_meal.csv", MEAL_TOLERANCE);
}

static void test_s2008__child_meal__follows_the_reference(void **state)
{
    (void)state;
    follow("child#001", "child_001_meal.csv", MEAL_TOLERANCE);
}

static void test_s2008__adult_basal__holds_still(void **state)
{
    (void)state;
    follow("adult#001", "adult_001_basal.csv", 1e-6);
}

static void test_s2008__adolescent_basal__holds_still(void **state)
{
    (void)state;
    follow("adolescent#001", "adolescent_001_basal.csv", 1e-6);
}

static void test_s2008__child_basal__holds_still(void **state)
{
    (void)state;
    follow("child#001", "child_001_basal.csv", 1e-6);
}

/* The figures of adult#001 with 60 g announced and 6 U in minute 420, from an
 * eighth-order integration with tolerance 1e-12: no vectors needed. */
static void test_s2008__announced_meal__gives_the_check_figures(void **state)
{
    static const struct check {
        int minute;
        double subcutaneous_mg_dL;
    } checks[] = {
        {420, 138.56},
        {480, 185.47943413},
        {540, 183.94042442},
        {600, 164.80079604},
        {660, 167.59579739},
    };
    struct dg_s2008 patient;
    size_t next = 0;

    (void)state;
    begin(&patient, "adult#001");
    for (int minute = 0; minute <= 660; minute++) {
        if (minute == checks[next].minute) {
            assert_true(fabs(dg_s2008_subcutaneous_mg_dL(&patient) -
                             checks[next].subcutaneous_mg_dL) <= 0.0005);
            next++;
        }
        if (minute == 420) {
            assert_int_equal(dg_s2008_meal(&patient, 60.0), DG_OK);
        }
        assert_int_equal(dg_s2008_minute(&patient,
                                         0.0,
                                         basal_U_per_min(&patient) +
                                             ((minute == 420) ? 6.0 : 0.0)),
                         DG_OK);
    }
    assert_int_equal(next, sizeof checks / sizeof checks[0]);
}

/* The smallest extra dose that takes plasma below 54 mg/dL within 12 hours, as
 * a share of the daily dose (grid 0.0005), computed apart for this model. */
static double nadir_after(const char *name, double share_of_daily)
{
    struct dg_s2008 patient;
    double nadir = HUGE_VAL;

    begin(&patient, name);
    for (int minute = 0; minute < 720; minute++) {
        const double dose =
            (minute == 0) ? share_of_daily * patient.parameters.daily_U : 0.0;

        assert_int_equal(
            dg_s2008_minute(&patient, 0.0, basal_U_per_min(&patient) + dose),
            DG_OK);
        nadir = fmin(nadir, dg_s2008_plasma_mg_dL(&patient));
    }
    return nadir;
}

static void test_s2008__overdose__crosses_54_at_the_known_dose(void **state)
{
    (void)state;
    assert_true(nadir_after("adult#001", 0.2640) < 54.0);
    assert_true(nadir_after("adult#001", 0.2635) >= 54.0);
    assert_true(nadir_after("adolescent#001", 0.2540) < 54.0);
    assert_true(nadir_after("adolescent#001", 0.2535) >= 54.0);
    assert_true(nadir_after("child#001", 0.0400) < 54.0);
    assert_true(nadir_after("child#001", 0.0395) >= 54.0);
}

static void test_s2008__lethal_overdose__stays_finite_and_at_zero(void **state)
{
    struct dg_s2008 patient;

    (void)state;
    begin(&patient, "child#001");
    for (int minute = 0; minute < 1440; minute++) {
        assert_int_equal(
            dg_s2008_minute(&patient, 0.0, (minute < 10) ? 300.0 : 0.0), DG_OK);
        assert_true(dg_s2008_plasma_mg_dL(&patient) >= 0.0);
        assert_true(dg_s2008_subcutaneous_mg_dL(&patient) >= 0.0);
    }
    /* Frozen a hair below zero, as the published code has it. */
    assert_true(patient.x[DG_S2008_PLASMA] > -50.0);
    assert_true(dg_s2008_plasma_mg_dL(&patient) <= 1.0);
}

static void test_s2008__second_meal__keeps_what_the_stomach_holds(void **state)
{
    struct dg_s2008 patient;

    (void)state;
    begin(&patient, "adult#001");
    assert_int_equal(dg_s2008_meal(&patient, 7.0), DG_OK);
    assert_int_equal(dg_s2008_minute(&patient, 0.0, 0.0), DG_OK);
    assert_true(patient.meal_size_mg == 5000.0);
    assert_int_equal(dg_s2008_minute(&patient, 0.0, 0.0), DG_OK);
    assert_true(patient.meal_size_mg == 7000.0);
    assert_int_equal(dg_s2008_minute(&patient, 0.0, 0.0), DG_OK);
    assert_true(patient.meal_size_mg == 7000.0);
    assert_true(patient.waiting_g == 0.0);

    const double content =
        patient.x[DG_S2008_STOMACH_SOLID] + patient.x[DG_S2008_STOMACH_LIQUID];

    assert_int_equal(dg_s2008_minute(&patient, 3.0, 0.0), DG_OK);
    assert_true(patient.meal_start_mg == content);
    assert_true(patient.meal_size_mg == content + 3000.0);
}

static void test_s2008__absurd_input__is_refused_unchanged(void **state)
{
    struct dg_s2008 patient;
    struct dg_s2008 before;

    (void)state;
    memset(&patient, 0, sizeof patient);
    begin(&patient, "adult#001");
    assert_int_equal(dg_s2008_meal(&patient, 400.0), DG_OK);
    memcpy(&before, &patient, sizeof before);

    assert_int_equal(dg_s2008_minute(NULL, 0.0, 0.0), DG_E_USAGE);
    assert_int_equal(dg_s2008_minute(&patient, NAN, 0.0), DG_E_RANGE);
    assert_int_equal(dg_s2008_minute(&patient, 0.0, NAN), DG_E_RANGE);
    assert_int_equal(dg_s2008_minute(&patient, -0.001, 0.0), DG_E_RANGE);
    assert_int_equal(dg_s2008_minute(&patient, 0.0, -0.001), DG_E_RANGE);
    assert_int_equal(dg_s2008_minute(&patient, 100.1, 0.0), DG_E_RANGE);
    assert_int_equal(dg_s2008_minute(&patient, 0.0, 300.1), DG_E_RANGE);
    assert_int_equal(dg_s2008_minute(&patient, HUGE_VAL, 0.0), DG_E_RANGE);
    assert_int_equal(dg_s2008_minute(&patient, 0.0, HUGE_VAL), DG_E_RANGE);
    assert_int_equal(dg_s2008_meal(NULL, 10.0), DG_E_USAGE);
    assert_int_equal(dg_s2008_meal(&patient, NAN), DG_E_RANGE);
    assert_int_equal(dg_s2008_meal(&patient, 0.0), DG_E_RANGE);
    assert_int_equal(dg_s2008_meal(&patient, -5.0), DG_E_RANGE);
    assert_int_equal(dg_s2008_meal(&patient, 100.1), DG_E_RANGE);
    assert_int_equal(dg_s2008_meal(&patient, HUGE_VAL), DG_E_RANGE);
    assert_memory_equal(&patient, &before, sizeof before);
    assert_int_equal(dg_s2008_meal(&patient, 100.0), DG_OK);
}

static void test_s2008__wrong_figures__are_refused_unchanged(void **state)
{
    struct dg_s2008 patient;
    struct dg_s2008 before;
    const struct dg_s2008_parameters sound = dg_people_at(0)->parameters;
    struct dg_s2008_parameters wrong;

    (void)state;
    memset(&patient, 0xA5, sizeof patient);
    memcpy(&before, &patient, sizeof before);

    assert_int_equal(dg_s2008_init(NULL, &sound), DG_E_USAGE);
    assert_int_equal(dg_s2008_init(&patient, NULL), DG_E_USAGE);

    wrong = sound;
    wrong.weight_kg = NAN;
    assert_int_equal(dg_s2008_init(&patient, &wrong), DG_E_RANGE);
    wrong = sound;
    wrong.weight_kg = 0.0;
    assert_int_equal(dg_s2008_init(&patient, &wrong), DG_E_RANGE);
    wrong = sound;
    wrong.b = 1.0;
    assert_int_equal(dg_s2008_init(&patient, &wrong), DG_E_RANGE);
    wrong = sound;
    wrong.isc2ss = -1.0;
    assert_int_equal(dg_s2008_init(&patient, &wrong), DG_E_RANGE);
    wrong = sound;
    wrong.age_class = (enum dg_age_class)7;
    assert_int_equal(dg_s2008_init(&patient, &wrong), DG_E_RANGE);

    /* Each figure is possible, but they do not belong together. */
    wrong = sound;
    wrong.kp1 *= 1.01;
    assert_int_equal(dg_s2008_init(&patient, &wrong), DG_E_RANGE);
    wrong = sound;
    wrong.basal_mg_dL = 120.0;
    assert_int_equal(dg_s2008_init(&patient, &wrong), DG_E_RANGE);

    assert_memory_equal(&patient, &before, sizeof before);
}

static void test_people__names__are_found_or_clearly_refused(void **state)
{
    const struct dg_published_person *person = NULL;

    (void)state;
    assert_int_equal(dg_people_count(), 3);
    for (size_t i = 0; i < dg_people_count(); i++) {
        assert_int_equal(dg_people_find(dg_people_at(i)->name, &person), DG_OK);
        assert_ptr_equal(person, dg_people_at(i));
    }
    assert_null(dg_people_at(3));

    person = NULL;
    assert_int_equal(dg_people_find("adult#999", &person), DG_E_UNSUPPORTED);
    assert_int_equal(dg_people_find("", &person), DG_E_UNSUPPORTED);
    assert_int_equal(dg_people_find("Adult#001", &person), DG_E_UNSUPPORTED);
    assert_int_equal(dg_people_find(NULL, &person), DG_E_USAGE);
    assert_int_equal(dg_people_find("adult#001", NULL), DG_E_USAGE);
    assert_null(person);
}

/* TDI is 24 h of basal and 200 g of carbohydrate: a cross-check of weight,
 * basal, ratio and daily dose of each row. */
static void test_people__daily_dose__agrees_with_basal_and_ratio(void **state)
{
    (void)state;
    for (size_t i = 0; i < dg_people_count(); i++) {
        const struct dg_s2008_parameters *p = &dg_people_at(i)->parameters;

        assert_true(fabs(24.0 * dg_s2008_basal_U_per_h(p) +
                         200.0 / p->carb_ratio_g_per_U - p->daily_U) < 1e-6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s2008__adult_meal__follows_the_reference),
        cmocka_unit_test(test_s2008__adolescent_meal__follows_the_reference),
        cmocka_unit_test(test_s2008__child_meal__follows_the_reference),
        cmocka_unit_test(test_s2008__adult_basal__holds_still),
        cmocka_unit_test(test_s2008__adolescent_basal__holds_still),
        cmocka_unit_test(test_s2008__child_basal__holds_still),
        cmocka_unit_test(test_s2008__announced_meal__gives_the_check_figures),
        cmocka_unit_test(test_s2008__overdose__crosses_54_at_the_known_dose),
        cmocka_unit_test(test_s2008__lethal_overdose__stays_finite_and_at_zero),
        cmocka_unit_test(test_s2008__second_meal__keeps_what_the_stomach_holds),
        cmocka_unit_test(test_s2008__absurd_input__is_refused_unchanged),
        cmocka_unit_test(test_s2008__wrong_figures__are_refused_unchanged),
        cmocka_unit_test(test_people__names__are_found_or_clearly_refused),
        cmocka_unit_test(test_people__daily_dose__agrees_with_basal_and_ratio),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
