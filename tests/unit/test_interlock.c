/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/device_parts.h"
#include "core/interlock.h"
#include "tests/unit/rig.h"

#include <string.h>

/* What one wrong instruction does to the way from a commit to the mechanism,
 * played by hand: the first verdict is left out, or a word of memory is not
 * what it was.  tools/fault-inject does it to the firmware, instruction by
 * instruction. */

#define DOSE_MU     1000
#define DOSE_PULSES 20U
#define BASAL       1200

static struct rig rig;
static struct rig saved;

static void start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
}

/* A ticket for @p mU and the commit that would be right for it. */
static struct dg_request ask(int32_t mU)
{
    const struct dg_answer *answer =
        rig_propose(&rig, 0U, DG_TIER_CONFIRMED, mU);

    assert_non_null(answer);
    assert_int_equal(answer->kind, DG_ANSWER_TICKET);

    const struct dg_approval approval = rig_approval(&rig, 0U);

    return rig_signed_commit(
        &rig, &rig.phone[0].presence, &approval.ticket, &approval);
}

static void expect_no_pulse(void)
{
    const uint32_t before = rig.moved;

    rig_wait(&rig, 300U);
    assert_int_equal(rig.moved, before);
}

/* As if nothing in command.c had refused. */
static enum dg_status start_anyway(const struct dg_ticket *ticket,
                                   const struct dg_request *commit)
{
    return dg_delivery_start(&rig.device, ticket, commit);
}

static void no_signature(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)ticket;
    commit->as.commit.has_signature = false;
}

static void wrong_signature(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)ticket;
    commit->as.commit.signature.byte[40] ^= 1U;
}

static void more_than_signed(struct dg_ticket *ticket,
                             struct dg_request *commit)
{
    (void)commit;
    ticket->effect.amount.mU += DG_PULSE_MU;
}

static void void_ticket(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)commit;
    dg_ticket_void(ticket);
}

static void closed_ticket(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)commit;
    ticket->is_open = false;
}

static void too_late(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)ticket;
    (void)commit;
    rig.device.now.s += DG_TICKET_LIFE_S + 1U;
}

static void nobody_asked(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)commit;
    ticket->asked_by = 0U;
}

static void unknown_phone(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)commit;
    ticket->asked_by = DG_CONTROLLERS + 1U;
}

static void other_phone(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)commit;
    ticket->asked_by = 2U;
}

static void lease_gone(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)ticket;
    (void)commit;
    dg_lease_forget(&rig.device);
}

static void said_automatic(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)commit;
    ticket->confirmation = DG_CONFIRM_AUTOMATIC;
}

static void became_automatic(struct dg_ticket *ticket,
                             struct dg_request *commit)
{
    (void)commit;
    ticket->confirmation = DG_CONFIRM_AUTOMATIC;
    ticket->tier = DG_TIER_AUTOMATIC;
    ticket->effect.amount.mU = 20 * DG_PULSE_MU * DG_PULSE_MU;
}

static void no_tier(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)commit;
    ticket->tier = DG_TIER_NONE;
}

static void safe_state(struct dg_ticket *ticket, struct dg_request *commit)
{
    (void)ticket;
    (void)commit;
    rig.device.is_fault = true;
}

static void (*const defects[])(struct dg_ticket *ticket,
                               struct dg_request *commit) = {
    no_signature,
    wrong_signature,
    more_than_signed,
    void_ticket,
    closed_ticket,
    too_late,
    nobody_asked,
    unknown_phone,
    other_phone,
    lease_gone,
    said_automatic,
    became_automatic,
    no_tier,
    safe_state,
};

/* @verifies{FPT_FAULT.1@1} */
static void test_interlock__first_verdict_left_out__second_refuses(void **state)
{
    (void)state;
    start(0);

    const struct dg_request right = ask(DOSE_MU);

    saved = rig;
    for (size_t i = 0U; i < (sizeof defects / sizeof defects[0]); i++) {
        rig = saved;

        struct dg_request commit = right;
        struct dg_ticket ticket = rig.device.session[0].ticket;

        defects[i](&ticket, &commit);
        assert_int_not_equal(start_anyway(&ticket, &commit), DG_OK);
        expect_no_pulse();
    }
    /* Without a defect the same way delivers. */
    rig = saved;
    assert_int_equal(start_anyway(&rig.device.session[0].ticket, &right),
                     DG_OK);
    rig_wait(&rig, 100U);
    assert_int_equal(rig.moved, DOSE_PULSES);
}

/* @verifies{FPT_FAULT.1@1} */
static void test_interlock__no_press__opens_nothing(void **state)
{
    (void)state;
    start(0);

    const struct dg_request commit = ask(9000);
    const struct dg_ticket ticket = rig.device.session[0].ticket;
    struct dg_interlock *interlock = &rig.device.delivery.interlock;

    assert_int_equal(ticket.confirmation, DG_CONFIRM_BUTTON);
    assert_int_equal(start_anyway(&ticket, &commit), DG_OK);
    saved = rig;
    assert_int_equal(dg_interlock_open(interlock, &ticket, 180U), DG_E_STATE);
    /* Taken for one that runs, it does not. */
    rig.device.delivery.state = DG_DELIVERY_RUNNING;
    expect_no_pulse();
    rig = saved;
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_OK);
    rig_wait(&rig, 600U);
    assert_int_equal(rig.moved, 180U);
    /* A press that met nothing is not kept for what comes next. */
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_E_STATE);
    assert_int_equal(
        dg_interlock_approve(&rig.device, interlock, &ticket, &commit),
        DG_E_AUTH);
    assert_int_equal(dg_interlock_open(interlock, &ticket, 180U), DG_E_STATE);
}

/* A dose under way, five pulses in. */
static void run_dose(void)
{
    start(0);

    const struct dg_request commit = ask(DOSE_MU);

    assert_int_equal(start_anyway(&rig.device.session[0].ticket, &commit),
                     DG_OK);
    rig_wait(&rig, 8U);
    assert_int_equal(rig.moved, 5U);
    saved = rig;
}

/* @verifies{FPT_FAULT.1@1} */
static void test_interlock__a_count_changed__dose_ends(void **state)
{
    (void)state;
    run_dose();
    for (unsigned bit = 0U; bit < 32U; bit++) {
        uint32_t *const words[] = {
            &rig.device.delivery.interlock.pulses.value,
            &rig.device.delivery.interlock.pulses.inverse,
        };

        for (unsigned i = 0U; i < 2U; i++) {
            rig = saved;
            *words[i] ^= (uint32_t)1U << bit;
            expect_no_pulse();
            assert_true(rig.device.is_fault);
            assert_int_equal(rig.device.ledger.ticket[0].outcome,
                             DG_OUTCOME_STOPPED);
        }
    }
    for (unsigned bit = 0U; bit < 16U; bit++) {
        rig = saved;
        rig.device.ledger.ticket[0].pulses ^= (uint16_t)(1U << bit);
        rig_wait(&rig, 300U);
        assert_true(rig.moved <= DOSE_PULSES);
        rig = saved;
        rig.device.ledger.ticket[0].delivered ^= (uint16_t)(1U << bit);
        rig_wait(&rig, 300U);
        assert_true(rig.moved <= DOSE_PULSES);
    }
}

/* @verifies{FPT_FAULT.1@1} */
static void test_interlock__ended_dose_taken_for_open__no_pulse(void **state)
{
    (void)state;
    run_dose();
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_STOP),
        DG_OK);
    rig.device.delivery.state = DG_DELIVERY_RUNNING;
    expect_no_pulse();
    rig.device.delivery.state = DG_DELIVERY_RUNNING;
    rig.device.ledger.is_open = true;
    expect_no_pulse();
    assert_true(rig.device.is_fault);
}

#define HOUR_PULSES ((uint32_t)BASAL / DG_PULSE_MU)

/* An hour with one word wrong at its beginning: no faster than the schedule,
 * and no hour without basal. */
static void expect_schedule(void)
{
    const uint32_t before = rig.moved;

    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - before, HOUR_PULSES - 2U, HOUR_PULSES + 1U);
    for (uint32_t i = before + 1U; i < rig.moved; i++) {
        assert_true((rig.move[i] - rig.move[i - 1U]) >= 149U);
    }
}

/* @verifies{FPT_FAULT.2@1} */
static void test_interlock__accrual_changed__basal_keeps_its_rate(void **state)
{
    (void)state;
    start(BASAL);
    rig_wait(&rig, 70U);
    saved = rig;
    for (unsigned bit = 0U; bit < 32U; bit++) {
        rig = saved;
        rig.device.basal.due_mU_s ^= (uint32_t)1U << bit;
        expect_schedule();
        rig = saved;
        rig.device.basal.at.s ^= (uint32_t)1U << bit;
        expect_schedule();
        rig = saved;
        rig.device.now.s ^= (uint32_t)1U << bit;
        expect_schedule();
    }
}

/* The time that an answer to a frame works with is looked at once more. */
/* @verifies{FPT_FAULT.2@1} */
static void test_interlock__basal_of_tomorrow__waits_for_it(void **state)
{
    (void)state;
    start(BASAL);

    const dg_seconds last = rig.device.ledger.last_basal;

    rig_wait(&rig, 1000U);
    assert_true(dg_interlock_basal(&rig.device, rig.device.now) ||
                (rig.device.now.s < (rig.device.ledger.last_basal.s + 149U)));
    assert_false(dg_interlock_basal(&rig.device,
                                    (dg_seconds){rig.device.now.s + 1000U}));
    assert_false(dg_interlock_basal(&rig.device, last));
    assert_false(dg_interlock_basal(&rig.device, (dg_seconds){0U}));
    assert_false(dg_interlock_basal(&rig.device, (dg_seconds){UINT32_MAX}));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_interlock__first_verdict_left_out__second_refuses),
        cmocka_unit_test(test_interlock__no_press__opens_nothing),
        cmocka_unit_test(test_interlock__a_count_changed__dose_ends),
        cmocka_unit_test(test_interlock__ended_dose_taken_for_open__no_pulse),
        cmocka_unit_test(test_interlock__accrual_changed__basal_keeps_its_rate),
        cmocka_unit_test(test_interlock__basal_of_tomorrow__waits_for_it),
    };

    return cmocka_run_group_tests_name("interlock", tests, NULL, NULL);
}
