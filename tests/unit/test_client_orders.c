/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "phone.h"

/* What the app orders beside doses, before a whole device. */

static struct phone phone;

static int setup(void **state)
{
    (void)state;
    phone_init(&phone, false);
    phone_pair(&phone);
    return 0;
}

static void order(uint32_t tag, enum dg_order_verb verb, uint8_t slot)
{
    struct dg_internal message = {.type = DG_INTERNAL_APP_ORDER};

    message.as.app.tag = tag;
    message.as.app.order.verb = verb;
    message.as.app.order.slot = slot;
    phone_order(&phone, &message);
}

static void carry(uint32_t tag,
                  enum dg_update_verb verb,
                  uint32_t offset,
                  uint16_t size)
{
    struct dg_internal message = {.type = DG_INTERNAL_APP_CARRY};

    message.as.app.tag = tag;
    message.as.app.carry.verb = verb;
    message.as.app.carry.offset = offset;
    message.as.app.carry.size = size;
    memset(message.as.app.carry.byte, 0x5A, size);
    phone_order(&phone, &message);
}

static enum dg_result result_of(uint32_t tag)
{
    const struct dg_reply *reply = phone_reply(&phone, tag);

    assert_non_null(reply);
    return reply->result;
}

static void test_orders__phones__the_device_s_list(void **state)
{
    (void)state;
    rig_pair(&phone.rig, 1U, DG_ROLE_CAREGIVER);
    order(9, DG_ORDER_PHONES, 0);
    assert_int_equal(phone.note.type, DG_INTERNAL_PHONES);
    assert_int_equal(phone.note.as.phones.tag, 9);
    assert_int_equal(phone.note.as.phones.phone[0].role, DG_ROLE_OWNER);
    assert_true(phone.note.as.phones.phone[0].has_session);
    assert_int_equal(phone.note.as.phones.phone[1].role, DG_ROLE_CAREGIVER);
    assert_int_equal(phone.note.as.phones.phone[2].role, DG_ROLE_NONE);
}

static void test_orders__revoke__gone_but_never_oneself(void **state)
{
    (void)state;
    rig_pair(&phone.rig, 1U, DG_ROLE_CAREGIVER);
    assert_true(rig_connect(&phone.rig, 1U));
    order(9, DG_ORDER_REVOKE, 0);
    assert_int_equal(result_of(9), DG_RESULT_REFUSED);
    assert_int_equal(phone_reply(&phone, 9)->reason, DG_REASON_ROLE);
    order(10, DG_ORDER_REVOKE, 1);
    assert_int_equal(result_of(10), DG_RESULT_OK);
    assert_false(phone.rig.device.settings.controller[1].is_used);
    assert_null(rig_greet(&phone.rig, 1U));
}

static void test_orders__lease__taken_given_and_released(void **state)
{
    (void)state;
    rig_pair(&phone.rig, 1U, DG_ROLE_CAREGIVER);
    order(9, DG_ORDER_TAKE, 0);
    assert_int_equal(result_of(9), DG_RESULT_OK);
    assert_true(phone.rig.device.lease.is_held);
    order(10, DG_ORDER_GIVE, 1); /* it has no session */
    assert_int_equal(result_of(10), DG_RESULT_REFUSED);
    assert_true(rig_connect(&phone.rig, 1U));
    order(11, DG_ORDER_GIVE, 1);
    assert_int_equal(result_of(11), DG_RESULT_OK);
    assert_int_equal(phone.rig.device.lease.slot, 1);
    order(12, DG_ORDER_TAKE, 0); /* the owner takes it back */
    assert_int_equal(result_of(12), DG_RESULT_OK);
    order(13, DG_ORDER_RELEASE, 0);
    assert_int_equal(result_of(13), DG_RESULT_OK);
    assert_false(phone.rig.device.lease.is_held);
}

static void suspend(uint32_t tag, uint32_t seconds)
{
    struct dg_internal message = {.type = DG_INTERNAL_APP_ORDER};

    message.as.app.tag = tag;
    message.as.app.order.verb = DG_ORDER_SUSPEND;
    message.as.app.order.seconds = seconds;
    phone_order(&phone, &message);
}

/* @verifies{FDP_PAUSE.1@2} */
static void test_orders__suspend__capped_resumed_never_a_person_s(void **state)
{
    (void)state;
    suspend(9, 7201); /* more than two hours */
    assert_int_equal(result_of(9), DG_RESULT_REFUSED);
    assert_int_equal(phone_reply(&phone, 9)->reason, DG_REASON_E5);
    assert_int_equal(phone_reply(&phone, 9)->headroom.mU, 7200);
    suspend(10, 1800);
    assert_int_equal(result_of(10), DG_RESULT_OK);
    assert_int_equal(phone_reply(&phone, 10)->status.pause_left_s, 1800);
    assert_int_equal(phone_reply(&phone, 10)->status.pause_permille, 1000);
    assert_int_equal(phone_reply(&phone, 10)->status.headroom_pause_s, 5400);
    order(11, DG_ORDER_RESUME, 0);
    assert_int_equal(result_of(11), DG_RESULT_OK);
    assert_int_equal(phone_reply(&phone, 11)->status.therapy, DG_THERAPY_RUN);

    /* What a person withholds no phone gives back, nor ends by its own. */
    assert_int_equal(dg_device_press(&phone.rig.device,
                                     phone.rig.device.now,
                                     DG_BUTTON_SUSPEND),
                     DG_OK);
    order(12, DG_ORDER_RESUME, 0);
    assert_int_equal(result_of(12), DG_RESULT_REFUSED);
    assert_int_equal(phone_reply(&phone, 12)->reason, DG_REASON_STATE);
    suspend(13, 60);
    assert_int_equal(result_of(13), DG_RESULT_REFUSED);
    assert_int_equal(phone.rig.device.ledger.pause.tier, DG_TIER_PRESENT);
}

/* This pump has no second flash: it says so, whatever is carried. */
static void test_orders__update__the_device_answers(void **state)
{
    (void)state;
    carry(9, DG_UPDATE_OFFER, 0, DG_UPDATE_CHUNK);
    assert_int_equal(phone.note.type, DG_INTERNAL_PROGRESS);
    assert_int_equal(phone.note.as.progress.tag, 9);
    assert_int_equal(phone.note.as.progress.state, DG_UPDATE_IDLE);
    assert_int_equal(phone.note.as.progress.why, DG_UPDATE_NO_SLOTS);
    carry(10, DG_UPDATE_PART, 4096, 1);
    assert_int_equal(phone.note.as.progress.tag, 10);
    carry(11, DG_UPDATE_QUERY, 0, 0);
    assert_int_equal(phone.note.as.progress.tag, 11);
}

/* A gateway that is not itself. */
static void test_orders__malformed__the_reader_ends(void **state)
{
    static const struct {
        enum dg_update_verb verb;
        uint32_t offset;
        uint16_t size;
    } bad[] = {{DG_UPDATE_NOTHING, 0, 0},
               {DG_UPDATE_OFFER, 0, 0},
               {DG_UPDATE_OFFER, 1, 1},
               {DG_UPDATE_PART, 1, 0},
               {DG_UPDATE_APPLY, 0, 1},
               {DG_UPDATE_QUERY, 1, 0}};
    struct dg_internal message = {.type = DG_INTERNAL_APP_ORDER};

    (void)state;
    assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &message),
                     DG_E_PEER);
    message.as.app.order.verb = DG_ORDER_SUSPEND; /* for no time at all */
    assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &message),
                     DG_E_PEER);
    message.as.app.order.verb = DG_ORDER_RESUME; /* with a time */
    message.as.app.order.seconds = 60;
    assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &message),
                     DG_E_PEER);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        message = (struct dg_internal){.type = DG_INTERNAL_APP_CARRY};
        message.as.app.carry.verb = bad[i].verb;
        message.as.app.carry.offset = bad[i].offset;
        message.as.app.carry.size = bad[i].size;
        assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &message),
                         DG_E_PEER);
    }
    message = (struct dg_internal){.type = DG_INTERNAL_PHONES};
    assert_int_equal(dg_client_take(&phone.client, phone.now_ms, &message),
                     DG_E_PEER);
}

/* The link is dead: each order is told so, and nothing is sent later. */
static enum phone_fate lose(struct phone *self, bool to_device, uint8_t type)
{
    (void)self;
    (void)to_device;
    (void)type;
    return PHONE_DROP;
}

static void test_orders__no_link__unreachable(void **state)
{
    (void)state;
    phone.rule = lose;
    order(9, DG_ORDER_REVOKE, 1);
    carry(10, DG_UPDATE_QUERY, 0, 0);
    phone_wait(&phone, 60000);
    assert_int_equal(result_of(9), DG_RESULT_UNREACHABLE);
    assert_int_equal(result_of(10), DG_RESULT_UNREACHABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_orders__phones__the_device_s_list, setup),
        cmocka_unit_test_setup(test_orders__revoke__gone_but_never_oneself,
                               setup),
        cmocka_unit_test_setup(test_orders__lease__taken_given_and_released,
                               setup),
        cmocka_unit_test_setup(
            test_orders__suspend__capped_resumed_never_a_person_s, setup),
        cmocka_unit_test_setup(test_orders__update__the_device_answers, setup),
        cmocka_unit_test_setup(test_orders__malformed__the_reader_ends, setup),
        cmocka_unit_test_setup(test_orders__no_link__unreachable, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
