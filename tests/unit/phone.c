/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "phone.h"

static void settle(struct phone *phone);

static enum dg_status save(void *context, const struct dg_phone *stored)
{
    struct phone *phone = context;

    if (phone->save_fails) {
        return DG_E_PORT;
    }
    phone->saves++;
    phone->saved_counter = stored->knock_counter;
    return DG_OK;
}

static void to_client(struct phone *phone, const struct dg_internal *message)
{
    assert_int_equal(dg_client_take(&phone->client, phone->now_ms, message),
                     DG_OK);
}

static void to_keys(struct phone *phone, const struct dg_internal *message);

static void to_phone(struct phone *phone, const uint8_t *bytes, size_t size)
{
    struct dg_internal message = {.type = DG_INTERNAL_DATAGRAM_IN};

    message.as.datagram.size = (uint16_t)size;
    memcpy(message.as.datagram.byte, bytes, size);
    to_keys(phone, &message);
}

static void carry(struct phone *phone, const struct phone_datagram *datagram);

static void hold(struct phone *phone, const struct phone_datagram *datagram)
{
    if (phone->held_count < PHONE_QUEUE) {
        phone->held[phone->held_count++] = *datagram;
    }
}

/* The link: what the rule says becomes of it. */
static void offer(struct phone *phone,
                  bool to_device,
                  const uint8_t *bytes,
                  size_t size)
{
    struct phone_datagram datagram = {.to_device = to_device,
                                      .size = (uint16_t)size};
    enum phone_fate fate = PHONE_DELIVER;

    memcpy(datagram.byte, bytes, size);
    if (bytes[0] == DG_RECORD_TYPE) {
        phone->records_out += to_device ? 1U : 0U;
        phone->records_in += to_device ? 0U : 1U;
    }
    if (phone->rule != NULL) {
        fate = phone->rule(phone, to_device, bytes[0]);
    }
    if ((fate == PHONE_DELAY) || (fate == PHONE_DUPLICATE)) {
        hold(phone, &datagram);
    }
    if ((fate == PHONE_DELIVER) || (fate == PHONE_DUPLICATE)) {
        carry(phone, &datagram);
    }
}

static void carry(struct phone *phone, const struct phone_datagram *datagram)
{
    if (!datagram->to_device) {
        to_phone(phone, datagram->byte, datagram->size);
        return;
    }

    const dg_span answer =
        rig_deliver(&phone->rig, (dg_span){datagram->byte, datagram->size});

    if (answer.size > 0U) {
        uint8_t copy[DG_DATAGRAM_MAX];

        memcpy(copy, answer.at, answer.size);
        offer(phone, false, copy, answer.size);
    }
}

/* keys and therapy are fed from copies: what they say while they are fed is
 * carried at once, as sockets would do a little later. */
static void send_keys(struct phone *phone)
{
    struct dg_keys_out out[DG_KEYS_OUT_MAX];
    const size_t count = phone->keys.out_count;

    memcpy(out, phone->keys.out, sizeof(out));
    phone->keys.out_count = 0;
    for (size_t i = 0; i < count; i++) {
        const struct dg_internal *message = &out[i].message;

        if (out[i].to == DG_ROLE_ID_THERAPY) {
            to_client(phone, message);
            continue;
        }
        if (message->as.datagram.byte[0] == 0x01U) {
            /* On storage before it leaves. */
            assert_int_equal(phone->saved_counter,
                             phone->keys.phone.knock_counter);
            phone->knocks++;
        }
        offer(
            phone, true, message->as.datagram.byte, message->as.datagram.size);
    }
}

static void to_keys(struct phone *phone, const struct dg_internal *message)
{
    assert_int_equal(dg_keys_take(&phone->keys, phone->now_ms, message), DG_OK);
    send_keys(phone);
}

static void decline(struct phone *phone, enum dg_cause cause)
{
    struct dg_internal message = {.type = DG_INTERNAL_DECLINED};

    message.as.declined.ticket = phone->question.as.ask.approval.ticket;
    message.as.declined.cause = cause;
    phone->is_asked = false;
    to_client(phone, &message);
}

void phone_answer(struct phone *phone, bool yes)
{
    const struct dg_crypto *crypto = &phone->rig.crypto;
    struct dg_internal message = {.type = DG_INTERNAL_APPROVED};
    struct dg_hash hash;

    assert_true(phone->is_asked);
    if (!yes) {
        decline(phone, DG_CAUSE_DECLINED);
        settle(phone);
        return;
    }
    message.as.approved.ticket = phone->question.as.ask.approval.ticket;
    assert_int_equal(
        dg_approval_hash(crypto, &phone->question.as.ask.approval, &hash),
        DG_OK);
    assert_int_equal(crypto->es256_sign(crypto->context,
                                        &phone->presence,
                                        &hash,
                                        &message.as.approved.signature),
                     DG_OK);
    phone->is_asked = false;
    to_client(phone, &message);
    settle(phone);
}

static void take_said(struct phone *phone, const struct dg_internal *message)
{
    switch ((unsigned)message->type) {
    case DG_INTERNAL_REQUEST:
    case DG_INTERNAL_PAIR:
        to_keys(phone, message);
        break;
    case DG_INTERNAL_ASK:
        assert_false(phone->is_asked);
        phone->question = *message;
        phone->is_asked = true;
        if (!phone->has_display) {
            decline(phone, DG_CAUSE_NO_DISPLAY);
        } else if (!phone->defers) {
            phone_answer(phone, phone->approves);
        }
        break;
    case DG_INTERNAL_WITHDRAW:
        if (phone->is_asked) {
            decline(phone, DG_CAUSE_DECLINED);
        }
        break;
    case DG_INTERNAL_REPLY:
        assert_true(phone->reply_count < PHONE_REPLIES);
        phone->reply[phone->reply_count++] = message->as.reply;
        break;
    case DG_INTERNAL_PHONES:
    case DG_INTERNAL_PROGRESS:
    case DG_INTERNAL_LIMITS:
    case DG_INTERNAL_ASK_LIMITS: /* the test answers it */
        phone->note = *message;
        break;
    case DG_INTERNAL_NONCE:
        phone->nonce = message->as.nonce;
        phone->nonces++;
        break;
    case DG_INTERNAL_EVENT:
        assert_true(phone->event_count < PHONE_REPLIES);
        phone->event[phone->event_count++] = message->as.event;
        break;
    default:
        fail_msg("therapy said type %u", (unsigned)message->type);
    }
}

static void settle(struct phone *phone)
{
    while (phone->client.out_count > 0U) {
        static struct dg_internal said[DG_CLIENT_OUT_MAX];
        const struct dg_internal first = phone->client.out[0];

        phone->client.out_count--;
        memcpy(said,
               &phone->client.out[1],
               sizeof(said[0]) * phone->client.out_count);
        memcpy(
            phone->client.out, said, sizeof(said[0]) * phone->client.out_count);
        take_said(phone, &first);
    }
}

void phone_init(struct phone *phone, bool closed_loop)
{
    const struct dg_therapy therapy = rig_therapy(0);

    phone_init_with(phone, &therapy, closed_loop);
}

void phone_init_with(struct phone *phone,
                     const struct dg_therapy *therapy,
                     bool closed_loop)
{
    const struct dg_client_settings settings = {
        .closed_loop = closed_loop,
        .loop = {.target = {110}, .isf_mg_dL_per_U = 50},
        .phone_battery_percent = 80};
    struct dg_internal presence = {.type = DG_INTERNAL_PRESENCE};

    memset(phone, 0, sizeof(*phone));
    rig_init(&phone->rig, therapy);
    phone->now_ms = 1000;
    phone->has_display = true;
    phone->approves = true;
    phone->seed = 1;
    dg_client_init(&phone->client, &settings);
    phone->client.health.fitness = DG_FITNESS_FIT;
    dg_keys_init(&phone->keys, &phone->rig.crypto, NULL, save, phone);
    assert_int_equal(phone->rig.crypto.p256_generate(phone->rig.crypto.context,
                                                     &phone->presence,
                                                     &phone->presence_public),
                     DG_OK);
    presence.as.presence = phone->presence_public;
    to_client(phone, &presence);
    presence.type = DG_INTERNAL_ENROLL;
    assert_int_equal(dg_keys_take(&phone->keys, phone->now_ms, &presence),
                     DG_OK);
}

void phone_order(struct phone *phone, const struct dg_internal *message)
{
    memset(&phone->note, 0, sizeof(phone->note));
    to_client(phone, message);
    settle(phone);
}

void phone_ask(struct phone *phone, uint32_t tag, enum dg_internal_type type)
{
    struct dg_internal message = {.type = type};

    message.as.app.tag = tag;
    to_client(phone, &message);
    settle(phone);
}

void phone_bolus(struct phone *phone, uint32_t tag, uint32_t mU, bool again)
{
    struct dg_internal message = {.type = DG_INTERNAL_APP_DOSE};

    message.as.app.tag = tag;
    message.as.app.effect = (struct dg_effect){.kind = DG_EFFECT_BOLUS,
                                               .form = DG_FORM_NORMAL,
                                               .amount = {(int32_t)mU}};
    message.as.app.again = again;
    to_client(phone, &message);
    settle(phone);
}

void phone_pair(struct phone *phone)
{
    struct dg_internal message = {.type = DG_INTERNAL_APP_PAIR};
    struct dg_pair_order *order = &message.as.app.pair;
    dg_span code;

    assert_int_equal(dg_device_press(&phone->rig.device,
                                     (dg_seconds){phone->rig.clock_s},
                                     DG_BUTTON_PAIR),
                     DG_OK);
    assert_int_equal(dg_pairing_code_encode(&phone->rig.device.pairing.code,
                                            DG_BUF_OF(order->code.byte),
                                            &code),
                     DG_OK);
    order->code.size = (uint16_t)code.size;
    order->role = DG_ROLE_OWNER;
    order->name_size = 5;
    memcpy(order->name, "phone", 5);
    message.as.app.tag = 77;
    to_client(phone, &message);
    settle(phone);
    assert_non_null(phone_reply(phone, 77));
    assert_int_equal(phone_reply(phone, 77)->result, DG_RESULT_OK);
    rig_vouch(&phone->rig, 0U);
}

void phone_attest(struct phone *phone)
{
    const struct rig *rig = &phone->rig;
    struct dg_internal message = {.type = DG_INTERNAL_APP_ATTEST};
    struct dg_slip *slip = &message.as.app.ticket;
    struct dg_attestation attestation;
    const unsigned before = phone->nonces;
    dg_span ticket;

    message.as.app.tag = 78;
    to_client(phone, &message);
    settle(phone);
    assert_int_equal(phone->nonces, before + 1U);
    attestation = rig_attestation(&phone->rig, 0U, &phone->nonce.nonce);
    assert_int_equal(dg_attestation_subject(&rig->crypto,
                                            &rig->settings.device,
                                            &phone->nonce.key,
                                            &phone->nonce.presence,
                                            &attestation.subject),
                     DG_OK);
    assert_int_equal(dg_attestation_sign(&rig->crypto,
                                         &rig->verifier,
                                         &attestation,
                                         DG_BUF_OF(slip->byte),
                                         &ticket),
                     DG_OK);
    slip->size = (uint16_t)ticket.size;
    to_client(phone, &message);
    settle(phone);
    assert_int_equal(phone->nonces, before + 2U);
}

void phone_glucose(struct phone *phone, int32_t mg_dL)
{
    uint8_t room[DG_SENSOR_FRAME_MAX];
    struct dg_internal message = {.type = DG_INTERNAL_FRAME};

    phone->rig.sensor_sequence++;

    const dg_span frame = rig_reading(&phone->rig,
                                      phone->rig.sensor_sequence,
                                      phone->rig.clock_s,
                                      mg_dL,
                                      DG_BUF_OF(room));

    message.as.frame.size = (uint16_t)frame.size;
    memcpy(message.as.frame.byte, frame.at, frame.size);
    to_client(phone, &message);
    settle(phone);
}

void phone_wait(struct phone *phone, int64_t ms)
{
    const int64_t until = phone->now_ms + ms;

    while (phone->now_ms < until) {
        const int64_t before_s = phone->now_ms / 1000;

        phone->now_ms += 50;
        if (phone->now_ms / 1000 != before_s) {
            rig_wait(&phone->rig, 1);
        }
        (void)dg_keys_tick(&phone->keys, phone->now_ms);
        send_keys(phone);
        (void)dg_client_tick(&phone->client, phone->now_ms);
        settle(phone);
    }
}

void phone_release_first(struct phone *phone)
{
    const struct phone_datagram first = phone->held[0];

    assert_true(phone->held_count > 0U);
    phone->held_count--;
    for (size_t i = 0; i < phone->held_count; i++) {
        phone->held[i] = phone->held[i + 1U];
    }
    carry(phone, &first);
    settle(phone);
}

void phone_release(struct phone *phone)
{
    static struct phone_datagram held[PHONE_QUEUE];
    const size_t count = phone->held_count;

    memcpy(held, phone->held, sizeof(held));
    phone->held_count = 0;
    for (size_t i = 0; i < count; i++) {
        carry(phone, &held[i]);
    }
    settle(phone);
}

const struct dg_reply *phone_reply(const struct phone *phone, uint32_t tag)
{
    for (size_t i = phone->reply_count; i > 0U; i--) {
        if (phone->reply[i - 1U].tag == tag) {
            return &phone->reply[i - 1U];
        }
    }
    return NULL;
}

const struct dg_event_note *phone_event(const struct phone *phone,
                                        enum dg_event event)
{
    for (size_t i = phone->event_count; i > 0U; i--) {
        if (phone->event[i - 1U].event == event) {
            return &phone->event[i - 1U];
        }
    }
    return NULL;
}
