/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TESTS_TRIAL_PLAIN_H
#define DG_TESTS_TRIAL_PLAIN_H

#include <stdbool.h>

/* The scalar S2008 person, for a test of trials: patient/s2008.h and the core
 * each have age classes, so that no file can include both. */

struct dg_s2008_parameters;

/** Begin with embedded person @p number. */
bool trial_plain_start(unsigned number);
double trial_plain_plasma(void);
double trial_plain_under_the_skin(void);
bool trial_plain_meal(double grams);
bool trial_plain_minute(double grams, double insulin_U);

/** Two people: the second one's plasma doubles by the minute. */
const struct dg_s2008_parameters *trial_plain_broken(void);

#endif
