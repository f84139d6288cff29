/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/psa_token.h"

#include <string.h>

#include "attest/der.h"
#include "dosegate/cbor.h"

#define TAG_SIGN1 18U
#define TAG_MAC0  17U

/* COSE algorithms (RFC 9053). */
static const struct {
    int64_t algorithm;
    struct dg_signature_form form;
} forms[] = {
    {-7, {DG_SCHEME_ECDSA_RAW, DG_DIGEST_SHA256}},
    {-35, {DG_SCHEME_ECDSA_RAW, DG_DIGEST_SHA384}},
    {-36, {DG_SCHEME_ECDSA_RAW, DG_DIGEST_SHA512}},
    {-37, {DG_SCHEME_RSA_PSS, DG_DIGEST_SHA256}},
    {-38, {DG_SCHEME_RSA_PSS, DG_DIGEST_SHA384}},
    {-39, {DG_SCHEME_RSA_PSS, DG_DIGEST_SHA512}},
};

#define HMAC_FIRST 4 /* HMAC 256/64 .. 512/512 */
#define HMAC_LAST  7

static bool is_text(dg_span text, const char *words)
{
    return dg_span_equal(text,
                         (dg_span){(const uint8_t *)words, strlen(words)});
}

/* The label of the next pair, which is an integer; a text label is read over
 * with its value. */
static bool next_label(struct dg_cbor_reader *reader,
                       size_t *left,
                       int64_t *label)
{
    while ((*left != 0U) && (reader->status == DG_OK)) {
        (*left)--;
        if (dg_cbor_peek(reader) != DG_CBOR_TSTR) {
            *label = dg_cbor_read_int(reader);
            return reader->status == DG_OK;
        }
        (void)dg_cbor_read_tstr(reader);
        (void)dg_cbor_read_any(reader);
    }
    return false;
}

static bool is_new(int64_t *seen, size_t *count, size_t max, int64_t label)
{
    for (size_t i = 0; i < *count; i++) {
        if (seen[i] == label) {
            return false;
        }
    }
    if (*count == max) {
        return false;
    }
    seen[*count] = label;
    (*count)++;
    return true;
}

static bool read_protected(struct dg_psa_message *message)
{
    struct dg_cbor_reader reader;
    struct dg_cbor_map map;
    int64_t label = 0;
    int64_t algorithm = 0;
    int64_t seen[8];
    size_t count = 0U;

    dg_cbor_reader_init(&reader, message->protected_header);
    dg_cbor_read_map(&reader, &map);
    while (next_label(&reader, &map.left, &label)) {
        if (!is_new(seen, &count, 8U, label)) {
            dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
        } else if (label == 2) {
            message->fault = "a critical header is not known here";
            return false;
        } else if (label == 1) {
            algorithm = dg_cbor_read_int(&reader);
        } else {
            (void)dg_cbor_read_any(&reader);
        }
    }
    if (dg_cbor_reader_end(&reader) != DG_OK) {
        message->fault = "the protected header is malformed";
        return false;
    }
    if (algorithm == 0) {
        message->fault = "the protected header names no algorithm";
        return false;
    }
    for (size_t i = 0; i < (sizeof(forms) / sizeof(forms[0])); i++) {
        if (forms[i].algorithm == algorithm) {
            message->form = forms[i].form;
        }
    }
    if (message->is_mac &&
        ((algorithm < HMAC_FIRST) || (algorithm > HMAC_LAST))) {
        message->fault = "a COSE_Mac0 tag on what is no MAC";
        return false;
    }
    return true;
}

bool dg_psa_message_read(dg_span token, struct dg_psa_message *message)
{
    struct dg_cbor_reader reader;
    uint64_t tag = 0U;

    *message = (struct dg_psa_message){.fault = NULL};
    dg_cbor_reader_init(&reader, token);
    if (dg_cbor_peek(&reader) != DG_CBOR_TAG) {
        message->fault = "no COSE tag";
        return false;
    }
    tag = dg_cbor_read_tag(&reader);
    if ((tag != TAG_SIGN1) && (tag != TAG_MAC0)) {
        message->fault = "neither COSE_Sign1 nor COSE_Mac0";
        return false;
    }
    message->is_mac = tag == TAG_MAC0;
    if (dg_cbor_read_array(&reader) != 4U) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    message->protected_header = dg_cbor_read_bstr(&reader);
    if (dg_cbor_peek(&reader) != DG_CBOR_MAP) {
        dg_cbor_reader_fail(&reader, DG_E_MALFORMED);
    }
    (void)dg_cbor_read_any(&reader); /* unprotected: nothing to believe */
    message->payload = dg_cbor_read_bstr(&reader);
    message->signature = dg_cbor_read_bstr(&reader);
    if (dg_cbor_reader_end(&reader) != DG_OK) {
        message->fault = "not a COSE message in definite, shortest form";
        return false;
    }
    return read_protected(message);
}

/* Claims, by the labels of RFC 9783 and of the profile before it. */
enum claim {
    CLAIM_NONE = 0,
    CLAIM_NONCE,
    CLAIM_INSTANCE,
    CLAIM_PROFILE,
    CLAIM_BOOT_SEED,
    CLAIM_CLIENT,
    CLAIM_LIFECYCLE,
    CLAIM_IMPLEMENTATION,
    CLAIM_CERTIFICATION,
    CLAIM_COMPONENTS,
    CLAIM_SERVICE,
};

static const struct {
    int64_t label;
    enum claim claim;
} labels[] = {
    {10, CLAIM_NONCE},
    {256, CLAIM_INSTANCE},
    {265, CLAIM_PROFILE},
    {268, CLAIM_BOOT_SEED},
    {2394, CLAIM_CLIENT},
    {2395, CLAIM_LIFECYCLE},
    {2396, CLAIM_IMPLEMENTATION},
    {2397, CLAIM_BOOT_SEED},
    {2398, CLAIM_CERTIFICATION},
    {2399, CLAIM_COMPONENTS},
    {2400, CLAIM_SERVICE},
    {-75000, CLAIM_PROFILE},
    {-75001, CLAIM_CLIENT},
    {-75002, CLAIM_LIFECYCLE},
    {-75003, CLAIM_IMPLEMENTATION},
    {-75004, CLAIM_BOOT_SEED},
    {-75005, CLAIM_CERTIFICATION},
    {-75006, CLAIM_COMPONENTS},
    {-75008, CLAIM_NONCE},
    {-75009, CLAIM_INSTANCE},
    {-75010, CLAIM_SERVICE},
};

static const struct {
    const char *name;
    uint32_t profile;
    bool is_legacy; /* with the labels below zero */
} profiles[] = {
    {"tag:psacertified.org,2023:psa#tfm", DG_PSA_RFC9783, false},
    {"http://arm.com/psa/2.0.0", DG_PSA_DRAFT_2, false},
    {"PSA_IOT_PROFILE_1", DG_PSA_PROFILE_1, true},
};

#define MANDATORY                                                           \
    ((1U << CLAIM_NONCE) | (1U << CLAIM_INSTANCE) | (1U << CLAIM_PROFILE) | \
     (1U << CLAIM_CLIENT) | (1U << CLAIM_LIFECYCLE) |                       \
     (1U << CLAIM_IMPLEMENTATION) | (1U << CLAIM_COMPONENTS))

/* All claims carry the labels of one profile. */
struct reading {
    struct dg_cbor_reader reader;
    struct dg_psa_claims *claims;
    bool is_legacy_profile;
    bool has_old_labels;
    bool has_new_labels;
};

static void refuse(struct reading *reading, const char *words)
{
    if (reading->claims->fault == NULL) {
        reading->claims->fault = words;
    }
    dg_cbor_reader_fail(&reading->reader, DG_E_RANGE);
}

static bool is_hash_size(size_t size)
{
    return (size == 32U) || (size == 48U) || (size == 64U);
}

static void read_component(struct reading *reading,
                           struct dg_psa_component *component)
{
    struct dg_cbor_reader *reader = &reading->reader;
    struct dg_cbor_map map;
    int64_t label = 0;
    int64_t seen[8];
    size_t count = 0U;

    dg_cbor_read_map(reader, &map);
    while (next_label(reader, &map.left, &label)) {
        if (!is_new(seen, &count, 8U, label)) {
            refuse(reading, "a component has a field twice, or too many");
        } else if (label == 2) {
            component->measurement = dg_cbor_read_bstr(reader);
        } else if (label == 5) {
            component->signer = dg_cbor_read_bstr(reader);
        } else {
            (void)dg_cbor_read_any(reader);
        }
    }
    if ((reader->status == DG_OK) &&
        (!is_hash_size(component->measurement.size) ||
         !is_hash_size(component->signer.size))) {
        refuse(reading,
               "a component lacks measurement or signer, or one has "
               "no size of a hash");
    }
}

static void read_components(struct reading *reading)
{
    const size_t count = dg_cbor_read_array(&reading->reader);

    if ((count == 0U) || (count > DG_PSA_COMPONENTS_MAX)) {
        refuse(reading, "1 to 16 components are measured");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        read_component(reading, &reading->claims->component[i]);
    }
    reading->claims->components = count;
}

static void read_profile(struct reading *reading)
{
    const dg_span name = dg_cbor_read_tstr(&reading->reader);

    for (size_t i = 0; i < (sizeof(profiles) / sizeof(profiles[0])); i++) {
        if (is_text(name, profiles[i].name)) {
            reading->claims->profile = profiles[i].profile;
            reading->is_legacy_profile = profiles[i].is_legacy;
            return;
        }
    }
    refuse(reading, "a profile that is not known here");
}

/* Thirteen digits; behind them, if anything, a dash and five more. */
static void read_certification(struct reading *reading)
{
    const dg_span text = dg_cbor_read_tstr(&reading->reader);
    bool is_sound = (text.size == 13U) || (text.size == 19U);

    for (size_t i = 0; is_sound && (i < text.size); i++) {
        const uint8_t letter = text.at[i];

        is_sound =
            (i == 13U) ? (letter == '-') : ((letter >= '0') && (letter <= '9'));
    }
    if (!is_sound && (reading->reader.status == DG_OK)) {
        refuse(reading, "a malformed certification reference");
    }
}

static void read_lifecycle(struct reading *reading)
{
    const uint64_t value = dg_cbor_read_uint_max(&reading->reader, UINT16_MAX);

    /* 0000, 1000 .. 6000; the low byte is the implementer's. */
    if (((value & 0x0f00U) != 0U) || ((value >> 12) > 6U)) {
        refuse(reading, "a lifecycle state that is none");
    }
    reading->claims->lifecycle = (uint32_t)value;
}

static void read_ids(struct reading *reading, enum claim claim)
{
    struct dg_psa_claims *claims = reading->claims;
    const dg_span bytes = dg_cbor_read_bstr(&reading->reader);

    if (reading->reader.status != DG_OK) {
        return;
    }
    if (claim == CLAIM_NONCE) {
        claims->nonce = bytes;
        if (!is_hash_size(bytes.size)) {
            refuse(reading, "the nonce has not 32, 48 or 64 bytes");
        }
    } else if (claim == CLAIM_INSTANCE) {
        claims->instance = bytes;
        if ((bytes.size != 33U) || (bytes.at[0] != 1U)) {
            refuse(reading, "the instance id is no random id of 33 bytes");
        }
    } else if (claim == CLAIM_IMPLEMENTATION) {
        claims->implementation = bytes;
        if (bytes.size != 32U) {
            refuse(reading, "the implementation id has not 32 bytes");
        }
    } else if ((bytes.size < 8U) || (bytes.size > 32U)) {
        refuse(reading, "the boot seed has not 8 to 32 bytes");
    }
}

static void read_claim(struct reading *reading, enum claim claim)
{
    switch (claim) {
    case CLAIM_NONCE:
    case CLAIM_INSTANCE:
    case CLAIM_IMPLEMENTATION:
    case CLAIM_BOOT_SEED:
        read_ids(reading, claim);
        break;
    case CLAIM_PROFILE:
        read_profile(reading);
        break;
    case CLAIM_CLIENT:
        reading->claims->client = dg_cbor_read_int(&reading->reader);
        if ((reading->claims->client == 0) ||
            (reading->claims->client > INT32_MAX) ||
            (reading->claims->client < INT32_MIN)) {
            refuse(reading, "a client id that is none");
        }
        break;
    case CLAIM_LIFECYCLE:
        read_lifecycle(reading);
        break;
    case CLAIM_CERTIFICATION:
        read_certification(reading);
        break;
    case CLAIM_COMPONENTS:
        read_components(reading);
        break;
    case CLAIM_SERVICE:
        (void)dg_cbor_read_tstr(&reading->reader); /* never followed */
        break;
    case CLAIM_NONE:
    default:
        (void)dg_cbor_read_any(&reading->reader);
        break;
    }
}

static enum claim claim_of(struct reading *reading, int64_t label)
{
    for (size_t i = 0; i < (sizeof(labels) / sizeof(labels[0])); i++) {
        if (labels[i].label == label) {
            if (label < 0) {
                reading->has_old_labels = true;
            } else {
                reading->has_new_labels = true;
            }
            return labels[i].claim;
        }
    }
    return CLAIM_NONE;
}

bool dg_psa_claims_read(dg_span payload, struct dg_psa_claims *claims)
{
    struct reading reading = {.claims = claims};
    struct dg_cbor_map map;
    int64_t label = 0;
    int64_t unknown[32];
    size_t unknowns = 0U;
    unsigned seen = 0U;

    *claims = (struct dg_psa_claims){.fault = NULL};
    dg_cbor_reader_init(&reading.reader, payload);
    dg_cbor_read_map(&reading.reader, &map);
    while (next_label(&reading.reader, &map.left, &label)) {
        const enum claim claim = claim_of(&reading, label);
        const bool is_twice = (claim != CLAIM_NONE)
                                  ? (((seen >> (unsigned)claim) & 1U) != 0U)
                                  : !is_new(unknown, &unknowns, 32U, label);

        if (is_twice) {
            refuse(&reading, "a claim stands there twice, or too many do");
            break;
        }
        seen |= 1U << (unsigned)claim;
        read_claim(&reading, claim);
    }
    if ((dg_cbor_reader_end(&reading.reader) != DG_OK) &&
        (claims->fault == NULL)) {
        claims->fault = "the claims are malformed";
    }
    if ((claims->fault == NULL) && ((seen & MANDATORY) != MANDATORY)) {
        claims->fault = "a mandatory claim is missing";
    }
    if ((claims->fault == NULL) &&
        (reading.is_legacy_profile ? reading.has_new_labels
                                   : reading.has_old_labels)) {
        claims->fault = "claims of another profile than the one named";
    }
    return claims->fault == NULL;
}
