/* SPDX-License-Identifier: Apache-2.0 */
#include "dosegate/message.h"

/* @satisfies{FAU_TEXT.1@1} */
const char *dg_reason_text(enum dg_reason reason)
{
    switch (reason) {
    case DG_REASON_NONE:
        return "no reason given";
    case DG_REASON_FORMAT:
        return "format: not a message of this protocol";
    case DG_REASON_VERSION:
        return "version: unknown, or status did not come first";
    case DG_REASON_AUTHORITY:
        return "authority: evidence is missing";
    case DG_REASON_LEASE:
        return "lease: another controller is in control";
    case DG_REASON_TICKET:
        return "duplicate: no such ticket";
    case DG_REASON_STALE:
        return "stale: too old";
    case DG_REASON_PRESENCE:
        return "presence: approval missing or not valid";
    case DG_REASON_BUSY:
        return "state: a bolus is already in progress";
    case DG_REASON_REPLAY:
        return "replay: this reading was already used";
    case DG_REASON_SENSOR:
        return "auth: the reading is not the sensor's";
    case DG_REASON_RESERVOIR:
        return "reservoir: not enough insulin left";
    case DG_REASON_FAULT:
        return "fault: the device is in its safe state";
    case DG_REASON_STATE:
        return "state: suspended, or not in this state of therapy";
    case DG_REASON_E1:
        return "limit: E1, one dose";
    case DG_REASON_E2:
        return "window: E2, insulin in a trailing window";
    case DG_REASON_E3:
        return "window: E3, insulin on board";
    case DG_REASON_E4:
        return "glucose: E4, no trusted reading that allows it";
    case DG_REASON_E5:
        return "window: E5, basal withheld for too long";
    case DG_REASON_E6:
        return "limit: E6, a raised basal is a lease of 30 minutes";
    case DG_REASON_E7:
        return "refractory: E7, too soon after the last bolus";
    case DG_REASON_E8:
        return "limit: E8, glucagon, or insulin too soon after it";
    case DG_REASON_E9:
        return "limit: E9, too large a change of a setting";
    case DG_REASON_E10:
        return "reservoir: E10, it does not add up";
    case DG_REASON_ROLE:
        return "role: not for this phone's role, or no such phone";
    case DG_REASON_ENERGY:
        return "budget: this phone used up its share of the battery";
    case DG_REASON_KEYS:
        return "keys: these record keys are at their end, connect anew";
    case DG_REASON_JOURNAL:
        return "journal: not on flash any more, or not this device's head";
    case DG_REASON_IMPLAUSIBLE:
        return "glucose: the reading may not be true";
    case DG_REASON_ATTESTATION:
        return "attest: this ticket is no evidence here";
    case DG_REASON_POLICY:
        return "policy: not signed by the maker, or not newer";
    default:
        return "unknown reason";
    }
}

const char *dg_outcome_text(enum dg_outcome outcome)
{
    switch (outcome) {
    case DG_OUTCOME_NONE:
        return "none";
    case DG_OUTCOME_WAITING:
        return "waiting for the button on the device";
    case DG_OUTCOME_DELIVERING:
        return "delivering";
    case DG_OUTCOME_DELIVERED:
        return "delivered";
    case DG_OUTCOME_STOPPED:
        return "stopped";
    case DG_OUTCOME_UNCERTAIN:
        return "uncertain (power was lost; counted as delivered)";
    case DG_OUTCOME_LAPSED:
        return "lapsed (nobody pressed the button)";
    default:
        return "unknown outcome";
    }
}

const char *dg_rung_text(enum dg_rung rung)
{
    switch (rung) {
    case DG_RUNG_NONE:
        return "none";
    case DG_RUNG_OBSERVE:
        return "observe";
    case DG_RUNG_PROTECT:
        return "protect";
    case DG_RUNG_DOSE_BUTTON:
        return "dose with button";
    case DG_RUNG_DOSE:
        return "dose";
    case DG_RUNG_AUTOMATE:
        return "automate";
    default:
        return "unknown rung";
    }
}

const char *dg_evidence_text(enum dg_evidence evidence)
{
    switch (evidence) {
    case DG_EVIDENCE_KEY:
        return "a paired key in an open session";
    case DG_EVIDENCE_ROLE:
        return "a role that may";
    case DG_EVIDENCE_LEASE:
        return "the control lease";
    case DG_EVIDENCE_PRESENCE_KEY:
        return "an enrolled presence key";
    case DG_EVIDENCE_APP:
        return "a known good app";
    case DG_EVIDENCE_PLATFORM:
        return "a qualified platform";
    case DG_EVIDENCE_ATTESTATION:
        return "a fresh attestation ticket";
    case DG_EVIDENCE_GLUCOSE:
        return "a fresh trusted glucose reading";
    case DG_EVIDENCE_DEVICE_BATTERY:
        return "device battery above its reserve";
    case DG_EVIDENCE_PHONE_BATTERY:
        return "phone battery above its reserve";
    case DG_EVIDENCE_QUALIFIED:
        return "no requalification pending";
    default:
        return "unknown evidence";
    }
}

const char *dg_alarm_text(enum dg_alarm alarm)
{
    switch (alarm) {
    case DG_ALARM_BATTERY_LOW:
        return "battery low";
    case DG_ALARM_RESERVOIR_LOW:
        return "reservoir low";
    case DG_ALARM_RESERVOIR_EMPTY:
        return "reservoir empty";
    case DG_ALARM_DOSE_UNCERTAIN:
        return "last dose uncertain";
    case DG_ALARM_FAULT:
        return "fault: basal only";
    case DG_ALARM_PAIRING_LOCKED:
        return "pairing locked: too many wrong tries";
    case DG_ALARM_LINK_STALE:
        return "no word from the controller, or its battery is nearly flat";
    case DG_ALARM_CONTROLLER:
        return "a controller sends bad frames";
    case DG_ALARM_RESERVOIR:
        return "the reservoir does not add up";
    case DG_ALARM_GLUCAGON:
        return "glucagon: rescue given, or chamber low or blocked";
    case DG_ALARM_SEVERE_LOW:
        return "glucose severely low";
    case DG_ALARM_SUSPENDED:
        return "basal was suspended or resumed";
    case DG_ALARM_ENERGY:
        return "somebody drains the battery";
    case DG_ALARM_SENSOR:
        return "sensor lost, or its readings may not be true";
    case DG_ALARM_UPDATE_FAILED:
        return "update failed: the firmware from before runs";
    case DG_ALARM_JOURNAL:
        return "the journal lost entries";
    default:
        return "unknown alarm";
    }
}

const char *dg_fault_text(enum dg_fault fault)
{
    switch (fault) {
    case DG_FAULT_NONE:
        return "none";
    case DG_FAULT_LEDGER:
        return "the ledger is damaged or does not agree with the mechanism";
    case DG_FAULT_FLASH:
        return "flash cannot be read or written";
    case DG_FAULT_RING:
        return "the ledger has no room yet";
    case DG_FAULT_GLUCAGON:
        return "the ledger of glucagon is damaged or flash fails";
    case DG_FAULT_WORN:
        return "a counter of the ledger comes near its end";
    case DG_FAULT_INTERNAL:
        return "a part of the device is not sound";
    default:
        return "unknown fault";
    }
}

const char *dg_finding_text(enum dg_glucose_finding finding)
{
    switch (finding) {
    case DG_GLUCOSE_CODE:
        return "beyond what the sensor measures";
    case DG_GLUCOSE_WARM_UP:
        return "the sensor warms up";
    case DG_GLUCOSE_SPENT:
        return "the sensor must be changed";
    case DG_GLUCOSE_FLAT:
        return "the same value for too long";
    case DG_GLUCOSE_JUMP:
        return "a jump";
    case DG_GLUCOSE_DROP_OUT:
        return "down and up again: is there pressure on the sensor?";
    case DG_GLUCOSE_FALL:
        return "a fall that no insulin explains";
    case DG_GLUCOSE_RISE:
        return "a rise against much insulin";
    case DG_GLUCOSE_SETTLING:
        return "waiting for readings that agree";
    case DG_GLUCOSE_UNTIMED:
        return "the clock was lost: start a new sensor";
    default:
        return "unknown finding";
    }
}
