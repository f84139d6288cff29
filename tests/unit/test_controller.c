/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/knock.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Phone and device back to back, with a link that loses, repeats, changes and
 * reflects. */

static struct rig rig;

#define MESSAGES 4U /* knock, message_2, message_3, message_4 */

struct taken {
    size_t size;
    uint8_t byte[DG_DATAGRAM_MAX];
};

static struct taken wire[MESSAGES];

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(0);

    rig_init(&rig, &therapy);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
}

static struct taken take(dg_span span)
{
    struct taken taken = {.size = span.size};

    if (span.size > 0U) {
        memcpy(taken.byte, span.at, span.size);
    }
    return taken;
}

static dg_span span_of(const struct taken *taken)
{
    return (dg_span){(taken->size > 0U) ? taken->byte : NULL, taken->size};
}

static struct taken to_phone(const struct taken *message,
                             enum dg_controller_event *event)
{
    struct rig_phone *phone = &rig.phone[0];
    dg_span bytes = {NULL, 0U};

    assert_int_equal(dg_controller_receive(&phone->controller,
                                           &rig.crypto,
                                           &phone->phone,
                                           span_of(message),
                                           DG_BUF_OF(rig.phone_room),
                                           event,
                                           &bytes),
                     DG_OK);
    return take(bytes);
}

static struct taken connect(void)
{
    dg_span bytes = {NULL, 0U};

    assert_int_equal(dg_controller_connect(&rig.phone[0].controller,
                                           &rig.crypto,
                                           &rig.phone[0].phone,
                                           DG_BUF_OF(rig.phone_room),
                                           &bytes),
                     DG_OK);
    return take(bytes);
}

/* Run a handshake; message @at is treated by @twist, which tells whether it
 * goes on.  True when both ends stand. */
static bool handshake(unsigned at, bool (*twist)(struct taken *message))
{
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    wire[0] = connect();
    for (unsigned i = 0U; i < MESSAGES; i++) {
        if ((i == at) && !twist(&wire[i])) {
            return false;
        }
        if ((i % 2U) == 0U) {
            const struct taken next =
                take(rig_deliver(&rig, span_of(&wire[i])));

            if (next.size == 0U) {
                return false;
            }
            wire[i + 1U] = next;
        } else {
            const struct taken next = to_phone(&wire[i], &event);

            if ((i + 1U) < MESSAGES) {
                wire[i + 1U] = next;
            }
            if (event == DG_CONTROLLER_NOTHING) {
                return false;
            }
        }
    }
    return event == DG_CONTROLLER_OPENED;
}

static bool keep(struct taken *message)
{
    (void)message;
    return true;
}

static bool lose(struct taken *message)
{
    (void)message;
    return false;
}

static size_t bit_to_flip;

static bool flip(struct taken *message)
{
    const size_t bit = bit_to_flip % (message->size * 8U);

    message->byte[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    return true;
}

static void expect_session_works(void)
{
    assert_non_null(rig_greet(&rig, 0U));
    assert_int_equal(rig.phone[0].answer.kind, DG_ANSWER_STATUS);
    assert_memory_equal(rig.phone[0].controller.session.byte,
                        rig.device.session[0].id.byte,
                        DG_SESSION_ID_SIZE);
}

/* The old session lives until a new one is proven. */
static void test_handshake__each_message_lost__old_session_then_new(
    void **state)
{
    (void)state;
    start();
    assert_true(handshake(MESSAGES, keep));
    expect_session_works();
    for (unsigned at = 0U; at < MESSAGES; at++) {
        const struct dg_controller old = rig.phone[0].controller;

        assert_false(handshake(at, lose));
        if (at < 3U) {
            rig.phone[0].controller = old;
            expect_session_works();
        }
        /* And another try succeeds at once. */
        assert_true(handshake(MESSAGES, keep));
        expect_session_works();
    }
}

/* @verifies{FTP_ITC.1@1} */
static void test_handshake__each_message_changed__refused_then_new(void **state)
{
    (void)state;
    start();
    for (unsigned at = 0U; at < MESSAGES; at++) {
        for (bit_to_flip = 0U; bit_to_flip < 500U; bit_to_flip += 37U) {
            const unsigned p256 = rig.p256;
            const bool stands = handshake(at, flip);

            /* A changed C_I or G_X is caught at the latest by the MACs. */
            assert_false(stands);
            assert_true((at == 3U) ||
                        (rig.device.session[0].record.epoch == 0U));
            assert_int_not_equal(rig.phone[0].controller.state,
                                 DG_CONTROLLER_OPEN);
            if (at == 0U) {
                /* The stranger's cost: message_1 of the phone alone. */
                assert_int_equal(rig.p256 - p256, 1U);
            }
            if (at == 3U) {
                dg_record_wipe(&rig.device.session[0].record);
            }
        }
    }
    assert_true(handshake(MESSAGES, keep));
    expect_session_works();
}

/* @verifies{FPT_RPL.1@1} */
static void test_handshake__repeated_and_reflected__silence(void **state)
{
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    (void)state;
    start();
    assert_true(handshake(MESSAGES, keep));

    const struct dg_device before = rig.device;

    for (unsigned round = 0U; round < 2U; round++) {
        for (unsigned i = 0U; i < MESSAGES; i++) {
            const unsigned p256 = rig.p256;

            assert_int_equal(rig_deliver(&rig, span_of(&wire[i])).size, 0U);
            assert_int_equal(rig.p256, p256);
            (void)to_phone(&wire[i], &event);
            assert_int_equal(event, DG_CONTROLLER_NOTHING);
        }
        if (round == 0U) {
            assert_memory_equal(&rig.device.session[0].record,
                                &before.session[0].record,
                                sizeof before.session[0].record);
            expect_session_works();
            /* A knock works once, also across a reset. */
            rig_reboot(&rig);
        }
    }
}

/* Every datagram type in every state of the phone, against the table in
 * controller.h: only the one that is awaited does anything. */
static void test_controller__every_type_in_every_state__as_documented(
    void **state)
{
    static const uint8_t types[] = {
        0x00, 0x01, 0x02, 0x03, 0x04, 0x10, 0x11, 0x20, 0xFF};
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    (void)state;
    start();
    for (unsigned want = 0U; want < 4U; want++) {
        for (size_t i = 0U; i < sizeof types; i++) {
            dg_controller_wipe(&rig.phone[0].controller);
            if (want == DG_CONTROLLER_WAIT_2) {
                wire[0] = connect();
            } else if (want == DG_CONTROLLER_WAIT_4) {
                assert_false(handshake(2U, lose));
            } else if (want == DG_CONTROLLER_OPEN) {
                assert_true(handshake(MESSAGES, keep));
            }
            assert_int_equal(rig.phone[0].controller.state, want);

            struct taken junk = {.size = 300U};

            junk.byte[0] = types[i];
            (void)to_phone(&junk, &event);
            assert_int_equal(event, DG_CONTROLLER_NOTHING);
            assert_int_equal(rig.phone[0].controller.state, want);
        }
    }
}

/* @p count forged copies of a real message arrive before it. */
static unsigned forgeries;

static void throw_forgeries(const struct taken *message, unsigned number)
{
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    for (unsigned i = 0U; i < forgeries; i++) {
        struct taken forged = *message;

        forged.byte[forged.size - 1U - (i % 8U)] ^= (uint8_t)(1U + i);
        if ((number % 2U) == 0U) {
            assert_int_equal(rig_deliver(&rig, span_of(&forged)).size, 0U);
        } else {
            (void)to_phone(&forged, &event);
            assert_int_equal(event, DG_CONTROLLER_NOTHING);
        }
    }
}

/* A handshake in which someone near throws forgeries before each message. */
static bool handshake_under_fire(void)
{
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    wire[0] = connect();
    for (unsigned i = 0U; i < MESSAGES; i++) {
        throw_forgeries(&wire[i], i);

        const struct taken next =
            ((i % 2U) == 0U) ? take(rig_deliver(&rig, span_of(&wire[i])))
                             : to_phone(&wire[i], &event);

        if ((i + 1U) < MESSAGES) {
            if (next.size == 0U) {
                return false;
            }
            wire[i + 1U] = next;
        }
    }
    return event == DG_CONTROLLER_OPENED;
}

/* @verifies{FRU_RSA.1@1} */
static void test_handshake__forged_messages_between__opens_all_the_same(
    void **state)
{
    (void)state;
    start();
    forgeries = 20U; /* twice on the phone: below its bound of 64 */
    assert_true(handshake_under_fire());
    expect_session_works();
}

/* The phone's own bound, apart from the device's. */
static void test_controller__forged_message_2_without_end__closes(void **state)
{
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    (void)state;
    start();
    wire[0] = connect();
    wire[1] = take(rig_deliver(&rig, span_of(&wire[0])));
    wire[1].byte[wire[1].size - 1U] ^= 1U;
    for (unsigned i = 0U; i < DG_EDHOC_FORGED_MAX; i++) {
        (void)to_phone(&wire[1], &event);
        assert_int_equal(rig.phone[0].controller.state, DG_CONTROLLER_WAIT_2);
    }
    (void)to_phone(&wire[1], &event);
    assert_int_equal(rig.phone[0].controller.state, DG_CONTROLLER_CLOSED);
}

static void test_handshake__forgeries_without_end__gives_up(void **state)
{
    (void)state;
    start();
    forgeries = DG_EDHOC_FORGED_MAX + 1U;
    assert_false(handshake_under_fire());
    forgeries = 0U;
    assert_true(handshake_under_fire());
    expect_session_works();
}

/* Suite 2 is what EDHOC peers must have; a paired phone may not go there. */
/* @verifies{FTP_ITC.2@1} */
static void test_handshake__suite_2__silence(void **state)
{
    static const struct dg_edhoc_suites suite_2 = {1U, {2}, DG_METHOD_STATIC};
    static const uint8_t connection[1] = {0U};
    struct rig_phone *phone = &rig.phone[0];
    struct dg_edhoc edhoc;
    uint8_t room[64];
    dg_span message_1;
    dg_span datagram;

    (void)state;
    start();
    memset(&edhoc, 0, sizeof edhoc);
    assert_int_equal(dg_edhoc_i_message_1(&edhoc,
                                          &rig.crypto,
                                          &suite_2,
                                          0U,
                                          DG_SPAN_OF(connection),
                                          (dg_span){NULL, 0U},
                                          DG_BUF_OF(room),
                                          &message_1),
                     DG_OK);
    phone->phone.knock_counter++;

    const struct dg_knock knock = {0U, phone->phone.knock_counter, message_1};

    assert_int_equal(dg_knock_write(&rig.crypto,
                                    &phone->phone.knock_key,
                                    &knock,
                                    DG_BUF_OF(rig.phone_room),
                                    &datagram),
                     DG_OK);
    assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
    assert_true(handshake(MESSAGES, keep));
}

static void test_controller__bad_arguments__refused(void **state)
{
    struct rig_phone *phone = &rig.phone[0];
    dg_span bytes;
    uint8_t small[32];
    enum dg_controller_event event;

    (void)state;
    start();
    assert_int_equal(dg_controller_send(&phone->controller,
                                        &rig.crypto,
                                        (dg_span){small, 1U},
                                        DG_BUF_OF(rig.phone_room),
                                        &bytes),
                     DG_E_STATE);
    assert_int_equal(dg_controller_connect(&phone->controller,
                                           &rig.crypto,
                                           &phone->phone,
                                           DG_BUF_OF(small),
                                           &bytes),
                     DG_E_NO_SPACE);
    assert_int_equal(phone->controller.state, DG_CONTROLLER_CLOSED);
    assert_int_equal(dg_controller_receive(&phone->controller,
                                           &rig.crypto,
                                           &phone->phone,
                                           (dg_span){small, 1U},
                                           DG_BUF_OF(small),
                                           &event,
                                           &bytes),
                     DG_E_NO_SPACE);
    assert_int_equal(
        dg_controller_connect(
            NULL, &rig.crypto, &phone->phone, DG_BUF_OF(small), &bytes),
        DG_E_USAGE);
    phone->phone.knock_counter = UINT32_MAX;
    assert_int_equal(dg_controller_connect(&phone->controller,
                                           &rig.crypto,
                                           &phone->phone,
                                           DG_BUF_OF(rig.phone_room),
                                           &bytes),
                     DG_E_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_handshake__each_message_lost__old_session_then_new),
        cmocka_unit_test(
            test_handshake__each_message_changed__refused_then_new),
        cmocka_unit_test(test_handshake__repeated_and_reflected__silence),
        cmocka_unit_test(
            test_controller__every_type_in_every_state__as_documented),
        cmocka_unit_test(
            test_handshake__forged_messages_between__opens_all_the_same),
        cmocka_unit_test(test_controller__forged_message_2_without_end__closes),
        cmocka_unit_test(test_handshake__forgeries_without_end__gives_up),
        cmocka_unit_test(test_handshake__suite_2__silence),
        cmocka_unit_test(test_controller__bad_arguments__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
