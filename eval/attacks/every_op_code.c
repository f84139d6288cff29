/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdlib.h>
#include <string.h>

#include "eval/hex.h"
#include "eval/scene_probe.h"

/* DG-A03, A05, A13, A15, A25, A32: every op code, from one who has no key and
 * from one who may only look. */
#define WATCH_S    1200U
#define SECRETS    16U
#define SECRET_MAX 64U

struct sweep {
    struct dg_scene *scene;
    uint8_t secret[SECRETS][SECRET_MAX];
    size_t size[SECRETS];
    size_t secrets;
    unsigned sent;
    unsigned answered;
    char *settings; /* before; with malloc() */
};

static void learn_secrets(struct sweep *sweep)
{
    json_t *answer = dg_scene_ask(
        sweep->scene, json_pack("{s:s, s:s}", "op", "secrets", "unit", "x"));
    const json_t *list = json_object_get(answer, "secrets");

    for (size_t i = 0U; (i < json_array_size(list)) && (i < SECRETS); i++) {
        const char *hex = json_string_value(json_array_get(list, i));
        const size_t size = (hex == NULL) ? 0U : (strlen(hex) / 2U);

        if ((size >= 8U) && (size <= SECRET_MAX) &&
            dg_hex_get(hex, (dg_buf){sweep->secret[sweep->secrets], size})) {
            sweep->size[sweep->secrets++] = size;
        }
    }
    json_decref(answer);
}

/* K0: no secret, and no half of one, in these bytes. */
static void search(struct sweep *sweep, dg_span bytes, const char *where)
{
    for (size_t i = 0U; i < sweep->secrets; i++) {
        const size_t half = sweep->size[i] / 2U;

        if ((memmem(bytes.at, bytes.size, sweep->secret[i], half) == NULL) &&
            (memmem(bytes.at, bytes.size, &sweep->secret[i][half], half) ==
             NULL)) {
            continue;
        }
        dg_scene_packet(
            sweep->scene, DG_RUN_FROM_PRODUCT, "bytes with a secret", bytes);
        dg_scene_fail(
            sweep->scene, "A secret of the product can be read %s.", where);
        return;
    }
}

static void search_hex(struct sweep *sweep, const char *hex, const char *where)
{
    uint8_t byte[DG_RELAY_FRAME_MAX];
    const size_t size = strlen(hex) / 2U;

    if ((size > 0U) && (size <= sizeof byte) &&
        dg_hex_get(hex, (dg_buf){byte, size})) {
        search(sweep, (dg_span){byte, size}, where);
    }
}

static bool begins_a_dose(const char *result)
{
    return (strcmp(result, "accepted") == 0) || (strcmp(result, "ticket") == 0);
}

/* What one phone hears to one op code. */
static void send_one(struct sweep *sweep,
                     const char *phone,
                     int code,
                     const char *where)
{
    struct dg_scene *scene = sweep->scene;
    json_t *list = dg_scene_probe(scene, phone, code, "plain");
    bool is_deaf = json_array_size(list) == 0U;

    sweep->sent++;
    for (size_t i = 0U; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const char *result = json_string_value(json_object_get(one, "result"));
        const char *hex = json_string_value(json_object_get(one, "answer"));

        if ((result == NULL) || (hex == NULL)) {
            continue;
        }
        is_deaf = is_deaf || (strcmp(result, "silent") == 0) ||
                  (strcmp(result, "no_session") == 0);
        sweep->answered += (hex[0] != '\0') ? 1U : 0U;
        search_hex(sweep, hex, where);
        if (begins_a_dose(result)) {
            dg_scene_fail(scene,
                          "Op code %d of one who may not dose got \"%s\".",
                          code,
                          result);
        }
    }
    json_decref(list);
    /* The stranger never had one. */
    if (is_deaf && (phone[0] == 'b')) {
        dg_scene_reopen(scene, phone);
    }
}

/* Downwards as well: what one op code does the next may undo. */
static void send_all(struct sweep *sweep,
                     const char *phone,
                     bool is_down,
                     const char *where)
{
    for (int i = 0; (i < DG_SCENE_CODES) && !dg_scene_is_over(sweep->scene);
         i++) {
        send_one(sweep, phone, is_down ? (DG_SCENE_CODES - 1 - i) : i, where);
    }
}

static void sweep_as(struct sweep *sweep, const char *phone, const char *who)
{
    struct dg_scene *scene = sweep->scene;

    sweep->answered = 0U;
    for (unsigned turn = 0U; (turn < 2U) && !dg_scene_is_over(scene); turn++) {
        const int64_t before = dg_scene_moved(scene);
        const uint32_t began_s = scene->now_s;

        send_all(sweep, phone, turn == 1U, who);
        dg_scene_wait(scene, 20);
        dg_scene_advance(scene, WATCH_S);
        dg_scene_expect(scene, before, scene->now_s - began_s, 0, who);
        dg_scene_expect_settings(scene, sweep->settings, who);
    }
    dg_scene_see(scene,
                 "%d op codes upwards and downwards %s: %u answers heard.",
                 DG_SCENE_CODES,
                 who,
                 sweep->answered);
}

void dg_attack_every_op_code(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    struct sweep sweep = {.scene = scene};

    dg_scene_try(scene,
                 "Send every op code with valid syntax: as a stranger, in "
                 "clear and under a key of zeros, and as a paired phone that "
                 "may only look. Watch the mechanism and what is set, and "
                 "look for secrets in everything that is answered.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    (void)dg_scene_phone(scene, "b", "bare");
    (void)dg_scene_phone(scene, "s", "stranger");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_pair(scene, "b", "observer");
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }

    const struct dg_said looked = dg_scene_say(scene, "b", "connect");

    json_decref(dg_scene_ask(
        scene,
        json_pack("{s:s, s:s, s:s}", "op", "pose", "phone", "s", "as", "a")));
    learn_secrets(&sweep);
    sweep.settings = dg_scene_settings(scene);
    if (!dg_scene_is(&looked, "status") || (sweep.secrets == 0U) ||
        (sweep.settings == NULL)) {
        dg_scene_inconclusive(
            scene,
            "The one who may look could not, or the bench names no secrets "
            "and settings to watch.");
    }
    if (!dg_scene_is_over(scene)) {
        sweep_as(&sweep, "s", "from a stranger");
    }
    if (!dg_scene_is_over(scene) && !scene->has_failed) {
        sweep_as(&sweep, "b", "from a phone that may only look");
    }
    for (size_t i = 0U; i < scene->relay.heard; i++) {
        search(
            &sweep,
            (dg_span){scene->relay.frames[i].byte, scene->relay.frames[i].size},
            "on the air");
    }
    dg_scene_measure(scene, "op codes sent", (int64_t)sweep.sent, 0U, "");
    dg_scene_measure(
        scene, "secrets looked for", (int64_t)sweep.secrets, 0U, "");
    free(sweep.settings);
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_control(scene, "a", mU);
    }
}
