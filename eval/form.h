/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_FORM_H
#define DG_EVAL_FORM_H

#include <stdio.h>

#include "eval/catalogue.h"

/* Evaluator forms: work of the catalogue that a person does.  An answer is one
 * file <id>.yaml with
 *
 *   id:       of the form
 *   firmware: SHA-256 of the firmware that was looked at, hex
 *   verdict:  pass, fail or inconclusive
 *   by:       name of the evaluator
 *   date:     YYYY-MM-DD, of the signing
 *   seen:     a list, one item for each item of the form's `record`
 *
 * Only a person writes one; nothing here fills in a verdict. */

/**
 * Add every form of a catalogue to a run.
 *
 * Without a folder the forms are not asked for: their verdict is
 * DG_RUN_NOT_ASKED.  With one, a form is pending until its answer is there; an
 * answer about another firmware leaves it pending, with that reason.
 *
 * @param run     Its product and the moment of its start are known; a form that
 *                it has already, as not applicable, is left alone.
 * @param folder  Answers; NULL: none are asked for.
 * @param is_wanted  Whether a form belongs into the run; NULL: each does.
 * @param context    Its first argument.
 *
 * @retval DG_OK           Added.
 * @retval DG_E_MALFORMED  An answer is wrong, belongs to no form or is signed
 *                         on a day to come: @p problem says file and line.
 * @retval DG_E_PORT       The folder or a file cannot be read, or memory.
 */
DG_NODISCARD enum dg_status dg_forms_add(struct dg_run *run,
                                         const struct dg_catalogue *catalogue,
                                         const char *folder,
                                         bool (*is_wanted)(const void *context,
                                                           const char *id),
                                         const void *context,
                                         struct dg_problem *problem);

/**
 * Write a form that a person can fill in: without firmware, verdict, name and
 * date, and refused as long as one of them is missing.
 */
void dg_form_print(const struct dg_catalogue_entry *entry, FILE *to);

#endif
