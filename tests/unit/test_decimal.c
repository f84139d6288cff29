/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "domain/decimal.h"

/* Every row of spec/decimal-entry.json; the page reads the same rows in a
 * browser (tests/integration/test_confirm_page.py).
 * @verifies{FDP_ENTRY.1@1} */
static json_t *table;

static int setup(void **state)
{
    json_error_t error;

    (void)state;
    table = json_load_file(DG_DECIMAL_TABLE, 0, &error);
    return (table == NULL) ? -1 : 0;
}

static int teardown(void **state)
{
    (void)state;
    json_decref(table);
    return 0;
}

static void test_decimal__accepted_rows__exactly_that(void **state)
{
    const json_t *rows = json_object_get(table, "accepted");

    (void)state;
    assert_true(json_array_size(rows) >= 20U);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const char *why = NULL;
        int32_t value = -1;

        assert_int_equal(
            dg_decimal_read(
                json_string_value(json_object_get(row, "text")), &value, &why),
            DG_OK);
        assert_int_equal(
            value, json_integer_value(json_object_get(row, "thousandths")));
    }
}

static void test_decimal__refused_rows__told_what_to_write(void **state)
{
    const json_t *rows = json_object_get(table, "refused");

    (void)state;
    assert_true(json_array_size(rows) >= 50U);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const char *text =
            json_string_value(json_object_get(json_array_get(rows, i), "text"));
        const char *why = NULL;
        int32_t value = -1;

        if (dg_decimal_read(text, &value, &why) != DG_E_MALFORMED) {
            fail_msg("'%s' was read as %d", text, (int)value);
        }
        assert_int_equal(value, -1);
        assert_non_null(strstr(why, "write"));
    }
}

/* Every string of up to five of these characters: what is read is what a second
 * reading of the digits says, and no two decimal places are ever lost. */
static void test_decimal__every_short_string__no_tenfold(void **state)
{
    static const char letters[] = "0159.,- ";
    char text[6];
    unsigned read = 0;

    (void)state;
    for (unsigned long n = 0; n < 8UL * 8UL * 8UL * 8UL * 8UL; n++) {
        unsigned long rest = n;
        const char *why = NULL;
        int32_t value = -1;
        double want = 0;
        char after = '\0';

        for (size_t i = 0; i < 5U; i++) {
            text[i] = letters[rest % 8UL];
            rest /= 8UL;
        }
        text[1U + (n % 5U)] = '\0';
        if (dg_decimal_read(text, &value, &why) != DG_OK) {
            assert_int_equal(value, -1);
            continue;
        }

        char *comma = strchr(text, ',');

        if (comma != NULL) {
            *comma = '.';
        }
        assert_int_equal(sscanf(text, "%lf%c", &want, &after), 1);
        assert_int_equal(value, (int32_t)((want * 1000.0) + 0.5));
        read++;
    }
    assert_true(read > 300U);
}

static void test_decimal__nothing_to_read__usage(void **state)
{
    const char *why = NULL;
    int32_t value = 0;

    (void)state;
    assert_int_equal(dg_decimal_read(NULL, &value, &why), DG_E_USAGE);
    assert_int_equal(dg_decimal_read("1", NULL, &why), DG_E_USAGE);
    assert_int_equal(dg_decimal_read("1", &value, NULL), DG_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decimal__accepted_rows__exactly_that),
        cmocka_unit_test(test_decimal__refused_rows__told_what_to_write),
        cmocka_unit_test(test_decimal__every_short_string__no_tenfold),
        cmocka_unit_test(test_decimal__nothing_to_read__usage),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
