/* SPDX-License-Identifier: Apache-2.0 */
#include "presence.h"

#include <string.h>

#include "decimal.h"
#include "presence_pin.h"

#define KEY_NAME "presence"

enum dg_status dg_presence_open(struct dg_presence *presence,
                                const struct dg_crypto *crypto,
                                struct dg_keystore *store,
                                const struct dg_vault *vault,
                                int64_t now_ms)
{
    memset(presence, 0, sizeof(*presence));
    presence->crypto = crypto;
    presence->store = store;
    presence->vault = vault;

    const enum dg_status key =
        dg_keystore_load(store, KEY_NAME, DG_KEY_SIGN, &presence->key);
    const enum dg_status pin = dg_pin_load(presence, now_ms);

    if ((key == DG_E_STATE) && (pin == DG_E_STATE)) {
        /* The PIN's file first: whoever takes it away afterwards finds a key
         * without one, and that is refused. */
        const enum dg_status status = dg_pin_begin(presence);

        return (status == DG_OK)
                   ? dg_keystore_make(
                         store, KEY_NAME, DG_KEY_SIGN, &presence->key)
                   : status;
    }
    if ((key == DG_E_STATE) && (pin == DG_OK) && !presence->pin.is_set) {
        /* Cut between the two: nothing was enrolled yet. */
        return dg_keystore_make(store, KEY_NAME, DG_KEY_SIGN, &presence->key);
    }
    if ((key == DG_E_STATE) || (pin == DG_E_STATE)) {
        return DG_E_CORRUPT;
    }
    return (key != DG_OK) ? key : pin;
}

/* What an act has to hold, by grade, without and with a PIN.  A cell that is
 * not written is 0, and for it nothing is ever signed unless the grade is
 * known: see dg_presence_act(). */
static const unsigned needs[DG_GRADES][2] = {
    [DG_GRADE_SMALL] = {0U, DG_ACT_PIN | DG_ACT_PLATFORM},
    [DG_GRADE_UNUSUAL] = {DG_ACT_NUMBER,
                          DG_ACT_NUMBER | DG_ACT_PIN | DG_ACT_PLATFORM},
    [DG_GRADE_LARGE] = {DG_ACT_NUMBER, DG_ACT_NUMBER | DG_ACT_PIN},
};

enum dg_grade dg_presence_grade(const struct dg_effect *effect, bool button)
{
    const int32_t number = dg_presence_number(effect);

    switch (effect->kind) {
    case DG_EFFECT_BOLUS:
        if (number >= DG_LARGE_MU_MIN) {
            return DG_GRADE_LARGE;
        }
        return ((number > DG_SMALL_MU_MAX) || button) ? DG_GRADE_UNUSUAL
                                                      : DG_GRADE_SMALL;
    case DG_EFFECT_BASAL:
        return ((number > DG_SMALL_MU_PER_H_MAX) || button) ? DG_GRADE_UNUSUAL
                                                            : DG_GRADE_SMALL;
    case DG_EFFECT_PRIME:
        return DG_GRADE_LARGE;
    case DG_EFFECT_SETTINGS:
        return (effect->setting == DG_SETTING_BASAL) ? DG_GRADE_LARGE
                                                     : DG_GRADE_UNUSUAL;
    case DG_EFFECT_GLUCAGON:
        /* Small as it is, it is the other hormone: nobody sends it by habit. */
        return DG_GRADE_UNUSUAL;
    case DG_EFFECT_NONE:
    default:
        return DG_GRADE_NONE;
    }
}

int32_t dg_presence_number(const struct dg_effect *effect)
{
    const bool is_rate = (effect->kind == DG_EFFECT_BASAL) ||
                         ((effect->kind == DG_EFFECT_SETTINGS) &&
                          (effect->setting == DG_SETTING_BASAL));

    if (effect->kind == DG_EFFECT_GLUCAGON) {
        return effect->glucagon.ug;
    }
    return is_rate ? effect->rate.mU_per_h : effect->amount.mU;
}

enum dg_status dg_presence_ask(struct dg_presence *presence,
                               const struct dg_approval *approval,
                               bool button,
                               int64_t lapses_ms)
{
    const enum dg_grade grade = dg_presence_grade(&approval->effect, button);
    struct dg_hash hash;

    dg_presence_forget(presence);
    if (grade == DG_GRADE_NONE) {
        return DG_E_RANGE;
    }

    const enum dg_status status =
        dg_approval_hash(presence->crypto, approval, &hash);

    if (status != DG_OK) {
        return status;
    }
    presence->grade = grade;
    presence->ticket = approval->ticket;
    presence->hash = hash;
    presence->number = dg_presence_number(&approval->effect);
    presence->needs = needs[grade][presence->pin.is_set ? 1 : 0];
    if (presence->number == 0) {
        presence->needs &= ~(unsigned)DG_ACT_NUMBER;
    }
    if (presence->platform == NULL) {
        presence->needs &= ~(unsigned)DG_ACT_PLATFORM;
    }
    presence->lapses_ms = lapses_ms;
    presence->is_asked = true;
    return DG_OK;
}

void dg_presence_forget(struct dg_presence *presence)
{
    presence->is_asked = false;
    presence->grade = DG_GRADE_NONE;
    explicit_bzero(&presence->hash, sizeof(presence->hash));
}

static bool is_number(const struct dg_presence *presence, const char *text)
{
    const char *why = NULL;
    int32_t number = 0;

    return (text != NULL) && (dg_decimal_read(text, &number, &why) == DG_OK) &&
           (number == presence->number);
}

/* The part of an act that says who it is. */
static enum dg_act_result prove(struct dg_presence *presence,
                                int64_t now_ms,
                                const char *pin)
{
    const bool has_pin = (pin != NULL) && (*pin != '\0');

    if ((presence->needs & (unsigned)DG_ACT_PIN) == 0U) {
        return DG_ACT_DONE;
    }
    if (has_pin) {
        return dg_pin_try(presence, now_ms, pin);
    }
    if ((presence->needs & (unsigned)DG_ACT_PLATFORM) == 0U) {
        return dg_presence_is_locked(presence) ? DG_ACT_LOCKED
                                               : DG_ACT_WANTS_PIN;
    }
    return (presence->platform->prove(presence->platform->context,
                                      &presence->hash) == DG_OK)
               ? DG_ACT_DONE
               : DG_ACT_WANTS_PIN;
}

/* @satisfies{FIA_PRESENCE.1@1} */
enum dg_act_result dg_presence_act(struct dg_presence *presence,
                                   int64_t now_ms,
                                   const struct dg_ticket_id *ticket,
                                   const char *number,
                                   const char *pin,
                                   struct dg_signature *signature)
{
    if (!presence->is_asked || (presence->grade == DG_GRADE_NONE) ||
        (now_ms >= presence->lapses_ms) ||
        (memcmp(ticket, &presence->ticket, sizeof(*ticket)) != 0)) {
        return DG_ACT_NOT_ASKED;
    }
    if (((presence->needs & (unsigned)DG_ACT_NUMBER) != 0U) &&
        !is_number(presence, number)) {
        return DG_ACT_WANTS_NUMBER;
    }

    const enum dg_act_result result = prove(presence, now_ms, pin);

    if (result != DG_ACT_DONE) {
        return result;
    }

    const enum dg_status status = dg_keystore_sign(
        presence->store, &presence->key, &presence->hash, signature);

    dg_presence_forget(presence);
    return (status == DG_OK) ? DG_ACT_DONE : DG_ACT_FAILED;
}

enum dg_act_result dg_presence_permit(struct dg_presence *presence,
                                      int64_t now_ms,
                                      const char *pin)
{
    return presence->pin.is_set ? dg_pin_try(presence, now_ms, pin)
                                : DG_ACT_DONE;
}

const char *dg_act_words(enum dg_act_result result)
{
    static const char *const words[DG_ACT_RESULTS] = {
        "nothing was done",
        "approved",
        "nothing waits under that ticket: it was answered or has lapsed",
        "type the number again, as it is shown",
        "type the PIN",
        "that is not the PIN",
        "too many wrong PINs: wait; stop, basal and the pump's own buttons "
        "work",
        "too many wrong PINs: this phone approves nothing until dosegate "
        "phone erase and pairing anew; stop, basal and the pump's own "
        "buttons work",
        "this phone could not do it: nothing was approved"};

    return words[((unsigned)result < DG_ACT_RESULTS) ? (unsigned)result : 0U];
}
