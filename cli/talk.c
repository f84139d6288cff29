/* SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "place.h"

bool dg_cli_talk_open(struct dg_cli_talk *talk,
                      const char *path,
                      const char *what_to_do)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    talk->fd = -1;
    talk->have = 0;
    if (strlen(path) >= sizeof(at.sun_path)) {
        (void)fprintf(stderr,
                      "dosegate: %s is too long a name for a socket: choose a "
                      "shorter --dir\n",
                      path);
        return false;
    }
    memcpy(at.sun_path, path, strlen(path) + 1U);
    talk->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if ((talk->fd < 0) || (connect(talk->fd,
                                   (const struct sockaddr *)(const void *)&at,
                                   sizeof(at)) != 0)) {
        (void)fprintf(stderr,
                      "dosegate: %s: %s: %s\n",
                      path,
                      strerror(errno),
                      what_to_do);
        dg_cli_talk_close(talk);
        return false;
    }
    return true;
}

bool dg_cli_gateway(struct dg_cli_talk *talk, const char *dir)
{
    char path[DG_CLI_PATH_MAX];

    return dg_cli_join(dir, "gateway.sock", path) &&
           dg_cli_talk_open(
               talk, path, "the medical domain does not run: dosegate up");
}

bool dg_cli_talk_say(struct dg_cli_talk *talk, const char *text)
{
    char line[DG_CLI_LINE_MAX];
    const int size = snprintf(line, sizeof(line), "%s\n", text);

    return (size > 0) && ((size_t)size < sizeof(line)) &&
           (send(talk->fd, line, (size_t)size, MSG_NOSIGNAL) == size);
}

bool dg_cli_talk_has_line(const struct dg_cli_talk *talk)
{
    return memchr(talk->line, '\n', talk->have) != NULL;
}

static json_t *take_line(struct dg_cli_talk *talk)
{
    const char *end = memchr(talk->line, '\n', talk->have);
    const size_t size = (size_t)(end - talk->line);
    json_error_t error;
    json_t *object =
        json_loadb(talk->line, size, JSON_REJECT_DUPLICATES, &error);

    talk->have -= size + 1U;
    memmove(talk->line, end + 1, talk->have);
    return object;
}

static long long now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((long long)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

json_t *dg_cli_talk_hear(struct dg_cli_talk *talk, int ms)
{
    const long long until = now_ms() + ms;

    while (!dg_cli_talk_has_line(talk)) {
        const long long left = until - now_ms();
        struct pollfd entry = {.fd = talk->fd, .events = POLLIN};

        if ((left < 0) || (talk->have == sizeof(talk->line)) ||
            (poll(&entry, 1, (int)left) != 1)) {
            return NULL;
        }

        const ssize_t got = recv(talk->fd,
                                 &talk->line[talk->have],
                                 sizeof(talk->line) - talk->have,
                                 0);

        if (got <= 0) {
            return NULL;
        }
        talk->have += (size_t)got;
    }
    return take_line(talk);
}

json_t *dg_cli_talk_ask(struct dg_cli_talk *talk, const char *text, int ms)
{
    return dg_cli_talk_say(talk, text) ? dg_cli_talk_hear(talk, ms) : NULL;
}

void dg_cli_talk_close(struct dg_cli_talk *talk)
{
    if (talk->fd >= 0) {
        (void)close(talk->fd);
    }
    talk->fd = -1;
}

long long dg_cli_int(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

const char *dg_cli_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return (text == NULL) ? "" : text;
}

void dg_cli_complain(const json_t *reply)
{
    const char *error = dg_cli_text(reply, "error");

    (void)fprintf(stderr,
                  "dosegate: %s\n",
                  (*error != '\0')
                      ? error
                      : "the medical domain does not answer: see its log, or "
                        "dosegate down and up again");
}
