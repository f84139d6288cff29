/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_TEST_OREF0_CASES_H
#define DG_TEST_OREF0_CASES_H

#include <jansson.h>

#include "patient/control/oref0/decide.h"

/* Reads the recorded cases of openaps/oref0 (vectors/oref0, README there)
 * into what our functions take.  A field that is absent is absent. */

#define CASE_ENTRIES_MAX DG_OREF0_OUTLOOK_MAX
#define CASE_EVENTS_MAX  512U

struct oref0_case {
    struct dg_oref0_profile profile;
    struct dg_oref0_situation situation;
    double activity[CASE_ENTRIES_MAX];
    double zt_activity[CASE_ENTRIES_MAX];
    bool is_mmol;
};

double oref0_number(const json_t *object, const char *key);
double oref0_element(const json_t *array, size_t at);
double oref0_time_ms(const char *iso);
void oref0_read_profile(const json_t *json, struct dg_oref0_profile *profile);
struct dg_oref0_temp oref0_read_temp(const json_t *json);
struct dg_oref0_event oref0_read_event(const json_t *json, double zero_ms);
void oref0_read_case(const json_t *json, struct oref0_case *one);

/* Equal to 1e-9, or both absent. */
bool oref0_is_equal(double a, double b);

/* Compare a decision with the recorded output, and name the first field that
 * differs (NULL: none). */
const char *oref0_judge(const struct dg_oref0_decision *decision,
                        const json_t *output,
                        bool is_mmol);

/* As displayed: whole mg/dL, or mmol/L with one decimal, as text. */
bool oref0_is_shown(double mg_dL, const json_t *shown, bool is_mmol);

#endif
