/* SPDX-License-Identifier: Apache-2.0 */
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "keystore_rows.h"
#include "token_wire.h"

/* TPM and token, from the role's side: every question goes to dosegate-token,
 * over a socket that the role was given. */
#define ANSWER_MS 8000 /* a slow TPM makes a key in two or three seconds */

static enum dg_status exchange(struct dg_keystore *store,
                               const struct dg_token_request *request,
                               struct dg_token_answer *answer)
{
    uint8_t out[DG_TOKEN_REQUEST_SIZE];
    uint8_t in[DG_TOKEN_ANSWER_SIZE];
    struct pollfd entry = {.fd = store->token, .events = POLLIN};
    bool done = false;

    dg_token_request_write(request, out);
    if (write(store->token, out, sizeof(out)) == (ssize_t)sizeof(out)) {
        done = (poll(&entry, 1, ANSWER_MS) == 1) &&
               (read(store->token, in, sizeof(in)) == (ssize_t)sizeof(in)) &&
               dg_token_answer_read(in, answer);
    }
    explicit_bzero(in, sizeof(in));
    explicit_bzero(out, sizeof(out));
    return done ? answer->status : DG_E_PORT;
}

/* It has been started; has it found its hardware? */
static enum dg_status open_token(struct dg_keystore *store,
                                 const char *where,
                                 char why[DG_KEYSTORE_WHY_MAX])
{
    const struct dg_token_request hello = {.op = DG_TOKEN_HELLO};
    struct dg_token_answer answer = {.status = DG_E_PORT};

    (void)where;
    if ((store->token >= 0) && (exchange(store, &hello, &answer) == DG_OK)) {
        store->counts = answer.value == 1U;
        return DG_OK;
    }
    answer.blob.byte[DG_KEYSTORE_BLOB_MAX - 1U] = 0U;
    (void)snprintf(why,
                   DG_KEYSTORE_WHY_MAX,
                   "%.200s",
                   (answer.blob.size > 0U)
                       ? (const char *)answer.blob.byte
                       : "dosegate-token does not answer: it belongs beside "
                         "the roles");
    return DG_E_PORT;
}

static enum dg_status make(struct dg_keystore *store,
                           enum dg_key_use use,
                           struct dg_public_key *public_key,
                           struct dg_key_blob *blob)
{
    const struct dg_token_request request = {.op = DG_TOKEN_MAKE,
                                             .use = (uint8_t)use};
    struct dg_token_answer answer;
    const enum dg_status status = exchange(store, &request, &answer);

    if (status == DG_OK) {
        *public_key = answer.public_key;
        *blob = answer.blob;
    }
    return status;
}

static enum dg_status agree(struct dg_keystore *store,
                            const struct dg_key_blob *blob,
                            const uint8_t peer_x[DG_P256_SIZE],
                            struct dg_secret *shared)
{
    struct dg_token_request request = {.op = DG_TOKEN_AGREE, .blob = *blob};
    struct dg_token_answer answer;

    memcpy(request.data, peer_x, DG_P256_SIZE);

    const enum dg_status status = exchange(store, &request, &answer);

    if (status == DG_OK) {
        memcpy(shared->byte, answer.data, sizeof(shared->byte));
        explicit_bzero(&answer, sizeof(answer));
    }
    return status;
}

static enum dg_status sign(struct dg_keystore *store,
                           const struct dg_key_blob *blob,
                           const struct dg_hash *hash,
                           struct dg_signature *signature)
{
    struct dg_token_request request = {.op = DG_TOKEN_SIGN, .blob = *blob};
    struct dg_token_answer answer;

    memcpy(request.data, hash->byte, sizeof(hash->byte));

    const enum dg_status status = exchange(store, &request, &answer);

    if (status == DG_OK) {
        memcpy(signature->byte, answer.data, sizeof(signature->byte));
    }
    return status;
}

static enum dg_status destroy(struct dg_keystore *store,
                              const struct dg_key_blob *blob)
{
    const struct dg_token_request request = {.op = DG_TOKEN_DESTROY,
                                             .blob = *blob};
    struct dg_token_answer answer;

    return exchange(store, &request, &answer);
}

static enum dg_status count(struct dg_keystore *store,
                            bool bump,
                            uint64_t *value)
{
    const struct dg_token_request request = {.op = DG_TOKEN_COUNT,
                                             .use = bump ? 1U : 0U};
    struct dg_token_answer answer;
    const enum dg_status status = exchange(store, &request, &answer);

    if (status == DG_OK) {
        *value = answer.value;
    }
    return status;
}

const struct dg_keystore_row dg_keystore_tpm_row = {
    .scheme = "tpm",
    .about = "a TPM 2.0: keys are used in it and cannot be copied off it",
    .open = open_token,
    .make = make,
    .agree = agree,
    .sign = sign,
    .destroy = destroy,
    .count = count,
};

const struct dg_keystore_row dg_keystore_pkcs11_row = {
    .scheme = "pkcs11",
    .about = "a PKCS#11 token: keys are used in it and are not to be copied "
             "off it, as far as that token keeps its word",
    .open = open_token,
    .make = make,
    .agree = agree,
    .sign = sign,
    .destroy = destroy,
};
