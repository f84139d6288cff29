/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_CONTROL_OREF0_GLUCOSE_H
#define DG_PATIENT_CONTROL_OREF0_GLUCOSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The glucose status: the newest reading and how glucose moves. */

struct dg_oref0_reading {
    double mg_dL;        /* absent or 0: not counted                        */
    double date_ms;      /* since the epoch                                 */
    double noise;        /* 0 .. 4, may be absent                           */
    uint32_t device;     /* which sensor; readings of another are left out  */
    bool is_calibration; /* a finger stick: what is older does not count    */
};

struct dg_oref0_glucose {
    double mg_dL;     /* G                                                  */
    double delta;     /* mg/dL per 5 min: over the last 5,                  */
    double short_avg; /* ... 15                                             */
    double long_avg;  /* ... and 45 minutes                                 */
    double noise;     /* may be absent                                      */
    double date_ms;   /* of the reading                                     */
    size_t last_cal;  /* place of a calibration in the list, 0 if none      */
    bool fake_cgm;    /* a sensor that may be flat                          */
};

/**
 * Work out the status.
 *
 * Two readings within two minutes are one, at the mean of both.
 *
 * @param[in]  readings  Newest first.
 * @param      count     0 and up.
 * @param[out] glucose   The status; unchanged when the result is false.
 *
 * @retval true   There is a reading.
 * @retval false  No reading has a value.
 */
bool dg_oref0_glucose_status(const struct dg_oref0_reading *readings,
                             size_t count,
                             struct dg_oref0_glucose *glucose);

#endif
