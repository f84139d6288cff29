/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/trial/findings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "eval/trial/interval.h"

void dg_findings_begin(struct dg_findings *findings, const struct dg_book *book)
{
    *findings = (struct dg_findings){.book = book};
}

void dg_findings_plan(struct dg_findings *findings,
                      size_t at,
                      const struct dg_trial_plan *plan,
                      const struct dg_trial_result *result)
{
    static const char digits[] = "0123456789abcdef";
    uint8_t digest[32];

    findings->plan[at] = *plan;
    findings->result[at] = result;
    dg_trial_digest(plan, digest);
    for (size_t i = 0; i < sizeof(digest); i++) {
        findings->digest[at][2U * i] = digits[digest[i] >> 4U];
        findings->digest[at][(2U * i) + 1U] = digits[digest[i] & 0xFU];
    }
    findings->digest[at][DG_DIGEST_TEXT_SIZE - 1U] = '\0';
}

static struct dg_estimate percent(struct dg_estimate share)
{
    return (struct dg_estimate){
        100.0 * share.value, 100.0 * share.low, 100.0 * share.high};
}

struct dg_estimate dg_finding(const struct dg_trial_cell *cell,
                              enum dg_trial_metric metric)
{
    const struct dg_trial_sum *sum = &cell->sum[metric];

    if (dg_trial_metric_at(metric)->is_proportion) {
        return percent(dg_interval_share((uint64_t)sum->sum, sum->count));
    }
    return dg_interval_mean(
        sum->count, dg_trial_mean(sum, metric), dg_trial_sd(sum, metric));
}

struct dg_estimate dg_finding_difference(const struct dg_trial_cell *cell,
                                         enum dg_trial_metric metric)
{
    const struct dg_trial_sum *sum = &cell->difference[metric];
    const struct dg_estimate found = dg_interval_mean(
        sum->count, dg_trial_mean(sum, metric), dg_trial_sd(sum, metric));

    return dg_trial_metric_at(metric)->is_proportion ? percent(found) : found;
}

const char *dg_finding_unit(enum dg_trial_metric metric)
{
    const struct dg_trial_metric_row *row = dg_trial_metric_at(metric);

    return row->is_proportion ? "% of people" : row->unit;
}

void dg_estimate_text(const struct dg_estimate *estimate,
                      char text[DG_FINDING_TEXT_SIZE])
{
    if (!isfinite(estimate->value)) {
        (void)snprintf(text, DG_FINDING_TEXT_SIZE, "-");
        return;
    }

    const int places = (fabs(estimate->value) < 10.0) ? 2 : 1;

    if (!isfinite(estimate->low)) {
        (void)snprintf(
            text, DG_FINDING_TEXT_SIZE, "%.*f", places, estimate->value);
        return;
    }
    (void)snprintf(text,
                   DG_FINDING_TEXT_SIZE,
                   "%.*f (%.*f to %.*f)",
                   places,
                   estimate->value,
                   places,
                   estimate->low,
                   places,
                   estimate->high);
}

void dg_finding_arm(const struct dg_trial_arm *arm,
                    char text[DG_FINDING_TEXT_SIZE])
{
    static const char *const package[] = {
        [DG_PACKAGE_LOW] = "Dosegate Low",
        [DG_PACKAGE_MEDIUM] = "Dosegate Medium",
        [DG_PACKAGE_HIGH] = "Dosegate High",
    };

    switch (arm->guard) {
    case DG_TRIAL_GUARD_OPEN:
        (void)snprintf(text, DG_FINDING_TEXT_SIZE, "no guard");
        break;
    case DG_TRIAL_GUARD_SOLD:
        (void)snprintf(
            text, DG_FINDING_TEXT_SIZE, "%.24s, as sold", arm->sold->name);
        break;
    case DG_TRIAL_GUARD_DOSEGATE:
        (void)snprintf(text,
                       DG_FINDING_TEXT_SIZE,
                       "%s%s%s",
                       package[arm->package],
                       (arm->change.is_changed != 0U) ? ", " : "",
                       (arm->change.is_changed != 0U) ? arm->label : "");
        break;
    case DG_TRIAL_GUARD_UNSET:
    default:
        (void)snprintf(text, DG_FINDING_TEXT_SIZE, "?");
        break;
    }
}

static void put_number(struct dg_html *out, double value)
{
    char text[40];

    if (!isfinite(value)) {
        dg_html_raw(out, ",");
        return;
    }
    (void)snprintf(text, sizeof(text), ",%.6f", value);
    dg_html_raw(out, text);
}

static void put_estimate(struct dg_html *out, struct dg_estimate found)
{
    put_number(out, found.value);
    put_number(out, found.low);
    put_number(out, found.high);
}

static void csv_cell(struct dg_html *out,
                     const struct dg_findings *findings,
                     size_t model,
                     size_t scenario,
                     size_t arm)
{
    const struct dg_trial_plan *plan = &findings->plan[model];
    const struct dg_trial_cell *cell =
        dg_trial_cell_of(findings->result[model], scenario, arm);
    char name[DG_TRIAL_ARM_NAME_MAX];
    char line[256];

    dg_trial_arm_name(&plan->arm[arm], name);
    for (unsigned at = 0U; at < DG_TRIAL_METRICS; at++) {
        const enum dg_trial_metric metric = (enum dg_trial_metric)at;

        (void)snprintf(line,
                       sizeof(line),
                       "%s,%s,%s,%s,%s,%llu,%llu,%llu",
                       dg_book_model_name(plan->model),
                       dg_trial_scenario_name(&plan->scenario[scenario]),
                       name,
                       dg_trial_metric_at(metric)->name,
                       dg_finding_unit(metric),
                       (unsigned long long)cell->people,
                       (unsigned long long)cell->lost,
                       (unsigned long long)cell->dropped);
        dg_html_raw(out, line);
        put_estimate(out, dg_finding(cell, metric));
        put_estimate(out, dg_finding_difference(cell, metric));
        dg_html_raw(out, "\r\n");
    }
}

void dg_findings_csv(const struct dg_findings *findings, struct dg_html *out)
{
    dg_html_raw(out,
                "model,scenario,arm,metric,unit,people,lost,dropped,value,low,"
                "high,difference,difference_low,difference_high\r\n");
    for (size_t model = 0; model < findings->book->models; model++) {
        const struct dg_trial_plan *plan = &findings->plan[model];

        for (size_t scenario = 0; scenario < plan->scenarios; scenario++) {
            for (size_t arm = 0; arm < plan->arms; arm++) {
                csv_cell(out, findings, model, scenario, arm);
            }
        }
    }
}
