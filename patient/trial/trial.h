/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_TRIAL_H
#define DG_PATIENT_TRIAL_TRIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"
#include "patient/trial/aggregate.h"
#include "patient/trial/arm.h"
#include "patient/trial/attack.h"
#include "patient/trial/surroundings.h"

struct dg_controller;       /* patient/control/controller.h */
struct dg_s2008_parameters; /* patient/s2008.h */

/* A trial: virtual people, each living the same days once in every scenario
 * and arm.  Results are integers and do not depend on threads, lanes,
 * instruction set, order or shards.  docs/adr/0030-trial-engine.md */

#define DG_TRIAL_LANES         16U /* people that one tile holds            */
#define DG_TRIAL_BLOCK         64U /* people that are done or not done      */
#define DG_TRIAL_ARMS_MAX      16U
#define DG_TRIAL_SCENARIOS_MAX 24U
#define DG_TRIAL_DAYS_MAX      14U
#define DG_TRIAL_PEOPLE_MAX    1000000000U
#define DG_TRIAL_THREADS_MAX   256U
#define DG_TRIAL_SHARDS_MAX    4096U

enum dg_trial_precision {
    DG_TRIAL_FLOAT = 1,  /* campaigns                    */
    DG_TRIAL_DOUBLE = 2, /* reference                    */
};

enum dg_trial_model {
    DG_TRIAL_WILINSKA = 1, /* Wilinska 2010 with glucagon; the default      */
    DG_TRIAL_S2013 = 2,    /* UVA/Padova with uptake in a low               */
    DG_TRIAL_S2008 = 3,
    DG_TRIAL_HOVORKA = 4,
};

/* patient/sensor_model.h */
enum dg_trial_sensor {
    DG_TRIAL_SENSOR_POPULATION = 0, /* every sensor another one; the default */
    DG_TRIAL_SENSOR_IDEAL = 1,
    DG_TRIAL_SENSOR_BRETON = 2,
    DG_TRIAL_SENSOR_FACCHINETTI = 3,
    DG_TRIAL_SENSOR_G5 = 4,
    DG_TRIAL_SENSOR_G6 = 5,
};

enum dg_trial_isa {
    DG_TRIAL_ISA_BEST = 0, /* what this processor has */
    DG_TRIAL_ISA_SSE2 = 1,
    DG_TRIAL_ISA_AVX2 = 2,
    DG_TRIAL_ISA_AVX512 = 3,
};

struct dg_trial_scenario {
    enum dg_trial_attack attack;
    uint32_t start_minute; /* 0: as the attack has it by default            */
    uint32_t minutes;      /* 0: as the attack has it by default            */
    bool no_rescue;        /* nobody eats against a low                     */
    struct dg_trial_world world;
    char label[DG_TRIAL_LABEL_MAX + 8U]; /* empty: called as the attack is   */
};

/* What is computed; all that decides a result, and nothing else. */
struct dg_trial_plan {
    uint64_t seed;
    uint64_t people; /* 1 .. DG_TRIAL_PEOPLE_MAX */
    uint32_t days;   /* 1 .. DG_TRIAL_DAYS_MAX   */
    enum dg_trial_model model;
    enum dg_trial_precision precision;
    uint32_t sensor; /* enum dg_trial_sensor */
    /* S2008 and S2013: people of a published table (patient/people_file.h), in
     * turn; none: the three of patient/people.h. */
    const struct dg_s2008_parameters *published;
    uint64_t published_count;
    const struct dg_controller *controller;
    const void *controller_setup; /* for dg_controller.open, or NULL        */
    const char
        *controller_text; /* what the setup is, for the digest, or NULL */
    size_t scenarios;     /* 1 .. DG_TRIAL_SCENARIOS_MAX            */
    struct dg_trial_scenario scenario[DG_TRIAL_SCENARIOS_MAX];
    size_t arms; /* 1 .. DG_TRIAL_ARMS_MAX; arm 0 is what others differ from */
    struct dg_trial_arm arm[DG_TRIAL_ARMS_MAX];
};

struct dg_trial_progress {
    uint64_t person_days_done; /* of this shard, all scenarios and arms     */
    uint64_t person_days;
    double seconds; /* since the run began */
    double rate;    /* patient-days per second, of this run */
    double left_s;  /* estimate */
};

/* How it is computed; nothing here changes a result. */
struct dg_trial_host {
    unsigned threads;      /* 0: as many as there are processors            */
    enum dg_trial_isa isa; /* more than the processor has: DG_E_UNSUPPORTED */
    uint32_t shard;        /* 1 .. shards: takes the blocks b with
                              b % shards == shard - 1; 0 of 0: all of them  */
    uint32_t shards;
    const char *checkpoint; /* a file that is resumed and kept; or NULL     */
    double checkpoint_s;    /* between two writes; 0: after each block      */
    /* Called about ten times a second from one thread at a time; false ends
     * the run early: what is done is in the checkpoint. */
    bool (*progress)(void *context, const struct dg_trial_progress *progress);
    /* Called for each person and arm that is dropped, from one thread at a
     * time and in no order: why, in one line for people.  May be NULL. */
    void (*dropped)(void *context, uint64_t person, const char *why);
    void *context;
};

/** What a scenario is called in tables, and for people. */
const char *dg_trial_scenario_name(const struct dg_trial_scenario *scenario);
const char *dg_trial_scenario_title(const struct dg_trial_scenario *scenario);

/** What is wrong with a plan, in words; NULL: nothing. */
const char *dg_trial_fault(const struct dg_trial_plan *plan);

/** SHA-256 over everything that decides a result: plan and version of the
 * engine.  @p plan must be without fault. */
void dg_trial_digest(const struct dg_trial_plan *plan, uint8_t digest[32]);

/** Memory for the results of a plan, whatever the number of people: allocated
 * here, freed with dg_trial_result_free(); NULL: no memory or a fault. */
struct dg_trial_result *dg_trial_result_new(const struct dg_trial_plan *plan);
void dg_trial_result_free(struct dg_trial_result *result);

/**
 * Run a plan, or the shard of it that @p host names.
 *
 * @param[in]  plan    Without fault.
 * @param[in]  host    NULL: all processors, the whole plan, no checkpoint.
 * @param[out] result  As dg_trial_result_new() made it; on failure what is
 *                     done so far.
 *
 * @retval DG_OK             All blocks of the shard are done.
 * @retval DG_E_USAGE        A NULL, or a plan with a fault.
 * @retval DG_E_RANGE        @p host is out of range.
 * @retval DG_E_UNSUPPORTED  The processor has not the instructions asked for.
 * @retval DG_E_STATE        progress() ended it.
 * @retval DG_E_CORRUPT      The checkpoint is damaged, or of another plan.
 * @retval DG_E_PORT         No thread, no memory or no file.
 */
DG_NODISCARD enum dg_status dg_trial_run(const struct dg_trial_plan *plan,
                                         const struct dg_trial_host *host,
                                         struct dg_trial_result *result);

/* One step of one person, for a figure. */
struct dg_trial_moment {
    uint32_t minute;
    int32_t plasma_tenths;      /* mg/dL / 10 */
    int32_t sensor_mg_dL;       /* true reading; 0: none */
    int32_t shown_mg_dL;        /* what the algorithm saw; 0: none */
    int32_t basal_mU;           /* given evenly in the 5 min from here on ... */
    int32_t raised_mU;          /* ... and what a raised rate adds to it */
    int32_t at_once_mU;         /* given in the first of them: boluses */
    int32_t bolus_mU[DG_TIERS]; /* what is above basal, by who approved */
    int32_t asked_mU;           /* above basal, by anybody          */
    int32_t glucagon_ug;
    int32_t carbs_g;   /* of both of the next, whole grams */
    double meal_g;     /* of a meal that begins; eaten at 5 g/min */
    uint32_t rescue_g; /* of sugar, at once */
    int32_t iob_mU;    /* as the device counts it */
    unsigned rule;     /* that refused, DG_TRIAL_RULE_...; 0: none */
};

/**
 * Live through one person again, with the same bits as in the run.
 *
 * @param person  0 .. people - 1.
 * @param record  Called once per step, in order.
 * @param[out] tally  The figures of this person; may be NULL.
 *
 * @retval DG_OK       Done.
 * @retval DG_E_USAGE  A NULL, or a plan with a fault.
 * @retval DG_E_RANGE  No such scenario, arm or person.
 * @retval DG_E_PORT   No memory.
 */
DG_NODISCARD enum dg_status dg_trial_trace(
    const struct dg_trial_plan *plan,
    size_t scenario,
    size_t arm,
    uint64_t person,
    void (*record)(void *context, const struct dg_trial_moment *moment),
    void *context,
    struct dg_trial_tally *tally);

/** The name of the instruction set that ISA_BEST means here. */
const char *dg_trial_isa_name(enum dg_trial_isa isa);

#endif
