/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/journal_head.h"

#include "dosegate/cbor.h"
#include "dosegate/merkle.h"

#include <stddef.h>
#include <string.h>

#define FIELDS 5U

/* Array, three integers, two hashes. */
#define PAYLOAD_MAX (1U + (3U * 5U) + (2U * 34U))

static const uint8_t purpose[] = {'d', 'o', 's', 'e', 'g', 'a', 't', 'e',
                                  ' ', 'j', 'o', 'u', 'r', 'n', 'a', 'l',
                                  ' ', 'h', 'e', 'a', 'd', ' ', '1'};

struct aad {
    uint8_t byte[sizeof purpose + DG_DEVICE_ID_SIZE];
};

_Static_assert(PAYLOAD_MAX + DG_COSE_SIGN1_OVERHEAD_MAX <= DG_JOURNAL_HEAD_MAX,
               "room for a head");

static struct aad aad_of(const struct dg_device_id *device)
{
    struct aad aad;

    memcpy(aad.byte, purpose, sizeof purpose);
    memcpy(&aad.byte[sizeof purpose], device->byte, DG_DEVICE_ID_SIZE);
    return aad;
}

static enum dg_status hash_of(const struct dg_crypto *crypto,
                              dg_span payload,
                              struct dg_hash *hash)
{
    return crypto->sha256(crypto->context, &payload, 1U, hash);
}

/* @satisfies{FAU_HEAD.1@1} */
enum dg_status dg_journal_head_sign(const struct dg_crypto *crypto,
                                    const struct dg_secret *key,
                                    const struct dg_device_id *device,
                                    const struct dg_journal_claim *claim,
                                    dg_buf room,
                                    dg_span *message,
                                    struct dg_hash *hash)
{
    const struct aad aad = aad_of(device);
    const dg_span none = {NULL, 0U};
    uint8_t payload_room[PAYLOAD_MAX];
    dg_span payload = {NULL, 0U};
    struct dg_cbor_writer writer;

    dg_cbor_writer_init(&writer, DG_BUF_OF(payload_room));
    dg_cbor_write_array(&writer, FIELDS);
    dg_cbor_write_uint(&writer, claim->size);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(claim->root.byte));
    dg_cbor_write_uint(&writer, claim->epoch);
    dg_cbor_write_uint(&writer, claim->at.s);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(claim->previous.byte));

    enum dg_status status = dg_cbor_writer_end(&writer, &payload);

    if (status == DG_OK) {
        status = hash_of(crypto, payload, hash);
    }
    if (status == DG_OK) {
        status = dg_cose_sign1(
            crypto, key, none, DG_SPAN_OF(aad.byte), payload, room, message);
    }
    return status;
}

static struct dg_hash read_hash(struct dg_cbor_reader *reader)
{
    struct dg_hash hash = {{0U}};
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, DG_HASH_SIZE);

    if (bytes.size == DG_HASH_SIZE) {
        memcpy(hash.byte, bytes.at, bytes.size);
    }
    return hash;
}

enum dg_status dg_journal_head_parse(const struct dg_crypto *crypto,
                                     dg_span message,
                                     struct dg_journal_claim *claim,
                                     struct dg_hash *hash)
{
    struct dg_cose_sign1 parts;
    struct dg_cbor_reader reader;
    enum dg_status status = dg_cose_sign1_parse(message, &parts);

    memset(claim, 0, sizeof *claim);
    if (status != DG_OK) {
        return status;
    }
    dg_cbor_reader_init(&reader, parts.payload);
    if (dg_cbor_read_array(&reader) != FIELDS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    claim->size = (uint32_t)dg_cbor_read_uint_max(&reader, DG_MERKLE_LEAVES);
    claim->root = read_hash(&reader);
    claim->epoch = (uint32_t)dg_cbor_read_uint_max(&reader, UINT32_MAX);
    claim->at.s = (uint32_t)dg_cbor_read_uint_max(&reader, UINT32_MAX);
    claim->previous = read_hash(&reader);
    status = dg_cbor_reader_end(&reader);
    return (status == DG_OK) ? hash_of(crypto, parts.payload, hash) : status;
}

enum dg_status dg_journal_head_verify(const struct dg_crypto *crypto,
                                      const struct dg_public_key *key,
                                      const struct dg_device_id *device,
                                      dg_span message,
                                      struct dg_journal_claim *claim,
                                      struct dg_hash *hash)
{
    const struct aad aad = aad_of(device);
    dg_span payload = {NULL, 0U};
    const enum dg_status status = dg_cose_sign1_verify(
        crypto, key, DG_SPAN_OF(aad.byte), message, &payload);

    if (status != DG_OK) {
        memset(claim, 0, sizeof *claim);
        return status;
    }
    return dg_journal_head_parse(crypto, message, claim, hash);
}
