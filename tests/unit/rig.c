/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "cmocka_all.h"
#include "dosegate/knock.h"
#include "dosegate/ledger.h"

#include <string.h>

const enum dg_request_kind rig_requests[RIG_REQUESTS] = {
    DG_REQUEST_STATUS,
    DG_REQUEST_PROPOSE,
    DG_REQUEST_COMMIT,
    DG_REQUEST_STOP,
    DG_REQUEST_LEASE,
    DG_REQUEST_GLUCOSE,
    DG_REQUEST_SUSPEND,
    DG_REQUEST_RESUME,
    DG_REQUEST_JOURNAL,
    DG_REQUEST_UPDATE,
    DG_REQUEST_REVOKE,
    DG_REQUEST_ROLES,
    DG_REQUEST_REKEY,
    DG_REQUEST_ATTEST,
    DG_REQUEST_POLICY,
    DG_REQUEST_PROFILE,
};

/* actuator, sounder, battery ---------------------------------------------- */

static enum dg_status actuator_step(void *context)
{
    struct rig *rig = context;

    /* Without power nothing moves. */
    if (rig->flash.is_dead || rig->is_blocked) {
        return DG_E_PORT;
    }
    assert_true(rig->moved < RIG_MOVES);
    rig->move[rig->moved] = rig->clock_s;
    rig->moved++;
    return DG_OK;
}

static uint32_t actuator_moved(void *context)
{
    return ((const struct rig *)context)->moved;
}

static enum dg_status chamber_step(void *context)
{
    struct rig *rig = context;

    if (rig->flash.is_dead || rig->is_chamber_blocked) {
        return DG_E_PORT;
    }
    assert_true(rig->chamber_moved < RIG_CHAMBER_MOVES);
    rig->chamber_move[rig->chamber_moved] = rig->clock_s;
    rig->chamber_moved++;
    return DG_OK;
}

static uint32_t chamber_moved(void *context)
{
    return ((const struct rig *)context)->chamber_moved;
}

static void annunciator_alarms(void *context, const struct dg_notice *notice)
{
    struct rig *rig = context;

    rig->alarms = notice->alarms;
    rig->notice = *notice;
}

static void annunciator_announce(void *context, dg_dose amount)
{
    ((struct rig *)context)->announced_mU = amount.mU;
}

static void annunciator_announce_glucagon(void *context, dg_glucagon amount)
{
    ((struct rig *)context)->announced_ug = amount.ug;
}

static void annunciator_announce_change(void *context,
                                        const struct dg_effect *effect)
{
    static const struct dg_effect none = {.kind = DG_EFFECT_NONE};

    ((struct rig *)context)->announced_change =
        (effect == NULL) ? none : *effect;
}

/* What is left by the world's own account: it does not ask the device. */
static enum dg_status reservoir_left(void *context, uint32_t *pulses)
{
    const struct rig *rig = context;
    const int64_t in = (int64_t)rig->filled -
                       ((int64_t)rig->moved - rig->filled_at) - rig->leaked;

    if (rig->is_reservoir_blind) {
        return DG_E_PORT;
    }
    *pulses = (in < 0) ? 0U : (uint32_t)in;
    return DG_OK;
}

static uint8_t power_battery(void *context)
{
    return ((const struct rig *)context)->battery_percent;
}

/* life -------------------------------------------------------------------- */

struct dg_therapy rig_therapy(int32_t basal_mU_per_h)
{
    struct dg_therapy therapy = {.age_class = DG_AGE_ADULT,
                                 .package = DG_PACKAGE_MEDIUM,
                                 .total_daily_dose = {50000},
                                 .isf_mg_dL_per_U = 36,
                                 .floor = {80}};

    dg_limits_widest(&therapy);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy.basal[hour].mU_per_h = basal_mU_per_h;
    }
    return therapy;
}

void rig_make_key(const struct rig *rig,
                  struct dg_secret *private_key,
                  struct dg_public_key *public_key)
{
    assert_int_equal(
        rig->crypto.p256_generate(rig->crypto.context, private_key, public_key),
        DG_OK);
}

#define POLICY_LIFE_S 31536000U

/* Whose word counts, from manufacture. */
static void make_trust(struct rig *rig)
{
    struct dg_trust *trust = &rig->settings.trust;

    rig_make_key(rig, &rig->maker, &trust->policy_key);
    rig_make_key(rig, &rig->prescriber, &trust->prescriber_key);
    trust->policy = (struct dg_policy){1U, POLICY_LIFE_S, 1U, {{0}, {0}}};
    rig_make_key(rig, &rig->verifier, &trust->policy.verifier);
    trust->policy_at.s = RIG_START;
}

void rig_init(struct rig *rig, const struct dg_therapy *therapy)
{
    memset(rig, 0, sizeof *rig);
    rig_init_crypto(rig);
    rig_flash_init(&rig->flash);
    rig->clock_s = RIG_START;
    rig->battery_percent = 100U;
    rig->actuator = (struct dg_actuator){rig, actuator_step, actuator_moved};
    rig->annunciator = (struct dg_annunciator){rig,
                                               annunciator_alarms,
                                               annunciator_announce,
                                               annunciator_announce_glucagon,
                                               annunciator_announce_change};
    rig->reservoir = (struct dg_reservoir){rig, reservoir_left};
    rig->filled = 60000U;
    rig->power = (struct dg_power){rig, power_battery};
    rig->ports = (struct dg_device_ports){.crypto = &rig->crypto,
                                          .flash = &rig->flash.port,
                                          .actuator = &rig->actuator,
                                          .reservoir = &rig->reservoir,
                                          .annunciator = &rig->annunciator,
                                          .power = &rig->power};

    struct dg_settings *settings = &rig->settings;

    settings->therapy = *therapy;
    settings->sensor_start.s = RIG_START;
    settings->reservoir_pulses = 60000U;
    memset(settings->device.byte, 0xD5, sizeof settings->device.byte);
    memset(settings->sensor_key.byte, 0x5E, sizeof settings->sensor_key.byte);
    rig_make_key(rig, &settings->private_key, &settings->public_key);
    rig_make_key(rig, &settings->sign_private, &settings->sign_public);
    rig_make_key(rig, &settings->journal_key, &settings->journal_public);
    if ((therapy->glucagon.dose.ug > 0) || (therapy->glucagon.rescue.ug > 0)) {
        rig->chamber = (struct dg_glucagon_actuator){
            rig, chamber_step, chamber_moved, &rig->chamber_ledger};
        rig->ports.glucagon = &rig->chamber;
        settings->glucagon_steps = RIG_CHAMBER;
        assert_int_equal(
            dg_ledger_format(&rig->flash.port, DG_HORMONE_GLUCAGON, 0U), DG_OK);
    }
    make_trust(rig);
    assert_int_equal(dg_settings_save(&rig->flash.port, settings), DG_OK);
    assert_int_equal(dg_ledger_format(&rig->flash.port, DG_HORMONE_INSULIN, 0U),
                     DG_OK);
    assert_int_equal(dg_journal_format(&rig->flash.port), DG_OK);
    rig_reboot(rig);
}

enum dg_status rig_try_reboot(struct rig *rig)
{
    rig->flash.is_dead = false;
    rig->announced_mU = 0;
    rig->announced_ug = 0;
    memset(&rig->device, 0xA5, sizeof rig->device);
    return dg_device_boot(
        &rig->device, &rig->ports, (dg_seconds){rig->clock_s});
}

void rig_reboot(struct rig *rig)
{
    assert_int_equal(rig_try_reboot(rig), DG_OK);
}

void rig_wait_in_steps(struct rig *rig, uint32_t seconds, uint32_t step)
{
    const uint32_t end_s = rig->clock_s + seconds;

    while (rig->clock_s < end_s) {
        const uint32_t left_s = end_s - rig->clock_s;

        rig->clock_s += (left_s < step) ? left_s : step;
        dg_device_tick(&rig->device, (dg_seconds){rig->clock_s});
    }
}

void rig_wait(struct rig *rig, uint32_t seconds)
{
    rig_wait_in_steps(rig, seconds, 1U);
}

dg_span rig_deliver(struct rig *rig, dg_span datagram)
{
    dg_span answer = {NULL, 0U};

    assert_int_equal(dg_device_receive(&rig->device,
                                       (dg_seconds){rig->clock_s},
                                       datagram,
                                       DG_BUF_OF(rig->device_room),
                                       &answer),
                     DG_OK);
    return answer;
}

/* phones ------------------------------------------------------------------ */

static void make_phone(struct rig *rig, unsigned who)
{
    struct rig_phone *phone = &rig->phone[who];
    const struct dg_crypto *crypto = &rig->crypto;

    memset(phone, 0, sizeof *phone);
    rig_make_key(rig, &phone->phone.private_key, &phone->phone.public_key);
    rig_make_key(rig, &phone->presence, &phone->presence_key);
    phone->phone.device = rig->settings.device;
    phone->phone.method = DG_METHOD_STATIC;
    phone->phone.device_key = rig->settings.public_key;
    assert_int_equal(dg_knock_key(crypto,
                                  &phone->phone.private_key,
                                  &phone->phone.device_key,
                                  &phone->phone.knock_key),
                     DG_OK);
}

bool rig_try_pair(struct rig *rig, unsigned who, enum dg_role role)
{
    struct rig_phone *phone = &rig->phone[who];
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE] = {(uint8_t)who, 1U};
    struct dg_pairing_request request = {.method = DG_METHOD_STATIC,
                                         .role = role,
                                         .name_size = 5U,
                                         .name = "phone"};
    struct dg_pairing_answer answer;
    dg_span datagram = {NULL, 0U};

    make_phone(rig, who);
    request.key = phone->phone.public_key;
    request.presence = phone->presence_key;
    assert_int_equal(dg_pairing_request_seal(&rig->crypto,
                                             &rig->device.pairing.code,
                                             nonce,
                                             &request,
                                             DG_BUF_OF(rig->phone_room),
                                             &datagram),
                     DG_OK);

    const dg_span reply = rig_deliver(rig, datagram);

    if (reply.size == 0U) {
        return false;
    }
    assert_int_equal(
        dg_pairing_answer_open(
            &rig->crypto, &rig->device.pairing.code, nonce, reply, &answer),
        DG_OK);
    phone->phone.slot = answer.slot;
    phone->role = answer.role;
    return true;
}

void rig_pair(struct rig *rig, unsigned who, enum dg_role role)
{
    assert_int_equal(dg_device_press(&rig->device,
                                     (dg_seconds){rig->clock_s},
                                     DG_BUTTON_PAIR),
                     DG_OK);
    assert_true(rig_try_pair(rig, who, role));
}

static enum dg_controller_event phone_receive(struct rig *rig,
                                              unsigned who,
                                              dg_span datagram,
                                              dg_span *bytes)
{
    struct rig_phone *phone = &rig->phone[who];
    enum dg_controller_event event = DG_CONTROLLER_NOTHING;

    assert_int_equal(dg_controller_receive(&phone->controller,
                                           &rig->crypto,
                                           &phone->phone,
                                           datagram,
                                           DG_BUF_OF(rig->phone_room),
                                           &event,
                                           bytes),
                     DG_OK);
    return event;
}

bool rig_connect(struct rig *rig, unsigned who)
{
    struct rig_phone *phone = &rig->phone[who];
    dg_span bytes = {NULL, 0U};

    assert_int_equal(dg_controller_connect(&phone->controller,
                                           &rig->crypto,
                                           &phone->phone,
                                           DG_BUF_OF(rig->phone_room),
                                           &bytes),
                     DG_OK);
    /* knock, message_2, message_3, message_4 */
    for (unsigned i = 0U; i < 2U; i++) {
        const dg_span reply = rig_deliver(rig, bytes);

        if (phone_receive(rig, who, reply, &bytes) == DG_CONTROLLER_OPENED) {
            if (rig_greet(rig, who) == NULL) {
                return false;
            }
            /* An observer has nothing to show. */
            return rig->shows_nothing || (phone->role == DG_ROLE_OBSERVER) ||
                   rig_try_attest(rig, who);
        }
    }
    return false;
}

const struct dg_answer *rig_ask(struct rig *rig,
                                unsigned who,
                                const struct dg_request *request)
{
    struct rig_phone *phone = &rig->phone[who];
    uint8_t room[DG_MESSAGE_MAX];
    dg_span bytes = {NULL, 0U};
    dg_span datagram = {NULL, 0U};

    assert_int_equal(dg_request_encode(request, DG_BUF_OF(room), &bytes),
                     DG_OK);
    if (dg_controller_send(&phone->controller,
                           &rig->crypto,
                           bytes,
                           DG_BUF_OF(rig->phone_room),
                           &datagram) != DG_OK) {
        return NULL;
    }

    const dg_span reply = rig_deliver(rig, datagram);

    if ((reply.size == 0U) ||
        (phone_receive(rig, who, reply, &bytes) != DG_CONTROLLER_ANSWER)) {
        return NULL;
    }
    assert_int_equal(dg_answer_decode(bytes, &phone->answer), DG_OK);
    if (phone->answer.kind == DG_ANSWER_TICKET) {
        phone->ticket = phone->answer;
    }
    return &phone->answer;
}

const struct dg_answer *rig_greet(struct rig *rig, unsigned who)
{
    const struct dg_request request = {
        .kind = DG_REQUEST_STATUS,
        .as.status = {DG_VERSION_MAJOR, DG_VERSION_MINOR, 80U}};

    return rig_ask(rig, who, &request);
}

const struct dg_answer *rig_lease(struct rig *rig,
                                  unsigned who,
                                  enum dg_lease_verb verb)
{
    const struct dg_request request = {.kind = DG_REQUEST_LEASE,
                                       .as.lease = {.verb = verb}};

    return rig_ask(rig, who, &request);
}

const struct dg_answer *rig_stop(struct rig *rig, unsigned who)
{
    const struct dg_request request = {.kind = DG_REQUEST_STOP};

    return rig_ask(rig, who, &request);
}

const struct dg_answer *rig_suspend(struct rig *rig,
                                    unsigned who,
                                    uint32_t seconds)
{
    const struct dg_request request = {.kind = DG_REQUEST_SUSPEND,
                                       .as.suspend = {seconds}};

    return rig_ask(rig, who, &request);
}

const struct dg_answer *rig_resume(struct rig *rig, unsigned who)
{
    const struct dg_request request = {.kind = DG_REQUEST_RESUME};

    return rig_ask(rig, who, &request);
}

dg_span rig_reading(const struct rig *rig,
                    uint32_t sequence,
                    uint32_t at_s,
                    int32_t mg_dL,
                    dg_buf room)
{
    const struct dg_reading reading = {
        sequence, {at_s - rig->settings.sensor_start.s}, {mg_dL}};
    dg_span frame = {NULL, 0U};

    assert_int_equal(
        dg_reading_write(
            &rig->crypto, &rig->settings.sensor_key, &reading, room, &frame),
        DG_OK);
    return frame;
}

const struct dg_answer *rig_relay(struct rig *rig, unsigned who, dg_span frame)
{
    struct dg_request request = {.kind = DG_REQUEST_GLUCOSE};

    request.as.glucose.size = (uint8_t)frame.size;
    memcpy(request.as.glucose.frame, frame.at, frame.size);
    return rig_ask(rig, who, &request);
}

const struct dg_answer *rig_glucose(struct rig *rig,
                                    unsigned who,
                                    int32_t mg_dL)
{
    uint8_t room[DG_SENSOR_FRAME_MAX];

    rig->sensor_sequence++;
    return rig_relay(
        rig,
        who,
        rig_reading(
            rig, rig->sensor_sequence, rig->clock_s, mg_dL, DG_BUF_OF(room)));
}

void rig_settle(struct rig *rig, unsigned who, int32_t mg_dL)
{
    for (int32_t i = 0; i < (int32_t)DG_GLUCOSE_STREAK; i++) {
        if (i > 0) {
            rig_wait(rig, DG_GLUCOSE_PERIOD_S);
        }
        (void)rig_greet(rig, who);
        /* The first may well be a jump from what was before. */
        (void)rig_glucose(rig, who, mg_dL - (i & 1));
    }
    assert_int_equal(rig->phone[who].answer.kind, DG_ANSWER_STATUS);
    assert_true(dg_glucose_is_trusted(&rig->device.glucose));
}

void rig_ready(struct rig *rig, int32_t mg_dL)
{
    rig_pair(rig, 0U, DG_ROLE_OWNER);
    assert_true(rig_connect(rig, 0U));
    rig_settle(rig, 0U, mg_dL);
    assert_int_equal(rig_lease(rig, 0U, DG_LEASE_TAKE)->kind, DG_ANSWER_STATUS);
}

int32_t rig_worst_window_mU(const struct rig *rig, uint32_t window_s)
{
    uint32_t worst = 0U;
    uint32_t first = 0U;

    for (uint32_t last = 0U; last < rig->moved; last++) {
        while ((rig->move[last] - rig->move[first]) >= window_s) {
            first++;
        }
        if ((last - first + 1U) > worst) {
            worst = last - first + 1U;
        }
    }
    return (int32_t)(worst * DG_PULSE_MU);
}

uint32_t rig_random(uint64_t *state)
{
    /* splitmix64 (public domain, Vigna). */
    *state += 0x9E3779B97F4A7C15ULL;

    uint64_t z = *state;

    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
    return (uint32_t)(z >> 32);
}
