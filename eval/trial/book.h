/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_BOOK_H
#define DG_EVAL_TRIAL_BOOK_H

#include <stddef.h>
#include <stdint.h>

#include "eval/arena.h"
#include "eval/problem.h"
#include "patient/control/plugin.h"
#include "patient/trial/trial.h"

/* A trial as somebody wrote it down: a small strict YAML file of our own in
 * spec/trials/ or of a researcher anywhere.  docs/trials.md tells its keys.
 *
 * A book is a plan for each model that it names, with the same people counts,
 * scenarios and arms. */

#define DG_BOOK_MODELS_MAX 4U

/* Ends of what a file may ask for; the engine checks the plan again. */
#define DG_BOOK_MINUTE_MAX 20160 /* 14 days */

struct dg_book {
    struct dg_arena arena; /* owns all texts */
    const char *name;      /* as in `dosegate trial run NAME` */
    const char *title;
    const char *question; /* one paragraph for people */
    size_t models;
    enum dg_trial_model model[DG_BOOK_MODELS_MAX];
    const char *controller; /* of those built in; NULL: a program */
    const char *argv[4];    /* the shell that runs the program */
    struct dg_plugin_setup setup;
    const char *figures; /* tables of people of one's own, or NULL */
    const char *therapy;
    const char *program;     /* command line of one's own, or NULL */
    char program_digest[65]; /* of it and of the files that it names, hex */
    const char **digests;    /* that a manifest expects, one for each model   */
    size_t digest_count; /* 0: it expects nothing                          */
    struct dg_trial_plan plan; /* model and controller are filled by
                                  dg_book_plan() */
};

/* What the command line may say instead of the file; 0 or NULL: nothing. */
struct dg_book_wish {
    uint64_t people;
    uint32_t days;
    const char *seed; /* decimal */
    const char *controller;
    const char *program;
};

/**
 * Read a trial from a file.
 *
 * @param[out] book     Free with dg_book_free(), also after an error.
 * @param      path     The file.
 * @param[out] problem  "file:line: sentence".
 *
 * @retval DG_OK           Read, and each plan is without fault.
 * @retval DG_E_MALFORMED  It says something that no trial knows.
 * @retval DG_E_PORT       The file could not be read, or memory is out.
 */
DG_NODISCARD enum dg_status dg_book_read(struct dg_book *book,
                                         const char *path,
                                         struct dg_problem *problem);

/**
 * Change a book as the command line asks.
 *
 * @retval DG_OK       Changed; each plan is without fault.
 * @retval DG_E_RANGE  A wish is out of range; @p problem says which.
 */
DG_NODISCARD enum dg_status dg_book_wish(struct dg_book *book,
                                         const struct dg_book_wish *wish,
                                         struct dg_problem *problem);

/** The plan for model number @p at of the book, which must outlive it.  A
 * program runs under /bin/sh. */
void dg_book_plan(const struct dg_book *book,
                  size_t at,
                  struct dg_trial_plan *plan);

void dg_book_free(struct dg_book *book);

/** "wilinska2010", "s2013", "s2008" or "hovorka2004"; "?" for none. */
const char *dg_book_model_name(enum dg_trial_model model);

/** Words of a book: NULL behind the last.  "population", "ideal", ...; "dropout",
 * ...; "exact", ... */
const char *dg_book_sensor_name(uint32_t sensor);
const char *dg_book_fault_name(unsigned fault);
const char *dg_book_pump_name(unsigned pump);

/** What a model lacks, in a sentence for people. */
const char *dg_book_model_caution(enum dg_trial_model model);

#endif
