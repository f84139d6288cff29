/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ATTACKS_FUZZ_CASE_H
#define DG_ATTACKS_FUZZ_CASE_H

#include "eval/fuzz.h"
#include "eval/scene.h"

/* What the fuzzing tests share: a sequence of steps is played, watched, and
 * when it fails made smaller on fresh products. */
#define DG_FUZZ_DOSE_MU      500
#define DG_FUZZ_STATES_MAX   8U
#define DG_FUZZ_MESSAGES_MAX 8U
#define DG_FUZZ_SHOWN_MAX    6U
#define DG_FUZZ_BYTES_MAX    1024U

struct dg_fuzz_bytes {
    uint8_t byte[DG_FUZZ_BYTES_MAX];
    size_t size;
    size_t kept; /* at the front, that say what it is */
};

/* One play of a sequence. */
struct dg_fuzz_case {
    int64_t moved_mU; /* at the last look */
    int64_t owed_mU;  /* approved by a person since */
    size_t played;    /* steps of the sequence, sent or not */
    unsigned sent;
    unsigned silent;
    unsigned reached[DG_FUZZ_STATES_MAX][DG_FUZZ_MESSAGES_MAX];
    char shown[DG_FUZZ_SHOWN_MAX][320]; /* the first steps, for a report */
    struct dg_fuzz_bytes bytes[DG_FUZZ_SHOWN_MAX];
};

/* How a test plays. */
struct dg_fuzz_play {
    void (*set_up)(struct dg_scene *scene);
    /* NULL when all is well, else why not; a bench in trouble says nothing. */
    const char *(*play)(struct dg_scene *scene,
                        const struct dg_fuzz_step *steps,
                        size_t count,
                        struct dg_fuzz_case *one);
    const char *const *states;
    unsigned state_count;
    const char *const *messages;
    unsigned message_count;
    unsigned whole; /* one step of so many is sent as it is; 0: none */
};

/** Count a step that is sent, and keep how it looks. */
void dg_fuzz_note(struct dg_fuzz_case *one,
                  const struct dg_fuzz_step *step,
                  const char *state,
                  const char *message,
                  const struct dg_fuzz_bytes *bytes);

/** A proper dose must still be obeyed: NULL, or why the product is deaf.  The
 * dose is owed afterwards to nobody. */
const char *dg_fuzz_recover(struct dg_scene *scene, const char *phone);

/** Throw the steps that the catalogue's parameters `rounds` and `messages` and
 * the seed say, play them on @p scene, tell what was reached, and make a
 * failing sequence smaller with at most `tries` fresh products. */
void dg_fuzz_run(struct dg_scene *scene, const struct dg_fuzz_play *how);

#endif
