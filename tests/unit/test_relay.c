/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "eval/relay.h"

/* The bench's relay between two plain sockets of this test. */

struct ends {
    struct dg_relay relay;
    int device;              /* bound; the relay sends to it */
    int phone;               /* connected to the relay's door */
    struct sockaddr_in from; /* who the device last heard */
};

static struct ends ends;

static struct sockaddr_in loopback(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port)};

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

static int open_socket(uint16_t *port)
{
    struct sockaddr_in own = loopback(0);
    socklen_t size = sizeof own;
    const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const struct timeval patience = {2, 0};

    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)&own, sizeof own), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
    assert_int_equal(
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience), 0);
    *port = ntohs(own.sin_port);
    return fd;
}

static int set_up(void **state)
{
    char address[64];
    char door[32];
    uint16_t port = 0U;

    (void)state;
    memset(&ends, 0, sizeof ends);
    ends.device = open_socket(&port);
    (void)snprintf(address, sizeof address, "udp:127.0.0.1:%u", (unsigned)port);
    assert_true(dg_relay_open(&ends.relay, address));
    assert_int_equal(dg_relay_add_door(&ends.relay, door), 0);
    ends.phone = open_socket(&port);

    const struct sockaddr_in to =
        loopback((uint16_t)strtoul(strrchr(door, ':') + 1, NULL, 10));

    assert_int_equal(
        connect(ends.phone, (const struct sockaddr *)&to, sizeof to), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    dg_relay_close(&ends.relay);
    (void)close(ends.device);
    (void)close(ends.phone);
    return 0;
}

static void say(const char *text)
{
    assert_int_equal(send(ends.phone, text, strlen(text), 0), strlen(text));
}

static void pump(void)
{
    struct dg_pump work = dg_relay_pump(&ends.relay);

    dg_jsonl_pump(&work, 20);
}

/* What the device hears next; "" when nothing waits. */
static const char *heard_by_device(void)
{
    static char room[64];
    socklen_t size = sizeof ends.from;
    const ssize_t got = recvfrom(ends.device,
                                 room,
                                 sizeof room - 1U,
                                 MSG_DONTWAIT,
                                 (struct sockaddr *)&ends.from,
                                 &size);

    room[(got > 0) ? got : 0] = '\0';
    return room;
}

static void test_relay__no_rule__passes_both_ways_and_records(void **state)
{
    char room[64] = "";

    (void)state;
    say("to device");
    pump();
    assert_string_equal(heard_by_device(), "to device");
    assert_int_equal(sendto(ends.device,
                            "to phone",
                            8U,
                            0,
                            (const struct sockaddr *)&ends.from,
                            sizeof ends.from),
                     8);
    pump();
    assert_int_equal(recv(ends.phone, room, sizeof room, 0), 8);
    assert_string_equal(room, "to phone");
    assert_int_equal(ends.relay.heard, 2U);
    assert_int_equal(ends.relay.frames[0].way, DG_WAY_TO_DEVICE);
    assert_int_equal(ends.relay.frames[1].way, DG_WAY_TO_PHONE);
}

static enum dg_fate by_number(void *context,
                              struct dg_frame *frame,
                              unsigned number)
{
    const enum dg_fate *fates = context;

    if (frame->byte[0] == 'x') {
        frame->byte[0] = 'y';
    }
    return fates[number];
}

static void test_relay__rules__drop_double_and_change(void **state)
{
    enum dg_fate fates[4] = {
        DG_FATE_DROP, DG_FATE_TWICE, DG_FATE_PASS, DG_FATE_NONE};

    (void)state;
    dg_relay_set_rule(&ends.relay, by_number, fates);
    say("one");
    say("two");
    say("x-three");
    say("four");
    pump();
    assert_string_equal(heard_by_device(), "two");
    assert_string_equal(heard_by_device(), "two");
    assert_string_equal(heard_by_device(), "y-three");
    assert_string_equal(heard_by_device(), "");
    assert_int_equal(ends.relay.heard, 4U);
}

static void test_relay__held_frames__come_late_and_in_order(void **state)
{
    enum dg_fate fates[3] = {DG_FATE_HOLD, DG_FATE_HOLD, DG_FATE_PASS};

    (void)state;
    dg_relay_set_rule(&ends.relay, by_number, fates);
    say("first");
    say("second");
    say("third");
    pump();
    assert_string_equal(heard_by_device(), "third");
    assert_string_equal(heard_by_device(), "");
    dg_relay_release(&ends.relay);
    assert_string_equal(heard_by_device(), "first");
    assert_string_equal(heard_by_device(), "second");
    dg_relay_release(&ends.relay);
    assert_string_equal(heard_by_device(), "");
}

static void test_relay__injection__speaks_in_either_name(void **state)
{
    static const uint8_t forged[] = {'f', 'a', 'k', 'e'};
    char room[64] = "";

    (void)state;
    say("hello");
    pump();
    assert_string_equal(heard_by_device(), "hello");
    dg_relay_inject(
        &ends.relay, 0U, DG_WAY_TO_DEVICE, (dg_span){forged, sizeof forged});
    assert_string_equal(heard_by_device(), "fake");
    dg_relay_inject(
        &ends.relay, 0U, DG_WAY_TO_PHONE, (dg_span){forged, sizeof forged});
    assert_int_equal(recv(ends.phone, room, sizeof room, 0), 4);
    assert_string_equal(room, "fake");
}

static void test_relay__other_addresses__are_refused(void **state)
{
    struct dg_relay other;

    (void)state;
    assert_false(dg_relay_open(&other, "udp:10.0.0.1:47000"));
    dg_relay_close(&other);
    assert_false(dg_relay_open(&other, "tcp:127.0.0.1:47000"));
    dg_relay_close(&other);
    assert_false(dg_relay_open(&other, "udp:127.0.0.1:0"));
    dg_relay_close(&other);
    assert_false(dg_relay_open(&other, "udp:127.0.0.1:70000"));
    dg_relay_close(&other);
    assert_false(dg_relay_open(&other, "udp:127.0.0.1:1x"));
    dg_relay_close(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_relay__no_rule__passes_both_ways_and_records,
            set_up,
            tear_down),
        cmocka_unit_test_setup_teardown(
            test_relay__rules__drop_double_and_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_relay__held_frames__come_late_and_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(
            test_relay__injection__speaks_in_either_name, set_up, tear_down),
        cmocka_unit_test(test_relay__other_addresses__are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
