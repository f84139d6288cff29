/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/knock.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Pairing by eight digits: both ends, what a stranger can do to it, and what
 * the device remembers across a loss of power. */

static struct rig rig;
static struct rig saved;
static struct dg_prover prover;
static uint8_t room[DG_DATAGRAM_MAX];
static struct dg_secret phone_private;
static struct dg_secret presence;

static int start(void **state)
{
    const struct dg_therapy therapy = rig_therapy(1200);

    (void)state;
    rig_init(&rig, &therapy);
    dg_prover_wipe(&prover);
    return 0;
}

static enum dg_status press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static struct dg_pairing_request request_of_a_phone(void)
{
    struct dg_pairing_request request;
    const struct dg_crypto *crypto = &rig.crypto;

    memset(&request, 0, sizeof request);
    request.method = DG_METHOD_STATIC;
    request.role = DG_ROLE_OWNER;
    request.name_size = 5U;
    memcpy(request.name, "phone", 5U);
    assert_int_equal(
        crypto->p256_generate(crypto->context, &phone_private, &request.key),
        DG_OK);
    assert_int_equal(
        crypto->p256_generate(crypto->context, &presence, &request.presence),
        DG_OK);
    return request;
}

static dg_span hello(const uint8_t digits[DG_PAIRING_DIGITS])
{
    const struct dg_pairing_request request = request_of_a_phone();
    dg_span datagram = {NULL, 0U};

    assert_int_equal(
        dg_prover_start(
            &prover, &rig.crypto, digits, &request, DG_BUF_OF(room), &datagram),
        DG_OK);
    return datagram;
}

/* The device's answer into the phone; what the phone says next. */
static enum dg_status turn(dg_span *datagram)
{
    const dg_span answer = rig_deliver(&rig, *datagram);

    *datagram = (dg_span){NULL, 0U};
    return dg_prover_receive(
        &prover, &rig.crypto, answer, DG_BUF_OF(room), datagram);
}

/* Up to the given number of answers of the device. */
static enum dg_status run(const uint8_t digits[DG_PAIRING_DIGITS],
                          unsigned turns)
{
    dg_span datagram = hello(digits);
    enum dg_status status = DG_OK;

    for (unsigned i = 0U; (i < turns) && (status == DG_OK); i++) {
        status = turn(&datagram);
    }
    return status;
}

static const uint8_t *shown(void)
{
    static uint8_t digits[DG_PAIRING_DIGITS];

    memcpy(digits, rig.device.pairing.digits.digit, sizeof digits);
    return digits;
}

static const uint8_t *not_shown(void)
{
    static uint8_t digits[DG_PAIRING_DIGITS];

    memcpy(digits, shown(), sizeof digits);
    digits[7] =
        (digits[7] == (uint8_t)'9') ? (uint8_t)'0' : (uint8_t)(digits[7] + 1U);
    return digits;
}

/* What the prover has becomes phone 0 of the rig. */
static void adopt(void)
{
    struct rig_phone *phone = &rig.phone[0];

    memset(phone, 0, sizeof *phone);
    phone->phone.method = DG_METHOD_STATIC;
    phone->phone.private_key = phone_private;
    phone->phone.public_key = prover.request.key;
    phone->presence_key = prover.request.presence;
    phone->phone.device = prover.code.device;
    phone->phone.device_key = prover.answer.device_key;
    phone->phone.slot = prover.answer.slot;
    assert_int_equal(dg_knock_key(&rig.crypto,
                                  &phone->phone.private_key,
                                  &phone->phone.device_key,
                                  &phone->phone.knock_key),
                     DG_OK);
}

/* @verifies{FIA_PAIR.2@1} */
static void test_digits__right_code__paired_and_connected(void **state)
{
    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    assert_int_equal(run(shown(), 3U), DG_OK);
    assert_int_equal(prover.state, DG_PROVER_DONE);
    assert_int_equal(prover.answer.role, DG_ROLE_OWNER);
    assert_int_equal(rig.device.pairing.note, DG_PAIRING_DONE);
    adopt();
    assert_true(rig_connect(&rig, 0U));
    rig_reboot(&rig);
    assert_true(rig_connect(&rig, 0U));
    /* It came in, so the try that it took is given back. */
    assert_int_equal(rig.device.settings.lock.tries, 0U);
}

/* Nothing that was sent or stored leads back to the code: the device keeps w0
 * and L, and forgets both with the window. */
static void test_digits__after_the_window__no_secret_left(void **state)
{
    static const struct dg_pairing_verifier none;
    static const struct dg_pairing_digits blank;

    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    assert_int_equal(run(shown(), 3U), DG_OK);
    rig_wait(&rig, DG_PAIRING_WINDOW_S + 1U);
    assert_memory_equal(&rig.device.pairing.verifier, &none, sizeof none);
    assert_memory_equal(&rig.device.pairing.digits, &blank, sizeof blank);
    assert_int_equal(rig.device.pairing.note, DG_PAIRING_DONE);
}

static void test_digits__many_windows__eight_digits_all_different(void **state)
{
    uint8_t seen[16][DG_PAIRING_DIGITS];
    unsigned used = 0U;

    (void)state;
    for (unsigned i = 0U; i < 16U; i++) {
        assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
        memcpy(seen[i], shown(), DG_PAIRING_DIGITS);
        for (unsigned k = 0U; k < DG_PAIRING_DIGITS; k++) {
            assert_in_range(seen[i][k], '0', '9');
            used |= 1U << (seen[i][k] - (unsigned)'0');
        }
        for (unsigned k = 0U; k < i; k++) {
            assert_memory_not_equal(seen[i], seen[k], DG_PAIRING_DIGITS);
        }
    }
    assert_int_equal(used, 0x3FFU);
}

/* @verifies{FIA_PAIR.2@1} @verifies{FIA_AFL.1@1} */
static void test_digits__wrong_code_five_times__locked_and_named(void **state)
{
    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    for (unsigned i = 1U; i <= DG_PAIRING_TRIES; i++) {
        /* The phone sees at once that the device knows another code; the
         * device hears no more from it. */
        assert_int_equal(run(not_shown(), 3U), DG_E_AUTH);
        assert_int_equal(rig.device.settings.lock.tries, i);
        rig_wait(&rig, DG_PAIRING_ATTEMPT_S + 1U);
    }
    /* The sixth is not answered, and ends the window. */
    assert_int_equal(run(shown(), 3U), DG_OK);
    assert_int_equal(prover.state, DG_PROVER_WAIT_REPLY);
    assert_false(rig.device.pairing.is_open);
    assert_int_equal(rig.device.pairing.note, DG_PAIRING_LOCKED);
    assert_true((rig.alarms & (1U << DG_ALARM_PAIRING_LOCKED)) != 0U);
    assert_int_equal(rig.device.settings.controller[0].is_used, false);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_E_STATE);
    assert_int_equal(rig.device.pairing.note, DG_PAIRING_LOCKED);
}

/* A wait of 1, 2, 4, 8, 8 min, over presses and resets, and a clock that was
 * turned back.  Who then types it right starts afresh. */
/* @verifies{FIA_AFL.1@1} */
static void test_lock__outlives_the_power__and_grows(void **state)
{
    static const uint32_t wait_s[] = {60U, 120U, 240U, 480U, 480U};

    (void)state;
    for (unsigned round = 0U; round < 5U; round++) {
        assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
        for (unsigned i = 0U; i < DG_PAIRING_TRIES; i++) {
            assert_int_equal(run(not_shown(), 3U), DG_E_AUTH);
            if ((i % 2U) == 0U) {
                /* A reset between two tries gives none back. */
                rig_reboot(&rig);
                if (i < (DG_PAIRING_TRIES - 1U)) {
                    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
                }
            } else {
                rig_wait(&rig, DG_PAIRING_ATTEMPT_S + 1U);
            }
        }

        const uint32_t until_s = rig.device.settings.lock.until.s;

        assert_int_equal(press(DG_BUTTON_PAIR), DG_E_STATE);
        assert_true((until_s - rig.device.now.s) <= wait_s[round]);
        rig_reboot(&rig);
        assert_int_equal(press(DG_BUTTON_PAIR), DG_E_STATE);
        while (rig.device.now.s < (until_s - 1U)) {
            rig_wait(&rig, 1U);
        }
        assert_int_equal(press(DG_BUTTON_PAIR), DG_E_STATE);
        rig_wait(&rig, 1U);
    }
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    assert_int_equal(run(shown(), 3U), DG_OK);
    assert_int_equal(rig.device.settings.lock.tries, 0U);
    assert_int_equal(rig.device.settings.lock.locks, 0U);
}

static void test_lock__clock_falls_back__wait_is_no_longer_than_ever(
    void **state)
{
    (void)state;
    rig.device.settings.lock.tries = DG_PAIRING_TRIES;
    rig.device.settings.lock.locks = DG_PAIRING_LOCKS_MAX;
    rig.device.settings.lock.until.s = rig.device.now.s + 1000000U;
    assert_int_equal(dg_settings_save(&rig.flash.port, &rig.device.settings),
                     DG_OK);
    rig_reboot(&rig);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_E_STATE);
    rig_wait(&rig, 480U);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
}

/* A guess is worth one try even to who cuts the power before it is judged: the
 * count is in flash before the answer leaves. */
/* @verifies{FIA_AFL.1@1} */
static void test_lock__power_cut_at_every_write__a_try_answered_is_counted(
    void **state)
{
    unsigned answered = 0U;

    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);

    dg_span datagram = hello(not_shown());

    assert_int_equal(turn(&datagram), DG_OK);

    uint8_t share[DG_PAIRING_SHARE_DATAGRAM];

    memcpy(share, datagram.at, sizeof share);
    saved = rig;

    const uint32_t writes = rig_flash_saves(&rig.flash, &rig.device.settings);

    for (uint32_t at = 1U; at <= (writes + 1U); at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            rig = saved;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;

            const bool has_answer =
                rig_deliver(&rig, DG_SPAN_OF(share)).size > 0U;

            answered += has_answer ? 1U : 0U;
            assert_int_equal(has_answer, !rig.flash.is_dead);
            rig.flash.cut_in = 0U;
            rig_reboot(&rig);
            if (has_answer) {
                assert_int_equal(rig.device.settings.lock.tries, 1U);
            }
            assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
        }
    }
    /* Only with all of it written is there an answer. */
    assert_int_equal(answered, RIG_CUTS);
    rig = saved;
    rig.flash.fails = true;
    assert_int_equal(rig_deliver(&rig, DG_SPAN_OF(share)).size, 0U);
}

/* Power goes while a phone comes in: it is in or it is not, never half. */
static void test_digits__power_cut_at_every_write__in_or_out(void **state)
{
    unsigned in = 0U;
    unsigned out = 0U;

    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);

    dg_span datagram = hello(shown());

    assert_int_equal(turn(&datagram), DG_OK);
    assert_int_equal(turn(&datagram), DG_OK);

    uint8_t confirm[DG_PAIRING_DATAGRAM_MAX];
    const dg_span last = {confirm, datagram.size};
    const struct dg_prover before = prover;

    memcpy(confirm, datagram.at, datagram.size);
    saved = rig;

    /* A phone takes up to two pieces more, and the journal one write. */
    const uint32_t most =
        3U + rig_flash_saves(&rig.flash, &rig.device.settings);

    for (uint32_t at = 1U; at <= most; at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            rig = saved;
            prover = before;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;

            const dg_span answer = rig_deliver(&rig, last);
            const bool is_told = answer.size > 0U;
            dg_span none = {NULL, 0U};

            assert_int_equal(
                dg_prover_receive(
                    &prover, &rig.crypto, answer, DG_BUF_OF(room), &none),
                DG_OK);
            rig.flash.cut_in = 0U;
            rig_reboot(&rig);
            if (rig.device.settings.controller[0].is_used) {
                in++;
            } else {
                out++;
                assert_false(is_told);
                /* Its try is still counted. */
                assert_int_equal(rig.device.settings.lock.tries, 1U);
            }
            if (is_told) {
                assert_int_equal(prover.state, DG_PROVER_DONE);
                adopt();
                assert_true(rig_connect(&rig, 0U));
            }
        }
    }
    assert_true((in >= RIG_CUTS) && (out >= RIG_CUTS));
}

/* Lost datagrams: each is sent again, and costs no second try. */
static void test_digits__every_datagram_twice__one_try_and_one_slot(
    void **state)
{
    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);

    dg_span datagram = hello(shown());

    for (unsigned i = 0U; i < 3U; i++) {
        uint8_t again[DG_DATAGRAM_MAX];
        uint8_t first[DG_DATAGRAM_MAX];
        const size_t size = datagram.size;

        memcpy(again, datagram.at, size);

        dg_span answer = rig_deliver(&rig, (dg_span){again, size});
        const size_t answer_size = answer.size;

        assert_true(answer_size > 0U);
        memcpy(first, answer.at, answer_size);
        answer = rig_deliver(&rig, (dg_span){again, size});
        assert_int_equal(answer.size, answer_size);
        assert_memory_equal(answer.at, first, answer_size);
        assert_int_equal(
            dg_prover_receive(
                &prover, &rig.crypto, answer, DG_BUF_OF(room), &datagram),
            DG_OK);
        assert_true(rig.device.settings.lock.tries <= 1U);
    }
    assert_int_equal(prover.state, DG_PROVER_DONE);
    assert_false(rig.device.settings.controller[1].is_used);
}

/* One attempt at a time: a second phone, or a stranger, waits for its end, and
 * is not answered meanwhile. */
static void test_digits__parallel_attempts__second_waits(void **state)
{
    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);

    dg_span datagram = hello(shown());

    assert_int_equal(turn(&datagram), DG_OK);
    assert_int_equal(turn(&datagram), DG_OK);

    const struct dg_prover first = prover;
    uint8_t confirm[DG_PAIRING_DATAGRAM_MAX];
    const dg_span confirm_of_first = {confirm, datagram.size};

    memcpy(confirm, datagram.at, datagram.size);
    /* A stranger's share in between. */
    datagram = hello(not_shown());
    assert_int_equal(turn(&datagram), DG_OK);
    assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
    assert_int_equal(rig.device.settings.lock.tries, 1U);
    prover = first;
    datagram = confirm_of_first;
    assert_int_equal(turn(&datagram), DG_OK);
    assert_int_equal(prover.state, DG_PROVER_DONE);
    /* The code is used: nobody else comes in with it, by whichever way. */
    assert_int_equal(rig_deliver(&rig, hello(shown())).size, 0U);
    assert_false(rig_try_pair(&rig, 1U, DG_ROLE_OWNER));
    assert_false(rig.device.settings.controller[1].is_used);
}

/* An attempt that was never ended does not block for longer than it lives. */
static void test_digits__attempt_left_alone__next_one_after_it(void **state)
{
    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    assert_int_equal(run(not_shown(), 2U), DG_E_AUTH);
    assert_int_equal(run(shown(), 3U), DG_OK);
    assert_int_equal(prover.state, DG_PROVER_WAIT_REPLY);
    rig_wait(&rig, DG_PAIRING_ATTEMPT_S + 1U);
    assert_int_equal(run(shown(), 3U), DG_OK);
    assert_int_equal(prover.state, DG_PROVER_DONE);
}

/* Recorded flights of a pairing that went well, played back: to the same
 * window, to another one, with the parts of one in the other. */
/* @verifies{FPT_RPL.1@1} */
static void test_digits__replayed_flights__nothing(void **state)
{
    uint8_t flight[3][DG_PAIRING_DATAGRAM_MAX];
    size_t size[3];

    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);

    dg_span datagram = hello(shown());

    for (unsigned i = 0U; i < 3U; i++) {
        size[i] = datagram.size;
        memcpy(flight[i], datagram.at, size[i]);
        assert_int_equal(turn(&datagram), DG_OK);
    }
    assert_int_equal(prover.state, DG_PROVER_DONE);

    /* Another window, the old phone taken out: its flights open nothing. */
    assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
    assert_int_equal(rig_deliver(&rig, (dg_span){flight[1], size[1]}).size, 0U);
    assert_int_equal(rig_deliver(&rig, (dg_span){flight[2], size[2]}).size, 0U);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    assert_true(rig_deliver(&rig, (dg_span){flight[1], size[1]}).size > 0U);
    assert_int_equal(rig.device.settings.lock.tries, 1U);
    assert_int_equal(rig_deliver(&rig, (dg_span){flight[2], size[2]}).size, 0U);
    /* The inner request alone, as if it were one under the long code. */
    assert_int_equal(
        rig_deliver(&rig, (dg_span){&flight[2][33], size[2] - 33U}).size, 0U);
    assert_false(rig.device.settings.controller[0].is_used);
}

/* Points that are none, and every bit of every flight, in both directions. */
/* @verifies{FIA_PAIR.2@1} */
static void test_digits__every_bit_changed__nobody_comes_in(void **state)
{
    uint8_t flight[DG_PAIRING_DATAGRAM_MAX];

    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);

    dg_span datagram = hello(shown());

    assert_int_equal(turn(&datagram), DG_OK);
    assert_int_equal(turn(&datagram), DG_OK);

    const size_t size = datagram.size;

    memcpy(flight, datagram.at, size);
    saved = rig;
    for (size_t bit = 8U; bit < (size * 8U); bit += 5U) {
        rig = saved;
        flight[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_equal(rig_deliver(&rig, (dg_span){flight, size}).size, 0U);
        assert_false(rig.device.settings.controller[0].is_used);
        flight[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    /* The shares of nobody: off the curve, the identity, and other forms. */
    static const uint8_t forms[] = {0x00, 0x02, 0x03, 0x04, 0x05, 0x06};

    for (size_t i = 0U; i < sizeof forms; i++) {
        (void)start(state);
        assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
        memset(flight, 0, sizeof flight);
        flight[0] = DG_PAIRING_SHARE_TYPE;
        flight[1] = forms[i];
        assert_int_equal(
            rig_deliver(&rig, (dg_span){flight, DG_PAIRING_SHARE_DATAGRAM})
                .size,
            0U);
        assert_false(rig.device.pairing.verifier.pending.is_waiting);
        assert_int_equal(rig.device.settings.lock.tries, 1U);
    }
}

/* A fake pump with the right id, and no idea of the code. */
static void test_digits__fake_device__phone_says_so(void **state)
{
    dg_span datagram = {NULL, 0U};

    (void)state;
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    datagram = hello(not_shown());
    assert_int_equal(turn(&datagram), DG_OK);
    assert_int_equal(turn(&datagram), DG_E_AUTH);
    assert_int_equal(prover.state, DG_PROVER_IDLE);
    /* Its state is gone, with the digits. */
    static const struct dg_prover none;

    assert_memory_equal(&prover, &none, sizeof none);
    assert_int_equal(
        dg_prover_receive(
            &prover, &rig.crypto, datagram, DG_BUF_OF(room), &datagram),
        DG_E_STATE);
}

static void test_prover__arguments_and_strangers__dropped_or_refused(
    void **state)
{
    static const uint8_t bad[2][DG_PAIRING_DIGITS] = {"1234567x", "1234567"};
    const struct dg_pairing_request request = request_of_a_phone();
    uint8_t junk[DG_PAIRING_DATAGRAM_MAX] = {0U};
    dg_span datagram = {NULL, 0U};

    (void)state;
    for (unsigned i = 0U; i < 2U; i++) {
        assert_int_equal(dg_prover_start(&prover,
                                         &rig.crypto,
                                         bad[i],
                                         &request,
                                         DG_BUF_OF(room),
                                         &datagram),
                         DG_E_RANGE);
    }
    assert_int_equal(
        dg_prover_start(
            NULL, &rig.crypto, bad[0], &request, DG_BUF_OF(room), &datagram),
        DG_E_USAGE);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    (void)hello(shown());
    for (unsigned type = 0U; type < 256U; type++) {
        junk[0] = (uint8_t)type;
        for (size_t size = 0U; size < 130U; size += 26U) {
            if ((type != DG_PAIRING_SALT_TYPE) || (size != 26U)) {
                assert_int_equal(dg_prover_receive(&prover,
                                                   &rig.crypto,
                                                   (dg_span){junk, size},
                                                   DG_BUF_OF(room),
                                                   &datagram),
                                 DG_OK);
                assert_int_equal(datagram.size, 0U);
            }
        }
    }
    assert_int_equal(prover.state, DG_PROVER_WAIT_SALT);
}

/* No press, no code; and with four phones in, the press itself says so. */
static void test_digits__closed_or_full__silence_to_strangers_words_at_the_pump(
    void **state)
{
    static const uint8_t digits[DG_PAIRING_DIGITS] = "00000000";

    (void)state;
    assert_int_equal(rig_deliver(&rig, hello(digits)).size, 0U);
    for (unsigned who = 0U; who < 4U; who++) {
        rig_pair(&rig, who, DG_ROLE_CAREGIVER);
    }
    rig_wait(&rig, DG_PAIRING_WINDOW_S + 1U);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_E_STATE);
    assert_int_equal(rig.device.pairing.note, DG_PAIRING_NO_PLACE);
    assert_false(rig.device.pairing.is_open);
    assert_int_equal(rig_deliver(&rig, hello(digits)).size, 0U);
    /* One goes, one may come. */
    assert_int_equal(press(DG_BUTTON_FORGET), DG_OK);
    assert_int_equal(press(DG_BUTTON_FORGET_HOLD), DG_OK);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
    assert_int_equal(run(shown(), 3U), DG_OK);
    assert_int_equal(prover.state, DG_PROVER_DONE);
}

/* The tries at the long code count with the others, across a reset. */
/* @verifies{FIA_AFL.1@1} */
static void test_lock__wrong_long_codes_and_resets__counted_together(
    void **state)
{
    const struct dg_pairing_request request = request_of_a_phone();
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE] = {1U};
    dg_span datagram = {NULL, 0U};

    (void)state;
    for (unsigned i = 0U; i < DG_PAIRING_TRIES; i++) {
        struct dg_pairing_code wrong;

        assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
        wrong = rig.device.pairing.code;
        wrong.secret[0] ^= 1U;
        assert_int_equal(dg_pairing_request_seal(&rig.crypto,
                                                 &wrong,
                                                 nonce,
                                                 &request,
                                                 DG_BUF_OF(room),
                                                 &datagram),
                         DG_OK);
        assert_int_equal(rig_deliver(&rig, datagram).size, 0U);
        assert_int_equal(rig.device.settings.lock.tries, i + 1U);
        rig_reboot(&rig);
        assert_int_equal(rig.device.settings.lock.tries, i + 1U);
    }
    assert_int_equal(press(DG_BUTTON_PAIR), DG_E_STATE);
    rig_wait(&rig, 60U);
    assert_int_equal(press(DG_BUTTON_PAIR), DG_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_digits__right_code__paired_and_connected,
                               start),
        cmocka_unit_test_setup(test_digits__after_the_window__no_secret_left,
                               start),
        cmocka_unit_test_setup(
            test_digits__many_windows__eight_digits_all_different, start),
        cmocka_unit_test_setup(
            test_digits__wrong_code_five_times__locked_and_named, start),
        cmocka_unit_test_setup(test_lock__outlives_the_power__and_grows, start),
        cmocka_unit_test_setup(
            test_lock__clock_falls_back__wait_is_no_longer_than_ever, start),
        cmocka_unit_test_setup(
            test_lock__power_cut_at_every_write__a_try_answered_is_counted,
            start),
        cmocka_unit_test_setup(test_digits__power_cut_at_every_write__in_or_out,
                               start),
        cmocka_unit_test_setup(
            test_digits__every_datagram_twice__one_try_and_one_slot, start),
        cmocka_unit_test_setup(test_digits__parallel_attempts__second_waits,
                               start),
        cmocka_unit_test_setup(
            test_digits__attempt_left_alone__next_one_after_it, start),
        cmocka_unit_test_setup(test_digits__replayed_flights__nothing, start),
        cmocka_unit_test_setup(test_digits__every_bit_changed__nobody_comes_in,
                               start),
        cmocka_unit_test_setup(test_digits__fake_device__phone_says_so, start),
        cmocka_unit_test_setup(
            test_prover__arguments_and_strangers__dropped_or_refused, start),
        cmocka_unit_test_setup(
            test_digits__closed_or_full__silence_to_strangers_words_at_the_pump,
            start),
        cmocka_unit_test_setup(
            test_lock__wrong_long_codes_and_resets__counted_together, start),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
