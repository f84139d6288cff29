/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_SAMPLE_H
#define DG_ATTEST_SAMPLE_H

#include "attest/anchors.h"
#include "attest/evidence.h"

/* Evidence of every kind, made under keys of the moment: for tests and
 * measurements where no published vectors are.  No program links it. */
#define DG_SAMPLE_SIZE 8192U

struct dg_sample {
    enum dg_evidence_kind kind;
    struct dg_hash challenge;
    dg_span evidence;
    int64_t at_s; /* when it is good */
    struct dg_anchors *anchors;
    struct dg_public_key key; /* attested (Android, Apple), or that signs */
    struct dg_app_identity app;
    struct dg_tpm_reference tpm;
    struct dg_psa_reference psa;
    struct dg_pcr_bank bank;
    uint8_t values[3][DG_HASH_SIZE];
    uint8_t enrolled[256];
    uint8_t bytes[DG_SAMPLE_SIZE];
    size_t used;
};

/* What is different about a piece of Android evidence; all zero: a sound
 * phone whose key needs a finger each time. */
struct dg_sample_android {
    bool is_unlocked;
    bool is_software;        /* both levels             */
    bool is_imported;        /* the key                 */
    bool needs_nobody;       /* the key                 */
    uint32_t extra_tag;      /* in the hardware list; 0: none */
    unsigned certificates;   /* 0: the usual five; n: the leaf n times before */
    bool has_critical;       /* the leaf's own extension is critical */
    bool is_other_signature; /* the leaf is signed with its own key */
    bool uses_p384_leaf;
};

/**
 * Make a piece of evidence that holds.
 *
 * @param android  NULL: a sound phone; otherwise only for ANDROID_KEY.
 *
 * @return false when libcrypto failed.  Give to dg_sample_free() either way.
 */
bool dg_sample_make(enum dg_evidence_kind kind,
                    const struct dg_sample_android *android,
                    struct dg_sample *sample);

/** The context under which it is accepted; points into @p sample. */
struct dg_appraisal_context dg_sample_context(const struct dg_sample *sample,
                                              const struct dg_crypto *crypto);

void dg_sample_free(struct dg_sample *sample);

#endif
