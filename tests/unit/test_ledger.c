/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/iob.h"
#include "dosegate/ledger.h"
#include "tests/unit/rig.h"

#include <string.h>

#define DAY_S 86400U

/* The test's own book: every pulse that went out, with its time and tier. */
struct book {
    uint32_t pulses;
    uint32_t at[RIG_MOVES];
    uint8_t tier[RIG_MOVES]; /* 0: basal */
};

static struct rig_flash flash;
static struct rig_flash saved;
static struct dg_ledger ledger;
static struct book book;
static uint32_t moved;
static uint32_t now;

static struct dg_ticket_id ticket_of(uint32_t number)
{
    struct dg_ticket_id id = {{0}};

    memcpy(id.byte, &number, sizeof number);
    return id;
}

static enum dg_status open_again(void)
{
    memset(&ledger, 0xA5, sizeof ledger);
    return dg_ledger_open(
        &ledger, &flash.port, DG_HORMONE_INSULIN, (dg_seconds){now}, moved);
}

static void start(void)
{
    rig_flash_init(&flash);
    memset(&book, 0, sizeof book);
    moved = 0U;
    now = 1000U;
    assert_int_equal(dg_ledger_format(&flash.port, DG_HORMONE_INSULIN, moved),
                     DG_OK);
    assert_int_equal(open_again(), DG_OK);
}

static void write_down(uint8_t tier)
{
    assert_true(book.pulses < RIG_MOVES);
    book.at[book.pulses] = now;
    book.tier[book.pulses] = tier;
    book.pulses++;
    moved++;
}

static void announce(uint32_t number, enum dg_tier tier, uint32_t pulses)
{
    const struct dg_ticket_id id = ticket_of(number);

    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, (dg_seconds){now}, &id, tier, pulses),
        DG_OK);
}

static void pulse_bolus(enum dg_tier tier)
{
    write_down((uint8_t)tier);
    dg_ledger_bolus_pulse(&ledger, (dg_seconds){now});
}

static void pulse_basal(void)
{
    assert_int_equal(dg_ledger_announce_basal(&ledger, (dg_seconds){now}),
                     DG_OK);
    write_down(0U);
    dg_ledger_basal_pulse(&ledger, (dg_seconds){now});
}

static void give(uint32_t number, enum dg_tier tier, uint32_t pulses)
{
    announce(number, tier, pulses);
    for (uint32_t i = 0U; i < pulses; i++) {
        pulse_bolus(tier);
        now += 2U;
    }
    assert_int_equal(
        dg_ledger_close(&ledger, (dg_seconds){now}, DG_OUTCOME_DELIVERED),
        DG_OK);
}

/* The truth, in mU: what went out in the last @length_s seconds. */
static int32_t truth(enum dg_tier tier, uint32_t length_s)
{
    int32_t sum = 0;

    for (uint32_t i = 0U; i < book.pulses; i++) {
        if ((book.tier[i] != 0U) && (book.tier[i] <= (uint8_t)tier) &&
            ((now - book.at[i]) <= length_s)) {
            sum += DG_PULSE_MU;
        }
    }
    return sum;
}

/* T1, T2: never less than the truth; and not more than what lies in the bins
 * that the window touches, plus @extra of an uncertain dose. */
static void expect_windows(int32_t extra_mU)
{
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            const uint32_t length_s = dg_window_s((enum dg_window)window);
            const int32_t got = dg_ledger_window(&ledger,
                                                 (dg_seconds){now},
                                                 (enum dg_tier)tier,
                                                 (enum dg_window)window)
                                    .mU;

            assert_true(got >= truth((enum dg_tier)tier, length_s));
            assert_true(got <= (truth((enum dg_tier)tier, length_s + DG_BIN_S) +
                                extra_mU));
        }
    }
}

/* @verifies{FDP_LEDGER.1@1} */
static void test_ledger__random_days__windows_never_under_count(void **state)
{
    uint64_t seed = 11U;

    (void)state;
    start();
    for (uint32_t number = 1U; number < 250U; number++) {
        const enum dg_tier tier = (enum dg_tier)(1U + (rig_random(&seed) % 3U));

        give(number, tier, 1U + (rig_random(&seed) % 20U));
        expect_windows(0);
        now += rig_random(&seed) % 1500U;
        if ((rig_random(&seed) % 3U) == 0U) {
            pulse_basal();
        }
        expect_windows(0);
        /* From flash alone it is the same. */
        if ((rig_random(&seed) % 5U) == 0U) {
            assert_int_equal(open_again(), DG_OK);
            expect_windows(0);
        }
    }
    assert_int_equal(ledger.bolus_pulses + ledger.basal_pulses, moved);
}

/* T6: the curve itself, summed pulse by pulse in floating point. */
static void test_ledger_iob__random_day__never_below_the_curve(void **state)
{
    uint64_t seed = 12U;

    (void)state;
    start();
    for (uint32_t number = 1U; number < 120U; number++) {
        double exact = 0.0;
        double later = 0.0;

        give(number, DG_TIER_CONFIRMED, 1U + (rig_random(&seed) % 15U));
        now += rig_random(&seed) % 1200U;
        for (uint32_t i = 0U; i < book.pulses; i++) {
            const uint32_t age_s = now - book.at[i];
            /* The share at the true age lies between the steps around it. */
            const uint32_t step = age_s / DG_BIN_S;

            exact += (double)dg_iob_share(step + 1U) * DG_PULSE_MU;
            later += (double)dg_iob_share((step > 1U) ? (step - 2U) : 0U) *
                     DG_PULSE_MU;
        }

        const double got =
            (double)dg_ledger_iob(&ledger, (dg_seconds){now}).mU * DG_IOB_ONE;

        assert_true(got >= exact);
        assert_true(got <= (later + DG_IOB_ONE));
    }
}

/* The intent counts in full from the first moment; what did not go out is
 * given back when it is known, and only then. */
static void test_ledger__open_intent__counted_in_full(void **state)
{
    (void)state;
    start();
    announce(1U, DG_TIER_CONFIRMED, 40U);
    assert_int_equal(
        dg_ledger_window(
            &ledger, (dg_seconds){now}, DG_TIER_CONFIRMED, DG_WINDOW_5_MIN)
            .mU,
        2000);
    assert_int_equal(
        dg_ledger_window(
            &ledger, (dg_seconds){now}, DG_TIER_AUTOMATIC, DG_WINDOW_5_MIN)
            .mU,
        0);
    assert_int_equal(dg_ledger_iob(&ledger, (dg_seconds){now}).mU, 2000);
    pulse_bolus(DG_TIER_CONFIRMED);
    assert_int_equal(
        dg_ledger_close(&ledger, (dg_seconds){now}, DG_OUTCOME_STOPPED), DG_OK);
    assert_int_equal(
        dg_ledger_window(
            &ledger, (dg_seconds){now}, DG_TIER_PRESENT, DG_WINDOW_24_H)
            .mU,
        50);
    assert_int_equal(ledger.uncertain_pulses, 0U);
}

/* A cut in the middle of a dose: what the actuator vouches for counts as of
 * the reset, not as of the start, and the rest counts too (T1, T3). */
static void test_ledger_open__cut_in_a_long_dose__counted_at_the_reset(
    void **state)
{
    (void)state;
    start();
    announce(1U, DG_TIER_CONFIRMED, 200U);
    for (unsigned i = 0U; i < 150U; i++) {
        now += 4U;
        pulse_bolus(DG_TIER_CONFIRMED);
    }
    for (unsigned again = 0U; again < 2U; again++) {
        assert_int_equal(open_again(), DG_OK);
        assert_int_equal(ledger.ticket[0].outcome, DG_OUTCOME_UNCERTAIN);
        assert_int_equal(ledger.ticket[0].delivered, 150U);
        assert_int_equal(ledger.uncertain_pulses, 50U);
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            assert_int_equal(dg_ledger_window(&ledger,
                                              (dg_seconds){now},
                                              DG_TIER_CONFIRMED,
                                              (enum dg_window)window)
                                 .mU,
                             10000);
        }
    }
}

/* Nothing is written by a reset that left nothing open: a storm of resets
 * cannot fill the ring and lock the basal out. */
static void test_ledger_open__storm_of_resets__costs_no_flash(void **state)
{
    (void)state;
    start();
    give(1U, DG_TIER_AUTOMATIC, 3U);
    pulse_basal();

    const uint32_t operations = flash.operations;

    for (unsigned i = 0U; i < 20000U; i += 100U) {
        now += 1U;
        assert_int_equal(open_again(), DG_OK);
    }
    assert_int_equal(flash.operations, operations);
    pulse_basal();
    assert_int_equal(open_again(), DG_OK);
    assert_int_equal(ledger.moved, moved);
}

/* The busiest day there can be: basal at its highest rate and a bolus at every
 * end of the interval, for three days.  The ring wraps, nothing is refused, and
 * after a reset at any time nothing is missing. */
static void test_ledger__busiest_days__ring_wraps_and_holds_24_hours(
    void **state)
{
    uint32_t number = 0U;
    uint32_t next_bolus = 0U;
    unsigned reopened = 0U;

    (void)state;
    start();
    for (uint32_t end = now + (3U * DAY_S); now < end; now += 18U) {
        pulse_basal();
        if (now >= next_bolus) {
            number++;
            next_bolus = now + 180U;
            announce(number, DG_TIER_AUTOMATIC, 1U);
            pulse_bolus(DG_TIER_AUTOMATIC);
            assert_int_equal(dg_ledger_close(&ledger,
                                             (dg_seconds){now},
                                             DG_OUTCOME_DELIVERED),
                             DG_OK);
        }
        if (((moved % 211U) == 0U) && (now > (end - (DAY_S / 2U)))) {
            assert_int_equal(open_again(), DG_OK);
            expect_windows(0);
            reopened++;
        }
        if (book.pulses > (RIG_MOVES - 10U)) {
            /* Keep the younger half of the book. */
            const uint32_t half = RIG_MOVES / 2U;

            memmove(book.at, &book.at[half], half * sizeof book.at[0]);
            memmove(book.tier, &book.tier[half], half * sizeof book.tier[0]);
            book.pulses -= half;
        }
    }
    assert_true(reopened > 5U);
    assert_int_equal(ledger.moved, moved);
    assert_int_equal(ledger.bolus_pulses + ledger.basal_pulses, moved);
}

/* Doses that span the border of two sectors, with the first of them erased
 * later: the ring then begins in the middle of a dose. */
static void test_ledger_open__ring_begins_in_a_dose__opens_and_counts(
    void **state)
{
    uint32_t number = 0U;
    unsigned blind = 0U;

    (void)state;
    start();
    for (uint32_t end = now + (5U * DAY_S); now < end;) {
        number++;
        announce(number, DG_TIER_CONFIRMED, 5U);
        for (unsigned i = 0U; i < 4U; i++) {
            pulse_bolus(DG_TIER_CONFIRMED);
            now += 15U;
            pulse_basal();
            now += 15U;
        }
        if ((number % 3U) == 0U) {
            /* Power lost before the end is written: settled by the reset. */
            assert_int_equal(open_again(), DG_OK);
        } else {
            assert_int_equal(
                dg_ledger_close(&ledger, (dg_seconds){now}, DG_OUTCOME_STOPPED),
                DG_OK);
        }
        now += 60U;
        if (book.pulses > (RIG_MOVES - 20U)) {
            const uint32_t half = RIG_MOVES / 2U;

            memmove(book.at, &book.at[half], half * sizeof book.at[0]);
            memmove(book.tier, &book.tier[half], half * sizeof book.tier[0]);
            book.pulses -= half;
        }
        if (now > (end - DAY_S)) {
            assert_int_equal(open_again(), DG_OK);
            /* Doses that ended by a reset count twice at the far end. */
            expect_windows(1000000);
            blind++;
        }
    }
    assert_true(blind > 100U);
}

/* A ring that is full of what a window may need is not overwritten. */
static void test_ledger__ring_full_within_a_day__refuses(void **state)
{
    enum dg_status status = DG_OK;
    unsigned written = 0U;

    (void)state;
    start();
    while (status == DG_OK) {
        status = dg_ledger_announce_basal(&ledger, (dg_seconds){now});
        written++;
        assert_true(written < 7000U);
        if ((written % 10U) == 0U) {
            now += 10U;
        }
    }
    assert_int_equal(status, DG_E_STATE);
    /* All but the sector that would be next, and the format record. */
    assert_true(written > (71U * 93U));
    assert_int_equal(open_again(), DG_OK);
    assert_int_equal(ledger.bolus_pulses, 0U);
    /* A day and the reserve later there is room again. */
    now += 86700U + 3600U;
    assert_int_equal(dg_ledger_announce_basal(&ledger, (dg_seconds){now}),
                     DG_OK);
}

/* After flash could not take the end of a dose, nothing more is announced: the
 * intent that is open there stays the last record. */
static void test_ledger_close__flash_fails__failed_and_settled_later(
    void **state)
{
    const struct dg_ticket_id second = ticket_of(2U);

    (void)state;
    start();
    announce(1U, DG_TIER_CONFIRMED, 5U);
    pulse_bolus(DG_TIER_CONFIRMED);
    flash.fails = true;
    assert_int_equal(
        dg_ledger_close(&ledger, (dg_seconds){now}, DG_OUTCOME_STOPPED),
        DG_E_PORT);
    flash.fails = false;
    assert_int_equal(ledger.ticket[0].outcome, DG_OUTCOME_UNCERTAIN);
    assert_int_equal(
        dg_ledger_announce_bolus(
            &ledger, (dg_seconds){now}, &second, DG_TIER_CONFIRMED, 1U),
        DG_E_STATE);
    assert_int_equal(dg_ledger_announce_basal(&ledger, (dg_seconds){now}),
                     DG_E_STATE);
    assert_int_equal(open_again(), DG_OK);
    assert_int_equal(ledger.ticket[0].outcome, DG_OUTCOME_UNCERTAIN);
    assert_int_equal(ledger.ticket[0].delivered, 1U);
}

/* Any single bit of any record.  Not the last one: refused.  The last one: as
 * if it had been torn - refused when the actuator has moved by it, else the
 * dose that it ended counts as uncertain; never less than the truth. */
/* @verifies{FDP_LEDGER.2@1} */
static void test_ledger_open__any_bit_flipped__corrupt(void **state)
{
    const size_t ring = 2U * RIG_SECTOR;
    size_t size = 0U;
    unsigned refused = 0U;
    unsigned last = 0U;

    (void)state;
    start();
    give(1U, DG_TIER_AUTOMATIC, 3U);
    pulse_basal();
    now += 700U;
    give(2U, DG_TIER_CONFIRMED, 7U);
    announce(3U, DG_TIER_PRESENT, 6U);
    pulse_bolus(DG_TIER_PRESENT);
    pulse_basal();
    assert_int_equal(open_again(), DG_OK); /* BOOT and CLOSE */
    pulse_basal();
    give(4U, DG_TIER_CONFIRMED, 2U);
    while (flash.bytes[ring + size] != 0xFFU) {
        size += DG_LEDGER_RECORD_SIZE;
    }
    saved = flash;
    for (size_t bit = 0U; bit < (size * 8U); bit++) {
        flash.bytes[ring + (bit / 8U)] ^= (uint8_t)(1U << (bit % 8U));

        const enum dg_status status = open_again();

        if ((bit / 8U) < (size - DG_LEDGER_RECORD_SIZE)) {
            assert_int_equal(status, DG_E_CORRUPT);
            refused++;
        } else if (status == DG_OK) {
            assert_int_equal(ledger.moved, moved);
            expect_windows(250 + 100);
            last++;
        }
        flash = saved;
    }
    assert_int_equal(refused, (size - DG_LEDGER_RECORD_SIZE) * 8U);
    assert_int_equal(last, DG_LEDGER_RECORD_SIZE * 8U);
    assert_int_equal(open_again(), DG_OK);
}

static void test_ledger_open__not_our_flash_or_count__corrupt(void **state)
{
    uint64_t seed = 5U;

    (void)state;
    start();
    give(1U, DG_TIER_AUTOMATIC, 3U);
    saved = flash;
    moved++; /* moved by itself */
    assert_int_equal(open_again(), DG_E_CORRUPT);
    moved -= 2U; /* lost steps */
    assert_int_equal(open_again(), DG_E_CORRUPT);
    moved++;
    assert_int_equal(open_again(), DG_OK);
    /* An open dose vouches for its own pulses and no more. */
    announce(2U, DG_TIER_AUTOMATIC, 3U);
    moved += 4U;
    assert_int_equal(open_again(), DG_E_CORRUPT);
    moved -= 1U;
    assert_int_equal(open_again(), DG_OK);
    assert_int_equal(ledger.ticket[0].outcome, DG_OUTCOME_DELIVERED);
    /* Erased, noise, an older image of the same device. */
    flash = saved;
    assert_int_equal(open_again(), DG_E_CORRUPT);
    rig_flash_init(&flash);
    assert_int_equal(open_again(), DG_E_CORRUPT);
    for (size_t i = 0U; i < sizeof flash.bytes; i++) {
        flash.bytes[i] = (uint8_t)rig_random(&seed);
    }
    assert_int_equal(open_again(), DG_E_CORRUPT);
    flash.is_dead = true;
    assert_int_equal(open_again(), DG_E_PORT);
}

static void test_ledger__clock_runs_back__windows_keep_what_was(void **state)
{
    (void)state;
    start();
    now = 50000U;
    give(1U, DG_TIER_AUTOMATIC, 10U);
    now = 10U;
    assert_int_equal(open_again(), DG_OK);
    assert_true(ledger.last.s >= 50000U);
    for (unsigned window = 0U; window < DG_WINDOWS; window++) {
        assert_int_equal(
            dg_ledger_window(
                &ledger, ledger.last, DG_TIER_AUTOMATIC, (enum dg_window)window)
                .mU,
            500);
    }
    give(2U, DG_TIER_AUTOMATIC, 1U);
    assert_int_equal(open_again(), DG_OK);
}

static void test_ledger__end_of_time__still_counts(void **state)
{
    (void)state;
    start();
    now = UINT32_MAX - 3U;
    announce(1U, DG_TIER_AUTOMATIC, 2U);
    pulse_bolus(DG_TIER_AUTOMATIC);
    now = UINT32_MAX;
    pulse_bolus(DG_TIER_AUTOMATIC);
    assert_int_equal(
        dg_ledger_close(&ledger, (dg_seconds){now}, DG_OUTCOME_DELIVERED),
        DG_OK);
    expect_windows(0);
    assert_int_equal(open_again(), DG_OK);
    expect_windows(0);
    assert_int_equal(dg_ledger_iob(&ledger, (dg_seconds){now}).mU, 100);
}

static void test_ledger__memory_of_tickets__eight_newest_first(void **state)
{
    (void)state;
    start();
    for (uint32_t number = 1U; number <= 10U; number++) {
        give(number, DG_TIER_AUTOMATIC, 1U);
        now += 200U;
    }
    for (unsigned again = 0U; again < 2U; again++) {
        for (uint32_t number = 1U; number <= 10U; number++) {
            const struct dg_ticket_id id = ticket_of(number);
            const struct dg_ledger_ticket *found = dg_ledger_find(&ledger, &id);

            assert_int_equal(found != NULL, number > 2U);
        }
        assert_int_equal(open_again(), DG_OK);
    }
    /* A dose that lapsed is remembered until a reset, and never hides an open
     * one. */
    const struct dg_ticket_id lapsed = ticket_of(77U);

    dg_ledger_note(&ledger,
                   (dg_seconds){now},
                   &lapsed,
                   DG_TIER_PRESENT,
                   DG_OUTCOME_LAPSED,
                   9U);
    assert_int_equal(dg_ledger_find(&ledger, &lapsed)->outcome,
                     DG_OUTCOME_LAPSED);
    announce(11U, DG_TIER_AUTOMATIC, 3U);
    dg_ledger_note(&ledger,
                   (dg_seconds){now},
                   &lapsed,
                   DG_TIER_PRESENT,
                   DG_OUTCOME_LAPSED,
                   9U);
    assert_memory_equal(
        ledger.ticket[0].id.byte, ticket_of(11U).byte, DG_TICKET_SIZE);
    assert_null(dg_ledger_find(NULL, &lapsed));
    assert_null(dg_ledger_find(&ledger, NULL));
}

static void test_ledger__bad_arguments__refused(void **state)
{
    const struct dg_ticket_id id = ticket_of(1U);
    const dg_seconds at = {now};

    (void)state;
    start();
    assert_int_equal(dg_ledger_format(NULL, DG_HORMONE_INSULIN, 0U),
                     DG_E_USAGE);

    /* Too small for a day of records, or no whole sectors: not begun. */
    struct dg_flash small = flash.port;

    small.sector_count = DG_FLASH_SECTORS_MIN - 1U;
    assert_int_equal(dg_ledger_format(&small, DG_HORMONE_INSULIN, 0U),
                     DG_E_USAGE);
    assert_int_equal(
        dg_ledger_open(&ledger, &small, DG_HORMONE_INSULIN, at, 0U),
        DG_E_USAGE);
    small = flash.port;
    small.sector_size = 5000U;
    assert_int_equal(dg_ledger_format(&small, DG_HORMONE_INSULIN, 0U),
                     DG_E_USAGE);
    assert_int_equal(
        dg_ledger_open(&ledger, &small, DG_HORMONE_INSULIN, at, 0U),
        DG_E_USAGE);
    assert_int_equal(
        dg_ledger_open(NULL, &flash.port, DG_HORMONE_INSULIN, at, 0U),
        DG_E_USAGE);
    assert_int_equal(dg_ledger_open(&ledger, NULL, DG_HORMONE_INSULIN, at, 0U),
                     DG_E_USAGE);
    assert_int_equal(open_again(), DG_OK);
    assert_int_equal(
        dg_ledger_announce_bolus(NULL, at, &id, DG_TIER_PRESENT, 1U),
        DG_E_USAGE);
    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, at, NULL, DG_TIER_PRESENT, 1U),
        DG_E_USAGE);
    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, at, &id, DG_TIER_PRESENT, 0U),
        DG_E_RANGE);
    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, at, &id, DG_TIER_PRESENT, 65536U),
        DG_E_RANGE);
    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, at, &id, DG_TIER_NONE, 1U),
        DG_E_RANGE);
    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, at, &id, (enum dg_tier)4, 1U),
        DG_E_RANGE);
    assert_int_equal(dg_ledger_close(&ledger, at, DG_OUTCOME_STOPPED),
                     DG_E_STATE);
    assert_int_equal(dg_ledger_close(NULL, at, DG_OUTCOME_STOPPED), DG_E_USAGE);
    assert_int_equal(dg_ledger_announce_basal(NULL, at), DG_E_USAGE);
    announce(1U, DG_TIER_PRESENT, 1U);
    assert_int_equal(
        dg_ledger_announce_bolus(&ledger, at, &id, DG_TIER_PRESENT, 1U),
        DG_E_STATE);
    /* No ledger or no tier: everything is used up. */
    assert_int_equal(
        dg_ledger_window(NULL, at, DG_TIER_PRESENT, DG_WINDOW_1_H).mU,
        INT32_MAX);
    assert_int_equal(
        dg_ledger_window(&ledger, at, DG_TIER_NONE, DG_WINDOW_1_H).mU,
        INT32_MAX);
    assert_int_equal(
        dg_ledger_window(&ledger, at, (enum dg_tier)4, DG_WINDOW_1_H).mU,
        INT32_MAX);
    assert_int_equal(dg_ledger_iob(NULL, at).mU, INT32_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ledger__random_days__windows_never_under_count),
        cmocka_unit_test(test_ledger_iob__random_day__never_below_the_curve),
        cmocka_unit_test(test_ledger__open_intent__counted_in_full),
        cmocka_unit_test(
            test_ledger_open__cut_in_a_long_dose__counted_at_the_reset),
        cmocka_unit_test(test_ledger_open__storm_of_resets__costs_no_flash),
        cmocka_unit_test(
            test_ledger__busiest_days__ring_wraps_and_holds_24_hours),
        cmocka_unit_test(
            test_ledger_open__ring_begins_in_a_dose__opens_and_counts),
        cmocka_unit_test(test_ledger__ring_full_within_a_day__refuses),
        cmocka_unit_test(
            test_ledger_close__flash_fails__failed_and_settled_later),
        cmocka_unit_test(test_ledger_open__any_bit_flipped__corrupt),
        cmocka_unit_test(test_ledger_open__not_our_flash_or_count__corrupt),
        cmocka_unit_test(test_ledger__clock_runs_back__windows_keep_what_was),
        cmocka_unit_test(test_ledger__end_of_time__still_counts),
        cmocka_unit_test(test_ledger__memory_of_tickets__eight_newest_first),
        cmocka_unit_test(test_ledger__bad_arguments__refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
