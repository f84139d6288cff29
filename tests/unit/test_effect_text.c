/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"

#include <string.h>

#include "domain/effect_text.h"

/* What a person reads before approving: every number of the effect, exactly,
 * with its unit. */

struct row {
    struct dg_effect effect;
    const char *words;
};

static const struct row rows[] = {
    {{.kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {2050}},
     "bolus 2.05 U, normal"},
    {{.kind = DG_EFFECT_BOLUS,
      .form = DG_FORM_EXTENDED,
      .amount = {300000},
      .duration = {28800}},
     "bolus 300.00 U, extended over 8 h"},
    {{.kind = DG_EFFECT_BOLUS,
      .form = DG_FORM_EXTENDED,
      .amount = {50},
      .duration = {5401}},
     "bolus 0.05 U, extended over 1 h 30 min 1 s"},
    {{.kind = DG_EFFECT_BASAL, .rate = {855}, .duration = {1800}},
     "temporary basal 0.855 U/h for 30 min"},
    {{.kind = DG_EFFECT_PRIME, .amount = {10000}},
     "prime 10.00 U into the tube, the set off the body"},
    {{.kind = DG_EFFECT_SETTINGS,
      .setting = DG_SETTING_REFILL,
      .amount = {300000}},
     "refill: the reservoir holds 300.00 U now"},
    {{.kind = DG_EFFECT_SETTINGS, .setting = DG_SETTING_SENSOR},
     "use the sensor that was held to the pump"},
    {{.kind = DG_EFFECT_SETTINGS,
      .setting = DG_SETTING_BASAL,
      .rate = {30000},
      .hour = 0,
      .hours = 24},
     "basal schedule: 30.00 U/h from 0:00 to 24:00, every day"},
    {{.kind = DG_EFFECT_GLUCAGON, .glucagon = {100}},
     "GLUCAGON 0.10 mg, which raises glucose"},
};

static void test_effect_text__each_effect__whole_and_with_units(void **state)
{
    char text[DG_EFFECT_TEXT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        dg_effect_words(&rows[i].effect, text);
        assert_string_equal(text, rows[i].words);
        assert_true(strlen(text) + 1U < DG_EFFECT_TEXT_MAX);
        dg_effect_members(&rows[i].effect, text);
        assert_true(strlen(text) + 1U < DG_EFFECT_TEXT_MAX);
        assert_int_equal(strncmp(text, "\"kind\":\"", 8), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_effect_text__each_effect__whole_and_with_units),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
