/* SPDX-License-Identifier: Apache-2.0 */
#include "reference.h"

#include <math.h>
#include <string.h>

/* Far below a step, far above what a double loses. */
#define EPSILON 1e-7

#define WINDOWS   4
#define BIN_S     300.0
#define PAUSE_BIN 900.0
#define DAY_S     86400.0

static const double window_s[WINDOWS] = {300.0, 3600.0, 14400.0, DAY_S};

/* docs/adr/0005, in percent of the daily dose: one dose, then the windows. */
static const double percent[4][1 + WINDOWS] = {
    [REF_AUTOMATIC] = {2.5, 2.5, 6.0, 12.0, 48.0},
    [REF_CONFIRMED] = {15.0, 15.0, 20.0, 30.0, 80.0},
    [REF_PRESENT] = {20.0, 20.0, 25.0, 40.0, 100.0},
};
static const double one_dose_U[4] = {0.0, 5.0, 10.0, 17.0};
static const double on_board_U[4] = {0.0, 7.0, 13.0, 22.0};

/* docs/adr/0014: shares of the micro-dose; the day is a share of the day. */
static const double micro[4][1 + WINDOWS] = {
    [REF_AUTOMATIC] = {1.0, 1.0, 3.0, 5.0, .75},
    [REF_CONFIRMED] = {2.0, 2.0, 3.0, 5.0, 1.0},
    [REF_PRESENT] = {0.0, 2.0, 3.0, 5.0, 1.0},
};

/* Share of a dose that has not acted after @age seconds: the exponential model
 * with its peak at 75 min and its end at 360 min. */
static double curve(double age)
{
    const double end = 360.0;
    const double peak = 75.0;
    const double tau = peak * (1.0 - peak / end) / (1.0 - 2.0 * peak / end);
    const double a = 2.0 * tau / end;
    const double s = 1.0 / (1.0 - a + (1.0 + a) * exp(-end / tau));
    const double t = age / 60.0;

    if (t <= 0.0) {
        return 1.0;
    }
    if (t >= end) {
        return 0.0;
    }
    return 1.0 - s * (1.0 - a) *
                     ((t * t / (tau * end * (1.0 - a)) - t / tau - 1.0) *
                          exp(-t / tau) +
                      1.0);
}

static double curve_at(double age)
{
    static double table[21602];

    if (table[0] == 0.0) {
        for (size_t i = 0U; i < sizeof table / sizeof table[0]; i++) {
            table[i] = curve((double)i);
        }
    }
    if (age >= 21600.0) {
        return 0.0;
    }
    return table[(age > 0.0) ? (size_t)age : 0U];
}

/* Life --------------------------------------------------------------------- */

void ref_begin(struct ref *ref, const struct ref_person *person, double now)
{
    memset(ref, 0, sizeof *ref);
    ref->person = *person;
    ref->now = now;
}

/* What the programme gives from now until @to. */
static double schedule_U(const struct ref *ref, double from, double to)
{
    double sum = 0.0;

    while (from < to) {
        const double hour = floor(from / 3600.0);
        const double end = fmin(to, (hour + 1.0) * 3600.0);

        sum += ref->person.basal_U_per_h[(size_t)fmod(hour, 24.0)] *
               (end - from) / 3600.0;
        from = end;
    }
    return sum;
}

void ref_pass(struct ref *ref, double to, bool is_powered)
{
    ref->scheduled_all_U += schedule_U(ref, ref->now, to);
    if (ref->is_paused && !ref->is_by_person && (ref->pause.to <= to)) {
        const double end = ref->pause.to;

        ref_resume(ref, end);
        ref->now = fmax(ref->now, end);
    }
    if (is_powered && !ref->is_paused) {
        ref->scheduled_U += schedule_U(ref, ref->now, to);
    }
    ref->now = to;
}

void ref_add(struct ref_book *book,
             double at,
             double settled,
             enum ref_tier tier,
             double amount)
{
    struct ref_amount *entry = &book->amount[book->count % REF_AMOUNTS];

    *entry = (struct ref_amount){at, settled, amount, tier, false};
    book->count++;
}

void ref_open(struct ref_book *book,
              double now,
              enum ref_tier tier,
              double amount)
{
    book->is_open = true;
    book->tier = tier;
    book->first = book->count;
    book->rest = amount;
    book->asked = amount;
    book->due = now;
    book->has_last = true;
    book->last = now;
}

void ref_step(struct ref_book *book, double at, double amount)
{
    ref_add(book, at, at, book->tier, amount);
    book->rest -= amount;
}

void ref_whole(struct ref_book *book,
               double now,
               enum ref_tier tier,
               double amount,
               bool is_sure)
{
    if (tier >= REF_CONFIRMED) {
        book->whole[book->wholes % REF_WHOLE] =
            (struct ref_whole){now, amount, is_sure};
        book->wholes++;
    }
}

void ref_close(struct ref_book *book, double now)
{
    if (book->is_open && (book->rest < .001)) {
        ref_whole(book, now, book->tier, book->asked, true);
    }
    for (size_t i = book->first; i < book->count; i++) {
        struct ref_amount *entry = &book->amount[i % REF_AMOUNTS];

        entry->settled = entry->is_spread ? entry->settled : now;
    }
    book->is_open = false;
    book->rest = 0.0;
}

void ref_uncertain(struct ref_book *book, double now)
{
    const double rest = book->rest;

    ref_close(book, now);
    if (rest > EPSILON) {
        ref_add(book, now, now, book->tier, rest);
    }
}

/* Doses over time ------------------------------------------------------------ */

void ref_spread_open(struct ref_book *book,
                     double now,
                     enum ref_tier tier,
                     double amount,
                     double step,
                     double seconds)
{
    book->spread =
        (struct ref_spread){.is_open = true,
                            .tier = tier,
                            .asked = amount,
                            .rest = amount,
                            .from = now,
                            .seconds = seconds,
                            .steps = (unsigned)lround(amount / step)};
    book->has_last = true;
    book->last = now;
}

double ref_spread_due(const struct ref_book *book)
{
    const struct ref_spread *spread = &book->spread;

    return spread->from +
           floor(((spread->given + 1.0) * spread->seconds) / spread->steps);
}

/* That a step moved is written with the next one, or with the end. */
static void settle_last(struct ref_book *book, double now)
{
    const struct ref_spread *spread = &book->spread;

    if (spread->is_open && (spread->given > 0U)) {
        book->amount[spread->last % REF_AMOUNTS].settled = now;
    }
}

void ref_spread_step(struct ref_book *book, double at, double amount)
{
    struct ref_spread *spread = &book->spread;

    settle_last(book, at);
    spread->last = book->count;
    ref_add(book, at, at, spread->tier, amount);
    book->amount[(book->count - 1U) % REF_AMOUNTS].is_spread = true;
    spread->rest -= amount;
    spread->given++;
    if (spread->given == spread->steps) {
        ref_spread_close(book, at);
    }
}

void ref_spread_close(struct ref_book *book, double now)
{
    struct ref_spread *spread = &book->spread;

    settle_last(book, now);
    if (spread->is_open && (spread->given == spread->steps)) {
        ref_whole(book, now, spread->tier, spread->asked, true);
    }
    spread->is_open = false;
    spread->rest = 0.0;
}

void ref_spread_uncertain(struct ref_book *book, double now)
{
    const double rest = book->spread.rest;

    ref_spread_close(book, now);
    if (rest > EPSILON) {
        ref_add(book, now, now, book->spread.tier, rest);
    }
}

/* Counting ----------------------------------------------------------------- */

/* When an amount counts from, in this view. */
static double since(const struct ref_book *book,
                    const struct ref_amount *entry,
                    enum ref_view view)
{
    return ((view == REF_CAREFUL) && (entry->at <= book->reset_at))
               ? entry->settled
               : entry->at;
}

/* Amounts of @tier and narrower ones in the trailing @length, the rest of an
 * open intent in full. */
static double within(const struct ref_book *book,
                     double now,
                     enum ref_tier tier,
                     double length,
                     enum ref_view view)
{
    const double from = fmax(now - length, 0.0);
    double sum = (book->is_open && (book->tier <= tier)) ? book->rest : 0.0;

    if (book->spread.is_open && (book->spread.tier <= tier)) {
        sum += book->spread.rest;
    }
    for (size_t i = book->count; (i > 0U) && ((book->count - i) < REF_AMOUNTS);
         i--) {
        const struct ref_amount *entry = &book->amount[(i - 1U) % REF_AMOUNTS];
        const double at = since(book, entry, view);

        if (fmax(entry->at, entry->settled) < (from - BIN_S)) {
            break;
        }
        if ((entry->tier <= tier) &&
            ((view == REF_EXACT)
                 ? (at > from)
                 : (floor(at / BIN_S) >= floor(from / BIN_S)))) {
            sum += entry->amount;
        }
    }
    return sum;
}

double ref_iob_U(const struct ref *ref, enum ref_view view)
{
    const struct ref_book *book = &ref->insulin;
    double sum = (book->is_open ? book->rest : 0.0) + book->spread.rest;

    for (size_t i = book->count; (i > 0U) && ((book->count - i) < REF_AMOUNTS);
         i--) {
        const struct ref_amount *entry = &book->amount[(i - 1U) % REF_AMOUNTS];
        const double age = ref->now - since(book, entry, view);

        if ((ref->now - fmax(entry->at, entry->settled)) > 22200.0) {
            break;
        }
        /* Two bins at most are lost, one part in 1024 by rounding. */
        sum += (view == REF_EXACT)
                   ? (entry->amount * curve_at(age))
                   : (entry->amount *
                      (curve_at(age - 600.0) +
                       ((age < (21600.0 + 600.0)) ? 1.0 / 1024.0 : 0.0)));
    }
    return sum + ((view == REF_CAREFUL) ? .001 : 0.0);
}

/* Insulin ------------------------------------------------------------------ */

bool ref_is_fresh(const struct ref *ref)
{
    return ref->has_glucose && ((ref->now - ref->glucose_at) <= 600.0);
}

bool ref_is_low(const struct ref *ref)
{
    return ref_is_fresh(ref) && (ref->glucose < ref->person.floor);
}

bool ref_is_unusual(const struct ref *ref, double U, enum ref_view view)
{
    const struct ref_book *book = &ref->insulin;
    const size_t held = (book->wholes < REF_WHOLE) ? book->wholes : REF_WHOLE;
    const double life = (view == REF_CAREFUL) ? 86400.0 : 90000.0;
    double largest = 0.0;

    for (size_t i = 0U; i < held; i++) {
        const struct ref_whole *whole = &book->whole[i];

        if (((ref->now - whole->at) <= life) &&
            (whole->is_sure || (view == REF_EXACT))) {
            largest = fmax(largest, whole->amount);
        }
    }
    return (U > ((0.1 * ref->person.tdd_U) + EPSILON)) &&
           (U > ((1.5 * largest) + EPSILON));
}

/* E4: reading not below the floor, and the floor of the prediction, 70 mg/dL,
 * not reached once everything has acted.  From six minutes on a reading loses
 * 4 mg/dL a minute, in whole mg/dL. */
static double glucose_room_U(const struct ref *ref, enum ref_view view)
{
    const double late = fmax(ref->now - ref->glucose_at - 360.0, 0.0);
    const double fall = late / 15.0;
    const double value =
        ref->glucose - ((view == REF_EXACT) ? fall : ceil(fall - EPSILON));

    if (!ref_is_fresh(ref) || (value < ref->person.floor - EPSILON)) {
        return 0.0;
    }

    const double room =
        ((value - 70.0) / ref->person.isf) - ref_iob_U(ref, view);

    return fmax(room - ((view == REF_CAREFUL) ? .001 : 0.0), 0.0);
}

bool ref_goes_on(const struct ref *ref, enum ref_view view)
{
    const double late = fmax(ref->now - ref->glucose_at - 360.0, 0.0);
    const double fall = late / 15.0;
    const double value =
        ref->glucose - ((view == REF_EXACT) ? fall : ceil(fall - EPSILON));

    return ref_is_fresh(ref) && (value >= (ref->person.floor - EPSILON)) &&
           ((((value - 70.0) / ref->person.isf) -
             ((view == REF_CAREFUL) ? .001 : 0.0)) >=
            (ref_iob_U(ref, view) - EPSILON));
}

static double cap_U(const struct ref *ref, enum ref_tier tier, int column)
{
    const enum ref_tier row =
        (ref->person.is_low_package && (tier == REF_CONFIRMED)) ? REF_AUTOMATIC
                                                                : tier;
    const double share = ref->person.tdd_U * percent[row][column] / 100.0;

    return (column == 0) ? fmin(share, one_dose_U[ref->person.age]) : share;
}

static double down_to(double value, double step)
{
    return floor((value + EPSILON) / step) * step;
}

static void limit(struct ref_verdict *verdict,
                  enum ref_rule rule,
                  double room,
                  double amount)
{
    verdict->refuses[rule] =
        verdict->refuses[rule] || (amount > (room + EPSILON));
    verdict->is_allowed = verdict->is_allowed && !verdict->refuses[rule];
    verdict->headroom = fmin(verdict->headroom, fmax(room, 0.0));
}

struct ref_verdict ref_bolus(const struct ref *ref,
                             enum ref_tier tier,
                             double U,
                             enum ref_view view)
{
    const struct ref_book *book = &ref->insulin;
    const struct ref_book *other = &ref->glucagon;
    struct ref_verdict verdict = {.is_allowed = true, .headroom = INFINITY};
    const bool is_early = book->has_last && ((ref->now - book->last) < 180.0);
    const bool is_locked =
        other->is_open ||
        (other->has_last && ((ref->now - other->last) < 3600.0));

    limit(&verdict, REF_E7, is_early ? 0.0 : INFINITY, U);
    /* On a LOW phone a confirmation is the controller's word. */
    if ((tier == REF_AUTOMATIC) ||
        (ref->person.is_low_package && (tier == REF_CONFIRMED))) {
        limit(&verdict, REF_E8, is_locked ? 0.0 : INFINITY, U);
        limit(&verdict, REF_E4, glucose_room_U(ref, view), U);
    }
    limit(&verdict, REF_E1, cap_U(ref, tier, 0), U);
    for (enum ref_tier wider = tier; wider <= REF_PRESENT; wider++) {
        for (int i = 0; i < WINDOWS; i++) {
            limit(&verdict,
                  REF_E2,
                  cap_U(ref, wider, 1 + i) -
                      within(book, ref->now, wider, window_s[i], view),
                  U);
        }
    }
    limit(&verdict,
          REF_E3,
          fmin(ref->person.tdd_U * .30, on_board_U[ref->person.age]) -
              ref_iob_U(ref, view) - ((view == REF_CAREFUL) ? .001 : 0.0),
          U);
    verdict.headroom = down_to(verdict.headroom, .05);
    return verdict;
}

/* Glucagon ----------------------------------------------------------------- */

struct ref_verdict ref_glucagon(const struct ref *ref,
                                enum ref_tier tier,
                                double mg,
                                enum ref_view view)
{
    const struct ref_book *book = &ref->glucagon;
    const struct ref_book *insulin = &ref->insulin;
    struct ref_verdict verdict = {.is_allowed = true, .headroom = INFINITY};
    const double automatic =
        within(insulin, ref->now, REF_AUTOMATIC, 300.0, view);
    const double below = (automatic > EPSILON)
                             ? fmin(70.0, fmin(80.0, ref->person.floor))
                             : fmin(80.0, ref->person.floor);
    const bool is_early = book->has_last && ((ref->now - book->last) < 600.0);
    const bool is_due = ref_is_fresh(ref) && (ref->glucose < below) &&
                        !(insulin->is_open && (insulin->tier == REF_AUTOMATIC));

    limit(&verdict, REF_E8, is_early ? 0.0 : INFINITY, mg);
    if (tier == REF_AUTOMATIC) {
        limit(&verdict, REF_E8, is_due ? INFINITY : 0.0, mg);
    }
    limit(&verdict, REF_E8, ref->person.glucagon_dose_mg * micro[tier][0], mg);
    for (enum ref_tier wider = tier; wider <= REF_PRESENT; wider++) {
        for (int i = 0; i < WINDOWS; i++) {
            const double of = (i == (WINDOWS - 1))
                                  ? ref->person.glucagon_day_mg
                                  : ref->person.glucagon_dose_mg;

            limit(&verdict,
                  REF_E8,
                  (of * micro[wider][1 + i]) -
                      within(book, ref->now, wider, window_s[i], view),
                  mg);
        }
    }
    verdict.headroom = down_to(verdict.headroom, .01);
    return verdict;
}

/* One in any 15 min, two in any day, of what a person asks for at the pump. */
double ref_rescue_mg(const struct ref *ref, enum ref_view view)
{
    const struct ref_book *book = &ref->glucagon;
    const double dose = down_to(ref->person.rescue_mg, .01);
    const double recent = within(book, ref->now, REF_PRESENT, 900.0, view) -
                          within(book, ref->now, REF_CONFIRMED, 900.0, view);
    const double day = within(book, ref->now, REF_PRESENT, DAY_S, view) -
                       within(book, ref->now, REF_CONFIRMED, DAY_S, view);

    return down_to(fmax(fmin(dose - recent, (2.0 * dose) - day), 0.0), .01);
}

/* Basal withheld ----------------------------------------------------------- */

static double paused_s(const struct ref *ref, double length, enum ref_view view)
{
    const double start = fmax(ref->now - length, 0.0);
    const double from =
        (view == REF_EXACT) ? start : (floor(start / PAUSE_BIN) * PAUSE_BIN);
    double sum = (ref->is_paused && !ref->is_by_person)
                     ? (ref->pause.to - ref->pause.from)
                     : 0.0;

    for (size_t i = ref->spans; (i > 0U) && ((ref->spans - i) < REF_SPANS);
         i--) {
        const struct ref_span *span = &ref->span[(i - 1U) % REF_SPANS];

        if (span->to < (from - PAUSE_BIN)) {
            break;
        }
        sum += fmax(span->to - fmax(span->from, from), 0.0);
    }
    return sum;
}

double ref_pause_room_s(const struct ref *ref, enum ref_view view)
{
    const double in_4_h = 7200.0 - paused_s(ref, 14400.0, view);
    const double in_day = 28800.0 - paused_s(ref, DAY_S, view);

    return fmax(fmin(7200.0, fmin(in_4_h, in_day)), 0.0);
}

void ref_pause(struct ref *ref, double seconds, bool is_by_person)
{
    ref->is_paused = true;
    ref->is_by_person = is_by_person;
    ref->pause = (struct ref_span){ref->now, ref->now + seconds};
}

void ref_resume(struct ref *ref, double at)
{
    if (!ref->is_paused) {
        return;
    }
    if (!ref->is_by_person && (at > ref->pause.from)) {
        ref->span[ref->spans % REF_SPANS] =
            (struct ref_span){ref->pause.from, fmin(at, ref->pause.to)};
        ref->spans++;
    }
    ref->is_paused = false;
}
