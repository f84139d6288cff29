/* SPDX-License-Identifier: Apache-2.0 */
#include "provision.h"

#include "authorities.h"
#include "dosegate/journal.h"
#include "dosegate/ledger.h"
#include "world.h"

#include <stddef.h>
#include <string.h>

const char dg_provision_people[] = "adult, adolescent, child";

/* The most that core/limits_glucagon.c takes for the age class, but half the
 * rescue for a child; by itself below level 2, 54 mg/dL.
 * Daily dose and basal of adult#001, adolescent#001 and child#001.
 * source: UVA/Padova parameter table as published with simglucose (TDI;
 * basal = u2ss x weight / 6000).  ISF by the 1800 rule, mg/dL per U. */
struct prescription {
    const char *name;
    enum dg_age_class age_class;
    int32_t daily_mU;
    int32_t basal_mU_per_h;
    struct dg_glucagon_therapy glucagon;
};

static const struct prescription prescriptions[] = {
    {"adult", DG_AGE_ADULT, 50417, 1267, {{150}, {1000}, {1000}, {54}, {80}}},
    {"adolescent",
     DG_AGE_TEEN,
     36734,
     836,
     {{150}, {1000}, {1000}, {54}, {80}}},
    {"child", DG_AGE_CHILD, 17473, 395, {{130}, {500}, {500}, {54}, {80}}},
};

#define RULE_1800_MG_DL_MU (1800 * 1000)

/* Consensus for automated delivery: no automatic dose below 80 mg/dL. */
#define FLOOR_MG_DL 80

enum dg_status dg_provision_therapy(const char *person,
                                    enum dg_package package,
                                    enum dg_provision_glucagon glucagon,
                                    struct dg_therapy *therapy)
{
    for (size_t i = 0U; i < (sizeof prescriptions / sizeof prescriptions[0]);
         i++) {
        const struct prescription *found = &prescriptions[i];

        if (strcmp(found->name, person) != 0) {
            continue;
        }
        memset(therapy, 0, sizeof *therapy);
        therapy->age_class = found->age_class;
        therapy->package = package;
        therapy->total_daily_dose.mU = found->daily_mU;
        therapy->isf_mg_dL_per_U = RULE_1800_MG_DL_MU / found->daily_mU;
        therapy->floor.mg_dL = FLOOR_MG_DL;
        dg_limits_widest(therapy);
        for (unsigned hour = 0U; hour < 24U; hour++) {
            therapy->basal[hour].mU_per_h = found->basal_mU_per_h;
        }
        if (glucagon != DG_PROVISION_NO_GLUCAGON) {
            therapy->glucagon = found->glucagon;
        }
        if (glucagon == DG_PROVISION_ASKED) {
            therapy->glucagon.rescue_below.mg_dL = 0;
        }
        return DG_OK;
    }
    return DG_E_UNSUPPORTED;
}

bool dg_provision_has_chamber(const struct dg_therapy *therapy)
{
    return (therapy->glucagon.dose.ug > 0) || (therapy->glucagon.rescue.ug > 0);
}

enum dg_status dg_provision_flash(const struct dg_flash *flash,
                                  const struct dg_crypto *crypto,
                                  const struct dg_therapy *therapy,
                                  dg_seconds now,
                                  uint32_t moved,
                                  uint32_t chamber_moved)
{
    struct dg_settings settings;

    memset(&settings, 0, sizeof settings);
    settings.therapy = *therapy;
    settings.sensor_start = now;
    settings.reservoir_pulses = DG_RESERVOIR_FULL_PULSES;
    settings.reservoir_start = moved;
    if (dg_provision_has_chamber(therapy)) {
        settings.glucagon_steps = DG_CHAMBER_FULL_STEPS;
        settings.glucagon_start = chamber_moved;
    }

    enum dg_status status = crypto->p256_generate(
        crypto->context, &settings.private_key, &settings.public_key);

    /* Another key for phones that only sign: one key, one method. */
    if (status == DG_OK) {
        status = crypto->p256_generate(
            crypto->context, &settings.sign_private, &settings.sign_public);
    }
    if (status == DG_OK) {
        status = crypto->p256_generate(
            crypto->context, &settings.journal_key, &settings.journal_public);
    }
    if (status == DG_OK) {
        status =
            crypto->random(crypto->context, DG_BUF_OF(settings.device.byte));
    }
    if (status == DG_OK) {
        status = crypto->random(crypto->context,
                                DG_BUF_OF(settings.sensor_key.byte));
    }
    if (status == DG_OK) {
        status = dg_authority_trust(
            crypto, settings.journal_key.byte, now, &settings.trust);
    }
    if (status == DG_OK) {
        status = dg_ledger_format(flash, DG_HORMONE_INSULIN, moved);
    }
    if ((status == DG_OK) && dg_provision_has_chamber(therapy)) {
        status = dg_ledger_format(flash, DG_HORMONE_GLUCAGON, chamber_moved);
    }
    if (status == DG_OK) {
        status = dg_journal_format(flash);
    }
    /* Last: a flash without settings is not a device. */
    if (status == DG_OK) {
        status = dg_settings_save(flash, &settings);
    }
    return status;
}
