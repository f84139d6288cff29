/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/conduct.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "eval/trial/conduct_parts.h"
#include "eval/trial/report.h"

/* A checkpoint costs a file of some megabytes; a kill costs at most this. */
#define CHECKPOINT_S 10.0

/* People of the piece that --dry-run times: enough for every thread to have
 * several tiles, few enough for a second or two. */
#define PIECE_PEOPLE 256U

struct watching {
    const struct dg_book *book;
    const struct dg_conduct *how;
    size_t model;
};

bool dg_conduct_path(const char *out,
                     const char *name,
                     char path[DG_CONDUCT_PATH],
                     struct dg_problem *problem)
{
    const int size = snprintf(path, DG_CONDUCT_PATH, "%s/%s", out, name);

    if ((size <= 0) || ((size_t)size >= DG_CONDUCT_PATH)) {
        dg_problem_set(
            problem, "the name of the folder %.64s is too long", out);
        return false;
    }
    return true;
}

/* Make the folder and those above it. */
static bool make_folder(const char *out, struct dg_problem *problem)
{
    char path[DG_CONDUCT_PATH];
    const size_t size = strlen(out);

    if ((size == 0U) || (size >= sizeof(path))) {
        dg_problem_set(problem, "the folder '%.64s' has no usable name", out);
        return false;
    }
    for (size_t end = 1U; end <= size; end++) {
        if ((out[end] != '/') && (out[end] != '\0')) {
            continue;
        }
        memcpy(path, out, end);
        path[end] = '\0';
        if ((mkdir(path, 0755) != 0) && (errno != EEXIST)) {
            dg_problem_set(problem, "%.200s: %s", path, strerror(errno));
            return false;
        }
    }
    return true;
}

static bool watch(void *context, const struct dg_trial_progress *progress)
{
    const struct watching *watching = context;

    if (watching->how->progress == NULL) {
        return true;
    }

    const double models = (double)watching->book->models;
    const double share = (progress->person_days == 0U)
                             ? 1.0
                             : ((double)progress->person_days_done /
                                (double)progress->person_days);
    const double whole_s =
        (progress->rate > 0.0)
            ? ((double)progress->person_days / progress->rate)
            : 0.0;

    const double left_s =
        progress->left_s + ((models - (double)watching->model - 1.0) * whole_s);
    const struct dg_conduct_progress told = {
        .permille =
            (unsigned)((1000.0 * ((double)watching->model + share)) / models),
        .patient_days_per_s = (uint64_t)progress->rate,
        .left_s = (uint64_t)fmax(left_s, 0.0),
    };

    return watching->how->progress(watching->how->context, &told);
}

static void name_dropped(void *context, uint64_t person, const char *why)
{
    const struct watching *watching = context;

    if (watching->how->dropped != NULL) {
        watching->how->dropped(watching->how->context, person, why);
    }
}

static bool part_path(const struct dg_book *book,
                      const struct dg_conduct *how,
                      size_t model,
                      char path[DG_CONDUCT_PATH],
                      struct dg_problem *problem)
{
    const char *name = dg_book_model_name(book->model[model]);
    char file[64];

    if (how->shards == 0U) {
        (void)snprintf(file, sizeof(file), "%s.part", name);
    } else {
        (void)snprintf(file,
                       sizeof(file),
                       "%s.%u-of-%u.part",
                       name,
                       how->shard,
                       how->shards);
    }
    return dg_conduct_path(how->out, file, path, problem);
}

static enum dg_status say(enum dg_status status,
                          const char *path,
                          struct dg_problem *problem)
{
    if (status == DG_E_STATE) {
        dg_problem_set(problem,
                       "ended early; run it again with the same --out to go "
                       "on");
    } else if (status == DG_E_CORRUPT) {
        dg_problem_set(problem,
                       "%.200s is damaged or of another trial: remove it or "
                       "choose another --out",
                       path);
    } else if (status == DG_E_RANGE) {
        dg_problem_set(problem, "threads or shard are out of range");
    } else if (status == DG_E_UNSUPPORTED) {
        dg_problem_set(problem, "this processor lacks these instructions");
    } else if (status != DG_OK) {
        dg_problem_set(
            problem, "no thread, no memory, or %.200s cannot be written", path);
    }
    return status;
}

static enum dg_status run_model(const struct dg_book *book,
                                const struct dg_conduct *how,
                                struct dg_office *office,
                                size_t model,
                                struct dg_problem *problem)
{
    struct watching watching = {book, how, model};
    char path[DG_CONDUCT_PATH];

    if (!part_path(book, how, model, path, problem)) {
        return DG_E_PORT;
    }

    const struct dg_trial_host host = {
        .threads = how->threads,
        .isa = how->isa,
        .shard = how->shard,
        .shards = how->shards,
        .checkpoint = path,
        .checkpoint_s = CHECKPOINT_S,
        .progress = watch,
        .dropped = name_dropped,
        .context = &watching,
    };

    return say(dg_trial_run(&office->plan[model], &host, office->result[model]),
               path,
               problem);
}

/* A manifest names the plans that it was made from. */
static enum dg_status expect(const struct dg_findings *findings,
                             struct dg_problem *problem)
{
    const struct dg_book *book = findings->book;

    for (size_t i = 0; i < book->digest_count; i++) {
        if ((i >= book->models) ||
            (strcmp(book->digests[i], findings->digest[i]) != 0)) {
            dg_problem_set(problem,
                           "this manifest was written by another version of "
                           "the engine (plan %.16s, here %.16s): take out its "
                           "key 'digests' to run it with this one",
                           book->digests[i],
                           (i < book->models) ? findings->digest[i] : "none");
            return DG_E_UNSUPPORTED;
        }
    }
    return DG_OK;
}

static enum dg_status conclude(const struct dg_office *office,
                               const struct dg_conduct *how,
                               struct dg_problem *problem)
{
    struct dg_html text;

    if (how->summary != NULL) {
        dg_html_init(&text);
        dg_trial_summary(&office->findings, &text);
        (void)snprintf(how->summary,
                       DG_CONDUCT_SUMMARY,
                       "%s",
                       (text.at != NULL) ? text.at : "");
        dg_html_free(&text);
    }
    return dg_office_write(office, how->out, problem);
}

/* @satisfies{PAT_TRIAL.1@1} */
enum dg_status dg_conduct_run(const struct dg_book *book,
                              const struct dg_conduct *how,
                              struct dg_problem *problem)
{
    struct dg_office office;
    enum dg_status status = dg_office_open(&office, book, problem);

    if (status == DG_OK) {
        status = expect(&office.findings, problem);
    }
    if (status == DG_OK) {
        status = dg_rehearse(book, problem);
    }
    if ((status == DG_OK) && !make_folder(how->out, problem)) {
        status = DG_E_PORT;
    }
    for (size_t model = 0; (model < book->models) && (status == DG_OK);
         model++) {
        status = run_model(book, how, &office, model, problem);
    }
    if ((status == DG_OK) && (how->shards == 0U)) {
        status = conclude(&office, how, problem);
    }
    dg_office_close(&office);
    return status;
}

/* A part belongs to the model whose digest it bears. */
/* @satisfies{PAT_TRIAL.2@1} */
static enum dg_status take_part(struct dg_office *office,
                                const char *path,
                                struct dg_problem *problem)
{
    const struct dg_book *book = office->findings.book;
    enum dg_status status = DG_E_UNSUPPORTED;

    for (size_t model = 0;
         (model < book->models) && (status == DG_E_UNSUPPORTED);
         model++) {
        struct dg_trial_result *part =
            dg_trial_result_new(&office->plan[model]);
        uint8_t digest[32];

        if (part == NULL) {
            return say(DG_E_PORT, path, problem);
        }
        dg_trial_digest(&office->plan[model], digest);
        status = dg_trial_part_read(path, digest, part);
        if (status == DG_OK) {
            status = dg_trial_result_merge(office->result[model], part);
            if (status == DG_E_STATE) {
                dg_problem_set(problem,
                               "%.200s: people of it are in another part "
                               "already",
                               path);
            }
        } else if (status == DG_E_STATE) {
            dg_problem_set(problem, "%.200s: there is no such file", path);
        } else if (status != DG_E_UNSUPPORTED) {
            dg_problem_set(problem, "%.200s: damaged or cannot be read", path);
        }
        dg_trial_result_free(part);
    }
    if (status == DG_E_UNSUPPORTED) {
        dg_problem_set(problem,
                       "%.200s is of another trial, or was made with other "
                       "options or another version",
                       path);
    }
    return status;
}

static enum dg_status is_whole(const struct dg_office *office,
                               struct dg_problem *problem)
{
    const struct dg_book *book = office->findings.book;

    for (size_t model = 0; model < book->models; model++) {
        const struct dg_trial_result *result = office->result[model];

        if (result->done != result->blocks) {
            dg_problem_set(problem,
                           "%llu of %llu blocks of people of model %s are "
                           "missing: give the parts of all shards",
                           (unsigned long long)(result->blocks - result->done),
                           (unsigned long long)result->blocks,
                           dg_book_model_name(book->model[model]));
            return DG_E_STATE;
        }
    }
    return DG_OK;
}

enum dg_status dg_conduct_merge(const struct dg_book *book,
                                const struct dg_conduct *how,
                                const char *const *paths,
                                size_t count,
                                struct dg_problem *problem)
{
    struct dg_office office;
    enum dg_status status = dg_office_open(&office, book, problem);

    for (size_t i = 0; (i < count) && (status == DG_OK); i++) {
        status = take_part(&office, paths[i], problem);
    }
    if (status == DG_OK) {
        status = is_whole(&office, problem);
    }
    if ((status == DG_OK) && !make_folder(how->out, problem)) {
        status = DG_E_PORT;
    }
    if (status == DG_OK) {
        status = conclude(&office, how, problem);
    }
    dg_office_close(&office);
    return status;
}

struct timing {
    double seconds;
    uint64_t days;
};

static bool time_it(void *context, const struct dg_trial_progress *progress)
{
    struct timing *timing = context;

    timing->seconds = progress->seconds;
    timing->days = progress->person_days_done;
    return true;
}

enum dg_status dg_conduct_estimate(const struct dg_book *book,
                                   const struct dg_conduct *how,
                                   uint64_t *seconds,
                                   uint64_t *rate,
                                   struct dg_problem *problem)
{
    struct dg_book piece = *book;
    struct dg_office office;
    double spent_s = 0.0;
    uint64_t days = 0;

    if (piece.plan.people > PIECE_PEOPLE) {
        piece.plan.people = PIECE_PEOPLE;
    }

    enum dg_status status = dg_office_open(&office, &piece, problem);

    for (size_t model = 0; (model < book->models) && (status == DG_OK);
         model++) {
        struct timing timing = {0};
        const struct dg_trial_host host = {
            .threads = how->threads,
            .isa = how->isa,
            .progress = time_it,
            .context = &timing,
        };

        status =
            say(dg_trial_run(&office.plan[model], &host, office.result[model]),
                "the piece",
                problem);
        spent_s += timing.seconds;
        days += timing.days;
    }
    dg_office_close(&office);
    *rate = (spent_s > 0.0) ? (uint64_t)((double)days / spent_s) : 0U;
    *seconds = (uint64_t)ceil(
        ((double)book->plan.people / (double)piece.plan.people) * spent_s);
    return status;
}
