/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/trial/life.h"

#include "patient/habits.h"
#include "patient/lane/draw.h"

#define DAY_MIN 1440U

/* As patient/meals.c: times, and shares of 200 g. */
static const struct {
    double minute;
    double grams;
} plan[DG_TRIAL_MEALS] = {
    {7.0 * 60.0, 50.0},
    {12.0 * 60.0, 65.0},
    {15.5 * 60.0, 20.0},
    {18.5 * 60.0, 65.0},
};

#define SNACK 2U

#define MOVE_MIN     40.0 /* either way */
#define RESIZE       0.4  /* either way */
#define ORDINARY_KG  70.0
#define SCALE_LEAST  0.75
#define SCALE_MOST   1.25
#define CHILD_SHARE  0.5
#define CHILD_KG     35.0
#define RESCUE_G     15.0
#define RESCUE_SD    0.2
#define RESCUE_LEAST 10.0
#define RESCUE_MOST  75.0

static double within(double value, double least, double most)
{
    return (value < least) ? least : ((value > most) ? most : value);
}

/* Two uniform numbers and one normal one, of lane 0. */
struct draws {
    double move;
    double resize;
    double normal;
};

static struct draws draw(const struct dg_trial_eater *eater,
                         uint32_t day,
                         enum dg_lane_stream stream,
                         uint32_t index)
{
    const struct dg_lane_people people = dg_lane_people_from(eater->person);
    const struct dg_lane_block first =
        dg_lane_draw(eater->seed, &people, day, stream, u_set(2U * index));
    const struct dg_lane_block second = dg_lane_draw(
        eater->seed, &people, day, stream, u_set((2U * index) + 1U));
    const vec move = v_uniform(first.word[0]);
    const vec resize = v_uniform(first.word[1]);
    vec one;
    vec two;

    v_normal_pair(second.word[0], second.word[1], &one, &two);
    return (struct draws){(double)move[0], (double)resize[0], (double)one[0]};
}

static struct dg_habits habits_of(const struct dg_trial_world *world)
{
    if (!world->has_habits) {
        return (struct dg_habits){.count_sd =
                                      DG_TRIAL_COUNT_SD_PERMILLE / 1000.0};
    }
    return (struct dg_habits){.skip = world->skip_permille / 1000.0,
                              .late = world->late_permille / 1000.0,
                              .count_bias = world->count_bias_permille / 1000.0,
                              .count_sd = world->count_sd_permille / 1000.0};
}

/* What the person does about a meal; one that is impossible goes unannounced. */
static void count(const struct dg_trial_eater *eater,
                  const struct dg_trial_world *world,
                  struct dg_trial_meal *meal)
{
    const struct dg_habits habits = habits_of(world);
    struct dg_habit habit;

    if ((dg_habits_meal(&habits,
                        eater->seed,
                        eater->person,
                        meal->minute,
                        meal->grams,
                        &habit) != DG_OK) ||
        habit.is_skipped) {
        meal->bolus_minute = UINT32_MAX;
        return;
    }
    meal->counted_g = (uint32_t)(habit.counted_g + 0.5);
    meal->bolus_minute = meal->minute + ((habit.late_min / 5U) * 5U);
}

void dg_trial_life_day(const struct dg_trial_eater *eater,
                       const struct dg_trial_world *world,
                       uint32_t day,
                       struct dg_trial_meal meals[DG_TRIAL_MEALS])
{
    const double ordinary = (eater->is_child != 0U) ? CHILD_KG : ORDINARY_KG;
    const double scale =
        within(eater->weight_kg / ordinary, SCALE_LEAST, SCALE_MOST) *
        ((eater->is_child != 0U) ? CHILD_SHARE : 1.0);

    for (uint32_t i = 0U; i < DG_TRIAL_MEALS; i++) {
        const struct draws drawn = draw(eater, day, DG_LANE_STREAM_LIFE, i);
        const double at =
            plan[i].minute + (MOVE_MIN * ((2.0 * drawn.move) - 1.0));
        const double grams = plan[i].grams * scale *
                             (1.0 + (RESIZE * ((2.0 * drawn.resize) - 1.0)));
        const bool is_there =
            (i != SNACK) || (((day + eater->person) % 2U) == 0U);

        meals[i].minute = (day * DAY_MIN) + (((uint32_t)(at + 2.5) / 5U) * 5U);
        meals[i].grams = is_there ? grams : 0.0;
        meals[i].counted_g = 0U;
        meals[i].bolus_minute = UINT32_MAX;
        if (is_there) {
            count(eater, world, &meals[i]);
        }
    }
}

uint32_t dg_trial_life_rescue(const struct dg_trial_eater *eater,
                              uint32_t minute,
                              uint32_t recent_g)
{
    const struct draws drawn =
        draw(eater, minute / DAY_MIN, DG_LANE_STREAM_RESCUE, minute % DAY_MIN);
    const double grams = RESCUE_G * (1.0 + ((double)recent_g / RESCUE_G)) *
                         (1.0 + (RESCUE_SD * drawn.normal));

    return (uint32_t)(within(grams, RESCUE_LEAST, RESCUE_MOST) + 0.5);
}
