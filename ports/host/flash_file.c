/* SPDX-License-Identifier: Apache-2.0 */
#include "flash_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ERASED 0xFFU

static size_t size_of(const struct dg_flash_file *flash)
{
    return (size_t)DG_FLASH_FILE_SECTOR * flash->port.sector_count;
}

static bool is_inside(const struct dg_flash_file *flash,
                      uint32_t offset,
                      size_t size)
{
    return (offset <= size_of(flash)) && (size <= (size_of(flash) - offset));
}

/* Counts one operation; true when the power goes in the middle of it. */
static bool is_cut(struct dg_flash_file *flash)
{
    flash->operations++;
    if (flash->cut_in == 0U) {
        return false;
    }
    flash->cut_in--;
    return flash->cut_in == 0U;
}

static size_t part_of(const struct dg_flash_file *flash, size_t size)
{
    switch (flash->cut_part) {
    case DG_FLASH_FILE_NOTHING:
        return 0U;
    case DG_FLASH_FILE_ALL:
        return size;
    default:
        return size / 2U;
    }
}

static enum dg_status die(struct dg_flash_file *flash)
{
    flash->is_dead = true;
    if (flash->on_cut != NULL) {
        flash->on_cut(flash->on_cut_context);
    }
    return DG_E_PORT;
}

static enum dg_status flash_read(void *context, uint32_t offset, dg_buf out)
{
    const struct dg_flash_file *flash = context;

    if (flash->is_dead || !is_inside(flash, offset, out.capacity)) {
        return DG_E_PORT;
    }
    memcpy(out.at, &flash->bytes[offset], out.capacity);
    return DG_OK;
}

static enum dg_status flash_program(void *context,
                                    uint32_t offset,
                                    dg_span bytes)
{
    struct dg_flash_file *flash = context;

    if (flash->is_dead || !is_inside(flash, offset, bytes.size)) {
        return DG_E_PORT;
    }
    for (size_t i = 0U; i < bytes.size; i++) {
        if (flash->bytes[offset + i] != ERASED) {
            return DG_E_PORT;
        }
    }
    if (is_cut(flash)) {
        memcpy(&flash->bytes[offset], bytes.at, part_of(flash, bytes.size));
        return die(flash);
    }
    memcpy(&flash->bytes[offset], bytes.at, bytes.size);
    return DG_OK;
}

static enum dg_status flash_erase(void *context, uint32_t sector)
{
    struct dg_flash_file *flash = context;

    if (flash->is_dead || (sector >= flash->port.sector_count)) {
        return DG_E_PORT;
    }

    uint8_t *at = &flash->bytes[(size_t)sector * DG_FLASH_FILE_SECTOR];

    if (is_cut(flash)) {
        memset(at, ERASED, part_of(flash, DG_FLASH_FILE_SECTOR));
        return die(flash);
    }
    memset(at, ERASED, DG_FLASH_FILE_SECTOR);
    return DG_OK;
}

static enum dg_status map(struct dg_flash_file *flash)
{
    if (flock(flash->fd, LOCK_EX | LOCK_NB) != 0) {
        return (errno == EWOULDBLOCK) ? DG_E_STATE : DG_E_PORT;
    }

    void *at = mmap(
        NULL, size_of(flash), PROT_READ | PROT_WRITE, MAP_SHARED, flash->fd, 0);

    if (at == MAP_FAILED) {
        return DG_E_PORT;
    }
    flash->bytes = at;
    flash->port.context = flash;
    flash->port.sector_size = DG_FLASH_FILE_SECTOR;
    flash->port.read = flash_read;
    flash->port.program = flash_program;
    flash->port.erase = flash_erase;
    return DG_OK;
}

/* A file that could not become a flash is closed again. */
static enum dg_status close_unless_ok(struct dg_flash_file *flash,
                                      enum dg_status status)
{
    if (status != DG_OK) {
        const int error = errno;

        (void)close(flash->fd);
        flash->fd = -1;
        errno = error;
    }
    return status;
}

enum dg_status dg_flash_file_create(struct dg_flash_file *flash,
                                    const char *path,
                                    uint32_t sectors)
{
    memset(flash, 0, sizeof *flash);
    flash->port.sector_count = sectors;
    flash->fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (flash->fd < 0) {
        return (errno == EEXIST) ? DG_E_STATE : DG_E_PORT;
    }

    /* Allocated now, so that a full disk is found here and not by a SIGBUS in
     * the middle of a dose. */
    const int error = posix_fallocate(flash->fd, 0, (off_t)size_of(flash));

    if (error != 0) {
        errno = error;
        (void)unlink(path);
        return close_unless_ok(flash, DG_E_PORT);
    }

    const enum dg_status status = map(flash);

    if (status == DG_OK) {
        memset(flash->bytes, ERASED, size_of(flash));
    }
    return close_unless_ok(flash, status);
}

enum dg_status dg_flash_file_open(struct dg_flash_file *flash,
                                  const char *path,
                                  uint32_t sectors)
{
    struct stat stat;

    memset(flash, 0, sizeof *flash);
    flash->port.sector_count = sectors;
    flash->fd = open(path, O_RDWR | O_CLOEXEC);
    if (flash->fd < 0) {
        return DG_E_PORT;
    }
    if ((fstat(flash->fd, &stat) != 0) || !S_ISREG(stat.st_mode) ||
        (stat.st_size != (off_t)size_of(flash))) {
        return close_unless_ok(flash, DG_E_CORRUPT);
    }
    return close_unless_ok(flash, map(flash));
}

void dg_flash_file_close(struct dg_flash_file *flash)
{
    if (flash->bytes != NULL) {
        (void)munmap(flash->bytes, size_of(flash));
        flash->bytes = NULL;
    }
    if (flash->fd >= 0) {
        (void)close(flash->fd);
        flash->fd = -1;
    }
}
