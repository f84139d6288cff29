/* SPDX-License-Identifier: Apache-2.0 */
#include "world_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE sizeof(struct dg_world_cells)

enum dg_status dg_world_file_open(struct dg_world_file *file, const char *path)
{
    struct stat stat;

    *file = (struct dg_world_file){.fd = -1};
    file->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if ((file->fd < 0) || (fstat(file->fd, &stat) != 0)) {
        return DG_E_PORT;
    }
    file->is_new = stat.st_size == 0;
    if (file->is_new) {
        const int error = posix_fallocate(file->fd, 0, (off_t)SIZE);

        if (error != 0) {
            errno = error;
            return DG_E_PORT;
        }
    } else if (stat.st_size != (off_t)SIZE) {
        return DG_E_CORRUPT;
    }

    void *at =
        mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd, 0);

    if (at == MAP_FAILED) {
        return DG_E_PORT;
    }
    file->cells = at;
    return DG_OK;
}

void dg_world_file_close(struct dg_world_file *file)
{
    if (file->cells != NULL) {
        (void)munmap(file->cells, SIZE);
        file->cells = NULL;
    }
    if (file->fd >= 0) {
        (void)close(file->fd);
        file->fd = -1;
    }
}
