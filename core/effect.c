/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/effect.h"

bool dg_effect_is_sound(const struct dg_effect *effect)
{
    return (effect->kind == DG_EFFECT_BOLUS) &&
           (effect->form == DG_FORM_NORMAL) && (effect->amount.mU > 0) &&
           (effect->amount.mU <= DG_EFFECT_MU_MAX);
}

struct dg_effect dg_effect_resolve(const struct dg_effect *effect)
{
    struct dg_effect resolved = *effect;

    /* Down, never up: the device gives no more than was asked for. */
    resolved.amount.mU -= resolved.amount.mU % DG_PULSE_MU;
    return resolved;
}

void dg_effect_write(struct dg_cbor_writer *writer,
                     const struct dg_effect *effect)
{
    dg_cbor_write_map(writer, 3U);
    dg_cbor_write_uint(writer, 0U);
    dg_cbor_write_uint(writer, (uint64_t)effect->kind);
    dg_cbor_write_uint(writer, 1U);
    dg_cbor_write_uint(writer, (uint64_t)effect->amount.mU);
    dg_cbor_write_uint(writer, 2U);
    dg_cbor_write_uint(writer, (uint64_t)effect->form);
}

struct dg_effect dg_effect_read(struct dg_cbor_reader *reader)
{
    static const struct dg_effect none = {DG_EFFECT_NONE, DG_FORM_NONE, {0}};
    struct dg_effect effect = none;
    struct dg_cbor_map map;
    int64_t key = 0;
    unsigned seen = 0U;

    dg_cbor_read_map(reader, &map);
    /* Every field of an effect changes what happens to a person, so an unknown
     * one is refused here even where a message would ignore it. */
    while (dg_cbor_map_next(reader, &map, &key)) {
        switch (key) {
        case 0:
            effect.kind =
                (enum dg_effect_kind)dg_cbor_read_uint_max(reader, 255U);
            break;
        case 1:
            effect.amount.mU =
                (int32_t)dg_cbor_read_uint_max(reader, DG_EFFECT_MU_MAX);
            break;
        case 2:
            effect.form =
                (enum dg_bolus_form)dg_cbor_read_uint_max(reader, 255U);
            break;
        default:
            dg_cbor_reader_fail(reader, DG_E_UNSUPPORTED);
            break;
        }
        seen++;
    }
    if ((reader->status == DG_OK) && (seen != 3U)) {
        dg_cbor_reader_fail(reader, DG_E_MALFORMED);
    }
    if ((reader->status == DG_OK) && !dg_effect_is_sound(&effect)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
    return (reader->status == DG_OK) ? effect : none;
}
