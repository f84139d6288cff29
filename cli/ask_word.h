/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_CLI_ASK_WORD_H
#define DG_CLI_ASK_WORD_H

#include <stdbool.h>

#define DG_CLI_WORD_MAX 40U

/**
 * Ask a person for one word without blanks.
 *
 * @param prompt  Printed first.
 * @param shows   false: what is typed at a terminal is not shown.
 * @param ms      How long to wait.
 *
 * @return false: nothing came, or it is empty, too long or has a blank.
 */
bool dg_cli_ask_word(const char *prompt,
                     bool shows,
                     int ms,
                     char word[DG_CLI_WORD_MAX]);

#endif
