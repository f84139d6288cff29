/* SPDX-License-Identifier: Apache-2.0 */
#include "lookout.h"

#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "private_file.h"
#include "senses.h"

#define TEXT_SIZE 2048U

static struct dg_lookout_stat stat_of(const struct dg_lookout_file *file)
{
    struct stat about;

    if ((file->is_library ? stat(file->path, &about)
                          : lstat(file->path, &about)) != 0) {
        return (struct dg_lookout_stat){.size = -1};
    }
    return (struct dg_lookout_stat){
        .device = about.st_dev,
        .inode = about.st_ino,
        .size = about.st_size,
        .changed_ns = ((int64_t)about.st_ctim.tv_sec * 1000000000) +
                      about.st_ctim.tv_nsec};
}

static bool is_same(const struct dg_lookout_stat *one,
                    const struct dg_lookout_stat *other)
{
    return (one->device == other->device) && (one->inode == other->inode) &&
           (one->size == other->size) && (one->changed_ns == other->changed_ns);
}

static struct dg_lookout_file *add(struct dg_lookout *lookout)
{
    if (lookout->files == DG_LOOKOUT_FILES) {
        return NULL; /* its loss is found: dg_lookout_look() says so */
    }
    lookout->files++;
    return &lookout->file[lookout->files - 1U];
}

/* What nobody knew when this was built is measured now: from here on it may not
 * change.  That it was good before is the platform's to say. */
static void add_as_found(struct dg_lookout *lookout,
                         const char *path,
                         bool is_library)
{
    struct dg_lookout_file *file = add(lookout);

    if (file == NULL) {
        return;
    }
    file->is_library = is_library;
    if ((snprintf(file->path, sizeof(file->path), "%s", path) >=
         (int)sizeof(file->path)) ||
        (dg_program_measure(
             lookout->crypto, file->path, is_library, &file->want) != DG_OK)) {
        memset(&file->want, 0, sizeof(file->want)); /* no file has this one */
    }
}

static int add_library(struct dl_phdr_info *info, size_t size, void *context)
{
    (void)size;
    if (info->dlpi_name[0] == '/') { /* not ourselves, not the kernel's */
        add_as_found(context, info->dlpi_name, true);
    }
    return 0;
}

/* One file may have two names. */
static bool is_known(const struct dg_lookout *lookout, const char *path)
{
    struct stat about;
    struct stat other;

    for (size_t i = 0; (stat(path, &about) == 0) && (i < lookout->files); i++) {
        if ((stat(lookout->file[i].path, &other) == 0) &&
            (about.st_dev == other.st_dev) && (about.st_ino == other.st_ino)) {
            return true;
        }
    }
    return false;
}

/* Code that a role has from a file.  Its program is none: it came from memory
 * that was sealed, and that the kernel calls deleted.  A role that keeps
 * everybody out keeps us out, too. */
static void add_libraries_of(struct dg_lookout *lookout, pid_t pid)
{
    char path[64];
    char line[DG_PROGRAM_PATH_MAX + 128U];

    (void)snprintf(path, sizeof(path), "/proc/%d/maps", pid);

    FILE *from = (pid > 0) ? fopen(path, "re") : NULL;

    while ((from != NULL) && (fgets(line, sizeof(line), from) != NULL)) {
        char *file = strchr(line, '/');
        const char *rights = strchr(line, ' ');

        if ((file == NULL) || (rights == NULL) || (strlen(rights) < 4U) ||
            (rights[3] != 'x') || (strchr(file, ' ') != NULL)) {
            continue;
        }
        file[strcspn(file, "\n")] = '\0';
        if (!is_known(lookout, file)) {
            add_as_found(lookout, file, true);
        }
    }
    if (from != NULL) {
        (void)fclose(from);
    }
}

static void add_ourselves(struct dg_lookout *lookout)
{
    char path[DG_PROGRAM_PATH_MAX];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof(path) - 1U);

    path[(size > 0) ? size : 0] = '\0';
    add_as_found(lookout, path, false);
}

void dg_lookout_open(struct dg_lookout *lookout,
                     const struct dg_crypto *crypto,
                     int directory,
                     const struct dg_supervisor *supervisor,
                     const char *battery)
{
    memset(lookout, 0, sizeof(*lookout));
    dg_monitor_init(&lookout->monitor);
    lookout->crypto = crypto;
    lookout->directory = directory;
    lookout->battery = battery;
    lookout->offset_ms = dg_senses_clock_offset_ms();
    for (unsigned role = dg_supervisor_has_token(supervisor) ? 0U : 1U;
         role < DG_ROLE_PROGRAMS;
         role++) {
        struct dg_lookout_file *file = add(lookout);

        (void)memcpy(file->want.byte, dg_programs[role], DG_HASH_SIZE);
        if (!dg_program_path((enum dg_role_id)role, file->path)) {
            file->path[0] = '\0';
        }
    }
    add_ourselves(lookout);
    (void)dl_iterate_phdr(add_library, lookout);
    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        add_libraries_of(lookout, supervisor->child[role].pid);
    }
}

static bool is_sound(const struct dg_lookout *lookout,
                     const struct dg_lookout_file *file)
{
    struct dg_hash digest;

    return (dg_program_measure(
                lookout->crypto, file->path, file->is_library, &digest) ==
            DG_OK) &&
           (memcmp(&digest, &file->want, sizeof(digest)) == 0);
}

/* A file that looks different is measured at once; the others when it is
 * their time, since whoever can write a file can make it look the same. */
static void look_at_files(struct dg_lookout *lookout, int64_t now_ms)
{
    const bool all = now_ms >= lookout->measure_ms;

    for (size_t i = 0; i < lookout->files; i++) {
        struct dg_lookout_file *file = &lookout->file[i];
        const struct dg_lookout_stat now = stat_of(file);

        if (!all && is_same(&now, &file->seen)) {
            continue;
        }
        file->seen = now;
        if (is_sound(lookout, file)) {
            continue;
        }
        dg_monitor_find(&lookout->monitor, DG_FINDING_PROGRAM, now_ms);
        if (!file->is_told) {
            (void)fprintf(
                stderr, "dosegate-domain: %s was changed\n", file->path);
            file->is_told = true;
        }
    }
    /* Without room for one more, nobody watched it. */
    if (lookout->files == DG_LOOKOUT_FILES) {
        dg_monitor_find(&lookout->monitor, DG_FINDING_PROGRAM, now_ms);
    }
    if (all) {
        lookout->measure_ms = now_ms + DG_LOOKOUT_MEASURE_MS;
    }
}

static void look_at_processes(struct dg_lookout *lookout,
                              const struct dg_supervisor *supervisor,
                              int64_t now_ms)
{
    bool is_traced = dg_senses_is_traced(0);

    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        const pid_t pid = supervisor->child[role].pid;
        const pid_t token = supervisor->token[role];

        is_traced = is_traced || ((pid > 0) && dg_senses_is_traced(pid)) ||
                    ((token > 0) && dg_senses_is_traced(token));
    }
    if (is_traced) {
        dg_monitor_find(&lookout->monitor, DG_FINDING_DEBUGGER, now_ms);
    }
    if (dg_senses_has_loose_memory()) {
        dg_monitor_find(&lookout->monitor, DG_FINDING_MEMORY, now_ms);
    }
    if (dg_senses_has_preload(environ)) {
        dg_monitor_find(&lookout->monitor, DG_FINDING_PRELOAD, now_ms);
    }
}

static void look_at_system(struct dg_lookout *lookout, int64_t now_ms)
{
    const int64_t offset_ms = dg_senses_clock_offset_ms();
    const int64_t jump_ms = offset_ms - lookout->offset_ms;

    if ((jump_ms > DG_SENSES_JUMP_MS) || (jump_ms < -DG_SENSES_JUMP_MS)) {
        dg_monitor_find(&lookout->monitor, DG_FINDING_CLOCK, now_ms);
    }
    lookout->offset_ms = offset_ms;
    if (dg_senses_is_storage_full(lookout->directory)) {
        dg_monitor_find(&lookout->monitor, DG_FINDING_STORAGE, now_ms);
    }
    if (dg_senses_is_memory_short()) {
        dg_monitor_find(&lookout->monitor, DG_FINDING_NO_MEMORY, now_ms);
    }
    dg_monitor_battery(
        &lookout->monitor, dg_senses_battery(lookout->battery), now_ms);
}

static int64_t boot_s(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec;
}

/* Ages are of the moment of writing, which is told in time since boot: no clock
 * that somebody can set makes them younger. */
static void write_file(const struct dg_lookout *lookout,
                       const struct dg_health_note *note,
                       int64_t now_ms)
{
    static const char *const fitness[DG_FITNESSES] = {
        "none", "fit", "hold", "retire"};
    char text[TEXT_SIZE];
    int used = snprintf(text,
                        sizeof(text),
                        "{\"fitness\":\"%s\",\"phone_battery_percent\":%u,"
                        "\"written_boot_s\":%lld,\"findings\":[",
                        fitness[note->fitness],
                        note->phone_battery,
                        (long long)boot_s());

    for (unsigned i = 0; i < DG_FINDINGS; i++) {
        if (((unsigned)note->findings & (1U << i)) == 0U) {
            continue;
        }
        used += snprintf(
            &text[used],
            sizeof(text) - (size_t)used,
            "%s{\"name\":\"%s\",\"text\":\"%s\",\"age_s\":%lld}",
            (text[used - 1] == '[') ? "" : ",",
            dg_monitor_name((enum dg_finding)i),
            dg_monitor_text((enum dg_finding)i),
            (long long)((now_ms - lookout->monitor.first_ms[i]) / 1000));
    }
    used += snprintf(&text[used], sizeof(text) - (size_t)used, "]}\n");

    /* On a full disk the old file stays; therapy was told all the same. */
    if (dg_private_file_write(lookout->directory,
                              "health.json",
                              (dg_span){(const uint8_t *)text, (size_t)used}) !=
        DG_OK) {
        (void)fprintf(stderr,
                      "dosegate-domain: health.json cannot be written\n");
    }
}

static void complain(uint16_t findings, uint16_t before)
{
    for (unsigned i = 0; i < DG_FINDINGS; i++) {
        const unsigned bit = 1U << i;

        if ((((unsigned)findings ^ (unsigned)before) & bit) == 0U) {
            continue;
        }
        (void)fprintf(stderr,
                      "dosegate-domain: %s: %s\n",
                      dg_monitor_name((enum dg_finding)i),
                      (((unsigned)findings & bit) != 0U)
                          ? dg_monitor_text((enum dg_finding)i)
                          : "over");
    }
}

static void tell(struct dg_lookout *lookout,
                 struct dg_supervisor *supervisor,
                 int64_t now_ms)
{
    const bool is_first = lookout->tell_ms == 0;
    struct dg_health_note note;

    dg_monitor_note(&lookout->monitor, now_ms, &note);

    const bool is_new = is_first || (note.findings != lookout->told) ||
                        (note.phone_battery != lookout->told_battery);

    if (!is_new && (now_ms < lookout->tell_ms)) {
        return;
    }
    dg_supervisor_tell(supervisor, &note);
    if (is_new) {
        complain(note.findings, lookout->told);
        write_file(lookout, &note, now_ms);
    }
    lookout->told = note.findings;
    lookout->told_battery = note.phone_battery;
    lookout->tell_ms = now_ms + DG_LOOKOUT_TELL_MS;
}

int64_t dg_lookout_look(struct dg_lookout *lookout,
                        struct dg_supervisor *supervisor,
                        int64_t now_ms)
{
    if (now_ms >= lookout->look_ms) {
        look_at_files(lookout, now_ms);
        look_at_processes(lookout, supervisor, now_ms);
        look_at_system(lookout, now_ms);
        (void)dg_monitor_age(&lookout->monitor, now_ms);
        lookout->look_ms = now_ms + DG_LOOKOUT_PERIOD_MS;
    }
    tell(lookout, supervisor, now_ms);
    return lookout->look_ms;
}
