/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TAP_PUMP_H
#define TAP_PUMP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A product to try an adapter on: the "tap pump" and its phone, simulated.  Its
 * frames are authentic and not secret; it has no automatic doses. */
#define TAP_PULSE 50   /* mU */
#define TAP_BASAL 1200 /* mU/h */
#define TAP_DOSE  2000 /* mU, the most at once ... */
#define TAP_ALL   6000 /* ... and without a new battery */
#define TAP_SLOTS 4

/* What goes over the link, both ways. */
struct tap_frame {
    uint64_t count; /* never twice */
    int32_t mU;
    uint8_t ticket[8];
    uint8_t sign[32]; /* a person's, over ticket and amount */
    char word[9];     /* what is asked; the answer's result */
    uint8_t slot;
    uint8_t pairing[64]; /* keys of a phone that pairs */
    uint8_t tag[32];     /* all before, under the phone's key */
};

struct tap_unit {
    int fd; /* of the link; -1: off; 0: never made */
    struct sockaddr_in address;
    int64_t now, moved, basal, left, dosed;
    uint8_t key[TAP_SLOTS][64], code[64]; /* 32 for frames, 32 for people */
    uint64_t seen[TAP_SLOTS];
    uint8_t ticket[8], done[8];
    int32_t ticket_mU;
    bool has_code, is_paired[TAP_SLOTS];
};

struct tap_phone {
    char name[16];
    int fd;
    struct tap_frame last; /* ticket, amount, slot and count */
    uint8_t key[64];
};

/** Unit "x" or "y"; NULL: there is no such unit. */
struct tap_unit *tap_find_unit(const char *name);

/** Make a unit that knows nobody, and switch it on; false: there is no socket
 * left. */
bool tap_start(struct tap_unit *unit);

/** Where it listens on this machine. */
int tap_port(const struct tap_unit *unit);

/** Off at once, or on again at the same address; false as tap_start(), or for a
 * unit that was not made. */
bool tap_power(struct tap_unit *unit, bool is_on);

/** Let @p seconds of its clock pass; false when it is off, or they are not 1 to
 * 86400. */
bool tap_advance(struct tap_unit *unit, int64_t seconds);

/** confirm, stop, pair, silence; false: there is no such button. */
bool tap_press(struct tap_unit *unit, const char *button);

/** A phone by its name; NULL: there is none. */
struct tap_phone *tap_find_phone(const char *name);

/* The next four tell a result; NULL: there is no such thing. */

/** Make a phone (app, loop, bare, stranger) with keys of its own, whose frames
 * go to an address that ends with :PORT of this machine, while there is room. */
const char *tap_make_phone(const char *name, const char *kind, const char *to);

/** Ask for connect, status, stop, lease, glucose, propose or commit, with the
 * amount, ticket and signature in phone->last, and keep the answer there. */
const char *tap_ask(struct tap_phone *phone, const char *word);

/** Offer the phone's keys to the device; @p is_there: somebody presses its
 * button and reads the code off it, else an empty one is tried. */
const char *tap_pair(struct tap_phone *phone,
                     struct tap_unit *unit,
                     bool is_there);

/** Take all that can be seen of another phone. */
const char *tap_pose(struct tap_phone *phone, const struct tap_phone *as);

/** A person signs for the ticket in phone->last and @p mU, for once. */
void tap_sign(struct tap_phone *phone, int32_t mU);

/** SHA-256 of the program that runs, in hex. */
const char *tap_digest(void);

#endif
