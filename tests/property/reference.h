/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PROPERTY_REFERENCE_H
#define DG_PROPERTY_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

/* The rules of dosing once more, in floating point, from the words of the
 * design (docs/adr/0005, 0012, 0014, 0024 and docs/protocol.md).  Nothing of
 * the core is used here, not even its numbers: where the two differ, one of
 * them has a defect.
 *
 * Units: insulin in U, glucagon in mg, glucose in mg/dL, time in seconds.
 *
 * The device may count more than was delivered, but only as much as is
 * written down: a window takes in every five-minute bin that it touches, and
 * the insulin of a bin is as old as its youngest.  So each question has two
 * answers.  EXACT is what is true of the person, and a dose that it refuses
 * must never be given.  CAREFUL is the most that the device may count, and a
 * dose that it allows must not be refused. */
enum ref_view {
    REF_EXACT = 0,
    REF_CAREFUL = 1,
};

#define REF_VIEWS 2

enum ref_tier {
    REF_AUTOMATIC = 1,
    REF_CONFIRMED = 2,
    REF_PRESENT = 3,
};

enum ref_rule {
    REF_NO_RULE = 0,
    REF_E1,
    REF_E2,
    REF_E3,
    REF_E4,
    REF_E7,
    REF_E8,
};

#define REF_RULES 7

struct ref_person {
    int age; /* 1 child, 2 teen, 3 adult */
    bool is_low_package;
    double tdd_U;
    double isf;
    double floor;
    double basal_U_per_h[24];
    double glucagon_dose_mg;
    double glucagon_day_mg;
    double rescue_mg;
};

/* An amount that moved, or that counts as if it had. */
struct ref_amount {
    double at;
    double settled; /* when the ledger wrote that it was out: after a reset that
                       is all the device knows */
    double amount;
    enum ref_tier tier;
    bool is_spread; /* each step of those is written by itself */
};

struct ref_span {
    double from;
    double to;
};

#define REF_AMOUNTS 20000U
#define REF_SPANS   8192U

/* What was given of one hormone. */
#define REF_WHOLE 256U

/* A dose that a person approved and that was delivered whole. */
struct ref_whole {
    double at;
    double amount;
    bool is_sure; /* false: a cut may have hidden its end */
};

/* A dose that goes out over hours, evenly, its last step at the end; counted in
 * full from its beginning. */
struct ref_spread {
    bool is_open;
    enum ref_tier tier;
    double asked;
    double rest;
    double from;
    double seconds;
    unsigned steps;
    unsigned given;
    size_t last; /* entry of the step given last */
};

struct ref_book {
    size_t wholes;
    struct ref_whole whole[REF_WHOLE];
    double asked; /* of the open intent */
    size_t count;
    struct ref_amount amount[REF_AMOUNTS];
    bool is_open; /* an intent is being delivered */
    enum ref_tier tier;
    size_t first; /* its first entry */
    double rest;  /* not yet moved   */
    double due;   /* its next step   */
    bool has_last;
    double last;     /* start of the newest intent */
    double reset_at; /* settled counts for all before it */
    struct ref_spread spread;
};

struct ref {
    struct ref_person person;
    double now;
    struct ref_book insulin;
    struct ref_book glucagon;
    bool has_glucose; /* a trusted reading */
    double glucose;
    double glucose_at;
    bool is_paused;
    bool is_by_person;
    struct ref_span pause; /* since, and its end if nothing happens */
    size_t spans;
    struct ref_span span[REF_SPANS]; /* earlier pauses by phones */
    double scheduled_U;              /* by the programme, pauses left out */
    double scheduled_all_U;          /* pauses and time without power too */
};

struct ref_verdict {
    bool is_allowed;
    bool refuses[REF_RULES];
    double headroom;
};

/* Life. */
void ref_begin(struct ref *ref, const struct ref_person *person, double now);
void ref_pass(struct ref *ref, double to, bool is_powered);

/* One intent: begun, a step of it moved, ended with the rest not counted, or
 * (after a cut of power) with the rest counted in full. */
void ref_open(struct ref_book *book,
              double now,
              enum ref_tier tier,
              double amount);
void ref_step(struct ref_book *book, double at, double amount);
void ref_close(struct ref_book *book, double now);
/* The same of a dose over time. */
void ref_spread_open(struct ref_book *book,
                     double now,
                     enum ref_tier tier,
                     double amount,
                     double step,
                     double seconds);
double ref_spread_due(const struct ref_book *book);
void ref_spread_step(struct ref_book *book, double at, double amount);
void ref_spread_close(struct ref_book *book, double now);
void ref_spread_uncertain(struct ref_book *book, double now);
void ref_whole(struct ref_book *book,
               double now,
               enum ref_tier tier,
               double amount,
               bool is_sure);
void ref_uncertain(struct ref_book *book, double now);
void ref_add(struct ref_book *book,
             double at,
             double settled,
             enum ref_tier tier,
             double amount);

/* Questions. */
struct ref_verdict ref_bolus(const struct ref *ref,
                             enum ref_tier tier,
                             double U,
                             enum ref_view view);
struct ref_verdict ref_glucagon(const struct ref *ref,
                                enum ref_tier tier,
                                double mg,
                                enum ref_view view);
double ref_rescue_mg(const struct ref *ref, enum ref_view view);
double ref_iob_U(const struct ref *ref, enum ref_view view);
bool ref_is_low(const struct ref *ref);

/* Above 10 % of the daily dose and one and a half times the largest of the
 * last 24 h.  CAREFUL: the device may go by whole hours, which it touches. */
bool ref_is_unusual(const struct ref *ref, double U, enum ref_view view);
bool ref_is_fresh(const struct ref *ref);

/* Whether an automatic dose may give its next step. */
bool ref_goes_on(const struct ref *ref, enum ref_view view);

/* Basal withheld. */
double ref_pause_room_s(const struct ref *ref, enum ref_view view);
void ref_pause(struct ref *ref, double seconds, bool is_by_person);
void ref_resume(struct ref *ref, double at);

#endif
