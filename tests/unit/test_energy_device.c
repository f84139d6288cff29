/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/knock.h"
#include "tests/unit/rig.h"

#include <string.h>

/* What hostile traffic at full link rate costs a whole device, and whether a
 * basal pulse waits for it.
 *
 * Full link rate: Bluetooth LE 1M with long packets carries a datagram of 60
 * bytes in 996 us with its acknowledgement, so a thousand a second; receiving
 * is part of the idle radio.  An hour is run frame by frame, and the charge
 * counted by the model in dosegate/energy.h; the buckets make a day 24 such
 * hours at most, test_energy adds up the day. */
#define RATE   1000U
#define HOUR_S 3600U

/* 2 % of the battery in 24 h. */
#define SHARE_NAH_PER_H (DG_CHARGE_FULL_NAH / 50U / 24U)

static struct rig rig;
static struct rig saved;
static uint32_t quiet_move[RIG_MOVES];
static uint32_t quiet_moved;
static uint64_t charge_nAh;
static struct dg_crypto inner;

static enum dg_status count_hmac(void *context,
                                 dg_span key,
                                 const dg_span *parts,
                                 size_t count,
                                 struct dg_hash *mac)
{
    charge_nAh += DG_CHARGE_HASH_NAH;
    return inner.hmac_sha256(context, key, parts, count, mac);
}

static enum dg_status count_sha(void *context,
                                const dg_span *parts,
                                size_t count,
                                struct dg_hash *hash)
{
    charge_nAh += DG_CHARGE_HASH_NAH;
    return inner.sha256(context, parts, count, hash);
}

static enum dg_status count_open(void *context,
                                 const struct dg_aead_key *key,
                                 size_t tag_size,
                                 dg_span aad,
                                 dg_span sealed,
                                 dg_buf out)
{
    charge_nAh += DG_CHARGE_HASH_NAH;
    return inner.ccm_open(context, key, tag_size, aad, sealed, out);
}

static enum dg_status count_seal(void *context,
                                 const struct dg_aead_key *key,
                                 size_t tag_size,
                                 dg_span aad,
                                 dg_span plain,
                                 dg_buf out)
{
    charge_nAh += DG_CHARGE_HASH_NAH;
    return inner.ccm_seal(context, key, tag_size, aad, plain, out);
}

static enum dg_status count_ecdh(void *context,
                                 const struct dg_secret *private_key,
                                 const uint8_t peer_x[DG_P256_SIZE],
                                 struct dg_secret *shared)
{
    charge_nAh += DG_CHARGE_P256_NAH;
    return inner.p256_ecdh(context, private_key, peer_x, shared);
}

static enum dg_status count_generate(void *context,
                                     struct dg_secret *private_key,
                                     struct dg_public_key *public_key)
{
    charge_nAh += DG_CHARGE_P256_NAH;
    return inner.p256_generate(context, private_key, public_key);
}

static enum dg_status count_verify(void *context,
                                   const struct dg_public_key *public_key,
                                   const struct dg_hash *hash,
                                   const struct dg_signature *signature)
{
    charge_nAh += 2U * DG_CHARGE_P256_NAH;
    return inner.es256_verify(context, public_key, hash, signature);
}

/* The device's own crypto port, charged; phones use the rig's. */
static struct dg_crypto charged;

static void start(void)
{
    const struct dg_therapy therapy = rig_therapy(1200);

    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    rig_wait(&rig, DG_PAIRING_WINDOW_S + 1U);
    inner = rig.crypto;
    charged = rig.crypto;
    charged.hmac_sha256 = count_hmac;
    charged.sha256 = count_sha;
    charged.ccm_open = count_open;
    charged.ccm_seal = count_seal;
    charged.p256_ecdh = count_ecdh;
    charged.p256_generate = count_generate;
    charged.es256_verify = count_verify;
    rig.ports.crypto = &charged;
    charge_nAh = 0U;
}

/* When the pulses of the next @p seconds go out if nobody sends anything. */
static void foresee(uint32_t seconds)
{
    saved = rig;
    rig_wait(&rig, seconds);
    quiet_moved = rig.moved;
    memcpy(quiet_move, rig.move, sizeof quiet_move);
    rig = saved;
    charge_nAh = 0U;
}

static void expect_pulses_on_time(void)
{
    assert_int_equal(rig.moved, quiet_moved);
    assert_memory_equal(
        rig.move, quiet_move, quiet_moved * sizeof quiet_move[0]);
}

static dg_span deliver(dg_span datagram)
{
    const dg_span answer = rig_deliver(&rig, datagram);

    charge_nAh += (answer.size > 0U) ? DG_CHARGE_PACKET_NAH : 0U;
    return answer;
}

/* A source of hostile datagrams. */
typedef dg_span (*source)(uint64_t *seed);

static uint8_t frame[DG_DATAGRAM_MAX];
static dg_span truth;

/* @return nAh in an hour of @p next at full rate.  Every basal pulse goes out
 * in the very second in which it would without. */
static uint64_t hour_of(source next)
{
    uint64_t seed = 31U;

    foresee(HOUR_S);
    for (uint32_t s = 0U; s < HOUR_S; s++) {
        for (unsigned i = 0U; i < RATE; i++) {
            (void)deliver(next(&seed));
        }
        rig_wait(&rig, 1U);
    }
    expect_pulses_on_time();
    return charge_nAh;
}

static void expect_share(const char *what, uint64_t nAh)
{
    print_message("%s: %llu nAh in an hour, %.3f %% of the battery in a day\n",
                  what,
                  (unsigned long long)nAh,
                  (double)nAh * 24.0 * 100.0 / (double)DG_CHARGE_FULL_NAH);
    assert_true(nAh < SHARE_NAH_PER_H);
}

static dg_span make_knock(unsigned who)
{
    dg_span bytes = {NULL, 0U};

    assert_int_equal(dg_controller_connect(&rig.phone[who].controller,
                                           &rig.crypto,
                                           &rig.phone[who].phone,
                                           DG_BUF_OF(frame),
                                           &bytes),
                     DG_OK);
    return bytes;
}

/* The next knock of the owner, overheard, with other bytes behind its head. */
static dg_span forged_knock(uint64_t *seed)
{
    frame[truth.size - 1U - (rig_random(seed) % 30U)] ^= 1U;
    return truth;
}

/* @verifies{FRU_NRG.1@1} @verifies{FDP_BASAL.1@1} */
static void test_energy_device__stranger_forges_knocks__below_its_share(
    void **state)
{
    (void)state;
    start();

    const struct dg_controller session = rig.phone[0].controller;

    truth = make_knock(0U);
    rig.phone[0].controller = session;
    frame[truth.size - 1U] ^= 0x80U;
    expect_share("forged knocks", hour_of(forged_knock));
    assert_true((rig.alarms & (1U << DG_ALARM_ENERGY)) != 0U);
    assert_int_equal(rig.notice.name_size, 0U);
    /* The session that stands goes on all the time. */
    assert_non_null(rig_greet(&rig, 0U));
    /* And the caregiver, at whose slot nobody knocks, comes in at once. */
    assert_true(rig_connect(&rig, 1U));
}

static dg_span noise(uint64_t *seed)
{
    static const uint8_t types[] = {0x01, 0x02, 0x03, 0x04, 0x10, 0x20, 0x77};
    const size_t size = 20U + (rig_random(seed) % 60U);

    for (size_t i = 0U; i < size; i += 4U) {
        const uint32_t word = rig_random(seed);

        memcpy(&frame[i], &word, sizeof word);
    }
    frame[0] = types[rig_random(seed) % sizeof types];
    frame[1] = (uint8_t)(rig_random(seed) % 4U);
    return (dg_span){frame, size};
}

/* @verifies{FRU_NRG.1@1} */
static void test_energy_device__noise_and_blind_knocks__below_its_share(
    void **state)
{
    (void)state;
    start();
    expect_share("noise and blind knocks", hour_of(noise));
    /* Who does not know the counter does not even delay the owner. */
    assert_true(rig_connect(&rig, 0U));
}

static dg_span forged_record(uint64_t *seed)
{
    const uint16_t epoch = rig.device.session[0].record.epoch;

    memset(frame, 0x5A, 263U);
    frame[0] = DG_RECORD_TYPE;
    frame[1] = (uint8_t)(epoch >> 8);
    frame[2] = (uint8_t)epoch;
    frame[3] = 0U;
    frame[4] = 0x08U;
    frame[40] = (uint8_t)rig_random(seed);
    /* Its owner comes back whenever it lost the session. */
    if ((epoch == 0U) && ((rig_random(seed) % RATE) == 0U)) {
        (void)rig_connect(&rig, 0U);
    }
    return (dg_span){frame, 263U};
}

/* @verifies{FRU_NRG.1@1} */
static void test_energy_device__records_of_a_session_forged__below_its_share(
    void **state)
{
    (void)state;
    start();
    expect_share("forged records", hour_of(forged_record));
}

static dg_span replayed_record(uint64_t *seed)
{
    (void)seed;
    return truth;
}

/* @verifies{FRU_NRG.1@1} */
static void test_energy_device__record_replayed__costs_nothing(void **state)
{
    const struct dg_request request = {
        .kind = DG_REQUEST_STATUS,
        .as.status = {DG_VERSION_MAJOR, DG_VERSION_MINOR, 80U}};
    uint8_t plain[DG_MESSAGE_MAX];
    dg_span bytes = {NULL, 0U};

    (void)state;
    start();
    assert_int_equal(dg_request_encode(&request, DG_BUF_OF(plain), &bytes),
                     DG_OK);
    assert_int_equal(dg_controller_send(&rig.phone[0].controller,
                                        &rig.crypto,
                                        bytes,
                                        DG_BUF_OF(frame),
                                        &truth),
                     DG_OK);
    expect_share("a record replayed", hour_of(replayed_record));
    assert_non_null(rig_greet(&rig, 0U));
}

static dg_span pairing_request(uint64_t *seed)
{
    dg_span bytes = noise(seed);

    frame[0] = DG_PAIRING_REQUEST_TYPE;
    return bytes;
}

/* @verifies{FRU_NRG.1@1} */
static void test_energy_device__pairing_requests__below_its_share(void **state)
{
    (void)state;
    start();
    expect_share("pairing requests", hour_of(pairing_request));
}

/* A captured phone has all its keys: it knocks, finishes the handshake and
 * asks, as fast as the link carries. */
static unsigned turn;

static void captured_second(void)
{
    dg_span bytes = {NULL, 0U};
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    for (unsigned i = 0U; i < RATE; i++) {
        turn++;
        if ((turn % 3U) == 0U) {
            bytes = make_knock(1U);

            const dg_span message_2 = deliver(bytes);

            if ((message_2.size > 0U) &&
                (dg_controller_receive(&rig.phone[1].controller,
                                       &rig.crypto,
                                       &rig.phone[1].phone,
                                       message_2,
                                       DG_BUF_OF(rig.phone_room),
                                       &event,
                                       &bytes) == DG_OK) &&
                (bytes.size > 0U)) {
                (void)deliver(bytes);
            }
        } else {
            frame[0] = DG_RECORD_TYPE;
            (void)deliver((dg_span){frame, 263U});
        }
    }
}

/* @verifies{FRU_NRG.2@1} @verifies{FRU_NRG.3@1} */
static void test_energy_device__captured_phone_knocks__backed_off_and_named(
    void **state)
{
    (void)state;
    start();
    foresee(1200U);
    /* A hundred seconds empty what a burst may have; then it is the inflow. */
    for (uint32_t s = 0U; s < 1200U; s++) {
        if (s < 100U || (s % 40U) == 0U) {
            captured_second();
        }
        rig_wait(&rig, 1U);
    }
    expect_pulses_on_time();
    print_message("captured phone: %llu nAh in 20 min\n",
                  (unsigned long long)charge_nAh);
    assert_true(charge_nAh < (DG_ENERGY_BUDGET_NAH + DG_ENERGY_SHARED_NAH +
                              (SHARE_NAH_PER_H / 3U)));
    /* The pump says who it is, aloud and in the status of the others. */
    assert_true((rig.alarms & (1U << DG_ALARM_ENERGY)) != 0U);
    assert_int_equal(rig.notice.name_size,
                     rig.device.settings.controller[1].name_size);
    assert_memory_equal(rig.notice.name,
                        rig.device.settings.controller[1].name,
                        rig.notice.name_size);
    assert_int_equal(rig_greet(&rig, 0U)->status.drainer, 2U);
    /* Nobody else pays: the owner comes in at once, and stops at the pump
     * work. */
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1000));
    assert_int_equal(
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_STOP),
        DG_OK);
}

/* A knock that came while its phone was backed off, overheard and repeated: a
 * stranger must not spend what is left to its owner, nor its next try. */
/* @verifies{FRU_NRG.2@1} @verifies{FPT_RPL.1@1} */
static void test_energy_device__backed_off_knock_repeated__costs_owner_nothing(
    void **state)
{
    struct dg_energy_slot *own = &rig.device.energy.slot[1];
    dg_span knock = {NULL, 0U};
    uint32_t left = 0U;

    (void)state;
    start();
    own->budget.nAh = (DG_ENERGY_BUDGET_NAH / 2U) - 5000U;
    own->until.s = rig.clock_s + 60U;
    knock = make_knock(1U);
    left = own->budget.nAh;
    assert_int_equal(deliver(knock).size, 0U);
    assert_in_range(left - own->budget.nAh, 0U, 1U);
    charge_nAh = 0U;
    for (uint32_t s = 0U; s < 120U; s++) {
        for (unsigned i = 0U; i < 100U; i++) {
            assert_int_equal(deliver(knock).size, 0U);
        }
        rig_wait(&rig, 1U);
    }
    assert_true(own->budget.nAh >= left);
    assert_int_equal(own->strikes, 0U);
    assert_int_equal(charge_nAh, 0U);
    /* Its next knock is heard. */
    assert_true(rig_connect(&rig, 1U));
}

/* One phone in hostile hands spends what it may below the reserve, and a
 * stranger floods its slot: the owner still connects, asks and stops. */
/* @verifies{FRU_NRG.5@2} */
static void test_energy_device__reserve__a_floor_for_each_phone(void **state)
{
    (void)state;
    start();
    assert_true(rig_connect(&rig, 1U));
    rig.battery_percent = DG_ENERGY_RESERVE_PERCENT - 1U;
    rig_wait(&rig, 1U);
    for (unsigned i = 0U; i < 2000U; i++) {
        (void)rig_greet(&rig, 1U);
        (void)deliver(make_knock(1U));
    }
    assert_null(rig_greet(&rig, 1U));
    rig.shows_nothing = true;
    assert_true(rig_connect(&rig, 0U));
    assert_non_null(rig_greet(&rig, 0U));
    assert_non_null(rig_stop(&rig, 0U));
    assert_int_equal(rig.phone[0].answer.kind, DG_ANSWER_STATUS);
}

/* A session that is open in the reserve outlives a flood of knocks at its own
 * slot. */
/* @verifies{FRU_NRG.5@2} */
static void test_energy_device__reserve__flood_of_knocks_and_a_session(
    void **state)
{
    static struct rig_phone phone;
    uint64_t seed = 7U;

    (void)state;
    start();
    rig.battery_percent = DG_ENERGY_RESERVE_PERCENT - 1U;
    rig_wait(&rig, 1U);
    phone = rig.phone[0];
    truth = make_knock(0U);
    rig.phone[0] = phone;
    charge_nAh = 0U;
    for (unsigned i = 0U; i < 20000U; i++) {
        (void)deliver(forged_knock(&seed));
        if ((i % 1000U) == 0U) {
            rig_wait(&rig, 1U);
        }
    }
    assert_true(charge_nAh <= (DG_ENERGY_SPARSE_NAH + 1U));
    assert_non_null(rig_stop(&rig, 0U));
    assert_int_equal(rig.phone[0].answer.kind, DG_ANSWER_STATUS);
}

/* What the device counts is not less than what the model says it costs. */
/* @verifies{FRU_NRG.2@1} */
static void test_energy_device__price_list__covers_the_model(void **state)
{
    uint32_t left = 0U;

    (void)state;
    start();
    for (unsigned i = 0U; i < 4U; i++) {
        left = rig.device.energy.slot[0].budget.nAh;
        charge_nAh = 0U;
        assert_true(rig_connect(&rig, 0U));
        /* A handshake and a status; the phone's own share is not charged. */
        charge_nAh += 3U * DG_CHARGE_PACKET_NAH;
        assert_true((left - rig.device.energy.slot[0].budget.nAh) >=
                    charge_nAh);
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        rig_wait(&rig, 200U);
        left = rig.device.energy.slot[0].budget.nAh;
        charge_nAh = 0U;
        assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 50));
        charge_nAh += 2U * DG_CHARGE_PACKET_NAH;
        assert_true((left - rig.device.energy.slot[0].budget.nAh) >=
                    charge_nAh);
        rig_wait(&rig, 60U);
        left = rig.device.energy.slot[0].budget.nAh;
        charge_nAh = 0U;
        (void)rig_glucose(&rig, 0U, 200);
        charge_nAh += DG_CHARGE_PACKET_NAH;
        assert_true((left - rig.device.energy.slot[0].budget.nAh) >=
                    charge_nAh);
    }
}

/* Nearly empty: the device answers a phone that wants to stop, and little
 * else; basal goes on. */
/* @verifies{FRU_NRG.5@2} */
static void test_energy_device__below_the_reserve__stop_and_status_only(
    void **state)
{
    unsigned answers = 0U;

    (void)state;
    start();
    assert_int_equal(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 1000)->kind,
                     DG_ANSWER_TICKET);
    rig.battery_percent = DG_ENERGY_RESERVE_PERCENT - 1U;
    rig_wait(&rig, 1U);
    assert_non_null(rig_stop(&rig, 0U));
    assert_int_equal(rig.phone[0].answer.kind, DG_ANSWER_STATUS);
    assert_int_equal(
        rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 1000)->as.refused.reason,
        DG_REASON_ENERGY);
    for (unsigned i = 0U; i < 1000U; i++) {
        answers += (rig_greet(&rig, 0U) != NULL) ? 1U : 0U;
    }
    assert_in_range(answers, 50U, 200U);

    const uint32_t moved = rig.moved;

    rig_wait(&rig, 7200U);
    assert_in_range(rig.moved - moved, 47U, 49U);
    /* An hour later there is a little again; what a phone can show of itself
     * is not heard meanwhile. */
    rig.shows_nothing = true;
    assert_true(rig_connect(&rig, 0U));
    assert_non_null(rig_stop(&rig, 0U));
}

/* Two thousand connections, resets among them: sectors 0 and 1 are erased once
 * in sixty-four, and no knock works twice. */
/* @verifies{FPT_RPL.1@1} @verifies{FPT_WEAR.1@1} */
static void test_knock_log__many_connections__few_erases_no_replay(void **state)
{
    static uint8_t old[DG_DATAGRAM_MAX];
    dg_span knock = {NULL, 0U};
    uint32_t generation = 0U;

    (void)state;
    start();
    generation = rig.device.settings.generation;
    for (unsigned i = 0U; i < 2000U; i++) {
        rig_wait_in_steps(&rig, 120U, 60U);
        knock = make_knock(0U);
        memcpy(old, knock.at, knock.size);
        knock.at = old;
        assert_true(rig_deliver(&rig, knock).size > 0U);
        if ((i % 97U) == 96U) {
            rig_reboot(&rig);
        }
        assert_int_equal(rig_deliver(&rig, knock).size, 0U);
    }
    assert_in_range(
        rig.device.settings.generation - generation, 2000U / 66U, 2000U / 63U);
}

/* Power goes in every write of a hundred connections: what was answered is not
 * answered again, and the phone comes in afterwards. */
/* @verifies{FPT_RPL.1@1} @verifies{FPT_WEAR.1@1} */
static void test_knock_log__cut_at_every_write__answered_once(void **state)
{
    static uint8_t old[DG_DATAGRAM_MAX];

    (void)state;
    start();
    for (unsigned i = 0U; i < 60U; i++) {
        rig_wait_in_steps(&rig, 120U, 60U);
        assert_true(rig_connect(&rig, 0U));
    }
    /* Over the end of the log: six connections before and after it. */
    for (unsigned i = 0U; i < 8U; i++) {
        for (uint32_t at = 1U; at <= 3U; at++) {
            for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
                saved = rig;
                rig.flash.cut_in = at;
                rig.flash.cut = (enum rig_cut)cut;

                dg_span knock = make_knock(0U);

                memcpy(old, knock.at, knock.size);
                knock.at = old;

                const bool is_answered = rig_deliver(&rig, knock).size > 0U;

                rig.flash.cut_in = 0U;
                rig_reboot(&rig);

                const bool again = rig_deliver(&rig, knock).size > 0U;

                assert_false(is_answered && again);
                assert_true(rig_connect(&rig, 0U));
                rig = saved;
            }
        }
        rig_wait_in_steps(&rig, 120U, 60U);
        assert_true(rig_connect(&rig, 0U));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_energy_device__stranger_forges_knocks__below_its_share),
        cmocka_unit_test(
            test_energy_device__noise_and_blind_knocks__below_its_share),
        cmocka_unit_test(
            test_energy_device__records_of_a_session_forged__below_its_share),
        cmocka_unit_test(test_energy_device__record_replayed__costs_nothing),
        cmocka_unit_test(test_energy_device__pairing_requests__below_its_share),
        cmocka_unit_test(
            test_energy_device__captured_phone_knocks__backed_off_and_named),
        cmocka_unit_test(test_energy_device__price_list__covers_the_model),
        cmocka_unit_test(
            test_energy_device__below_the_reserve__stop_and_status_only),
        cmocka_unit_test(
            test_energy_device__backed_off_knock_repeated__costs_owner_nothing),
        cmocka_unit_test(test_energy_device__reserve__a_floor_for_each_phone),
        cmocka_unit_test(
            test_energy_device__reserve__flood_of_knocks_and_a_session),
        cmocka_unit_test(
            test_knock_log__many_connections__few_erases_no_replay),
        cmocka_unit_test(test_knock_log__cut_at_every_write__answered_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
