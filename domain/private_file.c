/* SPDX-License-Identifier: Apache-2.0 */
#include "private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NAME_MAX_SIZE 32U

static bool is_ours_alone(const struct stat *about)
{
    return (about->st_uid == geteuid()) &&
           ((about->st_mode & (S_IRWXG | S_IRWXO)) == 0U);
}

enum dg_status dg_private_directory_open(const char *path,
                                         int *fd,
                                         char why[DG_PRIVATE_WHY_MAX])
{
    struct stat about;

    if ((mkdir(path, S_IRWXU) != 0) && (errno != EEXIST)) {
        (void)snprintf(why,
                       DG_PRIVATE_WHY_MAX,
                       "cannot make the directory %.160s: %s",
                       path,
                       strerror(errno));
        return DG_E_PORT;
    }

    const int opened =
        open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if ((opened < 0) || (fstat(opened, &about) != 0)) {
        (void)snprintf(why,
                       DG_PRIVATE_WHY_MAX,
                       "cannot open the directory %.160s: %s",
                       path,
                       strerror(errno));
        if (opened >= 0) {
            (void)close(opened);
        }
        return DG_E_PORT;
    }
    if (!is_ours_alone(&about)) {
        (void)snprintf(why,
                       DG_PRIVATE_WHY_MAX,
                       "%.160s must be yours alone: run chmod 700 on it",
                       path);
        (void)close(opened);
        return DG_E_AUTH;
    }
    *fd = opened;
    return DG_OK;
}

static enum dg_status read_exactly(int fd, dg_buf out)
{
    struct stat about;
    size_t have = 0;

    if (fstat(fd, &about) != 0) {
        return DG_E_PORT;
    }
    if (!S_ISREG(about.st_mode) || (about.st_nlink != 1U) ||
        !is_ours_alone(&about)) {
        return DG_E_AUTH;
    }
    if ((about.st_size < 0) || ((size_t)about.st_size != out.capacity)) {
        return DG_E_RANGE;
    }
    while (have < out.capacity) {
        const ssize_t got = read(fd, &out.at[have], out.capacity - have);

        if (got <= 0) {
            return DG_E_PORT;
        }
        have += (size_t)got;
    }
    return DG_OK;
}

enum dg_status dg_private_file_read(int directory, const char *name, dg_buf out)
{
    const int fd =
        openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        if (errno == ENOENT) {
            return DG_E_STATE;
        }
        return (errno == ELOOP) ? DG_E_AUTH : DG_E_PORT;
    }

    const enum dg_status status = read_exactly(fd, out);

    (void)close(fd);
    return status;
}

static bool write_all(int fd, dg_span bytes)
{
    size_t done = 0;

    while (done < bytes.size) {
        const ssize_t put = write(fd, &bytes.at[done], bytes.size - done);

        if (put <= 0) {
            return false;
        }
        done += (size_t)put;
    }
    return fsync(fd) == 0;
}

enum dg_status dg_private_file_write(int directory,
                                     const char *name,
                                     dg_span bytes)
{
    char fresh[NAME_MAX_SIZE + 8U];

    if (strlen(name) > NAME_MAX_SIZE) {
        return DG_E_USAGE;
    }
    (void)snprintf(fresh, sizeof(fresh), "%s.new", name);

    /* What an interrupted write left behind is of no use to anyone. */
    (void)unlinkat(directory, fresh, 0);

    const int fd = openat(directory,
                          fresh,
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          S_IRUSR | S_IWUSR);

    if (fd < 0) {
        return DG_E_PORT;
    }

    const bool written = write_all(fd, bytes);

    if ((close(fd) != 0) || !written ||
        (renameat(directory, fresh, directory, name) != 0)) {
        (void)unlinkat(directory, fresh, 0);
        return DG_E_PORT;
    }
    return (fsync(directory) == 0) ? DG_OK : DG_E_PORT;
}

static bool overwrite(int fd)
{
    static const uint8_t zeros[512];
    struct stat about;
    bool done = (fstat(fd, &about) == 0) && S_ISREG(about.st_mode);
    off_t left = done ? about.st_size : 0;

    while (done && (left > 0)) {
        const size_t part =
            (left > (off_t)sizeof(zeros)) ? sizeof(zeros) : (size_t)left;

        done = write(fd, zeros, part) == (ssize_t)part;
        left -= (off_t)part;
    }
    return done && (fsync(fd) == 0);
}

enum dg_status dg_private_file_erase(int directory, const char *name)
{
    if (strlen(name) > NAME_MAX_SIZE) {
        return DG_E_USAGE;
    }

    const int fd =
        openat(directory, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0) {
        if (errno == ENOENT) {
            return DG_OK;
        }
        /* A link or a stranger's file: not to be written, only removed. */
        return (unlinkat(directory, name, 0) == 0) ? DG_OK : DG_E_PORT;
    }

    const bool done = overwrite(fd);

    if ((close(fd) != 0) || (unlinkat(directory, name, 0) != 0) || !done) {
        return DG_E_PORT;
    }
    return (fsync(directory) == 0) ? DG_OK : DG_E_PORT;
}
