/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WHY_SIZE 160U

enum dg_status dg_file_slurp(const char *path,
                             size_t max,
                             dg_buf *bytes,
                             char *why)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint8_t *room = malloc(max + 1U);
    size_t have = 0;
    ssize_t got = -1;

    if ((fd < 0) || (room == NULL)) {
        (void)snprintf(why,
                       WHY_SIZE,
                       "%.100s: %.50s",
                       path,
                       (fd < 0) ? strerror(errno) : "no memory");
        free(room);
        if (fd >= 0) {
            (void)close(fd);
        }
        return DG_E_PORT;
    }
    while (have <= max) {
        got = read(fd, &room[have], max + 1U - have);
        if (got <= 0) {
            break;
        }
        have += (size_t)got;
    }
    (void)close(fd);
    if ((got < 0) || (have == 0U) || (have > max)) {
        (void)snprintf(why,
                       WHY_SIZE,
                       "%.90s: must be a file of 1 to %zu bytes",
                       path,
                       max);
        free(room);
        return (got < 0) ? DG_E_PORT : DG_E_RANGE;
    }
    *bytes = (dg_buf){room, have};
    return DG_OK;
}
