/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/bytes.h"
#include "journal_rig.h"

#include <string.h>

/* The journal of a whole device: what is written, and that it agrees with the
 * ledger and the actuator. */

static uint32_t sum_of_doses(void)
{
    uint32_t sum = 0U;

    for (uint32_t i = 0U; i < (end_read - first_read); i++) {
        sum += (entries[i].kind == DG_JOURNAL_ENDED) ? entries[i].amount : 0U;
    }
    return sum;
}

/* what is written ---------------------------------------------------------- */

/* @verifies{FAU_LOG.4@1} */
static void test_journal_device__a_day_with_everything__each_is_there(
    void **state)
{
    (void)state;
    start(0);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_BOOT), 1U);
    assert_int_equal(count_of(DG_JOURNAL_PAIRED), 1U);
    assert_int_equal(last_of(DG_JOURNAL_PAIRED)->who, DG_JOURNAL_BY_PERSON);
    assert_int_equal(last_of(DG_JOURNAL_PAIRED)->code, DG_ROLE_OWNER);
    assert_true(count_of(DG_JOURNAL_SESSION) >= 1U);
    assert_int_equal(last_of(DG_JOURNAL_LEASE)->code, 1U);

    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 1000));

    const struct dg_ticket_id ticket = rig.phone[0].ticket.as.ticket.id;

    rig_wait(&rig, 60U);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_ACCEPTED)->who, 0U);
    assert_int_equal(last_of(DG_JOURNAL_ACCEPTED)->amount, 1000U);
    assert_memory_equal(
        last_of(DG_JOURNAL_ACCEPTED)->data, ticket.byte, DG_TICKET_SIZE);
    assert_int_equal(last_of(DG_JOURNAL_ENDED)->code,
                     ((uint32_t)DG_OUTCOME_DELIVERED << 8) |
                         (uint32_t)DG_TIER_CONFIRMED);
    assert_int_equal(last_of(DG_JOURNAL_ENDED)->amount, 1000U);
    assert_memory_equal(
        last_of(DG_JOURNAL_ENDED)->data, ticket.byte, DG_TICKET_SIZE);

    /* Refused, with the rule. */
    (void)rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 300000);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_REFUSED)->who, 0U);
    assert_int_equal(last_of(DG_JOURNAL_REFUSED)->code >> 8,
                     DG_REQUEST_PROPOSE);

    /* Withheld and resumed. */
    assert_int_equal(rig_suspend(&rig, 0U, 600U)->kind, DG_ANSWER_STATUS);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_STATE)->code, 1000U);
    assert_int_equal(last_of(DG_JOURNAL_STATE)->amount, 600U);
    assert_int_equal(last_of(DG_JOURNAL_STATE)->who, 0U);
    assert_int_equal(rig_resume(&rig, 0U)->kind, DG_ANSWER_STATUS);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_STATE)->code, 0U);

    /* Alarms, and the press that heard them. */
    rig.battery_percent = 15U;
    rig_wait(&rig, 2U);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_ALARM)->code, DG_ALARM_BATTERY_LOW);
    assert_int_equal(last_of(DG_JOURNAL_ALARM)->amount, 1U);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_SILENCE),
                     DG_OK);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_BUTTON)->code, DG_BUTTON_SILENCE);
    assert_int_equal(last_of(DG_JOURNAL_BUTTON)->who, DG_JOURNAL_BY_PERSON);

    /* Taken out of use, at the device. */
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_FORGET),
                     DG_OK);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_FORGET_HOLD),
                     DG_OK);
    read_journal();
    assert_int_equal(last_of(DG_JOURNAL_REVOKED)->amount, 0U);
    assert_int_equal(last_of(DG_JOURNAL_REVOKED)->who, DG_JOURNAL_BY_PERSON);
    /* A phone that may do nothing any more has no lease. */
    assert_int_equal(last_of(DG_JOURNAL_LEASE)->code, 0U);
}

/* A person's settings that were changed while nobody could write it down. */
static void test_journal_device__settings_changed_across_a_reset__told(
    void **state)
{
    (void)state;
    start(0);
    read_journal();

    const uint32_t told = count_of(DG_JOURNAL_THERAPY);
    struct dg_settings settings = rig.device.settings;

    rig_reboot(&rig);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_THERAPY), told);
    settings.therapy.isf_mg_dL_per_U++;
    assert_int_equal(dg_settings_save(&rig.flash.port, &settings), DG_OK);
    rig_reboot(&rig);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_THERAPY), told + 1U);
    assert_int_equal(last_of(DG_JOURNAL_THERAPY)->code, 1U);
}

/* A schedule that a person sets is told when it is set, not after the next
 * reset. */
/* @verifies{FAU_LOG.4@1} */
static void test_journal_device__schedule_changed__told_at_once_and_once(
    void **state)
{
    const struct dg_effect effect = {.kind = DG_EFFECT_SETTINGS,
                                     .setting = DG_SETTING_BASAL,
                                     .rate = {1300},
                                     .hours = 24U};

    (void)state;
    start(1200);
    read_journal();

    const uint32_t told_before = count_of(DG_JOURNAL_THERAPY);

    assert_int_equal(rig_do(&rig, 0U, DG_TIER_CONFIRMED, &effect)->kind,
                     DG_ANSWER_ACCEPTED);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_THERAPY), told_before);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_OK);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_THERAPY), told_before + 1U);
    assert_int_equal(last_of(DG_JOURNAL_THERAPY)->code, 0U);
    assert_int_equal(last_of(DG_JOURNAL_THERAPY)->who, DG_JOURNAL_BY_PERSON);
    assert_int_equal(last_of(DG_JOURNAL_THERAPY)->amount,
                     rig.device.settings.generation);
    rig_reboot(&rig);
    read_journal();
    assert_int_equal(count_of(DG_JOURNAL_THERAPY), told_before + 1U);
}

/* Everything that a message can do to a person, and where it is told.  The test
 * below fails when the device knows an effect that is not here. */
static const struct told {
    struct dg_effect effect;
    int32_t mg_dL;               /* glucose in which it may be given */
    uint32_t wait_s;             /* until it has ended               */
    enum dg_journal_kind begins; /* NONE: its end tells all          */
    enum dg_journal_kind ends;
    bool by_button; /* set off, and pressed: a person's */
} told[] = {
    {{.kind = DG_EFFECT_BOLUS, .form = DG_FORM_NORMAL, .amount = {500}},
     250,
     60U,
     DG_JOURNAL_ACCEPTED,
     DG_JOURNAL_ENDED,
     false},
    {{.kind = DG_EFFECT_BOLUS,
      .form = DG_FORM_EXTENDED,
      .amount = {500},
      .duration = {1800U}},
     250,
     1900U,
     DG_JOURNAL_ACCEPTED,
     DG_JOURNAL_ENDED,
     false},
    {{.kind = DG_EFFECT_BASAL, .rate = {2400}, .duration = {1200U}},
     250,
     1300U,
     DG_JOURNAL_ACCEPTED,
     DG_JOURNAL_ENDED,
     false},
    {{.kind = DG_EFFECT_BASAL, .rate = {600}, .duration = {1200U}},
     250,
     1300U,
     DG_JOURNAL_STATE,
     DG_JOURNAL_STATE,
     false},
    {{.kind = DG_EFFECT_GLUCAGON, .glucagon = {100}},
     60,
     60U,
     DG_JOURNAL_ACCEPTED,
     DG_JOURNAL_GLUCAGON,
     false},
    {{.kind = DG_EFFECT_PRIME, .amount = {500}},
     250,
     60U,
     DG_JOURNAL_NONE,
     DG_JOURNAL_PRIMED,
     true},
    {{.kind = DG_EFFECT_SETTINGS,
      .setting = DG_SETTING_BASAL,
      .rate = {1000},
      .hours = 24U},
     250,
     60U,
     DG_JOURNAL_NONE,
     DG_JOURNAL_ENDED,
     true},
};

#define TOLD (sizeof told / sizeof told[0])

static uint32_t entries_since(uint32_t first, enum dg_journal_kind kind)
{
    uint32_t count = 0U;

    for (uint32_t i = first - first_read; i < (end_read - first_read); i++) {
        count += (entries[i].kind == kind) ? 1U : 0U;
    }
    return count;
}

/* @verifies{FAU_LOG.4@1} */
static void test_journal_device__every_effect__told_at_begin_and_end(
    void **state)
{
    (void)state;
    for (unsigned kind = 1U; kind <= UINT8_MAX; kind++) {
        const struct dg_effect effect = {.kind = (enum dg_effect_kind)kind};
        unsigned rows = 0U;

        for (unsigned i = 0U; i < TOLD; i++) {
            rows += ((unsigned)told[i].effect.kind == kind) ? 1U : 0U;
        }
        if ((dg_effect_hormone(&effect) != DG_HORMONE_NONE) && (rows == 0U)) {
            fail_msg("nothing says where effect %u is told", kind);
        }
    }
    for (unsigned i = 0U; i < TOLD; i++) {
        struct dg_therapy therapy = rig_therapy(1200);

        therapy.glucagon =
            (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {0}, {80}};
        rig_init(&rig, &therapy);
        rig_ready(&rig, told[i].mg_dL);

        const uint32_t before = rig.device.journal.tree.size;
        const uint32_t chamber = rig.chamber_moved;

        if (told[i].by_button) {
            assert_int_equal(dg_device_press(&rig.device,
                                             (dg_seconds){rig.clock_s},
                                             DG_BUTTON_DETACH),
                             DG_OK);
        }

        const struct dg_answer *answer =
            rig_do(&rig, 0U, DG_TIER_CONFIRMED, &told[i].effect);

        assert_non_null(answer);
        assert_int_equal(answer->kind, DG_ANSWER_ACCEPTED);
        if (told[i].by_button) {
            assert_int_equal(dg_device_press(&rig.device,
                                             (dg_seconds){rig.clock_s},
                                             DG_BUTTON_CONFIRM),
                             DG_OK);
        }
        rig_wait(&rig, 1U);
        read_journal();
        if (told[i].begins != DG_JOURNAL_NONE) {
            assert_int_equal(entries_since(before, told[i].begins), 1U);
            assert_int_equal(last_of(told[i].begins)->who, 0U);
        }
        rig_wait(&rig, told[i].wait_s);
        read_journal();
        assert_int_equal(entries_since(before, told[i].ends),
                         (told[i].ends == told[i].begins) ? 2U : 1U);
        if (told[i].ends == DG_JOURNAL_GLUCAGON) {
            assert_int_equal(last_of(told[i].ends)->amount,
                             (rig.chamber_moved - chamber) * 10U);
            assert_int_equal(last_of(told[i].ends)->amount, 100U);
        }
        if (told[i].ends == DG_JOURNAL_ENDED) {
            assert_memory_equal(last_of(told[i].ends)->data,
                                rig.phone[0].ticket.as.ticket.id.byte,
                                DG_TICKET_SIZE);
            assert_true((last_of(told[i].ends)->amount > 0U) ||
                        (told[i].effect.kind == DG_EFFECT_SETTINGS));
        }
        if (told[i].ends == DG_JOURNAL_STATE) {
            assert_int_equal(last_of(told[i].ends)->code, 0U);
        }
    }
}

/* What a person does to therapy with the buttons, without any phone. */
/* @verifies{FAU_LOG.4@1} */
static void test_journal_device__by_the_buttons__told_as_a_persons(void **state)
{
    static const struct {
        enum dg_button button;
        enum dg_button then; /* NONE: nothing else is pressed */
        enum dg_journal_kind kind;
    } pressed[] = {
        {DG_BUTTON_SUSPEND, DG_BUTTON_NONE, DG_JOURNAL_STATE},
        {DG_BUTTON_RESUME, DG_BUTTON_NONE, DG_JOURNAL_STATE},
        {DG_BUTTON_RESCUE, DG_BUTTON_CONFIRM, DG_JOURNAL_GLUCAGON},
    };
    struct dg_therapy therapy = rig_therapy(1200);

    (void)state;
    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {0}, {80}};
    rig_init(&rig, &therapy);
    rig_ready(&rig, 60);
    for (unsigned i = 0U; i < (sizeof pressed / sizeof pressed[0]); i++) {
        const uint32_t before = rig.device.journal.tree.size;

        assert_int_equal(dg_device_press(&rig.device,
                                         (dg_seconds){rig.clock_s},
                                         pressed[i].button),
                         DG_OK);
        if (pressed[i].then != DG_BUTTON_NONE) {
            rig_wait(&rig, 5U);
            assert_int_equal(dg_device_press(&rig.device,
                                             (dg_seconds){rig.clock_s},
                                             pressed[i].then),
                             DG_OK);
        }
        rig_wait(&rig, 400U);
        read_journal();
        assert_true(entries_since(before, DG_JOURNAL_BUTTON) >= 1U);
        assert_int_equal(entries_since(before, pressed[i].kind), 1U);
    }
    assert_int_equal(last_of(DG_JOURNAL_GLUCAGON)->amount, 1000U);
}

/* A storm of resets is one line. */
/* @verifies{FAU_LOG.5@1} */
static void test_journal_device__thousand_resets__one_line(void **state)
{
    (void)state;
    start(1200);

    const uint32_t size = rig.device.journal.tree.size;

    for (unsigned i = 0U; i < 1000U; i++) {
        rig.clock_s += 3U;
        rig_reboot(&rig);
    }
    assert_true((rig.device.journal.tree.size - size) <= 2U);
}

/* journal, ledger, actuator ------------------------------------------------- */

/* T9: at rest, the doses that the journal tells are what the ledger counts and
 * the mechanism moved. */
static void expect_agreement(uint32_t *doses)
{
    const struct dg_ledger *ledger = &rig.device.ledger;

    read_journal();
    assert_int_equal(first_read, 0U);
    assert_int_equal(count_of(DG_JOURNAL_LOST), 0U);
    assert_int_equal(sum_of_doses(), ledger->bolus_pulses * 50U);
    assert_int_equal(ledger->moved, rig.moved);
    assert_int_equal(ledger->bolus_pulses + ledger->basal_pulses, rig.moved);
    /* Each dose once. */
    for (uint32_t i = 0U; i < end_read; i++) {
        for (uint32_t k = 0U; k < i; k++) {
            assert_false(
                (entries[i].kind == DG_JOURNAL_ENDED) &&
                (entries[k].kind == DG_JOURNAL_ENDED) &&
                (memcmp(entries[i].data, entries[k].data, DG_TICKET_SIZE) ==
                 0));
        }
    }

    const struct dg_journal_entry *boot = last_of(DG_JOURNAL_BOOT);

    if ((boot->code & 2U) == 0U) {
        assert_true(boot->amount <= rig.moved);
        assert_int_equal(dg_bytes_get_u32(&boot->data[0]) +
                             dg_bytes_get_u32(&boot->data[4]),
                         boot->amount);
    }
    *doses = count_of(DG_JOURNAL_ENDED);
}

static void back_in_control(void)
{
    rig.flash.cut_in = 0U;
    rig.flash.is_dead = false;
    rig_reboot(&rig);
    rig_wait(&rig, 1U);
    if (rig_connect(&rig, 0U)) {
        (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    }
}

/* @verifies{FAU_LOG.4@1} @verifies{FAU_LOG.2@1} */
static void test_journal_device__random_days_with_cuts__agrees_with_the_ledger(
    void **state)
{
    uint32_t doses = 0U;

    (void)state;
    for (uint64_t round = 1U; round <= 6U; round++) {
        uint64_t seed = round * 977U;

        start((round % 2U == 0U) ? 2400 : 0);
        for (unsigned act = 0U; act < 60U; act++) {
            const uint32_t dice = rig_random(&seed) % 10U;

            if (dice < 5U) {
                (void)rig_glucose(&rig, 0U, 220 + (int32_t)(dice * 2U));
                (void)rig_dose(&rig,
                               0U,
                               (dice < 2U) ? DG_TIER_AUTOMATIC
                                           : DG_TIER_CONFIRMED,
                               50 * (int32_t)(1U + rig_random(&seed) % 30U));
                rig_wait_in_steps(&rig, 1U + rig_random(&seed) % 90U, 7U);
            } else if (dice == 5U) {
                (void)rig_stop(&rig, 0U);
            } else if (dice == 6U) {
                /* The power goes, now and for good or somewhere in the next
                 * minutes' writing. */
                rig.flash.cut_in = 1U + rig_random(&seed) % 6U;
                rig.flash.cut = (enum rig_cut)(rig_random(&seed) % RIG_CUTS);
                (void)rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 200);
                for (unsigned s = 0U; (s < 300U) && !rig.flash.is_dead; s++) {
                    if (s == 5U) {
                        (void)rig_commit(&rig, 0U, true);
                    }
                    rig_wait(&rig, 1U);
                }
                rig.clock_s += rig_random(&seed) % 200U;
                back_in_control();
            } else if (dice == 7U) {
                rig.clock_s += rig_random(&seed) % 20U;
                back_in_control();
            } else {
                rig_wait_in_steps(&rig, rig_random(&seed) % 600U, 5U);
            }
        }
        /* To rest: no dose runs, nothing waits. */
        rig.flash.cut_in = 0U;
        if (rig.flash.is_dead) {
            back_in_control();
        }
        rig_wait(&rig, 900U);
        expect_agreement(&doses);
        assert_true(doses > 3U);
    }
}

/* The cut between ledger and journal: at every write of one dose. */
/* @verifies{FAU_LOG.4@1} */
static void test_journal_device__cut_at_every_write_of_a_dose__told_once(
    void **state)
{
    static struct rig before;
    uint32_t doses = 0U;

    (void)state;
    start(0);
    assert_non_null(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 600));
    before = rig;
    for (uint32_t at = 1U; at <= 5U; at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            rig = before;
            rig.flash.cut_in = at;
            rig.flash.cut = (enum rig_cut)cut;
            (void)rig_commit(&rig, 0U, true);
            for (unsigned s = 0U; (s < 60U) && !rig.flash.is_dead; s++) {
                rig_wait(&rig, 1U);
            }
            back_in_control();
            rig_wait(&rig, 5U);
            expect_agreement(&doses);
            assert_true(doses <= 1U);
            assert_int_equal(doses, (rig.device.ledger.tickets > 0U) ? 1U : 0U);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_journal_device__a_day_with_everything__each_is_there),
        cmocka_unit_test(
            test_journal_device__settings_changed_across_a_reset__told),
        cmocka_unit_test(test_journal_device__thousand_resets__one_line),
        cmocka_unit_test(
            test_journal_device__schedule_changed__told_at_once_and_once),
        cmocka_unit_test(
            test_journal_device__every_effect__told_at_begin_and_end),
        cmocka_unit_test(
            test_journal_device__by_the_buttons__told_as_a_persons),
        cmocka_unit_test(
            test_journal_device__random_days_with_cuts__agrees_with_the_ledger),
        cmocka_unit_test(
            test_journal_device__cut_at_every_write_of_a_dose__told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
