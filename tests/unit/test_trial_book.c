/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "eval/trial/book.h"

static const char good[] = "trial: mine\n"
                           "title: My trial\n"
                           "question: Why?\n"
                           "people: 10\n"
                           "days: 2\n"
                           "seed: 7\n"
                           "models: [wilinska2010, s2013]\n"
                           "controller: pid\n"
                           "arms: [none, \"dosegate:high\"]\n"
                           "scenarios:\n"
                           "  - attack: quiet\n"
                           "  - {attack: overdose, start_minute: 600, "
                           "rescue: no}\n";

#define CHANGED(arm, name, limits) \
    "{arm: \"" arm "\", name: " name ", limits: {" limits "}}, "

static enum dg_status read_text(const char *text,
                                struct dg_book *book,
                                struct dg_problem *problem)
{
    char path[] = "/tmp/dosegate-book-XXXXXX";
    const int file = mkstemp(path);

    assert_true(file >= 0);
    assert_int_equal(write(file, text, strlen(text)), strlen(text));
    assert_int_equal(close(file), 0);

    const enum dg_status status = dg_book_read(book, path, problem);

    assert_int_equal(unlink(path), 0);
    return status;
}

static void a_book_says_what_it_says(void **state)
{
    (void)state;
    struct dg_book book;
    struct dg_problem problem = {""};
    struct dg_trial_plan plan;

    assert_int_equal(read_text(good, &book, &problem), DG_OK);
    assert_string_equal(book.name, "mine");
    assert_int_equal(book.models, 2U);
    dg_book_plan(&book, 1U, &plan);
    assert_int_equal(plan.model, DG_TRIAL_S2013);
    assert_int_equal(plan.people, 10U);
    assert_int_equal(plan.scenarios, 2U);
    assert_int_equal(plan.scenario[1].start_minute, 600U);
    assert_true(plan.scenario[1].no_rescue);
    assert_false(plan.scenario[0].no_rescue);
    assert_non_null(plan.controller);
    dg_book_free(&book);
}

/* @verifies{PAT_TRIAL.2@1} */
/* Each fault is made by replacing one piece of the good book; the message
 * names line and value. */
static void what_is_wrong_is_named_with_its_line(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *says;
    } faults[] = {
        {"people: 10", "people: 0", ":4:"},
        {"people: 10", "peoples: 10", "'people' is missing"},
        {"days: 2", "days: 15", ":5:"},
        {"seed: 7", "seed: -1", ":6:"},
        {"s2013", "s2014", "s2014"},
        {"controller: pid", "controller: pod", "pod"},
        {"controller: pid\n", "", "program"},
        {"none, ", "nobody, ", "nobody"},
        {"attack: quiet", "attack: quit", "quit"},
        {"rescue: no", "rescue: maybe", "rescue"},
        {"start_minute: 600", "start_minutes: 600", "start_minutes"},
        {"scenarios:\n", "precision: half\nscenarios:\n", "precision"},
        {"rescue: no", "pump: leaking", "'pump'"},
        {"rescue: no", "sensor_faults: {dropout: 30}", "dropout"},
        {"rescue: no", "sensor_faults: {dropout: 101%}", "100%"},
        {"rescue: no", "sensor_faults: {dropouts: 1%}", "dropouts"},
        {"rescue: no", "habits: {count_sd: 51%}", "50%"},
        {"rescue: no",
         "exercise: {start_minute: 600, minutes: 301, percent: 50}",
         ":12:"},
        {"rescue: no", "name: \"a,b\"", "name of a scenario"},
        {"start_minute: 600", "start_minute: 2700", "4 h"},
        {"scenarios:\n", "sensor: g7\nscenarios:\n", "g7"},
        {"scenarios:\n",
         "people_file: {figures: nil.csv, therapy: nil.csv}\nscenarios:\n",
         "s2013 alone"},
        {"[wilinska2010, s2013]\n",
         "[s2013]\npeople_file: {figures: nil.csv, therapy: nil.csv}\n",
         "nil.csv"},
        {"none, ", "\"dosegate:high\", ", "there already"},
        {"none, ", CHANGED("none", "a", "e3_iob: \"80%\""), "'none'"},
        {"none, ", CHANGED("dosegate:low", "a", "e3_io: 80"), "e3_io'"},
        {"none, ", CHANGED("dosegate:low", "a", "e3_iob: 80"), "5 to 400 %"},
        {"none, ", CHANGED("dosegate:low", "a", "e3_iob: \"4%\""), "5 to 400"},
        {"none, ", CHANGED("dosegate:low", "a", "e4_floor: \"90%\""), "mg/dL"},
        {"none, ", CHANGED("dosegate:low", "a", "e4_floor: 121"), ":9:"},
        {"none, ", CHANGED("dosegate:low", "A", "e4_floor: 90"), "letters"},
        {"none, ", CHANGED("dosegate:low", "a", ""), "changes nothing"},
    };

    (void)state;
    for (size_t i = 0; i < (sizeof(faults) / sizeof(faults[0])); i++) {
        const char *at = strstr(good, faults[i].from);
        char text[1024];
        struct dg_book book;
        struct dg_problem problem = {""};

        assert_non_null(at);
        (void)snprintf(text,
                       sizeof(text),
                       "%.*s%s%s",
                       (int)(at - good),
                       good,
                       faults[i].to,
                       at + strlen(faults[i].from));
        assert_int_equal(read_text(text, &book, &problem), DG_E_MALFORMED);
        if (strstr(problem.text, faults[i].says) == NULL) {
            fail_msg("'%s' does not name '%s'", problem.text, faults[i].says);
        }
        dg_book_free(&book);
    }
}

static void a_scenario_may_have_a_world_of_its_own(void **state)
{
    static const char from[] = "rescue: no";
    const char *at = strstr(good, from);
    char text[1024];
    struct dg_book book;
    struct dg_problem problem = {""};

    (void)state;
    (void)snprintf(text,
                   sizeof(text),
                   "%.*s%s%s",
                   (int)(at - good),
                   good,
                   "name: a bad day, sensor_faults: {dropout: 30%, late: 5%}, "
                   "pump: scatter, habits: {skip: 10%}, exercise: "
                   "{start_minute: 600, minutes: 45, percent: 55}",
                   at + strlen(from));
    assert_int_equal(read_text(text, &book, &problem), DG_OK);

    const struct dg_trial_scenario *scenario = &book.plan.scenario[1];

    assert_string_equal(dg_trial_scenario_name(scenario), "a bad day");
    assert_string_equal(dg_trial_scenario_name(&book.plan.scenario[0]),
                        "quiet");
    assert_int_equal(scenario->world.fault_permille[0], 300U);
    assert_int_equal(scenario->world.fault_permille[1], 0U);
    assert_int_equal(scenario->world.fault_permille[6], 50U);
    assert_int_equal(scenario->world.pump, DG_TRIAL_PUMP_SCATTER);
    assert_true(scenario->world.has_habits);
    assert_int_equal(scenario->world.skip_permille, 100U);
    assert_int_equal(scenario->world.count_sd_permille, 260U);
    assert_int_equal(scenario->world.exercise_minutes, 45U);
    assert_false(book.plan.scenario[0].world.has_habits);
    dg_book_free(&book);
}

static void write_to(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/* Parts of two programs are parts of two trials. */
static void a_program_is_its_line_and_its_files(void **state)
{
    static const char from[] = "controller: pid\n";
    const char *at = strstr(good, from);
    char path[] = "/tmp/dosegate-program-XXXXXX";
    const int file = mkstemp(path);
    char text[1024];
    char line[3][128];
    uint8_t digest[4][32];

    (void)state;
    assert_true(file >= 0);
    assert_int_equal(close(file), 0);
    (void)snprintf(line[0], sizeof(line[0]), "python3 %s", path);
    (void)snprintf(line[1], sizeof(line[1]), "python3 %s -v", path);
    for (unsigned i = 0U; i < 4U; i++) {
        struct dg_book book;
        struct dg_problem problem = {""};
        struct dg_trial_plan plan;

        write_to(path, (i == 2U) ? "answer 2" : "answer 1");
        (void)snprintf(text,
                       sizeof(text),
                       "%.*sprogram: %s\n%s",
                       (int)(at - good),
                       good,
                       line[(i == 1U) ? 1 : 0],
                       at + strlen(from));
        assert_int_equal(read_text(text, &book, &problem), DG_OK);
        dg_book_plan(&book, 0U, &plan);
        dg_trial_digest(&plan, digest[i]);
        dg_book_free(&book);
    }
    assert_memory_not_equal(digest[0], digest[1], 32U); /* another line  */
    assert_memory_not_equal(digest[0], digest[2], 32U); /* another file  */
    assert_memory_equal(digest[0], digest[3], 32U);
    assert_int_equal(unlink(path), 0);
}

static void an_arm_may_have_limits_of_its_own(void **state)
{
    static const char from[] = "none, ";
    const char *at = strstr(good, from);
    char text[1024];
    char name[DG_TRIAL_ARM_NAME_MAX];
    struct dg_book book;
    struct dg_problem problem = {""};
    struct dg_trial_plan plan;
    uint8_t digest[2][32];

    (void)state;
    (void)snprintf(
        text,
        sizeof(text),
        "%.*s%s%s",
        (int)(at - good),
        good,
        CHANGED("dosegate:high", "iob-80", "e3_iob: \"80 %\", e4_floor: 90"),
        at + strlen(from));
    assert_int_equal(read_text(text, &book, &problem), DG_OK);
    dg_book_plan(&book, 0U, &plan);
    dg_trial_arm_name(&plan.arm[0], name);
    assert_string_equal(name, "dosegate:high/iob-80");
    assert_int_equal(
        dg_trial_change_of(&plan.arm[0].change, DG_TRIAL_LIMIT_E3_IOB), 80);
    assert_int_equal(
        dg_trial_change_of(&plan.arm[0].change, DG_TRIAL_LIMIT_E4_FLOOR), 90);
    assert_int_equal(
        dg_trial_change_of(&plan.arm[0].change, DG_TRIAL_LIMIT_E4_AGE), 600);
    dg_trial_digest(&plan, digest[0]);
    dg_trial_change_set(&plan.arm[0].change, DG_TRIAL_LIMIT_E4_FLOOR, 91);
    dg_trial_digest(&plan, digest[1]);
    assert_memory_not_equal(digest[0], digest[1], sizeof(digest[0]));
    dg_book_free(&book);
}

static void a_wish_changes_the_trial_or_is_refused(void **state)
{
    (void)state;
    struct dg_book book;
    struct dg_problem problem = {""};
    const struct dg_book_wish more = {.people = 77U, .seed = "12"};
    const struct dg_book_wish bad_seed = {.seed = "12x"};
    const struct dg_book_wish bad_name = {.controller = "nobody's"};

    assert_int_equal(read_text(good, &book, &problem), DG_OK);
    assert_int_equal(dg_book_wish(&book, &more, &problem), DG_OK);
    assert_int_equal(book.plan.people, 77U);
    assert_int_equal(book.plan.seed, 12U);
    assert_int_equal(dg_book_wish(&book, &bad_seed, &problem), DG_E_RANGE);
    assert_non_null(strstr(problem.text, "12x"));
    assert_int_equal(dg_book_wish(&book, &bad_name, &problem), DG_E_RANGE);
    dg_book_free(&book);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_book_says_what_it_says),
        cmocka_unit_test(what_is_wrong_is_named_with_its_line),
        cmocka_unit_test(an_arm_may_have_limits_of_its_own),
        cmocka_unit_test(a_scenario_may_have_a_world_of_its_own),
        cmocka_unit_test(a_program_is_its_line_and_its_files),
        cmocka_unit_test(a_wish_changes_the_trial_or_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
