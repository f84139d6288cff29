/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/ledger.h"
#include "dosegate/settings.h"
#include "tests/unit/rig.h"

#include <stdlib.h>
#include <string.h>

/* Every single flipped bit of a populated flash: detected, or harmless.
 *
 * Harmless is what may be said of a flip that a ledger opens with: it counts
 * every pulse, no window is below the truth, nothing is open, and no ticket
 * that was whole is forgotten but the last one, which is then counted as if the
 * power had gone in it. */

static struct rig_flash flash;
static struct rig_flash saved;
static struct dg_ledger ledger;
static uint32_t moved;
static dg_seconds now;

static enum dg_status open_it(enum dg_hormone hormone)
{
    memset(&ledger, 0xA5, sizeof ledger);
    return dg_ledger_open(&ledger, &flash.port, hormone, now, moved);
}

static void format(enum dg_hormone hormone)
{
    rig_flash_init(&flash);
    moved = 0U;
    now.s = 100000U;
    assert_int_equal(dg_ledger_format(&flash.port, hormone, 0U), DG_OK);
    assert_int_equal(open_it(hormone), DG_OK);
}

static struct dg_ticket_id ticket_of(uint32_t number)
{
    struct dg_ticket_id id = {{0x5A}};

    memcpy(&id.byte[4], &number, sizeof number);
    return id;
}

static void flip(size_t bit)
{
    flash.bytes[bit / 8U] ^= (uint8_t)(1U << (bit % 8U));
}

static void dose(enum dg_tier tier, uint32_t steps, uint32_t number)
{
    const struct dg_ticket_id id = ticket_of(number);

    assert_int_equal(dg_ledger_announce_bolus(&ledger, now, &id, tier, steps),
                     DG_OK);
    for (uint32_t i = 0U; i < steps; i++) {
        dg_ledger_bolus_pulse(&ledger, now);
        moved++;
    }
    assert_int_equal(dg_ledger_close(&ledger, now, DG_OUTCOME_DELIVERED),
                     DG_OK);
}

/* What the sound ledger says, to compare. */
struct truth {
    uint32_t bolus;
    uint32_t basal;
    uint32_t window[DG_TIERS][DG_WINDOWS];
    uint32_t tickets;
    struct dg_ticket_id ticket[DG_LEDGER_MEMORY];
};

static uint32_t in_window(enum dg_tier tier, enum dg_window window)
{
    return (ledger.log.hormone == DG_HORMONE_GLUCAGON)
               ? (uint32_t)dg_ledger_glucagon(
                     &ledger, now, tier, dg_window_s(window))
                     .ug
               : (uint32_t)dg_ledger_window(&ledger, now, tier, window).mU;
}

static struct truth look(void)
{
    struct truth truth;

    memset(&truth, 0, sizeof truth);
    truth.bolus = ledger.bolus_pulses;
    truth.basal = ledger.basal_pulses;
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            truth.window[tier][window] =
                in_window((enum dg_tier)tier, (enum dg_window)window);
        }
    }
    truth.tickets = ledger.tickets;
    for (unsigned i = 0U; i < ledger.tickets; i++) {
        truth.ticket[i] = ledger.ticket[i].id;
    }
    return truth;
}

static void expect_harmless(const struct truth *truth)
{
    assert_int_equal(ledger.moved, moved);
    assert_int_equal(ledger.bolus_pulses, truth->bolus);
    assert_int_equal(ledger.basal_pulses, truth->basal);
    assert_false(ledger.is_open);
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            assert_true(in_window((enum dg_tier)tier, (enum dg_window)window) >=
                        truth->window[tier][window]);
        }
    }
    for (unsigned i = 0U; i < truth->tickets; i++) {
        assert_non_null(dg_ledger_find(&ledger, &truth->ticket[i]));
    }
}

struct tally {
    uint32_t detected;
    uint32_t harmless;
};

/* Each bit of @p size bytes from @p first on, every @p stride th. */
static struct tally flip_all(enum dg_hormone hormone,
                             size_t first,
                             size_t size,
                             size_t stride)
{
    struct tally tally = {0U, 0U};
    struct truth truth;

    assert_int_equal(open_it(hormone), DG_OK);
    truth = look();
    saved = flash;
    for (size_t bit = first * 8U; bit < ((first + size) * 8U); bit += stride) {
        flip(bit);

        const enum dg_status status = open_it(hormone);

        if (status == DG_OK) {
            expect_harmless(&truth);
            tally.harmless++;
        } else {
            assert_int_equal(status, DG_E_CORRUPT);
            tally.detected++;
        }
        /* A boot may have written behind the last record. */
        if (flash.operations != saved.operations) {
            flash = saved;
        } else {
            flip(bit);
        }
    }
    print_message("%zu bytes: %u flips detected, %u harmless\n",
                  size,
                  tally.detected,
                  tally.harmless);
    return tally;
}

/* gcc flips each bit of the great ring, clang every seventh: the core is the
 * same, and the hours of a machine that tests on each change are not free. */
#ifdef __clang__
#define RING_STRIDE 7U
#else
#define RING_STRIDE 1U
#endif

/* Glucagon, all eight sectors, the ring gone round, all records.
 * @verifies{FDP_LEDGER.4@1} */
static void test_flip__glucagon_ring_that_went_round__found_or_harmless(
    void **state)
{
    const size_t first = (size_t)DG_FLASH_GLUCAGON_FIRST * RIG_SECTOR;

    (void)state;
    format(DG_HORMONE_GLUCAGON);
    for (uint32_t i = 0U; i < 420U; i++) {
        now.s += 1200U;
        dose((enum dg_tier)(1U + (i % 3U)), 1U + (i % 3U), i);
    }

    const struct tally tally =
        flip_all(DG_HORMONE_GLUCAGON,
                 first,
                 (size_t)DG_FLASH_GLUCAGON_SECTORS * RIG_SECTOR,
                 RING_STRIDE);

    assert_true(tally.detected > (200000U / RING_STRIDE));
}

/* Three records: with two for each dose the ring ends with a dose that is
 * closed. */
static void dose_with_a_reset(void)
{
    const struct dg_ticket_id id = ticket_of(UINT32_MAX);

    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, now, &id, DG_TIER_CONFIRMED, 1U),
        DG_OK);
    assert_int_equal(open_it(DG_HORMONE_GLUCAGON), DG_OK);
}

/* The ring is full of records of today, and the next sector would have to be
 * erased: a flip there must not pass for an erase that was cut, which would
 * drop what the windows need.  @verifies{FDP_LEDGER.4@1} */
static void test_flip__next_sector_is_young__not_taken_for_an_erase(
    void **state)
{
    uint32_t number = 0U;
    enum dg_status status = DG_OK;

    (void)state;
    format(DG_HORMONE_GLUCAGON);
    dose_with_a_reset();
    while (status == DG_OK) {
        const struct dg_ticket_id id = ticket_of(number);

        now.s += 1U;
        number++;
        status =
            dg_ledger_announce_bolus(&ledger, now, &id, DG_TIER_CONFIRMED, 1U);
        if (status == DG_OK) {
            dg_ledger_bolus_pulse(&ledger, now);
            moved++;
            assert_int_equal(
                dg_ledger_close(&ledger, now, DG_OUTCOME_DELIVERED), DG_OK);
        }
    }
    assert_true(number > 360U);
    assert_int_equal(open_it(DG_HORMONE_GLUCAGON), DG_OK);
    assert_int_equal(ledger.slot, RIG_SECTOR / DG_LEDGER_RECORD_SIZE);

    const uint32_t victim = (ledger.sector + 1U) % DG_FLASH_GLUCAGON_SECTORS;
    const size_t first =
        (size_t)(DG_FLASH_GLUCAGON_FIRST + victim) * RIG_SECTOR;
    const struct tally tally =
        flip_all(DG_HORMONE_GLUCAGON, first, RIG_SECTOR, 1U);

    /* All but the four bytes that no record uses. */
    assert_int_equal(tally.harmless, 32U);
}

/* An erase that was cut there long after is still what it is. */
static void test_flip__next_sector_is_old_and_half_erased__opens(void **state)
{
    (void)state;
    format(DG_HORMONE_GLUCAGON);
    dose_with_a_reset();
    while ((ledger.sector != (DG_FLASH_GLUCAGON_SECTORS - 1U)) ||
           (ledger.slot != (RIG_SECTOR / DG_LEDGER_RECORD_SIZE))) {
        now.s += 1200U;
        dose(DG_TIER_CONFIRMED, 1U, now.s);
    }
    for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
        const struct dg_ticket_id id = ticket_of(1U);

        saved = flash;
        flash.cut = (enum rig_cut)cut;
        flash.cut_in = 1U;
        assert_int_equal(open_it(DG_HORMONE_GLUCAGON), DG_OK);
        assert_int_equal(
            dg_ledger_announce_bolus(&ledger, now, &id, DG_TIER_CONFIRMED, 1U),
            DG_E_PORT);
        assert_true(flash.is_dead);
        flash.is_dead = false;
        assert_int_equal(open_it(DG_HORMONE_GLUCAGON), DG_OK);
        assert_int_equal(ledger.moved, moved);
        flash = saved;
    }
}

/* Insulin, every kind of record ------------------------------------------- */

#define PULSES 256U

static struct {
    uint32_t at;
    unsigned tier; /* 0: counts in no window */
} book[PULSES];

static void out(unsigned tier)
{
    assert_true(moved < PULSES);
    book[moved].at = now.s;
    book[moved].tier = tier;
    moved++;
}

static void bolus_pulse(void)
{
    out((unsigned)ledger.ticket[0].tier);
    dg_ledger_bolus_pulse(&ledger, now);
}

/* One record more, with the pulses that it announces; false at the end. */
static bool tell(unsigned line)
{
    const struct dg_ticket_id id = ticket_of(line);
    enum dg_status status = DG_OK;

    now.s += 40U;
    switch (line) {
    case 0U:
        status =
            dg_ledger_announce_bolus(&ledger, now, &id, DG_TIER_CONFIRMED, 4U);
        break;
    case 1U:
        bolus_pulse();
        bolus_pulse();
        status = dg_ledger_announce_basal(&ledger, now);
        out(0U);
        dg_ledger_basal_pulse(&ledger, now);
        break;
    case 2U:
        bolus_pulse();
        bolus_pulse();
        status = dg_ledger_close(&ledger, now, DG_OUTCOME_DELIVERED);
        break;
    case 3U:
        status = dg_ledger_announce_spread(
            &ledger, now, &id, DG_TIER_AUTOMATIC, 6U, 3600U);
        break;
    case 4U:
    case 5U:
        status = dg_ledger_announce_drip(&ledger, now);
        out((unsigned)DG_TIER_AUTOMATIC);
        dg_ledger_drip_pulse(&ledger, now);
        break;
    case 6U:
        status = dg_ledger_pause(
            &ledger, now, NULL, DG_TIER_CONFIRMED, 1000U, 1800U);
        break;
    case 7U:
        status =
            dg_ledger_announce_bolus(&ledger, now, &id, DG_TIER_AUTOMATIC, 3U);
        break;
    case 8U:
        bolus_pulse();
        status = dg_ledger_resume(&ledger, now);
        break;
    case 9U:
        status = dg_ledger_close(&ledger, now, DG_OUTCOME_STOPPED);
        break;
    case 10U:
        status = dg_ledger_close_spread(&ledger, now, DG_OUTCOME_STOPPED);
        break;
    case 11U:
        status = dg_ledger_announce_prime(&ledger, now, &id, 5U);
        break;
    case 12U:
        bolus_pulse();
        bolus_pulse();
        status = dg_ledger_close(&ledger, now, DG_OUTCOME_STOPPED);
        break;
    case 13U:
        status =
            dg_ledger_announce_bolus(&ledger, now, &id, DG_TIER_PRESENT, 4U);
        break;
    case 14U:
        bolus_pulse();
        /* A reset in the middle: BOOT and CLOSE. */
        status = open_it(DG_HORMONE_INSULIN);
        break;
    case 15U:
        status = dg_ledger_announce_basal(&ledger, now);
        out(0U);
        dg_ledger_basal_pulse(&ledger, now);
        break;
    default:
        return false;
    }
    assert_int_equal(status, DG_OK);
    return true;
}

static void expect_no_less_than_the_truth(void)
{
    assert_int_equal(ledger.moved, moved);
    assert_false(ledger.is_open);
    assert_false(ledger.spread.is_open);
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            const uint32_t length_s = dg_window_s((enum dg_window)window);
            int32_t truth_mU = 0;

            for (uint32_t i = 0U; i < moved; i++) {
                truth_mU += ((book[i].tier > 0U) && (book[i].tier <= tier) &&
                             ((now.s - book[i].at) <= length_s))
                                ? DG_PULSE_MU
                                : 0;
            }
            assert_true((int32_t)in_window((enum dg_tier)tier,
                                           (enum dg_window)window) >= truth_mU);
        }
    }
}

/* After each line of the story the power goes, and one bit is flipped: in the
 * last record, where a flip looks like a write that was cut, and in all before
 * it.  @verifies{FDP_LEDGER.4@1} */
static void test_flip__insulin_of_every_kind__found_or_no_less_than_the_truth(
    void **state)
{
    const size_t first = (size_t)DG_FLASH_INSULIN_FIRST * RIG_SECTOR;
    struct tally tally = {0U, 0U};

    (void)state;
    format(DG_HORMONE_INSULIN);
    for (unsigned line = 0U; tell(line); line++) {
        const struct dg_ledger ram = ledger;
        const size_t end =
            first + ((size_t)ledger.slot * DG_LEDGER_RECORD_SIZE);
        /* The last two records and a slot that is blank; at the end all. */
        const size_t from =
            (line == 15U) ? first : (end - (2U * DG_LEDGER_RECORD_SIZE));

        saved = flash;
        for (size_t bit = from * 8U; bit < ((end + DG_LEDGER_RECORD_SIZE) * 8U);
             bit++) {
            flip(bit);

            const enum dg_status status = open_it(DG_HORMONE_INSULIN);

            if (status == DG_OK) {
                expect_no_less_than_the_truth();
                tally.harmless++;
            } else {
                assert_int_equal(status, DG_E_CORRUPT);
                /* A sound last record apart, nothing that is open can hide a
                 * pulse: what was found is named. */
                tally.detected++;
            }
            if (flash.operations != saved.operations) {
                flash = saved;
            } else {
                flip(bit);
            }
        }
        ledger = ram;
    }
    print_message(
        "%u flips detected, %u harmless\n", tally.detected, tally.harmless);
    assert_true(tally.detected > 6000U);
}

/* Settings ---------------------------------------------------------------- */

static struct rig rig;

static bool is_same(const struct dg_settings *a, const struct dg_settings *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

/* Both copies and the knocks behind them, as use leaves them: whatever bit
 * flips, one of the two sound copies is what is read, and of the counters of
 * knocks none but the flipped one is lower.  @verifies{FPT_FLS.2@1} */
static void test_flip__settings__other_copy_or_the_same(void **state)
{
    const struct dg_therapy therapy = rig_therapy(1000);
    struct dg_settings newest;
    struct dg_settings other;
    struct dg_settings got;
    uint32_t same = 0U;
    uint32_t older = 0U;
    uint32_t knocks = 0U;

    (void)state;
    rig_init(&rig, &therapy);
    rig_ready(&rig, 120);
    rig_pair(&rig, 1U, DG_ROLE_CAREGIVER);
    for (unsigned i = 0U; i < 3U; i++) {
        assert_true(rig_connect(&rig, i % 2U));
    }
    assert_int_equal(dg_settings_load(&rig.flash.port, &newest), DG_OK);
    /* What is read when the newer copy is gone. */
    flash = rig.flash;
    flash.port.context = &flash;
    memset(
        &flash.bytes[(newest.generation % 2U) * RIG_SECTOR], 0xFF, RIG_SECTOR);
    assert_int_equal(dg_settings_load(&flash.port, &other), DG_OK);
    assert_int_equal(other.generation + 1U, newest.generation);
    flash = rig.flash;
    flash.port.context = &flash;
    for (size_t bit = 0U; bit < ((size_t)2U * RIG_SECTOR * 8U); bit++) {
        flip(bit);
        assert_int_equal(dg_settings_load(&flash.port, &got), DG_OK);
        if (is_same(&got, &newest)) {
            same++;
        } else if (is_same(&got, &other)) {
            older++;
        } else {
            /* A knock that is not believed: nothing else differs. */
            for (unsigned slot = 0U; slot < DG_CONTROLLERS; slot++) {
                assert_true(got.controller[slot].knock_counter <=
                            newest.controller[slot].knock_counter);
                got.controller[slot].knock_counter =
                    newest.controller[slot].knock_counter;
            }
            assert_true(is_same(&got, &newest));
            knocks++;
        }
        flip(bit);
    }
    print_message("%u the same, %u the other copy, %u a knock less\n",
                  same,
                  older,
                  knocks);
    assert_true(older > 4000U);
    assert_true(knocks <= (4U * 16U * 8U));
}

/* The device as a whole ---------------------------------------------------- */

/* Each bit of both ledgers' records in turn, on a device with both hormones: it
 * runs, and is either in its named safe state or counts as before; basal is on
 * time.  @verifies{FDP_LEDGER.4@1} @verifies{FDP_GLUCAGON.5@1} */
static void test_flip__device_of_two_ledgers__safe_state_or_as_before(
    void **state)
{
    static struct rig start;
    struct dg_therapy therapy = rig_therapy(3000);
    uint32_t detected = 0U;
    uint32_t harmless = 0U;

    (void)state;
    therapy.glucagon =
        (struct dg_glucagon_therapy){{150}, {1000}, {1000}, {0}, {80}};
    rig_init(&rig, &therapy);
    rig_ready(&rig, 120);
    assert_true(rig_dose(&rig, 0U, DG_TIER_CONFIRMED, 500));
    assert_int_equal(
        rig_propose_glucagon(&rig, 0U, DG_TIER_CONFIRMED, 50)->kind,
        DG_ANSWER_TICKET);
    assert_int_equal(rig_commit(&rig, 0U, true)->kind, DG_ANSWER_ACCEPTED);
    assert_int_equal(dg_device_press(&rig.device,
                                     (dg_seconds){rig.clock_s},
                                     DG_BUTTON_CONFIRM),
                     DG_OK);
    rig_wait(&rig, 120U);
    start = rig;

    const size_t rooms[2][2] = {
        {(size_t)DG_FLASH_INSULIN_FIRST * RIG_SECTOR, rig.device.ledger.slot},
        {(size_t)DG_FLASH_GLUCAGON_FIRST * RIG_SECTOR,
         rig.device.glucagon.ledger->slot}};

    for (unsigned which = 0U; which < 2U; which++) {
        const size_t size = rooms[which][1] * DG_LEDGER_RECORD_SIZE;

        assert_true(rooms[which][1] >= 3U);
        for (size_t bit = 0U; bit < (size * 8U); bit += 5U) {
            rig = start;
            rig.flash.bytes[rooms[which][0] + (bit / 8U)] ^=
                (uint8_t)(1U << (bit % 8U));
            assert_int_equal(rig_try_reboot(&rig), DG_OK);
            if (rig.device.is_fault) {
                assert_int_equal(rig.device.fault,
                                 (which == 0U) ? DG_FAULT_LEDGER
                                               : DG_FAULT_GLUCAGON);
                assert_true((rig.alarms & (1U << DG_ALARM_FAULT)) != 0U);
                detected++;
            } else {
                assert_int_equal(rig.device.ledger.moved, start.moved);
                assert_int_equal(rig.device.glucagon.ledger->moved,
                                 start.chamber_moved);
                harmless++;
            }

            const uint32_t before = rig.moved;

            rig_wait_in_steps(&rig, 600U, 60U);
            assert_in_range(rig.moved - before, 9U, 11U);
        }
    }
    print_message("%u safe states, %u as before\n", detected, harmless);
    assert_true(detected > 100U);
}

/* usage: test_ledger_flip [PART PARTS]: tests PART, PART + PARTS, ... */
int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_flip__glucagon_ring_that_went_round__found_or_harmless),
        cmocka_unit_test(
            test_flip__next_sector_is_young__not_taken_for_an_erase),
        cmocka_unit_test(test_flip__next_sector_is_old_and_half_erased__opens),
        cmocka_unit_test(
            test_flip__insulin_of_every_kind__found_or_no_less_than_the_truth),
        cmocka_unit_test(test_flip__settings__other_copy_or_the_same),
        cmocka_unit_test(
            test_flip__device_of_two_ledgers__safe_state_or_as_before),
    };

    const size_t count = sizeof tests / sizeof tests[0];
    const size_t part = (argc == 3) ? strtoul(argv[1], NULL, 10) : 0U;
    const size_t parts = (argc == 3) ? strtoul(argv[2], NULL, 10) : 1U;
    struct CMUnitTest picked[sizeof tests / sizeof tests[0]];
    size_t picks = 0U;

    assert_true(part < parts);
    for (size_t i = part; i < count; i += parts) {
        picked[picks] = tests[i];
        picks++;
    }
    return _cmocka_run_group_tests("ledger_flip", picked, picks, NULL, NULL);
}
