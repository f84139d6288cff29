/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the ledger under any order of doses at once and spread, primes,
 * pauses, basal, time, cuts of power and resets.  Oracle: the fuzzer's own book
 * - moved equals the actuator's count, windows never below what went out,
 * suspended time never below what was withheld, totals equal moved; it always
 * opens. */
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
    enum dg_tier tier; /* NONE: basal or prime */
};

/* Basal withheld, until now or later. */
struct pause {
    uint32_t from;
    uint32_t to;
    uint32_t permille;
};

static struct dg_ledger ledger;
static struct pulse book[4096];
static uint32_t moved;
static uint32_t primed;
static struct pause paused[2048];
static uint32_t pauses;
static uint32_t now;

/* What a call may refuse; the book is what counts. */
static void any(enum dg_status status)
{
    if (status == DG_E_USAGE) {
        abort();
    }
}

static void check_pauses(uint32_t window_s)
{
    const uint32_t first = (now > window_s) ? (now - window_s) : 0U;
    uint64_t sum = 0U;

    for (uint32_t i = 0U; i < pauses; i++) {
        const uint32_t to = (paused[i].to < now) ? paused[i].to : now;
        const uint32_t from = (paused[i].from > first) ? paused[i].from : first;

        sum += (to > from) ? ((uint64_t)(to - from) * paused[i].permille) : 0U;
    }
    if (dg_ledger_paused_s(&ledger, (dg_seconds){now}, window_s) <
        (sum / DG_PERMILLE)) {
        abort();
    }
}

static void check(void)
{
    if ((ledger.moved != moved) ||
        ((ledger.bolus_pulses + ledger.basal_pulses + primed) != moved)) {
        abort();
    }
    check_pauses(14400U);
    check_pauses(86400U);
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
    if (ledger.is_open || ledger.spread.is_open ||
        (ledger.pause.is_on && (ledger.pause.permille < DG_PERMILLE))) {
        abort();
    }
    /* A lease of lowered basal ended with the power. */
    if (!ledger.pause.is_on && (pauses > 0U) &&
        (paused[pauses - 1U].to > now)) {
        paused[pauses - 1U].to = now;
    }
    check();
}

static void pulse(enum dg_tier tier)
{
    book[moved] = (struct pulse){now, tier};
    moved++;
}

static void begin_pause(uint8_t much)
{
    const uint32_t seconds = 60U * (1U + much);
    const uint32_t permille = ((much & 1U) != 0U) ? DG_PERMILLE : (much * 3U);

    if ((pauses < (sizeof paused / sizeof paused[0])) &&
        (dg_ledger_pause(&ledger,
                         (dg_seconds){now},
                         NULL,
                         DG_TIER_AUTOMATIC,
                         permille,
                         seconds) == DG_OK)) {
        paused[pauses++] = (struct pause){now, now + seconds, permille};
    }
}

static void end_pause(void)
{
    const bool is_on = ledger.pause.is_on;
    const enum dg_status status = dg_ledger_resume(&ledger, (dg_seconds){now});

    /* When the record was cut, a reset may withhold again what was granted. */
    if (is_on && (status == DG_OK) && (paused[pauses - 1U].to > now)) {
        paused[pauses - 1U].to = now;
    }
}

static void act_therapy(uint8_t what, uint8_t much)
{
    const dg_seconds at = {now};
    struct dg_ticket_id id = {{what, much}};

    memcpy(&id.byte[2], &now, sizeof now);
    switch (what % 8U) {
    case 0U:
        any(dg_ledger_announce_spread(&ledger,
                                      at,
                                      &id,
                                      (enum dg_tier)(1U + (much % 3U)),
                                      1U + (much / 4U),
                                      1800U));
        break;
    case 1U:
    case 2U:
        if ((dg_ledger_announce_drip(&ledger, at) == DG_OK) &&
            ((much & 7U) != 0U)) {
            pulse(ledger.spread.ticket.tier);
            dg_ledger_drip_pulse(&ledger, at);
        }
        break;
    case 3U:
        any(dg_ledger_close_spread(&ledger, at, DG_OUTCOME_STOPPED));
        break;
    case 4U:
        any(dg_ledger_announce_prime(&ledger, at, &id, 1U + (much / 4U)));
        break;
    case 5U:
        begin_pause(much);
        break;
    default:
        end_pause();
        break;
    }
}

static void act(uint8_t what, uint8_t much)
{
    const dg_seconds at = {now};
    struct dg_ticket_id id = {{what, much}};

    if ((what & 16U) != 0U) {
        act_therapy(what, much);
        return;
    }
    switch (what % 8U) {
    case 0U:
        memcpy(&id.byte[2], &now, sizeof now);
        any(dg_ledger_announce_bolus(&ledger,
                                     at,
                                     &id,
                                     (enum dg_tier)(1U + (much % 3U)),
                                     1U + (much / 4U)));
        break;
    case 1U:
    case 2U:
        if (ledger.is_open && !is_dead &&
            (ledger.ticket[0].delivered < ledger.ticket[0].pulses)) {
            primed += (ledger.ticket[0].tier == DG_TIER_NONE) ? 1U : 0U;
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
        any(dg_ledger_close(&ledger, at, DG_OUTCOME_STOPPED));
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
    primed = 0U;
    pauses = 0U;
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
