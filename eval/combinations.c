/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/combinations.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "eval/cover.h"
#include "eval/record.h"

/* Parameters of an entry, those with one value as well. */
#define PARAMETERS_MAX 16U

struct combining {
    const struct dg_session_order *order;
    struct dg_catalogue_entry entry; /* with one value for each parameter */
    struct dg_catalogue_parameter parameter[PARAMETERS_MAX];
    size_t parameters;
    uint8_t column[PARAMETERS_MAX]; /* of the array, for those that vary */
    uint8_t levels[DG_COVER_COLUMNS_MAX];
    size_t columns;
    struct dg_cover cover;
};

static bool is_varied(const struct dg_catalogue_parameter *parameter)
{
    return parameter->value_count > 1U;
}

static bool copy_parameters(struct combining *all)
{
    for (const struct dg_catalogue_parameter *i = all->order->entry->parameters;
         i != NULL;
         i = i->next) {
        if ((all->parameters == PARAMETERS_MAX) ||
            (is_varied(i) && (all->columns == DG_COVER_COLUMNS_MAX))) {
            return false;
        }

        struct dg_catalogue_parameter *own = &all->parameter[all->parameters];

        *own = *i;
        own->next = NULL;
        if (all->parameters > 0U) {
            all->parameter[all->parameters - 1U].next = own;
        }
        if (is_varied(i)) {
            all->column[all->parameters] = (uint8_t)all->columns;
            all->levels[all->columns++] = (uint8_t)i->value_count;
        }
        all->parameters++;
    }
    all->entry.parameters = (all->parameters > 0U) ? all->parameter : NULL;
    return true;
}

/* Put the values of one row in place, and say them. */
static void choose(struct combining *all, size_t row, char *words, size_t size)
{
    size_t used = 0;

    words[0] = '\0';
    for (size_t i = 0; i < all->parameters; i++) {
        struct dg_catalogue_parameter *own = &all->parameter[i];
        const struct dg_catalogue_value *value = own->values;

        if (!is_varied(own)) {
            continue;
        }
        for (uint8_t skip = all->cover.row[row][all->column[i]]; skip > 0U;
             skip--) {
            value = value->next;
        }
        own->value = value->text;

        const int put = snprintf(words + used,
                                 size - used,
                                 "%s%s = %s",
                                 (used == 0U) ? "" : ", ",
                                 own->name,
                                 own->value);

        used += ((put > 0) && ((size_t)put < size - used)) ? (size_t)put : 0U;
    }
}

/* What decides: a failure before the suite's fault, before what could not be
 * judged, before a pass. */
static unsigned weight(enum dg_run_verdict verdict)
{
    switch (verdict) {
    case DG_RUN_FAIL:
        return 3U;
    case DG_RUN_ERROR:
        return 2U;
    case DG_RUN_PASS:
        return 0U;
    case DG_RUN_UNDECIDED:
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_NOT_APPLICABLE:
    case DG_RUN_PENDING:
    case DG_RUN_WAIVED:
    case DG_RUN_NOT_ASKED:
    case DG_RUN_VERDICTS:
    default:
        return 1U;
    }
}

/* One and the same path, whatever the combination that opened it. */
static void keep_first_path(struct dg_run_test *test)
{
    dg_record_hold();
    if (test->paths != NULL) {
        test->paths->next = NULL;
    }
    dg_record_let_go();
}

/* @satisfies{EVL_RESUME.1@1}
 * The test has no verdict before its last combination: one that is saved in
 * between would be taken for that of them all after a kill. */
static void run_rows(struct combining *all, bool is_brief)
{
    struct dg_run *run = all->order->run;
    struct dg_run_test *test = all->order->test;
    enum dg_run_verdict worst = DG_RUN_UNDECIDED;
    enum dg_run_verdict verdict = DG_RUN_UNDECIDED;
    const char *reason = "";
    uint64_t elapsed_ms = 0;

    for (size_t row = 0; row < all->cover.rows; row++) {
        struct dg_session_order one = *all->order;
        char dir[560];
        char words[256];
        char line[1100];

        choose(all, row, words, sizeof words);
        (void)snprintf(dir, sizeof dir, "%s/%zu", all->order->dir, row);
        (void)mkdir(dir, 0700);
        one.entry = &all->entry;
        one.dir = dir;
        one.verdict = &verdict;
        dg_session_run(&one);
        elapsed_ms += test->elapsed_ms;
        (void)snprintf(line,
                       sizeof line,
                       "Combination %zu of %zu (%s): %s.",
                       row + 1U,
                       all->cover.rows,
                       words,
                       dg_run_verdict_name(verdict));
        dg_record_line(run, &test->seen, line);
        if ((row == 0U) || (weight(verdict) > weight(worst))) {
            worst = verdict;
            (void)snprintf(
                line, sizeof line, "With %s: %s", words, test->reason);
            reason = (worst == DG_RUN_PASS) ? test->reason
                                            : dg_record_text(run, line);
        }
        keep_first_path(test);
        if (is_brief && (worst == DG_RUN_FAIL)) {
            break;
        }
    }
    dg_record_hold();
    test->reason = reason;
    test->elapsed_ms = elapsed_ms;
    dg_session_give(all->order, worst);
    dg_record_let_go();
}

/* @satisfies{EVL_COMBINE.1@1} */
void dg_combinations_run(const struct dg_session_order *order,
                         unsigned strength,
                         bool is_brief)
{
    if (order->entry->strength == 0U) {
        dg_session_run(order);
        return;
    }

    struct combining *all = calloc(1U, sizeof *all);
    const unsigned wanted = (strength > 0U) ? strength : order->entry->strength;
    bool is_made = false;

    if (all != NULL) {
        all->order = order;
        all->entry = *order->entry;
        is_made =
            copy_parameters(all) &&
            (dg_cover_make(all->levels, all->columns, wanted, &all->cover) ==
             DG_OK);
    }
    if (is_made) {
        run_rows(all, is_brief);
    } else {
        dg_record_reason(order->run,
                         order->test,
                         "The parameters of the catalogue entry make too many "
                         "combinations of this strength.");
        dg_session_give(order, DG_RUN_ERROR);
    }
    if (all != NULL) {
        dg_cover_free(&all->cover);
    }
    free(all);
}
