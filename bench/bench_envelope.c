/* SPDX-License-Identifier: Apache-2.0 */
/* How long the envelope takes to decide: alone, and with the view gathered
 * from a ledger that a full day of doses has filled. */
#include <stdio.h>
#include <string.h>

#include "bench/measure.h"
#include "dosegate/envelope.h"
#include "dosegate/ledger.h"

#define ROUNDS        20000U
#define LEDGER_ROUNDS 2000U
#define SECTOR_SIZE   4096U
#define SECTORS       DG_FLASH_SECTORS_MIN
#define DAY_S         86400U

/* Flash in memory, with the rule of NOR: programming only clears bits. */
static uint8_t flash_bytes[SECTORS * SECTOR_SIZE];

static enum dg_status flash_read(void *context, uint32_t offset, dg_buf out)
{
    (void)context;
    memcpy(out.at, &flash_bytes[offset], out.capacity);
    return DG_OK;
}

static enum dg_status flash_program(void *context,
                                    uint32_t offset,
                                    dg_span bytes)
{
    (void)context;
    for (size_t i = 0U; i < bytes.size; i++) {
        flash_bytes[offset + i] &= bytes.at[i];
    }
    return DG_OK;
}

static enum dg_status flash_erase(void *context, uint32_t sector)
{
    (void)context;
    memset(&flash_bytes[sector * SECTOR_SIZE], 0xFF, SECTOR_SIZE);
    return DG_OK;
}

struct scene {
    struct dg_limits limits;
    struct dg_envelope_view view;
    struct dg_flash flash;
    struct dg_ledger ledger;
    dg_seconds now;
    uint32_t turn;
    uint32_t allowed; /* read at the end, so that no decision is left out */
};

static void make_limits(struct dg_limits *limits)
{
    struct dg_therapy therapy = {.age_class = DG_AGE_ADULT,
                                 .package = DG_PACKAGE_MEDIUM,
                                 .total_daily_dose = {50000},
                                 .isf_mg_dL_per_U = 36,
                                 .floor = {80}};

    dg_limits_widest(&therapy);
    for (unsigned hour = 0U; hour < 24U; hour++) {
        therapy.basal[hour].mU_per_h = 1200;
    }
    dg_bench_expect(dg_limits_derive(&therapy, limits), "limits");
}

/* One micro-bolus in each five minutes of a day. */
static void fill_ledger(struct scene *scene)
{
    struct dg_ticket_id ticket = {{0}};

    dg_bench_expect(dg_ledger_format(&scene->flash, DG_HORMONE_INSULIN, 0U),
                    "format");
    dg_bench_expect(dg_ledger_open(&scene->ledger,
                                   &scene->flash,
                                   DG_HORMONE_INSULIN,
                                   (dg_seconds){0U},
                                   0U),
                    "open");
    for (uint32_t s = 300U; s <= DAY_S; s += 300U) {
        scene->now.s = s;
        memcpy(ticket.byte, &s, sizeof s);
        dg_bench_expect(
            dg_ledger_announce_bolus(
                &scene->ledger, scene->now, &ticket, DG_TIER_AUTOMATIC, 1U),
            "announce");
        dg_ledger_bolus_pulse(&scene->ledger, scene->now);
        dg_bench_expect(
            dg_ledger_close(&scene->ledger, scene->now, DG_OUTCOME_DELIVERED),
            "close");
    }
    scene->now.s += 240U;
}

/* As core/evidence.c gathers it. */
static void gather(struct scene *scene)
{
    struct dg_envelope_view *view = &scene->view;

    memset(view, 0, sizeof *view);
    view->now = scene->now;
    for (unsigned tier = 1U; tier < DG_TIERS; tier++) {
        for (unsigned window = 0U; window < DG_WINDOWS; window++) {
            view->used_mU[tier][window] =
                dg_ledger_window(&scene->ledger,
                                 scene->now,
                                 (enum dg_tier)tier,
                                 (enum dg_window)window)
                    .mU;
        }
    }
    view->iob_mU = dg_ledger_iob(&scene->ledger, scene->now).mU;
    view->has_bolus = scene->ledger.has_bolus;
    view->last_bolus = scene->ledger.last_bolus;
    view->has_glucose = true;
    view->glucose.mg_dL = 220;
    view->glucose_at = scene->now;
}

static void decide(void *context)
{
    struct scene *scene = context;
    struct dg_decision decision;
    const enum dg_tier tier =
        (enum dg_tier)(1U + (scene->turn++ % (DG_TIERS - 1U)));

    dg_bench_expect(dg_envelope_decide(&scene->limits,
                                       &scene->view,
                                       (dg_dose){DG_PULSE_MU},
                                       tier,
                                       &decision),
                    "decide");
    scene->allowed += (decision.verdict == DG_VERDICT_ALLOW) ? 1U : 0U;
}

static void gather_and_decide(void *context)
{
    gather(context);
    decide(context);
}

int main(void)
{
    static struct scene scene;
    const dg_bench_work works[] = {decide, gather_and_decide};
    double ns = 0.0;

    scene.flash = (struct dg_flash){.sector_size = SECTOR_SIZE,
                                    .sector_count = SECTORS,
                                    .read = flash_read,
                                    .program = flash_program,
                                    .erase = flash_erase};
    memset(flash_bytes, 0xFF, sizeof flash_bytes);
    make_limits(&scene.limits);
    fill_ledger(&scene);
    gather(&scene);

    (void)printf("envelope (ledger of 288 doses in 24 h)\n");
    dg_bench_compare(&works[0], &scene, 1U, ROUNDS, &ns);
    dg_bench_tell("decision alone", ns, "ns", "(aim: at most 200)");
    dg_bench_compare(&works[1], &scene, 1U, LEDGER_ROUNDS, &ns);
    dg_bench_tell("decision with all windows and IOB", ns, "ns", "");
    if (scene.allowed == 0U) {
        (void)fprintf(stderr, "bench: nothing was ever allowed\n");
        return 1;
    }
    return 0;
}
