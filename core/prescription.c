/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/prescription.h"

#include "bounds_wire.h"
#include "dosegate/cbor.h"
#include "dosegate/cose.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* [1, device, counter, age class, [24 numbers]] */
#define LAYOUT      1U
#define ITEMS       5U
#define PAYLOAD_MAX (DG_PRESCRIPTION_MAX - DG_COSE_SIGN1_OVERHEAD_MAX)

static const uint8_t purpose[] = {'d',
                                  'o',
                                  's',
                                  'e',
                                  'g',
                                  'a',
                                  't',
                                  'e',
                                  ' ',
                                  'p',
                                  'r',
                                  'o',
                                  'f',
                                  'i',
                                  'l',
                                  'e',
                                  ' ',
                                  '1'};

static bool is_in_range(const struct dg_prescription *prescription)
{
    bool sound = (prescription->counter >= 1U) &&
                 (prescription->counter <= DG_SIGNED_COUNTER_MAX) &&
                 ((unsigned)prescription->age_class >= 1U) &&
                 ((unsigned)prescription->age_class <= 3U);

    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        sound = sound && (prescription->bounds.value[bound] >= 0);
    }
    return sound;
}

enum dg_status dg_prescription_sign(const struct dg_crypto *crypto,
                                    const struct dg_secret *private_key,
                                    const struct dg_prescription *prescription,
                                    dg_buf room,
                                    dg_span *message)
{
    if ((crypto == NULL) || (private_key == NULL) || (prescription == NULL) ||
        (message == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_in_range(prescription)) {
        return DG_E_RANGE;
    }

    const dg_span no_kid = {NULL, 0U};
    uint8_t payload_room[PAYLOAD_MAX];
    struct dg_cbor_writer writer;
    dg_span payload = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(payload_room));
    dg_cbor_write_array(&writer, ITEMS);
    dg_cbor_write_uint(&writer, LAYOUT);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(prescription->device.byte));
    dg_cbor_write_uint(&writer, prescription->counter);
    dg_cbor_write_uint(&writer, (uint64_t)prescription->age_class);
    dg_bounds_write(&writer, &prescription->bounds);

    const enum dg_status status = dg_cbor_writer_end(&writer, &payload);

    if (status != DG_OK) {
        return status;
    }
    return dg_cose_sign1(crypto,
                         private_key,
                         no_kid,
                         DG_SPAN_OF(purpose),
                         payload,
                         room,
                         message);
}

static enum dg_status read_payload(dg_span payload,
                                   struct dg_prescription *prescription)
{
    struct dg_prescription draft;
    struct dg_cbor_reader reader;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, payload);
    if (dg_cbor_read_array(&reader) != ITEMS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    if (dg_cbor_read_uint_max(&reader, UINT32_MAX) != LAYOUT) {
        dg_cbor_reader_fail(&reader, DG_E_UNSUPPORTED);
    }

    const dg_span device = dg_cbor_read_bstr_exact(&reader, DG_DEVICE_ID_SIZE);

    if (device.size == DG_DEVICE_ID_SIZE) {
        memcpy(draft.device.byte, device.at, DG_DEVICE_ID_SIZE);
    }
    draft.counter = (uint32_t)dg_cbor_read_uint_max(&reader, UINT32_MAX);
    draft.age_class = (enum dg_age_class)dg_cbor_read_uint_max(&reader, 3U);
    dg_bounds_read(&reader, &draft.bounds);

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (!is_in_range(&draft)) {
        return DG_E_RANGE;
    }
    *prescription = draft;
    return DG_OK;
}

/* @satisfies{FMT_LIM.2@1} */
enum dg_status dg_prescription_verify(const struct dg_crypto *crypto,
                                      const struct dg_public_key *key,
                                      dg_span message,
                                      struct dg_prescription *prescription)
{
    dg_span payload = {NULL, 0U};

    if ((crypto == NULL) || (key == NULL) || (prescription == NULL)) {
        return DG_E_USAGE;
    }
    if ((message.at == NULL) || (message.size == 0U) ||
        (message.size > DG_PRESCRIPTION_MAX)) {
        return DG_E_RANGE;
    }

    const enum dg_status status = dg_cose_sign1_verify(
        crypto, key, DG_SPAN_OF(purpose), message, &payload);

    return (status == DG_OK) ? read_payload(payload, prescription) : status;
}
