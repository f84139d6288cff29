/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PAIRING_DIGITS_H
#define DG_PAIRING_DIGITS_H

#include <stdint.h>

#include "dosegate/crypto.h"
#include "dosegate/pairing.h"
#include "dosegate/spake2plus.h"
#include "dosegate/status.h"

/* Pairing by eight digits that a person reads at the device and types into the
 * phone: SPAKE2+ (dosegate/spake2plus.h), the phone proves, the device
 * verifies, then a pairing request under the secret that came of it.
 *
 *   phone                                 device
 *   0x12 | version (1)              ->
 *                                   <-    0x13 | version (1) | id (8) | salt (16)
 *   0x14 | shareP (65)              ->
 *                                   <-    0x15 | shareV (65) | confirmV (32)
 *   0x16 | confirmP (32) | request  ->
 *                                   <-    0x11 | answer
 *
 * request and answer are those of dosegate/pairing.h.  Their secret is
 * HKDF-Expand(K_shared, "dosegate pair digits 1", 16). */
#define DG_PAIRING_HELLO_TYPE     0x12U
#define DG_PAIRING_SALT_TYPE      0x13U
#define DG_PAIRING_SHARE_TYPE     0x14U
#define DG_PAIRING_REPLY_TYPE     0x15U
#define DG_PAIRING_CONFIRM_TYPE   0x16U
#define DG_PAIRING_VERSION        1U
#define DG_PAIRING_SALT_SIZE      16U
#define DG_PAIRING_SALT_DATAGRAM  (2U + DG_DEVICE_ID_SIZE + DG_PAIRING_SALT_SIZE)
#define DG_PAIRING_SHARE_DATAGRAM (1U + DG_SPAKE2PLUS_SHARE_SIZE)
#define DG_PAIRING_REPLY_DATAGRAM \
    (1U + DG_SPAKE2PLUS_SHARE_SIZE + DG_SPAKE2PLUS_CONFIRM_SIZE)

/* A code serves one window and five tries, so stretching it buys little; this
 * is what the standard asks for, and a second on a small device. */
#define DG_PAIRING_ITERATIONS 1000U

/* The code of one window, and what it belongs to. */
struct dg_pairing_digits {
    uint8_t digit[DG_PAIRING_DIGITS]; /* '0' .. '9' */
    uint8_t salt[DG_PAIRING_SALT_SIZE];
};

/**
 * Stretch digits into the secrets of SPAKE2+.
 *
 * @retval As dg_spake2plus_stretch(); DG_E_RANGE: not eight digits.
 */
DG_NODISCARD enum dg_status dg_pairing_digits_stretch(
    const struct dg_crypto *crypto,
    const struct dg_device_id *device,
    const struct dg_pairing_digits *digits,
    struct dg_spake2plus_secrets *secrets);

/** The names that both ends bind; spans point to constants and into @p device.
 */
struct dg_spake2plus_names dg_pairing_digits_names(
    const struct dg_device_id *device);

/** From K_shared to the secret of the code.
 * @retval DG_OK, DG_E_PORT. */
DG_NODISCARD enum dg_status dg_pairing_digits_secret(
    const struct dg_crypto *crypto,
    const struct dg_secret *shared,
    uint8_t secret[DG_PAIRING_SECRET_SIZE]);

/* The phone's end --------------------------------------------------------- */

enum dg_prover_state {
    DG_PROVER_IDLE = 0,
    DG_PROVER_WAIT_SALT,
    DG_PROVER_WAIT_REPLY,
    DG_PROVER_WAIT_ANSWER,
    DG_PROVER_DONE,
};

/* Members are public but not yours.  All zero is IDLE. */
struct dg_prover {
    enum dg_prover_state state;
    struct dg_pairing_digits digits;
    struct dg_pairing_code code; /* device, and the secret once there is one */
    struct dg_spake2plus_secrets secrets;
    struct dg_spake2plus_attempt attempt;
    uint8_t nonce[DG_PAIRING_NONCE_SIZE];
    struct dg_pairing_request request;
    struct dg_pairing_answer answer; /* valid in DONE */
};

/**
 * Begin with the digits that a person typed, and write the hello.
 *
 * @param digits       Eight bytes, '0' .. '9'.
 * @param request      What to enrol; as dg_pairing_request_seal() wants it.
 * @param room         At least DG_PAIRING_DATAGRAM_MAX bytes.
 * @param[out] datagram  To send, again when nothing comes back.
 *
 * @retval DG_OK       WAIT_SALT.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_RANGE  Not eight digits.
 * @retval DG_E_NO_SPACE, DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_prover_start(
    struct dg_prover *prover,
    const struct dg_crypto *crypto,
    const uint8_t digits[DG_PAIRING_DIGITS],
    const struct dg_pairing_request *request,
    dg_buf room,
    dg_span *datagram);

/**
 * Enrol something else than dg_prover_start() was told, now that the salt has
 * named the device (code.device, not yet proven).
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_STATE (not in WAIT_REPLY).
 */
DG_NODISCARD enum dg_status dg_prover_enroll(
    struct dg_prover *prover, const struct dg_pairing_request *request);

/**
 * Take one datagram, whoever sent it.
 *
 * Until DONE, @p reply is what to send next, and again when nothing comes
 * back; {NULL, 0}: @p datagram was not for this step and is dropped.
 *
 * @retval DG_OK       Go on, or DONE: answer is authentic.
 * @retval DG_E_USAGE  A NULL.
 * @retval DG_E_STATE  Not begun, or over.
 * @retval DG_E_AUTH   The device does not know these digits: a wrong code, an
 *                     old one, or somebody else's device.  Over; a try is used
 *                     up.
 * @retval DG_E_RANGE  A share that is no point.  Over.
 * @retval DG_E_NO_SPACE, DG_E_PORT  Over.
 */
DG_NODISCARD enum dg_status dg_prover_receive(struct dg_prover *prover,
                                              const struct dg_crypto *crypto,
                                              dg_span datagram,
                                              dg_buf room,
                                              dg_span *reply);

/** Forget everything. */
void dg_prover_wipe(struct dg_prover *prover);

#endif
