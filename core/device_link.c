/* SPDX-License-Identifier: Apache-2.0 */
#include "device_link.h"

#include "attest_desk.h"
#include "bytes.h"
#include "device_parts.h"
#include "dosegate/controller.h"
#include "dosegate/credential.h"
#include "dosegate/knock.h"
#include "interlock.h"
#include "knock_log.h"
#include "session_keys.h"

#include <stddef.h>
#include <string.h>

/* Frame and session: from bytes on the link to an authentic message. */

struct frame {
    struct dg_device *device;
    dg_span datagram;
    dg_buf room;
    dg_span answer;
};

/* The device with the key of one method.  Spans in @p self point to @p id_cred
 * and @p ccs. */
static enum dg_status self_of(const struct dg_device *device,
                              enum dg_method method,
                              uint8_t id_cred[DG_SESSION_ID_CRED_SIZE],
                              struct dg_ccs *ccs,
                              struct dg_edhoc_self *self)
{
    const struct dg_settings *settings = &device->settings;
    const bool signs = method == DG_METHOD_SIGN;
    const struct dg_credential credential = {dg_session_device_kid(method),
                                             signs ? settings->sign_public
                                                   : settings->public_key};
    const enum dg_status status = dg_credential_ccs(&credential, ccs);

    dg_session_id_cred(credential.kid, id_cred);
    self->private_key = signs ? settings->sign_private : settings->private_key;
    self->public_key = credential.key;
    self->id_cred = (dg_span){id_cred, DG_SESSION_ID_CRED_SIZE};
    self->cred = DG_SPAN_OF(ccs->byte);
    return status;
}

/* A nonce for a ticket, to send along; without randomness there is none, and
 * the handshake goes on. */
static dg_span nonce_ead(struct dg_device *device, unsigned slot, dg_buf room)
{
    const struct dg_edhoc_ead item = {.label = DG_EAD_NONCE};
    struct dg_attest_nonce nonce;

    if (dg_desk_nonce(device, slot, &nonce) != DG_OK) {
        return (dg_span){NULL, 0U};
    }
    return dg_session_write_ead(room, &item, DG_SPAN_OF(nonce.byte));
}

/* knock and message_1 ---------------------------------------------------- */

/* The counter is in flash before anything is answered: a knock works once, also
 * across a reset. */
static enum dg_status accept_knock(struct dg_device *device,
                                   const struct dg_knock *knock)
{
    return dg_knock_log_append(
        device->ports->flash, &device->settings, knock->slot, knock->counter);
}

static enum dg_status answer_message_1(struct frame *frame,
                                       unsigned slot,
                                       dg_span message_1)
{
    struct dg_device *device = frame->device;
    const struct dg_crypto *crypto = device->ports->crypto;
    struct dg_session *session = &device->session[slot];
    struct dg_edhoc edhoc = {.state = DG_EDHOC_NONE};
    struct dg_edhoc_claim claim;
    struct dg_edhoc_self self;
    struct dg_ccs ccs;
    uint8_t id_cred[DG_SESSION_ID_CRED_SIZE];
    static const uint8_t connection[1] = {DG_SESSION_C_R};
    dg_span error = {NULL, 0U};
    dg_span message_2 = {NULL, 0U};
    uint8_t ead[DG_EAD_NONCE_SIZE];
    const dg_buf room = {&frame->room.at[1], frame->room.capacity - 1U};

    const enum dg_method method = device->settings.controller[slot].method;
    const struct dg_edhoc_suites *offer = dg_session_offer(method);
    enum dg_status status = self_of(device, method, id_cred, &ccs, &self);

    /* A fresh knock: what was under way has lost its message_3. */
    dg_bytes_wipe(&session->handshake, sizeof session->handshake);
    session->begun = device->now;
    session->forged = 0U;
    if (status == DG_OK) {
        status = dg_edhoc_r_read_message_1(
            &edhoc, crypto, offer, message_1, &claim, room, &error);
    }
    if (status == DG_OK) {
        status = dg_session_pick_ead(&edhoc, &claim, NULL, 0U);
    }
    if (status == DG_OK) {
        status = dg_edhoc_r_message_2(&edhoc,
                                      crypto,
                                      &self,
                                      DG_SPAN_OF(connection),
                                      nonce_ead(device, slot, DG_BUF_OF(ead)),
                                      room,
                                      &message_2);
    }
    if (status == DG_OK) {
        status = dg_edhoc_r_park(&edhoc, &session->handshake);
    }
    dg_edhoc_wipe(&edhoc);
    dg_bytes_wipe(&self, sizeof self);
    if (status != DG_OK) {
        return status;
    }
    frame->room.at[0] = DG_MESSAGE_2_TYPE;
    frame->answer = (dg_span){frame->room.at, message_2.size + 1U};
    return DG_OK;
}

/* @satisfies{FRU_RSA.1@1} */
static enum dg_status take_knock(struct frame *frame)
{
    struct dg_device *device = frame->device;
    struct dg_knock knock;
    enum dg_status status = dg_knock_parse(frame->datagram, &knock);

    if (status != DG_OK) {
        return status;
    }
    if (knock.slot >= DG_CONTROLLERS) {
        return DG_E_AUTH;
    }

    const struct dg_enrolled *enrolled =
        &device->settings.controller[knock.slot];

    if (!enrolled->is_used) {
        return DG_E_AUTH;
    }
    /* One that was heard and backed off is not in flash, but it is spent as
     * well: a stranger who repeats it costs its owner nothing. */
    if ((knock.counter <= enrolled->knock_counter) ||
        (knock.counter <= device->session[knock.slot].heard)) {
        return DG_E_REPLAY;
    }

    const bool is_near =
        (knock.counter - enrolled->knock_counter) <= DG_ENERGY_NEAR;

    if (!dg_energy_may_listen(
            &device->energy, device->now, knock.slot, is_near)) {
        return DG_E_STATE;
    }
    status = dg_knock_verify(
        device->ports->crypto, &enrolled->knock_key, frame->datagram);
    if (status == DG_OK) {
        device->session[knock.slot].heard = knock.counter;
    }
    if ((status == DG_OK) &&
        !dg_energy_may_connect(&device->energy, device->now, knock.slot)) {
        return DG_E_STATE;
    }
    if (status == DG_OK) {
        status = accept_knock(device, &knock);
    }
    if (status == DG_OK) {
        status = answer_message_1(frame, knock.slot, knock.message_1);
    }
    return status;
}

/* message_3 -------------------------------------------------------------- */

static void open_session(struct dg_device *device,
                         struct dg_session *session,
                         const struct dg_record *record,
                         const struct dg_secret *root,
                         const struct dg_session_id *id)
{
    dg_record_wipe(&session->record);
    dg_rekey_begin(&session->rekey, root);
    session->record = *record;
    session->id = *id;
    session->opened = device->now;
    session->is_greeted = false;
    dg_ticket_void(&session->ticket);
    session->phone_battery.held = false;
}

/* Read message_3; one whose tag does not hold is not the peer's, and the
 * handshake waits on for the one that is. */
static enum dg_status read_message_3(struct dg_session *session,
                                     struct dg_edhoc *edhoc,
                                     const struct dg_crypto *crypto,
                                     const struct dg_edhoc_self *self,
                                     dg_span message_3,
                                     struct dg_edhoc_claim *claim)
{
    enum dg_status status = dg_edhoc_r_resume(edhoc, &session->handshake);

    if (status == DG_OK) {
        status =
            dg_edhoc_r_read_message_3(edhoc, crypto, self, message_3, claim);
    }

    const enum dg_category category = dg_status_category(status);

    if (((category == DG_CAT_AUTH) || (category == DG_CAT_INPUT)) &&
        (session->forged < DG_EDHOC_FORGED_MAX)) {
        session->forged++;
    } else {
        /* It is this one, or none. */
        dg_bytes_wipe(&session->handshake, sizeof session->handshake);
    }
    return status;
}

static enum dg_status verify_message_3(struct frame *frame,
                                       unsigned slot,
                                       dg_span message_3,
                                       struct dg_edhoc *edhoc,
                                       struct dg_edhoc_ead *ticket)
{
    struct dg_device *device = frame->device;
    const struct dg_crypto *crypto = device->ports->crypto;
    const struct dg_credential credential = {
        (uint8_t)slot, device->settings.controller[slot].key};
    struct dg_edhoc_claim claim;
    struct dg_edhoc_self self;
    struct dg_edhoc_peer peer;
    struct dg_ccs self_ccs;
    struct dg_ccs peer_ccs;
    uint8_t self_id[DG_SESSION_ID_CRED_SIZE];
    uint8_t peer_id[DG_SESSION_ID_CRED_SIZE];
    const enum dg_method method = device->settings.controller[slot].method;
    enum dg_status status = self_of(device, method, self_id, &self_ccs, &self);

    if (status == DG_OK) {
        status = dg_credential_ccs(&credential, &peer_ccs);
    }
    if (status == DG_OK) {
        status = read_message_3(
            &device->session[slot], edhoc, crypto, &self, message_3, &claim);
    }
    if (status == DG_OK) {
        status = dg_session_pick_ead(edhoc, &claim, ticket, 1U);
    }
    dg_session_id_cred((uint8_t)slot, peer_id);
    /* Who knocked must be who signs for it. */
    if ((status == DG_OK) &&
        !dg_bytes_equal(claim.id_cred, DG_SPAN_OF(peer_id))) {
        status = DG_E_AUTH;
    }
    if (status == DG_OK) {
        peer.public_key = credential.key;
        peer.cred = DG_SPAN_OF(peer_ccs.byte);
        status = dg_edhoc_r_verify_message_3(edhoc, crypto, &self, &peer);
    }
    dg_bytes_wipe(&self, sizeof self);
    return status;
}

/* A ticket came in EAD_3, and message_3 holds.  What it is worth does not
 * concern the session: a bad one is no evidence.  The phone needs a new nonce
 * either way. */
static dg_span exchange_ticket(struct dg_device *device,
                               unsigned slot,
                               const struct dg_edhoc_ead *ticket,
                               dg_buf room)
{
    if (!ticket->present) {
        return (dg_span){NULL, 0U};
    }
    if (dg_role_may(device->settings.controller[slot].role,
                    DG_REQUEST_ATTEST)) {
        (void)dg_desk_take(device, slot, ticket->value);
    }
    return nonce_ead(device, slot, room);
}

static enum dg_status take_message_3(struct frame *frame)
{
    struct dg_device *device = frame->device;
    const struct dg_crypto *crypto = device->ports->crypto;
    const unsigned slot = frame->datagram.at[1];
    const dg_span message_3 = {&frame->datagram.at[2],
                               frame->datagram.size - 2U};
    const dg_buf room = {&frame->room.at[1], frame->room.capacity - 1U};
    struct dg_edhoc_ead ticket = {.label = DG_EAD_TICKET};
    uint8_t ead_room[DG_EAD_NONCE_SIZE];
    dg_span message_4 = {NULL, 0U};
    struct dg_record record;
    struct dg_secret root = {{0U}};
    struct dg_session_id id;

    memset(&record, 0, sizeof record);
    if ((slot >= DG_CONTROLLERS) ||
        !device->settings.controller[slot].is_used) {
        return DG_E_AUTH;
    }

    struct dg_edhoc edhoc = {.state = DG_EDHOC_NONE};
    enum dg_status status =
        verify_message_3(frame, slot, message_3, &edhoc, &ticket);

    if (status == DG_OK) {
        const dg_span ead =
            exchange_ticket(device, slot, &ticket, DG_BUF_OF(ead_room));

        status = dg_edhoc_r_message_4(&edhoc, crypto, ead, room, &message_4);
    }
    if (status == DG_OK) {
        root = edhoc.prk_out;
        status = dg_session_keys(&edhoc, crypto, slot, true, &record, &id);
    }
    if (status == DG_OK) {
        open_session(device, &device->session[slot], &record, &root, &id);
        frame->room.at[0] = DG_MESSAGE_4_TYPE;
        frame->answer = (dg_span){frame->room.at, message_4.size + 1U};
    }
    dg_edhoc_wipe(&edhoc);
    dg_bytes_wipe(&record, sizeof record);
    dg_bytes_wipe(&root, sizeof root);
    return status;
}

/* records ---------------------------------------------------------------- */

/* @satisfies{FTP_KEY.2@1} */
/* The session that a record names, by its keys or by those that it was offered
 * next. */
static unsigned slot_of_epoch(const struct dg_device *device,
                              dg_span datagram,
                              bool *is_next)
{
    const uint16_t epoch = (datagram.size >= DG_RECORD_HEADER_SIZE)
                               ? dg_bytes_get_u16(&datagram.at[1])
                               : 0U;

    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        const struct dg_session *session = &device->session[slot];

        *is_next = session->rekey.next.epoch == epoch;
        if ((epoch != 0U) && (*is_next || (session->record.epoch == epoch))) {
            return slot;
        }
    }
    return DG_CONTROLLERS;
}

_Static_assert((DG_RECORD_MAX + DG_MESSAGE_MAX) <= DG_DATAGRAM_MAX,
               "an answer fits behind the record that it becomes");

static enum dg_status seal_answer(struct frame *frame,
                                  struct dg_session *session,
                                  const struct dg_answer *answer)
{
    dg_buf behind = {&frame->room.at[DG_RECORD_MAX], DG_MESSAGE_MAX};
    dg_span plain = {NULL, 0U};
    enum dg_status status = dg_answer_encode(answer, behind, &plain);

    if (status == DG_OK) {
        status = dg_record_seal(&session->record,
                                frame->device->ports->crypto,
                                plain,
                                (dg_buf){frame->room.at, DG_RECORD_MAX},
                                &frame->answer);
    }
    dg_bytes_wipe(behind.at, behind.capacity);
    return status;
}

/* @satisfies{FTP_ITC.1@1} */
static enum dg_status take_record(struct frame *frame)
{
    struct dg_device *device = frame->device;
    bool is_next = false;
    const unsigned slot = slot_of_epoch(device, frame->datagram, &is_next);
    dg_span plain = {NULL, 0U};
    struct dg_answer answer;

    if (slot == DG_CONTROLLERS) {
        return DG_E_AUTH;
    }

    if (!dg_energy_may_open(&device->energy, device->now, slot)) {
        return DG_E_STATE;
    }

    struct dg_session *session = &device->session[slot];
    struct dg_record *record =
        is_next ? &session->rekey.next : &session->record;
    /* The message stands where its answer will. */
    enum dg_status status = dg_record_open(
        record, device->ports->crypto, frame->datagram, frame->room, &plain);

    if ((status == DG_E_STATE) || (status == DG_E_AUTH)) {
        dg_energy_forged(&device->energy, slot);
    }
    if (status == DG_E_STATE) {
        dg_record_wipe(record);
        if (!is_next) {
            dg_rekey_wipe(&session->rekey);
        }
        dg_device_raise(device, DG_ALARM_CONTROLLER);
    }
    if (status != DG_OK) {
        return status;
    }
    if (is_next) {
        dg_rekey_commit(&session->rekey, &session->record);
    }
    if (device->lease.is_held && (device->lease.slot == slot)) {
        device->heard = device->now;
    }
    dg_command_run(device, slot, plain, &answer);
    return seal_answer(frame, session, &answer);
}

static enum dg_status take_pairing(struct frame *frame)
{
    return dg_window_receive(
        frame->device, frame->datagram, frame->room, &frame->answer);
}

static enum dg_status take_hello(struct frame *frame)
{
    return dg_verifier_hello(
        frame->device, frame->datagram, frame->room, &frame->answer);
}

static enum dg_status take_share(struct frame *frame)
{
    return dg_verifier_share(
        frame->device, frame->datagram, frame->room, &frame->answer);
}

static enum dg_status take_confirm(struct frame *frame)
{
    return dg_verifier_confirm(
        frame->device, frame->datagram, frame->room, &frame->answer);
}

/* The whole front door: first byte, least size, handler.  A type that is not
 * here costs nothing and gets nothing. */
struct door {
    uint8_t type;
    size_t size_min;
    enum dg_status (*take)(struct frame *frame);
};

static const struct door doors[] = {
    {DG_KNOCK_TYPE, DG_KNOCK_HEADER_SIZE + 1U, take_knock},
    {DG_MESSAGE_3_TYPE, 3U, take_message_3},
    {DG_RECORD_TYPE, DG_RECORD_HEADER_SIZE + DG_TAG_SIZE, take_record},
    {DG_PAIRING_REQUEST_TYPE, 2U, take_pairing},
    {DG_PAIRING_HELLO_TYPE, 2U, take_hello},
    {DG_PAIRING_SHARE_TYPE, DG_PAIRING_SHARE_DATAGRAM, take_share},
    {DG_PAIRING_CONFIRM_TYPE, 2U + DG_SPAKE2PLUS_CONFIRM_SIZE, take_confirm},
};

/* Which count a datagram that does not hold goes to: the place of its door,
 * after the last door when it has none. */
static uint8_t note_of(uint8_t type)
{
    uint8_t place = 0U;

    while ((place < (sizeof doors / sizeof doors[0])) &&
           (doors[place].type != type)) {
        place++;
    }
    return place;
}

enum dg_status dg_device_link_receive(struct dg_device *device,
                                      dg_span datagram,
                                      dg_buf room,
                                      dg_span *answer)
{
    struct frame frame = {.device = device,
                          .datagram = datagram,
                          .room = room,
                          .answer = {NULL, 0U}};

    if ((datagram.at == NULL) || (datagram.size == 0U) ||
        (datagram.size > DG_DATAGRAM_MAX)) {
        return DG_E_RANGE;
    }
    for (size_t i = 0U; i < (sizeof doors / sizeof doors[0]); i++) {
        if ((datagram.at[0] == doors[i].type) &&
            (datagram.size >= doors[i].size_min)) {
            const enum dg_status status = doors[i].take(&frame);

            *answer = (status == DG_OK) ? frame.answer : (dg_span){NULL, 0U};
            if (status != DG_OK) {
                dg_note_frame(device, note_of(datagram.at[0]));
            }
            return status;
        }
    }
    dg_note_frame(device, note_of(datagram.at[0]));
    return DG_E_MALFORMED;
}
