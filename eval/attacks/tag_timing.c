/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/attacks/attacks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "eval/dice.h"

/* DG-A24: a check value that is compared byte by byte is found byte by byte.
 *
 * A real frame is kept back for a moment, and a batch of copies of it goes
 * before: all with a tag of which only the last byte is wrong, or all with a
 * tag by chance.  The device answers the real frame when it is done with them.
 * Which kind goes is by chance, so that whatever else the bench does falls on
 * both alike. */
#define TAG        16U
#define PAIRS_MAX  4000U
#define NOTE_SD    4.5 /* told apart: by chance once in 150,000 */
#define STEADY_SD  3.5 /* one kind against itself                */
#define BOUND_SD   4.0
#define QUARTILE   0.25
#define PAIRS_MIN  24U
#define TIMEOUT_NS 100000000LL

enum kind { KIND_FAR = 0, KIND_NEAR = 1 };

struct timing {
    struct dg_scene *scene;
    struct dg_dice dice;
    int64_t batch;
    enum kind kind;
    bool is_begun;
    bool is_done;
    long long began_ns;
    long long took_ns;
    double sample[2][PAIRS_MAX]; /* of each kind, in the order of time, ns */
    size_t count[2];
};

static long long now_ns(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return ((long long)now.tv_sec * 1000000000LL) + now.tv_nsec;
}

static void send_batch(struct timing *timing, const struct dg_frame *frame)
{
    uint8_t bytes[DG_RELAY_FRAME_MAX];
    uint8_t *tag = &bytes[frame->size - TAG];

    for (int64_t i = 0; i < timing->batch; i++) {
        memcpy(bytes, frame->byte, frame->size);
        /* Both kinds are rolled, so that both take the bench as long. */
        for (unsigned at = 0U; at < TAG; at++) {
            const uint8_t other = (uint8_t)dg_dice_roll(&timing->dice, 256U);

            tag[at] = (timing->kind == KIND_FAR) ? other : tag[at];
        }
        /* Wrong in the first byte, or in the last alone. */
        if (timing->kind == KIND_FAR) {
            tag[0] = (uint8_t)(frame->byte[frame->size - TAG] ^ 0x55U);
        } else {
            tag[TAG - 1U] ^= 0x55U;
        }
        dg_relay_inject(&timing->scene->relay,
                        frame->door,
                        DG_WAY_TO_DEVICE,
                        (dg_span){bytes, frame->size});
    }
}

static enum dg_fate time_frame(void *context,
                               struct dg_frame *frame,
                               unsigned number)
{
    struct timing *timing = context;

    (void)number;
    if ((frame->way == DG_WAY_TO_DEVICE) && !timing->is_begun &&
        (frame->size > TAG)) {
        timing->is_begun = true;
        timing->began_ns = now_ns();
        send_batch(timing, frame);
    } else if ((frame->way == DG_WAY_TO_PHONE) && timing->is_begun &&
               !timing->is_done) {
        timing->is_done = true;
        timing->took_ns = now_ns() - timing->began_ns;
    }
    return DG_FATE_PASS;
}

/* One batch and the answer behind it. */
static void take_sample(struct timing *timing, enum kind kind)
{
    timing->kind = kind;
    timing->is_begun = false;
    timing->is_done = false;
    dg_relay_set_rule(&timing->scene->relay, time_frame, timing);
    (void)dg_scene_say(timing->scene, "a", "status");
    dg_relay_set_rule(&timing->scene->relay, NULL, NULL);
    if (timing->is_done && (timing->took_ns < TIMEOUT_NS) &&
        (timing->count[kind] < PAIRS_MAX)) {
        timing->sample[kind][timing->count[kind]++] = (double)timing->took_ns;
    }
}

/* Statistics: of places in an order, since times have long tails ------------ */

static int compare_doubles(const void *one, const void *other)
{
    const double a = *(const double *)one;
    const double b = *(const double *)other;

    return (a > b) - (a < b);
}

/* What an undisturbed batch takes, and how well that is known: most of what a
 * busy bench adds is in the upper part, so the lower quartile is looked at.
 * Between which places of the order the true one lies follows from their number
 * alone, whatever the distribution (binomial, in normal approximation). */
struct quartile {
    double value;
    double uncertain; /* half of what lies between these two places */
};

static struct quartile lower_quartile(const double *sample, size_t count)
{
    double sorted[PAIRS_MAX];
    const double middle = QUARTILE * (double)(count - 1U);
    const double around =
        BOUND_SD * sqrt((double)count * QUARTILE * (1.0 - QUARTILE));
    const double low = (middle > around) ? (middle - around) : 0.0;

    memcpy(sorted, sample, count * sizeof sorted[0]);
    qsort(sorted, count, sizeof sorted[0], compare_doubles);
    /* middle + around stays below count for 24 samples and more. */
    return (struct quartile){
        .value = sorted[(size_t)middle],
        .uncertain =
            (sorted[(size_t)(middle + around)] - sorted[(size_t)low]) / 2.0};
}

/* Mann and Whitney: how many standard deviations the places of @p one lie above
 * those of @p other. */
static double rank_sd(const double *one,
                      size_t ones,
                      const double *other,
                      size_t others)
{
    double wins = 0.0;

    for (size_t i = 0U; i < ones; i++) {
        for (size_t j = 0U; j < others; j++) {
            wins += (one[i] > other[j]) ? 1.0 : 0.0;
            wins += (one[i] == other[j]) ? 0.5 : 0.0;
        }
    }

    const double pairs = (double)ones * (double)others;

    return (wins - (pairs / 2.0)) /
           sqrt((pairs * (double)(ones + others + 1U)) / 12.0);
}

struct finding {
    double all_sd;
    double half_sd[2];
    double steady_sd;    /* one kind, its first half against its second */
    double each_ns;      /* near less far, for one frame                */
    double uncertain_ns; /* of that, BOUND_SD either way                */
};

static struct finding find(const struct timing *timing)
{
    const double *near = timing->sample[KIND_NEAR];
    const double *far = timing->sample[KIND_FAR];
    const size_t nears = timing->count[KIND_NEAR];
    const size_t fars = timing->count[KIND_FAR];
    const size_t near_2 = nears / 2U;
    const size_t far_2 = fars / 2U;
    const double batch = (double)timing->batch;
    const struct quartile near_4 = lower_quartile(near, nears);
    const struct quartile far_4 = lower_quartile(far, fars);
    double odd[PAIRS_MAX];
    double even[PAIRS_MAX];

    /* In turns, as the kinds are: a bench that slows down is no difference. */
    for (size_t i = 0U; i < far_2; i++) {
        even[i] = far[2U * i];
        odd[i] = far[(2U * i) + 1U];
    }
    return (struct finding){
        .all_sd = rank_sd(near, nears, far, fars),
        .half_sd =
            {rank_sd(near, near_2, far, far_2),
             rank_sd(&near[near_2], nears - near_2, &far[far_2], fars - far_2)},
        .steady_sd = rank_sd(odd, far_2, even, far_2),
        .each_ns = (near_4.value - far_4.value) / batch,
        .uncertain_ns = hypot(near_4.uncertain, far_4.uncertain) / batch};
}

static void judge(struct dg_scene *scene,
                  const struct timing *timing,
                  double leak_ns)
{
    const struct finding found = find(timing);
    /* Both sides of a normal distribution. */
    const double chance = erfc(fabs(found.all_sd) / sqrt(2.0));
    const bool is_told = (fabs(found.half_sd[0]) > NOTE_SD) &&
                         (fabs(found.half_sd[1]) > NOTE_SD) &&
                         ((found.half_sd[0] > 0.0) == (found.half_sd[1] > 0.0));

    dg_scene_measure(scene,
                     "difference for a frame",
                     (int64_t)lround(found.each_ns),
                     0U,
                     "ns");
    dg_scene_measure(
        scene, "uncertain by", (int64_t)lround(found.uncertain_ns), 0U, "ns");
    dg_scene_measure(scene,
                     "chance of that by noise (p)",
                     (int64_t)lround(chance * 1e6),
                     6U,
                     "");
    dg_scene_see(scene,
                 "%zu and %zu batches of %lld frames: tags that are right but "
                 "for the last byte take %.0f ns longer each than tags by "
                 "chance, uncertain by %.0f ns; p = %.2g.",
                 timing->count[KIND_NEAR],
                 timing->count[KIND_FAR],
                 (long long)timing->batch,
                 found.each_ns,
                 found.uncertain_ns,
                 chance);
    if (fabs(found.steady_sd) > STEADY_SD) {
        dg_scene_inconclusive(scene,
                              "The bench was not steady: one and the same "
                              "kind of frame differs from itself.");
    } else if (is_told && (fabs(found.each_ns) > (leak_ns / 4.0)) &&
               (fabs(found.each_ns) > found.uncertain_ns)) {
        dg_scene_fail(scene,
                      "How long the device takes tells how much of a forged "
                      "tag is right: %.0f ns a frame, in both halves of the "
                      "measurement.",
                      found.each_ns);
    } else if ((fabs(found.each_ns) + found.uncertain_ns) > leak_ns) {
        dg_scene_inconclusive(scene,
                              "The bench was too noisy: a difference of %.0f "
                              "ns a frame could not be ruled out.",
                              leak_ns);
    }
}

/* So many pairs, of as many sessions as that takes: a device ends one in which
 * too much was forged. */
static void measure(struct dg_scene *scene,
                    struct timing *timing,
                    size_t pairs,
                    int64_t pairs_a_session)
{
    const uint32_t pause_s = (uint32_t)dg_scene_number(scene, "pause_s");

    for (size_t tries = 0U;
         (tries < 2U * pairs) && !dg_scene_is_over(scene) &&
         ((timing->count[0] < pairs) || (timing->count[1] < pairs));
         tries += (size_t)pairs_a_session) {
        dg_scene_advance(scene, pause_s);
        (void)dg_scene_say(scene, "a", "connect");
        for (int64_t i = 0; i < pairs_a_session; i++) {
            const enum kind first =
                (dg_dice_roll(&timing->dice, 2U) == 0U) ? KIND_FAR : KIND_NEAR;

            take_sample(timing, first);
            take_sample(timing, (first == KIND_FAR) ? KIND_NEAR : KIND_FAR);
        }
    }
}

void dg_attack_tag_timing(struct dg_scene *scene)
{
    const int64_t mU = dg_scene_number(scene, "bolus_mU");
    const size_t pairs = (size_t)dg_scene_number(scene, "pairs");
    struct timing *timing = calloc(1U, sizeof *timing);

    if (timing == NULL) {
        return;
    }
    timing->scene = scene;
    timing->dice.seed = scene->seed;
    timing->batch = dg_scene_number(scene, "batch");
    dg_scene_try(scene,
                 "Before a real frame send a batch of its copies with tags "
                 "that are right but for the last byte, or by chance, and "
                 "measure when the real one is answered. Compare many "
                 "batches of both kinds by their order in time.");
    dg_scene_start(scene, "adult");
    (void)dg_scene_phone(scene, "a", "bare");
    dg_scene_pair(scene, "a", "owner");
    if (dg_scene_control(scene, "a", mU)) {
        const int64_t before = dg_scene_moved(scene);
        const uint32_t began_s = scene->now_s;

        measure(scene,
                timing,
                (pairs < PAIRS_MAX) ? pairs : PAIRS_MAX,
                dg_scene_number(scene, "pairs_a_session"));
        dg_scene_expect(
            scene, before, scene->now_s - began_s, 0, "While tags were tried");
        if (!dg_scene_is_over(scene) && ((timing->count[0] < pairs / 2U) ||
                                         (timing->count[1] < pairs / 2U))) {
            dg_scene_inconclusive(scene,
                                  "Only %zu and %zu of %zu batches had an "
                                  "answer behind them.",
                                  timing->count[0],
                                  timing->count[1],
                                  pairs);
        } else if (!dg_scene_is_over(scene)) {
            judge(scene, timing, (double)dg_scene_number(scene, "leak_ns"));
        }
    }
    free(timing);
    if (!scene->has_failed && !dg_scene_is_over(scene)) {
        dg_scene_advance(scene, 3600U);
        (void)dg_scene_say(scene, "a", "connect");
        (void)dg_scene_control(scene, "a", mU);
    }
}
