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
    300000 /* programs, also when they look the same */
#define DG_LOOKOUT_TELL_MS \
    5000                     /* also when nothing changed: therapy notices
                                   when we fall silent                     */
#define DG_LOOKOUT_FILES 48U /* programs, ourselves, shared libraries       */

/* What stat() says of a file; a change of it is a reason to measure. */
struct dg_lookout_stat {
    dev_t device;
    ino_t inode;
    off_t size;
    int64_t changed_ns;
};

/* A file whose code runs in the domain. */
struct dg_lookout_file {
    char path[DG_PROGRAM_PATH_MAX];
    bool is_library;
    bool is_told;        /* on stderr, once                               */
    struct dg_hash want; /* programs: since the build; else: at the start */
    struct dg_lookout_stat seen;
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
    size_t files;
    struct dg_lookout_file file[DG_LOOKOUT_FILES];
};

/**
 * Begin; measures ourselves and the shared libraries that are loaded: by us,
 * and by each role that can be looked into (those with namespaces, which are
 * the ones that may load more than we do).
 *
 * @param supervisor  Its roles run.
 * @param battery     A number of percent, or a file that holds one.
 */
void dg_lookout_open(struct dg_lookout *lookout,
                     const struct dg_crypto *crypto,
                     int directory,
                     const struct dg_supervisor *supervisor,
                     const char *battery);

/** Look, when it is time to; gives the next moment, ms. */
int64_t dg_lookout_look(struct dg_lookout *lookout,
                        struct dg_supervisor *supervisor,
                        int64_t now_ms);

#endif
