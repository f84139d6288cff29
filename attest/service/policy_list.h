/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_POLICY_LIST_H
#define DG_ATTEST_POLICY_LIST_H

#include <stdint.h>

#include "attest/ticket_claims.h"
#include "dosegate/policy.h"

/* The platform policy as the operator writes it: which apps, builds and patch
 * levels are qualified, and what each level of assurance asks.  The device has
 * only its head (dosegate/policy.h).  Text of one directive a line, signed as
 * a whole by the maker's policy key (COSE_Sign1, purpose "dosegate platform
 * policy 1"), with an end; docs/attestd.md has the directives.
 *
 * Nothing has a default: what no line says is not decided, and a level that no
 * line defines is never given. */
#define DG_POLICY_LIST_SIZE_MAX   65536U
#define DG_POLICY_LIST_PURPOSE    "dosegate platform policy 1"
#define DG_POLICY_LIST_APPS       16U
#define DG_POLICY_LIST_BUILDS     128U
#define DG_POLICY_LIST_MEASURED   16U
#define DG_POLICY_LIST_COMPONENTS 16U
#define DG_POLICY_LIST_ENROLLED   128U
#define DG_POLICY_LIST_WHY_MAX    200U

/* A build on trial: this many of a hundred phones may requalify it. */
struct dg_policy_trial {
    bool is_on_trial;
    uint8_t percent; /* 1 .. 100 */
};

/* What a machine (tpm-quote) or chip (psa-token) of one build measures when it
 * starts: what its evidence is compared with. */
struct dg_policy_measured {
    enum dg_evidence_kind kind;
    char name[DG_MEASURED_NAME_MAX + 1U];
    struct dg_pcr_bank bank; /* TPM */
    uint32_t profile;        /* PSA: DG_PSA_RFC9783, ... */
    size_t components;       /* PSA: 1 .. */
    struct dg_psa_component component[DG_POLICY_LIST_COMPONENTS];
};

/* A machine or chip whose key the operator took in. */
struct dg_policy_enrolled {
    enum dg_evidence_kind kind;
    struct dg_hash id; /* TPM: SHA-256 of TPMT_PUBLIC; PSA: instance id, behind
                          its first byte                                     */
    dg_span key;       /* TPM2B_PUBLIC; SubjectPublicKeyInfo */
    dg_span instance;  /* PSA: 33 bytes                      */
};

struct dg_policy_list {
    uint32_t version; /* 1 ..: never goes back                             */
    uint32_t epoch;   /* of the verifier's key, 1 ..                       */
    int64_t issued_s; /* since 1970                                        */
    int64_t expires_s;
    uint32_t life_s; /* of a ticket, 1 .. DG_ATTEST_LIFE_S_MAX             */
    uint32_t level_yes[DG_PACKAGE_HIGH + 1]; /* bits of dg_claim; 0: this
                                                level is not given         */
    size_t apps;
    struct dg_app_identity app[DG_POLICY_LIST_APPS];
    char app_name[DG_POLICY_LIST_APPS][DG_APP_NAME_MAX + 1U];
    size_t builds;
    struct dg_build_rule build[DG_POLICY_LIST_BUILDS];
    struct dg_policy_trial trial[DG_POLICY_LIST_BUILDS];
    size_t measureds;
    struct dg_policy_measured measured[DG_POLICY_LIST_MEASURED];
    size_t enrolleds;
    struct dg_policy_enrolled enrolled[DG_POLICY_LIST_ENROLLED];
    uint32_t stop_runs;    /* a trial is judged from so many runs on, 1 ..  */
    uint32_t stop_percent; /* ... and ends at so many failed, 1 .. 100      */
    size_t used;           /* of the bytes that the text gives in hex       */
    uint8_t bytes[DG_POLICY_LIST_SIZE_MAX / 2U];
};

/**
 * Read the text.  The list points into itself: do not copy it.
 *
 * @param[out] list  Cleared unless DG_OK.
 * @param[out] why   DG_POLICY_LIST_WHY_MAX bytes: "line 7: ...".
 *
 * @retval DG_OK, DG_E_RANGE (too large), DG_E_MALFORMED.
 */
DG_NODISCARD enum dg_status dg_policy_list_read(dg_span text,
                                                struct dg_policy_list *list,
                                                char *why);

/**
 * Open a signed list.
 *
 * @param signer       The maker's policy key.
 * @param now_s        Seconds since 1970.
 * @param version_min  The highest version that was ever taken.
 * @param[out] list    Cleared unless DG_OK.
 *
 * @retval DG_OK        Signed, in time, not older.
 * @retval DG_E_AUTH    Another key signed it.
 * @retval DG_E_REPLAY  An older version.
 * @retval DG_E_STATE   Expired, or of the future.
 * @retval DG_E_PORT    Crypto failed.
 * @retval others       As dg_policy_list_read().
 */
DG_NODISCARD enum dg_status dg_policy_list_open(
    const struct dg_crypto *crypto,
    const struct dg_public_key *signer,
    dg_span file,
    int64_t now_s,
    uint32_t version_min,
    struct dg_policy_list *list,
    char *why);

/** Sign a text that dg_policy_list_read() takes; @p room has its size and
 * DG_COSE_SIGN1_OVERHEAD_MAX bytes. */
DG_NODISCARD enum dg_status dg_policy_list_sign(const struct dg_crypto *crypto,
                                                const struct dg_secret *key,
                                                dg_span text,
                                                dg_buf room,
                                                dg_span *file,
                                                char *why);

/** The highest level whose claims are there; DG_PACKAGE_NONE for none.  Asks
 * dg_attestation_meets() and the policy: a policy can ask more than the device
 * does, and never less. */
enum dg_package dg_policy_list_level(const struct dg_policy_list *list,
                                     uint32_t claims);

/** The row that fits what an appraisal states of its build; -1: none, the
 * build is unknown.  Same rule as dg_ticket_claims(). */
int dg_policy_list_row(const struct dg_policy_list *list,
                       const struct dg_appraisal *appraisal);

/** The machine or chip of that id; NULL: nobody took it in. */
const struct dg_policy_enrolled *dg_policy_list_enrolled(
    const struct dg_policy_list *list,
    enum dg_evidence_kind kind,
    const struct dg_hash *key_id);

/**
 * Judge a quote or a token by what the policy measures: each reference of its
 * kind is tried until one fits, and where none does the last refusal stands.
 * UNDECIDED where the policy measures nothing of this kind.
 *
 * @param context  As for dg_appraise(); what it says of TPM and PSA is not
 *                 used.
 * @param from     Of the same kind as the evidence.
 *
 * @retval as dg_appraise().
 */
DG_NODISCARD enum dg_status dg_policy_list_appraise(
    const struct dg_policy_list *list,
    const struct dg_appraisal_context *context,
    const struct dg_policy_enrolled *from,
    dg_span evidence,
    struct dg_appraisal *appraisal);

/** "boot-verified", ... "isolated"; NULL for no claim. */
const char *dg_claim_name(enum dg_claim claim);

#endif
