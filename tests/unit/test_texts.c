/* SPDX-License-Identifier: Apache-2.0 */
#include "cmocka_all.h"
#include "dosegate/message.h"
#include "tests/unit/rig.h"

#include <string.h>

/* Everything that the device can tell has words of its own, which people and
 * the app's protocol rely on; what it cannot tell says that it is unknown.
 * That each of them comes up in some test is what test_shown.py checks. */

struct words {
    int value;
    const char *text;
};

static const struct words reason_words[] = {
    {DG_REASON_NONE, "no reason given"},
    {DG_REASON_FORMAT, "format: not a message of this protocol"},
    {DG_REASON_VERSION, "version: unknown, or status did not come first"},
    {DG_REASON_AUTHORITY, "authority: evidence is missing"},
    {DG_REASON_LEASE, "lease: another controller is in control"},
    {DG_REASON_TICKET, "duplicate: no such ticket"},
    {DG_REASON_STALE, "stale: too old"},
    {DG_REASON_PRESENCE, "presence: approval missing or not valid"},
    {DG_REASON_BUSY, "state: a bolus is already in progress"},
    {DG_REASON_REPLAY, "replay: this reading was already used"},
    {DG_REASON_SENSOR, "auth: the reading is not the sensor's"},
    {DG_REASON_RESERVOIR, "reservoir: not enough insulin left"},
    {DG_REASON_FAULT, "fault: the device is in its safe state"},
    {DG_REASON_STATE, "state: suspended, or not in this state of therapy"},
    {DG_REASON_E1, "limit: E1, one dose"},
    {DG_REASON_E2, "window: E2, insulin in a trailing window"},
    {DG_REASON_E3, "window: E3, insulin on board"},
    {DG_REASON_E4, "glucose: E4, no trusted reading that allows it"},
    {DG_REASON_E5, "window: E5, basal withheld for too long"},
    {DG_REASON_E6, "limit: E6, a raised basal is a lease of 30 minutes"},
    {DG_REASON_E7, "refractory: E7, too soon after the last bolus"},
    {DG_REASON_E8, "limit: E8, glucagon, or insulin too soon after it"},
    {DG_REASON_E9, "limit: E9, too large a change of a setting"},
    {DG_REASON_E10, "reservoir: E10, it does not add up"},
    {DG_REASON_ROLE, "role: not for this phone's role, or no such phone"},
    {DG_REASON_ENERGY, "budget: this phone used up its share of the battery"},
    {DG_REASON_KEYS, "keys: these record keys are at their end, connect anew"},
    {DG_REASON_JOURNAL,
     "journal: not on flash any more, or not this device's head"},
    {DG_REASON_IMPLAUSIBLE, "glucose: the reading may not be true"},
    {DG_REASON_ATTESTATION, "attest: this ticket is no evidence here"},
    {DG_REASON_POLICY, "policy: not signed by the maker, or not newer"},
};

static const struct words outcome_words[] = {
    {DG_OUTCOME_NONE, "none"},
    {DG_OUTCOME_WAITING, "waiting for the button on the device"},
    {DG_OUTCOME_DELIVERING, "delivering"},
    {DG_OUTCOME_DELIVERED, "delivered"},
    {DG_OUTCOME_STOPPED, "stopped"},
    {DG_OUTCOME_UNCERTAIN, "uncertain (power was lost; counted as delivered)"},
    {DG_OUTCOME_LAPSED, "lapsed (nobody pressed the button)"},
};

static const struct words rung_words[] = {
    {DG_RUNG_NONE, "none"},
    {DG_RUNG_OBSERVE, "observe"},
    {DG_RUNG_PROTECT, "protect"},
    {DG_RUNG_DOSE_BUTTON, "dose with button"},
    {DG_RUNG_DOSE, "dose"},
    {DG_RUNG_AUTOMATE, "automate"},
};

static const struct words evidence_words[] = {
    {DG_EVIDENCE_KEY, "a paired key in an open session"},
    {DG_EVIDENCE_ROLE, "a role that may"},
    {DG_EVIDENCE_LEASE, "the control lease"},
    {DG_EVIDENCE_PRESENCE_KEY, "an enrolled presence key"},
    {DG_EVIDENCE_APP, "a known good app"},
    {DG_EVIDENCE_PLATFORM, "a qualified platform"},
    {DG_EVIDENCE_ATTESTATION, "a fresh attestation ticket"},
    {DG_EVIDENCE_GLUCOSE, "a fresh trusted glucose reading"},
    {DG_EVIDENCE_DEVICE_BATTERY, "device battery above its reserve"},
    {DG_EVIDENCE_PHONE_BATTERY, "phone battery above its reserve"},
    {DG_EVIDENCE_QUALIFIED, "no requalification pending"},
};

static const struct words alarm_words[] = {
    {DG_ALARM_BATTERY_LOW, "battery low"},
    {DG_ALARM_RESERVOIR_LOW, "reservoir low"},
    {DG_ALARM_RESERVOIR_EMPTY, "reservoir empty"},
    {DG_ALARM_DOSE_UNCERTAIN, "last dose uncertain"},
    {DG_ALARM_FAULT, "fault: basal only"},
    {DG_ALARM_PAIRING_LOCKED, "pairing locked: too many wrong tries"},
    {DG_ALARM_LINK_STALE,
     "no word from the controller, or its battery is nearly flat"},
    {DG_ALARM_CONTROLLER, "a controller sends bad frames"},
    {DG_ALARM_GLUCAGON, "glucagon: rescue given, or chamber low or blocked"},
    {DG_ALARM_SEVERE_LOW, "glucose severely low"},
    {DG_ALARM_RESERVOIR, "the reservoir does not add up"},
    {DG_ALARM_SUSPENDED, "basal was suspended or resumed"},
    {DG_ALARM_ENERGY, "somebody drains the battery"},
    {DG_ALARM_SENSOR, "sensor lost, or its readings may not be true"},
    {DG_ALARM_UPDATE_FAILED, "update failed: the firmware from before runs"},
    {DG_ALARM_JOURNAL, "the journal lost entries"},
};

static const struct words fault_words[] = {
    {DG_FAULT_NONE, "none"},
    {DG_FAULT_LEDGER,
     "the ledger is damaged or does not agree with the mechanism"},
    {DG_FAULT_FLASH, "flash cannot be read or written"},
    {DG_FAULT_RING, "the ledger has no room yet"},
    {DG_FAULT_GLUCAGON, "the ledger of glucagon is damaged or flash fails"},
    {DG_FAULT_WORN, "a counter of the ledger comes near its end"},
    {DG_FAULT_INTERNAL, "a part of the device is not sound"},
};

static const struct words finding_words[] = {
    {DG_GLUCOSE_CODE, "beyond what the sensor measures"},
    {DG_GLUCOSE_WARM_UP, "the sensor warms up"},
    {DG_GLUCOSE_SPENT, "the sensor must be changed"},
    {DG_GLUCOSE_FLAT, "the same value for too long"},
    {DG_GLUCOSE_JUMP, "a jump"},
    {DG_GLUCOSE_DROP_OUT,
     "down and up again: is there pressure on the sensor?"},
    {DG_GLUCOSE_FALL, "a fall that no insulin explains"},
    {DG_GLUCOSE_RISE, "a rise against much insulin"},
    {DG_GLUCOSE_SETTLING, "waiting for readings that agree"},
    {DG_GLUCOSE_UNTIMED, "the clock was lost: start a new sensor"},
};

static const char *reason_of(int value)
{
    return dg_reason_text((enum dg_reason)value);
}

static const char *outcome_of(int value)
{
    return dg_outcome_text((enum dg_outcome)value);
}

static const char *rung_of(int value)
{
    return dg_rung_text((enum dg_rung)value);
}

static const char *evidence_of(int value)
{
    return dg_evidence_text((enum dg_evidence)value);
}

static const char *alarm_of(int value)
{
    return dg_alarm_text((enum dg_alarm)value);
}

static const char *fault_of(int value)
{
    return dg_fault_text((enum dg_fault)value);
}

static const char *finding_of(int value)
{
    return dg_finding_text((enum dg_glucose_finding)value);
}

#define ROWS(table) (table), (sizeof(table) / sizeof(table)[0])

static void check(const struct words *row,
                  size_t rows,
                  const char *(*text_of)(int value),
                  const char *unknown)
{
    for (int value = 0; value < 256; value++) {
        const char *expected = unknown;

        for (size_t i = 0U; i < rows; i++) {
            if (row[i].value == value) {
                expected = row[i].text;
            }
        }
        assert_string_equal(text_of(value), expected);
    }
    /* No two say the same. */
    for (size_t i = 0U; i < rows; i++) {
        for (size_t k = i + 1U; k < rows; k++) {
            assert_string_not_equal(row[i].text, row[k].text);
        }
    }
}

/* @verifies{FAU_TEXT.1@1} */
static void test_texts__every_value__its_words(void **state)
{
    (void)state;
    check(ROWS(reason_words), reason_of, "unknown reason");
    check(ROWS(outcome_words), outcome_of, "unknown outcome");
    check(ROWS(rung_words), rung_of, "unknown rung");
    check(ROWS(evidence_words), evidence_of, "unknown evidence");
    check(ROWS(alarm_words), alarm_of, "unknown alarm");
    check(ROWS(fault_words), fault_of, "unknown fault");
    check(ROWS(finding_words), finding_of, "unknown finding");
}

static bool is_on(const struct rig *rig, enum dg_alarm alarm)
{
    return (rig->alarms & (1U << (unsigned)alarm)) != 0U;
}

/* @verifies{FAU_TEXT.1@1} */
static void test_texts__reservoir_below_20_U__alarm(void **state)
{
    static struct rig rig;
    const struct dg_therapy therapy = rig_therapy(0);
    struct dg_settings *settings = &rig.device.settings;

    (void)state;
    rig_init(&rig, &therapy);
    settings->reservoir_pulses = 20000U / DG_PULSE_MU;
    rig_wait(&rig, 1U);
    assert_false(is_on(&rig, DG_ALARM_RESERVOIR_LOW));
    settings->reservoir_pulses--;
    rig_wait(&rig, 1U);
    assert_true(is_on(&rig, DG_ALARM_RESERVOIR_LOW));
}

/* A ring that is full of records no window has outlived: basal goes on, doses
 * do not, and the device says why.
 * @verifies{FAU_TEXT.1@1} @verifies{FPT_FLS.1@1} */
static void test_texts__ring_is_full__fault_ring(void **state)
{
    static struct rig rig;
    const struct dg_therapy therapy = rig_therapy(1000);
    const struct dg_ticket_id ticket = {{1U}};
    enum dg_status status = DG_OK;

    (void)state;
    rig_init(&rig, &therapy);
    for (unsigned i = 0U; (i < 20000U) && (status == DG_OK); i++) {
        status = dg_ledger_announce_bolus(
            &rig.device.ledger, rig.device.now, &ticket, DG_TIER_CONFIRMED, 1U);
        if (status == DG_OK) {
            status = dg_ledger_close(
                &rig.device.ledger, rig.device.now, DG_OUTCOME_STOPPED);
        }
    }
    assert_int_equal(status, DG_E_STATE);
    rig_wait(&rig, 400U);
    assert_true(rig.moved >= 2U);
    assert_int_equal(rig.device.fault, DG_FAULT_RING);
    assert_true(is_on(&rig, DG_ALARM_FAULT));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts__every_value__its_words),
        cmocka_unit_test(test_texts__reservoir_below_20_U__alarm),
        cmocka_unit_test(test_texts__ring_is_full__fault_ring),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
