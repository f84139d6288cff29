/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_FLASH_RAM_H
#define DG_FLASH_RAM_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/flash.h"

/* NOR flash in memory that keeps its content through a reset.  Its rules are
 * those of the host's (ports/host/flash_file.h), and so is the power cut: at
 * the n-th program or erase from now, with nothing, half or all of it done.
 * @satisfies{FPT_FIRMWARE.2@1} */
enum dg_flash_ram_part {
    DG_FLASH_RAM_HALF = 0,
    DG_FLASH_RAM_NOTHING = 1,
    DG_FLASH_RAM_ALL = 2,
};

struct dg_flash_ram {
    struct dg_flash port;
    uint8_t *bytes;
    uint32_t cut_in; /* 1: at the next one; 0: never */
    uint32_t cut_part;
    void (*on_cut)(void); /* does not return */
};

/** @p bytes: DG_FLASH_SECTORS_MIN sectors of 4096. */
void dg_flash_ram_init(struct dg_flash_ram *flash,
                       uint8_t *bytes,
                       void (*on_cut)(void));

#endif
