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
        cmocka_unit_test(a_wish_changes_the_trial_or_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
