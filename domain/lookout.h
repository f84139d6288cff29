/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_LOOKOUT_H
#define DG_LOOKOUT_H

#include <sys/types.h>

#include "monitor.h"
#include "supervisor.h"

/* The monitor at work: asks the senses, tells therapy and whoever reads
 * DIR/health.json. */
#define DG_LOOKOUT_PERIOD_MS 5000 /* tracers, clock, battery, storage       */
#define DG_LOOKOUT_MEASURE_MS \
    300000                       /* programs, also when they look the same */
#define DG_LOOKOUT_TELL_MS 60000 /* also when nothing changed              */

/* What stat() says of a program; a change of it is a reason to measure. */
struct dg_lookout_stat {
    dev_t device;
    ino_t inode;
    off_t size;
    int64_t changed_ns;
};

struct dg_lookout {
    struct dg_monitor monitor;
    const struct dg_crypto *crypto;
    int directory;
    const char *battery;
    int64_t offset_ms; /* of the wall clock */
    int64_t look_ms;   /* next              */
    int64_t measure_ms;
    int64_t tell_ms;
    uint16_t told;
    uint8_t told_battery;
    struct dg_lookout_stat program[DG_ROLE_PROGRAMS];
};

/**
 * Begin.
 *
 * @param battery  A number of percent, or a file that holds one.
 */
void dg_lookout_open(struct dg_lookout *lookout,
                     const struct dg_crypto *crypto,
                     int directory,
                     const char *battery);

/** Look, when it is time to; gives the next moment, ms. */
int64_t dg_lookout_look(struct dg_lookout *lookout,
                        struct dg_supervisor *supervisor,
                        int64_t now_ms);

#endif
