/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/black_box.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "eval/fuzz.h"
#include "eval/record.h"

#define FRAME_MAX   1024U
#define FLOOD       4000U
#define NOISE       1200U
#define CHANGED     2000U
#define AT_ONCE     16U
#define LISTEN_MS   2
#define SETTLE_MS   100
#define TEXT_MIN    6U /* letters and digits that somebody can read */
#define ANSWERS_MAX 64U

struct box {
    const struct dg_session_order *order;
    int fd;
    bool is_gone; /* the address says that nobody listens any more */
    unsigned sent;
    unsigned answered;
    struct {
        size_t size;
        uint8_t byte[FRAME_MAX];
    } answer[ANSWERS_MAX]; /* the first of them */
    struct dg_dice dice;
};

/* Addresses ---------------------------------------------------------------- */

static bool read_address(const char *text, struct sockaddr_in *address)
{
    static const char start[] = "udp:";
    const char *colon = strrchr(text, ':');
    char host[20] = "";
    char *rest = NULL;

    memset(address, 0, sizeof *address);
    if ((strncmp(text, start, sizeof start - 1U) != 0) ||
        (colon < &text[sizeof start - 1U]) || (colon[1] < '0') ||
        (colon[1] > '9')) {
        return false;
    }

    const unsigned long port = strtoul(&colon[1], &rest, 10);

    (void)snprintf(host,
                   sizeof host,
                   "%.*s",
                   (int)(colon - &text[sizeof start - 1U]),
                   &text[sizeof start - 1U]);
    address->sin_family = AF_INET;
    address->sin_port = htons((uint16_t)port);
    return (*rest == '\0') && (port >= 1U) && (port <= 65535U) &&
           (inet_pton(AF_INET, host, &address->sin_addr) == 1);
}

const char *dg_black_box_refuses(const char *address)
{
    struct sockaddr_in to;

    if (!read_address(address, &to)) {
        return "write udp:ADDRESS:PORT, an IPv4 address and 1 to 65535";
    }

    const uint32_t host = ntohl(to.sin_addr.s_addr);
    const bool is_own = ((host >> 24) == 127U) || ((host >> 24) == 10U) ||
                        ((host >> 20) == 0xAC1U) || ((host >> 16) == 0xC0A8U) ||
                        ((host >> 16) == 0xA9FEU);

    return is_own ? NULL
                  : "only this machine and private networks are attacked "
                    "(127/8, 10/8, 172.16/12, 192.168/16, 169.254/16)";
}

/* Frames ------------------------------------------------------------------- */

static void listen_for(struct box *box, int wait_ms)
{
    struct pollfd entry = {box->fd, POLLIN, 0};

    while (!box->is_gone && (poll(&entry, 1U, wait_ms) > 0)) {
        uint8_t room[FRAME_MAX];
        const ssize_t got =
            recv(box->fd, room, sizeof room, MSG_DONTWAIT | MSG_TRUNC);

        if ((got < 0) && (errno == ECONNREFUSED)) {
            box->is_gone = true;
        }
        if (got <= 0) {
            return;
        }
        if (box->answered < ANSWERS_MAX) {
            const size_t size =
                ((size_t)got < sizeof room) ? (size_t)got : sizeof room;

            memcpy(box->answer[box->answered].byte, room, size);
            box->answer[box->answered].size = size;
        }
        box->answered++;
        wait_ms = 0;
    }
}

static void throw_frame(struct box *box, const uint8_t *byte, size_t size)
{
    if (box->is_gone) {
        return;
    }
    if ((send(box->fd, byte, size, MSG_NOSIGNAL) < 0) &&
        (errno == ECONNREFUSED)) {
        box->is_gone = true;
    }
    box->sent++;
    if ((box->sent % AT_ONCE) == 0U) {
        listen_for(box, LISTEN_MS);
    }
}

static size_t make_noise(struct box *box, uint8_t room[FRAME_MAX])
{
    const size_t size = 1U + dg_dice_roll(&box->dice, 300U);

    for (size_t at = 0U; at < size; at++) {
        room[at] = (uint8_t)dg_dice_roll(&box->dice, 256U);
    }
    return size;
}

static void throw_noise(struct box *box, unsigned count)
{
    uint8_t room[FRAME_MAX];

    for (unsigned i = 0U; (i < count) && !box->is_gone; i++) {
        const size_t size = make_noise(box, room);

        throw_frame(box, room, size);
    }
}

/* A word of a protocol that nobody knows: a byte that says what it is, and
 * CBOR. */
static void throw_changed(struct box *box, unsigned count)
{
    static const uint8_t like[] = {
        0xA4, 0x00, 0x01, 0x01, 0x82, 0x05, 0x19, 0x03, 0xE8, 0x02, 0x48, 1,
        2,    3,    4,    5,    6,    7,    8,    0x03, 0x63, 'a',  'b',  'c'};

    for (unsigned i = 0U; (i < count) && !box->is_gone; i++) {
        const struct dg_fuzz_step step = dg_fuzz_throw(&box->dice, 0U, 0U);
        uint8_t room[FRAME_MAX];
        size_t size = 1U + sizeof like;

        room[0] = (uint8_t)(i % 256U);
        memcpy(&room[1], like, sizeof like);
        dg_fuzz_change(&step, room, &size, sizeof room, 1U);
        throw_frame(box, room, size);
    }
}

/* Each first byte, in some lengths: what does it answer to? */
static void throw_each_kind(struct box *box)
{
    static const size_t sizes[] = {1U, 2U, 9U, 16U, 51U, 66U, 200U};
    uint8_t room[FRAME_MAX];

    for (unsigned kind = 0U; (kind < 256U) && !box->is_gone; kind++) {
        for (size_t i = 0U; i < sizeof sizes / sizeof sizes[0]; i++) {
            memset(room, (kind % 2U == 0U) ? 0 : 1, sizeof room);
            room[0] = (uint8_t)kind;
            throw_frame(box, room, sizes[i]);
        }
    }
}

/* Findings ----------------------------------------------------------------- */

static void see(struct box *box, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void see(struct box *box, const char *format, ...)
{
    char text[400];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof text, format, list);
    va_end(list);
    dg_record_line(box->order->run, &box->order->test->seen, text);
    dg_record_reason(box->order->run, box->order->test, text);
}

static bool is_readable(uint8_t byte)
{
    return ((byte >= 'a') && (byte <= 'z')) ||
           ((byte >= 'A') && (byte <= 'Z')) ||
           ((byte >= '0') && (byte <= '9')) || (byte == '-') || (byte == ' ');
}

/* The first run of letters and digits in an answer; "" when there is none. */
static void find_text(const struct box *box, char text[33])
{
    const unsigned count =
        (box->answered < ANSWERS_MAX) ? box->answered : ANSWERS_MAX;

    text[0] = '\0';
    for (unsigned i = 0U; (i < count) && (text[0] == '\0'); i++) {
        size_t run = 0U;

        for (size_t at = 0U; at < box->answer[i].size; at++) {
            run = is_readable(box->answer[i].byte[at]) ? (run + 1U) : 0U;
            if ((run >= TEXT_MIN) &&
                ((at + 1U == box->answer[i].size) || (run == 32U) ||
                 !is_readable(box->answer[i].byte[at + 1U]))) {
                memcpy(text, &box->answer[i].byte[at + 1U - run], run);
                text[run] = '\0';
                break;
            }
        }
    }
}

static enum dg_run_verdict still_there(struct box *box, const char *what)
{
    listen_for(box, SETTLE_MS);
    /* The answer to a frame may be that nobody takes it any more. */
    throw_frame(box, (const uint8_t *)"", 1U);
    listen_for(box, SETTLE_MS);
    if (box->is_gone) {
        see(box,
            "After %u frames (%s) nobody listens at the address any more: the "
            "product's program ended.",
            box->sent,
            what);
        return DG_RUN_FAIL;
    }
    see(box,
        "%u frames (%s), %u answers: the address still listens. Whether basal "
        "went on and a proper dose is obeyed nobody can see from outside; "
        "that needs an adapter.",
        box->sent,
        what,
        box->answered);
    return DG_RUN_INCONCLUSIVE;
}

/* Tests -------------------------------------------------------------------- */

static enum dg_run_verdict flood(struct box *box)
{
    throw_noise(box, FLOOD);
    return still_there(box, "noise without end");
}

static enum dg_run_verdict corrupt(struct box *box)
{
    static const uint8_t big[FRAME_MAX] = {0U};

    throw_each_kind(box);
    throw_frame(box, big, sizeof big);
    throw_noise(box, NOISE);
    return still_there(box, "every first byte, the longest frame, noise");
}

static enum dg_run_verdict fuzz(struct box *box)
{
    throw_changed(box, CHANGED);
    return still_there(box, "changed CBOR of every kind");
}

static enum dg_run_verdict capture(struct box *box)
{
    char text[33];

    throw_each_kind(box);
    listen_for(box, SETTLE_MS);
    find_text(box, text);
    if (text[0] != '\0') {
        see(box, "A stranger is answered with readable text: \"%s\".", text);
        return DG_RUN_FAIL;
    }
    see(box,
        "%u answers to %u frames of a stranger, and no readable text in them. "
        "What phone and product say to each other nobody has heard; that "
        "needs an adapter.",
        box->answered,
        box->sent);
    return DG_RUN_INCONCLUSIVE;
}

static const struct {
    const char *id;
    enum dg_run_verdict (*run)(struct box *box);
} tests[] = {
    {"stranger-flood", flood},
    {"corrupted-frames", corrupt},
    {"fuzz-handshake", fuzz},
    {"passive-capture", capture},
};

bool dg_black_box_tries(const char *id)
{
    for (size_t i = 0U; i < sizeof tests / sizeof tests[0]; i++) {
        if (strcmp(tests[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* Open, and see that somebody may be there: a closed port says so. */
static bool open_box(struct box *box, const char *address)
{
    struct sockaddr_in to;

    box->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if ((box->fd < 0) || !read_address(address, &to) ||
        (connect(box->fd, (const struct sockaddr *)&to, sizeof to) != 0)) {
        see(box, "%s cannot be reached: %s.", address, strerror(errno));
        return false;
    }
    throw_frame(box, (const uint8_t *)"", 1U);
    listen_for(box, SETTLE_MS);
    throw_frame(box, (const uint8_t *)"", 1U);
    listen_for(box, SETTLE_MS);
    if (box->is_gone) {
        see(box, "Nobody listens at %s.", address);
    }
    return !box->is_gone;
}

static enum dg_run_verdict run(struct box *box, const char *address)
{
    for (size_t i = 0U; i < sizeof tests / sizeof tests[0]; i++) {
        if (strcmp(tests[i].id, box->order->test->id) != 0) {
            continue;
        }
        return open_box(box, address) ? tests[i].run(box) : DG_RUN_ERROR;
    }
    see(box,
        "From outside this cannot be judged: it needs an adapter that starts "
        "the product, holds a phone's keys and measures doses.");
    return DG_RUN_INCONCLUSIVE;
}

/* @satisfies{EVL_BLACKBOX.1@1} */
void dg_black_box_run(const struct dg_session_order *order, const char *address)
{
    const long long began_ms = dg_clock_ms();
    struct box *box = calloc(1U, sizeof *box);
    enum dg_run_verdict verdict = DG_RUN_ERROR;

    if (box != NULL) {
        box->order = order;
        box->fd = -1;
        box->dice.seed = order->seed;
        dg_record_replay(order->run, order->test, order->replay);
        dg_record_monitor(order->run,
                          order->test,
                          "therapy",
                          DG_RUN_INCONCLUSIVE,
                          "the mechanism cannot be seen from outside");
        verdict = run(box, address);
        if (box->fd >= 0) {
            (void)close(box->fd);
        }
        if (verdict == DG_RUN_FAIL) {
            dg_record_path(order->run, order->test, order->entry);
        }
    }
    free(box);
    dg_record_hold();
    order->test->elapsed_ms = (uint64_t)(dg_clock_ms() - began_ms);
    dg_session_give(order, verdict);
    dg_record_let_go();
}
