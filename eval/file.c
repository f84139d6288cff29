/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Read up to @capacity bytes from @fd; SIZE_MAX on failure. */
static size_t read_all(int fd, uint8_t *out, size_t capacity)
{
    size_t used = 0;

    while (used < capacity) {
        const ssize_t got = read(fd, out + used, capacity - used);

        if ((got < 0) && (errno == EINTR)) {
            continue;
        }
        if (got < 0) {
            return SIZE_MAX;
        }
        if (got == 0) {
            break;
        }
        used += (size_t)got;
    }
    return used;
}

static enum dg_status read_open(int fd,
                                const char *path,
                                size_t max,
                                dg_span *bytes,
                                struct dg_problem *problem)
{
    struct stat about;

    if ((fstat(fd, &about) != 0) || !S_ISREG(about.st_mode)) {
        dg_problem_set(problem, "%s is not a regular file", path);
        return DG_E_PORT;
    }
    if ((about.st_size < 0) || ((uintmax_t)about.st_size > max)) {
        dg_problem_set(
            problem, "%s is larger than %zu bytes: refused", path, max);
        return DG_E_RANGE;
    }

    const size_t size = (size_t)about.st_size;
    uint8_t *room = malloc(size + 1U);

    if (room == NULL) {
        dg_problem_set(problem, "%s: out of memory", path);
        return DG_E_PORT;
    }
    if (read_all(fd, room, size) != size) {
        dg_problem_set(problem, "%s changed or failed while read", path);
        free(room);
        return DG_E_PORT;
    }
    *bytes = (dg_span){room, size};
    return DG_OK;
}

enum dg_status dg_file_read(const char *path,
                            size_t max,
                            dg_span *bytes,
                            struct dg_problem *problem)
{
    *bytes = (dg_span){NULL, 0};

    /* A FIFO must not make us wait for a writer. */
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

    if (fd < 0) {
        dg_problem_set(problem, "cannot read %s: %s", path, strerror(errno));
        return DG_E_PORT;
    }

    const enum dg_status status = read_open(fd, path, max, bytes, problem);

    (void)close(fd);
    return status;
}

void dg_file_free(dg_span bytes)
{
    union {
        const uint8_t *read;
        void *own;
    } at = {bytes.at};

    free(at.own);
}

static bool write_all(int fd, dg_span bytes)
{
    while (bytes.size > 0U) {
        const ssize_t put = write(fd, bytes.at, bytes.size);

        if ((put < 0) && (errno == EINTR)) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        bytes.at += put;
        bytes.size -= (size_t)put;
    }
    return true;
}

/* Fill and synchronise; the reason for a failure stays in errno. */
static bool fill(int fd, dg_span bytes, unsigned mode)
{
    bool is_good = write_all(fd, bytes) && (fchmod(fd, (mode_t)mode) == 0) &&
                   (fsync(fd) == 0);
    const int reason = errno;

    if ((close(fd) != 0) && is_good) {
        return false;
    }
    errno = reason;
    return is_good;
}

/* The name lives in the folder, so the folder is synchronised too.  Some file
 * systems cannot; the file itself is safe by then. */
static void sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const size_t size = (slash == NULL) ? 0U : (size_t)(slash - path) + 1U;

    if (size >= sizeof(folder)) {
        return;
    }
    memcpy(folder, path, size);
    folder[size] = '\0';

    const int fd = open((size == 0U) ? "." : folder, O_RDONLY | O_CLOEXEC);

    if (fd >= 0) {
        (void)fsync(fd);
        (void)close(fd);
    }
}

/* Give the finished file its name.  link() refuses a name that is taken. */
static bool put_in_place(const char *temporary, const char *path, bool is_new)
{
    if (!is_new) {
        return rename(temporary, path) == 0;
    }
    if (link(temporary, path) != 0) {
        return false;
    }
    (void)unlink(temporary);
    return true;
}

static enum dg_status write_whole(const char *path,
                                  dg_span bytes,
                                  unsigned mode,
                                  bool is_new,
                                  struct dg_problem *problem)
{
    char temporary[PATH_MAX];
    const int size =
        snprintf(temporary, sizeof(temporary), "%s.part-XXXXXX", path);

    if ((size < 0) || ((size_t)size >= sizeof(temporary))) {
        dg_problem_set(problem, "the path is too long: %s", path);
        return DG_E_PORT;
    }

    const int fd = mkstemp(temporary);

    if (fd < 0) {
        dg_problem_set(problem, "cannot write %s: %s", path, strerror(errno));
        return DG_E_PORT;
    }
    if (fill(fd, bytes, mode) && put_in_place(temporary, path, is_new)) {
        sync_folder(path);
        return DG_OK;
    }

    const int reason = errno;

    (void)unlink(temporary);
    dg_problem_set(problem, "cannot write %s: %s", path, strerror(reason));
    return (is_new && (reason == EEXIST)) ? DG_E_STATE : DG_E_PORT;
}

enum dg_status dg_file_write(const char *path,
                             dg_span bytes,
                             unsigned mode,
                             struct dg_problem *problem)
{
    return write_whole(path, bytes, mode, false, problem);
}

enum dg_status dg_file_create(const char *path,
                              dg_span bytes,
                              unsigned mode,
                              struct dg_problem *problem)
{
    return write_whole(path, bytes, mode, true, problem);
}
