/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/neighbour.h"

#include <fcntl.h>
#include <ftw.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "eval/adapter/words.h"
#include "eval/file.h"
#include "eval/hex.h"

#define PARTS_MAX    16U
#define NEEDLES_MAX  32U
#define NEEDLE_MAX   128U
#define SHORT_NUMBER 5U
#define FILE_MAX     (16U * 1024U * 1024U)
#define TREE_FDS     16

/* One stays: without it the kernel lets user 0, and only user 0, make no
 * namespace of users.  It reaches nothing of what is tried here. */
void dg_neighbour_become_plain(void)
{
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    const uint32_t kept = 1U << CAP_SETFCAP;
    const struct __user_cap_data_struct few[2] = {{kept, kept, 0U},
                                                  {0U, 0U, 0U}};

    if (geteuid() != 0) {
        return;
    }
    for (unsigned long one = 0UL; one <= 63UL; one++) {
        if (one != (unsigned long)CAP_SETFCAP) {
            (void)prctl(PR_CAPBSET_DROP, one, 0UL, 0UL, 0UL);
        }
    }
    (void)syscall(SYS_capset, &head, few);
}

/* The processes of the medical part. */
struct part {
    pid_t pid;
    char name[32];
};

static size_t list_parts(const struct dg_app *app, struct part parts[PARTS_MAX])
{
    char path[96];
    long pid = 0;
    size_t count = 0U;

    (void)snprintf(path,
                   sizeof path,
                   "/proc/%d/task/%d/children",
                   (int)app->child.pid,
                   (int)app->child.pid);

    FILE *children = fopen(path, "re");

    while ((children != NULL) && (count < PARTS_MAX) &&
           (fscanf(children, "%ld", &pid) == 1)) {
        (void)snprintf(path, sizeof path, "/proc/%ld/comm", pid);

        FILE *name = fopen(path, "re");

        parts[count].pid = (pid_t)pid;
        if (name != NULL) {
            if (fgets(parts[count].name, sizeof parts[count].name, name) !=
                NULL) {
                parts[count].name[strcspn(parts[count].name, "\n")] = '\0';
                count++;
            }
            (void)fclose(name);
        }
    }
    if (children != NULL) {
        (void)fclose(children);
    }
    return count;
}

/* Which of our parts hold keys or decide about doses. */
static bool holds_secret(const struct part *part)
{
    const size_t size = strlen(part->name);

    return (size > 0U) && (strchr("ktc", part->name[size - 1U]) != NULL);
}

/* Reaching in -------------------------------------------------------------- */

static bool reads(pid_t pid, const char *name)
{
    char path[64];
    char byte = 0;

    (void)snprintf(path, sizeof path, "/proc/%d/%s", (int)pid, name);

    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    /* Memory begins nowhere; that it opens is enough. */
    const bool is_read =
        (fd >= 0) && ((strcmp(name, "mem") == 0) || (read(fd, &byte, 1U) == 1));

    if (fd >= 0) {
        (void)close(fd);
    }
    return is_read;
}

static bool traces(pid_t pid)
{
    if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) != 0) {
        return false;
    }
    /* It goes on by itself when we let go. */
    if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0) {
        (void)waitpid(pid, NULL, __WALL);
    }
    (void)ptrace(PTRACE_DETACH, pid, NULL, NULL);
    return true;
}

json_t *dg_neighbour_reach(struct dg_bench_phone *phone,
                           const json_t *request,
                           const char *bin)
{
    struct part parts[PARTS_MAX];
    const size_t count = list_parts(&phone->app, parts);
    json_t *list = json_array();

    (void)request;
    (void)bin;
    for (size_t i = 0U; i < count; i++) {
        const bool by_memory = reads(parts[i].pid, "mem");
        const bool by_environment = reads(parts[i].pid, "environ");
        const bool by_trace = traces(parts[i].pid);

        json_array_append_new(list,
                              json_pack("{s:s, s:b, s:b, s:b, s:b}",
                                        "name",
                                        parts[i].name,
                                        "secret",
                                        holds_secret(&parts[i]) ? 1 : 0,
                                        "memory",
                                        by_memory ? 1 : 0,
                                        "environment",
                                        by_environment ? 1 : 0,
                                        "trace",
                                        by_trace ? 1 : 0));
    }
    return json_pack("{s:b, s:o}", "ok", 1, "parts", list);
}

json_t *dg_neighbour_end_part(struct dg_bench_phone *phone,
                              const json_t *request,
                              const char *bin)
{
    struct part parts[PARTS_MAX];
    const size_t count = list_parts(&phone->app, parts);
    const size_t which =
        (size_t)json_integer_value(json_object_get(request, "part"));

    (void)bin;
    if (which >= count) {
        return json_pack("{s:b, s:i}", "ok", 1, "parts", (int)count);
    }
    /* Whether it may is the system's business; a crash would do the same. */
    (void)kill(parts[which].pid, SIGKILL);

    const bool is_open = !holds_secret(&parts[which]) &&
                         dg_app_reconnect(&phone->app, phone->dir);

    if (!is_open) {
        dg_app_kill(&phone->app);
        phone->is_off = true;
    }
    return json_pack("{s:b, s:i, s:s, s:b, s:b}",
                     "ok",
                     1,
                     "parts",
                     (int)count,
                     "ended",
                     parts[which].name,
                     "secret",
                     holds_secret(&parts[which]) ? 1 : 0,
                     "open",
                     is_open ? 1 : 0);
}

/* A changed program -------------------------------------------------------- */

static bool copy_file(const char *from, const char *to, bool is_changed)
{
    struct dg_problem problem;
    dg_span bytes = {NULL, 0U};

    if (dg_file_read(from, FILE_MAX, &bytes, &problem) != DG_OK) {
        return false;
    }

    bool is_done = dg_file_write(to, bytes, 0755, &problem) == DG_OK;

    dg_file_free(bytes);
    if (is_done && is_changed) {
        /* One byte behind its end: it would run as before. */
        const int fd = open(to, O_WRONLY | O_APPEND | O_CLOEXEC);

        is_done = (fd >= 0) && (write(fd, "x", 1U) == 1);
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    return is_done;
}

static bool copy_programs(const char *bin, const char *to, bool is_changed)
{
    static const char *const names[] = {"dosegate-domain",
                                        "dosegate-role-link",
                                        "dosegate-role-confirm",
                                        "dosegate-role-gateway",
                                        "dosegate-role-keys",
                                        "dosegate-role-therapy"};
    char source[1100];
    char target[1100];

    for (size_t i = 0U; i < sizeof names / sizeof names[0]; i++) {
        (void)snprintf(source, sizeof source, "%s/%s", bin, names[i]);
        (void)snprintf(target, sizeof target, "%s/%s", to, names[i]);
        if (!copy_file(source,
                       target,
                       is_changed && (strstr(names[i], "therapy") != NULL))) {
            return false;
        }
    }
    return true;
}

/* The medical part is installed anew, in another place, with or without a
 * change of one of its programs, and started on the same state. */
json_t *dg_neighbour_change(struct dg_bench_phone *phone,
                            const json_t *request,
                            const char *bin)
{
    const bool is_changed =
        json_is_true(json_object_get(request, "is_changed"));
    char folder[700];

    (void)snprintf(folder, sizeof folder, "%s-programs", phone->dir);
    (void)mkdir(folder, 0700);
    dg_app_stop(&phone->app);
    if (!copy_programs(bin, folder, is_changed)) {
        return dg_words_failure("the phone's programs could not be copied");
    }

    const char *problem = dg_app_start(&phone->app,
                                       folder,
                                       phone->dir,
                                       phone->via,
                                       phone->is_loop,
                                       phone->isf);

    if (problem != NULL) {
        phone->is_off = true;
    }
    return dg_words_result((problem == NULL) ? "started" : "refused");
}

/* What is left behind ------------------------------------------------------ */

static struct {
    uint8_t byte[NEEDLES_MAX][NEEDLE_MAX];
    size_t size[NEEDLES_MAX];
    size_t count;
    size_t files;
    json_t *found;
} looking;

static bool is_digit(uint8_t byte)
{
    return (byte >= (uint8_t)'0') && (byte <= (uint8_t)'9');
}

/* A short number in plain text stands within many others, times above all. */
static bool is_short_number(const uint8_t *at, size_t size)
{
    bool is_number = size <= SHORT_NUMBER;

    for (size_t i = 0U; i < size; i++) {
        is_number = is_number && (is_digit(at[i]) || (at[i] == (uint8_t)'.'));
    }
    return is_number;
}

static bool is_in(dg_span bytes, const uint8_t *needle, size_t size)
{
    const bool is_number = is_short_number(needle, size);

    for (size_t from = 0U; (from + size) <= bytes.size; from++) {
        const uint8_t *hit =
            memmem(&bytes.at[from], bytes.size - from, needle, size);

        if (hit == NULL) {
            return false;
        }
        from = (size_t)(hit - bytes.at);
        if (!is_number || (((from == 0U) || !is_digit(bytes.at[from - 1U])) &&
                           (((from + size) == bytes.size) ||
                            !is_digit(bytes.at[from + size])))) {
            return true;
        }
    }
    return false;
}

static int look_into(const char *path,
                     const struct stat *about,
                     int type,
                     struct FTW *where)
{
    struct dg_problem problem;
    dg_span bytes = {NULL, 0U};

    (void)where;
    if ((type != FTW_F) || !S_ISREG(about->st_mode) ||
        (dg_file_read(path, FILE_MAX, &bytes, &problem) != DG_OK)) {
        return 0;
    }
    looking.files++;
    for (size_t i = 0U; i < looking.count; i++) {
        if (is_in(bytes, looking.byte[i], looking.size[i])) {
            const char *name = strrchr(path, '/');

            json_array_append_new(looking.found,
                                  json_pack("{s:i, s:s}",
                                            "needle",
                                            (int)i,
                                            "where",
                                            (name == NULL) ? path : name + 1));
        }
    }
    dg_file_free(bytes);
    return 0;
}

/* In everything that the medical part keeps: state, logs, images of crashes. */
json_t *dg_neighbour_search(struct dg_bench_phone *phone,
                            const json_t *request,
                            const char *bin)
{
    const json_t *list = json_object_get(request, "hex");
    size_t index = 0U;
    json_t *item = NULL;
    char log[700];
    struct stat about;

    (void)bin;
    looking.count = 0U;
    looking.files = 0U;
    looking.found = json_array();
    json_array_foreach(list, index, item)
    {
        const char *hex = json_string_value(item);
        const size_t size = (hex == NULL) ? 0U : strlen(hex) / 2U;

        if ((looking.count == NEEDLES_MAX) || (size == 0U) ||
            (size > NEEDLE_MAX) ||
            !dg_hex_get(hex, (dg_buf){looking.byte[looking.count], size})) {
            json_decref(looking.found);
            return dg_words_failure("\"hex\" is up to 32 texts of 1 to 128 "
                                    "bytes");
        }
        looking.size[looking.count++] = size;
    }
    (void)nftw(phone->dir, look_into, TREE_FDS, FTW_PHYS);
    (void)snprintf(log, sizeof log, "%s.log", phone->dir);
    if (stat(log, &about) == 0) {
        (void)look_into(log, &about, FTW_F, NULL);
    }
    return json_pack("{s:b, s:i, s:o}",
                     "ok",
                     1,
                     "files",
                     (int)looking.files,
                     "found",
                     looking.found);
}
