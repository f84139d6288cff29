/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "dosegate/status.h"

struct row {
    enum dg_status status;
    enum dg_category category;
    const char *name;
};

static const struct row rows[] = {
    {DG_OK, DG_CAT_OK, "DG_OK"},
    {DG_E_USAGE, DG_CAT_USAGE, "DG_E_USAGE"},
    {DG_E_TRUNCATED, DG_CAT_INPUT, "DG_E_TRUNCATED"},
    {DG_E_TRAILING, DG_CAT_INPUT, "DG_E_TRAILING"},
    {DG_E_RANGE, DG_CAT_INPUT, "DG_E_RANGE"},
    {DG_E_MALFORMED, DG_CAT_INPUT, "DG_E_MALFORMED"},
    {DG_E_UNSUPPORTED, DG_CAT_INPUT, "DG_E_UNSUPPORTED"},
    {DG_E_AUTH, DG_CAT_AUTH, "DG_E_AUTH"},
    {DG_E_REPLAY, DG_CAT_AUTH, "DG_E_REPLAY"},
    {DG_E_PEER, DG_CAT_AUTH, "DG_E_PEER"},
    {DG_E_STATE, DG_CAT_STATE, "DG_E_STATE"},
    {DG_E_NO_SPACE, DG_CAT_SPACE, "DG_E_NO_SPACE"},
    {DG_E_PORT, DG_CAT_PORT, "DG_E_PORT"},
    {DG_E_CORRUPT, DG_CAT_CORRUPT, "DG_E_CORRUPT"},
};

#define ROWS (sizeof rows / sizeof rows[0])

static void test_status__known__its_category_and_name(void **state)
{
    (void)state;
    for (size_t i = 0U; i < ROWS; i++) {
        assert_int_equal(dg_status_category(rows[i].status), rows[i].category);
        assert_string_equal(dg_status_name(rows[i].status), rows[i].name);
    }
}

/* Every other value of 16 bits: none slips into a harmless category. */
static void test_status__unknown__corrupt_and_nameless(void **state)
{
    unsigned known = 0U;

    (void)state;
    for (unsigned value = 0U; value <= 0xFFFFU; value++) {
        const enum dg_status status = (enum dg_status)value;

        if (strcmp(dg_status_name(status), "DG_E_UNKNOWN") != 0) {
            known++;
        } else {
            assert_int_equal(dg_status_category(status), DG_CAT_CORRUPT);
        }
    }
    assert_int_equal(known, ROWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status__known__its_category_and_name),
        cmocka_unit_test(test_status__unknown__corrupt_and_nameless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
