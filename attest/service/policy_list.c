/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/policy_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attest/service/policy_parts.h"
#include "attest/service/text.h"

#define TITLE     "dosegate platform policy 1"
#define LINE_SIZE 1536U     /* a TPM2B_PUBLIC of RSA with 4096 bit */
#define PATCH_MIN 20000000U /* YYYYMMDD of this century */
#define PATCH_MAX 20991231U

/* What a line may say once; a bit each. */
enum once {
    ONCE_VERSION = 1,
    ONCE_ISSUED = 2,
    ONCE_EXPIRES = 4,
    ONCE_EPOCH = 8,
    ONCE_LIFE = 16,
    ONCE_STOP = 32,
};

#define ONCE_NEEDED \
    (ONCE_VERSION | ONCE_ISSUED | ONCE_EXPIRES | ONCE_EPOCH | ONCE_LIFE)

bool dg_policy_refuse(struct dg_policy_reader *reader, const char *form, ...)
{
    va_list arguments;
    const int used = snprintf(
        reader->why, DG_POLICY_LIST_WHY_MAX, "line %u: ", reader->line);

    va_start(arguments, form);
    (void)vsnprintf(&reader->why[used],
                    DG_POLICY_LIST_WHY_MAX - (size_t)used,
                    form,
                    arguments);
    va_end(arguments);
    return false;
}

bool dg_policy_is_word(const struct dg_policy_reader *reader,
                       size_t at,
                       const char *text)
{
    return (at < reader->words) && (strcmp(reader->word[at], text) == 0);
}

bool dg_policy_number(struct dg_policy_reader *reader,
                      size_t at,
                      uint64_t min,
                      uint64_t max,
                      uint64_t *value)
{
    if ((at < reader->words) &&
        dg_text_get_number(reader->word[at], max, value) && (*value >= min)) {
        return true;
    }
    return dg_policy_refuse(reader,
                            "%s: write a whole number from %llu to %llu",
                            reader->word[0],
                            (unsigned long long)min,
                            (unsigned long long)max);
}

bool dg_policy_only(struct dg_policy_reader *reader, size_t words)
{
    return (reader->words == words) ||
           dg_policy_refuse(reader,
                            "%s takes %zu values, not %zu",
                            reader->word[0],
                            words - 1U,
                            reader->words - 1U);
}

static bool once(struct dg_policy_reader *reader, enum once what)
{
    if ((reader->said & (unsigned)what) != 0U) {
        return dg_policy_refuse(reader, "%s a second time", reader->word[0]);
    }
    reader->said |= (unsigned)what;
    return true;
}

static bool small_number(struct dg_policy_reader *reader,
                         enum once what,
                         uint64_t max,
                         uint32_t *to)
{
    uint64_t value = 0;

    if (!once(reader, what) || !dg_policy_only(reader, 2U) ||
        !dg_policy_number(reader, 1U, 1U, max, &value)) {
        return false;
    }
    *to = (uint32_t)value;
    return true;
}

static bool take_version(struct dg_policy_reader *reader)
{
    return small_number(
        reader, ONCE_VERSION, UINT32_MAX, &reader->list->version);
}

static bool take_epoch(struct dg_policy_reader *reader)
{
    return small_number(reader, ONCE_EPOCH, UINT32_MAX, &reader->list->epoch);
}

static bool take_life(struct dg_policy_reader *reader)
{
    return small_number(
        reader, ONCE_LIFE, DG_ATTEST_LIFE_S_MAX, &reader->list->life_s);
}

static bool date(struct dg_policy_reader *reader, enum once what, int64_t *to)
{
    return once(reader, what) && dg_policy_only(reader, 2U) &&
           (dg_text_get_date(reader->word[1], to) ||
            dg_policy_refuse(
                reader, "%s: write a day as 2026-11-30", reader->word[0]));
}

static bool take_issued(struct dg_policy_reader *reader)
{
    return date(reader, ONCE_ISSUED, &reader->list->issued_s);
}

static bool take_expires(struct dg_policy_reader *reader)
{
    return date(reader, ONCE_EXPIRES, &reader->list->expires_s);
}

static bool claim_named(const char *name, enum dg_claim *claim)
{
    for (unsigned i = 0; i < DG_CLAIMS; i++) {
        if (strcmp(name, dg_claim_name((enum dg_claim)i)) == 0) {
            *claim = (enum dg_claim)i;
            return true;
        }
    }
    return false;
}

/* level medium app fresh ... */
static bool take_level(struct dg_policy_reader *reader)
{
    static const char *const names[] = {NULL, "low", "medium", "high"};
    unsigned level = 0;
    uint32_t bits = 0;

    for (unsigned i = DG_PACKAGE_LOW; i <= DG_PACKAGE_HIGH; i++) {
        level = dg_policy_is_word(reader, 1U, names[i]) ? i : level;
    }
    if (level == 0U) {
        return dg_policy_refuse(reader, "level: write low, medium or high");
    }
    if (reader->list->level_yes[level] != 0U) {
        return dg_policy_refuse(reader, "level %s a second time", names[level]);
    }
    for (size_t i = 2U; i < reader->words; i++) {
        enum dg_claim claim = DG_CLAIM_BOOT_VERIFIED;

        if (!claim_named(reader->word[i], &claim)) {
            return dg_policy_refuse(
                reader, "'%.32s' is no claim: see the page", reader->word[i]);
        }
        bits |= 1U << (unsigned)claim;
    }
    if (bits == 0U) {
        return dg_policy_refuse(reader, "level: name the claims that it asks");
    }
    reader->list->level_yes[level] = bits;
    return true;
}

bool dg_policy_kind(struct dg_policy_reader *reader,
                    enum dg_evidence_kind *kind)
{
    *kind = (reader->words > 1U) ? dg_evidence_kind_named(reader->word[1])
                                 : DG_KIND_NONE;
    if ((*kind == DG_KIND_NONE) || (*kind == DG_KIND_APPLE_ASSERTION)) {
        return dg_policy_refuse(
            reader,
            "%s: write android-key, apple-attestation, tpm-quote or "
            "psa-token first",
            reader->word[0]);
    }
    return true;
}

static bool take_android_app(struct dg_policy_reader *reader,
                             struct dg_app_identity *app)
{
    uint64_t version = 0;

    if (!dg_policy_is_word(reader, 3U, "signer") || (reader->words < 7U) ||
        !dg_text_get_hex(reader->word[4], DG_BUF_OF(app->signer.byte))) {
        return dg_policy_refuse(
            reader,
            "app android-key: write NAME signer HEX version N "
            "release|debug, HEX being 64 lower-case digits");
    }
    if (!dg_policy_is_word(reader, 5U, "version") ||
        !dg_policy_number(reader, 6U, 0U, INT64_MAX, &version)) {
        return dg_policy_refuse(reader,
                                "app: write version and a whole number");
    }
    app->version_min = version;
    return true;
}

static bool is_measured_kind(enum dg_evidence_kind kind)
{
    return (kind == DG_KIND_TPM_QUOTE) || (kind == DG_KIND_PSA_TOKEN);
}

static bool take_app(struct dg_policy_reader *reader)
{
    struct dg_policy_list *list = reader->list;
    struct dg_app_identity *app = &list->app[list->apps];
    enum dg_evidence_kind kind = DG_KIND_NONE;

    if (list->apps == DG_POLICY_LIST_APPS) {
        return dg_policy_refuse(
            reader, "more than %u apps", DG_POLICY_LIST_APPS);
    }
    if (!dg_policy_kind(reader, &kind)) {
        return false;
    }
    if ((reader->words < 4U) || (strlen(reader->word[2]) > DG_APP_NAME_MAX)) {
        return dg_policy_refuse(
            reader,
            "app: write a name of at most %u characters behind the kind",
            DG_APP_NAME_MAX);
    }
    if (is_measured_kind(kind) && (dg_policy_named(reader, kind, 2U) == NULL)) {
        return false;
    }
    if ((kind == DG_KIND_ANDROID_KEY) && !take_android_app(reader, app)) {
        return false;
    }
    if (!dg_policy_only(reader, (kind == DG_KIND_ANDROID_KEY) ? 8U : 4U)) {
        return false;
    }
    app->is_release = dg_policy_is_word(reader, reader->words - 1U, "release");
    if (!app->is_release &&
        !dg_policy_is_word(reader, reader->words - 1U, "debug")) {
        return dg_policy_refuse(reader, "app: end with release or debug");
    }
    app->kind = kind;
    (void)memcpy(list->app_name[list->apps],
                 reader->word[2],
                 strlen(reader->word[2]) + 1U);
    app->name = list->app_name[list->apps];
    list->apps++;
    return true;
}

/* patch, vendor, boot: a day each, in any order and once. */
static bool take_patch(struct dg_policy_reader *reader,
                       size_t at,
                       struct dg_build_rule *rule)
{
    static const char *const names[] = {"patch", "vendor", "boot"};
    uint32_t *const to[] = {
        &rule->os_patch_min, &rule->vendor_patch_min, &rule->boot_patch_min};
    uint64_t day = 0;

    for (size_t i = 0; i < 3U; i++) {
        if (!dg_policy_is_word(reader, at, names[i])) {
            continue;
        }
        if (*to[i] != 0U) {
            return dg_policy_refuse(
                reader, "build: %s a second time", names[i]);
        }
        if (!dg_policy_number(reader, at + 1U, PATCH_MIN, PATCH_MAX, &day)) {
            return dg_policy_refuse(
                reader,
                "build: %s: write a day as 20261105, or a month as 20261100",
                names[i]);
        }
        *to[i] = (uint32_t)day;
        return true;
    }
    return dg_policy_refuse(
        reader,
        "build: '%.32s': write patch, vendor, boot, qualified or "
        "trial",
        reader->word[at]);
}

static bool take_standing(struct dg_policy_reader *reader, size_t at)
{
    struct dg_policy_list *list = reader->list;
    uint64_t percent = 0;

    if (dg_policy_is_word(reader, at, "qualified")) {
        list->build[list->builds].is_qualified = true;
        return dg_policy_only(reader, at + 1U);
    }
    if (!dg_policy_is_word(reader, at, "trial") ||
        !dg_policy_only(reader, at + 2U) ||
        !dg_policy_number(reader, at + 1U, 1U, 100U, &percent)) {
        return dg_policy_refuse(
            reader,
            "build: end with qualified, or with trial and how many "
            "of a hundred phones may try it, 1 to 100");
    }
    list->trial[list->builds].is_on_trial = true;
    list->trial[list->builds].percent = (uint8_t)percent;
    return true;
}

/* os FIRST LAST; gives the words read, 0 for a refusal. */
static size_t take_versions(struct dg_policy_reader *reader,
                            struct dg_build_rule *rule)
{
    uint64_t first = 0;
    uint64_t last = 0;

    if (!dg_policy_number(reader, 3U, 1U, UINT32_MAX, &first) ||
        !dg_policy_number(reader, 4U, first, UINT32_MAX, &last)) {
        (void)dg_policy_refuse(reader,
                               "build: os: write the first and the last "
                               "version, as 150000 159999");
        return 0U;
    }
    rule->os_version_min = (uint32_t)first;
    rule->os_version_max = (uint32_t)last;
    return 5U;
}

/* measured NAME; as above. */
static size_t take_reference(struct dg_policy_reader *reader,
                             struct dg_build_rule *rule)
{
    const struct dg_policy_measured *measured =
        dg_policy_named(reader, rule->kind, 3U);

    if (measured == NULL) {
        return 0U;
    }
    rule->measured = measured->name;
    return 4U;
}

/* build KIND os FIRST LAST [patch D] [vendor D] [boot D] qualified|trial N
 * build KIND measured NAME qualified|trial N */
static bool take_build(struct dg_policy_reader *reader)
{
    struct dg_policy_list *list = reader->list;
    struct dg_build_rule *rule = &list->build[list->builds];
    size_t at = 0U;

    if (list->builds == DG_POLICY_LIST_BUILDS) {
        return dg_policy_refuse(
            reader, "more than %u builds", DG_POLICY_LIST_BUILDS);
    }
    if (!dg_policy_kind(reader, &rule->kind)) {
        return false;
    }
    if (is_measured_kind(rule->kind) &&
        dg_policy_is_word(reader, 2U, "measured")) {
        at = take_reference(reader, rule);
    } else if (!is_measured_kind(rule->kind) &&
               dg_policy_is_word(reader, 2U, "os")) {
        at = take_versions(reader, rule);
    } else {
        return dg_policy_refuse(reader,
                                "build: write %s after the kind",
                                is_measured_kind(rule->kind) ? "measured"
                                                             : "os");
    }
    while ((at > 0U) && (rule->measured == NULL) && (at < reader->words) &&
           !dg_policy_is_word(reader, at, "qualified") &&
           !dg_policy_is_word(reader, at, "trial")) {
        at = take_patch(reader, at, rule) ? (at + 2U) : 0U;
    }
    if ((at == 0U) || !take_standing(reader, at)) {
        return false;
    }
    list->builds++;
    return true;
}

static bool take_stop(struct dg_policy_reader *reader)
{
    uint64_t runs = 0;
    uint64_t percent = 0;

    if (!once(reader, ONCE_STOP) || !dg_policy_only(reader, 5U) ||
        !dg_policy_is_word(reader, 1U, "runs") ||
        !dg_policy_is_word(reader, 3U, "failed") ||
        !dg_policy_number(reader, 2U, 1U, 1000000U, &runs) ||
        !dg_policy_number(reader, 4U, 1U, 100U, &percent)) {
        return dg_policy_refuse(
            reader,
            "stop: write once: stop runs N failed P, 1 to 1000000 "
            "runs and 1 to 100 percent");
    }
    reader->list->stop_runs = (uint32_t)runs;
    reader->list->stop_percent = (uint32_t)percent;
    return true;
}

struct directive {
    const char *name;
    bool (*take)(struct dg_policy_reader *reader);
};

static const struct directive directives[] = {
    {"version", take_version},
    {"issued", take_issued},
    {"expires", take_expires},
    {"epoch", take_epoch},
    {"life", take_life},
    {"level", take_level},
    {"measured", dg_policy_take_measured},
    {"enrolled", dg_policy_take_enrolled},
    {"app", take_app},
    {"build", take_build},
    {"stop", take_stop},
};

static bool take_words(struct dg_policy_reader *reader)
{
    for (size_t i = 0; i < (sizeof(directives) / sizeof(directives[0])); i++) {
        if (strcmp(reader->word[0], directives[i].name) == 0) {
            return directives[i].take(reader);
        }
    }
    return dg_policy_refuse(
        reader, "'%.32s' is no directive: see the page", reader->word[0]);
}

static bool split(struct dg_policy_reader *reader, char *line)
{
    char *rest = NULL;

    reader->words = 0;
    for (char *word = strtok_r(line, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        if (reader->words == DG_POLICY_WORDS_MAX) {
            return dg_policy_refuse(
                reader, "more than %u words", DG_POLICY_WORDS_MAX);
        }
        reader->word[reader->words] = word;
        reader->words++;
    }
    return true;
}

static bool take_line(struct dg_policy_reader *reader, dg_span bytes)
{
    char line[LINE_SIZE];

    if (bytes.size >= sizeof(line)) {
        return dg_policy_refuse(
            reader, "longer than %u characters", LINE_SIZE - 1U);
    }
    for (size_t i = 0; i < bytes.size; i++) {
        if ((bytes.at[i] < 0x20U) || (bytes.at[i] > 0x7eU)) {
            return dg_policy_refuse(reader,
                                    "a character that is not printable ASCII");
        }
    }
    if (bytes.size > 0U) {
        memcpy(line, bytes.at, bytes.size);
    }
    line[bytes.size] = '\0';
    if (reader->line == 1U) {
        return (strcmp(line, TITLE) == 0) ||
               dg_policy_refuse(reader, "write '" TITLE "' and nothing else");
    }
    if (line[0] == '#') {
        return true;
    }
    return split(reader, line) && ((reader->words == 0U) || take_words(reader));
}

/* What only the whole can say. */
static bool is_whole(struct dg_policy_reader *reader)
{
    const struct dg_policy_list *list = reader->list;
    bool has_trial = false;

    for (size_t i = 0; i < list->builds; i++) {
        has_trial = has_trial || list->trial[i].is_on_trial;
    }
    if ((reader->said & ONCE_NEEDED) != ONCE_NEEDED) {
        return dg_policy_refuse(
            reader,
            "the end, and one of version, issued, expires, epoch, "
            "life is missing");
    }
    if (list->level_yes[DG_PACKAGE_LOW] == 0U) {
        return dg_policy_refuse(
            reader, "the end, and no line says what level low asks");
    }
    if (has_trial && (list->stop_runs == 0U)) {
        return dg_policy_refuse(
            reader, "the end, and a build is on trial without a stop line");
    }
    if ((list->expires_s <= list->issued_s) ||
        (list->expires_s - list->issued_s > DG_POLICY_LIFE_S_MAX)) {
        return dg_policy_refuse(
            reader,
            "the end: expires must be after issued and at most 366 "
            "days after it");
    }
    return true;
}

static bool take_text(struct dg_policy_reader *reader, dg_span text)
{
    size_t at = 0;

    while (at < text.size) {
        const uint8_t *end = memchr(&text.at[at], '\n', text.size - at);

        reader->line++;
        if (end == NULL) {
            return dg_policy_refuse(reader, "the last line has no end");
        }

        const size_t size = (size_t)(end - &text.at[at]);

        if (!take_line(reader, (dg_span){&text.at[at], size})) {
            return false;
        }
        at += size + 1U;
    }
    reader->line++;
    return is_whole(reader);
}

enum dg_status dg_policy_list_read(dg_span text,
                                   struct dg_policy_list *list,
                                   char *why)
{
    struct dg_policy_reader reader = {.list = list, .why = why};

    memset(list, 0, sizeof(*list));
    why[0] = '\0';
    if (text.size > DG_POLICY_LIST_SIZE_MAX) {
        (void)snprintf(why,
                       DG_POLICY_LIST_WHY_MAX,
                       "larger than %u bytes",
                       DG_POLICY_LIST_SIZE_MAX);
        return DG_E_RANGE;
    }
    if (!take_text(&reader, text)) {
        memset(list, 0, sizeof(*list));
        return DG_E_MALFORMED;
    }
    return DG_OK;
}
