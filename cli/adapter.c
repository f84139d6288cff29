/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/conform.h"
#include "place.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate adapter check [--patience S] PROGRAM [ARGUMENTS]\n"
    "\n"
    "Ask an adapter for everything that docs/adapter.md promises in its name,\n"
    "and print a line for each requirement; of one that does not hold also "
    "what\n"
    "was sent, what came, and what to do.\n"
    "\n"
    "  --patience S   how long it may take for one answer, 1 to 600 s\n"
    "                 (default 90)\n"
    "\n"
    "The product behind the adapter is not judged: see dosegate evaluate.\n"
    "Exit codes: 0 every requirement holds, 1 could not run, 2 one does not.\n";

static int check(int argc, char **argv)
{
    unsigned long long patience = DG_CONTRACT_PATIENCE_MS / 1000;
    const char *patience_text = NULL;
    int at = 1;

    /* What follows the program belongs to it. */
    while ((at < argc) && (strncmp(argv[at], "--", 2U) == 0)) {
        if (strcmp(argv[at], "--help") == 0) {
            (void)fputs(help, stdout);
            return DG_CLI_OK;
        }
        if ((strcmp(argv[at], "--patience") != 0) || (at + 1 >= argc)) {
            (void)fprintf(stderr,
                          "dosegate adapter check: %.64s: not an option of "
                          "this verb, or its value is missing; see dosegate "
                          "adapter --help\n",
                          argv[at]);
            return DG_CLI_FAILED;
        }
        patience_text = argv[at + 1];
        at += 2;
    }
    if (!dg_cli_number(
            "adapter", "--patience", patience_text, 1U, 600U, &patience)) {
        return DG_CLI_FAILED;
    }
    if (at >= argc) {
        (void)fputs("dosegate adapter check: name the adapter's program; see "
                    "dosegate adapter --help\n",
                    stderr);
        return DG_CLI_FAILED;
    }

    const struct dg_conform_options options = {.program = argv[at],
                                               .arguments = &argv[at + 1],
                                               .patience_ms =
                                                   (int)patience * 1000,
                                               .out = stdout};

    return dg_conform(&options);
}

int dg_cli_adapter(int argc, char **argv)
{
    if ((argc >= 2) && (strcmp(argv[1], "check") == 0)) {
        return check(argc - 1, argv + 1);
    }
    if ((argc >= 2) && (strcmp(argv[1], "--help") == 0)) {
        (void)fputs(help, stdout);
        return DG_CLI_OK;
    }
    (void)fputs("dosegate adapter: say what to do: check; see dosegate adapter "
                "--help\n",
                stderr);
    return DG_CLI_FAILED;
}
