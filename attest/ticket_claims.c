/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/ticket_claims.h"

#include <string.h>

static bool is_yes(const struct dg_appraisal *appraisal, enum dg_fact fact)
{
    return appraisal->fact[fact].value == DG_CLAIM_YES;
}

/* Assertions are judged by the rows of their attestations. */
static enum dg_evidence_kind family(enum dg_evidence_kind kind)
{
    return (kind == DG_KIND_APPLE_ASSERTION) ? DG_KIND_APPLE_ATTESTATION : kind;
}

/* Android gives the system's patch level as a month: of a day in that month it
 * says nothing. */
static enum dg_claim_value patch_is_new(uint32_t stated, uint32_t asked)
{
    if (asked == 0U) {
        return DG_CLAIM_YES;
    }
    if (stated == 0U) {
        return DG_CLAIM_NOT_STATED;
    }
    if (((stated % 100U) == 0U) && ((stated / 100U) == (asked / 100U)) &&
        (stated < asked)) {
        return DG_CLAIM_NOT_STATED;
    }
    return (stated >= asked) ? DG_CLAIM_YES : DG_CLAIM_NO;
}

/* A no beats a silence, and a silence beats a yes. */
static enum dg_claim_value lesser(enum dg_claim_value a, enum dg_claim_value b)
{
    if ((a == DG_CLAIM_NO) || (b == DG_CLAIM_NO)) {
        return DG_CLAIM_NO;
    }
    return ((a == DG_CLAIM_YES) && (b == DG_CLAIM_YES)) ? DG_CLAIM_YES
                                                        : DG_CLAIM_NOT_STATED;
}

static enum dg_claim_value rule_meets(const struct dg_build_rule *rule,
                                      const struct dg_appraisal *appraisal)
{
    /* Kinds without a version are known by their measurements alone. */
    if (rule->os_version_max == 0U) {
        return appraisal->fact[DG_FACT_MEASURED].value;
    }
    return lesser(
        lesser(patch_is_new(appraisal->os_patch, rule->os_patch_min),
               patch_is_new(appraisal->vendor_patch, rule->vendor_patch_min)),
        patch_is_new(appraisal->boot_patch, rule->boot_patch_min));
}

static bool rule_speaks_of(const struct dg_build_rule *rule,
                           const struct dg_appraisal *appraisal)
{
    if (rule->kind != family(appraisal->kind)) {
        return false;
    }
    if (rule->os_version_max == 0U) {
        return (appraisal->os_version == 0U) &&
               (strcmp((rule->measured != NULL) ? rule->measured : "",
                       appraisal->measured) == 0);
    }
    return (appraisal->os_version != 0U) &&
           (appraisal->os_version >= rule->os_version_min) &&
           (appraisal->os_version <= rule->os_version_max);
}

static uint32_t with_build(uint32_t claims,
                           const struct dg_appraisal *appraisal,
                           const struct dg_platform_policy *policy)
{
    enum dg_claim_value platform = DG_CLAIM_NOT_STATED;
    enum dg_claim_value qualified = DG_CLAIM_NOT_STATED;

    /* The best row counts: a family may have an old and a new row. */
    for (size_t i = 0; i < policy->rules; i++) {
        const struct dg_build_rule *rule = &policy->rule[i];

        if (!rule_speaks_of(rule, appraisal)) {
            continue;
        }
        const enum dg_claim_value meets = rule_meets(rule, appraisal);

        if (meets == DG_CLAIM_YES) {
            platform = DG_CLAIM_YES;
            qualified = (rule->is_qualified || (qualified == DG_CLAIM_YES))
                            ? DG_CLAIM_YES
                            : DG_CLAIM_NO;
        } else if (platform == DG_CLAIM_NOT_STATED) {
            platform = meets;
        }
    }
    claims = dg_attestation_state(claims, DG_CLAIM_PLATFORM, platform);
    return dg_attestation_state(claims, DG_CLAIM_QUALIFIED, qualified);
}

static bool is_signed_by(const struct dg_stated_app *app,
                         const struct dg_app_identity *ours)
{
    return (ours->kind != DG_KIND_ANDROID_KEY) ||
           ((app->signers == 1U) &&
            (memcmp(&app->signer[0], &ours->signer, DG_HASH_SIZE) == 0));
}

static bool is_measured_kind(enum dg_evidence_kind kind)
{
    return (kind == DG_KIND_TPM_QUOTE) || (kind == DG_KIND_PSA_TOKEN);
}

static const struct dg_app_identity *app_of(
    const struct dg_appraisal *appraisal,
    const struct dg_platform_policy *policy)
{
    const char *name = is_measured_kind(appraisal->kind) ? appraisal->measured
                                                         : appraisal->app.name;

    for (size_t i = 0; i < policy->apps; i++) {
        if ((policy->app[i].kind == family(appraisal->kind)) &&
            (strcmp(policy->app[i].name, name) == 0) &&
            (appraisal->app.version >= policy->app[i].version_min) &&
            is_signed_by(&appraisal->app, &policy->app[i])) {
            return &policy->app[i];
        }
    }
    return NULL;
}

/* What the system says of its apps is worth as much as the system is. */
static bool system_is_sound(const struct dg_appraisal *appraisal)
{
    return (appraisal->app_source != DG_SOURCE_SOFTWARE) ||
           (is_yes(appraisal, DG_FACT_BOOT_VERIFIED) &&
            is_yes(appraisal, DG_FACT_BOOT_LOCKED));
}

static uint32_t with_app(uint32_t claims,
                         const struct dg_appraisal *appraisal,
                         const struct dg_platform_policy *policy)
{
    const struct dg_app_identity *app = app_of(appraisal, policy);
    enum dg_claim_value known = appraisal->fact[DG_FACT_APP_KNOWN].value;
    enum dg_claim_value closed = appraisal->fact[DG_FACT_NOT_DEBUGGABLE].value;

    /* Neither TPM nor chip speaks of apps.  Where the policy says that what it
     * measured under a name holds our app, that is as good as measured. */
    if (is_measured_kind(appraisal->kind) && (app != NULL)) {
        known = appraisal->fact[DG_FACT_MEASURED].value;
    }
    if ((known == DG_CLAIM_YES) && (app == NULL)) {
        known = DG_CLAIM_NO;
    }
    if ((known == DG_CLAIM_YES) && !system_is_sound(appraisal)) {
        known = DG_CLAIM_NOT_STATED;
    }
    /* Nobody signs our releases but us: a known release on a sound system is
     * what we built.  No platform states it better. */
    if ((closed == DG_CLAIM_NOT_STATED) && (known == DG_CLAIM_YES)) {
        closed = app->is_release ? DG_CLAIM_YES : DG_CLAIM_NO;
    }
    claims = dg_attestation_state(claims, DG_CLAIM_APP, known);
    return dg_attestation_state(claims, DG_CLAIM_NOT_DEBUGGABLE, closed);
}

/* Take away what the second appraisal denies of the same phone. */
static uint32_t without_denied(uint32_t claims,
                               const struct dg_appraisal *second)
{
    static const struct {
        enum dg_claim claim;
        enum dg_fact fact;
    } shared[] = {
        {DG_CLAIM_BOOT_VERIFIED, DG_FACT_BOOT_VERIFIED},
        {DG_CLAIM_BOOT_LOCKED, DG_FACT_BOOT_LOCKED},
        {DG_CLAIM_NOT_DEBUGGABLE, DG_FACT_NOT_DEBUGGABLE},
        {DG_CLAIM_APP, DG_FACT_APP_KNOWN},
    };

    for (size_t i = 0; i < (sizeof(shared) / sizeof(shared[0])); i++) {
        if (second->fact[shared[i].fact].value == DG_CLAIM_NO) {
            claims = dg_attestation_state(claims, shared[i].claim, DG_CLAIM_NO);
        }
    }
    return claims;
}

static bool is_accepted(const struct dg_appraisal *appraisal)
{
    return (appraisal != NULL) && (appraisal->result == DG_APPRAISAL_ACCEPTED);
}

/* Both speak of one phone only if both speak of one system. */
static bool is_same_system(const struct dg_appraisal *first,
                           const struct dg_appraisal *second)
{
    return (first->kind == second->kind) &&
           (first->os_version == second->os_version) &&
           (first->os_patch == second->os_patch) &&
           (first->has_boot_key == second->has_boot_key) &&
           (memcmp(&first->boot_key, &second->boot_key, DG_HASH_SIZE) == 0);
}

static uint32_t with_presence(uint32_t claims,
                              const struct dg_appraisal *first,
                              const struct dg_appraisal *presence)
{
    if (!is_accepted(presence) || (presence->key_role != DG_KEY_PRESENCE)) {
        return claims;
    }
    claims = without_denied(claims, presence);
    if (!is_same_system(first, presence) || !is_yes(presence, DG_FACT_FRESH)) {
        return claims;
    }
    return dg_attestation_state(
        claims,
        DG_CLAIM_PRESENCE_BOUND,
        lesser(presence->fact[DG_FACT_KEY_IN_HARDWARE].value,
               presence->fact[DG_FACT_KEY_NEEDS_PERSON].value));
}

uint32_t dg_ticket_claims(const struct dg_appraisal *first,
                          const struct dg_appraisal *presence,
                          const struct dg_platform_policy *policy)
{
    uint32_t claims = 0U;

    if (!is_accepted(first) || (policy == NULL)) {
        return 0U;
    }
    /* A phone cannot show its platform with somebody else's key. */
    if ((first->kind == DG_KIND_ANDROID_KEY) &&
        (first->key_role != DG_KEY_CONTROLLER)) {
        return 0U;
    }
    claims = dg_attestation_state(
        claims, DG_CLAIM_FRESH, first->fact[DG_FACT_FRESH].value);
    claims = dg_attestation_state(claims,
                                  DG_CLAIM_BOOT_VERIFIED,
                                  first->fact[DG_FACT_BOOT_VERIFIED].value);
    claims = dg_attestation_state(
        claims, DG_CLAIM_BOOT_LOCKED, first->fact[DG_FACT_BOOT_LOCKED].value);
    if (first->key_role == DG_KEY_CONTROLLER) {
        claims =
            dg_attestation_state(claims,
                                 DG_CLAIM_KEY_IN_HARDWARE,
                                 first->fact[DG_FACT_KEY_IN_HARDWARE].value);
    }
    claims = with_build(claims, first, policy);
    claims = with_app(claims, first, policy);
    return with_presence(claims, first, presence);
}
