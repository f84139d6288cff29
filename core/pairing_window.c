/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "dosegate/knock.h"

#include "bytes.h"

#include <string.h>

/* The window that a press of the button opens, and who comes in by it. */

/* @satisfies{FIA_PAIR.1@1} */
enum dg_status dg_window_open(struct dg_device *device)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    struct dg_pairing_window *window = &device->pairing;
    struct dg_pairing_code code;

    code.device = device->settings.device;
    code.device_key = device->settings.public_key;

    const enum dg_status status =
        crypto->random(crypto->context, DG_BUF_OF(code.secret));

    if (status != DG_OK) {
        return status;
    }
    window->code = code;
    window->tries = 0U;
    window->is_spent = false;
    window->until.s = device->now.s + DG_PAIRING_WINDOW_S;
    window->is_open = true;
    dg_device_clear(device, DG_ALARM_PAIRING_LOCKED);
    return DG_OK;
}

void dg_window_close(struct dg_device *device)
{
    device->pairing.is_open = false;
    dg_bytes_wipe(device->pairing.code.secret,
                  sizeof device->pairing.code.secret);
}

static bool is_same_key(const struct dg_public_key *a,
                        const struct dg_public_key *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* The slot of a key that is known already, else the first free one.  A repeat
 * of a request whose answer was lost must not use up a second slot. */
static unsigned slot_for(const struct dg_settings *settings,
                         const struct dg_public_key *key)
{
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        if (settings->controller[slot].is_used &&
            is_same_key(&settings->controller[slot].key, key)) {
            return slot;
        }
    }
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        if (!settings->controller[slot].is_used) {
            return slot;
        }
    }
    return DG_CONTROLLERS;
}

static bool has_owner(const struct dg_settings *settings)
{
    bool found = false;

    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        found = found || (settings->controller[slot].is_used &&
                          (settings->controller[slot].role == DG_ROLE_OWNER));
    }
    return found;
}

static enum dg_status enroll(struct dg_device *device,
                             const struct dg_pairing_request *request,
                             unsigned slot)
{
    struct dg_settings changed = device->settings;
    struct dg_enrolled *enrolled = &changed.controller[slot];
    const bool is_known = enrolled->is_used;
    const enum dg_role role = enrolled->role;

    memset(enrolled, 0, sizeof *enrolled);

    enum dg_status status = dg_knock_key(device->ports->crypto,
                                         &device->settings.private_key,
                                         &request->key,
                                         &enrolled->knock_key);

    if (status != DG_OK) {
        dg_bytes_wipe(&changed, sizeof changed);
        return status;
    }
    enrolled->is_used = true;
    enrolled->key = request->key;
    enrolled->presence = request->presence;
    enrolled->name_size = request->name_size;
    memcpy(enrolled->name, request->name, sizeof enrolled->name);
    enrolled->knock_counter =
        is_known ? device->settings.controller[slot].knock_counter : 0U;
    enrolled->role = request->role;
    if (is_known) {
        enrolled->role = role;
    } else if ((request->role == DG_ROLE_OWNER) &&
               has_owner(&device->settings)) {
        /* One owner; a second phone may dose by confirmation, no more. */
        enrolled->role = DG_ROLE_CAREGIVER;
    }
    status = dg_settings_save(device->ports->flash, &changed);
    if (status == DG_OK) {
        device->settings = changed;
    }
    dg_bytes_wipe(&changed, sizeof changed);
    return status;
}

enum dg_status dg_window_receive(struct dg_device *device,
                                 dg_span datagram,
                                 dg_buf room,
                                 dg_span *answer)
{
    struct dg_pairing_window *window = &device->pairing;
    struct dg_pairing_request request;
    uint8_t nonce[DG_PAIRING_NONCE_SIZE];

    if (!window->is_open || (device->now.s > window->until.s)) {
        dg_window_close(device);
        return DG_E_STATE;
    }

    enum dg_status status = dg_pairing_request_open(
        device->ports->crypto, &window->code, datagram, nonce, &request);

    if (status != DG_OK) {
        window->tries++;
        if (window->tries >= DG_PAIRING_TRIES) {
            dg_window_close(device);
            dg_device_raise(device, DG_ALARM_PAIRING_LOCKED);
        }
        return status;
    }

    const unsigned slot = slot_for(&device->settings, &request.key);

    if (slot == DG_CONTROLLERS) {
        return DG_E_STATE;
    }
    /* One code, one phone: a photograph of it comes too late. */
    if (window->is_spent && (window->slot != slot)) {
        return DG_E_AUTH;
    }
    status = enroll(device, &request, slot);
    if (status != DG_OK) {
        return status;
    }

    window->is_spent = true;
    window->slot = (uint8_t)slot;

    const struct dg_pairing_answer reply = {
        (uint8_t)slot, device->settings.controller[slot].role};

    return dg_pairing_answer_seal(
        device->ports->crypto, &window->code, nonce, &reply, room, answer);
}
