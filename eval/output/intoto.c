/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/conclude.h"
#include "eval/derived.h"
#include "eval/output/formats.h"
#include "eval/output/json_out.h"
#include "eval/output/requirements.h"

#define STATEMENT   "https://in-toto.io/Statement/v1"
#define TEST_RESULT "https://in-toto.io/attestation/test-result/v0.1"
#define SUMMARY     "https://in-toto.io/attestation/svr/v0.2"

/* A statement is about bytes: without their digest there is none. */
static bool has_subject(const struct dg_run *run)
{
    return dg_format_is_digest(run->product.firmware_digest) &&
           dg_format_is_moment(run->head.ended);
}

static json_t *statement_of(const struct dg_run *run,
                            const char *type,
                            json_t *predicate)
{
    return json_pack("{s:s s:[{s:s++ s:{s:s}}] s:s s:o}",
                     "_type",
                     STATEMENT,
                     "subject",
                     "name",
                     run->product.name,
                     " ",
                     run->product.version,
                     "digest",
                     "sha256",
                     run->product.firmware_digest,
                     "predicateType",
                     type,
                     "predicate",
                     predicate);
}

static void add_part(struct dg_json *json,
                     json_t *list,
                     const char *name,
                     const char *digest)
{
    if (dg_format_is_digest(digest)) {
        dg_json_add(
            json,
            list,
            json_pack(
                "{s:s s:{s:s}}", "name", name, "digest", "sha256", digest));
    }
}

static json_t *parts_of(struct dg_json *json,
                        const struct dg_run *run,
                        const struct dg_run_origin *origin)
{
    json_t *list = json_array();

    dg_json_add(json,
                list,
                json_pack("{s:s+ s:s s:{s:s}}",
                          "uri",
                          DG_DERIVED_MARK,
                          origin->digest,
                          "name",
                          "run file",
                          "digest",
                          "sha256",
                          origin->digest));
    add_part(json, list, run->head.profile_id, run->head.profile_digest);
    add_part(json, list, run->head.package_id, run->head.package_digest);
    if (run->has_table) {
        add_part(json, list, run->table.id, run->table.digest);
    }
    return list;
}

/* An expected failure and a waiver end the program with 0 as well; nothing
 * has passed by them. */
static bool have_all_passed(const struct dg_run *run)
{
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        if ((t->verdict != DG_RUN_PASS) &&
            (t->verdict != DG_RUN_NOT_APPLICABLE) &&
            (t->verdict != DG_RUN_NOT_ASKED)) {
            return false;
        }
    }
    return dg_run_exit_code(run) == 0;
}

static const char *result_of(const struct dg_run *run)
{
    switch (dg_run_exit_code(run)) {
    case 0:
        return have_all_passed(run) ? "PASSED" : "WARNED";
    case 2:
        return "FAILED";
    default:
        return "WARNED";
    }
}

enum dg_status dg_test_result_render(const struct dg_run *run,
                                     const struct dg_run_origin *origin,
                                     struct dg_html *out)
{
    struct dg_json json = {false};
    json_t *passed = NULL;
    json_t *warned = NULL;
    json_t *failed = NULL;

    dg_html_init(out);
    if (!has_subject(run)) {
        return DG_E_USAGE;
    }
    passed = json_array();
    warned = json_array();
    failed = json_array();
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        if (t->verdict == DG_RUN_PASS) {
            dg_json_add(&json, passed, json_string(t->id));
        } else if (t->verdict == DG_RUN_FAIL) {
            dg_json_add(&json, failed, json_string(t->id));
        } else if ((t->verdict != DG_RUN_NOT_APPLICABLE) &&
                   (t->verdict != DG_RUN_NOT_ASKED)) {
            dg_json_add(&json, warned, json_string(t->id));
        }
    }
    return dg_json_finish(&json,
                          statement_of(run,
                                       TEST_RESULT,
                                       json_pack("{s:s s:o s:o s:o s:o}",
                                                 "result",
                                                 result_of(run),
                                                 "configuration",
                                                 parts_of(&json, run, origin),
                                                 "passedTests",
                                                 passed,
                                                 "warnedTests",
                                                 warned,
                                                 "failedTests",
                                                 failed)),
                          out);
}

/* The words of the standard: only what holds. */
static json_t *properties_of(struct dg_json *json, const struct dg_run *run)
{
    struct dg_conclusion conclusion;
    struct dg_requirement_result *results = NULL;
    struct dg_arena arena;
    json_t *list = json_array();

    if (dg_conclude(run, &conclusion) != DG_OK) {
        json->failed = true;
        return list;
    }
    /* Of the product, not of a few tests that somebody picked. */
    if (have_all_passed(run) && !dg_run_is_chosen(run)) {
        dg_json_add(json, list, json_string("DOSEGATE_ALL_TESTS_PASSED"));
    }
    if (conclusion.claim == DG_CLAIM_HOLDS) {
        dg_json_add(
            json,
            list,
            json_sprintf("DOSEGATE_VAN%u_NOT_CONTRADICTED", conclusion.van));
    }
    dg_arena_init(&arena);

    const size_t count = dg_requirements_of(run, &arena, &results);

    json->failed = json->failed || arena.failed;
    for (size_t i = 0; i < count; i++) {
        if (results[i].state == DG_REQUIREMENT_MET) {
            dg_json_add(json,
                        list,
                        json_sprintf("DOSEGATE_REQUIREMENT_%s", results[i].id));
        }
    }
    dg_arena_free(&arena);
    return list;
}

enum dg_status dg_summary_render(const struct dg_run *run,
                                 const struct dg_run_origin *origin,
                                 struct dg_html *out)
{
    struct dg_json json = {false};

    dg_html_init(out);
    if (!has_subject(run)) {
        return DG_E_USAGE;
    }
    return dg_json_finish(&json,
                          statement_of(run,
                                       SUMMARY,
                                       json_pack("{s:{s:s+ s:o} s:s s:o}",
                                                 "verifier",
                                                 "id",
                                                 "urn:dosegate:lab:",
                                                 origin->key_id,
                                                 "policies",
                                                 parts_of(&json, run, origin),
                                                 "timeCreated",
                                                 run->head.ended,
                                                 "properties",
                                                 properties_of(&json, run))),
                          out);
}
