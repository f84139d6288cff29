/* SPDX-License-Identifier: Apache-2.0 */
#include "token_wire.h"

static void write_blob(const struct dg_key_blob *blob, uint8_t *at)
{
    at[0] = (uint8_t)(blob->size >> 8U);
    at[1] = (uint8_t)blob->size;
    memset(&at[2], 0, DG_KEYSTORE_BLOB_MAX);
    memcpy(&at[2], blob->byte, blob->size);
}

static bool read_blob(const uint8_t *at, struct dg_key_blob *blob)
{
    const unsigned size = ((unsigned)at[0] << 8U) | at[1];

    if (size > DG_KEYSTORE_BLOB_MAX) {
        return false;
    }
    blob->size = (uint16_t)size;
    memcpy(blob->byte, &at[2], DG_KEYSTORE_BLOB_MAX);
    return true;
}

void dg_token_request_write(const struct dg_token_request *request,
                            uint8_t bytes[DG_TOKEN_REQUEST_SIZE])
{
    bytes[0] = (uint8_t)request->op;
    bytes[1] = request->use;
    write_blob(&request->blob, &bytes[2]);
    memcpy(
        &bytes[4U + DG_KEYSTORE_BLOB_MAX], request->data, DG_TOKEN_DATA_SIZE);
}

bool dg_token_request_read(const uint8_t bytes[DG_TOKEN_REQUEST_SIZE],
                           struct dg_token_request *request)
{
    if ((bytes[0] < (uint8_t)DG_TOKEN_HELLO) ||
        (bytes[0] > (uint8_t)DG_TOKEN_COUNT) ||
        !read_blob(&bytes[2], &request->blob)) {
        return false;
    }
    request->op = (enum dg_token_op)bytes[0];
    request->use = bytes[1];
    memcpy(
        request->data, &bytes[4U + DG_KEYSTORE_BLOB_MAX], DG_TOKEN_DATA_SIZE);
    return true;
}

void dg_token_answer_write(const struct dg_token_answer *answer,
                           uint8_t bytes[DG_TOKEN_ANSWER_SIZE])
{
    bytes[0] = (uint8_t)((unsigned)answer->status >> 8U);
    bytes[1] = (uint8_t)answer->status;
    for (unsigned i = 0; i < 8U; i++) {
        bytes[2U + i] = (uint8_t)(answer->value >> (56U - (8U * i)));
    }
    memcpy(&bytes[10], answer->public_key.x, DG_P256_SIZE);
    memcpy(&bytes[42], answer->public_key.y, DG_P256_SIZE);
    write_blob(&answer->blob, &bytes[74]);
    memcpy(
        &bytes[76U + DG_KEYSTORE_BLOB_MAX], answer->data, DG_TOKEN_DATA_SIZE);
}

bool dg_token_answer_read(const uint8_t bytes[DG_TOKEN_ANSWER_SIZE],
                          struct dg_token_answer *answer)
{
    const unsigned status = ((unsigned)bytes[0] << 8U) | bytes[1];

    if (!read_blob(&bytes[74], &answer->blob)) {
        return false;
    }
    /* A token says yes, no such point, or that it failed. */
    answer->status = (status == (unsigned)DG_OK)        ? DG_OK
                     : (status == (unsigned)DG_E_RANGE) ? DG_E_RANGE
                     : (status == (unsigned)DG_E_STATE) ? DG_E_STATE
                                                        : DG_E_PORT;
    answer->value = 0;
    for (unsigned i = 0; i < 8U; i++) {
        answer->value = (answer->value << 8U) | bytes[2U + i];
    }
    memcpy(answer->public_key.x, &bytes[10], DG_P256_SIZE);
    memcpy(answer->public_key.y, &bytes[42], DG_P256_SIZE);
    memcpy(
        answer->data, &bytes[76U + DG_KEYSTORE_BLOB_MAX], DG_TOKEN_DATA_SIZE);
    return true;
}
