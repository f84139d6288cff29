/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/evidence.h"

#include <string.h>

/* Words only; a value that is not in a table is "?". */
#define NAME_OF(table, value)                                     \
    ((((size_t)(value)) < (sizeof(table) / sizeof((table)[0])) && \
      ((table)[value] != NULL))                                   \
         ? (table)[value]                                         \
         : "?")

static const char *const kinds[DG_KINDS] = {
    [DG_KIND_NONE] = "none",
    [DG_KIND_ANDROID_KEY] = "android-key",
    [DG_KIND_APPLE_ATTESTATION] = "apple-attestation",
    [DG_KIND_APPLE_ASSERTION] = "apple-assertion",
    [DG_KIND_TPM_QUOTE] = "tpm-quote",
    [DG_KIND_PSA_TOKEN] = "psa-token",
};

static const char *const results[] = {
    [DG_APPRAISAL_UNDECIDED] = "undecided",
    [DG_APPRAISAL_ACCEPTED] = "accepted",
    [DG_APPRAISAL_REJECTED] = "rejected",
    [DG_APPRAISAL_UNSUPPORTED] = "unsupported",
};

static const char *const steps[DG_STEPS] = {
    [DG_STEP_NONE] = "none",
    [DG_STEP_FORM] = "form",
    [DG_STEP_ALGORITHM] = "algorithm",
    [DG_STEP_CHAIN] = "chain",
    [DG_STEP_ROOT] = "root",
    [DG_STEP_TIME] = "time",
    [DG_STEP_REVOCATION] = "revocation",
    [DG_STEP_SIGNATURE] = "signature",
    [DG_STEP_KEY] = "key",
    [DG_STEP_STATEMENT] = "statement",
    [DG_STEP_CHALLENGE] = "challenge",
    [DG_STEP_APP] = "app",
    [DG_STEP_ENVIRONMENT] = "environment",
    [DG_STEP_COUNTER] = "counter",
    [DG_STEP_SELECTION] = "selection",
    [DG_STEP_MEASUREMENT] = "measurement",
    [DG_STEP_LIFECYCLE] = "lifecycle",
};

static const struct {
    const char *name;
    const char *words;
} facts[DG_FACTS] = {
    [DG_FACT_FRESH] = {"fresh", "made for the challenge that was given"},
    [DG_FACT_BOOT_VERIFIED] = {"boot-verified",
                               "the maker's system, verified at start"},
    [DG_FACT_BOOT_LOCKED] = {"boot-locked", "the bootloader is locked"},
    [DG_FACT_NOT_DEBUGGABLE] = {"not-debuggable",
                                "neither app nor chip is open to a debugger"},
    [DG_FACT_PRODUCTION] = {"production",
                            "made in the maker's live environment"},
    [DG_FACT_APP_KNOWN] = {"app-known", "the app is one of ours"},
    [DG_FACT_MEASURED] = {"measured",
                          "the software measured equals the reference"},
    [DG_FACT_ATTESTED_IN_HARDWARE] = {"attested-in-hardware",
                                      "hardware signed the statement"},
    [DG_FACT_KEY_IN_HARDWARE] = {"key-in-hardware",
                                 "the key was made in hardware and stays "
                                 "there"},
    [DG_FACT_KEY_IN_OWN_CHIP] = {"key-in-own-chip", "... in a chip of its own"},
    [DG_FACT_KEY_GENERATED] = {"key-generated",
                               "the key was made inside, never imported"},
    [DG_FACT_KEY_NEEDS_PERSON] = {"key-needs-person",
                                  "each use of the key needs a person"},
    [DG_FACT_KEY_AUTH_PER_USE] = {"key-auth-per-use",
                                  "... with PIN or biometric each time"},
    [DG_FACT_KEY_PRESS] = {"key-press", "... with a press of a real button"},
    [DG_FACT_KEY_CONFIRMATION] = {"key-confirmation",
                                  "... and signs only what was confirmed on a "
                                  "trusted display"},
};

static const char *const sources[] = {
    [DG_SOURCE_NONE] = "nowhere",
    [DG_SOURCE_HARDWARE] = "hardware",
    [DG_SOURCE_SOFTWARE] = "software",
    [DG_SOURCE_CERTIFICATE] = "certificate",
    [DG_SOURCE_STATEMENT] = "statement",
    [DG_SOURCE_COMPARISON] = "comparison",
    [DG_SOURCE_ENROLMENT] = "enrolment",
};

static const char *const levels[] = {
    [DG_LEVEL_NOT_STATED] = "not stated",
    [DG_LEVEL_SOFTWARE] = "software",
    [DG_LEVEL_TRUSTED_ENVIRONMENT] = "trusted environment",
    [DG_LEVEL_OWN_CHIP] = "own chip",
};

const char *dg_evidence_kind_name(enum dg_evidence_kind kind)
{
    return NAME_OF(kinds, kind);
}

const char *dg_appraisal_result_name(enum dg_appraisal_result result)
{
    return NAME_OF(results, result);
}

const char *dg_appraisal_step_name(enum dg_appraisal_step step)
{
    return NAME_OF(steps, step);
}

const char *dg_fact_name(enum dg_fact fact)
{
    return ((size_t)fact < DG_FACTS) ? facts[fact].name : "?";
}

const char *dg_fact_words(enum dg_fact fact)
{
    return ((size_t)fact < DG_FACTS) ? facts[fact].words : "?";
}

const char *dg_fact_source_name(enum dg_fact_source source)
{
    return NAME_OF(sources, source);
}

const char *dg_security_level_name(enum dg_security_level level)
{
    return NAME_OF(levels, level);
}

enum dg_evidence_kind dg_evidence_kind_named(const char *name)
{
    for (unsigned kind = 1U; (name != NULL) && (kind < DG_KINDS); kind++) {
        if (strcmp(kinds[kind], name) == 0) {
            return (enum dg_evidence_kind)kind;
        }
    }
    return DG_KIND_NONE;
}
