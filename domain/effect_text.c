/* SPDX-License-Identifier: Apache-2.0 */
#include "effect_text.h"

#include <stdio.h>

#define SPAN_MAX 24U

/* Seconds only where there are some: nothing is rounded. */
static void write_span(uint32_t s, char text[SPAN_MAX])
{
    const unsigned hours = (unsigned)(s / 3600U);
    const unsigned minutes = (unsigned)((s / 60U) % 60U);
    const unsigned seconds = (unsigned)(s % 60U);

    if (seconds != 0U) {
        (void)snprintf(
            text, SPAN_MAX, "%u h %u min %u s", hours, minutes, seconds);
    } else if (hours == 0U) {
        (void)snprintf(text, SPAN_MAX, "%u min", minutes);
    } else if (minutes == 0U) {
        (void)snprintf(text, SPAN_MAX, "%u h", hours);
    } else {
        (void)snprintf(text, SPAN_MAX, "%u h %u min", hours, minutes);
    }
}

/* Thousandths where they are not zero: what is shown is what is meant. */
static void write_units(int32_t mU, char text[SPAN_MAX])
{
    if ((mU % 10) != 0) {
        (void)snprintf(text, SPAN_MAX, "%d.%03d U", mU / 1000, mU % 1000);
    } else {
        (void)snprintf(
            text, SPAN_MAX, "%d.%02d U", mU / 1000, (mU % 1000) / 10);
    }
}

static void setting_words(const struct dg_effect *effect,
                          char text[DG_EFFECT_TEXT_MAX])
{
    char units[SPAN_MAX];

    if (effect->setting == DG_SETTING_REFILL) {
        write_units(effect->amount.mU, units);
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "refill: the reservoir holds %s now",
                       units);
    } else if (effect->setting == DG_SETTING_SENSOR) {
        (void)snprintf(text,
                       DG_EFFECT_TEXT_MAX,
                       "use the sensor that was held to the pump");
    } else {
        write_units(effect->rate.mU_per_h, units);
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
    char units[SPAN_MAX];
    char span[SPAN_MAX];

    write_units(effect->amount.mU, units);
    write_span(effect->duration.s, span);
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
        write_units(effect->rate.mU_per_h, units);
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
    case DG_EFFECT_SETTINGS:
        setting_words(effect, text);
        break;
    case DG_EFFECT_NONE:
    case DG_EFFECT_GLUCAGON:
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
    case DG_EFFECT_NONE:
    case DG_EFFECT_GLUCAGON:
    default:
        (void)snprintf(text, DG_EFFECT_TEXT_MAX, "\"kind\":\"unknown\"");
        break;
    }
}
