/* SPDX-License-Identifier: Apache-2.0 */
#include "message_parts.h"

#include <stddef.h>
#include <string.h>

/* Answer `roles`: the phones that are paired. */

static bool is_entry_sound(const struct dg_roles_entry *entry)
{
    return (entry->role == DG_ROLE_NONE)
               ? ((entry->name_size == 0U) && !entry->has_session)
               : (((unsigned)entry->role <= (unsigned)DG_ROLE_OBSERVER) &&
                  (entry->name_size > 0U) &&
                  (entry->name_size <= DG_PAIRING_NAME_MAX));
}

bool dg_roles_are_sound(const struct dg_answer *answer)
{
    bool is_sound = true;

    for (unsigned slot = 0U; slot < DG_ROLES_MAX; slot++) {
        is_sound = is_sound && is_entry_sound(&answer->as.roles.phone[slot]);
    }
    return is_sound;
}

/* [slot, role, has a session, name] for each phone, slots rising. */
void dg_roles_write(struct dg_cbor_writer *writer,
                    const struct dg_answer *answer)
{
    size_t count = 0U;

    for (unsigned slot = 0U; slot < DG_ROLES_MAX; slot++) {
        count += (answer->as.roles.phone[slot].role != DG_ROLE_NONE) ? 1U : 0U;
    }
    dg_cbor_write_array(writer, count);
    for (unsigned slot = 0U; slot < DG_ROLES_MAX; slot++) {
        const struct dg_roles_entry *entry = &answer->as.roles.phone[slot];

        if (entry->role != DG_ROLE_NONE) {
            dg_cbor_write_array(writer, 4U);
            dg_cbor_write_uint(writer, slot);
            dg_cbor_write_uint(writer, (uint64_t)entry->role);
            dg_cbor_write_bool(writer, entry->has_session);
            dg_cbor_write_tstr_span(
                writer,
                (dg_span){(const uint8_t *)entry->name, entry->name_size});
        }
    }
}

static void read_entry(struct dg_cbor_reader *reader,
                       struct dg_answer *answer,
                       uint64_t *slot_min)
{
    if (dg_cbor_read_array(reader) != 4U) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }

    const uint64_t slot = dg_cbor_read_uint_max(reader, DG_ROLES_MAX - 1U);
    const uint64_t role = dg_cbor_read_uint_max(reader, DG_ROLE_OBSERVER);
    const bool has_session = dg_cbor_read_bool(reader);
    const dg_span name = dg_cbor_read_tstr(reader);

    if ((slot < *slot_min) || (role == 0U) || (name.size == 0U) ||
        (name.size > DG_PAIRING_NAME_MAX)) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
    if (reader->status != DG_OK) {
        return;
    }

    struct dg_roles_entry *entry = &answer->as.roles.phone[slot];

    entry->role = (enum dg_role)role;
    entry->has_session = has_session;
    memcpy(entry->name, name.at, name.size);
    entry->name_size = (uint8_t)name.size;
    *slot_min = slot + 1U;
}

void dg_roles_read(struct dg_cbor_reader *reader, struct dg_answer *answer)
{
    const size_t count = dg_cbor_read_array(reader);
    uint64_t slot_min = 0U;

    if (count > DG_ROLES_MAX) {
        dg_cbor_reader_fail(reader, DG_E_RANGE);
    }
    for (size_t i = 0U; (i < count) && (reader->status == DG_OK); i++) {
        read_entry(reader, answer, &slot_min);
    }
}
