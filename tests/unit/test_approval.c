/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/approval.h"
#include "tests/unit/rig.h"

#include <string.h>

static struct rig rig;

static struct dg_approval sample(void)
{
    struct dg_approval approval;

    memset(&approval, 0, sizeof approval);
    memset(approval.device.byte, 0x11, sizeof approval.device.byte);
    memset(approval.session.byte, 0x22, sizeof approval.session.byte);
    memset(approval.ticket.byte, 0x33, sizeof approval.ticket.byte);
    approval.effect = (struct dg_effect){
        .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {3450}};
    approval.expiry.s = 100060U;
    return approval;
}

static struct dg_hash hash_of(const struct dg_approval *approval)
{
    struct dg_hash hash;

    assert_int_equal(dg_approval_hash(&rig.crypto, approval, &hash), DG_OK);
    return hash;
}

/* The bytes, by hand: three times the same, on every platform. */
static void test_approval_hash__sample__sha256_of_documented_bytes(void **state)
{
    static const char context[] = "dosegate approval 1";
    uint8_t bytes[128];
    size_t size = 0U;
    const struct dg_approval approval = sample();
    const struct dg_hash got = hash_of(&approval);
    struct dg_hash want;

    (void)state;
    bytes[size++] = 0x86;
    bytes[size++] = 0x60 + 19;
    memcpy(&bytes[size], context, 19U);
    size += 19U;
    bytes[size++] = 0x48;
    memset(&bytes[size], 0x11, 8U);
    size += 8U;
    bytes[size++] = 0x50;
    memset(&bytes[size], 0x22, 16U);
    size += 16U;
    bytes[size++] = 0x48;
    memset(&bytes[size], 0x33, 8U);
    size += 8U;

    static const uint8_t rest[] = {0xA3,
                                   0x00,
                                   0x01,
                                   0x01,
                                   0x19,
                                   0x0D,
                                   0x7A,
                                   0x02,
                                   0x01,
                                   0x1A,
                                   0x00,
                                   0x01,
                                   0x86,
                                   0xDC};

    memcpy(&bytes[size], rest, sizeof rest);
    size += sizeof rest;

    const dg_span all = {bytes, size};

    assert_int_equal(rig.crypto.sha256(rig.crypto.context, &all, 1U, &want),
                     DG_OK);
    assert_memory_equal(&got, &want, sizeof got);
}

/* @verifies{FDP_DOSE.7@1} */
static void test_approval_hash__any_field_changed__another_hash(void **state)
{
    const struct dg_approval good = sample();
    const struct dg_hash want = hash_of(&good);

    (void)state;
#define CHANGED(statement)                                \
    do {                                                  \
        struct dg_approval bad = good;                    \
        statement;                                        \
        const struct dg_hash got = hash_of(&bad);         \
        assert_memory_not_equal(&got, &want, sizeof got); \
    } while (0)

    for (unsigned i = 0U; i < 8U; i++) {
        CHANGED(bad.device.byte[i] ^= 1U);
        CHANGED(bad.ticket.byte[i] ^= 0x80U);
    }
    for (unsigned i = 0U; i < 16U; i++) {
        CHANGED(bad.session.byte[i] ^= 1U);
    }
    CHANGED(bad.effect.amount.mU++);
    CHANGED(bad.expiry.s++);
}

/* The longest encoding fits. */
static void test_approval_hash__largest_values__fits(void **state)
{
    struct dg_approval approval = sample();

    (void)state;
    approval.effect.amount.mU = DG_EFFECT_MU_MAX;
    approval.expiry.s = UINT32_MAX;
    (void)hash_of(&approval);
}

static void test_approval_hash__bad_arguments__refused(void **state)
{
    struct dg_approval approval = sample();
    struct dg_hash hash;

    (void)state;
    assert_int_equal(dg_approval_hash(NULL, &approval, &hash), DG_E_USAGE);
    assert_int_equal(dg_approval_hash(&rig.crypto, NULL, &hash), DG_E_USAGE);
    assert_int_equal(dg_approval_hash(&rig.crypto, &approval, NULL),
                     DG_E_USAGE);
    approval.effect.amount.mU = 0;
    assert_int_equal(dg_approval_hash(&rig.crypto, &approval, &hash),
                     DG_E_RANGE);
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
        cmocka_unit_test(
            test_approval_hash__sample__sha256_of_documented_bytes),
        cmocka_unit_test(test_approval_hash__any_field_changed__another_hash),
        cmocka_unit_test(test_approval_hash__largest_values__fits),
        cmocka_unit_test(test_approval_hash__bad_arguments__refused),
    };

    return cmocka_run_group_tests(tests, set_up, NULL);
}
