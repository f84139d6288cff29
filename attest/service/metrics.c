/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/metrics.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

struct page {
    char *text;
    size_t used;
};

__attribute__((format(printf, 2, 3))) static void put(struct page *page,
                                                      const char *form,
                                                      ...)
{
    va_list arguments;

    va_start(arguments, form);

    const int size = vsnprintf(&page->text[page->used],
                               DG_METRICS_TEXT_MAX - page->used,
                               form,
                               arguments);

    va_end(arguments);
    if ((size > 0) && ((size_t)size < DG_METRICS_TEXT_MAX - page->used)) {
        page->used += (size_t)size;
    } else {
        page->text[page->used] = '\0'; /* a line whole or not at all */
    }
}

static void head(struct page *page,
                 const char *name,
                 const char *type,
                 const char *help)
{
    put(page, "# HELP dosegate_attestd_%s %s\n", name, help);
    put(page, "# TYPE dosegate_attestd_%s %s\n", name, type);
}

static void one(struct page *page,
                const char *name,
                const char *type,
                const char *help,
                int64_t value)
{
    head(page, name, type, help);
    put(page, "dosegate_attestd_%s %" PRId64 "\n", name, value);
}

static void refusals(struct page *page, const struct dg_metrics *metrics)
{
    const struct {
        const char *why;
        uint64_t count;
    } rows[] = {
        {"rate", metrics->refused_rate},
        {"size", metrics->refused_size},
        {"slow", metrics->refused_slow},
        {"request", metrics->refused_request},
    };

    head(page, "refused_total", "counter", "Requests refused unjudged.");
    for (size_t i = 0; i < (sizeof(rows) / sizeof(rows[0])); i++) {
        put(page,
            "dosegate_attestd_refused_total{why=\"%s\"} %" PRIu64 "\n",
            rows[i].why,
            rows[i].count);
    }
}

size_t dg_metrics_write(const struct dg_metrics *metrics,
                        const struct dg_metrics_now *now,
                        char text[DG_METRICS_TEXT_MAX])
{
    static const char *const levels[] = {NULL, "low", "medium", "high"};
    struct page page = {text, 0U};

    text[0] = '\0';
    head(&page, "requests_total", "counter", "Requests judged, by result.");
    for (unsigned i = 1; i < DG_ISSUE_RESULTS; i++) {
        put(&page,
            "dosegate_attestd_requests_total{result=\"%s\"} %" PRIu64 "\n",
            dg_issue_name((enum dg_issue_result)i),
            metrics->result[i]);
    }
    head(&page, "evidence_total", "counter", "Pieces of evidence, by kind.");
    for (unsigned i = 1; i < DG_KINDS; i++) {
        put(&page,
            "dosegate_attestd_evidence_total{kind=\"%s\"} %" PRIu64 "\n",
            dg_evidence_kind_name((enum dg_evidence_kind)i),
            metrics->kind[i]);
    }
    head(&page, "tickets_total", "counter", "Tickets signed, by level.");
    for (unsigned i = DG_PACKAGE_LOW; i <= DG_PACKAGE_HIGH; i++) {
        put(&page,
            "dosegate_attestd_tickets_total{level=\"%s\"} %" PRIu64 "\n",
            levels[i],
            metrics->level[i]);
    }
    refusals(&page, metrics);
    one(&page,
        "judged_microseconds_total",
        "counter",
        "Time spent on judging requests.",
        (int64_t)metrics->judged_us);
    one(&page,
        "connections",
        "gauge",
        "Open connections.",
        (int64_t)metrics->open);
    one(&page,
        "policy_version",
        "gauge",
        "Version of the platform policy.",
        now->policy_version);
    one(&page,
        "policy_left_seconds",
        "gauge",
        "Until the platform policy ends; 0 when it has.",
        now->policy_left_s);
    one(&page,
        "anchors_left_seconds",
        "gauge",
        "Until the anchors end; -1 without any.",
        now->anchors_left_s);
    one(&page,
        "up_seconds",
        "gauge",
        "Since the start of this instance.",
        (int64_t)now->up_s);
    return page.used;
}
