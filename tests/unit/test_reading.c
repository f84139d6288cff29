/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/sensor.h"
#include "tests/unit/rig.h"

#include <string.h>

static struct rig rig;
static const struct dg_secret key = {{7U}};

static enum dg_status write_reading(const struct dg_reading *reading,
                                    dg_buf room,
                                    dg_span *frame)
{
    return dg_reading_write(&rig.crypto, &key, reading, room, frame);
}

static enum dg_status verify(dg_span frame, struct dg_reading *reading)
{
    return dg_reading_verify(&rig.crypto, &key, frame, reading);
}

static void test_reading__edges_of_every_field__round_trip(void **state)
{
    static const uint32_t numbers[] = {
        0U, 1U, 23U, 24U, 255U, 256U, 65535U, 65536U, UINT32_MAX};
    static const int32_t values[] = {39, 40, 255, 256, 400, 401};

    (void)state;
    for (unsigned i = 0U; i < 9U; i++) {
        for (unsigned j = 0U; j < 6U; j++) {
            const struct dg_reading reading = {
                numbers[i], {numbers[8U - i]}, {values[j]}};
            struct dg_reading back;
            uint8_t room[64];
            dg_span frame;

            assert_int_equal(write_reading(&reading, DG_BUF_OF(room), &frame),
                             DG_OK);
            assert_int_equal(verify(frame, &back), DG_OK);
            assert_int_equal(back.sequence, reading.sequence);
            assert_int_equal(back.at.s, reading.at.s);
            assert_int_equal(back.value.mg_dL, reading.value.mg_dL);
            /* Exactly the room it needs is enough, one less is not. */
            assert_int_equal(
                write_reading(&reading, (dg_buf){room, frame.size}, &frame),
                DG_OK);
            assert_int_equal(write_reading(&reading,
                                           (dg_buf){room, frame.size - 1U},
                                           &frame),
                             DG_E_NO_SPACE);
        }
    }
}

/* Whatever the phone changes, the device notices. */
/* @verifies{FDP_DAU.1@1} */
static void test_reading_verify__every_bit_and_truncation__refused(void **state)
{
    const struct dg_reading reading = {1000U, {70000U}, {123}};
    uint8_t room[64];
    dg_span frame;
    struct dg_reading back = {5U, {6U}, {7}};

    (void)state;
    assert_int_equal(write_reading(&reading, DG_BUF_OF(room), &frame), DG_OK);
    for (size_t bit = 0U; bit < (frame.size * 8U); bit++) {
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_not_equal(verify(frame, &back), DG_OK);
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    for (size_t size = 0U; size < frame.size; size++) {
        assert_int_not_equal(verify((dg_span){room, size}, &back), DG_OK);
    }
    assert_int_not_equal(verify((dg_span){room, frame.size + 1U}, &back),
                         DG_OK);
    assert_int_not_equal(verify((dg_span){room, sizeof room}, &back), DG_OK);
    /* Untouched by any refusal. */
    assert_int_equal(back.sequence, 5U);
    assert_int_equal(back.value.mg_dL, 7);
    assert_int_equal(verify(frame, &back), DG_OK);

    const struct dg_secret other = {{8U}};

    assert_int_equal(dg_reading_verify(&rig.crypto, &other, frame, &back),
                     DG_E_AUTH);
}

/* Well authenticated, but not a reading. */
static void seal_body(const uint8_t *body, size_t size, uint8_t *frame)
{
    const dg_span span = {body, size};
    struct dg_hash mac;

    memcpy(frame, body, size);
    assert_int_equal(
        rig.crypto.hmac_sha256(
            rig.crypto.context, DG_SPAN_OF(key.byte), &span, 1U, &mac),
        DG_OK);
    memcpy(&frame[size], mac.byte, DG_READING_MAC_SIZE);
}

static void test_reading_verify__authentic_but_odd__refused(void **state)
{
    static const struct {
        uint8_t body[10];
        size_t size;
        enum dg_status want;
    } cases[] = {
        {{0x84, 2, 1, 1, 0x18, 100}, 6U, DG_E_UNSUPPORTED},
        {{0x83, 1, 1, 1}, 4U, DG_E_TRUNCATED},
        {{0x83, 1, 1, 1, 0x18, 100}, 6U, DG_E_MALFORMED},
        {{0x84, 1, 1, 1, 0x18, 38}, 6U, DG_E_RANGE},
        {{0x84, 1, 1, 1, 0x19, 1, 0x92}, 7U, DG_E_RANGE},
        {{0x84, 1, 1, 1, 0x38, 100}, 6U, DG_E_MALFORMED},
        {{0x84, 1, 0x18, 1, 1, 0x18, 100}, 7U, DG_E_MALFORMED},
        {{0x84, 1, 1, 1, 0x18, 100, 0}, 7U, DG_E_TRAILING},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof cases / sizeof cases[0]); i++) {
        uint8_t frame[32];
        struct dg_reading back;

        seal_body(cases[i].body, cases[i].size, frame);
        assert_int_equal(
            verify((dg_span){frame, cases[i].size + DG_READING_MAC_SIZE},
                   &back),
            cases[i].want);
    }
}

static void test_reading__bad_arguments__refused(void **state)
{
    struct dg_reading reading = {1U, {1U}, {38}};
    uint8_t room[64];
    dg_span frame = {room, 30U};

    (void)state;
    assert_int_equal(write_reading(&reading, DG_BUF_OF(room), &frame),
                     DG_E_RANGE);
    reading.value.mg_dL = 402;
    assert_int_equal(write_reading(&reading, DG_BUF_OF(room), &frame),
                     DG_E_RANGE);
    reading.value.mg_dL = 100;
    assert_int_equal(write_reading(NULL, DG_BUF_OF(room), &frame), DG_E_USAGE);
    assert_int_equal(write_reading(&reading, DG_BUF_OF(room), NULL),
                     DG_E_USAGE);
    assert_int_equal(dg_reading_parse(frame, NULL), DG_E_USAGE);
    assert_int_equal(dg_reading_parse((dg_span){NULL, 0U}, &reading),
                     DG_E_TRUNCATED);
    assert_int_equal(verify(frame, NULL), DG_E_USAGE);
    assert_int_equal(dg_reading_verify(&rig.crypto, NULL, frame, &reading),
                     DG_E_USAGE);
    assert_int_equal(dg_reading_verify(NULL, &key, frame, &reading),
                     DG_E_USAGE);
}

static int set_up(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reading__edges_of_every_field__round_trip),
        cmocka_unit_test(
            test_reading_verify__every_bit_and_truncation__refused),
        cmocka_unit_test(test_reading_verify__authentic_but_odd__refused),
        cmocka_unit_test(test_reading__bad_arguments__refused),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
