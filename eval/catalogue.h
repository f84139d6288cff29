/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_CATALOGUE_H
#define DG_EVAL_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "eval/arena.h"
#include "eval/problem.h"
#include "eval/rating_table.h"
#include "eval/run.h"

/* The tests as data: one file spec/catalogue/<id>.yaml each.  The id in the
 * file is the name of the file.
 *
 * An entry is a running test, or (`kind: form`) work that software cannot do:
 * a person follows its method, records what it asks for, and signs by name and
 * date (form.h).  Both kinds share one space of ids. */
#define DG_CATALOGUE_VALUES_MAX   16U
#define DG_CATALOGUE_STRENGTH_MAX 4U

struct dg_catalogue_value {
    struct dg_catalogue_value *next;
    const char *text;
};

struct dg_catalogue_parameter {
    struct dg_catalogue_parameter *next;
    const char *name;
    const char *value; /* the first of its values */
    size_t value_count;
    struct dg_catalogue_value *values;
};

struct dg_catalogue_entry {
    struct dg_catalogue_entry *next;
    const char *id; /* a-z 0-9 - */
    const char *title;
    const char *threat; /* T.... */
    size_t requirement_count;
    const char **requirements;
    size_t corpus_count;
    const char **corpus; /* DG-A.. or DG-H.. */
    const char *position;
    const char *tier; /* fast, full; "form" of a form */
    size_t need_count;
    const char **needs; /* features, spec/features.yaml; may be none */
    bool is_form;
    const char *work; /* of a form: physical, document, usability */
    size_t method_count;
    const char **method; /* of a form: steps, in order */
    size_t record_count;
    const char **record; /* of a form: what has to be written down */
    size_t monitor_count;
    const char **monitors;
    struct dg_catalogue_parameter *parameters;
    unsigned strength; /* 0: no parameter has a list of values */
    const char *pass;
    const char *remediation;
    size_t catch_count;
    const char **catches;             /* flawed products it must fail */
    struct dg_rating_choice *choices; /* proposed, if the attack succeeds */
    const char *justification;
    const char *digest; /* SHA-256 of its file, hex */
};

struct dg_catalogue {
    struct dg_arena arena;
    struct dg_catalogue_entry *entries; /* sorted by id */
    size_t count;
};

/**
 * Read every *.yaml of a folder.
 *
 * @param      table      Levels of every entry must be in it; NULL: not asked.
 * @param[out] catalogue  Free it with dg_catalogue_free() in any case.
 *
 * @retval DG_OK           Read, at least one entry.
 * @retval DG_E_MALFORMED  An entry is wrong: @p problem says file and line.
 * @retval DG_E_PORT       The folder or a file cannot be read, or memory.
 */
DG_NODISCARD enum dg_status dg_catalogue_open(
    const char *folder,
    const struct dg_rating_table *table,
    struct dg_catalogue *catalogue,
    struct dg_problem *problem);

void dg_catalogue_free(struct dg_catalogue *catalogue);

/** Whether a text is the id of a row of the corpus: DG-A00 or DG-H00. */
bool dg_catalogue_is_corpus_id(const char *text);

/** Find an entry by id; NULL when there is none. */
const struct dg_catalogue_entry *dg_catalogue_find(
    const struct dg_catalogue *catalogue, const char *id);

/**
 * Give a parameter that is a whole number.
 *
 * @retval DG_OK           @p value is min .. max.
 * @retval DG_E_MALFORMED  The entry has no such parameter, or it is no number.
 * @retval DG_E_RANGE      It lies outside.
 */
DG_NODISCARD enum dg_status dg_catalogue_number(
    const struct dg_catalogue_entry *entry,
    const char *name,
    int64_t min,
    int64_t max,
    int64_t *value);

/** Add a test to a run with all that the catalogue says of it; the verdict is
 * still undecided.  NULL when memory is out. */
struct dg_run_test *dg_catalogue_add_test(
    struct dg_run *run, const struct dg_catalogue_entry *entry);

/** Say of a test that is empty all that the catalogue says of it. */
void dg_catalogue_fill_test(struct dg_run *run,
                            struct dg_run_test *test,
                            const struct dg_catalogue_entry *entry);

/** Add the attack path with the proposed factors and justification.  NULL when
 * memory is out. */
struct dg_run_path *dg_catalogue_add_path(
    struct dg_run *run,
    struct dg_run_test *test,
    const struct dg_catalogue_entry *entry,
    enum dg_rating_state state);

#endif
