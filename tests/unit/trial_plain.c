/* SPDX-License-Identifier: Apache-2.0 */
#include "trial_plain.h"

#include "patient/people.h"
#include "patient/s2008.h"

static struct dg_s2008 body;

bool trial_plain_start(unsigned number)
{
    return dg_s2008_init(&body, &dg_people_at(number)->parameters) == DG_OK;
}

double trial_plain_plasma(void)
{
    return dg_s2008_plasma_mg_dL(&body);
}

double trial_plain_under_the_skin(void)
{
    return dg_s2008_subcutaneous_mg_dL(&body);
}

bool trial_plain_meal(double grams)
{
    return dg_s2008_meal(&body, grams) == DG_OK;
}

bool trial_plain_minute(double grams, double insulin_U)
{
    return dg_s2008_minute(&body, grams, insulin_U) == DG_OK;
}

const struct dg_s2008_parameters *trial_plain_broken(void)
{
    static struct dg_s2008_parameters people[2];

    people[0] = dg_people_at(0U)->parameters;
    people[1] = people[0];
    people[1].k1 = -4.0;
    return people;
}
