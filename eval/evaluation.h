/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_EVALUATION_H
#define DG_EVAL_EVALUATION_H

#include <jansson.h>

#include "eval/catalogue.h"
#include "eval/evaluate.h"
#include "eval/feature.h"
#include "eval/flawed.h"
#include "eval/lab_key.h"
#include "eval/profile/profile.h"
#include "eval/run.h"
#include "eval/run_file.h"
#include "eval/selection.h"
#include "eval/target/target.h"

/* Everything that one evaluation holds. */
struct dg_evaluation {
    const struct dg_evaluate_options *options;
    struct dg_crypto crypto;
    struct dg_catalogue catalogue;
    struct dg_flawed_list flawed;
    struct dg_run run;         /* what is written     */
    struct dg_run calibration; /* what is thrown away */
    char scratch[64];
    struct dg_profile profile;
    struct dg_feature_list features;
    struct dg_claims claims; /* of the product; words in the run's arena */
    struct dg_selection selection;
    struct dg_target target; /* of --target */
    bool has_target;
    char target_profile[640]; /* its first */
    char stranger[320]; /* why the product is another one; "": it is not */
    char adapter[640];  /* of the product */
    json_t *hello;      /* who the product said it is */
    json_t *start;      /* and what it declared       */
    struct dg_lab_key key;
    char public_key[DG_LAB_PATH_SIZE]; /* its public half; "": not written */
    struct dg_run_origin origin;       /* of the file written last */
    struct dg_run earlier;             /* to be tried again; see earlier.h */
    struct dg_run_origin earlier_origin;
    bool has_earlier;
};

/** Read the spec, ask the product who it is and what it claims, and decide
 * which tests it gets.  Writes nothing; false after a message. */
bool dg_evaluation_meet(struct dg_evaluation *evaluation);

/** dg_evaluation_meet(), and then open what the results go to; false after a
 * message. */
bool dg_evaluation_open(struct dg_evaluation *evaluation);

void dg_evaluation_close(struct dg_evaluation *evaluation);

/** Sign and write what is known so far, so that a run that ends early leaves
 * what it had; false after a message (a full disk, say). */
bool dg_evaluation_save(struct dg_evaluation *evaluation);

/** Sign and write run file, report, JUnit and label, and tell the person;
 * false after a message. */
bool dg_evaluation_write(struct dg_evaluation *evaluation);

/** The same for a run that an earlier process ended: the run file stays as it
 * is, and the rest is made from it again. */
bool dg_evaluation_tell_again(struct dg_evaluation *evaluation);

#endif
