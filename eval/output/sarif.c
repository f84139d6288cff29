/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/conclude.h"
#include "eval/derived.h"
#include "eval/output/formats.h"
#include "eval/output/json_out.h"
#include "eval/output/uuid.h"
#include "eval/position.h"

#define SCHEMA                                                            \
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/" \
    "sarif-schema-2.1.0.json"

/* 3.27.9: what was found is fail; open is "evaluated, and no conclusion";
 * review waits for a person. */
static const char *kind_of(enum dg_run_verdict verdict)
{
    switch (verdict) {
    case DG_RUN_PASS:
        return "pass";
    case DG_RUN_FAIL:
    case DG_RUN_WAIVED: /* a failure that somebody took upon himself */
        return "fail";
    case DG_RUN_NOT_APPLICABLE:
        return "notApplicable";
    case DG_RUN_PENDING:
    case DG_RUN_NOT_ASKED:
        return "review";
    case DG_RUN_UNDECIDED:
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_ERROR:
    case DG_RUN_VERDICTS:
    default:
        return "open";
    }
}

static json_t *text_of(const char *text)
{
    return json_pack("{s:s}", "text", dg_json_or_unstated(text));
}

static json_t *rule_of(struct dg_json *json, const struct dg_run_test *test)
{
    json_t *rule = json_pack("{s:s s:s s:o s:o}",
                             "id",
                             test->id,
                             "name",
                             test->id,
                             "shortDescription",
                             text_of(test->title),
                             "fullDescription",
                             text_of(test->criterion));
    json_t *properties = json_object();

    if (test->remediation[0] != '\0') {
        dg_json_set(json, rule, "help", text_of(test->remediation));
    }
    dg_json_set(json,
                rule,
                "defaultConfiguration",
                json_pack("{s:s}", "level", "error"));
    dg_json_set_text(json, properties, "threat", test->threat);
    dg_json_set_text(json, properties, "tier", test->tier);
    dg_json_set_list(json,
                     properties,
                     "requirements",
                     dg_json_lines(json, test->requirements));
    dg_json_set_list(
        json, properties, "corpus", dg_json_lines(json, test->corpus));
    dg_json_set(json, rule, "properties", properties);
    return rule;
}

static json_t *place_of(const struct dg_run *run,
                        const struct dg_run_test *test)
{
    const char *position = dg_position_name(test->position);

    if (position == NULL) {
        position = dg_json_or_unstated(test->position);
    }
    return json_pack("[{s:[{s:s s:s+++ s:s}]}]",
                     "logicalLocations",
                     "name",
                     position,
                     "fullyQualifiedName",
                     dg_json_or_unstated(run->product.name),
                     "::",
                     (test->position[0] == '\0') ? "?" : test->position,
                     "",
                     "kind",
                     "interface");
}

static json_t *properties_of(struct dg_json *json,
                             const struct dg_run *run,
                             const struct dg_run_test *test)
{
    json_t *properties = json_pack("{s:s s:I}",
                                   "verdict",
                                   dg_run_verdict_name(test->verdict),
                                   "elapsed_ms",
                                   (json_int_t)test->elapsed_ms);
    json_t *paths = json_array();

    dg_json_set_text(json, properties, "tried", test->tried);
    dg_json_set_list(json, properties, "seen", dg_json_lines(json, test->seen));
    dg_json_set_text(json, properties, "replay", test->replay_command);
    for (const struct dg_run_path *p = test->paths; p != NULL; p = p->next) {
        struct dg_rating rating;
        json_t *path = json_pack("{s:s s:b}",
                                 "title",
                                 p->title,
                                 "works",
                                 p->state == DG_RATING_SUCCESSFUL);

        if (dg_conclude_path(run, p, &rating) && rating.is_exploitable) {
            dg_json_set(json, path, "points", json_integer(rating.sum));
            dg_json_set_text(
                json, path, "attack_potential", rating.range->required);
        }
        dg_json_add(json, paths, path);
    }
    dg_json_set_list(json, properties, "attack_paths", paths);
    return properties;
}

static json_t *result_of(struct dg_json *json,
                         const struct dg_run *run,
                         const struct dg_run_test *test,
                         size_t index)
{
    const bool is_found =
        (test->verdict == DG_RUN_FAIL) || (test->verdict == DG_RUN_WAIVED);
    json_t *result = json_pack(
        "{s:s s:i s:s s:s s:o s:o s:{s:s}}",
        "ruleId",
        test->id,
        "ruleIndex",
        (int)index,
        "kind",
        kind_of(test->verdict),
        "level",
        is_found ? "error" : "none",
        "message",
        text_of((test->reason[0] == '\0') ? test->title : test->reason),
        "locations",
        place_of(run, test),
        "partialFingerprints",
        "dosegateTest/v1",
        test->id);

    if (test->verdict == DG_RUN_WAIVED) {
        dg_json_set(json,
                    result,
                    "suppressions",
                    json_pack("[{s:s s:s s:s+++++}]",
                              "kind",
                              "external",
                              "status",
                              dg_run_is_waiver_good(run, test) ? "accepted"
                                                               : "rejected",
                              "justification",
                              dg_json_or_unstated(test->waived_because),
                              " (",
                              dg_json_or_unstated(test->waived_by),
                              ", until ",
                              dg_json_or_unstated(test->waived_until),
                              ")"));
    }
    dg_json_set(json, result, "properties", properties_of(json, run, test));
    return result;
}

/* The suite's own faults are no results about the product. */
static json_t *invocation_of(struct dg_json *json, const struct dg_run *run)
{
    const struct dg_run_head *head = &run->head;
    const int code = dg_run_exit_code(run);
    json_t *notes = json_array();
    json_t *invocation = json_pack(
        "{s:b s:i}", "executionSuccessful", code != 1, "exitCode", code);

    if (dg_format_is_moment(head->started) &&
        dg_format_is_moment(head->ended)) {
        dg_json_set_text(json, invocation, "startTimeUtc", head->started);
        dg_json_set_text(json, invocation, "endTimeUtc", head->ended);
    }
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        if (t->verdict == DG_RUN_ERROR) {
            dg_json_add(json,
                        notes,
                        json_pack("{s:s s:o s:{s:s}}",
                                  "level",
                                  "error",
                                  "message",
                                  text_of(t->reason),
                                  "associatedRule",
                                  "id",
                                  t->id));
        }
    }
    dg_json_set_list(json, invocation, "toolExecutionNotifications", notes);
    return invocation;
}

static json_t *artifacts_of(struct dg_json *json,
                            const struct dg_run *run,
                            const struct dg_run_origin *origin)
{
    json_t *list = json_array();

    dg_json_add(json,
                list,
                json_pack("{s:{s:s} s:{s:s} s:[s]}",
                          "description",
                          "text",
                          "The signed run file that this was made from",
                          "hashes",
                          "sha-256",
                          origin->digest,
                          "roles",
                          "resultFile"));
    if (run->product.firmware_digest[0] != '\0') {
        dg_json_add(json,
                    list,
                    json_pack("{s:{s:s} s:{s:s} s:[s]}",
                              "description",
                              "text",
                              "The firmware that was tested",
                              "hashes",
                              "sha-256",
                              run->product.firmware_digest,
                              "roles",
                              "analysisTarget"));
    }
    return list;
}

static json_t *tool_of(struct dg_json *json, const struct dg_run *run)
{
    json_t *rules = json_array();

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        dg_json_add(json, rules, rule_of(json, t));
    }
    return json_pack("{s:{s:s s:s s:o}}",
                     "driver",
                     "name",
                     "Dosegate",
                     "version",
                     dg_json_or_unstated(run->head.tool_version),
                     "rules",
                     rules);
}

enum dg_status dg_sarif_render(const struct dg_run *run,
                               const struct dg_run_origin *origin,
                               struct dg_html *out)
{
    struct dg_json json = {false};
    json_t *results = json_array();
    size_t index = 0;

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        dg_json_add(&json, results, result_of(&json, run, t, index));
        index++;
    }

    json_t *one = json_pack("{s:o s:[o] s:o s:o}",
                            "tool",
                            tool_of(&json, run),
                            "invocations",
                            invocation_of(&json, run),
                            "artifacts",
                            artifacts_of(&json, run, origin),
                            "results",
                            results);

    dg_json_set(&json,
                one,
                "automationDetails",
                json_pack("{s:s+++ s:s}",
                          "id",
                          "dosegate/",
                          dg_json_or_unstated(run->head.profile_id),
                          "/",
                          dg_json_or_unstated(run->product.name),
                          "guid",
                          dg_uuid_of(origin, "run", "").text));
    return dg_json_finish(
        &json,
        json_pack("{s:s s:s s:{s:s+ s:s s:s} s:[o]}",
                  "$schema",
                  SCHEMA,
                  "version",
                  "2.1.0",
                  "properties",
                  "run",
                  DG_DERIVED_MARK,
                  origin->digest,
                  "labKey",
                  origin->key_id,
                  "note",
                  "Dosegate's own, non-normative profile; not a DTSec, DTMoSt "
                  "or IEEE 2621 evaluation.",
                  "runs",
                  one),
        out);
}
