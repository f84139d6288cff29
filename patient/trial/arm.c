/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/arm.h"

#include <stdio.h>
#include <string.h>

#define NO DG_TRIAL_UNLIMITED

/* Child, teen, adult (index 0 is no age class). */
#define ALL(value)                   \
    {                                \
        0, (value), (value), (value) \
    }
#define AGES(child, teen, adult)    \
    {                               \
        0, (child), (teen), (adult) \
    }

/* No row of its own: what an app or a pump without a limit is. */
#define NO_CAPS                                                            \
    {                                                                      \
        .bolus_mU = ALL(NO), .basal_mU_per_h = ALL(NO), .iob_mU = ALL(NO), \
        .automatic_mU = NO, .automatic_s = 0, .share_2_h_permille = NO,    \
        .basal_multiple_permille = NO, .iob_in_boluses_permille = NO,      \
        .pause_below_mg_dL = 0                                             \
    }

/* The limits of today, from the table "in use" of facts: models.md 10.1; pumps
 * from its section 7.  A figure that the facts mark "unverified" is marked so
 * here.  Where one app runs with several pumps, the patch pump is taken. */
static const struct dg_trial_sold products[] = {
    {
        .name = "aaps",
        .title = "AndroidAPS hard limits over a patch pump",
        .source = "AndroidAPS@0205225 HardLimits.kt: bolus 5/10/17 U, basal "
                  "2/5/10 U/h, IOB (SMB) 7/13/22 U; PumpType.kt: Omnipod "
                  "bolus 30 U, temporary basal 30 U/h",
        .app = {.bolus_mU = AGES(5000, 10000, 17000),
                .basal_mU_per_h = AGES(2000, 5000, 10000),
                .iob_mU = AGES(7000, 13000, 22000),
                .automatic_mU = NO,
                .automatic_s = 180,
                .share_2_h_permille = NO,
                .basal_multiple_permille = 4000,
                .iob_in_boluses_permille = NO,
                .pause_below_mg_dL = 0},
        .pump = {.bolus_mU = ALL(30000),
                 .basal_mU_per_h = ALL(30000),
                 .iob_mU = ALL(NO),
                 .automatic_mU = NO,
                 .automatic_s = 0,
                 .share_2_h_permille = NO,
                 .basal_multiple_permille = NO,
                 .iob_in_boluses_permille = NO,
                 .pause_below_mg_dL = 0},
    },
    {
        .name = "loop",
        .title = "Loop guardrails over a patch pump",
        .source = "LoopAlgorithm@2f5c630: IOB at most 2 x largest bolus; "
                  "LoopKit Guardrail+Settings.swift: bolus at most 30 U "
                  "(warns from 20), basal at most 30 U/h; pump as for aaps",
        .app = {.bolus_mU = ALL(30000),
                .basal_mU_per_h = ALL(30000),
                .iob_mU = ALL(NO),
                .automatic_mU = 12000, /* 40 % of the largest bolus */
                .automatic_s = 0,
                .share_2_h_permille = NO,
                .basal_multiple_permille = 6400,
                .iob_in_boluses_permille = 2000,
                .pause_below_mg_dL = 67},
        .pump = {.bolus_mU = ALL(30000),
                 .basal_mU_per_h = ALL(30000),
                 .iob_mU = ALL(NO),
                 .automatic_mU = NO,
                 .automatic_s = 0,
                 .share_2_h_permille = NO,
                 .basal_multiple_permille = NO,
                 .iob_in_boluses_permille = NO,
                 .pause_below_mg_dL = 0},
    },
    {
        .name = "tslim",
        .title = "t:slim X2 with Control-IQ",
        .source = "LoopInsighT1@9a60920 device files: bolus 25 U, basal 15 "
                  "U/h; Tandem support pages: automatic at most hourly; 6 U "
                  "and 50 % of the daily dose in 2 h unverified",
        .app = NO_CAPS,
        .pump = {.bolus_mU = ALL(25000),
                 .basal_mU_per_h = ALL(15000),
                 .iob_mU = ALL(NO),
                 .automatic_mU = 6000,
                 .automatic_s = 3600,
                 .share_2_h_permille = 500,
                 .basal_multiple_permille = NO,
                 .iob_in_boluses_permille = NO,
                 .pause_below_mg_dL = 70},
    },
    {
        .name = "omnipod5",
        .title = "Omnipod 5",
        .source = "Omnipod 5 user guide: bolus 30 U, basal 30 U/h, always "
                  "pauses below 60 mg/dL",
        .app = NO_CAPS,
        .pump = {.bolus_mU = ALL(30000),
                 .basal_mU_per_h = ALL(30000),
                 .iob_mU = ALL(NO),
                 .automatic_mU = NO,
                 .automatic_s = 0,
                 .share_2_h_permille = NO,
                 .basal_multiple_permille = NO,
                 .iob_in_boluses_permille = NO,
                 .pause_below_mg_dL = 60},
    },
};

#define PRODUCTS (sizeof products / sizeof products[0])

static const char *const package_name[] = {
    [DG_PACKAGE_NONE] = "?",
    [DG_PACKAGE_LOW] = "low",
    [DG_PACKAGE_MEDIUM] = "medium",
    [DG_PACKAGE_HIGH] = "high",
};

#define SOLD_PREFIX     "sold:"
#define DOSEGATE_PREFIX "dosegate:"

const struct dg_trial_sold *dg_trial_sold_at(size_t at)
{
    return (at < PRODUCTS) ? &products[at] : NULL;
}

static enum dg_status find_sold(const char *name, struct dg_trial_arm *arm)
{
    for (size_t i = 0; i < PRODUCTS; i++) {
        if (strcmp(name, products[i].name) == 0) {
            *arm = (struct dg_trial_arm){.guard = DG_TRIAL_GUARD_SOLD,
                                         .sold = &products[i]};
            return DG_OK;
        }
    }
    return DG_E_UNSUPPORTED;
}

static enum dg_status find_package(const char *name, struct dg_trial_arm *arm)
{
    for (int i = DG_PACKAGE_LOW; i <= DG_PACKAGE_HIGH; i++) {
        if (strcmp(name, package_name[i]) == 0) {
            *arm = (struct dg_trial_arm){.guard = DG_TRIAL_GUARD_DOSEGATE,
                                         .package = (enum dg_package)i};
            return DG_OK;
        }
    }
    return DG_E_UNSUPPORTED;
}

enum dg_status dg_trial_arm_find(const char *name, struct dg_trial_arm *arm)
{
    if ((name == NULL) || (arm == NULL)) {
        return DG_E_USAGE;
    }
    if (strcmp(name, "none") == 0) {
        *arm = (struct dg_trial_arm){.guard = DG_TRIAL_GUARD_OPEN};
        return DG_OK;
    }
    if (strncmp(name, SOLD_PREFIX, strlen(SOLD_PREFIX)) == 0) {
        return find_sold(name + strlen(SOLD_PREFIX), arm);
    }
    if (strncmp(name, DOSEGATE_PREFIX, strlen(DOSEGATE_PREFIX)) == 0) {
        return find_package(name + strlen(DOSEGATE_PREFIX), arm);
    }
    return DG_E_UNSUPPORTED;
}

void dg_trial_arm_name(const struct dg_trial_arm *arm,
                       char name[DG_TRIAL_ARM_NAME_MAX])
{
    const char *prefix = "";
    const char *rest = "?";

    switch (arm->guard) {
    case DG_TRIAL_GUARD_OPEN:
        rest = "none";
        break;
    case DG_TRIAL_GUARD_SOLD:
        prefix = SOLD_PREFIX;
        rest = (arm->sold != NULL) ? arm->sold->name : "?";
        break;
    case DG_TRIAL_GUARD_DOSEGATE:
        prefix = DOSEGATE_PREFIX;
        rest = ((unsigned)arm->package <= DG_PACKAGE_HIGH)
                   ? package_name[arm->package]
                   : "?";
        break;
    case DG_TRIAL_GUARD_UNSET:
    default:
        break;
    }
    (void)snprintf(name,
                   DG_TRIAL_ARM_NAME_MAX,
                   "%s%s%s%s",
                   prefix,
                   rest,
                   (arm->change.is_changed != 0U) ? "/" : "",
                   (arm->change.is_changed != 0U) ? arm->label : "");
}

int32_t dg_trial_sold_bolus_mU(const struct dg_trial_sold *sold,
                               enum dg_age_class age,
                               bool is_compromised)
{
    const int32_t app_mU = sold->app.bolus_mU[age];
    const int32_t pump_mU = sold->pump.bolus_mU[age];

    return (!is_compromised && (app_mU < pump_mU)) ? app_mU : pump_mU;
}
