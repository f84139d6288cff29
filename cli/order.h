/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_ORDER_H
#define DG_CLI_ORDER_H

#include <stdbool.h>

#include <jansson.h>

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

/**
 * The line that approves a question of the trusted display, with the number and
 * the PIN that it wants; asks the person for them.
 *
 * @param yes  Take the number from the question; the PIN is asked for all the
 *             same.
 *
 * @return false: the person did not give them.
 */
#define DG_CLI_ACT_MAX 160U
bool dg_cli_write_act(const json_t *question,
                      bool yes,
                      char line[DG_CLI_ACT_MAX]);

/** Wait at most @p ms for a line on standard input; is it y, Y or yes? */
bool dg_cli_answer_is_yes(int ms);

#endif
