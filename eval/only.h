/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_ONLY_H
#define DG_EVAL_ONLY_H

#include <stdbool.h>

#include "eval/catalogue.h"

/* The list of --only: ids of tests, "a,b". */

/** Whether @p id is in it.
 *
 * @param list  NULL: nobody chose, so every test is. */
bool dg_only_has(const char *list, const char *id);

/** Whether each name is one of the catalogue's and there once: what means
 * nothing would quietly run less than was asked for.  False after a message. */
bool dg_only_check(const char *list, const struct dg_catalogue *catalogue);

#endif
