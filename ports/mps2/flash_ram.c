/* SPDX-License-Identifier: Apache-2.0 */
#include "flash_ram.h"

#include <string.h>

#define SECTOR 4096U
#define SIZE   (SECTOR * DG_FLASH_SECTORS_MIN)
#define ERASED 0xFFU

static bool is_inside(uint32_t offset, size_t size)
{
    return (offset <= SIZE) && (size <= (SIZE - offset));
}

/* How much of an operation is done; less than @size only once, at the end. */
static size_t part_of(struct dg_flash_ram *flash, size_t size, bool *is_cut)
{
    *is_cut = flash->cut_in == 1U;
    if (flash->cut_in > 0U) {
        flash->cut_in--;
    }
    if (!*is_cut || (flash->cut_part == (uint32_t)DG_FLASH_RAM_ALL)) {
        return size;
    }
    return (flash->cut_part == (uint32_t)DG_FLASH_RAM_NOTHING) ? 0U
                                                               : (size / 2U);
}

static enum dg_status flash_read(void *context, uint32_t offset, dg_buf out)
{
    const struct dg_flash_ram *flash = context;

    if (!is_inside(offset, out.capacity)) {
        return DG_E_PORT;
    }
    (void)memcpy(out.at, &flash->bytes[offset], out.capacity);
    return DG_OK;
}

static enum dg_status flash_program(void *context,
                                    uint32_t offset,
                                    dg_span bytes)
{
    struct dg_flash_ram *flash = context;
    bool is_cut = false;

    if (!is_inside(offset, bytes.size)) {
        return DG_E_PORT;
    }
    for (size_t i = 0U; i < bytes.size; i++) {
        if (flash->bytes[offset + i] != ERASED) {
            return DG_E_PORT;
        }
    }

    const size_t part = part_of(flash, bytes.size, &is_cut);

    (void)memcpy(&flash->bytes[offset], bytes.at, part);
    if (is_cut) {
        flash->on_cut();
    }
    return is_cut ? DG_E_PORT : DG_OK;
}

static enum dg_status flash_erase(void *context, uint32_t sector)
{
    struct dg_flash_ram *flash = context;
    bool is_cut = false;

    if (sector >= DG_FLASH_SECTORS_MIN) {
        return DG_E_PORT;
    }

    const size_t part = part_of(flash, SECTOR, &is_cut);

    (void)memset(&flash->bytes[sector * SECTOR], (int)ERASED, part);
    if (is_cut) {
        flash->on_cut();
    }
    return is_cut ? DG_E_PORT : DG_OK;
}

void dg_flash_ram_init(struct dg_flash_ram *flash,
                       uint8_t *bytes,
                       void (*on_cut)(void))
{
    *flash = (struct dg_flash_ram){
        .port = {.context = flash,
                 .sector_size = SECTOR,
                 .sector_count = DG_FLASH_SECTORS_MIN,
                 .read = flash_read,
                 .program = flash_program,
                 .erase = flash_erase},
        .bytes = bytes,
        .on_cut = on_cut,
    };
}
