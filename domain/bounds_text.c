/* SPDX-License-Identifier: Apache-2.0 */
#include "bounds_text.h"

#include <stdio.h>

#include "quantity_text.h"

enum unit {
    NO_UNIT = 0,
    UNITS,
    SENSITIVITY,
    GLUCOSE,
    MICROGRAMS,
    SHARE,
};

struct name {
    const char *key;
    const char *words;
    enum unit unit;
};

static const struct {
    const char *name;
    int32_t scale;
} units[] = {
    [NO_UNIT] = {"", 1000},
    [UNITS] = {"U", 1},
    [SENSITIVITY] = {"mg/dL/U", 1000},
    [GLUCOSE] = {"mg/dL", 1000},
    [MICROGRAMS] = {"ug", 1000},
    [SHARE] = {"%", 100},
};

/* In the order of enum dg_bound. */
static const struct name names[DG_BOUNDS] = {
    {"daily", "daily dose", UNITS},
    {"sensitivity", "insulin sensitivity", SENSITIVITY},
    {"floor", "no automatic insulin below", GLUCOSE},
    {"glucagon-dose", "glucagon, one micro-dose", MICROGRAMS},
    {"glucagon-day", "glucagon, micro-doses in 24 h", MICROGRAMS},
    {"glucagon-rescue", "glucagon, rescue dose", MICROGRAMS},
    {"rescue-below", "glucagon, rescue by the pump itself below", GLUCOSE},
    {"glucagon-below", "glucagon, automatic below", GLUCOSE},
    {"on-board", "insulin on board", SHARE},
    {"automatic-dose", "automatic insulin, one dose", SHARE},
    {"automatic-5min", "automatic insulin in 5 min", SHARE},
    {"automatic-1h", "automatic insulin in 1 h", SHARE},
    {"automatic-4h", "automatic insulin in 4 h", SHARE},
    {"automatic-24h", "automatic insulin in 24 h", SHARE},
    {"confirmed-dose", "insulin confirmed at the phone, one dose", SHARE},
    {"confirmed-5min", "insulin confirmed at the phone in 5 min", SHARE},
    {"confirmed-1h", "insulin confirmed at the phone in 1 h", SHARE},
    {"confirmed-4h", "insulin confirmed at the phone in 4 h", SHARE},
    {"confirmed-24h", "insulin confirmed at the phone in 24 h", SHARE},
    {"present-dose", "insulin by the pump's button, one dose", SHARE},
    {"present-5min", "all insulin in 5 min", SHARE},
    {"present-1h", "all insulin in 1 h", SHARE},
    {"present-4h", "all insulin in 4 h", SHARE},
    {"present-24h", "all insulin in 24 h", SHARE},
};

static const struct name *name_of(unsigned bound)
{
    static const struct name none = {"none", "none", NO_UNIT};

    return (bound < DG_BOUNDS) ? &names[bound] : &none;
}

const char *dg_bound_key(unsigned bound)
{
    return name_of(bound)->key;
}

const char *dg_bound_words(unsigned bound)
{
    return name_of(bound)->words;
}

const char *dg_bound_unit(unsigned bound)
{
    return units[name_of(bound)->unit].name;
}

int32_t dg_bound_scale(unsigned bound)
{
    return units[name_of(bound)->unit].scale;
}

/* What a share comes to in mU; core/limits.c rounds down as well. */
static int32_t share_mU(unsigned bound, const struct dg_bounds *bounds)
{
    return (int32_t)(((int64_t)bounds->value[DG_BOUND_DAILY] *
                      bounds->value[bound]) /
                     1000);
}

void dg_bound_write(unsigned bound,
                    const struct dg_bounds *bounds,
                    char text[DG_BOUND_TEXT_MAX])
{
    const struct name *name = name_of(bound);
    const int32_t value = (bound < DG_BOUNDS) ? bounds->value[bound] : 0;
    char amount[DG_QUANTITY_TEXT_MAX];

    if (name->unit == UNITS) {
        dg_units_write(value, amount);
        (void)snprintf(text, DG_BOUND_TEXT_MAX, "%s", amount);
    } else if (name->unit == SHARE) {
        dg_units_write((share_mU(bound, bounds) / 10) * 10, amount);
        (void)snprintf(text,
                       DG_BOUND_TEXT_MAX,
                       "%d.%d %% = %s",
                       value / 10,
                       value % 10,
                       amount);
    } else if (value == 0) {
        (void)snprintf(text, DG_BOUND_TEXT_MAX, "none");
    } else {
        (void)snprintf(
            text, DG_BOUND_TEXT_MAX, "%d %s", value, units[name->unit].name);
    }
}

bool dg_bound_grows(unsigned bound,
                    const struct dg_bounds *before,
                    const struct dg_bounds *after)
{
    if (bound >= DG_BOUNDS) {
        return false;
    }
    return dg_bound_is_looser(
               bound, after->value[bound], before->value[bound]) ||
           ((name_of(bound)->unit == SHARE) &&
            (share_mU(bound, after) > share_mU(bound, before)));
}
