/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway_orders.h"

#include <stdio.h>
#include <string.h>

/* What a person wants of the pump.  Each number is whole, in the unit that its
 * name says, and in the range of the encoding; the device decides far below.
 * Trusted here: nothing. */

static enum dg_status refuse(char why[DG_GATEWAY_WHY_MAX], const char *text)
{
    (void)snprintf(why, DG_GATEWAY_WHY_MAX, "%s", text);
    return DG_E_MALFORMED;
}

static bool read_number(const json_t *object,
                        const char *key,
                        json_int_t min,
                        json_int_t max,
                        int32_t *number)
{
    const json_t *value = json_object_get(object, key);
    const json_int_t whole = json_integer_value(value);

    if (!json_is_integer(value) || (whole < min) || (whole > max)) {
        return false;
    }
    *number = (int32_t)whole;
    return true;
}

static enum dg_status read_amount(const json_t *object,
                                  dg_dose *amount,
                                  char why[DG_GATEWAY_WHY_MAX])
{
    if (!json_is_integer(json_object_get(object, "mU"))) {
        return refuse(why,
                      "mU must be a whole number of thousandths of a unit, "
                      "without quotes: 2.00 U is \"mU\":2000");
    }
    if (!read_number(
            object, "mU", DG_PULSE_MU, DG_EFFECT_MU_MAX, &amount->mU)) {
        return refuse(why,
                      "mU must be 50 .. 300000 (0.05 U, one step of the pump, "
                      "to 300 U)");
    }
    return DG_OK;
}

static enum dg_status read_rate(const json_t *object,
                                dg_rate *rate,
                                char why[DG_GATEWAY_WHY_MAX])
{
    return read_number(
               object, "mU_per_h", 1, DG_EFFECT_MU_PER_H_MAX, &rate->mU_per_h)
               ? DG_OK
               : refuse(why,
                        "mU_per_h must be 1 .. 30000, whole and without "
                        "quotes: 0.50 U/h is 500");
}

static enum dg_status read_again(const json_t *object,
                                 struct dg_internal *message,
                                 char why[DG_GATEWAY_WHY_MAX])
{
    const json_t *again = json_object_get(object, "again");

    if ((again != NULL) && !json_is_boolean(again)) {
        return refuse(why, "again must be true or false");
    }
    message->as.app.again = json_is_true(again);
    return DG_OK;
}

/* Whole steps of the chamber: nobody asks for what cannot be given. */
static enum dg_status read_glucagon(const json_t *object,
                                    struct dg_internal *message,
                                    char why[DG_GATEWAY_WHY_MAX])
{
    struct dg_effect *effect = &message->as.app.effect;

    effect->kind = DG_EFFECT_GLUCAGON;
    if (!read_number(object,
                     "ug",
                     DG_GLUCAGON_STEP_UG,
                     DG_EFFECT_UG_MAX,
                     &effect->glucagon.ug) ||
        ((effect->glucagon.ug % DG_GLUCAGON_STEP_UG) != 0)) {
        return refuse(why,
                      "ug must be 10 .. 1000 in tens, whole and without "
                      "quotes: 0.10 mg of glucagon is \"ug\":100");
    }
    return read_again(object, message, why);
}

static enum dg_status read_bolus(const json_t *object,
                                 struct dg_internal *message,
                                 char why[DG_GATEWAY_WHY_MAX])
{
    struct dg_effect *effect = &message->as.app.effect;
    int32_t over_s = 0;
    enum dg_status status = read_amount(object, &effect->amount, why);

    if (status == DG_OK) {
        status = read_again(object, message, why);
    }
    if (status != DG_OK) {
        return status;
    }
    effect->kind = DG_EFFECT_BOLUS;
    effect->form = DG_FORM_NORMAL;
    if (json_object_get(object, "over_s") == NULL) {
        return DG_OK;
    }
    if (!read_number(object,
                     "over_s",
                     (json_int_t)DG_EXTENDED_S_MIN,
                     (json_int_t)DG_EXTENDED_S_MAX,
                     &over_s)) {
        return refuse(why, "over_s must be 1800 .. 28800 (30 min to 8 h)");
    }
    effect->form = DG_FORM_EXTENDED;
    effect->duration.s = (uint32_t)over_s;
    return DG_OK;
}

static enum dg_status read_temporary(const json_t *object,
                                     struct dg_effect *effect,
                                     char why[DG_GATEWAY_WHY_MAX])
{
    int32_t over_s = 0;

    effect->kind = DG_EFFECT_BASAL;
    if (!read_number(object,
                     "over_s",
                     (json_int_t)DG_TEMPORARY_S_MIN,
                     (json_int_t)DG_TEMPORARY_S_MAX,
                     &over_s)) {
        return refuse(why, "over_s must be 60 .. 86400 (1 min to 24 h)");
    }
    effect->duration.s = (uint32_t)over_s;
    return read_rate(object, &effect->rate, why);
}

static enum dg_status read_schedule(const json_t *object,
                                    struct dg_effect *effect,
                                    char why[DG_GATEWAY_WHY_MAX])
{
    int32_t hour = 0;
    int32_t hours = 0;

    effect->kind = DG_EFFECT_SETTINGS;
    effect->setting = DG_SETTING_BASAL;
    if (!read_number(object, "hour", 0, 23, &hour) ||
        !read_number(object, "hours", 1, 24 - hour, &hours)) {
        return refuse(why,
                      "hour must be 0 .. 23, hours 1 .. 24 less it, both "
                      "without quotes");
    }
    effect->hour = (uint8_t)hour;
    effect->hours = (uint8_t)hours;
    return read_rate(object, &effect->rate, why);
}

enum dg_status dg_gateway_read_dose(const json_t *object,
                                    enum dg_gateway_op op,
                                    struct dg_internal *message,
                                    char why[DG_GATEWAY_WHY_MAX])
{
    struct dg_effect *effect = &message->as.app.effect;

    if (op == DG_GATEWAY_BOLUS) {
        return read_bolus(object, message, why);
    }
    if (op == DG_GATEWAY_GLUCAGON) {
        return read_glucagon(object, message, why);
    }
    if (op == DG_GATEWAY_TEMPORARY) {
        return read_temporary(object, effect, why);
    }
    if (op == DG_GATEWAY_BASAL) {
        return read_schedule(object, effect, why);
    }
    if (op == DG_GATEWAY_PRIME) {
        effect->kind = DG_EFFECT_PRIME;
        return read_amount(object, &effect->amount, why);
    }
    effect->kind = DG_EFFECT_SETTINGS;
    if (op == DG_GATEWAY_SENSOR) {
        effect->setting = DG_SETTING_SENSOR;
        return DG_OK;
    }
    effect->setting = DG_SETTING_REFILL;
    return read_amount(object, &effect->amount, why);
}
