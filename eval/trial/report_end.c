/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "eval/trial/report_parts.h"
#include "patient/trial/phone.h"

#define LINE_SIZE 640U

static void count_text(uint64_t value, char text[DG_FINDING_TEXT_SIZE])
{
    (void)snprintf(
        text, DG_FINDING_TEXT_SIZE, "%llu", (unsigned long long)value);
}

/* Refusals of all people: rules across, scenarios down, for one arm. */
static void put_arm_rules(struct dg_document *document,
                          const struct dg_findings *findings,
                          size_t arm)
{
    const struct dg_trial_plan *plan = &findings->plan[0];
    const char *heads[DG_TRIAL_RULES];
    char name[DG_FINDING_TEXT_SIZE];

    dg_finding_arm(&plan->arm[arm], name);
    heads[0] = name;
    for (unsigned rule = 1U; rule < DG_TRIAL_RULES; rule++) {
        heads[rule] = dg_trial_rule_name(rule);
    }
    dg_document_table(document, heads, DG_TRIAL_RULES);
    for (size_t scenario = 0; scenario < plan->scenarios; scenario++) {
        const struct dg_trial_cell *cell =
            dg_trial_cell_of(findings->result[0], scenario, arm);
        char texts[DG_TRIAL_RULES][DG_FINDING_TEXT_SIZE];
        const char *cells[DG_TRIAL_RULES] = {
            dg_trial_scenario_title(&plan->scenario[scenario])};

        for (unsigned rule = 1U; rule < DG_TRIAL_RULES; rule++) {
            count_text(cell->refusals[rule], texts[rule]);
            cells[rule] = texts[rule];
        }
        dg_document_row(document, cells);
    }
    dg_document_table_end(document);
}

void dg_trial_report_rules(struct dg_document *document,
                           const struct dg_findings *findings)
{
    _Static_assert(DG_TRIAL_RULES <= DG_DOCUMENT_COLUMNS, "a column each");
    dg_document_heading(document, "Which rule acted");
    dg_document_paragraph(
        document,
        true,
        "How often an ask was cut or refused, by the first rule that said no, "
        "over all people. E1 one dose, E2 windows, E3 insulin on board, E4 "
        "glucose, E5 suspension, E6 raised basal, E7 interval, E8 glucagon; "
        "authority: rung, presence or replay; product: a limit of today.");
    for (size_t arm = 1U; arm < findings->plan[0].arms; arm++) {
        put_arm_rules(document, findings, arm);
    }
}

void dg_trial_report_worst(struct dg_document *document,
                           const struct dg_findings *findings,
                           const struct dg_traces *traces)
{
    char texts[DG_TRIAL_ARMS_MAX][DG_FINDING_TEXT_SIZE];
    const char *names[DG_TRIAL_ARMS_MAX];

    if (traces->count == 0U) {
        return;
    }
    dg_report_arm_names(&findings->plan[0], texts, names);
    dg_document_heading(document, "The worst people");
    for (size_t i = 0; i < traces->count; i++) {
        const struct dg_trace *trace = &traces->trace[i];
        struct dg_chart_trace chart = {
            .title = trace->title,
            .count = trace->steps,
            .attack_hour = trace->start_hour,
            .line_count = dg_report_arms(&findings->plan[0]),
        };

        for (size_t arm = 0; arm < chart.line_count; arm++) {
            chart.lines[arm] = (struct dg_chart_trace_line){
                names[arm], trace->mg_dL[arm], trace->units[arm]};
        }
        dg_document_figure(document,
                           DG_CHART_TRACE_HEIGHT,
                           dg_chart_trace_draw,
                           &chart,
                           "Plasma glucose and insulin given, the same person "
                           "and days in each arm.");
    }
}

void dg_trial_report_models(struct dg_document *document,
                            const struct dg_findings *findings)
{
    if (findings->book->models < 2U) {
        return;
    }
    dg_document_heading(document, "The same on other models");
    for (size_t model = 1U; model < findings->book->models; model++) {
        char title[LINE_SIZE];
        const enum dg_trial_model found = findings->plan[model].model;

        (void)snprintf(title,
                       sizeof(title),
                       "%s: people below 40 mg/dL for 15 min",
                       dg_book_model_name(found));
        dg_report_dots(document,
                       findings,
                       model,
                       DG_TRIAL_HAD_SEVERE,
                       DG_TRIAL_HARM_OVER,
                       false,
                       title,
                       dg_book_model_caution(found));
    }
}

static void put_assumptions(struct dg_document *document,
                            const struct dg_findings *findings)
{
    const struct dg_trial_plan *plan = &findings->plan[0];
    char line[LINE_SIZE];
    char name[DG_FINDING_TEXT_SIZE];

    for (size_t arm = 0; arm < plan->arms; arm++) {
        dg_finding_arm(&plan->arm[arm], name);
        (void)snprintf(
            line,
            sizeof(line),
            "%s: %s.%s%s",
            name,
            dg_trial_phone_of(&plan->arm[arm])->why,
            (plan->arm[arm].sold == NULL) ? "" : " Limits: ",
            (plan->arm[arm].sold == NULL) ? "" : plan->arm[arm].sold->source);
        dg_document_paragraph(document, true, line);
    }
}

static void put_scenarios(struct dg_document *document,
                          const struct dg_findings *findings)
{
    const struct dg_trial_plan *plan = &findings->plan[0];
    char line[LINE_SIZE];

    for (size_t i = 0; i < plan->scenarios; i++) {
        const struct dg_trial_attack_row *attack =
            dg_trial_attack_at(plan->scenario[i].attack);

        (void)snprintf(line,
                       sizeof(line),
                       "%s (%s): %s.%s",
                       dg_trial_scenario_title(&plan->scenario[i]),
                       attack->threats,
                       attack->what,
                       plan->scenario[i].no_rescue ? " Nobody eats against a "
                                                     "low."
                                                   : "");
        dg_document_paragraph(document, true, line);
    }
}

void dg_trial_report_method(struct dg_document *document,
                            const struct dg_findings *findings)
{
    const struct dg_book *book = findings->book;
    char line[LINE_SIZE];

    dg_document_heading(document, "The scenarios");
    put_scenarios(document, findings);
    dg_document_heading(document, "What the attacker can do in each arm");
    put_assumptions(document, findings);
    dg_document_heading(document, "How it was computed");
    (void)snprintf(
        line,
        sizeof(line),
        "Controller: %.200s. %llu people, %u days, seed %llu, %s "
        "precision. Each person lives the same days with the same "
        "meals and the same noise in every arm, so differences are "
        "paired. Shares of people have Clopper and Pearson's "
        "interval, means Student's, all 95 %%, none corrected for "
        "their number. The Dosegate arms run the device's own "
        "envelope, ledger arithmetic and authority table.",
        (book->controller != NULL) ? book->controller : book->program,
        (unsigned long long)book->plan.people,
        book->plan.days,
        (unsigned long long)book->plan.seed,
        (book->plan.precision == DG_TRIAL_DOUBLE) ? "double" : "single");
    dg_document_paragraph(document, true, line);
    for (size_t model = 0; model < book->models; model++) {
        (void)snprintf(line,
                       sizeof(line),
                       "%s Plan %s.",
                       dg_book_model_caution(findings->plan[model].model),
                       findings->digest[model]);
        dg_document_paragraph(document, true, line);
    }
}
