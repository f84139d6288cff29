/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmocka_all.h"
#include "core/bytes.h"
#include "core/interlock.h"
#include "core/journal_flash.h"
#include "dosegate/cose.h"
#include "dosegate/knock.h"
#include "dosegate/manifest.h"
#include "dosegate/policy.h"
#include "journal_run.h"
#include "maker.h"

/* Every number of the core that only rises.  It serves up to its ceiling, is
 * refused with a reason beyond it, and the ceiling is far from where the
 * number would begin anew.
 *
 * Not here, because nothing counts them up: ids of tickets and nonces, which
 * are drawn; the clock, which has a test of its own below; and pulses of bolus
 * and basal, whose sum is the steps of the mechanism, which are here. */

#define FAR_32 0x10000ULL /* steps between a ceiling and the end */
#define END_32 0x100000000ULL

static struct rig rig;
static struct dg_record sender;
static struct dg_record receiver;
static struct dg_rekey rekey;
static struct dg_ledger ledger;
static struct rig_flash parts_flash;
static struct rig_flash manufactured;

static const struct dg_ticket_id ticket_id = {{7U}};
static const struct dg_secret some_key = {{9U}};

/* What is tried with the number at @value: its own status, nothing else's. */
typedef enum dg_status step_function(uint32_t value);

/* Sessions ------------------------------------------------------------------ */

static void open_session(void)
{
    memset(&sender, 0, sizeof sender);
    sender.epoch = 4U;
    receiver = sender;
}

static enum dg_status send_at(uint32_t value, dg_buf room, dg_span *datagram)
{
    static const uint8_t word[] = {1U};

    sender.tx_next = value;
    return dg_record_seal(
        &sender, &rig.crypto, DG_SPAN_OF(word), room, datagram);
}

static enum dg_status record_sent(uint32_t value)
{
    uint8_t room[DG_RECORD_MAX];
    dg_span datagram;

    open_session();
    return send_at(value, DG_BUF_OF(room), &datagram);
}

/* A peer that does not stop: the number alone is beyond. */
static enum dg_status record_heard(uint32_t value)
{
    uint8_t room[DG_RECORD_MAX];
    uint8_t plain_room[DG_RECORD_MAX];
    dg_span datagram;
    dg_span plain;

    open_session();
    assert_int_equal(send_at((value <= DG_RECORD_COUNTER_MAX) ? value : 0U,
                             DG_BUF_OF(room),
                             &datagram),
                     DG_OK);
    dg_bytes_put_u32(&room[3], value);
    return dg_record_open(
        &receiver, &rig.crypto, datagram, DG_BUF_OF(plain_room), &plain);
}

/* The number of updates made before; each takes the next epoch. */
static enum dg_status keys_changed(uint32_t value)
{
    uint8_t phone[DG_REKEY_NONCE_SIZE] = {1U};
    uint8_t device[DG_REKEY_NONCE_SIZE];

    open_session();
    dg_rekey_begin(&rekey, &some_key);
    rekey.updates = (uint16_t)value;
    return dg_rekey_offer(&rekey, &rig.crypto, &sender, phone, device);
}

static enum dg_status keys_asked(uint32_t value)
{
    dg_rekey_begin(&rekey, &some_key);
    rekey.updates = (uint16_t)value;
    return dg_rekey_ask(&rekey, &rig.crypto);
}

static enum dg_status knock_sent(uint32_t value)
{
    static struct dg_controller controller;
    struct dg_phone phone = rig.phone[0].phone;
    uint8_t room[DG_DATAGRAM_MAX];
    dg_span datagram;

    phone.knock_counter = value;
    return dg_controller_connect(
        &controller, &rig.crypto, &phone, DG_BUF_OF(room), &datagram);
}

static enum dg_status knock_heard(uint32_t value)
{
    uint8_t room[64];
    struct dg_knock knock = {
        0U, value, {(const uint8_t *)"\x03\x03\x40\x00", 4U}};
    dg_span datagram;

    assert_int_equal(
        dg_knock_write(
            &rig.crypto, &some_key, &knock, DG_BUF_OF(room), &datagram),
        DG_OK);
    return dg_knock_verify(&rig.crypto, &some_key, datagram);
}

/* Ledgers ------------------------------------------------------------------- */

static void open_ledger(enum dg_hormone hormone)
{
    rig_flash_init(&parts_flash);
    assert_int_equal(dg_ledger_format(&parts_flash.port, hormone, 0U), DG_OK);
    assert_int_equal(
        dg_ledger_open(
            &ledger, &parts_flash.port, hormone, (dg_seconds){2000U}, 0U),
        DG_OK);
}

static enum dg_status dose_with(enum dg_hormone hormone,
                                uint32_t *number,
                                uint32_t value)
{
    open_ledger(hormone);
    *number = value;
    return dg_ledger_announce_bolus(
        &ledger, ledger.last, &ticket_id, DG_TIER_CONFIRMED, 2U);
}

static enum dg_status ledger_serial(uint32_t value)
{
    return dose_with(DG_HORMONE_INSULIN, &ledger.sequence, value);
}

static enum dg_status ledger_steps(uint32_t value)
{
    return dose_with(DG_HORMONE_INSULIN, &ledger.moved, value);
}

static enum dg_status ledger_uncertain(uint32_t value)
{
    return dose_with(DG_HORMONE_INSULIN, &ledger.uncertain_pulses, value);
}

static enum dg_status ledger_time(uint32_t value)
{
    return dose_with(DG_HORMONE_INSULIN, &ledger.last.s, value);
}

static enum dg_status glucagon_serial(uint32_t value)
{
    return dose_with(DG_HORMONE_GLUCAGON, &ledger.sequence, value);
}

static enum dg_status glucagon_steps(uint32_t value)
{
    return dose_with(DG_HORMONE_GLUCAGON, &ledger.moved, value);
}

/* Basal goes on beyond the ceiling of doses, to the last number there is. */
static enum dg_status basal_serial(uint32_t value)
{
    open_ledger(DG_HORMONE_INSULIN);
    ledger.sequence = value;
    return dg_ledger_announce_basal(&ledger, ledger.last);
}

/* Journal ------------------------------------------------------------------- */

static uint32_t reads;

static enum dg_status counted_read(void *context, uint32_t offset, dg_buf out)
{
    reads++;
    return (reads > 100000U) ? DG_E_PORT
                             : flash.port.read(context, offset, out);
}

/* Open what stands on flash; a loop without an end shows as DG_E_PORT. */
static enum dg_status open_journal(void)
{
    static struct dg_flash port;

    port = flash.port;
    port.read = counted_read;
    reads = 0U;
    return dg_journal_open(&journal, &port, &crypto, &found);
}

/* The journal at the end of a sector of this number. */
static enum dg_status journal_serial(uint32_t value)
{
    const struct dg_journal_entry entry = entry_of(1U);

    start();
    journal.serial = value - 1U;
    journal.slot = SLOTS;
    return append(&entry);
}

static enum dg_status journal_size(uint32_t value)
{
    const struct dg_journal_entry entry = entry_of(1U);

    start();
    journal.tree.size = value;
    return append(&entry);
}

/* A sound head with these numbers is on flash, of a tree that cannot be
 * continued: is there a new one?  Beyond the ceiling it is none of ours, and
 * the new one is the first. */
static enum dg_status begin_after(uint32_t serial, uint32_t epoch)
{
    start();
    journal.serial = serial;
    journal.epoch = epoch;
    append_many(1U);
    assert_int_equal(dg_journal_head_write(&journal), DG_OK);
    append_many(3U);
    flash
        .bytes[((DG_FLASH_JOURNAL_FIRST + (serial % DG_FLASH_JOURNAL_SECTORS)) *
                SECTOR) +
               (15U * 64U) + 20U] ^= 1U;
    return open_journal();
}

static enum dg_status journal_new_serial(uint32_t value)
{
    return begin_after(value - 1U, 1U);
}

static enum dg_status journal_epoch(uint32_t value)
{
    return begin_after(5U, value - 1U);
}

/* Settings and images ------------------------------------------------------- */

static enum dg_status settings_generation(uint32_t value)
{
    struct dg_settings settings = rig.settings;

    rig_flash_init(&parts_flash);
    settings.generation = value;
    return dg_settings_save(&parts_flash.port, &settings);
}

static enum dg_status boot_generation(uint32_t value)
{
    maker_images = manufactured;
    /* The two copies, 24 bytes each, end with a CRC; the newer one counts. */
    for (uint32_t copy = 0U; copy < 2U; copy++) {
        uint8_t *bytes = &maker_images.bytes[(size_t)copy * RIG_SECTOR];

        dg_bytes_put_u32(&bytes[4], value - copy);
        dg_bytes_put_u32(&bytes[20], dg_bytes_crc32((dg_span){bytes, 20U}));
    }
    return dg_boot_arm(&maker_images.port, &maker_crypto, &maker_root, 1U);
}

/* What others sign ---------------------------------------------------------- */

static enum dg_status release_sequence(uint32_t value)
{
    struct dg_manifest manifest = maker_manifest_of(1U, 1U);
    uint8_t room[DG_MANIFEST_MAX];
    dg_span message;

    manifest.sequence = value;
    return dg_manifest_sign(&maker_crypto,
                            &some_key,
                            &maker_root,
                            &manifest,
                            DG_BUF_OF(room),
                            &message);
}

static enum dg_status security_counter(uint32_t value)
{
    struct dg_manifest manifest = maker_manifest_of(1U, 1U);
    uint8_t room[DG_MANIFEST_MAX];
    dg_span message;

    manifest.security_counter = value;
    return dg_manifest_sign(&maker_crypto,
                            &some_key,
                            &maker_root,
                            &manifest,
                            DG_BUF_OF(room),
                            &message);
}

static enum dg_status sign_policy(uint32_t version, uint32_t epoch)
{
    struct dg_policy policy = rig.settings.trust.policy;
    uint8_t room[DG_POLICY_MAX];
    dg_span head;

    policy.version = version;
    policy.epoch = epoch;
    return dg_policy_sign(
        &rig.crypto, &some_key, &policy, DG_BUF_OF(room), &head);
}

static enum dg_status policy_version(uint32_t value)
{
    return sign_policy(value, 1U);
}

static enum dg_status policy_epoch(uint32_t value)
{
    return sign_policy(1U, value);
}

static enum dg_status profile_counter(uint32_t value)
{
    const struct dg_prescription prescription = rig_prescription(&rig, value);
    uint8_t room[DG_PRESCRIPTION_MAX];
    dg_span message;

    return dg_prescription_sign(
        &rig.crypto, &some_key, &prescription, DG_BUF_OF(room), &message);
}

/* The table ----------------------------------------------------------------- */

/* clang-format off */
static const struct counter {
    const char *name;
    step_function *step;
    uint32_t ceiling; /* the last that serves */
    uint64_t end;     /* where it would begin anew */
    enum dg_status refusal;
    enum dg_status at_end; /* its answer to the last number of all */
} counters[] = {
    {"record sent", record_sent, DG_RECORD_COUNTER_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"record heard", record_heard, DG_RECORD_COUNTER_MAX,
     END_32, DG_E_RANGE, DG_E_RANGE},
    {"keys changed", keys_changed, DG_REKEY_UPDATES_MAX - 1U,
     0x4000U, DG_E_STATE, DG_E_STATE},
    {"keys asked for", keys_asked, DG_REKEY_UPDATES_MAX - 1U,
     0x4000U, DG_E_STATE, DG_E_STATE},
    {"knock sent", knock_sent, DG_KNOCK_COUNTER_MAX - 1U,
     END_32, DG_E_STATE, DG_E_STATE},
    {"knock heard", knock_heard, DG_KNOCK_COUNTER_MAX,
     END_32, DG_E_RANGE, DG_E_RANGE},
    {"ledger records", ledger_serial, DG_LEDGER_COUNT_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"steps", ledger_steps, DG_LEDGER_COUNT_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"steps not known", ledger_uncertain, DG_LEDGER_COUNT_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"time of the ledger", ledger_time, DG_LEDGER_COUNT_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"glucagon records", glucagon_serial, DG_LEDGER_COUNT_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"glucagon steps", glucagon_steps, DG_LEDGER_COUNT_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"journal sectors", journal_serial, DG_JOURNAL_SERIAL_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"journal anew", journal_new_serial, DG_JOURNAL_SERIAL_MAX,
     END_32, DG_E_STATE, DG_OK},
    {"journal epoch", journal_epoch, DG_JOURNAL_SERIAL_MAX,
     END_32, DG_E_STATE, DG_OK},
    {"journal entries", journal_size, DG_MERKLE_LEAVES - 2U,
     END_32, DG_E_STATE, DG_E_STATE},
    {"settings", settings_generation, DG_SETTINGS_GENERATION_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"boot state", boot_generation, DG_BOOT_GENERATION_MAX,
     END_32, DG_E_STATE, DG_E_STATE},
    {"release", release_sequence, DG_SIGNED_COUNTER_MAX,
     END_32, DG_E_RANGE, DG_E_RANGE},
    {"security counter", security_counter, DG_SIGNED_COUNTER_MAX,
     END_32, DG_E_RANGE, DG_E_RANGE},
    {"policy", policy_version, DG_SIGNED_COUNTER_MAX,
     END_32, DG_E_RANGE, DG_E_RANGE},
    {"policy epoch", policy_epoch, DG_SIGNED_COUNTER_MAX,
     END_32, DG_E_RANGE, DG_E_RANGE},
    {"profile", profile_counter, DG_SIGNED_COUNTER_MAX,
     END_32, DG_E_RANGE, DG_E_RANGE},
};
/* clang-format on */

static void set_up(void)
{
    const struct dg_therapy therapy = rig_therapy(0);
    struct dg_manifest other;

    maker_manufacture();
    other = maker_manifest_of(2U, 5U);
    assert_true(maker_download(1U, &other, maker_sign(&other)));
    manufactured = maker_images;
    rig_init(&rig, &therapy);
    rig_pair(&rig, 0U, DG_ROLE_OWNER);
    crypto = rig.crypto;
}

static void expect(const struct counter *counter,
                   uint32_t value,
                   enum dg_status wanted)
{
    const enum dg_status status = counter->step(value);

    if (status != wanted) {
        print_message("%s at %u: %d\n", counter->name, (unsigned)value, status);
    }
    assert_int_equal(status, wanted);
}

/* @verifies{FPT_RPL.1@1} */
static void test_counters__each_at_its_ceiling__refused_long_before_the_end(
    void **state)
{
    (void)state;
    set_up();
    for (size_t i = 0U; i < (sizeof counters / sizeof counters[0]); i++) {
        const struct counter *counter = &counters[i];
        const uint64_t far =
            (counter->end == END_32) ? FAR_32 : (counter->end / 2U);

        assert_true((counter->ceiling + far) <= counter->end);
        expect(counter, 1U, DG_OK);
        expect(counter, counter->ceiling, DG_OK);
        expect(counter, counter->ceiling + 1U, counter->refusal);
        expect(counter, (uint32_t)(counter->end - 1U), counter->at_end);
    }
}

/* What has to go on to the very end stops there, and does not begin anew. */
static void test_counters__basal_at_the_last_number__written_then_refused(
    void **state)
{
    (void)state;
    assert_int_equal(basal_serial(UINT32_MAX - 1U), DG_OK);
    assert_int_equal(ledger.sequence, UINT32_MAX);
    assert_int_equal(dg_ledger_announce_basal(&ledger, ledger.last),
                     DG_E_STATE);
    assert_int_equal(ledger.sequence, UINT32_MAX);
}

/* Sign @p message once more with the ceiling in it raised by one. */
static dg_span raise(const char *purpose,
                     const struct dg_secret *key,
                     dg_span message,
                     dg_buf room)
{
    static const uint8_t ceiling[] = {0xFFU, 0xFEU, 0xFFU, 0xFFU};
    static const uint8_t beyond[] = {0xFFU, 0xFFU, 0x00U, 0x00U};
    const dg_span words = {(const uint8_t *)purpose, strlen(purpose)};
    struct dg_cose_sign1 parts;
    uint8_t plain[DG_MANIFEST_MAX];
    dg_span raised = {NULL, 0U};
    unsigned found_at = 0U;

    assert_int_equal(dg_cose_sign1_parse(message, &parts), DG_OK);
    memcpy(plain, parts.payload.at, parts.payload.size);
    for (size_t i = 0U; (i + 4U) <= parts.payload.size; i++) {
        if (memcmp(&plain[i], ceiling, 4U) == 0) {
            memcpy(&plain[i], beyond, 4U);
            found_at++;
        }
    }
    assert_int_equal(found_at, 1U);
    assert_int_equal(dg_cose_sign1(&rig.crypto,
                                   key,
                                   (dg_span){NULL, 0U},
                                   words,
                                   (dg_span){plain, parts.payload.size},
                                   room,
                                   &raised),
                     DG_OK);
    return raised;
}

/* Who signs may not use up the numbers of all who come after: what stands
 * beyond the ceiling is refused, whoever signed it. */
static void test_counters__signed_beyond_the_ceiling__not_taken(void **state)
{
    const struct dg_public_key *maker = &rig.settings.trust.policy_key;
    uint8_t room[DG_MANIFEST_MAX];
    uint8_t raised_room[DG_MANIFEST_MAX];
    struct dg_policy policy;
    struct dg_prescription prescription;
    struct dg_update_root root;
    dg_span message;

    (void)state;
    set_up();
    message = rig_policy(&rig, DG_SIGNED_COUNTER_MAX, DG_BUF_OF(room));
    assert_int_equal(dg_policy_verify(&rig.crypto, maker, message, &policy),
                     DG_OK);
    message =
        raise("dosegate policy 1", &rig.maker, message, DG_BUF_OF(raised_room));
    assert_int_equal(dg_policy_verify(&rig.crypto, maker, message, &policy),
                     DG_E_RANGE);

    prescription = rig_prescription(&rig, DG_SIGNED_COUNTER_MAX);
    message = rig_sign(&rig, &prescription, DG_BUF_OF(room));
    message = raise(
        "dosegate profile 1", &rig.prescriber, message, DG_BUF_OF(raised_room));
    assert_int_equal(dg_prescription_verify(&rig.crypto,
                                            &rig.settings.trust.prescriber_key,
                                            message,
                                            &prescription),
                     DG_E_RANGE);

    root = maker_root;
    root.key = *maker;
    for (unsigned which = 0U; which < 2U; which++) {
        struct dg_manifest manifest =
            maker_manifest_of((which == 0U) ? DG_SIGNED_COUNTER_MAX : 1U,
                              (which == 1U) ? DG_SIGNED_COUNTER_MAX : 1U);

        assert_int_equal(dg_manifest_sign(&rig.crypto,
                                          &rig.maker,
                                          &root,
                                          &manifest,
                                          DG_BUF_OF(room),
                                          &message),
                         DG_OK);
        message = raise(
            "dosegate update 1", &rig.maker, message, DG_BUF_OF(raised_room));
        assert_int_equal(
            dg_manifest_verify(&rig.crypto, &root, message, &manifest),
            DG_E_RANGE);
    }
}

/* A head with the last number that there is, sound by its check, as a fault
 * could leave it: nobody wrote it, and opening comes to an end. */
static void test_journal__head_with_the_last_number__opens_anew(void **state)
{
    const struct dg_journal_entry entry = entry_of(1U);

    (void)state;
    set_up();
    for (uint32_t back = 0U; back < 3U; back++) {
        start();
        journal.serial = UINT32_MAX - back;
        assert_int_equal(dg_journal_head_write(&journal), DG_OK);
        assert_int_equal(open_journal(), DG_OK);
        assert_true(journal.serial <= DG_JOURNAL_SERIAL_MAX);
        assert_int_equal(append(&entry), DG_OK);
    }
}

/* Time stands still at its end. */
static void test_counters__clock_at_its_end__stands_still_and_no_dose(
    void **state)
{
    struct dg_device *device = &rig.device;

    (void)state;
    set_up();
    device->lead_s = UINT32_MAX - 10U;
    device->clock_s = 5U;
    assert_int_equal(dg_interlock_now(device).s, UINT32_MAX - 5U);
    for (uint32_t clock = 6U; clock < 100U; clock++) {
        device->clock_s = clock;
        assert_int_equal(dg_interlock_now(device).s,
                         (clock < 10U) ? (UINT32_MAX - 10U + clock)
                                       : UINT32_MAX);
    }
}

/* Counts of what went wrong stop at their end. */
static void test_counters__noise_counted_to_the_end__stays_there(void **state)
{
    static const uint8_t noise[] = {0x77U, 1U, 2U};
    struct dg_notes *notes = &rig.device.notes;

    (void)state;
    set_up();
    for (unsigned type = 0U; type < DG_NOTE_FRAMES; type++) {
        notes->frames[type] = UINT32_MAX;
    }
    assert_int_equal(rig_deliver(&rig, DG_SPAN_OF(noise)).size, 0U);
    for (unsigned type = 0U; type < DG_NOTE_FRAMES; type++) {
        assert_int_equal(notes->frames[type], UINT32_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_counters__each_at_its_ceiling__refused_long_before_the_end),
        cmocka_unit_test(
            test_counters__basal_at_the_last_number__written_then_refused),
        cmocka_unit_test(test_counters__signed_beyond_the_ceiling__not_taken),
        cmocka_unit_test(test_journal__head_with_the_last_number__opens_anew),
        cmocka_unit_test(
            test_counters__clock_at_its_end__stands_still_and_no_dose),
        cmocka_unit_test(test_counters__noise_counted_to_the_end__stays_there),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
