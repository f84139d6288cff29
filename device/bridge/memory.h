/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_MEMORY_H
#define DG_MEMORY_H

#include <stdbool.h>

#include "device/options.h"
#include "device/world_file.h"

/* What of the board outlives a loss of power, as files of the pump's
 * directory: flash.bin and world.bin, the same as those of dosegate-device,
 * and board.ram.
 *
 * While the emulator runs, board.ram is the truth: the emulator maps it as the
 * board's PSRAM, so what was written outlives a SIGKILL.  A clean end copies it
 * back and removes it; one that is found at the start says that the power went,
 * and is copied back then. */
struct dg_memory {
    int flash; /* locked */
    unsigned char *flash_bytes;
    struct dg_world_file world;
    unsigned char *ram;
    bool is_new_flash;
    char flash_path[DG_OPTIONS_PATH];
    char world_path[DG_OPTIONS_PATH];
    char ram_path[DG_OPTIONS_PATH];
};

/** 0; or DG_EXIT_COULD_NOT_RUN, said why, and nothing was changed. */
int dg_memory_open(struct dg_memory *memory, const struct dg_options *options);

/** The device refused to run on this: forget what it did. */
void dg_memory_abandon(struct dg_memory *memory);

/** The board was switched off: copy back, remove board.ram. */
void dg_memory_close(struct dg_memory *memory);

#endif
