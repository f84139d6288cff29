/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_TICKET_CLAIMS_H
#define DG_ATTEST_TICKET_CLAIMS_H

#include "attest/evidence.h"

/* From what evidence states to what a ticket claims.  A row is one family of
 * builds that the operator's platform policy knows.  A build that no row knows
 * makes PLATFORM and QUALIFIED "not stated": requalification is pending
 * (docs/adr/0018-evidence-tickets-and-policy.md). */
struct dg_build_rule {
    enum dg_evidence_kind
        kind;                /* APPLE_ATTESTATION stands for assertions too */
    uint32_t os_version_min; /* as in dg_appraisal; kinds without a version */
    uint32_t os_version_max; /* ... have 0 and 0                          */
    uint32_t os_patch_min;   /* YYYYMMDD; 0: not asked                    */
    uint32_t vendor_patch_min;
    uint32_t boot_patch_min;
    bool is_qualified; /* this build passed its requalification run          */
    const char *measured; /* kinds without a version: the name of what they
                             measure, as in dg_appraisal; NULL: ""           */
};

struct dg_platform_policy {
    const struct dg_build_rule *rule;
    size_t rules;
    const struct dg_app_identity *app; /* the same as in the context         */
    size_t apps;
};

/**
 * Work out the claims of a ticket from one or two appraisals of one phone.
 *
 * The first carries the platform.  If it is about a key (Android), that key
 * must be the controller's.  The second, about the presence key, can only add
 * PRESENCE_BOUND and take away: a no beats a yes.  An appraisal that is not
 * ACCEPTED states nothing.
 *
 * @param first     Of the controller's key, app or machine.
 * @param presence  Of the presence key; NULL when there is none.
 *
 * @return Claims as in dg_attestation; 0 (nothing stated) for NULLs.
 */
uint32_t dg_ticket_claims(const struct dg_appraisal *first,
                          const struct dg_appraisal *presence,
                          const struct dg_platform_policy *policy);

#endif
