/* SPDX-License-Identifier: Apache-2.0 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

#include "eval/trial/conduct.h"
#include "trial.h"

/* usage: mpirun -n N dosegate-trial-mpi NAME|FILE DIR
 *
 * Each rank takes the shard of its number, one thread each; rank 0 puts the
 * parts together.  DIR is seen by all ranks.  A rank that was killed costs
 * what it did since its last checkpoint: start the same command again. */

#define PATH_SIZE 512U

struct paths {
    const char **list;
    char (*text)[PATH_SIZE];
    size_t count;
};

static bool name_parts(const struct dg_book *book,
                       const char *out,
                       unsigned ranks,
                       struct paths *paths)
{
    const size_t count = book->models * ranks;

    paths->list = calloc(count, sizeof(*paths->list));
    paths->text = calloc(count, sizeof(*paths->text));
    if ((paths->list == NULL) || (paths->text == NULL)) {
        return false;
    }
    for (size_t model = 0; model < book->models; model++) {
        for (unsigned rank = 1U; rank <= ranks; rank++) {
            char *text = paths->text[paths->count];

            (void)snprintf(text,
                           PATH_SIZE,
                           "%.400s/%s.%u-of-%u.part",
                           out,
                           dg_book_model_name(book->model[model]),
                           rank,
                           ranks);
            paths->list[paths->count] = text;
            paths->count++;
        }
    }
    return true;
}

static enum dg_status merge(const struct dg_book *book,
                            const char *out,
                            unsigned ranks,
                            struct dg_problem *problem)
{
    struct paths paths = {0};
    char summary[DG_CONDUCT_SUMMARY] = "";
    const struct dg_conduct how = {.out = out, .summary = summary};
    enum dg_status status = DG_E_PORT;

    dg_problem_set(problem, "memory is out");
    if (name_parts(book, out, ranks, &paths)) {
        status = dg_conduct_merge(book, &how, paths.list, paths.count, problem);
    }
    if (status == DG_OK) {
        (void)printf(
            "%s\n\nReport:   %s/report.html, report.pdf\n", summary, out);
    }
    free(paths.list);
    free(paths.text);
    return status;
}

/* All ranks learn whether all did their part. */
static bool did_all(bool is_done)
{
    int mine = is_done ? 1 : 0;
    int all = 0;

    return (MPI_Allreduce(&mine, &all, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD) ==
            MPI_SUCCESS) &&
           (all == 1);
}

static int conduct(const char *name, const char *out, int rank, int ranks)
{
    const struct dg_conduct how = {.out = out,
                                   .threads = 1U,
                                   .shard = (uint32_t)rank + 1U,
                                   .shards = (uint32_t)ranks};
    struct dg_problem problem = {""};
    struct dg_book book;
    enum dg_status status = DG_E_MALFORMED;
    const bool is_read = dg_cli_trial_open(name, &book);

    if (is_read) {
        status = dg_conduct_run(&book, &how, &problem);
    }

    const bool all = did_all(status == DG_OK);

    if (all && (rank == 0)) {
        status = merge(&book, out, (unsigned)ranks, &problem);
    }
    if (is_read && (status != DG_OK)) {
        (void)fprintf(
            stderr, "dosegate-trial-mpi: rank %d: %s\n", rank, problem.text);
    }
    if (is_read) {
        dg_book_free(&book);
    }
    return (all && (status == DG_OK)) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    int rank = 0;
    int ranks = 1;
    int code = EXIT_FAILURE;

    if (MPI_Init(&argc, &argv) != MPI_SUCCESS) {
        return EXIT_FAILURE;
    }
    (void)MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    (void)MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    if (argc == 3) {
        code = conduct(argv[1], argv[2], rank, ranks);
    } else if (rank == 0) {
        (void)fprintf(stderr,
                      "usage: mpirun -n N dosegate-trial-mpi NAME|FILE DIR\n");
    }
    (void)MPI_Finalize();
    return code;
}
