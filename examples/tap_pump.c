/* SPDX-License-Identifier: Apache-2.0 */
#include "tap_pump.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WAIT   200 /* ms for an answer */
#define SIGNED offsetof(struct tap_frame, tag)

/* All live in this process. */
static struct tap_unit units[2];
static struct tap_phone phones[TAP_SLOTS];

static void mac(const uint8_t *key, const void *at, size_t size, uint8_t *tag)
{
    (void)HMAC(EVP_sha256(), key, 32, at, size, tag, NULL);
}

static void person_signs(const uint8_t *key,
                         const struct tap_frame *frame,
                         int32_t mU,
                         uint8_t *sign)
{
    uint8_t text[12];

    memcpy(text, frame->ticket, 8);
    memcpy(&text[8], &mU, 4);
    mac(&key[32], text, sizeof text, sign);
}

static const char *propose(struct tap_unit *unit, struct tap_frame *frame)
{
    if ((unit->left > 0) || (frame->mU < 1) || (frame->mU > TAP_DOSE) ||
        (frame->mU > TAP_ALL - unit->dosed)) {
        return "refused";
    }
    unit->ticket_mU = frame->mU -= frame->mU % TAP_PULSE;
    (void)RAND_bytes(unit->ticket, 8);
    memcpy(frame->ticket, unit->ticket, 8);
    return "ticket";
}

static const char *commit(struct tap_unit *unit, const struct tap_frame *frame)
{
    uint8_t sign[32];

    person_signs(unit->key[frame->slot], frame, unit->ticket_mU, sign);
    if (memcmp(frame->ticket, unit->done, 8) == 0) {
        return "already";
    }
    if ((memcmp(frame->ticket, unit->ticket, 8) != 0) ||
        (CRYPTO_memcmp(frame->sign, sign, 32) != 0) || (unit->ticket_mU == 0)) {
        return "refused";
    }
    memcpy(unit->done, unit->ticket, 8);
    unit->left = unit->ticket_mU;
    unit->dosed += unit->ticket_mU;
    unit->ticket_mU = 0;
    return "accepted";
}

/* What an authentic, new frame does. */
static const char *obey(struct tap_unit *unit, struct tap_frame *frame)
{
    if (strcmp(frame->word, "pair") == 0) {
        memcpy(unit->key[frame->slot], frame->pairing, 64);
        unit->is_paired[frame->slot] = true;
        unit->has_code = false;
        return "paired";
    }
    if (strcmp(frame->word, "propose") == 0) {
        return propose(unit, frame);
    }
    if (strcmp(frame->word, "commit") == 0) {
        return commit(unit, frame);
    }
    unit->left = (strcmp(frame->word, "stop") == 0) ? 0 : unit->left;
    return "status";
}

static void hear(struct tap_unit *unit)
{
    struct tap_frame frame;
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    uint8_t tag[32];
    const ssize_t got =
        recvfrom(unit->fd, &frame, sizeof frame, 0, (void *)&from, &size);

    if ((got != sizeof frame) || (frame.slot >= TAP_SLOTS) ||
        (frame.count <= unit->seen[frame.slot]) || (frame.word[8] != '\0')) {
        return;
    }

    const bool is_known = unit->is_paired[frame.slot];
    uint8_t key[32];

    memcpy(key, is_known ? unit->key[frame.slot] : unit->code, 32);
    mac(key, &frame, SIGNED, tag);
    if ((!is_known && !unit->has_code) ||
        (CRYPTO_memcmp(tag, frame.tag, 32) != 0)) {
        return;
    }
    unit->seen[frame.slot] = frame.count;
    (void)snprintf(frame.word, sizeof frame.word, "%s", obey(unit, &frame));
    mac(key, &frame, SIGNED, frame.tag);
    (void)sendto(unit->fd, &frame, sizeof frame, 0, (void *)&from, size);
}

bool tap_power(struct tap_unit *unit, bool is_on)
{
    socklen_t size = sizeof unit->address;

    if (unit->fd > 0) {
        (void)close(unit->fd);
    }
    unit->fd = -1;
    unit->left = 0;
    unit->ticket_mU = 0;
    if (is_on) {
        unit->fd = socket(AF_INET, SOCK_DGRAM, 0);
        unit->address.sin_family = AF_INET;
        unit->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return (bind(unit->fd, (void *)&unit->address, size) == 0) &&
               (getsockname(unit->fd, (void *)&unit->address, &size) == 0);
    }
    return true;
}

struct tap_unit *tap_find_unit(const char *name)
{
    return (strcmp(name, "x") == 0)   ? &units[0]
           : (strcmp(name, "y") == 0) ? &units[1]
                                      : NULL;
}

bool tap_start(struct tap_unit *unit)
{
    (void)tap_power(unit, false);
    memset(unit, 0, sizeof *unit);
    return tap_power(unit, true);
}

int tap_port(const struct tap_unit *unit)
{
    return ntohs(unit->address.sin_port);
}

static void tick(struct tap_unit *unit)
{
    unit->now++;
    if (unit->basal + TAP_PULSE <= TAP_BASAL * unit->now / 3600) {
        unit->basal += TAP_PULSE;
        unit->moved += TAP_PULSE;
    }
    if ((unit->left > 0) && (unit->now % 2 == 0)) {
        unit->left -= TAP_PULSE;
        unit->moved += TAP_PULSE;
    }
}

bool tap_advance(struct tap_unit *unit, int64_t seconds)
{
    if ((unit->fd < 0) || (seconds < 1) || (seconds > 86400)) {
        return false;
    }
    for (int64_t i = 0; i < seconds; i++) {
        tick(unit);
    }
    return true;
}

bool tap_press(struct tap_unit *unit, const char *button)
{
    if (strcmp(button, "pair") == 0) {
        unit->has_code = RAND_bytes(unit->code, sizeof unit->code) == 1;
        return true;
    }
    unit->left = (strcmp(button, "stop") == 0) ? 0 : unit->left;
    return (strcmp(button, "stop") == 0) || (strcmp(button, "confirm") == 0) ||
           (strcmp(button, "silence") == 0);
}

/* The phone --------------------------------------------------------------- */

struct tap_phone *tap_find_phone(const char *name)
{
    for (unsigned i = 0; (name[0] != '\0') && (i < TAP_SLOTS); i++) {
        if (strcmp(phones[i].name, name) == 0) {
            return &phones[i];
        }
    }
    return NULL;
}

static bool is_one_of(const char *word, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(word, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

const char *tap_make_phone(const char *name, const char *kind, const char *to)
{
    static const char *const kinds[] = {"app", "loop", "bare", "stranger"};
    const char *port = strrchr(to, ':');
    struct sockaddr_in relay = {.sin_family = AF_INET};
    unsigned slot = 0;

    while ((slot < TAP_SLOTS) && (phones[slot].name[0] != '\0')) {
        slot++;
    }
    if ((slot == TAP_SLOTS) || !is_one_of(kind, kinds, 4) || (port == NULL) ||
        (name[0] == '\0') || (strlen(name) >= sizeof phones->name)) {
        return NULL;
    }
    relay.sin_port = htons((uint16_t)strtoul(&port[1], NULL, 10));
    relay.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)snprintf(phones[slot].name, sizeof phones->name, "%s", name);
    phones[slot].last.slot = (uint8_t)slot;
    phones[slot].fd = socket(AF_INET, SOCK_DGRAM, 0);
    (void)RAND_bytes(phones[slot].key, sizeof phones->key);
    (void)connect(phones[slot].fd, (void *)&relay, sizeof relay);
    return "status";
}

/* One frame to the relay; meanwhile the units get their turn. */
static const char *ask(struct tap_phone *phone,
                       const char *word,
                       const uint8_t *key)
{
    struct tap_frame *frame = &phone->last;
    struct tap_frame got;
    uint8_t tag[32];

    frame->count++;
    (void)snprintf(frame->word, sizeof frame->word, "%s", word);
    mac(key, frame, SIGNED, frame->tag);
    (void)send(phone->fd, frame, sizeof *frame, 0);
    memset(frame->sign, 0, sizeof frame->sign);
    for (;;) {
        struct pollfd set[3] = {{phone->fd, POLLIN, 0}};

        for (unsigned i = 0; i < 2; i++) {
            const int fd = units[i].fd;

            set[1 + i] = (struct pollfd){(fd > 0) ? fd : -1, POLLIN, 0};
        }
        if (poll(set, 3, WAIT) == 0) {
            return "silent";
        }
        for (unsigned i = 0; i < 2; i++) {
            if (set[1 + i].revents != 0) {
                hear(&units[i]);
            }
        }
        if ((set[0].revents == 0) ||
            (recv(phone->fd, &got, sizeof got, 0) != sizeof got)) {
            continue;
        }
        mac(key, &got, SIGNED, tag);
        if ((CRYPTO_memcmp(tag, got.tag, 32) == 0) &&
            (got.count == frame->count)) {
            *frame = got;
            memset(frame->sign, 0, sizeof frame->sign);
            return frame->word;
        }
    }
}

const char *tap_ask(struct tap_phone *phone, const char *word)
{
    static const char *const words[] = {
        "connect", "status", "stop", "lease", "glucose", "propose", "commit"};

    if (strcmp(word, "rekey") == 0) {
        return "unsupported";
    }
    return is_one_of(word, words, 7) ? ask(phone, word, phone->key) : NULL;
}

const char *tap_pair(struct tap_phone *phone,
                     struct tap_unit *unit,
                     bool is_there)
{
    static const uint8_t empty[64];

    if (unit == NULL) {
        return NULL;
    }
    if (is_there) {
        (void)tap_press(unit, "pair");
    }
    memcpy(phone->last.pairing, phone->key, sizeof phone->key);
    const char *said = ask(phone, "pair", is_there ? unit->code : empty);

    return (strcmp(said, "paired") == 0) ? said : "refused";
}

const char *tap_pose(struct tap_phone *phone, const struct tap_phone *as)
{
    if (as == NULL) {
        return NULL;
    }
    phone->last.slot = as->last.slot;
    phone->last.count = as->last.count + 100U;
    return "status";
}

void tap_sign(struct tap_phone *phone, int32_t mU)
{
    person_signs(phone->key, &phone->last, mU, phone->last.sign);
}

/* The product runs in this program. */
const char *tap_digest(void)
{
    static uint8_t file[1 << 20];
    static char hex[65];
    uint8_t digest[32];
    FILE *from = fopen("/proc/self/exe", "rb");
    const size_t size = (from == NULL) ? 0 : fread(file, 1, sizeof file, from);

    (void)SHA256(file, size, digest);
    for (unsigned i = 0; i < 32; i++) {
        (void)snprintf(&hex[2 * i], 3, "%02x", digest[i]);
    }
    if (from != NULL) {
        (void)fclose(from);
    }
    return hex;
}
