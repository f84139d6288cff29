/* SPDX-License-Identifier: Apache-2.0 */
#include "eval/adapter/bare.h"

#include "dosegate/approval.h"
#include "eval/adapter/words.h"

#include <string.h>

/* What a phone in an attacker's hands asks of the mechanism: every kind of
 * effect that a message carries, with whatever numbers it likes. */

static const struct {
    const char *name;
    enum dg_effect_kind kind;
    enum dg_bolus_form form;
    enum dg_setting setting;
} kinds[] = {
    {"bolus", DG_EFFECT_BOLUS, DG_FORM_NORMAL, DG_SETTING_NONE},
    {"extended", DG_EFFECT_BOLUS, DG_FORM_EXTENDED, DG_SETTING_NONE},
    {"temp_basal", DG_EFFECT_BASAL, DG_FORM_NONE, DG_SETTING_NONE},
    {"prime", DG_EFFECT_PRIME, DG_FORM_NONE, DG_SETTING_NONE},
    {"glucagon", DG_EFFECT_GLUCAGON, DG_FORM_NONE, DG_SETTING_NONE},
    {"refill", DG_EFFECT_SETTINGS, DG_FORM_NONE, DG_SETTING_REFILL},
    {"basal", DG_EFFECT_SETTINGS, DG_FORM_NONE, DG_SETTING_BASAL},
};

static json_int_t number_of(const json_t *order, const char *key)
{
    return json_integer_value(json_object_get(order, key));
}

/* False: the contract has no such kind. */
static bool read_effect(const json_t *order, struct dg_effect *effect)
{
    const char *name = json_string_value(json_object_get(order, "kind"));

    for (size_t i = 0U; i < (sizeof kinds / sizeof kinds[0]); i++) {
        if (strcmp((name == NULL) ? "bolus" : name, kinds[i].name) == 0) {
            effect->kind = kinds[i].kind;
            effect->form = kinds[i].form;
            effect->setting = kinds[i].setting;
            effect->amount.mU = (int32_t)number_of(order, "mU");
            effect->glucagon.ug = (int32_t)number_of(order, "ug");
            effect->duration.s = (uint32_t)number_of(order, "s");
            effect->rate.mU_per_h = (int32_t)number_of(order, "mU_per_h");
            effect->hour = (uint8_t)number_of(order, "hour");
            effect->hours = (uint8_t)number_of(order, "hours");
            return true;
        }
    }
    return false;
}

json_t *dg_bare_propose(struct dg_bare *bare, const json_t *order)
{
    struct dg_request request = dg_bare_simple(DG_REQUEST_PROPOSE);
    const char *tier = json_string_value(json_object_get(order, "tier"));

    if (!read_effect(order, &request.as.propose.effect) ||
        !dg_effect_is_sound(&request.as.propose.effect)) {
        return dg_words_failure(
            "\"kind\" is none of the contract's, or its numbers are out of the "
            "range of the encoding; see docs/adapter.md");
    }
    request.as.propose.tier =
        ((tier != NULL) && (strcmp(tier, "automatic") == 0))
            ? DG_TIER_AUTOMATIC
            : DG_TIER_CONFIRMED;
    bare->before = bare->ticket;
    bare->has_before = bare->has_ticket;
    bare->has_ticket = false;
    return dg_bare_say(bare, &request);
}

static void sign(struct dg_bare *bare,
                 const struct dg_answer *ticket,
                 const char *how,
                 struct dg_request *request)
{
    struct dg_approval approval;
    struct dg_hash hash;

    if ((how != NULL)
            ? (strcmp(how, "none") == 0)
            : (ticket->as.ticket.confirmation == DG_CONFIRM_AUTOMATIC)) {
        return;
    }
    request->as.commit.has_signature = true;
    approval.device = bare->phone.device;
    approval.session = bare->controller.session;
    approval.ticket = ticket->as.ticket.id;
    approval.effect = ticket->as.ticket.effect;
    approval.expiry = ticket->as.ticket.expiry;
    if ((how != NULL) && (strcmp(how, "wrong") == 0)) {
        /* A person approved one pulse; the attacker uses it for more. */
        approval.effect.amount.mU = DG_PULSE_MU;
    }
    if ((dg_approval_hash(&bare->crypto, &approval, &hash) != DG_OK) ||
        (bare->crypto.es256_sign(bare->crypto.context,
                                 &bare->presence,
                                 &hash,
                                 &request->as.commit.signature) != DG_OK)) {
        request->as.commit.has_signature = false;
    }
}

json_t *dg_bare_commit(struct dg_bare *bare, const json_t *order)
{
    struct dg_request request = dg_bare_simple(DG_REQUEST_COMMIT);
    const char *which = json_string_value(json_object_get(order, "ticket"));
    const bool is_before = (which != NULL) && (strcmp(which, "before") == 0);
    const struct dg_answer *ticket = is_before ? &bare->before : &bare->ticket;

    if (is_before ? !bare->has_before : !bare->has_ticket) {
        return dg_words_result("no_ticket");
    }
    request.as.commit.ticket = ticket->as.ticket.id;
    sign(bare,
         ticket,
         json_string_value(json_object_get(order, "sign")),
         &request);
    return dg_bare_say(bare, &request);
}

json_t *dg_bare_suspend(struct dg_bare *bare, const json_t *order)
{
    struct dg_request request = dg_bare_simple(DG_REQUEST_SUSPEND);

    request.as.suspend.seconds = (uint32_t)number_of(order, "s");
    return dg_bare_say(bare, &request);
}

json_t *dg_bare_resume(struct dg_bare *bare, const json_t *order)
{
    const struct dg_request request = dg_bare_simple(DG_REQUEST_RESUME);

    (void)order;
    return dg_bare_say(bare, &request);
}
