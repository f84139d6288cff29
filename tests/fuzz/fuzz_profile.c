/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of profiles in YAML.
 * Oracle: what is refused is refused with the file and a line that it has (or
 * the one behind it); what is taken has every operation at one place, and
 * written as YAML and read again it says the same to the byte. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "eval/profile/export.h"
#include "eval/profile/operation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(int is_so)
{
    if (!is_so) {
        abort();
    }
}

static void check_refused(const uint8_t *data, size_t size, const char *why)
{
    unsigned line = 0;
    unsigned lines = 1;

    for (size_t i = 0; i < size; i++) {
        /* What YAML takes for the end of a line: also U+0085 and its like. */
        lines += ((data[i] == '\n') || (data[i] == '\r') || (data[i] >= 0x80))
                     ? 1U
                     : 0U;
    }
    demand(sscanf(why, "fuzz.yaml:%u: ", &line) == 1);
    demand((line >= 1U) && (line <= lines + 1U));
}

static void check_elements(const struct dg_element *elements,
                           size_t count,
                           struct dg_arena *arena)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t at = 0; at < elements[i].count; at++) {
            demand(elements[i].operations[at].is_placed);
            (void)dg_operation_is_open(&elements[i].operations[at]);
        }
        (void)dg_element_render(&elements[i], arena);
    }
}

static void check_taken(struct dg_profile *profile)
{
    struct dg_profile again;
    struct dg_problem problem = {""};
    char *text = NULL;
    char *other = NULL;
    size_t size = 0;

    for (size_t i = 0; i < profile->sfr_count; i++) {
        check_elements(
            profile->sfrs[i].elements, profile->sfrs[i].count, &profile->arena);
    }
    demand(dg_profile_write(profile, &text, &size) == DG_OK);
    demand(dg_profile_parse((dg_span){(const uint8_t *)text, size},
                            "again.yaml",
                            &again,
                            &problem) == DG_OK);
    demand(dg_profile_write(&again, &other, &size) == DG_OK);
    demand(strcmp(text, other) == 0);
    dg_profile_free(&again);
    free(text);
    free(other);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct dg_profile profile;
    struct dg_problem problem = {""};
    const enum dg_status status = dg_profile_parse(
        (dg_span){data, size}, "fuzz.yaml", &profile, &problem);

    if (status == DG_OK) {
        check_taken(&profile);
    } else {
        demand(status == DG_E_MALFORMED);
        check_refused(data, size, problem.text);
    }
    dg_profile_free(&profile);
    return 0;
}
