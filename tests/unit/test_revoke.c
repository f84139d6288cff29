/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/knock.h"
#include "tests/unit/rig.h"

#include <string.h>

/* A phone that is lost, stolen or no longer wanted: what it can still do must
 * be nothing, from that moment on. */

static struct rig rig;
static struct rig saved;

/* 0 owner, 1 and 2 caregivers, 3 observer; all connected. */
static int start(void **state)
{
    static const enum dg_role roles[] = {
        DG_ROLE_OWNER, DG_ROLE_CAREGIVER, DG_ROLE_CAREGIVER, DG_ROLE_OBSERVER};
    const struct dg_therapy therapy = rig_therapy(1200);

    (void)state;
    rig_init(&rig, &therapy);
    for (unsigned who = 0U; who < 4U; who++) {
        rig_pair(&rig, who, roles[who]);
        assert_true(rig_connect(&rig, who));
    }
    return 0;
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static const struct dg_answer *revoke(unsigned who, unsigned slot)
{
    struct dg_request request = {.kind = DG_REQUEST_REVOKE};

    request.as.revoke.slot = (uint8_t)slot;
    return rig_ask(&rig, who, &request);
}

static enum dg_reason reason_of(const struct dg_answer *answer)
{
    assert_non_null(answer);
    return (answer->kind == DG_ANSWER_REFUSED) ? answer->as.refused.reason
                                               : DG_REASON_NONE;
}

static dg_span knock_of(unsigned who, dg_buf room)
{
    dg_span datagram = {NULL, 0U};

    assert_int_equal(dg_controller_connect(&rig.phone[who].controller,
                                           &rig.crypto,
                                           &rig.phone[who].phone,
                                           room,
                                           &datagram),
                     DG_OK);
    return datagram;
}

/* Nothing of slot @who is left, and its phone gets nothing for one hash. */
static void assert_gone(unsigned who)
{
    static const struct dg_enrolled none;
    static const struct dg_session ended;
    uint8_t room[DG_DATAGRAM_MAX];

    assert_memory_equal(
        &rig.device.settings.controller[who], &none, sizeof none);
    assert_memory_equal(&rig.device.session[who], &ended, sizeof ended);
    assert_false(rig.device.lease.is_held && (rig.device.lease.slot == who));
    assert_null(rig_greet(&rig, who));

    const dg_span knock = knock_of(who, DG_BUF_OF(room));
    const unsigned p256 = rig.p256;
    const unsigned hashes = rig.hashes;
    const uint32_t operations = rig.flash.operations;

    assert_int_equal(rig_deliver(&rig, knock).size, 0U);
    assert_int_equal(rig.p256, p256);
    assert_true((rig.hashes - hashes) <= 1U);
    assert_int_equal(rig.flash.operations, operations);
}

/* @verifies{FMT_REV.1@1} */
static void test_revoke__by_the_owner__gone_at_once_and_after_a_reset(
    void **state)
{
    uint8_t knock_room[DG_DATAGRAM_MAX];

    (void)state;
    /* It holds the lease, an open ticket, and a handshake half done. */
    assert_int_equal(reason_of(rig_lease(&rig, 1U, DG_LEASE_TAKE)),
                     DG_REASON_NONE);
    assert_int_equal(rig_propose(&rig, 1U, DG_TIER_CONFIRMED, 500)->kind,
                     DG_ANSWER_TICKET);

    const struct rig_phone thief = rig.phone[1];
    const dg_span knock = knock_of(1U, DG_BUF_OF(knock_room));

    assert_true(rig_deliver(&rig, knock).size > 0U);
    rig.phone[1].controller = thief.controller;
    assert_int_equal(revoke(0U, 1U)->kind, DG_ANSWER_STATUS);
    assert_null(rig_commit(&rig, 1U, true));
    assert_gone(1U);
    rig_reboot(&rig);
    assert_gone(1U);
    /* The others are untouched. */
    assert_true(rig_connect(&rig, 0U));
    assert_true(rig_connect(&rig, 2U));
    assert_true(rig_connect(&rig, 3U));
    assert_int_equal(rig.device.ledger.bolus_pulses, 0U);
}

/* @verifies{FMT_REV.1@1} */
static void test_revoke__while_its_dose_runs_or_waits__dose_ends(void **state)
{
    (void)state;
    for (unsigned waits = 0U; waits < 2U; waits++) {
        (void)start(state);
        assert_int_equal(reason_of(rig_lease(&rig, 1U, DG_LEASE_TAKE)),
                         DG_REASON_NONE);
        assert_true(
            rig_dose(&rig, 1U, DG_TIER_CONFIRMED, (waits == 1U) ? 9000 : 2000));
        rig_wait(&rig, 10U);
        assert_int_equal(rig.device.delivery.state,
                         (waits == 1U) ? DG_DELIVERY_WAITING
                                       : DG_DELIVERY_RUNNING);
        assert_int_equal(revoke(0U, 1U)->kind, DG_ANSWER_STATUS);
        assert_int_equal(rig.device.delivery.state, DG_DELIVERY_IDLE);

        const uint32_t given = rig.device.ledger.bolus_pulses;

        assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
        rig_wait(&rig, 60U);
        assert_int_equal(rig.device.ledger.bolus_pulses, given);
    }
    /* The dose of another phone goes on. */
    (void)start(state);
    assert_int_equal(reason_of(rig_lease(&rig, 2U, DG_LEASE_TAKE)),
                     DG_REASON_NONE);
    assert_true(rig_dose(&rig, 2U, DG_TIER_CONFIRMED, 1000));
    assert_int_equal(revoke(0U, 1U)->kind, DG_ANSWER_STATUS);
    assert_int_equal(rig.device.delivery.state, DG_DELIVERY_RUNNING);
    assert_int_equal(rig.device.lease.slot, 2U);
    assert_true(rig.device.lease.is_held);
}

static void test_revoke__by_others_or_of_nobody__refused(void **state)
{
    (void)state;
    for (unsigned who = 1U; who < 4U; who++) {
        for (unsigned slot = 0U; slot < 4U; slot++) {
            const enum dg_reason reason = reason_of(revoke(who, slot));

            assert_int_equal(
                reason, (who == 3U) ? DG_REASON_AUTHORITY : DG_REASON_ROLE);
        }
    }
    /* The owner itself, and the same one twice. */
    assert_int_equal(reason_of(revoke(0U, 0U)), DG_REASON_ROLE);
    assert_int_equal(reason_of(revoke(0U, 3U)), DG_REASON_NONE);
    assert_int_equal(reason_of(revoke(0U, 3U)), DG_REASON_ROLE);
    for (unsigned slot = 0U; slot < 3U; slot++) {
        assert_true(rig.device.settings.controller[slot].is_used);
    }
}

/* The code that let it in is still open: it must not let it in again. */
static void test_revoke__within_the_window__code_is_void(void **state)
{
    uint8_t room[DG_PAIRING_DATAGRAM_MAX];
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE] = {3U};
    struct dg_pairing_request request = {.method = DG_METHOD_STATIC,
                                         .role = DG_ROLE_OBSERVER,
                                         .name_size = 1U,
                                         .name = "x"};
    dg_span datagram = {NULL, 0U};

    (void)state;
    /* Phone 3 was paired last: its window is open yet. */
    assert_true(rig.device.pairing.is_open);
    request.key = rig.phone[3].phone.public_key;
    request.presence = rig.phone[3].presence_key;
    assert_int_equal(dg_pairing_request_seal(&rig.crypto,
                                             &rig.device.pairing.code,
                                             nonce,
                                             &request,
                                             DG_BUF_OF(room),
                                             &datagram),
                     DG_OK);
    assert_int_equal(revoke(0U, 3U)->kind, DG_ANSWER_STATUS);
    assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
    assert_false(rig.device.settings.controller[3].is_used);
}

/* Everything that the old phone ever sent, against the new one in its slot. */
/* @verifies{FPT_RPL.1@1} */
static void test_revoke__slot_used_again__old_frames_are_worthless(void **state)
{
    uint8_t record[DG_DATAGRAM_MAX];
    uint8_t knock[DG_DATAGRAM_MAX];
    uint8_t plain[DG_MESSAGE_MAX];
    const struct dg_request stop = {.kind = DG_REQUEST_STOP};
    dg_span message = {NULL, 0U};
    dg_span old_record = {NULL, 0U};

    (void)state;
    assert_int_equal(dg_request_encode(&stop, DG_BUF_OF(plain), &message),
                     DG_OK);
    assert_int_equal(dg_controller_send(&rig.phone[1].controller,
                                        &rig.crypto,
                                        message,
                                        DG_BUF_OF(record),
                                        &old_record),
                     DG_OK);
    /* Far ahead of any counter of the new phone. */
    rig.phone[1].phone.knock_counter = 1000000U;

    struct rig_phone thief = rig.phone[1];
    const dg_span old_knock = knock_of(1U, DG_BUF_OF(knock));
    const uint16_t old_epoch = rig.device.session[1].record.epoch;

    assert_int_equal(revoke(0U, 1U)->kind, DG_ANSWER_STATUS);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    assert_int_equal(rig.phone[1].phone.slot, 1U);
    assert_true(rig_connect(&rig, 1U));

    const struct dg_record before = rig.device.session[1].record;
    const unsigned p256 = rig.p256;

    assert_int_equal(rig_deliver(&rig, old_knock).size, 0U);
    assert_int_equal(rig_deliver(&rig, old_record).size, 0U);
    /* Under the new epoch it is a forgery, counted and nothing else. */
    record[1] = (uint8_t)(before.epoch >> 8);
    record[2] = (uint8_t)before.epoch;
    assert_int_equal(rig_deliver(&rig, old_record).size, 0U);
    assert_int_equal(rig.p256, p256);
    assert_int_equal(rig.device.session[1].record.rx_next, before.rx_next);
    assert_int_equal(rig.device.session[1].record.failures, 1U);
    assert_memory_not_equal(
        &before.rx, &thief.controller.record.tx, sizeof before.rx);
    assert_true(
        (old_epoch != before.epoch) ||
        (memcmp(&before.rx, &thief.controller.record.tx, sizeof before.rx) !=
         0));
    assert_int_equal(reason_of(rig_greet(&rig, 1U)), DG_REASON_NONE);
}

/* A stolen phone spent its share of the battery to the last: the new phone that
 * gets its place must not pay for it, nor be named for it. */
/* @verifies{FMT_REV.1@1} @verifies{FRU_NRG.2@1} */
static void test_revoke__slot_used_again__the_budget_is_new(void **state)
{
    (void)state;
    for (unsigned i = 0U; i < 20000U; i++) {
        (void)rig_greet(&rig, 1U);
    }
    assert_null(rig_greet(&rig, 1U));
    for (unsigned i = 0U; i < 8U; i++) {
        assert_false(rig_connect(&rig, 1U));
    }
    assert_true((rig.alarms & (1U << DG_ALARM_ENERGY)) != 0U);
    assert_int_equal(revoke(0U, 1U)->kind, DG_ANSWER_STATUS);
    assert_int_equal(rig.phone[0].answer.status.drainer, 0U);
    assert_int_equal(rig.alarms & (1U << DG_ALARM_ENERGY), 0U);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    assert_int_equal(rig.phone[1].phone.slot, 1U);
    assert_true(rig_connect(&rig, 1U));
    assert_int_equal(reason_of(rig_lease(&rig, 1U, DG_LEASE_TAKE)),
                     DG_REASON_NONE);
    assert_true(rig_dose(&rig, 1U, DG_TIER_CONFIRMED, 500));
}

/* At the device, without any phone ---------------------------------------- */

/* @verifies{FMT_REV.2@1} */
static void test_forget__choices_in_turn__held_forgets_the_shown(void **state)
{
    static const unsigned want[] = {1U, 2U, 3U, 4U, DG_FORGET_ALL, 0U, 1U, 2U};

    (void)state;
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_E_STATE);
    for (unsigned i = 0U; i < (sizeof want / sizeof want[0]); i++) {
        assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
        assert_int_equal(rig.device.forget.choice, want[i]);
        if (want[i] == 0U) {
            assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_E_STATE);
        }
    }
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
    assert_gone(1U);
    /* Once is once; and a free place is not shown. */
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_E_STATE);
    assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    assert_int_equal(rig.device.forget.choice, 3U);
    /* Too late. */
    rig_wait(&rig, DG_FORGET_WAIT_S + 1U);
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_E_STATE);
    assert_true(rig.device.settings.controller[2].is_used);
}

/* The owner's phone is lost: whoever is at the device takes it out and pairs a
 * new owner; nothing but the device is needed.  @verifies{FMT_REV.2@1} */
static void test_forget__lost_owner__new_one_pairs_offline(void **state)
{
    (void)state;
    assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
    assert_gone(0U);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    assert_int_equal(rig.phone[0].role, DG_ROLE_OWNER);
    assert_true(rig_connect(&rig, 0U));
    /* And everything at once. */
    for (unsigned i = 0U; i < 5U; i++) {
        assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    }
    assert_int_equal(rig.device.forget.choice, DG_FORGET_ALL);
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
    for (unsigned who = 0U; who < 4U; who++) {
        assert_gone(who);
    }
    assert_int_equal(press(DG_BUTTON_FORGET), DG_E_STATE);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    assert_int_equal(rig.phone[0].phone.slot, 0U);
    assert_true(rig_connect(&rig, 0U));
}

/* A phone in hostile hands asks for a dose that wants the button, again and again
 * and at the worst moment.  It must not keep the person from forgetting it. */
/* @verifies{FMT_REV.2@1} */
static void test_forget__phone_asks_for_the_button_for_ever__gone(void **state)
{
    (void)state;
    assert_int_equal(reason_of(rig_lease(&rig, 1U, DG_LEASE_TAKE)),
                     DG_REASON_NONE);
    assert_true(rig_dose(&rig, 1U, DG_TIER_CONFIRMED, 9000));
    assert_int_equal(rig.device.delivery.state, DG_DELIVERY_WAITING);
    for (unsigned i = 0U; i < 2U; i++) {
        assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
        assert_int_equal(rig.device.forget.choice, i + 1U);
        assert_int_equal(rig.device.delivery.state, DG_DELIVERY_IDLE);
        assert_int_equal(rig.announced_mU, 0);
        (void)rig_lease(&rig, 1U, DG_LEASE_TAKE);
        assert_false(rig_dose(&rig, 1U, DG_TIER_CONFIRMED, 9000));
        assert_int_equal(rig.phone[1].answer.as.refused.reason, DG_REASON_BUSY);
        /* The finger that means one thing does not do another. */
        assert_int_equal(press(DG_BUTTON_CONFIRM), DG_E_STATE);
    }
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
    assert_gone(1U);
    assert_true(rig.device.settings.controller[0].is_used);
    assert_int_equal(rig.device.ledger.bolus_pulses, 0U);
    /* Nobody is asked any more who to forget: a dose may wait again. */
    assert_int_equal(reason_of(rig_lease(&rig, 0U, DG_LEASE_TAKE)),
                     DG_REASON_NONE);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 9000));
}

/* Power ------------------------------------------------------------------- */

static unsigned paired(void)
{
    unsigned count = 0U;

    for (unsigned slot = 0U; slot < 4U; slot++) {
        count += rig.device.settings.controller[slot].is_used ? 1U : 0U;
    }
    return count;
}

static void choose_all(void)
{
    for (unsigned i = 0U; i < 5U; i++) {
        assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    }
}

/* All of them or none of them, wherever the power goes; and told as done only
 * when it is. */
static void test_revoke__power_cut_at_every_write__all_or_nothing(void **state)
{
    unsigned none_gone = 0U;
    unsigned all_gone = 0U;
    uint32_t once = 0U;

    (void)start(state);
    rig_wait(&rig, 1U);
    choose_all();
    saved = rig;
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        rig.device.settings.controller[slot].is_used = false;
    }
    once = rig_flash_saves(&rig.flash, &rig.device.settings);
    for (uint32_t at = 1U; at <= (2U * once); at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            rig = saved;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;
            assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_E_PORT);
            assert_true(rig.flash.is_dead);
            rig_reboot(&rig);
            assert_true((paired() == 0U) || (paired() == 4U));
            none_gone += (paired() == 4U) ? 1U : 0U;
            all_gone += (paired() == 0U) ? 1U : 0U;
            /* Whatever it is, it is whole. */
            if (paired() == 4U) {
                assert_true(rig_connect(&rig, 0U));
            } else {
                rig_pair(&rig, 0U, DG_ROLE_OWNER);
            }
        }
    }
    assert_true(none_gone > 0U);
    /* From the last write of the first save on, done as a whole. */
    assert_int_equal(all_gone, 1U + (once * RIG_CUTS));
    /* Those of the settings come first; the journal follows. */
    rig = saved;
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
    assert_true((rig.flash.operations - saved.flash.operations) >= (2U * once));
}

/* Either copy of the settings is damaged later: the phone stays out. */
static void test_revoke__a_copy_damaged_later__stays_out(void **state)
{
    (void)state;
    for (unsigned copy = 0U; copy < 2U; copy++) {
        (void)start(state);
        assert_int_equal(revoke(0U, 1U)->kind, DG_ANSWER_STATUS);
        rig.flash.bytes[(copy * RIG_SECTOR) + 40U] ^= 0x10U;
        rig_reboot(&rig);
        assert_gone(1U);
        assert_true(rig_connect(&rig, 2U));
    }
}

static void test_revoke__flash_fails__says_so_and_changes_nothing(void **state)
{
    (void)state;
    rig.flash.fails = true;
    assert_int_equal(reason_of(revoke(0U, 1U)), DG_REASON_FAULT);
    rig.flash.fails = false;
    assert_true(rig.device.settings.controller[1].is_used);
    assert_int_equal(reason_of(rig_greet(&rig, 1U)), DG_REASON_NONE);
    assert_int_equal(reason_of(revoke(0U, 1U)), DG_REASON_NONE);
    assert_gone(1U);
}

/* Who ended the last dose that ended, by the journal; 255: none did. */
static unsigned who_ended(void)
{
    const struct dg_journal *journal = &rig.device.journal;
    unsigned who = 255U;

    for (uint32_t i = journal->oldest; i < journal->tree.size; i++) {
        struct dg_journal_entry entry;
        uint8_t room[DG_JOURNAL_ENTRY_MAX];
        uint32_t count = 0U;
        dg_span bytes;

        assert_int_equal(
            dg_journal_read(journal, i, DG_BUF_OF(room), &bytes, &count),
            DG_OK);
        /* The first of those that fitted. */
        for (size_t size = bytes.size;
             dg_journal_entry_decode((dg_span){bytes.at, size}, &entry) !=
             DG_OK;
             size--) {
            assert_true(size > 1U);
        }
        who = (entry.kind == DG_JOURNAL_ENDED) ? entry.who : who;
    }
    return who;
}

/* Stopping has no budget (ADR 0043).  What there is against a phone that does
 * nothing else: its name in the journal, and the owner's one message. */
/* @verifies{FMT_REV.1@1} */
static void test_revoke__a_phone_that_floods_stop__ends_with_it(void **state)
{
    (void)state;
    for (unsigned i = 0U; i < 3U; i++) {
        rig_wait(&rig, 181U);
        (void)rig_greet(&rig, 0U);
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1000));
        rig_wait(&rig, 5U);
        assert_int_equal(rig_stop(&rig, 1U)->kind, DG_ANSWER_STATUS);
        assert_int_equal(rig.device.delivery.state, DG_DELIVERY_IDLE);
        rig_wait(&rig, 5U);
        assert_int_equal(who_ended(), 1U);
        /* Basal goes on, and a ticket is void as well. */
        assert_int_equal(rig_greet(&rig, 0U)->status.therapy, DG_THERAPY_RUN);
    }
    for (unsigned i = 0U; i < 50U; i++) {
        assert_non_null(rig_stop(&rig, 1U));
    }

    /* In the middle of it, from a session that the flood cannot close. */
    assert_int_equal(reason_of(revoke(0U, 1U)), DG_REASON_NONE);
    assert_null(rig_stop(&rig, 1U));
    rig_wait(&rig, 181U);
    (void)rig_greet(&rig, 0U);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1000));
    for (unsigned i = 0U; i < 60U; i++) {
        assert_null(rig_stop(&rig, 1U));
        rig_wait(&rig, 1U);
    }
    assert_int_equal(rig_greet(&rig, 0U)->status.outcome, DG_OUTCOME_DELIVERED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(
            test_revoke__by_the_owner__gone_at_once_and_after_a_reset, start),
        cmocka_unit_test_setup(
            test_revoke__while_its_dose_runs_or_waits__dose_ends, start),
        cmocka_unit_test_setup(
            test_revoke__a_phone_that_floods_stop__ends_with_it, start),
        cmocka_unit_test_setup(test_revoke__by_others_or_of_nobody__refused,
                               start),
        cmocka_unit_test_setup(test_revoke__within_the_window__code_is_void,
                               start),
        cmocka_unit_test_setup(
            test_revoke__slot_used_again__old_frames_are_worthless, start),
        cmocka_unit_test_setup(test_revoke__slot_used_again__the_budget_is_new,
                               start),
        cmocka_unit_test_setup(
            test_forget__choices_in_turn__held_forgets_the_shown, start),
        cmocka_unit_test_setup(test_forget__lost_owner__new_one_pairs_offline,
                               start),
        cmocka_unit_test_setup(
            test_forget__phone_asks_for_the_button_for_ever__gone, start),
        cmocka_unit_test(test_revoke__power_cut_at_every_write__all_or_nothing),
        cmocka_unit_test_setup(test_revoke__a_copy_damaged_later__stays_out,
                               start),
        cmocka_unit_test_setup(
            test_revoke__flash_fails__says_so_and_changes_nothing, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
