/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Rule E9 under attack: power that goes at every write, a clock that is set
 * forward, resets, presses that were meant for something else, and a phone that
 * never stops asking. */

static struct rig rig;
static struct rig saved;
static uint8_t room[DG_PRESCRIPTION_MAX];

static int start_group(void **state)
{
    const struct dg_therapy therapy = rig_therapy(800);

    (void)state;
    rig_init(&rig, &therapy);
    rig_ready(&rig, 200);
    saved = rig;
    return 0;
}

static int restore(void **state)
{
    (void)state;
    rig = saved;
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
    return rig_bring(&rig, 0U, rig_sign(&rig, profile, DG_BUF_OF(room)));
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static struct dg_prescription daily(uint32_t counter, int32_t daily_mU)
{
    struct dg_prescription profile = rig_prescription(&rig, counter);

    profile.bounds.value[DG_BOUND_DAILY] = daily_mU;
    return profile;
}

static void expect_state(const struct dg_answer *answer,
                         enum dg_loosening state)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_PROFILE);
    assert_int_equal(answer->as.profile.state, state);
}

/* A day of pressed loosening, of which all but a minute is over. */
static void wait_almost(void)
{
    rig_wait_in_steps(&rig, DG_LOOSEN_DELAY_S - 60U, 60U);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 50000);
}

/* Power ----------------------------------------------------------------------
 *
 * Four moments that write, each cut at each of its writes and erases in three
 * ways.  After the reset: what holds is the old or the tighter, the counter
 * never goes back behind what is in force, and a delay begins anew. */

enum moment {
    MOMENT_TIGHTER = 0,
    MOMENT_MIXED,
    MOMENT_PRESS,
    MOMENT_WITHDRAW,
    MOMENT_IN_FORCE,
    MOMENTS,
};

static void bring_about(enum moment moment)
{
    struct dg_prescription profile = daily(2U, 60000);

    switch (moment) {
    case MOMENT_TIGHTER:
        profile.bounds.value[DG_BOUND_DAILY] = 30000;
        profile.bounds.value[DG_BOUND_FLOOR] = 100;
        (void)bring(&profile);
        break;
    case MOMENT_MIXED:
        profile.bounds.value[DG_BOUND_FLOOR] = 100;
        (void)bring(&profile);
        break;
    case MOMENT_PRESS:
        (void)press(DG_BUTTON_CONFIRM);
        break;
    case MOMENT_WITHDRAW:
        (void)press(DG_BUTTON_STOP);
        break;
    case MOMENT_IN_FORCE:
    case MOMENTS:
    default:
        rig_wait(&rig, 60U);
        break;
    }
}

/* All that has to be so before the moment. */
static void prepare(enum moment moment)
{
    struct dg_prescription profile = daily(1U, 50000);

    rig = saved;
    expect_state(bring(&profile), DG_LOOSENING_NONE);
    if (moment >= MOMENT_PRESS) {
        profile = daily(2U, 60000);
        expect_state(bring(&profile), DG_LOOSENING_ASKED);
    }
    if (moment >= MOMENT_WITHDRAW) {
        assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    }
    if (moment == MOMENT_IN_FORCE) {
        wait_almost();
    }
}

/* @verifies{FMT_LIM.5@1} */
static void test_cut__every_write_of_every_moment__old_or_tight_and_a_whole_day(
    void **state)
{
    static struct rig before;
    unsigned cuts = 0U;
    unsigned moved[MOMENTS] = {0U};

    (void)state;
    for (unsigned moment = 0U; moment < (unsigned)MOMENTS; moment++) {
        prepare((enum moment)moment);
        before = rig;
        for (uint32_t at = 1U;; at++) {
            bool was_cut = false;

            for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
                rig = before;

                const struct dg_bounds old = in_force();

                rig.flash.cut_in = at;
                rig.flash.cut = (enum rig_cut)cut;
                bring_about((enum moment)moment);
                if (!rig.flash.is_dead) {
                    continue;
                }
                was_cut = true;
                cuts++;
                rig_reboot(&rig);
                assert_false(rig.device.is_fault);

                const struct dg_bounds now = in_force();
                const struct dg_prescribed *held =
                    &rig.device.settings.prescribed;
                const bool is_new = memcmp(&now, &old, sizeof now) != 0;

                moved[moment] += is_new ? 1U : 0U;
                if (moment == (unsigned)MOMENT_IN_FORCE) {
                    /* The day was over, so either is right; what is not yet
                     * in force waits a whole day again. */
                    assert_int_equal(held->is_loosening, !is_new);
                } else {
                    assert_int_equal(dg_bounds_looser(&now, &old), DG_BOUNDS);
                }
                if (held->is_loosening) {
                    assert_int_equal(rig.device.loosen.left_s,
                                     DG_LOOSEN_DELAY_S);
                    assert_int_equal(held->next.value[DG_BOUND_DAILY], 60000);
                }
                assert_true((held->counter == 2U) ||
                            (moment <= (unsigned)MOMENT_MIXED));
                /* New limits never without the counter of their profile. */
                assert_true(!is_new || (held->counter == 2U));
                /* And life goes on. */
                assert_true(rig_connect(&rig, 0U));
                if (!held->is_loosening) {
                    struct dg_prescription next = daily(3U, 20000);

                    next.bounds.value[DG_BOUND_FLOOR] = 100;
                    expect_state(bring(&next), DG_LOOSENING_NONE);
                    assert_int_equal(in_force().value[DG_BOUND_DAILY], 20000);
                }
            }
            if (!was_cut) {
                break;
            }
        }
    }
    print_message("%u cuts; new after %u %u %u %u %u\n",
                  cuts,
                  moved[0],
                  moved[1],
                  moved[2],
                  moved[3],
                  moved[4]);
    assert_true(cuts > (20U * RIG_CUTS));
    assert_true((moved[MOMENT_TIGHTER] > 0U) && (moved[MOMENT_MIXED] > 0U));
    assert_int_equal(moved[MOMENT_PRESS] + moved[MOMENT_WITHDRAW], 0U);
    assert_true(moved[MOMENT_IN_FORCE] > 0U);
}

/* One of the two copies of the settings is damaged at some later time: the
 * other one is not looser. */
/* @verifies{FMT_LIM.5@1} */
static void test_either_copy_damaged__after_tightening__still_tight(
    void **state)
{
    struct dg_prescription profile = daily(1U, 30000);

    (void)state;
    for (uint32_t copy = 0U; copy < 2U; copy++) {
        rig = saved;
        expect_state(bring(&profile), DG_LOOSENING_NONE);
        rig.flash.bytes[(copy * RIG_SECTOR) + 40U] ^= 1U;
        rig_reboot(&rig);
        assert_int_equal(in_force().value[DG_BOUND_DAILY], 30000);
        assert_int_equal(rig.device.settings.prescribed.counter, 1U);
    }
}

/* Flash that refuses: nothing half-changed, in RAM either. */
static void test_flash_refuses__tighten_and_in_force__as_before(void **state)
{
    struct dg_prescription profile = daily(1U, 30000);
    const struct dg_settings before = rig.device.settings;
    const struct dg_limits limits = rig.device.limits;
    const struct dg_answer *answer = NULL;

    (void)state;
    rig.flash.worn_first = DG_FLASH_SETTINGS_FIRST;
    rig.flash.worn_end = DG_FLASH_SETTINGS_SECTORS;
    answer = bring(&profile);
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_FAULT);
    assert_memory_equal(
        &before.therapy, &rig.device.settings.therapy, sizeof before.therapy);
    assert_int_equal(rig.device.settings.prescribed.counter, 0U);
    assert_memory_equal(&limits, &rig.device.limits, sizeof limits);
    rig.flash.worn_end = 0U;
    profile = daily(1U, 60000);
    expect_state(bring(&profile), DG_LOOSENING_ASKED);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    wait_almost();
    rig.flash.worn_end = DG_FLASH_SETTINGS_SECTORS;
    rig_wait(&rig, 60U);
    /* Not in force, and it begins anew: no erase in each second. */
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 50000);
    assert_true(rig.device.loosen.left_s > (DG_LOOSEN_DELAY_S - 120U));
    rig.flash.worn_end = 0U;
    wait_almost();
    rig_wait(&rig, 120U);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 60000);
}

/* Time ------------------------------------------------------------------------
 */

/* The clock is set forward, by hours, by days, at once or in many steps; the
 * power is off for a week; the clock is lost.  None brings it nearer than the
 * seconds that the device was run. */
/* @verifies{FMT_LIM.4@1} */
static void test_clock__set_forward_lost_or_off__the_day_does_not_shrink(
    void **state)
{
    struct dg_prescription profile = daily(1U, 60000);

    (void)state;
    expect_state(bring(&profile), DG_LOOSENING_ASKED);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    for (unsigned i = 0U; i < 100U; i++) {
        rig.clock_s += 86400U + (i * 3601U);
        dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
        rig.clock_s += 3599U;
        dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
    }
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 50000);
    assert_true(rig.device.loosen.left_s >=
                (DG_LOOSEN_DELAY_S - (200U * DG_LOOSEN_STEP_S)));
    /* Back and forth: time that falls back stands still, then counts once. */
    for (unsigned i = 0U; i < 100U; i++) {
        rig.clock_s -= 5000U;
        dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
        rig.clock_s += 5000U;
        dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
    }
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 50000);
    /* Off for a week, minutes before the end. */
    rig = saved;
    expect_state(bring(&profile), DG_LOOSENING_ASKED);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    wait_almost();
    rig.clock_s += 7U * 86400U;
    rig_reboot(&rig);
    assert_int_equal(rig.device.loosen.left_s, DG_LOOSEN_DELAY_S);
    rig_wait_in_steps(&rig, 3600U, 60U);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 50000);
    /* The clock itself was lost with the power. */
    rig.clock_s = 5U;
    rig_reboot(&rig);
    assert_int_equal(rig.device.loosen.left_s, DG_LOOSEN_DELAY_S);
    wait_almost();
    rig_wait(&rig, 120U);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 60000);
}

/* Presence ---------------------------------------------------------------------
 */

/* All that a phone has of presence is a signature and old messages: none of
 * them is a press.  A press before the question, or for another one, is not one
 * for this. */
/* @verifies{FMT_LIM.4@1} */
static void test_presence__replayed_early_or_for_a_dose__loosens_nothing(
    void **state)
{
    struct dg_prescription profile = daily(1U, 60000);
    const struct dg_answer *answer = NULL;

    (void)state;
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    expect_state(bring(&profile), DG_LOOSENING_ASKED);
    /* The phone commits whatever it can, signed by its person. */
    for (unsigned i = 0U; i < 20U; i++) {
        struct dg_request commit = {.kind = DG_REQUEST_COMMIT,
                                    .as.commit = {.has_signature = true}};

        commit.as.commit.ticket.byte[0] = (uint8_t)i;
        answer = rig_ask(&rig, 0U, &commit);
        assert_non_null(answer);
        assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
        (void)rig_greet(&rig, 0U);
        expect_state(bring(&profile), DG_LOOSENING_ASKED);
    }
    /* While limits are asked for no dose takes the button ... */
    answer = rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 10000);
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_BUSY);
    /* ... and while a dose asks, limits do not: the press is the dose's. */
    rig_wait(&rig, DG_BUTTON_WAIT_S + 1U);
    rig_wait(&rig, DG_LOOSEN_QUIET_S);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 10000));
    assert_int_equal(rig.device.delivery.state, DG_DELIVERY_WAITING);
    expect_state(bring(&profile), DG_LOOSENING_NONE);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_int_equal(rig.device.delivery.state, DG_DELIVERY_RUNNING);
    expect_state(bring(&profile), DG_LOOSENING_NONE);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    rig_wait_in_steps(&rig, 2U * DG_LOOSEN_DELAY_S, 60U);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 50000);
}

/* Basal is suspended: a question about limits neither ends that nor is it
 * answered by RESUME, and what loosens does not give what was withheld. */
static void test_suspended__loosening__leaves_the_suspension_alone(void **state)
{
    struct dg_prescription profile = daily(1U, 60000);
    uint32_t moved = 0U;

    (void)state;
    assert_int_equal(press(DG_BUTTON_SUSPEND), DG_OK);
    moved = rig.moved;
    expect_state(bring(&profile), DG_LOOSENING_ASKED);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    assert_true(rig.device.ledger.pause.is_on);
    wait_almost();
    rig_wait(&rig, 120U);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 60000);
    assert_true(rig.device.ledger.pause.is_on);
    assert_int_equal(rig.moved, moved);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    rig_wait(&rig, 60U);
    assert_true((rig.moved - moved) <= 1U);
    /* Nor does RESUME answer the question. */
    profile = daily(2U, 70000);
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(press(DG_BUTTON_SUSPEND), DG_OK);
    expect_state(bring(&profile), DG_LOOSENING_ASKED);
    assert_int_equal(press(DG_BUTTON_RESUME), DG_OK);
    assert_false(rig.device.settings.prescribed.is_loosening);
}

/* Floods ------------------------------------------------------------------------
 */

/* A phone brings the same loosening again and again for two days: a person is
 * asked at most once in an hour and two minutes, for two minutes; flash is
 * written when a profile is new or a person presses, and at no other time. */
/* @verifies{FMT_LIM.6@1} */
static void test_flood__same_loosening_for_two_days__few_questions_no_writes(
    void **state)
{
    struct dg_prescription profile = daily(1U, 60000);
    uint32_t asked = 0U;
    uint32_t generation = 0U;
    bool was_waiting = false;

    (void)state;
    expect_state(bring(&profile), DG_LOOSENING_ASKED);
    generation = rig.device.settings.generation;
    for (uint32_t s = 0U; s < (2U * 86400U); s += 20U) {
        if (bring(&profile) == NULL) {
            (void)rig_connect(&rig, 0U);
        }
        asked += (rig.device.loosen.is_waiting && !was_waiting) ? 1U : 0U;
        was_waiting = rig.device.loosen.is_waiting;
        rig_wait_in_steps(&rig, 20U, 20U);
    }
    print_message("asked %u times\n", asked);
    assert_in_range(
        asked, 10U, (2U * 86400U) / (3600U + DG_BUTTON_WAIT_S) + 1U);
    /* Knock counters are written elsewhere; now and then they are folded in. */
    assert_true((rig.device.settings.generation - generation) <= 4U);
    assert_int_equal(in_force().value[DG_BOUND_DAILY], 50000);
    assert_false(rig.device.is_fault);
}

/* A phone that has the owner's rights and no scruples sends random wishes for
 * as long as they change anything: every write tightens, so they end; and what
 * a person at the device doses by stays as it was. */
/* @verifies{FMT_LIM.6@1} */
static void test_flood__random_wishes__writes_only_tighten_and_device_can_dose(
    void **state)
{
    struct dg_prescription profile = daily(1U, 50000);
    uint64_t seed = 77U;
    uint32_t writes = 0U;

    (void)state;
    expect_state(bring(&profile), DG_LOOSENING_NONE);

    const struct dg_bounds first = in_force();

    for (unsigned i = 0U; i < 3000U; i++) {
        struct dg_request request = {
            .kind = DG_REQUEST_PROFILE,
            .as.profile = {.verb = DG_PROFILE_WISH, .has_wish = true}};
        const struct dg_bounds before = in_force();
        const uint32_t generation = rig.device.settings.generation;

        request.as.profile.wish[0] =
            (uint16_t)(60U + (rig_random(&seed) % 61U));
        for (unsigned k = 1U; k < DG_WISHES; k++) {
            const uint32_t most = (uint32_t)dg_limits_share_max(k);

            request.as.profile.wish[k] =
                (uint16_t)(1U + (rig_random(&seed) % most));
            if (((k % 5U) != 1U) && (request.as.profile.wish[k] <
                                     request.as.profile.wish[k - 1U])) {
                request.as.profile.wish[k] = request.as.profile.wish[k - 1U];
            }
        }
        if (rig_ask(&rig, 0U, &request) == NULL) {
            (void)rig_connect(&rig, 0U);
        }

        const struct dg_bounds now = in_force();

        assert_int_equal(dg_bounds_looser(&now, &before), DG_BOUNDS);
        if (rig.device.settings.generation != generation) {
            writes += (memcmp(&now, &before, sizeof now) != 0) ? 1U : 0U;
        }
        if ((i % 10U) == 0U) {
            rig_wait(&rig, 600U);
        }
    }
    print_message("%u writes\n", writes);
    assert_in_range(writes, 5U, 500U);

    const struct dg_bounds last = in_force();

    for (unsigned i = 0U; i < DG_BOUNDS; i++) {
        if ((i != DG_BOUND_FLOOR) && ((i < 9U) || (i > 18U))) {
            assert_int_equal(last.value[i], first.value[i]);
        }
    }
    /* Life-critical function is never locked out. */
    rig_wait(&rig, DG_BUTTON_WAIT_S);
    assert_int_equal(press(DG_BUTTON_BOLUS), DG_OK);
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK);
    rig_wait(&rig, 120U);
    assert_true(rig.device.ledger.bolus_pulses > 0U);
}

/* What was asked, pressed, withdrawn and came in force stands in the journal,
 * each once, also when a phone asks without end. */
/* @verifies{FAU_LOG.4@1} */
static void test_journal__each_step__has_its_entry(void **state)
{
    struct dg_prescription profile = daily(1U, 60000);
    unsigned found[6] = {0U};
    unsigned therapy = 0U;

    (void)state;
    const uint32_t first = rig.device.journal.tree.size;

    expect_state(bring(&profile), DG_LOOSENING_ASKED); /* 1, 2 */
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK); /* 3    */
    assert_int_equal(press(DG_BUTTON_STOP), DG_OK);    /* 4    */
    expect_state(bring(&profile), DG_LOOSENING_ASKED); /* 2    */
    assert_int_equal(press(DG_BUTTON_CONFIRM), DG_OK); /* 3    */
    wait_almost();
    rig_wait(&rig, 120U); /* 5    */
    for (uint32_t i = first; i < rig.device.journal.tree.size; i++) {
        struct dg_journal_entry entry;
        struct dg_cbor_reader reader;
        uint8_t bytes[DG_JOURNAL_ENTRY_MAX];
        dg_span span = {NULL, 0U};
        uint32_t count = 0U;

        assert_int_equal(
            dg_journal_read(
                &rig.device.journal, i, DG_BUF_OF(bytes), &span, &count),
            DG_OK);
        assert_true(count > 0U);
        dg_cbor_reader_init(&reader, span);
        assert_int_equal(
            dg_journal_entry_decode(dg_cbor_read_any(&reader), &entry), DG_OK);
        if (entry.kind == DG_JOURNAL_PROFILE) {
            assert_in_range(entry.code, 1U, 5U);
            assert_int_equal(entry.amount, 1U);
            found[entry.code]++;
        }
        therapy += (entry.kind == DG_JOURNAL_THERAPY) ? 1U : 0U;
    }
    assert_int_equal(found[DG_JOURNAL_PROFILE_TAKEN], 1U);
    assert_int_equal(found[DG_JOURNAL_PROFILE_ASKED], 2U);
    assert_int_equal(found[DG_JOURNAL_PROFILE_PRESSED], 2U);
    assert_int_equal(found[DG_JOURNAL_PROFILE_WITHDRAWN], 1U);
    assert_int_equal(found[DG_JOURNAL_PROFILE_IN_FORCE], 1U);
    assert_true(therapy >= 3U);
}

#define TEST(name) cmocka_unit_test_setup(name, restore)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(
            test_cut__every_write_of_every_moment__old_or_tight_and_a_whole_day),
        TEST(test_either_copy_damaged__after_tightening__still_tight),
        TEST(test_flash_refuses__tighten_and_in_force__as_before),
        TEST(test_clock__set_forward_lost_or_off__the_day_does_not_shrink),
        TEST(test_presence__replayed_early_or_for_a_dose__loosens_nothing),
        TEST(test_suspended__loosening__leaves_the_suspension_alone),
        TEST(test_flood__same_loosening_for_two_days__few_questions_no_writes),
        TEST(
            test_flood__random_wishes__writes_only_tighten_and_device_can_dose),
        TEST(test_journal__each_step__has_its_entry),
    };

    return cmocka_run_group_tests(tests, start_group, NULL);
}
