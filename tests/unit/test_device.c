/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Who may ask for what: the rows of core/command.c through the front door. */

static struct rig rig;

static const uint8_t no_head[] = {1U, 2U, 3U};

static struct dg_request request_of(unsigned kind)
{
    struct dg_request request;

    memset(&request, 0, sizeof request);
    request.kind = (enum dg_request_kind)kind;
    if (kind == DG_REQUEST_STATUS) {
        request.as.status.major = DG_VERSION_MAJOR;
        request.as.status.phone_battery_percent = 50U;
    } else if (kind == DG_REQUEST_PROPOSE) {
        request.as.propose.tier = DG_TIER_CONFIRMED;
        request.as.propose.effect = (struct dg_effect){
            .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {100}};
    } else if (kind == DG_REQUEST_LEASE) {
        request.as.lease.verb = DG_LEASE_TAKE;
    } else if (kind == DG_REQUEST_GLUCOSE) {
        request.as.glucose.size = 20U;
    } else if (kind == DG_REQUEST_SUSPEND) {
        request.as.suspend.seconds = 60U;
    } else if (kind == DG_REQUEST_JOURNAL) {
        request = dg_journal_ask(DG_JOURNAL_ASK_RANGE);
    } else if (kind == DG_REQUEST_UPDATE) {
        request.as.update.verb = DG_UPDATE_QUERY;
    } else if (kind == DG_REQUEST_PROFILE) {
        request.as.profile.verb = DG_PROFILE_SHOW;
    } else if (kind == DG_REQUEST_POLICY) {
        request.as.policy.head = DG_SPAN_OF(no_head);
    }
    return request;
}

/* 0 owner, 1 caregiver, 2 observer. */
static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(0);

    rig_init(&rig, &therapy);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    rig_pair(&rig, 2U, DG_ROLE_OBSERVER);
    for (unsigned who = 0U; who < 3U; who++) {
        assert_true(rig_connect(&rig, who));
    }
}

static enum dg_reason reason_of(unsigned who, unsigned kind)
{
    const struct dg_request request = request_of(kind);
    const struct dg_answer *answer = rig_ask(&rig, who, &request);

    assert_non_null(answer);
    return (answer->kind == DG_ANSWER_REFUSED) ? answer->as.refused.reason
                                               : DG_REASON_NONE;
}

/* SAFETY.md: observe is for all, protect for those who may, dose with the
 * lease.  What gets past the rung is refused for a reason of its own. */
/* @verifies{FDP_ACC.1@2} */
static void test_device__every_request_by_every_role__as_safety_says(
    void **state)
{
    static const enum dg_reason want[3][DG_REQUESTS] = {
        /* Slot 0 is its own: nobody revokes itself. */
        [0] = {[DG_REQUEST_PROPOSE] = DG_REASON_AUTHORITY,
               [DG_REQUEST_COMMIT] = DG_REASON_AUTHORITY,
               [DG_REQUEST_POLICY] = DG_REASON_POLICY,
               [DG_REQUEST_GLUCOSE] = DG_REASON_SENSOR,
               [DG_REQUEST_REVOKE] = DG_REASON_ROLE},
        [1] = {[DG_REQUEST_PROPOSE] = DG_REASON_AUTHORITY,
               [DG_REQUEST_COMMIT] = DG_REASON_AUTHORITY,
               [DG_REQUEST_POLICY] = DG_REASON_POLICY,
               [DG_REQUEST_GLUCOSE] = DG_REASON_SENSOR,
               [DG_REQUEST_UPDATE] = DG_REASON_ROLE,
               [DG_REQUEST_REVOKE] = DG_REASON_ROLE,
               [DG_REQUEST_ROLES] = DG_REASON_ROLE},
        [2] = {[DG_REQUEST_PROPOSE] = DG_REASON_AUTHORITY,
               [DG_REQUEST_COMMIT] = DG_REASON_AUTHORITY,
               [DG_REQUEST_STOP] = DG_REASON_AUTHORITY,
               [DG_REQUEST_SUSPEND] = DG_REASON_AUTHORITY,
               [DG_REQUEST_RESUME] = DG_REASON_AUTHORITY,
               [DG_REQUEST_LEASE] = DG_REASON_AUTHORITY,
               [DG_REQUEST_ATTEST] = DG_REASON_ROLE,
               [DG_REQUEST_POLICY] = DG_REASON_ROLE,
               [DG_REQUEST_GLUCOSE] = DG_REASON_SENSOR,
               [DG_REQUEST_UPDATE] = DG_REASON_AUTHORITY,
               [DG_REQUEST_PROFILE] = DG_REASON_AUTHORITY,
               [DG_REQUEST_REVOKE] = DG_REASON_AUTHORITY,
               [DG_REQUEST_ROLES] = DG_REASON_ROLE},
    };
    /* The lease last: with it the others would get further. */
    static const unsigned order[] = {DG_REQUEST_STATUS,
                                     DG_REQUEST_PROPOSE,
                                     DG_REQUEST_COMMIT,
                                     DG_REQUEST_STOP,
                                     DG_REQUEST_SUSPEND,
                                     DG_REQUEST_RESUME,
                                     DG_REQUEST_GLUCOSE,
                                     DG_REQUEST_JOURNAL,
                                     DG_REQUEST_UPDATE,
                                     DG_REQUEST_REVOKE,
                                     DG_REQUEST_ROLES,
                                     DG_REQUEST_REKEY,
                                     DG_REQUEST_ATTEST,
                                     DG_REQUEST_POLICY,
                                     DG_REQUEST_PROFILE,
                                     DG_REQUEST_LEASE};

    (void)state;
    for (unsigned who = 0U; who < 3U; who++) {
        start();
        assert_int_equal(sizeof order / sizeof order[0], RIG_REQUESTS);
        for (unsigned i = 0U; i < RIG_REQUESTS; i++) {
            assert_int_equal(reason_of(who, order[i]), want[who][order[i]]);
        }
        assert_int_equal(rig.device.lease.is_held, who < 2U);
    }
}

/* @verifies{FPT_FLS.1@1} */
static void test_device__in_the_safe_state__no_dose_but_stop(void **state)
{
    (void)state;
    start();
    assert_int_equal(reason_of(0U, DG_REQUEST_LEASE), DG_REASON_NONE);
    rig.device.is_fault = true;
    assert_int_equal(reason_of(0U, DG_REQUEST_STATUS), DG_REASON_NONE);
    assert_int_equal(reason_of(0U, DG_REQUEST_STOP), DG_REASON_NONE);
    assert_int_equal(reason_of(0U, DG_REQUEST_LEASE), DG_REASON_NONE);
    assert_int_equal(reason_of(0U, DG_REQUEST_GLUCOSE), DG_REASON_SENSOR);
    assert_int_equal(reason_of(0U, DG_REQUEST_PROPOSE), DG_REASON_FAULT);
    assert_int_equal(reason_of(0U, DG_REQUEST_COMMIT), DG_REASON_FAULT);
}

static void test_device__version_first__or_refused(void **state)
{
    (void)state;
    start();
    rig.device.session[0].is_greeted = false;
    for (unsigned i = 1U; i < RIG_REQUESTS; i++) {
        assert_int_equal(reason_of(0U, rig_requests[i]), DG_REASON_VERSION);
    }

    struct dg_request status = request_of(DG_REQUEST_STATUS);

    status.as.status.major = DG_VERSION_MAJOR + 1U;
    assert_int_equal(rig_ask(&rig, 0U, &status)->as.refused.reason,
                     DG_REASON_VERSION);
    assert_int_equal(reason_of(0U, DG_REQUEST_STOP), DG_REASON_VERSION);
    status.as.status.major = DG_VERSION_MAJOR;
    status.as.status.minor = 255U;
    assert_int_equal(rig_ask(&rig, 0U, &status)->kind, DG_ANSWER_STATUS);
    assert_int_equal(reason_of(0U, DG_REQUEST_STOP), DG_REASON_NONE);
}

/* Keys are renewed daily: a day old, a session hears silence, as from a device
 * that has forgotten it, and the phone connects anew. */
static void test_device__session_of_a_day__ends(void **state)
{
    const struct dg_request status = request_of(DG_REQUEST_STATUS);

    (void)state;
    start();
    rig_wait_in_steps(&rig, DG_SESSION_LIFE_S - 1U, 60U);
    assert_int_equal(reason_of(0U, DG_REQUEST_STATUS), DG_REASON_NONE);
    rig_wait(&rig, 1U);
    assert_null(rig_ask(&rig, 0U, &status));
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(reason_of(0U, DG_REQUEST_STOP), DG_REASON_NONE);
}

static void test_device__authentic_nonsense__format(void **state)
{
    static const uint8_t nonsense[] = {0xFF, 0x00};
    struct rig_phone *phone = &rig.phone[0];
    enum dg_controller_event event;
    struct dg_answer answer;
    dg_span bytes;

    (void)state;
    start();
    assert_int_equal(dg_controller_send(&phone->controller,
                                        &rig.crypto,
                                        DG_SPAN_OF(nonsense),
                                        DG_BUF_OF(rig.phone_room),
                                        &bytes),
                     DG_OK);
    assert_int_equal(dg_controller_receive(&phone->controller,
                                           &rig.crypto,
                                           &phone->phone,
                                           rig_deliver(&rig, bytes),
                                           DG_BUF_OF(rig.phone_room),
                                           &event,
                                           &bytes),
                     DG_OK);
    assert_int_equal(dg_answer_decode(bytes, &answer), DG_OK);
    assert_int_equal(answer.as.refused.reason, DG_REASON_FORMAT);
}

static void test_device__silence_of_the_lease_holder__alarm(void **state)
{
    const uint16_t stale = 1U << DG_ALARM_LINK_STALE;

    (void)state;
    start();
    assert_int_equal(reason_of(0U, DG_REQUEST_LEASE), DG_REASON_NONE);
    rig_wait(&rig, DG_HEARTBEAT_S);
    assert_int_equal(rig.alarms & stale, 0U);
    rig_wait(&rig, 1U);
    assert_int_equal(rig.alarms & stale, stale);
    /* Another phone's word does not count. */
    assert_int_equal(reason_of(1U, DG_REQUEST_STATUS), DG_REASON_NONE);
    assert_int_equal(rig.alarms & stale, stale);
    assert_int_equal(reason_of(0U, DG_REQUEST_STATUS), DG_REASON_NONE);
    assert_int_equal(rig.alarms & stale, 0U);
    rig.battery_percent = 19U;
    rig_wait(&rig, 1U);
    assert_int_equal(rig.alarms, 1U << DG_ALARM_BATTERY_LOW);
}

static void test_device__bad_arguments_and_flash__refused(void **state)
{
    dg_span answer;
    uint8_t small[DG_DATAGRAM_MAX - 1U];
    const dg_seconds now = {RIG_START};

    (void)state;
    start();
    assert_int_equal(dg_device_boot(NULL, &rig.ports, now), DG_E_USAGE);
    assert_int_equal(dg_device_boot(&rig.device, NULL, now), DG_E_USAGE);
    rig_reboot(&rig);
    assert_int_equal(
        dg_device_receive(
            &rig.device, now, (dg_span){small, 1U}, DG_BUF_OF(small), &answer),
        DG_E_USAGE);
    assert_int_equal(dg_device_press(&rig.device, now, (enum dg_button)99),
                     DG_E_USAGE);
    assert_int_equal(dg_device_press(NULL, now, DG_BUTTON_STOP), DG_E_USAGE);
    dg_device_tick(NULL, now);
    /* Not a datagram. */
    assert_int_equal(rig_deliver(&rig, (dg_span){NULL, 0U}).size, 0U);
    rig.flash.bytes[5] ^= 1U;
    rig.flash.bytes[RIG_SECTOR + 5U] ^= 1U;
    assert_int_equal(rig_try_reboot(&rig), DG_E_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_device__every_request_by_every_role__as_safety_says),
        cmocka_unit_test(test_device__in_the_safe_state__no_dose_but_stop),
        cmocka_unit_test(test_device__version_first__or_refused),
        cmocka_unit_test(test_device__session_of_a_day__ends),
        cmocka_unit_test(test_device__authentic_nonsense__format),
        cmocka_unit_test(test_device__silence_of_the_lease_holder__alarm),
        cmocka_unit_test(test_device__bad_arguments_and_flash__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
