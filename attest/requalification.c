/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/requalification.h"

#include <stddef.h>
#include <string.h>

#include "dosegate/cbor.h"
#include "dosegate/cose.h"

#define LAYOUT      1U
#define ITEMS       7U
#define PAYLOAD_MAX 208U /* 123 and two arrays of seven: 1 + 7, 1 + 35 */

static const uint8_t purpose[] = "dosegate requalification 1";

static dg_span purpose_span(void)
{
    return (dg_span){purpose, sizeof(purpose) - 1U};
}

bool dg_requalification_passed(const struct dg_requalification *run)
{
    for (unsigned i = 0; i < DG_CHECKS; i++) {
        if (run->result[i] != DG_CHECK_PASSED) {
            return false;
        }
    }
    return true;
}

const char *dg_check_name(enum dg_check check)
{
    static const char *const names[DG_CHECKS] = {
        [DG_CHECK_STORAGE] = "storage",
        [DG_CHECK_CLOCK] = "clock",
        [DG_CHECK_BACKGROUND] = "background",
        [DG_CHECK_NOTIFICATION] = "notification",
        [DG_CHECK_LINK] = "link",
        [DG_CHECK_CONFIRMATION] = "confirmation",
        [DG_CHECK_TIMING] = "timing",
    };

    return ((unsigned)check < DG_CHECKS) ? names[check] : "?";
}

enum dg_status dg_requalification_sign(const struct dg_crypto *crypto,
                                       const struct dg_secret *secret,
                                       struct dg_requalification *run,
                                       dg_buf room,
                                       dg_span *message)
{
    static const dg_span no_kid = {NULL, 0U};
    uint8_t payload_room[PAYLOAD_MAX];
    struct dg_cbor_writer writer;
    dg_span payload = {NULL, 0U};

    if ((crypto == NULL) || (secret == NULL) || (run == NULL) ||
        (message == NULL)) {
        return DG_E_USAGE;
    }
    if (room.capacity < DG_REQUALIFICATION_SIZE_MAX) {
        return DG_E_NO_SPACE;
    }

    enum dg_status status =
        crypto->p256_public(crypto->context, secret, &run->key);

    if (status != DG_OK) {
        return status;
    }
    dg_cbor_writer_init(&writer, DG_BUF_OF(payload_room));
    dg_cbor_write_array(&writer, ITEMS);
    dg_cbor_write_uint(&writer, LAYOUT);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(run->nonce.byte));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(run->subject.byte));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(run->key.x));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(run->key.y));
    dg_cbor_write_array(&writer, DG_CHECKS);
    for (unsigned i = 0; i < DG_CHECKS; i++) {
        if ((unsigned)run->result[i] > DG_CHECK_FAILED) {
            return DG_E_RANGE;
        }
        dg_cbor_write_uint(&writer, (uint64_t)run->result[i]);
    }
    dg_cbor_write_array(&writer, DG_CHECKS);
    for (unsigned i = 0; i < DG_CHECKS; i++) {
        dg_cbor_write_uint(&writer, run->took_ms[i]);
    }
    status = dg_cbor_writer_end(&writer, &payload);
    if (status != DG_OK) {
        return status;
    }
    return dg_cose_sign1(
        crypto, secret, no_kid, purpose_span(), payload, room, message);
}

static void read_bytes(struct dg_cbor_reader *reader, uint8_t *to, size_t size)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, size);

    if (bytes.size == size) {
        memcpy(to, bytes.at, size);
    }
}

static enum dg_status read_payload(dg_span payload,
                                   struct dg_requalification *run)
{
    struct dg_cbor_reader reader;

    dg_cbor_reader_init(&reader, payload);
    if (dg_cbor_read_array(&reader) != ITEMS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    if (dg_cbor_read_uint_max(&reader, UINT32_MAX) != LAYOUT) {
        dg_cbor_reader_fail(&reader, DG_E_UNSUPPORTED);
    }
    read_bytes(&reader, run->nonce.byte, sizeof(run->nonce.byte));
    read_bytes(&reader, run->subject.byte, sizeof(run->subject.byte));
    read_bytes(&reader, run->key.x, DG_P256_SIZE);
    read_bytes(&reader, run->key.y, DG_P256_SIZE);
    if (dg_cbor_read_array(&reader) != DG_CHECKS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    for (unsigned i = 0; i < DG_CHECKS; i++) {
        run->result[i] = (enum dg_check_result)dg_cbor_read_uint_max(
            &reader, DG_CHECK_FAILED);
    }
    if (dg_cbor_read_array(&reader) != DG_CHECKS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    for (unsigned i = 0; i < DG_CHECKS; i++) {
        run->took_ms[i] = (uint32_t)dg_cbor_read_uint_max(&reader, UINT32_MAX);
    }
    return dg_cbor_reader_end(&reader);
}

/* The key stands in what it signs, so it is read before it is believed. */
enum dg_status dg_requalification_verify(const struct dg_crypto *crypto,
                                         dg_span message,
                                         struct dg_requalification *run)
{
    struct dg_cose_sign1 parts;
    dg_span payload = {NULL, 0U};

    if ((crypto == NULL) || (run == NULL)) {
        return DG_E_USAGE;
    }
    memset(run, 0, sizeof(*run));
    if ((message.at == NULL) || (message.size == 0U) ||
        (message.size > DG_REQUALIFICATION_SIZE_MAX)) {
        return DG_E_RANGE;
    }

    enum dg_status status = dg_cose_sign1_parse(message, &parts);

    if (status == DG_OK) {
        status = read_payload(parts.payload, run);
    }
    if (status == DG_OK) {
        status = dg_cose_sign1_verify(
            crypto, &run->key, purpose_span(), message, &payload);
    }
    if (status != DG_OK) {
        memset(run, 0, sizeof(*run));
    }
    return status;
}
