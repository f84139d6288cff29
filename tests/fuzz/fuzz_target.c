/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of security targets, and the checks of what it accepts.
 * Oracle: what is refused has a sentence with its line; what is accepted has
 * findings in the order of their lines, none behind the end of the file, as
 * many as were counted, each with a rule and a sentence. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "eval/target/check.h"

#define NAME "fuzz.yaml"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t lines_of(const uint8_t *data, size_t size)
{
    size_t lines = 2U;

    for (size_t i = 0U; i < size; i++) {
        /* YAML ends a line at each of these, and at three more that begin
         * with C2 or E2. */
        lines += ((data[i] == '\n') || (data[i] == '\r') ||
                  (data[i] == 0xC2U) || (data[i] == 0xE2U))
                     ? 1U
                     : 0U;
    }
    return lines;
}

static void check(const struct dg_target *target, size_t lines)
{
    struct dg_findings findings;
    struct dg_problem problem = {""};
    size_t last = 0U;
    size_t count = 0U;

    if (dg_target_check(target, DG_SPEC, &findings, &problem) != DG_OK) {
        abort(); /* the spec is ours, so nothing of it may be wrong */
    }
    for (const struct dg_finding *i = findings.first; i != NULL; i = i->next) {
        if ((i->line < last) || (i->line > lines) ||
            (dg_rule(i->rule) == NULL) || (i->text[0] == '\0')) {
            abort();
        }
        last = i->line;
        count++;
    }
    if (count != findings.errors + findings.warnings) {
        abort();
    }
    dg_findings_free(&findings);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_target target;
    struct dg_problem problem = {""};
    const enum dg_status status =
        dg_target_parse((dg_span){data, size}, NAME, &target, &problem);

    if ((status != DG_OK) &&
        (strncmp(problem.text, NAME ":", sizeof NAME) != 0)) {
        abort();
    }
    if (status == DG_OK) {
        check(&target, lines_of(data, size));
    }
    dg_target_free(&target);
    return 0;
}
