/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "tests/unit/rig.h"

#include <stdlib.h>
#include <string.h>

/* From a proposal to pulses. */

static struct rig rig;

static void start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

static void expect_refused(const struct dg_answer *answer,
                           enum dg_reason reason)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, reason);
}

static void expect_kind(const struct dg_answer *answer,
                        enum dg_answer_kind kind)
{
    assert_non_null(answer);
    assert_int_equal(answer->kind, kind);
}

static void press(enum dg_button button, enum dg_status want)
{
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button), want);
}

static void test_delivery__confirmed_dose__moves_just_that(void **state)
{
    (void)state;
    start(0);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 1049),
                DG_ANSWER_TICKET);
    /* Resolved down to whole pulses; what was shown is what is signed. */
    assert_int_equal(rig.phone[0].ticket.as.ticket.effect.amount.mU, 1000);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_PHONE);
    assert_int_equal(rig.phone[0].ticket.as.ticket.expiry.s,
                     rig.clock_s + DG_TICKET_LIFE_S);
    assert_int_equal(rig.moved, 0U);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_DELIVERING);
    rig_wait(&rig, 100U);
    assert_int_equal(rig.moved, 20U);
    for (unsigned i = 1U; i < 20U; i++) {
        assert_int_equal(rig.move[i] - rig.move[i - 1U], DG_PULSE_INTERVAL_S);
    }
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_DELIVERED);
    assert_int_equal(rig.phone[0].answer.status.ticket_delivered.mU, 1000);
    assert_int_equal(rig.phone[0].answer.status.bolus_total_mU, 1000U);
    assert_int_equal(rig.phone[0].answer.status.iob.mU, 1000);
}

/* @verifies{FDP_DOSE.1@1} */
static void test_delivery__commit_repeated__already_and_no_pulse(void **state)
{
    (void)state;
    start(0);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    for (unsigned i = 0U; i < 20U; i++) {
        expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
        rig_wait(&rig, 30U);
    }
    assert_int_equal(rig.moved, 10U);
    /* Also in a new session, also after a reset. */
    const struct dg_ticket_id id = rig.phone[0].ticket.as.ticket.id;

    assert_true(rig_connect(&rig, 0U));
    rig.phone[0].ticket.as.ticket.id = id;
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
    rig.phone[0].ticket.as.ticket.id = id;
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 10U);
}

/* Older than the memory of eight: still no pulse. */
static void test_delivery__commit_of_a_forgotten_ticket__refused(void **state)
{
    struct dg_ticket_id first;

    (void)state;
    start(0);
    for (unsigned i = 0U; i < 10U; i++) {
        assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 50));
        if (i == 0U) {
            first = rig.phone[0].ticket.as.ticket.id;
        }
        rig_wait(&rig, 181U);
        expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
    }

    const uint32_t moved = rig.moved;

    rig.phone[0].ticket.as.ticket.id = first;
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_TICKET);
    rig_wait(&rig, 10U);
    assert_int_equal(rig.moved, moved);
}

static void test_delivery__ticket_expires__to_the_second(void **state)
{
    (void)state;
    start(0);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                DG_ANSWER_TICKET);
    rig_wait(&rig, DG_TICKET_LIFE_S + 1U);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_STALE);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_TICKET);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                DG_ANSWER_TICKET);
    rig_wait(&rig, DG_TICKET_LIFE_S);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
}

/* Everything that the signature covers, changed one at a time. */
/* @verifies{FDP_DOSE.7@1} */
static void test_delivery__signature_over_something_else__refused(void **state)
{
    (void)state;
    start(0);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                DG_ANSWER_TICKET);

    struct rig_phone *phone = &rig.phone[0];
    const struct dg_ticket_id id = phone->ticket.as.ticket.id;
    const struct dg_approval good = rig_approval(&rig, 0U);

    for (unsigned what = 0U; what < 8U; what++) {
        struct dg_approval bad = good;
        const struct dg_secret *key = &phone->presence;

        bad.device.byte[0] ^= (what == 0U) ? 1U : 0U;
        bad.session.byte[15] ^= (what == 1U) ? 1U : 0U;
        bad.ticket.byte[7] ^= (what == 2U) ? 1U : 0U;
        bad.effect.amount.mU += (what == 3U) ? 50 : 0;
        bad.effect.amount.mU -= (what == 4U) ? 50 : 0;
        bad.expiry.s += (what == 5U) ? 1U : 0U;
        key = (what == 6U) ? &phone->phone.private_key : key;

        struct dg_request request = rig_signed_commit(&rig, key, &id, &bad);

        if (what == 7U) {
            request.as.commit.has_signature = false;
        }
        expect_refused(rig_ask(&rig, 0U, &request), DG_REASON_PRESENCE);
    }
    rig_wait(&rig, 5U);
    assert_int_equal(rig.moved, 0U);

    /* A good signature for another ticket does not open this one. */
    struct dg_request request =
        rig_signed_commit(&rig, &phone->presence, &id, &good);

    request.as.commit.ticket.byte[0] ^= 1U;
    expect_refused(rig_ask(&rig, 0U, &request), DG_REASON_TICKET);
    /* None of it has spent the ticket. */
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
}

/* A signature that nobody asked for, right or wrong: refused, and the ticket is
 * not spent by it. */
/* @verifies{FDP_DOSE.7@1} */
static void test_delivery__automatic__no_signature_beside_it(void **state)
{
    (void)state;
    start(0);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 500),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_AUTOMATIC);

    const struct dg_approval good = rig_approval(&rig, 0U);
    struct dg_approval bad = good;

    bad.expiry.s++;
    for (unsigned what = 0U; what < 2U; what++) {
        const struct dg_request request =
            rig_signed_commit(&rig,
                              &rig.phone[0].presence,
                              &good.ticket,
                              (what == 0U) ? &good : &bad);

        expect_refused(rig_ask(&rig, 0U, &request), DG_REASON_PRESENCE);
        rig_wait(&rig, 5U);
        assert_int_equal(rig.moved, 0U);
    }
    expect_kind(rig_commit(&rig, 0U, false), DG_ANSWER_ACCEPTED);
}

static void test_delivery__automatic__needs_the_automate_rung(void **state)
{
    (void)state;
    start(0);
    /* Phone battery low: no automation, but a person may still dose. */
    const struct dg_request flat = {.kind = DG_REQUEST_STATUS,
                                    .as.status = {1U, 0U, 9U}};

    expect_kind(rig_ask(&rig, 0U, &flat), DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[0].answer.status.rung, DG_RUNG_DOSE);
    assert_int_equal(rig.phone[0].answer.status.missing,
                     1U << DG_EVIDENCE_PHONE_BATTERY);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                   DG_REASON_AUTHORITY);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                DG_ANSWER_TICKET);
    /* A confirmed ticket is not opened by an automatic commit. */
    expect_refused(rig_commit(&rig, 0U, false), DG_REASON_PRESENCE);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_AUTOMATIC);
    /* The rung may fall between ticket and commit. */
    expect_kind(rig_ask(&rig, 0U, &flat), DG_ANSWER_STATUS);
    expect_refused(rig_commit(&rig, 0U, false), DG_REASON_AUTHORITY);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    expect_kind(rig_commit(&rig, 0U, false), DG_ANSWER_ACCEPTED);
    rig_wait(&rig, 10U);
    assert_int_equal(rig.moved, 2U);

    /* The device's own reserve. */
    rig_wait(&rig, 600U);
    rig.battery_percent = 9U;
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                   DG_REASON_AUTHORITY);
}

/* @verifies{FDP_DOSE.5@1} */
static void test_delivery__glucose_turns__automatic_ticket_refused(void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig_ready(&rig, 90);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                DG_ANSWER_TICKET);
    rig_wait(&rig, 30U);
    expect_kind(rig_glucose(&rig, 0U, 79), DG_ANSWER_STATUS);
    expect_refused(rig_commit(&rig, 0U, false), DG_REASON_E4);
    /* A confirmed dose below the floor needs the button as well. */
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
    rig_wait(&rig, 601U);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 100),
                   DG_REASON_AUTHORITY);
    assert_int_equal(rig.phone[0].answer.status.has_glucose, false);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_PHONE);
}

/* The person said yes to a dose at 90 mg/dL; at 79 the question is another one.
 * @verifies{FDP_DOSE.12@1} */
static void test_delivery__low_after_the_offer__phone_is_not_enough(
    void **state)
{
    const struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    rig_init(&rig, &therapy);
    rig_ready(&rig, 90);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_PHONE);
    rig_wait(&rig, 30U);
    expect_kind(rig_glucose(&rig, 0U, 79), DG_ANSWER_STATUS);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_E4);
    rig_wait(&rig, 30U);
    assert_int_equal(rig.moved, 0U);
}

/* What the word of a weak phone is worth: what its controller's is.
 * @verifies{FDP_DOSE.13@1} */
static void test_delivery__low_package__confirmed_as_the_controller_may(
    void **state)
{
    struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    for (unsigned package = DG_PACKAGE_LOW; package <= DG_PACKAGE_HIGH;
         package++) {
        const bool is_low = package == DG_PACKAGE_LOW;

        therapy.package = (enum dg_package)package;
        /* 2 mg/dL above the predicted floor: a dose of 0.1 U is too much for a
         * controller at an ISF of 36. */
        rig_init(&rig, &therapy);
        rig_ready(&rig, 82);
        expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                    DG_ANSWER_TICKET);
        assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                         is_low ? DG_CONFIRM_BUTTON : DG_CONFIRM_PHONE);
        /* Offered on a reading that is too old when the person says yes. */
        rig_init(&rig, &therapy);
        rig_ready(&rig, 180);
        rig_wait(&rig, 580U);
        expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
        expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                    DG_ANSWER_TICKET);
        assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                         DG_CONFIRM_PHONE);
        rig_wait(&rig, 30U);
        if (is_low) {
            expect_refused(rig_commit(&rig, 0U, true), DG_REASON_E4);
        } else {
            expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
        }
        /* Without a reading it is the button's. */
        rig_wait(&rig, 600U);
        expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
        expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                    DG_ANSWER_TICKET);
        assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                         is_low ? DG_CONFIRM_BUTTON : DG_CONFIRM_PHONE);
    }
}

/* @verifies{FDP_DOSE.8@1} */
static void test_delivery__refusals__name_rule_and_headroom(void **state)
{
    (void)state;
    start(0);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 1300),
                   DG_REASON_E1);
    assert_int_equal(rig.phone[0].answer.as.refused.headroom.mU, 1250);
    assert_int_equal(rig.phone[0].answer.status.headroom_automatic.mU, 1250);
    assert_int_equal(rig.phone[0].answer.status.headroom_confirmed.mU, 7500);
    /* Above what a confirmation reaches, the button does: 20 % of 50 U. */
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 7550),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 10050),
                   DG_REASON_E1);
    assert_int_equal(rig.phone[0].answer.as.refused.headroom.mU, 10000);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 49), DG_REASON_E1);
    assert_true(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 1250));
    expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 50),
                   DG_REASON_BUSY);
    rig_wait(&rig, 100U);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 50), DG_REASON_E7);
    assert_int_equal(rig.phone[0].answer.as.refused.headroom.mU, 0);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 50), DG_REASON_E7);
    rig_wait(&rig, 80U);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 50), DG_REASON_E2);
    rig.device.settings.reservoir_pulses = rig.moved + 3U;
    rig.filled = rig.device.settings.reservoir_pulses;
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 200),
                   DG_REASON_RESERVOIR);
    assert_int_equal(rig.phone[0].answer.as.refused.headroom.mU, 150);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 150),
                DG_ANSWER_TICKET);
}

static void test_delivery__insulin_on_board_full__e3(void **state)
{
    (void)state;
    start(0);
    for (unsigned i = 0U; i < 2U; i++) {
        assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 5000));
        rig_wait(&rig, 700U);
    }
    /* 20 % in an hour is used up by confirmation; the button reaches further,
     * to 25 %, and after the hour up to 30 % on board. */
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 2500),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 6000),
                   DG_REASON_E2);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED);
    press(DG_BUTTON_CONFIRM, DG_OK);
    rig_wait(&rig, 3700U);
    expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 7500),
                   DG_REASON_E3);
}

static void test_delivery__stop__ends_the_dose_and_voids_tickets(void **state)
{
    (void)state;
    start(0);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    assert_true(rig_connect(&rig, 1U));
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 5000));
    rig_wait(&rig, 21U);
    /* Whoever may protect may stop, without the lease. */
    expect_kind(rig_stop(&rig, 1U), DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[1].answer.status.outcome, DG_OUTCOME_STOPPED);

    const uint32_t moved = rig.moved;

    assert_true((moved >= 11U) && (moved <= 12U));
    rig_wait(&rig, 300U);
    assert_int_equal(rig.moved, moved);
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                DG_ANSWER_TICKET);
    expect_kind(rig_stop(&rig, 1U), DG_ANSWER_STATUS);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_TICKET);
    /* The person's button does the same. */
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                DG_ANSWER_TICKET);
    press(DG_BUTTON_STOP, DG_E_STATE);
    /* It also ends the lease: who is in control next is decided there. */
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_AUTHORITY);
    expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_TICKET);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    press(DG_BUTTON_STOP, DG_OK);
    rig_wait(&rig, 30U);
    assert_int_equal(rig.moved, moved + 1U);
}

static void test_delivery__present__button_lapse_and_stop(void **state)
{
    struct dg_therapy therapy = rig_therapy(0);

    (void)state;
    therapy.package = DG_PACKAGE_LOW;
    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
    /* On a LOW phone anything above the automatic cap needs the button. */
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 1250),
                DG_ANSWER_TICKET);
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_PHONE);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1300));
    assert_int_equal(rig.phone[0].ticket.as.ticket.confirmation,
                     DG_CONFIRM_BUTTON);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_WAITING);
    assert_int_equal(rig.announced_mU, 1300);
    rig_wait(&rig, DG_BUTTON_WAIT_S - 1U);
    assert_int_equal(rig.announced_mU, 1300);
    rig_wait(&rig, 1U);
    assert_int_equal(rig.announced_mU, 0);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_LAPSED);
    assert_int_equal(rig.moved, 0U);
    /* Stopped while it waits. */
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1300));
    expect_kind(rig_stop(&rig, 0U), DG_ANSWER_STATUS);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    /* Pressed in the last second, once. */
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1300));
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
    rig_wait(&rig, DG_BUTTON_WAIT_S - 1U);
    press(DG_BUTTON_CONFIRM, DG_OK);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    rig_wait(&rig, 200U);
    assert_int_equal(rig.moved, 26U);
    /* A reset forgets what waited. */
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1300));
    rig_reboot(&rig);
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    rig_wait(&rig, 200U);
    assert_int_equal(rig.moved, 26U);
}

/* The envelope is asked once more next to the ledger, when a person presses. */
static void test_delivery__limits_fall_while_waiting__lapsed(void **state)
{
    (void)state;
    start(0);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 8000));
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_WAITING);
    rig.device.limits.dose_max_mU[DG_TIER_PRESENT] = 7950;
    press(DG_BUTTON_CONFIRM, DG_E_STATE);
    assert_int_equal(rig.announced_mU, 0);
    rig_wait(&rig, 10U);
    assert_int_equal(rig.moved, 0U);
    expect_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ALREADY);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_LAPSED);
}

/* E7 and the windows hold over all controllers together. */
/* @verifies{FDP_DOSE.6@1} */
static void test_delivery__two_controllers__one_envelope(void **state)
{
    (void)state;
    start(0);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    assert_true(rig_connect(&rig, 1U));
    expect_refused(rig_propose(&rig, 1U, DG_TIER_CONFIRMED, 100),
                   DG_REASON_LEASE);
    expect_refused(rig_lease(&rig, 1U, DG_LEASE_TAKE), DG_REASON_LEASE);
    /* A ticket of the one, the lease then to the other. */
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100),
                DG_ANSWER_TICKET);
    expect_kind(rig_lease(&rig, 1U, DG_LEASE_RELEASE), DG_ANSWER_STATUS);
    expect_refused(rig_lease(&rig, 1U, DG_LEASE_TAKE), DG_REASON_LEASE);
    expect_kind(rig_lease(&rig, 0U, DG_LEASE_RELEASE), DG_ANSWER_STATUS);
    expect_kind(rig_lease(&rig, 1U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[1].answer.status.lease, DG_LEASE_YOU);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_LEASE);
    assert_int_equal(rig.phone[0].answer.status.lease, DG_LEASE_OTHER);
    /* A caregiver does not automate, but may dose with confirmation. */
    expect_refused(rig_propose(&rig, 1U, DG_TIER_AUTOMATIC, 100),
                   DG_REASON_AUTHORITY);
    assert_true(rig_dose(&rig, 1U, DG_TIER_CONFIRMED, 100));
    expect_kind(rig_lease(&rig, 1U, DG_LEASE_RELEASE), DG_ANSWER_STATUS);
    expect_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_BUSY);
    rig_wait(&rig, 20U);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_E7);
    assert_int_equal(rig.moved, 2U);
    /* A lease that nobody renews ends. */
    rig_wait(&rig, DG_LEASE_LIFE_S + 1U);
    expect_kind(rig_lease(&rig, 1U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
}

static void test_delivery__blocked_mechanism__stopped_and_told(void **state)
{
    (void)state;
    start(0);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1000));
    rig_wait(&rig, 9U);
    rig.is_blocked = true;
    rig_wait(&rig, 9U);
    rig.is_blocked = false;
    rig_wait(&rig, 60U);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_STOPPED);
    assert_int_equal(rig.phone[0].answer.status.ticket_delivered.mU,
                     (int32_t)rig.moved * DG_PULSE_MU);
    assert_true((rig.alarms & (1U << DG_ALARM_RESERVOIR_EMPTY)) != 0U);
    assert_true(rig.moved < 10U);
}

/* Flash breaks: nothing is dosed any more, basal goes on, the alarm sounds. */
/* @verifies{FPT_FLS.1@1} */
static void test_delivery__flash_breaks__basal_only(void **state)
{
    (void)state;
    start(3000);
    rig.flash.fails = true;
    expect_kind(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                DG_ANSWER_TICKET);
    expect_refused(rig_commit(&rig, 0U, true), DG_REASON_FAULT);
    expect_refused(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500),
                   DG_REASON_FAULT);
    assert_int_equal(rig.phone[0].answer.status.therapy, DG_THERAPY_FAULT);
    assert_int_equal(rig.phone[0].answer.status.headroom_confirmed.mU, 0);
    expect_kind(rig_stop(&rig, 0U), DG_ANSWER_STATUS);

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 7200U);
    assert_in_range(rig.moved - moved, 119U, 121U);
    assert_true((rig.alarms & (1U << DG_ALARM_FAULT)) != 0U);
}

/* A device that nobody ran for more than an hour does not go on with a dose
 * that a person approved so long ago. */
static void test_delivery__long_gap__dose_and_wait_end(void **state)
{
    (void)state;
    start(0);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 5000));
    rig_wait(&rig, 10U);

    const uint32_t moved = rig.moved;

    rig_wait_in_steps(&rig, DG_GAP_S_MAX + 1U, DG_GAP_S_MAX + 1U);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, moved);
    expect_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[0].answer.status.outcome, DG_OUTCOME_STOPPED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delivery__confirmed_dose__moves_just_that),
        cmocka_unit_test(test_delivery__commit_repeated__already_and_no_pulse),
        cmocka_unit_test(test_delivery__commit_of_a_forgotten_ticket__refused),
        cmocka_unit_test(test_delivery__ticket_expires__to_the_second),
        cmocka_unit_test(test_delivery__signature_over_something_else__refused),
        cmocka_unit_test(test_delivery__automatic__no_signature_beside_it),
        cmocka_unit_test(test_delivery__automatic__needs_the_automate_rung),
        cmocka_unit_test(
            test_delivery__glucose_turns__automatic_ticket_refused),
        cmocka_unit_test(
            test_delivery__low_after_the_offer__phone_is_not_enough),
        cmocka_unit_test(test_delivery__refusals__name_rule_and_headroom),
        cmocka_unit_test(
            test_delivery__low_package__confirmed_as_the_controller_may),
        cmocka_unit_test(test_delivery__insulin_on_board_full__e3),
        cmocka_unit_test(test_delivery__stop__ends_the_dose_and_voids_tickets),
        cmocka_unit_test(test_delivery__present__button_lapse_and_stop),
        cmocka_unit_test(test_delivery__limits_fall_while_waiting__lapsed),
        cmocka_unit_test(test_delivery__two_controllers__one_envelope),
        cmocka_unit_test(test_delivery__blocked_mechanism__stopped_and_told),
        cmocka_unit_test(test_delivery__flash_breaks__basal_only),
        cmocka_unit_test(test_delivery__long_gap__dose_and_wait_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
