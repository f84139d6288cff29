/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/journal.h"

#include "journal_flash.h"

#include <stddef.h>
#include <string.h>

/* Reading what is on flash, from any entry on, with its chain verified again:
 * what was changed since opening is not handed out. */
struct cursor {
    const struct dg_journal *journal;
    uint32_t serial;
    uint32_t slot;
    uint32_t index;                  /* of the next record */
    uint8_t check[DG_JOURNAL_CHECK]; /* of the one before  */
};

/* The head of the last sector that begins at or before entry @index; @tree may
 * be NULL. */
static enum dg_status find_head(const struct dg_journal *journal,
                                uint32_t index,
                                struct dg_journal_head *head,
                                struct dg_merkle *tree)
{
    const uint32_t ring = DG_FLASH_JOURNAL_SECTORS;

    for (uint32_t back = 0U; (back < ring) && (back <= journal->serial);
         back++) {
        bool is_sound = false;
        const enum dg_status status = dg_journal_head_read(
            journal->flash, journal->serial - back, &is_sound, head, tree);

        if (status != DG_OK) {
            return status;
        }
        if (!is_sound || (head->epoch != journal->epoch)) {
            return DG_E_PORT;
        }
        if (head->size <= index) {
            return DG_OK;
        }
    }
    return DG_E_PORT;
}

static void start(struct cursor *cursor,
                  const struct dg_journal *journal,
                  const struct dg_journal_head *head)
{
    cursor->journal = journal;
    cursor->serial = head->serial;
    cursor->slot = 0U;
    cursor->index = head->size;
    memcpy(cursor->check, head->check, DG_JOURNAL_CHECK);
}

/* The next record.  Torn ones are passed over; opening has judged them. */
static enum dg_status step(struct cursor *cursor,
                           struct dg_journal_record *record)
{
    const struct dg_journal *journal = cursor->journal;

    if (cursor->index >= journal->tree.size) {
        return DG_E_RANGE;
    }
    for (;;) {
        if (cursor->slot >= dg_journal_slots(journal->flash)) {
            cursor->slot = 0U;
            cursor->serial++;
        }
        if ((cursor->serial > journal->serial) ||
            ((cursor->serial == journal->serial) &&
             (cursor->slot >= journal->slot))) {
            return DG_E_PORT;
        }

        enum dg_status status = dg_journal_record_read(
            journal->flash, cursor->serial, cursor->slot, record);

        if (status == DG_OK) {
            status = dg_journal_record_verify(
                journal->crypto, cursor->check, record);
        }
        cursor->slot++;
        if (status == DG_OK) {
            memcpy(cursor->check,
                   dg_journal_record_check(record),
                   DG_JOURNAL_CHECK);
            cursor->index++;
            return DG_OK;
        }
        if (status != DG_E_AUTH) {
            return status;
        }
    }
}

/* Stand before entry @index, which is on flash. */
static enum dg_status seek(struct cursor *cursor,
                           const struct dg_journal *journal,
                           uint32_t index)
{
    struct dg_journal_head head;
    struct dg_journal_record record;
    enum dg_status status = find_head(journal, index, &head, NULL);

    if (status == DG_OK) {
        start(cursor, journal, &head);
    }
    while ((status == DG_OK) && (cursor->index < index)) {
        status = step(cursor, &record);
    }
    return status;
}

enum dg_status dg_journal_read(const struct dg_journal *journal,
                               uint32_t first,
                               dg_buf room,
                               dg_span *bytes,
                               uint32_t *count)
{
    struct dg_journal_record record;
    struct cursor cursor;
    size_t used = 0U;

    *bytes = (dg_span){room.at, 0U};
    *count = 0U;
    if ((first < journal->oldest) || (first > journal->tree.size)) {
        return DG_E_RANGE;
    }
    if (first == journal->tree.size) {
        return DG_OK;
    }

    enum dg_status status = seek(&cursor, journal, first);

    while ((status == DG_OK) && (cursor.index < journal->tree.size)) {
        status = step(&cursor, &record);
        if (status != DG_OK) {
            break;
        }

        const dg_span entry = dg_journal_record_entry(&record);

        if (entry.size > (room.capacity - used)) {
            break;
        }
        memcpy(&room.at[used], entry.at, entry.size);
        used += entry.size;
        (*count)++;
    }
    bytes->size = used;
    return status;
}

/* Add entries @tree->size .. end - 1 of the cursor to @tree. */
static enum dg_status add_until(struct cursor *cursor,
                                uint32_t end,
                                struct dg_merkle *tree)
{
    struct dg_journal_record record;
    struct dg_hash leaf;
    const struct dg_crypto *crypto = cursor->journal->crypto;
    enum dg_status status = DG_OK;

    while ((status == DG_OK) && (cursor->index < end)) {
        status = step(cursor, &record);
        if (status == DG_OK) {
            status =
                dg_merkle_leaf(crypto, dg_journal_record_entry(&record), &leaf);
        }
        if (status == DG_OK) {
            status = dg_merkle_add(tree, crypto, &leaf);
        }
    }
    return status;
}

enum dg_status dg_journal_tree_at(const struct dg_journal *journal,
                                  uint32_t size,
                                  struct dg_merkle *tree)
{
    struct dg_journal_head head;
    struct cursor cursor;

    if ((size < journal->oldest) || (size > journal->tree.size)) {
        return DG_E_RANGE;
    }

    enum dg_status status = find_head(journal, size, &head, tree);

    if (status != DG_OK) {
        return status;
    }
    start(&cursor, journal, &head);
    return add_until(&cursor, size, tree);
}

enum dg_status dg_journal_root_at(const struct dg_journal *journal,
                                  uint32_t size,
                                  struct dg_hash *root)
{
    struct dg_merkle tree;
    const enum dg_status status = dg_journal_tree_at(journal, size, &tree);

    return (status == DG_OK) ? dg_merkle_root(&tree, journal->crypto, root)
                             : status;
}

/* The root over entries of which all are on flash. */
static enum dg_status hash_range(const struct dg_journal *journal,
                                 const struct dg_merkle_range *range,
                                 struct dg_merkle *room,
                                 struct dg_hash *node)
{
    struct cursor cursor;
    enum dg_status status = seek(&cursor, journal, range->first);

    memset(room, 0, sizeof *room);
    if (status == DG_OK) {
        status = add_until(&cursor, range->end, room);
    }
    if (status == DG_OK) {
        status = dg_merkle_root(room, journal->crypto, node);
    }
    return status;
}

/* Which peak of the old tree is this range, which ends inside it?  A power of
 * two long, at a multiple of that. */
static unsigned level_of(const struct dg_merkle_range *range)
{
    unsigned level = 0U;

    while (((range->end - range->first) >> level) > 1U) {
        level++;
    }
    return level;
}

/* @satisfies{FAU_LOG.3@1} */
enum dg_status dg_journal_prove(const struct dg_journal *journal,
                                uint32_t from,
                                uint32_t size,
                                size_t skip,
                                struct dg_hash *nodes,
                                size_t capacity,
                                size_t *count,
                                size_t *total)
{
    struct dg_merkle_plan plan;
    struct dg_merkle tree;
    enum dg_status status = DG_OK;

    *count = 0U;
    *total = 0U;
    if ((from < journal->oldest) || (size > journal->tree.size)) {
        return DG_E_RANGE;
    }
    status = dg_merkle_plan_consistency(from, size, &plan);
    for (size_t i = skip;
         (status == DG_OK) && (i < plan.count) && (*count < capacity);
         i++) {
        const struct dg_merkle_range *range = &plan.range[i];

        if (range->end <= from) {
            status = dg_journal_tree_at(journal, from, &tree);
            nodes[*count] = tree.peak[level_of(range)];
        } else {
            status = hash_range(journal, range, &tree, &nodes[*count]);
        }
        (*count)++;
    }
    *total = plan.count;
    return status;
}
