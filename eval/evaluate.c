/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/evaluate.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "eval/evaluation.h"
#include "eval/jsonl.h"
#include "eval/record.h"
#include "eval/session.h"

#define JOBS_MAX 16U

/* One piece of work: a test on the product, or one on a flawed product. */
struct job {
    struct dg_session_order order;
    const struct dg_flawed *flawed; /* NULL: the product itself */
    struct dg_run_calibration *row;
    char dir[512];
    char adapter[640];
    char replay[768];
};

struct work {
    struct dg_evaluation *evaluation;
    pthread_mutex_t lock;
    bool is_stopped; /* results can no longer be kept */
    struct job *jobs;
    size_t count;
    size_t next;
    size_t done;
    long long began_ms;
};

static void tell(const struct work *work, const struct job *job)
{
    const struct dg_run_test *test = job->order.test;
    const bool is_calibration = job->flawed != NULL;
    const char *verdict = dg_run_verdict_name(test->verdict);
    char name[96];

    (void)snprintf(name,
                   sizeof name,
                   "%s%s%s",
                   test->id,
                   is_calibration ? " on flawed/" : "",
                   is_calibration ? job->flawed->name : "");
    if (is_calibration) {
        verdict = (test->verdict == DG_RUN_FAIL) ? "caught" : "NOT CAUGHT";
    }
    (void)printf("  [%2zu/%zu] %-44s %-13s %5.1f s  (%.1f s elapsed)\n",
                 work->done,
                 work->count,
                 name,
                 verdict,
                 (double)test->elapsed_ms / 1000.0,
                 (double)(dg_clock_ms() - work->began_ms) / 1000.0);
    (void)fflush(stdout);
}

static void settle_calibration(const struct job *job)
{
    const struct dg_run_test *test = job->order.test;

    if (job->row != NULL) {
        job->row->is_caught = test->verdict == DG_RUN_FAIL;
        job->row->seen = test->reason;
        job->row->elapsed_ms = test->elapsed_ms;
    }
}

static void *worker(void *context)
{
    struct work *work = context;

    for (;;) {
        (void)pthread_mutex_lock(&work->lock);
        struct job *job = (!work->is_stopped && (work->next < work->count))
                              ? &work->jobs[work->next++]
                              : NULL;

        (void)pthread_mutex_unlock(&work->lock);
        if (job == NULL) {
            return NULL;
        }
        (void)mkdir(job->dir, 0700);
        dg_session_run(&job->order);
        (void)pthread_mutex_lock(&work->lock);
        settle_calibration(job);
        work->done++;
        tell(work, job);
        /* Saved after each test: a disk that fills up, or a kill, leaves what
         * there was. */
        work->is_stopped =
            work->is_stopped || !dg_evaluation_save(work->evaluation);
        (void)pthread_mutex_unlock(&work->lock);
    }
}

static void fill_job(struct dg_evaluation *evaluation,
                     struct job *job,
                     const struct dg_attack *attack,
                     const struct dg_catalogue_entry *entry,
                     const struct dg_flawed *flawed,
                     size_t number)
{
    const struct dg_evaluate_options *options = evaluation->options;
    const char *product =
        (options->adapter != NULL) ? options->adapter : options->product;
    const char *option =
        (options->adapter != NULL) ? " --adapter " : " --product ";

    /* The vendor's adapter comes with the product. */
    if (flawed != NULL) {
        (void)snprintf(job->adapter,
                       sizeof job->adapter,
                       "%s/../flawed/%s/dosegate-adapter-device",
                       options->programs,
                       flawed->name);
    } else {
        (void)snprintf(
            job->adapter, sizeof job->adapter, "%s", evaluation->adapter);
    }
    (void)snprintf(
        job->dir, sizeof job->dir, "%s/%zu", evaluation->scratch, number);
    (void)snprintf(job->replay,
                   sizeof job->replay,
                   "tools/run%s%s --test %s --seed %llu",
                   (product == NULL) ? "" : option,
                   (product == NULL) ? "" : product,
                   attack->id,
                   (unsigned long long)options->seed);
    job->flawed = flawed;
    job->order = (struct dg_session_order){
        .attack = attack,
        .entry = entry,
        .profile = &evaluation->profile,
        .adapter = job->adapter,
        .dir = job->dir,
        .replay = job->replay,
        .seed = options->seed,
        .run = (flawed == NULL) ? &evaluation->run : &evaluation->calibration};
    job->order.test = dg_catalogue_add_test(job->order.run, entry);
    if (flawed != NULL) {
        job->row = dg_run_add_calibration(
            &evaluation->run, flawed->name, flawed->flaw, attack->id);
    }
}

static bool is_wanted(const struct dg_evaluate_options *options, const char *id)
{
    return (options->only == NULL) || (strcmp(options->only, id) == 0);
}

static bool applies(const struct dg_evaluation *evaluation, const char *id)
{
    const struct dg_selection_item *item =
        dg_selection_find(&evaluation->selection, id);

    return (item != NULL) && (item->state == DG_SELECTION_RUNS);
}

/* What the claims leave out stands in the run file with its reason. */
static void leave_out(struct dg_evaluation *evaluation)
{
    const struct dg_selection *selection = &evaluation->selection;

    for (size_t i = 0U; i < selection->count; i++) {
        const struct dg_selection_item *item = &selection->items[i];

        if ((item->state == DG_SELECTION_NOT_APPLICABLE) &&
            is_wanted(evaluation->options, item->entry->id)) {
            dg_selection_add_test(&evaluation->run, item);
        }
    }
    if (evaluation->options->only == NULL) {
        dg_selection_add_gaps(&evaluation->run, selection, &evaluation->claims);
    }
}

/* @satisfies{EVL_CAL.1@1}
 * The product's own tests first, then the flawed products. */
static struct job *plan(struct dg_evaluation *evaluation, size_t *count)
{
    const struct dg_evaluate_options *options = evaluation->options;
    struct job *jobs =
        calloc(dg_attack_count + evaluation->flawed.count, sizeof *jobs);

    *count = 0U;
    for (size_t i = 0U; (jobs != NULL) && (i < dg_attack_count); i++) {
        const struct dg_catalogue_entry *entry =
            dg_catalogue_find(&evaluation->catalogue, dg_attacks[i].id);

        if ((entry != NULL) && is_wanted(options, entry->id) &&
            applies(evaluation, entry->id)) {
            fill_job(
                evaluation, &jobs[*count], &dg_attacks[i], entry, NULL, *count);
            *count += 1U;
        }
    }
    for (size_t i = 0U;
         (jobs != NULL) && options->calibrate && (i < evaluation->flawed.count);
         i++) {
        const struct dg_flawed *flawed = &evaluation->flawed.items[i];

        for (size_t at = 0U; at < dg_attack_count; at++) {
            const struct dg_catalogue_entry *entry =
                dg_catalogue_find(&evaluation->catalogue, dg_attacks[at].id);

            if ((entry != NULL) && is_wanted(options, entry->id) &&
                applies(evaluation, entry->id) &&
                (strcmp(flawed->caught_by, entry->id) == 0)) {
                fill_job(evaluation,
                         &jobs[*count],
                         &dg_attacks[at],
                         entry,
                         flawed,
                         *count);
                *count += 1U;
            }
        }
    }
    return jobs;
}

static void run_jobs(struct work *work, unsigned workers)
{
    pthread_t threads[JOBS_MAX];
    unsigned started = 0U;

    (void)pthread_mutex_init(&work->lock, NULL);
    work->began_ms = dg_clock_ms();
    while ((started < workers) && (started < JOBS_MAX) &&
           (pthread_create(&threads[started], NULL, worker, work) == 0)) {
        started++;
    }
    if (started == 0U) {
        (void)worker(work);
    }
    for (unsigned i = 0U; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    (void)pthread_mutex_destroy(&work->lock);
}

/* @satisfies{EVL_VERDICT.2@1} */
int dg_evaluate(const struct dg_evaluate_options *options)
{
    static struct dg_evaluation evaluation;
    struct work work = {.next = 0U};
    int code = 1;

    memset(&evaluation, 0, sizeof evaluation);
    evaluation.options = options;
    if (!dg_evaluation_open(&evaluation)) {
        dg_evaluation_close(&evaluation);
        return 1;
    }
    work.jobs = plan(&evaluation, &work.count);
    leave_out(&evaluation);
    if (evaluation.run.tests == NULL) {
        (void)fprintf(stderr,
                      "dosegate: no test \"%s\"; the ids are the names of "
                      "the files in spec/catalogue\n",
                      (options->only == NULL) ? "" : options->only);
    } else {
        (void)printf("%zu tests, %u at a time, seed %llu\n\n",
                     work.count,
                     options->jobs,
                     (unsigned long long)options->seed);
        work.evaluation = &evaluation;
        run_jobs(&work, options->jobs);
        if (work.is_stopped) {
            (void)fprintf(stderr,
                          "dosegate: stopped after %zu of %zu tests, because "
                          "results could not be saved; %s/run.dgrun holds "
                          "what could be. Mend what is named above and run "
                          "again.\n",
                          work.done,
                          work.count,
                          options->out);
        } else if (dg_evaluation_write(&evaluation)) {
            code = dg_run_exit_code(&evaluation.run);
        }
    }
    free(work.jobs);
    dg_evaluation_close(&evaluation);
    return code;
}
