/* SPDX-License-Identifier: Apache-2.0 */
#include "stand.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* One walk from its first step to its last, and how it is drawn. */

/* What a true phone does before it asks for a dose: without it most walks end
 * before the rules of dosing are asked. */
static void be_ready(const struct walk_step *step)
{
    struct walk_step part = *step;

    if (!is_connected[step->who] ||
        ((ref.now - connected_at[step->who]) > 80000.0)) {
        act_connect(step->who);
    }
    part.act = (uint8_t)WALK_GREET;
    act_simple(&part);
    part.act = (uint8_t)WALK_LEASE;
    part.a |= 1U;
    act_simple(&part);
    if (!ref_is_fresh(&ref)) {
        part.a = step->a >> 4;
        part.b |= 7U;
        act_glucose(&part);
    }
}

/* Phone 1 has the lease and asks for a dose, which is then under way or waits
 * for the button. */
static void dose_of_another(const struct walk_step *step)
{
    struct walk_step part = *step;

    part.act = (uint8_t)WALK_LEASE;
    part.who = 0U;
    part.a = 0U;
    act_simple(&part);
    part = *step;
    part.who = 1U;
    be_ready(&part);
    act_propose(&part);
    if (offers[1].is_open) {
        act_commit(&part);
    }
}

static void do_act(const struct walk_step *step)
{
    switch ((enum walk_act)step->act) {
    case WALK_PROPOSE:
        act_propose(step);
        break;
    case WALK_COMMIT:
        act_commit(step);
        break;
    case WALK_DOSE:
        if ((step->b & 0x70000U) != 0U) {
            be_ready(step);
        }
        act_propose(step);
        if (offers[step->who].is_open) {
            act_commit(step);
        }
        break;
    case WALK_GREET:
    case WALK_STOP:
    case WALK_LEASE:
        act_simple(step);
        break;
    case WALK_GLUCOSE:
        act_glucose(step);
        break;
    case WALK_SUSPEND:
    case WALK_RESUME:
        act_pause(step);
        break;
    case WALK_PRESS:
        act_press(step);
        break;
    case WALK_CONNECT:
        act_connect(step->who);
        break;
    case WALK_RESET:
        act_reset(step);
        break;
    case WALK_CUT:
        /* A cut leaves two open doses in one sum, which could be either's:
         * test_spread cuts those at each write. */
        if (ref.insulin.spread.is_open) {
            break;
        }
        rig.flash.cut_in = 1U + (step->a % 8U);
        rig.flash.cut = (enum rig_cut)(step->b % RIG_CUTS);
        break;
    case WALK_BLOCK:
        act_block(step);
        break;
    case WALK_FRAME:
        act_frame(step);
        break;
    case WALK_CLOCK:
        act_clock(step);
        break;
    case WALK_REVOKE:
        /* Two acts in a step: not where the power may go between them. */
        if (((step->b & 3U) == 0U) && (rig.flash.cut_in == 0U)) {
            dose_of_another(step);
            settle();
        }
        act_revoke(step);
        break;
    case WALK_PAIR:
        act_pair(step);
        break;
    case WALK_EXTENDED:
        act_extended(step);
        break;
    case WALK_SCHEDULE:
        act_schedule(step);
        break;
    case WALK_NOTHING:
    default:
        break;
    }
}

static void do_step(const struct walk_step *step)
{
    const bool may_cut = rig.flash.cut_in > 0U;

    asked = 0.0;
    asked_glucagon = false;
    is_ending = rig.is_blocked;
    if (may_cut) {
        prepare_cut();
    }
    is_pausing = ref.is_paused && (ref.pause.to <= (ref.now + step->wait_s));
    wait_for(step->wait_s);
    if (!rig.flash.is_dead) {
        if (may_cut) {
            prepare_cut();
        }
        is_pausing = false;
        do_act(step);
    }
    if (!rig.flash.is_dead) {
        settle();
    }
    if (rig.flash.is_dead) {
        come_back_from_cut((step->b >> 4) % 40U);
    }
}

/* Who walks, and what he does -------------------------------------------------- */

static struct dg_therapy person_of(uint64_t seed)
{
    uint64_t dice = seed ^ 0x5DEECE66DULL;
    struct dg_therapy therapy = {
        .age_class = (enum dg_age_class)(1U + (rig_random(&dice) % 3U)),
        .package = (enum dg_package)(1U + (rig_random(&dice) % 3U)),
        .isf_mg_dL_per_U = 2 + (int32_t)(rig_random(&dice) % 200U),
        .floor = {60 + (int32_t)(rig_random(&dice) % 61U)}};
    const uint32_t most = ((rig_random(&dice) & 7U) == 0U) ? 298000U : 98000U;
    const int32_t basal = (int32_t)(rig_random(&dice) % 3000U);

    dg_limits_widest(&therapy);
    therapy.total_daily_dose.mU = 2000 + (int32_t)(rig_random(&dice) % most);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy.basal[hour].mU_per_h =
            ((rig_random(&dice) & 3U) == 0U)
                ? (int32_t)(rig_random(&dice) % 2000U)
                : basal;
    }
    if ((rig_random(&dice) & 1U) != 0U) {
        const int32_t ceiling = (therapy.age_class == DG_AGE_CHILD) ? 130 : 150;
        const int32_t day = (therapy.age_class == DG_AGE_CHILD) ? 500 : 1000;
        struct dg_glucagon_therapy *given = &therapy.glucagon;

        given->dose.ug =
            10 + (int32_t)(rig_random(&dice) % (uint32_t)(ceiling - 9));
        given->day.ug =
            given->dose.ug +
            (int32_t)(rig_random(&dice) % (uint32_t)(day - given->dose.ug + 1));
        given->rescue.ug = 100 + (int32_t)(rig_random(&dice) % 901U);
        given->below.mg_dL =
            (therapy.floor.mg_dL < 80) ? therapy.floor.mg_dL : 80;
    }
    return therapy;
}

static struct ref_person person_in_words(const struct dg_therapy *therapy)
{
    struct ref_person person = {
        .age = (int)therapy->age_class,
        .is_low_package = therapy->package == DG_PACKAGE_LOW,
        .tdd_U = units(therapy->total_daily_dose.mU),
        .isf = therapy->isf_mg_dL_per_U,
        .floor = therapy->floor.mg_dL,
        .glucagon_dose_mg = units(therapy->glucagon.dose.ug),
        .glucagon_day_mg = units(therapy->glucagon.day.ug),
        .rescue_mg = units(therapy->glucagon.rescue.ug)};

    for (unsigned hour = 0U; hour < 24U; hour++) {
        person.basal_U_per_h[hour] = units(therapy->basal[hour].mU_per_h);
    }
    return person;
}

static void set_up(uint64_t seed)
{
    static const enum dg_role roles[PHONES] = {
        DG_ROLE_OWNER, DG_ROLE_CAREGIVER, DG_ROLE_OBSERVER};
    const struct dg_therapy therapy = person_of(seed);
    const struct ref_person person = person_in_words(&therapy);

    rig_init(&rig, &therapy);
    lead_s = 0U;
    insulin_by = -1;
    spread_by = -1;
    glucagon_by = -1;
    ref_begin(&ref, &person, rig.clock_s);
    memset(offers, 0, sizeof offers);
    memset(&insulin_wait, 0, sizeof insulin_wait);
    memset(&glucagon_wait, 0, sizeof glucagon_wait);
    done_count = 0U;
    holder = -1;
    moved_seen = 0U;
    chamber_seen = 0U;
    basal_U = 0.0;
    basal_from_U = 0.0;
    basal_all_U = 0.0;
    blocked = 0U;
    /* Some reservoirs hold so little that they run dry. */
    fill_reservoir(((seed & 3U) == 1U) ? (100U + (uint32_t)(seed % 900U))
                                       : 60000U);
    for (unsigned who = 0U; who < PHONES; who++) {
        rig_pair(&rig, who, roles[who]);
        act_connect(who);
    }
    take_control();
}

/* How often each act is drawn, of 1000. */
static const uint16_t often[WALK_ACTS] = {
    [WALK_NOTHING] = 16U, [WALK_GREET] = 80U,    [WALK_PROPOSE] = 130U,
    [WALK_COMMIT] = 130U, [WALK_DOSE] = 290U,    [WALK_STOP] = 15U,
    [WALK_LEASE] = 70U,   [WALK_GLUCOSE] = 90U,  [WALK_SUSPEND] = 8U,
    [WALK_RESUME] = 22U,  [WALK_PRESS] = 50U,    [WALK_CONNECT] = 15U,
    [WALK_RESET] = 6U,    [WALK_CUT] = 8U,       [WALK_BLOCK] = 3U,
    [WALK_FRAME] = 23U,   [WALK_CLOCK] = 4U,     [WALK_REVOKE] = 8U,
    [WALK_PAIR] = 14U,    [WALK_EXTENDED] = 12U, [WALK_SCHEDULE] = 6U,
};

static uint16_t draw_wait(uint64_t *dice)
{
    switch (rig_random(dice) % 8U) {
    case 0U:
    case 1U:
    case 2U:
        return (uint16_t)(rig_random(dice) % 6U);
    case 3U:
    case 4U:
        return (uint16_t)(rig_random(dice) % 60U);
    case 5U:
    case 6U:
        return (uint16_t)(rig_random(dice) % 240U);
    default:
        return (uint16_t)(rig_random(dice) % 900U);
    }
}

void walk_draw(uint64_t seed, struct walk_step *steps, size_t count)
{
    uint64_t dice = seed;

    for (size_t i = 0U; i < count; i++) {
        uint32_t place = rig_random(&dice) % 1000U;
        unsigned act = 0U;

        while (place >= often[act]) {
            place -= often[act];
            act++;
        }

        const uint32_t who = rig_random(&dice) % 16U;

        steps[i] = (struct walk_step){
            .act = (uint8_t)act,
            .who = (uint8_t)((who < 12U) ? 0U : ((who < 15U) ? 1U : 2U)),
            .wait_s = draw_wait(&dice),
            .a = rig_random(&dice),
            .b = rig_random(&dice)};
        if (act == (unsigned)WALK_BLOCK) {
            steps[i].a = 0U;
        }
    }
}

static size_t walked; /* steps that held */

/* Outside the frame of setjmp(), so that nothing of it is lost. */
static void walk_all(uint64_t seed, const struct walk_step *steps, size_t count)
{
    set_up(seed);
    /* The bench remembers so many moves and no more. */
    while ((walked < count) && (rig.moved < (RIG_MOVES - 600U))) {
        do_step(&steps[walked]);
        walked++;
    }
}

struct walk_result walk_run(uint64_t seed,
                            const struct walk_step *steps,
                            size_t count,
                            struct walk_tally *into)
{
    struct walk_result result = {.failed_at = SIZE_MAX};

    tally = into;
    walked = 0U;
    if (setjmp(escape) == 0) {
        walk_all(seed, steps, count);
        tally->seconds += bench_now_s() - RIG_START;
        tally->pulses += rig.moved + rig.chamber_moved;
        tally->steps += walked;
        return result;
    }
    result.failed_at = walked;
    memcpy(result.why, why, sizeof why);
    return result;
}

void walk_print_person(uint64_t seed)
{
    const struct dg_therapy therapy = person_of(seed);

    printf("person: age class %d, package %d, %d mU a day, ISF %d, floor %d, "
           "glucagon %d/%d/%d ug\n  basal, mU/h:",
           therapy.age_class,
           therapy.package,
           (int)therapy.total_daily_dose.mU,
           (int)therapy.isf_mg_dL_per_U,
           (int)therapy.floor.mg_dL,
           (int)therapy.glucagon.dose.ug,
           (int)therapy.glucagon.day.ug,
           (int)therapy.glucagon.rescue.ug);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        printf(" %d", (int)therapy.basal[hour].mU_per_h);
    }
    printf("\n");
}

void walk_print_step(const struct walk_step *step)
{
    static const char *const names[WALK_ACTS] = {
        "nothing", "greet",    "propose", "commit", "dose",  "stop",
        "lease",   "glucose",  "suspend", "resume", "press", "connect",
        "reset",   "cut",      "block",   "frame",  "clock", "revoke",
        "pair",    "extended", "schedule"};

    printf("wait %5u s, phone %u: %-8s a=0x%08x b=0x%08x\n",
           step->wait_s,
           step->who,
           names[step->act],
           (unsigned)step->a,
           (unsigned)step->b);
}
