/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "phone.h"

/* Glucagon from the phone: approved by a person, given once, and known by its own
 * ledger.  What becomes of the insulin says nothing of it. */

#define TAG  5U
#define TAG2 6U
#define UG   100

static struct phone phone;
static bool is_cut; /* from the first commit on */

static int setup(void **state)
{
    struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {0}, {80}};
    phone_init_with(&phone, &therapy, false);
    phone_pair(&phone);
    is_cut = false;
    return 0;
}

static int32_t given_ug(void)
{
    return (int32_t)phone.rig.chamber_moved * DG_GLUCAGON_STEP_UG;
}

static void ask(uint32_t tag, int32_t ug)
{
    struct dg_internal message = {.type = DG_INTERNAL_APP_DOSE};

    message.as.app.tag = tag;
    message.as.app.effect =
        (struct dg_effect){.kind = DG_EFFECT_GLUCAGON, .glucagon = {ug}};
    phone_order(&phone, &message);
}

static void check_result(uint32_t tag, enum dg_result result)
{
    assert_non_null(phone_reply(&phone, tag));
    assert_int_equal(phone_reply(&phone, tag)->result, result);
}

static void press(void)
{
    assert_int_equal(dg_device_press(&phone.rig.device,
                                     (dg_seconds){phone.rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_OK);
}

static enum phone_fate lose_answers(struct phone *at,
                                    bool to_device,
                                    uint8_t kind)
{
    (void)kind;
    is_cut = is_cut || (at->client.work.step == DG_STEP_COMMIT);
    return (!to_device && is_cut) ? PHONE_DROP : PHONE_DELIVER;
}

static enum phone_fate lose_requests(struct phone *at,
                                     bool to_device,
                                     uint8_t kind)
{
    (void)kind;
    is_cut = is_cut || (at->client.work.step == DG_STEP_COMMIT);
    return (to_device && is_cut) ? PHONE_DROP : PHONE_DELIVER;
}

/* @verifies{FDP_GLUCAGON.1@1} */
static void test_client_glucagon__approved_and_pressed__given_once(void **state)
{
    (void)state;
    ask(TAG, UG);
    check_result(TAG, DG_RESULT_OK);
    assert_int_equal(phone_reply(&phone, TAG)->resolved_glucagon.ug, UG);
    assert_int_equal(phone_reply(&phone, TAG)->asked_glucagon.ug, UG);
    assert_int_equal(phone_reply(&phone, TAG)->resolved.mU, 0);
    assert_int_equal(phone_reply(&phone, TAG)->confirmation, DG_CONFIRM_BUTTON);
    phone_wait(&phone, 20000);
    assert_int_equal(given_ug(), 0);
    press();
    phone_wait(&phone, 60000);
    assert_int_equal(given_ug(), UG);
    assert_int_equal(phone.rig.moved, 0);
    phone_ask(&phone, TAG2, DG_INTERNAL_APP_STATUS);
    check_result(TAG2, DG_RESULT_OK);

    const struct dg_device_status *status = &phone_reply(&phone, TAG2)->status;

    assert_int_equal(status->glucagon.outcome, DG_OUTCOME_DELIVERED);
    assert_int_equal(status->glucagon.delivered.ug, UG);
    assert_false(status->has_ticket);
}

static void test_client_glucagon__person_says_no__nothing(void **state)
{
    (void)state;
    phone.approves = false;
    ask(TAG, UG);
    check_result(TAG, DG_RESULT_DECLINED);
    phone_wait(&phone, 60000);
    assert_int_equal(given_ug(), 0);
}

static void test_client_glucagon__beyond_its_limit__refused_by_E8(void **state)
{
    (void)state;
    phone_ask(&phone, TAG2, DG_INTERNAL_APP_STATUS);

    const int32_t most =
        phone_reply(&phone, TAG2)->status.glucagon.headroom_confirmed.ug;

    assert_in_range(most, 150, DG_EFFECT_UG_MAX - 1);
    ask(TAG, most + DG_GLUCAGON_STEP_UG);
    check_result(TAG, DG_RESULT_REFUSED);
    assert_int_equal(phone_reply(&phone, TAG)->reason, DG_REASON_E8);
    phone_wait(&phone, 60000);
    assert_int_equal(given_ug(), 0);
}

/* The answer is lost and the link with it: unknown, then the truth, once. */
static void test_client_glucagon__answers_lost__unknown_then_the_truth(
    void **state)
{
    (void)state;
    phone.rule = lose_answers;
    ask(TAG, UG);
    phone_wait(&phone, 8000);
    check_result(TAG, DG_RESULT_UNKNOWN);
    press();
    phone_wait(&phone, 20000);
    phone.rule = NULL;
    phone_wait(&phone, 40000);
    assert_int_equal(phone.client.dose.phase, DG_DOSE_NONE);

    const struct dg_event_note *event = phone_event(&phone, DG_EVENT_DOSE);

    assert_non_null(event);
    assert_int_equal(event->result, DG_RESULT_OK);
    assert_int_equal(event->decided_glucagon.ug, UG);
    assert_int_equal(event->delivered_glucagon.ug, UG);
    assert_int_equal(event->delivered.mU, 0);

    /* Who tries again within a minute learns the fate of the first. */
    ask(TAG2, UG);
    check_result(TAG2, DG_RESULT_EARLIER);
    assert_int_equal(phone_reply(&phone, TAG2)->resolved_glucagon.ug, UG);
    assert_int_equal(given_ug(), UG);
}

/* The commit never came, and a bolus at the buttons moved the totals of insulin
 * meanwhile: the glucagon is known not to have begun all the same. */
static void test_client_glucagon__never_arrived__not_begun_though_insulin_moved(
    void **state)
{
    (void)state;
    phone.rule = lose_requests;
    ask(TAG, UG);
    phone_wait(&phone, 8000);
    check_result(TAG, DG_RESULT_UNKNOWN);
    assert_int_equal(dg_device_press(&phone.rig.device,
                                     (dg_seconds){phone.rig.clock_s},
                                     DG_BUTTON_BOLUS),
                     DG_OK);
    press();
    phone_wait(&phone, 20000);
    assert_true(phone.rig.moved > 0U);
    phone.rule = NULL;
    phone_wait(&phone, 40000);
    assert_non_null(phone_event(&phone, DG_EVENT_DOSE));
    assert_int_equal(phone_event(&phone, DG_EVENT_DOSE)->result,
                     DG_RESULT_UNREACHABLE);
    assert_int_equal(given_ug(), 0);
}

/* The fate of a bolus is no word about glucagon, nor the other way round. */
static void test_client_glucagon__earlier_dose_of_insulin__asked_all_the_same(
    void **state)
{
    (void)state;
    phone.rule = lose_answers;
    phone_bolus(&phone, TAG, 200, false);
    phone_wait(&phone, 8000);
    check_result(TAG, DG_RESULT_UNKNOWN);
    phone.rule = NULL;
    phone_wait(&phone, 40000);
    assert_int_equal(phone.client.dose.phase, DG_DOSE_NONE);
    ask(TAG2, UG);
    check_result(TAG2, DG_RESULT_OK);
    assert_int_equal(phone_reply(&phone, TAG2)->resolved_glucagon.ug, UG);
    press();
    phone_wait(&phone, 1000);
    assert_true(given_ug() > 0);

    /* And of that bolus its fate is still told, to who asks for one. */
    phone_bolus(&phone, 7, 200, false);
    check_result(7, DG_RESULT_EARLIER);
    assert_int_equal(phone_reply(&phone, 7)->resolved.mU, 200);
}

/* No message ends a rescue; a stop that ended all else did its work. */
static void test_client_glucagon__stop_during_a_rescue__done(void **state)
{
    (void)state;
    assert_int_equal(dg_device_press(&phone.rig.device,
                                     (dg_seconds){phone.rig.clock_s},
                                     DG_BUTTON_RESCUE),
                     DG_OK);
    press();
    phone_wait(&phone, 5000);
    assert_true(given_ug() > 0);
    phone_ask(&phone, TAG, DG_INTERNAL_APP_STOP);
    check_result(TAG, DG_RESULT_OK);
    phone_wait(&phone, 200000);
    assert_int_equal(given_ug(), 1000);
}

static void test_client_glucagon__stop_while_waiting__nothing(void **state)
{
    (void)state;
    ask(TAG, UG);
    check_result(TAG, DG_RESULT_OK);
    phone_ask(&phone, TAG2, DG_INTERNAL_APP_STOP);
    check_result(TAG2, DG_RESULT_OK);
    phone_wait(&phone, 60000);
    assert_int_equal(given_ug(), 0);
    assert_int_equal(dg_device_press(&phone.rig.device,
                                     (dg_seconds){phone.rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_E_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            test_client_glucagon__approved_and_pressed__given_once, setup),
        cmocka_unit_test_setup(test_client_glucagon__person_says_no__nothing,
                               setup),
        cmocka_unit_test_setup(
            test_client_glucagon__beyond_its_limit__refused_by_E8, setup),
        cmocka_unit_test_setup(
            test_client_glucagon__answers_lost__unknown_then_the_truth, setup),
        cmocka_unit_test_setup(
            test_client_glucagon__never_arrived__not_begun_though_insulin_moved,
            setup),
        cmocka_unit_test_setup(
            test_client_glucagon__earlier_dose_of_insulin__asked_all_the_same,
            setup),
        cmocka_unit_test_setup(test_client_glucagon__stop_during_a_rescue__done,
                               setup),
        cmocka_unit_test_setup(
            test_client_glucagon__stop_while_waiting__nothing, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
