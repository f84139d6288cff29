/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "eval/conclude.h"
#include "eval/derived.h"
#include "eval/output/formats.h"
#include "eval/output/json_out.h"
#include "eval/output/requirements.h"
#include "eval/output/uuid.h"

#define OSCAL_VERSION "1.2.1"

/* Our own words in props, facets and threat ids stand in these. */
#define NAMESPACE  "urn:dosegate:ns:oscal"
#define RATING_AT  "urn:dosegate:ns:attack-potential"
#define THREATS_AT "urn:dosegate:ns:threat"
#define TOKEN_MAX  128U

struct work {
    const struct dg_run *run;
    const struct dg_run_origin *origin;
    struct dg_arena arena;
    struct dg_requirement_result *requirements;
    size_t count;
    struct dg_json json;
};

/* A token begins with a letter and knows no slash: FCS_COP.1/HASH becomes
 * fcs_cop.1_hash; the id as it was stands beside it in a prop. */
struct token {
    char text[TOKEN_MAX + 2U];
};

static struct token make_token(const char *id)
{
    struct token made = {"_"};
    char *token = made.text;
    size_t used = 0;

    if (((id[0] | 0x20) < 'a') || ((id[0] | 0x20) > 'z')) {
        used = 1U;
    }
    for (size_t i = 0; (id[i] != '\0') && (used < TOKEN_MAX); i++) {
        const char lower = ((id[i] >= 'A') && (id[i] <= 'Z'))
                               ? (char)(id[i] + ('a' - 'A'))
                               : id[i];
        const bool is_kept = ((lower >= 'a') && (lower <= 'z')) ||
                             ((lower >= '0') && (lower <= '9')) ||
                             (lower == '.') || (lower == '-');

        token[used] = is_kept ? lower : '_';
        used++;
    }
    token[(used == 0U) ? 1U : used] = '\0';
    return made;
}

static json_t *token_of(const char *id)
{
    return json_string(make_token(id).text);
}

static json_t *prop_of(const char *name, const char *value)
{
    return json_pack("{s:s s:s s:o}",
                     "name",
                     name,
                     "ns",
                     NAMESPACE,
                     "value",
                     dg_json_line(value));
}

static json_t *uuid_of(const struct work *work,
                       const char *kind,
                       const char *name)
{
    return json_string(dg_uuid_of(work->origin, kind, name).text);
}

/* Who tested: the program, as an actor. */
static json_t *origin_of(const struct work *work)
{
    return json_pack("{s:[{s:s s:o}]}",
                     "actors",
                     "type",
                     "tool",
                     "actor-uuid",
                     uuid_of(work, "tool", ""));
}

static json_t *metadata_of(struct work *work)
{
    const struct dg_run_head *head = &work->run->head;
    json_t *metadata = json_pack("{s:o s:s+ s:s s:s s:s}",
                                 "title",
                                 dg_json_line(work->run->product.name),
                                 "remarks",
                                 DG_DERIVED_MARK,
                                 work->origin->digest,
                                 "last-modified",
                                 head->ended,
                                 "version",
                                 "1",
                                 "oscal-version",
                                 OSCAL_VERSION);

    dg_json_set(&work->json,
                metadata,
                "props",
                json_pack("[o o o]",
                          prop_of("run-sha256", work->origin->digest),
                          prop_of("lab-key", work->origin->key_id),
                          prop_of("normative",
                                  "no: Dosegate's own profile, not a DTSec, "
                                  "DTMoSt or IEEE 2621 evaluation")));
    if (head->laboratory[0] != '\0') {
        dg_json_set(&work->json,
                    metadata,
                    "parties",
                    json_pack("[{s:o s:s s:o}]",
                              "uuid",
                              uuid_of(work, "laboratory", ""),
                              "type",
                              "organization",
                              "name",
                              dg_json_line(head->laboratory)));
    }
    return metadata;
}

/* The parts that other parts point at. */
static json_t *definitions_of(const struct work *work)
{
    const struct dg_run_product *product = &work->run->product;

    return json_pack("{s:[{s:o s:s s:o s:o s:[o o] s:{s:s}}] "
                     "s:{s:[{s:o s:s s:s s:s s:[o] s:{s:s}}] "
                     "s:[{s:o s:o s:[{s:o}]}]}}",
                     "components",
                     "uuid",
                     uuid_of(work, "product", ""),
                     "type",
                     "this-system",
                     "title",
                     dg_json_line(product->name),
                     "description",
                     dg_json_line(product->function_class),
                     "props",
                     prop_of("version", product->version),
                     prop_of("firmware-sha256", product->firmware_digest),
                     "status",
                     "state",
                     "operational",
                     "assessment-assets",
                     "components",
                     "uuid",
                     uuid_of(work, "tool", ""),
                     "type",
                     "software",
                     "title",
                     "Dosegate",
                     "description",
                     "The evaluation program",
                     "props",
                     prop_of("version", work->run->head.tool_version),
                     "status",
                     "state",
                     "operational",
                     "assessment-platforms",
                     "uuid",
                     uuid_of(work, "bench", ""),
                     "title",
                     dg_json_line(work->run->head.host),
                     "uses-components",
                     "component-uuid",
                     uuid_of(work, "tool", ""));
}

static json_t *controls_of(struct work *work)
{
    json_t *list = json_array();

    for (size_t i = 0; i < work->count; i++) {
        dg_json_add(&work->json,
                    list,
                    json_pack("{s:o}",
                              "control-id",
                              token_of(work->requirements[i].id)));
    }
    if (work->count == 0U) {
        json_decref(list);
        return json_pack("{s:[{s:{}}]}", "control-selections", "include-all");
    }
    return json_pack(
        "{s:[{s:o}]}", "control-selections", "include-controls", list);
}

static json_t *observation_of(struct work *work, const struct dg_run_test *test)
{
    const char *said = (test->tried[0] == '\0') ? test->criterion : test->tried;
    json_t *props =
        json_pack("[o o o]",
                  prop_of("test-id", test->id),
                  prop_of("verdict", dg_run_verdict_name(test->verdict)),
                  prop_of("attacker", test->position));
    json_t *one = json_pack(
        "{s:o s:o s:s s:o s:[s] s:[s] s:[o] s:[{s:o s:s}] s:[{s:s+ s:s}] s:s}",
        "uuid",
        uuid_of(work, "test", test->id),
        "title",
        dg_json_line(test->title),
        "description",
        dg_json_or_unstated(said),
        "props",
        props,
        "methods",
        ((test->verdict == DG_RUN_PENDING) ||
         (test->verdict == DG_RUN_NOT_ASKED))
            ? "UNKNOWN"
            : "TEST",
        "types",
        "control-objective",
        "origins",
        origin_of(work),
        "subjects",
        "subject-uuid",
        uuid_of(work, "product", ""),
        "type",
        "component",
        "relevant-evidence",
        "href",
        "#",
        dg_uuid_of(work->origin, "run", "").text,
        "description",
        dg_json_or_unstated(test->reason),
        "collected",
        work->run->head.ended);

    dg_json_set_text(&work->json, one, "remarks", test->criterion);
    return one;
}

static json_t *finding_of(struct work *work,
                          const struct dg_requirement_result *requirement)
{
    const bool is_met = requirement->state == DG_REQUIREMENT_MET;
    const bool is_failed = requirement->state == DG_REQUIREMENT_NOT_MET;
    json_t *related = json_array();

    for (const struct dg_run_test *t = work->run->tests; t != NULL;
         t = t->next) {
        if (dg_requirement_is_of(t, requirement->id)) {
            dg_json_add(&work->json,
                        related,
                        json_pack("{s:o}",
                                  "observation-uuid",
                                  uuid_of(work, "test", t->id)));
        }
    }
    return json_pack("{s:o s:o s:s s:[o] s:{s:s s:o s:{s:s s:s}} s:o}",
                     "uuid",
                     uuid_of(work, "requirement", requirement->id),
                     "title",
                     dg_json_line(requirement->id),
                     "description",
                     dg_requirement_state_name(requirement->state),
                     "props",
                     prop_of("requirement-id", requirement->id),
                     "target",
                     "type",
                     "objective-id",
                     "target-id",
                     token_of(requirement->id),
                     "status",
                     "state",
                     is_met ? "satisfied" : "not-satisfied",
                     "reason",
                     is_met      ? "pass"
                     : is_failed ? "fail"
                                 : "other",
                     "related-observations",
                     related);
}

static json_t *facets_of(struct work *work, const struct dg_run_path *path)
{
    json_t *facets = json_array();
    struct dg_rating rating;

    for (const struct dg_rating_choice *c = path->choices; c != NULL;
         c = c->next) {
        dg_json_add(&work->json,
                    facets,
                    json_pack("{s:o s:s s:o}",
                              "name",
                              token_of(c->factor),
                              "system",
                              RATING_AT,
                              "value",
                              dg_json_line(c->level)));
    }
    if (dg_conclude_path(work->run, path, &rating) && rating.is_exploitable) {
        dg_json_add(&work->json,
                    facets,
                    json_pack("{s:s s:s s:o}",
                              "name",
                              "attack-potential",
                              "system",
                              RATING_AT,
                              "value",
                              dg_json_line(rating.range->required)));
    }
    return facets;
}

static const char *status_of(enum dg_rating_state state)
{
    switch (state) {
    case DG_RATING_SUCCESSFUL:
        return "open";
    case DG_RATING_UNSUCCESSFUL:
        return "closed";
    case DG_RATING_UNDETERMINED:
    case DG_RATING_STATE_NONE:
    default:
        return "investigating";
    }
}

/* Two paths may have one title: the n-th of a test is one thing. */
static json_t *risk_of(struct work *work,
                       const struct dg_run_test *test,
                       const struct dg_run_path *path,
                       unsigned number)
{
    char name[TOKEN_MAX + 32U];

    (void)snprintf(
        name, sizeof(name), "%u/%.*s", number, (int)TOKEN_MAX, test->id);

    json_t *facets = facets_of(work, path);
    json_t *risk = json_pack("{s:o s:o s:s s:s s:s s:[o] s:[{s:s s:s+}]}",
                             "uuid",
                             uuid_of(work, "path", name),
                             "title",
                             dg_json_line(path->title),
                             "description",
                             dg_json_or_unstated(test->title),
                             "statement",
                             dg_json_or_unstated(path->justification),
                             "status",
                             status_of(path->state),
                             "origins",
                             origin_of(work),
                             "threat-ids",
                             "system",
                             THREATS_AT,
                             "id",
                             THREATS_AT ":",
                             make_token(test->threat).text);

    if (json_array_size(facets) > 0U) {
        dg_json_set(
            &work->json,
            risk,
            "characterizations",
            json_pack(
                "[{s:o s:o}]", "origin", origin_of(work), "facets", facets));
    } else {
        json_decref(facets);
    }
    dg_json_set(&work->json,
                risk,
                "related-observations",
                json_pack("[{s:o}]",
                          "observation-uuid",
                          uuid_of(work, "test", test->id)));
    return risk;
}

static json_t *result_of(struct work *work)
{
    const struct dg_run_head *head = &work->run->head;
    json_t *observations = json_array();
    json_t *risks = json_array();
    json_t *findings = json_array();
    json_t *result = json_pack("{s:o s:o s:o s:s s:s s:o s:o}",
                               "uuid",
                               uuid_of(work, "result", ""),
                               "title",
                               dg_json_line(head->profile_title),
                               "description",
                               dg_json_line(head->package_title),
                               "start",
                               head->started,
                               "end",
                               head->ended,
                               "local-definitions",
                               definitions_of(work),
                               "reviewed-controls",
                               controls_of(work));

    for (const struct dg_run_test *t = work->run->tests; t != NULL;
         t = t->next) {
        dg_json_add(&work->json, observations, observation_of(work, t));
        unsigned number = 0;

        for (const struct dg_run_path *p = t->paths; p != NULL; p = p->next) {
            number++;
            dg_json_add(&work->json, risks, risk_of(work, t, p, number));
        }
    }
    for (size_t i = 0; i < work->count; i++) {
        dg_json_add(
            &work->json, findings, finding_of(work, &work->requirements[i]));
    }
    dg_json_set_list(&work->json, result, "observations", observations);
    dg_json_set_list(&work->json, result, "risks", risks);
    dg_json_set_list(&work->json, result, "findings", findings);
    return result;
}

/* What the plan was, and what all of it was made from. */
static json_t *matter_of(const struct work *work)
{
    const struct dg_run_head *head = &work->run->head;

    return json_pack("{s:[{s:o s:o s:s s:[o o o]} {s:o s:s s:s s:[o o]}]}",
                     "resources",
                     "uuid",
                     uuid_of(work, "plan", ""),
                     "title",
                     dg_json_line(head->profile_title),
                     "description",
                     "The profile that was tested against",
                     "props",
                     prop_of("profile-id", head->profile_id),
                     prop_of("profile-version", head->profile_version),
                     prop_of("profile-sha256", head->profile_digest),
                     "uuid",
                     uuid_of(work, "run", ""),
                     "title",
                     "Signed run file",
                     "description",
                     "All evidence: check it with dosegate verify",
                     "props",
                     prop_of("run-sha256", work->origin->digest),
                     prop_of("lab-key", work->origin->key_id));
}

enum dg_status dg_oscal_render(const struct dg_run *run,
                               const struct dg_run_origin *origin,
                               struct dg_html *out)
{
    struct work work = {.run = run, .origin = origin};

    dg_html_init(out);
    if (!dg_format_is_moment(run->head.started) ||
        !dg_format_is_moment(run->head.ended)) {
        return DG_E_USAGE;
    }
    dg_arena_init(&work.arena);
    work.count = dg_requirements_of(run, &work.arena, &work.requirements);
    work.json.failed = work.arena.failed;

    json_t *root = json_pack("{s:{s:o s:o s:{s:s+} s:[o] s:o}}",
                             "assessment-results",
                             "uuid",
                             uuid_of(&work, "assessment", ""),
                             "metadata",
                             metadata_of(&work),
                             "import-ap",
                             "href",
                             "#",
                             dg_uuid_of(origin, "plan", "").text,
                             "results",
                             result_of(&work),
                             "back-matter",
                             matter_of(&work));

    dg_arena_free(&work.arena);
    return dg_json_finish(&work.json, root, out);
}
