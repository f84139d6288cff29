/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patient/people.h"
#include "patient/people_file.h"

/* One sound person in the published layout, under a name of ours.  {} stands
 * where a test puts something else. */
static const char header[] =
    "Name,i,x0_ 1,x0_ 2,x0_ 3,x0_ 4,x0_ 5,x0_ 6,x0_ 7,x0_ 8,x0_ 9,x0_10,x0_11,"
    "x0_12,x0_13,BW,Gb,Ib,kabs,kmax,kmin,b,d,Vg,Vi,Vmx,Km0,k2,k1,p2u,m1,m2,m4,"
    "m30,ki,kp2,kp3,f,ke1,ke2,Fsnc,Vm0,kd,ksc,ka1,ka2,u2ss,kp1\n";
static const char therapy_header[] = "Name,CR,CF,Age,TDI\n";

#define ROW_MAX 2048

static void write_row(char *row, const char *name)
{
    const struct dg_s2008_parameters *p = &dg_people_at(0)->parameters;
    const double values[] = {
        1,
        0,
        0,
        0,
        p->Gpb,
        p->Gtb,
        p->Ipb,
        0,
        p->Ib,
        p->Ib,
        p->Ilb,
        p->isc1ss,
        p->isc2ss,
        p->Gpb,
        p->weight_kg,
        p->basal_mg_dL,
        p->Ib,
        p->kabs,
        p->kmax,
        p->kmin,
        p->b,
        p->d,
        p->Vg,
        p->Vi,
        p->Vmx,
        p->Km0,
        p->k2,
        p->k1,
        p->p2u,
        p->m1,
        p->m2,
        p->m4,
        p->m30,
        p->ki,
        p->kp2,
        p->kp3,
        p->f,
        p->ke1,
        p->ke2,
        p->Fsnc,
        p->Vm0,
        p->kd,
        p->ksc,
        p->ka1,
        p->ka2,
        p->u2ss,
        p->kp1,
    };
    int length = snprintf(row, ROW_MAX, "%s", name);

    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        length += snprintf(
            row + length, ROW_MAX - (size_t)length, ",%.17g", values[i]);
    }
    (void)snprintf(row + length, ROW_MAX - (size_t)length, "\n");
}

static FILE *file_of(const char *text)
{
    FILE *file = tmpfile();

    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    rewind(file);
    return file;
}

static struct dg_person_row people[40];
static size_t count;
static struct dg_people_fault fault;

static enum dg_status read_texts(const char *figures, const char *therapy)
{
    FILE *first = file_of(figures);
    FILE *second = file_of(therapy);

    count = 77;
    memset(&fault, 0, sizeof fault);

    const enum dg_status status =
        dg_people_file_read(first, second, people, 40, &count, &fault);

    (void)fclose(first);
    (void)fclose(second);
    if (status != DG_OK) {
        assert_int_equal(count, 77);
        assert_true(fault.text[0] != '\0');
        print_message("%s:%u: %s\n",
                      fault.table == DG_PEOPLE_FIGURES ? "figures" : "therapy",
                      fault.line,
                      fault.text);
    }
    return status;
}

/* A table with the header and one row, in which the first `old` became `new`. */
static void table_with(char *text, const char *old, const char *new)
{
    char whole[2 * ROW_MAX];
    char row[ROW_MAX];
    char *at;

    write_row(row, "adult-a");
    (void)snprintf(whole, sizeof whole, "%s%s", header, row);
    at = strstr(whole, old);
    assert_non_null(at);
    (void)snprintf(text,
                   3 * ROW_MAX,
                   "%.*s%s%s",
                   (int)(at - whole),
                   whole,
                   new,
                   at + strlen(old));
}

static const char one_therapy[] =
    "Name,CR,CF,Age,TDI\nadult-a,10,8.773,61,50.417\n";

static void test_people_file__sound_table__gives_the_person(void **state)
{
    char text[3 * ROW_MAX];
    const struct dg_s2008_parameters *wanted = &dg_people_at(0)->parameters;

    (void)state;
    table_with(text, "Name", "Name");
    assert_int_equal(read_texts(text, one_therapy), DG_OK);
    assert_int_equal(count, 1);
    assert_string_equal(people[0].name, "adult-a");
    assert_int_equal(people[0].line, 2);
    assert_int_equal(people[0].parameters.age_class, DG_AGE_ADULT);
    assert_true(people[0].parameters.Vg == wanted->Vg);
    assert_true(people[0].parameters.isc2ss == wanted->isc2ss);
    assert_true(people[0].parameters.carb_ratio_g_per_U == 10.0);
    assert_true(people[0].parameters.daily_U == 50.417);
}

static void test_people_file__carriage_returns_and_blank_lines__do_no_harm(
    void **state)
{
    char text[3 * ROW_MAX];

    (void)state;
    table_with(text, "kp1\n", "kp1\r\n\r\n\n");
    assert_int_equal(read_texts(text, one_therapy), DG_OK);
    assert_int_equal(people[0].line, 4);
}

static void test_people_file__other_names__have_their_class_by_age(void **state)
{
    char text[3 * ROW_MAX];
    char row[ROW_MAX];

    (void)state;
    (void)snprintf(text, sizeof text, "%s", header);
    write_row(row, "a");
    (void)strcat(text, row);
    write_row(row, "b");
    (void)strcat(text, row);
    write_row(row, "child#7");
    (void)strcat(text, row);
    assert_int_equal(read_texts(text,
                                "Age,Name,TDI,CR,CF\n11.9,a,20,10,8\n"
                                "17,b,20,10,8\n40,child#7,20,10,8\n"
                                "40,nobody,20,10,8\n"),
                     DG_OK);
    assert_int_equal(count, 3);
    assert_int_equal(people[0].parameters.age_class, DG_AGE_CHILD);
    assert_int_equal(people[1].parameters.age_class, DG_AGE_TEEN);
    assert_int_equal(people[2].parameters.age_class, DG_AGE_CHILD);
}

/* Each wrong table: what is put in for what, what comes of it, in which line,
 * and a word that the complaint has to hold. */
static void test_people_file__wrong_tables__are_refused_by_line(void **state)
{
    static const struct wrong {
        const char *old;
        const char *new;
        enum dg_status status;
        uint32_t line;
        const char *word;
    } wrongs[] = {
        {"Name", "Nome", DG_E_MALFORMED, 1, "Name"},
        {",Vg,", ",Volume,", DG_E_MALFORMED, 1, "Vg"},
        {",Vg,", ",Vi,", DG_E_MALFORMED, 1, "Vg"},
        {",i,", ",Vi,", DG_E_MALFORMED, 1, "twice"},
        {",1.9152", ",-1.9152", DG_E_RANGE, 2, "Vg is -1.9152"},
        {",1.9152", ",0", DG_E_RANGE, 2, "Vg is 0"},
        {",1.9152", ",nan", DG_E_MALFORMED, 2, "Vg"},
        {",1.9152", ",1e999", DG_E_MALFORMED, 2, "Vg"},
        {",1.9152", ",1.9152x", DG_E_MALFORMED, 2, "1.9152x"},
        {",1.9152", ",", DG_E_TRUNCATED, 2, "Vg has no value"},
        {",1.9152", "", DG_E_TRUNCATED, 2, "47 fields"},
        {",1.9152", ",1.9152,1", DG_E_MALFORMED, 2, "49 fields"},
        {"adult-a,1,0", "adult-a,1,5", DG_E_RANGE, 2, "x0_1 is 5"},
        {"adult-a", "", DG_E_MALFORMED, 2, "name"},
        {"adult-a",
         "a-name-that-is-longer-than-any-name-may-be",
         DG_E_MALFORMED,
         2,
         "name"},
        {"adult-a", "adult-b", DG_E_MALFORMED, 0, "adult-b"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        char text[3 * ROW_MAX];

        table_with(text, wrongs[i].old, wrongs[i].new);
        assert_int_equal(read_texts(text, one_therapy), wrongs[i].status);
        assert_int_equal(fault.line, wrongs[i].line);
        assert_non_null(strstr(fault.text, wrongs[i].word));
    }
}

/* Every figure is possible, but liver and plasma would exchange insulin faster
 * than a minute's step can follow. */
static void test_people_file__unstable_set__is_refused_by_line(void **state)
{
    char text[3 * ROW_MAX];
    char old[32];
    struct dg_s2008_fault why;
    struct dg_s2008_parameters fast = dg_people_at(0)->parameters;

    (void)state;
    (void)snprintf(old, sizeof old, ",%.17g", fast.m30);
    table_with(text, old, ",4.5");
    assert_int_equal(read_texts(text, one_therapy), DG_E_RANGE);
    assert_int_equal(fault.line, 2);
    assert_non_null(strstr(fault.text, "fastest rate"));

    fast.kp1 *= 1.001;
    assert_int_equal(dg_s2008_check(&fast, &why), DG_E_RANGE);
    assert_string_equal(why.name, "steady state");
    assert_int_equal(dg_s2008_check(&fast, NULL), DG_E_RANGE);
    assert_int_equal(dg_s2008_check(NULL, &why), DG_E_USAGE);
}

static void test_people_file__wrong_therapy__is_refused_by_line(void **state)
{
    char text[3 * ROW_MAX];

    (void)state;
    table_with(text, "Name", "Name");
    assert_int_equal(read_texts(text, ""), DG_E_TRUNCATED);
    assert_int_equal(fault.table, DG_PEOPLE_THERAPY);
    assert_int_equal(read_texts(text, "Name,CR,CF,Age\nadult-a,10,8,61\n"),
                     DG_E_MALFORMED);
    assert_int_equal(fault.line, 1);
    assert_int_equal(read_texts(text, "Name,CR,CF,Age,TDI\nadult-a,10,8,61\n"),
                     DG_E_TRUNCATED);
    assert_int_equal(fault.line, 2);
    assert_int_equal(
        read_texts(text, "Name,CR,CF,Age,TDI\nadult-a,0,8,61,50\n"),
        DG_E_RANGE);
    assert_int_equal(
        read_texts(text, "Name,CR,CF,Age,TDI\nadult-a,10,8,610,50\n"),
        DG_E_RANGE);
    assert_int_equal(fault.table, DG_PEOPLE_FIGURES);
    assert_non_null(strstr(fault.text, "age_years"));
    assert_int_equal(read_texts(text,
                                "Name,CR,CF,Age,TDI\nadult-a,10,8,61,50\n"
                                "adult-a,10,8,61,50\n"),
                     DG_E_MALFORMED);
    assert_int_equal(fault.line, 3);
}

static void test_people_file__empty_and_doubled__are_refused(void **state)
{
    char text[3 * ROW_MAX];
    char row[ROW_MAX];

    (void)state;
    assert_int_equal(read_texts("", one_therapy), DG_E_TRUNCATED);
    assert_int_equal(read_texts(header, one_therapy), DG_E_TRUNCATED);
    write_row(row, "adult-a");
    (void)snprintf(text, sizeof text, "%s%s%s", header, row, row);
    assert_int_equal(read_texts(text, one_therapy), DG_E_MALFORMED);
    assert_int_equal(fault.line, 3);

    FILE *first = file_of(header);
    FILE *second = file_of(therapy_header);

    assert_int_equal(
        dg_people_file_read(NULL, second, people, 1, &count, &fault),
        DG_E_USAGE);
    assert_int_equal(
        dg_people_file_read(first, second, people, 0, &count, &fault),
        DG_E_USAGE);
    (void)fclose(first);
    (void)fclose(second);
}

static void test_people_file__too_many_and_too_long__are_refused(void **state)
{
    char *text = calloc(1, 64 * ROW_MAX);
    char row[ROW_MAX];

    (void)state;
    assert_non_null(text);
    (void)strcpy(text, header);
    for (int i = 0; i < 41; i++) {
        char name[16];

        (void)snprintf(name, sizeof name, "p%d", i);
        write_row(row, name);
        (void)strcat(text, row);
    }
    assert_int_equal(read_texts(text, one_therapy), DG_E_NO_SPACE);
    assert_int_equal(fault.line, 42);
    memset(text, 'x', 10000);
    text[10000] = '\0';
    assert_int_equal(read_texts(text, one_therapy), DG_E_MALFORMED);
    assert_int_equal(fault.line, 1);
    memset(text, ',', 300);
    text[300] = '\0';
    assert_int_equal(read_texts(text, one_therapy), DG_E_MALFORMED);
    free(text);
}

/* The table itself, which is not in the repository. */
static void test_people_file__published_table__is_read_whole(void **state)
{
    char path[2][512];
    size_t of_class[4] = {0};

    (void)state;
    (void)snprintf(path[0],
                   sizeof path[0],
                   "%s/trial/simglucose/vpatient_params.csv",
                   DG_VECTORS);
    (void)snprintf(
        path[1], sizeof path[1], "%s/trial/simglucose/Quest.csv", DG_VECTORS);
    FILE *first = fopen(path[0], "r");
    FILE *second = fopen(path[1], "r");

    if ((first == NULL) || (second == NULL)) {
        print_message("skipped: no %s\n", path[0]);
        skip();
    }
    assert_int_equal(
        dg_people_file_read(first, second, people, 40, &count, &fault), DG_OK);
    assert_int_equal(count, 30);
    for (size_t i = 0; i < count; i++) {
        const struct dg_s2008_parameters *p = &people[i].parameters;

        of_class[p->age_class]++;
        assert_true(fabs(24.0 * dg_s2008_basal_U_per_h(p) +
                         200.0 / p->carb_ratio_g_per_U - p->daily_U) < 1e-6);
    }
    assert_true((of_class[DG_AGE_CHILD] == 10) &&
                (of_class[DG_AGE_TEEN] == 10));
    for (size_t k = 0; k < dg_people_count(); k++) {
        const struct dg_published_person *known = dg_people_at(k);
        bool is_found = false;

        for (size_t i = 0; i < count; i++) {
            if (strcmp(people[i].name, known->name) == 0) {
                assert_memory_equal(&people[i].parameters,
                                    &known->parameters,
                                    sizeof known->parameters);
                is_found = true;
            }
        }
        assert_true(is_found);
    }
    (void)fclose(first);
    (void)fclose(second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_people_file__sound_table__gives_the_person),
        cmocka_unit_test(
            test_people_file__carriage_returns_and_blank_lines__do_no_harm),
        cmocka_unit_test(
            test_people_file__other_names__have_their_class_by_age),
        cmocka_unit_test(test_people_file__wrong_tables__are_refused_by_line),
        cmocka_unit_test(test_people_file__unstable_set__is_refused_by_line),
        cmocka_unit_test(test_people_file__wrong_therapy__is_refused_by_line),
        cmocka_unit_test(test_people_file__empty_and_doubled__are_refused),
        cmocka_unit_test(test_people_file__too_many_and_too_long__are_refused),
        cmocka_unit_test(test_people_file__published_table__is_read_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
