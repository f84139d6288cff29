/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_CERTIFICATE_H
#define DG_ATTEST_CERTIFICATE_H

#include <stdbool.h>
#include <stdint.h>

#include "attest/signature.h"

/* One X.509 certificate (RFC 5280, 4.1) as spans into its bytes. */
struct dg_certificate {
    dg_span signed_part; /* tbsCertificate, head and all  */
    dg_span serial;      /* big endian, no leading zeros   */
    dg_span issuer;      /* DER Name                       */
    dg_span subject;     /* DER Name                       */
    dg_span spki;        /* DER SubjectPublicKeyInfo       */
    dg_span extensions;  /* contents of the SEQUENCE; none */
    dg_span signature;
    int64_t not_before_s; /* since 1970 */
    int64_t not_after_s;
    struct dg_signature_form form; /* scheme NONE: one that we do not know */
    struct dg_key_view key;
    bool has_unknown_critical; /* an extension that must be understood */
};

/**
 * Read the certificate at the start of @p bytes.
 *
 * @param[in,out] bytes  Moved behind the certificate when it was read.
 *
 * @retval true   Well formed: DER throughout, extensions unique.
 * @retval false  Not a certificate; @p certificate is of no use.
 */
bool dg_certificate_read(dg_span *bytes, struct dg_certificate *certificate);

/** The contents of an extension; {NULL, 0} when it is not there. */
dg_span dg_certificate_extension(const struct dg_certificate *certificate,
                                 dg_span oid);

/** Does the subject contain this text? */
bool dg_certificate_is_named(const struct dg_certificate *certificate,
                             const char *text);

#endif
