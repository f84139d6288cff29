/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of profiles in CC XML, and what looks before it.
 * Oracle: what is refused is refused with the file and a line of it; nothing
 * with a declaration is ever taken; what is taken from others, written as YAML
 * and read again, says the same to the byte. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/profile/export.h"
#include "eval/profile/import.h"
#include "eval/profile/xml.h"
#include "eval/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_so)
{
    if (!is_so) {
        abort();
    }
}

static void check_taken(const struct dg_profile *profile)
{
    struct dg_profile again;
    struct dg_problem problem = {""};
    char *text = NULL;
    char *other = NULL;
    size_t size = 0;

    demand(dg_profile_write(profile, &text, &size) == DG_OK);
    /* A file that says that it is ours may lack what ours have. */
    if (profile->is_imported && (size < DG_YAML_SIZE_MAX)) {
        demand(dg_profile_parse((dg_span){(const uint8_t *)text, size},
                                "again.yaml",
                                &again,
                                &problem) == DG_OK);
        demand(dg_profile_write(&again, &other, &size) == DG_OK);
        demand(strcmp(text, other) == 0);
        dg_profile_free(&again);
    }
    free(text);
    free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_profile profile;
    struct dg_problem problem = {""};
    unsigned line = 0;
    const enum dg_status status = dg_profile_import(
        (dg_span){data, size}, "fuzz.xml", &profile, &problem);

    if (status == DG_OK) {
        demand(dg_xml_look((dg_span){data, size}, "fuzz.xml", &problem) ==
               DG_OK);
        check_taken(&profile);
    } else {
        demand(status == DG_E_MALFORMED);
        demand(sscanf(problem.text, "fuzz.xml:%u: ", &line) == 1);
    }
    dg_profile_free(&profile);
    return 0;
}
