/* SPDX-License-Identifier: Apache-2.0 */
#include "platform.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_MS    30000
#define ANSWER_MAX 176128U /* as much as the service takes */
#define GONE       127

static int64_t now_ms(void)
{
    struct timespec now = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((int64_t)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

/* All that it writes; 0: nothing, too much, or too late. */
static size_t hear(int fd, char *text)
{
    const int64_t until = now_ms() + WAIT_MS;
    size_t have = 0;

    while (have < ANSWER_MAX) {
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        const int64_t left = until - now_ms();

        if ((left <= 0) || (poll(&entry, 1, (int)left) != 1)) {
            return 0U;
        }

        const ssize_t got = read(fd, &text[have], ANSWER_MAX - have);

        if (got < 0) {
            return 0U;
        }
        if (got == 0) {
            return have;
        }
        have += (size_t)got;
    }
    return 0U;
}

static _Noreturn void become(char *const *words, int out)
{
    (void)dup2(out, STDOUT_FILENO);
    (void)execv(words[0], words);
    _exit(GONE);
}

/* A list, or an object of the list and the id of the key that signed. */
static bool is_evidence(const json_t *answer)
{
    return json_is_array(answer) ||
           ((json_object_size(answer) == 2U) &&
            json_is_array(json_object_get(answer, "evidence")) &&
            json_is_string(json_object_get(answer, "key_id")));
}

static json_t *list_of(const char *text, size_t size, int how)
{
    json_error_t error;
    json_t *list = NULL;

    if (WIFEXITED(how) && (WEXITSTATUS(how) == 0) && (size > 0U)) {
        list = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    }
    if (!is_evidence(list)) {
        json_decref(list);
        (void)fprintf(stderr,
                      "dosegate: the platform's program gave no evidence (%s "
                      "%d): a JSON list of kind and bytes is needed, or "
                      "an object of evidence and key_id, within 30 s\n",
                      WIFEXITED(how) ? "exit" : "signal",
                      WIFEXITED(how) ? WEXITSTATUS(how) : WTERMSIG(how));
        return NULL;
    }
    return list;
}

json_t *dg_cli_platform_ask(const char *program,
                            const char *challenge,
                            const char *key,
                            const char *presence)
{
    char *words[] = {strdup(program),
                     strdup(challenge),
                     strdup(key),
                     strdup(presence),
                     NULL}; /* execv() wants them writable */
    char *text = malloc(ANSWER_MAX);
    int ends[2] = {-1, -1};
    int how = 0;
    json_t *list = NULL;

    if ((text != NULL) && (words[0] != NULL) && (words[1] != NULL) &&
        (words[2] != NULL) && (words[3] != NULL) && (pipe(ends) == 0)) {
        const pid_t pid = fork();

        if (pid == 0) {
            become(words, ends[1]);
        }
        (void)close(ends[1]);

        const size_t size = hear(ends[0], text);

        (void)close(ends[0]);
        if ((pid > 0) && (size == 0U)) {
            (void)kill(pid, SIGKILL);
        }
        if ((pid > 0) && (waitpid(pid, &how, 0) == pid)) {
            list = list_of(text, size, how);
        }
    }
    for (size_t i = 0; i < 4U; i++) {
        free(words[i]);
    }
    free(text);
    return list;
}
