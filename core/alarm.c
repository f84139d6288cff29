/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/alarm.h"

#include <stddef.h>

#define NEVER UINT32_MAX
#define MIN   60U
#define HOUR  3600U

/* Latched, and quiet for DG_ALARM_SEVERE_QUIET_S at most after a press. */
enum alarm_kind {
    NOBODY_DECIDED = 0, /* sounds at its loudest and never rests */
    SEVERE,             /* a person may be harmed soon           */
    STATE,              /* ends with its cause                   */
    EVENT,              /* has happened; ends with a press       */
};

/* The whole of escalation: how it begins, seconds unheard until it is loud and
 * until it does not pause any more, seconds of quiet that a press buys. */
struct alarm_row {
    enum alarm_kind kind;
    enum dg_sound first;
    uint32_t loud_s;
    uint32_t continuous_s;
    uint32_t quiet_s;
};

/* clang-format off */
static const struct alarm_row rows[DG_ALARMS] = {
    [DG_ALARM_BATTERY_LOW]    = { STATE,  DG_SOUND_GENTLE, HOUR,      NEVER,    4U * HOUR },
    [DG_ALARM_RESERVOIR_LOW]  = { STATE,  DG_SOUND_GENTLE, 4U * HOUR, NEVER,    4U * HOUR },
    [DG_ALARM_RESERVOIR_EMPTY]= { SEVERE, DG_SOUND_LOUD,   0U,        2U * MIN, 5U * MIN  },
    [DG_ALARM_DOSE_UNCERTAIN] = { EVENT,  DG_SOUND_GENTLE, 5U * MIN,  HOUR,     0U        },
    [DG_ALARM_FAULT]          = { SEVERE, DG_SOUND_LOUD,   0U,        2U * MIN, 5U * MIN  },
    [DG_ALARM_PAIRING_LOCKED] = { EVENT,  DG_SOUND_GENTLE, NEVER,     NEVER,    0U        },
    [DG_ALARM_LINK_STALE]     = { EVENT,  DG_SOUND_GENTLE, 5U * MIN,  NEVER,    30U * MIN },
    [DG_ALARM_CONTROLLER]     = { EVENT,  DG_SOUND_GENTLE, 15U * MIN, NEVER,    30U * MIN },
    [DG_ALARM_SUSPENDED]      = { EVENT,  DG_SOUND_GENTLE, 15U * MIN, NEVER,    30U * MIN },
    /* the reservoir does not add up */
    [DG_ALARM_RESERVOIR]      = { SEVERE, DG_SOUND_LOUD,   0U,        2U * MIN, 5U * MIN  },
    [DG_ALARM_GLUCAGON]       = { EVENT,  DG_SOUND_LOUD,   0U,        10U * MIN, 15U * MIN },
    [DG_ALARM_ENERGY]         = { STATE,  DG_SOUND_GENTLE, 15U * MIN, NEVER,    HOUR      },
    [DG_ALARM_SEVERE_LOW]     = { SEVERE, DG_SOUND_LOUD,   0U,        MIN,      5U * MIN  },
    [DG_ALARM_UPDATE_FAILED]  = { EVENT,  DG_SOUND_GENTLE, NEVER,     NEVER,    0U        },
    [DG_ALARM_JOURNAL]        = { EVENT,  DG_SOUND_GENTLE, NEVER,     NEVER,    4U * HOUR },
    [DG_ALARM_SENSOR]         = { STATE,  DG_SOUND_GENTLE, 15U * MIN, NEVER,    30U * MIN },
};
/* clang-format on */

static bool is_quiet(const struct dg_alarm_state *state, dg_seconds now)
{
    return state->is_heard && (now.s < state->quiet.s);
}

void dg_alarm_raise(struct dg_alarm_board *board,
                    dg_seconds now,
                    enum dg_alarm alarm)
{
    struct dg_alarm_state *state = NULL;

    if ((unsigned)alarm >= DG_ALARMS) {
        return;
    }
    state = &board->alarm[alarm];
    state->is_over = false;
    if (state->is_up) {
        return;
    }
    state->is_up = true;
    state->since = now;
    /* What a press ended and is there again goes on being quiet; later it is
     * new. */
    state->is_heard = is_quiet(state, now);
}

static void end(struct dg_alarm_state *state)
{
    state->is_up = false;
    state->is_over = false;
    state->is_heard = false;
}

void dg_alarm_clear(struct dg_alarm_board *board, enum dg_alarm alarm)
{
    struct dg_alarm_state *state = NULL;

    if (((unsigned)alarm >= DG_ALARMS) || !board->alarm[alarm].is_up) {
        return;
    }
    state = &board->alarm[alarm];
    if ((rows[alarm].kind == SEVERE) && !state->is_heard) {
        state->is_over = true;
        return;
    }
    end(state);
}

/* @satisfies{FAU_ALARM.2@1} */
void dg_alarm_press(struct dg_alarm_board *board, dg_seconds now)
{
    for (unsigned i = 0U; i < DG_ALARMS; i++) {
        struct dg_alarm_state *state = &board->alarm[i];
        const uint32_t quiet_s = rows[i].quiet_s;

        /* While it is quiet a press does not make it longer. */
        if (!state->is_up || is_quiet(state, now)) {
            continue;
        }
        if (state->is_over) {
            end(state);
            continue;
        }
        state->is_heard = true;
        state->quiet.s =
            (quiet_s > (UINT32_MAX - now.s)) ? UINT32_MAX : (now.s + quiet_s);
        state->is_up = rows[i].kind != EVENT;
    }
}

uint16_t dg_alarm_bits(const struct dg_alarm_board *board)
{
    unsigned bits = 0U;

    for (unsigned i = 0U; i < DG_ALARMS; i++) {
        bits |= board->alarm[i].is_up ? (1U << i) : 0U;
    }
    return (uint16_t)bits;
}

/* @satisfies{FAU_ALARM.1@1} */
enum dg_sound dg_alarm_sound_of(const struct dg_alarm_board *board,
                                dg_seconds now,
                                enum dg_alarm alarm)
{
    if (((unsigned)alarm >= DG_ALARMS) || !board->alarm[alarm].is_up) {
        return DG_SOUND_OFF;
    }

    const struct dg_alarm_state *state = &board->alarm[alarm];
    const struct alarm_row *row = &rows[alarm];
    const uint32_t from_s = state->is_heard ? state->quiet.s : state->since.s;

    if (is_quiet(state, now)) {
        return DG_SOUND_OFF;
    }
    if ((row->kind == NOBODY_DECIDED) ||
        ((now.s - from_s) >= row->continuous_s)) {
        return DG_SOUND_CONTINUOUS;
    }
    return ((now.s - from_s) >= row->loud_s) ? DG_SOUND_LOUD : row->first;
}

enum dg_sound dg_alarm_sound(const struct dg_alarm_board *board, dg_seconds now)
{
    enum dg_sound loudest = DG_SOUND_OFF;

    for (unsigned i = 0U; i < DG_ALARMS; i++) {
        const enum dg_sound sound =
            dg_alarm_sound_of(board, now, (enum dg_alarm)i);

        loudest = (sound > loudest) ? sound : loudest;
    }
    return loudest;
}
