/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/pieces.h"

#include "patient/control/oref0/number.h"

#define PIECE_MIN_MAX   30.0
#define MINUTES_PER_DAY 1440.0
#define MS_PER_SECOND   1000.0

double dg_oref0_minute_of_day(double ms)
{
    const double minutes = dg_oref0_floor(ms / DG_OREF0_MS_PER_MINUTE);

    return minutes -
           dg_oref0_floor(minutes / MINUTES_PER_DAY) * MINUTES_PER_DAY;
}

/* Length of the first part, 0 if the piece stays whole. */
static double first_part(const struct dg_oref0_schedule *basal,
                         const struct dg_oref0_piece *piece)
{
    if (piece->minutes > PIECE_MIN_MAX) {
        return PIECE_MIN_MAX;
    }

    const double start = dg_oref0_minute_of_day(piece->at_ms);
    const double end = start + piece->minutes;

    for (size_t i = 0; i < basal->count; i++) {
        const double minute = basal->entry[i].minute;

        if ((start < minute && minute < end) ||
            (end > MINUTES_PER_DAY && minute < end - MINUTES_PER_DAY)) {
            return (end > MINUTES_PER_DAY ? MINUTES_PER_DAY : minute) - start;
        }
    }
    return 0.0;
}

/* One pass, from one list into another; zero if nothing needed a cut. */
static size_t pass(const struct dg_oref0_schedule *basal,
                   const struct dg_oref0_piece *from,
                   size_t count,
                   struct dg_oref0_piece to[DG_OREF0_CUT_MAX])
{
    size_t made = 0;
    bool any_cut = false;

    for (size_t i = 0; i < count && made + 2 <= DG_OREF0_CUT_MAX; i++) {
        const double first = first_part(basal, &from[i]);

        if (first > 0.0) {
            const double at = from[i].at_ms + first * DG_OREF0_MS_PER_MINUTE;

            any_cut = true;
            to[made] = from[i];
            to[made].minutes = first;
            to[made].origin = 0;
            to[made + 1] = (struct dg_oref0_piece){
                .at_ms = dg_oref0_floor(at / MS_PER_SECOND) * MS_PER_SECOND,
                .minutes = from[i].minutes - first,
                .rate = from[i].rate,
                .is_stamped = true,
            };
            made += 2;
        } else if (!any_cut) {
            to[made] = from[i];
            made++;
        }
    }
    return any_cut ? made : 0U;
}

size_t dg_oref0_cut(const struct dg_oref0_profile *profile,
                    struct dg_oref0_piece temp,
                    struct dg_oref0_piece pieces[DG_OREF0_CUT_MAX])
{
    struct dg_oref0_piece other[DG_OREF0_CUT_MAX];
    size_t count = 1;

    pieces[0] = temp;
    if (profile->basal.count == 0) {
        return count;
    }
    while (count + 2 <= DG_OREF0_CUT_MAX) {
        size_t made = pass(&profile->basal, pieces, count, other);

        if (made == 0) {
            return count;
        }
        count = made;
        for (size_t i = 0; i < count; i++) {
            pieces[i] = other[i];
        }
    }
    return 0;
}
