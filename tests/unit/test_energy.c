/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/energy.h"
#include "tests/unit/rig.h"

#include <string.h>

/* What the battery may spend on talking: the bounds of docs/adr/0023, by
 * whoever asks and however fast. */

#define START_S 5000U
#define DAY_S   86400U

static struct dg_energy energy;

static bool pays(unsigned slot, enum dg_request_kind kind)
{
    const struct dg_request request = {.kind = kind};

    return dg_energy_pay(&energy, slot, &request);
}

static int setup(void **state)
{
    (void)state;
    dg_energy_start(&energy, (dg_seconds){START_S}, 12345U);
    return 0;
}

/* Any pace, with pauses and with a clock that stands still: what is spent in
 * any span stays below what the bucket holds and what flows in. */
/* @verifies{FRU_NRG.1@1} */
static void test_energy__any_pace__inflow_bounds_it(void **state)
{
    enum { SECONDS = 20000 };
    static uint32_t spent[SECONDS];
    uint64_t seed = 5U;

    (void)state;
    memset(spent, 0, sizeof spent);
    for (uint32_t s = 0U; s < SECONDS; s++) {
        const dg_seconds now = {START_S + s};
        const uint32_t pace = ((s / 700U) % 3U) * 40U;

        if ((rig_random(&seed) % 4U) == 0U) {
            continue;
        }
        for (uint32_t i = 0U; i < (pace + (rig_random(&seed) % 60U)); i++) {
            spent[s] += dg_energy_may_listen(&energy, now, 2U, true) ? 1U : 0U;
        }
    }
    for (uint32_t from = 0U; from < SECONDS; from += 37U) {
        uint64_t sum = 0U;

        for (uint32_t to = from; to < SECONDS; to++) {
            const double flow =
                (double)(DG_ENERGY_KNOCK_PER_H + DG_ENERGY_SHARED_PER_H) *
                (double)(to - from + 1U) / 3600.0;

            sum += spent[to];
            assert_true(
                (double)sum <=
                ((double)(DG_ENERGY_KNOCK_NAH + DG_ENERGY_SHARED_NAH) + flow));
        }
    }
}

/* A day of knocks at a thousand a second, at every slot, near and far. */
/* @verifies{FRU_NRG.1@1} */
static void test_energy__a_day_of_knocks__below_its_share(void **state)
{
    uint64_t hashes = 0U;

    (void)state;
    for (uint32_t s = 0U; s < DAY_S; s++) {
        const dg_seconds now = {START_S + s};

        for (unsigned i = 0U; i < 1000U; i++) {
            hashes += dg_energy_may_listen(&energy, now, i % 4U, (i % 5U) != 0U)
                          ? 1U
                          : 0U;
        }
    }
    print_message("a day at 1000 knocks a second: %llu hashes, %.3f %%\n",
                  (unsigned long long)hashes,
                  (double)hashes * 100.0 / (double)DG_CHARGE_FULL_NAH);
    /* 14 a second and the buckets: 0.61 %. */
    assert_true((hashes * DG_CHARGE_HASH_NAH) <
                ((DG_CHARGE_FULL_NAH * 62U) / 10000U));
    assert_true(dg_energy_is_flooded(&energy, (dg_seconds){START_S + DAY_S}));
    assert_int_equal(dg_energy_drainer(&energy), 0U);
}

/* All that can be spent in a day, added up from the numbers. */
/* @verifies{FRU_NRG.1@1} */
static void test_energy__all_buckets_of_a_day__below_two_percent(void **state)
{
    const double day_h = 24.0;
    const double budget =
        DG_ENERGY_BUDGET_NAH + (DG_ENERGY_BUDGET_PER_H * day_h);
    const double forged_3 =
        budget / DG_ENERGY_HANDSHAKE_NAH * DG_EDHOC_FORGED_MAX;
    const double slot = budget + forged_3 + DG_ENERGY_KNOCK_NAH +
                        (DG_ENERGY_KNOCK_PER_H * day_h) + DG_ENERGY_FORGED_NAH +
                        (DG_ENERGY_FORGED_PER_H * day_h);
    const double all =
        (4.0 * slot) + DG_ENERGY_SHARED_NAH + (DG_ENERGY_SHARED_PER_H * day_h) +
        DG_ENERGY_FAR_NAH + (DG_ENERGY_FAR_PER_H * day_h) +
        (4.0 * (DG_ENERGY_RESCUE_NAH + (DG_ENERGY_RESCUE_PER_H * day_h)));

    (void)state;
    print_message("all buckets of a day: %.3f %%\n",
                  all * 100.0 / (double)DG_CHARGE_FULL_NAH);
    assert_true(all < ((double)DG_CHARGE_FULL_NAH * 0.02));
}

/* The phone that knocks once a second is heard, whatever the flood at its own
 * slot; flooding another slot costs it nothing. */
/* @verifies{FRU_NRG.4@1} */
static void test_energy__owner_in_a_flood__is_heard_in_time(void **state)
{
    uint32_t worst_s = 0U;
    uint64_t sum_s = 0U;
    uint64_t seed = 77U;
    enum { TRIES = 30 };

    (void)state;
    /* The flood has gone on for half an hour: the buckets are empty. */
    for (unsigned try = 0U; try < TRIES; try++) {
        const uint32_t from_s = START_S + ((try + 1U) * 20000U);
        bool is_heard = false;

        for (uint32_t s = 0U; !is_heard; s++) {
            const dg_seconds now = {from_s + s};
            const uint32_t place = rig_random(&seed) % 1000U;

            for (uint32_t i = 0U; i < 1000U; i++) {
                const bool may = dg_energy_may_listen(&energy, now, 0U, true);

                is_heard = is_heard || (may && (i == place) && (s > 1800U));
            }
            assert_true(s < 7200U);
            if (is_heard) {
                sum_s += s - 1800U;
                worst_s = ((s - 1800U) > worst_s) ? (s - 1800U) : worst_s;
            }
        }
    }
    print_message("owner among 1000 knocks a second: %llu s on average, %u s "
                  "at most of %d\n",
                  (unsigned long long)(sum_s / TRIES),
                  (unsigned)worst_s,
                  TRIES);
    assert_true((sum_s / TRIES) < 300U);
    assert_true(worst_s < 2400U);

    for (uint32_t s = 0U; s < 100U; s++) {
        const dg_seconds now = {START_S + 9000000U + s};

        for (unsigned i = 0U; i < 1000U; i++) {
            (void)dg_energy_may_listen(&energy, now, 1U, true);
            (void)dg_energy_may_listen(&energy, now, 0U, false);
        }
        assert_true(dg_energy_may_listen(&energy, now, 0U, true));
    }
}

/* A phone that connects every two seconds for twelve hours. */
/* @verifies{FRU_NRG.2@1} @verifies{FRU_NRG.3@1} */
static void test_energy__crash_loop__backed_off_and_named(void **state)
{
    uint32_t served = 0U;
    uint32_t gap_s = 0U;
    uint32_t longest_s = 0U;
    uint32_t named_s = 0U;

    (void)state;
    for (uint32_t s = 0U; s < 43200U; s += 2U) {
        const dg_seconds now = {START_S + s};

        dg_energy_pass(&energy, now, 90U);
        gap_s += 2U;
        if (dg_energy_may_listen(&energy, now, 3U, true) &&
            dg_energy_may_connect(&energy, now, 3U)) {
            served++;
            gap_s = 0U;
        }
        longest_s = (gap_s > longest_s) ? gap_s : longest_s;
        if ((named_s == 0U) && (dg_energy_drainer(&energy) != 0U)) {
            named_s = s;
            assert_int_equal(dg_energy_drainer(&energy), 4U);
        }
        /* Nobody else is touched. */
        assert_true(energy.slot[0].budget.nAh == DG_ENERGY_BUDGET_NAH);
    }
    assert_in_range(named_s, 300U, 900U);
    assert_in_range(longest_s, 60U, DG_ENERGY_BACKOFF_S_MAX + 2U);
    assert_true((served * DG_ENERGY_HANDSHAKE_NAH) <=
                (DG_ENERGY_BUDGET_NAH + (DG_ENERGY_BUDGET_PER_H * 12U)));
    assert_true(
        dg_energy_may_connect(&energy, (dg_seconds){START_S + 43200U}, 0U));
    /* A person lets it try again at once; quiet makes it whole. */
    dg_energy_press(&energy, (dg_seconds){START_S + 43200U});
    assert_true(
        dg_energy_may_connect(&energy, (dg_seconds){START_S + 43200U}, 3U));
    dg_energy_pass(&energy, (dg_seconds){START_S + 80000U}, 90U);
    assert_int_equal(dg_energy_drainer(&energy), 0U);
}

/* A phone in a session that asks without end: at last only what protects is
 * served, then nothing until more has flowed in. */
/* @verifies{FRU_NRG.2@1} */
static void test_energy__requests_without_end__refused_then_silent(void **state)
{
    const dg_seconds now = {START_S};
    unsigned paid = 0U;
    unsigned refused = 0U;

    (void)state;
    while (dg_energy_may_open(&energy, now, 1U)) {
        if (pays(1U, DG_REQUEST_PROPOSE)) {
            paid++;
            assert_int_equal(refused, 0U);
        } else {
            refused++;
        }
        if (refused == 1U) {
            assert_true(pays(1U, DG_REQUEST_STOP));
            assert_true(pays(1U, DG_REQUEST_STATUS));
            assert_true(pays(1U, DG_REQUEST_SUSPEND));
            assert_false(pays(1U, DG_REQUEST_NONE));
            assert_false(pays(1U, (enum dg_request_kind)99));
        }
    }
    assert_true(dg_energy_may_open(&energy, now, 0U));
    assert_true(dg_energy_may_open(&energy, (dg_seconds){START_S + 6U}, 1U));
    /* A whole image of 256 KiB in parts; any other verb is dear. */
    (void)setup(NULL);
    for (unsigned i = 0U; i < 1024U; i++) {
        const struct dg_request part = {.kind = DG_REQUEST_UPDATE,
                                        .as.update.verb = DG_UPDATE_PART};

        assert_true(dg_energy_pay(&energy, 1U, &part));
    }
    assert_int_equal(dg_energy_drainer(&energy), 0U);
    assert_in_range(DG_ENERGY_BUDGET_NAH - energy.slot[1].budget.nAh,
                    1024U * DG_ENERGY_RECORD_NAH,
                    16U * 1024U);
    assert_true(pays(1U, DG_REQUEST_UPDATE));
    assert_true(dg_energy_pay(&energy, 1U, NULL));
    assert_true((DG_ENERGY_BUDGET_NAH - energy.slot[1].budget.nAh) >=
                ((1024U * 12U) + 240U));
    assert_in_range(paid, 10000U, 11000U);
    assert_in_range(refused, 4000U, 4300U);
}

/* A day below the reserve: strangers at every slot, and a phone that asks for
 * all it can.  What is spent is bounded, and the owner, who connects and looks
 * once in an hour, always may: nobody spends what is his. */
/* @verifies{FRU_NRG.5@2} */
static void test_energy__below_the_reserve__a_share_for_each_and_no_more(
    void **state)
{
    const uint64_t most =
        (4ULL * (DG_ENERGY_RESCUE_NAH + (2U * DG_ENERGY_SPARSE_NAH))) +
        DG_ENERGY_SPARSE_NAH;
    const uint64_t per_h =
        (4ULL * (DG_ENERGY_RESCUE_PER_H + (2U * DG_ENERGY_SPARSE_PER_H))) +
        DG_ENERGY_SPARSE_PER_H;
    dg_seconds now = {START_S};
    uint64_t spent = 0U;

    (void)state;
    dg_energy_pass(&energy, now, DG_ENERGY_RESERVE_PERCENT);
    assert_false(energy.in_reserve);
    for (uint32_t s = 0U; s < DAY_S; s++) {
        now.s = START_S + s;
        dg_energy_pass(&energy, now, DG_ENERGY_RESERVE_PERCENT - 1U);
        for (unsigned i = 0U; i < 20U; i++) {
            spent += dg_energy_may_listen(&energy, now, i % 4U, (i % 5U) != 0U)
                         ? 1U
                         : 0U;
        }
        for (unsigned slot = 1U; slot < 4U; slot++) {
            if (dg_energy_may_listen(&energy, now, slot, true) &&
                dg_energy_may_connect(&energy, now, slot)) {
                spent += DG_ENERGY_HANDSHAKE_NAH;
            }
            if (dg_energy_may_open(&energy, now, slot)) {
                spent += DG_ENERGY_RECORD_NAH + 1U;
                (void)pays(slot, DG_REQUEST_STATUS);
            }
        }
        if ((s % 3600U) == 0U) {
            /* Gives a hash back that nobody drew. */
            assert_true(dg_energy_may_connect(&energy, now, 0U));
            spent += DG_ENERGY_HANDSHAKE_NAH - DG_CHARGE_HASH_NAH;
            assert_true(dg_energy_may_open(&energy, now, 0U));
            assert_true(pays(0U, DG_REQUEST_STOP));
            spent += DG_ENERGY_RECORD_NAH + 1U;
            assert_true(dg_energy_may_open(&energy, now, 0U));
            assert_false(pays(0U, DG_REQUEST_PROPOSE));
            spent += DG_ENERGY_RECORD_NAH;
        }
    }
    assert_true(spent <= (most + (per_h * 24U)));
    /* New battery: all is as before. */
    dg_energy_pass(&energy, now, 100U);
    assert_true(dg_energy_may_connect(&energy, now, 0U));
}

/* Forged records below the reserve end in silence for a while, and cost their
 * session nothing that is its phone's. */
/* @verifies{FRU_NRG.5@2} */
static void test_energy__below_the_reserve__forged_records_bounded(void **state)
{
    dg_seconds now = {START_S};
    uint32_t forged = 0U;

    (void)state;
    dg_energy_pass(&energy, now, 1U);
    for (uint32_t s = 0U; s < 3600U; s++) {
        now.s = START_S + s;
        dg_energy_pass(&energy, now, 1U);
        for (unsigned i = 0U; i < 100U; i++) {
            if (dg_energy_may_open(&energy, now, 2U)) {
                dg_energy_forged(&energy, 2U);
                forged++;
            }
        }
    }
    assert_in_range(
        forged, 1U, DG_ENERGY_SPARSE_NAH + DG_ENERGY_SPARSE_PER_H + 1U);
    assert_int_equal(energy.slot[2].rescue.nAh, DG_ENERGY_RESCUE_NAH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_energy__any_pace__inflow_bounds_it, setup),
        cmocka_unit_test_setup(test_energy__a_day_of_knocks__below_its_share,
                               setup),
        cmocka_unit_test_setup(
            test_energy__all_buckets_of_a_day__below_two_percent, setup),
        cmocka_unit_test_setup(test_energy__owner_in_a_flood__is_heard_in_time,
                               setup),
        cmocka_unit_test_setup(test_energy__crash_loop__backed_off_and_named,
                               setup),
        cmocka_unit_test_setup(
            test_energy__requests_without_end__refused_then_silent, setup),
        cmocka_unit_test_setup(
            test_energy__below_the_reserve__a_share_for_each_and_no_more,
            setup),
        cmocka_unit_test_setup(
            test_energy__below_the_reserve__forged_records_bounded, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
