/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/cbor.h"
#include "dosegate/cose.h"
#include "dosegate/policy.h"
#include "rig.h"

#include <string.h>

/* The edges of the codec of policy heads, as those of tickets. */

static struct rig rig;
static uint8_t room[DG_POLICY_MAX + 64U];

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    return 0;
}

static const struct dg_public_key *maker(void)
{
    return &rig.settings.trust.policy_key;
}

struct fields {
    size_t items;
    uint32_t layout;
    uint32_t version;
    uint32_t life_s;
    uint32_t epoch;
    size_t x;
    size_t y;
};

static dg_span head_of(const struct fields *fields)
{
    static const uint8_t purpose[] = "dosegate policy 1";
    static const uint8_t filler[33] = {0x5AU};
    uint8_t bytes[128];
    struct dg_cbor_writer writer;
    dg_span payload = {NULL, 0U};
    dg_span head = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(bytes));
    dg_cbor_write_array(&writer, fields->items);
    dg_cbor_write_uint(&writer, fields->layout);
    dg_cbor_write_uint(&writer, fields->version);
    dg_cbor_write_uint(&writer, fields->life_s);
    dg_cbor_write_uint(&writer, fields->epoch);
    dg_cbor_write_bstr(&writer, (dg_span){filler, fields->x});
    dg_cbor_write_bstr(&writer, (dg_span){filler, fields->y});
    assert_int_equal(dg_cbor_writer_end(&writer, &payload), DG_OK);
    assert_int_equal(dg_cose_sign1(&rig.crypto,
                                   &rig.maker,
                                   (dg_span){NULL, 0U},
                                   (dg_span){purpose, sizeof purpose - 1U},
                                   payload,
                                   DG_BUF_OF(room),
                                   &head),
                     DG_OK);
    return head;
}

/* @verifies{FDP_ATT.4@1} */
static void test_policy__signed_but_out_of_range__untouched(void **state)
{
    static const struct fields sound = {6U, 1U, 2U, 86400U, 1U, 32U, 32U};
    static const struct fields bad[] = {
        {5U, 1U, 2U, 86400U, 1U, 32U, 32U},
        {7U, 1U, 2U, 86400U, 1U, 32U, 32U},
        {6U, 0U, 2U, 86400U, 1U, 32U, 32U},
        {6U, 2U, 2U, 86400U, 1U, 32U, 32U},
        {6U, 1U, 0U, 86400U, 1U, 32U, 32U},
        {6U, 1U, 2U, DG_POLICY_LIFE_S_MIN - 1U, 1U, 32U, 32U},
        {6U, 1U, 2U, DG_POLICY_LIFE_S_MAX + 1U, 1U, 32U, 32U},
        {6U, 1U, 2U, 86400U, 0U, 32U, 32U},
        {6U, 1U, 2U, 86400U, 1U, 31U, 32U},
        {6U, 1U, 2U, 86400U, 1U, 32U, 33U},
    };
    struct dg_policy back;
    struct dg_policy before;

    (void)state;
    assert_int_equal(
        dg_policy_verify(&rig.crypto, maker(), head_of(&sound), &back), DG_OK);
    assert_int_equal(back.version, 2U);
    memset(&back, 0xA5, sizeof back);
    before = back;
    for (size_t i = 0U; i < (sizeof bad / sizeof bad[0]); i++) {
        assert_int_not_equal(
            dg_policy_verify(&rig.crypto, maker(), head_of(&bad[i]), &back),
            DG_OK);
        assert_memory_equal(&back, &before, sizeof back);
    }
}

static void test_policy__field_out_of_range__not_signed(void **state)
{
    dg_span head;

    (void)state;
    for (unsigned which = 0U; which < 4U; which++) {
        struct dg_policy bad = rig.settings.trust.policy;

        bad.version = (which == 0U) ? 0U : bad.version;
        bad.epoch = (which == 1U) ? 0U : bad.epoch;
        bad.life_s = (which == 2U) ? DG_POLICY_LIFE_S_MIN - 1U : bad.life_s;
        bad.life_s = (which == 3U) ? DG_POLICY_LIFE_S_MAX + 1U : bad.life_s;
        assert_int_equal(
            dg_policy_sign(
                &rig.crypto, &rig.maker, &bad, DG_BUF_OF(room), &head),
            DG_E_RANGE);
    }
}

static void test_policy__no_argument_or_no_bytes__refused(void **state)
{
    const struct dg_policy policy = rig.settings.trust.policy;
    struct dg_policy back;
    const dg_buf space = DG_BUF_OF(room);
    const dg_span one = {room, 1U};
    dg_span head;

    (void)state;
    assert_int_equal(dg_policy_sign(NULL, &rig.maker, &policy, space, &head),
                     DG_E_USAGE);
    assert_int_equal(dg_policy_sign(&rig.crypto, NULL, &policy, space, &head),
                     DG_E_USAGE);
    assert_int_equal(
        dg_policy_sign(&rig.crypto, &rig.maker, NULL, space, &head),
        DG_E_USAGE);
    assert_int_equal(
        dg_policy_sign(&rig.crypto, &rig.maker, &policy, space, NULL),
        DG_E_USAGE);
    assert_int_equal(dg_policy_verify(NULL, maker(), one, &back), DG_E_USAGE);
    assert_int_equal(dg_policy_verify(&rig.crypto, NULL, one, &back),
                     DG_E_USAGE);
    assert_int_equal(dg_policy_verify(&rig.crypto, maker(), one, NULL),
                     DG_E_USAGE);
    assert_int_equal(
        dg_policy_verify(&rig.crypto, maker(), (dg_span){NULL, 1U}, &back),
        DG_E_RANGE);
    assert_int_equal(
        dg_policy_verify(&rig.crypto, maker(), (dg_span){room, 0U}, &back),
        DG_E_RANGE);
    assert_int_equal(
        dg_policy_verify(
            &rig.crypto, maker(), (dg_span){room, DG_POLICY_MAX + 1U}, &back),
        DG_E_RANGE);
}

int main(void)
{
#define WITH(test) cmocka_unit_test_setup(test, start)
    const struct CMUnitTest tests[] = {
        WITH(test_policy__signed_but_out_of_range__untouched),
        WITH(test_policy__field_out_of_range__not_signed),
        WITH(test_policy__no_argument_or_no_bytes__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
