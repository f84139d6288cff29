/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of lists of components.
 * Oracle: (1) what JSON's own reader refuses is refused; (2) a component that
 * lacks a minimum element has its finding at its place, and one that has it has
 * none; (3) the lists are as long as their counts say. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "eval/output/sbom.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int has_finding(const struct dg_sbom *sbom,
                       const char *rule,
                       const char *place)
{
    for (const struct dg_sbom_finding *f = sbom->findings; f != NULL;
         f = f->next) {
        if ((strcmp(f->rule, rule) == 0) && (strcmp(f->place, place) == 0)) {
            return 1;
        }
    }
    return 0;
}

static void check_component(const struct dg_sbom *sbom,
                            const struct dg_sbom_component *component)
{
    const struct {
        const char *value;
        const char *rule;
    } rules[] = {{component->name, "SBOM-NAME"},
                 {component->version, "SBOM-VERSION"},
                 {component->supplier, "SBOM-SUPPLIER"},
                 {component->other_id, "SBOM-ID"},
                 {component->support_level, "SBOM-SUPPORT"}};

    for (size_t i = 0; i < (sizeof(rules) / sizeof(rules[0])); i++) {
        const int is_missing = rules[i].value[0] == '\0';

        if (has_finding(sbom, rules[i].rule, component->place) != is_missing) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_sbom sbom;
    struct dg_problem problem = {""};
    json_t *root = NULL;
    const enum dg_status status =
        dg_sbom_read((dg_span){data, size}, &sbom, &problem);

    root = json_loadb((const char *)data, size, 0, NULL);
    if ((status == DG_OK) && !json_is_object(root)) {
        abort();
    }
    json_decref(root);
    if ((status != DG_OK) && (problem.text[0] == '\0')) {
        abort();
    }
    if (status == DG_OK) {
        size_t components = 0;
        size_t findings = 0;

        for (const struct dg_sbom_finding *f = sbom.findings; f != NULL;
             f = f->next) {
            findings++;
        }
        if ((sbom.finding_count <= DG_SBOM_FINDINGS_MAX) &&
            (findings != sbom.finding_count)) {
            abort();
        }
        for (const struct dg_sbom_component *c = sbom.components; c != NULL;
             c = c->next) {
            components++;
            /* Place by place it would be quadratic in what came in. */
            if ((components < 50U) && (findings == sbom.finding_count)) {
                check_component(&sbom, c);
            }
        }
        if (components != sbom.count) {
            abort();
        }
    }
    dg_sbom_free(&sbom);
    return 0;
}
