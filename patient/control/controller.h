/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_CONTROLLER_H
#define DG_PATIENT_CONTROL_CONTROLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/status.h"

/* What doses a virtual person: the program that runs on the phone.  It sees
 * what a phone sees (readings, what the pump says it gave, what the person
 * said) and asks; what the device makes of it is the device's affair.
 *
 * A controller is asked every DG_CONTROLLER_STEP_MIN minutes.  It knows
 * nothing of other people and has no state but the memory that it is handed,
 * so thousands run beside each other and in any order.  Doses are whole mU
 * and ug: a controller rounds by itself, and a dose never upwards. */

#define DG_CONTROLLER_STEP_MIN 5U

/* Ranges of what a controller may be told; a trial checks its people against
 * them, and dg_controller_person_check() does it.
 * source: the widest that phone software takes (hard limits of AndroidAPS,
 * nightscout/AndroidAPS@0205225; LoopKit's Guardrail+Settings.swift); small
 * children need the lower ends. */
#define DG_CONTROLLER_BASAL_MAX          48U /* entries of a schedule         */
#define DG_CONTROLLER_BASAL_MU_PER_H_MAX 30000U
#define DG_CONTROLLER_ISF_MG_DL_MIN      1.0
#define DG_CONTROLLER_ISF_MG_DL_MAX      1000.0
#define DG_CONTROLLER_CR_G_MIN           0.3
#define DG_CONTROLLER_CR_G_MAX           200.0
#define DG_CONTROLLER_TDD_U_MIN          1.0
#define DG_CONTROLLER_TDD_U_MAX          300.0
#define DG_CONTROLLER_TARGET_MG_DL_MIN   72.0
#define DG_CONTROLLER_TARGET_MG_DL_MAX   250.0
#define DG_CONTROLLER_WEIGHT_KG_MIN      3.0
#define DG_CONTROLLER_WEIGHT_KG_MAX      300.0

/* Ranges of what a controller may ask; dg_controller_output_check().  They
 * only tell an answer from nonsense: what is safe the device decides. */
#define DG_CONTROLLER_TEMP_MU_PER_H_MAX 100000U
#define DG_CONTROLLER_TEMP_MIN_MAX      1440U
#define DG_CONTROLLER_BOLUS_MU_MAX      100000U
#define DG_CONTROLLER_GLUCAGON_UG_MAX   3000U

/* The same classes as enum dg_age_class. */
enum dg_controller_age {
    DG_CONTROLLER_CHILD = 1,  /* under 14 years                              */
    DG_CONTROLLER_ADOLESCENT, /* 14 .. 18                                    */
    DG_CONTROLLER_ADULT,
};

/* From this minute of the day on, this rate. */
struct dg_controller_basal {
    uint32_t minute; /* 0 .. 1439, the first entry 0, ascending              */
    uint32_t mU_per_h;
};

/* What the clinic set: the therapy settings, not the body. */
struct dg_controller_person {
    uint64_t id; /* number of the person in the trial                        */
    struct dg_controller_basal basal[DG_CONTROLLER_BASAL_MAX];
    size_t basal_count;  /* 1 .. DG_CONTROLLER_BASAL_MAX                    */
    double isf_mg_dL_U;  /* fall of glucose per U                           */
    double cr_g_U;       /* carbohydrate that one U covers                  */
    double tdd_U;        /* total daily dose                                */
    double target_mg_dL; /* glucose to steer to                             */
    double weight_kg;    /* body weight                                     */
    enum dg_controller_age age;
    bool has_glucagon; /* the device has a chamber of glucagon            */
};

/* What the phone knows at a step.  "Since the last step" is 0 at the first. */
struct dg_controller_input {
    uint32_t minute;        /* now, since midnight of the first day; a
                              multiple of DG_CONTROLLER_STEP_MIN             */
    int32_t glucose_mg_dL;  /* the newest reading, 0 if none came             */
    uint32_t carbs_g;       /* carbohydrate that the person announced since
                              the last step (as counted, not as eaten)       */
    uint32_t basal_mU;      /* insulin that the device gave since the last
                              step as basal, its own or a temporary one      */
    uint32_t bolus_mU;      /* ... as boluses of every kind                   */
    uint32_t glucagon_ug;   /* glucagon given since the last step             */
    bool temp_runs;         /* a temporary basal rate runs now                */
    uint32_t temp_mU_per_h; /* its rate, 0 if none                          */
    uint32_t temp_minutes;  /* minutes left of it, 0 if none                */
    bool suspended;         /* the device gives no basal at all             */
    uint32_t reservoir_mU;  /* insulin left                                 */
    uint32_t battery_percent; /* of the device, 0 .. 100                     */
};

/* What the controller asks of the device and of the person. */
struct dg_controller_output {
    bool temp_set;          /* set or cancel a temporary basal rate        */
    uint32_t temp_mU_per_h; /* rate, of no meaning without temp_set        */
    uint32_t temp_minutes;  /* for so long, 0 cancels                      */
    uint32_t bolus_mU;      /* automatic bolus now, 0 for none             */
    uint32_t meal_bolus_mU; /* bolus to which the person is asked to agree */
    uint32_t glucagon_ug;   /* glucagon now, 0 for none                    */
};

struct dg_controller {
    const char *name;  /* as on the command line, "oref0"                    */
    const char *title; /* one line for people                                */
    bool uses_glucagon;
    size_t state_bytes; /* memory for one person, aligned for any type       */

    /**
     * Make zeroed memory ready, once, before the first dg_controller.start of
     * one person after another.  NULL where nothing is to be opened.
     *
     * @param[out] state  @c state_bytes of zeros.
     * @param[in]  setup  What this kind of controller needs (dg_plugin_setup),
     *                    to be kept by the caller; NULL for those built in.
     *
     * @retval DG_OK      Ready.
     * @retval DG_E_PORT  A program could not be started, see fault().
     */
    enum dg_status (*open)(void *state, const void *setup);

    /**
     * Forget the person before and begin with this one.
     *
     * @param[in,out] state   Memory that was opened.
     * @param[in]     person  In range, see dg_controller_person_check().
     *
     * @retval DG_OK       Ready for the first step.
     * @retval DG_E_RANGE  This controller cannot treat such a person.
     * @retval DG_E_PORT   A program ended or did not answer in time.
     * @retval DG_E_PEER   A program answered nonsense.
     */
    enum dg_status (*start)(void *state,
                            const struct dg_controller_person *person);

    /**
     * Decide.  Call it once per DG_CONTROLLER_STEP_MIN, none left out.
     *
     * @param[in,out] state   Memory in which a person was started.
     * @param[in]     input   What is known now.
     * @param[out]    output  What is asked; all zero on failure.
     *
     * @retval DG_OK       Decided, maybe to ask nothing.
     * @retval DG_E_PORT   A program ended or did not answer in time: this
     *                     person leaves the results, by name.
     * @retval DG_E_PEER   A program answered nonsense: the same.
     */
    enum dg_status (*step)(void *state,
                           const struct dg_controller_input *input,
                           struct dg_controller_output *output);

    /* End what open() began.  NULL where nothing was opened. */
    void (*close)(void *state);

    /* Why the last call failed, one line for people; NULL where no call
     * fails.  Valid until the next call. */
    const char *(*fault)(const void *state);
};

/**
 * Find a controller that is built in.
 *
 * @param[in] name  "basal-bolus", "pid", "dual" or "oref0".
 *
 * @return The controller, NULL if none has this name.
 */
const struct dg_controller *dg_controller_find(const char *name);

/**
 * Walk the controllers that are built in.
 *
 * @param at  0 and up.
 *
 * @return Controller number @p at, NULL behind the last.
 */
const struct dg_controller *dg_controller_at(size_t at);

/**
 * Check the settings of a person, before they go to any controller.
 *
 * @param[in] person  The settings.
 *
 * @retval DG_OK       Everything is a number and in the ranges above.
 * @retval DG_E_USAGE  @p person is NULL.
 * @retval DG_E_RANGE  Something is not.
 */
DG_NODISCARD enum dg_status dg_controller_person_check(
    const struct dg_controller_person *person);

/**
 * Check what a controller asks.
 *
 * @param[in] output  The answer of a step.
 *
 * @retval DG_OK       In the ranges above.
 * @retval DG_E_USAGE  @p output is NULL.
 * @retval DG_E_RANGE  It is not.
 */
DG_NODISCARD enum dg_status dg_controller_output_check(
    const struct dg_controller_output *output);

/**
 * Give the rate of a schedule.
 *
 * @param[in] person  In range.
 * @param     minute  Since midnight of any day.
 *
 * @return mU/h, as scheduled at this time of day.
 */
uint32_t dg_controller_basal_mU_per_h(const struct dg_controller_person *person,
                                      uint32_t minute);

#endif
