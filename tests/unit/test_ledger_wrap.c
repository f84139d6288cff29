/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/ledger_log.h"
#include "dosegate/ledger.h"
#include "dosegate/settings.h"
#include "tests/unit/rig.h"

#include <string.h>

/* A ring that goes round: the power goes at every program and every erase on
 * the way; how often each sector is erased; and counters near their end. */

static struct rig_flash flash;
static struct rig_flash saved;
static struct dg_ledger ledger;
static struct dg_ledger ram;
static uint32_t moved;
static dg_seconds now;
static uint32_t erased[RIG_SECTORS];
static enum dg_status (*inner_erase)(void *context, uint32_t sector);

static enum dg_status count_erase(void *context, uint32_t sector)
{
    erased[sector]++;
    return inner_erase(context, sector);
}

static void begin(enum dg_hormone hormone)
{
    rig_flash_init(&flash);
    memset(erased, 0, sizeof erased);
    inner_erase = flash.port.erase;
    moved = 0U;
    now.s = 100000U;
    assert_int_equal(dg_ledger_format(&flash.port, hormone, 0U), DG_OK);
    flash.port.erase = count_erase;
}

static enum dg_status open_it(enum dg_hormone hormone)
{
    memset(&ledger, 0xA5, sizeof ledger);
    return dg_ledger_open(&ledger, &flash.port, hormone, now, moved);
}

/* What the world knows without the ledger. */
struct book {
    uint32_t doses;     /* steps that went out as doses            */
    uint32_t basals;    /* ... and as basal                        */
    uint32_t primes;    /* ... into the tube                       */
    uint32_t uncertain; /* most that may be counted without moving */
};

static struct book book;
static uint32_t number;

static struct dg_ticket_id fresh(void)
{
    struct dg_ticket_id id = {{0x77}};

    number++;
    memcpy(&id.byte[4], &number, sizeof number);
    return id;
}

static bool is_on(void)
{
    return !flash.is_dead;
}

static void pulses(uint32_t count)
{
    for (uint32_t i = 0U; is_on() && (i < count); i++) {
        dg_ledger_bolus_pulse(&ledger, now);
        moved++;
        book.doses += (ledger.ticket[0].tier == DG_TIER_NONE) ? 0U : 1U;
        book.primes += (ledger.ticket[0].tier == DG_TIER_NONE) ? 1U : 0U;
    }
}

/* One dose of @p steps of which @p out go out; the rest may be uncertain. */
static void dose(enum dg_tier tier, uint32_t steps, uint32_t out)
{
    const struct dg_ticket_id id = fresh();
    const enum dg_status status =
        (tier == DG_TIER_NONE)
            ? dg_ledger_announce_prime(&ledger, now, &id, steps)
            : dg_ledger_announce_bolus(&ledger, now, &id, tier, steps);

    if (!is_on()) {
        book.uncertain = steps;
        return;
    }
    assert_int_equal(status, DG_OK);
    pulses(out);
    book.uncertain = steps - out;
    now.s += 10U;

    const enum dg_status closed = dg_ledger_close(
        &ledger,
        now,
        (steps == out) ? DG_OUTCOME_DELIVERED : DG_OUTCOME_STOPPED);

    if (is_on()) {
        assert_int_equal(closed, DG_OK);
        book.uncertain = 0U;
    }
}

static void basal(void)
{
    if (is_on() && (dg_ledger_announce_basal(&ledger, now) == DG_OK)) {
        dg_ledger_basal_pulse(&ledger, now);
        moved++;
        book.basals++;
    }
}

static void may_fail(enum dg_status status)
{
    assert_true((status == DG_OK) || !is_on());
}

/* One round of every kind of record that insulin has. */
static void insulin_round(void)
{
    const struct dg_ticket_id id = fresh();

    now.s += 1800U;
    dose(DG_TIER_CONFIRMED, 5U, 5U);
    basal();
    now.s += 60U;
    if (is_on()) {
        may_fail(dg_ledger_announce_spread(
            &ledger, now, &id, DG_TIER_AUTOMATIC, 3U, 600U));
        book.uncertain = 3U;
    }
    if (is_on() && (dg_ledger_announce_drip(&ledger, now) == DG_OK)) {
        dg_ledger_drip_pulse(&ledger, now);
        moved++;
        book.doses++;
    }
    if (is_on()) {
        may_fail(dg_ledger_close_spread(&ledger, now, DG_OUTCOME_STOPPED));
        book.uncertain = is_on() ? 0U : 3U;
    }
    if (is_on()) {
        may_fail(dg_ledger_pause(
            &ledger, now, NULL, DG_TIER_CONFIRMED, 1000U, 900U));
    }
    now.s += 60U;
    if (is_on()) {
        may_fail(dg_ledger_resume(&ledger, now));
    }
    if (is_on()) {
        dose(DG_TIER_NONE, 4U, 2U);
    }
    if (is_on()) {
        /* A reset with a dose open: BOOT and CLOSE. */
        const struct dg_ticket_id open = fresh();

        may_fail(
            dg_ledger_announce_bolus(&ledger, now, &open, DG_TIER_PRESENT, 4U));
        book.uncertain = 4U;
        pulses(is_on() ? 4U : 0U);
        if (is_on()) {
            book.uncertain = 0U;
            may_fail(open_it(DG_HORMONE_INSULIN));
        }
    }
}

static void glucagon_round(void)
{
    now.s += 1200U;
    dose((enum dg_tier)(1U + (number % 3U)), 3U, 1U + (number % 3U));
}

/* Nothing lost, doubled or invented.  @verifies{FDP_LEDGER.1@1} */
static void expect_the_books_agree(enum dg_hormone hormone,
                                   uint32_t uncertain_before)
{
    assert_int_equal(open_it(hormone), DG_OK);
    assert_int_equal(ledger.moved, moved);
    assert_int_equal(ledger.bolus_pulses, book.doses);
    assert_int_equal(ledger.basal_pulses, book.basals);
    assert_int_equal(book.doses + book.basals + book.primes, moved);
    assert_false(ledger.is_open);
    assert_false(ledger.spread.is_open);
    assert_in_range(ledger.uncertain_pulses,
                    uncertain_before,
                    uncertain_before + book.uncertain);
    /* Opened again, it says the same. */
    const uint32_t uncertain = ledger.uncertain_pulses;
    const uint32_t sequence = ledger.sequence;

    assert_int_equal(open_it(hormone), DG_OK);
    assert_int_equal(ledger.uncertain_pulses, uncertain);
    assert_int_equal(ledger.sequence, sequence);
    assert_int_equal(ledger.moved, moved);
}

struct way {
    enum dg_hormone hormone;
    void (*round)(void);
    uint32_t skip;    /* sectors that are filled before the cuts begin */
    uint32_t sectors; /* that are filled with cuts */
};

static void fill(const struct way *way, uint32_t sectors)
{
    uint32_t turned = 0U;

    while (turned < sectors) {
        const uint32_t sector = ledger.sector;

        way->round();
        turned += (ledger.sector != sector) ? 1U : 0U;
    }
}

/* At each round: as often as it writes, cut there, in each of three ways, and
 * open; then go on from where it was whole. */
static uint32_t cut_on_the_way(const struct way *way)
{
    uint32_t cuts = 0U;
    uint32_t turned = 0U;

    memset(&book, 0, sizeof book);
    number = 0U;
    begin(way->hormone);
    assert_int_equal(open_it(way->hormone), DG_OK);
    fill(way, way->skip);
    while (turned < way->sectors) {
        const struct book before = book;
        const uint32_t moved_before = moved;
        const uint32_t number_before = number;
        const dg_seconds then = now;
        const uint32_t uncertain = ledger.uncertain_pulses;
        const uint32_t sector = ledger.sector;

        saved = flash;
        ram = ledger;
        for (uint32_t at = 1U;; at++) {
            bool was_cut = false;

            for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
                flash = saved;
                ledger = ram;
                book = before;
                moved = moved_before;
                number = number_before;
                now = then;
                flash.cut_in = at;
                flash.cut = (enum rig_cut)cut;
                way->round();
                was_cut = flash.is_dead;
                if (was_cut) {
                    flash.is_dead = false;
                    flash.cut_in = 0U;
                    now.s += (at % 3U) * 200U;
                    expect_the_books_agree(way->hormone, uncertain);
                    cuts++;
                }
            }
            if (!was_cut) {
                /* This was the round without a cut. */
                break;
            }
        }
        flash.cut_in = 0U;
        turned += (ledger.sector != sector) ? 1U : 0U;
    }
    expect_the_books_agree(way->hormone, ledger.uncertain_pulses);
    return cuts;
}

/* All of a glucagon ring and more, from the first record on.
 * @verifies{FDP_LEDGER.2@1} */
static void test_wrap__glucagon_cut_at_every_write__books_agree(void **state)
{
    const struct way way = {DG_HORMONE_GLUCAGON,
                            glucagon_round,
                            0U,
                            DG_FLASH_GLUCAGON_SECTORS + 2U};

    (void)state;
    const uint32_t cuts = cut_on_the_way(&way);

    print_message("%u cuts\n", cuts);
    /* Nine sectors of 93 records, one erase each, in three ways. */
    assert_true(cuts > (9U * 93U * 3U));
}

/* Every kind of record of insulin, where the ring closes.
 * @verifies{FDP_LEDGER.2@1} */
static void test_wrap__insulin_of_every_kind_cut_at_every_write__books_agree(
    void **state)
{
    const struct way way = {
        DG_HORMONE_INSULIN, insulin_round, DG_FLASH_INSULIN_SECTORS - 1U, 3U};

    (void)state;
    const uint32_t cuts = cut_on_the_way(&way);

    print_message("%u cuts\n", cuts);
    assert_true(cuts > (2U * 93U * 3U));
}

/* @verifies{FDP_LEDGER.6@1} */
static void test_wrap__many_rounds__erases_are_spread_evenly(void **state)
{
    static const struct {
        struct way way;
        uint32_t first;
        uint32_t sectors;
    } rings[] = {{{DG_HORMONE_GLUCAGON, glucagon_round, 0U, 0U},
                  DG_FLASH_GLUCAGON_FIRST,
                  DG_FLASH_GLUCAGON_SECTORS},
                 {{DG_HORMONE_INSULIN, insulin_round, 0U, 0U},
                  DG_FLASH_INSULIN_FIRST,
                  DG_FLASH_INSULIN_SECTORS}};

    (void)state;
    for (size_t ring = 0U; ring < 2U; ring++) {
        uint32_t least = UINT32_MAX;
        uint32_t most = 0U;

        memset(&book, 0, sizeof book);
        begin(rings[ring].way.hormone);
        assert_int_equal(open_it(rings[ring].way.hormone), DG_OK);
        /* 2.5 times round. */
        fill(&rings[ring].way, (rings[ring].sectors * 5U) / 2U);
        for (uint32_t sector = 0U; sector < RIG_SECTORS; sector++) {
            const bool is_ours =
                (sector >= rings[ring].first) &&
                (sector < (rings[ring].first + rings[ring].sectors));

            if (is_ours) {
                least = (erased[sector] < least) ? erased[sector] : least;
                most = (erased[sector] > most) ? erased[sector] : most;
            } else {
                assert_int_equal(erased[sector], 0U);
            }
        }
        assert_true(least >= 2U);
        assert_true(most <= (least + 1U));
        expect_the_books_agree(rings[ring].way.hormone,
                               ledger.uncertain_pulses);
    }
}

/* Storms of resets wear nothing out. */
static void test_wrap__resets_without_end__no_erase(void **state)
{
    (void)state;
    memset(&book, 0, sizeof book);
    begin(DG_HORMONE_INSULIN);
    assert_int_equal(open_it(DG_HORMONE_INSULIN), DG_OK);
    insulin_round();

    const uint32_t operations = flash.operations;

    for (unsigned i = 0U; i < 200U; i++) {
        now.s += 3U;
        assert_int_equal(open_it(DG_HORMONE_INSULIN), DG_OK);
    }
    assert_int_equal(flash.operations, operations);
}

/* Near the end --------------------------------------------------------------- */

/* A ledger whose one record has these numbers. */
static void craft(uint32_t sequence, uint32_t at_s, uint32_t count)
{
    struct dg_log log;
    const struct dg_entry entry = {.kind = DG_ENTRY_BASAL,
                                   .pulses = 1U,
                                   .sequence = sequence,
                                   .at = {at_s},
                                   .moved = count,
                                   .basal_pulses = count};

    begin(DG_HORMONE_INSULIN);
    assert_int_equal(dg_log_init(&log, &flash.port, DG_HORMONE_INSULIN), DG_OK);
    assert_int_equal(dg_log_erase(&log, 0U), DG_OK);
    assert_int_equal(dg_log_write(&log, 0U, 0U, &entry), DG_OK);
    moved = count;
    now.s = at_s;
}

/* @verifies{FDP_LEDGER.5@1} */
static void test_worn__each_number_near_its_end__no_dose_but_basal(void **state)
{
    const struct dg_ticket_id id = {{1U}};

    (void)state;
    for (unsigned which = 0U; which < 3U; which++) {
        for (unsigned past = 0U; past < 2U; past++) {
            const uint32_t end = DG_LEDGER_COUNT_MAX + past;

            /* The sequence of the next record is one more. */
            craft((which == 0U) ? (end - 1U) : 1U,
                  (which == 1U) ? end : 100000U,
                  (which == 2U) ? end : 7U);
            assert_int_equal(open_it(DG_HORMONE_INSULIN), DG_OK);
            assert_true(dg_ledger_is_worn(&ledger) == (past == 1U));
            if (past == 0U) {
                continue;
            }
            assert_int_equal(dg_ledger_announce_bolus(
                                 &ledger, now, &id, DG_TIER_CONFIRMED, 1U),
                             DG_E_STATE);
            assert_int_equal(dg_ledger_announce_prime(&ledger, now, &id, 1U),
                             DG_E_STATE);
            assert_int_equal(dg_ledger_announce_spread(
                                 &ledger, now, &id, DG_TIER_CONFIRMED, 1U, 60U),
                             DG_E_STATE);
            for (unsigned i = 0U; i < 200U; i++) {
                assert_int_equal(dg_ledger_announce_basal(&ledger, now), DG_OK);
                dg_ledger_basal_pulse(&ledger, now);
                moved++;
            }
            assert_int_equal(open_it(DG_HORMONE_INSULIN), DG_OK);
            assert_int_equal(ledger.moved, moved);
        }
    }
}

/* The last record of all: no number is used twice, and the device would go on
 * giving basal without a record. */
static void test_worn__last_number_of_all__refused(void **state)
{
    (void)state;
    craft(UINT32_MAX - 3U, 100000U, 7U);
    assert_int_equal(open_it(DG_HORMONE_INSULIN), DG_OK);
    for (unsigned i = 0U; i < 2U; i++) {
        assert_int_equal(dg_ledger_announce_basal(&ledger, now), DG_OK);
        dg_ledger_basal_pulse(&ledger, now);
        moved++;
    }
    assert_int_equal(dg_ledger_announce_basal(&ledger, now), DG_E_STATE);
    assert_int_equal(open_it(DG_HORMONE_INSULIN), DG_OK);
    assert_int_equal(ledger.moved, moved);
}

static struct rig rig;

/* The device says so, refuses and goes on.  @verifies{FDP_LEDGER.5@1} */
static void test_worn__device__names_it_and_gives_basal(void **state)
{
    const struct dg_therapy therapy = rig_therapy(3000);
    const struct dg_entry entry = {.kind = DG_ENTRY_BASAL,
                                   .pulses = 1U,
                                   .sequence = DG_LEDGER_COUNT_MAX,
                                   .at = {RIG_START}};
    struct dg_log log;

    (void)state;
    rig_init(&rig, &therapy);
    rig_ready(&rig, 250);
    assert_int_equal(rig.device.fault, DG_FAULT_NONE);
    assert_int_equal(dg_log_init(&log, &rig.flash.port, DG_HORMONE_INSULIN),
                     DG_OK);
    assert_int_equal(dg_log_erase(&log, 0U), DG_OK);
    assert_int_equal(dg_log_write(&log, 0U, 0U, &entry), DG_OK);
    rig.moved = 0U;
    rig_reboot(&rig);
    assert_true(rig.device.is_fault);
    assert_int_equal(rig.device.fault, DG_FAULT_WORN);
    assert_true((rig.alarms & (1U << DG_ALARM_FAULT)) != 0U);
    assert_true(rig_connect(&rig, 0U));
    (void)rig_lease(&rig, 0U, DG_LEASE_TAKE);
    assert_int_equal(rig.phone[0].answer.status.fault, DG_FAULT_WORN);
    assert_int_equal(rig_propose(&rig, 0U, DG_TIER_CONFIRMED, 100)->kind,
                     DG_ANSWER_REFUSED);
    assert_int_equal(rig.phone[0].answer.as.refused.reason, DG_REASON_FAULT);

    const uint32_t before = rig.moved;

    rig_wait(&rig, 3600U);
    assert_in_range(rig.moved - before, 59U, 61U);
    assert_int_equal(rig.device.ledger.moved, rig.moved);
}

/* The settings do not begin to count anew. */
static void test_worn__settings__refused_and_both_copies_stay(void **state)
{
    static uint8_t before[2U * RIG_SECTOR];
    const struct dg_therapy therapy = rig_therapy(0);
    struct dg_settings settings;
    struct dg_settings got;

    (void)state;
    rig_init(&rig, &therapy);
    settings = rig.settings;
    settings.generation = DG_SETTINGS_GENERATION_MAX;
    assert_int_equal(dg_settings_save(&rig.flash.port, &settings), DG_OK);
    assert_int_equal(settings.generation, DG_SETTINGS_GENERATION_MAX + 1U);
    memcpy(before, rig.flash.bytes, sizeof before);
    assert_int_equal(dg_settings_save(&rig.flash.port, &settings), DG_E_STATE);
    assert_memory_equal(before, rig.flash.bytes, sizeof before);
    assert_int_equal(dg_settings_load(&rig.flash.port, &got), DG_OK);
    assert_int_equal(got.generation, DG_SETTINGS_GENERATION_MAX + 1U);
}

/* The hardware clock falls back, again and again, over resets: no window is
 * shortened by it, and no record is older than the one before. */
static void test_clock__falls_back_over_resets__nothing_forgotten(void **state)
{
    (void)state;
    memset(&book, 0, sizeof book);
    begin(DG_HORMONE_GLUCAGON);
    assert_int_equal(open_it(DG_HORMONE_GLUCAGON), DG_OK);
    dose(DG_TIER_CONFIRMED, 9U, 9U);

    const dg_seconds last = ledger.last;

    for (uint32_t back = 1U; back < 90000U; back = (back * 3U) + 1U) {
        now.s = (last.s > back) ? (last.s - back) : 0U;
        assert_int_equal(open_it(DG_HORMONE_GLUCAGON), DG_OK);
        assert_true(ledger.last.s >= last.s);
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            assert_int_equal(
                dg_ledger_glucagon(&ledger,
                                   ledger.last,
                                   DG_TIER_CONFIRMED,
                                   dg_window_s((enum dg_window)window))
                    .ug,
                9 * DG_GLUCAGON_STEP_UG);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_wrap__glucagon_cut_at_every_write__books_agree),
        cmocka_unit_test(
            test_wrap__insulin_of_every_kind_cut_at_every_write__books_agree),
        cmocka_unit_test(test_wrap__many_rounds__erases_are_spread_evenly),
        cmocka_unit_test(test_wrap__resets_without_end__no_erase),
        cmocka_unit_test(
            test_worn__each_number_near_its_end__no_dose_but_basal),
        cmocka_unit_test(test_worn__last_number_of_all__refused),
        cmocka_unit_test(test_worn__device__names_it_and_gives_basal),
        cmocka_unit_test(test_worn__settings__refused_and_both_copies_stay),
        cmocka_unit_test(test_clock__falls_back_over_resets__nothing_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
