/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "eval/derived.h"
#include "eval/label.h"

#define TEXT_SIZE 1024U

/* The rows, in the order of a label.  Groups and rows after the US Cyber Trust
 * Mark (47 CFR 8.222(b)), Singapore's CLS(MD), the Finnish and the CMU label;
 * none of their marks.  A row has what the run says, or the claim of that
 * name. */
enum source {
    CLAIM,
    NAME,
    MAKER,
    VERSION,
    FIRMWARE,
    FUNCTION,
    PROFILE,
    PROFILE_DIGEST,
    PACKAGE,
    CLAIMED,
    LEVEL,
    CHEAPEST,
    TESTS,
    NOT_JUDGED,
    CALIBRATION,
    LABORATORY,
    ENDED,
    STATUS,
    KEY,
    RUN,
    PLATFORM,
    PHONE_LOST,
    PHONE_STARVED,
    CAPS,
    UPDATES,
    SUPPORT,
    RESIDUAL,
    CONTACT,
};

static const struct row {
    const char *group;
    const char *title; /* and of a claim its name */
    enum source source;
} rows[] = {
    {"Identity", "Product", NAME},
    {"Identity", "Model", CLAIM},
    {"Identity", "Version", VERSION},
    {"Identity", "Firmware SHA-256", FIRMWARE},
    {"Identity", "Maker", MAKER},
    {"Identity", "Function", FUNCTION},
    {"Claim", "Profile", PROFILE},
    {"Claim", "Profile SHA-256", PROFILE_DIGEST},
    {"Claim", "Package", PACKAGE},
    {"Claim", "Level claimed", CLAIMED},
    {"Claim", "Level that no attack contradicts", LEVEL},
    {"Claim", "Cheapest attack that works", CHEAPEST},
    {"Claim", "Tests", TESTS},
    {"Claim", "Not evaluated", NOT_JUDGED},
    {"Claim", "Can these tests find anything", CALIBRATION},
    {"Evaluation", "Laboratory", LABORATORY},
    {"Evaluation", "Certifier", CLAIM},
    {"Evaluation", "Date of the test", ENDED},
    {"Evaluation", "Status", STATUS},
    {"Evaluation", "Valid until", CLAIM},
    {"Evaluation", "Certificate", CLAIM},
    {"Evaluation", "Signed with key", KEY},
    {"Evaluation", "Full record", RUN},
    {"Platform", "Phone", PLATFORM},
    {"Platform", "Oldest patch level", CLAIM},
    {"Platform", "Phone evaluated", CLAIM},
    {"Platform", "Isolation on the phone", CLAIM},
    {"Platform", "Commands checked by the device itself", CLAIM},
    {"Safety", "When the phone is lost, dead or out of range", PHONE_LOST},
    {"Safety", "When the phone has no power or time left", PHONE_STARVED},
    {"Safety", "Safe state", CLAIM},
    {"Safety", "Emergency action without authentication", CLAIM},
    {"Safety", "Most it may deliver", CAPS},
    {"Duties of the user", "Default password", CLAIM},
    {"Duties of the user", "Secure configuration", CLAIM},
    {"Duties of the user", "How to report a loss", CLAIM},
    {"Updates", "How updates come", UPDATES},
    {"Updates", "Supported until", SUPPORT},
    {"Components", "List of software components", CLAIM},
    {"Components", "List of hardware components", CLAIM},
    {"Components", "Known weaknesses above the claim", RESIDUAL},
    {"Components", "State of known vulnerabilities", CLAIM},
    {"Data", "Kinds collected", CLAIM},
    {"Data", "Stored where", CLAIM},
    {"Data", "Shared with", CLAIM},
    {"Data", "Kept for", CLAIM},
    {"Data", "Works offline", CLAIM},
    {"Contact", "Report a weakness", CONTACT},
    {"Contact", "Further information", CLAIM},
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS <= DG_LABEL_FIELDS_MAX, "every row has a field");

struct label {
    const struct dg_run *run;
    const struct dg_conclusion *conclusion;
    const struct dg_run_origin *origin;
    struct dg_arena *arena;
};

static const char *say(const struct label *label, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static const char *say(const struct label *label, const char *format, ...)
{
    char text[TEXT_SIZE];
    va_list list;

    va_start(list, format);
    (void)vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    return dg_arena_text(label->arena, text, strlen(text));
}

static const char *claim_of(const struct label *label, const char *name)
{
    for (const struct dg_run_claim *c = label->run->product.claims; c != NULL;
         c = c->next) {
        if (strcmp(c->name, name) == 0) {
            return c->value;
        }
    }
    return "";
}

static const char *level_of(const struct label *label)
{
    const struct dg_conclusion *c = label->conclusion;

    if (!c->has_van) {
        return "not rated: too little was judged to name a level";
    }
    if (c->van == 0U) {
        return "none";
    }
    return say(label,
               "AVA_VAN.%u%s",
               c->van,
               (c->claim == DG_CLAIM_UNDECIDED) ? " so far; tests are open"
                                                : "");
}

/* The level and the band; the number stands in the full record only. */
static const char *cheapest_of(const struct label *label)
{
    const struct dg_conclusion *c = label->conclusion;

    if (c->cheapest != NULL) {
        return say(label,
                   "%.300s; needs %s attack potential",
                   c->cheapest->title,
                   c->cheapest_rating.range->required);
    }
    return (c->unrated_failures > 0U) ? "attacks worked and are not rated yet"
                                      : "none found";
}

static const char *not_judged_of(const struct label *label)
{
    const struct dg_conclusion *c = label->conclusion;

    return say(label,
               "%zu tests open, %zu not applicable, %zu pieces of work for a "
               "person not asked for; documents, processes of the maker and "
               "attacks on the hardware were not judged",
               c->open,
               c->count[DG_RUN_NOT_APPLICABLE],
               c->count[DG_RUN_NOT_ASKED]);
}

static const char *calibration_of(const struct label *label)
{
    const struct dg_conclusion *c = label->conclusion;

    if (c->planted == 0U) {
        return "not shown in this run";
    }
    return say(label,
               "%zu of %zu planted weaknesses were caught",
               c->caught,
               c->planted);
}

static const char *caps_of(const struct label *label)
{
    char text[TEXT_SIZE] = "";
    size_t used = 0;

    for (const struct dg_run_cap *cap = label->run->product.caps;
         (cap != NULL) && (used < (sizeof(text) - 100U));
         cap = cap->next) {
        const int put = snprintf(text + used,
                                 sizeof(text) - used,
                                 "%s%.60s %llu.%02llu U",
                                 (used == 0U) ? "" : ", ",
                                 cap->name,
                                 (unsigned long long)(cap->mU / 1000U),
                                 (unsigned long long)((cap->mU % 1000U) / 10U));

        used += (put > 0) ? (size_t)put : 0U;
    }
    return say(label, "%s", text);
}

static const char *claim_side(const struct label *label, enum source source)
{
    const struct dg_run_head *head = &label->run->head;
    const struct dg_conclusion *c = label->conclusion;

    switch ((int)source) {
    case PROFILE:
        return say(label,
                   "%.300s, %.100s %.40s",
                   head->profile_title,
                   head->profile_id,
                   head->profile_version);
    case PROFILE_DIGEST:
        return head->profile_digest;
    case PACKAGE:
        return head->package_title;
    case CLAIMED:
        return (head->van_claimed == 0U)
                   ? "none"
                   : say(label, "AVA_VAN.%u", (unsigned)head->van_claimed);
    case LEVEL:
        return level_of(label);
    case CHEAPEST:
        return cheapest_of(label);
    case TESTS:
        return say(label,
                   "%zu failed, %zu passed, %zu open",
                   c->count[DG_RUN_FAIL],
                   c->count[DG_RUN_PASS],
                   c->open);
    case NOT_JUDGED:
        return not_judged_of(label);
    case CALIBRATION:
        return calibration_of(label);
    case RESIDUAL:
        return say(label, "%zu", c->residual);
    case LABORATORY:
        return head->laboratory;
    case ENDED:
        return say(label, "%.10s", head->ended);
    case STATUS:
        return (head->status[0] == '\0') ? "not registered" : head->status;
    case KEY:
        return label->origin->key_id;
    case RUN:
        return say(label, "%s%s", DG_DERIVED_MARK, label->origin->digest);
    default:
        return "";
    }
}

static const char *value_of(const struct label *label, const struct row *row)
{
    const struct dg_run_product *product = &label->run->product;

    switch ((int)row->source) {
    case CLAIM:
        return claim_of(label, row->title);
    case NAME:
        return product->name;
    case MAKER:
        return product->maker;
    case VERSION:
        return product->version;
    case FIRMWARE:
        return product->firmware_digest;
    case FUNCTION:
        return product->function_class;
    case PLATFORM:
        return product->platform;
    case PHONE_LOST:
        return product->phone_lost;
    case PHONE_STARVED:
        return product->phone_starved;
    case CAPS:
        return caps_of(label);
    case UPDATES:
        return product->update_mode;
    case SUPPORT:
        return product->support_end;
    case CONTACT:
        return product->contact;
    default:
        return claim_side(label, row->source);
    }
}

size_t dg_label_fields(const struct dg_run *run,
                       const struct dg_conclusion *conclusion,
                       const struct dg_run_origin *origin,
                       struct dg_arena *arena,
                       struct dg_label_field fields[DG_LABEL_FIELDS_MAX])
{
    const struct label label = {run, conclusion, origin, arena};

    for (size_t i = 0; i < ROWS; i++) {
        fields[i].group = rows[i].group;
        fields[i].title = rows[i].title;
        fields[i].value = value_of(&label, &rows[i]);
    }
    return ROWS;
}

const char *dg_label_age(const struct dg_run *run, struct dg_arena *arena)
{
    const struct label label = {run, NULL, NULL, arena};

    return say(&label,
               "This label says what held on %.10s, when the test ended; "
               "nobody has confirmed it since.",
               (run->head.ended[0] == '\0') ? "a day that nobody stated"
                                            : run->head.ended);
}

void dg_label_code(const struct dg_run_origin *origin,
                   char text[DG_LABEL_CODE_SIZE])
{
    (void)snprintf(text,
                   DG_LABEL_CODE_SIZE,
                   "%s%s?key=%s",
                   DG_DERIVED_MARK,
                   origin->digest,
                   origin->key_id);
}
