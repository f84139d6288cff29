/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "dosegate/knock.h"

#include "bytes.h"
#include "pairing_lock.h"

#include <string.h>

/* The window that a press of the button opens, and who comes in by it. */

/* Eight digits, each as likely as any other: the top of the range of a word
 * that is no whole multiple of 10^8 is thrown away. */
#define CODES     100000000U
#define CODES_TOP 4200000000U
#define DRAWS_MAX 32U

static enum dg_status draw_digits(const struct dg_crypto *crypto,
                                  struct dg_pairing_digits *digits)
{
    uint8_t word[4];
    uint32_t number = UINT32_MAX;
    enum dg_status status =
        crypto->random(crypto->context, DG_BUF_OF(digits->salt));

    for (unsigned i = 0U;
         (i < DRAWS_MAX) && (status == DG_OK) && (number >= CODES_TOP);
         i++) {
        status = crypto->random(crypto->context, DG_BUF_OF(word));
        number = dg_bytes_get_u32(word);
    }
    if ((status != DG_OK) || (number >= CODES_TOP)) {
        return DG_E_PORT;
    }
    number %= CODES;
    for (unsigned i = DG_PAIRING_DIGITS; i > 0U; i--) {
        digits->digit[i - 1U] = (uint8_t)((uint8_t)'0' + (number % 10U));
        number /= 10U;
    }
    return DG_OK;
}

void dg_window_close(struct dg_device *device)
{
    struct dg_pairing_window *window = &device->pairing;
    const enum dg_pairing_note note = window->note;

    dg_bytes_wipe(window, sizeof *window);
    window->note = note;
}

/* What a person at the device is told when no window opens. */
static enum dg_status refuse_press(struct dg_device *device,
                                   enum dg_pairing_note note)
{
    dg_window_close(device);
    device->pairing.note = note;
    return DG_E_STATE;
}

static bool has_place(const struct dg_settings *settings)
{
    bool found = false;

    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        found = found || !settings->controller[slot].is_used;
    }
    return found;
}

/* @satisfies{FIA_PAIR.1@1} */
enum dg_status dg_window_open(struct dg_device *device)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    struct dg_pairing_window *window = &device->pairing;

    if (!dg_pairing_lock_is_free(device)) {
        dg_device_raise(device, DG_ALARM_PAIRING_LOCKED);
        return refuse_press(device, DG_PAIRING_LOCKED);
    }
    if (!has_place(&device->settings)) {
        return refuse_press(device, DG_PAIRING_NO_PLACE);
    }
    dg_window_close(device);
    window->code.device = device->settings.device;
    window->code.device_key = device->settings.public_key;

    enum dg_status status =
        crypto->random(crypto->context, DG_BUF_OF(window->code.secret));

    if (status == DG_OK) {
        status = draw_digits(crypto, &window->digits);
    }
    if (status != DG_OK) {
        dg_window_close(device);
        return status;
    }
    window->until.s = device->now.s + DG_PAIRING_WINDOW_S;
    window->is_open = true;
    window->note = DG_PAIRING_OPEN;
    dg_device_clear(device, DG_ALARM_PAIRING_LOCKED);
    return DG_OK;
}

/* A try came to nothing: after the last of them the window is over. */
void dg_window_fail(struct dg_device *device)
{
    device->pairing.note = DG_PAIRING_WRONG;
    if (dg_pairing_lock_is_spent(device)) {
        dg_device_raise(device, DG_ALARM_PAIRING_LOCKED);
        (void)refuse_press(device, DG_PAIRING_LOCKED);
    }
}

void dg_window_expire(struct dg_device *device)
{
    struct dg_pairing_window *window = &device->pairing;

    if (!window->is_open || (device->now.s <= window->until.s)) {
        return;
    }
    if (!window->is_spent) {
        window->note = DG_PAIRING_OVER;
    }
    dg_window_close(device);
    if (dg_pairing_lock_is_spent(device)) {
        dg_device_raise(device, DG_ALARM_PAIRING_LOCKED);
        window->note = DG_PAIRING_LOCKED;
    }
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

/* The other end of the knock key: what agrees is not what signs. */
static const struct dg_public_key *knock_half(
    const struct dg_pairing_request *request)
{
    return (request->method == DG_METHOD_SIGN) ? &request->exchange
                                               : &request->key;
}

/* One owner; a second phone may dose by confirmation, no more. */
static enum dg_role role_of(const struct dg_settings *settings,
                            const struct dg_pairing_request *request)
{
    return ((request->role == DG_ROLE_OWNER) && has_owner(settings))
               ? DG_ROLE_CAREGIVER
               : request->role;
}

static enum dg_status enroll(struct dg_device *device,
                             const struct dg_pairing_request *request,
                             unsigned slot)
{
    struct dg_settings *settings = &device->settings;
    struct dg_enrolled *enrolled = &settings->controller[slot];
    const struct dg_pairing_lock lock = settings->lock;
    struct dg_enrolled before = *enrolled;
    struct dg_secret knock_key;

    enum dg_status status = dg_knock_key(device->ports->crypto,
                                         &settings->private_key,
                                         knock_half(request),
                                         &knock_key);

    if (status == DG_OK) {
        /* One that is known keeps role and counter. */
        if (!before.is_used) {
            enrolled->role = role_of(settings, request);
            enrolled->knock_counter = 0U;
        }
        enrolled->is_used = true;
        enrolled->method = request->method;
        enrolled->key = request->key;
        enrolled->presence = request->presence;
        enrolled->knock_key = knock_key;
        enrolled->name_size = request->name_size;
        memcpy(enrolled->name, request->name, sizeof enrolled->name);
        /* Whoever came in had the code: the tries before were a slip of the
         * finger. */
        memset(&settings->lock, 0, sizeof settings->lock);
        status = dg_settings_save(device->ports->flash, settings);
        if (status != DG_OK) {
            *enrolled = before;
            settings->lock = lock;
        }
    }
    dg_bytes_wipe(&knock_key, sizeof knock_key);
    dg_bytes_wipe(&before, sizeof before);
    return status;
}

/* A key serves one method: one that is known keeps the one that it has, and
 * the device's own keys are nobody else's. */
static bool may_enroll(const struct dg_device *device,
                       const struct dg_pairing_request *request,
                       unsigned slot)
{
    static const struct dg_public_key none = {{0U}, {0U}};
    const struct dg_settings *settings = &device->settings;
    const struct dg_enrolled *enrolled = &settings->controller[slot];

    if ((request->method == DG_METHOD_SIGN) &&
        is_same_key(&settings->sign_public, &none)) {
        return false;
    }
    return (!enrolled->is_used || (enrolled->method == request->method)) &&
           !is_same_key(&request->key, &settings->public_key) &&
           !is_same_key(&request->key, &settings->sign_public);
}

/* Is it what the code has let in, word for word?  The phone's key alone is no
 * proof: it is public to whoever has the code. */
static bool is_repeat(const struct dg_pairing_window *window,
                      const struct dg_pairing_request *request)
{
    const struct dg_pairing_request *admitted = &window->admitted;

    return (request->method == admitted->method) &&
           is_same_key(&request->key, &admitted->key) &&
           is_same_key(&request->presence, &admitted->presence) &&
           is_same_key(&request->exchange, &admitted->exchange) &&
           (request->role == admitted->role) &&
           (request->name_size == admitted->name_size) &&
           (memcmp(request->name, admitted->name, sizeof request->name) == 0);
}

/* The first request with the code: enrol its phone. */
static enum dg_status admit_first(struct dg_device *device,
                                  const struct dg_pairing_request *request)
{
    struct dg_pairing_window *window = &device->pairing;
    const unsigned slot = slot_for(&device->settings, &request->key);

    if (slot == DG_CONTROLLERS) {
        window->note = DG_PAIRING_NO_PLACE;
        return DG_E_STATE;
    }
    if (!may_enroll(device, request, slot)) {
        window->note = DG_PAIRING_WRONG;
        return DG_E_AUTH;
    }

    const enum dg_status status = enroll(device, request, slot);

    if (status != DG_OK) {
        return status;
    }
    window->is_spent = true;
    window->slot = (uint8_t)slot;
    window->admitted = *request;
    window->note = DG_PAIRING_DONE;
    return DG_OK;
}

/* Let the phone in that sent an authentic request, and answer it. */
/* @satisfies{FMT_KEY.1@1} */
enum dg_status dg_window_admit(struct dg_device *device,
                               const struct dg_pairing_code *code,
                               const uint8_t nonce[DG_PAIRING_NONCE_SIZE],
                               const struct dg_pairing_request *request,
                               dg_buf room,
                               dg_span *answer)
{
    struct dg_pairing_window *window = &device->pairing;
    const struct dg_settings *settings = &device->settings;

    /* One code, one phone: a photograph of it comes too late.  A repeat is
     * answered and writes nothing, or an overheard request would wear flash. */
    if (window->is_spent && !is_repeat(window, request)) {
        return DG_E_AUTH;
    }

    const enum dg_status status =
        window->is_spent ? DG_OK : admit_first(device, request);

    if (status != DG_OK) {
        return status;
    }

    const struct dg_pairing_answer reply = {
        .slot = window->slot,
        .role = settings->controller[window->slot].role,
        .device_key = settings->public_key,
        .has_sign_key = request->method == DG_METHOD_SIGN,
        .sign_key = settings->sign_public};

    return dg_pairing_answer_seal(
        device->ports->crypto, code, nonce, &reply, room, answer);
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

    const enum dg_status status = dg_pairing_request_open(
        device->ports->crypto, &window->code, datagram, nonce, &request);

    if (status != DG_OK) {
        const enum dg_status counted = dg_pairing_lock_count(device);

        dg_window_fail(device);
        return (counted == DG_OK) ? status : counted;
    }
    return dg_window_admit(
        device, &window->code, nonce, &request, room, answer);
}
