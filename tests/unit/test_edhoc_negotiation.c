/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "edhoc_run.h"
#include "ports/host/crypto_openssl.h"

static struct dg_crypto crypto;
static struct edhoc_run run;

/* The published first message_1 selects suite 6; the answer is "0202". */
static void test_edhoc__trace_2_first_attempt__error_then_suite_2(void **state)
{
    json_t *vector = vectors_load("edhoc/rfc9529_trace2_method3_suite2.json");
    const json_t *first = json_object_get(vector, "first_attempt");
    uint8_t room[64];
    uint8_t error_room[8];
    const dg_span message_1 = vectors_get(first, "message_1", DG_BUF_OF(room));
    const dg_span want =
        vectors_get(first, "responder_error", DG_BUF_OF(error_room));
    unsigned selected = 99U;

    (void)state;
    edhoc_run_load(&run, &crypto, vector);
    assert_int_equal(edhoc_run_read(&run, 1U, message_1), DG_E_UNSUPPORTED);
    assert_int_equal(run.error.size, want.size);
    assert_memory_equal(run.error.at, want.at, want.size);
    assert_int_equal(dg_edhoc_i_read_error(&run.i.suites, run.error, &selected),
                     DG_OK);
    assert_int_equal(selected, 1);
    json_decref(vector);
}

/* Suites of a JSON array. */
static struct dg_edhoc_suites suites_of(const json_t *array)
{
    struct dg_edhoc_suites suites = {0U, {0}, DG_METHOD_STATIC};
    const json_t *value = NULL;
    size_t i = 0U;

    json_array_foreach(array, i, value)
    {
        suites.suite[suites.count] = (int8_t)json_integer_value(value);
        suites.count++;
    }
    return suites;
}

static bool is_ours(const struct dg_edhoc_suites *suites)
{
    for (size_t i = 0U; i < suites->count; i++) {
        if ((suites->suite[i] != 2) && (suites->suite[i] != 3)) {
            return false;
        }
    }
    return true;
}

/* message_1 with the given SUITES_I: METHOD, SUITES_I, G_X, C_I. */
static dg_span message_with(const char *suites_hex, dg_buf room)
{
    static const uint8_t head[] = {0x58U, 0x20U};
    uint8_t suites_room[32];
    const dg_span suites = vectors_hex(suites_hex, DG_BUF_OF(suites_room));
    size_t at = 0U;

    room.at[at++] = 0x03U;
    (void)memcpy(&room.at[at], suites.at, suites.size);
    at += suites.size;
    (void)memcpy(&room.at[at], head, sizeof head);
    at += sizeof head;
    (void)memcpy(&room.at[at], run.i.self.public_key.x, DG_P256_SIZE);
    at += DG_P256_SIZE;
    room.at[at++] = 0x37U;
    return (dg_span){room.at, at};
}

static bool error_names(dg_span error, int64_t suite)
{
    const uint8_t one[] = {2U, (uint8_t)suite};

    for (size_t i = 1U; i < error.size; i++) {
        if (error.at[i] == one[1]) {
            return true;
        }
    }
    return false;
}

static void check_responder(const json_t *test)
{
    uint8_t room[128];
    const json_t *must = NULL;
    size_t i = 0U;
    const bool accept =
        strcmp(json_string_value(json_object_get(test, "result")), "accept") ==
        0;
    const enum dg_status status = edhoc_run_read(
        &run,
        1U,
        message_with(
            json_string_value(json_object_get(test, "suites_I_encoded")),
            DG_BUF_OF(room)));

    assert_int_equal(status, accept ? DG_OK : DG_E_UNSUPPORTED);
    if (accept) {
        assert_null(run.error.at);
        assert_int_equal(run.r.edhoc.suite,
                         json_integer_value(json_object_get(test, "selected")));
        return;
    }
    assert_true(run.error.size >= 2U);
    assert_int_equal(run.error.at[0], 2);
    json_array_foreach(json_object_get(test, "suites_R_must_contain"), i, must)
    {
        assert_true(error_names(run.error, json_integer_value(must)));
    }
}

/* @verifies{FTP_ITC.2@1} */
static void test_edhoc_r__negotiation_vectors__as_told(void **state)
{
    json_t *root = vectors_load("edhoc/negotiation.json");
    const json_t *test = NULL;
    size_t i = 0U;
    unsigned ran = 0U;
    unsigned skipped = 0U;

    (void)state;
    json_array_foreach(json_object_get(root, "responder"), i, test)
    {
        edhoc_run_fresh(&run, &crypto, 2);
        run.r.suites = suites_of(json_object_get(test, "responder_supports"));
        if (!is_ours(&run.r.suites)) {
            uint8_t room[128];

            assert_int_equal(
                edhoc_run_read(&run, 1U, message_with("02", DG_BUF_OF(room))),
                DG_E_USAGE);
            skipped++;
            continue;
        }
        check_responder(test);
        ran++;
    }
    json_array_foreach(json_object_get(root, "responder_malformed"), i, test)
    {
        uint8_t room[128];

        edhoc_run_fresh(&run, &crypto, 2);
        run.r.suites = (struct dg_edhoc_suites){2U, {3, 2}, DG_METHOD_STATIC};

        const enum dg_status status = edhoc_run_read(
            &run,
            1U,
            message_with(
                json_string_value(json_object_get(test, "suites_I_encoded")),
                DG_BUF_OF(room)));

        assert_int_equal(dg_status_category(status), DG_CAT_INPUT);
        assert_int_not_equal(status, DG_E_UNSUPPORTED);
        assert_null(run.error.at);
        ran++;
    }
    print_message("negotiation, Responder: %u ran, %u with suites that this "
                  "build lacks\n",
                  ran,
                  skipped);
    assert_true(ran >= 21U);
    json_decref(root);
}

/* SUITES_I that message_1 carries for this choice. */
static void want_suites_i(const struct dg_edhoc_suites *suites,
                          unsigned selected,
                          dg_span want)
{
    edhoc_run_fresh(&run, &crypto, 2);
    run.i.suites = *suites;
    run.selected = selected;
    assert_int_equal(edhoc_run_write(&run, 1U), DG_OK);
    assert_memory_equal(&run.message[0].at[1], want.at, want.size);
    assert_memory_equal(&run.message[0].at[1U + want.size], "\x58\x20", 2U);
}

static void test_edhoc_i__after_error_vectors__as_told(void **state)
{
    json_t *root = vectors_load("edhoc/negotiation.json");
    const json_t *test = NULL;
    size_t i = 0U;
    unsigned ran = 0U;

    (void)state;
    json_array_foreach(json_object_get(root, "initiator_after_error"), i, test)
    {
        const struct dg_edhoc_suites suites =
            suites_of(json_object_get(test, "initiator_preference"));
        uint8_t error[16] = {2U};
        uint8_t want_room[16];
        const dg_span suites_r = vectors_get(
            test, "previous_error_suites_R", (dg_buf){&error[1], 15U});
        const char *next =
            json_string_value(json_object_get(test, "next_suites_I"));
        unsigned selected = 99U;
        const enum dg_status status = dg_edhoc_i_read_error(
            &suites, (dg_span){error, 1U + suites_r.size}, &selected);

        assert_int_equal(status, (next != NULL) ? DG_OK : DG_E_UNSUPPORTED);
        if (next != NULL) {
            want_suites_i(
                &suites, selected, vectors_hex(next, DG_BUF_OF(want_room)));
        }
        ran++;
    }
    assert_true(ran >= 4U);
    json_decref(root);
}

static void test_edhoc_i__other_errors__not_tried_again(void **state)
{
    static const struct {
        const char *error;
        size_t size;
        enum dg_status status;
    } rows[] = {
        {"\x01\x65"
         "error",
         7U,
         DG_E_UNSUPPORTED},
        {"\x03\xF5", 2U, DG_E_UNSUPPORTED},
        {"\x02\x03\x00", 3U, DG_E_TRAILING},
        {"\x02", 1U, DG_E_TRUNCATED},
        {"\x02\x81\x03", 3U, DG_E_MALFORMED},
        {"\x02\x82\x03\x03", 4U, DG_E_MALFORMED},
        {"\x58\x20", 2U, DG_E_MALFORMED},
        {"\x02\x89\x00\x01\x02\x03\x04\x05\x06\x07\x08", 11U, DG_E_RANGE},
    };
    const struct dg_edhoc_suites suites = {2U, {3, 2}, DG_METHOD_STATIC};

    (void)state;
    for (size_t i = 0U; i < sizeof rows / sizeof rows[0]; i++) {
        unsigned selected = 99U;

        assert_int_equal(
            dg_edhoc_i_read_error(
                &suites,
                (dg_span){(const uint8_t *)rows[i].error, rows[i].size},
                &selected),
            rows[i].status);
        assert_int_equal(selected, 99);
    }
}

/* R has suite 6 as well, which we like best and lack. */
static void test_edhoc_i__error_with_a_suite_we_lack__the_next_one(void **state)
{
    const struct dg_edhoc_suites suites = {3U, {6, 3, 2}, DG_METHOD_STATIC};
    const dg_span error = {(const uint8_t *)"\x02\x83\x02\x06\x03", 5U};
    unsigned selected = 99U;

    (void)state;
    assert_int_equal(dg_edhoc_i_read_error(&suites, error, &selected), DG_OK);
    assert_int_equal(selected, 1);
}

static int set_up(void **state)
{
    (void)state;
    return (dg_crypto_openssl_init(&crypto) == DG_OK) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    dg_crypto_openssl_free(&crypto);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edhoc__trace_2_first_attempt__error_then_suite_2),
        cmocka_unit_test(test_edhoc_r__negotiation_vectors__as_told),
        cmocka_unit_test(test_edhoc_i__after_error_vectors__as_told),
        cmocka_unit_test(test_edhoc_i__other_errors__not_tried_again),
        cmocka_unit_test(
            test_edhoc_i__error_with_a_suite_we_lack__the_next_one),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
