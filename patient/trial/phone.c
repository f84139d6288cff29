/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/phone.h"

/* clang-format off */
static const struct dg_trial_phone nobody = {
    .alone = DG_TIER_NONE,
    .why = "no arm",
};

static const struct dg_trial_phone open_phone = {
    .alone = DG_TIER_AUTOMATIC,
    .confirms_alone = true,
    .deceptions_a_day = 0, /* needs none */
    .forges_for_controller = true,
    .forges_for_pump = true,
    .withholds = true,
    .replays = true,
    .duplicates = true,
    .hides_lows = true,
    .suspends_freely = true,
    .attests_for_ever = true,
    .emergency_permille = 0,
    .why = "the pump does what its phone says (DG-A02, DG-A03, DG-A15); "
           "replay and duplicates as reported of real pumps (DG-H13)",
};

/* The same phone before a pump with limits.  The apps of today confirm by
 * themselves: the check is in the app (DG-A15). */
static const struct dg_trial_phone sold_phone = {
    .alone = DG_TIER_AUTOMATIC,
    .confirms_alone = true,
    .deceptions_a_day = 0,
    .forges_for_controller = true,
    .forges_for_pump = true,
    .withholds = true,
    .replays = true,
    .duplicates = true,
    .hides_lows = true,
    .suspends_freely = true,
    .attests_for_ever = true,
    .emergency_permille = 0,
    .why = "limits of the app fall with the app, limits of the pump hold "
           "(DG-A15, DG-H35); patch pumps have no buttons",
};

static const struct dg_trial_phone low_phone = {
    .alone = DG_TIER_CONFIRMED,
    .confirms_alone = true, /* a key that the app itself may use; its caps are
                               those of AUTOMATIC, see core/limits.c */
    .deceptions_a_day = 0,
    .forges_for_controller = true,
    .forges_for_pump = false, /* the sensor signs to the device (E4) */
    .withholds = true,
    .replays = false,    /* a ticket is used once (T3) */
    .duplicates = false,
    .hides_lows = false, /* the device has a sounder of its own */
    .suspends_freely = false,
    .attests_for_ever = true, /* app-level isolation shows little */
    .emergency_permille = 75, /* core/emergency.c */
    .why = "Low: isolation of the app alone; its confirmation is worth no "
           "more than its own word",
};

static const struct dg_trial_phone medium_phone = {
    .alone = DG_TIER_AUTOMATIC,
    .confirms_alone = false,
    .deceptions_a_day = 4, /* a meal bolus each: the person touches the key,
                              the screen lies about the amount */
    .forges_for_controller = true,
    .forges_for_pump = false,
    .withholds = true,
    .replays = false,
    .duplicates = false,
    .hides_lows = false,
    .suspends_freely = false,
    .attests_for_ever = true, /* boot is attested, a live exploit is not */
    .emergency_permille = 75,
    .why = "Medium: the presence key is in hardware and needs a touch; what "
           "the touch is for, the screen of a fallen phone may lie about",
};

static const struct dg_trial_phone high_phone = {
    .alone = DG_TIER_AUTOMATIC,
    .confirms_alone = false,
    .deceptions_a_day = 0, /* a screen that the phone's software cannot draw */
    .forges_for_controller = true,
    .forges_for_pump = false,
    .withholds = true,
    .replays = false,
    .duplicates = false,
    .hides_lows = false,
    .suspends_freely = false,
    .attests_for_ever = false, /* the last ticket is of before the fall */
    .emergency_permille = 75,
    .why = "High: a trusted screen shows what is confirmed, and attestation "
           "of the running system notices a fall",
};
/* clang-format on */

const struct dg_trial_phone *dg_trial_phone_of(const struct dg_trial_arm *arm)
{
    switch (arm->guard) {
    case DG_TRIAL_GUARD_OPEN:
        return &open_phone;
    case DG_TRIAL_GUARD_SOLD:
        return &sold_phone;
    case DG_TRIAL_GUARD_DOSEGATE:
        switch (arm->package) {
        case DG_PACKAGE_LOW:
            return &low_phone;
        case DG_PACKAGE_MEDIUM:
            return &medium_phone;
        case DG_PACKAGE_HIGH:
            return &high_phone;
        case DG_PACKAGE_NONE:
        default:
            return &nobody;
        }
    case DG_TRIAL_GUARD_UNSET:
    default:
        return &nobody;
    }
}
