/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/cover.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CHOICES_MAX 252U /* of 10 columns, 5 at a time, is the largest */
#define OPEN        UINT8_MAX

/* One choice of columns: where its combinations stand in `is_done`. */
struct choice {
    uint8_t column[DG_COVER_STRENGTH_MAX];
    size_t first;
    size_t count;
};

struct making {
    const uint8_t *levels;
    size_t columns;
    size_t strength;
    struct choice choice[CHOICES_MAX];
    size_t choices;
    size_t tuples;
    bool *is_done;
};

static bool is_in_range(const uint8_t *levels, size_t columns, size_t strength)
{
    if ((columns == 0U) || (columns > DG_COVER_COLUMNS_MAX) ||
        (strength == 0U) || (strength > DG_COVER_STRENGTH_MAX)) {
        return false;
    }
    for (size_t i = 0; i < columns; i++) {
        if ((levels[i] == 0U) || (levels[i] > DG_COVER_LEVELS_MAX)) {
            return false;
        }
    }
    return true;
}

/* Every ascending choice of columns, in lexicographic order. */
static void list_choices(struct making *making)
{
    uint8_t at[DG_COVER_STRENGTH_MAX];
    const size_t size = making->strength;

    for (size_t i = 0; i < size; i++) {
        at[i] = (uint8_t)i;
    }
    for (;;) {
        struct choice *one = &making->choice[making->choices++];
        size_t place = size;

        memcpy(one->column, at, size);
        one->first = making->tuples;
        one->count = 1U;
        for (size_t i = 0; i < size; i++) {
            one->count *= making->levels[at[i]];
        }
        making->tuples += one->count;
        while ((place > 0U) &&
               (at[place - 1U] == making->columns - size + place - 1U)) {
            place--;
        }
        if (place == 0U) {
            return;
        }
        at[place - 1U]++;
        for (size_t i = place; i < size; i++) {
            at[i] = (uint8_t)(at[i - 1U] + 1U);
        }
    }
}

/* The place in `is_done` of what @row says in the columns of @choice; false
 * while one of them is open. */
static bool find_tuple(const struct making *making,
                       const struct choice *choice,
                       const uint8_t *row,
                       size_t *place)
{
    size_t index = 0;

    for (size_t i = 0; i < making->strength; i++) {
        const uint8_t column = choice->column[i];

        if (row[column] == OPEN) {
            return false;
        }
        index = index * making->levels[column] + row[column];
    }
    *place = choice->first + index;
    return true;
}

/* How many missing combinations with @column are whole in @row. */
static size_t count_missing(const struct making *making,
                            const uint8_t *row,
                            size_t column)
{
    size_t missing = 0;
    size_t place = 0;

    for (size_t i = 0; i < making->choices; i++) {
        const struct choice *choice = &making->choice[i];

        if ((memchr(choice->column, (int)column, making->strength) != NULL) &&
            find_tuple(making, choice, row, &place) &&
            !making->is_done[place]) {
            missing++;
        }
    }
    return missing;
}

/* Write the combination at @place, the first that is missing, into @row. */
static void begin_row(const struct making *making, size_t place, uint8_t *row)
{
    const struct choice *choice = making->choice;

    while (place >= choice->first + choice->count) {
        choice++;
    }

    size_t rest = place - choice->first;

    memset(row, OPEN, DG_COVER_COLUMNS_MAX);
    for (size_t i = making->strength; i > 0U; i--) {
        const uint8_t column = choice->column[i - 1U];

        row[column] = (uint8_t)(rest % making->levels[column]);
        rest /= making->levels[column];
    }
}

static void fill_row(const struct making *making, uint8_t *row)
{
    for (size_t column = 0; column < making->columns; column++) {
        size_t most = 0;
        uint8_t best = 0;

        if (row[column] != OPEN) {
            continue;
        }
        for (uint8_t level = 0; level < making->levels[column]; level++) {
            row[column] = level;

            const size_t missing = count_missing(making, row, column);

            if (missing > most) {
                most = missing;
                best = level;
            }
        }
        row[column] = best;
    }
}

static void mark_row(const struct making *making, const uint8_t *row)
{
    size_t place = 0;

    for (size_t i = 0; i < making->choices; i++) {
        if (find_tuple(making, &making->choice[i], row, &place)) {
            making->is_done[place] = true;
        }
    }
}

static enum dg_status make_rows(struct making *making, struct dg_cover *cover)
{
    for (size_t place = 0; place < making->tuples; place++) {
        if (making->is_done[place]) {
            continue;
        }
        if (cover->rows == DG_COVER_ROWS_MAX) {
            return DG_E_RANGE;
        }

        uint8_t *row = cover->row[cover->rows++];

        begin_row(making, place, row);
        fill_row(making, row);
        mark_row(making, row);
    }
    return DG_OK;
}

enum dg_status dg_cover_make(const uint8_t *levels,
                             size_t columns,
                             unsigned strength,
                             struct dg_cover *cover)
{
    struct making making = {.levels = levels, .columns = columns};
    enum dg_status status = DG_E_PORT;

    *cover = (struct dg_cover){.columns = columns};
    if (!is_in_range(levels, columns, strength)) {
        return DG_E_RANGE;
    }
    making.strength = (strength < columns) ? strength : columns;
    list_choices(&making);
    if (making.tuples > DG_COVER_TUPLES_MAX) {
        return DG_E_RANGE;
    }
    making.is_done = calloc(making.tuples, sizeof *making.is_done);
    cover->row = calloc(DG_COVER_ROWS_MAX, sizeof *cover->row);
    if ((making.is_done != NULL) && (cover->row != NULL)) {
        status = make_rows(&making, cover);
    }
    free(making.is_done);
    return status;
}

void dg_cover_free(struct dg_cover *cover)
{
    free(cover->row);
    *cover = (struct dg_cover){.columns = 0U};
}
