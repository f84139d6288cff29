/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TOKEN_WIRE_H
#define DG_TOKEN_WIRE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "keystore.h"

/* What a role and dosegate-token say to each other over a socket pair: one
 * request of fixed size, one answer of fixed size. */
enum dg_token_op {
    DG_TOKEN_HELLO = 1, /* answer: text; value: it counts (0, 1)  */
    DG_TOKEN_MAKE = 2,  /* use -> public key, blob                */
    DG_TOKEN_AGREE = 3, /* blob, data: x -> data: x               */
    DG_TOKEN_SIGN = 4,  /* blob, data: hash -> data: r, s         */
    DG_TOKEN_DESTROY = 5,
    DG_TOKEN_COUNT = 6, /* use: bump (0, 1) -> value              */
};

#define DG_TOKEN_DATA_SIZE 64U

struct dg_token_request {
    enum dg_token_op op;
    uint8_t use;
    struct dg_key_blob blob;
    uint8_t data[DG_TOKEN_DATA_SIZE];
};

struct dg_token_answer {
    enum dg_status status;
    uint64_t value;
    struct dg_public_key public_key;
    struct dg_key_blob blob;
    uint8_t data[DG_TOKEN_DATA_SIZE];
};

#define DG_TOKEN_REQUEST_SIZE \
    (1U + 1U + 2U + DG_KEYSTORE_BLOB_MAX + DG_TOKEN_DATA_SIZE)
#define DG_TOKEN_ANSWER_SIZE \
    (2U + 8U + 64U + 2U + DG_KEYSTORE_BLOB_MAX + DG_TOKEN_DATA_SIZE)

/** Write a request. */
void dg_token_request_write(const struct dg_token_request *request,
                            uint8_t bytes[DG_TOKEN_REQUEST_SIZE]);

/** Read one; false when it is none of ours. */
bool dg_token_request_read(const uint8_t bytes[DG_TOKEN_REQUEST_SIZE],
                           struct dg_token_request *request);

/** Write an answer. */
void dg_token_answer_write(const struct dg_token_answer *answer,
                           uint8_t bytes[DG_TOKEN_ANSWER_SIZE]);

/** Read one; false when it is none of ours. */
bool dg_token_answer_read(const uint8_t bytes[DG_TOKEN_ANSWER_SIZE],
                          struct dg_token_answer *answer);

#endif
