/* SPDX-License-Identifier: Apache-2.0 */
#include "senses.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define LINE_SIZE 512U

/* The number after "name:" in a file of /proc; -1: none. */
static long number_in(const char *path, const char *name)
{
    FILE *from = fopen(path, "re");
    char line[LINE_SIZE];
    long found = -1;

    if (from == NULL) {
        return -1;
    }
    while ((found < 0) && (fgets(line, sizeof(line), from) != NULL)) {
        if (strncmp(line, name, strlen(name)) == 0) {
            found = strtol(line + strlen(name), NULL, 10);
        }
    }
    (void)fclose(from);
    return found;
}

bool dg_senses_is_traced(pid_t pid)
{
    char path[64];

    if (pid == 0) {
        return number_in("/proc/self/status", "TracerPid:") != 0;
    }
    (void)snprintf(path, sizeof(path), "/proc/%d/status", pid);

    /* Not there: it has just ended, which others notice. */
    return number_in(path, "TracerPid:") > 0;
}

bool dg_senses_has_preload(char *const *environment)
{
    static const char *const loaders[] = {
        "LD_PRELOAD=", "LD_AUDIT=", "LD_LIBRARY_PATH=", "GCONV_PATH="};

    for (; *environment != NULL; environment++) {
        for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++) {
            const size_t size = strlen(loaders[i]);

            if ((strncmp(*environment, loaders[i], size) == 0) &&
                ((*environment)[size] != '\0')) {
                return true;
            }
        }
    }
    return false;
}

bool dg_senses_has_loose_memory(void)
{
    FILE *from = fopen("/proc/self/maps", "re");
    char line[LINE_SIZE];
    bool found = from == NULL;

    while (!found && (fgets(line, sizeof(line), from) != NULL)) {
        const char *rights = strchr(line, ' ');

        found = (rights != NULL) && (strlen(rights) > 4U) &&
                (rights[2] == 'w') && (rights[3] == 'x');
    }
    if (from != NULL) {
        (void)fclose(from);
    }
    return found;
}

static int64_t ms_of(clockid_t clock)
{
    struct timespec now;

    (void)clock_gettime(clock, &now);
    return ((int64_t)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

int64_t dg_senses_clock_offset_ms(void)
{
    return ms_of(CLOCK_REALTIME) - ms_of(CLOCK_BOOTTIME);
}

bool dg_senses_is_storage_full(int directory)
{
    struct statvfs about;

    return (fstatvfs(directory, &about) != 0) ||
           ((uint64_t)about.f_bavail * about.f_frsize <
            DG_SENSES_STORAGE_BYTES_MIN) ||
           ((about.f_files > 0U) && (about.f_favail == 0U));
}

uint8_t dg_senses_battery(const char *source)
{
    char text[16] = "";

    if (source[0] == '/') {
        const int fd = open(source, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        const ssize_t got = (fd < 0) ? -1 : read(fd, text, sizeof(text) - 1U);

        if (fd >= 0) {
            (void)close(fd);
        }
        if (got <= 0) {
            return 0;
        }
    } else {
        (void)snprintf(text, sizeof(text), "%.15s", source);
    }
    if ((text[0] < '0') || (text[0] > '9')) {
        return 0;
    }

    const long percent = strtol(text, NULL, 10);

    return (percent > 100) ? 0U : (uint8_t)percent;
}
