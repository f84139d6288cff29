/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

/* Who is in control when two phones want to be. */

static struct rig rig;

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    assert_true(rig_connect(&rig, 0U));
    assert_true(rig_connect(&rig, 1U));
    return 0;
}

static bool takes(unsigned who)
{
    const struct dg_answer *answer = rig_lease(&rig, who, DG_LEASE_TAKE);

    assert_non_null(answer);
    if (answer->kind == DG_ANSWER_STATUS) {
        assert_int_equal(answer->status.lease, DG_LEASE_YOU);
        return true;
    }
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_LEASE);
    return false;
}

/* A second phone that asks for the lease again and again must not keep the
 * owner out.  @verifies{FDP_ACC.1@1} */
static void test_lease__hoarded_by_a_caregiver__owner_takes_it(void **state)
{
    (void)state;
    assert_true(takes(1U));
    rig_wait(&rig, DG_LEASE_LIFE_S - 1U);
    assert_true(takes(1U));
    assert_true(takes(0U));
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
}

static void test_lease__held_by_the_owner__no_caregiver_takes_it(void **state)
{
    (void)state;
    assert_true(takes(0U));
    assert_false(takes(1U));
    assert_true(takes(0U));
}

static void test_lease__stop_at_the_device__frees_it(void **state)
{
    (void)state;
    assert_true(takes(0U));
    assert_false(takes(1U));
    assert_int_equal(
        dg_device_press(&rig.device, rig.device.now, DG_BUTTON_STOP),
        DG_E_STATE);
    assert_true(takes(1U));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            test_lease__hoarded_by_a_caregiver__owner_takes_it, start),
        cmocka_unit_test_setup(
            test_lease__held_by_the_owner__no_caregiver_takes_it, start),
        cmocka_unit_test_setup(test_lease__stop_at_the_device__frees_it, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
