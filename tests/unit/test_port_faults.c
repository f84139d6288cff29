/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "fault_scenes.h"

#include <stdlib.h>
#include <string.h>

/* A port fails: the crypto library has no memory, the flash does not answer.
 * Each scene is played once to count its calls of the ports, and then once for
 * each of them and each way to fail.  Whichever call it was: nothing moves that
 * nobody approved, what is on flash is what the device goes by, basal goes on,
 * and the same can be done again; or the device is in its safe state, and that
 * for a flash that failed only. */

#define LAST_CALLS 40U

static struct failing failing;
static struct rig before;
static const struct fault_scene *scene;
static uint32_t tried; /* the call that fails */
static enum failing_how way;
static size_t first_scene;
static size_t scene_step;
static uint32_t plays;
static uint32_t done; /* how often a scene came to its end all the same */

static uint32_t scheduled_pulses(uint32_t seconds)
{
    return (seconds * FAULT_RATE_MU_PER_H) / DG_BASAL_PULSE;
}

#define expect(condition)                           \
    do {                                            \
        if (!(condition)) {                         \
            fail_msg("%s, call %u, way %u: not %s", \
                     scene->name,                   \
                     (unsigned)tried,               \
                     (unsigned)way,                 \
                     #condition);                   \
        }                                           \
    } while (0)

/* What the device goes by is what the next boot will find.  A write that was
 * done and called failed may be found as well: it was asked for. */
static void expect_settings_agree(void)
{
    static struct dg_settings found;
    const struct dg_settings *has = &rig.device.settings;

    expect(dg_settings_load(&rig.flash.port, &found) == DG_OK);
    if ((way == FAILING_LATE) && (found.generation != has->generation)) {
        expect(found.generation == (has->generation + 1U));
        return;
    }
    /* A copy that could not be read at boot: the other one counts. */
    if (scene->boots && (found.generation != has->generation)) {
        expect(failing.was_flash);
        expect(has->generation == (found.generation - 1U));
        return;
    }
    expect(found.generation == has->generation);
    expect(memcmp(found.therapy.basal,
                  has->therapy.basal,
                  sizeof found.therapy.basal) == 0);
    expect(memcmp(&found.sensor_key,
                  &has->sensor_key,
                  sizeof found.sensor_key) == 0);
    expect(found.reservoir_pulses == has->reservoir_pulses);
    expect(found.reservoir_start == has->reservoir_start);
    expect(found.trust.policy.version == has->trust.policy.version);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        const struct dg_enrolled *one = &found.controller[slot];
        const struct dg_enrolled *other = &has->controller[slot];

        expect(one->is_used == other->is_used);
        expect(one->role == other->role);
        expect(memcmp(&one->key, &other->key, sizeof one->key) == 0);
        /* A knock that was answered is never answered again. */
        expect(one->knock_counter >= other->knock_counter);
    }
}

/* @return What may be out by now, more than was before, pulses. */
static uint32_t most_pulses(void)
{
    const uint32_t approved =
        fault_has_committed ? (uint32_t)(scene->mU / DG_PULSE_MU) : 0U;

    return scheduled_pulses(rig.clock_s - before.clock_s) + 1U + approved;
}

/* Two hours without any message. */
static void expect_basal(void)
{
    const uint32_t moved = rig.moved;

    if (scene->withholds) {
        /* A person ends it. */
        const enum dg_status status = dg_device_press(
            &rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_RESUME);

        expect((status == DG_OK) || (status == DG_E_STATE));
    }
    rig_wait_in_steps(&rig, 7200U, 60U);
    expect((rig.moved - before.moved) <= most_pulses());
    expect((rig.moved - moved) >= (scheduled_pulses(7200U) - 1U));
}

/* In the safe state: no dose, named, and a reset does not stop the basal. */
static void expect_safe_state(void)
{
    expect(failing.was_flash);
    expect(rig.device.fault != DG_FAULT_NONE);
    expect((rig.alarms & (1U << DG_ALARM_FAULT)) != 0U);
    expect_basal();
    fault_has_committed = false;
    expect(rig_connect(&rig, 0U));
    expect(!rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    expect(rig_try_reboot(&rig) == DG_OK);
    before.moved = rig.moved;
    before.clock_s = rig.clock_s;
    expect_basal();
}

static void expect_again(void)
{
    expect_basal();
    /* Whose end is not known is not written on: the next boot looks. */
    if (rig.device.journal.failed) {
        expect((rig.alarms & (1U << DG_ALARM_JOURNAL)) != 0U);
        expect(rig_try_reboot(&rig) == DG_OK);
        expect(!rig.device.journal.failed);
    }
    expect(fault_ready());
    expect(scene->act());
    expect(rig_try_reboot(&rig) == DG_OK);
    expect(!rig.device.is_fault);
}

/* Play it with call @p at failing; what it needs to be ready came before. */
static bool play(uint32_t at, enum failing_how how)
{
    rig = before;
    fault_has_committed = false;
    tried = at;
    way = how;
    failing_arm(&failing, at, how);

    const bool is_done = scene->act();

    /* The ports are sound again; what failed stays known. */
    failing.at = 0U;
    return is_done;
}

static void expect_after(uint32_t at, enum failing_how how)
{
    const bool is_done = play(at, how);

    if ((how == FAILING_LATE) && !failing.was_write) {
        return; /* as ONCE */
    }
    plays++;
    done += is_done ? 1U : 0U;
    /* Chance decides how often a digit is drawn: this time it was less. */
    if (!failing.was_flash && !failing.was_crypto) {
        expect(is_done);
        return;
    }
    /* Without settings there is no schedule, and it does not run. */
    if (scene->boots && !is_done) {
        expect(failing.was_flash);
        expect(rig_try_reboot(&rig) == DG_OK);
    }
    expect((rig.moved - before.moved) <= most_pulses());
    if (rig.device.is_fault) {
        expect_safe_state();
        return;
    }
    expect_settings_agree();
    expect_again();
}

/* A password is stretched, and a ring is looked through, by thousands of equal
 * calls: of those in the middle some are enough, but all of the last ones. */
static uint32_t stride_at(uint32_t at, uint32_t calls)
{
    const uint32_t stride = (calls / 12U) + 1U;

    if ((calls <= 200U) || (at <= 50U) || ((at + LAST_CALLS) >= calls)) {
        return 1U;
    }
    return (stride < (calls - LAST_CALLS - at)) ? stride
                                                : (calls - LAST_CALLS - at);
}

static void play_all(void)
{
    static struct rig start;
    uint32_t calls = 0U;

    if (scene->prepare != NULL) {
        assert_true(scene->prepare());
    }
    before = rig;
    start = rig;
    expect(play(0U, FAILING_ONCE));
    calls = failing.calls;
    plays = 0U;
    done = 0U;
    expect(calls > 0U);
    for (unsigned how = 0U; how < FAILING_WAYS; how++) {
        for (uint32_t at = 1U; at <= calls; at += stride_at(at, calls)) {
            before = start;
            expect_after(at, (enum failing_how)how);
        }
    }
    print_message("%s: %u calls, %u of %u came to their end\n",
                  scene->name,
                  (unsigned)calls,
                  (unsigned)done,
                  (unsigned)plays);
}

/* @verifies{FPT_FLS.1@1} */
static void test_faults__each_call_of_each_scene__safe_and_repeatable(
    void **state)
{
    static struct rig begin;

    (void)state;
    rig_flash_init(&rig.flash);
    rig_init_crypto(&rig);
    failing_init(&failing, &rig.crypto, &rig.flash.port);

    const struct dg_device_ports ports = {.crypto = &failing.crypto,
                                          .flash = &failing.flash};

    fault_begin(&ports);
    begin = rig;
    for (size_t i = first_scene; i < fault_scene_count; i += scene_step) {
        rig = begin;
        scene = &fault_scenes[i];
        play_all();
    }
}

/* usage: test_port_faults [FIRST STEP]: scenes FIRST, FIRST + STEP, ... */
int main(int argc, char **argv)
{
    first_scene = (argc == 3) ? strtoul(argv[1], NULL, 10) : 0U;
    scene_step = (argc == 3) ? strtoul(argv[2], NULL, 10) : 1U;

    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_faults__each_call_of_each_scene__safe_and_repeatable),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
