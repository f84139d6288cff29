/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/attestation.h"

#include "dosegate/cbor.h"
#include "dosegate/cose.h"

#include <stddef.h>
#include <string.h>

#define LAYOUT      1U
#define PAYLOAD_MAX 96U  /* array, nonce, subject, seven integers: 85 */
#define SUBJECT_MAX 168U /* text, id and four coordinates with heads: 165 */
#define CLAIMS_BITS (2U * DG_CLAIMS)
#define ITEMS       9U

/* The purpose that the signature is good for, and no other. */
static const uint8_t purpose[] = {'d',
                                  'o',
                                  's',
                                  'e',
                                  'g',
                                  'a',
                                  't',
                                  'e',
                                  ' ',
                                  't',
                                  'i',
                                  'c',
                                  'k',
                                  'e',
                                  't',
                                  ' ',
                                  '1'};

/* What each level of assurance must state as yes, and what it must not deny.
 * A phone of a lower level may leave a claim out that its platform cannot make
 * (Apple states no lock), but what it states must not be bad.
 *
 * source: DTMoSt packages as in criteria (Low: COTS; Medium: COTS with
 * evaluated isolation and hardware keys; High: customised or isolated below
 * the system); docs/adr/0018-evidence-tickets-and-policy.md. */
#define BIT(claim) (1U << (unsigned)(claim))
#define BASE_YES \
    (BIT(DG_CLAIM_APP) | BIT(DG_CLAIM_NOT_DEBUGGABLE) | BIT(DG_CLAIM_FRESH))
#define MEDIUM_YES                                                        \
    (BASE_YES | BIT(DG_CLAIM_BOOT_VERIFIED) | BIT(DG_CLAIM_BOOT_LOCKED) | \
     BIT(DG_CLAIM_KEY_IN_HARDWARE) | BIT(DG_CLAIM_PRESENCE_BOUND))

struct asked {
    uint32_t yes;
    uint32_t not_no;
};

/* clang-format off */
static const struct asked asked_of[4] = {
    [DG_PACKAGE_LOW]    = { BASE_YES,   BIT(DG_CLAIM_BOOT_VERIFIED) | BIT(DG_CLAIM_BOOT_LOCKED) },
    [DG_PACKAGE_MEDIUM] = { MEDIUM_YES, 0U },
    [DG_PACKAGE_HIGH]   = { MEDIUM_YES | BIT(DG_CLAIM_ISOLATED), 0U },
};
/* clang-format on */

enum dg_claim_value dg_attestation_claim(uint32_t claims, enum dg_claim claim)
{
    if ((unsigned)claim >= DG_CLAIMS) {
        return DG_CLAIM_NOT_STATED;
    }

    const uint32_t value = (claims >> (2U * (unsigned)claim)) & 3U;

    /* 3 is refused where claims are read; here it says nothing. */
    return (value <= (uint32_t)DG_CLAIM_NO) ? (enum dg_claim_value)value
                                            : DG_CLAIM_NOT_STATED;
}

uint32_t dg_attestation_state(uint32_t claims,
                              enum dg_claim claim,
                              enum dg_claim_value value)
{
    if (((unsigned)claim >= DG_CLAIMS) || ((unsigned)value > DG_CLAIM_NO)) {
        return claims;
    }

    const unsigned at = 2U * (unsigned)claim;

    return (claims & ~((uint32_t)3U << at)) | ((uint32_t)value << at);
}

/* @satisfies{FDP_ATT.2@1} */
bool dg_attestation_meets(uint32_t claims, enum dg_package level)
{
    const unsigned at = (unsigned)level;

    /* A level that nobody defined asks for nothing, and so has nothing. */
    if ((at >= (sizeof asked_of / sizeof asked_of[0])) ||
        (asked_of[at].yes == 0U)) {
        return false;
    }
    for (unsigned i = 0U; i < DG_CLAIMS; i++) {
        const enum dg_claim_value value =
            dg_attestation_claim(claims, (enum dg_claim)i);

        if ((((asked_of[at].yes >> i) & 1U) != 0U) && (value != DG_CLAIM_YES)) {
            return false;
        }
        if ((((asked_of[at].not_no >> i) & 1U) != 0U) &&
            (value == DG_CLAIM_NO)) {
            return false;
        }
    }
    return true;
}

enum dg_status dg_attestation_subject(const struct dg_crypto *crypto,
                                      const struct dg_device_id *device,
                                      const struct dg_public_key *key,
                                      const struct dg_public_key *presence,
                                      struct dg_hash *subject)
{
    if ((crypto == NULL) || (device == NULL) || (key == NULL) ||
        (presence == NULL) || (subject == NULL)) {
        return DG_E_USAGE;
    }

    uint8_t room[SUBJECT_MAX];
    struct dg_cbor_writer writer;
    dg_span bytes = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(room));
    dg_cbor_write_array(&writer, 6U);
    dg_cbor_write_tstr(&writer, "dosegate subject 1");
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(device->byte));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(key->x));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(key->y));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(presence->x));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(presence->y));

    const enum dg_status status = dg_cbor_writer_end(&writer, &bytes);

    if (status != DG_OK) {
        return status;
    }
    return crypto->sha256(crypto->context, &bytes, 1U, subject);
}

/* The range of every field, for both directions. */
static bool is_in_range(const struct dg_attestation *attestation)
{
    bool is_sound = (attestation->claims >> CLAIMS_BITS) == 0U;

    for (unsigned i = 0U; i < DG_CLAIMS; i++) {
        is_sound = is_sound && (((attestation->claims >> (2U * i)) & 3U) != 3U);
    }
    return is_sound && ((unsigned)attestation->level >= DG_PACKAGE_LOW) &&
           ((unsigned)attestation->level <= DG_PACKAGE_HIGH) &&
           (attestation->life_s >= 1U) &&
           (attestation->life_s <= DG_ATTEST_LIFE_S_MAX) &&
           (attestation->epoch >= 1U);
}

enum dg_status dg_attestation_sign(const struct dg_crypto *crypto,
                                   const struct dg_secret *verifier,
                                   const struct dg_attestation *attestation,
                                   dg_buf room,
                                   dg_span *ticket)
{
    if ((crypto == NULL) || (verifier == NULL) || (attestation == NULL) ||
        (ticket == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_in_range(attestation)) {
        return DG_E_RANGE;
    }
    if (room.capacity < DG_ATTEST_TICKET_MAX) {
        return DG_E_NO_SPACE;
    }

    const dg_span no_kid = {NULL, 0U};
    uint8_t payload_room[PAYLOAD_MAX];
    struct dg_cbor_writer writer;
    dg_span payload = {NULL, 0U};

    dg_cbor_writer_init(&writer, DG_BUF_OF(payload_room));
    dg_cbor_write_array(&writer, ITEMS);
    dg_cbor_write_uint(&writer, LAYOUT);
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(attestation->nonce.byte));
    dg_cbor_write_bstr(&writer, DG_SPAN_OF(attestation->subject.byte));
    dg_cbor_write_uint(&writer, attestation->claims);
    dg_cbor_write_uint(&writer, (uint64_t)attestation->level);
    dg_cbor_write_uint(&writer, attestation->policy);
    dg_cbor_write_uint(&writer, attestation->life_s);
    dg_cbor_write_uint(&writer, attestation->serial);
    dg_cbor_write_uint(&writer, attestation->epoch);

    const enum dg_status status = dg_cbor_writer_end(&writer, &payload);

    if (status != DG_OK) {
        return status;
    }
    return dg_cose_sign1(
        crypto, verifier, no_kid, DG_SPAN_OF(purpose), payload, room, ticket);
}

static uint32_t read_u32(struct dg_cbor_reader *reader)
{
    return (uint32_t)dg_cbor_read_uint_max(reader, UINT32_MAX);
}

static void read_bytes(struct dg_cbor_reader *reader, uint8_t *to, size_t size)
{
    const dg_span bytes = dg_cbor_read_bstr_exact(reader, size);

    if (bytes.size == size) {
        memcpy(to, bytes.at, size);
    }
}

static enum dg_status read_payload(dg_span payload,
                                   struct dg_attestation *attestation)
{
    struct dg_attestation draft;
    struct dg_cbor_reader reader;

    memset(&draft, 0, sizeof draft);
    dg_cbor_reader_init(&reader, payload);
    if (dg_cbor_read_array(&reader) != ITEMS) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    if (read_u32(&reader) != LAYOUT) {
        dg_cbor_reader_fail(&reader, DG_E_UNSUPPORTED);
    }
    read_bytes(&reader, draft.nonce.byte, sizeof draft.nonce.byte);
    read_bytes(&reader, draft.subject.byte, sizeof draft.subject.byte);
    draft.claims = read_u32(&reader);
    draft.level =
        (enum dg_package)dg_cbor_read_uint_max(&reader, DG_PACKAGE_HIGH);
    draft.policy = read_u32(&reader);
    draft.life_s = read_u32(&reader);
    draft.serial = read_u32(&reader);
    draft.epoch = read_u32(&reader);

    const enum dg_status status = dg_cbor_reader_end(&reader);

    if (status != DG_OK) {
        return status;
    }
    if (!is_in_range(&draft)) {
        return DG_E_RANGE;
    }
    *attestation = draft;
    return DG_OK;
}

static bool is_size(dg_span ticket)
{
    return (ticket.at != NULL) && (ticket.size > 0U) &&
           (ticket.size <= DG_ATTEST_TICKET_MAX);
}

enum dg_status dg_attestation_peek(dg_span ticket,
                                   struct dg_attestation *attestation)
{
    struct dg_cose_sign1 parts;

    if (attestation == NULL) {
        return DG_E_USAGE;
    }
    if (!is_size(ticket)) {
        return DG_E_RANGE;
    }

    const enum dg_status status = dg_cose_sign1_parse(ticket, &parts);

    return (status == DG_OK) ? read_payload(parts.payload, attestation)
                             : status;
}

/* @satisfies{FDP_ATT.1@1} */
enum dg_status dg_attestation_verify(const struct dg_crypto *crypto,
                                     const struct dg_public_key *verifier,
                                     dg_span ticket,
                                     struct dg_attestation *attestation)
{
    dg_span payload = {NULL, 0U};

    if ((crypto == NULL) || (verifier == NULL) || (attestation == NULL)) {
        return DG_E_USAGE;
    }
    if (!is_size(ticket)) {
        return DG_E_RANGE;
    }

    const enum dg_status status = dg_cose_sign1_verify(
        crypto, verifier, DG_SPAN_OF(purpose), ticket, &payload);

    return (status == DG_OK) ? read_payload(payload, attestation) : status;
}
