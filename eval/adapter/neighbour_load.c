/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/neighbour.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "eval/adapter/words.h"

/* A program that takes what the medical part needs: processor time, memory,
 * and turns.  How many processors there are differs from bench to bench; so the
 * part is also stopped and let run in turns, as by a system that has no time
 * for it. */
#define HOGS_MAX    66
#define BUSY_MAX    64
#define MEGABYTE    (1024U * 1024U)
#define PAGE        4096U
#define MEMORY_MAX  1024
#define TURN_MS_MAX 60000

static pid_t hogs[HOGS_MAX];
static size_t hog_count;
static pid_t slowed; /* whose parts are stopped in turns; or 0 */

static void sleep_ms(json_int_t ms)
{
    const struct timespec span = {(time_t)(ms / 1000),
                                  (long)(ms % 1000) * 1000000L};

    (void)nanosleep(&span, NULL);
}

/* A child that ends with this program; 0 in the child, -1: there is none. */
static pid_t begin_hog(void)
{
    const pid_t parent = getpid();
    const pid_t pid = (hog_count < HOGS_MAX) ? fork() : -1;

    if (pid == 0) {
        (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(0);
        }
    } else if (pid > 0) {
        hogs[hog_count++] = pid;
    }
    return pid;
}

static void be_busy(void)
{
    for (volatile unsigned turn = 0U;; turn++) {
    }
}

static void hold_memory(size_t size)
{
    volatile uint8_t *bytes = malloc(size);

    if (bytes == NULL) {
        _exit(1);
    }
    for (;;) {
        for (size_t at = 0U; at < size; at += PAGE) {
            bytes[at]++;
        }
    }
}

static void slow_down(pid_t part, json_int_t stop_ms, json_int_t run_ms)
{
    for (;;) {
        dg_phone_signal(part, SIGSTOP);
        sleep_ms(stop_ms);
        dg_phone_signal(part, SIGCONT);
        sleep_ms(run_ms);
    }
}

void dg_neighbour_let_go(void)
{
    while (hog_count > 0U) {
        const pid_t pid = hogs[--hog_count];

        (void)kill(pid, SIGKILL);
        (void)waitpid(pid, NULL, 0);
    }
    if (slowed > 0) {
        dg_phone_signal(slowed, SIGCONT);
        slowed = 0;
    }
}

static bool read_number(const json_t *request,
                        const char *key,
                        json_int_t most,
                        json_int_t *value)
{
    *value = json_integer_value(json_object_get(request, key));
    return (*value >= 0) && (*value <= most);
}

json_t *dg_neighbour_load(struct dg_bench_phone *phone,
                          const json_t *request,
                          const char *bin)
{
    json_int_t busy = 0;
    json_int_t megabytes = 0;
    json_int_t stop_ms = 0;
    json_int_t run_ms = 0;

    (void)bin;
    if (!read_number(request, "cpu", BUSY_MAX, &busy) ||
        !read_number(request, "memory_MB", MEMORY_MAX, &megabytes) ||
        !read_number(request, "stop_ms", TURN_MS_MAX, &stop_ms) ||
        !read_number(request, "run_ms", TURN_MS_MAX, &run_ms)) {
        return dg_words_failure("\"cpu\" is 0 to 64, \"memory_MB\" 0 to "
                                "1024, \"stop_ms\" and \"run_ms\" 0 to "
                                "60000");
    }
    dg_neighbour_let_go();
    for (json_int_t i = 0; i < busy; i++) {
        if (begin_hog() == 0) {
            be_busy();
        }
    }
    if ((megabytes > 0) && (begin_hog() == 0)) {
        hold_memory((size_t)megabytes * MEGABYTE);
    }
    if ((stop_ms > 0) && (run_ms > 0)) {
        slowed = phone->app.child.pid;
        if (begin_hog() == 0) {
            slow_down(slowed, stop_ms, run_ms);
        }
    }
    return json_pack("{s:b, s:i}", "ok", 1, "programs", (int)hog_count);
}
