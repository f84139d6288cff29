/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/people_file.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 128U
#define NAME_COLUMN "Name"

/* One table while it is read. */
struct table {
    FILE *file;
    enum dg_people_table which;
    uint32_t line;
    char text[DG_PEOPLE_LINE_MAX];
    char *field[COLUMNS_MAX];
    size_t fields;
    size_t columns;   /* of the header                                   */
    size_t name;      /* column of the name                              */
    size_t place[64]; /* column of each wanted figure                    */
    struct dg_people_fault *fault;
};

/* A column and where its number goes. */
struct column {
    const char *name;
    size_t offset;
};

#define INTO(member) offsetof(struct dg_s2008_parameters, member)
static const struct column figures_columns[] = {
    {"BW", INTO(weight_kg)}, {"Gb", INTO(basal_mg_dL)},
    {"kabs", INTO(kabs)},    {"kmax", INTO(kmax)},
    {"kmin", INTO(kmin)},    {"b", INTO(b)},
    {"d", INTO(d)},          {"f", INTO(f)},
    {"Vg", INTO(Vg)},        {"k1", INTO(k1)},
    {"k2", INTO(k2)},        {"Fsnc", INTO(Fsnc)},
    {"Vm0", INTO(Vm0)},      {"Vmx", INTO(Vmx)},
    {"Km0", INTO(Km0)},      {"kp1", INTO(kp1)},
    {"kp2", INTO(kp2)},      {"kp3", INTO(kp3)},
    {"ke1", INTO(ke1)},      {"ke2", INTO(ke2)},
    {"ksc", INTO(ksc)},      {"Vi", INTO(Vi)},
    {"m1", INTO(m1)},        {"m2", INTO(m2)},
    {"m4", INTO(m4)},        {"m30", INTO(m30)},
    {"p2u", INTO(p2u)},      {"ki", INTO(ki)},
    {"kd", INTO(kd)},        {"ka1", INTO(ka1)},
    {"ka2", INTO(ka2)},      {"u2ss", INTO(u2ss)},
    {"Ib", INTO(Ib)},        {"x0_4", INTO(Gpb)},
    {"x0_5", INTO(Gtb)},     {"x0_6", INTO(Ipb)},
    {"x0_10", INTO(Ilb)},    {"x0_11", INTO(isc1ss)},
    {"x0_12", INTO(isc2ss)},
};
static const struct column therapy_columns[] = {
    {"CR", INTO(carb_ratio_g_per_U)},
    {"CF", INTO(correction_mg_dL_per_U)},
    {"Age", INTO(age_years)},
    {"TDI", INTO(daily_U)},
};
#undef INTO
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the rest of the start has to be: empty stomach, no remote insulin above
 * basal, delays and skin settled. */
static const struct start {
    const char *name;
    size_t settled; /* member that it equals, or NOTHING                     */
} starts[] = {
#define NOTHING SIZE_MAX
    {"x0_1", NOTHING},
    {"x0_2", NOTHING},
    {"x0_3", NOTHING},
    {"x0_7", NOTHING},
    {"x0_8", offsetof(struct dg_s2008_parameters, Ib)},
    {"x0_9", offsetof(struct dg_s2008_parameters, Ib)},
    {"x0_13", offsetof(struct dg_s2008_parameters, Gpb)},
};

__attribute__((format(printf, 3, 4))) static enum dg_status complain(
    const struct table *table, enum dg_status status, const char *format, ...)
{
    va_list arguments;

    table->fault->table = table->which;
    table->fault->line = table->line;
    va_start(arguments, format);
    (void)vsnprintf(
        table->fault->text, sizeof table->fault->text, format, arguments);
    va_end(arguments);
    return status;
}

/* Take the blanks around a field away, in place. */
static char *trimmed(char *text)
{
    size_t length;

    text += strspn(text, " \t");
    length = strlen(text);
    while ((length > 0) && (strchr(" \t\r\n", text[length - 1]) != NULL)) {
        length--;
    }
    text[length] = '\0';
    return text;
}

/* Read a line into fields; `found` is false at the end of the file. */
static enum dg_status next_line(struct table *table, bool *found)
{
    *found = false;
    do {
        if (fgets(table->text, sizeof table->text, table->file) == NULL) {
            if (ferror(table->file) != 0) {
                return complain(table, DG_E_PORT, "cannot be read");
            }
            return DG_OK;
        }
        table->line++;
        if ((strchr(table->text, '\n') == NULL) && (feof(table->file) == 0)) {
            return complain(table,
                            DG_E_MALFORMED,
                            "the line is longer than %u bytes",
                            DG_PEOPLE_LINE_MAX - 2U);
        }
    } while (*trimmed(table->text) == '\0');

    char *rest = table->text;

    table->fields = 0;
    while (rest != NULL) {
        char *comma = strchr(rest, ',');

        if (table->fields == COLUMNS_MAX) {
            return complain(
                table, DG_E_MALFORMED, "more than %u columns", COLUMNS_MAX);
        }
        if (comma != NULL) {
            *comma = '\0';
        }
        table->field[table->fields] = trimmed(rest);
        table->fields++;
        rest = (comma == NULL) ? NULL : comma + 1;
    }
    *found = true;
    return DG_OK;
}

/* "x0_ 1" and "x0_1" are the same column. */
static bool is_column(const char *header, const char *name)
{
    while ((*header != '\0') && (*name != '\0')) {
        if (*header == ' ') {
            header++;
            continue;
        }
        if (*header != *name) {
            return false;
        }
        header++;
        name++;
    }
    return *header == *name;
}

static enum dg_status find_column(const struct table *table,
                                  const char *name,
                                  size_t *place)
{
    bool found = false;

    for (size_t i = 0; i < table->columns; i++) {
        if (!is_column(table->field[i], name)) {
            continue;
        }
        if (found) {
            return complain(
                table, DG_E_MALFORMED, "column %s is there twice", name);
        }
        found = true;
        *place = i;
    }
    if (!found) {
        return complain(table, DG_E_MALFORMED, "column %s is missing", name);
    }
    return DG_OK;
}

static enum dg_status read_header(struct table *table)
{
    bool found;
    enum dg_status status = next_line(table, &found);

    if (status != DG_OK) {
        return status;
    }
    if (!found) {
        return complain(table, DG_E_TRUNCATED, "the file is empty");
    }
    table->columns = table->fields;
    return find_column(table, NAME_COLUMN, &table->name);
}

/* Find wanted columns, remembering them from `first` on. */
static enum dg_status find_columns(struct table *table,
                                   const struct column *columns,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const enum dg_status status =
            find_column(table, columns[i].name, &table->place[i]);

        if (status != DG_OK) {
            return status;
        }
    }
    return DG_OK;
}

static enum dg_status number_at(const struct table *table,
                                size_t place,
                                const char *name,
                                double *value)
{
    const char *text = table->field[place];
    char *end = NULL;

    if (*text == '\0') {
        return complain(table, DG_E_TRUNCATED, "%s has no value", name);
    }
    errno = 0;
    *value = strtod(text, &end);
    if ((*end != '\0') || (errno != 0) || !isfinite(*value)) {
        return complain(
            table, DG_E_MALFORMED, "%s is no number: \"%.40s\"", name, text);
    }
    return DG_OK;
}

static enum dg_status next_row(struct table *table, bool *found)
{
    const enum dg_status status = next_line(table, found);

    if ((status != DG_OK) || !*found) {
        return status;
    }
    if (table->fields != table->columns) {
        return complain(table,
                        table->fields < table->columns ? DG_E_TRUNCATED
                                                       : DG_E_MALFORMED,
                        "%zu fields, the header has %zu",
                        table->fields,
                        table->columns);
    }

    const size_t length = strlen(table->field[table->name]);

    if ((length == 0) || (length >= DG_PEOPLE_NAME_MAX)) {
        return complain(table,
                        DG_E_MALFORMED,
                        "a name has 1 to %u bytes",
                        DG_PEOPLE_NAME_MAX - 1U);
    }
    return DG_OK;
}

static enum dg_status numbers_into(const struct table *table,
                                   const struct column *columns,
                                   size_t count,
                                   struct dg_s2008_parameters *parameters)
{
    for (size_t i = 0; i < count; i++) {
        double value;
        const enum dg_status status =
            number_at(table, table->place[i], columns[i].name, &value);

        if (status != DG_OK) {
            return status;
        }
        memcpy((char *)parameters + columns[i].offset, &value, sizeof value);
    }
    return DG_OK;
}

static enum dg_status check_start(const struct table *table,
                                  const struct dg_s2008_parameters *parameters)
{
    for (size_t i = 0; i < COUNT(starts); i++) {
        const size_t place = table->place[COUNT(figures_columns) + i];
        double wanted = 0.0;
        double value;
        const enum dg_status status =
            number_at(table, place, starts[i].name, &value);

        if (status != DG_OK) {
            return status;
        }
        if (starts[i].settled != NOTHING) {
            memcpy(&wanted,
                   (const char *)parameters + starts[i].settled,
                   sizeof wanted);
        }
        if (!(fabs(value - wanted) <= 1e-5 * (1.0 + fabs(wanted)))) {
            return complain(table,
                            DG_E_RANGE,
                            "%s: %s is %g, the steady state has %g",
                            table->field[table->name],
                            starts[i].name,
                            value,
                            wanted);
        }
    }
    return DG_OK;
}

static struct dg_person_row *find_person(struct dg_person_row *people,
                                         size_t count,
                                         const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(people[i].name, name) == 0) {
            return &people[i];
        }
    }
    return NULL;
}

static enum dg_status read_figures(struct table *table,
                                   struct dg_person_row *people,
                                   size_t capacity,
                                   size_t *count)
{
    bool found = true;
    enum dg_status status = read_header(table);

    if (status == DG_OK) {
        status = find_columns(table, figures_columns, COUNT(figures_columns));
    }
    for (size_t i = 0; (i < COUNT(starts)) && (status == DG_OK); i++) {
        status = find_column(
            table, starts[i].name, &table->place[COUNT(figures_columns) + i]);
    }
    *count = 0;
    while (status == DG_OK) {
        status = next_row(table, &found);
        if ((status != DG_OK) || !found) {
            break;
        }

        const char *name = table->field[table->name];

        if (find_person(people, *count, name) != NULL) {
            return complain(table, DG_E_MALFORMED, "%s is there twice", name);
        }
        if (*count == capacity) {
            return complain(
                table, DG_E_NO_SPACE, "more than %zu people", capacity);
        }

        struct dg_person_row *row = &people[*count];

        *row = (struct dg_person_row){.line = table->line};
        memcpy(row->name, name, strlen(name) + 1U);
        status = numbers_into(
            table, figures_columns, COUNT(figures_columns), &row->parameters);
        if (status == DG_OK) {
            status = check_start(table, &row->parameters);
        }
        *count += 1U;
    }
    if ((status == DG_OK) && (*count == 0)) {
        return complain(table, DG_E_TRUNCATED, "there is nobody in the table");
    }
    return status;
}

static enum dg_age_class class_of(const struct dg_person_row *row)
{
    static const struct word {
        const char *begin;
        enum dg_age_class age_class;
    } words[] = {
        {"child", DG_AGE_CHILD},
        {"adolescent", DG_AGE_TEEN},
        {"adult", DG_AGE_ADULT},
    };

    for (size_t i = 0; i < COUNT(words); i++) {
        if (strncmp(row->name, words[i].begin, strlen(words[i].begin)) == 0) {
            return words[i].age_class;
        }
    }
    if (row->parameters.age_years < 12.0) {
        return DG_AGE_CHILD;
    }
    return row->parameters.age_years < 18.0 ? DG_AGE_TEEN : DG_AGE_ADULT;
}

/* People of this table alone are nobody's concern: it may hold more. */
static enum dg_status read_therapy(struct table *table,
                                   struct dg_person_row *people,
                                   size_t count)
{
    bool found = true;
    enum dg_status status = read_header(table);

    if (status == DG_OK) {
        status = find_columns(table, therapy_columns, COUNT(therapy_columns));
    }
    while (status == DG_OK) {
        status = next_row(table, &found);
        if ((status != DG_OK) || !found) {
            break;
        }

        const char *name = table->field[table->name];
        struct dg_person_row *row = find_person(people, count, name);

        if (row == NULL) {
            continue;
        }
        /* No table may hold a ratio of 0, so 0 says: not seen yet. */
        if (row->parameters.carb_ratio_g_per_U != 0.0) {
            return complain(table, DG_E_MALFORMED, "%s is there twice", name);
        }
        status = numbers_into(
            table, therapy_columns, COUNT(therapy_columns), &row->parameters);
        if ((status == DG_OK) && (row->parameters.carb_ratio_g_per_U <= 0.0)) {
            return complain(table,
                            DG_E_RANGE,
                            "%s: CR is %g",
                            name,
                            row->parameters.carb_ratio_g_per_U);
        }
        row->parameters.age_class = class_of(row);
    }
    return status;
}

/* Now that each person is whole: can they live? */
static enum dg_status check_people(struct table *figures,
                                   const struct table *therapy,
                                   const struct dg_person_row *people,
                                   size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct dg_person_row *row = &people[i];
        struct dg_s2008_fault fault;

        if (row->parameters.carb_ratio_g_per_U == 0.0) {
            therapy->fault->table = DG_PEOPLE_THERAPY;
            therapy->fault->line = 0;
            (void)snprintf(therapy->fault->text,
                           sizeof therapy->fault->text,
                           "no row for %s",
                           row->name);
            return DG_E_MALFORMED;
        }
        if (dg_s2008_check(&row->parameters, &fault) != DG_OK) {
            figures->line = row->line;
            return complain(figures,
                            DG_E_RANGE,
                            "%s: %s is %g, allowed is %g to %g",
                            row->name,
                            fault.name,
                            fault.value,
                            fault.low,
                            fault.high);
        }
    }
    return DG_OK;
}

enum dg_status dg_people_file_read(FILE *figures,
                                   FILE *therapy,
                                   struct dg_person_row *people,
                                   size_t capacity,
                                   size_t *count,
                                   struct dg_people_fault *fault)
{
    if ((figures == NULL) || (therapy == NULL) || (people == NULL) ||
        (capacity == 0) || (count == NULL) || (fault == NULL)) {
        return DG_E_USAGE;
    }

    struct table first = {
        .file = figures, .which = DG_PEOPLE_FIGURES, .fault = fault};
    struct table second = {
        .file = therapy, .which = DG_PEOPLE_THERAPY, .fault = fault};
    size_t found;
    enum dg_status status = read_figures(&first, people, capacity, &found);

    if (status == DG_OK) {
        status = read_therapy(&second, people, found);
    }
    if (status == DG_OK) {
        status = check_people(&first, &second, people, found);
    }
    if (status == DG_OK) {
        *count = found;
    }
    return status;
}
