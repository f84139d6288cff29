/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/effect.h"

#include <stddef.h>

enum dg_hormone dg_effect_hormone(const struct dg_effect *effect)
{
    switch (effect->kind) {
    case DG_EFFECT_BOLUS:
    case DG_EFFECT_BASAL:
    case DG_EFFECT_PRIME:
    case DG_EFFECT_SETTINGS:
        return DG_HORMONE_INSULIN;
    case DG_EFFECT_GLUCAGON:
        return DG_HORMONE_GLUCAGON;
    case DG_EFFECT_NONE:
    default:
        return DG_HORMONE_NONE;
    }
}

/* The keys of each effect, bit n for key n.  A row that is not written has none
 * and is no effect. */
struct shape {
    enum dg_effect_kind kind;
    enum dg_bolus_form form;
    enum dg_setting setting;
    unsigned keys;
};

/* clang-format off */
static const struct shape shapes[] = {
    { DG_EFFECT_BOLUS,    DG_FORM_NORMAL,   DG_SETTING_NONE,   0x007U },
    { DG_EFFECT_BOLUS,    DG_FORM_EXTENDED, DG_SETTING_NONE,   0x00FU },
    { DG_EFFECT_BASAL,    DG_FORM_NONE,     DG_SETTING_NONE,   0x019U },
    { DG_EFFECT_PRIME,    DG_FORM_NONE,     DG_SETTING_NONE,   0x003U },
    { DG_EFFECT_GLUCAGON, DG_FORM_NONE,     DG_SETTING_NONE,   0x301U },
    { DG_EFFECT_SETTINGS, DG_FORM_NONE,     DG_SETTING_REFILL, 0x023U },
    { DG_EFFECT_SETTINGS, DG_FORM_NONE,     DG_SETTING_SENSOR, 0x021U },
    { DG_EFFECT_SETTINGS, DG_FORM_NONE,     DG_SETTING_BASAL,  0x0F1U },
};
/* clang-format on */

#define SHAPES (sizeof shapes / sizeof shapes[0])
#define KEYS   10

/* 0: no such effect. */
static unsigned keys_of(const struct dg_effect *effect)
{
    for (size_t i = 0U; i < SHAPES; i++) {
        if ((shapes[i].kind == effect->kind) &&
            (shapes[i].form == effect->form) &&
            (shapes[i].setting == effect->setting)) {
            return shapes[i].keys;
        }
    }
    return 0U;
}

static bool has(unsigned keys, unsigned key)
{
    return ((keys >> key) & 1U) != 0U;
}

static bool is_duration_sound(const struct dg_effect *effect)
{
    const uint32_t s = effect->duration.s;

    if (effect->kind == DG_EFFECT_BOLUS) {
        return (s >= DG_EXTENDED_S_MIN) && (s <= DG_EXTENDED_S_MAX);
    }
    return (s >= DG_TEMPORARY_S_MIN) && (s <= DG_TEMPORARY_S_MAX);
}

static bool are_hours_sound(const struct dg_effect *effect)
{
    return (effect->hour < 24U) && (effect->hours > 0U) &&
           (effect->hours <= (24U - effect->hour));
}

/* Each field is in range where its key is, and zero where it is not: an amount
 * of one hormone beside the kind of the other is no effect.
 * @satisfies{FDP_GLUCAGON.1@1} */
bool dg_effect_is_sound(const struct dg_effect *effect)
{
    const unsigned keys = keys_of(effect);
    const bool is_amount =
        (effect->amount.mU > 0) && (effect->amount.mU <= DG_EFFECT_MU_MAX);
    const bool is_glucagon =
        (effect->glucagon.ug > 0) && (effect->glucagon.ug <= DG_EFFECT_UG_MAX);
    const bool is_rate = (effect->rate.mU_per_h >= 0) &&
                         (effect->rate.mU_per_h <= DG_EFFECT_MU_PER_H_MAX);

    return (keys != 0U) &&
           (has(keys, 1U) ? is_amount : (effect->amount.mU == 0)) &&
           (has(keys, 3U) ? is_duration_sound(effect)
                          : (effect->duration.s == 0U)) &&
           (has(keys, 4U) ? is_rate : (effect->rate.mU_per_h == 0)) &&
           (has(keys, 6U) ? are_hours_sound(effect)
                          : ((effect->hour == 0U) && (effect->hours == 0U))) &&
           (has(keys, 8U) ? is_glucagon : (effect->glucagon.ug == 0));
}

struct dg_effect dg_effect_resolve(const struct dg_effect *effect)
{
    struct dg_effect resolved = *effect;

    /* Down, never up: the device gives no more than was asked for. */
    resolved.amount.mU -= resolved.amount.mU % DG_PULSE_MU;
    resolved.glucagon.ug -= resolved.glucagon.ug % DG_GLUCAGON_STEP_UG;
    return resolved;
}

static uint64_t value_of(const struct dg_effect *effect, unsigned key)
{
    switch (key) {
    case 0:
        return (uint64_t)effect->kind;
    case 1:
        return (uint64_t)effect->amount.mU;
    case 2:
        return (uint64_t)effect->form;
    case 3:
        return effect->duration.s;
    case 4:
        return (uint64_t)effect->rate.mU_per_h;
    case 5:
        return (uint64_t)effect->setting;
    case 6:
        return effect->hour;
    case 7:
        return effect->hours;
    case 8:
        return (uint64_t)effect->glucagon.ug;
    default:
        return (uint64_t)DG_HORMONE_GLUCAGON;
    }
}

void dg_effect_write(struct dg_cbor_writer *writer,
                     const struct dg_effect *effect)
{
    const unsigned keys = keys_of(effect);
    size_t pairs = 0U;

    for (unsigned key = 0U; key < KEYS; key++) {
        pairs += has(keys, key) ? 1U : 0U;
    }
    dg_cbor_write_map(writer, pairs);
    for (unsigned key = 0U; key < KEYS; key++) {
        if (has(keys, key)) {
            dg_cbor_write_uint(writer, key);
            dg_cbor_write_uint(writer, value_of(effect, key));
        }
    }
}

static void read_pair(struct dg_cbor_reader *reader,
                      int64_t key,
                      struct dg_effect *effect,
                      enum dg_hormone *hormone)
{
    switch (key) {
    case 0:
        effect->kind = (enum dg_effect_kind)dg_cbor_read_uint_max(reader, 255U);
        break;
    case 1:
        effect->amount.mU =
            (int32_t)dg_cbor_read_uint_max(reader, DG_EFFECT_MU_MAX);
        break;
    case 2:
        effect->form = (enum dg_bolus_form)dg_cbor_read_uint_max(reader, 255U);
        break;
    case 3:
        effect->duration.s =
            (uint32_t)dg_cbor_read_uint_max(reader, DG_TEMPORARY_S_MAX);
        break;
    case 4:
        effect->rate.mU_per_h =
            (int32_t)dg_cbor_read_uint_max(reader, DG_EFFECT_MU_PER_H_MAX);
        break;
    case 5:
        effect->setting = (enum dg_setting)dg_cbor_read_uint_max(reader, 255U);
        break;
    case 6:
        effect->hour = (uint8_t)dg_cbor_read_uint_max(reader, 23U);
        break;
    case 7:
        effect->hours = (uint8_t)dg_cbor_read_uint_max(reader, 24U);
        break;
    case 8:
        effect->glucagon.ug =
            (int32_t)dg_cbor_read_uint_max(reader, DG_EFFECT_UG_MAX);
        break;
    case 9:
        *hormone = (enum dg_hormone)dg_cbor_read_uint_max(reader, 255U);
        break;
    default:
        dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
        break;
    }
}

/* Whether some effect of this kind has these keys. */
static bool is_of_kind(enum dg_effect_kind kind, unsigned keys)
{
    bool is_found = false;

    for (size_t i = 0U; i < SHAPES; i++) {
        is_found =
            is_found || ((shapes[i].kind == kind) && (shapes[i].keys == keys));
    }
    return is_found;
}

static bool is_known(enum dg_effect_kind kind)
{
    bool is_found = false;

    for (size_t i = 0U; i < SHAPES; i++) {
        is_found = is_found || (shapes[i].kind == kind);
    }
    return is_found;
}

/* A kind, form or setting that nobody knows is in no range; one that is known
 * has its keys, all of them and no other. */
static enum dg_status check(const struct dg_effect *effect,
                            enum dg_hormone hormone,
                            unsigned seen)
{
    const unsigned keys = keys_of(effect);

    if ((keys == 0U) && has(seen, 0U) &&
        (!is_known(effect->kind) || is_of_kind(effect->kind, seen))) {
        return DG_E_RANGE;
    }
    if (seen != keys) {
        return DG_E_MALFORMED;
    }
    /* A dose that names one hormone is never one of the other (DG-H38). */
    if (has(keys, 9U) && (hormone != DG_HORMONE_GLUCAGON)) {
        return DG_E_RANGE;
    }
    return dg_effect_is_sound(effect) ? DG_OK : DG_E_RANGE;
}

struct dg_effect dg_effect_read(struct dg_cbor_reader *reader)
{
    static const struct dg_effect none = {.kind = DG_EFFECT_NONE};
    struct dg_effect effect = none;
    enum dg_hormone hormone = DG_HORMONE_NONE;
    struct dg_cbor_map map;
    int64_t key = 0;
    unsigned seen = 0U;

    dg_cbor_read_map(reader, &map);
    /* Every field of an effect changes what happens to a person, so an unknown
     * one is refused here even where a message would ignore it. */
    while (dg_cbor_map_next(reader, &map, &key)) {
        read_pair(reader, key, &effect, &hormone);
        seen |= ((key >= 0) && (key < KEYS)) ? (1U << key) : 0U;
    }
    if (reader->status == DG_OK) {
        const enum dg_status status = check(&effect, hormone, seen);

        if (status != DG_OK) {
            dg_cbor_reader_fail(reader, status);
        }
    }
    return (reader->status == DG_OK) ? effect : none;
}
