/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/tell.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "eval/conclude.h"
#include "eval/label.h"
#include "eval/sequence.h"

/* What a person reads beside a verdict: why it failed, or what was seen last.
 */
static const char *last_word(const struct dg_run_test *test)
{
    const char *word = test->reason;

    if (test->verdict != DG_RUN_PASS) {
        return word;
    }
    for (const struct dg_run_line *line = test->seen; line != NULL;
         line = line->next) {
        word = line->text;
    }
    return word;
}

/* What an earlier run said stays in view. */
static void tell_earlier(const struct dg_run_test *test)
{
    for (const struct dg_run_earlier *e = test->earlier; e != NULL;
         e = e->next) {
        (void)printf("  %-26s %-13s before: %s on %.10s: %s\n",
                     "",
                     "",
                     dg_run_verdict_name(e->verdict),
                     e->ended,
                     e->reason);
    }
}

static void tell_expected(const struct dg_run *run,
                          const struct dg_run_test *test)
{
    const char *what = "not so";

    if (test->expected == DG_RUN_UNDECIDED) {
        return;
    }
    if (!dg_run_is_expectation_good(run, test)) {
        what = "does not count: the entry has run out, or lacks a reason, a "
               "name or a last day";
    } else if (test->verdict == test->expected) {
        what = "and so it is";
    } else if (test->verdict == DG_RUN_PASS) {
        what = "but it PASSES: take the entry out, or it would hide the next "
               "failure";
    }
    (void)printf("  %-26s %-13s expected: %s, says %s until %s (%s); %s\n",
                 "",
                 "",
                 dg_run_verdict_name(test->expected),
                 test->expected_by,
                 test->expected_until,
                 test->expected_because,
                 what);
}

static void tell_replay(const struct dg_run_test *test, const char *out)
{
    char file[640];
    char command[1536];

    (void)snprintf(file, sizeof file, "%s/" DG_SEQUENCE_FILE, out);
    if (dg_run_replay(test, file, command, sizeof command)) {
        (void)printf(
            "  %-26s %-13s or only what was enough: %s\n", "", "", command);
    }
}

static void tell_verdicts(const struct dg_run *run, const char *out)
{
    (void)printf("\n  %-26s %-13s %s\n"
                 "  %-26s %-13s %s\n",
                 "test",
                 "verdict",
                 "seen",
                 "-------------------------",
                 "------------",
                 "-------------------------------------------------");
    for (const struct dg_run_test *test = run->tests; test != NULL;
         test = test->next) {
        if (test->verdict == DG_RUN_NOT_ASKED) {
            continue;
        }
        (void)printf("  %-26s %-13s %s\n",
                     test->id,
                     dg_run_verdict_name(test->verdict),
                     last_word(test));
        if (test->verdict == DG_RUN_FAIL) {
            (void)printf(
                "  %-26s %-13s again: %s\n", "", "", test->replay_command);
            tell_replay(test, out);
        }
        tell_earlier(test);
        tell_expected(run, test);
    }
}

/* A path as a person in this folder would type it. */
static const char *near_path(const char *path)
{
    static char here[512];
    const size_t size = (getcwd(here, sizeof here) == NULL) ? 0U : strlen(here);

    return ((size > 0U) && (strncmp(path, here, size) == 0) &&
            (path[size] == '/'))
               ? &path[size + 1U]
               : path;
}

/* As one word of a shell. */
static void tell_word(const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "/._-+:,=@%";

    if ((text[0] != '\0') && (text[strspn(text, plain)] == '\0')) {
        (void)fputs(text, stdout);
        return;
    }
    (void)putchar('\'');
    for (; *text != '\0'; text++) {
        (void)((*text == '\'') ? fputs("'\\''", stdout) : putchar(*text));
    }
    (void)putchar('\'');
}

/* The command that checks the run just written.  With the default key, verify
 * finds it by itself; for another the file with its public half is named. */
static void tell_check(const struct dg_evaluation *evaluation)
{
    const struct dg_evaluate_options *options = evaluation->options;
    char path[640];

    if ((options->key != NULL) && (evaluation->public_key[0] == '\0')) {
        (void)printf("Check it: not with a file, because the key's public half "
                     "could not be written beside it\n");
        return;
    }
    (void)printf("Check it: ");
    (void)snprintf(
        path, sizeof path, "%s/dosegate", near_path(options->programs));
    tell_word(path);
    (void)printf(" verify ");
    (void)snprintf(path, sizeof path, "%s/run.dgrun", options->out);
    tell_word(path);
    if (options->key != NULL) {
        (void)printf(" --key ");
        tell_word(evaluation->public_key);
    } else if (options->dir != NULL) {
        (void)printf(" --dir ");
        tell_word(options->dir);
    } else {
        /* The key of the default folder. */
    }
    (void)printf("\n");
}

void dg_tell_end(const struct dg_evaluation *evaluation)
{
    const struct dg_run_origin *origin = &evaluation->origin;
    struct dg_conclusion conclusion;
    char sentence[1024];

    tell_verdicts(&evaluation->run, evaluation->options->out);
    if (dg_conclude(&evaluation->run, &conclusion) == DG_OK) {
        dg_label_sentence(
            &evaluation->run, &conclusion, sentence, sizeof sentence);
        if (conclusion.count[DG_RUN_NOT_ASKED] > 0U) {
            (void)printf("\nNot evaluated: %zu form%s for a person (see "
                         "--forms).\n",
                         conclusion.count[DG_RUN_NOT_ASKED],
                         (conclusion.count[DG_RUN_NOT_ASKED] == 1U) ? "" : "s");
        }
        if (conclusion.planted > 0U) {
            (void)printf("\nCalibration: %zu of %zu flawed products caught.\n",
                         conclusion.caught,
                         conclusion.planted);
        }
        (void)printf("\n%s\n", sentence);
        if (dg_run_shows_nothing(&evaluation->run)) {
            (void)printf("No test passed: the exit code is 1.\n");
        }
    }
    (void)printf("\nReport:   %s/report.html\n"
                 "Label:    %s/label.svg\n"
                 "Run file: %s/run.dgrun, signed by lab key %s\n",
                 evaluation->options->out,
                 evaluation->options->out,
                 evaluation->options->out,
                 origin->key_id);
    tell_check(evaluation);
}
