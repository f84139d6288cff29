/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "eval/conclude.h"
#include "eval/output/bundle_parts.h"
#include "eval/position.h"

/* Threats -------------------------------------------------------------------
 */

static json_t *words_of(struct dg_bundle_work *work,
                        const struct dg_words *words)
{
    json_t *list = json_array();

    for (size_t i = 0; i < words->count; i++) {
        dg_json_add(&work->json, list, json_string(words->item[i]));
    }
    return list;
}

/* The tests of a threat, or the risks that they rate. */
static json_t *of_threat(struct dg_bundle_work *work,
                         const char *threat,
                         const char *kind)
{
    json_t *list = json_array();

    for (const struct dg_run_test *t = work->source->run->tests; t != NULL;
         t = t->next) {
        if (strcmp(t->threat, threat) == 0) {
            dg_json_add(&work->json, list, dg_bundle_id(kind, t->id));
        }
    }
    return list;
}

static json_t *links_of(struct dg_bundle_work *work,
                        const struct dg_links *links,
                        const char *kind)
{
    json_t *list = json_array();

    for (size_t i = 0; i < links->count; i++) {
        if (!links->item[i].is_outside) {
            dg_json_add(
                &work->json, list, dg_bundle_id(kind, links->item[i].to));
        }
    }
    return list;
}

/* Direct rationale links threats to SFRs as well. */
static json_t *met_by(struct dg_bundle_work *work, const struct dg_links *links)
{
    const struct dg_profile *profile = work->source->profile;
    json_t *list = json_array();

    for (size_t i = 0; i < links->count; i++) {
        const char *to = links->item[i].to;

        if (!links->item[i].is_outside) {
            dg_json_add(&work->json,
                        list,
                        dg_bundle_id((dg_profile_objective(profile, to) != NULL)
                                         ? ""
                                         : "SFR:",
                                     to));
        }
    }
    return list;
}

static json_t *threat_of(struct dg_bundle_work *work, const struct dg_spd *spd)
{
    return json_pack("{s:o s:s s:o s:s s:s s:s s:o s:o s:o}",
                     "id",
                     dg_bundle_id("", spd->id),
                     "agent",
                     dg_json_or_unstated(spd->agent),
                     "assets",
                     words_of(work, &spd->assets),
                     "adverse_action",
                     dg_json_or_unstated(spd->text),
                     "in_plain_words",
                     dg_json_or_unstated(spd->plain),
                     "editorial",
                     dg_json_or_unstated(spd->editorial),
                     "countered_by",
                     met_by(work, &spd->links),
                     "tests",
                     of_threat(work, spd->id, "TEST:"),
                     "risks",
                     of_threat(work, spd->id, "RISK:"));
}

static bool is_known(const struct dg_bundle_work *work, const char *threat)
{
    return (work->source->profile != NULL) &&
           (dg_profile_problem(work->source->profile, threat) != NULL);
}

static bool is_first(const struct dg_run *run, const struct dg_run_test *test)
{
    for (const struct dg_run_test *t = run->tests; t != test; t = t->next) {
        if (strcmp(t->threat, test->threat) == 0) {
            return false;
        }
    }
    return true;
}

/* What tests name and the profile does not have, or has not with us. */
static json_t *named_only(struct dg_bundle_work *work)
{
    json_t *rows = json_array();

    for (const struct dg_run_test *t = work->source->run->tests; t != NULL;
         t = t->next) {
        if (is_known(work, t->threat) || !is_first(work->source->run, t)) {
            continue;
        }
        dg_json_add(&work->json,
                    rows,
                    json_pack("{s:o s:o s:o}",
                              "id",
                              dg_bundle_id("", t->threat),
                              "tests",
                              of_threat(work, t->threat, "TEST:"),
                              "risks",
                              of_threat(work, t->threat, "RISK:")));
    }
    return rows;
}

static json_t *objectives_of(struct dg_bundle_work *work)
{
    const struct dg_profile *profile = work->source->profile;
    json_t *rows = json_array();

    for (size_t i = 0; i < profile->objective_count; i++) {
        const struct dg_objective *one = &profile->objectives[i];

        dg_json_add(&work->json,
                    rows,
                    json_pack("{s:o s:s s:s s:s s:o}",
                              "id",
                              dg_bundle_id("", one->id),
                              "met_by",
                              one->is_environment ? "environment" : "product",
                              "objective",
                              dg_json_or_unstated(one->text),
                              "in_plain_words",
                              dg_json_or_unstated(one->plain),
                              "requirements",
                              links_of(work, &one->links, "SFR:")));
    }
    return rows;
}

static json_t *spd_rows(struct dg_bundle_work *work, bool threats)
{
    const struct dg_profile *profile = work->source->profile;
    json_t *rows = json_array();

    for (size_t i = 0; i < profile->problem_count; i++) {
        const struct dg_spd *one = &profile->problem[i];

        if (threats && (one->kind == DG_SPD_THREAT)) {
            dg_json_add(&work->json, rows, threat_of(work, one));
        } else if (!threats && (one->kind != DG_SPD_THREAT)) {
            dg_json_add(&work->json,
                        rows,
                        json_pack("{s:o s:s s:s s:o}",
                                  "id",
                                  dg_bundle_id("", one->id),
                                  "text",
                                  dg_json_or_unstated(one->text),
                                  "in_plain_words",
                                  dg_json_or_unstated(one->plain),
                                  "met_by",
                                  met_by(work, &one->links)));
        }
    }
    return rows;
}

json_t *dg_bundle_threats(struct dg_bundle_work *work)
{
    json_t *document = dg_bundle_document(
        "threat-model",
        "Threat model",
        "Who can do what to which asset, what counters it, and which tests "
        "tried it. From the profile of the run; a threat that only tests name "
        "stands apart.");
    json_t *rest = named_only(work);

    if (work->source->profile != NULL) {
        dg_bundle_table(work, document, "Threats", "", spd_rows(work, true));
        dg_bundle_table(
            work, document, "Security objectives", "", objectives_of(work));
        dg_bundle_table(work,
                        document,
                        "Policies and assumptions",
                        "",
                        spd_rows(work, false));
    }
    if (json_array_size(rest) > 0U) {
        dg_bundle_table(work,
                        document,
                        "Threats that only tests name",
                        (work->source->profile == NULL)
                            ? "The profile of the run is not here."
                            : "The profile does not have these.",
                        rest);
    } else {
        json_decref(rest);
    }
    return document;
}

/* Risks --------------------------------------------------------------------- */

static const struct dg_harm *harm_of(const struct dg_bundle_work *work,
                                     const char *threat)
{
    const struct dg_spd *spd =
        (work->source->profile == NULL)
            ? NULL
            : dg_profile_problem(work->source->profile, threat);

    return (spd == NULL)
               ? NULL
               : dg_harm_of(&work->harms, spd->assets.item, spd->assets.count);
}

/* The attack as the catalogue rates it, should it succeed: before controls. */
static json_t *before_of(const struct dg_bundle_work *work,
                         const struct dg_run_test *test)
{
    const struct dg_run *run = work->source->run;
    const struct dg_catalogue_entry *entry =
        (work->source->catalogue == NULL)
            ? NULL
            : dg_catalogue_find(work->source->catalogue, test->id);
    struct dg_rating rating;

    if (test->paths != NULL) {
        if (dg_conclude_path(run, test->paths, &rating) &&
            rating.is_exploitable) {
            return json_sprintf("needs %s attack potential (%u points)",
                                rating.range->required,
                                rating.sum);
        }
        return json_string("not rated");
    }
    if ((entry != NULL) && run->has_table &&
        (dg_rating_rate(&run->table, entry->choices, &rating, NULL) == DG_OK) &&
        rating.is_exploitable) {
        return json_sprintf(
            "would need %s attack potential (%u points, proposal)",
            rating.range->required,
            rating.sum);
    }
    return json_string("not rated");
}

static const char *after_of(const struct dg_run_test *test)
{
    switch (test->verdict) {
    case DG_RUN_PASS:
        return "this attack did not work on this firmware";
    case DG_RUN_FAIL:
        return "as before: the attack works";
    case DG_RUN_WAIVED:
        return "as before, taken on by a person: see the waiver";
    case DG_RUN_NOT_APPLICABLE:
        return "does not apply: the product claims no such function";
    case DG_RUN_UNDECIDED:
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_PENDING:
    case DG_RUN_ERROR:
    case DG_RUN_NOT_ASKED:
    case DG_RUN_VERDICTS:
    default:
        return "unknown: not judged";
    }
}

static json_t *risk_of(const struct dg_bundle_work *work,
                       const struct dg_run_test *test)
{
    const struct dg_harm *harm = harm_of(work, test->threat);
    const char *position = dg_position_name(test->position);

    return json_pack("{s:o s:o s:o s:s s:s s:s s:o s:s s:s}",
                     "id",
                     dg_bundle_id("RISK:", test->id),
                     "threat",
                     dg_bundle_id("", test->threat),
                     "test",
                     dg_bundle_id("TEST:", test->id),
                     "attacker",
                     (position == NULL) ? dg_json_or_unstated(test->position)
                                        : position,
                     "harm",
                     (harm == NULL) ? "not stated" : harm->severity,
                     "how",
                     (harm == NULL) ? "not stated" : harm->why,
                     "exploitability_before_controls",
                     before_of(work, test),
                     "after_controls",
                     after_of(test),
                     "verdict",
                     dg_run_verdict_name(test->verdict));
}

json_t *dg_bundle_risks(struct dg_bundle_work *work)
{
    json_t *document = dg_bundle_document(
        "risk-assessment",
        "Cybersecurity risk assessment",
        "Exploitability, not probability: the attack potential that a path "
        "needs, beside the harm that it can do. Before controls, and after: "
        "what the test of it showed. No number joins the two; what is "
        "acceptable is for a policy to say. Harm is our proposal by asset, to "
        "be replaced by the maker's hazard analysis.");
    json_t *rows = json_array();

    for (const struct dg_run_test *t = work->source->run->tests; t != NULL;
         t = t->next) {
        dg_json_add(&work->json, rows, risk_of(work, t));
    }
    dg_bundle_table(work, document, "Risks", "", rows);
    return document;
}
