/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

#include <stddef.h>

/* Limits become looser in three steps: the device asks, a person presses, and a
 * day that the device itself lived through passes.  The question lives in RAM;
 * what was pressed for lives in flash, so a reset keeps it and begins the day
 * anew (docs/adr/0019-profile-and-loosening.md). */

static const struct dg_bounds nothing = {{0}};

static enum dg_status derive(struct dg_device *device)
{
    const struct dg_therapy *therapy = &device->settings.therapy;
    enum dg_status status = dg_limits_derive(therapy, &device->limits);

    if ((status == DG_OK) && (device->ports->glucagon != NULL)) {
        status = dg_glucagon_limits_derive(therapy, &device->glucagon.limits);
    }
    return status;
}

/* In place, and put back where flash refuses: another copy of all settings
 * would not fit the stack.  Written twice, so that neither copy holds what was
 * looser: when the newer one is damaged later, the older one counts. */
/* @satisfies{FMT_LIM.5@1} */
enum dg_status dg_limits_set(struct dg_device *device,
                             const struct dg_bounds *in_force,
                             const struct dg_prescribed *prescribed)
{
    struct dg_settings *settings = &device->settings;
    const struct dg_flash *flash = device->ports->flash;
    const struct dg_prescribed held = settings->prescribed;
    struct dg_bounds before;

    dg_bounds_of(&settings->therapy, &before);
    dg_bounds_put(in_force, &settings->therapy);
    settings->prescribed = *prescribed;

    enum dg_status status = dg_settings_save(flash, settings);

    if (status != DG_OK) {
        dg_bounds_put(&before, &settings->therapy);
        settings->prescribed = held;
        return status;
    }
    if (derive(device) != DG_OK) {
        dg_device_fail(device, DG_FAULT_INTERNAL);
    }
    return dg_settings_save(flash, settings);
}

enum dg_loosening dg_loosen_state(const struct dg_device *device)
{
    if (device->settings.prescribed.is_loosening) {
        return DG_LOOSENING_DELAY;
    }
    return device->loosen.is_waiting ? DG_LOOSENING_ASKED : DG_LOOSENING_NONE;
}

static void tell(struct dg_device *device, unsigned who, uint32_t code)
{
    dg_note(device,
            DG_JOURNAL_PROFILE,
            who,
            code,
            device->settings.prescribed.counter);
}

/* The question ------------------------------------------------------------ */

static void announce(const struct dg_device *device, bool is_on)
{
    const struct dg_annunciator *annunciator = device->ports->annunciator;
    const struct dg_effect effect = {
        .kind = DG_EFFECT_SETTINGS,
        .setting = DG_SETTING_LIMITS,
        .amount = {device->loosen.target.value[DG_BOUND_DAILY]}};

    if (annunciator->announce_change != NULL) {
        annunciator->announce_change(annunciator->context,
                                     is_on ? &effect : NULL);
    }
}

bool dg_loosen_is_waiting(const struct dg_device *device)
{
    return device->loosen.is_waiting;
}

/* A question that came at once after another would be answered by the press
 * that was meant for that one; and who is asked again and again presses without
 * reading. */
/* @satisfies{FMT_LIM.6@1} */
bool dg_loosen_may_ask(const struct dg_device *device)
{
    return !dg_confirm_is_taken(device) && !dg_delivery_is_busy(device) &&
           !dg_glucagon_is_busy(device) && !dg_update_is_restarting(device) &&
           (device->now.s >= device->loosen.quiet.s) &&
           (device->ports->annunciator->announce_change != NULL);
}

/* @satisfies{FMT_LIM.4@1} */
void dg_loosen_ask(struct dg_device *device,
                   unsigned slot,
                   const struct dg_bounds *target)
{
    struct dg_loosen *loosen = &device->loosen;

    if (!dg_loosen_may_ask(device)) {
        return;
    }
    loosen->is_waiting = true;
    loosen->asked_by = (uint8_t)(slot + 1U);
    loosen->until.s = device->now.s + DG_BUTTON_WAIT_S;
    loosen->target = *target;
    announce(device, true);
    tell(device, slot, DG_JOURNAL_PROFILE_ASKED);
}

static void close_question(struct dg_device *device)
{
    device->loosen.is_waiting = false;
    device->loosen.asked_by = 0U;
    announce(device, false);
}

void dg_loosen_give_up(struct dg_device *device)
{
    if (device->loosen.is_waiting) {
        close_question(device);
        device->loosen.quiet.s = device->now.s + DG_LOOSEN_QUIET_S;
    }
}

static void begin_delay(struct dg_device *device)
{
    device->loosen.at = device->now;
    device->loosen.left_s = DG_LOOSEN_DELAY_S;
}

/* @satisfies{FMT_LIM.4@1} */
enum dg_status dg_loosen_press(struct dg_device *device)
{
    struct dg_prescribed prescribed = device->settings.prescribed;
    struct dg_bounds in_force;

    if (!device->loosen.is_waiting) {
        return DG_E_STATE;
    }
    close_question(device);
    prescribed.is_loosening = true;
    prescribed.next = device->loosen.target;
    dg_bounds_of(&device->settings.therapy, &in_force);
    begin_delay(device);

    const enum dg_status status = dg_limits_set(device, &in_force, &prescribed);

    if (device->settings.prescribed.is_loosening) {
        tell(device, DG_JOURNAL_BY_PERSON, DG_JOURNAL_PROFILE_PRESSED);
    }
    return status;
}

enum dg_status dg_loosen_withdraw(struct dg_device *device, unsigned who)
{
    struct dg_prescribed prescribed = device->settings.prescribed;
    struct dg_bounds in_force;

    dg_loosen_give_up(device);
    if (!prescribed.is_loosening) {
        return DG_OK;
    }
    prescribed.is_loosening = false;
    prescribed.next = nothing;
    dg_bounds_of(&device->settings.therapy, &in_force);

    const enum dg_status status = dg_limits_set(device, &in_force, &prescribed);

    if (!device->settings.prescribed.is_loosening) {
        tell(device, who, DG_JOURNAL_PROFILE_WITHDRAWN);
    }
    return status;
}

/* The delay --------------------------------------------------------------- */

void dg_loosen_start(struct dg_device *device)
{
    begin_delay(device);
}

/* Of time that passed since the last look only so much counts: a clock that was
 * set forward, or a device that nobody ran, brings nothing nearer. */
static bool is_delay_over(struct dg_device *device)
{
    struct dg_loosen *loosen = &device->loosen;
    const uint32_t since_s =
        (device->now.s > loosen->at.s) ? (device->now.s - loosen->at.s) : 0U;
    const uint32_t passed_s =
        (since_s > DG_LOOSEN_STEP_S) ? DG_LOOSEN_STEP_S : since_s;

    loosen->at = device->now;
    loosen->left_s -= (passed_s < loosen->left_s) ? passed_s : loosen->left_s;
    return loosen->left_s == 0U;
}

/* Where flash refuses, limits stay as they are and a new day begins. */
static void come_in_force(struct dg_device *device)
{
    struct dg_prescribed prescribed = device->settings.prescribed;

    const struct dg_bounds next = prescribed.next;

    begin_delay(device);
    prescribed.is_loosening = false;
    prescribed.next = nothing;

    (void)dg_limits_set(device, &next, &prescribed);
    if (!device->settings.prescribed.is_loosening) {
        tell(device, DG_JOURNAL_BY_DEVICE, DG_JOURNAL_PROFILE_IN_FORCE);
    }
}

/* @satisfies{FMT_LIM.4@1} */
void dg_loosen_tick(struct dg_device *device)
{
    if (device->loosen.is_waiting && (device->now.s > device->loosen.until.s)) {
        dg_loosen_give_up(device);
    }
    if (device->settings.prescribed.is_loosening && is_delay_over(device)) {
        come_in_force(device);
    }
}
