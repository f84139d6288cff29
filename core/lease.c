/* SPDX-License-Identifier: Apache-2.0 */
#include "device_parts.h"

/* The control lease: at most one phone is in control, for half an hour, and
 * nobody keeps it from others by asking again and again. */

bool dg_lease_is_live(const struct dg_device *device)
{
    return device->lease.is_held &&
           ((device->now.s - device->lease.at.s) <= DG_LEASE_LIFE_S);
}

static bool is_holder(const struct dg_device *device, unsigned slot)
{
    return dg_lease_is_live(device) && (device->lease.slot == slot);
}

static enum dg_role role_of(const struct dg_device *device, unsigned slot)
{
    return device->settings.controller[slot].is_used
               ? device->settings.controller[slot].role
               : DG_ROLE_NONE;
}

static bool is_owner(const struct dg_device *device, unsigned slot)
{
    return role_of(device, slot) == DG_ROLE_OWNER;
}

/* The place in the queue; its length when @slot is not in it. */
static unsigned place_of(const struct dg_lease *lease, unsigned slot)
{
    unsigned place = 0U;

    while ((place < lease->waiting) && (lease->queue[place] != slot)) {
        place++;
    }
    return place;
}

/* Drop the first @count of the queue. */
static void drop_first(struct dg_lease *lease, unsigned count)
{
    for (unsigned i = count; i < lease->waiting; i++) {
        lease->queue[i - count] = lease->queue[i];
    }
    lease->waiting = (uint8_t)(lease->waiting - count);
}

static void leave_queue(struct dg_lease *lease, unsigned slot)
{
    const unsigned place = place_of(lease, slot);

    if (place == lease->waiting) {
        return;
    }
    for (unsigned i = place + 1U; i < lease->waiting; i++) {
        lease->queue[i - 1U] = lease->queue[i];
    }
    lease->waiting--;
}

/* Each who waits has a minute to ask, one after the other; then it is free. */
static unsigned turns_begun(const struct dg_device *device)
{
    const uint32_t since_s = device->now.s - device->lease.end.s;
    const uint32_t turns = 1U + (since_s / DG_LEASE_TURN_S);

    return (turns > DG_CONTROLLERS) ? (DG_CONTROLLERS + 1U) : turns;
}

/* The owner takes control from anyone who is not.  An equal waits for the end
 * of the half hour, and then its turn comes before that of the last holder:
 * otherwise whoever asks often enough could keep it for ever. */
static bool may_take(const struct dg_device *device, unsigned slot)
{
    const struct dg_lease *lease = &device->lease;

    if (dg_lease_is_live(device)) {
        return (lease->slot == slot)
                   ? (is_owner(device, slot) || (lease->waiting == 0U))
                   : (is_owner(device, slot) && !is_owner(device, lease->slot));
    }
    return is_owner(device, slot) || (lease->waiting == 0U) ||
           (place_of(lease, slot) < turns_begun(device));
}

/* @satisfies{FMT_LEASE.1@1} */
enum dg_reason dg_lease_take(struct dg_device *device, unsigned slot)
{
    struct dg_lease *lease = &device->lease;
    const bool is_renewal = is_holder(device, slot);

    if (!may_take(device, slot)) {
        if (!is_renewal && (place_of(lease, slot) == lease->waiting) &&
            (lease->waiting < DG_CONTROLLERS)) {
            lease->queue[lease->waiting] = (uint8_t)slot;
            lease->waiting++;
        }
        return DG_REASON_LEASE;
    }
    if (!dg_lease_is_live(device)) {
        /* Who did not come in its turn has lost it. */
        drop_first(lease, place_of(lease, slot));
    }
    leave_queue(lease, slot);
    lease->is_held = true;
    lease->slot = (uint8_t)slot;
    lease->at = device->now;
    lease->end.s = device->now.s + DG_LEASE_LIFE_S;
    device->heard = device->now;
    return DG_REASON_NONE;
}

void dg_lease_release(struct dg_device *device, unsigned slot)
{
    if (is_holder(device, slot)) {
        device->lease.is_held = false;
        device->lease.end = device->now;
    }
}

/* To a phone that is there and may be in control, for what is left of the half
 * hour: two phones that hand it to and fro keep nobody out either. */
enum dg_reason dg_lease_hand_over(struct dg_device *device,
                                  unsigned slot,
                                  unsigned to)
{
    struct dg_lease *lease = &device->lease;

    if (!is_holder(device, slot)) {
        return dg_lease_is_live(device) ? DG_REASON_LEASE : DG_REASON_AUTHORITY;
    }
    if ((to >= DG_CONTROLLERS) || (to == slot) ||
        !dg_role_may(role_of(device, to), DG_REQUEST_LEASE) ||
        (device->session[to].record.epoch == 0U)) {
        return DG_REASON_ROLE;
    }
    lease->slot = (uint8_t)to;
    leave_queue(lease, to);
    device->heard = device->now;
    return DG_REASON_NONE;
}

void dg_lease_drop(struct dg_device *device, unsigned slot)
{
    dg_lease_release(device, slot);
    leave_queue(&device->lease, slot);
}

void dg_lease_forget(struct dg_device *device)
{
    device->lease.is_held = false;
    device->lease.waiting = 0U;
}
