/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_ORDER_H
#define DG_CLI_ORDER_H

#include <stdbool.h>

#include "dosegate/effect.h"

/* One thing that a person wants of the pump: ask, show what the pump resolved,
 * approve it, and follow it. */
struct dg_cli_order {
    struct dg_effect wanted;
    const char *dir; /* as --dir said, or NULL */
    bool yes;        /* approve without asking  */
    bool again;
};

/** Ask, and follow to its end; what goes on for hours is followed until it has
 * begun.  Gives the exit code of the verb. */
int dg_cli_order_run(const struct dg_cli_order *wanted);

/** Wait at most @p ms for a line on standard input; is it y, Y or yes? */
bool dg_cli_answer_is_yes(int ms);

#endif
