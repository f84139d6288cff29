/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_WORLD_FILE_H
#define DG_WORLD_FILE_H

#include <stdbool.h>

#include "dosegate/status.h"
#include "world.h"

/* The cells of a world in a mapped and shared file: what changed outlives a
 * SIGKILL at any instruction, as it outlives a loss of power. */
struct dg_world_file {
    int fd;
    struct dg_world_cells *cells;
    bool is_new;
};

/**
 * Open or make the file.
 *
 * @retval DG_OK         Open.
 * @retval DG_E_CORRUPT  The file does not have the size of a world.
 * @retval DG_E_PORT     The system refused (errno tells why).
 */
DG_NODISCARD enum dg_status dg_world_file_open(struct dg_world_file *file,
                                               const char *path);

void dg_world_file_close(struct dg_world_file *file);

#endif
