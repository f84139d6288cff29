/* SPDX-License-Identifier: Apache-2.0 */
#include "quantity_text.h"

#include <stdio.h>

/* Seconds only where there are some: nothing is rounded. */
void dg_span_write(uint32_t s, char text[DG_QUANTITY_TEXT_MAX])
{
    const unsigned hours = (unsigned)(s / 3600U);
    const unsigned minutes = (unsigned)((s / 60U) % 60U);
    const unsigned seconds = (unsigned)(s % 60U);

    if (seconds != 0U) {
        (void)snprintf(text,
                       DG_QUANTITY_TEXT_MAX,
                       "%u h %u min %u s",
                       hours,
                       minutes,
                       seconds);
    } else if (hours == 0U) {
        (void)snprintf(text, DG_QUANTITY_TEXT_MAX, "%u min", minutes);
    } else if (minutes == 0U) {
        (void)snprintf(text, DG_QUANTITY_TEXT_MAX, "%u h", hours);
    } else {
        (void)snprintf(
            text, DG_QUANTITY_TEXT_MAX, "%u h %u min", hours, minutes);
    }
}

/* Thousandths where they are not zero: what is shown is what is meant. */
static void write_thousandths(int32_t number,
                              const char *unit,
                              char text[DG_QUANTITY_TEXT_MAX])
{
    if ((number % 10) != 0) {
        (void)snprintf(text,
                       DG_QUANTITY_TEXT_MAX,
                       "%d.%03d %s",
                       number / 1000,
                       number % 1000,
                       unit);
    } else {
        (void)snprintf(text,
                       DG_QUANTITY_TEXT_MAX,
                       "%d.%02d %s",
                       number / 1000,
                       (number % 1000) / 10,
                       unit);
    }
}

void dg_units_write(int32_t mU, char text[DG_QUANTITY_TEXT_MAX])
{
    write_thousandths(mU, "U", text);
}

void dg_milligrams_write(int32_t ug, char text[DG_QUANTITY_TEXT_MAX])
{
    write_thousandths(ug, "mg", text);
}
