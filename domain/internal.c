/* SPDX-License-Identifier: Apache-2.0 */
#include "internal.h"

#include <string.h>

/* One description of each body serves both directions, so that writer and
 * reader cannot drift apart.  A bad walk stays bad. */
struct walk {
    uint8_t *at;
    size_t size;
    size_t used;
    bool writes;
    bool bad;
};

static void walk_bytes(struct walk *walk, void *field, size_t size)
{
    if (walk->bad || ((walk->size - walk->used) < size)) {
        walk->bad = true;
        return;
    }
    if (walk->writes) {
        memcpy(&walk->at[walk->used], field, size);
    } else {
        memcpy(field, &walk->at[walk->used], size);
    }
    walk->used += size;
}

static void walk_u32(struct walk *walk, uint32_t *field)
{
    uint8_t byte[4] = {(uint8_t)(*field >> 24U),
                       (uint8_t)(*field >> 16U),
                       (uint8_t)(*field >> 8U),
                       (uint8_t)*field};

    walk_bytes(walk, byte, sizeof(byte));
    *field = ((uint32_t)byte[0] << 24U) | ((uint32_t)byte[1] << 16U) |
             ((uint32_t)byte[2] << 8U) | byte[3];
}

static void walk_u16(struct walk *walk, uint16_t *field)
{
    uint8_t byte[2] = {(uint8_t)(*field >> 8U), (uint8_t)*field};

    walk_bytes(walk, byte, sizeof(byte));
    *field = (uint16_t)(((unsigned)byte[0] << 8U) | byte[1]);
}

/* A quantity is never negative on these channels. */
static void walk_quantity(struct walk *walk, int32_t *field)
{
    uint32_t value = (uint32_t)*field;

    walk_u32(walk, &value);
    if (value > (uint32_t)INT32_MAX) {
        walk->bad = true;
        value = 0;
    }
    *field = (int32_t)value;
}

static void walk_small(struct walk *walk, uint8_t *field, uint8_t max)
{
    walk_bytes(walk, field, 1);
    walk->bad = walk->bad || (*field > max);
}

static void walk_bool(struct walk *walk, bool *field)
{
    uint8_t value = *field ? 1U : 0U;

    walk_small(walk, &value, 1);
    *field = value == 1U;
}

/* Gives an enum value back as a number; a bad one is 0, which is NONE in
 * every enum that travels here. */
static unsigned walk_enum(struct walk *walk, unsigned field, unsigned max)
{
    uint8_t value = (field > max) ? UINT8_MAX : (uint8_t)field;

    walk_small(walk, &value, (uint8_t)max);
    return walk->bad ? 0U : value;
}

#define WALK_ENUM(walk, field, type, max) \
    ((field) = (type)walk_enum((walk), (unsigned)(field), (unsigned)(max)))

/* Size, bytes, and a tail that must be zero. */
static void walk_container(struct walk *walk,
                           uint16_t *size,
                           uint8_t *bytes,
                           size_t capacity)
{
    walk_u16(walk, size);
    if (*size > capacity) {
        walk->bad = true;
    }
    walk_bytes(walk, bytes, capacity);
    for (size_t i = *size; !walk->bad && (i < capacity); i++) {
        walk->bad = bytes[i] != 0U;
    }
}

static void walk_plain(struct walk *walk, struct dg_plain *plain)
{
    walk_container(walk, &plain->size, plain->byte, sizeof(plain->byte));
}

static void walk_key(struct walk *walk, struct dg_public_key *key)
{
    walk_bytes(walk, key->x, sizeof(key->x));
    walk_bytes(walk, key->y, sizeof(key->y));
}

static void walk_order(struct walk *walk, struct dg_pair_order *order)
{
    walk_plain(walk, &order->code);
    WALK_ENUM(walk, order->role, enum dg_role, DG_ROLE_OBSERVER);
    walk_small(walk, &order->name_size, DG_PAIRING_NAME_MAX);
    walk_bytes(walk, order->name, sizeof(order->name));
}

static void walk_effect(struct walk *walk, struct dg_effect *effect)
{
    WALK_ENUM(walk, effect->kind, enum dg_effect_kind, DG_EFFECT_SETTINGS);
    WALK_ENUM(walk, effect->form, enum dg_bolus_form, DG_FORM_EXTENDED);
    WALK_ENUM(walk, effect->setting, enum dg_setting, DG_SETTING_BASAL);
    walk_quantity(walk, &effect->amount.mU);
    walk_quantity(walk, &effect->glucagon.ug);
    walk_u32(walk, &effect->duration.s);
    walk_quantity(walk, &effect->rate.mU_per_h);
    walk_small(walk, &effect->hour, 23U);
    walk_small(walk, &effect->hours, 24U);
}

static void walk_approval(struct walk *walk, struct dg_approval *approval)
{
    walk_bytes(walk, approval->device.byte, sizeof(approval->device.byte));
    walk_bytes(walk, approval->session.byte, sizeof(approval->session.byte));
    walk_bytes(walk, approval->ticket.byte, sizeof(approval->ticket.byte));
    walk_effect(walk, &approval->effect);
    walk_u32(walk, &approval->expiry.s);
}

static void walk_glucagon(struct walk *walk, struct dg_glucagon_status *status)
{
    walk_bool(walk, &status->has_chamber);
    walk_u32(walk, &status->total_ug);
    walk_u32(walk, &status->uncertain_ug);
    walk_u32(walk, &status->left_ug);
    walk_bool(walk, &status->has_ticket);
    walk_bytes(walk, status->ticket.byte, sizeof(status->ticket.byte));
    WALK_ENUM(walk, status->outcome, enum dg_outcome, DG_OUTCOME_LAPSED);
    walk_quantity(walk, &status->amount.ug);
    walk_quantity(walk, &status->delivered.ug);
    walk_quantity(walk, &status->headroom_automatic.ug);
    walk_quantity(walk, &status->headroom_confirmed.ug);
}

static void walk_status(struct walk *walk, struct dg_device_status *status)
{
    walk_u32(walk, &status->now.s);
    WALK_ENUM(walk, status->therapy, enum dg_therapy_state, DG_THERAPY_LOWERED);
    WALK_ENUM(walk, status->rung, enum dg_rung, DG_RUNG_AUTOMATE);
    walk_u16(walk, &status->missing);
    WALK_ENUM(walk, status->lease, enum dg_lease_holder, DG_LEASE_OTHER);
    walk_bool(walk, &status->has_ticket);
    walk_bytes(walk, status->ticket.byte, sizeof(status->ticket.byte));
    WALK_ENUM(walk, status->outcome, enum dg_outcome, DG_OUTCOME_LAPSED);
    walk_quantity(walk, &status->ticket_amount.mU);
    walk_quantity(walk, &status->ticket_delivered.mU);
    walk_u32(walk, &status->bolus_total_mU);
    walk_u32(walk, &status->basal_total_mU);
    walk_u32(walk, &status->uncertain_mU);
    walk_quantity(walk, &status->iob.mU);
    walk_u32(walk, &status->reservoir_mU);
    walk_small(walk, &status->battery_percent, 100);
    walk_u16(walk, &status->alarms);
    walk_bool(walk, &status->has_glucose);
    walk_quantity(walk, &status->glucose.mg_dL);
    walk_quantity(walk, &status->headroom_automatic.mU);
    walk_quantity(walk, &status->headroom_confirmed.mU);
    walk_u32(walk, &status->pause_left_s);
    walk_u32(walk, &status->pause_permille);
    walk_u32(walk, &status->headroom_pause_s);
    walk_u32(walk, &status->spread_left_mU);
    walk_glucagon(walk, &status->glucagon);
    walk_u32(walk, &status->loosen_left_s);
    walk_u16(walk, &status->findings);
    WALK_ENUM(walk, status->sound, enum dg_sound, DG_SOUND_CONTINUOUS);
    walk_small(walk, &status->drainer, UINT8_MAX);
}

static void walk_reply(struct walk *walk, struct dg_reply *reply)
{
    walk_u32(walk, &reply->tag);
    WALK_ENUM(walk, reply->result, enum dg_result, DG_RESULTS - 1U);
    WALK_ENUM(walk, reply->reason, enum dg_reason, DG_REASON_MAX);
    walk_quantity(walk, &reply->headroom.mU);
    walk_bool(walk, &reply->has_ticket);
    walk_bytes(walk, reply->ticket.byte, sizeof(reply->ticket.byte));
    walk_quantity(walk, &reply->asked.mU);
    walk_quantity(walk, &reply->resolved.mU);
    walk_quantity(walk, &reply->asked_glucagon.ug);
    walk_quantity(walk, &reply->resolved_glucagon.ug);
    WALK_ENUM(
        walk, reply->confirmation, enum dg_confirmation, DG_CONFIRM_BUTTON);
    walk_small(walk, &reply->slot, UINT8_MAX);
    WALK_ENUM(walk, reply->role, enum dg_role, DG_ROLE_OBSERVER);
    walk_bool(walk, &reply->has_status);
    walk_u32(walk, &reply->status_age_s);
    walk_status(walk, &reply->status);
}

static void walk_event(struct walk *walk, struct dg_event_note *note)
{
    WALK_ENUM(walk, note->event, enum dg_event, DG_EVENTS - 1U);
    walk_u32(walk, &note->sequence);
    walk_quantity(walk, &note->glucose.mg_dL);
    walk_quantity(walk, &note->decided.mU);
    walk_quantity(walk, &note->delivered.mU);
    walk_quantity(walk, &note->decided_glucagon.ug);
    walk_quantity(walk, &note->delivered_glucagon.ug);
    WALK_ENUM(walk, note->result, enum dg_result, DG_RESULTS - 1U);
    WALK_ENUM(walk, note->reason, enum dg_reason, DG_REASON_MAX);
    WALK_ENUM(walk, note->outcome, enum dg_outcome, DG_OUTCOME_LAPSED);
    walk_quantity(walk, &note->iob.mU);
}

static void walk_cause(struct walk *walk, enum dg_cause *cause)
{
    WALK_ENUM(walk, *cause, enum dg_cause, DG_CAUSES - 1U);
}

static void walk_order_of_app(struct walk *walk, struct dg_order *order)
{
    WALK_ENUM(walk, order->verb, enum dg_order_verb, DG_ORDER_RESUME);
    walk_small(walk, &order->slot, DG_ROLES_MAX - 1U);
    walk_u32(walk, &order->seconds);
}

static void walk_carry(struct walk *walk, struct dg_carry *carry)
{
    WALK_ENUM(walk, carry->verb, enum dg_update_verb, DG_UPDATE_ABANDON);
    walk_u32(walk, &carry->offset);
    walk_container(walk, &carry->size, carry->byte, sizeof(carry->byte));
}

static void walk_phones(struct walk *walk, struct dg_phones_note *note)
{
    walk_u32(walk, &note->tag);
    for (size_t slot = 0; slot < DG_ROLES_MAX; slot++) {
        struct dg_roles_entry *entry = &note->phone[slot];

        WALK_ENUM(walk, entry->role, enum dg_role, DG_ROLE_OBSERVER);
        walk_bool(walk, &entry->has_session);
        walk_small(walk, &entry->name_size, DG_PAIRING_NAME_MAX);
        walk_bytes(walk, entry->name, sizeof(entry->name));
    }
}

static void walk_progress(struct walk *walk, struct dg_progress_note *note)
{
    walk_u32(walk, &note->tag);
    WALK_ENUM(walk, note->state, enum dg_update_state, DG_UPDATE_RESTARTING);
    WALK_ENUM(walk, note->why, enum dg_update_why, DG_UPDATE_UNPRESSED);
    walk_u32(walk, &note->next);
    walk_u32(walk, &note->size);
}

static void walk_slip(struct walk *walk, struct dg_slip *slip)
{
    walk_container(walk, &slip->size, slip->byte, sizeof(slip->byte));
}

static void walk_app(struct walk *walk, struct dg_internal *message)
{
    walk_u32(walk, &message->as.app.tag);
    if (message->type == DG_INTERNAL_APP_DOSE) {
        walk_effect(walk, &message->as.app.effect);
        walk_bool(walk, &message->as.app.again);
    }
    if (message->type == DG_INTERNAL_APP_PAIR) {
        walk_order(walk, &message->as.app.pair);
    }
    if (message->type == DG_INTERNAL_APP_ORDER) {
        walk_order_of_app(walk, &message->as.app.order);
    }
    if (message->type == DG_INTERNAL_APP_CARRY) {
        walk_carry(walk, &message->as.app.carry);
    }
    if (message->type == DG_INTERNAL_APP_ATTEST) {
        walk_bool(walk, &message->as.app.ticket.is_head);
        walk_slip(walk, &message->as.app.ticket);
    }
    if (message->type == DG_INTERNAL_APP_LIMITS) {
        WALK_ENUM(walk,
                  message->as.app.limits.verb,
                  enum dg_profile_verb,
                  DG_PROFILE_WITHDRAW);
        walk_slip(walk, &message->as.app.limits.profile);
    }
    if (message->type == DG_INTERNAL_APP_JOURNAL) {
        struct dg_journal_order *order = &message->as.app.journal;

        WALK_ENUM(walk, order->verb, enum dg_journal_verb, DG_JOURNAL_ASK_KEY);
        walk_u32(walk, &order->first);
        walk_small(walk, &order->skip, DG_MERKLE_PROOF_MAX);
        walk_plain(walk, &order->head);
    }
}

static void walk_bounds(struct walk *walk, struct dg_bounds *bounds)
{
    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        walk_quantity(walk, &bounds->value[i]);
    }
}

static void walk_limits(struct walk *walk, struct dg_internal *message)
{
    if (message->type == DG_INTERNAL_LIMITS) {
        struct dg_limits_note *note = &message->as.limits;

        walk_u32(walk, &note->tag);
        walk_bytes(walk, note->device.byte, sizeof(note->device.byte));
        walk_u32(walk, &note->counter);
        WALK_ENUM(walk, note->state, enum dg_loosening, DG_LOOSENING_DELAY);
        walk_u32(walk, &note->left_s);
        walk_bounds(walk, &note->in_force);
        walk_bounds(walk, &note->next);
    }
    if (message->type == DG_INTERNAL_ASK_LIMITS) {
        struct dg_limits_question *question = &message->as.limits_question;

        walk_bytes(walk, question->ticket.byte, DG_TICKET_SIZE);
        walk_u16(walk, &question->lapse_s);
        walk_bounds(walk, &question->in_force);
        walk_slip(walk, &question->profile);
    }
    if (message->type == DG_INTERNAL_PERMITTED) {
        walk_bytes(walk, message->as.permitted.byte, DG_TICKET_SIZE);
    }
}

static void walk_nonce(struct walk *walk, struct dg_nonce_note *note)
{
    walk_u32(walk, &note->tag);
    walk_bytes(walk, note->device.byte, sizeof(note->device.byte));
    walk_bytes(walk, note->nonce.byte, sizeof(note->nonce.byte));
    walk_key(walk, &note->key);
    walk_key(walk, &note->presence);
}

static void walk_journal(struct walk *walk, struct dg_journal_reply *reply)
{
    walk_u32(walk, &reply->tag);
    WALK_ENUM(walk, reply->verb, enum dg_journal_verb, DG_JOURNAL_ASK_KEY);
    walk_u32(walk, &reply->first);
    walk_u32(walk, &reply->total);
    walk_plain(walk, &reply->bytes);
}

static void walk_keys(struct walk *walk, struct dg_internal *message)
{
    if ((message->type == DG_INTERNAL_REQUEST) ||
        (message->type == DG_INTERNAL_ANSWER)) {
        walk_bytes(walk, message->as.message.session.byte, DG_SESSION_ID_SIZE);
        walk_plain(walk, &message->as.message.plain);
    }
    if (message->type == DG_INTERNAL_SESSION) {
        walk_bytes(walk, message->as.session.device.byte, DG_DEVICE_ID_SIZE);
        walk_bytes(walk, message->as.session.id.byte, DG_SESSION_ID_SIZE);
        walk_key(walk, &message->as.session.key);
    }
    if (message->type == DG_INTERNAL_PAIR) {
        walk_order(walk, &message->as.pair);
    }
    if (message->type == DG_INTERNAL_PAIRED) {
        walk_cause(walk, &message->as.paired.cause);
        walk_small(walk, &message->as.paired.answer.slot, UINT8_MAX);
        WALK_ENUM(walk,
                  message->as.paired.answer.role,
                  enum dg_role,
                  DG_ROLE_OBSERVER);
    }
}

static void walk_confirm(struct walk *walk, struct dg_internal *message)
{
    if (message->type == DG_INTERNAL_ASK) {
        walk_approval(walk, &message->as.ask.approval);
        walk_bool(walk, &message->as.ask.button);
        walk_u16(walk, &message->as.ask.lapse_s);
    }
    if (message->type == DG_INTERNAL_APPROVED) {
        walk_bytes(walk, message->as.approved.ticket.byte, DG_TICKET_SIZE);
        walk_bytes(
            walk, message->as.approved.signature.byte, DG_SIGNATURE_SIZE);
    }
    if (message->type == DG_INTERNAL_DECLINED) {
        walk_bytes(walk, message->as.declined.ticket.byte, DG_TICKET_SIZE);
        walk_cause(walk, &message->as.declined.cause);
    }
}

static void walk_health(struct walk *walk, struct dg_health_note *note)
{
    WALK_ENUM(walk, note->fitness, enum dg_fitness, DG_FITNESSES - 1U);
    walk_u16(walk, &note->findings);
    walk_u32(walk, &note->age_s);
    walk_small(walk, &note->phone_battery, 100);
}

static void walk_body(struct walk *walk, struct dg_internal *message)
{
    switch (message->type) {
    case DG_INTERNAL_DATAGRAM_OUT:
    case DG_INTERNAL_DATAGRAM_IN:
        walk_container(walk,
                       &message->as.datagram.size,
                       message->as.datagram.byte,
                       DG_DATAGRAM_MAX);
        break;
    case DG_INTERNAL_FRAME_IN:
    case DG_INTERNAL_FRAME:
        walk_plain(walk, &message->as.frame);
        break;
    case DG_INTERNAL_REQUEST:
    case DG_INTERNAL_ANSWER:
    case DG_INTERNAL_SESSION:
    case DG_INTERNAL_PAIR:
    case DG_INTERNAL_PAIRED:
        walk_keys(walk, message);
        break;
    case DG_INTERNAL_UNANSWERED:
        walk_cause(walk, &message->as.unanswered);
        break;
    case DG_INTERNAL_PRESENCE:
    case DG_INTERNAL_ENROLL:
        walk_key(walk, &message->as.presence);
        break;
    case DG_INTERNAL_WITHDRAW:
        walk_bytes(walk, message->as.withdraw.byte, DG_TICKET_SIZE);
        break;
    case DG_INTERNAL_ASK:
    case DG_INTERNAL_APPROVED:
    case DG_INTERNAL_DECLINED:
        walk_confirm(walk, message);
        break;
    case DG_INTERNAL_APP_STATUS:
    case DG_INTERNAL_APP_DOSE:
    case DG_INTERNAL_APP_STOP:
    case DG_INTERNAL_APP_PAIR:
    case DG_INTERNAL_APP_ORDER:
    case DG_INTERNAL_APP_CARRY:
    case DG_INTERNAL_APP_ATTEST:
    case DG_INTERNAL_APP_JOURNAL:
    case DG_INTERNAL_APP_LIMITS:
        walk_app(walk, message);
        break;
    case DG_INTERNAL_HEALTH:
        walk_health(walk, &message->as.health);
        break;
    case DG_INTERNAL_LIMITS:
    case DG_INTERNAL_ASK_LIMITS:
    case DG_INTERNAL_PERMITTED:
        walk_limits(walk, message);
        break;
    case DG_INTERNAL_NONCE:
        walk_nonce(walk, &message->as.nonce);
        break;
    case DG_INTERNAL_REPLY:
        walk_reply(walk, &message->as.reply);
        break;
    case DG_INTERNAL_EVENT:
        walk_event(walk, &message->as.event);
        break;
    case DG_INTERNAL_PHONES:
        walk_phones(walk, &message->as.phones);
        break;
    case DG_INTERNAL_PROGRESS:
        walk_progress(walk, &message->as.progress);
        break;
    case DG_INTERNAL_JOURNAL:
        walk_journal(walk, &message->as.journal);
        break;
    case DG_INTERNAL_NONE:
        walk->bad = true;
        break;
    }
}

enum dg_status dg_internal_encode(const struct dg_internal *message,
                                  dg_buf room,
                                  dg_span *bytes)
{
    if ((message == NULL) || (room.at == NULL) || (bytes == NULL) ||
        (message->type == DG_INTERNAL_NONE) ||
        ((unsigned)message->type >= DG_INTERNAL_TYPES)) {
        return DG_E_USAGE;
    }
    if (room.capacity < DG_INTERNAL_MAX) {
        return DG_E_NO_SPACE;
    }

    struct dg_internal copy = *message; /* a walk may touch what it walks */
    struct walk walk = {
        .at = &room.at[1], .size = DG_INTERNAL_MAX - 1U, .writes = true};

    walk_body(&walk, &copy);
    if (walk.bad) {
        return DG_E_RANGE;
    }
    room.at[0] = (uint8_t)message->type;
    *bytes = (dg_span){room.at, 1U + walk.used};
    return DG_OK;
}

enum dg_status dg_internal_decode(dg_span bytes, struct dg_internal *message)
{
    if ((bytes.at == NULL) || (message == NULL)) {
        return DG_E_USAGE;
    }
    memset(message, 0, sizeof(*message));
    if ((bytes.size == 0U) || (bytes.size > DG_INTERNAL_MAX) ||
        (bytes.at[0] >= DG_INTERNAL_TYPES)) {
        return DG_E_PEER;
    }

    uint8_t body[DG_INTERNAL_MAX];
    struct walk walk = {.at = body, .size = bytes.size - 1U};

    memcpy(body, &bytes.at[1], bytes.size - 1U);
    message->type = (enum dg_internal_type)bytes.at[0];
    walk_body(&walk, message);
    if (walk.bad || (walk.used != walk.size)) {
        memset(message, 0, sizeof(*message));
        return DG_E_PEER;
    }
    return DG_OK;
}
