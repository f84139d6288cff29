/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/apple_object.h"

#include <string.h>

#include "attest/der.h"
#include "dosegate/cbor.h"

/* rpIdHash 32, flags 1, counter 4, aaguid 16, credIdLen 2, credentialId 32,
 * COSE_Key. */
#define AUTH_DATA_SHORT  37U
#define AT_COUNTER       33U
#define AT_ENVIRONMENT   37U
#define AT_ID_SIZE       53U
#define AT_ID            55U
#define AT_KEY           87U
#define ENVIRONMENT_SIZE 16U

static bool is_text(dg_span text, const char *words)
{
    return dg_span_equal(text,
                         (dg_span){(const uint8_t *)words, strlen(words)});
}

/* The counter: four bytes, big endian, behind hash and flags. */
static uint32_t counter_of(dg_span auth_data)
{
    uint32_t value = 0U;

    for (size_t i = AT_COUNTER; i < (AT_COUNTER + 4U); i++) {
        value = (value << 8) | auth_data.at[i];
    }
    return value;
}

/* A map of text keys in any order: the row of the next key, which must be new;
 * @p count when it is none of them, and then the reader has failed. */
static size_t next_key(struct dg_cbor_reader *reader,
                       const char *const *names,
                       size_t count,
                       unsigned *seen)
{
    const dg_span key = dg_cbor_read_tstr(reader);

    for (size_t i = 0; i < count; i++) {
        if (is_text(key, names[i]) && (((*seen >> i) & 1U) == 0U)) {
            *seen |= 1U << i;
            return i;
        }
    }
    dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    return count;
}

static void read_certificates(struct dg_cbor_reader *reader,
                              struct dg_apple_attestation *attestation)
{
    const size_t count = dg_cbor_read_array(reader);

    if ((count == 0U) || (count > DG_APPLE_CERTIFICATES_MAX)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        attestation->certificate[i] = dg_cbor_read_bstr(reader);
    }
    attestation->certificates = count;
}

static void read_statement(struct dg_cbor_reader *reader,
                           struct dg_apple_attestation *attestation)
{
    static const char *const names[] = {"x5c", "receipt"};
    struct dg_cbor_map map;
    unsigned seen = 0U;

    dg_cbor_read_map(reader, &map);
    for (size_t left = map.left; (left != 0U) && (reader->status == DG_OK);
         left--) {
        if (next_key(reader, names, 2U, &seen) == 0U) {
            read_certificates(reader, attestation);
        } else {
            (void)dg_cbor_read_bstr(reader); /* for Apple's own service */
        }
    }
    if ((seen & 1U) == 0U) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
}

/* A number that has to be just this one. */
static bool is_number(struct dg_cbor_reader *reader, int64_t wanted)
{
    return (dg_cbor_read_int(reader) == wanted) && (reader->status == DG_OK);
}

static bool read_half(struct dg_cbor_reader *reader, uint8_t out[DG_P256_SIZE])
{
    const dg_span half = dg_cbor_read_bstr_exact(reader, DG_P256_SIZE);

    if (half.size != DG_P256_SIZE) {
        return false;
    }
    (void)memcpy(out, half.at, half.size);
    return true;
}

/* One part of a COSE_Key: type EC2, ES256, curve P-256, x, y. */
static bool read_part(struct dg_cbor_reader *reader,
                      int64_t label,
                      struct dg_public_key *key)
{
    switch (label) {
    case 1:
        return is_number(reader, 2);
    case 3:
        return is_number(reader, -7);
    case -1:
        return is_number(reader, 1);
    case -2:
        return read_half(reader, key->x);
    case -3:
        return read_half(reader, key->y);
    default:
        dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
        return false;
    }
}

/* COSE_Key of a P-256 point for ES256: all five parts, each once. */
static enum dg_status read_key(dg_span bytes, struct dg_public_key *key)
{
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    int64_t label = 0;
    unsigned parts = 0U;

    dg_cbor_reader_init(&reader, bytes);
    dg_cbor_read_map(&reader, &map);
    while (dg_cbor_map_next(&reader, &map, &label)) {
        parts += read_part(&reader, label, key) ? 1U : 0U;
    }
    const enum dg_status status = dg_cbor_reader_end(&reader);

    return ((status == DG_OK) && (parts != 5U)) ? DG_E_UNSUPPORTED : status;
}

static enum dg_status read_auth_data(struct dg_apple_attestation *attestation)
{
    const dg_span data = attestation->auth_data;

    if ((data.size <= AT_KEY) || (data.at[AT_ID_SIZE] != 0U) ||
        (data.at[AT_ID_SIZE + 1U] != DG_HASH_SIZE)) {
        return DG_E_RANGE;
    }
    attestation->app_hash = (dg_span){data.at, DG_HASH_SIZE};
    attestation->counter = counter_of(data);
    attestation->environment =
        (dg_span){&data.at[AT_ENVIRONMENT], ENVIRONMENT_SIZE};
    attestation->credential_id = (dg_span){&data.at[AT_ID], DG_HASH_SIZE};
    return read_key((dg_span){&data.at[AT_KEY], data.size - AT_KEY},
                    &attestation->key);
}

enum dg_status dg_apple_attestation_read(
    dg_span object, struct dg_apple_attestation *attestation)
{
    static const char *const names[] = {"fmt", "attStmt", "authData"};
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    unsigned seen = 0U;

    *attestation = (struct dg_apple_attestation){.certificates = 0U};
    dg_cbor_reader_init(&reader, object);
    dg_cbor_read_map(&reader, &map);
    for (size_t left = map.left; (left != 0U) && (reader.status == DG_OK);
         left--) {
        switch (next_key(&reader, names, 3U, &seen)) {
        case 0U:
            if (!is_text(dg_cbor_read_tstr(&reader), "apple-appattest") &&
                (reader.status == DG_OK)) {
                attestation->is_other_format = true;
                return DG_OK;
            }
            break;
        case 1U:
            read_statement(&reader, attestation);
            break;
        case 2U:
            attestation->auth_data = dg_cbor_read_bstr(&reader);
            break;
        default:
            break;
        }
    }
    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    return (seen == 7U) ? read_auth_data(attestation) : DG_E_MALFORMED;
}

enum dg_status dg_apple_assertion_read(dg_span object,
                                       struct dg_apple_assertion *assertion)
{
    static const char *const names[] = {"signature", "authenticatorData"};
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    unsigned seen = 0U;

    *assertion = (struct dg_apple_assertion){.counter = 0U};
    dg_cbor_reader_init(&reader, object);
    dg_cbor_read_map(&reader, &map);
    for (size_t left = map.left; (left != 0U) && (reader.status == DG_OK);
         left--) {
        if (next_key(&reader, names, 2U, &seen) == 0U) {
            assertion->signature = dg_cbor_read_bstr(&reader);
        } else {
            assertion->auth_data = dg_cbor_read_bstr(&reader);
        }
    }
    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    /* Flag 0x40 promises more than 37 bytes, and real assertions set it with
     * nothing behind: the length decides. */
    if ((seen != 3U) || (assertion->auth_data.size != AUTH_DATA_SHORT)) {
        return DG_E_RANGE;
    }
    assertion->app_hash = (dg_span){assertion->auth_data.at, DG_HASH_SIZE};
    assertion->counter = counter_of(assertion->auth_data);
    return DG_OK;
}
