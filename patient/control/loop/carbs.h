/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_LOOP_CARBS_H
#define DG_PATIENT_CONTROL_LOOP_CARBS_H

#include "patient/control/loop/glucose.h"

/* Carbohydrate as Loop counts it: a model says how it should be absorbed,
 * counteraction shows how much was. */

#define DG_LOOP_SEGMENTS_MAX 288U /* of counteraction: a day                 */

enum dg_loop_absorption_model {
    DG_LOOP_LINEAR,
    DG_LOOP_PIECEWISE_LINEAR, /* rises to 0.15, level to 0.5, falls to 1     */
};

struct dg_loop_carb_settings {
    enum dg_loop_absorption_model model;
    double overrun;         /* longest absorption, in terms of the entry's   */
    double initial_overrun; /* absorption that is expected at first          */
    double delay_s;         /* before anything is absorbed                   */
};

struct dg_loop_carb_entry {
    double at_s;
    double grams;
    double absorption_s;
    double sensitivity; /* ISF / CR, mg/dL per g                             */
};

/* What became of an entry. */
struct dg_loop_absorption {
    struct dg_loop_carb_entry entry;
    double initial_s; /* expected at first                               */
    double longest_s;
    double now_s;  /* end of what was observed, within its life       */
    double effect; /* observed, mg/dL                                 */
    bool is_complete;
    size_t first; /* segment that was the first to count             */
    size_t count; /* so many in a row                                */
    double grams[DG_LOOP_SEGMENTS_MAX];
};

/**
 * Share what was observed among the entries.
 *
 * @param[in]  settings     The model.
 * @param[in]  velocities   Counteraction, ascending.
 * @param      count        1 .. DG_LOOP_SEGMENTS_MAX.
 * @param[in]  entries      In order of time.
 * @param      entry_count  0 and up.
 * @param[out] absorptions  One per entry.
 *
 * @retval true   Done.
 * @retval false  @p count is out of range.
 */
bool dg_loop_carb_map(const struct dg_loop_carb_settings *settings,
                      const struct dg_loop_velocity *velocities,
                      size_t count,
                      const struct dg_loop_carb_entry *entries,
                      size_t entry_count,
                      struct dg_loop_absorption *absorptions);

/** What was observed, 0 .. the grams of the entry. */
double dg_loop_observed_g(const struct dg_loop_absorption *absorption);

/** How long absorption may still last, seconds. */
double dg_loop_time_left_s(const struct dg_loop_carb_settings *settings,
                           const struct dg_loop_absorption *absorption);

/**
 * Give the carbohydrate on board.
 *
 * @param[in] settings    The model; its delay may differ from that of the map.
 * @param     map_delay_s The delay that dg_loop_carb_map() had.
 * @param[in] absorption  What became of the entry.
 * @param[in] velocities  As for dg_loop_carb_map().
 * @param     at_s        When.
 *
 * @return g.
 */
double dg_loop_cob(const struct dg_loop_carb_settings *settings,
                   double map_delay_s,
                   const struct dg_loop_absorption *absorption,
                   const struct dg_loop_velocity *velocities,
                   double at_s);

/** The same, but what an entry has done to glucose so far, mg/dL. */
double dg_loop_carb_effect(const struct dg_loop_carb_settings *settings,
                           double map_delay_s,
                           const struct dg_loop_absorption *absorption,
                           const struct dg_loop_velocity *velocities,
                           double at_s);

#endif
