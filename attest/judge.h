/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTEST_JUDGE_H
#define DG_ATTEST_JUDGE_H

#include "attest/evidence.h"

/* What the verifiers share: how a step is held or failed, how a fact is
 * stated.  Private to attest/.
 *
 * Failures rank: rejected beats unsupported, unsupported beats undecided; of
 * two of one rank the first is told. */
struct dg_judge {
    const struct dg_appraisal_context *context;
    struct dg_appraisal *appraisal;
    bool has_port_failed; /* the crypto library gave up: nothing is known */
};

/** Note that a step held, unless it failed before. */
void dg_judge_hold(struct dg_judge *judge, enum dg_appraisal_step step);

/** Fail a step; @p result is how.  Gives false, for "return dg_judge_fail". */
bool dg_judge_fail(struct dg_judge *judge,
                   enum dg_appraisal_result result,
                   enum dg_appraisal_step step,
                   const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

/** Hold the step if @p is_held, else reject with these words.  Gives
 * @p is_held. */
bool dg_judge_check(struct dg_judge *judge,
                    bool is_held,
                    enum dg_appraisal_step step,
                    const char *words);

/** Hold or fail a step by the result of a signature check; AUTH rejects. */
bool dg_judge_signature(struct dg_judge *judge,
                        enum dg_status status,
                        const char *what);

/** Remember an oddity; the first is kept. */
void dg_judge_note(struct dg_judge *judge, const char *words);

/** State a fact. */
void dg_judge_state(struct dg_judge *judge,
                    enum dg_fact fact,
                    bool is_yes,
                    enum dg_fact_source source);

/** Compare the challenge; states FRESH. */
void dg_judge_challenge(struct dg_judge *judge, dg_span stated);

/** Find out whose key @p spki is, and keep it if it is P-256. */
void dg_judge_key(struct dg_judge *judge, dg_span spki);

/* One verifier for each kind. */
void dg_android_judge(struct dg_judge *judge, dg_span evidence);
void dg_apple_judge_attestation(struct dg_judge *judge, dg_span evidence);
void dg_apple_judge_assertion(struct dg_judge *judge, dg_span evidence);
void dg_tpm_judge(struct dg_judge *judge, dg_span evidence);
void dg_psa_judge(struct dg_judge *judge, dg_span evidence);

#endif
