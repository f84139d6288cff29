/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/bytes.h"
#include "dosegate/knock.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Fresh keys inside a session, against whoever loses, keeps, changes or cuts
 * any part of it. */

static struct rig rig;
static struct rig saved;
static uint8_t kept[DG_DATAGRAM_MAX];

static struct rig_phone *phone(void)
{
    return &rig.phone[0];
}

static struct dg_session *session(void)
{
    return &rig.device.session[0];
}

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(0);

    rig_init(&rig, &therapy);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    rig_pair(&rig, 1U, DG_ROLE_OBSERVER);
    assert_true(rig_connect(&rig, 0U));
    assert_true(rig_connect(&rig, 1U));
    assert_int_equal(rig_lease(&rig, 0U, DG_LEASE_TAKE)->kind,
                     DG_ANSWER_STATUS);
}

static dg_span ask(unsigned who)
{
    dg_span datagram = {NULL, 0U};

    assert_int_equal(dg_controller_rekey(&rig.phone[who].controller,
                                         &rig.crypto,
                                         DG_BUF_OF(rig.phone_room),
                                         &datagram),
                     DG_OK);
    return datagram;
}

static enum dg_controller_event take(unsigned who, dg_span reply)
{
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    dg_span bytes = {NULL, 0U};

    assert_int_equal(dg_controller_receive(&rig.phone[who].controller,
                                           &rig.crypto,
                                           &rig.phone[who].phone,
                                           reply,
                                           DG_BUF_OF(rig.phone_room),
                                           &event,
                                           &bytes),
                     DG_OK);
    return event;
}

static bool rekey(unsigned who)
{
    return take(who, rig_deliver(&rig, ask(who))) == DG_CONTROLLER_REKEYED;
}

static bool talks(unsigned who)
{
    return rig_greet(&rig, who) != NULL;
}

/* A record of phone 0 that nobody has delivered yet. */
static dg_span stop_record(void)
{
    static uint8_t room[DG_DATAGRAM_MAX];
    static const uint8_t stop[] = {0xA1U, 0x00U, 0x04U};
    dg_span datagram = {NULL, 0U};

    assert_int_equal(dg_controller_send(&phone()->controller,
                                        &rig.crypto,
                                        DG_SPAN_OF(stop),
                                        DG_BUF_OF(room),
                                        &datagram),
                     DG_OK);
    return datagram;
}

static bool holds(const void *memory, size_t size, const uint8_t key[16])
{
    const uint8_t *byte = memory;

    for (size_t i = 0U; (i + 16U) <= size; i++) {
        if (memcmp(&byte[i], key, 16U) == 0) {
            return true;
        }
    }
    return false;
}

/* @verifies{FTP_KEY.1@1} */
static void test_rekey__done__other_keys_and_the_old_ones_are_gone(void **state)
{
    const struct dg_record *record = &rig.device.session[0].record;

    (void)state;
    start();
    assert_int_equal(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500)->kind,
                     DG_ANSWER_TICKET);

    const struct dg_record old = *record;
    const struct dg_session_id id = session()->id;
    const dg_seconds opened = session()->opened;

    assert_true(rekey(0U));
    assert_int_equal(record->epoch, old.epoch); /* until the phone uses it */
    assert_true(talks(0U));
    assert_int_equal(record->epoch, (uint16_t)(old.epoch + 4U));
    assert_int_equal(record->epoch & 3U, 0U);
    assert_int_equal(record->rx_next, 1U);
    assert_memory_not_equal(&record->rx, &old.rx, sizeof old.rx);
    assert_memory_not_equal(&record->tx, &old.tx, sizeof old.tx);
    assert_memory_not_equal(&record->tx, &record->rx, sizeof old.rx);
    assert_false(holds(&rig.device, sizeof rig.device, old.rx.key));
    assert_false(holds(&rig.device, sizeof rig.device, old.tx.key));
    assert_false(
        holds(&phone()->controller, sizeof phone()->controller, old.rx.key));
    assert_false(
        holds(&phone()->controller, sizeof phone()->controller, old.tx.key));
    /* The session is the same one: age, id, what was asked for. */
    assert_memory_equal(&session()->id, &id, sizeof id);
    assert_int_equal(session()->opened.s, opened.s);
    assert_int_equal(rig_commit(&rig, 0U, true)->kind, DG_ANSWER_ACCEPTED);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 10U);
}

static void test_rekey__again_and_again__both_doses_come(void **state)
{
    (void)state;
    start();
    for (unsigned i = 0U; i < 20U; i++) {
        assert_true(rekey(0U));
        assert_true(rekey(1U));
        assert_true(talks(0U));
        assert_true(talks(1U));
    }
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
}

/* A session does not get younger by it. */
static void test_rekey__after_a_day__over_all_the_same(void **state)
{
    (void)state;
    start();
    for (unsigned hour = 0U; hour < 23U; hour++) {
        rig_wait(&rig, 3600U);
        assert_true(rekey(0U));
        assert_true(talks(0U));
    }
    assert_true(rekey(0U)); /* and one that waits */
    rig_wait(&rig, 3600U);
    assert_false(talks(0U));
    assert_int_equal(session()->record.epoch, 0U);
    assert_int_equal(session()->rekey.next.epoch, 0U);
    assert_true(rig_connect(&rig, 0U));
}

/* @verifies{FPT_RPL.1@1} @verifies{FTP_KEY.1@1} */
static void test_rekey__records_of_the_old_keys__silence_afterwards(
    void **state)
{
    (void)state;
    start();

    const dg_span withheld = stop_record();
    const dg_span question = ask(0U);
    uint8_t question_copy[DG_DATAGRAM_MAX];

    memcpy(question_copy, question.at, question.size);
    memcpy(kept, withheld.at, withheld.size);
    assert_int_equal(
        take(0U, rig_deliver(&rig, (dg_span){question_copy, question.size})),
        DG_CONTROLLER_REKEYED);
    assert_true(talks(0U));

    const struct dg_session before = *session();

    assert_int_equal(rig_deliver(&rig, (dg_span){kept, withheld.size}).size,
                     0U);
    assert_int_equal(
        rig_deliver(&rig, (dg_span){question_copy, question.size}).size, 0U);
    /* With the new epoch written over the old one as well. */
    dg_bytes_put_u16(&kept[1], session()->record.epoch);
    dg_bytes_put_u32(&kept[3], session()->record.rx_next);
    assert_int_equal(rig_deliver(&rig, (dg_span){kept, withheld.size}).size,
                     0U);
    assert_int_equal(session()->record.rx_next, before.record.rx_next);
    assert_memory_equal(&session()->rekey, &before.rekey, sizeof before.rekey);
    assert_true(talks(0U));
}

/* 0 the question, 1 the answer, 2 the first record of the new keys. */
static void play_until(unsigned lost)
{
    const dg_span question = ask(0U);

    if (lost == 0U) {
        return;
    }

    const dg_span answer = rig_deliver(&rig, question);

    assert_int_not_equal(answer.size, 0U);
    if (lost == 1U) {
        return;
    }
    assert_int_equal(take(0U, answer), DG_CONTROLLER_REKEYED);
    (void)stop_record();
}

/* @verifies{FTP_KEY.2@1} */
static void test_rekey__any_message_lost__both_go_on(void **state)
{
    (void)state;
    for (unsigned lost = 0U; lost < 3U; lost++) {
        start();
        play_until(lost);
        assert_true(talks(0U));
        assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
        /* And the next time it works. */
        assert_true(rekey(0U));
        assert_true(talks(0U));
    }
}

/* @verifies{FTP_KEY.2@1} */
static void test_rekey__power_cut_at_either_end__connects_anew(void **state)
{
    (void)state;
    for (unsigned cut = 0U; cut < 8U; cut++) {
        start();
        if (cut < 6U) {
            play_until(cut / 2U);
        } else {
            assert_true(rekey(0U));
            assert_true(talks(0U));
        }

        const uint32_t counter = phone()->phone.knock_counter;

        if ((cut % 2U) == 0U) {
            rig_reboot(&rig);
            assert_int_equal(session()->rekey.next.epoch, 0U);
            assert_false(talks(0U));
        } else {
            dg_controller_wipe(&phone()->controller);
        }
        assert_true(rig_connect(&rig, 0U));
        assert_true(phone()->phone.knock_counter > counter);
        assert_int_equal(session()->rekey.updates, 0U);
        assert_true(rekey(0U));
        assert_true(talks(0U));
    }
}

/* @verifies{FTP_KEY.2@1} */
static void test_rekey__any_byte_changed__dropped_and_both_go_on(void **state)
{
    (void)state;
    start();
    saved = rig;
    for (unsigned number = 0U; number < 2U; number++) {
        size_t size = 1U;

        for (size_t at = 0U; at < size; at++) {
            rig = saved;

            dg_span datagram = ask(0U);

            if (number == 1U) {
                datagram = rig_deliver(&rig, datagram);
            }
            size = datagram.size;
            memcpy(kept, datagram.at, size);
            kept[at] ^= (uint8_t)(1U << (at % 8U));
            datagram.at = kept;
            if (number == 0U) {
                assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
                assert_int_equal(session()->rekey.next.epoch, 0U);
            } else {
                assert_int_equal(take(0U, datagram), DG_CONTROLLER_NOTHING);
            }
            assert_true(talks(0U));
        }
        assert_int_equal(size, 263U);
    }
    rig = saved;
}

/* The phone asked twice; the answer to the first comes after all. */
static void test_rekey__late_answer_to_an_earlier_question__not_taken(
    void **state)
{
    (void)state;
    start();

    const dg_span first = rig_deliver(&rig, ask(0U));

    memcpy(kept, first.at, first.size);

    const dg_span second = rig_deliver(&rig, ask(0U));

    assert_int_equal(take(0U, (dg_span){kept, first.size}),
                     DG_CONTROLLER_ANSWER);
    assert_int_equal(take(0U, second), DG_CONTROLLER_REKEYED);
    assert_true(talks(0U));
}

static void test_rekey__sent_back_to_who_sent_it__silence(void **state)
{
    (void)state;
    start();

    dg_span datagram = ask(0U);

    memcpy(kept, datagram.at, datagram.size);
    assert_int_equal(take(0U, (dg_span){kept, datagram.size}),
                     DG_CONTROLLER_NOTHING);
    datagram = rig_deliver(&rig, (dg_span){kept, datagram.size});
    memcpy(kept, datagram.at, datagram.size);
    assert_int_equal(rig_deliver(&rig, (dg_span){kept, datagram.size}).size,
                     0U);
    assert_int_equal(take(0U, (dg_span){kept, datagram.size}),
                     DG_CONTROLLER_REKEYED);
    /* Twice the same answer. */
    assert_int_equal(take(0U, (dg_span){kept, datagram.size}),
                     DG_CONTROLLER_NOTHING);
    assert_true(talks(0U));
}

/* Forged records of the next epoch end those keys, and not the session. */
static void test_rekey__forged_records_of_the_next_keys__old_ones_serve(
    void **state)
{
    (void)state;
    start();
    assert_int_not_equal(rig_deliver(&rig, ask(0U)).size, 0U);

    const uint16_t next = session()->rekey.next.epoch;

    memset(kept, 0x5A, sizeof kept);
    kept[0] = DG_RECORD_TYPE;
    dg_bytes_put_u16(&kept[1], next);
    dg_bytes_put_u32(&kept[3], 0U);
    for (unsigned i = 0U; i <= DG_RECORD_FAILURES_MAX; i++) {
        assert_int_equal(rig_deliver(&rig, (dg_span){kept, 263U}).size, 0U);
        if ((i % 16U) == 0U) {
            rig_wait(&rig, 30U);
        }
    }
    assert_int_equal(session()->rekey.next.epoch, 0U);
    assert_true(talks(0U));
    assert_true(rekey(0U));
    assert_true(talks(0U));
}

static void set_counters(uint32_t counter)
{
    phone()->controller.record.tx_next = counter;
    phone()->controller.record.rx_next = counter;
    session()->record.tx_next = counter;
    session()->record.rx_next = counter;
}

/* @verifies{FTP_KEY.1@1} */
static void test_rekey__counters_near_their_end__refused_with_a_reason(
    void **state)
{
    const uint32_t last = DG_RECORD_COUNTER_MAX - DG_REKEY_RESERVE;
    const struct dg_request query = {.kind = DG_REQUEST_ROLES};

    (void)state;
    start();
    assert_false(dg_controller_wants_rekey(&phone()->controller));
    set_counters(DG_REKEY_RECORDS);
    assert_true(dg_controller_wants_rekey(&phone()->controller));
    set_counters(last - 1U);
    assert_int_equal(rig_ask(&rig, 0U, &query)->kind, DG_ANSWER_ROLES);

    const struct dg_answer *answer =
        rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 500);

    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_KEYS);
    /* What protects goes on, and so does the way out. */
    assert_int_equal(rig_greet(&rig, 0U)->kind, DG_ANSWER_STATUS);
    assert_int_equal(rig_stop(&rig, 0U)->kind, DG_ANSWER_STATUS);
    assert_true(rekey(0U));
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    assert_false(dg_controller_wants_rekey(&phone()->controller));
}

static void test_rekey__counters_at_their_end__session_is_over(void **state)
{
    (void)state;
    start();
    set_counters(DG_RECORD_COUNTER_MAX);
    assert_true(talks(0U));
    assert_false(talks(0U)); /* our own end does not seal */
    phone()->controller.record.tx_next = 0U;
    assert_false(talks(0U)); /* nor does the device open */
    phone()->controller.record.tx_next = DG_RECORD_COUNTER_MAX;
    assert_false(talks(0U));
    assert_true(rig_connect(&rig, 0U));
}

/* No epoch comes twice in a session, whatever it began with. */
static void test_rekey__updates_at_their_end__refused_before_an_epoch_repeats(
    void **state)
{
    static uint8_t seen[0x4000];
    const struct dg_request request = {.kind = DG_REQUEST_REKEY};
    dg_span none = {NULL, 0U};

    (void)state;
    start();
    phone()->controller.record.epoch = 0xFF00U;
    session()->record.epoch = 0xFF00U;
    for (unsigned i = 0U; i < DG_REKEY_UPDATES_MAX; i++) {
        const uint16_t epoch = session()->record.epoch;

        assert_int_equal(epoch & 3U, 0U);
        assert_int_not_equal(epoch, 0U);
        assert_int_equal(seen[epoch >> 2], 0U);
        seen[epoch >> 2] = 1U;
        assert_true(rekey(0U));
        assert_true(talks(0U));
        if ((i % 64U) == 0U) {
            rig_wait(&rig, 60U);
        }
    }

    const struct dg_answer *answer = rig_ask(&rig, 0U, &request);

    assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
    assert_int_equal(answer->as.refused.reason, DG_REASON_KEYS);
    assert_int_equal(dg_controller_rekey(&phone()->controller,
                                         &rig.crypto,
                                         DG_BUF_OF(rig.phone_room),
                                         &none),
                     DG_E_STATE);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
}

static void test_rekey__before_a_status__refused(void **state)
{
    const struct dg_request request = {.kind = DG_REQUEST_REKEY};

    (void)state;
    start();
    session()->is_greeted = false;
    assert_int_equal(rig_ask(&rig, 0U, &request)->as.refused.reason,
                     DG_REASON_VERSION);
    assert_int_equal(session()->rekey.next.epoch, 0U);
}

/* Revoked between question and answer: neither keys serve. */
static void test_rekey__revoked_with_keys_waiting__both_are_gone(void **state)
{
    const struct dg_request revoke = {.kind = DG_REQUEST_REVOKE,
                                      .as.revoke.slot = 1U};

    (void)state;
    start();
    assert_true(rekey(1U));
    assert_int_not_equal(rig.device.session[1].rekey.next.epoch, 0U);
    assert_int_equal(rig_ask(&rig, 0U, &revoke)->kind, DG_ANSWER_STATUS);
    assert_false(talks(1U));
}

/* The last counters of a knock are for nobody: the phone says so, and the
 * device does not let one burn them. */
static void test_knock__counters_near_their_end__refused(void **state)
{
    dg_span datagram = {NULL, 0U};

    (void)state;
    start();
    phone()->phone.knock_counter = DG_KNOCK_COUNTER_MAX - 1U;
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(dg_controller_connect(&phone()->controller,
                                           &rig.crypto,
                                           &phone()->phone,
                                           DG_BUF_OF(rig.phone_room),
                                           &datagram),
                     DG_E_STATE);

    /* Phone 1, with a knock of its own making. */
    const struct dg_knock knock = {
        1U, UINT32_MAX, {(const uint8_t *)"\x03\x03\x40\x00", 4U}};

    assert_int_equal(dg_knock_write(&rig.crypto,
                                    &rig.phone[1].phone.knock_key,
                                    &knock,
                                    DG_BUF_OF(kept),
                                    &datagram),
                     DG_OK);
    assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
    assert_true(rig.device.settings.controller[1].knock_counter <
                DG_KNOCK_COUNTER_MAX);
    assert_true(rig_connect(&rig, 1U));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_rekey__done__other_keys_and_the_old_ones_are_gone),
        cmocka_unit_test(test_rekey__again_and_again__both_doses_come),
        cmocka_unit_test(test_rekey__after_a_day__over_all_the_same),
        cmocka_unit_test(
            test_rekey__records_of_the_old_keys__silence_afterwards),
        cmocka_unit_test(test_rekey__any_message_lost__both_go_on),
        cmocka_unit_test(test_rekey__power_cut_at_either_end__connects_anew),
        cmocka_unit_test(test_rekey__any_byte_changed__dropped_and_both_go_on),
        cmocka_unit_test(
            test_rekey__late_answer_to_an_earlier_question__not_taken),
        cmocka_unit_test(test_rekey__sent_back_to_who_sent_it__silence),
        cmocka_unit_test(
            test_rekey__forged_records_of_the_next_keys__old_ones_serve),
        cmocka_unit_test(
            test_rekey__counters_near_their_end__refused_with_a_reason),
        cmocka_unit_test(test_rekey__counters_at_their_end__session_is_over),
        cmocka_unit_test(
            test_rekey__updates_at_their_end__refused_before_an_epoch_repeats),
        cmocka_unit_test(test_rekey__before_a_status__refused),
        cmocka_unit_test(test_rekey__revoked_with_keys_waiting__both_are_gone),
        cmocka_unit_test(test_knock__counters_near_their_end__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
