/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/derived.h"
#include "eval/output/formats.h"
#include "eval/output/json_out.h"

/* CSAF 2.0, section 4.5 (profile 5, VEX).  The schema alone does not ask for
 * the flags, threats and remediations that the profile wants: they are set
 * here, one rule a verdict. */
#define PRODUCT "DGP-1"

static json_t *note_of(const char *category,
                       const char *title,
                       const char *text)
{
    return json_pack("{s:s s:s s:s}",
                     "category",
                     category,
                     "title",
                     title,
                     "text",
                     dg_json_or_unstated(text));
}

static json_t *document_of(const struct dg_run *run,
                           const struct dg_run_origin *origin)
{
    const struct dg_run_head *head = &run->head;
    /* What is still open may come out otherwise. */
    const char *status = (dg_run_exit_code(run) == 1) ? "interim" : "final";

    return json_pack(
        "{s:[{s:s s:s s:s+} o] s:s s:s s:{s:s s:s s:s+} s:s+++ "
        "s:{s:s s:s s:s s:s+# s:[{s:s s:s s:s}] s:s}}",
        "notes",
        "category",
        "details",
        "title",
        "Made from the signed run file",
        "text",
        DG_DERIVED_MARK,
        origin->digest,
        note_of("legal_disclaimer",
                "Not a certificate",
                "Identifiers are tests of Dosegate's catalogue, not CVE "
                "numbers. Made with Dosegate's own, non-normative profile; not "
                "a DTSec, DTMoSt or IEEE 2621 evaluation. Nothing here is a "
                "reason to stop a therapy: ask the clinic or the maker."),
        "category",
        "csaf_vex",
        "csaf_version",
        "2.0",
        "publisher",
        "category",
        "discoverer",
        "name",
        dg_json_or_unstated(head->laboratory),
        "namespace",
        "urn:dosegate:lab:",
        origin->key_id,
        "title",
        "What attacks do to ",
        run->product.name,
        " ",
        dg_json_or_unstated(run->product.version),
        "tracking",
        "current_release_date",
        head->ended,
        "initial_release_date",
        head->ended,
        "status",
        status,
        "id",
        "DOSEGATE-",
        origin->digest,
        16,
        "revision_history",
        "date",
        head->ended,
        "number",
        "1",
        "summary",
        "The run as it was signed",
        "version",
        "1");
}

static json_t *tree_of(struct dg_json *json, const struct dg_run *run)
{
    const struct dg_run_product *product = &run->product;
    json_t *one = json_pack("{s:s++ s:s}",
                            "name",
                            product->name,
                            " ",
                            dg_json_or_unstated(product->version),
                            "product_id",
                            PRODUCT);

    if (dg_format_is_digest(product->firmware_digest)) {
        dg_json_set(json,
                    one,
                    "product_identification_helper",
                    json_pack("{s:[{s:s s:[{s:s s:s}]}]}",
                              "hashes",
                              "filename",
                              "firmware",
                              "file_hashes",
                              "algorithm",
                              "sha256",
                              "value",
                              product->firmware_digest));
    }
    return json_pack("{s:[{s:s s:s s:[{s:s s:s s:[{s:s s:s s:o}]}]}]}",
                     "branches",
                     "category",
                     "vendor",
                     "name",
                     dg_json_or_unstated(product->maker),
                     "branches",
                     "category",
                     "product_name",
                     "name",
                     product->name,
                     "branches",
                     "category",
                     "product_version",
                     "name",
                     dg_json_or_unstated(product->version),
                     "product",
                     one);
}

static const char *status_of(enum dg_run_verdict verdict)
{
    switch (verdict) {
    case DG_RUN_FAIL:
    case DG_RUN_WAIVED:
        return "known_affected";
    case DG_RUN_PASS:
    case DG_RUN_NOT_APPLICABLE:
        return "known_not_affected";
    case DG_RUN_UNDECIDED:
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_PENDING:
    case DG_RUN_NOT_ASKED:
    case DG_RUN_ERROR:
    case DG_RUN_VERDICTS:
    default:
        return "under_investigation";
    }
}

/* What the profile wants beside each status. */
static void add_reason(struct dg_json *json,
                       json_t *one,
                       const struct dg_run_test *test)
{
    switch (test->verdict) {
    case DG_RUN_FAIL:
        dg_json_set(json,
                    one,
                    "remediations",
                    json_pack("[{s:s s:s+ s:[s]}]",
                              "category",
                              "none_available",
                              "details",
                              "No correction was known when this was tested. "
                              "For the maker: ",
                              dg_json_or_unstated(test->remediation),
                              "product_ids",
                              PRODUCT));
        break;
    case DG_RUN_WAIVED:
        dg_json_set(json,
                    one,
                    "remediations",
                    json_pack("[{s:s s:s+++++ s:[s]}]",
                              "category",
                              "none_available",
                              "details",
                              "Taken on by ",
                              dg_json_or_unstated(test->waived_by),
                              " until ",
                              dg_json_or_unstated(test->waived_until),
                              ": ",
                              dg_json_or_unstated(test->waived_because),
                              "product_ids",
                              PRODUCT));
        break;
    case DG_RUN_PASS:
        dg_json_set(json,
                    one,
                    "threats",
                    json_pack("[{s:s s:s s:[s]}]",
                              "category",
                              "impact",
                              "details",
                              "This attack was carried out on the product and "
                              "did not work. That is no proof that no other "
                              "way works.",
                              "product_ids",
                              PRODUCT));
        break;
    case DG_RUN_NOT_APPLICABLE:
        dg_json_set(json,
                    one,
                    "flags",
                    json_pack("[{s:s s:[s]}]",
                              "label",
                              "component_not_present",
                              "product_ids",
                              PRODUCT));
        break;
    case DG_RUN_UNDECIDED:
    case DG_RUN_INCONCLUSIVE:
    case DG_RUN_PENDING:
    case DG_RUN_NOT_ASKED:
    case DG_RUN_ERROR:
    case DG_RUN_VERDICTS:
    default:
        break;
    }
}

static json_t *vulnerability_of(struct dg_json *json,
                                const struct dg_run_test *test)
{
    json_t *notes = json_array();
    json_t *one = json_pack("{s:s s:[{s:s s:s}] s:{s:[s]}}",
                            "title",
                            dg_json_or_unstated(test->title),
                            "ids",
                            "system_name",
                            "Dosegate catalogue of tests",
                            "text",
                            test->id,
                            "product_status",
                            status_of(test->verdict),
                            PRODUCT);

    dg_json_add(json,
                notes,
                note_of("description", "The attack or cause", test->title));
    dg_json_add(
        json,
        notes,
        note_of("details", "Verdict", dg_run_verdict_name(test->verdict)));
    if (test->reason[0] != '\0') {
        dg_json_add(json, notes, note_of("details", "Reason", test->reason));
    }
    if (test->criterion[0] != '\0') {
        dg_json_add(
            json, notes, note_of("details", "Passes when", test->criterion));
    }
    dg_json_set(json, one, "notes", notes);
    add_reason(json, one, test);
    return one;
}

enum dg_status dg_csaf_render(const struct dg_run *run,
                              const struct dg_run_origin *origin,
                              struct dg_html *out)
{
    struct dg_json json = {false};
    json_t *list = NULL;

    dg_html_init(out);
    if (!dg_format_is_moment(run->head.ended) ||
        (run->product.name[0] == '\0') || (run->tests == NULL)) {
        return DG_E_USAGE;
    }
    list = json_array();
    for (const struct dg_run_test *t = run->tests; t != NULL; t = t->next) {
        dg_json_add(&json, list, vulnerability_of(&json, t));
    }
    return dg_json_finish(&json,
                          json_pack("{s:o s:o s:o}",
                                    "document",
                                    document_of(run, origin),
                                    "product_tree",
                                    tree_of(&json, run),
                                    "vulnerabilities",
                                    list),
                          out);
}
