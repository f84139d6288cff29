/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum dg_status dg_lines_open(struct dg_lines *lines,
                             const char *path,
                             char why[DG_LINES_WHY_MAX])
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};

    lines->fd = -1;
    for (size_t i = 0; i < DG_LINES_CLIENTS_MAX; i++) {
        lines->client[i].fd = -1;
    }
    if (strlen(path) >= sizeof(at.sun_path)) {
        (void)snprintf(why,
                       DG_LINES_WHY_MAX,
                       "the socket path is %zu characters long, the system "
                       "takes %zu: choose a shorter --dir",
                       strlen(path),
                       sizeof(at.sun_path) - 1U);
        return DG_E_RANGE;
    }
    memcpy(at.sun_path, path, strlen(path) + 1U);
    (void)unlink(path);
    lines->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    /* The socket is ours alone from its first moment on. */
    const mode_t mask = umask(S_IRWXG | S_IRWXO | S_IXUSR);
    const bool bound = (lines->fd >= 0) &&
                       (bind(lines->fd,
                             (const struct sockaddr *)(const void *)&at,
                             sizeof(at)) == 0) &&
                       (listen(lines->fd, (int)DG_LINES_CLIENTS_MAX) == 0);

    (void)umask(mask);
    if (!bound) {
        (void)snprintf(why,
                       DG_LINES_WHY_MAX,
                       "cannot listen on %.120s: %s",
                       path,
                       strerror(errno));
        return DG_E_PORT;
    }
    return DG_OK;
}

size_t dg_lines_poll(const struct dg_lines *lines, struct pollfd *entries)
{
    size_t count = 1;

    entries[0] = (struct pollfd){.fd = lines->fd, .events = POLLIN};
    for (size_t i = 0; i < DG_LINES_CLIENTS_MAX; i++) {
        const struct dg_lines_client *client = &lines->client[i];

        if (client->fd >= 0) {
            const int out = (client->out_have > 0U) ? POLLOUT : 0;
            const int in = client->closing ? 0 : POLLIN;

            entries[count++] =
                (struct pollfd){.fd = client->fd, .events = (short)(in | out)};
        }
    }
    return count;
}

static void drop(struct dg_lines_client *client)
{
    (void)close(client->fd);
    memset(client, 0, sizeof(*client));
    client->fd = -1;
}

static void flush(struct dg_lines_client *client)
{
    if (client->out_have > 0U) {
        const ssize_t sent = send(client->fd,
                                  client->out,
                                  client->out_have,
                                  MSG_DONTWAIT | MSG_NOSIGNAL);

        if (sent < 0) {
            if ((errno != EAGAIN) && (errno != EINTR)) {
                drop(client);
            }
            return;
        }
        client->out_have -= (size_t)sent;
        memmove(client->out, &client->out[sent], client->out_have);
    }
    if (client->closing && (client->out_have == 0U)) {
        drop(client);
    }
}

void dg_lines_put(struct dg_lines *lines, size_t slot, const char *text)
{
    struct dg_lines_client *client = &lines->client[slot];
    const size_t size = strlen(text);

    if ((client->fd < 0) || client->closing) {
        return;
    }
    if (size > (DG_LINES_OUT_MAX - client->out_have)) {
        drop(client);
        return;
    }
    memcpy(&client->out[client->out_have], text, size);
    client->out_have += size;
    flush(client);
}

static void refuse(struct dg_lines *lines, size_t slot)
{
    dg_lines_put(lines, slot, lines->too_long);
    lines->client[slot].closing = lines->client[slot].fd >= 0;
    flush(&lines->client[slot]);
}

static size_t accept_one(struct dg_lines *lines)
{
    const int fd = accept4(lines->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

    if (fd < 0) {
        return DG_LINES_CLIENTS_MAX;
    }
    for (size_t i = 0; i < DG_LINES_CLIENTS_MAX; i++) {
        struct dg_lines_client *client = &lines->client[i];

        if (client->fd < 0) {
            lines->generations++;
            client->fd = fd;
            client->generation = lines->generations;
            return i;
        }
    }
    (void)send(
        fd, lines->full, strlen(lines->full), MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)close(fd);
    return DG_LINES_CLIENTS_MAX;
}

/* Hand out whole lines; a callback may close the client. */
static void hand_out(struct dg_lines *lines, size_t slot, dg_lines_take take)
{
    struct dg_lines_client *client = &lines->client[slot];
    const uint32_t generation = client->generation;

    while ((client->fd >= 0) && (client->generation == generation) &&
           !client->closing) {
        char line[DG_LINES_IN_MAX];
        const char *end = memchr(client->in, '\n', client->in_have);

        if (end == NULL) {
            if (client->in_have == DG_LINES_IN_MAX) {
                refuse(lines, slot);
            }
            return;
        }

        const size_t size = (size_t)(end - client->in);

        memcpy(line, client->in, size);
        line[size] = '\0';
        client->in_have -= size + 1U;
        memmove(client->in, end + 1, client->in_have);
        if (memchr(line, '\0', size) != NULL) {
            refuse(lines, slot);
            return;
        }
        take(lines, slot, line);
    }
}

static void read_one(struct dg_lines *lines, size_t slot, dg_lines_take take)
{
    struct dg_lines_client *client = &lines->client[slot];
    const ssize_t got = recv(client->fd,
                             &client->in[client->in_have],
                             DG_LINES_IN_MAX - client->in_have,
                             MSG_DONTWAIT);

    if (got > 0) {
        client->in_have += (size_t)got;
        hand_out(lines, slot, take);
    } else if ((got == 0) || ((errno != EAGAIN) && (errno != EINTR))) {
        drop(client);
    }
}

size_t dg_lines_work(struct dg_lines *lines, dg_lines_take take)
{
    for (size_t i = 0; i < DG_LINES_CLIENTS_MAX; i++) {
        if (lines->client[i].fd >= 0) {
            flush(&lines->client[i]);
        }
        if ((lines->client[i].fd >= 0) && !lines->client[i].closing) {
            read_one(lines, i, take);
        }
    }
    return accept_one(lines);
}
