/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "ports/serial/frame.h"
#include "rig.h"

static struct dg_frame_reader reader;
static uint8_t room[DG_FRAME_MAX];
static uint8_t bytes[DG_FRAME_PAYLOAD_MAX];

static void put(dg_span line)
{
    for (size_t i = 0U; i < line.size; i++) {
        dg_frame_put(&reader, line.at[i]);
    }
}

static dg_span frame_of(size_t size)
{
    dg_span frame = {NULL, 0U};

    for (size_t i = 0U; i < size; i++) {
        bytes[i] = (uint8_t)(0x7EU + i); /* begins like a frame */
    }
    assert_int_equal(
        dg_frame_write((dg_span){bytes, size}, DG_BUF_OF(room), &frame), DG_OK);
    assert_int_equal(frame.size, size + 6U);
    return frame;
}

/* The CRC by another implementation: binascii.crc_hqx(b"\\x09\\x00123456789",
 * 0xFFFF) of Python. */
static void test_frame_write__nine_digits__bytes_as_documented(void **state)
{
    static const uint8_t want[] = {0x7E,
                                   0x09,
                                   0x00,
                                   0xF6,
                                   '1',
                                   '2',
                                   '3',
                                   '4',
                                   '5',
                                   '6',
                                   '7',
                                   '8',
                                   '9',
                                   0x0B,
                                   0x9F};
    dg_span frame = {NULL, 0U};

    (void)state;
    assert_int_equal(dg_frame_write((dg_span){(const uint8_t *)"123456789", 9U},
                                    DG_BUF_OF(room),
                                    &frame),
                     DG_OK);
    assert_int_equal(frame.size, sizeof want);
    assert_memory_equal(frame.at, want, sizeof want);
}

static void test_frame_write__too_long_or_no_room__refused(void **state)
{
    static uint8_t large[DG_FRAME_PAYLOAD_MAX + 1U];
    dg_span frame = {NULL, 0U};

    (void)state;
    assert_int_equal(dg_frame_write(DG_SPAN_OF(large), DG_BUF_OF(room), &frame),
                     DG_E_RANGE);
    assert_int_equal(
        dg_frame_write((dg_span){large, 10U}, (dg_buf){room, 15U}, &frame),
        DG_E_NO_SPACE);
}

static void test_frame_next__every_size__comes_out_whole_and_once(void **state)
{
    (void)state;
    for (size_t size = 0U; size <= DG_FRAME_PAYLOAD_MAX; size++) {
        const dg_span frame = frame_of(size);
        dg_span payload = {NULL, 0U};

        memset(&reader, 0, sizeof reader);
        put((dg_span){frame.at, frame.size - 1U});
        assert_false(dg_frame_next(&reader, &payload));
        dg_frame_put(&reader, frame.at[frame.size - 1U]);
        assert_true(dg_frame_next(&reader, &payload));
        assert_int_equal(payload.size, size);
        assert_memory_equal(payload.at, bytes, size);
        assert_false(dg_frame_next(&reader, &payload));
    }
}

/* Whatever single bit of a frame flips, it does not come out, and the intact
 * frames behind it do. */
static void test_frame_next__any_bit_flipped__resynchronises(void **state)
{
    uint8_t damaged[46];
    const dg_span frame = frame_of(40U);

    (void)state;
    assert_int_equal(frame.size, sizeof damaged);
    for (size_t bit = 0U; bit < (8U * sizeof damaged); bit++) {
        dg_span payload = {NULL, 0U};
        unsigned found = 0U;

        memcpy(damaged, frame.at, sizeof damaged);
        damaged[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        memset(&reader, 0, sizeof reader);
        put(DG_SPAN_OF(damaged));
        /* A size that grew waits for at most one longest frame more. */
        for (unsigned i = 0U; i < 24U; i++) {
            put(frame);
            while (dg_frame_next(&reader, &payload)) {
                assert_int_equal(payload.size, 40U);
                assert_memory_equal(payload.at, bytes, 40U);
                found++;
            }
        }
        assert_true((found == 24U) || (found == 23U));
    }
}

/* Noise of any length before a frame; the oracle is that it comes out. */
static void test_frame_next__noise_then_frame__frame_is_found(void **state)
{
    uint64_t seed = 21U;

    (void)state;
    for (unsigned round = 0U; round < 2000U; round++) {
        const uint32_t noise = rig_random(&seed) % 1200U;
        dg_span payload = {NULL, 0U};
        bool is_found = false;

        memset(&reader, 0, sizeof reader);
        for (uint32_t i = 0U; i < noise; i++) {
            dg_frame_put(&reader, (uint8_t)rig_random(&seed));
            (void)dg_frame_next(&reader, &payload);
        }
        put(frame_of(33U));
        for (unsigned i = 0U; (i <= DG_FRAME_MAX) && !is_found; i++) {
            while (dg_frame_next(&reader, &payload)) {
                is_found = is_found || ((payload.size == 33U) &&
                                        (memcmp(payload.at, bytes, 33U) == 0));
            }
            dg_frame_put(&reader, 0U);
        }
        assert_true(is_found);
    }
}

static void test_frame_put__nobody_takes__stays_inside(void **state)
{
    dg_span payload = {NULL, 0U};

    (void)state;
    memset(&reader, 0, sizeof reader);
    for (unsigned i = 0U; i < 5000U; i++) {
        dg_frame_put(&reader, 0x7EU);
        assert_true(reader.used <= sizeof reader.bytes);
    }
    put(frame_of(1000U));
    assert_true(dg_frame_next(&reader, &payload) || (reader.used < 1030U));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frame_write__nine_digits__bytes_as_documented),
        cmocka_unit_test(test_frame_write__too_long_or_no_room__refused),
        cmocka_unit_test(test_frame_next__every_size__comes_out_whole_and_once),
        cmocka_unit_test(test_frame_next__any_bit_flipped__resynchronises),
        cmocka_unit_test(test_frame_next__noise_then_frame__frame_is_found),
        cmocka_unit_test(test_frame_put__nobody_takes__stays_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
