/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "phone.h"

/* What a phone that finds something out about itself still does, against a real
 * device in the same process. */

static struct phone phone;

static int setup(void **state)
{
    (void)state;
    phone_init(&phone, true);
    phone_pair(&phone);
    return 0;
}

static void tell(enum dg_fitness fitness, uint8_t battery)
{
    const struct dg_internal message = {
        .type = DG_INTERNAL_HEALTH,
        .as.health = {.fitness = fitness, .phone_battery = battery}};

    phone_order(&phone, &message);
}

static enum dg_result bolus(uint32_t tag)
{
    phone_bolus(&phone, tag, 200, true);
    assert_non_null(phone_reply(&phone, tag));
    return phone_reply(&phone, tag)->result;
}

static const struct dg_device_status *status(uint32_t tag)
{
    phone_ask(&phone, tag, DG_INTERNAL_APP_STATUS);
    assert_int_equal(phone_reply(&phone, tag)->result, DG_RESULT_OK);
    return &phone_reply(&phone, tag)->status;
}

/* Does the device hold the battery's level as evidence, after a status? */
static bool device_trusts_battery(uint32_t tag)
{
    (void)status(tag);
    return phone.rig.device.session[0].phone_battery.held;
}

/* @verifies{FPT_WATCH.1@1} */
static void test_health__retire__lease_goes_back_and_no_dose_is_given(
    void **state)
{
    (void)state;
    assert_int_equal(bolus(11), DG_RESULT_OK);
    phone_wait(&phone, 60000);
    assert_int_equal(status(12)->lease, DG_LEASE_YOU);

    const unsigned moved = phone.rig.moved;

    tell(DG_FITNESS_RETIRE, 80);
    assert_int_equal(status(13)->lease, DG_LEASE_NOBODY);
    assert_int_equal(bolus(14), DG_RESULT_UNFIT);
    phone_ask(&phone, 15, DG_INTERNAL_APP_STOP);
    assert_int_equal(phone_reply(&phone, 15)->result, DG_RESULT_OK);
    phone_wait(&phone, 60000);
    assert_int_equal(phone.rig.moved, moved);

    tell(DG_FITNESS_FIT, 80);
    phone_wait(&phone, 3600000); /* as long as doses have to be apart */
    tell(DG_FITNESS_FIT, 80);
    assert_int_equal(bolus(16), DG_RESULT_OK);
}

static void test_health__retire_while_asked__question_is_taken_back(
    void **state)
{
    (void)state;
    phone.defers = true;
    phone_bolus(&phone, 11, 200, false);
    assert_true(phone.is_asked);
    tell(DG_FITNESS_RETIRE, 80);
    assert_int_equal(phone_reply(&phone, 11)->result, DG_RESULT_DECLINED);
    assert_int_equal(phone.client.dose.phase, DG_DOSE_NONE);
    phone_wait(&phone, 60000);
    assert_int_equal(phone.rig.moved, 0);
}

/* Each of five readings would bring a dose; the phone gives none. */
static void check_loop_holds(enum dg_fitness fitness)
{
    tell(fitness, 80);
    for (int32_t i = 0; i < 5; i++) {
        phone_wait(&phone, 300000);
        tell(fitness, 80);
        phone_glucose(&phone, 200 + (15 * i));
        phone_wait(&phone, 1000);
    }
    assert_non_null(phone_event(&phone, DG_EVENT_CYCLE));
    assert_int_equal(phone_event(&phone, DG_EVENT_CYCLE)->result,
                     DG_RESULT_UNFIT);
    assert_true(status(20)->has_glucose); /* the pump has it all the same */
    assert_int_equal(phone.rig.moved, 0);
}

static void test_health__hold__loop_gives_nothing_a_person_may(void **state)
{
    (void)state;
    check_loop_holds(DG_FITNESS_HOLD);
    tell(DG_FITNESS_HOLD, 80);
    assert_int_equal(bolus(21), DG_RESULT_OK);
}

static void test_health__nobody_said__loop_gives_nothing(void **state)
{
    (void)state;
    check_loop_holds(DG_FITNESS_NONE);
}

/* Whoever stops the supervisor ends what it watches: within half a minute the
 * lease goes back, and a new word brings the phone back. */
static void test_health__supervisor_silent__lease_goes_back(void **state)
{
    (void)state;
    tell(DG_FITNESS_FIT, 80);
    assert_int_equal(bolus(11), DG_RESULT_OK);
    for (unsigned i = 0; i < 12U; i++) {
        phone_wait(&phone, 5000);
        tell(DG_FITNESS_FIT, 80);
    }
    assert_int_equal(status(12)->lease, DG_LEASE_YOU);

    phone_wait(&phone, DG_CLIENT_HEALTH_MS - 2000);
    assert_int_equal(status(13)->lease, DG_LEASE_YOU);
    phone_wait(&phone, 4000);
    assert_int_equal(status(14)->lease, DG_LEASE_NOBODY);
    phone_wait(&phone, 3600000);
    assert_int_equal(bolus(15), DG_RESULT_UNFIT);
    tell(DG_FITNESS_FIT, 80);
    assert_int_equal(bolus(16), DG_RESULT_OK);
}

/* What the phone says of its battery is what the supervisor measured, and below
 * a tenth the device gives nothing to the loop. */
static void test_health__battery__reaches_the_device(void **state)
{
    (void)state;
    tell(DG_FITNESS_FIT, 80);
    assert_true(device_trusts_battery(11));
    tell(DG_FITNESS_FIT, 9);
    assert_false(device_trusts_battery(12));
    tell(DG_FITNESS_FIT, 10);
    assert_true(device_trusts_battery(13));
}

#define ONE(test) cmocka_unit_test_setup(test, setup)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ONE(test_health__retire__lease_goes_back_and_no_dose_is_given),
        ONE(test_health__retire_while_asked__question_is_taken_back),
        ONE(test_health__hold__loop_gives_nothing_a_person_may),
        ONE(test_health__nobody_said__loop_gives_nothing),
        ONE(test_health__supervisor_silent__lease_goes_back),
        ONE(test_health__battery__reaches_the_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
