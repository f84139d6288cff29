/* SPDX-License-Identifier: Apache-2.0 */
#include "effect_text.h"

#include "quantity_text.h"

#include <stdio.h>
#include <string.h>

static void setting_words(const struct dg_effect *effect,
                          char text[DG_EFFECT_TEXT_MAX])
{
    char units[DG_QUANTITY_TEXT_MAX];

    if (effect->setting == DG_SETTING_REFILL) {
        dg_units_write(effect->amount.mU, units);
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "refill: the reservoir holds %s now",
                       units);
    } else if (effect->setting == DG_SETTING_SENSOR) {
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "use the sensor that was held to the pump");
    } else {
        dg_units_write(effect->rate.mU_per_h, units);
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "basal schedule: %s/h from %u:00 to %u:00, every day",
                       units,
                       effect->hour,
                       (unsigned)effect->hour + effect->hours);
    }
}

void dg_effect_words(const struct dg_effect *effect,
                     char text[DG_EFFECT_TEXT_MAX])
{
    char units[DG_QUANTITY_TEXT_MAX];
    char span[DG_QUANTITY_TEXT_MAX];

    dg_units_write(effect->amount.mU, units);
    dg_span_write(effect->duration.s, span);
    switch (effect->kind) {
    case DG_EFFECT_BOLUS:
        if (effect->form == DG_FORM_EXTENDED) {
            (void)snprintf(text,
                           DG_EFFECT_TEXT_MAX,
                           "bolus %s, extended over %s",
                           units,
                           span);
        } else {
            (void)snprintf(text, DG_EFFECT_TEXT_MAX, "bolus %s, normal", units);
        }
        break;
    case DG_EFFECT_BASAL:
        dg_units_write(effect->rate.mU_per_h, units);
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "temporary basal %s/h for %s",
                       units,
                       span);
        break;
    case DG_EFFECT_PRIME:
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "prime %s into the tube, the set off the body",
                       units);
        break;
    case DG_EFFECT_GLUCAGON:
        /* The other hormone, and what it does: two numbers of one size are told
         * apart by nothing else (DG-H38). */
        dg_milligrams_write(effect->glucagon.ug, units);
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "GLUCAGON %s, which raises glucose",
                       units);
        break;
    case DG_EFFECT_SETTINGS:
        setting_words(effect, text);
        break;
    case DG_EFFECT_NONE:
    default:
        (void)snprintf(text, DG_EFFECT_TEXT_MAX, "unknown: say no");
        break;
    }
}

void dg_effect_members(const struct dg_effect *effect,
                       char text[DG_EFFECT_TEXT_MAX])
{
    static const char *const settings[] = {"none", "refill", "sensor", "basal"};
    const char *form =
        (effect->form == DG_FORM_EXTENDED) ? "extended" : "normal";

    switch (effect->kind) {
    case DG_EFFECT_BOLUS:
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "\"kind\":\"bolus\",\"form\":\"%s\",\"amount_mU\":%d,"
                       "\"seconds\":%u",
                       form,
                       effect->amount.mU,
                       (unsigned)effect->duration.s);
        break;
    case DG_EFFECT_BASAL:
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "\"kind\":\"temporary-basal\",\"mU_per_h\":%d,"
                       "\"seconds\":%u",
                       effect->rate.mU_per_h,
                       (unsigned)effect->duration.s);
        break;
    case DG_EFFECT_PRIME:
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "\"kind\":\"prime\",\"amount_mU\":%d",
                       effect->amount.mU);
        break;
    case DG_EFFECT_SETTINGS:
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "\"kind\":\"%s\",\"amount_mU\":%d,\"mU_per_h\":%d,"
                       "\"hour\":%u,\"hours\":%u",
                       settings[effect->setting],
                       effect->amount.mU,
                       effect->rate.mU_per_h,
                       effect->hour,
                       effect->hours);
        break;
    case DG_EFFECT_GLUCAGON:
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "\"kind\":\"glucagon\",\"amount_ug\":%d",
                       effect->glucagon.ug);
        break;
    case DG_EFFECT_NONE:
    default:
        (void)snprintf(text, DG_EFFECT_TEXT_MAX, "\"kind\":\"unknown\"");
        break;
    }
}

void dg_effect_number(const struct dg_effect *effect,
                      char text[DG_EFFECT_NUMBER_MAX])
{
    const bool is_rate = (effect->kind == DG_EFFECT_BASAL) ||
                         ((effect->kind == DG_EFFECT_SETTINGS) &&
                          (effect->setting == DG_SETTING_BASAL));
    const bool has_none = (effect->kind == DG_EFFECT_SETTINGS) &&
                          (effect->setting == DG_SETTING_SENSOR);
    char units[DG_QUANTITY_TEXT_MAX];

    if (effect->kind == DG_EFFECT_GLUCAGON) {
        dg_milligrams_write(effect->glucagon.ug, units);
    } else {
        dg_units_write(is_rate ? effect->rate.mU_per_h : effect->amount.mU,
                       units);
    }
    units[has_none ? 0U : strcspn(units, " ")] = '\0';
    (void)snprintf(text, DG_EFFECT_NUMBER_MAX, "%.20s", units);
}
