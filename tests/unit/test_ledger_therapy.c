/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/ledger.h"
#include "tests/unit/rig.h"
#include <string.h>

/* Spread doses, pauses of basal and primes, against a book, with cuts. */

#define PULSES_MAX 8192U
#define PAUSES_MAX 512U
#define BASAL      0U
#define PRIME      9U

struct pulse {
    uint32_t at;
    unsigned tier;
};

struct pause {
    uint32_t from;
    uint32_t to;
    uint32_t permille;
};

static struct rig_flash flash;
static struct rig_flash saved;
static struct dg_ledger ledger;
static struct pulse pulse[PULSES_MAX];
static struct pause paused[PAUSES_MAX];
static uint32_t moved;
static uint32_t pauses;
static uint32_t now;
static uint32_t tickets;

/* A call that a cut or a state may refuse; the book is what is compared. */
static void may_fail(enum dg_status status)
{
    assert_int_not_equal(status, DG_E_USAGE);
}

static struct dg_ticket_id fresh(void)
{
    struct dg_ticket_id id = {{0}};

    tickets++;
    memcpy(id.byte, &tickets, sizeof tickets);
    return id;
}

static enum dg_status try_open(void)
{
    memset(&ledger, 0xA5, sizeof ledger);
    return dg_ledger_open(
        &ledger, &flash.port, DG_HORMONE_INSULIN, (dg_seconds){now}, moved);
}

static void open_again(void)
{
    assert_int_equal(try_open(), DG_OK);
}

static void start(void)
{
    rig_flash_init(&flash);
    memset(pulse, 0, sizeof pulse);
    memset(paused, 0, sizeof paused);
    moved = 0U;
    pauses = 0U;
    tickets = 0U;
    now = 1000U;
    assert_int_equal(dg_ledger_format(&flash.port, DG_HORMONE_INSULIN, 0U),
                     DG_OK);
    open_again();
}

static void move(unsigned tier)
{
    assert_true(moved < PULSES_MAX);
    pulse[moved++] = (struct pulse){now, tier};
}

static void basal(void)
{
    if ((dg_ledger_announce_basal(&ledger, (dg_seconds){now}) == DG_OK) &&
        !flash.is_dead) {
        move(BASAL);
        dg_ledger_basal_pulse(&ledger, (dg_seconds){now});
    }
}

static void drip(void)
{
    if ((dg_ledger_announce_drip(&ledger, (dg_seconds){now}) == DG_OK) &&
        !flash.is_dead) {
        move((unsigned)ledger.spread.ticket.tier);
        dg_ledger_drip_pulse(&ledger, (dg_seconds){now});
    }
}

static void bolus(void)
{
    if (ledger.is_open && !flash.is_dead &&
        (ledger.ticket[0].delivered < ledger.ticket[0].pulses)) {
        move((ledger.ticket[0].tier == DG_TIER_NONE)
                 ? PRIME
                 : (unsigned)ledger.ticket[0].tier);
        dg_ledger_bolus_pulse(&ledger, (dg_seconds){now});
    }
}

static bool begin_pause(enum dg_tier tier, uint32_t permille, uint32_t seconds)
{
    if ((dg_ledger_pause(
             &ledger, (dg_seconds){now}, NULL, tier, permille, seconds) !=
         DG_OK) ||
        flash.is_dead) {
        return false;
    }
    if (tier != DG_TIER_PRESENT) {
        assert_true(pauses < PAUSES_MAX);
        paused[pauses++] = (struct pause){now, now + seconds, permille};
    }
    return true;
}

/* The truth: what was withheld so far, of the window. */
static uint32_t truth_paused_s(uint32_t window_s)
{
    const uint32_t first = (now > window_s) ? (now - window_s) : 0U;
    uint64_t sum = 0U;

    for (uint32_t i = 0U; i < pauses; i++) {
        const uint32_t to = (paused[i].to < now) ? paused[i].to : now;
        const uint32_t from = (paused[i].from > first) ? paused[i].from : first;

        sum += (to > from) ? ((uint64_t)(to - from) * paused[i].permille) : 0U;
    }
    return (uint32_t)(sum / 1000U);
}

static void end_pause(void)
{
    const bool is_counted =
        ledger.pause.is_on && (ledger.pause.tier != DG_TIER_PRESENT);

    may_fail(dg_ledger_resume(&ledger, (dg_seconds){now}));
    if (is_counted && (paused[pauses - 1U].to > now)) {
        paused[pauses - 1U].to = now;
    }
}

static void check(void)
{
    static const uint32_t lengths_s[] = {300U, 3600U, 14400U, 86400U};
    uint32_t basals = 0U;
    uint32_t primes = 0U;

    for (uint32_t i = 0U; i < moved; i++) {
        basals += (pulse[i].tier == BASAL) ? 1U : 0U;
        primes += (pulse[i].tier == PRIME) ? 1U : 0U;
    }
    assert_int_equal(ledger.moved, moved);
    assert_int_equal(ledger.bolus_pulses + ledger.basal_pulses + primes, moved);
    assert_int_equal(ledger.basal_pulses, basals);
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            int32_t truth_mU = 0;

            for (uint32_t i = 0U; i < moved; i++) {
                const bool counts = (pulse[i].tier != BASAL) &&
                                    (pulse[i].tier <= tier) &&
                                    ((now - pulse[i].at) <= lengths_s[window]);

                truth_mU += counts ? DG_PULSE_MU : 0;
            }
            assert_true(dg_ledger_window(&ledger,
                                         (dg_seconds){now},
                                         (enum dg_tier)tier,
                                         (enum dg_window)window)
                            .mU >= truth_mU);
        }
    }
    assert_true(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 14400U) >=
                truth_paused_s(14400U));
    assert_true(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U) >=
                truth_paused_s(86400U));
}

/* Counts ------------------------------------------------------------------ */

static void test_spread__counts_in_full_then_gives_back(void **state)
{
    struct dg_ticket_id id;

    (void)state;
    start();
    id = fresh();
    assert_int_equal(
        dg_ledger_announce_spread(
            &ledger, (dg_seconds){now}, &id, DG_TIER_CONFIRMED, 20U, 3600U),
        DG_OK);
    assert_int_equal(dg_ledger_iob(&ledger, (dg_seconds){now}).mU, 1000);
    assert_int_equal(
        dg_ledger_window(
            &ledger, (dg_seconds){now}, DG_TIER_CONFIRMED, DG_WINDOW_5_MIN)
            .mU,
        1000);
    assert_int_equal(
        dg_ledger_window(
            &ledger, (dg_seconds){now}, DG_TIER_AUTOMATIC, DG_WINDOW_24_H)
            .mU,
        0);
    assert_ptr_equal(dg_ledger_find(&ledger, &id), &ledger.spread.ticket);
    for (unsigned i = 0U; i < 5U; i++) {
        now += 180U;
        drip();
        check();
        assert_int_equal(
            dg_ledger_window(
                &ledger, (dg_seconds){now}, DG_TIER_PRESENT, DG_WINDOW_4_H)
                .mU,
            1000);
    }
    assert_int_equal(
        dg_ledger_close_spread(&ledger, (dg_seconds){now}, DG_OUTCOME_STOPPED),
        DG_OK);
    assert_int_equal(
        dg_ledger_window(
            &ledger, (dg_seconds){now}, DG_TIER_PRESENT, DG_WINDOW_4_H)
            .mU,
        250);
    open_again();
    check();
    assert_int_equal(dg_ledger_find(&ledger, &id)->outcome, DG_OUTCOME_STOPPED);
    assert_int_equal(dg_ledger_find(&ledger, &id)->delivered, 5U);
    assert_int_equal(
        dg_ledger_window(
            &ledger, (dg_seconds){now}, DG_TIER_PRESENT, DG_WINDOW_4_H)
            .mU,
        250);
}

/* A bolus, a spread dose and basal at once; a reset in the middle: each pulse
 * is what it was, both rests are uncertain. */
static void test_spread__beside_bolus_and_basal__reset_tells_them_apart(
    void **state)
{
    struct dg_ticket_id first;
    struct dg_ticket_id second;

    (void)state;
    for (unsigned order = 0U; order < 6U; order++) {
        start();
        first = fresh();
        second = fresh();
        assert_int_equal(dg_ledger_announce_spread(&ledger,
                                                   (dg_seconds){now},
                                                   &first,
                                                   DG_TIER_AUTOMATIC,
                                                   10U,
                                                   1800U),
                         DG_OK);
        assert_int_equal(
            dg_ledger_announce_bolus(
                &ledger, (dg_seconds){now}, &second, DG_TIER_CONFIRMED, 10U),
            DG_OK);
        for (unsigned i = 0U; i < 4U; i++) {
            now += 30U;
            for (unsigned j = 0U; j < 3U; j++) {
                const unsigned what = (j + order + i) % 3U;

                if (what == 0U) {
                    basal();
                } else if (what == 1U) {
                    drip();
                } else {
                    bolus();
                }
            }
        }
        now += 60U;
        open_again();
        check();
        assert_false(ledger.is_open);
        assert_false(ledger.spread.is_open);
        assert_int_equal(dg_ledger_find(&ledger, &first)->delivered, 4U);
        assert_int_equal(dg_ledger_find(&ledger, &second)->delivered, 4U);
        assert_int_equal(dg_ledger_find(&ledger, &first)->outcome,
                         DG_OUTCOME_UNCERTAIN);
        assert_int_equal(ledger.uncertain_pulses, 12U);
        assert_int_equal(
            dg_ledger_window(
                &ledger, (dg_seconds){now}, DG_TIER_PRESENT, DG_WINDOW_24_H)
                .mU,
            1000);
    }
}

/* @verifies{FDP_PAUSE.1@2} */
static void test_pause__counts_granted_then_used(void **state)
{
    (void)state;
    start();
    now = 900U * 100U;
    assert_true(begin_pause(DG_TIER_AUTOMATIC, 1000U, 3600U));
    assert_int_equal(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U),
                     3600U);
    now += 600U;
    check();
    assert_int_equal(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U),
                     3600U);
    end_pause();
    assert_int_equal(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U),
                     600U);
    open_again();
    assert_int_equal(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U),
                     600U);
    /* In proportion, rounded up; a lease does not outlive a reset. */
    assert_true(begin_pause(DG_TIER_AUTOMATIC, 250U, 1000U));
    assert_int_equal(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U),
                     850U);
    now += 100U;
    paused[pauses - 1U].to = now;
    open_again();
    assert_false(ledger.pause.is_on);
    check();
    assert_in_range(
        dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U), 625U, 627U);
    /* A whole suspension does, and counts to its end, off or on. */
    assert_true(begin_pause(DG_TIER_CONFIRMED, 1000U, 1000U));
    now += 5000U;
    open_again();
    assert_true(ledger.pause.is_on);
    assert_int_equal(dg_ledger_resume(&ledger, (dg_seconds){now}), DG_OK);
    assert_in_range(
        dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U), 1625U, 1629U);
    /* A day later nothing is left of it. */
    now += 86400U + 1800U;
    assert_int_equal(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U),
                     0U);
}

static void test_pause__by_a_person__not_counted_and_outlives_resets(
    void **state)
{
    (void)state;
    start();
    assert_true(begin_pause(DG_TIER_PRESENT, 1000U, DG_PAUSE_UNTIL_RESUMED));
    now += 40U * 3600U;
    open_again();
    assert_true(ledger.pause.is_on);
    assert_int_equal(ledger.pause.tier, DG_TIER_PRESENT);
    assert_int_equal(dg_ledger_paused_s(&ledger, (dg_seconds){now}, 86400U),
                     0U);
    assert_int_equal(dg_ledger_resume(&ledger, (dg_seconds){now}), DG_OK);
    open_again();
    assert_false(ledger.pause.is_on);
    /* Flash fails: a person's pause holds all the same, a phone's does not. */
    flash.fails = true;
    assert_int_equal(dg_ledger_pause(&ledger,
                                     (dg_seconds){now},
                                     NULL,
                                     DG_TIER_PRESENT,
                                     1000U,
                                     DG_PAUSE_UNTIL_RESUMED),
                     DG_E_PORT);
    assert_true(ledger.pause.is_on);
    assert_int_equal(dg_ledger_resume(&ledger, (dg_seconds){now}), DG_OK);
    assert_int_equal(
        dg_ledger_pause(
            &ledger, (dg_seconds){now}, NULL, DG_TIER_CONFIRMED, 1000U, 60U),
        DG_E_STATE);
    assert_false(ledger.pause.is_on);
}

/* @verifies{FDP_PRIME.1@1} */
static void test_prime__moved_but_not_delivered(void **state)
{
    (void)state;
    start();
    for (unsigned cut = 0U; cut < 2U; cut++) {
        const struct dg_ticket_id id = fresh();

        assert_int_equal(
            dg_ledger_announce_prime(&ledger, (dg_seconds){now}, &id, 20U),
            DG_OK);
        assert_int_equal(dg_ledger_iob(&ledger, (dg_seconds){now}).mU, 0);
        assert_false(ledger.has_bolus);
        for (unsigned i = 0U; i < 7U; i++) {
            now += 2U;
            bolus();
        }
        if (cut == 0U) {
            assert_int_equal(
                dg_ledger_close(&ledger, (dg_seconds){now}, DG_OUTCOME_STOPPED),
                DG_OK);
        }
        open_again();
        check();
        assert_false(ledger.is_open);
        assert_int_equal(dg_ledger_find(&ledger, &id)->delivered, 7U);
        assert_int_equal(dg_ledger_find(&ledger, &id)->outcome,
                         (cut == 0U) ? DG_OUTCOME_STOPPED
                                     : DG_OUTCOME_UNCERTAIN);
        assert_int_equal(ledger.uncertain_pulses, 0U);
        assert_int_equal(ledger.bolus_pulses, 0U);
        assert_int_equal(
            dg_ledger_window(
                &ledger, (dg_seconds){now}, DG_TIER_PRESENT, DG_WINDOW_24_H)
                .mU,
            0);
    }
}

/* @verifies{FDP_DOSE.9@1} */
static void test_usual__largest_approved_dose_of_a_day__also_after_a_reset(
    void **state)
{
    static const struct {
        enum dg_tier tier;
        uint32_t pulses;
        enum dg_outcome outcome;
        uint16_t want;
    } doses[] = {{DG_TIER_AUTOMATIC, 90U, DG_OUTCOME_DELIVERED, 0U},
                 {DG_TIER_CONFIRMED, 30U, DG_OUTCOME_DELIVERED, 30U},
                 {DG_TIER_PRESENT, 50U, DG_OUTCOME_STOPPED, 30U},
                 {DG_TIER_PRESENT, 40U, DG_OUTCOME_DELIVERED, 40U},
                 {DG_TIER_CONFIRMED, 20U, DG_OUTCOME_DELIVERED, 40U}};

    (void)state;
    start();
    for (size_t i = 0U; i < (sizeof doses / sizeof doses[0]); i++) {
        const struct dg_ticket_id id = fresh();

        now += 3600U;
        assert_int_equal(dg_ledger_announce_bolus(&ledger,
                                                  (dg_seconds){now},
                                                  &id,
                                                  doses[i].tier,
                                                  doses[i].pulses),
                         DG_OK);
        for (uint32_t p = 0U; p < doses[i].pulses; p++) {
            bolus();
        }
        assert_int_equal(
            dg_ledger_close(&ledger, (dg_seconds){now}, doses[i].outcome),
            DG_OK);
        assert_int_equal(dg_usual_largest(&ledger.usual, now / 3600U),
                         doses[i].want);
        open_again();
        assert_int_equal(dg_usual_largest(&ledger.usual, now / 3600U),
                         doses[i].want);
    }
    assert_int_equal(dg_usual_largest(&ledger.usual, (now / 3600U) + 23U), 40U);
    assert_int_equal(dg_usual_largest(&ledger.usual, (now / 3600U) + 24U), 20U);
    assert_int_equal(dg_usual_largest(&ledger.usual, (now / 3600U) + 25U), 0U);
}

/* Cuts -------------------------------------------------------------------- */

static void step_story(unsigned step)
{
    const dg_seconds at = {now};
    const struct dg_ticket_id id = fresh();

    switch (step % 24U) {
    case 0U:
        may_fail(dg_ledger_announce_spread(
            &ledger, at, &id, DG_TIER_CONFIRMED, 6U, 3600U));
        break;
    case 2U:
        may_fail(
            dg_ledger_announce_bolus(&ledger, at, &id, DG_TIER_AUTOMATIC, 3U));
        break;
    case 3U:
    case 5U:
    case 6U:
        bolus();
        break;
    case 1U:
    case 7U:
        basal();
        break;
    case 4U:
    case 8U:
    case 9U:
        drip();
        break;
    case 10U:
        may_fail(dg_ledger_close(&ledger, at, DG_OUTCOME_STOPPED));
        break;
    case 11U:
        may_fail(dg_ledger_close_spread(&ledger, at, DG_OUTCOME_STOPPED));
        break;
    case 12U:
        (void)begin_pause(DG_TIER_AUTOMATIC, 700U, 1200U);
        break;
    case 13U:
    case 17U:
        end_pause();
        break;
    case 14U:
        (void)begin_pause(DG_TIER_CONFIRMED, 1000U, 900U);
        break;
    case 15U:
        may_fail(dg_ledger_announce_prime(&ledger, at, &id, 4U));
        break;
    case 16U:
        bolus();
        break;
    case 18U:
        may_fail(dg_ledger_close(&ledger, at, DG_OUTCOME_DELIVERED));
        break;
    default:
        basal();
        break;
    }
    now += 97U;
}

static void story(void)
{
    for (unsigned step = 0U; !flash.is_dead && (step < 48U); step++) {
        step_story(step);
    }
}

/* A pause whose end was cut off goes on in the ledger; the truth is that basal
 * went on or not, which for the count is no more than what was granted. */
static void settle_book(void)
{
    if ((pauses > 0U) && (paused[pauses - 1U].to > now)) {
        paused[pauses - 1U].to = now;
    }
}

/* @verifies{FDP_LEDGER.1@1} @verifies{FDP_LEDGER.2@1}
 * @verifies{FDP_PAUSE.1@2} */
static void test_cut__every_operation_of_every_record__book_holds(void **state)
{
    (void)state;
    start();
    saved = flash;
    story();

    const uint32_t operations = flash.operations - saved.operations;

    assert_true(operations > 35U);
    for (uint32_t at = 1U; at <= operations; at++) {
        for (unsigned cut = 0U; cut < RIG_CUTS; cut++) {
            for (unsigned second = 0U; second <= 4U; second++) {
                start();
                flash.cut_in = at;
                flash.cut = (enum rig_cut)cut;
                story();
                assert_true(flash.is_dead);
                settle_book();
                /* And again while the first cut is being settled. */
                flash.is_dead = false;
                flash.cut_in = second;

                const enum dg_status status = try_open();

                assert_true((status == DG_OK) || flash.is_dead);
                flash.is_dead = false;
                flash.cut_in = 0U;
                now += at;
                open_again();
                check();
                assert_false(ledger.is_open);
                assert_false(ledger.spread.is_open);
                story();
                open_again();
                check();
            }
        }
    }
}

/* Years of random life, resets and cuts, until the ring has turned and begins
 * in the middle of things. */
static void live(uint64_t seed)
{
    start();
    for (unsigned i = 0U; (i < 9000U) && (moved < (PULSES_MAX - 2U)) &&
                          (pauses < (PAUSES_MAX - 2U));
         i++) {
        const uint32_t dice = rig_random(&seed) % 100U;

        if (dice < 60U) {
            now += 20U + (rig_random(&seed) % 20U);
            basal();
        } else if (dice < 97U) {
            step_story(rig_random(&seed) % 19U);
            now -= 97U;
        } else if (dice < 98U) {
            flash.cut_in = 1U + (rig_random(&seed) % 3U);
            flash.cut = (enum rig_cut)(rig_random(&seed) % RIG_CUTS);
        } else {
            flash.is_dead = true;
        }
        if (flash.is_dead) {
            settle_book();
            flash.is_dead = false;
            flash.cut_in = 0U;
            open_again();
        }
        if ((i % 64U) == 0U) {
            check();
        }
    }
    check();
}

static void test_life__random__book_holds(void **state)
{
    (void)state;
    for (uint64_t seed = 1U; seed <= 8U; seed++) {
        live(seed);
    }
}

/* Room -------------------------------------------------------------------- */

/* What the room lets in never stops basal: two days at full rate, all other
 * records as fast as they are let in, boluses every 180 s. */
/* @verifies{FDP_BASAL.2@1} */
static void test_room__greedy_phone__basal_is_never_refused(void **state)
{
    static const uint32_t rates[] = {200U, 25U};

    (void)state;
    for (unsigned i = 0U; i < 2U; i++) {
        const uint32_t every_s = 3600U / rates[i];
        uint32_t others = 0U;
        uint32_t boluses_s = 0U;

        start();
        for (uint32_t n = 0U; n < ((60U * 3600U) / every_s); n++) {
            now += every_s;
            assert_int_equal(
                dg_ledger_announce_basal(&ledger, (dg_seconds){now}), DG_OK);
            dg_ledger_basal_pulse(&ledger, (dg_seconds){now});
            moved++;
            if ((now - boluses_s) >= 180U) {
                const struct dg_ticket_id id = fresh();

                boluses_s = now;
                assert_int_equal(
                    dg_ledger_announce_bolus(
                        &ledger, (dg_seconds){now}, &id, DG_TIER_AUTOMATIC, 1U),
                    DG_OK);
                assert_int_equal(dg_ledger_close(&ledger,
                                                 (dg_seconds){now},
                                                 DG_OUTCOME_STOPPED),
                                 DG_OK);
            }
            for (unsigned k = 0U; k < 20U; k++) {
                if (!dg_ledger_has_room(
                        &ledger, (dg_seconds){now}, 2U, rates[i])) {
                    break;
                }
                assert_int_equal(dg_ledger_pause(&ledger,
                                                 (dg_seconds){now},
                                                 NULL,
                                                 DG_TIER_AUTOMATIC,
                                                 1000U,
                                                 1U),
                                 DG_OK);
                assert_int_equal(dg_ledger_resume(&ledger, (dg_seconds){now}),
                                 DG_OK);
                others++;
            }
        }
        /* It was let in, and it was bounded. */
        assert_true(others > 100U);
        assert_true(others < 8000U);
    }
    assert_false(dg_ledger_has_room(NULL, (dg_seconds){now}, 1U, 1U));
    assert_false(dg_ledger_has_room(&ledger, (dg_seconds){now}, 60000U, 1U));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spread__counts_in_full_then_gives_back),
        cmocka_unit_test(
            test_spread__beside_bolus_and_basal__reset_tells_them_apart),
        cmocka_unit_test(test_pause__counts_granted_then_used),
        cmocka_unit_test(
            test_pause__by_a_person__not_counted_and_outlives_resets),
        cmocka_unit_test(test_prime__moved_but_not_delivered),
        cmocka_unit_test(
            test_usual__largest_approved_dose_of_a_day__also_after_a_reset),
        cmocka_unit_test(test_cut__every_operation_of_every_record__book_holds),
        cmocka_unit_test(test_life__random__book_holds),
        cmocka_unit_test(test_room__greedy_phone__basal_is_never_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
