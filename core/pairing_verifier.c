/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include "bytes.h"
#include "pairing_lock.h"

#include <string.h>

/* The device's end of pairing by digits.  One attempt at a time, each of them
 * one try, which is in flash before the answer to it leaves. */

#define CONFIRM_HEAD (1U + DG_SPAKE2PLUS_CONFIRM_SIZE)

static bool is_open(const struct dg_device *device)
{
    return device->pairing.is_open &&
           (device->now.s <= device->pairing.until.s);
}

enum dg_status dg_verifier_hello(struct dg_device *device,
                                 dg_span datagram,
                                 dg_buf room,
                                 dg_span *answer)
{
    const struct dg_pairing_window *window = &device->pairing;

    if (!is_open(device) || window->is_spent) {
        return DG_E_STATE;
    }
    if ((datagram.size != 2U) || (datagram.at[1] != DG_PAIRING_VERSION)) {
        return DG_E_UNSUPPORTED;
    }
    if (room.capacity < DG_PAIRING_SALT_DATAGRAM) {
        return DG_E_NO_SPACE;
    }
    room.at[0] = DG_PAIRING_SALT_TYPE;
    room.at[1] = DG_PAIRING_VERSION;
    memcpy(&room.at[2], window->code.device.byte, DG_DEVICE_ID_SIZE);
    memcpy(&room.at[2U + DG_DEVICE_ID_SIZE],
           window->digits.salt,
           DG_PAIRING_SALT_SIZE);
    *answer = (dg_span){room.at, DG_PAIRING_SALT_DATAGRAM};
    return DG_OK;
}

/* w0 and L of this window; w1 is forgotten at once. */
static enum dg_status make_record(struct dg_device *device)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    struct dg_pairing_window *window = &device->pairing;
    struct dg_spake2plus_secrets secrets;

    if (window->verifier.has_record) {
        return DG_OK;
    }

    enum dg_status status = dg_pairing_digits_stretch(
        crypto, &window->code.device, &window->digits, &secrets);

    if (status == DG_OK) {
        status =
            dg_spake2plus_register(crypto, &secrets, &window->verifier.record);
    }
    dg_bytes_wipe(&secrets, sizeof secrets);
    window->verifier.has_record = status == DG_OK;
    return status;
}

static enum dg_status begin(struct dg_device *device, dg_span share)
{
    struct dg_pairing_verifier *verifier = &device->pairing.verifier;
    const struct dg_spake2plus_names names =
        dg_pairing_digits_names(&device->pairing.code.device);
    enum dg_status status = make_record(device);

    dg_bytes_wipe(&verifier->pending, sizeof verifier->pending);
    if (status == DG_OK) {
        status = dg_pairing_lock_count(device);
    }
    if (status == DG_OK) {
        status = dg_spake2plus_answer(
            device->ports->crypto,
            &verifier->record,
            &names,
            share,
            &verifier->reply[1],
            &verifier->reply[1U + DG_SPAKE2PLUS_SHARE_SIZE],
            &verifier->pending);
    }
    if (status != DG_OK) {
        dg_window_fail(device);
        return status;
    }
    verifier->reply[0] = DG_PAIRING_REPLY_TYPE;
    memcpy(verifier->share_p, share.at, sizeof verifier->share_p);
    verifier->begun = device->now;
    return DG_OK;
}

/* @satisfies{FIA_PAIR.2@1} */
enum dg_status dg_verifier_share(struct dg_device *device,
                                 dg_span datagram,
                                 dg_buf room,
                                 dg_span *answer)
{
    struct dg_pairing_verifier *verifier = &device->pairing.verifier;
    const dg_span share = {&datagram.at[1], datagram.size - 1U};
    enum dg_status status = DG_OK;

    if (!is_open(device) || device->pairing.is_spent) {
        return DG_E_STATE;
    }
    if (datagram.size != DG_PAIRING_SHARE_DATAGRAM) {
        return DG_E_RANGE;
    }
    if (room.capacity < sizeof verifier->reply) {
        return DG_E_NO_SPACE;
    }

    const bool is_pending =
        verifier->pending.is_waiting &&
        ((device->now.s - verifier->begun.s) <= DG_PAIRING_ATTEMPT_S);
    const bool is_repeat =
        is_pending && dg_bytes_equal(share, DG_SPAN_OF(verifier->share_p));

    /* The answer was lost: the same bytes again, and no new try.  Anything
     * else has to wait until this attempt is over. */
    if (is_pending && !is_repeat) {
        return DG_E_STATE;
    }
    if (!is_repeat) {
        status = begin(device, share);
    }
    if (status != DG_OK) {
        return status;
    }
    memcpy(room.at, verifier->reply, sizeof verifier->reply);
    *answer = (dg_span){room.at, sizeof verifier->reply};
    return DG_OK;
}

enum dg_status dg_verifier_confirm(struct dg_device *device,
                                   dg_span datagram,
                                   dg_buf room,
                                   dg_span *answer)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    struct dg_pairing_window *window = &device->pairing;
    const dg_span confirm = {&datagram.at[1], DG_SPAKE2PLUS_CONFIRM_SIZE};
    const dg_span inner = {&datagram.at[CONFIRM_HEAD],
                           datagram.size - CONFIRM_HEAD};
    struct dg_pairing_code code = window->code;
    struct dg_pairing_request request;
    uint8_t nonce[DG_PAIRING_NONCE_SIZE];

    if (!is_open(device) || !window->verifier.pending.is_waiting) {
        return DG_E_STATE;
    }

    enum dg_status status =
        dg_spake2plus_check(&window->verifier.pending, confirm);

    if (status != DG_OK) {
        dg_window_fail(device);
        return status;
    }
    status = dg_pairing_digits_secret(
        crypto, &window->verifier.pending.shared, code.secret);
    if (status == DG_OK) {
        status = dg_pairing_request_open(crypto, &code, inner, nonce, &request);
    }
    if (status == DG_OK) {
        status = dg_window_admit(device, &code, nonce, &request, room, answer);
    }
    dg_bytes_wipe(&code, sizeof code);
    return status;
}
