/* SPDX-License-Identifier: Apache-2.0 */
#include "monitor.h"

#include <string.h>

#define FOR_GOOD INT64_MAX
#define MINUTE   60000

struct rule {
    const char *name;
    const char *text;
    enum dg_fitness then; /* what therapy may still do                    */
    bool ends;            /* the domain must not go on                    */
    int64_t lasts_ms;     /* after it was last found; FOR_GOOD: until the
                             domain is started anew                       */
};

/* A process that was traced, or whose memory took code from somewhere else, is
 * not ours any more, whatever it looks like now: the domain ends, and the pump
 * goes on alone.  What only makes the phone a worse partner takes rights.
 * @satisfies{FPT_WATCH.1@1} */
/* clang-format off */
static const struct rule rules[DG_FINDINGS] = {
    [DG_FINDING_PROGRAM]  = {"program",   "a program or library of the domain was changed on storage: install it again", DG_FITNESS_RETIRE, false, FOR_GOOD},
    [DG_FINDING_DEBUGGER] = {"debugger",  "a process is traced by another one",                            DG_FITNESS_RETIRE, true,  FOR_GOOD},
    [DG_FINDING_PRELOAD]  = {"preload",   "the environment loads other code (LD_*): start without it",     DG_FITNESS_RETIRE, true,  FOR_GOOD},
    [DG_FINDING_MEMORY]   = {"memory",    "memory is writable and executable at once",                     DG_FITNESS_RETIRE, true,  FOR_GOOD},
    [DG_FINDING_CLOCK]    = {"clock",     "the wall clock jumped",                                         DG_FITNESS_HOLD,   false, 10 * MINUTE},
    [DG_FINDING_SILENT]   = {"silent",    "a role gave no sign of life and was replaced",                  DG_FITNESS_HOLD,   false, 5 * MINUTE},
    [DG_FINDING_STARVED]  = {"starved",   "the phone had no time for us: decisions may come late",         DG_FITNESS_FIT,    false, 5 * MINUTE},
    [DG_FINDING_STORAGE]  = {"storage",   "storage is full: make room",                                    DG_FITNESS_FIT,    false, MINUTE},
    [DG_FINDING_BATTERY]  = {"battery",   "the phone's battery is low: charge it",                         DG_FITNESS_RETIRE, false, FOR_GOOD},
    [DG_FINDING_NO_MEMORY] = {"no-memory", "the phone is short of memory: close other apps",               DG_FITNESS_FIT,    false, MINUTE},
};
/* clang-format on */

static bool has(const struct dg_monitor *monitor, unsigned finding)
{
    return ((unsigned)monitor->findings & (1U << finding)) != 0U;
}

static void forget(struct dg_monitor *monitor, unsigned finding)
{
    monitor->findings =
        (uint16_t)((unsigned)monitor->findings & ~(1U << finding));
}

void dg_monitor_init(struct dg_monitor *monitor)
{
    memset(monitor, 0, sizeof(*monitor));
}

void dg_monitor_find(struct dg_monitor *monitor,
                     enum dg_finding finding,
                     int64_t now_ms)
{
    if (!has(monitor, finding)) {
        monitor->first_ms[finding] = now_ms;
    }
    monitor->last_ms[finding] = now_ms;
    monitor->findings =
        (uint16_t)((unsigned)monitor->findings | (1U << (unsigned)finding));
}

void dg_monitor_battery(struct dg_monitor *monitor,
                        uint8_t percent,
                        int64_t now_ms)
{
    monitor->phone_battery = percent;
    if (percent < DG_MONITOR_BATTERY_LOW) {
        dg_monitor_find(monitor, DG_FINDING_BATTERY, now_ms);
    } else if (percent >= DG_MONITOR_BATTERY_GOOD) {
        forget(monitor, DG_FINDING_BATTERY);
    }
}

bool dg_monitor_age(struct dg_monitor *monitor, int64_t now_ms)
{
    const uint16_t before = monitor->findings;

    for (unsigned i = 0; i < DG_FINDINGS; i++) {
        if (has(monitor, i) && (rules[i].lasts_ms != FOR_GOOD) &&
            (now_ms - monitor->last_ms[i] > rules[i].lasts_ms)) {
            forget(monitor, i);
        }
    }
    return monitor->findings != before;
}

void dg_monitor_note(const struct dg_monitor *monitor,
                     int64_t now_ms,
                     struct dg_health_note *note)
{
    *note = (struct dg_health_note){.fitness = DG_FITNESS_FIT,
                                    .findings = monitor->findings,
                                    .phone_battery = monitor->phone_battery};
    for (unsigned i = 0; i < DG_FINDINGS; i++) {
        if (!has(monitor, i)) {
            continue;
        }

        const int64_t age_s = (now_ms - monitor->first_ms[i]) / 1000;

        if (rules[i].then > note->fitness) {
            note->fitness = rules[i].then;
        }
        if (age_s > (int64_t)note->age_s) {
            note->age_s = (uint32_t)age_s;
        }
    }
}

bool dg_monitor_must_end(const struct dg_monitor *monitor)
{
    for (unsigned i = 0; i < DG_FINDINGS; i++) {
        if (has(monitor, i) && rules[i].ends) {
            return true;
        }
    }
    return false;
}

const char *dg_monitor_name(enum dg_finding finding)
{
    return ((unsigned)finding < DG_FINDINGS) ? rules[finding].name : "none";
}

const char *dg_monitor_text(enum dg_finding finding)
{
    return ((unsigned)finding < DG_FINDINGS) ? rules[finding].text : "";
}
