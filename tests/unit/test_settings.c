/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/settings.h"
#include "tests/unit/rig.h"

#include <string.h>

static struct rig_flash flash;

/* Every field filled, every slot used, names of all lengths. */
static struct dg_settings full(void)
{
    struct dg_settings settings;

    memset(&settings, 0, sizeof settings);
    memset(settings.device.byte, 1, sizeof settings.device.byte);
    memset(&settings.private_key, 2, sizeof settings.private_key);
    memset(&settings.public_key, 3, sizeof settings.public_key);
    memset(&settings.sign_private, 5, sizeof settings.sign_private);
    memset(&settings.sign_public, 6, sizeof settings.sign_public);
    memset(&settings.journal_key, 7, sizeof settings.journal_key);
    memset(&settings.journal_public, 8, sizeof settings.journal_public);
    memset(&settings.sensor_key, 4, sizeof settings.sensor_key);
    settings.sensor_warm_s = DG_GLUCOSE_WARM_S_MAX;
    settings.sensor_untimed = 1U;
    settings.glucagon_steps = UINT32_MAX - 1U;
    settings.glucagon_start = UINT32_MAX - 2U;
    settings.lock.tries = DG_PAIRING_TRIES;
    settings.lock.locks = DG_PAIRING_LOCKS_MAX;
    settings.lock.until.s = UINT32_MAX - 3U;
    memset(&settings.trust.policy_key, 9, sizeof settings.trust.policy_key);
    memset(&settings.trust.prescriber_key,
           10,
           sizeof settings.trust.prescriber_key);
    memset(&settings.trust.policy.verifier,
           11,
           sizeof settings.trust.policy.verifier);
    settings.trust.policy.version = UINT32_MAX - 4U;
    settings.trust.policy.life_s = UINT32_MAX - 5U;
    settings.trust.policy.epoch = UINT32_MAX - 6U;
    settings.trust.policy_at.s = UINT32_MAX - 7U;
    settings.sensor_start.s = UINT32_MAX;
    settings.reservoir_pulses = UINT32_MAX;
    settings.reservoir_start = UINT32_MAX;
    settings.therapy = rig_therapy(DG_BASAL_MU_PER_H_MAX);
    settings.therapy.total_daily_dose.mU = 300000;
    settings.therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {54}, {80}};
    settings.prescribed.counter = UINT32_MAX;
    dg_bounds_of(&settings.therapy, &settings.prescribed.outer);
    settings.prescribed.is_loosening = true;
    settings.prescribed.next = settings.prescribed.outer;
    settings.therapy.share[DG_SHARE_IOB] = 1U;
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        struct dg_enrolled *enrolled = &settings.controller[slot];

        enrolled->is_used = true;
        enrolled->method = DG_METHOD_STATIC;
        enrolled->role = (slot == 3U) ? DG_ROLE_OBSERVER : DG_ROLE_OWNER;
        memset(&enrolled->key, (int)(0x10U + slot), sizeof enrolled->key);
        memset(&enrolled->presence, 0x20, sizeof enrolled->presence);
        memset(&enrolled->knock_key, 0x30, sizeof enrolled->knock_key);
        enrolled->knock_counter = UINT32_MAX;
        enrolled->name_size = (uint8_t)((slot == 0U) ? 1U : 24U);
        memset(enrolled->name, 'n', enrolled->name_size);
    }
    return settings;
}

/* What is fixed at manufacture, and whose word counts. */
static void expect_same_trust(const struct dg_settings *a,
                              const struct dg_settings *b)
{
    const struct dg_trust *x = &a->trust;
    const struct dg_trust *y = &b->trust;

    assert_memory_equal(
        &a->sign_private, &b->sign_private, sizeof a->sign_private);
    assert_memory_equal(
        &a->sign_public, &b->sign_public, sizeof a->sign_public);
    assert_memory_equal(
        &a->journal_key, &b->journal_key, sizeof a->journal_key);
    assert_memory_equal(
        &a->journal_public, &b->journal_public, sizeof a->journal_public);
    assert_memory_equal(&x->policy_key, &y->policy_key, sizeof x->policy_key);
    assert_memory_equal(
        &x->prescriber_key, &y->prescriber_key, sizeof x->prescriber_key);
    assert_memory_equal(
        &x->policy.verifier, &y->policy.verifier, sizeof x->policy.verifier);
    assert_int_equal(x->policy.version, y->policy.version);
    assert_int_equal(x->policy.life_s, y->policy.life_s);
    assert_int_equal(x->policy.epoch, y->policy.epoch);
    assert_int_equal(x->policy_at.s, y->policy_at.s);
}

static void expect_same(const struct dg_settings *a,
                        const struct dg_settings *b)
{
    expect_same_trust(a, b);
    assert_int_equal(a->sensor_warm_s, b->sensor_warm_s);
    assert_int_equal(a->sensor_untimed, b->sensor_untimed);
    assert_int_equal(a->glucagon_steps, b->glucagon_steps);
    assert_int_equal(a->glucagon_start, b->glucagon_start);
    assert_int_equal(a->lock.tries, b->lock.tries);
    assert_int_equal(a->lock.locks, b->lock.locks);
    assert_int_equal(a->lock.until.s, b->lock.until.s);
    assert_int_equal(a->generation, b->generation);
    assert_memory_equal(&a->device, &b->device, sizeof a->device);
    assert_memory_equal(
        &a->private_key, &b->private_key, sizeof a->private_key);
    assert_memory_equal(&a->public_key, &b->public_key, sizeof a->public_key);
    assert_memory_equal(&a->sensor_key, &b->sensor_key, sizeof a->sensor_key);
    assert_int_equal(a->sensor_start.s, b->sensor_start.s);
    assert_int_equal(a->reservoir_pulses, b->reservoir_pulses);
    assert_int_equal(a->reservoir_start, b->reservoir_start);
    assert_memory_equal(&a->therapy, &b->therapy, sizeof a->therapy);
    assert_int_equal(a->prescribed.counter, b->prescribed.counter);
    assert_int_equal(a->prescribed.is_loosening, b->prescribed.is_loosening);
    assert_memory_equal(
        &a->prescribed.outer, &b->prescribed.outer, sizeof a->prescribed.outer);
    assert_memory_equal(
        &a->prescribed.next, &b->prescribed.next, sizeof a->prescribed.next);
    for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
        const struct dg_enrolled *x = &a->controller[slot];
        const struct dg_enrolled *y = &b->controller[slot];

        assert_int_equal(x->is_used, y->is_used);
        assert_int_equal(x->role, y->role);
        assert_memory_equal(&x->key, &y->key, sizeof x->key);
        assert_memory_equal(&x->presence, &y->presence, sizeof x->presence);
        assert_memory_equal(&x->knock_key, &y->knock_key, sizeof x->knock_key);
        assert_int_equal(x->knock_counter, y->knock_counter);
        assert_int_equal(x->name_size, y->name_size);
        assert_memory_equal(x->name, y->name, sizeof x->name);
    }
}

static enum dg_status load(struct dg_settings *settings)
{
    memset(settings, 0xA5, sizeof *settings);
    return dg_settings_load(&flash.port, settings);
}

static void test_settings__full__fits_and_comes_back(void **state)
{
    struct dg_settings settings = full();
    struct dg_settings back;

    (void)state;
    rig_flash_init(&flash);
    for (uint32_t generation = 1U; generation <= 5U; generation++) {
        settings.controller[1].is_used = (generation % 2U) == 0U;
        if (!settings.controller[1].is_used) {
            memset(&settings.controller[1], 0, sizeof settings.controller[1]);
        } else {
            settings.controller[1] = full().controller[1];
        }
        assert_int_equal(dg_settings_save(&flash.port, &settings), DG_OK);
        assert_int_equal(settings.generation, generation);
        assert_int_equal(load(&back), DG_OK);
        expect_same(&back, &settings);
    }
}

static void test_settings_load__erased_or_noise__corrupt(void **state)
{
    struct dg_settings back;
    uint64_t seed = 3U;

    (void)state;
    rig_flash_init(&flash);
    assert_int_equal(load(&back), DG_E_CORRUPT);
    for (size_t i = 0U; i < (2U * RIG_SECTOR); i++) {
        flash.bytes[i] = (uint8_t)rig_random(&seed);
    }
    assert_int_equal(load(&back), DG_E_CORRUPT);
    assert_int_equal(dg_settings_load(NULL, &back), DG_E_USAGE);
    assert_int_equal(dg_settings_load(&flash.port, NULL), DG_E_USAGE);
    flash.is_dead = true;
    assert_int_equal(load(&back), DG_E_PORT);
}

/* The power goes at every program and erase of a save, with every effect: the
 * older copy or the newer one is there, whole, and a later save succeeds. */
static void test_settings_save__cut_anywhere__one_whole_copy(void **state)
{
    static struct rig_flash before;
    unsigned writes = 0U;
    unsigned olds = 0U;
    unsigned news = 0U;

    (void)state;
    for (uint32_t saves = 1U; saves <= 4U; saves++) {
        struct dg_settings old = full();

        rig_flash_init(&flash);
        for (uint32_t i = 0U; i < saves; i++) {
            assert_int_equal(dg_settings_save(&flash.port, &old), DG_OK);
        }
        before = flash;
        writes = rig_flash_saves(&flash, &old);
        assert_in_range(writes, 4U, 24U);
        for (unsigned at = 1U; at <= writes; at++) {
            for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
                struct dg_settings changed = old;
                struct dg_settings back;

                flash = before;
                flash.cut_in = at;
                flash.cut = (enum rig_cut)cut;
                changed.controller[0].knock_counter = 77U;
                assert_int_equal(dg_settings_save(&flash.port, &changed),
                                 DG_E_PORT);
                assert_int_equal(changed.generation, old.generation);
                flash.is_dead = false;
                assert_int_equal(load(&back), DG_OK);
                if (back.generation == old.generation) {
                    expect_same(&back, &old);
                    olds++;
                } else {
                    changed.generation = old.generation + 1U;
                    expect_same(&back, &changed);
                    news++;
                }
                assert_int_equal(dg_settings_save(&flash.port, &back), DG_OK);
                assert_int_equal(load(&changed), DG_OK);
                expect_same(&changed, &back);
            }
        }
    }
    /* Only the last program, done in full, makes the new copy. */
    assert_int_equal(news, 4U);
    assert_int_equal(olds, 4U * ((writes * RIG_CUTS) - 1U));
}

/* Any bit of the newer copy: the older one is in force; of both: refused. */
static void test_settings_load__any_bit_of_a_copy__the_other_or_corrupt(
    void **state)
{
    struct dg_settings settings = full();
    struct dg_settings back;
    size_t size = 0U;

    (void)state;
    rig_flash_init(&flash);
    assert_int_equal(dg_settings_save(&flash.port, &settings), DG_OK);
    assert_int_equal(dg_settings_save(&flash.port, &settings), DG_OK);
    for (size_t i = 0U; i < RIG_SECTOR; i++) {
        size = (flash.bytes[i] != 0xFFU) ? (i + 1U) : size;
    }
    for (size_t bit = 0U; bit < (size * 8U); bit += 3U) {
        const size_t other = RIG_SECTOR + ((bit * 31U) % (size * 8U)) / 8U;

        flash.bytes[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
        assert_int_equal(load(&back), DG_OK);
        assert_int_equal(back.generation, 1U);
        flash.bytes[other] ^= 1U;
        assert_int_equal(load(&back), DG_E_CORRUPT);
        flash.bytes[other] ^= 1U;
        flash.bytes[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
    }
    assert_int_equal(load(&back), DG_OK);
    assert_int_equal(back.generation, 2U);
}

/* A flash one of whose sectors cannot be read for so many reads. */
static struct {
    uint32_t sector;
    unsigned reads;
} sick;

static enum dg_status sick_read(void *context, uint32_t at, dg_buf room)
{
    const struct dg_flash *port = &flash.port;

    if (((at / port->sector_size) == sick.sector) && (sick.reads > 0U)) {
        sick.reads--;
        return DG_E_PORT;
    }
    return port->read(context, at, room);
}

/* Two copies, of which the newer alone knows that a phone was removed. */
static struct dg_flash removed_in_the_newer(unsigned saves,
                                            struct dg_settings *settings)
{
    struct dg_flash port;

    rig_flash_init(&flash);
    *settings = full();
    for (unsigned i = 1U; i < saves; i++) {
        assert_int_equal(dg_settings_save(&flash.port, settings), DG_OK);
    }
    settings->controller[1].is_used = false;
    assert_int_equal(dg_settings_save(&flash.port, settings), DG_OK);
    sick.sector = settings->generation % 2U;
    port = flash.port;
    port.read = sick_read;
    return port;
}

/* A chance failure changes nothing; one that lasts puts the older copy in force,
 * and when it is over nothing newer is written over: the next reset finds it. */
static void test_settings_load__newer_copy_unreadable_for_a_while__not_lost(
    void **state)
{
    static struct rig_flash kept;
    struct dg_settings settings;
    struct dg_settings back;
    unsigned olds = 0U;

    (void)state;
    for (unsigned saves = 2U; saves <= 3U; saves++) {
        const struct dg_flash port = removed_in_the_newer(saves, &settings);

        kept = flash;
        for (unsigned reads = 1U; reads <= 12U; reads++) {
            sick.reads = reads;
            assert_int_equal(dg_settings_load(&port, &back), DG_OK);
            if (!back.has_unread) {
                assert_false(back.controller[1].is_used);
                continue;
            }
            olds++;
            assert_true(back.controller[1].is_used);
            sick.reads = 0U;
            assert_int_equal(dg_settings_save(&port, &back), DG_E_PORT);
            assert_memory_equal(flash.bytes, kept.bytes, sizeof kept.bytes);
            assert_int_equal(load(&back), DG_OK);
            assert_false(back.controller[1].is_used);
        }
    }
    /* One and two failures are chance. */
    assert_true(olds >= 10U);
}

/* What cannot be read for good is damaged: else no phone could ever be removed
 * again. */
static void test_settings_save__copy_unreadable_for_good__written_over(
    void **state)
{
    struct dg_settings settings;
    struct dg_settings back;
    const struct dg_flash port = removed_in_the_newer(2U, &settings);

    (void)state;
    sick.reads = 1000U;
    assert_int_equal(dg_settings_load(&port, &back), DG_OK);
    assert_true(back.has_unread && back.controller[1].is_used);
    back.controller[1].is_used = false;
    assert_int_equal(dg_settings_save(&port, &back), DG_OK);
    assert_false(back.has_unread);
    assert_int_equal(load(&back), DG_OK);
    assert_false(back.controller[1].is_used);
}

/* What could not be read turns out to be nothing, or older: it is written over. */
static void test_settings_save__unread_copy_is_none_or_older__goes_on(
    void **state)
{
    struct dg_settings settings = full();

    (void)state;
    rig_flash_init(&flash);
    for (uint32_t generation = 1U; generation <= 2U; generation++) {
        settings.has_unread = true;
        assert_int_equal(dg_settings_save(&flash.port, &settings), DG_OK);
        assert_false(settings.has_unread);
        assert_int_equal(load(&settings), DG_OK);
        assert_int_equal(settings.generation, generation);
    }
    settings.has_unread = true;
    assert_int_equal(dg_settings_save(&flash.port, &settings), DG_OK);
    assert_int_equal(settings.generation, 3U);
}

/* What could not be read turns out to be damaged: it may be written over. */
static void test_settings_save__unread_copy_is_damaged__goes_on(void **state)
{
    struct dg_settings settings = full();

    (void)state;
    rig_flash_init(&flash);
    assert_int_equal(dg_settings_save(&flash.port, &settings), DG_OK);
    assert_int_equal(dg_settings_save(&flash.port, &settings), DG_OK);
    flash.bytes[40] ^= 1U;
    assert_int_equal(load(&settings), DG_OK);
    assert_int_equal(settings.generation, 1U);
    settings.has_unread = true;
    assert_int_equal(dg_settings_save(&flash.port, &settings), DG_OK);
    assert_false(settings.has_unread);
    assert_int_equal(load(&settings), DG_OK);
    assert_int_equal(settings.generation, 2U);
}

static void test_settings_save__out_of_range__nothing_written(void **state)
{
    const struct dg_settings good = full();
    struct dg_settings bad = good;

    (void)state;
    rig_flash_init(&flash);
    bad.therapy.floor.mg_dL = 59;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    /* In force, or to come, beyond what the prescriber allows. */
    bad = good;
    bad.prescribed.outer.value[DG_BOUND_DAILY]--;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    bad = good;
    bad.prescribed.outer.value[DG_BOUND_FLOOR]++;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    bad = good;
    bad.prescribed.next.value[DG_BOUND_SHARE] = 0;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    bad = good;
    bad.prescribed.counter = 0U;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    bad = good;
    bad.therapy.share[DG_SHARE_IOB] = 0U;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    bad = good;
    bad.controller[2].role = DG_ROLE_NONE;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    bad = good;
    bad.controller[2].role = (enum dg_role)4;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    bad = good;
    bad.controller[3].name_size = 0U;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    bad.controller[3].name_size = DG_PAIRING_NAME_MAX + 1U;
    assert_int_equal(dg_settings_save(&flash.port, &bad), DG_E_RANGE);
    assert_int_equal(dg_settings_save(NULL, &bad), DG_E_USAGE);
    assert_int_equal(dg_settings_save(&flash.port, NULL), DG_E_USAGE);
    assert_int_equal(flash.operations, 0U);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings__full__fits_and_comes_back),
        cmocka_unit_test(test_settings_load__erased_or_noise__corrupt),
        cmocka_unit_test(test_settings_save__cut_anywhere__one_whole_copy),
        cmocka_unit_test(
            test_settings_load__any_bit_of_a_copy__the_other_or_corrupt),
        cmocka_unit_test(
            test_settings_load__newer_copy_unreadable_for_a_while__not_lost),
        cmocka_unit_test(
            test_settings_save__copy_unreadable_for_good__written_over),
        cmocka_unit_test(
            test_settings_save__unread_copy_is_none_or_older__goes_on),
        cmocka_unit_test(test_settings_save__unread_copy_is_damaged__goes_on),
        cmocka_unit_test(test_settings_save__out_of_range__nothing_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
