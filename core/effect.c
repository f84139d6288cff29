/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/effect.h"

enum dg_hormone dg_effect_hormone(const struct dg_effect *effect)
{
    switch (effect->kind) {
    case DG_EFFECT_BOLUS:
        return DG_HORMONE_INSULIN;
    case DG_EFFECT_GLUCAGON:
        return DG_HORMONE_GLUCAGON;
    case DG_EFFECT_NONE:
    default:
        return DG_HORMONE_NONE;
    }
}

/* An amount of one hormone beside the kind of the other is no effect.
 * @satisfies{FDP_GLUCAGON.1@1} */
bool dg_effect_is_sound(const struct dg_effect *effect)
{
    if (effect->kind == DG_EFFECT_GLUCAGON) {
        return (effect->form == DG_FORM_NONE) && (effect->amount.mU == 0) &&
               (effect->glucagon.ug > 0) &&
               (effect->glucagon.ug <= DG_EFFECT_UG_MAX);
    }
    return (effect->kind == DG_EFFECT_BOLUS) &&
           (effect->form == DG_FORM_NORMAL) && (effect->glucagon.ug == 0) &&
           (effect->amount.mU > 0) && (effect->amount.mU <= DG_EFFECT_MU_MAX);
}

struct dg_effect dg_effect_resolve(const struct dg_effect *effect)
{
    struct dg_effect resolved = *effect;

    /* Down, never up: the device gives no more than was asked for. */
    resolved.amount.mU -= resolved.amount.mU % DG_PULSE_MU;
    resolved.glucagon.ug -= resolved.glucagon.ug % DG_GLUCAGON_STEP_UG;
    return resolved;
}

static void write_pair(struct dg_cbor_writer *writer,
                       uint64_t key,
                       uint64_t value)
{
    dg_cbor_write_uint(writer, key);
    dg_cbor_write_uint(writer, value);
}

void dg_effect_write(struct dg_cbor_writer *writer,
                     const struct dg_effect *effect)
{
    dg_cbor_write_map(writer, 3U);
    write_pair(writer, 0U, (uint64_t)effect->kind);
    if (effect->kind == DG_EFFECT_GLUCAGON) {
        write_pair(writer, 8U, (uint64_t)effect->glucagon.ug);
        write_pair(writer, 9U, (uint64_t)DG_HORMONE_GLUCAGON);
        return;
    }
    write_pair(writer, 1U, (uint64_t)effect->amount.mU);
    write_pair(writer, 2U, (uint64_t)effect->form);
}

/* Which keys an effect has, bit n for key n.  An unknown kind is found out
 * later: it is not sound. */
static bool has_its_keys(const struct dg_effect *effect, unsigned seen)
{
    switch (effect->kind) {
    case DG_EFFECT_BOLUS:
        return seen == 0x007U;
    case DG_EFFECT_GLUCAGON:
        return seen == 0x301U;
    case DG_EFFECT_NONE:
    default:
        return (seen & 1U) != 0U;
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
        seen |= ((key >= 0) && (key < 10)) ? (1U << key) : 0U;
    }
    if ((reader->status == DG_OK) && !has_its_keys(&effect, seen)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    /* A dose that names one hormone is never one of the other (DG-H38). */
    if ((reader->status == DG_OK) &&
        (!dg_effect_is_sound(&effect) || ((effect.kind == DG_EFFECT_GLUCAGON) &&
                                          (hormone != DG_HORMONE_GLUCAGON)))) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
    return (reader->status == DG_OK) ? effect : none;
}
