/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/image.h"

#include "bytes.h"

#include <stddef.h>
#include <string.h>

/* Head: magic (4), size of the manifest (2), zero (2), its CRC-32 (4); the
 * manifest from byte 16 on.  The first twelve bytes are programmed last. */
#define HEAD_SIZE   12U
#define MANIFEST_AT 16U
#define MARK_DONE   0x00U

static const uint8_t magic[4] = {'D', 'G', 'M', '1'};

_Static_assert(MANIFEST_AT + DG_MANIFEST_MAX <= DG_IMAGE_MARKS_AT, "head");

bool dg_image_is_large_enough(const struct dg_flash *flash)
{
    return (flash->sector_size >= 4096U) &&
           ((flash->sector_size & (flash->sector_size - 1U)) == 0U) &&
           (flash->sector_count >= DG_IMAGE_SECTORS_MIN);
}

/* Sectors of a slot, head included. */
static uint32_t slot_sectors(const struct dg_flash *flash)
{
    return (flash->sector_count - DG_IMAGE_STATE_SECTORS) / DG_IMAGE_SLOTS;
}

static uint32_t head_sector(const struct dg_flash *flash, unsigned slot)
{
    return DG_IMAGE_STATE_SECTORS + (slot * slot_sectors(flash));
}

uint32_t dg_image_size_max(const struct dg_flash *flash)
{
    const uint32_t marks = flash->sector_size - DG_IMAGE_MARKS_AT;
    const uint32_t sectors = slot_sectors(flash) - 1U;

    return ((sectors < marks) ? sectors : marks) * flash->sector_size;
}

uint32_t dg_image_offset(const struct dg_flash *flash, unsigned slot)
{
    return (head_sector(flash, slot) + 1U) * flash->sector_size;
}

static uint32_t mark_offset(const struct dg_flash *flash,
                            unsigned slot,
                            uint32_t sector)
{
    return (head_sector(flash, slot) * flash->sector_size) + DG_IMAGE_MARKS_AT +
           sector;
}

/* The manifest as it was offered; DG_E_CORRUPT when there is none. */
static enum dg_status read_message(const struct dg_flash *flash,
                                   unsigned slot,
                                   uint8_t room[DG_MANIFEST_MAX],
                                   dg_span *message)
{
    const uint32_t at = head_sector(flash, slot) * flash->sector_size;
    uint8_t head[HEAD_SIZE];
    enum dg_status status = flash->read(flash->context, at, DG_BUF_OF(head));

    if (status != DG_OK) {
        return status;
    }

    const uint32_t size = dg_bytes_get_u16(&head[4]);

    if ((memcmp(head, magic, sizeof magic) != 0) || (size == 0U) ||
        (size > DG_MANIFEST_MAX) || (dg_bytes_get_u16(&head[6]) != 0U)) {
        return DG_E_CORRUPT;
    }
    status =
        flash->read(flash->context, at + MANIFEST_AT, (dg_buf){room, size});
    if (status != DG_OK) {
        return status;
    }
    *message = (dg_span){room, size};
    return (dg_bytes_crc32(*message) == dg_bytes_get_u32(&head[8]))
               ? DG_OK
               : DG_E_CORRUPT;
}

static enum dg_status write_head(const struct dg_flash *flash,
                                 unsigned slot,
                                 dg_span message)
{
    const uint32_t sector = head_sector(flash, slot);
    const uint32_t at = sector * flash->sector_size;
    uint8_t head[HEAD_SIZE];

    memcpy(head, magic, sizeof magic);
    dg_bytes_put_u16(&head[4], (uint16_t)message.size);
    dg_bytes_put_u16(&head[6], 0U);
    dg_bytes_put_u32(&head[8], dg_bytes_crc32(message));

    enum dg_status status = flash->erase(flash->context, sector);

    if (status == DG_OK) {
        status = flash->program(flash->context, at + MANIFEST_AT, message);
    }
    if (status == DG_OK) {
        status = flash->program(flash->context, at, DG_SPAN_OF(head));
    }
    return status;
}

/* The first sector that was not completed. */
static enum dg_status find_next(const struct dg_flash *flash,
                                unsigned slot,
                                uint32_t size,
                                uint32_t *next)
{
    uint32_t at = 0U;

    while (at < size) {
        uint8_t mark[1] = {0xFFU};
        const enum dg_status status =
            flash->read(flash->context,
                        mark_offset(flash, slot, at / flash->sector_size),
                        DG_BUF_OF(mark));

        if (status != DG_OK) {
            return status;
        }
        if (mark[0] != MARK_DONE) {
            break;
        }
        at += flash->sector_size;
    }
    *next = (at < size) ? at : size;
    return DG_OK;
}

enum dg_status dg_image_begin(const struct dg_flash *flash,
                              unsigned slot,
                              dg_span message,
                              const struct dg_manifest *manifest,
                              uint32_t *next)
{
    uint8_t room[DG_MANIFEST_MAX];
    dg_span found = {NULL, 0U};

    if ((manifest->size > dg_image_size_max(flash)) ||
        (message.size > DG_MANIFEST_MAX)) {
        return DG_E_RANGE;
    }

    enum dg_status status = read_message(flash, slot, room, &found);

    if ((status == DG_OK) && (found.size == message.size) &&
        (memcmp(found.at, message.at, message.size) == 0)) {
        return find_next(flash, slot, manifest->size, next);
    }
    if ((status != DG_OK) && (status != DG_E_CORRUPT)) {
        return status;
    }
    status = write_head(flash, slot, message);
    if (status == DG_OK) {
        *next = 0U;
    }
    return status;
}

enum dg_status dg_image_write(const struct dg_flash *flash,
                              unsigned slot,
                              const struct dg_manifest *manifest,
                              dg_span bytes,
                              uint32_t *next)
{
    const uint32_t at = *next;
    const uint32_t sector = at / flash->sector_size;
    const uint32_t left_in_sector =
        flash->sector_size - (at % flash->sector_size);

    if ((at >= manifest->size) || (bytes.size == 0U) ||
        (bytes.size > left_in_sector) || (bytes.size > (manifest->size - at))) {
        return DG_E_RANGE;
    }

    const uint32_t end = at + (uint32_t)bytes.size;
    enum dg_status status = DG_OK;

    /* Whatever an earlier image or a cut left there goes now, one sector at a
     * time, so that no pulse waits for an erase of the whole slot. */
    if ((at % flash->sector_size) == 0U) {
        status = flash->erase(flash->context,
                              head_sector(flash, slot) + 1U + sector);
    }
    if (status == DG_OK) {
        status = flash->program(
            flash->context, dg_image_offset(flash, slot) + at, bytes);
    }
    if ((status == DG_OK) &&
        (((end % flash->sector_size) == 0U) || (end == manifest->size))) {
        static const uint8_t done[1] = {MARK_DONE};

        status = flash->program(
            flash->context, mark_offset(flash, slot, sector), DG_SPAN_OF(done));
    }
    if (status == DG_OK) {
        *next = end;
    }
    return status;
}

enum dg_status dg_image_forget(const struct dg_flash *flash, unsigned slot)
{
    return flash->erase(flash->context, head_sector(flash, slot));
}

enum dg_status dg_image_manifest(const struct dg_flash *flash,
                                 const struct dg_crypto *crypto,
                                 const struct dg_update_root *root,
                                 unsigned slot,
                                 struct dg_manifest *manifest)
{
    uint8_t room[DG_MANIFEST_MAX];
    dg_span message = {NULL, 0U};
    enum dg_status status = read_message(flash, slot, room, &message);

    if (status == DG_OK) {
        status = dg_manifest_verify(crypto, root, message, manifest);
    }
    if ((status == DG_OK) || (status == DG_E_PORT)) {
        return status;
    }
    return DG_E_CORRUPT;
}

/* @satisfies{FPT_TUD.1@1} */
enum dg_status dg_image_verify(const struct dg_flash *flash,
                               const struct dg_crypto *crypto,
                               const struct dg_update_root *root,
                               unsigned slot,
                               struct dg_manifest *manifest)
{
    struct dg_hash hash;
    enum dg_status status =
        dg_image_manifest(flash, crypto, root, slot, manifest);

    if (status != DG_OK) {
        return status;
    }
    if (manifest->size > dg_image_size_max(flash)) {
        return DG_E_CORRUPT;
    }
    status = crypto->sha256_flash(crypto->context,
                                  flash,
                                  dg_image_offset(flash, slot),
                                  manifest->size,
                                  &hash);
    if (status != DG_OK) {
        return status;
    }
    return dg_bytes_equal(DG_SPAN_OF(hash.byte),
                          DG_SPAN_OF(manifest->digest.byte))
               ? DG_OK
               : DG_E_CORRUPT;
}
