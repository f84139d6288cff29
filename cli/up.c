/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "place.h"
#include "talk.h"
#include "verbs.h"

#define READY_MS  15000
#define END_MS    5000
#define ARGS_MAX  24
#define LINE_SIZE 1024U

static const char up_help[] =
    "usage: dosegate up [--dir DIR] [OPTIONS]\n"
    "\n"
    "Start a virtual pump and the phone's medical domain in the background.\n"
    "\n"
    "  --link ADDR           use this pump instead of starting one\n"
    "  --sensor ADDR         where sensor frames arrive, default "
    "udp:127.0.0.1:0\n"
    "  --closed-loop on|off  automatic doses, default off\n"
    "  --target MG_DL        for the loop, 80 .. 250, default 110\n"
    "  --isf MG_DL           insulin sensitivity, default 50\n"
    "  --keys PLACE          where the phone keeps its keys: file (weak, the\n"
    "                        default), tpm:TCTI or pkcs11:URI\n"
    "  --presence-keys PLACE the same for the presence key, default as --keys\n"
    "  --glucagon KIND       a new pump's chamber: none (default), asked\n"
    "                        (small doses) or rescue\n"
    "  --page on|off         the trusted display also in a browser, default "
    "off\n"
    "\n"
    "Logs and process numbers are in DIR.\n";

static const char down_help[] = "usage: dosegate down [--dir DIR]\n"
                                "\n"
                                "End what dosegate up started.\n";

struct arguments {
    const char *item[ARGS_MAX + 1];
    size_t count;
};

static void add(struct arguments *arguments,
                const char *name,
                const char *value)
{
    if ((value != NULL) && (arguments->count + 2U <= ARGS_MAX)) {
        arguments->item[arguments->count++] = name;
        arguments->item[arguments->count++] = value;
    }
}

/* A number in a file, and still that program? */
static pid_t running(const char *dir, const char *name)
{
    char path[DG_CLI_PATH_MAX];
    char proc[64];
    char file[64];
    char program[DG_CLI_PATH_MAX];
    long pid = 0;

    (void)snprintf(file, sizeof(file), "%s.pid", name);
    if (!dg_cli_join(dir, file, path)) {
        return 0;
    }

    FILE *from = fopen(path, "re");

    if (from == NULL) {
        return 0;
    }
    if ((fscanf(from, "%20ld", &pid) != 1) || (pid <= 1)) {
        pid = 0;
    }
    (void)fclose(from);
    (void)snprintf(proc, sizeof(proc), "/proc/%ld/exe", pid);

    const ssize_t size = readlink(proc, program, sizeof(program) - 1U);

    if ((pid == 0) || (size <= 0)) {
        return 0;
    }
    program[size] = '\0';

    const char *slash = strrchr(program, '/');

    return ((slash != NULL) && (strcmp(slash + 1, name) == 0)) ? (pid_t)pid : 0;
}

static void remember(const char *dir, const char *name, pid_t pid)
{
    char path[DG_CLI_PATH_MAX];
    char file[64];

    (void)snprintf(file, sizeof(file), "%s.pid", name);
    if (dg_cli_join(dir, file, path)) {
        FILE *to = fopen(path, "we");

        if (to != NULL) {
            (void)fprintf(to, "%ld\n", (long)pid);
            (void)fclose(to);
        }
    }
}

static void forget(const char *dir, const char *name)
{
    char path[DG_CLI_PATH_MAX];
    char file[64];

    (void)snprintf(file, sizeof(file), "%s.pid", name);
    if (dg_cli_join(dir, file, path)) {
        (void)unlink(path);
    }
}

static _Noreturn void become(const char *program,
                             const struct arguments *arguments,
                             int log)
{
    char *argv[ARGS_MAX + 1];
    const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);

    for (size_t i = 0; i < arguments->count; i++) {
        argv[i] = strdup(arguments->item[i]); /* execv() wants them writable */
    }
    argv[arguments->count] = NULL;
    (void)setsid();
    (void)dup2(nothing, STDIN_FILENO);
    (void)dup2(log, STDOUT_FILENO);
    (void)dup2(log, STDERR_FILENO);
    (void)execv(program, argv);
    _exit(DG_CLI_FAILED);
}

/* The one line that a program writes when it is up; NULL when it did not. */
static json_t *hear_ready(int fd)
{
    char line[LINE_SIZE];
    size_t have = 0;
    struct pollfd entry = {.fd = fd, .events = POLLIN};
    json_error_t error;

    while ((have < sizeof(line)) && (memchr(line, '\n', have) == NULL)) {
        if (poll(&entry, 1, READY_MS) != 1) {
            return NULL;
        }

        const ssize_t got = read(fd, &line[have], sizeof(line) - have);

        if (got <= 0) {
            return NULL;
        }
        have += (size_t)got;
    }
    return json_loadb(line, have, 0, &error);
}

static json_t *start(const char *dir,
                     const char *name,
                     struct arguments *arguments)
{
    char program[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    char number[16];
    char file[64];
    int ready[2];

    (void)snprintf(file, sizeof(file), "%s.log", name);
    if (!dg_cli_program(name, program) || !dg_cli_join(dir, file, path)) {
        (void)fprintf(
            stderr,
            "dosegate up: %s is missing: it belongs beside dosegate\n",
            name);
        return NULL;
    }

    const int log = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    if ((log < 0) || (pipe(ready) != 0)) {
        (void)fprintf(stderr, "dosegate up: %s: %s\n", path, strerror(errno));
        return NULL;
    }
    (void)fcntl(ready[0], F_SETFD, FD_CLOEXEC);
    (void)snprintf(number, sizeof(number), "%d", ready[1]);
    arguments->item[0] = program;
    add(arguments, "--ready-fd", number);

    const pid_t pid = fork();

    if (pid == 0) {
        become(program, arguments, log);
    }
    (void)close(log);
    (void)close(ready[1]);

    json_t *line = (pid > 0) ? hear_ready(ready[0]) : NULL;

    (void)close(ready[0]);
    if (line == NULL) {
        (void)fprintf(
            stderr, "dosegate up: %s did not come up: see %s\n", name, path);
        if (pid > 0) {
            (void)kill(pid, SIGTERM);
        }
        return NULL;
    }
    remember(dir, name, pid);
    return line;
}

static json_t *start_device(const char *dir, const char *glucagon)
{
    struct arguments arguments = {.count = 1};
    char device[DG_CLI_PATH_MAX];
    char bench[DG_CLI_PATH_MAX];

    if (!dg_cli_join(dir, "device", device) ||
        !dg_cli_join(dir, "device/bench.sock", bench)) {
        return NULL;
    }
    add(&arguments, "--dir", device);
    add(&arguments, "--link", "udp:127.0.0.1:0");
    add(&arguments, "--bench", bench);
    add(&arguments, "--provision", "adult");
    add(&arguments, "--glucagon", glucagon);
    add(&arguments, "--clock", "real");
    return start(dir, "dosegate-device", &arguments);
}

static bool end_one(const char *dir, const char *name)
{
    const struct timespec pause = {.tv_nsec = 20000000L};
    const pid_t pid = running(dir, name);

    if (pid == 0) {
        forget(dir, name);
        return false;
    }
    (void)kill(pid, SIGTERM);
    for (int waited = 0; waited < END_MS; waited += 20) {
        if (running(dir, name) == 0) {
            break;
        }
        (void)nanosleep(&pause, NULL);
    }
    if (running(dir, name) != 0) {
        (void)fprintf(stderr,
                      "dosegate down: %s (process %ld) does not end\n",
                      name,
                      (long)pid);
        return true;
    }
    forget(dir, name);
    return true;
}

/* The options that only pass through, to the domain or the pump. */
struct pass {
    const char *link;
    const char *sensor;
    const char *closed_loop;
    const char *target;
    const char *isf;
    const char *keys;
    const char *presence_keys;
    const char *page;
    const char *glucagon;
};

static int bring_up(const char *dir, const struct pass *pass)
{
    struct arguments arguments = {.count = 1};
    json_t *device =
        (pass->link == NULL) ? start_device(dir, pass->glucagon) : NULL;
    const char *link =
        (pass->link == NULL) ? dg_cli_text(device, "link") : pass->link;

    if ((pass->link == NULL) && (device == NULL)) {
        return DG_CLI_FAILED;
    }
    add(&arguments, "--dir", dir);
    add(&arguments, "--link", link);
    add(&arguments, "--sensor", pass->sensor);
    add(&arguments, "--closed-loop", pass->closed_loop);
    add(&arguments, "--target", pass->target);
    add(&arguments, "--isf", pass->isf);
    add(&arguments, "--keys", pass->keys);
    add(&arguments, "--presence-keys", pass->presence_keys);
    add(&arguments, "--page", pass->page);

    json_t *domain = start(dir, "dosegate-domain", &arguments);

    if (domain != NULL) {
        (void)printf("The pump is at %s.\n"
                     "The medical domain runs; sensor frames go to %s.\n"
                     "Next: dosegate pair\n",
                     link,
                     dg_cli_text(domain, "sensor"));
        if ((strcmp(dg_cli_text(domain, "keys"), "hardware") != 0) ||
            (strcmp(dg_cli_text(domain, "presence_keys"), "hardware") != 0)) {
            (void)printf(
                "Weak: keys lie in files; --keys tpm:... or pkcs11:... "
                "keeps them in hardware.\n");
        }
        if (dg_cli_int(domain, "landlock") == 0) {
            (void)printf("Warning: this kernel has no Landlock; only the "
                         "system call filter confines the roles.\n");
        }
    } else if (device != NULL) {
        (void)end_one(dir, "dosegate-device");
    }
    json_decref(device);
    json_decref(domain);
    return (domain != NULL) ? DG_CLI_OK : DG_CLI_FAILED;
}

int dg_cli_up(int argc, char **argv)
{
    const char *asked = NULL;
    struct pass pass = {0};
    const struct dg_cli_option options[] = {
        {"--dir", &asked, NULL},
        {"--link", &pass.link, NULL},
        {"--sensor", &pass.sensor, NULL},
        {"--closed-loop", &pass.closed_loop, NULL},
        {"--target", &pass.target, NULL},
        {"--isf", &pass.isf, NULL},
        {"--keys", &pass.keys, NULL},
        {"--presence-keys", &pass.presence_keys, NULL},
        {"--page", &pass.page, NULL},
        {"--glucagon", &pass.glucagon, NULL}};
    char dir[DG_CLI_PATH_MAX];
    const int read = dg_cli_options(argc, argv, up_help, options, 10, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir) || !dg_cli_make_place(dir)) {
        return DG_CLI_FAILED;
    }
    if ((running(dir, "dosegate-device") != 0) ||
        (running(dir, "dosegate-domain") != 0)) {
        (void)fprintf(stderr,
                      "dosegate up: it runs already in %s: dosegate down "
                      "first\n",
                      dir);
        return DG_CLI_FAILED;
    }
    return bring_up(dir, &pass);
}

int dg_cli_down(int argc, char **argv)
{
    const char *asked = NULL;
    const struct dg_cli_option options[] = {{"--dir", &asked, NULL}};
    char dir[DG_CLI_PATH_MAX];
    const int read = dg_cli_options(argc, argv, down_help, options, 1, NULL);

    if (read != 0) {
        return (read == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (!dg_cli_place(asked, dir)) {
        return DG_CLI_FAILED;
    }

    const bool domain = end_one(dir, "dosegate-domain");
    const bool device = end_one(dir, "dosegate-device");

    (void)printf("%s\n",
                 (domain || device) ? "Ended." : "Nothing was running.");
    return ((running(dir, "dosegate-domain") == 0) &&
            (running(dir, "dosegate-device") == 0))
               ? DG_CLI_OK
               : DG_CLI_FAILED;
}
