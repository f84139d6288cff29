/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_count.h"

#include <stddef.h>

/* Will the ring have a slot for every record of basal?  A sector is erased only
 * when all in it is older than any window, so records that come too fast stop
 * the ledger, and with it every dose.  Basal and boluses come at a rate that is
 * bounded; all other records are let in only where these two keep room. */

/* Two records for a bolus, and one bolus at most in every 180 s (E7). */
#define BOLUS_RECORDS_PER_H 40U
/* A reset with something open writes four at most. */
#define SPARE 8U

/* Time from which a sector may be erased; 0: now. */
/* @satisfies{FDP_BASAL.2@1} */
static bool read_free_at(const struct dg_log *log,
                         uint32_t sector,
                         uint64_t *free_s)
{
    enum dg_slot_state state = DG_SLOT_BLANK;
    struct dg_entry youngest;
    uint32_t slot = dg_log_slots(log);

    while ((state != DG_SLOT_GOOD) && (slot > 0U)) {
        slot--;
        if (dg_log_read(log, sector, slot, &state, &youngest) != DG_OK) {
            return false;
        }
    }
    *free_s = (state == DG_SLOT_GOOD)
                  ? ((uint64_t)youngest.at.s + DG_LOG_KEEP_S)
                  : 0U;
    return true;
}

static uint32_t records_of_open(const struct dg_ledger *ledger)
{
    const struct dg_ledger_ticket *ticket = &ledger->spread.ticket;
    uint32_t records = SPARE;

    if (ledger->spread.is_open) {
        records += (uint32_t)ticket->pulses - ticket->delivered + 1U;
    }
    return records + (ledger->pause.is_on ? 1U : 0U);
}

bool dg_ledger_has_room(const struct dg_ledger *ledger,
                        dg_seconds now,
                        uint32_t records,
                        uint32_t per_hour)
{
    if ((ledger == NULL) || ledger->failed || (records > UINT16_MAX) ||
        (per_hour > UINT16_MAX)) {
        return false;
    }

    const struct dg_log *log = &ledger->log;
    const uint32_t slots = dg_log_slots(log);
    const uint64_t rate = (uint64_t)per_hour + BOLUS_RECORDS_PER_H;
    const uint64_t at_once = (uint64_t)records + records_of_open(ledger);
    uint64_t before = (uint64_t)slots - ledger->slot;

    /* The sector after @p before records: when is the next one needed, and may
     * it be erased by then?  Records at once are taken as all written now. */
    for (uint32_t step = 1U; step < dg_log_sectors(log); step++) {
        const uint32_t sector = (ledger->sector + step) % dg_log_sectors(log);
        const uint64_t need_s =
            now.s +
            ((before > at_once) ? (((before - at_once) * 3600U) / rate) : 0U);
        uint64_t free_s = 0U;

        if (!read_free_at(log, sector, &free_s) || (free_s > need_s)) {
            return false;
        }
        before += slots;
    }
    /* Once around: what is written now must be old enough by then. */
    return (before > at_once) &&
           ((((before - at_once) * 3600U) / rate) >= DG_LOG_KEEP_S);
}
