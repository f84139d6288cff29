/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/people.h"

#include <string.h>

/* Copied digit by digit from the published table; people.h names it.  The
 * start of a run is the table's steady state. */
static const struct dg_published_person people[] = {
    {.name = "adult#001",
     .parameters =
         {
             .weight_kg = 102.32,
             .age_years = 61.0,
             .basal_mg_dL = 138.56,
             .daily_U = 50.416652,
             .carb_ratio_g_per_U = 10.0,
             .correction_mg_dL_per_U = 8.77310657487,
             .age_class = DG_AGE_ADULT,
             .kabs = 0.08906,
             .kmax = 0.046122,
             .kmin = 0.0037927,
             .b = 0.70391,
             .d = 0.21057,
             .f = 0.9,
             .Vg = 1.9152,
             .k1 = 0.058138,
             .k2 = 0.087114,
             .Fsnc = 1.0,
             .Vm0 = 3.2667306607,
             .Vmx = 0.031319,
             .Km0 = 253.52,
             .kp1 = 4.73140582528,
             .kp2 = 0.00469,
             .kp3 = 0.01208,
             .ke1 = 0.0005,
             .ke2 = 339.0,
             .ksc = 0.0766,
             .Vi = 0.054906,
             .m1 = 0.15446,
             .m2 = 0.225027424083,
             .m4 = 0.090010969633,
             .m30 = 0.23169,
             .p2u = 0.027802,
             .ki = 0.0046374,
             .kd = 0.0152,
             .ka1 = 0.0019,
             .ka2 = 0.0078,
             .u2ss = 1.2386244136,
             .Gpb = 265.370112,
             .Gtb = 162.457097269,
             .Ib = 100.25,
             .Ipb = 5.5043265,
             .Ilb = 3.20762505142,
             .isc1ss = 72.4341762342,
             .isc2ss = 141.153779328,
         }},
    {.name = "adolescent#001",
     .parameters =
         {
             .weight_kg = 68.706,
             .age_years = 18.0,
             .basal_mg_dL = 149.02,
             .daily_U = 36.7339146827,
             .carb_ratio_g_per_U = 12.0,
             .correction_mg_dL_per_U = 15.0360283441,
             .age_class = DG_AGE_TEEN,
             .kabs = 0.091043,
             .kmax = 0.015865,
             .kmin = 0.0083338,
             .b = 0.83072,
             .d = 0.32294,
             .f = 0.9,
             .Vg = 1.6818,
             .k1 = 0.057252,
             .k2 = 0.067738,
             .Fsnc = 1.0,
             .Vm0 = 5.92854753098,
             .Vmx = 0.074667,
             .Km0 = 260.89,
             .kp1 = 11.5048231338,
             .kp2 = 0.023318,
             .kp3 = 0.023253,
             .ke1 = 0.0005,
             .ke2 = 339.0,
             .ksc = 0.056,
             .Vi = 0.048153,
             .m1 = 0.15221,
             .m2 = 0.259067825939,
             .m4 = 0.103627130376,
             .m30 = 0.228315,
             .p2u = 0.021344,
             .ki = 0.0088838,
             .kd = 0.0185,
             .ka1 = 0.0025,
             .ka2 = 0.0115,
             .u2ss = 1.21697571391,
             .Gpb = 250.621836,
             .Gtb = 176.506559902,
             .Ib = 97.554,
             .Ipb = 4.697517762,
             .Ilb = 3.19814917262,
             .isc1ss = 57.951224472,
             .isc2ss = 93.2258828462,
         }},
    {.name = "child#001",
     .parameters =
         {
             .weight_kg = 34.55648182,
             .age_years = 9.0,
             .basal_mg_dL = 141.2046604,
             .daily_U = 17.4729287744,
             .carb_ratio_g_per_U = 25.0,
             .correction_mg_dL_per_U = 42.7177301243,
             .age_class = DG_AGE_CHILD,
             .kabs = 0.127494918,
             .kmax = 0.068714386,
             .kmin = 0.007997018,
             .b = 0.754915658,
             .d = 0.089529251,
             .f = 0.9,
             .Vg = 1.919425692,
             .k1 = 0.070852519,
             .k2 = 0.128243663,
             .Fsnc = 1.0,
             .Vm0 = 3.65981019497,
             .Vmx = 0.152308243,
             .Km0 = 185.8820726,
             .kp1 = 4.1652828427,
             .kp2 = 0.002522654,
             .kp3 = 0.008379266,
             .ke1 = 0.0005,
             .ke2 = 339.0,
             .ksc = 0.0684,
             .Vi = 0.067013558,
             .m1 = 0.314270832,
             .m2 = 0.154436596254,
             .m4 = 0.0617746385016,
             .m30 = 0.471406248,
             .p2u = 0.042802541,
             .ki = 0.010902381,
             .kd = 0.0131,
             .ka1 = 0.0041,
             .ka2 = 0.0243,
             .u2ss = 1.14220356012,
             .Gpb = 271.031853002,
             .Gtb = 137.60135923,
             .Ib = 110.3648078,
             .Ipb = 7.39593844866,
             .Ilb = 1.45378246253,
             .isc1ss = 66.4071837276,
             .isc2ss = 35.7997574828,
         }},
};

size_t dg_people_count(void)
{
    return sizeof people / sizeof people[0];
}

const struct dg_published_person *dg_people_at(size_t index)
{
    return (index < dg_people_count()) ? &people[index] : NULL;
}

enum dg_status dg_people_find(const char *name,
                              const struct dg_published_person **person)
{
    if ((name == NULL) || (person == NULL)) {
        return DG_E_USAGE;
    }
    for (size_t i = 0; i < dg_people_count(); i++) {
        if (strcmp(people[i].name, name) == 0) {
            *person = &people[i];
            return DG_OK;
        }
    }
    return DG_E_UNSUPPORTED;
}
