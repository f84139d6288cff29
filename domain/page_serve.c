/* SPDX-License-Identifier: Apache-2.0 */
#include "page_serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum dg_status dg_page_open(struct dg_page_server *server, int fd)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t size = sizeof(at);

    memset(server, 0, sizeof(*server));
    server->fd = fd;
    for (size_t i = 0; i < DG_PAGE_CLIENTS_MAX; i++) {
        server->client[i].fd = -1;
    }
    if (fd < 0) {
        return DG_OK;
    }
    if ((getsockname(fd, (struct sockaddr *)(void *)&at, &size) != 0) ||
        (at.sin_family != AF_INET) ||
        (at.sin_addr.s_addr != htonl(INADDR_LOOPBACK))) {
        return DG_E_PORT;
    }
    server->page.port = ntohs(at.sin_port);
    return DG_OK;
}

size_t dg_page_poll(const struct dg_page_server *server, struct pollfd *entries)
{
    size_t count = 0;

    if (server->fd < 0) {
        return 0;
    }
    entries[count++] = (struct pollfd){.fd = server->fd, .events = POLLIN};
    for (size_t i = 0; i < DG_PAGE_CLIENTS_MAX; i++) {
        if (server->client[i].fd >= 0) {
            entries[count++] =
                (struct pollfd){.fd = server->client[i].fd, .events = POLLIN};
        }
    }
    return count;
}

static void drop(struct dg_page_client *client)
{
    (void)close(client->fd);
    explicit_bzero(client, sizeof(*client)); /* it may have held a PIN */
    client->fd = -1;
}

/* The answer fits into the socket's buffer; a peer that does not take it gets
 * no more. */
static void send_answer(struct dg_page_server *server,
                        struct dg_page_client *client,
                        struct dg_page_result *result,
                        dg_page_answerer answer)
{
    static char body[DG_PAGE_BODY_MAX];
    static char all[DG_PAGE_HEAD_MAX + DG_PAGE_BODY_MAX];

    body[0] = '\0';
    if (result->answer == DG_PAGE_FILE) {
        (void)snprintf(
            body, sizeof(body), "%s", (const char *)result->file->text);
    } else if (result->answer == DG_PAGE_REFUSED) {
        (void)snprintf(body,
                       sizeof(body),
                       "{\"error\":\"refused: open the page with dosegate "
                       "phone page, once\"}\n");
    } else if (result->answer != DG_PAGE_ENTER) {
        answer(result, body);
    } else {
        /* Nothing but the cookie. */
    }

    const size_t size = strlen(body);
    const size_t head = dg_page_head(&server->page, result, size, all);

    memcpy(&all[head], body, size);
    if ((head > 0U) &&
        (write(client->fd, all, head + size) != (ssize_t)(head + size))) {
        (void)shutdown(client->fd, SHUT_RDWR);
    }
    explicit_bzero(result->line, sizeof(result->line));
    drop(client);
}

static void read_one(struct dg_page_server *server,
                     struct dg_page_client *client,
                     dg_page_answerer answer)
{
    struct dg_page_result result;
    const ssize_t got = read(client->fd,
                             &client->in[client->have],
                             DG_PAGE_REQUEST_MAX - client->have);

    if (got <= 0) {
        if ((got == 0) || ((errno != EAGAIN) && (errno != EINTR))) {
            drop(client);
        }
        return;
    }
    client->have += (size_t)got;
    dg_page_take(&server->page, (dg_span){client->in, client->have}, &result);
    if (result.answer != DG_PAGE_MORE) {
        send_answer(server, client, &result, answer);
    } else if (client->have == DG_PAGE_REQUEST_MAX) {
        drop(client);
    } else {
        /* More is to come. */
    }
}

/* Browsers open connections that they may not use: the oldest makes room. */
static void accept_one(struct dg_page_server *server)
{
    const int fd =
        accept4(server->fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    struct dg_page_client *oldest = &server->client[0];

    if (fd < 0) {
        return;
    }
    for (size_t i = 0; i < DG_PAGE_CLIENTS_MAX; i++) {
        struct dg_page_client *client = &server->client[i];

        if ((client->fd < 0) ||
            ((oldest->fd >= 0) && (client->number < oldest->number))) {
            oldest = client;
        }
        if (oldest->fd < 0) {
            break;
        }
    }
    if (oldest->fd >= 0) {
        drop(oldest);
    }
    server->accepted++;
    oldest->fd = fd;
    oldest->number = server->accepted;
}

void dg_page_work(struct dg_page_server *server, dg_page_answerer answer)
{
    if (server->fd < 0) {
        return;
    }
    for (size_t i = 0; i < DG_PAGE_CLIENTS_MAX; i++) {
        if (server->client[i].fd >= 0) {
            read_one(server, &server->client[i], answer);
        }
    }
    accept_one(server);
}
