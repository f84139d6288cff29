/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/earlier.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "eval/against.h"
#include "eval/record.h"
#include "eval/run_codec.h"

static bool complain(const char *path, const char *why)
{
    (void)fprintf(stderr, "dosegate: %s: %s\n", path, why);
    return false;
}

/* A folder stands for the run file in it. */
static void file_of(const char *asked, char path[640])
{
    struct stat about;
    const bool is_folder = (stat(asked, &about) == 0) && S_ISDIR(about.st_mode);

    (void)snprintf(path, 640U, "%s%s", asked, is_folder ? "/run.dgrun" : "");
}

/* What a second evaluator has confirmed is not lost to a run that was started
 * in the wrong folder. */
static bool may_be_replaced(const struct dg_evaluation *evaluation)
{
    struct dg_run_file_check check;
    char path[640];
    char why[320];

    (void)snprintf(path, sizeof path, "%s/run.dgrun", evaluation->options->out);
    if ((access(path, F_OK) != 0) ||
        (dg_run_file_verify(
             &evaluation->crypto, path, &evaluation->key.public_key, &check) !=
         DG_OK) ||
        !check.second.is_there) {
        return true;
    }
    (void)snprintf(why,
                   sizeof why,
                   "%.80s has confirmed this run, and it is not overwritten: "
                   "name a new folder with --out, or move it away",
                   check.second.name);
    return complain(path, why);
}

bool dg_earlier_open(struct dg_evaluation *evaluation)
{
    const struct dg_evaluate_options *options = evaluation->options;
    const char *asked =
        (options->resume != NULL) ? options->resume : options->retry;
    struct dg_run_file_check check;
    char path[640];

    if ((options->resume == NULL) && !may_be_replaced(evaluation)) {
        return false;
    }
    if (asked == NULL) {
        return true;
    }
    file_of(asked, path);
    if (dg_run_file_read(&evaluation->crypto,
                         path,
                         &evaluation->key.public_key,
                         &evaluation->earlier,
                         &check) != DG_OK) {
        return complain(path, check.why.text);
    }
    evaluation->earlier_origin = check.origin;
    if (check.state != DG_RUN_FILE_VALID) {
        complain(path, check.why.text);
        return complain(path,
                        "only a run that this laboratory's own key signed can "
                        "be gone on with or tried again");
    }
    if ((options->resume != NULL) && check.second.is_there) {
        return complain(path,
                        "it is confirmed by a second evaluator: nothing is "
                        "left to go on with");
    }
    if (evaluation->earlier.tests == NULL) {
        return complain(path, "it holds no test yet: start a run of its own");
    }
    evaluation->has_earlier = true;
    return true;
}

/* One thing in which two runs may differ. */
static bool is_same(const char *path,
                    const char *what,
                    const char *before,
                    const char *now)
{
    if (strcmp(before, now) == 0) {
        return true;
    }
    (void)fprintf(stderr,
                  "dosegate: %s: cannot go on: %s was \"%.80s\" and is "
                  "\"%.80s\" now.  Start a run of its own with --out and a new "
                  "folder.\n",
                  path,
                  what,
                  before,
                  now);
    return false;
}

static bool is_same_product(const struct dg_run *a, const struct dg_run *b)
{
    return (strcmp(a->product.name, b->product.name) == 0) &&
           (strcmp(a->product.maker, b->product.maker) == 0) &&
           (strcmp(a->product.version, b->product.version) == 0) &&
           (strcmp(a->product.firmware_digest, b->product.firmware_digest) ==
            0);
}

bool dg_earlier_is_same(const struct dg_evaluation *evaluation)
{
    return is_same_product(&evaluation->earlier, &evaluation->run) &&
           (evaluation->earlier.head.seed == evaluation->run.head.seed);
}

/* The tests that ran must be the tests that there are. */
static bool is_same_catalogue(const struct dg_evaluation *evaluation,
                              const char *path)
{
    for (const struct dg_run_test *t = evaluation->earlier.tests; t != NULL;
         t = t->next) {
        const struct dg_catalogue_entry *entry =
            dg_catalogue_find(&evaluation->catalogue, t->id);
        char what[96];

        (void)snprintf(
            what, sizeof what, "the catalogue's entry of \"%.48s\"", t->id);
        if (!is_same(path,
                     what,
                     t->entry_digest,
                     (entry == NULL) ? "" : entry->digest)) {
            return false;
        }
    }
    return true;
}

static const char *claim_of(const struct dg_run *run,
                            const char *name,
                            const char *otherwise)
{
    for (const struct dg_run_claim *c = run->product.claims; c != NULL;
         c = c->next) {
        if (strcmp(c->name, name) == 0) {
            return c->value;
        }
    }
    return otherwise;
}

/* What was left out and judged by them is not done again. */
static bool are_same_caps(const struct dg_evaluation *evaluation,
                          const char *path)
{
    const struct dg_run_cap *a = evaluation->earlier.product.caps;
    const struct dg_run_cap *b = evaluation->run.product.caps;

    while ((a != NULL) || (b != NULL)) {
        char words[2][96] = {"not there", "not there"};

        if (a != NULL) {
            (void)snprintf(words[0],
                           sizeof words[0],
                           "%.60s: %llu mU",
                           a->name,
                           (unsigned long long)a->mU);
            a = a->next;
        }
        if (b != NULL) {
            (void)snprintf(words[1],
                           sizeof words[1],
                           "%.60s: %llu mU",
                           b->name,
                           (unsigned long long)b->mU);
            b = b->next;
        }
        if (!is_same(path, "a declared cap", words[0], words[1])) {
            return false;
        }
    }
    return true;
}

static bool is_whole_same(const struct dg_evaluation *evaluation,
                          const char *path)
{
    const struct dg_run *before = &evaluation->earlier;
    const struct dg_run *now = &evaluation->run;
    char seed[2][24];

    (void)snprintf(
        seed[0], sizeof seed[0], "%llu", (unsigned long long)before->head.seed);
    (void)snprintf(
        seed[1], sizeof seed[1], "%llu", (unsigned long long)now->head.seed);
    return is_same(
               path, "the product", before->product.name, now->product.name) &&
           is_same(
               path, "its maker", before->product.maker, now->product.maker) &&
           is_same(path,
                   "its version",
                   before->product.version,
                   now->product.version) &&
           is_same(path,
                   "its firmware digest",
                   before->product.firmware_digest,
                   now->product.firmware_digest) &&
           is_same(path, "the seed", seed[0], seed[1]) &&
           is_same(path,
                   "the security target",
                   claim_of(before, DG_AGAINST_CLAIM, ""),
                   claim_of(now, DG_AGAINST_CLAIM, "")) &&
           is_same(path,
                   "what it has (features)",
                   claim_of(before, "features", DG_SELECTION_NOT_SAID),
                   claim_of(now, "features", DG_SELECTION_NOT_SAID)) &&
           are_same_caps(evaluation, path) &&
           is_same(path,
                   "the profile's digest",
                   before->head.profile_digest,
                   now->head.profile_digest) &&
           is_same(path,
                   "the package's digest",
                   before->head.package_digest,
                   now->head.package_digest) &&
           is_same(path,
                   "the rating table's digest",
                   before->table.digest,
                   now->table.digest) &&
           is_same(path,
                   "this program's version",
                   before->head.tool_version,
                   now->head.tool_version) &&
           is_same_catalogue(evaluation, path);
}

/* @satisfies{EVL_RESUME.1@1} */
bool dg_earlier_take(struct dg_evaluation *evaluation)
{
    const struct dg_evaluate_options *options = evaluation->options;

    if (options->resume == NULL) {
        return true;
    }
    if (!options->has_seed) {
        evaluation->run.head.seed = evaluation->earlier.head.seed;
    }
    if (!is_whole_same(evaluation, options->resume)) {
        return false;
    }

    /* The file's run is ours from here on.  What was asked of the product just
     * now lives in the memory of the other one, which is kept. */
    const struct dg_run asked = evaluation->run;

    evaluation->run = evaluation->earlier;
    evaluation->earlier = asked;
    return true;
}

static bool is_open(const struct dg_run *run, const struct dg_run_test *test)
{
    return (test->verdict != DG_RUN_PASS) &&
           (test->verdict != DG_RUN_NOT_APPLICABLE) &&
           !((test->verdict == DG_RUN_WAIVED) &&
             dg_run_is_waiver_good(run, test));
}

bool dg_earlier_wants(const struct dg_evaluation *evaluation, const char *id)
{
    if (!evaluation->has_earlier) {
        return true;
    }
    if (evaluation->options->resume != NULL) {
        return dg_run_find_test(&evaluation->run, id) != NULL;
    }

    const struct dg_run_test *test = dg_run_find_test(&evaluation->earlier, id);

    return (test != NULL) && is_open(&evaluation->earlier, test);
}

/* Carry over what was said before, all of it, the newest last. */
static void remember(struct dg_evaluation *evaluation,
                     struct dg_run_test *test,
                     const struct dg_run_test *before)
{
    struct dg_run *run = &evaluation->run;
    const bool is_same_test =
        dg_earlier_is_same(evaluation) &&
        (strcmp(before->entry_digest, test->entry_digest) == 0);

    for (const struct dg_run_earlier *e = before->earlier; e != NULL;
         e = e->next) {
        struct dg_run_earlier *one = dg_run_add_earlier(run, test, e->verdict);

        if (one != NULL) {
            one->reason = dg_run_text(run, e->reason);
            one->run = dg_run_text(run, e->run);
            one->ended = dg_run_text(run, e->ended);
            one->must_repeat = e->must_repeat && is_same_test;
        }
    }

    struct dg_run_earlier *one = dg_run_add_earlier(run, test, before->verdict);

    if (one != NULL) {
        one->reason = dg_run_text(run, before->reason);
        one->run = dg_run_text(run, evaluation->earlier_origin.digest);
        one->ended = dg_run_text(run, evaluation->earlier.head.ended);
        one->must_repeat = is_same_test;
    }
}

struct dg_run_test *dg_earlier_test(struct dg_evaluation *evaluation,
                                    const struct dg_catalogue_entry *entry)
{
    struct dg_run *run = &evaluation->run;
    struct dg_run_test *old = dg_run_find_test(run, entry->id);

    if (old == NULL) {
        struct dg_run_test *test = dg_catalogue_add_test(run, entry);
        const struct dg_run_test *before =
            dg_run_find_test(&evaluation->earlier, entry->id);

        if ((test != NULL) && (before != NULL)) {
            remember(evaluation, test, before);
        }
        return test;
    }
    if (old->verdict == DG_RUN_UNDECIDED) {
        struct dg_run_test *next = old->next;
        struct dg_run_earlier *earlier = old->earlier;

        dg_run_codec_clear(&dg_shape_test, old);
        dg_catalogue_fill_test(run, old, entry);
        old->next = next;
        old->earlier = earlier;
    }
    return old;
}

struct dg_run_calibration *dg_earlier_row(struct dg_evaluation *evaluation,
                                          const struct dg_flawed *flawed,
                                          const char *test)
{
    for (struct dg_run_calibration *row = evaluation->run.calibration;
         row != NULL;
         row = row->next) {
        if ((strcmp(row->product, flawed->name) == 0) &&
            (strcmp(row->test, test) == 0)) {
            return row;
        }
    }
    if (evaluation->options->resume != NULL) {
        return NULL;
    }
    return dg_run_add_calibration(
        &evaluation->run, flawed->name, flawed->flaw, test);
}

/* @satisfies{EVL_RUN.2@1} */
void dg_earlier_settle(struct dg_run *run, struct dg_run_test *test)
{
    for (const struct dg_run_earlier *e = test->earlier; e != NULL;
         e = e->next) {
        if (e->must_repeat && (e->verdict == DG_RUN_FAIL) &&
            (test->verdict == DG_RUN_PASS)) {
            test->verdict = DG_RUN_INCONCLUSIVE;
            dg_record_reason(run,
                             test,
                             "It passed, but failed before with the same "
                             "firmware and the same seed: a verdict that does "
                             "not repeat is none.");
            return;
        }
    }
}
