/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_TRIAL_H
#define DG_CLI_TRIAL_H

#include <stdbool.h>

#include "eval/trial/book.h"

/** Find a trial by name in spec/trials/, or as a file, and read it; complains
 * on stderr and gives false when it cannot.  Free with dg_book_free(). */
bool dg_cli_trial_open(const char *name, struct dg_book *book);

/** Print the trials, attacks, arms, controllers and models there are. */
int dg_cli_trial_list(void);

/** Print what one trial would do, or what an attack, arm or controller is. */
int dg_cli_trial_show(const char *name);

#endif
