/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/etr_results.h"

#include <stdio.h>
#include <string.h>

#define CLASS_SIZE 3U /* ASE, ADV, ... */

/* CEM 8.2.5: everything starts inconclusive. */
enum verdict {
    INCONCLUSIVE,
    PASS,
    FAIL,
};

static const char *const names[] = {"inconclusive", "pass", "fail"};

/* A join over what stands below; nothing below is no pass. */
struct join {
    size_t count;
    size_t passed;
    bool has_fail;
};

static void add(struct join *join, enum verdict verdict)
{
    join->count++;
    join->passed += (verdict == PASS) ? 1U : 0U;
    join->has_fail = join->has_fail || (verdict == FAIL);
}

static enum verdict verdict_of(const struct join *join)
{
    if (join->has_fail) {
        return FAIL;
    }
    return ((join->count > 0U) && (join->passed == join->count)) ? PASS
                                                                 : INCONCLUSIVE;
}

struct work {
    struct dg_json *json;
    const struct dg_run *run;
    const struct dg_conclusion *conclusion;
    const struct dg_work_table *table;
};

/* Units -------------------------------------------------------------------- */

struct judged {
    enum verdict verdict;
    const char *by; /* run, person */
    const char *basis;
};

/* What a person did with hands, documents or users, and signed. */
static bool is_signed_form(const struct dg_run_test *test)
{
    static const char head[] = DG_RUN_SIGNED_BY;

    return strncmp(test->reason, head, sizeof(head) - 1U) == 0;
}

static bool has_signed_form(const struct dg_run *run)
{
    for (const struct dg_run_test *test = run->tests; test != NULL;
         test = test->next) {
        if (is_signed_form(test)) {
            return true;
        }
    }
    return false;
}

static struct judged judge_conduct(const struct work *work)
{
    const struct dg_conclusion *c = work->conclusion;

    if ((c->judged == 0U) || (c->open > 0U)) {
        return (struct judged){
            INCONCLUSIVE,
            "run",
            "Tests are open: not all that were planned came to a verdict."};
    }
    if (c->count[DG_RUN_NOT_ASKED] > 0U) {
        return (struct judged){INCONCLUSIVE,
                               "person",
                               "Pending: every test by program was judged, but "
                               "not the forms that a person fills in."};
    }
    if (has_signed_form(work->run)) {
        return (struct judged){PASS,
                               "run and persons",
                               "Every test by program was carried out and "
                               "judged, and every form was signed."};
    }
    return (struct judged){
        PASS, "run", "Every test that applies was carried out and judged."};
}

static struct judged judge_record(const struct work *work)
{
    size_t judged = 0;

    for (const struct dg_run_test *t = work->run->tests; t != NULL;
         t = t->next) {
        if ((t->verdict != DG_RUN_PASS) && (t->verdict != DG_RUN_FAIL)) {
            continue;
        }
        judged++;
        if ((t->seen == NULL) && (t->measures == NULL) &&
            (t->packets == NULL) && (t->monitors == NULL)) {
            return (struct judged){
                INCONCLUSIVE, "run", "A judged test left no record."};
        }
    }
    return (judged == 0U)
               ? (struct judged){INCONCLUSIVE, "run", "Nothing was judged."}
               : (struct judged){
                     PASS, "run", "What came of each test is in the run file."};
}

/* A run can contradict a claim.  That a claim holds is for a person to say, who
 * also looked for what these tests do not know. */
static struct judged judge_resist(const struct work *work)
{
    if (work->conclusion->claim == DG_CLAIM_FAILS) {
        return (struct judged){
            FAIL, "run", "An attack that works scores below the claim."};
    }
    if (work->conclusion->claim == DG_CLAIM_HOLDS) {
        return (struct judged){INCONCLUSIVE,
                               "person",
                               "Pending: no test contradicts the claim; a "
                               "person concludes from the whole analysis."};
    }
    return (struct judged){INCONCLUSIVE,
                           "person",
                           "Pending: tests or ratings are open, so the run "
                           "says nothing of the claim yet."};
}

static struct judged judge(const struct work *work,
                           const struct dg_work_component *component,
                           unsigned unit)
{
    if (unit == component->run[DG_WORK_CONDUCT]) {
        return judge_conduct(work);
    }
    if (unit == component->run[DG_WORK_RECORD]) {
        return judge_record(work);
    }
    if (unit == component->run[DG_WORK_RESIST]) {
        return judge_resist(work);
    }
    return (struct judged){
        INCONCLUSIVE, "person", "Pending: needs an evaluator."};
}

/* The tree ----------------------------------------------------------------- */

static json_t *action_of(const struct work *work,
                         const struct dg_work_component *component,
                         size_t action,
                         unsigned *unit,
                         struct join *up)
{
    struct join join = {0, 0, false};
    json_t *units = json_array();

    for (unsigned i = 0; i < component->units[action]; i++) {
        (*unit)++;

        const struct judged judged = judge(work, component, *unit);

        add(&join, judged.verdict);
        dg_json_add(work->json,
                    units,
                    json_pack("{s:o s:s s:s s:s}",
                              "unit",
                              json_sprintf("%s-%u", component->id, *unit),
                              "verdict",
                              names[judged.verdict],
                              "by",
                              judged.by,
                              "basis",
                              judged.basis));
    }
    add(up, verdict_of(&join));
    return json_pack("{s:o s:s s:o}",
                     "element",
                     json_sprintf("%s.%zuE", component->id, action + 1U),
                     "verdict",
                     names[verdict_of(&join)],
                     "units",
                     units);
}

static json_t *component_of(const struct work *work,
                            const struct dg_work_component *component,
                            struct join *up)
{
    struct join join = {0, 0, false};
    json_t *actions = json_array();
    unsigned unit = 0;

    for (size_t i = 0; i < component->actions; i++) {
        dg_json_add(
            work->json, actions, action_of(work, component, i, &unit, &join));
    }
    add(up, verdict_of(&join));
    return json_pack("{s:s s:s s:s s:s s:o}",
                     "component",
                     component->id,
                     "title",
                     component->title,
                     "verdict",
                     names[verdict_of(&join)],
                     "rationale",
                     (component->actions == 0U)
                         ? "This edition has no method for it: ask the scheme."
                     : (component->run[DG_WORK_CONDUCT] != 0U)
                         ? "From the run where it says something; the rest is "
                           "pending."
                         : "Pending: needs an evaluator.",
                     "elements",
                     actions);
}

static json_t *classes_of(const struct work *work, struct join *up)
{
    const struct dg_work_table *table = work->table;
    json_t *classes = json_array();

    for (size_t i = 0; i < table->count;) {
        struct join join = {0, 0, false};
        json_t *components = json_array();
        const char *first = table->components[i].id;

        for (; (i < table->count) &&
               (strncmp(table->components[i].id, first, CLASS_SIZE) == 0);
             i++) {
            dg_json_add(work->json,
                        components,
                        component_of(work, &table->components[i], &join));
        }
        add(up, verdict_of(&join));
        dg_json_add(work->json,
                    classes,
                    json_pack("{s:s# s:s s:o}",
                              "class",
                              first,
                              (int)CLASS_SIZE,
                              "verdict",
                              names[verdict_of(&join)],
                              "components",
                              components));
    }
    return classes;
}

/* What AVA says to report -------------------------------------------------- */

static const char *kind_of(const struct work *work,
                           const struct dg_run_path *path,
                           const struct dg_rating *rating)
{
    if (path->state == DG_RATING_UNSUCCESSFUL) {
        return "does not work";
    }
    if (path->state != DG_RATING_SUCCESSFUL) {
        return "not shown either way";
    }
    return (rating->range->van < (unsigned)work->run->head.van_claimed)
               ? "exploitable"
               : "residual";
}

static json_t *path_of(const struct work *work,
                       const struct dg_run_test *test,
                       const struct dg_run_path *path)
{
    struct dg_rating rating;
    json_t *one = json_pack("{s:s s:s}", "path", path->title, "test", test->id);

    if (dg_conclude_path(work->run, path, &rating) && rating.is_exploitable) {
        dg_json_set_text(work->json, one, "kind", kind_of(work, path, &rating));
        dg_json_set(work->json, one, "points", json_integer(rating.sum));
        dg_json_set_text(
            work->json, one, "attack_potential", rating.range->required);
    } else {
        dg_json_set_text(work->json, one, "kind", "not rated");
    }
    dg_json_set_text(
        work->json, one, "rated_by", dg_json_or_unstated(path->rated_by));
    dg_json_set_text(work->json,
                     one,
                     "confirmed_by",
                     (path->confirmed_by[0] == '\0') ? "nobody yet"
                                                     : path->confirmed_by);
    return one;
}

/* CEM: seven things let another evaluator repeat a test. */
static json_t *test_of(const struct work *work, const struct dg_run_test *test)
{
    return json_pack("{s:s s:s s:s s:s s:s s:s s:o s:s s:s}",
                     "test",
                     test->id,
                     "vulnerability",
                     dg_json_or_unstated(test->title),
                     "set_up",
                     is_signed_form(test)
                         ? "by hand, as the form says and records"
                         : dg_json_or_unstated(work->run->head.host),
                     "stimulus",
                     dg_json_or_unstated(test->tried),
                     "expected",
                     dg_json_or_unstated(test->criterion),
                     "verdict",
                     dg_run_verdict_name(test->verdict),
                     "observed",
                     dg_json_lines(work->json, test->seen),
                     "analysis",
                     dg_json_or_unstated(test->reason),
                     "repeat",
                     dg_json_or_unstated(test->replay_command));
}

json_t *dg_etr_results(struct dg_json *json,
                       const struct dg_run *run,
                       const struct dg_conclusion *conclusion,
                       const struct dg_work_table *table)
{
    const struct work work = {json, run, conclusion, table};
    struct join join = {0, 0, false};
    json_t *paths = json_array();
    json_t *tests = json_array();
    json_t *classes = classes_of(&work, &join);

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        dg_json_add(json, tests, test_of(&work, t));
        for (const struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            dg_json_add(json, paths, path_of(&work, t, p));
        }
    }
    return json_pack("{s:s s:o s:{s:[s+ s] s:o s:o s:o}}",
                     "overall",
                     names[verdict_of(&join)],
                     "classes",
                     classes,
                     "vulnerability_analysis",
                     "configurations",
                     "Firmware SHA-256 ",
                     dg_json_or_unstated(run->product.firmware_digest),
                     dg_json_or_unstated(run->product.platform),
                     "interfaces",
                     dg_json_lines(json, run->product.interfaces),
                     "vulnerabilities",
                     paths,
                     "penetration_tests",
                     tests);
}

/* Observation reports ------------------------------------------------------ */

static const char *severity_of(const struct dg_run *run,
                               const struct dg_run_test *test)
{
    bool is_rated = false;

    for (const struct dg_run_path *p = test->paths; p != NULL; p = p->next) {
        struct dg_rating rating;

        if ((p->state == DG_RATING_SUCCESSFUL) &&
            dg_conclude_path(run, p, &rating) && rating.is_exploitable) {
            is_rated = true;
            if (rating.range->van < (unsigned)run->head.van_claimed) {
                return "implies fail";
            }
        }
    }
    return is_rated ? "to be resolved before completion"
                    : "holds up the evaluation: not rated yet";
}

json_t *dg_etr_observations(struct dg_json *json,
                            const struct dg_run *run,
                            const struct dg_work_table *table)
{
    const struct dg_work_component *last =
        &table->components[table->count - 1U];
    json_t *list = json_array();

    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        const bool is_waived = t->verdict == DG_RUN_WAIVED;

        if ((t->verdict != DG_RUN_FAIL) && !is_waived) {
            continue;
        }
        dg_json_add(
            json,
            list,
            json_pack(
                "{s:s+ s:s s:s s:s++ s:s s:s s:s s:s s:s s:s s:s}",
                "id",
                "OR-",
                t->id,
                "title",
                dg_json_or_unstated(t->title),
                "status",
                is_waived ? "taken on, see the waiver" : "open",
                "activity",
                last->id,
                ", test ",
                t->id,
                "observation",
                dg_json_or_unstated(is_waived ? t->waived_because : t->reason),
                "severity",
                is_waived ? "holds up the evaluation" : severity_of(run, t),
                "to_be_resolved_by",
                dg_json_or_unstated(run->product.maker),
                "timetable",
                is_waived ? t->waived_until : "not stated",
                "what_to_do",
                dg_json_or_unstated(t->remediation),
                "effect_if_unresolved",
                "The verdict of the component stays as it is.",
                "verdict",
                dg_run_verdict_name(t->verdict)));
    }
    return list;
}
