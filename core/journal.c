/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/journal.h"
#include "dosegate/effect.h"

#include "bytes.h"
#include "journal_flash.h"
#include "journal_parts.h"

#include <stddef.h>
#include <string.h>

enum dg_status dg_journal_format(const struct dg_flash *flash)
{
    struct dg_journal journal;

    if ((flash == NULL) || !dg_journal_is_large_enough(flash)) {
        return DG_E_USAGE;
    }
    memset(&journal, 0, sizeof journal);
    journal.flash = flash;
    journal.epoch = 1U;

    enum dg_status status = dg_journal_erase_all(flash);

    if (status == DG_OK) {
        status = dg_journal_head_write(&journal);
    }
    return status;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return (a > b) ? a : b;
}

void dg_journal_remember(struct dg_journal *journal,
                         const struct dg_journal_entry *entry)
{
    struct dg_journal_memory *memory = &journal->memory;

    switch (entry->kind) {
    case DG_JOURNAL_HEAD:
        memory->head_size = entry->amount;
        memcpy(memory->head.byte, entry->data, DG_HASH_SIZE);
        break;
    case DG_JOURNAL_EXPORTED:
        memory->exported = larger(memory->exported, entry->amount);
        break;
    case DG_JOURNAL_LOST:
    case DG_JOURNAL_DAMAGED:
        memory->lost = larger(memory->lost, entry->amount);
        break;
    case DG_JOURNAL_BOOT:
    case DG_JOURNAL_TOTALS:
        memory->totals_at_s = entry->at.s;
        break;
    case DG_JOURNAL_STATE:
        memory->paused_s =
            (entry->code == 0U) ? 0U : dg_bytes_get_u32(entry->data);
        break;
    case DG_JOURNAL_GLUCAGON:
        if ((entry->code >> 8) != (uint32_t)DG_OUTCOME_LAPSED) {
            memcpy(memory->glucagon, entry->data, sizeof memory->glucagon);
        }
        break;
    case DG_JOURNAL_ENDED:
    case DG_JOURNAL_PRIMED:
        /* One that lapsed is not in the ledger to be found after a reset. */
        if ((entry->code >> 8) != (uint32_t)DG_OUTCOME_LAPSED) {
            memcpy(memory->ticket, entry->data, sizeof memory->ticket);
        }
        break;
    case DG_JOURNAL_PAIRED:
    case DG_JOURNAL_REVOKED:
    case DG_JOURNAL_THERAPY:
        memcpy(memory->settings, entry->data, sizeof memory->settings);
        break;
    case DG_JOURNAL_NONE:
    case DG_JOURNAL_ACCEPTED:
    case DG_JOURNAL_PROFILE:
    case DG_JOURNAL_REFUSED:
    case DG_JOURNAL_SESSION:
    case DG_JOURNAL_LEASE:
    case DG_JOURNAL_ALARM:
    case DG_JOURNAL_BUTTON:
    case DG_JOURNAL_FAULT:
    case DG_JOURNAL_UPDATE:
    case DG_JOURNAL_ENERGY:
    case DG_JOURNAL_FRAMES:
    case DG_JOURNAL_FORK:
    case DG_JOURNAL_DROPPED:
    default:
        break;
    }
}

enum dg_status dg_journal_count(struct dg_journal *journal,
                                const struct dg_journal_record *record)
{
    const dg_span bytes = dg_journal_record_entry(record);
    struct dg_journal_entry entry;
    struct dg_hash leaf;

    if (dg_journal_entry_decode(bytes, &entry) != DG_OK) {
        return DG_E_CORRUPT;
    }

    enum dg_status status = dg_merkle_leaf(journal->crypto, bytes, &leaf);

    if (status == DG_OK) {
        status = dg_merkle_add(&journal->tree, journal->crypto, &leaf);
    }
    if (status != DG_OK) {
        return status;
    }
    memcpy(journal->check, dg_journal_record_check(record), DG_JOURNAL_CHECK);
    journal->last = entry.at;
    dg_journal_remember(journal, &entry);
    return DG_OK;
}

/* The sector that follows the erased one is the oldest now.  One without a
 * head holds nothing that could be read, and opening has told so. */
static enum dg_status move_oldest(struct dg_journal *journal)
{
    const uint32_t ring = DG_FLASH_JOURNAL_SECTORS;
    const uint32_t first = journal->serial - (ring - 1U);
    struct dg_journal_mark mark;

    if (journal->serial < ring) {
        return DG_OK;
    }

    const enum dg_status status =
        dg_journal_mark_read(journal->flash, first % ring, &mark);

    if (mark.has_head && (mark.serial == first) &&
        (mark.epoch == journal->epoch)) {
        journal->oldest = larger(journal->oldest, mark.size);
    }
    return status;
}

/* Go on in the next sector of the ring. */
static enum dg_status turn(struct dg_journal *journal)
{
    if (journal->serial >= DG_JOURNAL_SERIAL_MAX) {
        return DG_E_STATE;
    }
    journal->serial++;
    journal->slot = 0U;

    const enum dg_status status = dg_journal_head_write(journal);

    return (status == DG_OK) ? move_oldest(journal) : status;
}

static enum dg_status write_entry(struct dg_journal *journal,
                                  const struct dg_journal_entry *entry)
{
    struct dg_journal_entry dated = *entry;
    struct dg_journal_record record;
    uint8_t room[DG_JOURNAL_ENTRY_MAX];
    dg_span bytes = {NULL, 0U};

    dated.at.s = larger(entry->at.s, journal->last.s);

    enum dg_status status =
        dg_journal_entry_encode(&dated, DG_BUF_OF(room), &bytes);

    if (status == DG_OK) {
        status = dg_journal_record_make(
            journal->crypto, journal->check, bytes, &record);
    }
    if (status == DG_OK) {
        status = dg_journal_record_write(
            journal->flash, journal->serial, journal->slot, &record);
    }
    if (status == DG_OK) {
        journal->slot++;
        status = dg_journal_count(journal, &record);
    }
    return status;
}

/* Entries that left the flash and that nobody holds are told, once. */
static enum dg_status tell_lost(struct dg_journal *journal)
{
    const struct dg_journal_memory *memory = &journal->memory;
    const uint32_t told = larger(memory->exported, memory->lost);

    if (told >= journal->oldest) {
        return DG_OK;
    }

    const struct dg_journal_entry entry = {.at = journal->last,
                                           .kind = DG_JOURNAL_LOST,
                                           .who = DG_JOURNAL_BY_DEVICE,
                                           .code = told,
                                           .amount = journal->oldest};

    return write_entry(journal, &entry);
}

/* @satisfies{FAU_LOG.1@1} @satisfies{FAU_LOG.2@1} */
enum dg_status dg_journal_append(struct dg_journal *journal,
                                 const struct dg_journal_entry *entry)
{
    uint8_t room[DG_JOURNAL_ENTRY_MAX];
    dg_span bytes = {NULL, 0U};

    if (journal->failed || (journal->tree.size >= (DG_MERKLE_LEAVES - 1U))) {
        return DG_E_STATE;
    }
    if (dg_journal_entry_encode(entry, DG_BUF_OF(room), &bytes) != DG_OK) {
        return DG_E_RANGE;
    }

    enum dg_status status = DG_OK;

    if (journal->slot >= dg_journal_slots(journal->flash)) {
        status = turn(journal);
    }
    if (status == DG_OK) {
        status = tell_lost(journal);
    }
    if (status == DG_OK) {
        status = write_entry(journal, entry);
    }
    journal->failed = status != DG_OK;
    return status;
}
