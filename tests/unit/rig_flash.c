/* SPDX-License-Identifier: Apache-2.0 */
#include "rig.h"

#include "cmocka_all.h"

#include <string.h>

/* NOR flash in RAM whose power goes when a test says so. */

static bool is_inside(uint32_t offset, size_t size)
{
    const size_t all = sizeof((struct rig_flash *)NULL)->bytes;

    return (offset <= all) && (size <= (all - offset));
}

static bool is_worn(const struct rig_flash *flash, uint32_t sector)
{
    return (sector >= flash->worn_first) && (sector < flash->worn_end);
}

static bool is_cut(struct rig_flash *flash)
{
    flash->operations++;
    if (flash->cut_in == 0U) {
        return false;
    }
    flash->cut_in--;
    flash->is_dead = flash->cut_in == 0U;
    return flash->is_dead;
}

static size_t part_of(const struct rig_flash *flash, size_t size)
{
    return (flash->cut == RIG_CUT_ALL)    ? size
           : (flash->cut == RIG_CUT_HALF) ? (size / 2U)
                                          : 0U;
}

static enum dg_status flash_read(void *context, uint32_t offset, dg_buf out)
{
    const struct rig_flash *flash = context;

    if (flash->is_dead || !is_inside(offset, out.capacity)) {
        return DG_E_PORT;
    }
    memcpy(out.at, &flash->bytes[offset], out.capacity);
    return DG_OK;
}

static enum dg_status flash_program(void *context,
                                    uint32_t offset,
                                    dg_span bytes)
{
    struct rig_flash *flash = context;

    if (flash->is_dead || flash->fails || !is_inside(offset, bytes.size) ||
        is_worn(flash, offset / RIG_SECTOR)) {
        return DG_E_PORT;
    }
    /* The core never programs a byte twice: that would be its bug. */
    for (size_t i = 0U; i < bytes.size; i++) {
        assert_int_equal(flash->bytes[offset + i], 0xFF);
    }

    const bool cut = is_cut(flash);

    memcpy(&flash->bytes[offset],
           bytes.at,
           cut ? part_of(flash, bytes.size) : bytes.size);
    return cut ? DG_E_PORT : DG_OK;
}

static enum dg_status flash_erase(void *context, uint32_t sector)
{
    struct rig_flash *flash = context;

    if (flash->is_dead || flash->fails || (sector >= RIG_SECTORS) ||
        is_worn(flash, sector)) {
        return DG_E_PORT;
    }

    const bool cut = is_cut(flash);

    memset(&flash->bytes[(size_t)sector * RIG_SECTOR],
           0xFF,
           cut ? part_of(flash, RIG_SECTOR) : RIG_SECTOR);
    return cut ? DG_E_PORT : DG_OK;
}

void rig_flash_init(struct rig_flash *flash)
{
    memset(flash, 0, sizeof *flash);
    memset(flash->bytes, 0xFF, sizeof flash->bytes);
    flash->port.context = flash;
    flash->port.sector_size = RIG_SECTOR;
    flash->port.sector_count = RIG_SECTORS;
    flash->port.read = flash_read;
    flash->port.program = flash_program;
    flash->port.erase = flash_erase;
}

uint32_t rig_flash_saves(const struct rig_flash *flash,
                         const struct dg_settings *settings)
{
    static struct rig_flash copy;
    struct dg_settings changed = *settings;

    copy = *flash;
    copy.port.context = &copy;
    copy.operations = 0U;
    assert_int_equal(dg_settings_save(&copy.port, &changed), DG_OK);
    return copy.operations;
}
