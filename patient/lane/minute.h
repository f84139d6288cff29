/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_LANE_MINUTE_H
#define DG_PATIENT_LANE_MINUTE_H

#include "patient/lane/real.h"

/* What goes into a person in one minute, spread evenly over it, and what
 * comes out, whatever the model of the body.  Every model has
 *
 *     void NAME_set(struct NAME *, int lane, const parameters *);
 *     void NAME_minute(struct NAME *, const struct dg_lane_inflow *);
 *     struct dg_lane_glucose NAME_glucose(const struct NAME *);
 *     bits NAME_is_sound(const struct NAME *);
 *
 * and starts at its steady state under basal insulin.  A lane that is not
 * sound (not finite, or beyond anything a body can hold) stays so: it is to be
 * reported and never averaged. */
struct dg_lane_inflow {
    vec insulin_mU;  /* all insulin of the minute, basal included            */
    vec carbs_g;     /* eaten of meals                                       */
    vec rescue_g;    /* eaten of fast sugar against a low                    */
    vec glucagon_ug; /* under the skin; a model without glucagon ignores it  */
    vec exercise;    /* percent of the largest oxygen uptake, 0 at rest      */
};

struct dg_lane_glucose {
    vec plasma_mg_dL;       /* 0 or more                                     */
    vec interstitial_mg_dL; /* what an ideal sensor sees, 0 or more          */
};

#endif
