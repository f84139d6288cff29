/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_SCRATCH_H
#define DG_EVAL_SCRATCH_H

#include <stdbool.h>

/** Make a new private folder below $TMPDIR or /tmp with a short name (socket
 * paths lie in it). */
bool dg_scratch_make(char path[64]);

/** Remove it with all that is in it. */
void dg_scratch_remove(const char *path);

/** From now on SIGINT, SIGTERM and SIGHUP remove the folder, in which keys may
 * lie, and end the program with exit code 1.  Call it once, while there is no
 * other thread; @p path is kept. */
void dg_scratch_guard(char *path);

#endif
