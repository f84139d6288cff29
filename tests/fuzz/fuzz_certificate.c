/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_certificate_read.  Oracle: what libcrypto reads from the same
 * bytes has the same names, key, signature and dates. */
#include "attest/certificate.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/x509.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool is_true)
{
    if (!is_true) {
        abort();
    }
}

static void check_time(const ASN1_TIME *theirs, int64_t ours)
{
    struct tm parts;
    ASN1_TIME *made = ASN1_TIME_set(NULL, (time_t)ours);

    need((made != NULL) && (ASN1_TIME_to_tm(theirs, &parts) == 1));
    need(ASN1_TIME_compare(theirs, made) == 0);
    ASN1_TIME_free(made);
}

static void check(dg_span bytes, const struct dg_certificate *ours)
{
    const unsigned char *at = bytes.at;
    X509 *theirs = d2i_X509(NULL, &at, (long)bytes.size);
    const ASN1_BIT_STRING *signature = NULL;
    unsigned char *der = NULL;
    int size = 0;

    if (theirs == NULL) {
        return;
    }
    need(at == (bytes.at + bytes.size));
    size = i2d_X509_NAME(X509_get_subject_name(theirs), &der);
    need((size > 0) && ((size_t)size == ours->subject.size));
    need(memcmp(der, ours->subject.at, ours->subject.size) == 0);
    OPENSSL_free(der);
    X509_get0_signature(&signature, NULL, theirs);
    need((size_t)ASN1_STRING_length(signature) == ours->signature.size);
    need(memcmp(ASN1_STRING_get0_data(signature),
                ours->signature.at,
                ours->signature.size) == 0);
    check_time(X509_get0_notBefore(theirs), ours->not_before_s);
    check_time(X509_get0_notAfter(theirs), ours->not_after_s);
    X509_free(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_certificate certificate;
    dg_span rest = {data, size};

    if (dg_certificate_read(&rest, &certificate)) {
        const dg_span whole = {data, size - rest.size};

        need((rest.at == (data + whole.size)) || (rest.size == 0U));
        check(whole, &certificate);
        need((certificate.key.kind == DG_KEY_KIND_NONE) ||
             (certificate.key.point.size != 0U) ||
             (certificate.key.modulus.size >= 256U));
    }
    return 0;
}
