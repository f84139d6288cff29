/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_KEYS_H
#define DG_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/controller.h"
#include "dosegate/crypto.h"
#include "dosegate/pairing.h"
#include "dosegate/pairing_digits.h"
#include "dosegate/status.h"
#include "internal.h"
#include "keystore.h"

/* The phone's keys at work: sessions, records and pairing, one exchange at a
 * time.  Sans-I/O: the role program carries what comes in and out. */
#define DG_KEYS_TRIES          5U /* handshakes, or pairing requests, in a row */
#define DG_KEYS_ANSWER_MS      400 /* then a request counts as unanswered       */
#define DG_KEYS_OUT_MAX        4U
#define DG_KEYS_REKEY_MS       (1000LL * DG_REKEY_AGE_S)
#define DG_KEYS_REKEY_AGAIN_MS 60000LL /* after an answer that did not come */

enum dg_keys_activity {
    DG_KEYS_IDLE = 0,
    DG_KEYS_CONNECTING, /* a status request waits for a session */
    DG_KEYS_WAITING,    /* a request waits for its answer       */
    DG_KEYS_PAIRING,
    DG_KEYS_PROVING,  /* pairing by digits                   */
    DG_KEYS_REKEYING, /* a request waits for fresh keys      */
};

/* What must be on storage before anything that depends on it leaves. */
typedef enum dg_status (*dg_keys_save)(void *context,
                                       const struct dg_phone *phone);

struct dg_keys_out {
    enum dg_role_id to;
    struct dg_internal message;
};

struct dg_keys {
    const struct dg_crypto *crypto;
    struct dg_keystore *store; /* NULL: keys are made in this memory */
    dg_keys_save save;
    void *save_context;
    bool is_paired;
    bool has_presence; /* confirm has told its key */
    bool is_early;     /* asked to pair before that: early, until it tells */
    struct dg_internal early;
    struct dg_public_key presence;
    struct dg_phone phone;
    struct dg_controller controller;
    enum dg_keys_activity activity;
    struct dg_plain waiting; /* CONNECTING, REKEYING: to be sent then */
    int64_t rekey_ms;        /* when these keys are old */
    uint8_t tries;
    uint8_t unanswered; /* in a row */
    int64_t due_ms;
    struct dg_pairing_code code; /* PAIRING */
    struct dg_pairing_request request;
    struct dg_phone candidate;
    struct dg_prover prover;  /* PROVING */
    struct dg_packet pending; /* PROVING: sent, and sent again */
    uint8_t nonce[DG_KEYS_TRIES][DG_PAIRING_NONCE_SIZE];
    uint8_t out_count;
    struct dg_keys_out out[DG_KEYS_OUT_MAX];
};

/** Begin; @p phone is NULL when there is no pairing yet. */
void dg_keys_init(struct dg_keys *keys,
                  const struct dg_crypto *crypto,
                  const struct dg_phone *phone,
                  dg_keys_save save,
                  void *save_context);

/** Make keys where they are kept from now on; @p crypto of dg_keys_init() is
 * dg_keystore_port()'s then. */
void dg_keys_use(struct dg_keys *keys, struct dg_keystore *store);

/**
 * Take a message of therapy, confirm or link.  Every REQUEST is followed by exactly one
 * ANSWER or UNANSWERED, every PAIR by one PAIRED.
 *
 * @retval DG_OK      What is to be sent is in out.
 * @retval DG_E_PEER  Therapy asked twice, or for what no session may carry.
 */
DG_NODISCARD enum dg_status dg_keys_take(struct dg_keys *keys,
                                         int64_t now_ms,
                                         const struct dg_internal *message);

/** Time passed; INT64_MAX when nothing is due. */
int64_t dg_keys_tick(struct dg_keys *keys, int64_t now_ms);

#endif
