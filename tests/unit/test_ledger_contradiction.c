/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "core/ledger_log.h"
#include "dosegate/ledger.h"
#include "tests/unit/rig.h"

#include <string.h>

/* A ring in which every record has a sound checksum and one of them says
 * something else than was: each field of each kind of record, in a ring from its
 * beginning and in rings of which the ring has erased so much.  What the ledger
 * then takes must come to the same amounts; the rest it does not open. */

#define RECORDS_MAX 40U
#define END_S       40000U

static struct rig_flash flash;
static struct dg_ledger ledger;
static struct dg_log ring;
static struct dg_entry told[RECORDS_MAX]; /* as they were written */
static uint32_t records;
static uint32_t moved;

static const struct dg_ticket_id ids[4] = {{{1U}}, {{2U}}, {{3U}}, {{4U}}};

/* One of everything ------------------------------------------------------------ */

static void basal(uint32_t at_s)
{
    assert_int_equal(dg_ledger_announce_basal(&ledger, (dg_seconds){at_s}),
                     DG_OK);
    dg_ledger_basal_pulse(&ledger, (dg_seconds){at_s});
    moved++;
}

static void drip(uint32_t at_s)
{
    assert_int_equal(dg_ledger_announce_drip(&ledger, (dg_seconds){at_s}),
                     DG_OK);
    dg_ledger_drip_pulse(&ledger, (dg_seconds){at_s});
    moved++;
}

static void pulses(uint32_t at_s, unsigned count)
{
    for (unsigned i = 0U; i < count; i++) {
        dg_ledger_bolus_pulse(&ledger, (dg_seconds){at_s});
        moved++;
    }
}

static void live(void)
{
    rig_flash_init(&flash);
    moved = 0U;
    assert_int_equal(dg_log_init(&ring, &flash.port, DG_HORMONE_INSULIN),
                     DG_OK);
    assert_int_equal(dg_ledger_format(&flash.port, DG_HORMONE_INSULIN, 0U),
                     DG_OK);
    assert_int_equal(
        dg_ledger_open(
            &ledger, &flash.port, DG_HORMONE_INSULIN, (dg_seconds){1000U}, 0U),
        DG_OK);
    basal(1100U);
    assert_int_equal(
        dg_ledger_announce_bolus(
            &ledger, (dg_seconds){1200U}, &ids[0], DG_TIER_CONFIRMED, 10U),
        DG_OK);
    pulses(1210U, 4U);
    basal(1220U);
    pulses(1230U, 6U);
    assert_int_equal(
        dg_ledger_close(&ledger, (dg_seconds){1240U}, DG_OUTCOME_DELIVERED),
        DG_OK);
    assert_int_equal(dg_ledger_announce_spread(&ledger,
                                               (dg_seconds){2000U},
                                               &ids[1],
                                               DG_TIER_CONFIRMED,
                                               3U,
                                               1800U),
                     DG_OK);
    drip(2100U);
    basal(2200U);
    drip(2300U);
    assert_int_equal(dg_ledger_close_spread(
                         &ledger, (dg_seconds){2400U}, DG_OUTCOME_STOPPED),
                     DG_OK);
    assert_int_equal(dg_ledger_pause(&ledger,
                                     (dg_seconds){3000U},
                                     &ids[2],
                                     DG_TIER_CONFIRMED,
                                     500U,
                                     900U),
                     DG_OK);
    basal(3100U);
    assert_int_equal(dg_ledger_resume(&ledger, (dg_seconds){3500U}), DG_OK);
    assert_int_equal(
        dg_ledger_announce_prime(&ledger, (dg_seconds){4000U}, &ids[3], 5U),
        DG_OK);
    pulses(4010U, 3U);
    assert_int_equal(
        dg_ledger_close(&ledger, (dg_seconds){4020U}, DG_OUTCOME_STOPPED),
        DG_OK);
    basal(5000U);
    /* A reset in a bolus: the rest is uncertain. */
    assert_int_equal(
        dg_ledger_announce_bolus(
            &ledger, (dg_seconds){6000U}, &ids[0], DG_TIER_AUTOMATIC, 4U),
        DG_OK);
    pulses(6010U, 1U);
    assert_int_equal(dg_ledger_open(&ledger,
                                    &flash.port,
                                    DG_HORMONE_INSULIN,
                                    (dg_seconds){6100U},
                                    moved),
                     DG_OK);
    basal(7000U);
    records = ledger.slot;
    assert_in_range(records, 15U, RECORDS_MAX);
    for (uint32_t slot = 0U; slot < records; slot++) {
        enum dg_slot_state state = DG_SLOT_BLANK;

        assert_int_equal(dg_log_read(&ring, 0U, slot, &state, &told[slot]),
                         DG_OK);
        assert_int_equal(state, DG_SLOT_GOOD);
    }
}

/* Other words ------------------------------------------------------------------ */

enum field {
    FIELD_KIND = 0,
    FIELD_TIER,
    FIELD_OUTCOME,
    FIELD_PULSES,
    FIELD_DELIVERED,
    FIELD_SEQUENCE,
    FIELD_AT,
    FIELD_MOVED,
    FIELD_BOLUS,
    FIELD_BASAL,
    FIELD_UNCERTAIN,
    FIELD_TICKET,
};

#define FIELDS  12U
#define CHANGES 6U

static uint32_t other(uint32_t value, unsigned change, uint32_t most)
{
    const uint32_t others[CHANGES] = {
        0U, 1U, value + 1U, value - 1U, value + 2U, UINT32_MAX};

    return others[change] & most;
}

/* @return false where nothing is changed by it. */
static bool change(struct dg_entry *entry, enum field field, unsigned how)
{
    const struct dg_entry was = *entry;

    switch (field) {
    case FIELD_KIND:
        entry->kind = (enum dg_entry_kind)(((unsigned)was.kind + how + 1U) %
                                           (DG_ENTRY_KINDS + 2U));
        break;
    case FIELD_TIER:
        entry->tier = (enum dg_tier)other((uint32_t)was.tier, how, 7U);
        break;
    case FIELD_OUTCOME:
        entry->outcome = (enum dg_outcome)other((uint32_t)was.outcome, how, 7U);
        break;
    case FIELD_PULSES:
        entry->pulses = (uint16_t)other(was.pulses, how, UINT16_MAX);
        break;
    case FIELD_DELIVERED:
        entry->delivered = (uint16_t)other(was.delivered, how, UINT16_MAX);
        break;
    case FIELD_SEQUENCE:
        entry->sequence = other(was.sequence, how, UINT32_MAX);
        break;
    case FIELD_AT:
        entry->at.s = other(was.at.s, how, UINT32_MAX);
        break;
    case FIELD_MOVED:
        entry->moved = other(was.moved, how, UINT32_MAX);
        break;
    case FIELD_BOLUS:
        entry->bolus_pulses = other(was.bolus_pulses, how, UINT32_MAX);
        break;
    case FIELD_BASAL:
        entry->basal_pulses = other(was.basal_pulses, how, UINT32_MAX);
        break;
    case FIELD_UNCERTAIN:
        entry->uncertain_pulses = other(was.uncertain_pulses, how, UINT32_MAX);
        break;
    case FIELD_TICKET:
    default:
        entry->ticket.byte[how % DG_TICKET_SIZE] ^= 0x40U;
        break;
    }
    return memcmp(entry, &was, sizeof was) != 0;
}

/* The ring from record @p first on, with @p entry instead of record @p at. */
static void write_ring(uint32_t first,
                       uint32_t at,
                       const struct dg_entry *entry)
{
    assert_int_equal(dg_log_erase(&ring, 0U), DG_OK);
    for (uint32_t i = first; i < records; i++) {
        assert_int_equal(
            dg_log_write(&ring, 0U, i - first, (i == at) ? entry : &told[i]),
            DG_OK);
    }
}

static enum dg_status open_ring(void)
{
    return dg_ledger_open(
        &ledger, &flash.port, DG_HORMONE_INSULIN, (dg_seconds){END_S}, moved);
}

static int32_t used_mU(void)
{
    return dg_ledger_window(
               &ledger, (dg_seconds){END_S}, DG_TIER_PRESENT, DG_WINDOW_24_H)
        .mU;
}

static bool is_believed(uint32_t first, uint32_t at)
{
    const enum dg_entry_kind kind = told[at].kind;

    return (at == first) || ((first > 0U) && ((kind == DG_ENTRY_CLOSE) ||
                                              (kind == DG_ENTRY_SPREAD) ||
                                              (kind == DG_ENTRY_PAUSE)));
}

static unsigned opened;
static unsigned refused;

/* What a changed record can say and be taken: nothing that makes the past
 * smaller.  The first of a ring is believed, for want of one before it, and so is
 * the end of what began before it, a day ago; and an hour between its neighbours
 * is as good as another. */
static void expect_same_or_refused(const struct dg_ledger *sound,
                                   int32_t sound_mU,
                                   enum field field,
                                   bool believed)
{
    const enum dg_status status = open_ring();

    if (status != DG_OK) {
        assert_int_equal(status, DG_E_CORRUPT);
        refused++;
        return;
    }
    opened++;
    assert_int_equal(ledger.moved, moved);
    assert_true(field != FIELD_SEQUENCE);
    if (believed || (field == FIELD_AT)) {
        return;
    }
    assert_true(used_mU() >= sound_mU);
    assert_true(ledger.uncertain_pulses >= sound->uncertain_pulses);
    if (field != FIELD_KIND) {
        assert_int_equal(ledger.basal_pulses, sound->basal_pulses);
        assert_int_equal(ledger.bolus_pulses, sound->bolus_pulses);
    }
}

/* @verifies{FDP_LEDGER.2@1} @verifies{FPT_FLS.2@1} */
static void test_contradiction__each_field_of_each_record__same_or_refused(
    void **state)
{
    (void)state;
    live();
    opened = 0U;
    refused = 0U;
    for (uint32_t first = 0U; first < records; first += 3U) {
        write_ring(first, records, NULL);

        const bool is_sound = open_ring() == DG_OK;
        const struct dg_ledger sound = ledger;
        const int32_t sound_mU = is_sound ? used_mU() : 0;

        assert_true(is_sound || (first > 0U));
        for (uint32_t at = first; is_sound && (at < records); at++) {
            for (unsigned field = 0U; field < FIELDS; field++) {
                for (unsigned how = 0U; how < CHANGES; how++) {
                    struct dg_entry entry = told[at];

                    if (change(&entry, (enum field)field, how)) {
                        write_ring(first, at, &entry);
                        expect_same_or_refused(&sound,
                                               sound_mU,
                                               (enum field)field,
                                               is_believed(first, at));
                    }
                }
            }
        }
    }
    print_message(
        "%u opened with the same amounts, %u refused\n", opened, refused);
    assert_true(refused > opened);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_contradiction__each_field_of_each_record__same_or_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
