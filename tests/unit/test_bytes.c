/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/bytes.h"

static void test_bytes_equal__same__true(void **state)
{
    const uint8_t a[] = {0x00, 0x7F, 0x80, 0xFF};
    const uint8_t b[] = {0x00, 0x7F, 0x80, 0xFF};

    (void)state;
    assert_true(dg_bytes_equal(DG_SPAN_OF(a), DG_SPAN_OF(b)));
    assert_true(dg_bytes_equal((dg_span){NULL, 0U}, (dg_span){a, 0U}));
}

static void test_bytes_equal__any_bit_differs__false(void **state)
{
    const uint8_t a[4] = {0x00, 0x7F, 0x80, 0xFF};

    (void)state;
    for (unsigned bit = 0U; bit < 32U; bit++) {
        uint8_t b[4] = {0x00, 0x7F, 0x80, 0xFF};

        b[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_false(dg_bytes_equal(DG_SPAN_OF(a), DG_SPAN_OF(b)));
    }
}

static void test_bytes_equal__sizes_differ__false(void **state)
{
    const uint8_t a[] = {1, 2, 3};

    (void)state;
    assert_false(dg_bytes_equal((dg_span){a, 2U}, (dg_span){a, 3U}));
    assert_false(dg_bytes_equal((dg_span){a, 3U}, (dg_span){a, 2U}));
    assert_false(dg_bytes_equal((dg_span){NULL, 0U}, (dg_span){a, 1U}));
}

static void test_bytes_wipe__part__only_that_part(void **state)
{
    uint8_t bytes[] = {1, 2, 3, 4, 5};
    const uint8_t want[] = {1, 0, 0, 0, 5};

    (void)state;
    dg_bytes_wipe(&bytes[1], 3U);
    assert_memory_equal(bytes, want, sizeof want);
    dg_bytes_wipe(bytes, 0U);
    assert_memory_equal(bytes, want, sizeof want);
}

static void test_bytes_integers__written__big_endian_and_back(void **state)
{
    uint8_t bytes[4];

    (void)state;
    dg_bytes_put_u32(bytes, 0x81A2C3E4U);
    assert_memory_equal(bytes, "\x81\xA2\xC3\xE4", 4U);
    assert_int_equal(dg_bytes_get_u32(bytes), 0x81A2C3E4U);
    dg_bytes_put_u16(bytes, 0xF10EU);
    assert_memory_equal(bytes, "\xF1\x0E\xC3\xE4", 4U);
    assert_int_equal(dg_bytes_get_u16(bytes), 0xF10EU);
}

/* The check value of CRC-32/ISO-HDLC is that of "123456789". */
static void test_bytes_crc32__check_string__known_value(void **state)
{
    (void)state;
    assert_int_equal(
        dg_bytes_crc32((dg_span){(const uint8_t *)"123456789", 9U}),
        0xCBF43926U);
    assert_int_equal(dg_bytes_crc32((dg_span){NULL, 0U}), 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_equal__same__true),
        cmocka_unit_test(test_bytes_equal__any_bit_differs__false),
        cmocka_unit_test(test_bytes_equal__sizes_differ__false),
        cmocka_unit_test(test_bytes_wipe__part__only_that_part),
        cmocka_unit_test(test_bytes_integers__written__big_endian_and_back),
        cmocka_unit_test(test_bytes_crc32__check_string__known_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
