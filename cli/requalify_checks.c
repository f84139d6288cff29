/* SPDX-License-Identifier: Apache-2.0 */
#include "requalify_checks.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "place.h"

#define ANSWER_MS 20000
#define ASK_MS    60000 /* a ticket's life */

#define STORAGE_BYTES  65536U
#define STORAGE_MS_MAX 5000
#define CLOCK_MS       4000 /* between the two looks at the pump's clock */
#define CLOCK_OFF_S    2    /* both clocks show whole seconds */
#define JUMP_MS_MAX    500
#define TICK_MS        100
#define TICKS          35U
#define LATE_MS_MAX \
    1000 /* the pump waits 400 ms for an answer, and asks again */
#define LOOKS       5U
#define LOOK_MS_MAX 2000
#define FRESH_S_MAX 5

static int64_t ms_of(clockid_t which)
{
    struct timespec now = {0};

    (void)clock_gettime(which, &now);
    return ((int64_t)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

static void sleep_ms(int ms)
{
    const struct timespec pause = {.tv_sec = ms / 1000,
                                   .tv_nsec = (ms % 1000) * 1000000L};

    (void)nanosleep(&pause, NULL);
}

/* Writes down how a check ended. */
static void end(struct dg_cli_checks *checks,
                enum dg_check check,
                int64_t began_ms,
                const char *why)
{
    const int64_t took = ms_of(CLOCK_MONOTONIC) - began_ms;

    checks->run->result[check] =
        (why == NULL) ? DG_CHECK_PASSED : DG_CHECK_FAILED;
    checks->run->took_ms[check] =
        (took < 0) ? 0U : (uint32_t)((took > UINT32_MAX) ? UINT32_MAX : took);
    checks->why[check] = why;
}

/* storage ------------------------------------------------------------------ */

static void fill(uint8_t *bytes)
{
    for (size_t i = 0; i < STORAGE_BYTES; i++) {
        bytes[i] = (uint8_t)((i * 31U) + (i >> 8));
    }
}

static bool put(const char *path, const uint8_t *bytes)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool is_put =
        (fd >= 0) &&
        (write(fd, bytes, STORAGE_BYTES) == (ssize_t)STORAGE_BYTES) &&
        (fsync(fd) == 0);

    if (fd >= 0) {
        /* So that it is read from the disk, as far as that can be asked. */
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        (void)close(fd);
    }
    return is_put;
}

static bool get(const char *path, uint8_t *bytes)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    const bool is_got =
        (fd >= 0) && (read(fd, bytes, STORAGE_BYTES) == (ssize_t)STORAGE_BYTES);

    if (fd >= 0) {
        (void)close(fd);
    }
    return is_got;
}

static const char *try_storage(const char *dir)
{
    uint8_t *want = malloc(2U * STORAGE_BYTES);
    char first[DG_CLI_PATH_MAX];
    char second[DG_CLI_PATH_MAX];
    const char *why = NULL;

    if ((want == NULL) || !dg_cli_join(dir, "requalify.1", first) ||
        !dg_cli_join(dir, "requalify.2", second)) {
        free(want);
        return "no memory or room for names";
    }
    fill(want);
    if (!put(first, want)) {
        why = "a file could not be written and synced";
    } else if (rename(first, second) != 0) {
        why = "a file could not be renamed";
    } else if (!get(second, &want[STORAGE_BYTES]) ||
               (memcmp(want, &want[STORAGE_BYTES], STORAGE_BYTES) != 0)) {
        why = "what was written did not come back";
    }
    (void)unlink(first);
    (void)unlink(second);
    free(want);
    return why;
}

static void check_storage(struct dg_cli_checks *checks)
{
    const int64_t began = ms_of(CLOCK_MONOTONIC);
    const char *why = try_storage(checks->dir);

    if ((why == NULL) && (ms_of(CLOCK_MONOTONIC) - began > STORAGE_MS_MAX)) {
        why = "64 KB took more than 5 s";
    }
    end(checks, DG_CHECK_STORAGE, began, why);
}

/* link, clock, timing ------------------------------------------------------ */

/* The pump's clock, freshly; -1 when it does not answer. */
static long long look(struct dg_cli_checks *checks)
{
    json_t *reply =
        dg_cli_talk_ask(checks->gateway, "{\"op\":\"status\"}", ANSWER_MS);
    const json_t *status = json_object_get(reply, "status");
    long long seconds = -1;

    if (json_is_true(json_object_get(reply, "ok")) &&
        json_is_integer(json_object_get(status, "device_time_s")) &&
        (dg_cli_int(status, "age_s") <= FRESH_S_MAX)) {
        seconds = dg_cli_int(status, "device_time_s");
    }
    json_decref(reply);
    return seconds;
}

static void check_link_and_timing(struct dg_cli_checks *checks)
{
    const int64_t began = ms_of(CLOCK_MONOTONIC);
    const char *no_link = NULL;
    const char *too_slow = NULL;

    for (unsigned i = 0; i < LOOKS; i++) {
        const int64_t asked = ms_of(CLOCK_MONOTONIC);

        if (look(checks) < 0) {
            no_link = "the pump did not answer each of five questions";
        }
        if (ms_of(CLOCK_MONOTONIC) - asked > LOOK_MS_MAX) {
            too_slow = "a round trip to the pump took more than 2 s";
        }
    }
    end(checks, DG_CHECK_LINK, began, no_link);
    end(checks, DG_CHECK_TIMING, began, (no_link != NULL) ? no_link : too_slow);
}

static void check_clock(struct dg_cli_checks *checks)
{
    const int64_t began = ms_of(CLOCK_MONOTONIC);
    const int64_t real = ms_of(CLOCK_REALTIME);
    const long long before = look(checks);

    sleep_ms(CLOCK_MS);

    const long long after = look(checks);
    const int64_t passed = ms_of(CLOCK_MONOTONIC) - began;
    const int64_t jumped = ms_of(CLOCK_REALTIME) - real - passed;
    const long long off = after - before - (passed / 1000);
    const char *why = NULL;

    if ((before < 0) || (after < 0)) {
        why = "the pump's clock could not be read";
    } else if ((off > CLOCK_OFF_S) || (off < -CLOCK_OFF_S)) {
        why = "this phone's clock runs otherwise than the pump's";
    } else if ((jumped > JUMP_MS_MAX) || (jumped < -JUMP_MS_MAX)) {
        why = "this phone's time of day jumped";
    }
    end(checks, DG_CHECK_CLOCK, began, why);
}

/* background --------------------------------------------------------------- */

/* Wakes up again and again, and exits with 0 if it was never late. */
static _Noreturn void tick(void)
{
    int64_t due = ms_of(CLOCK_MONOTONIC);
    int is_late = 0;

    (void)setsid();
    for (unsigned i = 0; i < TICKS; i++) {
        due += TICK_MS;
        sleep_ms((int)((due > ms_of(CLOCK_MONOTONIC))
                           ? due - ms_of(CLOCK_MONOTONIC)
                           : 0));
        if (ms_of(CLOCK_MONOTONIC) - due > LATE_MS_MAX) {
            is_late = 1;
        }
    }
    _exit(is_late);
}

/* The clock is looked at while the other process ticks. */
static void check_background(struct dg_cli_checks *checks)
{
    const int64_t began = ms_of(CLOCK_MONOTONIC);
    const pid_t pid = fork();
    int how = 0;
    const char *why = NULL;

    if (pid == 0) {
        tick();
    }
    check_clock(checks);
    if ((pid < 0) || (waitpid(pid, &how, 0) != pid) || !WIFEXITED(how) ||
        (WEXITSTATUS(how) > 1)) {
        why = "a process in the background could not run";
    } else if (WEXITSTATUS(how) == 1) {
        why = "a process in the background woke up more than 1 s late";
    }
    end(checks, DG_CHECK_BACKGROUND, began, why);
}

/* notification, confirmation ----------------------------------------------- */

static bool person_sees(const struct dg_cli_checks *checks,
                        const json_t *question)
{
    char word[16] = "";
    struct pollfd entry = {.fd = STDIN_FILENO, .events = POLLIN};

    (void)printf("The trusted display asks: %s\n"
                 "This is a test and will be declined; nothing is given.  Do "
                 "you see it? [y/N] ",
                 dg_cli_text(question, "text"));
    (void)fflush(stdout);
    if (checks->yes) {
        (void)printf("y\n");
        return true;
    }
    return (poll(&entry, 1, ASK_MS / 2) == 1) &&
           (fgets(word, sizeof(word), stdin) != NULL) &&
           ((word[0] == 'y') || (word[0] == 'Y'));
}

/* The question as it comes up, or NULL. */
static json_t *await_question(struct dg_cli_checks *checks)
{
    struct pollfd entries[2] = {{.fd = checks->gateway->fd, .events = POLLIN},
                                {.fd = checks->display->fd, .events = POLLIN}};
    const int64_t until = ms_of(CLOCK_MONOTONIC) + ANSWER_MS;

    while (ms_of(CLOCK_MONOTONIC) < until) {
        if (!dg_cli_talk_has_line(checks->display) &&
            ((poll(entries, 2, ANSWER_MS) <= 0) || (entries[1].revents == 0))) {
            return NULL; /* silence, or the pump said no at once */
        }

        json_t *question = dg_cli_talk_hear(checks->display, ANSWER_MS);

        if (strcmp(dg_cli_text(question, "show"), "ask") == 0) {
            return question;
        }
        json_decref(question);
    }
    return NULL;
}

/* The smallest dose is asked for, shown and declined: what the trusted display
 * and a person's answer need, and nothing moves. */
static void check_person(struct dg_cli_checks *checks)
{
    const int64_t began = ms_of(CLOCK_MONOTONIC);
    char line[64];

    if (!dg_cli_talk_say(checks->gateway,
                         "{\"op\":\"bolus\",\"mU\":50,\"again\":true}")) {
        end(checks, DG_CHECK_NOTIFICATION, began, "the domain is gone");
        end(checks, DG_CHECK_CONFIRMATION, began, "the domain is gone");
        return;
    }

    json_t *question = await_question(checks);

    if (question != NULL) {
        end(checks,
            DG_CHECK_NOTIFICATION,
            began,
            person_sees(checks, question) ? NULL : "nobody saw the question");
        (void)snprintf(line,
                       sizeof(line),
                       "decline %.16s",
                       dg_cli_text(question, "ticket"));
        (void)dg_cli_talk_say(checks->display, line);
    } else {
        end(checks,
            DG_CHECK_NOTIFICATION,
            began,
            "no question came up on the trusted display");
    }
    json_decref(question);

    json_t *reply = dg_cli_talk_hear(checks->gateway, ASK_MS);

    end(checks,
        DG_CHECK_CONFIRMATION,
        began,
        (strcmp(dg_cli_text(reply, "result"), "declined") == 0)
            ? NULL
            : "the answer \"no\" did not come back");
    json_decref(reply);
}

void dg_cli_checks_run(struct dg_cli_checks *checks)
{
    check_storage(checks);
    check_link_and_timing(checks);
    check_background(checks);
    check_person(checks);
}
