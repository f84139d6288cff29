/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_DEVICE_PARTS_H
#define DG_PATIENT_TRIAL_DEVICE_PARTS_H

#include "dosegate/envelope.h"
#include "patient/trial/device.h"

/* What the files of the device share among themselves. */

#define DG_TRIAL_STEP_S     300U
#define DG_TRIAL_HOUR_S     3600U
#define DG_TRIAL_PULSE_MU_S ((uint32_t)DG_PULSE_MU * DG_TRIAL_HOUR_S)
#define DG_TRIAL_PERMILLE   1000

/* What somebody may have: the most, or 0 and the rule. */
struct dg_trial_answer {
    int32_t mU;
    enum dg_tier tier;
    unsigned rule;
};

static inline int32_t dg_trial_least(int32_t a, int32_t b)
{
    return (a < b) ? a : b;
}

static inline bool dg_trial_is_guarded(const struct dg_trial_device *device)
{
    return device->arm->guard == DG_TRIAL_GUARD_DOSEGATE;
}

static inline bool dg_trial_is_sold(const struct dg_trial_device *device)
{
    return (device->arm->guard == DG_TRIAL_GUARD_SOLD) &&
           (device->arm->sold != NULL);
}

/* believe.c: what the device makes of readings, by the core. */
void dg_trial_believe(struct dg_trial_device *device,
                      const struct dg_reading *reading,
                      const struct dg_glucose_context *context);
bool dg_trial_is_trusted(const struct dg_trial_device *device);
bool dg_trial_is_low(const struct dg_trial_device *device);

/* What the envelope decides by, from the books (core/evidence.c). */
void dg_trial_view(const struct dg_trial_device *device,
                   struct dg_envelope_view *view);

/* What the phone can show now. */
enum dg_rung dg_trial_rung(struct dg_trial_device *device,
                           const struct dg_trial_asker *asker);

/* Why the rung does not reach for an automatic dose. */
unsigned dg_trial_rule_of_rung(const struct dg_trial_device *device);

/* device_basal.c: the rate that runs where so much was prescribed. */
int32_t dg_trial_programmed(const struct dg_trial_device *device,
                            int32_t mU_per_h);

/* Ask the envelope; on a refusal ask again for what it says is left.  Nothing
 * is given without its ALLOW. */
struct dg_trial_answer dg_trial_decide(const struct dg_trial_device *device,
                                       const struct dg_envelope_view *view,
                                       int32_t mU,
                                       enum dg_tier tier,
                                       bool is_all_or_none);

/* The envelope's answer in an arm of Dosegate. */
struct dg_trial_answer dg_trial_guarded(struct dg_trial_device *device,
                                        int32_t mU,
                                        enum dg_tier tier,
                                        const struct dg_trial_asker *asker);

/* The answer of a product of today. */
struct dg_trial_answer dg_trial_sold(const struct dg_trial_device *device,
                                     int32_t mU,
                                     enum dg_tier tier,
                                     const struct dg_trial_asker *asker);

/* The highest rate that a product of today runs. */
int32_t dg_trial_sold_rate(struct dg_trial_device *device,
                           int32_t rate,
                           const struct dg_trial_asker *asker);

/* Count what was not given of what was asked. */
void dg_trial_note_refusal(struct dg_trial_device *device,
                           uint32_t asked,
                           uint32_t given,
                           unsigned rule);

/* Into the books, out of the reservoir. */
void dg_trial_give(struct dg_trial_device *device,
                   uint32_t pulses,
                   enum dg_tier tier);

#endif
