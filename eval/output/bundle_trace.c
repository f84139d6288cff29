/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/output/bundle_parts.h"
#include "eval/output/requirements.h"
#include "eval/position.h"

/* "FTP_ITC.1@1" names requirement FTP_ITC.1. */
static json_t *requirement_id(const char *text)
{
    const size_t size = strcspn(text, "@");
    char name[128];

    if (size >= sizeof(name)) {
        return dg_bundle_id("REQ:", text);
    }
    memcpy(name, text, size);
    name[size] = '\0';
    return dg_bundle_id("REQ:", name);
}

static json_t *tests_of(struct dg_bundle_work *work, const char *requirement)
{
    json_t *list = json_array();

    for (const struct dg_run_test *t = work->source->run->tests; t != NULL;
         t = t->next) {
        if (dg_requirement_is_of(t, requirement)) {
            dg_json_add(&work->json, list, dg_bundle_id("TEST:", t->id));
        }
    }
    return list;
}

/* Those that ran link to their row; of the others the id stands alone. */
static json_t *tests_of_sfr(struct dg_bundle_work *work,
                            const struct dg_sfr *sfr,
                            bool that_ran)
{
    json_t *list = json_array();

    for (size_t i = 0; i < sfr->tests.count; i++) {
        const char *id = sfr->tests.item[i];
        const bool ran = dg_run_find_test(work->source->run, id) != NULL;

        if (ran == that_ran) {
            dg_json_add(&work->json,
                        list,
                        ran ? dg_bundle_id("TEST:", id) : json_string(id));
        }
    }
    return list;
}

static json_t *sfr_of(struct dg_bundle_work *work, const struct dg_sfr *sfr)
{
    json_t *requirements = json_array();
    json_t *manual = json_array();

    for (size_t i = 0; i < sfr->requirements.count; i++) {
        dg_json_add(&work->json,
                    requirements,
                    requirement_id(sfr->requirements.item[i]));
    }
    for (size_t i = 0; i < sfr->manual.count; i++) {
        dg_json_add(&work->json, manual, json_string(sfr->manual.item[i]));
    }
    return json_pack("{s:o s:s s:s s:o s:o s:o s:o}",
                     "id",
                     dg_bundle_id("SFR:", sfr->id),
                     "title",
                     dg_json_or_unstated(sfr->title),
                     "in_plain_words",
                     dg_json_or_unstated(sfr->plain),
                     "requirements",
                     requirements,
                     "tests",
                     tests_of_sfr(work, sfr, true),
                     "not_in_this_run",
                     tests_of_sfr(work, sfr, false),
                     "by_a_person",
                     manual);
}

static json_t *row_of(struct dg_bundle_work *work,
                      const char *id,
                      const char *plain,
                      const struct dg_requirement_result *result)
{
    return json_pack("{s:o s:s s:s s:o}",
                     "id",
                     dg_bundle_id("REQ:", id),
                     "in_plain_words",
                     dg_json_or_unstated(plain),
                     "state",
                     (result == NULL)
                         ? "no test in this run"
                         : dg_requirement_state_name(result->state),
                     "tests",
                     tests_of(work, id));
}

static const struct dg_requirement_result *find(
    const struct dg_requirement_result *results, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(results[i].id, id) == 0) {
            return &results[i];
        }
    }
    return NULL;
}

/* What the profile asks for first, then what only tests name. */
static json_t *requirements_of(struct dg_bundle_work *work)
{
    struct dg_requirement_result *results = NULL;
    struct dg_asked *asked = NULL;
    struct dg_arena arena;
    size_t asked_count = 0;
    json_t *rows = json_array();

    dg_arena_init(&arena);

    const size_t count =
        dg_requirements_of(work->source->run, &arena, &results);

    if (work->source->profile != NULL) {
        asked_count = dg_profile_asked(work->source->profile, &arena, &asked);
    }
    for (size_t i = 0; i < asked_count; i++) {
        dg_json_add(&work->json,
                    rows,
                    row_of(work,
                           asked[i].id,
                           asked[i].plain,
                           find(results, count, asked[i].id)));
    }
    for (size_t i = 0; i < count; i++) {
        bool is_asked = false;

        for (size_t k = 0; k < asked_count; k++) {
            is_asked = is_asked || (strcmp(asked[k].id, results[i].id) == 0);
        }
        if (!is_asked) {
            dg_json_add(&work->json,
                        rows,
                        row_of(work, results[i].id, "", &results[i]));
        }
    }
    work->json.failed = work->json.failed || arena.failed;
    dg_arena_free(&arena);
    return rows;
}

json_t *dg_bundle_trace(struct dg_bundle_work *work)
{
    const struct dg_profile *profile = work->source->profile;
    json_t *document = dg_bundle_document(
        "traceability",
        "Traceability",
        "From component to requirement to test to result, and back. A "
        "requirement is met when one of its tests passed and none failed or is "
        "open.");

    dg_bundle_table(work, document, "Requirements", "", requirements_of(work));
    if (profile != NULL) {
        json_t *rows = json_array();

        for (size_t i = 0; i < profile->sfr_count; i++) {
            dg_json_add(&work->json, rows, sfr_of(work, &profile->sfrs[i]));
        }
        dg_bundle_table(work, document, "Components of the profile", "", rows);
    }
    return document;
}

/* Tests --------------------------------------------------------------------- */

static json_t *test_of(struct dg_bundle_work *work,
                       const struct dg_run_test *test)
{
    const char *position = dg_position_name(test->position);
    json_t *requirements = json_array();

    for (const struct dg_run_line *l = test->requirements; l != NULL;
         l = l->next) {
        dg_json_add(&work->json, requirements, dg_bundle_id("REQ:", l->text));
    }
    return json_pack("{s:o s:s s:s s:o s:o s:o s:s s:s s:s s:s}",
                     "id",
                     dg_bundle_id("TEST:", test->id),
                     "title",
                     dg_json_or_unstated(test->title),
                     "verdict",
                     dg_run_verdict_name(test->verdict),
                     "threat",
                     dg_bundle_id("", test->threat),
                     "risk",
                     dg_bundle_id("RISK:", test->id),
                     "requirements",
                     requirements,
                     "attacker",
                     (position == NULL) ? dg_json_or_unstated(test->position)
                                        : position,
                     "passes_when",
                     dg_json_or_unstated(test->criterion),
                     "reason",
                     dg_json_or_unstated(test->reason),
                     "again",
                     dg_json_or_unstated(test->replay_command));
}

json_t *dg_bundle_tests(struct dg_bundle_work *work)
{
    json_t *document = dg_bundle_document(
        "tests",
        "Test index",
        "Every test of the run. Evidence, packets and measures are in the "
        "signed run file and in its report.");
    json_t *rows = json_array();

    for (const struct dg_run_test *t = work->source->run->tests; t != NULL;
         t = t->next) {
        dg_json_add(&work->json, rows, test_of(work, t));
    }
    dg_bundle_table(work, document, "Tests", "", rows);
    return document;
}
