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

/* What is different about a piece of evidence; all zero: a sound phone whose
 * key needs a finger each time, a sound machine, a chip in use. */
struct dg_sample_wish {
    /* Android: */
    bool is_unlocked;
    bool is_software;        /* both levels                                  */
    bool is_imported;        /* the key                                      */
    bool needs_nobody;       /* the key                                      */
    uint32_t extra_tag;      /* in the hardware list; 0: none                */
    unsigned certificates;   /* 0: the usual five; n: the leaf n times before */
    bool has_critical;       /* the leaf's own extension is critical         */
    bool is_other_signature; /* the leaf is signed with its own key          */
    bool uses_p384_leaf;
    bool is_extended; /* the attested key signed a leaf of its own below     */
    bool is_revoked;  /* the second certificate is on the list               */
    /* TPM: */
    uint32_t attributes; /* of the key; 0: a restricted signing key          */
    uint32_t magic;      /* 0: the right one                                 */
    /* PSA: */
    uint32_t lifecycle; /* 0: secured                                        */
    int algorithm;      /* COSE; 0: ES256                                    */
    bool is_mac;        /* tag of COSE_Mac0                                  */
};

/**
 * Make a piece of evidence that holds.
 *
 * @param wish  NULL: all sound.
 *
 * @return false when libcrypto failed.  Give to dg_sample_free() either way.
 */
bool dg_sample_make(enum dg_evidence_kind kind,
                    const struct dg_sample_wish *wish,
                    struct dg_sample *sample);

/** The context under which it is accepted; points into @p sample. */
struct dg_appraisal_context dg_sample_context(const struct dg_sample *sample,
                                              const struct dg_crypto *crypto);

void dg_sample_free(struct dg_sample *sample);

#endif
