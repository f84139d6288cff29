/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "gate.h"
#include "isolation.h"
#include "place.h"
#include "role.h"
#include "verbs.h"

/* What keeps the phone's roles apart, as it is said and as it is measured, and
 * what the phone has found out about itself. */
#define NOBODY      65534U
#define CODE_UNTRUE 2
#define HEALTH_SIZE 4096U

static const char domain_help[] =
    "usage: dosegate domain --explain\n"
    "       dosegate domain --measure [--all]\n"
    "       dosegate domain --health [--dir DIR]\n"
    "\n"
    "  --explain  which objectives each way of isolation is said to hold "
    "against a\n"
    "             role that was captured, and the most that may be claimed\n"
    "  --measure  try 35 acts as each role behind each way that is here; as "
    "root it\n"
    "             becomes nobody first.  Exit code 2: a claim is not true\n"
    "  --all      name each act that was reached\n"
    "  --health   what the running domain has found out about this phone\n"
    "\n"
    "O1 secure channel, O2 configuration, O3 the person's consent, O4 "
    "integrity,\n"
    "O5 isolation, T6 starvation; see docs/isolation.md.\n";

static void print_head(const char *first, const char *last)
{
    (void)printf("| %-8s |", first);
    for (unsigned i = 1; i < DG_OBJECTIVES; i++) {
        (void)printf(" %-7s |", dg_objective_name((enum dg_objective)i));
    }
    (void)printf(" %s |\n| --- |", last);
    for (unsigned i = 1; i < DG_OBJECTIVES; i++) {
        (void)fputs(" --- |", stdout);
    }
    (void)fputs(" --- |\n", stdout);
}

static int explain(void)
{
    print_head("way", "at most, and what it does not hold");
    for (unsigned i = 0; i < dg_isolation_claims_count; i++) {
        const struct dg_isolation_claim *claim = &dg_isolation_claims[i];

        (void)printf("| %-8s |", claim->name);
        for (unsigned k = 1; k < DG_OBJECTIVES; k++) {
            (void)printf(" %-7s |", claim->holds[k] ? "yes" : "no");
        }
        (void)printf(" %s; %s |\n", claim->at_most, claim->beyond);
    }
    return DG_CLI_OK;
}

static void tell_act(enum dg_role_id role,
                     const struct dg_act *act,
                     enum dg_act_end end)
{
    (void)printf("%s, %s: %s\n",
                 dg_role_id_name(role),
                 act->name,
                 (end == DG_ACT_DONE)      ? "reached"
                 : (end == DG_ACT_REFUSED) ? "refused, though promised"
                                           : "could not be tried");
}

/* One row: of so many acts that nobody allowed, how many were reached.
 * @return the claim of this back-end is true for this role. */
static bool print_measured(const struct dg_isolation_claim *claim,
                           enum dg_role_id role,
                           const struct dg_measured *measured)
{
    bool is_true = (measured->kept_from == 0U) && (measured->untried == 0U);

    (void)printf("| %-8s |", dg_role_id_name(role));
    for (unsigned i = 1; i < DG_OBJECTIVES; i++) {
        (void)printf(" %u of %-2u |", measured->reached[i], measured->tried[i]);
        is_true = is_true && (!claim->holds[i] || (measured->reached[i] == 0U));
    }
    (void)printf(" %s |\n", is_true ? "as claimed" : "NOT AS CLAIMED");
    return is_true;
}

static bool measure_one(const struct dg_isolation_claim *claim, bool all)
{
    const struct dg_backend *backend = dg_backend_named(claim->name);
    char why[DG_BACKEND_WHY_MAX] = "not of this program";
    bool is_true = true;

    if ((backend == NULL) || !backend->is_there(why)) {
        (void)printf("\n%s: skipped, %s: %s\n", claim->name, why, claim->words);
        return true;
    }
    (void)printf("\n%s: %s\n\n", claim->name, claim->words);
    print_head("captured", "");
    for (unsigned role = 1; role < DG_ROLE_PROGRAMS; role++) {
        struct dg_measured measured;

        dg_isolation_measure(
            backend, (enum dg_role_id)role, all ? tell_act : NULL, &measured);
        is_true =
            print_measured(claim, (enum dg_role_id)role, &measured) && is_true;
    }
    return is_true;
}

/* Root may do everything: what it could do says nothing about a user's app. */
static bool be_a_user(void)
{
    return (geteuid() != 0U) ||
           ((setgroups(0, NULL) == 0) && (setgid(NOBODY) == 0) &&
            (setuid(NOBODY) == 0) && (prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0));
}

static int measure(bool all)
{
    bool is_true = true;

    (void)setvbuf(stdout, NULL, _IONBF, 0); /* children must not repeat it */
    if (!be_a_user() || !dg_acts_open()) {
        (void)fprintf(
            stderr,
            "dosegate: domain: no room in /tmp, or no right to become "
            "another user\n");
        dg_acts_close();
        return DG_CLI_FAILED;
    }
    (void)printf("Acts reached, of those that nobody allowed.\n");
    for (unsigned i = 0; i < dg_isolation_claims_count; i++) {
        is_true = measure_one(&dg_isolation_claims[i], all) && is_true;
    }
    dg_acts_close();
    return is_true ? DG_CLI_OK : CODE_UNTRUE;
}

static void tell_findings(const json_t *health)
{
    const json_t *finding = NULL;
    size_t i = 0;
    struct timespec now;

    (void)clock_gettime(CLOCK_BOOTTIME, &now);

    const long long since =
        (long long)now.tv_sec - (long long)json_integer_value(
                                    json_object_get(health, "written_boot_s"));

    json_array_foreach(json_object_get(health, "findings"), i, finding)
    {
        (void)printf("%s: %s; for %lld s\n",
                     json_string_value(json_object_get(finding, "name")),
                     json_string_value(json_object_get(finding, "text")),
                     since + (long long)json_integer_value(
                                 json_object_get(finding, "age_s")));
    }
    (void)printf("This phone is %s; battery %lld %%.\n",
                 json_string_value(json_object_get(health, "fitness")),
                 (long long)json_integer_value(
                     json_object_get(health, "phone_battery_percent")));
}

static int health(const char *asked)
{
    char dir[DG_CLI_PATH_MAX];
    char path[DG_CLI_PATH_MAX];
    json_error_t error;

    if (!dg_cli_place(asked, dir) || !dg_cli_join(dir, "health.json", path)) {
        return DG_CLI_FAILED;
    }

    json_t *read = json_load_file(path, JSON_REJECT_DUPLICATES, &error);

    if (!json_is_string(json_object_get(read, "fitness")) ||
        !json_is_array(json_object_get(read, "findings"))) {
        (void)fprintf(stderr,
                      "dosegate: %s cannot be read: run dosegate up first\n",
                      path);
        json_decref(read);
        return DG_CLI_FAILED;
    }
    tell_findings(read);
    json_decref(read);
    return DG_CLI_OK;
}

int dg_cli_domain(int argc, char **argv)
{
    const char *dir = NULL;
    bool explains = false;
    bool measures = false;
    bool asks_health = false;
    bool all = false;
    const struct dg_cli_option options[] = {{"--dir", &dir, NULL},
                                            {"--explain", NULL, &explains},
                                            {"--measure", NULL, &measures},
                                            {"--health", NULL, &asks_health},
                                            {"--all", NULL, &all}};
    const int refused = dg_cli_options(argc,
                                       argv,
                                       domain_help,
                                       options,
                                       sizeof(options) / sizeof(options[0]),
                                       NULL);

    if (refused != 0) {
        return (refused == 2) ? DG_CLI_OK : DG_CLI_FAILED;
    }
    if ((explains ? 1 : 0) + (measures ? 1 : 0) + (asks_health ? 1 : 0) != 1) {
        (void)fprintf(stderr,
                      "dosegate: domain: write one of --explain, --measure and "
                      "--health\n");
        return DG_CLI_FAILED;
    }
    if (explains) {
        return explain();
    }
    return measures ? measure(all) : health(dir);
}
