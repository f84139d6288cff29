/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/policy_list.h"

#include <stdio.h>
#include <string.h>

#include "dosegate/cose.h"

/* The list behind its signature, and what it says about one phone. */

static const char *const claim_names[DG_CLAIMS] = {
    [DG_CLAIM_BOOT_VERIFIED] = "boot-verified",
    [DG_CLAIM_BOOT_LOCKED] = "boot-locked",
    [DG_CLAIM_PLATFORM] = "platform",
    [DG_CLAIM_APP] = "app",
    [DG_CLAIM_NOT_DEBUGGABLE] = "not-debuggable",
    [DG_CLAIM_FRESH] = "fresh",
    [DG_CLAIM_KEY_IN_HARDWARE] = "key-in-hardware",
    [DG_CLAIM_PRESENCE_BOUND] = "presence-bound",
    [DG_CLAIM_QUALIFIED] = "qualified",
    [DG_CLAIM_ISOLATED] = "isolated",
};

const char *dg_claim_name(enum dg_claim claim)
{
    return ((unsigned)claim < DG_CLAIMS) ? claim_names[claim] : NULL;
}

static dg_span purpose(void)
{
    static const uint8_t text[] = DG_POLICY_LIST_PURPOSE;

    return (dg_span){text, sizeof(text) - 1U};
}

static enum dg_status judge(struct dg_policy_list *list,
                            int64_t now_s,
                            uint32_t version_min,
                            char *why)
{
    if (list->version < version_min) {
        (void)snprintf(why,
                       DG_POLICY_LIST_WHY_MAX,
                       "version %lu, but version %lu was taken before: a "
                       "policy never goes back",
                       (unsigned long)list->version,
                       (unsigned long)version_min);
        return DG_E_REPLAY;
    }
    if ((now_s < list->issued_s) || (now_s >= list->expires_s)) {
        (void)snprintf(why,
                       DG_POLICY_LIST_WHY_MAX,
                       (now_s < list->issued_s)
                           ? "issued in the future: set this machine's clock"
                           : "expired: get the maker's newer policy");
        return DG_E_STATE;
    }
    return DG_OK;
}

/* @satisfies{FDP_ATTEST.3@1} */
enum dg_status dg_policy_list_open(const struct dg_crypto *crypto,
                                   const struct dg_public_key *signer,
                                   dg_span file,
                                   int64_t now_s,
                                   uint32_t version_min,
                                   struct dg_policy_list *list,
                                   char *why)
{
    dg_span text = {NULL, 0U};

    memset(list, 0, sizeof(*list));
    if (file.size > DG_POLICY_LIST_SIZE_MAX + DG_COSE_SIGN1_OVERHEAD_MAX) {
        (void)snprintf(why, DG_POLICY_LIST_WHY_MAX, "too large for a policy");
        return DG_E_RANGE;
    }

    enum dg_status status =
        dg_cose_sign1_verify(crypto, signer, purpose(), file, &text);

    if (status != DG_OK) {
        (void)snprintf(why,
                       DG_POLICY_LIST_WHY_MAX,
                       (status == DG_E_AUTH)
                           ? "not signed by this policy key"
                           : "not a signed policy: sign the text with "
                             "dosegate policy sign");
        return status;
    }
    status = dg_policy_list_read(text, list, why);
    if (status == DG_OK) {
        status = judge(list, now_s, version_min, why);
    }
    if (status != DG_OK) {
        memset(list, 0, sizeof(*list));
    }
    return status;
}

enum dg_status dg_policy_list_sign(const struct dg_crypto *crypto,
                                   const struct dg_secret *key,
                                   dg_span text,
                                   dg_buf room,
                                   dg_span *file,
                                   char *why)
{
    static const dg_span no_kid = {NULL, 0U};
    struct dg_policy_list list; /* some 80 KB, read to refuse early */
    const enum dg_status status = dg_policy_list_read(text, &list, why);

    if (status != DG_OK) {
        return status;
    }
    return dg_cose_sign1(crypto, key, no_kid, purpose(), text, room, file);
}

enum dg_package dg_policy_list_level(const struct dg_policy_list *list,
                                     uint32_t claims)
{
    for (unsigned level = DG_PACKAGE_HIGH; level >= DG_PACKAGE_LOW; level--) {
        bool is_met = (list->level_yes[level] != 0U) &&
                      dg_attestation_meets(claims, (enum dg_package)level);

        for (unsigned i = 0; i < DG_CLAIMS; i++) {
            const bool is_asked = ((list->level_yes[level] >> i) & 1U) != 0U;

            is_met =
                is_met &&
                (!is_asked || (dg_attestation_claim(claims, (enum dg_claim)i) ==
                               DG_CLAIM_YES));
        }
        if (is_met) {
            return (enum dg_package)level;
        }
    }
    return DG_PACKAGE_NONE;
}

/* What a row asks of one patch level. */
static bool reaches(uint32_t stated, uint32_t asked)
{
    return stated >= asked;
}

int dg_policy_list_row(const struct dg_policy_list *list,
                       const struct dg_appraisal *appraisal)
{
    const enum dg_evidence_kind kind =
        (appraisal->kind == DG_KIND_APPLE_ASSERTION) ? DG_KIND_APPLE_ATTESTATION
                                                     : appraisal->kind;

    for (size_t i = 0; i < list->builds; i++) {
        const struct dg_build_rule *rule = &list->build[i];

        if ((rule->kind == kind) &&
            (strcmp((rule->measured != NULL) ? rule->measured : "",
                    appraisal->measured) == 0) &&
            (appraisal->os_version >= rule->os_version_min) &&
            (appraisal->os_version <= rule->os_version_max) &&
            reaches(appraisal->os_patch, rule->os_patch_min) &&
            reaches(appraisal->vendor_patch, rule->vendor_patch_min) &&
            reaches(appraisal->boot_patch, rule->boot_patch_min)) {
            return (int)i;
        }
    }
    return -1;
}
