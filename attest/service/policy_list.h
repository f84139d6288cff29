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
#define DG_POLICY_LIST_SIZE_MAX 65536U
#define DG_POLICY_LIST_PURPOSE  "dosegate platform policy 1"
#define DG_POLICY_LIST_APPS     16U
#define DG_POLICY_LIST_BUILDS   128U
#define DG_POLICY_LIST_WHY_MAX  200U

/* A build on trial: this many of a hundred phones may requalify it. */
struct dg_policy_trial {
    bool is_on_trial;
    uint8_t percent; /* 1 .. 100 */
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
    uint32_t stop_runs;    /* a trial is judged from so many runs on, 1 ..  */
    uint32_t stop_percent; /* ... and ends at so many failed, 1 .. 100      */
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

/** "boot-verified", ... "isolated"; NULL for no claim. */
const char *dg_claim_name(enum dg_claim claim);

#endif
