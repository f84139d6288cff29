/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/attacks/fuzz_case.h"
#include "eval/hex.h"

/* DG-A28, A34: behind the authentication, in each state that a conversation
 * can be in, messages that the grammar says are wrong, or at an edge of it.
 * The phone is the attacker's: what he sends is sealed as it should be. */

enum state {
    STATE_OPEN = 0, /* a session, and no more */
    STATE_LEASE,    /* in control */
    STATE_TICKET,   /* a dose was asked for and not approved */
    STATE_RUNNING,  /* a dose is delivered */
    STATES,
};

static const char *const state_names[STATES] = {
    "open session", "in control", "dose asked for", "dose running"};
static const char *const messages[] = {
    "status", "propose", "commit", "stop", "lease", "glucose"};

#define MESSAGES (sizeof messages / sizeof messages[0])
#define REST_S   600U

static bool propose(struct dg_scene *scene)
{
    const struct dg_said said = dg_scene_phone_do(scene,
                                                  "a",
                                                  json_pack("{s:s, s:i, s:s}",
                                                            "do",
                                                            "propose",
                                                            "mU",
                                                            DG_FUZZ_DOSE_MU,
                                                            "tier",
                                                            "confirmed"));

    return dg_scene_is(&said, "ticket");
}

/* Bring the conversation into a state; false where the product does not go
 * there now (too soon after the last dose, say). */
static bool enter(struct dg_scene *scene, unsigned state, int64_t *owed_mU)
{
    const struct dg_said opened = dg_scene_say(scene, "a", "connect");

    if (!dg_scene_is(&opened, "status")) {
        return false;
    }
    if (state == STATE_OPEN) {
        return true;
    }
    (void)dg_scene_say(scene, "a", "lease");
    if (state == STATE_LEASE) {
        return true;
    }
    if (!propose(scene)) {
        return false;
    }
    if (state == STATE_TICKET) {
        return true;
    }

    const struct dg_said said = dg_scene_phone_do(
        scene, "a", json_pack("{s:s, s:s}", "do", "commit", "sign", "valid"));

    if (dg_scene_is(&said, "accepted")) {
        *owed_mU += DG_FUZZ_DOSE_MU;
        return true;
    }
    return false;
}

static bool get_sample(struct dg_scene *scene,
                       unsigned message,
                       struct dg_fuzz_bytes *bytes)
{
    json_t *answer = dg_scene_ask(scene,
                                  json_pack("{s:s, s:s, s:s, s:s}",
                                            "op",
                                            "phone",
                                            "phone",
                                            "a",
                                            "do",
                                            "sample",
                                            "what",
                                            messages[message]));
    const char *hex = json_string_value(json_object_get(answer, "plain"));
    const json_int_t kept = json_integer_value(json_object_get(answer, "kept"));

    bytes->size = (hex == NULL) ? 0U : (strlen(hex) / 2U);

    const bool is_good = (bytes->size > 0U) &&
                         (bytes->size <= sizeof bytes->byte) && (kept >= 0) &&
                         ((size_t)kept <= bytes->size) &&
                         dg_hex_get(hex, (dg_buf){bytes->byte, bytes->size});

    bytes->kept = is_good ? (size_t)kept : 0U;
    json_decref(answer);
    return is_good;
}

/* Send one changed message; what the product made of it. */
static struct dg_said send(struct dg_scene *scene,
                           const struct dg_fuzz_bytes *bytes)
{
    char hex[2U * sizeof bytes->byte + 1U];

    dg_hex_put((dg_span){bytes->byte, bytes->size}, hex);
    return dg_scene_phone_do(
        scene, "a", json_pack("{s:s, s:s}", "do", "raw", "plain", hex));
}

/* Let time pass; NULL, or what was delivered that nobody may explain. */
static const char *rest(struct dg_scene *scene, struct dg_fuzz_case *one)
{
    const int64_t before = one->moved_mU;

    dg_scene_advance(scene, REST_S);

    const int64_t basal = (scene->basal_mU_per_h * (int64_t)REST_S) / 3600;
    const int64_t above = dg_scene_moved(scene) - before - basal;

    one->moved_mU = before + basal + above;
    if (dg_scene_is_over(scene)) {
        return NULL;
    }
    if (above > one->owed_mU + scene->pulse_mU) {
        return "insulin was delivered that no person approved";
    }
    if (above < -scene->pulse_mU) {
        return "basal insulin was missing";
    }
    one->owed_mU = 0;
    return NULL;
}

static const char *play_step(struct dg_scene *scene,
                             const struct dg_fuzz_step *step,
                             struct dg_fuzz_case *one)
{
    struct dg_fuzz_bytes bytes;

    if (!get_sample(scene, step->message, &bytes)) {
        return NULL;
    }
    dg_fuzz_change(
        step, bytes.byte, &bytes.size, sizeof bytes.byte / 2U, bytes.kept);
    dg_fuzz_note(
        one, step, state_names[step->state], messages[step->message], &bytes);

    const struct dg_said said = send(scene, &bytes);

    if (dg_scene_is(&said, "accepted")) {
        return "a changed message was taken for a person's approval";
    }
    /* The session is gone: the next message needs one. */
    if (dg_scene_is(&said, "silent") || dg_scene_is(&said, "no_session")) {
        one->silent++;
        /* Does it still live?  Else this would be a long wait. */
        (void)dg_scene_moved(scene);
        (void)dg_scene_say(scene, "a", "connect");
    }
    return NULL;
}

static const char *play(struct dg_scene *scene,
                        const struct dg_fuzz_step *steps,
                        size_t count,
                        struct dg_fuzz_case *one)
{
    unsigned state = STATES;
    bool is_there = false;
    const char *why = NULL;

    one->moved_mU = dg_scene_moved(scene);
    for (size_t i = 0U;
         (i < count) && (why == NULL) && !dg_scene_is_over(scene);
         i++) {
        if (steps[i].state != state) {
            why = rest(scene, one);
            state = steps[i].state;
            is_there = (why == NULL) && enter(scene, state, &one->owed_mU);
        }
        if (is_there) {
            why = play_step(scene, &steps[i], one);
        }
        one->played = i + 1U;
    }
    why = (why == NULL) ? rest(scene, one) : why;
    return (why == NULL) ? dg_fuzz_recover(scene, "a") : why;
}

static void set_up(struct dg_scene *scene)
{
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    dg_scene_reading(scene, 140);
}

void dg_attack_fuzz_session(struct dg_scene *scene)
{
    static const struct dg_fuzz_play how = {.set_up = set_up,
                                            .play = play,
                                            .states = state_names,
                                            .state_count = STATES,
                                            .messages = messages,
                                            .message_count = MESSAGES};

    dg_scene_try(scene,
                 "With the keys of a paired phone, go through the states of a "
                 "conversation. In each send messages of every kind whose "
                 "CBOR was changed: types, lengths, nesting, order, repeated "
                 "and missing items, integers at their edges. No dose may "
                 "come of it, basal goes on, and a proper dose is obeyed "
                 "afterwards.");
    set_up(scene);
    if (dg_scene_control(scene, "a", DG_FUZZ_DOSE_MU)) {
        dg_scene_advance(scene, REST_S);
        dg_fuzz_run(scene, &how);
    }
}
