/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_desk.h"

#include "bytes.h"

#include <stddef.h>
#include <string.h>

/* nonces ------------------------------------------------------------------ */

static bool is_open(const struct dg_device *device,
                    const struct dg_nonce *nonce)
{
    return nonce->is_open && (nonce->at.s <= device->now.s) &&
           ((device->now.s - nonce->at.s) <= DG_NONCE_LIFE_S);
}

enum dg_status dg_desk_nonce(struct dg_device *device,
                             unsigned slot,
                             struct dg_attest_nonce *nonce)
{
    const struct dg_crypto *crypto = device->ports->crypto;
    struct dg_nonce *nonces = device->desk.nonce[slot];
    struct dg_nonce made;

    memset(&made, 0, sizeof made);

    const enum dg_status status =
        crypto->random(crypto->context, DG_BUF_OF(made.value.byte));

    if (status != DG_OK) {
        return status;
    }
    made.is_open = true;
    made.at = device->now;
    memmove(&nonces[1], &nonces[0], (DG_NONCES - 1U) * sizeof nonces[0]);
    nonces[0] = made;
    *nonce = made.value;
    return DG_OK;
}

/* The nonce that a ticket names, spent; false when it is not ours, too old or
 * was spent before. */
static bool spend(struct dg_device *device,
                  unsigned slot,
                  const struct dg_attest_nonce *named,
                  dg_seconds *at)
{
    for (unsigned i = 0U; i < DG_NONCES; i++) {
        struct dg_nonce *nonce = &device->desk.nonce[slot][i];

        if (is_open(device, nonce) &&
            dg_bytes_equal(DG_SPAN_OF(named->byte),
                           DG_SPAN_OF(nonce->value.byte))) {
            nonce->is_open = false;
            *at = nonce->at;
            return true;
        }
    }
    return false;
}

/* tickets ----------------------------------------------------------------- */

static bool is_about(const struct dg_device *device,
                     unsigned slot,
                     const struct dg_attestation *attestation)
{
    const struct dg_enrolled *enrolled = &device->settings.controller[slot];
    struct dg_hash subject;

    return enrolled->is_used &&
           (dg_attestation_subject(device->ports->crypto,
                                   &device->settings.device,
                                   &enrolled->key,
                                   &enrolled->presence,
                                   &subject) == DG_OK) &&
           dg_bytes_equal(DG_SPAN_OF(subject.byte),
                          DG_SPAN_OF(attestation->subject.byte));
}

/* Cheap checks first: one nonce buys at most one look at a signature. */
/* @satisfies{FDP_ATT.1@1} */
enum dg_reason dg_desk_take(struct dg_device *device,
                            unsigned slot,
                            dg_span ticket)
{
    const struct dg_trust *trust = &device->settings.trust;
    struct dg_attested *attested = &device->desk.attested[slot];
    struct dg_attestation attestation;
    dg_seconds at = {0U};

    if ((dg_attestation_peek(ticket, &attestation) != DG_OK) ||
        !spend(device, slot, &attestation.nonce, &at)) {
        return DG_REASON_ATTESTATION;
    }
    if ((trust->policy.version == 0U) ||
        (attestation.epoch != trust->policy.epoch) ||
        (attestation.policy < trust->policy.version) ||
        !is_about(device, slot, &attestation)) {
        return DG_REASON_ATTESTATION;
    }
    if (dg_attestation_verify(device->ports->crypto,
                              &trust->policy.verifier,
                              ticket,
                              &attestation) != DG_OK) {
        return DG_REASON_ATTESTATION;
    }
    attested->has = true;
    attested->at = at;
    attested->life_s = attestation.life_s;
    attested->claims = attestation.claims;
    attested->level = attestation.level;
    attested->epoch = attestation.epoch;
    attested->policy = attestation.policy;
    memcpy(attested->key_x,
           device->settings.controller[slot].key.x,
           sizeof attested->key_x);
    memcpy(attested->presence_x,
           device->settings.controller[slot].presence.x,
           sizeof attested->presence_x);
    return DG_REASON_NONE;
}

/* policy ------------------------------------------------------------------ */

/* @satisfies{FDP_ATT.4@1} */
enum dg_reason dg_desk_policy(struct dg_device *device, dg_span head)
{
    struct dg_trust *trust = &device->settings.trust;
    const struct dg_policy held = trust->policy;
    const dg_seconds held_at = trust->policy_at;
    struct dg_policy policy;

    if ((dg_policy_verify(device->ports->crypto,
                          &device->settings.trust.policy_key,
                          head,
                          &policy) != DG_OK) ||
        (policy.version <= held.version) || (policy.epoch < held.epoch)) {
        return DG_REASON_POLICY;
    }
    trust->policy = policy;
    trust->policy_at = device->now;
    if (dg_settings_save(device->ports->flash, &device->settings) != DG_OK) {
        trust->policy = held;
        trust->policy_at = held_at;
        return DG_REASON_FAULT;
    }
    return DG_REASON_NONE;
}

static bool is_policy_live(const struct dg_device *device)
{
    const struct dg_trust *trust = &device->settings.trust;

    return (trust->policy.version != 0U) &&
           (trust->policy_at.s <= device->now.s) &&
           ((device->now.s - trust->policy_at.s) <= trust->policy.life_s);
}

/* evidence ---------------------------------------------------------------- */

/* A ticket that was good when it came: is it still about who is enrolled here,
 * by the verifier of now, under the policy of now, and within its own life? */
static bool is_standing(const struct dg_device *device,
                        unsigned slot,
                        const struct dg_attested *attested)
{
    const struct dg_enrolled *enrolled = &device->settings.controller[slot];
    const struct dg_policy *policy = &device->settings.trust.policy;

    return attested->has && enrolled->is_used &&
           (memcmp(attested->key_x, enrolled->key.x, DG_P256_SIZE) == 0) &&
           (memcmp(attested->presence_x, enrolled->presence.x, DG_P256_SIZE) ==
            0) &&
           (attested->epoch == policy->epoch) &&
           (attested->policy >= policy->version) &&
           (attested->at.s <= device->now.s) &&
           ((device->now.s - attested->at.s) <= attested->life_s);
}

static bool is_yes(uint32_t claims, enum dg_claim claim)
{
    return dg_attestation_claim(claims, claim) == DG_CLAIM_YES;
}

static void hold(struct dg_evidence_set *evidence,
                 enum dg_evidence which,
                 bool is_held,
                 dg_seconds at)
{
    evidence->exhibit[which].held = is_held;
    evidence->exhibit[which].at = at;
}

/* @satisfies{FDP_ATT.2@1} @satisfies{FDP_ATT.3@1} */
void dg_desk_show(const struct dg_device *device,
                  unsigned slot,
                  struct dg_evidence_set *evidence)
{
    const struct dg_attested *attested = &device->desk.attested[slot];
    const bool stands = is_standing(device, slot, attested);
    const uint32_t claims = stands ? attested->claims : 0U;
    const bool is_denied =
        (dg_attestation_claim(claims, DG_CLAIM_BOOT_VERIFIED) == DG_CLAIM_NO) ||
        (dg_attestation_claim(claims, DG_CLAIM_BOOT_LOCKED) == DG_CLAIM_NO);

    hold(evidence,
         DG_EVIDENCE_APP,
         is_yes(claims, DG_CLAIM_APP) && is_yes(claims, DG_CLAIM_FRESH) &&
             is_yes(claims, DG_CLAIM_NOT_DEBUGGABLE),
         attested->at);
    hold(evidence,
         DG_EVIDENCE_PLATFORM,
         is_yes(claims, DG_CLAIM_PLATFORM) && !is_denied &&
             is_policy_live(device),
         attested->at);
    hold(evidence,
         DG_EVIDENCE_QUALIFIED,
         is_yes(claims, DG_CLAIM_QUALIFIED),
         attested->at);
    hold(evidence,
         DG_EVIDENCE_ATTESTATION,
         stands && (attested->level >= evidence->package) &&
             dg_attestation_meets(claims, evidence->package),
         attested->at);
}
