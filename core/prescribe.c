/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"
#include "dosegate/prescription.h"

#include <stddef.h>
#include <string.h>

/* Limits that a message brings.  What is tighter holds at once; what is looser
 * is asked for at the device, and nothing that a phone says replaces the press
 * (core/loosen.c).  The last word counts: what was to come before it is off. */

/* The tighter of each, in force and in flash. */
static enum dg_reason tighten(struct dg_device *device,
                              const struct dg_prescribed *prescribed,
                              const struct dg_bounds *wanted)
{
    struct dg_bounds in_force;

    dg_bounds_of(&device->settings.therapy, &in_force);
    dg_bounds_meet(&in_force, wanted, &in_force);
    return (dg_limits_set(device, &in_force, prescribed) == DG_OK)
               ? DG_REASON_NONE
               : DG_REASON_FAULT;
}

static bool is_wider(const struct dg_device *device,
                     const struct dg_bounds *wanted)
{
    struct dg_bounds in_force;

    dg_bounds_of(&device->settings.therapy, &in_force);
    return dg_bounds_looser(wanted, &in_force) != DG_BOUNDS;
}

static bool is_tighter(const struct dg_device *device,
                       const struct dg_bounds *wanted)
{
    struct dg_bounds in_force;

    dg_bounds_of(&device->settings.therapy, &in_force);
    return dg_bounds_looser(&in_force, wanted) != DG_BOUNDS;
}

/* The prescriber ----------------------------------------------------------- */

/* Is it the prescriber's, for this device and this person's age?  Cheap looks
 * come after the signature: nobody else's bytes are worth one. */
static bool is_ours(const struct dg_device *device,
                    dg_span profile,
                    struct dg_prescription *prescription)
{
    const struct dg_settings *settings = &device->settings;

    return (dg_prescription_verify(device->ports->crypto,
                                   &settings->trust.prescriber_key,
                                   profile,
                                   prescription) == DG_OK) &&
           (memcmp(prescription->device.byte,
                   settings->device.byte,
                   DG_DEVICE_ID_SIZE) == 0) &&
           (prescription->age_class == settings->therapy.age_class);
}

static bool is_known(const struct dg_prescribed *held,
                     const struct dg_prescription *prescription)
{
    return (prescription->counter == held->counter) &&
           (memcmp(&prescription->bounds, &held->outer, sizeof held->outer) ==
            0);
}

/* What it allows more than what holds is asked for; if the person cannot be
 * asked now, the phone brings the profile again. */
static void ask_for(struct dg_device *device,
                    unsigned slot,
                    const struct dg_bounds *wanted)
{
    if ((dg_loosen_state(device) == DG_LOOSENING_NONE) &&
        is_wider(device, wanted)) {
        dg_loosen_ask(device, slot, wanted);
    }
}

/* @satisfies{FMT_LIM.2@1} @satisfies{FMT_LIM.3@1} */
enum dg_reason dg_prescribe_take(struct dg_device *device,
                                 unsigned slot,
                                 dg_span profile,
                                 unsigned *named)
{
    const struct dg_prescribed *held = &device->settings.prescribed;
    struct dg_prescription prescription;

    *named = 0U;
    if (!is_ours(device, profile, &prescription)) {
        return DG_REASON_E9;
    }

    const unsigned unsound =
        dg_bounds_unsound(&prescription.bounds, prescription.age_class);

    if (unsound != DG_BOUNDS) {
        *named = unsound + 1U;
        return DG_REASON_E9;
    }
    if (!is_known(held, &prescription)) {
        struct dg_prescribed taken;

        if (prescription.counter <= held->counter) {
            return DG_REASON_E9;
        }
        memset(&taken, 0, sizeof taken);
        taken.counter = prescription.counter;
        taken.outer = prescription.bounds;
        dg_loosen_give_up(device);

        const enum dg_reason reason =
            tighten(device, &taken, &prescription.bounds);

        if (device->settings.prescribed.counter == taken.counter) {
            dg_note(device,
                    DG_JOURNAL_PROFILE,
                    slot,
                    DG_JOURNAL_PROFILE_TAKEN,
                    taken.counter);
        }
        if (reason != DG_REASON_NONE) {
            return reason;
        }
    }
    ask_for(device, slot, &prescription.bounds);
    return DG_REASON_NONE;
}

/* The person --------------------------------------------------------------- */

/* The floor, and what the automatic and the confirmed tier may have.  Never
 * what a person at the device doses by: no phone can lock that out. */
#define SHARES_FIRST \
    ((unsigned)DG_BOUND_SHARE + DG_SHARE_DOSE(DG_TIER_AUTOMATIC))

static void fill_in(const uint16_t wish[DG_WISHES], struct dg_bounds *wanted)
{
    wanted->value[DG_BOUND_FLOOR] = (int32_t)wish[0];
    for (unsigned i = 1U; i < DG_WISHES; i++) {
        wanted->value[SHARES_FIRST + i - 1U] = (int32_t)wish[i];
    }
}

/* @satisfies{FMT_LIM.1@1} @satisfies{FMT_LIM.6@1} */
enum dg_reason dg_prescribe_wish(struct dg_device *device,
                                 unsigned slot,
                                 const uint16_t wish[DG_WISHES],
                                 unsigned *named)
{
    struct dg_prescribed prescribed = device->settings.prescribed;
    struct dg_bounds wanted;
    unsigned refused = DG_BOUNDS;

    *named = 0U;
    if (prescribed.counter == 0U) {
        return DG_REASON_E9;
    }
    dg_bounds_of(&device->settings.therapy, &wanted);
    fill_in(wish, &wanted);
    refused = dg_bounds_unsound(&wanted, device->settings.therapy.age_class);
    if (refused == DG_BOUNDS) {
        refused = dg_bounds_looser(&wanted, &prescribed.outer);
    }
    if (refused != DG_BOUNDS) {
        *named = refused + 1U;
        return DG_REASON_E9;
    }

    const bool is_more = is_wider(device, &wanted);

    /* All of it or nothing; and a question does not change under the finger of
     * who reads it. */
    if (is_more && !dg_loosen_may_ask(device)) {
        return DG_REASON_BUSY;
    }
    dg_loosen_give_up(device);
    if (is_tighter(device, &wanted) || prescribed.is_loosening) {
        prescribed.is_loosening = false;
        memset(&prescribed.next, 0, sizeof prescribed.next);

        const enum dg_reason reason = tighten(device, &prescribed, &wanted);

        if (reason != DG_REASON_NONE) {
            return reason;
        }
    }
    if (is_more) {
        dg_loosen_ask(device, slot, &wanted);
    }
    return DG_REASON_NONE;
}
