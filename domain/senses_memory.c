/* SPDX-License-Identifier: Apache-2.0 */
#include "senses.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Memory that is left: in the system, and in the group of processes that we are
 * in, which may have less (Linux, cgroups v2 and v1: the file names below). */
#define LINE_SIZE 512U
#define PATH_SIZE 600U

/* What one version of control groups calls its files. */
struct names {
    const char *below; /* the root: where the controller is mounted */
    const char *limit;
    const char *usage;
    const char *cache; /* in memory.stat: files that can be dropped at once */
};

static const struct names unified = {
    "", "memory.max", "memory.current", "inactive_file "};
static const struct names older = {"/memory",
                                   "memory.limit_in_bytes",
                                   "memory.usage_in_bytes",
                                   "total_inactive_file "};

/* The number behind @p name in a file, "" for the first; -1: there is none. */
static int64_t number_in(const char *path, const char *name)
{
    FILE *from = fopen(path, "re");
    char line[LINE_SIZE];
    int64_t found = -1;

    if (from == NULL) {
        return -1;
    }
    while ((found < 0) && (fgets(line, sizeof(line), from) != NULL)) {
        const char *digits = &line[strlen(name)];

        if (strncmp(line, name, strlen(name)) != 0) {
            continue;
        }
        while (*digits == ' ') {
            digits++;
        }
        if ((*digits < '0') || (*digits > '9')) {
            break; /* "max": no limit */
        }

        const uint64_t value = strtoull(digits, NULL, 10);

        found = (value > INT64_MAX) ? INT64_MAX : (int64_t)value;
    }
    (void)fclose(from);
    return found;
}

static int64_t number_of(const char *group, const char *file, const char *name)
{
    char path[PATH_SIZE + 64U];

    (void)snprintf(path, sizeof(path), "%s/%s", group, file);
    return number_in(path, name);
}

/* Of a line of /proc/PID/cgroup: "0::PATH" or "N:memory:PATH". */
static const struct names *names_of(const char *line, const char **path)
{
    static const char memory[] = ":memory:";
    const char *at = strstr(line, memory);

    if (strncmp(line, "0::", 3U) == 0) {
        *path = &line[3];
        return &unified;
    }
    if (at != NULL) {
        *path = &at[sizeof(memory) - 1U];
        return &older;
    }
    return NULL;
}

static int64_t left_kb(const char *line, const char *root)
{
    const char *own = NULL;
    const struct names *names = names_of(line, &own);
    char group[PATH_SIZE];

    if (names == NULL) {
        return INT64_MAX;
    }
    (void)snprintf(group,
                   sizeof(group),
                   "%s%s%.*s",
                   root,
                   names->below,
                   (int)strcspn(own, "\n"),
                   own);

    const int64_t limit = number_of(group, names->limit, "");
    const int64_t usage = number_of(group, names->usage, "");
    const int64_t cache = number_of(group, "memory.stat", names->cache);

    if ((limit < 0) || (usage < 0)) {
        return INT64_MAX; /* no limit, or no such controller */
    }

    const int64_t used = (cache > 0) ? (usage - cache) : usage;

    return (used >= limit) ? 0 : ((limit - used) / 1024);
}

int64_t dg_senses_group_left_kb(const char *own, const char *root)
{
    FILE *from = fopen(own, "re");
    char line[LINE_SIZE];
    int64_t least = INT64_MAX;

    if (from == NULL) {
        return INT64_MAX;
    }
    while (fgets(line, sizeof(line), from) != NULL) {
        const int64_t left = left_kb(line, root);

        least = (left < least) ? left : least;
    }
    (void)fclose(from);
    return least;
}

bool dg_senses_is_memory_short(void)
{
    const int64_t available = number_in("/proc/meminfo", "MemAvailable:");

    return ((available >= 0) &&
            (available < (int64_t)DG_SENSES_MEMORY_KB_MIN)) ||
           (dg_senses_group_left_kb("/proc/self/cgroup", "/sys/fs/cgroup") <
            (int64_t)DG_SENSES_MEMORY_KB_MIN);
}
