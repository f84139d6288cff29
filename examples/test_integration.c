/* SPDX-License-Identifier: Apache-2.0 */
/* The main loop of integration.c at work: a board that a script plays, a phone
 * that speaks through the radio, and a person with a finger on the button. */
#include <string.h>

#include "board.h"
#include "cmocka_all.h"
#include "dosegate/knock.h"
#include "dosegate/pairing.h"
#include "rig.h"

#define BASAL_MU_PER_H 1200
#define DOSE_MU        1000
#define PULSES         (DOSE_MU / DG_PULSE_MU)

enum act {
    ACT_NOISE = 0,
    ACT_PRESS,
    ACT_PAIR,
    ACT_CONNECT,
    ACT_HANDSHAKE,
    ACT_GREET,
    ACT_LEASE,
    ACT_PROPOSE,
    ACT_COMMIT,
    ACT_WATCH,
    ACT_OFF,
};

static struct rig rig;
static struct dg_phone phone;
static struct dg_controller controller;
static struct dg_secret presence;
static struct dg_public_key presence_key;
static struct dg_answer answer;
static uint8_t nonce[DG_PAIRING_NONCE_SIZE];
static uint8_t out[DG_DATAGRAM_MAX];
static dg_span next; /* the phone's next datagram */
static enum act act;
static unsigned beeps;
static unsigned sent;
static unsigned watched_s;

/* The board ---------------------------------------------------------------- */

bool board_is_on(void)
{
    /* A loop that loses a datagram would wait for ever. */
    assert_true(rig.clock_s < (RIG_START + 600U));
    return act != ACT_OFF;
}

dg_seconds board_clock(void)
{
    return (dg_seconds){rig.clock_s};
}

void board_beep(void)
{
    beeps++;
}

enum dg_button board_button(void)
{
    if (act != ACT_PRESS) {
        return DG_BUTTON_NONE;
    }
    act = ACT_PAIR;
    return DG_BUTTON_PAIR;
}

/* The phone ---------------------------------------------------------------- */

static void ask(const struct dg_request *request)
{
    uint8_t room[DG_MESSAGE_MAX];
    dg_span message = {NULL, 0U};

    assert_int_equal(dg_request_encode(request, DG_BUF_OF(room), &message),
                     DG_OK);
    assert_int_equal(
        dg_controller_send(
            &controller, &rig.crypto, message, DG_BUF_OF(out), &next),
        DG_OK);
}

static void seal_pairing(void)
{
    struct dg_pairing_request request = {.method = DG_METHOD_STATIC,
                                         .role = DG_ROLE_OWNER,
                                         .name_size = 5U,
                                         .name = "phone"};
    struct dg_crypto *crypto = &rig.crypto;

    assert_int_equal(crypto->p256_generate(crypto->context,
                                           &phone.private_key,
                                           &phone.public_key),
                     DG_OK);
    assert_int_equal(
        crypto->p256_generate(crypto->context, &presence, &presence_key),
        DG_OK);
    request.key = phone.public_key;
    request.presence = presence_key;
    phone.device = rig.device.pairing.code.device;
    phone.method = DG_METHOD_STATIC;
    phone.device_key = rig.device.pairing.code.device_key;
    assert_int_equal(
        dg_knock_key(
            crypto, &phone.private_key, &phone.device_key, &phone.knock_key),
        DG_OK);
    assert_int_equal(dg_pairing_request_seal(crypto,
                                             &rig.device.pairing.code,
                                             nonce,
                                             &request,
                                             DG_BUF_OF(out),
                                             &next),
                     DG_OK);
}

static void propose(void)
{
    const struct dg_request request = {.kind = DG_REQUEST_PROPOSE,
                                       .as.propose = {DG_TIER_CONFIRMED,
                                                      {.kind = DG_EFFECT_BOLUS,
                                                       .form = DG_FORM_NORMAL,
                                                       .amount = {DOSE_MU}}}};

    ask(&request);
}

static void commit(void)
{
    struct dg_request request = {.kind = DG_REQUEST_COMMIT};
    const struct dg_approval approval = {.device = phone.device,
                                         .session = controller.session,
                                         .ticket = answer.as.ticket.id,
                                         .effect = answer.as.ticket.effect,
                                         .expiry = answer.as.ticket.expiry};
    struct dg_hash hash;

    request.as.commit.ticket = approval.ticket;
    request.as.commit.has_signature = true;
    assert_int_equal(dg_approval_hash(&rig.crypto, &approval, &hash), DG_OK);
    assert_int_equal(
        rig.crypto.es256_sign(
            rig.crypto.context, &presence, &hash, &request.as.commit.signature),
        DG_OK);
    ask(&request);
}

static void speak(void)
{
    static const uint8_t noise[3] = {0x01U, 0x00U, 0xFFU};
    const struct dg_request greeting = {
        .kind = DG_REQUEST_STATUS,
        .as.status = {DG_VERSION_MAJOR, DG_VERSION_MINOR, 80U}};
    const struct dg_request lease = {.kind = DG_REQUEST_LEASE,
                                     .as.lease = {.verb = DG_LEASE_TAKE}};

    if (act == ACT_NOISE) {
        next = DG_SPAN_OF(noise);
        act = ACT_PRESS;
    } else if (act == ACT_PAIR) {
        seal_pairing();
    } else if (act == ACT_CONNECT) {
        assert_int_equal(
            dg_controller_connect(
                &controller, &rig.crypto, &phone, DG_BUF_OF(out), &next),
            DG_OK);
    } else if (act == ACT_GREET) {
        ask(&greeting);
    } else if (act == ACT_LEASE) {
        ask(&lease);
    } else if (act == ACT_PROPOSE) {
        propose();
    } else if (act == ACT_COMMIT) {
        commit();
    } else if (act == ACT_WATCH) {
        watched_s++;
        act = (watched_s == 60U) ? ACT_OFF : ACT_WATCH;
    }
}

dg_span board_radio_receive(dg_buf room)
{
    rig.clock_s++;
    if (next.size == 0U) {
        speak();
    }

    const dg_span heard = {room.at, next.size};

    if (next.size == 0U) {
        return next;
    }
    memcpy(room.at, next.at, next.size);
    next = (dg_span){NULL, 0U};
    return heard;
}

static void hear_pairing(dg_span datagram)
{
    struct dg_pairing_answer paired;

    assert_int_equal(
        dg_pairing_answer_open(
            &rig.crypto, &rig.device.pairing.code, nonce, datagram, &paired),
        DG_OK);
    phone.slot = paired.slot;
    /* The example is about the loop; tickets have tests of their own. */
    rig_vouch(&rig, 0U);
    act = ACT_CONNECT;
}

static void hear_answer(dg_span bytes)
{
    static const enum dg_answer_kind kind[ACT_OFF] = {
        [ACT_GREET] = DG_ANSWER_STATUS,
        [ACT_LEASE] = DG_ANSWER_STATUS,
        [ACT_PROPOSE] = DG_ANSWER_TICKET,
        [ACT_COMMIT] = DG_ANSWER_ACCEPTED};

    assert_int_equal(dg_answer_decode(bytes, &answer), DG_OK);
    assert_int_equal(answer.kind, kind[act]);
    act++;
}

void board_radio_send(dg_span datagram)
{
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    dg_span bytes = {NULL, 0U};

    sent++;
    if (act == ACT_PAIR) {
        hear_pairing(datagram);
        return;
    }
    assert_int_equal(dg_controller_receive(&controller,
                                           &rig.crypto,
                                           &phone,
                                           datagram,
                                           DG_BUF_OF(out),
                                           &event,
                                           &bytes),
                     DG_OK);
    if (event == DG_CONTROLLER_SEND) {
        next = bytes;
        act = ACT_HANDSHAKE;
    } else if (event == DG_CONTROLLER_OPENED) {
        act = ACT_GREET;
    } else {
        assert_int_equal(event, DG_CONTROLLER_ANSWER);
        hear_answer(bytes);
    }
}

/* Tests -------------------------------------------------------------------- */

static void test_integration__a_phone_pairs_and_doses__pump_delivers_it_once(
    void **state)
{
    const struct dg_therapy therapy = rig_therapy(BASAL_MU_PER_H);

    (void)state;
    rig_init(&rig, &therapy);

    const uint32_t before = rig.moved;
    const uint32_t began_s = rig.clock_s;

    assert_int_equal(pump_run(&rig.device, &rig.ports), 0);

    const uint32_t basal =
        (BASAL_MU_PER_H * (rig.clock_s - began_s)) / (DG_PULSE_MU * 3600U);

    assert_int_equal(act, ACT_OFF);
    assert_in_range(rig.moved - before, PULSES + basal, PULSES + basal + 1U);
    assert_int_equal(rig.device.ledger.ticket[0].outcome, DG_OUTCOME_DELIVERED);
    /* Pairing, two of the handshake, four answers; none for the noise. */
    assert_int_equal(sent, 7U);
    assert_int_equal(beeps, 0U);
}

static void test_integration__flash_damaged__does_not_run(void **state)
{
    const struct dg_therapy therapy = rig_therapy(BASAL_MU_PER_H);

    (void)state;
    rig_init(&rig, &therapy);
    memset(rig.flash.bytes, 0, sizeof rig.flash.bytes);
    assert_int_equal(pump_run(&rig.device, &rig.ports), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_integration__a_phone_pairs_and_doses__pump_delivers_it_once),
        cmocka_unit_test(test_integration__flash_damaged__does_not_run),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
