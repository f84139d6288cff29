/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/run_codec.h"

#include <string.h>

#include "cmocka_all.h"
#include "eval/run.h"

/* A struct of the run file grows at its end: what an older program wrote is
 * read, and one run has one form. */

static struct dg_run run;
static uint8_t room[4096];

static dg_span write_test(const struct dg_run_test *test)
{
    struct dg_cbor_writer writer;
    dg_span bytes = {NULL, 0};

    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_run_codec_write(&writer, &dg_shape_test, test);
    assert_int_equal(dg_cbor_writer_end(&writer, &bytes), DG_OK);
    return bytes;
}

static enum dg_status read_test(dg_span bytes, struct dg_run_test *test)
{
    size_t budget = 100;

    dg_run_codec_clear(&dg_shape_test, test);
    return dg_run_codec_read(bytes, &dg_shape_test, &run.arena, &budget, test);
}

/* The number of items in the array that begins here, 0 .. 255. */
static unsigned items_of(dg_span bytes)
{
    return ((bytes.at[0] & 0x1FU) < 24U) ? (bytes.at[0] & 0x1FU) : bytes.at[1];
}

static void test_run_codec__nothing_new_said__form_of_the_first_version(
    void **state)
{
    struct dg_run_test *test = dg_run_add_test(&run, "replay");
    struct dg_run_test again;

    (void)state;
    const dg_span bytes = write_test(test);

    /* 22 fields had a test before it could have more. */
    assert_int_equal(items_of(bytes), 22);
    assert_int_equal(read_test(bytes, &again), DG_OK);
    assert_string_equal(again.entry_digest, "");
    assert_null(again.earlier);
}

static void test_run_codec__later_fields__come_back(void **state)
{
    struct dg_run_test *test = dg_run_add_test(&run, "replay");
    struct dg_run_earlier *earlier =
        dg_run_add_earlier(&run, test, DG_RUN_FAIL);
    struct dg_run_test again;

    (void)state;
    earlier->reason = "delivered twice";
    test->entry_digest = "00ff";

    const dg_span bytes = write_test(test);

    assert_int_equal(items_of(bytes), 24);
    assert_int_equal(read_test(bytes, &again), DG_OK);
    assert_string_equal(again.entry_digest, "00ff");
    assert_int_equal(again.earlier->verdict, DG_RUN_FAIL);
    assert_string_equal(again.earlier->reason, "delivered twice");
}

static void test_run_codec__later_field_empty_but_there__refused(void **state)
{
    struct dg_run_test *test = dg_run_add_test(&run, "replay");
    struct dg_run_test again;

    (void)state;
    test->entry_digest = "0";

    const dg_span bytes = write_test(test);

    assert_int_equal(read_test(bytes, &again), DG_OK);
    /* The last two bytes are the text "0": make it the empty text. */
    assert_int_equal(bytes.at[bytes.size - 1U], '0');
    room[bytes.size - 2U] = 0x60U;
    assert_int_equal(read_test((dg_span){bytes.at, bytes.size - 1U}, &again),
                     DG_E_MALFORMED);
}

static void test_run_codec__more_or_fewer_fields_than_known__refused(
    void **state)
{
    struct dg_run_test *test = dg_run_add_test(&run, "replay");
    struct dg_run_test again;

    (void)state;
    const dg_span bytes = write_test(test);

    assert_int_equal(bytes.at[0], 0x96); /* an array of 22 */
    room[0] = 0x95U;
    assert_int_not_equal(
        read_test((dg_span){bytes.at, bytes.size - 1U}, &again), DG_OK);
    room[0] = 0x97U;
    room[bytes.size] = 0xF6U; /* null, which no field is */
    assert_int_not_equal(
        read_test((dg_span){bytes.at, bytes.size + 1U}, &again), DG_OK);
}

static int set_up(void **state)
{
    (void)state;
    dg_run_init(&run);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dg_run_free(&run);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_run_codec__nothing_new_said__form_of_the_first_version),
        TEST(test_run_codec__later_fields__come_back),
        TEST(test_run_codec__later_field_empty_but_there__refused),
        TEST(test_run_codec__more_or_fewer_fields_than_known__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
