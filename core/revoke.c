/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include "bytes.h"

#include <string.h>

/* A phone that is lost, stolen or no longer wanted.  With its place in the
 * settings goes everything that it holds on the device, at once. */

/* Session, handshake, ticket, lease, what it spent of the battery, what it asked
 * for and is under way, and the window that let it in: its code would let it in
 * again. */
static void forget_slot(struct dg_device *device, unsigned slot)
{
    struct dg_session *session = &device->session[slot];

    if (device->delivery.ticket.asked_by == (slot + 1U)) {
        (void)dg_delivery_stop(device);
    }
    if (device->spread.asked_by == (slot + 1U)) {
        dg_spread_stop(device);
    }
    if (device->glucagon.delivery.ticket.asked_by == (slot + 1U)) {
        dg_glucagon_stop_micro(device);
    }
    if (device->loosen.asked_by == (slot + 1U)) {
        dg_loosen_give_up(device);
    }
    dg_bytes_wipe(session, sizeof *session);
    dg_lease_drop(device, slot);
    dg_energy_forget(&device->energy, device->now, slot);
    dg_window_close(device);
}

/* Is every phone of @p mask one that counts? */
static void mark(struct dg_device *device, unsigned mask, bool is_used)
{
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        if (((mask >> slot) & 1U) != 0U) {
            device->settings.controller[slot].is_used = is_used;
        }
    }
}

/* Remove every phone of @p mask with one write; all of them are in use. */
static enum dg_status revoke(struct dg_device *device, unsigned mask)
{
    struct dg_settings *settings = &device->settings;

    mark(device, mask, false);

    enum dg_status status = dg_settings_save(device->ports->flash, settings);

    if (status != DG_OK) {
        mark(device, mask, true);
        return status;
    }
    /* Twice, so that neither copy knows the phone: when the newer one is
     * damaged later, the older one counts, and must not bring it back. */
    status = dg_settings_save(device->ports->flash, settings);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        if (((mask >> slot) & 1U) != 0U) {
            dg_bytes_wipe(&settings->controller[slot],
                          sizeof settings->controller[slot]);
            forget_slot(device, slot);
        }
    }
    return status;
}

static unsigned used_slots(const struct dg_device *device)
{
    unsigned mask = 0U;

    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        if (device->settings.controller[slot].is_used) {
            mask |= 1U << slot;
        }
    }
    return mask;
}

/* @satisfies{FMT_REV.1@1} */
enum dg_status dg_revoke(struct dg_device *device, unsigned slot)
{
    if ((slot >= DG_CONTROLLERS) ||
        !device->settings.controller[slot].is_used) {
        return DG_E_STATE;
    }
    return revoke(device, 1U << slot);
}

/* At the device ----------------------------------------------------------- */

/* A person announced a rescue: one hand, one question, and this one first. */
static bool is_rescue_asked(const struct dg_device *device)
{
    return dg_glucagon_is_waiting(device) &&
           (device->glucagon.delivery.ticket.asked_by == 0U);
}

bool dg_forget_is_open(const struct dg_device *device)
{
    return (device->forget.choice != DG_FORGET_NOBODY) &&
           (device->now.s <= device->forget.until.s) &&
           !is_rescue_asked(device);
}

/* What phones ask the person is taken back, and nothing of theirs begins to
 * wait while the choice stands: a lost phone that asks again and again would
 * otherwise never be forgotten. */
static void silence_phones(struct dg_device *device)
{
    if (device->delivery.state == DG_DELIVERY_WAITING) {
        (void)dg_delivery_stop(device);
    }
    if (dg_glucagon_is_waiting(device)) {
        (void)dg_glucagon_stop(device);
    }
    dg_update_give_up(device);
    dg_loosen_give_up(device);
}

/* Nobody, each phone that is paired, all of them, nobody again. */
static unsigned choice_after(const struct dg_device *device, unsigned choice)
{
    const unsigned used = used_slots(device);

    for (unsigned next = choice + 1U; next < DG_FORGET_ALL; next++) {
        if (((used >> (next - 1U)) & 1U) != 0U) {
            return next;
        }
    }
    return (choice < DG_FORGET_ALL) ? DG_FORGET_ALL : DG_FORGET_NOBODY;
}

enum dg_status dg_forget_choose(struct dg_device *device)
{
    const unsigned choice =
        dg_forget_is_open(device) ? device->forget.choice : DG_FORGET_NOBODY;

    if (is_rescue_asked(device) || (used_slots(device) == 0U)) {
        return DG_E_STATE;
    }
    silence_phones(device);
    device->forget.choice = (uint8_t)choice_after(device, choice);
    device->forget.until.s = device->now.s + DG_FORGET_WAIT_S;
    return DG_OK;
}

/* @satisfies{FMT_REV.2@1} */
enum dg_status dg_forget_now(struct dg_device *device)
{
    const unsigned choice = device->forget.choice;

    if (!dg_forget_is_open(device)) {
        device->forget.choice = DG_FORGET_NOBODY;
        return DG_E_STATE;
    }
    device->forget.choice = DG_FORGET_NOBODY;
    return (choice == DG_FORGET_ALL) ? revoke(device, used_slots(device))
                                     : dg_revoke(device, choice - 1U);
}
