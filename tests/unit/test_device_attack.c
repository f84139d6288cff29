/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/knock.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Attacks on a whole device: strangers, thieves of bytes, and a phone that is
 * wholly in the attacker's hands. */

static struct rig rig;
static uint8_t frame[DG_DATAGRAM_MAX + 8U];

static void start(int32_t basal_mU_per_h)
{
    const struct dg_therapy therapy = rig_therapy(basal_mU_per_h);

    rig_init(&rig, &therapy);
}

/* Noise, noise behind each known type, and true frames with a few bytes
 * changed. */
static dg_span hostile(uint64_t *seed, dg_span truth)
{
    static const uint8_t types[] = {0x01, 0x02, 0x03, 0x04, 0x10, 0x11, 0x20};
    const uint32_t how = rig_random(seed) % 4U;
    size_t size = rig_random(seed) % 300U;

    if ((how >= 2U) && (truth.size > 0U)) {
        size = truth.size;
        memcpy(frame, truth.at, size);
        for (uint32_t i = 1U + (rig_random(seed) % 3U); i > 0U; i--) {
            frame[rig_random(seed) % size] ^=
                (uint8_t)(1U << (rig_random(seed) % 8U));
        }
        if ((rig_random(seed) % 8U) == 0U) {
            size = rig_random(seed) % (size + 1U);
        }
        return (dg_span){frame, size};
    }
    for (size_t i = 0U; i < size; i++) {
        frame[i] = (uint8_t)rig_random(seed);
    }
    if ((how == 1U) && (size > 2U)) {
        frame[0] = types[rig_random(seed) % sizeof types];
        frame[1] = (uint8_t)(rig_random(seed) % 5U);
    }
    return (dg_span){frame, size};
}

/* @verifies{FRU_RSA.1@1} @verifies{FDP_BASAL.1@1} */
static void test_attack__stranger__silence_no_key_work_basal_on_time(
    void **state)
{
    uint64_t seed = 21U;
    uint8_t knock[DG_DATAGRAM_MAX];
    dg_span truth = {NULL, 0U};

    (void)state;
    start(1200);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    /* A knock that was overheard, and used. */
    assert_int_equal(dg_controller_connect(&rig.phone[0].controller,
                                           &rig.crypto,
                                           &rig.phone[0].phone,
                                           DG_BUF_OF(knock),
                                           &truth),
                     DG_OK);
    assert_true(rig_deliver(&rig, truth).size > 0U);
    rig_wait(&rig, DG_PAIRING_WINDOW_S + 1U);

    const unsigned p256 = rig.p256;
    const uint32_t operations = rig.flash.operations;
    const uint32_t pulses = rig.moved;
    const uint32_t began_s = rig.clock_s;
    unsigned lines = 0U;

    assert_int_equal(rig_deliver(&rig, truth).size, 0U);
    for (unsigned i = 0U; i < 200000U; i++) {
        const unsigned hashes = rig.hashes;

        assert_int_equal(rig_deliver(&rig, hostile(&seed, truth)).size, 0U);
        /* One HMAC at most turns a stranger away; the alarm that tells of the
         * flood is a line in the journal. */
        lines += ((rig.hashes - hashes) > 1U) ? 1U : 0U;
        if ((i % 50U) == 0U) {
            rig_wait(&rig, 1U);
        }
    }
    assert_int_equal(rig.p256, p256);
    assert_true(lines <= 2U);
    /* Of all of it the journal writes one line an hour. */
    assert_in_range(rig.flash.operations - operations,
                    rig.moved - pulses,
                    (rig.moved - pulses) + ((rig.clock_s - began_s) / 3600U) +
                        1U + lines);
    /* 1.2 U/h: a pulse every 150 s, to the pulse. */
    assert_in_range(rig.moved - pulses,
                    (rig.clock_s - began_s) / 150U,
                    ((rig.clock_s - began_s) / 150U) + 1U);
    assert_int_equal(rig.device.ledger.bolus_pulses, 0U);
    /* The true phone still comes in. */
    assert_true(rig_connect(&rig, 0U));
}

/* Mutations of records of an open session. */
/* @verifies{FPT_RPL.1@1} */
static void test_attack__records_changed_or_repeated__no_pulse(void **state)
{
    uint64_t seed = 22U;
    uint8_t room[DG_DATAGRAM_MAX];
    uint8_t plain[DG_MESSAGE_MAX];
    dg_span message = {NULL, 0U};
    dg_span truth = {NULL, 0U};

    (void)state;
    start(0);
    rig_ready(&rig, 250);
    assert_int_equal(rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 500)->kind,
                     DG_ANSWER_TICKET);

    struct dg_request commit = {.kind = DG_REQUEST_COMMIT};

    commit.as.commit.ticket = rig.phone[0].ticket.as.ticket.id;
    assert_int_equal(dg_request_encode(&commit, DG_BUF_OF(plain), &message),
                     DG_OK);
    assert_int_equal(dg_controller_send(&rig.phone[0].controller,
                                        &rig.crypto,
                                        message,
                                        DG_BUF_OF(room),
                                        &truth),
                     DG_OK);
    for (size_t bit = 0U; bit < (truth.size * 8U); bit += 3U) {
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_equal(rig_deliver(&rig, truth).size, 0U);
        room[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    for (size_t size = 0U; size < truth.size; size++) {
        assert_int_equal(rig_deliver(&rig, (dg_span){room, size}).size, 0U);
    }
    assert_int_equal(rig.moved, 0U);

    /* The true one works once; its echo and the device's own words do not. */
    const dg_span reply = rig_deliver(&rig, truth);
    uint8_t echo[DG_DATAGRAM_MAX];

    assert_true(reply.size > 0U);
    memcpy(echo, reply.at, reply.size);
    assert_int_equal(rig_deliver(&rig, truth).size, 0U);
    assert_int_equal(rig_deliver(&rig, (dg_span){echo, reply.size}).size, 0U);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 10U);
    for (unsigned i = 0U; i < 500U; i++) {
        (void)rig_deliver(&rig, hostile(&seed, truth));
    }
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 10U);
    /* Nor after a new session or a reset. */
    assert_true(rig_connect(&rig, 0U));
    assert_int_equal(rig_deliver(&rig, truth).size, 0U);
    rig_reboot(&rig);
    assert_int_equal(rig_deliver(&rig, truth).size, 0U);
    rig_wait(&rig, 60U);
    assert_int_equal(rig.moved, 10U);
}

/* Too many bad frames under one epoch end the session and are named. */
static void test_attack__bad_tags_without_end__session_ends_and_alarm(
    void **state)
{
    (void)state;
    start(0);
    rig_ready(&rig, 250);
    memset(frame, 0, sizeof frame);
    frame[0] = DG_RECORD_TYPE;
    frame[1] = (uint8_t)(rig.device.session[0].record.epoch >> 8);
    frame[2] = (uint8_t)rig.device.session[0].record.epoch;
    frame[5] = 0x10;
    for (unsigned i = 0U; i <= DG_RECORD_FAILURES_MAX; i++) {
        assert_int_equal(rig_deliver(&rig, (dg_span){frame, 263U}).size, 0U);
    }
    assert_int_equal(rig.device.session[0].record.epoch, 0U);
    assert_true((rig.alarms & (1U << DG_ALARM_CONTROLLER)) != 0U);
    assert_true(rig_connect(&rig, 0U));
}

/* The phone is the attacker's, with all its keys: it asks for all that it can
 * get without a person, all day, over fresh sessions and resets.  Every
 * trailing window of what the actuator moved stays under the caps of T1. */
static void attack_all_day(bool with_presence_key)
{
    static const uint32_t lengths_s[] = {300U, 3600U, 14400U, 86400U};
    /* 50 U a day: 2.5, 6, 12, 48 % without a person; with the presence key
     * 15, 20, 30, 80 %. */
    static const int32_t automatic_mU[] = {1250, 3000, 6000, 24000};
    static const int32_t confirmed_mU[] = {7500, 10000, 15000, 40000};
    uint64_t seed = 23U;
    unsigned accepted = 0U;

    start(0);
    rig_ready(&rig, 400);
    for (uint32_t t = 0U; t < 86400U; t += 20U) {
        static const enum dg_tier tiers[] = {
            DG_TIER_AUTOMATIC, DG_TIER_CONFIRMED, DG_TIER_AUTOMATIC};
        const enum dg_tier tier = tiers[rig_random(&seed) % 3U];

        rig_wait_in_steps(&rig, 20U, 5U);
        if ((t % 1200U) == 0U) {
            (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        }
        if ((t % 300U) == 0U) {
            /* A sensor that works does not stand still. */
            (void)rig_glucose(
                &rig, 0U, 400 - (int32_t)(rig_random(&seed) % 3U));
            (void)rig_greet(&rig, 0U);
        }
        if ((t % 3600U) == 0U) {
            (void)rig_try_attest(&rig, 0U); /* it deceives the verifier, too */
        }
        if ((t % 7200U) == 7000U) {
            if ((rig_random(&seed) & 1U) != 0U) {
                rig_reboot(&rig);
            }
            assert_true(rig_connect(&rig, 0U));
            (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        }

        const struct dg_answer *answer = rig_greet(&rig, 0U);
        const int32_t room = (tier == DG_TIER_AUTOMATIC)
                                 ? answer->status.headroom_automatic.mU
                                 : answer->status.headroom_confirmed.mU;
        const int32_t ask = (room > 0) ? room : 50;

        answer = rig_propose(&rig, 0U, tier, ask);
        if ((answer == NULL) || (answer->kind != DG_ANSWER_TICKET)) {
            continue;
        }
        answer = rig_commit(&rig, 0U, with_presence_key);
        accepted += (answer->kind == DG_ANSWER_ACCEPTED) ? 1U : 0U;
        (void)rig_commit(&rig, 0U, with_presence_key);
        (void)rig_commit(&rig, 0U, false);
    }
    rig_wait(&rig, 1000U);
    assert_true(accepted > 20U);
    assert_int_equal(rig.device.ledger.moved, rig.moved);
    for (unsigned i = 0U; i < 4U; i++) {
        const int32_t cap =
            with_presence_key ? confirmed_mU[i] : automatic_mU[i];

        assert_true(rig_worst_window_mU(&rig, lengths_s[i]) <= cap);
    }
    /* The attack was a real one: it came near what it may have in a day. */
    assert_true(rig_worst_window_mU(&rig, 86400U) >=
                (automatic_mU[3] * 8 / 10));
}

/* @verifies{FDP_DOSE.3@1} */
static void test_attack__stolen_phone_without_person__caps_of_t1(void **state)
{
    (void)state;
    attack_all_day(false);
}

/* @verifies{FDP_DOSE.3@1} */
static void test_attack__stolen_phone_and_presence_key__caps_of_t2(void **state)
{
    (void)state;
    attack_all_day(true);
}

/* T1: without trusted glucose not one pulse, whatever the phone relays. */
/* @verifies{FDP_DAU.1@1} @verifies{FDP_DOSE.5@1} */
static void test_attack__phone_lies_about_glucose__no_automatic_dose(
    void **state)
{
    uint8_t room[DG_SENSOR_FRAME_MAX];
    uint8_t old[DG_SENSOR_FRAME_MAX];
    const struct dg_answer *answer = NULL;

    (void)state;
    start(0);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    rig_wait(&rig, 1000U);

    /* A high reading that is trusted, then a low one; then only the high one
     * again. */
    rig_settle(&rig, 0U, 300);
    rig_wait(&rig, 200U);

    const dg_span high =
        rig_reading(&rig, 5U, rig.clock_s, 300, DG_BUF_OF(old));

    assert_int_equal(rig_relay(&rig, 0U, high)->kind, DG_ANSWER_STATUS);
    rig_wait(&rig, 200U);

    const dg_span low = rig_reading(&rig, 6U, rig.clock_s, 75, DG_BUF_OF(room));

    assert_int_equal(rig_relay(&rig, 0U, low)->as.refused.reason,
                     DG_REASON_IMPLAUSIBLE);
    for (unsigned reset = 0U; reset < 2U; reset++) {
        answer = rig_relay(&rig, 0U, high);
        assert_int_equal(answer->kind, DG_ANSWER_REFUSED);
        assert_int_equal(answer->as.refused.reason,
                         (reset == 0U) ? DG_REASON_REPLAY : DG_REASON_STALE);
        assert_false(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 50));
        /* A reset makes the device forget the low one, not the order. */
        rig_reboot(&rig);
        assert_true(rig_connect(&rig, 0U));
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    }
    /* From the future, too old, of another sensor, changed. */
    rig_wait(&rig, 700U);
    answer = rig_relay(
        &rig,
        0U,
        rig_reading(&rig, 9U, rig.clock_s + 61U, 300, DG_BUF_OF(room)));
    assert_int_equal(answer->as.refused.reason, DG_REASON_STALE);
    answer = rig_relay(
        &rig,
        0U,
        rig_reading(&rig, 9U, rig.clock_s - 601U, 300, DG_BUF_OF(room)));
    assert_int_equal(answer->as.refused.reason, DG_REASON_STALE);

    const dg_span changed =
        rig_reading(&rig, 9U, rig.clock_s, 300, DG_BUF_OF(room));

    room[5] ^= 1U;
    answer = rig_relay(&rig, 0U, changed);
    assert_int_equal(answer->as.refused.reason, DG_REASON_SENSOR);
    rig.settings.sensor_key.byte[0] ^= 1U;
    answer = rig_relay(
        &rig, 0U, rig_reading(&rig, 9U, rig.clock_s, 300, DG_BUF_OF(room)));
    assert_int_equal(answer->as.refused.reason, DG_REASON_SENSOR);
    assert_false(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 50));
    assert_int_equal(rig.moved, 0U);
    rig.settings.sensor_key.byte[0] ^= 1U;
    /* Within the minute that clocks may drift; three that agree. */
    for (uint32_t i = 0U; i < 3U; i++) {
        answer = rig_relay(
            &rig,
            0U,
            rig_reading(&rig, 9U + i, rig.clock_s + 60U, 300, DG_BUF_OF(room)));
        assert_int_equal(answer->kind, DG_ANSWER_STATUS);
        assert_int_equal(rig_greet(&rig, 0U)->kind, DG_ANSWER_STATUS);
        assert_int_equal(rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 50), i == 2U);
        rig_wait(&rig, 300U);
    }
}

/* Who has a phone in hand for a minute lets it begin a handshake and keeps its
 * message_3.  Later, without the phone, it opens nothing; and the ephemeral key
 * does not lie in memory for it. */
static void test_attack__message_3_held_back__opens_nothing(void **state)
{
    static const struct dg_edhoc_pending none;
    uint8_t room[DG_DATAGRAM_MAX];
    uint8_t message_3_room[DG_DATAGRAM_MAX];
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    (void)state;
    for (unsigned late = 0U; late < 2U; late++) {
        dg_span datagram = {NULL, 0U};
        const struct dg_therapy therapy = rig_therapy(1200);

        rig_init(&rig, &therapy);
        rig_pair(&rig, 0U, DG_ROLE_OWNER);
        assert_int_equal(dg_controller_connect(&rig.phone[0].controller,
                                               &rig.crypto,
                                               &rig.phone[0].phone,
                                               DG_BUF_OF(room),
                                               &datagram),
                         DG_OK);
        datagram = rig_deliver(&rig, datagram);
        assert_int_equal(dg_controller_receive(&rig.phone[0].controller,
                                               &rig.crypto,
                                               &rig.phone[0].phone,
                                               datagram,
                                               DG_BUF_OF(message_3_room),
                                               &event,
                                               &datagram),
                         DG_OK);
        assert_int_equal(event, DG_CONTROLLER_SEND);
        rig_wait(&rig, DG_HANDSHAKE_LIFE_S + late);
        assert_int_equal(rig_deliver(&rig, datagram).size > 0U, late == 0U);
        assert_int_equal(rig.device.session[0].record.epoch != 0U, late == 0U);
        assert_memory_equal(
            &rig.device.session[0].handshake, &none, sizeof none);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_attack__stranger__silence_no_key_work_basal_on_time),
        cmocka_unit_test(test_attack__message_3_held_back__opens_nothing),
        cmocka_unit_test(test_attack__records_changed_or_repeated__no_pulse),
        cmocka_unit_test(
            test_attack__bad_tags_without_end__session_ends_and_alarm),
        cmocka_unit_test(test_attack__stolen_phone_without_person__caps_of_t1),
        cmocka_unit_test(
            test_attack__stolen_phone_and_presence_key__caps_of_t2),
        cmocka_unit_test(
            test_attack__phone_lies_about_glucose__no_automatic_dose),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
