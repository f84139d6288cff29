/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/journal.h"

#include "journal_flash.h"
#include "journal_parts.h"

#include <stddef.h>
#include <string.h>

/* After a reset: find the newest sector, verify every record from the oldest
 * on, and stand where the last one ends.
 *
 * Trusted: nothing on flash.  Kept for any content: whatever is counted
 * follows, by its check, from the head of its sector; what does not is told. */

/* The highest serial that is sound in its place.  @head is room to work in. */
static enum dg_status find_newest(const struct dg_flash *flash,
                                  struct dg_journal_head *head,
                                  bool *has_any,
                                  uint32_t *newest,
                                  uint32_t *epoch)
{
    *has_any = false;
    for (uint32_t sector = 0U; sector < DG_FLASH_JOURNAL_SECTORS; sector++) {
        struct dg_journal_mark mark;
        bool is_sound = false;
        enum dg_status status = dg_journal_mark_read(flash, sector, &mark);

        if ((status == DG_OK) && mark.has_head &&
            ((mark.serial % DG_FLASH_JOURNAL_SECTORS) == sector) &&
            (!*has_any || (mark.serial > *newest))) {
            status =
                dg_journal_head_read(flash, mark.serial, &is_sound, head, NULL);
        }
        if (status != DG_OK) {
            return status;
        }
        if (is_sound) {
            *has_any = true;
            *newest = mark.serial;
            *epoch = head->epoch;
        }
    }
    return DG_OK;
}

/* Where the reading of a sector ended. */
struct walk {
    bool is_sound;  /* all that is not torn follows from the head   */
    bool is_torn;   /* slots that hold no whole record              */
    uint32_t slots; /* used: the next one is blank, and all behind  */
};

/* Count the records of one sector into @journal, which stands at its head.
 *
 * A record that does not follow is torn when it is the last, or when it was
 * never finished; anything else was changed. */
static enum dg_status walk_sector(struct dg_journal *journal,
                                  uint32_t serial,
                                  struct walk *walk)
{
    const uint32_t slots = dg_journal_slots(journal->flash);
    bool has_pending = false; /* the last used slot does not follow */
    bool is_finished = false; /* and was programmed to its end      */

    *walk = (struct walk){.is_sound = true};
    for (uint32_t slot = 0U; slot < slots; slot++) {
        struct dg_journal_record record;
        enum dg_status status =
            dg_journal_record_read(journal->flash, serial, slot, &record);

        if (status != DG_OK) {
            return status;
        }
        if (dg_journal_record_is_blank(&record)) {
            continue;
        }
        if (has_pending && is_finished) {
            walk->is_sound = false;
        }
        walk->slots = slot + 1U;
        status =
            dg_journal_record_verify(journal->crypto, journal->check, &record);
        has_pending = status == DG_E_AUTH;
        is_finished = has_pending && !dg_journal_record_is_cut(&record);
        walk->is_torn = walk->is_torn || has_pending;
        if (status == DG_OK) {
            status = dg_journal_count(journal, &record);
        }
        if (status == DG_E_CORRUPT) {
            walk->is_sound = false;
        } else if ((status != DG_OK) && (status != DG_E_AUTH)) {
            return status;
        }
    }
    return DG_OK;
}

/* The tree is read into the journal itself: it is the largest part. */
static enum dg_status stand_at(struct dg_journal *journal,
                               struct dg_journal_head *head)
{
    bool is_sound = false;
    const enum dg_status status = dg_journal_head_read(
        journal->flash, head->serial, &is_sound, head, &journal->tree);

    if (status != DG_OK) {
        return status;
    }
    journal->epoch = head->epoch;
    journal->serial = head->serial;
    journal->last = head->last;
    journal->memory = head->memory;
    memcpy(journal->check, head->check, DG_JOURNAL_CHECK);
    /* It was sound a moment ago. */
    return is_sound ? DG_OK : DG_E_PORT;
}

/* Does @head go on where @journal stands? */
static bool is_next(const struct dg_journal *journal,
                    const struct dg_journal_head *head)
{
    return (head->size == journal->tree.size) &&
           (memcmp(head->check, journal->check, DG_JOURNAL_CHECK) == 0);
}

/* How far the way from the oldest sector to the newest has come. */
struct way {
    uint32_t newest;
    uint32_t epoch;
    bool is_whole;         /* everything since journal->oldest follows   */
    bool is_victim_broken; /* the sector that is erased next            */
    struct dg_journal_found *found;
};

/* What came before cannot be read. */
static void break_way(struct dg_journal *journal,
                      struct way *way,
                      uint32_t serial)
{
    const bool is_victim =
        (way->newest - serial) == (DG_FLASH_JOURNAL_SECTORS - 1U);

    if (is_victim) {
        way->is_victim_broken = true;
    } else if (!way->found->is_damaged) {
        way->found->is_damaged = true;
        way->found->damaged_first = journal->oldest;
    }
    way->is_whole = false;
}

static enum dg_status pass_sector(struct dg_journal *journal,
                                  struct way *way,
                                  uint32_t serial,
                                  struct dg_journal_head *head)
{
    struct walk walk;
    bool is_sound = false;
    enum dg_status status =
        dg_journal_head_read(journal->flash, serial, &is_sound, head, NULL);

    if (status != DG_OK) {
        return status;
    }
    if (is_sound && (head->epoch != way->epoch)) {
        return DG_OK; /* of a tree that came to its end */
    }
    if (!is_sound) {
        break_way(journal, way, serial);
        return DG_OK;
    }
    if (way->is_whole && !is_next(journal, head)) {
        break_way(journal, way, serial - 1U);
    }
    if (!way->is_whole) {
        journal->oldest = head->size;
    }
    status = stand_at(journal, head);
    if (status == DG_OK) {
        status = walk_sector(journal, serial, &walk);
    }
    if (status != DG_OK) {
        return status;
    }
    journal->slot = walk.slots;
    way->is_whole = walk.is_sound;
    if (!walk.is_sound && (serial != way->newest)) {
        break_way(journal, way, serial);
    }
    way->found->is_torn =
        (serial == way->newest) && walk.is_sound && walk.is_torn;
    return status;
}

/* A sector that was begun and whose head was changed since looks as if it were
 * not there, but its first record still follows. */
static enum dg_status has_orphan(const struct dg_journal *journal,
                                 bool *has_one)
{
    struct dg_journal_record record;

    *has_one = false;
    if (journal->slot < dg_journal_slots(journal->flash)) {
        return DG_OK;
    }

    enum dg_status status = dg_journal_record_read(
        journal->flash, journal->serial + 1U, 0U, &record);

    if (status == DG_OK) {
        status =
            dg_journal_record_verify(journal->crypto, journal->check, &record);
        *has_one = status == DG_OK;
    }
    return (status == DG_E_AUTH) ? DG_OK : status;
}

/* A tree whose end cannot be read cannot be continued.  The new one says so by
 * its epoch, to everybody who held a head of the old one. */
static enum dg_status begin_epoch(struct dg_journal *journal,
                                  uint32_t serial,
                                  struct dg_journal_found *found)
{
    if ((serial > DG_JOURNAL_SERIAL_MAX) ||
        (journal->epoch >= DG_JOURNAL_SERIAL_MAX)) {
        return DG_E_STATE;
    }
    found->is_new = true;
    found->is_damaged = true;
    found->damaged_end = journal->tree.size;
    memset(&journal->tree, 0, sizeof journal->tree);
    memset(&journal->memory.head, 0, sizeof journal->memory.head);
    memset(journal->check, 0, sizeof journal->check);
    journal->memory.head_size = 0U;
    journal->memory.exported = 0U;
    journal->memory.lost = 0U;
    journal->serial = serial;
    journal->epoch++;
    journal->oldest = 0U;
    journal->slot = 0U;
    return dg_journal_head_write(journal);
}

static enum dg_status replay(struct dg_journal *journal,
                             struct dg_journal_head *head,
                             struct dg_journal_found *found)
{
    const uint32_t ring = DG_FLASH_JOURNAL_SECTORS - 1U;
    struct way way = {.found = found};
    bool has_any = false;
    bool is_orphaned = false;
    enum dg_status status =
        find_newest(journal->flash, head, &has_any, &way.newest, &way.epoch);

    if (status != DG_OK) {
        return status;
    }
    if (!has_any) {
        return begin_epoch(journal, 0U, found);
    }

    uint32_t serial = (way.newest > ring) ? (way.newest - ring) : 0U;

    for (; (status == DG_OK) && (serial <= way.newest); serial++) {
        status = pass_sector(journal, &way, serial, head);
    }
    if (status == DG_OK) {
        status = has_orphan(journal, &is_orphaned);
    }
    if (status != DG_OK) {
        return status;
    }
    if (!way.is_whole || is_orphaned) {
        return begin_epoch(
            journal, way.newest + (is_orphaned ? 2U : 1U), found);
    }
    /* While the newest is full, the oldest may have been under erasure. */
    if (way.is_victim_broken &&
        (journal->slot < dg_journal_slots(journal->flash))) {
        found->is_damaged = true;
    }
    found->damaged_end = found->is_damaged ? journal->oldest : 0U;
    return DG_OK;
}

/* @satisfies{FAU_LOG.2@1} */
enum dg_status dg_journal_open(struct dg_journal *journal,
                               const struct dg_flash *flash,
                               const struct dg_crypto *crypto,
                               struct dg_journal_found *found)
{
    struct dg_journal_head head;

    if ((journal == NULL) || (flash == NULL) || (crypto == NULL) ||
        (found == NULL) || !dg_journal_is_large_enough(flash)) {
        return DG_E_USAGE;
    }
    memset(found, 0, sizeof *found);
    memset(journal, 0, sizeof *journal);
    journal->flash = flash;
    journal->crypto = crypto;

    const enum dg_status status = replay(journal, &head, found);

    journal->failed = status != DG_OK;
    return status;
}
