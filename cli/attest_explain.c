/* SPDX-License-Identifier: Apache-2.0 */
#include "attest_file.h"

#include <stdio.h>
#include <string.h>

/* One appraisal, told to people and to programs. */

static const char *value_name(enum dg_claim_value value)
{
    switch (value) {
    case DG_CLAIM_YES:
        return "yes";
    case DG_CLAIM_NO:
        return "no";
    case DG_CLAIM_NOT_STATED:
    default:
        return "not stated";
    }
}

static const char *source_words(enum dg_fact_source source)
{
    static const char *const words[] = {
        [DG_SOURCE_NONE] = "",
        [DG_SOURCE_HARDWARE] = "the hardware says so",
        [DG_SOURCE_SOFTWARE] = ("the system says so: worth as much as "
                                "its verified boot"),
        [DG_SOURCE_CERTIFICATE] = "the maker's service says so",
        [DG_SOURCE_STATEMENT] = "the signed statement says so",
        [DG_SOURCE_COMPARISON] = "compared here",
        [DG_SOURCE_ENROLMENT] = "known since enrolment",
    };

    return ((size_t)source < (sizeof(words) / sizeof(words[0]))) ? words[source]
                                                                 : "";
}

static const char *origin_name(enum dg_key_origin origin)
{
    static const char *const names[] = {"not stated",
                                        "made inside",
                                        "derived",
                                        "imported",
                                        "reserved",
                                        "securely imported"};

    return ((size_t)origin < (sizeof(names) / sizeof(names[0]))) ? names[origin]
                                                                 : "?";
}

static void print_result(const struct dg_appraisal *appraisal)
{
    (void)printf("kind       %s\n", dg_evidence_kind_name(appraisal->kind));
    (void)printf("result     %s", dg_appraisal_result_name(appraisal->result));
    if (appraisal->failed != DG_STEP_NONE) {
        (void)printf(", at step %s: %s",
                     dg_appraisal_step_name(appraisal->failed),
                     appraisal->reason);
    }
    (void)printf("\n");
    if (appraisal->note[0] != '\0') {
        (void)printf("note       %s\n", appraisal->note);
    }
    if (appraisal->certificates != 0U) {
        (void)printf("chain      %u certificates%s\n",
                     appraisal->certificates,
                     (appraisal->kind != DG_KIND_ANDROID_KEY) ? ""
                     : appraisal->is_remotely_provisioned
                         ? ", provisioned remotely: short-lived"
                         : ", provisioned in the factory: not renewed");
    }
}

static void print_steps(const struct dg_appraisal *appraisal)
{
    (void)printf("\nSteps\n");
    for (unsigned step = 1U; step < DG_STEPS; step++) {
        if (appraisal->step[step] != DG_CLAIM_NOT_STATED) {
            (void)printf("  %-7s  %s\n",
                         (appraisal->step[step] == DG_CLAIM_YES) ? "held"
                                                                 : "failed",
                         dg_appraisal_step_name((enum dg_appraisal_step)step));
        }
    }
}

static void print_facts(const struct dg_appraisal *appraisal)
{
    (void)printf("\n%s\n",
                 (appraisal->result == DG_APPRAISAL_ACCEPTED)
                     ? "What it states"
                     : "What it states, and is NOT to be believed, because it "
                       "was not accepted");
    for (unsigned i = 0U; i < DG_FACTS; i++) {
        const struct dg_stated *stated = &appraisal->fact[i];

        (void)printf("  %-10s  %s",
                     value_name(stated->value),
                     dg_fact_words((enum dg_fact)i));
        if (stated->source != DG_SOURCE_NONE) {
            (void)printf(" (%s)", source_words(stated->source));
        }
        (void)printf("\n");
    }
}

static void print_date(const char *what, uint32_t date)
{
    if (date == 0U) {
        (void)printf("  %-16s not stated\n", what);
    } else if ((date % 100U) == 0U) {
        (void)printf(
            "  %-16s %04u-%02u\n", what, date / 10000U, (date / 100U) % 100U);
    } else {
        (void)printf("  %-16s %04u-%02u-%02u\n",
                     what,
                     date / 10000U,
                     (date / 100U) % 100U,
                     date % 100U);
    }
}

static void print_app(const struct dg_appraisal *appraisal)
{
    const struct dg_stated_app *app = &appraisal->app;

    if (app->name[0] == '\0') {
        (void)printf("  %-16s not stated\n", "app");
        return;
    }
    (void)printf("  %-16s %s", "app", app->name);
    if (appraisal->kind == DG_KIND_ANDROID_KEY) {
        (void)printf(", version %llu", (unsigned long long)app->version);
    }
    if (app->packages > 1U) {
        (void)printf(", and %u more that share its identity",
                     app->packages - 1U);
    }
    (void)printf(" (%s)\n", source_words(appraisal->app_source));
    for (size_t i = 0; i < app->signers; i++) {
        (void)printf("  %-16s ", "  signed by");
        for (size_t j = 0; j < DG_HASH_SIZE; j++) {
            (void)printf("%02x", app->signer[i].byte[j]);
        }
        (void)printf("\n");
    }
}

static void print_details(const struct dg_appraisal *appraisal)
{
    (void)printf("\nDetails\n");
    if (appraisal->os_version == 0U) {
        (void)printf("  %-16s not stated\n", "system version");
    } else {
        (void)printf("  %-16s %u.%u.%u\n",
                     "system version",
                     appraisal->os_version / 10000U,
                     (appraisal->os_version / 100U) % 100U,
                     appraisal->os_version % 100U);
    }
    print_date("system patch", appraisal->os_patch);
    print_date("vendor patch", appraisal->vendor_patch);
    print_date("boot patch", appraisal->boot_patch);
    (void)printf("  %-16s %s\n",
                 "statement kept by",
                 dg_security_level_name(appraisal->attestation_level));
    (void)printf("  %-16s %s, %s\n",
                 "key kept by",
                 dg_security_level_name(appraisal->key_level),
                 origin_name(appraisal->key_origin));
    print_app(appraisal);
    if ((appraisal->kind == DG_KIND_APPLE_ATTESTATION) ||
        (appraisal->kind == DG_KIND_APPLE_ASSERTION)) {
        (void)printf("  %-16s %u\n", "counter", appraisal->counter);
    }
    if (appraisal->kind == DG_KIND_TPM_QUOTE) {
        (void)printf("  %-16s %u\n", "starts", appraisal->reset_count);
    }
}

void dg_cli_attest_explain(const struct dg_appraisal *appraisal)
{
    print_result(appraisal);
    print_steps(appraisal);
    print_facts(appraisal);
    print_details(appraisal);
}

static json_t *facts_of(const struct dg_appraisal *appraisal)
{
    json_t *facts = json_object();

    for (unsigned i = 0U; i < DG_FACTS; i++) {
        const struct dg_stated *stated = &appraisal->fact[i];
        const char *source = dg_fact_source_name(stated->source);

        (void)json_object_set_new(facts,
                                  dg_fact_name((enum dg_fact)i),
                                  json_pack("{ssss}",
                                            "value",
                                            value_name(stated->value),
                                            "source",
                                            source));
    }
    return facts;
}

static json_t *steps_of(const struct dg_appraisal *appraisal)
{
    json_t *steps = json_object();

    for (unsigned step = 1U; step < DG_STEPS; step++) {
        if (appraisal->step[step] != DG_CLAIM_NOT_STATED) {
            (void)json_object_set_new(
                steps,
                dg_appraisal_step_name((enum dg_appraisal_step)step),
                json_string((appraisal->step[step] == DG_CLAIM_YES)
                                ? "held"
                                : "failed"));
        }
    }
    return steps;
}

/* null for what is not stated: no number stands for silence. */
static json_t *number_of(uint32_t value)
{
    return (value != 0U) ? json_integer((json_int_t)value) : json_null();
}

static json_t *app_of(const struct dg_appraisal *appraisal)
{
    const struct dg_stated_app *app = &appraisal->app;
    json_t *signers = json_array();

    if (app->name[0] == '\0') {
        json_decref(signers);
        return json_null();
    }
    for (size_t i = 0; i < app->signers; i++) {
        char hex[(2U * DG_HASH_SIZE) + 1U];

        for (size_t j = 0; j < DG_HASH_SIZE; j++) {
            (void)snprintf(&hex[2U * j], 3U, "%02x", app->signer[i].byte[j]);
        }
        (void)json_array_append_new(signers, json_string(hex));
    }
    return json_pack("{sssIsIssso}",
                     "name",
                     app->name,
                     "version",
                     (json_int_t)app->version,
                     "packages",
                     (json_int_t)app->packages,
                     "source",
                     dg_fact_source_name(appraisal->app_source),
                     "signers",
                     signers);
}

void dg_cli_attest_print_json(const struct dg_appraisal *appraisal)
{
    json_t *all = json_pack("{ssssssssss}",
                            "kind",
                            dg_evidence_kind_name(appraisal->kind),
                            "result",
                            dg_appraisal_result_name(appraisal->result),
                            "failed",
                            dg_appraisal_step_name(appraisal->failed),
                            "reason",
                            appraisal->reason,
                            "note",
                            appraisal->note);

    (void)json_object_set_new(all, "steps", steps_of(appraisal));
    (void)json_object_set_new(all, "facts", facts_of(appraisal));
    (void)json_object_set_new(
        all, "os_version", number_of(appraisal->os_version));
    (void)json_object_set_new(all, "os_patch", number_of(appraisal->os_patch));
    (void)json_object_set_new(
        all, "vendor_patch", number_of(appraisal->vendor_patch));
    (void)json_object_set_new(
        all, "boot_patch", number_of(appraisal->boot_patch));
    (void)json_object_set_new(
        all,
        "attestation_level",
        json_string(dg_security_level_name(appraisal->attestation_level)));
    (void)json_object_set_new(
        all,
        "key_level",
        json_string(dg_security_level_name(appraisal->key_level)));
    (void)json_object_set_new(
        all, "key_origin", json_string(origin_name(appraisal->key_origin)));
    (void)json_object_set_new(all, "app", app_of(appraisal));
    (void)json_object_set_new(
        all, "counter", json_integer((json_int_t)appraisal->counter));
    (void)json_dumpf(all, stdout, JSON_INDENT(2));
    (void)printf("\n");
    json_decref(all);
}
