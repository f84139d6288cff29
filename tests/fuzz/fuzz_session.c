/* SPDX-License-Identifier: Apache-2.0 */
/* Target: a whole device of both hormones, with basal, through real sessions.
 * The input is a sequence of (command, number): what paired phones ask, signed
 * or not, garbage inside and outside of sessions, replays, presses, time,
 * resets, and power that goes at any flash operation.  Oracle: a monitor that
 * knows what was asked and approved and what the mechanisms moved, and nothing
 * that the device says - no step without approval, no ticket twice or beyond
 * its amount, caps of every window, no answer to a replay; and scheduled basal
 * that is never late, unless somebody with the right to it withheld it. */
#include "tests/unit/rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define BASAL_MU_PER_H 1200
#define EMERGENCY_MU   3750 /* 7.5 % of the daily dose of the rig, 50 U */
#define DAY_S          86400U
#define TICKETS        64U
#define RESCUE_UG      1000
#define CHAMBER_UG     10 /* one step */

static struct rig rig;
static struct rig ready;
static bool is_made;

/* What the monitor knows. */
static struct {
    int64_t insulin_mU;  /* approved, above basal */
    int64_t glucagon_ug; /* approved, or rescue that a person or a low asked */
    unsigned cuts;       /* resets: each may cost the step that was due */
    bool is_withheld;
    bool was_pressed;
    unsigned tickets;
    struct dg_ticket_id ticket[TICKETS]; /* counted already */
    struct dg_effect asked;
    enum dg_tier tier;
    bool has_ticket;
} known;

/* What was broken is the first thing to know. */
#define check(holds)                                            \
    do {                                                        \
        if (!(holds)) {                                         \
            (void)fprintf(stderr,                               \
                          "broken after %u s, %u resets: %s\n", \
                          elapsed_s(),                          \
                          known.cuts,                           \
                          #holds);                              \
            abort();                                            \
        }                                                       \
    } while (0)

static uint32_t elapsed_s(void)
{
    return rig.clock_s - ready.clock_s;
}

/* Has this ticket been paid for?  Counts it. */
static bool is_counted(const struct dg_ticket_id *ticket)
{
    for (unsigned i = 0U; i < known.tickets; i++) {
        if (memcmp(&known.ticket[i], ticket, sizeof *ticket) == 0) {
            return true;
        }
    }
    check(known.tickets < TICKETS);
    known.ticket[known.tickets] = *ticket;
    known.tickets++;
    return false;
}

/* What the last ticket may move at most, once.  The amount is what was asked,
 * not what the device made of it. */
static void approve(void)
{
    const struct dg_effect *effect = &known.asked;

    if (is_counted(&rig.phone[0].ticket.as.ticket.id)) {
        return;
    }
    if (effect->kind == DG_EFFECT_GLUCAGON) {
        known.glucagon_ug += effect->glucagon.ug;
    } else if (effect->kind == DG_EFFECT_BASAL) {
        known.insulin_mU +=
            (((int64_t)effect->rate.mU_per_h * (int64_t)effect->duration.s) /
             3600) +
            DG_PULSE_MU;
        known.is_withheld =
            known.is_withheld || (effect->rate.mU_per_h < BASAL_MU_PER_H);
    } else {
        known.insulin_mU += effect->amount.mU;
    }
}

static void propose(enum dg_tier tier, const struct dg_effect *effect)
{
    const struct dg_answer *answer;

    if (known.tickets >= TICKETS) {
        return;
    }
    answer = rig_propose_effect(&rig, 0U, tier, effect);
    if ((answer == NULL) || (answer->kind != DG_ANSWER_TICKET)) {
        return;
    }
    /* Never more than was asked, and never something else. */
    check(answer->as.ticket.effect.kind == effect->kind);
    check(answer->as.ticket.effect.amount.mU <= effect->amount.mU);
    check(answer->as.ticket.effect.glucagon.ug <= effect->glucagon.ug);
    known.asked = *effect;
    known.tier = tier;
    known.has_ticket = true;
}

/* Approved as the device wants it, unsigned, or signed by a key that is not
 * the presence key of this phone. */
static void commit(uint8_t how)
{
    if (!known.has_ticket) {
        return;
    }

    const bool is_forged = (how % 4U) == 3U;
    const bool is_signed = (how % 4U) != 0U;

    /* An automatic one needs nobody; what is signed on it counts for nothing. */
    if ((is_signed && !is_forged) || (known.tier == DG_TIER_AUTOMATIC)) {
        approve();
    }
    if (is_forged) {
        const struct dg_approval approval = rig_approval(&rig, 0U);
        const struct dg_request request = rig_signed_commit(
            &rig, &ready.settings.private_key, &approval.ticket, &approval);

        (void)rig_ask(&rig, 0U, &request);
        return;
    }
    (void)rig_commit(&rig, 0U, is_signed);
}

/* Bytes of the input inside a true record; the device parses, a person never
 * meant it.  What it can do without a ticket is withhold. */
static void say(dg_span plain)
{
    uint8_t room[DG_DATAGRAM_MAX];
    struct dg_request request;
    dg_span datagram = {NULL, 0U};

    if ((plain.size == 0U) || (dg_controller_send(&rig.phone[0].controller,
                                                  &rig.crypto,
                                                  plain,
                                                  DG_BUF_OF(room),
                                                  &datagram) != DG_OK)) {
        return;
    }
    if ((dg_request_decode(plain, &request) == DG_OK) &&
        (request.kind == DG_REQUEST_SUSPEND)) {
        known.is_withheld = true;
    }
    (void)rig_deliver(&rig, datagram);
    /* Word for word once more: silence, and nothing moves. */
    check(rig_deliver(&rig, datagram).size == 0U);
}

static void press(enum dg_button button)
{
    known.was_pressed = known.was_pressed || (button == DG_BUTTON_CONFIRM);
    known.is_withheld = known.is_withheld || (button == DG_BUTTON_SUSPEND) ||
                        (button == DG_BUTTON_DETACH);
    if (button == DG_BUTTON_BOLUS) {
        known.insulin_mU += EMERGENCY_MU;
    }
    if (button == DG_BUTTON_RESCUE) {
        known.glucagon_ug += RESCUE_UG;
    }
    (void)dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);
}

static void reset(void)
{
    rig.flash.cut_in = 0U;
    rig.flash.is_dead = false;
    known.cuts++;
    check(rig_try_reboot(&rig) == DG_OK);
    rig_wait(&rig, 1U);
}

/* Power that went comes back within a step. */
static void let_pass(uint32_t seconds, uint32_t step)
{
    for (uint32_t passed = 0U; passed < seconds; passed += step) {
        rig_wait_in_steps(&rig, step, step);
        if (rig.flash.is_dead) {
            reset();
        }
    }
}

static void ask_journal(uint8_t much)
{
    struct dg_request request =
        dg_journal_ask((enum dg_journal_verb)(1U + (much % 4U)));

    request.as.journal.first = much;
    request.as.journal.end = (uint32_t)much + 3U;
    (void)rig_ask(&rig, 0U, &request);
}

static void act(uint8_t what, uint8_t much, dg_span rest)
{
    struct dg_effect effect = {.kind = DG_EFFECT_BOLUS,
                               .form = DG_FORM_NORMAL,
                               .amount = {1 + ((int32_t)much * 40)}};

    switch (what % 18U) {
    case 0U:
        let_pass(much, 5U);
        break;
    case 1U:
        let_pass((uint32_t)much * 16U, 60U);
        break;
    case 2U:
        effect.amount.mU = 1 + ((int32_t)much * 10);
        propose(DG_TIER_AUTOMATIC, &effect);
        break;
    case 3U:
        propose(DG_TIER_CONFIRMED, &effect);
        break;
    case 4U:
        effect.form = DG_FORM_EXTENDED;
        effect.duration.s = DG_EXTENDED_S_MIN + ((uint32_t)much * 60U);
        propose(DG_TIER_CONFIRMED, &effect);
        break;
    case 5U:
        effect = (struct dg_effect){.kind = DG_EFFECT_BASAL,
                                    .rate = {(int32_t)much * 20},
                                    .duration = {60U * (1U + (much % 64U))}};
        propose(DG_TIER_CONFIRMED, &effect);
        break;
    case 6U:
        effect = (struct dg_effect){.kind = DG_EFFECT_GLUCAGON,
                                    .glucagon = {1 + (int32_t)much}};
        propose((much % 2U == 0U) ? DG_TIER_AUTOMATIC : DG_TIER_CONFIRMED,
                &effect);
        break;
    case 7U:
        commit(much);
        break;
    case 8U: {
        const int32_t mg_dL = 39 + (((int32_t)much * 362) / 255);

        /* A severe low is the device's own to answer. */
        known.glucagon_ug += (mg_dL < 60) ? RESCUE_UG : 0;
        (void)rig_glucose(&rig, 0U, mg_dL);
        break;
    }
    case 9U:
        (void)rig_greet(&rig, 0U);
        (void)rig_lease(
            &rig, 0U, (much % 8U == 0U) ? DG_LEASE_RELEASE : DG_LEASE_TAKE);
        break;
    case 10U:
        (void)rig_stop(&rig, 0U);
        break;
    case 11U:
        known.is_withheld = true;
        (void)((much % 2U == 0U)
                   ? rig_suspend(&rig, 0U, 1U + ((uint32_t)much * 30U))
                   : rig_resume(&rig, 0U));
        break;
    case 12U:
        press((enum dg_button)(much % 12U));
        break;
    case 13U: /* from outside of any session */
        (void)rig_deliver(&rig, rest);
        break;
    case 14U:
        say(rest);
        break;
    case 15U:
        if (much < 64U) {
            reset();
        }
        break;
    case 16U:
        rig.flash.cut_in = 1U + (much % 16U);
        rig.flash.cut = (enum rig_cut)(much % RIG_CUTS);
        break;
    default:
        if (much < 128U) {
            (void)rig_connect(&rig, 0U);
        } else {
            ask_journal(much);
        }
        break;
    }
    if (rig.flash.is_dead) {
        reset();
    }
}

/* After every act. */
static void monitor(void)
{
    const int64_t moved_mU = (int64_t)(rig.moved - ready.moved) * DG_PULSE_MU;
    const int64_t moved_ug =
        (int64_t)(rig.chamber_moved - ready.chamber_moved) * CHAMBER_UG;
    const int64_t basal_mU = ((int64_t)elapsed_s() * BASAL_MU_PER_H) / 3600;

    check(moved_mU <= (known.insulin_mU + basal_mU + (2 * DG_PULSE_MU)));
    check(moved_ug <= known.glucagon_ug);
    /* Whatever else happened: what is due by the schedule went out. */
    if (!known.is_withheld) {
        check(moved_mU >=
              (basal_mU - ((int64_t)DG_PULSE_MU * (2 + (int64_t)known.cuts))));
    }
}

/* At the end: the worst of each trailing window. */
static void check_windows(void)
{
    /* 50 U a day: 15, 20, 30, 80 % by confirmation, 25, 30, 40, 100 % in all;
     * scheduled basal comes on top. */
    static const uint32_t lengths_s[] = {300U, 3600U, 14400U, 86400U};
    static const int32_t confirmed_mU[] = {7500, 10000, 15000, 40000};
    static const int32_t total_mU[] = {12500, 15000, 20000, 50000};

    for (unsigned i = 0U; i < 4U; i++) {
        const int32_t cap =
            (known.was_pressed ? total_mU[i] : confirmed_mU[i]) +
            (int32_t)(((int64_t)lengths_s[i] * BASAL_MU_PER_H) / 3600) +
            (2 * DG_PULSE_MU);

        check(rig_worst_window_mU(&rig, lengths_s[i]) <= cap);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!is_made) {
        struct dg_therapy therapy = rig_therapy(BASAL_MU_PER_H);

        therapy.glucagon = (struct dg_glucagon_therapy){
            {150}, {1000}, {RESCUE_UG}, {54}, {80}};
        rig_init(&rig, &therapy);
        rig_ready(&rig, 250);
        ready = rig;
        is_made = true;
    }
    rig = ready;
    memset(&known, 0, sizeof known);
    for (size_t i = 0U;
         ((i + 1U) < size) && (i < 240U) && (elapsed_s() < DAY_S);
         i += 2U) {
        const size_t left = size - i;

        act(data[i],
            data[i + 1U],
            (dg_span){&data[i], (left < 300U) ? left : 300U});
        monitor();
    }
    check_windows();
    return 0;
}
