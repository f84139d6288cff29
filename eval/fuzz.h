/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_FUZZ_H
#define DG_EVAL_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eval/dice.h"

/* Fuzzing that knows the grammar of most protocols of small devices: CBOR (RFC
 * 8949) somewhere in a frame.  A step says which message is sent in which
 * state, and how it is changed; the same step changes the same bytes in the
 * same way, so a sequence of steps is a test case that can be repeated and made
 * smaller. */
#define DG_FUZZ_OPERATORS_MAX 3U
#define DG_FUZZ_STEPS_MAX     512U

/* Zero: nobody decided; it changes nothing. */
enum dg_fuzz_kind {
    DG_FUZZ_NONE = 0,
    DG_FUZZ_BIT,    /* one bit anywhere                       */
    DG_FUZZ_CUT,    /* ends within an item                    */
    DG_FUZZ_TAIL,   /* bytes behind the end                   */
    DG_FUZZ_TYPE,   /* an item's head is of another type      */
    DG_FUZZ_CLAIM,  /* an item claims a length that is absent */
    DG_FUZZ_LOOSE,  /* an argument longer than needed         */
    DG_FUZZ_OPEN,   /* an item of indefinite length           */
    DG_FUZZ_NEST,   /* an item inside up to 64 arrays         */
    DG_FUZZ_REPEAT, /* an item twice                          */
    DG_FUZZ_DROP,   /* an item left out                       */
    DG_FUZZ_SWAP,   /* an item and the next one change places */
    DG_FUZZ_EDGE,   /* an integer at an edge of its encoding  */
    DG_FUZZ_ODD,    /* a float, a tag, null, undefined, true  */
    DG_FUZZ_KINDS,
};

struct dg_fuzz_operator {
    enum dg_fuzz_kind kind;
    uint32_t where;
    uint32_t what;
};

struct dg_fuzz_step {
    uint8_t state;   /* of the conversation, as the test numbers them */
    uint8_t message; /* which of the test's messages */
    uint8_t count;   /* of operators; 0: the message as it is */
    struct dg_fuzz_operator change[DG_FUZZ_OPERATORS_MAX];
};

/** Throw a step for this state and message: one to three operators. */
struct dg_fuzz_step dg_fuzz_throw(struct dg_dice *dice,
                                  unsigned state,
                                  unsigned message);

/**
 * Change a message as a step says.
 *
 * @param         step  Its operators are applied in order.
 * @param[in,out] byte  The message.
 * @param[in,out] size  Its bytes; 1 .. @p room afterwards.
 * @param         room  Bytes that @p byte has.
 * @param         kept  How many bytes at the front stay as they are (what kind
 *                      of message it is); where that is
 *                      all of it, something is added behind it.
 */
void dg_fuzz_change(const struct dg_fuzz_step *step,
                    uint8_t *byte,
                    size_t *size,
                    size_t room,
                    size_t kept);

/** One word for a kind of change, and back: DG_FUZZ_NONE for another word. */
const char *dg_fuzz_kind_name(enum dg_fuzz_kind kind);
enum dg_fuzz_kind dg_fuzz_kind_of(const char *name);

/** "type, nest": the operators of a step in words, for a report. */
const char *dg_fuzz_words(const struct dg_fuzz_step *step, char room[64]);

/**
 * Find a small sequence that still fails: delta debugging over the steps, then
 * over the operators of each (10.1109/32.988498).
 *
 * @param[in,out] steps   A sequence that fails.
 * @param[in,out] count   1 .. DG_FUZZ_STEPS_MAX.
 * @param         fails   Whether a sequence fails; called at most @p tries
 *                        times.
 */
void dg_fuzz_reduce(struct dg_fuzz_step *steps,
                    size_t *count,
                    bool (*fails)(void *context,
                                  const struct dg_fuzz_step *steps,
                                  size_t count),
                    void *context,
                    unsigned tries);

#endif
