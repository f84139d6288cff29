/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway_json.h"
#include "gateway_orders.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Trusted here: nothing.  What leaves is one message whose every field was
 * checked; what is refused is told in words. */
struct op {
    const char *name;
    enum dg_gateway_op op;
    enum dg_internal_type type;
    const char *keys[5]; /* all that it may carry, "op" first */
};

static const struct op ops[] = {
    {"status", DG_GATEWAY_STATUS, DG_INTERNAL_APP_STATUS, {"op"}},
    {"bolus",
     DG_GATEWAY_BOLUS,
     DG_INTERNAL_APP_DOSE,
     {"op", "mU", "over_s", "again"}},
    {"temporary-basal",
     DG_GATEWAY_TEMPORARY,
     DG_INTERNAL_APP_DOSE,
     {"op", "mU_per_h", "over_s"}},
    {"prime", DG_GATEWAY_PRIME, DG_INTERNAL_APP_DOSE, {"op", "mU"}},
    {"refill", DG_GATEWAY_REFILL, DG_INTERNAL_APP_DOSE, {"op", "mU"}},
    {"sensor", DG_GATEWAY_SENSOR, DG_INTERNAL_APP_DOSE, {"op"}},
    {"basal",
     DG_GATEWAY_BASAL,
     DG_INTERNAL_APP_DOSE,
     {"op", "mU_per_h", "hour", "hours"}},
    {"glucagon",
     DG_GATEWAY_GLUCAGON,
     DG_INTERNAL_APP_DOSE,
     {"op", "ug", "again"}},
    {"stop", DG_GATEWAY_STOP, DG_INTERNAL_APP_STOP, {"op"}},
    {"pair",
     DG_GATEWAY_PAIR,
     DG_INTERNAL_APP_PAIR,
     {"op", "code", "name", "role"}},
    {"phones", DG_GATEWAY_PHONES, DG_INTERNAL_APP_ORDER, {"op"}},
    {"revoke", DG_GATEWAY_REVOKE, DG_INTERNAL_APP_ORDER, {"op", "slot"}},
    {"suspend", DG_GATEWAY_SUSPEND, DG_INTERNAL_APP_ORDER, {"op", "seconds"}},
    {"resume", DG_GATEWAY_RESUME, DG_INTERNAL_APP_ORDER, {"op"}},
    {"lease", DG_GATEWAY_LEASE, DG_INTERNAL_APP_ORDER, {"op", "verb", "slot"}},
    {"update",
     DG_GATEWAY_UPDATE,
     DG_INTERNAL_APP_CARRY,
     {"op", "verb", "bytes", "offset"}},
    {"attest",
     DG_GATEWAY_ATTEST,
     DG_INTERNAL_APP_ATTEST,
     {"op", "ticket", "head"}},
    {"journal",
     DG_GATEWAY_JOURNAL,
     DG_INTERNAL_APP_JOURNAL,
     {"op", "ask", "from", "skip", "head"}},
    {"limits",
     DG_GATEWAY_LIMITS,
     DG_INTERNAL_APP_LIMITS,
     {"op", "verb", "profile"}},
    {"watch", DG_GATEWAY_WATCH, DG_INTERNAL_NONE, {"op"}},
};

#define OPS (sizeof(ops) / sizeof(ops[0]))

static enum dg_status refuse(char why[DG_GATEWAY_WHY_MAX], const char *text)
{
    (void)snprintf(why, DG_GATEWAY_WHY_MAX, "%s", text);
    return DG_E_MALFORMED;
}

static const struct op *op_named(const char *name)
{
    for (size_t i = 0; i < OPS; i++) {
        if (strcmp(name, ops[i].name) == 0) {
            return &ops[i];
        }
    }
    return NULL;
}

static bool has_only(const json_t *object, const struct op *op)
{
    size_t known = 0;

    for (size_t i = 0; (i < 5U) && (op->keys[i] != NULL); i++) {
        known += (json_object_get(object, op->keys[i]) != NULL) ? 1U : 0U;
    }
    return json_object_size(object) == known;
}

static int digit_of(char hex)
{
    if ((hex >= '0') && (hex <= '9')) {
        return hex - '0';
    }
    if ((hex >= 'a') && (hex <= 'f')) {
        return hex - 'a' + 10;
    }
    return ((hex >= 'A') && (hex <= 'F')) ? hex - 'A' + 10 : -1;
}

/* Eight digits of the pump's display, as they are. */
static bool read_digits(const char *text, struct dg_plain *code)
{
    if ((strlen(text) != DG_PAIRING_DIGITS) ||
        (strspn(text, "0123456789") != DG_PAIRING_DIGITS)) {
        return false;
    }
    memcpy(code->byte, text, DG_PAIRING_DIGITS);
    code->size = DG_PAIRING_DIGITS;
    return true;
}

/* 1 .. @p capacity bytes of hex digits into @p to. */
static bool read_hex(const char *text,
                     uint8_t *to,
                     size_t capacity,
                     uint16_t *size)
{
    const size_t digits = strlen(text);

    if ((digits == 0U) || (digits > 2U * capacity) || ((digits % 2U) != 0U)) {
        return false;
    }
    for (size_t i = 0; i < digits; i += 2U) {
        const int high = digit_of(text[i]);
        const int low = digit_of(text[i + 1U]);

        if ((high < 0) || (low < 0)) {
            return false;
        }
        to[i / 2U] = (uint8_t)((high * 16) + low);
    }
    *size = (uint16_t)(digits / 2U);
    return true;
}

static enum dg_journal_verb verb_named(const char *name)
{
    static const char *const names[DG_JOURNAL_VERBS] = {
        [DG_JOURNAL_ASK_HEAD] = "head",
        [DG_JOURNAL_ASK_RANGE] = "range",
        [DG_JOURNAL_ASK_PEAKS] = "peaks",
        [DG_JOURNAL_ASK_EXPORTED] = "exported",
        [DG_JOURNAL_ASK_KEY] = "key"};

    for (unsigned i = 0; i < DG_JOURNAL_VERBS; i++) {
        if ((name != NULL) && (names[i] != NULL) &&
            (strcmp(name, names[i]) == 0)) {
            return (enum dg_journal_verb)i;
        }
    }
    return DG_JOURNAL_ASK_NONE;
}

/* A number that may be left out: 0 then. */
static bool read_number(const json_t *value, json_int_t max, json_int_t *number)
{
    *number = json_integer_value(value);
    return (value == NULL) ||
           (json_is_integer(value) && (*number >= 0) && (*number <= max));
}

static enum dg_status read_journal(const json_t *object,
                                   struct dg_internal *message,
                                   char why[DG_GATEWAY_WHY_MAX])
{
    struct dg_journal_order *order = &message->as.app.journal;
    const char *head = json_string_value(json_object_get(object, "head"));
    json_int_t from = 0;
    json_int_t skip = 0;

    order->verb = verb_named(json_string_value(json_object_get(object, "ask")));
    if (order->verb == DG_JOURNAL_ASK_NONE) {
        return refuse(why,
                      "ask must be one of head, range, peaks, exported, key");
    }
    if (!read_number(json_object_get(object, "from"), UINT32_MAX, &from) ||
        !read_number(
            json_object_get(object, "skip"), DG_MERKLE_PROOF_MAX, &skip)) {
        return refuse(why,
                      "from must be a number of an entry, skip 0 .. 25, both "
                      "without quotes");
    }
    if ((order->verb == DG_JOURNAL_ASK_EXPORTED) &&
        ((head == NULL) || !read_hex(head,
                                     order->head.byte,
                                     DG_JOURNAL_BYTES_MAX,
                                     &order->head.size))) {
        return refuse(why,
                      "head must be a signed head of this pump, as hex digits");
    }
    order->first = (uint32_t)from;
    order->skip = (uint8_t)skip;
    return DG_OK;
}

static enum dg_role role_named(const char *name)
{
    static const char *const names[] = {NULL, "owner", "caregiver", "observer"};

    for (unsigned i = 1; i <= (unsigned)DG_ROLE_OBSERVER; i++) {
        if ((name != NULL) && (strcmp(name, names[i]) == 0)) {
            return (enum dg_role)i;
        }
    }
    return DG_ROLE_NONE;
}

static enum dg_status read_pair(const json_t *object,
                                struct dg_internal *message,
                                char why[DG_GATEWAY_WHY_MAX])
{
    struct dg_pair_order *order = &message->as.app.pair;
    const char *code = json_string_value(json_object_get(object, "code"));
    const char *name = json_string_value(json_object_get(object, "name"));
    const char *role = json_string_value(json_object_get(object, "role"));

    if ((code == NULL) ||
        (!read_digits(code, &order->code) &&
         !read_hex(
             code, order->code.byte, DG_PAIRING_CODE_MAX, &order->code.size))) {
        return refuse(why,
                      "code must be the code that the pump shows, its eight "
                      "digits or the long one as hex digits: open the pairing "
                      "window at the pump and copy it");
    }
    if ((name == NULL) || (strlen(name) == 0U) ||
        (strlen(name) > DG_PAIRING_NAME_MAX)) {
        return refuse(why, "name must be text of 1 to 24 bytes");
    }
    order->role = role_named(role);
    if (order->role == DG_ROLE_NONE) {
        return refuse(why, "role must be owner, caregiver or observer");
    }
    order->name_size = (uint8_t)strlen(name);
    memcpy(order->name, name, order->name_size);
    return DG_OK;
}

/* Without a ticket or a head of the policy the app asks for a nonce. */
static enum dg_status read_attest(const json_t *object,
                                  struct dg_internal *message,
                                  char why[DG_GATEWAY_WHY_MAX])
{
    const json_t *head = json_object_get(object, "head");
    const json_t *ticket =
        (head != NULL) ? head : json_object_get(object, "ticket");
    struct dg_slip *slip = &message->as.app.ticket;

    if (ticket == NULL) {
        return DG_OK;
    }
    if ((head != NULL) && (json_object_get(object, "ticket") != NULL)) {
        return refuse(why, "write a ticket or a head, not both");
    }
    slip->is_head = head != NULL;
    if (!json_is_string(ticket) || !read_hex(json_string_value(ticket),
                                             slip->byte,
                                             sizeof(slip->byte),
                                             &slip->size)) {
        return refuse(why,
                      "ticket must be what the attestation service signed, and "
                      "head what the maker signed, 1 to 256 bytes as hex "
                      "digits; leave both out to get a nonce");
    }
    return DG_OK;
}

static enum dg_status read_limits(const json_t *object,
                                  struct dg_internal *message,
                                  char why[DG_GATEWAY_WHY_MAX])
{
    const char *verb = json_string_value(json_object_get(object, "verb"));
    const json_t *profile = json_object_get(object, "profile");
    struct dg_limits_order *order = &message->as.app.limits;

    if (verb == NULL) {
        verb = "";
    }
    order->verb = (strcmp(verb, "show") == 0)       ? DG_PROFILE_SHOW
                  : (strcmp(verb, "bring") == 0)    ? DG_PROFILE_TAKE
                  : (strcmp(verb, "withdraw") == 0) ? DG_PROFILE_WITHDRAW
                                                    : DG_PROFILE_NONE;
    if (order->verb == DG_PROFILE_NONE) {
        return refuse(why, "verb must be show, bring or withdraw");
    }
    if ((order->verb == DG_PROFILE_TAKE) != (profile != NULL)) {
        return refuse(why,
                      "profile must be there with bring, and only there: what "
                      "the prescriber signed, as hex digits");
    }
    if ((profile != NULL) &&
        (!json_is_string(profile) || !read_hex(json_string_value(profile),
                                               order->profile.byte,
                                               sizeof(order->profile.byte),
                                               &order->profile.size))) {
        return refuse(why,
                      "profile must be what the prescriber signed, 1 to 256 "
                      "bytes as hex digits");
    }
    return DG_OK;
}

static enum dg_status read_object(const json_t *object,
                                  enum dg_gateway_op *asked,
                                  struct dg_internal *message,
                                  char why[DG_GATEWAY_WHY_MAX])
{
    const char *name = json_string_value(json_object_get(object, "op"));
    const struct op *op = (name == NULL) ? NULL : op_named(name);

    if (op == NULL) {
        return refuse(
            why,
            "op must be one of status, bolus, temporary-basal, "
            "prime, glucagon, refill, sensor, basal, stop, pair, attest, "
            "phones, revoke, lease, suspend, resume, update, journal, "
            "limits, watch: write "
            "{\"op\":\"status\"}");
    }
    if (!has_only(object, op)) {
        (void)snprintf(why,
                       DG_GATEWAY_WHY_MAX,
                       "there is a key that %s does not know: write only what "
                       "the manual lists",
                       op->name);
        return DG_E_MALFORMED;
    }
    message->type = op->type;
    *asked = op->op;
    switch (op->op) {
    case DG_GATEWAY_BOLUS:
    case DG_GATEWAY_TEMPORARY:
    case DG_GATEWAY_PRIME:
    case DG_GATEWAY_REFILL:
    case DG_GATEWAY_SENSOR:
    case DG_GATEWAY_BASAL:
    case DG_GATEWAY_GLUCAGON:
        return dg_gateway_read_dose(object, op->op, message, why);
    case DG_GATEWAY_PAIR:
        return read_pair(object, message, why);
    case DG_GATEWAY_ATTEST:
        return read_attest(object, message, why);
    case DG_GATEWAY_PHONES:
        message->as.app.order.verb = DG_ORDER_PHONES;
        return DG_OK;
    case DG_GATEWAY_REVOKE:
        return dg_gateway_read_revoke(object, message, why);
    case DG_GATEWAY_SUSPEND:
        return dg_gateway_read_suspend(object, message, why);
    case DG_GATEWAY_RESUME:
        message->as.app.order.verb = DG_ORDER_RESUME;
        return DG_OK;
    case DG_GATEWAY_LEASE:
        return dg_gateway_read_lease(object, message, why);
    case DG_GATEWAY_LIMITS:
        return read_limits(object, message, why);
    case DG_GATEWAY_JOURNAL:
        return read_journal(object, message, why);
    case DG_GATEWAY_UPDATE:
        return dg_gateway_read_update(object, message, why);
    case DG_GATEWAY_STATUS:
    case DG_GATEWAY_STOP:
    case DG_GATEWAY_WATCH:
    case DG_GATEWAY_NONE:
        break;
    }
    return DG_OK;
}

enum dg_status dg_gateway_read(const char *line,
                               enum dg_gateway_op *op,
                               struct dg_internal *message,
                               char why[DG_GATEWAY_WHY_MAX])
{
    json_error_t error;

    memset(message, 0, sizeof(*message));
    *op = DG_GATEWAY_NONE;

    json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

    if (!json_is_object(object)) {
        json_decref(object);
        return refuse(why,
                      "not one JSON object on one line: write "
                      "{\"op\":\"status\"}");
    }

    const enum dg_status status = read_object(object, op, message, why);

    json_decref(object);
    return status;
}
