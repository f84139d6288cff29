/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/replay.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "eval/evaluation.h"
#include "eval/file.h"
#include "eval/only.h"
#include "eval/scratch.h"
#include "eval/sequence.h"
#include "eval/session.h"

static bool complain(const char *what, const char *why)
{
    (void)fprintf(stderr, "dosegate: %s: %s\n", what, why);
    return false;
}

static const struct dg_attack *attack_of(const char *id)
{
    for (size_t i = 0U; i < dg_attack_count; i++) {
        if (strcmp(dg_attacks[i].id, id) == 0) {
            return &dg_attacks[i];
        }
    }
    return NULL;
}

static bool read_file(const char *path, struct dg_sequences *list)
{
    struct dg_problem problem;
    dg_span bytes = {NULL, 0U};

    memset(list, 0, sizeof *list);
    if (dg_file_read(path, DG_SEQUENCE_FILE_MAX, &bytes, &problem) != DG_OK) {
        return complain(path, problem.text);
    }

    const enum dg_status status = dg_sequences_read(bytes, list, &problem);

    dg_file_free(bytes);
    return (status == DG_OK) || complain(path, problem.text);
}

static void tell(const struct dg_run_test *test, size_t messages)
{
    static const char *const words[DG_RUN_VERDICTS] = {
        [DG_RUN_PASS] = "does not fail any more",
        [DG_RUN_FAIL] = "STILL FAILS"};
    const char *word = words[test->verdict];

    (void)printf("  %-26s %s\n",
                 test->id,
                 (word == NULL) ? "could not be judged" : word);
    for (const struct dg_run_line *line = test->seen; line != NULL;
         line = line->next) {
        (void)printf("    %s\n", line->text);
    }
    if (word == NULL) {
        (void)printf("    %s\n", test->reason);
    }
    (void)printf("    %zu message%s in the file\n",
                 messages,
                 (messages == 1U) ? "" : "s");
}

/* @satisfies{EVL_FUZZ.2@1} */
static enum dg_run_verdict play(struct dg_evaluation *evaluation,
                                struct dg_sequence *sequence,
                                size_t number)
{
    const struct dg_attack *attack = attack_of(sequence->test);
    const struct dg_catalogue_entry *entry =
        dg_catalogue_find(&evaluation->catalogue, sequence->test);
    enum dg_run_verdict verdict = DG_RUN_UNDECIDED;
    char dir[128];
    struct dg_session_order order = {.attack = attack,
                                     .entry = entry,
                                     .profile = &evaluation->profile,
                                     .adapter = evaluation->adapter,
                                     .dir = dir,
                                     .replay = "",
                                     .seed = evaluation->options->seed,
                                     .sequence = sequence,
                                     .patience_ms =
                                         evaluation->options->patience_ms,
                                     .hello = evaluation->hello,
                                     .start = evaluation->start,
                                     .run = &evaluation->run,
                                     .verdict = &verdict};

    if ((attack == NULL) || (entry == NULL)) {
        (void)complain(sequence->test, "no test of the catalogue");
        return DG_RUN_ERROR;
    }
    (void)snprintf(dir, sizeof dir, "%s/%zu", evaluation->scratch, number);
    (void)mkdir(dir, 0700);
    order.test = dg_catalogue_add_test(order.run, entry);
    if (order.test == NULL) {
        (void)complain(sequence->test, "out of memory");
        return DG_RUN_ERROR;
    }
    dg_session_run(&order);
    /* A test that knows no sequences has shown something else. */
    if (!sequence->was_played && (verdict == DG_RUN_PASS)) {
        (void)complain(sequence->test,
                       "it is no fuzzing test, and sent nothing");
        return DG_RUN_ERROR;
    }
    order.test->verdict = verdict;
    tell(order.test, sequence->count);
    return verdict;
}

static int play_all(struct dg_evaluation *evaluation, struct dg_sequences *list)
{
    const struct dg_evaluate_options *options = evaluation->options;
    size_t played = 0U;
    bool is_open = false;
    bool has_failed = false;

    (void)printf("Product: %s %s\n",
                 evaluation->run.product.name,
                 evaluation->run.product.version);
    if (strcmp(evaluation->run.product.firmware_digest,
               list->firmware_digest) != 0) {
        (void)printf("Its firmware is another one than the file's.\n");
    }
    (void)printf("\n");
    for (size_t i = 0U; i < list->count; i++) {
        if (dg_only_has(options->only, list->item[i].test)) {
            const enum dg_run_verdict verdict =
                play(evaluation, &list->item[i], i);

            played++;
            has_failed = has_failed || (verdict == DG_RUN_FAIL);
            is_open = is_open ||
                      ((verdict != DG_RUN_FAIL) && (verdict != DG_RUN_PASS));
        }
    }
    if (played == 0U) {
        (void)complain(options->replay,
                       "it holds no sequence of a test that --only names");
        return 1;
    }
    return has_failed ? 2 : (is_open ? 1 : 0);
}

int dg_replay(const struct dg_evaluate_options *options)
{
    static struct dg_evaluation evaluation;
    static struct dg_sequences list;
    int code = 1;

    if (!read_file(options->replay, &list)) {
        return 1;
    }
    memset(&evaluation, 0, sizeof evaluation);
    evaluation.options = options;
    if (dg_evaluation_meet(&evaluation) &&
        dg_only_check(options->only, &evaluation.catalogue)) {
        dg_scratch_guard(evaluation.scratch);
        code = play_all(&evaluation, &list);
    }
    dg_evaluation_close(&evaluation);
    dg_sequences_free(&list);
    return code;
}
