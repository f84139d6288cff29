/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the ledger under any order of doses, pulses, time, cuts of power and
 * resets.  Oracle: the fuzzer's own book - moved equals the actuator's count,
 * windows never below what went out, totals equal moved; it always opens. */
#include "dosegate/ledger.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define SECTOR  4096U
#define SECTORS DG_FLASH_SECTORS_MIN

static uint8_t bytes[SECTOR * SECTORS];
static unsigned cut_in;
static unsigned cut_parts; /* of 8 */
static bool is_dead;

static bool cut(size_t *size)
{
    if ((cut_in > 0U) && (--cut_in == 0U)) {
        is_dead = true;
        *size = (*size * cut_parts) / 8U;
    }
    return is_dead;
}

static enum dg_status do_read(void *context, uint32_t offset, dg_buf out)
{
    (void)context;
    memcpy(out.at, &bytes[offset], out.capacity);
    return is_dead ? DG_E_PORT : DG_OK;
}

static enum dg_status do_program(void *context, uint32_t offset, dg_span from)
{
    size_t size = from.size;

    (void)context;
    if (is_dead) {
        return DG_E_PORT;
    }
    for (size_t i = 0U; i < size; i++) {
        if (bytes[offset + i] != 0xFFU) {
            abort();
        }
    }

    const bool is_cut = cut(&size);

    memcpy(&bytes[offset], from.at, size);
    return is_cut ? DG_E_PORT : DG_OK;
}

static enum dg_status do_erase(void *context, uint32_t sector)
{
    size_t size = SECTOR;

    (void)context;
    if (is_dead) {
        return DG_E_PORT;
    }

    const bool is_cut = cut(&size);

    memset(&bytes[sector * SECTOR], 0xFF, size);
    return is_cut ? DG_E_PORT : DG_OK;
}

static const struct dg_flash flash = {
    NULL, SECTOR, SECTORS, do_read, do_program, do_erase};

struct pulse {
    uint32_t at;
    enum dg_tier tier; /* NONE: basal */
};

static struct dg_ledger ledger;
static struct pulse book[4096];
static uint32_t moved;
static uint32_t now;

static void check(void)
{
    if ((ledger.moved != moved) ||
        ((ledger.bolus_pulses + ledger.basal_pulses) != moved)) {
        abort();
    }
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            const uint32_t length_s = dg_window_s((enum dg_window)window);
            int32_t truth_mU = 0;

            for (uint32_t i = 0U; i < moved; i++) {
                const bool counts = (book[i].tier != DG_TIER_NONE) &&
                                    ((unsigned)book[i].tier <= tier) &&
                                    ((now - book[i].at) <= length_s);

                truth_mU += counts ? DG_PULSE_MU : 0;
            }
            if (dg_ledger_window(&ledger,
                                 (dg_seconds){now},
                                 (enum dg_tier)tier,
                                 (enum dg_window)window)
                    .mU < truth_mU) {
                abort();
            }
        }
    }
}

static void reset(void)
{
    is_dead = false;
    cut_in = 0U;
    if (dg_ledger_open(
            &ledger, &flash, DG_HORMONE_INSULIN, (dg_seconds){now}, moved) !=
        DG_OK) {
        abort();
    }
    if (ledger.is_open) {
        abort();
    }
    check();
}

static void pulse(enum dg_tier tier)
{
    book[moved] = (struct pulse){now, tier};
    moved++;
}

static void act(uint8_t what, uint8_t much)
{
    const dg_seconds at = {now};
    struct dg_ticket_id id = {{what, much}};

    switch (what % 8U) {
    case 0U:
        memcpy(&id.byte[2], &now, sizeof now);
        (void)dg_ledger_announce_bolus(&ledger,
                                       at,
                                       &id,
                                       (enum dg_tier)(1U + (much % 3U)),
                                       1U + (much / 4U));
        break;
    case 1U:
    case 2U:
        if (ledger.is_open && !is_dead &&
            (ledger.ticket[0].delivered < ledger.ticket[0].pulses)) {
            pulse(ledger.ticket[0].tier);
            dg_ledger_bolus_pulse(&ledger, at);
        }
        break;
    case 3U:
        if ((dg_ledger_announce_basal(&ledger, at) == DG_OK) &&
            ((much & 7U) != 0U)) {
            pulse(DG_TIER_NONE);
            dg_ledger_basal_pulse(&ledger, at);
        }
        break;
    case 4U:
        (void)dg_ledger_close(&ledger, at, DG_OUTCOME_STOPPED);
        break;
    case 5U:
        now += (uint32_t)much * (((what & 8U) != 0U) ? 60U : 1U);
        break;
    case 6U:
        cut_in = 1U + (much % 4U);
        cut_parts = much / 32U;
        break;
    default:
        reset();
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(bytes, 0xFF, sizeof bytes);
    moved = 0U;
    now = 1000U;
    cut_in = 0U;
    is_dead = false;
    if (dg_ledger_format(&flash, DG_HORMONE_INSULIN, 0U) != DG_OK) {
        abort();
    }
    reset();
    for (size_t i = 0U; ((i + 1U) < size) && (i < 4000U); i += 2U) {
        act(data[i], data[i + 1U]);
        if (is_dead) {
            reset();
        }
    }
    reset();
    return 0;
}
