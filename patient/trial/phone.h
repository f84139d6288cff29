/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_TRIAL_PHONE_H
#define DG_PATIENT_TRIAL_PHONE_H

#include <stdbool.h>
#include <stdint.h>

#include "patient/trial/arm.h"

/* What somebody who owns the phone (root, and the live session) can do in each
 * arm.  Assumptions of the trials, as data: whoever doubts one changes a cell
 * and runs again.  Chosen against the guard wherever nobody knows. */
struct dg_trial_phone {
    /* The widest tier that the phone reaches with nobody's help; NONE: it can
     * give no insulin.  In arms without tiers AUTOMATIC means "any dose". */
    enum dg_tier alone;
    /* A confirmation that needs no person: the app's word is taken for it. */
    bool confirms_alone;
    /* How often a day a person who confirms a dose of their own can be led to
     * confirm another amount (a screen that lies). */
    uint8_t deceptions_a_day;
    bool forges_for_controller; /* glucose that the algorithm sees          */
    bool forges_for_pump;       /* glucose that the device decides by       */
    bool withholds;             /* readings on their way to the device      */
    bool replays;               /* a stranger's copy of a dose works again  */
    bool duplicates;            /* a repeated send is a second dose         */
    bool hides_lows;            /* nobody but the phone would sound         */
    bool suspends_freely;       /* no bound but the attacker's patience     */
    bool attests_for_ever;      /* its tickets are renewed all the same     */
    /* What a person at the device may take when the phone is dead, permille
     * of the daily dose; 0: no bolus without the phone. */
    uint16_t emergency_permille;
    const char *why;
};

/** The row of an arm; never NULL, all refused for no arm. */
const struct dg_trial_phone *dg_trial_phone_of(const struct dg_trial_arm *arm);

#endif
