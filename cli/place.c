/* SPDX-License-Identifier: Apache-2.0 */
#include "place.h"
#include <errno.h>
#include <sys/stat.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

/* The longest socket name below the directory. */
#define LONGEST_SOCKET "/device/bench.sock"

static const struct dg_cli_option *option_named(
    const struct dg_cli_option *options, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(options[i].name, name) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static int complain(const char *verb, const char *what, const char *why)
{
    (void)fprintf(stderr,
                  "dosegate %s: '%.64s': %s: see dosegate %s --help\n",
                  verb,
                  what,
                  why,
                  verb);
    return 1;
}

int dg_cli_options(int argc,
                   char **argv,
                   const char *help,
                   const struct dg_cli_option *options,
                   size_t count,
                   const char **positional)
{
    for (int i = 1; i < argc; i++) {
        const struct dg_cli_option *option =
            option_named(options, count, argv[i]);

        if (strcmp(argv[i], "--help") == 0) {
            (void)fputs(help, stdout);
            return 2;
        }
        if ((option == NULL) && (strncmp(argv[i], "--", 2) != 0) &&
            (positional != NULL) && (*positional == NULL)) {
            *positional = argv[i];
        } else if (option == NULL) {
            return complain(argv[0], argv[i], "not an argument of this verb");
        } else if (option->flag != NULL) {
            *option->flag = true;
        } else if (i + 1 < argc) {
            i++;
            *option->value = argv[i];
        } else {
            return complain(argv[0], argv[i], "its value is missing");
        }
    }
    return 0;
}

bool dg_cli_number(const char *verb,
                   const char *option,
                   const char *text,
                   unsigned long long min,
                   unsigned long long max,
                   unsigned long long *value)
{
    char *rest = NULL;

    if (text == NULL) {
        return true;
    }
    errno = 0;
    *value = strtoull(text, &rest, 10);
    if ((text[0] < '0') || (text[0] > '9') || (*rest != '\0') || (errno != 0) ||
        (*value < min) || (*value > max)) {
        (void)fprintf(stderr,
                      "dosegate %s: %s %.32s: write a whole number from %llu "
                      "to %llu\n",
                      verb,
                      option,
                      text,
                      min,
                      max);
        return false;
    }
    return true;
}

bool dg_cli_join(const char *dir, const char *name, char path[DG_CLI_PATH_MAX])
{
    const int size = snprintf(path, DG_CLI_PATH_MAX, "%s/%s", dir, name);

    return (size > 0) && ((size_t)size < DG_CLI_PATH_MAX);
}

static bool default_place(char dir[DG_CLI_PATH_MAX])
{
    const char *own = getenv("DOSEGATE_DIR");
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");

    if ((own != NULL) && (*own != '\0')) {
        return snprintf(dir, DG_CLI_PATH_MAX, "%s", own) < (int)DG_CLI_PATH_MAX;
    }
    if ((state != NULL) && (*state == '/')) {
        return dg_cli_join(state, "dosegate", dir);
    }
    return (home != NULL) && (*home == '/') &&
           dg_cli_join(home, ".local/state/dosegate", dir);
}

bool dg_cli_place(const char *asked, char dir[DG_CLI_PATH_MAX])
{
    const size_t room =
        sizeof(((struct sockaddr_un *)NULL)->sun_path) - sizeof(LONGEST_SOCKET);
    const bool found =
        (asked != NULL)
            ? snprintf(dir, DG_CLI_PATH_MAX, "%s", asked) < (int)DG_CLI_PATH_MAX
            : default_place(dir);

    if (!found || (*dir == '\0')) {
        (void)fprintf(stderr,
                      "dosegate: no state directory: set DOSEGATE_DIR or write "
                      "--dir DIR\n");
        return false;
    }
    if (strlen(dir) > room) {
        (void)fprintf(stderr,
                      "dosegate: the state directory's name is too long for "
                      "sockets in it (%zu characters, at most %zu): choose a "
                      "shorter one with --dir\n",
                      strlen(dir),
                      room);
        return false;
    }
    return true;
}

bool dg_cli_make_place(const char *dir)
{
    char path[DG_CLI_PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s", dir);
    for (char *at = path + 1; *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            (void)mkdir(path, 0700); /* the last one tells */
            *at = '/';
        }
    }
    if ((mkdir(path, 0700) != 0) && (errno != EEXIST)) {
        (void)fprintf(
            stderr, "dosegate: cannot make %s: %s\n", dir, strerror(errno));
        return false;
    }
    return true;
}

bool dg_cli_program(const char *name, char path[DG_CLI_PATH_MAX])
{
    char self[DG_CLI_PATH_MAX];
    const ssize_t size = readlink("/proc/self/exe", self, sizeof(self) - 1U);
    char *slash = NULL;

    if (size > 0) {
        self[size] = '\0';
        slash = strrchr(self, '/');
    }
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    return dg_cli_join(self, name, path) && (access(path, X_OK) == 0);
}
