/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "patient/trial/bench.h"
#include "patient/trial/digest.h"
#include "patient/trial/dispatch.h"
#include "patient/trial/measure.h"
#include "patient/trial/tile.h"
#include "patient/trial/trial.h"

/* Threads take blocks of people from a counter; a block is done in all
 * scenarios and arms by one of them, and goes into the whole under a lock: in
 * whatever order, the sums are the same. */

#define TILES (DG_TRIAL_BLOCK / DG_TRIAL_LANES)

struct run {
    const struct dg_trial_plan *plan;
    const struct dg_trial_host *host;
    struct dg_trial_result *result;
    dg_trial_tile_run tile;
    uint8_t digest[32];
    uint64_t shard; /* 0 .. shards - 1 */
    uint64_t shards;
    uint64_t before;  /* person-days of blocks that were done at the start */
    uint64_t planned; /* person-days of the shard */
    double begun;
    double told;
    double kept;
    atomic_uint_fast64_t next;
    atomic_uint_fast64_t lived; /* person-days in this run */
    atomic_bool is_stopped;
    atomic_int failure;
    pthread_mutex_t lock;
};

/* What one thread works with. */
struct worker {
    struct run *run;
    struct dg_trial_bench *bench;
    struct dg_trial_cell *cells;    /* of the block */
    struct dg_trial_tally *tallies; /* arms x lanes */
};

static double now(void)
{
    struct timespec at;

    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + ((double)at.tv_nsec / 1e9);
}

/* Results ---------------------------------------------------------------------- */

struct dg_trial_result *dg_trial_result_new(const struct dg_trial_plan *plan)
{
    if (dg_trial_fault(plan) != NULL) {
        return NULL;
    }

    struct dg_trial_result *result = calloc(1U, sizeof *result);

    if (result == NULL) {
        return NULL;
    }
    result->scenarios = plan->scenarios;
    result->arms = plan->arms;
    result->people = plan->people;
    result->blocks = (plan->people + DG_TRIAL_BLOCK - 1U) / DG_TRIAL_BLOCK;
    result->bitmap =
        calloc((size_t)((result->blocks + 63U) / 64U), sizeof *result->bitmap);
    result->cell = calloc(plan->scenarios * plan->arms, sizeof *result->cell);
    if ((result->bitmap == NULL) || (result->cell == NULL)) {
        dg_trial_result_free(result);
        return NULL;
    }
    return result;
}

void dg_trial_result_free(struct dg_trial_result *result)
{
    if (result != NULL) {
        free(result->bitmap);
        free(result->cell);
        free(result);
    }
}

/* A tile ------------------------------------------------------------------------- */

static void live(const struct dg_trial_plan *plan,
                 dg_trial_tile_run run,
                 struct dg_trial_bench *bench,
                 uint64_t first,
                 unsigned scenario,
                 unsigned arm)
{
    struct dg_trial_tile tile = {
        .bench = bench,
        .plan = plan,
        .seed = plan->seed,
        .first = first,
        .days = plan->days,
        .model = (unsigned)plan->model,
        .sensor = plan->sensor,
        .scenario = scenario,
        .arm = arm,
        .has_rescue = !plan->scenario[scenario].no_rescue,
        .world = &plan->scenario[scenario].world,
        .published = plan->published,
        .published_count = plan->published_count,
        .people = bench->people,
        .has_people = bench->people_first == first,
        .plasma_tenths = bench->plasma,
        .sensor_tenths = bench->sensor,
    };

    run(&tile);
    bench->people_first = first;
    dg_trial_bench_measure(bench);
    for (unsigned lane = 0U; lane < DG_TRIAL_LANES; lane++) {
        bench->tally[lane].is_lost = tile.is_lost[lane];
        bench->tally[lane].rescue_g = tile.rescue_g[lane];
        bench->tally[lane].carbs_g = tile.carbs_g[lane];
    }
}

/* People behind the last one fill a tile and count for nothing. */
static unsigned people_from(const struct dg_trial_plan *plan, uint64_t first)
{
    const uint64_t left = (plan->people > first) ? (plan->people - first) : 0U;

    return (left < DG_TRIAL_LANES) ? (unsigned)left : DG_TRIAL_LANES;
}

static void lay_days(const struct worker *worker,
                     unsigned people,
                     struct dg_trial_cell *cell)
{
    const struct dg_trial_bench *bench = worker->bench;
    const size_t steps = (size_t)worker->run->plan->days * 288U;

    for (unsigned lane = 0U; lane < people; lane++) {
        if (bench->tally[lane].is_lost || bench->tally[lane].is_dropped) {
            continue;
        }
        dg_trial_measure_day(bench->plasma, steps, lane, DG_TRIAL_PLASMA, cell);
        dg_trial_measure_day(bench->sensor, steps, lane, DG_TRIAL_SENSOR, cell);
    }
}

/* Progress and checkpoint ----------------------------------------------------------- */

static uint64_t person_days(const struct dg_trial_plan *plan, uint64_t people)
{
    return people * plan->days * plan->scenarios * plan->arms;
}

static void tell(struct run *run, double at)
{
    const uint64_t lived = atomic_load(&run->lived);
    struct dg_trial_progress progress = {
        .person_days_done = run->before + lived,
        .person_days = run->planned,
        .seconds = at - run->begun,
    };

    progress.rate =
        (progress.seconds > 0.0) ? ((double)lived / progress.seconds) : 0.0;
    if (progress.rate > 0.0) {
        progress.left_s =
            (double)(progress.person_days - progress.person_days_done) /
            progress.rate;
    }
    run->told = at;
    if (!run->host->progress(run->host->context, &progress)) {
        atomic_store(&run->is_stopped, true);
    }
}

static void tell_sometimes(struct run *run)
{
    if ((run->host->progress == NULL) ||
        (pthread_mutex_trylock(&run->lock) != 0)) {
        return;
    }

    const double at = now();

    if ((at - run->told) >= 0.1) {
        tell(run, at);
    }
    (void)pthread_mutex_unlock(&run->lock);
}

static void fail(struct run *run, enum dg_status status)
{
    int none = DG_OK;

    (void)atomic_compare_exchange_strong(&run->failure, &none, (int)status);
    atomic_store(&run->is_stopped, true);
}

static void keep(struct run *run, bool is_last)
{
    const double at = now();

    if ((run->host->checkpoint == NULL) ||
        (!is_last && ((at - run->kept) < run->host->checkpoint_s))) {
        return;
    }
    run->kept = at;
    if (dg_trial_part_write(run->host->checkpoint, run->digest, run->result) !=
        DG_OK) {
        fail(run, DG_E_PORT);
    }
}

/* Blocks ------------------------------------------------------------------------------ */

static bool is_done(const struct dg_trial_result *result, uint64_t block)
{
    return ((result->bitmap[block / 64U] >> (block % 64U)) & 1U) != 0U;
}

/* What a dropped person's controller said is in no result: it is told. */
static void tell_dropped(struct worker *worker, uint64_t first, unsigned people)
{
    struct run *run = worker->run;

    if (run->host->dropped == NULL) {
        return;
    }
    for (unsigned lane = 0U; lane < people; lane++) {
        if (!worker->bench->around[lane].is_dropped) {
            continue;
        }
        (void)pthread_mutex_lock(&run->lock);
        run->host->dropped(
            run->host->context, first + lane, worker->bench->around[lane].why);
        (void)pthread_mutex_unlock(&run->lock);
    }
}

static void tile_of(struct worker *worker, uint64_t first, unsigned scenario)
{
    struct run *run = worker->run;
    const struct dg_trial_plan *plan = run->plan;
    const unsigned people = people_from(plan, first);

    for (unsigned arm = 0U; arm < plan->arms; arm++) {
        struct dg_trial_cell *cell =
            &worker->cells[(scenario * plan->arms) + arm];

        live(plan, run->tile, worker->bench, first, scenario, arm);
        lay_days(worker, people, cell);
        tell_dropped(worker, first, people);
        memcpy(&worker->tallies[(size_t)arm * DG_TRIAL_LANES],
               worker->bench->tally,
               sizeof worker->bench->tally);
        for (unsigned lane = 0U; lane < people; lane++) {
            dg_trial_count(cell,
                           first + lane,
                           &worker->tallies[(arm * DG_TRIAL_LANES) + lane],
                           &worker->tallies[lane]);
        }
        atomic_fetch_add(&run->lived, (uint64_t)people * plan->days);
    }
    tell_sometimes(run);
}

/* False: stopped half-way, and nothing of the block may count. */
static bool block_of(struct worker *worker, uint64_t block)
{
    struct run *run = worker->run;
    const struct dg_trial_plan *plan = run->plan;

    memset(
        worker->cells, 0, plan->scenarios * plan->arms * sizeof *worker->cells);
    for (unsigned tile = 0U; tile < TILES; tile++) {
        const uint64_t first =
            (block * DG_TRIAL_BLOCK) + ((uint64_t)tile * DG_TRIAL_LANES);

        for (unsigned scenario = 0U; scenario < plan->scenarios; scenario++) {
            if (atomic_load(&run->is_stopped)) {
                return false;
            }
            if (first < plan->people) {
                tile_of(worker, first, scenario);
            }
        }
    }
    return true;
}

static void add_block(struct worker *worker, uint64_t block)
{
    struct run *run = worker->run;
    struct dg_trial_result *result = run->result;

    (void)pthread_mutex_lock(&run->lock);
    for (size_t i = 0U; i < (result->scenarios * result->arms); i++) {
        dg_trial_cell_merge(&result->cell[i], &worker->cells[i]);
    }
    result->bitmap[block / 64U] |= (uint64_t)1 << (block % 64U);
    result->done++;
    keep(run, false);
    (void)pthread_mutex_unlock(&run->lock);
}

static void *work(void *context)
{
    struct worker *worker = context;
    struct run *run = worker->run;

    while (!atomic_load(&run->is_stopped)) {
        const uint64_t turn = atomic_fetch_add(&run->next, 1U);
        const uint64_t block = run->shard + (turn * run->shards);

        if (block >= run->result->blocks) {
            break;
        }
        /* Only blocks of before: no thread sets the bit of one that it has not
         * been given here. */
        (void)pthread_mutex_lock(&run->lock);
        const bool is_over = is_done(run->result, block);
        (void)pthread_mutex_unlock(&run->lock);

        if (!is_over && block_of(worker, block)) {
            add_block(worker, block);
        }
    }
    return NULL;
}

static void end_worker(struct worker *worker)
{
    dg_trial_bench_free(worker->bench);
    free(worker->cells);
    free(worker->tallies);
}

static bool start_worker(struct worker *worker, struct run *run)
{
    const struct dg_trial_plan *plan = run->plan;

    worker->run = run;
    worker->bench = dg_trial_bench_new(plan);
    worker->cells = calloc(plan->scenarios * plan->arms, sizeof *worker->cells);
    worker->tallies =
        calloc(plan->arms * DG_TRIAL_LANES, sizeof *worker->tallies);
    if ((worker->bench == NULL) || (worker->cells == NULL) ||
        (worker->tallies == NULL)) {
        end_worker(worker);
        return false;
    }
    return true;
}

/* Run ----------------------------------------------------------------------------------- */

static uint64_t people_of(const struct dg_trial_result *result, uint64_t block)
{
    const uint64_t first = block * DG_TRIAL_BLOCK;
    const uint64_t left = result->people - first;

    return (left < DG_TRIAL_BLOCK) ? left : DG_TRIAL_BLOCK;
}

static void plan_days(struct run *run)
{
    for (uint64_t block = run->shard; block < run->result->blocks;
         block += run->shards) {
        const uint64_t days =
            person_days(run->plan, people_of(run->result, block));

        run->planned += days;
        if (is_done(run->result, block)) {
            run->before += days;
        }
    }
}

static enum dg_status resume(struct run *run)
{
    if (run->host->checkpoint == NULL) {
        return DG_OK;
    }

    const enum dg_status status =
        dg_trial_part_read(run->host->checkpoint, run->digest, run->result);

    if ((status == DG_OK) || (status == DG_E_STATE)) {
        return DG_OK;
    }
    return (status == DG_E_PORT) ? DG_E_PORT : DG_E_CORRUPT;
}

static unsigned threads_of(const struct run *run)
{
    const long processors = sysconf(_SC_NPROCESSORS_ONLN);
    const unsigned here = (processors > 0) ? (unsigned)processors : 1U;
    const unsigned asked =
        (run->host->threads > 0U) ? run->host->threads : here;
    const uint64_t blocks =
        (run->result->blocks + run->shards - 1U) / run->shards;

    return (blocks < asked) ? ((blocks > 0U) ? (unsigned)blocks : 1U) : asked;
}

static enum dg_status work_all(struct run *run)
{
    const unsigned count = threads_of(run);
    struct worker *workers = calloc(count, sizeof *workers);
    pthread_t *threads = calloc(count, sizeof *threads);
    unsigned begun = 0U;
    unsigned running = 0U;
    enum dg_status status = DG_E_PORT;

    if ((workers != NULL) && (threads != NULL)) {
        while ((begun < count) && start_worker(&workers[begun], run)) {
            begun++;
        }
        while ((begun == count) && (running < count) &&
               (pthread_create(
                    &threads[running], NULL, work, &workers[running]) == 0)) {
            running++;
        }
        if (running < count) {
            atomic_store(&run->is_stopped, true);
        } else {
            status = DG_OK;
        }
        for (unsigned i = 0U; i < running; i++) {
            (void)pthread_join(threads[i], NULL);
        }
        for (unsigned i = 0U; i < begun; i++) {
            end_worker(&workers[i]);
        }
    }
    free(workers);
    free(threads);
    return status;
}

static bool is_host_sound(const struct dg_trial_host *host)
{
    const bool is_whole = (host->shard == 0U) && (host->shards == 0U);
    const bool is_part = (host->shard >= 1U) && (host->shard <= host->shards) &&
                         (host->shards <= DG_TRIAL_SHARDS_MAX);

    return (is_whole || is_part) && (host->threads <= DG_TRIAL_THREADS_MAX) &&
           (host->checkpoint_s >= 0.0);
}

static enum dg_status outcome(struct run *run, enum dg_status status)
{
    if (status != DG_OK) {
        return status;
    }
    if (atomic_load(&run->failure) != DG_OK) {
        return (enum dg_status)atomic_load(&run->failure);
    }
    return atomic_load(&run->is_stopped) ? DG_E_STATE : DG_OK;
}

enum dg_status dg_trial_run(const struct dg_trial_plan *plan,
                            const struct dg_trial_host *host,
                            struct dg_trial_result *result)
{
    static const struct dg_trial_host plain;
    struct run run = {
        .plan = plan, .host = (host != NULL) ? host : &plain, .result = result};

    if ((plan == NULL) || (result == NULL) || (dg_trial_fault(plan) != NULL)) {
        return DG_E_USAGE;
    }
    if (!is_host_sound(run.host)) {
        return DG_E_RANGE;
    }
    run.tile = dg_trial_tile_of(run.host->isa, plan->precision);
    if (run.tile == NULL) {
        return DG_E_UNSUPPORTED;
    }
    run.shard = (run.host->shards > 0U) ? (run.host->shard - 1U) : 0U;
    run.shards = (run.host->shards > 0U) ? run.host->shards : 1U;
    dg_trial_digest(plan, run.digest);

    enum dg_status status = resume(&run);

    if (status != DG_OK) {
        return status;
    }
    plan_days(&run);
    (void)dg_trial_risk_table();
    run.begun = now();
    run.kept = run.begun;
    if (pthread_mutex_init(&run.lock, NULL) != 0) {
        return DG_E_PORT;
    }
    status = work_all(&run);
    keep(&run, true);
    if (run.host->progress != NULL) {
        tell(&run, now());
    }
    (void)pthread_mutex_destroy(&run.lock);
    return outcome(&run, status);
}

enum dg_status dg_trial_trace(
    const struct dg_trial_plan *plan,
    size_t scenario,
    size_t arm,
    uint64_t person,
    void (*record)(void *context, const struct dg_trial_moment *moment),
    void *context,
    struct dg_trial_tally *tally)
{
    if ((plan == NULL) || (record == NULL) || (dg_trial_fault(plan) != NULL)) {
        return DG_E_USAGE;
    }
    if ((scenario >= plan->scenarios) || (arm >= plan->arms) ||
        (person >= plan->people)) {
        return DG_E_RANGE;
    }

    struct dg_trial_bench *bench = dg_trial_bench_new(plan);
    const unsigned lane = (unsigned)(person % DG_TRIAL_LANES);

    if (bench == NULL) {
        return DG_E_PORT;
    }
    (void)dg_trial_risk_table();
    bench->record = record;
    bench->context = context;
    bench->record_lane = lane;
    live(plan,
         dg_trial_tile_of(DG_TRIAL_ISA_BEST, plan->precision),
         bench,
         person - lane,
         (unsigned)scenario,
         (unsigned)arm);
    if (tally != NULL) {
        *tally = bench->tally[lane];
    }
    dg_trial_bench_free(bench);
    return DG_OK;
}
