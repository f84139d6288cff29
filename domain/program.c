/* SPDX-License-Identifier: Apache-2.0 */
#include "program.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gate.h"

#define SIZE_MAX_BYTES (64 * 1024 * 1024)

bool dg_program_path(enum dg_role_id role, char path[DG_PROGRAM_PATH_MAX])
{
    const ssize_t size =
        readlink("/proc/self/exe", path, DG_PROGRAM_PATH_MAX - 1U);

    if (size <= 0) {
        return false;
    }
    path[size] = '\0';

    char *slash = strrchr(path, '/');

    if (slash == NULL) {
        return false;
    }

    const size_t room = DG_PROGRAM_PATH_MAX - (size_t)(slash + 1 - path);
    const int wrote =
        (role == DG_ROLE_ID_NONE)
            ? snprintf(slash + 1, room, "dosegate-token")
            : snprintf(
                  slash + 1, room, "dosegate-role-%s", dg_role_id_name(role));

    return (wrote > 0) && ((size_t)wrote < room);
}

/* SHA-256 of what a descriptor holds. */
static enum dg_status measure(const struct dg_crypto *crypto,
                              int fd,
                              struct dg_hash *digest)
{
    struct stat about;

    if ((fstat(fd, &about) != 0) || (about.st_size <= 0) ||
        (about.st_size > SIZE_MAX_BYTES)) {
        return DG_E_PORT;
    }

    const size_t size = (size_t)about.st_size;
    void *bytes = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);

    if (bytes == MAP_FAILED) {
        return DG_E_PORT;
    }

    const dg_span whole = {bytes, size};
    const enum dg_status status =
        crypto->sha256(crypto->context, &whole, 1, digest);

    (void)munmap(bytes, size);
    return status;
}

/* ... against the list. */
static enum dg_status compare(const struct dg_crypto *crypto,
                              enum dg_role_id role,
                              int fd)
{
    struct dg_hash digest;
    const enum dg_status status = measure(crypto, fd, &digest);

    if (status != DG_OK) {
        return status;
    }
    return (memcmp(digest.byte, dg_programs[role], sizeof(digest.byte)) == 0)
               ? DG_OK
               : DG_E_AUTH;
}

static bool copy(int from, int to)
{
    struct stat about;
    off_t left = 0;

    if ((fstat(from, &about) != 0) || (about.st_size > SIZE_MAX_BYTES)) {
        return false;
    }
    for (left = about.st_size; left > 0;) {
        const ssize_t moved = sendfile(to, from, NULL, (size_t)left);

        if (moved <= 0) {
            return false;
        }
        left -= (off_t)moved;
    }
    return true;
}

/* Sealed: nobody can change it; mode 100: nobody can read it, and what is run
 * from it cannot be traced. */
static int sealed_copy(int from, const char *name)
{
    const int sealed = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);

    if (sealed < 0) {
        return -1;
    }
    if (!copy(from, sealed) || (fchmod(sealed, 0100) != 0) ||
        (fcntl(sealed,
               F_ADD_SEALS,
               F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) !=
         0)) {
        (void)close(sealed);
        return -1;
    }
    return sealed;
}

enum dg_status dg_program_take(const struct dg_crypto *crypto,
                               enum dg_role_id role,
                               int *fd,
                               char why[DG_PROGRAM_WHY_MAX])
{
    char path[DG_PROGRAM_PATH_MAX] = "";
    const int from =
        dg_program_path(role, path) ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    const int taken = (from < 0) ? -1 : sealed_copy(from, "dosegate");
    const int error = errno;

    *fd = -1;
    if (from >= 0) {
        (void)close(from);
    }
    if (taken < 0) {
        (void)snprintf(why,
                       DG_PROGRAM_WHY_MAX,
                       "cannot start %s: %s (it belongs beside "
                       "dosegate-domain)",
                       path,
                       strerror(error));
        return DG_E_PORT;
    }

    const enum dg_status status = compare(crypto, role, taken);

    if (status != DG_OK) {
        (void)snprintf(why,
                       DG_PROGRAM_WHY_MAX,
                       "%s is not the program that dosegate-domain was built "
                       "with: install both again from one build",
                       path);
        (void)close(taken);
        return status;
    }
    *fd = taken;
    return DG_OK;
}

enum dg_status dg_program_measure(const struct dg_crypto *crypto,
                                  const char *path,
                                  bool is_library,
                                  struct dg_hash *digest)
{
    const int fd =
        open(path, O_RDONLY | O_CLOEXEC | (is_library ? 0 : O_NOFOLLOW));

    if (fd < 0) {
        return DG_E_PORT;
    }

    const enum dg_status status = measure(crypto, fd, digest);

    (void)close(fd);
    return status;
}
