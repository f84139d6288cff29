/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_PHONE_H
#define DG_TEST_PHONE_H

#include "domain/client.h"
#include "domain/gate.h"
#include "domain/keys.h"
#include "rig.h"

/* The phone's therapy and keys, without processes, around a real device on
 * its bench: real cryptography, a link that the test rules, a clock that the
 * test moves. */
#define PHONE_QUEUE   64U
#define PHONE_REPLIES 64U

enum phone_fate {
    PHONE_DELIVER = 0,
    PHONE_DROP,
    PHONE_DELAY,     /* until phone_release() */
    PHONE_DUPLICATE, /* once now, once at phone_release() */
};

struct phone;

/* What becomes of one datagram; @p kind is its first byte. */
typedef enum phone_fate (*phone_rule)(struct phone *phone,
                                      bool to_device,
                                      uint8_t kind);

struct phone_datagram {
    bool to_device;
    uint16_t size;
    uint8_t byte[DG_DATAGRAM_MAX];
};

struct phone {
    struct rig rig;
    struct dg_client client;
    struct dg_keys keys;
    int64_t now_ms;
    struct dg_secret presence;
    struct dg_public_key presence_public;
    bool has_display;
    bool approves;
    bool defers; /* keep the question, answer nothing */
    bool is_asked;
    struct dg_internal question;
    unsigned saves;
    bool save_fails;
    uint32_t saved_counter;
    unsigned knocks;
    phone_rule rule;
    unsigned records_out; /* records to the device so far */
    unsigned records_in;
    uint64_t seed;
    size_t held_count;
    struct phone_datagram held[PHONE_QUEUE];
    unsigned nonces; /* given to the app so far */
    struct dg_nonce_note nonce;
    size_t reply_count;
    struct dg_reply reply[PHONE_REPLIES];
    struct dg_internal note; /* the last list of phones, or progress */
    size_t event_count;
    struct dg_event_note event[PHONE_REPLIES];
};

/** A phone that knows nothing yet, before a device of an adult. */
void phone_init(struct phone *phone, bool closed_loop);

/** The same before a device of this therapy. */
void phone_init_with(struct phone *phone,
                     const struct dg_therapy *therapy,
                     bool closed_loop);

/** Press the button and pair; fails the test unless the device agrees.  The
 * device takes the phone for attested; no session is open. */
void phone_pair(struct phone *phone);

/** The app fetches a nonce, the verifier signs, the app hands the ticket in. */
void phone_attest(struct phone *phone);

/** Ask as the app does. */
void phone_bolus(struct phone *phone, uint32_t tag, uint32_t mU, bool again);
void phone_ask(struct phone *phone, uint32_t tag, enum dg_internal_type type);

/** The same with any message; what came of an order is in note. */
void phone_order(struct phone *phone, const struct dg_internal *message);

/** A reading of the true sensor arrives. */
void phone_glucose(struct phone *phone, int32_t mg_dL);

/** The person answers a question that was kept. */
void phone_answer(struct phone *phone, bool yes);

/** Let time pass, in steps of 50 ms while anything waits. */
void phone_wait(struct phone *phone, int64_t ms);

/** Deliver what the link had held back. */
void phone_release(struct phone *phone);
void phone_release_first(struct phone *phone);

/** The last reply to @p tag, NULL when there is none. */
const struct dg_reply *phone_reply(const struct phone *phone, uint32_t tag);

/** The last event of a kind, NULL when there is none. */
const struct dg_event_note *phone_event(const struct phone *phone,
                                        enum dg_event event);

#endif
