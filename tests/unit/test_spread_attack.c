/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Doses over time under attack: a phone that asks for as much as it can for
 * days, and a power cut at every write. */

static struct rig rig;
static struct rig saved;

static void start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static struct dg_effect extended(int32_t mU, uint32_t seconds)
{
    return (struct dg_effect){.kind = DG_EFFECT_BOLUS,
                              .form = DG_FORM_EXTENDED,
                              .amount = {mU},
                              .duration = {seconds}};
}

static struct dg_effect basal(int32_t mU_per_h, uint32_t seconds)
{
    return (struct dg_effect){
        .kind = DG_EFFECT_BASAL, .duration = {seconds}, .rate = {mU_per_h}};
}

static uint32_t up_to(uint64_t *seed, uint32_t most)
{
    return 1U + (rig_random(seed) % most);
}

/* One thing that gives insulin, as much of it as there may be. */
static void ask(uint64_t *seed, enum dg_tier tier)
{
    static const int32_t most_mU[DG_TIERS] = {0, 1250, 7500, 0};
    struct dg_effect effect = {.kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL};

    switch (rig_random(seed) % 3U) {
    case 0:
        effect.amount.mU = (int32_t)up_to(seed, (uint32_t)most_mU[tier]);
        break;
    case 1:
        effect = basal((int32_t)up_to(seed, 15000U), up_to(seed, 1800U) + 60U);
        break;
    default:
        effect = extended((int32_t)up_to(seed, (uint32_t)most_mU[tier]),
                          DG_EXTENDED_S_MIN + up_to(seed, 7200U));
        break;
    }
    (void)rig_do(&rig, 0U, tier, &effect);
}

/* The schedule is empty, so that all that moved is above it. */
static void attack_for_days(enum dg_tier tier, uint64_t seed)
{
    uint32_t reading_s = 0U;

    start(0);

    const uint32_t from_s = rig.clock_s;

    while ((rig.clock_s - from_s) < (2U * 86400U)) {
        const uint32_t dice = rig_random(&seed) % 40U;

        if (rig_greet(&rig, 0U) == NULL) {
            (void)rig_connect(&rig, 0U);
        }
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        if ((rig.clock_s - reading_s) >= DG_GLUCOSE_PERIOD_S) {
            reading_s = rig.clock_s;
            (void)rig_glucose(&rig, 0U, 350 - (int32_t)(rig.clock_s & 1U));
        }
        if (dice == 0U) {
            rig_reboot(&rig);
        } else if (dice == 1U) {
            (void)rig_stop(&rig, 0U);
        } else if (dice < 30U) {
            ask(&seed, tier);
        }
        rig_wait_in_steps(&rig, up_to(&seed, 200U), 2U);
    }
    assert_false(rig.device.is_fault);
    for (unsigned window = 0U; window < DG_WINDOWS; window++) {
        const int32_t worst_mU =
            rig_worst_window_mU(&rig, dg_window_s((enum dg_window)window));

        assert_true(worst_mU <= rig.device.limits.window_max_mU[tier][window]);
    }
    /* The attack was one: most of a day's cap went out. */
    assert_true(rig_worst_window_mU(&rig, 86400U) >=
                (rig.device.limits.window_max_mU[tier][DG_WINDOW_24_H] / 3));
    assert_int_equal(rig.device.ledger.bolus_pulses, rig.moved);
}

/* T1.  @verifies{FDP_LEASE.1@1} @verifies{FDP_SPREAD.1@1} */
static void test_t1__automatic_of_every_form__within_every_window(void **state)
{
    (void)state;
    attack_for_days(DG_TIER_AUTOMATIC, 71U);
}

/* T2: the attacker has the presence key too. */
static void test_t2__confirmed_of_every_form__within_every_window(void **state)
{
    (void)state;
    attack_for_days(DG_TIER_CONFIRMED, 72U);
}

/* Messages that carry an effect which is none, or is one at another place. */
static void test_message__effect_out_of_shape__no_ticket(void **state)
{
    struct dg_effect bad[] = {extended(1000, DG_EXTENDED_S_MIN - 1U),
                              extended(1000, DG_EXTENDED_S_MAX + 1U),
                              extended(0, 3600U),
                              extended(-50, 3600U),
                              basal(-1, 1800U),
                              basal(DG_EFFECT_MU_PER_H_MAX + 1, 1800U),
                              basal(1000, DG_TEMPORARY_S_MIN - 1U),
                              basal(1000, DG_TEMPORARY_S_MAX + 1U),
                              basal(1000, UINT32_MAX)};
    struct dg_request request = {.kind = DG_REQUEST_PROPOSE};
    uint8_t room[DG_MESSAGE_MAX];
    dg_span bytes = {NULL, 0U};

    (void)state;
    for (size_t i = 0U; i < (sizeof bad / sizeof bad[0]); i++) {
        request.as.propose.tier = DG_TIER_CONFIRMED;
        request.as.propose.effect = bad[i];
        assert_int_equal(dg_request_encode(&request, DG_BUF_OF(room), &bytes),
                         DG_E_RANGE);
    }
}

/* A commit that is heard twice, in a new session, and after a reset. */
static void test_commit__repeated__one_spread_dose(void **state)
{
    const struct dg_effect effect = extended(1000, 3600U);

    (void)state;
    start(0);
    assert_int_equal(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect)->kind,
                     DG_ANSWER_ACCEPTED);
    assert_int_equal(rig_commit(&rig, 0U, true)->kind, DG_ANSWER_ALREADY);
    rig_wait(&rig, 600U);
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rig_commit(&rig, 0U, true)->kind, DG_ANSWER_ALREADY);

    const uint32_t moved = rig.moved;

    assert_int_equal(moved, 3U);
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_int_equal(rig_commit(&rig, 0U, true)->kind, DG_ANSWER_ALREADY);
    rig_wait(&rig, 7200U);
    assert_int_equal(rig.moved, moved);
}

/* Power cuts -------------------------------------------------------------- */

/* What must hold after a cut: pulses and books agree, nothing goes on that was
 * over time, and no limit counts less than what was asked for. */
static void check_after_cut(uint32_t moved_before,
                            uint32_t asked_mU,
                            bool is_accepted)
{
    const struct dg_ledger *ledger = &rig.device.ledger;

    rig_reboot(&rig);
    assert_false(rig.device.is_fault);
    assert_int_equal(ledger->bolus_pulses + ledger->basal_pulses, rig.moved);
    assert_false(ledger->spread.is_open);
    assert_false(ledger->pause.is_on);

    const int32_t used_mU =
        dg_ledger_window(
            ledger, (dg_seconds){rig.clock_s}, DG_TIER_PRESENT, DG_WINDOW_24_H)
            .mU;

    assert_true(used_mU >= (int32_t)(ledger->bolus_pulses * DG_PULSE_MU));
    if (is_accepted) {
        assert_true(used_mU >= (int32_t)asked_mU);
    }
    assert_true(ledger->bolus_pulses <= (asked_mU / DG_PULSE_MU));

    const uint32_t bolus_pulses = ledger->bolus_pulses;

    /* Not once more, by whatever message. */
    assert_true(rig_connect(&rig, 0U));
    (void)rig_commit(&rig, 0U, true);
    rig_wait(&rig, 600U);
    assert_int_equal(ledger->bolus_pulses, bolus_pulses);
    /* Basal goes on: a pulse in 100 s. */
    assert_in_range(rig.moved - moved_before, 5U, 8U);
    assert_int_equal(ledger->bolus_pulses + ledger->basal_pulses, rig.moved);
}

/* The power goes at each write of a dose over time, before, in and after it. */
static void cut_everywhere(struct dg_effect effect, uint32_t asked_mU)
{
    unsigned cuts = 0U;

    start(1800);
    rig_wait(&rig, 50U);
    saved = rig;
    for (uint32_t at = 1U; cuts == ((at - 1U) * RIG_CUTS); at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            bool is_accepted = false;

            rig = saved;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;

            const struct dg_answer *answer =
                rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect);

            is_accepted =
                (answer != NULL) && (answer->kind == DG_ANSWER_ACCEPTED);
            for (uint32_t i = 0U; (i < 1900U) && !rig.flash.is_dead; i++) {
                if ((i % 600U) == 599U) {
                    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
                }
                rig_wait(&rig, 1U);
            }
            if (rig.flash.is_dead) {
                cuts++;
                /* A record that is whole counts, heard or not. */
                check_after_cut(rig.moved, asked_mU, is_accepted && (at > 1U));
            }
        }
    }
    assert_true(cuts > (RIG_CUTS * 3U));
}

/* @verifies{FDP_SPREAD.1@1} @verifies{FDP_LEDGER.1@1} */
static void test_cut__at_every_write_of_an_extended_bolus(void **state)
{
    (void)state;
    cut_everywhere(extended(500, 1800U), 500U);
}

static void test_cut__at_every_write_of_a_raised_basal(void **state)
{
    (void)state;
    cut_everywhere(basal(2800, 1800U), 500U);
}

static void test_cut__at_every_write_of_a_lowered_basal(void **state)
{
    (void)state;
    cut_everywhere(basal(900, 1800U), 0U);
}

/* The smallest power supply: a reset every few minutes while one phone asks
 * for extended boluses.  What was ended by a reset counts in full. */
static void test_resets__dose_over_time_each_time__total_holds(void **state)
{
    uint32_t asked_mU = 0U;

    (void)state;
    start(0);
    for (unsigned i = 0U; i < 40U; i++) {
        const struct dg_effect effect = extended(2000, 3600U);
        const struct dg_answer *answer = NULL;

        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        answer = rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect);
        /* What waits for the button counts when it is pressed, not before. */
        if ((answer != NULL) && (answer->kind == DG_ANSWER_ACCEPTED) &&
            (rig.phone[0].ticket.as.ticket.confirmation == DG_CONFIRM_PHONE)) {
            asked_mU += 2000U;
        }
        rig_wait(&rig, 200U);
        rig_reboot(&rig);
        assert_true(rig_connect(&rig, 0U));
    }
    assert_true(asked_mU >= 6000U);
    assert_true(asked_mU <= 15000U);
    assert_true(dg_ledger_window(&rig.device.ledger,
                                 (dg_seconds){rig.clock_s},
                                 DG_TIER_CONFIRMED,
                                 DG_WINDOW_24_H)
                    .mU >= (int32_t)asked_mU);
    assert_int_equal(rig.device.ledger.bolus_pulses, rig.moved);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t1__automatic_of_every_form__within_every_window),
        cmocka_unit_test(test_t2__confirmed_of_every_form__within_every_window),
        cmocka_unit_test(test_message__effect_out_of_shape__no_ticket),
        cmocka_unit_test(test_commit__repeated__one_spread_dose),
        cmocka_unit_test(test_cut__at_every_write_of_an_extended_bolus),
        cmocka_unit_test(test_cut__at_every_write_of_a_raised_basal),
        cmocka_unit_test(test_cut__at_every_write_of_a_lowered_basal),
        cmocka_unit_test(test_resets__dose_over_time_each_time__total_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
