/* SPDX-License-Identifier: Apache-2.0 */
#include "trial.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eval/trial/conduct.h"
#include "place.h"
#include "verbs.h"

#define PARTS_MAX     4096U
#define BAR           32U
#define DROPPED_SHOWN 3U

static const char help[] =
    "usage: dosegate trial headline [OPTIONS]\n"
    "       dosegate trial run NAME|FILE [OPTIONS]\n"
    "       dosegate trial merge NAME|FILE [OPTIONS] PART...\n"
    "       dosegate trial list\n"
    "       dosegate trial show NAME|FILE\n"
    "\n"
    "Ask what happens to virtual people when the phone fails or turns "
    "hostile,\n"
    "with and without the guard.  'headline' needs no options.\n"
    "\n"
    "  --people N        how many (default: as the trial says)\n"
    "  --days N          how long each of them lives\n"
    "  --seed N          other people, other days\n"
    "  --controller NAME another one of those built in\n"
    "  --program COMMAND a controller of your own, see docs/trials.md\n"
    "  --out DIR         results go there (default out/trial/NAME)\n"
    "  --threads N       at a time (default: all processors)\n"
    "  --isa NAME        sse2, avx2 or avx512 (default: the best there is)\n"
    "  --shard I/N       only this part of the people, for merge\n"
    "  --dry-run         only say how long it would take\n"
    "\n"
    "A trial that was interrupted goes on when it is started again.\n"
    "Exit codes: 0 done, 1 could not run.  Virtual people, not people.\n";

struct asking {
    const char *name;
    const char *people;
    const char *days;
    const char *seed;
    const char *controller;
    const char *program;
    const char *out;
    const char *threads;
    const char *isa;
    const char *shard;
    bool dry_run;
};

static volatile sig_atomic_t is_interrupted;

static void interrupt(int number)
{
    (void)number;
    is_interrupted = 1;
}

static bool read_number(const char *text,
                        const char *name,
                        unsigned long long max,
                        unsigned long long *value)
{
    return dg_cli_number("trial", name, text, 1U, max, value);
}

static bool read_isa(const char *text, enum dg_trial_isa *isa)
{
    static const char *const names[] = {NULL, "sse2", "avx2", "avx512"};

    *isa = DG_TRIAL_ISA_BEST;
    if (text == NULL) {
        return true;
    }
    for (unsigned i = 1U; i < (sizeof(names) / sizeof(names[0])); i++) {
        if (strcmp(text, names[i]) == 0) {
            *isa = (enum dg_trial_isa)i;
            return true;
        }
    }
    (void)fprintf(stderr,
                  "dosegate trial: --isa %.32s: write sse2, avx2 or avx512\n",
                  text);
    return false;
}

static bool read_shard(const char *text, struct dg_conduct *how)
{
    unsigned long long shard = 0U;
    unsigned long long shards = 0U;
    char first[24];
    const char *slash = (text == NULL) ? NULL : strchr(text, '/');

    if (text == NULL) {
        return true;
    }
    if ((slash == NULL) || ((size_t)(slash - text) >= sizeof(first))) {
        (void)fprintf(stderr,
                      "dosegate trial: --shard %.32s: write I/N, such as "
                      "1/8\n",
                      text);
        return false;
    }
    memcpy(first, text, (size_t)(slash - text));
    first[slash - text] = '\0';
    if (!read_number(
            slash + 1, "--shard .../N", DG_TRIAL_SHARDS_MAX, &shards) ||
        !read_number(first, "--shard I/...", shards, &shard)) {
        return false;
    }
    how->shard = (uint32_t)shard;
    how->shards = (uint32_t)shards;
    return true;
}

/* One line that is drawn over on a terminal, and one each ten percent in a
 * file. */
struct display {
    bool is_terminal;
    int last_tenth;
    unsigned dropped; /* people shown so far */
};

static bool show(void *context, const struct dg_conduct_progress *progress)
{
    struct display *display = context;
    const unsigned full = (progress->permille * BAR) / 1000U;
    const int tenth = (int)(progress->permille / 100U);
    char bar[BAR + 1U];

    for (unsigned i = 0U; i < BAR; i++) {
        bar[i] = (i < full) ? '#' : '.';
    }
    bar[BAR] = '\0';
    if (display->is_terminal) {
        (void)fprintf(stderr,
                      "\r[%s] %3u %%  %llu patient-days/s  %llu s left   ",
                      bar,
                      progress->permille / 10U,
                      (unsigned long long)progress->patient_days_per_s,
                      (unsigned long long)progress->left_s);
    } else if (tenth > display->last_tenth) {
        display->last_tenth = tenth;
        (void)fprintf(stderr,
                      "%3d %%, %llu patient-days/s, %llu s left\n",
                      10 * tenth,
                      (unsigned long long)progress->patient_days_per_s,
                      (unsigned long long)progress->left_s);
    }
    return is_interrupted == 0;
}

static bool prepare(const struct asking *asking,
                    struct dg_book *book,
                    struct dg_conduct *how)
{
    unsigned long long people = 0U;
    unsigned long long days = 0U;
    unsigned long long threads = 0U;
    struct dg_problem problem;

    *how = (struct dg_conduct){0};
    if (!read_number(
            asking->people, "--people", DG_TRIAL_PEOPLE_MAX, &people) ||
        !read_number(asking->days, "--days", DG_TRIAL_DAYS_MAX, &days) ||
        !read_number(
            asking->threads, "--threads", DG_TRIAL_THREADS_MAX, &threads) ||
        !read_isa(asking->isa, &how->isa) || !read_shard(asking->shard, how)) {
        return false;
    }
    if (!dg_cli_trial_open(asking->name, book)) {
        return false;
    }
    how->threads = (unsigned)threads;

    const struct dg_book_wish wish = {
        .people = people,
        .days = (uint32_t)days,
        .seed = asking->seed,
        .controller = asking->controller,
        .program = asking->program,
    };

    if (dg_book_wish(book, &wish, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate trial: %s\n", problem.text);
        dg_book_free(book);
        return false;
    }
    return true;
}

static bool choose_out(const struct asking *asking,
                       const struct dg_book *book,
                       char out[DG_CLI_PATH_MAX],
                       struct dg_conduct *how)
{
    if (asking->out != NULL) {
        how->out = asking->out;
        return true;
    }
    how->out = out;
    return dg_cli_join("out/trial", book->name, out);
}

static int tell_time(const struct dg_book *book, const struct dg_conduct *how)
{
    struct dg_problem problem;
    uint64_t seconds = 0U;
    uint64_t rate = 0U;
    const uint64_t patient_days = book->plan.people * book->plan.days *
                                  book->plan.scenarios * book->plan.arms *
                                  book->models;

    if (dg_conduct_estimate(book, how, &seconds, &rate, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate trial: %s\n", problem.text);
        return DG_CLI_FAILED;
    }
    (void)printf("%s: %llu patient-days, about %llu s on this machine (%llu "
                 "patient-days/s)\n",
                 book->name,
                 (unsigned long long)patient_days,
                 (unsigned long long)seconds,
                 (unsigned long long)rate);
    return DG_CLI_OK;
}

static int tell_end(enum dg_status status,
                    const struct dg_conduct *how,
                    const struct dg_problem *problem)
{
    if (status != DG_OK) {
        (void)fprintf(stderr, "dosegate trial: %s\n", problem->text);
        return DG_CLI_FAILED;
    }
    if (how->shards > 0U) {
        (void)printf("Shard %u of %u is in %s; put all together with "
                     "dosegate trial merge\n",
                     how->shard,
                     how->shards,
                     how->out);
        return DG_CLI_OK;
    }
    (void)printf("%s\n\nReport:   %s/report.html, report.pdf\n"
                 "Numbers:  %s/results.csv, results.json\n"
                 "Again:    dosegate trial run %s/manifest.json\n",
                 how->summary,
                 how->out,
                 how->out,
                 how->out);
    return DG_CLI_OK;
}

/* The first few say what is wrong with a program; how many there are says the
 * report. */
static void show_dropped(void *context, uint64_t person, const char *why)
{
    struct display *display = context;

    if (display->dropped < DROPPED_SHOWN) {
        display->dropped++;
        (void)fprintf(stderr,
                      "%sdosegate trial: person %llu is left out: %s\n",
                      display->is_terminal ? "\n" : "",
                      (unsigned long long)person,
                      why);
    }
}

static int run(const struct asking *asking)
{
    struct dg_book book;
    struct dg_conduct how;
    struct display display = {.is_terminal = isatty(STDERR_FILENO) == 1};
    struct dg_problem problem = {""};
    char out[DG_CLI_PATH_MAX];
    char summary[DG_CONDUCT_SUMMARY] = "";
    int code = DG_CLI_FAILED;

    if (!prepare(asking, &book, &how)) {
        return DG_CLI_FAILED;
    }
    how.progress = show;
    how.dropped = show_dropped;
    how.context = &display;
    how.summary = summary;
    if (asking->dry_run) {
        code = tell_time(&book, &how);
    } else if (choose_out(asking, &book, out, &how)) {
        (void)signal(SIGINT, interrupt);
        (void)signal(SIGTERM, interrupt);

        const enum dg_status status = dg_conduct_run(&book, &how, &problem);

        if (display.is_terminal) {
            (void)fputc('\n', stderr);
        }
        code = tell_end(status, &how, &problem);
    } else {
        (void)fprintf(stderr, "dosegate trial: the name is too long\n");
    }
    dg_book_free(&book);
    return code;
}

static int merge(const struct asking *asking,
                 const char *const *parts,
                 size_t count)
{
    struct dg_book book;
    struct dg_conduct how;
    struct dg_problem problem = {""};
    char out[DG_CLI_PATH_MAX];
    char summary[DG_CONDUCT_SUMMARY] = "";
    int code = DG_CLI_FAILED;

    if (!prepare(asking, &book, &how)) {
        return DG_CLI_FAILED;
    }
    how.summary = summary;
    if (choose_out(asking, &book, out, &how)) {
        code = tell_end(dg_conduct_merge(&book, &how, parts, count, &problem),
                        &how,
                        &problem);
    }
    dg_book_free(&book);
    return code;
}

/* Arguments without a name behind the trial's: the parts of a merge. */
static size_t take_parts(int *argc, char **argv, const char **parts)
{
    size_t count = 0;
    int kept = 1;

    for (int i = 1; i < *argc; i++) {
        const bool is_option = strncmp(argv[i], "--", 2) == 0;

        if (is_option || (kept == 1)) {
            argv[kept] = argv[i];
            kept++;
            if (is_option && ((i + 1) < *argc)) {
                i++;
                argv[kept] = argv[i];
                kept++;
            }
        } else if (count < PARTS_MAX) {
            parts[count] = argv[i];
            count++;
        }
    }
    *argc = kept;
    return count;
}

static int with_name(int argc, char **argv, bool is_merge)
{
    static const char *parts[PARTS_MAX];
    struct asking asking = {0};
    const struct dg_cli_option options[] = {
        {"--people", &asking.people, NULL},
        {"--days", &asking.days, NULL},
        {"--seed", &asking.seed, NULL},
        {"--controller", &asking.controller, NULL},
        {"--program", &asking.program, NULL},
        {"--out", &asking.out, NULL},
        {"--threads", &asking.threads, NULL},
        {"--isa", &asking.isa, NULL},
        {"--shard", &asking.shard, NULL},
        {"--dry-run", NULL, &asking.dry_run},
    };
    const size_t count = is_merge ? take_parts(&argc, argv, parts) : 0U;
    const int asked = dg_cli_options(argc,
                                     argv,
                                     help,
                                     options,
                                     sizeof options / sizeof options[0],
                                     &asking.name);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (asking.name == NULL) {
        (void)fprintf(stderr,
                      "dosegate trial: which trial? see dosegate trial "
                      "list\n");
        return DG_CLI_FAILED;
    }
    if (is_merge && (count == 0U)) {
        (void)fprintf(stderr, "dosegate trial: merge needs the parts\n");
        return DG_CLI_FAILED;
    }
    return is_merge ? merge(&asking, parts, count) : run(&asking);
}

int dg_cli_trial(int argc, char **argv)
{
    char verb[] = "trial";

    if ((argc < 2) || (strcmp(argv[1], "--help") == 0)) {
        (void)fputs(help, (argc < 2) ? stderr : stdout);
        return (argc < 2) ? DG_CLI_FAILED : DG_CLI_OK;
    }
    if ((strcmp(argv[1], "list") == 0) && (argc == 2)) {
        return dg_cli_trial_list();
    }
    if ((strcmp(argv[1], "show") == 0) && (argc == 3)) {
        return dg_cli_trial_show(argv[2]);
    }
    if (strcmp(argv[1], "headline") == 0) {
        argv[0] = verb; /* the name stays: it is the trial's */
        return with_name(argc, argv, false);
    }
    if ((strcmp(argv[1], "run") == 0) || (strcmp(argv[1], "merge") == 0)) {
        const bool is_merge = strcmp(argv[1], "merge") == 0;

        argv[1] = verb;
        return with_name(argc - 1, argv + 1, is_merge);
    }
    (void)fprintf(stderr,
                  "dosegate trial: there is no '%.32s' with these arguments: "
                  "see dosegate trial --help\n",
                  argv[1]);
    return DG_CLI_FAILED;
}
