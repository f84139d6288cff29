/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eval/label.h"

#define SHORT_DIGEST 16

struct facts {
    struct dg_label_fact *at;
    size_t count;
};

static void add_fact(struct facts *facts,
                     const char *title,
                     const char *value,
                     const char *format,
                     ...) __attribute__((format(printf, 4, 5)));

static void add_fact(struct facts *facts,
                     const char *title,
                     const char *value,
                     const char *format,
                     ...)
{
    if (facts->count == DG_LABEL_FACTS_MAX) {
        return;
    }

    struct dg_label_fact *fact = &facts->at[facts->count];
    va_list list;

    (void)snprintf(fact->title, sizeof(fact->title), "%s", title);
    (void)snprintf(fact->value, sizeof(fact->value), "%s", value);
    va_start(list, format);
    (void)vsnprintf(fact->sentence, sizeof(fact->sentence), format, list);
    va_end(list);
    facts->count++;
}

static const char *or_unknown(const char *text)
{
    return (text[0] == '\0') ? "not stated" : text;
}

static void add_product(struct facts *facts, const struct dg_run *run)
{
    const struct dg_run_product *product = &run->product;
    char value[200];

    add_fact(facts,
             "Function",
             or_unknown(product->function_class),
             "What the maker says this product is for.");
    (void)snprintf(value,
                   sizeof(value),
                   "%.*s",
                   SHORT_DIGEST,
                   or_unknown(product->firmware_digest));
    add_fact(facts,
             "Firmware (SHA-256)",
             value,
             "Only this firmware was tested; another one needs another test.");
}

static void add_claim(struct facts *facts, const struct dg_run *run)
{
    char value[200];

    (void)snprintf(value,
                   sizeof(value),
                   "%.90s %.20s, %.80s",
                   or_unknown(run->head.profile_title),
                   run->head.profile_version,
                   or_unknown(run->head.package_title));
    add_fact(facts,
             "Profile and package",
             value,
             "The rules it was tested against: Dosegate's own, not DTSec, "
             "DTMoSt or IEEE 2621.");
}

static void add_level(struct facts *facts,
                      const struct dg_run *run,
                      const struct dg_conclusion *c)
{
    char value[200];
    const unsigned claimed = (unsigned)run->head.van_claimed;

    if (!c->has_van) {
        add_fact(facts,
                 "Attack resistance",
                 "not rated",
                 "Too little was judged or rated to name a level.");
        return;
    }
    if (c->van == 0U) {
        (void)snprintf(value, sizeof(value), "no AVA_VAN level holds");
    } else {
        (void)snprintf(value, sizeof(value), "AVA_VAN.%u", c->van);
    }
    switch (c->claim) {
    case DG_CLAIM_FAILS:
        add_fact(facts,
                 "Attack resistance",
                 value,
                 "The maker claimed AVA_VAN.%u; an attack that works "
                 "contradicts it.",
                 claimed);
        break;
    case DG_CLAIM_HOLDS:
        add_fact(facts,
                 "Attack resistance",
                 value,
                 "AVA_VAN.%u was claimed, and no attack in this test "
                 "contradicts it.",
                 claimed);
        break;
    case DG_CLAIM_UNDECIDED:
        add_fact(facts,
                 "Attack resistance",
                 value,
                 "No attack contradicts this level so far, but tests are "
                 "still open; AVA_VAN.%u was claimed.",
                 claimed);
        break;
    case DG_CLAIM_NONE:
    default:
        add_fact(facts,
                 "Attack resistance",
                 value,
                 "The highest level that no attack in this test contradicts; "
                 "the maker claimed none.");
        break;
    }
}

static void add_paths(struct facts *facts, const struct dg_conclusion *c)
{
    char value[200];

    if (c->cheapest == NULL) {
        add_fact(facts,
                 "Cheapest attack",
                 c->unrated_failures > 0U ? "not rated" : "none found",
                 c->unrated_failures > 0U
                     ? "Attacks worked, and nobody has rated them yet."
                     : "No attack that was tried in this test worked.");
    } else {
        (void)snprintf(value, sizeof(value), "%.150s", c->cheapest->title);
        add_fact(facts,
                 "Cheapest attack",
                 value,
                 "This attack works; it needs %s attack potential.",
                 c->cheapest_rating.range->required);
    }
    (void)snprintf(value, sizeof(value), "%zu", c->residual);
    add_fact(facts,
             "Residual weaknesses",
             value,
             (c->residual == 0U)
                 ? "None that works or may work was found above the claim."
                 : "Known weaknesses that need a stronger attacker than the "
                   "claim covers; the report lists them.");
}

static void add_tests(struct facts *facts, const struct dg_conclusion *c)
{
    char value[200];

    (void)snprintf(value,
                   sizeof(value),
                   "%zu failed, %zu passed, %zu open",
                   c->count[DG_RUN_FAIL],
                   c->count[DG_RUN_PASS],
                   c->open);
    if (c->planted == 0U) {
        add_fact(facts,
                 "Tests",
                 value,
                 "Nobody has shown with a planted weakness that these tests "
                 "find one.");
        return;
    }
    add_fact(facts,
             "Tests",
             value,
             "Of %zu planted weaknesses the same tests caught %zu.",
             c->planted,
             c->caught);
}

/* Silence would read as "all was looked at". */
static void add_not_asked(struct facts *facts, const struct dg_conclusion *c)
{
    char value[200];

    if (c->count[DG_RUN_NOT_ASKED] == 0U) {
        return;
    }
    (void)snprintf(value,
                   sizeof(value),
                   "%zu pieces of work for a person",
                   c->count[DG_RUN_NOT_ASKED]);
    add_fact(facts,
             "Not evaluated",
             value,
             "Nobody opened the case, read the documents or watched users for "
             "this label; the report lists what was left out.");
}

static void add_safety(struct facts *facts, const struct dg_run *run)
{
    const struct dg_run_product *product = &run->product;
    char value[200] = "";
    size_t used = 0;

    for (const struct dg_run_cap *cap = product->caps;
         (cap != NULL) && (used < 150U);
         cap = cap->next) {
        const int put = snprintf(value + used,
                                 sizeof(value) - used,
                                 "%s%.40s %llu.%02llu\xc2\xa0U",
                                 (used == 0U) ? "" : ", ",
                                 cap->name,
                                 (unsigned long long)(cap->mU / 1000U),
                                 (unsigned long long)((cap->mU % 1000U) / 10U));

        used += (put > 0) ? (size_t)put : 0U;
    }
    if (value[0] != '\0') {
        add_fact(facts,
                 "Most it may deliver",
                 value,
                 "Limits that the device itself is to keep, whatever the "
                 "phone asks.");
    }
    add_fact(facts,
             "Phone lost",
             product->phone_lost[0] == '\0' ? "not stated" : "",
             "%.390s",
             product->phone_lost[0] == '\0'
                 ? "The maker does not say what happens when the phone is "
                   "lost, dead or out of range."
                 : product->phone_lost);
    add_fact(facts,
             "Phone starved",
             product->phone_starved[0] == '\0' ? "not stated" : "",
             "%.390s",
             product->phone_starved[0] == '\0'
                 ? "The maker does not say what happens when the phone has no "
                   "power, memory or time left."
                 : product->phone_starved);
}

static void add_evaluation(struct facts *facts,
                           const struct dg_run *run,
                           const struct dg_run_origin *origin)
{
    char value[200];

    (void)snprintf(value,
                   sizeof(value),
                   "%.100s, %.10s",
                   or_unknown(run->head.laboratory),
                   run->head.ended);
    add_fact(facts,
             "Tested by",
             value,
             "Signed with the key %s; this label says nothing about later "
             "days.",
             origin->key_id);
    add_fact(facts,
             "Status",
             run->head.status[0] == '\0' ? "not registered" : run->head.status,
             "A research evaluation, not a certificate.");
    (void)snprintf(
        value, sizeof(value), "%.100s", or_unknown(run->product.support_end));
    add_fact(facts,
             "Supported until",
             value,
             "Updates: %.300s.",
             or_unknown(run->product.update_mode));
    add_fact(facts,
             "Report a weakness",
             or_unknown(run->product.contact),
             "The maker's address for reports of weaknesses.");
}

size_t dg_label_facts(const struct dg_run *run,
                      const struct dg_conclusion *conclusion,
                      const struct dg_run_origin *origin,
                      struct dg_label_fact facts[DG_LABEL_FACTS_MAX])
{
    struct facts list = {facts, 0};

    add_product(&list, run);
    add_claim(&list, run);
    add_level(&list, run, conclusion);
    add_paths(&list, conclusion);
    add_tests(&list, conclusion);
    add_not_asked(&list, conclusion);
    add_safety(&list, run);
    add_evaluation(&list, run, origin);
    return list.count;
}

/* The second half of a sentence about a failure. */
static void say_cheapest(const struct dg_run *run,
                         const struct dg_conclusion *c,
                         char *out,
                         size_t size)
{
    if (c->cheapest == NULL) {
        (void)snprintf(out, size, "no attack potential has been rated yet");
        return;
    }
    (void)snprintf(
        out,
        size,
        "the cheapest attack scores %u points (%s)%s",
        c->cheapest_rating.sum,
        c->cheapest_rating.range->required,
        (c->claim == DG_CLAIM_FAILS)
            ? ", which contradicts the claim"
            : ((run->head.van_claimed > 0U)
                   ? ", which does not contradict the claimed level by itself"
                   : ""));
}

void dg_label_sentence(const struct dg_run *run,
                       const struct dg_conclusion *c,
                       char *out,
                       size_t size)
{
    const char *name = or_unknown(run->product.name);
    const char *version = run->product.version;
    const size_t failed = c->count[DG_RUN_FAIL];
    char more[200];

    if (c->tests == 0U) {
        (void)snprintf(
            out, size, "%.80s %.30s: nothing was tested.", name, version);
        return;
    }
    if (failed > 0U) {
        say_cheapest(run, c, more, sizeof(more));
        (void)snprintf(out,
                       size,
                       "%.80s %.30s failed %zu of %zu tests; %s.",
                       name,
                       version,
                       failed,
                       c->tests,
                       more);
        return;
    }
    if (c->open > 0U) {
        (void)snprintf(out,
                       size,
                       "%.80s %.30s failed no test, but %zu of %zu could not "
                       "be judged, so there is no result yet.",
                       name,
                       version,
                       c->open,
                       c->tests);
        return;
    }
    if (c->count[DG_RUN_PASS] == 0U) {
        (void)snprintf(out,
                       size,
                       "%.80s %.30s: no test applied, so nothing was shown.",
                       name,
                       version);
        return;
    }
    if (c->claim == DG_CLAIM_HOLDS) {
        (void)snprintf(more,
                       sizeof(more),
                       "; no attack contradicts AVA_VAN.%u, the claim",
                       (unsigned)run->head.van_claimed);
    } else {
        more[0] = '\0';
    }
    if (c->count[DG_RUN_PASS] == 1U) {
        (void)snprintf(out,
                       size,
                       "%.80s %.30s passed the one test that was run%s.",
                       name,
                       version,
                       more);
        return;
    }
    (void)snprintf(out,
                   size,
                   "%.80s %.30s passed all %zu tests that %s%s.",
                   name,
                   version,
                   c->count[DG_RUN_PASS],
                   dg_run_is_chosen(run) ? "were chosen" : "apply",
                   more);
}
