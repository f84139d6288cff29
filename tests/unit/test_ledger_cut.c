/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* The power goes at every program and every erase of a story with doses of all
 * tiers, a stop, basal, knocks and a reset; with nothing, half or all of that
 * operation done.  After each: promises T1 to T3 and T9. */

static struct rig rig;
static struct rig start;

/* What the person, the phone and the world know without the device. */
struct book {
    uint32_t tickets;
    int32_t asked_mU;         /* sum of all doses that were committed  */
    int32_t ticket_mU;        /* the last one                          */
    uint32_t moved_before;    /* actuator, when that one was committed */
    uint32_t totals_reported; /* highest bolus + basal in any status   */
};

static struct book book;

static void note_totals(const struct dg_answer *answer)
{
    if (answer != NULL) {
        const uint32_t total =
            answer->status.bolus_total_mU + answer->status.basal_total_mU;

        assert_true(total >= book.totals_reported);
        book.totals_reported = total;
    }
}

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

static void dose(enum dg_tier tier, int32_t mU)
{
    if (!is_on()) {
        return;
    }
    note_totals(rig_glucose(&rig, 0U, 250));

    const struct dg_answer *answer = rig_propose(&rig, 0U, tier, mU);

    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_TICKET);
    /* From here on the device may have taken it, whatever it answers. */
    book.tickets++;
    book.asked_mU += mU;
    book.ticket_mU = mU;
    book.moved_before = rig.moved;
    note_totals(rig_commit(&rig, 0U, tier != DG_TIER_AUTOMATIC));
}

static void connect_again(void)
{
    if (is_on() && rig_connect(&rig, 0U)) {
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    }
}

static void story(void)
{
    memset(&book, 0, sizeof book);
    dose(DG_TIER_CONFIRMED, 500);
    wait_on(190U);
    dose(DG_TIER_AUTOMATIC, 1000);
    wait_on(190U);
    dose(DG_TIER_CONFIRMED, 3000);
    wait_on(20U);
    if (is_on()) {
        note_totals(rig_stop(&rig, 0U));
    }
    wait_on(170U);
    if (is_on()) {
        (void)rig_try_reboot(&rig);
    }
    connect_again();
    wait_on(3U);
    /* Glucose must first show itself anew before the automatic tier. */
    dose(DG_TIER_CONFIRMED, 250);
    wait_on(60U);
}

static void expect_windows_hold_truth(void)
{
    for (unsigned window = 0U; window < DG_WINDOWS; window++) {
        const uint32_t length_s = dg_window_s((enum dg_window)window);
        int32_t truth_mU = 0;

        for (uint32_t i = 0U; i < rig.moved; i++) {
            truth_mU += ((rig.clock_s - rig.move[i]) <= length_s) ? 50 : 0;
        }
        assert_true(dg_ledger_window(&rig.device.ledger,
                                     rig.device.now,
                                     DG_TIER_PRESENT,
                                     (enum dg_window)window)
                        .mU >= truth_mU);
    }
}

/* The power comes back after @off_s seconds. */
static void expect_promises(uint32_t off_s, bool has_basal)
{
    rig.clock_s += off_s;
    rig.flash.cut_in = 0U;
    rig_reboot(&rig);

    const struct dg_ledger *ledger = &rig.device.ledger;

    /* T9, and nothing is lost from the totals. */
    assert_int_equal(ledger->moved, rig.moved);
    assert_int_equal(ledger->bolus_pulses + ledger->basal_pulses, rig.moved);
    assert_true((int32_t)(ledger->bolus_pulses * DG_PULSE_MU) <= book.asked_mU);
    assert_true(rig.moved * DG_PULSE_MU >= book.totals_reported);
    assert_false(ledger->is_open);
    if (!has_basal) {
        expect_windows_hold_truth();
        assert_true((int32_t)((rig.moved - book.moved_before) * DG_PULSE_MU) <=
                    book.ticket_mU);
    }

    /* T3: the phone that got no answer commits again. */
    const uint32_t bolus_pulses = ledger->bolus_pulses;

    assert_true(rig_connect(&rig, 0U));
    note_totals(&rig.phone[0].answer);
    assert_int_equal(rig_lease(&rig, 0U, DG_LEASE_TAKE)->kind,
                     DG_ANSWER_STATUS);
    if (book.tickets > 0U) {
        const struct dg_answer *answer = rig_commit(&rig, 0U, true);

        assert_non_null(answer);
        assert_true((answer->kind == DG_ANSWER_ALREADY) ||
                    (answer->kind == DG_ANSWER_REFUSED));
    }
    rig_wait(&rig, 130U);
    assert_int_equal(rig.device.ledger.bolus_pulses, bolus_pulses);
    assert_int_equal(rig.device.ledger.moved, rig.moved);
    /* And it is a device again. */
    wait_on(60U);
    assert_int_equal(rig_glucose(&rig, 0U, 250)->kind, DG_ANSWER_STATUS);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 50));
    rig_reboot(&rig);
    assert_int_equal(rig.device.ledger.moved, rig.moved);
}

static void cut_everywhere(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
    start = rig;
    story();
    assert_int_equal(book.tickets, 4U);

    const uint32_t operations = rig.flash.operations - start.flash.operations;

    assert_true(operations >= 11U);
    for (uint32_t at = 1U; at <= operations; at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            rig = start;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;
            story();
            assert_true(rig.flash.is_dead);
            expect_promises((at % 3U) * 7U, basal_mU_per_h > 0);
        }
    }
}

static void test_ledger_cut__doses_only__promises_hold(void **state)
{
    (void)state;
    cut_everywhere(0);
}

/* @verifies{FDP_DOSE.1@1} @verifies{FDP_LEDGER.1@1}
 * @verifies{FDP_LEDGER.2@1} */
static void test_ledger_cut__doses_and_basal__promises_hold(void **state)
{
    (void)state;
    cut_everywhere(6000);
}

/* The power goes at a second of the story in which flash is not touched, and
 * again while the device is settling the first cut. */
static void test_ledger_cut__any_second_then_while_settling__promises_hold(
    void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
    memset(&book, 0, sizeof book);
    dose(DG_TIER_CONFIRMED, 1000);
    start = rig;
    for (uint32_t at_s = 0U; at_s < 44U; at_s += 3U) {
        for (uint32_t second = 1U; second <= 2U; second++) {
            for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
                rig = start;
                rig_wait(&rig, at_s);

                const uint32_t went_out = rig.moved;

                /* Boots write two records at most: BOOT and CLOSE. */
                memset(&rig.device, 0, sizeof rig.device);
                rig.flash.cut_in = second;
                rig.flash.cut = (enum rig_cut)cut;

                const enum dg_status status = dg_device_boot(
                    &rig.device, &rig.ports, (dg_seconds){rig.clock_s});

                assert_true((status == DG_OK) || rig.flash.is_dead);
                expect_promises(5U, false);
                assert_true(rig.moved >= went_out);
            }
        }
    }
}

/* The ring turns to its next sector: the cut comes in the erase. */
static void test_ledger_cut__in_the_erase_of_a_sector__promises_hold(
    void **state)
{
    struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy.basal[hour].mU_per_h = DG_BASAL_MU_PER_H_MAX;
    }
    rig_init(&rig, &therapy);
    rig.settings.therapy = therapy;
    rig_ready(&rig, 250);
    /* Far enough for the ring to wrap, close to the end of a sector. */
    rig_wait_in_steps(&rig, 36U * 3600U, 18U);
    while (rig.device.ledger.slot < 92U) {
        rig_wait(&rig, 18U);
    }
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rig_lease(&rig, 0U, DG_LEASE_TAKE)->kind,
                     DG_ANSWER_STATUS);
    start = rig;
    for (uint32_t at = 1U; at <= 4U; at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            rig = start;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;
            memset(&book, 0, sizeof book);
            book.asked_mU = INT32_MAX;
            wait_on(90U);
            assert_true(rig.flash.is_dead);
            expect_promises(4U, true);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger_cut__doses_only__promises_hold),
        cmocka_unit_test(test_ledger_cut__doses_and_basal__promises_hold),
        cmocka_unit_test(
            test_ledger_cut__any_second_then_while_settling__promises_hold),
        cmocka_unit_test(
            test_ledger_cut__in_the_erase_of_a_sector__promises_hold),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
