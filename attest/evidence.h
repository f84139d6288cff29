/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_EVIDENCE_H
#define DG_ATTEST_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/attestation.h"
#include "dosegate/crypto.h"
#include "dosegate/span.h"
#include "dosegate/status.h"

/* What the makers of phones and computers sign about them, and what it says.
 *
 * One call, dg_appraise(), reads one piece of evidence of any kind and writes
 * one appraisal: whether it holds, which step failed, and a set of facts, each
 * yes, no or not stated, with the place where it was stated.  Nothing that the
 * evidence does not say is rounded up (docs/attestation.md has the table).
 *
 * Trusted: the context, and the anchors behind their signature.  Untrusted:
 * every byte of the evidence.  Kept for any input: at most
 * DG_EVIDENCE_SIZE_MAX bytes are read, at most DG_EVIDENCE_CHAIN_MAX
 * signatures are checked, nothing is kept from one call to the next, and no
 * memory grows with the input. */
#define DG_EVIDENCE_SIZE_MAX  65536U
#define DG_EVIDENCE_CHAIN_MAX 8U /* the longest in the field has five */

enum dg_evidence_kind {
    DG_KIND_NONE = 0,
    DG_KIND_ANDROID_KEY = 1,       /* certificates, leaf first: PEM, or DER one
                                      behind the other                       */
    DG_KIND_APPLE_ATTESTATION = 2, /* the CBOR object of App Attest          */
    DG_KIND_APPLE_ASSERTION = 3,   /* ... and of an assertion                */
    DG_KIND_TPM_QUOTE = 4,         /* TPM2B_ATTEST, then TPMT_SIGNATURE: what
                                      TPM2_Quote answers                     */
    DG_KIND_PSA_TOKEN = 5,         /* COSE_Sign1 over a CWT                  */
};

#define DG_KINDS 6U

enum dg_appraisal_result {
    DG_APPRAISAL_UNDECIDED = 0,   /* something that we need is not there: an
                                     anchor file, a revocation list, ...     */
    DG_APPRAISAL_ACCEPTED = 1,    /* every step held                         */
    DG_APPRAISAL_REJECTED = 2,    /* a step failed                           */
    DG_APPRAISAL_UNSUPPORTED = 3, /* an algorithm, version or form that we
                                     cannot check: neither valid nor forged  */
};

/* The steps, in the order in which most kinds take them. */
enum dg_appraisal_step {
    DG_STEP_NONE = 0,
    DG_STEP_FORM = 1,         /* size, encoding, structure                    */
    DG_STEP_ALGORITHM = 2,    /* one that we can check and trust              */
    DG_STEP_CHAIN = 3,        /* names follow each other                      */
    DG_STEP_ROOT = 4,         /* the top is one of our anchors                */
    DG_STEP_TIME = 5,         /* certificates are valid at the time given     */
    DG_STEP_REVOCATION = 6,   /* none of them is on the list                  */
    DG_STEP_SIGNATURE = 7,    /* every signature holds                        */
    DG_STEP_KEY = 8,          /* the key that signs may sign this             */
    DG_STEP_STATEMENT = 9,    /* the statement itself is whole and in range   */
    DG_STEP_CHALLENGE = 10,   /* holds the challenge that we gave             */
    DG_STEP_APP = 11,         /* speaks of an app of ours                     */
    DG_STEP_ENVIRONMENT = 12, /* made for use, not for development           */
    DG_STEP_COUNTER = 13,     /* newer than the last one                      */
    DG_STEP_SELECTION = 14,   /* quotes what was asked for                    */
    DG_STEP_MEASUREMENT = 15, /* equals the reference values                 */
    DG_STEP_LIFECYCLE = 16,   /* the chip is in use, not under test or debug  */
};

#define DG_STEPS 17U

/* What evidence can state.  Each is put so that yes is the good answer. */
enum dg_fact {
    DG_FACT_FRESH = 0,          /* holds the challenge that we gave         */
    DG_FACT_BOOT_VERIFIED = 1,  /* the maker's system, verified at start    */
    DG_FACT_BOOT_LOCKED = 2,    /* the bootloader is locked                 */
    DG_FACT_NOT_DEBUGGABLE = 3, /* app or chip                              */
    DG_FACT_PRODUCTION = 4,     /* made in the maker's live environment     */
    DG_FACT_APP_KNOWN = 5,      /* it is one of the apps in the context     */
    DG_FACT_MEASURED = 6,       /* measurements equal the reference         */
    DG_FACT_ATTESTED_IN_HARDWARE = 7, /* hardware signed the statement       */
    DG_FACT_KEY_IN_HARDWARE = 8, /* of the key attested: made and kept there */
    DG_FACT_KEY_IN_OWN_CHIP = 9, /* ... in a chip of its own (StrongBox)     */
    DG_FACT_KEY_GENERATED = 10,  /* ... made there, never imported           */
    DG_FACT_KEY_NEEDS_PERSON = 11, /* ... each use needs a person: one of
                                      the next three                         */
    DG_FACT_KEY_AUTH_PER_USE = 12, /* ... PIN or biometric for each use      */
    DG_FACT_KEY_PRESS = 13,        /* ... a press of a real button           */
    DG_FACT_KEY_CONFIRMATION = 14, /* ... signs only what a person confirmed
                                      on a trusted display                   */
};

#define DG_FACTS 15U

/* Where it was stated: how much the statement is worth. */
enum dg_fact_source {
    DG_SOURCE_NONE = 0,
    DG_SOURCE_HARDWARE = 1,    /* list kept by TEE or secure element         */
    DG_SOURCE_SOFTWARE = 2,    /* list kept by the system: worth as much as
                                  its verified boot                          */
    DG_SOURCE_CERTIFICATE = 3, /* the maker's service, in its certificate    */
    DG_SOURCE_STATEMENT = 4,   /* the signed statement                       */
    DG_SOURCE_COMPARISON = 5,  /* we compared it with what we were given     */
    DG_SOURCE_ENROLMENT = 6,   /* known since enrolment, from the context    */
};

struct dg_stated {
    enum dg_claim_value value;
    enum dg_fact_source source; /* NONE when not stated */
};

enum dg_security_level {
    DG_LEVEL_NOT_STATED = 0,
    DG_LEVEL_SOFTWARE = 1,
    DG_LEVEL_TRUSTED_ENVIRONMENT = 2,
    DG_LEVEL_OWN_CHIP = 3,
};

enum dg_key_origin {
    DG_ORIGIN_NOT_STATED = 0,
    DG_ORIGIN_GENERATED = 1,
    DG_ORIGIN_DERIVED = 2,
    DG_ORIGIN_IMPORTED = 3,
    DG_ORIGIN_RESERVED = 4,
    DG_ORIGIN_SECURELY_IMPORTED = 5,
};

/* Whose key the evidence is about, as compared with the context. */
enum dg_key_role {
    DG_KEY_NOT_STATED = 0, /* no key, or none in the context to compare with */
    DG_KEY_CONTROLLER = 1,
    DG_KEY_PRESENCE = 2,
    DG_KEY_OTHER = 3,
};

#define DG_APP_NAME_MAX    128U /* bytes, without the final zero */
#define DG_APP_SIGNERS_MAX 4U

struct dg_stated_app {
    char name[DG_APP_NAME_MAX + 1U]; /* "" when not stated; printable ASCII.
                                        Android: package; Apple: team id, dot,
                                        bundle id (of the context)           */
    uint64_t version;                /* Android: versionCode                 */
    size_t signers;                  /* 0 .. DG_APP_SIGNERS_MAX              */
    struct dg_hash signer[DG_APP_SIGNERS_MAX]; /* SHA-256 of certificates    */
    uint32_t packages; /* packages that share the identity     */
};

#define DG_REASON_MAX 192U

/* What a machine or chip of one build measures has a name in the operator's
 * policy. */
#define DG_MEASURED_NAME_MAX 31U /* bytes, without the final zero */

struct dg_appraisal {
    enum dg_evidence_kind kind;
    enum dg_appraisal_result result;
    enum dg_appraisal_step failed; /* the first step that did not hold; NONE
                                      when accepted                          */
    char reason[DG_REASON_MAX];    /* in words, printable; "" when accepted  */
    char note[DG_REASON_MAX];      /* an oddity that was tolerated, or ""    */
    enum dg_claim_value step[DG_STEPS]; /* yes: held; no: failed; not stated:
                                           does not apply or not reached     */

    /* What it states; to be believed only when result is ACCEPTED. */
    struct dg_stated fact[DG_FACTS];
    enum dg_security_level attestation_level;
    enum dg_security_level key_level; /* the lower one, if two are stated    */
    enum dg_key_origin key_origin;
    uint32_t os_version;   /* 160000 is 16.0.0; 0: not stated                */
    uint32_t os_patch;     /* YYYYMMDD, DD 0 where the maker gives a month;  */
    uint32_t vendor_patch; /* ... 0: not stated                              */
    uint32_t boot_patch;
    bool has_boot_key;
    struct dg_hash boot_key; /* Android: verifiedBootKey                     */
    struct dg_stated_app app;
    enum dg_fact_source app_source;
    char measured[DG_MEASURED_NAME_MAX + 1U]; /* name of the reference that the
                                                 measurements equal, or ""   */

    bool has_key; /* the key attested is P-256 and here it is                */
    struct dg_public_key key;
    enum dg_key_role key_role;

    uint32_t counter;      /* Apple: to be stored after ACCEPTED             */
    uint32_t reset_count;  /* TPM: starts of this machine, to be compared    */
    uint32_t signatures;   /* that were checked: for figures of speed        */
    uint32_t certificates; /* in the chain                                   */
    bool is_remotely_provisioned; /* Android: short-lived certificates       */
};

/* One app of ours. */
struct dg_app_identity {
    enum dg_evidence_kind kind; /* ANDROID_KEY or APPLE_ATTESTATION (stands for
                                   assertions too)                           */
    const char *name;           /* as in dg_stated_app                       */
    struct dg_hash signer;      /* Android: the one certificate that signs it */
    uint64_t version_min;       /* Android: oldest versionCode taken         */
    bool is_release;            /* built without debugging: our own word     */
};

/* Reference values of a quote: PCRs of one bank. */
#define DG_PCRS      24U
#define DG_BANKS_MAX 4U

enum dg_tpm_hash {
    DG_TPM_SHA1 = 0x0004,
    DG_TPM_SHA256 = 0x000b,
    DG_TPM_SHA384 = 0x000c,
    DG_TPM_SHA512 = 0x000d,
};

struct dg_pcr_bank {
    enum dg_tpm_hash hash;
    uint32_t asked;         /* bit i: PCR i must be quoted, no more, no less */
    dg_span value[DG_PCRS]; /* of each PCR asked for                         */
};

struct dg_tpm_reference {
    dg_span key;       /* TPM2B_PUBLIC of the attestation key, as enrolled   */
    bool is_activated; /* TPM2_ActivateCredential tied it to a genuine TPM   */
    const struct dg_pcr_bank *bank; /* in the order in which they were asked */
    size_t banks;                   /* 0: no reference, nothing is measured  */
};

struct dg_psa_component {
    dg_span signer;      /* signer id                                        */
    dg_span measurement; /* 32, 48 or 64 bytes                               */
};

/* Profiles of PSA tokens that the verifier takes; 0 takes none. */
#define DG_PSA_RFC9783   0x1U
#define DG_PSA_DRAFT_2   0x2U
#define DG_PSA_PROFILE_1 0x4U

struct dg_psa_reference {
    dg_span key;      /* SubjectPublicKeyInfo of the instance, as enrolled   */
    dg_span instance; /* 33 bytes; none: not compared                        */
    dg_span implementation; /* 32 bytes; none: not compared                  */
    uint32_t profiles;
    const struct dg_psa_component *component; /* all that may be there       */
    size_t components; /* 0: no reference, nothing is measured               */
};

struct dg_apple_reference {
    dg_span key_id;      /* 32 bytes, from the app; none: not compared       */
    bool is_development; /* take evidence of the development environment     */
    const struct dg_public_key *key; /* assertion: from the attestation      */
    uint32_t counter;                /* assertion: the last one taken        */
};

struct dg_anchors; /* attest/anchors.h */

/* What the verifier knows.  Whatever is missing makes the result UNDECIDED and
 * never ACCEPTED. */
struct dg_appraisal_context {
    const struct dg_crypto *crypto;
    int64_t at_s;      /* seconds since 1970, when to judge             */
    dg_span challenge; /* dg_appraisal_challenge(); none: UNDECIDED     */
    const struct dg_anchors *anchors; /* for Android and Apple               */
    const struct dg_public_key *controller; /* key roles; NULL: not compared */
    const struct dg_public_key *presence;
    const struct dg_app_identity *app;
    size_t apps;
    struct dg_apple_reference apple;
    struct dg_tpm_reference tpm;
    struct dg_psa_reference psa;
    const char *measured; /* name of what tpm or psa hold as reference, at most
                             DG_MEASURED_NAME_MAX; NULL: it has none         */
};

/**
 * Work out the challenge that a platform has to sign: one rule for all kinds.
 * SHA-256 of the deterministic CBOR ["dosegate challenge 1", nonce, subject].
 * Android: attestationChallenge.  Apple: client data (which Apple hashes
 * again).  TPM: qualifying data.  PSA: nonce.
 *
 * @param nonce    The device's, from its attest answer.
 * @param subject  dg_attestation_subject(): device, controller and presence key.
 *
 * @retval DG_OK, DG_E_USAGE (a NULL), DG_E_PORT.
 */
DG_NODISCARD enum dg_status dg_appraisal_challenge(
    const struct dg_crypto *crypto,
    const struct dg_attest_nonce *nonce,
    const struct dg_hash *subject,
    struct dg_hash *challenge);

/** Guess the kind from the first bytes; DG_KIND_NONE when it looks like none.
 * A guess proves nothing. */
enum dg_evidence_kind dg_evidence_detect(dg_span evidence);

/**
 * Judge one piece of evidence.
 *
 * @param kind            Which verifier to use.
 * @param evidence        At most DG_EVIDENCE_SIZE_MAX bytes; more is REJECTED.
 * @param[out] appraisal  Always filled once the pointers are sound.
 *
 * @retval DG_OK       @p appraisal says what became of it.
 * @retval DG_E_USAGE  A NULL, or a kind that is none.
 * @retval DG_E_PORT   The crypto library failed: nothing is known; @p appraisal
 *                     is UNDECIDED.
 */
DG_NODISCARD enum dg_status dg_appraise(
    const struct dg_appraisal_context *context,
    enum dg_evidence_kind kind,
    dg_span evidence,
    struct dg_appraisal *appraisal);

/** Names for people and JSON: "android-key", "rejected", "revocation",
 * "boot-verified", "hardware", "trusted environment".  "?" for no such value. */
const char *dg_evidence_kind_name(enum dg_evidence_kind kind);
const char *dg_appraisal_result_name(enum dg_appraisal_result result);
const char *dg_appraisal_step_name(enum dg_appraisal_step step);
const char *dg_fact_name(enum dg_fact fact);
const char *dg_fact_words(enum dg_fact fact); /* a sentence for people */
const char *dg_fact_source_name(enum dg_fact_source source);
const char *dg_security_level_name(enum dg_security_level level);

/** The kind of that name; DG_KIND_NONE when there is none. */
enum dg_evidence_kind dg_evidence_kind_named(const char *name);

#endif
