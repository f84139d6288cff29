/* SPDX-License-Identifier: Apache-2.0 */
#include "emulator.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define ARGUMENTS 40U
#define TEXT      640U

/* Inherited; all else of ours closes on exec. */
static void keep(int fd)
{
    (void)fcntl(fd, F_SETFD, 0);
}

static void become(
    const char *image, const char *ram, int link, int bench, int lock)
{
    char link_text[64];
    char bench_text[64];
    char ram_text[TEXT];
    char qmp_text[TEXT];
    char image_text[TEXT];
    const char *qmp = getenv("DG_FIRMWARE_QMP");
    const char *arguments[ARGUMENTS] = {
        "qemu-system-arm",
        "-machine",
        "mps2-an386,memory-backend=psram",
        "-object",
        ram_text,
        "-nodefaults",
        "-display",
        "none",
        "-monitor",
        "none",
        "-chardev",
        link_text,
        "-serial",
        "chardev:link",
        "-chardev",
        bench_text,
        "-serial",
        "chardev:bench",
        "-kernel",
        image_text,
    };
    size_t count = 20U;

    (void)snprintf(link_text, sizeof link_text, "socket,id=link,fd=%d", link);
    (void)snprintf(
        bench_text, sizeof bench_text, "socket,id=bench,fd=%d", bench);
    (void)snprintf(image_text, sizeof image_text, "%s", image);
    (void)snprintf(ram_text,
                   sizeof ram_text,
                   "memory-backend-file,id=psram,size=16M,share=on,mem-path=%s",
                   ram);
    if (qmp != NULL) {
        (void)snprintf(
            qmp_text, sizeof qmp_text, "unix:%s,server=on,wait=off", qmp);
        arguments[count++] = "-qmp";
        arguments[count++] = qmp_text;
    }
    if (getenv("DG_FIRMWARE_ICOUNT") != NULL) {
        arguments[count++] = "-icount";
        arguments[count++] = "shift=0,sleep=off";
    }
    arguments[count] = NULL;
    keep(link);
    keep(bench);
    keep(lock);

    /* execvp() changes none of them. */
    char *changeable[ARGUMENTS];

    for (size_t i = 0U; i <= count; i++) {
        union {
            const char *is_constant;
            char *is_not;
        } argument = {arguments[i]};

        changeable[i] = argument.is_not;
    }
    (void)execvp("qemu-system-arm", changeable);
    _exit(127);
}

int dg_emulator_start(struct dg_emulator *emulator,
                      const char *image,
                      const char *ram,
                      int lock)
{
    int link[2];
    int bench[2];
    const pid_t parent = getpid();

    if ((socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, link) != 0) ||
        (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bench) != 0)) {
        return -1;
    }
    emulator->pid = fork();
    if (emulator->pid < 0) {
        return -1;
    }
    if (emulator->pid == 0) {
        /* Whatever ends the bridge ends the power. */
        if ((prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) || (getppid() != parent)) {
            _exit(127);
        }
        /* A signal to the bridge's terminal is the bridge's to handle. */
        (void)setpgid(0, 0);
        become(image, ram, link[1], bench[1], lock);
    }
    (void)close(link[1]);
    (void)close(bench[1]);
    emulator->link = link[0];
    emulator->bench = bench[0];
    return 0;
}

void dg_emulator_kill(struct dg_emulator *emulator)
{
    if (emulator->pid > 0) {
        (void)kill(emulator->pid, SIGKILL);
        (void)waitpid(emulator->pid, NULL, 0);
        emulator->pid = 0;
    }
}
