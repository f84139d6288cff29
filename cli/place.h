/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_PLACE_H
#define DG_CLI_PLACE_H

#include <stdbool.h>
#include <stddef.h>

#define DG_CLI_PATH_MAX 256U

/* One option of a verb: with a value, or a flag. */
struct dg_cli_option {
    const char *name; /* "--dir" */
    const char **value;
    bool *flag;
};

/**
 * Read a verb's arguments; complains on stderr itself.
 *
 * @param help        What --help prints.
 * @param positional  The one argument without a name; NULL: none is taken.
 *
 * @return 0: go on; 1: refused; 2: --help was asked for and printed.
 */
int dg_cli_options(int argc,
                   char **argv,
                   const char *help,
                   const struct dg_cli_option *options,
                   size_t count,
                   const char **positional);

/**
 * Read a whole number of an option; complains on stderr itself.
 *
 * @param         text   NULL: the option was not given, @p value stays.
 * @param         min    Smallest and ...
 * @param         max    ... largest number that is taken.
 * @param[in,out] value  Its default.
 *
 * @return false when @p text is no such number.
 */
bool dg_cli_number(const char *verb,
                   const char *option,
                   const char *text,
                   unsigned long long min,
                   unsigned long long max,
                   unsigned long long *value);

/** The state directory: @p asked, else $DOSEGATE_DIR, else
 * $XDG_STATE_HOME/dosegate, else ~/.local/state/dosegate.  Complains on stderr
 * when sockets below it would have too long a name. */
bool dg_cli_place(const char *asked, char dir[DG_CLI_PATH_MAX]);

/** Make the directory and those above it, each ours alone; false after a
 * complaint on stderr. */
bool dg_cli_make_place(const char *dir);

/** Join; false when it does not fit. */
bool dg_cli_join(const char *dir, const char *name, char path[DG_CLI_PATH_MAX]);

/** A program that belongs beside this one; false when it is not there. */
bool dg_cli_program(const char *name, char path[DG_CLI_PATH_MAX]);

#endif
