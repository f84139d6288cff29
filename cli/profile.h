/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_PROFILE_H
#define DG_CLI_PROFILE_H

#include <stdbool.h>
#include <stdio.h>

#include "eval/profile/profile.h"

/* `dosegate profile`: what its sub-verbs share.  Each gets its arguments with
 * argv[0] as "profile NAME", for messages, and gives the exit code. */
int dg_cli_profile_list(int argc, char **argv);
int dg_cli_profile_show(int argc, char **argv);
int dg_cli_profile_check(int argc, char **argv);
int dg_cli_profile_new(int argc, char **argv);
int dg_cli_profile_import(int argc, char **argv);
int dg_cli_profile_export(int argc, char **argv);
int dg_cli_profile_platform(int argc, char **argv);

/**
 * Open a profile, module or package: a path, or the id of one that ships.
 *
 * @param verb  For messages on stderr.
 *
 * @return false after a message; free @p profile in any case.
 */
bool dg_cli_profile_open(const char *verb,
                         const char *name,
                         struct dg_profile *profile);

/** Print text in lines of at most 79, each behind @p indent blanks. */
void dg_cli_profile_wrap(FILE *out, const char *text, unsigned indent);

#endif
