/* SPDX-License-Identifier: Apache-2.0 */
#include "client_parts.h"

#include <string.h>

/* Keys answers every request within its own bounds (a few seconds at most);
 * this one is for a keys role that went silent. */
#define GUARD_MS 15000

/* Two dozen numbers take longer to read than a dose. */
#define LIMITS_LAPSE_S 120U

static struct dg_internal *put(struct dg_client *client,
                               enum dg_internal_type type)
{
    /* Events are the first to go when nobody empties the queue. */
    if (client->out_count == DG_CLIENT_OUT_MAX) {
        client->out_count--;
    }

    struct dg_internal *message = &client->out[client->out_count];

    client->out_count++;
    memset(message, 0, sizeof(*message));
    message->type = type;
    return message;
}

static void fill_status(const struct dg_client *client,
                        struct dg_request *request)
{
    request->kind = DG_REQUEST_STATUS;
    request->as.status.major = DG_VERSION_MAJOR;
    request->as.status.minor = DG_VERSION_MINOR;
    request->as.status.phone_battery_percent =
        client->settings.phone_battery_percent;
}

static void fill_propose(const struct dg_client *client,
                         struct dg_request *request)
{
    request->kind = DG_REQUEST_PROPOSE;
    request->as.propose.tier = (client->work.job == DG_JOB_CYCLE)
                                   ? DG_TIER_AUTOMATIC
                                   : DG_TIER_CONFIRMED;
    request->as.propose.effect = client->work.asked;
}

static void fill_commit(const struct dg_client *client,
                        struct dg_request *request)
{
    request->kind = DG_REQUEST_COMMIT;
    request->as.commit.ticket = client->dose.ticket;
    request->as.commit.has_signature = client->dose.tier == DG_TIER_CONFIRMED;
    if (request->as.commit.has_signature) {
        request->as.commit.signature = client->dose.signature;
    }
}

static void fill_glucose(const struct dg_client *client,
                         struct dg_request *request)
{
    request->kind = DG_REQUEST_GLUCOSE;
    request->as.glucose.size = (uint8_t)client->work.frame.size;
    memcpy(request->as.glucose.frame,
           client->work.frame.byte,
           client->work.frame.size);
}

static void fill_journal(const struct dg_client *client,
                         struct dg_request *request)
{
    const struct dg_journal_order *order = &client->work.journal;

    *request = dg_journal_ask(order->verb);
    request->as.journal.first = order->first;
    request->as.journal.skip = order->skip;
    if (order->head.size <= DG_JOURNAL_BYTES_MAX) {
        request->as.journal.size = (uint8_t)order->head.size;
        memcpy(request->as.journal.byte, order->head.byte, order->head.size);
    }
}

/* A ticket, nothing but the wish for a nonce, or a head of the policy. */
static void fill_attest(const struct dg_slip *slip, struct dg_request *request)
{
    const dg_span bytes = {slip->byte, slip->size};

    if (slip->is_head) {
        request->kind = DG_REQUEST_POLICY;
        request->as.policy.head = bytes;
    } else {
        request->kind = DG_REQUEST_ATTEST;
        request->as.attest.ticket = bytes;
    }
}

static void fill(const struct dg_client *client, struct dg_request *request)
{
    switch (client->work.step) {
    case DG_STEP_STATUS:
        fill_status(client, request);
        break;
    case DG_STEP_GLUCOSE:
        fill_glucose(client, request);
        break;
    case DG_STEP_LEASE:
        request->kind = DG_REQUEST_LEASE;
        request->as.lease.verb = DG_LEASE_TAKE;
        break;
    case DG_STEP_PROPOSE:
        fill_propose(client, request);
        break;
    case DG_STEP_COMMIT:
        fill_commit(client, request);
        break;
    case DG_STEP_STOP:
        request->kind = DG_REQUEST_STOP;
        break;
    case DG_STEP_ORDER:
        dg_client_fill_order(client, request);
        break;
    case DG_STEP_CARRY:
        dg_client_fill_carry(client, request);
        break;
    case DG_STEP_ATTEST:
        fill_attest(&client->work.ticket, request);
        break;
    case DG_STEP_JOURNAL:
        fill_journal(client, request);
        break;
    case DG_STEP_LIMITS:
        dg_client_fill_limits(client, request);
        break;
    case DG_STEP_NONE:
    case DG_STEP_PAIR:
        break;
    }
}

void dg_client_request(struct dg_client *client, int64_t now_ms)
{
    struct dg_request request;
    struct dg_internal *message = put(client, DG_INTERNAL_REQUEST);
    struct dg_plain *plain = &message->as.message.plain;
    dg_span bytes = {NULL, 0};

    memset(&request, 0, sizeof(request));
    fill(client, &request);
    if (dg_request_encode(&request, DG_BUF_OF(plain->byte), &bytes) != DG_OK) {
        bytes.size = 0; /* keys ends us for that, and the person is told */
    }
    plain->size = (uint16_t)bytes.size;
    memset(&plain->byte[bytes.size], 0, sizeof(plain->byte) - bytes.size);

    /* A status goes in any session and may open one; everything else only in
     * the session that it was made for. */
    if (client->work.step == DG_STEP_COMMIT) {
        message->as.message.session = client->dose.session;
    } else if (client->work.step != DG_STEP_STATUS) {
        message->as.message.session = client->session;
    }
    client->work.due_ms = now_ms + GUARD_MS;
}

void dg_client_order_pairing(struct dg_client *client, int64_t now_ms)
{
    struct dg_internal *message = put(client, DG_INTERNAL_PAIR);

    message->as.pair = client->work.pair;
    client->work.step = DG_STEP_PAIR;
    client->work.due_ms = now_ms + GUARD_MS;
}

void dg_client_ask(struct dg_client *client)
{
    const struct dg_client_dose *dose = &client->dose;
    struct dg_internal *message = put(client, DG_INTERNAL_ASK);
    const uint32_t now_s = client->status.now.s;
    const uint32_t left_s =
        (dose->expiry.s > now_s) ? dose->expiry.s - now_s : 0U;

    message->as.ask.approval = (struct dg_approval){.device = client->device,
                                                    .session = dose->session,
                                                    .ticket = dose->ticket,
                                                    .effect = dose->effect,
                                                    .expiry = dose->expiry};
    message->as.ask.button = dose->confirmation == DG_CONFIRM_BUTTON;
    message->as.ask.lapse_s =
        (left_s > UINT16_MAX) ? UINT16_MAX : (uint16_t)left_s;
}

void dg_client_ask_limits(struct dg_client *client,
                          const struct dg_bounds *in_force)
{
    struct dg_limits_question *question =
        &put(client, DG_INTERNAL_ASK_LIMITS)->as.limits_question;

    question->ticket = client->limits.ticket;
    question->lapse_s = LIMITS_LAPSE_S;
    question->in_force = *in_force;
    question->profile = client->limits.profile;
}

void dg_client_withdraw(struct dg_client *client)
{
    put(client, DG_INTERNAL_WITHDRAW)->as.withdraw =
        (client->limits.phase == DG_LIMITS_ASKING) ? client->limits.ticket
                                                   : client->dose.ticket;
}

static void add_status(const struct dg_client *client,
                       int64_t now_ms,
                       struct dg_reply *reply)
{
    reply->has_status = client->has_status;
    if (client->has_status) {
        reply->status = client->status;
        reply->status_age_s = (uint32_t)((now_ms - client->status_ms) / 1000);
    }
}

static void put_amounts(struct dg_reply *reply,
                        const struct dg_effect *asked,
                        const struct dg_effect *resolved)
{
    reply->asked = asked->amount;
    reply->resolved = resolved->amount;
    reply->asked_glucagon = asked->glucagon;
    reply->resolved_glucagon = resolved->glucagon;
}

void dg_client_reply(struct dg_client *client,
                     int64_t now_ms,
                     uint32_t tag,
                     enum dg_result result,
                     const struct dg_answer *refusal,
                     bool about_dose)
{
    const struct dg_client_dose *dose = &client->dose;
    struct dg_reply *reply = &put(client, DG_INTERNAL_REPLY)->as.reply;

    reply->tag = tag;
    reply->result = result;
    if (refusal != NULL) {
        reply->reason = refusal->as.refused.reason;
        reply->headroom = refusal->as.refused.headroom;
    }
    if (about_dose) {
        reply->has_ticket = true;
        reply->ticket = dose->ticket;
        put_amounts(reply, &dose->asked, &dose->effect);
        reply->confirmation = dose->confirmation;
    }
    add_status(client, now_ms, reply);
}

void dg_client_tell_journal(struct dg_client *client,
                            const struct dg_answer *answer)
{
    struct dg_journal_reply *reply =
        &put(client, DG_INTERNAL_JOURNAL)->as.journal;

    reply->tag = client->work.tag;
    reply->verb = answer->as.journal.verb;
    reply->first = answer->as.journal.first;
    reply->total = answer->as.journal.total;
    reply->bytes.size = answer->as.journal.size;
    memcpy(reply->bytes.byte, answer->as.journal.byte, answer->as.journal.size);
}

void dg_client_reply_earlier(struct dg_client *client,
                             int64_t now_ms,
                             uint32_t tag)
{
    struct dg_reply *reply = &put(client, DG_INTERNAL_REPLY)->as.reply;

    reply->tag = tag;
    reply->result = DG_RESULT_EARLIER;
    reply->has_ticket = true;
    reply->ticket = client->earlier.ticket;
    put_amounts(reply, &client->earlier.asked, &client->earlier.resolved);
    add_status(client, now_ms, reply);
}

void dg_client_tell_phones(struct dg_client *client,
                           const struct dg_answer *answer)
{
    struct dg_phones_note *note = &put(client, DG_INTERNAL_PHONES)->as.phones;

    note->tag = client->work.tag;
    memcpy(note->phone, answer->as.roles.phone, sizeof(note->phone));
}

void dg_client_tell_limits(struct dg_client *client,
                           const struct dg_answer *answer)
{
    struct dg_limits_note *note = &put(client, DG_INTERNAL_LIMITS)->as.limits;

    note->tag = client->work.tag;
    note->device = client->device;
    note->counter = answer->as.profile.counter;
    note->state = answer->as.profile.state;
    note->left_s = answer->as.profile.left_s;
    note->in_force = answer->as.profile.in_force;
    note->next = answer->as.profile.next;
}

void dg_client_tell_progress(struct dg_client *client,
                             const struct dg_answer *answer)
{
    struct dg_progress_note *note =
        &put(client, DG_INTERNAL_PROGRESS)->as.progress;

    note->tag = client->work.tag;
    note->state = answer->as.update.state;
    note->why = answer->as.update.why;
    note->next = answer->as.update.next;
    note->size = answer->as.update.size;
}

void dg_client_tell_nonce(struct dg_client *client,
                          uint32_t tag,
                          const struct dg_attest_nonce *nonce)
{
    struct dg_nonce_note *note = &put(client, DG_INTERNAL_NONCE)->as.nonce;

    note->tag = tag;
    note->device = client->device;
    note->nonce = *nonce;
    note->key = client->key;
    note->presence = client->presence;
}

void dg_client_tell_cycle(struct dg_client *client,
                          const struct dg_reading *reading,
                          dg_dose decided,
                          enum dg_result result,
                          enum dg_reason reason)
{
    struct dg_event_note *note = &put(client, DG_INTERNAL_EVENT)->as.event;

    note->event = DG_EVENT_CYCLE;
    note->sequence = reading->sequence;
    note->glucose = reading->value;
    note->decided = decided;
    note->result = result;
    note->reason = reason;
    if (client->has_status) {
        note->iob = client->status.iob;
    }
    if ((result == DG_RESULT_OK) && client->status.has_ticket) {
        note->outcome = client->status.outcome;
        note->delivered = client->status.ticket_delivered;
    }
}

void dg_client_tell_dose(struct dg_client *client, enum dg_result result)
{
    struct dg_event_note *note = &put(client, DG_INTERNAL_EVENT)->as.event;

    note->event = DG_EVENT_DOSE;
    note->decided = client->dose.effect.amount;
    note->decided_glucagon = client->dose.effect.glucagon;
    note->result = result;
    note->iob = client->status.iob;
    if ((result == DG_RESULT_OK) &&
        (dg_effect_hormone(&client->dose.effect) == DG_HORMONE_GLUCAGON)) {
        note->outcome = client->status.glucagon.outcome;
        note->delivered_glucagon = client->status.glucagon.delivered;
    } else if (result == DG_RESULT_OK) {
        note->outcome = client->status.outcome;
        note->delivered = client->status.ticket_delivered;
    }
}
