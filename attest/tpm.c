/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/judge.h"

#include <string.h>

#include "attest/der.h"
#include "attest/tpm_wire.h"

/* A quote of a TPM 2.0: what was measured into its registers since the machine
 * started, signed by a key that signs nothing from outside that looks like
 * it.  docs/attestation.md says what it is worth. */
#define ALG_RSASSA 0x0014U
#define ALG_RSAPSS 0x0016U
#define ALG_ECDSA  0x0018U

/* Firmware, boot loader and kernel, Secure Boot policy (PC Client Platform
 * Firmware Profile, 3.3.4). */
#define BOOT_PCRS ((1U << 0) | (1U << 4) | (1U << 7))

static bool check_key(struct dg_judge *judge, struct dg_tpm_public *key)
{
    const uint32_t wanted = DG_TPM_SIGN | DG_TPM_RESTRICTED | DG_TPM_FIXED_TPM;
    const struct dg_tpm_reference *tpm = &judge->context->tpm;

    if (tpm->key.size == 0U) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_KEY,
                             "no enrolled attestation key was given");
    }
    if (!dg_tpm_public_read(tpm->key, key)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_KEY,
                             "the enrolled key is no TPM2B_PUBLIC of a signing "
                             "key");
    }
    /* An unrestricted key signs any bytes, also such as look like a quote. */
    if (!dg_judge_check(judge,
                        ((key->attributes & wanted) == wanted) &&
                            ((key->attributes & DG_TPM_DECRYPT) == 0U),
                        DG_STEP_KEY,
                        "the key is not a restricted signing key that is fixed "
                        "to its TPM: it could sign a forged quote")) {
        return false;
    }
    if (key->key.kind == DG_KEY_KIND_NONE) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNSUPPORTED,
                             DG_STEP_ALGORITHM,
                             "the key is of a type or curve not known here");
    }
    return true;
}

static enum dg_scheme scheme_of(uint16_t scheme)
{
    switch (scheme) {
    case ALG_RSASSA:
        return DG_SCHEME_RSA_PKCS1;
    case ALG_RSAPSS:
        return DG_SCHEME_RSA_PSS;
    case ALG_ECDSA:
        return DG_SCHEME_ECDSA_RAW;
    default:
        return DG_SCHEME_NONE;
    }
}

/* r || s with the zeros that TPMs may leave out; none when too long. */
static dg_span join(const struct dg_tpm_signature *signature,
                    size_t half,
                    uint8_t out[132])
{
    if ((half > 66U) || (signature->first.size > half) ||
        (signature->second.size > half) || (signature->first.size == 0U) ||
        (signature->second.size == 0U)) {
        return (dg_span){NULL, 0U};
    }
    (void)memset(out, 0, 2U * half);
    (void)memcpy(&out[half - signature->first.size],
                 signature->first.at,
                 signature->first.size);
    (void)memcpy(&out[(2U * half) - signature->second.size],
                 signature->second.at,
                 signature->second.size);
    return (dg_span){out, 2U * half};
}

static bool check_signature(struct dg_judge *judge,
                            const struct dg_tpm_public *key,
                            dg_span attest,
                            const struct dg_tpm_signature *signature)
{
    const struct dg_signature_form form = {scheme_of(signature->scheme),
                                           dg_tpm_digest(signature->hash)};
    uint8_t raw[132];
    dg_span bytes = signature->first;

    if ((form.scheme == DG_SCHEME_NONE) || (form.digest == DG_DIGEST_NONE)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNSUPPORTED,
                             DG_STEP_ALGORITHM,
                             "signature scheme %04x with hash %04x is not "
                             "checked here",
                             signature->scheme,
                             signature->hash);
    }
    if ((signature->scheme != key->scheme) || (signature->hash != key->hash)) {
        return dg_judge_fail(judge,
                             DG_APPRAISAL_REJECTED,
                             DG_STEP_ALGORITHM,
                             "the signature is of another scheme than its key");
    }
    if (form.scheme == DG_SCHEME_ECDSA_RAW) {
        bytes = join(signature, key->key.point.size / 2U, raw);
    }
    return dg_judge_signature(
        judge,
        dg_signature_verify(&key->key, form, attest, bytes),
        "the quote (by the enrolled key)");
}

static bool check_selection(struct dg_judge *judge,
                            const struct dg_tpm_attest *attest)
{
    const struct dg_tpm_reference *tpm = &judge->context->tpm;
    bool is_same = attest->selections == tpm->banks;

    for (size_t i = 0; is_same && (i < tpm->banks); i++) {
        is_same = (attest->selection[i].hash == (uint16_t)tpm->bank[i].hash) &&
                  (attest->selection[i].pcrs == tpm->bank[i].asked);
    }
    return dg_judge_check(judge,
                          is_same,
                          DG_STEP_SELECTION,
                          "quotes other registers or banks than were asked "
                          "for");
}

/* The digest is over the values in the order of the selection. */
static bool check_values(struct dg_judge *judge,
                         const struct dg_tpm_attest *attest,
                         enum dg_digest digest)
{
    const struct dg_tpm_reference *tpm = &judge->context->tpm;
    dg_span parts[DG_BANKS_MAX * DG_PCRS];
    uint8_t value[DG_DIGEST_SIZE_MAX];
    size_t count = 0U;
    bool covers_boot = false;

    for (size_t i = 0; i < tpm->banks; i++) {
        const struct dg_pcr_bank *bank = &tpm->bank[i];

        for (size_t pcr = 0; pcr < DG_PCRS; pcr++) {
            if (((bank->asked >> pcr) & 1U) != 0U) {
                parts[count] = bank->value[pcr];
                count++;
            }
        }
        covers_boot = covers_boot || ((bank->hash != DG_TPM_SHA1) &&
                                      ((bank->asked & BOOT_PCRS) == BOOT_PCRS));
    }
    if (dg_digest_of(digest, parts, count, value) != DG_OK) {
        judge->has_port_failed = true;
        return dg_judge_fail(judge,
                             DG_APPRAISAL_UNDECIDED,
                             DG_STEP_MEASUREMENT,
                             "the crypto library failed");
    }
    const bool is_same = dg_span_equal(
        attest->pcr_digest, (dg_span){value, dg_digest_size(digest)});

    dg_judge_state(judge, DG_FACT_MEASURED, is_same, DG_SOURCE_COMPARISON);
    if (covers_boot) {
        dg_judge_state(
            judge, DG_FACT_BOOT_VERIFIED, is_same, DG_SOURCE_COMPARISON);
    }
    return dg_judge_check(judge,
                          is_same,
                          DG_STEP_MEASUREMENT,
                          "what was measured is not the reference: other "
                          "firmware, boot loader, kernel or settings");
}

static bool is_reference_sound(const struct dg_tpm_reference *tpm)
{
    if ((tpm->banks == 0U) || (tpm->banks > DG_BANKS_MAX)) {
        return false;
    }
    for (size_t i = 0; i < tpm->banks; i++) {
        const size_t size =
            dg_digest_size(dg_tpm_digest((uint16_t)tpm->bank[i].hash));

        for (size_t pcr = 0; pcr < DG_PCRS; pcr++) {
            if ((((tpm->bank[i].asked >> pcr) & 1U) != 0U) &&
                ((tpm->bank[i].value[pcr].size != size) || (size == 0U))) {
                return false;
            }
        }
        if ((tpm->bank[i].asked == 0U) ||
            ((tpm->bank[i].asked >> DG_PCRS) != 0U)) {
            return false;
        }
    }
    return true;
}

static void judge_quote(struct dg_judge *judge,
                        const struct dg_tpm_public *key,
                        dg_span bytes,
                        const struct dg_tpm_signature *signature)
{
    struct dg_tpm_attest attest = {.magic = 0U};

    if (!check_signature(judge, key, bytes, signature) ||
        !dg_judge_check(judge,
                        dg_tpm_attest_read(bytes, &attest) &&
                            (attest.magic == DG_TPM_MAGIC) &&
                            (attest.type == DG_TPM_QUOTE),
                        DG_STEP_STATEMENT,
                        "signed, but no quote made by a TPM")) {
        return;
    }
    judge->appraisal->reset_count = attest.reset_count;
    if (!attest.is_clock_safe) {
        dg_judge_note(judge, "the TPM lost power: its clock says nothing");
    }
    dg_judge_challenge(judge, attest.extra_data);
    if (judge->context->tpm.is_activated) {
        dg_judge_state(
            judge, DG_FACT_ATTESTED_IN_HARDWARE, true, DG_SOURCE_ENROLMENT);
        dg_judge_state(
            judge, DG_FACT_KEY_IN_HARDWARE, true, DG_SOURCE_ENROLMENT);
        judge->appraisal->attestation_level = DG_LEVEL_OWN_CHIP;
    }
    judge->appraisal->has_key =
        dg_key_view_p256(&key->key, &judge->appraisal->key);
    judge->appraisal->key_role = DG_KEY_OTHER;
    if (!is_reference_sound(&judge->context->tpm)) {
        (void)dg_judge_fail(judge,
                            DG_APPRAISAL_UNDECIDED,
                            DG_STEP_MEASUREMENT,
                            "no whole set of reference values: a quote says "
                            "nothing without one");
        return;
    }
    if (check_selection(judge, &attest)) {
        (void)check_values(judge, &attest, dg_tpm_digest(signature->hash));
    }
}

void dg_tpm_judge(struct dg_judge *judge, dg_span evidence)
{
    dg_span attest = {NULL, 0U};
    dg_span tail = {NULL, 0U};
    struct dg_tpm_signature signature = {.scheme = 0U};
    struct dg_tpm_public key = {.attributes = 0U};

    if (!dg_judge_check(judge,
                        dg_tpm_split(evidence, &attest, &tail) &&
                            dg_tpm_signature_read(tail, &signature),
                        DG_STEP_FORM,
                        "not TPM2B_ATTEST and TPMT_SIGNATURE and nothing "
                        "else") ||
        !check_key(judge, &key)) {
        return;
    }
    judge_quote(judge, &key, attest, &signature);
}
