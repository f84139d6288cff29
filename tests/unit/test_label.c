/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/label.h"

#include <stdlib.h>
#include <string.h>

#include "cmocka_all.h"
#include "crypto_openssl.h"
#include "sample_run.h"

static struct dg_crypto crypto;
static const struct dg_run_origin origin = {"00ff", "0123456789abcdef"};

static int set_up(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : 1;
}

static void expect_sentence(const struct dg_run *run, const char *expected)
{
    struct dg_conclusion conclusion;
    char sentence[400];

    assert_int_equal(dg_conclude(run, &conclusion), DG_OK);
    dg_label_sentence(run, &conclusion, sentence, sizeof(sentence));
    assert_string_equal(sentence, expected);
}

static void test_label__each_ending__one_sentence(void **state)
{
    struct dg_run run;

    (void)state;
    sample_run_make(&run, &crypto, false);
    expect_sentence(&run,
                    "Meadow Patch Pump 2.4.1 passed all 5 tests that apply; "
                    "no attack contradicts AVA_VAN.3, the claim.");
    run.head.tier = DG_RUN_CHOSEN;
    expect_sentence(&run,
                    "Meadow Patch Pump 2.4.1 passed all 5 tests that were "
                    "chosen; no attack contradicts AVA_VAN.3, the claim.");
    run.tests->verdict = DG_RUN_PENDING;
    expect_sentence(&run,
                    "Meadow Patch Pump 2.4.1 failed no test, but 1 of 6 could "
                    "not be judged, so there is no result yet.");
    dg_run_free(&run);

    sample_run_make(&run, &crypto, true);
    expect_sentence(&run,
                    "Meadow Patch Pump 2.4.1 failed 2 of 8 tests; the cheapest "
                    "attack scores 4 points (Basic), which contradicts the "
                    "claim.");
    dg_run_free(&run);

    dg_run_init(&run);
    run.product.name = "X";
    run.product.version = "1";
    expect_sentence(&run, "X 1: nothing was tested.");
    dg_run_add_test(&run, "a")->verdict = DG_RUN_NOT_APPLICABLE;
    expect_sentence(&run, "X 1: no test applied, so nothing was shown.");
    dg_run_free(&run);
}

static const struct dg_label_fact *find_fact(const struct dg_label_fact *facts,
                                             size_t count,
                                             const char *title)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(facts[i].title, title) == 0) {
            return &facts[i];
        }
    }
    fail_msg("no fact %s", title);
    return NULL;
}

static void test_label__facts__say_what_the_run_says(void **state)
{
    struct dg_label_fact facts[DG_LABEL_FACTS_MAX];
    struct dg_conclusion conclusion;
    struct dg_run run;

    (void)state;
    sample_run_make(&run, &crypto, true);
    assert_int_equal(dg_conclude(&run, &conclusion), DG_OK);

    size_t count = dg_label_facts(&run, &conclusion, &origin, facts);

    assert_string_equal(find_fact(facts, count, "Attack resistance")->value,
                        "no AVA_VAN level holds");
    assert_string_equal(find_fact(facts, count, "Cheapest attack")->value,
                        "Record a dose, send it in a new connection");
    assert_string_equal(find_fact(facts, count, "Tests")->value,
                        "2 failed, 1 passed, 3 open");
    assert_string_equal(find_fact(facts, count, "Most it may deliver")->value,
                        "one bolus 10.00\xc2\xa0U, any hour 15.00\xc2\xa0U");
    assert_non_null(
        strstr(find_fact(facts, count, "Tested by")->sentence, origin.key_id));

    run.product.phone_lost = "";
    count = dg_label_facts(&run, &conclusion, &origin, facts);
    assert_string_equal(find_fact(facts, count, "Phone lost")->value,
                        "not stated");
    dg_run_free(&run);
}

/* Every line must end inside the frame.  Measured another way than the code
 * does: no line of n letters may be wider than n times the widest common
 * letter allows, and no text may stand below the frame. */
static void test_label__long_and_strange_texts__stay_inside(void **state)
{
    static char word[3000];
    struct dg_run run;
    struct dg_html svg;

    (void)state;
    sample_run_make(&run, &crypto, false);
    memset(word, 'W', sizeof(word) - 1U);
    run.product.name = word;
    run.product.contact = "\xe6\xbc\xa2\xe5\xad\x97 \xc3\xa9";
    run.product.phone_lost = "a  b   c                          d";
    assert_int_equal(dg_label_render(&run, &origin, &svg), DG_OK);

    unsigned long height = strtoul(strstr(svg.at, "0 0 400 ") + 8, NULL, 10);
    size_t lines = 0;
    size_t letters = 0;

    for (const char *at = strstr(svg.at, "<text class=\"n\""); at != NULL;
         at = strstr(at + 1, "<text class=\"n\"")) {
        const char *from = strchr(at, '>') + 1;
        const size_t size = strcspn(from, "<");

        /* Bold Helvetica W: 944 thousandths of 24 units, 372 units wide. */
        assert_true((size * 944U * 24U) <= (372U * 1000U));
        letters += size;
        lines++;
    }
    assert_int_equal(letters, sizeof(word) - 1U);
    assert_true(lines > 100U);
    for (const char *at = strstr(svg.at, " y=\""); at != NULL;
         at = strstr(at + 1, " y=\"")) {
        assert_true(strtoul(at + 4, NULL, 10) < height);
    }
    dg_html_free(&svg);
    dg_run_free(&run);
}

static void test_label__drawn__says_what_it_is_not(void **state)
{
    struct dg_run run;
    struct dg_html svg;

    (void)state;
    sample_run_make(&run, &crypto, false);
    assert_int_equal(dg_label_render(&run, &origin, &svg), DG_OK);
    assert_non_null(strstr(svg.at, "Research evaluation, not a certificate."));
    assert_non_null(strstr(svg.at, "Example Maker &amp; Sons"));
    assert_non_null(strstr(svg.at, "dosegate-run:sha256:00ff"));
    dg_html_free(&svg);
    dg_run_free(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label__each_ending__one_sentence),
        cmocka_unit_test(test_label__facts__say_what_the_run_says),
        cmocka_unit_test(test_label__long_and_strange_texts__stay_inside),
        cmocka_unit_test(test_label__drawn__says_what_it_is_not),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
