/* SPDX-License-Identifier: Apache-2.0 */
/* Target: the reader of the platform policy's text.
 * Oracle: what is refused names a line that the text has (or the one behind
 * it), and leaves a list of zeros; what is taken is in the ranges of its
 * header, gives no level that is not defined, and reads the same again with a
 * line for people in it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/service/policy_list.h"

#define ROOM 8192U

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dg_policy_list list;
static struct dg_policy_list again;

static void demand(int is_so)
{
    if (!is_so) {
        abort();
    }
}

static unsigned lines_of(const uint8_t *data, size_t size)
{
    unsigned lines = 0;

    for (size_t i = 0; i < size; i++) {
        lines += (data[i] == '\n') ? 1U : 0U;
    }
    return lines;
}

static void check_refused(const uint8_t *data, size_t size, const char *why)
{
    static const struct dg_policy_list zero;
    unsigned line = 0;

    demand(sscanf(why, "line %u: ", &line) == 1);
    demand((line >= 1U) && (line <= lines_of(data, size) + 1U));
    demand(memcmp(&list, &zero, sizeof(zero)) == 0);
}

static void check_taken(void)
{
    demand((list.version >= 1U) && (list.epoch >= 1U));
    demand((list.life_s >= 1U) && (list.life_s <= DG_ATTEST_LIFE_S_MAX));
    demand(list.expires_s > list.issued_s);
    demand((list.apps <= DG_POLICY_LIST_APPS) &&
           (list.builds <= DG_POLICY_LIST_BUILDS) &&
           (list.measureds <= DG_POLICY_LIST_MEASURED) &&
           (list.enrolleds <= DG_POLICY_LIST_ENROLLED) &&
           (list.used <= sizeof(list.bytes)));
    for (size_t i = 0; i < list.measureds; i++) {
        demand((list.measured[i].bank.asked != 0U) !=
               (list.measured[i].components != 0U));
        demand(list.measured[i].components <= DG_POLICY_LIST_COMPONENTS);
    }
    for (size_t i = 0; i < list.builds; i++) {
        demand(list.build[i].is_qualified != list.trial[i].is_on_trial);
        demand(!list.trial[i].is_on_trial ||
               ((list.trial[i].percent >= 1U) &&
                (list.trial[i].percent <= 100U) && (list.stop_runs > 0U)));
        demand(list.build[i].os_version_min <= list.build[i].os_version_max);
    }
    for (uint32_t claims = 0; claims < 4U; claims++) {
        const enum dg_package level =
            dg_policy_list_level(&list, claims * 0x15555U);

        demand((level == DG_PACKAGE_NONE) || (list.level_yes[level] != 0U));
    }
}

static int check_again(const uint8_t *data, size_t size)
{
    static uint8_t text[ROOM];
    static const uint8_t line[] = "# for people\n";
    char why[DG_POLICY_LIST_WHY_MAX];

    if (size + sizeof(line) > sizeof(text)) {
        return 0;
    }
    memcpy(text, data, size);
    memcpy(&text[size], line, sizeof(line) - 1U);
    demand(dg_policy_list_read((dg_span){text, size + sizeof(line) - 1U},
                               &again,
                               why) == DG_OK);
    demand(
        (again.version == list.version) && (again.apps == list.apps) &&
        (again.builds == list.builds) && (again.measureds == list.measureds) &&
        (again.enrolleds == list.enrolleds) &&
        (memcmp(again.bytes, list.bytes, sizeof(list.bytes)) == 0) &&
        (memcmp(again.level_yes, list.level_yes, sizeof(list.level_yes)) == 0));
    return 1;
}

/* The same builds; names lie in the list that they are of. */
static void check_builds(void)
{
    for (size_t i = 0; i < list.builds; i++) {
        const struct dg_build_rule one = list.build[i];
        const struct dg_build_rule other = again.build[i];

        demand((one.measured == NULL) == (other.measured == NULL));
        demand((one.measured == NULL) ||
               (strcmp(one.measured, other.measured) == 0));
        demand((one.kind == other.kind) &&
               (one.os_version_min == other.os_version_min) &&
               (one.os_version_max == other.os_version_max) &&
               (one.os_patch_min == other.os_patch_min) &&
               (one.vendor_patch_min == other.vendor_patch_min) &&
               (one.boot_patch_min == other.boot_patch_min) &&
               (one.is_qualified == other.is_qualified));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char why[DG_POLICY_LIST_WHY_MAX] = "";
    const enum dg_status status =
        dg_policy_list_read((dg_span){data, size}, &list, why);

    if (status == DG_E_MALFORMED) {
        check_refused(data, size, why);
    } else if (status == DG_OK) {
        check_taken();
        if (check_again(data, size)) {
            check_builds();
        }
    } else {
        demand((status == DG_E_RANGE) && (size > DG_POLICY_LIST_SIZE_MAX));
    }
    return 0;
}
