/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/record.h"

#define END_MS   8000
#define ALIVE_MS 5000

static bool start_adapter(struct dg_scene *scene,
                          const struct dg_session_order *order)
{
    char path[512];
    char dir[512];
    char log[560];
    char name[] = "adapter";
    char o_dir[] = "--dir";
    char *const arguments[] = {name, o_dir, dir, NULL};

    (void)snprintf(path, sizeof path, "%s", order->adapter);
    (void)snprintf(dir, sizeof dir, "%s", order->dir);
    (void)snprintf(log, sizeof log, "%s/adapter.log", order->dir);
    if (!dg_child_start(&scene->child, path, arguments, log, &scene->adapter)) {
        (void)snprintf(scene->trouble,
                       sizeof scene->trouble,
                       "the adapter could not be started");
        return false;
    }
    json_decref(dg_scene_ask(scene, json_pack("{s:s}", "op", "hello")));
    return scene->trouble[0] == '\0';
}

static void add_monitor(struct dg_scene *scene,
                        const char *name,
                        enum dg_run_verdict verdict,
                        const char *text)
{
    dg_record_monitor(scene->run, scene->test, name, verdict, text);
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

    json_t *answer =
        dg_jsonl_call(&scene->adapter,
                      json_pack("{s:s, s:s}", "op", "alive", "unit", "x"),
                      ALIVE_MS,
                      NULL);
    const bool is_dead = json_is_false(json_object_get(answer, "alive"));

    json_decref(answer);
    if (is_dead) {
        dg_scene_fail(scene, "The product's program ended under the test.");
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
            dg_scene_fail(scene,
                          "More above basal in %u s than the declared total.",
                          (unsigned)length_s[i]);
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

void dg_session_run(const struct dg_session_order *order)
{
    const long long began_ms = dg_clock_ms();
    struct dg_scene *scene = calloc(1U, sizeof *scene);

    if (scene == NULL) {
        order->test->verdict = DG_RUN_ERROR;
        order->test->reason = "out of memory";
        return;
    }
    scene->run = order->run;
    scene->test = order->test;
    scene->entry = order->entry;
    scene->profile = order->profile;
    scene->seed = order->seed;
    scene->adapter.in = -1;
    scene->adapter.out = -1;
    order->test->replay_command = dg_record_text(order->run, order->replay);
    if (start_adapter(scene, order)) {
        order->attack->run(scene);
        watch_energy(scene);
        watch_link(scene);
        watch_therapy(scene);
    }
    watch_process(scene);

    const enum dg_run_verdict verdict = conclude(scene);

    dg_jsonl_close(&scene->adapter);
    if (scene->child.pid > 0) {
        if (!dg_child_wait(&scene->child, END_MS)) {
            dg_child_kill(&scene->child);
        }
    }
    if (scene->has_relay) {
        dg_relay_close(&scene->relay);
    }
    free(scene);
    /* The verdict comes last: a run that is saved in between, and gone on with
     * after a kill, holds a test that has ended whole or has it run again. */
    dg_record_hold();
    order->test->elapsed_ms = (uint64_t)(dg_clock_ms() - began_ms);
    order->test->verdict = verdict;
    dg_record_let_go();
}
