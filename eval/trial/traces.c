/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/traces.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#define STEPS_PER_DAY 288U

struct recording {
    struct dg_trace *trace;
    size_t arm;
    size_t at;
};

static void record(void *context, const struct dg_trial_moment *moment)
{
    struct recording *recording = context;

    if (recording->at >= recording->trace->steps) {
        return;
    }

    int32_t insulin_mU = moment->basal_mU;

    for (unsigned tier = 0U; tier < DG_TIERS; tier++) {
        insulin_mU += moment->bolus_mU[tier];
    }
    recording->trace->mg_dL[recording->arm][recording->at] =
        (double)moment->plasma_tenths / 10.0;
    recording->trace->units[recording->arm][recording->at] =
        (double)insulin_mU / 1000.0;
    recording->at++;
}

static size_t shown_arms(const struct dg_trial_plan *plan)
{
    return (plan->arms < DG_CHART_ARMS) ? plan->arms : DG_CHART_ARMS;
}

static enum dg_status live_again(const struct dg_trial_plan *plan,
                                 struct dg_trace *trace)
{
    for (size_t arm = 0; arm < shown_arms(plan); arm++) {
        struct recording recording = {.trace = trace, .arm = arm};

        trace->mg_dL[arm] = calloc(trace->steps, sizeof(double));
        trace->units[arm] = calloc(trace->steps, sizeof(double));
        if ((trace->mg_dL[arm] == NULL) || (trace->units[arm] == NULL)) {
            return DG_E_PORT;
        }

        const enum dg_status status = dg_trial_trace(plan,
                                                     trace->scenario,
                                                     arm,
                                                     trace->person,
                                                     record,
                                                     &recording,
                                                     NULL);

        if (status != DG_OK) {
            return status;
        }
    }
    return DG_OK;
}

static double start_hour_of(const struct dg_trial_scenario *scenario)
{
    const struct dg_trial_attack_row *row =
        dg_trial_attack_at(scenario->attack);

    if (row->culprit == DG_TRIAL_NOBODY) {
        return -1.0;
    }
    return (double)((scenario->start_minute > 0U) ? scenario->start_minute
                                                  : row->start_minute) /
           60.0;
}

/* The scenario in which arm 0 does most harm by @metric. */
static size_t hardest(const struct dg_findings *findings,
                      enum dg_trial_metric metric)
{
    const struct dg_trial_plan *plan = &findings->plan[0];
    size_t chosen = 0;
    double most = -1.0;

    for (size_t scenario = 0; scenario < plan->scenarios; scenario++) {
        const double here =
            dg_finding(dg_trial_cell_of(findings->result[0], scenario, 0U),
                       metric)
                .value;

        if (here > most) {
            most = here;
            chosen = scenario;
        }
    }
    return chosen;
}

static enum dg_status add(const struct dg_findings *findings,
                          struct dg_traces *traces,
                          size_t scenario,
                          size_t arm,
                          enum dg_trial_rank rank)
{
    const struct dg_trial_plan *plan = &findings->plan[0];
    const struct dg_trial_bad *bad =
        &dg_trial_cell_of(findings->result[0], scenario, arm)->worst[rank][0];
    struct dg_trace *trace = &traces->trace[traces->count];
    char name[DG_FINDING_TEXT_SIZE];

    if ((bad->is_used == 0U) || (traces->count == DG_TRACES_MAX)) {
        return DG_OK;
    }
    for (size_t i = 0; i < traces->count; i++) {
        if ((traces->trace[i].scenario == scenario) &&
            (traces->trace[i].person == bad->person)) {
            return DG_OK; /* drawn already */
        }
    }
    dg_finding_arm(&plan->arm[arm], name);
    *trace = (struct dg_trace){
        .scenario = scenario,
        .chosen = arm,
        .person = bad->person,
        .steps = (size_t)plan->days * STEPS_PER_DAY,
        .start_hour = start_hour_of(&plan->scenario[scenario]),
    };
    (void)snprintf(trace->title,
                   sizeof(trace->title),
                   "%.32s: person %llu, worst with %s",
                   dg_trial_scenario_title(&plan->scenario[scenario]),
                   (unsigned long long)trace->person,
                   name);
    traces->count++;
    return live_again(plan, trace);
}

enum dg_status dg_traces_make(const struct dg_findings *findings,
                              struct dg_traces *traces)
{
    const size_t last = findings->plan[0].arms - 1U;
    const size_t low = hardest(findings, DG_TRIAL_HAD_54);
    const size_t high = hardest(findings, DG_TRIAL_DKA_HOURS);
    enum dg_status status = DG_OK;

    *traces = (struct dg_traces){0};
    status = add(findings, traces, low, 0U, DG_TRIAL_RANK_LEAST);
    if (status == DG_OK) {
        status = add(findings, traces, low, last, DG_TRIAL_RANK_LEAST);
    }
    if (status == DG_OK) {
        status = add(findings, traces, high, 0U, DG_TRIAL_RANK_DKA);
    }
    if (status == DG_OK) {
        status = add(findings, traces, high, last, DG_TRIAL_RANK_DKA);
    }
    return status;
}

void dg_trace_csv(const struct dg_findings *findings,
                  const struct dg_trace *trace,
                  struct dg_html *out)
{
    const struct dg_trial_plan *plan = &findings->plan[0];
    char text[DG_FINDING_TEXT_SIZE];

    dg_html_raw(out, "minute");
    for (size_t arm = 0; arm < shown_arms(plan); arm++) {
        dg_trial_arm_name(&plan->arm[arm], text);
        dg_html_raw(out, ",");
        dg_html_raw(out, text);
        dg_html_raw(out, " plasma mg/dL,");
        dg_html_raw(out, text);
        dg_html_raw(out, " insulin U");
    }
    dg_html_raw(out, "\r\n");
    for (size_t step = 0; step < trace->steps; step++) {
        (void)snprintf(text, sizeof(text), "%zu", 5U * step);
        dg_html_raw(out, text);
        for (size_t arm = 0; arm < shown_arms(plan); arm++) {
            (void)snprintf(text,
                           sizeof(text),
                           ",%.1f,%.3f",
                           trace->mg_dL[arm][step],
                           trace->units[arm][step]);
            dg_html_raw(out, text);
        }
        dg_html_raw(out, "\r\n");
    }
}

void dg_traces_free(struct dg_traces *traces)
{
    for (size_t i = 0; i < traces->count; i++) {
        for (size_t arm = 0; arm < DG_CHART_ARMS; arm++) {
            free(traces->trace[i].mg_dL[arm]);
            free(traces->trace[i].units[arm]);
        }
    }
    *traces = (struct dg_traces){0};
}
