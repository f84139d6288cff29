/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/cose.h"

#include "dosegate/cbor.h"

/* RFC 9052, tables 2 and 3; RFC 9053, 2.1. */
#define TAG_SIGN1     18U
#define HEADER_ALG    1
#define HEADER_KID    4
#define ALG_ES256     (-7)
#define MESSAGE_ITEMS 4U

/* The protected header, the only one that we write and accept: {1: -7}. */
static const uint8_t protected_header[] = {0xA1U, 0x01U, 0x26U};

/* Sig_structure up to external_aad: an array of four, the context text and
 * the protected header (RFC 9052, 4.4). */
static const uint8_t signed_prefix[] = {0x84U,
                                        0x6AU,
                                        'S',
                                        'i',
                                        'g',
                                        'n',
                                        'a',
                                        't',
                                        'u',
                                        'r',
                                        'e',
                                        '1',
                                        0x43U,
                                        0xA1U,
                                        0x01U,
                                        0x26U};

/* Hash the Sig_structure in parts: the payload needs no copy. */
static enum dg_status hash_signed(const struct dg_crypto *crypto,
                                  dg_span external_aad,
                                  dg_span payload,
                                  struct dg_hash *hash)
{
    uint8_t aad_head_room[9];
    uint8_t payload_head_room[9];
    dg_span aad_head;
    dg_span payload_head;
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, DG_BUF_OF(aad_head_room));
    dg_cbor_write_bstr_head(&writer, external_aad.size);
    enum dg_status status = dg_cbor_writer_end(&writer, &aad_head);

    dg_cbor_writer_init(&writer, DG_BUF_OF(payload_head_room));
    dg_cbor_write_bstr_head(&writer, payload.size);
    if (status == DG_OK) { /* GCOVR_EXCL_BR_LINE reason: 9 bytes do */
        status = dg_cbor_writer_end(&writer, &payload_head);
    }
    if (status != DG_OK) { /* GCOVR_EXCL_BR_LINE reason: 9 bytes do */
        return DG_E_CORRUPT;
    }

    const dg_span parts[] = {DG_SPAN_OF(signed_prefix),
                             aad_head,
                             external_aad,
                             payload_head,
                             payload};

    return crypto->sha256(
        crypto->context, parts, sizeof parts / sizeof parts[0], hash);
}

enum dg_status dg_cose_sign1(const struct dg_crypto *crypto,
                             const struct dg_secret *private_key,
                             dg_span kid,
                             dg_span external_aad,
                             dg_span payload,
                             dg_buf room,
                             dg_span *message)
{
    struct dg_signature signature;
    struct dg_cbor_writer writer;
    struct dg_hash hash;

    if (message == NULL) {
        return DG_E_USAGE;
    }
    *message = (dg_span){NULL, 0U};
    if ((crypto == NULL) || (private_key == NULL) ||
        (external_aad.at == NULL) || (external_aad.size == 0U) ||
        (kid.size > DG_COSE_KID_MAX) || (payload.size > UINT32_MAX) ||
        (room.at == NULL) || ((payload.at == NULL) && (payload.size != 0U)) ||
        ((kid.at == NULL) && (kid.size != 0U))) {
        return DG_E_USAGE;
    }
    if ((room.capacity < DG_COSE_SIGN1_OVERHEAD_MAX + kid.size) ||
        (room.capacity - DG_COSE_SIGN1_OVERHEAD_MAX - kid.size <
         payload.size)) {
        return DG_E_NO_SPACE;
    }

    enum dg_status status = hash_signed(crypto, external_aad, payload, &hash);

    if (status == DG_OK) {
        status =
            crypto->es256_sign(crypto->context, private_key, &hash, &signature);
    }
    if (status != DG_OK) {
        return (status == DG_E_RANGE) ? DG_E_USAGE : status;
    }

    dg_cbor_writer_init(&writer, room);
    dg_cbor_write_tag(&writer, TAG_SIGN1);
    dg_cbor_write_array(&writer, MESSAGE_ITEMS);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(protected_header));
    dg_cbor_write_map(&writer, (kid.size == 0U) ? 0U : 1U);
    if (kid.size != 0U) {
        dg_cbor_write_int(&writer, HEADER_KID);
        dg_cbor_write_bstr(&writer, kid);
    }
    dg_cbor_write_bstr(&writer, payload);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(signature.byte));
    return dg_cbor_writer_end(&writer, message);
}

/* Exactly {1: -7}.  Anything else that is a map is somebody's header, only
 * not ours; the empty string stands for the empty map. */
static enum dg_status check_protected(dg_span bytes)
{
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    int64_t label = 0;
    bool is_ours = false;

    if (bytes.size == 0U) {
        return DG_E_UNSUPPORTED;
    }
    dg_cbor_reader_init(&reader, bytes);
    dg_cbor_read_map(&reader, &map);

    const size_t headers = map.left;

    while (dg_cbor_map_next(&reader, &map, &label)) {
        if ((label == HEADER_ALG) && (dg_cbor_peek(&reader) == DG_CBOR_NINT)) {
            is_ours = dg_cbor_read_int(&reader) == ALG_ES256;
        } else {
            (void)dg_cbor_read_any(&reader);
        }
    }

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    return (is_ours && (headers == 1U)) ? DG_OK : DG_E_UNSUPPORTED;
}

/* {} or {4: kid}.  Anything else is noted in @supported and skipped. */
static void read_unprotected(struct dg_cbor_reader *reader,
                             dg_span *kid,
                             bool *supported)
{
    struct dg_cbor_map map;
    int64_t label = 0;

    dg_cbor_read_map(reader, &map);
    while (dg_cbor_map_next(reader, &map, &label)) {
        if (label == HEADER_KID) {
            *kid = dg_cbor_read_bstr(reader);
            if (kid->size > DG_COSE_KID_MAX) {
                dg_cbor_reader_fail(reader, DG_E_RANGE);
            }
        } else {
            *supported = false;
            (void)dg_cbor_read_any(reader);
        }
    }
}

enum dg_status dg_cose_sign1_parse(dg_span message, struct dg_cose_sign1 *parts)
{
    struct dg_cose_sign1 found = {{NULL, 0U}, {NULL, 0U}, {{0U}}};
    struct dg_cbor_reader reader;
    bool supported = true;

    if (parts == NULL) {
        return DG_E_USAGE;
    }
    dg_cbor_reader_init(&reader, message);
    if (dg_cbor_read_tag(&reader) != TAG_SIGN1) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    if (dg_cbor_read_array(&reader) != MESSAGE_ITEMS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }

    const dg_span headers = dg_cbor_read_bstr(&reader);

    read_unprotected(&reader, &found.kid, &supported);
    if (dg_cbor_peek(&reader) == DG_CBOR_NULL) {
        supported = false; /* detached */
        dg_cbor_read_null(&reader);
    } else {
        found.payload = dg_cbor_read_bstr(&reader);
    }

    const dg_span signature =
        dg_cbor_read_bstr_exact(&reader, DG_SIGNATURE_SIZE);
    enum dg_status status = dg_cbor_reader_end(&reader);

    if (status == DG_OK) {
        status = check_protected(headers);
    }
    if (status != DG_OK) {
        return status;
    }
    if (!supported) {
        return DG_E_UNSUPPORTED;
    }
    for (size_t i = 0U; i < signature.size; i++) {
        found.signature.byte[i] = signature.at[i];
    }
    *parts = found;
    return DG_OK;
}

enum dg_status dg_cose_sign1_verify(const struct dg_crypto *crypto,
                                    const struct dg_public_key *public_key,
                                    dg_span external_aad,
                                    dg_span message,
                                    dg_span *payload)
{
    struct dg_cose_sign1 parts;
    struct dg_hash hash;

    if (payload == NULL) {
        return DG_E_USAGE;
    }
    *payload = (dg_span){NULL, 0U};
    if ((crypto == NULL) || (public_key == NULL) || (external_aad.at == NULL) ||
        (external_aad.size == 0U)) {
        return DG_E_USAGE;
    }

    enum dg_status status = dg_cose_sign1_parse(message, &parts);

    if (status == DG_OK) {
        status = hash_signed(crypto, external_aad, parts.payload, &hash);
    }
    if (status == DG_OK) {
        status = crypto->es256_verify(
            crypto->context, public_key, &hash, &parts.signature);
    }
    if (status == DG_OK) {
        *payload = parts.payload;
    }
    return status;
}
