/* SPDX-License-Identifier: Apache-2.0 */
#include "walk.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* usage: property [STEPS [SEED [LENGTH]]]
 *
 * Walks of LENGTH steps until STEPS are done, against the reference of
 * reference.h.  One that fails is shrunk to what is needed to fail and printed.
 * Exit: 0 all held, 1 one failed or too little happened, 2 usage. */

static struct walk_step steps[WALK_STEPS_MAX];
static struct walk_step less[WALK_STEPS_MAX];
static struct walk_result first; /* what is to be shrunk */

/* It fails, and in the same words at the beginning. */
static bool fails(uint64_t seed,
                  const struct walk_step *list,
                  size_t count,
                  struct walk_result *result)
{
    struct walk_tally nobody = {0};

    *result = walk_run(seed, list, count, &nobody);
    return (result->failed_at < count) &&
           (strncmp(result->why, first.why, 12U) == 0);
}

/* Leave out parts, from halves down to single steps, as long as it fails. */
static size_t shrink(uint64_t seed, size_t count)
{
    for (size_t part = count / 2U; part > 0U;) {
        bool is_less = false;

        for (size_t from = 0U; (from + part) <= count;) {
            memcpy(less, steps, from * sizeof steps[0]);
            memcpy(&less[from],
                   &steps[from + part],
                   (count - from - part) * sizeof steps[0]);

            const size_t rest = count - part;
            struct walk_result result;

            if (fails(seed, less, rest, &result)) {
                count = result.failed_at + 1U;
                memcpy(steps, less, count * sizeof steps[0]);
                is_less = true;
            } else {
                from += part;
            }
        }
        if (!is_less || (part > 1U)) {
            part /= 2U;
        }
    }
    return count;
}

/* Then nothing instead of an act, and two waits in one. */
static size_t still(uint64_t seed, size_t count)
{
    struct walk_result result;

    for (size_t i = 0U; (i + 1U) < count; i++) {
        memcpy(less, steps, count * sizeof steps[0]);
        less[i].act = (uint8_t)WALK_NOTHING;
        if (fails(seed, less, count, &result) &&
            (result.failed_at == (count - 1U))) {
            memcpy(steps, less, count * sizeof steps[0]);
        }
    }
    for (size_t i = 0U; (i + 1U) < count;) {
        const uint32_t both_s =
            (uint32_t)steps[i].wait_s + (uint32_t)steps[i + 1U].wait_s;

        memcpy(less, steps, i * sizeof steps[0]);
        memcpy(&less[i], &steps[i + 1U], (count - i - 1U) * sizeof steps[0]);
        less[i].wait_s = (uint16_t)((both_s < 3600U) ? both_s : 3600U);
        if ((steps[i].act == (uint8_t)WALK_NOTHING) &&
            fails(seed, less, count - 1U, &result) &&
            (result.failed_at == (count - 2U))) {
            count--;
            memcpy(steps, less, count * sizeof steps[0]);
        } else {
            i++;
        }
    }
    return count;
}

static void tell_failure(uint64_t seed, size_t count, struct walk_result result)
{
    struct walk_tally nobody = {0};

    printf("FAILED at step %zu of walk %" PRIu64 ": %s\n",
           result.failed_at,
           seed,
           result.why);
    first = result;
    count = shrink(seed, result.failed_at + 1U);
    count = still(seed, count);
    count = shrink(seed, count);
    result = walk_run(seed, steps, count, &nobody);
    printf("shrunk to %zu steps: %s\n", count, result.why);
    walk_print_person(seed);
    for (size_t i = 0U; i < count; i++) {
        printf("%4zu  ", i);
        walk_print_step(&steps[i]);
    }
}

/* A walk in which nothing happens shows nothing. */
static bool tell(const struct walk_tally *tally)
{
    static const struct {
        unsigned reason;
        const char *word;
    } reasons[] = {{3U, "authority"},
                   {4U, "lease"},
                   {5U, "ticket"},
                   {6U, "stale"},
                   {7U, "presence"},
                   {8U, "busy"},
                   {13U, "state"},
                   {17U, "E1"},
                   {18U, "E2"},
                   {19U, "E3"},
                   {20U, "E4"},
                   {21U, "E5"},
                   {23U, "E7"},
                   {24U, "E8"}};
    bool is_enough =
        (tally->accepted[1] > 0U) && (tally->accepted[2] > 0U) &&
        (tally->accepted[3] > 0U) && (tally->accepted_glucagon[1] > 0U) &&
        (tally->accepted_glucagon[2] > 0U) && (tally->rescues > 0U) &&
        (tally->resets > 0U) && (tally->cuts > 0U) && (tally->uncertain > 0U) &&
        (tally->already > 0U) && (tally->suspended > 0U) &&
        (tally->set_back > 0U) && (tally->revoked > 0U) &&
        (tally->ended > 0U) && (tally->paired > 0U) && (tally->extended > 0U) &&
        (tally->scheduled > 0U) && (tally->dry > 0U);

    printf("%" PRIu64 " steps, %" PRIu64 " days, %" PRIu64 " pulses; insulin "
           "%" PRIu64 " automatic, %" PRIu64 " confirmed, %" PRIu64
           " present; glucagon %" PRIu64 ", %" PRIu64 ", %" PRIu64 " rescues\n",
           tally->steps,
           tally->seconds / 86400U,
           tally->pulses,
           tally->accepted[1],
           tally->accepted[2],
           tally->accepted[3],
           tally->accepted_glucagon[1],
           tally->accepted_glucagon[2] + tally->accepted_glucagon[3],
           tally->rescues);
    printf("clock set back %" PRIu64 " times, %" PRIu64
           " phones thrown out, %" PRIu64 " doses ended with them, %" PRIu64
           " paired again\n",
           tally->set_back,
           tally->revoked,
           tally->ended,
           tally->paired);
    printf("%" PRIu64 " extended, %" PRIu64 " schedules changed, %" PRIu64
           " reservoirs run dry\n",
           tally->extended,
           tally->scheduled,
           tally->dry);
    printf("%" PRIu64 " resets, %" PRIu64 " cuts, %" PRIu64
           " doses uncertain, %" PRIu64 " suspensions, %" PRIu64
           " commits known already, %" PRIu64 " times silence\nrefused:",
           tally->resets,
           tally->cuts,
           tally->uncertain,
           tally->suspended,
           tally->already,
           tally->silence);
    for (size_t i = 0U; i < (sizeof reasons / sizeof reasons[0]); i++) {
        printf(
            " %s %" PRIu64, reasons[i].word, tally->refused[reasons[i].reason]);
        is_enough = is_enough && (tally->refused[reasons[i].reason] > 0U);
    }
    printf("\n");
    /* A device that answers nothing would pass. */
    return is_enough && (tally->silence < (tally->steps / 4U));
}

int main(int argc, char **argv)
{
    const uint64_t wanted = (argc > 1) ? strtoull(argv[1], NULL, 10) : 100000U;
    const uint64_t seed =
        (argc > 2) ? strtoull(argv[2], NULL, 10) : (uint64_t)time(NULL);
    const size_t length =
        (argc > 3) ? (size_t)strtoull(argv[3], NULL, 10) : 2000U;
    struct walk_tally tally = {0};
    uint64_t walk = seed;

    if ((argc > 4) || (wanted == 0U) || (length == 0U) ||
        (length > WALK_STEPS_MAX)) {
        fprintf(stderr, "usage: property [STEPS [SEED [LENGTH]]]\n");
        return 2;
    }
    printf("%" PRIu64 " steps, seed %" PRIu64 "\n", wanted, seed);
    fflush(stdout);
    while (tally.steps < wanted) {
        walk_draw(walk, steps, length);

        const struct walk_result result = walk_run(walk, steps, length, &tally);

        if (result.failed_at < length) {
            tell_failure(walk, length, result);
            return 1;
        }
        walk++;
    }
    if (!tell(&tally)) {
        printf("FAILED: too little happened\n");
        return 1;
    }
    return 0;
}
