/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* A device with both hormones in the hands of an attacker who has the phone
 * and all its keys, for days, with resets and cuts of power at random moments.
 * The oracle is what the two mechanisms moved, and when: it knows nothing of
 * ledgers.  And: the power goes at every flash write of a story of glucagon. */

static struct rig rig;
static struct rig start;

static void begin(void)
{
    struct dg_therapy therapy = rig_therapy(0);

    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    rig_init(&rig, &therapy);
    rig_ready(&rig, 75);
}

/* The most that the chamber moved in any trailing window, of the steps from
 * @from on. */
static int32_t worst_ug(uint32_t from, uint32_t window_s)
{
    uint32_t first = from;
    uint32_t most = 0U;

    for (uint32_t i = from; i < rig.chamber_moved; i++) {
        while ((rig.chamber_move[i] - rig.chamber_move[first]) > window_s) {
            first++;
        }
        most = ((i + 1U - first) > most) ? (i + 1U - first) : most;
    }
    return (int32_t)most * DG_GLUCAGON_STEP_UG;
}

/* The device trusts this number: which readings it trusts is not the
 * question here, and the attacker may have caused either. */
static void believe(int32_t mg_dL)
{
    struct dg_glucose_state *glucose = &rig.device.glucose;

    glucose->has = true;
    glucose->value.mg_dL = mg_dL;
    glucose->at = rig.device.now;
    glucose->findings = 0U;
    glucose->streak = DG_GLUCOSE_STREAK;
    glucose->run_since.s = glucose->at.s - DG_GLUCOSE_SETTLE_S;
}

/* Whatever comes of it. */
static void push(enum dg_button button)
{
    const enum dg_status status =
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);

    (void)status;
}

static void come_back(void)
{
    rig.flash.cut_in = 0U;
    rig_reboot(&rig);
    assert_false(rig.device.is_fault);
    assert_int_equal(rig.device.glucagon.ledger->moved, rig.chamber_moved);
    assert_int_equal(rig.device.ledger.moved, rig.moved);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
}

/* Between a step of one hormone that the controller alone caused and the
 * other: T7 by the mechanisms. */
struct order {
    uint32_t glucagon_seen;
    uint32_t insulin_seen;
    uint32_t last_glucagon_s; /* newest step of the chamber   */
    uint32_t dose_s;          /* when its dose began          */
    uint32_t last_insulin_s;  /* newest pulse of automatic    */
    int32_t mg_dL;            /* what the device believed     */
};

static struct order order;

static bool is_automatic(const struct dg_ledger *ledger)
{
    return ledger->ticket[0].tier == DG_TIER_AUTOMATIC;
}

static void check_order(void)
{
    const struct dg_device *device = &rig.device;

    while (order.glucagon_seen < rig.chamber_moved) {
        const uint32_t at_s = rig.chamber_move[order.glucagon_seen];

        if ((order.last_glucagon_s == 0U) ||
            ((at_s - order.last_glucagon_s) > 30U)) {
            order.dose_s = at_s;
            /* The first step of an automatic dose: no automatic insulin in the
             * last five minutes, unless glucose was low. */
            assert_true(!is_automatic(device->glucagon.ledger) ||
                        (order.mg_dL < 70) || (order.last_insulin_s == 0U) ||
                        ((at_s - order.last_insulin_s) > 300U));
        }
        order.last_glucagon_s = at_s;
        order.glucagon_seen++;
    }
    while (order.insulin_seen < rig.moved) {
        const uint32_t at_s = rig.move[order.insulin_seen];

        if (is_automatic(&device->ledger)) {
            assert_true((order.dose_s == 0U) ||
                        ((at_s - order.dose_s) >= DG_GLUCAGON_LOCK_S));
            order.last_insulin_s = at_s;
        }
        order.insulin_seen++;
    }
}

static void pass(uint32_t seconds)
{
    for (uint32_t s = 0U; s < seconds; s++) {
        rig_wait(&rig, 1U);
        check_order();
        if (rig.flash.is_dead) {
            come_back();
        }
    }
}

static unsigned try_glucagon(enum dg_tier tier, bool with_presence_key)
{
    const struct dg_answer *answer = rig_greet(&rig, 0U);

    if (answer == NULL) {
        return 0U;
    }

    const int32_t room = (tier == DG_TIER_AUTOMATIC)
                             ? answer->status.glucagon.headroom_automatic.ug
                             : answer->status.glucagon.headroom_confirmed.ug;

    answer = rig_propose_glucagon(&rig, 0U, tier, (room > 0) ? room : 10);
    if ((answer == NULL) || (answer->kind != DG_ANSWER_TICKET)) {
        return 0U;
    }
    answer = rig_commit(&rig, 0U, with_presence_key);

    const bool is_in = (answer != NULL) && (answer->kind == DG_ANSWER_ACCEPTED);

    (void)rig_commit(&rig, 0U, with_presence_key);
    (void)rig_commit(&rig, 0U, false);
    return is_in ? 1U : 0U;
}

static unsigned try_insulin(void)
{
    const struct dg_answer *answer =
        rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 50);

    if ((answer == NULL) || (answer->kind != DG_ANSWER_TICKET)) {
        return 0U;
    }
    answer = rig_commit(&rig, 0U, false);
    return ((answer != NULL) && (answer->kind == DG_ANSWER_ACCEPTED)) ? 1U : 0U;
}

/* All that it can get, in turns of hormone and glucose, with resets and cuts
 * in any flash write. */
static void attack(uint32_t days, bool with_presence_key, uint64_t seed)
{
    unsigned glucagon = 0U;
    unsigned insulin = 0U;

    begin();
    memset(&order, 0, sizeof order);
    for (uint32_t t = 0U; t < (days * 86400U); t += 50U) {
        static const int32_t levels[] = {60, 68, 75, 79, 85, 250};

        pass(50U);
        if ((t % 600U) == 0U) {
            (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
            (void)rig_greet(&rig, 0U);
        }
        if ((rig_random(&seed) % 150U) == 0U) {
            rig.flash.cut_in = 1U + (rig_random(&seed) % 4U);
            rig.flash.cut = (enum rig_cut)(rig_random(&seed) % RIG_CUTS);
        } else if ((rig_random(&seed) % 150U) == 0U) {
            come_back();
        }
        if ((t % 43200U) == 0U) {
            assert_true(rig_connect(&rig, 0U));
            (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        }
        order.mg_dL = levels[rig_random(&seed) % 6U];
        believe(order.mg_dL);
        if ((rig_random(&seed) & 1U) != 0U) {
            insulin += try_insulin();
        }
        glucagon +=
            try_glucagon(((rig_random(&seed) & 1U) != 0U) ? DG_TIER_AUTOMATIC
                                                          : DG_TIER_CONFIRMED,
                         with_presence_key);
        insulin += try_insulin();
        if (rig.flash.is_dead) {
            come_back();
        }
    }
    pass(400U);
    assert_true(glucagon > 4U);
    assert_true(insulin > 4U);
    assert_int_equal(rig.device.glucagon.ledger->moved, rig.chamber_moved);

    /* 150 ug and 1 mg: the caps of docs/adr/0014. */
    const int32_t dose_ug = with_presence_key ? 300 : 150;

    assert_true(worst_ug(0U, 300U) <= dose_ug);
    assert_true(worst_ug(0U, 3600U) <= 450);
    assert_true(worst_ug(0U, 14400U) <= 750);
    assert_true(worst_ug(0U, 86400U) <= (with_presence_key ? 1000 : 750));
    /* The attack was a real one. */
    assert_true(worst_ug(0U, 86400U) >= 500);
}

/* @verifies{FDP_GLUCAGON.2@1} @verifies{FDP_GLUCAGON.3@1} */
static void test_attack__phone_asks_for_both_hormones__caps_and_lock_hold(
    void **state)
{
    (void)state;
    attack(2U, false, 41U);
}

/* @verifies{FDP_GLUCAGON.2@1} @verifies{FDP_GLUCAGON.3@1} */
static void test_attack__with_presence_key__caps_and_lock_hold(void **state)
{
    (void)state;
    attack(2U, true, 42U);
}

/* Hands that press RESCUE and CONFIRM all day, a phone that stops what it can
 * and asks for more, severe lows, resets and cuts: rescue stays within one dose
 * in 15 min and two in 24 h, and no message takes one away.
 * @verifies{FDP_GLUCAGON.4@1} */
static void test_attack__rescue_pressed_all_day__two_and_whole(void **state)
{
    uint64_t seed = 43U;

    (void)state;
    begin();
    memset(&order, 0, sizeof order);
    for (uint32_t t = 0U; t < (2U * 86400U); t += 40U) {
        pass(40U);
        if ((rig_random(&seed) % 200U) == 0U) {
            rig.flash.cut_in = 1U + (rig_random(&seed) % 3U);
            rig.flash.cut = (enum rig_cut)(rig_random(&seed) % RIG_CUTS);
        }
        if ((rig_random(&seed) % 100U) == 0U) {
            come_back();
        }
        if ((t % 40000U) == 0U) {
            come_back();
        }
        if ((rig_random(&seed) % 8U) == 0U) {
            push(DG_BUTTON_RESCUE);
            (void)rig_stop(&rig, 0U);
            push(DG_BUTTON_CONFIRM);
        }
        (void)rig_stop(&rig, 0U);
        if (rig.flash.is_dead) {
            come_back();
        }
    }
    pass(400U);
    assert_true(worst_ug(0U, DG_RESCUE_REPEAT_S) <= 1000);
    assert_true(worst_ug(0U, 86400U) <= 2000);
    assert_true(rig.chamber_moved >= 200U);
}

/* The story of the cuts ---------------------------------------------------- */

struct book {
    uint32_t before;  /* steps of the chamber before the last dose */
    int32_t asked_ug; /* the last dose that may have been taken    */
    int32_t all_ug;
};

static struct book book;

static bool is_on(void)
{
    return !rig.flash.is_dead;
}

static void wait_on(uint32_t seconds)
{
    for (uint32_t s = 0U; is_on() && (s < seconds); s++) {
        rig_wait(&rig, 1U);
    }
}

static void note(int32_t ug)
{
    book.before = rig.chamber_moved;
    book.asked_ug = ug;
    book.all_ug += ug;
}

static void give(enum dg_tier tier, int32_t ug)
{
    if (!is_on()) {
        return;
    }
    believe(65);
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);

    const struct dg_answer *answer = rig_greet(&rig, 0U);

    answer = rig_propose_glucagon(&rig, 0U, tier, ug);
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_TICKET);
    note(ug);
    (void)rig_commit(&rig, 0U, tier != DG_TIER_AUTOMATIC);
}

static void story(void)
{
    memset(&book, 0, sizeof book);
    give(DG_TIER_CONFIRMED, 120);
    wait_on(610U);
    give(DG_TIER_AUTOMATIC, 100);
    wait_on(4U);
    if (is_on()) {
        (void)rig_stop(&rig, 0U);
    }
    wait_on(20U);
    if (is_on()) {
        push(DG_BUTTON_RESCUE);
        note(1000);
        push(DG_BUTTON_CONFIRM);
    }
    wait_on(120U);
}

static int32_t used_ug(uint32_t length_s)
{
    return dg_ledger_glucagon(rig.device.glucagon.ledger,
                              rig.device.now,
                              DG_TIER_PRESENT,
                              length_s)
        .ug;
}

/* T3, T7, T9 for glucagon after a cut.  @verifies{FDP_LEDGER.1@1}
 * @verifies{FDP_LEDGER.2@1} */
static void expect_promises(uint32_t off_s)
{
    rig.clock_s += off_s;
    rig.flash.cut_in = 0U;
    rig_reboot(&rig);

    const struct dg_ledger *ledger = rig.device.glucagon.ledger;
    const uint32_t moved = rig.chamber_moved;

    assert_false(rig.device.is_fault);
    assert_int_equal(ledger->moved, moved);
    assert_int_equal(ledger->bolus_pulses, moved);
    assert_false(ledger->is_open);
    assert_true((int32_t)(moved - book.before) * DG_GLUCAGON_STEP_UG <=
                book.asked_ug);
    for (unsigned window = 0U; window < DG_WINDOWS; window++) {
        const uint32_t length_s = dg_window_s((enum dg_window)window);
        int32_t truth_ug = 0;

        for (uint32_t i = 0U; i < moved; i++) {
            truth_ug +=
                ((rig.clock_s - rig.chamber_move[i]) <= length_s) ? 10 : 0;
        }
        assert_true(used_ug(length_s) >= truth_ug);
    }
    /* Counted once: not more than was ever asked for. */
    assert_true(used_ug(86400U) <= book.all_ug);
    /* The phone that got no answer commits again, the person presses again. */
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);

    const struct dg_answer *answer = rig_commit(&rig, 0U, true);

    assert_non_null(answer);
    assert_true((answer->kind == DG_ANSWER_ALREADY) ||
                (answer->kind == DG_ANSWER_REFUSED));
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_E_STATE);
    rig_wait(&rig, 130U);
    assert_int_equal(rig.chamber_moved, moved);
    /* Rescue is still what it may be, and the lock-out is not forgotten. */
    if (moved > 0U) {
        believe(250);
        (void)rig_greet(&rig, 0U);
        answer = rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 50);
        assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
        assert_int_equal(answer->as.refused.reason, DG_REASON_E8);
    }
    /* A window counts every bin that it touches. */
    rig_wait(&rig, DG_RESCUE_REPEAT_S + DG_BIN_S);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_RESCUE),
                     DG_OK);
}

static void test_glucagon_cut__every_flash_write__promises_hold(void **state)
{
    (void)state;
    begin();
    start = rig;
    story();

    const uint32_t operations = rig.flash.operations - start.flash.operations;

    assert_true(operations >= 6U);
    for (uint32_t at = 1U; at <= operations; at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            rig = start;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;
            story();
            assert_true(rig.flash.is_dead);
            expect_promises((at % 3U) * 7U);
        }
    }
}

/* And at every second of a rescue in which flash is not touched. */
static void test_glucagon_cut__any_second_of_a_rescue__rest_is_counted(
    void **state)
{
    (void)state;
    begin();
    memset(&book, 0, sizeof book);

    const dg_seconds at = {rig.clock_s};

    assert_int_equal(dg_device_press(&rig.device, at, DG_BUTTON_RESCUE), DG_OK);
    note(1000);
    assert_int_equal(dg_device_press(&rig.device, at, DG_BUTTON_CONFIRM),
                     DG_OK);
    start = rig;
    for (uint32_t s = 0U; s < 99U; s += 7U) {
        rig = start;
        rig_wait(&rig, s);
        rig_reboot(&rig);
        assert_int_equal(rig.device.glucagon.ledger->ticket[0].outcome,
                         DG_OUTCOME_UNCERTAIN);
        assert_true((rig.alarms & (1U << DG_ALARM_DOSE_UNCERTAIN)) != 0U);
        /* What is uncertain counts: nothing more in these 15 min. */
        assert_int_equal(used_ug(300U), 1000);
        assert_int_equal(dg_device_press(&rig.device,
                                         (dg_seconds){rig.clock_s},
                                         DG_BUTTON_RESCUE),
                         DG_E_STATE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_attack__phone_asks_for_both_hormones__caps_and_lock_hold),
        cmocka_unit_test(test_attack__with_presence_key__caps_and_lock_hold),
        cmocka_unit_test(test_attack__rescue_pressed_all_day__two_and_whole),
        cmocka_unit_test(test_glucagon_cut__every_flash_write__promises_hold),
        cmocka_unit_test(
            test_glucagon_cut__any_second_of_a_rescue__rest_is_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
