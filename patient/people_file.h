/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_PATIENT_PEOPLE_FILE_H
#define DG_PATIENT_PEOPLE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "patient/s2008.h"

/* Reads people from the two tables in which simglucose publishes them
 * (github.com/jxx123/simglucose, params/vpatient_params.csv and
 * params/Quest.csv): comma-separated, a header line, one person per line, the
 * columns in any order and more than are needed.
 *
 * The first table has Name, the start "x0_ 1" .. "x0_13" (with or without the
 * blank) and the figures of struct dg_s2008_parameters under the names that it
 * gives; the second has Name, CR (g/U), CF (mg/dL/U), Age (years), TDI (U per
 * day).  The start has to be a steady state: it is where each run begins. */

#define DG_PEOPLE_NAME_MAX 32U
#define DG_PEOPLE_LINE_MAX 8192U /* bytes of a line                          */
#define DG_PEOPLE_TEXT_MAX 160U

struct dg_person_row {
    char name[DG_PEOPLE_NAME_MAX];
    struct dg_s2008_parameters parameters;
    uint32_t line; /* of the first table                                     */
};

enum dg_people_table {
    DG_PEOPLE_FIGURES, /* vpatient_params.csv */
    DG_PEOPLE_THERAPY, /* Quest.csv           */
};

/* Where a table is wrong, and how, for people. */
struct dg_people_fault {
    enum dg_people_table table;
    uint32_t line; /* from 1; 0: the file as a whole                         */
    char text[DG_PEOPLE_TEXT_MAX];
};

/**
 * Read and check everybody of two open tables.
 *
 * The age class is the word that the name begins with (child, adolescent,
 * adult); of other names the age decides: below 12, below 18, from 18.
 *
 * @param     figures   Open for reading, at the header.
 * @param     therapy   Open for reading, at the header.
 * @param[out] people   Room for @p capacity rows; of no meaning on failure.
 * @param     capacity  How many there may be, 1 or more.
 * @param[out] count    How many there are; unchanged on failure.
 * @param[out] fault    What is wrong; written only on failure but DG_E_USAGE.
 *
 * @retval DG_OK           Everybody can be simulated.
 * @retval DG_E_USAGE      A pointer is NULL or @p capacity is 0.
 * @retval DG_E_TRUNCATED  A table is empty, a row is short or has no number.
 * @retval DG_E_MALFORMED  A column is missing or there twice, a row is long, a
 *                         field is no number, a name is there twice or has no
 *                         row in the second table.
 * @retval DG_E_RANGE      dg_s2008_check() refuses a person, or the start is
 *                         not what the figures say.
 * @retval DG_E_NO_SPACE   More people than @p capacity.
 * @retval DG_E_PORT       A file cannot be read.
 */
DG_NODISCARD enum dg_status dg_people_file_read(FILE *figures,
                                                FILE *therapy,
                                                struct dg_person_row *people,
                                                size_t capacity,
                                                size_t *count,
                                                struct dg_people_fault *fault);

#endif
