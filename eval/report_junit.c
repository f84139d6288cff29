/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/report_junit.h"

#include <stdbool.h>

enum outcome {
    PASSED,
    FAILURE,
    ERROR,
    SKIPPED,
    OUTCOMES,
};

static enum outcome outcome_of(const struct dg_run *run,
                               const struct dg_run_test *test)
{
    switch (test->verdict) {
    case DG_RUN_PASS:
        return PASSED;
    case DG_RUN_FAIL:
        return FAILURE;
    case DG_RUN_WAIVED:
        return dg_run_is_waiver_good(run, test) ? SKIPPED : ERROR;
    case DG_RUN_NOT_APPLICABLE:
    case DG_RUN_PENDING:
    case DG_RUN_NOT_ASKED:
        return SKIPPED;
    case DG_RUN_UNDECIDED:
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_ERROR:
    case DG_RUN_VERDICTS:
    default:
        return ERROR;
    }
}

static void put_seconds(struct dg_html *xml, uint64_t ms)
{
    dg_html_put(xml,
                "%llu.%u%u%u",
                (unsigned long long)(ms / 1000U),
                (unsigned)((ms / 100U) % 10U),
                (unsigned)((ms / 10U) % 10U),
                (unsigned)(ms % 10U));
}

static void put_property(struct dg_html *xml,
                         const char *indent,
                         const char *name,
                         const char *value)
{
    if (value[0] != '\0') {
        dg_html_put(xml,
                    "%s<property name=\"%s\" value=\"%s\"/>\n",
                    indent,
                    name,
                    value);
    }
}

static void put_lines(struct dg_html *xml,
                      const char *name,
                      const struct dg_run_line *lines)
{
    for (; lines != NULL; lines = lines->next) {
        put_property(xml, "        ", name, lines->text);
    }
}

/* Why a test was waived, with the two facts that make a waiver one. */
static void put_skipped(struct dg_html *xml, const struct dg_run_test *test)
{
    dg_html_put(xml,
                "      <skipped message=\"%s: %s",
                dg_run_verdict_name(test->verdict),
                test->reason);
    if (test->verdict == DG_RUN_WAIVED) {
        dg_html_put(xml,
                    "%s (%s, until %s)",
                    test->waived_because,
                    test->waived_by,
                    test->waived_until);
    }
    dg_html_raw(xml, "\"/>\n");
}

static void put_result(struct dg_html *xml,
                       const struct dg_run *run,
                       const struct dg_run_test *test)
{
    const enum outcome outcome = outcome_of(run, test);
    const char *tag = (outcome == FAILURE) ? "failure" : "error";

    if (outcome == PASSED) {
        return;
    }
    if (outcome == SKIPPED) {
        put_skipped(xml, test);
        return;
    }
    dg_html_put(xml,
                "      <%s type=\"%s\" message=\"%s\">",
                tag,
                dg_run_verdict_name(test->verdict),
                test->reason);
    for (const struct dg_run_line *l = test->seen; l != NULL; l = l->next) {
        dg_html_put(xml, "%s\n", l->text);
    }
    if (test->replay_command[0] != '\0') {
        dg_html_put(xml, "Replay: %s\n", test->replay_command);
    }
    dg_html_put(xml, "</%s>\n", tag);
}

static void put_case(struct dg_html *xml,
                     const struct dg_run *run,
                     const struct dg_run_test *test)
{
    dg_html_put(xml,
                "    <testcase classname=\"dosegate.%s\" name=\"%s: %s\" "
                "time=\"",
                test->threat,
                test->id,
                test->title);
    put_seconds(xml, test->elapsed_ms);
    dg_html_raw(xml, "\">\n      <properties>\n");
    put_lines(xml, "corpus", test->corpus);
    put_lines(xml, "requirement", test->requirements);
    put_property(xml, "        ", "position", test->position);
    put_property(
        xml, "        ", "verdict", dg_run_verdict_name(test->verdict));
    dg_html_raw(xml, "      </properties>\n");
    put_result(xml, run, test);
    dg_html_raw(xml, "    </testcase>\n");
}

static void put_counts(struct dg_html *xml, const struct dg_run *run)
{
    size_t count[OUTCOMES] = {0};
    size_t tests = 0;
    uint64_t elapsed_ms = 0;

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        tests++;
        count[outcome_of(run, t)]++;
        elapsed_ms += t->elapsed_ms;
    }
    dg_html_put(xml,
                " tests=\"%zu\" failures=\"%zu\" errors=\"%zu\" "
                "skipped=\"%zu\" time=\"",
                tests,
                count[FAILURE],
                count[ERROR],
                count[SKIPPED]);
    put_seconds(xml, elapsed_ms);
    dg_html_raw(xml, "\"");
}

enum dg_status dg_report_junit_render(const struct dg_run *run,
                                      const struct dg_run_origin *origin,
                                      struct dg_html *xml)
{
    const struct dg_run_head *head = &run->head;
    const char *indent = "      ";

    dg_html_init(xml);
    dg_html_put(xml,
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                "<!-- dosegate-run:sha256:%s -->\n<testsuites",
                origin->digest);
    put_counts(xml, run);
    dg_html_put(xml, ">\n  <testsuite name=\"dosegate %s\"", run->product.name);
    put_counts(xml, run);
    dg_html_put(xml, " timestamp=\"%s\">\n    <properties>\n", head->started);
    put_property(xml, indent, "dosegate.run.sha256", origin->digest);
    put_property(xml, indent, "dosegate.lab.key", origin->key_id);
    put_property(xml, indent, "product", run->product.name);
    put_property(xml, indent, "product.version", run->product.version);
    put_property(xml, indent, "product.firmware", run->product.firmware_digest);
    put_property(xml, indent, "profile", head->profile_id);
    put_property(xml, indent, "package", head->package_id);
    put_property(xml, indent, "tool", head->tool_version);
    dg_html_put(xml,
                "%s<property name=\"seed\" value=\"%llu\"/>\n",
                indent,
                (unsigned long long)head->seed);
    put_property(xml,
                 indent,
                 "note",
                 "Dosegate's own, non-normative profile; not a DTSec, DTMoSt "
                 "or IEEE 2621 evaluation.");
    dg_html_raw(xml, "    </properties>\n");
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        put_case(xml, run, t);
    }
    dg_html_raw(xml, "  </testsuite>\n</testsuites>\n");
    return xml->failed ? DG_E_PORT : DG_OK;
}
