/* SPDX-License-Identifier: Apache-2.0 */
#include "stand.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* @verifies{FDP_DOSE.1@1} @verifies{FDP_DOSE.2@1} @verifies{FDP_DOSE.3@1}
 * @verifies{FDP_DOSE.4@1} @verifies{FDP_DOSE.5@1} @verifies{FDP_DOSE.6@1}
 * @verifies{FDP_BASAL.1@1} @verifies{FDP_PAUSE.1@2} @verifies{FDP_LEDGER.1@1}
 * @verifies{FDP_GLUCAGON.2@1} @verifies{FDP_GLUCAGON.3@1}
 *
 * The state of a walk: what the bench is in, and what the reference says of it.
 */

struct rig rig;
struct ref ref;
struct ref before;
struct walk_tally *tally;
struct offer offers[RIG_PHONES];
struct wait insulin_wait;
struct wait glucagon_wait;
struct dg_ticket_id done[OLD_TICKETS];
size_t done_count;
bool is_connected[RIG_PHONES];
double connected_at[RIG_PHONES];
double greeted_at[RIG_PHONES];
int holder;
double held_at;
uint32_t moved_seen;
uint32_t chamber_seen;
double basal_U;
double basal_from_U;
double basal_all_U;
uint32_t blocked;
double asked;
enum ref_tier asked_tier;
bool asked_glucagon;
bool is_ending;
bool is_pausing;
uint32_t lead_s;
int insulin_by;
int glucagon_by;
int spread_by;
uint32_t filled;
static bool was_dry;
static uint32_t bolus_seen;
jmp_buf escape;
char why[WHY_SIZE];

/* The reservoir ---------------------------------------------------------------- */

double reservoir_U(void)
{
    return (double)(filled - rig.moved) * STEP_U;
}

bool is_dry(void)
{
    return rig.moved == filled;
}

static enum dg_status (*step_of_the_rig)(void *context);

/* What is not there does not move. */
static enum dg_status dry_step(void *context)
{
    return is_dry() ? DG_E_PORT : step_of_the_rig(context);
}

void fill_reservoir(uint32_t pulses)
{
    filled = pulses;
    was_dry = false;
    bolus_seen = 0U;
    rig.filled = pulses;
    rig.device.settings.reservoir_pulses = pulses;
    assert_int_equal(dg_settings_save(&rig.flash.port, &rig.device.settings),
                     DG_OK);
    step_of_the_rig = rig.actuator.step;
    rig.actuator.step = dry_step;
}

/* Failing ------------------------------------------------------------------- */

/* The rig's own assertions end up here, not in cmocka. */
void _assert_true(const LargestIntegralType result,
                  const char *expression,
                  const char *file,
                  const int line)
{
    if (result == 0U) {
        FAIL("%s:%d: %s", file, line, expression);
    }
}

void _assert_int_equal(const LargestIntegralType a,
                       const LargestIntegralType b,
                       const char *file,
                       const int line)
{
    if (a != b) {
        FAIL("%s:%d: %llu is not %llu",
             file,
             line,
             (unsigned long long)a,
             (unsigned long long)b);
    }
}

/* Time ---------------------------------------------------------------------- */

double units(int32_t mU)
{
    return (double)mU / 1000.0;
}

uint32_t bench_now_s(void)
{
    return rig.clock_s + lead_s;
}

/* T1: what the controller alone was granted ends before the next step when the
 * reading would no longer let it begin.  Where the device may count more than
 * the truth, the device says which it was. */
static bool goes_on(double at, double moved)
{
    const double now = ref.now;
    const struct dg_ledger_ticket *ticket = &rig.device.ledger.ticket[0];
    const double told = (double)ticket->delivered * STEP_U;
    bool may = true;
    bool must = true;

    ref.now = at;
    may = ref_goes_on(&ref, REF_EXACT);
    must = ref_goes_on(&ref, REF_CAREFUL);
    ref.now = now;
    return must || (may && (told > (moved + EPSILON)));
}

static double moved_of(const struct ref_book *book)
{
    double sum = 0.0;

    for (size_t i = book->first; i < book->count; i++) {
        const struct ref_amount *entry = &book->amount[i % REF_AMOUNTS];

        sum += entry->is_spread ? 0.0 : entry->amount;
    }
    return sum;
}

/* The reservoir ran dry in this wait: when its last steps of basal were is not
 * known here, so how many steps of doses still moved the device says.  What it
 * says is held against the reservoir below. */
static uint32_t may_move = UINT32_MAX;

/* Steps of an intent that are due up to @to. */
static double pass_book(struct ref_book *book,
                        double to,
                        double step,
                        double every,
                        bool is_blocked)
{
    const bool is_insulin = book == &ref.insulin;
    double moved = 0.0;

    while (book->is_open && (book->due <= to)) {
        if (is_blocked || (is_insulin && (book->tier == REF_AUTOMATIC) &&
                           !goes_on(book->due, moved_of(book)))) {
            ref_close(book, book->due);
            break;
        }
        if (is_insulin) {
            may_move--;
        }
        ref_step(book, book->due, step);
        moved += step;
        if (book->rest < (step / 2.0)) {
            ref_close(book, book->due);
        }
        book->due += every;
    }
    return moved;
}

static void end_dry(double at)
{
    ref_close(&ref.insulin, at);
    ref_spread_close(&ref.insulin, at);
}

/* Steps of the spread dose that are due up to @to. */
static double pass_spread(struct ref_book *book, double to)
{
    double moved = 0.0;

    while (book->spread.is_open && (ref_spread_due(book) <= to)) {
        /* Nothing moves: a bolus ends here too. */
        if (rig.is_blocked || (may_move == 0U)) {
            end_dry(ref_spread_due(book));
            break;
        }
        may_move--;
        ref_spread_step(book, ref_spread_due(book), STEP_U);
        moved += STEP_U;
    }
    return moved;
}

/* Bolus and spread dose, in the order of time. */
static double pass_insulin(double to)
{
    struct ref_book *book = &ref.insulin;
    double moved = 0.0;

    while ((book->is_open && (book->due <= to)) ||
           (book->spread.is_open && (ref_spread_due(book) <= to))) {
        const bool is_bolus =
            book->is_open &&
            (!book->spread.is_open || (book->due <= ref_spread_due(book)));

        moved += is_bolus ? pass_book(book,
                                      book->due,
                                      STEP_U,
                                      2.0,
                                      rig.is_blocked || (may_move == 0U))
                          : pass_spread(book, ref_spread_due(book));
    }
    return moved;
}

static void expire(struct wait *wait, double to)
{
    if (wait->is_on && (wait->until <= to)) {
        wait->is_on = false;
    }
}

/* Everything that is due up to the clock of the bench happens; then what the
 * mechanisms moved must be just that. */
void settle(void)
{
    const double to = bench_now_s();
    const uint32_t told = rig.device.ledger.bolus_pulses;
    const bool has_run_dry = is_dry() && !was_dry && !rig.flash.is_dead;

    may_move = has_run_dry ? (told - bolus_seen) : (is_dry() ? 0U : UINT32_MAX);

    const double bolus = pass_insulin(to);
    const double glucagon =
        pass_book(&ref.glucagon, to, STEP_MG, 1.0, rig.is_chamber_blocked);

    /* Where nothing moves a step of basal that is due ends a dose too. */
    if (rig.is_blocked || is_dry()) {
        if (ref.insulin.is_open && !rig.device.ledger.is_open) {
            ref_close(&ref.insulin, to);
        }
        if (ref.insulin.spread.is_open && !rig.device.ledger.spread.is_open) {
            ref_spread_close(&ref.insulin, to);
        }
    }
    if (has_run_dry) {
        blocked++;
        tally->dry++;
    }
    was_dry = is_dry();
    bolus_seen = told;
    expire(&insulin_wait, to);
    expire(&glucagon_wait, to);
    ref_pass(&ref, to, true);
    if (rig.flash.is_dead) {
        return;
    }

    const double moved = (double)(rig.moved - moved_seen) * STEP_U;
    const double chamber = (double)(rig.chamber_moved - chamber_seen) * STEP_MG;
    const double basal = moved - bolus;

    moved_seen = rig.moved;
    chamber_seen = rig.chamber_moved;
    basal_U += basal;
    basal_all_U += basal;
    if (fabs(chamber - glucagon) > EPSILON) {
        FAIL("glucagon moved %.2f mg, expected %.2f", chamber, glucagon);
    }

    /* T4: the programme, to within one step. */
    const double due = ref.scheduled_U - basal_from_U;

    if ((basal < -EPSILON) || (basal_U > (due + STEP_U + EPSILON)) ||
        ((blocked == 0U) && (basal_U < (due - STEP_U - EPSILON)))) {
        FAIL("insulin moved %.2f U, of it doses %.2f; basal since the reset "
             "%.2f, its programme %.4f",
             moved,
             bolus,
             basal_U,
             due);
    }
    /* Whatever resets and pauses do, never more than the programme. */
    if (basal_all_U > (ref.scheduled_all_U + STEP_U + EPSILON)) {
        FAIL("basal %.2f U in all, programme %.4f",
             basal_all_U,
             ref.scheduled_all_U);
    }
    /* T9 */
    if ((rig.device.ledger.moved != rig.moved) ||
        (rig.device.ledger.bolus_pulses + rig.device.ledger.basal_pulses !=
         rig.moved)) {
        FAIL("the ledger says %u steps, the mechanism %u",
             (unsigned)rig.device.ledger.moved,
             (unsigned)rig.moved);
    }
    if (rig.device.is_fault) {
        FAIL("the device went into its safe state (%d)", rig.device.fault);
    }
}

void wait_for(uint32_t seconds)
{
    if (seconds > 0U) {
        rig.clock_s += seconds;
        dg_device_tick(&rig.device, (dg_seconds){rig.clock_s});
    }
    settle();
}

/* Doses ---------------------------------------------------------------------- */

bool is_same(const struct dg_ticket_id *a, const struct dg_ticket_id *b)
{
    return memcmp(a->byte, b->byte, DG_TICKET_SIZE) == 0;
}

void void_offers(void)
{
    for (unsigned i = 0U; i < RIG_PHONES; i++) {
        offers[i].is_open = false;
    }
}

void remember(const struct dg_ticket_id *id)
{
    memmove(&done[1], &done[0], (OLD_TICKETS - 1U) * sizeof done[0]);
    done[0] = *id;
    done_count += (done_count < OLD_TICKETS) ? 1U : 0U;
}

bool is_remembered(const struct dg_ticket_id *id)
{
    for (size_t i = 0U; i < done_count; i++) {
        if (is_same(&done[i], id)) {
            return true;
        }
    }
    return false;
}

void end_bolus(void)
{
    insulin_wait.is_on = false;
    if (ref.insulin.is_open) {
        ref_close(&ref.insulin, ref.now);
    }
}

void end_insulin(void)
{
    end_bolus();
    if (ref.insulin.spread.is_open) {
        ref_spread_close(&ref.insulin, ref.now);
    }
}

void end_glucagon(bool with_rescue)
{
    const bool is_rescue = glucagon_wait.is_on
                               ? glucagon_wait.is_rescue
                               : (ref.glucagon.tier == REF_PRESENT);

    if (is_rescue && !with_rescue) {
        return;
    }
    glucagon_wait.is_on = false;
    if (ref.glucagon.is_open) {
        ref_close(&ref.glucagon, ref.now);
    }
}

void begin_glucagon(enum ref_tier tier, double mg)
{
    if (tier == REF_PRESENT) {
        void_offers();
        end_insulin();
    } else if (ref.insulin.is_open && (ref.insulin.tier == REF_AUTOMATIC)) {
        end_bolus();
    }
    ref_open(&ref.glucagon, ref.now, tier, mg);
}

void begin(const struct offer *offer)
{
    if (offer->is_glucagon) {
        begin_glucagon(offer->tier, offer->amount);
        tally->accepted_glucagon[offer->tier]++;
    } else {
        ref_open(&ref.insulin, ref.now, offer->tier, offer->amount);
        tally->accepted[offer->tier]++;
    }
}

struct ref_verdict judge(const struct offer *offer,
                         enum ref_tier tier,
                         enum ref_view view)
{
    return offer->is_glucagon ? ref_glucagon(&ref, tier, offer->amount, view)
                              : ref_bolus(&ref, tier, offer->amount, view);
}

/* A dose is about to move: the rules must allow it. */
void must_allow(const struct offer *offer, const char *where)
{
    const struct ref_verdict exact = judge(offer, offer->tier, REF_EXACT);

    if (!exact.is_allowed) {
        FAIL("%s: %.3f %s of tier %d, above what is left (%.3f); refused by "
             "E1 %d E2 %d E3 %d E4 %d E7 %d E8 %d",
             where,
             offer->amount,
             offer->is_glucagon ? "mg" : "U",
             offer->tier,
             exact.headroom,
             exact.refuses[REF_E1],
             exact.refuses[REF_E2],
             exact.refuses[REF_E3],
             exact.refuses[REF_E4],
             exact.refuses[REF_E7],
             exact.refuses[REF_E8]);
    }
}
