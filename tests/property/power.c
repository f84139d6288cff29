/* SPDX-License-Identifier: Apache-2.0 */
#include "stand.h"

#include <math.h>
#include <string.h>

/* Resets, and power that goes in the middle of a write. */

static void forget_all(void)
{
    void_offers();
    insulin_wait.is_on = false;
    glucagon_wait.is_on = false;
    memset(is_connected, 0, sizeof is_connected);
    holder = -1;
    ref.has_glucose = false;
    ref.insulin.reset_at = ref.now;
    ref.glucagon.reset_at = ref.now;
}

void take_control(void)
{
    act_connect(0U);
    if (!is_connected[0]) {
        return;
    }

    const struct dg_answer *answer = rig_lease(&rig, 0U, DG_LEASE_TAKE);

    if ((answer != NULL) && (answer->kind == DG_ANSWER_STATUS)) {
        holder = 0;
        held_at = ref.now;
    }
}

static void come_back(void)
{
    rig.flash.cut_in = 0U;
    rig_reboot(&rig);
    dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
    moved_seen = rig.moved;
    chamber_seen = rig.chamber_moved;
    basal_U = 0.0;
    basal_from_U = ref.scheduled_U;
    take_control();
}

/* The clock falls back; the device's own time does not. */
void act_clock(const struct walk_step *step)
{
    const uint32_t back_s = 1U + (step->a % 20000U);

    if (rig.clock_s < (RIG_START / 2U)) {
        return;
    }
    rig.clock_s -= back_s;
    lead_s += back_s;
    tally->set_back++;
    wait_for(0U);
    dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
}

/* While it is off somebody sets it right: with a clock that stays behind the
 * device forgets the time since its last record (CAVEATS, "Known defects"). */
static void set_clock_right(void)
{
    rig.clock_s += lead_s;
    lead_s = 0U;
}

void act_reset(const struct walk_step *step)
{
    const uint32_t off_s =
        ((step->a & 3U) == 0U) ? ((step->a >> 2) % 20000U) : (step->a % 20U);
    const uint32_t moved = rig.moved;

    set_clock_right();
    rig.clock_s += off_s;
    ref_pass(&ref, rig.clock_s, false);
    if (ref.insulin.is_open || ref.glucagon.is_open) {
        tally->uncertain++;
    }
    ref_uncertain(&ref.insulin, ref.now);
    ref_spread_uncertain(&ref.insulin, ref.now);
    ref_uncertain(&ref.glucagon, ref.now);
    forget_all();
    tally->resets++;
    blocked = (rig.is_blocked || is_dry()) ? 1U : 0U;
    come_back();
    basal_all_U += (double)(rig.moved - moved) * STEP_U;
    moved_seen = rig.moved;
}

/* What a cut left of one hormone.  @nb steps moved in this step of the walk and
 * were told as doses, @unc more are told as uncertain; @was is how it stood. */
static void resolve(const char *what,
                    struct ref_book *book,
                    const struct dg_ledger *ledger,
                    bool is_new,
                    double nb,
                    double unc)
{
    /* An intent that was written and ended at once, with nothing moved. */
    if (is_new && (asked > 0.0) && ledger->has_bolus &&
        ((double)ledger->last_bolus.s >= before.now)) {
        book->has_last = true;
        book->last = ledger->last_bolus.s;
    }

    const double rest = book->is_open ? book->rest : 0.0;

    if (book->is_open) {
        const bool is_counted = fabs((nb + unc) - rest) < EPSILON;
        const bool is_ended = (is_ending || (book->tier == REF_AUTOMATIC)) &&
                              (unc < EPSILON) && (nb < (rest + EPSILON));

        if (!is_counted && !is_ended) {
            FAIL("a cut: %.2f of %s were left, %.2f moved and %.2f are "
                 "uncertain",
                 rest,
                 what,
                 nb,
                 unc);
        }
        ref_close(book, ref.now);
        ref_add(book, before.now, ref.now, book->tier, nb);
        ref_add(book, ref.now, ref.now, book->tier, unc);
        if (unc < EPSILON) {
            ref_whole(book, ref.now, book->tier, book->asked, false);
        }
        return;
    }
    if ((nb + unc) < EPSILON) {
        return;
    }
    if (!is_new || (fabs((nb + unc) - asked) > EPSILON)) {
        FAIL("a cut: %.2f of %s moved and %.2f are uncertain, %.2f asked for",
             nb,
             what,
             unc,
             is_new ? asked : 0.0);
    }
    ref_add(book, before.now, ref.now, asked_tier, nb);
    ref_add(book, ref.now, ref.now, asked_tier, unc);
    if (unc < EPSILON) {
        ref_whole(book, ref.now, asked_tier, asked, false);
    }
}

static uint32_t cut_bolus;
static uint32_t cut_basal;
static uint32_t cut_uncertain;
static uint32_t cut_glucagon;
static uint32_t cut_glucagon_uncertain;

/* A pump without a chamber has no ledger of it: nothing was delivered. */
static const struct dg_ledger *chamber_ledger(void)
{
    static const struct dg_ledger nothing;

    return (rig.device.glucagon.ledger == NULL) ? &nothing
                                                : rig.device.glucagon.ledger;
}

/* Before a step in which the power may go. */
void prepare_cut(void)
{
    const struct dg_ledger *ledger = &rig.device.ledger;
    const struct dg_ledger *other = chamber_ledger();

    before = ref;
    cut_bolus = ledger->bolus_pulses;
    cut_basal = ledger->basal_pulses;
    cut_uncertain = ledger->uncertain_pulses;
    cut_glucagon = other->bolus_pulses;
    cut_glucagon_uncertain = other->uncertain_pulses;
}

/* A pause that was being begun or ended when the power went at @at is one or
 * the other. */
static void resolve_pause(const struct dg_ledger_pause *pause, double at)
{
    const bool is_other =
        (pause->is_on != ref.is_paused) ||
        (pause->is_on && ((double)pause->since.s != ref.pause.from));

    if (!is_other) {
        return;
    }
    if (!is_pausing) {
        FAIL("a cut: suspended %d, was %d", pause->is_on, ref.is_paused);
    }
    ref_resume(&ref, (ref.pause.to <= at) ? ref.pause.to : before.now);
    if (pause->is_on) {
        ref.is_paused = true;
        ref.is_by_person = pause->tier == DG_TIER_PRESENT;
        ref.pause.from = pause->since.s;
        ref.pause.to = ref.is_by_person
                           ? 1e12
                           : ((double)pause->since.s + pause->granted_s);
    }
}

/* The power went in the last step.  What was open is counted in full, what was
 * being begun either in full or not at all; which of it, the device says. */
void come_back_from_cut(uint32_t off_s)
{
    tally->cuts++;
    set_clock_right();
    rig.clock_s += off_s;

    const uint32_t moved = rig.moved;
    const uint32_t chamber = rig.chamber_moved;

    rig.flash.cut_in = 0U;
    rig_reboot(&rig);

    const struct dg_ledger *ledger = &rig.device.ledger;
    const struct dg_ledger *other = chamber_ledger();

    if ((ledger->moved != moved) ||
        (ledger->bolus_pulses + ledger->basal_pulses != moved) ||
        (other->moved != chamber)) {
        FAIL("after a cut the ledger says %u steps, the mechanism %u",
             (unsigned)ledger->moved,
             (unsigned)moved);
    }
    ref = before;
    resolve_pause(&ledger->pause, rig.clock_s - off_s);
    ref_pass(&ref, rig.clock_s, false);
    resolve("insulin",
            &ref.insulin,
            ledger,
            !asked_glucagon,
            (double)(ledger->bolus_pulses - cut_bolus) * STEP_U,
            (double)(ledger->uncertain_pulses - cut_uncertain) * STEP_U);
    resolve("glucagon",
            &ref.glucagon,
            other,
            asked_glucagon,
            (double)(other->bolus_pulses - cut_glucagon) * STEP_MG,
            (double)(other->uncertain_pulses - cut_glucagon_uncertain) *
                STEP_MG);
    basal_all_U += (double)(ledger->basal_pulses - cut_basal) * STEP_U;
    /* The reservoir may have run dry just before. */
    blocked += is_dry() ? 1U : 0U;
    if ((ledger->uncertain_pulses != cut_uncertain) ||
        (other->uncertain_pulses != cut_glucagon_uncertain)) {
        tally->uncertain++;
    }
    forget_all();

    dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
    basal_all_U += (double)(rig.moved - moved) * STEP_U;
    moved_seen = rig.moved;
    chamber_seen = rig.chamber_moved;
    basal_U = 0.0;
    basal_from_U = ref.scheduled_U;
    take_control();
}

void act_block(const struct walk_step *step)
{
    (void)step;
    rig.is_blocked = !rig.is_blocked;
    blocked += rig.is_blocked ? 1U : 0U;
}

/* A record twice, or changed, or noise: only the first of the true one is heard.
 */
void act_frame(const struct walk_step *step)
{
    const unsigned who = step->who;
    const struct dg_request request = {
        .kind = DG_REQUEST_STATUS,
        .as.status = {DG_VERSION_MAJOR, DG_VERSION_MINOR, 80U}};
    uint8_t message[DG_MESSAGE_MAX];
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span bytes = {NULL, 0U};
    dg_span datagram = {NULL, 0U};

    assert_int_equal(dg_request_encode(&request, DG_BUF_OF(message), &bytes),
                     DG_OK);
    if (dg_controller_send(&rig.phone[who].controller,
                           &rig.crypto,
                           bytes,
                           DG_BUF_OF(room),
                           &datagram) != DG_OK) {
        return;
    }
    if ((step->a & 1U) == 0U) {
        if (rig_deliver(&rig, datagram).size > 0U) {
            greeted_at[who] = ref.now;
        }
    } else if ((step->a & 2U) == 0U) {
        room[(step->a >> 8) % datagram.size] ^= (uint8_t)(1U << (step->b & 7U));
    } else {
        for (size_t i = 1U; i < datagram.size; i++) {
            room[i] = (uint8_t)(step->b >> (i % 24U));
        }
    }
    if (rig_deliver(&rig, datagram).size > 0U) {
        FAIL("a record that is not new or not true was answered");
    }
}
