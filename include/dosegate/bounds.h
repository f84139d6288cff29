/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_BOUNDS_H
#define DG_BOUNDS_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/limits.h"

/* Rule E9: the numbers that a prescriber sets, as one row, so that "tighter"
 * means one thing everywhere.  Of each number one direction is looser: more
 * insulin or glucagon, or either of them sooner. */
enum dg_bound {
    DG_BOUND_DAILY = 0,  /* total daily dose, mU: 2000 .. 300000          */
    DG_BOUND_ISF = 1,    /* mg/dL per U: 2 .. 1000; less is looser        */
    DG_BOUND_FLOOR = 2,  /* mg/dL: 60 .. 120; less is looser              */
    DG_BOUND_MICRO = 3,  /* glucagon, ug: 0, or 10 .. the ceiling         */
    DG_BOUND_DAY = 4,    /* of it in 24 h, ug: MICRO .. the ceiling       */
    DG_BOUND_RESCUE = 5, /* ug: 0, or 100 .. the ceiling                  */
    DG_BOUND_RESCUE_BELOW = 6, /* mg/dL: 0, or 40 .. 54 with a RESCUE       */
    DG_BOUND_MICRO_BELOW = 7,  /* mg/dL: 0, or 60 .. 80 with a MICRO, not
                                  above FLOOR                               */
    DG_BOUND_SHARE = 8, /* and on: shares of the daily dose, permille: 1 ..
                           dg_limits_share_max(), none above a longer window
                           of its tier                                      */
};

#define DG_BOUNDS (8U + DG_SHARES)

struct dg_bounds {
    int32_t value[DG_BOUNDS];
};

/** The numbers of @p therapy that are bounds. */
void dg_bounds_of(const struct dg_therapy *therapy, struct dg_bounds *bounds);

/** Put them into @p therapy; basal, age class and package stay. */
void dg_bounds_put(const struct dg_bounds *bounds, struct dg_therapy *therapy);

/**
 * Name the first number that is out of its range or above the ceiling of the
 * age class.
 *
 * @return 0 .. DG_BOUNDS - 1; DG_BOUNDS: none, all of it is sound.
 */
unsigned dg_bounds_unsound(const struct dg_bounds *bounds,
                           enum dg_age_class age_class);

/**
 * The range of one number by itself; 0 is a decision, too, of glucagon.
 *
 * @param[out] low,high  In the unit of @p bound; unset unless true.
 *
 * @return false: no such bound or age class.
 */
bool dg_bound_range(unsigned bound,
                    enum dg_age_class age_class,
                    int32_t *low,
                    int32_t *high);

/*@ predicate dg_bound_looser(integer bound, integer value, integer other) =
  @   bound == 1 || bound == 2 ? value < other : value > other;
  @
  @ predicate dg_bounds_within{L}(struct dg_bounds *bounds,
  @                               struct dg_bounds *other) =
  @   \forall integer i; 0 <= i < 24 ==>
  @     !dg_bound_looser(i, bounds->value[i], other->value[i]);
  @*/

/** Is @p value of @p bound looser than @p other?  Never for a bound that is
 * none. */
/*@ assigns \nothing;
  @ ensures \result <==>
  @   (bound < 24 && dg_bound_looser(bound, value, other));
  @*/
bool dg_bound_is_looser(unsigned bound, int32_t value, int32_t other);

/** Name the first number of @p bounds that is looser than that of @p other;
 * DG_BOUNDS: none. */
/*@ requires \valid_read(bounds) && \valid_read(other);
  @ assigns  \nothing;
  @ ensures  tight: \result == 24 ==> dg_bounds_within(bounds, other);
  @ ensures  named: \result != 24 ==> \result < 24 &&
  @   dg_bound_looser(\result, bounds->value[\result],
  @                   other->value[\result]);
  @*/
unsigned dg_bounds_looser(const struct dg_bounds *bounds,
                          const struct dg_bounds *other);

/**
 * Of each number the tighter one: what is in force at once when @p wanted is
 * proposed while @p in_force holds.  No number of it is looser than in either.
 *
 * What is sound of both is sound: no range or relation of dg_bounds_unsound()
 * breaks.
 *
 * @param[out] made  May be @p in_force or @p wanted.
 */
/*@ requires \valid_read(in_force) && \valid_read(wanted) && \valid(made);
  @ requires made == in_force || \separated(made, in_force);
  @ requires made == wanted || \separated(made, wanted);
  @ assigns  *made;
  @ ensures  t8: \forall integer i; 0 <= i < 24 ==>
  @   !dg_bound_looser(i, made->value[i], \old(in_force->value[i]));
  @ ensures  wanted: \forall integer i; 0 <= i < 24 ==>
  @   !dg_bound_looser(i, made->value[i], \old(wanted->value[i]));
  @ ensures  either: \forall integer i; 0 <= i < 24 ==>
  @   made->value[i] == \old(in_force->value[i]) ||
  @   made->value[i] == \old(wanted->value[i]);
  @*/
void dg_bounds_meet(const struct dg_bounds *in_force,
                    const struct dg_bounds *wanted,
                    struct dg_bounds *made);

#endif
