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
 * owner out.  @verifies{FDP_ACC.1@2} */
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

/* Two caregivers: who asked while the other held it is next, whatever the
 * holder does to keep it. */
enum trick {
    TRICK_RENEW = 0,
    TRICK_RELEASE,
    TRICK_HAND_TO_AND_FRO,
    TRICK_ASK_FIRST, /* an accomplice is always ahead in the queue */
};

static enum dg_reason hand_over(unsigned who, unsigned to)
{
    struct dg_request request = {.kind = DG_REQUEST_LEASE};

    request.as.lease.verb = DG_LEASE_HAND_OVER;
    request.as.lease.has_slot = true;
    request.as.lease.slot = (uint8_t)to;

    const struct dg_answer *answer = rig_ask(&rig, who, &request);

    assert_non_null(answer);
    return (answer->kind == DG_ANSWER_REFUSED) ? answer->as.refused.reason
                                               : DG_REASON_NONE;
}

/* One second of everything that this trick can do. */
static void play(enum trick trick)
{
    (void)rig_lease(&rig, 1U, DG_LEASE_TAKE);
    if (trick == TRICK_RELEASE) {
        (void)rig_lease(&rig, 1U, DG_LEASE_RELEASE);
        (void)rig_lease(&rig, 1U, DG_LEASE_TAKE);
    }
    if (trick == TRICK_ASK_FIRST) {
        (void)rig_lease(&rig, 3U, DG_LEASE_TAKE);
    }
    if (trick == TRICK_HAND_TO_AND_FRO) {
        (void)hand_over(1U, 3U);
        (void)rig_lease(&rig, 3U, DG_LEASE_TAKE);
        (void)hand_over(3U, 1U);
    }
}

/* @verifies{FMT_LEASE.1@1} */
static void test_lease__hoarded_against_an_equal__every_caregiver_has_its_turn(
    void **state)
{
    (void)state;
    for (unsigned trick = TRICK_RENEW; trick <= TRICK_ASK_FIRST; trick++) {
        bool has_it = false;

        (void)start(state);
        rig_pair(&rig, 2U, DG_ROLE_CAREGIVER);
        rig_pair(&rig, 3U, DG_ROLE_CAREGIVER);
        assert_true(rig_connect(&rig, 2U));
        assert_true(rig_connect(&rig, 3U));
        assert_true(takes(1U));
        /* With an accomplice that asked first it is the one after it. */
        for (unsigned s = 0U; (s <= ((2U * DG_LEASE_LIFE_S) + 30U)) && !has_it;
             s += 10U) {
            play((enum trick)trick);
            has_it = takes(2U);
            rig_wait(&rig, 10U);
        }
        assert_true(has_it);
        assert_false(takes(1U));
    }
}

/* Who waited and then did not come loses the turn; the device's own button
 * ends it too. */
static void test_lease__turn_not_taken__back_to_the_former_holder(void **state)
{
    (void)state;
    for (unsigned by_button = 0U; by_button < 2U; by_button++) {
        (void)start(state);
        rig_pair(&rig, 2U, DG_ROLE_CAREGIVER);
        assert_true(rig_connect(&rig, 2U));
        assert_true(takes(1U));
        assert_false(takes(2U));
        assert_false(takes(1U));
        if (by_button == 1U) {
            assert_int_equal(
                dg_device_press(&rig.device, rig.device.now, DG_BUTTON_STOP),
                DG_E_STATE);
        } else {
            rig_wait(&rig, DG_LEASE_LIFE_S + DG_LEASE_TURN_S - 1U);
            assert_false(takes(1U));
            rig_wait(&rig, 1U);
        }
        assert_true(takes(1U));
        assert_true(takes(1U));
    }
}

/* All transitions, as docs/protocol.md has them: nobody, the owner, or a
 * caregiver in control; each role asks for each thing.  0 owner, 1 and 2
 * caregivers, 3 observer. */
#define NOBODY 4U

struct outcome {
    enum dg_reason reason;
    unsigned holder;
};

static struct outcome want_of(unsigned holder,
                              unsigned who,
                              enum dg_lease_verb verb,
                              unsigned to)
{
    const bool is_other = (holder != NOBODY) && (holder != who);

    if (who == 3U) {
        return (struct outcome){
            is_other ? DG_REASON_LEASE : DG_REASON_AUTHORITY, holder};
    }
    if (verb == DG_LEASE_TAKE) {
        return (is_other && (who != 0U))
                   ? (struct outcome){DG_REASON_LEASE, holder}
                   : (struct outcome){DG_REASON_NONE, who};
    }
    if (verb == DG_LEASE_RELEASE) {
        return (struct outcome){DG_REASON_NONE, is_other ? holder : NOBODY};
    }
    if (is_other) {
        return (struct outcome){DG_REASON_LEASE, holder};
    }
    if (holder == NOBODY) {
        return (struct outcome){DG_REASON_AUTHORITY, NOBODY};
    }
    return ((to == who) || (to == 3U))
               ? (struct outcome){DG_REASON_ROLE, holder}
               : (struct outcome){DG_REASON_NONE, to};
}

static struct outcome do_it(unsigned who, enum dg_lease_verb verb, unsigned to)
{
    struct outcome outcome = {DG_REASON_NONE, NOBODY};

    if (verb == DG_LEASE_HAND_OVER) {
        outcome.reason = hand_over(who, to);
    } else {
        const struct dg_answer *answer = rig_lease(&rig, who, verb);

        outcome.reason = (answer->kind == DG_ANSWER_REFUSED)
                             ? answer->as.refused.reason
                             : DG_REASON_NONE;
    }
    if (rig.device.lease.is_held) {
        outcome.holder = rig.device.lease.slot;
    }
    return outcome;
}

/* @verifies{FMT_LEASE.1@1} */
static void test_lease__every_transition__as_documented(void **state)
{
    static struct rig before;

    (void)start(state);
    rig_pair(&rig, 2U, DG_ROLE_CAREGIVER);
    rig_pair(&rig, 3U, DG_ROLE_OBSERVER);
    assert_true(rig_connect(&rig, 2U));
    assert_true(rig_connect(&rig, 3U));
    before = rig;
    for (unsigned cell = 0U; cell < (4U * 4U * 3U * 4U); cell++) {
        const unsigned holder = ((cell % 4U) == 3U) ? NOBODY : (cell % 4U);
        const unsigned who = (cell / 4U) % 4U;
        const enum dg_lease_verb verb =
            (enum dg_lease_verb)(1U + ((cell / 16U) % 3U));
        const unsigned to = cell / 48U;

        rig = before;
        if (holder != NOBODY) {
            assert_true(takes(holder));
        }

        const struct outcome want = want_of(holder, who, verb, to);
        const struct outcome got = do_it(who, verb, to);

        assert_int_equal(got.reason, want.reason);
        assert_int_equal(got.holder, want.holder);
    }
}

/* Handed to a phone that is not there, the lease would be nobody's. */
static void test_lease__handed_to_an_absent_or_free_slot__refused(void **state)
{
    (void)state;
    assert_true(takes(0U));
    assert_int_equal(hand_over(0U, 2U), DG_REASON_ROLE);
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    assert_true(takes(0U));
    assert_int_equal(hand_over(0U, 1U), DG_REASON_ROLE);
    assert_true(rig_connect(&rig, 1U));
    assert_int_equal(hand_over(0U, 1U), DG_REASON_NONE);
    /* For what was left of the half hour, not for a new one. */
    rig_wait(&rig, DG_LEASE_LIFE_S);
    assert_true(rig.device.lease.is_held);
    rig_wait(&rig, 1U);
    assert_false(rig.device.lease.is_held);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            test_lease__hoarded_by_a_caregiver__owner_takes_it, start),
        cmocka_unit_test_setup(
            test_lease__held_by_the_owner__no_caregiver_takes_it, start),
        cmocka_unit_test_setup(test_lease__stop_at_the_device__frees_it, start),
        cmocka_unit_test(
            test_lease__hoarded_against_an_equal__every_caregiver_has_its_turn),
        cmocka_unit_test(test_lease__turn_not_taken__back_to_the_former_holder),
        cmocka_unit_test(test_lease__every_transition__as_documented),
        cmocka_unit_test_setup(
            test_lease__handed_to_an_absent_or_free_slot__refused, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
