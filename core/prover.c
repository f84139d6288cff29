/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/pairing_digits.h"

#include <string.h>

#include "bytes.h"

/* The phone's end of pairing by digits. */

#define AT_ID      2U
#define AT_SALT    (2U + DG_DEVICE_ID_SIZE)
#define AT_CONFIRM (1U + DG_SPAKE2PLUS_SHARE_SIZE)

/* What one step works with. */
struct turn {
    struct dg_prover *prover;
    const struct dg_crypto *crypto;
    dg_span datagram;
    dg_buf room;
    dg_span reply;
};

void dg_prover_wipe(struct dg_prover *prover)
{
    if (prover != NULL) {
        dg_bytes_wipe(prover, sizeof *prover);
    }
}

enum dg_status dg_prover_start(struct dg_prover *prover,
                               const struct dg_crypto *crypto,
                               const uint8_t digits[DG_PAIRING_DIGITS],
                               const struct dg_pairing_request *request,
                               dg_buf room,
                               dg_span *datagram)
{
    if ((prover == NULL) || (crypto == NULL) || (digits == NULL) ||
        (request == NULL) || (room.at == NULL) || (datagram == NULL)) {
        return DG_E_USAGE;
    }
    dg_prover_wipe(prover);
    for (size_t i = 0U; i < DG_PAIRING_DIGITS; i++) {
        if ((digits[i] < (uint8_t)'0') || (digits[i] > (uint8_t)'9')) {
            return DG_E_RANGE;
        }
    }
    if (room.capacity < DG_PAIRING_DATAGRAM_MAX) {
        return DG_E_NO_SPACE;
    }

    const enum dg_status status =
        crypto->random(crypto->context, DG_BUF_OF(prover->nonce));

    if (status != DG_OK) {
        return status;
    }
    memcpy(prover->digits.digit, digits, DG_PAIRING_DIGITS);
    prover->request = *request;
    room.at[0] = DG_PAIRING_HELLO_TYPE;
    room.at[1] = DG_PAIRING_VERSION;
    *datagram = (dg_span){room.at, 2U};
    prover->state = DG_PROVER_WAIT_SALT;
    return DG_OK;
}

enum dg_status dg_prover_enroll(struct dg_prover *prover,
                                const struct dg_pairing_request *request)
{
    if ((prover == NULL) || (request == NULL)) {
        return DG_E_USAGE;
    }
    if (prover->state != DG_PROVER_WAIT_REPLY) {
        return DG_E_STATE;
    }
    prover->request = *request;
    return DG_OK;
}

/* Salt in, share out. */
static enum dg_status take_salt(struct turn *turn)
{
    struct dg_prover *prover = turn->prover;

    memcpy(
        prover->code.device.byte, &turn->datagram.at[AT_ID], DG_DEVICE_ID_SIZE);
    memcpy(
        prover->digits.salt, &turn->datagram.at[AT_SALT], DG_PAIRING_SALT_SIZE);

    enum dg_status status = dg_pairing_digits_stretch(
        turn->crypto, &prover->code.device, &prover->digits, &prover->secrets);

    if (status == DG_OK) {
        status = dg_spake2plus_start(
            turn->crypto, &prover->secrets, &prover->attempt);
    }
    if (status != DG_OK) {
        return status;
    }
    turn->room.at[0] = DG_PAIRING_SHARE_TYPE;
    memcpy(
        &turn->room.at[1], prover->attempt.share_p, DG_SPAKE2PLUS_SHARE_SIZE);
    turn->reply = (dg_span){turn->room.at, DG_PAIRING_SHARE_DATAGRAM};
    return DG_OK;
}

/* Share and confirmation in, confirmation and request out. */
static enum dg_status take_reply(struct turn *turn)
{
    struct dg_prover *prover = turn->prover;
    const struct dg_spake2plus_names names =
        dg_pairing_digits_names(&prover->code.device);
    const dg_span share = {&turn->datagram.at[1], DG_SPAKE2PLUS_SHARE_SIZE};
    const dg_span confirm = {&turn->datagram.at[AT_CONFIRM],
                             DG_SPAKE2PLUS_CONFIRM_SIZE};
    const size_t head = 1U + DG_SPAKE2PLUS_CONFIRM_SIZE;
    const dg_buf rest = {&turn->room.at[head], turn->room.capacity - head};
    struct dg_secret shared = {{0U}};
    dg_span request = {NULL, 0U};
    enum dg_status status = dg_spake2plus_finish(turn->crypto,
                                                 &prover->secrets,
                                                 &names,
                                                 &prover->attempt,
                                                 share,
                                                 confirm,
                                                 &turn->room.at[1],
                                                 &shared);

    if (status == DG_OK) {
        status = dg_pairing_digits_secret(
            turn->crypto, &shared, prover->code.secret);
    }
    if (status == DG_OK) {
        status = dg_pairing_request_seal(turn->crypto,
                                         &prover->code,
                                         prover->nonce,
                                         &prover->request,
                                         rest,
                                         &request);
    }
    dg_bytes_wipe(&shared, sizeof shared);
    dg_bytes_wipe(&prover->secrets, sizeof prover->secrets);
    if (status != DG_OK) {
        return status;
    }
    turn->room.at[0] = DG_PAIRING_CONFIRM_TYPE;
    turn->reply = (dg_span){turn->room.at, head + request.size};
    return DG_OK;
}

/* An answer that does not open is a stranger's, and the true one may come
 * yet. */
static enum dg_status take_answer(struct turn *turn)
{
    struct dg_prover *prover = turn->prover;
    const enum dg_status status = dg_pairing_answer_open(turn->crypto,
                                                         &prover->code,
                                                         prover->nonce,
                                                         turn->datagram,
                                                         &prover->answer);

    if (status != DG_OK) {
        return status;
    }
    prover->code.device_key = prover->answer.device_key;
    return DG_OK;
}

/* What each state takes.  Anything else is dropped. */
struct step {
    size_t size; /* exactly; 0: any */
    enum dg_status (*act)(struct turn *turn);
    enum dg_prover_state next;
    uint8_t type;
    bool is_patient; /* what does not hold is dropped as well */
};

/* clang-format off */
static const struct step steps[] = {
    [DG_PROVER_WAIT_SALT]   = { DG_PAIRING_SALT_DATAGRAM,  take_salt,   DG_PROVER_WAIT_REPLY,  DG_PAIRING_SALT_TYPE,   false },
    [DG_PROVER_WAIT_REPLY]  = { DG_PAIRING_REPLY_DATAGRAM, take_reply,  DG_PROVER_WAIT_ANSWER, DG_PAIRING_REPLY_TYPE,  false },
    [DG_PROVER_WAIT_ANSWER] = { 0U,                        take_answer, DG_PROVER_DONE,        DG_PAIRING_ANSWER_TYPE, true  },
};
/* clang-format on */

static bool is_for(const struct step *step, dg_span datagram)
{
    return (datagram.at != NULL) && (datagram.size >= 2U) &&
           (datagram.at[0] == step->type) &&
           ((step->size == 0U) || (step->size == datagram.size)) &&
           ((step->type != DG_PAIRING_SALT_TYPE) ||
            (datagram.at[1] == DG_PAIRING_VERSION));
}

enum dg_status dg_prover_receive(struct dg_prover *prover,
                                 const struct dg_crypto *crypto,
                                 dg_span datagram,
                                 dg_buf room,
                                 dg_span *reply)
{
    if ((prover == NULL) || (crypto == NULL) || (room.at == NULL) ||
        (reply == NULL)) {
        return DG_E_USAGE;
    }
    *reply = (dg_span){NULL, 0U};
    if ((prover->state == DG_PROVER_IDLE) ||
        (prover->state == DG_PROVER_DONE)) {
        return DG_E_STATE;
    }
    if (room.capacity < DG_PAIRING_DATAGRAM_MAX) {
        return DG_E_NO_SPACE;
    }

    const struct step *step = &steps[prover->state];
    struct turn turn = {.prover = prover,
                        .crypto = crypto,
                        .datagram = datagram,
                        .room = room,
                        .reply = {NULL, 0U}};

    if (!is_for(step, datagram)) {
        return DG_OK;
    }

    const enum dg_status status = step->act(&turn);

    if (status == DG_OK) {
        prover->state = step->next;
        *reply = turn.reply;
        return DG_OK;
    }
    if (step->is_patient && (dg_status_category(status) != DG_CAT_PORT)) {
        return DG_OK;
    }
    dg_prover_wipe(prover);
    return status;
}
