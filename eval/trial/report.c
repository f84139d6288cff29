/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/report.h"

#include <math.h>
#include <stdio.h>

#include "eval/trial/report_parts.h"

#define FOOT_SIZE     160U
#define SENTENCE_SIZE 512U

static const char disclaimer[] =
    "These are models of people, not people. A figure says what a rule does "
    "to a model; no clinician, laboratory or authority has reviewed it. "
    "Research software, not a medical device.";

/* The most harm that whoever owns the phone does in an arm, over all
 * scenarios of that kind; NaN when nobody owns it in this trial. */
static double worst_share(const struct dg_findings *findings,
                          size_t model,
                          size_t arm)
{
    const struct dg_trial_plan *plan = &findings->plan[model];
    double most = NAN;

    for (size_t scenario = 0; scenario < plan->scenarios; scenario++) {
        const struct dg_trial_attack_row *attack =
            dg_trial_attack_at(plan->scenario[scenario].attack);

        if ((attack->culprit == DG_TRIAL_PHONE) &&
            (attack->harm == DG_TRIAL_HARM_OVER)) {
            most = fmax(most,
                        dg_finding(dg_trial_cell_of(
                                       findings->result[model], scenario, arm),
                                   DG_TRIAL_HAD_SEVERE)
                            .value);
        }
    }
    return most;
}

static double quiet_share(const struct dg_findings *findings,
                          size_t model,
                          size_t arm)
{
    const struct dg_trial_plan *plan = &findings->plan[model];
    const size_t quiet = dg_report_quiet(plan);

    return (quiet == plan->scenarios)
               ? NAN
               : dg_finding(
                     dg_trial_cell_of(findings->result[model], quiet, arm),
                     DG_TRIAL_HAD_SEVERE)
                     .value;
}

static void put_sentence(struct dg_html *out, const char *sentence)
{
    if (out->used > 0U) {
        dg_html_raw(out, "\n");
    }
    dg_html_raw(out, sentence);
}

static void say_harm(const struct dg_findings *findings,
                     size_t model,
                     struct dg_html *out)
{
    const struct dg_trial_plan *plan = &findings->plan[model];
    char line[SENTENCE_SIZE];
    int used = snprintf(line,
                        sizeof(line),
                        "%s: below 40 mg/dL for 15 min by the worst attack of "
                        "whoever owns the phone (and when nothing goes wrong):",
                        dg_book_model_name(plan->model));

    for (size_t arm = 0;
         (arm < plan->arms) && (used > 0) && ((size_t)used < sizeof(line));
         arm++) {
        const double worst = worst_share(findings, model, arm);
        const double quiet = quiet_share(findings, model, arm);
        char name[DG_FINDING_TEXT_SIZE];

        if (!isfinite(worst)) {
            return;
        }
        dg_finding_arm(&plan->arm[arm], name);
        used +=
            snprintf(line + used,
                     sizeof(line) - (size_t)used,
                     isfinite(quiet) ? "%s %s %.1f %% (%.1f)" : "%s %s %.1f %%",
                     (arm == 0U) ? "" : ",",
                     name,
                     worst,
                     quiet);
    }
    put_sentence(out, line);
    dg_html_raw(out, ".");
}

static void say_cost(const struct dg_findings *findings,
                     size_t model,
                     struct dg_html *out)
{
    const struct dg_trial_plan *plan = &findings->plan[model];
    const size_t quiet = dg_report_quiet(plan);
    char line[SENTENCE_SIZE];

    if ((quiet == plan->scenarios) || (plan->arms < 2U)) {
        return;
    }

    const size_t last = plan->arms - 1U;
    const struct dg_trial_cell *cell =
        dg_trial_cell_of(findings->result[model], quiet, last);
    const struct dg_estimate range = dg_finding_difference(cell, DG_TRIAL_TIR);
    const struct dg_estimate low = dg_finding_difference(cell, DG_TRIAL_TBR_70);
    char name[DG_FINDING_TEXT_SIZE];
    char first[DG_FINDING_TEXT_SIZE];

    /* With fewer than two people there is no interval. */
    if (!isfinite(range.low) || !isfinite(low.low)) {
        return;
    }
    dg_finding_arm(&plan->arm[0], first);
    dg_finding_arm(&plan->arm[last], name);
    (void)snprintf(line,
                   sizeof(line),
                   "Where nothing goes wrong, %s changes the time in 70 to 180 "
                   "mg/dL by %+.2f points (%+.2f to %+.2f) and the time below "
                   "70 by %+.2f (%+.2f to %+.2f), against %s.",
                   name,
                   range.value,
                   range.low,
                   range.high,
                   low.value,
                   low.low,
                   low.high,
                   first);
    put_sentence(out, line);
}

static void say_lost(const struct dg_findings *findings, struct dg_html *out)
{
    uint64_t lost = 0;
    uint64_t dropped = 0;
    char line[SENTENCE_SIZE];

    for (size_t model = 0; model < findings->book->models; model++) {
        const struct dg_trial_plan *plan = &findings->plan[model];

        for (size_t i = 0; i < (plan->scenarios * plan->arms); i++) {
            lost += findings->result[model]->cell[i].lost;
            dropped += findings->result[model]->cell[i].dropped;
        }
    }
    if ((lost == 0U) && (dropped == 0U)) {
        return;
    }
    (void)snprintf(line,
                   sizeof(line),
                   "Left out of every figure: %llu lives whose numbers blew "
                   "up, %llu whose controller failed; the first of "
                   "each kind are named in results.json.",
                   (unsigned long long)lost,
                   (unsigned long long)dropped);
    put_sentence(out, line);
}

void dg_trial_summary(const struct dg_findings *findings, struct dg_html *out)
{
    char line[SENTENCE_SIZE];
    const struct dg_trial_plan *plan = &findings->plan[0];

    (void)snprintf(line,
                   sizeof(line),
                   "%llu people, %u day%s, %zu scenarios in %zu arms, %zu "
                   "model%s.",
                   (unsigned long long)plan->people,
                   plan->days,
                   (plan->days == 1U) ? "" : "s",
                   plan->scenarios,
                   plan->arms,
                   findings->book->models,
                   (findings->book->models == 1U) ? "" : "s");
    put_sentence(out, line);
    for (size_t model = 0; model < findings->book->models; model++) {
        say_harm(findings, model, out);
    }
    say_cost(findings, 0U, out);
    say_lost(findings, out);
}

/* Each line of the summary is a paragraph. */
static void put_summary(struct dg_document *document,
                        const struct dg_findings *findings)
{
    struct dg_html text;
    char line[SENTENCE_SIZE];
    size_t used = 0;

    dg_html_init(&text);
    dg_trial_summary(findings, &text);

    const dg_span all = dg_html_span(&text);

    for (size_t i = 0; i <= all.size; i++) {
        if ((i == all.size) || (all.at[i] == (uint8_t)'\n')) {
            line[used] = '\0';
            if (used > 0U) {
                dg_document_paragraph(document, false, line);
            }
            used = 0;
        } else if (used < (sizeof(line) - 1U)) {
            line[used] = (char)all.at[i];
            used++;
        }
    }
    document->failed = document->failed || text.failed;
    dg_html_free(&text);
}

static void put_few(struct dg_document *document,
                    const struct dg_trial_plan *plan)
{
    char line[SENTENCE_SIZE];

    if (plan->arms > DG_CHART_ARMS) {
        (void)snprintf(line,
                       sizeof(line),
                       "Figures show the first %u of %zu arms; tables, "
                       "results.csv and results.json show all.",
                       DG_CHART_ARMS,
                       plan->arms);
        dg_document_paragraph(document, false, line);
    }
}

enum dg_status dg_trial_report(const struct dg_findings *findings,
                               const struct dg_traces *traces,
                               enum dg_document_kind kind,
                               struct dg_document *document)
{
    char foot[FOOT_SIZE];

    (void)snprintf(foot,
                   sizeof(foot),
                   "Trial %.32s, plan %.16s, seed %llu. Research software, not "
                   "a medical device.",
                   findings->book->name,
                   findings->digest[0],
                   (unsigned long long)findings->plan[0].seed);
    dg_document_begin(document, kind, findings->book->title, foot);
    dg_document_paragraph(document, false, findings->book->question);
    put_summary(document, findings);
    put_few(document, &findings->plan[0]);
    dg_document_paragraph(document, true, disclaimer);
    dg_report_dots(document,
                   findings,
                   0U,
                   DG_TRIAL_HAD_SEVERE,
                   DG_TRIAL_HARM_OVER,
                   true,
                   "What whoever owns the phone can do",
                   "Share of people below 40 mg/dL for 15 min, a proxy of "
                   "severe hypoglycaemia.");
    dg_trial_report_harm(document, findings);
    dg_trial_report_cost(document, findings);
    dg_trial_report_rules(document, findings);
    dg_trial_report_worst(document, findings, traces);
    dg_trial_report_models(document, findings);
    dg_trial_report_method(document, findings);
    return dg_document_end(document);
}
