/* SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>

#include "eval/trial/report_parts.h"

#define CAPTION_SIZE 160U

/* Shares of time in the five ranges; rows of the consensus overlap (below 70
 * holds below 54), the bars do not. */
static void shares_of(const struct dg_trial_cell *cell,
                      double percent[DG_CHART_RANGES])
{
    const double below_54 = dg_finding(cell, DG_TRIAL_TBR_54).value;
    const double below_70 = dg_finding(cell, DG_TRIAL_TBR_70).value;
    const double range = dg_finding(cell, DG_TRIAL_TIR).value;
    const double above_180 = dg_finding(cell, DG_TRIAL_TAR_180).value;
    const double above_250 = dg_finding(cell, DG_TRIAL_TAR_250).value;

    percent[0] = below_54;
    percent[1] = below_70 - below_54;
    percent[2] = range;
    percent[3] = above_180 - above_250;
    percent[4] = above_250;
}

static void draw_ranges(struct dg_document *document,
                        const struct dg_findings *findings,
                        size_t quiet)
{
    const struct dg_trial_plan *plan = &findings->plan[0];
    char texts[DG_TRIAL_ARMS_MAX][DG_FINDING_TEXT_SIZE];
    const char *names[DG_TRIAL_ARMS_MAX];
    struct dg_chart_ranges_row rows[DG_TRIAL_ARMS_MAX];
    const struct dg_chart_ranges chart = {
        .title = "Time in ranges when nothing goes wrong",
        .rows = rows,
        .row_count = plan->arms,
    };

    dg_report_arm_names(plan, texts, names);
    for (size_t arm = 0; arm < plan->arms; arm++) {
        rows[arm].name = names[arm];
        shares_of(dg_trial_cell_of(findings->result[0], quiet, arm),
                  rows[arm].percent);
    }
    dg_document_figure(document,
                       dg_chart_ranges_height(&chart),
                       dg_chart_ranges_draw,
                       &chart,
                       "Plasma glucose, mean over people.");
}

/* The rows by which clinicians judge a day, with the paired difference to the
 * first arm. */
static void put_metrics(struct dg_document *document,
                        const struct dg_findings *findings,
                        size_t quiet)
{
    static const enum dg_trial_metric rows[] = {DG_TRIAL_TIR,
                                                DG_TRIAL_TITR,
                                                DG_TRIAL_TBR_70,
                                                DG_TRIAL_TBR_54,
                                                DG_TRIAL_TAR_180,
                                                DG_TRIAL_TAR_250,
                                                DG_TRIAL_MEAN,
                                                DG_TRIAL_CV,
                                                DG_TRIAL_GMI,
                                                DG_TRIAL_GRI,
                                                DG_TRIAL_LBGI,
                                                DG_TRIAL_HBGI,
                                                DG_TRIAL_INSULIN,
                                                DG_TRIAL_BLOCKED,
                                                DG_TRIAL_RESCUE};
    const struct dg_trial_plan *plan = &findings->plan[0];

    for (size_t arm = 0; arm < plan->arms; arm++) {
        const struct dg_trial_cell *cell =
            dg_trial_cell_of(findings->result[0], quiet, arm);
        char name[DG_FINDING_TEXT_SIZE];
        const char *heads[] = {name, "unit", "mean", "less arm 1, paired"};

        dg_finding_arm(&plan->arm[arm], name);
        dg_document_table(document, heads, 4U);
        for (size_t i = 0; i < (sizeof(rows) / sizeof(rows[0])); i++) {
            const struct dg_estimate found = dg_finding(cell, rows[i]);
            const struct dg_estimate less =
                dg_finding_difference(cell, rows[i]);
            char value[DG_FINDING_TEXT_SIZE];
            char difference[DG_FINDING_TEXT_SIZE] = "";
            const char *cells[] = {dg_trial_metric_at(rows[i])->title,
                                   dg_finding_unit(rows[i]),
                                   value,
                                   difference};

            dg_estimate_text(&found, value);
            if (arm > 0U) {
                dg_estimate_text(&less, difference);
            }
            dg_document_row(document, cells);
        }
        dg_document_table_end(document);
    }
}

static void draw_profile(struct dg_document *document,
                         const struct dg_findings *findings,
                         size_t quiet,
                         size_t arm)
{
    static const unsigned permille[DG_CHART_QUANTILES] = {
        50U, 250U, 500U, 750U, 950U};
    char name[DG_FINDING_TEXT_SIZE];
    char title[CAPTION_SIZE];
    struct dg_chart_agp chart = {.title = title};
    const struct dg_trial_cell *cell =
        dg_trial_cell_of(findings->result[0], quiet, arm);

    _Static_assert(DG_CHART_SLOTS == DG_TRIAL_DAY_PARTS,
                   "a slot of the figure is a part of the day");
    dg_finding_arm(&findings->plan[0].arm[arm], name);
    (void)snprintf(title, sizeof(title), "Glucose by time of day, %s", name);
    for (unsigned slot = 0U; slot < DG_CHART_SLOTS; slot++) {
        for (size_t i = 0; i < DG_CHART_QUANTILES; i++) {
            chart.mg_dL[slot][i] =
                dg_trial_percentile(cell, DG_TRIAL_PLASMA, slot, permille[i]);
        }
    }
    dg_document_figure(document,
                       DG_CHART_AGP_HEIGHT,
                       dg_chart_agp_draw,
                       &chart,
                       "Ambulatory glucose profile: median, 25 to 75 and 5 to "
                       "95 % of people, plasma.");
}

void dg_trial_report_cost(struct dg_document *document,
                          const struct dg_findings *findings)
{
    const size_t quiet = dg_report_quiet(&findings->plan[0]);

    dg_document_heading(document,
                        "What the guard costs when nothing goes "
                        "wrong");
    if (quiet == findings->plan[0].scenarios) {
        dg_document_paragraph(document,
                              false,
                              "This trial has no scenario 'quiet', so it does "
                              "not tell.");
        return;
    }
    draw_ranges(document, findings, quiet);
    put_metrics(document, findings, quiet);
    draw_profile(document, findings, quiet, 0U);
    if (findings->plan[0].arms > 1U) {
        draw_profile(document, findings, quiet, findings->plan[0].arms - 1U);
    }
}
