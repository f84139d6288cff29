/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/oref0/suspend.h"

#include "patient/control/oref0/number.h"

/* A pump that was suspended before the history is taken to have been so for
 * eight hours before the clock. */
#define BEFORE_MS (8.0 * 60.0 * DG_OREF0_MS_PER_MINUTE)

bool dg_oref0_pieces_add(const struct dg_oref0_profile *profile,
                         struct dg_oref0_piece temp,
                         struct dg_oref0_pieces *pieces)
{
    struct dg_oref0_piece cut[DG_OREF0_CUT_MAX];
    const size_t count = dg_oref0_cut(profile, temp, cut);

    if (count == 0 || pieces->count + count > DG_OREF0_PIECES_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        pieces->piece[pieces->count + i] = cut[i];
    }
    pieces->count += count;
    return true;
}

static void sort_pauses(struct dg_oref0_pause *list, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const struct dg_oref0_pause one = list[i];
        size_t at = i;

        for (; at > 0 && list[at - 1].from_ms > one.from_ms; at--) {
            list[at] = list[at - 1];
        }
        list[at] = one;
    }
}

/* The first resume after a time, absent if there is none. */
static double resume_after(const struct dg_oref0_event *events,
                           size_t count,
                           double ms)
{
    double first = DG_OREF0_ABSENT;

    for (size_t i = 0; i < count; i++) {
        if (events[i].kind == DG_OREF0_RESUME && events[i].at_ms > ms &&
            !(events[i].at_ms >= first)) {
            first = events[i].at_ms;
        }
    }
    return first;
}

bool dg_oref0_pauses(const struct dg_oref0_event *events,
                     size_t count,
                     struct dg_oref0_pauses *pauses)
{
    const double first_resume = resume_after(events, count, -1.0e300);
    size_t suspends = 0;

    pauses->before_ms = DG_OREF0_ABSENT;
    pauses->open_ms = DG_OREF0_ABSENT;
    for (size_t i = 0; i < count; i++) {
        if (events[i].kind != DG_OREF0_SUSPEND) {
            continue;
        }
        if (suspends == DG_OREF0_SUSPENDS_MAX) {
            return false;
        }
        pauses->pause[suspends] = (struct dg_oref0_pause){
            .from_ms = events[i].at_ms,
            .to_ms = resume_after(events, count, events[i].at_ms),
        };
        suspends++;
    }
    sort_pauses(pauses->pause, suspends);
    if (dg_oref0_is_there(first_resume) &&
        !(suspends > 0 && pauses->pause[0].from_ms <= first_resume)) {
        pauses->before_ms = first_resume;
    }
    /* An open one ends the list: nothing after it counts. */
    pauses->count = 0;
    while (pauses->count < suspends &&
           dg_oref0_is_there(pauses->pause[pauses->count].to_ms)) {
        pauses->count++;
    }
    if (pauses->count < suspends) {
        pauses->open_ms = pauses->pause[pauses->count].from_ms;
    }
    return true;
}

static double end_of(const struct dg_oref0_piece *piece)
{
    return piece->at_ms + piece->minutes * DG_OREF0_MS_PER_MINUTE;
}

static double minutes_between(double from_ms, double to_ms)
{
    return (to_ms - from_ms) / DG_OREF0_MS_PER_MINUTE;
}

/* What lies outside the known history or after an open suspension. */
static void clip(const struct dg_oref0_pauses *pauses,
                 struct dg_oref0_piece *piece)
{
    if (piece->at_ms < pauses->before_ms) {
        const double end = end_of(piece);

        piece->minutes = end < pauses->before_ms
                             ? 0.0
                             : minutes_between(pauses->before_ms, end);
        piece->at_ms =
            end < pauses->before_ms ? piece->at_ms : pauses->before_ms;
    }
    if (piece->at_ms <= pauses->open_ms && end_of(piece) > pauses->open_ms) {
        piece->minutes = minutes_between(piece->at_ms, pauses->open_ms);
    }
}

/* One pause: cut what it overlaps; what extends past its end is a new piece,
 * what starts inside moves to its end (a negative length vanishes later). */
static bool take_out(const struct dg_oref0_pause *pause,
                     struct dg_oref0_pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) {
        struct dg_oref0_piece *const piece = &pieces->piece[i];
        const double end = end_of(piece);

        if (piece->at_ms <= pause->from_ms && end > pause->from_ms) {
            if (end > pause->to_ms) {
                if (pieces->count == DG_OREF0_PIECES_MAX) {
                    return false;
                }
                pieces->piece[pieces->count] = *piece;
                pieces->piece[pieces->count].at_ms = pause->to_ms;
                pieces->piece[pieces->count].minutes =
                    minutes_between(pause->to_ms, end);
                pieces->piece[pieces->count].origin = 0;
                pieces->count++;
            }
            piece->minutes = minutes_between(piece->at_ms, pause->from_ms);
        } else if (pause->from_ms <= piece->at_ms &&
                   pause->to_ms > piece->at_ms) {
            piece->minutes = minutes_between(pause->to_ms, end);
            piece->at_ms = pause->to_ms;
        }
    }
    return true;
}

static bool add_zeros(const struct dg_oref0_profile *profile,
                      const struct dg_oref0_pauses *pauses,
                      double clock_ms,
                      struct dg_oref0_pieces *pieces)
{
    struct dg_oref0_piece zero = {.rate = 0.0};

    for (size_t i = 0; i < pauses->count; i++) {
        zero.at_ms = pauses->pause[i].from_ms;
        zero.minutes = minutes_between(zero.at_ms, pauses->pause[i].to_ms);
        if (!dg_oref0_pieces_add(profile, zero, pieces)) {
            return false;
        }
    }
    if (clock_ms - BEFORE_MS < pauses->before_ms) {
        zero.at_ms = clock_ms - BEFORE_MS;
        zero.minutes = minutes_between(zero.at_ms, pauses->before_ms);
        if (!dg_oref0_pieces_add(profile, zero, pieces)) {
            return false;
        }
    }
    if (dg_oref0_is_there(pauses->open_ms)) {
        zero.at_ms = pauses->open_ms;
        zero.minutes = minutes_between(zero.at_ms, clock_ms);
        zero.is_stamped = true;
        return dg_oref0_pieces_add(profile, zero, pieces);
    }
    return true;
}

static void sort_pieces(struct dg_oref0_pieces *pieces)
{
    for (size_t i = 1; i < pieces->count; i++) {
        const struct dg_oref0_piece one = pieces->piece[i];
        size_t at = i;

        for (; at > 0 && pieces->piece[at - 1].at_ms > one.at_ms; at--) {
            pieces->piece[at] = pieces->piece[at - 1];
        }
        pieces->piece[at] = one;
    }
}

bool dg_oref0_suspend(const struct dg_oref0_profile *profile,
                      const struct dg_oref0_pauses *pauses,
                      double clock_ms,
                      struct dg_oref0_pieces *pieces)
{
    for (size_t i = 0; i < pieces->count; i++) {
        clip(pauses, &pieces->piece[i]);
    }
    for (size_t i = 0; i < pauses->count; i++) {
        if (!take_out(&pauses->pause[i], pieces)) {
            return false;
        }
    }
    if (!add_zeros(profile, pauses, clock_ms, pieces)) {
        return false;
    }
    sort_pieces(pieces);
    return true;
}
