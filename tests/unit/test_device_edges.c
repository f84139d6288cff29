/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/device_parts.h"
#include "core/knock_log.h"
#include "dosegate/pairing_digits.h"
#include "dosegate/pauses.h"
#include "dosegate/rekey.h"
#include "dosegate/spake2plus.h"
#include "tests/unit/rig.h"

/* Corners of the device that no honest day comes to. */

static struct rig rig;

static int start(void **state)
{
    struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    rig_init(&rig, &therapy);
    rig_ready(&rig, 60);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    assert_true(rig_connect(&rig, 1U));
    return 0;
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

/* The caregiver has the lease and asks for glucagon, confirmed at its phone. */
static const struct dg_answer *caregiver_asks(int32_t ug)
{
    const struct dg_effect effect = {.kind = DG_EFFECT_GLUCAGON,
                                     .glucagon = {ug}};

    (void)rig_lease(&rig, 0U, DG_LEASE_RELEASE);
    (void)rig_lease(&rig, 1U, DG_LEASE_TAKE);
    return rig_do(&rig, 1U, DG_TIER_CONFIRMED, &effect);
}

static enum dg_answer_kind revoke(unsigned slot)
{
    struct dg_request request = {.kind = DG_REQUEST_REVOKE};

    request.as.revoke.slot = (uint8_t)slot;
    return rig_ask(&rig, 0U, &request)->kind;
}

/* @verifies{FMT_REV.1@1} */
static void test_revoke__its_glucagon_under_way__stops(void **state)
{
    const uint32_t before = rig.chamber_moved;

    (void)state;
    assert_int_equal(caregiver_asks(150)->kind, DG_ANSWER_ACCEPTED);
    rig_wait(&rig, 2U);
    assert_true(dg_glucagon_is_busy(&rig.device));
    assert_int_equal(revoke(1U), DG_ANSWER_STATUS);
    assert_false(dg_glucagon_is_busy(&rig.device));

    const uint32_t moved = rig.chamber_moved;

    assert_in_range(moved - before, 1U, 14U);
    rig_wait(&rig, 600U);
    assert_int_equal(rig.chamber_moved, moved);
}

/* A person who announced a rescue is asked about nothing else. */
/* @verifies{FMT_REV.2@1} */
static void test_forget__rescue_was_asked_for__waits(void **state)
{
    (void)state;
    assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    assert_int_equal(press(DG_BUTTON_RESCUE), DG_OK);
    assert_int_equal(press(DG_BUTTON_FORGET), DG_E_STATE);
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_E_STATE);
    assert_true(rig.device.settings.controller[0].is_used);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_true(rig.device.settings.controller[1].is_used);
}

/* @verifies{FMT_REV.2@1} */
static void test_forget__nobody_is_paired__nothing_to_choose(void **state)
{
    (void)state;
    for (unsigned slot = 0U; slot < 2U; slot++) {
        assert_int_equal(dg_revoke(&rig.device, slot), DG_OK);
        assert_int_equal(dg_revoke(&rig.device, slot), DG_E_STATE);
    }
    assert_int_equal(dg_revoke(&rig.device, DG_CONTROLLERS), DG_E_STATE);
    assert_int_equal(press(DG_BUTTON_FORGET), DG_E_STATE);
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_E_STATE);
}

/* What is no button does nothing, and what is no device is not booted. */
static void test_device__no_button_or_no_port__usage(void **state)
{
    struct dg_device_ports ports = rig.ports;
    const struct dg_device before = rig.device;
    unsigned known = 0U;

    (void)state;
    for (unsigned button = 0U; button < 300U; button++) {
        if ((button == 0U) || (button >= DG_BUTTONS)) {
            assert_int_equal(press((enum dg_button)button), DG_E_USAGE);
        } else {
            known++;
        }
    }
    assert_true(known > 5U);
    assert_int_equal(rig.device.ledger.moved, before.ledger.moved);
    assert_memory_equal(
        &rig.device.settings, &before.settings, sizeof before.settings);
    assert_int_equal(dg_device_boot(NULL, &ports, (dg_seconds){rig.clock_s}),
                     DG_E_USAGE);
    assert_int_equal(
        dg_device_boot(&rig.device, NULL, (dg_seconds){rig.clock_s}),
        DG_E_USAGE);
    ports.reservoir = NULL;
    assert_int_equal(
        dg_device_boot(&rig.device, &ports, (dg_seconds){rig.clock_s}),
        DG_E_USAGE);
}

/* @verifies{FDP_PAUSE.1@2} */
static void test_suspend__for_no_time__refused(void **state)
{
    uint32_t headroom_s = 0U;

    (void)state;
    assert_int_equal(dg_therapy_suspend(&rig.device, 0U, &headroom_s),
                     DG_REASON_E5);
    assert_int_equal(headroom_s, 7200U);
    assert_false(rig.device.ledger.pause.is_on);
}

/* @verifies{FMT_LEASE.1@1} */
static void test_hand_over__to_nobody_who_may__refused(void **state)
{
    static const unsigned nobody[] = {0U, 2U, 3U, DG_CONTROLLERS, 255U};

    (void)state;
    for (size_t i = 0U; i < (sizeof nobody / sizeof nobody[0]); i++) {
        assert_int_equal(dg_lease_hand_over(&rig.device, 0U, nobody[i]),
                         DG_REASON_ROLE);
    }
    /* Who has no lease hands over none. */
    assert_int_equal(dg_lease_hand_over(&rig.device, 1U, 0U), DG_REASON_LEASE);
    rig.device.session[1].record.epoch = 0U;
    assert_int_equal(dg_lease_hand_over(&rig.device, 0U, 1U), DG_REASON_ROLE);
    dg_lease_forget(&rig.device);
    assert_int_equal(dg_lease_hand_over(&rig.device, 0U, 1U),
                     DG_REASON_AUTHORITY);
}

/* Where half of a rate is little, a change may be 100 mU/h, and never below
 * zero. */
/* @verifies{FMT_SET.1@1} */
static void test_schedule__low_rates__a_tenth_of_a_unit_up_or_down(void **state)
{
    static const struct {
        int32_t from;
        int32_t to;
        bool is_offered;
    } rows[] = {
        {150, 50, true},
        {150, 49, false},
        {150, 250, true},
        {150, 251, false},
        {60, 0, true},
        {60, 160, true},
        {60, 161, false},
        {0, 100, true},
        {0, 101, false},
        {1000, 500, true},
        {1000, 499, false},
        {1000, 1500, true},
        {1000, 1501, false},
    };

    (void)state;
    for (size_t i = 0U; i < (sizeof rows / sizeof rows[0]); i++) {
        const struct dg_therapy therapy = rig_therapy(rows[i].from);
        const struct dg_effect effect = {.kind = DG_EFFECT_SETTINGS,
                                         .setting = DG_SETTING_BASAL,
                                         .hours = 24U,
                                         .rate = {rows[i].to}};

        rig_init(&rig, &therapy);
        rig_ready(&rig, 150);

        const struct dg_answer *answer =
            rig_propose_effect(&rig, 0U, DG_TIER_CONFIRMED, &effect);

        assert_int_equal(answer->kind,
                         rows[i].is_offered ? DG_ANSWER_TICKET
                                            : DG_ANSWER_REFUSED);
        if (!rows[i].is_offered) {
            assert_int_equal(answer->as.refused.reason, DG_REASON_E9);
        }
    }
}

/* Numbers of basal withheld ------------------------------------------------------ */

static void test_pauses__share_out_of_range_or_bin_full__never_less(
    void **state)
{
    static struct dg_pauses pauses;

    (void)state;
    assert_int_equal(dg_pauses_room(0U, 0U, 0U), 0U);
    assert_int_equal(dg_pauses_room(0U, 0U, DG_PERMILLE + 1U), 0U);
    assert_int_equal(dg_pauses_room(0U, 0U, DG_PERMILLE), DG_PAUSE_S_MAX);
    /* The same quarter of an hour again and again: it is held at its end, and
     * does not begin anew. */
    for (unsigned i = 0U; i < 200U; i++) {
        const uint32_t before = dg_pauses_within(&pauses, 900U, 900U);

        dg_pauses_add(&pauses, 0U, DG_PAUSE_BIN_S, DG_PERMILLE);
        assert_true(dg_pauses_within(&pauses, 900U, 900U) >= before);
    }
    assert_int_equal(dg_pauses_within(&pauses, 900U, 900U), UINT16_MAX);
}

/* Pairing by digits -------------------------------------------------------------- */

static void test_digits__no_digit__refused(void **state)
{
    static const uint8_t bad[] = {'0' - 1, '9' + 1, 0U, 0xFFU};
    struct dg_pairing_digits digits;
    struct dg_spake2plus_secrets secrets;
    const struct dg_device_id device = {{1U}};

    (void)state;
    memset(&digits, 0, sizeof digits);
    for (size_t at = 0U; at < DG_PAIRING_DIGITS; at++) {
        for (size_t i = 0U; i < sizeof bad; i++) {
            memset(digits.digit, '5', DG_PAIRING_DIGITS);
            digits.digit[at] = bad[i];
            assert_int_equal(dg_pairing_digits_stretch(
                                 &rig.crypto, &device, &digits, &secrets),
                             DG_E_RANGE);
        }
    }
}

static void test_stretch__each_part_missing_or_too_long__refused(void **state)
{
    static const uint8_t some[DG_SPAKE2PLUS_INPUT_MAX + 100U] = {1U};
    struct dg_spake2plus_secrets secrets;

    (void)state;
    for (unsigned part = 0U; part < 4U; part++) {
        for (unsigned how = 0U; how < 3U; how++) {
            dg_span spans[4] = {
                {some, 8U}, {some, 4U}, {some, 4U}, {some, 16U}};

            spans[part] = (how == 0U)   ? (dg_span){NULL, 4U}
                          : (how == 1U) ? (dg_span){some, sizeof some}
                                        : spans[part];
            const struct dg_spake2plus_names names = {
                {some, 1U}, spans[1], spans[2]};

            assert_int_equal(
                dg_spake2plus_stretch(
                    &rig.crypto, spans[0], &names, spans[3], 2U, &secrets) ==
                    DG_OK,
                how == 2U);
        }
    }
    /* Each fits alone, and all together do not. */
    const struct dg_spake2plus_names names = {
        {some, 1U},
        {some, DG_SPAKE2PLUS_INPUT_MAX / 2U},
        {some, DG_SPAKE2PLUS_INPUT_MAX / 2U}};

    assert_int_not_equal(dg_spake2plus_stretch(&rig.crypto,
                                               (dg_span){some, 8U},
                                               &names,
                                               (dg_span){some, 16U},
                                               2U,
                                               &secrets),
                         DG_OK);
}

/* Keys --------------------------------------------------------------------------- */

static void test_rekey__one_direction_near_its_end__due(void **state)
{
    struct dg_record record = {.epoch = 4U};

    (void)state;
    assert_false(dg_rekey_is_due(&record));
    record.tx_next = DG_RECORD_COUNTER_MAX - DG_REKEY_RESERVE + 1U;
    assert_true(dg_rekey_is_due(&record));
    record.tx_next = 0U;
    record.rx_next = DG_RECORD_COUNTER_MAX - DG_REKEY_RESERVE + 1U;
    assert_true(dg_rekey_is_due(&record));
}

static void test_rekey__nobody_asked_or_no_root__refused(void **state)
{
    static const struct dg_secret none;
    static const struct dg_secret root = {{7U}};
    struct dg_record record = {.epoch = 4U};
    struct dg_rekey rekey;
    uint8_t phone[DG_REKEY_NONCE_SIZE] = {1U};
    uint8_t device[DG_REKEY_NONCE_SIZE] = {2U};

    (void)state;
    dg_rekey_begin(&rekey, &none);
    assert_int_equal(
        dg_rekey_offer(&rekey, &rig.crypto, &record, phone, device),
        DG_E_STATE);
    assert_int_equal(dg_rekey_ask(&rekey, &rig.crypto), DG_E_STATE);
    dg_rekey_begin(&rekey, &root);
    assert_int_equal(dg_rekey_take(&rekey, &rig.crypto, &record, phone, device),
                     DG_E_STATE);
    record.epoch = 0U;
    assert_int_equal(
        dg_rekey_offer(&rekey, &rig.crypto, &record, phone, device),
        DG_E_STATE);
    record.epoch = 4U;
    assert_int_equal(dg_rekey_ask(&rekey, &rig.crypto), DG_OK);
    assert_int_equal(dg_rekey_take(&rekey, &rig.crypto, &record, phone, device),
                     DG_E_AUTH);
    assert_int_equal(
        dg_rekey_take(&rekey, &rig.crypto, &record, rekey.nonce, device),
        DG_OK);
    assert_int_equal(
        dg_rekey_take(&rekey, &rig.crypto, &record, rekey.nonce, device),
        DG_E_STATE);
}

static void test_knock_log__no_such_slot__refused(void **state)
{
    (void)state;
    assert_int_equal(
        dg_knock_log_append(
            &rig.flash.port, &rig.device.settings, DG_CONTROLLERS, 99U),
        DG_E_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_revoke__its_glucagon_under_way__stops,
                               start),
        cmocka_unit_test_setup(test_forget__rescue_was_asked_for__waits, start),
        cmocka_unit_test_setup(test_forget__nobody_is_paired__nothing_to_choose,
                               start),
        cmocka_unit_test_setup(test_device__no_button_or_no_port__usage, start),
        cmocka_unit_test_setup(test_suspend__for_no_time__refused, start),
        cmocka_unit_test_setup(test_hand_over__to_nobody_who_may__refused,
                               start),
        cmocka_unit_test(
            test_schedule__low_rates__a_tenth_of_a_unit_up_or_down),
        cmocka_unit_test(
            test_pauses__share_out_of_range_or_bin_full__never_less),
        cmocka_unit_test(test_digits__no_digit__refused),
        cmocka_unit_test(test_stretch__each_part_missing_or_too_long__refused),
        cmocka_unit_test(test_rekey__one_direction_near_its_end__due),
        cmocka_unit_test(test_rekey__nobody_asked_or_no_root__refused),
        cmocka_unit_test(test_knock_log__no_such_slot__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
