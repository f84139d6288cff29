/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/output/bundle_parts.h"

/* The list of components as it was given, and what is wrong with it. */

static json_t *component_of(const struct dg_sbom_component *component,
                            size_t number)
{
    return json_pack("{s:o s:s s:s s:s s:s s:s s:s s:s s:s}",
                     "id",
                     json_sprintf("COMPONENT:%zu", number),
                     "place",
                     component->place,
                     "name",
                     dg_json_or_unstated(component->name),
                     "version",
                     dg_json_or_unstated(component->version),
                     "supplier",
                     dg_json_or_unstated(component->supplier),
                     "identifier",
                     dg_json_or_unstated(component->other_id),
                     "support_level",
                     dg_json_or_unstated(component->support_level),
                     "end_of_support",
                     dg_json_or_unstated(component->support_end),
                     "digest",
                     component->has_digest ? "yes" : "no");
}

static void put_document(struct dg_bundle_work *work,
                         json_t *document,
                         const struct dg_sbom *sbom)
{
    dg_bundle_table(work,
                    document,
                    "The list",
                    "",
                    json_pack("[{s:s s:s s:s s:s s:I s:I s:I}]",
                              "format",
                              sbom->format,
                              "version",
                              dg_json_or_unstated(sbom->version),
                              "author",
                              dg_json_or_unstated(sbom->author),
                              "made",
                              dg_json_or_unstated(sbom->made),
                              "components",
                              (json_int_t)sbom->count,
                              "relationships",
                              (json_int_t)sbom->relationships,
                              "findings",
                              (json_int_t)sbom->finding_count));
}

json_t *dg_bundle_components(struct dg_bundle_work *work)
{
    const struct dg_sbom *sbom = work->source->sbom;
    json_t *document = dg_bundle_document(
        "components",
        "Software components",
        (sbom == NULL)
            ? "No list of components was given (--sbom), so nothing is said of "
              "them here."
            : "The list of components that was given, and what it lacks of the "
              "minimum elements (NTIA 2021) and of level and end of support. A "
              "list says what its author told it: nobody compared it with the "
              "firmware.");
    json_t *findings = NULL;
    json_t *components = NULL;
    size_t number = 0;

    if (sbom == NULL) {
        return document;
    }
    put_document(work, document, sbom);
    findings = json_array();
    components = json_array();
    for (const struct dg_sbom_finding *f = sbom->findings; f != NULL;
         f = f->next) {
        number++;
        dg_json_add(&work->json,
                    findings,
                    json_pack("{s:o s:s s:s s:s}",
                              "id",
                              json_sprintf("FINDING:%zu", number),
                              "rule",
                              f->rule,
                              "place",
                              f->place,
                              "what_to_do",
                              f->text));
    }
    dg_bundle_table(work,
                    document,
                    "Findings",
                    (number < sbom->finding_count)
                        ? "More were found than are listed here."
                        : "",
                    findings);
    number = 0;
    for (const struct dg_sbom_component *c = sbom->components; c != NULL;
         c = c->next) {
        number++;
        dg_json_add(&work->json, components, component_of(c, number));
    }
    dg_bundle_table(work, document, "Components", "", components);
    return document;
}
