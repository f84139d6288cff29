/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_MONITOR_H
#define DG_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "internal.h"

/* What the phone finds out about itself: each finding has an age, a time after
 * which it is forgotten, and what follows from it.  One table, in monitor.c. */
enum dg_finding {
    DG_FINDING_PROGRAM = 0, /* a program or library on storage was changed    */
    DG_FINDING_DEBUGGER =
        1,                  /* a process is traced                            */
    DG_FINDING_PRELOAD = 2, /* the loader was told to load something else     */
    DG_FINDING_MEMORY = 3,  /* memory is writable and executable              */
    DG_FINDING_CLOCK = 4,   /* the wall clock jumped                          */
    DG_FINDING_SILENT = 5,  /* a role gave no sign of life and was replaced   */
    DG_FINDING_STARVED = 6, /* we were not scheduled for longer than a beat   */
    DG_FINDING_STORAGE = 7, /* hardly any room for files                      */
    DG_FINDING_BATTERY = 8, /* the phone's battery will not last              */
    DG_FINDING_NO_MEMORY =
        9, /* the system is short of memory                 */
};

#define DG_FINDINGS 10U

/* Hand over while there is still power for it. */
#define DG_MONITOR_BATTERY_LOW  15U /* percent: give the lease back         */
#define DG_MONITOR_BATTERY_GOOD 20U /* percent: above it, all is well again */

struct dg_monitor {
    uint16_t findings; /* bits */
    int64_t first_ms[DG_FINDINGS];
    int64_t last_ms[DG_FINDINGS];
    uint8_t phone_battery; /* percent */
};

/** Begin with nothing found. */
void dg_monitor_init(struct dg_monitor *monitor);

/** It is so now; the first time is remembered. */
void dg_monitor_find(struct dg_monitor *monitor,
                     enum dg_finding finding,
                     int64_t now_ms);

/** The battery's level, 0 .. 100 percent; finds BATTERY below LOW, forgets it
 * at GOOD. */
void dg_monitor_battery(struct dg_monitor *monitor,
                        uint8_t percent,
                        int64_t now_ms);

/** Forget what has not been found for long enough.  @return something was. */
bool dg_monitor_age(struct dg_monitor *monitor, int64_t now_ms);

/** What follows from all findings together, for therapy. */
void dg_monitor_note(const struct dg_monitor *monitor,
                     int64_t now_ms,
                     struct dg_health_note *note);

/** Is there one with which the domain must not go on? */
bool dg_monitor_must_end(const struct dg_monitor *monitor);

/** What it is called, and what it means for a person. */
const char *dg_monitor_name(enum dg_finding finding);
const char *dg_monitor_text(enum dg_finding finding);

#endif
