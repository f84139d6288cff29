/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_OUTPUT_WORK_UNITS_H
#define DG_EVAL_OUTPUT_WORK_UNITS_H

#include <stddef.h>

#include "dosegate/status.h"
#include "eval/arena.h"
#include "eval/problem.h"

/* The work units of one edition of the CEM: which components a claim asks for,
 * and how their units fall to the evaluator's elements.  The table is
 * spec/criteria/work-units-<edition>.yaml, built in, so that a report can be
 * made again wherever the program is. */
#define DG_WORK_ACTIONS_MAX 8U

/* What a run of tests says something of. */
enum dg_work_basis {
    DG_WORK_PERSON = 0, /* nothing: a person */
    DG_WORK_CONDUCT,    /* the tests were carried out */
    DG_WORK_RECORD,     /* what came of each was recorded */
    DG_WORK_RESIST,     /* what they mean for the claim */
    DG_WORK_BASES,
};

struct dg_work_component {
    const char *id;
    const char *title;
    unsigned units[DG_WORK_ACTIONS_MAX]; /* of each element */
    size_t actions;
    unsigned run[DG_WORK_BASES]; /* number of the unit; 0: none */
};

struct dg_work_table {
    struct dg_arena arena;
    const char *edition;
    struct dg_work_component *components; /* of the level that was asked for */
    size_t count;
};

/**
 * Read the components that a claim asks for.
 *
 * @param      level  AVA_VAN of the claim, 1 .. 5.
 * @param[out] table  Free it with dg_work_table_free() in any case.
 *
 * @retval DG_OK           Read.
 * @retval DG_E_RANGE      No such level.
 * @retval DG_E_MALFORMED  The table is wrong: @p problem says where.
 * @retval DG_E_PORT       Memory is out.
 */
DG_NODISCARD enum dg_status dg_work_table_read(unsigned level,
                                               struct dg_work_table *table,
                                               struct dg_problem *problem);

void dg_work_table_free(struct dg_work_table *table);

#endif
