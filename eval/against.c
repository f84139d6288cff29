/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/against.h"

#include <stdio.h>
#include <string.h>

#include "eval/digest.h"
#include "eval/target/check.h"

/* Where the first profile of the target lies: evaluations are against one. */
static void find_profile(struct dg_evaluation *evaluation)
{
    const struct dg_target_claim *claim = &evaluation->target.profiles[0];
    const char *file = evaluation->target.file;
    const char *slash = strrchr(file, '/');
    const int size = ((slash == NULL) || (claim->file[0] == '/'))
                         ? 0
                         : (int)(slash - file) + 1;

    if (claim->file[0] == '\0') {
        (void)snprintf(evaluation->target_profile,
                       sizeof evaluation->target_profile,
                       "%s",
                       claim->id);
    } else {
        (void)snprintf(evaluation->target_profile,
                       sizeof evaluation->target_profile,
                       "%.*s%s",
                       size,
                       file,
                       claim->file);
    }
}

/* @satisfies{EVL_TARGET.4@1} */
bool dg_against_open(struct dg_evaluation *evaluation)
{
    const char *path = evaluation->options->target;
    struct dg_findings findings;
    struct dg_problem problem = {""};
    bool is_good = false;

    if (path == NULL) {
        return true;
    }
    evaluation->has_target = true;
    if (dg_target_open(path, &evaluation->target, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate: %s\n", problem.text);
        return false;
    }
    if (dg_target_check(&evaluation->target,
                        evaluation->options->spec,
                        &findings,
                        &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate: %s\n", problem.text);
    } else if (findings.errors > 0U) {
        (void)fprintf(stderr,
                      "dosegate: %s does not hold in itself (%zu findings): "
                      "see dosegate profile check %s\n",
                      path,
                      findings.errors,
                      path);
    } else {
        is_good = true;
        find_profile(evaluation);
    }
    dg_findings_free(&findings);
    return is_good;
}

/* The run says which target; one that is gone on with has to have the same. */
static void add_claim(struct dg_evaluation *evaluation)
{
    const struct dg_target *target = &evaluation->target;
    struct dg_run *run = &evaluation->run;
    char digest[65] = "";

    (void)dg_digest_file(evaluation->options->target, digest);
    dg_run_add_claim(
        run,
        DG_AGAINST_CLAIM,
        dg_run_textf(run,
                     "%s %s, SHA-256 %s%s",
                     target->id,
                     target->version,
                     digest,
                     (strcmp(target->firmware_digest, DG_TARGET_PER_BUILD) == 0)
                         ? "; it binds no firmware digest"
                         : ""));
}

static const char *text_of(const json_t *hello, const char *key)
{
    const char *text = json_string_value(json_object_get(hello, key));

    return (text == NULL) ? "" : text;
}

void dg_against_product(struct dg_evaluation *evaluation, const json_t *hello)
{
    const struct dg_target *target = &evaluation->target;

    if (!evaluation->has_target) {
        return;
    }

    const struct {
        const char *what;
        const char *claimed;
        const char *met;
    } marks[] = {
        {"name", target->product, text_of(hello, "name")},
        {"version", target->product_version, text_of(hello, "version")},
        {"firmware digest",
         target->firmware_digest,
         text_of(hello, "firmware_digest")},
    };

    add_claim(evaluation);
    evaluation->claims = (struct dg_claims){
        .is_said = true,
        .features = dg_arena_take(&evaluation->run.arena,
                                  (target->features.count + 1U) *
                                      sizeof(const char *))};
    for (size_t i = 0U;
         (evaluation->claims.features != NULL) && (i < target->features.count);
         i++) {
        evaluation->claims.features[i] = target->features.item[i].id;
        evaluation->claims.count++;
    }
    for (size_t i = 0U; i < (sizeof marks / sizeof marks[0]); i++) {
        if ((strcmp(marks[i].claimed, marks[i].met) != 0) &&
            (strcmp(marks[i].claimed, DG_TARGET_PER_BUILD) != 0) &&
            (evaluation->stranger[0] == '\0')) {
            (void)snprintf(evaluation->stranger,
                           sizeof evaluation->stranger,
                           "The product is not the one of the target: its %s "
                           "is %.80s, the target's is %.80s.",
                           marks[i].what,
                           marks[i].met,
                           marks[i].claimed);
        }
    }
}

static void add_stranger(struct dg_evaluation *evaluation)
{
    struct dg_run_test *test = dg_run_add_test(&evaluation->run, "target");

    if (test == NULL) {
        return;
    }
    test->title = "The product is the one of its security target";
    test->tier = "fast";
    test->criterion = "Name, version and firmware digest are those that the "
                      "security target names.";
    test->remediation = "Evaluate the product that the target names, or write "
                        "a target for this one.";
    test->verdict = DG_RUN_FAIL;
    test->reason = dg_run_text(&evaluation->run, evaluation->stranger);
}

void dg_against_add(struct dg_evaluation *evaluation)
{
    if (evaluation->stranger[0] != '\0') {
        add_stranger(evaluation);
    }
}
