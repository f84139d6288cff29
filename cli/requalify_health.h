/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_REQUALIFY_HEALTH_H
#define DG_CLI_REQUALIFY_HEALTH_H

#include <stdbool.h>

#include "requalify_checks.h"

/* What the phone finds out about itself (docs/isolation.md) and a run of its
 * self-tests.  health.json is the supervisor's; here it is only read. */

/** May this phone show a run?  With a finding it may not: said on stderr, each
 * finding with what to do.  A file that is not there or is none refuses, too. */
bool dg_cli_health_is_well(const char *dir);

/** After the run: a finding that came up meanwhile and that the system may be
 * to blame for (clock, silent, starved, storage, no-memory) fails the check
 * that it belongs to; for any other the run does not count.
 *
 * @return false: it does not count, and it was said why. */
bool dg_cli_health_settle(struct dg_cli_checks *checks);

#endif
