/* SPDX-License-Identifier: Apache-2.0 */
/* Target: a whole device with a paired phone in a session; the input drives
 * time, requests, raw datagrams, presses and resets.  Oracle: an independent
 * monitor of what the actuator moved - with no basal every trailing window
 * stays under the total cap, without a press under the confirmed one, and the
 * ledger says what moved. */
#include "tests/unit/rig.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct rig rig;
static struct rig ready;
static bool was_pressed;

static void monitor(void)
{
    /* 50 U a day: 15, 20, 30, 80 % by confirmation, 25, 30, 40, 100 % in all. */
    static const uint32_t lengths_s[] = {300U, 3600U, 14400U, 86400U};
    static const int32_t confirmed_mU[] = {7500, 10000, 15000, 40000};
    static const int32_t total_mU[] = {12500, 15000, 20000, 50000};

    for (unsigned i = 0U; i < 4U; i++) {
        const int32_t cap = was_pressed ? total_mU[i] : confirmed_mU[i];

        if (rig_worst_window_mU(&rig, lengths_s[i]) > cap) {
            abort();
        }
    }
    if (rig.device.ledger.moved != rig.moved) {
        abort();
    }
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        const struct dg_energy_slot *own = &rig.device.energy.slot[slot];

        /* Nobody pays for the one phone there is, and no bucket runs over. */
        if (((slot > 0U) && (own->budget.nAh != DG_ENERGY_BUDGET_NAH)) ||
            (own->budget.nAh > DG_ENERGY_BUDGET_NAH) ||
            (own->knocks.bucket.nAh > DG_ENERGY_KNOCK_NAH) ||
            (own->forged.bucket.nAh > DG_ENERGY_FORGED_NAH)) {
            abort();
        }
    }
}

static void press(enum dg_button button)
{
    was_pressed = was_pressed || (button == DG_BUTTON_CONFIRM);
    (void)dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static void act(uint8_t what, uint8_t much, dg_span rest)
{
    switch (what % 12U) {
    case 0U:
        rig_wait_in_steps(&rig, much, 5U);
        break;
    case 1U:
        rig_wait_in_steps(&rig, (uint32_t)much * 16U, 60U);
        break;
    case 2U:
        (void)rig_propose(&rig, 0U, DG_TIER_AUTOMATIC, 1 + (int32_t)much * 10);
        break;
    case 3U:
        (void)rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 1 + (int32_t)much * 60);
        break;
    case 4U:
        (void)rig_commit(&rig, 0U, (much & 1U) != 0U);
        break;
    case 5U:
        (void)rig_glucose(&rig, 0U, 39 + ((int32_t)much * 362) / 255);
        break;
    case 6U:
        (void)rig_greet(&rig, 0U);
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
        break;
    case 7U:
        (void)rig_stop(&rig, 0U);
        break;
    case 8U:
        press((enum dg_button)(much % 5U));
        break;
    case 9U:
        (void)rig_deliver(&rig, rest);
        break;
    case 10U:
        if (much < 32U) {
            rig_reboot(&rig);
        }
        break;
    default:
        (void)rig_connect(&rig, 0U);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (ready.moved == 0U) {
        const struct dg_therapy therapy = rig_therapy(0);

        rig_init(&rig, &therapy);
        rig_ready(&rig, 250);
        (void)rig_dose(&rig, 0U, DG_TIER_AUTOMATIC, 50);
        ready = rig;
    }
    rig = ready;
    was_pressed = false;
    for (size_t i = 0U; ((i + 1U) < size) && (i < 400U); i += 2U) {
        const size_t left = size - i;

        act(data[i],
            data[i + 1U],
            (dg_span){&data[i], (left < 300U) ? left : 300U});
    }
    monitor();
    return 0;
}
