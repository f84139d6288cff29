/* SPDX-License-Identifier: Apache-2.0 */
/* What was enough to make a product fail: kept, read back, refused.
 * @verifies{EVL_FUZZ.2@1} */
#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/sequence.h"

static const char *const states[] = {"open session", "in control"};
static const char *const messages[] = {"status", "propose", "stop"};

static const struct dg_fuzz_step steps[] = {
    {1U, 2U, 0U, {{DG_FUZZ_NONE, 0U, 0U}}},
    {0U,
     1U,
     3U,
     {{DG_FUZZ_BIT, 0U, UINT32_MAX},
      {DG_FUZZ_NEST, 12U, 3U},
      {DG_FUZZ_ODD, UINT32_MAX, 0U}}},
};

static struct dg_run_origin origin;

static void make_run(struct dg_run *run, const char *sequence)
{
    struct dg_run_test *test = NULL;

    dg_run_init(run);
    test = dg_run_add_test(run, "fuzz-session");
    assert_non_null(test);
    test->sequence = dg_run_text(run, sequence);
    run->product.firmware_digest = "abc";
    memset(origin.digest, 'd', sizeof(origin.digest) - 1U);
}

static char *print(void)
{
    char *text = dg_sequence_print(states, messages, steps, 2U, "it died");

    assert_non_null(text);
    return text;
}

static void test_sequence__printed__reads_the_same(void **state)
{
    struct dg_run run;
    struct dg_html file;
    struct dg_sequences list;
    struct dg_problem problem;
    char *text = print();

    (void)state;
    make_run(&run, text);
    free(text);
    assert_true(dg_sequences_any(&run));
    assert_int_equal(dg_sequences_render(&run, &origin, &file), DG_OK);
    assert_int_equal(dg_sequences_read(dg_html_span(&file), &list, &problem),
                     DG_OK);
    assert_int_equal(list.count, 1U);
    assert_string_equal(list.firmware_digest, "abc");
    assert_string_equal(list.item[0].test, "fuzz-session");
    assert_string_equal(list.item[0].why, "it died");
    assert_int_equal(list.item[0].count, 2U);
    for (size_t i = 0U; i < 2U; i++) {
        const struct dg_sequence_step *got = &list.item[0].steps[i];

        assert_string_equal(got->state, states[steps[i].state]);
        assert_string_equal(got->message, messages[steps[i].message]);
        assert_int_equal(got->step.count, steps[i].count);
        for (unsigned at = 0U; at < steps[i].count; at++) {
            assert_int_equal(got->step.change[at].kind,
                             steps[i].change[at].kind);
            assert_int_equal(got->step.change[at].where,
                             steps[i].change[at].where);
            assert_int_equal(got->step.change[at].what,
                             steps[i].change[at].what);
        }
    }
    dg_sequences_free(&list);
    dg_html_free(&file);
    dg_run_free(&run);
}

static void test_sequence__of_a_run__read_as_strictly(void **state)
{
    static const char *const bad[] = {
        "{}",
        "nothing",
        "{\"why\":\"a\",\"steps\":[]}",
        "{\"why\":\"a\",\"why\":\"b\",\"steps\":[{\"state\":\"s\","
        "\"message\":\"m\",\"change\":[]}]}",
        "{\"why\":\"a\",\"steps\":[{\"state\":\"s\",\"message\":\"m\","
        "\"change\":[\"nest 1 2\",3]}]}"};
    struct dg_run run;
    struct dg_html file;

    (void)state;
    for (size_t i = 0U; i < sizeof bad / sizeof bad[0]; i++) {
        make_run(&run, bad[i]);
        assert_int_equal(dg_sequences_render(&run, &origin, &file), DG_E_USAGE);
        dg_html_free(&file);
        dg_run_free(&run);
    }
    make_run(&run, "");
    assert_false(dg_sequences_any(&run));
    dg_run_free(&run);
}

static void refuse(const char *change, const char *why)
{
    char text[512];
    struct dg_sequences list;
    struct dg_problem problem;

    (void)snprintf(text,
                   sizeof text,
                   "{\"run\": \"r\", \"format\": \"dosegate-sequences-1\", "
                   "\"firmware_digest\": \"d\", \"sequences\": [{\"test\": "
                   "\"t\", \"why\": \"%s\", \"steps\": [{\"state\": \"s\", "
                   "\"message\": \"m\", \"change\": [%s]}]}]}",
                   why,
                   change);
    assert_int_equal(
        dg_sequences_read(
            (dg_span){(const uint8_t *)text, strlen(text)}, &list, &problem),
        DG_E_MALFORMED);
    assert_true(problem.text[0] != '\0');
    assert_int_equal(list.count, 0U);
}

static void test_sequence__changes__one_way_to_write_each(void **state)
{
    (void)state;
    refuse("\"none 1 2\"", "a");
    refuse("\"fly 1 2\"", "a");
    refuse("\"nest 1\"", "a");
    refuse("\"nest 1 2 3\"", "a");
    refuse("\"nest  1 2\"", "a");
    refuse("\"nest 01 2\"", "a");
    refuse("\"nest -1 2\"", "a");
    refuse("\"nest 4294967296 2\"", "a");
    refuse("\"nest 1 2\", \"nest 1 2\", \"nest 1 2\", \"nest 1 2\"", "a");
    refuse("17", "a");
    /* What a terminal would obey is no reason. */
    refuse("", "\\u001b[2J");
    refuse("", "\\u00e4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequence__printed__reads_the_same),
        cmocka_unit_test(test_sequence__of_a_run__read_as_strictly),
        cmocka_unit_test(test_sequence__changes__one_way_to_write_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
