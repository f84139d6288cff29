/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_run.h"

#include "cmocka_all.h"

#include <string.h>

struct journal_flash flash;

/* One byte more; false when the power is gone. */
static bool spend(void)
{
    if (flash.is_dead) {
        return false;
    }
    flash.used++;
    flash.is_dead = (flash.budget != 0U) && (flash.used >= flash.budget);
    return !flash.is_dead;
}

static enum dg_status do_read(void *context, uint32_t offset, dg_buf out)
{
    (void)context;
    if (flash.is_dead || ((offset + out.capacity) > sizeof flash.bytes)) {
        return DG_E_PORT;
    }
    memcpy(out.at, &flash.bytes[offset], out.capacity);
    return DG_OK;
}

static enum dg_status do_program(void *context, uint32_t offset, dg_span bytes)
{
    (void)context;
    if (flash.is_dead || ((offset + bytes.size) > sizeof flash.bytes)) {
        return DG_E_PORT;
    }
    for (size_t i = 0U; i < bytes.size; i++) {
        assert_int_equal(flash.bytes[offset + i], 0xFFU);
        if (!spend()) {
            return DG_E_PORT;
        }
        flash.bytes[offset + i] = bytes.at[i];
    }
    return DG_OK;
}

static enum dg_status do_erase(void *context, uint32_t sector)
{
    (void)context;
    assert_in_range(sector,
                    DG_FLASH_JOURNAL_FIRST,
                    DG_FLASH_JOURNAL_FIRST + DG_FLASH_JOURNAL_SECTORS - 1U);
    for (uint32_t part = 0U; part < 8U; part++) {
        if (!spend()) {
            return DG_E_PORT;
        }
        memset(&flash.bytes[(sector * SECTOR) + (part * (SECTOR / 8U))],
               0xFF,
               SECTOR / 8U);
    }
    return DG_OK;
}

struct dg_crypto crypto;
struct dg_journal journal;
struct dg_journal_found found;

/* What was appended, by the test's own book. */
struct dg_journal_entry book[ENTRIES];
uint32_t booked;

void start(void)
{
    flash.port = (struct dg_flash){
        &flash, SECTOR, DG_FLASH_SECTORS_MIN, do_read, do_program, do_erase};
    flash.budget = 0U;
    flash.used = 0U;
    flash.is_dead = false;
    memset(flash.bytes, 0x00, sizeof flash.bytes);
    booked = 0U;
    assert_int_equal(dg_journal_format(&flash.port), DG_OK);
    assert_int_equal(dg_journal_open(&journal, &flash.port, &crypto, &found),
                     DG_OK);
}

struct dg_journal_entry entry_of(uint32_t number)
{
    struct dg_journal_entry entry = {
        .at = {1000U + number},
        .kind = (enum dg_journal_kind)(DG_JOURNAL_ALARM + (number % 3U)),
        .who = (uint8_t)(number % 7U),
        .code = number * 2654435761U,
        .amount = number,
        .data_size = (uint8_t)((number * 5U) % (DG_JOURNAL_DATA_MAX + 1U))};

    memset(entry.data, (int)(number & 0xFFU), entry.data_size);
    return entry;
}

/* Append, and book what is told to be there. */
enum dg_status append(const struct dg_journal_entry *entry)
{
    return dg_journal_append(&journal, entry);
}

void append_many(uint32_t count)
{
    for (uint32_t i = 0U; i < count; i++) {
        const struct dg_journal_entry entry = entry_of(i);

        assert_int_equal(append(&entry), DG_OK);
    }
}

bool is_same(const struct dg_journal_entry *a, const struct dg_journal_entry *b)
{
    return (a->at.s == b->at.s) && (a->kind == b->kind) && (a->who == b->who) &&
           (a->code == b->code) && (a->amount == b->amount) &&
           (a->data_size == b->data_size) &&
           (memcmp(a->data, b->data, a->data_size) == 0);
}

dg_span item_at(dg_span bytes)
{
    struct dg_journal_entry entry;

    for (size_t size = 1U; size <= bytes.size; size++) {
        const dg_span item = {bytes.at, size};

        if (dg_journal_entry_decode(item, &entry) == DG_OK) {
            return item;
        }
    }
    fail_msg("no entry");
    return (dg_span){NULL, 0U};
}

/* Read everything that is there into the book, through a small buffer, and
 * build the tree anew from the entries before @oldest's peaks. */
void read_all(void)
{
    uint8_t room[130];
    uint32_t index = journal.oldest;

    while (index < journal.tree.size) {
        dg_span bytes = {NULL, 0U};
        uint32_t count = 0U;

        assert_int_equal(
            dg_journal_read(&journal, index, DG_BUF_OF(room), &bytes, &count),
            DG_OK);
        assert_true(count > 0U);
        for (uint32_t i = 0U; i < count; i++) {
            const dg_span item = item_at(bytes);

            assert_int_equal(dg_journal_entry_decode(item, &book[index]),
                             DG_OK);
            bytes.at += item.size;
            bytes.size -= item.size;
            index++;
        }
        assert_int_equal(bytes.size, 0U);
    }
    booked = index;
}

void expect_same_root(const struct dg_merkle *tree)
{
    struct dg_hash root;
    struct dg_hash want;

    assert_int_equal(tree->size, journal.tree.size);
    assert_int_equal(dg_merkle_root(tree, &crypto, &root), DG_OK);
    assert_int_equal(dg_merkle_root(&journal.tree, &crypto, &want), DG_OK);
    assert_memory_equal(&root, &want, sizeof root);
}

void expect_same_state(const struct dg_journal *was)
{
    expect_same_root(&was->tree);
    assert_int_equal(was->epoch, journal.epoch);
    assert_int_equal(was->serial, journal.serial);
    assert_int_equal(was->slot, journal.slot);
    assert_int_equal(was->oldest, journal.oldest);
    assert_int_equal(was->last.s, journal.last.s);
    assert_memory_equal(was->check, journal.check, sizeof was->check);
    assert_memory_equal(&was->memory, &journal.memory, sizeof was->memory);
}

void expect_root_from_oldest(void)
{
    struct dg_merkle tree;

    assert_int_equal(dg_journal_tree_at(&journal, journal.oldest, &tree),
                     DG_OK);
    assert_int_equal(tree.size, journal.oldest);
    for (uint32_t i = journal.oldest; i < booked; i++) {
        uint8_t room[DG_JOURNAL_ENTRY_MAX];
        dg_span bytes = {NULL, 0U};
        struct dg_hash leaf;

        assert_int_equal(
            dg_journal_entry_encode(&book[i], DG_BUF_OF(room), &bytes), DG_OK);
        assert_int_equal(dg_merkle_leaf(&crypto, bytes, &leaf), DG_OK);
        assert_int_equal(dg_merkle_add(&tree, &crypto, &leaf), DG_OK);
    }
    expect_same_root(&tree);
}

void reopen(void)
{
    flash.is_dead = false;
    flash.budget = 0U;
    assert_int_equal(dg_journal_open(&journal, &flash.port, &crypto, &found),
                     DG_OK);
}
