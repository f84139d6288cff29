/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_ARM_H
#define DG_PATIENT_TRIAL_ARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dosegate/effect.h"
#include "dosegate/limits.h"
#include "dosegate/status.h"
#include "patient/trial/change.h"

/* What stands between the phone and the motor in one arm of a trial: nothing,
 * the limits of a product that is sold or used today, or Dosegate. */

enum dg_trial_guard {
    DG_TRIAL_GUARD_UNSET = 0,
    DG_TRIAL_GUARD_OPEN = 1, /* does what the phone says                    */
    DG_TRIAL_GUARD_SOLD = 2, /* limits of a product, see struct dg_trial_sold */
    DG_TRIAL_GUARD_DOSEGATE = 3, /* the device's own core/                  */
};

/* Who keeps a limit.  What an app keeps holds for an honest app alone: a
 * compromised phone is past it. */
enum dg_trial_keeper {
    DG_TRIAL_KEEPER_NONE = 0,
    DG_TRIAL_KEEPER_APP = 1,
    DG_TRIAL_KEEPER_PUMP = 2,
};

/* No limit known. */
#define DG_TRIAL_UNLIMITED INT32_MAX

/* One set of limits by age class (index 0 unused); DG_TRIAL_UNLIMITED where
 * the product has none. */
struct dg_trial_caps {
    int32_t bolus_mU[4];        /* one dose                               */
    int32_t basal_mU_per_h[4];  /* highest temporary rate                 */
    int32_t iob_mU[4];          /* no automatic insulin above             */
    int32_t automatic_mU;       /* one automatic dose                     */
    int32_t automatic_s;        /* between two of them                    */
    int32_t share_2_h_permille; /* of the daily dose, automatic, in 2 h   */
    int32_t basal_multiple_permille; /* of the scheduled rate, temporary    */
    int32_t iob_in_boluses_permille; /* of the largest bolus                */
    int32_t pause_below_mg_dL; /* basal stops below this reading; 0: not */
};

struct dg_trial_sold {
    const char *name; /* "aaps"                                            */
    const char *title;
    const char *source; /* of each number                                    */
    struct dg_trial_caps app;
    struct dg_trial_caps pump;
};

#define DG_TRIAL_LABEL_MAX 16U

struct dg_trial_arm {
    enum dg_trial_guard guard;
    const struct dg_trial_sold *sold; /* SOLD: the product                  */
    enum dg_package package;          /* DOSEGATE                           */
    /* DOSEGATE: limits other than shipped, and what such an arm is called;
     * small letters, digits, '-' and '.'. */
    struct dg_trial_change change;
    char label[DG_TRIAL_LABEL_MAX];
};

/** Product number @p at, NULL behind the last. */
const struct dg_trial_sold *dg_trial_sold_at(size_t at);

/**
 * Find an arm by name.
 *
 * @param[in]  name  "none", "sold:NAME" of dg_trial_sold_at(), "dosegate:low",
 *                   "dosegate:medium" or "dosegate:high".
 * @param[out] arm   Unchanged on failure.
 *
 * @retval DG_OK             @p arm is filled.
 * @retval DG_E_USAGE        A NULL.
 * @retval DG_E_UNSUPPORTED  No arm has this name.
 */
DG_NODISCARD enum dg_status dg_trial_arm_find(const char *name,
                                              struct dg_trial_arm *arm);

#define DG_TRIAL_ARM_NAME_MAX 40U

/** Write the name that dg_trial_arm_find() knows, with "/LABEL" behind it
 * where limits are changed; "?" for no arm. */
void dg_trial_arm_name(const struct dg_trial_arm *arm,
                       char name[DG_TRIAL_ARM_NAME_MAX]);

/** The limit of one dose for the honest app on this product: what app and pump
 * both let through. */
int32_t dg_trial_sold_bolus_mU(const struct dg_trial_sold *sold,
                               enum dg_age_class age,
                               bool is_compromised);

#endif
