/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "eval/trial/report_parts.h"

size_t dg_report_quiet(const struct dg_trial_plan *plan)
{
    size_t scenario = 0;

    while ((scenario < plan->scenarios) &&
           (plan->scenario[scenario].attack != DG_TRIAL_QUIET)) {
        scenario++;
    }
    return scenario;
}

size_t dg_report_arms(const struct dg_trial_plan *plan)
{
    return (plan->arms < DG_CHART_ARMS) ? plan->arms : DG_CHART_ARMS;
}

void dg_report_arm_names(const struct dg_trial_plan *plan,
                         char texts[DG_TRIAL_ARMS_MAX][DG_FINDING_TEXT_SIZE],
                         const char *names[DG_TRIAL_ARMS_MAX])
{
    for (size_t arm = 0; arm < plan->arms; arm++) {
        dg_finding_arm(&plan->arm[arm], texts[arm]);
        names[arm] = texts[arm];
    }
}

/* Heads are two lines of a table long otherwise: at most six arms each. */
static void put_rows(struct dg_document *document,
                     const struct dg_findings *findings,
                     size_t model,
                     enum dg_trial_metric metric,
                     size_t first,
                     size_t count)
{
    const struct dg_trial_plan *plan = &findings->plan[model];

    for (size_t scenario = 0; scenario < plan->scenarios; scenario++) {
        char texts[DG_CHART_ARMS][DG_FINDING_TEXT_SIZE];
        const char *cells[DG_CHART_ARMS + 1U] = {
            dg_trial_scenario_title(&plan->scenario[scenario])};

        for (size_t i = 0; i < count; i++) {
            const struct dg_estimate found = dg_finding(
                dg_trial_cell_of(findings->result[model], scenario, first + i),
                metric);

            dg_estimate_text(&found, texts[i]);
            cells[i + 1U] = texts[i];
        }
        dg_document_row(document, cells);
    }
}

void dg_report_table(struct dg_document *document,
                     const struct dg_findings *findings,
                     size_t model,
                     enum dg_trial_metric metric)
{
    const struct dg_trial_plan *plan = &findings->plan[model];
    char texts[DG_TRIAL_ARMS_MAX][DG_FINDING_TEXT_SIZE];
    const char *names[DG_TRIAL_ARMS_MAX];

    dg_report_arm_names(plan, texts, names);
    for (size_t first = 0; first < plan->arms; first += DG_CHART_ARMS) {
        const size_t left = plan->arms - first;
        const size_t count = (left < DG_CHART_ARMS) ? left : DG_CHART_ARMS;
        const char *heads[DG_CHART_ARMS + 1U] = {dg_finding_unit(metric)};

        for (size_t i = 0; i < count; i++) {
            heads[i + 1U] = names[first + i];
        }
        dg_document_table(document, heads, count + 1U);
        put_rows(document, findings, model, metric, first, count);
        dg_document_table_end(document);
    }
}

/* A round end of the axis that holds every interval. */
static double round_up(double value)
{
    const double power = pow(10.0, floor(log10(fmax(value, 1e-3))));
    const double share = value / power;

    if (share <= 2.0) {
        return (share <= 1.0) ? power : (2.0 * power);
    }
    return (share <= 5.0) ? (5.0 * power) : (10.0 * power);
}

void dg_report_dots(struct dg_document *document,
                    const struct dg_findings *findings,
                    size_t model,
                    enum dg_trial_metric metric,
                    enum dg_trial_harm harm,
                    bool is_phone,
                    const char *title,
                    const char *caption)
{
    const struct dg_trial_plan *plan = &findings->plan[model];
    char texts[DG_TRIAL_ARMS_MAX][DG_FINDING_TEXT_SIZE];
    const char *names[DG_TRIAL_ARMS_MAX];
    struct dg_chart_dots_row rows[DG_TRIAL_SCENARIOS_MAX];
    char axis[64];
    struct dg_chart_dots chart = {
        .title = title,
        .axis = axis,
        .arms = names,
        .arm_count = dg_report_arms(plan),
        .rows = rows,
    };

    dg_report_arm_names(plan, texts, names);
    (void)snprintf(
        axis, sizeof(axis), "%s, 95 %% interval", dg_finding_unit(metric));
    for (size_t scenario = 0; scenario < plan->scenarios; scenario++) {
        const struct dg_trial_attack_row *attack =
            dg_trial_attack_at(plan->scenario[scenario].attack);
        struct dg_chart_dots_row *row = &rows[chart.row_count];

        if ((attack->harm != DG_TRIAL_HARM_NONE) &&
            (((unsigned)attack->harm & (unsigned)harm) == 0U)) {
            continue; /* what never errs is what the others compare with */
        }
        if (is_phone && (attack->culprit != DG_TRIAL_PHONE) &&
            (attack->culprit != DG_TRIAL_NOBODY)) {
            continue;
        }
        row->name = dg_trial_scenario_title(&plan->scenario[scenario]);
        for (size_t arm = 0; arm < chart.arm_count; arm++) {
            row->of_arm[arm] = dg_finding(
                dg_trial_cell_of(findings->result[model], scenario, arm),
                metric);
            if (isfinite(row->of_arm[arm].high)) {
                chart.max = fmax(chart.max, row->of_arm[arm].high);
            }
        }
        chart.row_count++;
    }
    if (chart.row_count == 0U) {
        return; /* no scenario of this trial errs in this way */
    }
    chart.max = round_up(chart.max);
    dg_document_figure(document,
                       dg_chart_dots_height(&chart),
                       dg_chart_dots_draw,
                       &chart,
                       caption);
}
