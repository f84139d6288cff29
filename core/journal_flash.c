/* SPDX-License-Identifier: Apache-2.0 */
#include "journal_flash.h"

#include "bytes.h"

#include <stddef.h>
#include <string.h>

/* Offsets in the head of a sector; all integers big endian. */
#define AT_SERIAL    4U
#define AT_EPOCH     8U
#define AT_SIZE      12U
#define AT_LAST      16U
#define AT_CHECK     20U
#define AT_HEAD_SIZE 28U
#define AT_HEAD      32U
#define AT_EXPORTED  64U
#define AT_LOST      68U
#define AT_TOTALS    72U
#define AT_TICKET    76U
#define AT_SETTINGS  84U
#define AT_GLUCAGON  92U
#define AT_PAUSED    100U
#define AT_PEAKS     104U
#define AT_CRC       (AT_PEAKS + (DG_MERKLE_LEVELS * DG_HASH_SIZE))
#define HEAD_SIZE    (AT_CRC + 4U)
#define HEAD_SLOTS   14U

#define RECORD_CHECK_AT (DG_JOURNAL_SLOT_SIZE - DG_JOURNAL_CHECK)

_Static_assert(HEAD_SIZE <= (HEAD_SLOTS * DG_JOURNAL_SLOT_SIZE),
               "head of a sector");
_Static_assert(DG_JOURNAL_ENTRY_MAX + 1U == RECORD_CHECK_AT, "record layout");

static const uint8_t magic[4] = {'D', 'G', 'J', '1'};

bool dg_journal_is_large_enough(const struct dg_flash *flash)
{
    return (flash->sector_count >= DG_FLASH_SECTORS_MIN) &&
           (flash->sector_size >= 4096U) &&
           ((flash->sector_size & (flash->sector_size - 1U)) == 0U);
}

uint32_t dg_journal_slots(const struct dg_flash *flash)
{
    return (flash->sector_size / DG_JOURNAL_SLOT_SIZE) - HEAD_SLOTS;
}

static uint32_t sector_of(uint32_t serial)
{
    return DG_FLASH_JOURNAL_FIRST + (serial % DG_FLASH_JOURNAL_SECTORS);
}

static uint32_t offset_of(const struct dg_flash *flash,
                          uint32_t serial,
                          uint32_t slot)
{
    return (sector_of(serial) * flash->sector_size) +
           ((HEAD_SLOTS + slot) * DG_JOURNAL_SLOT_SIZE);
}

/* heads ------------------------------------------------------------------ */

/* All that stands before the peaks. */
static void pack_head(const struct dg_journal *journal, uint8_t bytes[AT_PEAKS])
{
    const struct dg_journal_memory *memory = &journal->memory;

    memset(bytes, 0, AT_PEAKS);
    memcpy(bytes, magic, sizeof magic);
    dg_bytes_put_u32(&bytes[AT_SERIAL], journal->serial);
    dg_bytes_put_u32(&bytes[AT_EPOCH], journal->epoch);
    dg_bytes_put_u32(&bytes[AT_SIZE], journal->tree.size);
    dg_bytes_put_u32(&bytes[AT_LAST], journal->last.s);
    memcpy(&bytes[AT_CHECK], journal->check, DG_JOURNAL_CHECK);
    dg_bytes_put_u32(&bytes[AT_HEAD_SIZE], memory->head_size);
    memcpy(&bytes[AT_HEAD], memory->head.byte, DG_HASH_SIZE);
    dg_bytes_put_u32(&bytes[AT_EXPORTED], memory->exported);
    dg_bytes_put_u32(&bytes[AT_LOST], memory->lost);
    dg_bytes_put_u32(&bytes[AT_TOTALS], memory->totals_at_s);
    memcpy(&bytes[AT_TICKET], memory->ticket, sizeof memory->ticket);
    memcpy(&bytes[AT_SETTINGS], memory->settings, sizeof memory->settings);
    memcpy(&bytes[AT_GLUCAGON], memory->glucagon, sizeof memory->glucagon);
    dg_bytes_put_u32(&bytes[AT_PAUSED], memory->paused_s);
}

static bool unpack_head(const uint8_t bytes[AT_PEAKS],
                        struct dg_journal_head *head)
{
    struct dg_journal_memory *memory = &head->memory;

    memset(head, 0, sizeof *head);
    head->serial = dg_bytes_get_u32(&bytes[AT_SERIAL]);
    head->epoch = dg_bytes_get_u32(&bytes[AT_EPOCH]);
    head->size = dg_bytes_get_u32(&bytes[AT_SIZE]);
    head->last.s = dg_bytes_get_u32(&bytes[AT_LAST]);
    memcpy(head->check, &bytes[AT_CHECK], DG_JOURNAL_CHECK);
    memory->head_size = dg_bytes_get_u32(&bytes[AT_HEAD_SIZE]);
    memcpy(memory->head.byte, &bytes[AT_HEAD], DG_HASH_SIZE);
    memory->exported = dg_bytes_get_u32(&bytes[AT_EXPORTED]);
    memory->lost = dg_bytes_get_u32(&bytes[AT_LOST]);
    memory->totals_at_s = dg_bytes_get_u32(&bytes[AT_TOTALS]);
    memcpy(memory->ticket, &bytes[AT_TICKET], sizeof memory->ticket);
    memcpy(memory->settings, &bytes[AT_SETTINGS], sizeof memory->settings);
    memcpy(memory->glucagon, &bytes[AT_GLUCAGON], sizeof memory->glucagon);
    memory->paused_s = dg_bytes_get_u32(&bytes[AT_PAUSED]);
    return (memcmp(bytes, magic, sizeof magic) == 0) &&
           (head->serial <= DG_JOURNAL_SERIAL_MAX) &&
           (head->epoch <= DG_JOURNAL_SERIAL_MAX) &&
           (head->size <= DG_MERKLE_LEAVES) &&
           (memory->head_size <= head->size) &&
           (memory->exported <= head->size) && (memory->lost <= head->size);
}

/* One after the other, so that nobody holds them who does not want them. */
static enum dg_status read_peaks(const struct dg_flash *flash,
                                 uint32_t at,
                                 struct dg_merkle *tree,
                                 uint32_t *crc)
{
    enum dg_status status = DG_OK;

    for (unsigned level = 0U; (status == DG_OK) && (level < DG_MERKLE_LEVELS);
         level++) {
        struct dg_hash unwanted;
        struct dg_hash *peak = (tree != NULL) ? &tree->peak[level] : &unwanted;

        status = flash->read(
            flash->context, at + (level * DG_HASH_SIZE), DG_BUF_OF(peak->byte));
        if (status == DG_OK) {
            *crc = dg_bytes_crc32_more(*crc, DG_SPAN_OF(peak->byte));
        }
    }
    return status;
}

enum dg_status dg_journal_head_read(const struct dg_flash *flash,
                                    uint32_t serial,
                                    bool *is_sound,
                                    struct dg_journal_head *head,
                                    struct dg_merkle *tree)
{
    const uint32_t at = sector_of(serial) * flash->sector_size;
    uint8_t bytes[AT_PEAKS];
    uint8_t last[HEAD_SIZE - AT_CRC];
    enum dg_status status = flash->read(flash->context, at, DG_BUF_OF(bytes));
    uint32_t crc = 0U;

    *is_sound = false;
    if (status == DG_OK) {
        crc = dg_bytes_crc32(DG_SPAN_OF(bytes));
        status = read_peaks(flash, at + AT_PEAKS, tree, &crc);
    }
    if (status == DG_OK) {
        status = flash->read(flash->context, at + AT_CRC, DG_BUF_OF(last));
    }
    if (status != DG_OK) {
        return status;
    }
    *is_sound = unpack_head(bytes, head) && (head->serial == serial) &&
                (dg_bytes_get_u32(last) == crc);
    if (tree != NULL) {
        tree->size = head->size;
    }
    return DG_OK;
}

enum dg_status dg_journal_mark_read(const struct dg_flash *flash,
                                    uint32_t sector,
                                    struct dg_journal_mark *mark)
{
    uint8_t bytes[AT_LAST];
    const enum dg_status status =
        flash->read(flash->context,
                    (DG_FLASH_JOURNAL_FIRST + sector) * flash->sector_size,
                    DG_BUF_OF(bytes));

    memset(mark, 0, sizeof *mark);
    if ((status == DG_OK) && (memcmp(bytes, magic, sizeof magic) == 0)) {
        mark->has_head = true;
        mark->serial = dg_bytes_get_u32(&bytes[AT_SERIAL]);
        mark->epoch = dg_bytes_get_u32(&bytes[AT_EPOCH]);
        mark->size = dg_bytes_get_u32(&bytes[AT_SIZE]);
    }
    return status;
}

/* The CRC goes last: a head that was cut is none.  Peaks that do not count are
 * written as they are. */
enum dg_status dg_journal_head_write(const struct dg_journal *journal)
{
    const struct dg_flash *flash = journal->flash;
    const uint32_t sector = sector_of(journal->serial);
    const uint32_t at = sector * flash->sector_size;
    const dg_span peaks = {journal->tree.peak[0].byte,
                           sizeof journal->tree.peak};
    uint8_t bytes[AT_PEAKS];
    uint8_t last[HEAD_SIZE - AT_CRC];
    enum dg_status status = flash->erase(flash->context, sector);

    pack_head(journal, bytes);
    dg_bytes_put_u32(
        last, dg_bytes_crc32_more(dg_bytes_crc32(DG_SPAN_OF(bytes)), peaks));
    if (status == DG_OK) {
        status = flash->program(flash->context, at, DG_SPAN_OF(bytes));
    }
    if (status == DG_OK) {
        status = flash->program(flash->context, at + AT_PEAKS, peaks);
    }
    if (status == DG_OK) {
        status = flash->program(flash->context, at + AT_CRC, DG_SPAN_OF(last));
    }
    return status;
}

enum dg_status dg_journal_erase_all(const struct dg_flash *flash)
{
    enum dg_status status = DG_OK;

    for (uint32_t serial = 0U;
         (status == DG_OK) && (serial < DG_FLASH_JOURNAL_SECTORS);
         serial++) {
        status = flash->erase(flash->context, sector_of(serial));
    }
    return status;
}

/* records ---------------------------------------------------------------- */

enum dg_status dg_journal_record_read(const struct dg_flash *flash,
                                      uint32_t serial,
                                      uint32_t slot,
                                      struct dg_journal_record *record)
{
    return flash->read(flash->context,
                       offset_of(flash, serial, slot),
                       DG_BUF_OF(record->bytes));
}

enum dg_status dg_journal_record_write(const struct dg_flash *flash,
                                       uint32_t serial,
                                       uint32_t slot,
                                       const struct dg_journal_record *record)
{
    struct dg_journal_record back;
    enum dg_status status = flash->program(flash->context,
                                           offset_of(flash, serial, slot),
                                           DG_SPAN_OF(record->bytes));

    if (status == DG_OK) {
        status = dg_journal_record_read(flash, serial, slot, &back);
    }
    if ((status == DG_OK) &&
        (memcmp(back.bytes, record->bytes, sizeof back.bytes) != 0)) {
        status = DG_E_PORT;
    }
    return status;
}

static enum dg_status check_of(const struct dg_crypto *crypto,
                               const uint8_t check[DG_JOURNAL_CHECK],
                               const struct dg_journal_record *record,
                               struct dg_hash *hash)
{
    const dg_span parts[2] = {{check, DG_JOURNAL_CHECK},
                              {record->bytes, RECORD_CHECK_AT}};

    return crypto->sha256(crypto->context, parts, 2U, hash);
}

enum dg_status dg_journal_record_make(const struct dg_crypto *crypto,
                                      const uint8_t check[DG_JOURNAL_CHECK],
                                      dg_span entry,
                                      struct dg_journal_record *record)
{
    struct dg_hash hash;

    memset(record, 0, sizeof *record);
    record->bytes[0] = (uint8_t)entry.size;
    memcpy(&record->bytes[1], entry.at, entry.size);

    const enum dg_status status = check_of(crypto, check, record, &hash);

    if (status == DG_OK) {
        memcpy(&record->bytes[RECORD_CHECK_AT], hash.byte, DG_JOURNAL_CHECK);
    }
    return status;
}

enum dg_status dg_journal_record_verify(const struct dg_crypto *crypto,
                                        const uint8_t check[DG_JOURNAL_CHECK],
                                        const struct dg_journal_record *record)
{
    struct dg_hash hash;
    const uint8_t size = record->bytes[0];

    if ((size == 0U) || (size > DG_JOURNAL_ENTRY_MAX)) {
        return DG_E_AUTH;
    }

    const enum dg_status status = check_of(crypto, check, record, &hash);

    if (status != DG_OK) {
        return status;
    }
    return (memcmp(hash.byte,
                   &record->bytes[RECORD_CHECK_AT],
                   DG_JOURNAL_CHECK) == 0)
               ? DG_OK
               : DG_E_AUTH;
}

bool dg_journal_record_is_blank(const struct dg_journal_record *record)
{
    uint8_t all = 0xFFU;

    for (unsigned i = 0U; i < DG_JOURNAL_SLOT_SIZE; i++) {
        all &= record->bytes[i];
    }
    return all == 0xFFU;
}

bool dg_journal_record_is_cut(const struct dg_journal_record *record)
{
    return record->bytes[DG_JOURNAL_SLOT_SIZE - 1U] == 0xFFU;
}

dg_span dg_journal_record_entry(const struct dg_journal_record *record)
{
    return (dg_span){&record->bytes[1], record->bytes[0]};
}

const uint8_t *dg_journal_record_check(const struct dg_journal_record *record)
{
    return &record->bytes[RECORD_CHECK_AT];
}
