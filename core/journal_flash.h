/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CORE_JOURNAL_FLASH_H
#define DG_CORE_JOURNAL_FLASH_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/journal.h"

/* The journal as bytes in a ring of sectors.  Sector number serial modulo
 * their count holds the head with that serial, then records of one slot each:
 *
 *   0 size of the entry  1 entry, zeros  56 check
 *
 * check = first 8 bytes of SHA-256(check before || bytes 0 to 55): it tells a
 * torn record, a changed one, and one that does not follow the one before. */
#define DG_JOURNAL_SLOT_SIZE 64U

struct dg_journal_head {
    uint32_t serial;
    uint32_t epoch;
    dg_seconds last;                 /* time of the entry before           */
    uint8_t check[DG_JOURNAL_CHECK]; /* of the record before               */
    uint32_t size;                   /* entries before the first record    */
    struct dg_journal_memory memory;
};

struct dg_journal_record {
    uint8_t bytes[DG_JOURNAL_SLOT_SIZE];
};

bool dg_journal_is_large_enough(const struct dg_flash *flash);
uint32_t dg_journal_slots(const struct dg_flash *flash);

/** Read the head of the sector for @p serial.  @p is_sound is false when there
 * is none, a torn one, or one with another serial.
 *
 * @param[out] tree  Before the first record; nothing where the head is not
 *                   sound.  May be NULL: most ask for the rest alone. */
DG_NODISCARD enum dg_status dg_journal_head_read(const struct dg_flash *flash,
                                                 uint32_t serial,
                                                 bool *is_sound,
                                                 struct dg_journal_head *head,
                                                 struct dg_merkle *tree);

/* The first bytes of a head, unchecked. */
struct dg_journal_mark {
    bool has_head;
    uint32_t serial;
    uint32_t epoch;
    uint32_t size; /* entries before the first record */
};

/** Read the mark of @p sector, 0 .. DG_FLASH_JOURNAL_SECTORS - 1. */
DG_NODISCARD enum dg_status dg_journal_mark_read(const struct dg_flash *flash,
                                                 uint32_t sector,
                                                 struct dg_journal_mark *mark);

/** Erase the sector for journal->serial and write its head: all that
 * @p journal stands at. */
DG_NODISCARD enum dg_status dg_journal_head_write(
    const struct dg_journal *journal);

DG_NODISCARD enum dg_status dg_journal_record_read(
    const struct dg_flash *flash,
    uint32_t serial,
    uint32_t slot,
    struct dg_journal_record *record);

/** Program a blank slot and read it back. */
DG_NODISCARD enum dg_status dg_journal_record_write(
    const struct dg_flash *flash,
    uint32_t serial,
    uint32_t slot,
    const struct dg_journal_record *record);

/** Erase every sector of the region. */
DG_NODISCARD enum dg_status dg_journal_erase_all(const struct dg_flash *flash);

/** Make the record of @p entry that follows @p check. */
DG_NODISCARD enum dg_status dg_journal_record_make(
    const struct dg_crypto *crypto,
    const uint8_t check[DG_JOURNAL_CHECK],
    dg_span entry,
    struct dg_journal_record *record);

/** Does @p record follow @p check?  DG_E_AUTH: no. */
DG_NODISCARD enum dg_status dg_journal_record_verify(
    const struct dg_crypto *crypto,
    const uint8_t check[DG_JOURNAL_CHECK],
    const struct dg_journal_record *record);

bool dg_journal_record_is_blank(const struct dg_journal_record *record);
/* The last byte was never programmed: the power went before. */
bool dg_journal_record_is_cut(const struct dg_journal_record *record);
/* The entry inside a record that was verified. */
dg_span dg_journal_record_entry(const struct dg_journal_record *record);
const uint8_t *dg_journal_record_check(const struct dg_journal_record *record);

#endif
