/* SPDX-License-Identifier: Apache-2.0 */
#include "requalify_health.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attest/service/files.h"
#include "domain/monitor.h"
#include "place.h"

#define FILE_MAX 4096U
#define WHY_SIZE 400U

/* Which self-test a finding belongs to that the system may be to blame for. */
static const struct {
    enum dg_finding finding;
    enum dg_check check;
} blamed[] = {
    {DG_FINDING_CLOCK, DG_CHECK_CLOCK},
    {DG_FINDING_SILENT, DG_CHECK_BACKGROUND},
    {DG_FINDING_STARVED, DG_CHECK_BACKGROUND},
    {DG_FINDING_NO_MEMORY, DG_CHECK_BACKGROUND},
    {DG_FINDING_STORAGE, DG_CHECK_STORAGE},
};

static bool complain(const char *what)
{
    (void)fprintf(stderr, "dosegate requalify: %s\n", what);
    return false;
}

/* Bits of the findings in a list; false: it is none of ours. */
static bool take_findings(const json_t *list, unsigned *findings)
{
    const json_t *one = NULL;
    size_t each = 0U;

    *findings = 0U;
    json_array_foreach(list, each, one)
    {
        const char *name = json_string_value(json_object_get(one, "name"));
        unsigned found = DG_FINDINGS;

        for (unsigned i = 0; (name != NULL) && (i < DG_FINDINGS); i++) {
            if (strcmp(name, dg_monitor_name((enum dg_finding)i)) == 0) {
                found = i;
            }
        }
        if (found == DG_FINDINGS) {
            return false;
        }
        *findings |= 1U << found;
    }
    return json_is_array(list);
}

static bool look(const char *dir, unsigned *findings)
{
    char path[DG_CLI_PATH_MAX];
    char why[WHY_SIZE];
    dg_buf file = {NULL, 0U};
    json_error_t error;

    if (!dg_cli_join(dir, "health.json", path) ||
        (dg_file_slurp(path, FILE_MAX, &file, why) != DG_OK)) {
        return complain("what the phone finds out about itself is not there: "
                        "start the domain anew (dosegate down, dosegate up)");
    }

    json_t *health = json_loadb(
        (const char *)file.at, file.capacity, JSON_REJECT_DUPLICATES, &error);
    const bool is_read =
        take_findings(json_object_get(health, "findings"), findings);

    json_decref(health);
    free(file.at);
    return is_read || complain("health.json is not the domain's: start the "
                               "domain anew (dosegate down, dosegate up)");
}

static void tell(unsigned findings)
{
    for (unsigned i = 0; i < DG_FINDINGS; i++) {
        if ((findings & (1U << i)) != 0U) {
            (void)fprintf(stderr,
                          "dosegate requalify: %s: %s\n",
                          dg_monitor_name((enum dg_finding)i),
                          dg_monitor_text((enum dg_finding)i));
        }
    }
}

/* @satisfies{FPT_WATCH.1@1} */
bool dg_cli_health_is_well(const char *dir)
{
    unsigned findings = 0U;

    if (!look(dir, &findings)) {
        return false;
    }
    tell(findings);
    return (findings == 0U) ||
           complain("a phone that found this about itself does not requalify; "
                    "nothing was tested or shown");
}

bool dg_cli_health_settle(struct dg_cli_checks *checks)
{
    unsigned findings = 0U;

    if (!look(checks->dir, &findings)) {
        return false;
    }
    tell(findings);
    for (size_t i = 0; i < (sizeof(blamed) / sizeof(blamed[0])); i++) {
        const unsigned bit = 1U << (unsigned)blamed[i].finding;

        if ((findings & bit) == 0U) {
            continue;
        }
        findings &= ~bit;
        checks->run->result[blamed[i].check] = DG_CHECK_FAILED;
        checks->why[blamed[i].check] = dg_monitor_text(blamed[i].finding);
    }
    return (findings == 0U) ||
           complain("the phone found this about itself during the run: it does "
                    "not count and was not shown");
}
