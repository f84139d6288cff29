/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/record.h"

#define END_MS 8000

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

/* The four monitors, from what they kept. */
static void add_monitors(struct dg_scene *scene)
{
    struct dg_run *run = scene->run;
    char text[160];

    (void)snprintf(text,
                   sizeof text,
                   "%zu frames heard, %zu not kept",
                   scene->relay.heard,
                   scene->relay.overheard);
    dg_record_monitor(run, scene->test, "link", DG_RUN_PASS, text);
    dg_record_monitor(run,
                      scene->test,
                      "process",
                      (scene->trouble[0] == '\0') ? DG_RUN_PASS : DG_RUN_ERROR,
                      (scene->trouble[0] == '\0')
                          ? "the product answered its bench to the end"
                          : scene->trouble);
    (void)snprintf(text,
                   sizeof text,
                   "%zu looks at the mechanism over %u s of its time",
                   scene->deliveries,
                   (unsigned)scene->now_s);
    dg_record_monitor(run,
                      scene->test,
                      "therapy",
                      scene->has_failed ? DG_RUN_FAIL : DG_RUN_PASS,
                      text);
}

static void add_energy(struct dg_scene *scene)
{
    const int64_t used_nAh = dg_scene_used_nAh(scene);
    char text[160];

    if (scene->trouble[0] != '\0') {
        return;
    }
    (void)snprintf(text,
                   sizeof text,
                   "%lld uAh of charge used in the whole test",
                   (long long)(used_nAh / 1000));
    dg_record_monitor(scene->run, scene->test, "energy", DG_RUN_PASS, text);
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

static void conclude(struct dg_scene *scene)
{
    struct dg_run_test *test = scene->test;

    test->verdict = verdict_of(scene);
    if (test->verdict == DG_RUN_ERROR) {
        dg_record_reason(scene->run, test, scene->trouble);
    }
    if (test->verdict == DG_RUN_PASS) {
        dg_record_reason(
            scene->run, test, "Everything the criterion asks for was seen.");
    }
    if (test->verdict == DG_RUN_FAIL) {
        dg_record_path(scene->run, test, scene->entry);
    }
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
    scene->seed = order->seed;
    scene->adapter.in = -1;
    scene->adapter.out = -1;
    order->test->replay_command = dg_record_text(order->run, order->replay);
    if (start_adapter(scene, order)) {
        order->attack->run(scene);
        add_energy(scene);
    }
    add_monitors(scene);
    conclude(scene);
    dg_jsonl_close(&scene->adapter);
    if (scene->child.pid > 0) {
        if (!dg_child_wait(&scene->child, END_MS)) {
            dg_child_kill(&scene->child);
        }
    }
    if (scene->has_relay) {
        dg_relay_close(&scene->relay);
    }
    order->test->elapsed_ms = (uint64_t)(dg_clock_ms() - began_ms);
    free(scene);
}
