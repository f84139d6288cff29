/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/effect.h"

static struct dg_effect bolus(int32_t mU)
{
    return (struct dg_effect){
        .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {mU}};
}

static enum dg_status write_effect(const struct dg_effect *effect,
                                   dg_buf room,
                                   dg_span *bytes)
{
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, room);
    dg_effect_write(&writer, effect);
    return dg_cbor_writer_end(&writer, bytes);
}

static enum dg_status read_effect(dg_span bytes, struct dg_effect *effect)
{
    struct dg_cbor_reader reader;

    dg_cbor_reader_init(&reader, bytes);
    *effect = dg_effect_read(&reader);
    return dg_cbor_reader_end(&reader);
}

static void test_effect_is_sound__edges__as_documented(void **state)
{
    static const struct {
        int32_t mU;
        bool want;
    } cases[] = {{INT32_MIN, false},
                 {-1, false},
                 {0, false},
                 {1, true},
                 {DG_EFFECT_MU_MAX, true},
                 {DG_EFFECT_MU_MAX + 1, false},
                 {INT32_MAX, false}};

    (void)state;
    for (size_t i = 0U; i < (sizeof cases / sizeof cases[0]); i++) {
        const struct dg_effect effect = bolus(cases[i].mU);

        assert_int_equal(dg_effect_is_sound(&effect), cases[i].want);
    }

    struct dg_effect effect = bolus(1000);

    effect.kind = DG_EFFECT_NONE;
    assert_false(dg_effect_is_sound(&effect));
    effect = bolus(1000);
    effect.form = DG_FORM_NONE;
    assert_false(dg_effect_is_sound(&effect));
    effect.form = (enum dg_bolus_form)3;
    assert_false(dg_effect_is_sound(&effect));
}

static void test_effect_resolve__every_amount__down_to_whole_pulses(
    void **state)
{
    (void)state;
    for (int32_t mU = 1; mU <= 20000; mU++) {
        const struct dg_effect effect = bolus(mU);
        const int32_t got = dg_effect_resolve(&effect).amount.mU;

        assert_int_equal(got, (mU / DG_PULSE_MU) * DG_PULSE_MU);
        assert_true((got <= mU) && (got > (mU - DG_PULSE_MU)));
    }
}

static void test_effect_write__sample__documented_bytes_and_back(void **state)
{
    static const uint8_t want[] = {
        0xA3, 0x00, 0x01, 0x01, 0x19, 0x03, 0xE8, 0x02, 0x01};
    const struct dg_effect effect = bolus(1000);
    struct dg_effect back;
    uint8_t room[16];
    dg_span bytes;

    (void)state;
    assert_int_equal(write_effect(&effect, DG_BUF_OF(room), &bytes), DG_OK);
    assert_int_equal(bytes.size, sizeof want);
    assert_memory_equal(bytes.at, want, sizeof want);
    assert_int_equal(read_effect(bytes, &back), DG_OK);
    assert_int_equal(back.kind, DG_EFFECT_BOLUS);
    assert_int_equal(back.form, DG_FORM_NORMAL);
    assert_int_equal(back.amount.mU, 1000);
}

/* An effect is what happens to a person: nothing unknown passes. */
static void test_effect_read__anything_else__refused_and_none(void **state)
{
    const struct {
        dg_span bytes;
        enum dg_status want;
    } cases[] = {
        /* kind missing */
        {{(const uint8_t[]){0xA2, 1, 0x18, 50, 2, 1}, 6}, DG_E_MALFORMED},
        /* amount missing */
        {{(const uint8_t[]){0xA2, 0, 1, 2, 1}, 5}, DG_E_MALFORMED},
        /* an unknown key, positive and negative */
        {{(const uint8_t[]){0xA4, 0, 1, 1, 0x18, 50, 2, 1, 10, 0}, 10},
         DG_E_UNSUPPORTED},
        {{(const uint8_t[]){0xA4, 0, 1, 1, 0x18, 50, 2, 1, 0x20, 0}, 10},
         DG_E_UNSUPPORTED},
        /* zero, unknown kind, unknown form */
        {{(const uint8_t[]){0xA3, 0, 1, 1, 0, 2, 1}, 7}, DG_E_RANGE},
        {{(const uint8_t[]){0xA3, 0, 7, 1, 0x18, 50, 2, 1}, 8}, DG_E_RANGE},
        {{(const uint8_t[]){0xA3, 0, 1, 1, 0x18, 50, 2, 3}, 8}, DG_E_RANGE},
        /* extended without its duration, normal with one */
        {{(const uint8_t[]){0xA3, 0, 1, 1, 0x18, 50, 2, 2}, 8}, DG_E_MALFORMED},
        {{(const uint8_t[]){0xA4, 0, 1, 1, 0x18, 50, 2, 1, 3, 60}, 10},
         DG_E_MALFORMED},
        /* extended for 255 s; a temporary basal for none, with an amount */
        {{(const uint8_t[]){0xA4, 0, 1, 1, 0x18, 50, 2, 2, 3, 0x18, 255}, 11},
         DG_E_RANGE},
        {{(const uint8_t[]){0xA3, 0, 2, 3, 0, 4, 10}, 7}, DG_E_RANGE},
        {{(const uint8_t[]){0xA3, 0, 2, 1, 0x18, 60, 4, 10}, 8},
         DG_E_MALFORMED},
        /* settings: none, unknown, hours past midnight, with an amount */
        {{(const uint8_t[]){0xA2, 0, 5, 5, 0}, 5}, DG_E_RANGE},
        {{(const uint8_t[]){0xA2, 0, 5, 5, 9}, 5}, DG_E_RANGE},
        {{(const uint8_t[]){0xA5, 0, 5, 4, 10, 5, 3, 6, 20, 7, 5}, 11},
         DG_E_RANGE},
        {{(const uint8_t[]){0xA3, 0, 5, 1, 10, 5, 2}, 7}, DG_E_MALFORMED},
        /* 300001 */
        {{(const uint8_t[]){0xA3, 0, 1, 1, 0x1A, 0, 4, 0x93, 0xE1, 2, 1}, 11},
         DG_E_RANGE},
        /* glucagon that names insulin, no hormone, none known (DG-H38) */
        {{(const uint8_t[]){0xA3, 0, 4, 8, 10, 9, 1}, 7}, DG_E_RANGE},
        {{(const uint8_t[]){0xA3, 0, 4, 8, 10, 9, 0}, 7}, DG_E_RANGE},
        {{(const uint8_t[]){0xA3, 0, 4, 8, 10, 9, 3}, 7}, DG_E_RANGE},
        {{(const uint8_t[]){0xA2, 0, 4, 8, 10}, 5}, DG_E_MALFORMED},
        /* glucagon in the fields of a bolus, a bolus in those of glucagon */
        {{(const uint8_t[]){0xA3, 0, 4, 1, 0x18, 50, 2, 1}, 8}, DG_E_MALFORMED},
        {{(const uint8_t[]){0xA3, 0, 1, 8, 10, 9, 2}, 7}, DG_E_MALFORMED},
        {{(const uint8_t[]){0xA3, 0, 1, 8, 10, 9, 1}, 7}, DG_E_MALFORMED},
        /* both at once */
        {{(const uint8_t[]){0xA5, 0, 1, 1, 0x18, 50, 2, 1, 8, 10, 9, 2}, 12},
         DG_E_MALFORMED},
        {{(const uint8_t[]){0xA5, 0, 4, 1, 0x18, 50, 2, 1, 8, 10, 9, 2}, 12},
         DG_E_MALFORMED},
        /* no glucagon, and 1001 ug */
        {{(const uint8_t[]){0xA3, 0, 4, 8, 0, 9, 2}, 7}, DG_E_RANGE},
        {{(const uint8_t[]){0xA3, 0, 4, 8, 0x19, 0x03, 0xE9, 9, 2}, 9},
         DG_E_RANGE},
        /* a key twice */
        {{(const uint8_t[]){0xA3, 0, 1, 0, 1, 2, 1}, 7}, DG_E_MALFORMED},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof cases / sizeof cases[0]); i++) {
        struct dg_effect effect = bolus(1);

        assert_int_equal(read_effect(cases[i].bytes, &effect), cases[i].want);
        assert_int_equal(effect.kind, DG_EFFECT_NONE);
        assert_int_equal(effect.amount.mU, 0);
        assert_int_equal(effect.glucagon.ug, 0);
    }
}

/* @verifies{FDP_GLUCAGON.1@1} */
static void test_effect__glucagon__own_keys_unit_and_hormone(void **state)
{
    static const uint8_t want[] = {0xA3, 0x00, 0x04, 0x08, 0x18, 0x96, 0x09, 2};
    struct dg_effect effect = {.kind = DG_EFFECT_GLUCAGON, .glucagon = {150}};
    struct dg_effect back;
    uint8_t room[16];
    dg_span bytes;

    (void)state;
    assert_int_equal(write_effect(&effect, DG_BUF_OF(room), &bytes), DG_OK);
    assert_int_equal(bytes.size, sizeof want);
    assert_memory_equal(bytes.at, want, sizeof want);
    assert_int_equal(read_effect(bytes, &back), DG_OK);
    assert_int_equal(back.kind, DG_EFFECT_GLUCAGON);
    assert_int_equal(back.glucagon.ug, 150);
    assert_int_equal(back.amount.mU, 0);
    assert_int_equal(dg_effect_hormone(&back), DG_HORMONE_GLUCAGON);
    for (int32_t ug = 1; ug <= DG_EFFECT_UG_MAX; ug++) {
        effect.glucagon.ug = ug;
        assert_true(dg_effect_is_sound(&effect));
        assert_int_equal(dg_effect_resolve(&effect).glucagon.ug,
                         (ug / DG_GLUCAGON_STEP_UG) * DG_GLUCAGON_STEP_UG);
    }
    effect.amount.mU = 50;
    assert_false(dg_effect_is_sound(&effect));
    effect = bolus(1000);
    assert_int_equal(dg_effect_hormone(&effect), DG_HORMONE_INSULIN);
    effect.glucagon.ug = 10;
    assert_false(dg_effect_is_sound(&effect));
    effect.kind = DG_EFFECT_NONE;
    assert_int_equal(dg_effect_hormone(&effect), DG_HORMONE_NONE);
}

/* Every shape there is, at its largest and smallest: there and back, to the
 * byte, and no field beside those of its shape. */
static void test_effect__every_shape__round_trip_and_no_other_field(
    void **state)
{
    static const struct dg_effect shapes[] = {
        {.kind = DG_EFFECT_BOLUS,
         .form = DG_FORM_EXTENDED,
         .amount = {DG_EFFECT_MU_MAX},
         .duration = {DG_EXTENDED_S_MAX}},
        {.kind = DG_EFFECT_BOLUS,
         .form = DG_FORM_EXTENDED,
         .amount = {1},
         .duration = {DG_EXTENDED_S_MIN}},
        {.kind = DG_EFFECT_BASAL,
         .rate = {DG_EFFECT_MU_PER_H_MAX},
         .duration = {DG_TEMPORARY_S_MAX}},
        {.kind = DG_EFFECT_BASAL, .duration = {DG_TEMPORARY_S_MIN}},
        {.kind = DG_EFFECT_PRIME, .amount = {5000}},
        {.kind = DG_EFFECT_SETTINGS,
         .setting = DG_SETTING_REFILL,
         .amount = {DG_EFFECT_MU_MAX}},
        {.kind = DG_EFFECT_SETTINGS, .setting = DG_SETTING_SENSOR},
        {.kind = DG_EFFECT_SETTINGS,
         .setting = DG_SETTING_BASAL,
         .rate = {850},
         .hour = 23U,
         .hours = 1U},
        {.kind = DG_EFFECT_SETTINGS,
         .setting = DG_SETTING_BASAL,
         .hours = 24U}};

    (void)state;
    for (size_t i = 0U; i < (sizeof shapes / sizeof shapes[0]); i++) {
        struct dg_effect back;
        uint8_t room[24];
        dg_span bytes;

        assert_true(dg_effect_is_sound(&shapes[i]));
        assert_int_equal(dg_effect_hormone(&shapes[i]), DG_HORMONE_INSULIN);
        assert_int_equal(write_effect(&shapes[i], DG_BUF_OF(room), &bytes),
                         DG_OK);
        assert_int_equal(read_effect(bytes, &back), DG_OK);
        assert_memory_equal(&back, &shapes[i], sizeof back);
        for (unsigned field = 0U; field < 5U; field++) {
            struct dg_effect bad = shapes[i];

            bad.glucagon.ug += (field == 0U) ? 10 : 0;
            bad.amount.mU += (field == 1U) ? (DG_EFFECT_MU_MAX + 50) : 0;
            bad.duration.s += (field == 2U) ? (DG_TEMPORARY_S_MAX + 1U) : 0U;
            bad.rate.mU_per_h += (field == 3U) ? 30001 : 0;
            bad.hours = (uint8_t)(bad.hours + ((field == 4U) ? 25U : 0U));
            assert_false(dg_effect_is_sound(&bad));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effect_is_sound__edges__as_documented),
        cmocka_unit_test(
            test_effect_resolve__every_amount__down_to_whole_pulses),
        cmocka_unit_test(test_effect_write__sample__documented_bytes_and_back),
        cmocka_unit_test(test_effect_read__anything_else__refused_and_none),
        cmocka_unit_test(test_effect__glucagon__own_keys_unit_and_hormone),
        cmocka_unit_test(
            test_effect__every_shape__round_trip_and_no_other_field),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
