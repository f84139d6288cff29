/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger_log.h"

#include "bytes.h"

#include <stddef.h>
#include <string.h>

/* Offsets in a record; all integers big endian.
 *   0 kind  1 tier  2 pulses  4 sequence  8 time  12 moved  16 bolus pulses
 *   20 basal pulses  24 uncertain pulses  28 ticket  36 delivered  38 outcome
 *   39 hormone  40 CRC-32 of bytes 0 to 39 */
#define CRC_AT 40U

_Static_assert(CRC_AT + 4U == DG_LEDGER_RECORD_SIZE, "record layout");

/* A hormone without a row has no ledger. */
/* clang-format off */
static const struct dg_ledger_region regions[DG_HORMONES] = {
    [DG_HORMONE_INSULIN]  = { DG_FLASH_INSULIN_FIRST,
                              DG_FLASH_INSULIN_SECTORS,
                              DG_PULSE_MU },
    [DG_HORMONE_GLUCAGON] = { DG_FLASH_GLUCAGON_FIRST,
                              DG_FLASH_GLUCAGON_SECTORS,
                              DG_GLUCAGON_STEP_UG },
};
/* clang-format on */

const struct dg_ledger_region *dg_ledger_region_of(enum dg_hormone hormone)
{
    if (((unsigned)hormone >= DG_HORMONES) ||
        (regions[hormone].sectors == 0U)) {
        return NULL;
    }
    return &regions[hormone];
}

static bool is_large_enough(const struct dg_flash *flash)
{
    return (flash->sector_count >= DG_FLASH_SECTORS_MIN) &&
           (flash->sector_size >= 4096U) &&
           ((flash->sector_size & (flash->sector_size - 1U)) == 0U);
}

enum dg_status dg_log_init(struct dg_log *log,
                           const struct dg_flash *flash,
                           enum dg_hormone hormone)
{
    log->flash = flash;
    log->region = dg_ledger_region_of(hormone);
    log->hormone = hormone;
    return ((log->region != NULL) && is_large_enough(flash)) ? DG_OK
                                                             : DG_E_USAGE;
}

uint32_t dg_log_sectors(const struct dg_log *log)
{
    return log->region->sectors;
}

uint32_t dg_log_slots(const struct dg_log *log)
{
    return log->flash->sector_size / DG_LEDGER_RECORD_SIZE;
}

static uint32_t offset_of(const struct dg_log *log,
                          uint32_t sector,
                          uint32_t slot)
{
    return ((sector + log->region->first) * log->flash->sector_size) +
           (slot * DG_LEDGER_RECORD_SIZE);
}

static void pack(enum dg_hormone hormone,
                 const struct dg_entry *entry,
                 uint8_t bytes[DG_LEDGER_RECORD_SIZE])
{
    bytes[0] = (uint8_t)entry->kind;
    bytes[1] = (uint8_t)entry->tier;
    dg_bytes_put_u16(&bytes[2], entry->pulses);
    dg_bytes_put_u32(&bytes[4], entry->sequence);
    dg_bytes_put_u32(&bytes[8], entry->at.s);
    dg_bytes_put_u32(&bytes[12], entry->moved);
    dg_bytes_put_u32(&bytes[16], entry->bolus_pulses);
    dg_bytes_put_u32(&bytes[20], entry->basal_pulses);
    dg_bytes_put_u32(&bytes[24], entry->uncertain_pulses);
    memcpy(&bytes[28], entry->ticket.byte, DG_TICKET_SIZE);
    dg_bytes_put_u16(&bytes[36], entry->delivered);
    bytes[38] = (uint8_t)entry->outcome;
    bytes[39] = (uint8_t)hormone;
    dg_bytes_put_u32(&bytes[CRC_AT], dg_bytes_crc32((dg_span){bytes, CRC_AT}));
}

static bool unpack(enum dg_hormone hormone,
                   const uint8_t bytes[DG_LEDGER_RECORD_SIZE],
                   struct dg_entry *entry)
{
    if (dg_bytes_get_u32(&bytes[CRC_AT]) !=
        dg_bytes_crc32((dg_span){bytes, CRC_AT})) {
        return false;
    }
    if ((bytes[0] < DG_ENTRY_FORMAT) || (bytes[0] >= DG_ENTRY_KINDS) ||
        (bytes[1] >= DG_TIERS) || (bytes[38] > DG_OUTCOME_LAPSED) ||
        (bytes[39] != (uint8_t)hormone)) {
        return false;
    }
    entry->kind = (enum dg_entry_kind)bytes[0];
    entry->tier = (enum dg_tier)bytes[1];
    entry->pulses = dg_bytes_get_u16(&bytes[2]);
    entry->sequence = dg_bytes_get_u32(&bytes[4]);
    entry->at.s = dg_bytes_get_u32(&bytes[8]);
    entry->moved = dg_bytes_get_u32(&bytes[12]);
    entry->bolus_pulses = dg_bytes_get_u32(&bytes[16]);
    entry->basal_pulses = dg_bytes_get_u32(&bytes[20]);
    entry->uncertain_pulses = dg_bytes_get_u32(&bytes[24]);
    memcpy(entry->ticket.byte, &bytes[28], DG_TICKET_SIZE);
    entry->delivered = dg_bytes_get_u16(&bytes[36]);
    entry->outcome = (enum dg_outcome)bytes[38];
    return true;
}

static bool is_blank(const uint8_t bytes[DG_LEDGER_RECORD_SIZE])
{
    uint8_t all = 0xFFU;

    for (unsigned i = 0U; i < DG_LEDGER_RECORD_SIZE; i++) {
        all &= bytes[i];
    }
    return all == 0xFFU;
}

enum dg_status dg_log_read(const struct dg_log *log,
                           uint32_t sector,
                           uint32_t slot,
                           enum dg_slot_state *state,
                           struct dg_entry *entry)
{
    uint8_t bytes[DG_LEDGER_RECORD_SIZE];
    const enum dg_status status = log->flash->read(
        log->flash->context, offset_of(log, sector, slot), DG_BUF_OF(bytes));

    if (status != DG_OK) {
        return status;
    }
    if (is_blank(bytes)) {
        *state = DG_SLOT_BLANK;
    } else {
        *state =
            unpack(log->hormone, bytes, entry) ? DG_SLOT_GOOD : DG_SLOT_TORN;
    }
    return DG_OK;
}

enum dg_status dg_log_write(const struct dg_log *log,
                            uint32_t sector,
                            uint32_t slot,
                            const struct dg_entry *entry)
{
    uint8_t bytes[DG_LEDGER_RECORD_SIZE];
    uint8_t back[DG_LEDGER_RECORD_SIZE];
    const struct dg_flash *flash = log->flash;
    const uint32_t offset = offset_of(log, sector, slot);

    pack(log->hormone, entry, bytes);
    enum dg_status status =
        flash->program(flash->context, offset, DG_SPAN_OF(bytes));

    if (status == DG_OK) {
        status = flash->read(flash->context, offset, DG_BUF_OF(back));
    }
    if ((status == DG_OK) && (memcmp(bytes, back, sizeof bytes) != 0)) {
        status = DG_E_PORT;
    }
    return status;
}

enum dg_status dg_log_erase(const struct dg_log *log, uint32_t sector)
{
    return log->flash->erase(log->flash->context, sector + log->region->first);
}
