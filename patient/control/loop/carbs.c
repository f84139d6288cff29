/* SPDX-License-Identifier: Apache-2.0 */
#include "patient/control/loop/carbs.h"

#include <math.h>

/* Less than this is nothing. source: LoopAlgorithm, 2^-23. */
#define NOTHING 0x1p-23

/* The piecewise model: rate rises to RISE, is level to FALL, falls to 1; its
 * height makes the whole 1. */
#define RISE   0.15
#define FALL   0.5
#define HEIGHT (2.0 / (1.0 + FALL - RISE))

/* Share absorbed after a share of the time. */
static double absorbed(enum dg_loop_absorption_model model, double time)
{
    if (time <= 0.0) {
        return 0.0;
    }
    if (time >= 1.0) {
        return 1.0;
    }
    if (model == DG_LOOP_LINEAR) {
        return time;
    }
    if (time < RISE) {
        return HEIGHT * time * time / (2.0 * RISE);
    }
    if (time < FALL) {
        return HEIGHT * (RISE / 2.0 + time - RISE);
    }
    return 1.0 - HEIGHT * (1.0 - time) * (1.0 - time) / (2.0 * (1.0 - FALL));
}

/* The other way round. */
static double time_for(enum dg_loop_absorption_model model, double share)
{
    const double at_rise = HEIGHT * RISE / 2.0;
    const double at_fall = HEIGHT * (FALL - RISE / 2.0);

    if (share <= 0.0) {
        return 0.0;
    }
    if (share >= 1.0) {
        return 1.0;
    }
    if (model == DG_LOOP_LINEAR) {
        return share;
    }
    if (share < at_rise) {
        return sqrt(2.0 * RISE * share / HEIGHT);
    }
    if (share < at_fall) {
        return share / HEIGHT + RISE / 2.0;
    }
    return 1.0 - sqrt((1.0 - share) * 2.0 * (1.0 - FALL) / HEIGHT);
}

static double rate(enum dg_loop_absorption_model model, double time)
{
    if (time < 0.0 || time > 1.0) {
        return 0.0;
    }
    if (model == DG_LOOP_LINEAR) {
        return 1.0;
    }
    if (time < RISE) {
        return HEIGHT * time / RISE;
    }
    return time < FALL ? HEIGHT : HEIGHT * (1.0 - time) / (1.0 - FALL);
}

double dg_loop_observed_g(const struct dg_loop_absorption *absorption)
{
    const double grams = absorption->effect / absorption->entry.sensitivity;

    return fmin(grams, absorption->entry.grams);
}

/* What the model demands at least by now. */
static double least_g(const struct dg_loop_carb_settings *settings,
                      double delay_s,
                      const struct dg_loop_absorption *absorption)
{
    const double time = (absorption->now_s - absorption->entry.at_s - delay_s) /
                        absorption->longest_s;

    return absorption->entry.grams * absorbed(settings->model, time);
}

/* Share of the entry that counts as absorbed; all of an entry of nothing. */
static double share_of(const struct dg_loop_carb_settings *settings,
                       double delay_s,
                       const struct dg_loop_absorption *absorption)
{
    const double grams = absorption->entry.grams;

    if (!(grams > 0.0)) {
        return 1.0;
    }
    return fmin(grams,
                fmax(least_g(settings, delay_s, absorption),
                     absorption->effect / absorption->entry.sensitivity)) /
           grams;
}

static double time_left(const struct dg_loop_carb_settings *settings,
                        double delay_s,
                        const struct dg_loop_absorption *absorption)
{
    const double share = share_of(settings, delay_s, absorption);

    if (absorption->now_s - absorption->entry.at_s - delay_s >=
        absorption->longest_s) {
        return 0.0;
    }
    return fmax(
        0.0, absorption->initial_s * (1.0 - time_for(settings->model, share)));
}

double dg_loop_time_left_s(const struct dg_loop_carb_settings *settings,
                           const struct dg_loop_absorption *absorption)
{
    return time_left(settings, settings->delay_s, absorption);
}

/* Grams per second that the model expects of an entry at a time. */
static double modelled(const struct dg_loop_carb_settings *settings,
                       const struct dg_loop_absorption *absorption,
                       double at_s)
{
    const double start = absorption->entry.at_s + settings->delay_s;
    const double length =
        fmin(fmax(0.0, absorption->now_s - start) +
                 time_left(settings, settings->delay_s, absorption),
             absorption->longest_s);

    if (!(length > 0.0)) {
        return 0.0;
    }
    return absorption->entry.grams *
           rate(settings->model, (at_s - start) / length) / length;
}

static bool is_active(const struct dg_loop_carb_settings *settings,
                      const struct dg_loop_absorption *absorption,
                      double at_s)
{
    return absorption->entry.at_s <= at_s && at_s < absorption->entry.at_s +
                                                        absorption->longest_s +
                                                        settings->delay_s;
}

static void take(struct dg_loop_absorption *absorption,
                 size_t segment,
                 double effect)
{
    if (!absorption->is_complete) {
        if (absorption->count == 0) {
            absorption->first = segment;
        }
        /* The rest of a segment comes on top of a share of it. */
        while (absorption->first + absorption->count <= segment) {
            absorption->grams[absorption->count] = 0.0;
            absorption->count++;
        }
        absorption->grams[absorption->count - 1] +=
            effect / absorption->entry.sensitivity;
    }
    absorption->effect += effect;
}

static void settle(struct dg_loop_absorption *absorption)
{
    const double whole =
        absorption->entry.grams * absorption->entry.sensitivity;

    absorption->is_complete =
        absorption->is_complete || absorption->effect + NOTHING >= whole;
}

static void share_segment(const struct dg_loop_carb_settings *settings,
                          const struct dg_loop_velocity *velocity,
                          size_t segment,
                          struct dg_loop_absorption *absorptions,
                          size_t count)
{
    struct dg_loop_absorption *last = NULL;
    double effect = fmax(0.0, velocity->mg_dL_min) *
                    (velocity->to_s - velocity->from_s) / 60.0;
    double total = 0.0;

    for (size_t i = 0; i < count; i++) {
        if (is_active(settings, &absorptions[i], velocity->from_s)) {
            total += modelled(settings, &absorptions[i], velocity->from_s);
        }
    }
    for (size_t i = 0; i < count; i++) {
        struct dg_loop_absorption *const one = &absorptions[i];

        if (!is_active(settings, one, velocity->from_s)) {
            continue;
        }

        const double expected = modelled(settings, one, velocity->from_s);
        const double room =
            one->entry.grams * one->entry.sensitivity - one->effect;
        const double part =
            total > 0.0 ? fmax(0.0, fmin(room, expected / total * effect))
                        : 0.0;

        last = one;
        take(one, segment, part);
        total -= expected;
        effect -= part;
    }
    if (last != NULL && effect > NOTHING) {
        take(last, segment, effect);
    }
    for (size_t i = 0; i < count; i++) {
        settle(&absorptions[i]);
    }
}

bool dg_loop_carb_map(const struct dg_loop_carb_settings *settings,
                      const struct dg_loop_velocity *velocities,
                      size_t count,
                      const struct dg_loop_carb_entry *entries,
                      size_t entry_count,
                      struct dg_loop_absorption *absorptions)
{
    if (count == 0 || count > DG_LOOP_SEGMENTS_MAX) {
        return false;
    }
    for (size_t i = 0; i < entry_count; i++) {
        const struct dg_loop_carb_entry *const entry = &entries[i];
        const double longest = entry->absorption_s * settings->overrun;

        absorptions[i] = (struct dg_loop_absorption){
            .entry = *entry,
            .initial_s = entry->absorption_s * settings->initial_overrun,
            .longest_s = longest,
            .now_s = fmin(fmax(velocities[count - 1].to_s, entry->at_s),
                          entry->at_s + longest + settings->delay_s),
        };
    }
    for (size_t i = 0; i < count; i++) {
        share_segment(settings, &velocities[i], i, absorptions, entry_count);
    }
    return true;
}

/* Grams absorbed by a time; while observed, by what was. */
static double absorbed_g(const struct dg_loop_carb_settings *settings,
                         double map_delay_s,
                         const struct dg_loop_absorption *absorption,
                         const struct dg_loop_velocity *velocities,
                         double at_s,
                         bool by_start)
{
    const double grams = absorption->entry.grams;
    const bool observed = absorption->count > 0 &&
                          absorption->effect / absorption->entry.sensitivity >=
                              least_g(settings, map_delay_s, absorption);

    if (!observed) {
        return grams *
               absorbed(settings->model,
                        (at_s - absorption->entry.at_s - settings->delay_s) /
                            absorption->initial_s);
    }

    const struct dg_loop_velocity *const seen = &velocities[absorption->first];
    const double end = seen[absorption->count - 1].to_s;
    double sum = 0.0;

    if (at_s > end) {
        const double spent =
            absorption->initial_s *
            time_for(settings->model,
                     share_of(settings, map_delay_s, absorption));
        const double whole =
            spent + time_left(settings, map_delay_s, absorption);

        return whole > 0.0 ? grams * absorbed(settings->model,
                                              (at_s - end + spent) / whole)
                           : grams;
    }
    for (size_t i = 0; i < absorption->count; i++) {
        const double length = seen[i].to_s - seen[i].from_s;

        if (!by_start) {
            sum += seen[i].to_s <= at_s ? absorption->grams[i] : 0.0;
        } else if (seen[i].from_s + DG_LOOP_STEP_S <= at_s) {
            sum += absorption->grams[i] *
                   fmin(1.0, (at_s - seen[i].from_s) / length);
        }
    }
    return sum;
}

double dg_loop_cob(const struct dg_loop_carb_settings *settings,
                   double map_delay_s,
                   const struct dg_loop_absorption *absorption,
                   const struct dg_loop_velocity *velocities,
                   double at_s)
{
    if (at_s < absorption->entry.at_s - DG_LOOP_STEP_S) {
        return 0.0;
    }
    return fmax(
        0.0,
        absorption->entry.grams -
            absorbed_g(
                settings, map_delay_s, absorption, velocities, at_s, false));
}

double dg_loop_carb_effect(const struct dg_loop_carb_settings *settings,
                           double map_delay_s,
                           const struct dg_loop_absorption *absorption,
                           const struct dg_loop_velocity *velocities,
                           double at_s)
{
    if (at_s < absorption->entry.at_s - DG_LOOP_STEP_S) {
        return 0.0;
    }
    return absorption->entry.sensitivity *
           absorbed_g(
               settings, map_delay_s, absorption, velocities, at_s, true);
}
