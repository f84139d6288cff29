/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_DEVICE_H
#define DG_PATIENT_TRIAL_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/authority.h"
#include "dosegate/bins.h"
#include "dosegate/glucagon.h"
#include "dosegate/glucose.h"
#include "dosegate/limits.h"
#include "dosegate/pauses.h"
#include "dosegate/usual.h"
#include "patient/trial/arm.h"
#include "patient/trial/phone.h"
#include "patient/trial/tally.h"
#include "patient/trial/window.h"

/* The pump of one person in one arm, step by step of five minutes.  In arms of
 * Dosegate every decision is the core's: limits, authority, envelope, pauses,
 * glucagon and what it believes of glucose; this file only keeps the books that
 * the device keeps in its ledger (patient/trial/window.h) and asks. */

/* A patch pump's reservoir, filled up each midnight; a glucagon cartridge, the
 * same.  Assumptions: they bound what an attacker can empty in a day. */
#define DG_TRIAL_RESERVOIR_PULSES 6000U /* 300 U */
#define DG_TRIAL_CHAMBER_UG       3000U

/* Device time at the start of a trial: all windows lie in the past. */
#define DG_TRIAL_START_S (2U * 86400U)

/* Who asks. */
struct dg_trial_asker {
    bool is_hostile;     /* counted as the scenario's own                   */
    bool is_compromised; /* the phone has fallen: limits of the app are gone */
    bool is_person;      /* a person is there, who presses the button       */
    bool is_all_or_none; /* takes no less than it asked for                 */
};

struct dg_trial_device {
    const struct dg_trial_arm *arm;
    const struct dg_trial_phone *phone;
    struct dg_therapy therapy;
    struct dg_limits limits;
    struct dg_glucagon_limits glucagon_limits;
    struct dg_glucose_state glucose;
    struct dg_evidence_set evidence;
    /* What authority said in this step: of a phone that shows its fall, or not.
     * Nothing that it rests on changes after the reading. */
    enum dg_rung rung[2];
    bool has_rung[2];
    struct dg_pauses pauses;
    uint32_t paused_head; /* the bin that the next two are of */
    uint32_t paused_4_h_s;
    uint32_t paused_24_h_s;
    struct dg_usual usual;
    struct dg_bins glucagon; /* steps of 10 ug */
    unsigned lane;
    struct dg_trial_windows *windows;
    struct dg_trial_tally *tally;
    dg_seconds now;
    dg_seconds fallen_at; /* the last sound ticket of a phone that fell     */
    uint32_t sequence;    /* of readings */
    bool has_bolus;
    dg_seconds last_bolus;
    bool has_glucagon;
    dg_seconds last_glucagon;
    dg_seconds last_automatic; /* SOLD */
    bool has_automatic;
    int32_t schedule_mU_per_h; /* of this hour */
    int32_t temp_mU_per_h;
    uint32_t temp_until_s; /* 0: none runs */
    uint32_t due_mU_s;     /* of basal, not a pulse yet */
    uint32_t extra_mU_s;   /* of what is above the schedule */
    uint32_t reservoir;    /* pulses, by what was counted */
    int32_t left_mU;       /* what is in it                                  */
    bool is_off;           /* E10: it does not add up                        */
    dg_seconds off_at;     /* since when                                     */
    bool is_mended;        /* reservoir, set and gauge are others since      */
    int change_of_basal;   /* the schedule was raised (1) or lowered (-1)    */
    int32_t need_mU_per_h; /* the schedule of this hour as prescribed        */
    uint32_t chamber_ug;
    uint32_t bolus_steps;  /* pulses above basal since the start */
    int32_t reading_mg_dL; /* what the device believes; 0: none yet */
    /* Given in this step. */
    uint32_t basal;
    uint32_t bolus;
    uint32_t raised;
    uint32_t ug;
    uint32_t by_tier[DG_TIERS];
    uint32_t asked;
    unsigned rule;
};

/**
 * Fit the device to a person.
 *
 * @param therapy  As the prescriber wrote it; the package is the arm's.
 *
 * @retval DG_E_RANGE  The core refuses the therapy.
 */
DG_NODISCARD enum dg_status dg_trial_device_start(
    struct dg_trial_device *device,
    const struct dg_trial_arm *arm,
    const struct dg_therapy *therapy,
    struct dg_trial_windows *windows,
    unsigned lane,
    struct dg_trial_tally *tally);

/** Begin a step, after dg_trial_windows_step(). */
void dg_trial_device_step(struct dg_trial_device *device, uint32_t minute);

/** E10, at the start of a step: so much has left the reservoir since the last
 * step, and its reading is off by so much. */
void dg_trial_reservoir_check(struct dg_trial_device *device,
                              int32_t moved_mU,
                              int32_t lie_mU);

/** A reservoir that is full. */
void dg_trial_reservoir_fill(struct dg_trial_device *device);

/** E9: the basal schedule is changed once by the most that may be agreed to;
 * @p way 1: up, -1: down.  A pump without a guard takes any rate. */
void dg_trial_device_reprogram(struct dg_trial_device *device, int way);

/** E9: the personal limits become the widest that anybody may write down. */
void dg_trial_device_loosen(struct dg_trial_device *device);

/** A reading arrives; 0: none does. */
void dg_trial_device_read(struct dg_trial_device *device, int32_t mg_dL);

/** The rate of the schedule now, mU/h. */
static inline int32_t dg_trial_device_schedule(
    const struct dg_trial_device *device)
{
    return device->schedule_mU_per_h;
}

/**
 * Ask for insulin above basal, now.
 *
 * @param mU     Any amount; whole pulses of it count.
 * @param tier   AUTOMATIC, or CONFIRMED for what a person agreed to.
 * @return Pulses given.
 */
uint32_t dg_trial_device_dose(struct dg_trial_device *device,
                              int32_t mU,
                              enum dg_tier tier,
                              const struct dg_trial_asker *asker);

/** The largest dose that this asker could have now, mU. */
int32_t dg_trial_device_most(struct dg_trial_device *device,
                             enum dg_tier tier,
                             const struct dg_trial_asker *asker);

/** A person at the device takes a bolus without the phone; pulses given. */
uint32_t dg_trial_device_emergency(struct dg_trial_device *device, int32_t mU);

/** Set a temporary rate; 0 minutes cancels. */
void dg_trial_device_temp(struct dg_trial_device *device,
                          int32_t mU_per_h,
                          uint32_t minutes);

/** Ask for glucagon by the controller alone; ug given. */
uint32_t dg_trial_device_glucagon(struct dg_trial_device *device,
                                  uint32_t ug,
                                  bool is_all_or_none);

/** Run basal for the five minutes from now on: fills basal and raised. */
void dg_trial_device_basal(struct dg_trial_device *device,
                           const struct dg_trial_asker *asker);

#endif
