/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SCENE_H
#define DG_EVAL_SCENE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "eval/catalogue.h"
#include "eval/contract.h"
#include "eval/profile/profile.h"
#include "eval/relay.h"
#include "eval/run.h"

/* One test at work: a product behind its adapter, the relay between its parts,
 * the monitors, and the record of what was seen.
 *
 * A test reads like a story.  What goes wrong with the bench itself (adapter
 * silent, product did not come up) sticks in `trouble` and makes the verdict
 * "error"; every later step then does nothing. */
#define DG_SCENE_DELIVERIES_MAX 32768U /* one a minute: three weeks */

struct dg_scene_delivery {
    uint32_t at_s;    /* product's clock since the test began */
    int64_t total_mU; /* that the mechanism had moved by then */
};

struct dg_scene_caps {
    int64_t dose_mU;
    int64_t window_mU[4]; /* 5 min, 1 h, 4 h, 24 h */
};

struct dg_sequence;

struct dg_scene {
    struct dg_run *run;
    struct dg_run_test *test;
    const struct dg_catalogue_entry *entry;
    const struct dg_profile *profile;
    uint64_t seed;
    struct dg_sequence *sequence; /* to be sent in place of what a fuzzing test
                                   * throws; NULL: none */
    const char *program;          /* adapter */
    char dir[512];
    struct dg_contract contract;
    const json_t *declared; /* start's answer when the run began; or NULL */
    struct dg_relay relay;
    bool has_relay;
    char trouble[256];

    /* Declared by the product at start. */
    int64_t basal_mU_per_h;
    int64_t pulse_mU;
    int64_t ticket_s;
    int64_t isf;
    int64_t pairing_tries;  /* wrong codes that it listens to; 0: not said */
    int64_t pairing_lock_s; /* the longest that it then lets nobody in */
    int64_t interval_s; /* least time between two boluses; 0: none declared */
    struct dg_scene_caps automatic;
    struct dg_scene_caps confirmed;
    struct dg_scene_caps total;

    /* Kept by the monitors. */
    uint32_t now_s;
    int64_t withheld_mU; /* of basal, at most: the test had it so */
    struct dg_scene_delivery delivery[DG_SCENE_DELIVERIES_MAX];
    size_t deliveries;
    enum dg_run_verdict energy; /* of a test that judges it */
    bool has_failed;            /* the product did what it must not   */
    bool is_inconclusive;       /* the valid control was not obeyed   */
};

/* Words of a phone's answer, copied out. */
struct dg_said {
    char result[16]; /* accepted, already, refused, silent, ... */
    char reason[16]; /* of a refusal */
    char outcome[16];
    int64_t headroom_mU;
    int64_t resolved_mU;
    int64_t delivered_mU; /* of the last ticket */
    int64_t bolus_total_mU;
    int64_t basal_total_mU;
    int64_t uncertain_mU;
    int64_t automatic_mU; /* headroom */
    int64_t confirmed_mU; /* headroom */
    int64_t iob_mU;
    char asks[16]; /* of a ticket */
};

/* Bench ------------------------------------------------------------------ */

/** Ask the adapter; NULL on trouble.  The reference of @p request is taken. */
json_t *dg_scene_ask(struct dg_scene *scene, json_t *request);

/** Start unit x for a person (adult, adolescent, child) and the relay. */
void dg_scene_start(struct dg_scene *scene, const char *person);

/** As dg_scene_start(), with glucagon as the second hormone. */
void dg_scene_start_two(struct dg_scene *scene, const char *person);

/** Start a second unit of the same product. */
void dg_scene_start_other(struct dg_scene *scene, char address[64]);

/** Give a phone a door of the relay and start it: kind "app" (the product's
 * own phone part), "bare" (its protocol and keys without any care) or
 * "stranger" (no keys).  Gives the door. */
unsigned dg_scene_phone(struct dg_scene *scene,
                        const char *phone,
                        const char *kind);

/** Press the device's button, pair. */
void dg_scene_pair(struct dg_scene *scene, const char *phone, const char *role);

/** Let the product's clock run; the therapy monitor looks every minute. */
void dg_scene_advance(struct dg_scene *scene, uint32_t s);

/** Insulin that the mechanism has moved, mU. */
int64_t dg_scene_moved(struct dg_scene *scene);

void dg_scene_power_cut(struct dg_scene *scene);
void dg_scene_power_on(struct dg_scene *scene);
int64_t dg_scene_used_nAh(struct dg_scene *scene);

/** The sensor measures; phones get the frame. */
void dg_scene_reading(struct dg_scene *scene, int mg_dL);

/** Let the sensor give and @p phone relay as many readings, as far apart, as a
 * device may want before it trusts one. */
void dg_scene_settle(struct dg_scene *scene, const char *phone, int mg_dL);

#define DG_SCENE_READINGS  3
#define DG_SCENE_READING_S 300U

/* Phones ------------------------------------------------------------------ */

/** Let a phone do something: see docs/adapter.md.  @p order is taken. */
struct dg_said dg_scene_phone_do(struct dg_scene *scene,
                                 const char *phone,
                                 json_t *order);

/** A person at the app asks for a bolus and approves it. */
struct dg_said dg_scene_bolus(struct dg_scene *scene,
                              const char *phone,
                              int64_t mU);

struct dg_said dg_scene_status(struct dg_scene *scene, const char *phone);

/** The valid control: a dose as it should be must be obeyed, or the whole test
 * is inconclusive.  Leaves no bolus running. */
bool dg_scene_control(struct dg_scene *scene, const char *phone, int64_t mU);

/** What a phone in an attacker's hands says; nothing is added to @p order. */
struct dg_said dg_scene_say(struct dg_scene *scene,
                            const char *phone,
                            const char *what);

/** Ask for and approve a dose as a phone without an app would: @p tier is
 * automatic or confirmed, @p sign is valid, none or wrong. */
struct dg_said dg_scene_bare_bolus(struct dg_scene *scene,
                                   const char *phone,
                                   int64_t mU,
                                   const char *tier,
                                   const char *sign);

/** Let frames travel for a while. */
void dg_scene_wait(struct dg_scene *scene, int ms);

/* Findings ---------------------------------------------------------------- */

/** What the test does, for the report. */
void dg_scene_try(struct dg_scene *scene, const char *text);

void dg_scene_see(struct dg_scene *scene, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/** The product failed: why, in one sentence.  Once the bench is in trouble this
 * is written down and not counted. */
void dg_scene_fail(struct dg_scene *scene, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void dg_scene_inconclusive(struct dg_scene *scene, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void dg_scene_measure(struct dg_scene *scene,
                      const char *name,
                      int64_t value,
                      unsigned decimals,
                      const char *unit);
void dg_scene_packet(struct dg_scene *scene,
                     enum dg_run_direction direction,
                     const char *label,
                     dg_span bytes);

/** Parameter of the catalogue entry; trouble when it is absent. */
int64_t dg_scene_number(struct dg_scene *scene, const char *name);

/** Whether the bench is in trouble: a story may end early then. */
bool dg_scene_is_over(const struct dg_scene *scene);

bool dg_scene_is(const struct dg_said *said, const char *result);

/* Monitors ---------------------------------------------------------------- */

/** Insulin since @p from_mU must equal basal over @p s, within one pulse both
 * ways, plus @p extra_mU. */
void dg_scene_expect(struct dg_scene *scene,
                     int64_t from_mU,
                     uint32_t s,
                     int64_t extra_mU,
                     const char *what);

/** The most above basal in any trailing window of @p s seconds, from the
 * mechanism's own count. */
int64_t dg_scene_worst_window(const struct dg_scene *scene, uint32_t s);

/** Compare the worst windows of 5 min, 1 h, 4 h and 24 h with declared caps;
 * @p who is who got the insulin past a person, for the report. */
void dg_scene_check_windows(struct dg_scene *scene,
                            const struct dg_scene_caps *caps,
                            const char *who);

#endif
