/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/contract.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "eval/against.h"
#include "eval/utf8.h"

/* What answers look like: the tables of docs/adapter.md, as data. */

enum kind {
    KIND_NONE = 0,
    KIND_NUMBER,
    KIND_BOOL,
    KIND_TEXT,
    KIND_WORD, /* text of 1 to 15 characters: a-z and _ */
    KIND_HEX,  /* SHA-256 */
    KIND_LINK, /* udp:127.0.0.1:PORT */
    KIND_TEXTS,
    KIND_STATUS,
    KIND_CAPS,
    KIND_CLAIMS, /* object of texts */
};

/* More than this is no label. */
#define CLAIMS_MAX 64U

struct shape {
    const char *op;
    const char *key;
    enum kind kind;
    bool is_needed;
    int64_t min; /* of a number */
    int64_t max;
};

static const struct shape shapes[] = {
    {"hello", "contract", KIND_NUMBER, true, 1, 1000},
    {"hello", "name", KIND_TEXT, true, 0, 0},
    {"hello", "maker", KIND_TEXT, false, 0, 0},
    {"hello", "version", KIND_TEXT, true, 0, 0},
    {"hello", "firmware_digest", KIND_HEX, true, 0, 0},
    {"hello", "function_class", KIND_TEXT, false, 0, 0},
    {"hello", "platform", KIND_TEXT, false, 0, 0},
    {"hello", "phone_lost", KIND_TEXT, false, 0, 0},
    {"hello", "phone_starved", KIND_TEXT, false, 0, 0},
    {"hello", "update_mode", KIND_TEXT, false, 0, 0},
    {"hello", "support_end", KIND_TEXT, false, 0, 0},
    {"hello", "contact", KIND_TEXT, false, 0, 0},
    {"hello", "interfaces", KIND_TEXTS, false, 0, 0},
    {"hello", "features", KIND_TEXTS, false, 0, 0},
    {"hello", "claims", KIND_CLAIMS, false, 0, 0},
    {"start", "link", KIND_LINK, true, 0, 0},
    {"start", "pulse_mU", KIND_NUMBER, true, 1, 10000},
    {"start", "basal_mU_per_h", KIND_NUMBER, true, 0, 100000},
    {"start", "ticket_s", KIND_NUMBER, false, 0, 86400},
    {"start", "isf", KIND_NUMBER, false, 0, 1000},
    {"start", "caps", KIND_CAPS, true, 0, 0},
    {"advance", "mU", KIND_NUMBER, true, 0, DG_CONTRACT_MU_MAX},
    {"delivered", "mU", KIND_NUMBER, true, 0, DG_CONTRACT_MU_MAX},
    {"display", "code", KIND_TEXT, false, 0, 0},
    {"display", "announced_mU", KIND_NUMBER, false, 0, DG_CONTRACT_MU_MAX},
    {"alarms", "alarms", KIND_TEXTS, true, 0, 0},
    {"battery", "percent", KIND_NUMBER, false, 0, 100},
    {"battery", "used_nAh", KIND_NUMBER, true, 0, INT64_MAX / 4},
    {"battery", "full_nAh", KIND_NUMBER, false, 0, INT64_MAX / 4},
    {"link", "link", KIND_LINK, true, 0, 0},
    {"alive", "alive", KIND_BOOL, true, 0, 0},
    {"pair", "result", KIND_WORD, true, 0, 0},
    {"phone", "result", KIND_WORD, true, 0, 0},
    {"phone", "reason", KIND_WORD, false, 0, 0},
    {"phone", "headroom_mU", KIND_NUMBER, false, 0, DG_CONTRACT_MU_MAX},
    {"phone", "resolved_mU", KIND_NUMBER, false, 0, DG_CONTRACT_MU_MAX},
    {"phone", "status", KIND_STATUS, false, 0, 0},
};

static const char *const status_numbers[] = {"delivered_mU",
                                             "bolus_total_mU",
                                             "basal_total_mU",
                                             "uncertain_mU",
                                             "headroom_automatic_mU"};
static const char *const tiers[] = {"automatic", "confirmed", "total"};
static const char *const caps[] = {
    "dose_mU", "5min_mU", "1h_mU", "4h_mU", "24h_mU"};

static bool is_number(const json_t *value, int64_t min, int64_t max)
{
    return json_is_integer(value) && (json_integer_value(value) >= min) &&
           (json_integer_value(value) <= max);
}

static bool is_word(const json_t *value)
{
    const char *text = json_string_value(value);

    return (text != NULL) && (text[0] != '\0') && (strlen(text) < 16U) &&
           (strspn(text, "abcdefghijklmnopqrstuvwxyz_") == strlen(text));
}

static bool is_hex(const json_t *value)
{
    const char *text = json_string_value(value);

    return (text != NULL) && (strlen(text) == 64U) &&
           (strspn(text, "0123456789abcdef") == 64U);
}

static bool is_link(const json_t *value)
{
    static const char start[] = "udp:127.0.0.1:";
    const char *text = json_string_value(value);

    return (text != NULL) && (strncmp(text, start, sizeof start - 1U) == 0) &&
           (strlen(text) > sizeof start - 1U) &&
           (strlen(text) < sizeof start + 5U) &&
           (strspn(&text[sizeof start - 1U], "0123456789") ==
            strlen(text) - (sizeof start - 1U));
}

/* It goes to terminals, reports and labels as it is: what steers a terminal is
 * no text. */
static bool is_text(const json_t *value)
{
    return json_is_string(value) &&
           dg_utf8_is_printable(json_string_value(value));
}

static bool are_texts(const json_t *value)
{
    size_t index = 0U;
    const json_t *item = NULL;

    json_array_foreach(value, index, item)
    {
        if (!is_text(item)) {
            return false;
        }
    }
    return json_is_array(value);
}

/* A number that is not there counts as 0. */
static bool is_status(const json_t *value)
{
    const json_t *outcome = json_object_get(value, "outcome");

    for (size_t i = 0U; i < sizeof status_numbers / sizeof *status_numbers;
         i++) {
        const json_t *one = json_object_get(value, status_numbers[i]);

        if ((one != NULL) &&
            !is_number(one, -DG_CONTRACT_MU_MAX, DG_CONTRACT_MU_MAX)) {
            return false;
        }
    }
    return json_is_object(value) && ((outcome == NULL) || is_word(outcome));
}

static bool are_caps(const json_t *value)
{
    for (size_t tier = 0U; tier < 3U; tier++) {
        const json_t *own = json_object_get(value, tiers[tier]);

        for (size_t i = 0U; i < 5U; i++) {
            if (!is_number(
                    json_object_get(own, caps[i]), 0, DG_CONTRACT_MU_MAX)) {
                return false;
            }
        }
    }
    return true;
}

static bool are_claims(json_t *value)
{
    const char *name = NULL;
    json_t *item = NULL;

    json_object_foreach(value, name, item)
    {
        if (!dg_utf8_is_printable(name) || !is_text(item)) {
            return false;
        }
    }
    return json_is_object(value) && (json_object_size(value) <= CLAIMS_MAX);
}

/* @satisfies{EVL_ADAPTER.2@1}
 * Names under which the evaluator and who certifies speak, not the maker. */
bool dg_contract_may_claim(const char *name)
{
    static const char *const others[] = {"features",
                                         DG_AGAINST_CLAIM,
                                         "Certifier",
                                         "Valid until",
                                         "Not judged",
                                         "Certificate"};

    for (size_t i = 0U; i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(name, others[i]) == 0) {
            return false;
        }
    }
    return true;
}

static bool fits(const struct shape *shape, json_t *value)
{
    switch (shape->kind) {
    case KIND_NUMBER:
        return is_number(value, shape->min, shape->max);
    case KIND_BOOL:
        return json_is_boolean(value);
    case KIND_TEXT:
        return is_text(value);
    case KIND_WORD:
        return is_word(value);
    case KIND_HEX:
        return is_hex(value);
    case KIND_LINK:
        return is_link(value);
    case KIND_TEXTS:
        return are_texts(value);
    case KIND_STATUS:
        return is_status(value);
    case KIND_CAPS:
        return are_caps(value);
    case KIND_CLAIMS:
        return are_claims(value);
    case KIND_NONE:
    default:
        return false;
    }
}

#define CAPS_WORDS                                                        \
    "automatic, confirmed and total, each with dose_mU, 5min_mU, 1h_mU, " \
    "4h_mU and 24h_mU"

static void describe(const struct shape *shape, char what[DG_CONTRACT_WHY_MAX])
{
    static const char *const words[] = {
        [KIND_NONE] = "",
        [KIND_NUMBER] = "whole number",
        [KIND_BOOL] = "true or false",
        [KIND_TEXT] = "text without control characters",
        [KIND_WORD] = "word, 1 to 15 of a-z and _",
        [KIND_HEX] = "SHA-256: 64 digits, 0-9 a-f",
        [KIND_LINK] = "udp:127.0.0.1:PORT",
        [KIND_TEXTS] = "array of texts without control characters",
        [KIND_STATUS] = "object of whole numbers and \"outcome\"",
        [KIND_CAPS] = CAPS_WORDS,
        [KIND_CLAIMS] = "object of at most 64 texts"};

    if (shape->kind == KIND_NUMBER) {
        (void)snprintf(what,
                       DG_CONTRACT_WHY_MAX,
                       "lacks \"%s\" (whole number, %lld to %lld)",
                       shape->key,
                       (long long)shape->min,
                       (long long)shape->max);
        return;
    }
    (void)snprintf(what,
                   DG_CONTRACT_WHY_MAX,
                   "lacks \"%s\" (%s)",
                   shape->key,
                   words[shape->kind]);
}

bool dg_contract_is_shaped(const char *asked,
                           const json_t *answer,
                           char what[DG_CONTRACT_WHY_MAX])
{
    for (size_t i = 0U; i < sizeof shapes / sizeof shapes[0]; i++) {
        const struct shape *shape = &shapes[i];
        json_t *value = json_object_get(answer, shape->key);

        if ((strcmp(shape->op, asked) == 0) &&
            ((value != NULL) || shape->is_needed) && !fits(shape, value)) {
            describe(shape, what);
            return false;
        }
    }
    return true;
}

/* What a product says of itself does not change while it is evaluated.  Where
 * its link is may. */
const char *dg_contract_differs(const char *asked,
                                const json_t *then,
                                const json_t *now)
{
    for (size_t i = 0U; i < sizeof shapes / sizeof shapes[0]; i++) {
        const struct shape *shape = &shapes[i];
        const json_t *old = json_object_get(then, shape->key);
        const json_t *new = json_object_get(now, shape->key);

        if ((strcmp(shape->op, asked) == 0) && (shape->kind != KIND_LINK) &&
            ((old == NULL) != (new == NULL) ||
             ((old != NULL) && !json_equal(old, new)))) {
            return shape->key;
        }
    }
    return NULL;
}
