/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/certificate.h"

#include <string.h>

#include "attest/der.h"

#define EXTENSIONS_MAX 32U

static const uint8_t ecdsa_sha256[] = {
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
static const uint8_t ecdsa_sha384[] = {
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03};
static const uint8_t ecdsa_sha512[] = {
    0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04};
static const uint8_t rsa_sha256[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b};
static const uint8_t rsa_sha384[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c};
static const uint8_t rsa_sha512[] = {
    0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d};

static const struct {
    dg_span oid;
    struct dg_signature_form form;
} forms[] = {
    {{ecdsa_sha256, sizeof(ecdsa_sha256)}, {DG_SCHEME_ECDSA, DG_DIGEST_SHA256}},
    {{ecdsa_sha384, sizeof(ecdsa_sha384)}, {DG_SCHEME_ECDSA, DG_DIGEST_SHA384}},
    {{ecdsa_sha512, sizeof(ecdsa_sha512)}, {DG_SCHEME_ECDSA, DG_DIGEST_SHA512}},
    {{rsa_sha256, sizeof(rsa_sha256)}, {DG_SCHEME_RSA_PKCS1, DG_DIGEST_SHA256}},
    {{rsa_sha384, sizeof(rsa_sha384)}, {DG_SCHEME_RSA_PKCS1, DG_DIGEST_SHA384}},
    {{rsa_sha512, sizeof(rsa_sha512)}, {DG_SCHEME_RSA_PKCS1, DG_DIGEST_SHA512}},
};

/* Critical extensions that may be there.  Neither is enforced: a genuine
 * intermediate of 2022 lacks keyCertSign (docs/adr/0034-evidence.md), and no
 * certificate below a leaf gets past the rule about where the attestation
 * extension stands. */
static const uint8_t key_usage[] = {0x55, 0x1d, 0x0f};
static const uint8_t basic_constraints[] = {0x55, 0x1d, 0x13};

/* Two digits at byte @p at of a text that is long enough. */
static bool two_digits(
    dg_span text, size_t at, unsigned low, unsigned high, unsigned *value)
{
    const uint8_t tens = text.at[at];
    const uint8_t ones = text.at[at + 1U];

    if ((tens < '0') || (tens > '9') || (ones < '0') || (ones > '9')) {
        return false;
    }
    *value = ((unsigned)(tens - '0') * 10U) + (unsigned)(ones - '0');
    return (*value >= low) && (*value <= high);
}

/* Days from 1970-01-01; the years run from March so that the day that comes
 * and goes is their last. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
    const unsigned from_march = (month + 9U) % 12U;
    const unsigned shifted = year - ((month <= 2U) ? 1U : 0U);
    const unsigned leaps = (shifted / 4U) - (shifted / 100U) + (shifted / 400U);
    const unsigned in_year = (((153U * from_march) + 2U) / 5U) + day - 1U;

    /* 719468 days lie between 0000-03-01 and 1970-01-01. */
    return (int64_t)(shifted * 365U) + (int64_t)leaps + (int64_t)in_year -
           719468;
}

static bool is_day(unsigned year, unsigned month, unsigned day)
{
    static const unsigned last[12] = {
        31U, 28U, 31U, 30U, 31U, 30U, 31U, 31U, 30U, 31U, 30U, 31U};
    const bool is_leap =
        ((year % 4U) == 0U) && (((year % 100U) != 0U) || ((year % 400U) == 0U));

    return day <= (last[month - 1U] + ((is_leap && (month == 2U)) ? 1U : 0U));
}

/* RFC 5280, 4.1.2.5: seconds are there, and the zone is Z. */
static bool read_time(struct dg_der *der, int64_t *seconds)
{
    uint32_t id = 0U;
    dg_span text = dg_der_any(der, &id);
    unsigned century = 0U;
    unsigned part[6];
    static const unsigned low[6] = {0U, 1U, 1U, 0U, 0U, 0U};
    static const unsigned high[6] = {99U, 12U, 31U, 23U, 59U, 59U};

    if ((id == DG_DER_TIME) && (text.size == 15U)) {
        if (!two_digits(text, 0U, 0U, 99U, &century)) {
            return false;
        }
        text = (dg_span){&text.at[2], 13U};
    } else if ((id != DG_DER_UTC_TIME) || (text.size != 13U)) {
        return false;
    }
    for (size_t i = 0; i < 6U; i++) {
        if (!two_digits(text, 2U * i, low[i], high[i], &part[i])) {
            return false;
        }
    }
    if (text.at[12] != 'Z') {
        return false;
    }
    if (id == DG_DER_UTC_TIME) {
        century = (part[0] >= 50U) ? 19U : 20U;
    }
    const unsigned year = (century * 100U) + part[0];

    *seconds = (days_of(year, part[1], part[2]) * 86400) +
               (int64_t)((part[3] * 3600U) + (part[4] * 60U) + part[5]);
    return is_day(year, part[1], part[2]);
}

static struct dg_signature_form form_of(dg_span algorithm)
{
    struct dg_der outer = dg_der_over(algorithm);
    struct dg_der der = dg_der_enter(&outer, DG_DER_SEQUENCE);
    const dg_span oid = dg_der_take(&der, DG_DER_OID);

    for (size_t i = 0; i < (sizeof(forms) / sizeof(forms[0])); i++) {
        if (dg_span_equal(oid, forms[i].oid)) {
            return forms[i].form;
        }
    }
    return (struct dg_signature_form){DG_SCHEME_NONE, DG_DIGEST_NONE};
}

/* One extension; false when it is malformed. */
static bool next_extension(struct dg_der *list,
                           dg_span *oid,
                           bool *is_critical,
                           dg_span *contents)
{
    struct dg_der der = dg_der_enter(list, DG_DER_SEQUENCE);

    *oid = dg_der_take(&der, DG_DER_OID);
    *is_critical = false;
    if (dg_der_peek(&der) == DG_DER_BOOLEAN) {
        const dg_span flag = dg_der_take(&der, DG_DER_BOOLEAN);

        *is_critical = (flag.size == 1U) && (flag.at[0] != 0U);
    }
    *contents = dg_der_take(&der, DG_DER_OCTETS);
    return dg_der_is_done(&der) && (oid->size != 0U);
}

static bool check_extensions(struct dg_certificate *certificate)
{
    struct dg_der list = dg_der_over(certificate->extensions);
    dg_span seen[EXTENSIONS_MAX];
    size_t count = 0U;

    while (!dg_der_is_done(&list)) {
        dg_span contents;
        bool is_critical = false;

        if ((count == EXTENSIONS_MAX) ||
            !next_extension(&list, &seen[count], &is_critical, &contents)) {
            return false;
        }
        for (size_t i = 0; i < count; i++) {
            if (dg_span_equal(seen[i], seen[count])) {
                return false;
            }
        }
        if (is_critical && !dg_span_equal(seen[count], DG_SPAN_OF(key_usage)) &&
            !dg_span_equal(seen[count], DG_SPAN_OF(basic_constraints))) {
            certificate->has_unknown_critical = true;
        }
        count++;
    }
    return true;
}

static bool read_signed_part(dg_span bytes,
                             struct dg_certificate *certificate,
                             dg_span *algorithm)
{
    struct dg_der outer = dg_der_over(bytes);
    struct dg_der der = dg_der_enter(&outer, DG_DER_SEQUENCE);
    struct dg_der version = dg_der_enter(&der, DG_DER_EXPLICIT(0U));

    /* Version 3 alone has extensions. */
    if ((dg_der_number(&version, DG_DER_INTEGER) != 2U) ||
        !dg_der_is_done(&version)) {
        return false;
    }
    certificate->serial = dg_der_take(&der, DG_DER_INTEGER);
    while ((certificate->serial.size > 1U) &&
           (certificate->serial.at[0] == 0U)) {
        certificate->serial.at++;
        certificate->serial.size--;
    }
    *algorithm = dg_der_whole(&der, DG_DER_SEQUENCE);
    certificate->issuer = dg_der_whole(&der, DG_DER_SEQUENCE);
    struct dg_der validity = dg_der_enter(&der, DG_DER_SEQUENCE);

    if (!read_time(&validity, &certificate->not_before_s) ||
        !read_time(&validity, &certificate->not_after_s) ||
        !dg_der_is_done(&validity)) {
        return false;
    }
    certificate->subject = dg_der_whole(&der, DG_DER_SEQUENCE);
    certificate->spki = dg_der_whole(&der, DG_DER_SEQUENCE);
    if (dg_der_peek(&der) == DG_DER_EXPLICIT(3U)) {
        struct dg_der tagged = dg_der_enter(&der, DG_DER_EXPLICIT(3U));

        certificate->extensions = dg_der_take(&tagged, DG_DER_SEQUENCE);
        if (!dg_der_is_done(&tagged)) {
            return false;
        }
    }
    return dg_der_is_done(&der) && check_extensions(certificate);
}

bool dg_certificate_read(dg_span *bytes, struct dg_certificate *certificate)
{
    struct dg_der outer = dg_der_over(*bytes);
    struct dg_der der = dg_der_enter(&outer, DG_DER_SEQUENCE);
    dg_span inner = {NULL, 0U};

    *certificate = (struct dg_certificate){.not_before_s = 0};
    certificate->signed_part = dg_der_whole(&der, DG_DER_SEQUENCE);
    const dg_span algorithm = dg_der_whole(&der, DG_DER_SEQUENCE);
    const dg_span signature = dg_der_take(&der, DG_DER_BITS);

    if (!dg_der_is_done(&der) || (signature.size < 2U) ||
        (signature.at[0] != 0U) ||
        !read_signed_part(certificate->signed_part, certificate, &inner) ||
        !dg_span_equal(inner, algorithm) ||
        !dg_key_view_spki(certificate->spki, &certificate->key)) {
        return false;
    }
    certificate->signature = (dg_span){&signature.at[1], signature.size - 1U};
    certificate->form = form_of(algorithm);
    *bytes = outer.rest;
    return true;
}

dg_span dg_certificate_extension(const struct dg_certificate *certificate,
                                 dg_span oid)
{
    struct dg_der list = dg_der_over(certificate->extensions);
    dg_span found;
    dg_span contents;
    bool is_critical = false;

    while (!dg_der_is_done(&list) &&
           next_extension(&list, &found, &is_critical, &contents)) {
        if (dg_span_equal(found, oid)) {
            return contents;
        }
    }
    return (dg_span){NULL, 0U};
}

bool dg_certificate_is_named(const struct dg_certificate *certificate,
                             const char *text)
{
    const size_t size = strlen(text);

    for (size_t i = 0; (i + size) <= certificate->subject.size; i++) {
        if (memcmp(&certificate->subject.at[i], text, size) == 0) {
            return true;
        }
    }
    return false;
}
