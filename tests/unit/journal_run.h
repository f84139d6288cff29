/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_JOURNAL_RUN_H
#define DG_TEST_JOURNAL_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/journal.h"

/* The journal on flash alone, and the test's own book of what was appended. */
#define SECTOR  4096U
#define ENTRIES 4096U
#define SLOTS   50U /* entries in a sector of 4096 bytes */

/* NOR flash that loses power after so many bytes; an erase is eight steps. */
struct journal_flash {
    struct dg_flash port;
    uint32_t budget; /* bytes until the power goes; 0: never */
    uint32_t used;
    bool is_dead;
    uint8_t bytes[SECTOR * DG_FLASH_SECTORS_MIN];
};

extern struct dg_crypto crypto; /* the test makes it */
extern struct journal_flash flash;
extern struct dg_journal journal;
extern struct dg_journal_found found;
extern struct dg_journal_entry book[ENTRIES];
extern uint32_t booked;

/** An empty journal, open. */
void start(void);

/** Power comes back. */
void reopen(void);

/** An entry that no other number has. */
struct dg_journal_entry entry_of(uint32_t number);
enum dg_status append(const struct dg_journal_entry *entry);
void append_many(uint32_t count);
bool is_same(const struct dg_journal_entry *a,
             const struct dg_journal_entry *b);

/** The first of several entries that follow each other. */
dg_span item_at(dg_span bytes);

/** Read everything that is there into the book. */
void read_all(void);

/** Has the journal the root of @tree; of what was read into the book? */
void expect_same_root(const struct dg_merkle *tree);
void expect_same_state(const struct dg_journal *was);
void expect_root_from_oldest(void);

#endif
