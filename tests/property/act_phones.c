/* SPDX-License-Identifier: Apache-2.0 */
#include "stand.h"

/* Phones that are thrown out, and come again. */

static const enum dg_role roles[PHONES] = {
    DG_ROLE_OWNER, DG_ROLE_CAREGIVER, DG_ROLE_OBSERVER};

static bool is_paired(unsigned who)
{
    return rig.device.settings.controller[who].is_used;
}

/* What it asked for and is under way, or waits for the button, ends with it;
 * what others asked for goes on. */
static void drop_phone(unsigned who)
{
    const bool has_insulin = (insulin_by == (int)who) && is_busy(false);
    const bool has_spread =
        (spread_by == (int)who) && ref.insulin.spread.is_open;
    const bool has_glucagon = (glucagon_by == (int)who) && is_busy(true);

    offers[who].is_open = false;
    is_connected[who] = false;
    holder = (holder == (int)who) ? -1 : holder;
    tally->revoked++;
    tally->ended += (has_insulin || has_spread || has_glucagon) ? 1U : 0U;
    if (has_insulin) {
        end_bolus();
    }
    if (has_spread) {
        ref_spread_close(&ref.insulin, ref.now);
    }
    if (has_glucagon) {
        end_glucagon(false);
    }
}

void act_revoke(const struct walk_step *step)
{
    const bool is_dosing = (insulin_by == 1) && is_busy(false);
    const unsigned target = is_dosing ? 1U : (1U + (step->a % (PHONES - 1U)));
    const bool was_paired = is_paired(target);
    struct dg_request request = {.kind = DG_REQUEST_REVOKE};

    is_ending = true;
    request.as.revoke.slot = (uint8_t)target;

    const struct dg_answer *answer = rig_ask(&rig, step->who, &request);

    if (rig.flash.is_dead) {
        return;
    }
    if ((answer != NULL) && (answer->kind == DG_ANSWER_STATUS)) {
        if ((step->who != 0U) || !was_paired || is_paired(target)) {
            FAIL("phone %u threw %u out, paired %d",
                 step->who,
                 target,
                 is_paired(target));
        }
        drop_phone(target);
    } else if (is_paired(target) != was_paired) {
        FAIL("phone %u is thrown out, and nobody was told", target);
    } else if ((answer != NULL) && (step->who == 0U) && was_paired &&
               (answer->as.refused.reason == DG_REASON_ROLE)) {
        FAIL("the owner may not throw %u out", target);
    }
    note_answer(step->who, answer);
}

void act_pair(const struct walk_step *step)
{
    /* The device gives away the first place that is free. */
    const unsigned who = is_paired(1U) ? 2U : 1U;

    (void)step;
    if (is_paired(who)) {
        return;
    }

    const enum dg_status status =
        dg_device_press(&rig.device, (dg_seconds){rig.clock_s}, DG_BUTTON_PAIR);

    if (rig.flash.is_dead || (status != DG_OK)) {
        return;
    }

    const bool is_in = rig_try_pair(&rig, who, roles[who]);

    /* One whose answer was lost knows no slot: it knocks in vain. */
    offers[who].is_open = false;
    is_connected[who] = false;
    if (rig.flash.is_dead) {
        return;
    }
    if (!is_in || !is_paired(who) ||
        (rig.device.settings.controller[who].role != rig.phone[who].role)) {
        FAIL("phone %u was not paired", who);
    }
    tally->paired++;
}
