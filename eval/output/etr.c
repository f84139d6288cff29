/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/etr.h"

#include "eval/derived.h"
#include "eval/output/etr_results.h"

static json_t *part_of(const char *title, json_t *content)
{
    return json_pack("{s:s s:o}", "title", title, "content", content);
}

static json_t *introduction_of(const struct dg_run *run,
                               const struct dg_run_origin *origin)
{
    const struct dg_run_head *head = &run->head;
    const struct dg_run_product *product = &run->product;

    return json_pack(
        "{s:s s:s+# s:s s:s s:s+++ s:s s:s s:s+++ s:s s:s s:s s:s s:s}",
        "scheme",
        "none: Dosegate's own, non-normative profile; not a DTSec, DTMoSt or "
        "IEEE 2621 evaluation",
        "report",
        "ETR-",
        origin->digest,
        16,
        "version",
        "1",
        "date",
        dg_json_or_unstated(head->ended),
        "product",
        dg_json_or_unstated(product->name),
        ", version ",
        dg_json_or_unstated(product->version),
        "",
        "firmware_sha256",
        dg_json_or_unstated(product->firmware_digest),
        "security_target",
        "see the evidence, part 6",
        "profile",
        dg_json_or_unstated(head->profile_title),
        ", version ",
        dg_json_or_unstated(head->profile_version),
        "",
        "package",
        dg_json_or_unstated(head->package_title),
        "developer",
        dg_json_or_unstated(product->maker),
        "sponsor",
        "not stated",
        "evaluator",
        dg_json_or_unstated(head->laboratory),
        "status",
        dg_json_or_unstated(head->status));
}

static json_t *architecture_of(struct dg_json *json, const struct dg_run *run)
{
    const struct dg_run_product *product = &run->product;

    return json_pack("{s:s s:s s:s s:o}",
                     "note",
                     "The description that ADV_TDS asks for is the developer's "
                     "evidence and is judged by a person: pending.",
                     "function",
                     dg_json_or_unstated(product->function_class),
                     "platform",
                     dg_json_or_unstated(product->platform),
                     "interfaces",
                     dg_json_lines(json, product->interfaces));
}

static json_t *method_of(const struct dg_run *run,
                         const struct dg_work_table *table)
{
    const struct dg_run_head *head = &run->head;

    return json_pack(
        "{s:s s:s s:s s:s+ s:s+ s:s s:s s:I s:s s:s}",
        "method",
        "Each test attacks the product over its real interface, after a valid "
        "control that must be obeyed; monitors count what the product really "
        "delivers.",
        "tool",
        dg_json_or_unstated(head->tool_version),
        "bench",
        dg_json_or_unstated(head->host),
        "criteria",
        "Common Criteria and CEM, edition ",
        table->edition,
        "rating",
        "Attack potential by the table ",
        run->has_table ? run->table.id : "not stated",
        "tier",
        dg_json_or_unstated(head->tier),
        "began",
        dg_json_or_unstated(head->started),
        "seed",
        (json_int_t)head->seed,
        "constraints",
        "Hardware, supply chain, documents and the maker's processes were not "
        "judged by this run.",
        "assumptions",
        "The adapter of the product tells the truth about what the mechanism "
        "moved.");
}

static json_t *conclusions_of(const struct dg_conclusion *conclusion,
                              const struct dg_run *run)
{
    const char *claim = "not decided";

    if (conclusion->claim == DG_CLAIM_FAILS) {
        claim = "contradicted by an attack that works";
    } else if (conclusion->claim == DG_CLAIM_HOLDS) {
        claim = "not contradicted by any test; pending work units are open";
    }
    return json_pack(
        "{s:o s:s s:I s:I s:I s:I s:s}",
        "claim",
        json_sprintf("AVA_VAN.%u", (unsigned)run->head.van_claimed),
        "state",
        claim,
        "tests_passed",
        (json_int_t)conclusion->count[DG_RUN_PASS],
        "tests_failed",
        (json_int_t)conclusion->count[DG_RUN_FAIL],
        "tests_open",
        (json_int_t)conclusion->open,
        "residual_vulnerabilities",
        (json_int_t)conclusion->residual,
        "recommendation",
        "Resolve the observation reports, then have a person "
        "complete the work units that are pending.");
}

static void add_evidence(struct dg_json *json,
                         json_t *list,
                         const char *title,
                         const char *issuer,
                         const char *digest)
{
    dg_json_add(json,
                list,
                json_pack("{s:s s:s s:s}",
                          "title",
                          title,
                          "issuer",
                          dg_json_or_unstated(issuer),
                          "sha256",
                          dg_json_or_unstated(digest)));
}

static json_t *evidence_of(struct dg_json *json,
                           const struct dg_run *run,
                           const struct dg_run_origin *origin)
{
    json_t *list = json_array();

    add_evidence(
        json, list, "Signed run file", run->head.laboratory, origin->digest);
    add_evidence(json,
                 list,
                 "Firmware",
                 run->product.maker,
                 run->product.firmware_digest);
    add_evidence(
        json, list, "Profile", "Dosegate project", run->head.profile_digest);
    add_evidence(
        json, list, "Package", "Dosegate project", run->head.package_digest);
    if (run->has_table) {
        add_evidence(json,
                     list,
                     "Table of attack potential",
                     "Dosegate project",
                     run->table.digest);
    }
    add_evidence(json,
                 list,
                 "Security target, design, guidance, life-cycle evidence",
                 run->product.maker,
                 "");
    return list;
}

static json_t *acronyms(void)
{
    return json_pack("{s:s s:s s:s s:s s:s s:s s:s}",
                     "ADV",
                     "development",
                     "AGD",
                     "guidance",
                     "ALC",
                     "life cycle",
                     "ASE",
                     "evaluation of the security target",
                     "ATE",
                     "tests",
                     "AVA",
                     "vulnerability assessment",
                     "CEM",
                     "common evaluation methodology");
}

json_t *dg_etr_build(struct dg_json *json,
                     const struct dg_run *run,
                     const struct dg_run_origin *origin)
{
    struct dg_conclusion conclusion;
    struct dg_work_table table;
    json_t *root = NULL;

    if ((dg_work_table_read((unsigned)run->head.van_claimed, &table, NULL) !=
         DG_OK) ||
        (dg_conclude(run, &conclusion) != DG_OK)) {
        dg_work_table_free(&table);
        json->failed = true;
        return NULL;
    }
    root = json_pack(
        "{s:s s:s+ s:s s:[o o o o o o o o]}",
        "format",
        "dosegate-etr-1",
        "run",
        DG_DERIVED_MARK,
        origin->digest,
        "lab_key",
        origin->key_id,
        "parts",
        part_of("1 Introduction", introduction_of(run, origin)),
        part_of("2 Architecture", architecture_of(json, run)),
        part_of("3 Evaluation", method_of(run, &table)),
        part_of("4 Results", dg_etr_results(json, run, &conclusion, &table)),
        part_of("5 Conclusions and recommendations",
                conclusions_of(&conclusion, run)),
        part_of("6 Evidence", evidence_of(json, run, origin)),
        part_of("7 Acronyms", acronyms()),
        part_of("8 Observation reports",
                dg_etr_observations(json, run, &table)));
    dg_work_table_free(&table);
    return root;
}

enum dg_status dg_etr_json_render(const struct dg_run *run,
                                  const struct dg_run_origin *origin,
                                  struct dg_html *out)
{
    struct dg_json json = {false};

    dg_html_init(out);
    if (run->head.van_claimed == 0U) {
        return DG_E_USAGE;
    }
    return dg_json_finish(&json, dg_etr_build(&json, run, origin), out);
}
