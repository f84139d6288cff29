/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Rule E9 through the front door: what a prescriber signs, what a person
 * wishes, what holds at once and what waits. */

static struct rig rig;
static struct rig saved;
static uint8_t room[DG_PRESCRIPTION_MAX];

static int start(void **state)
{
    struct dg_therapy therapy = rig_therapy(800);

    (void)state;
    therapy.glucagon =
        (struct dg_glucagon_therapy){{100}, {800}, {500}, {54}, {70}};
    rig_init(&rig, &therapy);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    rig_pair(&rig, 2U, DG_ROLE_OBSERVER);
    for (unsigned who = 0U; who < 3U; who++) {
        assert_true(rig_connect(&rig, who));
    }
    return 0;
}

static struct dg_bounds in_force(void)
{
    struct dg_bounds bounds;

    dg_bounds_of(&rig.device.settings.therapy, &bounds);
    return bounds;
}

static const struct dg_answer *bring(const struct dg_prescription *profile)
{
    const struct dg_answer *answer =
        rig_bring(&rig, 0U, rig_sign(&rig, profile, DG_BUF_OF(room)));

    assert_non_null(answer);
    return answer;
}

static void taken(const struct dg_answer *answer, enum dg_loosening state)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_PROFILE);
    assert_int_equal(answer->as.profile.state, state);

    const struct dg_bounds now = in_force();

    assert_memory_equal(&answer->as.profile.in_force, &now, sizeof now);
}

/* 0 names nothing. */
static void refused(const struct dg_answer *answer,
                    enum dg_reason reason,
                    int32_t named)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, reason);
    assert_int_equal(answer->as.refused.headroom.mU, named);
}

static const struct dg_answer *verb(unsigned who, enum dg_profile_verb which)
{
    const struct dg_request request = {.kind = DG_REQUEST_PROFILE,
                                       .as.profile = {.verb = which}};

    return rig_ask(&rig, who, &request);
}

/* What holds now, as a wish. */
static struct dg_request wish_of(void)
{
    struct dg_request request = {
        .kind = DG_REQUEST_PROFILE,
        .as.profile = {.verb = DG_PROFILE_WISH, .has_wish = true}};
    const struct dg_bounds now = in_force();

    request.as.profile.wish[0] = (uint16_t)now.value[DG_BOUND_FLOOR];
    for (unsigned i = 1U; i < DG_WISHES; i++) {
        request.as.profile.wish[i] =
            (uint16_t)now.value[(unsigned)DG_BOUND_SHARE + i];
    }
    return request;
}

static const struct dg_answer *wish(unsigned who, unsigned which, int32_t value)
{
    struct dg_request request = wish_of();

    request.as.profile.wish[which] = (uint16_t)value;
    return rig_ask(&rig, who, &request);
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

/* Sessions are a day old by then. */
static void let_the_delay_pass(void)
{
    rig_wait_in_steps(&rig, DG_LOOSEN_DELAY_S - 60U, 60U);
    assert_true(rig.device.settings.prescribed.is_loosening);
    rig_wait_in_steps(&rig, 60U, 60U);
    assert_false(rig.device.settings.prescribed.is_loosening);
    assert_true(rig_connect(&rig, 0U));
    assert_true(rig_connect(&rig, 1U));
}

static void expect_derived(void)
{
    struct dg_limits limits;
    struct dg_glucagon_limits glucagon;

    assert_int_equal(dg_limits_derive(&rig.device.settings.therapy, &limits),
                     DG_OK);
    assert_memory_equal(&limits, &rig.device.limits, sizeof limits);
    assert_int_equal(
        dg_glucagon_limits_derive(&rig.device.settings.therapy, &glucagon),
        DG_OK);
    assert_memory_equal(
        &glucagon, &rig.device.glucagon.limits, sizeof glucagon);
}

/* A step to the tighter side of each number, and back to the looser one. */
static int32_t tighter(unsigned bound, int32_t value)
{
    return ((bound == DG_BOUND_ISF) || (bound == DG_BOUND_FLOOR)) ? value + 1
                                                                  : value - 1;
}

/* The prescriber ------------------------------------------------------------ */

/* Each number by itself: tighter holds at once, without anybody at the device,
 * in force, in flash and after a reset; looser waits for the press and the day.
 */
/* @verifies{FMT_LIM.1@1} @verifies{FMT_LIM.4@1} */
static void test_profile__each_number__tighter_at_once_looser_by_press_and_day(
    void **state)
{
    (void)state;
    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        (void)start(NULL);

        struct dg_prescription profile = rig_prescription(&rig, 1U);

        /* Room below each window, so that one number moves alone. */
        for (unsigned i = 0U; i < 15U; i++) {
            profile.bounds.value[9U + i] -= 5 - (int32_t)(i % 5U);
        }
        taken(bring(&profile), DG_LOOSENING_NONE);

        const struct dg_bounds before = in_force();

        assert_memory_equal(&before, &profile.bounds, sizeof before);
        profile.counter = 2U;
        profile.bounds.value[bound] =
            tighter(bound, profile.bounds.value[bound]);
        if (bound == DG_BOUND_RESCUE) {
            profile.bounds.value[bound] -= 9; /* a whole step of the chamber */
        }
        taken(bring(&profile), DG_LOOSENING_NONE);
        assert_int_equal(in_force().value[bound], profile.bounds.value[bound]);
        expect_derived();
        rig_reboot(&rig);
        assert_int_equal(in_force().value[bound], profile.bounds.value[bound]);
        expect_derived();
        assert_true(rig_connect(&rig, 0U));

        /* Back, by a newer profile. */
        const struct dg_bounds tight = in_force();

        profile.counter = 3U;
        profile.bounds = before;
        taken(bring(&profile), DG_LOOSENING_ASKED);
        assert_int_equal(rig.announced_change.setting, DG_SETTING_LIMITS);
        assert_int_equal(rig.announced_change.amount.mU,
                         before.value[DG_BOUND_DAILY]);
        assert_memory_equal(
            &rig.phone[0].answer.as.profile.next, &before, sizeof before);
        assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
        assert_int_equal(rig.announced_change.kind, DG_EFFECT_NONE);
        for (unsigned hour = 0U; hour < 3U; hour++) {
            const struct dg_bounds now = in_force();

            assert_memory_equal(&now, &tight, sizeof now);
            rig_wait_in_steps(&rig, 3600U, 60U);
        }
        if ((bound % 8U) != 0U) {
            continue; /* the whole day for some of them: it is the same code */
        }
        rig_wait_in_steps(&rig, DG_LOOSEN_DELAY_S - (3U * 3600U) - 60U, 60U);
        assert_int_equal(in_force().value[bound], tight.value[bound]);
        rig_wait_in_steps(&rig, 60U, 60U);
        assert_int_equal(in_force().value[bound], before.value[bound]);
        expect_derived();
        rig_reboot(&rig);
        assert_int_equal(in_force().value[bound], before.value[bound]);
        expect_derived();
    }
}

/* Some tighter, some looser: the tight ones now, the loose ones later. */
/* @verifies{FMT_LIM.1@1} */
static void test_profile__mixed__tight_now_loose_later(void **state)
{
    struct dg_prescription profile = rig_prescription(&rig, 1U);

    (void)state;
    profile.bounds.value[DG_BOUND_DAILY] = 60000; /* looser  */
    profile.bounds.value[DG_BOUND_FLOOR] = 90;    /* tighter */
    profile.bounds.value[DG_BOUND_MICRO] = 50;    /* tighter */
    profile.bounds.value[DG_BOUND_ISF] = 30;      /* looser  */
    taken(bring(&profile), DG_LOOSENING_ASKED);

    const struct dg_bounds now = in_force();

    assert_int_equal(now.value[DG_BOUND_DAILY], 50000);
    assert_int_equal(now.value[DG_BOUND_ISF], 36);
    assert_int_equal(now.value[DG_BOUND_FLOOR], 90);
    assert_int_equal(now.value[DG_BOUND_MICRO], 50);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_int_equal(rig_greet(&rig, 0U)->status.loosen_left_s,
                     DG_LOOSEN_DELAY_S);
    taken(verb(1U, DG_PROFILE_SHOW), DG_LOOSENING_DELAY);
    assert_int_equal(rig.phone[1].answer.as.profile.left_s, DG_LOOSEN_DELAY_S);
    assert_int_equal(rig.phone[1].answer.as.profile.counter, 1U);
    let_the_delay_pass();

    const struct dg_bounds later = in_force();

    assert_memory_equal(&later, &profile.bounds, sizeof later);
    expect_derived();
    taken(verb(0U, DG_PROFILE_SHOW), DG_LOOSENING_NONE);
    assert_int_equal(rig_greet(&rig, 0U)->status.loosen_left_s, 0U);
}

/* Each way to a profile that is not one for this device, now. */
/* @verifies{FMT_LIM.2@1} */
static void test_profile__forged_replayed_or_for_another__refused(void **state)
{
    struct dg_prescription profile = rig_prescription(&rig, 5U);
    const struct dg_secret prescriber = rig.prescriber;
    struct dg_public_key unused;
    uint8_t first[DG_PRESCRIPTION_MAX];
    dg_span message = {NULL, 0U};

    (void)state;
    message = rig_sign(&rig, &profile, DG_BUF_OF(first));
    taken(rig_bring(&rig, 0U, message), DG_LOOSENING_NONE);

    const struct dg_settings before = rig.device.settings;
    const uint32_t operations = rig.flash.operations;

    /* The same bytes again: known, and nothing is written. */
    taken(rig_bring(&rig, 1U, message), DG_LOOSENING_NONE);
    /* So is the same profile, signed once more. */
    taken(bring(&profile), DG_LOOSENING_NONE);
    /* The same counter with other bytes; older ones. */
    profile.bounds.value[DG_BOUND_FLOOR] = 85;
    refused(bring(&profile), DG_REASON_E9, 0);
    profile.counter = 4U;
    refused(bring(&profile), DG_REASON_E9, 0);
    profile.counter = 1U;
    refused(bring(&profile), DG_REASON_E9, 0);
    profile.counter = 6U;
    /* Another device; another age. */
    profile.device.byte[7] ^= 1U;
    refused(bring(&profile), DG_REASON_E9, 0);
    profile.device.byte[7] ^= 1U;
    profile.age_class = DG_AGE_TEEN;
    refused(bring(&profile), DG_REASON_E9, 0);
    profile.age_class = DG_AGE_ADULT;
    /* Others whose word counts for something else, and a stranger. */
    rig.prescriber = rig.maker;
    refused(bring(&profile), DG_REASON_E9, 0);
    rig.prescriber = rig.verifier;
    refused(bring(&profile), DG_REASON_E9, 0);
    rig.prescriber = rig.phone[0].presence;
    refused(bring(&profile), DG_REASON_E9, 0);
    rig_make_key(&rig, &rig.prescriber, &unused);
    refused(bring(&profile), DG_REASON_E9, 0);
    rig.prescriber = prescriber;
    /* A pump that no prescriber's key was put into. */
    memset(&rig.device.settings.trust.prescriber_key,
           0,
           sizeof rig.device.settings.trust.prescriber_key);
    refused(bring(&profile), DG_REASON_E9, 0);
    rig.device.settings.trust.prescriber_key = before.trust.prescriber_key;
    /* An observer may not bring the best of profiles. */
    message = rig_sign(&rig, &profile, DG_BUF_OF(first));
    refused(rig_bring(&rig, 2U, message), DG_REASON_AUTHORITY, 0);
    /* Every bit. */
    for (size_t bit = 0U; bit < (message.size * 8U); bit += 7U) {
        first[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        refused(rig_bring(&rig, 1U, message), DG_REASON_E9, 0);
        first[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        if ((bit % 49U) == 0U) {
            rig_wait(&rig, 1200U);
            (void)rig_connect(&rig, 1U);
        }
    }
    assert_memory_equal(
        &before.therapy, &rig.device.settings.therapy, sizeof before.therapy);
    assert_int_equal(before.generation, rig.device.settings.generation);
    assert_true(rig.flash.operations >= operations);
    taken(rig_bring(&rig, 1U, message), DG_LOOSENING_NONE);
    assert_int_equal(in_force().value[DG_BOUND_FLOOR], 85);
}

/* Signed by the prescriber, and too much: refused by name, and nothing of it is
 * taken, not its counter either. */
/* @verifies{FMT_LIM.3@1} */
static void test_profile__signed_above_the_ceiling__refused_by_name(
    void **state)
{
    static const int32_t most[DG_BOUNDS] = {
        300000, 1000, 120, 150, 1000, 1000, 54,  80,  300, 25,  25,  60,
        120,    480,  150, 150, 200,  300,  800, 200, 200, 250, 400, 1000};

    (void)state;
    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        const bool may_be_none = (bound >= 3U) && (bound <= 7U);
        struct dg_prescription profile = rig_prescription(&rig, 1U);

        profile.bounds.value[bound] = most[bound] + 1;
        refused(bring(&profile), DG_REASON_E9, (int32_t)bound + 1);
        profile.bounds.value[bound] = INT32_MAX;
        refused(bring(&profile), DG_REASON_E9, (int32_t)bound + 1);
        if (!may_be_none) {
            profile.bounds.value[bound] = 0;
            refused(bring(&profile), DG_REASON_E9, (int32_t)bound + 1);
        }
        rig_wait(&rig, 600U);
        assert_true(rig_connect(&rig, 0U));
    }
    assert_int_equal(rig.device.settings.prescribed.counter, 0U);
    assert_int_equal(rig.device.settings.generation,
                     saved.device.settings.generation);

    struct dg_prescription good = rig_prescription(&rig, 1U);

    taken(bring(&good), DG_LOOSENING_NONE);
}

/* A newer profile takes the place of one whose loosening waits or runs. */
static void test_profile__newer_while_loosening__the_last_word_counts(
    void **state)
{
    struct dg_prescription profile = rig_prescription(&rig, 1U);

    (void)state;
    profile.bounds.value[DG_BOUND_DAILY] = 60000;
    taken(bring(&profile), DG_LOOSENING_ASKED);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    /* Known: it neither ends nor shortens what runs. */
    rig_wait_in_steps(&rig, 7200U, 60U);
    taken(bring(&profile), DG_LOOSENING_DELAY);
    assert_in_range(rig.phone[0].answer.as.profile.left_s,
                    DG_LOOSEN_DELAY_S - 7200U,
                    DG_LOOSEN_DELAY_S - 7100U);
    /* Tighter than what holds: all of the old one is off. */
    profile.counter = 2U;
    profile.bounds.value[DG_BOUND_DAILY] = 40000;
    taken(bring(&profile), DG_LOOSENING_NONE);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 40000);
    rig_wait_in_steps(&rig, DG_LOOSEN_DELAY_S, 60U);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 40000);
    assert_true(rig_connect(&rig, 0U));
    /* Looser, and looser still while the first one asks: that question is
     * closed, and a press in that moment answers neither. */
    profile.counter = 3U;
    profile.bounds.value[DG_BOUND_DAILY] = 45000;
    taken(bring(&profile), DG_LOOSENING_ASKED);
    profile.counter = 4U;
    profile.bounds.value[DG_BOUND_DAILY] = 90000;
    taken(bring(&profile), DG_LOOSENING_NONE);
    assert_int_equal(rig.announced_change.kind, DG_EFFECT_NONE);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    /* Asked for again an hour later, by the same bytes. */
    rig_wait(&rig, DG_LOOSEN_QUIET_S);
    taken(bring(&profile), DG_LOOSENING_ASKED);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    let_the_delay_pass();
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 90000);
}

/* The person --------------------------------------------------------------- */

/* A person at a phone may tighten and, with the press and the day, come back to
 * what the prescriber allows, and no further. */
/* @verifies{FMT_LIM.1@1} @verifies{FMT_LIM.4@1} */
static void test_wish__within_the_profile__as_e9_says(void **state)
{
    struct dg_prescription profile = rig_prescription(&rig, 1U);

    (void)state;
    /* Nobody prescribed: nothing to move within. */
    refused(wish(0U, 0U, 85), DG_REASON_E9, 0);
    profile.bounds.value[DG_BOUND_FLOOR] = 80;
    profile.bounds.value[9] = 20; /* automatic, one dose */
    taken(bring(&profile), DG_LOOSENING_NONE);
    refused(wish(2U, 0U, 85), DG_REASON_AUTHORITY, 0);
    taken(wish(1U, 0U, 95), DG_LOOSENING_NONE);
    taken(wish(1U, 1U, 10), DG_LOOSENING_NONE);
    assert_int_equal(in_force().value[DG_BOUND_FLOOR], 95);
    assert_int_equal(in_force().value[9], 10);
    assert_int_equal(rig.device.limits.floor_mg_dL, 95);
    assert_int_equal(rig.device.limits.dose_max_mU[DG_TIER_AUTOMATIC], 500);
    /* Nobody decided; above a longer window; beyond the profile. */
    refused(wish(0U, 1U, 0), DG_REASON_E9, 10);
    refused(wish(0U, 2U, 9), DG_REASON_E9, 11);
    refused(wish(0U, 1U, 21), DG_REASON_E9, 10);
    refused(wish(0U, 0U, 79), DG_REASON_E9, 3);
    refused(wish(0U, 0U, 121), DG_REASON_E9, 3);
    /* Back up to the profile: asked, pressed, and a day. */
    taken(wish(0U, 1U, 20), DG_LOOSENING_ASKED);
    assert_int_equal(in_force().value[9], 10);
    /* It does not change under the finger. */
    refused(wish(1U, 1U, 15), DG_REASON_BUSY, 0);
    /* Nor in part: tighter here and looser there. */
    {
        struct dg_request mixed = wish_of();

        mixed.as.profile.wish[0] = 110U;
        mixed.as.profile.wish[1] = 15U;
        refused(rig_ask(&rig, 1U, &mixed), DG_REASON_BUSY, 0);
        assert_int_equal(in_force().value[DG_BOUND_FLOOR], 95);
    }
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    let_the_delay_pass();
    assert_int_equal(in_force().value[9], 20);
    assert_int_equal(in_force().value[DG_BOUND_FLOOR], 95);
    /* A wish that says what holds moves nothing. */
    const uint32_t generation = rig.device.settings.generation;

    taken(wish(0U, 1U, 20), DG_LOOSENING_NONE);
    assert_int_equal(rig.device.settings.generation, generation);
}

/* Whoever may protect can take a loosening back; so does STOP at the device. */
static void test_loosening__withdrawn_by_a_phone_or_stop__never_comes(
    void **state)
{
    struct dg_prescription profile = rig_prescription(&rig, 1U);

    (void)state;
    profile.bounds.value[DG_BOUND_DAILY] = 60000;
    for (unsigned way = 0U; way < 3U; way++) {
        taken(bring(&profile), DG_LOOSENING_ASKED);
        assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
        if (way == 0U) {
            taken(verb(1U, DG_PROFILE_WITHDRAW), DG_LOOSENING_NONE);
        } else if (way == 1U) {
            assert_int_equal(press(DG_BUTTON_STOP), DG_OK);
        } else {
            taken(wish(1U, 0U, 100), DG_LOOSENING_NONE);
        }
        rig_reboot(&rig);
        assert_false(rig.device.settings.prescribed.is_loosening);
        rig_wait_in_steps(&rig, DG_LOOSEN_DELAY_S + 60U, 60U);
        assert_int_equal(in_force().value[DG_BOUND_DAILY], 50000);
        assert_true(rig_connect(&rig, 0U));
        assert_true(rig_connect(&rig, 1U));
    }
    assert_int_equal(in_force().value[DG_BOUND_FLOOR], 100);
    assert_int_equal(press(DG_BUTTON_STOP), DG_E_STATE);
    /* While it is only asked for. */
    taken(bring(&profile), DG_LOOSENING_ASKED);
    assert_int_equal(press(DG_BUTTON_STOP), DG_OK);
    assert_int_equal(rig.announced_change.kind, DG_EFFECT_NONE);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    assert_false(rig.device.settings.prescribed.is_loosening);
}

/* What a person needs at once takes the button from a question about limits:
 * CONFIRM then means the dose, and nothing loosens. */
static void test_loosening__emergency_rescue_or_revoked__question_closed(
    void **state)
{
    struct dg_prescription profile = rig_prescription(&rig, 1U);

    (void)state;
    profile.bounds.value[DG_BOUND_DAILY] = 60000;
    for (unsigned way = 0U; way < 3U; way++) {
        rig = saved;
        taken(bring(&profile), DG_LOOSENING_ASKED);
        if (way == 0U) {
            assert_int_equal(press(DG_BUTTON_BOLUS), DG_OK);
            assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
            assert_true(rig.moved > 0U);
        } else if (way == 1U) {
            assert_int_equal(press(DG_BUTTON_RESCUE), DG_OK);
            assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
            assert_true(rig.chamber_moved > 0U);
        } else {
            assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
            assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
            assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
        }
        assert_false(rig.device.loosen.is_waiting);
        assert_false(rig.device.settings.prescribed.is_loosening);
    }
}

/* Nobody presses: it lapses, and is not asked for again at once. */
static void test_loosening__not_pressed__lapses_and_stays_quiet(void **state)
{
    struct dg_prescription profile = rig_prescription(&rig, 1U);

    (void)state;
    profile.bounds.value[DG_BOUND_DAILY] = 60000;
    taken(bring(&profile), DG_LOOSENING_ASKED);
    rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    assert_int_equal(rig.announced_change.kind, DG_EFFECT_NONE);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    taken(bring(&profile), DG_LOOSENING_NONE);
    rig_wait(&rig, DG_LOOSEN_QUIET_S);
    taken(bring(&profile), DG_LOOSENING_ASKED);
}

static int restore(void **state)
{
    (void)state;
    rig = saved;
    return 0;
}

static int start_group(void **state)
{
    (void)start(state);
    saved = rig;
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, restore)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(
            test_profile__each_number__tighter_at_once_looser_by_press_and_day),
        TEST(test_profile__mixed__tight_now_loose_later),
        TEST(test_profile__forged_replayed_or_for_another__refused),
        TEST(test_profile__signed_above_the_ceiling__refused_by_name),
        TEST(test_profile__newer_while_loosening__the_last_word_counts),
        TEST(test_wish__within_the_profile__as_e9_says),
        TEST(test_loosening__withdrawn_by_a_phone_or_stop__never_comes),
        TEST(test_loosening__emergency_rescue_or_revoked__question_closed),
        TEST(test_loosening__not_pressed__lapses_and_stays_quiet),
    };

    return cmocka_run_group_tests(tests, start_group, NULL);
}
