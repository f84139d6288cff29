/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PROPERTY_STAND_H
#define DG_PROPERTY_STAND_H

#include "reference.h"
#include "tests/unit/cmocka_all.h"
#include "tests/unit/rig.h"
#include "walk.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What the parts of a walk share. */
#define STEP_U      .05
#define STEP_MG     .01
#define EPSILON     1e-6
#define PHONES      3U
#define OLD_TICKETS 6U

struct offer {
    bool is_open;
    bool is_glucagon;
    struct dg_ticket_id id;
    double amount; /* U or mg */
    enum ref_tier tier;
    enum dg_confirmation confirmation;
    double expiry;
};

/* A dose that waits for the button of the pump. */
struct wait {
    bool is_on;
    bool is_rescue;
    double until;
    struct offer offer;
};

extern struct rig rig;
extern struct ref ref;
extern struct ref before; /* the step, while a cut may come */
extern struct walk_tally *tally;
extern struct offer offers[RIG_PHONES];
extern struct wait insulin_wait;
extern struct wait glucagon_wait;
extern struct dg_ticket_id done[OLD_TICKETS]; /* newest first */
extern size_t done_count;
extern bool is_connected[RIG_PHONES];
extern double connected_at[RIG_PHONES];
extern double greeted_at[RIG_PHONES];
extern int holder; /* of the lease; -1: nobody */
extern double held_at;
extern uint32_t moved_seen;
extern uint32_t chamber_seen;
extern double basal_U;      /* since the last reset */
extern double basal_from_U; /* of the programme then */
extern double basal_all_U;  /* since the beginning */
extern uint32_t blocked;
extern double asked; /* insulin or glucagon that this step may begin */
extern enum ref_tier asked_tier;
extern bool asked_glucagon;
extern bool is_ending;  /* this step may end a dose */
extern bool is_pausing; /* this step may begin or end a pause */
extern uint32_t lead_s; /* so far has the hardware clock been set back */
extern int insulin_by;  /* which phone asked for it; -1: nobody */
extern int glucagon_by;
extern int spread_by;
extern uint32_t filled; /* steps in the reservoir at manufacture */

/* Failing leaves the walk. */
extern jmp_buf escape;
#define WHY_SIZE 400
extern char why[WHY_SIZE];

#define FAIL(...)                               \
    do {                                        \
        snprintf(why, sizeof why, __VA_ARGS__); \
        longjmp(escape, 1);                     \
    } while (false)

/* stand.c */
double units(int32_t mU);
uint32_t bench_now_s(void); /* by the device's own time */
void settle(void);
void wait_for(uint32_t seconds);
bool is_same(const struct dg_ticket_id *a, const struct dg_ticket_id *b);
void void_offers(void);
void remember(const struct dg_ticket_id *id);
bool is_remembered(const struct dg_ticket_id *id);
void end_bolus(void);
void end_insulin(void); /* and what goes out over time */
double reservoir_U(void);
bool is_dry(void);
void fill_reservoir(uint32_t pulses);
void end_glucagon(bool with_rescue);
void begin_glucagon(enum ref_tier tier, double mg);
void begin(const struct offer *offer);
struct ref_verdict judge(const struct offer *offer,
                         enum ref_tier tier,
                         enum ref_view view);
void must_allow(const struct offer *offer, const char *where);

/* answer.c */
double automatic_room(enum ref_view view);
void check_between(const char *what, double is, double low, double high);
unsigned highest_rung(unsigned who);
enum ref_rule rule_of(enum dg_reason reason);
void check_rule(const struct dg_answer *answer,
                const struct offer *offer,
                enum ref_tier tier);
bool is_busy(bool is_glucagon);
void check_refusal(unsigned who,
                   const struct dg_answer *answer,
                   const struct offer *offer,
                   unsigned needed);
void note_answer(unsigned who, const struct dg_answer *answer);

/* act_dose.c */
double mid(uint32_t draw, const uint16_t *from, size_t count);
void act_propose(const struct walk_step *step);
void act_commit(const struct walk_step *step);

/* act_other.c */
void act_simple(const struct walk_step *step);
void act_glucose(const struct walk_step *step);
void act_pause(const struct walk_step *step);
void act_press(const struct walk_step *step);
void act_connect(unsigned who);

/* act_slow.c */
void act_extended(const struct walk_step *step);
void act_schedule(const struct walk_step *step);

/* power.c */
void take_control(void);
void act_reset(const struct walk_step *step);
void prepare_cut(void);
void come_back_from_cut(uint32_t off_s);
void act_block(const struct walk_step *step);
void act_frame(const struct walk_step *step);
void act_clock(const struct walk_step *step);

/* act_phones.c */
void act_revoke(const struct walk_step *step);
void act_pair(const struct walk_step *step);

#endif
