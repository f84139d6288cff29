/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/scratch.h"

#include <ftw.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TRIES     20U
#define PLACE_MAX 40U /* a socket's path has 107 bytes in all */

bool dg_scratch_make(char path[64])
{
    const char *place = getenv("TMPDIR");

    if ((place == NULL) || (place[0] != '/') || (strlen(place) > PLACE_MAX)) {
        place = "/tmp";
    }
    (void)snprintf(path, 64U, "%s/dosegate-XXXXXX", place);
    return mkdtemp(path) != NULL;
}

static int remove_one(const char *path,
                      const struct stat *stat,
                      int type,
                      struct FTW *walk)
{
    (void)stat;
    (void)type;
    (void)walk;
    return remove(path);
}

void dg_scratch_remove(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static sigset_t ends;

static void *wait_for_end(void *path)
{
    const struct timespec pause = {.tv_nsec = 20000000L};
    int number = 0;

    if (sigwait(&ends, &number) == 0) {
        (void)fputs("dosegate: it was asked to end\n", stderr);
        /* Whatever runs in there may write once more while it is removed. */
        for (unsigned i = 0U; (i < TRIES) && (access(path, F_OK) == 0); i++) {
            dg_scratch_remove(path);
            (void)nanosleep(&pause, NULL);
        }
        _exit(1);
    }
    return NULL;
}

void dg_scratch_guard(char *path)
{
    pthread_t thread;

    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGINT);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL);
    if (pthread_create(&thread, NULL, wait_for_end, path) != 0) {
        (void)pthread_sigmask(SIG_UNBLOCK, &ends, NULL);
    }
}
