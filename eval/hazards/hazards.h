/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_HAZARDS_H
#define DG_HAZARDS_H

#include "eval/scene_hands.h"

/* What goes wrong without any attacker: phones that freeze, fall and are
 * wiped, people who press twice, power that goes.  Tests like those of
 * eval/attacks/, in the same table (eval/attacks/table.c). */

void dg_hazard_app_dies(struct dg_scene *scene);
void dg_hazard_phone_starved(struct dg_scene *scene);
void dg_hazard_app_freezes(struct dg_scene *scene);
void dg_hazard_alarm_at_the_device(struct dg_scene *scene);
void dg_hazard_clock_falls_back(struct dg_scene *scene);
void dg_hazard_paired_drain(struct dg_scene *scene);
void dg_hazard_nominal_energy(struct dg_scene *scene);
void dg_hazard_every_command(struct dg_scene *scene);
void dg_hazard_factory_state(struct dg_scene *scene);
void dg_hazard_faulty_plumbing(struct dg_scene *scene);
void dg_hazard_interval_by_label(struct dg_scene *scene);
void dg_hazard_limit_each_command(struct dg_scene *scene);
void dg_hazard_phone_wiped(struct dg_scene *scene);
void dg_hazard_power_each_pulse(struct dg_scene *scene);
void dg_hazard_raised_rate(struct dg_scene *scene);
void dg_hazard_said_and_moved(struct dg_scene *scene);
void dg_hazard_same_second(struct dg_scene *scene);
void dg_hazard_shown_is_given(struct dg_scene *scene);
void dg_hazard_two_hormones(struct dg_scene *scene);
void dg_hazard_without_the_phone(struct dg_scene *scene);
void dg_hazard_suspend_flood(struct dg_scene *scene);
void dg_hazard_sensor_bias(struct dg_scene *scene);
void dg_hazard_typed_amount(struct dg_scene *scene);

#endif
