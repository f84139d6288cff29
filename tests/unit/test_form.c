/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/form.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "eval/conclude.h"
#include "eval/file.h"
#include "sample_run.h"

#define FIRMWARE \
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static struct dg_crypto crypto;
static struct dg_rating_table table;
static char folder[] = "form_XXXXXX";

static const char entry_yaml[] =
    "kind: form\nid: look\ntitle: Look inside\nthreat: T.PHYSICAL_ACCESS\n"
    "requirements: []\ncorpus: [DG-A26]\nposition: PH\nwork: physical\n"
    "method: [open it, look]\nrecord: [ports, seals]\npass: nothing is open\n"
    "remediation: close it\nrating:\n  elapsed_time: le_1_day\n"
    "  expertise: proficient\n  knowledge: public\n  window: easy\n"
    "  equipment: standard\n  justification: one screw\n";

static const char answer_yaml[] =
    "id: look\nfirmware: " FIRMWARE "\nverdict: pass\nby: A. Person\n"
    "date: 2026-03-01\nseen: [none found, whole]\n";

static void put(const char *name, const char *text)
{
    char path[64];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    if (text == NULL) {
        (void)unlink(path);
        return;
    }
    assert_int_equal(
        dg_file_write(
            path, (dg_span){(const uint8_t *)text, strlen(text)}, 0644, NULL),
        DG_OK);
}

static int set_up(void **state)
{
    const dg_span bytes = sample_spec("rating/cem-3.1r5.yaml");

    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    assert_int_equal(dg_rating_table_parse(&crypto, bytes, "cem", &table, NULL),
                     DG_OK);
    dg_file_free(bytes);
    assert_non_null(mkdtemp(folder));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    put("look.yaml", NULL);
    put("other.yaml", NULL);
    dg_crypto_openssl_free(&crypto);
    return rmdir(folder);
}

/* Add the one form to an empty run, and give what came of it. */
static enum dg_status add(struct dg_run *run,
                          const char *answers,
                          struct dg_problem *problem)
{
    struct dg_catalogue catalogue;
    char path[] = "form_entry_XXXXXX";
    char file[64];

    assert_non_null(mkdtemp(path));
    (void)snprintf(file, sizeof file, "%s/look.yaml", path);
    assert_int_equal(dg_file_write(file,
                                   (dg_span){(const uint8_t *)entry_yaml,
                                             sizeof entry_yaml - 1U},
                                   0644,
                                   NULL),
                     DG_OK);
    if (dg_catalogue_open(path, &table, &catalogue, problem) != DG_OK) {
        fail_msg("%s", problem->text);
    }
    assert_true(catalogue.entries->is_form);
    dg_run_init(run);
    run->product.firmware_digest = FIRMWARE;
    run->head.started = "2026-03-02T09:00:00Z";

    const enum dg_status status =
        dg_forms_add(run, &catalogue, answers, NULL, NULL, problem);

    dg_catalogue_free(&catalogue);
    assert_int_equal(unlink(file), 0);
    assert_int_equal(rmdir(path), 0);
    return status;
}

/* @verifies{EVL_FORM.1@1} */
static void test_form__not_asked__settles_nothing_and_opens_nothing(
    void **state)
{
    struct dg_run run;
    struct dg_problem problem = {""};
    struct dg_conclusion conclusion;

    (void)state;
    assert_int_equal(add(&run, NULL, &problem), DG_OK);
    assert_int_equal(run.tests->verdict, DG_RUN_NOT_ASKED);
    assert_int_equal(dg_conclude(&run, &conclusion), DG_OK);
    assert_int_equal(conclusion.open, 0);
    assert_int_equal(conclusion.judged, 0);

    /* Alone it shows nothing; beside a pass it does not take that away. */
    assert_int_equal(dg_run_exit_code(&run), 1);
    dg_run_add_test(&run, "other")->verdict = DG_RUN_PASS;
    assert_int_equal(dg_run_exit_code(&run), 0);
    dg_run_free(&run);
}

/* @verifies{EVL_FORM.1@1} */
static void test_form__asked_without_answer__is_pending_and_open(void **state)
{
    struct dg_run run;
    struct dg_problem problem = {""};

    (void)state;
    put("look.yaml", NULL);
    assert_int_equal(add(&run, folder, &problem), DG_OK);
    assert_int_equal(run.tests->verdict, DG_RUN_PENDING);
    assert_string_equal(run.tests->tried, "open it look");
    dg_run_add_test(&run, "other")->verdict = DG_RUN_PASS;
    assert_int_equal(dg_run_exit_code(&run), 1);
    dg_run_free(&run);
}

/* @verifies{EVL_FORM.1@1} */
static void test_form__signed__gives_its_verdict(void **state)
{
    struct dg_run run;
    struct dg_problem problem = {""};
    char text[512];

    (void)state;
    put("look.yaml", answer_yaml);
    if (add(&run, folder, &problem) != DG_OK) {
        fail_msg("%s", problem.text);
    }
    assert_int_equal(run.tests->verdict, DG_RUN_PASS);
    assert_string_equal(run.tests->seen->text, "ports: none found");
    assert_string_equal(run.tests->seen->next->text, "seals: whole");
    assert_non_null(strstr(run.tests->seen->next->next->text, "SHA-256"));
    assert_non_null(strstr(run.tests->reason, "A. Person on 2026-03-01"));
    assert_int_equal(dg_run_exit_code(&run), 0);
    dg_run_free(&run);

    (void)snprintf(text, sizeof text, "%s", answer_yaml);
    memcpy(strstr(text, "pass"), "fail", 4U);
    put("look.yaml", text);
    assert_int_equal(add(&run, folder, &problem), DG_OK);
    assert_int_equal(run.tests->verdict, DG_RUN_FAIL);
    assert_string_equal(run.tests->paths->justification, "one screw");
    assert_int_equal(dg_run_exit_code(&run), 2);
    dg_run_free(&run);
}

/* @verifies{EVL_FORM.1@1} */
static void test_form__about_another_firmware__stays_pending(void **state)
{
    struct dg_run run;
    struct dg_problem problem = {""};
    char text[512];

    (void)state;
    (void)snprintf(text, sizeof text, "%s", answer_yaml);
    *strstr(text, "aaaa") = 'b';
    put("look.yaml", text);
    assert_int_equal(add(&run, folder, &problem), DG_OK);
    assert_int_equal(run.tests->verdict, DG_RUN_PENDING);
    assert_non_null(strstr(run.tests->reason, "another firmware"));
    dg_run_free(&run);
}

static void expect_refused(const char *find, const char *replace)
{
    struct dg_run run;
    struct dg_problem problem = {""};
    char text[512];
    char changed[768];

    (void)snprintf(text, sizeof text, "%s", answer_yaml);

    char *at = strstr(text, find);

    assert_non_null(at);
    *at = '\0';
    (void)snprintf(
        changed, sizeof changed, "%s%s%s", text, replace, at + strlen(find));
    put("look.yaml", changed);
    if (add(&run, folder, &problem) != DG_E_MALFORMED) {
        fail_msg("taken: %s", replace);
    }
    assert_non_null(strstr(problem.text, "look.yaml:"));
    dg_run_free(&run);
}

static void test_form__wrong_answer__refused_with_line(void **state)
{
    (void)state;
    expect_refused("id: look", "id: other");
    expect_refused("verdict: pass", "verdict: fine");
    expect_refused("verdict: pass", "verdict:   # pass, fail");
    expect_refused("by: A. Person", "by:");
    expect_refused("by: A. Person\n", "");
    expect_refused("2026-03-01", "2026-03-03");
    expect_refused("2026-03-01", "1st of March");
    expect_refused("2026-03-01", "2026-13-01");
    expect_refused("[none found, whole]", "[none found]");
    expect_refused("seen:", "also: x\nseen:");
}

static void test_form__file_of_no_form__refused(void **state)
{
    struct dg_run run;
    struct dg_problem problem = {""};

    (void)state;
    put("look.yaml", answer_yaml);
    put("other.yaml", answer_yaml);
    assert_int_equal(add(&run, folder, &problem), DG_E_MALFORMED);
    assert_non_null(strstr(problem.text, "other.yaml"));
    dg_run_free(&run);
    put("other.yaml", NULL);
    assert_int_equal(add(&run, "no/such/folder", &problem), DG_E_PORT);
    dg_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_form__not_asked__settles_nothing_and_opens_nothing),
        cmocka_unit_test(test_form__asked_without_answer__is_pending_and_open),
        cmocka_unit_test(test_form__signed__gives_its_verdict),
        cmocka_unit_test(test_form__about_another_firmware__stays_pending),
        cmocka_unit_test(test_form__wrong_answer__refused_with_line),
        cmocka_unit_test(test_form__file_of_no_form__refused),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
