/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/hazards/hazards.h"

#include <string.h>

/* DG-H37: every command, in every role, in every state, without its proof.
 * Where one door of many has no lock, the others are for show. */

/* Who needs no proof for it: a row that names nobody lets nobody. */
#define OWNER     1U
#define CAREGIVER 2U
#define OBSERVER  4U

struct command {
    const char *what;
    const char *verb; /* "bolus": a dose of this kind */
    const char *kind;
    const char *tier;
    const char *sign;
    unsigned may;
};

static const struct command commands[] = {
    {"take control", "lease", NULL, NULL, NULL, OWNER | CAREGIVER},
    {"suspend", "suspend", NULL, NULL, NULL, OWNER | CAREGIVER},
    {"stop", "stop", NULL, NULL, NULL, OWNER | CAREGIVER},
    {"resume", "resume", NULL, NULL, NULL, OWNER | CAREGIVER},
    /* No reading was ever relayed: not even the owner's controller may. */
    {"automatic bolus", "bolus", "bolus", "automatic", "none", 0U},
    {"bolus", "bolus", "bolus", "confirmed", "none", 0U},
    {"bolus approved otherwise", "bolus", "bolus", "confirmed", "wrong", 0U},
    {"extended bolus", "bolus", "extended", "confirmed", "none", 0U},
    {"raised basal", "bolus", "temp_basal", "confirmed", "none", 0U},
    {"prime", "bolus", "prime", "confirmed", "none", 0U},
    {"refill", "bolus", "refill", "confirmed", "none", 0U},
    {"basal schedule", "bolus", "basal", "confirmed", "none", 0U},
};

#define COMMANDS (sizeof commands / sizeof commands[0])

static const struct {
    const char *phone;
    const char *role;
    unsigned bit;
} people[] = {
    {"o", "observer", OBSERVER},
    {"c", "caregiver", CAREGIVER},
    {"a", "owner", OWNER},
};

#define PEOPLE (sizeof people / sizeof people[0])

enum state { STATE_RUNNING = 0, STATE_DOSING, STATE_SUSPENDED };

static const char *const state_text[] = {
    "basal runs", "a bolus runs", "a person suspended it"};

#define STATES 3U

static struct dg_said send(struct dg_scene *scene,
                           const char *phone,
                           const struct command *command)
{
    json_t *order = json_pack("{s:s}", "do", command->verb);

    if (command->kind == NULL) {
        if (strcmp(command->verb, "suspend") == 0) {
            json_object_set_new(order, "s", json_integer(1800));
        }
        return dg_scene_phone_do(scene, phone, order);
    }
    json_object_set_new(order, "kind", json_string(command->kind));
    json_object_set_new(order, "tier", json_string(command->tier));
    json_object_set_new(order, "sign", json_string(command->sign));
    if (strcmp(command->kind, "temp_basal") == 0) {
        json_object_set_new(
            order, "mU_per_h", json_integer(scene->basal_mU_per_h * 2));
        json_object_set_new(order, "s", json_integer(1800));
    } else if (strcmp(command->kind, "basal") == 0) {
        json_object_set_new(
            order, "mU_per_h", json_integer((scene->basal_mU_per_h * 11) / 10));
        json_object_set_new(order, "hour", json_integer(0));
        json_object_set_new(order, "hours", json_integer(24));
    } else {
        json_object_set_new(order, "mU", json_integer(20 * scene->pulse_mU));
        if (strcmp(command->kind, "extended") == 0) {
            json_object_set_new(order, "s", json_integer(1800));
        }
    }
    return dg_scene_phone_do(scene, phone, order);
}

static bool is_obeyed(const struct dg_said *said, const struct command *command)
{
    return dg_scene_is(said, "accepted") ||
           ((command->kind == NULL) && dg_scene_is(said, "status"));
}

/* All commands that this role has no right to, one after the other. */
static unsigned send_all(struct dg_scene *scene, size_t who, unsigned state)
{
    unsigned sent = 0U;

    for (size_t i = 0U; (i < COMMANDS) && !dg_scene_is_over(scene); i++) {
        const struct command *command = &commands[i];

        if ((command->may & people[who].bit) != 0U) {
            continue;
        }

        const struct dg_said said = send(scene, people[who].phone, command);

        sent++;
        if (is_obeyed(&said, command)) {
            dg_scene_fail(scene,
                          "While %s, \"%s\" of the %s was obeyed without its "
                          "proof.",
                          state_text[state],
                          command->what,
                          people[who].role);
        }
    }
    return sent;
}

static unsigned in_state(struct dg_scene *scene,
                         size_t who,
                         unsigned state,
                         int64_t mU)
{
    const struct dg_said opened =
        dg_scene_say(scene, people[who].phone, "connect");

    if (!dg_scene_is_over(scene) && !dg_scene_is(&opened, "status")) {
        dg_scene_inconclusive(scene,
                              "The %s got no session: \"%s\" (%s).",
                              people[who].role,
                              opened.result,
                              opened.reason);
        return 0U;
    }

    const int64_t from = dg_scene_moved(scene);
    const uint32_t began_s = scene->now_s;
    int64_t due_mU = 0;

    if (state == STATE_DOSING) {
        const struct dg_said said =
            dg_scene_bare_bolus(scene, "a", mU, "confirmed", "valid");

        if (!dg_scene_is(&said, "accepted")) {
            dg_scene_inconclusive(scene,
                                  "The bolus that should run was not accepted: "
                                  "\"%s\" %s.",
                                  said.result,
                                  said.reason);
        }
        due_mU = mU;
    }
    if (state == STATE_SUSPENDED) {
        (void)dg_scene_press(scene, "suspend");
    }

    const unsigned sent = send_all(scene, who, state);

    dg_scene_advance(scene, 900U);
    if (state == STATE_SUSPENDED) {
        const int64_t got = dg_scene_moved(scene) - from;

        if (got > scene->pulse_mU) {
            dg_scene_fail(scene,
                          "A person suspended delivery at the device, and %lld "
                          "mU moved after messages of the %s.",
                          (long long)got,
                          people[who].role);
        }
        dg_scene_withhold(scene, dg_scene_basal(scene, 900U));
        (void)dg_scene_press(scene, "resume");
    } else {
        dg_scene_expect(
            scene, from, scene->now_s - began_s, due_mU, state_text[state]);
    }
    /* Far enough for every window that a product may have. */
    dg_scene_advance(scene, 3U * 3600U);
    return sent;
}

void dg_hazard_every_command(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    unsigned sent = 0U;

    dg_scene_try(scene,
                 "Pair an owner, a caregiver and an observer. While basal "
                 "runs, while a bolus runs and while a person suspended "
                 "delivery, let each send every command that is not theirs, or "
                 "without the proof that it needs. Watch answers and the "
                 "mechanism.");
    dg_scene_start(scene, "adult");
    for (size_t who = 0U; who < PEOPLE; who++) {
        (void)dg_scene_phone(scene, people[who].phone, "bare");
        dg_scene_pair(scene, people[who].phone, people[who].role);
    }
    if (!dg_scene_control(scene, "a", mU)) {
        return;
    }
    dg_scene_advance(scene, 4U * 3600U);
    for (unsigned state = 0U; state < STATES; state++) {
        for (size_t who = 0U; (who < PEOPLE) && !dg_scene_is_over(scene);
             who++) {
            sent += in_state(scene, who, state, mU);
        }
    }
    dg_scene_see(scene,
                 "%u commands sent in %zu roles and %u states.",
                 sent,
                 PEOPLE,
                 STATES);
    dg_scene_measure(scene, "commands sent", sent, 0U, "");
}
