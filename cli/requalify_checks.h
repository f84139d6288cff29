/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_REQUALIFY_CHECKS_H
#define DG_CLI_REQUALIFY_CHECKS_H

#include "attest/requalification.h"
#include "talk.h"

/* The self-tests of a requalification run.  Limits are ours, some orders above
 * what a sound phone needs, and stand beside their checks. */
struct dg_cli_checks {
    const char *dir;
    struct dg_cli_talk *gateway;
    struct dg_cli_talk *display;
    bool yes; /* for scripts: a person would say that the question is seen */
    struct dg_requalification *run;
    const char *why[DG_CHECKS]; /* of what failed; NULL */
};

/** Run all seven; about five seconds, and a person's answer. */
void dg_cli_checks_run(struct dg_cli_checks *checks);

#endif
