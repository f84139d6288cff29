/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DG_EVAL_TRIAL_BOOK_PARTS_H
#define DG_EVAL_TRIAL_BOOK_PARTS_H

#include "eval/trial/book.h"
#include "eval/yaml.h"

/* What the files of the reader share. */

struct dg_book_reading {
    struct dg_book *book;
    struct dg_yaml yaml;
};

/** A copy of a text that lives as long as the book. */
const char *dg_book_keep(struct dg_book_reading *reading, const char *text);

/** Take a command line, which outlives the book, for a controller. */
void dg_book_set_program(struct dg_book *book, const char *program);

/** Read 'people_file', where there is one. */
void dg_book_read_people(struct dg_book_reading *reading);

/** Read 'arms' and 'scenarios' into the plan; what is wrong sticks in yaml. */
void dg_book_read_arms(struct dg_book_reading *reading);
void dg_book_read_scenarios(struct dg_book_reading *reading);

#endif
