/* SPDX-License-Identifier: Apache-2.0 */
#include "attest/service/policy_list.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "attest/service/text.h"

#define TITLE     "dosegate platform policy 1"
#define WORDS_MAX 16U
#define LINE_SIZE 512U
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

struct reader {
    struct dg_policy_list *list;
    char *why;
    unsigned line; /* from 1 */
    unsigned said; /* bits of once */
    size_t words;
    char *word[WORDS_MAX];
};

__attribute__((format(printf, 2, 3))) static bool refuse(struct reader *reader,
                                                         const char *form,
                                                         ...)
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

static bool is_word(const struct reader *reader, size_t at, const char *text)
{
    return (at < reader->words) && (strcmp(reader->word[at], text) == 0);
}

static bool number(struct reader *reader,
                   size_t at,
                   uint64_t min,
                   uint64_t max,
                   uint64_t *value)
{
    if ((at < reader->words) &&
        dg_text_get_number(reader->word[at], max, value) && (*value >= min)) {
        return true;
    }
    return refuse(reader,
                  "%s: write a whole number from %llu to %llu",
                  reader->word[0],
                  (unsigned long long)min,
                  (unsigned long long)max);
}

static bool only(struct reader *reader, size_t words)
{
    return (reader->words == words) || refuse(reader,
                                              "%s takes %zu values, not %zu",
                                              reader->word[0],
                                              words - 1U,
                                              reader->words - 1U);
}

static bool once(struct reader *reader, enum once what)
{
    if ((reader->said & (unsigned)what) != 0U) {
        return refuse(reader, "%s a second time", reader->word[0]);
    }
    reader->said |= (unsigned)what;
    return true;
}

static bool small_number(struct reader *reader,
                         enum once what,
                         uint64_t max,
                         uint32_t *to)
{
    uint64_t value = 0;

    if (!once(reader, what) || !only(reader, 2U) ||
        !number(reader, 1U, 1U, max, &value)) {
        return false;
    }
    *to = (uint32_t)value;
    return true;
}

static bool take_version(struct reader *reader)
{
    return small_number(
        reader, ONCE_VERSION, UINT32_MAX, &reader->list->version);
}

static bool take_epoch(struct reader *reader)
{
    return small_number(reader, ONCE_EPOCH, UINT32_MAX, &reader->list->epoch);
}

static bool take_life(struct reader *reader)
{
    return small_number(
        reader, ONCE_LIFE, DG_ATTEST_LIFE_S_MAX, &reader->list->life_s);
}

static bool date(struct reader *reader, enum once what, int64_t *to)
{
    return once(reader, what) && only(reader, 2U) &&
           (dg_text_get_date(reader->word[1], to) ||
            refuse(reader, "%s: write a day as 2026-11-30", reader->word[0]));
}

static bool take_issued(struct reader *reader)
{
    return date(reader, ONCE_ISSUED, &reader->list->issued_s);
}

static bool take_expires(struct reader *reader)
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
static bool take_level(struct reader *reader)
{
    static const char *const names[] = {NULL, "low", "medium", "high"};
    unsigned level = 0;
    uint32_t bits = 0;

    for (unsigned i = DG_PACKAGE_LOW; i <= DG_PACKAGE_HIGH; i++) {
        level = is_word(reader, 1U, names[i]) ? i : level;
    }
    if (level == 0U) {
        return refuse(reader, "level: write low, medium or high");
    }
    if (reader->list->level_yes[level] != 0U) {
        return refuse(reader, "level %s a second time", names[level]);
    }
    for (size_t i = 2U; i < reader->words; i++) {
        enum dg_claim claim = DG_CLAIM_BOOT_VERIFIED;

        if (!claim_named(reader->word[i], &claim)) {
            return refuse(
                reader, "'%.32s' is no claim: see the page", reader->word[i]);
        }
        bits |= 1U << (unsigned)claim;
    }
    if (bits == 0U) {
        return refuse(reader, "level: name the claims that it asks");
    }
    reader->list->level_yes[level] = bits;
    return true;
}

static bool kind_of(struct reader *reader, enum dg_evidence_kind *kind)
{
    *kind = (reader->words > 1U) ? dg_evidence_kind_named(reader->word[1])
                                 : DG_KIND_NONE;
    if ((*kind == DG_KIND_NONE) || (*kind == DG_KIND_APPLE_ASSERTION)) {
        return refuse(reader,
                      "%s: write android-key, apple-attestation, tpm-quote or "
                      "psa-token first",
                      reader->word[0]);
    }
    return true;
}

static bool take_android_app(struct reader *reader, struct dg_app_identity *app)
{
    uint64_t version = 0;

    if (!is_word(reader, 3U, "signer") || (reader->words < 7U) ||
        !dg_text_get_hex(reader->word[4], DG_BUF_OF(app->signer.byte))) {
        return refuse(reader,
                      "app android-key: write NAME signer HEX version N "
                      "release|debug, HEX being 64 lower-case digits");
    }
    if (!is_word(reader, 5U, "version") ||
        !number(reader, 6U, 0U, INT64_MAX, &version)) {
        return refuse(reader, "app: write version and a whole number");
    }
    app->version_min = version;
    return true;
}

static bool take_app(struct reader *reader)
{
    struct dg_policy_list *list = reader->list;
    struct dg_app_identity *app = &list->app[list->apps];
    enum dg_evidence_kind kind = DG_KIND_NONE;

    if (list->apps == DG_POLICY_LIST_APPS) {
        return refuse(reader, "more than %u apps", DG_POLICY_LIST_APPS);
    }
    if (!kind_of(reader, &kind)) {
        return false;
    }
    if (((kind != DG_KIND_ANDROID_KEY) &&
         (kind != DG_KIND_APPLE_ATTESTATION)) ||
        (reader->words < 4U) || (strlen(reader->word[2]) > DG_APP_NAME_MAX)) {
        return refuse(reader,
                      "app: write android-key or apple-attestation, and a name "
                      "of at most %u characters",
                      DG_APP_NAME_MAX);
    }
    if ((kind == DG_KIND_ANDROID_KEY) && !take_android_app(reader, app)) {
        return false;
    }
    if (!only(reader, (kind == DG_KIND_ANDROID_KEY) ? 8U : 4U)) {
        return false;
    }
    app->is_release = is_word(reader, reader->words - 1U, "release");
    if (!app->is_release && !is_word(reader, reader->words - 1U, "debug")) {
        return refuse(reader, "app: end with release or debug");
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
static bool take_patch(struct reader *reader,
                       size_t at,
                       struct dg_build_rule *rule)
{
    static const char *const names[] = {"patch", "vendor", "boot"};
    uint32_t *const to[] = {
        &rule->os_patch_min, &rule->vendor_patch_min, &rule->boot_patch_min};
    uint64_t day = 0;

    for (size_t i = 0; i < 3U; i++) {
        if (!is_word(reader, at, names[i])) {
            continue;
        }
        if (*to[i] != 0U) {
            return refuse(reader, "build: %s a second time", names[i]);
        }
        if (!number(reader, at + 1U, PATCH_MIN, PATCH_MAX, &day)) {
            return refuse(
                reader,
                "build: %s: write a day as 20261105, or a month as 20261100",
                names[i]);
        }
        *to[i] = (uint32_t)day;
        return true;
    }
    return refuse(reader,
                  "build: '%.32s': write patch, vendor, boot, qualified or "
                  "trial",
                  reader->word[at]);
}

static bool take_standing(struct reader *reader, size_t at)
{
    struct dg_policy_list *list = reader->list;
    uint64_t percent = 0;

    if (is_word(reader, at, "qualified")) {
        list->build[list->builds].is_qualified = true;
        return only(reader, at + 1U);
    }
    if (!is_word(reader, at, "trial") || !only(reader, at + 2U) ||
        !number(reader, at + 1U, 1U, 100U, &percent)) {
        return refuse(reader,
                      "build: end with qualified, or with trial and how many "
                      "of a hundred phones may try it, 1 to 100");
    }
    list->trial[list->builds].is_on_trial = true;
    list->trial[list->builds].percent = (uint8_t)percent;
    return true;
}

/* build KIND os MIN MAX [patch D] [vendor D] [boot D] qualified|trial N
 * build KIND measured qualified|trial N */
static bool take_build(struct reader *reader)
{
    struct dg_policy_list *list = reader->list;
    struct dg_build_rule *rule = &list->build[list->builds];
    uint64_t first = 0;
    uint64_t last = 0;
    size_t at = 3U;

    if (list->builds == DG_POLICY_LIST_BUILDS) {
        return refuse(reader, "more than %u builds", DG_POLICY_LIST_BUILDS);
    }
    if (!kind_of(reader, &rule->kind)) {
        return false;
    }
    if (is_word(reader, 2U, "os")) {
        if (!number(reader, 3U, 1U, UINT32_MAX, &first) ||
            !number(reader, 4U, first, UINT32_MAX, &last)) {
            return refuse(reader,
                          "build: os: write the first and the last version, "
                          "as 150000 159999");
        }
        at = 5U;
    } else if (!is_word(reader, 2U, "measured")) {
        return refuse(reader, "build: write os or measured after the kind");
    }
    rule->os_version_min = (uint32_t)first;
    rule->os_version_max = (uint32_t)last;
    while ((at < reader->words) && !is_word(reader, at, "qualified") &&
           !is_word(reader, at, "trial")) {
        if (!take_patch(reader, at, rule)) {
            return false;
        }
        at += 2U;
    }
    if (!take_standing(reader, at)) {
        return false;
    }
    list->builds++;
    return true;
}

static bool take_stop(struct reader *reader)
{
    uint64_t runs = 0;
    uint64_t percent = 0;

    if (!once(reader, ONCE_STOP) || !only(reader, 5U) ||
        !is_word(reader, 1U, "runs") || !is_word(reader, 3U, "failed") ||
        !number(reader, 2U, 1U, 1000000U, &runs) ||
        !number(reader, 4U, 1U, 100U, &percent)) {
        return refuse(reader,
                      "stop: write once: stop runs N failed P, 1 to 1000000 "
                      "runs and 1 to 100 percent");
    }
    reader->list->stop_runs = (uint32_t)runs;
    reader->list->stop_percent = (uint32_t)percent;
    return true;
}

struct directive {
    const char *name;
    bool (*take)(struct reader *reader);
};

static const struct directive directives[] = {
    {"version", take_version},
    {"issued", take_issued},
    {"expires", take_expires},
    {"epoch", take_epoch},
    {"life", take_life},
    {"level", take_level},
    {"app", take_app},
    {"build", take_build},
    {"stop", take_stop},
};

static bool take_words(struct reader *reader)
{
    for (size_t i = 0; i < (sizeof(directives) / sizeof(directives[0])); i++) {
        if (strcmp(reader->word[0], directives[i].name) == 0) {
            return directives[i].take(reader);
        }
    }
    return refuse(
        reader, "'%.32s' is no directive: see the page", reader->word[0]);
}

static bool split(struct reader *reader, char *line)
{
    char *rest = NULL;

    reader->words = 0;
    for (char *word = strtok_r(line, " ", &rest); word != NULL;
         word = strtok_r(NULL, " ", &rest)) {
        if (reader->words == WORDS_MAX) {
            return refuse(reader, "more than %u words", WORDS_MAX);
        }
        reader->word[reader->words] = word;
        reader->words++;
    }
    return true;
}

static bool take_line(struct reader *reader, dg_span bytes)
{
    char line[LINE_SIZE];

    if (bytes.size >= sizeof(line)) {
        return refuse(reader, "longer than %u characters", LINE_SIZE - 1U);
    }
    for (size_t i = 0; i < bytes.size; i++) {
        if ((bytes.at[i] < 0x20U) || (bytes.at[i] > 0x7eU)) {
            return refuse(reader, "a character that is not printable ASCII");
        }
    }
    if (bytes.size > 0U) {
        memcpy(line, bytes.at, bytes.size);
    }
    line[bytes.size] = '\0';
    if (reader->line == 1U) {
        return (strcmp(line, TITLE) == 0) ||
               refuse(reader, "write '" TITLE "' and nothing else");
    }
    if (line[0] == '#') {
        return true;
    }
    return split(reader, line) && ((reader->words == 0U) || take_words(reader));
}

/* What only the whole can say. */
static bool is_whole(struct reader *reader)
{
    const struct dg_policy_list *list = reader->list;
    bool has_trial = false;

    for (size_t i = 0; i < list->builds; i++) {
        has_trial = has_trial || list->trial[i].is_on_trial;
    }
    if ((reader->said & ONCE_NEEDED) != ONCE_NEEDED) {
        return refuse(reader,
                      "the end, and one of version, issued, expires, epoch, "
                      "life is missing");
    }
    if (list->level_yes[DG_PACKAGE_LOW] == 0U) {
        return refuse(reader, "the end, and no line says what level low asks");
    }
    if (has_trial && (list->stop_runs == 0U)) {
        return refuse(reader,
                      "the end, and a build is on trial without a stop line");
    }
    if ((list->expires_s <= list->issued_s) ||
        (list->expires_s - list->issued_s > DG_POLICY_LIFE_S_MAX)) {
        return refuse(reader,
                      "the end: expires must be after issued and at most 366 "
                      "days after it");
    }
    return true;
}

static bool take_text(struct reader *reader, dg_span text)
{
    size_t at = 0;

    while (at < text.size) {
        const uint8_t *end = memchr(&text.at[at], '\n', text.size - at);

        reader->line++;
        if (end == NULL) {
            return refuse(reader, "the last line has no end");
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
    struct reader reader = {.list = list, .why = why};

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
