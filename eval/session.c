/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/record.h"

#define ALIVE_MS 5000

static void note_trouble(struct dg_scene *scene, const char *what)
{
    if (scene->trouble[0] == '\0') {
        (void)snprintf(scene->trouble, sizeof scene->trouble, "%s", what);
    }
}

/* A verdict belongs to one product: who answers now must be who answered
 * @p when. */
static void check_identity(struct dg_scene *scene,
                           const json_t *then,
                           const json_t *now,
                           const char *when)
{
    const char *key = dg_contract_differs("hello", then, now);

    if (key != NULL) {
        char text[DG_CONTRACT_WHY_MAX];
        const char *old = json_string_value(json_object_get(then, key));
        const char *new = json_string_value(json_object_get(now, key));

        (void)snprintf(text,
                       sizeof text,
                       "the adapter says another \"%s\" than %s: \"%.64s\", "
                       "then \"%.64s\"",
                       key,
                       when,
                       (old == NULL) ? "..." : old,
                       (new == NULL) ? "..." : new);
        note_trouble(scene, text);
    }
}

/* Gives who the product says it is; NULL on trouble. */
static json_t *start_adapter(struct dg_scene *scene,
                             const struct dg_session_order *order)
{
    char log[560];
    json_t *hello = NULL;

    (void)snprintf(log, sizeof log, "%s/adapter.log", order->dir);
    if (dg_contract_open(&scene->contract,
                         order->adapter,
                         NULL,
                         order->dir,
                         log,
                         order->patience_ms)) {
        hello = dg_contract_hello(&scene->contract);
    }
    if (hello == NULL) {
        note_trouble(scene, scene->contract.why);
    } else if (order->hello != NULL) {
        check_identity(scene, order->hello, hello, "when the run began");
    }
    if (scene->trouble[0] != '\0') {
        json_decref(hello);
        return NULL;
    }
    return hello;
}

static void add_monitor(struct dg_scene *scene,
                        const char *name,
                        enum dg_run_verdict verdict,
                        const char *text)
{
    dg_record_monitor(scene->run, scene->test, name, verdict, text);
}

/* What was measured stays true when the bench breaks afterwards. */
static void condemn(struct dg_scene *scene, const char *text)
{
    dg_record_line(scene->run, &scene->test->seen, text);
    if (!scene->has_failed) {
        dg_record_reason(scene->run, scene->test, text);
    }
    scene->has_failed = true;
}

/* What the relay could not keep, nobody has looked at. */
static void watch_link(struct dg_scene *scene)
{
    char text[160];

    (void)snprintf(text,
                   sizeof text,
                   "%zu frames heard, %zu not kept",
                   scene->relay.heard,
                   scene->relay.overheard);
    add_monitor(scene,
                "link",
                (scene->relay.overheard == 0U) ? DG_RUN_PASS
                                               : DG_RUN_INCONCLUSIVE,
                text);
}

/* A product that dies under attack has failed; a bench that breaks has not
 * shown anything.  Only the adapter can tell the two apart. */
static void watch_process(struct dg_scene *scene)
{
    if (scene->trouble[0] == '\0') {
        add_monitor(scene,
                    "process",
                    DG_RUN_PASS,
                    "the product answered its bench to the end");
        return;
    }

    if (scene->contract.patience_ms > ALIVE_MS) {
        scene->contract.patience_ms = ALIVE_MS;
    }

    json_t *answer =
        dg_contract_ask(&scene->contract,
                        json_pack("{s:s, s:s}", "op", "alive", "unit", "x"),
                        NULL);
    /* What never came up was not attacked, and shows nothing. */
    const bool is_dead = (scene->deliveries > 0U) &&
                         json_is_false(json_object_get(answer, "alive"));

    json_decref(answer);
    if (is_dead) {
        condemn(scene, "The product's program ended under the test.");
    }
    add_monitor(
        scene, "process", is_dead ? DG_RUN_FAIL : DG_RUN_ERROR, scene->trouble);
}

/* In every test, whatever it is about: no window above the declared total, and
 * scheduled basal never missing. */
static void watch_therapy(struct dg_scene *scene)
{
    static const uint32_t length_s[4] = {300U, 3600U, 14400U, 86400U};
    const struct dg_scene_delivery *first = &scene->delivery[0];
    bool is_kept = true;
    char text[160];

    if (scene->deliveries < 2U) {
        add_monitor(scene,
                    "therapy",
                    DG_RUN_INCONCLUSIVE,
                    "the mechanism was not looked at");
        return;
    }
    for (unsigned i = 0U; i < 4U; i++) {
        if (dg_scene_worst_window(scene, length_s[i]) >
            scene->total.window_mU[i] + scene->pulse_mU) {
            is_kept = false;
            (void)snprintf(text,
                           sizeof text,
                           "More above basal in %u s than the declared total.",
                           (unsigned)length_s[i]);
            condemn(scene, text);
        }
    }

    const struct dg_scene_delivery *last =
        &scene->delivery[scene->deliveries - 1U];
    const int64_t basal =
        ((scene->basal_mU_per_h * (int64_t)(last->at_s - first->at_s)) / 3600) -
        scene->withheld_mU;

    if ((last->total_mU - first->total_mU) < basal - (2 * scene->pulse_mU)) {
        is_kept = false;
        dg_scene_fail(scene,
                      "Less was delivered in the whole test than scheduled "
                      "basal: %lld of %lld mU.",
                      (long long)(last->total_mU - first->total_mU),
                      (long long)basal);
    }
    (void)snprintf(text,
                   sizeof text,
                   "%zu looks at the mechanism over %u s of its time: caps "
                   "and basal %s",
                   scene->deliveries,
                   (unsigned)scene->now_s,
                   is_kept ? "kept" : "NOT kept");
    add_monitor(scene, "therapy", is_kept ? DG_RUN_PASS : DG_RUN_FAIL, text);
}

/* Only a test that is about energy judges it; no budget is declared. */
static void watch_energy(struct dg_scene *scene)
{
    char text[160];
    const int64_t used_nAh = dg_scene_used_nAh(scene);

    if (scene->trouble[0] != '\0') {
        return;
    }
    (void)snprintf(text,
                   sizeof text,
                   "%lld uAh used in the whole test%s",
                   (long long)(used_nAh / 1000),
                   (scene->energy == DG_RUN_UNDECIDED)
                       ? "; recorded, not judged here"
                       : "");
    add_monitor(scene,
                "energy",
                (scene->energy == DG_RUN_UNDECIDED) ? DG_RUN_NOT_APPLICABLE
                                                    : scene->energy,
                text);
}

static enum dg_run_verdict verdict_of(const struct dg_scene *scene)
{
    /* A failure that was seen stays one, whatever the bench did later. */
    if (scene->has_failed) {
        return DG_RUN_FAIL;
    }
    if (scene->trouble[0] != '\0') {
        return DG_RUN_ERROR;
    }
    return scene->is_inconclusive ? DG_RUN_INCONCLUSIVE : DG_RUN_PASS;
}

static enum dg_run_verdict conclude(struct dg_scene *scene)
{
    struct dg_run_test *test = scene->test;
    const enum dg_run_verdict verdict = verdict_of(scene);

    if (verdict == DG_RUN_ERROR) {
        dg_record_reason(scene->run, test, scene->trouble);
    }
    if (verdict == DG_RUN_PASS) {
        dg_record_reason(
            scene->run, test, "Everything the criterion asks for was seen.");
    }
    if (verdict == DG_RUN_FAIL) {
        dg_record_path(scene->run, test, scene->entry);
    }
    return verdict;
}

/* Who it was in the beginning, it must be at the end. */
static void ask_again(struct dg_scene *scene, const json_t *hello)
{
    json_t *now = dg_scene_ask(scene, json_pack("{s:s}", "op", "hello"));

    if (now != NULL) {
        check_identity(scene, hello, now, "when this test began");
    }
    json_decref(now);
}

/* What it leaves behind would disturb every later test. */
static void end_adapter(struct dg_scene *scene)
{
    char text[DG_CONTRACT_WHY_MAX];
    const enum dg_keeper_end end = dg_contract_close(&scene->contract);

    if ((end != DG_KEEPER_WELL) && (scene->trouble[0] == '\0')) {
        (void)snprintf(
            text, sizeof text, "the adapter %s", dg_keeper_end_text(end));
        note_trouble(scene, text);
        add_monitor(scene, "process", DG_RUN_ERROR, text);
    }
}

void dg_session_run(const struct dg_session_order *order)
{
    const long long began_ms = dg_clock_ms();
    struct dg_scene *scene = calloc(1U, sizeof *scene);

    if (scene == NULL) {
        dg_record_reason(order->run, order->test, "out of memory");
        dg_session_give(order, DG_RUN_ERROR);
        return;
    }
    scene->run = order->run;
    scene->test = order->test;
    scene->entry = order->entry;
    scene->profile = order->profile;
    scene->seed = order->seed;
    scene->sequence = order->sequence;
    scene->declared = order->start;
    scene->program = order->adapter;
    (void)snprintf(scene->dir, sizeof scene->dir, "%s", order->dir);
    dg_record_replay(order->run, order->test, order->replay);

    json_t *hello = start_adapter(scene, order);

    if (hello != NULL) {
        order->attack->run(scene);
        watch_energy(scene);
        watch_link(scene);
        watch_therapy(scene);
        ask_again(scene, hello);
    }
    watch_process(scene);
    end_adapter(scene);

    const enum dg_run_verdict verdict = conclude(scene);

    json_decref(hello);
    if (scene->has_relay) {
        dg_relay_close(&scene->relay);
    }
    free(scene);
    /* The verdict comes last: a run that is saved in between, and gone on with
     * after a kill, holds a test that has ended whole or has it run again. */
    dg_record_hold();
    order->test->elapsed_ms = (uint64_t)(dg_clock_ms() - began_ms);
    dg_session_give(order, verdict);
    dg_record_let_go();
}
