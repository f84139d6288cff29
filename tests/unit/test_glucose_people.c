/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/glucose.h"
#include "dosegate/iob.h"
#include "patient/people.h"
#include "patient/person.h"

#include <string.h>

/* What the judgement costs people whose sensor is as good as sensors are: no
 * fault is injected, so every suspicion here is a false one. */
#define STEP_MIN 5U
#define DAYS     14U
#define STEPS    (DAYS * 24U * 60U / STEP_MIN)
#define SEEDS    3U

static uint32_t bolus_mU[STEPS];
static unsigned found[DG_GLUCOSE_FINDINGS];

static int32_t iob_at(unsigned step)
{
    uint64_t sum = 0U;

    for (unsigned age = 0U; (age < DG_IOB_STEPS) && (age <= step); age++) {
        sum += (uint64_t)bolus_mU[step - age] * dg_iob_share(age);
    }
    return (int32_t)(sum / DG_IOB_ONE);
}

/* Two weeks; how many readings were no basis for a dose. */
static unsigned live(const struct dg_published_person *who, uint64_t seed)
{
    struct dg_person person;
    struct dg_glucose_state state;
    unsigned untrusted = 0U;
    uint32_t steps = 0U;
    uint32_t mU[STEP_MIN];
    const uint32_t basal_mU =
        (uint32_t)(dg_s2008_basal_U_per_h(&who->parameters) * 1000.0 /
                   (60.0 / STEP_MIN));

    memset(bolus_mU, 0, sizeof bolus_mU);
    assert_int_equal(dg_person_init(&person, who->name, seed, DG_SENSOR_G6),
                     DG_OK);
    assert_int_equal(dg_person_choose_meals(&person, DG_PERSON_MEALS_DRAWN),
                     DG_OK);
    dg_glucose_start(&state, (dg_seconds){0U});
    for (unsigned step = 0U; step < STEPS; step++) {
        const size_t meals = person.eaten_count;

        dg_person_spread(basal_mU, STEP_MIN, mU);
        mU[0] += bolus_mU[step];
        steps += bolus_mU[step] / 50U;
        assert_int_equal(dg_person_advance(&person, STEP_MIN, mU), DG_OK);

        const struct dg_reading reading = {
            step, {(step + 1U) * 300U}, {dg_person_sensor_mg_dL(&person)}};
        const struct dg_glucose_context context = {
            .at = reading.at,
            .isf_mg_dL_per_U = (int32_t)(1800.0 / who->parameters.daily_U),
            .iob_mU = iob_at(step),
            .bolus_steps = steps};

        dg_glucose_take(&state, &reading, &context);
        untrusted += dg_glucose_is_trusted(&state) ? 0U : 1U;
        for (unsigned i = 0U; i < DG_GLUCOSE_FINDINGS; i++) {
            found[i] += ((unsigned)state.findings >> i) & 1U;
        }
        for (size_t i = meals; i < person.eaten_count; i++) {
            const double mU_d = dg_meal_counted_g(&person.eaten[i]) * 1000.0 /
                                who->parameters.carb_ratio_g_per_U;

            if ((step + 1U) < STEPS) {
                bolus_mU[step + 1U] += ((uint32_t)mU_d / 50U) * 50U;
            }
        }
    }
    return untrusted;
}

/* @verifies{FDP_GLU.1@1} */
static void test_glucose_people__no_fault__seldom_suspected(void **state)
{
    unsigned untrusted = 0U;
    unsigned readings = 0U;
    unsigned suspicions = 0U;

    (void)state;
    for (size_t i = 0U; i < dg_people_count(); i++) {
        for (uint64_t seed = 1U; seed <= SEEDS; seed++) {
            untrusted += live(dg_people_at(i), seed);
            readings += STEPS;
        }
    }
    for (unsigned i = 0U; i < DG_GLUCOSE_SETTLING; i++) {
        print_message("finding %u: %u of %u readings\n", i, found[i], readings);
        suspicions += found[i];
    }
    print_message("no basis: %u of %u readings\n", untrusted, readings);
    /* FLAT would be a sensor's fault that nobody injected. */
    assert_int_equal(found[DG_GLUCOSE_FLAT], 0U);
    /* Less than one false suspicion a day, and 3 % of the time. */
    assert_true((suspicions - found[DG_GLUCOSE_CODE]) * 288U < readings);
    assert_true((untrusted - found[DG_GLUCOSE_CODE]) * 100U < (readings * 3U));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_glucose_people__no_fault__seldom_suspected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
