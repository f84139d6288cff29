/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/sensor.h"

#include "bytes.h"
#include "dosegate/cbor.h"

#include <stddef.h>
#include <string.h>

#define FRAME_VERSION 1U
#define BODY_MAX      20U
/* Sensors report 40 .. 400 mg/dL; 39 and 401 stand for "low" and "high". */
#define VALUE_MIN 39
#define VALUE_MAX 401

static enum dg_status mac_of(const struct dg_crypto *crypto,
                             const struct dg_secret *key,
                             dg_span body,
                             struct dg_hash *mac)
{
    return crypto->hmac_sha256(
        crypto->context, DG_SPAN_OF(key->byte), &body, 1U, mac);
}

enum dg_status dg_reading_write(const struct dg_crypto *crypto,
                                const struct dg_secret *key,
                                const struct dg_reading *reading,
                                dg_buf room,
                                dg_span *frame)
{
    if ((crypto == NULL) || (key == NULL) || (reading == NULL) ||
        (frame == NULL)) {
        return DG_E_USAGE;
    }
    if ((reading->value.mg_dL < VALUE_MIN) ||
        (reading->value.mg_dL > VALUE_MAX)) {
        return DG_E_RANGE;
    }

    struct dg_cbor_writer writer;
    dg_span body = {NULL, 0U};
    struct dg_hash mac;

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_array(&writer, 4U);
    dg_cbor_write_uint(&writer, FRAME_VERSION);
    dg_cbor_write_uint(&writer, reading->sequence);
    dg_cbor_write_uint(&writer, reading->at.s);
    dg_cbor_write_uint(&writer, (uint64_t)reading->value.mg_dL);

    enum dg_status status = dg_cbor_writer_end(&writer, &body);

    if (status != DG_OK) {
        return status;
    }
    if ((room.capacity - body.size) < DG_READING_MAC_SIZE) {
        return DG_E_NO_SPACE;
    }
    status = mac_of(crypto, key, body, &mac);
    if (status != DG_OK) {
        return status;
    }
    memcpy(&room.at[body.size], mac.byte, DG_READING_MAC_SIZE);
    *frame = (dg_span){room.at, body.size + DG_READING_MAC_SIZE};
    return DG_OK;
}

enum dg_status dg_reading_parse(dg_span frame, struct dg_reading *reading)
{
    if (reading == NULL) {
        return DG_E_USAGE;
    }
    if ((frame.at == NULL) || (frame.size <= DG_READING_MAC_SIZE)) {
        return DG_E_TRUNCATED;
    }
    if ((frame.size - DG_READING_MAC_SIZE) > BODY_MAX) {
        return DG_E_TRAILING;
    }

    struct dg_cbor_reader reader;

    dg_cbor_reader_init(&reader,
                        (dg_span){frame.at, frame.size - DG_READING_MAC_SIZE});
    const size_t items = dg_cbor_read_array(&reader);
    const uint64_t version = dg_cbor_read_uint(&reader);
    const uint64_t sequence = dg_cbor_read_uint_max(&reader, UINT32_MAX);
    const uint64_t at = dg_cbor_read_uint_max(&reader, UINT32_MAX);
    const uint64_t value = dg_cbor_read_uint_max(&reader, VALUE_MAX);
    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (items != 4U) {
        return DG_E_MALFORMED;
    }
    if (version != FRAME_VERSION) {
        return DG_E_UNSUPPORTED;
    }
    if (value < (uint64_t)VALUE_MIN) {
        return DG_E_RANGE;
    }
    reading->sequence = (uint32_t)sequence;
    reading->at.s = (uint32_t)at;
    reading->value.mg_dL = (int32_t)value;
    return DG_OK;
}

/* @satisfies{FDP_DAU.1@1} */
enum dg_status dg_reading_verify(const struct dg_crypto *crypto,
                                 const struct dg_secret *key,
                                 dg_span frame,
                                 struct dg_reading *reading)
{
    struct dg_reading claimed;
    struct dg_hash mac;

    if ((crypto == NULL) || (key == NULL) || (reading == NULL)) {
        return DG_E_USAGE;
    }

    enum dg_status status = dg_reading_parse(frame, &claimed);

    if (status != DG_OK) {
        return status;
    }

    const size_t size = frame.size - DG_READING_MAC_SIZE;

    status = mac_of(crypto, key, (dg_span){frame.at, size}, &mac);
    if (status != DG_OK) {
        return status;
    }
    if (!dg_bytes_equal((dg_span){mac.byte, DG_READING_MAC_SIZE},
                        (dg_span){&frame.at[size], DG_READING_MAC_SIZE})) {
        return DG_E_AUTH;
    }
    *reading = claimed;
    return DG_OK;
}
