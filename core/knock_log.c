/* SPDX-License-Identifier: Apache-2.0 */
#include "knock_log.h"

#include "bytes.h"

#include <string.h>

/* slot (1), zeros (3), counter (4), generation of the settings (4), CRC-32 of
 * what is before it (4). */
#define ENTRY_SIZE    16U
#define AT_COUNTER    4U
#define AT_GENERATION 8U
#define AT_CRC        12U

static uint32_t offset_of(const struct dg_flash *flash,
                          const struct dg_settings *settings,
                          unsigned entry)
{
    return ((settings->generation % DG_FLASH_SETTINGS_SECTORS) *
            flash->sector_size) +
           DG_KNOCK_LOG_AT + (entry * ENTRY_SIZE);
}

static uint32_t crc_of(const uint8_t entry[ENTRY_SIZE])
{
    return dg_bytes_crc32((dg_span){entry, AT_CRC});
}

static bool is_blank(const uint8_t entry[ENTRY_SIZE])
{
    unsigned all = 0xFFU;

    for (unsigned i = 0U; i < ENTRY_SIZE; i++) {
        all &= entry[i];
    }
    return all == 0xFFU;
}

void dg_knock_log_apply(const struct dg_flash *flash,
                        struct dg_settings *settings)
{
    uint8_t entry[ENTRY_SIZE];

    for (unsigned i = 0U; i < DG_KNOCK_LOG_ENTRIES; i++) {
        if ((flash->read(flash->context,
                         offset_of(flash, settings, i),
                         DG_BUF_OF(entry)) != DG_OK) ||
            (entry[0] >= DG_CONTROLLERS) ||
            (dg_bytes_get_u32(&entry[AT_GENERATION]) != settings->generation) ||
            (dg_bytes_get_u32(&entry[AT_CRC]) != crc_of(entry))) {
            continue;
        }

        struct dg_enrolled *enrolled = &settings->controller[entry[0]];
        const uint32_t counter = dg_bytes_get_u32(&entry[AT_COUNTER]);

        if (enrolled->is_used && (counter > enrolled->knock_counter)) {
            enrolled->knock_counter = counter;
        }
    }
}

/* The first entry that nothing was ever written to. */
static enum dg_status find_blank(const struct dg_flash *flash,
                                 const struct dg_settings *settings,
                                 unsigned *entry)
{
    uint8_t bytes[ENTRY_SIZE];

    for (unsigned i = 0U; i < DG_KNOCK_LOG_ENTRIES; i++) {
        const enum dg_status status = flash->read(
            flash->context, offset_of(flash, settings, i), DG_BUF_OF(bytes));

        if ((status != DG_OK) || is_blank(bytes)) {
            *entry = i;
            return status;
        }
    }
    *entry = DG_KNOCK_LOG_ENTRIES;
    return DG_OK;
}

static enum dg_status save_anew(const struct dg_flash *flash,
                                struct dg_settings *settings,
                                unsigned slot,
                                uint32_t counter)
{
    uint32_t *held = &settings->controller[slot].knock_counter;
    const uint32_t before = *held;

    *held = counter;

    const enum dg_status status = dg_settings_save(flash, settings);

    if (status != DG_OK) {
        *held = before;
    }
    return status;
}

/* @satisfies{FPT_RPL.1@1} @satisfies{FPT_WEAR.1@1} */
enum dg_status dg_knock_log_append(const struct dg_flash *flash,
                                   struct dg_settings *settings,
                                   unsigned slot,
                                   uint32_t counter)
{
    uint8_t bytes[ENTRY_SIZE] = {0U};
    unsigned entry = 0U;

    if (slot >= DG_CONTROLLERS) {
        return DG_E_USAGE;
    }

    enum dg_status status = find_blank(flash, settings, &entry);

    if (status != DG_OK) {
        return status;
    }
    if (entry == DG_KNOCK_LOG_ENTRIES) {
        return save_anew(flash, settings, slot, counter);
    }
    bytes[0] = (uint8_t)slot;
    dg_bytes_put_u32(&bytes[AT_COUNTER], counter);
    dg_bytes_put_u32(&bytes[AT_GENERATION], settings->generation);
    dg_bytes_put_u32(&bytes[AT_CRC], crc_of(bytes));
    status = flash->program(
        flash->context, offset_of(flash, settings, entry), DG_SPAN_OF(bytes));
    if (status == DG_OK) {
        settings->controller[slot].knock_counter = counter;
    }
    return status;
}
