/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_ANCHORS_PARTS_H
#define DG_ATTEST_ANCHORS_PARTS_H

#include "attest/anchors.h"
#include "attest/signature.h"

/* What verifiers ask of the anchors.  Private to attest/. */
struct dg_anchor {
    enum dg_evidence_kind kind; /* ANDROID_KEY or APPLE_ATTESTATION */
    char name[DG_ANCHOR_NAME_MAX + 1U];
    dg_span subject; /* DER Name                 */
    dg_span spki;    /* DER SubjectPublicKeyInfo */
    struct dg_key_view key;
    int64_t until_s;
};

/** The root of that subject; with @p spki, also of that key.  NULL when there
 * is none of this kind. */
const struct dg_anchor *dg_anchors_find(const struct dg_anchors *anchors,
                                        enum dg_evidence_kind kind,
                                        dg_span subject,
                                        const dg_span *spki);

/** Is a certificate with this serial number on the revocation list? */
bool dg_anchors_is_revoked(const struct dg_anchors *anchors, dg_span serial);

#endif
