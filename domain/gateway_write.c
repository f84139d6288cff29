/* SPDX-License-Identifier: Apache-2.0 */
#include "gateway_json.h"
#include "gateway_orders.h"

#include "dosegate/ledger.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* How a result reads to a person: what happened and what to do. */
static const char *const result_name[DG_RESULTS] = {"none",
                                                    "ok",
                                                    "refused",
                                                    "declined",
                                                    "lapsed",
                                                    "unknown",
                                                    "unreachable",
                                                    "unpaired",
                                                    "busy",
                                                    "earlier",
                                                    "failed",
                                                    "no-display",
                                                    "held",
                                                    "open-loop",
                                                    "skipped",
                                                    "unfit"};

static const char *const result_text[DG_RESULTS] = {
    [DG_RESULT_DECLINED] = "not approved: nothing was delivered",
    [DG_RESULT_LAPSED] = "the confirmation came too late: nothing was "
                         "delivered; ask again if you still want it",
    [DG_RESULT_UNKNOWN] = "the outcome of your last dose is not known yet: "
                          "bring the phone near the pump, or look at the "
                          "pump, before you dose again",
    [DG_RESULT_UNREACHABLE] = "the pump does not answer, nothing was "
                              "delivered by this request: bring the phone "
                              "near the pump and try again",
    [DG_RESULT_UNPAIRED] = "this phone is not paired: run dosegate pair",
    [DG_RESULT_BUSY] = "a dose or too much else is under way: wait for it, or "
                       "stop it first",
    [DG_RESULT_EARLIER] = "not sent again: this is the outcome of the dose "
                          "you asked for before; say again if you want a "
                          "second one",
    [DG_RESULT_FAILED] = "this phone could not do it: see its messages",
    [DG_RESULT_NO_DISPLAY] = "nobody is there to confirm: open the "
                             "confirmation display first; nothing was "
                             "delivered",
    [DG_RESULT_UNFIT] = "this phone does not trust itself now, nothing was "
                        "delivered: see dosegate domain --health, or dose at "
                        "the pump",
};

static const char *const op_name[DG_GATEWAY_OPS] = {
    "none",    "status",  "bolus",           "stop",   "pair",
    "watch",   "attest",  "phones",          "revoke", "lease",
    "update",  "journal", "temporary-basal", "prime",  "refill",
    "sensor",  "basal",   "suspend",         "resume", "limits",
    "glucagon"};

static const char *const outcome_name[] = {"none",
                                           "waiting",
                                           "delivering",
                                           "delivered",
                                           "stopped",
                                           "uncertain",
                                           "lapsed"};

static void finish(json_t *object, char text[DG_GATEWAY_TEXT_MAX])
{
    const size_t size =
        json_dumpb(object, text, DG_GATEWAY_TEXT_MAX - 2U, JSON_COMPACT);

    json_decref(object);
    if ((size == 0U) || (size > DG_GATEWAY_TEXT_MAX - 2U)) {
        (void)snprintf(text, DG_GATEWAY_TEXT_MAX, "{\"ok\":false}\n");
        return;
    }
    text[size] = '\n';
    text[size + 1U] = '\0';
}

static void set_int(json_t *object, const char *key, int64_t value)
{
    (void)json_object_set_new(object, key, json_integer(value));
}

static void set_text(json_t *object, const char *key, const char *value)
{
    (void)json_object_set_new(object, key, json_string(value));
}

static void set_hex(json_t *object,
                    const char *key,
                    const uint8_t *bytes,
                    size_t size)
{
    char hex[2U * 2U * DG_P256_SIZE + 1U] = "";

    for (size_t i = 0; (i < size) && (i < 2U * DG_P256_SIZE); i++) {
        (void)snprintf(&hex[2U * i], 3, "%02x", bytes[i]);
    }
    set_text(object, key, hex);
}

static void set_key(json_t *object,
                    const char *key,
                    const struct dg_public_key *point)
{
    uint8_t both[2U * DG_P256_SIZE];

    memcpy(both, point->x, DG_P256_SIZE);
    memcpy(&both[DG_P256_SIZE], point->y, DG_P256_SIZE);
    set_hex(object, key, both, sizeof(both));
}

static void set_ticket(json_t *object,
                       const char *key,
                       const struct dg_ticket_id *ticket)
{
    set_hex(object, key, ticket->byte, sizeof(ticket->byte));
}

static json_t *missing_of(uint16_t bits)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < DG_EVIDENCES; i++) {
        if ((bits & (1U << i)) != 0U) {
            (void)json_array_append_new(
                list, json_string(dg_evidence_text((enum dg_evidence)i)));
        }
    }
    return list;
}

static json_t *alarms_of(uint16_t bits)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < DG_ALARMS; i++) {
        if ((bits & (1U << i)) != 0U) {
            (void)json_array_append_new(
                list, json_string(dg_alarm_text((enum dg_alarm)i)));
        }
    }
    return list;
}

static json_t *findings_of(uint16_t bits)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < DG_GLUCOSE_FINDINGS; i++) {
        if ((bits & (1U << i)) != 0U) {
            (void)json_array_append_new(
                list, json_string(dg_finding_text((enum dg_glucose_finding)i)));
        }
    }
    return list;
}

static json_t *last_dose_of(const struct dg_device_status *status)
{
    if (!status->has_ticket) {
        return json_null();
    }

    json_t *dose = json_object();

    set_ticket(dose, "ticket", &status->ticket);
    set_text(dose, "outcome", outcome_name[status->outcome]);
    set_text(dose, "outcome_text", dg_outcome_text(status->outcome));
    set_int(dose, "amount_mU", status->ticket_amount.mU);
    set_int(dose, "delivered_mU", status->ticket_delivered.mU);
    return dose;
}

/* NULL of JSON where the pump has no chamber. */
static json_t *glucagon_of(const struct dg_glucagon_status *status)
{
    if (!status->has_chamber) {
        return json_null();
    }

    json_t *object = json_object();
    json_t *dose = json_null();

    set_int(object, "left_ug", status->left_ug);
    set_int(object, "total_ug", status->total_ug);
    set_int(object, "uncertain_ug", status->uncertain_ug);
    set_int(object, "headroom_automatic_ug", status->headroom_automatic.ug);
    set_int(object, "headroom_confirmed_ug", status->headroom_confirmed.ug);
    if (status->has_ticket) {
        dose = json_object();
        set_ticket(dose, "ticket", &status->ticket);
        set_text(dose, "outcome", outcome_name[status->outcome]);
        set_text(dose, "outcome_text", dg_outcome_text(status->outcome));
        set_int(dose, "amount_ug", status->amount.ug);
        set_int(dose, "delivered_ug", status->delivered.ug);
    }
    (void)json_object_set_new(object, "last_dose", dose);
    return object;
}

static json_t *status_of(const struct dg_reply *reply)
{
    static const char *const holder[] = {"nobody", "you", "other"};
    static const char *const therapy[] = {
        "fault", "run", "fault", "suspended", "lowered"};
    static const char *const sound_name[] = {
        "off", "gentle", "loud", "continuous"};
    const struct dg_device_status *status = &reply->status;
    json_t *object = json_object();

    set_int(object, "age_s", reply->status_age_s);
    set_int(object, "device_time_s", status->now.s);
    set_text(object, "therapy", therapy[status->therapy]);
    set_text(object, "rung", dg_rung_text(status->rung));
    set_int(object, "rung_code", status->rung);
    (void)json_object_set_new(object, "missing", missing_of(status->missing));
    set_text(object, "lease", holder[status->lease]);
    (void)json_object_set_new(object, "last_dose", last_dose_of(status));
    set_int(object, "bolus_total_mU", status->bolus_total_mU);
    set_int(object, "basal_total_mU", status->basal_total_mU);
    set_int(object, "uncertain_mU", status->uncertain_mU);
    set_int(object, "iob_mU", status->iob.mU);
    set_int(object, "reservoir_mU", status->reservoir_mU);
    (void)json_object_set_new(
        object, "glucagon", glucagon_of(&status->glucagon));
    set_int(object, "battery_percent", status->battery_percent);
    (void)json_object_set_new(object, "alarms", alarms_of(status->alarms));
    set_text(object, "sound", sound_name[status->sound]);
    (void)json_object_set_new(object,
                              "drained_by_slot",
                              (status->drainer > 0U)
                                  ? json_integer(status->drainer - 1)
                                  : json_null());
    (void)json_object_set_new(object,
                              "glucose_mg_dL",
                              status->has_glucose
                                  ? json_integer(status->glucose.mg_dL)
                                  : json_null());
    (void)json_object_set_new(
        object, "glucose_findings", findings_of(status->findings));
    set_int(object, "headroom_automatic_mU", status->headroom_automatic.mU);
    set_int(object, "headroom_confirmed_mU", status->headroom_confirmed.mU);
    set_int(object, "withheld_permille", status->pause_permille);
    (void)json_object_set_new(
        object,
        "withheld_left_s",
        (status->pause_left_s == DG_PAUSE_UNTIL_RESUMED)
            ? json_null() /* until a person at the pump resumes */
            : json_integer(status->pause_left_s));
    set_int(object, "headroom_suspend_s", status->headroom_pause_s);
    set_int(object, "spread_left_mU", status->spread_left_mU);
    set_int(object, "loosen_left_s", status->loosen_left_s);
    return object;
}

static void add_refusal(json_t *object,
                        enum dg_gateway_op op,
                        const struct dg_reply *reply)
{
    char text[DG_GATEWAY_WHY_MAX];

    if (reply->result != DG_RESULT_REFUSED) {
        const char *words = result_text[reply->result];

        set_text(object, "error", (words == NULL) ? "refused" : words);
        return;
    }
    if (op == DG_GATEWAY_PAIR) {
        set_text(object,
                 "error",
                 "that is not the code that a pump here shows now: copy it "
                 "again");
        return;
    }
    (void)snprintf(text,
                   sizeof(text),
                   "the pump refused: %s",
                   dg_reason_text(reply->reason));
    set_text(object, "error", text);
    set_int(object, "reason_code", reply->reason);
    set_text(object, "reason", dg_reason_text(reply->reason));
    /* E5 and E6 speak of time (docs/protocol.md, "Reasons"). */
    set_int(object,
            ((reply->reason == DG_REASON_E5) || (reply->reason == DG_REASON_E6))
                ? "headroom_s"
                : "headroom_mU",
            reply->headroom.mU);
}

static void add_dose(json_t *object, const struct dg_reply *reply)
{
    static const char *const confirmation[] = {
        "none", "automatic", "phone", "button"};

    set_ticket(object, "ticket", &reply->ticket);
    if (reply->resolved_glucagon.ug > 0) {
        set_int(object, "asked_ug", reply->asked_glucagon.ug);
        set_int(object, "resolved_ug", reply->resolved_glucagon.ug);
    } else {
        set_int(object, "asked_mU", reply->asked.mU);
        set_int(object, "resolved_mU", reply->resolved.mU);
    }
    set_text(object, "confirmation", confirmation[reply->confirmation]);
}

void dg_gateway_write_reply(enum dg_gateway_op op,
                            const struct dg_reply *reply,
                            char text[DG_GATEWAY_TEXT_MAX])
{
    static const char *const role[] = {
        "none", "owner", "caregiver", "observer"};
    json_t *object = json_object();
    const bool is_ok = reply->result == DG_RESULT_OK;

    set_text(object, "op", op_name[op]);
    (void)json_object_set_new(object, "ok", json_boolean(is_ok));
    set_text(object, "result", result_name[reply->result]);
    if (!is_ok) {
        add_refusal(object, op, reply);
    }
    if (reply->has_ticket) {
        add_dose(object, reply);
    }
    if (is_ok && (op == DG_GATEWAY_PAIR)) {
        set_int(object, "slot", reply->slot);
        set_text(object, "role", role[reply->role]);
    }
    (void)json_object_set_new(
        object, "status", reply->has_status ? status_of(reply) : json_null());
    finish(object, text);
}

static void write_note(enum dg_gateway_op op,
                       const char *key,
                       json_t *value,
                       char text[DG_GATEWAY_TEXT_MAX])
{
    json_t *object = json_object();

    set_text(object, "op", op_name[op]);
    (void)json_object_set_new(object, "ok", json_true());
    set_text(object, "result", result_name[DG_RESULT_OK]);
    (void)json_object_set_new(object, key, value);
    finish(object, text);
}

void dg_gateway_write_phones(const struct dg_phones_note *note,
                             char text[DG_GATEWAY_TEXT_MAX])
{
    write_note(DG_GATEWAY_PHONES, "phones", dg_gateway_phones(note), text);
}

void dg_gateway_write_progress(const struct dg_progress_note *note,
                               char text[DG_GATEWAY_TEXT_MAX])
{
    write_note(DG_GATEWAY_UPDATE, "update", dg_gateway_progress(note), text);
}

/* For the attestation service: what it must find in the evidence. */
void dg_gateway_write_nonce(const struct dg_nonce_note *note,
                            char text[DG_GATEWAY_TEXT_MAX])
{
    json_t *object = json_object();

    set_text(object, "op", op_name[DG_GATEWAY_ATTEST]);
    (void)json_object_set_new(object, "ok", json_true());
    set_text(object, "result", result_name[DG_RESULT_OK]);
    set_hex(object, "device", note->device.byte, sizeof(note->device.byte));
    set_hex(object, "nonce", note->nonce.byte, sizeof(note->nonce.byte));
    set_key(object, "key", &note->key);
    set_key(object, "presence", &note->presence);
    finish(object, text);
}

void dg_gateway_write_event(const struct dg_event_note *event,
                            char text[DG_GATEWAY_TEXT_MAX])
{
    json_t *object = json_object();

    set_text(
        object, "event", (event->event == DG_EVENT_CYCLE) ? "cycle" : "dose");
    if (event->event == DG_EVENT_CYCLE) {
        set_int(object, "sequence", event->sequence);
        set_int(object, "glucose", event->glucose.mg_dL);
    }
    if (event->decided_glucagon.ug > 0) {
        set_int(object, "decided_ug", event->decided_glucagon.ug);
        set_int(object, "delivered_ug", event->delivered_glucagon.ug);
    } else {
        set_int(object, "decided_mU", event->decided.mU);
        set_int(object, "delivered_mU", event->delivered.mU);
    }
    set_text(object, "result", result_name[event->result]);
    set_int(object, "reason_code", event->reason);
    set_text(object,
             "reason",
             (event->reason == DG_REASON_NONE) ? ""
                                               : dg_reason_text(event->reason));
    set_text(object, "outcome", outcome_name[event->outcome]);
    set_int(object, "iob_mU", event->iob.mU);
    finish(object, text);
}

void dg_gateway_write_journal(const struct dg_journal_reply *reply,
                              char text[DG_GATEWAY_TEXT_MAX])
{
    json_t *object = json_object();
    char hex[(2U * DG_JOURNAL_BYTES_MAX) + 1U] = "";

    for (size_t i = 0; (i < reply->bytes.size) && (i < DG_JOURNAL_BYTES_MAX);
         i++) {
        (void)snprintf(&hex[2U * i], 3, "%02x", reply->bytes.byte[i]);
    }
    set_text(object, "op", op_name[DG_GATEWAY_JOURNAL]);
    (void)json_object_set_new(object, "ok", json_true());
    set_text(object, "result", result_name[DG_RESULT_OK]);
    set_int(object, "first", reply->first);
    set_int(object, "total", reply->total);
    set_text(object, "bytes", hex);
    finish(object, text);
}

static json_t *bounds_of(const struct dg_bounds *bounds)
{
    json_t *list = json_array();

    for (unsigned i = 0; i < DG_BOUNDS; i++) {
        (void)json_array_append_new(list, json_integer(bounds->value[i]));
    }
    return list;
}

/* The numbers in the order and the units of docs/protocol.md, "Profile". */
void dg_gateway_write_limits(const struct dg_limits_note *note,
                             char text[DG_GATEWAY_TEXT_MAX])
{
    static const char *const state[] = {"none", "asked", "delay"};
    const bool has_next = note->state != DG_LOOSENING_NONE;
    json_t *object = json_object();

    set_text(object, "op", op_name[DG_GATEWAY_LIMITS]);
    (void)json_object_set_new(object, "ok", json_true());
    set_text(object, "result", result_name[DG_RESULT_OK]);
    set_hex(object, "device", note->device.byte, sizeof(note->device.byte));
    set_int(object, "profile", note->counter);
    set_text(object, "state", state[note->state]);
    set_int(object, "left_s", note->left_s);
    (void)json_object_set_new(object, "in_force", bounds_of(&note->in_force));
    (void)json_object_set_new(
        object, "next", has_next ? bounds_of(&note->next) : json_null());
    finish(object, text);
}

void dg_gateway_write_error(const char *why, char text[DG_GATEWAY_TEXT_MAX])
{
    json_t *object = json_object();

    (void)json_object_set_new(object, "ok", json_false());
    set_text(object, "error", why);
    finish(object, text);
}
