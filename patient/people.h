/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_PEOPLE_H
#define DG_PATIENT_PEOPLE_H

#include <stddef.h>

#include "patient/s2008.h"

/* Three published virtual people, one of each age class.
 *
 * source: simglucose (github.com/jxx123/simglucose, commit a6f6777, MIT,
 * (c) 2017 Jinyu Xie), params/vpatient_params.csv and params/Quest.csv.
 * Where that project has them from is not documented: NOTICE.md beside this
 * file says what to clear before a release. */

struct dg_published_person {
    const char *name;
    struct dg_s2008_parameters parameters;
};

/**
 * Say how many people there are.
 *
 * @return The number of people, at least 1.
 */
size_t dg_people_count(void);

/**
 * Give a person by index.
 *
 * @param index  0 .. dg_people_count() - 1.
 *
 * @return The person, constant; NULL if there is none of that index.
 */
const struct dg_published_person *dg_people_at(size_t index);

/**
 * Find a person by name.
 *
 * @param[in]  name    For example "adult#001"; the match is exact.
 * @param[out] person  The person, constant; unchanged on failure.
 *
 * @retval DG_OK             The person was found.
 * @retval DG_E_USAGE        A pointer is NULL.
 * @retval DG_E_UNSUPPORTED  Nobody has this name; dg_people_at() lists those
 *                           there are.
 */
DG_NODISCARD enum dg_status dg_people_find(
    const char *name, const struct dg_published_person **person);

#endif
