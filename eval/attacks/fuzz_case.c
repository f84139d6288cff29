/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/fuzz_case.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/hex.h"
#include "eval/record.h"
#include "eval/sequence.h"
#include "eval/twin.h"

#define DOSE_S    120U
#define REDUCE_MS 30000
#define REPLAYS   3U /* a fault that needs timing may not come back at once */

void dg_fuzz_note(struct dg_fuzz_case *one,
                  const struct dg_fuzz_step *step,
                  const char *state,
                  const char *message,
                  const struct dg_fuzz_bytes *bytes)
{
    char words[64];
    char hex[161] = "";
    const size_t size = (bytes->size < 80U) ? bytes->size : 80U;

    if (one->sent < DG_FUZZ_SHOWN_MAX) {
        dg_hex_put((dg_span){bytes->byte, size}, hex);
        (void)snprintf(one->shown[one->sent],
                       sizeof one->shown[0],
                       "%s, %s (%s): %s%s",
                       state,
                       message,
                       dg_fuzz_words(step, words),
                       hex,
                       (size < bytes->size) ? "..." : "");
        one->bytes[one->sent] = *bytes;
    }
    one->sent++;
    one->reached[step->state][step->message]++;
}

const char *dg_fuzz_recover(struct dg_scene *scene, const char *phone)
{
    const int64_t before = dg_scene_moved(scene);
    const struct dg_said opened = dg_scene_say(scene, phone, "connect");

    if (!dg_scene_is_over(scene) && !dg_scene_is(&opened, "status")) {
        return "no phone gets a session any more";
    }

    const struct dg_said said = dg_scene_bare_bolus(
        scene, phone, DG_FUZZ_DOSE_MU, "confirmed", "valid");

    dg_scene_advance(scene, DOSE_S);

    const int64_t above = dg_scene_moved(scene) - before -
                          ((scene->basal_mU_per_h * (int64_t)DOSE_S) / 3600);

    if (dg_scene_is_over(scene)) {
        return NULL;
    }
    if (!dg_scene_is(&said, "accepted")) {
        return "a proper dose is no longer obeyed";
    }
    return ((above < DG_FUZZ_DOSE_MU - scene->pulse_mU) ||
            (above > DG_FUZZ_DOSE_MU + scene->pulse_mU))
               ? "a proper dose is no longer delivered as it was approved"
               : NULL;
}

/* Making it smaller -------------------------------------------------------- */

/* Zero: nothing was shown, the bench was in trouble. */
enum outcome {
    OUTCOME_NONE = 0,
    OUTCOME_HELD,
    OUTCOME_FAILED,
};

struct again {
    const struct dg_scene *scene;
    const struct dg_fuzz_play *how;
    struct dg_fuzz_case last; /* that failed */
    char why[DG_SEQUENCE_WHY_SIZE];
    unsigned played;
    long long until_ms; /* no more is tried after that */
};

static enum outcome judge(struct again *again,
                          struct dg_twin *twin,
                          const struct dg_fuzz_step *steps,
                          size_t count,
                          struct dg_fuzz_case *one)
{
    again->how->set_up(&twin->scene);

    const char *why = again->how->play(&twin->scene, steps, count, one);

    if (why != NULL) {
        (void)snprintf(again->why, sizeof again->why, "%s", why);
        return OUTCOME_FAILED;
    }
    if (twin->scene.trouble[0] == '\0') {
        return OUTCOME_HELD;
    }
    if (dg_twin_is_dead(twin)) {
        (void)snprintf(
            again->why, sizeof again->why, "the product's program had ended");
        return OUTCOME_FAILED;
    }
    (void)snprintf(
        again->why, sizeof again->why, "%.150s", twin->scene.trouble);
    return OUTCOME_NONE;
}

/* On a product that has just started. */
static enum outcome play_fresh(struct again *again,
                               const struct dg_fuzz_step *steps,
                               size_t count)
{
    struct dg_twin *twin = calloc(1U, sizeof *twin);
    struct dg_fuzz_case one;
    enum outcome outcome = OUTCOME_NONE;

    memset(&one, 0, sizeof one);
    if (twin == NULL) {
        return OUTCOME_NONE;
    }
    again->played++;
    if (dg_twin_open(twin, again->scene)) {
        outcome = judge(again, twin, steps, count, &one);
    }
    dg_twin_close(twin);
    free(twin);
    if (outcome != OUTCOME_NONE) {
        again->last = one;
    }
    return outcome;
}

static bool fails_again(void *context,
                        const struct dg_fuzz_step *steps,
                        size_t count)
{
    struct again *again = context;
    struct dg_fuzz_case *kept = malloc(sizeof *kept);
    bool has_failed = false;

    if ((kept != NULL) && (dg_clock_ms() < again->until_ms)) {
        *kept = again->last;
        has_failed = play_fresh(again, steps, count) == OUTCOME_FAILED;
        /* What is shown is what failed last. */
        again->last = has_failed ? again->last : *kept;
    }
    free(kept);
    return has_failed;
}

static void show(struct dg_scene *scene,
                 const struct dg_fuzz_case *one,
                 const char *label)
{
    for (size_t i = 0U; (i < one->sent) && (i < DG_FUZZ_SHOWN_MAX); i++) {
        dg_scene_see(scene, "  %s", one->shown[i]);
        dg_scene_packet(scene,
                        DG_RUN_TO_PRODUCT,
                        label,
                        (dg_span){one->bytes[i].byte, one->bytes[i].size});
    }
}

/* For who wants to send exactly that again. */
static void keep(struct dg_scene *scene,
                 const struct again *again,
                 const struct dg_fuzz_step *steps,
                 size_t count)
{
    char *text = dg_sequence_print(
        again->how->states, again->how->messages, steps, count, again->why);

    if (text != NULL) {
        dg_record_sequence(scene->run, scene->test, text);
    }
    free(text);
}

static void make_smaller(struct dg_scene *scene,
                         const struct dg_fuzz_play *how,
                         struct dg_fuzz_step *steps,
                         size_t count,
                         unsigned tries)
{
    struct again *again = calloc(1U, sizeof *again);
    size_t less = count;

    if (again == NULL) {
        return;
    }
    again->scene = scene;
    again->how = how;
    again->until_ms = dg_clock_ms() + REDUCE_MS;
    if (!fails_again(again, steps, count)) {
        dg_scene_see(scene,
                     "The same steps did not fail on a fresh product: what "
                     "failed needs more than these messages.");
        free(again);
        return;
    }
    dg_fuzz_reduce(steps, &less, fails_again, again, tries);
    dg_scene_see(scene,
                 "%zu of %zu messages are enough, found by %u plays on fresh "
                 "products:",
                 less,
                 count,
                 again->played);
    show(scene, &again->last, "enough to fail");
    dg_scene_measure(
        scene, "messages of the smallest sequence", (int64_t)less, 0U, "");
    keep(scene, again, steps, less);
    free(again);
}

/* Sending it again --------------------------------------------------------- */

/* The number of a name; @p count when the test has none of that name. */
static unsigned number_of(const char *name,
                          const char *const *names,
                          unsigned count)
{
    unsigned number = 0U;

    while ((number < count) && (strcmp(name, names[number]) != 0)) {
        number++;
    }
    return number;
}

static bool take_steps(struct dg_scene *scene,
                       const struct dg_fuzz_play *how,
                       struct dg_fuzz_step steps[DG_FUZZ_STEPS_MAX])
{
    for (size_t i = 0U; i < scene->sequence->count; i++) {
        const struct dg_sequence_step *step = &scene->sequence->steps[i];
        const unsigned state =
            number_of(step->state, how->states, how->state_count);
        const unsigned message =
            number_of(step->message, how->messages, how->message_count);

        if ((state == how->state_count) || (message == how->message_count)) {
            dg_scene_inconclusive(scene,
                                  "Step %zu is of a state or message that this "
                                  "test does not have: \"%s\", \"%s\".",
                                  i + 1U,
                                  step->state,
                                  step->message);
            return false;
        }
        steps[i] = step->step;
        steps[i].state = (uint8_t)state;
        steps[i].message = (uint8_t)message;
    }
    return true;
}

/* On a fresh product, as when it was found; the scene's own product has shown
 * before that it obeys. */
static void send_again(struct dg_scene *scene,
                       const struct dg_fuzz_play *how,
                       struct dg_fuzz_step *steps)
{
    struct again *again = calloc(1U, sizeof *again);
    enum outcome outcome = OUTCOME_HELD;

    scene->sequence->was_played = true;
    if ((again == NULL) || !take_steps(scene, how, steps)) {
        free(again);
        return;
    }
    again->scene = scene;
    again->how = how;
    while ((outcome == OUTCOME_HELD) && (again->played < REPLAYS)) {
        outcome = play_fresh(again, steps, scene->sequence->count);
    }
    show(scene, &again->last, "sent again");
    if (outcome == OUTCOME_FAILED) {
        dg_scene_fail(scene,
                      "After %u changed messages %s.",
                      again->last.sent,
                      again->why);
    } else if (outcome == OUTCOME_NONE) {
        dg_scene_inconclusive(
            scene,
            "The bench got into trouble: %s.",
            (again->why[0] == '\0') ? "no fresh product came up" : again->why);
    } else if (again->last.sent == 0U) {
        dg_scene_inconclusive(scene, "No message of it could be sent.");
    } else {
        dg_scene_see(scene, "It held in each of %u plays.", again->played);
    }
    free(again);
}

/* Telling ------------------------------------------------------------------ */

static void tell_coverage(struct dg_scene *scene,
                          const struct dg_fuzz_play *how,
                          const struct dg_fuzz_case *one)
{
    int64_t cells = 0;

    for (unsigned state = 0U; state < how->state_count; state++) {
        char line[256] = "";
        size_t used = 0U;

        for (unsigned at = 0U; at < how->message_count; at++) {
            const unsigned reached = one->reached[state][at];

            cells += (reached > 0U) ? 1 : 0;
            used += (size_t)snprintf(&line[used],
                                     sizeof line - used,
                                     "%s%s %u",
                                     (at == 0U) ? "" : ", ",
                                     how->messages[at],
                                     reached);
            used = (used < sizeof line) ? used : (sizeof line - 1U);
        }
        dg_scene_see(scene, "State \"%s\": %s.", how->states[state], line);
    }
    dg_scene_measure(scene, "states x messages reached", cells, 0U, "");
    dg_scene_measure(scene,
                     "states x messages there are",
                     (int64_t)how->state_count * (int64_t)how->message_count,
                     0U,
                     "");
    dg_scene_measure(scene, "changed messages", (int64_t)one->sent, 0U, "");
    dg_scene_measure(
        scene, "messages without an answer", (int64_t)one->silent, 0U, "");
}

static size_t throw_steps(struct dg_scene *scene,
                          const struct dg_fuzz_play *how,
                          struct dg_fuzz_step steps[DG_FUZZ_STEPS_MAX])
{
    const int64_t rounds = dg_scene_number(scene, "rounds");
    const int64_t messages = dg_scene_number(scene, "messages");
    struct dg_dice dice = {.seed = scene->seed};
    size_t count = 0U;

    for (int64_t round = 0; round < rounds; round++) {
        for (int64_t i = 0; (i < messages) && (count < DG_FUZZ_STEPS_MAX);
             i++) {
            steps[count] =
                dg_fuzz_throw(&dice,
                              (unsigned)(round % (int64_t)how->state_count),
                              dg_dice_roll(&dice, how->message_count));
            if ((how->whole > 0U) && (dg_dice_roll(&dice, how->whole) == 0U)) {
                steps[count].count = 0U;
            }
            count++;
        }
    }
    return count;
}

/* @satisfies{EVL_FUZZ.1@1} */
void dg_fuzz_run(struct dg_scene *scene, const struct dg_fuzz_play *how)
{
    struct dg_fuzz_step *steps = calloc(DG_FUZZ_STEPS_MAX, sizeof *steps);
    struct dg_fuzz_case *one = calloc(1U, sizeof *one);
    const int64_t tries = dg_scene_number(scene, "tries");

    if ((steps == NULL) || (one == NULL)) {
        dg_scene_inconclusive(scene, "The bench has no memory.");
        free(steps);
        free(one);
        return;
    }

    if (scene->sequence != NULL) {
        send_again(scene, how, steps);
        free(steps);
        free(one);
        return;
    }

    size_t count = throw_steps(scene, how, steps);
    const char *why = how->play(scene, steps, count, one);

    tell_coverage(scene, how, one);
    if (why != NULL) {
        dg_scene_fail(scene, "After %u changed messages %s.", one->sent, why);
    }
    if (((why != NULL) || (scene->trouble[0] != '\0')) &&
        (scene->declared == NULL)) {
        /* A product that calibrates this test: that it failed is enough. */
        dg_scene_see(scene, "Not made smaller.");
    } else if ((why != NULL) || (scene->trouble[0] != '\0')) {
        /* What was never played had no part in it. */
        count = (one->played < count) ? one->played : count;
        make_smaller(scene, how, steps, count, (unsigned)tries);
    } else if (!dg_scene_is_over(scene) && (one->sent == 0U)) {
        dg_scene_inconclusive(scene,
                              "No changed message could be sent at all.");
    } else if (!dg_scene_is_over(scene)) {
        dg_scene_see(scene,
                     "%u changed messages in %u states: no dose came of "
                     "them, basal went on, the next proper dose was obeyed.",
                     one->sent,
                     how->state_count);
    }
    free(steps);
    free(one);
}
