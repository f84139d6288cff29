/* SPDX-License-Identifier: Apache-2.0 */
#include "stand.h"

#include <math.h>
#include <string.h>

/* Everything else that phones and people do. */

void act_simple(const struct walk_step *step)
{
    const struct dg_answer *answer = NULL;
    const unsigned who = step->who;

    if (step->act == (uint8_t)WALK_STOP) {
        is_ending = true;
        answer = rig_stop(&rig, who);
        if ((answer != NULL) && (answer->kind == DG_ANSWER_STATUS)) {
            void_offers();
            end_insulin();
            end_glucagon(false);
        }
    } else if (step->act == (uint8_t)WALK_LEASE) {
        const bool is_release = (step->a % 8U) == 0U;

        answer =
            rig_lease(&rig, who, is_release ? DG_LEASE_RELEASE : DG_LEASE_TAKE);
        if ((answer != NULL) && (answer->kind == DG_ANSWER_STATUS)) {
            if (!is_release) {
                if ((holder >= 0) && (holder != (int)who) && (who != 0U) &&
                    ((ref.now - held_at) <= 1800.0)) {
                    FAIL("phone %u took the lease from %d", who, holder);
                }
                holder = (int)who;
                held_at = ref.now;
            } else if (holder == (int)who) {
                holder = -1;
            }
        }
    } else {
        answer = rig_greet(&rig, who);
        if ((answer != NULL) && (answer->kind == DG_ANSWER_STATUS)) {
            greeted_at[who] = ref.now;
        }
    }
    note_answer(who, answer);
}

void act_glucose(const struct walk_step *step)
{
    static const uint16_t levels[] = {
        50, 60, 68, 70, 71, 75, 79, 80, 85, 100, 120, 150, 180, 250, 300, 400};
    struct dg_glucose_state *glucose = &rig.device.glucose;

    /* Which readings are trusted is another question (test_glucose): here the
     * device trusts this one, or not. */
    ref.glucose = mid(step->a, levels, sizeof levels / sizeof levels[0]);
    ref.glucose_at = ref.now;
    ref.has_glucose = (step->b & 7U) != 0U;
    glucose->has = true;
    glucose->value.mg_dL = (int32_t)ref.glucose;
    glucose->at.s = bench_now_s();
    glucose->kept = 1U;
    glucose->point[0].at.s = bench_now_s();
    glucose->point[0].mg_dL = glucose->value.mg_dL;
    glucose->findings = 0U;
    glucose->streak = ref.has_glucose ? DG_GLUCOSE_STREAK : 0U;
    glucose->run_since.s = glucose->at.s - DG_GLUCOSE_SETTLE_S;
    if (!ref.has_glucose) {
        /* A reading that nobody trusts must never look low here. */
        glucose->value.mg_dL = 300;
        glucose->point[0].mg_dL = 300;
    }
}

void act_pause(const struct walk_step *step)
{
    const unsigned who = step->who;
    const struct dg_answer *answer = NULL;

    is_ending = true;
    is_pausing = true;
    if (step->act == (uint8_t)WALK_RESUME) {
        answer = rig_resume(&rig, who);
        if ((answer != NULL) && (answer->kind == DG_ANSWER_STATUS)) {
            if (ref.is_paused && ref.is_by_person) {
                FAIL("a phone ended what a person began");
            }
            ref_resume(&ref, ref.now);
        }
        note_answer(who, answer);
        return;
    }

    const double exact = ref_pause_room_s(&ref, REF_EXACT);
    const double careful = ref_pause_room_s(&ref, REF_CAREFUL);
    const uint32_t drawn = 1U + ((step->a >> 4) % 8000U);
    const double seconds = ((step->a & 1U) != 0U)
                               ? fmax(exact + (double)(step->a & 2U) - 1.0, 1.0)
                               : (double)drawn;

    answer = rig_suspend(&rig, who, (uint32_t)seconds);
    if ((answer != NULL) && (answer->kind == DG_ANSWER_STATUS)) {
        if (seconds > (exact + EPSILON)) {
            FAIL("suspended for %.0f s, only %.0f are left", seconds, exact);
        }
        if (ref.is_paused && ref.is_by_person) {
            FAIL("a phone replaced what a person began");
        }
        void_offers();
        end_insulin();
        ref_resume(&ref, ref.now);
        ref_pause(&ref, seconds, false);
        tally->suspended++;
    } else if ((answer != NULL) &&
               (answer->as.refused.reason == DG_REASON_E5)) {
        if (seconds <= (careful - EPSILON)) {
            FAIL("%.0f s refused, %.0f are left", seconds, careful);
        }
    }
    note_answer(who, answer);
}

static void press_confirm(void)
{
    const bool is_glucagon = glucagon_wait.is_on;
    struct wait *wait = is_glucagon ? &glucagon_wait : &insulin_wait;
    struct offer offer = wait->offer;

    if (wait->is_on) {
        if (wait->is_rescue) {
            offer.amount = ref_rescue_mg(&ref, REF_EXACT);
        }
        asked = offer.amount;
        asked_tier = offer.tier;
        asked_glucagon = is_glucagon;
        is_ending = true;
    }

    const enum dg_status status = dg_device_press(
        &rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_CONFIRM);

    if (!wait->is_on) {
        if (status == DG_OK) {
            FAIL("a press confirmed nothing");
        }
        return;
    }
    wait->is_on = false;
    if (status != DG_OK) {
        /* Where nothing moves a basal step may have ended the wait. */
        if (!rig.flash.is_dead && (blocked == 0U) &&
            (is_glucagon || (offer.amount <= (reservoir_U() + EPSILON))) &&
            (wait->is_rescue
                 ? (ref_rescue_mg(&ref, REF_CAREFUL) > EPSILON)
                 : judge(&offer, offer.tier, REF_CAREFUL).is_allowed)) {
            FAIL("the button was refused: %.3f of tier %d, headroom %.3f",
                 offer.amount,
                 offer.tier,
                 judge(&offer, offer.tier, REF_CAREFUL).headroom);
        }
        return;
    }
    if (wait->is_rescue) {
        tally->rescues++;
        /* As much as there is: what the ledger says must lie between. */
        const double began =
            (double)rig.device.glucagon.ledger->ticket[0].pulses * STEP_MG;

        check_between("a rescue dose",
                      began,
                      ref_rescue_mg(&ref, REF_CAREFUL),
                      ref_rescue_mg(&ref, REF_EXACT));
        offer.amount = began;
        begin_glucagon(REF_PRESENT, began);
    } else {
        must_allow(&offer, "button");
        begin(&offer);
    }
}

void act_press(const struct walk_step *step)
{
    static const enum dg_button buttons[] = {
        DG_BUTTON_CONFIRM,
        DG_BUTTON_CONFIRM,
        DG_BUTTON_CONFIRM,
        DG_BUTTON_CONFIRM,
        DG_BUTTON_CONFIRM,
        DG_BUTTON_CONFIRM,
        DG_BUTTON_CONFIRM,
        DG_BUTTON_CONFIRM,
        DG_BUTTON_STOP,
        DG_BUTTON_SUSPEND,
        DG_BUTTON_RESUME,
        DG_BUTTON_RESUME,
        DG_BUTTON_RESUME,
        DG_BUTTON_RESUME,
        DG_BUTTON_SILENCE,
        DG_BUTTON_RESCUE,
        DG_BUTTON_RESCUE,
    };
    const enum dg_button button =
        buttons[step->a % (sizeof buttons / sizeof buttons[0])];

    if (button == DG_BUTTON_CONFIRM) {
        press_confirm();
        return;
    }
    is_ending = button != DG_BUTTON_SILENCE;
    is_pausing = (button == DG_BUTTON_SUSPEND) || (button == DG_BUTTON_RESUME);

    const enum dg_status status =
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, button);

    if (button == DG_BUTTON_STOP) {
        void_offers();
        end_insulin();
        end_glucagon(true);
        holder = -1;
    } else if (button == DG_BUTTON_SUSPEND) {
        void_offers();
        end_insulin();
        if (!ref.is_paused || !ref.is_by_person) {
            ref_resume(&ref, ref.now);
            ref_pause(&ref, 1e12, true);
        }
    } else if (button == DG_BUTTON_RESUME) {
        ref_resume(&ref, ref.now);
    } else if ((button == DG_BUTTON_RESCUE) && (status == DG_OK)) {
        if (ref_rescue_mg(&ref, REF_EXACT) < (STEP_MG - EPSILON)) {
            FAIL("a rescue with nothing left");
        }
        glucagon_by = -1;
        /* A micro-dose gives way, and a dose that waits. */
        end_glucagon(true);
        insulin_wait.is_on = false;
        glucagon_wait =
            (struct wait){true,
                          true,
                          ref.now + 30.0,
                          {.tier = REF_PRESENT, .is_glucagon = true}};
        if ((step->b & 1U) != 0U) {
            press_confirm();
        }
    }
}

void act_connect(unsigned who)
{
    /* Whatever becomes of it, the old session is gone for the phone, and its
     * ticket with it. */
    offers[who].is_open = false;
    is_connected[who] = rig_connect(&rig, who);
    if (!is_connected[who]) {
        tally->silence++;
        return;
    }
    connected_at[who] = ref.now;
    greeted_at[who] = ref.now;
}
