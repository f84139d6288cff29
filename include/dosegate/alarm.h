/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_ALARM_H
#define DG_ALARM_H

#include <stdbool.h>
#include <stdint.h>

#include "dosegate/message.h"
#include "dosegate/pairing.h"
#include "dosegate/quantity.h"

/* Alarms: which are up, how loud the device is now, and what a press does.
 *
 * An alarm that nobody acknowledges gets louder with time.  Only a press at the
 * device acknowledges; no message does.  A press is quiet for as long as the
 * row of the alarm in core/alarm.c says and no longer: what persists sounds
 * again.  A severe alarm is latched: it goes on after its cause is gone, until
 * a person has heard it.
 *
 * How loud it is follows from the state and the time alone. */
struct dg_alarm_state {
    bool is_up;
    bool is_over;     /* the cause is gone; latched until a press */
    bool is_heard;    /* a person pressed: quiet until .quiet      */
    dg_seconds since; /* raised                                    */
    dg_seconds quiet;
};

struct dg_alarm_board {
    struct dg_alarm_state alarm[DG_ALARMS];
};

/* No alarm of the severe kind stays quiet for longer after a press. */
#define DG_ALARM_SEVERE_QUIET_S 300U

/* What sounder and display are to show, now. */
struct dg_notice {
    uint16_t alarms;     /* bits of dg_alarm that are up                   */
    enum dg_sound sound; /* the loudest of them                            */
    uint8_t name_size;   /* of the phone that drains the battery; 0: none  */
    char name[DG_PAIRING_NAME_MAX];
};

/** The cause of @p alarm is there.  Repeating it changes nothing while the
 * alarm is up. */
void dg_alarm_raise(struct dg_alarm_board *board,
                    dg_seconds now,
                    enum dg_alarm alarm);

/** The cause is gone: what is not latched, or was heard, ends. */
void dg_alarm_clear(struct dg_alarm_board *board, enum dg_alarm alarm);

/** A person at the device pressed: quiet for a while, and what is over or
 * cannot go on by itself ends. */
void dg_alarm_press(struct dg_alarm_board *board, dg_seconds now);

/** Bits of the alarms that are up, heard or not. */
uint16_t dg_alarm_bits(const struct dg_alarm_board *board);

/** How loud @p alarm is now. */
enum dg_sound dg_alarm_sound_of(const struct dg_alarm_board *board,
                                dg_seconds now,
                                enum dg_alarm alarm);

/** How loud the loudest is now. */
enum dg_sound dg_alarm_sound(const struct dg_alarm_board *board,
                             dg_seconds now);

#endif
