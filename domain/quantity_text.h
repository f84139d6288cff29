/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_QUANTITY_TEXT_H
#define DG_QUANTITY_TEXT_H

#include <stdint.h>

/* How an amount or a length of time reads to a person, the same wherever one is
 * shown.  Nothing is rounded. */
#define DG_QUANTITY_TEXT_MAX 24U

/** "2.00 U"; thousandths where they are not zero: "2.005 U".
 * @param mU  0 or more. */
void dg_units_write(int32_t mU, char text[DG_QUANTITY_TEXT_MAX]);

/** "0.10 mg"; of glucagon, which people count in milligrams.
 * @param ug  0 or more. */
void dg_milligrams_write(int32_t ug, char text[DG_QUANTITY_TEXT_MAX]);

/** "2 h", "1 h 30 min", "5 min"; seconds where there are some. */
void dg_span_write(uint32_t s, char text[DG_QUANTITY_TEXT_MAX]);

#endif
