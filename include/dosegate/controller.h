/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CONTROLLER_H
#define DG_CONTROLLER_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/approval.h"
#include "dosegate/attestation.h"
#include "dosegate/credential.h"
#include "dosegate/crypto.h"
#include "dosegate/edhoc.h"
#include "dosegate/record.h"
#include "dosegate/rekey.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* The phone's end of the channel: handshake and records, nothing about doses.
 * Sans-I/O: datagrams in, datagrams out.  The caller owns time: when no answer
 * comes it asks again with a new request, or connects anew; nothing is ever
 * sent twice as the same bytes.
 *
 * Datagrams by their first byte:
 *   0x01 knock and message_1 (phone to device, dosegate/knock.h)
 *   0x02 message_2, 0x04 message_4 (device to phone)
 *   0x03 slot (1) and message_3 (phone to device)
 *   0x20 record (both) */
#define DG_DATAGRAM_MAX   1024U
#define DG_MESSAGE_2_TYPE 0x02U
#define DG_MESSAGE_3_TYPE 0x03U
#define DG_MESSAGE_4_TYPE 0x04U

/* What pairing left on the phone.  The caller keeps it, and writes
 * knock_counter to storage before a datagram that used it leaves. */
struct dg_phone {
    enum dg_method method; /* of the keys of both ends */
    struct dg_secret private_key;
    struct dg_public_key public_key;
    struct dg_device_id device;
    struct dg_public_key device_key;
    struct dg_secret knock_key;
    uint32_t knock_counter; /* last one used */
    uint8_t slot;
};

enum dg_controller_state {
    DG_CONTROLLER_CLOSED = 0,
    DG_CONTROLLER_WAIT_2,
    DG_CONTROLLER_WAIT_4,
    DG_CONTROLLER_OPEN,
};

enum dg_controller_event {
    DG_CONTROLLER_NOTHING =
        0,                 /* dropped: not for us, replayed or not authentic */
    DG_CONTROLLER_SEND,    /* handshake goes on: send the datagram          */
    DG_CONTROLLER_OPENED,  /* the device is proven; requests may be sent    */
    DG_CONTROLLER_ANSWER,  /* one authentic message                         */
    DG_CONTROLLER_REKEYED, /* one as well; what follows has fresh keys      */
};

struct dg_controller {
    enum dg_controller_state state;
    uint8_t forged; /* messages of this handshake that did not hold */
    struct dg_edhoc edhoc;
    struct dg_record record;
    struct dg_rekey rekey;
    struct dg_session_id session; /* valid in OPEN */
    bool has_nonce;               /* the device gave one with the handshake */
    struct dg_attest_nonce nonce; /* for the next ticket                    */
    uint16_t ticket_size;         /* 0: none goes along with message_3      */
    uint8_t ticket[DG_ATTEST_TICKET_MAX];
};

/**
 * Let a ticket go along with the next handshake's message_3; once.
 *
 * @param ticket  1 .. DG_ATTEST_TICKET_MAX bytes.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_RANGE (too long, or empty).
 */
DG_NODISCARD enum dg_status dg_controller_carry(
    struct dg_controller *controller, dg_span ticket);

/** Forget any session; CLOSED. */
void dg_controller_wipe(struct dg_controller *controller);

/**
 * Start a handshake; an open session is forgotten.
 *
 * @param[in,out] phone  knock_counter rises by one.
 * @param         room   At least DG_DATAGRAM_MAX bytes.
 *
 * @retval DG_OK       Send @p datagram; WAIT_2.
 * @retval DG_E_USAGE  A NULL, or a phone without a method.
 * @retval DG_E_STATE  knock_counter came to DG_KNOCK_COUNTER_MAX: pair again.
 * @retval DG_E_PORT, DG_E_NO_SPACE.
 */
DG_NODISCARD enum dg_status dg_controller_connect(
    struct dg_controller *controller,
    const struct dg_crypto *crypto,
    struct dg_phone *phone,
    dg_buf room,
    dg_span *datagram);

/**
 * Take one datagram from the link, whoever sent it.
 *
 * @param      room   At least DG_DATAGRAM_MAX bytes, for what goes out or up.
 * @param[out] event  What came of it.
 * @param[out] bytes  SEND: the datagram to send; ANSWER: the message.
 *
 * @retval DG_OK       See @p event; hostile bytes are NOTHING.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_STATE  The session ended (its limits): CLOSED, connect anew.
 * @retval DG_E_PORT, DG_E_NO_SPACE.
 */
DG_NODISCARD enum dg_status dg_controller_receive(
    struct dg_controller *controller,
    const struct dg_crypto *crypto,
    const struct dg_phone *phone,
    dg_span datagram,
    dg_buf room,
    enum dg_controller_event *event,
    dg_span *bytes);

/**
 * Protect one message.
 *
 * @param message  1 .. DG_RECORD_PLAIN_MAX bytes.
 *
 * @retval DG_OK, DG_E_USAGE, DG_E_STATE (not OPEN, or counters at their end),
 *         DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_controller_send(struct dg_controller *controller,
                                               const struct dg_crypto *crypto,
                                               dg_span message,
                                               dg_buf room,
                                               dg_span *datagram);

/**
 * Ask for fresh keys.  Until DG_CONTROLLER_REKEYED the old ones serve; when no
 * answer comes, ask again, or keep the old ones.
 *
 * @param room  At least DG_DATAGRAM_MAX bytes.
 *
 * @retval DG_OK       Send @p datagram.
 * @retval DG_E_STATE  Not OPEN, or no fresh keys without a handshake: connect.
 * @retval DG_E_USAGE, DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_controller_rekey(
    struct dg_controller *controller,
    const struct dg_crypto *crypto,
    dg_buf room,
    dg_span *datagram);

/** Stop waiting for fresh keys: an answer that comes late changes nothing, so
 * that no request is under way in keys that are forgotten. */
void dg_controller_keep_keys(struct dg_controller *controller);

/** Have these keys carried so much that they should be renewed?  Their age is
 * the caller's to know (DG_REKEY_AGE_S). */
bool dg_controller_wants_rekey(const struct dg_controller *controller);

#endif
