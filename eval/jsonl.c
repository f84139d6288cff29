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
#define SEND_MS  10000

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
    jsonl->fault = DG_JSONL_NONE;
    jsonl->bad[0] = '\0';
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

bool dg_jsonl_send_raw(struct dg_jsonl *jsonl, const char *text, size_t size)
{
    const long long until_ms = dg_clock_ms() + SEND_MS;
    size_t at = 0U;

    while ((jsonl->out >= 0) && (at < size)) {
        const ssize_t put = write(jsonl->out, &text[at], size - at);
        const long long left_ms = until_ms - dg_clock_ms();

        if (put > 0) {
            at += (size_t)put;
        } else if ((put < 0) && (errno == EAGAIN) && (left_ms > 0)) {
            struct pollfd entry = {jsonl->out, POLLOUT, 0};

            (void)poll(&entry, 1U, (int)left_ms);
        } else if ((put == 0) || (errno != EINTR)) {
            break;
        }
    }
    jsonl->fault = (at == size) ? DG_JSONL_NONE : DG_JSONL_GONE;
    return at == size;
}

bool dg_jsonl_send(struct dg_jsonl *jsonl, json_t *object)
{
    char *text = json_dumps(object, JSON_COMPACT);
    bool is_sent = false;

    json_decref(object);
    if (text != NULL) {
        const size_t size = strlen(text) + 1U;

        text[size - 1U] = '\n';
        is_sent = dg_jsonl_send_raw(jsonl, text, size);
    }
    free(text);
    return is_sent;
}

/* How a line begins that is no object: no peer's bytes reach a terminal. */
static void note_bad(struct dg_jsonl *jsonl, size_t size)
{
    size_t at = 0U;

    for (; (at < size) && (at < sizeof jsonl->bad - 1U); at++) {
        const char one = jsonl->line[at];

        jsonl->bad[at] =
            ((one >= ' ') && (one <= '~') && (one != '"')) ? one : '.';
    }
    jsonl->bad[at] = '\0';
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

    jsonl->fault = DG_JSONL_NONE;
    if (!json_is_object(object)) {
        json_decref(object);
        object = NULL;
        jsonl->fault = DG_JSONL_BAD;
        note_bad(jsonl, size - 1U);
    }
    jsonl->used -= size;
    memmove(jsonl->line, &jsonl->line[size], jsonl->used);
    return object;
}

/* False: the peer has gone or writes without end. */
static bool read_some(struct dg_jsonl *jsonl)
{
    if (jsonl->used == sizeof jsonl->line) {
        jsonl->fault = DG_JSONL_LONG;
        return false;
    }

    const ssize_t got = read(
        jsonl->in, &jsonl->line[jsonl->used], sizeof jsonl->line - jsonl->used);

    if ((got < 0) && (errno == EINTR)) {
        return true;
    }
    if (got <= 0) {
        jsonl->fault = DG_JSONL_GONE;
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

        if (has_line) {
            return object;
        }
        if ((left_ms < 0) || (jsonl->in < 0)) {
            jsonl->fault = (jsonl->in < 0) ? DG_JSONL_GONE : DG_JSONL_SILENT;
            return NULL;
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

bool dg_jsonl_has_more(const struct dg_jsonl *jsonl)
{
    struct pollfd entry = {jsonl->in, POLLIN, 0};

    return (jsonl->used > 0U) ||
           ((poll(&entry, 1U, 0) > 0) && ((entry.revents & POLLIN) != 0));
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
