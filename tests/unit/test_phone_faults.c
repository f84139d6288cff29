/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/knock.h"
#include "tests/unit/failing.h"
#include "tests/unit/rig.h"

#include <string.h>

/* The phone's crypto fails, call by call: in pairing, in the handshake with both
 * methods, in records and in fresh keys.  Nothing is believed that was not
 * verified, the device is as it was, and the same works afterwards. */

static struct rig rig;
static struct rig before;
static struct failing failing;
static struct dg_prover prover;
static uint8_t room[DG_DATAGRAM_MAX];

static enum dg_status receive(unsigned who,
                              dg_span datagram,
                              enum dg_controller_event *event,
                              dg_span *bytes)
{
    return dg_controller_receive(&rig.phone[who].controller,
                                 &failing.crypto,
                                 &rig.phone[who].phone,
                                 datagram,
                                 DG_BUF_OF(room),
                                 event,
                                 bytes);
}

/* Handshake, a status, its answer, and fresh keys. */
static bool talk(unsigned who)
{
    struct dg_controller *controller = &rig.phone[who].controller;
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    const struct dg_request status = {
        .kind = DG_REQUEST_STATUS,
        .as.status = {DG_VERSION_MAJOR, DG_VERSION_MINOR, 80U}};
    uint8_t plain_room[DG_MESSAGE_MAX];
    dg_span plain = {NULL, 0U};
    dg_span bytes = {NULL, 0U};

    assert_int_equal(dg_request_encode(&status, DG_BUF_OF(plain_room), &plain),
                     DG_OK);
    if (dg_controller_connect(controller,
                              &failing.crypto,
                              &rig.phone[who].phone,
                              DG_BUF_OF(room),
                              &bytes) != DG_OK) {
        return false;
    }
    for (unsigned turn = 0U; turn < 2U; turn++) {
        if (receive(who, rig_deliver(&rig, bytes), &event, &bytes) != DG_OK) {
            return false;
        }
    }
    if ((event != DG_CONTROLLER_OPENED) ||
        (dg_controller_send(
             controller, &failing.crypto, plain, DG_BUF_OF(room), &bytes) !=
         DG_OK) ||
        (receive(who, rig_deliver(&rig, bytes), &event, &bytes) != DG_OK) ||
        (event != DG_CONTROLLER_ANSWER)) {
        return false;
    }
    return (dg_controller_rekey(
                controller, &failing.crypto, DG_BUF_OF(room), &bytes) ==
            DG_OK) &&
           (receive(who, rig_deliver(&rig, bytes), &event, &bytes) == DG_OK) &&
           (event == DG_CONTROLLER_REKEYED);
}

static bool talk_agreeing(void)
{
    return talk(0U);
}

static bool talk_signing(void)
{
    return talk(1U);
}

static bool pair_by_digits(void)
{
    struct dg_secret secret;
    struct dg_pairing_request request = {.method = DG_METHOD_STATIC,
                                         .role = DG_ROLE_OBSERVER,
                                         .name_size = 5U,
                                         .name = "digit"};
    dg_span datagram = {NULL, 0U};

    rig_make_key(&rig, &secret, &request.key);
    rig_make_key(&rig, &secret, &request.presence);
    if (dg_prover_start(&prover,
                        &failing.crypto,
                        rig.device.pairing.digits.digit,
                        &request,
                        DG_BUF_OF(room),
                        &datagram) != DG_OK) {
        return false;
    }
    for (unsigned turn = 0U; turn < 3U; turn++) {
        const dg_span answer = rig_deliver(&rig, datagram);

        if (dg_prover_receive(
                &prover, &failing.crypto, answer, DG_BUF_OF(room), &datagram) !=
            DG_OK) {
            return false;
        }
    }
    return prover.state == DG_PROVER_DONE;
}

static void press_pair(void)
{
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_PAIR),
        DG_OK);
}

/* Thousands of equal calls stretch the digits: some of them are enough, but all
 * of the last ones. */
static uint32_t stride_at(uint32_t at, uint32_t calls)
{
    const uint32_t stride = (calls / 8U) + 1U;

    if ((calls <= 200U) || (at <= 20U) || ((at + 24U) >= calls)) {
        return 1U;
    }
    return (stride < (calls - 24U - at)) ? stride : (calls - 24U - at);
}

/* @return How many plays came to their end with a call that failed. */
static unsigned play_all(bool (*act)(void))
{
    unsigned done = 0U;

    before = rig;
    failing_arm(&failing, 0U, FAILING_ONCE);
    assert_true(act());

    const uint32_t calls = failing.calls;

    assert_true(calls > 10U);
    for (uint32_t at = 1U; at <= calls; at += stride_at(at, calls)) {
        for (unsigned how = FAILING_ONCE; how <= FAILING_LASTS; how++) {
            rig = before;
            failing_arm(&failing, at, (enum failing_how)how);
            done += act() ? 1U : 0U;
            failing_arm(&failing, 0U, FAILING_ONCE);
            assert_false(rig.device.is_fault);
            assert_int_equal(rig.moved, before.moved);
            /* A window of pairing may be spent; a phone may come again. */
            if (act == pair_by_digits) {
                rig_wait(&rig, DG_PAIRING_WINDOW_S + 1U);
                press_pair();
            }
            assert_true(act());
        }
    }
    return done;
}

/* @verifies{FPT_FLS.1@1} */
static void test_phone__each_call_fails__nothing_believed_and_repeatable(
    void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig.shows_nothing = true;
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    press_pair();
    assert_true(rig_try_pair_signer(&rig, 1U, DG_ROLE_CAREGIVER));
    failing_init(&failing, &rig.crypto, &rig.flash.port);
    /* Without its call no step of a session comes to an end. */
    assert_int_equal(play_all(talk_agreeing), 0U);
    rig = before;
    assert_int_equal(play_all(talk_signing), 0U);
    rig = before;
    press_pair();
    assert_int_equal(play_all(pair_by_digits), 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_phone__each_call_fails__nothing_believed_and_repeatable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
