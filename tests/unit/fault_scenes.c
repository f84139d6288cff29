/* SPDX-License-Identifier: Apache-2.0 */
#include "fault_scenes.h"

#include "cmocka_all.h"
#include "dosegate/knock.h"

#include <string.h>

struct rig rig;
bool fault_has_committed;

#define STEP_S 5U

static bool press(enum dg_button button)
{
    return dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button) ==
           DG_OK;
}

static bool is_kind(const struct dg_answer *answer, enum dg_answer_kind kind)
{
    return (answer != NULL) && (answer->kind == kind);
}

static void wait_s(uint32_t seconds)
{
    rig_wait_in_steps(&rig, seconds, STEP_S);
}

/* Life ----------------------------------------------------------------------- */

static bool has_readings(int32_t mg_dL)
{
    /* A new sensor needs its time. */
    for (int32_t i = 0; i < 40; i++) {
        if (i > 0) {
            wait_s(DG_GLUCOSE_PERIOD_S);
        }
        if (!is_kind(rig_greet(&rig, 0U), DG_ANSWER_STATUS)) {
            return false;
        }
        (void)rig_glucose(&rig, 0U, mg_dL - (i & 1));
        if ((i >= 1) && dg_glucose_is_trusted(&rig.device.glucose)) {
            return true;
        }
    }
    return false;
}

bool fault_ready(void)
{
    /* The verifier knows the newest policy; the sensor is the one held there. */
    rig.settings.sensor_start = rig.device.settings.sensor_start;
    rig.settings.sensor_key = rig.device.settings.sensor_key;
    rig.settings.trust.policy = rig.device.settings.trust.policy;
    return rig_connect(&rig, 0U) && has_readings(250) &&
           is_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
}

void fault_begin(const struct dg_device_ports *ports)
{
    struct dg_therapy therapy = rig_therapy(FAULT_RATE_MU_PER_H);

    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    rig_init(&rig, &therapy);
    rig.ports.crypto = ports->crypto;
    rig.ports.flash = ports->flash;
    rig_reboot(&rig);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    assert_true(press(DG_BUTTON_PAIR));
    assert_true(rig_try_pair_signer(&rig, 1U, DG_ROLE_CAREGIVER));
    assert_true(fault_ready());
}

/* Who comes in --------------------------------------------------------------- */

static bool pair_by_code(void)
{
    return press(DG_BUTTON_PAIR) && rig_try_pair(&rig, 2U, DG_ROLE_CAREGIVER);
}

static bool pair_signer(void)
{
    return press(DG_BUTTON_PAIR) &&
           rig_try_pair_signer(&rig, 2U, DG_ROLE_OBSERVER);
}

static bool pair_by_digits(void)
{
    static struct dg_prover prover;
    uint8_t room[DG_DATAGRAM_MAX];
    struct dg_secret secret;
    struct dg_pairing_request request = {.method = DG_METHOD_STATIC,
                                         .role = DG_ROLE_OBSERVER,
                                         .name_size = 5U,
                                         .name = "digit"};
    dg_span datagram = {NULL, 0U};

    if (!press(DG_BUTTON_PAIR)) {
        return false;
    }
    rig_make_key(&rig, &secret, &request.key);
    rig_make_key(&rig, &secret, &request.presence);
    assert_int_equal(dg_prover_start(&prover,
                                     &rig.crypto,
                                     rig.device.pairing.digits.digit,
                                     &request,
                                     DG_BUF_OF(room),
                                     &datagram),
                     DG_OK);
    for (unsigned turn = 0U; turn < 3U; turn++) {
        const dg_span answer = rig_deliver(&rig, datagram);

        if ((answer.size == 0U) ||
            (dg_prover_receive(
                 &prover, &rig.crypto, answer, DG_BUF_OF(room), &datagram) !=
             DG_OK)) {
            return false;
        }
    }
    return prover.state == DG_PROVER_DONE;
}

static bool connect_owner(void)
{
    return rig_connect(&rig, 0U);
}

static bool connect_signer(void)
{
    return rig_connect(&rig, 1U);
}

/* The ticket of an honest phone comes in message_3. */
static bool connect_with_ticket(void)
{
    struct rig_phone *phone = &rig.phone[0];
    uint8_t ticket_room[DG_ATTEST_TICKET_MAX];
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span ticket = {NULL, 0U};
    dg_span bytes = {NULL, 0U};
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    const struct dg_answer *answer = rig_hand_in(&rig, 0U, (dg_span){NULL, 0U});

    if (!is_kind(answer, DG_ANSWER_ATTEST)) {
        return false;
    }

    const struct dg_attestation claims =
        rig_attestation(&rig, 0U, &answer->as.attest.nonce);

    assert_int_equal(dg_attestation_sign(&rig.crypto,
                                         &rig.verifier,
                                         &claims,
                                         DG_BUF_OF(ticket_room),
                                         &ticket),
                     DG_OK);
    assert_int_equal(dg_controller_connect(&phone->controller,
                                           &rig.crypto,
                                           &phone->phone,
                                           DG_BUF_OF(room),
                                           &bytes),
                     DG_OK);
    assert_int_equal(dg_controller_carry(&phone->controller, ticket), DG_OK);
    for (unsigned turn = 0U; turn < 2U; turn++) {
        const dg_span reply = rig_deliver(&rig, bytes);

        if (reply.size == 0U) {
            return false;
        }
        assert_int_equal(dg_controller_receive(&phone->controller,
                                               &rig.crypto,
                                               &phone->phone,
                                               reply,
                                               DG_BUF_OF(room),
                                               &event,
                                               &bytes),
                         DG_OK);
    }
    return (event == DG_CONTROLLER_OPENED) && (rig_greet(&rig, 0U) != NULL);
}

static bool rekey(void)
{
    struct rig_phone *phone = &rig.phone[0];
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;
    dg_span datagram = {NULL, 0U};

    if (dg_controller_rekey(&phone->controller,
                            &rig.crypto,
                            DG_BUF_OF(rig.phone_room),
                            &datagram) != DG_OK) {
        return false;
    }

    const dg_span reply = rig_deliver(&rig, datagram);

    return (dg_controller_receive(&phone->controller,
                                  &rig.crypto,
                                  &phone->phone,
                                  reply,
                                  DG_BUF_OF(rig.phone_room),
                                  &event,
                                  &datagram) == DG_OK) &&
           (event == DG_CONTROLLER_REKEYED) && (rig_greet(&rig, 0U) != NULL);
}

static bool ask_lease(void)
{
    return is_kind(rig_lease(&rig, 0U, DG_LEASE_RELEASE), DG_ANSWER_STATUS) &&
           is_kind(rig_lease(&rig, 0U, DG_LEASE_TAKE), DG_ANSWER_STATUS);
}

static bool ask_roles(void)
{
    const struct dg_request request = {.kind = DG_REQUEST_ROLES};

    return is_kind(rig_ask(&rig, 0U, &request), DG_ANSWER_ROLES);
}

/* Phone 3 comes, and the owner throws it out. */
static bool revoke(void)
{
    struct dg_request request = {.kind = DG_REQUEST_REVOKE};

    if (!press(DG_BUTTON_PAIR) || !rig_try_pair(&rig, 3U, DG_ROLE_OBSERVER)) {
        return false;
    }
    request.as.revoke.slot = rig.phone[3].phone.slot;
    return is_kind(rig_ask(&rig, 0U, &request), DG_ANSWER_STATUS);
}

/* A person at the device throws the newest phone out. */
static bool forget(void)
{
    if (!press(DG_BUTTON_PAIR) || !rig_try_pair(&rig, 3U, DG_ROLE_OBSERVER)) {
        return false;
    }
    for (unsigned i = 0U; i <= rig.phone[3].phone.slot; i++) {
        if (!press(DG_BUTTON_FORGET)) {
            return false;
        }
        if (rig.device.forget.choice == (rig.phone[3].phone.slot + 1U)) {
            break;
        }
    }
    return press(DG_BUTTON_FORGET_HOLD);
}

/* Evidence --------------------------------------------------------------------- */

static bool attest(void)
{
    return rig_try_attest(&rig, 0U);
}

static bool policy(void)
{
    uint8_t room[DG_POLICY_MAX];
    struct dg_request request = {.kind = DG_REQUEST_POLICY};

    request.as.policy.head = rig_policy(
        &rig, rig.device.settings.trust.policy.version + 1U, DG_BUF_OF(room));
    return is_kind(rig_ask(&rig, 0U, &request), DG_ANSWER_STATUS);
}

static bool reading(void)
{
    wait_s(DG_GLUCOSE_PERIOD_S);
    return is_kind(rig_glucose(&rig, 0U, 249), DG_ANSWER_STATUS);
}

static bool journal(void)
{
    struct dg_request request = dg_journal_ask(DG_JOURNAL_ASK_HEAD);
    const struct dg_answer *answer = NULL;
    struct dg_request exported = dg_journal_ask(DG_JOURNAL_ASK_EXPORTED);

    wait_s(1000U);
    answer = rig_ask(&rig, 0U, &request);
    if (!is_kind(answer, DG_ANSWER_JOURNAL)) {
        return false;
    }

    const uint32_t size = answer->as.journal.total;

    exported.as.journal.size = answer->as.journal.size;
    memcpy(exported.as.journal.byte,
           answer->as.journal.byte,
           answer->as.journal.size);
    for (uint32_t first = rig.device.journal.oldest; first < size;
         first += (size / 3U) + 1U) {
        request = dg_journal_ask(DG_JOURNAL_ASK_RANGE);
        request.as.journal.first = first;
        if (!is_kind(rig_ask(&rig, 0U, &request), DG_ANSWER_JOURNAL)) {
            return false;
        }
    }
    request = dg_journal_ask(DG_JOURNAL_ASK_PROOF);
    request.as.journal.first = size / 2U;
    request.as.journal.end = size;
    if (!is_kind(rig_ask(&rig, 0U, &request), DG_ANSWER_JOURNAL)) {
        return false;
    }
    request = dg_journal_ask(DG_JOURNAL_ASK_PEAKS);
    request.as.journal.first = size;
    return is_kind(rig_ask(&rig, 0U, &request), DG_ANSWER_JOURNAL) &&
           is_kind(rig_ask(&rig, 0U, &exported), DG_ANSWER_JOURNAL);
}

/* Doses ------------------------------------------------------------------------ */

/* Propose; commit only what came back as a ticket. */
static bool approve(enum dg_tier tier, const struct dg_effect *effect)
{
    if (!is_kind(rig_propose_effect(&rig, 0U, tier, effect),
                 DG_ANSWER_TICKET)) {
        return false;
    }
    fault_has_committed = true;
    return is_kind(rig_commit(&rig, 0U, tier != DG_TIER_AUTOMATIC),
                   DG_ANSWER_ACCEPTED);
}

static bool bolus(enum dg_tier tier, int32_t mU)
{
    const struct dg_effect effect = {
        .kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {mU}};

    return approve(tier, &effect);
}

static bool is_delivered(const struct dg_ledger *ledger)
{
    return !ledger->is_open &&
           (ledger->ticket[0].outcome == DG_OUTCOME_DELIVERED);
}

static bool dose_at_phone(void)
{
    if (!bolus(DG_TIER_CONFIRMED, 500)) {
        return false;
    }
    wait_s(60U);
    return is_delivered(&rig.device.ledger);
}

static bool dose_by_controller(void)
{
    if (!bolus(DG_TIER_AUTOMATIC, 200)) {
        return false;
    }
    wait_s(30U);
    return is_delivered(&rig.device.ledger);
}

static bool dose_at_button(void)
{
    if (!bolus(DG_TIER_CONFIRMED, 9000) || !press(DG_BUTTON_CONFIRM)) {
        return false;
    }
    wait_s(380U);
    return is_delivered(&rig.device.ledger);
}

static bool dose_without_phone(void)
{
    if (!press(DG_BUTTON_BOLUS)) {
        return false;
    }
    fault_has_committed = true;
    if (!press(DG_BUTTON_CONFIRM)) {
        return false;
    }
    wait_s(300U);
    return is_delivered(&rig.device.ledger);
}

static bool dose_and_stop(void)
{
    if (!bolus(DG_TIER_CONFIRMED, 1000)) {
        return false;
    }
    wait_s(10U);
    return is_kind(rig_stop(&rig, 0U), DG_ANSWER_STATUS) &&
           !rig.device.ledger.is_open;
}

static bool dose_unpressed(void)
{
    if (!bolus(DG_TIER_CONFIRMED, 9000)) {
        return false;
    }
    fault_has_committed = false;
    wait_s(DG_BUTTON_WAIT_S + 5U);
    return !rig.device.ledger.is_open;
}

static bool extended(void)
{
    const struct dg_effect effect = {.kind = DG_EFFECT_BOLUS,
                                     .form = DG_FORM_EXTENDED,
                                     .amount = {300},
                                     .duration = {1800U}};

    if (!approve(DG_TIER_CONFIRMED, &effect)) {
        return false;
    }
    wait_s(1810U);
    return !rig.device.ledger.spread.is_open;
}

static bool raised(void)
{
    const struct dg_effect effect = {.kind = DG_EFFECT_BASAL,
                                     .duration = {1800U},
                                     .rate = {FAULT_RATE_MU_PER_H + 600}};

    if (!approve(DG_TIER_CONFIRMED, &effect)) {
        return false;
    }
    wait_s(600U);
    return press(DG_BUTTON_STOP) && !rig.device.ledger.spread.is_open;
}

static bool lowered(void)
{
    const struct dg_effect effect = {.kind = DG_EFFECT_BASAL,
                                     .duration = {1800U},
                                     .rate = {FAULT_RATE_MU_PER_H / 2}};

    if (!approve(DG_TIER_CONFIRMED, &effect)) {
        return false;
    }
    wait_s(1810U);
    return !rig.device.ledger.pause.is_on;
}

static bool suspend(void)
{
    if (!is_kind(rig_suspend(&rig, 0U, 1800U), DG_ANSWER_STATUS)) {
        return false;
    }
    wait_s(600U);
    return is_kind(rig_resume(&rig, 0U), DG_ANSWER_STATUS) &&
           !rig.device.ledger.pause.is_on;
}

static bool suspend_by_hand(void)
{
    if (!press(DG_BUTTON_SUSPEND)) {
        return false;
    }
    wait_s(600U);
    return press(DG_BUTTON_RESUME) && !rig.device.ledger.pause.is_on;
}

/* Settings --------------------------------------------------------------------- */

static bool change(const struct dg_effect *effect)
{
    return approve(DG_TIER_CONFIRMED, effect) && press(DG_BUTTON_CONFIRM);
}

/* A new set: off the body, filled, primed, and on again. */
static bool new_set(void)
{
    const struct dg_effect refill = {.kind = DG_EFFECT_SETTINGS,
                                     .setting = DG_SETTING_REFILL,
                                     .amount = {300000}};
    const struct dg_effect prime = {.kind = DG_EFFECT_PRIME, .amount = {1000}};

    if (!press(DG_BUTTON_DETACH)) {
        return false;
    }
    rig.filled = 6000U;
    rig.filled_at = rig.moved;
    if (!change(&refill) || !change(&prime)) {
        return false;
    }
    wait_s(60U);
    return press(DG_BUTTON_RESUME) && !rig.device.ledger.pause.is_on;
}

static bool new_sensor(void)
{
    static const struct dg_effect sensor = {.kind = DG_EFFECT_SETTINGS,
                                            .setting = DG_SETTING_SENSOR};
    const struct dg_secret key = {{0x5EU}};

    return (dg_device_offer_sensor(
                &rig.device, (dg_seconds){rig.clock_s}, &key) == DG_OK) &&
           change(&sensor);
}

static bool new_schedule(void)
{
    const struct dg_effect schedule = {.kind = DG_EFFECT_SETTINGS,
                                       .setting = DG_SETTING_BASAL,
                                       .hour = 3U,
                                       .hours = 1U,
                                       .rate = {FAULT_RATE_MU_PER_H + 50}};

    return change(&schedule) &&
           (rig.device.settings.therapy.basal[3].mU_per_h ==
            (FAULT_RATE_MU_PER_H + 50));
}

/* A profile that tightens; it may have been taken when it comes again. */
static bool profile(void)
{
    struct dg_prescription tighter = rig_prescription(&rig, 1U);
    uint8_t room[DG_PRESCRIPTION_MAX];

    tighter.bounds.value[DG_BOUND_FLOOR] = 85;
    return is_kind(
               rig_bring(&rig, 0U, rig_sign(&rig, &tighter, DG_BUF_OF(room))),
               DG_ANSWER_PROFILE) &&
           (rig.device.settings.therapy.floor.mg_dL == 85);
}

/* One that loosens, and the press for it. */
static bool looser_profile(void)
{
    struct dg_prescription looser = rig_prescription(&rig, 1U);
    uint8_t room[DG_PRESCRIPTION_MAX];

    looser.bounds.value[DG_BOUND_DAILY] += 5000;
    if (!is_kind(rig_bring(&rig, 0U, rig_sign(&rig, &looser, DG_BUF_OF(room))),
                 DG_ANSWER_PROFILE)) {
        return false;
    }
    return rig.device.settings.prescribed.is_loosening ||
           (press(DG_BUTTON_CONFIRM) &&
            rig.device.settings.prescribed.is_loosening);
}

/* Glucagon --------------------------------------------------------------------- */

static bool micro(void)
{
    if (!is_kind(rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 50),
                 DG_ANSWER_TICKET) ||
        !is_kind(rig_commit(&rig, 0U, true), DG_ANSWER_ACCEPTED) ||
        ((rig.phone[0].ticket.as.ticket.confirmation == DG_CONFIRM_BUTTON) &&
         !press(DG_BUTTON_CONFIRM))) {
        return false;
    }
    wait_s(60U);
    return is_delivered(rig.device.glucagon.ledger);
}

static bool rescue(void)
{
    if (!press(DG_BUTTON_RESCUE) || !press(DG_BUTTON_CONFIRM)) {
        return false;
    }
    wait_s(300U);
    return is_delivered(rig.device.glucagon.ledger);
}

/* Time ------------------------------------------------------------------------- */

static bool hour(void)
{
    wait_s(3600U);
    return !rig.device.is_fault;
}

/* Until one record is left in the sector: the next hour turns it. */
static bool nearly_full(void)
{
    while (rig.device.ledger.slot <
           ((RIG_SECTOR / DG_LEDGER_RECORD_SIZE) - 1U)) {
        rig_wait_in_steps(&rig, 60U, 60U);
    }
    return true;
}

static bool reset(void)
{
    return rig_try_reboot(&rig) == DG_OK;
}

static bool bolus_under_way(void)
{
    return bolus(DG_TIER_CONFIRMED, 1000);
}

const struct fault_scene fault_scenes[] = {
    {"pairing by code", NULL, pair_by_code, 0, false, false},
    {"pairing by code, method 0", NULL, pair_signer, 0, false, false},
    {"pairing by digits", NULL, pair_by_digits, 0, false, false},
    {"handshake, method 3", NULL, connect_owner, 0, false, false},
    {"handshake, method 0", NULL, connect_signer, 0, false, false},
    {"handshake with a ticket", NULL, connect_with_ticket, 0, false, false},
    {"fresh keys", NULL, rekey, 0, false, false},
    {"lease", NULL, ask_lease, 0, false, false},
    {"roles", NULL, ask_roles, 0, false, false},
    {"revocation by the owner", NULL, revoke, 0, false, false},
    {"revocation at the device", NULL, forget, 0, false, false},
    {"attestation", NULL, attest, 0, false, false},
    {"platform policy", NULL, policy, 0, false, false},
    {"reading", NULL, reading, 0, false, false},
    {"journal", NULL, journal, 0, false, false},
    {"bolus confirmed at the phone", NULL, dose_at_phone, 500, false, false},
    {"bolus by the controller", NULL, dose_by_controller, 200, false, false},
    {"bolus confirmed at the pump", NULL, dose_at_button, 9000, false, false},
    {"bolus without a phone", NULL, dose_without_phone, 3750, false, false},
    {"bolus stopped", NULL, dose_and_stop, 1000, false, false},
    {"bolus that nobody confirms", NULL, dose_unpressed, 0, false, false},
    {"extended bolus", NULL, extended, 300, false, false},
    {"raised basal", NULL, raised, 300, false, false},
    {"lowered basal", NULL, lowered, 0, true, false},
    {"suspension by a phone", NULL, suspend, 0, true, false},
    {"suspension by a person", NULL, suspend_by_hand, 0, true, false},
    {"a new set", NULL, new_set, 1000, true, false},
    {"a new sensor", NULL, new_sensor, 0, false, false},
    {"a new schedule", NULL, new_schedule, 0, false, false},
    {"a tighter profile", NULL, profile, 0, false, false},
    {"a looser profile, pressed", NULL, looser_profile, 0, false, false},
    {"glucagon, a micro-dose", NULL, micro, 0, false, false},
    {"glucagon, a rescue", NULL, rescue, 0, false, false},
    {"an hour of basal", NULL, hour, 0, false, false},
    {"the ledger's next sector", nearly_full, hour, 0, false, false},
    {"reset", NULL, reset, 0, false, true},
    {"reset in a bolus", bolus_under_way, reset, 1000, false, true},
};

const size_t fault_scene_count = sizeof fault_scenes / sizeof fault_scenes[0];
