/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/session_keys.h"
#include "dosegate/knock.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Phones whose secure element only signs, beside those that agree: each comes
 * in by the method that it was enrolled for, and by no other. */

static struct rig rig;
static uint8_t room[DG_DATAGRAM_MAX];

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

/* 0 signs, 1 agrees. */
static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    assert_true(rig_try_pair_signer(&rig, 0U, DG_ROLE_OWNER));
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    return 0;
}

static void test_method__one_signs_one_agrees__both_dose(void **state)
{
    (void)state;
    for (unsigned reset = 0U; reset < 2U; reset++) {
        for (unsigned who = 0U; who < 2U; who++) {
            const unsigned other = 1U - who;

            assert_true(rig_connect(&rig, who));
            (void)rig_lease(&rig, other, DG_LEASE_RELEASE);
            assert_int_equal(rig_lease(&rig, who, DG_LEASE_TAKE)->kind,
                             DG_ANSWER_STATUS);
            assert_true(rig_dose(&rig, who, DG_TIER_CONFIRMED, 500));
            rig_wait(&rig, 300U);
            (void)rig_lease(&rig, who, DG_LEASE_RELEASE);
        }
        rig_reboot(&rig);
    }
    assert_int_equal(rig.moved, 40U);
}

/* The sizes that docs/protocol.md gives. */
static void test_method__datagrams__have_the_documented_sizes(void **state)
{
    static const size_t want[2][4] = {{51U, 123U, 87U, 18U},
                                      {51U, 74U, 38U, 18U}};

    (void)state;
    for (unsigned who = 0U; who < 2U; who++) {
        struct rig_phone *phone = &rig.phone[who];
        enum dg_controller_event event = DG_CONTROLLER_NOTHING;
        dg_span bytes = {NULL, 0U};

        assert_int_equal(dg_controller_connect(&phone->controller,
                                               &rig.crypto,
                                               &phone->phone,
                                               DG_BUF_OF(room),
                                               &bytes),
                         DG_OK);
        for (unsigned i = 0U; i < 2U; i++) {
            assert_int_equal(bytes.size, want[who][2U * i]);

            const dg_span answer = rig_deliver(&rig, bytes);

            assert_int_equal(answer.size, want[who][2U * i + 1U]);
            assert_int_equal(dg_controller_receive(&phone->controller,
                                                   &rig.crypto,
                                                   &phone->phone,
                                                   answer,
                                                   DG_BUF_OF(room),
                                                   &event,
                                                   &bytes),
                             DG_OK);
        }
        assert_int_equal(event, DG_CONTROLLER_OPENED);
    }
}

/* Both know all keys of their own, and come by the other door.  The knock is
 * good; the method is not the enrolled one, and nothing is answered. */
/* @verifies{FTP_ITC.2@1} @verifies{FMT_KEY.1@1} */
static void test_method__the_other_one_than_enrolled__refused(void **state)
{
    (void)state;
    for (unsigned who = 0U; who < 2U; who++) {
        struct rig_phone *phone = &rig.phone[who];
        const bool signs = phone->phone.method == DG_METHOD_SIGN;
        const unsigned p256 = rig.p256;
        dg_span bytes = {NULL, 0U};

        phone->phone.method = signs ? DG_METHOD_STATIC : DG_METHOD_SIGN;
        phone->phone.device_key =
            signs ? rig.settings.public_key : rig.settings.sign_public;
        assert_int_equal(dg_controller_connect(&phone->controller,
                                               &rig.crypto,
                                               &phone->phone,
                                               DG_BUF_OF(room),
                                               &bytes),
                         DG_OK);
        assert_int_equal(rig.p256 - p256, 1U);
        assert_int_equal(rig_deliver(&rig, bytes).size, 0U);
        /* No key work of the device for it either. */
        assert_int_equal(rig.p256 - p256, 1U);
        assert_int_equal(rig.device.session[phone->phone.slot].record.epoch,
                         0U);
        /* By its own door it still comes in. */
        phone->phone.method = signs ? DG_METHOD_SIGN : DG_METHOD_STATIC;
        phone->phone.device_key =
            signs ? rig.settings.sign_public : rig.settings.public_key;
        assert_true(rig_connect(&rig, who));
    }
}

/* A device that plays the right method with the key of the other one. */
static void test_method__device_with_its_other_key__phone_refuses(void **state)
{
    (void)state;
    for (unsigned who = 0U; who < 2U; who++) {
        const struct dg_settings honest = rig.device.settings;
        struct dg_settings *settings = &rig.device.settings;

        settings->private_key = honest.sign_private;
        settings->public_key = honest.sign_public;
        settings->sign_private = honest.private_key;
        settings->sign_public = honest.public_key;
        assert_false(rig_connect(&rig, who));
        settings->private_key = honest.private_key;
        settings->public_key = honest.public_key;
        settings->sign_private = honest.sign_private;
        settings->sign_public = honest.sign_public;
        assert_true(rig_connect(&rig, who));
    }
}

/* Another phone that signs, with the knock key of the first. */
static void test_method__another_signer_in_its_slot__refused(void **state)
{
    struct rig_phone *phone = &rig.phone[0];
    const struct dg_phone honest = phone->phone;

    (void)state;
    rig_make_key(&rig, &phone->phone.private_key, &phone->phone.public_key);
    assert_false(rig_connect(&rig, 0U));
    assert_int_equal(rig.device.session[0].record.epoch, 0U);
    /* Its key, but the name of the other slot. */
    phone->phone = honest;
    phone->phone.knock_counter += 10U;
    phone->phone.slot = 1U;
    assert_false(rig_connect(&rig, 0U));
    phone->phone = honest;
    phone->phone.knock_counter += 20U;
    assert_true(rig_connect(&rig, 0U));
}

/* A device without a key to sign with takes nobody in who needs one. */
static void test_method__device_without_a_signing_key__no_signer(void **state)
{
    (void)state;
    memset(
        &rig.device.settings.sign_public, 0, sizeof rig.settings.sign_public);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    assert_false(rig_try_pair_signer(&rig, 2U, DG_ROLE_CAREGIVER));
    assert_int_equal(rig.device.pairing.note, DG_PAIRING_WRONG);
    assert_false(rig.device.settings.controller[2].is_used);
}

/* By digits as well. */
static void test_method__signer_by_digits__comes_in(void **state)
{
    struct dg_prover prover;
    struct dg_pairing_request request = {.method = DG_METHOD_SIGN,
                                         .role = DG_ROLE_OBSERVER,
                                         .name_size = 1U,
                                         .name = "s"};
    struct rig_phone *phone = &rig.phone[2];
    struct dg_secret exchange;
    uint8_t digits[DG_PAIRING_DIGITS];
    dg_span datagram = {NULL, 0U};

    (void)state;
    memset(phone, 0, sizeof *phone);
    memset(&prover, 0, sizeof prover);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    memcpy(digits, rig.device.pairing.digits.digit, sizeof digits);
    rig_make_key(&rig, &phone->phone.private_key, &request.key);
    rig_make_key(&rig, &phone->presence, &request.presence);
    rig_make_key(&rig, &exchange, &request.exchange);
    assert_int_equal(
        dg_prover_start(
            &prover, &rig.crypto, digits, &request, DG_BUF_OF(room), &datagram),
        DG_OK);
    for (unsigned i = 0U; i < 3U; i++) {
        const dg_span answer = rig_deliver(&rig, datagram);

        assert_int_equal(
            dg_prover_receive(
                &prover, &rig.crypto, answer, DG_BUF_OF(room), &datagram),
            DG_OK);
    }
    assert_int_equal(prover.state, DG_PROVER_DONE);
    assert_true(prover.answer.has_sign_key);
    phone->phone.method = DG_METHOD_SIGN;
    phone->phone.public_key = request.key;
    phone->presence_key = request.presence;
    phone->role = request.role;
    phone->phone.device = prover.code.device;
    phone->phone.device_key = prover.answer.sign_key;
    phone->phone.slot = prover.answer.slot;
    assert_int_equal(dg_knock_key(&rig.crypto,
                                  &exchange,
                                  &prover.answer.device_key,
                                  &phone->phone.knock_key),
                     DG_OK);
    assert_true(rig_connect(&rig, 2U));
}

/* Nobody decided: no session, at either end. */
static void test_method__none__refused(void **state)
{
    struct rig_phone *phone = &rig.phone[1];
    dg_span bytes = {NULL, 0U};
    struct dg_settings settings = rig.device.settings;

    (void)state;
    phone->phone.method = DG_METHOD_NONE;
    assert_int_equal(dg_controller_connect(&phone->controller,
                                           &rig.crypto,
                                           &phone->phone,
                                           DG_BUF_OF(room),
                                           &bytes),
                     DG_E_USAGE);
    assert_null(dg_session_offer(DG_METHOD_NONE));
    assert_null(dg_session_offer((enum dg_method)2));
    settings.controller[1].method = DG_METHOD_NONE;
    assert_int_equal(dg_settings_save(&rig.flash.port, &settings), DG_E_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_method__one_signs_one_agrees__both_dose,
                               start),
        cmocka_unit_test_setup(
            test_method__datagrams__have_the_documented_sizes, start),
        cmocka_unit_test_setup(
            test_method__the_other_one_than_enrolled__refused, start),
        cmocka_unit_test_setup(
            test_method__device_with_its_other_key__phone_refuses, start),
        cmocka_unit_test_setup(test_method__another_signer_in_its_slot__refused,
                               start),
        cmocka_unit_test_setup(
            test_method__device_without_a_signing_key__no_signer, start),
        cmocka_unit_test_setup(test_method__signer_by_digits__comes_in, start),
        cmocka_unit_test_setup(test_method__none__refused, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
