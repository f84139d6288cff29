/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_DIGEST_H
#define DG_PATIENT_TRIAL_DIGEST_H

#include <stddef.h>
#include <stdint.h>

/* SHA-256 (FIPS 180-4), to tell damaged or foreign files of results.  Trials
 * link no cryptographic library; nothing secret passes here. */
struct dg_trial_digest {
    uint32_t state[8];
    uint64_t bytes;
    uint8_t block[64];
};

void dg_trial_digest_start(struct dg_trial_digest *digest);
void dg_trial_digest_add(struct dg_trial_digest *digest,
                         const void *bytes,
                         size_t count);
void dg_trial_digest_end(struct dg_trial_digest *digest, uint8_t out[32]);

/** Words as 8 bytes each, least significant first: the same on any machine. */
void dg_trial_digest_words(struct dg_trial_digest *digest,
                           const uint64_t *words,
                           size_t count);

/** Text with its end, so that two texts are not one. */
void dg_trial_digest_text(struct dg_trial_digest *digest, const char *text);

/** The figures of published people (struct dg_s2008_parameters). */
void dg_trial_digest_people(struct dg_trial_digest *digest,
                            const void *published,
                            uint64_t count);

#endif
