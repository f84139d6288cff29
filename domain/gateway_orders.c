/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway_orders.h"

#include <stdio.h>
#include <string.h>

/* Orders of the app beside doses: phones, lease, firmware.  Trusted here:
 * nothing. */

static enum dg_status refuse(char why[DG_GATEWAY_WHY_MAX], const char *text)
{
    (void)snprintf(why, DG_GATEWAY_WHY_MAX, "%s", text);
    return DG_E_MALFORMED;
}

static bool read_slot(const json_t *object, uint8_t *slot)
{
    const json_t *value = json_object_get(object, "slot");
    const json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || (number < 0) ||
        (number >= (json_int_t)DG_ROLES_MAX)) {
        return false;
    }
    *slot = (uint8_t)number;
    return true;
}

enum dg_status dg_gateway_read_revoke(const json_t *object,
                                      struct dg_internal *message,
                                      char why[DG_GATEWAY_WHY_MAX])
{
    message->as.app.order.verb = DG_ORDER_REVOKE;
    return read_slot(object, &message->as.app.order.slot)
               ? DG_OK
               : refuse(why, "slot must be 0 .. 3, as phones lists them");
}

enum dg_status dg_gateway_read_lease(const json_t *object,
                                     struct dg_internal *message,
                                     char why[DG_GATEWAY_WHY_MAX])
{
    const char *verb = json_string_value(json_object_get(object, "verb"));
    struct dg_order *order = &message->as.app.order;
    const bool has_slot = json_object_get(object, "slot") != NULL;

    if (verb == NULL) {
        verb = "";
    }
    if ((strcmp(verb, "take") == 0) && !has_slot) {
        order->verb = DG_ORDER_TAKE;
    } else if ((strcmp(verb, "release") == 0) && !has_slot) {
        order->verb = DG_ORDER_RELEASE;
    } else if ((strcmp(verb, "give") == 0) && read_slot(object, &order->slot)) {
        order->verb = DG_ORDER_GIVE;
    } else {
        return refuse(why,
                      "verb must be take, release, or give with a slot of 0 .. "
                      "3");
    }
    return DG_OK;
}

enum dg_status dg_gateway_read_suspend(const json_t *object,
                                       struct dg_internal *message,
                                       char why[DG_GATEWAY_WHY_MAX])
{
    const json_t *value = json_object_get(object, "seconds");
    const json_int_t seconds = json_integer_value(value);

    if (!json_is_integer(value) || (seconds < 1) ||
        (seconds > (json_int_t)DG_SUSPEND_S_ASK_MAX)) {
        return refuse(why, "seconds must be 1 .. 86400, without quotes");
    }
    message->as.app.order.verb = DG_ORDER_SUSPEND;
    message->as.app.order.seconds = (uint32_t)seconds;
    return DG_OK;
}

static int digit_of(char hex)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = (hex == '\0') ? NULL : strchr(digits, hex);

    return (at == NULL) ? -1 : (int)(at - digits);
}

static bool read_bytes(const char *text, struct dg_carry *carry)
{
    const size_t digits = (text == NULL) ? 0U : strlen(text);

    if ((digits > (2U * sizeof(carry->byte))) || ((digits % 2U) != 0U)) {
        return false;
    }
    for (size_t i = 0; i < digits; i += 2U) {
        const int high = digit_of(text[i]);
        const int low = digit_of(text[i + 1U]);

        if ((high < 0) || (low < 0)) {
            return false;
        }
        carry->byte[i / 2U] = (uint8_t)((high * 16) + low);
    }
    carry->size = (uint16_t)(digits / 2U);
    return true;
}

static enum dg_update_verb verb_of(const char *name)
{
    static const char *const names[DG_UPDATE_VERBS] = {
        NULL, "offer", "part", "apply", "query", "abandon"};

    for (unsigned i = 1; (name != NULL) && (i < DG_UPDATE_VERBS); i++) {
        if (strcmp(name, names[i]) == 0) {
            return (enum dg_update_verb)i;
        }
    }
    return DG_UPDATE_NOTHING;
}

enum dg_status dg_gateway_read_update(const json_t *object,
                                      struct dg_internal *message,
                                      char why[DG_GATEWAY_WHY_MAX])
{
    const json_t *bytes = json_object_get(object, "bytes");
    const json_t *offset = json_object_get(object, "offset");
    const json_int_t at = json_integer_value(offset);
    struct dg_carry *carry = &message->as.app.carry;

    carry->verb = verb_of(json_string_value(json_object_get(object, "verb")));

    const bool is_part = carry->verb == DG_UPDATE_PART;
    const bool has_bytes = is_part || (carry->verb == DG_UPDATE_OFFER);

    if (carry->verb == DG_UPDATE_NOTHING) {
        return refuse(why, "verb must be offer, part, apply, query or abandon");
    }
    if ((has_bytes != json_is_string(bytes)) ||
        ((bytes != NULL) && !json_is_string(bytes)) ||
        !read_bytes(json_string_value(bytes), carry) ||
        (has_bytes != (carry->size > 0U))) {
        return refuse(why,
                      "bytes must be 1 to 256 bytes as lower-case hex digits, "
                      "with offer and part only");
    }
    if ((is_part != json_is_integer(offset)) ||
        ((offset != NULL) && !json_is_integer(offset)) || (at < 0) ||
        (at > (json_int_t)UINT32_MAX)) {
        return refuse(why, "offset must be 0 .. 4294967295, with part only");
    }
    carry->offset = (uint32_t)at;
    return DG_OK;
}

json_t *dg_gateway_phones(const struct dg_phones_note *note)
{
    static const char *const role[] = {
        "none", "owner", "caregiver", "observer"};
    json_t *list = json_array();

    for (size_t slot = 0; slot < DG_ROLES_MAX; slot++) {
        const struct dg_roles_entry *entry = &note->phone[slot];

        if (entry->role == DG_ROLE_NONE) {
            continue;
        }

        json_t *phone = json_object();
        /* The device's word for a name; bytes that are no text become "?". */
        json_t *name = json_stringn(entry->name, entry->name_size);

        (void)json_object_set_new(
            phone, "slot", json_integer((json_int_t)slot));
        (void)json_object_set_new(
            phone, "role", json_string(role[entry->role]));
        (void)json_object_set_new(
            phone, "has_session", json_boolean(entry->has_session));
        (void)json_object_set_new(
            phone, "name", (name == NULL) ? json_string("?") : name);
        (void)json_array_append_new(list, phone);
    }
    return list;
}

json_t *dg_gateway_progress(const struct dg_progress_note *note)
{
    static const char *const state[] = {
        "idle", "receiving", "ready", "waiting", "restarting"};
    json_t *object = json_object();

    (void)json_object_set_new(object, "state", json_string(state[note->state]));
    (void)json_object_set_new(
        object, "why", json_integer((json_int_t)note->why));
    (void)json_object_set_new(object, "next", json_integer(note->next));
    (void)json_object_set_new(object, "size", json_integer(note->size));
    return object;
}
