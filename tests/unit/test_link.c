/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "link.h"

#define WAIT_MS 2000 /* far beyond what loopback needs */

struct pair {
    struct dg_link server;
    struct dg_link client;
};

static uint8_t room[DG_LINK_DATAGRAM_MAX];
static char why[DG_LINK_WHY_MAX];

static void open_pair(struct pair *pair, const char *scheme)
{
    char address[DG_LINK_ADDRESS_MAX] = "";

    (void)strcat(address, scheme);
    (void)strcat(address, ":127.0.0.1:0");
    assert_int_equal(dg_link_open(&pair->server, address, DG_LINK_SERVER, why),
                     DG_OK);
    dg_link_address(&pair->server, address);
    assert_int_equal(dg_link_open(&pair->client, address, DG_LINK_CLIENT, why),
                     DG_OK);
}

static void close_pair(struct pair *pair)
{
    dg_link_close(&pair->client);
    dg_link_close(&pair->server);
}

/* Wait for one datagram, through as many wake-ups as it takes. */
static enum dg_status await(struct dg_link *link,
                            struct dg_link_peer *peer,
                            dg_span *datagram)
{
    for (int i = 0; i < 2000; i++) {
        const enum dg_status status =
            dg_link_receive(link, DG_BUF_OF(room), peer, datagram);

        if (status != DG_E_STATE) {
            return status;
        }

        struct pollfd entries[DG_LINK_POLL_MAX];
        const size_t count = dg_link_poll(link, entries, DG_LINK_POLL_MAX);

        if (poll(entries, (nfds_t)count, WAIT_MS) == 0) {
            return DG_E_STATE;
        }
    }
    return DG_E_STATE;
}

static void check_echo(struct pair *pair, size_t size)
{
    uint8_t sent[DG_LINK_DATAGRAM_MAX];
    struct dg_link_peer peer;
    dg_span got;

    for (size_t i = 0; i < size; i++) {
        sent[i] = (uint8_t)(i * 7U + size);
    }
    assert_int_equal(dg_link_send(&pair->client, NULL, (dg_span){sent, size}),
                     DG_OK);
    assert_int_equal(await(&pair->server, &peer, &got), DG_OK);
    assert_int_equal(got.size, size);
    assert_memory_equal(got.at, sent, size);
    sent[0] ^= 0xFFU;
    assert_int_equal(dg_link_send(&pair->server, &peer, (dg_span){sent, size}),
                     DG_OK);
    assert_int_equal(await(&pair->client, NULL, &got), DG_OK);
    assert_int_equal(got.size, size);
    assert_memory_equal(got.at, sent, size);
}

static void check_all_sizes(const char *scheme)
{
    struct pair pair;

    open_pair(&pair, scheme);
    check_echo(&pair, 1);
    check_echo(&pair, 2);
    check_echo(&pair, 255);
    check_echo(&pair, 256);
    check_echo(&pair, DG_LINK_DATAGRAM_MAX);
    close_pair(&pair);
}

static void test_link__udp__carries_each_size_both_ways(void **state)
{
    (void)state;
    check_all_sizes("udp");
}

static void test_link__tcp__carries_each_size_both_ways(void **state)
{
    (void)state;
    check_all_sizes("tcp");
}

static void test_link__address_elsewhere__refused_with_advice(void **state)
{
    static const char *const wrong[] = {"udp:10.0.0.1:4711",
                                        "udp:0.0.0.0:1",
                                        "tcp:localhost:80",
                                        "127.0.0.1:80",
                                        "udp:127.0.0.1",
                                        "udp:127.0.0.1:65536",
                                        "udp:127.0.0.1:-1",
                                        "udp:127.0.0.1:",
                                        "udp:127.0.0.1:80 ",
                                        "udp:[::1]:80",
                                        "udp:127.0.0.1:00080000",
                                        "",
                                        "bt:127.0.0.1:1",
                                        "tcp:127.0.0.1.evil.example:80"};
    struct dg_link link;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        for (int end = DG_LINK_CLIENT; end <= DG_LINK_SERVER; end++) {
            why[0] = '\0';
            assert_int_equal(
                dg_link_open(&link, wrong[i], (enum dg_link_end)end, why),
                DG_E_RANGE);
            assert_non_null(strstr(why, "udp:127.0.0.1:PORT"));
            assert_int_equal(link.kind, DG_LINK_NONE);
        }
    }
    assert_int_equal(
        dg_link_open(&link, "udp:127.0.0.1:0", DG_LINK_CLIENT, why),
        DG_E_RANGE);
}

static void test_link__port_taken__says_so(void **state)
{
    struct dg_link first;
    struct dg_link second;
    char address[DG_LINK_ADDRESS_MAX];

    (void)state;
    assert_int_equal(
        dg_link_open(&first, "udp:127.0.0.1:0", DG_LINK_SERVER, why), DG_OK);
    dg_link_address(&first, address);
    assert_int_equal(dg_link_open(&second, address, DG_LINK_SERVER, why),
                     DG_E_PORT);
    assert_non_null(strstr(why, address));
    dg_link_close(&first);
}

static void test_link__nobody_listens__tcp_client_refused(void **state)
{
    struct pair pair;
    struct dg_link late;
    char address[DG_LINK_ADDRESS_MAX];

    (void)state;
    open_pair(&pair, "tcp");
    dg_link_address(&pair.server, address);
    close_pair(&pair);
    assert_int_equal(dg_link_open(&late, address, DG_LINK_CLIENT, why),
                     DG_E_PORT);
}

static void test_link__size_out_of_range__refused(void **state)
{
    static const uint8_t big[DG_LINK_DATAGRAM_MAX + 1U];
    struct pair pair;

    (void)state;
    open_pair(&pair, "udp");
    assert_int_equal(dg_link_send(&pair.client, NULL, (dg_span){big, 0}),
                     DG_E_USAGE);
    assert_int_equal(dg_link_send(&pair.client, NULL, DG_SPAN_OF(big)),
                     DG_E_USAGE);
    assert_int_equal(dg_link_send(&pair.server, NULL, (dg_span){big, 1}),
                     DG_E_USAGE);
    close_pair(&pair);
}

static void test_link__oversized_udp_packet__dropped_not_cut(void **state)
{
    static const uint8_t big[DG_LINK_DATAGRAM_MAX + 1U];
    struct pair pair;
    struct dg_link_peer peer;
    dg_span got;

    (void)state;
    open_pair(&pair, "udp");
    assert_int_equal(send(pair.client.fd, big, sizeof(big), 0), sizeof(big));
    assert_int_equal(
        dg_link_send(&pair.client, NULL, (dg_span){(const uint8_t *)"x", 1}),
        DG_OK);
    assert_int_equal(await(&pair.server, &peer, &got), DG_OK);
    assert_int_equal(got.size, 1);
    close_pair(&pair);
}

/* One byte at a time: the server wakes up for each and loses none. */
static void test_link__frame_in_pieces__put_together(void **state)
{
    static const uint8_t frames[] = {0, 3, 'a', 'b', 'c', 0, 1, 'd'};
    struct pair pair;
    dg_span got;

    (void)state;
    open_pair(&pair, "tcp");
    for (size_t i = 0; i < sizeof(frames); i++) {
        assert_int_equal(send(pair.client.stream[0].fd, &frames[i], 1, 0), 1);
        if ((i != 4U) && (i != 7U)) {
            struct timespec pause = {0, 1000000};

            (void)nanosleep(&pause, NULL);
            assert_int_equal(
                dg_link_receive(&pair.server, DG_BUF_OF(room), NULL, &got),
                DG_E_STATE);
        } else {
            assert_int_equal(await(&pair.server, NULL, &got), DG_OK);
            assert_int_equal(got.size, (i == 4U) ? 3 : 1);
            assert_memory_equal(got.at, (i == 4U) ? "abc" : "d", got.size);
        }
    }
    close_pair(&pair);
}

static void check_length_closes(uint8_t high, uint8_t low)
{
    const uint8_t head[2] = {high, low};
    struct pair pair;
    dg_span got;

    open_pair(&pair, "tcp");
    assert_int_equal(send(pair.client.stream[0].fd, head, 2, 0), 2);
    for (int i = 0; (i < 100) && (pair.server.stream[0].fd < 0); i++) {
        assert_int_equal(
            dg_link_receive(&pair.server, DG_BUF_OF(room), NULL, &got),
            DG_E_STATE);
    }
    for (int i = 0; (i < 100) && (pair.server.stream[0].fd >= 0); i++) {
        assert_int_equal(
            dg_link_receive(&pair.server, DG_BUF_OF(room), NULL, &got),
            DG_E_STATE);
    }
    assert_int_equal(pair.server.stream[0].fd, -1);
    assert_int_equal(await(&pair.client, NULL, &got), DG_E_PORT);
    close_pair(&pair);
}

static void test_link__length_zero_or_too_large__closes(void **state)
{
    (void)state;
    check_length_closes(0x00, 0x00);
    check_length_closes(0x04, 0x01);
    check_length_closes(0xFF, 0xFF);
}

static void test_link__eight_clients__each_gets_its_own_answer(void **state)
{
    struct dg_link server;
    struct dg_link client[DG_LINK_CLIENTS_MAX + 1U];
    char address[DG_LINK_ADDRESS_MAX];
    struct dg_link_peer peer;
    dg_span got;

    (void)state;
    assert_int_equal(
        dg_link_open(&server, "tcp:127.0.0.1:0", DG_LINK_SERVER, why), DG_OK);
    dg_link_address(&server, address);
    for (uint8_t i = 0; i < DG_LINK_CLIENTS_MAX; i++) {
        assert_int_equal(dg_link_open(&client[i], address, DG_LINK_CLIENT, why),
                         DG_OK);
        assert_int_equal(dg_link_send(&client[i], NULL, (dg_span){&i, 1}),
                         DG_OK);
    }
    for (unsigned i = 0; i < DG_LINK_CLIENTS_MAX; i++) {
        assert_int_equal(await(&server, &peer, &got), DG_OK);
        assert_int_equal(dg_link_send(&server, &peer, got), DG_OK);
    }
    for (unsigned i = 0; i < DG_LINK_CLIENTS_MAX; i++) {
        assert_int_equal(await(&client[i], NULL, &got), DG_OK);
        assert_int_equal(got.at[0], i);
    }

    /* The ninth is shown the door; the eight stay. */
    struct dg_link *ninth = &client[DG_LINK_CLIENTS_MAX];

    assert_int_equal(dg_link_open(ninth, address, DG_LINK_CLIENT, why), DG_OK);
    assert_int_equal(dg_link_receive(&server, DG_BUF_OF(room), &peer, &got),
                     DG_E_STATE);
    assert_int_equal(await(ninth, NULL, &got), DG_E_PORT);
    assert_int_equal(dg_link_send(&client[0], NULL, (dg_span){room, 1}), DG_OK);
    assert_int_equal(await(&server, &peer, &got), DG_OK);
    for (unsigned i = 0; i <= DG_LINK_CLIENTS_MAX; i++) {
        dg_link_close(&client[i]);
    }
    dg_link_close(&server);
}

/* A slot that was given to someone else must not receive the old answer. */
static void test_link__peer_left__answer_goes_nowhere(void **state)
{
    struct pair pair;
    struct dg_link other;
    struct dg_link_peer old;
    struct dg_link_peer peer;
    char address[DG_LINK_ADDRESS_MAX];
    dg_span got;
    const uint8_t byte = 'x';

    (void)state;
    open_pair(&pair, "tcp");
    assert_int_equal(dg_link_send(&pair.client, NULL, (dg_span){&byte, 1}),
                     DG_OK);
    assert_int_equal(await(&pair.server, &old, &got), DG_OK);
    dg_link_close(&pair.client);
    dg_link_address(&pair.server, address);
    assert_int_equal(dg_link_open(&other, address, DG_LINK_CLIENT, why), DG_OK);
    assert_int_equal(dg_link_send(&other, NULL, (dg_span){&byte, 1}), DG_OK);
    assert_int_equal(await(&pair.server, &peer, &got), DG_OK);
    assert_int_equal(peer.slot, old.slot);
    assert_int_equal(dg_link_send(&pair.server, &old, (dg_span){&byte, 1}),
                     DG_OK);
    assert_int_equal(dg_link_receive(&other, DG_BUF_OF(room), NULL, &got),
                     DG_E_STATE);
    dg_link_close(&other);
    dg_link_close(&pair.server);
}

/* The reader sleeps: the writer drops, and every frame that does arrive is
 * whole and in order. */
static void check_full_buffer(const char *scheme)
{
    struct pair pair;
    uint8_t sent[DG_LINK_DATAGRAM_MAX];
    struct dg_link_peer peer;
    dg_span got;
    unsigned arrived = 0;
    unsigned last = 0;

    open_pair(&pair, scheme);
    for (unsigned i = 1; i <= 20000U; i++) {
        memset(sent, (int)(i & 0xFFU), sizeof(sent));
        sent[0] = (uint8_t)(i >> 8U);
        sent[1] = (uint8_t)i;
        assert_int_equal(dg_link_send(&pair.client, NULL, DG_SPAN_OF(sent)),
                         DG_OK);
    }
    for (;;) {
        const enum dg_status status =
            dg_link_receive(&pair.server, DG_BUF_OF(room), &peer, &got);

        if (status == DG_E_STATE) {
            struct pollfd entries[DG_LINK_POLL_MAX];
            const size_t count =
                dg_link_poll(&pair.server, entries, DG_LINK_POLL_MAX);

            /* A partly received frame needs the writer's other half. */
            assert_int_equal(
                dg_link_receive(&pair.client, DG_BUF_OF(sent), NULL, &got),
                DG_E_STATE);
            if (poll(entries, (nfds_t)count, 200) == 0) {
                break;
            }
            continue;
        }
        assert_int_equal(status, DG_OK);
        assert_int_equal(got.size, sizeof(sent));

        const unsigned number = ((unsigned)got.at[0] << 8U) | got.at[1];

        assert_true(number > last);
        for (size_t i = 2; i < sizeof(sent); i++) {
            assert_int_equal(got.at[i], number & 0xFFU);
        }
        last = number;
        arrived++;
    }
    assert_in_range(arrived, 1, 19999);
    close_pair(&pair);
}

static void test_link__full_buffer__drops_whole_datagrams(void **state)
{
    (void)state;
    check_full_buffer("udp");
    check_full_buffer("tcp");
}

static void test_link__server_came_back__client_reconnects(void **state)
{
    struct pair pair;
    char address[DG_LINK_ADDRESS_MAX];
    dg_span got;
    const uint8_t byte = 'x';

    (void)state;
    open_pair(&pair, "tcp");

    const int fd = pair.client.stream[0].fd;

    dg_link_address(&pair.server, address);
    assert_int_equal(dg_link_send(&pair.client, NULL, (dg_span){&byte, 1}),
                     DG_OK);
    assert_int_equal(await(&pair.server, NULL, &got), DG_OK);
    dg_link_close(&pair.server);
    assert_int_equal(await(&pair.client, NULL, &got), DG_E_PORT);
    assert_in_range(dg_link_reconnect(&pair.client), DG_OK, DG_E_PORT);
    assert_int_equal(await(&pair.client, NULL, &got), DG_E_PORT);
    assert_int_equal(dg_link_open(&pair.server, address, DG_LINK_SERVER, why),
                     DG_OK);
    assert_int_equal(dg_link_reconnect(&pair.client), DG_OK);
    check_echo(&pair, 100);
    assert_int_equal(pair.client.stream[0].fd, fd);
    close_pair(&pair);
}

static void test_link__closed_link__refuses(void **state)
{
    struct dg_link link = {0};
    dg_span got;

    (void)state;
    assert_int_equal(dg_link_receive(&link, DG_BUF_OF(room), NULL, &got),
                     DG_E_USAGE);
    assert_int_equal(dg_link_send(&link, NULL, DG_SPAN_OF(room)), DG_E_USAGE);
    assert_int_equal(dg_link_reconnect(&link), DG_E_USAGE);
    dg_link_close(&link);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_link__udp__carries_each_size_both_ways),
        cmocka_unit_test(test_link__tcp__carries_each_size_both_ways),
        cmocka_unit_test(test_link__address_elsewhere__refused_with_advice),
        cmocka_unit_test(test_link__port_taken__says_so),
        cmocka_unit_test(test_link__nobody_listens__tcp_client_refused),
        cmocka_unit_test(test_link__size_out_of_range__refused),
        cmocka_unit_test(test_link__oversized_udp_packet__dropped_not_cut),
        cmocka_unit_test(test_link__frame_in_pieces__put_together),
        cmocka_unit_test(test_link__length_zero_or_too_large__closes),
        cmocka_unit_test(test_link__eight_clients__each_gets_its_own_answer),
        cmocka_unit_test(test_link__peer_left__answer_goes_nowhere),
        cmocka_unit_test(test_link__full_buffer__drops_whole_datagrams),
        cmocka_unit_test(test_link__server_came_back__client_reconnects),
        cmocka_unit_test(test_link__closed_link__refuses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
