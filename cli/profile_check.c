/* SPDX-License-Identifier: Apache-2.0 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/target/check.h"
#include "place.h"
#include "profile.h"
#include "verbs.h"

static const char help[] =
    "usage: dosegate profile check [--json] TARGET\n"
    "       dosegate profile check --rules [--json]\n"
    "\n"
    "Everything mechanical that the Common Criteria ask of a security target:\n"
    "one line a finding, with its place, its rule, and what to do.  Whether "
    "an\n"
    "argument convinces is for a person (docs/security-targets.md).\n"
    "\n"
    "  --rules  list the rules instead\n"
    "  --json   say it as JSON\n"
    "\n"
    "Exit codes: 0 no finding (warnings may stand), 1 it could not be read,\n"
    "2 findings.\n";

#define FINDINGS 2

static const char *word_of(enum dg_severity severity)
{
    return (severity == DG_SEVERITY_WARNING) ? "warning" : "error";
}

static json_t *rule_of(enum dg_rule_id id)
{
    const struct dg_rule *rule = dg_rule(id);

    return json_pack("{s:s, s:s, s:s, s:s, s:s}",
                     "rule",
                     rule->id,
                     "element",
                     rule->element,
                     "severity",
                     word_of(rule->severity),
                     "title",
                     rule->title,
                     "cure",
                     rule->cure);
}

static int tell_json(json_t *json, int code)
{
    const bool is_good =
        (json != NULL) && (json_dumpf(json, stdout, JSON_INDENT(2)) == 0);

    (void)printf("\n");
    json_decref(json);
    return is_good ? code : DG_CLI_FAILED;
}

static int tell_rules(bool is_json)
{
    json_t *list = json_array();

    for (unsigned i = 1U; i < DG_RULES; i++) {
        const struct dg_rule *rule = dg_rule((enum dg_rule_id)i);

        if (is_json) {
            (void)json_array_append_new(list, rule_of((enum dg_rule_id)i));
            continue;
        }
        (void)printf("%-7s %-30s %s\n",
                     rule->id,
                     rule->element,
                     (rule->severity == DG_SEVERITY_WARNING) ? "(warning)"
                                                             : "");
        dg_cli_profile_wrap(stdout, rule->title, 8U);
    }
    if (is_json) {
        return tell_json(list, DG_CLI_OK);
    }
    json_decref(list);
    return DG_CLI_OK;
}

static json_t *findings_of(const struct dg_target *target,
                           const struct dg_findings *findings)
{
    json_t *list = json_array();

    for (const struct dg_finding *i = findings->first; i != NULL; i = i->next) {
        json_t *one = rule_of(i->rule);

        (void)json_object_set_new(one, "file", json_string(target->file));
        (void)json_object_set_new(
            one, "line", json_integer((json_int_t)i->line));
        (void)json_object_set_new(one, "text", json_string(i->text));
        (void)json_array_append_new(list, one);
    }
    return list;
}

static int tell(const struct dg_target *target,
                const struct dg_findings *findings,
                bool is_json)
{
    const int code = (findings->errors > 0U) ? FINDINGS : DG_CLI_OK;

    if (is_json) {
        return tell_json(json_pack("{s:s, s:s, s:I, s:I, s:o}",
                                   "target",
                                   target->id,
                                   "file",
                                   target->file,
                                   "errors",
                                   (json_int_t)findings->errors,
                                   "warnings",
                                   (json_int_t)findings->warnings,
                                   "findings",
                                   findings_of(target, findings)),
                         code);
    }
    dg_findings_print(findings, target->file, stdout);
    (void)printf("%s%zu finding%s, %zu warning%s\n",
                 (findings->first == NULL) ? "" : "\n",
                 findings->errors,
                 (findings->errors == 1U) ? "" : "s",
                 findings->warnings,
                 (findings->warnings == 1U) ? "" : "s");
    return code;
}

int dg_cli_profile_check(int argc, char **argv)
{
    const char *file = NULL;
    bool is_json = false;
    bool is_rules = false;
    const struct dg_cli_option options[] = {
        {"--json", NULL, &is_json},
        {"--rules", NULL, &is_rules},
    };
    const char *spec = getenv("DOSEGATE_SPEC");
    struct dg_target target;
    struct dg_findings findings;
    struct dg_problem problem = {""};
    int code = DG_CLI_FAILED;
    const int asked = dg_cli_options(
        argc, argv, help, options, sizeof options / sizeof options[0], &file);

    if (asked != 0) {
        return (asked == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if (is_rules == (file != NULL)) {
        (void)fprintf(stderr,
                      "dosegate %s: name one security target, or --rules\n",
                      argv[0]);
        return DG_CLI_FAILED;
    }
    if (is_rules) {
        return tell_rules(is_json);
    }
    if (dg_target_open(file, &target, &problem) != DG_OK) {
        (void)fprintf(stderr, "dosegate %s: %s\n", argv[0], problem.text);
        dg_target_free(&target);
        return DG_CLI_FAILED;
    }
    if (dg_target_check(&target,
                        (spec != NULL) ? spec : DG_SPEC_DIR,
                        &findings,
                        &problem) == DG_OK) {
        code = tell(&target, &findings, is_json);
    } else {
        (void)fprintf(stderr, "dosegate %s: %s\n", argv[0], problem.text);
    }
    dg_findings_free(&findings);
    dg_target_free(&target);
    return code;
}
