/* SPDX-License-Identifier: Apache-2.0 */
#include "hardware.h"

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIBRARY "/usr/lib/softhsm/libsofthsm2.so"

static pid_t tpm;

static pid_t start(const char *const *argv)
{
    const pid_t pid = fork();

    if (pid == 0) {
        const int nothing = open("/dev/null", O_RDWR);

        (void)dup2(nothing, 0);
        (void)dup2(nothing, 1);
        (void)dup2(nothing, 2);
        (void)execvp(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    return pid;
}

bool hardware_tpm_start(const char *dir, char where[HARDWARE_WHERE_MAX])
{
    const struct timespec pause = {.tv_nsec = 10000000L};
    char state[300];
    char server[300];
    char path[300];
    char control[300];
    const char *const argv[] = {"swtpm",
                                "socket",
                                "--tpm2",
                                "--tpmstate",
                                state,
                                "--server",
                                server,
                                "--ctrl",
                                control,
                                "--flags",
                                "not-need-init,startup-clear",
                                NULL};
    struct stat about;

    (void)snprintf(state, sizeof(state), "dir=%.200s", dir);
    (void)snprintf(path, sizeof(path), "%.200s/tpm.sock", dir);
    (void)snprintf(server, sizeof(server), "type=unixio,path=%.200s", path);
    (void)snprintf(
        control, sizeof(control), "type=unixio,path=%.200s.ctrl", path);
    (void)snprintf(where, HARDWARE_WHERE_MAX, "tpm:swtpm:path=%.200s", path);
    (void)unlink(path);
    tpm = start(argv);
    for (unsigned i = 0; i < 300U; i++) {
        if (stat(path, &about) == 0) {
            return true;
        }
        if (waitpid(tpm, NULL, WNOHANG) == tpm) {
            break;
        }
        (void)nanosleep(&pause, NULL);
    }
    (void)printf("skipped: there is no swtpm here\n");
    tpm = 0;
    return false;
}

void hardware_tpm_end(void)
{
    if (tpm > 0) {
        (void)kill(tpm, SIGTERM);
        (void)waitpid(tpm, NULL, 0);
        tpm = 0;
    }
}

static void write_file(const char *path, const char *text)
{
    const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    if (file >= 0) {
        (void)write(file, text, strlen(text));
        (void)close(file);
    }
}

bool hardware_token_make(const char *dir, char where[HARDWARE_WHERE_MAX])
{
    char path[300];
    char text[400];
    const char *const argv[] = {"softhsm2-util",
                                "--init-token",
                                "--free",
                                "--label",
                                "dosegate",
                                "--pin",
                                "2580",
                                "--so-pin",
                                "13579",
                                NULL};
    int status = -1;

    (void)snprintf(path, sizeof(path), "%.200s/tokens", dir);
    (void)mkdir(path, 0700);
    (void)snprintf(text, sizeof(text), "directories.tokendir = %.250s\n", path);
    (void)snprintf(path, sizeof(path), "%.200s/softhsm2.conf", dir);
    write_file(path, text);
    (void)setenv("SOFTHSM2_CONF", path, 1);
    (void)snprintf(path, sizeof(path), "%.200s/pin", dir);
    write_file(path, "2580\n");
    (void)snprintf(where,
                   HARDWARE_WHERE_MAX,
                   "pkcs11:token=dosegate?module-path=" LIBRARY
                   "&pin-source=file:%.120s",
                   path);

    const pid_t pid = start(argv);

    if ((access(LIBRARY, R_OK) == 0) && (waitpid(pid, &status, 0) == pid) &&
        (status == 0)) {
        return true;
    }
    (void)printf("skipped: there is no SoftHSM here\n");
    return false;
}
