/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "patient/day_figure.h"
#include "patient/people.h"
#include "patient/person.h"

#define MINUTES 1440
#define STEPS   (MINUTES / 5)

/* A day lived in an open loop: basal every five minutes, a bolus of counted
 * grams / ratio with each meal, and, in one variant, an overdose. */
struct lived_day {
    struct dg_figure_sample plasma[MINUTES + 1];
    struct dg_figure_sample sensor[STEPS + 1];
    struct dg_figure_delivery deliveries[2 * STEPS];
    size_t delivery_count;
    struct dg_figure_meal meals[DG_MEALS_PER_DAY_MAX];
    size_t meal_count;
};

static void deliver(struct lived_day *day,
                    uint32_t minute,
                    uint32_t mU,
                    enum dg_figure_delivery_kind kind)
{
    day->deliveries[day->delivery_count] = (struct dg_figure_delivery){
        .minute = minute, .units = mU / 1000.0, .kind = kind};
    day->delivery_count++;
}

static uint32_t meal_bolus_mU(const struct dg_person *person, uint32_t minute)
{
    for (size_t i = 0; i < person->today.count; i++) {
        const struct dg_meal *meal = &person->today.meals[i];

        if ((meal->minute >= minute) && (meal->minute < minute + 5U)) {
            return 50U * (uint32_t)lround(
                             dg_meal_counted_g(meal) * 20.0 /
                             person->patient.parameters.carb_ratio_g_per_U);
        }
    }
    return 0;
}

static void live_step(struct dg_person *person,
                      struct lived_day *day,
                      uint32_t minute,
                      uint32_t overdose_mU)
{
    const uint32_t basal_mU = (uint32_t)lround(
        dg_s2008_basal_U_per_h(&person->patient.parameters) * 1000.0 / 12.0);
    const uint32_t bolus_mU = meal_bolus_mU(person, minute);
    uint32_t amounts[5];

    dg_person_spread(basal_mU, 5, amounts);
    deliver(day, minute, basal_mU, DG_FIGURE_BASAL);
    if (bolus_mU > 0U) {
        deliver(day, minute, bolus_mU, DG_FIGURE_CONFIRMED);
    }
    if (overdose_mU > 0U) {
        deliver(day, minute, overdose_mU, DG_FIGURE_AUTOMATIC);
    }
    amounts[0] += bolus_mU + overdose_mU;
    for (uint32_t i = 0; i < 5U; i++) {
        day->plasma[minute + i] = (struct dg_figure_sample){
            .minute = minute + i, .mg_dL = dg_person_plasma_mg_dL(person)};
        assert_int_equal(dg_person_advance(person, 1, &amounts[i]), DG_OK);
    }
}

static void live_day(struct lived_day *day, uint32_t overdose_mU)
{
    struct dg_person person;

    memset(day, 0, sizeof *day);
    assert_int_equal(dg_person_init(&person, "adult#001", 7, DG_SENSOR_G6),
                     DG_OK);
    assert_int_equal(dg_person_choose_meals(&person, DG_PERSON_MEALS_DRAWN),
                     DG_OK);
    for (uint32_t minute = 0; minute < MINUTES; minute += 5U) {
        day->sensor[minute / 5U] = (struct dg_figure_sample){
            .minute = minute, .mg_dL = dg_person_sensor_mg_dL(&person)};
        live_step(&person, day, minute, (minute == 840U) ? overdose_mU : 0U);
    }
    day->sensor[STEPS] = (struct dg_figure_sample){
        .minute = MINUTES, .mg_dL = dg_person_sensor_mg_dL(&person)};
    day->plasma[MINUTES] = (struct dg_figure_sample){
        .minute = MINUTES, .mg_dL = dg_person_plasma_mg_dL(&person)};
    for (size_t i = 0; i < person.eaten_count; i++) {
        day->meals[i] = (struct dg_figure_meal){
            .minute = person.eaten[i].minute, .grams = person.eaten[i].grams};
    }
    day->meal_count = person.eaten_count;
}

static struct dg_day_figure figure_of(const struct lived_day *day)
{
    return (struct dg_day_figure){
        .id = "day",
        .title = "adult#001, a day as it should be",
        .description = "Glucose of one simulated person over 24 hours.",
        .start_min = 0,
        .end_min = MINUTES,
        .plasma = {day->plasma, MINUTES + 1},
        .sensor = {day->sensor, STEPS + 1},
        .deliveries = day->deliveries,
        .delivery_count = day->delivery_count,
        .meals = day->meals,
        .meal_count = day->meal_count,
    };
}

static const char *write_to_memory(const struct dg_day_figure *figure)
{
    static char page[256 * 1024];
    FILE *out = fmemopen(page, sizeof page, "w");

    assert_non_null(out);
    assert_int_equal(dg_day_figure_write(figure, out), DG_OK);
    assert_int_equal(fclose(out), 0);
    return page;
}

static size_t count(const char *text, const char *what)
{
    size_t found = 0;

    for (const char *at = strstr(text, what); at != NULL;
         at = strstr(at + 1, what)) {
        found++;
    }
    return found;
}

/* A page with both days, for the eye. */
static void write_page(const struct dg_day_figure *calm,
                       const struct dg_day_figure *attacked)
{
    FILE *out = fopen("day_figure_sample.html", "w");

    assert_non_null(out);
    fputs("<!doctype html><meta charset=\"utf-8\"><title>Day</title>"
          "<body style=\"margin:16px;background:#fff\">\n",
          out);
    assert_int_equal(dg_day_figure_write(calm, out), DG_OK);
    assert_int_equal(dg_day_figure_write(attacked, out), DG_OK);
    fputs("</body>\n", out);
    assert_int_equal(fclose(out), 0);
}

static void test_day_figure__two_real_days__are_drawn_whole(void **state)
{
    static struct lived_day calm;
    static struct lived_day attacked;
    static const struct dg_figure_event events[] = {
        {840, "Phone orders 14 U, nobody confirms"},
        {1010, "Low alarm"},
    };

    (void)state;
    live_day(&calm, 0);
    live_day(&attacked, 14000);

    const struct dg_day_figure first = figure_of(&calm);
    struct dg_day_figure second = figure_of(&attacked);

    second.id = "attack";
    second.title = "adult#001, the same day under attack";
    second.plasma_name = "Plasma, under attack";
    second.comparison = (struct dg_figure_series){calm.plasma, MINUTES + 1};
    second.comparison_name = "Plasma, same day without";
    second.events = events;
    second.event_count = 2;
    write_page(&first, &second);

    const char *text = write_to_memory(&second);

    assert_int_equal(count(text, "<svg "), 1);
    assert_int_equal(count(text, "</svg>\n"), 1);
    assert_non_null(strstr(text, "viewBox=\"0 0 960 540\""));
    assert_non_null(strstr(text, "<title id=\"attack-title\">adult#001, the"));
    assert_non_null(strstr(text, "aria-labelledby=\"attack-title attack-desc"));
    assert_non_null(strstr(text, "<desc id=\"attack-desc\">Glucose of one"));
    assert_int_equal(count(text, "h0"), STEPS + 1 + 3);
    assert_int_equal(count(text, "class=\"meal\""), attacked.meal_count);
    assert_int_equal(count(text, "class=\"confirmed\""),
                     attacked.meal_count + 1);
    assert_int_equal(count(text, "class=\"automatic\""), 2);
    assert_int_equal(count(text, "class=\"event\""), 2);
    assert_non_null(strstr(text, ">24:00</text>"));
    assert_null(strstr(text, "nan"));
    assert_null(strstr(text, "inf"));
}

static void test_day_figure__known_points__land_where_they_should(void **state)
{
    static const struct dg_figure_sample plasma[] = {
        {0, 40}, {720, 145}, {1439.5, 145}, {1440, 250}, {1500, 100}};
    const struct dg_day_figure figure = {
        .id = "p",
        .title = "t",
        .description = "d",
        .end_min = MINUTES,
        .plasma = {plasma, 5},
    };
    const char *text = write_to_memory(&figure);

    (void)state;
    /* 40 .. 250 mg/dL fill 338 .. 74, the day 104 .. 864; what is after
     * midnight is not drawn; the last point is, however near. */
    assert_non_null(strstr(
        text,
        "<path class=\"glucose\" d=\"M104 338L484 206L863.7 206L864 74\"/>"));
}

static void test_day_figure__basal__is_a_rate_per_half_hour(void **state)
{
    static const struct dg_figure_delivery basal[] = {
        {0, 0.25, DG_FIGURE_BASAL},
        {29, 0.25, DG_FIGURE_BASAL},
        {30, 0.25, DG_FIGURE_BASAL},
    };
    const struct dg_day_figure figure = {
        .id = "p",
        .title = "t",
        .description = "d",
        .end_min = 60,
        .deliveries = basal,
        .delivery_count = 3,
    };
    const char *text = write_to_memory(&figure);

    (void)state;
    /* 0.5 U in half an hour is 1 U/h, the top of the axis; then half of it. */
    assert_non_null(strstr(text,
                           "d=\"M104 504L104 468L484 468L484 486L864 486"
                           "L864 504Z\""));
    assert_non_null(strstr(text, "y=\"472\">1</text>"));
}

static void test_day_figure__hostile_text__cannot_leave_its_place(void **state)
{
    static const struct dg_figure_event events[] = {
        {10, "</text><script>alert(\"1\")</script>&\n\x1b"}};
    const struct dg_day_figure figure = {
        .id = "p",
        .title = "<b>",
        .description = "\"&",
        .end_min = 60,
        .events = events,
        .event_count = 1,
    };
    const char *text = write_to_memory(&figure);

    (void)state;
    assert_null(strstr(text, "<script"));
    assert_null(strstr(text, "<b>"));
    assert_non_null(strstr(text,
                           "&lt;/text&gt;&lt;script&gt;alert(&quot;1&quot;)"
                           "&lt;/script&gt;&amp;</text>"));
    assert_non_null(strstr(text, ">&quot;&amp;</desc>"));
}

static void refuse(const struct dg_day_figure *figure, enum dg_status status)
{
    char *text = NULL;
    size_t size = 1;
    FILE *out = open_memstream(&text, &size);

    assert_non_null(out);
    assert_int_equal(dg_day_figure_write(figure, out), status);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(size, 0);
    free(text);
}

static void test_day_figure__absurd_input__writes_nothing(void **state)
{
    static struct dg_figure_sample samples[] = {{10, 100}, {5, 100}};
    static struct dg_figure_sample wrong[] = {{10, NAN}};
    static struct dg_figure_delivery dose[] = {{1, -1.0, DG_FIGURE_BASAL}};
    static struct dg_figure_meal meal[] = {{1, 1001.0}};
    static struct dg_figure_event event[] = {{HUGE_VAL, "x"}, {2, NULL}};
    const struct dg_day_figure sound = {
        .id = "p", .title = "t", .description = "d", .end_min = 60};
    struct dg_day_figure figure;

    (void)state;
    refuse(NULL, DG_E_USAGE);
    assert_int_equal(dg_day_figure_write(&sound, NULL), DG_E_USAGE);
    figure = sound;
    figure.title = NULL;
    refuse(&figure, DG_E_USAGE);
    figure = sound;
    figure.plasma.count = 1;
    refuse(&figure, DG_E_USAGE);
    figure = sound;
    figure.comparison = (struct dg_figure_series){samples, 1};
    refuse(&figure, DG_E_USAGE);
    figure = sound;
    figure.events = event;
    figure.event_count = 2;
    refuse(&figure, DG_E_USAGE);
    figure.event_count = 1;
    refuse(&figure, DG_E_RANGE);

    figure = sound;
    figure.id = "a\"b";
    refuse(&figure, DG_E_RANGE);
    figure.id = "1a";
    refuse(&figure, DG_E_RANGE);
    figure.id = "";
    refuse(&figure, DG_E_RANGE);
    figure = sound;
    figure.end_min = 0;
    refuse(&figure, DG_E_RANGE);
    figure.end_min = 15 * MINUTES;
    refuse(&figure, DG_E_RANGE);
    figure.start_min = NAN;
    refuse(&figure, DG_E_RANGE);
    figure = sound;
    figure.plasma = (struct dg_figure_series){samples, 2};
    refuse(&figure, DG_E_RANGE);
    figure.plasma = (struct dg_figure_series){wrong, 1};
    refuse(&figure, DG_E_RANGE);
    figure = sound;
    figure.deliveries = dose;
    figure.delivery_count = 1;
    refuse(&figure, DG_E_RANGE);
    figure = sound;
    figure.meals = meal;
    figure.meal_count = 1;
    refuse(&figure, DG_E_RANGE);
}

static void test_day_figure__broken_stream__is_reported(void **state)
{
    const struct dg_day_figure figure = {
        .id = "p", .title = "t", .description = "d", .end_min = 60};
    FILE *out = fopen("/dev/null", "r");

    (void)state;
    assert_non_null(out);
    assert_int_equal(dg_day_figure_write(&figure, out), DG_E_PORT);
    assert_int_equal(fclose(out), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_day_figure__two_real_days__are_drawn_whole),
        cmocka_unit_test(test_day_figure__known_points__land_where_they_should),
        cmocka_unit_test(test_day_figure__basal__is_a_rate_per_half_hour),
        cmocka_unit_test(test_day_figure__hostile_text__cannot_leave_its_place),
        cmocka_unit_test(test_day_figure__absurd_input__writes_nothing),
        cmocka_unit_test(test_day_figure__broken_stream__is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
