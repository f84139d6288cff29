/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/attestation.h"

#include "dosegate/cbor.h"
#include "statement.h"

#include <stddef.h>
#include <string.h>

#define SUBJECT_MAX 168U /* text, id and four coordinates with heads: 165 */
#define CLAIMS_BITS (2U * DG_CLAIMS)

#define IN(member) DG_FIELD_IN(dg_attestation, member)

static const uint8_t purpose[] = "dosegate ticket 1";

static const struct dg_field fields[] = {
    {DG_FIELD_BYTES, IN(nonce.byte), 0U, 0U},
    {DG_FIELD_BYTES, IN(subject.byte), 0U, 0U},
    {DG_FIELD_NUMBER, IN(claims), 0U, (1U << CLAIMS_BITS) - 1U},
    {DG_FIELD_NUMBER, IN(level), DG_PACKAGE_LOW, DG_PACKAGE_HIGH},
    {DG_FIELD_NUMBER, IN(policy), 0U, UINT32_MAX},
    {DG_FIELD_NUMBER, IN(life_s), 1U, DG_ATTEST_LIFE_S_MAX},
    {DG_FIELD_NUMBER, IN(serial), 0U, UINT32_MAX},
    {DG_FIELD_NUMBER, IN(epoch), 1U, UINT32_MAX},
};

static const struct dg_statement statement = {
    .purpose = {purpose, sizeof purpose - 1U},
    .field = fields,
    .fields = sizeof fields / sizeof fields[0],
    .layout = 1U,
    .size = sizeof(struct dg_attestation),
    .message_max = DG_ATTEST_TICKET_MAX};

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

    if (status != DG_OK) { /* GCOVR_EXCL_BR_LINE reason: it fits */
        return status;
    }
    return crypto->sha256(crypto->context, &bytes, 1U, subject);
}

/* Two bits for each; 3 says nothing and is refused, for both directions. */
static bool are_claims(uint32_t claims)
{
    bool are_sound = true;

    for (unsigned i = 0U; i < DG_CLAIMS; i++) {
        are_sound = are_sound && (((claims >> (2U * i)) & 3U) != 3U);
    }
    return are_sound;
}

enum dg_status dg_attestation_sign(const struct dg_crypto *crypto,
                                   const struct dg_secret *verifier,
                                   const struct dg_attestation *attestation,
                                   dg_buf room,
                                   dg_span *ticket)
{
    if ((attestation != NULL) && !are_claims(attestation->claims)) {
        return DG_E_RANGE;
    }
    return dg_statement_sign(
        &statement, crypto, verifier, attestation, room, ticket);
}

/* @draft was read with @status. */
static enum dg_status take(enum dg_status status,
                           const struct dg_attestation *draft,
                           struct dg_attestation *attestation)
{
    if (status != DG_OK) {
        return status;
    }
    if (!are_claims(draft->claims)) {
        return DG_E_RANGE;
    }
    *attestation = *draft;
    return DG_OK;
}

enum dg_status dg_attestation_peek(dg_span ticket,
                                   struct dg_attestation *attestation)
{
    struct dg_cose_sign1 parts;
    struct dg_attestation draft;

    if (attestation == NULL) {
        return DG_E_USAGE;
    }
    if (!dg_statement_is_size(&statement, ticket)) {
        return DG_E_RANGE;
    }

    enum dg_status status = dg_cose_sign1_parse(ticket, &parts);

    if (status == DG_OK) {
        status = dg_statement_read(&statement, parts.payload, &draft);
    }
    return take(status, &draft, attestation);
}

/* @satisfies{FDP_ATT.1@1} */
enum dg_status dg_attestation_verify(const struct dg_crypto *crypto,
                                     const struct dg_public_key *verifier,
                                     dg_span ticket,
                                     struct dg_attestation *attestation)
{
    struct dg_attestation draft;

    if (attestation == NULL) {
        return DG_E_USAGE;
    }

    const enum dg_status status =
        dg_statement_verify(&statement, crypto, verifier, ticket, &draft);

    return take(status, &draft, attestation);
}
