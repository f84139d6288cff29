/* SPDX-License-Identifier: Apache-2.0 */
#include "body_variants.h"

#include <math.h>
#include <string.h>

#include "patient/people.h"
#include "patient/people_file.h"

#define MINUTES 1440

/* What the issue asks of double; float campaigns are held to the same. */
#define TOLERANCE 0.05

static struct dg_person_row table[30];
static size_t table_count;

static FILE *open_vector(const char *name)
{
    char path[512];

    (void)snprintf(path, sizeof path, "%s/trial/%s", DG_VECTORS, name);
    return fopen(path, "r");
}

/* The published table, which is not in the repository. */
static bool have_table(void)
{
    FILE *figures;
    FILE *therapy;
    struct dg_people_fault fault;

    if (table_count > 0) {
        return true;
    }
    figures = open_vector("simglucose/vpatient_params.csv");
    therapy = open_vector("simglucose/Quest.csv");
    if ((figures == NULL) || (therapy == NULL)) {
        print_message("skipped: no published table under %s\n", DG_VECTORS);
        return false;
    }
    assert_int_equal(
        dg_people_file_read(figures, therapy, table, 30, &table_count, &fault),
        DG_OK);
    (void)fclose(figures);
    (void)fclose(therapy);
    assert_int_equal(table_count, 30);
    return true;
}

static const struct dg_s2008_parameters *person(const char *name)
{
    for (size_t i = 0; i < table_count; i++) {
        if (strcmp(table[i].name, name) == 0) {
            return &table[i].parameters;
        }
    }
    fail_msg("nobody is called %s", name);
    return NULL;
}

static const char *const runs[] = {
    "adolescent_001",
    "adolescent_002",
    "adolescent_003",
    "adolescent_004",
    "adult_001",
    "adult_002",
    "adult_003",
    "child_001",
    "child_002",
    "child_003",
};
#define RUNS (sizeof runs / sizeof runs[0])

/* All ten people at once, the rest of the tile being repeats. */
static void follow(const char *kind, double tolerance[2])
{
    struct body_run run = {.is_2013 = false};
    struct body_minute *in;
    double *truth = calloc((MINUTES + 1) * BODY_PEOPLE * 2, sizeof *truth);
    struct body_variant variants[6];
    const size_t count = body_variants(variants);

    assert_non_null(truth);
    body_room(&run, &in, MINUTES);
    for (size_t p = 0; p < BODY_PEOPLE; p++) {
        char name[64];
        char line[256];

        (void)snprintf(
            name, sizeof name, "s2008/%s_%s.csv", runs[p % RUNS], kind);
        FILE *file = open_vector(name);

        assert_non_null(file);
        (void)snprintf(name, sizeof name, "%s", runs[p % RUNS]);
        *strchr(name, '_') = '#';
        run.s2008[p] = person(name);
        assert_non_null(fgets(line, sizeof line, file));
        for (size_t t = 0; t <= MINUTES; t++) {
            double row[5];
            double *wanted = &truth[(t * BODY_PEOPLE + p) * 2];

            assert_non_null(fgets(line, sizeof line, file));
            assert_int_equal(sscanf(line,
                                    "%lf,%lf,%lf,%lf,%lf",
                                    &row[0],
                                    &row[1],
                                    &row[2],
                                    &row[3],
                                    &row[4]),
                             5);
            wanted[0] = row[4];
            wanted[1] = row[3];
            if (t < MINUTES) {
                in[t * BODY_PEOPLE + p].carbs_g = row[1];
                in[t * BODY_PEOPLE + p].insulin_mU = 1000.0 * row[2];
            }
        }
        (void)fclose(file);
    }
    for (size_t v = 0; v < count; v++) {
        double worst = 0.0;

        variants[v].probe->s2008(&run);
        for (size_t i = 0; i < (MINUTES + 1) * BODY_PEOPLE; i++) {
            worst = fmax(worst, fabs(run.plasma[i] - truth[2 * i]));
            worst = fmax(worst, fabs(run.interstitial[i] - truth[2 * i + 1]));
        }
        print_message(
            "%s, %s: worst %.2e mg/dL\n", variants[v].name, kind, worst);
        assert_true(worst <= tolerance[v % 2]);
        for (size_t p = 0; p < BODY_PEOPLE; p++) {
            assert_true(run.is_sound[p]);
        }
    }
    free(truth);
    body_free(&run, in);
}

static void test_s2008_lanes__ten_meals__follow_the_reference(void **state)
{
    double tolerance[2] = {5e-4, TOLERANCE};

    (void)state;
    if (!have_table()) {
        skip();
    }
    follow("meal", tolerance);
}

static void test_s2008_lanes__ten_fasting_days__hold_still(void **state)
{
    double tolerance[2] = {1e-6, 0.02};

    (void)state;
    if (!have_table()) {
        skip();
    }
    follow("basal", tolerance);
}

/* A day of three meals for all 30: double is finer than float by a hundred
 * times, so it stands for the truth here. */
static void test_s2008_lanes__three_meals__agree_in_float_and_double(
    void **state)
{
    struct body_run run = {.is_2013 = false};
    struct body_minute *in;
    double *fine;
    double worst = 0.0;
    const size_t points = (MINUTES + 1) * BODY_PEOPLE;

    (void)state;
    if (!have_table()) {
        skip();
    }
    body_room(&run, &in, MINUTES);
    fine = calloc(points, sizeof *fine);
    assert_non_null(fine);
    for (size_t first = 0; first < 30; first += 15) {
        memset(in, 0, MINUTES * BODY_PEOPLE * sizeof *in);
        for (size_t p = 0; p < BODY_PEOPLE; p++) {
            static const size_t when[] = {420, 720, 1110};
            static const double grams[] = {45.0, 70.0, 80.0};
            const struct dg_s2008_parameters *who =
                &table[(first + p) % 30].parameters;

            run.s2008[p] = who;
            for (size_t t = 0; t < MINUTES; t++) {
                in[t * BODY_PEOPLE + p].insulin_mU =
                    dg_s2008_basal_U_per_h(who) * 1000.0 / 60.0;
            }
            for (size_t m = 0; m < 3; m++) {
                const double g =
                    who->age_class == DG_AGE_CHILD ? grams[m] / 2 : grams[m];

                in[when[m] * BODY_PEOPLE + p].insulin_mU +=
                    1000.0 * g / who->carb_ratio_g_per_U;
                for (size_t t = 0; 5.0 * (double)t < g; t++) {
                    in[(when[m] + t) * BODY_PEOPLE + p].carbs_g =
                        fmin(5.0, g - 5.0 * (double)t);
                }
            }
        }
        body_probe_double_base.s2008(&run);
        memcpy(fine, run.plasma, points * sizeof *fine);
        body_probe_float_base.s2008(&run);
        for (size_t i = 0; i < points; i++) {
            worst = fmax(worst, fabs(run.plasma[i] - fine[i]));
        }
    }
    print_message("float, three meals, 30 people: worst %.3f mg/dL\n", worst);
    assert_true(worst <= 0.1);
    free(fine);
    body_free(&run, in);
}

/* Random days: every instruction set gives the same bits, and neither does a
 * lane depend on its neighbours. */
static void fill_wild(struct body_run *run, struct body_minute *in, size_t turn)
{
    for (size_t p = 0; p < BODY_PEOPLE; p++) {
        const size_t who = (p + turn) % BODY_PEOPLE;
        const struct dg_s2008_parameters *parameters =
            &dg_people_at(who % 3)->parameters;

        run->s2008[p] = parameters;
        for (size_t t = 0; t < run->minutes; t++) {
            struct body_minute *one = &in[t * BODY_PEOPLE + p];

            one->insulin_mU = 15.0;
            one->carbs_g = (t / (20 + who)) % 7 == 3 ? 2.0 : 0.0;
            one->rescue_g = 0.0;
            /* Some get what nobody survives: fine steps beside coarse. */
            if ((t == 100) && (who % 4 == 0)) {
                one->insulin_mU = 300000.0;
            }
        }
    }
}

static void test_s2008_lanes__every_variant_and_place__gives_the_same_bits(
    void **state)
{
    struct body_run run = {.is_2013 = true};
    struct body_minute *in;
    struct body_variant variants[6];
    const size_t count = body_variants(variants);
    const size_t points = 601 * BODY_PEOPLE;
    double *wanted[2];

    (void)state;
    body_room(&run, &in, 600);
    for (size_t v = 0; v < count; v++) {
        if (v < 2) {
            wanted[v] = calloc(points, sizeof **wanted);
            assert_non_null(wanted[v]);
            fill_wild(&run, in, 0);
            variants[v].probe->s2008(&run);
            memcpy(wanted[v], run.plasma, points * sizeof **wanted);
        }
        for (size_t turn = 0; turn < BODY_PEOPLE; turn += 5) {
            fill_wild(&run, in, turn);
            variants[v].probe->s2008(&run);
            for (size_t t = 0; t <= 600; t++) {
                for (size_t p = 0; p < BODY_PEOPLE; p++) {
                    const size_t who = (p + turn) % BODY_PEOPLE;

                    assert_memory_equal(&run.plasma[t * BODY_PEOPLE + p],
                                        &wanted[v % 2][t * BODY_PEOPLE + who],
                                        sizeof(double));
                }
            }
        }
    }
    for (size_t p = 0; p < BODY_PEOPLE; p++) {
        assert_true(run.is_sound[p]);
    }
    free(wanted[0]);
    free(wanted[1]);
    body_free(&run, in);
}

static void test_s2008_lanes__lane_that_breaks__is_told_and_stays_alone(
    void **state)
{
    struct body_run run = {.is_2013 = false};
    struct body_minute *in;
    struct body_variant variants[6];
    const size_t count = body_variants(variants);

    (void)state;
    body_room(&run, &in, 10);
    fill_wild(&run, in, 0);
    in[3 * BODY_PEOPLE + 5].insulin_mU = (double)NAN;
    in[3 * BODY_PEOPLE + 9].carbs_g = 1e9;
    for (size_t v = 0; v < count; v++) {
        variants[v].probe->s2008(&run);
        for (size_t p = 0; p < BODY_PEOPLE; p++) {
            assert_int_equal(run.is_sound[p], (p != 5) && (p != 9));
        }
    }
    body_free(&run, in);
}

/* One extra dose at the start, 12 hours. */
static double nadir_of(const struct body_run *run, size_t p)
{
    double nadir = HUGE_VAL;

    for (size_t t = 0; t <= run->minutes; t++) {
        nadir = fmin(nadir, run->plasma[t * BODY_PEOPLE + p]);
    }
    return nadir;
}

/* The smallest doses that take each person below 70, 54, 40 and 20 mg/dL, with
 * and without the uptake of S2013: the dose does, one grid step less does not
 * (two, as the table was made with a step of a minute). */
static void test_s2008_lanes__overdose__crosses_at_the_known_doses(void **state)
{
    static const double levels[] = {70.0, 54.0, 40.0, 20.0};
    struct body_run run = {.is_2013 = false};
    struct body_minute *in;
    char line[512];
    size_t people = 0;
    FILE *file;

    (void)state;
    if (!have_table()) {
        skip();
    }
    file = open_vector("s2008/overdose_thresholds.csv");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    body_room(&run, &in, 720);
    while (fgets(line, sizeof line, file) != NULL) {
        char name[64];
        double row[11];
        const char *rest = strchr(line, ',');

        assert_non_null(rest);
        (void)snprintf(name, sizeof name, "%.*s", (int)(rest - line), line);
        for (size_t i = 0; i < 11; i++) {
            char *end;

            row[i] = strtod(rest + 1, &end);
            rest = end;
        }

        const struct dg_s2008_parameters *who = person(name);

        for (int is_2013 = 0; is_2013 < 2; is_2013++) {
            run.is_2013 = is_2013 != 0;
            for (size_t p = 0; p < BODY_PEOPLE; p++) {
                const double share = row[3 + 4 * is_2013 + (int)(p / 4)] +
                                     ((p % 2 == 0) ? 0.0005 : -0.0010);

                run.s2008[p] = who;
                for (size_t t = 0; t < 720; t++) {
                    in[t * BODY_PEOPLE + p].insulin_mU =
                        dg_s2008_basal_U_per_h(who) * 1000.0 / 60.0 +
                        (t == 0 ? 1000.0 * share * who->daily_U : 0.0);
                }
            }
            body_probe_double_base.s2008(&run);
            for (size_t p = 0; p < BODY_PEOPLE; p++) {
                const double nadir = nadir_of(&run, p);

                if ((nadir < levels[p / 4]) != (p % 2 == 0)) {
                    fail_msg("%s, 2013 %d: nadir %.3f at level %g",
                             name,
                             is_2013,
                             nadir,
                             levels[p / 4]);
                }
            }
        }
        people++;
    }
    (void)fclose(file);
    assert_int_equal(people, 30);
    body_free(&run, in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_s2008_lanes__ten_meals__follow_the_reference),
        cmocka_unit_test(test_s2008_lanes__ten_fasting_days__hold_still),
        cmocka_unit_test(
            test_s2008_lanes__three_meals__agree_in_float_and_double),
        cmocka_unit_test(
            test_s2008_lanes__every_variant_and_place__gives_the_same_bits),
        cmocka_unit_test(
            test_s2008_lanes__lane_that_breaks__is_told_and_stays_alone),
        cmocka_unit_test(
            test_s2008_lanes__overdose__crosses_at_the_known_doses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
