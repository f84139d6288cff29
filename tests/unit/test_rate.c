/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/rate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "eval/conclude.h"
#include "eval/derived.h"
#include "eval/file.h"
#include "eval/hex.h"
#include "eval/verify.h"
#include "sample_run.h"

#define MOMENT "2026-04-01T10:00:00Z"

static struct dg_crypto crypto;
static struct dg_lab_key lab;
static struct dg_lab_key second_key;
static struct dg_run run;
static struct dg_problem problem;
static char folder[32];

static void make_key(struct dg_lab_key *key)
{
    assert_int_equal(crypto.p256_generate(
                         crypto.context, &key->private_key, &key->public_key),
                     DG_OK);
    assert_int_equal(dg_lab_key_id(&crypto, &key->public_key, key->id), DG_OK);
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(dg_crypto_openssl_init(&crypto), DG_OK);
    make_key(&lab);
    make_key(&second_key);
    sample_run_make(&run, &crypto, true);
    run.head.evaluator = "E. Valuator";
    dg_second_forget(&run);
    (void)snprintf(folder, sizeof folder, "rate_XXXXXX");
    assert_non_null(mkdtemp(folder));
    return 0;
}

static const char *in_folder(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int tear_down(void **state)
{
    static const char *const names[] = {
        "run.dgrun", "report.html", "other.dgrun"};

    (void)state;
    for (size_t i = 0; i < 3U; i++) {
        (void)unlink(in_folder(names[i]));
    }
    (void)rmdir(folder);
    dg_run_free(&run);
    dg_crypto_openssl_free(&crypto);
    return 0;
}

static unsigned sum_of(const char *test)
{
    struct dg_rating rating;

    assert_true(
        dg_conclude_path(&run, dg_run_find_test(&run, test)->paths, &rating));
    return rating.sum;
}

/* "replay" is rated le_1_day, proficient, public, easy, standard. */
static struct dg_rate_change good(void)
{
    return (struct dg_rate_change){.path = "replay",
                                   .factor = "expertise",
                                   .level = "expert",
                                   .person = "R. Ater",
                                   .because = "needs a logic analyser"};
}

static void test_rate__factor_changed__sum_follows_and_proposal_stays(
    void **state)
{
    struct dg_rate_change change = good();
    const struct dg_run_path *path = dg_run_find_test(&run, "replay")->paths;
    const struct dg_rating_choice *choice = path->choices->next;
    const unsigned before = sum_of("replay");

    (void)state;
    assert_string_equal(choice->factor, "expertise");
    assert_int_equal(dg_rate_change(&run, &change, &problem), DG_OK);
    /* CEM 3.1 R5, table 3: proficient 3, expert 6. */
    assert_int_equal(sum_of("replay"), before + 3U);
    assert_string_equal(choice->proposed, "proficient");
    assert_string_equal(choice->changed_by, "R. Ater");
    assert_string_equal(choice->reason, "needs a logic analyser");
    assert_string_equal(path->rated_by, "R. Ater");
    /* Changed again: what the catalogue proposed is still there. */
    change.level = "multiple_experts";
    assert_int_equal(dg_rate_change(&run, &change, &problem), DG_OK);
    assert_string_equal(choice->proposed, "proficient");
    assert_string_equal(choice->level, "multiple_experts");
}

static void test_rate__not_whole_or_unknown__refused_and_unchanged(void **state)
{
    struct dg_rate_change bad[] = {
        good(), good(), good(), good(), good(), good(), good(), good()};
    static const char *const words[] = {"no test 'nowhere'",
                                        "has 1 paths",
                                        "has 0 paths",
                                        "no factor 'luck'",
                                        "it has: layman proficient expert",
                                        "needs the name",
                                        "needs a reason",
                                        "names no path"};
    const unsigned before = sum_of("replay");

    (void)state;
    bad[0].path = "nowhere";
    bad[1].path = "replay:2";
    bad[2].path = "capture";
    bad[3].factor = "luck";
    bad[4].level = "genius";
    bad[5].person = "  ";
    bad[6].because = " \n";
    bad[7].path = "replay:x";
    for (size_t i = 0; i < 8U; i++) {
        assert_int_not_equal(dg_rate_change(&run, &bad[i], &problem), DG_OK);
        if (strstr(problem.text, words[i]) == NULL) {
            fail_msg("%s", problem.text);
        }
    }
    assert_int_equal(sum_of("replay"), before);
    assert_string_equal(dg_run_find_test(&run, "replay")->paths->rated_by,
                        "catalogue");
}

static dg_span encode(const struct dg_lab_key *key)
{
    dg_span bytes = {NULL, 0};

    assert_int_equal(
        dg_run_file_encode(&crypto, &run, key, &bytes, NULL, &problem), DG_OK);
    return bytes;
}

static enum dg_status sign(dg_span file,
                           const struct dg_lab_key *key,
                           const char *name,
                           dg_span *bytes)
{
    return dg_second_sign(&crypto,
                          file,
                          &run,
                          &lab.public_key,
                          key,
                          name,
                          MOMENT,
                          bytes,
                          &problem);
}

static struct dg_run_file_check check_bytes(dg_span bytes, struct dg_run *to)
{
    struct dg_run_file_check check;

    assert_int_equal(
        dg_run_file_check_bytes(&crypto, bytes, &lab.public_key, to, &check),
        DG_OK);
    return check;
}

static void test_second__another_key_and_person__confirmed(void **state)
{
    const dg_span file = encode(&lab);
    dg_span bytes = {NULL, 0};
    struct dg_run read;

    (void)state;
    assert_int_equal(sign(file, &second_key, "S. Econd", &bytes), DG_OK);

    const struct dg_run_file_check check = check_bytes(bytes, &read);

    assert_int_equal(check.state, DG_RUN_FILE_VALID);
    assert_true(check.second.is_there);
    assert_string_equal(check.second.name, "S. Econd");
    assert_string_equal(check.second.key_id, second_key.id);
    assert_string_equal(check.second.moment, MOMENT);
    assert_non_null(strstr(
        dg_run_find_test(&read, "replay")->paths->confirmed_by, "S. Econd"));
    dg_run_free(&read);
    dg_file_free(file);
    dg_file_free(bytes);
}

/* @verifies{EVL_SECOND.1@1} */
static void test_second__same_key_or_person__refused(void **state)
{
    struct dg_rate_change change = good();
    static const char *const people[] = {
        "E. Valuator", " e.valuator", "R. Ater", "r.ATER ", "catalogue"};
    dg_span bytes = {NULL, 0};

    (void)state;
    assert_int_equal(dg_rate_change(&run, &change, &problem), DG_OK);

    const dg_span file = encode(&lab);

    assert_int_equal(sign(file, &lab, "S. Econd", &bytes), DG_E_AUTH);
    for (size_t i = 0; i < 5U; i++) {
        assert_int_equal(sign(file, &second_key, people[i], &bytes), DG_E_AUTH);
        assert_null(bytes.at);
    }
    /* A space that is not seen, and one that turns what follows round. */
    assert_int_equal(sign(file, &second_key, "E.\u200B Valuator", &bytes),
                     DG_E_RANGE);
    assert_int_equal(sign(file, &second_key, "\u202Eotaulav", &bytes),
                     DG_E_RANGE);
    assert_int_equal(sign(file, &second_key, "", &bytes), DG_E_RANGE);
    assert_int_equal(sign(file, &second_key, "a\nb", &bytes), DG_E_RANGE);
    dg_file_free(file);
}

/* @verifies{EVL_SECOND.1@1} */
static void test_second__whoever_waived_expected_or_signed__refused(
    void **state)
{
    static const char *const people[] = {"W. Aiver", "X. Pecter", "F. Ormer"};
    struct dg_run_test *test = run.tests;
    dg_span bytes = {NULL, 0};

    (void)state;
    test->waived_by = "W. Aiver";
    test->next->expected_by = "X. Pecter";
    test->next->next->reason = "Signed by F. Ormer on 2026-11-23: pass.";
    run.head.evaluator = "E.\u200B Valuator";

    dg_span file = encode(&lab);

    for (size_t i = 0; i < 3U; i++) {
        assert_int_equal(sign(file, &second_key, people[i], &bytes), DG_E_AUTH);
    }
    assert_int_equal(sign(file, &second_key, "E. Valuator", &bytes), DG_E_AUTH);
    dg_file_free(file);
    /* From nobody, nobody can be told. */
    run.head.evaluator = "";
    file = encode(&lab);
    assert_int_equal(sign(file, &second_key, "S. Econd", &bytes), DG_E_AUTH);
    assert_non_null(strstr(problem.text, "--evaluator"));
    dg_file_free(file);
}

/* What our own program refuses to make, somebody else's may make. */
static void test_second__made_elsewhere_by_same_key_or_person__altered(
    void **state)
{
    const dg_span file = encode(&lab);
    dg_span bytes = {NULL, 0};

    (void)state;
    /* As if another key had signed the run. */
    assert_int_equal(dg_second_sign(&crypto,
                                    file,
                                    &run,
                                    &second_key.public_key,
                                    &lab,
                                    "S. Econd",
                                    MOMENT,
                                    &bytes,
                                    &problem),
                     DG_OK);

    struct dg_run_file_check check = check_bytes(bytes, NULL);

    assert_int_equal(check.state, DG_RUN_FILE_ALTERED);
    assert_int_equal(check.cause, DG_RUN_CAUSE_SECOND);
    assert_non_null(strstr(check.why.text, "key of their own"));
    dg_file_free(bytes);
    /* As if somebody else had evaluated. */
    run.head.evaluator = "N. Obody";
    assert_int_equal(sign(file, &second_key, "E. Valuator", &bytes), DG_OK);
    check = check_bytes(bytes, NULL);
    assert_int_equal(check.cause, DG_RUN_CAUSE_SECOND);
    assert_non_null(strstr(check.why.text, "does not confirm"));
    dg_file_free(bytes);
    dg_file_free(file);
}

static void test_second__of_another_run_or_damaged__altered(void **state)
{
    const dg_span file = encode(&lab);
    dg_span bytes = {NULL, 0};

    (void)state;
    assert_int_equal(sign(file, &second_key, "S. Econd", &bytes), DG_OK);

    const size_t size = bytes.size - file.size;
    uint8_t *copy = malloc(bytes.size);

    assert_non_null(copy);
    for (size_t i = 0; i < size; i++) {
        memcpy(copy, bytes.at, bytes.size);
        copy[file.size + i] ^= 1U;
        assert_int_equal(check_bytes((dg_span){copy, bytes.size}, NULL).state,
                         DG_RUN_FILE_ALTERED);
        if (i > 0U) {
            assert_int_equal(
                check_bytes((dg_span){bytes.at, file.size + i}, NULL).state,
                DG_RUN_FILE_ALTERED);
        }
    }
    free(copy);

    /* The same sign-off behind another run of the same laboratory. */
    run.head.seed++;

    const dg_span other = encode(&lab);
    uint8_t *joined = malloc(other.size + size);

    assert_non_null(joined);
    memcpy(joined, other.at, other.size);
    memcpy(joined + other.size, bytes.at + file.size, size);

    const struct dg_run_file_check check =
        check_bytes((dg_span){joined, other.size + size}, NULL);

    assert_int_equal(check.cause, DG_RUN_CAUSE_SECOND);
    assert_non_null(strstr(check.why.text, "another run"));
    free(joined);
    dg_file_free(other);
    dg_file_free(file);
    dg_file_free(bytes);
}

static void test_second__rating_changed_after__void(void **state)
{
    struct dg_rate_change change = good();
    const dg_span file = encode(&lab);
    dg_span bytes = {NULL, 0};
    struct dg_run read;

    (void)state;
    assert_int_equal(sign(file, &second_key, "S. Econd", &bytes), DG_OK);
    (void)check_bytes(bytes, &read);
    assert_int_equal(dg_rate_change(&read, &change, &problem), DG_OK);
    assert_string_equal(dg_run_find_test(&read, "replay")->paths->confirmed_by,
                        "");
    dg_run_free(&read);
    dg_file_free(file);
    dg_file_free(bytes);
}

/* verify: every explanation ----------------------------------------------- */

static void put(const char *name, dg_span bytes)
{
    assert_int_equal(dg_file_write(in_folder(name), bytes, 0600, NULL), DG_OK);
}

static bool is_seen[DG_VERIFY_CAUSES];

/* Verify a file and expect one cause, told in words and with advice. */
static void expect_cause(const char *name,
                         const struct dg_public_key *trusted,
                         const struct dg_public_key *second,
                         enum dg_verify_cause cause,
                         const char *words)
{
    struct dg_verify_result result;

    assert_int_equal(dg_verify_signed_off(
                         &crypto, in_folder(name), trusted, second, &result),
                     DG_OK);
    if ((result.cause != cause) || (strstr(result.why.text, words) == NULL)) {
        fail_msg("cause %d, not %d: %s", result.cause, cause, result.why.text);
    }
    assert_int_equal(result.state == DG_VERIFY_VALID,
                     cause == DG_VERIFY_CAUSE_NONE);
    assert_int_equal(dg_verify_advice(cause)[0] == '\0',
                     cause == DG_VERIFY_CAUSE_NONE);
    is_seen[cause] = true;
}

/* A run file as a later version would sign it: same beginning, other rest. */
static dg_span of_version(const char *format, uint8_t room[2048])
{
    static const uint8_t purpose[] = "dosegate run 1";
    uint8_t payload_room[512];
    uint8_t kid[DG_KEY_ID_BYTES];
    struct dg_cbor_writer writer;
    dg_span payload = {NULL, 0};
    dg_span message = {NULL, 0};

    assert_true(dg_hex_get(lab.id, DG_BUF_OF(kid)));
    dg_cbor_writer_init(&writer, DG_BUF_OF(payload_room));
    dg_cbor_write_map(&writer, 4);
    dg_cbor_write_int(&writer, 1);
    dg_cbor_write_tstr(&writer, format);
    dg_cbor_write_int(&writer, 2);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(lab.public_key.x));
    dg_cbor_write_int(&writer, 3);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(lab.public_key.y));
    dg_cbor_write_int(&writer, 9);
    dg_cbor_write_tstr(&writer, "something new");
    assert_int_equal(dg_cbor_writer_end(&writer, &payload), DG_OK);
    assert_int_equal(dg_cose_sign1(&crypto,
                                   &lab.private_key,
                                   DG_SPAN_OF(kid),
                                   (dg_span){purpose, sizeof(purpose) - 1U},
                                   payload,
                                   (dg_buf){room, 2048},
                                   &message),
                     DG_OK);
    return message;
}

static void check_run_files(dg_span file, dg_span confirmed)
{
    const struct dg_public_key *own = &lab.public_key;
    const struct dg_public_key *other = &second_key.public_key;
    uint8_t room[2048];

    put("run.dgrun", file);
    expect_cause("run.dgrun", own, NULL, DG_VERIFY_CAUSE_NONE, "valid");
    expect_cause(
        "run.dgrun", other, NULL, DG_VERIFY_CAUSE_OTHER_KEY, "somebody else");
    expect_cause(
        "run.dgrun", NULL, NULL, DG_VERIFY_CAUSE_NO_KEY, "somebody else");
    expect_cause("run.dgrun",
                 own,
                 other,
                 DG_VERIFY_CAUSE_SECOND_MISSING,
                 "no second evaluator");
    put("run.dgrun", confirmed);
    expect_cause("run.dgrun", own, other, DG_VERIFY_CAUSE_NONE, "valid");
    expect_cause("run.dgrun", own, own, DG_VERIFY_CAUSE_SECOND_KEY, "S. Econd");
    put("run.dgrun", (dg_span){confirmed.at, confirmed.size - 1U});
    expect_cause(
        "run.dgrun", own, NULL, DG_VERIFY_CAUSE_SECOND, "second signature");
    put("run.dgrun", (dg_span){file.at, file.size - 1U});
    expect_cause(
        "run.dgrun", own, NULL, DG_VERIFY_CAUSE_CUT_SHORT, "cut short");
    put("run.dgrun", (dg_span){file.at, 40});
    expect_cause(
        "run.dgrun", own, NULL, DG_VERIFY_CAUSE_CUT_SHORT, "cut short");

    uint8_t *copy = malloc(file.size);

    assert_non_null(copy);
    memcpy(copy, file.at, file.size);
    copy[file.size - 5U] ^= 4U;
    put("run.dgrun", (dg_span){copy, file.size});
    expect_cause(
        "run.dgrun", own, NULL, DG_VERIFY_CAUSE_ALTERED, "calibration");
    free(copy);
    put("run.dgrun", of_version("dosegate-run-2", room));
    expect_cause(
        "run.dgrun", own, NULL, DG_VERIFY_CAUSE_VERSION, "dosegate-run-2");
    put("run.dgrun", (dg_span){(const uint8_t *)"hello", 5});
    expect_cause(
        "run.dgrun", own, NULL, DG_VERIFY_CAUSE_NOT_OURS, "not a Dosegate");
    put("run.dgrun", (dg_span){(const uint8_t *)"%PDF-1.7", 8});
    expect_cause("run.dgrun",
                 own,
                 NULL,
                 DG_VERIFY_CAUSE_NOT_COMPARED,
                 "cannot be compared");
}

static void check_derived(void)
{
    const struct dg_public_key *own = &lab.public_key;
    struct dg_run_origin origin;
    dg_span page = {NULL, 0};

    assert_int_equal(
        dg_run_file_write(
            &crypto, &run, &lab, in_folder("run.dgrun"), &origin, &problem),
        DG_OK);
    assert_int_equal(
        dg_derived_write(
            DG_DERIVED_HTML, &run, &origin, in_folder("report.html"), &problem),
        DG_OK);
    expect_cause("report.html", own, NULL, DG_VERIFY_CAUSE_NONE, "valid");
    assert_int_equal(
        dg_file_read(in_folder("report.html"), 1U << 24, &page, NULL), DG_OK);

    uint8_t *copy = malloc(page.size);

    assert_non_null(copy);
    memcpy(copy, page.at, page.size);
    copy[page.size / 2U] ^= 2U;
    put("report.html", (dg_span){copy, page.size});
    expect_cause(
        "report.html", own, NULL, DG_VERIFY_CAUSE_DERIVED, "from line");
    free(copy);
    put("report.html", page);
    dg_file_free(page);
    run.head.seed++;
    assert_int_equal(
        dg_run_file_write(
            &crypto, &run, &lab, in_folder("run.dgrun"), NULL, &problem),
        DG_OK);
    expect_cause("report.html",
                 own,
                 NULL,
                 DG_VERIFY_CAUSE_OTHER_RUN,
                 "it was made from run");
    assert_int_equal(unlink(in_folder("run.dgrun")), 0);
    expect_cause(
        "report.html", own, NULL, DG_VERIFY_CAUSE_NO_RUN, "is not beside it");
}

/* @verifies{EVL_VERIFY.1@1} */
static void test_verify__every_failure__its_own_words_and_advice(void **state)
{
    const dg_span file = encode(&lab);
    dg_span confirmed = {NULL, 0};

    (void)state;
    assert_int_equal(sign(file, &second_key, "S. Econd", &confirmed), DG_OK);
    check_run_files(file, confirmed);
    check_derived();
    dg_file_free(file);
    dg_file_free(confirmed);
    for (size_t i = 0; i < DG_VERIFY_CAUSES; i++) {
        assert_true(is_seen[i]);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(dg_verify_advice((enum dg_verify_cause)i),
                                    dg_verify_advice((enum dg_verify_cause)k));
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_rate__factor_changed__sum_follows_and_proposal_stays),
        TEST(test_rate__not_whole_or_unknown__refused_and_unchanged),
        TEST(test_second__another_key_and_person__confirmed),
        TEST(test_second__same_key_or_person__refused),
        TEST(test_second__whoever_waived_expected_or_signed__refused),
        TEST(test_second__made_elsewhere_by_same_key_or_person__altered),
        TEST(test_second__of_another_run_or_damaged__altered),
        TEST(test_second__rating_changed_after__void),
        TEST(test_verify__every_failure__its_own_words_and_advice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
