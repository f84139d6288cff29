/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/device_parts.h"
#include "tests/unit/failing.h"
#include "tests/unit/rig.h"

/* Pairing by digits at both ends with datagrams, room and order that no peer
 * of ours would use, and with crypto that fails on the way: refused by its
 * category, no secret of the code is given out, and the true phone still comes
 * in. */

static struct rig rig;
static struct rig open_window;
static struct failing failing;
static struct dg_prover prover;
static uint8_t room[DG_DATAGRAM_MAX];
static struct dg_pairing_request request;
static dg_span answer;

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);
    struct dg_secret unused;

    (void)state;
    rig_init(&rig, &therapy);
    failing_init(&failing, rig.ports.crypto, &rig.flash.port);
    memset(&request, 0, sizeof request);
    request.method = DG_METHOD_STATIC;
    request.role = DG_ROLE_OWNER;
    request.name_size = 5U;
    memcpy(request.name, "phone", 5U);
    rig_make_key(&rig, &unused, &request.key);
    rig_make_key(&rig, &unused, &request.presence);
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_PAIR),
        DG_OK);
    open_window = rig;
    dg_prover_wipe(&prover);
    answer = (dg_span){NULL, 0U};
    return 0;
}

static dg_span begin(void)
{
    dg_span datagram = {NULL, 0U};

    assert_int_equal(dg_prover_start(&prover,
                                     &failing.crypto,
                                     rig.device.pairing.digits.digit,
                                     &request,
                                     DG_BUF_OF(room),
                                     &datagram),
                     DG_OK);
    return datagram;
}

/* Up to @p turns answers of the device; what the phone says next. */
static dg_span run(unsigned turns)
{
    dg_span datagram = begin();

    for (unsigned i = 0U; i < turns; i++) {
        const dg_span got = rig_deliver(&rig, datagram);

        assert_int_equal(
            dg_prover_receive(
                &prover, &failing.crypto, got, DG_BUF_OF(room), &datagram),
            DG_OK);
    }
    return datagram;
}

/* @verifies{FIA_PAIR.2@1} */
static void test_hello__wrong_or_no_room_or_late__category(void **state)
{
    static const uint8_t good[] = {DG_PAIRING_HELLO_TYPE, DG_PAIRING_VERSION};
    static const uint8_t other[] = {DG_PAIRING_HELLO_TYPE,
                                    DG_PAIRING_VERSION + 1U};
    static const uint8_t more[] = {
        DG_PAIRING_HELLO_TYPE, DG_PAIRING_VERSION, 0U};
    struct dg_device *device = &rig.device;

    (void)state;
    assert_int_equal(
        dg_verifier_hello(device, DG_SPAN_OF(other), DG_BUF_OF(room), &answer),
        DG_E_UNSUPPORTED);
    assert_int_equal(
        dg_verifier_hello(device, DG_SPAN_OF(more), DG_BUF_OF(room), &answer),
        DG_E_UNSUPPORTED);
    assert_int_equal(
        dg_verifier_hello(device,
                          DG_SPAN_OF(good),
                          (dg_buf){room, DG_PAIRING_SALT_DATAGRAM - 1U},
                          &answer),
        DG_E_NO_SPACE);
    device->now.s = device->pairing.until.s + 1U;
    assert_int_equal(
        dg_verifier_hello(device, DG_SPAN_OF(good), DG_BUF_OF(room), &answer),
        DG_E_STATE);
    assert_int_equal(answer.size, 0U);
}

/* @verifies{FIA_PAIR.2@1} */
static void test_share__wrong_or_no_room_or_late__no_try_used(void **state)
{
    const dg_span share = run(1U);
    struct dg_device *device = &rig.device;
    uint8_t small[DG_PAIRING_REPLY_DATAGRAM];

    (void)state;
    assert_int_equal(share.size, DG_PAIRING_SHARE_DATAGRAM);
    assert_int_equal(dg_verifier_share(device,
                                       (dg_span){share.at, share.size - 1U},
                                       DG_BUF_OF(small),
                                       &answer),
                     DG_E_RANGE);
    assert_int_equal(
        dg_verifier_share(
            device, share, (dg_buf){small, sizeof small - 1U}, &answer),
        DG_E_NO_SPACE);
    device->pairing.is_spent = true;
    assert_int_equal(
        dg_verifier_share(device, share, DG_BUF_OF(small), &answer),
        DG_E_STATE);
    device->pairing.is_spent = false;
    assert_int_equal(device->settings.lock.tries, 0U);
    assert_int_equal(answer.size, 0U);
}

/* A confirmation to nobody's attempt, and one whose secret cannot be made: the
 * phone is not in, and comes in with the next. */
/* @verifies{FIA_PAIR.2@1} @verifies{FPT_FLS.1@1} */
static void test_confirm__no_attempt_or_no_crypto__nobody_in(void **state)
{
    const dg_span confirm = run(2U);
    uint8_t copy[DG_DATAGRAM_MAX];
    const dg_span kept = {copy, confirm.size};
    unsigned failed = 0U;

    (void)state;
    memcpy(copy, confirm.at, confirm.size);

    const struct rig before = rig;

    rig.device.pairing.verifier.pending.is_waiting = false;
    assert_int_equal(
        dg_verifier_confirm(&rig.device, kept, DG_BUF_OF(room), &answer),
        DG_E_STATE);
    rig.ports.crypto = &failing.crypto;
    for (uint32_t at = 1U; at < 100U; at++) {
        rig = before;
        rig.ports.crypto = &failing.crypto;
        failing_arm(&failing, at, FAILING_ONCE);

        const enum dg_status status =
            dg_verifier_confirm(&rig.device, kept, DG_BUF_OF(room), &answer);

        if (!failing.was_crypto) {
            assert_int_equal(status, DG_OK);
            break;
        }
        assert_int_equal(status, DG_E_PORT);
        failed++;
    }
    failing_arm(&failing, 0U, FAILING_ONCE);
    assert_true(failed >= 3U);
    assert_true(rig.device.settings.controller[0].is_used);
}

/* The phone's end. */
static void test_prover__no_room_or_out_of_order__category(void **state)
{
    dg_span datagram = {NULL, 0U};
    struct dg_prover before;

    (void)state;
    dg_prover_wipe(NULL);
    assert_int_equal(dg_prover_start(&prover,
                                     &rig.crypto,
                                     rig.device.pairing.digits.digit,
                                     &request,
                                     (dg_buf){room, 1U},
                                     &datagram),
                     DG_E_NO_SPACE);
    assert_int_equal(dg_prover_enroll(NULL, &request), DG_E_USAGE);
    assert_int_equal(dg_prover_enroll(&prover, NULL), DG_E_USAGE);
    assert_int_equal(dg_prover_enroll(&prover, &request), DG_E_STATE);
    (void)run(1U);
    before = prover;
    assert_int_equal(dg_prover_receive(&prover,
                                       &rig.crypto,
                                       (dg_span){room, 2U},
                                       (dg_buf){room, 1U},
                                       &datagram),
                     DG_E_NO_SPACE);
    assert_memory_equal(&prover, &before, sizeof prover);
    /* What it enrols it may still choose, now that it knows the device. */
    request.role = DG_ROLE_OBSERVER;
    assert_int_equal(dg_prover_enroll(&prover, &request), DG_OK);
    assert_int_equal(prover.request.role, DG_ROLE_OBSERVER);
    (void)run(3U);
    assert_int_equal(prover.state, DG_PROVER_DONE);
    assert_int_equal(dg_prover_receive(&prover,
                                       &rig.crypto,
                                       (dg_span){room, 2U},
                                       DG_BUF_OF(room),
                                       &datagram),
                     DG_E_STATE);
}

/* A salt of another version, and answers of strangers: dropped, and the true
 * one still counts. */
static void test_prover__strangers_answer__dropped(void **state)
{
    dg_span datagram = begin();
    const dg_span salt = rig_deliver(&rig, datagram);
    uint8_t copy[DG_DATAGRAM_MAX];

    (void)state;
    memcpy(copy, salt.at, salt.size);
    copy[1]++;
    assert_int_equal(dg_prover_receive(&prover,
                                       &rig.crypto,
                                       (dg_span){copy, salt.size},
                                       DG_BUF_OF(room),
                                       &datagram),
                     DG_OK);
    assert_int_equal(prover.state, DG_PROVER_WAIT_SALT);
    rig = open_window;
    datagram = run(2U);

    const dg_span true_one = rig_deliver(&rig, datagram);

    memcpy(copy, true_one.at, true_one.size);
    copy[true_one.size - 1U] ^= 1U;
    assert_int_equal(dg_prover_receive(&prover,
                                       &rig.crypto,
                                       (dg_span){copy, true_one.size},
                                       DG_BUF_OF(room),
                                       &datagram),
                     DG_OK);
    assert_int_equal(prover.state, DG_PROVER_WAIT_ANSWER);
    assert_int_equal(
        dg_prover_receive(
            &prover, &rig.crypto, true_one, DG_BUF_OF(room), &datagram),
        DG_OK);
    assert_int_equal(prover.state, DG_PROVER_DONE);
}

/* The phone's crypto fails after the digits were stretched: each call of the
 * last two steps.  It is over, and no secret stays. */
/* @verifies{FPT_FLS.1@1} */
static void test_prover__each_late_call_fails__wiped(void **state)
{
    static const struct dg_prover blank;

    (void)state;
    for (unsigned step = 2U; step <= 3U; step++) {
        unsigned failed = 0U;

        rig = open_window;

        const dg_span datagram = run(step - 1U);
        const dg_span got = rig_deliver(&rig, datagram);
        const struct dg_prover before = prover;
        uint8_t copy[DG_DATAGRAM_MAX];
        dg_span next = {NULL, 0U};

        memcpy(copy, got.at, got.size);
        for (uint32_t at = 1U; at < 100U; at++) {
            prover = before;
            failing_arm(&failing, at, FAILING_ONCE);

            const enum dg_status status =
                dg_prover_receive(&prover,
                                  &failing.crypto,
                                  (dg_span){copy, got.size},
                                  DG_BUF_OF(room),
                                  &next);

            if (!failing.was_crypto) {
                assert_int_equal(status, DG_OK);
                break;
            }
            assert_int_equal(status, DG_E_PORT);
            assert_memory_equal(&prover, &blank, sizeof blank);
            failed++;
        }
        failing_arm(&failing, 0U, FAILING_ONCE);
        assert_true(failed >= 1U);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH(test) cmocka_unit_test_setup(test, start)
        WITH(test_hello__wrong_or_no_room_or_late__category),
        WITH(test_share__wrong_or_no_room_or_late__no_try_used),
        WITH(test_confirm__no_attempt_or_no_crypto__nobody_in),
        WITH(test_prover__no_room_or_out_of_order__category),
        WITH(test_prover__strangers_answer__dropped),
        WITH(test_prover__each_late_call_fails__wiped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
