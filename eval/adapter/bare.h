/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ADAPTER_BARE_H
#define DG_ADAPTER_BARE_H

#include <jansson.h>
#include <stdbool.h>

#include "dosegate/controller.h"
#include "dosegate/message.h"
#include "dosegate/pairing.h"
#include "link.h"

struct dg_unit;

/* A phone without an app: the product's protocol with all its keys and none of
 * the app's own checks.  It plays the phone in an attacker's hands; made as a
 * stranger it knows everything but the keys. */
struct dg_bare {
    bool is_made;
    char name[24]; /* that it shows when it pairs; "": any */
    struct dg_crypto crypto;
    struct dg_phone phone;
    struct dg_secret presence;
    struct dg_public_key presence_key;
    struct dg_unit *unit; /* whose attestation service it deceives; or NULL */
    struct dg_controller controller;
    uint16_t seen_epoch;   /* of the phone that it poses as, off the air */
    uint32_t seen_counter; /* and the last counter */
    struct dg_link link;
    int patience_ms; /* how long it waits for an answer */
    bool has_ticket;
    struct dg_answer ticket; /* kind TICKET */
    bool has_before;
    struct dg_answer before; /* the ticket that came before that one */
    uint8_t frame[64];       /* newest sensor frame */
    size_t frame_size;
};

/** Open a link to @p address; NULL or what went wrong. */
const char *dg_bare_start(struct dg_bare *bare,
                          const char *address,
                          int patience_ms);

void dg_bare_stop(struct dg_bare *bare);

/** The phone was off: keys stay, the session and what it knew are gone. */
void dg_bare_forget_session(struct dg_bare *bare);

/** Pair with the code that the device shows. */
const char *dg_bare_pair(struct dg_bare *bare,
                         const char *code_hex,
                         const char *role);

/** The same in two halves, for one who makes up codes: new keys and a request
 * for @p role, and what an answer to it makes of the phone.  NULL or what went
 * wrong. */
const char *dg_bare_pairing_begin(struct dg_bare *bare,
                                  const char *role,
                                  struct dg_pairing_request *request);
const char *dg_bare_pairing_end(struct dg_bare *bare,
                                const struct dg_pairing_code *code,
                                const struct dg_pairing_request *request,
                                const struct dg_pairing_answer *answer);

/** Get a ticket as good as an honest phone's: the attacker has deceived the
 * attestation, too.  Needs an open session; failing changes nothing. */
void dg_bare_attest(struct dg_bare *bare);

/** Become a stranger who knows all identifiers of @p model and has other
 * keys. */
const char *dg_bare_pose_as(struct dg_bare *bare, const struct dg_bare *model);

/**
 * Do one thing over the link and wait for the answer.
 *
 * {"do":"connect"|"status"|"lease"|"stop"|"glucose"|"propose"|"commit"|
 *  "bolus"|"suspend"|"resume", and what that needs: docs/adapter.md}
 */
json_t *dg_bare_do(struct dg_bare *bare, const json_t *order);

/** Open a session; false when the device did not answer to the end. */
bool dg_bare_handshake(struct dg_bare *bare);

/** The same from its first datagram on, with the handshake as it stands. */
bool dg_bare_follow(struct dg_bare *bare, dg_span knock);

/** What the pump wrote down, from number n on: {"do":"records", "from":n};
 * {"result":"records", "total":n, "records":[{"number", "hex"}]}. */
json_t *dg_bare_records(struct dg_bare *bare, const json_t *order);

/** Connect in a way that is weaker or older: {"do":"weaker", "number":n, from
 * 0}; as connect, with "what" it is, or {"result":"none"}. */
json_t *dg_bare_weaker(struct dg_bare *bare, const json_t *order);

/** Send one request, wait for one authentic answer; false for silence. */
bool dg_bare_ask(struct dg_bare *bare,
                 const struct dg_request *request,
                 struct dg_answer *answer);

/** Wait for one datagram until @p until_ms of dg_clock_ms(); false when none
 * came. */
bool dg_bare_receive(struct dg_bare *bare,
                     dg_buf room,
                     long long until_ms,
                     dg_span *datagram);

/** Send the bytes of one message in the open session and wait for the bytes of
 * one authentic answer; false for silence. */
bool dg_bare_exchange(struct dg_bare *bare,
                      dg_span message,
                      dg_buf room,
                      dg_span *bytes);

/** Send messages of op codes: {"do":"probe", "code":n, "count":n, "shape":
 * "plain"|"repeated"|"short"|"trailing"|"long"|"nested"|"huge"}; without a
 * session in clear and under a key of zeros.  {"result":"probed",
 * "answers":[{"code", "result", "reason", "answer":hex}]} */
json_t *dg_bare_probe(struct dg_bare *bare, const json_t *order);

/** The request of an op code, well formed and with values that do something
 * where any are known. */
struct dg_request dg_bare_message(const struct dg_bare *bare, int code);

/** The bytes of a message: {"do":"sample", "what":"status", ...};
 * {"result":"sample", "plain":hex, "kept":bytes that say what it is}. */
json_t *dg_bare_sample(struct dg_bare *bare, const json_t *order);

/** Send bytes in the session as they are: {"do":"raw", "plain":hex}; as any
 * other request. */
json_t *dg_bare_raw(struct dg_bare *bare, const json_t *order);

/** Try every code that is short enough on recorded frames of a pairing:
 * {"do":"crack", "frames":[hex]}; "cracked" or "refused". */
json_t *dg_bare_crack(struct dg_bare *bare, const json_t *order);

/** Add to @p known, as hex, what only this phone and its pump may have. */
void dg_bare_tell(const struct dg_bare *bare, json_t *known);

/** Try to pair without the code: {"do":"guess", "how":"printed"|"random"|
 * "digits", "from":n (of the printed ones, 0), "count":n}.  The phone has to
 * know the unit: paired or posing. */
json_t *dg_bare_guess(struct dg_bare *bare, const json_t *order);
/** As dg_bare_ask(), in the contract's words; a ticket is kept. */
json_t *dg_bare_say(struct dg_bare *bare, const struct dg_request *request);

/** A request of @p kind that says no more than its kind. */
struct dg_request dg_bare_simple(enum dg_request_kind kind);

/* What moves insulin, or ends that (bare_dose.c) ---------------------------- */

/** {"do":"propose", "tier":.., "kind":"bolus" and its "mU"}, or another kind
 * with the numbers that docs/adapter.md lists. */
json_t *dg_bare_propose(struct dg_bare *bare, const json_t *order);

/** {"do":"commit", "sign":.., "ticket":"last" or "before"}. */
json_t *dg_bare_commit(struct dg_bare *bare, const json_t *order);

/** {"do":"suspend", "s":seconds} and {"do":"resume"}. */
json_t *dg_bare_suspend(struct dg_bare *bare, const json_t *order);
json_t *dg_bare_resume(struct dg_bare *bare, const json_t *order);

/** Carry an update: {"do":"update", "manifest":FILE, "image":FILE,
 * "parts":n (all when absent), "apply":true}. */
json_t *dg_bare_update(struct dg_bare *bare, const json_t *order);

#endif
