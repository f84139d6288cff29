/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "eval/derived.h"
#include "eval/file.h"
#include "eval/hex.h"
#include "eval/output/dsse.h"
#include "eval/output/etr.h"
#include "eval/output/formats.h"
#include "eval/output/requirements.h"
#include "eval/output/uuid.h"
#include "eval/output/work_units.h"
#include "sample_run.h"

static struct dg_crypto crypto;
static const struct dg_run_origin origin = {
    "9b74c9897bac770ffc029102a200c5de5f2f7a4a8c6fb0b3a4d0a3f0e2a1c7d4",
    "0123456789abcdef"};

static int set_up(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : 1;
}

static void test_uuid__same_name__same_version_5(void **state)
{
    const struct dg_uuid one = dg_uuid_of(&origin, "test", "replay");

    (void)state;
    /* python3: uuid.uuid5(uuid.NAMESPACE_URL, "dosegate-run:sha256:9b74...c7d4"
     * "/test/replay") */
    assert_string_equal(one.text, "cfc375bc-c0bb-50a4-8f7b-35d87beb3b4a");
    assert_string_not_equal(one.text,
                            dg_uuid_of(&origin, "test", "replay2").text);
}

static void test_requirements__tests_of_each__worst_decides(void **state)
{
    struct dg_requirement_result *results = NULL;
    struct dg_run run;

    (void)state;
    dg_run_init(&run);

    struct dg_run_test *one = dg_run_add_test(&run, "a");
    struct dg_run_test *two = dg_run_add_test(&run, "b");

    dg_run_add_line(&run, &one->requirements, "R.1");
    dg_run_add_line(&run, &two->requirements, "R.1");
    dg_run_add_line(&run, &two->requirements, "R.2");
    one->verdict = DG_RUN_PASS;
    two->verdict = DG_RUN_NOT_APPLICABLE;
    assert_int_equal(dg_requirements_of(&run, &run.arena, &results), 2);
    assert_int_equal(results[0].state, DG_REQUIREMENT_MET);
    assert_int_equal(results[0].tests, 2);
    assert_int_equal(results[1].state, DG_REQUIREMENT_NOT_APPLICABLE);
    two->verdict = DG_RUN_WAIVED;
    assert_int_equal(dg_requirements_of(&run, &run.arena, &results), 2);
    assert_int_equal(results[0].state, DG_REQUIREMENT_OPEN);
    two->verdict = DG_RUN_FAIL;
    assert_int_equal(dg_requirements_of(&run, &run.arena, &results), 2);
    assert_int_equal(results[0].state, DG_REQUIREMENT_NOT_MET);
    dg_run_free(&run);
}

static void test_formats__run_without_what_they_ask__refused(void **state)
{
    struct dg_run run;
    struct dg_html out;

    (void)state;
    sample_run_make(&run, &crypto, false);
    run.head.ended = "yesterday";
    assert_int_equal(dg_oscal_render(&run, &origin, &out), DG_E_USAGE);
    assert_int_equal(dg_csaf_render(&run, &origin, &out), DG_E_USAGE);
    assert_int_equal(dg_summary_render(&run, &origin, &out), DG_E_USAGE);
    run.head.ended = "2026-03-02T09:14:47Z";
    run.product.firmware_digest = "none";
    assert_int_equal(dg_test_result_render(&run, &origin, &out), DG_E_USAGE);
    dg_run_free(&run);
    assert_false(dg_format_is_moment("2026-03-02T09:14:47"));
    assert_false(dg_format_is_moment("2026-03-02 09:14:47Z"));
    assert_true(dg_format_is_moment("2026-03-02T09:14:47Z"));
}

static void test_formats__same_run_twice__same_bytes(void **state)
{
    struct dg_run run;

    (void)state;
    sample_run_make(&run, &crypto, true);
    for (int kind = DG_DERIVED_NONE + 1; kind < DG_DERIVED_KINDS; kind++) {
        struct dg_html first;
        struct dg_html second;
        char mark[sizeof(DG_DERIVED_MARK) + (2U * DG_HASH_SIZE)];

        assert_int_equal(dg_derived_render(
                             (enum dg_derived_kind)kind, &run, &origin, &first),
                         DG_OK);
        assert_int_equal(
            dg_derived_render(
                (enum dg_derived_kind)kind, &run, &origin, &second),
            DG_OK);
        assert_string_equal(first.at, second.at);
        /* Where dosegate verify looks for it. */
        (void)snprintf(
            mark, sizeof(mark), "%s%s", DG_DERIVED_MARK, origin.digest);
        assert_non_null(strstr(first.at, mark));
        assert_true((size_t)(strstr(first.at, mark) - first.at) + sizeof(mark) <
                    DG_DERIVED_WITHIN);
        assert_int_equal(dg_derived_kind_of("x", dg_html_span(&first)), kind);
        dg_html_free(&first);
        dg_html_free(&second);
    }
    dg_run_free(&run);
}

static void test_intoto__failed_run__claims_nothing_false(void **state)
{
    struct dg_run run;
    struct dg_html out;

    (void)state;
    sample_run_make(&run, &crypto, true);
    assert_int_equal(dg_summary_render(&run, &origin, &out), DG_OK);
    assert_null(strstr(out.at, "DOSEGATE_ALL_TESTS_PASSED"));
    assert_null(strstr(out.at, "NOT_CONTRADICTED"));
    dg_html_free(&out);
    dg_run_free(&run);
    sample_run_make(&run, &crypto, false);
    assert_int_equal(dg_summary_render(&run, &origin, &out), DG_OK);
    assert_non_null(strstr(out.at, "DOSEGATE_VAN3_NOT_CONTRADICTED"));
    dg_html_free(&out);
    dg_run_free(&run);
}

static bool says_all_passed(const struct dg_run *run, const char *result)
{
    struct dg_html out;

    assert_int_equal(dg_test_result_render(run, &origin, &out), DG_OK);
    assert_non_null(strstr(out.at, result));
    dg_html_free(&out);
    assert_int_equal(dg_summary_render(run, &origin, &out), DG_OK);

    const bool is_said = strstr(out.at, "DOSEGATE_ALL_TESTS_PASSED") != NULL;

    dg_html_free(&out);
    return is_said;
}

/* The program ends with 0 in each of them. */
static void test_intoto__expected_failure_or_chosen_tests__not_all_passed(
    void **state)
{
    struct dg_run run;

    (void)state;
    sample_run_make(&run, &crypto, false);
    assert_true(says_all_passed(&run, "\"PASSED\""));
    run.head.tier = DG_RUN_CHOSEN;
    assert_false(says_all_passed(&run, "\"PASSED\""));
    run.head.tier = "full";
    run.tests->verdict = DG_RUN_FAIL;
    run.tests->expected = DG_RUN_FAIL;
    run.tests->expected_because = "mended in 2.5";
    run.tests->expected_by = "A. Evaluator";
    run.tests->expected_until = "2999-12-31";
    assert_int_equal(dg_run_exit_code(&run), 0);
    assert_false(says_all_passed(&run, "\"WARNED\""));
    dg_run_free(&run);
}

static void test_work_units__each_level__closed_and_counted(void **state)
{
    struct dg_work_table table;
    struct dg_problem problem;

    (void)state;
    for (unsigned level = 1; level <= 5U; level++) {
        char last[16];

        if (dg_work_table_read(level, &table, &problem) != DG_OK) {
            fail_msg("%s", problem.text);
        }
        (void)snprintf(last, sizeof(last), "AVA_VAN.%u", level);

        const struct dg_work_component *van =
            &table.components[table.count - 1U];

        assert_string_equal(van->id, last);
        assert_string_equal(table.edition, "3.1R5");
        /* CEM 3.1R5 has no method for AVA_VAN.5. */
        assert_int_equal(van->actions,
                         (level == 5U)   ? 0
                         : (level == 1U) ? 3
                                         : 4);
        assert_int_equal(van->run[DG_WORK_CONDUCT] != 0U, level != 5U);
        dg_work_table_free(&table);
    }
    assert_int_equal(dg_work_table_read(0, &table, &problem), DG_E_RANGE);
    dg_work_table_free(&table);
    assert_int_equal(dg_work_table_read(6, &table, &problem), DG_E_RANGE);
    dg_work_table_free(&table);
}

static void test_etr__no_claim__no_report(void **state)
{
    struct dg_run run;
    struct dg_html out;

    (void)state;
    sample_run_make(&run, &crypto, false);
    run.head.van_claimed = 0;
    assert_int_equal(dg_etr_json_render(&run, &origin, &out), DG_E_USAGE);
    assert_int_equal(dg_etr_html_render(&run, &origin, &out), DG_E_USAGE);
    /* A level without a method is still reported, and stays open. */
    run.head.van_claimed = 5;
    assert_int_equal(dg_etr_json_render(&run, &origin, &out), DG_OK);
    assert_non_null(strstr(out.at, "ask the scheme"));
    dg_html_free(&out);
    dg_run_free(&run);
}

/* Which unit of the claim's AVA_VAN says that tests were carried out. */
static void check_conduct(const struct dg_run *run,
                          const char *verdict,
                          const char *basis)
{
    struct dg_html out;
    const char *unit = NULL;
    const char *end = NULL;
    char wanted[64];

    assert_int_equal(dg_etr_json_render(run, &origin, &out), DG_OK);
    unit = strstr(out.at, "\"AVA_VAN.4-8\"");
    assert_non_null(unit);
    end = strchr(unit, '}');
    (void)snprintf(wanted, sizeof(wanted), "\"verdict\": \"%s\"", verdict);
    assert_non_null(strstr(unit, wanted));
    assert_true(strstr(unit, wanted) < end);
    assert_non_null(strstr(unit, basis));
    assert_true(strstr(unit, basis) < end);
    dg_html_free(&out);
}

/* A program alone has not done what needs hands, documents or users. */
static void test_etr__forms__fill_what_was_carried_out(void **state)
{
    struct dg_run run;
    struct dg_run_test *form = NULL;

    (void)state;
    sample_run_make(&run, &crypto, false);
    run.head.van_claimed = 4;
    for (struct dg_run_test *test = run.tests; test != NULL;
         test = test->next) {
        test->verdict =
            (test->verdict == DG_RUN_FAIL) ? DG_RUN_FAIL : DG_RUN_PASS;
    }
    check_conduct(&run, "pass", "Every test that applies");
    form = dg_run_add_test(&run, "form-look");
    assert_non_null(form);
    form->verdict = DG_RUN_NOT_ASKED;
    check_conduct(&run, "inconclusive", "not the forms");
    form->verdict = DG_RUN_PENDING;
    check_conduct(&run, "inconclusive", "Tests are open");
    form->verdict = DG_RUN_PASS;
    form->reason =
        DG_RUN_SIGNED_BY "A. Evaluator" DG_RUN_SIGNED_ON "2026-03-02: pass.";
    check_conduct(&run, "pass", "every form was signed");
    dg_run_free(&run);
}

static void test_make__other_key__nothing_signed(void **state)
{
    struct dg_lab_key key = {.id = "fedcba9876543210"};
    struct dg_run run;
    struct dg_problem problem;
    struct dg_make_order order = {.crypto = &crypto,
                                  .run = &run,
                                  .origin = &origin,
                                  .key = &key,
                                  .out = "."};

    (void)state;
    dg_run_init(&run);
    assert_int_equal(dg_make_outputs(&order, "intoto", NULL, &problem),
                     DG_E_AUTH);
    order.key = NULL;
    assert_int_equal(dg_make_outputs(&order, "intoto", NULL, &problem),
                     DG_E_AUTH);
    assert_int_equal(dg_make_outputs(&order, "docx", NULL, &problem),
                     DG_E_USAGE);
    assert_false(dg_make_knows("docx"));
    dg_run_free(&run);
}

/* Every text of a run that a product or a file can put there. */
static void make_hostile(struct dg_run *run)
{
    static const char nasty[] =
        "\n \"';<script>alert(1)</script>\xe2\x80\xae\x01 \\ %s {}\t\n";

    sample_run_make(run, &crypto, true);
    run->product.name = dg_run_text(run, nasty);
    run->product.version = dg_run_text(run, nasty);
    run->product.maker = dg_run_text(run, nasty);
    run->head.laboratory = dg_run_text(run, nasty);
    run->head.profile_title = dg_run_text(run, nasty);
    for (struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        t->title = dg_run_text(run, nasty);
        t->reason = dg_run_text(run, nasty);
        t->threat = dg_run_text(run, nasty);
        t->position = dg_run_text(run, nasty);
        dg_run_add_line(run, &t->requirements, "FCS_COP.1/HASH");
        dg_run_add_line(run, &t->requirements, nasty);
        dg_run_add_line(run, &t->requirements, "1$");
    }
}

/* The passing run claims our own profile, as it lies in spec/. */
static void claim_profile(struct dg_run *run)
{
    const dg_span yaml = sample_spec("profiles/connected-device.yaml");
    struct dg_hash hash;
    char digest[(2U * DG_HASH_SIZE) + 1U];

    assert_int_equal(crypto.sha256(crypto.context, &yaml, 1, &hash), DG_OK);
    dg_hex_put(DG_SPAN_OF(hash.byte), digest);
    dg_file_free(yaml);
    run->head.profile_id = "connected-device";
    run->head.profile_digest = dg_run_text(run, digest);
}

/* With a folder as argument: leave signed sample runs there, for
 * tests/integration/test_outputs.py. */
static int leave_samples(const char *folder)
{
    static const char *const names[] = {"passing", "failing", "hostile"};
    struct dg_lab_key key;
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/lab.key", folder);
    if (dg_lab_key_open(&crypto, path, &key, NULL) != DG_OK) {
        return 1;
    }
    for (size_t i = 0; i < 3U; i++) {
        struct dg_run run;

        if (i == 2U) {
            make_hostile(&run);
        } else {
            sample_run_make(&run, &crypto, i == 1U);
        }
        if (i == 0U) {
            claim_profile(&run);
        }
        (void)snprintf(path, sizeof(path), "%s/%s.dgrun", folder, names[i]);
        if (dg_run_file_write(&crypto, &run, &key, path, NULL, NULL) != DG_OK) {
            return 1;
        }
        dg_run_free(&run);
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uuid__same_name__same_version_5),
        cmocka_unit_test(test_requirements__tests_of_each__worst_decides),
        cmocka_unit_test(test_formats__run_without_what_they_ask__refused),
        cmocka_unit_test(test_formats__same_run_twice__same_bytes),
        cmocka_unit_test(test_intoto__failed_run__claims_nothing_false),
        cmocka_unit_test(
            test_intoto__expected_failure_or_chosen_tests__not_all_passed),
        cmocka_unit_test(test_work_units__each_level__closed_and_counted),
        cmocka_unit_test(test_etr__no_claim__no_report),
        cmocka_unit_test(test_etr__forms__fill_what_was_carried_out),
        cmocka_unit_test(test_make__other_key__nothing_signed),
    };

    if (argc == 2) {
        return (set_up(NULL) == 0) ? leave_samples(argv[1]) : 1;
    }
    return cmocka_run_group_tests(tests, set_up, NULL);
}
