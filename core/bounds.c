/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/bounds.h"

#include <stddef.h>

_Static_assert(DG_BOUNDS == 24U, "the contracts say 24");

/* Ranges that are the same for everyone; with glucagon the ceiling of the age
 * class is asked for, and of shares dg_limits_share_max(). */
struct range {
    int32_t low;
    int32_t high;
};

static const struct range range_of[DG_BOUND_SHARE] = {
    [DG_BOUND_DAILY] = {2000, 300000},
    [DG_BOUND_ISF] = {2, 1000},
    [DG_BOUND_FLOOR] = {60, 120},
    [DG_BOUND_MICRO] = {10, INT32_MAX},
    [DG_BOUND_DAY] = {10, INT32_MAX},
    [DG_BOUND_RESCUE] = {100, INT32_MAX},
    [DG_BOUND_RESCUE_BELOW] = {40, 54},
    [DG_BOUND_MICRO_BELOW] = {60, 80},
};

void dg_bounds_of(const struct dg_therapy *therapy, struct dg_bounds *bounds)
{
    int32_t *value = bounds->value;

    value[DG_BOUND_DAILY] = therapy->total_daily_dose.mU;
    value[DG_BOUND_ISF] = therapy->isf_mg_dL_per_U;
    value[DG_BOUND_FLOOR] = therapy->floor.mg_dL;
    value[DG_BOUND_MICRO] = therapy->glucagon.dose.ug;
    value[DG_BOUND_DAY] = therapy->glucagon.day.ug;
    value[DG_BOUND_RESCUE] = therapy->glucagon.rescue.ug;
    value[DG_BOUND_RESCUE_BELOW] = therapy->glucagon.rescue_below.mg_dL;
    value[DG_BOUND_MICRO_BELOW] = therapy->glucagon.below.mg_dL;
    for (unsigned i = 0U; i < DG_SHARES; i++) {
        value[(unsigned)DG_BOUND_SHARE + i] = (int32_t)therapy->share[i];
    }
}

/* A share that does not fit is none: nobody decided. */
static uint16_t share_of(int32_t value)
{
    return ((value >= 0) && (value <= (int32_t)UINT16_MAX)) ? (uint16_t)value
                                                            : 0U;
}

void dg_bounds_put(const struct dg_bounds *bounds, struct dg_therapy *therapy)
{
    const int32_t *value = bounds->value;

    therapy->total_daily_dose.mU = value[DG_BOUND_DAILY];
    therapy->isf_mg_dL_per_U = value[DG_BOUND_ISF];
    therapy->floor.mg_dL = value[DG_BOUND_FLOOR];
    therapy->glucagon.dose.ug = value[DG_BOUND_MICRO];
    therapy->glucagon.day.ug = value[DG_BOUND_DAY];
    therapy->glucagon.rescue.ug = value[DG_BOUND_RESCUE];
    therapy->glucagon.rescue_below.mg_dL = value[DG_BOUND_RESCUE_BELOW];
    therapy->glucagon.below.mg_dL = value[DG_BOUND_MICRO_BELOW];
    for (unsigned i = 0U; i < DG_SHARES; i++) {
        therapy->share[i] = share_of(value[(unsigned)DG_BOUND_SHARE + i]);
    }
}

static bool is_between(int32_t value, int32_t low, int32_t high)
{
    return (value >= low) && (value <= high);
}

/* Of glucagon zero is a decision: none. */
static bool may_be_none(unsigned bound)
{
    return (bound >= (unsigned)DG_BOUND_MICRO) &&
           (bound <= (unsigned)DG_BOUND_MICRO_BELOW);
}

static int32_t highest(unsigned bound,
                       const struct dg_glucagon_ceiling *ceiling)
{
    switch (bound) {
    case DG_BOUND_MICRO:
        return ceiling->dose_ug;
    case DG_BOUND_DAY:
        return ceiling->day_ug;
    case DG_BOUND_RESCUE:
        return ceiling->rescue_ug;
    default:
        return range_of[bound].high;
    }
}

bool dg_bound_range(unsigned bound,
                    enum dg_age_class age_class,
                    int32_t *low,
                    int32_t *high)
{
    const struct dg_glucagon_ceiling *ceiling = dg_glucagon_ceiling(age_class);
    const bool is_share = bound >= (unsigned)DG_BOUND_SHARE;

    if ((ceiling == NULL) || (bound >= DG_BOUNDS)) {
        return false;
    }
    *low = is_share ? 1 : range_of[bound].low;
    *high = is_share ? dg_limits_share_max(bound - (unsigned)DG_BOUND_SHARE)
                     : highest(bound, ceiling);
    return true;
}

static bool is_number_sound(const int32_t *value,
                            unsigned bound,
                            const struct dg_glucagon_ceiling *ceiling)
{
    if (bound < (unsigned)DG_BOUND_SHARE) {
        return (may_be_none(bound) && (value[bound] == 0)) ||
               is_between(
                   value[bound], range_of[bound].low, highest(bound, ceiling));
    }

    const unsigned share = bound - (unsigned)DG_BOUND_SHARE;
    /* A dose, and the first share of all, has nothing before it. */
    const bool is_first = (share == DG_SHARE_IOB) || ((share % 5U) == 1U);

    return is_between(value[bound], 1, dg_limits_share_max(share)) &&
           (is_first || (value[bound] >= value[bound - 1U]));
}

/* What one number says about another; named is the one that says too much. */
static bool is_related(const int32_t *value, unsigned bound)
{
    switch (bound) {
    case DG_BOUND_DAY:
        return value[DG_BOUND_DAY] >= value[DG_BOUND_MICRO];
    case DG_BOUND_RESCUE_BELOW:
        return (value[DG_BOUND_RESCUE_BELOW] == 0) ||
               (value[DG_BOUND_RESCUE] > 0);
    case DG_BOUND_MICRO_BELOW:
        return ((value[DG_BOUND_MICRO_BELOW] > 0) ==
                (value[DG_BOUND_MICRO] > 0)) &&
               (value[DG_BOUND_MICRO_BELOW] <= value[DG_BOUND_FLOOR]);
    default:
        return true;
    }
}

/* @satisfies{FMT_LIM.3@1} */
unsigned dg_bounds_unsound(const struct dg_bounds *bounds,
                           enum dg_age_class age_class)
{
    const struct dg_glucagon_ceiling *ceiling = dg_glucagon_ceiling(age_class);

    if (ceiling == NULL) {
        return 0U;
    }
    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        if (!is_number_sound(bounds->value, bound, ceiling) ||
            !is_related(bounds->value, bound)) {
            return bound;
        }
    }
    return DG_BOUNDS;
}

bool dg_bound_is_looser(unsigned bound, int32_t value, int32_t other)
{
    if (bound >= DG_BOUNDS) {
        return false;
    }
    return ((bound == (unsigned)DG_BOUND_ISF) ||
            (bound == (unsigned)DG_BOUND_FLOOR))
               ? (value < other)
               : (value > other);
}

unsigned dg_bounds_looser(const struct dg_bounds *bounds,
                          const struct dg_bounds *other)
{
    /*@ loop invariant 0 <= bound <= 24;
      @ loop invariant \forall integer i; 0 <= i < bound ==>
      @   !dg_bound_looser(i, bounds->value[i], other->value[i]);
      @ loop assigns bound;
      @ loop variant 24 - bound;
      @*/
    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        if (dg_bound_is_looser(
                bound, bounds->value[bound], other->value[bound])) {
            return bound;
        }
    }
    return DG_BOUNDS;
}

/* @satisfies{FMT_LIM.1@1} */
void dg_bounds_meet(const struct dg_bounds *in_force,
                    const struct dg_bounds *wanted,
                    struct dg_bounds *made)
{
    /*@ loop invariant 0 <= bound <= 24;
      @ loop invariant \forall integer i; 0 <= i < bound ==>
      @   !dg_bound_looser(i, made->value[i],
      @                    \at(in_force->value[i], Pre)) &&
      @   !dg_bound_looser(i, made->value[i], \at(wanted->value[i], Pre)) &&
      @   (made->value[i] == \at(in_force->value[i], Pre) ||
      @    made->value[i] == \at(wanted->value[i], Pre));
      @ loop invariant \forall integer i; bound <= i < 24 ==>
      @   in_force->value[i] == \at(in_force->value[i], Pre) &&
      @   wanted->value[i] == \at(wanted->value[i], Pre);
      @ loop assigns bound, made->value[0 .. 23];
      @ loop variant 24 - bound;
      @*/
    for (unsigned bound = 0U; bound < DG_BOUNDS; bound++) {
        const bool is_looser = dg_bound_is_looser(
            bound, wanted->value[bound], in_force->value[bound]);

        made->value[bound] =
            is_looser ? in_force->value[bound] : wanted->value[bound];
    }
}
