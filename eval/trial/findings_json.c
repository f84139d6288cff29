/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/trial/findings.h"
#include "patient/control/controller.h"

#define FORMAT_VERSION 1

/* jansson frees what it was given, also when it fails; a failure shows as a
 * NULL in the end, when the text is made. */
static json_t *number(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

static json_t *count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *estimate(struct dg_estimate found)
{
    return json_pack("{so so so}",
                     "value",
                     number(found.value),
                     "low",
                     number(found.low),
                     "high",
                     number(found.high));
}

static json_t *metrics(const struct dg_trial_cell *cell)
{
    json_t *all = json_object();

    for (unsigned at = 0U; at < DG_TRIAL_METRICS; at++) {
        const enum dg_trial_metric metric = (enum dg_trial_metric)at;
        json_t *one = estimate(dg_finding(cell, metric));

        (void)json_object_set_new(
            one, "unit", json_string(dg_finding_unit(metric)));
        (void)json_object_set_new(
            one, "difference", estimate(dg_finding_difference(cell, metric)));
        (void)json_object_set_new(all, dg_trial_metric_at(metric)->name, one);
    }
    return all;
}

static json_t *rules(const struct dg_trial_cell *cell)
{
    json_t *all = json_object();

    for (unsigned rule = 1U; rule < DG_TRIAL_RULES; rule++) {
        (void)json_object_set_new(all,
                                  dg_trial_rule_name(rule),
                                  json_pack("{so so}",
                                            "refusals",
                                            count(cell->refusals[rule]),
                                            "blocked_pulses",
                                            count(cell->blocked_pulses[rule])));
    }
    return all;
}

static json_t *people_of(const struct dg_trial_bad bad[DG_TRIAL_WORST])
{
    json_t *people = json_array();

    for (unsigned i = 0U; i < DG_TRIAL_WORST; i++) {
        if (bad[i].is_used != 0U) {
            (void)json_array_append_new(people, count(bad[i].person));
        }
    }
    return people;
}

static json_t *worst(const struct dg_trial_cell *cell)
{
    static const char *const names[DG_TRIAL_RANKS] = {"lowest_plasma",
                                                      "longest_below_54",
                                                      "longest_starved",
                                                      "longest_above_250"};
    json_t *all = json_object();

    for (unsigned rank = 0U; rank < DG_TRIAL_RANKS; rank++) {
        (void)json_object_set_new(
            all, names[rank], people_of(cell->worst[rank]));
    }
    return all;
}

static json_t *day(const struct dg_trial_cell *cell)
{
    static const unsigned permille[] = {50U, 250U, 500U, 750U, 950U};
    json_t *parts = json_array();

    for (unsigned part = 0U; part < DG_TRIAL_DAY_PARTS; part++) {
        json_t *line = json_array();

        for (size_t i = 0; i < (sizeof(permille) / sizeof(permille[0])); i++) {
            (void)json_array_append_new(
                line,
                number(dg_trial_percentile(
                    cell, DG_TRIAL_PLASMA, part, permille[i])));
        }
        (void)json_array_append_new(parts, line);
    }
    return parts;
}

static json_t *cells(const struct dg_findings *findings, size_t model)
{
    const struct dg_trial_plan *plan = &findings->plan[model];
    json_t *all = json_array();

    for (size_t scenario = 0; scenario < plan->scenarios; scenario++) {
        for (size_t arm = 0; arm < plan->arms; arm++) {
            const struct dg_trial_cell *cell =
                dg_trial_cell_of(findings->result[model], scenario, arm);
            char name[DG_TRIAL_ARM_NAME_MAX];

            dg_trial_arm_name(&plan->arm[arm], name);
            (void)json_array_append_new(
                all,
                json_pack("{ss ss so so so so so so so so}",
                          "scenario",
                          dg_trial_scenario_name(&plan->scenario[scenario]),
                          "arm",
                          name,
                          "people",
                          count(cell->people),
                          "lost",
                          count(cell->lost),
                          "dropped",
                          count(cell->dropped),
                          "metrics",
                          metrics(cell),
                          "rules",
                          rules(cell),
                          "worst_people",
                          worst(cell),
                          "first_people_left_out",
                          people_of(cell->broken),
                          "plasma_percentiles_5_25_50_75_95_by_half_hour",
                          day(cell)));
        }
    }
    return all;
}

static enum dg_status write_out(json_t *root, struct dg_html *out)
{
    char *text =
        (root == NULL)
            ? NULL
            : json_dumps(root, JSON_INDENT(1) | JSON_REAL_PRECISION(9));

    json_decref(root);
    if (text == NULL) {
        return DG_E_PORT;
    }
    dg_html_raw(out, text);
    dg_html_raw(out, "\n");
    free(text);
    return out->failed ? DG_E_PORT : DG_OK;
}

enum dg_status dg_findings_json(const struct dg_findings *findings,
                                struct dg_html *out)
{
    json_t *models = json_array();

    for (size_t model = 0; model < findings->book->models; model++) {
        (void)json_array_append_new(
            models,
            json_pack("{ss ss so}",
                      "model",
                      dg_book_model_name(findings->plan[model].model),
                      "digest",
                      findings->digest[model],
                      "cells",
                      cells(findings, model)));
    }
    return write_out(json_pack("{si ss ss so}",
                               "version",
                               FORMAT_VERSION,
                               "trial",
                               findings->book->name,
                               "title",
                               findings->book->title,
                               "models",
                               models),
                     out);
}

static json_t *share(uint32_t permille)
{
    return json_sprintf("%u%%", permille / 10U);
}

/* As a book has it; what is not so is not said. */
static void put_world(json_t *to, const struct dg_trial_world *world)
{
    json_t *faults = json_object();

    for (unsigned i = 0U; i < DG_TRIAL_FAULTS; i++) {
        if (world->fault_permille[i] > 0U) {
            (void)json_object_set_new(
                faults, dg_book_fault_name(i), share(world->fault_permille[i]));
        }
    }
    if (json_object_size(faults) > 0U) {
        (void)json_object_set_new(to, "sensor_faults", faults);
    } else {
        json_decref(faults);
    }
    if (world->pump != DG_TRIAL_PUMP_EXACT) {
        (void)json_object_set_new(
            to, "pump", json_string(dg_book_pump_name(world->pump)));
    }
    if (world->has_habits) {
        (void)json_object_set_new(to,
                                  "habits",
                                  json_pack("{so so so so}",
                                            "skip",
                                            share(world->skip_permille),
                                            "late",
                                            share(world->late_permille),
                                            "count_bias",
                                            share(world->count_bias_permille),
                                            "count_sd",
                                            share(world->count_sd_permille)));
    }
    if (world->exercise_minutes > 0U) {
        (void)json_object_set_new(to,
                                  "exercise",
                                  json_pack("{so so so}",
                                            "start_minute",
                                            count(world->exercise_minute),
                                            "minutes",
                                            count(world->exercise_minutes),
                                            "percent",
                                            count(world->exercise_percent)));
    }
}

static json_t *scenarios(const struct dg_trial_plan *plan)
{
    json_t *all = json_array();

    for (size_t i = 0; i < plan->scenarios; i++) {
        const struct dg_trial_scenario *found = &plan->scenario[i];
        json_t *one = json_object();

        (void)json_object_set_new(
            one,
            "attack",
            json_string(dg_trial_attack_at(found->attack)->name));
        if (found->label[0] != '\0') {
            (void)json_object_set_new(one, "name", json_string(found->label));
        }
        if (found->start_minute > 0U) {
            (void)json_object_set_new(
                one, "start_minute", count(found->start_minute));
        }
        if (found->minutes > 0U) {
            (void)json_object_set_new(one, "minutes", count(found->minutes));
        }
        (void)json_object_set_new(
            one, "rescue", json_string(found->no_rescue ? "no" : "yes"));
        put_world(one, &found->world);
        (void)json_array_append_new(all, one);
    }
    return all;
}

/* By name; with limits of its own as a book has it. */
static json_t *arm_of(const struct dg_trial_arm *arm)
{
    struct dg_trial_arm plain = *arm;
    char name[DG_TRIAL_ARM_NAME_MAX];

    plain.change.is_changed = 0U;
    dg_trial_arm_name(&plain, name);
    if (arm->change.is_changed == 0U) {
        return json_string(name);
    }

    json_t *limits = json_object();

    for (unsigned i = 0U; i < DG_TRIAL_LIMITS; i++) {
        const struct dg_trial_limit_row *row = dg_trial_limit_at(i);
        const bool is_share = strcmp(row->unit, "%") == 0;

        if (((arm->change.is_changed >> i) & 1U) != 0U) {
            (void)json_object_set_new(limits,
                                      row->name,
                                      json_sprintf("%d%s",
                                                   arm->change.value[i],
                                                   is_share ? "%" : ""));
        }
    }
    return json_pack(
        "{ss ss so}", "arm", name, "name", arm->label, "limits", limits);
}

static json_t *arms(const struct dg_trial_plan *plan)
{
    json_t *all = json_array();

    for (size_t i = 0; i < plan->arms; i++) {
        (void)json_array_append_new(all, arm_of(&plan->arm[i]));
    }
    return all;
}

static json_t *models(const struct dg_findings *findings)
{
    json_t *all = json_array();

    for (size_t i = 0; i < findings->book->models; i++) {
        (void)json_array_append_new(
            all, json_string(dg_book_model_name(findings->plan[i].model)));
    }
    return all;
}

static json_t *digests(const struct dg_findings *findings)
{
    json_t *all = json_array();

    for (size_t i = 0; i < findings->book->models; i++) {
        (void)json_array_append_new(all, json_string(findings->digest[i]));
    }
    return all;
}

/* JSON is YAML: a manifest is a trial that can be run as it is. */
enum dg_status dg_findings_manifest(const struct dg_findings *findings,
                                    struct dg_html *out)
{
    const struct dg_book *book = findings->book;
    const struct dg_trial_plan *plan = &book->plan;

    json_t *people = (book->figures == NULL) ? NULL
                                             : json_pack("{ss ss}",
                                                         "figures",
                                                         book->figures,
                                                         "therapy",
                                                         book->therapy);

    return write_out(
        json_pack("{ss ss ss so so so ss ss so* so ss so so so}",
                  "trial",
                  book->name,
                  "title",
                  book->title,
                  "question",
                  book->question,
                  "people",
                  count(plan->people),
                  "days",
                  count(plan->days),
                  "seed",
                  count(plan->seed),
                  "precision",
                  (plan->precision == DG_TRIAL_DOUBLE) ? "double" : "float",
                  "sensor",
                  dg_book_sensor_name(plan->sensor),
                  "people_file",
                  people,
                  "models",
                  models(findings),
                  (book->controller != NULL) ? "controller" : "program",
                  (book->controller != NULL) ? book->controller : book->program,
                  "arms",
                  arms(plan),
                  "scenarios",
                  scenarios(plan),
                  "digests",
                  digests(findings)),
        out);
}
