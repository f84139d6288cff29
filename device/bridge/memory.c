/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "dosegate/flash.h"
#include "ports/mps2/board.h"

#define FLASH_SIZE   ((size_t)DG_FLASH_SECTORS_MIN * 4096U)
#define RAM_SIZE     ((size_t)16U * 1024U * 1024U)
#define WORLD_AT     ((size_t)(DG_BOARD_WORLD - DG_BOARD_FLASH))
#define WORLD_SIZE   sizeof(struct dg_world_cells)
#define USED_SIZE    (WORLD_AT + 8192U) /* world and black box */
#define LOCK_TRIES   40U
#define LOCK_WAIT_US 50000U

/* An emulator whose bridge was killed lives for some milliseconds more. */
static bool lock(int fd)
{
    for (unsigned i = 0U; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
            return true;
        }
        (void)usleep(LOCK_WAIT_US);
    }
    return false;
}

static void *map(int fd, size_t size)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return (at == MAP_FAILED) ? NULL : at;
}

static int cannot(const char *what, const char *path)
{
    return dg_options_complain(what, path, strerror(errno));
}

static int open_flash(struct dg_memory *memory)
{
    struct stat stat;

    memory->is_new_flash = access(memory->flash_path, F_OK) != 0;
    memory->flash =
        open(memory->flash_path,
             O_RDWR | O_CLOEXEC | (memory->is_new_flash ? O_CREAT | O_EXCL : 0),
             0600);
    if (memory->flash < 0) {
        return cannot("cannot open flash", memory->flash_path);
    }
    if (memory->is_new_flash) {
        errno = posix_fallocate(memory->flash, 0, (off_t)FLASH_SIZE);
        if (errno != 0) {
            const int result = cannot("cannot make flash", memory->flash_path);

            (void)unlink(memory->flash_path);
            return result;
        }
    }
    if ((fstat(memory->flash, &stat) != 0) || !S_ISREG(stat.st_mode) ||
        (stat.st_size != (off_t)FLASH_SIZE)) {
        return dg_options_complain("not a flash image of this device",
                                   memory->flash_path,
                                   "restore the right file; nothing was "
                                   "changed");
    }
    if (!lock(memory->flash)) {
        return dg_options_complain("flash is in use",
                                   memory->flash_path,
                                   "end the other device first");
    }
    memory->flash_bytes = map(memory->flash, FLASH_SIZE);
    if (memory->flash_bytes == NULL) {
        return cannot("cannot map flash", memory->flash_path);
    }
    if (memory->is_new_flash) {
        memset(memory->flash_bytes, 0xFF, FLASH_SIZE);
    }
    return 0;
}

static int open_world(struct dg_memory *memory)
{
    const enum dg_status status =
        dg_world_file_open(&memory->world, memory->world_path);

    if (status == DG_E_CORRUPT) {
        return dg_options_complain("not a world file of this device",
                                   memory->world_path,
                                   "restore the right file; nothing was "
                                   "changed");
    }
    return (status == DG_OK) ? 0 : cannot("cannot open", memory->world_path);
}

static void copy_back(struct dg_memory *memory)
{
    memcpy(memory->flash_bytes, memory->ram, FLASH_SIZE);
    memcpy(memory->world.cells, &memory->ram[WORLD_AT], WORLD_SIZE);
}

static int open_ram(struct dg_memory *memory)
{
    struct stat stat;
    const int fd = open(memory->ram_path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

    if ((fd < 0) || (fstat(fd, &stat) != 0)) {
        return cannot("cannot open", memory->ram_path);
    }

    const bool is_left_behind = stat.st_size == (off_t)RAM_SIZE;

    /* Allocated now, so that a full disk is found here and not by a SIGBUS of
     * the emulator. */
    errno = posix_fallocate(fd, 0, (off_t)USED_SIZE);
    if ((errno == 0) && (ftruncate(fd, (off_t)RAM_SIZE) == 0)) {
        memory->ram = map(fd, RAM_SIZE);
    }

    const int error = errno;

    (void)close(fd);
    errno = error;
    if (memory->ram == NULL) {
        const int result = cannot("cannot make", memory->ram_path);

        (void)unlink(memory->ram_path);
        return result;
    }
    if (is_left_behind) {
        copy_back(memory);
        memory->world.is_new = false;
    }
    memset(memory->ram, 0, USED_SIZE);
    memcpy(memory->ram, memory->flash_bytes, FLASH_SIZE);
    memcpy(&memory->ram[WORLD_AT], memory->world.cells, WORLD_SIZE);
    return 0;
}

static void let_go(struct dg_memory *memory)
{
    if (memory->ram != NULL) {
        (void)munmap(memory->ram, RAM_SIZE);
        memory->ram = NULL;
    }
    dg_world_file_close(&memory->world);
    if (memory->flash_bytes != NULL) {
        (void)munmap(memory->flash_bytes, FLASH_SIZE);
        memory->flash_bytes = NULL;
    }
    if (memory->flash >= 0) {
        (void)close(memory->flash);
        memory->flash = -1;
    }
}

int dg_memory_open(struct dg_memory *memory, const struct dg_options *options)
{
    memset(memory, 0, sizeof *memory);
    memory->flash = -1;
    memory->world.fd = -1;
    if (!dg_options_path(memory->flash_path, options->dir, "flash.bin") ||
        !dg_options_path(memory->world_path, options->dir, "world.bin") ||
        !dg_options_path(memory->ram_path, options->dir, "board.ram")) {
        return dg_options_complain("--dir", options->dir, "use a shorter path");
    }

    int result = open_world(memory);

    if (result == 0) {
        result = open_flash(memory);
    }
    if (result == 0) {
        result = open_ram(memory);
    }
    if (result != 0) {
        let_go(memory);
    }
    return result;
}

void dg_memory_abandon(struct dg_memory *memory)
{
    (void)unlink(memory->ram_path);
    if (memory->is_new_flash) {
        (void)unlink(memory->flash_path);
    }
    if (memory->world.is_new) {
        (void)unlink(memory->world_path);
    }
    let_go(memory);
}

void dg_memory_close(struct dg_memory *memory)
{
    copy_back(memory);
    (void)unlink(memory->ram_path);
    let_go(memory);
}
