/* SPDX-License-Identifier: Apache-2.0 */
#include "ask_word.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* Echo off; false when this is no terminal. */
static bool hide(struct termios *before)
{
    struct termios quiet;

    if (tcgetattr(STDIN_FILENO, before) != 0) {
        return false;
    }
    quiet = *before;
    quiet.c_lflag &= ~(tcflag_t)ECHO;
    return tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
}

/* One byte at a time: stdio would take lines that are not ours, and wait on
 * what it has already. */
static bool read_line(int ms, char *text, size_t size)
{
    struct pollfd entry = {.fd = STDIN_FILENO, .events = POLLIN};

    for (size_t used = 0; used < size; used++) {
        if ((poll(&entry, 1, ms) != 1) ||
            (read(STDIN_FILENO, &text[used], 1) != 1)) {
            return false;
        }
        if (text[used] == '\n') {
            text[used] = '\0';
            return true;
        }
    }
    return false;
}

bool dg_cli_ask_word(const char *prompt,
                     bool shows,
                     int ms,
                     char word[DG_CLI_WORD_MAX])
{
    struct termios before;

    (void)printf("%s", prompt);
    (void)fflush(stdout);

    const bool is_hidden = !shows && hide(&before);
    const bool done = read_line(ms, word, DG_CLI_WORD_MAX) &&
                      (word[0] != '\0') && (strpbrk(word, " \t\r") == NULL);

    if (is_hidden) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        (void)printf("\n");
    }
    return done;
}
