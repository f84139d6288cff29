/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/controller.h"

#include "bytes.h"
#include "dosegate/credential.h"
#include "dosegate/knock.h"
#include "dosegate/message.h"
#include "dosegate/pairing.h"
#include "session_keys.h"

#include <stddef.h>
#include <string.h>

/* Everything one step works with. */
struct turn {
    struct dg_controller *controller;
    const struct dg_crypto *crypto;
    const struct dg_phone *phone;
    dg_span datagram;
    dg_buf room;
    enum dg_controller_event event;
    dg_span bytes;
};

struct identity {
    struct dg_edhoc_self self;
    struct dg_edhoc_peer peer;
    uint8_t self_id[DG_SESSION_ID_CRED_SIZE];
    uint8_t peer_id[DG_SESSION_ID_CRED_SIZE];
    struct dg_ccs self_ccs;
    struct dg_ccs peer_ccs;
};

/* Spans in @p identity point into it, so it is filled in place. */
static enum dg_status identify(const struct dg_phone *phone,
                               struct identity *identity)
{
    const struct dg_credential self = {phone->slot, phone->public_key};
    const struct dg_credential peer = {dg_session_device_kid(phone->method),
                                       phone->device_key};
    enum dg_status status = dg_credential_ccs(&self, &identity->self_ccs);

    if (status == DG_OK) {
        status = dg_credential_ccs(&peer, &identity->peer_ccs);
    }
    if (status != DG_OK) {
        return status;
    }
    dg_session_id_cred(phone->slot, identity->self_id);
    dg_session_id_cred(peer.kid, identity->peer_id);
    identity->self.private_key = phone->private_key;
    identity->self.public_key = phone->public_key;
    identity->self.id_cred = DG_SPAN_OF(identity->self_id);
    identity->self.cred = DG_SPAN_OF(identity->self_ccs.byte);
    identity->peer.public_key = phone->device_key;
    identity->peer.cred = DG_SPAN_OF(identity->peer_ccs.byte);
    return DG_OK;
}

static bool is_same(dg_span a, dg_span b)
{
    return (a.size == b.size) && (memcmp(a.at, b.at, a.size) == 0);
}

void dg_controller_wipe(struct dg_controller *controller)
{
    dg_edhoc_wipe(&controller->edhoc);
    dg_record_wipe(&controller->record);
    dg_rekey_wipe(&controller->rekey);
    memset(&controller->session, 0, sizeof controller->session);
    controller->state = DG_CONTROLLER_CLOSED;
    controller->forged = 0U;
}

enum dg_status dg_controller_carry(struct dg_controller *controller,
                                   dg_span ticket)
{
    if ((controller == NULL) || (ticket.at == NULL)) {
        return DG_E_USAGE;
    }
    if ((ticket.size == 0U) || (ticket.size > sizeof controller->ticket)) {
        return DG_E_RANGE;
    }
    memcpy(controller->ticket, ticket.at, ticket.size);
    controller->ticket_size = (uint16_t)ticket.size;
    return DG_OK;
}

/* The device's nonce, if the claim has one.  A critical item that is not known
 * here ends the handshake. */
static enum dg_status pick_nonce(const struct dg_edhoc_claim *claim,
                                 struct dg_edhoc *edhoc,
                                 struct dg_edhoc_ead *nonce)
{
    nonce->label = DG_EAD_NONCE;
    return dg_session_pick_ead(edhoc, claim, nonce, 1U);
}

static void keep_nonce(struct dg_controller *controller,
                       const struct dg_edhoc_ead *nonce)
{
    if (nonce->present && (nonce->value.size == DG_ATTEST_NONCE_SIZE)) {
        memcpy(controller->nonce.byte, nonce->value.at, DG_ATTEST_NONCE_SIZE);
        controller->has_nonce = true;
    }
}

static dg_span ticket_ead(const struct dg_controller *controller, dg_buf room)
{
    const struct dg_edhoc_ead item = {.label = DG_EAD_TICKET, .critical = true};
    const dg_span ticket = {controller->ticket, controller->ticket_size};

    if (ticket.size == 0U) {
        return (dg_span){NULL, 0U};
    }
    return dg_session_write_ead(room, &item, ticket);
}

enum dg_status dg_controller_connect(struct dg_controller *controller,
                                     const struct dg_crypto *crypto,
                                     struct dg_phone *phone,
                                     dg_buf room,
                                     dg_span *datagram)
{
    if ((controller == NULL) || (crypto == NULL) || (phone == NULL) ||
        (datagram == NULL)) {
        return DG_E_USAGE;
    }
    dg_controller_wipe(controller);
    const struct dg_edhoc_suites *offer = dg_session_offer(phone->method);

    if (offer == NULL) {
        return DG_E_USAGE;
    }
    if (phone->knock_counter >= DG_KNOCK_COUNTER_MAX) {
        return DG_E_STATE;
    }

    uint8_t message_room[64];
    dg_span message_1 = {NULL, 0U};
    const dg_span none = {NULL, 0U};
    static const uint8_t connection[1] = {DG_SESSION_C_I};
    enum dg_status status = dg_edhoc_i_message_1(&controller->edhoc,
                                                 crypto,
                                                 offer,
                                                 0U,
                                                 DG_SPAN_OF(connection),
                                                 none,
                                                 DG_BUF_OF(message_room),
                                                 &message_1);

    if (status != DG_OK) {
        return status;
    }
    phone->knock_counter++;

    const struct dg_knock knock = {
        phone->slot, phone->knock_counter, message_1};

    status = dg_knock_write(crypto, &phone->knock_key, &knock, room, datagram);
    if (status != DG_OK) {
        dg_controller_wipe(controller);
        return status;
    }
    controller->state = DG_CONTROLLER_WAIT_2;
    return DG_OK;
}

/* message_2 in, message_3 out. */
static enum dg_status take_message_2(struct turn *turn)
{
    struct dg_controller *controller = turn->controller;
    struct identity identity;
    struct dg_edhoc_claim claim;
    struct dg_edhoc_ead nonce = {0};
    uint8_t ead[DG_EAD_TICKET_SIZE];
    dg_span message_3 = {NULL, 0U};
    const dg_buf room = {&turn->room.at[2], turn->room.capacity - 2U};
    const dg_span message_2 = {&turn->datagram.at[1], turn->datagram.size - 1U};
    enum dg_status status = identify(turn->phone, &identity);

    if (status == DG_OK) {
        status = dg_edhoc_i_read_message_2(
            &controller->edhoc, turn->crypto, message_2, &claim);
    }
    if (status == DG_OK) {
        status = pick_nonce(&claim, &controller->edhoc, &nonce);
    }
    if ((status == DG_OK) &&
        !is_same(claim.id_cred, DG_SPAN_OF(identity.peer_id))) {
        status = DG_E_AUTH;
    }
    if (status == DG_OK) {
        status = dg_edhoc_i_verify_message_2(
            &controller->edhoc, turn->crypto, &identity.self, &identity.peer);
    }
    if (status == DG_OK) {
        keep_nonce(controller, &nonce);
        status = dg_edhoc_i_message_3(&controller->edhoc,
                                      turn->crypto,
                                      &identity.self,
                                      ticket_ead(controller, DG_BUF_OF(ead)),
                                      room,
                                      &message_3);
    }
    dg_bytes_wipe(&identity, sizeof identity);
    if (status != DG_OK) {
        return status;
    }
    controller->ticket_size = 0U;
    turn->room.at[0] = DG_MESSAGE_3_TYPE;
    turn->room.at[1] = turn->phone->slot;
    turn->bytes = (dg_span){turn->room.at, message_3.size + 2U};
    turn->event = DG_CONTROLLER_SEND;
    return DG_OK;
}

static enum dg_status take_message_4(struct turn *turn)
{
    struct dg_controller *controller = turn->controller;
    struct dg_edhoc_claim claim;
    struct dg_edhoc_ead nonce = {0};
    const dg_span message_4 = {&turn->datagram.at[1], turn->datagram.size - 1U};
    enum dg_status status = dg_edhoc_i_read_message_4(
        &controller->edhoc, turn->crypto, message_4, &claim);

    if (status == DG_OK) {
        status = pick_nonce(&claim, &controller->edhoc, &nonce);
    }
    if (status == DG_OK) {
        dg_rekey_begin(&controller->rekey, &controller->edhoc.prk_out);
        keep_nonce(controller, &nonce);
        status = dg_session_keys(&controller->edhoc,
                                 turn->crypto,
                                 turn->phone->slot,
                                 false,
                                 &controller->record,
                                 &controller->session);
    }
    if (status == DG_OK) {
        turn->event = DG_CONTROLLER_OPENED;
    }
    return status;
}

/* The answer to a question for fresh keys; any other is the caller's alone. */
static enum dg_status take_fresh_keys(struct turn *turn)
{
    struct dg_controller *controller = turn->controller;
    struct dg_answer answer;

    if (!controller->rekey.is_asked ||
        (dg_answer_decode(turn->bytes, &answer) != DG_OK) ||
        (answer.kind != DG_ANSWER_REKEY)) {
        return DG_OK;
    }

    const enum dg_status status = dg_rekey_take(&controller->rekey,
                                                turn->crypto,
                                                &controller->record,
                                                answer.as.rekey.phone,
                                                answer.as.rekey.device);

    if (status == DG_OK) {
        turn->event = DG_CONTROLLER_REKEYED;
    }
    /* An answer to an earlier question: its keys are nobody's any more. */
    return (status == DG_E_AUTH) ? DG_OK : status;
}

static enum dg_status take_record(struct turn *turn)
{
    const enum dg_status status = dg_record_open(&turn->controller->record,
                                                 turn->crypto,
                                                 turn->datagram,
                                                 turn->room,
                                                 &turn->bytes);

    if (status != DG_OK) {
        return status;
    }
    turn->event = DG_CONTROLLER_ANSWER;
    return take_fresh_keys(turn);
}

/* What each datagram type does in each state.  A cell that is not written
 * drops the datagram.  The state moves only on success. */
struct step {
    enum dg_status (*act)(struct turn *turn);
    enum dg_controller_state next;
};

enum kind { KIND_OTHER = 0, KIND_MESSAGE_2, KIND_MESSAGE_4, KIND_RECORD };

/* clang-format off */
static const struct step table[4][4] = {
    [DG_CONTROLLER_WAIT_2] = {
        [KIND_MESSAGE_2] = { take_message_2, DG_CONTROLLER_WAIT_4 },
    },
    [DG_CONTROLLER_WAIT_4] = {
        [KIND_MESSAGE_4] = { take_message_4, DG_CONTROLLER_OPEN   },
    },
    [DG_CONTROLLER_OPEN] = {
        [KIND_RECORD]    = { take_record,    DG_CONTROLLER_OPEN   },
    },
};
/* clang-format on */

static enum kind kind_of(dg_span datagram)
{
    if ((datagram.at == NULL) || (datagram.size < 2U) ||
        (datagram.size > DG_DATAGRAM_MAX)) {
        return KIND_OTHER;
    }
    switch (datagram.at[0]) {
    case DG_MESSAGE_2_TYPE:
        return KIND_MESSAGE_2;
    case DG_MESSAGE_4_TYPE:
        return KIND_MESSAGE_4;
    case DG_RECORD_TYPE:
        return KIND_RECORD;
    default:
        return KIND_OTHER;
    }
}

/* Hostile bytes are dropped; only our own limits and ports are reported.  A
 * message of a handshake that does not hold may be anyone's: the handshake
 * stays as it was before, a bounded number of times. */
static enum dg_status settle(struct dg_controller *controller,
                             const struct dg_edhoc *before,
                             enum dg_status status)
{
    const enum dg_category category = dg_status_category(status);

    if ((category != DG_CAT_INPUT) && (category != DG_CAT_AUTH)) {
        dg_controller_wipe(controller);
        return status;
    }
    if (controller->state == DG_CONTROLLER_OPEN) {
        return DG_OK;
    }
    if (controller->forged >= DG_EDHOC_FORGED_MAX) {
        dg_controller_wipe(controller);
        return DG_OK;
    }
    controller->edhoc = *before;
    controller->forged++;
    return DG_OK;
}

enum dg_status dg_controller_receive(struct dg_controller *controller,
                                     const struct dg_crypto *crypto,
                                     const struct dg_phone *phone,
                                     dg_span datagram,
                                     dg_buf room,
                                     enum dg_controller_event *event,
                                     dg_span *bytes)
{
    if ((controller == NULL) || (crypto == NULL) || (phone == NULL) ||
        (event == NULL) || (bytes == NULL)) {
        return DG_E_USAGE;
    }
    *event = DG_CONTROLLER_NOTHING;
    *bytes = (dg_span){NULL, 0U};
    if (room.capacity < DG_DATAGRAM_MAX) {
        return DG_E_NO_SPACE;
    }

    const enum kind kind = kind_of(datagram);
    const struct step *step = &table[controller->state][kind];
    struct turn turn = {.controller = controller,
                        .crypto = crypto,
                        .phone = phone,
                        .datagram = datagram,
                        .room = room,
                        .event = DG_CONTROLLER_NOTHING,
                        .bytes = {NULL, 0U}};

    if (step->act == NULL) {
        return DG_OK;
    }

    struct dg_edhoc before = controller->edhoc;
    enum dg_status status = step->act(&turn);

    if (status == DG_OK) {
        controller->state = step->next;
        *event = turn.event;
        *bytes = turn.bytes;
    } else {
        status = settle(controller, &before, status);
    }
    dg_bytes_wipe(&before, sizeof before);
    return status;
}

enum dg_status dg_controller_send(struct dg_controller *controller,
                                  const struct dg_crypto *crypto,
                                  dg_span message,
                                  dg_buf room,
                                  dg_span *datagram)
{
    if ((controller == NULL) || (crypto == NULL) || (datagram == NULL)) {
        return DG_E_USAGE;
    }
    if (controller->state != DG_CONTROLLER_OPEN) {
        return DG_E_STATE;
    }
    return dg_record_seal(&controller->record, crypto, message, room, datagram);
}

enum dg_status dg_controller_rekey(struct dg_controller *controller,
                                   const struct dg_crypto *crypto,
                                   dg_buf room,
                                   dg_span *datagram)
{
    struct dg_request request = {.kind = DG_REQUEST_REKEY};
    uint8_t plain_room[DG_MESSAGE_SMALL];
    dg_span plain = {NULL, 0U};

    if ((controller == NULL) || (crypto == NULL) || (datagram == NULL)) {
        return DG_E_USAGE;
    }
    if (controller->state != DG_CONTROLLER_OPEN) {
        return DG_E_STATE;
    }

    enum dg_status status = dg_rekey_ask(&controller->rekey, crypto);

    if (status == DG_OK) {
        memcpy(request.as.rekey.nonce,
               controller->rekey.nonce,
               sizeof request.as.rekey.nonce);
        status = dg_request_encode(&request, DG_BUF_OF(plain_room), &plain);
    }
    if (status == DG_OK) {
        status =
            dg_record_seal(&controller->record, crypto, plain, room, datagram);
    }
    return status;
}

void dg_controller_keep_keys(struct dg_controller *controller)
{
    controller->rekey.is_asked = false;
}

bool dg_controller_wants_rekey(const struct dg_controller *controller)
{
    return (controller->state == DG_CONTROLLER_OPEN) &&
           ((controller->record.tx_next >= DG_REKEY_RECORDS) ||
            (controller->record.rx_next >= DG_REKEY_RECORDS));
}
