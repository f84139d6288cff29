/* SPDX-License-Identifier: Apache-2.0 */
/* Target: dg_envelope_decide on any limits and any view.  Oracle: in 64 bits
 * and rule by rule - ALLOW only when every rule holds, headroom exact to the
 * pulse, DENY on every other result. */
#include "dosegate/envelope.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
    struct dg_limits limits;
    int32_t used_mU[DG_TIERS][DG_WINDOWS];
    int32_t iob_mU;
    uint32_t now_s;
    uint32_t last_bolus_s;
    uint32_t glucose_at_s;
    int32_t mg_dL;
    int32_t amount_mU;
    uint8_t flags;
    uint8_t tier;
};

static int may(const struct input *in,
               const struct dg_envelope_view *view,
               int64_t mU)
{
    const struct dg_limits *limits = &in->limits;
    int ok = (mU <= limits->dose_max_mU[in->tier]) &&
             ((mU + view->iob_mU) <= limits->iob_max_mU);

    for (unsigned tier = in->tier; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            ok = ok && ((mU + view->used_mU[tier][window]) <=
                        limits->window_max_mU[tier][window]);
        }
    }
    if (view->has_bolus) {
        ok = ok && (((int64_t)in->now_s - in->last_bolus_s) >=
                    limits->interval_s_min);
    }
    if (in->tier == DG_TIER_AUTOMATIC) {
        const int64_t age_s = (int64_t)in->now_s - in->glucose_at_s;
        /* Above 1070 mg/dL no sensor reads; the code stops counting there. */
        const int64_t mg_dL = (in->mg_dL > 1070) ? 1070 : in->mg_dL;

        ok = ok && view->has_glucose && (age_s >= 0) &&
             (age_s <= limits->glucose_age_s_max) &&
             (in->mg_dL >= limits->floor_mg_dL) &&
             (((mg_dL - 70) * 1000) >=
              ((int64_t)limits->isf_mg_dL_per_U * (mU + view->iob_mU)));
    }
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in;
    struct dg_envelope_view view;
    struct dg_decision decision;

    if (size < sizeof in) {
        return 0;
    }
    memcpy(&in, data, sizeof in);
    memset(&view, 0, sizeof view);
    memcpy(view.used_mU, in.used_mU, sizeof view.used_mU);
    view.iob_mU = in.iob_mU;
    view.now.s = in.now_s;
    view.has_bolus = (in.flags & 1U) != 0U;
    view.last_bolus.s = in.last_bolus_s;
    view.has_glucose = (in.flags & 2U) != 0U;
    view.glucose.mg_dL = in.mg_dL;
    view.glucose_at.s = in.glucose_at_s;
    in.tier = (uint8_t)(in.tier % 5U);

    const enum dg_status status = dg_envelope_decide(&in.limits,
                                                     &view,
                                                     (dg_dose){in.amount_mU},
                                                     (enum dg_tier)in.tier,
                                                     &decision);

    if (status != DG_OK) {
        if ((decision.verdict != DG_VERDICT_DENY) ||
            (decision.headroom.mU != 0)) {
            abort();
        }
        return 0;
    }

    const int32_t room = decision.headroom.mU;

    if ((room < 0) || ((room % DG_PULSE_MU) != 0) ||
        ((decision.verdict == DG_VERDICT_ALLOW) !=
         may(&in, &view, in.amount_mU)) ||
        ((room > 0) && !may(&in, &view, room)) ||
        may(&in, &view, (int64_t)room + DG_PULSE_MU)) {
        abort();
    }
    return 0;
}
