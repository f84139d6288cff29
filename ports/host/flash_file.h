/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_FLASH_FILE_H
#define DG_FLASH_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/flash.h"
#include "dosegate/status.h"

/* NOR flash in a file, mapped and shared: what was programmed outlives a
 * SIGKILL of the process at any instruction, as it outlives a reset.
 *
 * A test or a bench may have the power cut at the n-th program or erase from
 * now: that operation is then done in part (nothing, half or all) and on_cut
 * is called (a device kills itself there); if it returns, every later operation
 * fails. */
#define DG_FLASH_FILE_SECTOR 4096U

enum dg_flash_file_part {
    DG_FLASH_FILE_HALF = 0,
    DG_FLASH_FILE_NOTHING = 1,
    DG_FLASH_FILE_ALL = 2,
};

struct dg_flash_file {
    struct dg_flash port;
    uint8_t *bytes;
    int fd;
    uint64_t operations; /* programs and erases so far */
    uint32_t cut_in;     /* 1: at the next one; 0: never */
    uint32_t cut_part;   /* of it is done: enum dg_flash_file_part */
    bool is_dead;
    void (*on_cut)(void *context);
    void *on_cut_context;
};

/**
 * Make an erased flash of @p sectors sectors.
 *
 * @retval DG_OK       Open.
 * @retval DG_E_STATE  The file exists: nothing is overwritten.
 * @retval DG_E_PORT   The system refused (errno tells why).
 */
DG_NODISCARD enum dg_status dg_flash_file_create(struct dg_flash_file *flash,
                                                 const char *path,
                                                 uint32_t sectors);

/**
 * Open a flash that exists; locked, so that two devices cannot share one.
 *
 * @retval DG_OK         Open.
 * @retval DG_E_CORRUPT  The file does not have that many sectors.
 * @retval DG_E_STATE    Another process has it.
 * @retval DG_E_PORT     The system refused (errno tells why).
 */
DG_NODISCARD enum dg_status dg_flash_file_open(struct dg_flash_file *flash,
                                               const char *path,
                                               uint32_t sectors);

void dg_flash_file_close(struct dg_flash_file *flash);

#endif
