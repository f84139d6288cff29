/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_EVALUATE_H
#define DG_EVAL_EVALUATE_H

#include <stdbool.h>
#include <stdint.h>

/* Of the program that judges; it stands in every run. */
#define DG_TOOL_VERSION "0.1.0"

/* The evaluation of one product, from its name to the signed files. */
struct dg_evaluate_options {
    const char *product; /* NULL: the reference; "flawed/replay", ...     */
    const char *adapter; /* another vendor's program; NULL: ours          */
    const char *only;    /* ids of tests, "a,b"; NULL: all                */
    /* A path (it has a '/' or a '.') or the id of one in spec/profiles; NULL:
     * connected-device. */
    const char *profile;
    const char *target;    /* a security target in place of both; NULL: none */
    const char *package;   /* id beside the profile; NULL: its first        */
    const char *resume;    /* folder of a run to go on with; NULL: a new one */
    const char *retry;     /* run whose open tests are tried again; NULL    */
    const char *replay;    /* sequences to send again, replay.h; NULL       */
    const char *expect;    /* file of expected results; NULL: none          */
    const char *evaluator; /* a person's name; NULL: nobody said           */
    const char *out;       /* folder for run file and reports               */
    const char *key;       /* file or pkcs11: URI; NULL: lab.key of state   */
    const char *pin_file;  /* of a token; NULL: its URI says, or a person   */
    const char *state;     /* folder of the lab key                         */
    const char *dir;       /* the same as a person named it; NULL: nobody   */
    const char *programs;  /* folder of dosegate-device and its like        */
    const char *spec;      /* folder with catalogue/, rating/               */
    const char *flawed;    /* folder with the flawed products' descriptions */
    const char *forms;     /* folder of signed forms; NULL: none are asked  */
    unsigned strength;     /* of combinations; 0: as each entry says        */
    uint64_t seed;
    bool has_seed; /* a person chose it */
    unsigned jobs;
    int patience_ms;       /* for one answer of an adapter */
    bool is_full;          /* the full tier as well, not the fast one alone */
    const char *black_box; /* address of a product without one; or NULL */
    bool calibrate;
    bool plan_as_json; /* dg_plan(): JSON instead of words */
};

/** Run it; the exit code of the program: 0, 1 or 2. */
int dg_evaluate(const struct dg_evaluate_options *options);

#endif
