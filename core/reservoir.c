/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/reservoir.h"

#include "device_parts.h"

/* E10: what left the reservoir is what the mechanism says it moved.  A reading
 * of another kind than the mechanism's own count tells: a leak, a count that
 * lies, a reservoir that somebody changed without a word. */

/* Of the reading, and of what a step moves: 1 U, and 5 % of what was delivered
 * since the fill, the accuracy that makers of pumps state. */
#define TOLERANCE_PULSES  20U
#define TOLERANCE_PERCENT 5U

/* Between two checks while nothing is asked for. */
#define EVERY_S 300U

bool dg_reservoir_is_within(uint32_t filled, uint32_t used, uint32_t left)
{
    const uint64_t out = (uint64_t)used + left;
    const uint64_t off = (out > filled) ? (out - filled) : (filled - out);
    const uint64_t most =
        TOLERANCE_PULSES + (((uint64_t)used * TOLERANCE_PERCENT) / 100U);

    return off <= most;
}

/* false: it cannot be read. */
static bool read_left(const struct dg_device *device, uint32_t *left)
{
    const struct dg_reservoir *reservoir = device->ports->reservoir;

    return reservoir->left(reservoir->context, left) == DG_OK;
}

static bool is_right(const struct dg_device *device, uint32_t left)
{
    const struct dg_settings *settings = &device->settings;

    return dg_reservoir_is_within(settings->reservoir_pulses,
                                  device->ledger.moved -
                                      settings->reservoir_start,
                                  left);
}

/* @satisfies{FDP_RESERVOIR.1@1} */
enum dg_balance dg_reservoir_balance(const struct dg_device *device)
{
    uint32_t left = 0U;

    if (!read_left(device, &left)) {
        return DG_BALANCE_UNKNOWN;
    }
    return is_right(device, left) ? DG_BALANCE_EVEN : DG_BALANCE_OFF;
}

bool dg_reservoir_holds(const struct dg_device *device, uint32_t pulses)
{
    uint32_t left = 0U;

    return read_left(device, &left) && dg_reservoir_is_within(pulses, 0U, left);
}

void dg_reservoir_check(struct dg_device *device)
{
    device->reservoir_at = device->now;
    /* Without a ledger nobody knows what was used; and while the set is off a
     * person may be changing the reservoir. */
    if (device->ledger.is_lost || device->is_detached) {
        return;
    }

    const enum dg_balance balance = dg_reservoir_balance(device);

    if (balance == DG_BALANCE_EVEN) {
        dg_device_clear(device, DG_ALARM_RESERVOIR);
        return;
    }
    dg_device_raise(device, DG_ALARM_RESERVOIR);
    /* Insulin went where nobody counted it, or did not go where it was
     * counted: nothing on top of that.  Basal goes on. */
    if (balance == DG_BALANCE_OFF) {
        dg_therapy_end_doses(device);
    }
}

void dg_reservoir_watch(struct dg_device *device)
{
    if ((device->now.s - device->reservoir_at.s) >= EVERY_S) {
        dg_reservoir_check(device);
    }
}
