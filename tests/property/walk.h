/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PROPERTY_WALK_H
#define DG_PROPERTY_WALK_H

#include <stddef.h>
#include <stdint.h>

/* One walk: a person, a device on its bench (tests/unit/rig.h), three phones
 * in the attacker's hands, and a list of steps.  Every step has a meaning in
 * every state, so a step that is left out makes another walk and not a broken
 * one: that is what shrinking needs. */
enum walk_act {
    WALK_NOTHING = 0,
    WALK_GREET,
    WALK_PROPOSE,
    WALK_COMMIT,
    WALK_DOSE, /* propose and commit at one go */
    WALK_STOP,
    WALK_LEASE,
    WALK_GLUCOSE,
    WALK_SUSPEND,
    WALK_RESUME,
    WALK_PRESS,
    WALK_CONNECT,
    WALK_RESET,
    WALK_CUT,
    WALK_BLOCK,
    WALK_FRAME,    /* a record again, changed, or noise */
    WALK_CLOCK,    /* the hardware clock falls back */
    WALK_REVOKE,   /* one phone asks to throw another out */
    WALK_PAIR,     /* who was thrown out comes again, with new keys */
    WALK_EXTENDED, /* a bolus over hours, proposed, committed, pressed */
    WALK_SCHEDULE, /* another basal schedule, by the button */
};

#define WALK_ACTS 21U

struct walk_step {
    uint8_t act;
    uint8_t who;
    uint16_t wait_s; /* before the act */
    uint32_t a;
    uint32_t b;
};

#define WALK_STEPS_MAX 4096U

/* What was seen, so that a walk in which nothing happened shows. */
struct walk_tally {
    uint64_t steps;
    uint64_t seconds;
    uint64_t pulses;      /* of both mechanisms */
    uint64_t accepted[4]; /* by tier, insulin */
    uint64_t accepted_glucagon[4];
    uint64_t refused[64]; /* by reason */
    uint64_t already;
    uint64_t silence;
    uint64_t resets;
    uint64_t cuts;
    uint64_t uncertain;
    uint64_t suspended;
    uint64_t rescues;
    uint64_t set_back; /* the clock */
    uint64_t revoked;
    uint64_t ended; /* doses, with the phone that asked for them */
    uint64_t paired;
    uint64_t extended;
    uint64_t scheduled;
    uint64_t dry;
};

struct walk_result {
    size_t failed_at; /* the step; SIZE_MAX: nothing failed */
    char why[400];
};

/** Draw a walk from @p seed. */
void walk_draw(uint64_t seed, struct walk_step *steps, size_t count);

/** Walk it.  The person is drawn from @p seed. */
struct walk_result walk_run(uint64_t seed,
                            const struct walk_step *steps,
                            size_t count,
                            struct walk_tally *tally);

/** Print the person of @p seed, and a step, for people. */
void walk_print_person(uint64_t seed);
void walk_print_step(const struct walk_step *step);

#endif
