/* SPDX-License-Identifier: Apache-2.0 */
/* Energy, alarms and readings of glucose: any sequence of calls with any
 * numbers, from a start at any time. */
#include "dosegate/alarm.h"
#include "dosegate/energy.h"
#include "dosegate/glucose.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "__fc_builtin.h"

/* Any bytes. */
/*@ requires \valid((char *)at + (0 .. size - 1));
  @ assigns  ((char *)at)[0 .. size - 1] \from Frama_C_entropy_source;
  @ ensures  \initialized((char *)at + (0 .. size - 1));
  @*/
void eva_fill(void *at, size_t size);

static dg_seconds any_time(void)
{
    return (dg_seconds){Frama_C_unsigned_int_interval(0U, UINT32_MAX)};
}

/* This call, or not. */
static bool maybe(void)
{
    return Frama_C_nondet(0, 1) != 0;
}

static void any_pay(struct dg_energy *energy, unsigned slot)
{
    struct dg_request request;

    eva_fill(&request, sizeof request);
    request.kind =
        (enum dg_request_kind)Frama_C_unsigned_int_interval(0U, DG_REQUESTS);
    if (request.kind == DG_REQUEST_JOURNAL) {
        /* The decoder gives no other verb. */
        request.as.journal.verb =
            (enum dg_journal_verb)Frama_C_unsigned_int_interval(
                0U, DG_JOURNAL_VERBS - 1U);
        (void)dg_energy_pay(energy, slot, &request);
        return;
    }
    (void)dg_energy_pay(energy, slot, maybe() ? &request : NULL);
}

static void any_energy(struct dg_energy *energy)
{
    const unsigned slot =
        Frama_C_unsigned_int_interval(0U, DG_CONTROLLERS - 1U);

    switch (Frama_C_unsigned_int_interval(0U, 9U)) {
    case 0:
        dg_energy_pass(
            energy, any_time(), Frama_C_unsigned_char_interval(0U, 255U));
        break;
    case 1:
        (void)dg_energy_may_listen(energy, any_time(), slot, maybe());
        break;
    case 2:
        (void)dg_energy_may_connect(energy, any_time(), slot);
        break;
    case 3:
        (void)dg_energy_may_open(energy, any_time(), slot);
        break;
    case 4:
        dg_energy_forged(energy, slot);
        break;
    case 5:
        any_pay(energy, slot);
        break;
    case 6:
        dg_energy_press(energy, any_time());
        break;
    case 7:
        dg_energy_forget(energy, any_time(), slot);
        break;
    case 8:
        (void)dg_energy_drainer(energy);
        break;
    default:
        (void)dg_energy_is_flooded(energy, any_time());
        break;
    }
}

void eva_energy(void)
{
    static struct dg_energy energy;

    dg_energy_start(&energy, any_time(), any_time().s);
    /*@ loop widen_hints "all", 10, 12; */
    while (maybe()) {
        any_energy(&energy);
    }
}

void eva_alarm(void)
{
    static struct dg_alarm_board board;

    while (maybe()) {
        const enum dg_alarm alarm =
            (enum dg_alarm)Frama_C_unsigned_int_interval(0U, DG_ALARMS - 1U);

        switch (Frama_C_unsigned_int_interval(0U, 5U)) {
        case 0:
            dg_alarm_raise(&board, any_time(), alarm);
            break;
        case 1:
            dg_alarm_clear(&board, alarm);
            break;
        case 2:
            dg_alarm_press(&board, any_time());
            break;
        case 3:
            (void)dg_alarm_bits(&board);
            break;
        case 4:
            (void)dg_alarm_sound_of(&board, any_time(), alarm);
            break;
        default:
            (void)dg_alarm_sound(&board, any_time());
            break;
        }
    }
}

static void any_reading(struct dg_glucose_state *state)
{
    struct dg_reading reading;
    struct dg_glucose_context context;

    eva_fill(&reading, sizeof reading);
    eva_fill(&context, sizeof context);
    /* What dosegate/glucose.h and the decoder of a reading say. */
    reading.value.mg_dL = Frama_C_interval(39, 401);
    context.isf_mg_dL_per_U = Frama_C_interval(2, 1000);
    context.iob_mU = Frama_C_interval(0, INT32_MAX);
    context.is_untimed = maybe();
    dg_glucose_take(state, &reading, &context);
}

void eva_glucose(void)
{
    static struct dg_glucose_state state;

    dg_glucose_start(&state, any_time());
    /*@ loop widen_hints "all", 13, 39, 401; */
    while (maybe()) {
        const dg_glucose floor = {Frama_C_interval(INT32_MIN, INT32_MAX)};

        switch (Frama_C_unsigned_int_interval(0U, 6U)) {
        case 0:
            dg_glucose_meet(&state, any_time());
            break;
        case 1:
            (void)dg_glucose_ahead_s(any_time());
            break;
        case 2:
            any_reading(&state);
            break;
        case 3:
            (void)dg_glucose_is_suspect(&state);
            break;
        case 4:
            (void)dg_glucose_is_trusted(&state);
            break;
        case 5:
            (void)dg_glucose_is_low(&state, any_time(), any_time().s, floor);
            break;
        default:
            (void)dg_glucose_bound(&state, any_time());
            break;
        }
    }
}

void eva_parts(void)
{
    eva_energy();
    eva_alarm();
    eva_glucose();
}
