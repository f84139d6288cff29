/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_OPTIONS_H
#define DG_OPTIONS_H

#include <stdbool.h>

#include "dosegate/device.h"
#include "dosegate/limits.h"
#include "provision.h"

/* The command line of the virtual pump, whether its core runs in this process
 * or as firmware in an emulator. */
#define DG_OPTIONS_PATH 480

enum { DG_EXIT_RAN = 0, DG_EXIT_COULD_NOT_RUN = 1 };

struct dg_options {
    const char *dir;
    const char *link;
    const char *bench;
    const char *person;
    enum dg_package package;
    enum dg_provision_glucagon glucagon;
    bool is_driven;
    int ready_fd;
};

/** 0: go on; 1: could not, and said why; 2: help was asked for and given. */
int dg_options_read(int argc, char **argv, struct dg_options *options);

/** Say what, which, and what to do about it; DG_EXIT_COULD_NOT_RUN. */
int dg_options_complain(const char *what,
                        const char *which,
                        const char *remedy);

/** A device that came up in the safe state says so, and goes on. */
void dg_options_warn_safe_state(enum dg_fault fault);

/** @p dir / @p name; false when that is too long. */
bool dg_options_path(char path[DG_OPTIONS_PATH],
                     const char *dir,
                     const char *name);

/** Before anything is made on disk: is there a pump, or can one be made?
 * 0, or 1 and said why not. */
int dg_options_check_flash(const struct dg_options *options);

#endif
