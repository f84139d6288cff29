/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_EDHOC_RUN_H
#define DG_TEST_EDHOC_RUN_H

#include <stdbool.h>

#include "dosegate/edhoc.h"
#include "vectors.h"

/* A handshake with both ends in one process, with the keys of a vector.
 *
 * The crypto port of each end is wrapped: it hands out the vector's ephemeral
 * key, can be told to fail, and keeps a log of every byte string that went in
 * or came out, so that a test can ask whether a published intermediate value
 * was really there. */
#define EDHOC_LOG_MAX    16384U
#define EDHOC_NO_FAILURE 0xFFFFFFFFU

struct edhoc_port {
    const struct dg_crypto *inner;
    struct dg_secret ephemeral; /* handed out by p256_generate; zero: fresh */
    struct dg_signature signature; /* by es256_sign; zero: a fresh one       */
    unsigned calls;
    unsigned fail_at; /* this call answers DG_E_PORT */
    size_t log_size;
    uint8_t log[EDHOC_LOG_MAX];
};

struct edhoc_end {
    struct edhoc_port port;
    struct dg_crypto crypto;
    struct dg_edhoc edhoc;
    struct dg_edhoc_self self;
    struct dg_edhoc_suites suites;
    uint8_t id_cred[DG_EDHOC_ID_CRED_MAX];
    uint8_t cred[DG_EDHOC_CRED_MAX];
    uint8_t connection[DG_EDHOC_CONNECTION_MAX];
    size_t connection_size;
};

struct edhoc_run {
    struct edhoc_end i;
    struct edhoc_end r;
    unsigned selected;
    uint16_t known[8]; /* EAD labels that both ends understand */
    size_t known_count;
    uint8_t ead_room[4][DG_EDHOC_EAD_MAX];
    dg_span ead[4];
    uint8_t room[4][DG_EDHOC_MESSAGE_MAX];
    dg_span message[4];
    dg_span error; /* of the last reading of message_1 */
    uint8_t error_room[16];
    uint8_t ead_seen[DG_EDHOC_EAD_MAX]; /* of the last message that was read */
    size_t ead_seen_size;
};

/** Fresh keys, one suite at both ends, kids 1 and 2, no EAD; method 3. */
void edhoc_run_fresh(struct edhoc_run *run,
                     const struct dg_crypto *inner,
                     int8_t suite);

/** The same handshake with another method at both ends. */
void edhoc_run_method(struct edhoc_run *run, enum dg_method method);

/** Keys, credentials and choices of one vector. */
void edhoc_run_load(struct edhoc_run *run,
                    const struct dg_crypto *inner,
                    const json_t *vector);

/** Write message 1 .. 4 into run->message[number - 1]. */
enum dg_status edhoc_run_write(struct edhoc_run *run, unsigned number);

/** Let the other end read, look up and verify message 1 .. 4.  An unknown
 * credential is DG_E_PEER; an unknown critical EAD item DG_E_UNSUPPORTED. */
enum dg_status edhoc_run_read(struct edhoc_run *run,
                              unsigned number,
                              dg_span message);

/** Write and read messages 1 .. @p last; the first failure ends it. */
enum dg_status edhoc_run_to(struct edhoc_run *run, unsigned last);

/** Did these bytes pass this port, in one piece? */
bool edhoc_port_saw(const struct edhoc_port *port, dg_span bytes);

#endif
