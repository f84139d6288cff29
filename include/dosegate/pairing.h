/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PAIRING_H
#define DG_PAIRING_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/approval.h"
#include "dosegate/authority.h"
#include "dosegate/credential.h"
#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* Out-of-band pairing.  A press of the device's button opens a window and
 * shows a code (QR, NFC): device id, device key and a one-time secret.  The
 * phone's keys travel to the device under that secret, the slot travels back.
 *
 *   request  type 0x10 (1) | nonce (16) | CCM{ request }
 *   answer   type 0x11 (1) | CCM{ answer }
 *
 * Both keys are HKDF(secret, nonce, direction).  A code enrols one phone; a
 * photograph of it is worth nothing after that, or once the window is closed.
 *
 * A device that can show only digits, or a phone that cannot read a picture,
 * runs SPAKE2+ first (dosegate/pairing_digits.h); its secret then takes the
 * place of the one of the code, and the rest is the same. */
#define DG_PAIRING_REQUEST_TYPE 0x10U
#define DG_PAIRING_ANSWER_TYPE  0x11U
#define DG_PAIRING_SECRET_SIZE  16U
#define DG_PAIRING_NONCE_SIZE   16U
#define DG_PAIRING_NAME_MAX     24U
#define DG_PAIRING_CODE_MAX     128U
#define DG_PAIRING_DATAGRAM_MAX 320U
#define DG_PAIRING_DIGITS       8U

#define DG_PAIRING_TRIES     5U
#define DG_PAIRING_LOCKS_MAX 3U

/* What the device shows. */
struct dg_pairing_code {
    struct dg_device_id device;
    struct dg_public_key device_key;
    uint8_t secret[DG_PAIRING_SECRET_SIZE];
};

struct dg_pairing_request {
    enum dg_method method;          /* how the key proves itself         */
    struct dg_public_key key;       /* the phone's EDHOC key             */
    struct dg_public_key presence;  /* signs approvals; a person is there */
    enum dg_role role;              /* asked for; the device may give less */
    uint8_t name_size;              /* 1 .. DG_PAIRING_NAME_MAX            */
    char name[DG_PAIRING_NAME_MAX]; /* UTF-8, not terminated              */
    /* DG_METHOD_SIGN: a key that only signs cannot agree on a knock key, so
     * another one, made for this pairing and then thrown away, does.  All zero
     * otherwise. */
    struct dg_public_key exchange;
};

struct dg_pairing_answer {
    uint8_t slot; /* the phone's kid and knock slot, 0 .. 3 */
    enum dg_role role;
    struct dg_public_key device_key; /* for the knock key, and method 3 */
    bool has_sign_key;               /* when the phone's method is SIGN */
    struct dg_public_key sign_key;
};

/** The device's own kid; controllers have their slot number. */
#define DG_DEVICE_KID      0x10U
#define DG_DEVICE_SIGN_KID 0x11U /* of its key for method 0 */

/** Is it a method that a phone may have? */
bool dg_pairing_is_method(enum dg_method method);

/* The code as bytes (deterministic CBOR); hosts show it as hex or QR. */
DG_NODISCARD enum dg_status dg_pairing_code_encode(
    const struct dg_pairing_code *code, dg_buf room, dg_span *bytes);
DG_NODISCARD enum dg_status dg_pairing_code_decode(
    dg_span bytes, struct dg_pairing_code *code);

/* Phone's side: seal the request, open the answer to the same nonce. */
DG_NODISCARD enum dg_status dg_pairing_request_seal(
    const struct dg_crypto *crypto,
    const struct dg_pairing_code *code,
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
    const struct dg_pairing_request *request,
    dg_buf room,
    dg_span *datagram);
DG_NODISCARD enum dg_status dg_pairing_answer_open(
    const struct dg_crypto *crypto,
    const struct dg_pairing_code *code,
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
    dg_span datagram,
    struct dg_pairing_answer *answer);

/* Device's side.  DG_E_AUTH: made without the secret. */
DG_NODISCARD enum dg_status dg_pairing_request_open(
    const struct dg_crypto *crypto,
    const struct dg_pairing_code *code,
    dg_span datagram,
    uint8_t nonce[DG_PAIRING_NONCE_SIZE],
    struct dg_pairing_request *request);
DG_NODISCARD enum dg_status dg_pairing_answer_seal(
    const struct dg_crypto *crypto,
    const struct dg_pairing_code *code,
    const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
    const struct dg_pairing_answer *answer,
    dg_buf room,
    dg_span *datagram);

#endif
