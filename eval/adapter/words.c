/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/words.h"

#include <stddef.h>

const char *dg_words_reason(enum dg_reason reason)
{
    switch (reason) {
    case DG_REASON_FORMAT:
    case DG_REASON_VERSION:
        return "format";
    case DG_REASON_AUTHORITY:
    case DG_REASON_ROLE:
        return "role";
    case DG_REASON_KEYS:
        return "keys";
    case DG_REASON_LEASE:
        return "lease";
    case DG_REASON_TICKET:
        return "duplicate";
    case DG_REASON_STALE:
        return "stale";
    case DG_REASON_PRESENCE:
        return "presence";
    case DG_REASON_BUSY:
    case DG_REASON_RESERVOIR:
    case DG_REASON_FAULT:
    case DG_REASON_STATE:
    case DG_REASON_JOURNAL:
    case DG_REASON_E10:
        return "state";
    case DG_REASON_REPLAY:
        return "replay";
    case DG_REASON_SENSOR:
        return "auth";
    case DG_REASON_E1:
    case DG_REASON_E6:
    case DG_REASON_E8:
    case DG_REASON_E9:
        return "limit";
    case DG_REASON_E2:
    case DG_REASON_E3:
    case DG_REASON_E5:
        return "window";
    case DG_REASON_ENERGY:
        return "budget";
    case DG_REASON_E4:
    case DG_REASON_IMPLAUSIBLE:
        return "glucose";
    case DG_REASON_E7:
        return "refractory";
    case DG_REASON_ATTESTATION:
    case DG_REASON_POLICY:
        return "attest";
    case DG_REASON_NONE:
    default:
        return "none";
    }
}

static const char *outcome_word(enum dg_outcome outcome)
{
    static const char *const word[] = {"none",
                                       "waiting",
                                       "delivering",
                                       "delivered",
                                       "stopped",
                                       "uncertain",
                                       "lapsed"};

    return ((unsigned)outcome < 7U) ? word[outcome] : "unknown";
}

static void set(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

json_t *dg_words_status(const struct dg_device_status *status)
{
    json_t *object = json_object();

    set(object, "now_s", status->now.s);
    json_object_set_new(
        object, "rung", json_string(dg_rung_text(status->rung)));
    json_object_set_new(object,
                        "outcome",
                        json_string(status->has_ticket
                                        ? outcome_word(status->outcome)
                                        : "none"));
    set(object, "amount_mU", status->ticket_amount.mU);
    set(object, "delivered_mU", status->ticket_delivered.mU);
    set(object, "bolus_total_mU", status->bolus_total_mU);
    set(object, "basal_total_mU", status->basal_total_mU);
    set(object, "uncertain_mU", status->uncertain_mU);
    set(object, "iob_mU", status->iob.mU);
    set(object,
        "glucose_mg_dL",
        status->has_glucose ? status->glucose.mg_dL : 0);
    set(object, "headroom_automatic_mU", status->headroom_automatic.mU);
    set(object, "headroom_confirmed_mU", status->headroom_confirmed.mU);
    return object;
}

json_t *dg_words_failure(const char *what)
{
    return json_pack("{s:b, s:s}", "ok", 0, "error", what);
}

json_t *dg_words_result(const char *result)
{
    return json_pack("{s:b, s:s}", "ok", 1, "result", result);
}

static const char *result_word(enum dg_answer_kind kind)
{
    switch (kind) {
    case DG_ANSWER_STATUS:
        return "status";
    case DG_ANSWER_TICKET:
        return "ticket";
    case DG_ANSWER_ACCEPTED:
        return "accepted";
    case DG_ANSWER_ALREADY:
        return "already";
    case DG_ANSWER_REFUSED:
        return "refused";
    case DG_ANSWER_JOURNAL:
        return "journal";
    case DG_ANSWER_UPDATE:
        return "update";
    case DG_ANSWER_ROLES:
        return "roles";
    case DG_ANSWER_REKEY:
        return "rekey";
    case DG_ANSWER_ATTEST:
        return "nonce";
    case DG_ANSWER_PROFILE:
        return "profile";
    case DG_ANSWER_NONE:
    default:
        return "none";
    }
}

json_t *dg_words_answer(const struct dg_answer *answer)
{
    json_t *object = dg_words_result(result_word(answer->kind));

    if (answer->kind == DG_ANSWER_REFUSED) {
        json_object_set_new(
            object,
            "reason",
            json_string(dg_words_reason(answer->as.refused.reason)));
        json_object_set_new(
            object,
            "detail",
            json_string(dg_reason_text(answer->as.refused.reason)));
        set(object, "headroom_mU", answer->as.refused.headroom.mU);
    }
    if (answer->kind == DG_ANSWER_TICKET) {
        set(object, "resolved_mU", answer->as.ticket.effect.amount.mU);
        json_object_set_new(
            object,
            "asks",
            json_string((answer->as.ticket.confirmation == DG_CONFIRM_AUTOMATIC)
                            ? "nothing"
                        : (answer->as.ticket.confirmation == DG_CONFIRM_PHONE)
                            ? "phone"
                            : "button"));
    }
    json_object_set_new(object, "status", dg_words_status(&answer->status));
    return object;
}
