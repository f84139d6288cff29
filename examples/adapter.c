/* SPDX-License-Identifier: Apache-2.0 */
/* A whole adapter and a whole product in C, small enough to read: the "tap
 * pump", simulated.  Its frames are authentic and not secret; it has no
 * automatic doses.  The contract is docs/adapter.md.
 *
 *     dosegate adapter check build/dev/examples/adapter_example */
#include <arpa/inet.h>
#include <jansson.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PULSE  50   /* mU */
#define BASAL  1200 /* mU/h */
#define DOSE   2000 /* mU, the most at once ... */
#define ALL    6000 /* ... and without a new battery */
#define SLOTS  4
#define WAIT   200 /* ms for an answer */
#define SIGNED offsetof(struct frame, tag)

/* What goes over the link, both ways. */
struct frame {
    uint64_t count; /* never twice */
    int32_t mU;
    uint8_t ticket[8];
    uint8_t sign[32]; /* a person's, over ticket and amount */
    char word[9];     /* what is asked; the answer's result */
    uint8_t slot;
    uint8_t pairing[64]; /* keys of a phone that pairs */
    uint8_t tag[32];     /* all before, under the phone's key */
};

static struct unit {
    int fd; /* of the link; -1: off */
    struct sockaddr_in address;
    int64_t now, moved, basal, left, dosed;
    uint8_t key[SLOTS][64], code[64]; /* 32 bytes for frames, 32 for people */
    uint64_t seen[SLOTS];
    uint8_t ticket[8], done[8];
    int32_t ticket_mU;
    bool is_made, has_code, is_paired[SLOTS];
} units[2];

static struct phone {
    char name[16];
    int fd;
    struct frame last; /* ticket, amount, slot and count */
    uint8_t key[64];
} phones[SLOTS];

static void mac(const uint8_t *key, const void *at, size_t size, uint8_t *tag)
{
    (void)HMAC(EVP_sha256(), key, 32, at, size, tag, NULL);
}

static void person_signs(const uint8_t *key,
                         const struct frame *frame,
                         int32_t mU,
                         uint8_t *sign)
{
    uint8_t text[12];

    memcpy(text, frame->ticket, 8);
    memcpy(&text[8], &mU, 4);
    mac(&key[32], text, sizeof text, sign);
}

/* The product: what an authentic, new frame does. */
static const char *obey(struct unit *unit, struct frame *frame)
{
    uint8_t sign[32];

    if (strcmp(frame->word, "pair") == 0) {
        memcpy(unit->key[frame->slot], frame->pairing, 64);
        unit->is_paired[frame->slot] = true;
        unit->has_code = false;
        return "paired";
    }
    if (strcmp(frame->word, "propose") == 0) {
        if ((unit->left > 0) || (frame->mU < 1) || (frame->mU > DOSE) ||
            (frame->mU > ALL - unit->dosed)) {
            return "refused";
        }
        unit->ticket_mU = frame->mU -= frame->mU % PULSE;
        (void)RAND_bytes(unit->ticket, 8);
        memcpy(frame->ticket, unit->ticket, 8);
        return "ticket";
    }
    if (strcmp(frame->word, "commit") == 0) {
        person_signs(unit->key[frame->slot], frame, unit->ticket_mU, sign);
        if (memcmp(frame->ticket, unit->done, 8) == 0) {
            return "already";
        }
        if ((memcmp(frame->ticket, unit->ticket, 8) != 0) ||
            (memcmp(frame->sign, sign, 32) != 0) || (unit->ticket_mU == 0)) {
            return "refused";
        }
        memcpy(unit->done, unit->ticket, 8);
        unit->left = unit->ticket_mU;
        unit->dosed += unit->ticket_mU;
        unit->ticket_mU = 0;
        return "accepted";
    }
    unit->left = (strcmp(frame->word, "stop") == 0) ? 0 : unit->left;
    return "status";
}

static void hear(struct unit *unit)
{
    struct frame frame;
    struct sockaddr_in from;
    socklen_t size = sizeof from;
    uint8_t tag[32];
    const ssize_t got =
        recvfrom(unit->fd, &frame, sizeof frame, 0, (void *)&from, &size);

    if ((got != sizeof frame) || (frame.slot >= SLOTS) ||
        (frame.count <= unit->seen[frame.slot]) || (frame.word[8] != '\0')) {
        return;
    }

    const bool is_known = unit->is_paired[frame.slot];
    uint8_t key[32];

    memcpy(key, is_known ? unit->key[frame.slot] : unit->code, 32);
    mac(key, &frame, SIGNED, tag);
    if ((!is_known && !unit->has_code) || (memcmp(tag, frame.tag, 32) != 0)) {
        return;
    }
    unit->seen[frame.slot] = frame.count;
    (void)snprintf(frame.word, sizeof frame.word, "%s", obey(unit, &frame));
    mac(key, &frame, SIGNED, frame.tag);
    (void)sendto(unit->fd, &frame, sizeof frame, 0, (void *)&from, size);
}

static void power(struct unit *unit, bool on)
{
    if (unit->fd > 0) {
        (void)close(unit->fd);
    }
    unit->fd = on ? socket(AF_INET, SOCK_DGRAM, 0) : -1;
    unit->left = 0;
    unit->ticket_mU = 0;
    if (on) {
        socklen_t size = sizeof unit->address;

        unit->address.sin_family = AF_INET;
        unit->address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        (void)bind(unit->fd, (void *)&unit->address, size);
        (void)getsockname(unit->fd, (void *)&unit->address, &size);
    }
}

/* The phone: one frame to the relay; meanwhile the units get their turn. */
static json_t *say(struct phone *phone, const char *word, const uint8_t *key)
{
    struct frame *frame = &phone->last;
    struct frame got;
    uint8_t tag[32];

    frame->count++;
    (void)snprintf(frame->word, sizeof frame->word, "%s", word);
    mac(key, frame, SIGNED, frame->tag);
    (void)send(phone->fd, frame, sizeof *frame, 0);
    for (;;) {
        struct pollfd set[3] = {
            {phone->fd, POLLIN, 0},
            {units[0].is_made ? units[0].fd : -1, POLLIN, 0},
            {units[1].is_made ? units[1].fd : -1, POLLIN, 0}};

        if (poll(set, 3, WAIT) == 0) {
            return json_pack("{s:s}", "result", "silent");
        }
        for (unsigned i = 0; i < 2; i++) {
            if (set[1 + i].revents != 0) {
                hear(&units[i]);
            }
        }
        if ((set[0].revents != 0) &&
            (recv(phone->fd, &got, sizeof got, 0) == sizeof got)) {
            mac(key, &got, SIGNED, tag);
            if ((memcmp(tag, got.tag, 32) == 0) &&
                (got.count == frame->count)) {
                *frame = got;
                return json_pack(
                    "{s:s, s:i}", "result", got.word, "resolved_mU", got.mU);
            }
        }
    }
}

/* The bench. */
static const char *text(const json_t *request, const char *key)
{
    const char *value = json_string_value(json_object_get(request, key));

    return (value == NULL) ? "" : value;
}

static json_t *moved(const struct unit *unit)
{
    return json_pack("{s:I}", "mU", (json_int_t)unit->moved);
}

static json_t *advance(struct unit *unit, json_int_t seconds)
{
    if ((seconds < 1) || (seconds > 86400) || (unit->fd < 0)) {
        return NULL;
    }
    for (json_int_t i = 0; i < seconds; i++) {
        unit->now++;
        if (unit->basal + PULSE <= BASAL * unit->now / 3600) {
            unit->basal += PULSE;
            unit->moved += PULSE;
        }
        if ((unit->left > 0) && (unit->now % 2 == 0)) {
            unit->left -= PULSE;
            unit->moved += PULSE;
        }
    }
    return moved(unit);
}

static json_t *caps(int dose, int all)
{
    return json_pack("{s:i, s:i, s:i, s:i, s:i}",
                     "dose_mU",
                     dose,
                     "5min_mU",
                     all,
                     "1h_mU",
                     all,
                     "4h_mU",
                     all,
                     "24h_mU",
                     all);
}

static json_t *start(struct unit *unit)
{
    char link[32];

    if (unit->is_made) {
        power(unit, false);
    }
    memset(unit, 0, sizeof *unit);
    unit->is_made = true;
    power(unit, true);
    (void)snprintf(link,
                   sizeof link,
                   "udp:127.0.0.1:%u",
                   (unsigned)ntohs(unit->address.sin_port));
    return json_pack("{s:s, s:i, s:i, s:{s:o, s:o, s:o}}",
                     "link",
                     link,
                     "pulse_mU",
                     PULSE,
                     "basal_mU_per_h",
                     BASAL,
                     "caps",
                     "automatic",
                     caps(0, 0),
                     "confirmed",
                     caps(DOSE, ALL),
                     "total",
                     caps(DOSE, ALL));
}

static json_t *press(struct unit *unit, const char *button)
{
    if (strcmp(button, "pair") == 0) {
        unit->has_code = RAND_bytes(unit->code, sizeof unit->code) == 1;
    } else if (strcmp(button, "stop") == 0) {
        unit->left = 0;
    } else if ((strcmp(button, "confirm") != 0) &&
               (strcmp(button, "silence") != 0)) {
        return NULL;
    }
    return json_object();
}

static json_t *on_unit(const char *op, struct unit *unit, const json_t *request)
{
    if (strcmp(op, "start") == 0) {
        return start(unit);
    }
    if (!unit->is_made) {
        return NULL;
    }
    if (strcmp(op, "advance") == 0) {
        return advance(unit, json_integer_value(json_object_get(request, "s")));
    }
    if (strcmp(op, "delivered") == 0) {
        return moved(unit);
    }
    if (strcmp(op, "press") == 0) {
        return press(unit, text(request, "button"));
    }
    if (strcmp(op, "alive") == 0) {
        return json_pack("{s:b}", "alive", 1);
    }
    if (strcmp(op, "battery") == 0) {
        return json_pack("{s:I}", "used_nAh", (json_int_t)unit->now * 10);
    }
    if ((strcmp(op, "power_cut") == 0) || (strcmp(op, "power_on") == 0)) {
        power(unit, strcmp(op, "power_on") == 0);
        return json_object();
    }
    return (strcmp(op, "place_reading") == 0) ? json_object() : NULL;
}

static json_t *start_phone(const char *name, const json_t *request)
{
    static const char *const kinds[] = {"app", "loop", "bare", "stranger"};
    const char *via = text(request, "via");
    const char *port = strrchr(via, ':');
    bool is_kind = false;

    for (unsigned i = 0; i < 4; i++) {
        is_kind = is_kind || (strcmp(text(request, "kind"), kinds[i]) == 0);
    }
    for (unsigned i = 0; is_kind && (port != NULL) && (i < SLOTS); i++) {
        struct sockaddr_in to = {.sin_family = AF_INET};

        if (phones[i].name[0] != '\0') {
            continue;
        }
        to.sin_port = htons((uint16_t)atoi(&port[1]));
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        (void)snprintf(phones[i].name, sizeof phones[i].name, "%s", name);
        (void)RAND_bytes(phones[i].key, sizeof phones[i].key);
        phones[i].last.slot = (uint8_t)i;
        phones[i].fd = socket(AF_INET, SOCK_DGRAM, 0);
        (void)connect(phones[i].fd, (void *)&to, sizeof to);
        return json_object();
    }
    return NULL;
}

static struct phone *find(const char *name)
{
    for (unsigned i = 0; i < SLOTS; i++) {
        if ((name[0] != '\0') && (strcmp(phones[i].name, name) == 0)) {
            return &phones[i];
        }
    }
    return NULL;
}

static json_t *pair(struct phone *phone, struct unit *unit, bool presence)
{
    static const uint8_t empty[32];
    json_t *said = NULL;

    if (presence) {
        json_decref(press(unit, "pair"));
    }
    memcpy(phone->last.pairing, phone->key, sizeof phone->key);
    said = say(phone, "pair", presence ? unit->code : empty);
    if (strcmp(text(said, "result"), "paired") != 0) {
        json_object_set_new(said, "result", json_string("refused"));
    }
    return said;
}

static json_t *propose(struct phone *phone, const json_t *request)
{
    const json_int_t mU = json_integer_value(json_object_get(request, "mU"));

    phone->last.mU = (int32_t)((mU < 0) || (mU > 1000000) ? 0 : mU);
    return (strcmp(text(request, "tier"), "automatic") == 0)
               ? json_pack("{s:s, s:s}", "result", "refused", "reason", "role")
               : say(phone, "propose", phone->key);
}

static json_t *commit(struct phone *phone, const json_t *request)
{
    const char *sign = text(request, "sign");

    memset(phone->last.sign, 0, sizeof phone->last.sign);
    if (strcmp(sign, "none") != 0) {
        person_signs(phone->key,
                     &phone->last,
                     (strcmp(sign, "wrong") == 0) ? PULSE : phone->last.mU,
                     phone->last.sign);
    }
    return say(phone, "commit", phone->key);
}

static json_t *bolus(struct phone *phone, const json_t *request)
{
    json_t *said = propose(phone, request);

    if (strcmp(text(said, "result"), "ticket") != 0) {
        return said;
    }
    json_decref(said);
    return json_is_false(json_object_get(request, "approve"))
               ? json_pack("{s:s}", "result", "declined")
               : commit(phone, request);
}

static json_t *on_phone(const char *op,
                        struct phone *phone,
                        struct unit *unit,
                        const json_t *request)
{
    const struct phone *model = find(text(request, "as"));
    const char *what = text(request, "do");

    if ((strcmp(op, "pair") == 0) && (unit != NULL) && unit->is_made) {
        return pair(
            phone, unit, json_is_true(json_object_get(request, "presence")));
    }
    if ((strcmp(op, "pose") == 0) && (model != NULL)) {
        phone->last.slot = model->last.slot;
        phone->last.count = model->last.count + 100U;
        return json_object();
    }
    if (strcmp(op, "phone") != 0) {
        return NULL;
    }
    if (strcmp(what, "propose") == 0) {
        return propose(phone, request);
    }
    if (strcmp(what, "commit") == 0) {
        return commit(phone, request);
    }
    if (strcmp(what, "bolus") == 0) {
        return bolus(phone, request);
    }
    if (strcmp(what, "rekey") == 0) {
        return json_pack("{s:s}", "result", "unsupported");
    }
    return ((strcmp(what, "connect") == 0) || (strcmp(what, "status") == 0) ||
            (strcmp(what, "lease") == 0) || (strcmp(what, "glucose") == 0) ||
            (strcmp(what, "stop") == 0))
               ? say(phone, (what[0] == 's') ? what : "status", phone->key)
               : NULL;
}

/* NULL: it cannot be done. */
static json_t *run(const json_t *request, const char *digest)
{
    const char *op = text(request, "op");
    const char *name = text(request, "phone");
    const char *which = text(request, "unit");
    struct unit *unit = (strcmp(which, "x") == 0)   ? &units[0]
                        : (strcmp(which, "y") == 0) ? &units[1]
                                                    : NULL;
    struct phone *phone = find(name);

    if (strcmp(op, "hello") == 0) {
        return json_pack("{s:i, s:s, s:s, s:s, s:s}",
                         "contract",
                         1,
                         "name",
                         "Tap pump, simulated",
                         "version",
                         "1.0.0",
                         "firmware_digest",
                         digest,
                         "platform",
                         "none");
    }
    if ((strcmp(op, "phone_start") == 0) && (phone == NULL) &&
        (name[0] != '\0')) {
        return start_phone(name, request);
    }
    if (name[0] != '\0') {
        return (phone == NULL) ? NULL : on_phone(op, phone, unit, request);
    }
    return (unit == NULL) ? NULL : on_unit(op, unit, request);
}

/* What runs is this program: its digest is that of its file. */
static void digest_self(char hex[65])
{
    static uint8_t file[1 << 20];
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
}

int main(int argc, char **argv)
{
    char *line = NULL;
    size_t room = 0;
    char digest[65];

    if ((argc >= 3) && (strcmp(argv[argc - 2], "--dir") == 0)) {
        (void)mkdir(argv[argc - 1], 0700);
    }
    digest_self(digest);
    while (getline(&line, &room, stdin) > 0) {
        json_t *request = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        json_t *answer = json_is_object(request) ? run(request, digest) : NULL;

        if (answer != NULL) {
            json_object_set_new(answer, "ok", json_true());
        } else {
            answer = json_pack("{s:b, s:s}",
                               "ok",
                               0,
                               "error",
                               "that cannot be done; see docs/adapter.md");
        }
        (void)json_dumpf(answer, stdout, JSON_COMPACT);
        (void)puts("");
        (void)fflush(stdout);
        json_decref(answer);
        json_decref(request);
    }
    free(line);
    return 0;
}
