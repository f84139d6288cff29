/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/bytes.h"
#include "core/device_parts.h"
#include "core/knock_log.h"
#include "dosegate/rekey.h"
#include "tests/unit/failing.h"
#include "tests/unit/rig.h"

/* Both ends of the link with what does not belong there: a phone that takes
 * itself for another, datagrams of no size, knocks that were heard, and a log
 * of them that was damaged. */

static struct rig rig;
static struct rig saved;
static struct failing failing;
static uint8_t room[DG_DATAGRAM_MAX];

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(1000);

    (void)state;
    rig_init(&rig, &therapy);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    saved = rig;
    return 0;
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static dg_span knock(unsigned who)
{
    dg_span datagram = {NULL, 0U};

    assert_int_equal(dg_controller_connect(&rig.phone[who].controller,
                                           &rig.crypto,
                                           &rig.phone[who].phone,
                                           DG_BUF_OF(room),
                                           &datagram),
                     DG_OK);
    return datagram;
}

static enum dg_status receive(dg_span datagram, dg_span *next)
{
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    return dg_controller_receive(&rig.phone[0].controller,
                                 &rig.crypto,
                                 &rig.phone[0].phone,
                                 datagram,
                                 DG_BUF_OF(room),
                                 &event,
                                 next);
}

/* The phone's end ------------------------------------------------------------- */

/* A phone that forgot which slot or method it was enrolled with opens nothing,
 * and at the device nobody else's session comes of it. */
static void test_phone__another_slot_or_method__no_session(void **state)
{
    (void)state;
    for (unsigned what = 0U; what < 3U; what++) {
        dg_span next = {NULL, 0U};

        rig = saved;

        const dg_span message_2 = rig_deliver(&rig, knock(0U));

        assert_true(message_2.size > 0U);
        if (what == 0U) {
            rig.phone[0].phone.slot = 24U; /* no identifier is so large */
            (void)receive(message_2, &next);
            assert_int_equal(next.size, 0U);
        } else if (what == 1U) {
            rig.phone[0].phone.method = DG_METHOD_SIGN; /* another device key */
            (void)receive(message_2, &next);
            assert_int_equal(next.size, 0U);
        } else {
            rig.phone[0].phone.slot = 1U;
            assert_int_equal(receive(message_2, &next), DG_OK);
            assert_int_equal(rig_deliver(&rig, next).size, 0U);
        }
        for (unsigned slot = 0U; slot < 2U; slot++) {
            assert_int_equal(rig.device.session[slot].record.epoch, 0U);
        }
    }
}

static void test_phone__no_datagram_or_too_much__dropped(void **state)
{
    static uint8_t large[DG_DATAGRAM_MAX + 1U];
    dg_span next = {NULL, 0U};

    (void)state;
    (void)knock(0U);
    large[0] = DG_MESSAGE_2_TYPE;
    assert_int_equal(receive((dg_span){NULL, 0U}, &next), DG_OK);
    assert_int_equal(receive((dg_span){large, 1U}, &next), DG_OK);
    assert_int_equal(receive(DG_SPAN_OF(large), &next), DG_OK);
    assert_int_equal(rig.phone[0].controller.state, DG_CONTROLLER_WAIT_2);
    /* Nor does the device answer them. */
    large[0] = rig.phone_room[0];
    assert_int_equal(rig_deliver(&rig, DG_SPAN_OF(large)).size, 0U);
    assert_int_equal(rig_deliver(&rig, (dg_span){large, 0U}).size, 0U);
}

static void test_phone__ticket_of_no_size_or_too_long__refused(void **state)
{
    static uint8_t ticket[DG_ATTEST_TICKET_MAX + 1U];
    struct dg_controller *controller = &rig.phone[0].controller;

    (void)state;
    assert_int_equal(dg_controller_carry(controller, (dg_span){ticket, 0U}),
                     DG_E_RANGE);
    assert_int_equal(dg_controller_carry(controller, DG_SPAN_OF(ticket)),
                     DG_E_RANGE);
    assert_int_equal(dg_controller_carry(NULL, (dg_span){ticket, 9U}),
                     DG_E_USAGE);
    assert_int_equal(dg_controller_carry(controller, (dg_span){NULL, 9U}),
                     DG_E_USAGE);
}

/* Fresh keys: wanted where either direction nears its end, asked for only in a
 * session, and any other answer meanwhile is just that answer. */
/* @verifies{FTP_KEY.2@1} */
static void test_phone__fresh_keys__only_in_a_session(void **state)
{
    struct dg_controller *controller = &rig.phone[0].controller;
    dg_span datagram = {NULL, 0U};

    (void)state;
    assert_false(dg_controller_wants_rekey(controller));
    assert_int_equal(dg_controller_rekey(
                         controller, &rig.crypto, DG_BUF_OF(room), &datagram),
                     DG_E_STATE);
    rig.shows_nothing = true;
    assert_true(rig_connect(&rig, 0U));
    assert_false(dg_controller_wants_rekey(controller));
    controller->record.rx_next = DG_REKEY_RECORDS;
    assert_true(dg_controller_wants_rekey(controller));
    controller->record.rx_next = 0U;
    controller->record.tx_next = DG_REKEY_RECORDS;
    assert_true(dg_controller_wants_rekey(controller));
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(dg_controller_rekey(
                         controller, &rig.crypto, DG_BUF_OF(room), &datagram),
                     DG_OK);
    /* The question is lost; a status is answered under the old keys. */
    assert_non_null(rig_greet(&rig, 0U));
    assert_int_equal(controller->state, DG_CONTROLLER_OPEN);
    assert_true(controller->rekey.is_asked);
    assert_non_null(rig_greet(&rig, 0U));
}

/* The device's end ------------------------------------------------------------ */

/* A knock that was heard and backed off is spent, although flash does not know
 * it: repeated by a stranger it costs its owner nothing. */
/* @verifies{FRU_RSA.1@1} */
static void test_knock__heard_and_not_answered__spent(void **state)
{
    const dg_span datagram = knock(0U);
    const unsigned hashes = rig.hashes;

    (void)state;
    rig.device.session[0].heard = rig.phone[0].phone.knock_counter;
    assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
    assert_int_equal(rig.hashes, hashes);
    assert_false(rig.device.session[0].handshake.is_open);
    assert_true(rig_connect(&rig, 0U));
}

/* Forged messages_3 do not end a handshake, until there were too many. */
static void test_message_3__forged_again_and_again__handshake_ends(void **state)
{
    dg_span next = {NULL, 0U};
    uint8_t forged[DG_DATAGRAM_MAX];

    (void)state;
    assert_int_equal(receive(rig_deliver(&rig, knock(0U)), &next), DG_OK);
    memcpy(forged, next.at, next.size);
    forged[next.size - 1U] ^= 1U;
    for (unsigned i = 0U; i < DG_EDHOC_FORGED_MAX; i++) {
        assert_int_equal(rig_deliver(&rig, (dg_span){forged, next.size}).size,
                         0U);
        assert_true(rig.device.session[0].handshake.is_open);
    }
    assert_int_equal(rig_deliver(&rig, (dg_span){forged, next.size}).size, 0U);
    assert_false(rig.device.session[0].handshake.is_open);
    assert_int_equal(rig_deliver(&rig, next).size, 0U);
    assert_true(rig_connect(&rig, 0U));
}

/* The log of knocks ------------------------------------------------------------ */

static void put_entry(unsigned entry,
                      unsigned slot,
                      uint32_t counter,
                      uint32_t generation)
{
    const struct dg_settings *settings = &rig.device.settings;
    uint8_t *bytes =
        &rig.flash.bytes[((settings->generation % DG_FLASH_SETTINGS_SECTORS) *
                          RIG_SECTOR) +
                         DG_KNOCK_LOG_AT + (entry * 16U)];

    memset(bytes, 0, 16U);
    bytes[0] = (uint8_t)slot;
    dg_bytes_put_u32(&bytes[4], counter);
    dg_bytes_put_u32(&bytes[8], generation);
    dg_bytes_put_u32(&bytes[12], dg_bytes_crc32((dg_span){bytes, 12U}));
}

/* Entries of another copy of the settings, of phones that are not there, and
 * lower ones change no counter; a true one raises it. */
/* @verifies{FPT_RPL.1@1} */
static void test_knock_log__entries_of_others__nothing_raised(void **state)
{
    const uint32_t generation = rig.device.settings.generation;

    (void)state;
    put_entry(0U, 0U, 900U, generation + 1U);
    put_entry(1U, 0U, 950U, generation - 1U);
    put_entry(2U, 2U, 960U, generation);
    put_entry(3U, DG_CONTROLLERS, 970U, generation);
    put_entry(4U, 1U, 50U, generation);
    put_entry(5U, 1U, 40U, generation);
    rig_reboot(&rig);
    assert_int_equal(rig.device.settings.controller[0].knock_counter,
                     saved.device.settings.controller[0].knock_counter);
    assert_int_equal(rig.device.settings.controller[1].knock_counter, 50U);
    assert_int_equal(rig.device.settings.controller[2].knock_counter, 0U);
}

/* The log is full and the settings cannot be saved anew: it is not kept, and so
 * not answered. */
/* @verifies{FPT_RPL.1@1} @verifies{FPT_FLS.1@1} */
static void test_knock_log__full_and_flash_fails__not_kept(void **state)
{
    struct dg_settings *settings = &rig.device.settings;
    const uint32_t before = settings->controller[0].knock_counter;

    (void)state;
    for (unsigned i = 0U; i < DG_KNOCK_LOG_ENTRIES; i++) {
        put_entry(i, 2U, 1U, settings->generation);
    }
    rig.flash.fails = true;
    assert_int_equal(
        dg_knock_log_append(&rig.flash.port, settings, 0U, before + 1U),
        DG_E_PORT);
    assert_int_equal(settings->controller[0].knock_counter, before);
    rig.flash.fails = false;
    assert_int_equal(
        dg_knock_log_append(&rig.flash.port, settings, 0U, before + 1U), DG_OK);
    assert_int_equal(settings->controller[0].knock_counter, before + 1U);
}

/* The device ------------------------------------------------------------------- */

/* STOP ends a bolus and a dose over time at once, and a loosening with them. */
static void test_stop__two_doses_and_a_loosening__all_end(void **state)
{
    static const struct dg_effect bolus = {
        .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {1000}};
    static const struct dg_effect extended = {.kind = DG_EFFECT_BOLUS,
                                              .form = DG_FORM_EXTENDED,
                                              .amount = {1000},
                                              .duration = {1800U}};
    struct dg_bounds target;

    (void)state;
    rig_ready(&rig, 200);
    assert_int_equal(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &extended)->kind,
                     DG_ANSWER_ACCEPTED);
    rig_wait(&rig, 400U);
    rig_believe(&rig, 200);
    assert_int_equal(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &bolus)->kind,
                     DG_ANSWER_ACCEPTED);
    rig.device.loosen.is_waiting = true;
    rig.device.loosen.asked_by = 1U;
    dg_bounds_of(&rig.device.settings.therapy, &target);
    rig.device.loosen.target = target;
    rig.device.loosen.until.s = rig.device.now.s + 60U;
    assert_int_equal(press(DG_BUTTON_STOP), DG_OK);
    assert_false(rig.device.ledger.is_open);
    assert_false(rig.device.ledger.spread.is_open);
    assert_false(dg_loosen_is_waiting(&rig.device));
    assert_int_equal(press(DG_BUTTON_STOP), DG_E_STATE);
}

/* A clock that falls back at the end of time: device time stands still. */
static void test_clock__falls_back_at_the_end_of_time__stands(void **state)
{
    (void)state;
    rig.device.lead_s = UINT32_MAX - 10U;
    rig.device.clock_s = 1000U;
    rig.device.time_check = ~(rig.device.clock_s + rig.device.lead_s);
    dg_device_tick(&rig.device, (dg_seconds){100U});
    assert_int_equal(rig.device.lead_s, UINT32_MAX);
    assert_int_equal(rig.device.now.s, UINT32_MAX);
    dg_device_tick(&rig.device, (dg_seconds){101U});
    assert_int_equal(rig.device.now.s, UINT32_MAX);
}

/* Neither copy of the settings can be read: no therapy, and the reason is the
 * flash and not their content.  What load would refuse is not written. */
/* @verifies{FPT_FLS.2@1} */
static void test_settings__unreadable_or_out_of_range__refused(void **state)
{
    struct dg_settings settings = rig.device.settings;
    struct dg_settings loaded;

    (void)state;
    failing_init(&failing, &rig.crypto, &rig.flash.port);
    failing_arm(&failing, 1U, FAILING_LASTS);
    assert_int_equal(dg_settings_load(&failing.flash, &loaded), DG_E_PORT);
    settings.sensor_warm_s = DG_GLUCOSE_WARM_S_MAX + 1U;
    assert_int_equal(dg_settings_save(&rig.flash.port, &settings), DG_E_RANGE);
    settings.sensor_warm_s = 0U;
    settings.sensor_untimed = 2U;
    assert_int_equal(dg_settings_save(&rig.flash.port, &settings), DG_E_RANGE);
    settings.sensor_untimed = 0U;
    assert_int_equal(dg_settings_save(&rig.flash.port, &settings), DG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define WITH(test) cmocka_unit_test_setup(test, start)
        WITH(test_phone__another_slot_or_method__no_session),
        WITH(test_phone__no_datagram_or_too_much__dropped),
        WITH(test_phone__ticket_of_no_size_or_too_long__refused),
        WITH(test_phone__fresh_keys__only_in_a_session),
        WITH(test_knock__heard_and_not_answered__spent),
        WITH(test_message_3__forged_again_and_again__handshake_ends),
        WITH(test_knock_log__entries_of_others__nothing_raised),
        WITH(test_knock_log__full_and_flash_fails__not_kept),
        WITH(test_stop__two_doses_and_a_loosening__all_end),
        WITH(test_clock__falls_back_at_the_end_of_time__stands),
        WITH(test_settings__unreadable_or_out_of_range__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
