/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/jsonl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define RETRY_MS 5

long long dg_clock_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((long long)now.tv_sec * 1000) + (now.tv_nsec / 1000000);
}

void dg_jsonl_open(struct dg_jsonl *jsonl, int in, int out)
{
    jsonl->in = in;
    jsonl->out = out;
    jsonl->used = 0U;
}

bool dg_jsonl_connect(struct dg_jsonl *jsonl, const char *path, int timeout_ms)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const long long until_ms = dg_clock_ms() + timeout_ms;

    jsonl->in = -1;
    jsonl->out = -1;
    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1U);

    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0) {
        return false;
    }
    while (connect(fd, (const struct sockaddr *)&address, sizeof address) !=
           0) {
        if (dg_clock_ms() >= until_ms) {
            (void)close(fd);
            return false;
        }
        (void)poll(NULL, 0, RETRY_MS);
    }
    dg_jsonl_open(jsonl, fd, fd);
    return true;
}

bool dg_jsonl_send(struct dg_jsonl *jsonl, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    bool is_sent = false;

    json_decref(object);
    if ((text == NULL) || (jsonl->out < 0)) {
        free(text);
        return false;
    }

    const size_t size = strlen(text) + 1U;
    size_t at = 0U;

    text[size - 1U] = '\n';
    while (at < size) {
        const ssize_t put = write(jsonl->out, &text[at], size - at);

        if ((put < 0) && (errno == EINTR)) {
            continue;
        }
        if (put <= 0) {
            break;
        }
        at += (size_t)put;
    }
    is_sent = at == size;
    free(text);
    return is_sent;
}

static json_t *take_line(struct dg_jsonl *jsonl, bool *has_line)
{
    char *end = memchr(jsonl->line, '\n', jsonl->used);

    *has_line = end != NULL;
    if (end == NULL) {
        return NULL;
    }

    const size_t size = (size_t)(end - jsonl->line) + 1U;
    json_t *object =
        json_loadb(jsonl->line, size - 1U, JSON_REJECT_DUPLICATES, NULL);

    jsonl->used -= size;
    memmove(jsonl->line, &jsonl->line[size], jsonl->used);
    return object;
}

/* False: the peer has gone or writes without end. */
static bool read_some(struct dg_jsonl *jsonl)
{
    if (jsonl->used == sizeof jsonl->line) {
        return false;
    }

    const ssize_t got = read(
        jsonl->in, &jsonl->line[jsonl->used], sizeof jsonl->line - jsonl->used);

    if ((got < 0) && (errno == EINTR)) {
        return true;
    }
    if (got <= 0) {
        return false;
    }
    jsonl->used += (size_t)got;
    return true;
}

json_t *dg_jsonl_receive(struct dg_jsonl *jsonl,
                         int timeout_ms,
                         const struct dg_pump *pump)
{
    const long long until_ms = dg_clock_ms() + timeout_ms;

    for (;;) {
        bool has_line = false;
        json_t *object = take_line(jsonl, &has_line);
        const long long left_ms = until_ms - dg_clock_ms();

        if (has_line || (left_ms < 0) || (jsonl->in < 0)) {
            return object;
        }

        struct pollfd entries[1U + DG_PUMP_POLL_MAX];
        size_t count = 1U;

        entries[0] = (struct pollfd){jsonl->in, POLLIN, 0};
        if (pump != NULL) {
            count += pump->fill(pump->context, &entries[1]);
        }
        (void)poll(entries, (nfds_t)count, (int)left_ms);
        if (pump != NULL) {
            pump->serve(pump->context);
        }
        if ((entries[0].revents != 0) && !read_some(jsonl)) {
            return NULL;
        }
    }
}

json_t *dg_jsonl_call(struct dg_jsonl *jsonl,
                      json_t *object,
                      int timeout_ms,
                      const struct dg_pump *pump)
{
    if (!dg_jsonl_send(jsonl, object)) {
        return NULL;
    }
    return dg_jsonl_receive(jsonl, timeout_ms, pump);
}

void dg_jsonl_pump(const struct dg_pump *pump, int timeout_ms)
{
    const long long until_ms = dg_clock_ms() + timeout_ms;

    for (;;) {
        struct pollfd entries[DG_PUMP_POLL_MAX];
        const size_t count = pump->fill(pump->context, entries);
        const long long left_ms = until_ms - dg_clock_ms();

        if (left_ms <= 0) {
            return;
        }
        (void)poll(entries, (nfds_t)count, (int)left_ms);
        pump->serve(pump->context);
    }
}

void dg_jsonl_close(struct dg_jsonl *jsonl)
{
    if (jsonl->in >= 0) {
        (void)close(jsonl->in);
    }
    if ((jsonl->out >= 0) && (jsonl->out != jsonl->in)) {
        (void)close(jsonl->out);
    }
    jsonl->in = -1;
    jsonl->out = -1;
}
