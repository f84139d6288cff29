/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TARGET_STARTER_H
#define DG_EVAL_TARGET_STARTER_H

#include <stdio.h>

#include "eval/profile/profile.h"

/* What is known when a target is begun.  NULL or nothing: it is left open. */
struct dg_starter {
    const struct dg_profile *profile;
    const struct dg_profile *package; /* an assurance package */
    const char *profile_file;         /* where it lies, when it does not ship */
    const char *profile_digest;       /* SHA-256, hex */
    const char *package_digest;
    const char *product;
    const char *maker;
    const char *version;
    const char *type;
    const char *firmware_digest;
    const char *author;
    const char *date;          /* YYYY-MM-DD */
    struct dg_words functions; /* features of the profile: pump, ... */
    struct dg_words features;  /* words of spec/features.yaml; those that are
                                * mandatory in the profile come by themselves */
};

/**
 * Write the beginning of a security target: everything that the profile asks
 * of this product, taken, and a question mark where a person has to write.
 * dg_target_check() finds these question marks and nothing else.
 */
void dg_starter_write(const struct dg_starter *starter, FILE *out);

#endif
