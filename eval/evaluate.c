/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/evaluate.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "eval/against.h"
#include "eval/black_box.h"
#include "eval/combinations.h"
#include "eval/earlier.h"
#include "eval/evaluation.h"
#include "eval/expect.h"
#include "eval/form.h"
#include "eval/only.h"
#include "eval/progress.h"
#include "eval/record.h"
#include "eval/scratch.h"
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
    bool is_stopped;  /* results can no longer be kept */
    bool is_finished; /* the run that is gone on with had ended */
    struct job *jobs;
    size_t count;
    size_t already; /* ended in an earlier process, and not among the jobs */
    size_t next;
    unsigned active; /* workers */
    struct dg_progress progress;
};

static void name_of(const struct job *job, char name[DG_PROGRESS_NAME_MAX])
{
    (void)snprintf(name,
                   DG_PROGRESS_NAME_MAX,
                   "%s%s%s",
                   job->order.attack->id,
                   (job->flawed != NULL) ? " on flawed/" : "",
                   (job->flawed != NULL) ? job->flawed->name : "");
}

static void tell(struct work *work, const struct job *job)
{
    const struct dg_run_test *test = job->order.test;
    const bool is_calibration = job->flawed != NULL;
    const bool has_failed = test->verdict == DG_RUN_FAIL;
    const char *verdict = dg_run_verdict_name(test->verdict);
    char name[DG_PROGRESS_NAME_MAX];

    name_of(job, name);
    if (is_calibration) {
        verdict = has_failed ? "caught" : "NOT CAUGHT";
    }
    dg_progress_end(&work->progress,
                    name,
                    verdict,
                    test->elapsed_ms,
                    has_failed != is_calibration);
}

static void settle_calibration(const struct job *job)
{
    const struct dg_run_test *test = job->order.test;

    if (job->row != NULL) {
        job->row->is_caught = test->verdict == DG_RUN_FAIL;
        job->row->seen = test->reason;
        job->row->elapsed_ms = test->elapsed_ms;
        job->row->verdict = test->verdict;
    }
}

static struct job *next_job(struct work *work)
{
    char name[DG_PROGRESS_NAME_MAX];
    struct job *job = NULL;

    (void)pthread_mutex_lock(&work->lock);
    if (!work->is_stopped && (work->next < work->count)) {
        job = &work->jobs[work->next++];
        name_of(job, name);
        dg_progress_start(&work->progress, name);
    } else {
        work->active--;
    }
    (void)pthread_mutex_unlock(&work->lock);
    return job;
}

static void run_one(const struct dg_evaluate_options *options, struct job *job)
{
    if (options->black_box != NULL) {
        dg_black_box_run(&job->order, options->black_box);
    } else {
        dg_combinations_run(
            &job->order, options->strength, job->flawed != NULL);
    }
}

static void *worker(void *context)
{
    struct work *work = context;

    for (struct job *job = next_job(work); job != NULL; job = next_job(work)) {
        enum dg_run_verdict verdict = DG_RUN_UNDECIDED;

        (void)mkdir(job->dir, 0700);
        job->order.verdict = &verdict;
        run_one(work->evaluation->options, job);
        /* Runs are saved under this lock: none holds a verdict that was not
         * settled. */
        (void)pthread_mutex_lock(&work->lock);
        job->order.verdict = NULL;
        dg_session_give(&job->order, verdict);
        settle_calibration(job);
        dg_earlier_settle(job->order.run, job->order.test);
        tell(work, job);
        /* Saved after each test: a disk that fills up, or a kill, leaves what
         * there was. */
        work->is_stopped =
            work->is_stopped || !dg_evaluation_save(work->evaluation);
        (void)pthread_mutex_unlock(&work->lock);
    }
    return NULL;
}

static void fill_job(struct dg_evaluation *evaluation,
                     struct job *job,
                     const struct dg_attack *attack,
                     const struct dg_catalogue_entry *entry,
                     const struct dg_flawed *flawed,
                     size_t number)
{
    const struct dg_evaluate_options *options = evaluation->options;
    const char *product = options->product;
    const char *option = " --product ";

    if (options->adapter != NULL) {
        product = options->adapter;
        option = " --adapter ";
    }
    if (options->black_box != NULL) {
        product = options->black_box;
        option = " --black-box ";
    }
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
                   "tools/run%s%s --only %s --seed %llu",
                   (product == NULL) ? "" : option,
                   (product == NULL) ? "" : product,
                   attack->id,
                   (unsigned long long)evaluation->run.head.seed);
    if ((options->strength > 0U) && (entry->strength > 0U)) {
        const size_t used = strlen(job->replay);

        (void)snprintf(job->replay + used,
                       sizeof job->replay - used,
                       " --strength %u",
                       options->strength);
    }
    job->flawed = flawed;
    job->order = (struct dg_session_order){
        .attack = attack,
        .entry = entry,
        .profile = &evaluation->profile,
        .adapter = job->adapter,
        .dir = job->dir,
        .replay = job->replay,
        .seed = evaluation->run.head.seed,
        .patience_ms = options->patience_ms,
        /* A flawed product is another one than the product. */
        .hello = (flawed == NULL) ? evaluation->hello : NULL,
        .start = (flawed == NULL) ? evaluation->start : NULL,
        .run = (flawed == NULL) ? &evaluation->run : &evaluation->calibration};
    job->order.test = (flawed == NULL)
                          ? dg_earlier_test(evaluation, entry)
                          : dg_catalogue_add_test(job->order.run, entry);
    if (flawed != NULL) {
        job->row = dg_earlier_row(evaluation, flawed, attack->id);
    }
}

/* Whether there is something left to do: what ended before is not done again,
 * and without memory nothing is. */
static bool is_open(const struct job *job)
{
    if (job->order.test == NULL) {
        return false;
    }
    if (job->flawed != NULL) {
        return (job->row != NULL) && (job->row->verdict == DG_RUN_UNDECIDED);
    }
    return job->order.test->verdict == DG_RUN_UNDECIDED;
}

static bool is_wanted(const struct dg_evaluation *evaluation, const char *id)
{
    return dg_only_has(evaluation->options->only, id) &&
           dg_earlier_wants(evaluation, id);
}

static bool applies(const struct dg_evaluation *evaluation, const char *id)
{
    const struct dg_selection_item *item =
        dg_selection_find(&evaluation->selection, id);

    return (item != NULL) && (item->state == DG_SELECTION_RUNS);
}

/* Take the job in when it has to be done. */
static void offer(struct dg_evaluation *evaluation,
                  struct work *work,
                  const struct dg_attack *attack,
                  const struct dg_flawed *flawed)
{
    const struct dg_catalogue_entry *entry =
        dg_catalogue_find(&evaluation->catalogue, attack->id);
    struct job *job = &work->jobs[work->count];

    if ((entry == NULL) || !is_wanted(evaluation, entry->id) ||
        !applies(evaluation, entry->id)) {
        return;
    }
    *job = (struct job){.flawed = flawed};
    fill_job(evaluation, job, attack, entry, flawed, work->count);
    if (is_open(job)) {
        work->count++;
    } else if ((flawed == NULL) || (job->row != NULL)) {
        work->already++;
    } else {
        /* The run that is gone on with left this flawed product out. */
    }
}

/* What the claims leave out stands in the run file with its reason. */
static void leave_out(struct dg_evaluation *evaluation)
{
    const struct dg_selection *selection = &evaluation->selection;
    const struct dg_evaluate_options *options = evaluation->options;

    if (options->resume != NULL) {
        return; /* there already */
    }
    for (size_t i = 0U; i < selection->count; i++) {
        const struct dg_selection_item *item = &selection->items[i];

        if ((item->state == DG_SELECTION_NOT_APPLICABLE) &&
            is_wanted(evaluation, item->entry->id)) {
            dg_selection_add_test(&evaluation->run, item);
        }
    }
    if ((options->only == NULL) && (options->retry == NULL)) {
        dg_selection_add_gaps(&evaluation->run, selection, &evaluation->claims);
    }
}

static bool is_form_wanted(const void *context, const char *id)
{
    return is_wanted(context, id);
}

/* What a person does stands in the run beside what ran. */
static bool add_forms(struct dg_evaluation *evaluation)
{
    struct dg_problem problem;

    if (dg_forms_add(&evaluation->run,
                     &evaluation->catalogue,
                     evaluation->options->forms,
                     is_form_wanted,
                     evaluation,
                     &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate: forms: %s\n", problem.text);
        return false;
    }
    return true;
}

/* @satisfies{EVL_CAL.1@1}
 * The product's own tests first, then the flawed products. */
static bool plan(struct dg_evaluation *evaluation, struct work *work)
{
    const struct dg_evaluate_options *options = evaluation->options;
    const size_t flawed = options->calibrate ? evaluation->flawed.count : 0U;

    work->jobs = calloc(dg_attack_count + flawed + 1U, sizeof *work->jobs);
    if (work->jobs == NULL) {
        (void)fprintf(stderr, "dosegate: out of memory\n");
        return false;
    }
    if (evaluation->stranger[0] != '\0') {
        return true; /* what another product does is not asked */
    }
    for (size_t i = 0U; i < dg_attack_count; i++) {
        offer(evaluation, work, &dg_attacks[i], NULL);
    }
    for (size_t i = 0U; i < flawed; i++) {
        const struct dg_flawed *one = &evaluation->flawed.items[i];

        for (size_t at = 0U; at < dg_attack_count; at++) {
            if (strcmp(one->caught_by, dg_attacks[at].id) == 0) {
                offer(evaluation, work, &dg_attacks[at], one);
            }
        }
    }
    return true;
}

/* What ends a run early, kept for wait_for_workers(). */
static void keep_signals(sigset_t *ends)
{
    (void)sigemptyset(ends);
    (void)sigaddset(ends, SIGINT);
    (void)sigaddset(ends, SIGTERM);
    (void)sigaddset(ends, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, ends, NULL);
}

static void say_how_to_go_on(const struct work *work, const char *why)
{
    const struct dg_evaluation *evaluation = work->evaluation;

    (void)fflush(stdout);
    (void)fprintf(stderr,
                  "dosegate: stopped after %zu of %zu tests, because %s; "
                  "%s/run.dgrun holds what could be saved.  Go on with the "
                  "same --product or --adapter and --resume %s\n",
                  work->progress.done,
                  work->count + work->already,
                  why,
                  evaluation->options->out,
                  evaluation->options->out);
}

/* Tests run in other threads and may hang in a product that does: they are not
 * waited for.  What has ended is on the disk, and adapters end with us. */
static void end_now(struct work *work)
{
    (void)pthread_mutex_lock(&work->lock);
    dg_record_hold();
    dg_progress_close(&work->progress);
    say_how_to_go_on(work, "it was asked to end");
    dg_scratch_remove(work->evaluation->scratch);
    _exit(1);
}

static void wait_for_workers(struct work *work, const sigset_t *ends)
{
    const struct timespec pause = {.tv_nsec = 100000000L};
    bool is_busy = true;

    while (is_busy) {
        if (sigtimedwait(ends, NULL, &pause) > 0) {
            end_now(work);
        }
        (void)pthread_mutex_lock(&work->lock);
        is_busy = work->active > 0U;
        if (is_busy) {
            dg_progress_tick(&work->progress);
        }
        (void)pthread_mutex_unlock(&work->lock);
    }
}

static void run_jobs(struct work *work, unsigned workers)
{
    pthread_t threads[JOBS_MAX];
    unsigned started = 0U;
    sigset_t ends;

    keep_signals(&ends);
    (void)pthread_mutex_init(&work->lock, NULL);
    dg_progress_begin(
        &work->progress, stdout, work->count + work->already, work->already);
    (void)pthread_mutex_lock(&work->lock);
    while ((started < workers) && (started < JOBS_MAX) &&
           (pthread_create(&threads[started], NULL, worker, work) == 0)) {
        started++;
    }
    work->active = started;
    (void)pthread_mutex_unlock(&work->lock);
    if (started == 0U) {
        work->active = 1U;
        (void)worker(work);
    }
    wait_for_workers(work, &ends);
    for (unsigned i = 0U; i < started; i++) {
        (void)pthread_join(threads[i], NULL);
    }
    dg_progress_close(&work->progress);
    (void)pthread_mutex_destroy(&work->lock);
}

/* Everything that is decided before the first test.  Saved then: a folder that
 * takes nothing is found out now, and a run that is killed in its first test
 * can be gone on with. */
static bool prepare(struct dg_evaluation *evaluation, struct work *work)
{
    const struct dg_evaluate_options *options = evaluation->options;
    struct dg_problem problem;

    if (!dg_evaluation_open(evaluation) ||
        !dg_only_check(options->only, &evaluation->catalogue) ||
        !plan(evaluation, work)) {
        return false;
    }
    /* A run that ended stays as it was signed, byte for byte. */
    work->is_finished = (options->resume != NULL) && (work->count == 0U) &&
                        (options->forms == NULL) && (options->expect == NULL);
    if (work->is_finished) {
        return true;
    }
    if (options->resume == NULL) {
        dg_against_add(evaluation);
    }
    if (evaluation->stranger[0] == '\0') {
        leave_out(evaluation);
        if (!add_forms(evaluation)) {
            return false;
        }
    }
    if (evaluation->run.tests == NULL) {
        (void)fprintf(stderr,
                      "dosegate: nothing to run: no test of %s is open%s\n",
                      (options->retry == NULL) ? "the catalogue"
                                               : options->retry,
                      (options->only == NULL) ? "" : " and named by --only");
        return false;
    }
    if ((options->expect != NULL) && (dg_expect_read(options->expect,
                                                     &evaluation->catalogue,
                                                     &evaluation->run,
                                                     &problem) != DG_OK)) {
        (void)fprintf(stderr, "dosegate: %s\n", problem.text);
        return false;
    }
    return dg_evaluation_save(evaluation);
}

/* @satisfies{EVL_VERDICT.2@1} */
int dg_evaluate(const struct dg_evaluate_options *options)
{
    static struct dg_evaluation evaluation;
    struct work work = {.evaluation = &evaluation};
    int code = 1;

    /* A limit on sizes of files is then an error like a full disk. */
    (void)signal(SIGXFSZ, SIG_IGN);
    memset(&evaluation, 0, sizeof evaluation);
    evaluation.options = options;

    const bool is_ready = prepare(&evaluation, &work);

    if (is_ready && work.is_finished) {
        (void)printf("Nothing is left to go on with: all %zu tests had ended, "
                     "and the run file stays as it is\n",
                     work.already);
        if (dg_evaluation_tell_again(&evaluation)) {
            code = dg_run_exit_code(&evaluation.run);
        }
    } else if (is_ready) {
        (void)printf("%zu test%s, %u at a time, seed %llu\n",
                     work.count,
                     (work.count == 1U) ? "" : "s",
                     options->jobs,
                     (unsigned long long)evaluation.run.head.seed);
        if (work.already > 0U) {
            (void)printf("%zu more had ended before and are not repeated\n",
                         work.already);
        }
        (void)printf("\n");
        run_jobs(&work, options->jobs);
        if (work.is_stopped) {
            say_how_to_go_on(&work,
                             "results could not be saved: mend what is named "
                             "above");
        } else if (dg_evaluation_write(&evaluation)) {
            code = dg_run_exit_code(&evaluation.run);
        }
    }
    free(work.jobs);
    dg_evaluation_close(&evaluation);
    return code;
}
