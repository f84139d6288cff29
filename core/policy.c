/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/policy.h"

#include "dosegate/cbor.h"
#include "dosegate/cose.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define LAYOUT      1U
#define ITEMS       6U
#define PAYLOAD_MAX 96U /* array, four integers, a point: 85 */

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
                                  'o',
                                  'l',
                                  'i',
                                  'c',
                                  'y',
                                  ' ',
                                  '1'};

static bool is_in_range(const struct dg_policy *policy)
{
    return (policy->version >= 1U) &&
           (policy->version <= DG_SIGNED_COUNTER_MAX) &&
           (policy->epoch >= 1U) && (policy->epoch <= DG_SIGNED_COUNTER_MAX) &&
           (policy->life_s >= DG_POLICY_LIFE_S_MIN) &&
           (policy->life_s <= DG_POLICY_LIFE_S_MAX);
}

enum dg_status dg_policy_sign(const struct dg_crypto *crypto,
                              const struct dg_secret *private_key,
                              const struct dg_policy *policy,
                              dg_buf room,
                              dg_span *message)
{
    if ((crypto == NULL) || (private_key == NULL) || (policy == NULL) ||
        (message == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_in_range(policy)) {
        return DG_E_RANGE;
    }

    const dg_span no_kid = {NULL, 0U};
    uint8_t payload_room[PAYLOAD_MAX];
    struct dg_cbor_writer writer;
    dg_span payload = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(payload_room));
    dg_cbor_write_array(&writer, ITEMS);
    dg_cbor_write_uint(&writer, LAYOUT);
    dg_cbor_write_uint(&writer, policy->version);
    dg_cbor_write_uint(&writer, policy->life_s);
    dg_cbor_write_uint(&writer, policy->epoch);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(policy->verifier.x));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(policy->verifier.y));

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

static void read_bytes(struct dg_cbor_reader *reader, uint8_t *to, size_t size)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, size);

    if (bytes.size == size) {
        memcpy(to, bytes.at, size);
    }
}

static enum dg_status read_payload(dg_span payload, struct dg_policy *policy)
{
    struct dg_policy draft;
    struct dg_cbor_reader reader;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, payload);
    if (dg_cbor_read_array(&reader) != ITEMS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    if (dg_cbor_read_uint_max(&reader, UINT32_MAX) != LAYOUT) {
        dg_cbor_reader_fail(&reader, DG_E_UNSUPPORTED);
    }
    draft.version = (uint32_t)dg_cbor_read_uint_max(&reader, UINT32_MAX);
    draft.life_s = (uint32_t)dg_cbor_read_uint_max(&reader, UINT32_MAX);
    draft.epoch = (uint32_t)dg_cbor_read_uint_max(&reader, UINT32_MAX);
    read_bytes(&reader, draft.verifier.x, DG_P256_SIZE);
    read_bytes(&reader, draft.verifier.y, DG_P256_SIZE);

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (!is_in_range(&draft)) {
        return DG_E_RANGE;
    }
    *policy = draft;
    return DG_OK;
}

/* @satisfies{FDP_ATT.4@1} */
enum dg_status dg_policy_verify(const struct dg_crypto *crypto,
                                const struct dg_public_key *key,
                                dg_span message,
                                struct dg_policy *policy)
{
    dg_span payload = {NULL, 0U};

    if ((crypto == NULL) || (key == NULL) || (policy == NULL)) {
        return DG_E_USAGE;
    }
    if ((message.at == NULL) || (message.size == 0U) ||
        (message.size > DG_POLICY_MAX)) {
        return DG_E_RANGE;
    }

    const enum dg_status status = dg_cose_sign1_verify(
        crypto, key, DG_SPAN_OF(purpose), message, &payload);

    return (status == DG_OK) ? read_payload(payload, policy) : status;
}
